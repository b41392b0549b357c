// SPDX-License-Identifier: MIT
/*
 * Cryptography that ends late, out of order, or not well (selftests/kmod/prose_badcrypto.c): no
 * packet is lost without a count, sent in clear, or sent under a COUNT used before; what could not
 * be deciphered moves no window; and what goes away waits for what is under way.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../datapath/rig.h"

#define MARK	"PLAINTEXT-PLAINTEXT-PLAINTEXT"
#define PACKETS	90u
#define EVERY	3u	/* so manieth fails */
#define ORDERS	"/sys/module/prose_badcrypto/parameters/"

static struct keys keys;
static int sender = -1;
static bool used[65536];	/* SNs that left */
static uint32_t rx_count;	/* of the last frame made for the device */

static void order(const char *what, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), ORDERS "%s", what);
	fd = open(path, O_WRONLY);
	need(fd >= 0 && write(fd, value, strlen(value)) > 0, "%s: %s", path, strerror(errno));
	close(fd);
}

static long under_way(void)
{
	char text[16] = "";
	int fd = open(ORDERS "under_way", O_RDONLY);

	need(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "under_way: %s", strerror(errno));
	close(fd);
	return strtol(text, NULL, 10);
}

static void wait_under_way(long n)
{
	long long end = now_ms() + PATIENCE_MS;

	while (under_way() != n && now_ms() < end)
		pause_ms(2);
	check(under_way() == n, "%ld requests under way, not %ld", under_way(), n);
}

/* How many users a driver has, one of which is the list. */
static int users(const char *driver)
{
	char line[256], name[128] = "";
	FILE *f = fopen("/proc/crypto", "r");
	int refcnt, found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "driver : %127s", name);
		if (sscanf(line, "refcnt : %d", &refcnt) == 1 && !strcmp(name, driver))
			found = refcnt;
	}
	if (f)
		fclose(f);
	return found;
}

static void install(void)
{
	struct prose_nl_assoc_config config;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	peers_clear();
	fresh_keys(&keys, 0x21);
	assoc_config(&keys, &config);
	config.tx = true;
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	assoc_add(&config);
	check(users("ctr-aes-prose-bad") > 1, "ctr(aes) is another driver");
	check(users("cmac-aes-prose-bad") > 1, "cmac(aes) is another driver");

	memset(used, 0, sizeof(used));
	rx_count = 0;
	if (sender >= 0)
		close(sender);
	to.sin_addr.s_addr = htonl(PEER_IPV4);
	sender = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(!connect(sender, (struct sockaddr *)&to, sizeof(to)), "%s", strerror(errno));
	drain(rig.wire);
	drain(rig.udp);
}

/* Frames on the wire, each whole, ciphered and new. Waits for @n of them. */
static size_t frames_left(size_t n)
{
	static uint8_t frame[PDU_MAX];
	struct parsed pdu;
	size_t got = 0, len;

	for (;;) {
		/* One more than expected would be there soon. */
		len = packet_wait(rig.wire, false, frame, sizeof(frame),
				  got < n ? PATIENCE_MS : 50);
		if (!len)
			return got;
		if (len <= ETH_LEN || get_be16(frame + 12) != PDU_ETHERTYPE)
			continue;
		got++;
		need(pdu_parse(frame, len, &pdu), "a frame of %zu octets that is none", len);
		check(!memmem(frame, len, MARK, strlen(MARK)), "it left in clear");
		check(!used[pdu.sn], "COUNT %u was used twice", pdu.sn);
		used[pdu.sn] = true;
		pdu_open(&pdu, &keys, pdu.sn, 0, true, true);
		check(pdu.mac_good && memmem(pdu.data, pdu.len, MARK, strlen(MARK)),
		      "COUNT %u: not what was sent", pdu.sn);
	}
}

static void send_packets(unsigned int n)
{
	while (n--)
		need(send(sender, MARK, strlen(MARK), 0) > 0, "send: %s", strerror(errno));
}

