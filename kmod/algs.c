// SPDX-License-Identifier: GPL-2.0-only
/*
 * 128-EEA2 is ctr(aes), 128-EIA2 is cmac(aes), TS 33.401 Annex B. On some processors prose_aes
 * has them as well, in a better way; with it, and before it is loaded without, they work
 * alike. The others come from modules of ours, crypto/, which the crypto API loads when
 * they are asked for.
 *
 * The cipher is asked for with no flags, not as a synchronous one: up to 6.15 the
 * fast driver of the kernel calls itself asynchronous, and a request for a synchronous one
 * gets a template that does a block a call. So -EINPROGRESS has to be dealt with.
 */

#include <crypto/aes.h>
#include <linux/slab.h>

#include <linux/prose.h>

#include "algs.h"

/**
 * struct alg_names - names of an algorithm in the crypto API
 * @name: what is loaded if need be; NULL for EEA0 and EIA0
 * @better: what is taken instead where it is there; or NULL
 */
struct alg_names {
	const char *name;
	const char *better;
};

static const struct alg_names eea_names[] = {
	[PROSE_EEA_EEA0] = { },
	[PROSE_EEA_EEA1] = { "eea1" },
	[PROSE_EEA_EEA2] = { "ctr(aes)", "eea2" },
	[PROSE_EEA_EEA3] = { "eea3" },
};

static const struct alg_names eia_names[] = {
	[PROSE_EIA_EIA0] = { },
	[PROSE_EIA_EIA1] = { "eia1" },
	[PROSE_EIA_EIA2] = { "cmac(aes)", "eia2" },
	[PROSE_EIA_EIA3] = { "eia3" },
};

/**
 * prose_eea_supported() - is there this ciphering algorithm?
 * @eea: PROSE_EEA_
 *
 * Return: true if prose_keys_set() takes it; that may still find no module.
 */
bool prose_eea_supported(u32 eea)
{
	return eea < ARRAY_SIZE(eea_names);
}

/**
 * prose_eia_supported() - is there this integrity algorithm?
 * @eia: PROSE_EIA_
 *
 * Return: true if prose_keys_set() takes it. EIA0 is none, and never taken.
 */
bool prose_eia_supported(u32 eia)
{
	return eia < ARRAY_SIZE(eia_names) && eia_names[eia].name;
}

/* A cipher that has ended when the call returns, and needs no memory of ours for it. */
static bool ends_at_once(struct crypto_skcipher *tfm)
{
	return !(crypto_skcipher_alg(tfm)->base.cra_flags & CRYPTO_ALG_ASYNC) &&
	       !crypto_skcipher_reqsize(tfm);
}

static int keys_set_eea(struct prose_keys *keys, u8 eea, const u8 *pek)
{
	const struct alg_names *names = &eea_names[eea];
	struct crypto_skcipher *tfm = ERR_PTR(-ENOENT);

	if (!names->name)
		return 0;
	if (names->better)
		tfm = crypto_alloc_skcipher(names->better, 0, CRYPTO_NOLOAD);
	if (tfm == ERR_PTR(-ENOENT))
		tfm = crypto_alloc_skcipher(names->name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	keys->eea = tfm;
	if (!ends_at_once(tfm))
		keys->op_size = sizeof(struct prose_eea_op) + crypto_skcipher_reqsize(tfm);
	return crypto_skcipher_setkey(tfm, pek, PROSE_KEY_LEN);
}

static int keys_set_eia(struct prose_keys *keys, u8 eia, const u8 *pik)
{
	const struct alg_names *names = &eia_names[eia];
	struct crypto_shash *tfm = ERR_PTR(-ENOENT);

	if (names->better)
		tfm = crypto_alloc_shash(names->better, 0, CRYPTO_NOLOAD);
	if (tfm == ERR_PTR(-ENOENT))
		tfm = crypto_alloc_shash(names->name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	keys->eia = tfm;
	/* Those of ours, crypto/eia.h, do not. */
	keys->wipe = strncmp(crypto_shash_alg_name(tfm), "eia", 3);
	return crypto_shash_setkey(tfm, pik, PROSE_KEY_LEN);
}

/**
 * prose_keys_set() - make keyed algorithms
 * @keys: where to put them
 * @eea: a supported PROSE_EEA_
 * @pek: key of it, PROSE_KEY_LEN octets; stays the caller's to wipe
 * @eia: a supported PROSE_EIA_
 * @pik: key of it, PROSE_KEY_LEN octets; stays the caller's to wipe
 * @extack: told which of the two this kernel has not; may be NULL
 *
 * Context: may sleep, may load modules. Never in the packet path.
 * Return: 0, or a negative errno with nothing left to free.
 */
int prose_keys_set(struct prose_keys *keys, u8 eea, const u8 *pek, u8 eia, const u8 *pik,
		   struct netlink_ext_ack *extack)
{
	int err;

	BUILD_BUG_ON(PROSE_KEY_LEN != AES_KEYSIZE_128);

	memset(keys, 0, sizeof(*keys));
	if (!prose_eea_supported(eea) || !prose_eia_supported(eia))
		return -EOPNOTSUPP;

	err = keys_set_eea(keys, eea, pek);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack,
			       "attribute assoc.eea: no module has it; EEA1 is in prose_snow3g, EEA2 in ctr and aes, EEA3 in prose_zuc");
	if (err)
		goto err_free;

	err = keys_set_eia(keys, eia, pik);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack,
			       "attribute assoc.eia: no module has it; EIA1 is in prose_snow3g, EIA2 in cmac and aes, EIA3 in prose_zuc");
	if (err)
		goto err_free;
	return 0;

err_free:
	prose_keys_free(keys);
	return err;
}

