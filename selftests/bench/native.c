// SPDX-License-Identifier: MIT
/*
 * Cycles per octet of each algorithm, on this machine and in this run: those of kmod/crypto beside
 * OpenSSL's AES and libipsec-mb, one packet at a time, key and IV anew for each as in the packet
 * path. A table on standard output, or JSON.
 *
 * usage: native [--json]
 */
#include <intel-ipsec-mb.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "../lib/aes_keys.h"
#include "../../kmod/crypto/eia1_avx2.h"
#include "../../kmod/crypto/eia3_avx2.h"
#include "../../kmod/crypto/snow3g_avx2.h"
#include "../../kmod/crypto/zuc_avx2.h"

enum { DATA_MAX = 8192 };

/* A packet of 64 octets, of 300, one that fills an Ethernet frame, and the longest SDU. */
static const size_t sizes[] = { 64, 300, 1400, 8188 };

static u8 data[DATA_MAX] __attribute__((aligned(64)));
static const u8 key[16] = { 1 };
static u8 iv[16] = { 2 }, mac[16];

static struct aes_keys aes;
static EVP_CIPHER_CTX *ctr;
static EVP_MAC_CTX *cmac;
static IMB_MGR *mb;
static snow3g_key_schedule_t *mb_schedule;

/* --- ciphers: whole packets in place */

static void eea1_plain(size_t len)
{
	const u32 words[SNOW3G_IV_WORDS] = { prose_load32(iv) };
	struct snow3g st;

	snow3g_init(&st, key, words);
	snow3g_crypt(&st, data, data, len);
}

static void eea1_avx2(size_t len)
{
	const u32 words[SNOW3G_IV_WORDS] = { prose_load32(iv) };
	struct snow3g st;

	snow3g_avx2_init(&st, key, words);
	snow3g_avx2_crypt(&st, data, data, len);
}

static void eea1_mb(size_t len)
{
	IMB_SNOW3G_F8_1_BUFFER(mb, mb_schedule, iv, data, data, (uint32_t)len);
}

static void eea2_openssl(size_t len)
{
	int n;

	EVP_EncryptInit_ex(ctr, NULL, NULL, NULL, iv);
	EVP_EncryptUpdate(ctr, data, &n, data, (int)len);
}

static void eea2_avx2(size_t len)
{
	struct eea2 st;

	eea2_start(&st, &aes, iv);
	eea2_avx2_crypt(&st, data, data, len);
}

static void eea3_plain(size_t len)
{
	struct zuc st;

	zuc_init(&st, key, iv);
	zuc_crypt(&st, data, data, len);
}

static void eea3_avx2(size_t len)
{
	struct zuc st;

	zuc_avx2_init(&st, key, iv);
	zuc_avx2_crypt(&st, data, data, len);
}

static void eea3_mb(size_t len)
{
	IMB_ZUC_EEA3_1_BUFFER(mb, key, iv, data, data, (uint32_t)len);
}

/* --- MACs */

static void eia1_plain(size_t len)
{
	struct eia1 st;

	eia1_start(&st, key, iv);
	eia1_blocks(&st, data, len / EIA1_BLOCK_LEN);
	eia1_finish(&st, data, len % EIA1_BLOCK_LEN, mac);
}

static void eia1_avx2(size_t len)
{
	struct eia1 st;

	eia1_avx2_start(&st, key, iv);
	eia1_avx2_blocks(&st, data, len / EIA1_BLOCK_LEN);
	eia1_avx2_finish(&st, data, len % EIA1_BLOCK_LEN, mac);
}

static void eia1_mb(size_t len)
{
	IMB_SNOW3G_F9_1_BUFFER(mb, mb_schedule, iv, data, 8 * len, mac);
}

static void eia2_openssl(size_t len)
{
	size_t n;

	EVP_MAC_init(cmac, NULL, 0, NULL);
	EVP_MAC_update(cmac, iv, 8);
	EVP_MAC_update(cmac, data, len);
	EVP_MAC_final(cmac, mac, &n, sizeof(mac));
}

static void eia2_avx2(size_t len)
{
	struct eia2 st;

	eia2_start(&st, &aes, iv);
	eia2_avx2_blocks(&st, data, len / AES_BLOCK_LEN);
	eia2_avx2_finish(&st, data + len / AES_BLOCK_LEN * AES_BLOCK_LEN, len % AES_BLOCK_LEN, mac);
}

static void eia3_plain(size_t len)
{
	struct eia3 st;

	eia3_start(&st, key, iv);
	eia3_blocks(&st, data, len / EIA3_BLOCK_LEN);
	eia3_finish(&st, data, len % EIA3_BLOCK_LEN, mac);
}

