// SPDX-License-Identifier: MIT
#include "run.h"

#include <string.h>

#include <openssl/crypto.h>

#include "../kd.h"
#include "core/constants.h"

static const char label[] = "prose mikey-sakke run";
static const char label_embedded[] = "prose mikey-sakke embedded";

int run_begin(struct run *run, const struct keying_context *context)
{
	memset(run, 0, sizeof(*run));
	run->context = *context;
	run->transcript = EVP_MD_CTX_new();
	return run->transcript && EVP_DigestInit_ex(run->transcript, EVP_sha256(), NULL) ? 0 : -1;
}

void run_end(struct run *run)
{
	EVP_MD_CTX_free(run->transcript);
	EVP_MD_CTX_free(run->sent);
	OPENSSL_cleanse(run, sizeof(*run));
}

int run_container(struct run *run, unsigned int round, const uint8_t *data, size_t len)
{
	const uint8_t head[4] = {
		(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len
	};

	if (round < 2 && !EVP_Digest(data, len, round ? run->first : run->hello, NULL, EVP_sha256(),
				     NULL))
		return -1;
	return EVP_DigestUpdate(run->transcript, head, sizeof(head)) &&
	       EVP_DigestUpdate(run->transcript, data, len) ? 0 : -1;
}

int run_bind(struct run *run, const uint8_t nonce_2[KEYING_NONCE_LEN],
	     const uint8_t request_hash[KEYING_HASH_LEN])
{
	memcpy(run->context.nonce_2, nonce_2, KEYING_NONCE_LEN);
	memcpy(run->context.request_hash, request_hash, KEYING_HASH_LEN);
	OPENSSL_cleanse(run->kd + MIKEY_KD_LEN, MIKEY_KD_LEN);
	run->kd_len = MIKEY_KD_LEN;
	if (run->sent)
		return EVP_MD_CTX_copy_ex(run->transcript, run->sent) ? 0 : -1;
	run->sent = EVP_MD_CTX_new();
	if (run->sent && EVP_MD_CTX_copy_ex(run->sent, run->transcript))
		return 0;
	EVP_MD_CTX_free(run->sent);
	run->sent = NULL;
	return -1;
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static uint8_t *put_l2_id(uint8_t *at, uint32_t l2_id)
{
	*at++ = (uint8_t)(l2_id >> 16);
	*at++ = (uint8_t)(l2_id >> 8);
	*at++ = (uint8_t)l2_id;
	return at;
}

int run_extension(const struct run *run, unsigned int round, uint8_t flags,
		  uint8_t out[static RUN_EXTENSION_LEN])
{
	const struct keying_context *context = &run->context;
	bool embedded = context->embedded;
	uint8_t data[sizeof(label_embedded) + 2 + 2 * 3 + 2 * KEYING_NONCE_LEN + 3 * KEYING_HASH_LEN];
	uint8_t *at = embedded ? put(data, label_embedded, sizeof(label_embedded) - 1) :
				 put(data, label, sizeof(label) - 1);

	*at++ = RUN_VERSION;
	*at++ = (uint8_t)round;
	at = put_l2_id(at, context->ue_1_l2_id);
	at = put_l2_id(at, context->ue_2_l2_id);
	at = put(at, context->nonce_1, sizeof(context->nonce_1));
	/* UE_1 has not heard of more when it makes message 1 of an embedded run */
	if (!embedded || round == 2) {
		at = put(at, context->nonce_2, sizeof(context->nonce_2));
		at = put(at, context->request_hash, sizeof(context->request_hash));
	}
	if (!embedded)
		at = put(at, run->hello, sizeof(run->hello));
	if (round == 2)
		at = put(at, run->first, sizeof(run->first));
	out[0] = RUN_VERSION;
	out[1] = flags;
	return EVP_Digest(data, (size_t)(at - data), out + 2, NULL, EVP_sha256(), NULL) ? 0 : -1;
}

int run_flags(const struct run *run, unsigned int round, const struct mikey_message *message)
{
	uint8_t extension[RUN_EXTENSION_LEN];
	const struct mikey_payload *payload, *found = NULL;

	for (size_t i = 0; (payload = mikey_find(message, MIKEY_EXTENSION, i)); i++) {
		if (payload->type != MIKEY_EXT_RUN)
			continue;
		if (found)
			return -1;
		found = payload;
	}
	if (!found || found->data.len != sizeof(extension) ||
	    found->data.data[1] & ~(round == 1 ? RUN_REPLY_REQUIRED : 0) ||
	    run_extension(run, round, found->data.data[1], extension) ||
	    memcmp(found->data.data, extension, sizeof(extension)))
		return -1;
	return found->data.data[1];
}

void run_add_kd(struct run *run, const uint8_t kd[MIKEY_KD_LEN])
{
	memcpy(run->kd + run->kd_len, kd, MIKEY_KD_LEN);
	run->kd_len += MIKEY_KD_LEN;
}

int run_kd(const struct run *run, const char *own, const char *peer, uint8_t kd[KEYING_KD_LEN])
{
	uint8_t transcript[KEYING_HASH_LEN];
	struct kd_input input;

	if (!EVP_DigestFinal_ex(run->transcript, transcript, NULL))
		return -1;
	kd_input_run(&input, run->context.embedded ? PROSE_FC_MIKEY_EMBEDDED : PROSE_FC_MIKEY_KD,
		     &run->context);
	if (kd_input_names(&input, run->context.role, own, peer) ||
	    kd_input_add(&input, transcript, sizeof(transcript)))
		return -1;
	return kd_derive(&input, run->kd, run->kd_len, kd);
}
