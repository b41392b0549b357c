// SPDX-License-Identifier: MIT
/* A connection to a KMS: a line there, a line back. */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
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

/* One address of the KMS: a socket, or -1. */
static int reach(const struct addrinfo *info, char *why, size_t why_len)
{
	struct timeval timeout = { .tv_sec = TIMEOUT_S };
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return keying_sentence(why, why_len, "%s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (!connect(fd, info->ai_addr, info->ai_addrlen))
		return fd;
	error = errno;
	close(fd);
	/* A connection that was not made in time is in progress, to connect(). */
	return keying_sentence(why, why_len, "%s; is prose-kms serve running there?",
			       strerror(error == EINPROGRESS ? ETIMEDOUT : error));
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

static int talk(struct channel *channel, const char *request, struct keying_file *answer, char *why,
		size_t why_len)
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
	keying_file_free(answer);
	if (status == CHANNEL_FAILED)
		return keying_sentence(why, why_len, "%s", channel_why(channel));
	return keying_sentence(why, why_len, status == CHANNEL_CLOSED ?
			       "the connection ended before an answer" : "no answer");
}

static int ask_one(const struct addrinfo *info, const struct credentials *credentials,
		   const char *server, const char *request, struct keying_file *answer, char *why,
		   size_t why_len)
{
	int fd = reach(info, why, why_len), err;
	struct channel *channel;

	if (fd < 0)
		return -1;
	channel = channel_new(credentials, fd, false, server, time(NULL));
	err = channel ? talk(channel, request, answer, why, why_len) :
			keying_sentence(why, why_len, "out of memory");
	channel_free(channel);
	close(fd);
	return err;
}

/*
 * One address after the other, until one has answered, whatever it says: instances of a KMS are equal, and
 * what one refuses all do. One that is not what it has to be, or breaks off, is as good as none.
 */
static int ask_each(const struct addrinfo *list, const struct credentials *credentials,
		    const char *kms, const char *server, const char *request,
		    struct keying_file *answer, char *why, size_t why_len)
{
	char reason[IDENTITY_WHY], address[NI_MAXHOST];
	size_t len;

	keying_sentence(why, why_len, "KMS %s", kms);
	for (const struct addrinfo *info = list; info; info = info->ai_next) {
		if (!ask_one(info, credentials, server, request, answer, reason, sizeof(reason)))
			return 0;
		/* Which one it was is of interest where there are several. */
		if (!list->ai_next || getnameinfo(info->ai_addr, info->ai_addrlen, address,
						  sizeof(address), NULL, 0, NI_NUMERICHOST))
			address[0] = 0;
		len = strlen(why);
		keying_sentence(why + len, why_len - len, "%s%s%s: %s", info == list ? "" : ",",
				address[0] ? " at " : "", address, reason);
	}
	return -1;
}

int identity_ask(const struct identity_call *call, const char *server, const char *request,
		 struct keying_file *answer, char *why, size_t why_len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	struct credentials *credentials = load(call, why, why_len);
	void (*before)(int);
	const char *port;
	char host[256];
	int err;

	*answer = (struct keying_file){ 0 };
	if (!credentials)
		return -1;
	err = split(call->kms, host, &port);
	if (err) {
		keying_sentence(why, why_len, "--kms: '%s' is no HOST or HOST:PORT", call->kms);
	} else if ((err = getaddrinfo(host, port, &hints, &list))) {
		keying_sentence(why, why_len, "KMS %s: %s", call->kms, gai_strerror(err));
	} else {
		/* Whoever closes early is a reason to be told, and not the end of this program. */
		before = signal(SIGPIPE, SIG_IGN);
		err = ask_each(list, credentials, call->kms, server, request, answer, why, why_len);
		signal(SIGPIPE, before);
		freeaddrinfo(list);
	}
	channel_credentials_free(credentials);
	return err ? -1 : 0;
}
