// SPDX-License-Identifier: MIT
/*
 * I_MESSAGE of MIKEY-SAKKE: the published and computed ones opened and made, then each way in which
 * one can be wrong, with what it must not change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mikey_lab.h"
#include "sakke/extract.h"

#define WINDOW	600
#define APRIL	((struct mikey_month){ 2011, 4 })
#define MAY	((struct mikey_month){ 2011, 5 })

static json_t *vectors;
static struct mikey_community *ours, *fielded, *strange;
static struct mikey_keys *alice, *bob, *bob_in_may, *gms, *caller;
static char why[MIKEY_REASON_MAX];

static struct mikey_keys *extracted(struct mikey_community *community, const char *uri,
				    struct mikey_month month)
{
	struct mikey_key_material material;
	uint8_t ksak[ECCSI_SCALAR_LEN], z[SAKKE_SCALAR_LEN];
	struct mikey_keys *keys;
	struct mikey_user user;

	lab_secret(LAB_KSAK, ksak, sizeof(ksak));
	lab_secret(LAB_Z, z, sizeof(z));
	assert_int_equal(mikey_user_by_month(uri, &month, &user, why, sizeof(why)), 0);
	assert_int_equal(eccsi_extract(ksak, user.id.octets, user.id.len, NULL, material.ssk,
				       material.pvt), 0);
	assert_int_equal(sakke_extract(z, user.id.octets, user.id.len, material.rsk), 0);
	keys = mikey_keys_new(community, &user, &material, why, sizeof(why));
	assert_non_null(keys);
	return keys;
}

/* As printed, for v 23456; RSK by extraction, since the vectors have none for the initiator. */
static struct mikey_keys *printed_alice(void)
{
	json_t *own = json_object_get(vectors, "own");
	struct mikey_key_material material;
	struct mikey_user user;
	struct octets octets;
	uint8_t z[SAKKE_SCALAR_LEN];

	assert_int_equal(mikey_user_by_month(LAB_ALICE, &APRIL, &user, why, sizeof(why)), 0);
	octets = mikey_vector(own, "id_initiator", NULL);
	assert_int_equal(user.id.len, octets.len);
	assert_memory_equal(user.id.octets, octets.data, octets.len);
	octets = mikey_vector(own, "ssk", NULL);
	memcpy(material.ssk, octets.data, sizeof(material.ssk));
	octets = mikey_vector(own, "pvt", NULL);
	memcpy(material.pvt, octets.data, sizeof(material.pvt));
	lab_secret(LAB_Z, z, sizeof(z));
	assert_int_equal(sakke_extract(z, user.id.octets, user.id.len, material.rsk), 0);
	return mikey_keys_new(ours, &user, &material, why, sizeof(why));
}

/* RSK as printed; the vectors have no signing keys for the responder. */
static struct mikey_keys *printed_bob(void)
{
	struct octets rsk = mikey_vector(json_object_get(vectors, "own"), "rsk", NULL);
	struct mikey_keys *made = extracted(ours, LAB_BOB, APRIL), *keys;
	struct mikey_key_material material;

	memcpy(material.ssk, made->eccsi.ssk, sizeof(material.ssk));
	memcpy(material.pvt, made->eccsi.pvt, sizeof(material.pvt));
	memcpy(material.rsk, rsk.data, sizeof(material.rsk));
	keys = mikey_keys_new(ours, &made->user, &material, why, sizeof(why));
	mikey_keys_free(made);
	return keys;
}

static struct mikey_keys *printed_uid(const char *name)
{
	json_t *of = json_object_get(json_object_get(vectors, "fielded"), name);
	struct octets uid = mikey_vector(of, "uid", NULL), ssk = mikey_vector(of, "ssk", NULL);
	struct octets pvt = mikey_vector(of, "pvt", NULL), rsk = mikey_vector(of, "rsk", NULL);
	struct mikey_key_material material;
	struct mikey_user user;

	mikey_user_by_uid(uid.data, &user);
	memcpy(material.ssk, ssk.data, sizeof(material.ssk));
	memcpy(material.pvt, pvt.data, sizeof(material.pvt));
	memcpy(material.rsk, rsk.data, sizeof(material.rsk));
	return mikey_keys_new(fielded, &user, &material, why, sizeof(why));
}

