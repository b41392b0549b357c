// SPDX-License-Identifier: MIT
/* prose mikey open: who an I_MESSAGE is from, and its KD. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "mikey.h"
#include "mikey/sakke_message.h"

/* The cache of --replay; one that is not there yet is empty. */
static struct mikey_replay *replay_read(const struct mikey_call *call)
{
	struct mikey_replay *replay;
	struct mikey_time now = mikey_call_time(call);
	char why[MIKEY_WHY_MAX] = "";
	struct keying_file file;

	replay = mikey_replay_new(MIKEY_REPLAY_ENTRIES,
				  call->has_window ? call->window : MIKEY_WINDOW);
	if (!replay)
		mikey_fail("There is no memory left");
	if (!replay || !call->replay || access(call->replay, F_OK))
		return replay;
	if (keying_file_read(call->replay, false, &file, why, sizeof(why))) {
		mikey_fail(why);
		mikey_replay_free(replay);
		return NULL;
	}
	if (mikey_replay_restore(replay, (const uint8_t *)file.data, file.len, &now)) {
		cli_error("%s: this is no replay cache of prose mikey; remove it, and messages count as new again",
			  call->replay);
		mikey_replay_free(replay);
		replay = NULL;
	}
	keying_file_free(&file);
	return replay;
}

static int replay_write(const struct mikey_call *call, const struct mikey_replay *replay)
{
	char why[MIKEY_WHY_MAX] = "";
	uint8_t *data;
	size_t len;
	int err;

	if (!call->replay)
		return 0;
	data = mikey_replay_save(replay, &len);
	if (!data)
		return mikey_fail("There is no memory left");
	err = keying_file_write(call->replay, data, len, 0600, true, why, sizeof(why));
	free(data);
	return err ? mikey_fail(why) : 0;
}

static void print(const struct mikey_call *call, const struct mikey_sakke_opened *opened)
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
	if (!call->replay)
		output_field("replay", output_warn(stdout),
			     "not known, since no --replay remembers what was opened before");
	free(from);
	free(to);
}

static int run(const struct mikey_call *call, const struct mikey_sakke_receiver *receiver,
	       const uint8_t *data, size_t len)
{
	struct mikey_sakke_opened opened;
	size_t before = mikey_replay_count(receiver->replay);
	char why[MIKEY_WHY_MAX] = "";
	int status = CLI_OK;

	if (mikey_sakke_open(receiver, data, len, &opened, why, sizeof(why)))
		status = mikey_fail(why);
	if (mikey_replay_count(receiver->replay) != before &&
	    replay_write(call, receiver->replay))
		status = CLI_FAILED;
	if (!status && call->kd &&
	    keying_file_write(call->kd, opened.kd, sizeof(opened.kd), 0600, false, why, sizeof(why)))
		status = mikey_fail(why);
	if (!status)
		print(call, &opened);
	OPENSSL_cleanse(&opened, sizeof(opened));
	return status;
}

int mikey_open(const struct mikey_call *call)
{
	const struct mikey_community *communities[2 * MIKEY_FILES_MAX];
	const struct mikey_keys *keys[MIKEY_FILES_MAX];
	struct mikey_sakke_receiver receiver = {
		.keys = keys, .n_keys = call->n_keys, .communities = communities,
		.n_communities = call->n_keys + call->n_communities, .now = mikey_call_time(call),
	};
	struct mikey_files files;
	uint8_t *data = NULL;
	int status = CLI_FAILED;
	size_t len;

	if (call->from)
		receiver.initiator = (struct mikey_octets){ (const uint8_t *)call->from,
							    strlen(call->from) };
	if (mikey_files_read(call, &files))
		goto out;
	for (size_t i = 0; i < call->n_keys; i++) {
		keys[i] = files.keys[i].keys;
		communities[i] = files.keys[i].community;
	}
	for (size_t i = 0; i < call->n_communities; i++)
		communities[call->n_keys + i] = files.communities[i].community;
	if (mikey_message_read(call->argument[0], &data, &len))
		goto out;
	receiver.replay = replay_read(call);
	if (receiver.replay)
		status = run(call, &receiver, data, len);
out:
	mikey_replay_free(receiver.replay);
	free(data);
	mikey_files_free(&files);
	return status;
}
