// SPDX-License-Identifier: MIT
/*
 * MIKEY. Octet 1 says what the rest is:
 *
 *  - a message from anywhere: what decodes encodes to the same octets again, and every part of it
 *    lies within;
 *  - an I_MESSAGE to us, meddled with, by somebody who has keys or has not: it is opened only when
 *    what the signature covers is what was signed, and refused with a sentence;
 *  - an attribute of SDP; key data; a URI;
 *  - a life of the replay cache, with restarts and clocks that are set back: nothing is fresh twice.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../unit/mikey_lab.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"
#include "mikey/key_data.h"
#include "mikey/sdp.h"

#define WINDOW	600

static struct mikey_community *community;
static struct mikey_keys *alice, *bob;

static struct mikey_keys *keys_of(json_t *own, const char *uri, const char *ssk, const char *pvt,
				  const char *rsk)
{
	struct octets a = mikey_vector(own, ssk, NULL), b = mikey_vector(own, pvt, NULL);
	struct octets c = mikey_vector(own, rsk, NULL);
	struct mikey_month april = { 2011, 4 };
	struct mikey_key_material material;
	struct mikey_keys *keys;
	struct mikey_user user;

	memcpy(material.ssk, a.data, sizeof(material.ssk));
	memcpy(material.pvt, b.data, sizeof(material.pvt));
	memcpy(material.rsk, c.data, sizeof(material.rsk));
	fuzz_check(!mikey_user_by_month(uri, &april, &user, NULL, 0));
	keys = mikey_keys_new(community, &user, &material, NULL, 0);
	fuzz_check(keys);
	return keys;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	json_t *vectors = mikey_vectors(), *own = json_object_get(vectors, "own");

	(void)argc;
	(void)argv;
	fuzz_random(1);
	community = lab_community(vectors, "own", LAB_KMS);
	alice = keys_of(own, LAB_ALICE, "ssk", "pvt", "rsk_initiator");
	bob = keys_of(own, LAB_BOB, "ssk_responder", "pvt_responder", "rsk");
	json_decref(vectors);
	return 0;
}

static void within(const struct mikey_octets *part, const uint8_t *data, size_t len)
{
	fuzz_check(!part->len || (part->data >= data && part->len <= len &&
				  part->data - data <= (ptrdiff_t)(len - part->len)));
}

static void from_anywhere(const uint8_t *data, size_t len)
{
	uint8_t *again = malloc(len ? len : 1);
	struct mikey_error error = { 0 };
	struct mikey_message m;
	struct mikey_tlv tlv;
	struct mikey_time time;
	struct mikey_cs cs;
	size_t at = 0;

	fuzz_check(again);
	if (mikey_decode(&m, data, len, &error)) {
		fuzz_check(error.offset <= len && error.where && error.reason && error.number <= 15);
		free(again);
		return;
	}
	fuzz_check(mikey_encode(&m, again, len, &error) == (int)len && !memcmp(again, data, len));
	free(again);
	while (m.map_type != MIKEY_MAP_EMPTY && mikey_cs_next(&m, &at, &cs) > 0) {
		within(&cs.policies, data, len);
		within(&cs.data, data, len);
		within(&cs.spi, data, len);
	}
	for (size_t i = 0; i < m.n; i++) {
		const struct mikey_payload *p = &m.payload[i];

		within(&p->data, data, len);
		within(&p->mac, data, len);
		fuzz_check(p->offset < len && mikey_payload_name(p->payload));
		if (p->payload == MIKEY_T)
			mikey_time_decode(p, &time);
		for (at = 0; mikey_tlv_next(&p->data, &at, &tlv) > 0;)
			within(&tlv.value, data, len);
		if (p->payload == MIKEY_KEMAC || p->payload == MIKEY_SIGN || p->payload == MIKEY_V)
			fuzz_check(mikey_covered(p) <= len);
		if (p->payload == MIKEY_SIGN)
			fuzz_check(i == m.n - 1 && mikey_covered(p) + p->data.len == len);
	}
}

static size_t make(uint8_t *out, uint32_t csb_id, bool name_kms)
{
	struct mikey_sakke_offer offer = {
		.from = alice, .to = { (const uint8_t *)LAB_BOB, strlen(LAB_BOB) },
		.community = community, .time = { LAB_NOW, csb_id }, .csb_id = csb_id,
		.name_kms = name_kms,
	};
	int len = mikey_sakke_make(&offer, out, MIKEY_SAKKE_MAX, NULL, NULL, 0);

	fuzz_check(len > 0);
	return (size_t)len;
}

static void an_offer(struct fuzz_input *input)
{
	static uint8_t made[2][MIKEY_SAKKE_MAX];
	static size_t made_len[2];
	uint8_t how = fuzz_u8(input), data[MIKEY_SAKKE_MAX + 64], *exact;
	const struct mikey_keys *keys[] = { bob };
	const struct mikey_community *communities[] = { community };
	struct mikey_sakke_receiver receiver = {
		.keys = keys, .n_keys = 1, .communities = communities, .n_communities = 1,
		.replay = mikey_replay_new(8, WINDOW),
		.now = { LAB_NOW + (how & 4 ? (int16_t)fuzz_u16(input) : 0), 0 },
	};
	struct mikey_sakke_opened opened;
	static const uint8_t zero[MIKEY_KD_LEN];
	char why[MIKEY_REASON_MAX] = "";
	enum mikey_refusal refusal;
	size_t len, n;
	bool covered;

	fuzz_check(receiver.replay);
	if (!made_len[how & 1])
		made_len[how & 1] = make(made[how & 1], how & 1, how & 1);
	len = made_len[how & 1];
	memcpy(data, made[how & 1], len);
	for (n = how >> 4; n && len; n--) {
		size_t at = fuzz_u16(input) % len;
		uint8_t with = fuzz_u8(input);

		if (with == 0xff && len < MIKEY_SAKKE_MAX + 32) {
			memmove(data + at + 1, data + at, len - at);
			data[at] = fuzz_u8(input);
			len++;
		} else if (with == 0xfe) {
			memmove(data + at, data + at + 1, len - at - 1);
			len--;
		} else {
			data[at] ^= with;
		}
	}
	/* By somebody who has alice's keys. */
	if (how & 2 && how & 8 && len > ECCSI_SIGNATURE_LEN)
		fuzz_check(!eccsi_sign(community->eccsi, &alice->eccsi, data,
				       len - ECCSI_SIGNATURE_LEN,
				       data + len - ECCSI_SIGNATURE_LEN));
	exact = malloc(len ? len : 1);
	fuzz_check(exact);
	memcpy(exact, data, len);
	refusal = mikey_sakke_open(&receiver, exact, len, &opened, why, sizeof(why));
	covered = len == made_len[how & 1] &&
		  !memcmp(data, made[how & 1], len - ECCSI_SIGNATURE_LEN);
	if (refusal == MIKEY_TAKEN) {
		fuzz_check(covered || (how & 2 && how & 8));
		fuzz_check(memcmp(opened.kd, zero, sizeof(zero)) != 0);
		fuzz_check(mikey_sakke_open(&receiver, exact, len, &opened, why, sizeof(why)) ==
			   MIKEY_REPLAYED);
	} else {
		fuzz_check(why[0] && keying_text_valid(why, strlen(why)));
		fuzz_check(!memcmp(opened.kd, zero, sizeof(zero)) &&
			   !memcmp(opened.ssv, zero, sizeof(opened.ssv)));
		fuzz_check(refusal == MIKEY_NOT_OPENED || !mikey_replay_count(receiver.replay));
	}
	OPENSSL_cleanse(&opened, sizeof(opened));
	mikey_replay_free(receiver.replay);
	free(exact);
}