static int load(void **state)
{
	(void)state;
	vectors = mikey_vectors();
	ours = lab_community(vectors, "own", LAB_KMS);
	strange = lab_community(vectors, "own", "kms.example.com");
	fielded = lab_community(vectors, "fielded", "kms.mydev.streamwide.com");
	alice = printed_alice();
	bob = printed_bob();
	bob_in_may = extracted(ours, LAB_BOB, MAY);
	gms = printed_uid("gms");
	caller = printed_uid("alice");
	return alice && bob && bob_in_may && gms && caller ? 0 : -1;
}

static int unload(void **state)
{
	struct mikey_keys *all[] = { alice, bob, bob_in_may, gms, caller };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		mikey_keys_free(all[i]);
	mikey_community_free(ours);
	mikey_community_free(strange);
	mikey_community_free(fielded);
	json_decref(vectors);
	return 0;
}

/* Bob, who has keys of April, at noon of the 15th. */
struct receiver {
	const struct mikey_keys *keys[3];
	const struct mikey_community *communities[2];
	struct mikey_sakke_receiver is;
};

static void receive(struct receiver *r)
{
	*r = (struct receiver){ .keys = { bob }, .communities = { ours } };
	r->is = (struct mikey_sakke_receiver){
		.keys = r->keys, .n_keys = 1, .communities = r->communities, .n_communities = 1,
		.replay = mikey_replay_new(64, WINDOW), .now = { LAB_NOW, 0 },
	};
	assert_non_null(r->is.replay);
}

static void expect(struct receiver *r, const uint8_t *data, size_t len, enum mikey_refusal expected,
		   const char *sentence)
{
	static const uint8_t zero[MIKEY_KD_LEN];
	struct mikey_sakke_opened opened;
	enum mikey_refusal refusal;

	why[0] = 0;
	refusal = mikey_sakke_open(&r->is, data, len, &opened, why, sizeof(why));
	if (refusal != expected || (expected && !strstr(why, sentence)))
		fail_msg("refused for %d (%s), expected %d (%s)", refusal, why, expected,
			 sentence ? sentence : "none");
	if (!expected)
		return;
	assert_memory_equal(opened.kd, zero, sizeof(opened.kd));
	assert_memory_equal(opened.ssv, zero, sizeof(opened.ssv));
}

static struct mikey_sakke_offer offer(void)
{
	struct mikey_sakke_offer o = {
		.from = alice, .to = { (const uint8_t *)LAB_BOB, strlen(LAB_BOB) },
		.community = ours, .time = { LAB_NOW, 0 }, .name_kms = true,
	};

	assert_int_equal(mikey_sakke_random(&o), 0);
	return o;
}

static size_t make(const struct mikey_sakke_offer *o, uint8_t *out)
{
	int len = mikey_sakke_make(o, out, MIKEY_SAKKE_MAX, NULL, why, sizeof(why));

	if (len < 0)
		fail_msg("%s", why);
	return (size_t)len;
}

/* Signed again, when what it says was changed. */
static void sign(uint8_t *data, size_t len)
{
	assert_int_equal(eccsi_sign(ours->eccsi, &alice->eccsi, data, len - ECCSI_SIGNATURE_LEN,
				    data + len - ECCSI_SIGNATURE_LEN), 0);
}

static void printed_message(void **state)
{
	json_t *own = json_object_get(vectors, "own");
	struct octets whole = mikey_vector(own, "message", NULL), kd = mikey_vector(own, "kd", NULL);
	struct octets ssv = mikey_vector(own, "ssv", NULL);
	struct mikey_sakke_opened opened;
	struct receiver r;

	(void)state;
	receive(&r);
	assert_int_equal(mikey_sakke_open(&r.is, whole.data, whole.len, &opened, why, sizeof(why)),
			 MIKEY_TAKEN);
	assert_memory_equal(opened.ssv, ssv.data, ssv.len);
	assert_memory_equal(opened.kd, kd.data, kd.len);
	assert_int_equal(opened.initiator.len, strlen(LAB_ALICE));
	assert_memory_equal(opened.initiator.data, LAB_ALICE, strlen(LAB_ALICE));
	assert_ptr_equal(opened.initiator_community, ours);
	assert_ptr_equal(opened.keys, bob);
	expect(&r, whole.data, whole.len, MIKEY_REPLAYED, "replay");
	mikey_replay_free(r.is.replay);
}

