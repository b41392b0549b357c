// SPDX-License-Identifier: MIT

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "decoder.h"
#include "finding.h"
#include "frame.h"
#include "payload.h"


/* A protected frame on its way through the decoder. */
struct work {
	const struct frame *frame;
	struct context *context;
	uint32_t count;
	uint8_t direction;
	bool ciphered, maced;
	size_t len;			/* of the SDU */
	uint8_t sdu[CRYPTO_SDU_MAX];
};

enum opened {
	OPENED,
	MAC_WRONG,
	CANNOT,		/* *reason says why */
	FATAL,
};

static void count_reason(struct decoder_sums *sums, const char *reason)
{
	size_t i;

	for (i = 0; i < DECODER_REASONS - 1; i++) {
		if (!sums->reasons[i].text)
			sums->reasons[i].text = reason;
		if (!strcmp(sums->reasons[i].text, reason))
			break;
	}
	sums->reasons[i].n++;
}

static void undecodable(struct decoder *decoder, const char *reason)
{
	count_reason(&decoder->sums, reason);
	finding_add(FINDING_UNDECODABLE, decoder->sums.frames, "%s", reason);
}

/* Direction and what protection it asks for; both hang on who is UE_2 in this context. */
static void set_context(struct work *work, struct context *context)
{
	const struct frame *frame = work->frame;

	work->context = context;
	work->direction = frame->src == context->ue_2;
	work->maced = !frame_is_data(frame) || context->up_integrity;
	/* TS 24.334 10.4.5: the command, which only UE_2 sends, is not ciphered. */
	work->ciphered = frame->lcid != LCID_SECURITY_MODE || !work->direction;
}

/* false: there is no such COUNT; the lowest one is 1, or SN 1 where COUNT has the ID in it. */
static bool choose_count(struct work *work)
{
	const struct context *context = work->context;
	const struct stream *stream = &context->streams[work->frame->lcid][work->direction];

	if (!context->hfn)
		work->count = (uint32_t)context->kd_sess_id << 16 | work->frame->sn;
	else if (!stream_count(stream, work->frame->sn, &work->count))
		return false;
	return work->count >= stream->start;
}

/* With context, COUNT and direction set. */
static enum opened open_sdu(struct work *work, const char **reason)
{
	const struct frame *frame = work->frame;
	const struct context *context = work->context;
	struct crypto_input input = {
		.key = context->pek, .count = work->count, .bearer = frame->lcid,
		.direction = work->direction,
	};
	uint8_t mac[CRYPTO_MAC_LEN];

	work->len = frame->data_len;
	if (work->maced) {
		if (work->len < CRYPTO_MAC_LEN) {
			*reason = "shorter than its MAC-I";
			return CANNOT;
		}
		work->len -= CRYPTO_MAC_LEN;
	}
	if (work->len > CRYPTO_SDU_MAX) {
		*reason = "SDU longer than 8188 octets";
		return CANNOT;
	}
	if (!work->ciphered || context->eea == CRYPTO_NULL) {
		memcpy(work->sdu, frame->data, work->len);
	} else if (context->eea > CRYPTO_ZUC) {
		*reason = "ciphering algorithm is not supported here";
		return CANNOT;
	} else if (!crypto_eea(context->eea, &input, frame->data, work->len, work->sdu)) {
		return FATAL;
	}
	if (!work->maced)
		return OPENED;
	if (context->eia == CRYPTO_NULL) {
		*reason = "EIA0 was chosen, which integrity protects nothing";
		return CANNOT;
	}
	if (context->eia > CRYPTO_ZUC) {
		*reason = "integrity algorithm is not supported here";
		return CANNOT;
	}
	input.key = context->pik;
	if (!crypto_eia(context->eia, &input, frame->pdcp, work->sdu, work->len, mac))
		return FATAL;
	return CRYPTO_memcmp(mac, frame->data + work->len, CRYPTO_MAC_LEN) ? MAC_WRONG : OPENED;
}

