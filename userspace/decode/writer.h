/* SPDX-License-Identifier: MIT */
/*
 * The capture that is written, in one of two forms.
 *
 * Frames, for Wireshark with prose.lua: every frame of the capture that was read, in its order, so
 * that numbers and times are the same. Link type LINKTYPE_WIRESHARK_UPPER_PDU with a tag that names
 * the dissector `prose_clear`, and then
 *
 *	octet 1		version, 1
 *	octet 2		&enum verdict
 *	octet 3		EEA (4 bits), EIA (4 bits)
 *	octet 4		bit 2: there is a MAC-I; bit 1: DIRECTION
 *	octets 5-8	COUNT
 *	octets 9-10	link type of the capture that was read
 *	octets 11-	the frame, its SDU in clear when it was deciphered; the MAC-I is left
 *
 * Packets, for every tool: the IP packets of the user data that was deciphered, and nothing else.
 * Link type LINKTYPE_RAW.
 */
#ifndef PROSE_DECODE_WRITER_H
#define PROSE_DECODE_WRITER_H

#include <pcap/pcap.h>

#include "decipher.h"

struct writer;

/**
 * writer_open() - begin a capture
 * @path: the file, "-" is standard output. It holds what was secret: others may not read it
 * @packets: which form
 * @link_type: of the capture that is read
 * @why: gets a sentence when it fails
 * @why_len: its size
 *
 * Return: NULL when it fails.
 */
struct writer *writer_open(const char *path, bool packets, int link_type, char *why,
			   size_t why_len);

/**
 * writer_put() - write what came of a frame
 * @writer: the capture
 * @header: its time and lengths, as captured
 * @octets: what was captured
 * @frame: where things are in it
 * @verdict: of decipher(); @opened is read as far as that says
 */
void writer_put(struct writer *writer, const struct pcap_pkthdr *header, const uint8_t *octets,
		const struct frame *frame, enum verdict verdict, const struct opened *opened);

/* All is on the disk, or -1 and a sentence. */
int writer_close(struct writer *writer, char *why, size_t why_len);

#endif
