// SPDX-License-Identifier: MIT
/* ECCSI against the vectors of RFC 6507 and messages from the field, and all that is not to verify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "sakke/eccsi.h"
#include "sakke/eccsi_hash.h"
#include "sakke/extract.h"
#include "sakke/modulus.h"
#include "vectors.h"

static json_t *root, *rfc;

/* The RFC's community and user. */
static struct eccsi_domain *domain;
static struct eccsi_key key;
static uint8_t kpak[ECCSI_POINT_LEN], ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], id[64], message[64];
static uint8_t signature[ECCSI_SIGNATURE_LEN];
static size_t id_len, message_len;

static void hex(json_t *from, const char *name, uint8_t *out, size_t len)
{
	assert_int_equal(vectors_hex(from, name, out, len), len);
}

static int setup(void **state)
{
	(void)state;
	root = vectors_load_file("identity-vectors.json", NULL);
	rfc = json_object_get(root, "eccsi");
	hex(rfc, "kpak", kpak, sizeof(kpak));
	hex(rfc, "ssk", ssk, sizeof(ssk));
	hex(rfc, "pvt", pvt, sizeof(pvt));
	hex(rfc, "signature", signature, sizeof(signature));
	id_len = vectors_hex(rfc, "id", id, sizeof(id));
	message_len = vectors_hex(rfc, "message", message, sizeof(message));
	domain = eccsi_domain_new(kpak);
	assert_non_null(domain);
	assert_int_equal(eccsi_key_check(domain, id, id_len, ssk, pvt, &key), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eccsi_domain_free(domain);
	json_decref(root);
	return 0;
}

static int verify(const uint8_t *octets, size_t len)
{
	return eccsi_verify(domain, id, id_len, message, message_len, octets, len);
}

/* What the KMS makes of KSAK, the identity and v. */
static void extraction(void **state)
{
	uint8_t ksak[32], v[32], got_kpak[65], got_ssk[32], got_pvt[65], want[32];

	(void)state;
	hex(rfc, "ksak", ksak, sizeof(ksak));
	hex(rfc, "v", v, sizeof(v));
	assert_int_equal(eccsi_master_public(ksak, got_kpak), 0);
	assert_memory_equal(got_kpak, kpak, sizeof(kpak));
	assert_int_equal(eccsi_extract(ksak, id, id_len, v, got_ssk, got_pvt), 0);
	assert_memory_equal(got_ssk, ssk, sizeof(ssk));
	assert_memory_equal(got_pvt, pvt, sizeof(pvt));
	hex(rfc, "hs", want, sizeof(want));
	assert_memory_equal(key.hs, want, sizeof(want));
}

/* r, HE and s of the RFC's j, and the signature whole. */
static void signing(void **state)
{
	uint8_t j[32], got[ECCSI_SIGNATURE_LEN], he[32], want[32];

	(void)state;
	hex(rfc, "j", j, sizeof(j));
	assert_int_equal(eccsi_sign_with(domain, &key, j, message, message_len, got), 0);
	assert_memory_equal(got, signature, sizeof(signature));
	hex(rfc, "r", want, sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(eccsi_he(key.hs, want, message, message_len, he), 0);
	hex(rfc, "he", want, sizeof(want));
	assert_memory_equal(he, want, sizeof(want));
	hex(rfc, "s", want, sizeof(want));
	assert_memory_equal(got + 32, want, sizeof(want));
	assert_int_equal(verify(signature, sizeof(signature)), 0);
}

/* Y and J of the RFC, from OpenSSL alone: the vectors are what they say they are. */
static void published_points(void **state)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *y = EC_POINT_new(group), *j = EC_POINT_new(group), *token = EC_POINT_new(group);
	BIGNUM *scalar = BN_bin2bn(key.hs, 32, NULL);
	uint8_t want[65], got[65], octets[32];

	(void)state;
	assert_true(EC_POINT_oct2point(group, token, pvt, sizeof(pvt), NULL));
	assert_true(EC_POINT_mul(group, y, NULL, token, scalar, NULL));
	assert_true(EC_POINT_oct2point(group, token, kpak, sizeof(kpak), NULL));
	assert_true(EC_POINT_add(group, y, y, token, NULL));
	EC_POINT_point2oct(group, y, POINT_CONVERSION_UNCOMPRESSED, got, sizeof(got), NULL);
	hex(rfc, "y", want, sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	hex(rfc, "j", octets, sizeof(octets));
	BN_bin2bn(octets, 32, scalar);
	assert_true(EC_POINT_mul(group, j, scalar, NULL, NULL, NULL));
	EC_POINT_point2oct(group, j, POINT_CONVERSION_UNCOMPRESSED, got, sizeof(got), NULL);
	hex(rfc, "j_point", want, sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_memory_equal(got + 1, signature, 32);
	BN_free(scalar);
	EC_POINT_free(token);
	EC_POINT_free(j);
	EC_POINT_free(y);
	EC_GROUP_free(group);
}

/* Messages that others' implementations sent, and the keys that theirs accepted. */
static void fielded(void **state)
{
	json_t *field = json_object_get(root, "fielded"), *users = json_object_get(field, "users");
	json_t *messages = json_object_get(field, "messages"), *entry;
	struct eccsi_domain *theirs;
	uint8_t octets[65], user[32], secret[32], signed_octets[1024], theirs_signature[129];
	struct eccsi_key user_key;
	size_t i, len;

	(void)state;
	hex(field, "kpak", octets, 65);
	theirs = eccsi_domain_new(octets);
	assert_non_null(theirs);
	assert_int_equal(json_array_size(users), 2);
	json_array_foreach(users, i, entry) {
		hex(entry, "id", user, 32);
		hex(entry, "ssk", secret, 32);
		hex(entry, "pvt", octets, 65);
		assert_int_equal(eccsi_key_check(theirs, user, 32, secret, octets, &user_key), 0);
		secret[31] ^= 1;
		assert_int_equal(eccsi_key_check(theirs, user, 32, secret, octets, &user_key), -1);
	}
	assert_int_equal(json_array_size(messages), 2);
	json_array_foreach(messages, i, entry) {
		json_t *from = json_array_get(users, (size_t)json_integer_value(
						      json_object_get(entry, "from")));

		hex(from, "id", user, 32);
		len = vectors_hex(entry, "signed", signed_octets, sizeof(signed_octets));
		hex(entry, "signature", theirs_signature, 129);
		assert_int_equal(eccsi_verify(theirs, user, 32, signed_octets, len, theirs_signature,
					      129), 0);
		signed_octets[len / 2] ^= 0x10;
		assert_int_equal(eccsi_verify(theirs, user, 32, signed_octets, len, theirs_signature,
					      129), -1);
	}
	eccsi_domain_free(theirs);
}

/* Keys, identities and messages of random kinds: what is signed verifies, each time otherwise. */
static void round_trips(void **state)
{
	uint8_t ksak[32], public[65], user[40], user_ssk[32], user_pvt[65], text[200], first[129], second[129];
	struct eccsi_key user_key;

	(void)state;
	srand(6507);
	for (int i = 0; i < 20; i++) {
		struct eccsi_domain *community;
		size_t user_len = 1 + (size_t)rand() % sizeof(user), len = (size_t)rand() % sizeof(text);

		for (size_t j = 0; j < sizeof(user); j++)
			user[j] = (uint8_t)rand();
		for (size_t j = 0; j < sizeof(text); j++)
			text[j] = (uint8_t)rand();
		assert_int_equal(eccsi_master_make(ksak, public), 0);
		community = eccsi_domain_new(public);
		assert_non_null(community);
		assert_int_equal(eccsi_extract(ksak, user, user_len, NULL, user_ssk, user_pvt), 0);
		assert_int_equal(eccsi_key_check(community, user, user_len, user_ssk, user_pvt, &user_key), 0);
		assert_int_equal(eccsi_sign(community, &user_key, text, len, first), 0);
		assert_int_equal(eccsi_sign(community, &user_key, text, len, second), 0);
		assert_memory_not_equal(first, second, 64);
		assert_int_equal(eccsi_verify(community, user, user_len, text, len, first, 129), 0);
		assert_int_equal(eccsi_verify(community, user, user_len, text, len, second, 129), 0);
		assert_int_equal(eccsi_verify(domain, user, user_len, text, len, first, 129), -1);
		user[0] ^= 1;
		assert_int_equal(eccsi_verify(community, user, user_len, text, len, first, 129), -1);
		eccsi_domain_free(community);
	}
}

/* No bit of a signature, of the identity or of the message can be another; nor is any length. */
static void bits_and_lengths(void **state)
{
	uint8_t changed[ECCSI_SIGNATURE_LEN + 1] = { 0 };

	(void)state;
	memcpy(changed, signature, sizeof(signature));
	for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify(changed, sizeof(signature)), -1);
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len <= sizeof(changed); len++)
		assert_int_equal(verify(changed, len), len == sizeof(signature) ? 0 : -1);
	for (size_t bit = 0; bit < 8 * id_len; bit++) {
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify(signature, sizeof(signature)), -1);
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * message_len; bit++) {
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify(signature, sizeof(signature)), -1);
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(eccsi_verify(domain, id, id_len - 1, message, message_len, signature, 129), -1);
	assert_int_equal(eccsi_verify(domain, id, id_len, message, message_len - 1, signature, 129), -1);
}

