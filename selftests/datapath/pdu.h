/* SPDX-License-Identifier: MIT */
/*
 * The frame on the carrier and the algorithms that protect it, made by hand from TS 36.321
 * 6.1.6, TS 36.323 6.2.10 and TS 33.401 annex B, on OpenSSL. Shares nothing with the product:
 * that is its point.
 */
#ifndef SELFTESTS_PDU_H
#define SELFTESTS_PDU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define PDU_MAX		16384
#define PDU_ETHERTYPE	0x88b5
#define ETH_LEN		14
#define SL_LEN		8		/* SL-SCH subheader and MAC subheader */
#define PDCP_LEN	5
#define MAC_I_LEN	4
#define ETH_MIN		60		/* without FCS */

enum { LCID_DATA = 1, LCID_PLAIN = 28, LCID_SMC = 29, LCID_SIGNAL = 30, LCID_PADDING = 31 };
enum { SDU_IP, SDU_ARP, SDU_PC5S, SDU_NON_IP };

/* What both ends of a security association know. */
struct keys {
	uint8_t pek[16], pik[16];
	uint8_t eea;		/* 0 or 2 */
	bool up_integrity;
	uint16_t id;		/* KD-sess ID */
};

/* Every field of a frame, so that each can be wrong. */
struct pdu {
	uint8_t eth_dst[6], eth_src[6];
	uint16_t ethertype;
	uint8_t octet1;		/* V | RRRR */
	uint32_t src, dst;
	uint8_t lcid;		/* also BEARER */
	enum { FORM_SHORT, FORM_F0, FORM_F1 } form;
	uint8_t second;		/* second subheader of the padded forms */
	size_t pad;		/* octets after the SDU in the padded forms */
	uint8_t pad_octet;
	int length_lie;		/* added to L */
	uint8_t sdu_type;
	uint8_t reserved;	/* R bits of PDCP octet 1 */
	uint16_t kd_sess_id;
	uint32_t count;		/* SN is its low half */
	uint8_t direction;
	bool ciphered, mac;
	const uint8_t *data;
	size_t len;
};

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static void put_be24(uint8_t *p, uint32_t v)
{
	p[0] = v >> 16 & 0xff;
	put_be16(p + 1, v & 0xffff);
}

static void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v & 0xffff);
}

static uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

__attribute__((unused))
static uint32_t get_be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | get_be16(p + 1);
}

static void openssl_or_die(int ok)
{
	/* Never seen; going on would make every later result a lie. */
	if (!ok)
		abort();
}

/* 128-EEA2, TS 33.401 B.1.3: deciphering is the same. EEA0 leaves the data. */
static void eea(const struct keys *keys, uint32_t count, uint8_t bearer, uint8_t direction,
		uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t iv[16] = { 0 };
	int out = 0;

	if (keys->eea != 2 || !len)
		return;
	put_be32(iv, count);
	iv[4] = bearer << 3 | direction << 2;
	ctx = EVP_CIPHER_CTX_new();
	openssl_or_die(ctx && EVP_EncryptInit_ex2(ctx, EVP_aes_128_ctr(), keys->pek, iv, NULL));
	openssl_or_die(EVP_EncryptUpdate(ctx, data, &out, data, (int)len) && (size_t)out == len);
	EVP_CIPHER_CTX_free(ctx);
}