static bool use_count(struct decoder *decoder, const struct work *work)
{
	uint64_t number = decoder->sums.frames, before;
	struct tuple tuple = {
		.key = work->context->key, .count = work->count, .bearer = work->frame->lcid,
		.direction = work->direction, .frame = number,
	};

	if (!tuples_add(&decoder->tuples, &tuple, &before)) {
		fprintf(stderr, "decode: out of memory\n");
		return false;
	}
	if (before)
		finding_add(FINDING_REPEAT, number,
			    "KD-sess ID %04x COUNT %" PRIu32 " BEARER %u DIRECTION %u were used by frame %"
			    PRIu64 " too", work->context->kd_sess_id, work->count, work->frame->lcid,
			    work->direction, before);
	return true;
}

/*
 * Which of the inputs might be off? Help for who debugs a sender; if the MAC-I does
 * verify with another HFN, that COUNT was used.
 */
static bool explain_mac(struct decoder *decoder, struct work *work)
{
	uint32_t count = work->count;
	uint8_t direction = work->direction;
	const char *reason;
	int step;

	for (step = -3; step <= 3; step++) {
		work->count = count + (uint32_t)step * 0x10000u;
		if (step && open_sdu(work, &reason) == OPENED) {
			finding_add(FINDING_MAC, decoder->sums.frames,
				    "it verifies with COUNT %" PRIu32 ", but SN and the frames before ask for %"
				    PRIu32, work->count, count);
			return use_count(decoder, work);
		}
	}
	work->count = count;
	work->direction = !direction;
	if (open_sdu(work, &reason) == OPENED) {
		finding_add(FINDING_MAC, decoder->sums.frames,
			    "it verifies with DIRECTION %u, but %06x is %s", !direction,
			    work->frame->src, direction ? "UE_2" : "UE_1");
		return true;
	}
	work->direction = direction;
	finding_add(FINDING_MAC, decoder->sums.frames,
		    "%06x to %06x, LCID %u, KD-sess ID %04x, COUNT %" PRIu32 ", DIRECTION %u",
		    work->frame->src, work->frame->dst, work->frame->lcid, work->frame->kd_sess_id,
		    count, direction);
	return true;
}

/* The pair's contexts end here; those that come later are others. */
static void release(struct decoder *decoder, const struct work *work, double when)
{
	struct context *context;

	for (context = decoder->keylog->first; context; context = context->next) {
		if (context->frames && !context->released &&
		    ((context->ue_1 == work->frame->src && context->ue_2 == work->frame->dst) ||
		     (context->ue_2 == work->frame->src && context->ue_1 == work->frame->dst))) {
			context->released = true;
			context->released_at = when;
		}
	}
}

/* The SDU is genuine; is it also right? Returns what is wrong. */
static const char *check_sdu(struct decoder *decoder, const struct work *work, double when)
{
	const struct context *context = work->context;
	const struct frame *frame = work->frame;
	uint8_t algorithms, id_lsb;
	const char *wrong;

	if (frame_is_data(frame))
		return payload_ip(work->sdu, work->len);
	wrong = payload_pc5s(work->sdu, work->len);
	if (wrong)
		return wrong;
	decoder->sums.signalling[work->sdu[0]]++;
	if (frame->lcid == LCID_SECURITY_MODE && work->direction &&
	    !payload_command(work->sdu, work->len, &algorithms, &id_lsb))
		return "on the security mode bearer UE_2 sends the command only";
	if (work->sdu[0] == PC5S_COMMAND) {
		if (!payload_command(work->sdu, work->len, &algorithms, &id_lsb) ||
		    frame->lcid != LCID_SECURITY_MODE || !work->direction)
			return "a security mode command comes from UE_2, on its own bearer";
		if (algorithms != (context->eea << 4 | context->eia))
			return "Chosen Algorithms are not those of the key log";
		if (id_lsb != (context->kd_sess_id & 0xff))
			return "LSB of KD-sess ID is not the one of the header";
	}
	/* After reason 3 nobody answers: TS 24.334 10.4.4. */
	if (work->sdu[0] == PC5S_RELEASE_ACCEPT ||
	    (work->sdu[0] == PC5S_RELEASE && work->sdu[3] == 3))
		release(decoder, work, when);
	return NULL;
}

