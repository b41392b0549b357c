// SPDX-License-Identifier: MIT
#include "credentials.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../pem.h"
#include "../sentence.h"
#include "../x509_text.h"
#include "identity.h"
#include "verify.h"

/* 112 bits: RSA of 2048 bits, curves of 224, SHA-256; nothing weaker, in any place. */
#define SECURITY_LEVEL		2

#define CHAIN_MAX		8	/* own intermediate certificates */
#define PEER_CHAIN_OCTETS	32768	/* what a peer may send for its own */

#define SUITES	"TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define SIGNATURES	\
	"ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ed25519:" \
	"rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:" \
	"rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512"

/*
 * Groups, best first; the first list this OpenSSL knows is taken. From 3.5 on it has
 * the hybrids of ML-KEM, and * asks for a key share: two of them, so that a peer with
 * an older OpenSSL needs no second round. The second list is for providers that bring
 * the hybrids to an older one.
 */
static const char *const group_lists[] = {
	"*X25519MLKEM768:SecP256r1MLKEM768:*X25519:P-256",
	"X25519MLKEM768:X25519:P-256",
	"X25519:P-256",
};

/* One load in progress. */
struct load {
	const struct certificate_files *files;
	struct credentials *credentials;
	X509 *leaf;
	STACK_OF(X509) *chain;	/* own intermediate ones */
	STACK_OF(X509_CRL) *crls;
	size_t roots;
	char *why;
	size_t why_len;
};

static void warn(const struct load *load, const char *sentence)
{
	if (load->files->warn)
		load->files->warn(load->files->context, sentence);
}

static int out_of_memory(const struct load *load)
{
	ERR_clear_error();
	return keying_sentence(load->why, load->why_len, "out of memory");
}

static SSL_CTX *new_context(void)
{
	SSL_CTX *ssl = SSL_CTX_new(TLS_method());
	bool grouped = false;
	size_t i;

	if (!ssl)
		return NULL;
	SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
	if (!SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(ssl, SUITES) ||
	    !SSL_CTX_set1_sigalgs_list(ssl, SIGNATURES) ||
	    !SSL_CTX_set_num_tickets(ssl, 0) ||
	    !SSL_CTX_set_max_early_data(ssl, 0)) {
		SSL_CTX_free(ssl);
		return NULL;
	}
	for (i = 0; !grouped && i < sizeof(group_lists) / sizeof(group_lists[0]); i++)
		grouped = SSL_CTX_set1_groups_list(ssl, group_lists[i]);
	ERR_clear_error();
	if (!grouped) {
		SSL_CTX_free(ssl);
		return NULL;
	}
	/* No state outlives a run: each KD comes from a full handshake of its own. */
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
			    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* There are no middleboxes on a side link. */
	SSL_CTX_clear_options(ssl, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	/* Only what the certificate file holds goes out, not what the store could add. */
	SSL_CTX_set_mode(ssl, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_max_cert_list(ssl, PEER_CHAIN_OCTETS);
	return ssl;
}

static const char *subject_of(const X509 *certificate, char *out, size_t len)
{
	return x509_text_name(X509_get_subject_name(certificate), out, len);
}

/* Files: each block of @label goes to @take; anything else in the file is refused. */
typedef int (*take_block)(struct load *load, const char *path, const struct pem_block *block);

static int read_blocks(struct load *load, const char *path, bool secret, const char *label,
		       take_block take)
{
	struct pem_block block = { 0 };
	struct keying_file file;
	int more;

	if (keying_file_read(path, secret, &file, load->why, load->why_len))
		return -1;
	while ((more = pem_next(path, &file, &block, load->why, load->why_len)) > 0) {
		if (strcmp(block.label, label)) {
			more = keying_sentence(load->why, load->why_len,
					       "%s: line %u: item %u is a %s, expected a %s", path,
					       block.line, block.item, block.label, label);
			break;
		}
		more = take(load, path, &block);
		if (more < 0)
			break;
	}
	keying_file_free(&file);
	if (!more && !block.item)
		return keying_sentence(load->why, load->why_len,
				       "%s: holds no PEM block of type %s", path, label);
	return more;
}

static int has_suffix(const char *name, const char *const suffixes[2])
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && dot && (!strcmp(dot, suffixes[0]) || !strcmp(dot, suffixes[1]));
}

static int read_directory(struct load *load, const char *path, const char *label,
			  take_block take, const char *const suffixes[2])
{
	struct dirent **entries;
	char name[PATH_MAX];
	int n, i, ret = 0, found = 0;

	/* Sorted, so that the same directory always fails at the same file. */
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0)
		return keying_sentence(load->why, load->why_len, "%s: %s", path, strerror(errno));
	for (i = 0; i < n; i++) {
		if (!ret && has_suffix(entries[i]->d_name, suffixes)) {
			found = 1;
			if (snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name) >=
			    (int)sizeof(name))
				ret = keying_sentence(load->why, load->why_len,
						      "%s: a name in it is too long", path);
			else
				ret = read_blocks(load, name, false, label, take);
		}
		free(entries[i]);
	}
	free(entries);
	if (!ret && !found)
		ret = keying_sentence(load->why, load->why_len, "%s: holds no file *%s or *%s",
				      path, suffixes[0], suffixes[1]);
	return ret;
}