/* With the printed j, SSV, RAND and CSB ID it is the printed message, octet by octet. */
static void printed_message_made(void **state)
{
	json_t *own = json_object_get(vectors, "own");
	struct octets whole = mikey_vector(own, "message", NULL), kd = mikey_vector(own, "kd", NULL);
	struct octets ssv = mikey_vector(own, "ssv", NULL);
	uint8_t out[MIKEY_SAKKE_MAX], j[ECCSI_SCALAR_LEN], made_kd[MIKEY_KD_LEN];
	struct mikey_sakke_offer o = {
		.from = alice, .to = { (const uint8_t *)LAB_BOB, strlen(LAB_BOB) },
		.community = ours, .time = { LAB_NOW, 0 }, .csb_id = 0x0df9bc39, .j = j,
	};

	(void)state;
	lab_secret("34567", j, sizeof(j));
	memcpy(o.ssv, ssv.data, sizeof(o.ssv));
	for (size_t i = 0; i < sizeof(o.rand); i++)
		o.rand[i] = (uint8_t)(0x10 + i);
	assert_int_equal(mikey_sakke_make(&o, out, sizeof(out), made_kd, why, sizeof(why)), whole.len);
	assert_memory_equal(out, whole.data, whole.len);
	assert_memory_equal(made_kd, kd.data, kd.len);
}

static void fielded_messages(void **state)
{
	static const struct { const char *name; struct mikey_keys **to, **from; } messages[] = {
		{ "gmk", &caller, &gms }, { "csk", &gms, &caller },
	};
	json_t *of = json_object_get(vectors, "fielded");
	struct mikey_sakke_opened opened;
	struct mikey_message m;
	struct receiver r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct octets whole = mikey_vector(json_object_get(of, messages[i].name), "message",
						   NULL);
		struct octets ssv = mikey_vector(json_object_get(of, messages[i].name), "ssv", NULL);

		receive(&r);
		r.keys[0] = *messages[i].to;
		r.communities[0] = fielded;
		assert_int_equal(mikey_decode(&m, whole.data, whole.len, NULL), 0);
		assert_int_equal(mikey_time_decode(mikey_find(&m, MIKEY_T, 0), &r.is.now), 0);
		r.is.now.seconds += WINDOW / 2;
		if (mikey_sakke_open(&r.is, whole.data, whole.len, &opened, why, sizeof(why)))
			fail_msg("%s", why);
		assert_memory_equal(opened.ssv, ssv.data, ssv.len);
		assert_int_equal(opened.initiator.len, MIKEY_UID_LEN);
		assert_memory_equal(opened.initiator.data, (*messages[i].from)->user.id.octets,
				    MIKEY_UID_LEN);
		expect(&r, whole.data, whole.len, MIKEY_REPLAYED, "replay");
		/* to the one that it is not for */
		r.keys[0] = *messages[i].from;
		expect(&r, whole.data, whole.len, MIKEY_NOT_FOR_US, "no keys of here");
		mikey_replay_free(r.is.replay);
	}
}

