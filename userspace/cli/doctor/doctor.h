/* SPDX-License-Identifier: MIT */
/*
 * prose doctor: finds the usual mistakes. Each check is a function in a file of its own, looks
 * at one thing, and says what it found and, unless that is as it should be, the cure. A check
 * that cannot look says so: silence must not pass for health.
 */
#ifndef PROSE_CLI_DOCTOR_H
#define PROSE_CLI_DOCTOR_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "daemon/config.h"
#include "prose-nl.h"

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_SKIPPED,		/* not looked at, and why */
	DOCTOR_WARN,		/* works, or may work */
	DOCTOR_FAIL,
};

/* A network device as rtnetlink shows it. */
struct doctor_link {
	int ifindex;		/* 0: there is none */
	char name[IF_NAMESIZE], kind[32];
	bool up, carrier;
	unsigned int mtu;
	int lower, master;
};

/**
 * struct doctor - what the checks know
 * @path: the configuration
 * @config: what it says, NULL when it cannot be read
 * @why: then, why not
 * @show: result of the command show, NULL when no prosed answers
 * @no_daemon: then, why not
 * @pid: of the prosed that answers, 0 when it is not known
 * @elsewhere: prosed is in another network namespace, and its devices cannot be seen here
 * @ifname: the prose device, empty when nobody names one
 * @device: the same as a link
 * @lower: what it is on, or would be
 * @kernel: what the family prose says of it
 * @has_kernel: @kernel is valid
 * @findings: array of objects: check, verdict, found, cure
 * @check: name of the check that runs
 * @print: print them as they are found
 */
struct doctor {
	const char *path;
	struct config *config;
	char why[CONFIG_WHY_MAX];
	json_t *show;
	char no_daemon[1024];
	pid_t pid;
	bool elsewhere;
	char ifname[IF_NAMESIZE];
	struct doctor_link device, lower;
	struct prose_nl_device kernel;
	bool has_kernel;
	json_t *findings;
	const char *check;
	bool print;
};

/* A finding; @cure is NULL when nothing is to be done. */
void doctor_say(struct doctor *doctor, enum doctor_verdict verdict, const char *cure,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, with a cure that has something put in. */
const char *doctor_cure(char *buffer, size_t len, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define DOCTOR_CURE_MAX	512

bool doctor_on_udp(const struct doctor *doctor);
unsigned int doctor_ethertype(const struct doctor *doctor);

/* The checks, in the order of a doctor: each rests on those before it. */
void doctor_module(struct doctor *doctor);	/* kernel.c */
void doctor_settings(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_daemon(struct doctor *doctor);
void doctor_device(struct doctor *doctor);
void doctor_lower(struct doctor *doctor);
void doctor_filters(struct doctor *doctor);
void doctor_udp(struct doctor *doctor);
void doctor_peers(struct doctor *doctor);

/* A link by name, or by index; false when there is none, or rtnetlink fails (links.c). */
bool doctor_link_get(const char *name, int ifindex, struct doctor_link *link);
/* Has the device this address? -1 when that cannot be read. */
int doctor_has_address(int ifindex, const struct ue_address *address);
/* Index of the device that packets to it leave by, 0 when there is no way. */
int doctor_route(const struct ue_address *address);

/*
 * Output of a program, standard output only, at most 1 MiB; NULL when it is not installed or
 * ends with an error (run.c). To be freed.
 */
char *doctor_run(const char *const argv[]);
json_t *doctor_run_json(const char *const argv[]);
/* First line of a file, without its end; false when it cannot be read. */
bool doctor_line(const char *path, char *line, size_t len);

/*
 * What drops frames of an EtherType, in the words of tc and nft (filters.c): for tests without
 * either. Each returns how many findings it made.
 */
unsigned int doctor_tc_filters(struct doctor *doctor, const char *where, const json_t *filters);
unsigned int doctor_nft_ruleset(struct doctor *doctor, const json_t *ruleset);

#endif
