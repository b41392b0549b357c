// SPDX-License-Identifier: MIT
/*
 * Isolated one-to-one communication of TS 24.334 on links: method eccsi-sakke itself, with keys of a KMS,
 * under strict TS 24.334 and without. What is in which message, both rekeyings, what an attacker can
 * change, send again and forge, and other methods beside it.
 */
#include "keying_lab.h"
#include "kms_lab.h"

#include "../sim/pair.h"
#include "core/link.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/psk/psk.h"

/* Of the simulator's clock, and the one after it. */
#define MONTH		((struct mikey_month){ 2023, 11 })
#define NEXT_MONTH	((struct mikey_month){ 2023, 12 })
#define PAYLOAD_LEN	273

static struct kms kms;

/* What a UE may be able to do. */
static struct {
	struct keying_method *keyed, *isolated, *psk;
} devices[2];
static struct keying_method *late_keyed, *late;	/* keys of the next month only */

static const char *const names[2] = { KMS_UE_1, KMS_UE_2 };

/* What was on the air. */
static struct {
	unsigned int requests, commands, rejects, exchanges, extensions, signed_requests;
	struct pc5s_message request, command, reject;
	uint8_t payload[PC5S_ENCRYPTED_PAYLOAD_MAX];
	struct sim_frame request_frame;
	void (*spoil)(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message);
	bool lost;		/* what is sent */
	unsigned int spoofed;
	struct sim_frame recorded;
} air;

static bool listen(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	if (!frame_decode(frame, &m))
		return true;
	air.extensions += pc5s_has_extensions(&m);
	if (m.type == PC5S_REQUEST) {
		air.requests++;
		air.signed_requests += pc5s_has(&m, PC5S_IE_SIGNATURE);
		air.request = m;
		air.request_frame = *frame;
	} else if (m.type == PC5S_SMC_COMMAND) {
		air.commands++;
		air.command = m;
		if (pc5s_has(&m, PC5S_IE_ENCRYPTED_PAYLOAD))
			memcpy(air.payload, m.encrypted_payload.data, m.encrypted_payload.len);
	} else if (m.type == PC5S_REJECT) {
		air.rejects++;
		air.reject = m;
	} else if (m.type == PC5S_KEY_ESTABLISHMENT) {
		air.exchanges++;
	}
	if (air.spoil)
		air.spoil(sim, frame, &m);
	return !air.lost;
}

static struct keying_method *keyed(const char *keys)
{
	const char *community = lab_path("kms"), *path = lab_path("%s", keys);
	struct mikey_sakke_files files = {
		.communities = &community, .n_communities = 1, .keys = &path, .n_keys = 1,
		.now = 1700000000,
	};
	char why[KEYING_TEXT_MAX];
	struct keying_method *method = mikey_sakke_new(&files, why, sizeof(why));

	if (!method)
		fail_msg("%s", why);
	return method;
}

static struct keying_method *isolated(const struct keying_method *from)
{
	char why[KEYING_TEXT_MAX];
	struct keying_method *method = eccsi_sakke_new(from, NULL, why, sizeof(why));

	if (!method)
		fail_msg("%s", why);
	return method;
}

static int setup(void **state)
{
	char why[KEYING_TEXT_MAX], line[128];

	if (lab_setup(state))
		return -1;
	kms_init(&kms, "kms.example.org");
	kms_public(&kms, lab_path("kms"));
	kms_extract(&kms, KMS_UE_1, NEXT_MONTH, lab_path("late"));
	for (int i = 0; i < 2; i++) {
		kms_extract(&kms, names[i], MONTH, lab_path("keys%d", i));
		devices[i].keyed = keyed(i ? "keys1" : "keys0");
		snprintf(line, sizeof(line), "%s %064d\n", names[!i], 7);
		devices[i].psk = psk_new(lab_write(lab_path("psk%d", i), line, 0600), why,
					 sizeof(why));
		assert_non_null(devices[i].psk);
	}
	late_keyed = keyed("late");
	late = isolated(late_keyed);
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		eccsi_sakke_free(devices[i].isolated);
		mikey_sakke_free(devices[i].keyed);
		psk_free(devices[i].psk);
	}
	eccsi_sakke_free(late);
	mikey_sakke_free(late_keyed);
	kms_free(&kms);
	return lab_teardown(state);
}

/*
 * They know each other. The simulator draws the same nonces each time, so that their methods must not remember
 * those of the test before.
 */
static struct pair isolated_pair(bool strict)
{
	struct pair p = pair_new();

