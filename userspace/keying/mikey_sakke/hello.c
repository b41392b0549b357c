// SPDX-License-Identifier: MIT
#include "hello.h"

#include <string.h>

#include "../sentence.h"

#define REPLY_REQUIRED	1
#define HAS_KEYS	1
#define HEAD_LEN	3
#define ENTRY_LEN	(HELLO_FINGERPRINT_LEN + 1)

/* UE_1's clock may be in another month than this one, at its end. */
static bool in_use(const struct provision *provision, const struct mikey_community *community,
		   const struct mikey_time *now)
{
	for (size_t i = 0; i < provision->n_keys; i++)
		if (!strcmp(provision->keys[i]->community->kms, community->kms) &&
		    mikey_month_acceptable(&provision->keys[i]->user.month, now))
			return true;
	return false;
}

void hello_make(struct hello *hello, const struct provision *provision,
		const struct mikey_time *now)
{
	memset(hello, 0, sizeof(*hello));
	hello->reply_required = provision->reply_required;
	for (size_t i = 0; i < provision->n_communities; i++) {
		memcpy(hello->communities[i].fingerprint, provision->communities[i].fingerprint,
		       HELLO_FINGERPRINT_LEN);
		hello->communities[i].keys = in_use(provision, provision->communities[i].mikey, now);
	}
	hello->n = provision->n_communities;
}

size_t hello_encode(const struct hello *hello, uint8_t out[static HELLO_MAX])
{
	uint8_t *at = out;

	*at++ = HELLO_VERSION;
	*at++ = hello->reply_required ? REPLY_REQUIRED : 0;
	*at++ = (uint8_t)hello->n;
	for (size_t i = 0; i < hello->n; i++) {
		memcpy(at, hello->communities[i].fingerprint, HELLO_FINGERPRINT_LEN);
		at += HELLO_FINGERPRINT_LEN;
		*at++ = hello->communities[i].keys ? HAS_KEYS : 0;
	}
	return (size_t)(at - out);
}

int hello_decode(struct hello *hello, const uint8_t *data, size_t len, char *why, size_t why_len)
{
	const uint8_t *at = data + HEAD_LEN;

	memset(hello, 0, sizeof(*hello));
	if (len && data[0] != HELLO_VERSION)
		return keying_sentence(why, why_len,
				       "the peer's version %u of mikey-sakke is not known here",
				       data[0]);
	if (len < HEAD_LEN || data[1] & ~REPLY_REQUIRED || !data[2] || data[2] > PROVISION_MAX ||
	    len != HEAD_LEN + (size_t)data[2] * ENTRY_LEN)
		return keying_sentence(why, why_len, "the peer's hello is malformed");
	hello->reply_required = data[1] & REPLY_REQUIRED;
	hello->n = data[2];
	for (size_t i = 0; i < hello->n; i++, at += ENTRY_LEN) {
		memcpy(hello->communities[i].fingerprint, at, HELLO_FINGERPRINT_LEN);
		if (at[HELLO_FINGERPRINT_LEN] & ~HAS_KEYS)
			return keying_sentence(why, why_len, "the peer's hello is malformed");
		hello->communities[i].keys = at[HELLO_FINGERPRINT_LEN] & HAS_KEYS;
	}
	return 0;
}

static bool names(const struct hello *hello, const struct community *community, bool keys)
{
	for (size_t i = 0; i < hello->n; i++)
		if (!memcmp(hello->communities[i].fingerprint, community->fingerprint,
			    HELLO_FINGERPRINT_LEN) &&
		    (!keys || hello->communities[i].keys))
			return true;
	return false;
}

bool hello_trusts(const struct hello *hello, const struct community *community)
{
	return names(hello, community, false);
}

bool hello_has_keys(const struct hello *hello, const struct community *community)
{
	return names(hello, community, true);
}
