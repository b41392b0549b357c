// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plugin of ip(8) of iproute2 for links of kind prose: options of "ip link add ... type
 * prose", and their display by "ip -d link", also as JSON.
 *
 * It becomes part of ip, which is GPL-2.0-or-later, so it is that too, unlike the rest of
 * userspace.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/prose.h>

#include "link_util.h"

/**
 * struct option - what can be said of a device, or is only shown
 * @name: the word; with _ for - the member in JSON
 * @attr: IFLA_PROSE_
 * @values: the word or words that may follow, for the usage
 * @text: what it is; of one that is only shown, how it is changed
 * @take: read the word that followed and append the attribute, or say why not and return
 *	false; NULL if it is only shown
 * @show: print what the attribute says, after the name; nothing if it is malformed
 *
 * An option that goes into one of two attributes has a second row of the same name, with
 * @show alone.
 */
struct option {
	const char *name;
	int attr;
	const char *values;
	const char *text;
	bool (*take)(const struct option *option, const char *word, struct nlmsghdr *n);
	void (*show)(const struct option *option, const struct rtattr *attr);
};

__attribute__((format(printf, 1, 2)))
static void complain(const char *format, ...)
{
	va_list args;

	fputs("Error: prose: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(".\n", stderr);
}

static bool refuse(const struct option *option, const char *word, const char *wanted)
{
	complain("%s: \"%s\" is not %s", option->name, word, wanted);
	return false;
}

static bool append(const struct option *option, const void *data, size_t len, struct nlmsghdr *n)
{
	/* It has said that the message is too long. */
	return !addattr_l(n, LINK_UTIL_REQUEST_LEN, option->attr, data, (int)len);
}

static void show_name(const struct option *option)
{
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", option->name);
}

/* The option's member in JSON. */
static const char *key_of(const struct option *option, char key[32])
{
	size_t i;

	for (i = 0; i < 31 && option->name[i]; i++)
		key[i] = option->name[i] == '-' ? '_' : option->name[i];
	key[i] = '\0';
	return key;
}

static void show_word(const struct option *option, const char *word)
{
	char key[32];

	show_name(option);
	print_color_string(PRINT_ANY, COLOR_NONE, key_of(option, key), "%s ", word);
}

static const char *const carriers[] = {
	[PROSE_CARRIER_LINK] = "link",
	[PROSE_CARRIER_UDP] = "udp",
};

static bool take_carrier(const struct option *option, const char *word, struct nlmsghdr *n)
{
	uint32_t i;

	for (i = 0; i < sizeof(carriers) / sizeof(*carriers); i++) {
		if (carriers[i] && !strcmp(word, carriers[i]))
			return append(option, &i, sizeof(i), n);
	}
	return refuse(option, word, "link or udp");
}

static void show_carrier(const struct option *option, const struct rtattr *attr)
{
	char number[sizeof("4294967295")];
	uint32_t i;

	if (RTA_PAYLOAD(attr) != sizeof(i))
		return;
	memcpy(&i, RTA_DATA(attr), sizeof(i));
	/* A newer kernel may know more. */
	snprintf(number, sizeof(number), "%u", i);
	show_word(option, i < sizeof(carriers) / sizeof(*carriers) && carriers[i] ?
		  carriers[i] : number);
}

static bool take_ethertype(const struct option *option, const char *word, struct nlmsghdr *n)
{
	unsigned long number;
	uint16_t ethertype;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 0);
	/* strtoul() takes blanks and signs. Which numbers are EtherTypes is the kernel's affair. */
	if (strspn(word, "0123456789") == 0 || *end || errno || number > UINT16_MAX)
		return refuse(option, word, "a number from 0x0600 to 0xffff, such as 0x88b5");
	ethertype = htons((uint16_t)number);
	return append(option, &ethertype, sizeof(ethertype), n);
}

static void show_ethertype(const struct option *option, const struct rtattr *attr)
{
	char text[sizeof("0xffff")];
	uint16_t ethertype;

	if (RTA_PAYLOAD(attr) != sizeof(ethertype))
		return;
	memcpy(&ethertype, RTA_DATA(attr), sizeof(ethertype));
	snprintf(text, sizeof(text), "0x%04x", ntohs(ethertype));
	show_word(option, text);
}

static bool take_port(const struct option *option, const char *word, struct nlmsghdr *n)
{
	unsigned long number;
	uint16_t port;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 10);
	if (strspn(word, "0123456789") == 0 || *end || errno || !number || number > UINT16_MAX)
		return refuse(option, word, "a UDP port, 1 to 65535");
	port = htons((uint16_t)number);
	return append(option, &port, sizeof(port), n);
}

static void show_port(const struct option *option, const struct rtattr *attr)
{
	char key[32];
	uint16_t port;

	if (RTA_PAYLOAD(attr) != sizeof(port))
		return;
	memcpy(&port, RTA_DATA(attr), sizeof(port));
	show_name(option);
	print_color_uint(PRINT_ANY, COLOR_NONE, key_of(option, key), "%u ", ntohs(port));
}

/* The attribute for IPv6 is the one behind that for IPv4. */
static bool take_address(const struct option *option, const char *word, struct nlmsghdr *n)
{
	unsigned char octets[sizeof(struct in6_addr)];
	struct option v6 = *option;

	v6.attr++;
	if (inet_pton(AF_INET, word, octets) == 1)
		return append(option, octets, sizeof(struct in_addr), n);
	if (inet_pton(AF_INET6, word, octets) == 1)
		return append(&v6, octets, sizeof(struct in6_addr), n);
	return refuse(option, word, "an IPv4 or IPv6 address");
}

