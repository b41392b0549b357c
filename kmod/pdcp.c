// SPDX-License-Identifier: GPL-2.0-only
/* Headers of the carrier frame and COUNT, see pdcp.h. */

#include "pdcp.h"

/* V of the SL-SCH subheader with a DST of 24 bits. 1 and 2 are group forms. */
#define MAC_VERSION_24		3

#define MAC_SUBHDR_E		0x20
#define MAC_SUBHDR_LCID		0x1f
#define MAC_LEN_F		0x80

/**
 * prose_mac_parse_ids() - read the SL-SCH subheader
 * @p: start of the frame
 * @len: octets at @p
 * @hdr: where to put src and dst
 *
 * This much says whose frame it is; the rest is that device's to judge.
 *
 * Return: the verdict; @hdr is not written unless it is PROSE_PARSE_OK.
 */
enum prose_parse prose_mac_parse_ids(const u8 *p, size_t len, struct prose_mac_hdr *hdr)
{
	if (len < PROSE_MAC_HDR_LEN)
		return PROSE_PARSE_SHORT;
	if (p[0] >> 4 != MAC_VERSION_24)
		return PROSE_PARSE_RESERVED;

	hdr->src = prose_get_be24(p + 1);
	hdr->dst = prose_get_be24(p + 4);
	return PROSE_PARSE_OK;
}

static enum prose_parse lcid_check(u8 lcid)
{
	if (lcid == PROSE_LCID_DATA ||
	    (lcid >= PROSE_LCID_UNPROTECTED && lcid <= PROSE_LCID_SIGNAL))
		return PROSE_PARSE_OK;
	if (lcid > PROSE_LCID_DATA && lcid <= PROSE_LCID_DATA_LAST)
		return PROSE_PARSE_BEARER;
	return PROSE_PARSE_RESERVED;
}

/**
 * prose_mac_parse_sdu() - read the MAC subheaders
 * @p: start of the frame
 * @len: octets that can be read at @p, at least the lesser of @total and PROSE_MAC_HDR_MAX
 * @total: length of the whole frame
 * @hdr: where to put lcid, sdu_off and sdu_len
 *
 * Takes one SDU, to the end of the frame or with an explicit length and padding
 * after it. A second SDU is nothing this carrier has.
 *
 * Return: the verdict.
 */
enum prose_parse prose_mac_parse_sdu(const u8 *p, size_t len, size_t total,
				     struct prose_mac_hdr *hdr)
{
	enum prose_parse verdict;
	size_t off, sdu_len;

	if (len < PROSE_MAC_HDR_LEN)
		return PROSE_PARSE_SHORT;

	hdr->lcid = p[7] & MAC_SUBHDR_LCID;
	verdict = lcid_check(hdr->lcid);
	if (verdict != PROSE_PARSE_OK)
		return verdict;

	off = PROSE_MAC_HDR_LEN;
	if (!(p[7] & MAC_SUBHDR_E)) {
		hdr->sdu_off = off;
		hdr->sdu_len = total - off;
		return PROSE_PARSE_OK;
	}

	if (len < off + 1)
		return PROSE_PARSE_SHORT;
	sdu_len = p[off] & ~MAC_LEN_F & 0xff;
	if (p[off++] & MAC_LEN_F) {
		if (len < off + 1)
			return PROSE_PARSE_SHORT;
		sdu_len = sdu_len << 8 | p[off++];
	}

	if (len < off + 1)
		return PROSE_PARSE_SHORT;
	if ((p[off] & (MAC_SUBHDR_E | MAC_SUBHDR_LCID)) != PROSE_LCID_PADDING)
		return PROSE_PARSE_RESERVED;
	off++;

	if (sdu_len > total - off)
		return PROSE_PARSE_SHORT;
	hdr->sdu_off = off;
	hdr->sdu_len = sdu_len;
	return PROSE_PARSE_OK;
}

/**
 * prose_mac_len() - length of the MAC header
 * @padded: with explicit length and padding
 *
 * Return: octets prose_mac_build() writes.
 */
size_t prose_mac_len(bool padded)
{
	return PROSE_MAC_HDR_LEN + (padded ? PROSE_MAC_PAD_LEN : 0);
}

/**
 * prose_mac_build() - write the MAC header
 * @p: where, prose_mac_len() octets
 * @src: own Layer-2 ID
 * @dst: the other side's
 * @lcid: logical channel
 * @padded: padding follows the SDU
 * @sdu_len: length of the SDU, used if @padded; below 128, as only short frames are
 */
