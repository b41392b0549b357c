// SPDX-License-Identifier: MIT
/* The product's methods mikey-sakke and eccsi-sakke in UEs of the simulator, identity.h. */
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/identity/deny.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "mikey/key_file.h"
#include "primitives.h"
#include "sakke/extract.h"
#include "user.h"
#include "world.h"

#define KMS_NAME	"kms.example.org"
#define MONTHS		2
#define PATH_LEN	32
#define LIST_DAYS	36500LL	/* an end of theirs is not for schedules that go back and forth by years */

static const struct mikey_month months[MONTHS] = { { 2023, 11 }, { 2023, 12 } };

/* A KMS, and files without names: of its community, and of keys by UE and month. */
static struct kms {
	bool made;
	uint8_t ksak[ECCSI_SCALAR_LEN];
	struct mikey_community *community;
	int community_fd;
	int keys_fd[STATIONS_MAX][MONTHS];
} kmss[2];	/* by the primitives they are for */

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "schedules: %s\n", what);
	exit(2);
}

static int put_file(struct keying_file *file)
{
	int fd = memfd_create("prose-sim", MFD_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) || write(fd, file->data, file->len) != (ssize_t)file->len) {
		perror("schedules: a file in memory");
		exit(2);
	}
	keying_file_free(file);
	return fd;
}

static const char *name(int fd, char path[static PATH_LEN])
{
	snprintf(path, PATH_LEN, "/proc/self/fd/%d", fd);
	return path;
}

static int extract(const struct kms *kms, const uint8_t z[SAKKE_SCALAR_LEN], size_t index,
		   const struct mikey_month *month)
{
	struct mikey_key_material material;
	char uri[32], why[KEYING_TEXT_MAX];
	struct keying_file file;
	struct mikey_user user;

	user_identity(index, uri);
	if (mikey_user_by_month(uri, month, &user, why, sizeof(why)) ||
	    eccsi_extract(kms->ksak, user.id.octets, user.id.len, NULL, material.ssk,
			  material.pvt) ||
	    sakke_extract(z, user.id.octets, user.id.len, material.rsk) ||
	    mikey_key_file_format(kms->community, &user, &material, &file))
		give_up("keys of an identity");
	return put_file(&file);
}

void identity_provision(bool products)
{
	uint8_t z[SAKKE_SCALAR_LEN], kpak[ECCSI_POINT_LEN], z_public[SAKKE_POINT_LEN];
	struct kms *kms = &kmss[products];
	struct keying_file file;
	char why[KEYING_TEXT_MAX];

	if (kms->made)
		return;
	kms->made = true;
	primitives_begin(products, 0);
	if (eccsi_master_make(kms->ksak, kpak) || sakke_master_make(z, z_public))
		give_up("master secrets of a KMS");
	kms->community = mikey_community_new(KMS_NAME, kpak, z_public, why, sizeof(why));
	if (!kms->community || mikey_key_file_format(kms->community, NULL, NULL, &file))
		give_up("the community of a KMS");
	kms->community_fd = put_file(&file);
	for (size_t i = 0; i < STATIONS_MAX; i++)
		for (size_t m = 0; m < MONTHS; m++)
			kms->keys_fd[i][m] = extract(kms, z, i, &months[m]);
}

void identity_deprovision(void)
{
	for (size_t k = 0; k < 2; k++) {
		struct kms *kms = &kmss[k];

		if (!kms->made)
			continue;
		primitives_begin(k, 0);
		mikey_community_free(kms->community);
		close(kms->community_fd);
		for (size_t i = 0; i < STATIONS_MAX; i++)
			for (size_t m = 0; m < MONTHS; m++)
				close(kms->keys_fd[i][m]);
		kms->made = false;
	}
}

/* A deny list in a file. */
static int deny(const struct kms *kms, const struct identity *identity, int64_t now)
{
	uint8_t ssk[ECCSI_SCALAR_LEN], pvt[ECCSI_POINT_LEN], signature[ECCSI_SIGNATURE_LEN];
	char uri[32], *uris[] = { uri };
	struct deny_list list = {
		.kms = KMS_NAME, .number = identity->list, .issued = now,
		.until = now + LIST_DAYS * 86400, .identities = uris,
		.n = identity->denied != IDENTITY_NOBODY,
	};
	struct mikey_identifier id;
	struct keying_file file;
	struct eccsi_key key;

	if (list.n)
		user_identity((size_t)identity->denied, uri);
	if (deny_format(&list, &file) || deny_identifier(KMS_NAME, &id) ||
	    eccsi_extract(kms->ksak, id.octets, id.len, NULL, ssk, pvt) ||
	    eccsi_key_check(kms->community->eccsi, id.octets, id.len, ssk, pvt, &key) ||
	    eccsi_sign(kms->community->eccsi, &key, (const uint8_t *)file.data, file.len,
		       signature) ||
	    deny_append(&file, signature))
		give_up("a deny list");
	return put_file(&file);
}

