// SPDX-License-Identifier: MIT
/*
 * The store: sealed, taken whole or not at all, and there after whatever happened while it was
 * written; where its key comes from; what becomes of a file that cannot be used.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <keyutils.h>
#include <openssl/crypto.h>

#include "daemon/keeper.h"
#include "daemon/store.h"
#include "keying/store_key.h"

static char folder[64], path[96], why[512];
static struct store_place place;

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/prose-store-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/prose0.store", folder);
	place = (struct store_place){ .path = path, .device = "prose0",
				      .identity = "urn:prose:ue1" };
	memset(place.key.octets, 7, sizeof(place.key.octets));
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static struct ue_idle peer(unsigned int i)
{
	struct ue_idle idle = {
		.l2_id = 0x0a0b00 + i, .n_local_ids = i % (UE_LOCAL_IDS_MAX + 1),
		.has_remote_id = i & 1, .remote_id_sent = i & 2, .kd_id = 0xffff0000 + i,
		.kd_made = 1795867200 - (int64_t)i, .kd_packets = 1000000ull * i,
		.kd_octets = UINT64_MAX - i, .method = "certificate",
		.evidence_len = i * 37 % (KEYING_EVIDENCE_MAX + 1),
	};

	snprintf(idle.identity, sizeof(idle.identity), "urn:prose:peer-%u", i);
	snprintf(idle.detail, sizeof(idle.detail), "TLSv1.3, %u", i);
	memset(idle.local_ids, (int)i, idle.n_local_ids * UE_CONNECTION_ID_LEN);
	if (idle.has_remote_id)
		memset(idle.remote_id, (int)~i, sizeof(idle.remote_id));
	for (size_t j = 0; j < sizeof(idle.kd); j++)
		idle.kd[j] = (uint8_t)(i * 31 + j * 7 + 1);
	memset(idle.evidence, (int)i, idle.evidence_len);
	for (idle.expressions.n = 0; idle.expressions.n < i % 5; idle.expressions.n++)
		snprintf(idle.expressions.name[idle.expressions.n], sizeof(idle.expressions.name[0]),
			 "service %u of %zu", i, idle.expressions.n);
	return idle;
}

static struct store_peers peers_of(unsigned int first, unsigned int n)
{
	struct store_peers peers = { 0 };

	for (unsigned int i = first; i < first + n; i++) {
		struct ue_idle idle = peer(i);

		assert_true(store_peers_add(&peers, &idle));
	}
	return peers;
}

static bool equal(const struct store_peers *a, const struct store_peers *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->list, b->list, a->n * sizeof(a->list[0])));
}

static void save(const struct store_peers *peers)
{
	if (store_save(&place, peers, why, sizeof(why)))
		fail_msg("%s", why);
}

static void loads(const struct store_peers *expected)
{
	struct store_peers peers;

	why[0] = 0;
	if (store_load(&place, &peers, why, sizeof(why)) != 1)
		fail_msg("not loaded: %s", why);
	assert_true(equal(&peers, expected));
	store_peers_free(&peers);
}

/* Refused, with the file's name and this in the sentence. */
static void refused(const char *says)
{
	struct store_peers peers;

	why[0] = 0;
	assert_int_equal(store_load(&place, &peers, why, sizeof(why)), -1);
	if (strncmp(why, place.path, strlen(place.path)) || !strstr(why, says))
		fail_msg("'%s' has no '%s'", why, says);
	assert_null(peers.list);
}

static size_t slurp(uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len;

	assert_non_null(file);
	len = fread(data, 1, size, file);
	fclose(file);
	return len;
}

static void spill(const char *name, const void *data, size_t len, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void round_trip(void **state)
{
	static const unsigned int numbers[] = { 0, 1, 2, 17, 300 };
	struct store_peers none;

	(void)state;
	assert_int_equal(store_load(&place, &none, why, sizeof(why)), 0);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct store_peers peers = peers_of(1, numbers[i]);
		struct stat st;

		save(&peers);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		loads(&peers);
		store_peers_free(&peers);
	}
}

