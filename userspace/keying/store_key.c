// SPDX-License-Identifier: MIT
#include "store_key.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <keyutils.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "file.h"

#define KEYRING		"keyring:"
#define CREDENTIAL	"credential:"

/* What stands behind the prefix, NULL when there is another. */
static const char *behind(const char *from, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(from, prefix, len) ? NULL : from + len;
}

bool store_key_is_file(const char *from)
{
	return !behind(from, KEYRING) && !behind(from, CREDENTIAL);
}

const char *store_key_fault(const char *from)
{
	const char *name = behind(from, KEYRING);

	if (name)
		return *name ? NULL : "names no key behind keyring:";
	name = behind(from, CREDENTIAL);
	if (name)
		return *name && !strchr(name, '/') ? NULL :
			"names no credential behind credential:";
	return NULL;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 32 octets are the key itself, whatever they look like; 64 digits may end with their line. */
static bool take(const char *data, size_t len, struct sealing_key *key)
{
	if (len == SEALING_KEY_LEN) {
		memcpy(key->octets, data, SEALING_KEY_LEN);
		return true;
	}
	if (len == 2 * SEALING_KEY_LEN + 1 && data[len - 1] == '\n')
		len--;
	if (len != 2 * SEALING_KEY_LEN)
		return false;
	for (size_t i = 0; i < SEALING_KEY_LEN; i++) {
		int high = digit(data[2 * i]), low = digit(data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key->octets[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int from_file(const char *path, struct sealing_key *key, char *why, size_t why_len)
{
	struct keying_file file;
	bool taken;

	if (keying_file_read(path, true, &file, why, why_len))
		return -1;
	taken = take(file.data, file.len, key);
	if (!taken)
		snprintf(why, why_len, "%s: is no key: 32 octets are wanted, or 64 hexadecimal digits",
			 path);
	keying_file_free(&file);
	return taken ? 0 : -1;
}

static int make_file(const char *path, char *why, size_t why_len)
{
	struct sealing_key key;
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int rc;

	if (slash && slash != path) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (mkdir(folder, 0700) && errno != EEXIST) {
			snprintf(why, why_len, "%s: %s", folder, strerror(errno));
			return -1;
		}
	}
	if (RAND_priv_bytes(key.octets, sizeof(key.octets)) != 1) {
		snprintf(why, why_len, "%s: no key can be made, OpenSSL has no randomness", path);
		return -1;
	}
	rc = keying_file_write(path, key.octets, sizeof(key.octets), 0600, false, why, why_len);
	OPENSSL_cleanse(&key, sizeof(key));
	return rc;
}

/*
 * The user's keyring and the persistent one outlive logins, not reboots: whoever unlocks the
 * machine puts the key there again. A service of systemd has a session of its own and does not
 * possess what is in them; linked to the process's keyring, it does, and may read.
 */
static key_serial_t find(const char *description)
{
	long id = keyctl_search(KEY_SPEC_SESSION_KEYRING, "user", description, 0), user, persistent;

	if (id >= 0)
		return (key_serial_t)id;
	user = keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
	persistent = keyctl_get_persistent((uid_t)-1, KEY_SPEC_PROCESS_KEYRING);
	if (user < 0 && persistent < 0)
		return -1;
	return (key_serial_t)keyctl_search(KEY_SPEC_PROCESS_KEYRING, "user", description, 0);
}

static int from_keyring(const char *description, struct sealing_key *key, char *why,
			size_t why_len)
{
	key_serial_t id = find(description);
	void *data = NULL;
	bool taken;
	int len;

	if (id < 0) {
		snprintf(why, why_len,
			 "keyring:%s: there is no such key of type user in the session, user or "
			 "persistent keyring; put it there: head -c 32 /dev/urandom | keyctl padd "
			 "user %s @u", description, description);
		return -1;
	}
	len = keyctl_read_alloc(id, &data);
	if (len < 0) {
		snprintf(why, why_len, "keyring:%s: cannot be read: %s", description,
			 strerror(errno));
		return -1;
	}
	taken = take(data, (size_t)len, key);
	OPENSSL_cleanse(data, (size_t)len);
	free(data);
	if (!taken)
		snprintf(why, why_len, "keyring:%s: is no key: 32 octets are wanted, or 64 "
			 "hexadecimal digits", description);
	return taken ? 0 : -1;
}

static int from_credential(const char *name, struct sealing_key *key, char *why, size_t why_len)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	if (!folder || (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path)) {
		snprintf(why, why_len,
			 "credential:%s: systemd gave no credentials; write LoadCredential=%s:FILE or "
			 "LoadCredentialEncrypted= into the unit", name, name);
		return -1;
	}
	return from_file(path, key, why, why_len);
}

int store_key_read(const char *from, struct sealing_key *key, char *why, size_t why_len)
{
	const char *name = behind(from, KEYRING);

	if (name)
		return from_keyring(name, key, why, why_len);
	name = behind(from, CREDENTIAL);
	if (name)
		return from_credential(name, key, why, why_len);
	return from_file(from, key, why, why_len);
}

int store_key_load(const char *from, struct sealing_key *key, bool *made, char *why,
		   size_t why_len)
{
	*made = false;
	if (store_key_is_file(from) && access(from, F_OK) && errno == ENOENT) {
		if (make_file(from, why, why_len))
			return -1;
		*made = true;
	}
	return store_key_read(from, key, why, why_len);
}