static int read_paths(struct load *load, const char *const *paths, size_t n, const char *label,
		      take_block take, const char *const suffixes[2])
{
	struct stat status;
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		if (!stat(paths[i], &status) && S_ISDIR(status.st_mode))
			ret = read_directory(load, paths[i], label, take, suffixes);
		else
			ret = read_blocks(load, paths[i], false, label, take);
		if (ret)
			return ret;
	}
	return 0;
}

static void describe_paths(char *out, size_t len, const char *const *paths, size_t n)
{
	size_t length = n ? strlen(paths[0]) : 0;

	/* The end of a path says more than its beginning. */
	if (!n)
		keying_sentence(out, len, "any file");
	else
		keying_sentence(out, len, "%s%s%s", length > 44 ? "..." : "",
				length > 44 ? paths[0] + length - 41 : paths[0],
				n > 1 ? " and others" : "");
}

static int take_own(struct load *load, const char *path, const struct pem_block *block)
{
	X509 *certificate = pem_certificate(path, block, load->why, load->why_len);

	if (!certificate)
		return -1;
	if (!load->leaf) {
		load->leaf = certificate;
		return 0;
	}
	if (sk_X509_num(load->chain) >= CHAIN_MAX) {
		X509_free(certificate);
		return keying_sentence(load->why, load->why_len,
				       "%s: line %u: item %u: more than %u certificates above the own one",
				       path, block->line, block->item, CHAIN_MAX);
	}
	if (!sk_X509_push(load->chain, certificate)) {
		X509_free(certificate);
		return out_of_memory(load);
	}
	return 0;
}

static int load_certificate(struct load *load)
{
	struct credentials *credentials = load->credentials;
	const char *path = load->files->certificate;

	if (read_blocks(load, path, false, "CERTIFICATE", take_own))
		return -1;
	subject_of(load->leaf, credentials->subject, sizeof(credentials->subject));
	credentials->not_before = x509_time(X509_get0_notBefore(load->leaf));
	credentials->not_after = x509_time(X509_get0_notAfter(load->leaf));
	if (identity_of(load->leaf, "", credentials->identity) != IDENTITY_OK)
		return keying_sentence(load->why, load->why_len,
				       "%s: item 1: %s has no identity: neither a subject alternative name of type URI or DNS nor a common name that can be used",
				       path, credentials->subject);
	if (!SSL_CTX_use_certificate(credentials->ssl, load->leaf) ||
	    !SSL_CTX_set1_chain(credentials->ssl, load->chain))
		return keying_sentence(load->why, load->why_len, "%s: %s cannot be used: %s", path,
				       credentials->subject, keying_openssl_reason());
	return 0;
}

static int load_key(struct load *load)
{
	const char *path = load->files->key;
	struct pem_block block = { 0 };
	struct keying_file file;
	EVP_PKEY *key = NULL;
	int more, ret = -1;

	if (keying_file_read(path, true, &file, load->why, load->why_len))
		return -1;
	/* `openssl ecparam -genkey` puts the curve in front of the key. */
	do {
		more = pem_next(path, &file, &block, load->why, load->why_len);
	} while (more > 0 && !strcmp(block.label, "EC PARAMETERS"));
	if (!more)
		keying_sentence(load->why, load->why_len, "%s: holds no PEM private key", path);
	else if (more > 0)
		key = pem_private_key(path, &block, load->why, load->why_len);
	keying_file_free(&file);
	if (!key)
		return -1;
	if (!X509_check_private_key(load->leaf, key))
		keying_sentence(load->why, load->why_len,
				"%s: line %u: this is not the private key of %s in %s", path,
				block.line, load->credentials->subject, load->files->certificate);
	else if (!SSL_CTX_use_PrivateKey(load->credentials->ssl, key))
		keying_sentence(load->why, load->why_len, "%s: line %u: cannot be used: %s", path,
				block.line, keying_openssl_reason());
	else
		ret = 0;
	ERR_clear_error();
	EVP_PKEY_free(key);
	return ret;
}

