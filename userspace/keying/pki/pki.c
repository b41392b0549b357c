// SPDX-License-Identifier: MIT
#include "pki.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "../pem.h"
#include "../sentence.h"
#include "../x509_text.h"
#include "issue.h"

#define DAY		86400
#define HOUR		3600
#define CHAIN_MAX	8

/* One directory, locked. */
struct authority {
	const char *dir;
	int lock;
	struct pki_issuer issuer;
	STACK_OF(X509) *above;		/* what a device must send after its certificate */
	struct pki_index index;
	char *why;
	size_t why_len;
};

/* What a file name holds, all by itself: three of them make any path short of PATH_MAX. */
struct path {
	char name[PATH_MAX];
};

static int say(const struct authority *authority, const char *file, const char *reason)
{
	return keying_sentence(authority->why, authority->why_len, "%s/%s: %s", authority->dir,
			       file, reason);
}

static int path_of(const struct authority *authority, const char *file, struct path *path)
{
	int len = snprintf(path->name, sizeof(path->name), "%s/%s", authority->dir, file);

	if (len < 0 || (size_t)len >= sizeof(path->name))
		return say(authority, file, "the name is too long");
	return 0;
}

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._-:@+=,", c));
}

static int check_name(const char *identity, char *why, size_t why_len)
{
	size_t len = strlen(identity);

	if (!len || len > PKI_IDENTITY_MAX)
		return keying_sentence(why, why_len, "an identity has 1 to %u octets, this %zu",
				       PKI_IDENTITY_MAX, len);
	if (!keying_text_valid(identity, len) || identity[0] == ' ' || identity[len - 1] == ' ')
		return keying_sentence(why, why_len,
				       "identity %.64s: must be plain UTF-8 text without blanks around it",
				       identity);
	return 0;
}

static int check_identity(const char *identity, char *why, size_t why_len)
{
	if (check_name(identity, why, why_len))
		return -1;
	if (!strcmp(identity, "ca") || !strcmp(identity, "crl"))
		return keying_sentence(why, why_len,
				       "identity %s: the authority has a file of that name; choose another",
				       identity);
	return 0;
}

static int file_of(const char *identity, const char *suffix, char *file, size_t len,
		   char *why, size_t why_len)
{
	size_t at = 0;
	const char *c;

	if (check_identity(identity, why, why_len))
		return -1;
	for (c = identity; *c && at + 4 < len; c++) {
		if (plain(*c) && !(c == identity && *c == '.'))
			file[at++] = *c;
		else
			at += (size_t)sprintf(file + at, "%%%02X", (unsigned char)*c);
	}
	if (*c || at + strlen(suffix) + 2 > len || at + strlen(suffix) + 1 > NAME_MAX - 8)
		return keying_sentence(why, why_len,
				       "identity %.64s: is too long for the name of a file",
				       identity);
	sprintf(file + at, ".%s", suffix);
	return 0;
}

int pki_path(const char *dir, const char *identity, const char *suffix,
	     char *path, size_t path_len, char *why, size_t why_len)
{
	char file[NAME_MAX + 1];

	if (file_of(identity, suffix, file, sizeof(file), why, why_len))
		return -1;
	if (snprintf(path, path_len, "%s/%s", dir, file) >= (int)path_len)
		return keying_sentence(why, why_len, "%s/%s: the name is too long", dir, file);
	return 0;
}

static int authority_lock(struct authority *authority, const char *dir, char *why, size_t why_len)
{
	*authority = (struct authority){ .dir = dir, .lock = -1, .why = why, .why_len = why_len };
	authority->lock = keying_file_lock(dir, O_RDONLY | O_DIRECTORY, why, why_len);
	return authority->lock < 0 ? -1 : 0;
}

/* In any state between all zero and open. */
static void authority_close(struct authority *authority)
{
	X509_free(authority->issuer.certificate);
	EVP_PKEY_free(authority->issuer.key);
	sk_X509_pop_free(authority->above, X509_free);
	pki_index_free(&authority->index);
	if (authority->lock >= 0)
		close(authority->lock);
	ERR_clear_error();
}

