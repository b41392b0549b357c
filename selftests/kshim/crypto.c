// SPDX-License-Identifier: MIT
/* The crypto API, see kshim/crypto.h. */
#include <kshim/crypto.h>

#include "aes.h"
#include "streams.h"

/* What a driver keeps in a request, written each time: is the memory there? */
#define REQ_SIZE	48

enum kshim_crypto_mode kshim_crypto_mode;
int kshim_crypto_error, kshim_mac_error;

static struct skcipher_request *queue, **queue_end = &queue;

/* Of ours, which end at once, and of the kernel's. */
static const struct skcipher_alg at_once, async = { .base.cra_flags = CRYPTO_ALG_ASYNC };

/* One of ours has @ours, and @key; @ctr or @cmac otherwise. */
struct crypto_skcipher {
	bool ours, keyed;
	enum stream_kind kind;
	u8 key[16];
	struct aes_ctr *ctr;
	unsigned int users;
};

struct crypto_shash {
	bool ours, keyed;
	enum stream_kind kind;
	u8 key[16];
	struct aes_cmac *cmac;
};

struct crypto_skcipher *crypto_alloc_skcipher(const char *name, u32 type, u32 mask)
{
	struct crypto_skcipher *tfm;

	kshim_assert(!type);
	/* As if prose_aes were not loaded. */
	if (mask == CRYPTO_NOLOAD && !strcmp(name, "eea2"))
		return ERR_PTR(-ENOENT);
	kshim_assert(!mask);
	kshim_assert(!strcmp(name, "ctr(aes)") || !strcmp(name, "eea1") || !strcmp(name, "eea3"));
	tfm = kshim_alloc(sizeof(*tfm), GFP_KERNEL, true);
	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->ours = *name == 'e';
	tfm->kind = strcmp(name, "eea1") ? STREAM_ZUC : STREAM_SNOW3G;
	return tfm;
}

void crypto_free_skcipher(struct crypto_skcipher *tfm)
{
	kshim_might_sleep("crypto_free_skcipher()");
	if (!tfm)
		return;
	/* Its operations have ended. */
	kshim_assert(!tfm->users);
	if (tfm->ctr)
		aes_ctr_free(tfm->ctr);
	free(tfm);
}

int crypto_skcipher_setkey(struct crypto_skcipher *tfm, const u8 *key, unsigned int len)
{
	void *token = kshim_alloc(1, GFP_KERNEL, false);

	kshim_assert(len == AES_KEYSIZE_128 && !tfm->keyed);
	/* Drivers may need memory for a key. */
	if (!token)
		return -ENOMEM;
	kfree(token);
	tfm->keyed = true;
	memcpy(tfm->key, key, sizeof(tfm->key));
	if (!tfm->ours)
		tfm->ctr = aes_ctr_new(key);
	return 0;
}

unsigned int crypto_skcipher_reqsize(struct crypto_skcipher *tfm)
{
	return tfm->ours ? 0 : REQ_SIZE;
}

const struct skcipher_alg *crypto_skcipher_alg(struct crypto_skcipher *tfm)
{
	return tfm->ours ? &at_once : &async;
}

static void crypt(struct skcipher_request *req)
{
	kshim_assert(req->src == req->dst && req->src->len >= req->len);
	if (req->tfm->ours) {
		stream_crypt(req->tfm->kind, req->tfm->key, req->iv, req->src->p, req->len);
		return;
	}
	memset(req->driver, 0xc7, REQ_SIZE);
	aes_ctr_crypt(req->tfm->ctr, req->iv, req->src->p, req->len);
}

int crypto_skcipher_encrypt(struct skcipher_request *req)
{
	int err = kshim_crypto_error;

	kshim_assert(req->tfm->keyed);
	kshim_crypto_error = 0;
	if (req->tfm->ours || kshim_crypto_mode == KSHIM_CRYPTO_SYNC) {
		if (!err)
			crypt(req);
		return err;
	}
	req->err = err;
	req->next = NULL;
	req->tfm->users++;
	*queue_end = req;
	queue_end = &req->next;
	return -EINPROGRESS;
}

unsigned int kshim_crypto_run(void)
{
	unsigned int n = 0;

	while (queue) {
		struct skcipher_request *req = queue;
		int err = req->err;

		queue = req->next;
		if (!queue)
			queue_end = &queue;
		local_bh_disable();
		if (kshim_crypto_mode == KSHIM_CRYPTO_QUEUED)
			req->complete(req->data, -EINPROGRESS);
		if (!err)
			crypt(req);
		req->tfm->users--;
		req->complete(req->data, err);
		local_bh_enable();
		n++;
	}
	return n;
}

struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask)
{
	struct crypto_shash *tfm;

	kshim_assert(!type);
	/* As if prose_aes were not loaded. */
	if (mask == CRYPTO_NOLOAD && !strcmp(name, "eia2"))
		return ERR_PTR(-ENOENT);
	kshim_assert(!mask);
	kshim_assert(!strcmp(name, "cmac(aes)") || !strcmp(name, "eia1") || !strcmp(name, "eia3"));
	tfm = kshim_alloc(sizeof(*tfm), GFP_KERNEL, true);
	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->ours = *name == 'e';
	tfm->kind = strcmp(name, "eia1") ? STREAM_ZUC : STREAM_SNOW3G;
	return tfm;
}

const char *crypto_shash_alg_name(struct crypto_shash *tfm)
{
	return tfm->ours ? "eia" : "cmac(aes)";
}

void crypto_free_shash(struct crypto_shash *tfm)
{
	kshim_might_sleep("crypto_free_shash()");
	if (!tfm)
		return;
	if (tfm->cmac)
		aes_cmac_free(tfm->cmac);
	free(tfm);
}

int crypto_shash_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len)
{
	void *token = kshim_alloc(1, GFP_KERNEL, false);

	kshim_assert(len == AES_KEYSIZE_128 && !tfm->keyed);
	if (!token)
		return -ENOMEM;
	kfree(token);
	tfm->keyed = true;
	memcpy(tfm->key, key, sizeof(tfm->key));
	if (!tfm->ours)
		tfm->cmac = aes_cmac_new(key);
	return 0;
}

int crypto_shash_init(struct shash_desc *desc)
{
	int err = kshim_mac_error;

	kshim_mac_error = 0;
	if (err)
		return err;
	if (!desc->tfm->ours)
		aes_cmac_init(desc->tfm->cmac);
	desc->state = 1;
	return 0;
}

int crypto_shash_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	kshim_assert(desc->state == 1);
	if (desc->tfm->ours) {
		/* The prefix, and nothing else, before the end. */
		kshim_assert(len == sizeof(desc->prefix));
		memcpy(desc->prefix, data, len);
		desc->state = 2;
		return 0;
	}
	aes_cmac_update(desc->tfm->cmac, data, len);
	return 0;
}

int crypto_shash_finup(struct shash_desc *desc, const u8 *data, unsigned int len, u8 *out)
{
	kshim_assert(desc->state == (desc->tfm->ours ? 2 : 1));
	if (desc->tfm->ours) {
		stream_mac(desc->tfm->kind, desc->tfm->key, desc->prefix, data, len, out);
	} else {
		aes_cmac_update(desc->tfm->cmac, data, len);
		aes_cmac_final(desc->tfm->cmac, out);
	}
	desc->state = 0;
	return 0;
}