static int take_root(struct load *load, const char *path, const struct pem_block *block)
{
	X509 *certificate = pem_certificate(path, block, load->why, load->why_len);
	char name[X509_TEXT_NAME], sentence[KEYING_TEXT_MAX];
	const char *problem = NULL;
	uint32_t flags;
	int ret = -1;

	if (!certificate)
		return -1;
	flags = X509_get_extension_flags(certificate);
	if (!(flags & EXFLAG_BCONS) || !(flags & EXFLAG_CA))
		problem = "its basic constraints do not say so";
	else if ((flags & EXFLAG_KUSAGE) &&
		 !(X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN))
		problem = "its key usage does not allow to sign certificates";
	subject_of(certificate, name, sizeof(name));
	if (problem) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: %s is not a CA certificate: %s", path,
				block->line, block->item, name, problem);
	} else if (!X509_STORE_add_cert(SSL_CTX_get_cert_store(load->credentials->ssl),
					certificate)) {
		out_of_memory(load);
	} else {
		ret = 0;
		/* Only a self-signed one ends a chain; others help to build it. */
		if (flags & EXFLAG_SS)
			load->roots++;
		if (x509_time(X509_get0_notAfter(certificate)) < load->files->now) {
			keying_sentence(sentence, sizeof(sentence),
					"%s: item %u: %s has expired; nothing it signed will be accepted",
					path, block->item, name);
			warn(load, sentence);
		}
	}
	X509_free(certificate);
	return ret;
}

static int load_roots(struct load *load)
{
	static const char *const suffixes[2] = { ".pem", ".crt" };
	const struct certificate_files *files = load->files;

	if (!files->n_ca)
		return keying_sentence(load->why, load->why_len,
				       "no CA certificate is configured: no peer could be accepted");
	if (read_paths(load, files->ca, files->n_ca, "CERTIFICATE", take_root, suffixes))
		return -1;
	if (!load->roots)
		return keying_sentence(load->why, load->why_len,
				       "%s: holds no self-signed root: no chain could end there",
				       files->ca[0]);
	return 0;
}

/* A CRL that names a CA we hold must be signed by it: better found now than at a peer. */
static bool signed_by_known(const struct load *load, X509_CRL *crl)
{
	X509_STORE *store = SSL_CTX_get_cert_store(load->credentials->ssl);
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
	const X509_NAME *issuer = X509_CRL_get_issuer(crl);
	bool known = false, good = false;
	X509 *ca;
	int i;

	for (i = 0; !good && i < sk_X509_OBJECT_num(objects); i++) {
		ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		if (!ca || X509_NAME_cmp(X509_get_subject_name(ca), issuer))
			continue;
		known = true;
		good = X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1;
	}
	ERR_clear_error();
	return good || !known;
}

static bool same_extension(const X509_CRL *a, const X509_CRL *b, int nid)
{
	int at_a = X509_CRL_get_ext_by_NID(a, nid, -1), at_b = X509_CRL_get_ext_by_NID(b, nid, -1);

	if (at_a < 0 || at_b < 0)
		return at_a < 0 && at_b < 0;
	return !ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_CRL_get_ext(a, at_a)),
				      X509_EXTENSION_get_data(X509_CRL_get_ext(b, at_b)));
}

static bool newer(const X509_CRL *a, const X509_CRL *b)
{
	ASN1_INTEGER *number_a = X509_CRL_get_ext_d2i(a, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *number_b = X509_CRL_get_ext_d2i(b, NID_crl_number, NULL, NULL);
	int order;

	if (number_a && number_b)
		order = ASN1_INTEGER_cmp(number_a, number_b);
	else
		order = ASN1_TIME_compare(X509_CRL_get0_lastUpdate(a),
					  X509_CRL_get0_lastUpdate(b));
	ASN1_INTEGER_free(number_a);
	ASN1_INTEGER_free(number_b);
	return order > 0;
}

/*
 * Of several CRLs of one issuer, key and scope only the newest counts. OpenSSL would
 * prefer an older one whose next update is still to come to a newer one that is late,
 * and so forget what was revoked in between.
 */
static bool keep_newest(struct load *load, X509_CRL *crl)
{
	X509_CRL *other;
	int i;

	for (i = 0; i < sk_X509_CRL_num(load->crls); i++) {
		other = sk_X509_CRL_value(load->crls, i);
		if (X509_CRL_cmp(crl, other) ||
		    !same_extension(crl, other, NID_authority_key_identifier) ||
		    !same_extension(crl, other, NID_issuing_distribution_point))
			continue;
		if (!newer(crl, other))
			return true;
		X509_CRL_up_ref(crl);
		sk_X509_CRL_set(load->crls, i, crl);
		X509_CRL_free(other);
		return true;
	}
	X509_CRL_up_ref(crl);
	if (sk_X509_CRL_push(load->crls, crl))
		return true;
	X509_CRL_free(crl);
	return false;
}

static int take_crl(struct load *load, const char *path, const struct pem_block *block)
{
	X509_CRL *crl = pem_crl(path, block, load->why, load->why_len);
	char name[X509_TEXT_NAME], date[X509_TEXT_TIME], sentence[KEYING_TEXT_MAX];
	time_t next;
	int ret = -1;

	if (!crl)
		return -1;
	x509_text_name(X509_CRL_get_issuer(crl), name, sizeof(name));
	next = x509_time(X509_CRL_get0_nextUpdate(crl));
	if (next == -1) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: the CRL of %s has no next update (RFC 5280 5.1.2.5 requires it)",
				path, block->line, block->item, name);
	} else if (!signed_by_known(load, crl)) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: the CRL in the name of %s is not signed by it",
				path, block->line, block->item, name);
	} else if (!keep_newest(load, crl)) {
		out_of_memory(load);
	} else {
		ret = 0;
		if (next < load->files->now) {
			keying_sentence(sentence, sizeof(sentence),
					"%s: item %u: the CRL of %s was to be renewed by %s; it is taken for %u days from then",
					path, block->item, name,
					x509_text_time(next, date, sizeof(date)),
					load->files->crl_grace_days);
			warn(load, sentence);
		}
	}
	X509_CRL_free(crl);
	return ret;
}

