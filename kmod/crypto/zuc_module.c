// SPDX-License-Identifier: GPL-2.0-only
/*
 * prose_zuc.ko: ZUC in the kernel crypto API, as "eea3" and "eia3". Two drivers
 * of each: *-generic runs anywhere; *-avx2 goes before it where the processor has what
 * it takes, and does as *-generic in a context that may not use the FPU.
 */

#include <linux/module.h>

#include "drivers.h"
#include "eia3.h"
#include "zuc.h"
#ifdef CONFIG_X86_64
#include "eia3_avx2.h"
#include "zuc_avx2.h"
#endif

/* TS 35.221 3.3: COUNT, BEARER and DIRECTION, and the same again. */
static void eea3_iv(u8 iv[ZUC_IV_LEN], const u8 *octets)
{
	memcpy(iv, octets, EEA_IV_LEN);
	memcpy(iv + EEA_IV_LEN, octets, EEA_IV_LEN);
}

static void generic_init(void *st, const void *key, const u8 *octets)
{
	u8 iv[ZUC_IV_LEN];

	BUILD_BUG_ON(sizeof(struct zuc) > EEA_STATE_MAX);
	BUILD_BUG_ON(sizeof(struct eia3) > EIA_STATE_MAX);
	BUILD_BUG_ON(EIA3_BLOCK_LEN > EIA_BLOCK_MAX);

	eea3_iv(iv, octets);
	zuc_init(st, key, iv);
}

static void generic_crypt(void *st, u8 *dst, const u8 *src, size_t len)
{
	zuc_crypt(st, dst, src, len);
}

static void generic_start(void *mac, const void *key, const u8 *prefix)
{
	eia3_start(mac, key, prefix);
}

static void generic_blocks(void *mac, const u8 *p, size_t n)
{
	eia3_blocks(mac, p, n);
}

static void generic_finish(void *mac, const u8 *rest, size_t len, u8 *out)
{
	eia3_finish(mac, rest, len, out);
}

static const struct eea_ops eea3_generic = { generic_init, generic_crypt, sizeof(struct zuc) };
static const struct eia_ops eia3_generic = { generic_start, generic_blocks, generic_finish };

#ifdef CONFIG_X86_64

static void avx2_init(void *st, const void *key, const u8 *octets)
{
	u8 iv[ZUC_IV_LEN];

	eea3_iv(iv, octets);
	zuc_avx2_init(st, key, iv);
}

static void avx2_crypt(void *st, u8 *dst, const u8 *src, size_t len)
{
	zuc_avx2_crypt(st, dst, src, len);
}

static void avx2_start(void *mac, const void *key, const u8 *prefix)
{
	eia3_avx2_start(mac, key, prefix);
}

static void avx2_blocks(void *mac, const u8 *p, size_t n)
{
	eia3_avx2_blocks(mac, p, n);
}

static void avx2_finish(void *mac, const u8 *rest, size_t len, u8 *out)
{
	eia3_avx2_finish(mac, rest, len, out);
}

static const struct eea_ops eea3_avx2 = { avx2_init, avx2_crypt, sizeof(struct zuc) };
static const struct eia_ops eia3_avx2 = { avx2_start, avx2_blocks, avx2_finish };

#endif

static struct driver_pair drivers[] = {
	{
		.eea = { EEA_ALG("eea3", "eea3-generic", 100), NULL, &eea3_generic },
		.eia = { EIA_ALG("eia3", "eia3-generic", 100), NULL, &eia3_generic,
			 EIA3_BLOCK_LEN },
	},
#ifdef CONFIG_X86_64
	{
		.eea = { EEA_ALG("eea3", "eea3-avx2", 300), &eea3_avx2, &eea3_generic },
		.eia = { EIA_ALG("eia3", "eia3-avx2", 300), &eia3_avx2, &eia3_generic,
			 EIA3_BLOCK_LEN },
		.usable = prose_has_avx2,
	},
#endif
};

/* TS 35.223, 128-EEA3, test set 1. */
static const struct selftest eea3_test = {
	.key = { 0x17, 0x3d, 0x14, 0xba, 0x50, 0x03, 0x73, 0x1d,
		 0x7a, 0x60, 0x04, 0x94, 0x70, 0xf0, 0x0a, 0x29 },
	.iv = { 0x66, 0x03, 0x54, 0x92, 0x78, 0x00, 0x00, 0x00 },
	.in = { 0x6c, 0xf6, 0x53, 0x40, 0x73, 0x55, 0x52, 0xab,
		 0x0c, 0x97, 0x52, 0xfa, 0x6f, 0x90, 0x25, 0xfe },
	.out = { 0xa6, 0xc8, 0x5f, 0xc6, 0x6a, 0xfb, 0x85, 0x33,
		 0xaa, 0xfc, 0x25, 0x18, 0xdf, 0xe7, 0x84, 0x94 },
	.len = 16,
	.out_len = 16,
};

/*
 * No published vector of 128-EIA3 is of whole octets, but for one: the MAC of nothing is
 * the sum of the first two words of key stream, in TS 35.223 for a key and IV of 0.
 */
static const struct selftest eia3_test = {
	.out = { 0x26, 0x3e, 0x5c, 0xae },
	.len = 0,
	.out_len = 4,
};

static int __init zuc_module_init(void)
{
	return drivers_register(drivers, ARRAY_SIZE(drivers), &eea3_test, &eia3_test);
}

static void __exit zuc_module_exit(void)
{
	drivers_unregister(drivers, ARRAY_SIZE(drivers));
}

module_init(zuc_module_init);
module_exit(zuc_module_exit);

MODULE_DESCRIPTION("ZUC: 128-EEA3 and 128-EIA3");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_CRYPTO("eea3");
MODULE_ALIAS_CRYPTO("eea3-generic");
MODULE_ALIAS_CRYPTO("eea3-avx2");
MODULE_ALIAS_CRYPTO("eia3");
MODULE_ALIAS_CRYPTO("eia3-generic");
MODULE_ALIAS_CRYPTO("eia3-avx2");
