// SPDX-License-Identifier: MIT
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "text.h"

#define MAGIC		"PROSEIDL"
#define MAGIC_LEN	8
#define VERSION		1u
#define HEADER_FIXED	32
#define HEADER_MAX	(HEADER_FIXED + 2 * (1 + 255))
#define SIZE_MAX_FILE	(64u << 20)

/* Offsets in the header. */
enum {
	AT_VERSION	= 8,
	AT_LENGTH	= 10,
	AT_KEY_ID	= 12,
	AT_NONCE	= 20,
	AT_NAMES	= HEADER_FIXED,
};

static unsigned int get_u16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static void put_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Device and identity, as the header has them; returns octets. */
static size_t put_names(const struct store_place *place, uint8_t *at)
{
	const char *names[] = { place->device, place->identity };
	size_t len = 0;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strnlen(names[i], 255);

		at[len++] = (uint8_t)n;
		memcpy(at + len, names[i], n);
		len += n;
	}
	return len;
}

/* The first of the names a foreign header has, for a sentence. */
static void foreign(const uint8_t *names, size_t len, char *text, size_t text_len)
{
	size_t device = len ? names[0] : 0, identity;

	*text = 0;
	if (len < device + 2)
		return;
	identity = names[1 + device];
	if (len < device + 2 + identity)
		return;
	snprintf(text, text_len, " (device %.*s, %.*s)", (int)device, (const char *)names + 1,
		 (int)identity, (const char *)names + 2 + device);
	text_harmless(text);
}

static int refuse(const struct store_place *place, char *why, size_t why_len, const char *reason)
{
	snprintf(why, why_len, "%s: %s", place->path, reason);
	return -1;
}

static int open_sealed(const struct store_place *place, const uint8_t *data, size_t len,
		       struct store_peers *peers, char *why, size_t why_len)
{
	uint8_t names[HEADER_MAX], id[SEALING_KEY_ID_LEN], *plain;
	char reason[256], whose[128];
	size_t header, names_len;
	int rc;

	if (len < HEADER_FIXED || memcmp(data, MAGIC, MAGIC_LEN))
		return refuse(place, why, why_len, "is no store of prosed, or is cut off");
	if (get_u16(data + AT_VERSION) != VERSION) {
		snprintf(reason, sizeof(reason), "is of version %u, and this prosed knows version %u; "
			 "the prosed that wrote it reads it", get_u16(data + AT_VERSION), VERSION);
		return refuse(place, why, why_len, reason);
	}
	header = get_u16(data + AT_LENGTH);
	if (header < HEADER_FIXED || header > len || len - header < SEALING_TAG_LEN)
		return refuse(place, why, why_len, "is damaged, or is cut off");
	if (sealing_key_id(&place->key, id))
		return refuse(place, why, why_len, "cannot be opened: OpenSSL failed");
	if (memcmp(id, data + AT_KEY_ID, sizeof(id)))
		return refuse(place, why, why_len, "is sealed under another key than that of "
			      "store-key; bring that key back to use it");
	names_len = put_names(place, names);
	if (header - AT_NAMES != names_len || memcmp(data + AT_NAMES, names, names_len)) {
		foreign(data + AT_NAMES, header - AT_NAMES, whose, sizeof(whose));
		snprintf(reason, sizeof(reason), "belongs to another UE%s; name another file with "
			 "store =", whose);
		return refuse(place, why, why_len, reason);
	}
	plain = OPENSSL_malloc(len);
	if (!plain)
		return refuse(place, why, why_len, "out of memory");
	rc = sealing_open(&place->key, data + AT_NONCE, data, header, data + header, len - header,
			  plain);
	if (rc)
		refuse(place, why, why_len, "is damaged: its seal is broken");
	else if (store_decode(plain, len - header - SEALING_TAG_LEN, peers))
		rc = refuse(place, why, why_len, "is sealed as it should be, but not of this version's "
			    "form");
	OPENSSL_clear_free(plain, len);
	return rc ? -1 : 1;
}

static int read_all(int fd, uint8_t *data, size_t size, size_t *len)
{
	ssize_t got;

	for (*len = 0; *len < size; *len += (size_t)got) {
		got = read(fd, data + *len, size - *len);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			return -1;
		else if (!got)
			break;
	}
	return 0;
}

