/* SPDX-License-Identifier: MIT */
/*
 * What the files of the configuration share: config_syntax.c has what options there are, config_values.c
 * what one may be by itself, config_sections.c what they make together, and config_faults.c what is
 * said when they do not.
 */
#ifndef PROSE_DAEMON_CONFIG_PARTS_H
#define PROSE_DAEMON_CONFIG_PARTS_H

#include <confuse.h>

#include "config.h"

/* Added behind the file: seen inside a section, that section was never closed. */
#define CONFIG_END_MARK	"end-of-configuration"

struct option_help {
	const char *section;	/* NULL: top level */
	const char *name;
	const char *write;
};

/*
 * The file being parsed. libconfuse's callbacks carry no context, and a file is parsed
 * from start to end by one call, so this lives as long as that call.
 */
extern struct parsing {
	const char *path;
	const char *text;
	char *why;
	size_t why_len;
	bool strict_24334;	/* whatever stands there */
	bool failed;
	struct {
		const cfg_opt_t *opt;
		int line;
	} seen[512];
	size_t n_seen;
} config_parsing;

/* What to write for an option; NULL: there is no such option in that section. */
const struct option_help *config_help(const char *section, const char *name);

/**
 * config_complain() - the file is not to be used
 * @line: where; 0: of the whole file
 * @format: what is wrong, and the cure
 *
 * The first complaint counts; what follows is its consequence.
 *
 * Return: -1.
 */
__attribute__((format(printf, 2, 3)))
int config_complain(int line, const char *format, ...);

/* A value of an option is wrong: reason, and what to write. Returns -1. */
__attribute__((format(printf, 3, 4)))
int config_refuse(const cfg_t *cfg, const cfg_opt_t *opt, const char *format, ...);

/* What libconfuse itself finds wrong, said again with a cure. */
__attribute__((format(printf, 2, 0)))
void config_on_error(cfg_t *cfg, const char *format, va_list args);

/* Notes where an option stands; one that may stand once only must not stand twice. */
int config_note(const cfg_t *cfg, const cfg_opt_t *opt);
/* Line of an option that was noted, 0 when it does not stand there. */
int config_line_of(const cfg_opt_t *opt);

/* Each value is checked as it is read. */
void config_check_values(cfg_t *cfg);

/* The file, parsed and each value checked, to be freed with cfg_free(); NULL after a complaint. */
cfg_t *config_parse(const char *path);

/* What all options make together; -1 after a complaint. */
int config_take(struct config *config, cfg_t *cfg);

#endif
