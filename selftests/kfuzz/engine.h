/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer's engine: programs, their mutation, what they reached in the module, workers.
 *
 * A program is a list of steps of STEP octets. What is done takes its choices from the octets of
 * its step, one after the other; those that are not there, or 0, are the ordinary choice. So any
 * octets are a program, changing one changes one choice, and steps can be moved about.
 *
 * What is reached is told by KCOV, as offsets into the module's text, so that they mean the same
 * wherever it is loaded. Workers are processes that share the corpus. Before a program runs it is
 * written to $OUT, so that one that takes the kernel down can be run again.
 */
#ifndef KFUZZ_ENGINE_H
#define KFUZZ_ENGINE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP		48
#define STEPS_MAX	20
#define PROGRAM_MAX	(STEP * STEPS_MAX)
#define CORPUS_MAX	4096
#define WORKERS_MAX	8
#define LATE		20		/* seconds past the time before it is said what takes so long */
#define LAST		16		/* programs kept of each worker */

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_WORDS	(64 << 10)
#define COVER_MAX	(1 << 20)	/* octets of text */

struct program {
	uint32_t len;
	uint8_t data[PROGRAM_MAX];
};

struct shared {
	uint32_t n;			/* in the corpus */
	uint32_t reached;		/* places in the module */
	uint32_t stop;
	uint32_t failures;
	uint32_t ready;			/* workers that have started */
	double until;			/* set when all have */
	uint64_t runs[WORKERS_MAX], steps[WORKERS_MAX];
	char why[1024];			/* the first failure */
	uint8_t cover[COVER_MAX];
	struct program corpus[CORPUS_MAX];
};

/* What a fuzzer gives to its engine. */
struct fuzzer {
	const char *name, *usage;
	void (*start)(unsigned int worker);
	void (*run)(const uint8_t *data, size_t len);
	/* Some programs to begin with; false after the last. */
	bool (*seed)(unsigned int i, struct program *program);
	bool (*option)(int c, const char *value);
	void (*finish)(void);
};

static struct engine {
	const struct fuzzer *fuzzer;
	struct shared *shared;
	unsigned int worker, workers, seconds;
	uint64_t seed, random;
	const char *corpus, *out;
	uint64_t text;			/* where the module's is */
	uint64_t *kcov;
	int last[LAST];
	bool replaying;
} engine = { .workers = 1, .seconds = 60 };

/* --- choices */

struct choices {
	const uint8_t *p, *end;
};

__attribute__((unused))
static uint8_t choose(struct choices *from)
{
	return from->p < from->end ? *from->p++ : 0;
}

__attribute__((unused))
static uint32_t choose32(struct choices *from)
{
	uint32_t v = choose(from);

	v |= (uint32_t)choose(from) << 8;
	return v | v << 16 | (v * 2654435761u & 0xff00ff00);
}

/* --- failures */

__attribute__((format(printf, 1, 2)))
static void failed(const char *format, ...)
{
	struct shared *shared = engine.shared;
	va_list args;

	va_start(args, format);
	if (!__atomic_fetch_add(&shared->failures, 1, __ATOMIC_SEQ_CST))
		vsnprintf(shared->why, sizeof(shared->why), format, args);
	va_end(args);
	if (engine.replaying)
		return;
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	_exit(1);
}

__attribute__((format(printf, 1, 2)))
static void cannot(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	exit(1);
}

static double engine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A program stops in the middle when time is up: a step may take a second. */
__attribute__((unused))
static bool engine_over(void)
{
	return __atomic_load_n(&engine.shared->stop, __ATOMIC_SEQ_CST) ||
	       (engine.shared->until > 0 && engine_now() >= engine.shared->until);
}

/* --- chance, by xorshift */

static uint32_t engine_random(uint32_t below)
{
	engine.random ^= engine.random << 13;
	engine.random ^= engine.random >> 7;
	engine.random ^= engine.random << 17;
	return (uint32_t)(engine.random >> 16) % below;
}

/* --- coverage */

