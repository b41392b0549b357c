// SPDX-License-Identifier: MIT
/*
 * What the primitives of identity based keying read from others. Octet 1 says what the rest is: a point
 * of E, SAKKE data as they come or with R brought onto the curve, an ECCSI signature with its message
 * and identity, or what a KMS sends: SSK and PVT, RSK. (Z is a point, too; more of it takes a second.)
 *
 * Always: a point that is taken has one encoding, and OpenSSL takes it too; SAKKE data that open to an
 * SSV are what it is encapsulated as; a signature that verifies was made here; keys that are taken are
 * those that were extracted; and what is refused leaves nothing behind.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "lib/fuzz.h"
#include "sakke/eccsi.h"
#include "sakke/extract.h"
#include "sakke/modulus.h"
#include "sakke/params.h"
#include "sakke/point.h"
#include "sakke/sakke.h"

enum kind { POINT, DATA, ON_CURVE, SIGNATURE, SIGNING_KEY, RECEIVER_KEY, KINDS };

static const uint8_t id[] = "2026-11\0tel:+447700900123", text[] = "message";

/* What is right. */
static struct {
	struct eccsi_domain *eccsi;
	struct sakke_domain *sakke;
	struct sakke_key *key;
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], signature[ECCSI_SIGNATURE_LEN];
	uint8_t z_public[SAKKE_POINT_LEN], rsk[SAKKE_POINT_LEN], data[SAKKE_DATA_LEN];
} right;

static EC_GROUP *group;

static bool all_zero(const void *octets, size_t len)
{
	const uint8_t *at = octets;

	for (size_t i = 0; i < len; i++)
		if (at[i])
			return false;
	return true;
}

/* The input over what is right, so that it needs not be whole: how many octets there are of both. */
static size_t over(uint8_t *to, size_t size, const void *of, size_t of_len, struct fuzz_input *input)
{
	size_t len;

	memcpy(to, of, of_len);
	len = fuzz_octets(input, to, size);
	return len < of_len ? of_len : len;
}

static void try_point(struct fuzz_input *input)
{
	uint8_t octets[POINT_LEN], again[POINT_LEN];
	EC_POINT *theirs = EC_POINT_new(group);
	struct affine point;
	bool taken, ours;

	over(octets, sizeof(octets), right.z_public, sizeof(right.z_public), input);
	fuzz_check(theirs);
	taken = octets[0] == 4 && EC_POINT_oct2point(group, theirs, octets, sizeof(octets), NULL) == 1;
	ours = !point_from_octets(&point, octets);
	fuzz_check(ours == taken);
	if (ours) {
		point_to_octets(&point, again);
		fuzz_check(!memcmp(octets, again, sizeof(octets)));
	}
	EC_POINT_free(theirs);
}

static void open_data(const uint8_t *octets, size_t len)
{
	uint8_t ssv[SAKKE_SSV_LEN], again[SAKKE_DATA_LEN];

	memset(ssv, 0x55, sizeof(ssv));
	if (sakke_decapsulate(right.key, octets, len, ssv)) {
		fuzz_check(all_zero(ssv, sizeof(ssv)));
		return;
	}
	fuzz_check(len == sizeof(again));
	fuzz_check(!sakke_encapsulate(right.sakke, id, sizeof(id), ssv, again));
	fuzz_check(!memcmp(octets, again, sizeof(again)));
}

static void try_data(struct fuzz_input *input)
{
	size_t len;
	uint8_t *octets = fuzz_copy(input, SAKKE_DATA_LEN + 1, &len);

	open_data(octets, len);
	free(octets);
}

/* x as it comes, y one of the two that fit, in whatever subgroup the point then is. */
static void try_on_curve(struct fuzz_input *input)
{
	uint8_t octets[SAKKE_DATA_LEN] = { 0 };
	EC_POINT *point = EC_POINT_new(group);
	int odd = fuzz_u8(input) & 1;
	BIGNUM *x;

	fuzz_octets(input, octets + 1, SAKKE_L);
	fuzz_octets(input, octets + SAKKE_POINT_LEN, SAKKE_SSV_LEN);
	x = BN_bin2bn(octets + 1, SAKKE_L, NULL);
	fuzz_check(point && x);
	if (EC_POINT_set_compressed_coordinates(group, point, x, odd, NULL) == 1) {
		fuzz_check(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets,
					      SAKKE_POINT_LEN, NULL) == SAKKE_POINT_LEN);
		open_data(octets, sizeof(octets));
	}
	BN_free(x);
	EC_POINT_free(point);
}

