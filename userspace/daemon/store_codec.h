/* SPDX-License-Identifier: MIT */
/*
 * What is sealed in the store, in octets. Integers are big-endian, a text or a string of octets
 * has its length in two octets before it:
 *
 *	u16		peers, each:
 *	u32		Layer-2 ID
 *	text		identity
 *	u8		connection identities the peer may call this UE by, 8 octets each follow
 *	u8		bit 0: one to call the peer by follows, 8 octets; bit 1: it was sent
 *	u32		KD ID (DKSI)
 *	32 octets	KD
 *	u64		when KD was made, seconds since the epoch
 *	u64, u64	packets and octets that went under its KD-sess
 *	text		keying method
 *	text		its account for people
 *	octets		evidence
 *	u16		expressions, a text each
 */
#ifndef PROSE_DAEMON_STORE_CODEC_H
#define PROSE_DAEMON_STORE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "core/ue.h"

#define STORE_PEERS_MAX	16384

/* Holds keys. */
struct store_peers {
	struct ue_idle *list;
	size_t n;
};

/* Wipes and frees. */
void store_peers_free(struct store_peers *peers);

/* One more; false when out of memory, or there are too many. */
bool store_peers_add(struct store_peers *peers, const struct ue_idle *idle);

/*
 * store_encode() - the octets, to be wiped and freed with OPENSSL_clear_free(); NULL when out
 * of memory.
 */
uint8_t *store_encode(const struct store_peers *peers, size_t *len);

/* 0 with @peers filled, or -1: it is none of this version's. */
int store_decode(const uint8_t *data, size_t len, struct store_peers *peers);

#endif
