/* SPDX-License-Identifier: MIT */
/*
 * The crypto API: ctr(aes) and cmac(aes) over OpenSSL, and the algorithms of kmod/crypto. An
 * operation of a cipher may end on the spot or later, well or badly, as the test chooses.
 */
#ifndef _KSHIM_CRYPTO_H
#define _KSHIM_CRYPTO_H

#include <kshim/work.h>

#define AES_BLOCK_SIZE		16
#define AES_KEYSIZE_128		16

enum kshim_crypto_mode {
	KSHIM_CRYPTO_SYNC,	/* 0, or the error */
	KSHIM_CRYPTO_ASYNC,	/* -EINPROGRESS, then the completion */
	KSHIM_CRYPTO_QUEUED,	/* the same, and a completion with -EINPROGRESS in between */
};

extern enum kshim_crypto_mode kshim_crypto_mode;
/* What the next operations of ciphers end with, 0 for well; once, for the first of them. */
extern int kshim_crypto_error;
/* The same for MACs. */
extern int kshim_mac_error;

/* End what is under way: how many there were. Bottom halves are off meanwhile. */
unsigned int kshim_crypto_run(void);

typedef void (*crypto_completion_t)(void *data, int err);

struct scatterlist {
	u8 *p;
	unsigned int len;
};

static inline void sg_init_one(struct scatterlist *sg, void *p, unsigned int len)
{
	sg->p = p;
	sg->len = len;
}

struct crypto_skcipher;
struct crypto_shash;

struct skcipher_request {
	struct crypto_skcipher *tfm;
	crypto_completion_t complete;
	void *data;
	struct scatterlist *src, *dst;
	unsigned int len;
	u8 *iv;
	struct skcipher_request *next;
	int err;
	u8 driver[];
};

#define CRYPTO_ALG_ASYNC	0x00000080
#define CRYPTO_NOLOAD		0x00008000

struct crypto_alg {
	u32 cra_flags;
};

struct skcipher_alg {
	struct crypto_alg base;
};

const struct skcipher_alg *crypto_skcipher_alg(struct crypto_skcipher *tfm);
struct crypto_skcipher *crypto_alloc_skcipher(const char *name, u32 type, u32 mask);
void crypto_free_skcipher(struct crypto_skcipher *tfm);
int crypto_skcipher_setkey(struct crypto_skcipher *tfm, const u8 *key, unsigned int len);
unsigned int crypto_skcipher_reqsize(struct crypto_skcipher *tfm);
int crypto_skcipher_encrypt(struct skcipher_request *req);

static inline void skcipher_request_set_tfm(struct skcipher_request *req,
					    struct crypto_skcipher *tfm)
{
	req->tfm = tfm;
}

static inline void skcipher_request_set_callback(struct skcipher_request *req, u32 flags,
						 crypto_completion_t complete, void *data)
{
	(void)flags;
	req->complete = complete;
	req->data = data;
}

static inline void skcipher_request_set_crypt(struct skcipher_request *req,
					      struct scatterlist *src, struct scatterlist *dst,
					      unsigned int len, void *iv)
{
	req->src = src;
	req->dst = dst;
	req->len = len;
	req->iv = iv;
}

struct shash_desc {
	struct crypto_shash *tfm;
	int state;
	/* Of the algorithms of kmod/crypto, whose messages begin with it. */
	u8 prefix[8];
};

#define SHASH_DESC_ON_STACK(name, hash)						\
	struct shash_desc name##_on_stack, *name = &name##_on_stack

const char *crypto_shash_alg_name(struct crypto_shash *tfm);
struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask);
void crypto_free_shash(struct crypto_shash *tfm);
int crypto_shash_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len);
int crypto_shash_init(struct shash_desc *desc);
int crypto_shash_update(struct shash_desc *desc, const u8 *data, unsigned int len);
int crypto_shash_finup(struct shash_desc *desc, const u8 *data, unsigned int len, u8 *out);

static inline void shash_desc_zero(struct shash_desc *desc)
{
	memset(desc, 0, sizeof(*desc));
}

#define crypto_memneq(a, b, len)	(memcmp(a, b, len) != 0)

#endif /* _KSHIM_CRYPTO_H */