static void tell(const struct decoder *decoder, const struct work *work, double when)
{
	const struct frame *frame = work->frame;

	if (!decoder->options.verbose)
		return;
	printf("%8" PRIu64 " %11.6f %06x > %06x LCID %2u KD-sess %04x COUNT %-10" PRIu32
	       " DIRECTION %u %4zu octets  %s\n", decoder->sums.frames, when - decoder->sums.first,
	       frame->src, frame->dst, frame->lcid, frame->kd_sess_id, work->count, work->direction,
	       work->len, frame_is_data(frame) ? "IP" :
	       payload_pc5s_name(work->len ? work->sdu[0] : 0));
}

static void count_sender(struct decoder *decoder, uint32_t layer_2_id, double when)
{
	struct decoder_sums *sums = &decoder->sums;
	size_t i;

	for (i = 0; i < sums->n_senders && sums->senders[i].layer_2_id != layer_2_id; i++)
		;
	if (i == DECODER_SENDERS)
		return;
	if (i == sums->n_senders)
		sums->senders[sums->n_senders++].layer_2_id = layer_2_id;
	sums->senders[i].data++;
	if (!decoder->options.has_until || when <= decoder->options.until)
		sums->senders[i].data_until++;
}

static bool take(struct decoder *decoder, struct work *work, double when)
{
	struct context *context = work->context;
	struct decoder_sums *sums = &decoder->sums;
	const struct frame *frame = work->frame;
	const char *wrong;

	keylog_prefer(decoder->keylog, context);
	if (work->maced)
		sums->macs_verified++;
	if (!use_count(decoder, work))
		return false;
	stream_take(&context->streams[frame->lcid][work->direction], work->count, when);
	if (!context->frames)
		context->first = when;
	context->frames++;
	context->last = when;
	needles_mark(decoder->plaintext, work->sdu, work->len);
	wrong = check_sdu(decoder, work, when);
	tell(decoder, work, when);
	if (wrong) {
		finding_add(FINDING_SDU, sums->frames, "LCID %u, KD-sess ID %04x, COUNT %" PRIu32 ": %s",
			    frame->lcid, frame->kd_sess_id, work->count, wrong);
		return true;
	}
	if (frame_is_data(frame) && context->released &&
	    when > context->released_at + decoder->options.release_grace)
		finding_add(FINDING_AFTER_RELEASE, sums->frames,
			    "%06x to %06x, KD-sess ID %04x, %.3f s after it was released", frame->src,
			    frame->dst, frame->kd_sess_id, when - context->released_at);
	if (frame_is_data(frame)) {
		count_sender(decoder, frame->src, when);
		wrong = flows_take(&decoder->flows, frame->src, work->sdu, work->len);
		if (wrong)
			finding_add(FINDING_FLOW, sums->frames, "from %06x, COUNT %" PRIu32 ": %s",
				    frame->src, work->count, wrong);
	}
	sums->decoded++;
	sums->bearer_decoded[frame->lcid]++;
	return true;
}

static bool protected_frame(struct decoder *decoder, const struct frame *frame, double when)
{
	static struct work work;
	struct context *context, *first;
	const char *reason = NULL, *sdu_wrong = NULL;
	uint64_t number = decoder->sums.frames;
	bool mac_wrong = false;

	work = (struct work){ .frame = frame };
	first = keylog_find(decoder->keylog, frame->src, frame->dst, frame->kd_sess_id);
	if (!first) {
		undecodable(decoder, "no key log knows this KD-sess ID between these UEs");
		return true;
	}
	/* An ID can come back with another key; most often there is just one. */
	for (context = first; context; context = keylog_next(context, frame->src, frame->dst)) {
		set_context(&work, context);
		if (!choose_count(&work)) {
			reason = "COUNT is below the first one";
			continue;
		}
		switch (open_sdu(&work, &reason)) {
		case FATAL:
			fprintf(stderr, "decode: frame %" PRIu64 ": the crypto library failed\n", number);
			return false;
		case CANNOT:
			continue;
		case MAC_WRONG:
			mac_wrong = true;
			continue;
		case OPENED:
			/* Without a MAC only the contents can tell the context. */
			sdu_wrong = work.maced ? NULL : payload_ip(work.sdu, work.len);
			if (!sdu_wrong)
				return take(decoder, &work, when);
			continue;
		}
	}
	if (mac_wrong) {
		set_context(&work, first);
		(void)choose_count(&work);
		return explain_mac(decoder, &work);
	}
	if (sdu_wrong)
		finding_add(FINDING_SDU, number, "LCID %u, KD-sess ID %04x, SN %u, no MAC-I: %s",
			    frame->lcid, frame->kd_sess_id, frame->sn, sdu_wrong);
	else
		undecodable(decoder, reason);
	return true;
}

