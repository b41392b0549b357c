// SPDX-License-Identifier: MIT
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sentence.h"
#include "credentials.h"
#include "identity.h"
#include "verify.h"

struct channel {
	SSL *ssl;
	struct verify verify;
	char why[KEYING_TEXT_MAX];
};

static int on_verify(X509_STORE_CTX *context, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct channel *channel = SSL_get_app_data(ssl);

	(void)unused;
	return verify_chain(context, &channel->verify);
}

struct credentials *channel_credentials(const struct certificate_files *files, char *why,
					size_t why_len)
{
	struct credentials *credentials = credentials_load(files, why, why_len);

	if (credentials)
		SSL_CTX_set_cert_verify_callback(credentials->ssl, on_verify, NULL);
	return credentials;
}

void channel_credentials_free(struct credentials *credentials)
{
	credentials_free(credentials);
}

struct channel *channel_new(const struct credentials *credentials, int fd, bool server,
			    const char *expected, time_t now)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (channel)
		channel->ssl = SSL_new(credentials->ssl);
	if (!channel || !channel->ssl || !SSL_set_fd(channel->ssl, fd)) {
		channel_free(channel);
		return NULL;
	}
	channel->verify.credentials = credentials;
	channel->verify.now = now;
	channel->verify.expected = expected;
	SSL_set_app_data(channel->ssl, channel);
	SSL_set_mode(channel->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
		     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (server)
		SSL_set_accept_state(channel->ssl);
	else
		SSL_set_connect_state(channel->ssl);
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	SSL_free(channel->ssl);
	free(channel);
}

/* What a call of OpenSSL on it came to. */
static enum channel_status status(struct channel *channel, int ret)
{
	int error = SSL_get_error(channel->ssl, ret), cause = errno;

	if (ret > 0)
		return CHANNEL_DONE;
	if (error == SSL_ERROR_WANT_READ)
		return CHANNEL_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return CHANNEL_WRITE;
	if (error == SSL_ERROR_ZERO_RETURN)
		return CHANNEL_CLOSED;
	if (channel->verify.text[0])
		keying_sentence(channel->why, sizeof(channel->why), "%s", channel->verify.text);
	else if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		keying_sentence(channel->why, sizeof(channel->why),
				"the other end sent no certificate; both ends need one");
	else if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
		 (error == SSL_ERROR_SYSCALL &&
		  (!cause || cause == EPIPE || cause == ECONNRESET)))
		keying_sentence(channel->why, sizeof(channel->why),
				"the other end closed the connection");
	else if (error == SSL_ERROR_SYSCALL)
		keying_sentence(channel->why, sizeof(channel->why), "%s", strerror(cause));
	else
		keying_sentence(channel->why, sizeof(channel->why), "%s", keying_openssl_reason());
	ERR_clear_error();
	return CHANNEL_FAILED;
}

enum channel_status channel_handshake(struct channel *channel)
{
	errno = 0;
	ERR_clear_error();
	return status(channel, SSL_do_handshake(channel->ssl));
}

enum channel_status channel_read(struct channel *channel, char *data, size_t size, size_t *got)
{
	errno = 0;
	ERR_clear_error();
	*got = 0;
	return status(channel, SSL_read_ex(channel->ssl, data, size, got));
}

enum channel_status channel_write(struct channel *channel, const char *data, size_t len, size_t *put)
{
	errno = 0;
	ERR_clear_error();
	*put = 0;
	return status(channel, SSL_write_ex(channel->ssl, data, len, put));
}

enum channel_status channel_end(struct channel *channel)
{
	int ret;

	errno = 0;
	ERR_clear_error();
	ret = SSL_shutdown(channel->ssl);
	/* 0: said, and the other end has not said it yet, for which nobody waits. */
	return ret == 0 ? CHANNEL_DONE : status(channel, ret);
}

const char *channel_why(const struct channel *channel)
{
	return channel->why;
}

const char *channel_identity(const struct channel *channel)
{
	return channel->verify.identity;
}

bool channel_names(const struct channel *channel, const char *uri)
{
	X509 *certificate = SSL_get0_peer_certificate(channel->ssl);
	char identity[KEYING_TEXT_MAX];
	int form = 0;

	return certificate && *uri &&
	       identity_of(certificate, uri, identity, &form) == IDENTITY_OK && form == GEN_URI;
}
