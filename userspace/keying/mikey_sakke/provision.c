// SPDX-License-Identifier: MIT
#include "provision.h"

#include <string.h>

#include <openssl/evp.h>

#include "../failure.h"
#include "../sentence.h"
#include "seen.h"

/* What comes within that time is warned of: the days in which keys of both months are in use. */
#define SOON	((time_t)2 * 86400)

/* The name with its length before it, so that no other name and keys give the same octets. */
static int fingerprint(const struct mikey_community *community, uint8_t out[FINGERPRINT_LEN])
{
	uint8_t data[1 + MIKEY_URI_MAX + ECCSI_POINT_LEN + SAKKE_POINT_LEN];
	size_t len = strlen(community->kms);

	data[0] = (uint8_t)len;
	memcpy(data + 1, community->kms, len);
	len++;
	memcpy(data + len, community->kpak, sizeof(community->kpak));
	len += sizeof(community->kpak);
	memcpy(data + len, community->z, sizeof(community->z));
	len += sizeof(community->z);
	return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) ? 0 : -1;
}

static int load_communities(struct provision *provision, const struct mikey_sakke_files *files,
			    char *why, size_t why_len)
{
	if (!files->n_communities)
		return keying_sentence(why, why_len,
				       "there are no communities; name a file that prose-kms public has printed");
	if (files->n_communities > PROVISION_MAX)
		return keying_sentence(why, why_len, "there are more than %d communities",
				       PROVISION_MAX);
	for (size_t i = 0; i < files->n_communities; i++) {
		struct community *entry = &provision->communities[i];

		if (identity_trust_add(&provision->trust, files->communities[i], why, why_len))
			return -1;
		entry->mikey = provision->trust.communities[i];
		if (fingerprint(entry->mikey, entry->fingerprint))
			return keying_sentence(why, why_len, "%s: %s", files->communities[i],
					       keying_openssl_reason());
		provision->n_communities++;
	}
	return 0;
}

static int add_keys(struct provision *provision, const char *path, const struct mikey_keys *keys,
		    char *why, size_t why_len)
{
	const struct mikey_user *user = &keys->user;

	if (user->scheme == MIKEY_SCHEME_UID)
		return keying_sentence(why, why_len,
				       "%s: has keys of a UID, which peers cannot call a UE by; get keys of a URI by month",
				       path);
	if (provision->n_keys && strcmp(user->uri, provision->identity))
		return keying_sentence(why, why_len,
				       "%s: has keys of %s, and there are those of %s; a UE has one identity",
				       path, user->uri, provision->identity);
	if (provision_keys(provision, keys->community, &user->month))
		return keying_sentence(why, why_len,
				       "%s: has keys of KMS %s for %04d-%02d, and there are such already; name one file of them",
				       path, keys->community->kms, user->month.year,
				       user->month.month);
	if (provision->n_keys == PROVISION_KEYS_MAX)
		return keying_sentence(why, why_len, "%s: there are keys of more than %d months",
				       path, PROVISION_KEYS_MAX);
	memcpy(provision->identity, user->uri, sizeof(provision->identity));
	provision->keys[provision->n_keys++] = keys;
	return 0;
}

static int load_keys(struct provision *provision, const struct mikey_sakke_files *files,
		     char *why, size_t why_len)
{
	if (files->n_keys > PROVISION_KEYS_MAX)
		return keying_sentence(why, why_len, "there are more than %d files of keys",
				       PROVISION_KEYS_MAX);
	for (size_t i = 0; i < files->n_keys; i++) {
		struct identity_keys *file = identity_keys_load(files->keys[i], files->seal,
								&provision->trust, why, why_len);

		if (!file)
			return -1;
		provision->files[provision->n_files++] = file;
		for (size_t j = 0; j < identity_keys_count(file); j++)
			if (add_keys(provision, files->keys[i], identity_keys_at(file, j), why,
				     why_len))
				return -1;
	}
	if (!provision->n_keys)
		return keying_sentence(why, why_len,
				       "there are no keys; name a file that prose-kms extract has made");
	return 0;
}