static void cover_open(void)
{
	FILE *file = fopen("/sys/module/prose/sections/.text", "r");
	int fd = open("/sys/kernel/debug/kcov", O_RDWR);
	unsigned long long text;

	if (file && fscanf(file, "%llx", &text) == 1)
		engine.text = text;
	if (file)
		fclose(file);
	if (fd < 0 || !engine.text)
		return;
	if (ioctl(fd, KCOV_INIT_TRACE, KCOV_WORDS))
		return;
	engine.kcov = mmap(NULL, KCOV_WORDS * sizeof(*engine.kcov), PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	if (engine.kcov == MAP_FAILED || ioctl(fd, KCOV_ENABLE, 0))
		engine.kcov = NULL;
}

/* How many places the program was the first to reach. */
static uint32_t cover_take(void)
{
	struct shared *shared = engine.shared;
	uint64_t i, n;
	uint32_t fresh = 0;

	if (!engine.kcov)
		return 0;
	n = __atomic_load_n(&engine.kcov[0], __ATOMIC_RELAXED);
	if (n >= KCOV_WORDS)
		n = KCOV_WORDS - 1;
	for (i = 1; i <= n; i++) {
		uint64_t at = engine.kcov[i] - engine.text;

		if (at < COVER_MAX && !__atomic_exchange_n(&shared->cover[at], 1, __ATOMIC_RELAXED))
			fresh++;
	}
	if (fresh)
		__atomic_fetch_add(&shared->reached, fresh, __ATOMIC_SEQ_CST);
	return fresh;
}

static void cover_clear(void)
{
	if (engine.kcov)
		__atomic_store_n(&engine.kcov[0], 0, __ATOMIC_RELAXED);
}

/* --- corpus */

static void trim(struct program *program)
{
	while (program->len && !program->data[program->len - 1])
		program->len--;
}

static void write_program(const char *path, const struct program *program)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && write(fd, program->data, program->len) < 0)
		printf("# cannot write %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static bool read_program(const char *path, struct program *program)
{
	int fd = open(path, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return false;
	memset(program, 0, sizeof(*program));
	got = read(fd, program->data, sizeof(program->data));
	close(fd);
	program->len = got > 0 ? (uint32_t)got : 0;
	return got > 0;
}

static void corpus_add(const struct program *program, bool keep)
{
	struct shared *shared = engine.shared;
	uint32_t at = __atomic_fetch_add(&shared->n, 1, __ATOMIC_SEQ_CST);
	struct program *slot;
	char path[512];

	if (at >= CORPUS_MAX) {
		__atomic_store_n(&shared->n, CORPUS_MAX, __ATOMIC_SEQ_CST);
		return;
	}
	slot = &shared->corpus[at];
	memcpy(slot->data, program->data, sizeof(slot->data));
	__atomic_store_n(&slot->len, program->len, __ATOMIC_SEQ_CST);
	trim(slot);
	if (keep) {
		snprintf(path, sizeof(path), "%s/corpus/%05u", engine.out, at);
		write_program(path, slot);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The programs of a folder, in the order of their names. */
static void corpus_read(const char *folder)
{
	DIR *dir = folder ? opendir(folder) : NULL;
	struct program program;
	struct dirent *entry;
	char *names[CORPUS_MAX];
	char path[1024];
	size_t i, n = 0;

	while (dir && n < CORPUS_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			names[n++] = strdup(entry->d_name);
	if (dir)
		closedir(dir);
	qsort(names, n, sizeof(names[0]), by_name);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (read_program(path, &program))
			corpus_add(&program, false);
		free(names[i]);
	}
}

static const struct program *corpus_pick(void)
{
	uint32_t n = __atomic_load_n(&engine.shared->n, __ATOMIC_SEQ_CST);

	if (n > CORPUS_MAX)
		n = CORPUS_MAX;
	/* The latest twice as often: from there on it is new. */
	if (n > 16 && engine_random(2))
		return &engine.shared->corpus[n - 1 - engine_random(n / 4 + 1)];
	return &engine.shared->corpus[engine_random(n)];
}

/* --- mutation */

static uint32_t steps_of(const struct program *program)
{
	return (program->len + STEP - 1) / STEP;
}

static void mutate_octet(struct program *program)
{
	static const uint8_t telling[] = { 0, 1, 2, 3, 4, 8, 16, 32, 64, 127, 128, 192, 224, 255 };
	uint32_t steps = steps_of(program);
	/* Rather the first octets of a step, which say what it is. */
	uint32_t at = engine_random(steps) * STEP + engine_random(engine_random(2) ? 10 : STEP);
	uint8_t *octet = &program->data[at];

	switch (engine_random(4)) {
	case 0:
		*octet ^= (uint8_t)(1 << engine_random(8));
		break;
	case 1:
		*octet = (uint8_t)engine_random(256);
		break;
	case 2:
		*octet = telling[engine_random(sizeof(telling))];
		break;
	default:
		*octet = (uint8_t)(*octet + engine_random(9) - 4);
	}
}

static void insert_step(struct program *program, const uint8_t *step)
{
	uint32_t steps = steps_of(program), at = engine_random(steps + 1);

	if (steps >= STEPS_MAX)
		return;
	memmove(program->data + (at + 1) * STEP, program->data + at * STEP,
		PROGRAM_MAX - (at + 1) * STEP);
	memcpy(program->data + at * STEP, step, STEP);
	program->len = (steps + 1) * STEP;
}

static void mutate_steps(struct program *program)
{
	uint32_t steps = steps_of(program), at = engine_random(steps), i;
	const struct program *other;
	uint8_t step[STEP];

	switch (engine_random(5)) {
	case 0:
		if (steps < 2)
			return;
		memmove(program->data + at * STEP, program->data + (at + 1) * STEP,
			PROGRAM_MAX - (at + 1) * STEP);
		memset(program->data + PROGRAM_MAX - STEP, 0, STEP);
		program->len = (steps - 1) * STEP;
		return;
	case 1:
		memcpy(step, program->data + at * STEP, STEP);
		insert_step(program, step);
		return;
	case 2:
		other = corpus_pick();
		if (!steps_of(other))
			return;
		insert_step(program, other->data + engine_random(steps_of(other)) * STEP);
		return;
	case 3:
		for (i = 0; i < STEP; i++)
			step[i] = engine_random(3) ? 0 : (uint8_t)engine_random(256);
		step[0] |= 1;
		insert_step(program, step);
		return;
	default:
		memcpy(step, program->data + at * STEP, STEP);
		i = engine_random(steps);
		memcpy(program->data + at * STEP, program->data + i * STEP, STEP);
		memcpy(program->data + i * STEP, step, STEP);
	}
}

static void mutate(struct program *program)
{
	uint32_t n = 1 + engine_random(6);

	memset(program->data + program->len, 0, PROGRAM_MAX - program->len);
	if (!program->len)
		program->len = STEP;
	program->len = steps_of(program) * STEP;
	while (n--) {
		if (engine_random(3))
			mutate_octet(program);
		else
			mutate_steps(program);
	}
	trim(program);
}

/* --- running */

static void last_open(void)
{
	char path[512];
	int i;

	for (i = 0; i < LAST; i++) {
		snprintf(path, sizeof(path), "%s/last/%u-%02d", engine.out, engine.worker, i);
		engine.last[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (engine.last[i] < 0)
			cannot("%s: %s; is $OUT a folder that can be written?", path,
			       strerror(errno));
	}
}

/* Returns how much of the module the program was the first to reach. */
static uint32_t run_program(const struct program *program)
{
	static struct program padded;
	uint64_t *runs = &engine.shared->runs[engine.worker];

	memset(&padded, 0, sizeof(padded));
	memcpy(padded.data, program->data, program->len);
	/* Always as long as can be: a longer one that was there is written over. */
	if (!engine.replaying &&
	    pwrite(engine.last[*runs % LAST], padded.data, PROGRAM_MAX, 0) != PROGRAM_MAX)
		failed("cannot write the program that is to run: %s", strerror(errno));
	cover_clear();
	engine.fuzzer->run(padded.data, program->len);
	engine.shared->steps[engine.worker] += steps_of(program);
	(*runs)++;
	return cover_take();
}

/* Time counts from when all workers are ready: starting takes long in a kernel with checks. */
static void work_wait(void)
{
	double until = 0;

	__atomic_fetch_add(&engine.shared->ready, 1, __ATOMIC_SEQ_CST);
	while (until <= 0 && !engine.shared->stop) {
		usleep(20000);
		__atomic_load(&engine.shared->until, &until, __ATOMIC_SEQ_CST);
	}
}

static void work(void)
{
	struct program program;
	uint32_t i, n = engine.shared->n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	engine.random = engine.seed * 0x9e3779b97f4a7c15ull + engine.worker * 0xd1b54a32d192ed03ull + 1;
	last_open();
	cover_open();
	engine.fuzzer->start(engine.worker);
	work_wait();
	/* The corpus as it was first, each worker its share. */
	for (i = engine.worker; i < n && !engine_over(); i += engine.workers)
		run_program(&engine.shared->corpus[i]);
	while (!engine_over()) {
		program = *corpus_pick();
		mutate(&program);
		if (program.len && run_program(&program))
			corpus_add(&program, true);
	}
	if (engine.fuzzer->finish && !engine.shared->stop)
		engine.fuzzer->finish();
	_exit(0);
}

/* A splat while it runs: the programs of the moment are the ones to keep. */
static bool splat(int kmsg)
{
	static const char *const signs[] = {
		"KASAN:", "UBSAN:", "WARNING: ", "BUG: ", "kernel BUG", "Oops", "refcount_t:",
		"ODEBUG:", "suspicious RCU", "possible circular", "possible recursive",
		"inconsistent lock state", "corruption", "general protection", "blocked for more",
		"unregister_netdevice: waiting",
	};
	char line[2048];
	ssize_t got;
	size_t i;

	while (kmsg >= 0 && (got = read(kmsg, line, sizeof(line) - 1)) != 0) {
		if (got < 0 && errno == EPIPE)
			continue;
		if (got < 0)
			return false;
		line[got] = '\0';
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
			const char *text = strchr(line, ';');

			if (!text || !strstr(text, signs[i]))
				continue;
			snprintf(engine.shared->why, sizeof(engine.shared->why),
				 "the kernel said: %.*s", (int)strcspn(text + 1, "\n"), text + 1);
			return true;
		}
	}
	return false;
}

static void report(double took)
{
	uint64_t runs = 0, steps = 0;
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++) {
		runs += engine.shared->runs[i];
		steps += engine.shared->steps[i];
	}
	printf("# %s: %llu programs, %llu steps in %.0f s, %.0f steps a second; ",
	       engine.fuzzer->name, (unsigned long long)runs, (unsigned long long)steps, took,
	       (double)steps / took);
	printf("%u places of the module reached, %u programs in the corpus\n",
	       engine.shared->reached, engine.shared->n);
}

/* Where a worker is that does not come to its end. */
static void show_stack(pid_t child)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stack", (int)child);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		printf("# worker %d: %s", (int)child, line);
	if (file)
		fclose(file);
}

static bool fuzz(void)
{
	double start = engine_now(), told = start, until = 0;
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), status;
	unsigned int i, left = engine.workers;
	bool good = true, running = false, shown = false;
	pid_t children[WORKERS_MAX];

	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	fflush(stdout);
	for (i = 0; i < engine.workers; i++) {
		pid_t child = fork();

		if (child < 0)
			cannot("fork: %s", strerror(errno));
		if (!child) {
			engine.worker = i;
			work();
		}
		children[i] = child;
	}
	while (left) {
		pid_t child = waitpid(-1, &status, WNOHANG);

		if (child > 0) {
			left--;
			if (WIFSIGNALED(status))
				printf("# a worker ended with signal %d\n", WTERMSIG(status));
			good &= WIFEXITED(status) && !WEXITSTATUS(status);
			if (!good)
				engine.shared->stop = 1;
			continue;
		}
		if (splat(kmsg)) {
			good = false;
			engine.shared->stop = 1;
		}
		if (!running && __atomic_load_n(&engine.shared->ready, __ATOMIC_SEQ_CST) == engine.workers) {
			running = true;
			printf("# workers were ready after %.1f s\n", engine_now() - start);
			start = engine_now();
			told = start;
			until = start + engine.seconds;
			__atomic_store(&engine.shared->until, &until, __ATOMIC_SEQ_CST);
		}
		if (running && !shown && engine_now() > until + LATE) {
			shown = true;
			for (i = 0; i < engine.workers; i++)
				show_stack(children[i]);
		}
		if (engine_now() - told > 30) {
			told = engine_now();
			report(told - start);
			fflush(stdout);
		}
		usleep(100000);
	}
	good &= !splat(kmsg) && !engine.shared->failures;
	report(engine_now() - start);
	if (!good)
		printf("# %s\n# the last programs of each worker are in %s/last; --replay FILE... runs them\n",
		       engine.shared->why[0] ? engine.shared->why : "a worker failed", engine.out);
	return good;
}

static bool replay(int n, char **files)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), i;
	struct program program;
	bool good = true;

	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	engine.replaying = true;
	cover_open();
	engine.fuzzer->start(0);
	for (i = 0; i < n; i++) {
		engine.shared->failures = 0;
		engine.shared->why[0] = '\0';
		if (!read_program(files[i], &program))
			cannot("cannot read %s: %s", files[i], strerror(errno));
		run_program(&program);
		if (splat(kmsg) || engine.shared->failures) {
			printf("# %s: %s\n", files[i], engine.shared->why);
			good = false;
		}
	}
	printf("# %d programs; %u places of the module reached\n", n, engine.shared->reached);
	return good;
}

