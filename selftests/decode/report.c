// SPDX-License-Identifier: MIT

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "finding.h"
#include "payload.h"
#include "report.h"

static const char *const directions[] = { "UE_1 to UE_2", "UE_2 to UE_1" };

static void stream_text(unsigned int lcid, int direction, const struct stream *stream)
{
	if (stream->frames)
		printf("    LCID %2u %s: %" PRIu64 " frames, COUNT up to %" PRIu32 ", %" PRIu64
		       " not seen, %" PRIu64 " out of order\n", lcid, directions[direction],
		       stream->frames, stream->highest, stream_missing(stream), stream->reordered);
}

static void contexts_text(const struct keylog *keylog)
{
	const struct context *context;
	unsigned int lcid;

	for (context = keylog->first; context; context = context->next) {
		printf("  KD-sess %04x, UE_1 %06x, UE_2 %06x, EEA%u EIA%u, user data %s MAC-I: %" PRIu64
		       " frames\n", context->kd_sess_id, context->ue_1, context->ue_2, context->eea,
		       context->eia, context->up_integrity ? "with" : "without", context->frames);
		for (lcid = 0; lcid < KEYLOG_BEARERS; lcid++) {
			stream_text(lcid, 0, &context->streams[lcid][0]);
			stream_text(lcid, 1, &context->streams[lcid][1]);
		}
	}
}

static void types_text(const char *title, const uint64_t *types)
{
	int i;

	for (i = 0; i < 256; i++)
		if (types[i])
			printf("  %s %s: %" PRIu64 "\n", title, payload_pc5s_name((uint8_t)i), types[i]);
}

void report_text(const struct decoder *decoder, bool clean)
{
	const struct decoder_sums *sums = &decoder->sums;
	int i;

	printf("%" PRIu64 " frames in %.3f s, %" PRIu64 " of the carrier, %" PRIu64 " of them protected\n",
	       sums->frames, sums->last - sums->first, sums->carrier, sums->protected);
	printf("%" PRIu64 " decoded, %" PRIu64 " MACs verified, %" PRIu64 " data frames without MAC-I\n",
	       sums->decoded, sums->macs_verified, sums->data_without_mac);
	contexts_text(decoder->keylog);
	types_text("protected", sums->signalling);
	types_text("unprotected", sums->clear);
	if (needles_blocks(decoder->plaintext))
		printf("plaintext: %zu octets searched for; %zu of %zu blocks seen once deciphered\n",
		       needles_octets(decoder->plaintext), needles_marked(decoder->plaintext),
		       needles_blocks(decoder->plaintext));
	if (decoder->flows.n)
		printf("flows: %zu, with %" PRIu64 " datagrams and %" PRIu64 " octets of TCP, %" PRIu64
		       " of those sent again\n", decoder->flows.n, decoder->flows.datagrams,
		       decoder->flows.octets, decoder->flows.octets_again);
	for (i = 0; i < FINDINGS; i++)
		printf("%-26s %" PRIu64 "\n", finding_name((enum finding)i),
		       finding_count((enum finding)i));
	for (i = 0; i < DECODER_REASONS && sums->reasons[i].text; i++)
		printf("  undecodable, %s: %" PRIu64 "\n", sums->reasons[i].text, sums->reasons[i].n);
	printf("%s\n", clean ? "clean" : "NOT CLEAN");
}

static json_t *types_json(const uint64_t *types)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < 256; i++)
		if (types[i])
			json_object_set_new(object, payload_pc5s_name((uint8_t)i),
					    json_integer((json_int_t)types[i]));
	return object;
}

static json_t *bearers_json(const struct decoder_sums *sums)
{
	json_t *object = json_object();
	char name[16];
	int i;

	for (i = 0; i < 32; i++) {
		if (!sums->bearer_frames[i])
			continue;
		snprintf(name, sizeof(name), "%d", i);
		json_object_set_new(object, name, json_pack("{s:I, s:I}",
			"frames", (json_int_t)sums->bearer_frames[i],
			"decoded", (json_int_t)sums->bearer_decoded[i]));
	}
	return object;
}

