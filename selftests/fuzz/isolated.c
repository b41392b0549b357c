// SPDX-License-Identifier: MIT
/*
 * The isolated flow of TS 24.334, method eccsi-sakke, from the octets of a message on: what decodes goes by
 * the core's way (core/isolated.c) into the method. Octet 1 says what the rest is:
 *
 *  - a request to UE_2, meddled with, which UE_1 has signed anew after that or has not;
 *  - a command to UE_1, meddled with or with another secret, which UE_2 has signed anew or has not.
 *
 * Always: a KD only out of what was signed by who the message says it is from, for this run; no request is
 * answered twice; what fails leaves no KD and says why; and whatever UE_1 was given before, it takes the true
 * command, and has the KD of UE_2 then.
 *
 * The linker puts sim/primitives.c before ECCSI and SAKKE, which take a hundred times as long here as all
 * else; one input in sixty-four has them all the same.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/identity.h"
#include "core/link.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/eccsi_sakke/signed.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"
#include "mikey/key_file.h"
#include "sakke/extract.h"

#include "../sim/primitives.h"

enum kind { REQUEST, COMMAND, KINDS };

#define MESSAGE_MAX	1024
#define EDITS_MAX	7
#define PRODUCTS_EVERY	64
#define ALICE		"tel:+447700900123"
#define BOB		"urn:prose:bob"
#define NOW		1302868800	/* 2011-04-15 */

static const struct mikey_month april = { 2011, 4 };
static const char *const names[2] = { ALICE, BOB };

/**
 * struct lab - UE_1, Alice, and UE_2, Bob, of one KMS, and what they say in a run of theirs. There is one
 *	of the product's primitives, and one of those in their place
 * @community: whose users they are
 * @keys: of either, by the role
 * @methods: mikey-sakke with these
 * @request: octets of it
 * @command: and of that
 * @true_request: decoded
 * @true_command: decoded
 * @kd: that comes of it
 */
static struct lab {
	struct mikey_community *community;
	struct mikey_keys *keys[2];
	struct keying_method *methods[2];
	uint8_t request[MESSAGE_MAX], command[MESSAGE_MAX];
	size_t request_len, command_len;
	struct pc5s_message true_request, true_command;
	uint8_t kd[KEYING_KD_LEN];
} both[2], *lab;

static const char *file_of(unsigned int n, const struct mikey_user *user,
			   const struct mikey_key_material *material)
{
	struct keying_file file;
	const char *name;

	fuzz_check(!mikey_key_file_format(lab->community, user, material, &file));
	name = fuzz_file(n, file.data, file.len);
	keying_file_free(&file);
	return name;
}

static void extract(enum keying_role role, const uint8_t *ksak, const uint8_t *z)
{
	const char *communities[] = { file_of(0, NULL, NULL) }, *keys[1];
	struct mikey_sakke_files files = {
		.communities = communities, .n_communities = 1, .keys = keys, .n_keys = 1,
		.now = NOW,
	};
	struct mikey_key_material material;
	struct mikey_user user;

	fuzz_check(!mikey_user_by_month(names[role], &april, &user, NULL, 0));
	fuzz_check(!eccsi_extract(ksak, user.id.octets, user.id.len, NULL, material.ssk,
				  material.pvt));
	fuzz_check(!sakke_extract(z, user.id.octets, user.id.len, material.rsk));
	keys[0] = file_of(1, &user, &material);
	lab->keys[role] = mikey_keys_new(lab->community, &user, &material, NULL, 0);
	lab->methods[role] = mikey_sakke_new(&files, NULL, 0);
	fuzz_check(lab->keys[role] && lab->methods[role]);
}

static void make_keys(void)
{
	uint8_t ksak[ECCSI_SCALAR_LEN], kpak[ECCSI_POINT_LEN];
	uint8_t z[SAKKE_SCALAR_LEN], z_public[SAKKE_POINT_LEN];

	fuzz_check(!eccsi_master_make(ksak, kpak) && !sakke_master_make(z, z_public));
	lab->community = mikey_community_new("kms.example.org", kpak, z_public, NULL, 0);
	fuzz_check(lab->community);
	extract(KEYING_UE_1, ksak, z);
	extract(KEYING_UE_2, ksak, z);
}

/*
 * Not by one of its octets: what is made of an input that has them would have them as well, and there would be
 * time for little else.
 */
