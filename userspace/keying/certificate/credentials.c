// SPDX-License-Identifier: MIT
#include "load.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "../x509_text.h"
#include "groups.h"
#include "token.h"
#include "warnings.h"

#define PEER_CHAIN_OCTETS	32768	/* what a peer may send for its own */

#define SUITES	"TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define SIGNATURES	\
	"ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ed25519:" \
	"rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:" \
	"rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512"

static SSL_CTX *new_context(void)
{
	SSL_CTX *ssl = SSL_CTX_new(TLS_method());

	if (!ssl)
		return NULL;
	SSL_CTX_set_security_level(ssl, CREDENTIALS_SECURITY_LEVEL);
	if (!SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(ssl, SUITES) ||
	    !SSL_CTX_set1_sigalgs_list(ssl, SIGNATURES) ||
	    !SSL_CTX_set_num_tickets(ssl, 0) ||
	    !SSL_CTX_set_max_early_data(ssl, 0) || !groups_set(ssl, groups, GROUPS_N)) {
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

static int take_root(struct load *load, const char *path, const struct pem_block *block)
{
	X509 *certificate = pem_certificate(path, block, load->why, load->why_len);
	char name[X509_TEXT_NAME];
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
	load_subject(certificate, name, sizeof(name));
	if (problem) {
		keying_sentence(load->why, load->why_len,
				"%s: line %u: item %u: %s is not a CA certificate: %s", path,
				block->line, block->item, name, problem);
	} else if (!X509_STORE_add_cert(SSL_CTX_get_cert_store(load->credentials->ssl),
					certificate)) {
		load_out_of_memory(load);
	} else {
		ret = 0;
		/* Only a self-signed one ends a chain; others help to build it. */
		if (flags & EXFLAG_SS)
			load->roots++;
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
	if (load_paths(load, files->ca, files->n_ca, "CERTIFICATE", take_root, suffixes))
		return -1;
	if (!load->roots)
		return keying_sentence(load->why, load->why_len,
				       "%s: holds no self-signed root: no chain could end there",
				       files->ca[0]);
	return 0;
}

static int load_all(struct load *load)
{
	struct credentials *credentials = load->credentials;

	credentials->ssl = new_context();
	load->chain = sk_X509_new_null();
	credentials->crl_list = sk_X509_CRL_new_null();
	if (!credentials->ssl || !load->chain || !credentials->crl_list)
		return keying_sentence(load->why, load->why_len, "TLS 1.3 cannot be set up: %s",
				       keying_openssl_reason());
	credentials->crl_policy = load->files->crl_policy;
	credentials->crl_grace_days = load->files->crl_grace_days;
	credentials->clock_untrusted = load->files->clock_untrusted;
	load_describe(credentials->roots, sizeof(credentials->roots), load->files->ca,
		       load->files->n_ca);
	load_describe(credentials->crls, sizeof(credentials->crls), load->files->crl,
		       load->files->n_crl);
	if (load_own(load) || load_roots(load) || load_own_chain(load) || load_crls(load))
		return -1;
	if (load->files->warn &&
	    credentials_warn(credentials, load->files->now, load->files->warn, load->files->context))
		return load_out_of_memory(load);
	return 0;
}

struct credentials *credentials_load(const struct certificate_files *files,
				     char *why, size_t why_len)
{
	struct load load = {
		.files = files,
		.before = files->before ? files->before->credentials : NULL,
		.why = why,
		.why_len = why_len,
	};
	int ret;

	load.credentials = calloc(1, sizeof(*load.credentials));
	if (!load.credentials) {
		load_out_of_memory(&load);
		return NULL;
	}
	ret = load_all(&load);
	X509_free(load.leaf);
	sk_X509_pop_free(load.chain, X509_free);
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
	sk_X509_CRL_pop_free(credentials->crl_list, X509_CRL_free);
	/* The key is of it, so it comes last. */
	token_release(credentials->token);
	free(credentials);
}