static void try_signature(struct fuzz_input *input)
{
	uint8_t signature[ECCSI_SIGNATURE_LEN + 1] = { 0 }, identity[64], message[64];
	size_t signature_len, identity_len, message_len;
	uint8_t what = fuzz_u8(input);

	/* By default what verifies, so that one change of it is an input. */
	signature_len = sizeof(right.signature);
	identity_len = sizeof(id);
	message_len = sizeof(text);
	memcpy(signature, right.signature, sizeof(right.signature));
	memcpy(identity, id, sizeof(id));
	memcpy(message, text, sizeof(text));
	if (what & 1)
		identity_len = over(identity, sizeof(identity), id, sizeof(id), input);
	if (what & 2)
		message_len = over(message, sizeof(message), text, sizeof(text), input);
	if (what & 4)
		signature_len = over(signature, sizeof(signature), right.signature,
				     sizeof(right.signature), input);
	if (what & 8)
		signature_len = fuzz_u8(input) % (sizeof(signature) + 1);
	if (eccsi_verify(right.eccsi, identity, identity_len, message, message_len, signature,
			 signature_len)) {
		fuzz_check(what & 15);
		return;
	}
	/* (r, q - s) verifies as well. */
	fuzz_check(signature_len == sizeof(right.signature));
	fuzz_check(!memcmp(signature, right.signature, ECCSI_N));
	fuzz_check(!memcmp(signature + 2 * ECCSI_N, right.pvt, sizeof(right.pvt)));
	fuzz_check(identity_len == sizeof(id) && !memcmp(identity, id, sizeof(id)));
	fuzz_check(message_len == sizeof(text) && !memcmp(message, text, sizeof(text)));
}

static void try_signing_key(struct fuzz_input *input)
{
	uint8_t both[ECCSI_SCALAR_LEN + ECCSI_POINT_LEN], wanted[sizeof(both)];
	struct eccsi_key key;

	memcpy(wanted, right.ssk, sizeof(right.ssk));
	memcpy(wanted + sizeof(right.ssk), right.pvt, sizeof(right.pvt));
	over(both, sizeof(both), wanted, sizeof(wanted), input);
	memset(&key, 0x55, sizeof(key));
	if (eccsi_key_check(right.eccsi, id, sizeof(id), both, both + ECCSI_SCALAR_LEN, &key))
		fuzz_check(all_zero(&key, sizeof(key)));
	else
		fuzz_check(!memcmp(both, wanted, sizeof(both)));
}

static void try_receiver_key(struct fuzz_input *input)
{
	uint8_t octets[SAKKE_POINT_LEN] = { 0 };
	struct sakke_key *key;

	/* Not over the right one, which takes long to be found right. */
	fuzz_octets(input, octets, sizeof(octets));
	key = sakke_key_new(right.sakke, id, sizeof(id), octets, octets[2] & 1);
	if (key)
		fuzz_check(!memcmp(octets, right.rsk, sizeof(octets)));
	sakke_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[KINDS])(struct fuzz_input *input) = {
		[POINT] = try_point, [DATA] = try_data, [ON_CURVE] = try_on_curve,
		[SIGNATURE] = try_signature, [SIGNING_KEY] = try_signing_key,
		[RECEIVER_KEY] = try_receiver_key,
	};
	struct fuzz_input input = { data, size };

	tries[fuzz_u8(&input) % KINDS](&input);
	return 0;
}

/* p is what -1 is one short of. */
static void make_group(void)
{
	uint8_t octets[FP_LEN];
	BIGNUM *p, *a, *b = BN_new();
	struct fp minus;

	fp_sub(&minus, &fp_zero, &fp_one);
	fp_to_octets(&minus, octets);
	p = BN_bin2bn(octets, sizeof(octets), NULL);
	a = BN_dup(p);
	fuzz_check(p && a && b && BN_add_word(p, 1) && BN_sub_word(a, 2));
	group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
	fuzz_check(group);
	BN_free(p);
	BN_free(a);
	BN_free(b);
}

