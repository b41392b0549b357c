// SPDX-License-Identifier: MIT
/* prose mikey make: an I_MESSAGE to someone, into a file or as an attribute of SDP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

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

/* With keys of a UID the other end is one too, in hexadecimal digits. */
static int name_uid(struct mikey_sakke_offer *offer, const char *to, uint8_t uid[static MIKEY_UID_LEN])
{
	if (offer->from->user.scheme != MIKEY_SCHEME_UID)
		return 0;
	if (!mikey_uid_read(to, uid))
		return -1;
	offer->to = (struct mikey_octets){ uid, MIKEY_UID_LEN };
	return 0;
}

static int make(const struct mikey_call *call, const struct mikey_files *files,
		struct mikey_sakke_offer *offer)
{
	uint8_t message[MIKEY_SAKKE_MAX], kd[MIKEY_KD_LEN], uid[MIKEY_UID_LEN];
	char why[MIKEY_WHY_MAX] = "";
	int len, status = CLI_OK;

	offer->from = files->keys[0].keys;
	offer->community = call->n_communities ? files->communities[0].community :
						 files->keys[0].community;
	if (name_uid(offer, call->argument[0], uid))
		return mikey_fail("The keys are of a UID, so whom the message is for is 64 hexadecimal digits");
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
	struct mikey_sakke_offer offer = {
		.to = { (const uint8_t *)to, strlen(to) }, .time = mikey_call_time(call),
		.name_kms = !call->no_kms,
	};
	struct mikey_files files;
	int status = CLI_FAILED;

	if (!mikey_files_read(call, &files))
		status = make(call, &files, &offer);
	OPENSSL_cleanse(&offer, sizeof(offer));
	mikey_files_free(&files);
	return status;
}
