// SPDX-License-Identifier: MIT
/*
 * What the primitives of identity based keying cost in processor time, beside ECDSA of OpenSSL over
 * P-256 in the same run: a few of each kind in turn, so that what disturbs the machine meanwhile
 * disturbs all of them. The table gives medians of rounds, and how many verifications of ECDSA a kind
 * takes the time of, the median of the ratios of each round.
 *
 * usage: identity [--json] [ROUNDS]
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "sakke/eccsi.h"
#include "sakke/extract.h"
#include "sakke/sakke.h"

enum { ROUNDS = 25, ROUNDS_MAX = 101 };

static const uint8_t id[] = "2026-11\0tel:+447700900123", other[] = "2026-11\0tel:+447700900124";

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "identity: %s\n", what);
	exit(1);
}

/* An I_MESSAGE with two tel URIs is as long. */
static uint8_t message[491];

static EVP_PKEY *ecdsa;
static EVP_PKEY_CTX *ecdsa_sign_ctx, *ecdsa_verify_ctx;
static uint8_t digest[32], ecdsa_signature[80];
static size_t ecdsa_len;

static uint8_t ksak[ECCSI_SCALAR_LEN], z[SAKKE_SCALAR_LEN];
static uint8_t z_public[SAKKE_POINT_LEN], rsk[SAKKE_POINT_LEN];
static struct eccsi_domain *eccsi;
static struct eccsi_key signer;
static uint8_t signature[ECCSI_SIGNATURE_LEN];

static struct sakke_domain *sakke;
static struct sakke_key *receiver, *stored;
static uint8_t ssv[SAKKE_SSV_LEN], data[SAKKE_DATA_LEN];

static void check(bool good, const char *what)
{
	if (!good)
		die(what);
}

static void make(void)
{
	uint8_t kpak[ECCSI_POINT_LEN], ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN];

	ecdsa = EVP_EC_gen("P-256");
	check(ecdsa, "ECDSA: no key");
	ecdsa_sign_ctx = EVP_PKEY_CTX_new(ecdsa, NULL);
	ecdsa_verify_ctx = EVP_PKEY_CTX_new(ecdsa, NULL);
	check(ecdsa_sign_ctx && EVP_PKEY_sign_init(ecdsa_sign_ctx) == 1 && ecdsa_verify_ctx &&
	      EVP_PKEY_verify_init(ecdsa_verify_ctx) == 1, "ECDSA");
	check(!eccsi_master_make(ksak, kpak) && !eccsi_extract(ksak, id, sizeof(id), NULL, ssk, pvt),
	      "ECCSI: no key");
	eccsi = eccsi_domain_new(kpak);
	check(eccsi && !eccsi_key_check(eccsi, id, sizeof(id), ssk, pvt, &signer), "ECCSI");
	check(!sakke_master_make(z, z_public) && !sakke_extract(z, other, sizeof(other), rsk),
	      "SAKKE: no key");
	sakke = sakke_domain_new(z_public);
	check(sakke, "SAKKE");
	receiver = sakke_key_new(sakke, other, sizeof(other), rsk, false);
	stored = sakke_key_new(sakke, other, sizeof(other), rsk, true);
	check(receiver && stored, "SAKKE");
	memcpy(ssv, digest, sizeof(ssv));
}

static void ecdsa_sign(void)
{
	ecdsa_len = sizeof(ecdsa_signature);
	check(EVP_PKEY_sign(ecdsa_sign_ctx, ecdsa_signature, &ecdsa_len, digest, sizeof(digest)) == 1,
	      "ECDSA: signing");
}

static void ecdsa_verify(void)
{
	check(EVP_PKEY_verify(ecdsa_verify_ctx, ecdsa_signature, ecdsa_len, digest, sizeof(digest)) == 1,
	      "ECDSA: verifying");
}

static void eccsi_one_sign(void)
{
	check(!eccsi_sign(eccsi, &signer, message, sizeof(message), signature), "ECCSI: signing");
}

static void eccsi_one_verify(void)
{
	check(!eccsi_verify(eccsi, id, sizeof(id), message, sizeof(message), signature,
			    sizeof(signature)), "ECCSI: verifying");
}

static void encapsulate(void)
{
	check(!sakke_encapsulate(sakke, other, sizeof(other), ssv, data), "SAKKE: encapsulating");
}

static void open_with(const struct sakke_key *key)
{
	uint8_t got[SAKKE_SSV_LEN];

	check(!sakke_decapsulate(key, data, sizeof(data), got) && !memcmp(got, ssv, sizeof(got)),
	      "SAKKE: decapsulating");
}

static void decapsulate(void)
{
	open_with(receiver);
}

static void decapsulate_stored(void)
{
	open_with(stored);
}

static void new_community(void)
{
	struct sakke_domain *domain = sakke_domain_new(z_public);

	check(domain, "SAKKE: a community");
	sakke_domain_free(domain);
}

static void new_key(void)
{
	struct sakke_key *key = sakke_key_new(sakke, other, sizeof(other), rsk, true);

	check(key, "SAKKE: a key");
	sakke_key_free(key);
}

