/* SPDX-License-Identifier: MIT */
/*
 * How often the primitives of identities are called: the linker puts these before them (ld --wrap).
 * eccsi_sign() and sakke_encapsulate() have theirs where the test is, which may have them lie.
 */
#ifndef PROSE_SELFTESTS_CALLS_LAB_H
#define PROSE_SELFTESTS_CALLS_LAB_H

#include "sakke/eccsi.h"
#include "sakke/sakke.h"

static struct {
	unsigned int verify, verified, decapsulate, encapsulate, sign;
} calls;

#define WRAP(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

WRAP(int, eccsi_verify, const struct eccsi_domain *domain, const uint8_t *id, size_t id_len,
     const uint8_t *message, size_t len, const uint8_t *signature, size_t signature_len)
{
	int rc = __real_eccsi_verify(domain, id, id_len, message, len, signature, signature_len);

	calls.verify++;
	calls.verified += !rc;
	return rc;
}

WRAP(int, sakke_decapsulate, const struct sakke_key *key, const uint8_t *data, size_t len,
     uint8_t ssv[SAKKE_SSV_LEN])
{
	calls.decapsulate++;
	return __real_sakke_decapsulate(key, data, len, ssv);
}

#endif
