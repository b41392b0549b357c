// SPDX-License-Identifier: MIT
/* What happened, counted, tally.h. */
#include "tally.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/pc5s.h"

#define X(name, words) words,
static const char * const count_words[] = { TALLY_COUNTS(X) };
static const char * const attack_words[] = { TALLY_ATTACKS(X) };
static const char * const invariant_words[] = { TALLY_INVARIANTS(X) };
#undef X
#define X(name, words) #name,
static const char * const count_names[] = { TALLY_COUNTS(X) };
static const char * const invariant_names[] = { TALLY_INVARIANTS(X) };
#undef X

static void add(uint64_t *sum, const uint64_t *other, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += other[i];
}

void tally_add(struct tally *sum, const struct tally *other)
{
	add(sum->counts, other->counts, TALLY_COUNTS_N);
	add(sum->attacks, other->attacks, TALLY_ATTACKS_N);
	add(sum->checks, other->checks, TALLY_INVARIANTS_N);
	add(sum->violations, other->violations, TALLY_INVARIANTS_N);
	for (size_t i = 0; i < TALLY_STATES_N; i++)
		add(sum->matrix[i], other->matrix[i], EVENTS_N);
	if (other->longest_ms > sum->longest_ms) {
		sum->longest_ms = other->longest_ms;
		sum->longest_bound_ms = other->longest_bound_ms;
	}
	for (size_t i = 0; i < other->n_failures && sum->n_failures < TALLY_FAILURES_MAX; i++)
		sum->failures[sum->n_failures++] = other->failures[i];
}

static const char *event_name(unsigned int event)
{
	static const char * const names[EVENT_MESSAGE] = {
		"connect", "rekey", "release", "timer", "soft limit", "used up", "assoc gone",
		"refused", "taken over", "reconfigured",
	};

	return event < EVENT_MESSAGE ? names[event] :
		pc5s_type_name(pc5s_type_at(event - EVENT_MESSAGE));
}

static void print_matrix(const struct tally *tally)
{
	unsigned int seen = 0;

	printf("#\n# %-30s", "event in state");
	for (unsigned int s = 0; s < TALLY_STATES_N; s++)
		printf(" %10s", ue_state_name(s));
	putchar('\n');
	for (unsigned int e = 0; e < EVENTS_N; e++) {
		printf("# %-30s", event_name(e));
		for (unsigned int s = 0; s < TALLY_STATES_N; s++) {
			if (tally->matrix[s][e])
				printf(" %10" PRIu64, tally->matrix[s][e]);
			else
				printf(" %10s", "-");
			seen += tally->matrix[s][e] > 0;
		}
		putchar('\n');
	}
	printf("# %u of %u pairs of a state and an event were seen\n", seen,
	       TALLY_STATES_N * EVENTS_N);
}

void tally_print(const struct tally *tally, double seconds, double cpu_seconds)
{
	uint64_t attacks = 0, checks = 0;

	for (size_t i = 0; i < TALLY_COUNTS_N; i++)
		printf("# %12" PRIu64 "  %s\n", tally->counts[i], count_words[i]);
	printf("#\n# attacks:\n");
	for (size_t i = 0; i < TALLY_ATTACKS_N; i++) {
		printf("# %12" PRIu64 "  %s\n", tally->attacks[i], attack_words[i]);
		attacks += tally->attacks[i];
	}
	printf("#\n# invariants, how often each was checked:\n");
	for (size_t i = 0; i < TALLY_INVARIANTS_N; i++) {
		printf("# %12" PRIu64 "  %s\n", tally->checks[i], invariant_names[i]);
		checks += tally->checks[i];
	}
	print_matrix(tally);
	printf("# on a fair network all were connected after %.1f s at most (of %.1f s allowed)\n",
	       (double)tally->longest_ms / 1000, (double)tally->longest_bound_ms / 1000);
	printf("# %.1f s, %.1f s of processor time, %.2f ms a schedule\n", seconds, cpu_seconds,
	       tally->counts[TALLY_schedules] ?
	       1000 * cpu_seconds / (double)tally->counts[TALLY_schedules] : 0.0);
	printf("# summary: attacks=%" PRIu64 " checks=%" PRIu64 " failures=%zu seconds=%.1f", attacks,
	       checks, tally->n_failures, seconds);
	for (size_t i = 0; i < TALLY_COUNTS_N; i++)
		printf(" %s=%" PRIu64, count_names[i], tally->counts[i]);
	putchar('\n');
}

bool tally_results(const struct tally *tally, const char *program)
{
	bool all = true;

	printf("1..%d\n", TALLY_INVARIANTS_N);
	for (size_t i = 0; i < tally->n_failures; i++) {
		const struct tally_failure *failure = &tally->failures[i];

		printf("# seed %" PRIu64 ": %s: %s\n#   again: %s --seed %" PRIu64 " -v\n",
		       failure->seed, invariant_names[failure->invariant], failure->text, program,
		       failure->seed);
	}
	for (size_t i = 0; i < TALLY_INVARIANTS_N; i++) {
		/* where all ended early there may have been nothing to check */
		bool skipped = !tally->checks[i] && tally->n_failures;
		bool ok = skipped || (tally->checks[i] && !tally->violations[i]);

		printf("%sok %zu %s: %s%s\n", ok ? "" : "not ", i + 1, invariant_names[i],
		       invariant_words[i], skipped ? " # SKIP never checked" :
		       tally->checks[i] ? "" : " (never checked)");
		all &= ok;
	}
	return all;
}
