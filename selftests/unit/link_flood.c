// SPDX-License-Identifier: MIT
/*
 * Floods of containers in requests and commands that are what they should be but for the signature, against
 * the methods that take them, mikey-sakke and eccsi-sakke: how many signatures a UE verifies for them, how
 * many pairings it computes, and who connects all the same. The linker puts what counts before the primitives
 * (ld --wrap).
 */
#include "calls_lab.h"
#include "keying_lab.h"
#include "kms_lab.h"

#include <openssl/rand.h>

#include "../sim/pair.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/mikey_sakke/run.h"

WRAP(int, eccsi_sign, const struct eccsi_domain *domain, const struct eccsi_key *key,
     const uint8_t *message, size_t len, uint8_t signature[ECCSI_SIGNATURE_LEN])
{
	calls.sign++;
	return __real_eccsi_sign(domain, key, message, len, signature);
}

WRAP(int, sakke_encapsulate, const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN])
{
	calls.encapsulate++;
	return __real_sakke_encapsulate(domain, id, id_len, ssv, data);
}

/* By which method, and how. */
static const struct kind {
	const char *name;
	bool isolated, strict;
} kinds[] = {
	{ "mikey-sakke", false, false },
	{ "eccsi-sakke", true, false },
	{ "eccsi-sakke, strict", true, true },
};

#define KINDS		(sizeof(kinds) / sizeof(kinds[0]))
#define SOURCE		0x600000
#define REQUESTS	2000
#define COMMANDS	1000
#define CSB_ID_AT	4

static struct kms kms;
static struct keying_method *methods[2];	/* mikey-sakke, of either UE */
static const char *const names[2] = { KMS_UE_1, KMS_UE_2 };

static struct keying_method *load(const char *keys)
{
	const char *community = lab_path("ours"), *path = lab_path("%s", keys);
	const struct mikey_sakke_files files = {
		.communities = &community, .n_communities = 1, .keys = &path, .n_keys = 1,
		.in_request = true, .now = LAB_NOW,
	};
	char why[KEYING_TEXT_MAX] = "";
	struct keying_method *made = mikey_sakke_new(&files, why, sizeof(why));

	if (!made)
		fail_msg("%s", why);
	return made;
}

static int setup(void **state)
{
	if (lab_setup(state))
		return -1;
	kms_init(&kms, "kms.example.org");
	kms_public(&kms, lab_path("ours"));
	for (int i = 0; i < 2; i++) {
		kms_extract(&kms, names[i], KMS_NOVEMBER, lab_path("ue%d", i));
		methods[i] = load(i ? "ue1" : "ue0");
	}
	return 0;
}

static int teardown(void **state)
{
	mikey_sakke_free(methods[0]);
	mikey_sakke_free(methods[1]);
	kms_free(&kms);
	return lab_teardown(state);
}

static int64_t lab_clock(void *context)
{
	(void)context;
	return LAB_NOW;
}

/* What an attacker has learnt of the air, and what it keeps from arriving. */
static struct air {
	const struct kind *kind;
	bool has_request, has_command, stops_commands;
	struct pc5s_message request, command;
	uint8_t request_container[SIM_PDU_MAX], command_container[SIM_PDU_MAX];
	struct sim_frame command_frame;
	bool hears;			/* and sends its request again when it is asked to */
	unsigned int again;
	struct {
		uint8_t octets[SIM_PDU_MAX];
		size_t len;
	} forged[REQUESTS];
} air;

/* A message with octets of its own, for those of others to be put into. */
static void keep(struct pc5s_message *to, const struct pc5s_message *message,
		 uint8_t octets[static SIM_PDU_MAX])
{
	*to = *message;
	if (pc5s_has(message, PC5S_IE_METHOD_CONTAINER)) {
		memcpy(octets, message->method_container.octets.data,
		       message->method_container.octets.len);
		to->method_container.octets.data = octets;
	}
	if (pc5s_has(message, PC5S_IE_ENCRYPTED_PAYLOAD)) {
		memcpy(octets, message->encrypted_payload.data, message->encrypted_payload.len);
		to->encrypted_payload.data = octets;
	}
}

static bool has_container(const struct pc5s_message *message)
{
	return pc5s_has(message, air.kind->isolated ? PC5S_IE_SIGNATURE : PC5S_IE_METHOD_CONTAINER);
}

static void with_a_cookie(struct sim *sim, uint32_t n, const uint8_t cookie[PROSE_COOKIE_LEN])
{
	uint8_t *octets = air.forged[n].octets;
	size_t len = air.forged[n].len;

	octets[len] = PC5S_IEI_COOKIE;
	octets[len + 1] = PROSE_COOKIE_LEN;
	memcpy(octets + len + 2, cookie, PROSE_COOKIE_LEN);
	air.again++;
	sim_plain(sim, SOURCE + n, B, octets, len + PC5S_COOKIE_IE_LEN);
}

