// SPDX-License-Identifier: MIT

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "flows.h"
#include "octets.h"

#define TCP		6
#define UDP		17
#define FRAGMENT	44

#define TCP_SYN		2

/* How far from its place a datagram is looked for, to say what happened to it. */
#define NEARBY		256

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The octets of a datagram from a place on. */
static bool are_octets(const struct flow *flow, uint64_t n, uint64_t at, const uint8_t *data,
		       size_t len)
{
	uint64_t base = mix(flow->seed + n), word = 0;
	size_t i;

	for (i = 0; i < len; i++, at++) {
		if (!i || !(at % 8))
			word = mix(base + at / 8);
		if (data[i] != (uint8_t)(word >> 8 * (at % 8)))
			return false;
	}
	return true;
}

static bool is_datagram(const struct flow *flow, uint64_t n, const uint8_t *data, size_t len)
{
	return len == 1 + mix(mix(~flow->seed + n / flow->group)) % flow->max &&
	       are_octets(flow, n, 0, data, len);
}

static const char *take_datagram(struct flows *flows, struct flow *flow, const uint8_t *data,
				 size_t len)
{
	uint64_t n = flow->next, far;

	if (n < flow->all && is_datagram(flow, n, data, len)) {
		flow->next++;
		flows->datagrams++;
		return NULL;
	}
	for (far = 1; far <= NEARBY; far++) {
		if (far <= n && is_datagram(flow, n - far, data, len))
			return "a datagram of a flow that came before, or late";
		if (n + far < flow->all && is_datagram(flow, n + far, data, len)) {
			flow->next = n + far + 1;
			return "a datagram of a flow before those that are due";
		}
	}
	if (n == flow->all)
		return "more than all of a flow";
	flow->next++;
	return "a datagram of a flow that is not as it was sent";
}

static const char *take_segment(struct flows *flows, struct flow *flow, const uint8_t *p, size_t len)
{
	size_t header = len < 20 ? 0 : (size_t)(p[12] >> 4) * 4;
	uint64_t at, end;

	if (header < 20 || header > len)
		return "TCP header cut off";
	if (p[13] & TCP_SYN) {
		flow->first = get32(p + 4) + 1;
		flow->begun = true;
		return NULL;
	}
	if (!flow->begun)
		return "TCP of a flow before its SYN";
	if (header == len)
		return NULL;
	/* A flow is shorter than sequence numbers are. */
	at = (uint32_t)(get32(p + 4) - flow->first);
	end = at + len - header;
	if (end > flow->all)
		return "more than all of a flow";
	if (!are_octets(flow, 0, at, p + header, len - header))
		return "octets of a TCP flow that are not as they were sent";
	if (at > flow->next) {
		flow->next = end;
		return "octets of a TCP flow before those that are due";
	}
	/* TCP may repeat itself; it may not leave out. */
	if (end > flow->next) {
		flows->octets += end - flow->next;
		flows->octets_again += flow->next - at;
		flow->next = end;
	} else {
		flows->octets_again += end - at;
	}
	return NULL;
}

static const char *take_whole(struct flows *flows, uint32_t sender, uint8_t protocol,
			      const uint8_t *p, size_t len)
{
	size_t i;

	if ((protocol != UDP && protocol != TCP) || len < 8)
		return NULL;
	for (i = 0; i < flows->n; i++) {
		struct flow *flow = &flows->flow[i];

		if (flow->sender != sender || flow->port != get16(p + 2) ||
		    flow->tcp != (protocol == TCP))
			continue;
		return flow->tcp ? take_segment(flows, flow, p, len) :
				   take_datagram(flows, flow, p + 8, len - 8);
	}
	return NULL;
}

static bool same(const struct flows_datagram *a, const struct flows_datagram *b)
{
	return a->sender == b->sender && a->id == b->id && a->version == b->version &&
	       a->protocol == b->protocol && !memcmp(a->addresses, b->addresses, sizeof(a->addresses));
}

static struct flows_part *find_part(struct flows *flows, const struct flows_datagram *datagram)
{
	struct flows_part *part;

	for (part = flows->parts; part < flows->parts + FLOWS_PARTS; part++)
		if (part->used && same(&part->datagram, datagram))
			return part;
	return NULL;
}

static struct flows_part *free_part(struct flows *flows)
{
	struct flows_part *part;

	for (part = flows->parts; part < flows->parts + FLOWS_PARTS; part++)
		if (!part->used)
			return part;
	return NULL;
}

/*
 * A sender makes the fragments of a datagram one after the other, and that order is to be kept;
 * so what is missing is known at once, and a checksum is not needed beside the octets themselves.
 */
