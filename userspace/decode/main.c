// SPDX-License-Identifier: MIT
/*
 * prose-decode: deciphers a capture of a carrier with the key logs of its UEs, and says how much of
 * it is as it must be. `prose decode` starts it; on its own, so that a UE needs no libpcap.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "writer.h"

#define WHY_MAX	512

/* Exit status, as prose(8) has them. */
enum {
	ALL_DECIPHERED	= 0,
	NOT_ALL		= 1,
	WRONG_USE	= 2,
};

/* Frames, by what came of them. */
struct sums {
	unsigned long long frames, carrier, plain, verified, no_mac, mac_wrong, no_key, malformed,
			   cut, fragments;
};

struct arguments {
	const char *capture, *output;
	bool packets, json, verbose;
	struct frame_carriers carriers;
};

static const char usage[] =
	"usage: prose decode -k KEYLOG [-k KEYLOG...] [OPTION...] CAPTURE [OUTPUT]\n";

static const char help[] =
	"\n"
	"Deciphers a capture (pcap or pcapng) of a carrier with the key logs of prosed, verifies\n"
	"each MAC-I, and prints counts. OUTPUT gets the capture deciphered, for Wireshark with\n"
	"the plugin prose.lua; - is standard output.\n"
	"\n"
	"  -k, --key-log FILE   what prosed --key-log wrote; one end's is enough\n"
	"  -p, --packets        OUTPUT gets the IP packets of the user data instead, for any tool\n"
	"      --ethertype HEX  of the link carrier, 88b5 unless given\n"
	"      --udp-port PORT  of the udp carrier, 7800 unless given\n"
	"  -j, --json           print the counts as JSON\n"
	"  -v, --verbose        say of each frame that was not deciphered why\n"
	"\n"
	"Exit status: 0 when every protected frame was deciphered, 1 when not, or when a file\n"
	"cannot be read or written, 2 for wrong use.\n"
	"\n"
	"Example: prose decode -k ue1.keys carrier.pcap clear.pcap\n";

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list args;

	fputs("prose decode: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static bool to_number(const char *text, int base, unsigned long min, unsigned long max,
		      uint16_t *number)
{
	unsigned long value;
	char *end;

	value = strtoul(text, &end, base);
	if (!*text || *text == '-' || *end || value < min || value > max)
		return false;
	*number = (uint16_t)value;
	return true;
}

