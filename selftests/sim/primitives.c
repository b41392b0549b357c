// SPDX-License-Identifier: MIT
/* ECCSI and SAKKE of the simulator, primitives.h. */
#include "primitives.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "rng.h"
#include "sakke/eccsi.h"
#include "sakke/extract.h"
#include "sakke/sakke.h"

#define SECRET_LEN	32
#define TAG_LEN		(ECCSI_SIGNATURE_LEN - ECCSI_POINT_LEN)
#define UNCOMPRESSED	4

static bool products;
static struct rng chance;
static struct primitives_calls calls;
static bool just_verified;
static void (*watch)(void *context, const uint8_t *id, size_t id_len, const uint8_t *message,
		     size_t len);
static void *watch_context;

/* In place of a community or a key: what it was made of. */
struct stand_in {
	uint8_t kms[SECRET_LEN];	/* of the community, by its public key */
	uint8_t user[SECRET_LEN];	/* of a key: the identity's in it */
};

struct part {
	const void *data;
	size_t len;
};

#define PART(data, len)	((struct part){ data, len })

/* No attacker of the simulator computes this. */
static void derive(uint8_t *out, size_t out_len, const char *what, struct part a, struct part b)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const uint64_t lens[] = { a.len, b.len };

	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_shake128(), NULL) ||
	    !EVP_DigestUpdate(ctx, what, strlen(what) + 1) ||
	    !EVP_DigestUpdate(ctx, lens, sizeof(lens)) || !EVP_DigestUpdate(ctx, a.data, a.len) ||
	    !EVP_DigestUpdate(ctx, b.data, b.len) || !EVP_DigestFinalXOF(ctx, out, out_len))
		abort();
	EVP_MD_CTX_free(ctx);
}

static void derive_point(uint8_t *out, size_t out_len, const char *what, struct part a,
			 struct part b)
{
	out[0] = UNCOMPRESSED;
	derive(out + 1, out_len - 1, what, a, b);
}

/* What a KMS has of its own, and everybody knows how to use who has its public key. */
static void of_kms(uint8_t out[SECRET_LEN], const uint8_t *public_key, size_t len)
{
	derive(out, SECRET_LEN, "kms", PART(public_key, len), PART("", 0));
}

static void of_user(uint8_t out[SECRET_LEN], const uint8_t kms[SECRET_LEN], const uint8_t *id,
		    size_t id_len)
{
	derive(out, SECRET_LEN, "user", PART(kms, SECRET_LEN), PART(id, id_len));
}

static struct stand_in *stand_in_new(const uint8_t *public_key, size_t len)
{
	struct stand_in *stand_in;

	if (public_key[0] != UNCOMPRESSED)
		return NULL;
	stand_in = calloc(1, sizeof(*stand_in));
	if (!stand_in)
		abort();
	of_kms(stand_in->kms, public_key, len);
	return stand_in;
}

void primitives_begin(bool of_product, uint64_t seed)
{
	products = of_product;
	chance = rng_split(seed, 4);
	memset(&calls, 0, sizeof(calls));
	just_verified = false;
	watch = NULL;
}

void primitives_watch(void (*good)(void *context, const uint8_t *id, size_t id_len,
				   const uint8_t *message, size_t len), void *context)
{
	watch = good;
	watch_context = context;
}

const struct primitives_calls *primitives_calls(void)
{
	return &calls;
}

/* Declares and begins what the linker puts in the place of a function. */
#define WRAP(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

WRAP(int, RAND_bytes, unsigned char *out, int len)
{
	rng_fill(&chance, out, (size_t)len);
	return 1;
}

WRAP(int, RAND_priv_bytes, unsigned char *out, int len)
{
	rng_fill(&chance, out, (size_t)len);
	return 1;
}

/* ECCSI */

WRAP(struct eccsi_domain *, eccsi_domain_new, const uint8_t kpak[ECCSI_POINT_LEN])
{
	if (products)
		return __real_eccsi_domain_new(kpak);
	return (struct eccsi_domain *)stand_in_new(kpak, ECCSI_POINT_LEN);
}

WRAP(void, eccsi_domain_free, struct eccsi_domain *domain)
{
	if (products)
		__real_eccsi_domain_free(domain);
	else
		free(domain);
}

WRAP(int, eccsi_key_check, const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t ssk[ECCSI_SCALAR_LEN], const uint8_t pvt[ECCSI_POINT_LEN],
     struct eccsi_key *key)
{
	const struct stand_in *kms = (const struct stand_in *)domain;