static void extract(void)
{
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], key[SAKKE_POINT_LEN];

	check(!eccsi_extract(ksak, id, sizeof(id), NULL, ssk, pvt) &&
	      !sakke_extract(z, id, sizeof(id), key), "extraction");
}

enum { VERIFY = 1 };	/* what the others are measured by */

/*
 * The order in which the first run of each works; @at_most: milliseconds that are aimed at, or 0;
 * @times_at_most: and times a verification of ECDSA.
 */
static struct kind {
	const char *name;
	void (*run)(void);
	unsigned int times;
	double at_most, times_at_most;
	double ms[ROUNDS_MAX];
} kinds[] = {
	{ "ECDSA sign, OpenSSL", ecdsa_sign, 40, 0, 0, { 0 } },
	{ "ECDSA verify, OpenSSL", ecdsa_verify, 20, 0, 0, { 0 } },
	{ "ECCSI sign", eccsi_one_sign, 20, 0.10, 0, { 0 } },
	{ "ECCSI verify", eccsi_one_verify, 20, 0.20, 3, { 0 } },
	{ "SAKKE encapsulate", encapsulate, 2, 5, 0, { 0 } },
	{ "SAKKE decapsulate", decapsulate, 1, 16, 0, { 0 } },
	{ "the same, stored lines", decapsulate_stored, 1, 12, 0, { 0 } },
	{ "both keys extracted", extract, 1, 0, 0, { 0 } },
	{ "RSK checked, lines", new_key, 1, 0, 0, { 0 } },
	{ "Z checked, tables", new_community, 1, 0, 0, { 0 } },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void measure(unsigned int rounds)
{
	for (unsigned int i = 0; i < KINDS; i++)
		kinds[i].run();
	for (unsigned int round = 0; round < rounds; round++)
		for (unsigned int i = 0; i < KINDS; i++) {
			struct kind *kind = &kinds[(i + round) % KINDS];
			double start = cpu_ms();

			for (unsigned int j = 0; j < kind->times; j++)
				kind->run();
			kind->ms[round] = (cpu_ms() - start) / kind->times;
		}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values, unsigned int n)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), by_value);
	return sorted[n / 2];
}

static double ratio(const struct kind *kind, unsigned int rounds)
{
	double ratios[ROUNDS_MAX];

	for (unsigned int i = 0; i < rounds; i++)
		ratios[i] = kind->ms[i] / kinds[VERIFY].ms[i];
	return median(ratios, rounds);
}

static void print_json(unsigned int rounds)
{
	printf("{\"openssl\": \"%s\", \"rounds\": %u,\n \"primitives\": [",
	       OpenSSL_version(OPENSSL_VERSION_STRING), rounds);
	for (unsigned int i = 0; i < KINDS; i++) {
		printf("%s\n  {\"of\": \"%s\", \"cpu_ms\": %.4f, \"ecdsa_verifications\": %.2f", i ? "," : "",
		       kinds[i].name, median(kinds[i].ms, rounds), ratio(&kinds[i], rounds));
		if (kinds[i].at_most > 0)
			printf(", \"target_ms\": %.2f", kinds[i].at_most);
		if (kinds[i].times_at_most > 0)
			printf(", \"target_verifications\": %.0f", kinds[i].times_at_most);
		printf("}");
	}
	printf("]}\n");
}

static void print_table(unsigned int rounds)
{
	printf("OpenSSL %s; processor time, median of %u rounds\n",
	       OpenSSL_version(OPENSSL_VERSION_STRING), rounds);
	printf("%-24s%10s%12s%22s%12s\n", "", "ms", "target", "ECDSA verifications", "target");
	for (unsigned int i = 0; i < KINDS; i++) {
		printf("%-24s%10.4f", kinds[i].name, median(kinds[i].ms, rounds));
		if (kinds[i].at_most > 0)
			printf("%12.2f", kinds[i].at_most);
		else
			printf("%12s", "-");
		printf("%22.2f", ratio(&kinds[i], rounds));
		if (kinds[i].times_at_most > 0)
			printf("%12.0f\n", kinds[i].times_at_most);
		else
			printf("%12s\n", "-");
	}
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	unsigned int rounds = argc > 1 + json ? (unsigned int)atoi(argv[1 + json]) : ROUNDS;

	if (argc > 2 + json || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: identity [--json] [ROUNDS], at most %d\n", ROUNDS_MAX);
		return 2;
	}
	make();
	measure(rounds);
	if (json)
		print_json(rounds);
	else
		print_table(rounds);
	sakke_key_free(receiver);
	sakke_key_free(stored);
	sakke_domain_free(sakke);
	eccsi_domain_free(eccsi);
	EVP_PKEY_CTX_free(ecdsa_sign_ctx);
	EVP_PKEY_CTX_free(ecdsa_verify_ctx);
	EVP_PKEY_free(ecdsa);
	OPENSSL_cleanse(&signer, sizeof(signer));
	return 0;
}