/* @r = a b or a - b of 32 octets, for scalars out of range. */
static void minus(uint8_t r[32], const uint8_t *a, const uint8_t *b)
{
	BIGNUM *x = BN_bin2bn(a, 32, NULL), *y = BN_bin2bn(b, 32, NULL);

	assert_true(BN_sub(x, x, y));
	assert_int_equal(BN_bn2binpad(x, r, 32), 32);
	BN_free(x);
	BN_free(y);
}

static void order(uint8_t octets[32])
{
	limbs_to_octets(modulus_p256.m, LIMBS_OF(256), octets);
}

/* q - s verifies too, as the RFC has it; 0, q, s + q and r = 0 do not. */
static void scalars(void **state)
{
	uint8_t changed[129], q[32], ones[32];

	(void)state;
	order(q);
	memset(ones, 0xff, sizeof(ones));
	memcpy(changed, signature, sizeof(changed));
	minus(changed + 32, q, signature + 32);
	assert_int_equal(verify(changed, 129), 0);
	memcpy(changed + 32, q, 32);
	assert_int_equal(verify(changed, 129), -1);
	memset(changed + 32, 0, 32);
	assert_int_equal(verify(changed, 129), -1);
	memcpy(changed + 32, ones, 32);
	assert_int_equal(verify(changed, 129), -1);
	memcpy(changed, signature, sizeof(changed));
	memset(changed, 0, 32);
	assert_int_equal(verify(changed, 129), -1);
	memset(changed, 0xff, 32);
	assert_int_equal(verify(changed, 129), -1);
	memset(changed, 0, 64);
	assert_int_equal(verify(changed, 129), -1);
}

