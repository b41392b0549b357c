// SPDX-License-Identifier: MIT
#include <string.h>

#include "frame.h"

#define LINKTYPE_ETHERNET	1
#define LINKTYPE_RAW		101
#define LINKTYPE_LINUX_SLL	113
#define LINKTYPE_LINUX_SLL2	276

#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHERTYPE_VLAN	0x8100
#define ETHERTYPE_QINQ	0x88a8
#define PROTOCOL_UDP	17
#define PROTOCOL_FRAGMENT	44
#define UDP_LEN		8

#define MAC_VERSION	3
#define SL_SCH_LEN	7
#define MAC_E		0x20
#define MAC_LCID	0x1f
#define MAC_F		0x80
#define LCID_PADDING	31
#define SDU_IP		0
#define SDU_PC5S	2

/* Where the headers of a link type have the EtherType, and how long they are. */
static const struct link {
	int type;
	size_t ethertype, len;
} links[] = {
	{ LINKTYPE_ETHERNET, 12, 14 },
	{ LINKTYPE_LINUX_SLL, 14, 16 },
	{ LINKTYPE_LINUX_SLL2, 0, 20 },
	{ LINKTYPE_RAW, 0, 0 },
};

/* Octets that are left to read. */
struct cursor {
	const uint8_t *start;
	size_t at, end;
};

static const uint8_t *here(const struct cursor *cursor)
{
	return cursor->start + cursor->at;
}

static size_t left(const struct cursor *cursor)
{
	return cursor->end - cursor->at;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static const struct link *link_of(int type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].type == type)
			return &links[i];
	return NULL;
}

bool frame_link_type(int link_type)
{
	return link_of(link_type);
}

/* The EtherType behind the headers of the link; 0 when there is none. */
static uint16_t read_link(int link_type, struct cursor *cursor)
{
	const struct link *link = link_of(link_type);
	uint16_t ethertype;

	if (!link || left(cursor) < link->len + !link->len)
		return 0;
	if (!link->len)
		return *here(cursor) >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
	ethertype = get16(here(cursor) + link->ethertype);
	cursor->at += link->len;
	while ((ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ) && left(cursor) >= 4) {
		ethertype = get16(here(cursor) + 2);
		cursor->at += 4;
	}
	return ethertype;
}

/*
 * Steps over the header of IP, when UDP follows: FRAME_PLAIN, or FRAME_FRAGMENT when not all of it
 * does. What is behind the packet is Ethernet's padding.
 */
static enum frame_kind read_ipv4(struct cursor *cursor)
{
	const uint8_t *p = here(cursor);
	size_t header, total;

	if (left(cursor) < 20 || p[0] >> 4 != 4 || p[9] != PROTOCOL_UDP)
		return FRAME_OTHER;
	header = (p[0] & 15) * 4u;
	total = get16(p + 2);
	if (header < 20 || total < header || total > left(cursor))
		return FRAME_OTHER;
	/* Only the first fragment says of what. */
	if (get16(p + 6) & 0x1fff)
		return FRAME_OTHER;
	cursor->end = cursor->at + total;
	cursor->at += header;
	return get16(p + 6) & 0x2000 ? FRAME_FRAGMENT : FRAME_PLAIN;
}

static enum frame_kind read_ipv6(struct cursor *cursor)
{
	const uint8_t *p = here(cursor);

	if (left(cursor) < 40 || p[0] >> 4 != 6 || 40u + get16(p + 4) > left(cursor))
		return FRAME_OTHER;
	cursor->end = cursor->at + 40u + get16(p + 4);
	if (p[6] == PROTOCOL_FRAGMENT && left(cursor) >= 48 && p[40] == PROTOCOL_UDP &&
	    !(get16(p + 42) & 0xfff8)) {
		cursor->at += 48;
		return FRAME_FRAGMENT;
	}
	if (p[6] != PROTOCOL_UDP)
		return FRAME_OTHER;
	cursor->at += 40;
	return FRAME_PLAIN;
}

static enum frame_kind read_udp(uint16_t port, bool fragment, struct cursor *cursor)
{
	const uint8_t *p = here(cursor);
	size_t len;

