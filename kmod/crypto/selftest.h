/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a module makes sure of before it offers its algorithms: a published vector, and
 * that the drivers agree on more than that. The crypto manager's own self-tests know
 * the algorithms of the kernel only.
 */
#ifndef _PROSE_CRYPTO_SELFTEST_H
#define _PROSE_CRYPTO_SELFTEST_H

#include <linux/slab.h>

#include "eea.h"
#include "eia.h"

/* More than a block of any, and no multiple of one. */
#define SELFTEST_LEN	77

/**
 * struct selftest - what an algorithm makes of a message
 * @key: the key
 * @iv: COUNT, BEARER and DIRECTION
 * @in: the message
 * @out: that message ciphered, or its MAC-I
 * @len: octets of @in
 * @out_len: octets of @out
 */
struct selftest {
	u8 key[16], iv[8], in[16], out[16];
	unsigned int len, out_len;
};

static inline void selftest_begin(bool fpu)
{
	if (fpu)
		prose_fpu_begin();
}

static inline void selftest_end(bool fpu)
{
	if (fpu)
		prose_fpu_end();
}

/* What a tfm would have of the key. */
static void *selftest_key(const struct crypto_alg *alg, int (*expand)(void *to, const u8 *key),
			  const struct selftest *test)
{
	void *key = kmalloc(alg->cra_ctxsize, GFP_KERNEL);

	if (!key)
		return NULL;
	if (!expand) {
		memcpy(key, test->key, sizeof(test->key));
	} else if (expand(key, test->key)) {
		kfree(key);
		return NULL;
	}
	return key;
}

static void selftest_cipher(const struct eea_ops *ops, bool fpu, const void *key,
			    const struct selftest *test, u8 *data, unsigned int len)
{
	u64 st[EEA_STATE_MAX / sizeof(u64)];

	selftest_begin(fpu);
	ops->init(st, key, test->iv);
	ops->crypt(st, data, data, len);
	selftest_end(fpu);
}

static int selftest_eea(const struct eea_driver *driver, const struct selftest *test)
{
	u8 data[SELFTEST_LEN] = { }, other[SELFTEST_LEN] = { };
	void *key = selftest_key(&driver->alg.base, driver->expand, test);
	int err = 0;

	if (!key)
		return -ENOMEM;
	memcpy(data, test->in, test->len);
	memcpy(other, data, sizeof(data));
	selftest_cipher(driver->plain, false, key, test, data, sizeof(data));
	if (memcmp(data, test->out, test->out_len))
		err = -EIO;
	if (!err && driver->fpu) {
		selftest_cipher(driver->fpu, true, key, test, other, sizeof(other));
		if (memcmp(data, other, sizeof(data)))
			err = -EIO;
	}
	kfree(key);
	return err;
}

static void selftest_mac(const struct eia_ops *ops, unsigned int block_len, bool fpu,
			 const void *key, const struct selftest *test, const u8 *in,
			 unsigned int len, u8 *out)
{
	u64 mac[EIA_STATE_MAX / sizeof(u64)];
	unsigned int n = len / block_len;

	selftest_begin(fpu);
	ops->start(mac, key, test->iv);
	ops->blocks(mac, in, n);
	ops->finish(mac, in + n * block_len, len % block_len, out);
	selftest_end(fpu);
}

static int selftest_eia(const struct eia_driver *driver, const struct selftest *test)
{
	u8 mac[EIA_MAC_LEN], other[EIA_MAC_LEN];
	void *key = selftest_key(&driver->alg.base, driver->expand, test);
	unsigned int block_len = driver->block_len;
	u8 in[SELFTEST_LEN];
	int err = 0;

	if (!key)
		return -ENOMEM;
	selftest_mac(driver->plain, block_len, false, key, test, test->in, test->len, mac);
	if (memcmp(mac, test->out, test->out_len))
		err = -EIO;
	if (!err && driver->fpu) {
		memset(in, 0xa5, sizeof(in));
		selftest_mac(driver->plain, block_len, false, key, test, in, sizeof(in), mac);
		selftest_mac(driver->fpu, block_len, true, key, test, in, sizeof(in), other);
		if (memcmp(mac, other, sizeof(mac)))
			err = -EIO;
	}
	kfree(key);
	return err;
}

#endif /* _PROSE_CRYPTO_SELFTEST_H */
