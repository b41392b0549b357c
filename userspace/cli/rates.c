// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "rates.h"

static void name_of(const json_t *peer, char name[static 64])
{
	const char *id = output_text(peer, "layer2_id");

	snprintf(name, 64, "%s", id[0] ? id : output_text(peer, "identity"));
}

static struct rates_peer *find(const struct rates *rates, const json_t *peer)
{
	char name[64];
	size_t i;

	name_of(peer, name);
	for (i = 0; i < rates->n; i++)
		if (!strcmp(rates->peers[i].name, name))
			return &rates->peers[i];
	return NULL;
}

static struct rates_peer *make(struct rates *rates, const json_t *peer)
{
	struct rates_peer *grown = realloc(rates->peers, (rates->n + 1) * sizeof(*grown));
	size_t i;

	if (!grown)
		return NULL;
	rates->peers = grown;
	grown = &rates->peers[rates->n++];
	memset(grown, 0, sizeof(*grown));
	name_of(peer, grown->name);
	for (i = 0; i < RATES_SAMPLES; i++)
		grown->rx[i] = grown->tx[i] = -1;
	return grown;
}

static void push(double values[static RATES_SAMPLES], double value)
{
	memmove(values, values + 1, (RATES_SAMPLES - 1) * sizeof(*values));
	values[RATES_SAMPLES - 1] = value;
}

static double per_second(json_int_t before, json_int_t now, long long ms)
{
	return ms <= 0 ? -1 : (double)(now < before ? now : now - before) * 1000. / (double)ms;
}

void rates_sample(struct rates *rates, const json_t *result, long long now_ms)
{
	long long ms = rates->at_ms ? now_ms - rates->at_ms : 0;
	struct rates_peer *peer;
	json_int_t rx, tx;
	json_t *entry;
	bool known;
	size_t i;

	for (i = 0; i < rates->n; i++)
		rates->peers[i].seen = false;
	json_array_foreach(json_object_get(result, "peers"), i, entry) {
		peer = find(rates, entry);
		if (!peer)
			peer = make(rates, entry);
		if (!peer || peer->seen)
			continue;
		rx = output_number(entry, "rx_bytes");
		tx = output_number(entry, "tx_bytes");
		known = output_known(entry, "rx_bytes");
		push(peer->rx, known && peer->known ? per_second(peer->rx_bytes, rx, ms) : -1);
		push(peer->tx, known && peer->known ? per_second(peer->tx_bytes, tx, ms) : -1);
		peer->rx_bytes = rx;
		peer->tx_bytes = tx;
		peer->known = known;
		peer->seen = true;
	}
	for (i = 0; i < rates->n;) {
		if (rates->peers[i].seen)
			i++;
		else
			rates->peers[i] = rates->peers[--rates->n];
	}
	rates->at_ms = now_ms;
}

const struct rates_peer *rates_find(const struct rates *rates, const json_t *peer)
{
	return find(rates, peer);
}

void rates_free(struct rates *rates)
{
	free(rates->peers);
	memset(rates, 0, sizeof(*rates));
}
