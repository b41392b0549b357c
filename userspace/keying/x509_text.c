// SPDX-License-Identifier: MIT
#include "x509_text.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

const char *x509_text_name(const X509_NAME *name, char *out, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *text = NULL;
	long text_len = 0;

	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) > 0)
		text_len = BIO_get_mem_data(bio, &text);
	if (text_len <= 0)
		snprintf(out, len, "(no name)");
	else if ((size_t)text_len < len)
		snprintf(out, len, "%.*s", (int)text_len, text);
	else
		snprintf(out, len, "%.*s...", (int)len - 4, text);
	BIO_free(bio);
	return out;
}

const char *x509_text_time(time_t time, char *out, size_t len)
{
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(out, len, "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(out, len, "(no time)");
	return out;
}

const char *x509_text_serial(const ASN1_INTEGER *serial, char *out, size_t len)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	snprintf(out, len, "%s", hex ? hex : "?");
	OPENSSL_free(hex);
	BN_free(number);
	return out;
}

time_t x509_time(const ASN1_TIME *time)
{
	struct tm tm;

	if (!time || !ASN1_TIME_to_tm(time, &tm))
		return -1;
	return timegm(&tm);
}