static void show_address(const struct option *option, const struct rtattr *attr)
{
	int family = RTA_PAYLOAD(attr) == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (family == AF_INET6 && RTA_PAYLOAD(attr) != sizeof(struct in6_addr))
		return;
	if (inet_ntop(family, RTA_DATA(attr), text, sizeof(text)))
		show_word(option, text);
}

static bool take_switch(const struct option *option, const char *word, struct nlmsghdr *n)
{
	uint8_t on = !strcmp(word, "on");

	if (!on && strcmp(word, "off"))
		return refuse(option, word, "on or off");
	return append(option, &on, sizeof(on), n);
}

static void show_switch(const struct option *option, const struct rtattr *attr)
{
	char key[32];
	uint8_t on;

	if (RTA_PAYLOAD(attr) != sizeof(on))
		return;
	memcpy(&on, RTA_DATA(attr), sizeof(on));
	if (is_json_context())
		print_color_bool(PRINT_JSON, COLOR_NONE, key_of(option, key), NULL, on);
	else
		show_word(option, on ? "on" : "off");
}

static void show_ethernet(const struct option *option, const struct rtattr *attr)
{
	const unsigned char *p = RTA_DATA(attr);
	char text[sizeof("ff:ff:ff:ff:ff:ff")];

	if (RTA_PAYLOAD(attr) != ETH_ALEN)
		return;
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		 p[0], p[1], p[2], p[3], p[4], p[5]);
	show_word(option, text);
}

static const struct option options[] = {
	{ "carrier", IFLA_PROSE_CARRIER, "{ link | udp }",
	  "what carries the frames", take_carrier, show_carrier },
	{ "ethertype", IFLA_PROSE_ETHERTYPE, "NUMBER",
	  "EtherType of the frames on carrier link, 0x88b5 unless given",
	  take_ethertype, show_ethertype },
	{ "pad", IFLA_PROSE_PAD, "{ on | off }",
	  "short frames say their length; on above hardware, which pads them, unless given",
	  take_switch, show_switch },
	{ "port", IFLA_PROSE_PORT, "NUMBER",
	  "local UDP port of carrier udp, 7800 unless given", take_port, show_port },
	{ "local", IFLA_PROSE_LOCAL, "ADDRESS",
	  "address of ours that carrier udp uses alone", take_address, show_address },
	{ "local", IFLA_PROSE_LOCAL6, NULL, NULL, NULL, show_address },
	{ "remote", IFLA_PROSE_REMOTE, "ADDRESS",
	  "where carrier udp sends to a UE that was not heard from yet",
	  take_address, show_address },
	{ "remote", IFLA_PROSE_REMOTE6, NULL, NULL, NULL, show_address },
	{ "remote-port", IFLA_PROSE_REMOTE_PORT, "NUMBER",
	  "UDP port there, that of port unless given", take_port, show_port },
	{ "carrier-addr", IFLA_PROSE_CARRIER_ADDR, NULL,
	  "it is the lower device's; \"ip link set dev LOWER address ...\" changes that",
	  NULL, show_ethernet },
};

#define N_OPTIONS	(sizeof(options) / sizeof(*options))

static const struct option *find(const char *word)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++) {
		if (!strcmp(word, options[i].name))
			return &options[i];
	}
	return NULL;
}

static void prose_print_help(struct link_util *self, int argc, char **argv, FILE *out)
{
	size_t i;

	(void)self;
	(void)argc;
	(void)argv;
	fputs("Usage: ip link add [ link LOWER ] name NAME [ address LAYER-2-ID ]\n"
	      "               type prose [ OPTION ]...\n"
	      "       ip link set dev NAME type prose [ OPTION ]...\n"
	      "Options:\n", out);
	for (i = 0; i < N_OPTIONS; i++) {
		if (options[i].take)
			fprintf(out, "\t%s %s\n\t\t%s\n", options[i].name, options[i].values,
				options[i].text);
	}
}

static int prose_parse_opt(struct link_util *self, int argc, char **argv, struct nlmsghdr *n)
{
	bool given[N_OPTIONS] = { false };
	const struct option *option;

	for (; argc > 0; argc -= 2, argv += 2) {
		if (!strcmp(argv[0], "help")) {
			prose_print_help(self, argc, argv, stderr);
			return -1;
		}
		option = find(argv[0]);
		if (!option) {
			complain("\"%s\" is no option of this kind, \"ip link help prose\" lists them; "
				 "what any link has stands before \"type prose\"", argv[0]);
			return -1;
		}
		if (!option->take) {
			complain("%s is only shown: %s", option->name, option->text);
			return -1;
		}
		if (given[option - options]) {
			complain("%s is given twice; leave one out", option->name);
			return -1;
		}
		given[option - options] = true;
		if (argc < 2) {
			complain("%s lacks its value: %s", option->name, option->values);
			return -1;
		}
		if (!option->take(option, argv[1], n))
			return -1;
	}
	return 0;
}

static void prose_print_opt(struct link_util *self, FILE *out, struct rtattr *attrs[])
{
	size_t i;

	(void)self;
	(void)out;
	if (!attrs)
		return;
	for (i = 0; i < N_OPTIONS; i++) {
		if (attrs[options[i].attr])
			options[i].show(&options[i], attrs[options[i].attr]);
	}
}

/* All that ip looks for; it writes to it. */
__attribute__((visibility("default")))
extern struct link_util prose_link_util;

struct link_util prose_link_util = {
	.id = "prose",
	.maxattr = IFLA_PROSE_MAX,
	.parse_opt = prose_parse_opt,
	.print_opt = prose_print_opt,
	.print_help = prose_print_help,
};
