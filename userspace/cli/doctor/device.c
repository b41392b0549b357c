// SPDX-License-Identifier: MIT
/* The prose device. */
#include <string.h>

#include "../cli.h"
#include "doctor.h"

#include "daemon/text.h"
#include "pdcp.h"

#define IPV6_MTU	1280	/* RFC 8200 5 */

static void check_mtu(struct doctor *doctor)
{
	unsigned int mtu = doctor->device.mtu, lower = doctor->lower.mtu, most;
	char cure[DOCTOR_CURE_MAX];

	most = lower > PROSE_OVERHEAD ? lower - PROSE_OVERHEAD : 0;
	if (most > PROSE_SDU_MAX)
		most = PROSE_SDU_MAX;
	if (mtu < IPV6_MTU)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor->lower.ifindex && !doctor_on_udp(doctor) ?
			   doctor_cure(cure, sizeof(cure), "ip link set %s mtu %u, or more; %s follows",
				       doctor->lower.name, IPV6_MTU + (unsigned int)PROSE_OVERHEAD,
				       doctor->ifname) :
			   doctor_cure(cure, sizeof(cure), "ip link set %s mtu %u, or more",
				       doctor->ifname, IPV6_MTU),
			   "MTU of %s is %u; IPv6 needs %u%s%s", doctor->ifname, mtu, IPV6_MTU,
			   lower && !doctor_on_udp(doctor) ? ", and takes what is left by " : "",
			   lower && !doctor_on_udp(doctor) ? doctor->lower.name : "");
	else if (doctor->lower.ifindex && !doctor_on_udp(doctor) && mtu > most)
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "ip link set %s mtu %u", doctor->ifname, most),
			   "MTU of %s is %u, but %s, whose MTU is %u, takes %u", doctor->ifname, mtu,
			   doctor->lower.name, lower, most);
	else if (doctor->lower.ifindex && !doctor_on_udp(doctor) && mtu < most)
		doctor_say(doctor, DOCTOR_WARN,
			   doctor_cure(cure, sizeof(cure), "unless that is meant: ip link set %s mtu %u",
				       doctor->ifname, most),
			   "MTU of %s is %u where %s takes %u; peers should have the same",
			   doctor->ifname, mtu, doctor->lower.name, most);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "%s is up, MTU %u", doctor->ifname, mtu);
}

static void check_addresses(struct doctor *doctor)
{
	char text[TEXT_ADDRESS_LEN], cure[DOCTOR_CURE_MAX];
	size_t i;

	for (i = 0; doctor->config && i < doctor->config->n_addresses; i++) {
		const struct config_address *own = &doctor->config->addresses[i];

		if (doctor_has_address(doctor->device.ifindex, &own->address))
			continue;
		text_address(&own->address, text);
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "prose reload; or ip address add %s/%u dev %s",
				       text, own->prefix, doctor->ifname),
			   "%s lacks its address %s/%u, which the configuration gives it",
			   doctor->ifname, text, own->prefix);
	}
	if (doctor->config && !doctor->config->n_addresses)
		doctor_say(doctor, DOCTOR_WARN, "addresses = { \"10.0.0.1/24\" } in the configuration",
			   "no address is configured; only link-local IPv6 works");
}

/* Packets to a peer that is connected have to leave by this device, or never meet a key. */
static void check_routes(struct doctor *doctor)
{
	char cure[DOCTOR_CURE_MAX], name[IF_NAMESIZE];
	const json_t *peer, *entry;
	struct ue_address address;
	size_t i, j;
	int ifindex;

	json_array_foreach(json_object_get(doctor->show, "peers"), i, peer) {
		json_array_foreach(json_object_get(peer, "addresses"), j, entry) {
			const char *text = json_string_value(entry);

			if (!output_up(peer) || !text || !text_to_address(text, &address, NULL) ||
			    text_address_link_local(&address))
				continue;
			ifindex = doctor_route(&address);
			if (ifindex == doctor->device.ifindex)
				continue;
			if (!ifindex || !if_indextoname((unsigned int)ifindex, name))
				strcpy(name, "nowhere");
			doctor_say(doctor, DOCTOR_FAIL,
				   doctor_cure(cure, sizeof(cure), "ip route get %s shows the route; remove "
					       "it, give it a higher metric, or take another subnet", text),
				   "packets to %s, an address of %s, go to %s, not %s: in clear, if "
				   "anywhere", text, output_name(peer), name, doctor->ifname);
		}
	}
}

