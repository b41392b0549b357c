/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame on the carrier: SL-SCH MAC PDU (TS 36.321 6.1.6) around one
 * sidelink PDCP data PDU (TS 36.323 6.2.10), and COUNT.
 *
 *	octet 1		V (4 bits, 0011) | R R R R
 *	octets 2-4	SRC, Layer-2 ID of the sender
 *	octets 5-7	DST, Layer-2 ID of the receiver
 *	octet 8		R R E LCID; E = 0: the PDCP PDU is the rest of the frame
 *	  E = 1:	F L (1 or 2 octets), R R 0 11111, PDCP PDU of L octets, padding
 *
 *	PDCP octet 1	SDU type (3 bits) | R R R R R
 *	octets 2-3	KD-sess ID
 *	octets 4-5	SN, the low 16 bits of COUNT
 *	octets 6-	SDU, then MAC-I (4 octets) when integrity applies
 *
 * Pure: no allocation, no state, no kernel calls.
 */
#ifndef _PROSE_PDCP_H
#define _PROSE_PDCP_H

#include "shim.h"

/* SL-SCH subheader and the first MAC subheader. */
#define PROSE_MAC_HDR_LEN	8
/* Length and padding subheaders of the padded form, short L. */
#define PROSE_MAC_PAD_LEN	2
/* The longest MAC header: long L. */
#define PROSE_MAC_HDR_MAX	(PROSE_MAC_HDR_LEN + 3)
#define PROSE_PDCP_HDR_LEN	5
#define PROSE_MAC_I_LEN		4
/* TS 36.323 4.3.1. */
#define PROSE_SDU_MAX		8188
/* What the layer adds to a full-sized packet. Full-sized ones are never padded. */
#define PROSE_OVERHEAD		(PROSE_MAC_HDR_LEN + PROSE_PDCP_HDR_LEN + PROSE_MAC_I_LEN)

/* Logical channels, TS 36.321 table 6.2.4-1. */
#define PROSE_LCID_DATA		1
#define PROSE_LCID_DATA_LAST	10
#define PROSE_LCID_UNPROTECTED	28
#define PROSE_LCID_SMC		29
#define PROSE_LCID_SIGNAL	30
#define PROSE_LCID_PADDING	31

/* SDU types, TS 36.323 6.3.14; 4 to 7 are reserved. */
#define PROSE_SDU_IP		0
#define PROSE_SDU_ARP		1
#define PROSE_SDU_PC5S		2
#define PROSE_SDU_NON_IP	3

/* Half of the SN space, Window_Size of TS 38.323 for a 16-bit SN. */
#define PROSE_SN_WINDOW		32768U

/* Octets of the initial counter block of 128-EEA2. */
#define PROSE_EEA_IV_LEN	16
/* Octets in front of the message in the MAC-I input of 128-EIA2. */
#define PROSE_EIA_PREFIX_LEN	8

/**
 * enum prose_parse - verdict on a received header
 * @PROSE_PARSE_OK: well-formed
 * @PROSE_PARSE_SHORT: ends before its headers do
 * @PROSE_PARSE_RESERVED: a reserved or invalid value, to be discarded (TS 36.323 5.8)
 * @PROSE_PARSE_BEARER: a valid LCID, but of no bearer this side has
 * @PROSE_PARSE_SDU_TYPE: a valid SDU type that the bearer does not carry
 * @PROSE_PARSE_UNPROTECTED: KD-sess ID 0 on a bearer that is always protected
 */
enum prose_parse {
	PROSE_PARSE_OK,
	PROSE_PARSE_SHORT,
	PROSE_PARSE_RESERVED,
	PROSE_PARSE_BEARER,
	PROSE_PARSE_SDU_TYPE,
	PROSE_PARSE_UNPROTECTED,
};

/**
 * struct prose_mac_hdr - fields of the MAC header
 * @src: Layer-2 ID of the sender
 * @dst: Layer-2 ID of the receiver
 * @lcid: logical channel of the one SDU
 * @sdu_off: where the SDU (the PDCP PDU) starts
 * @sdu_len: how long it is
 */
struct prose_mac_hdr {
	u32 src;
	u32 dst;
	u8 lcid;
	size_t sdu_off;
	size_t sdu_len;
};

/**
 * struct prose_pdcp_hdr - fields of the PDCP header
 * @sdu_type: what the SDU is
 * @kd_sess_id: which association protects it; 0 for none
 * @sn: low half of COUNT
 */
struct prose_pdcp_hdr {
	u8 sdu_type;
	u16 kd_sess_id;
	u16 sn;
};

static inline u32 prose_get_be24(const u8 *p)
{
	return (u32)p[0] << 16 | (u32)p[1] << 8 | p[2];
}

static inline void prose_put_be24(u8 *p, u32 val)
{
	p[0] = val >> 16;
	p[1] = val >> 8;
	p[2] = val;
}

static inline u16 prose_get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline void prose_put_be16(u8 *p, u16 val)
{
	p[0] = val >> 8;
	p[1] = val & 0xff;
}

enum prose_parse prose_mac_parse_ids(const u8 *p, size_t len, struct prose_mac_hdr *hdr);
enum prose_parse prose_mac_parse_sdu(const u8 *p, size_t len, size_t total,
				     struct prose_mac_hdr *hdr);
size_t prose_mac_len(bool padded);
void prose_mac_build(u8 *p, u32 src, u32 dst, u8 lcid, bool padded, size_t sdu_len);

enum prose_parse prose_pdcp_parse(const u8 *p, size_t len, u8 lcid, struct prose_pdcp_hdr *hdr);
void prose_pdcp_build(u8 *p, u8 sdu_type, u16 kd_sess_id, u16 sn);

bool prose_count_recover(u32 ref, u16 sn, u32 *count);

void prose_eea_iv(u8 iv[PROSE_EEA_IV_LEN], u32 count, u8 bearer, u8 direction);
void prose_eia_prefix(u8 prefix[PROSE_EIA_PREFIX_LEN], u32 count, u8 bearer, u8 direction);

#endif /* _PROSE_PDCP_H */