static void eia3_avx2(size_t len)
{
	struct eia3 st;

	eia3_avx2_start(&st, key, iv);
	eia3_avx2_blocks(&st, data, len / EIA3_BLOCK_LEN);
	eia3_avx2_finish(&st, data, len % EIA3_BLOCK_LEN, mac);
}

static void eia3_mb(size_t len)
{
	uint32_t out;

	IMB_ZUC_EIA3_1_BUFFER(mb, key, iv, data, (uint32_t)(8 * len), &out);
}

static const struct {
	const char *algorithm, *by;
	void (*run)(size_t len);
} table[] = {
	{ "128-EEA1", "libipsec-mb", eea1_mb },
	{ "128-EEA1", "prose avx2", eea1_avx2 },
	{ "128-EEA1", "prose generic", eea1_plain },
	{ "128-EEA2", "OpenSSL", eea2_openssl },
	{ "128-EEA2", "prose avx2", eea2_avx2 },
	{ "128-EEA3", "libipsec-mb", eea3_mb },
	{ "128-EEA3", "prose avx2", eea3_avx2 },
	{ "128-EEA3", "prose generic", eea3_plain },
	{ "128-EIA1", "libipsec-mb", eia1_mb },
	{ "128-EIA1", "prose avx2", eia1_avx2 },
	{ "128-EIA1", "prose generic", eia1_plain },
	{ "128-EIA2", "OpenSSL", eia2_openssl },
	{ "128-EIA2", "prose avx2", eia2_avx2 },
	{ "128-EIA3", "libipsec-mb", eia3_mb },
	{ "128-EIA3", "prose avx2", eia3_avx2 },
	{ "128-EIA3", "prose generic", eia3_plain },
};

static void die(const char *why)
{
	fprintf(stderr, "native: %s\n", why);
	exit(1);
}

static void open_libraries(void)
{
	char cipher[] = "AES-128-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);

	ctr = EVP_CIPHER_CTX_new();
	cmac = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
	if (!ctr || !cmac || EVP_EncryptInit_ex(ctr, EVP_aes_128_ctr(), NULL, key, iv) != 1 ||
	    EVP_MAC_init(cmac, key, sizeof(key), params) != 1)
		die("OpenSSL has no AES-CTR or no CMAC");
	EVP_MAC_free(algorithm);
	aes_keys_expand(&aes, key);

	mb = alloc_mb_mgr(0);
	if (!mb)
		die("no memory");
	/* What it takes for the best on this processor. */
	init_mb_mgr_auto(mb, NULL);
	mb_schedule = malloc(IMB_SNOW3G_KEY_SCHED_SIZE(mb));
	if (!mb_schedule || IMB_SNOW3G_INIT_KEY_SCHED(mb, key, mb_schedule))
		die("libipsec-mb takes no key");
}

/* The least of many short runs: what no interrupt and no other program was in. */
static double cycles(void (*run)(size_t len), size_t len)
{
	unsigned int each = (unsigned int)(40000 / len) + 1;
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < 60; round++) {
		uint64_t start = __rdtsc(), spent;

		for (unsigned int i = 0; i < each; i++) {
			iv[3]++;
			run(len);
		}
		spent = __rdtsc() - start;
		if (spent < best)
			best = spent;
	}
	return (double)best / each / (double)len;
}

int main(int argc, char **argv)
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	const size_t n = sizeof(table) / sizeof(table[0]), m = sizeof(sizes) / sizeof(sizes[0]);

	if (argc > 2 || (argc == 2 && !json)) {
		fprintf(stderr, "usage: native [--json]\n");
		return 2;
	}
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("aes") ||
	    !__builtin_cpu_supports("pclmul"))
		die("this processor has no AVX2, AES-NI or PCLMULQDQ");
	open_libraries();

	if (json)
		printf("[");
	else
		printf("%-10s %-14s %8s %8s %8s %8s  cycles per octet\n", "", "octets", "64", "300",
		       "1400", "8188");
	for (size_t i = 0; i < n; i++) {
		if (!json)
			printf("%-10s %-14s", table[i].algorithm, table[i].by);
		for (size_t j = 0; j < m; j++) {
			double c = cycles(table[i].run, sizes[j]);

			if (json)
				printf("%s\n  {\"algorithm\": \"%s\", \"by\": \"%s\", \"octets\": %zu, "
				       "\"cycles_per_octet\": %.2f}", i + j ? "," : "",
				       table[i].algorithm, table[i].by, sizes[j], c);
			else
				printf(" %8.2f", c);
		}
		if (!json)
			printf("\n");
	}
	if (json)
		printf("\n]\n");
	return 0;
}
