// SPDX-License-Identifier: MIT
/*
 * What a UE and its KMS say to each other, and what a UE keeps of it. Octet 1 says what the rest is:
 *
 *  - a deny list, which the KMS has signed, or nobody: what is taken was signed, and has one form;
 *  - a request, as a KMS gets it;
 *  - a response, as a UE gets it: its keys and its deny list go on to where these are read;
 *  - which deny lists were in use, from a disk: what is taken is the same when it is written and read again.
 *
 * Always: what is refused is refused with a sentence that can be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "keying/identity/deny.h"
#include "keying/identity/keys.h"
#include "keying/identity/protocol.h"
#include "keying/mikey_sakke/seen.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"
#include "mikey/key_file.h"
#include "sakke/extract.h"

#define KMS	"kms.example.org"
#define ALICE	"tel:+447700900123"

enum kind { DENY_SIGNED, DENY, REQUEST, RESPONSE, SEEN, KINDS };

static struct mikey_community *community;
static struct identity_trust trust;
static struct eccsi_key signer;
static struct keying_file keys_file;
static char why[KEYING_TEXT_MAX];

static void check_text(const char *text)
{
	size_t len = strlen(text);

	fuzz_check(len && keying_text_valid(text, len));
}

static void check_why(void)
{
	fuzz_check(memchr(why, 0, sizeof(why)));
	check_text(why);
}

/* Puts the KMS's signature behind it. */
static void sign(struct keying_file *file)
{
	uint8_t signature[ECCSI_SIGNATURE_LEN];

	fuzz_check(!eccsi_sign(community->eccsi, &signer, (const uint8_t *)file->data, file->len,
			       signature));
	fuzz_check(!deny_append(file, signature));
}

/* As much of it as is signed. */
static void check_list(const struct deny_list *list, const struct keying_file *from)
{
	struct keying_file again;

	fuzz_check(!strcmp(list->kms, KMS));
	for (size_t i = 0; i < list->n; i++) {
		check_text(list->identities[i]);
		fuzz_check(deny_has(list, list->identities[i]));
	}
	fuzz_check(!deny_format(list, &again));
	fuzz_check(again.len < from->len && !memcmp(again.data, from->data, again.len));
	fuzz_check(!strncmp(from->data + again.len, "signature ", 10));
	keying_file_free(&again);
}

static void try_deny(const uint8_t *data, size_t size, bool is_signed)
{
	struct keying_file file = { malloc(size + 1), size };
	struct deny_list *list;

	fuzz_check(file.data);
	memcpy(file.data, data, size);
	file.data[size] = 0;
	if (is_signed)
		sign(&file);
	list = deny_parse("FILE", &file, community, why, sizeof(why));
	if (list)
		check_list(list, &file);
	else
		check_why();
	deny_free(list);
	keying_file_free(&file);
}

static void try_request(const char *line, size_t size)
{
	char identity[MIKEY_URI_MAX + 1], again[MIKEY_URI_MAX + 1];
	char *request;

	memset(identity, 1, sizeof(identity));
	if (protocol_request_read(line, size, identity, why, sizeof(why))) {
		check_why();
		return;
	}
	fuzz_check(memchr(identity, 0, sizeof(identity)));
	check_text(identity);
	request = protocol_request(identity);
	fuzz_check(request && request[strlen(request) - 1] == '\n');
	fuzz_check(!protocol_request_read(request, strlen(request) - 1, again, why, sizeof(why)));
	fuzz_check(!strcmp(again, identity));
	free(request);
}

static void try_response(const char *line, size_t size)
{
	struct protocol_response response;
	struct identity_keys *keys;
	struct deny_list *list;

	if (protocol_response_read(line, size, &response, why, sizeof(why))) {
		check_why();
		fuzz_check(!response.keys.data && !response.deny.data);
		return;
	}
	fuzz_check(!response.error[0] == !!response.keys.data);
	fuzz_check(!response.keys.data == !response.deny.data);
	if (response.error[0]) {
		check_text(response.error);
		return;
	}
	keys = identity_keys_parse("FILE", &response.keys, &trust, why, sizeof(why));
	if (!keys)
		check_why();
	identity_keys_free(keys);
	list = deny_parse("FILE", &response.deny, community, why, sizeof(why));
	if (list)
		check_list(list, &response.deny);
	else
		check_why();
	deny_free(list);
	protocol_response_free(&response);
}