	memset(&air, 0, sizeof(air));
	for (int i = 0; i < 2; i++) {
		struct sim_ue *u = i ? p.b : p.a;

		eccsi_sakke_free(devices[i].isolated);
		devices[i].isolated = isolated(devices[i].keyed);
		snprintf(u->config.identity, sizeof(u->config.identity), "%s", names[i]);
		pair_methods(u, devices[i].isolated, NULL);
		u->config.strict_24334 = strict;
	}
	pair_knows(p.a, p.b);
	pair_knows(p.b, p.a);
	p.sim->tap = listen;
	return p;
}

static void goes_on(struct pair *p, const char *method)
{
	pair_agree(p);
	assert_string_equal(sim_info(p->a, B).method, method);
	assert_string_equal(sim_info(p->b, A).method, method);
	assert_int_equal(air.exchanges, 0);
	pair_data(p);
}

static void connected_by(struct pair *p, const char *method)
{
	pair_connect(p);
	goes_on(p, method);
}

static void command_has(bool both)
{
	assert_int_equal(pc5s_has(&air.command, PC5S_IE_SIGNATURE), both);
	assert_int_equal(pc5s_has(&air.command, PC5S_IE_ENCRYPTED_PAYLOAD), both);
	assert_int_equal(pc5s_has(&air.command, PC5S_IE_MSB_KD_ID), both);
	if (both)
		assert_int_equal(air.command.encrypted_payload.len, PAYLOAD_LEN);
	assert_false(pc5s_has(&air.command, PC5S_IE_METHOD_CONTAINER));
}

/* REQUEST, COMMAND, COMPLETE, ACCEPT: no message more than with a key of old, and nothing of ours in any. */
static void sets_up(void **context)
{
	struct pair p = isolated_pair(true);
	uint64_t frames;

	(void)context;
	pair_methods(p.a, devices[0].psk, NULL);
	pair_methods(p.b, devices[1].psk, NULL);
	pair_start(&p);
	pair_connect(&p);
	frames = p.sim->frames_sent;
	sim_free(p.sim);

	p = isolated_pair(true);
	pair_start(&p);
	pair_connect(&p);
	assert_int_equal(p.sim->frames_sent, frames);
	assert_int_equal(air.extensions, 0);
	assert_true(pc5s_has(&air.request, PC5S_IE_SIGNATURE));
	assert_false(pc5s_has(&air.request, PC5S_IE_KD_ID));
	command_has(true);
	assert_true(pc5s_has(&air.command, PC5S_IE_USER_INFO));
	goes_on(&p, "eccsi-sakke");
	assert_non_null(strstr(sim_info(p.a, B).detail, "2023-11, KMS kms.example.org"));
	sim_free(p.sim);
}

/* 10.4.2.2: signed also where KD is named, and then there is nothing to make. */
static void reconnects(void **context)
{
	struct pair p = isolated_pair(true);

	(void)context;
	pair_start(&p);
	connected_by(&p, "eccsi-sakke");
	pair_release(&p);
	connected_by(&p, "eccsi-sakke");
	assert_true(pc5s_has(&air.request, PC5S_IE_KD_ID));
	assert_true(pc5s_has(&air.request, PC5S_IE_SIGNATURE));
	command_has(false);
	/* One has lost it: the signature is there, and it goes on at once. */
	pair_release(&p);
	pair_forget(p.b, A);
	connected_by(&p, "eccsi-sakke");
	assert_true(pc5s_has(&air.request, PC5S_IE_KD_ID));
	command_has(true);
	assert_int_equal(air.extensions, 0);
	sim_free(p.sim);
}

/* Either end begins, with and without a new KD. */
static void rekeys(void **context)
{
	(void)context;
	for (int i = 0; i < 8; i++) {
		bool strict = i & 1, kd = i & 2, by_b = i & 4;
		struct pair p = isolated_pair(strict);
		struct sim_ue *u, *v;

		pair_start(&p);
		connected_by(&p, "eccsi-sakke");
		u = by_b ? p.b : p.a;
		v = by_b ? p.a : p.b;
		assert_int_equal(sim_rekey(u, v, kd), 0);
		sim_run(p.sim, 3000);
		assert_int_equal(sim_info(u, v->config.l2_id).rekeys, 1);
		assert_int_equal(sim_info(u, v->config.l2_id).kd_rekeys, kd);
		assert_int_equal(air.commands, 2);
		command_has(kd);
		goes_on(&p, "eccsi-sakke");
		if (strict)
			assert_int_equal(air.extensions, 0);
		sim_free(p.sim);
	}
}

