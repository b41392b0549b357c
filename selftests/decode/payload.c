// SPDX-License-Identifier: MIT

#include <string.h>

#include "octets.h"
#include "payload.h"

enum protocol {
	HOP_BY_HOP = 0, ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, DESTINATION_OPTIONS = 60,
};

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	if (len)
		sum += (uint32_t)p[0] << 8;
	return sum;
}

static bool sum_is_right(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* @pseudo: sum of the addresses, for the pseudo header. */
static const char *upper(uint8_t protocol, uint32_t pseudo, const uint8_t *p, size_t len, bool v6)
{
	uint32_t sum = pseudo + (uint32_t)len + protocol;

	switch (protocol) {
	case TCP:
		if (len < 20)
			return "TCP header cut off";
		return sum_is_right(sum16(sum, p, len)) ? NULL : "TCP checksum wrong";
	case UDP:
		if (len < 8 || get16(p + 4) != len)
			return "UDP length wrong";
		if (!v6 && !get16(p + 6))
			return NULL;	/* no checksum, which IPv4 allows */
		return sum_is_right(sum16(sum, p, len)) ? NULL : "UDP checksum wrong";
	case ICMP:
		if (len < 8)
			return "ICMP header cut off";
		return sum_is_right(sum16(0, p, len)) ? NULL : "ICMP checksum wrong";
	case ICMPV6:
		if (len < 4)
			return "ICMPv6 header cut off";
		return sum_is_right(sum16(sum, p, len)) ? NULL : "ICMPv6 checksum wrong";
	default:
		return NULL;
	}
}

static const char *ipv4(const uint8_t *p, size_t len)
{
	size_t header = (p[0] & 0xf) * 4u;

	if (len < 20 || header < 20 || header > len)
		return "IPv4 header cut off";
	if (get16(p + 2) != len)
		return "IPv4 total length is not the SDU's";
	if (!sum_is_right(sum16(0, p, header)))
		return "IPv4 header checksum wrong";
	if (get16(p + 6) & 0x3fff)
		return NULL;	/* a fragment: its checksum is over all of them */
	return upper(p[9], sum16(0, p + 12, 8), p + header, len - header, false);
}

static const char *ipv6(const uint8_t *p, size_t len)
{
	uint8_t next;
	size_t at = 40;

	if (len < at)
		return "IPv6 header cut off";
	if (get16(p + 4) + at != len)
		return "IPv6 payload length is not the SDU's";
	next = p[6];
	while (next == HOP_BY_HOP || next == DESTINATION_OPTIONS) {
		if (len - at < 8 || len - at < 8u * (p[at + 1] + 1u))
			return "IPv6 extension header cut off";
		next = p[at];
		at += 8u * (p[at + 1] + 1u);
	}
	return upper(next, sum16(0, p + 8, 32), p + at, len - at, true);
}

const char *payload_ip(const uint8_t *sdu, size_t len)
{
	if (!len)
		return "empty";
	switch (sdu[0] >> 4) {
	case 4:
		return ipv4(sdu, len);
	case 6:
		return ipv6(sdu, len);
	default:
		return "IP version is neither 4 nor 6";
	}
}

/* Octets of type, sequence number and mandatory part; TS 24.334 11.4. */
static const struct message {
	uint8_t type, min;
	const char *name;
} messages[] = {
	{ 1, 30, "DIRECT_COMMUNICATION_REQUEST" },
	{ 2, 4, "DIRECT_COMMUNICATION_ACCEPT" },
	{ 3, 4, "DIRECT_COMMUNICATION_REJECT" },
	{ 4, 7, "DIRECT_COMMUNICATION_KEEPALIVE" },
	{ 5, 7, "DIRECT_COMMUNICATION_KEEPALIVE_ACK" },
	{ 6, 4, "DIRECT_COMMUNICATION_RELEASE" },
	{ 7, 3, "DIRECT_COMMUNICATION_RELEASE_ACCEPT" },
	{ 12, 23, "DIRECT_SECURITY_MODE_COMMAND" },
	{ 13, 3, "DIRECT_SECURITY_MODE_COMPLETE" },
	{ 14, 4, "DIRECT_SECURITY_MODE_REJECT" },
	{ 15, 22, "DIRECT_REKEYING_REQUEST" },
	{ 16, 3, "DIRECT_REKEYING_RESPONSE" },
	{ 17, 3, "DIRECT_REKEYING_TRIGGER" },
	/* TR 33.833 6.4.1.4 messages that TS 24.334 has not; numbers from its reserved range */
	{ PC5S_KEY_ESTABLISHMENT, 3, "KEY_ESTABLISHMENT" },
	{ 0xf1, 3, "CONNECTION_COMPLETE" },
};

static const struct message *message(uint8_t type)
{
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == type)
			return &messages[i];
	return NULL;
}

const char *payload_pc5s(const uint8_t *sdu, size_t len)
{
	const struct message *known;

	if (!len)
		return "empty";
	known = message(sdu[0]);
	if (!known)
		return "PC5-S message type is unknown";
	return len < known->min ? "PC5-S message cut off" : NULL;
}

const char *payload_pc5s_name(uint8_t type)
{
	const struct message *known = message(type);

	return known ? known->name : "unknown";
}

bool payload_pc5s_may_be_clear(uint8_t type)
{
	return type == PC5S_REQUEST || type == PC5S_REJECT || type == PC5S_SMC_REJECT ||
	       type == PC5S_KEY_ESTABLISHMENT;
}

bool payload_command(const uint8_t *sdu, size_t len, uint8_t *algorithms, uint8_t *id_lsb)
{
	/* type 1, sequence number 2, capabilities 2, Nonce_2 16 before them */
	if (len < 23 || sdu[0] != PC5S_COMMAND)
		return false;
	*algorithms = sdu[21];
	*id_lsb = sdu[22];
	return true;
}
