// SPDX-License-Identifier: MIT
#include "origin.h"

#include <string.h>

#include "../sentence.h"

#define VERSION		1
#define HEAD_LEN	(1 + 2 + 1 + FINGERPRINT_LEN)

_Static_assert(HEAD_LEN + MIKEY_URI_MAX <= KEYING_EVIDENCE_MAX, "an identity has room");

void origin_make(struct keying_result *result, const char *identity,
		   const struct community *community, const struct mikey_month *month)
{
	uint8_t *at = result->evidence;

	strcpy(result->peer_identity, identity);
	*at++ = VERSION;
	*at++ = (uint8_t)(month->year >> 8);
	*at++ = (uint8_t)month->year;
	*at++ = (uint8_t)month->month;
	memcpy(at, community->fingerprint, FINGERPRINT_LEN);
	memcpy(at + FINGERPRINT_LEN, identity, strlen(identity));
	result->evidence_len = HEAD_LEN + strlen(identity);
}

/* Is there anything in it that tells whose keys it came from? */
static bool readable(const uint8_t *evidence, size_t len)
{
	return len > HEAD_LEN && len - HEAD_LEN <= MIKEY_URI_MAX && evidence[0] == VERSION;
}

const struct community *origin_community(const struct provision *provision,
					 const uint8_t *evidence, size_t len)
{
	return readable(evidence, len) ?
		provision_by_fingerprint(provision, evidence + 4, FINGERPRINT_LEN) : NULL;
}

int origin_judge(const struct provision *provision, const uint8_t *evidence, size_t len,
		   time_t now, char *why, size_t why_len)
{
	const struct mikey_time time = { .seconds = now };
	char identity[MIKEY_URI_MAX + 1] = "";
	const struct community *community;
	struct mikey_month month;

	if (!readable(evidence, len))
		return keying_sentence(why, why_len, "nothing tells whose keys it came from");
	memcpy(identity, evidence + HEAD_LEN, len - HEAD_LEN);
	community = provision_by_fingerprint(provision, evidence + 4, FINGERPRINT_LEN);
	month = (struct mikey_month){ evidence[1] << 8 | evidence[2], evidence[3] };
	if (!community)
		return keying_sentence(why, why_len,
				       "the community that %.120s is a user of is not trusted any more",
				       identity);
	if (community_judge(community, identity, now, why, why_len))
		return -1;
	if (!mikey_month_acceptable(&month, &time))
		return keying_sentence(why, why_len,
				       "it came from keys of %.120s for %04d-%02d, which are not in use now; both UEs need those of this month",
				       identity, month.year, month.month);
	return 0;
}
