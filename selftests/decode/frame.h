/* SPDX-License-Identifier: MIT */
/*
 * A frame of a carrier: Ethernet, or UDP over IP over it; SL-SCH (TS 36.321 6.1.6), PDCP
 * (TS 36.323 6.2.10).
 */
#ifndef DECODE_FRAME_H
#define DECODE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_ETHER_LEN	14

enum frame_lcid {
	LCID_DATA		= 1,	/* the one data bearer in use */
	LCID_DATA_LAST		= 10,	/* data bearers are 1 to 10 */
	LCID_PLAIN		= 28,	/* PC5-S that is not protected */
	LCID_SECURITY_MODE	= 29,	/* PC5-S that activates security */
	LCID_PROTECTED		= 30,	/* other PC5-S that is protected */
	LCID_PADDING		= 31,
};

enum frame_sdu_type {
	SDU_IP			= 0,
	SDU_ARP			= 1,
	SDU_PC5S		= 2,
	SDU_NON_IP		= 3,
	SDU_RESERVED		= 4,	/* and above */
};

struct frame {
	uint32_t src, dst;
	uint8_t lcid;
	bool padded;
	uint8_t sdu_type;
	uint16_t kd_sess_id;
	uint16_t sn;
	const uint8_t *pdcp;	/* header of 5 octets */
	const uint8_t *data;	/* SDU as sent, with MAC-I behind it where there is one */
	size_t data_len;
};

/* What a capture may hold frames in. */
struct frame_carriers {
	uint16_t ethertype;	/* of the link carrier */
	uint16_t udp_port;	/* of the udp carrier, at either end; 0: there is none */
};

uint16_t frame_ethertype(const uint8_t *octets);

/**
 * frame_find() - the frame of a carrier in what was captured
 * @octets: what was captured, from its Ethernet header on
 * @frame: where the SL-SCH subheader is, or NULL when it is not a carrier's
 *
 * Return: NULL, or the reason why it is a carrier's and holds no frame.
 */
const char *frame_find(const struct frame_carriers *carriers, const uint8_t *octets, size_t len,
		       const uint8_t **frame, size_t *frame_len);

/**
 * frame_parse() - take a frame apart
 * @octets: the frame from its SL-SCH subheader on
 *
 * @out has LCID and Layer-2 IDs as soon as they could be read, else LCID 0.
 *
 * Return: NULL, or the reason it is none.
 */
const char *frame_parse(const uint8_t *octets, size_t len, struct frame *out);

static inline bool frame_is_data(const struct frame *frame)
{
	return frame->lcid >= LCID_DATA && frame->lcid <= LCID_DATA_LAST;
}

#endif
