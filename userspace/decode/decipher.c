// SPDX-License-Identifier: MIT
#include <string.h>

#include <openssl/crypto.h>

#include "core/eea.h"
#include "decipher.h"

#define SN_WINDOW	32768
#define HFN_MAX		0xffff
/*
 * A capture that was begun late has no COUNT to go by. So much is looked for, and so often in a
 * stream that has not been found yet: noise under a known KD-sess ID must not cost minutes.
 */
#define SEARCH_HFN	1024
#define SEARCHES_MAX	8
/* In a stream that was lost: so many HFNs further, when the capture has a gap. */
#define SEARCH_AHEAD	4

/* A frame and the context it is tried with. */
struct attempt {
	const uint8_t *octets;
	const struct frame *frame;
	struct context *context;
	struct stream *stream;
	bool ciphered;
	struct opened *opened;
};

/* Does it look like a packet? All there is to go by where no MAC-I is. */
static bool is_ip(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	if (len >= 40 && p[0] >> 4 == 6)
		return (size_t)(p[4] << 8 | p[5]) + 40 == len;
	if (len < 20 || p[0] >> 4 != 4 || (p[0] & 15) < 5 || (p[0] & 15) * 4u > len ||
	    (size_t)(p[2] << 8 | p[3]) != len)
		return false;
	for (size_t i = 0; i < (p[0] & 15) * 4u; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)(sum + (sum >> 16)) == 0xffff;
}

/* With opened->count set. */
static enum verdict try_count(const struct attempt *attempt)
{
	const struct frame *frame = attempt->frame;
	const struct context *context = attempt->context;
	struct opened *opened = attempt->opened;
	const struct eia_input input = { opened->count, frame->lcid, opened->direction };
	const uint8_t *data = attempt->octets + frame->sdu;
	uint8_t mac[EIA_MAC_LEN];

	opened->len = frame->len - (opened->maced ? EIA_MAC_LEN : 0);
	if (eea(attempt->ciphered ? context->eea : EEA0, context->pek, &input, data, opened->len,
		opened->sdu))
		return VERDICT_FAILED;
	if (!opened->maced)
		return is_ip(opened->sdu, opened->len) ? VERDICT_NO_MAC : VERDICT_MAC_WRONG;
	if (eia(context->eia, context->pik, &input, attempt->octets + frame->pdcp, FRAME_PDCP_LEN,
		opened->sdu, opened->len, mac))
		return VERDICT_FAILED;
	return CRYPTO_memcmp(mac, data + opened->len, EIA_MAC_LEN) ? VERDICT_MAC_WRONG :
								     VERDICT_VERIFIED;
}

static enum verdict try_hfn(const struct attempt *attempt, int64_t hfn)
{
	uint32_t count;

	if (hfn < 0 || hfn > HFN_MAX)
		return VERDICT_MAC_WRONG;
	count = (uint32_t)hfn << 16 | attempt->frame->sn;
	if (count < attempt->context->first)
		return VERDICT_MAC_WRONG;
	attempt->opened->count = count;
	return try_count(attempt);
}

/* TS 38.323 5.2.2.1, around the COUNT behind the highest. */
static int64_t expected_hfn(const struct stream *stream, uint16_t sn)
{
	int64_t next = (int64_t)stream->highest + 1;
	int64_t next_sn = next & 0xffff;

	if (sn < next_sn - SN_WINDOW)
		return (next >> 16) + 1;
	if (sn >= next_sn + SN_WINDOW)
		return (next >> 16) - 1;
	return next >> 16;
}

static enum verdict search(const struct attempt *attempt)
{
	struct stream *stream = attempt->stream;
	int64_t hfn = expected_hfn(stream, attempt->frame->sn);
	enum verdict verdict = try_hfn(attempt, hfn);
	int64_t last;

	/* Without a MAC-I something will look like IP if only enough is tried. */
	if (verdict != VERDICT_MAC_WRONG || !attempt->opened->maced || !attempt->context->hfn)
		return verdict;
	if (!stream->taken && stream->searches++ >= SEARCHES_MAX) {
		stream->searches = SEARCHES_MAX;
		return verdict;
	}
	last = hfn + (stream->taken ? SEARCH_AHEAD : SEARCH_HFN);
	while (verdict == VERDICT_MAC_WRONG && ++hfn <= last)
		verdict = try_hfn(attempt, hfn);
	return verdict;
}

static enum verdict try_context(struct attempt *attempt)
{
	const struct frame *frame = attempt->frame;
	struct context *context = attempt->context;
	struct opened *opened = attempt->opened;
	enum verdict verdict;

	opened->eea = context->eea;
	opened->eia = context->eia;
	opened->direction = frame->src == context->ue_2;
	opened->count = frame->sn;
	attempt->stream = &context->streams[frame->lcid][opened->direction];
	opened->maced = !frame_is_data(frame) || context->up_integrity;
	/* UE_2's security mode command is not ciphered. */
	attempt->ciphered = frame->lcid != LCID_SECURITY_MODE || !opened->direction;
	if (frame->len <= (opened->maced ? EIA_MAC_LEN : 0) || frame->len > FRAME_SDU_MAX)
		return VERDICT_MALFORMED;
	if (!context->hfn)
		verdict = try_hfn(attempt, context->kd_sess_id);
	else
		verdict = search(attempt);
	if (verdict == VERDICT_VERIFIED || verdict == VERDICT_NO_MAC) {
		attempt->stream->taken = true;
		if (opened->count > attempt->stream->highest)
			attempt->stream->highest = opened->count;
	} else {
		opened->count = frame->sn;
	}
	return verdict;
}

enum verdict decipher(struct keylog *keylog, const uint8_t *octets, const struct frame *frame,
		      struct opened *opened)
{
	struct attempt attempt = { .octets = octets, .frame = frame, .opened = opened };
	enum verdict verdict = VERDICT_NO_KEY;

	while ((attempt.context = keylog_find(keylog, frame->src, frame->dst, frame->kd_sess_id,
					      attempt.context))) {
		verdict = try_context(&attempt);
		if (verdict == VERDICT_VERIFIED || verdict == VERDICT_NO_MAC) {
			keylog_prefer(keylog, attempt.context);
			return verdict;
		}
		if (verdict == VERDICT_FAILED)
			return verdict;
	}
	return verdict;
}