static void there_and_back(void **state)
{
	static const char *const names[] = { LAB_BOB, "urn:prose:ue2", "sip:bob@example.org" };
	uint8_t out[MIKEY_SAKKE_MAX], kd[MIKEY_KD_LEN];
	struct mikey_payload more[] = {
		{ .payload = MIKEY_SP, .type = 0, .data = { (const uint8_t *)"\0\1\1", 3 } },
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_KEY_ID,
		  .data = { (const uint8_t *)"\xf1\1\7", 3 } },
	};
	struct mikey_sakke_opened opened;
	struct mikey_sakke_offer o;
	struct mikey_keys *to;
	struct receiver r;
	int len;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		o = offer();
		o.to = (struct mikey_octets){ (const uint8_t *)names[i], strlen(names[i]) };
		o.name_kms = i;
		o.more = more;
		o.n_more = i;
		to = extracted(ours, names[i], APRIL);
		receive(&r);
		r.keys[0] = to;
		len = mikey_sakke_make(&o, out, sizeof(out), kd, why, sizeof(why));
		assert_true(len > 0);
		if (mikey_sakke_open(&r.is, out, (size_t)len, &opened, why, sizeof(why)))
			fail_msg("%s", why);
		assert_memory_equal(opened.kd, kd, sizeof(kd));
		assert_memory_equal(opened.ssv, o.ssv, sizeof(o.ssv));
		assert_int_equal(opened.message.csb_id, o.csb_id);
		assert_int_equal(mikey_find(&opened.message, MIKEY_SAKKE, 0)->type,
				 i ? MIKEY_SCHEME_URI : MIKEY_SCHEME_TEL);
		assert_int_equal(!mikey_find(&opened.message, MIKEY_EXTENSION, 0), i < 2);
		mikey_replay_free(r.is.replay);
		mikey_keys_free(to);
	}
	/* UIDs, as in the field */
	o = offer();
	o.from = gms;
	o.community = fielded;
	o.to = (struct mikey_octets){ caller->user.id.octets, caller->user.id.len };
	receive(&r);
	r.keys[0] = caller;
	r.communities[0] = fielded;
	len = (int)make(&o, out);
	expect(&r, out, (size_t)len, MIKEY_TAKEN, NULL);
	mikey_replay_free(r.is.replay);
}

static void not_to_be_made(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	static const struct {
		const char *to;
		int64_t time;
		const char *reason;
	} cases[] = {
		{ "tel:+44-7700", LAB_NOW, "separators" },
		{ "Tel:+447700900456", LAB_NOW, "no URI" },
		{ "bob", LAB_NOW, "no URI" },
		{ LAB_BOB, LAB_NOW + 20 * 86400, "keys of tel:+447700900123 are those of 2011-04" },
		{ LAB_BOB, LAB_NOW - 20 * 86400, "keys of tel:+447700900123 are those of 2011-04" },
	};
	struct mikey_sakke_offer o = offer();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		o.to = (struct mikey_octets){ (const uint8_t *)cases[i].to, strlen(cases[i].to) };
		o.time.seconds = cases[i].time;
		assert_int_equal(mikey_sakke_make(&o, out, sizeof(out), NULL, why, sizeof(why)), -1);
		if (!strstr(why, cases[i].reason))
			fail_msg("%s", why);
	}
	o = offer();
	assert_int_equal(mikey_sakke_make(&o, out, 490, NULL, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "does not fit"));
	o.from = gms;
	assert_int_equal(mikey_sakke_make(&o, out, sizeof(out), NULL, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "UID"));
}

/* What a receiver can tell before it has verified anything, each by a sentence of its own. */
static void refused_by_its_names(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	size_t len = make(&o, out);
	struct receiver r;

	(void)state;
	receive(&r);
	/* time, either way, and just not */
	r.is.now.seconds = LAB_NOW + WINDOW + 1;
	expect(&r, out, len, MIKEY_STALE, "601 seconds behind this clock");
	r.is.now.seconds = LAB_NOW - WINDOW - 1;
	expect(&r, out, len, MIKEY_STALE, "601 seconds ahead of this clock");
	r.is.now.seconds = LAB_NOW;
	/* month */
	r.keys[0] = bob_in_may;
	expect(&r, out, len, MIKEY_WRONG_MONTH, "needs keys of 2011-04");
	/* identity, both */
	r.keys[0] = gms;
	expect(&r, out, len, MIKEY_NOT_FOR_US, "no keys of here");
	r.is.n_keys = 0;
	expect(&r, out, len, MIKEY_NOT_FOR_US, "no keys of here");
	r.is.n_keys = 1;
	r.keys[0] = bob;
	r.is.initiator = (struct mikey_octets){ (const uint8_t *)"tel:+447700900124", 17 };
	expect(&r, out, len, MIKEY_WRONG_INITIATOR, "'tel:+447700900124' was awaited");
	r.is.initiator.len = 0;
	/* communities */
	r.communities[0] = strange;
	expect(&r, out, len, MIKEY_WRONG_COMMUNITY, "not trusted");
	r.is.n_communities = 0;
	expect(&r, out, len, MIKEY_WRONG_COMMUNITY, "not trusted");
	r.is.n_communities = 1;
	r.communities[0] = ours;
	o = offer();
	o.community = strange;
	len = make(&o, out);
	expect(&r, out, len, MIKEY_WRONG_COMMUNITY, "has no keys from");
	/* nothing of all that was remembered */
	assert_int_equal(mikey_replay_count(r.is.replay), 0);
	/* one's own, come back */
	o = offer();
	o.from = bob;
	len = make(&o, out);
	expect(&r, out, len, MIKEY_WRONG_INITIATOR, "this UE itself");
	mikey_replay_free(r.is.replay);
}

