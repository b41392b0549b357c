// SPDX-License-Identifier: MIT
/*
 * Operations, each with one secret after the other, for constant_time.sh to watch under valgrind: the
 * calls of measured() for an operation are to take the same number of instructions each, from the
 * WARM_UPth on. The first ones fetch algorithms and grow the heap.
 *
 * With --taint each is called once, and memcheck is told that the secrets are not defined. Then it
 * reports each branch and each address that depends on one of them, whatever the values are.
 *
 * usage: secrets [--taint] OPERATION...
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "sakke/eccsi.h"
#include "sakke/extract.h"

/* For what is in a key; of the library this file is then not linked. */
#include "sakke/sakke.c"

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif

enum { WARM_UP = 2, ROUNDS = WARM_UP + 3 };

/* Of one length, as the lengths of identities are public. */
static const uint8_t ids[ROUNDS][8] = { "alice  ", "bob    ", "charlie", "dave   ", "eve    " };

static const uint8_t text[] = "a message";

static bool taint;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "secrets: %s\n", what);
	exit(1);
}

static void hide_from_memcheck(void *data, size_t len)
{
#ifdef VALGRIND_MAKE_MEM_UNDEFINED
	if (taint)
		VALGRIND_MAKE_MEM_UNDEFINED(data, len);
#else
	(void)data;
	(void)len;
	if (taint)
		die("was built without the headers of valgrind; apt-get install valgrind");
#endif
}

/* What came out of it is public. */
static void show_to_memcheck(void *data, size_t len)
{
#ifdef VALGRIND_MAKE_MEM_DEFINED
	if (taint)
		VALGRIND_MAKE_MEM_DEFINED(data, len);
#else
	(void)data;
	(void)len;
#endif
}

static void fill(uint8_t *octets, size_t len)
{
	if (RAND_bytes(octets, (int)len) != 1)
		die("no random numbers");
}

/* What an operation is given, and what it makes. */
static struct {
	struct eccsi_domain *eccsi;
	struct eccsi_key signer;
	uint8_t j[ECCSI_SCALAR_LEN], v[ECCSI_SCALAR_LEN], ksak[ECCSI_SCALAR_LEN];
	uint8_t other_ksak[ECCSI_SCALAR_LEN], other_z[SAKKE_SCALAR_LEN];
	struct sakke_domain *sakke;
	struct sakke_key *receiver;
	uint8_t z[SAKKE_SCALAR_LEN], ssv[SAKKE_SSV_LEN], data[SAKKE_DATA_LEN];
	uint8_t out[SAKKE_DATA_LEN], more[SAKKE_DATA_LEN];
	int rc;
} w;

static void eccsi_community(void)
{
	uint8_t kpak[ECCSI_POINT_LEN];

	if (w.eccsi)
		return;
	if (eccsi_master_make(w.ksak, kpak))
		die("no KSAK");
	w.eccsi = eccsi_domain_new(kpak);
	if (!w.eccsi)
		die("no community of ECCSI");
}

static void sakke_community(void)
{
	uint8_t z_public[SAKKE_POINT_LEN];

	if (w.sakke)
		return;
	if (sakke_master_make(w.z, z_public))
		die("no z");
	w.sakke = sakke_domain_new(z_public);
	if (!w.sakke)
		die("no community of SAKKE");
}

/*
 * A scalar of P-256. Its top octet is none of those that make it longer than q, or shorter. Nor are
 * those of the coordinates of its multiple of G 0, which everyone sees: OpenSSL, which encodes the
 * point, needs two instructions more for such an octet, and one point of 128 has one.
 */
static void fill_scalar(uint8_t scalar[ECCSI_SCALAR_LEN])
{
	uint8_t ssk[ECCSI_SCALAR_LEN], point[ECCSI_POINT_LEN];

	do {
		fill(scalar, ECCSI_SCALAR_LEN);
		scalar[0] = (uint8_t)(1 + scalar[0] % 0xfe);
		if (eccsi_extract(scalar, ids[0], sizeof(ids[0]), scalar, ssk, point))
			die("no multiple of G");
	} while (!point[1] || !point[1 + ECCSI_N]);
}

static void sign_begin(int round)
{
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN];

	eccsi_community();
	if (eccsi_extract(w.ksak, ids[round], sizeof(ids[0]), NULL, ssk, pvt) ||
	    eccsi_key_check(w.eccsi, ids[round], sizeof(ids[0]), ssk, pvt, &w.signer))
		die("no key to sign with");
	fill_scalar(w.j);
	hide_from_memcheck(w.signer.ssk, sizeof(w.signer.ssk));
	hide_from_memcheck(w.j, sizeof(w.j));
}

static void sign(void)
{
	w.rc = eccsi_sign_with(w.eccsi, &w.signer, w.j, text, sizeof(text), w.out);
}