static int read_chain(struct authority *authority, const char *path,
		      const struct keying_file *file)
{
	struct pem_block block = { 0 };
	X509 *certificate;
	int more;

	authority->above = sk_X509_new_null();
	if (!authority->above)
		return say(authority, "ca.pem", "out of memory");
	while ((more = pem_next(path, file, &block, authority->why, authority->why_len)) > 0) {
		certificate = pem_certificate(path, &block, authority->why, authority->why_len);
		if (!certificate)
			return -1;
		if (!authority->issuer.certificate) {
			X509_up_ref(certificate);
			authority->issuer.certificate = certificate;
		}
		if (X509_get_extension_flags(certificate) & EXFLAG_SS) {
			/* Peers have the root; it is not sent. */
			X509_free(certificate);
		} else if (sk_X509_num(authority->above) >= CHAIN_MAX ||
			   !sk_X509_push(authority->above, certificate)) {
			X509_free(certificate);
			return say(authority, "ca.pem", "too many certificates");
		}
	}
	if (!more && !authority->issuer.certificate)
		return say(authority, "ca.pem", "holds no certificate");
	return more;
}

static int read_key(struct authority *authority, const char *path, const struct keying_file *file)
{
	struct pem_block block = { 0 };
	int more = pem_next(path, file, &block, authority->why, authority->why_len);

	if (!more)
		return say(authority, "ca.key", "holds no PEM private key");
	if (more < 0)
		return -1;
	authority->issuer.key = pem_private_key(path, &block, authority->why, authority->why_len);
	if (!authority->issuer.key)
		return -1;
	if (!X509_check_private_key(authority->issuer.certificate, authority->issuer.key))
		return say(authority, "ca.key", "is not the private key of ca.pem");
	return 0;
}

static int authority_open(struct authority *authority, const char *dir, char *why, size_t why_len)
{
	struct keying_file file;
	struct path path;
	int ret;

	if (authority_lock(authority, dir, why, why_len) ||
	    path_of(authority, "ca.pem", &path) ||
	    keying_file_read(path.name, false, &file, why, why_len))
		return -1;
	ret = read_chain(authority, path.name, &file);
	keying_file_free(&file);
	if (ret || path_of(authority, "ca.key", &path) ||
	    keying_file_read(path.name, true, &file, why, why_len))
		return -1;
	ret = read_key(authority, path.name, &file);
	keying_file_free(&file);
	if (ret || path_of(authority, "index", &path))
		return -1;
	return pki_index_read(path.name, &authority->index, why, why_len);
}

static time_t now_of(const struct pki_options *options)
{
	return options && options->now ? options->now : time(NULL);
}

static void times_of(const struct pki_options *options, unsigned int default_days,
		     time_t *not_before, time_t *not_after)
{
	time_t now = now_of(options);
	unsigned int days = options && options->days ? options->days : default_days;

	*not_before = options && options->not_before ? options->not_before : now - HOUR;
	*not_after = options && options->not_after ? options->not_after :
		     now + (time_t)days * DAY;
}

/* A memory BIO that wipes what it held. */
static BIO *new_text(void)
{
	return BIO_new(BIO_s_secmem());
}

static int write_text(const struct authority *authority, const char *file, BIO *text,
		      mode_t mode, bool replace)
{
	struct path path;
	char *data;
	long len = BIO_get_mem_data(text, &data);

	if (path_of(authority, file, &path))
		return -1;
	return keying_file_write(path.name, data, len > 0 ? (size_t)len : 0, mode, replace,
				 authority->why, authority->why_len);
}

static int write_key(const struct authority *authority, const char *file, EVP_PKEY *key,
		     bool replace)
{
	BIO *text = new_text();
	int ret;

	if (!text || !PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL))
		ret = say(authority, file, keying_openssl_reason());
	else
		ret = write_text(authority, file, text, 0600, replace);
	BIO_free(text);
	return ret;
}