static void help(const struct fuzzer *fuzzer)
{
	printf("usage: %s [--seconds N] [--seed N] [--workers N] [--corpus DIR]%s [--replay FILE...]\n\n"
	       "Fuzzes prose.ko in the guest it runs in; one result in KTAP.\n\n"
	       "  --seconds N   how long (default: FUZZ_SECONDS, or 60)\n"
	       "  --seed N      of the pseudo-random choices; printed\n"
	       "  --workers N   processes at once (default 1)\n"
	       "  --corpus DIR  programs to start from; new ones go to $OUT/corpus\n"
	       "  --replay      run these programs, one after the other, and nothing else\n",
	       fuzzer->name, fuzzer->usage);
}

static int engine_main(const struct fuzzer *fuzzer, int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' }, { "seed", required_argument, NULL, 'r' },
		{ "workers", required_argument, NULL, 'w' }, { "corpus", required_argument, NULL, 'c' },
		{ "replay", no_argument, NULL, 'R' }, { "help", no_argument, NULL, 'h' },
		{ "check-state", no_argument, NULL, 'C' }, { NULL, 0, NULL, 0 },
	};
	const char *text = getenv("FUZZ_SECONDS");
	struct program program;
	bool replaying = false, good;
	unsigned int i;
	char path[512];
	int c;

	engine.fuzzer = fuzzer;
	engine.out = getenv("OUT") ? getenv("OUT") : ".";
	engine.seed = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid();
	if (text && atoi(text) > 0)
		engine.seconds = (unsigned int)atoi(text);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's': engine.seconds = (unsigned int)strtoul(optarg, NULL, 0); break;
		case 'r': engine.seed = strtoull(optarg, NULL, 0); break;
		case 'w': engine.workers = (unsigned int)strtoul(optarg, NULL, 0); break;
		case 'c': engine.corpus = optarg; break;
		case 'R': replaying = true; break;
		case 'h': help(fuzzer); return 0;
		default:
			if (!fuzzer->option || !fuzzer->option(c, optarg)) {
				fprintf(stderr, "%s: see --help\n", fuzzer->name);
				return 2;
			}
		}
	}
	if (!engine.seconds || !engine.workers || engine.workers > WORKERS_MAX) {
		fprintf(stderr, "%s: 1 to %d workers, 1 second or more\n", fuzzer->name, WORKERS_MAX);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	engine.shared = mmap(NULL, sizeof(*engine.shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (engine.shared == MAP_FAILED)
		cannot("no memory");
	snprintf(path, sizeof(path), "%s/corpus", engine.out);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/last", engine.out);
	mkdir(path, 0755);
	for (i = 0; memset(&program, 0, sizeof(program)), fuzzer->seed(i, &program); i++)
		corpus_add(&program, false);
	corpus_read(engine.corpus);

	printf("KTAP version 1\n1..1\n");
	if (replaying) {
		good = replay(argc - optind, argv + optind);
	} else {
		printf("# --seed %llu --workers %u --seconds %u, %u programs to start from\n",
		       (unsigned long long)engine.seed, engine.workers, engine.seconds,
		       engine.shared->n);
		good = fuzz();
		/* Something must have been done, or its passing means nothing. */
		if (good && !engine.shared->runs[0]) {
			printf("# no program ran\n");
			good = false;
		}
		if (good && !access("/sys/kernel/debug/kcov", F_OK) && !engine.shared->reached) {
			printf("# the kernel has KCOV, which saw nothing of the module\n");
			good = false;
		}
	}
	printf("%sok 1 %s\n", good ? "" : "not ", fuzzer->name);
	return good ? 0 : 1;
}

#endif
