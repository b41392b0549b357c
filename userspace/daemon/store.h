/* SPDX-License-Identifier: MIT */
/*
 * The store: what D2D-Idle keeps of each peer (TR 33.833 6.4.1.3), in a file that outlives the
 * machine's reboots. KD is in it, no session key ever is.
 *
 *	octets 1-8	"PROSEIDL"
 *	9-10		version, 1
 *	11-12		octets of this header
 *	13-20		which key seals it
 *	21-32		nonce, another one in each file written
 *	33-		device and identity of the UE, each with its length in an octet before it
 *	then		AES-256-GCM of what store_codec.h describes, tag last; the header is
 *			authenticated with it
 *
 * A file is written beside, synced and renamed, and the folder synced: after a power cut there
 * is the old one or the new one.
 */
#ifndef PROSE_DAEMON_STORE_H
#define PROSE_DAEMON_STORE_H

#include "keying/sealing.h"
#include "store_codec.h"

/**
 * struct store_place - a store
 * @path: the file
 * @device: whose
 * @identity: and of which UE
 * @key: seals it
 */
struct store_place {
	const char *path, *device, *identity;
	struct sealing_key key;
};

/**
 * store_load() - read it
 * @place: where
 * @peers: filled, to be freed with store_peers_free()
 * @why: gets a sentence: the file, what is wrong with it, and the cure
 * @why_len: its size
 *
 * Return: 1 with @peers filled, 0 when there is no file, -1 when there is one that cannot be
 * used.
 */
int store_load(const struct store_place *place, struct store_peers *peers, char *why,
	       size_t why_len);

/* Replaces the file. 0; or -1 with @why, and what was there before is there. */
int store_save(const struct store_place *place, const struct store_peers *peers, char *why,
	       size_t why_len);

/*
 * Renames a file that cannot be used to PATH.bad, or PATH.bad.1 to 9, so that it is neither
 * taken nor lost. 0 with the name in @aside, or -1.
 */
int store_set_aside(const char *path, char *aside, size_t aside_len);

#endif
