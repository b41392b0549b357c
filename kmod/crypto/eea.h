/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EEA1 and EEA3 as ciphers (skcipher). The key is 16 octets, the IV 8: COUNT, then
 * BEARER << 3 | DIRECTION << 2 and three octets of 0, as for EEA2. Any length, any
 * scatterlist, in place or not. The IV stays as it was.
 *
 * Included by the one file of a module that has such drivers.
 */
#ifndef _PROSE_CRYPTO_EEA_H
#define _PROSE_CRYPTO_EEA_H

#include <crypto/internal/skcipher.h>
#include <linux/module.h>

#include "fpu.h"
#include "words.h"

#define EEA_KEY_LEN	16
#define EEA_IV_LEN	8
/* A call of struct eea_ops.crypt takes a multiple of this, but for the last. */
#define EEA_CHUNK	16
#define EEA_STATE_MAX	96

/* What a tfm has if the driver needs no more. The crypto API wipes it when it frees the tfm. */
struct eea_key {
	u8 key[EEA_KEY_LEN];
};

/**
 * struct eea_ops - a key stream generator
 * @init: load key and IV; @st is memory for the generator's state
 * @crypt: add the next octets of the key stream
 * @secret: octets of the state that have to be wiped
 */
struct eea_ops {
	void (*init)(void *st, const void *key, const u8 *iv);
	void (*crypt)(void *st, u8 *dst, const u8 *src, size_t len);
	size_t secret;
};

/**
 * struct eea_driver - a driver in the crypto API
 * @alg: what is registered
 * @fpu: for contexts that may use the FPU, called with it in hand; or NULL
 * @plain: for any context
 * @expand: makes of a key what struct eea_ops.init takes; NULL for just the key
 */
struct eea_driver {
	struct skcipher_alg alg;
	const struct eea_ops *fpu, *plain;
	int (*expand)(void *to, const u8 *key);
};

static int eea_setkey(struct crypto_skcipher *tfm, const u8 *key, unsigned int len)
{
	const struct eea_driver *driver =
		container_of(crypto_skcipher_alg(tfm), struct eea_driver, alg);
	void *ctx = crypto_skcipher_ctx(tfm);

	if (len != EEA_KEY_LEN)
		return -EINVAL;
	if (driver->expand)
		return driver->expand(ctx, key);
	memcpy(ctx, key, EEA_KEY_LEN);
	return 0;
}

/*
 * In place, in one piece of memory that is always mapped, as network packets mostly are: no
 * need to go from page to page.
 */
static bool eea_in_one_piece(const struct skcipher_request *req)
{
	return !IS_ENABLED(CONFIG_HIGHMEM) && req->src == req->dst &&
	       req->src->length >= req->cryptlen && req->cryptlen;
}

/* Ciphers and deciphers. Which of the two sets of functions is settled for a request. */
static int eea_crypt(struct skcipher_request *req)
{
	struct crypto_skcipher *tfm = crypto_skcipher_reqtfm(req);
	const struct eea_driver *driver =
		container_of(crypto_skcipher_alg(tfm), struct eea_driver, alg);
	const void *ctx = crypto_skcipher_ctx(tfm);
	bool fpu = driver->fpu && prose_fpu_usable(), init = false;
	const struct eea_ops *ops = fpu ? driver->fpu : driver->plain;
	u64 st[EEA_STATE_MAX / sizeof(u64)];
	struct skcipher_walk walk;
	int err;

	if (eea_in_one_piece(req)) {
		u8 *data = sg_virt(req->src);

		if (fpu)
			prose_fpu_begin();
		ops->init(st, ctx, req->iv);
		ops->crypt(st, data, data, req->cryptlen);
		if (fpu)
			prose_fpu_end();
		memzero_explicit(st, ops->secret);
		return 0;
	}

	err = skcipher_walk_virt(&walk, req, false);
	while (walk.nbytes) {
		unsigned int n = walk.nbytes;

		if (n < walk.total)
			n = round_down(n, EEA_CHUNK);
		if (fpu)
			prose_fpu_begin();
		if (!init)
			ops->init(st, ctx, req->iv);
		init = true;
		ops->crypt(st, walk.dst.virt.addr, walk.src.virt.addr, n);
		if (fpu)
			prose_fpu_end();
		err = skcipher_walk_done(&walk, walk.nbytes - n);
	}
	memzero_explicit(st, ops->secret);
	return err;
}

/* What is the same in each driver. */
#define EEA_ALG_CTX(name, driver, priority, ctxsize) {		\
	.base.cra_name = (name),				\
	.base.cra_driver_name = (driver),			\
	.base.cra_priority = (priority),			\
	.base.cra_blocksize = 1,				\
	.base.cra_ctxsize = (ctxsize),				\
	.base.cra_module = THIS_MODULE,				\
	.min_keysize = EEA_KEY_LEN,				\
	.max_keysize = EEA_KEY_LEN,				\
	.ivsize = EEA_IV_LEN,					\
	.chunksize = EEA_CHUNK,					\
	.setkey = eea_setkey,					\
	.encrypt = eea_crypt,					\
	.decrypt = eea_crypt,					\
}

#define EEA_ALG(name, driver, priority) \
	EEA_ALG_CTX(name, driver, priority, sizeof(struct eea_key))

#endif /* _PROSE_CRYPTO_EEA_H */