static const char *take_fragment(struct flows *flows, const struct flows_datagram *datagram,
				 size_t offset, bool more, const uint8_t *p, size_t len)
{
	struct flows_part *part = find_part(flows, datagram);

	if (!part && !offset) {
		part = free_part(flows);
		if (!part)
			return "more datagrams in fragments at a time than are looked at";
		part->used = true;
		part->datagram = *datagram;
		part->len = 0;
	}
	if (!part || offset != part->len)
		return "a fragment that is not the one that is due";
	if (part->len + len > sizeof(part->octets))
		return "fragments of more than 64 KiB";
	memcpy(part->octets + part->len, p, len);
	part->len += len;
	if (more)
		return NULL;
	part->used = false;
	return take_whole(flows, datagram->sender, datagram->protocol, part->octets, part->len);
}

/* The packet has been looked at by payload_ip(): its lengths are right. */
const char *flows_take(struct flows *flows, uint32_t sender, const uint8_t *packet, size_t len)
{
	struct flows_datagram datagram = { .sender = sender };
	size_t header, offset;
	bool more;

	if (!flows->n)
		return NULL;
	datagram.version = packet[0] >> 4;
	if (datagram.version == 4) {
		header = (packet[0] & 0xf) * 4u;
		datagram.protocol = packet[9];
		datagram.id = get16(packet + 4);
		memcpy(datagram.addresses, packet + 12, 8);
		offset = (get16(packet + 6) & 0x1fff) * 8u;
		more = get16(packet + 6) & 0x2000;
	} else {
		header = 40;
		datagram.protocol = packet[6];
		memcpy(datagram.addresses, packet + 8, 32);
		offset = 0;
		more = false;
		if (datagram.protocol == FRAGMENT) {
			if (len < 48)
				return "IPv6 fragment header cut off";
			header = 48;
			datagram.protocol = packet[40];
			datagram.id = get32(packet + 44);
			offset = get16(packet + 42) & 0xfff8;
			more = get16(packet + 42) & 1;
		}
	}
	if (offset || more)
		return take_fragment(flows, &datagram, offset, more, packet + header, len - header);
	return take_whole(flows, sender, datagram.protocol, packet + header, len - header);
}

void flows_end(const struct flows *flows, uint64_t frames)
{
	const struct flows_part *part;
	size_t i;

	for (i = 0; i < flows->n; i++) {
		const struct flow *flow = &flows->flow[i];

		if (flow->next < flow->all)
			finding_add(FINDING_FLOW, frames,
				    "the last: %s from %06x to port %u has come to %" PRIu64 " of %" PRIu64,
				    flow->tcp ? "TCP" : "UDP", flow->sender, flow->port, flow->next,
				    flow->all);
	}
	for (part = flows->parts; part && part < flows->parts + FLOWS_PARTS; part++)
		if (part->used)
			finding_add(FINDING_FLOW, frames, "the last: fragments from %06x miss their end",
				    part->datagram.sender);
}

/* NULL, or what is wrong with the line. */
static const char *parse(const char *line, struct flow *flow)
{
	char kind[4];
	int end = 0;

	memset(flow, 0, sizeof(*flow));
	if (sscanf(line, "%3s", kind) != 1)
		return "empty";
	flow->tcp = !strcmp(kind, "tcp");
	flow->max = 1;
	flow->group = 1;
	if (flow->tcp)
		sscanf(line, "tcp %" SCNx32 " %" SCNu16 " %" SCNx64 " %" SCNu64 " %n", &flow->sender,
		       &flow->port, &flow->seed, &flow->all, &end);
	else
		sscanf(line, "udp %" SCNx32 " %" SCNu16 " %" SCNx64 " %" SCNu32 " %" SCNu32 " %" SCNu64 " %n",
		       &flow->sender, &flow->port, &flow->seed, &flow->max, &flow->group, &flow->all,
		       &end);
	if (!end || line[end])
		return "neither 'udp SENDER PORT SEED MAX GROUP DATAGRAMS' nor 'tcp SENDER PORT SEED OCTETS'";
	if (!flow->max || !flow->group)
		return "MAX and GROUP are at least 1";
	return flow->tcp && flow->all >= UINT32_MAX ? "more octets than TCP has numbers" : NULL;
}

bool flows_read(struct flows *flows, const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned int number = 0;
	const char *wrong = NULL;
	char line[256];

	if (!file) {
		fprintf(stderr, "decode: flows %s: %s\n", path, strerror(errno));
		return false;
	}
	if (!flows->parts)
		flows->parts = calloc(FLOWS_PARTS, sizeof(*flows->parts));
	if (!flows->parts)
		wrong = "out of memory";
	while (!wrong && fgets(line, sizeof(line), file)) {
		number++;
		if (flows->n == FLOWS_MAX)
			wrong = "too many flows";
		else
			wrong = parse(line, &flows->flow[flows->n++]);
	}
	if (!wrong && ferror(file))
		wrong = "cannot read";
	fclose(file);
	if (wrong)
		fprintf(stderr, "decode: %s:%u: %s\n", path, number, wrong);
	return !wrong;
}

void flows_free(struct flows *flows)
{
	free(flows->parts);
}
