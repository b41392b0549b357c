// SPDX-License-Identifier: MIT
/*
 * Everything that reads keys or state from a disk. Octet 1 says what the rest is: the file of
 * method psk, the state of a daemon, the index of an authority, one of the PEM files of
 * method certificate, while the others are as they should be, or what a daemon's store has under
 * its seal.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "daemon/store_codec.h"
#include "keying/certificate/certificate.h"
#include "keying/pki/index.h"
#include "keying/pki/issue.h"
#include "keying/psk/psk.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"

#define BOOT_ID	"01234567-89ab-cdef-0123-456789abcdef"
#define NOW	((time_t)1795867200)
#define DAY	86400

/* A file in memory is reached by a link, and each machine has a boot id of its own. */
static int fuzz_open(const char *path, int flags, ...)
{
	return open(path, flags & ~O_NOFOLLOW);
}

static FILE *fuzz_fopen(const char *path, const char *mode)
{
	(void)path;
	(void)mode;
	return fmemopen((void *)BOOT_ID, strlen(BOOT_ID), "r");
}

#define open	fuzz_open
#define fopen	fuzz_fopen
#include "daemon/state.c"
#undef open
#undef fopen

enum kind { PSK, STATE, INDEX, CHAIN, KEY, ROOTS, CRLS, STORE, KINDS };

/* What is right: certificate of a device, its key, the root, its CRL. */
static struct {
	char *data[KINDS];
	size_t len[KINDS];
} right;

static char why[KEYING_TEXT_MAX];

/* A sentence is there, and can be shown. */
static void check_why(void)
{
	size_t len = strnlen(why, sizeof(why));

	fuzz_check(len && len < sizeof(why) && keying_text_valid(why, len));
}

static void try_psk(const uint8_t *data, size_t size)
{
	struct keying_method *method = psk_new(fuzz_file(PSK, data, size), why, sizeof(why));

	if (!method) {
		check_why();
		return;
	}
	fuzz_check(psk_count(method) > 0);
	psk_free(method);
}

/* What is taken has one form, and makes sense to the core or is refused by it. */
static void try_store(const uint8_t *data, size_t size)
{
	struct store_peers peers;
	uint8_t *again;
	size_t len;

	if (store_decode(data, size, &peers)) {
		fuzz_check(!peers.list && !peers.n);
		return;
	}
	for (size_t i = 0; i < peers.n; i++) {
		const struct ue_idle *idle = &peers.list[i];

		fuzz_check(memchr(idle->identity, 0, sizeof(idle->identity)));
		fuzz_check(memchr(idle->method, 0, sizeof(idle->method)));
		fuzz_check(memchr(idle->detail, 0, sizeof(idle->detail)));
		fuzz_check(idle->n_local_ids <= UE_LOCAL_IDS_MAX);
		fuzz_check(idle->evidence_len <= KEYING_EVIDENCE_MAX);
	}
	again = store_encode(&peers, &len);
	fuzz_check(again && len == size && !memcmp(again, data, size));
	OPENSSL_clear_free(again, len);
	store_peers_free(&peers);
}

static void check_links(const struct state *state)
{
	for (size_t i = 0; i < state->n_links; i++) {
		const struct ue_link_info *info = &state->links[i].info;

		fuzz_check(info->l2_id && info->l2_id <= 0xffffff);
		fuzz_check(memchr(info->identity, '\0', sizeof(info->identity)));
		fuzz_check(memchr(info->method, '\0', sizeof(info->method)));
		fuzz_check(memchr(info->detail, '\0', sizeof(info->detail)));
		fuzz_check(memchr(info->failure, '\0', sizeof(info->failure)));
		fuzz_check(info->n_addresses <= UE_ADDRESSES_MAX);
		fuzz_check(info->evidence_len <= KEYING_EVIDENCE_MAX);
	}
}

/* What was read, written and read again is the same. */
static void try_state(const uint8_t *data, size_t size)
{
	struct state state = { 0 }, again = { 0 };
	char sentence[256] = "";
	json_t *root;
	int rc = state_load(fuzz_file(STATE, data, size), "prose0", &state, sentence,
			    sizeof(sentence));

	fuzz_check(rc <= 1 && (rc >= 0 || sentence[0]));
	if (rc == 1) {
		check_links(&state);
		fuzz_check(state.n_added <= NETIF_ADDED_MAX);
		root = state_json("prose0", &state);
		fuzz_check(root && take(root, "prose0", &again, sentence, sizeof(sentence)) == 1);
		json_decref(root);
		fuzz_check(again.n_links == state.n_links && again.n_added == state.n_added);
		fuzz_check(again.device_created == state.device_created);
		for (size_t i = 0; i < state.n_links; i++) {
			struct ue_link_info *a = &state.links[i].info, *b = &again.links[i].info;

			fuzz_check(a->l2_id == b->l2_id && !strcmp(a->identity, b->identity));
			fuzz_check(a->connected_ms == b->connected_ms && a->rekeys == b->rekeys);
			fuzz_check(!memcmp(a->local_connection_id, b->local_connection_id,
					   UE_CONNECTION_ID_LEN));
			fuzz_check(state.links[i].held == again.links[i].held);
			fuzz_check(a->evidence_len == b->evidence_len &&
				   !memcmp(a->evidence, b->evidence, sizeof(a->evidence)));
		}
	} else {
		fuzz_check(!state.links && !state.n_links);
	}
	state_free(&again);
	state_free(&state);
}

