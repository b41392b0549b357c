// SPDX-License-Identifier: MIT
/* The udp carrier: its port, and what on this machine may keep datagrams from it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../cli.h"
#include "doctor.h"

#include "daemon/text.h"

static unsigned int port_of(const struct doctor *doctor)
{
	return doctor->has_kernel && doctor->kernel.port ? doctor->kernel.port :
	       doctor->config ? doctor->config->udp.port : 0;
}

/* Before the device is there: can it have the port? */
static void check_port(struct doctor *doctor, unsigned int port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	char cure[DOCTOR_CURE_MAX];
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) && errno == EADDRINUSE)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "ss -ulpn sport = :%u names what has it; end "
				       "that, or write another port in section udp", port),
			   "UDP port %u is in use, so %s cannot be made", port, doctor->ifname);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "UDP port %u is free", port);
	close(fd);
}

/* Is there a way to where unknown UEs are? connect() asks for the route, and sends nothing. */
static void check_remote(struct doctor *doctor)
{
	const struct config_udp *udp = &doctor->config->udp;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(udp->remote_port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(udp->remote_port) };
	bool v4 = udp->remote.family == 4;
	char text[TEXT_ADDRESS_LEN], cure[DOCTOR_CURE_MAX];
	int fd, err;

	memcpy(&six.sin6_addr, udp->remote.addr, 16);
	memcpy(&four.sin_addr, udp->remote.addr, 4);
	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	err = v4 ? connect(fd, (struct sockaddr *)&four, sizeof(four)) :
		   connect(fd, (struct sockaddr *)&six, sizeof(six));
	if (err)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "ip route get %s; add an address or a route",
				       text_address(&udp->remote, text)),
			   "there is no way to %s, where UEs are to be found: %s",
			   text_address(&udp->remote, text), strerror(errno));
	close(fd);
}

/* A chain at hook input that drops, and nothing that names the port. */
static void check_firewall(struct doctor *doctor, unsigned int port)
{
	const char *const nft[] = { "nft", "-j", "list", "ruleset", NULL };
	json_t *ruleset = doctor_run_json(nft), *entry, *chain;
	char number[16], cure[DOCTOR_CURE_MAX], *text;
	bool named, drops = false;
	size_t i;

	if (!ruleset) {
		doctor_say(doctor, DOCTOR_SKIPPED, NULL, "the firewall was not looked at: nft is "
			   "missing (package nftables), or needs root");
		return;
	}
	json_array_foreach(json_object_get(ruleset, "nftables"), i, entry) {
		chain = json_object_get(entry, "chain");
		drops |= !strcmp(output_text(chain, "hook"), "input") &&
			 !strcmp(output_text(chain, "policy"), "drop");
	}
	text = json_dumps(ruleset, JSON_COMPACT);
	snprintf(number, sizeof(number), ":%u", port);
	named = text && strstr(text, number);
	if (drops && !named)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "let it in: nft add rule inet filter input udp "
				       "dport %u accept", port),
			   "the firewall drops what comes in unless a rule accepts it, and none names UDP "
			   "port %u", port);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "the firewall of nft %s UDP port %u",
			   drops ? "has a rule about" : "does not drop", port);
	free(text);
	json_decref(ruleset);
}

static bool peers_down(const struct doctor *doctor)
{
	const json_t *peer;
	size_t i;

	json_array_foreach(json_object_get(doctor->show, "peers"), i, peer)
		if (!output_up(peer) && json_is_object(json_object_get(peer, "last_failure")))
			return true;
	return false;
}

static void check_rp_filter(struct doctor *doctor)
{
	char line[8], path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter",
		 doctor->lower.name[0] ? doctor->lower.name : "all");
	if (doctor_line(path, line, sizeof(line)) && line[0] == '1' && peers_down(doctor))
		doctor_say(doctor, DOCTOR_WARN, "where answers leave by another device than requests "
			   "come by: sysctl net.ipv4.conf.all.rp_filter=2",
			   "%s is 1: datagrams whose sender is routed elsewhere are dropped", path);
}

void doctor_udp(struct doctor *doctor)
{
	unsigned int port = port_of(doctor);

	if (doctor->elsewhere || !doctor_on_udp(doctor) || !port)
		return;
	if (!doctor->device.ifindex)
		check_port(doctor, port);
	if (doctor->config && doctor->config->udp.remote.family)
		check_remote(doctor);
	check_firewall(doctor, port);
	check_rp_filter(doctor);
}