static void receive(uint32_t count)
{
	uint8_t frame[PDU_MAX], packet[128];
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = PEER_ID, .dst = OWN_ID,
		.lcid = LCID_DATA, .kd_sess_id = keys.id, .count = count, .direction = 1,
		.ciphered = true, .mac = true, .data = packet,
	};

	memcpy(pdu.eth_dst, rig.lower_mac, 6);
	memcpy(pdu.eth_src, rig.wire_mac, 6);
	pdu.len = ipv4_udp(packet, PEER_IPV4, OWN_IPV4, PORT, MARK, strlen(MARK));
	wire_send(frame, pdu_build(&pdu, &keys, frame));
}

static void receive_packets(unsigned int n)
{
	while (n--)
		receive(++rx_count);
}

/* Datagrams delivered. Waits for @n of them. */
static size_t delivered(size_t n)
{
	struct pollfd wait = { .fd = rig.udp, .events = POLLIN };
	uint8_t buf[128];
	size_t got = 0;

	while (poll(&wait, 1, got < n ? PATIENCE_MS : 50) > 0) {
		ssize_t len = recv(rig.udp, buf, sizeof(buf), 0);

		check(len == (ssize_t)strlen(MARK) && !memcmp(buf, MARK, strlen(MARK)),
		      "not what was sent");
		got++;
	}
	return got;
}

/* Both ways, of which a number fails: it is counted, and the others come. */
static void both_ways(unsigned int failing)
{
	struct prose_nl_device before, after;
	struct prose_nl_assoc assoc;
	size_t n;

	device(&before);
	send_packets(PACKETS);
	n = frames_left(PACKETS - failing);
	check(n == PACKETS - failing, "%zu of %u packets left, %u were to fail", n, PACKETS, failing);
	receive_packets(PACKETS);
	n = delivered(PACKETS - failing);
	check(n == PACKETS - failing, "%zu of %u packets came, %u were to fail", n, PACKETS, failing);
	wait_under_way(0);
	device(&after);
	for (n = 0; n < after.n_stats; n++) {
		const char *name = after.stats[n].name;
		uint64_t rose = after.stats[n].value - before.stats[n].value;
		bool crypto = !strcmp(name, "tx-crypto") || !strcmp(name, "rx-crypto");

		check(rose == (crypto ? failing : 0), "%s rose by %llu", name,
		      (unsigned long long)rose);
	}
	/* A COUNT that could not be used is not used for another packet. */
	assoc_now(keys.id, &assoc);
	for (n = 0; n < assoc.n_bearers; n++)
		if (assoc.bearers[n].lcid == LCID_DATA)
			check(assoc.bearers[n].tx_next == PACKETS + 1, "the next COUNT is %u",
			      assoc.bearers[n].tx_next);
}

/* --- tests */

static void at_once(void)
{
	install();
	both_ways(0);
}

static void later(void)
{
	order("later", "1");
	order("delay_ms", "12");
	install();
	both_ways(0);
}

static void backlog(void)
{
	order("later", "1");
	order("backlog", "1");
	install();
	both_ways(0);
}

static void fails_at_once(void)
{
	char text[16];

	install();
	snprintf(text, sizeof(text), "%u", EVERY);
	order("fail_now", text);
	both_ways(PACKETS / EVERY);
}

static void fails_later(void)
{
	char text[16];

	order("later", "1");
	order("delay_ms", "5");
	install();
	snprintf(text, sizeof(text), "%u", EVERY);
	order("fail_later", text);
	both_ways(PACKETS / EVERY);
}

static void mac_fails(void)
{
	char text[16];

	install();
	snprintf(text, sizeof(text), "%u", EVERY);
	order("fail_mac", text);
	both_ways(PACKETS / EVERY);
}

/* Nothing verified, so nothing moved: the same frame is taken when it can be deciphered. */
static void window_stays_for(const char *what)
{
	uint64_t before;

	before = stat_now("rx-crypto");
	order(what, "1");
	receive(40000);
	check(stat_wait("rx-crypto", before + 1) == before + 1, "%s: not counted", what);
	order(what, "0");
	receive(1);
	check(delivered(1) == 1, "%s: an earlier frame is not taken: the window moved", what);
	receive(40000);
	check(delivered(1) == 1, "%s: the same frame is not taken", what);
}

static void window_stays(void)
{
	install();
	window_stays_for("fail_now");
	install();
	window_stays_for("fail_mac");
	order("later", "1");
	install();
	window_stays_for("fail_later");
}