static bool listen(struct sim *sim, struct sim_frame *frame)
{
	uint32_t n = frame->dst - SOURCE;
	struct pc5s_message m;

	if (!frame_decode(frame, &m))
		return true;
	if (n < REQUESTS && air.hears && m.type == PC5S_REJECT && pc5s_has(&m, PC5S_IE_COOKIE))
		with_a_cookie(sim, n, m.cookie);
	if (m.type == PC5S_REQUEST && frame->src == A && has_container(&m)) {
		air.has_request = true;
		keep(&air.request, &m, air.request_container);
	}
	if (m.type != PC5S_SMC_COMMAND || frame->src != B)
		return true;
	if (has_container(&m)) {
		air.has_command = true;
		keep(&air.command, &m, air.command_container);
		air.command_frame = *frame;
	}
	return !air.stops_commands;
}

/* A is UE_1 of the files, B UE_2. */
static struct pair pair_of(const struct kind *kind)
{
	struct pair p = pair_new();

	memset(&calls, 0, sizeof(calls));
	memset(&air, 0, sizeof(air));
	air.kind = kind;
	for (int i = 0; i < 2; i++) {
		struct sim_ue *u = i ? p.b : p.a;
		char why[KEYING_TEXT_MAX] = "";

		snprintf(u->config.identity, sizeof(u->config.identity), "%s", names[i]);
		snprintf(u->expected, sizeof(u->expected), "%s", names[!i]);
		u->expected_l2_id = i ? A : B;
		u->config.methods[0] = kind->isolated ?
			eccsi_sakke_new(methods[i], NULL, why, sizeof(why)) : methods[i];
		if (!u->config.methods[0])
			fail_msg("%s", why);
		u->config.n_methods = 1;
		u->config.strict_24334 = kind->strict;
		u->config.wall_clock = lab_clock;
	}
	p.sim->tap = listen;
	return p;
}

static void pair_end(struct pair *p)
{
	struct keying_method *a = (struct keying_method *)p->a->config.methods[0];
	struct keying_method *b = (struct keying_method *)p->b->config.methods[0];

	sim_free(p->sim);
	if (air.kind->isolated) {
		eccsi_sakke_free(a);
		eccsi_sakke_free(b);
	}
}

/* r of a signature: in range, and whose it is takes a verification to find out. */
static void spoil(uint8_t signature[static ECCSI_SIGNATURE_LEN])
{
	sim_check(RAND_bytes(signature + 1, ECCSI_N - 1) == 1);
}

/* I_MESSAGE made for another run or for another place in this one; not known by its CSB ID. */
static void forge(uint8_t *octets, size_t len, const uint8_t *extension)
{
	struct mikey_message parts;

	sim_check(!mikey_decode(&parts, octets, len, NULL));
	sim_check(RAND_bytes(octets + CSB_ID_AT, 4) == 1);
	if (extension)
		memcpy(octets + (mikey_find(&parts, MIKEY_EXTENSION, 0)->data.data - octets),
		       extension, RUN_EXTENSION_LEN);
	spoil(octets + (mikey_find(&parts, MIKEY_SIGN, 0)->data.data - octets));
}

/* From a UE that there is not, who says it is UE_1. */
static void forged_request(struct sim *sim, uint32_t n)
{
	struct pc5s_message m = air.request;
	struct keying_context context = {
		.role = KEYING_UE_1, .ue_1_l2_id = SOURCE + n, .ue_2_l2_id = B, .embedded = true,
	};
	uint8_t extension[RUN_EXTENSION_LEN];
	struct run run;
	int len;

	sim_check(RAND_bytes(m.nonce_1, sizeof(m.nonce_1)) == 1);
	if (air.kind->isolated) {
		spoil(m.signature);
	} else {
		memcpy(context.nonce_1, m.nonce_1, sizeof(m.nonce_1));
		sim_check(!run_begin(&run, &context));
		sim_check(!run_extension(&run, 1, RUN_REPLY_REQUIRED, extension));
		run_end(&run);
		forge(air.request_container, m.method_container.octets.len, extension);
	}
	len = pc5s_encode(&m, air.forged[n].octets, SIM_PDU_MAX - PC5S_COOKIE_IE_LEN, NULL);
	sim_check(len > 0);
	air.forged[n].len = (size_t)len;
	sim_plain(sim, SOURCE + n, B, air.forged[n].octets, (size_t)len);
}

static void in_bounds(const char *what, const struct ue_stats *stats, uint64_t ms)
{
	print_message("%s, %s: in %lu ms %u verifications, %u pairings, %lu not looked into\n",
		      air.kind->name, what, (unsigned long)ms, calls.verify, calls.decapsulate,
		      (unsigned long)stats->containers_limited);
	/* it is no use if nothing got that far */
	assert_in_range(calls.verify, PROSE_EMBEDDED_BURST,
			PROSE_EMBEDDED_BURST + ms / PROSE_EMBEDDED_MS + 1);
	assert_int_equal(calls.verified, 0);
	assert_int_equal(calls.decapsulate, 0);
}

