// SPDX-License-Identifier: MIT

#include <string.h>

#include "frame.h"
#include "octets.h"

#define VERSION_DST_24	3	/* V: destination of 24 bits */
#define SL_SCH_LEN	7	/* V and R, SRC, DST */
#define PDCP_HDR_LEN	5
#define UDP_LEN		8

#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define PROTOCOL_UDP	17
#define PROTOCOL_FRAGMENT	44	/* IPv6's header of a fragment */
#define IPV4_MORE	0x2000
#define IPV4_OFFSET	0x1fff
#define IPV6_MORE	1
#define IPV6_OFFSET	0xfff8

#define MAC_E		0x20
#define MAC_LCID	0x1f
#define MAC_F		0x80

uint16_t frame_ethertype(const uint8_t *octets)
{
	return get16(octets + 12);
}

/*
 * UDP in a packet of IPv4 or IPv6: what follows the IP header, at its own length; false when it is
 * something else. Without options and extension headers: the carrier sends none.
 */
static bool ip_udp(uint16_t ethertype, const uint8_t **pos, size_t *len, bool *fragment)
{
	const uint8_t *p = *pos;
	size_t header, total;

	if (ethertype == ETHERTYPE_IPV4) {
		if (*len < 20 || p[0] != 0x45 || p[9] != PROTOCOL_UDP || get16(p + 6) & IPV4_OFFSET)
			return false;
		*fragment = get16(p + 6) & IPV4_MORE;
		header = 20;
		total = get16(p + 2);
	} else {
		if (*len < 40 || p[0] >> 4 != 6)
			return false;
		header = 40;
		total = 40u + get16(p + 4);
		*fragment = p[6] == PROTOCOL_FRAGMENT;
		if (*fragment) {
			if (*len < 48 || p[40] != PROTOCOL_UDP || get16(p + 42) & IPV6_OFFSET)
				return false;
			*fragment = get16(p + 42) & IPV6_MORE;
			header = 48;
		} else if (p[6] != PROTOCOL_UDP) {
			return false;
		}
	}
	/* Behind it may be padding of Ethernet's. */
	if (total < header || total > *len)
		return false;
	*pos = p + header;
	*len = total - header;
	return true;
}

/*
 * The packet around a frame is not what is judged here: its checksum may be left to hardware that
 * comes after the capture, and whoever changes it changes nothing that counts.
 */
static const char *find_udp(uint16_t port, uint16_t ethertype, const uint8_t *p, size_t len,
			    const uint8_t **frame, size_t *frame_len)
{
	bool fragment;

	if (!ip_udp(ethertype, &p, &len, &fragment) || len < UDP_LEN ||
	    (get16(p) != port && get16(p + 2) != port))
		return NULL;
	if (fragment)
		return "in fragments, which the carrier must not make";
	if (get16(p + 4) < UDP_LEN || get16(p + 4) > len)
		return "UDP length wrong";
	*frame = p + UDP_LEN;
	*frame_len = get16(p + 4) - UDP_LEN;
	return NULL;
}

const char *frame_find(const struct frame_carriers *carriers, const uint8_t *octets, size_t len,
		       const uint8_t **frame, size_t *frame_len)
{
	uint16_t ethertype;

	*frame = NULL;
	if (len < FRAME_ETHER_LEN)
		return "shorter than an Ethernet header";
	ethertype = frame_ethertype(octets);
	octets += FRAME_ETHER_LEN;
	len -= FRAME_ETHER_LEN;
	if (ethertype == carriers->ethertype) {
		*frame = octets;
		*frame_len = len;
		return NULL;
	}
	if (!carriers->udp_port || (ethertype != ETHERTYPE_IPV4 && ethertype != ETHERTYPE_IPV6))
		return NULL;
	return find_udp(carriers->udp_port, ethertype, octets, len, frame, frame_len);
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
	const uint8_t *p = octets;
	const char *reason;

	memset(out, 0, sizeof(*out));
	if (len < SL_SCH_LEN)
		return "shorter than its SL-SCH subheader";
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
