// SPDX-License-Identifier: GPL-2.0-only
/*
 * prose_snow3g.ko: SNOW 3G in the kernel crypto API, as "eea1" and "eia1". Two drivers
 * of each: *-generic runs anywhere; *-avx2 goes before it where the processor has what
 * it takes, and does as *-generic in a context that may not use the FPU.
 */

#include <linux/module.h>

#include "drivers.h"
#include "eia1.h"
#include "snow3g.h"
#ifdef CONFIG_X86_64
#include "eia1_avx2.h"
#include "snow3g_avx2.h"
#endif

/* TS 33.401 B.1.2: IV3 and IV1 are COUNT, IV2 and IV0 BEARER and DIRECTION. */
static void eea1_iv(u32 iv[SNOW3G_IV_WORDS], const u8 *octets)
{
	iv[3] = prose_load32(octets);
	iv[2] = prose_load32(octets + 4);
	iv[1] = iv[3];
	iv[0] = iv[2];
}

static void generic_init(void *st, const void *key, const u8 *octets)
{
	u32 iv[SNOW3G_IV_WORDS];

	BUILD_BUG_ON(sizeof(struct snow3g) > EEA_STATE_MAX);
	BUILD_BUG_ON(sizeof(struct eia1) > EIA_STATE_MAX);
	BUILD_BUG_ON(EIA1_BLOCK_LEN > EIA_BLOCK_MAX);

	eea1_iv(iv, octets);
	snow3g_init(st, key, iv);
}

static void generic_crypt(void *st, u8 *dst, const u8 *src, size_t len)
{
	snow3g_crypt(st, dst, src, len);
}

static void generic_start(void *mac, const void *key, const u8 *prefix)
{
	eia1_start(mac, key, prefix);
}

static void generic_blocks(void *mac, const u8 *p, size_t n)
{
	eia1_blocks(mac, p, n);
}

static void generic_finish(void *mac, const u8 *rest, size_t len, u8 *out)
{
	eia1_finish(mac, rest, len, out);
}

static const struct eea_ops eea1_generic = { generic_init, generic_crypt, sizeof(struct snow3g) };
static const struct eia_ops eia1_generic = { generic_start, generic_blocks, generic_finish };

#ifdef CONFIG_X86_64

static void avx2_init(void *st, const void *key, const u8 *octets)
{
	u32 iv[SNOW3G_IV_WORDS];

	eea1_iv(iv, octets);
	snow3g_avx2_init(st, key, iv);
}

static void avx2_crypt(void *st, u8 *dst, const u8 *src, size_t len)
{
	snow3g_avx2_crypt(st, dst, src, len);
}

static void avx2_start(void *mac, const void *key, const u8 *prefix)
{
	eia1_avx2_start(mac, key, prefix);
}

static void avx2_blocks(void *mac, const u8 *p, size_t n)
{
	eia1_avx2_blocks(mac, p, n);
}

static void avx2_finish(void *mac, const u8 *rest, size_t len, u8 *out)
{
	eia1_avx2_finish(mac, rest, len, out);
}

static const struct eea_ops eea1_avx2 = { avx2_init, avx2_crypt, sizeof(struct snow3g) };
static const struct eia_ops eia1_avx2 = { avx2_start, avx2_blocks, avx2_finish };

#endif

static struct driver_pair drivers[] = {
	{
		.eea = { EEA_ALG("eea1", "eea1-generic", 100), NULL, &eea1_generic },
		.eia = { EIA_ALG("eia1", "eia1-generic", 100), NULL, &eia1_generic,
			 EIA1_BLOCK_LEN },
	},
#ifdef CONFIG_X86_64
	{
		.eea = { EEA_ALG("eea1", "eea1-avx2", 300), &eea1_avx2, &eea1_generic },
		.eia = { EIA_ALG("eia1", "eia1-avx2", 300), &eia1_avx2, &eia1_generic,
			 EIA1_BLOCK_LEN },
		.usable = prose_has_avx2,
	},
#endif
};

/* TS 33.401 C.3, test set 1. */
static const struct selftest eea1_test = {
	.key = { 0xd3, 0xc5, 0xd5, 0x92, 0x32, 0x7f, 0xb1, 0x1c,
		 0x40, 0x35, 0xc6, 0x68, 0x0a, 0xf8, 0xc6, 0xd1 },
	.iv = { 0x39, 0x8a, 0x59, 0xb4, 0xac, 0x00, 0x00, 0x00 },
	.in = { 0x98, 0x1b, 0xa6, 0x82, 0x4c, 0x1b, 0xfb, 0x1a,
		 0xb4, 0x85, 0x47, 0x20, 0x29, 0xb7, 0x1d, 0x80 },
	.out = { 0x5d, 0x5b, 0xfe, 0x75, 0xeb, 0x04, 0xf6, 0x8c,
		 0xe0, 0xa1, 0x23, 0x77, 0xea, 0x00, 0xb3, 0x7d },
	.len = 16,
	.out_len = 16,
};

/* TS 33.401 C.4, test set 1. */
static const struct selftest eia1_test = {
	.key = { 0x2b, 0xd6, 0x45, 0x9f, 0x82, 0xc5, 0xb3, 0x00,
		 0x95, 0x2c, 0x49, 0x10, 0x48, 0x81, 0xff, 0x48 },
	.iv = { 0x38, 0xa6, 0xf0, 0x56, 0xf8, 0x00, 0x00, 0x00 },
	.in = { 0x33, 0x32, 0x34, 0x62, 0x63, 0x39, 0x38, 0x61,
		 0x37, 0x34, 0x79 },
	.out = { 0x73, 0x1f, 0x11, 0x65 },
	.len = 11,
	.out_len = 4,
};

static int __init snow3g_module_init(void)
{
	return drivers_register(drivers, ARRAY_SIZE(drivers), &eea1_test, &eia1_test);
}

static void __exit snow3g_module_exit(void)
{
	drivers_unregister(drivers, ARRAY_SIZE(drivers));
}

module_init(snow3g_module_init);
module_exit(snow3g_module_exit);

MODULE_DESCRIPTION("SNOW 3G: 128-EEA1 and 128-EIA1");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_CRYPTO("eea1");
MODULE_ALIAS_CRYPTO("eea1-generic");
MODULE_ALIAS_CRYPTO("eea1-avx2");
MODULE_ALIAS_CRYPTO("eia1");
MODULE_ALIAS_CRYPTO("eia1-generic");
MODULE_ALIAS_CRYPTO("eia1-avx2");