/* Counters that a healthy device does not have. */
static void check_drops(struct doctor *doctor)
{
	static const struct {
		const char *name, *found, *cure;
	} table[] = {
		{ "tx-lower", "the lower device did not take %llu frames",
		  "is it up, and its queue long enough? ip -s link show" },
		{ "tx-too-big", "%llu packets were longer than the MTU",
		  "the path MTU is found by those who heed ICMP; else lower the MTU of what sends" },
		{ "tx-crypto", "ciphering failed %llu times", "dmesg; is the algorithm's module sound?" },
		{ "rx-integrity", "%llu frames had a wrong MAC",
		  "somebody forges frames, or they are changed on the way: check the cable and the lower "
		  "device's offloads" },
		{ "rx-spoofed", "%llu packets came from addresses that are not their sender's",
		  "give the peer those addresses in its section, or route them to it" },
		{ "signal-queue", "%llu PC5-S messages found prosed busy", "is the machine overloaded?" },
	};
	size_t i, j;

	for (i = 0; i < doctor->kernel.n_stats; i++)
		for (j = 0; j < sizeof(table) / sizeof(table[0]); j++) {
			unsigned long long value = doctor->kernel.stats[i].value;
			char found[128];

			if (!value || strcmp(table[j].name, doctor->kernel.stats[i].name))
				continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(found, sizeof(found), table[j].found, value);
#pragma GCC diagnostic pop
			doctor_say(doctor, DOCTOR_WARN, table[j].cure, "since %s is there, %s (%s)",
				   doctor->ifname, found, table[j].name);
		}
}

void doctor_device(struct doctor *doctor)
{
	char cure[DOCTOR_CURE_MAX];

	if (doctor->elsewhere)
		return;
	if (!doctor->ifname[0]) {
		doctor_say(doctor, DOCTOR_SKIPPED, NULL, "without a configuration there is no device "
			   "to look at");
		return;
	}
	if (!doctor->device.ifindex) {
		if (doctor->config && (doctor->config->lower[0] || doctor->config->udp.present))
			doctor_say(doctor, doctor->show ? DOCTOR_FAIL : DOCTOR_SKIPPED, doctor->show ?
				   "systemctl restart prosed" : NULL,
				   "%s does not exist%s", doctor->ifname,
				   doctor->show ? "" : "; prosed makes it when it starts");
		else
			doctor_say(doctor, DOCTOR_FAIL,
				   doctor_cure(cure, sizeof(cure), "name the device below it in the "
					       "configuration (lower = \"eth1\"), or make it: ip link add "
					       "link eth1 name %s type prose", doctor->ifname),
				   "%s does not exist, and the configuration does not say what to make "
				   "it on", doctor->ifname);
		return;
	}
	if (strcmp(doctor->device.kind, "prose")) {
		doctor_say(doctor, DOCTOR_FAIL, "name another device in the configuration, or remove "
			   "that one: ip link del", "%s is no prose device but %s%s", doctor->ifname,
			   doctor->device.kind[0] ? "of kind " : "of another kind",
			   doctor->device.kind);
		return;
	}
	if (doctor->device.up)
		check_mtu(doctor);
	else
		doctor_say(doctor, DOCTOR_FAIL,
			   doctor_cure(cure, sizeof(cure), "ip link set %s up", doctor->ifname),
			   "%s is down", doctor->ifname);
	check_addresses(doctor);
	check_routes(doctor);
	check_drops(doctor);
}