static int load_crls(struct load *load)
{
	static const char *const suffixes[2] = { ".pem", ".crl" };
	X509_STORE *store = SSL_CTX_get_cert_store(load->credentials->ssl);
	const struct certificate_files *files = load->files;
	int i;

	if (!files->n_crl && files->crl_policy == CERTIFICATE_CRL_REQUIRE)
		return keying_sentence(load->why, load->why_len,
				       "no CRL is configured: no peer could be accepted; name one, or let the CRL policy be if-present");
	if (read_paths(load, files->crl, files->n_crl, "X509 CRL", take_crl, suffixes))
		return -1;
	for (i = 0; i < sk_X509_CRL_num(load->crls); i++)
		if (!X509_STORE_add_crl(store, sk_X509_CRL_value(load->crls, i)))
			return out_of_memory(load);
	return 0;
}

/* What peers with our roots and CRLs would say of us. They decide, so it only warns. */
static int check_own(struct load *load)
{
	struct verify verify = {
		.credentials = load->credentials,
		.own = true,
		.now = load->files->now,
		.expected = "",
	};
	static const char *const purposes[] = { "ssl_client", "ssl_server" };
	X509_STORE_CTX *context;
	size_t i;

	for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		context = X509_STORE_CTX_new();
		if (!context ||
		    !X509_STORE_CTX_init(context,
					 SSL_CTX_get_cert_store(load->credentials->ssl),
					 load->leaf, load->chain) ||
		    !X509_STORE_CTX_set_default(context, purposes[i])) {
			X509_STORE_CTX_free(context);
			return out_of_memory(load);
		}
		X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context),
						 SECURITY_LEVEL);
		verify_chain(context, &verify);
		X509_STORE_CTX_free(context);
		ERR_clear_error();
		if (verify.text[0]) {
			warn(load, verify.text);
			break;
		}
	}
	return 0;
}

static int load_all(struct load *load)
{
	struct credentials *credentials = load->credentials;

	credentials->ssl = new_context();
	load->chain = sk_X509_new_null();
	load->crls = sk_X509_CRL_new_null();
	if (!credentials->ssl || !load->chain || !load->crls)
		return keying_sentence(load->why, load->why_len, "TLS 1.3 cannot be set up: %s",
				       keying_openssl_reason());
	credentials->crl_policy = load->files->crl_policy;
	credentials->crl_grace_days = load->files->crl_grace_days;
	describe_paths(credentials->roots, sizeof(credentials->roots), load->files->ca,
		       load->files->n_ca);
	describe_paths(credentials->crls, sizeof(credentials->crls), load->files->crl,
		       load->files->n_crl);
	if (load_certificate(load) || load_key(load) || load_roots(load) || load_crls(load))
		return -1;
	return check_own(load);
}

struct credentials *credentials_load(const struct certificate_files *files,
				     char *why, size_t why_len)
{
	struct load load = { .files = files, .why = why, .why_len = why_len };
	int ret;

	load.credentials = calloc(1, sizeof(*load.credentials));
	if (!load.credentials) {
		out_of_memory(&load);
		return NULL;
	}
	ret = load_all(&load);
	X509_free(load.leaf);
	sk_X509_pop_free(load.chain, X509_free);
	sk_X509_CRL_pop_free(load.crls, X509_CRL_free);
	if (!ret)
		return load.credentials;
	credentials_free(load.credentials);
	return NULL;
}

void credentials_free(struct credentials *credentials)
{
	if (!credentials)
		return;
	SSL_CTX_free(credentials->ssl);
	free(credentials);
}
