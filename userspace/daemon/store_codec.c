// SPDX-License-Identifier: MIT
#include "store_codec.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

/* Octets of a peer without its texts and evidence, and of those at most. */
#define PEER_FIXED	(4 + 1 + UE_LOCAL_IDS_MAX * UE_CONNECTION_ID_LEN + 1 + UE_CONNECTION_ID_LEN + \
			 4 + KEYING_KD_LEN + 3 * 8 + 2)
#define PEER_MAX	(PEER_FIXED + 4 * 2 + 2 * KEYING_TEXT_MAX + 32 + KEYING_EVIDENCE_MAX + \
			 PROSE_EXPRESSIONS_MAX * (2 + PROSE_EXPRESSION_MAX))

#define REMOTE_ID	1
#define REMOTE_ID_SENT	2

void store_peers_free(struct store_peers *peers)
{
	if (peers->list)
		OPENSSL_clear_free(peers->list, peers->n * sizeof(*peers->list));
	*peers = (struct store_peers){ 0 };
}

bool store_peers_add(struct store_peers *peers, const struct ue_idle *idle)
{
	struct ue_idle *grown;

	if (peers->n == STORE_PEERS_MAX)
		return false;
	/* in blocks of 16; what is moved from is wiped */
	if (peers->n % 16 == 0) {
		grown = OPENSSL_clear_realloc(peers->list, peers->n * sizeof(*grown),
					      (peers->n + 16) * sizeof(*grown));
		if (!grown)
			return false;
		peers->list = grown;
	}
	peers->list[peers->n++] = *idle;
	return true;
}

struct writer {
	uint8_t *at;
};

static void put(struct writer *w, uint64_t value, size_t len)
{
	while (len--)
		*w->at++ = (uint8_t)(value >> 8 * len);
}

static void put_octets(struct writer *w, const void *octets, size_t len)
{
	memcpy(w->at, octets, len);
	w->at += len;
}

static void put_string(struct writer *w, const void *octets, size_t len)
{
	put(w, len, 2);
	put_octets(w, octets, len);
}

static void put_peer(struct writer *w, const struct ue_idle *idle)
{
	put(w, idle->l2_id, 4);
	put_string(w, idle->identity, strnlen(idle->identity, sizeof(idle->identity) - 1));
	put(w, idle->n_local_ids, 1);
	put_octets(w, idle->local_ids, idle->n_local_ids * UE_CONNECTION_ID_LEN);
	put(w, (idle->has_remote_id ? REMOTE_ID : 0) | (idle->remote_id_sent ? REMOTE_ID_SENT : 0), 1);
	if (idle->has_remote_id)
		put_octets(w, idle->remote_id, sizeof(idle->remote_id));
	put(w, idle->kd_id, 4);
	put_octets(w, idle->kd, sizeof(idle->kd));
	put(w, (uint64_t)idle->kd_made, 8);
	put(w, idle->kd_packets, 8);
	put(w, idle->kd_octets, 8);
	put_string(w, idle->method, strnlen(idle->method, sizeof(idle->method) - 1));
	put_string(w, idle->detail, strnlen(idle->detail, sizeof(idle->detail) - 1));
	put_string(w, idle->evidence, idle->evidence_len);
	put(w, idle->expressions.n, 2);
	for (size_t i = 0; i < idle->expressions.n; i++)
		put_string(w, idle->expressions.name[i], strlen(idle->expressions.name[i]));
}

uint8_t *store_encode(const struct store_peers *peers, size_t *len)
{
	uint8_t *whole = OPENSSL_zalloc(2 + peers->n * PEER_MAX);
	struct writer w = { whole };

	if (!whole)
		return NULL;
	put(&w, peers->n, 2);
	for (size_t i = 0; i < peers->n; i++)
		put_peer(&w, &peers->list[i]);
	*len = (size_t)(w.at - whole);
	return whole;
}

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static const uint8_t *get_octets(struct reader *r, size_t len)
{
	const uint8_t *octets = r->at;

	if (r->bad || r->left < len) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	r->left -= len;
	return octets;
}

static uint64_t get(struct reader *r, size_t len)
{
	const uint8_t *octets = get_octets(r, len);
	uint64_t value = 0;

	for (size_t i = 0; octets && i < len; i++)
		value = value << 8 | octets[i];
	return value;
}

/* Returns how many octets there were. */
static size_t get_string(struct reader *r, void *out, size_t size)
{
	size_t len = get(r, 2);
	const uint8_t *octets;

	r->bad = r->bad || len > size;
	octets = get_octets(r, len);
	if (!octets)
		return 0;
	memcpy(out, octets, len);
	return len;
}

static void get_text(struct reader *r, char *text, size_t size)
{
	size_t len = get_string(r, text, size - 1);

	r->bad = r->bad || memchr(text, 0, len);
	text[len] = 0;
}

static void get_ids(struct reader *r, void *ids, size_t n)
{
	const uint8_t *octets = get_octets(r, n * UE_CONNECTION_ID_LEN);

	if (octets)
		memcpy(ids, octets, n * UE_CONNECTION_ID_LEN);
}

static void get_peer(struct reader *r, struct ue_idle *idle)
{
	const uint8_t *kd;
	uint64_t flags;

	idle->l2_id = (uint32_t)get(r, 4);
	get_text(r, idle->identity, sizeof(idle->identity));
	idle->n_local_ids = get(r, 1);
	r->bad = r->bad || idle->n_local_ids > UE_LOCAL_IDS_MAX;
	if (!r->bad)
		get_ids(r, idle->local_ids, idle->n_local_ids);
	flags = get(r, 1);
	r->bad = r->bad || flags > (REMOTE_ID | REMOTE_ID_SENT);
	idle->has_remote_id = flags & REMOTE_ID;
	idle->remote_id_sent = flags & REMOTE_ID_SENT;
	if (idle->has_remote_id)
		get_ids(r, idle->remote_id, 1);
	idle->kd_id = (uint32_t)get(r, 4);
	kd = get_octets(r, sizeof(idle->kd));
	if (kd)
		memcpy(idle->kd, kd, sizeof(idle->kd));
	idle->kd_made = (int64_t)get(r, 8);
	idle->kd_packets = get(r, 8);
	idle->kd_octets = get(r, 8);
	get_text(r, idle->method, sizeof(idle->method));
	get_text(r, idle->detail, sizeof(idle->detail));
	idle->evidence_len = get_string(r, idle->evidence, sizeof(idle->evidence));
	idle->expressions.n = get(r, 2);
	r->bad = r->bad || idle->expressions.n > PROSE_EXPRESSIONS_MAX;
	for (size_t i = 0; !r->bad && i < idle->expressions.n; i++)
		get_text(r, idle->expressions.name[i], sizeof(idle->expressions.name[i]));
}

int store_decode(const uint8_t *data, size_t len, struct store_peers *peers)
{
	struct reader r = { data, len, false };
	uint64_t n = get(&r, 2);
	struct ue_idle idle;

	*peers = (struct store_peers){ 0 };
	for (uint64_t i = 0; i < n && !r.bad; i++) {
		memset(&idle, 0, sizeof(idle));
		get_peer(&r, &idle);
		if (!r.bad && !store_peers_add(peers, &idle))
			r.bad = true;
	}
	OPENSSL_cleanse(&idle, sizeof(idle));
	if (!r.bad && !r.left)
		return 0;
	store_peers_free(peers);
	return -1;
}