/* Whose it is, as far as it says; it is checked when the list is parsed. */
static struct community *denier(struct provision *provision, const struct keying_file *file)
{
	static const char word[] = "\nkms ";
	const char *at = strstr(file->data, word);
	size_t len;

	if (!at)
		return &provision->communities[0];
	at += sizeof(word) - 1;
	len = strcspn(at, "\r\n");
	for (size_t i = 0; i < provision->n_communities; i++)
		if (strlen(provision->communities[i].mikey->kms) == len &&
		    !memcmp(provision->communities[i].mikey->kms, at, len))
			return &provision->communities[i];
	return NULL;
}

static int add_deny(struct provision *provision, const char *path, const struct keying_file *file,
		    const struct seen *seen, char *why, size_t why_len)
{
	struct community *community = denier(provision, file);

	if (!community)
		return keying_sentence(why, why_len,
				       "%s: is the deny list of a KMS that is not trusted here; name its community, or leave the list out",
				       path);
	if (community->deny)
		return keying_sentence(why, why_len,
				       "%s: there is a deny list of KMS %s already; name the newer one only",
				       path, community->mikey->kms);
	community->deny = deny_parse(path, file, community->mikey, why, why_len);
	if (!community->deny)
		return -1;
	if (seen_is_newer(seen, community))
		return keying_sentence(why, why_len,
				       "%s: is older (number %llu) than the deny list of KMS %s that was in use here (number %llu); get the newest one",
				       path, (unsigned long long)community->deny->number,
				       community->mikey->kms,
				       (unsigned long long)seen_find(seen, community->fingerprint)->number);
	return 0;
}

static int load_deny(struct provision *provision, const struct mikey_sakke_files *files,
		     const struct seen *seen, char *why, size_t why_len)
{
	for (size_t i = 0; i < files->n_deny; i++) {
		struct keying_file file;
		int rc;

		if (keying_file_read(files->deny[i], false, &file, why, why_len))
			return -1;
		rc = add_deny(provision, files->deny[i], &file, seen, why, why_len);
		keying_file_free(&file);
		if (rc)
			return -1;
	}
	return 0;
}

/* Who is told, and when. */
struct listener {
	time_t now;
	void (*warn)(void *context, const char *sentence);
	void *context;
};

static void warn_of_community(const struct provision *provision, const struct community *community,
			      const struct seen *seen, const struct listener *listener)
{
	char sentence[KEYING_TEXT_MAX], until[DENY_TIME_LEN];

	if (community_denies(community, provision->identity)) {
		keying_sentence(sentence, sizeof(sentence),
				"KMS %s has denied %s, which is this UE, and peers will refuse it",
				community->mikey->kms, provision->identity);
		listener->warn(listener->context, sentence);
	}
	if (community->deny && !deny_is_over(community->deny, listener->now) &&
	    deny_is_over(community->deny, listener->now + SOON)) {
		keying_sentence(sentence, sizeof(sentence),
				"the deny list of KMS %s is good until %s only; get the next one",
				community->mikey->kms,
				deny_time_text(community->deny->until, until));
		listener->warn(listener->context, sentence);
	}
	if (community->deny && deny_is_over(community->deny, listener->now)) {
		keying_sentence(sentence, sizeof(sentence),
				"the deny list of KMS %s was good until %s, and nobody of its community can be connected to before there is a newer one; get it",
				community->mikey->kms,
				deny_time_text(community->deny->until, until));
		listener->warn(listener->context, sentence);
	}
	if (!community->deny && seen_find(seen, community->fingerprint)) {
		keying_sentence(sentence, sizeof(sentence),
				"a deny list of KMS %s was in use here, and there is none now, so that whoever is on it is let in",
				community->mikey->kms);
		listener->warn(listener->context, sentence);
	}
}

