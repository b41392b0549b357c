/* SPDX-License-Identifier: MIT */
/*
 * Traffic whose every octet is known beforehand, so that it can be found in what was deciphered:
 * all of it, once, and in the order in which it was sent. A line of a file for each flow:
 *
 * udp SENDER PORT SEED MAX GROUP DATAGRAMS
 * tcp SENDER PORT SEED OCTETS
 *
 * SENDER is a Layer-2 ID and, as SEED, hexadecimal; PORT is the destination. Word i of datagram n
 * is mix(mix(SEED + n) + i), its lowest octet first, where mix() is the output function of
 * SplitMix64; a datagram has 1 + mix(mix(~SEED + n / GROUP)) % MAX octets. TCP has the octets of a
 * datagram 0 without end.
 */
#ifndef DECODE_FLOWS_H
#define DECODE_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOWS_MAX	64

struct flow {
	bool tcp;
	uint32_t sender;
	uint16_t port;
	uint64_t seed;
	uint32_t max, group;
	uint64_t all, next;	/* datagrams, or octets of TCP */
	bool begun;		/* TCP: its SYN was seen */
	uint32_t first;		/* TCP: sequence number of its first octet */
};

/* What fragments of one datagram have in common. */
struct flows_datagram {
	uint32_t sender, id;
	uint8_t version, protocol, addresses[32];
};

/* A datagram in fragments, of which some have come. */
struct flows_part {
	bool used;
	struct flows_datagram datagram;
	size_t len;
	uint8_t octets[0x10000];
};

#define FLOWS_PARTS	32

struct flows {
	size_t n;
	struct flow flow[FLOWS_MAX];
	struct flows_part *parts;
	uint64_t datagrams, octets, octets_again;	/* found as they had to be */
};

/* Reads a file. false: told on standard error with file and line. */
bool flows_read(struct flows *flows, const char *path);
void flows_free(struct flows *flows);

/* A packet of a sender. NULL when it is none of a flow's, or what had to come; else what is wrong. */
const char *flows_take(struct flows *flows, uint32_t sender, const uint8_t *packet, size_t len);

/* What has not come is a finding each, behind the last of so many frames. */
void flows_end(const struct flows *flows, uint64_t frames);

#endif