/**
 * prose_keys_free() - free keyed algorithms
 * @keys: them; the crypto API wipes what it frees
 *
 * Context: may sleep.
 */
void prose_keys_free(struct prose_keys *keys)
{
	/* Both take NULL. */
	crypto_free_skcipher(keys->eea);
	crypto_free_shash(keys->eia);
	keys->eea = NULL;
	keys->eia = NULL;
}

/**
 * prose_eia_mac() - compute MAC-I
 * @keys: keyed algorithms
 * @count: COUNT
 * @bearer: BEARER, the LCID
 * @direction: DIRECTION
 * @msg: PDCP header and SDU
 * @len: octets of @msg
 * @mac: where to put MAC-I
 *
 * Return: 0 or a negative errno.
 */
int prose_eia_mac(const struct prose_keys *keys, u32 count, u8 bearer, u8 direction,
		  const u8 *msg, unsigned int len, u8 mac[PROSE_MAC_I_LEN])
{
	SHASH_DESC_ON_STACK(desc, keys->eia);
	u8 prefix[PROSE_EIA_PREFIX_LEN];
	u8 tag[AES_BLOCK_SIZE];
	int err;

	prose_eia_prefix(prefix, count, bearer, direction);

	desc->tfm = keys->eia;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, prefix, sizeof(prefix));
	if (!err)
		err = crypto_shash_finup(desc, msg, len, tag);
	if (keys->wipe)
		shash_desc_zero(desc);
	if (err)
		return err;

	/* Of EIA2 the most significant octets of the tag; the others have no more. */
	memcpy(mac, tag, PROSE_MAC_I_LEN);
	memzero_explicit(tag, sizeof(tag));
	return 0;
}

/**
 * prose_eea_op_get() - memory of one cipher operation
 * @keys: keyed algorithms, with a cipher
 * @op: where to put the operation, NULL if the cipher needs none; kfree() frees it
 *
 * Context: any.
 * Return: 0 or -ENOMEM.
 */
int prose_eea_op_get(const struct prose_keys *keys, struct prose_eea_op **op)
{
	*op = NULL;
	if (!keys->op_size)
		return 0;
	*op = kmalloc(keys->op_size, GFP_ATOMIC);
	return *op ? 0 : -ENOMEM;
}

static int crypt_in_place(const struct prose_keys *keys, struct prose_eea_op *op, u32 count,
			  u8 bearer, u8 direction, u8 *data, unsigned int len,
			  crypto_completion_t done, void *done_data)
{
	prose_eea_iv(op->iv, count, bearer, direction);
	sg_init_one(&op->sg, data, len);
	skcipher_request_set_tfm(&op->req, keys->eea);
	skcipher_request_set_callback(&op->req, 0, done, done_data);
	skcipher_request_set_crypt(&op->req, &op->sg, &op->sg, len, op->iv);
	/* CTR is its own inverse, and so are the others. */
	return crypto_skcipher_encrypt(&op->req);
}

/* A frame of its own: what async ciphers have no use for, is not on their stack. */
static noinline int crypt_at_once(const struct prose_keys *keys, u32 count, u8 bearer,
				  u8 direction, u8 *data, unsigned int len)
{
	struct prose_eea_op op;

	return crypt_in_place(keys, &op, count, bearer, direction, data, len, NULL, NULL);
}

/**
 * prose_eea_crypt() - cipher or decipher in place
 * @keys: keyed algorithms, with a cipher
 * @op: memory of the operation, of prose_eea_op_get(), the caller's to free after it ended
 * @count: COUNT
 * @bearer: BEARER, the LCID
 * @direction: DIRECTION
 * @data: the SDU
 * @len: octets of @data
 * @done: called at the end of an operation that returned -EINPROGRESS
 * @done_data: its argument
 *
 * No backlog: a full queue is an error like others, and the queue stays bounded.
 *
 * Return: -EINPROGRESS if @done is going to be called, else 0 or a negative errno.
 */
int prose_eea_crypt(const struct prose_keys *keys, struct prose_eea_op *op, u32 count, u8 bearer,
		    u8 direction, u8 *data, unsigned int len, crypto_completion_t done,
		    void *done_data)
{
	if (!op)
		return crypt_at_once(keys, count, bearer, direction, data, len);
	return crypt_in_place(keys, op, count, bearer, direction, data, len, done, done_data);
}