/* The method of a link goes on in rekeying, whichever UE_2 would choose for a new one. */
static void rekeys_by_the_same(void **context)
{
	(void)context;
	for (int strict = 0; strict < 2; strict++) {
		struct pair p = isolated_pair(strict);

		pair_methods(p.a, devices[0].isolated, NULL);
		pair_methods(p.b, devices[1].isolated, devices[1].psk);
		pair_start(&p);
		connected_by(&p, "eccsi-sakke");
		p.b->config.methods[0] = devices[1].psk;
		p.b->config.methods[1] = devices[1].isolated;
		assert_int_equal(ue_reconfigure(p.b->ue, &p.b->config, (char[KEYING_TEXT_MAX]){ 0 },
						KEYING_TEXT_MAX), 0);
		assert_int_equal(sim_rekey(p.a, p.b, true), 0);
		sim_run(p.sim, 3000);
		assert_int_equal(sim_info(p.b, A).kd_rekeys, 1);
		command_has(true);
		goes_on(&p, "eccsi-sakke");
		sim_free(p.sim);
	}
}

/* A peer that is known by its Layer-2 ID says in the command who it is. */
static void without_a_name(void **context)
{
	struct pair p = isolated_pair(true);

	(void)context;
	p.a->expected[0] = p.b->expected[0] = 0;
	pair_start(&p);
	connected_by(&p, "eccsi-sakke");
	assert_string_equal(sim_info(p.a, B).identity, KMS_UE_2);
	assert_string_equal(sim_info(p.b, A).identity, KMS_UE_1);
	sim_free(p.sim);
}

/* Side by side with keys of old: by what the request has, and by what is left. */
static void beside_psk(void **context)
{
	(void)context;
	for (int i = 0; i < 5; i++) {
		struct pair p = isolated_pair(true);
		const char *method = i == 4 ? "eccsi-sakke" : "psk";

		pair_methods(p.a, devices[0].isolated, devices[0].psk);
		pair_methods(p.b, devices[1].isolated, devices[1].psk);
		if (i == 0)		/* UE_1 has nothing else */
			pair_methods(p.a, devices[0].psk, NULL);
		else if (i == 1)	/* UE_2 has nothing else */
			pair_methods(p.b, devices[1].psk, NULL);
		else if (i == 2)	/* UE_1 has no keys of this month */
			pair_methods(p.a, late, devices[0].psk);
		else if (i == 3)	/* UE_2 wants it more */
			pair_methods(p.b, devices[1].psk, devices[1].isolated);
		pair_start(&p);
		connected_by(&p, method);
		assert_int_equal(pc5s_has(&air.request, PC5S_IE_SIGNATURE), i != 0 && i != 2);
		assert_int_equal(pc5s_has(&air.command, PC5S_IE_ENCRYPTED_PAYLOAD), i == 4);
		if (i == 2)
			assert_non_null(strstr(p.a->last[UE_REPORT_NOTICE].text,
					       "there are no keys of tel:+447700900123 for 2023-11"));
		/* a new KD comes as the first did */
		assert_int_equal(sim_rekey(p.b, p.a, true), 0);
		sim_run(p.sim, 3000);
		assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
		goes_on(&p, method);
		assert_int_equal(air.extensions, 0);
		sim_free(p.sim);
	}
}

static void no_keys(void **context)
{
	struct pair p = isolated_pair(true);

	(void)context;
	pair_methods(p.a, late, NULL);
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_non_null(strstr(sim_info(p.a, B).failure,
			       "there are no keys of tel:+447700900123 for 2023-11"));
	assert_int_equal(air.requests, 0);
	sim_free(p.sim);
}

/* Where extensions are allowed it is a method as others, in the IEs of the standard still. */
static void negotiated(void **context)
{
	static const uint8_t offered[] = { KEYING_ECCSI_SAKKE, KEYING_PSK };
	struct pair p = isolated_pair(false);

	(void)context;
	pair_methods(p.a, devices[0].isolated, devices[0].psk);
	pair_methods(p.b, devices[1].psk, devices[1].isolated);
	pair_start(&p);
	connected_by(&p, "psk");
	assert_true(pc5s_has(&air.request, PC5S_IE_SIGNATURE));
	sim_free(p.sim);

	p = isolated_pair(false);
	pair_methods(p.a, devices[0].isolated, devices[0].psk);
	pair_start(&p);
	connected_by(&p, "eccsi-sakke");
	assert_int_equal(air.request.methods.n, 2);
	assert_memory_equal(air.request.methods.id, offered, sizeof(offered));
	assert_false(pc5s_has(&air.request, PC5S_IE_METHOD_CONTAINER));
	assert_int_equal(air.command.selected_method, KEYING_ECCSI_SAKKE);
	command_has(true);
	sim_free(p.sim);
}

