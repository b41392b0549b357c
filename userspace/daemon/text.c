// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

bool text_to_l2_id(const char *text, uint32_t *l2_id)
{
	uint32_t value = 0;
	unsigned int digits = 0;
	bool colons = strchr(text, ':');

	for (; *text; text++) {
		if (colons && (digits == 2 || digits == 4) && *text == ':' && text[-1] != ':')
			continue;
		if (!isxdigit((unsigned char)*text) || digits == 6)
			return false;
		if (colons && digits && digits % 2 == 0 && text[-1] != ':')
			return false;
		value = value << 4 | (uint32_t)(isdigit((unsigned char)*text) ? *text - '0' :
						tolower((unsigned char)*text) - 'a' + 10);
		digits++;
	}
	if (digits != 6 || !value)
		return false;
	*l2_id = value;
	return true;
}

const char *text_l2_id(uint32_t l2_id, char buffer[static TEXT_L2_ID_LEN])
{
	snprintf(buffer, TEXT_L2_ID_LEN, "%02x:%02x:%02x",
		 l2_id >> 16 & 0xff, l2_id >> 8 & 0xff, l2_id & 0xff);
	return buffer;
}

bool text_to_address(const char *text, struct ue_address *address, unsigned int *prefix)
{
	char host[TEXT_ADDRESS_LEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned int bits;
	char *end;

	memset(address, 0, sizeof(*address));
	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, address->addr) == 1)
		address->family = 4;
	else if (inet_pton(AF_INET6, host, address->addr) == 1)
		address->family = 6;
	else
		return false;
	bits = address->family == 4 ? 32 : 128;
	if (slash) {
		unsigned long given;

		if (!prefix || !isdigit((unsigned char)slash[1]))
			return false;
		given = strtoul(slash + 1, &end, 10);
		if (*end || given > bits)
			return false;
		bits = given;
	}
	if (prefix)
		*prefix = bits;
	return true;
}

const char *text_address(const struct ue_address *address, char buffer[static TEXT_ADDRESS_LEN])
{
	if (!inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->addr,
		       buffer, TEXT_ADDRESS_LEN))
		buffer[0] = '\0';
	return buffer;
}

bool text_to_remote(const char *text, struct ue_address *address, uint16_t *port)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	char only[TEXT_ADDRESS_LEN];
	unsigned long number;
	size_t len;

	/* A port stands behind brackets, or behind the one colon there is. */
	if (colon && (text[0] == '[' ? colon > text && colon[-1] == ']' :
				       colon == strchr(text, ':'))) {
		char *rest;

		number = strtoul(colon + 1, &rest, 10);
		if (colon[1] < '0' || colon[1] > '9' || *rest || !number || number > UINT16_MAX)
			return false;
		*port = (uint16_t)number;
		end = colon;
	}
	if (text[0] == '[') {
		if (end[-1] != ']')
			return false;
		text++;
		end--;
	}
	len = (size_t)(end - text);
	if (len >= sizeof(only))
		return false;
	memcpy(only, text, len);
	only[len] = '\0';
	return text_to_address(only, address, NULL);
}

const char *text_carrier(const uint8_t *octets, size_t len, char buffer[static TEXT_CARRIER_LEN])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ue_address address = { .family = 6 };
	char ip[TEXT_ADDRESS_LEN];
	size_t i, at = 0;

	if (len == UE_CARRIER_ADDR_MAX) {
		bool ipv4 = !memcmp(octets, mapped, sizeof(mapped));

		if (ipv4)
			address.family = 4;
		memcpy(address.addr, octets + (ipv4 ? 12 : 0), ipv4 ? 4 : 16);
		snprintf(buffer, TEXT_CARRIER_LEN, ipv4 ? "%s:%u" : "[%s]:%u",
			 text_address(&address, ip), (unsigned int)octets[16] << 8 | octets[17]);
		return buffer;
	}
	buffer[0] = '\0';
	for (i = 0; i < len && at + 4 < TEXT_CARRIER_LEN; i++)
		at += (size_t)snprintf(buffer + at, TEXT_CARRIER_LEN - at, "%s%02x", i ? ":" : "",
				       octets[i]);
	return buffer;
}

bool text_address_within(const struct ue_address *address, const struct ue_address *subnet,
			 unsigned int prefix)
{
	unsigned int octets = prefix / 8, bits = prefix % 8;
	uint8_t mask = bits ? (uint8_t)(0xff << (8 - bits)) : 0;

	if (address->family != subnet->family)
		return false;
	if (memcmp(address->addr, subnet->addr, octets))
		return false;
	return !bits || !((address->addr[octets] ^ subnet->addr[octets]) & mask);
}

bool text_address_link_local(const struct ue_address *address)
{
	return address->family == 6 && address->addr[0] == 0xfe &&
	       (address->addr[1] & 0xc0) == 0x80;
}

bool text_address_equal(const struct ue_address *a, const struct ue_address *b)
{
	return text_address_within(a, b, a->family == 4 ? 32 : 128);
}

/* Levenshtein's distance; words longer than the table are far from everything. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[33], i, j, diagonal, above;
	size_t la = strlen(a), lb = strlen(b);

	if (la > 32 || lb > 32)
		return 33;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = diagonal + (tolower((unsigned char)a[i - 1]) != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[lb];
}

const char *text_nearest(const char *word, const char *const *known)
{
	unsigned int best = 1 + strlen(word) / 3, d;
	const char *nearest = NULL;

	for (; *known; known++) {
		d = distance(word, *known);
		/* "address" for "addresses", "con" for "connect" */
		if (d > best && strlen(word) >= 3 && !strncmp(word, *known, strlen(word)))
			d = best;
		if (d < best || (d == best && !nearest)) {
			best = d;
			nearest = *known;
		}
	}
	return nearest;
}

void text_harmless(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}
