// SPDX-License-Identifier: MIT
/*
 * Decodes a capture of a ProSe carrier with nothing but the standards and key logs.
 *
 * It shares no line and no constant with what it checks: a fault on both sides would
 * hide itself. OpenSSL lends AES-CTR, CMAC and HMAC, libpcap reads the capture.
 */

#include <getopt.h>
#include <math.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "decoder.h"
#include "finding.h"
#include "report.h"

enum { CLEAN = 0, NOT_CLEAN = 1, FAILED = 2 };

static void usage(FILE *to)
{
	fputs("usage: decode --key-log FILE... [OPTION...] CAPTURE\n"
	      "\n"
	      "Decodes every frame of a ProSe carrier and checks what the standards and common\n"
	      "sense ask for. CAPTURE is a pcap file of one point of an Ethernet link.\n"
	      "\n"
	      "  --key-log FILE         contexts; name it once for each side's\n"
	      "  --plaintext FILE       no 32 octets in a row of FILE may be in any frame; give it\n"
	      "                         random contents. May be repeated\n"
	      "  --ethertype N          of the link carrier (0x88b5)\n"
	      "  --udp-port N           of the udp carrier, at either end; else there is none\n"
	      "  --exclusive            a frame that is no carrier's is an error\n"
	      "  --flows FILE           traffic known beforehand (flows.h), all of which must be there,\n"
	      "                         once and in order\n"
	      "  --no-data-after TIME   no user data later than this, in seconds since 1970\n"
	      "  --count-until TIME     the report counts each sender's user data up to here, too\n"
	      "  --release-grace S      user data may be this much behind the end of a release (0.25)\n"
	      "  --allow-empty          a capture without protected frames is no error\n"
	      "  --json FILE            the result as JSON\n"
	      "  -v                     a line per frame, and every finding told\n"
	      "\n"
	      "Exit status: 0 all is clean, 1 something is not (told with frame numbers),\n"
	      "2 it could not be found out.\n", to);
}

struct arguments {
	const char *capture, *json;
	bool allow_empty;
};

enum {
	OPT_KEY_LOG = 256, OPT_PLAINTEXT, OPT_ETHERTYPE, OPT_EXCLUSIVE, OPT_NO_DATA_AFTER,
	OPT_COUNT_UNTIL, OPT_RELEASE_GRACE, OPT_ALLOW_EMPTY, OPT_JSON, OPT_UDP_PORT, OPT_FLOWS,
};

static const struct option long_options[] = {
	{ "key-log", required_argument, NULL, OPT_KEY_LOG },
	{ "plaintext", required_argument, NULL, OPT_PLAINTEXT },
	{ "ethertype", required_argument, NULL, OPT_ETHERTYPE },
	{ "udp-port", required_argument, NULL, OPT_UDP_PORT },
	{ "exclusive", no_argument, NULL, OPT_EXCLUSIVE },
	{ "flows", required_argument, NULL, OPT_FLOWS },
	{ "no-data-after", required_argument, NULL, OPT_NO_DATA_AFTER },
	{ "count-until", required_argument, NULL, OPT_COUNT_UNTIL },
	{ "release-grace", required_argument, NULL, OPT_RELEASE_GRACE },
	{ "allow-empty", no_argument, NULL, OPT_ALLOW_EMPTY },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool seconds(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end == text || *end || !isfinite(*out) || *out < 0) {
		fprintf(stderr, "decode: '%s' is no time in seconds\n", text);
		return false;
	}
	return true;
}

static bool number(const char *text, unsigned long least, const char *what, uint16_t *out)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end || value < least || value > 0xffff) {
		fprintf(stderr, "decode: '%s' is no %s\n", text, what);
		return false;
	}
	*out = (uint16_t)value;
	return true;
}

