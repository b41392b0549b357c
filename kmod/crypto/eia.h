/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EIA1 and EIA3 as keyed hashes (shash). The key is 16 octets, the digest 4. As in the input of
 * EIA2, 8 octets come before the message: COUNT, then BEARER << 3 | DIRECTION << 2 and
 * three octets of 0. They make the IV.
 *
 * Included by the one file of a module that has such drivers.
 */
#ifndef _PROSE_CRYPTO_EIA_H
#define _PROSE_CRYPTO_EIA_H

#include <crypto/internal/hash.h>
#include <linux/module.h>

#include "fpu.h"
#include "words.h"

#define EIA_KEY_LEN	16
#define EIA_PREFIX_LEN	8
#define EIA_MAC_LEN	4
#define EIA_BLOCK_MAX	16
#define EIA_STATE_MAX	96

/* What a tfm has if the driver needs no more. The crypto API wipes it when it frees the tfm. */
struct eia_key {
	u8 key[EIA_KEY_LEN];
};

/**
 * struct eia_ops - a MAC
 * @start: take key and prefix; @mac is memory for the MAC's state
 * @blocks: go on with whole blocks
 * @finish: take the rest, less than a block, give MAC-I and wipe the state
 */
struct eia_ops {
	void (*start)(void *mac, const void *key, const u8 *prefix);
	void (*blocks)(void *mac, const u8 *p, size_t n);
	void (*finish)(void *mac, const u8 *rest, size_t len, u8 *out);
};

/**
 * struct eia_driver - a driver in the crypto API
 * @alg: what is registered
 * @fpu: for contexts that may use the FPU, called with it in hand; or NULL
 * @plain: for any context, and able to go on where @fpu stopped, and the other way round
 * @block_len: octets in a block of both
 * @expand: makes of a key what struct eia_ops.start takes; NULL for just the key
 */
struct eia_driver {
	struct shash_alg alg;
	const struct eia_ops *fpu, *plain;
	unsigned int block_len;
	int (*expand)(void *to, const u8 *key);
};

/**
 * struct eia_desc - a MAC under way
 * @mac: state of struct eia_ops, from the end of the prefix on
 * @octets: those of the prefix, or of the block, that is not complete yet
 * @len: how many
 * @started: the prefix is complete
 */
struct eia_desc {
	u64 mac[EIA_STATE_MAX / sizeof(u64)];
	u8 octets[EIA_BLOCK_MAX];
	unsigned int len;
	bool started;
};

static int eia_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len)
{
	const struct eia_driver *driver =
		container_of(crypto_shash_alg(tfm), struct eia_driver, alg);
	void *ctx = crypto_shash_ctx(tfm);

	if (len != EIA_KEY_LEN)
		return -EINVAL;
	if (driver->expand)
		return driver->expand(ctx, key);
	memcpy(ctx, key, EIA_KEY_LEN);
	return 0;
}

static int eia_init(struct shash_desc *shash)
{
	struct eia_desc *desc = shash_desc_ctx(shash);

	desc->len = 0;
	desc->started = false;
	return 0;
}

/* Takes octets until there are @want, and returns how many those were. */
static unsigned int eia_fill(struct eia_desc *desc, unsigned int want, const u8 *p,
			     unsigned int len)
{
	unsigned int n = min(want - desc->len, len);

	memcpy(desc->octets + desc->len, p, n);
	desc->len += n;
	return n;
}

/* With a whole prefix, which is there. */
static void eia_feed(struct eia_desc *desc, const struct eia_ops *ops, unsigned int block_len,
		     const void *key, const u8 *p, unsigned int len)
{
	unsigned int n;

	if (!desc->started) {
		ops->start(desc->mac, key, desc->octets);
		desc->started = true;
		desc->len = 0;
	}

	if (desc->len) {
		n = eia_fill(desc, block_len, p, len);
		p += n;
		len -= n;
		if (desc->len < block_len)
			return;
		ops->blocks(desc->mac, desc->octets, 1);
		desc->len = 0;
	}

	n = len / block_len;
	if (n)
		ops->blocks(desc->mac, p, n);
	eia_fill(desc, block_len, p + n * block_len, len - n * block_len);
}

/* Both update and finup: @out is NULL unless this is the end. */
static int eia_run(struct shash_desc *shash, const u8 *p, unsigned int len, u8 *out)
{
	const struct eia_driver *driver =
		container_of(crypto_shash_alg(shash->tfm), struct eia_driver, alg);
	struct eia_desc *desc = shash_desc_ctx(shash);
	const struct eia_ops *ops;
	unsigned int n;
	int err = 0;
	bool fpu;

	if (!desc->started) {
		n = eia_fill(desc, EIA_PREFIX_LEN, p, len);
		p += n;
		len -= n;
		if (desc->len < EIA_PREFIX_LEN) {
			/* A message shorter than its prefix. */
			err = out ? -EINVAL : 0;
			goto out_wipe;
		}
		/* The prefix alone, as most give it: it can wait, and the FPU with it. */
		if (!out && !len)
			return 0;
	}

	fpu = driver->fpu && prose_fpu_usable();
	ops = fpu ? driver->fpu : driver->plain;
	if (fpu)
		prose_fpu_begin();
	eia_feed(desc, ops, driver->block_len, crypto_shash_ctx(shash->tfm), p, len);
	if (out)
		ops->finish(desc->mac, desc->octets, desc->len, out);
	if (fpu)
		prose_fpu_end();

out_wipe:
	/* The state is wiped already, if there was one. */
	if (out)
		memzero_explicit(desc->octets, sizeof(desc->octets));
	return err;
}

static int eia_update(struct shash_desc *shash, const u8 *p, unsigned int len)
{
	return eia_run(shash, p, len, NULL);
}

static int eia_finup(struct shash_desc *shash, const u8 *p, unsigned int len, u8 *out)
{
	return eia_run(shash, p, len, out);
}

static int eia_final(struct shash_desc *shash, u8 *out)
{
	return eia_run(shash, NULL, 0, out);
}

/* What is the same in each driver. */
#define EIA_ALG_CTX(name, driver, priority, ctxsize) {		\
	.base.cra_name = (name),				\
	.base.cra_driver_name = (driver),			\
	.base.cra_priority = (priority),			\
	.base.cra_blocksize = 1,				\
	.base.cra_ctxsize = (ctxsize),				\
	.base.cra_module = THIS_MODULE,				\
	.digestsize = EIA_MAC_LEN,				\
	.descsize = sizeof(struct eia_desc),			\
	.setkey = eia_setkey,					\
	.init = eia_init,					\
	.update = eia_update,					\
	.final = eia_final,					\
	.finup = eia_finup,					\
}

#define EIA_ALG(name, driver, priority) \
	EIA_ALG_CTX(name, driver, priority, sizeof(struct eia_key))

#endif /* _PROSE_CRYPTO_EIA_H */
