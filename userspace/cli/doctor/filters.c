// SPDX-License-Identifier: MIT
/*
 * What on this machine may take the frames away: filters of tc and nft, as these programs show
 * them. What others do on the way, switches and the like, is not seen from here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "doctor.h"

/* "all", "[34997]" as tc has it, "0x88b5" as nft has it, or a number. 0: another word. */
static unsigned int ethertype_of(const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return (unsigned int)json_integer_value(value);
	if (!text)
		return 0;
	if (text[0] == '[')
		return (unsigned int)strtoul(text + 1, NULL, 10);
	return (unsigned int)strtoul(text, NULL, 16);
}

/* An action of tc that ends a frame. */
static bool tc_drops(const json_t *options)
{
	const json_t *action;
	const char *type;
	size_t i;

	json_array_foreach(json_object_get(options, "actions"), i, action) {
		type = output_text(json_object_get(action, "control_action"), "type");
		if (!strcmp(type, "drop") || !strcmp(type, "shot") || !strcmp(type, "stolen"))
			return true;
	}
	return false;
}

unsigned int doctor_tc_filters(struct doctor *doctor, const char *where, const json_t *filters)
{
	unsigned int found = 0, ethertype = doctor_ethertype(doctor);
	const char *protocol, *kind;
	char cure[DOCTOR_CURE_MAX];
	const json_t *filter;
	bool ours, all;
	size_t i;

	json_array_foreach(filters, i, filter) {
		protocol = output_text(filter, "protocol");
		kind = output_text(filter, "kind");
		all = !strcmp(protocol, "all");
		ours = ethertype_of(json_object_get(filter, "protocol")) == ethertype;
		if ((!all && !ours) || !tc_drops(json_object_get(filter, "options")))
			continue;
		/* What u32 or flower look for in frames of any kind is not known here. */
		doctor_say(doctor, ours || !strcmp(kind, "matchall") ? DOCTOR_FAIL : DOCTOR_WARN,
			   doctor_cure(cure, sizeof(cure), "tc filter del dev %s %s pref %lld",
				       doctor->lower.name, where,
				       (long long)output_number(filter, "pref")),
			   "a tc filter (%s, preference %lld) at %s of %s drops %s", kind,
			   (long long)output_number(filter, "pref"), where, doctor->lower.name,
			   ours ? "our EtherType" : "frames of any EtherType");
		found++;
	}
	return found;
}

/* nft before 1.0.7 leaves the device of a chain out of its JSON, but not of its text. */
static bool nft_text_concerns(const struct doctor *doctor, const json_t *chain)
{
	const char *const argv[] = {
		"nft", "list", "chain", "netdev", output_text(chain, "table"),
		output_text(chain, "name"), NULL
	};
	char *text = doctor_run(argv), quoted[IF_NAMESIZE + 2];
	bool concerns;

	snprintf(quoted, sizeof(quoted), "\"%s\"", doctor->lower.name);
	/* Better one too many. */
	concerns = !text || strstr(text, quoted);
	free(text);
	return concerns;
}

/* Does a chain see frames of the lower device? */
static bool nft_concerns(const struct doctor *doctor, const json_t *chain)
{
	const char *family = output_text(chain, "family");
	const json_t *device = json_object_get(chain, "dev"), *one;
	size_t i;

	if (!output_text(chain, "hook")[0])
		return false;
	if (!strcmp(family, "bridge"))
		return doctor->lower.master || !strcmp(doctor->lower.kind, "bridge");
	if (strcmp(family, "netdev"))
		return false;
	if (!device)
		return nft_text_concerns(doctor, chain);
	if (json_is_string(device))
		return !strcmp(json_string_value(device), doctor->lower.name);
	json_array_foreach(device, i, one)
		if (json_is_string(one) && !strcmp(json_string_value(one), doctor->lower.name))
			return true;
	return false;
}

/* Does the match of a rule ask for an EtherType? Then whether it is ours in *ours. */
static bool nft_ethertype(const json_t *match, unsigned int ethertype, bool *ours)
{
	const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
	const json_t *payload = json_object_get(left, "payload"), *set, *one;
	size_t i;

	if (strcmp(output_text(payload, "field"), "type") &&
	    strcmp(output_text(json_object_get(left, "meta"), "key"), "protocol"))
		return false;
	set = json_object_get(right, "set");
	*ours = ethertype_of(right) == ethertype;
	json_array_foreach(set, i, one)
		*ours |= ethertype_of(one) == ethertype;
	if (!strcmp(output_text(match, "op"), "!="))
		*ours = !*ours;
	return true;
}

enum nft_fate { NFT_PASSES, NFT_MAY_DROP, NFT_DROPS };

static enum nft_fate nft_rule(const json_t *rule, unsigned int ethertype)
{
	bool drops = false, others = false, ours;
	const json_t *statement, *match;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, statement) {
		match = json_object_get(statement, "match");
		if (match && nft_ethertype(match, ethertype, &ours)) {
			if (!ours)
				return NFT_PASSES;
		} else if (match) {
			others = true;
		}
		drops |= json_object_get(statement, "drop") || json_object_get(statement, "reject");
	}
	return !drops ? NFT_PASSES : others ? NFT_MAY_DROP : NFT_DROPS;
}

