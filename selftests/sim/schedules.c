// SPDX-License-Identifier: MIT
/*
 * Seeded schedules of two to five UEs, an unkind medium and an attacker, on a virtual clock;
 * world.h says what is where. A schedule is a function of its seed: what fails, fails again.
 *
 * Usage: schedules [--schedules N] [--first SEED] [--jobs N] | --seed SEED [-v]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user.h"
#include "world.h"

#define SCHEDULES	2000
#define JOBS_MAX	256

/* What the workers share: the next seed, and a tally each. */
struct shared {
	_Atomic uint64_t next;
	struct tally tallies[];
};

static void usage(FILE *file)
{
	fprintf(file,
		"Usage: schedules [--schedules N] [--first SEED] [--jobs N]\n"
		"       schedules --seed SEED [-v]\n"
		"\n"
		"Runs seeded schedules of two to five UEs on a virtual clock, with loss, duplication,\n"
		"reordering, delay, crashes, clock jumps and an attacker, and checks invariants at each\n"
		"step. Ends with a report and a result for each invariant (TAP).\n"
		"\n"
		"  --schedules N   how many (%d)\n"
		"  --first SEED    seed of the first (1); the others follow\n"
		"  --jobs N        processes (one for each processor)\n"
		"  --seed SEED     that one schedule only\n"
		"  -v              each event of it\n", SCHEDULES);
}

static uint64_t number(const char *text, const char *option)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "schedules: %s: %s is not a number\n", option, text);
		exit(2);
	}
	return value;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double processor_seconds(void)
{
	double sum = 0;

	for (int i = 0; i < 2; i++) {
		struct rusage r;

		getrusage(i ? RUSAGE_CHILDREN : RUSAGE_SELF, &r);
		sum += (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 +
		       (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
	}
	return sum;
}

static int work(struct shared *shared, struct tally *tally, uint64_t end)
{
	uint64_t seed;

	user_provision();
	while ((seed = atomic_fetch_add(&shared->next, 1)) < end &&
	       tally->n_failures < TALLY_FAILURES_MAX) {
		tally->seed = seed;
		world_run(seed, tally, false);
	}
	user_deprovision();
	return 0;
}

static void progress(const struct shared *shared, unsigned int jobs, uint64_t first, uint64_t end)
{
	uint64_t done = 0, failures = 0;

	for (unsigned int i = 0; i < jobs; i++) {
		done += shared->tallies[i].counts[TALLY_schedules];
		failures += shared->tallies[i].n_failures;
	}
	fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " schedules, %" PRIu64 " failed ", done,
		end - first, failures);
}

/* A worker that did not end by itself ended for what its schedule did. */
static void judge(struct tally *tally, int status)
{
	struct tally_failure *failure;

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	tally->checks[INVARIANT_survival]++;
	tally->violations[INVARIANT_survival]++;
	if (tally->n_failures == TALLY_FAILURES_MAX)
		tally->n_failures--;
	failure = &tally->failures[tally->n_failures++];
	failure->seed = tally->seed;
	failure->invariant = INVARIANT_survival;
	if (WIFSIGNALED(status))
		snprintf(failure->text, sizeof(failure->text), "the program got signal %d, %s",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(failure->text, sizeof(failure->text), "the program ended with status %d",
			 WEXITSTATUS(status));
}

static void run_all(struct tally *sum, uint64_t first, uint64_t end, unsigned int jobs)
{
	size_t size = sizeof(struct shared) + jobs * sizeof(struct tally);
	struct shared *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool terminal = isatty(STDERR_FILENO);
	pid_t pids[JOBS_MAX];
	unsigned int running = jobs;

	if (shared == MAP_FAILED) {
		perror("schedules: memory for workers");
		exit(2);
	}
	shared->next = first;
	fflush(stdout);
	for (unsigned int i = 0; i < jobs; i++) {
		pids[i] = fork();
		if (pids[i] < 0) {
			perror("schedules: a worker");
			exit(2);
		}
		if (!pids[i])
			exit(work(shared, &shared->tallies[i], end));
	}
	while (running) {
		int status;
		pid_t pid = waitpid(-1, &status, terminal ? WNOHANG : 0);

		if (!pid) {
			progress(shared, jobs, first, end);
			usleep(200000);
			continue;
		}
		for (unsigned int i = 0; i < jobs; i++)
			if (pids[i] == pid) {
				judge(&shared->tallies[i], status);
				running--;
			}
	}
	if (terminal)
		fputs("\r\033[K", stderr);
	for (unsigned int i = 0; i < jobs; i++)
		tally_add(sum, &shared->tallies[i]);
	munmap(shared, size);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "schedules", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "seed", required_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t schedules = SCHEDULES, first = 1, jobs = processors > 0 ? (uint64_t)processors : 1;
	static struct tally tally;
	double start = seconds();
	bool one = false, verbose = false, ok;
	int option;

	while ((option = getopt_long(argc, argv, "n:f:j:s:vh", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			schedules = number(optarg, "--schedules");
			break;
		case 'f':
			first = number(optarg, "--first");
			break;
		case 'j':
			jobs = number(optarg, "--jobs");
			break;
		case 's':
			first = number(optarg, "--seed");
			one = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc || !schedules || !jobs) {
		usage(stderr);
		return 2;
	}
	if (one) {
		user_provision();
		ok = world_run(first, &tally, verbose);
		user_deprovision();
		if (!ok)
			printf("seed %" PRIu64 ": %s\n", first, tally.failures[0].text);
		else
			printf("seed %" PRIu64 ": every invariant holds\n", first);
		return !ok;
	}
	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	run_all(&tally, first, first + schedules, (unsigned int)(jobs < schedules ? jobs : schedules));
	tally_print(&tally, seconds() - start, processor_seconds());
	return !tally_results(&tally, argv[0]);
}
