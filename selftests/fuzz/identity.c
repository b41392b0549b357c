// SPDX-License-Identifier: MIT
/*
 * Keying method mikey-sakke. Octet 1 says what the rest is:
 *
 *  - the hello that a UE_1 gets;
 *  - a message 1 to us, meddled with, by somebody who has keys of UE_1 or has not: it makes a KD only when
 *    what the signature covers is what was signed for this run;
 *  - evidence, to be judged.
 *
 * Always: what fails leaves no KD and says why.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../unit/mikey_lab.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"
#include "mikey/key_file.h"

enum kind { HELLO, MESSAGE, EVIDENCE, KINDS };

static struct keying_method *methods[2];
static struct mikey_keys *alice;
static struct mikey_community *community;
static uint8_t hello[512], message[MIKEY_SAKKE_MAX], evidence[KEYING_EVIDENCE_MAX];
static size_t hello_len, message_len, evidence_len;

static const char *const names[2] = { LAB_ALICE, LAB_BOB };

static const char *file_of(unsigned int n, const struct mikey_user *user,
			   const struct mikey_key_material *material)
{
	struct keying_file file;
	const char *name;

	fuzz_check(!mikey_key_file_format(community, user, material, &file));
	name = fuzz_file(n, file.data, file.len);
	keying_file_free(&file);
	return name;
}

static struct keying_method *method_of(unsigned int who, json_t *own, const char *ssk,
				       const char *pvt, const char *rsk)
{
	struct octets a = mikey_vector(own, ssk, NULL), b = mikey_vector(own, pvt, NULL);
	struct octets c = mikey_vector(own, rsk, NULL);
	const char *communities[] = { file_of(0, NULL, NULL) }, *keys[1];
	struct mikey_sakke_files files = {
		.communities = communities, .n_communities = 1, .keys = keys, .n_keys = 1,
		.now = LAB_NOW,
	};
	struct mikey_month april = { 2011, 4 };
	struct mikey_key_material material;
	struct keying_method *method;
	struct mikey_user user;

	memcpy(material.ssk, a.data, sizeof(material.ssk));
	memcpy(material.pvt, b.data, sizeof(material.pvt));
	memcpy(material.rsk, c.data, sizeof(material.rsk));
	fuzz_check(!mikey_user_by_month(names[who], &april, &user, NULL, 0));
	if (!who)
		alice = mikey_keys_new(community, &user, &material, NULL, 0);
	keys[0] = file_of(1 + who, &user, &material);
	method = mikey_sakke_new(&files, NULL, 0);
	fuzz_check(method);
	return method;
}

static struct keying_session *open_run(enum keying_role role)
{
	struct keying_context context = {
		.role = role, .ue_1_l2_id = 1, .ue_2_l2_id = 2, .now = LAB_NOW,
	};
	struct keying_error error;
	struct keying_session *session;

	strcpy(context.peer_identity, names[role == KEYING_UE_1 ? 1 : 0]);
	session = methods[role]->open(methods[role], &context, &error);
	fuzz_check(session);
	return session;
}

/* Takes a container; what is sent is put away. */
static enum keying_status step(enum keying_role role, struct keying_session *session,
			       const uint8_t *in, size_t len, uint8_t *out, size_t *out_len,
			       struct keying_result *result)
{
	static const struct keying_result nothing;
	struct keying_error error = { 0 };
	struct keying_buffer buffer;
	enum keying_status status;

	status = methods[role]->step(session, in, len, &buffer, result, &error);
	if (out && buffer.len)
		memcpy(out, buffer.data, *out_len = buffer.len);
	if (status != KEYING_DONE)
		fuzz_check(!memcmp(result, &nothing, sizeof(nothing)));
	if (status == KEYING_FAILED)
		fuzz_check((error.cause == 2 || error.cause == 8) && error.text[0] &&
			   keying_text_valid(error.text, strlen(error.text)));
	else
		fuzz_check(buffer.len);
	free(buffer.data);
	return status;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	json_t *vectors = mikey_vectors(), *own = json_object_get(vectors, "own");
	struct keying_session *ue_1, *ue_2;
	struct keying_result result;

	(void)argc;
	(void)argv;
	fuzz_random(1);
	community = lab_community(vectors, "own", LAB_KMS);
	methods[KEYING_UE_1] = method_of(0, own, "ssk", "pvt", "rsk_initiator");
	methods[KEYING_UE_2] = method_of(1, own, "ssk_responder", "pvt_responder", "rsk");
	json_decref(vectors);
	ue_1 = open_run(KEYING_UE_1);
	ue_2 = open_run(KEYING_UE_2);
	fuzz_check(step(KEYING_UE_2, ue_2, NULL, 0, hello, &hello_len, &result) == KEYING_SEND);
	fuzz_check(step(KEYING_UE_1, ue_1, hello, hello_len, message, &message_len, &result) ==
		   KEYING_SEND);
	fuzz_check(step(KEYING_UE_2, ue_2, message, message_len, NULL, NULL, &result) ==
		   KEYING_DONE);
	memcpy(evidence, result.evidence, evidence_len = result.evidence_len);
	methods[KEYING_UE_1]->close(ue_1);
	methods[KEYING_UE_2]->close(ue_2);
	OPENSSL_cleanse(&result, sizeof(result));
	return 0;
}

