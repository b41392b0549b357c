// SPDX-License-Identifier: MIT

#include <string.h>

#include "frame.h"
#include "octets.h"

#define VERSION_DST_24	3	/* V: destination of 24 bits */
#define SL_SCH_LEN	7	/* V and R, SRC, DST */
#define PDCP_HDR_LEN	5

#define MAC_E		0x20
#define MAC_LCID	0x1f
#define MAC_F		0x80

uint16_t frame_ethertype(const uint8_t *octets)
{
	return get16(octets + 12);
}

/* The SDU between MAC subheaders and padding. NULL and *@len set, or a reason. */
static const char *mac_sdu(const uint8_t **pos, size_t *len, struct frame *out)
{
	const uint8_t *p = *pos;
	size_t left = *len, sdu_len;

	if (!left)
		return "shorter than its MAC subheader";
	out->lcid = p[0] & MAC_LCID;
	if (!(p[0] & MAC_E)) {
		*pos = p + 1;
		*len = left - 1;
		return NULL;
	}
	if (left < 2)
		return "shorter than its MAC subheader";
	if (p[1] & MAC_F) {
		if (left < 3)
			return "shorter than its MAC subheader";
		sdu_len = get16(p + 1) & 0x7fff;
		p += 3;
		left -= 3;
	} else {
		sdu_len = p[1];
		p += 2;
		left -= 2;
	}
	if (!left)
		return "shorter than its MAC subheader";
	/* One SDU a frame: what follows it can only be padding. */
	if ((p[0] & MAC_E) || (p[0] & MAC_LCID) != LCID_PADDING)
		return "more than one MAC SDU";
	p++;
	left--;
	if (sdu_len > left)
		return "MAC SDU longer than the frame";
	out->padded = true;
	*pos = p;
	*len = sdu_len;
	return NULL;
}

const char *frame_parse(const uint8_t *octets, size_t len, struct frame *out)
{
	const uint8_t *p = octets + FRAME_ETHER_LEN;
	const char *reason;

	memset(out, 0, sizeof(*out));
	if (len < FRAME_ETHER_LEN + SL_SCH_LEN)
		return "shorter than its SL-SCH subheader";
	len -= FRAME_ETHER_LEN;
	if (p[0] >> 4 != VERSION_DST_24)
		return "reserved version of the SL-SCH subheader";
	out->src = get24(p + 1);
	out->dst = get24(p + 4);
	p += SL_SCH_LEN;
	len -= SL_SCH_LEN;
	reason = mac_sdu(&p, &len, out);
	if (reason)
		return reason;
	if (len < PDCP_HDR_LEN)
		return "shorter than its PDCP header";
	out->pdcp = p;
	out->sdu_type = p[0] >> 5;
	out->kd_sess_id = get16(p + 1);
	out->sn = get16(p + 3);
	out->data = p + PDCP_HDR_LEN;
	out->data_len = len - PDCP_HDR_LEN;
	if (out->sdu_type >= SDU_RESERVED)
		return "reserved SDU type";
	switch (out->lcid) {
	case LCID_DATA:
		return out->sdu_type == SDU_IP ? NULL : "SDU type is not IP on a data bearer";
	case LCID_PLAIN:
	case LCID_SECURITY_MODE:
	case LCID_PROTECTED:
		return out->sdu_type == SDU_PC5S ? NULL :
		       "SDU type is not PC5 Signalling on a signalling bearer";
	default:
		return "LCID without a bearer";
	}
}
