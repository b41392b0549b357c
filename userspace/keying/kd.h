/* SPDX-License-Identifier: MIT */
/*
 * KD from a secret that both ends have: KDF of TS 33.220 B.2 over all that a run is bound to, so that
 * a KD is good for one request between one pair of UEs only.
 */
#ifndef PROSE_KEYING_KD_H
#define PROSE_KEYING_KD_H

#include "keying.h"

/* FC || P0 || L0 || P1 || L1 ...: five parameters of the run, and room for those of a method. */
struct kd_input {
	uint8_t data[1 + 2 * (3 + 2) + 2 * (KEYING_NONCE_LEN + 2) + KEYING_HASH_LEN + 2 +
		     2 * (KEYING_TEXT_MAX + 2) + KEYING_HASH_LEN + 2];
	size_t len;
};

/* FC, then Layer-2 IDs of UE_1 and UE_2, Nonce_1, Nonce_2, request hash. */
void kd_input_run(struct kd_input *input, uint8_t fc, const struct keying_context *context);

/* One parameter more, with its length. 0, or -1 when there is no room. */
int kd_input_add(struct kd_input *input, const void *parameter, size_t len);

/* Two more: the identity of UE_1, then that of UE_2. 0, or -1 when there is no room. */
int kd_input_names(struct kd_input *input, enum keying_role role, const char *own,
		   const char *peer);

/* KD = HMAC-SHA-256(key, input). 0, or -1 when the library fails. */
int kd_derive(const struct kd_input *input, const uint8_t *key, size_t key_len,
	      uint8_t kd[KEYING_KD_LEN]);

/* No KD for want of the library's help: wipes what there is of the result. KEYING_FAILED. */
enum keying_status kd_failed(struct keying_result *result, struct keying_error *error);

#endif
