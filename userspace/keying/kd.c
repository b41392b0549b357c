// SPDX-License-Identifier: MIT
#include "kd.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "failure.h"
#include "sentence.h"

int kd_input_add(struct kd_input *input, const void *parameter, size_t len)
{
	if (len > 0xffff || len + 2 > sizeof(input->data) - input->len)
		return -1;
	if (len)
		memcpy(input->data + input->len, parameter, len);
	input->data[input->len + len] = (uint8_t)(len >> 8);
	input->data[input->len + len + 1] = (uint8_t)len;
	input->len += len + 2;
	return 0;
}

static void add_l2_id(struct kd_input *input, uint32_t l2_id)
{
	const uint8_t octets[3] = {
		(uint8_t)(l2_id >> 16), (uint8_t)(l2_id >> 8), (uint8_t)l2_id
	};

	kd_input_add(input, octets, sizeof(octets));
}

void kd_input_run(struct kd_input *input, uint8_t fc, const struct keying_context *context)
{
	input->data[0] = fc;
	input->len = 1;
	add_l2_id(input, context->ue_1_l2_id);
	add_l2_id(input, context->ue_2_l2_id);
	kd_input_add(input, context->nonce_1, sizeof(context->nonce_1));
	kd_input_add(input, context->nonce_2, sizeof(context->nonce_2));
	kd_input_add(input, context->request_hash, sizeof(context->request_hash));
}

int kd_input_names(struct kd_input *input, enum keying_role role, const char *own,
		   const char *peer)
{
	const char *name_1 = role == KEYING_UE_1 ? own : peer;
	const char *name_2 = role == KEYING_UE_1 ? peer : own;

	return kd_input_add(input, name_1, strlen(name_1)) ||
	       kd_input_add(input, name_2, strlen(name_2)) ? -1 : 0;
}

int kd_derive(const struct kd_input *input, const uint8_t *key, size_t key_len,
	      uint8_t kd[KEYING_KD_LEN])
{
	unsigned int len = KEYING_KD_LEN;

	return HMAC(EVP_sha256(), key, (int)key_len, input->data, input->len, kd, &len) ? 0 : -1;
}

enum keying_status kd_failed(struct keying_result *result, struct keying_error *error)
{
	OPENSSL_cleanse(result, sizeof(*result));
	return keying_fail(error, KEYING_CAUSE_UNSPECIFIED, "KD was not derived: %s",
			   keying_openssl_reason());
}