static bool by_products(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261;	/* FNV-1a */

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 16777619;
	return (hash ^ hash >> 16) % PRODUCTS_EVERY == 0;
}

static void use(bool products)
{
	lab = &both[!products];
	primitives_begin(products, 1);
}

static struct keying_method *method_of(enum keying_role role)
{
	struct keying_method *method = eccsi_sakke_new(lab->methods[role], NULL, NULL, 0);

	fuzz_check(method);
	return method;
}

/* Both have the nonces of the true run; @peer is who UE_1 awaits, or who UE_2 was told it hears. */
static struct keying_session *open_run(const struct keying_method *method, enum keying_role role,
				       const char *peer, const uint8_t *nonce_1, bool rekeying)
{
	struct keying_context context = {
		.role = role, .ue_1_l2_id = 1, .ue_2_l2_id = 2, .now = NOW, .embedded = true,
		.rekeying = rekeying, .nonce_2 = { 2 }, .request_hash = { 3 },
	};
	struct keying_error error = { 0 };
	struct keying_session *session;

	memcpy(context.nonce_1, nonce_1, sizeof(context.nonce_1));
	snprintf(context.peer_identity, sizeof(context.peer_identity), "%s", peer);
	session = method->open(method, &context, &error);
	if (!session)
		fuzz_check(error.cause == 2 && keying_text_valid(error.text, strlen(error.text)));
	return session;
}

/* Takes a container; what is sent is put away. */
static enum keying_status step(const struct keying_method *method, struct keying_session *session,
			       const uint8_t *in, size_t len, struct keying_buffer *out,
			       struct keying_result *result)
{
	static const struct keying_result nothing;
	struct keying_error error = { 0 };
	struct keying_buffer buffer;
	enum keying_status status = method->step(session, in, len, &buffer, result, &error);

	if (status != KEYING_DONE)
		fuzz_check(!memcmp(result, &nothing, sizeof(nothing)));
	if (status == KEYING_FAILED)
		fuzz_check(!buffer.len && (error.cause == 2 || error.cause == 8) && error.text[0] &&
			   keying_text_valid(error.text, strlen(error.text)));
	if (out)
		*out = buffer;
	else
		free(buffer.data);
	return status;
}

static size_t encode(const struct pc5s_message *message, uint8_t octets[static MESSAGE_MAX])
{
	int len = pc5s_encode(message, octets, MESSAGE_MAX, NULL);

	fuzz_check(len > 0);
	return (size_t)len;
}

/* A run, in which nobody meddles. */
static void speak(void)
{
	struct pc5s_message m = {
		.type = PC5S_REQUEST, .nonce_1 = { 1 }, .capabilities = 0x2020,
		.ip_config = PC5S_IP_CONFIG_NONE, .max_inactivity = 60, .msb_kd_sess_id = 7,
	};
	struct pc5s_message c = {
		.type = PC5S_SMC_COMMAND, .nonce_2 = { 2 }, .capabilities = 0x2020, .lsb_kd_sess_id = 9,
		.chosen_algorithms = 0x22, .msb_kd_id = 5,
		.has = PC5S_BIT(PC5S_IE_USER_INFO) | PC5S_BIT(PC5S_IE_MSB_KD_ID),
	};
	struct keying_method *ue_1, *ue_2;
	struct keying_session *a, *b;
	struct keying_buffer first, second;
	struct keying_result result;

	ue_1 = method_of(KEYING_UE_1);
	ue_2 = method_of(KEYING_UE_2);
	a = open_run(ue_1, KEYING_UE_1, BOB, m.nonce_1, false);
	b = open_run(ue_2, KEYING_UE_2, ALICE, m.nonce_1, false);
	fuzz_check(step(ue_1, a, NULL, 0, &first, &result) == KEYING_SEND);
	fuzz_check(step(ue_2, b, first.data, first.len, &second, &result) == KEYING_DONE);
	memcpy(lab->kd, result.kd, sizeof(lab->kd));
	identity_to_user_info(ALICE, &m.user_info);
	identity_to_user_info(BOB, &c.user_info);
	fuzz_check(isolated_put(&m, &first) && isolated_put(&c, &second));
	lab->request_len = encode(&m, lab->request);
	lab->command_len = encode(&c, lab->command);
	free(first.data);
	free(second.data);
	fuzz_check(!pc5s_decode(&lab->true_request, lab->request, lab->request_len, NULL));
	fuzz_check(!pc5s_decode(&lab->true_command, lab->command, lab->command_len, NULL));
	ue_1->close(a);
	ue_2->close(b);
	eccsi_sakke_free(ue_1);
	eccsi_sakke_free(ue_2);
	OPENSSL_cleanse(&result, sizeof(result));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (int products = 0; products < 2; products++) {
		use(products);
		make_keys();
		speak();
	}
	return 0;
}

