// SPDX-License-Identifier: MIT
/*
 * SNOW 3G, ZUC, 128-EIA1 and 128-EIA3, and AES with AES-NI, as the kernel modules have them: against the shared vectors,
 * and what is compiled for a processor against what is compiled for any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>

#include "../../kmod/crypto/eia1.h"
#include "../../kmod/crypto/eia3.h"
#include "../../kmod/crypto/snow3g.h"
#include "../../kmod/crypto/zuc.h"
#ifdef __x86_64__
#include "../lib/aes_keys.h"
#include "../../kmod/crypto/eia1_avx2.h"
#include "../../kmod/crypto/eia3_avx2.h"
#include "../../kmod/crypto/snow3g_avx2.h"
#include "../../kmod/crypto/zuc_avx2.h"
#endif
#include "vectors.h"

#define OCTETS_MAX	2100

struct vector {
	uint8_t key[16], prefix[8];
	size_t bits, len;
	uint8_t in[OCTETS_MAX], out[OCTETS_MAX];
};

static void load(json_t *entry, struct vector *v)
{
	json_int_t bearer = json_integer_value(json_object_get(entry, "bearer"));
	json_int_t direction = json_integer_value(json_object_get(entry, "direction"));

	memset(v, 0, sizeof(*v));
	assert_int_equal(vectors_hex(entry, "key", v->key, sizeof(v->key)), 16);
	assert_int_equal(vectors_hex(entry, "count", v->prefix, 4), 4);
	v->prefix[4] = (uint8_t)(bearer << 3 | direction << 2);
	v->bits = (size_t)json_integer_value(json_object_get(entry, "length_bits"));
	v->len = (v->bits + 7) / 8;
	vectors_hex(entry, "input", v->in, sizeof(v->in));
	vectors_hex(entry, "output", v->out, sizeof(v->out));
}

static void snow3g_iv(u32 iv[SNOW3G_IV_WORDS], const u8 *prefix)
{
	iv[3] = prose_load32(prefix);
	iv[2] = prose_load32(prefix + 4);
	iv[1] = iv[3];
	iv[0] = iv[2];
}

static void zuc_iv(u8 iv[ZUC_IV_LEN], const u8 *prefix)
{
	memcpy(iv, prefix, 8);
	memcpy(iv + 8, prefix, 8);
}

/* In two calls, the first of whole blocks of any of the implementations. */
static void eea1(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t first = len / 32 * 16;
	u32 iv[SNOW3G_IV_WORDS];
	struct snow3g st;

	snow3g_iv(iv, prefix);
	snow3g_init(&st, key, iv);
	snow3g_crypt(&st, data, data, first);
	snow3g_crypt(&st, data + first, data + first, len - first);
}

static void eea3(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t first = len / 32 * 16;
	u8 iv[ZUC_IV_LEN];
	struct zuc st;

	zuc_iv(iv, prefix);
	zuc_init(&st, key, iv);
	zuc_crypt(&st, data, data, first);
	zuc_crypt(&st, data + first, data + first, len - first);
}

static void eia1(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t n = len / EIA1_BLOCK_LEN;
	struct eia1 mac;

	eia1_start(&mac, key, prefix);
	eia1_blocks(&mac, data, n / 2);
	eia1_blocks(&mac, data + n / 2 * EIA1_BLOCK_LEN, n - n / 2);
	eia1_finish(&mac, data + n * EIA1_BLOCK_LEN, len % EIA1_BLOCK_LEN, data);
}

static void eia3(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t n = len / EIA3_BLOCK_LEN;
	struct eia3 mac;

	eia3_start(&mac, key, prefix);
	eia3_blocks(&mac, data, n / 2);
	eia3_blocks(&mac, data + n / 2 * EIA3_BLOCK_LEN, n - n / 2);
	eia3_finish(&mac, data + n * EIA3_BLOCK_LEN, len % EIA3_BLOCK_LEN, data);
}

typedef void function(const u8 *key, const u8 *prefix, u8 *data, size_t len);

/* EIA gives 4 octets, and takes whole octets only. Returns how many vectors there were. */
static unsigned int hold(const char *name, function *run)
{
	json_t *root = vectors_load(), *entry;
	unsigned int n = 0;
	struct vector v;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(root, "algorithms"), name), i, entry) {
		load(entry, &v);
		if (!strncmp(name, "EIA", 3)) {
			if (v.bits % 8)
				continue;
			run(v.key, v.prefix, v.in, v.len);
			v.len = 4;
		} else {
			run(v.key, v.prefix, v.in, v.len);
			if (v.bits % 8)
				v.in[v.len - 1] &= (u8)(0xff00 >> v.bits % 8);
		}
		assert_memory_equal(v.in, v.out, v.len);
		n++;
	}
	json_decref(root);
	return n;
}

static void vectors(void **context)
{
	static const u8 zero[16];
	u8 mac[4];

	(void)context;
	assert_int_equal(hold("EEA1", eea1), 11);
	assert_int_equal(hold("EEA3", eea3), 5);
	assert_int_equal(hold("EIA1", eia1), 2);
	assert_int_equal(hold("EIA3", eia3), 0);
	/* The sum of the first two words of the key stream, TS 35.222 test set 1. */
	eia3(zero, zero, mac, 0);
	assert_memory_equal(mac, "\x26\x3e\x5c\xae", 4);
}