/* The name that is signed is in clear, so who hides it has to have another way, and is told so. */
static void hides_nothing(void **context)
{
	(void)context;
	for (int other = 0; other < 2; other++) {
		struct pair p = isolated_pair(false);

		pair_methods(p.a, devices[0].isolated, other ? devices[0].psk : NULL);
		pair_methods(p.b, devices[1].isolated, other ? devices[1].psk : NULL);
		p.a->config.hide_identity = true;
		pair_start(&p);
		connected_by(&p, "eccsi-sakke");
		pair_release(&p);
		if (other) {
			connected_by(&p, "eccsi-sakke");
			assert_false(pc5s_has(&air.request, PC5S_IE_SIGNATURE));
			command_has(false);
		} else {
			sim_connect(p.a, p.b);
			if (!strstr(sim_info(p.a, B).failure, "cannot hide its identity"))
				fail_msg("%s", sim_info(p.a, B).failure);
		}
		sim_free(p.sim);
	}
}

static void sign_falsely(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->signature[77] ^= 4;
	frame_encode(frame, message);
}

static void change_nonce(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->nonce_1[0] ^= 1;
	frame_encode(frame, message);
}

static void strip_signature(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->has &= ~PC5S_BIT(PC5S_IE_SIGNATURE);
	frame_encode(frame, message);
}

static bool said(const struct sim_ue *u, const char *text)
{
	return strstr(u->last[UE_REPORT_FAILED].text, text) ||
	       strstr(u->last[UE_REPORT_NOTICE].text, text);
}

/*
 * A wrong signature is cause 2, as the standard has it. What is not signed is in KD: no hash of the request
 * is echoed under strict TS 24.334, but MAC-I does not verify.
 */
static void request_changed(void **context)
{
	static const struct {
		void (*spoil)(struct sim *sim, struct sim_frame *frame, struct pc5s_message *m);
		uint8_t cause;
		const char *b;
	} cases[] = {
		{ sign_falsely, PC5S_CAUSE_AUTHENTICATION, "the signature is not that of " KMS_UE_1 },
		{ change_nonce, PC5S_CAUSE_AUTHENTICATION, "the signature is not that of " KMS_UE_1 },
		{ strip_signature, PC5S_CAUSE_CAPABILITIES, "offers no keying method" },
		{ spoil_inactivity, 0, NULL },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair p = isolated_pair(true);
		struct ue_stats stats;

		air.spoil = cases[i].spoil;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 60000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.a->key_logs, 0);
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		ue_get_stats(p.a->ue, &stats);
		if (cases[i].cause) {
			assert_true(air.rejects > 0);
			assert_int_equal(air.reject.cause, cases[i].cause);
			assert_int_equal(air.commands, 0);
		} else {
			assert_true(stats.mac_failed > 0);
		}
		if (cases[i].b && !said(p.b, cases[i].b))
			fail_msg("not said: %s", cases[i].b);
		sim_free(p.sim);
	}
}

static bool count_failures(void *context, const struct ue_link_info *info)
{
	unsigned int *n = context;

	*n += *info->failure != 0;
	return true;
}

/* What was forged takes no place of what there is to show, and is told as what anybody can do. */
static void forged_is_not_remembered(void **context)
{
	struct pair p = isolated_pair(true);
	unsigned int failures = 0;
	struct ue_stats stats;

	(void)context;
	pair_start(&p);
	sim_connect(p.b, p.a);
	air.lost = true;
	sim_run(p.sim, 20000);
	air.lost = false;
	air.rejects = 0;
	assert_int_equal(p.b->reports[UE_REPORT_FAILED], 1);
	for (unsigned int i = 0; i < 100; i++) {
		struct pc5s_message m = request_of(KMS_UE_1 "9", 100 + i);

		m.has = PC5S_BIT(PC5S_IE_SIGNATURE);
		memset(m.signature, 0x5a, sizeof(m.signature));
		plain_message(p.sim, 0x700000 + i, B, &m);
		sim_run(p.sim, PROSE_EMBEDDED_MS);
	}
	ue_get_stats(p.b->ue, &stats);
	assert_int_equal(stats.containers_limited, 0);
	assert_int_equal(air.rejects, 100);
	assert_int_equal(air.reject.cause, PC5S_CAUSE_AUTHENTICATION);
	assert_int_equal(p.b->reports[UE_REPORT_FAILED], 1);
	assert_true(said(p.b, "the signature is not that of " KMS_UE_1 "9"));
	ue_links(p.b->ue, count_failures, &failures);
	assert_int_equal(failures, 1);
	sim_free(p.sim);
}

