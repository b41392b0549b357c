// SPDX-License-Identifier: MIT
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "keying/sentence.h"

struct mikey_community *mikey_community_new(const char *kms, const uint8_t kpak[ECCSI_POINT_LEN],
					    const uint8_t z[SAKKE_POINT_LEN], char *why,
					    size_t why_len)
{
	struct mikey_community *community;
	size_t len = strlen(kms);

	if (!len || len > MIKEY_URI_MAX || !keying_text_valid(kms, len)) {
		keying_sentence(why, why_len,
				"The name of a KMS has 1 to %d octets and no control characters",
				MIKEY_URI_MAX);
		return NULL;
	}
	community = calloc(1, sizeof(*community));
	if (!community) {
		keying_sentence(why, why_len, "There is no memory left");
		return NULL;
	}
	community->refs = 1;
	memcpy(community->kms, kms, len);
	memcpy(community->kpak, kpak, sizeof(community->kpak));
	memcpy(community->z, z, sizeof(community->z));
	community->eccsi = eccsi_domain_new(kpak);
	if (community->eccsi)
		community->sakke = sakke_domain_new(z);
	if (community->sakke)
		return community;
	keying_sentence(why, why_len, "KMS %s: its %s is no point of the curve; get it anew", kms,
			community->eccsi ? "public key (Z)" : "public authentication key (KPAK)");
	mikey_community_free(community);
	return NULL;
}

struct mikey_community *mikey_community_hold(struct mikey_community *community)
{
	community->refs++;
	return community;
}

bool mikey_community_same(const struct mikey_community *a, const struct mikey_community *b)
{
	return !strcmp(a->kms, b->kms) && !memcmp(a->kpak, b->kpak, sizeof(a->kpak)) &&
	       !memcmp(a->z, b->z, sizeof(a->z));
}

void mikey_community_free(struct mikey_community *community)
{
	if (!community || --community->refs)
		return;
	eccsi_domain_free(community->eccsi);
	sakke_domain_free(community->sakke);
	free(community);
}

int mikey_user_by_month(const char *uri, const struct mikey_month *month, struct mikey_user *user,
			char *why, size_t why_len)
{
	size_t len = strlen(uri);
	const char *fault;

	*user = (struct mikey_user){ .scheme = mikey_scheme_of(uri, len), .month = *month };
	fault = mikey_uri_fault(user->scheme, uri, len);
	if (fault)
		return keying_sentence(why, why_len, "'%.*s' %s", MIKEY_URI_MAX, uri, fault);
	if (mikey_identifier(uri, len, month, &user->id))
		return keying_sentence(why, why_len, "%d-%d is no month that keys are made for",
				       month->year, month->month);
	memcpy(user->uri, uri, len);
	return 0;
}

void mikey_user_by_uid(const uint8_t uid[static MIKEY_UID_LEN], struct mikey_user *user)
{
	*user = (struct mikey_user){ .scheme = MIKEY_SCHEME_UID };
	memcpy(user->id.octets, uid, MIKEY_UID_LEN);
	user->id.len = MIKEY_UID_LEN;
}

struct mikey_keys *mikey_keys_new(const struct mikey_community *community,
				  const struct mikey_user *user,
				  const struct mikey_key_material *material, char *why,
				  size_t why_len)
{
	struct mikey_keys *keys = OPENSSL_zalloc(sizeof(*keys));
	const char *which = "signing keys (SSK, PVT)";

	if (!keys) {
		keying_sentence(why, why_len, "There is no memory left");
		return NULL;
	}
	keys->community = community;
	keys->user = *user;
	if (!eccsi_key_check(community->eccsi, user->id.octets, user->id.len, material->ssk,
			     material->pvt, &keys->eccsi)) {
		which = "receiver key (RSK)";
		keys->sakke = sakke_key_new(community->sakke, user->id.octets, user->id.len,
					    material->rsk, true);
	}
	if (keys->sakke)
		return keys;
	keying_sentence(why, why_len,
			"The %s are not those that KMS %s makes for this identity and key period; get them anew",
			which, community->kms);
	mikey_keys_free(keys);
	return NULL;
}

void mikey_keys_free(struct mikey_keys *keys)
{
	if (!keys)
		return;
	sakke_key_free(keys->sakke);
	OPENSSL_clear_free(keys, sizeof(*keys));
}