static void an_attribute(struct fuzz_input *input)
{
	size_t len, out_len, at = 0, line_len, found = 0, offered = 0;
	char *text = (char *)fuzz_copy(input, input->len, &len), *again;
	const char *reason = NULL, *line;
	uint8_t *out = mikey_sdp_decode(text, len, &out_len, &reason);

	fuzz_check(out || (reason && !out_len));
	if (out) {
		again = mikey_sdp_encode(out, out_len);
		/* a=key-mgmt:mikey stands before it, but for the space; it is that base64 */
		fuzz_check(again && memmem(text, len, again + 17, strlen(again + 17)));
		free(again);
	}
	free(out);
	while ((line = mikey_sdp_find(text, len, &at, &line_len)) != NULL) {
		fuzz_check(line >= text && line + line_len <= text + len && at <= len);
		free(mikey_sdp_decode(line, line_len, &out_len, &reason));
		found++;
	}
	/* One protocol for each; and what is picked is one of them. */
	again = mikey_sdp_offered(text, len);
	for (const char *c = again; c && *c; c++)
		offered += *c == ';';
	fuzz_check(again && (found ? offered + 1 == found : !*again));
	free(again);
	for (size_t medium = 0; medium < 3; medium++) {
		line = mikey_sdp_pick(text, len, medium, &line_len, &reason);
		fuzz_check(!line || (line >= text && line + line_len <= text + len &&
				     memmem(line, line_len, "mikey ", 6)));
	}
	free(text);
}