static bool same_chain(const json_t *chain, const json_t *rule)
{
	return !strcmp(output_text(chain, "family"), output_text(rule, "family")) &&
	       !strcmp(output_text(chain, "table"), output_text(rule, "table")) &&
	       !strcmp(output_text(chain, "name"), output_text(rule, "chain"));
}

static unsigned int nft_chain(struct doctor *doctor, const json_t *chain, const json_t *all)
{
	const char *family = output_text(chain, "family"), *table = output_text(chain, "table");
	const char *name = output_text(chain, "name");
	unsigned int found = 0, ethertype = doctor_ethertype(doctor);
	char cure[DOCTOR_CURE_MAX];
	const json_t *entry, *rule;
	enum nft_fate fate;
	size_t i;

	doctor_cure(cure, sizeof(cure), "nft -a list chain %s %s %s shows it; put before it: "
		    "ether type 0x%04x accept", family, table, name, ethertype);
	json_array_foreach(all, i, entry) {
		rule = json_object_get(entry, "rule");
		if (!rule || !same_chain(chain, rule))
			continue;
		fate = nft_rule(rule, ethertype);
		if (fate == NFT_PASSES)
			continue;
		doctor_say(doctor, fate == NFT_DROPS ? DOCTOR_FAIL : DOCTOR_WARN, cure,
			   "a rule of nft (%s %s %s, handle %lld) %s EtherType %04x", family, table, name,
			   (long long)output_number(rule, "handle"),
			   fate == NFT_DROPS ? "drops our" : "may drop our", ethertype);
		found++;
	}
	if (!strcmp(output_text(chain, "policy"), "drop")) {
		doctor_say(doctor, DOCTOR_WARN, cure, "the chain %s %s %s of nft drops what no rule of "
			   "it accepts; is there one for EtherType %04x?", family, table, name,
			   ethertype);
		found++;
	}
	return found;
}

unsigned int doctor_nft_ruleset(struct doctor *doctor, const json_t *ruleset)
{
	const json_t *all = json_object_get(ruleset, "nftables"), *entry, *chain;
	unsigned int found = 0;
	size_t i;

	json_array_foreach(all, i, entry) {
		chain = json_object_get(entry, "chain");
		if (chain && nft_concerns(doctor, chain))
			found += nft_chain(doctor, chain, all);
	}
	return found;
}

/* netem, left there by somebody's test. */
static unsigned int check_qdiscs(struct doctor *doctor)
{
	const char *const argv[] = { "tc", "-j", "qdisc", "show", "dev", doctor->lower.name, NULL };
	json_t *list = doctor_run_json(argv), *qdisc;
	char cure[DOCTOR_CURE_MAX];
	unsigned int found = 0;
	size_t i;

	json_array_foreach(list, i, qdisc) {
		if (strcmp(output_text(qdisc, "kind"), "netem"))
			continue;
		doctor_say(doctor, DOCTOR_WARN,
			   doctor_cure(cure, sizeof(cure), "unless that is meant: tc qdisc del dev %s root",
				       doctor->lower.name),
			   "%s loses, delays or changes frames on purpose (netem)", doctor->lower.name);
		found++;
	}
	json_decref(list);
	return found;
}

void doctor_filters(struct doctor *doctor)
{
	static const char *const places[] = { "ingress", "egress" };
	const char *const nft[] = { "nft", "-j", "list", "ruleset", NULL };
	const char *lower = doctor->lower.name, *missed = NULL;
	unsigned int found = 0;
	json_t *json;
	size_t i;

	if (!doctor->lower.ifindex)
		return;
	for (i = 0; i < 2; i++) {
		const char *const tc[] = { "tc", "-j", "filter", "show", "dev", lower, places[i], NULL };

		json = doctor_run_json(tc);
		if (!json)
			missed = "tc (package iproute2)";
		else if (!doctor_on_udp(doctor))
			found += doctor_tc_filters(doctor, places[i], json);
		json_decref(json);
	}
	found += check_qdiscs(doctor);
	if (!doctor_on_udp(doctor)) {
		json = doctor_run_json(nft);
		if (!json)
			missed = missed ? "tc and nft" : "nft (package nftables; it needs root)";
		found += doctor_nft_ruleset(doctor, json);
		json_decref(json);
	}
	if (missed)
		doctor_say(doctor, DOCTOR_SKIPPED, NULL, "filters of %s were not looked at", missed);
	else if (!found && !doctor_on_udp(doctor))
		doctor_say(doctor, DOCTOR_OK, NULL, "no filter of tc or nft at %s drops EtherType %04x "
			   "(eBPF is not looked into)", lower, doctor_ethertype(doctor));
	else if (!found)
		doctor_say(doctor, DOCTOR_OK, NULL, "nothing at %s loses or delays frames on purpose",
			   lower);
}
