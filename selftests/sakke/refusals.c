// SPDX-License-Identifier: MIT
/*
 * Messages of method mikey-sakke that are well signed and cannot be opened, for constant_time.sh to watch
 * under callgrind: from the decapsulation until there is an answer, UE_2 has to take the same number of
 * instructions whatever is wrong with them. It prints what was, a word for each message; the count of
 * each is a dump of callgrind's.
 *
 * Left out is the verification before, which is of public values and takes as long as these have it.
 *
 * usage: refusals
 */
#include "../unit/keying_lab.h"
#include "../unit/kms_lab.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_DUMP_STATS
#endif

/* The first messages fetch algorithms and grow the heap. */
static const char * const kinds[] = {
	"warm-up", "warm-up",
	"hint",			/* H: the SSV is another one */
	"other-point",		/* R of another SSV, of order q as it has to be */
	"other-key",		/* for another identity, so that it is the wrong RSK */
	"hint", "other-point", "other-key",
	"off-curve",		/* what everyone can see, and which is refused at once */
};

static const char *kind;

int __real_sakke_encapsulate(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
			     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN]);
int __wrap_sakke_encapsulate(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
			     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN]);
int __real_sakke_decapsulate(const struct sakke_key *key, const uint8_t *data, size_t len,
			     uint8_t ssv[SAKKE_SSV_LEN]);
int __wrap_sakke_decapsulate(const struct sakke_key *key, const uint8_t *data, size_t len,
			     uint8_t ssv[SAKKE_SSV_LEN]);

/* UE_1 lies. */
int __wrap_sakke_encapsulate(const struct sakke_domain *domain, const uint8_t *id, size_t id_len,
			     const uint8_t ssv[SAKKE_SSV_LEN], uint8_t data[SAKKE_DATA_LEN])
{
	uint8_t other[SAKKE_DATA_LEN], other_id[SAKKE_ID_MAX], other_ssv[SAKKE_SSV_LEN];
	int rc = __real_sakke_encapsulate(domain, id, id_len, ssv, data);

	memcpy(other_ssv, ssv, sizeof(other_ssv));
	memcpy(other_id, id, id_len);
	if (!strcmp(kind, "other-point")) {
		other_ssv[0] ^= 1;
		rc |= __real_sakke_encapsulate(domain, id, id_len, other_ssv, other);
		memcpy(data, other, SAKKE_POINT_LEN);
	} else if (!strcmp(kind, "other-key")) {
		other_id[id_len - 1] ^= 1;
		rc |= __real_sakke_encapsulate(domain, other_id, id_len, ssv, data);
	} else if (!strcmp(kind, "off-curve")) {
		data[2 * SAKKE_L] ^= 1;
	} else {
		data[SAKKE_DATA_LEN - 1] ^= 1;
	}
	return rc;
}

int __wrap_sakke_decapsulate(const struct sakke_key *key, const uint8_t *data, size_t len,
			     uint8_t ssv[SAKKE_SSV_LEN])
{
	CALLGRIND_TOGGLE_COLLECT;
	return __real_sakke_decapsulate(key, data, len, ssv);
}

static struct keying_method *method(const char *community, const char *keys)
{
	const struct mikey_sakke_files files = {
		.communities = &community, .n_communities = 1, .keys = &keys, .n_keys = 1,
		.now = LAB_NOW,
	};
	char why[KEYING_TEXT_MAX] = "";
	struct keying_method *made = mikey_sakke_new(&files, why, sizeof(why));

	if (!made) {
		fprintf(stderr, "refusals: %s\n", why);
		exit(1);
	}
	return made;
}

/* UE_1's message to UE_2 with what is wrong, and UE_2's answer to it. */
static bool refused(const struct keying_method *ue_1, const struct keying_method *ue_2)
{
	struct keying_context context[2];
	struct keying_session *session[2];
	struct keying_buffer hello = { 0 }, message = { 0 }, answer = { 0 };
	struct keying_result result;
	struct keying_error error;
	bool ok;

	for (int role = 0; role < 2; role++) {
		const struct keying_method *of = role == KEYING_UE_1 ? ue_1 : ue_2;

		lab_context(&context[role], role);
		strcpy(context[role].peer_identity, role == KEYING_UE_1 ? KMS_UE_2 : KMS_UE_1);
		session[role] = of->open(of, &context[role], &error);
	}
	ok = session[0] && session[1] &&
	     ue_2->step(session[KEYING_UE_2], NULL, 0, &hello, &result, &error) == KEYING_SEND &&
	     ue_1->step(session[KEYING_UE_1], hello.data, hello.len, &message, &result, &error) ==
	     KEYING_SEND &&
	     ue_2->step(session[KEYING_UE_2], message.data, message.len, &answer, &result, &error) ==
	     KEYING_FAILED;
	CALLGRIND_TOGGLE_COLLECT;
	CALLGRIND_DUMP_STATS;
	ok = ok && !strcmp(error.text, "the secret in the message could not be opened");
	for (int role = 0; role < 2; role++)
		ue_1->close(session[role]);
	free(hello.data);
	free(message.data);
	free(answer.data);
	return ok;
}

int main(void)
{
	struct keying_method *ue_1, *ue_2;
	bool ok = true;
	struct kms kms;

	if (lab_setup(NULL))
		return 1;
	kms_init(&kms, "kms.example.org");
	kms_public(&kms, lab_path("community"));
	kms_extract(&kms, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1"));
	kms_extract(&kms, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2"));
	ue_1 = method(lab_path("community"), lab_path("ue1"));
	ue_2 = method(lab_path("community"), lab_path("ue2"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && ok; i++) {
		kind = kinds[i];
		ok = refused(ue_1, ue_2);
		if (ok)
			puts(kind);
	}
	mikey_sakke_free(ue_1);
	mikey_sakke_free(ue_2);
	kms_free(&kms);
	return lab_teardown(NULL) || !ok;
}
