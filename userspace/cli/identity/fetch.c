// SPDX-License-Identifier: MIT
/* prose identity fetch: keys and deny list from the KMS, into files, once they are found to be good. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "cli/cli.h"
#include "identity.h"
#include "keying/identity/deny.h"
#include "keying/identity/keys.h"
#include "keying/identity/protocol.h"
#include "keying/sealed_file.h"
#include "keying/sentence.h"
#include "keying/store_key.h"

static int write_keys(const struct identity_call *call, const struct keying_file *keys, char *why,
		      size_t why_len)
{
	struct sealing_key key;
	int err;

	if (!call->seal)
		return keying_file_write(call->output, keys->data, keys->len, 0600, true, why,
					 why_len);
	err = store_key_read(call->seal, &key, why, why_len);
	if (!err)
		err = sealed_file_write(call->output, &key, keys->data, keys->len, true, why, why_len);
	OPENSSL_cleanse(&key, sizeof(key));
	return err;
}

/* A list that is older than the one that is there, or has ended, does not take its place. */
static int write_deny(const struct identity_call *call, const struct mikey_community *community,
		      const struct keying_file *file, char *why, size_t why_len)
{
	struct deny_list *list = deny_parse("the deny list", file, community, why, why_len);
	struct deny_list *present = NULL;
	char until[DENY_TIME_LEN];
	int err = list ? 0 : -1;

	if (!err && call->deny && (!access(call->deny, F_OK) || errno != ENOENT)) {
		present = deny_load(call->deny, community, why, why_len);
		err = present ? 0 : -1;
	}
	if (!err && deny_is_over(list, time(NULL)))
		err = keying_sentence(why, why_len,
				      "the KMS sent a deny list that was good until %s; set the clock, of this machine or of the KMS",
				      deny_time_text(list->until, until));
	if (!err && present && !deny_replaces(list, present))
		err = keying_sentence(why, why_len,
				      "%s: the KMS sent an older deny list (%llu) than this one (%llu), which stays",
				      call->deny, (unsigned long long)list->number,
				      (unsigned long long)present->number);
	if (!err && call->deny)
		err = keying_file_write(call->deny, file->data, file->len, 0644, true, why, why_len);
	deny_free(list);
	deny_free(present);
	return err;
}

static int take(const struct identity_call *call, const struct identity_trust *trust,
		const struct mikey_community *community, const struct protocol_response *response,
		char *why, size_t why_len)
{
	struct identity_keys *keys;
	int err = 0;

	keys = identity_keys_parse("what the KMS sent", &response->keys, trust, why, why_len);
	if (!keys)
		return -1;
	for (size_t i = 0; !err && i < identity_keys_count(keys); i++)
		if (strcmp(identity_keys_at(keys, i)->user.uri, call->what))
			err = keying_sentence(why, why_len, "The KMS sent keys of %s",
					      identity_keys_at(keys, i)->user.uri);
	/* The list first: keys are of no use to whoever does not know whom not to trust. */
	if (!err)
		err = write_deny(call, community, &response->deny, why, why_len);
	if (!err)
		err = write_keys(call, &response->keys, why, why_len);
	if (!err) {
		printf("%s: keys of %s for", call->output, call->what);
		for (size_t i = 0; i < identity_keys_count(keys); i++) {
			const struct mikey_month *month = &identity_keys_at(keys, i)->user.month;

			printf(" %04d-%02d", month->year, month->month);
		}
		printf("\n");
	}
	identity_keys_free(keys);
	return err;
}

/* JSON of the answer has secret keys in it, in parts that are freed as it is read. */
static void wiping_free(void *data)
{
	if (data)
		OPENSSL_cleanse(data, malloc_usable_size(data));
	free(data);
}

int identity_fetch(const struct identity_call *call)
{
	struct protocol_response response = { 0 };
	const struct mikey_community *community = NULL;
	struct identity_trust trust = { 0 };
	struct keying_file line = { 0 };
	char why[IDENTITY_WHY] = "";
	char *request = protocol_request(call->what);
	const char *server;
	int err;

	json_set_alloc_funcs(malloc, wiping_free);
	if (!request)
		keying_sentence(why, sizeof(why), "Out of memory");
	else if (!identity_trust_add(&trust, call->communities[0], why, sizeof(why)))
		community = trust.communities[0];
	err = community ? 0 : -1;
	server = call->server ? call->server : community ? community->kms : "";
	if (!err)
		err = identity_ask(call, server, request, &line, why, sizeof(why));
	if (!err) {
		char what[IDENTITY_WHY] = "";

		err = protocol_response_read(line.data, line.len, &response, what, sizeof(what));
		if (err)
			keying_sentence(why, sizeof(why), "KMS %s: its answer %s", call->kms, what);
	}
	if (!err && response.error[0])
		err = keying_sentence(why, sizeof(why), "KMS %s: %s", call->kms, response.error);
	if (!err)
		err = take(call, &trust, community, &response, why, sizeof(why));
	free(request);
	keying_file_free(&line);
	protocol_response_free(&response);
	identity_trust_free(&trust);
	if (err)
		cli_error("%s", why);
	return err ? CLI_FAILED : CLI_OK;
}
