// SPDX-License-Identifier: MIT
/*
 * The algorithms of the kernel modules, asked for through AF_ALG as any program may: against
 * the published vectors, in pieces of every kind, and each driver against the others.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../netlink/ktap.h"

typedef uint8_t u8;
typedef uint32_t u32;
#include "../../kmod/tests/vectors-gen.h"

enum { KEY_LEN = 16, IV_LEN = 8, MAC_LEN = 4, DATA_MAX = 9000, PIECES_MAX = 12 };

/* What an association asks for, and the drivers behind it; those for any machine first. */
struct algorithm {
	const char *name;
	const char *drivers[2];
	const struct vector *vectors;
	size_t n;
};

#define ALGORITHM(id) { #id, { #id "-generic", #id "-avx2" }, id##_vectors, \
	sizeof(id##_vectors) / sizeof(id##_vectors[0]) }

/* The kernel has AES for any machine, under names of its own, with all of the counter as IV. */
#define AES(id, kernel) { #id, { kernel, #id "-avx2" }, id##_vectors, \
	sizeof(id##_vectors) / sizeof(id##_vectors[0]) }

/* The last is there only where its second driver is. */
static const struct algorithm ciphers[] = {
	ALGORITHM(eea1), ALGORITHM(eea3), AES(eea2, "ctr(aes)"),
};
static const struct algorithm macs[] = {
	ALGORITHM(eia1), ALGORITHM(eia3), AES(eia2, "cmac(aes)"),
};

static size_t n_algorithms = 3;

static u8 data[DATA_MAX], result[DATA_MAX], other[DATA_MAX];

/* The same at each run with the same seed, which is printed. */
static uint64_t random_state;

static u32 random_below(u32 n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (u32)((random_state >> 33) % n);
}

static void random_octets(u8 *p, size_t n)
{
	while (n--)
		*p++ = (u8)random_below(256);
}

/* A socket bound to the algorithm, -1 with errno if the kernel has none of the name. */
static int bound(const char *type, const char *name)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	if (fd < 0)
		skip("this kernel has no AF_ALG (CONFIG_CRYPTO_USER_API_*)");
	snprintf((char *)address.salg_type, sizeof(address.salg_type), "%s", type);
	snprintf((char *)address.salg_name, sizeof(address.salg_name), "%s", name);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Bound, with a key, ready for data. */
static int keyed(const char *type, const char *name, const u8 *key)
{
	int fd = bound(type, name), operation;

	if (fd < 0)
		return -1;
	need(!setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY_LEN), "%s: the key is refused: %s",
	     name, strerror(errno));
	operation = accept(fd, NULL, 0);
	need(operation >= 0, "%s: accept: %s", name, strerror(errno));
	close(fd);
	return operation;
}

static void prefix_of(u8 prefix[IV_LEN], u32 count, u8 bearer, u8 direction)
{
	memset(prefix, 0, IV_LEN);
	for (int i = 0; i < 4; i++)
		prefix[i] = (u8)(count >> (24 - 8 * i));
	prefix[4] = (u8)(bearer << 3 | direction << 2);
}

/* Cuts the octets at random places into at most PIECES_MAX pieces, some empty. */
static size_t cut(struct iovec *pieces, u8 *p, size_t len)
{
	size_t n = 1 + random_below(PIECES_MAX), i;

	for (i = 0; i < n; i++) {
		size_t take = i + 1 == n ? len : random_below((u32)len + 1);

		pieces[i] = (struct iovec){ p, take };
		p += take;
		len -= take;
	}
	return n;
}

/*
 * Hands the octets over in pieces. With @pages these are the pages of @p themselves, which
 * become entries of a scatterlist as they are; else they are copied.
 */
static void send_pieces(int fd, u8 *p, size_t len, bool pages)
{
	struct iovec pieces[PIECES_MAX];
	size_t n = cut(pieces, p, len), i;
	int tube[2];

	need(!pipe(tube), "pipe: %s", strerror(errno));
	for (i = 0; i < n; i++) {
		struct iovec piece = pieces[i];

		while (piece.iov_len) {
			ssize_t done = pages ? vmsplice(tube[1], &piece, 1, 0) :
					       send(fd, piece.iov_base, piece.iov_len, MSG_MORE);

			need(done > 0, "sending %zu of %zu octets: %s", piece.iov_len, len,
			     strerror(errno));
			for (ssize_t left = done; pages && left;) {
				ssize_t moved = splice(tube[0], NULL, fd, NULL, (size_t)left,
						       SPLICE_F_MORE);

				need(moved > 0, "splice: %s", strerror(errno));
				left -= moved;
			}
			piece.iov_base = (u8 *)piece.iov_base + done;
			piece.iov_len -= (size_t)done;
		}
	}
	close(tube[0]);
	close(tube[1]);
}

static void crypt_on(int fd, const u8 *iv, u32 iv_len, unsigned int operation, u8 *in, u8 *out,
		     size_t len)
{
	union {
		struct cmsghdr header;
		u8 octets[CMSG_SPACE(sizeof(u32)) + CMSG_SPACE(sizeof(struct af_alg_iv) + 2 * IV_LEN)];
	} control = { .octets = { 0 } };
	struct msghdr message = {
		.msg_control = control.octets, .msg_controllen = sizeof(control.octets),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct iovec pieces[PIECES_MAX];
	struct af_alg_iv *alg_iv;
	size_t got = 0;

	header->cmsg_level = SOL_ALG;
	header->cmsg_type = ALG_SET_OP;
	header->cmsg_len = CMSG_LEN(sizeof(operation));
	memcpy(CMSG_DATA(header), &operation, sizeof(operation));
	header = CMSG_NXTHDR(&message, header);
	header->cmsg_level = SOL_ALG;
	header->cmsg_type = ALG_SET_IV;
	header->cmsg_len = CMSG_LEN(sizeof(*alg_iv) + iv_len);
	alg_iv = (struct af_alg_iv *)CMSG_DATA(header);
	alg_iv->ivlen = iv_len;
	memset(alg_iv->iv, 0, iv_len);
	memcpy(alg_iv->iv, iv, IV_LEN);
	need(sendmsg(fd, &message, MSG_MORE) >= 0, "sendmsg: %s", strerror(errno));

	send_pieces(fd, in, len, random_below(2));
	/* The end of the message. */
	need(send(fd, NULL, 0, 0) >= 0, "send: %s", strerror(errno));
	while (got < len) {
		struct msghdr to = {
			.msg_iov = pieces, .msg_iovlen = cut(pieces, out + got, len - got),
		};
		ssize_t n = recvmsg(fd, &to, 0);

		need(n > 0, "%zu of %zu octets came back: %s", got, len, strerror(errno));
		got += (size_t)n;
	}
}

/* False if there is no such driver. */
static bool cipher(const char *name, const u8 *key, const u8 *iv, unsigned int operation, u8 *in,
		   u8 *out, size_t len)
{
	int fd = keyed("skcipher", name, key);

	if (fd < 0)
		return false;
	crypt_on(fd, iv, strchr(name, '(') ? 2 * IV_LEN : IV_LEN, operation, in, out, len);
	close(fd);
	return true;
}

static bool mac(const char *name, const u8 *key, const u8 *prefix, const u8 *message, size_t len,
		u8 out[MAC_LEN])
{
	static u8 whole[IV_LEN + DATA_MAX];
	int fd = keyed("hash", name, key);

	if (fd < 0)
		return false;
	memcpy(whole, prefix, IV_LEN);
	memcpy(whole + IV_LEN, message, len);
	send_pieces(fd, whole, IV_LEN + len, random_below(2));
	need(read(fd, out, MAC_LEN) == MAC_LEN, "%s: no MAC: %s", name, strerror(errno));
	close(fd);
	return true;
}

static bool in_proc_crypto(const char *name)
{
	char line[128], want[64];
	FILE *f = fopen("/proc/crypto", "r");
	bool found = false;

	snprintf(want, sizeof(want), ": %s\n", name);
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "name ", 5) && strstr(line, want);
	if (f)
		fclose(f);
	return found;
}

/*
 * Newer kernels offer programs a list of algorithms that is their own, and nothing else, however
 * well registered. What is found missing for that reason is no fault of the modules.
 */
static void restricted(void)
{
	int fd = bound("skcipher", ciphers[0].name);

	if (fd >= 0) {
		close(fd);
		if (system("modprobe -q prose_aes"))
			n_algorithms = 2;
		return;
	}
	if (system("modprobe -a prose_snow3g prose_zuc") || !in_proc_crypto(ciphers[0].name))
		return;
	fd = bound("skcipher", ciphers[0].name);
	if (fd < 0 && errno == ENOENT)
		skip("AF_ALG of this kernel offers algorithms of its own list only");
	need(fd < 0, "%s is found after modprobe, and not by its name before", ciphers[0].name);
}

/* The kernel finds the module by the name of the algorithm. */
static void loads_by_name(void)
{
	for (size_t i = 0; i < n_algorithms; i++) {
		int fd = bound("skcipher", ciphers[i].name);

		check(fd >= 0, "%s: %s", ciphers[i].name, strerror(errno));
		close(fd);
		fd = bound("hash", macs[i].name);
		check(fd >= 0, "%s: %s", macs[i].name, strerror(errno));
		close(fd);
	}
}

static void cipher_vectors_hold(const struct algorithm *algorithm, const char *name)
{
	for (size_t i = 0; i < algorithm->n; i++) {
		const struct vector *v = &algorithm->vectors[i];
		size_t len = (v->bits + 7) / 8;
		u8 prefix[IV_LEN];

		prefix_of(prefix, v->count, v->bearer, v->direction);
		for (int round = 0; round < 8; round++) {
			memcpy(data, v->in, len);
			if (!cipher(name, v->key, prefix, ALG_OP_ENCRYPT, data, result, len)) {
				check(name == algorithm->drivers[1], "there is no %s", name);
				return;
			}
			if (v->bits % 8)
				result[len - 1] &= (u8)(0xff00 >> v->bits % 8);
			check(!memcmp(result, v->out, len), "%s: %s", name, v->name);
			memcpy(data, v->out, len);
			cipher(name, v->key, prefix, ALG_OP_DECRYPT, data, result, len);
			if (v->bits % 8)
				result[len - 1] &= (u8)(0xff00 >> v->bits % 8);
			check(!memcmp(result, v->in, len), "%s: %s deciphered", name, v->name);
		}
	}
}

/* Those of whole octets: PDCP has no others. */
static void mac_vectors_hold(const struct algorithm *algorithm, const char *name)
{
	for (size_t i = 0; i < algorithm->n; i++) {
		const struct vector *v = &algorithm->vectors[i];
		u8 prefix[IV_LEN], out[MAC_LEN];

		if (v->bits % 8)
			continue;
		prefix_of(prefix, v->count, v->bearer, v->direction);
		for (int round = 0; round < 8; round++) {
			if (!mac(name, v->key, prefix, v->in, v->bits / 8, out)) {
				check(name == algorithm->drivers[1], "there is no %s", name);
				return;
			}
			check(!memcmp(out, v->out, MAC_LEN), "%s: %s", name, v->name);
		}
	}
}

static void vectors_hold(void)
{
	/* Not every processor has the second of the drivers. */
	for (size_t i = 0; i < n_algorithms; i++) {
		cipher_vectors_hold(&ciphers[i], ciphers[i].name);
		mac_vectors_hold(&macs[i], macs[i].name);
		for (size_t d = 0; d < 2; d++) {
			cipher_vectors_hold(&ciphers[i], ciphers[i].drivers[d]);
			mac_vectors_hold(&macs[i], macs[i].drivers[d]);
		}
	}
}

static bool has(const char *type, const char *name)
{
	int fd = bound(type, name);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Every length up to some blocks, then any; the plain driver has the vectors behind it. */
static void drivers_agree(void)
{
	u8 key[KEY_LEN], prefix[IV_LEN], one[MAC_LEN], two[MAC_LEN];

	for (size_t i = 0; i < n_algorithms; i++) {
		if (!has("skcipher", ciphers[i].drivers[1]))
			skip("this processor has the plain drivers only");
		for (u32 round = 0; round < 400; round++) {
			size_t len = round < 200 ? round : random_below(DATA_MAX);

			random_octets(key, sizeof(key));
			prefix_of(prefix, random_below(~0u), (u8)random_below(32),
				  (u8)random_below(2));
			random_octets(data, len);
			if (len) {
				cipher(ciphers[i].drivers[0], key, prefix, ALG_OP_ENCRYPT, data,
				       result, len);
				cipher(ciphers[i].drivers[1], key, prefix, ALG_OP_ENCRYPT, data,
				       other, len);
				check(!memcmp(result, other, len), "%s: %zu octets differ",
				      ciphers[i].name, len);
			}
			mac(macs[i].drivers[0], key, prefix, data, len, one);
			mac(macs[i].drivers[1], key, prefix, data, len, two);
			check(!memcmp(one, two, MAC_LEN), "%s: %zu octets differ", macs[i].name,
			      len);
		}
	}
}

/* A message that is taken up in the middle: the state goes where the socket goes. */
static void mac_forks(void)
{
	u8 key[KEY_LEN] = { 1 }, one[MAC_LEN], two[MAC_LEN];

	random_octets(data, 100);
	for (size_t i = 0; i < n_algorithms; i++) {
		int fd = keyed("hash", macs[i].name, key), fork;

		need(fd >= 0, "%s: %s", macs[i].name, strerror(errno));
		need(send(fd, data, 51, MSG_MORE) == 51, "send: %s", strerror(errno));
		fork = accept(fd, NULL, 0);
		need(fork >= 0, "accept: %s", strerror(errno));
		need(send(fd, data + 51, 49, 0) == 49, "send: %s", strerror(errno));
		need(send(fork, data + 51, 49, 0) == 49, "send: %s", strerror(errno));
		need(read(fd, one, MAC_LEN) == MAC_LEN && read(fork, two, MAC_LEN) == MAC_LEN,
		     "read: %s", strerror(errno));
		check(!memcmp(one, two, MAC_LEN), "%s: the fork has another MAC", macs[i].name);
		close(fork);
		close(fd);
	}
}

static void refuses_bad_input(void)
{
	u8 key[KEY_LEN + 1] = { 0 }, out[MAC_LEN];

	for (size_t i = 0; i < n_algorithms; i++) {
		int fd = bound("skcipher", ciphers[i].name);

		need(fd >= 0, "%s: %s", ciphers[i].name, strerror(errno));
		check(setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY_LEN + 1) && errno == EINVAL,
		      "%s takes a key of 17 octets", ciphers[i].name);
		check(setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY_LEN - 1) && errno == EINVAL,
		      "%s takes a key of 15 octets", ciphers[i].name);
		close(fd);

		fd = bound("hash", macs[i].name);
		need(fd >= 0, "%s: %s", macs[i].name, strerror(errno));
		check(setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY_LEN + 1) && errno == EINVAL,
		      "%s takes a key of 17 octets", macs[i].name);
		check(setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY_LEN - 1) && errno == EINVAL,
		      "%s takes a key of 15 octets", macs[i].name);
		close(fd);

		/* COUNT, BEARER and DIRECTION are 8 octets. */
		fd = keyed("hash", macs[i].name, key);
		check(send(fd, data, IV_LEN - 1, 0) < 0 || read(fd, out, MAC_LEN) < 0,
		      "%s has a MAC without an IV", macs[i].name);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "loads_by_name", loads_by_name },
		{ "vectors_hold", vectors_hold },
		{ "drivers_agree", drivers_agree },
		{ "mac_forks", mac_forks },
		{ "refuses_bad_input", refuses_bad_input },
	};
	const char *seed = getenv("PROSE_SEED");

	if (seed)
		random_state = strtoull(seed, NULL, 0);
	else if (getrandom(&random_state, sizeof(random_state), 0) < 0)
		return 1;
	printf("# PROSE_SEED=%#llx\n", (unsigned long long)random_state);
	return KTAP_MAIN(tests, restricted, argc, argv);
}
