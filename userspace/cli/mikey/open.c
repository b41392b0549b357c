// SPDX-License-Identifier: MIT
/* prose mikey open: who an I_MESSAGE is from, and its KD. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "mikey.h"
#include "mikey/sakke_message.h"
#include "replay.h"

static void print_offer(const struct mikey_message *message, const char *offered)
{
	const struct mikey_payload *extension;

	for (size_t i = 0; (extension = mikey_find(message, MIKEY_EXTENSION, i)); i++) {
		if (extension->type != MIKEY_EXT_SDP_IDS)
			continue;
		output_field("offered", "", "%s, as the sender says", offered);
		return;
	}
	output_field("offered", output_warn(stdout),
		     "%s; the sender does not say so, and may have offered more", offered);
}

static void print(const struct mikey_call *call, const struct mikey_sakke_opened *opened,
		  const char *offered)
{
	char date[MIKEY_DATE_LEN];
	char *from = mikey_readable(&opened->initiator);
	char *to = mikey_readable(&(struct mikey_octets){ opened->keys->user.id.octets,
							  opened->keys->user.id.len });
	const struct mikey_user *user = &opened->keys->user;

	output_field("from", output_good(stdout), "%s", from ? from : "?");
	output_field("its KMS", "", "%s", opened->initiator_community->kms);
	if (user->scheme == MIKEY_SCHEME_UID)
		output_field("to", "", "%s", to ? to : "?");
	else
		output_field("to", "", "%s, keys of %04d-%02d", user->uri, user->month.year,
			     user->month.month);
	output_field("made", "", "%s", mikey_date(&opened->time, date));
	output_field("CSB ID", "", "%08x", opened->message.csb_id);
	if (call->kd)
		output_field("KD", "", "in %s", call->kd);
	if (offered)
		print_offer(&opened->message, offered);
	if (!call->replay)
		output_field("replay", output_warn(stdout),
			     "not known, since no --replay remembers what was opened before");
	free(from);
	free(to);
}

/*
 * KD first: a message whose KD found no place is one to be opened again. And it goes again when the
 * message cannot be remembered.
 */
static int keep(const struct mikey_call *call, const struct replay *replay,
		const uint8_t kd[static MIKEY_KD_LEN])
{
	char why[MIKEY_WHY_MAX] = "";

	if (keying_file_write(call->kd, kd, MIKEY_KD_LEN, 0600, false, why, sizeof(why)))
		return mikey_fail(why);
	if (!replay_save(replay))
		return CLI_OK;
	unlink(call->kd);
	return CLI_FAILED;
}

static int run(const struct mikey_call *call, const struct mikey_sakke_receiver *receiver,
	       const struct replay *replay, const struct mikey_input *input)
{
	struct mikey_sakke_opened opened;
	char why[MIKEY_WHY_MAX] = "";
	int status = CLI_OK;

	if (mikey_sakke_open(receiver, input->data, input->len, &opened, why, sizeof(why)))
		status = mikey_fail(why);
	if (status || !call->kd)
		status = replay_save(replay) ? CLI_FAILED : status;
	else
		status = keep(call, replay, opened.kd);
	if (!status)
		print(call, &opened, receiver->offered);
	OPENSSL_cleanse(&opened, sizeof(opened));
	return status;
}

int mikey_open(const struct mikey_call *call)
{
	struct mikey_sakke_receiver receiver = { .now = mikey_call_time(call) };
	struct replay replay = { .lock = -1 };
	struct mikey_input input = { 0 };
	uint8_t uid[MIKEY_UID_LEN];
	struct mikey_files files;
	int status = CLI_FAILED;

	/* No URI is digits alone. */
	if (call->from && mikey_uid_read(call->from, uid))
		receiver.initiator = (struct mikey_octets){ uid, sizeof(uid) };
	else if (call->from)
		receiver.initiator = (struct mikey_octets){ (const uint8_t *)call->from,
							    strlen(call->from) };
	if (mikey_files_read(call, &files))
		goto out;
	receiver.keys = files.own;
	receiver.n_keys = files.n_own;
	receiver.communities = files.trusted;
	receiver.n_communities = files.n_trusted;
	if (mikey_message_read(call, &input))
		goto out;
	receiver.offered = input.offered;
	if (replay_open(&replay, call))
		goto out;
	receiver.replay = replay.cache;
	status = run(call, &receiver, &replay, &input);
out:
	replay_close(&replay);
	mikey_message_free(&input);
	mikey_files_free(&files);
	return status;
}