static struct keying_method *load(const struct station *station,
				  const struct keying_method *before)
{
	const struct settings *settings = &station->world->settings;
	const struct identity *identity = &station->identity;
	const struct kms *kms = &kmss[settings->products];
	char community[PATH_LEN], keys[MONTHS][PATH_LEN], list[PATH_LEN], why[KEYING_TEXT_MAX];
	const char *communities[] = { community }, *all_keys[MONTHS], *lists[] = { list };
	struct mikey_sakke_files files = {
		.communities = communities, .n_communities = 1,
		.keys = all_keys, .n_keys = MONTHS, .deny = lists,
		.reply_optional = settings->replies_optional & 1u << station->index,
		.in_request = settings->embeds,
		.before = before,
		.now = (time_t)station->config.wall_clock(station->config.context),
	};
	struct keying_method *method;
	int fd = -1;

	name(kms->community_fd, community);
	for (size_t m = 0; m < MONTHS; m++)
		all_keys[m] = name(kms->keys_fd[station->index][m], keys[m]);
	if (identity->list) {
		fd = deny(kms, identity, files.now);
		name(fd, list);
		files.n_deny = 1;
	}
	method = mikey_sakke_new(&files, why, sizeof(why));
	if (fd >= 0)
		close(fd);
	invariant_check(station->world, INVARIANT_survival, method, "%s cannot load its keys: %s",
			station->config.identity, why);
	if (method)
		mikey_sakke_taken(method);
	return method;
}

/* Puts it into force. */
static void use(struct station *station, size_t slot, struct keying_method *method)
{
	struct identity *identity = &station->identity;
	const struct keying_method *before = identity->isolated[identity->current];
	struct keying_method *isolated = NULL;
	char why[KEYING_TEXT_MAX];

	if (method && station->world->settings.isolated) {
		isolated = eccsi_sakke_new(method, before, why, sizeof(why));
		invariant_check(station->world, INVARIANT_survival, isolated,
				"%s cannot use its keys: %s", station->config.identity, why);
	}
	eccsi_sakke_free(identity->isolated[slot]);
	mikey_sakke_free(identity->methods[slot]);
	identity->methods[slot] = method;
	identity->isolated[slot] = isolated;
	identity->current = slot;
}

static bool in_use(const struct station *station, size_t slot)
{
	const struct identity *identity = &station->identity;

	return slot == identity->current ||
	       (identity->methods[slot] &&
		ue_method_in_use(station->ue, identity->methods[slot])) ||
	       (identity->isolated[slot] &&
		ue_method_in_use(station->ue, identity->isolated[slot]));
}

void identity_start(struct station *station)
{
	struct identity *identity = &station->identity;
	struct keying_method *method = load(station, NULL);
	time_t now = (time_t)station->config.wall_clock(station->config.context);

	use(station, 0, method);
	if (!method || !identity->saved)
		return;
	invariant_check(station->world, INVARIANT_survival,
			!mikey_sakke_restore(method, identity->saved, identity->saved_len, now),
			"%s cannot read what it stored of messages", station->config.identity);
}

bool identity_renew(struct station *station, int denied)
{
	struct identity *identity = &station->identity;
	struct keying_method *method;
	size_t slot = 0;

	while (slot < IDENTITY_METHODS_MAX && in_use(station, slot))
		slot++;
	if (slot == IDENTITY_METHODS_MAX)
		return false;
	identity->denied = denied;
	identity->denied_ms = station->world->now;
	identity->list++;
	method = load(station, identity->methods[identity->current]);
	if (!method)
		return false;
	use(station, slot, method);
	return true;
}

void identity_keep(struct station *station)
{
	struct identity *identity = &station->identity;
	const struct keying_method *method = identity->methods[identity->current];

	if (!method || !mikey_sakke_changes(method))
		return;
	free(identity->saved);
	identity->saved = mikey_sakke_save(method, &identity->saved_len);
	if (!identity->saved)
		abort();
	mikey_sakke_saved(method);
}

void identity_stop(struct station *station, bool lost)
{
	struct identity *identity = &station->identity;

	for (size_t i = 0; i < IDENTITY_METHODS_MAX; i++) {
		eccsi_sakke_free(identity->isolated[i]);
		mikey_sakke_free(identity->methods[i]);
		identity->isolated[i] = identity->methods[i] = NULL;
	}
	if (lost) {
		free(identity->saved);
		identity->saved = NULL;
	}
}

const struct keying_method *identity_method(const struct station *station)
{
	const struct identity *identity = &station->identity;

	return station->world->settings.isolated ? identity->isolated[identity->current] :
		identity->methods[identity->current];
}

int identity_signer(const struct world *world, const uint8_t *id, size_t id_len)
{
	for (size_t i = 0; i < world->settings.stations; i++) {
		const char *uri = world->stations[i].config.identity;

		for (size_t m = 0; m < MONTHS; m++) {
			struct mikey_identifier of;

			if (!mikey_identifier(uri, strlen(uri), &months[m], &of) &&
			    of.len == id_len && !memcmp(of.octets, id, id_len))
				return (int)i;
		}
	}
	return -1;
}