/* RFC 4567 4.1.4: by what the sender says to have offered, before anything is computed. */
static void refused_by_its_offer(void **state)
{
	struct mikey_payload more[] = {
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_KEY_ID,
		  .data = { (const uint8_t *)"\xf1\1\7", 3 } },
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_SDP_IDS,
		  .data = { (const uint8_t *)"k1;mikey", 8 } },
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_SDP_IDS,
		  .data = { (const uint8_t *)"mikey", 5 } },
	};
	static const char *const others[] = { "", "mikey", "k1", "mikey;k1", "k1;mikey;", "k1;mikeY" };
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	struct receiver r;
	size_t len;

	(void)state;
	o.more = more;
	o.n_more = 2;
	len = make(&o, out);
	receive(&r);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		r.is.offered = others[i];
		expect(&r, out, len, MIKEY_OTHER_OFFER, "offer of 'k1;mikey'");
	}
	assert_int_equal(mikey_replay_count(r.is.replay), 0);
	r.is.offered = "k1;mikey";
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	mikey_replay_free(r.is.replay);
	/* in no SDP there is nothing to go by */
	receive(&r);
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	mikey_replay_free(r.is.replay);
	/* one that says two things */
	o = offer();
	o.more = more;
	o.n_more = 3;
	len = make(&o, out);
	receive(&r);
	r.is.offered = "mikey";
	expect(&r, out, len, MIKEY_OTHER_OFFER, "offer of 'k1;mikey'");
	r.is.offered = "k1;mikey";
	expect(&r, out, len, MIKEY_OTHER_OFFER, "offer of 'mikey'");
	/* and one that says nothing */
	o = offer();
	o.more = more;
	o.n_more = 1;
	len = make(&o, out);
	r.is.offered = "mikey;k1";
	expect(&r, out, len, MIKEY_OTHER_OFFER, "does not say");
	r.is.offered = "";
	expect(&r, out, len, MIKEY_OTHER_OFFER, "does not say");
	r.is.offered = "mikey";
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	mikey_replay_free(r.is.replay);
}

/* The end of a month: keys of the next from the second-to-last day, of the last until the second. */
static void key_periods(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_keys *alice_in_may = extracted(ours, LAB_ALICE, MAY);
	int64_t may = LAB_NOW - 12 * 3600 + 16 * 86400;	/* 2011-05-01 00:00:00 */
	struct mikey_sakke_offer o = offer();
	struct receiver r;
	size_t len;

	(void)state;
	receive(&r);
	mikey_replay_free(r.is.replay);
	r.is.replay = mikey_replay_new(64, 5 * 86400);
	r.keys[1] = bob_in_may;
	r.is.n_keys = 2;
	/* made by a clock that is ahead */
	o.from = alice_in_may;
	o.time.seconds = may;
	len = make(&o, out);
	r.is.now.seconds = may - 2 * 86400 - 1;
	expect(&r, out, len, MIKEY_WRONG_MONTH, "not in use at this time");
	r.is.now.seconds = may - 2 * 86400;
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	/* by one that is behind */
	o = offer();
	o.time.seconds = may - 1;
	len = make(&o, out);
	r.is.now.seconds = may + 2 * 86400;
	expect(&r, out, len, MIKEY_WRONG_MONTH, "not in use at this time");
	r.is.now.seconds = may + 2 * 86400 - 1;
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	/* by keys of May, with a timestamp of April */
	o = offer();
	o.from = alice_in_may;
	o.time.seconds = may;
	len = make(&o, out);
	o.time.seconds--;
	assert_int_equal(mikey_time_encode(&o.time, out + MIKEY_HEADER_LEN + 2), 0);
	assert_int_equal(eccsi_sign(ours->eccsi, &alice_in_may->eccsi, out, len - ECCSI_SIGNATURE_LEN,
				    out + len - ECCSI_SIGNATURE_LEN), 0);
	expect(&r, out, len, MIKEY_BAD_SIGNATURE, "not the initiator's");
	mikey_replay_free(r.is.replay);
	mikey_keys_free(alice_in_may);
}