static void some_key_data(struct fuzz_input *input)
{
	struct mikey_key_data keys[MIKEY_KEYS_MAX];
	struct mikey_octets octets;
	uint8_t *data = fuzz_copy(input, input->len, &octets.len), *again;
	int n;

	octets.data = data;
	n = mikey_key_data_decode(&octets, keys);
	fuzz_check(n != 0);
	if (n > 0) {
		again = malloc(octets.len);
		fuzz_check(again && mikey_key_data_encode(keys, (size_t)n, again, octets.len) ==
				    (int)octets.len && !memcmp(again, data, octets.len));
		free(again);
	}
	free(data);
}

static void a_uri(struct fuzz_input *input)
{
	struct mikey_month month = { 2011, 4 };
	struct mikey_identifier id;
	size_t len;
	char *uri = (char *)fuzz_copy(input, input->len, &len);

	/* What is a telephone number is a URI, too; and all that is one fits, in ASCII. */
	if (!mikey_uri_fault(MIKEY_SCHEME_TEL, uri, len))
		fuzz_check(!mikey_uri_fault(MIKEY_SCHEME_URI, uri, len));
	if (!mikey_uri_fault(MIKEY_SCHEME_URI, uri, len)) {
		fuzz_check(!mikey_identifier(uri, len, &month, &id) && id.len == len + 9);
		fuzz_check(id.len <= MIKEY_IDENTIFIER_MAX && keying_text_valid(uri, len));
	}
	free(uri);
}

/* Every message that was fresh, so that the second time is seen whatever the cache forgets. */
#define HISTORY	256

static struct {
	uint8_t sender;
	uint32_t csb_id;
	struct mikey_time time;
} history[HISTORY];

static struct mikey_replay *restart(struct mikey_replay *replay, const struct mikey_time *now,
				    bool lose, size_t max)
{
	struct mikey_replay *next = mikey_replay_new(max, WINDOW);
	size_t len;
	uint8_t *data = mikey_replay_save(replay, &len);

	fuzz_check(next && data);
	if (lose)
		mikey_replay_lost(next, now);
	else
		fuzz_check(!mikey_replay_restore(next, data, len, now));
	free(data);
	mikey_replay_free(replay);
	return next;
}

static void a_cache(struct fuzz_input *input)
{
	struct mikey_replay *replay = mikey_replay_new(8 + fuzz_u8(input) % 32, WINDOW);
	struct mikey_time now = { LAB_NOW, 0 }, newest = now;
	size_t n = 0;

	fuzz_check(replay);
	while (input->len && n < HISTORY) {
		uint8_t how = fuzz_u8(input), sender = fuzz_u8(input) % 12;
		struct mikey_octets name = { &sender, 1 };
		uint32_t csb_id = fuzz_u8(input) % 4;
		struct mikey_time time = { LAB_NOW + (int8_t)fuzz_u8(input) * 10, how >> 6 };

		switch (how & 0x1f) {
		case 0:
			replay = restart(replay, &now, false, 8 + fuzz_u8(input) % 32);
			continue;
		case 1:
			/* Lost by a clock that is not behind what it has shown. */
			if (mikey_time_compare(&now, &newest) >= 0)
				replay = restart(replay, &now, true, 16);
			continue;
		case 2:
			now.seconds = LAB_NOW + (int8_t)fuzz_u8(input) * 20;
			if (mikey_time_compare(&now, &newest) > 0)
				newest = now;
			continue;
		default:
			break;
		}
		if (mikey_replay_add(replay, &name, csb_id, &time, &now) != MIKEY_REPLAY_FRESH)
			continue;
		for (size_t i = 0; i < n; i++)
			fuzz_check(history[i].sender != sender || history[i].csb_id != csb_id ||
				   mikey_time_compare(&history[i].time, &time));
		history[n].sender = sender;
		history[n].csb_id = csb_id;
		history[n++].time = time;
		fuzz_check(mikey_time_within(&time, &now, WINDOW));
	}
	mikey_replay_free(replay);
}