/* The message with some of its octets changed, put in or taken out, in an allocation of its size. */
static uint8_t *meddled(struct fuzz_input *input, unsigned int edits, const uint8_t *message,
			size_t *len)
{
	uint8_t data[MESSAGE_MAX + EDITS_MAX], *exact;

	memcpy(data, message, *len);
	while (edits-- && *len) {
		size_t at = fuzz_u16(input) % *len;
		uint8_t with = fuzz_u8(input);

		if (with == 0xff) {
			memmove(data + at + 1, data + at, *len - at);
			data[at] = fuzz_u8(input);
			(*len)++;
		} else if (with == 0xfe) {
			memmove(data + at, data + at + 1, *len - at - 1);
			(*len)--;
		} else {
			data[at] ^= with;
		}
	}
	exact = malloc(*len ? *len : 1);
	fuzz_check(exact);
	memcpy(exact, data, *len);
	return exact;
}

static bool same_name(const struct pc5s_user_info *a, const struct pc5s_user_info *b)
{
	return a->type == b->type && a->len == b->len && !memcmp(a->value, b->value, a->len);
}

/* Of a name that is too long there is nothing to sign. */
static bool sign(enum keying_role role, const char *name, const uint8_t *nonce_1,
		 const uint8_t *payload, uint8_t signature[static ECCSI_SIGNATURE_LEN])
{
	uint8_t data[SIGNED_MAX];
	size_t len;

	if (strlen(name) > MIKEY_URI_MAX)
		return false;
	len = payload ? signed_command(name, nonce_1, payload, data) :
			signed_request(name, nonce_1, data);
	fuzz_check(!eccsi_sign(lab->community->eccsi, &lab->keys[role]->eccsi, data, len,
			       signature));
	return true;
}

/* As core/establish.c and core/embedded.c do it. */
static void take_request(struct pc5s_message *m, bool by_alice, bool rekeying)
{
	struct pc5s_method_container container;
	char claimed[PROSE_IDENTITY_MAX + 1];
	struct keying_method *method;
	struct keying_result result;
	bool as_signed;

	if (m->type != PC5S_REQUEST || !identity_from_user_info(&m->user_info, claimed))
		return;
	if (by_alice) {
		m->has |= PC5S_BIT(PC5S_IE_SIGNATURE);
		by_alice = sign(KEYING_UE_1, claimed, m->nonce_1, NULL, m->signature);
	}
	if (!isolated_request(m, &container))
		return;
	as_signed = by_alice || (!memcmp(m->nonce_1, lab->true_request.nonce_1, sizeof(m->nonce_1)) &&
				 !memcmp(m->signature, lab->true_request.signature,
					 sizeof(m->signature)));
	method = method_of(KEYING_UE_2);
	for (int again = 0; again < 2; again++) {
		struct keying_session *session = open_run(method, KEYING_UE_2, claimed, m->nonce_1,
							  rekeying);
		struct keying_buffer out = { NULL, 0 };

		if (!session)
			break;
		if (step(method, session, container.octets.data, container.octets.len, &out,
			 &result) == KEYING_DONE) {
			/* a rekeying has no signature, so it is malformed */
			fuzz_check(!again && !rekeying && as_signed && !strcmp(claimed, ALICE));
			fuzz_check(same_name(&m->user_info, &lab->true_request.user_info));
			fuzz_check(!strcmp(result.peer_identity, ALICE));
			fuzz_check(out.len == ISOLATED_PAYLOAD_LEN + PC5S_SIGNATURE_LEN + strlen(BOB));
		}
		free(out.data);
		method->close(session);
	}
	OPENSSL_cleanse(&result, sizeof(result));
	eccsi_sakke_free(method);
}

static enum keying_status give(const struct keying_method *method, struct keying_session *session,
			       const struct pc5s_message *m, struct keying_result *result)
{
	static const uint8_t hash[KEYING_HASH_LEN] = { 3 };
	uint8_t container[ISOLATED_COMMAND_MAX], *exact;
	size_t len = isolated_command(m, container);
	enum keying_status status;

	if (!len)
		return KEYING_FAILED;
	exact = malloc(len);
	fuzz_check(exact);
	memcpy(exact, container, len);
	method->bind(session, m->nonce_2, hash);
	status = step(method, session, exact, len, NULL, result);
	free(exact);
	return status;
}