/* What is no point in its one encoding, and no scalar in its range, wherever it is given. */
static void points(void **state)
{
	uint8_t bad[65], out[129], secret[32], zero[32] = { 0 }, q[32];
	struct eccsi_key unused;

	(void)state;
	order(q);
	for (int kind = 0; kind < 6; kind++) {
		memcpy(bad, pvt, sizeof(bad));
		switch (kind) {
		case 0:
			bad[64] ^= 1;
			break;
		case 1:
			bad[0] = 0;
			break;
		case 2:
			bad[0] = 2 + (pvt[64] & 1);
			break;
		case 3:
			bad[0] = 6 + (pvt[64] & 1);
			break;
		case 4:
			memset(bad + 1, 0xff, 64);
			break;
		case 5:
			memset(bad, 0, 65);
			break;
		}
		assert_null(eccsi_domain_new(bad));
		memcpy(out, signature, 64);
		memcpy(out + 64, bad, 65);
		assert_int_equal(verify(out, 129), -1);
		assert_int_equal(eccsi_key_check(domain, id, id_len, ssk, bad, &unused), -1);
		for (size_t i = 0; i < sizeof(unused); i++)
			assert_int_equal(((uint8_t *)&unused)[i], 0);
	}
	/* SSK out of range, even when it is the same modulo q. */
	assert_int_equal(eccsi_key_check(domain, id, id_len, zero, pvt, &unused), -1);
	assert_int_equal(eccsi_key_check(domain, id, id_len, q, pvt, &unused), -1);
	memset(secret, 0xff, 32);
	assert_int_equal(eccsi_key_check(domain, id, id_len, secret, pvt, &unused), -1);
	assert_int_equal(eccsi_key_check(domain, id, id_len - 1, ssk, pvt, &unused), -1);
	/* Whatever the KMS is given that is no master secret. */
	assert_int_equal(eccsi_master_public(zero, out), -1);
	assert_int_equal(eccsi_master_public(q, out), -1);
	assert_int_equal(eccsi_extract(zero, id, id_len, NULL, secret, out), -1);
	assert_int_equal(eccsi_extract(q, id, id_len, NULL, secret, out), -1);
	assert_int_equal(eccsi_extract(ssk, id, id_len, zero, secret, out), -1);
	assert_int_equal(eccsi_extract(ssk, id, id_len, q, secret, out), -1);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(secret[i], 0);
	assert_int_equal(eccsi_sign_with(domain, &key, zero, message, message_len, out), -1);
	assert_int_equal(eccsi_sign_with(domain, &key, q, message, message_len, out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extraction),
		cmocka_unit_test(signing),
		cmocka_unit_test(published_points),
		cmocka_unit_test(fielded),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(bits_and_lengths),
		cmocka_unit_test(scalars),
		cmocka_unit_test(points),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