static void move_signature(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	uint8_t copy[PC5S_SIGNATURE_LEN];

	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	memcpy(copy, message->signature, sizeof(copy));
	message->has &= ~PC5S_BIT(PC5S_IE_SIGNATURE);
	message->has |= PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
	message->method_container.method = KEYING_ECCSI_SAKKE;
	message->method_container.octets = (struct pc5s_octets){ copy, sizeof(copy) };
	frame_encode(frame, message);
}

/* A signature has one place only. */
static void signed_elsewhere(void **context)
{
	struct pair p = isolated_pair(false);

	(void)context;
	air.spoil = move_signature;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(air.commands, 0);
	assert_int_equal(air.reject.cause, PC5S_CAUSE_CAPABILITIES);
	assert_non_null(strstr(sim_info(p.b, A).failure, "offers no keying method"));
	sim_free(p.sim);
}

static void forge_commands(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	forge_copies(sim, frame, message, 29);
}

static void command_forged(void **context)
{
	struct pair p = isolated_pair(true);
	struct ue_stats stats;

	(void)context;
	air.spoil = forge_commands;
	pair_start(&p);
	connected_by(&p, "eccsi-sakke");
	ue_get_stats(p.a->ue, &stats);
	assert_true(stats.mac_failed > 5);
	sim_free(p.sim);
}

static void change_payload(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type == PC5S_SMC_COMMAND && pc5s_has(message, PC5S_IE_ENCRYPTED_PAYLOAD))
		frame->pdu[frame->len - 4 - 9] ^= 1;
}

/* A command has both or it has none, and of the one length that there is. */
static void parts_of_a_command(void **context)
{
	static const uint8_t octets[PAYLOAD_LEN + 1] = { 0x04, 1, [PAYLOAD_LEN - 1] = 2 };
	struct pc5s_message m = {
		.type = PC5S_SMC_COMMAND,
		.has = PC5S_BIT(PC5S_IE_SIGNATURE) | PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD),
		.encrypted_payload = { octets, PAYLOAD_LEN },
		.user_info = { PC5S_USER_INFO_UPPER_LAYERS, 2, "ab" },
	};
	uint8_t out[ISOLATED_COMMAND_MAX];

	(void)context;
	memset(m.signature, 0x33, sizeof(m.signature));
	assert_int_equal(isolated_command(&m, out), PAYLOAD_LEN + PC5S_SIGNATURE_LEN);
	assert_memory_equal(out, octets, PAYLOAD_LEN);
	assert_memory_equal(out + PAYLOAD_LEN, m.signature, sizeof(m.signature));
	m.has |= PC5S_BIT(PC5S_IE_USER_INFO);
	assert_int_equal(isolated_command(&m, out), PAYLOAD_LEN + PC5S_SIGNATURE_LEN + 2);
	assert_memory_equal(out + PAYLOAD_LEN + PC5S_SIGNATURE_LEN, "ab", 2);
	m.user_info.value[1] = '\n';
	assert_int_equal(isolated_command(&m, out), 0);
	m.user_info.value[1] = 'b';
	for (int by = -1; by <= 1; by += 2) {
		m.encrypted_payload.len = (uint16_t)(PAYLOAD_LEN + by);
		assert_int_equal(isolated_command(&m, out), 0);
	}
	m.encrypted_payload.len = PAYLOAD_LEN;
	m.has &= ~PC5S_BIT(PC5S_IE_SIGNATURE);
	assert_int_equal(isolated_command(&m, out), 0);
	m.has ^= PC5S_BIT(PC5S_IE_SIGNATURE) | PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD);
	assert_int_equal(isolated_command(&m, out), 0);
}

/* UE_1 waits for the true command as long as there is hope, and then says what the others were like. */
static void command_changed(void **context)
{
	struct pair p = isolated_pair(true);

	(void)context;
	air.spoil = change_payload;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
	if (!strstr(sim_info(p.a, B).failure, "the signature is not that of " KMS_UE_2))
		fail_msg("%s", sim_info(p.a, B).failure);
	assert_null(sim_peer(p.a, B));
	sim_free(p.sim);
}