/* The longest of everything. */
static void round_trip_full(void **state)
{
	struct store_peers peers = { 0 };
	struct ue_idle idle = peer(3);

	(void)state;
	memset(idle.identity, 'i', sizeof(idle.identity) - 1);
	memset(idle.method, 'm', sizeof(idle.method) - 1);
	memset(idle.detail, 'd', sizeof(idle.detail) - 1);
	idle.n_local_ids = UE_LOCAL_IDS_MAX;
	idle.evidence_len = KEYING_EVIDENCE_MAX;
	memset(idle.evidence, 0xff, sizeof(idle.evidence));
	idle.expressions.n = PROSE_EXPRESSIONS_MAX;
	for (size_t i = 0; i < PROSE_EXPRESSIONS_MAX; i++)
		memset(idle.expressions.name[i], 'x', PROSE_EXPRESSION_MAX);
	idle.kd_made = -1;
	idle.l2_id = 0xffffff;
	for (int i = 0; i < 40; i++)
		assert_true(store_peers_add(&peers, &idle));
	save(&peers);
	loads(&peers);
	store_peers_free(&peers);
}

/* Nothing that is sealed can be read, and no two files are alike. */
static void sealed(void **state)
{
	struct store_peers peers = peers_of(1, 3);
	uint8_t first[4096], second[4096];
	size_t len;

	(void)state;
	save(&peers);
	len = slurp(first, sizeof(first));
	for (size_t i = 0; i < peers.n; i++) {
		assert_null(memmem(first, len, peers.list[i].kd, 8));
		assert_null(memmem(first, len, peers.list[i].identity, 14));
	}
	save(&peers);
	assert_int_equal(slurp(second, sizeof(second)), len);
	assert_memory_not_equal(first + 20, second + 20, SEALING_NONCE_LEN);
	/* the same key stream over the same text would be seen */
	assert_memory_not_equal(first + 60, second + 60, 32);
	store_peers_free(&peers);
}

static void every_truncation(void **state)
{
	struct store_peers peers = peers_of(1, 2);
	uint8_t data[4096];
	size_t len;

	(void)state;
	save(&peers);
	store_peers_free(&peers);
	len = slurp(data, sizeof(data));
	for (size_t cut = 0; cut < len; cut++) {
		spill(path, data, cut, 0600);
		refused("");
	}
	data[len] = 0;
	spill(path, data, len + 1, 0600);
	refused("damaged");
}

static void every_octet(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct store_peers peers = peers_of(1, 2);
	uint8_t data[4096];
	size_t len;

	(void)state;
	save(&peers);
	store_peers_free(&peers);
	len = slurp(data, sizeof(data));
	for (size_t i = 0; i < len; i++)
		for (size_t f = 0; f < sizeof(flips); f++) {
			data[i] ^= flips[f];
			spill(path, data, len, 0600);
			refused("");
			data[i] ^= flips[f];
		}
	spill(path, data, len, 0600);
	peers = peers_of(1, 2);
	loads(&peers);
	store_peers_free(&peers);
}

/* Each with a sentence of its own, since each has a cure of its own. */
static void not_this_one(void **state)
{
	struct store_peers peers = peers_of(1, 2);
	uint8_t data[4096];
	size_t len;

	(void)state;
	save(&peers);
	place.key.octets[31] ^= 1;
	refused("another key");
	place.key.octets[31] ^= 1;
	place.device = "prose1";
	refused("belongs to another UE (device prose0, urn:prose:ue1)");
	place.device = "prose0";
	place.identity = "urn:prose:ue3";
	refused("belongs to another UE");
	place.identity = "urn:prose:ue1";
	len = slurp(data, sizeof(data));
	data[9] = 2;
	spill(path, data, len, 0600);
	refused("version 2, and this prosed knows version 1");
	spill(path, "{}", 2, 0600);
	refused("no store of prosed");
	store_peers_free(&peers);
}

static void others_could_have_written(void **state)
{
	static const mode_t modes[] = { 0640, 0620, 0604, 0602, 0666, 0610 };
	struct store_peers peers = peers_of(1, 1);
	char elsewhere[128];

	(void)state;
	save(&peers);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		refused("others could have");
	}
	assert_int_equal(chmod(path, 0600), 0);
	loads(&peers);
	if (!geteuid()) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		refused("others could have");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", folder);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	refused("symbolic link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("others could have");
	store_peers_free(&peers);
}