void prose_mac_build(u8 *p, u32 src, u32 dst, u8 lcid, bool padded, size_t sdu_len)
{
	p[0] = MAC_VERSION_24 << 4;
	prose_put_be24(p + 1, src);
	prose_put_be24(p + 4, dst);
	p[7] = lcid;
	if (padded) {
		p[7] |= MAC_SUBHDR_E;
		p[8] = sdu_len & ~MAC_LEN_F & 0xff;
		p[9] = PROSE_LCID_PADDING;
	}
}

/**
 * prose_pdcp_parse() - read the PDCP header
 * @p: start of the PDCP PDU
 * @len: octets at @p
 * @lcid: logical channel it came on
 * @hdr: where to put the fields
 *
 * Return: the verdict. R bits are ignored (TS 36.323 6.3.6).
 */
enum prose_parse prose_pdcp_parse(const u8 *p, size_t len, u8 lcid, struct prose_pdcp_hdr *hdr)
{
	if (len < PROSE_PDCP_HDR_LEN)
		return PROSE_PARSE_SHORT;

	hdr->sdu_type = p[0] >> 5;
	hdr->kd_sess_id = prose_get_be16(p + 1);
	hdr->sn = prose_get_be16(p + 3);

	if (hdr->sdu_type > PROSE_SDU_NON_IP)
		return PROSE_PARSE_RESERVED;
	if (hdr->sdu_type != (lcid == PROSE_LCID_DATA ? PROSE_SDU_IP : PROSE_SDU_PC5S))
		return PROSE_PARSE_SDU_TYPE;
	if (lcid == PROSE_LCID_UNPROTECTED) {
		/* TS 36.323 5.1.3: unciphered PDUs carry zeros here. */
		if (hdr->kd_sess_id || hdr->sn)
			return PROSE_PARSE_RESERVED;
	} else if (!hdr->kd_sess_id) {
		return PROSE_PARSE_UNPROTECTED;
	}
	return PROSE_PARSE_OK;
}

/**
 * prose_pdcp_build() - write the PDCP header
 * @p: where, PROSE_PDCP_HDR_LEN octets
 * @sdu_type: what the SDU is
 * @kd_sess_id: association that protects it, or 0
 * @sn: low half of COUNT, or 0
 */
void prose_pdcp_build(u8 *p, u8 sdu_type, u16 kd_sess_id, u16 sn)
{
	p[0] = sdu_type << 5;
	prose_put_be16(p + 1, kd_sess_id);
	prose_put_be16(p + 3, sn);
}

/**
 * prose_count_recover() - the COUNT an SN stands for
 * @ref: the COUNT expected next (RX_DELIV of TS 38.323, where nothing is reordered)
 * @sn: SN received
 * @count: where to put the COUNT
 *
 * TS 38.323 5.2.2.1: of the HFNs at hand, the one that puts COUNT nearest to
 * what is expected.
 *
 * Return: false when that HFN would be below 0 or beyond 16 bits. There is no
 * such COUNT.
 */
bool prose_count_recover(u32 ref, u16 sn, u32 *count)
{
	u32 hfn = ref >> 16;
	u32 exp = ref & 0xffff;

	if (sn + PROSE_SN_WINDOW < exp) {
		if (hfn == 0xffff)
			return false;
		hfn++;
	} else if (sn >= exp + PROSE_SN_WINDOW) {
		if (hfn == 0)
			return false;
		hfn--;
	}
	*count = hfn << 16 | sn;
	return true;
}

/**
 * prose_eea_iv() - initial counter block of 128-EEA2, TS 33.401 B.1.3
 * @iv: where to put it
 * @count: COUNT
 * @bearer: BEARER, the LCID
 * @direction: DIRECTION
 */
void prose_eea_iv(u8 iv[PROSE_EEA_IV_LEN], u32 count, u8 bearer, u8 direction)
{
	memset(iv, 0, PROSE_EEA_IV_LEN);
	prose_put_be16(iv, count >> 16);
	prose_put_be16(iv + 2, count & 0xffff);
	iv[4] = bearer << 3 | direction << 2;
}

/**
 * prose_eia_prefix() - what 128-EIA2 puts in front of the message, TS 33.401 B.2.3
 * @prefix: where to put it
 * @count: COUNT
 * @bearer: BEARER, the LCID
 * @direction: DIRECTION
 */
void prose_eia_prefix(u8 prefix[PROSE_EIA_PREFIX_LEN], u32 count, u8 bearer, u8 direction)
{
	memset(prefix, 0, PROSE_EIA_PREFIX_LEN);
	prose_put_be16(prefix, count >> 16);
	prose_put_be16(prefix + 2, count & 0xffff);
	prefix[4] = bearer << 3 | direction << 2;
}
