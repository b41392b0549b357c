// SPDX-License-Identifier: MIT
/*
 * What `prose decode` reads of others: key logs and captures. Octet 1 says which: 0, the rest is a
 * key log; else frames, in turn, under keys that are known, of a capture of that link type.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/eea.h"
#include "decode/decipher.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"

#define WHY_MAX		512
/* A stream that is not found costs a search. */
#define FRAMES_MAX	32

static const char known[] =
	"# three contexts, one of each kind\n"
	"PROSE_SESSION 0a0b0c 1d1e1f 1234 2 2 1 hfn "
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
	"PROSE_SESSION 1d1e1f 0a0b0c 1234 1 1 1 sess-id "
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
	"PROSE_SESSION 0a0b0c 1d1e1f 5678 3 3 0 hfn "
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f\n";

static const int link_types[] = { 1, 101, 113, 276, 12345 };
static const struct frame_carriers carriers = { .ethertype = 0x88b5, .udp_port = 7800 };

static void try_keylog(const uint8_t *data, size_t size)
{
	struct keylog *keylog = keylog_new();
	char why[WHY_MAX] = "";

	fuzz_check(keylog);
	if (keylog_read(keylog, fuzz_file(0, data, size), why, sizeof(why)))
		fuzz_check(keying_text_valid(why, strlen(why)));
	keylog_free(keylog);
}

/* Deciphered once more it is what it was. */
static void check_opened(const struct context *context, const uint8_t *octets,
			 const struct frame *frame, const struct opened *opened, bool ciphered)
{
	struct eia_input input = { opened->count, frame->lcid, opened->direction };
	static uint8_t again[FRAME_SDU_MAX];

	fuzz_check(opened->len && opened->len <= frame->len);
	fuzz_check((opened->count & 0xffff) == frame->sn && opened->count >= context->first);
	fuzz_check(!eea(ciphered ? context->eea : EEA0, context->pek, &input, opened->sdu,
			opened->len, again));
	fuzz_check(!memcmp(again, octets + frame->sdu, opened->len));
}

static void try_frame(struct keylog *keylog, int link_type, const uint8_t *octets, size_t len)
{
	static struct opened opened;
	struct context *context;
	const char *reason = NULL;
	enum frame_kind kind;
	enum verdict verdict;
	struct frame frame;

	kind = frame_read(link_type, &carriers, octets, len, &frame, &reason);
	fuzz_check((kind == FRAME_MALFORMED) == (reason != NULL));
	if (kind != FRAME_PLAIN && kind != FRAME_PROTECTED)
		return;
	fuzz_check(frame.pdcp + FRAME_PDCP_LEN == frame.sdu && frame.len && frame.sdu <= len &&
		   frame.len <= len - frame.sdu);
	if (kind == FRAME_PLAIN)
		return;
	verdict = decipher(keylog, octets, &frame, &opened);
	fuzz_check(verdict != VERDICT_LEFT && verdict != VERDICT_FAILED);
	if (verdict != VERDICT_VERIFIED && verdict != VERDICT_NO_MAC)
		return;
	context = keylog_find(keylog, frame.src, frame.dst, frame.kd_sess_id, NULL);
	fuzz_check(context && opened.direction == (frame.src == context->ue_2));
	check_opened(context, octets, &frame, &opened,
		     frame.lcid != LCID_SECURITY_MODE || !opened.direction);
}

