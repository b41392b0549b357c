// SPDX-License-Identifier: MIT
/* A connection to a KMS: a line there, a line back. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "cli/cli.h"
#include "daemon/config.h"
#include "identity.h"
#include "keying/certificate/channel.h"
#include "keying/file.h"
#include "keying/identity/protocol.h"
#include "keying/sentence.h"

/* Of each step; a KMS is near, or it is not there. */
#define TIMEOUT_S	20

static void warn(void *context, const char *sentence)
{
	(void)context;
	cli_error("%s", sentence);
}

/* Certificates as the options name them, and else section certificate of prosed.conf. */
static struct credentials *load(const struct identity_call *call, char *why, size_t why_len)
{
	struct certificate_files files = {
		.certificate = call->chain, .key = call->key, .ca = call->roots,
		.n_ca = call->n_roots, .crl = call->crls, .n_crl = call->n_crls,
		.crl_policy = call->n_crls ? CERTIFICATE_CRL_REQUIRE : CERTIFICATE_CRL_IF_PRESENT,
		.crl_grace_days = CERTIFICATE_CRL_GRACE_DAYS, .now = time(NULL), .warn = warn,
	};
	struct credentials *credentials;
	struct config *config = NULL;

	if (!call->chain) {
		const struct config_certificate *section;

		config = config_load(call->config ? call->config : CONFIG_DEFAULT_PATH, why, why_len);
		if (!config)
			return NULL;
		section = &config->certificate;
		if (!section->present) {
			keying_sentence(why, why_len,
					"prosed.conf has no section certificate; name --chain, --key and --roots");
			config_free(config);
			return NULL;
		}
		files.certificate = section->chain;
		files.key = section->key;
		files.pin_file = section->pin_file;
		files.ca = (const char *const *)section->roots;
		files.n_ca = section->n_roots;
		files.crl = (const char *const *)section->crls;
		files.n_crl = section->n_crls;
		files.crl_policy = section->crl_required ? CERTIFICATE_CRL_REQUIRE :
							   CERTIFICATE_CRL_IF_PRESENT;
		files.crl_grace_days = section->crl_grace_days;
		files.clock_untrusted = section->clock_untrusted;
	}
	credentials = channel_credentials(&files, why, why_len);
	config_free(config);
	return credentials;
}

/* "kms.example.org", "kms.example.org:7801", "[2001:db8::1]:7801" */
static int split(const char *kms, char host[static 256], const char **port)
{
	const char *colon = strrchr(kms, ':'), *bracket = strchr(kms, ']');
	size_t len = strlen(kms);

	*port = PROTOCOL_PORT;
	/* More than one colon and no bracket: all of it is an address. */
	if (colon && (bracket ? colon > bracket : strchr(kms, ':') == colon)) {
		*port = colon + 1;
		len = (size_t)(colon - kms);
	}
	if (kms[0] == '[' && len > 2 && kms[len - 1] == ']') {
		kms++;
		len -= 2;
	}
	if (!len || len >= 256 || !**port)
		return -1;
	memcpy(host, kms, len);
	host[len] = 0;
	return 0;
}

static int reach(const char *kms, char *why, size_t why_len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *info;
	struct timeval timeout = { .tv_sec = TIMEOUT_S };
	const char *port;
	char host[256];
	int fd = -1, error;

	if (split(kms, host, &port))
		return keying_sentence(why, why_len, "--kms: '%s' is no HOST or HOST:PORT", kms);
	error = getaddrinfo(host, port, &hints, &list);
	if (error)
		return keying_sentence(why, why_len, "KMS %s: %s", kms, gai_strerror(error));
	for (info = list; info && fd < 0; info = info->ai_next) {
		fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
		if (connect(fd, info->ai_addr, info->ai_addrlen)) {
			error = errno;
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0)
		return keying_sentence(why, why_len, "KMS %s: %s; is prose-kms serve running there?",
				       kms, strerror(error));
	return fd;
}

/* A larger place for what comes; nothing of it stays in the old one. */
static int grow(struct keying_file *answer, size_t *size)
{
	struct keying_file larger = { malloc(2 * *size), answer->len };

	if (!larger.data)
		return -1;
	memcpy(larger.data, answer->data, answer->len);
	keying_file_free(answer);
	*answer = larger;
	*size *= 2;
	return 0;
}

static enum channel_status receive(struct channel *channel, struct keying_file *answer)
{
	size_t size = 8192, got;
	enum channel_status status;

	*answer = (struct keying_file){ malloc(size), 0 };
	do {
		if (!answer->data || (answer->len == size &&
				      (size >= KEYING_FILE_MAX || grow(answer, &size))))
			return CHANNEL_CLOSED;
		status = channel_read(channel, answer->data + answer->len, size - answer->len, &got);
		answer->len += got;
	} while (status == CHANNEL_DONE && answer->data[answer->len - 1] != '\n');
	return status;
}

static int talk(struct channel *channel, const char *kms, const char *request,
		struct keying_file *answer, char *why, size_t why_len)
{
	enum channel_status status = channel_handshake(channel);
	size_t put;

	if (status == CHANNEL_DONE)
		status = channel_write(channel, request, strlen(request), &put);
	if (status == CHANNEL_DONE)
		status = receive(channel, answer);
	if (status == CHANNEL_DONE) {
		channel_end(channel);
		return 0;
	}
	if (status == CHANNEL_FAILED)
		return keying_sentence(why, why_len, "KMS %s: %s", kms, channel_why(channel));
	return keying_sentence(why, why_len, status == CHANNEL_CLOSED ?
			       "KMS %s: the connection ended before an answer" :
			       "KMS %s: no answer", kms);
}

int identity_ask(const struct identity_call *call, const char *server, const char *request,
		 struct keying_file *answer, char *why, size_t why_len)
{
	struct credentials *credentials = load(call, why, why_len);
	struct channel *channel;
	int fd, err = -1;

	*answer = (struct keying_file){ 0 };
	if (!credentials)
		return -1;
	fd = reach(call->kms, why, why_len);
	if (fd >= 0) {
		channel = channel_new(credentials, fd, false, server, time(NULL));
		err = channel ? talk(channel, call->kms, request, answer, why, why_len) :
				keying_sentence(why, why_len, "Out of memory");
		channel_free(channel);
		close(fd);
	}
	channel_credentials_free(credentials);
	if (err)
		keying_file_free(answer);
	return err;
}