static void encapsulate_begin(int round)
{
	(void)round;
	sakke_community();
	fill(w.ssv, sizeof(w.ssv));
	hide_from_memcheck(w.ssv, sizeof(w.ssv));
}

static void encapsulate(void)
{
	w.rc = sakke_encapsulate(w.sakke, ids[0], sizeof(ids[0]), w.ssv, w.out);
}

static void receive_begin(int round, bool stored)
{
	uint8_t rsk[SAKKE_POINT_LEN], ssv[SAKKE_SSV_LEN];
	const uint8_t *id = ids[round];

	sakke_community();
	fill(ssv, sizeof(ssv));
	if (sakke_extract(w.z, id, sizeof(ids[0]), rsk) ||
	    sakke_encapsulate(w.sakke, id, sizeof(ids[0]), ssv, w.data))
		die("nothing to decapsulate");
	sakke_key_free(w.receiver);
	w.receiver = sakke_key_new(w.sakke, id, sizeof(ids[0]), rsk, stored);
	if (!w.receiver)
		die("no key to decapsulate with");
	hide_from_memcheck(&w.receiver->rsk, sizeof(w.receiver->rsk));
	/* Behind the number of them. */
	if (stored)
		hide_from_memcheck((char *)w.receiver->lines + sizeof(size_t),
				   malloc_usable_size(w.receiver->lines) - sizeof(size_t));
}

static void decapsulate_begin(int round)
{
	receive_begin(round, false);
}

static void stored_begin(int round)
{
	receive_begin(round, true);
}

static void refused_begin(int round)
{
	receive_begin(round, true);
	/* Two of them are opened, in two TEST is not R. */
	w.data[SAKKE_POINT_LEN] ^= (uint8_t)(round % 2);
}

static void decapsulate(void)
{
	w.rc = sakke_decapsulate(w.receiver, w.data, sizeof(w.data), w.out);
}

static void extract_begin(int round)
{
	(void)round;
	fill_scalar(w.v);
	fill_scalar(w.other_ksak);
	fill(w.other_z, sizeof(w.other_z));
	w.other_z[0] = 0;
	hide_from_memcheck(w.v, sizeof(w.v));
	hide_from_memcheck(w.other_ksak, sizeof(w.other_ksak));
	hide_from_memcheck(w.other_z, sizeof(w.other_z));
}

static void extract_eccsi(void)
{
	w.rc = eccsi_extract(w.other_ksak, ids[0], sizeof(ids[0]), w.v, w.out, w.more);
}

static void extract_sakke(void)
{
	w.rc = sakke_extract(w.other_z, ids[0], sizeof(ids[0]), w.out);
}

/* What is not constant time is to be found: a branch, and an address. */
static void control_begin(int round)
{
	memset(w.ssv, round, sizeof(w.ssv));
	hide_from_memcheck(w.ssv, sizeof(w.ssv));
}

static void control(void)
{
	w.rc = 0;
	for (int i = 0; i < w.ssv[0]; i++)
		w.out[i] = (uint8_t)RAND_status();
}

static void control_address(void)
{
	static volatile const uint8_t table[16] = { 1 };

	w.rc = 0;
	w.out[0] = table[w.ssv[0] & 15];
}

static const struct operation {
	const char *name;
	void (*begin)(int round), (*run)(void);
} operations[] = {
	{ "sign", sign_begin, sign },
	{ "encapsulate", encapsulate_begin, encapsulate },
	{ "decapsulate", decapsulate_begin, decapsulate },
	{ "decapsulate-stored", stored_begin, decapsulate },
	{ "decapsulate-refused", refused_begin, decapsulate },
	{ "extract-eccsi", extract_begin, extract_eccsi },
	{ "extract-sakke", extract_begin, extract_sakke },
	{ "control", control_begin, control },
	{ "control-address", control_begin, control_address },
};

void measured(void (*run)(void));

/* By this name valgrind knows where to begin and to end. */
__attribute__((noinline)) void measured(void (*run)(void))
{
	run();
}

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	fprintf(stderr, "usage: secrets [--taint] OPERATION...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	taint = argc > 1 && !strcmp(argv[1], "--taint");
	for (int i = 1 + taint; i < argc; i++) {
		const struct operation *operation = find(argv[i]);

		for (int round = 0; round < (taint ? 1 : ROUNDS); round++) {
			operation->begin(round);
			measured(operation->run);
			show_to_memcheck(&w, sizeof(w));
			if (operation->begin == refused_begin ? w.rc != -(round % 2) : w.rc)
				die("an operation has failed");
		}
	}
	sakke_key_free(w.receiver);
	sakke_domain_free(w.sakke);
	eccsi_domain_free(w.eccsi);
	return 0;
}
