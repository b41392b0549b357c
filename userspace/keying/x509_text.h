/* SPDX-License-Identifier: MIT */
/* Names, times and numbers of certificates in words. */
#ifndef PROSE_KEYING_X509_TEXT_H
#define PROSE_KEYING_X509_TEXT_H

#include <stddef.h>
#include <time.h>

#include <openssl/x509.h>

/* Enough for a name in a sentence; longer ones are cut off. */
#define X509_TEXT_NAME		64
#define X509_TEXT_TIME		24
#define X509_TEXT_SERIAL	48

/* "CN=ue2,O=..", RFC 2253, ASCII only; returns @out. */
const char *x509_text_name(const X509_NAME *name, char *out, size_t len);

/* "2026-11-01 12:00 UTC"; returns @out. */
const char *x509_text_time(time_t time, char *out, size_t len);

/* Hexadecimal, upper case; returns @out. */
const char *x509_text_serial(const ASN1_INTEGER *serial, char *out, size_t len);

/* Seconds since the epoch; -1 when the time is not a time. */
time_t x509_time(const ASN1_TIME *time);

#endif
