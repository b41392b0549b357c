// SPDX-License-Identifier: MIT
/* prose mikey make: an I_MESSAGE to someone, into a file or as an attribute of SDP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "keying/sentence.h"
#include "mikey.h"
#include "mikey/sakke_message.h"
#include "mikey/sdp.h"

static int put(const struct mikey_call *call, const void *data, size_t len)
{
	const char *path = call->argument[1];
	char why[MIKEY_WHY_MAX] = "";

	if (path && strcmp(path, "-") != 0)
		return keying_file_write(path, data, len, 0644, false, why, sizeof(why)) ?
		       mikey_fail(why) : CLI_OK;
	if (fwrite(data, 1, len, stdout) == len && !fflush(stdout))
		return CLI_OK;
	cli_error("standard output: %s", strerror(errno));
	return CLI_FAILED;
}

static int put_sdp(const struct mikey_call *call, const uint8_t *data, size_t len)
{
	char *line = mikey_sdp_encode(data, len), *whole = NULL;
	int status = CLI_FAILED, whole_len;

	whole_len = line ? asprintf(&whole, "%s\r\n", line) : -1;
	if (whole_len > 0)
		status = put(call, whole, (size_t)whole_len);
	if (whole_len > 0)
		free(whole);
	free(line);
	return status;
}

static bool is_user(const char *identity, const struct mikey_user *user)
{
	uint8_t uid[MIKEY_UID_LEN];

	if (user->scheme != MIKEY_SCHEME_UID)
		return !strcmp(identity, user->uri);
	return mikey_uid_read(identity, uid) && !memcmp(uid, user->id.octets, sizeof(uid));
}

/*
 * The keys to sign with: of the month that it is, or of a UID where the other end is one; there a file does
 * not say when which is used. Those of another month are better than none: why not, is said of them.
 */
static const struct mikey_keys *pick(const struct mikey_call *call, const struct mikey_files *files,
				     const struct mikey_time *time, bool by_uid, char *why,
				     size_t why_len)
{
	const struct mikey_keys *found = NULL, *other = NULL;
	struct mikey_month month = mikey_month_of(time);
	bool several = false, scheme = false;

	for (size_t i = 0; i < files->n_own; i++) {
		const struct mikey_user *user = &files->own[i]->user;

		if ((user->scheme == MIKEY_SCHEME_UID) != by_uid)
			continue;
		scheme = true;
		if (call->as && !is_user(call->as, user))
			continue;
		other = files->own[i];
		if (!by_uid && (user->month.year != month.year || user->month.month != month.month))
			continue;
		several = several || found;
		found = files->own[i];
	}
	if (several)
		keying_sentence(why, why_len, by_uid ?
				"%s: has keys of several UIDs; say with --as which, as prose-kms extract has printed it for this time" :
				"%s: has keys of several identities, or of several KMSs; say with --as which identity, and give a file of one KMS",
				call->keys[0]);
	else if (!scheme)
		keying_sentence(why, why_len, by_uid ?
				"%s: there are no keys of a UID in it, as whom the message is for is one" :
				"%s: its keys are of a UID, so whom the message is for is 64 hexadecimal digits",
				call->keys[0]);
	else if (!other)
		keying_sentence(why, why_len, "%s: has no keys of %s", call->keys[0], call->as);
	return several ? NULL : found ? found : other;
}

static int make(const struct mikey_call *call, const struct mikey_files *files,
		struct mikey_sakke_offer *offer, bool by_uid)
{
	uint8_t message[MIKEY_SAKKE_MAX], kd[MIKEY_KD_LEN];
	char why[MIKEY_WHY_MAX] = "";
	int len, status = CLI_OK;

	offer->from = pick(call, files, &offer->time, by_uid, why, sizeof(why));
	if (!offer->from)
		return mikey_fail(why);
	offer->community = call->n_communities ? files->communities[0].community :
						 offer->from->community;
	if (mikey_sakke_random(offer))
		return mikey_fail("There are no random numbers to be had");
	len = mikey_sakke_make(offer, message, sizeof(message), kd, why, sizeof(why));
	if (len < 0)
		return mikey_fail(why);
	/* First what makes the message worth having. */
	if (call->kd && keying_file_write(call->kd, kd, sizeof(kd), 0600, false, why, sizeof(why)))
		status = mikey_fail(why);
	OPENSSL_cleanse(kd, sizeof(kd));
	if (status)
		return status;
	status = call->sdp ? put_sdp(call, message, (size_t)len) : put(call, message, (size_t)len);
	/* Of a message that nobody gets. */
	if (status && call->kd)
		unlink(call->kd);
	return status;
}

int mikey_make(const struct mikey_call *call)
{
	const char *to = call->argument[0];
	const struct mikey_payload offered = {
		.payload = MIKEY_EXTENSION, .type = MIKEY_EXT_SDP_IDS,
		.data = { (const uint8_t *)call->sdp, call->sdp ? strlen(call->sdp) : 0 },
	};
	struct mikey_sakke_offer offer = {
		.to = { (const uint8_t *)to, strlen(to) }, .time = mikey_call_time(call),
		.name_kms = !call->no_kms, .more = &offered, .n_more = call->sdp ? 1 : 0,
	};
	uint8_t uid[MIKEY_UID_LEN];
	bool by_uid = mikey_uid_read(to, uid);
	struct mikey_files files;
	int status = CLI_FAILED;

	if (by_uid)
		offer.to = (struct mikey_octets){ uid, sizeof(uid) };
	if (!mikey_files_read(call, &files))
		status = make(call, &files, &offer, by_uid);
	OPENSSL_cleanse(&offer, sizeof(offer));
	mikey_files_free(&files);
	return status;
}