void provision_warn(const struct provision *provision, const struct seen *seen, time_t now,
		    void (*warn)(void *context, const char *sentence), void *context)
{
	const struct listener listener = { now, warn, context };
	struct mikey_time present = { .seconds = now }, soon = { .seconds = now + SOON };
	struct mikey_month month = mikey_month_of(&present), next = mikey_month_of(&soon);
	char sentence[KEYING_TEXT_MAX];

	if (!provision_keys(provision, NULL, &next) && next.month != month.month) {
		keying_sentence(sentence, sizeof(sentence),
				"there are no keys of %s for %04d-%02d, which begins on its 1st; get them from the KMS",
				provision->identity, next.year, next.month);
		warn(context, sentence);
	}
	if (!provision_keys(provision, NULL, &month)) {
		keying_sentence(sentence, sizeof(sentence),
				"there are no keys of %s for %04d-%02d, which it is, and nobody can be connected to without; get them from the KMS",
				provision->identity, month.year, month.month);
		warn(context, sentence);
	}
	for (size_t i = 0; i < provision->n_communities; i++)
		warn_of_community(provision, &provision->communities[i], seen, &listener);
}

int provision_load(struct provision *provision, const struct mikey_sakke_files *files,
		   const struct provision *before, const struct seen *seen, char *why, size_t why_len)
{
	int err;

	provision->reply_required = !files->reply_optional;
	provision->trust.before = before ? &before->trust : NULL;
	err = load_communities(provision, files, why, why_len);
	/* That method may be gone before this one is. */
	provision->trust.before = NULL;
	if (err || load_keys(provision, files, why, why_len) ||
	    load_deny(provision, files, seen, why, why_len))
		return -1;
	if (files->warn)
		provision_warn(provision, seen, files->now, files->warn, files->context);
	return 0;
}

void provision_free(struct provision *provision)
{
	for (size_t i = 0; i < provision->n_files; i++)
		identity_keys_free(provision->files[i]);
	for (size_t i = 0; i < provision->n_communities; i++)
		deny_free(provision->communities[i].deny);
	identity_trust_free(&provision->trust);
}

const struct community *provision_by_fingerprint(const struct provision *provision,
						 const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < provision->n_communities; i++)
		if (!memcmp(provision->communities[i].fingerprint, octets, len))
			return &provision->communities[i];
	return NULL;
}

const struct community *provision_community(const struct provision *provision,
					    const struct mikey_community *community)
{
	uint8_t octets[FINGERPRINT_LEN];

	if (fingerprint(community, octets))
		return NULL;
	return provision_by_fingerprint(provision, octets, sizeof(octets));
}

const struct mikey_keys *provision_keys(const struct provision *provision,
					const struct mikey_community *community,
					const struct mikey_month *month)
{
	for (size_t i = 0; i < provision->n_keys; i++) {
		const struct mikey_keys *keys = provision->keys[i];

		if ((!community || !strcmp(keys->community->kms, community->kms)) &&
		    keys->user.month.year == month->year && keys->user.month.month == month->month)
			return keys;
	}
	return NULL;
}

enum keying_status provision_no_keys(const struct provision *provision,
				     const struct mikey_month *month, struct keying_error *error)
{
	return keying_fail(error, KEYING_CAUSE_AUTHENTICATION,
			   "there are no keys of %.100s for %04d-%02d, which it is; get them from the KMS",
			   provision->identity, month->year, month->month);
}

bool community_denies(const struct community *community, const char *uri)
{
	return community->deny && deny_has(community->deny, uri);
}

int community_judge(const struct community *community, const char *uri, time_t now, char *why,
		    size_t why_len)
{
	char until[DENY_TIME_LEN];

	if (community_denies(community, uri))
		return keying_sentence(why, why_len, "KMS %.100s has denied %.120s",
				       community->mikey->kms, uri);
	if (community->deny && deny_is_over(community->deny, now))
		return keying_sentence(why, why_len,
				       "the deny list of KMS %.100s was good until %s, and whether %.120s is on the next one is not known; get that",
				       community->mikey->kms,
				       deny_time_text(community->deny->until, until), uri);
	return 0;
}