static void clear_frame(struct decoder *decoder, const struct frame *frame, double when)
{
	const char *wrong = payload_pc5s(frame->data, frame->data_len);
	uint8_t type;

	if (wrong) {
		undecodable(decoder, wrong);
		return;
	}
	type = frame->data[0];
	decoder->sums.clear[type]++;
	decoder->sums.bearer_decoded[LCID_PLAIN]++;
	if (decoder->options.verbose)
		printf("%8" PRIu64 " %11.6f %06x > %06x LCID %2u unprotected %40zu octets  %s\n",
		       decoder->sums.frames, when - decoder->sums.first, frame->src, frame->dst,
		       frame->lcid, frame->data_len, payload_pc5s_name(type));
	if (!payload_pc5s_may_be_clear(type))
		finding_add(FINDING_UNPROTECTED, decoder->sums.frames, "%s from %06x to %06x",
			    payload_pc5s_name(type), frame->src, frame->dst);
}

static bool carrier_frame(struct decoder *decoder, double when, const uint8_t *octets, size_t len)
{
	struct decoder_sums *sums = &decoder->sums;
	struct frame frame;
	const char *reason = frame_parse(octets, len, &frame);
	const struct context *context;

	sums->padded += frame.padded;
	sums->bearer_frames[frame.lcid & 0x1f]++;
	if (frame_is_data(&frame)) {
		sums->data++;
		if (decoder->options.has_mark && when > decoder->options.mark)
			finding_add(FINDING_AFTER_MARK, sums->frames, "%06x to %06x, %.6f s after it",
				    frame.src, frame.dst, when - decoder->options.mark);
	}
	if (!reason && frame.src == frame.dst)
		reason = "source and destination are the same";
	if (!reason && frame.lcid == LCID_PLAIN && (frame.kd_sess_id || frame.sn))
		reason = "KD-sess ID or SN on the unprotected bearer";
	if (!reason && frame.lcid != LCID_PLAIN && !frame.kd_sess_id)
		reason = "no KD-sess ID on a protected bearer";
	if (reason) {
		undecodable(decoder, reason);
		return true;
	}
	if (frame.lcid == LCID_PLAIN) {
		clear_frame(decoder, &frame, when);
		return true;
	}
	sums->protected++;
	context = keylog_find(decoder->keylog, frame.src, frame.dst, frame.kd_sess_id);
	if (frame_is_data(&frame) && context && !context->up_integrity)
		sums->data_without_mac++;
	return protected_frame(decoder, &frame, when);
}

bool decoder_frame(struct decoder *decoder, double when, const uint8_t *octets, size_t len,
		   size_t wire_len)
{
	struct decoder_sums *sums = &decoder->sums;
	const uint8_t *frame;
	struct needles_hit hit;
	const char *reason;
	size_t frame_len;

	if (!sums->frames++)
		sums->first = when;
	sums->last = when;
	if (needles_find(decoder->plaintext, octets, len, &hit))
		finding_add(FINDING_PLAINTEXT, sums->frames, "octet %zu of %s is at octet %zu of the frame",
			    hit.offset, hit.name, hit.at);
	if (needles_find(decoder->keys, octets, len, &hit))
		finding_add(FINDING_KEY, sums->frames, "%s is at octet %zu of the frame", hit.name, hit.at);
	reason = frame_find(&decoder->options.carriers, octets, len, &frame, &frame_len);
	if (!reason && !frame) {
		sums->ethertypes[frame_ethertype(octets)]++;
		if (decoder->options.exclusive)
			finding_add(FINDING_FOREIGN, sums->frames, "EtherType 0x%04x",
				    frame_ethertype(octets));
		return true;
	}
	sums->carrier++;
	if (len < wire_len) {
		undecodable(decoder, "captured in part only");
		return true;
	}
	if (reason) {
		undecodable(decoder, reason);
		return true;
	}
	return carrier_frame(decoder, when, frame, frame_len);
}