/* 128-EIA2, TS 33.401 B.2.3. */
static void eia(const struct keys *keys, uint32_t count, uint8_t bearer, uint8_t direction,
		const uint8_t *message, size_t len, uint8_t mac_i[MAC_I_LEN])
{
	char cipher[] = "AES-128-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	uint8_t prefix[8] = { 0 }, tag[16];
	size_t out = 0;

	put_be32(prefix, count);
	prefix[4] = bearer << 3 | direction << 2;
	openssl_or_die(ctx && EVP_MAC_init(ctx, keys->pik, sizeof(keys->pik), params));
	openssl_or_die(EVP_MAC_update(ctx, prefix, sizeof(prefix)));
	openssl_or_die(EVP_MAC_update(ctx, message, len));
	openssl_or_die(EVP_MAC_final(ctx, tag, &out, sizeof(tag)) && out == sizeof(tag));
	memcpy(mac_i, tag, MAC_I_LEN);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

/* Writes the Ethernet frame, without FCS and without padding it by itself. Returns its length. */
__attribute__((unused))
static size_t pdu_build(const struct pdu *pdu, const struct keys *keys, uint8_t *frame)
{
	size_t sdu_len = PDCP_LEN + pdu->len + (pdu->mac ? MAC_I_LEN : 0);
	size_t length = sdu_len + (size_t)(ssize_t)pdu->length_lie;
	uint8_t *p = frame, *header;

	memcpy(p, pdu->eth_dst, 6);
	memcpy(p + 6, pdu->eth_src, 6);
	put_be16(p + 12, pdu->ethertype);
	p += ETH_LEN;
	p[0] = pdu->octet1;
	put_be24(p + 1, pdu->src);
	put_be24(p + 4, pdu->dst);
	p[7] = pdu->lcid | (pdu->form == FORM_SHORT ? 0 : 0x20);
	p += SL_LEN;
	if (pdu->form == FORM_F0)
		*p++ = length & 0x7f;
	if (pdu->form == FORM_F1) {
		put_be16(p, 0x8000 | length);
		p += 2;
	}
	if (pdu->form != FORM_SHORT)
		*p++ = pdu->second;

	header = p;
	p[0] = pdu->sdu_type << 5 | pdu->reserved;
	put_be16(p + 1, pdu->kd_sess_id);
	put_be16(p + 3, pdu->count & 0xffff);
	p += PDCP_LEN;
	memcpy(p, pdu->data, pdu->len);
	if (pdu->mac)
		eia(keys, pdu->count, pdu->lcid, pdu->direction, header, PDCP_LEN + pdu->len,
		    p + pdu->len);
	if (pdu->ciphered)
		eea(keys, pdu->count, pdu->lcid, pdu->direction, p, pdu->len);
	p += pdu->len + (pdu->mac ? MAC_I_LEN : 0);
	if (pdu->form != FORM_SHORT) {
		memset(p, pdu->pad_octet, pdu->pad);
		p += pdu->pad;
	}
	return (size_t)(p - frame);
}

/* A frame taken apart. Pointers lead into the frame, whose data is deciphered in place. */
struct parsed {
	const uint8_t *eth_dst, *eth_src;
	uint16_t ethertype;
	uint8_t octet1;
	uint32_t src, dst;
	uint8_t octet8, lcid;
	bool padded;
	uint8_t l, second;
	const uint8_t *padding;
	size_t padding_len;
	uint8_t pdcp1;
	uint16_t kd_sess_id, sn;
	uint8_t *data;
	size_t len;
	bool mac;
	uint8_t mac_i[MAC_I_LEN], expected[MAC_I_LEN];
	bool mac_good;
};

/* Takes the frame apart as far as that needs no key. False when it is no frame of ours. */
__attribute__((unused))
static bool pdu_parse(uint8_t *frame, size_t len, struct parsed *out)
{
	uint8_t *p = frame + ETH_LEN, *end = frame + len;

	memset(out, 0, sizeof(*out));
	if (len < ETH_LEN + SL_LEN + PDCP_LEN)
		return false;
	out->eth_dst = frame;
	out->eth_src = frame + 6;
	out->ethertype = get_be16(frame + 12);
	out->octet1 = p[0];
	out->src = get_be24(p + 1);
	out->dst = get_be24(p + 4);
	out->octet8 = p[7];
	out->lcid = p[7] & 0x1f;
	p += SL_LEN;
	if (out->octet8 & 0x20) {
		out->padded = true;
		if (p[0] & 0x80 || end - p < 2 + p[0])
			return false;
		out->l = p[0];
		out->second = p[1];
		p += 2;
		out->padding = p + out->l;
		out->padding_len = (size_t)(end - out->padding);
		end = p + out->l;
		if (end - p < PDCP_LEN)
			return false;
	}
	out->pdcp1 = p[0];
	out->kd_sess_id = get_be16(p + 1);
	out->sn = get_be16(p + 3);
	out->data = p + PDCP_LEN;
	out->len = (size_t)(end - out->data);
	return true;
}

/* Deciphers and verifies: first pdu_parse(), then this, once, with what the frame should use. */
__attribute__((unused))
static void pdu_open(struct parsed *pdu, const struct keys *keys, uint32_t count,
		     uint8_t direction, bool ciphered, bool mac)
{
	pdu->mac = mac && pdu->len >= MAC_I_LEN;
	if (pdu->mac) {
		pdu->len -= MAC_I_LEN;
		memcpy(pdu->mac_i, pdu->data + pdu->len, MAC_I_LEN);
	}
	if (ciphered)
		eea(keys, count, pdu->lcid, direction, pdu->data, pdu->len);
	if (pdu->mac) {
		eia(keys, count, pdu->lcid, direction, pdu->data - PDCP_LEN, PDCP_LEN + pdu->len,
		    pdu->expected);
		pdu->mac_good = !memcmp(pdu->mac_i, pdu->expected, MAC_I_LEN);
	}
}

/* Inner packets. */

static uint16_t ip_checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get_be16(p + i);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/*
 * The UDP checksum, in place. A device may be handed packets whose sender left it to it, and a tap
 * on the device sees them so. Whatever else there is, and a fragment, stays as it is.
 */
__attribute__((unused))
static void udp_complete(uint8_t *p, size_t len)
{
	static uint8_t whole[36 + PDU_MAX];
	size_t head = p[0] >> 4 == 4 ? 20 : 40, addrs = p[0] >> 4 == 4 ? 8 : 32;
	uint16_t sum;

	if (p[0] >> 4 == 4 ? p[9] != 17 || get_be16(p + 6) & 0x3fff : p[6] != 17)
		return;
	if (len < head + 8)
		return;
	memset(p + head + 6, 0, 2);
	memset(whole, 0, 36);
	memcpy(whole, p + head - addrs, addrs);
	whole[33] = 17;
	put_be16(whole + 34, len - head);
	memcpy(whole + 36, p + head, len - head);
	sum = ip_checksum(whole, 36 + len - head);
	put_be16(p + head + 6, sum ? sum : 0xffff);
}

/* IPv4 and UDP headers (UDP without checksum) in front of @len octets. Returns the length. */
__attribute__((unused))
static size_t ipv4_udp(uint8_t *p, uint32_t src, uint32_t dst, uint16_t port,
		       const void *payload, size_t len)
{
	memset(p, 0, 28);
	p[0] = 0x45;
	put_be16(p + 2, 28 + len);
	p[8] = 64;
	p[9] = 17;
	put_be32(p + 12, src);
	put_be32(p + 16, dst);
	put_be16(p + 10, ip_checksum(p, 20));
	put_be16(p + 20, port);
	put_be16(p + 22, port);
	put_be16(p + 24, 8 + len);
	memcpy(p + 28, payload, len);
	return 28 + len;
}

/* IPv6 with a next header that nobody has (59, none) in front of @len octets. */
__attribute__((unused))
static size_t ipv6_none(uint8_t *p, const uint8_t src[16], const uint8_t dst[16],
			const void *payload, size_t len)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	put_be16(p + 4, len);
	p[6] = 59;
	p[7] = 64;
	memcpy(p + 8, src, 16);
	memcpy(p + 24, dst, 16);
	memcpy(p + 40, payload, len);
	return 40 + len;
}

#endif