	if (products)
		return __real_eccsi_key_check(domain, id, id_len, ssk, pvt, key);
	of_user(key->ssk, kms->kms, id, id_len);
	memcpy(key->pvt, pvt, ECCSI_POINT_LEN);
	memset(key->hs, 0, sizeof(key->hs));
	return CRYPTO_memcmp(key->ssk, ssk, ECCSI_SCALAR_LEN) ? -1 : 0;
}

static void tag(uint8_t out[TAG_LEN], const uint8_t ssk[SECRET_LEN], const uint8_t *pvt,
		const uint8_t *message, size_t len)
{
	uint8_t hash[SECRET_LEN];

	derive(hash, sizeof(hash), "signed", PART(ssk, SECRET_LEN), PART(message, len));
	derive(out, TAG_LEN, "signature", PART(hash, sizeof(hash)), PART(pvt, ECCSI_POINT_LEN));
}

WRAP(int, eccsi_sign, const struct eccsi_domain *domain, const struct eccsi_key *key,
     const uint8_t *message, size_t len, uint8_t signature[ECCSI_SIGNATURE_LEN])
{
	if (products)
		return __real_eccsi_sign(domain, key, message, len, signature);
	tag(signature, key->ssk, key->pvt, message, len);
	memcpy(signature + TAG_LEN, key->pvt, ECCSI_POINT_LEN);
	return 0;
}

static bool verifies(const struct stand_in *kms, const uint8_t *id, size_t id_len,
		     const uint8_t *message, size_t len, const uint8_t *signature)
{
	uint8_t ssk[SECRET_LEN], expected[TAG_LEN];

	of_user(ssk, kms->kms, id, id_len);
	tag(expected, ssk, signature + TAG_LEN, message, len);
	return !memcmp(signature, expected, TAG_LEN);
}

WRAP(int, eccsi_verify, const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t *message, size_t len, const uint8_t *signature, size_t signature_len)
{
	if (products)
		just_verified = !__real_eccsi_verify(domain, id, id_len, message, len, signature,
						     signature_len);
	else
		just_verified = signature_len == ECCSI_SIGNATURE_LEN &&
				verifies((const struct stand_in *)domain, id, id_len, message, len,
					 signature);
	calls.verified += just_verified;
	calls.forged += !just_verified;
	if (just_verified && watch)
		watch(watch_context, id, id_len, message, len);
	return just_verified ? 0 : -1;
}

/* SAKKE */

WRAP(struct sakke_domain *, sakke_domain_new, const uint8_t z_public[SAKKE_POINT_LEN])
{
	if (products)
		return __real_sakke_domain_new(z_public);
	return (struct sakke_domain *)stand_in_new(z_public, SAKKE_POINT_LEN);
}

WRAP(void, sakke_domain_free, struct sakke_domain *domain)
{
	if (products)
		__real_sakke_domain_free(domain);
	else
		free(domain);
}

/* R, of which nobody else learns the SSV, and H, from which the SSV comes with the key. */
static void encapsulate(const uint8_t user[SECRET_LEN], const uint8_t ssv[SAKKE_SSV_LEN],
			uint8_t data[SAKKE_DATA_LEN])
{
	uint8_t mask[SAKKE_SSV_LEN];

	derive_point(data, SAKKE_POINT_LEN, "R", PART(user, SECRET_LEN), PART(ssv, SAKKE_SSV_LEN));
	derive(mask, sizeof(mask), "H", PART(user, SECRET_LEN), PART(data, SAKKE_POINT_LEN));
	for (size_t i = 0; i < SAKKE_SSV_LEN; i++)
		data[SAKKE_POINT_LEN + i] = ssv[i] ^ mask[i];
}

WRAP(int, sakke_encapsulate, const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN])
{
	uint8_t user[SECRET_LEN];

	if (products)
		return __real_sakke_encapsulate(domain, id, id_len, ssv, data);
	of_user(user, ((const struct stand_in *)domain)->kms, id, id_len);
	encapsulate(user, ssv, data);
	return 0;
}

static void rsk_of(uint8_t rsk[SAKKE_POINT_LEN], const uint8_t user[SECRET_LEN])
{
	derive_point(rsk, SAKKE_POINT_LEN, "RSK", PART(user, SECRET_LEN), PART("", 0));
}

WRAP(struct sakke_key *, sakke_key_new, const struct sakke_domain *domain, const uint8_t *id,
     size_t id_len, const uint8_t rsk[SAKKE_POINT_LEN], bool stored)
{
	uint8_t expected[SAKKE_POINT_LEN];
	struct stand_in *key;

	if (products)
		return __real_sakke_key_new(domain, id, id_len, rsk, stored);
	key = malloc(sizeof(*key));
	if (!key)
		abort();
	*key = *(const struct stand_in *)domain;
	of_user(key->user, key->kms, id, id_len);
	rsk_of(expected, key->user);
	if (memcmp(rsk, expected, SAKKE_POINT_LEN)) {
		free(key);
		return NULL;
	}
	return (struct sakke_key *)key;
}