static void a_hello(struct fuzz_input *input)
{
	struct keying_session *session = open_run(KEYING_UE_1);
	struct keying_result result;
	size_t len, out_len = 0;
	uint8_t *data = fuzz_copy(input, input->len, &len), out[MIKEY_SAKKE_MAX];

	fuzz_check(step(KEYING_UE_1, session, data, len, out, &out_len, &result) !=
		   KEYING_DONE);
	fuzz_check(!out_len || out_len >= SAKKE_DATA_LEN + ECCSI_SIGNATURE_LEN);
	methods[KEYING_UE_1]->close(session);
	free(data);
}

static void a_message(struct fuzz_input *input)
{
	struct keying_session *session = open_run(KEYING_UE_2);
	uint8_t how = fuzz_u8(input), data[MIKEY_SAKKE_MAX + 16], *exact;
	bool as_signed, by_alice = how & 1;
	struct keying_result result;
	size_t len = message_len;

	memcpy(data, message, len);
	for (unsigned int n = how >> 4; n && len; n--) {
		size_t at = fuzz_u16(input) % len;
		uint8_t with = fuzz_u8(input);

		if (with == 0xff) {
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
	if (by_alice && len > ECCSI_SIGNATURE_LEN)
		fuzz_check(!eccsi_sign(community->eccsi, &alice->eccsi, data,
				       len - ECCSI_SIGNATURE_LEN,
				       data + len - ECCSI_SIGNATURE_LEN));
	as_signed = len == message_len && !memcmp(data, message, len - ECCSI_SIGNATURE_LEN);
	exact = malloc(len ? len : 1);
	fuzz_check(exact);
	memcpy(exact, data, len);
	fuzz_check(step(KEYING_UE_2, session, NULL, 0, NULL, NULL, &result) == KEYING_SEND);
	if (step(KEYING_UE_2, session, exact, len, NULL, NULL, &result) == KEYING_DONE) {
		/* That one was taken when it was made. */
		fuzz_check(!as_signed && by_alice);
		fuzz_check(!strcmp(result.peer_identity, LAB_ALICE));
	}
	methods[KEYING_UE_2]->close(session);
	OPENSSL_cleanse(&result, sizeof(result));
	free(exact);
}

static void some_evidence(struct fuzz_input *input)
{
	struct keying_error error = { 0 };
	time_t now = (time_t)LAB_NOW + (int32_t)fuzz_u32(input);
	uint8_t *data;
	size_t len;

	data = fuzz_copy(input, input->len, &len);
	if (methods[KEYING_UE_2]->recheck(methods[KEYING_UE_2], data, len, now, &error))
		fuzz_check(error.text[0] && keying_text_valid(error.text, strlen(error.text)));
	else
		fuzz_check(len > 36 && !memcmp(data + 4, evidence + 4, 32));
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	switch (fuzz_u8(&input) % KINDS) {
	case HELLO:
		a_hello(&input);
		break;
	case MESSAGE:
		a_message(&input);
		break;
	default:
		some_evidence(&input);
		break;
	}
	return 0;
}

static void seed_message(fuzz_put *put, const char *name, uint8_t how, uint16_t at, uint8_t with)
{
	struct fuzz_output out = { 0 };

	fuzz_put_u8(&out, MESSAGE);
	fuzz_put_u8(&out, how);
	fuzz_put_u16(&out, at);
	fuzz_put_u8(&out, with);
	put(name, out.data, out.len);
}

void fuzz_seeds(fuzz_put *put)
{
	struct fuzz_output out = { 0 };

	fuzz_put_u8(&out, HELLO);
	fuzz_put_octets(&out, hello, hello_len);
	put("hello", out.data, out.len);
	out.len = 0;
	fuzz_put_u8(&out, EVIDENCE);
	fuzz_put_octets(&out, "\0\0\0\0", 4);
	fuzz_put_octets(&out, evidence, evidence_len);
	put("evidence", out.data, out.len);
	seed_message(put, "as-sent", 0, 0, 0);
	seed_message(put, "signed-again", 1, 0, 0);
	seed_message(put, "csb-id", 0x11, 5, 1);
	seed_message(put, "forged", 0x10, 5, 1);
	/* Its last octet but one in front of SAKKE and SIGN: the binding. */
	seed_message(put, "binding", 0x11, (uint16_t)(message_len - 450), 1);
	seed_message(put, "shorter", 0x11, 40, 0xfe);
}