enum {
	OPTION_ETHERTYPE = 256,
	OPTION_UDP_PORT,
};

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct arguments *arguments, struct keylog *keylog)
{
	static const struct option options[] = {
		{ "key-log", required_argument, NULL, 'k' },
		{ "packets", no_argument, NULL, 'p' },
		{ "ethertype", required_argument, NULL, OPTION_ETHERTYPE },
		{ "udp-port", required_argument, NULL, OPTION_UDP_PORT },
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	char name[] = "prose decode", why[WHY_MAX] = "";
	bool key_log = false;
	int option;

	/* What getopt's complaints begin with. */
	argv[0] = name;

	while ((option = getopt_long(argc, argv, "k:pjvh", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			key_log = true;
			if (keylog_read(keylog, optarg, why, sizeof(why))) {
				say("%s", why);
				return NOT_ALL;
			}
			break;
		case 'p':
			arguments->packets = true;
			break;
		case OPTION_ETHERTYPE:
			if (!to_number(optarg, 16, 0x600, 0xffff, &arguments->carriers.ethertype)) {
				say("--ethertype: '%s' is not between 600 and ffff", optarg);
				return WRONG_USE;
			}
			break;
		case OPTION_UDP_PORT:
			if (!to_number(optarg, 10, 0, 65535, &arguments->carriers.udp_port)) {
				say("--udp-port: '%s' is not between 0 and 65535", optarg);
				return WRONG_USE;
			}
			break;
		case 'j':
			arguments->json = true;
			break;
		case 'v':
			arguments->verbose = true;
			break;
		case 'h':
			printf("%s%s", usage, help);
			return ALL_DECIPHERED;
		default:
			fputs(usage, stderr);
			return WRONG_USE;
		}
	}
	if (!key_log || argc - optind < 1 || argc - optind > 2) {
		say("%s", !key_log ? "no key log given; prosed --key-log FILE makes one" :
		    "name a capture to read, and perhaps one to write");
		fputs(usage, stderr);
		return WRONG_USE;
	}
	arguments->capture = argv[optind];
	arguments->output = argv[optind + 1];
	return -1;
}

static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* One frame; what came of it. */
static enum verdict take(const struct arguments *arguments, int link_type, struct keylog *keylog,
			 const struct pcap_pkthdr *header, const uint8_t *octets,
			 struct frame *frame, struct opened *opened, struct sums *sums)
{
	const char *reason = NULL;
	enum frame_kind kind = frame_read(link_type, &arguments->carriers, octets, header->caplen,
					  frame, &reason);
	enum verdict verdict = VERDICT_MALFORMED;

	sums->frames++;
	if (kind == FRAME_OTHER)
		return VERDICT_LEFT;
	sums->carrier++;
	if (header->caplen < header->len) {
		sums->cut++;
		reason = "captured in part only";
	} else if (kind == FRAME_FRAGMENT) {
		sums->fragments++;
		reason = "a fragment of a datagram";
		verdict = VERDICT_LEFT;
	} else if (kind == FRAME_PLAIN) {
		sums->plain++;
		verdict = VERDICT_LEFT;
	} else if (kind == FRAME_PROTECTED) {
		verdict = decipher(keylog, octets, frame, opened);
		sums->verified += verdict == VERDICT_VERIFIED;
		sums->no_mac += verdict == VERDICT_NO_MAC;
		sums->mac_wrong += verdict == VERDICT_MAC_WRONG;
		sums->no_key += verdict == VERDICT_NO_KEY;
		reason = verdict == VERDICT_MAC_WRONG ? "deciphers to nothing that verifies" :
			 verdict == VERDICT_NO_KEY ? "no key log has its KD-sess ID" :
			 verdict == VERDICT_MALFORMED ? "shorter than its MAC-I, or too long" : NULL;
		sums->malformed += verdict == VERDICT_MALFORMED;
	} else {
		sums->malformed++;
	}
	if (reason && arguments->verbose)
		say("frame %llu: %06x to %06x, LCID %u, KD-sess ID %04x, SN %u: %s", sums->frames,
		    frame->src, frame->dst, frame->lcid, frame->kd_sess_id, frame->sn, reason);
	return verdict;
}

static void report(const struct arguments *arguments, const struct sums *sums)
{
	const struct {
		const char *member, *words;
		unsigned long long n;
	} rows[] = {
		{ "frames", "frames", sums->frames },
		{ "carrier", "of the carrier", sums->carrier },
		{ "unprotected", "  not protected", sums->plain },
		{ "verified", "  deciphered, MAC-I verified", sums->verified },
		{ "without_mac", "  deciphered, without MAC-I", sums->no_mac },
		{ "mac_failures", "  MAC-I wrong", sums->mac_wrong },
		{ "unknown_keys", "  no key for it", sums->no_key },
		{ "malformed", "  malformed", sums->malformed },
		{ "cut", "  captured in part", sums->cut },
		{ "fragments", "  in fragments", sums->fragments },
	};
	/* Standard output may be the capture. */
	bool taken = arguments->output && !strcmp(arguments->output, "-");
	FILE *to = taken ? stderr : stdout;
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (arguments->json)
			json_object_set_new(json, rows[i].member, json_integer((json_int_t)rows[i].n));
		else
			fprintf(to, "%-30s %llu\n", rows[i].words, rows[i].n);
	}
	if (arguments->json) {
		json_dumpf(json, to, JSON_INDENT(2));
		fputc('\n', to);
	}
	json_decref(json);
}

/* Exit status. */
static int run(const struct arguments *arguments, struct keylog *keylog, pcap_t *pcap)
{
	int link_type = pcap_datalink(pcap), got;
	struct writer *writer = NULL;
	struct pcap_pkthdr *header;
	struct sums sums = { 0 };
	char why[WHY_MAX] = "";
	struct opened opened;
	struct frame frame;
	const u_char *octets;
	bool failed = false;

	/* The one link type whose number in files is not libpcap's. */
	if (link_type == DLT_RAW)
		link_type = 101;
	if (!frame_link_type(link_type)) {
		say("%s: link type %d (%s); Ethernet, raw IP and tcpdump -i any are known",
		    arguments->capture, link_type, pcap_datalink_val_to_description_or_dlt(link_type));
		return NOT_ALL;
	}
	if (arguments->output) {
		writer = writer_open(arguments->output, arguments->packets, link_type, why,
				     sizeof(why));
		if (!writer) {
			say("%s", why);
			return NOT_ALL;
		}
	}
	while ((got = pcap_next_ex(pcap, &header, &octets)) == 1) {
		enum verdict verdict = take(arguments, link_type, keylog, header, octets, &frame,
					    &opened, &sums);

		if (verdict == VERDICT_FAILED) {
			say("the crypto library failed");
			failed = true;
			break;
		}
		if (writer)
			writer_put(writer, header, octets, &frame, verdict, &opened);
	}
	OPENSSL_cleanse(&opened, sizeof(opened));
	if (got == PCAP_ERROR) {
		say("%s: frame %llu: %s", arguments->capture, sums.frames + 1, pcap_geterr(pcap));
		failed = true;
	}
	if (writer && writer_close(writer, why, sizeof(why))) {
		say("%s: %s", arguments->output, why);
		failed = true;
	}
	report(arguments, &sums);
	if (!sums.carrier && !failed)
		say("%s has no frame of a carrier; --ethertype and --udp-port say how to know them",
		    arguments->capture);
	failed = failed || sums.mac_wrong || sums.no_key || sums.malformed || sums.cut ||
		 sums.fragments || !sums.carrier;
	return failed ? NOT_ALL : ALL_DECIPHERED;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .carriers = { .ethertype = 0x88b5, .udp_port = 7800 } };
	struct keylog *keylog = keylog_new();
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = NULL;
	int status = NOT_ALL;

	if (!keylog) {
		say("out of memory");
		return NOT_ALL;
	}
	status = parse(argc, argv, &arguments, keylog);
	if (status < 0) {
		status = NOT_ALL;
		pcap = pcap_open_offline_with_tstamp_precision(arguments.capture,
							       PCAP_TSTAMP_PRECISION_NANO, why);
		if (!pcap) {
			say("%s", why);
		} else if (arguments.output && same_file(arguments.capture, arguments.output)) {
			say("%s is the capture that is read; write to another file", arguments.output);
			status = WRONG_USE;
		} else {
			status = run(&arguments, keylog, pcap);
		}
	}
	if (pcap)
		pcap_close(pcap);
	keylog_free(keylog);
	return status;
}