/* Well signed, and yet not a message that is meant here. */
static void refused_by_its_form(void **state)
{
	static const uint8_t t_counter[] = { 0, 0, 0, 1 };
	struct octets psk = mikey_vector(json_object_get(vectors, "psk_sha_256"), "message", NULL);
	uint8_t made[MIKEY_SAKKE_MAX], out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	size_t made_len = make(&o, made);
	struct mikey_message m, changed;
	struct receiver r;
	int len;

	(void)state;
	receive(&r);
	assert_int_equal(mikey_decode(&m, made, made_len, NULL), 0);
	/* T, RAND, IDRi, IDRr, IDRkmsi, IDRkmsr, SAKKE, SIGN */
	assert_int_equal(m.n, 8);
#define TRY(change, refusal, sentence) do { \
		changed = m; \
		change; \
		len = mikey_encode(&changed, out, sizeof(out), NULL); \
		assert_true(len > 0); \
		if (changed.payload[changed.n - 1].payload == MIKEY_SIGN && \
		    changed.payload[changed.n - 1].data.len == ECCSI_SIGNATURE_LEN) \
			sign(out, (size_t)len); \
		expect(&r, out, (size_t)len, refusal, sentence); \
	} while (0)
	TRY(changed.n--, MIKEY_UNSIGNED, "no signature at its end");
	TRY(changed.payload[6] = m.payload[7]; changed.n--, MIKEY_INCOMPLETE, "no SAKKE");
	TRY(changed.payload[0].payload = MIKEY_TR, MIKEY_UNSUPPORTED, "has TR in it");
	TRY(changed.payload[4].payload = MIKEY_CERT, MIKEY_UNSUPPORTED, "has CERT in it");
	TRY(changed.payload[4].payload = MIKEY_ID, MIKEY_UNSUPPORTED, "has ID in it");
	TRY(changed.payload[0] = m.payload[6]; changed.payload[6] = m.payload[7]; changed.n--,
	    MIKEY_INCOMPLETE, "no T");
	TRY(changed.payload[1] = m.payload[6]; changed.payload[6] = m.payload[7]; changed.n--,
	    MIKEY_INCOMPLETE, "no RAND");
	TRY(changed.payload[1].data.len = 15, MIKEY_INCOMPLETE, "15 octets");
	TRY(changed.prf = MIKEY_PRF_SHA_1, MIKEY_UNSUPPORTED, "PRF");
	TRY(changed.data_type = MIKEY_DATA_PK, MIKEY_UNSUPPORTED, "data type public key");
	TRY(changed.payload[7].type = MIKEY_SIGN_RSA, MIKEY_UNSUPPORTED, "none of ECCSI");
	TRY(changed.payload[7].data.len = 128, MIKEY_UNSUPPORTED, "none of ECCSI");
	TRY(changed.payload[6].role = 2, MIKEY_UNSUPPORTED, "parameter set 1");
	TRY(changed.payload[6].data.len--, MIKEY_UNSUPPORTED, "parameter set 1");
	TRY(changed.payload[6].type = 241, MIKEY_UNSUPPORTED, "scheme 241");
	TRY(changed.payload[0].type = MIKEY_TS_COUNTER;
	    changed.payload[0].data = ((struct mikey_octets){ t_counter, 4 }), MIKEY_UNSUPPORTED,
	    "none of NTP");
	/* names: none of the initiator; one that has two forms; of another scheme */
	TRY(changed.payload[2].role = 99, MIKEY_WRONG_INITIATOR, "does not say who it is from");
	TRY(changed.payload[2].data = ((struct mikey_octets){ (const uint8_t *)"tel:+44-7700900123", 18 }),
	    MIKEY_WRONG_INITIATOR, "separators");
	TRY(changed.payload[6].type = MIKEY_SCHEME_UID, MIKEY_NOT_FOR_US, "no keys of here");
	/* the community of the initiator, where the responder's is named too */
	TRY(changed.payload[4].data.len--, MIKEY_WRONG_COMMUNITY, "not trusted");
	TRY(changed.payload[5].data.len--, MIKEY_WRONG_COMMUNITY, "no keys from");
	assert_int_equal(mikey_replay_count(r.is.replay), 0);
	/* V set: to be ignored (RFC 6509 2.2.1). No names at all, when they are known otherwise. */
	TRY(changed.verify = true, MIKEY_TAKEN, NULL);
	r.is.initiator = (struct mikey_octets){ (const uint8_t *)LAB_ALICE, strlen(LAB_ALICE) };
	TRY(changed.csb_id++; changed.payload[2] = m.payload[6]; changed.payload[3] = m.payload[7];
	    changed.n = 4, MIKEY_TAKEN, NULL);