/* Recorded, sent again when nobody remembers the answer: nothing is made, and a live link is not moved. */
static void request_again(void **context)
{
	struct pair p = isolated_pair(true);
	struct sim_frame recorded;
	unsigned int commands;

	(void)context;
	pair_start(&p);
	connected_by(&p, "eccsi-sakke");
	recorded = air.request_frame;
	for (int live = 1; live >= 0; live--) {
		if (!live) {
			pair_release(&p);
		}
		sim_run(p.sim, 200000);
		commands = air.commands;
		for (int i = 0; i < 3; i++) {
			sim_deliver(p.sim, &recorded);
			sim_run(p.sim, 20000);
		}
		assert_int_equal(air.commands, commands);
		assert_int_equal(air.reject.cause, PC5S_CAUSE_AUTHENTICATION);
		assert_int_equal(pair_connected(&p), live);
	}
	connected_by(&p, "eccsi-sakke");
	sim_free(p.sim);
}

/* Somebody sends a request in A's name, and nothing proves it, while the first command is under way. */
static void spoof(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	struct pc5s_message m = request_of(KMS_UE_1, 77);

	(void)frame;
	if (message->type != PC5S_SMC_COMMAND || air.spoofed++)
		return;
	if (sim->ues[0].config.strict_24334)
		m.has = 0;
	m.has |= PC5S_BIT(PC5S_IE_SIGNATURE);
	m.methods = (struct pc5s_methods){ 1, { KEYING_ECCSI_SAKKE } };
	memset(m.signature, 0x5a, sizeof(m.signature));
	plain_message(sim, A, B, &m);
}

/* The same without a signature, where UE_2 has a method that takes it. */
static void spoof_unsigned(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	struct pc5s_message m = request_of(KMS_UE_1, 77);

	(void)frame;
	if (message->type != PC5S_SMC_COMMAND || air.spoofed++)
		return;
	m.methods = (struct pc5s_methods){ 1, { KEYING_PSK } };
	plain_message(sim, A, B, &m);
}

/* A setup whose request was signed does not give way to one that proves nothing. */
static void spoofed_request(void **context)
{
	(void)context;
	for (int i = 0; i < 3; i++) {
		struct pair p = isolated_pair(i == 0);

		air.spoil = i == 2 ? spoof_unsigned : spoof;
		if (i == 2)
			for (int end = 0; end < 2; end++)
				pair_methods(end ? p.b : p.a, devices[end].isolated, devices[end].psk);
		pair_start(&p);
		sim_connect(p.a, p.b);
		assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 500));
		assert_int_equal(air.spoofed, 1);
		assert_int_equal(air.requests, 1);
		assert_int_equal(air.commands, 1);
		assert_int_equal(air.rejects, 0);
		goes_on(&p, "eccsi-sakke");
		sim_free(p.sim);
	}
}

static void replay_recorded(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)frame;
	if (message->type != PC5S_SMC_COMMAND || air.spoofed++)
		return;
	sim_queue(sim, &air.recorded, sim->now + 1);
}

/* A has asked B, who did not hear it; somebody else did. */
static struct pair recorded_pair(void)
{
	struct pair p = isolated_pair(true);

	pair_start(&p);
	air.lost = true;
	sim_connect(p.a, p.b);
	sim_run(p.sim, 20000);
	assert_int_equal(sim_info(p.b, A).state, UE_LINK_NULL);
	air.recorded = air.request_frame;
	air.lost = false;
	air.requests = air.commands = 0;
	air.spoil = replay_recorded;
	return p;
}

/* A setup gives way to one that is signed as well: that one may be a recorded one, so it may come back .. */
static void superseded_request(void **context)
{
	struct pair p = recorded_pair();
	struct sim_frame request;
	unsigned int commands;

	(void)context;
	sim_connect(p.a, p.b);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 3000));
	assert_int_equal(air.requests, 2);
	assert_int_equal(air.commands, 3);
	assert_int_equal(air.rejects, 0);
	/* .. until there is a link */
	sim_run(p.sim, 50);
	sim_deliver(p.sim, &air.recorded);
	sim_drain(p.sim);
	assert_int_equal(air.commands, 3);
	assert_int_equal(air.reject.cause, PC5S_CAUSE_AUTHENTICATION);
	goes_on(&p, "eccsi-sakke");
	request = air.request_frame;
	pair_release(&p);
	commands = air.commands;
	for (unsigned int i = 0; i < 20; i++) {
		sim_deliver(p.sim, i & 1 ? &air.recorded : &request);
		sim_drain(p.sim);
		sim_run(p.sim, 10 + 50 * i);
	}
	assert_int_equal(air.commands, commands);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 1);
	connected_by(&p, "eccsi-sakke");
	sim_free(p.sim);
}

