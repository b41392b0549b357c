/* SPDX-License-Identifier: MIT */
/*
 * Key derivation: the KDF of TS 33.220 B.2.0 and the keys of the one-to-one hierarchy,
 * KD -> KD-sess -> PEK, PIK.
 */
#ifndef PROSE_CORE_KDF_H
#define PROSE_CORE_KDF_H

#include <stddef.h>
#include <stdint.h>

#define KDF_LEN		32	/* KD, KD-sess and the output of the KDF */
#define KDF_KEY_LEN	16	/* PEK, PIK */
#define KDF_NONCE_LEN	16
#define KDF_PARAMS_MAX	4

/* One input parameter Pi; its Li is @len. */
struct kdf_param {
	const void *data;
	uint16_t len;
};

/**
 * kdf() - HMAC-SHA-256(Key, FC || P0 || L0 || P1 || L1 ...), TS 33.220 B.2.0
 * @key: the input key
 * @key_len: its octets
 * @fc: function code
 * @params: P0, P1, ...; their lengths together at most 512 octets
 * @n_params: at most KDF_PARAMS_MAX
 * @out: 256 bits
 *
 * Return: 0, or -1 when the parameters are too long or the library fails; @out is then
 * wiped.
 */
int kdf(const uint8_t *key, size_t key_len, uint8_t fc, const struct kdf_param *params,
	size_t n_params, uint8_t out[KDF_LEN]);

/* KD-sess from KD and both nonces; FC PROSE_FC_KD_SESS. Return: 0 or -1. */
int kdf_kd_sess(const uint8_t kd[KDF_LEN], const uint8_t nonce_1[KDF_NONCE_LEN],
		const uint8_t nonce_2[KDF_NONCE_LEN], uint8_t kd_sess[KDF_LEN]);

/*
 * PEK or PIK from KD-sess (TS 33.303 A.4): the 128 least significant bits. @algorithm is
 * the identity that Chosen Algorithms carries. Return: 0 or -1.
 */
int kdf_pek(const uint8_t kd_sess[KDF_LEN], uint8_t algorithm, uint8_t pek[KDF_KEY_LEN]);
int kdf_pik(const uint8_t kd_sess[KDF_LEN], uint8_t algorithm, uint8_t pik[KDF_KEY_LEN]);

#endif