/* The old one is there when the new one cannot be written, and nothing else is. */
static void old_one_survives(void **state)
{
	struct store_peers old = peers_of(1, 2), new = peers_of(5, 40);
	struct rlimit limit, small = { 100, RLIM_INFINITY };
	char beside[128], inside[160];

	(void)state;
	snprintf(beside, sizeof(beside), "%s.new", path);
	save(&old);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(store_save(&place, &new, why, sizeof(why)), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_non_null(strstr(why, "cannot be written: File too large"));
	assert_int_equal(access(beside, F_OK), -1);
	loads(&old);
	/* a folder in the way */
	snprintf(inside, sizeof(inside), "%s/x", beside);
	assert_int_equal(mkdir(beside, 0700), 0);
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(store_save(&place, &new, why, sizeof(why)), -1);
	loads(&old);
	assert_int_equal(rmdir(inside), 0);
	assert_int_equal(rmdir(beside), 0);
	save(&new);
	loads(&new);
	/* nobody follows a link that somebody put there */
	snprintf(inside, sizeof(inside), "%s/victim", folder);
	spill(inside, "mine", 4, 0600);
	assert_int_equal(symlink(inside, beside), 0);
	save(&old);
	loads(&old);
	spill(path, "mine", 4, 0600);
	store_peers_free(&old);
	store_peers_free(&new);
}

/*
 * A power cut at each step: the process that saves is stopped at each system call, before and
 * behind it, and killed there.
 */
struct steps {
	long calls[512];
	size_t n;
};

/* Saves in a process of its own that dies at the @fatal-th stop. False when it lived. */
static bool die_at(const struct store_peers *peers, unsigned int fatal, struct steps *steps)
{
	struct __ptrace_syscall_info info;
	unsigned int stops = 0;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		char reason[512];

		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
			_exit(77);
		_exit(store_save(&place, peers, reason, sizeof(reason)) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status)) {
		print_message("processes cannot be traced here\n");
		skip();
	}
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return false;
		}
		assert_true(WIFSTOPPED(status));
		if (steps && ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY && steps->n < 512)
			steps->calls[steps->n++] = (long)info.entry.nr;
		if (++stops == fatal) {
			kill(child, SIGKILL);
			assert_int_equal(waitpid(child, &status, 0), child);
			return true;
		}
	}
}

static bool is_rename(long call)
{
	return call == SYS_renameat2 || call == SYS_renameat
#ifdef SYS_rename
		|| call == SYS_rename
#endif
		;
}

/* What is renamed is on the disk before, and the name after: the order a power cut needs. */
static void synced_in_order(const struct steps *steps)
{
	int wrote = 0, synced = 0, renamed = 0, named = 0;

	for (size_t i = 0; i < steps->n; i++) {
		long call = steps->calls[i];

		if (call == SYS_write && !renamed)
			wrote++;
		synced += call == SYS_fsync && wrote && !renamed;
		if (is_rename(call)) {
			assert_true(synced);
			renamed++;
		}
		named += call == SYS_fsync && renamed;
	}
	assert_true(wrote && synced && renamed && named);
}

static void power_cut(void **state)
{
	struct store_peers old = peers_of(1, 3), new = peers_of(8, 5);
	unsigned int cuts = 0, was_old = 0, was_new = 0;
	struct steps steps = { .n = 0 };
	bool died;

	(void)state;
	save(&old);
	assert_false(die_at(&new, 0, &steps));
	loads(&new);
	synced_in_order(&steps);
	do {
		struct store_peers found;

		save(&old);
		died = die_at(&new, cuts + 1, NULL);
		cuts += died;
		if (store_load(&place, &found, why, sizeof(why)) != 1)
			fail_msg("after stop %u: %s", cuts, why);
		assert_true(equal(&found, &old) || equal(&found, &new));
		was_old += equal(&found, &old);
		was_new += equal(&found, &new);
		store_peers_free(&found);
	} while (died);
	print_message("killed at %u steps: %u times the old store, %u times the new one\n", cuts,
		      was_old, was_new);
	assert_true(cuts >= 2 * 7 && was_old && was_new > 1);
	store_peers_free(&old);
	store_peers_free(&new);
}