/* .. and no longer than UE_1 would wait. */
static void superseded_too_long_ago(void **context)
{
	(void)context;
	for (int passed = 0; passed < 2; passed++) {
		struct pair p = recorded_pair();
		struct sim_frame request;

		sim_connect(p.a, p.b);
		sim_run(p.sim, 50);
		request = air.request_frame;
		assert_int_equal(air.commands, 2);
		air.lost = true;
		sim_run(p.sim, (PROSE_RETRIES + 1) * PROSE_T4100_MS + (passed ? 0 : -100));
		sim_deliver(p.sim, &request);
		sim_drain(p.sim);
		assert_int_equal(air.commands, passed ? 2 : 3);
		assert_int_equal(air.reject.cause, passed ? PC5S_CAUSE_AUTHENTICATION :
				 PC5S_CAUSE_NO_RESPONSE);
		sim_free(p.sim);
	}
}

/* Nobody can have more signatures verified than a few in a second. */
static void flood(void **context)
{
	struct pair p = isolated_pair(true);
	struct ue_stats stats;

	(void)context;
	pair_start(&p);
	for (unsigned int i = 0; i < 400; i++) {
		struct pc5s_message m = request_of(KMS_UE_1, 100 + i);

		m.has = PC5S_BIT(PC5S_IE_SIGNATURE);
		memset(m.signature, 0x5a, sizeof(m.signature));
		plain_message(p.sim, A + 1 + i, B, &m);
		sim_run(p.sim, 1);
	}
	sim_run(p.sim, 1000);
	ue_get_stats(p.b->ue, &stats);
	assert_true(stats.containers_limited > 300);
	sim_run(p.sim, 10000);
	connected_by(&p, "eccsi-sakke");
	sim_free(p.sim);
}

/* A request by somebody who has no keys, from a made-up Layer-2 ID and carrier address, or from one of his. */
static void junk(struct sim *sim, unsigned int n, const char *name, bool one_station)
{
	struct pc5s_message m = request_of(name, 100 + n);
	uint8_t out[SIM_PDU_MAX];
	struct sim_frame frame;
	int len;

	if (sim->ues[0].config.strict_24334)
		m.has = 0;
	m.has |= PC5S_BIT(PC5S_IE_SIGNATURE);
	m.methods = (struct pc5s_methods){ 1, { KEYING_ECCSI_SAKKE } };
	memset(m.signature, 0x5a, sizeof(m.signature));
	len = pc5s_encode(&m, out, sizeof(out), NULL);
	sim_check(len > 0);
	sim_frame_init(&frame, one_station ? 0x700000 : 0x700001 + n, B, 28);
	frame.src = 0x700001 + n;
	frame.pdu[0] = SDU_PC5S << 5;
	memcpy(frame.pdu + PDCP_HEADER, out, (size_t)len);
	frame.len = PDCP_HEADER + (size_t)len;
	sim_queue(sim, &frame, sim->now + 1);
}

/* Fifty in a second, for @ms. A calls when @begin have come, if it is to. */
static void junk_for(struct pair *p, unsigned int ms, unsigned int begin, const char *name,
		     bool one_station)
{
	for (unsigned int n = 0; n < ms / 20; n++) {
		junk(p->sim, n, name, one_station);
		if (n == begin)
			sim_connect(p->a, p->b);
		sim_run(p->sim, 20);
	}
}

static uint64_t limited(const struct pair *p)
{
	struct ue_stats stats;

	ue_get_stats(p->b->ue, &stats);
	return stats.containers_limited;
}

static bool only_a(void *context, const char *identity, uint32_t l2_id,
		   const struct ue_address *addresses, size_t n_addresses, char *why, size_t why_len)
{
	(void)context;
	(void)addresses;
	(void)n_addresses;
	snprintf(why, why_len, "It is not configured.");
	return l2_id == A && !strcmp(identity, KMS_UE_1);
}

/*
 * Who is meant gets through while somebody sends requests without end: from one station; with the names of
 * those that are not to be connected to; from made-up stations, when a link has come about from where A is,
 * or when he does not hear what is sent to them.
 */