static void key_refused(void)
{
	struct prose_nl_assoc_config config;
	struct prose_nl_assoc *list;
	size_t n;
	int err;

	peers_clear();
	fresh_keys(&keys, 0x22);
	assoc_config(&keys, &config);
	peer_add(PEER_ID, PEER_IPV4, peer_ipv6, rig.wire_mac);
	order("fail_key", "1");
	err = prose_nl_assoc_new(rig.nl, rig.ifindex, PEER_ID, &config, NULL);
	check(err == -EIO, "assoc-new: %s (%s)", strerror(-err), prose_nl_error(rig.nl));
	need(!prose_nl_assoc_dump(rig.nl, rig.ifindex, &list, &n), "%s", prose_nl_error(rig.nl));
	free(list);
	check(!n, "an association without keys");
	order("fail_key", "0");
	install();
	both_ways(0);
}

/* Some packets of each direction, in the hands of the cipher until hold is 0. */
static void hold_some(void)
{
	install();
	order("later", "1");
	order("hold", "1");
	send_packets(20);
	receive_packets(20);
	wait_under_way(40);
}

static void rekey_under_way(void)
{
	struct prose_nl_assoc_config config;
	int err;

	hold_some();
	assoc_config(&keys, &config);
	config.kd_sess_id = 0x23;
	config.tx = true;
	assoc_add(&config);
	err = prose_nl_assoc_del(rig.nl, rig.ifindex, PEER_ID, keys.id);
	check(!err, "assoc-del: %s", prose_nl_error(rig.nl));
	check(under_way() == 40, "%ld under way", under_way());
	order("hold", "0");
	/* They were protected before, and are not taken back. */
	check(frames_left(20) == 20 && delivered(20) == 20, "packets under way are gone");
	wait_under_way(0);
}

static void peer_goes(void)
{
	hold_some();
	peers_clear();
	check(under_way() == 40, "%ld under way", under_way());
	order("hold", "0");
	wait_under_way(0);
	check(frames_left(20) == 20, "packets under way are gone");
	/* Those received are nobody's any more: counted, not delivered. */
	check(!delivered(0), "delivered from a peer that is gone");
	install();
	both_ways(0);
}

/* What @go_away, in a child, takes away is gone for all others, and waits for its packets. */
static void goes(void (*go_away)(void))
{
	long long end = now_ms() + PATIENCE_MS;
	int status = -1, i;
	pid_t child;

	hold_some();
	child = fork();
	if (!child) {
		go_away();
		_exit(127);
	}
	while (if_nametoindex("prose0") && now_ms() < end)
		pause_ms(2);
	check(!if_nametoindex("prose0"), "the device is still there");
	/* Not for long: after 10 s the kernel complains. */
	for (i = 0; i < 5; i++) {
		pause_ms(100);
		check(!waitpid(child, &status, WNOHANG), "it is gone before its packets");
		check(under_way() == 40, "%ld under way", under_way());
	}
	order("hold", "0");
	check(waitpid(child, &status, 0) == child && !status, "it ended with %d", status);
	check(!under_way(), "%ld under way", under_way());
}

static void del_device(void)
{
	execlp("ip", "ip", "link", "del", "prose0", (char *)NULL);
}

static void device_goes(void)
{
	goes(del_device);
}

static void del_module(void)
{
	if (!syscall(SYS_delete_module, "prose", O_NONBLOCK))
		_exit(0);
}

static void module_goes(void)
{
	goes(del_module);
	check(access("/sys/module/prose", F_OK), "the module is still there");
}

static void no_orders(void)
{
	static const char *const orders[] = {
		"hold", "later", "delay_ms", "backlog", "fail_now", "fail_later", "fail_key", "fail_mac",
	};
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		order(orders[i], "0");
	wait_under_way(0);
	rig_reset();
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "at_once", at_once },
		{ "later", later },
		{ "backlog", backlog },
		{ "fails_at_once", fails_at_once },
		{ "fails_later", fails_later },
		{ "mac_fails", mac_fails },
		{ "window_stays", window_stays },
		{ "key_refused", key_refused },
		{ "rekey_under_way", rekey_under_way },
		{ "peer_goes", peer_goes },
		{ "device_goes", device_goes },
		{ "module_goes", module_goes },
	};

	rig_open(false);
	return KTAP_MAIN(tests, no_orders, argc, argv);
}
