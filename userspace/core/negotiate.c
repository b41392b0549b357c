// SPDX-License-Identifier: MIT
/*
 * What two UEs settle on: algorithms, and whether user data is ciphered and carries a MAC-I.
 *
 * TS 24.334 has one list of algorithms on each side, and UE_2 chooses. The user-plane policies are
 * those of the later NR specifications (TS 33.536 5.3.3.1.4): REQUIRED of one side and NOT NEEDED
 * of the other refuse each other, NOT NEEDED of either switches off, all else switches on. Both
 * policies of UE_1 are echoed under the MAC of the security mode command, beside the outcome, so
 * that nobody between the two can talk them down.
 *
 * TS 24.334 has one ciphering algorithm for signalling and user data, so user data that is not to
 * be ciphered means EEA0 for both. Integrity of signalling is never a question: EIA0 is refused.
 */
#include <stdio.h>

#include "eia.h"
#include "link.h"

/* The first algorithm of our preference that both have; 0xff when there is none. */
static uint8_t first(const uint8_t order[4], uint8_t both, uint8_t without)
{
	for (size_t i = 0; i < 4; i++)
		if (order[i] < 8 && order[i] != without && both & 0x80 >> order[i])
			return order[i];
	return 0xff;
}

/* Both have a policy: may they meet, and what comes out? */
static bool settle(enum ue_policy own, enum ue_policy peer, bool *on)
{
	if ((own == UE_REQUIRED && peer == UE_NOT_NEEDED) ||
	    (own == UE_NOT_NEEDED && peer == UE_REQUIRED))
		return false;
	*on = own != UE_NOT_NEEDED && peer != UE_NOT_NEEDED;
	return true;
}

static const char *policy_name(enum ue_policy policy)
{
	return policy == UE_REQUIRED ? "required" : policy == UE_PREFERRED ? "preferred" :
		"not needed";
}

/*
 * What a request offers: not what the policy rules out. Under strict TS 24.334 it is all that a
 * request can say about that.
 */
uint16_t negotiate_capabilities(const struct ue_config *config)
{
	return config->up_ciphering == UE_REQUIRED ? config->capabilities & 0x7fff :
		config->capabilities;
}

void negotiate_offer(const struct ue_config *config, struct pc5s_policy *policy)
{
	policy->up_integrity = (uint8_t)config->up_integrity;
	policy->up_ciphering = (uint8_t)config->up_ciphering;
	policy->count_profile = config->count_profile == UE_COUNT_SESS_ID;
}

/* Does a policy leave anything to choose from? Also what a configuration is checked by. */
static bool choose(const struct ue_config *config, uint16_t capabilities, enum ue_policy ciphering,
		   struct agreement *out)
{
	uint16_t both = capabilities & config->capabilities;

	out->eia = first(config->eia_order, (uint8_t)both, EIA0);
	if (ciphering == UE_NOT_NEEDED)
		out->eea = both & 0x8000 ? 0 : 0xff;
	else
		out->eea = first(config->eea_order, (uint8_t)(both >> 8),
				 ciphering == UE_REQUIRED ? 0 : 0xff);
	return out->eea != 0xff && out->eia != 0xff;
}

bool negotiate_possible(const struct ue_config *config)
{
	struct agreement agreement;

	return choose(config, config->capabilities, config->up_ciphering, &agreement);
}

/* UE_2: what a request leads to. False with a sentence when it leads nowhere: cause 7. */
bool negotiate(const struct ue_config *config, uint16_t capabilities,
	       const struct pc5s_policy *policy, struct agreement *out, char *why, size_t why_len)
{
	enum ue_policy ciphering = config->up_ciphering;
	bool cipher;

	out->up_integrity = config->up_integrity != UE_NOT_NEEDED;
	if (policy) {
		if (policy->count_profile != (config->count_profile == UE_COUNT_SESS_ID)) {
			snprintf(why, why_len, "It counts by profile %s, this UE by %s.",
				 policy->count_profile ? "sess-id" : "hfn",
				 policy->count_profile ? "hfn" : "sess-id");
			return false;
		}
		if (!settle(config->up_integrity, (enum ue_policy)policy->up_integrity,
			    &out->up_integrity)) {
			snprintf(why, why_len,
				 "Integrity of user data is %s to it and %s to this UE.",
				 policy_name((enum ue_policy)policy->up_integrity),
				 policy_name(config->up_integrity));
			return false;
		}
		if (!settle(ciphering, (enum ue_policy)policy->up_ciphering, &cipher)) {
			snprintf(why, why_len,
				 "Ciphering of user data is %s to it and %s to this UE.",
				 policy_name((enum ue_policy)policy->up_ciphering),
				 policy_name(ciphering));
			return false;
		}
		if (!cipher)
			ciphering = UE_NOT_NEEDED;
		else if (policy->up_ciphering == UE_REQUIRED)
			ciphering = UE_REQUIRED;
	}
	if (choose(config, capabilities, ciphering, out))
		return true;
	snprintf(why, why_len,
		 "No ciphering and integrity algorithms in common: it has %04x, this UE %04x.",
		 capabilities, config->capabilities);
	return false;
}

/*
 * UE_1: may UE_2 have come to this by what our request said? The request counts, not the
 * configuration, which may have been reloaded since.
 */
bool negotiate_fits(const struct pc5s_policy *sent, const struct agreement *agreement)
{
	if (sent->up_integrity == UE_REQUIRED && !agreement->up_integrity)
		return false;
	if (sent->up_integrity == UE_NOT_NEEDED && agreement->up_integrity)
		return false;
	if (sent->up_ciphering == UE_REQUIRED && !agreement->eea)
		return false;
	return sent->up_ciphering != UE_NOT_NEEDED || !agreement->eea;
}