int store_load(const struct store_place *place, struct store_peers *peers, char *why,
	       size_t why_len)
{
	uint8_t *data = NULL;
	struct stat st;
	size_t len;
	int fd, rc;

	*peers = (struct store_peers){ 0 };
	fd = open(place->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		return refuse(place, why, why_len, errno == ELOOP ? "is a symbolic link" :
			      strerror(errno));
	}
	if (fstat(fd, &st))
		rc = refuse(place, why, why_len, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		rc = refuse(place, why, why_len, "is not used: others could have read or written it; "
			    "only prosed's user may have rights to it (mode 0600)");
	else if (st.st_size > (off_t)SIZE_MAX_FILE)
		rc = refuse(place, why, why_len, "is larger than any store");
	else if (!(data = malloc((size_t)st.st_size + 1)))
		rc = refuse(place, why, why_len, "out of memory");
	else if (read_all(fd, data, (size_t)st.st_size, &len))
		rc = refuse(place, why, why_len, strerror(errno));
	else
		rc = open_sealed(place, data, len, peers, why, why_len);
	close(fd);
	free(data);
	return rc;
}

/* The whole file; NULL when out of memory, or OpenSSL fails. */
static uint8_t *seal(const struct store_place *place, const struct store_peers *peers, size_t *len)
{
	size_t plain_len = 0, header;
	uint8_t *plain, *file;
	bool ok;

	plain = store_encode(peers, &plain_len);
	if (!plain)
		return NULL;
	file = malloc(HEADER_MAX + plain_len + SEALING_TAG_LEN);
	if (file) {
		memcpy(file, MAGIC, MAGIC_LEN);
		put_u16(file + AT_VERSION, VERSION);
		header = AT_NAMES + put_names(place, file + AT_NAMES);
		put_u16(file + AT_LENGTH, header);
		*len = header + plain_len + SEALING_TAG_LEN;
		ok = !sealing_key_id(&place->key, file + AT_KEY_ID) &&
		     RAND_bytes(file + AT_NONCE, SEALING_NONCE_LEN) == 1 &&
		     !sealing_seal(&place->key, file + AT_NONCE, file, header, plain, plain_len,
				   file + header);
		if (!ok) {
			free(file);
			file = NULL;
		}
	}
	OPENSSL_clear_free(plain, plain_len);
	return file;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

int store_save(const struct store_place *place, const struct store_peers *peers, char *why,
	       size_t why_len)
{
	char *beside = NULL, *folder = NULL;
	int fd = -1, dir = -1, rc = -1;
	uint8_t *file;
	size_t len;

	file = seal(place, peers, &len);
	if (!file) {
		errno = ENOMEM;
		goto out;
	}
	/* One name, not a new one each time: after a crash there is one leftover at most. */
	if (asprintf(&beside, "%s.new", place->path) < 0) {
		beside = NULL;
		goto out;
	}
	folder = strdup(place->path);
	if (!folder)
		goto out;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || dir < 0 || write_all(fd, file, len) || fsync(fd) ||
	    rename(beside, place->path))
		goto out;
	/* A file system that cannot sync a folder has kept the name all the same. */
	if (fsync(dir) && errno != EINVAL && errno != ENOTSUP)
		goto out;
	rc = 0;
out:
	if (rc) {
		snprintf(why, why_len, "%s cannot be written: %s; peers that connect now have to "
			 "authenticate again after a restart", place->path, strerror(errno));
		if (fd >= 0)
			unlink(beside);
	}
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	free(folder);
	free(beside);
	free(file);
	return rc;
}

int store_set_aside(const char *path, char *aside, size_t aside_len)
{
	for (int i = 0; i < 10; i++) {
		if (i)
			snprintf(aside, aside_len, "%s.bad.%d", path, i);
		else
			snprintf(aside, aside_len, "%s.bad", path);
		/* an earlier one is not overwritten; link() is exclusive on every file system */
		if (!link(path, aside))
			return unlink(path);
		if (errno == EEXIST)
			continue;
		/* no hard links here */
		if (access(aside, F_OK) && errno == ENOENT)
			return rename(path, aside);
	}
	errno = EEXIST;
	return -1;
}