static json_t *context_json(const struct context *context, size_t n_logs)
{
	json_t *streams = json_array(), *object;
	unsigned int lcid, direction, logs = 0, i;
	char ue_1[16], ue_2[16], id[8];

	for (i = 0; i < n_logs; i++)
		logs += context->logs >> i & 1;
	for (lcid = 0; lcid < KEYLOG_BEARERS; lcid++)
		for (direction = 0; direction < 2; direction++) {
			const struct stream *stream = &context->streams[lcid][direction];

			if (stream->frames)
				json_array_append_new(streams, json_pack("{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:f, s:f}",
					"bearer", (int)lcid, "direction", (int)direction,
					"frames", (json_int_t)stream->frames,
					"count_start", (json_int_t)stream->start,
					"count_highest", (json_int_t)stream->highest,
					"not_seen", (json_int_t)stream_missing(stream),
					"out_of_order", (json_int_t)stream->reordered,
					"first", stream->first, "last", stream->last));
		}
	snprintf(ue_1, sizeof(ue_1), "%06x", context->ue_1);
	snprintf(ue_2, sizeof(ue_2), "%06x", context->ue_2);
	snprintf(id, sizeof(id), "%04x", context->kd_sess_id);
	object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:i, s:I, s:f, s:f, s:o}",
		"kd_sess_id", id, "ue_1", ue_1, "ue_2", ue_2, "eea", context->eea, "eia", context->eia,
		"up_integrity", context->up_integrity, "count_profile", context->hfn ? "hfn" : "sess-id",
		"key_logs", (int)logs, "frames", (json_int_t)context->frames, "first", context->first,
		"last", context->last, "streams", streams);
	return object;
}

bool report_json(const struct decoder *decoder, bool clean, const char *path)
{
	const struct decoder_sums *sums = &decoder->sums;
	const struct context *context;
	json_t *root = json_object(), *part;
	char name[16];
	bool ok;
	int i;

	json_object_update_new(root, json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}",
		"clean", clean, "frames", (json_int_t)sums->frames,
		"carrier_frames", (json_int_t)sums->carrier,
		"padded_frames", (json_int_t)sums->padded,
		"protected_frames", (json_int_t)sums->protected,
		"decoded", (json_int_t)sums->decoded,
		"macs_verified", (json_int_t)sums->macs_verified,
		"data_frames", (json_int_t)sums->data,
		"data_frames_without_mac", (json_int_t)sums->data_without_mac,
		"first", sums->first, "last", sums->last));
	for (i = 0; i < FINDINGS; i++)
		json_object_set_new(root, finding_name((enum finding)i),
				    json_integer((json_int_t)finding_count((enum finding)i)));
	part = json_object();
	for (i = 0; i < DECODER_REASONS && sums->reasons[i].text; i++)
		json_object_set_new(part, sums->reasons[i].text,
				    json_integer((json_int_t)sums->reasons[i].n));
	json_object_set_new(root, "undecodable_reasons", part);
	json_object_set_new(root, "bearers", bearers_json(sums));
	json_object_set_new(root, "signalling", types_json(sums->signalling));
	json_object_set_new(root, "unprotected", types_json(sums->clear));
	part = json_object();
	for (i = 0; i < (int)sums->n_senders; i++) {
		snprintf(name, sizeof(name), "%06x", sums->senders[i].layer_2_id);
		json_object_set_new(part, name, json_pack("{s:I, s:I}",
			"decoded", (json_int_t)sums->senders[i].data,
			"decoded_until", (json_int_t)sums->senders[i].data_until));
	}
	json_object_set_new(root, "data_by_sender", part);
	part = json_object();
	for (i = 0; i < 0x10000; i++) {
		if (!sums->ethertypes[i])
			continue;
		snprintf(name, sizeof(name), "0x%04x", i);
		json_object_set_new(part, name, json_integer((json_int_t)sums->ethertypes[i]));
	}
	json_object_set_new(root, "other_ethertypes", part);
	json_object_set_new(root, "flows", json_pack("{s:I, s:I, s:I, s:I}",
		"flows", (json_int_t)decoder->flows.n,
		"datagrams", (json_int_t)decoder->flows.datagrams,
		"tcp_octets", (json_int_t)decoder->flows.octets,
		"tcp_octets_again", (json_int_t)decoder->flows.octets_again));
	json_object_set_new(root, "plaintext", json_pack("{s:I, s:I, s:I}",
		"octets", (json_int_t)needles_octets(decoder->plaintext),
		"blocks", (json_int_t)needles_blocks(decoder->plaintext),
		"blocks_deciphered", (json_int_t)needles_marked(decoder->plaintext)));
	part = json_array();
	for (context = decoder->keylog->first; context; context = context->next)
		json_array_append_new(part, context_json(context, decoder->keylog->files));
	json_object_set_new(root, "contexts", part);
	ok = !json_dump_file(root, path, JSON_INDENT(2));
	json_decref(root);
	if (!ok)
		fprintf(stderr, "decode: cannot write %s\n", path);
	return ok;
}