static void try_seen(const uint8_t *data, size_t size)
{
	static struct seen seen, again;
	char *text;

	if (seen_load(&seen, fuzz_file(1, data, size), why, sizeof(why))) {
		check_why();
		fuzz_check(!seen.n);
		return;
	}
	fuzz_check(seen.n <= SEEN_MAX);
	text = seen_text(&seen);
	fuzz_check(text);
	fuzz_check(!seen_load(&again, fuzz_file(1, text, strlen(text)), why, sizeof(why)));
	fuzz_check(again.n == seen.n);
	for (size_t i = 0; i < seen.n; i++) {
		const struct seen_list *a = &seen.lists[i], *b = &again.lists[i];

		fuzz_check(!strcmp(a->kms, b->kms) && a->number == b->number && a->issued == b->issued);
		fuzz_check(!memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	enum kind kind = fuzz_u8(&input) % KINDS;
	size_t len;
	uint8_t *rest = fuzz_copy(&input, input.len, &len);

	memset(why, 0, sizeof(why));
	if (kind == REQUEST)
		try_request((const char *)rest, len);
	else if (kind == RESPONSE)
		try_response((const char *)rest, len);
	else if (kind == SEEN)
		try_seen(rest, len);
	else
		try_deny(rest, len, kind == DENY_SIGNED);
	free(rest);
	return 0;
}

/* A KMS, the key of its deny list, and the keys of a user; the same ones each time. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	uint8_t ksak[ECCSI_SCALAR_LEN], z[SAKKE_SCALAR_LEN], kpak[ECCSI_POINT_LEN], z_public[SAKKE_POINT_LEN];
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN];
	const struct mikey_month november = { 2026, 11 };
	struct mikey_key_material material;
	struct mikey_identifier id;
	struct keying_file file;
	struct mikey_user user;

	(void)argc;
	(void)argv;
	fuzz_random(1);
	fuzz_check(!eccsi_master_make(ksak, kpak) && !sakke_master_make(z, z_public));
	community = mikey_community_new(KMS, kpak, z_public, why, sizeof(why));
	fuzz_check(community);
	fuzz_check(!deny_identifier(KMS, &id));
	fuzz_check(!eccsi_extract(ksak, id.octets, id.len, NULL, ssk, pvt));
	fuzz_check(!eccsi_key_check(community->eccsi, id.octets, id.len, ssk, pvt, &signer));
	fuzz_check(!mikey_user_by_month(ALICE, &november, &user, why, sizeof(why)));
	fuzz_check(!eccsi_extract(ksak, user.id.octets, user.id.len, NULL, material.ssk, material.pvt));
	fuzz_check(!sakke_extract(z, user.id.octets, user.id.len, material.rsk));
	fuzz_check(!mikey_key_file_format(community, &user, &material, &keys_file));
	fuzz_check(!mikey_key_file_format(community, NULL, NULL, &file));
	fuzz_check(!identity_trust_add(&trust, fuzz_file(0, file.data, file.len), why, sizeof(why)));
	keying_file_free(&file);
	return 0;
}

static void seed(fuzz_put *put, const char *name, enum kind kind, const void *data, size_t len)
{
	static struct fuzz_output out;

	out.len = 0;
	fuzz_put_u8(&out, (uint8_t)kind);
	fuzz_put_octets(&out, data, len);
	put(name, out.data, out.len);
}

static void text_seed(fuzz_put *put, const char *name, enum kind kind, const char *text)
{
	seed(put, name, kind, text, strlen(text));
}

#define HEAD	"deny 1\nkms " KMS "\n" "number 12\nissued 2026-11-26T10:00:00Z\nuntil 2026-12-26T10:00:00Z\n"
#define DIGEST	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

void fuzz_seeds(fuzz_put *put)
{
	static const char list[] = HEAD "identity sip:bob@example.org\nidentity " ALICE "\n";
	struct keying_file file = { strdup(list), strlen(list) }, line;

	text_seed(put, "list", DENY_SIGNED, list);
	text_seed(put, "list-of-nobody", DENY_SIGNED, HEAD);
	text_seed(put, "list-out-of-order", DENY_SIGNED, HEAD "identity " ALICE "\nidentity sip:a@b\n");
	text_seed(put, "list-of-another", DENY_SIGNED, "deny 1\nkms kms.example.com\n");
	text_seed(put, "list-of-another-version", DENY_SIGNED, "deny 2\n");
	text_seed(put, "list-no-such-day", DENY_SIGNED,
		  "deny 1\nkms " KMS "\n" "number 1\nissued 2026-02-30T10:00:00Z\n"
		  "until 2026-12-26T10:00:00Z\n");
	text_seed(put, "list-zero-before-its-number", DENY_SIGNED,
		  "deny 1\nkms " KMS "\n" "number 012\nissued 2026-11-26T10:00:00Z\n"
		  "until 2026-12-26T10:00:00Z\n");
	text_seed(put, "list-not-signed", DENY, list);
	text_seed(put, "list-empty", DENY, "");
	fuzz_check(file.data);
	sign(&file);
	seed(put, "list-with-its-signature", DENY, file.data, file.len);
	file.data[30] ^= 1;
	seed(put, "list-forged", DENY, file.data, file.len);
	file.data[30] ^= 1;
	text_seed(put, "request", REQUEST, "{\"prose-kms\":1,\"identity\":\"" ALICE "\"}");
	text_seed(put, "request-nobody", REQUEST, "{\"prose-kms\":1,\"identity\":\"\"}");
	text_seed(put, "request-number", REQUEST, "{\"prose-kms\":1,\"identity\":7}");
	text_seed(put, "request-line", REQUEST, "{\"prose-kms\":1,\"identity\":\"a\\nb\"}");
	text_seed(put, "request-later", REQUEST, "{\"prose-kms\":2}");
	text_seed(put, "request-http", REQUEST, "GET / HTTP/1.0");
	fuzz_check(!protocol_response(&keys_file, &file, &line));
	seed(put, "response", RESPONSE, line.data, line.len);
	keying_file_free(&line);
	text_seed(put, "response-error", RESPONSE, "{\"prose-kms\":1,\"error\":\"It is revoked\"}");
	text_seed(put, "response-no-keys", RESPONSE, "{\"prose-kms\":1,\"keys\":\"\",\"deny\":\"\"}");
	text_seed(put, "response-half", RESPONSE, "{\"prose-kms\":1,\"keys\":\"version 1\\n\"}");
	keying_file_free(&file);
	text_seed(put, "seen", SEEN, "{\"seen\":1,\"lists\":[{\"kms\":\"" KMS "\",\"fingerprint\":\"" DIGEST
		  "\",\"number\":12,\"issued\":1796083170}]}");
	text_seed(put, "seen-none", SEEN, "{\"seen\":1,\"lists\":[]}");
	text_seed(put, "seen-later", SEEN, "{\"seen\":2,\"lists\":[]}");
}
