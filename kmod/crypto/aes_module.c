// SPDX-License-Identifier: GPL-2.0-only
/*
 * prose_aes.ko: 128-EEA2 and 128-EIA2 as algorithms of their own, "eea2" and "eia2", where the
 * processor has AES-NI and AVX2. They are AES in counter mode and CMAC, which the kernel
 * has: but its fast counter mode is asynchronous up to 6.15, and its CMAC does a block a
 * call. Here a message is one call, with the FPU taken once.
 *
 * A context that may not use the FPU gets the kernel's AES library.
 */

#include <linux/module.h>

#include "../compat/aes.h"
#include "drivers.h"
#include "aes_avx2.h"

/**
 * struct aes_ctx - what a tfm has of its key; wiped when that is freed
 * @keys: for us
 * @lib: for the library
 */
struct aes_ctx {
	struct aes_keys keys;
	struct aes_enckey lib;
};

/* RFC 4493 clause 2.3: twice the value, in GF(2^128). */
static void twice(u8 out[AES_BLOCK_LEN], const u8 in[AES_BLOCK_LEN])
{
	u64 hi = prose_load64(in), lo = prose_load64(in + 8), over = -(hi >> 63) & 0x87;
	__be64 be[2] = { cpu_to_be64(hi << 1 | lo >> 63), cpu_to_be64(lo << 1 ^ over) };

	memcpy(out, be, sizeof(be));
	memzero_explicit(be, sizeof(be));
}

static int expand(void *to, const u8 *key)
{
	struct aes_ctx *ctx = to;
	u8 zero[AES_BLOCK_LEN] = { };
	struct crypto_aes_ctx all;
	int err;

	err = aes_expandkey(&all, key, AES_KEYSIZE_128);
	/* Words of which the first octet is the lowest: on this processor, just the octets. */
	memcpy(ctx->keys.round, all.key_enc, sizeof(ctx->keys.round));
	memzero_explicit(&all, sizeof(all));
	if (!err)
		err = aes_prepareenckey(&ctx->lib, key, AES_KEYSIZE_128);
	if (err)
		return err;
	aes_encrypt(&ctx->lib, zero, zero);
	twice(ctx->keys.k1, zero);
	twice(ctx->keys.k2, ctx->keys.k1);
	memzero_explicit(zero, sizeof(zero));
	return 0;
}

static void lib_encrypt(const struct aes_keys *keys, u8 *out, const u8 *in)
{
	aes_encrypt(&container_of(keys, struct aes_ctx, keys)->lib, out, in);
}

static void start_eea2(void *st, const void *key, const u8 *iv)
{
	const struct aes_ctx *ctx = key;

	BUILD_BUG_ON(sizeof(struct eea2) > EEA_STATE_MAX);
	BUILD_BUG_ON(AES_BLOCK_LEN != EEA_CHUNK);
	eea2_start(st, &ctx->keys, iv);
}

static void plain_crypt(void *p, u8 *dst, const u8 *src, size_t len)
{
	u8 block[AES_BLOCK_LEN];
	struct eea2 *st = p;

	while (len) {
		size_t n = min_t(size_t, len, AES_BLOCK_LEN);
		__be64 count = cpu_to_be64(st->n++);

		memcpy(block, st->iv, EEA2_IV_LEN);
		memcpy(block + EEA2_IV_LEN, &count, sizeof(count));
		lib_encrypt(st->keys, block, block);
		crypto_xor_cpy(dst, src, block, n);
		dst += n;
		src += n;
		len -= n;
	}
	memzero_explicit(block, sizeof(block));
}

static void start_eia2(void *mac, const void *key, const u8 *prefix)
{
	const struct aes_ctx *ctx = key;

	BUILD_BUG_ON(sizeof(struct eia2) > EIA_STATE_MAX);
	BUILD_BUG_ON(AES_BLOCK_LEN > EIA_BLOCK_MAX);
	eia2_start(mac, &ctx->keys, prefix);
}

static void plain_chain(struct eia2 *mac, const u8 *block)
{
	crypto_xor(mac->x, block, AES_BLOCK_LEN);
	lib_encrypt(mac->keys, mac->x, mac->x);
}

static void plain_blocks(void *p, const u8 *in, size_t n)
{
	struct eia2 *mac = p;
	u8 block[AES_BLOCK_LEN];

	for (; n--; in += AES_BLOCK_LEN) {
		memcpy(block, mac->carry, EIA2_PREFIX_LEN);
		memcpy(block + EIA2_PREFIX_LEN, in, AES_BLOCK_LEN - EIA2_PREFIX_LEN);
		plain_chain(mac, block);
		memcpy(mac->carry, in + AES_BLOCK_LEN - EIA2_PREFIX_LEN, EIA2_PREFIX_LEN);
	}
	memzero_explicit(block, sizeof(block));
}