/* A secret of somebody's for UE_1, as anybody can make one who knows its name. */
static void put_secret(struct pc5s_message *m, uint8_t payload[static ISOLATED_PAYLOAD_LEN])
{
	static const uint8_t ssv[SAKKE_SSV_LEN] = { 4 };
	struct mikey_identifier id;

	fuzz_check(!mikey_identifier(ALICE, strlen(ALICE), &april, &id));
	fuzz_check(!sakke_encapsulate(lab->community->sakke, id.octets, id.len, ssv, payload));
	m->has |= PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD);
	m->encrypted_payload = (struct pc5s_octets){ payload, ISOLATED_PAYLOAD_LEN };
}

static void take_command(struct pc5s_message *m, bool by_bob, bool named)
{
	struct keying_method *method = method_of(KEYING_UE_1);
	struct keying_session *session = open_run(method, KEYING_UE_1, named ? BOB : "",
						  lab->true_request.nonce_1, false);
	char claimed[PROSE_IDENTITY_MAX + 1] = BOB;
	const struct pc5s_octets *payload = &m->encrypted_payload;
	struct keying_result result;
	bool as_signed;

	fuzz_check(session);
	fuzz_check(step(method, session, NULL, 0, NULL, &result) == KEYING_SEND);
	as_signed = pc5s_has(m, PC5S_IE_ENCRYPTED_PAYLOAD) && payload->len == ISOLATED_PAYLOAD_LEN &&
		    !memcmp(payload->data, lab->true_command.encrypted_payload.data, payload->len) &&
		    !memcmp(m->signature, lab->true_command.signature, sizeof(m->signature));
	if (by_bob && pc5s_has(m, PC5S_IE_ENCRYPTED_PAYLOAD) &&
	    payload->len == ISOLATED_PAYLOAD_LEN &&
	    (!pc5s_has(m, PC5S_IE_USER_INFO) || identity_from_user_info(&m->user_info, claimed))) {
		m->has |= PC5S_BIT(PC5S_IE_SIGNATURE);
		as_signed |= sign(KEYING_UE_2, claimed, lab->true_request.nonce_1, payload->data,
				  m->signature);
	}
	if (m->type == PC5S_SMC_COMMAND && give(method, session, m, &result) == KEYING_DONE) {
		fuzz_check(as_signed && !strcmp(result.peer_identity, BOB));
		fuzz_check(!pc5s_has(m, PC5S_IE_USER_INFO) ||
			   same_name(&m->user_info, &lab->true_command.user_info));
		fuzz_check(named || pc5s_has(m, PC5S_IE_USER_INFO));
		/* KD of UE_2 out of nothing else than its own payload and nonce */
		fuzz_check(memcmp(result.kd, lab->kd, sizeof(lab->kd)) ||
			   (!memcmp(payload->data, lab->true_command.encrypted_payload.data, payload->len) &&
			    !memcmp(m->nonce_2, lab->true_command.nonce_2, sizeof(m->nonce_2))));
	}
	fuzz_check(give(method, session, &lab->true_command, &result) == KEYING_DONE);
	fuzz_check(!memcmp(result.kd, lab->kd, sizeof(lab->kd)) && !strcmp(result.peer_identity, BOB));
	OPENSSL_cleanse(&result, sizeof(result));
	method->close(session);
	eccsi_sakke_free(method);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	enum kind kind = fuzz_u8(&input) % KINDS;
	uint8_t how = fuzz_u8(&input), *octets;
	uint8_t payload[ISOLATED_PAYLOAD_LEN];
	struct pc5s_message m;
	size_t len;

	use(by_products(data, size));
	len = kind == REQUEST ? lab->request_len : lab->command_len;
	octets = meddled(&input, how >> 5, kind == REQUEST ? lab->request : lab->command, &len);
	if (!pc5s_decode(&m, octets, len, NULL)) {
		if (kind == COMMAND && how & 4)
			put_secret(&m, payload);
		if (kind == REQUEST)
			take_request(&m, how & 1, how & 2);
		else
			take_command(&m, how & 1, how & 2);
	}
	free(octets);
	return 0;
}

