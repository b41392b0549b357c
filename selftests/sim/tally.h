/* SPDX-License-Identifier: MIT */
/* What happened, counted; one tally for each worker, added up for the report. */
#ifndef SIM_TALLY_H
#define SIM_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "core/ue.h"

/* X(name, words of the report) */
#define TALLY_COUNTS(X) \
	X(schedules, "schedules") \
	X(stations, "UEs") \
	X(events, "events") \
	X(virtual_s, "virtual seconds") \
	X(messages, "PC5-S messages sent") \
	X(packets, "packets of user data sent") \
	X(arrived, "of which arrived") \
	X(lost, "frames lost") \
	X(duplicated, "frames duplicated") \
	X(connected, "links set up, at either end") \
	X(rekeyed, "rekeyings, at either end") \
	X(kd_changed, "of which with a new KD") \
	X(released, "links released") \
	X(failed, "procedures and links that failed") \
	X(soft, "soft limits of COUNT passed") \
	X(exhausted, "COUNTs used up") \
	X(crashes_adopted, "daemons restarted, links taken over") \
	X(crashes_lost, "daemons restarted, state lost") \
	X(reboots, "UEs rebooted") \
	X(restored, "peers whose KD was restored from a store") \
	X(torn, "daemons that died amid their actions") \
	X(reconfigured, "reconfigurations") \
	X(clock_jumps, "jumps of the wall clock") \
	X(refused, "actions the kernel refused") \
	X(unverified, "commands handed up unverified") \
	X(replays_stopped, "replays stopped by a window") \
	X(forgeries_stopped, "frames whose MAC-I did not verify") \
	X(cookies, "cookies asked for") \
	X(embedded, "KDs established in request and command") \
	X(containers_limited, "containers not looked into, for too many came") \
	X(aliased, "frames under Layer-2 IDs of a link") \
	X(identity, "schedules by mikey-sakke") \
	X(isolated, "schedules by eccsi-sakke") \
	X(isolated_keys, "keys installed by it, at UE_1") \
	X(opened, "secrets of either that were opened") \
	X(not_signed, "signatures that were not good") \
	X(denied, "deny lists") \
	X(keys, "keys installed")

/* X(name, words of the report) */
#define TALLY_ATTACKS(X) \
	X(dropped, "dropped") \
	X(held, "held back, delivered late") \
	X(replayed, "replayed") \
	X(reflected, "reflected, or sent to a third UE") \
	X(bits, "octets changed") \
	X(capabilities, "capabilities changed in a request") \
	X(methods, "keying methods changed in a request") \
	X(policy, "policy changed in a request") \
	X(request, "something else changed in a request") \
	X(command, "command changed") \
	X(signature, "signatures of TS 24.334 taken away, changed or put elsewhere") \
	X(payload, "secrets of TS 24.334 taken away, changed or put elsewhere") \
	X(fragment, "key establishment changed") \
	X(forged_request, "forged requests") \
	X(forged_reject, "forged rejects") \
	X(forged_fragment, "forged key establishment") \
	X(forged_command, "forged commands") \
	X(forged_release, "forged releases and the like, in clear") \
	X(forged_protected, "forged protected frames")

/* X(name, the claim, as a test result) */
#define TALLY_INVARIANTS(X) \
	X(survival, "the program does not stop: no assertion, no sanitizer, no endless loop") \
	X(agreement, "both say connected: same KD, KD-sess, algorithms, policies, opposite roles") \
	X(authentic, "connected: the named peer itself ran this run, with this UE") \
	X(algorithms, "the best algorithms, methods and policies that both have: no bidding down") \
	X(once, "no key is installed twice at one end") \
	X(keystream, "no COUNT is used twice with a key, bearer and direction") \
	X(limit, "no key is used past its limit") \
	X(deleted, "nothing is sent under a key that the peer does not hold, or has deleted") \
	X(verified, "nothing is decapsulated but what has a signature that verifies") \
	X(signed, "by eccsi-sakke: each end has found good the other's signature of this run") \
	X(unmoved, "what is signed by nobody moves no link and no key") \
	X(denied, "who is denied by its KMS is not connected with by its keys") \
	X(clear, "nothing leaves in clear but what begins a setup") \
	X(survives, "a link ends for a cause only: what an attacker sends is none") \
	X(kernel, "core and kernel agree on what is there and which association sends") \
	X(bounded, "what strangers make a UE keep has a bound") \
	X(liveness, "once the network is fair, who wants a link has one, within the bound") \
	X(delivery, "then all user data arrives, through rekeyings too") \
	X(rest, "then nothing is left of what failed or was replaced")

#define X(name, words) TALLY_##name,
enum tally_count { TALLY_COUNTS(X) TALLY_COUNTS_N };
#undef X
#define X(name, words) ATTACK_##name,
enum tally_attack { TALLY_ATTACKS(X) TALLY_ATTACKS_N };
#undef X
#define X(name, words) INVARIANT_##name,
enum tally_invariant { TALLY_INVARIANTS(X) TALLY_INVARIANTS_N };
#undef X

/* What can happen to a link. */
enum tally_event {
	EVENT_CONNECT, EVENT_REKEY, EVENT_RELEASE, EVENT_EXPIRE, EVENT_SOFT, EVENT_EXHAUSTED,
	EVENT_GONE, EVENT_REFUSED, EVENT_ADOPT, EVENT_RECONFIGURE,
	EVENT_MESSAGE,			/* of each type, in the order of pc5s_type_at() */
	EVENTS_N = EVENT_MESSAGE + 17,
};

#define TALLY_STATES_N		(UE_LINK_IDLE + 1)
#define TALLY_FAILURES_MAX	8
#define TALLY_TEXT_MAX		400

struct tally_failure {
	uint64_t seed;
	enum tally_invariant invariant;
	char text[TALLY_TEXT_MAX];
};

struct tally {
	uint64_t counts[TALLY_COUNTS_N];
	uint64_t attacks[TALLY_ATTACKS_N];
	uint64_t checks[TALLY_INVARIANTS_N], violations[TALLY_INVARIANTS_N];
	uint64_t matrix[TALLY_STATES_N][EVENTS_N];
	uint64_t longest_ms, longest_bound_ms;	/* until connected on a fair network */
	size_t n_failures;
	struct tally_failure failures[TALLY_FAILURES_MAX];
	uint64_t seed;				/* being run */
};

void tally_add(struct tally *sum, const struct tally *other);
/* Reports what was counted, for people, each line behind "# ", and one for programs. */
void tally_print(const struct tally *tally, double seconds, double cpu_seconds);
/* A result for each invariant; one that was never checked has failed. Returns true if all hold. */
bool tally_results(const struct tally *tally, const char *program);

#endif