static void plain_finish(void *p, const u8 *rest, size_t len, u8 *out)
{
	u8 last[EIA2_LAST_MAX];
	struct eia2 *mac = p;
	size_t n, i;

	n = eia2_last(mac, rest, len, last);
	for (i = 0; i < n; i++)
		plain_chain(mac, last + i * AES_BLOCK_LEN);
	memcpy(out, mac->x, EIA2_MAC_LEN);
	memzero_explicit(last, sizeof(last));
	memzero_explicit(mac, sizeof(*mac));
}

static void avx2_crypt(void *st, u8 *dst, const u8 *src, size_t len)
{
	eea2_avx2_crypt(st, dst, src, len);
}

static void avx2_blocks(void *mac, const u8 *p, size_t n)
{
	eia2_avx2_blocks(mac, p, n);
}

static void avx2_finish(void *mac, const u8 *rest, size_t len, u8 *out)
{
	eia2_avx2_finish(mac, rest, len, out);
}

/* Of a key stream only the key is secret, and that stays where it is. */
static const struct eea_ops eea2_plain = { start_eea2, plain_crypt };
static const struct eia_ops eia2_plain = { start_eia2, plain_blocks, plain_finish };
static const struct eea_ops eea2_avx2 = { start_eea2, avx2_crypt };
static const struct eia_ops eia2_avx2 = { start_eia2, avx2_blocks, avx2_finish };

static struct driver_pair drivers[] = {
	{
		.eea = { EEA_ALG_CTX("eea2", "eea2-avx2", 300, sizeof(struct aes_ctx)),
			 &eea2_avx2, &eea2_plain, expand },
		.eia = { EIA_ALG_CTX("eia2", "eia2-avx2", 300, sizeof(struct aes_ctx)),
			 &eia2_avx2, &eia2_plain, AES_BLOCK_LEN, expand },
		.usable = prose_has_avx2,
	},
};

/* TS 33.401 C.1, test set 1. */
static const struct selftest eea2_test = {
	.key = { 0xd3, 0xc5, 0xd5, 0x92, 0x32, 0x7f, 0xb1, 0x1c,
		 0x40, 0x35, 0xc6, 0x68, 0x0a, 0xf8, 0xc6, 0xd1 },
	.iv = { 0x39, 0x8a, 0x59, 0xb4, 0xac, 0x00, 0x00, 0x00 },
	.in = { 0x98, 0x1b, 0xa6, 0x82, 0x4c, 0x1b, 0xfb, 0x1a,
		0xb4, 0x85, 0x47, 0x20, 0x29, 0xb7, 0x1d, 0x80 },
	.out = { 0xe9, 0xfe, 0xd8, 0xa6, 0x3d, 0x15, 0x53, 0x04,
		0xd7, 0x1d, 0xf2, 0x0b, 0xf3, 0xe8, 0x22, 0x14 },
	.len = 16,
	.out_len = 16,
};

/* TS 33.401 C.2, test set 2. */
static const struct selftest eia2_test = {
	.key = { 0xd3, 0xc5, 0xd5, 0x92, 0x32, 0x7f, 0xb1, 0x1c,
		 0x40, 0x35, 0xc6, 0x68, 0x0a, 0xf8, 0xc6, 0xd1 },
	.iv = { 0x39, 0x8a, 0x59, 0xb4, 0xd4, 0x00, 0x00, 0x00 },
	.in = { 0x48, 0x45, 0x83, 0xd5, 0xaf, 0xe0, 0x82, 0xae },
	.out = { 0xb9, 0x37, 0x87, 0xe6 },
	.len = 8,
	.out_len = 4,
};

static int __init aes_module_init(void)
{
	if (!prose_has_avx2())
		return -ENODEV;
	return drivers_register(drivers, ARRAY_SIZE(drivers), &eea2_test, &eia2_test);
}

static void __exit aes_module_exit(void)
{
	drivers_unregister(drivers, ARRAY_SIZE(drivers));
}

module_init(aes_module_init);
module_exit(aes_module_exit);

MODULE_DESCRIPTION("AES: 128-EEA2 and 128-EIA2 in a call each");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_CRYPTO("eea2");
MODULE_ALIAS_CRYPTO("eea2-avx2");
MODULE_ALIAS_CRYPTO("eia2");
MODULE_ALIAS_CRYPTO("eia2-avx2");