/* -1: go on; else the exit status. */
static int take_arguments(int argc, char **argv, struct decoder *decoder, struct arguments *args)
{
	struct decoder_options *options = &decoder->options;
	bool ok = true;
	int opt;

	while (ok && (opt = getopt_long(argc, argv, "vh", long_options, NULL)) != -1) {
		switch (opt) {
		case OPT_KEY_LOG:
			ok = keylog_read(decoder->keylog, optarg);
			break;
		case OPT_PLAINTEXT:
			ok = needles_add_file(decoder->plaintext, optarg);
			break;
		case OPT_ETHERTYPE:
			ok = number(optarg, 0x600, "EtherType", &options->carriers.ethertype);
			break;
		case OPT_UDP_PORT:
			ok = number(optarg, 1, "port", &options->carriers.udp_port);
			break;
		case OPT_FLOWS:
			ok = flows_read(&decoder->flows, optarg);
			break;
		case OPT_EXCLUSIVE:
			options->exclusive = true;
			break;
		case OPT_NO_DATA_AFTER:
			options->has_mark = true;
			ok = seconds(optarg, &options->mark);
			break;
		case OPT_COUNT_UNTIL:
			options->has_until = true;
			ok = seconds(optarg, &options->until);
			break;
		case OPT_RELEASE_GRACE:
			ok = seconds(optarg, &options->release_grace);
			break;
		case OPT_ALLOW_EMPTY:
			args->allow_empty = true;
			break;
		case OPT_JSON:
			args->json = optarg;
			break;
		case 'v':
			options->verbose = true;
			finding_verbose(true);
			break;
		case 'h':
			usage(stdout);
			return CLEAN;
		default:
			usage(stderr);
			return FAILED;
		}
	}
	if (!ok)
		return FAILED;
	if (optind + 1 != argc || !decoder->keylog->files) {
		usage(stderr);
		return FAILED;
	}
	args->capture = argv[optind];
	return -1;
}

static bool index_needles(struct decoder *decoder)
{
	struct context *context;

	for (context = decoder->keylog->first; context; context = context->next)
		if (!needles_add(decoder->keys, context->kd_sess, sizeof(context->kd_sess), "KD-sess"))
			return false;
	return needles_build(decoder->plaintext) && needles_build(decoder->keys);
}

static bool decode_capture(struct decoder *decoder, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *octets;
	bool ok = false;
	int got;
	pcap_t *pcap = pcap_open_offline(path, error);

	if (!pcap) {
		fprintf(stderr, "decode: %s: %s\n", path, error);
		return false;
	}
	if (pcap_datalink(pcap) != DLT_EN10MB) {
		fprintf(stderr, "decode: %s: is not a capture of an Ethernet link\n", path);
		goto out;
	}
	while ((got = pcap_next_ex(pcap, &header, &octets)) == 1) {
		double when = (double)header->ts.tv_sec + (double)header->ts.tv_usec / 1e6;

		if (!decoder_frame(decoder, when, octets, header->caplen, header->len))
			goto out;
	}
	if (got == PCAP_ERROR_BREAK)
		ok = true;
	else
		fprintf(stderr, "decode: %s: %s\n", path, pcap_geterr(pcap));
out:
	pcap_close(pcap);
	return ok;
}

static int run(int argc, char **argv, struct decoder *decoder)
{
	struct arguments args = { 0 };
	int status = take_arguments(argc, argv, decoder, &args);
	bool clean;

	if (status >= 0)
		return status;
	if (!index_needles(decoder)) {
		fprintf(stderr, "decode: out of memory\n");
		return FAILED;
	}
	if (!decode_capture(decoder, args.capture))
		return FAILED;
	flows_end(&decoder->flows, decoder->sums.frames);
	clean = !finding_total();
	if (!decoder->sums.protected && !args.allow_empty) {
		fprintf(stderr, "decode: %s holds no protected frame of EtherType 0x%04x", args.capture,
			decoder->options.carriers.ethertype);
		if (decoder->options.carriers.udp_port)
			fprintf(stderr, " or UDP port %u", decoder->options.carriers.udp_port);
		fputc('\n', stderr);
		clean = false;
	}
	report_text(decoder, clean);
	if (args.json && !report_json(decoder, clean, args.json))
		return FAILED;
	return clean ? CLEAN : NOT_CLEAN;
}

int main(int argc, char **argv)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));
	int status = FAILED;

	if (decoder) {
		decoder->options.carriers.ethertype = 0x88b5;
		decoder->options.release_grace = 0.25;
		decoder->keylog = keylog_new();
		decoder->plaintext = needles_new();
		decoder->keys = needles_new();
		if (decoder->keylog && decoder->plaintext && decoder->keys)
			status = run(argc, argv, decoder);
		else
			fprintf(stderr, "decode: out of memory\n");
		keylog_free(decoder->keylog);
		needles_free(decoder->plaintext);
		needles_free(decoder->keys);
		tuples_free(&decoder->tuples);
		flows_free(&decoder->flows);
		free(decoder);
	} else {
		fprintf(stderr, "decode: out of memory\n");
	}
	crypto_free();
	return status;
}
