/* SPDX-License-Identifier: MIT */
/* A frame of a carrier in what was captured: protocol.rst has the octets. */
#ifndef PROSE_DECODE_FRAME_H
#define PROSE_DECODE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_PDCP_LEN	5
#define FRAME_SDU_MAX	8188	/* TS 36.323 4.3.1 */

enum frame_lcid {
	LCID_DATA		= 1,
	LCID_DATA_LAST		= 10,
	LCID_PLAIN		= 28,
	LCID_SECURITY_MODE	= 29,
	LCID_PROTECTED		= 30,
};

enum frame_kind {
	FRAME_OTHER,		/* nothing of a carrier */
	FRAME_FRAGMENT,		/* of a datagram of the udp carrier */
	FRAME_MALFORMED,
	FRAME_PLAIN,		/* not protected */
	FRAME_PROTECTED,
};

/* What a carrier is known by. */
struct frame_carriers {
	uint16_t ethertype;
	uint16_t udp_port;	/* at either end; 0: there is none */
};

/**
 * struct frame - where things are in a frame
 * @pdcp: offset of its PDCP header
 * @sdu: offset of the SDU
 * @len: octets of the SDU, with the MAC-I where there is one
 */
struct frame {
	uint32_t src, dst;
	uint8_t lcid;
	uint16_t kd_sess_id, sn;
	size_t pdcp, sdu, len;
};

/* Can frames of a capture of this link type (LINKTYPE_*) be found? */
bool frame_link_type(int link_type);

/**
 * frame_read() - take apart what was captured
 * @link_type: of the capture, one that frame_link_type() knows
 * @carriers: what to look for
 * @octets: what was captured
 * @len: its octets
 * @frame: filled for FRAME_PLAIN and FRAME_PROTECTED
 * @reason: for FRAME_MALFORMED: why
 */
enum frame_kind frame_read(int link_type, const struct frame_carriers *carriers,
			   const uint8_t *octets, size_t len, struct frame *frame,
			   const char **reason);

static inline bool frame_is_data(const struct frame *frame)
{
	return frame->lcid >= LCID_DATA && frame->lcid <= LCID_DATA_LAST;
}

#endif