/* An earlier one that was set aside is not lost to a later one. */
static void set_aside(void **state)
{
	char aside[128], expected[128], text[8];
	FILE *file;

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "%d", i);
		spill(path, text, 1, 0600);
		assert_int_equal(store_set_aside(path, aside, sizeof(aside)), 0);
		if (i)
			snprintf(expected, sizeof(expected), "%s.bad.%d", path, i);
		else
			snprintf(expected, sizeof(expected), "%s.bad", path);
		assert_string_equal(aside, expected);
		assert_int_equal(access(path, F_OK), -1);
		file = fopen(aside, "re");
		assert_non_null(file);
		assert_int_equal(fgetc(file), '0' + i);
		fclose(file);
	}
	spill(path, "x", 1, 0600);
	assert_int_equal(store_set_aside(path, aside, sizeof(aside)), -1);
	assert_int_equal(access(path, F_OK), 0);
}

/* What is sealed as it should be is still not believed to be well formed. */
static void codec_bounds(void **state)
{
	struct store_peers peers = peers_of(1, 3), again;
	uint8_t *data, *copy;
	size_t len;

	(void)state;
	data = store_encode(&peers, &len);
	assert_non_null(data);
	for (size_t cut = 0; cut < len; cut++) {
		/* an allocation of its own, so that every overread is seen */
		copy = malloc(cut ? cut : 1);
		memcpy(copy, data, cut);
		assert_int_equal(store_decode(copy, cut, &again), -1);
		assert_null(again.list);
		free(copy);
	}
	copy = malloc(len + 1);
	memcpy(copy, data, len);
	copy[len] = 0;
	assert_int_equal(store_decode(copy, len + 1, &again), -1);
	for (size_t i = 0; i < len; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			copy[i] ^= (uint8_t)(1 << bit);
			/* another store, or none: never out of bounds */
			if (!store_decode(copy, len, &again)) {
				for (size_t j = 0; j < again.n; j++) {
					const struct ue_idle *idle = &again.list[j];

					assert_true(idle->n_local_ids <= UE_LOCAL_IDS_MAX);
					assert_true(idle->evidence_len <= KEYING_EVIDENCE_MAX);
					assert_non_null(memchr(idle->identity, 0,
							       sizeof(idle->identity)));
				}
				store_peers_free(&again);
			}
			copy[i] ^= (uint8_t)(1 << bit);
		}
	free(copy);
	/* more expressions than there can be: the last peer's are 3 of 14 octets */
	assert_int_equal(data[len - 3 * 16 - 1], 3);
	data[len - 3 * 16 - 1] = PROSE_EXPRESSIONS_MAX + 1;
	assert_int_equal(store_decode(data, len, &again), -1);
	data[len - 3 * 16 - 1] = 3;
	assert_int_equal(store_decode(data, len, &again), 0);
	store_peers_free(&again);
	OPENSSL_clear_free(data, len);
	store_peers_free(&peers);
}

static void seal_inputs(void **state)
{
	static const uint8_t plain[] = "what is sealed", header[] = "what is not";
	uint8_t nonce[SEALING_NONCE_LEN] = { 1 }, out[sizeof(plain) + SEALING_TAG_LEN];
	uint8_t back[sizeof(plain)];
	struct sealing_key key = { { 3 } };

	(void)state;
	assert_int_equal(sealing_seal(&key, nonce, header, sizeof(header), plain, sizeof(plain),
				      out), 0);
	assert_int_equal(sealing_open(&key, nonce, header, sizeof(header), out, sizeof(out), back),
			 0);
	assert_memory_equal(back, plain, sizeof(plain));
	assert_int_equal(sealing_open(&key, nonce, header, sizeof(header) - 1, out, sizeof(out),
				      back), -1);
	nonce[0]++;
	assert_int_equal(sealing_open(&key, nonce, header, sizeof(header), out, sizeof(out), back),
			 -1);
	nonce[0]--;
	key.octets[5] ^= 4;
	assert_int_equal(sealing_open(&key, nonce, header, sizeof(header), out, sizeof(out), back),
			 -1);
	assert_int_equal(sealing_open(&key, nonce, header, sizeof(header), out, SEALING_TAG_LEN - 1,
				      back), -1);
}