WRAP(void, sakke_key_free, struct sakke_key *key)
{
	if (products)
		__real_sakke_key_free(key);
	else
		free(key);
}

static bool opens(const struct stand_in *key, const uint8_t *data, uint8_t ssv[SAKKE_SSV_LEN])
{
	uint8_t mask[SAKKE_SSV_LEN], again[SAKKE_DATA_LEN];

	derive(mask, sizeof(mask), "H", PART(key->user, SECRET_LEN), PART(data, SAKKE_POINT_LEN));
	for (size_t i = 0; i < SAKKE_SSV_LEN; i++)
		ssv[i] = data[SAKKE_POINT_LEN + i] ^ mask[i];
	encapsulate(key->user, ssv, again);
	if (!memcmp(again, data, SAKKE_DATA_LEN))
		return true;
	memset(ssv, 0, SAKKE_SSV_LEN);
	return false;
}

WRAP(int, sakke_decapsulate, const struct sakke_key *key, const uint8_t *data, size_t len,
     uint8_t ssv[SAKKE_SSV_LEN])
{
	bool opened;

	calls.unverified += !just_verified;
	just_verified = false;
	if (products)
		opened = !__real_sakke_decapsulate(key, data, len, ssv);
	else
		opened = len == SAKKE_DATA_LEN && opens((const struct stand_in *)key, data, ssv);
	calls.opened += opened;
	calls.not_opened += !opened;
	return opened ? 0 : -1;
}

/* The KMS */

static void kpak_of(uint8_t kpak[ECCSI_POINT_LEN], const uint8_t ksak[ECCSI_SCALAR_LEN])
{
	derive_point(kpak, ECCSI_POINT_LEN, "KPAK", PART(ksak, ECCSI_SCALAR_LEN), PART("", 0));
}

static void z_of(uint8_t z_public[SAKKE_POINT_LEN], const uint8_t z[SAKKE_SCALAR_LEN])
{
	derive_point(z_public, SAKKE_POINT_LEN, "Z", PART(z, SAKKE_SCALAR_LEN), PART("", 0));
}

WRAP(int, eccsi_master_make, uint8_t ksak[ECCSI_SCALAR_LEN], uint8_t kpak[ECCSI_POINT_LEN])
{
	if (products)
		return __real_eccsi_master_make(ksak, kpak);
	rng_fill(&chance, ksak, ECCSI_SCALAR_LEN);
	kpak_of(kpak, ksak);
	return 0;
}

WRAP(int, sakke_master_make, uint8_t z[SAKKE_SCALAR_LEN], uint8_t z_public[SAKKE_POINT_LEN])
{
	if (products)
		return __real_sakke_master_make(z, z_public);
	rng_fill(&chance, z, SAKKE_SCALAR_LEN);
	z_of(z_public, z);
	return 0;
}

WRAP(int, eccsi_extract, const uint8_t ksak[ECCSI_SCALAR_LEN], const uint8_t *id, size_t id_len,
     const uint8_t *v, uint8_t ssk[ECCSI_SCALAR_LEN], uint8_t pvt[ECCSI_POINT_LEN])
{
	uint8_t kpak[ECCSI_POINT_LEN], kms[SECRET_LEN];

	if (products)
		return __real_eccsi_extract(ksak, id, id_len, v, ssk, pvt);
	kpak_of(kpak, ksak);
	of_kms(kms, kpak, sizeof(kpak));
	of_user(ssk, kms, id, id_len);
	derive_point(pvt, ECCSI_POINT_LEN, "PVT", PART(ssk, ECCSI_SCALAR_LEN), PART("", 0));
	return 0;
}

WRAP(int, sakke_extract, const uint8_t z[SAKKE_SCALAR_LEN], const uint8_t *id, size_t id_len,
     uint8_t rsk[SAKKE_POINT_LEN])
{
	uint8_t z_public[SAKKE_POINT_LEN], kms[SECRET_LEN], user[SECRET_LEN];

	if (products)
		return __real_sakke_extract(z, id, id_len, rsk);
	z_of(z_public, z);
	of_kms(kms, z_public, sizeof(z_public));
	of_user(user, kms, id, id_len);
	rsk_of(rsk, user);
	return 0;
}