/* Made of the same random numbers each time. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	uint8_t ksak[ECCSI_SCALAR_LEN], kpak[ECCSI_POINT_LEN], z[SAKKE_SCALAR_LEN];
	struct eccsi_key key;

	(void)argc;
	(void)argv;
	fuzz_random(1);
	make_group();
	fuzz_check(!eccsi_master_make(ksak, kpak));
	right.eccsi = eccsi_domain_new(kpak);
	fuzz_check(right.eccsi);
	fuzz_check(!eccsi_extract(ksak, id, sizeof(id), NULL, right.ssk, right.pvt));
	fuzz_check(!eccsi_key_check(right.eccsi, id, sizeof(id), right.ssk, right.pvt, &key));
	fuzz_check(!eccsi_sign(right.eccsi, &key, text, sizeof(text), right.signature));
	fuzz_check(!sakke_master_make(z, right.z_public));
	right.sakke = sakke_domain_new(right.z_public);
	fuzz_check(right.sakke);
	fuzz_check(!sakke_extract(z, id, sizeof(id), right.rsk));
	right.key = sakke_key_new(right.sakke, id, sizeof(id), right.rsk, true);
	fuzz_check(right.key);
	fuzz_check(!sakke_encapsulate(right.sakke, id, sizeof(id), id, right.data));
	return 0;
}

static void seed(fuzz_put *put, const char *name, enum kind kind, const void *octets, size_t len)
{
	static struct fuzz_output out;

	out.len = 0;
	fuzz_put_u8(&out, (uint8_t)kind);
	fuzz_put_octets(&out, octets, len);
	put(name, out.data, out.len);
}

void fuzz_seeds(fuzz_put *put)
{
	uint8_t octets[SAKKE_DATA_LEN + 1] = { 4 };

	seed(put, "point", POINT, right.z_public, sizeof(right.z_public));
	/* (0, 0), of order 2, and infinity. */
	seed(put, "point-order-2", POINT, octets, SAKKE_POINT_LEN);
	seed(put, "point-infinity", POINT, octets + 1, SAKKE_POINT_LEN);
	memset(octets + 1, 0xff, SAKKE_POINT_LEN - 1);
	seed(put, "point-above-p", POINT, octets, SAKKE_POINT_LEN);
	memcpy(octets, right.z_public, SAKKE_POINT_LEN);
	octets[SAKKE_POINT_LEN - 1] ^= 1;
	seed(put, "point-off", POINT, octets, SAKKE_POINT_LEN);
	octets[0] = 3;
	seed(put, "point-compressed", POINT, octets, 1 + SAKKE_L);

	seed(put, "data", DATA, right.data, sizeof(right.data));
	seed(put, "data-short", DATA, right.data, sizeof(right.data) - 1);
	memcpy(octets, right.data, sizeof(right.data));
	seed(put, "data-long", DATA, octets, sizeof(octets));
	octets[SAKKE_POINT_LEN] ^= 1;
	seed(put, "data-other-h", DATA, octets, sizeof(right.data));
	octets[0] = right.data[SAKKE_POINT_LEN - 1] & 1;
	seed(put, "curve", ON_CURVE, octets, 1 + SAKKE_L + SAKKE_SSV_LEN);
	octets[0] ^= 1;
	seed(put, "curve-opposite", ON_CURVE, octets, 1 + SAKKE_L + SAKKE_SSV_LEN);
	memset(octets, 0, sizeof(octets));
	seed(put, "curve-order-2", ON_CURVE, octets, 1 + SAKKE_L);
	for (uint8_t x = 2; x < 6; x++) {
		char name[] = "curve-x";

		name[6] = (char)('0' + x);
		octets[SAKKE_L] = x;
		seed(put, name, ON_CURVE, octets, 1 + SAKKE_L);
	}

	memset(octets, 0, sizeof(octets));
	seed(put, "signature", SIGNATURE, octets, 1);
	octets[0] = 4;
	seed(put, "signature-zeros", SIGNATURE, octets, 65);
	memcpy(octets + 1, right.signature, sizeof(right.signature));
	octets[1 + ECCSI_N] ^= 1;
	seed(put, "signature-other-s", SIGNATURE, octets, 1 + sizeof(right.signature));
	octets[0] = 1;
	seed(put, "signature-identity", SIGNATURE, octets, 20);
	octets[0] = 2;
	seed(put, "signature-message", SIGNATURE, octets, 20);
	octets[0] = 8;
	octets[1] = 128;
	seed(put, "signature-short", SIGNATURE, octets, 2);

	memcpy(octets, right.ssk, sizeof(right.ssk));
	memcpy(octets + sizeof(right.ssk), right.pvt, sizeof(right.pvt));
	seed(put, "signing-key", SIGNING_KEY, octets, sizeof(right.ssk) + sizeof(right.pvt));
	octets[0] ^= 1;
	seed(put, "signing-key-other", SIGNING_KEY, octets, sizeof(right.ssk) + sizeof(right.pvt));
	seed(put, "receiver-key", RECEIVER_KEY, right.rsk, sizeof(right.rsk));
	seed(put, "receiver-key-z", RECEIVER_KEY, right.z_public, sizeof(right.z_public));
}