/* What a file of it says, which may have been damaged. */
static void a_saved_cache(struct fuzz_input *input)
{
	struct mikey_replay *replay = mikey_replay_new(8, WINDOW);
	struct mikey_time now = { LAB_NOW, 0 };
	size_t len;
	uint8_t *data = fuzz_copy(input, input->len, &len);

	fuzz_check(replay);
	if (mikey_replay_restore(replay, data, len, &now))
		fuzz_check(!mikey_replay_count(replay));
	free(data);
	mikey_replay_free(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint8_t what = fuzz_u8(&input);

	/* Messages as they are, so that those of a capture are inputs. */
	if (what == MIKEY_VERSION) {
		from_anywhere(data, size);
		return 0;
	}
	switch (what % 0x10) {
	case 2:
		an_offer(&input);
		break;
	case 3:
		an_attribute(&input);
		break;
	case 4:
		some_key_data(&input);
		break;
	case 5:
		a_uri(&input);
		break;
	case 6:
		a_cache(&input);
		break;
	case 7:
		a_saved_cache(&input);
		break;
	default:
		break;
	}
	return 0;
}

static void seed_messages(fuzz_put *put, json_t *vectors)
{
	static const struct { const char *name, *within; } all[] = {
		{ "psk_sha_1", NULL }, { "psk_sha_256", NULL }, { "group_call", NULL },
		{ "own", NULL }, { "fielded", "gmk" }, { "fielded", "csk" },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_t *of = json_object_get(vectors, all[i].name);
		struct octets octets;

		if (all[i].within)
			of = json_object_get(of, all[i].within);
		octets = mikey_vector(of, "message", NULL);
		snprintf(name, sizeof(name), "message-%s",
			 all[i].within ? all[i].within : all[i].name);
		put(name, octets.data, octets.len);
		snprintf(name, sizeof(name), "message-%s-cut",
			 all[i].within ? all[i].within : all[i].name);
		put(name, octets.data, octets.len - 1);
	}
}

static void seed_text(fuzz_put *put, const char *name, uint8_t what, const void *text, size_t len)
{
	struct fuzz_output output = { 0 };

	fuzz_put_u8(&output, what);
	fuzz_put_octets(&output, text, len);
	put(name, output.data, output.len);
}

void fuzz_seeds(fuzz_put *put)
{
	static const char sdp[] = "v=0\r\na=key-mgmt:mikey AQAFAQ==\r\na=key-mgmt:mikey AQAFAQ==\n";
	static const char media[] = "a=key-mgmt:k1 x\nm=audio\na=key-mgmt:mikey AQAFAQ==\nm=video\n";
	static const char *const uris[] = {
		"tel:+447700900123", "sip:a@example.org;x", "urn:x:%2F", "SIP:A@b", "tel:+44-1",
	};
	static const uint8_t offers[][8] = {
		{ 0x00 }, { 0x01 }, { 0x10, 0, 30, 1 }, { 0x1a, 0, 30, 1 }, { 0x1a, 0, 100, 1 },
		{ 0x20, 0, 9, 0xff, 1, 0, 9, 0xfe }, { 0x04, 0x7f, 0xff }, { 0x1b, 0, 200, 1 },
		{ 0x10, 1, 0xeb, 1 }, { 0x1a, 0, 2, 5 }, { 0x1a, 1, 0x10, 0xfe }, { 0x0a },
	};
	json_t *vectors = mikey_vectors();
	struct octets octets = mikey_vector(json_object_get(vectors, "psk_sha_1"), "key_data", NULL);
	struct mikey_replay *replay = mikey_replay_new(8, WINDOW);
	struct mikey_time now = { LAB_NOW, 0 };
	struct fuzz_output output = { 0 };
	char name[64];
	uint8_t *saved;
	size_t len;

	seed_messages(put, vectors);
	for (uint8_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		snprintf(name, sizeof(name), "offer-%u", i);
		seed_text(put, name, 2, offers[i], sizeof(offers[i]));
	}
	seed_text(put, "attribute", 3, sdp + 5, sizeof(sdp) - 6);
	seed_text(put, "description", 3, sdp, sizeof(sdp) - 1);
	seed_text(put, "media", 3, media, sizeof(media) - 1);
	seed_text(put, "key-data", 4, octets.data, octets.len);
	for (uint8_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		snprintf(name, sizeof(name), "uri-%u", i);
		seed_text(put, name, 5, uris[i], strlen(uris[i]));
	}
	/* Until it is full; each once more; the clock on and back; restarts between. */
	fuzz_put_u8(&output, 6);
	fuzz_put_u8(&output, 0);
	for (int round = 0; round < 3; round++) {
		for (uint8_t i = 0; i < 10; i++) {
			fuzz_put_u8(&output, (uint8_t)(0x40 * round + 3));
			fuzz_put_u8(&output, i);
			fuzz_put_u8(&output, 0);
			fuzz_put_u8(&output, i);
		}
		for (uint8_t i = 0; i < 5; i++)
			fuzz_put_u8(&output, i ? 10 : (uint8_t)(2 - round));
	}
	put("cache", output.data, output.len);
	for (uint32_t i = 0; i < 3; i++)
		mikey_replay_add(replay, &(struct mikey_octets){ (const uint8_t *)"abc" + i, 1 }, i, &now,
				 &now);
	saved = mikey_replay_save(replay, &len);
	seed_text(put, "saved-cache", 7, saved, len);
	free(saved);
	mikey_replay_free(replay);
	json_decref(vectors);
}