/* Octets that nobody reads decide by which primitives it is. */
static void put_seed(fuzz_put *put, const char *name, struct fuzz_output *out)
{
	bool products = lab == &both[0];
	char whole[64];

	while (by_products(out->data, out->len) != products)
		fuzz_put_u8(out, (uint8_t)out->len);
	snprintf(whole, sizeof(whole), "%s%s", name, products ? "-products" : "");
	put(whole, out->data, out->len);
}

/* One octet changed, or none. */
static void seed(fuzz_put *put, const char *name, enum kind kind, uint8_t how, size_t at,
		 uint8_t with)
{
	struct fuzz_output out = { 0 };

	fuzz_put_u8(&out, (uint8_t)kind);
	fuzz_put_u8(&out, how);
	fuzz_put_u16(&out, (uint16_t)at);
	fuzz_put_u8(&out, with);
	put_seed(put, name, &out);
}

static size_t signature_at(void)
{
	for (size_t i = 0; i + PC5S_SIGNATURE_LEN <= lab->request_len; i++)
		if (!memcmp(lab->request + i, lab->true_request.signature, PC5S_SIGNATURE_LEN))
			return i;
	fuzz_check(false);
	return 0;
}

static void seed_signatures(fuzz_put *put)
{
	size_t signature = signature_at();

	seed(put, "request", REQUEST, 0, 0, 0);
	seed(put, "request-signed-anew", REQUEST, 1, 0, 0);
	seed(put, "request-signature", REQUEST, 0x20, signature + 9, 1);
	seed(put, "request-pvt", REQUEST, 0x20, signature + 64, 6);
	seed(put, "request-shorter", REQUEST, 0x20, signature + 9, 0xfe);
	seed(put, "request-longer", REQUEST, 0x20, signature + 9, 0xff);
}

static void seed_requests(fuzz_put *put)
{
	seed(put, "request-rekeying", REQUEST, 2, 0, 0);
	for (uint8_t at = 0; at < 48; at += 5) {
		char name[32];

		snprintf(name, sizeof(name), "request-%u", at);
		seed(put, name, REQUEST, 0x20, at, 1);
		snprintf(name, sizeof(name), "request-%u-signed", at);
		seed(put, name, REQUEST, 0x21, at, 1);
	}
}

/* @how: as it is in octet 2 */
static void seed_commands(fuzz_put *put, uint8_t how)
{
	size_t payload = (size_t)(lab->true_command.encrypted_payload.data - lab->command);
	const struct {
		const char *name;
		size_t at;
		uint8_t with;
	} changes[] = {
		{ "form", payload, 2 }, { "point", payload + 100, 1 },
		{ "hint", payload + ISOLATED_PAYLOAD_LEN - 1, 1 }, { "shorter", payload + 9, 0xfe },
		{ "type", payload - 3, 0x11 }, { "nonce-2", 3, 1 },
	};
	struct fuzz_output out = { 0 };
	char name[48];

	snprintf(name, sizeof(name), "command-%u", how);
	seed(put, name, COMMAND, how, 0, 0);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		snprintf(name, sizeof(name), "command-%u-%s", how, changes[i].name);
		seed(put, name, COMMAND, 0x20 | how, changes[i].at, changes[i].with);
	}
	/* an octet more, as the last one of the secret is, and said so */
	snprintf(name, sizeof(name), "command-%u-longer", how);
	fuzz_put_u8(&out, COMMAND);
	fuzz_put_u8(&out, 0x40 | how);
	fuzz_put_u16(&out, (uint16_t)(payload - 1));
	fuzz_put_u8(&out, (uint8_t)(ISOLATED_PAYLOAD_LEN ^ (ISOLATED_PAYLOAD_LEN + 1)));
	fuzz_put_u16(&out, (uint16_t)(payload + ISOLATED_PAYLOAD_LEN - 1));
	fuzz_put_u8(&out, 0xff);
	fuzz_put_u8(&out, lab->command[payload + ISOLATED_PAYLOAD_LEN - 1]);
	put_seed(put, name, &out);
}

void fuzz_seeds(fuzz_put *put)
{
	for (int products = 0; products < 2; products++) {
		use(products);
		seed_signatures(put);
		seed_commands(put, 0);
		seed_commands(put, 1);
	}
	use(false);
	seed_requests(put);
	for (uint8_t how = 2; how < 8; how++)
		seed_commands(put, how);
}
