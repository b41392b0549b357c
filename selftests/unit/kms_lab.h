/* SPDX-License-Identifier: MIT */
/* A KMS for the tests of method mikey-sakke: files of communities and keys, made as tests run. */
#ifndef SELFTESTS_UNIT_KMS_LAB_H
#define SELFTESTS_UNIT_KMS_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keying/identity/deny.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "mikey/key_file.h"
#include "sakke/extract.h"

#define KMS_UE_1	"tel:+447700900123"
#define KMS_UE_2	"urn:prose:ue2"
#define KMS_NOVEMBER	((struct mikey_month){ 2026, 11 })
#define KMS_DECEMBER	((struct mikey_month){ 2026, 12 })
/* 2026-11-30 23:59:30 and 2026-12-01 00:00:30 UTC. */
#define KMS_END		((time_t)1796083170)
/* How long a deny list is good: over the end of any month, and the days after it that tests go to. */
#define KMS_DENY_DAYS	70
#define KMS_BEGIN	(KMS_END + 60)

struct kms {
	uint8_t ksak[ECCSI_SCALAR_LEN];
	uint8_t z[SAKKE_SCALAR_LEN];
	struct mikey_community *community;
};

static inline void kms_init(struct kms *kms, const char *name)
{
	uint8_t kpak[ECCSI_POINT_LEN], z_public[SAKKE_POINT_LEN];
	char reason[KEYING_TEXT_MAX] = "";

	assert_int_equal(eccsi_master_make(kms->ksak, kpak), 0);
	assert_int_equal(sakke_master_make(kms->z, z_public), 0);
	kms->community = mikey_community_new(name, kpak, z_public, reason, sizeof(reason));
	if (!kms->community)
		fail_msg("%s", reason);
}

static inline void kms_free(struct kms *kms)
{
	mikey_community_free(kms->community);
}

static inline const char *kms_write(const char *path, struct keying_file *file)
{
	char reason[KEYING_TEXT_MAX] = "";

	if (keying_file_write(path, file->data, file->len, 0600, true, reason, sizeof(reason)))
		fail_msg("%s", reason);
	keying_file_free(file);
	return path;
}

/* Public parameters of the KMS in a file. */
static inline const char *kms_public(const struct kms *kms, const char *path)
{
	struct keying_file file;

	assert_int_equal(mikey_key_file_format(kms->community, NULL, NULL, &file), 0);
	return kms_write(path, &file);
}

/* Keys of an identity for a month in a file. */
static inline const char *kms_extract(const struct kms *kms, const char *uri,
				      struct mikey_month month, const char *path)
{
	struct mikey_key_material material;
	char reason[KEYING_TEXT_MAX] = "";
	struct keying_file file;
	struct mikey_user user;

	if (mikey_user_by_month(uri, &month, &user, reason, sizeof(reason)))
		fail_msg("%s", reason);
	assert_int_equal(eccsi_extract(kms->ksak, user.id.octets, user.id.len, NULL, material.ssk,
				       material.pvt), 0);
	assert_int_equal(sakke_extract(kms->z, user.id.octets, user.id.len, material.rsk), 0);
	assert_int_equal(mikey_key_file_format(kms->community, &user, &material, &file), 0);
	return kms_write(path, &file);
}

/* A deny list with one identity, or none, in a file. */
static inline const char *kms_deny(const struct kms *kms, const char *uri, uint64_t number,
				   time_t now, const char *path)
{
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], signature[ECCSI_SIGNATURE_LEN];
	char identity[MIKEY_URI_MAX + 1] = "", *identities[] = { identity };
	struct deny_list list = {
		.number = number, .issued = now, .until = now + KMS_DENY_DAYS * 86400,
		.identities = identities, .n = uri ? 1 : 0,
	};
	struct mikey_identifier id;
	struct keying_file file;
	struct eccsi_key key;

	strcpy(list.kms, kms->community->kms);
	strcpy(identity, uri ? uri : "");
	assert_int_equal(deny_format(&list, &file), 0);
	assert_int_equal(deny_identifier(list.kms, &id), 0);
	assert_int_equal(eccsi_extract(kms->ksak, id.octets, id.len, NULL, ssk, pvt), 0);
	assert_int_equal(eccsi_key_check(kms->community->eccsi, id.octets, id.len, ssk, pvt, &key),
			 0);
	assert_int_equal(eccsi_sign(kms->community->eccsi, &key, (const uint8_t *)file.data,
				    file.len, signature), 0);
	assert_int_equal(deny_append(&file, signature), 0);
	return kms_write(path, &file);
}

#endif
