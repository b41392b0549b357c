// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "writer.h"

#define VERSION		1
#define CLEAR_LEN	10
/* EXP_PDU_TAG_DISSECTOR_NAME of Wireshark's wsutil/exported_pdu_tlvs.h; multiples of 4 octets. */
#define TAG_NAME	12
#define NAME		"prose_clear"
#define NAME_LEN	12
#define TAGS_LEN	(4 + NAME_LEN + 4)

struct writer {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	bool packets;
	int link_type;
	uint8_t *buffer;
	size_t size;
	bool out_of_memory;
};

static FILE *create(const char *path)
{
	FILE *file;
	int fd;

	if (!strcmp(path, "-"))
		return stdout;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file && fd >= 0)
		close(fd);
	return file;
}

static void free_writer(struct writer *writer)
{
	if (writer->buffer)
		OPENSSL_cleanse(writer->buffer, writer->size);
	free(writer->buffer);
	if (writer->pcap)
		pcap_close(writer->pcap);
	free(writer);
}

struct writer *writer_open(const char *path, bool packets, int link_type, char *why,
			   size_t why_len)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	FILE *file;

	if (!writer) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	writer->packets = packets;
	writer->link_type = link_type;
	writer->pcap = pcap_open_dead_with_tstamp_precision(
		packets ? DLT_RAW : DLT_WIRESHARK_UPPER_PDU, 262144, PCAP_TSTAMP_PRECISION_NANO);
	file = writer->pcap ? create(path) : NULL;
	if (!file) {
		snprintf(why, why_len, "%s: %s", path, strerror(errno));
		free_writer(writer);
		return NULL;
	}
	writer->dumper = pcap_dump_fopen(writer->pcap, file);
	if (!writer->dumper) {
		snprintf(why, why_len, "%s: %s", path, pcap_geterr(writer->pcap));
		fclose(file);
		free_writer(writer);
		return NULL;
	}
	return writer;
}

static bool make_room(struct writer *writer, size_t size)
{
	uint8_t *buffer;

	if (size <= writer->size)
		return true;
	buffer = malloc(2 * size);
	if (!buffer) {
		writer->out_of_memory = true;
		return false;
	}
	if (writer->buffer)
		OPENSSL_cleanse(writer->buffer, writer->size);
	free(writer->buffer);
	writer->buffer = buffer;
	writer->size = 2 * size;
	return true;
}

static void put16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put_head(uint8_t *p, int link_type, enum verdict verdict, const struct opened *opened)
{
	memset(p, 0, TAGS_LEN + CLEAR_LEN);
	put16(p, TAG_NAME);
	put16(p + 2, NAME_LEN);
	memcpy(p + 4, NAME, strlen(NAME));
	/* A tag of 0 without a length ends them; that is the four octets behind. */
	p += TAGS_LEN;
	p[0] = VERSION;
	p[1] = (uint8_t)verdict;
	put16(p + 8, (unsigned int)link_type);
	if (verdict < VERDICT_VERIFIED || verdict > VERDICT_MAC_WRONG)
		return;
	p[2] = (uint8_t)(opened->eea << 4 | opened->eia);
	p[3] = (uint8_t)(opened->maced << 1 | opened->direction);
	put16(p + 4, opened->count >> 16);
	put16(p + 6, opened->count & 0xffff);
}

void writer_put(struct writer *writer, const struct pcap_pkthdr *header, const uint8_t *octets,
		const struct frame *frame, enum verdict verdict, const struct opened *opened)
{
	bool deciphered = verdict == VERDICT_VERIFIED || verdict == VERDICT_NO_MAC;
	struct pcap_pkthdr out = { .ts = header->ts };

	if (writer->packets) {
		if (!deciphered || !frame_is_data(frame))
			return;
		out.caplen = out.len = (bpf_u_int32)opened->len;
		pcap_dump((u_char *)writer->dumper, &out, opened->sdu);
		return;
	}
	if (!make_room(writer, TAGS_LEN + CLEAR_LEN + header->caplen))
		return;
	put_head(writer->buffer, writer->link_type, verdict, opened);
	memcpy(writer->buffer + TAGS_LEN + CLEAR_LEN, octets, header->caplen);
	if (deciphered)
		memcpy(writer->buffer + TAGS_LEN + CLEAR_LEN + frame->sdu, opened->sdu, opened->len);
	out.caplen = TAGS_LEN + CLEAR_LEN + header->caplen;
	out.len = TAGS_LEN + CLEAR_LEN + header->len;
	pcap_dump((u_char *)writer->dumper, &out, writer->buffer);
}

int writer_close(struct writer *writer, char *why, size_t why_len)
{
	bool out_of_memory = writer->out_of_memory, failed;

	failed = pcap_dump_flush(writer->dumper) || ferror(pcap_dump_file(writer->dumper));
	if (failed)
		snprintf(why, why_len, "cannot write: %s", strerror(errno));
	else if (out_of_memory)
		snprintf(why, why_len, "out of memory");
	pcap_dump_close(writer->dumper);
	free_writer(writer);
	return failed || out_of_memory ? -1 : 0;
}