#ifdef __x86_64__

static void eea1_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t first = len / 32 * 16;
	u32 iv[SNOW3G_IV_WORDS];
	struct snow3g st;

	snow3g_iv(iv, prefix);
	snow3g_avx2_init(&st, key, iv);
	snow3g_avx2_crypt(&st, data, data, first);
	snow3g_avx2_crypt(&st, data + first, data + first, len - first);
}

static void eea3_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t first = len / 32 * 16;
	u8 iv[ZUC_IV_LEN];
	struct zuc st;

	zuc_iv(iv, prefix);
	zuc_avx2_init(&st, key, iv);
	zuc_avx2_crypt(&st, data, data, first);
	/* Either may go on where the other stopped. */
	if (len % 2)
		zuc_crypt(&st, data + first, data + first, len - first);
	else
		zuc_avx2_crypt(&st, data + first, data + first, len - first);
}

static void eia1_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t n = len / EIA1_BLOCK_LEN;
	struct eia1 mac;

	eia1_avx2_start(&mac, key, prefix);
	eia1_avx2_blocks(&mac, data, n / 2);
	eia1_avx2_blocks(&mac, data + n / 2 * EIA1_BLOCK_LEN, n - n / 2);
	eia1_avx2_finish(&mac, data + n * EIA1_BLOCK_LEN, len % EIA1_BLOCK_LEN, data);
}

static void eia3_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t n = len / EIA3_BLOCK_LEN;
	struct eia3 mac;

	eia3_avx2_start(&mac, key, prefix);
	if (len % 2)
		eia3_blocks(&mac, data, n / 2);
	else
		eia3_avx2_blocks(&mac, data, n / 2);
	eia3_avx2_blocks(&mac, data + n / 2 * EIA3_BLOCK_LEN, n - n / 2);
	eia3_avx2_finish(&mac, data + n * EIA3_BLOCK_LEN, len % EIA3_BLOCK_LEN, data);
}

static void eea2_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t first = len / 32 * 16;
	struct aes_keys keys;
	struct eea2 st;

	aes_keys_expand(&keys, key);
	eea2_start(&st, &keys, prefix);
	eea2_avx2_crypt(&st, data, data, first);
	eea2_avx2_crypt(&st, data + first, data + first, len - first);
}

static void eia2_avx2(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	size_t n = len / AES_BLOCK_LEN;
	struct aes_keys keys;
	struct eia2 mac;

	aes_keys_expand(&keys, key);
	eia2_start(&mac, &keys, prefix);
	eia2_avx2_blocks(&mac, data, n / 2);
	eia2_avx2_blocks(&mac, data + n / 2 * AES_BLOCK_LEN, n - n / 2);
	eia2_avx2_finish(&mac, data + n * AES_BLOCK_LEN, len % AES_BLOCK_LEN, data);
}

/* Another's, in one piece. */
static void eea2_openssl(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[16] = { 0 };
	int n;

	memcpy(iv, prefix, 8);
	assert_true(ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, key, iv));
	assert_true(EVP_EncryptUpdate(ctx, data, &n, data, (int)len));
	EVP_CIPHER_CTX_free(ctx);
}

static void eia2_openssl(const u8 *key, const u8 *prefix, u8 *data, size_t len)
{
	uint8_t message[8 + 4096], tag[16];
	size_t n = sizeof(tag);

	assert_true(len <= sizeof(message) - 8);
	memcpy(message, prefix, 8);
	memcpy(message + 8, data, len);
	assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, key, 16, message, 8 + len,
				  tag, sizeof(tag), &n));
	memcpy(data, tag, 4);
}

/* The same for every length below @most, whatever the key. */
static void agree(function *one, function *other, int mac, size_t most)
{
	u8 key[16], prefix[8] = { 0 }, a[2400], b[2400];
	u32 random = 1;

	assert_true(most <= sizeof(a));
	for (size_t len = 0; len < most; len++) {
		for (size_t i = 0; i < most; i++) {
			random = random * 1664525 + 1013904223;
			a[i] = (u8)(random >> 24);
			key[i % 16] = (u8)(random >> 16);
			prefix[i % 5] = (u8)(random >> 8);
		}
		prefix[4] &= 0xfc;
		memcpy(b, a, most);
		one(key, prefix, a, len);
		other(key, prefix, b, len);
		assert_memory_equal(a, b, mac ? 4 : most);
	}
}

static void avx2(void **context)
{
	(void)context;
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("aes") ||
	    !__builtin_cpu_supports("pclmul"))
		skip();
	assert_int_equal(hold("EEA2", eea2_avx2), 6);
	assert_int_equal(hold("EIA2", eia2_avx2), 3);
	agree(eea2_openssl, eea2_avx2, 0, 700);
	agree(eia2_openssl, eia2_avx2, 1, 700);
	hold("EEA1", eea1_avx2);
	hold("EEA3", eea3_avx2);
	hold("EIA1", eia1_avx2);
	agree(eea1, eea1_avx2, 0, 700);
	agree(eea3, eea3_avx2, 0, 700);
	/* Half of it at a time, and 96 blocks are one way more. */
	agree(eia1, eia1_avx2, 1, 2400);
	agree(eia3, eia3_avx2, 1, 700);
}

#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
#ifdef __x86_64__
		cmocka_unit_test(avx2),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