static void shares(void **context)
{
	enum { ONE_STATION, NOT_ALLOWED, KNOWN, COOKIE, CASES };

	(void)context;
	for (unsigned int i = 0; i < 3 * CASES; i++) {
		struct pair p = isolated_pair(i % CASES != COOKIE);
		uint64_t before;

		p.sim->rng = 100 + i;
		if (i % CASES == NOT_ALLOWED)
			p.b->config.authorise = only_a;
		pair_start(&p);
		if (i % CASES == KNOWN) {
			connected_by(&p, "eccsi-sakke");
			pair_release(&p);
			pair_forget(p.a, B);
			pair_forget(p.b, A);
		}
		before = limited(&p);
		air.signed_requests = 0;
		junk_for(&p, 4000, 150 + i, i % CASES == NOT_ALLOWED ? KMS_UE_1 "9" : KMS_UE_1,
			 i % CASES == ONE_STATION);
		assert_true(pair_connected(&p));
		assert_string_equal(sim_info(p.b, A).method, "eccsi-sakke");
		assert_int_equal(air.signed_requests, i % CASES == COOKIE ? 2 : 1);
		if (i % CASES == NOT_ALLOWED)
			assert_int_equal(limited(&p), before);
		else if (i % CASES != COOKIE)
			assert_true(limited(&p) > before + 100);
		sim_free(p.sim);
	}
}

/* Stations that are known are not forgotten for those that are made up, and are not too many. */
static void stations(void **context)
{
	struct ue *ue = calloc(1, sizeof(*ue));
	struct ue_carrier_addr carrier = { .len = 6 };
	unsigned int taken = 0, known = 0;

	(void)context;
	assert_non_null(ue);
	for (unsigned int i = 0; i < PROSE_STATIONS_MAX; i++) {
		carrier.octets[5] = (uint8_t)i;
		station_known(ue, &carrier, 1000 + i);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		memcpy(carrier.octets, &i, sizeof(i));
		carrier.octets[4] = 1;
		taken += station_take(ue, &carrier, 2000);
	}
	assert_int_equal(taken, PROSE_EMBEDDED_BURST);
	assert_true(station_crowded(ue, &carrier, 2000));
	memset(&carrier, 0, sizeof(carrier));
	carrier.len = 6;
	for (unsigned int i = 0; i < PROSE_STATIONS_MAX; i++) {
		carrier.octets[5] = (uint8_t)i;
		known += !station_crowded(ue, &carrier, 2000);
		assert_int_equal(station_crowded(ue, &carrier, 2000), i < PROSE_STATIONS_MAX / 2);
	}
	assert_int_equal(known, PROSE_STATIONS_MAX / 2);
	/* each has its share, and that comes back */
	for (unsigned int round = 0; round < 2; round++) {
		taken = 0;
		for (unsigned int i = 0; i < 10; i++)
			taken += station_take(ue, &carrier, 2000 + round * PROSE_STATION_MS);
		assert_int_equal(taken, round ? 1 : PROSE_STATION_BURST);
	}
	/* of an IP address every port */
	carrier = (struct ue_carrier_addr){ .len = UE_CARRIER_ADDR_MAX };
	taken = 0;
	for (unsigned int i = 0; i < 10; i++) {
		carrier.octets[UE_CARRIER_ADDR_MAX - 1] = (uint8_t)i;
		taken += station_take(ue, &carrier, 100000);
	}
	assert_int_equal(taken, PROSE_STATION_BURST);
	free(ue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_up),
		cmocka_unit_test(reconnects),
		cmocka_unit_test(rekeys),
		cmocka_unit_test(rekeys_by_the_same),
		cmocka_unit_test(without_a_name),
		cmocka_unit_test(beside_psk),
		cmocka_unit_test(no_keys),
		cmocka_unit_test(negotiated),
		cmocka_unit_test(request_changed),
		cmocka_unit_test(forged_is_not_remembered),
		cmocka_unit_test(signed_elsewhere),
		cmocka_unit_test(hides_nothing),
		cmocka_unit_test(command_forged),
		cmocka_unit_test(parts_of_a_command),
		cmocka_unit_test(command_changed),
		cmocka_unit_test(request_again),
		cmocka_unit_test(spoofed_request),
		cmocka_unit_test(superseded_request),
		cmocka_unit_test(superseded_too_long_ago),
		cmocka_unit_test(flood),
		cmocka_unit_test(shares),
		cmocka_unit_test(stations),
	};

	return cmocka_run_group_tests_name("link_isolated", tests, setup, teardown);
}
