// SPDX-License-Identifier: MIT
#include "provision.h"

#include <string.h>

#include <openssl/evp.h>

#include "../sentence.h"

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

static int load(const char *path, bool secret, struct mikey_key_file *parsed, char *why,
		size_t why_len)
{
	struct keying_file file;
	int rc;

	if (keying_file_read(path, secret, &file, why, why_len))
		return -1;
	rc = mikey_key_file_parse(path, &file, parsed, why, why_len);
	keying_file_free(&file);
	return rc;
}

/* Two of one name would be one to whoever reads names in messages. */
static int check_community(const struct provision *provision, const char *path,
			   const struct mikey_community *community, char *why, size_t why_len)
{
	for (size_t i = 0; i < provision->n_communities; i++)
		if (!strcmp(provision->trusted[i]->kms, community->kms))
			return keying_sentence(why, why_len,
					       "%s: the community of KMS %s is there already; name one file of it only",
					       path, community->kms);
	return 0;
}

static int load_community(struct provision *provision, const char *path, char *why,
			  size_t why_len)
{
	struct community *entry = &provision->communities[provision->n_communities];

	if (provision->n_communities == PROVISION_MAX)
		return keying_sentence(why, why_len, "there are more than %d communities",
				       PROVISION_MAX);
	if (load(path, false, &entry->file, why, why_len))
		return -1;
	if (check_community(provision, path, entry->file.community, why, why_len) ||
	    fingerprint(entry->file.community, entry->fingerprint)) {
		mikey_key_file_free(&entry->file);
		return -1;
	}
	provision->trusted[provision->n_communities++] = entry->file.community;
	return 0;
}

static int check_keys(const struct provision *provision, const char *path,
		      const struct mikey_key_file *file, char *why, size_t why_len)
{
	const struct mikey_user *user = file->keys ? &file->keys->user : NULL;

	if (!user)
		return keying_sentence(why, why_len,
				       "%s: there are no keys in it, only a community; name it under communities",
				       path);
	if (user->scheme == MIKEY_SCHEME_UID)
		return keying_sentence(why, why_len,
				       "%s: the keys are those of a UID, which peers cannot call a UE by; get keys of a URI by month",
				       path);
	if (!provision_community(provision, file->community))
		return keying_sentence(why, why_len,
				       "%s: the keys are of KMS %s, whose community, with these public keys, is not among the communities; name its file there",
				       path, file->community->kms);
	if (provision->n_keys && strcmp(user->uri, provision->identity))
		return keying_sentence(why, why_len,
				       "%s: the keys are those of %s, others those of %s; a UE has one identity",
				       path, user->uri, provision->identity);
	if (provision_keys(provision, file->community, &user->month))
		return keying_sentence(why, why_len,
				       "%s: there are keys of KMS %s for %04d-%02d already; name one file of them",
				       path, file->community->kms, user->month.year,
				       user->month.month);
	return 0;
}

static int load_keys(struct provision *provision, const char *path, char *why, size_t why_len)
{
	struct mikey_key_file *file = &provision->files[provision->n_keys];

	if (provision->n_keys == PROVISION_KEYS_MAX)
		return keying_sentence(why, why_len, "there are more than %d files of keys",
				       PROVISION_KEYS_MAX);
	if (load(path, true, file, why, why_len))
		return -1;
	if (check_keys(provision, path, file, why, why_len)) {
		mikey_key_file_free(file);
		return -1;
	}
	memcpy(provision->identity, file->keys->user.uri, sizeof(provision->identity));
	provision->keys[provision->n_keys++] = file->keys;
	return 0;
}

static void warn_of_month(const struct provision *provision,
			  const struct mikey_sakke_files *files)
{
	struct mikey_time now = { .seconds = files->now };
	struct mikey_month month = mikey_month_of(&now);
	char sentence[KEYING_TEXT_MAX];

	if (!files->warn || provision_keys(provision, NULL, &month))
		return;
	keying_sentence(sentence, sizeof(sentence),
			"there are no keys of %s for %04d-%02d, which it is, and nobody can be connected to without; get them from the KMS",
			provision->identity, month.year, month.month);
	files->warn(files->context, sentence);
}

int provision_load(struct provision *provision, const struct mikey_sakke_files *files,
		     char *why, size_t why_len)
{
	for (size_t i = 0; i < files->n_communities; i++)
		if (load_community(provision, files->communities[i], why, why_len))
			return -1;
	for (size_t i = 0; i < files->n_keys; i++)
		if (load_keys(provision, files->keys[i], why, why_len))
			return -1;
	if (!provision->n_keys)
		return keying_sentence(why, why_len, "there are no keys; name a file of them");
	provision->reply_required = !files->reply_optional;
	warn_of_month(provision, files);
	return 0;
}

void provision_free(struct provision *provision)
{
	for (size_t i = 0; i < provision->n_keys; i++)
		mikey_key_file_free(&provision->files[i]);
	for (size_t i = 0; i < provision->n_communities; i++)
		mikey_key_file_free(&provision->communities[i].file);
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
