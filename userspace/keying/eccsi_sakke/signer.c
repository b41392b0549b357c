// SPDX-License-Identifier: MIT
#include "signer.h"

#include <string.h>

#include "../sentence.h"

static struct mikey_month month_beside(const struct mikey_time *now, int by)
{
	struct mikey_month month = mikey_month_of(now);
	int months = 12 * month.year + month.month - 1 + by;

	return (struct mikey_month){ months / 12, months % 12 + 1 };
}

/* In one month. Whom a KMS has denied is not a user of it, so that costs nothing. */
static bool find_in_month(struct signer *signer, const struct provision *provision,
			  const char *name, const struct mikey_octets *message,
			  const uint8_t *signature, const struct community **denier)
{
	struct mikey_identifier id;

	if (mikey_identifier(name, strlen(name), &signer->month, &id))
		return false;
	for (size_t i = 0; i < provision->n_communities; i++) {
		signer->community = &provision->communities[i];
		if (community_denies(signer->community, name))
			*denier = signer->community;
		else if (!eccsi_verify(signer->community->mikey->eccsi, id.octets, id.len,
				       message->data, message->len, signature,
				       ECCSI_SIGNATURE_LEN))
			return true;
	}
	return false;
}

int signer_find(struct signer *signer, const struct provision *provision, const char *name,
		const struct mikey_octets *message, const uint8_t *signature, time_t now, char *why,
		size_t why_len)
{
	static const int beside[] = { 0, -1, 1 };
	const struct mikey_time time = { .seconds = now };
	const struct community *denier = NULL;

	signer->verified = false;
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		signer->month = month_beside(&time, beside[i]);
		if (mikey_month_acceptable(&signer->month, &time) &&
		    find_in_month(signer, provision, name, message, signature, &denier)) {
			signer->verified = true;
			return community_judge(signer->community, name, now, why, why_len);
		}
	}
	if (denier)
		return keying_sentence(why, why_len, "KMS %.100s has denied %.118s",
				       denier->mikey->kms, name);
	return keying_sentence(why, why_len,
			       "the signature is not that of %.118s, by any community that is trusted here and keys that are in use now",
			       name);
}