static int write_certificate(const struct authority *authority, const char *file,
			     X509 *certificate, STACK_OF(X509) *above, bool replace)
{
	BIO *text = BIO_new(BIO_s_mem());
	int i, ok, ret;

	ok = text && PEM_write_bio_X509(text, certificate);
	for (i = 0; ok && above && i < sk_X509_num(above); i++)
		ok = PEM_write_bio_X509(text, sk_X509_value(above, i));
	if (!ok)
		ret = say(authority, file, keying_openssl_reason());
	else
		ret = write_text(authority, file, text, 0644, replace);
	BIO_free(text);
	return ret;
}

static int read_crl_number(const struct authority *authority, long *number)
{
	struct pem_block block = { 0 };
	struct keying_file file;
	ASN1_INTEGER *value;
	struct path path;
	X509_CRL *crl = NULL;
	int more;

	if (path_of(authority, "crl.pem", &path) ||
	    keying_file_read(path.name, false, &file, authority->why, authority->why_len))
		return -1;
	more = pem_next(path.name, &file, &block, authority->why, authority->why_len);
	if (!more)
		say(authority, "crl.pem", "holds no CRL");
	else if (more > 0)
		crl = pem_crl(path.name, &block, authority->why, authority->why_len);
	keying_file_free(&file);
	if (!crl)
		return -1;
	value = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	*number = value ? ASN1_INTEGER_get(value) : -1;
	ASN1_INTEGER_free(value);
	X509_CRL_free(crl);
	if (*number < 0 || *number == LONG_MAX)
		return say(authority, "crl.pem", "has no CRL number to count on from");
	return 0;
}

static int write_crl(const struct authority *authority, const struct pki_options *options,
		     long number, bool replace)
{
	time_t now = now_of(options);
	unsigned int days = options && options->crl_days ? options->crl_days :
			    PKI_DEFAULT_DAYS_CRL;
	BIO *text = BIO_new(BIO_s_mem());
	X509_CRL *crl;
	int ret;

	crl = pki_make_crl(&authority->issuer, &authority->index, number, now,
			   now + (time_t)days * DAY, authority->why, authority->why_len);
	if (!crl)
		ret = -1;
	else if (!text || !PEM_write_bio_X509_CRL(text, crl))
		ret = say(authority, "crl.pem", keying_openssl_reason());
	else
		ret = write_text(authority, "crl.pem", text, 0644, replace);
	X509_CRL_free(crl);
	BIO_free(text);
	return ret;
}

static int make_directory(const char *dir, char *why, size_t why_len)
{
	if (mkdir(dir, 0755) && errno != EEXIST)
		return keying_sentence(why, why_len, "%s: %s", dir, strerror(errno));
	return 0;
}

static int refuse_existing(const struct authority *authority)
{
	static const char *const files[] = { "ca.key", "ca.pem", "crl.pem", "index" };
	struct path path;
	struct stat status;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (path_of(authority, files[i], &path))
			return -1;
		if (!lstat(path.name, &status))
			return say(authority, files[i],
				   "exists; an authority is not overwritten, choose another directory");
	}
	return 0;
}

static X509 *sign(const struct authority *parent, EVP_PKEY *key, const char *identity,
		  bool is_authority, const struct pki_options *options,
		  char *why, size_t why_len)
{
	struct pki_subject subject = {
		.identity = identity,
		.key = key,
		.authority = is_authority,
		.extended_key_usage = options ? options->extended_key_usage : NULL,
	};
	const struct pki_issuer self = { .key = key };

	times_of(options, is_authority ? PKI_DEFAULT_DAYS_CA : PKI_DEFAULT_DAYS_DEVICE,
		 &subject.not_before, &subject.not_after);
	return pki_make_certificate(parent ? &parent->issuer : &self, &subject, why, why_len);
}

