// SPDX-License-Identifier: MIT
/*
 * Cookies: while many setups are half open, a request is worked through only when its sender has
 * shown that it hears what is sent to its Layer-2 ID and carrier address. Nothing is kept for it
 * until then, and no key is touched: that bounds what a flood of requests from made-up sources
 * costs (threat 16). Who does listen at all the addresses it makes up still meets the limits on
 * half-open setups (setup.c).
 *
 * A cookie is a MAC under a secret of this UE's own over who asks for what. The secret is replaced
 * from time to time; the one before it stays good as long again.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "link.h"

static bool cookie_of(const uint8_t secret[KDF_LEN], const struct ue_receive *receive,
		      const uint8_t hash[KEYING_HASH_LEN], uint8_t cookie[PROSE_COOKIE_LEN])
{
	uint8_t in[3 + 1 + UE_CARRIER_ADDR_MAX + KEYING_HASH_LEN] = { 0 }, mac[SHA256_DIGEST_LENGTH];

	in[0] = (uint8_t)(receive->l2_id >> 16);
	in[1] = (uint8_t)(receive->l2_id >> 8);
	in[2] = (uint8_t)receive->l2_id;
	in[3] = receive->carrier_addr.len;
	memcpy(in + 4, receive->carrier_addr.octets, receive->carrier_addr.len);
	memcpy(in + 4 + UE_CARRIER_ADDR_MAX, hash, KEYING_HASH_LEN);
	if (!HMAC(EVP_sha256(), secret, KDF_LEN, in, sizeof(in), mac, NULL))
		return false;
	memcpy(cookie, mac, PROSE_COOKIE_LEN);
	return true;
}

/* The secrets are made when the first cookie is: a UE that is not flooded needs none. */
static void refresh(struct ue *ue, uint64_t now)
{
	struct cookies *cookies = &ue->cookies;

	if (cookies->made && now < cookies->made_ms + PROSE_COOKIE_MS)
		return;
	memcpy(cookies->before, cookies->secret, sizeof(cookies->before));
	cookies->before_good = cookies->made && now < cookies->made_ms + 2 * PROSE_COOKIE_MS;
	ue->config.random(ue->config.context, cookies->secret, sizeof(cookies->secret));
	cookies->made = true;
	cookies->made_ms = now;
}

bool cookie_make(struct ue *ue, uint64_t now, const struct ue_receive *receive,
		 const uint8_t hash[KEYING_HASH_LEN], uint8_t cookie[PROSE_COOKIE_LEN])
{
	refresh(ue, now);
	return cookie_of(ue->cookies.secret, receive, hash, cookie);
}

bool cookie_valid(struct ue *ue, uint64_t now, const struct ue_receive *receive,
		  const uint8_t hash[KEYING_HASH_LEN], const uint8_t cookie[PROSE_COOKIE_LEN])
{
	uint8_t expected[PROSE_COOKIE_LEN];

	if (!ue->cookies.made)
		return false;
	refresh(ue, now);
	if (cookie_of(ue->cookies.secret, receive, hash, expected) &&
	    !CRYPTO_memcmp(expected, cookie, sizeof(expected)))
		return true;
	return ue->cookies.before_good && cookie_of(ue->cookies.before, receive, hash, expected) &&
	       !CRYPTO_memcmp(expected, cookie, sizeof(expected));
}