	if (!port || left(cursor) < UDP_LEN || (get16(p) != port && get16(p + 2) != port))
		return FRAME_OTHER;
	if (fragment)
		return FRAME_FRAGMENT;
	len = get16(p + 4);
	if (len < UDP_LEN || len > left(cursor))
		return FRAME_OTHER;
	cursor->end = cursor->at + len;
	cursor->at += UDP_LEN;
	return FRAME_PLAIN;
}

/* Steps over all that is around the MAC PDU. */
static enum frame_kind read_carrier(int link_type, const struct frame_carriers *carriers,
				    struct cursor *cursor)
{
	uint16_t ethertype = read_link(link_type, cursor);
	enum frame_kind kind;

	if (ethertype == carriers->ethertype)
		return FRAME_PLAIN;
	if (ethertype == ETHERTYPE_IPV4)
		kind = read_ipv4(cursor);
	else if (ethertype == ETHERTYPE_IPV6)
		kind = read_ipv6(cursor);
	else
		return FRAME_OTHER;
	if (kind == FRAME_OTHER)
		return kind;
	return read_udp(carriers->udp_port, kind == FRAME_FRAGMENT, cursor);
}

/* NULL, or what is wrong. */
static const char *read_mac(struct cursor *cursor, struct frame *frame)
{
	const uint8_t *p = here(cursor);
	size_t size, len;

	if (left(cursor) < SL_SCH_LEN + 1)
		return "shorter than its MAC header";
	if (p[0] >> 4 != MAC_VERSION)
		return "reserved version of the SL-SCH subheader";
	frame->src = get24(p + 1);
	frame->dst = get24(p + 4);
	frame->lcid = p[SL_SCH_LEN] & MAC_LCID;
	cursor->at += SL_SCH_LEN + 1;
	if (!(p[SL_SCH_LEN] & MAC_E))
		return NULL;
	p = here(cursor);
	size = left(cursor) && *p & MAC_F ? 2 : 1;
	if (left(cursor) < size + 1)
		return "shorter than its MAC header";
	len = size == 2 ? get16(p) & 0x7fff : p[0];
	if ((p[size] & (MAC_E | MAC_LCID)) != LCID_PADDING)
		return "more than one SDU";
	cursor->at += size + 1;
	if (len > left(cursor))
		return "SDU longer than the frame";
	cursor->end = cursor->at + len;
	return NULL;
}

static const char *read_pdcp(struct cursor *cursor, struct frame *frame)
{
	const uint8_t *p = here(cursor);
	bool signalling = frame->lcid >= LCID_PLAIN && frame->lcid <= LCID_PROTECTED;

	if (left(cursor) < FRAME_PDCP_LEN + 1)
		return "shorter than its PDCP header and one octet";
	frame->pdcp = cursor->at;
	frame->kd_sess_id = get16(p + 1);
	frame->sn = get16(p + 3);
	frame->sdu = cursor->at + FRAME_PDCP_LEN;
	frame->len = left(cursor) - FRAME_PDCP_LEN;
	if (!signalling && !frame_is_data(frame))
		return "LCID without a bearer";
	if (p[0] >> 5 != (signalling ? SDU_PC5S : SDU_IP))
		return "SDU type does not fit the bearer";
	if ((frame->lcid == LCID_PLAIN) != !frame->kd_sess_id)
		return frame->kd_sess_id ? "KD-sess ID on the unprotected bearer" :
					   "KD-sess ID 0 on a protected bearer";
	return NULL;
}

enum frame_kind frame_read(int link_type, const struct frame_carriers *carriers,
			   const uint8_t *octets, size_t len, struct frame *frame,
			   const char **reason)
{
	struct cursor cursor = { octets, 0, len };
	enum frame_kind kind = read_carrier(link_type, carriers, &cursor);

	memset(frame, 0, sizeof(*frame));
	if (kind != FRAME_PLAIN)
		return kind;
	*reason = read_mac(&cursor, frame);
	if (!*reason)
		*reason = read_pdcp(&cursor, frame);
	if (*reason)
		return FRAME_MALFORMED;
	return frame->lcid == LCID_PLAIN ? FRAME_PLAIN : FRAME_PROTECTED;
}