static void try_frames(uint8_t kind, const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct keylog *keylog = keylog_new();
	char why[WHY_MAX];
	uint8_t *octets;
	size_t len;

	fuzz_check(keylog);
	fuzz_check(!keylog_read(keylog, fuzz_file(0, known, sizeof(known) - 1), why, sizeof(why)));
	fuzz_check(keylog->n == 3);
	for (int n = 0; input.len && n < FRAMES_MAX; n++) {
		octets = fuzz_copy(&input, fuzz_u16(&input) % 2048, &len);
		try_frame(keylog, link_types[kind % (sizeof(link_types) / sizeof(link_types[0]))],
			  octets, len);
		free(octets);
	}
	keylog_free(keylog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (!data[0])
		try_keylog(data + 1, size - 1);
	else
		try_frames((uint8_t)(data[0] - 1), data + 1, size - 1);
	return 0;
}

/* A frame as a sender makes it, with or without padding, behind an Ethernet header. */
static void put_frame(struct fuzz_output *output, const struct context *context, uint8_t lcid,
		      bool from_ue_2, uint32_t count, bool padded)
{
	const uint8_t ip[20] = { 0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2 };
	const uint32_t src = from_ue_2 ? context->ue_2 : context->ue_1;
	const uint32_t dst = from_ue_2 ? context->ue_1 : context->ue_2;
	struct eia_input input = { count, lcid, from_ue_2 };
	uint8_t octets[80] = { [12] = 0x88, 0xb5, 0x30 }, *p = octets + 22, *pdcp;
	uint8_t sdu[sizeof(ip)];
	uint16_t len = FRAME_PDCP_LEN + sizeof(ip);
	bool maced = lcid > LCID_DATA_LAST || context->up_integrity;

	memcpy(sdu, ip, sizeof(ip));
	/* The header's checksum, which a frame without MAC-I is known by. */
	sdu[10] = 0x66;
	sdu[11] = 0xd7;
	len = (uint16_t)(len + (maced ? EIA_MAC_LEN : 0));
	for (int i = 0; i < 3; i++) {
		octets[15 + i] = (uint8_t)(src >> (16 - 8 * i));
		octets[18 + i] = (uint8_t)(dst >> (16 - 8 * i));
	}
	octets[21] = lcid;
	if (padded) {
		octets[21] |= 0x20;
		*p++ = (uint8_t)len;
		*p++ = 31;
	}
	pdcp = p;
	p[0] = lcid > LCID_DATA_LAST ? 0x40 : 0;
	p[1] = (uint8_t)(context->kd_sess_id >> 8);
	p[2] = (uint8_t)context->kd_sess_id;
	p[3] = (uint8_t)(count >> 8);
	p[4] = (uint8_t)count;
	if (maced)
		fuzz_check(!eia(context->eia, context->pik, &input, pdcp, FRAME_PDCP_LEN, sdu,
				sizeof(sdu), pdcp + FRAME_PDCP_LEN + sizeof(sdu)));
	fuzz_check(!eea(lcid == LCID_SECURITY_MODE && from_ue_2 ? EEA0 : context->eea, context->pek,
			&input, sdu, sizeof(sdu), pdcp + FRAME_PDCP_LEN));
	len = (uint16_t)(pdcp - octets + len + 3 * padded);
	fuzz_put_u16(output, len);
	fuzz_put_octets(output, octets, len);
}

void fuzz_seeds(fuzz_put *put)
{
	static const uint8_t lcids[] = { 1, LCID_SECURITY_MODE, LCID_PROTECTED };
	static struct fuzz_output output;
	struct keylog *keylog = keylog_new();
	char why[WHY_MAX];

	fuzz_put_u8(&output, 0);
	fuzz_put_octets(&output, known, sizeof(known) - 1);
	put("keys", output.data, output.len);
	fuzz_check(keylog &&
		   !keylog_read(keylog, fuzz_file(0, known, sizeof(known) - 1), why, sizeof(why)));
	for (int padded = 0; padded < 2; padded++) {
		output.len = 0;
		fuzz_put_u8(&output, 1);
		for (size_t id = 0; id < sizeof(keylog->by_id) / sizeof(keylog->by_id[0]); id++)
			for (const struct context *c = keylog->by_id[id]; c; c = c->next)
				for (size_t i = 0; i < sizeof(lcids); i++)
					for (int ue_2 = 0; ue_2 < 2; ue_2++)
						put_frame(&output, c, lcids[i], ue_2, c->first, padded);
		put(padded ? "padded" : "frames", output.data, output.len);
	}
	keylog_free(keylog);
}