#undef TRY
	/* behind SIGN; not MIKEY; of another kind */
	memcpy(out, made, made_len);
	out[made_len] = 0;
	expect(&r, out, made_len + 1, MIKEY_MALFORMED, "behind SIGN");
	expect(&r, out, 0, MIKEY_MALFORMED, "malformed");
	expect(&r, out, MIKEY_SAKKE_MAX + 1, MIKEY_MALFORMED, "longer");
	expect(&r, psk.data, psk.len, MIKEY_UNSUPPORTED, "pre-shared key");
	mikey_replay_free(r.is.replay);
}

static void truncated(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX], *copy;
	struct mikey_sakke_offer o = offer();
	size_t len = make(&o, out);
	struct receiver r;

	(void)state;
	receive(&r);
	for (size_t i = 0; i < len; i++) {
		copy = malloc(i ? i : 1);
		memcpy(copy, out, i);
		expect(&r, copy, i, MIKEY_MALFORMED, "malformed");
		free(copy);
	}
	assert_int_equal(mikey_replay_count(r.is.replay), 0);
	mikey_replay_free(r.is.replay);
}

/* An octet anywhere: refused, and nothing is remembered of it. */
static void each_octet_changed(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	size_t len = make(&o, out), signatures = 0;
	struct mikey_sakke_opened opened;
	struct receiver r;

	(void)state;
	receive(&r);
	for (size_t at = 0; at < len; at++) {
		enum mikey_refusal refusal;

		out[at] ^= (uint8_t)(1 << at % 8);
		refusal = mikey_sakke_open(&r.is, out, len, &opened, why, sizeof(why));
		if (refusal == MIKEY_TAKEN || refusal == MIKEY_NOT_OPENED)
			fail_msg("octet %zu changed: %d", at, refusal);
		signatures += refusal == MIKEY_BAD_SIGNATURE;
		assert_int_equal(mikey_replay_count(r.is.replay), 0);
		out[at] ^= (uint8_t)(1 << at % 8);
	}
	assert_true(signatures > SAKKE_DATA_LEN + ECCSI_SIGNATURE_LEN);
	/* and as it was it is still good */
	expect(&r, out, len, MIKEY_TAKEN, NULL);
	mikey_replay_free(r.is.replay);
}

/* By the initiator's own hand: the one error, whatever is wrong, and once. */
static void bad_secrets(void **state)
{
	uint8_t made[MIKEY_SAKKE_MAX], out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	size_t len = make(&o, made);
	struct mikey_message m;
	struct receiver r;
	char first[MIKEY_REASON_MAX] = "";
	uint8_t *sakke;

	(void)state;
	receive(&r);
	assert_int_equal(mikey_decode(&m, made, len, NULL), 0);
	for (int i = 0; i < 5; i++) {
		memcpy(out, made, len);
		out[4] ^= (uint8_t)i;	/* another CSB */
		sakke = out + (mikey_find(&m, MIKEY_SAKKE, 0)->data.data - made);
		switch (i) {
		case 0:		/* off the curve */
			sakke[100] ^= 1;
			break;
		case 1:		/* x is not below p */
			memset(sakke + 1, 0xff, SAKKE_L);
			break;
		case 2:		/* another form of points */
			sakke[0] = 2;
			break;
		case 3:		/* H */
			sakke[SAKKE_DATA_LEN - 1] ^= 1;
			break;
		case 4:		/* (0, 0), which is on the curve and of order 2 */
			memset(sakke + 1, 0, 2 * SAKKE_L);
			break;
		}
		sign(out, len);
		expect(&r, out, len, MIKEY_NOT_OPENED, "could not be opened");
		if (!i)
			strcpy(first, why);
		assert_string_equal(why, first);
		assert_int_equal(mikey_refusal_error(MIKEY_NOT_OPENED),
				 mikey_refusal_error(MIKEY_BAD_SIGNATURE));
		/* authentic, so not another time */
		expect(&r, out, len, MIKEY_REPLAYED, "replay");
	}
	/* to another in the same community, under bob's name */
	o.to = (struct mikey_octets){ (const uint8_t *)"tel:+447700900457", 17 };
	o.csb_id++;
	len = make(&o, out);
	assert_int_equal(mikey_decode(&m, out, len, NULL), 0);
	((uint8_t *)mikey_find_role(&m, MIKEY_ROLE_RESPONDER)->data.data)[16] = '6';
	sign(out, len);
	expect(&r, out, len, MIKEY_NOT_OPENED, first);
	mikey_replay_free(r.is.replay);
}

