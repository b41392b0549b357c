/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ip of iproute2 asks of a plugin for a kind of link, and offers to it.
 *
 * iproute2 installs no header for this, so the names and their order are stated here as
 * facts. ip loads link_KIND.so and looks up KIND_link_util in it. The structure is as below
 * in each release from 4.20 to 7.1 (the last argument list changed in 4.20), the functions
 * in each from 5.4 to 7.1; selftests/device/iproute2.sh tries both with the ip at hand.
 *
 * The plugin is linked with -z now: an ip that lacks one of the functions does not load it
 * and makes devices without options, as it did before; it does not stop half-way.
 */
#ifndef _PROSE_LINK_UTIL_H
#define _PROSE_LINK_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/**
 * struct link_util - a kind of link
 * @next: ip's
 * @id: name of the kind
 * @maxattr: the greatest attribute of IFLA_INFO_DATA that @print_opt knows
 * @parse_opt: append the attributes that the words behind "type KIND" stand for; what is
 *	not 0 ends the command, which says no more
 * @print_opt: show attributes; the array is NULL when the link has none
 * @print_xstats: show IFLA_INFO_XSTATS, or NULL
 * @print_help: "ip link help KIND"
 * @parse_ifla_xstats: "ip link xstats", or NULL
 * @print_ifla_xstats: its answer, or NULL
 */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *self, int argc, char **argv, struct nlmsghdr *n);
	void (*print_opt)(struct link_util *self, FILE *out, struct rtattr *attrs[]);
	void (*print_xstats)(struct link_util *self, FILE *out, struct rtattr *xstats);
	void (*print_help)(struct link_util *self, int argc, char **argv, FILE *out);
	int (*parse_ifla_xstats)(struct link_util *self, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

/* A member more or less would move what is behind it. */
_Static_assert(offsetof(struct link_util, parse_opt) == 3 * sizeof(void *) &&
	       sizeof(struct link_util) == 9 * sizeof(void *),
	       "struct link_util is not the one that ip knows");

/* Octets of a request, as the kinds that are part of ip count them. */
#define LINK_UTIL_REQUEST_LEN	1024

enum output_type {
	PRINT_FP = 1,	/* text only */
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_NONE = 6,
};

/* Functions of ip; they print text, or with -j a member of an object. */
bool is_json_context(void);
int print_color_string(enum output_type type, enum color_attr color, const char *key,
		       const char *format, const char *value);
int print_color_uint(enum output_type type, enum color_attr color, const char *key,
		     const char *format, unsigned int value);
int print_color_bool(enum output_type type, enum color_attr color, const char *key,
		     const char *format, bool value);
int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data, int len);

#endif /* _PROSE_LINK_UTIL_H */