static void no_key(const char *from, const char *says)
{
	struct sealing_key key;
	bool made;

	why[0] = 0;
	assert_int_equal(store_key_load(from, &key, &made, why, sizeof(why)), -1);
	if (!strstr(why, says))
		fail_msg("'%s' has no '%s'", why, says);
}

static void key_is(const char *from, uint8_t octet)
{
	struct sealing_key key;
	bool made;

	if (store_key_load(from, &key, &made, why, sizeof(why)))
		fail_msg("%s", why);
	assert_false(made);
	for (size_t i = 0; i < sizeof(key.octets); i++)
		assert_int_equal(key.octets[i], octet);
}

static void key_from_file(void **state)
{
	char name[128], hex[66], deeper[160];
	struct sealing_key key, again;
	uint8_t raw[33];
	struct stat st;
	bool made;

	(void)state;
	snprintf(name, sizeof(name), "%s/new/key", folder);
	assert_int_equal(store_key_load(name, &key, &made, why, sizeof(why)), 0);
	assert_true(made);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 32);
	assert_int_equal(store_key_load(name, &again, &made, why, sizeof(why)), 0);
	assert_false(made);
	assert_memory_equal(&key, &again, sizeof(key));
	assert_int_equal(chmod(name, 0640), 0);
	no_key(name, "others may use it");
	memset(raw, 0xa5, sizeof(raw));
	spill(name, raw, 32, 0600);
	key_is(name, 0xa5);
	spill(name, raw, 33, 0600);
	no_key(name, "is no key");
	spill(name, raw, 31, 0600);
	no_key(name, "is no key");
	for (size_t i = 0; i < 64; i++)
		hex[i] = i & 1 ? 'B' : 'c';
	hex[64] = '\n';
	spill(name, hex, 65, 0600);
	key_is(name, 0xcb);
	spill(name, hex, 64, 0600);
	key_is(name, 0xcb);
	hex[5] = 'g';
	spill(name, hex, 64, 0600);
	no_key(name, "is no key");
	spill(name, "", 0, 0600);
	no_key(name, "is no key");
	snprintf(deeper, sizeof(deeper), "%s/a/b/key", folder);
	no_key(deeper, "No such file");
}

static void key_from_credential(void **state)
{
	char name[128];
	uint8_t raw[32];

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	no_key("credential:seal", "LoadCredential=seal:FILE");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	no_key("credential:seal", "No such file");
	snprintf(name, sizeof(name), "%s/seal", folder);
	assert_int_equal(access(name, F_OK), -1);	/* never made */
	memset(raw, 0x11, sizeof(raw));
	spill(name, raw, sizeof(raw), 0400);
	key_is("credential:seal", 0x11);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_non_null(store_key_fault("credential:"));
	assert_non_null(store_key_fault("credential:../x"));
	assert_non_null(store_key_fault("keyring:"));
	assert_null(store_key_fault("keyring:prose store"));
	assert_null(store_key_fault("/var/lib/prose/store.key"));
}

static void key_from_keyring(void **state)
{
	char description[64], from[96];
	uint8_t raw[32];
	key_serial_t id;

	(void)state;
	snprintf(description, sizeof(description), "prose-test-%d", (int)getpid());
	snprintf(from, sizeof(from), "keyring:%s", description);
	memset(raw, 0x22, sizeof(raw));
	id = keyctl_join_session_keyring(NULL) < 0 ? -1 :
	     add_key("user", description, raw, sizeof(raw), KEY_SPEC_SESSION_KEYRING);
	if (id < 0) {
		print_message("no keyring here: %s\n", strerror(errno));
		skip();
	}
	key_is(from, 0x22);
	assert_true(keyctl_update(id, raw, 31) >= 0);
	no_key(from, "is no key");
	assert_true(keyctl_unlink(id, KEY_SPEC_SESSION_KEYRING) >= 0);
	no_key(from, "there is no such key");
	id = add_key("user", description, raw, sizeof(raw), KEY_SPEC_USER_KEYRING);
	assert_true(id >= 0);
	/* not in the session of a service, and found all the same */
	key_is(from, 0x22);
	keyctl_unlink(id, KEY_SPEC_USER_KEYRING);
}