/* Signatures that are somebody's, but not the initiator's of that month and community. */
static void bad_signatures(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_keys *mallory = extracted(ours, "tel:+447700900666", APRIL);
	struct mikey_sakke_offer o = offer();
	size_t len = make(&o, out);
	struct mikey_message m;
	struct receiver r;

	(void)state;
	receive(&r);
	assert_int_equal(eccsi_sign(ours->eccsi, &mallory->eccsi, out, len - ECCSI_SIGNATURE_LEN,
				    out + len - ECCSI_SIGNATURE_LEN), 0);
	expect(&r, out, len, MIKEY_BAD_SIGNATURE, "not the initiator's");
	/* mallory's, with alice's name in place of hers */
	o.from = mallory;
	len = make(&o, out);
	assert_int_equal(mikey_decode(&m, out, len, NULL), 0);
	memcpy((uint8_t *)mikey_find_role(&m, MIKEY_ROLE_INITIATOR)->data.data, LAB_ALICE,
	       strlen(LAB_ALICE));
	assert_int_equal(eccsi_sign(ours->eccsi, &mallory->eccsi, out, len - ECCSI_SIGNATURE_LEN,
				    out + len - ECCSI_SIGNATURE_LEN), 0);
	expect(&r, out, len, MIKEY_BAD_SIGNATURE, "not the initiator's");
	/* another community than the one the signature is of, under its name */
	o = offer();
	len = make(&o, out);
	r.communities[0] = fielded;
	memcpy(fielded->kms, LAB_KMS, sizeof(LAB_KMS));
	expect(&r, out, len, MIKEY_BAD_SIGNATURE, "not the initiator's");
	strcpy(fielded->kms, "kms.mydev.streamwide.com");
	assert_int_equal(mikey_replay_count(r.is.replay), 0);
	mikey_replay_free(r.is.replay);
	mikey_keys_free(mallory);
}

/* The cache says no: nothing is verified, and nothing changed. */
static void full_cache(void **state)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_sakke_offer o = offer();
	struct mikey_octets sender = { (const uint8_t *)LAB_ALICE, strlen(LAB_ALICE) };
	struct mikey_time time = { LAB_NOW, 0 };
	size_t len = make(&o, out);
	struct receiver r;

	(void)state;
	receive(&r);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(mikey_replay_add(r.is.replay, &sender, o.csb_id + 1 + i, &time,
						  &r.is.now), MIKEY_REPLAY_FRESH);
	expect(&r, out, len, MIKEY_OVERLOAD, "too many messages");
	mikey_replay_free(r.is.replay);
	receive(&r);
	mikey_replay_lost(r.is.replay, &r.is.now);
	expect(&r, out, len, MIKEY_OVERLOAD, "may be a replay");
	mikey_replay_free(r.is.replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_message),
		cmocka_unit_test(printed_message_made),
		cmocka_unit_test(fielded_messages),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(not_to_be_made),
		cmocka_unit_test(refused_by_its_names),
		cmocka_unit_test(refused_by_its_offer),
		cmocka_unit_test(key_periods),
		cmocka_unit_test(refused_by_its_form),
		cmocka_unit_test(truncated),
		cmocka_unit_test(each_octet_changed),
		cmocka_unit_test(bad_secrets),
		cmocka_unit_test(bad_signatures),
		cmocka_unit_test(full_cache),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