static int record(struct authority *authority, X509 *certificate, const char *identity)
{
	struct pki_entry entry = { 0 };
	char serial[X509_TEXT_SERIAL];
	struct path path;

	x509_text_serial(X509_get0_serialNumber(certificate), serial, sizeof(serial));
	snprintf(entry.serial, sizeof(entry.serial), "%.*s", PKI_SERIAL_MAX - 1, serial);
	snprintf(entry.identity, sizeof(entry.identity), "%s", identity);
	entry.not_before = x509_time(X509_get0_notBefore(certificate));
	entry.not_after = x509_time(X509_get0_notAfter(certificate));
	if (pki_index_add(&authority->index, &entry, authority->why, authority->why_len) ||
	    path_of(authority, "index", &path))
		return -1;
	return pki_index_write(path.name, &authority->index, true, authority->why,
			       authority->why_len);
}

/* The certificate comes last: with it in place, all is. */
static int authority_create(struct authority *authority, struct authority *parent,
			    const char *name, const struct pki_options *options)
{
	char *why = authority->why;
	size_t why_len = authority->why_len;
	struct path path;

	if (refuse_existing(authority))
		return -1;
	authority->issuer.key = pki_make_key(options ? options->key_type : NULL, why, why_len);
	if (!authority->issuer.key)
		return -1;
	authority->issuer.certificate = sign(parent, authority->issuer.key, name, true, options,
					     why, why_len);
	if (!authority->issuer.certificate)
		return -1;
	if (parent && record(parent, authority->issuer.certificate, name))
		return -1;
	if (path_of(authority, "index", &path) ||
	    pki_index_write(path.name, &authority->index, false, why, why_len) ||
	    write_crl(authority, options, 1, false) ||
	    write_key(authority, "ca.key", authority->issuer.key, false))
		return -1;
	return write_certificate(authority, "ca.pem", authority->issuer.certificate,
				 parent ? parent->above : NULL, false);
}

static int create(const char *dir, struct authority *parent, const char *name,
		  const struct pki_options *options, char *why, size_t why_len)
{
	struct authority authority = { .lock = -1 };
	int ret;

	if (check_name(name, why, why_len) || make_directory(dir, why, why_len))
		return -1;
	ret = authority_lock(&authority, dir, why, why_len) ||
	      authority_create(&authority, parent, name, options) ? -1 : 0;
	authority_close(&authority);
	return ret;
}

int pki_init(const char *dir, const char *name, const struct pki_options *options,
	     char *why, size_t why_len)
{
	return create(dir, NULL, name, options, why, why_len);
}