static void try_index(const uint8_t *data, size_t size)
{
	struct pki_index index;

	if (pki_index_read(fuzz_file(INDEX, data, size), &index, why, sizeof(why))) {
		check_why();
		fuzz_check(!index.entries && !index.n);
		return;
	}
	for (size_t i = 0; i < index.n; i++) {
		fuzz_check(memchr(index.entries[i].serial, '\0', PKI_SERIAL_MAX));
		fuzz_check(memchr(index.entries[i].identity, '\0', PKI_IDENTITY_MAX + 1));
	}
	pki_index_free(&index);
}

static void on_warn(void *context, const char *sentence)
{
	(void)context;
	fuzz_check(*sentence && keying_text_valid(sentence, strlen(sentence)));
}

static void try_certificate(enum kind kind, const uint8_t *data, size_t size)
{
	const char *names[KINDS] = { NULL };
	struct certificate_files files = {
		.n_ca = 1, .n_crl = 1, .crl_grace_days = 30, .now = NOW, .warn = on_warn,
	};
	struct keying_method *method;

	for (int i = CHAIN; i <= CRLS; i++)
		names[i] = i == (int)kind ? fuzz_file((unsigned int)i, data, size) :
			   fuzz_file((unsigned int)i, right.data[i], right.len[i]);
	files.certificate = names[CHAIN];
	files.key = names[KEY];
	files.ca = &names[ROOTS];
	files.crl = &names[CRLS];
	method = certificate_new(&files, why, sizeof(why));
	if (method) {
		const char *identity = certificate_identity(method);

		fuzz_check(*identity && keying_text_valid(identity, strlen(identity)));
		certificate_free(method);
	} else {
		check_why();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum kind kind = size ? data[0] % KINDS : PSK;

	if (!size)
		return 0;
	data++;
	size--;
	memset(why, 0, sizeof(why));
	switch (kind) {
	case PSK:
		try_psk(data, size);
		break;
	case STATE:
		try_state(data, size);
		break;
	case INDEX:
		try_index(data, size);
		break;
	case STORE:
		try_store(data, size);
		break;
	default:
		try_certificate(kind, data, size);
		break;
	}
	return 0;
}

static void keep(enum kind kind, BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	right.data[kind] = malloc((size_t)len);
	fuzz_check(right.data[kind]);
	memcpy(right.data[kind], text, (size_t)len);
	right.len[kind] = (size_t)len;
	BIO_free(bio);
}

/* Made of the same random numbers each time. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_entry revoked = { .serial = "0123", .identity = "urn:prose:ue3", .revoked = NOW };
	struct pki_subject root = {
		.identity = "root", .authority = true, .not_before = NOW - DAY, .not_after = NOW + DAY,
	}, device = {
		.identity = "urn:prose:ue1", .not_before = NOW - DAY, .not_after = NOW + DAY,
	};
	struct pki_index index = { &revoked, 1 };
	struct pki_issuer issuer = { 0 };
	X509 *certificate;
	X509_CRL *crl;
	BIO *bio;

	(void)argc;
	(void)argv;
	fuzz_random(1);
	root.key = issuer.key = pki_make_key(NULL, why, sizeof(why));
	device.key = pki_make_key(NULL, why, sizeof(why));
	issuer.certificate = pki_make_certificate(&issuer, &root, why, sizeof(why));
	certificate = pki_make_certificate(&issuer, &device, why, sizeof(why));
	crl = pki_make_crl(&issuer, &index, 1, NOW - DAY, NOW + DAY, why, sizeof(why));
	fuzz_check(certificate && crl);
	bio = BIO_new(BIO_s_mem());
	fuzz_check(PEM_write_bio_X509(bio, certificate));
	keep(CHAIN, bio);
	bio = BIO_new(BIO_s_mem());
	fuzz_check(PEM_write_bio_PrivateKey(bio, device.key, NULL, NULL, 0, NULL, NULL));
	keep(KEY, bio);
	bio = BIO_new(BIO_s_mem());
	fuzz_check(PEM_write_bio_X509(bio, issuer.certificate));
	keep(ROOTS, bio);
	bio = BIO_new(BIO_s_mem());
	fuzz_check(PEM_write_bio_X509_CRL(bio, crl));
	keep(CRLS, bio);
	X509_CRL_free(crl);
	X509_free(certificate);
	X509_free(issuer.certificate);
	EVP_PKEY_free(device.key);
	EVP_PKEY_free(root.key);
	return 0;
}

static void seed(fuzz_put *put, const char *name, enum kind kind, const char *text, size_t len)
{
	static struct fuzz_output out;

	out.len = 0;
	fuzz_put_u8(&out, (uint8_t)kind);
	fuzz_put_octets(&out, text, len);
	put(name, out.data, out.len);
}

static void text_seed(fuzz_put *put, const char *name, enum kind kind, const char *text)
{
	seed(put, name, kind, text, strlen(text));
}

#define HEX32	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ZERO32	"0000000000000000000000000000000000000000000000000000000000000000"

static void state_seed(fuzz_put *put, const char *name, size_t links)
{
	struct state_link link = {
		.info = {
			.l2_id = 0x0a0b0c, .identity = "urn:prose:ue2", .authenticated = true,
			.method = "certificate", .detail = "TLSv1.3", .connected_ms = 5,
			.rekeyed_ms = 6, .has_connection_ids = true, .n_addresses = 2,
			.addresses = { { 4, { 10, 0, 0, 2 } }, { 6, { 0xfd, [15] = 2 } } },
			.failure = "The peer fell silent.",
			.evidence = { 1, 2, 0xfe, 255 }, .evidence_len = 4,
		},
	}, list[2] = { link, link };
	struct state state = {
		.device_created = true, .n_added = 1, .links = list, .n_links = links,
		.added = { { { 4, { 10, 0, 0, 1 } }, 24 } },
	};
	json_t *root = state_json("prose0", &state);
	char *text = json_dumps(root, JSON_INDENT(1));

	text_seed(put, name, STATE, text);
	free(text);
	json_decref(root);
}

static void store_seed(fuzz_put *put, const char *name, unsigned int n)
{
	struct store_peers peers = { 0 };
	uint8_t *data;
	size_t len;

	for (unsigned int i = 0; i < n; i++) {
		struct ue_idle idle = {
			.l2_id = 0x0a0b0c, .identity = "urn:prose:ue2", .n_local_ids = i % 4,
			.has_remote_id = i & 1, .remote_id_sent = i & 2, .kd_id = 1 + i,
			.kd_made = 1795867200, .method = "psk", .detail = "provisioned key",
			.evidence = "evidence", .evidence_len = i & 1 ? 8 : 0,
		};

		fuzz_check(store_peers_add(&peers, &idle));
	}
	data = store_encode(&peers, &len);
	fuzz_check(data);
	seed(put, name, STORE, (const char *)data, len);
	OPENSSL_clear_free(data, len);
	store_peers_free(&peers);
}

void fuzz_seeds(fuzz_put *put)
{
	static const char *const names[] = { [CHAIN] = "chain", [KEY] = "key", [ROOTS] = "roots",
					     [CRLS] = "crls" };
	char two[4096];

	text_seed(put, "psk", PSK, "# keys\nurn:prose:ue2 " HEX32 "\r\n\n  a name\t" HEX32 "\n");
	text_seed(put, "psk-zero", PSK, "ue2 " ZERO32 "\n");
	text_seed(put, "psk-twice", PSK, "ue2 " HEX32 "\nue2 " HEX32);
	text_seed(put, "psk-short", PSK, "ue2 0011\n");
	text_seed(put, "psk-no-hex", PSK, "ue2 zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	text_seed(put, "psk-no-key", PSK, "ue2\n");
	text_seed(put, "psk-utf8", PSK, "\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xa1 " HEX32 "\n");
	text_seed(put, "psk-empty", PSK, "");
	state_seed(put, "state", 1);
	state_seed(put, "state-none", 0);
	state_seed(put, "state-two", 2);
	text_seed(put, "state-other-boot", STATE,
		  "{\"version\":1,\"boot_id\":\"x\",\"device\":\"prose0\",\"device_created\":false,"
		  "\"addresses_added\":[],\"links\":[]}");
	text_seed(put, "state-other-device", STATE,
		  "{\"version\":1,\"boot_id\":\"" BOOT_ID "\",\"device\":\"prose1\","
		  "\"device_created\":false,\"addresses_added\":[],\"links\":[]}");
	store_seed(put, "store-none", 0);
	store_seed(put, "store", 1);
	store_seed(put, "store-four", 4);
	text_seed(put, "index", INDEX,
		  "0A1B\t2026-01-01T00:00:00Z\t2027-01-01T00:00:00Z\t-\turn:prose:ue1\n"
		  "0A1C\t2026-01-01T00:00:00Z\t2027-01-01T00:00:00Z\t2026-02-01T00:00:00Z\tue2\n");
	for (int i = CHAIN; i <= CRLS; i++) {
		seed(put, names[i], (enum kind)i, right.data[i], right.len[i]);
		snprintf(two, sizeof(two), "%s-two", names[i]);
		memcpy(two + 64, right.data[i], right.len[i]);
		memcpy(two + 64 + right.len[i], right.data[i], right.len[i]);
		seed(put, two, (enum kind)i, two + 64, 2 * right.len[i]);
		snprintf(two, sizeof(two), "%s-cut", names[i]);
		seed(put, two, (enum kind)i, right.data[i], right.len[i] / 2);
	}
	text_seed(put, "key-encrypted", KEY,
		  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n");
	text_seed(put, "key-parameters", KEY,
		  "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
		  "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n");
	text_seed(put, "chain-no-end", CHAIN, "-----BEGIN CERTIFICATE-----\nMAA=\n");
	text_seed(put, "chain-long-label", CHAIN,
		  "-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-----\n");
}