/*
 * Each costs a verification at most, and not more are made than the bucket has; nothing is signed, opened or
 * encapsulated for one. What mikey-sakke leaves to an exchange is half open, and the next has to listen; with
 * eccsi-sakke it has to when many were verified, but under strict TS 24.334.
 * Whom there is a link to keeps it, and connects again when it is quiet.
 */
static void of_requests(void **context)
{
	(void)context;
	for (size_t i = 0; i < 2 * KINDS; i++) {
		const struct kind *kind = &kinds[i / 2];
		struct pair p = pair_of(kind);
		struct ue_stats stats;
		uint64_t begun;

		air.hears = i & 1;
		pair_start(&p);
		pair_connect(&p);
		assert_true(air.has_request);
		assert_int_equal(calls.verified, 2);
		/* the bucket is full again */
		sim_run(p.sim, 10000);
		memset(&calls, 0, sizeof(calls));
		begun = p.sim->now;
		for (uint32_t n = 0; n < REQUESTS; n++) {
			forged_request(p.sim, n);
			sim_run(p.sim, 1);
		}
		sim_run(p.sim, 100);
		ue_get_stats(p.b->ue, &stats);
		in_bounds(air.hears ? "requests of who hears" : "requests", &stats,
			  p.sim->now - begun);
		assert_int_equal(calls.sign + calls.encapsulate, 0);
		assert_int_equal(calls.verify + stats.containers_limited + stats.cookies +
				 stats.half_open_full, REQUESTS + air.again);
		assert_int_equal(stats.cookies > REQUESTS / 2, !kind->strict);
		assert_int_equal(stats.half_open_full > 0, !kind->isolated && air.hears);
		assert_int_equal(air.again > REQUESTS / 2, !kind->strict && air.hears);
		assert_true(pair_connected(&p));
		pair_data(&p);
		sim_run(p.sim, 60000);
		assert_int_equal(sim_release(p.a, p.b), 0);
		sim_run(p.sim, 5000);
		assert_int_equal(ue_forget(p.a->ue, B, (char[KEYING_TEXT_MAX]){ 0 },
					   KEYING_TEXT_MAX), 0);
		memset(&calls, 0, sizeof(calls));
		air.has_command = false;
		pair_connect(&p);
		assert_true(air.has_command);
		assert_int_equal(calls.verify, 2);
		assert_int_equal(calls.verified, 2);
		pair_end(&p);
	}
}

/* As UE_2 would send it. */
static void forged_command(struct sim *sim)
{
	struct pc5s_message m = air.command;
	struct sim_frame frame = air.command_frame;
	uint8_t mac[4];
	int len;

	if (air.kind->isolated)
		spoil(m.signature);
	else
		forge(air.command_container, m.method_container.octets.len, NULL);
	memcpy(mac, frame.pdu + frame.len - sizeof(mac), sizeof(mac));
	len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER - sizeof(mac), NULL);
	sim_check(len > 0);
	memcpy(frame.pdu + PDCP_HEADER + len, mac, sizeof(mac));
	frame.len = PDCP_HEADER + (size_t)len + sizeof(mac);
	sim_queue(sim, &frame, sim->now + 1);
}

/* The same at UE_1, whom the true command does not reach as long as they come. */
static void of_commands(void **context)
{
	(void)context;
	for (size_t i = 0; i < KINDS; i++) {
		struct pair p = pair_of(&kinds[i]);
		struct ue_stats stats;
		uint64_t begun;

		air.stops_commands = true;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 100);
		assert_true(air.has_command);
		/* of the request */
		assert_int_equal(calls.verified, 1);
		assert_int_equal(calls.decapsulate, !kinds[i].isolated);
		memset(&calls, 0, sizeof(calls));
		begun = p.sim->now;
		for (int n = 0; n < COMMANDS; n++) {
			forged_command(p.sim);
			sim_run(p.sim, 1);
		}
		sim_run(p.sim, 5);
		ue_get_stats(p.a->ue, &stats);
		in_bounds("commands", &stats, p.sim->now - begun);
		assert_int_equal(calls.sign + calls.encapsulate, 0);
		assert_int_equal(calls.verify + stats.containers_limited, COMMANDS);
		assert_int_equal(stats.mac_failed, COMMANDS);
		assert_int_equal(sim_state(p.a, B), UE_LINK_REQUESTED);
		assert_null(sim_peer(p.a, B));
		/* the same run goes on */
		air.stops_commands = false;
		if (!sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 20000))
			fail_msg("%s: %s", kinds[i].name, sim_info(p.a, B).failure);
		assert_int_equal(p.a->reports[UE_REPORT_FAILED], 0);
		assert_int_equal(calls.verified, 1);
		assert_int_equal(calls.decapsulate, 1);
		pair_agree(&p);
		pair_data(&p);
		pair_end(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_requests),
		cmocka_unit_test(of_commands),
	};

	return cmocka_run_group_tests_name("link_flood", tests, setup, teardown);
}
