// SPDX-License-Identifier: MIT
/*
 * One end of an OpenVPN link whose packets the kernel handles (ovpn, since 6.16), with fixed keys:
 * what is measured needs no OpenVPN.
 *
 * usage: ovpn DEVICE SIDE PEER PORT
 *
 * SIDE is 0 or 1, PEER the other's IPv4 address, PORT that of both. The device is there; it has the
 * peer for as long as this runs, for the peer goes with the socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of linux/ovpn.h, which Debian 12 has not. */
enum { CMD_PEER_NEW = 1, CMD_KEY_NEW = 6 };
enum { A_IFINDEX = 1, A_PEER, A_KEYCONF };
enum { A_PEER_ID = 1, A_PEER_REMOTE_IPV4 = 2, A_PEER_REMOTE_PORT = 5, A_PEER_SOCKET = 6 };
enum { A_KEY_PEER_ID = 1, A_KEY_SLOT, A_KEY_ID, A_KEY_CIPHER, A_KEY_ENCRYPT, A_KEY_DECRYPT };
enum { A_DIR_KEY = 1, A_DIR_NONCE_TAIL };
enum { CIPHER_AES_GCM = 1, SLOT_PRIMARY = 0, NONCE_TAIL_LEN = 8, KEY_LEN = 16, PEER_ID = 1 };

static struct mnl_socket *nl;
static char buffer[8192];

static void die(const char *what)
{
	fprintf(stderr, "ovpn: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct nlmsghdr *request(uint16_t family, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = (uint32_t)time(NULL);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* Until the acknowledgement; @answer gets what comes before it. */
static void ask(struct nlmsghdr *nlh, mnl_cb_t answer, void *data, const char *what)
{
	uint32_t seq = nlh->nlmsg_seq;
	ssize_t got;
	int more;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die(what);
	do {
		got = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		if (got < 0)
			die(what);
		more = mnl_cb_run(buffer, (size_t)got, seq, mnl_socket_get_portid(nl), answer, data);
		if (more < 0)
			die(what);
	} while (more > 0);
}

static int family_of(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static uint16_t find_family(void)
{
	struct nlmsghdr *nlh = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	uint16_t family = 0;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "ovpn");
	ask(nlh, family_of, &family, "the kernel's family ovpn");
	return family;
}

static void add_peer(uint16_t family, uint32_t ifindex, in_addr_t remote, uint16_t port, int udp)
{
	struct nlmsghdr *nlh = request(family, CMD_PEER_NEW);
	struct nlattr *peer;

	mnl_attr_put_u32(nlh, A_IFINDEX, ifindex);
	peer = mnl_attr_nest_start(nlh, A_PEER);
	mnl_attr_put_u32(nlh, A_PEER_ID, PEER_ID);
	mnl_attr_put_u32(nlh, A_PEER_REMOTE_IPV4, remote);
	mnl_attr_put_u16(nlh, A_PEER_REMOTE_PORT, port);
	mnl_attr_put_u32(nlh, A_PEER_SOCKET, (uint32_t)udp);
	mnl_attr_nest_end(nlh, peer);
	ask(nlh, NULL, NULL, "new peer");
}

static void put_direction(struct nlmsghdr *nlh, uint16_t type, uint8_t from)
{
	uint8_t key[KEY_LEN], tail[NONCE_TAIL_LEN];
	struct nlattr *nest;

	memset(key, from + 1, sizeof(key));
	memset(tail, from + 2, sizeof(tail));
	nest = mnl_attr_nest_start(nlh, type);
	mnl_attr_put(nlh, A_DIR_KEY, sizeof(key), key);
	mnl_attr_put(nlh, A_DIR_NONCE_TAIL, sizeof(tail), tail);
	mnl_attr_nest_end(nlh, nest);
}

static void add_key(uint16_t family, uint32_t ifindex, uint8_t side)
{
	struct nlmsghdr *nlh = request(family, CMD_KEY_NEW);
	struct nlattr *conf;

	mnl_attr_put_u32(nlh, A_IFINDEX, ifindex);
	conf = mnl_attr_nest_start(nlh, A_KEYCONF);
	mnl_attr_put_u32(nlh, A_KEY_PEER_ID, PEER_ID);
	mnl_attr_put_u32(nlh, A_KEY_SLOT, SLOT_PRIMARY);
	mnl_attr_put_u32(nlh, A_KEY_ID, 0);
	mnl_attr_put_u32(nlh, A_KEY_CIPHER, CIPHER_AES_GCM);
	put_direction(nlh, A_KEY_ENCRYPT, side);
	put_direction(nlh, A_KEY_DECRYPT, !side);
	mnl_attr_nest_end(nlh, conf);
	ask(nlh, NULL, NULL, "new key");
}

int main(int argc, char **argv)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	struct in_addr remote;
	unsigned int ifindex;
	uint16_t family;
	int udp;

	if (argc != 5 || inet_pton(AF_INET, argv[3], &remote) != 1) {
		fprintf(stderr, "usage: ovpn DEVICE 0|1 PEER PORT\n");
		return 2;
	}
	local.sin_port = htons((uint16_t)atoi(argv[4]));
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		die(argv[1]);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp < 0 || bind(udp, (struct sockaddr *)&local, sizeof(local)))
		die("socket");
	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID))
		die("netlink");

	family = find_family();
	add_peer(family, ifindex, remote.s_addr, local.sin_port, udp);
	add_key(family, ifindex, argv[2][0] == '1');
	for (;;)
		pause();
}