int pki_subordinate(const char *dir, const char *parent, const char *name,
		    const struct pki_options *options, char *why, size_t why_len)
{
	struct stat a, b;
	struct authority above;
	int ret;

	/* The lock of the one would wait for that of the other. */
	if (!stat(dir, &a) && !stat(parent, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return keying_sentence(why, why_len,
				       "%s: a subordinate authority needs a directory of its own",
				       dir);
	ret = authority_open(&above, parent, why, why_len);
	if (!ret)
		ret = create(dir, &above, name, options, why, why_len);
	authority_close(&above);
	return ret;
}

static int exists(const struct authority *authority, const char *file)
{
	struct path path;
	struct stat status;

	if (path_of(authority, file, &path))
		return -1;
	if (!lstat(path.name, &status))
		return say(authority, file,
			   "exists and is not overwritten; ask for that if it is to be renewed");
	return 0;
}

static int issue(struct authority *authority, const char *identity,
		 const struct pki_options *options)
{
	char *why = authority->why;
	size_t why_len = authority->why_len;
	char certificate_file[NAME_MAX + 1], key_file[NAME_MAX + 1];
	bool replace = options && options->replace;
	X509 *certificate = NULL;
	EVP_PKEY *key;
	int ret = -1;

	if (file_of(identity, "pem", certificate_file, sizeof(certificate_file), why, why_len) ||
	    file_of(identity, "key", key_file, sizeof(key_file), why, why_len))
		return -1;
	if (!replace && (exists(authority, certificate_file) || exists(authority, key_file)))
		return -1;
	key = pki_make_key(options ? options->key_type : NULL, why, why_len);
	if (key)
		certificate = sign(authority, key, identity, false, options, why, why_len);
	/* Recorded first: what is lost after that can still be revoked. */
	if (certificate && !record(authority, certificate, identity) &&
	    !write_key(authority, key_file, key, replace))
		ret = write_certificate(authority, certificate_file, certificate,
					authority->above, replace);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return ret;
}

int pki_issue(const char *dir, const char *identity, const struct pki_options *options,
	      char *why, size_t why_len)
{
	struct authority authority;
	int ret = authority_open(&authority, dir, why, why_len);

	if (!ret)
		ret = issue(&authority, identity, options);
	authority_close(&authority);
	return ret;
}

/* Serial numbers compare as numbers: case and leading zeros do not count. */
static bool same_serial(const char *a, const char *b)
{
	a += strspn(a, "0");
	b += strspn(b, "0");
	return *a && !strcasecmp(a, b);
}

/* Marks what is to be revoked; the number of entries, and of those revoked before. */
static size_t mark(struct pki_index *index, const char *what, bool serial, time_t now,
		   size_t *before)
{
	struct pki_entry *entry;
	size_t i, found = 0;

	*before = 0;
	for (i = 0; i < index->n; i++) {
		entry = &index->entries[i];
		if (serial ? !same_serial(what, entry->serial) : strcmp(what, entry->identity))
			continue;
		found++;
		if (entry->revoked)
			(*before)++;
		else
			entry->revoked = now;
	}
	return found;
}

static int revoke_in(struct authority *authority, const char *what,
		     const struct pki_options *options)
{
	time_t now = now_of(options);
	size_t found, before;
	struct path path;
	long number;

	found = mark(&authority->index, what, false, now, &before);
	if (!found)
		found = mark(&authority->index, what, true, now, &before);
	if (!found)
		return keying_sentence(authority->why, authority->why_len,
				       "%s/index: no certificate with the identity or serial number %.64s was issued",
				       authority->dir, what);
	if (found == before)
		return keying_sentence(authority->why, authority->why_len,
				       "%s/index: %.64s was revoked already; to renew the CRL is another command",
				       authority->dir, what);
	/*
	 * The index first: if the CRL fails, a further CRL has the entry as well, while the
	 * other way round the next CRL would forget it.
	 */
	if (read_crl_number(authority, &number) || path_of(authority, "index", &path) ||
	    pki_index_write(path.name, &authority->index, true, authority->why,
			    authority->why_len))
		return -1;
	return write_crl(authority, options, number + 1, true);
}

int pki_revoke(const char *dir, const char *what, const struct pki_options *options,
	       char *why, size_t why_len)
{
	struct authority authority;
	int ret = authority_open(&authority, dir, why, why_len);

	if (!ret)
		ret = revoke_in(&authority, what, options);
	authority_close(&authority);
	return ret;
}

int pki_crl(const char *dir, const struct pki_options *options, char *why, size_t why_len)
{
	struct authority authority;
	long number;
	int ret = authority_open(&authority, dir, why, why_len);

	if (!ret)
		ret = read_crl_number(&authority, &number);
	if (!ret)
		ret = write_crl(&authority, options, number + 1, true);
	authority_close(&authority);
	return ret;
}

int pki_list(const char *dir, bool (*each)(void *context, const struct pki_entry *entry),
	     void *context, char *why, size_t why_len)
{
	struct pki_index index;
	char path[PATH_MAX];
	size_t i;

	if (snprintf(path, sizeof(path), "%s/index", dir) >= (int)sizeof(path))
		return keying_sentence(why, why_len, "%s: the name is too long", dir);
	/* Without the lock: the index is replaced in one go, so it is whole at any time. */
	if (pki_index_read(path, &index, why, why_len))
		return -1;
	for (i = 0; i < index.n; i++)
		if (!each(context, &index.entries[i]))
			break;
	pki_index_free(&index);
	return 0;
}