static struct keeper *keeper(struct config *config, struct store_peers *before)
{
	return keeper_open(config, "urn:prose:ue1", before);
}

/* A UE with nothing in it, so that what is written can be told from what was there. */
static void fill(void *context, uint8_t *out, size_t len)
{
	(void)context;
	memset(out, 1, len);
}

static int64_t clock_at(void *context)
{
	(void)context;
	return 1795867200;
}

static struct ue *empty_ue(void)
{
	static const struct keying_method method = { .id = 1, .name = "certificate" };
	struct ue_config config = { .l2_id = 1, .identity = "urn:prose:ue1", .random = fill,
				    .wall_clock = clock_at, .methods = { &method },
				    .n_methods = 1 };
	struct ue *ue;

	ue_config_defaults(&config);
	ue = ue_new(&config, why, sizeof(why));
	assert_non_null(ue);
	return ue;
}

static size_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) ? 0 : (size_t)st.st_size;
}

/* Opened, written, opened again; and never over what could not be used. */
static void keepers(void **state)
{
	char key[128], bad[192], in[160];
	struct config config = { .device = "prose0", .store = in, .store_key = key };
	struct store_peers before, peers = peers_of(1, 1);
	struct keeper *one;
	struct ue *ue = empty_ue();
	uint8_t raw[32];

	(void)state;
	snprintf(key, sizeof(key), "%s/key", folder);
	snprintf(in, sizeof(in), "%s/sub/prose0.store", folder);
	one = keeper(&config, &before);
	assert_non_null(one);
	assert_int_equal(before.n, 0);
	assert_int_equal(ue_restore(ue, 1000, &peers.list[0], why, sizeof(why)), 0);
	assert_int_equal(keeper_save(one, "urn:prose:ue1", ue, why, sizeof(why)), 0);
	keeper_close(one);
	one = keeper(&config, &before);
	assert_non_null(one);
	assert_true(equal(&before, &peers));
	store_peers_free(&before);
	keeper_close(one);
	/* another key: set aside, and begun anew */
	memset(raw, 9, sizeof(raw));
	spill(key, raw, sizeof(raw), 0600);
	snprintf(bad, sizeof(bad), "%s.bad", in);
	one = keeper(&config, &before);
	assert_non_null(one);
	assert_int_equal(before.n, 0);
	assert_true(size_of(bad) && !size_of(in));
	assert_int_equal(keeper_save(one, "urn:prose:ue1", ue, why, sizeof(why)), 0);
	keeper_close(one);
	/* no key: nothing is read or written, and the file stays what it is */
	spill(key, raw, 5, 0600);
	spill(in, "precious", 8, 0600);
	assert_null(keeper(&config, &before));
	assert_int_equal(size_of(in), 8);
	/* no room to set it aside: the same */
	spill(key, raw, sizeof(raw), 0600);
	for (int i = 1; i < 10; i++) {
		char name[224];

		snprintf(name, sizeof(name), "%s.%d", bad, i);
		spill(name, "x", 1, 0600);
	}
	assert_null(keeper(&config, &before));
	assert_int_equal(size_of(in), 8);
	/* off */
	config.store = NULL;
	assert_null(keeper(&config, &before));
	store_peers_free(&peers);
	ue_free(ue);
}

int main(void)
{
#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(round_trip),
		EACH(round_trip_full),
		EACH(sealed),
		EACH(every_truncation),
		EACH(every_octet),
		EACH(not_this_one),
		EACH(others_could_have_written),
		EACH(old_one_survives),
		EACH(power_cut),
		EACH(set_aside),
		EACH(codec_bounds),
		EACH(seal_inputs),
		EACH(key_from_file),
		EACH(key_from_credential),
		EACH(key_from_keyring),
		EACH(keepers),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
