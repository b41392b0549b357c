// SPDX-License-Identifier: MIT
/* Peers as show has them. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "daemon/text.h"

bool cli_peer_matches(const json_t *peer, const char *wanted)
{
	const char *identity = output_text(peer, "identity"), *id = output_text(peer, "layer2_id");
	size_t len = strlen(identity), tail = strlen(wanted);
	uint32_t wanted_id, peer_id;

	if (!strcmp(identity, wanted))
		return true;
	if (tail && len > tail && !strcmp(identity + len - tail, wanted) &&
	    (identity[len - tail - 1] == ':' || identity[len - tail - 1] == '/'))
		return true;
	return text_to_l2_id(wanted, &wanted_id) && text_to_l2_id(id, &peer_id) &&
	       wanted_id == peer_id;
}

/* Seconds since it did anything; those that are not connected after all that are. */
static json_int_t quiet(const json_t *peer)
{
	if (!output_up(peer))
		return INT64_MAX;
	if (output_known(peer, "last_heard_seconds"))
		return output_number(peer, "last_heard_seconds");
	return output_known(peer, "rekeyed_seconds") ? output_number(peer, "rekeyed_seconds") :
						       INT64_MAX - 1;
}

struct place {
	json_t *peer;
	json_int_t quiet;
	size_t was;
};

static int earlier(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->quiet != b->quiet)
		return a->quiet < b->quiet ? -1 : 1;
	return a->was < b->was ? -1 : 1;
}

json_t *cli_peers_sorted(const json_t *result)
{
	const json_t *peers = json_object_get(result, "peers");
	size_t n = json_array_size(peers), i;
	struct place *places = calloc(n ? n : 1, sizeof(*places));
	json_t *sorted = json_array();

	for (i = 0; places && i < n; i++) {
		places[i].peer = json_array_get(peers, i);
		places[i].quiet = quiet(places[i].peer);
		places[i].was = i;
	}
	if (places)
		qsort(places, n, sizeof(*places), earlier);
	for (i = 0; places && i < n; i++)
		json_array_append(sorted, places[i].peer);
	free(places);
	return sorted;
}

double cli_count_used(const json_t *assoc)
{
	double start = (double)output_number(assoc, "count_start");
	double limit = (double)output_number(assoc, "count_limit"), used = 0, highest = 0;
	const json_t *bearer;
	size_t i;

	if (limit < start)
		return 0;
	json_array_foreach(json_object_get(assoc, "bearers"), i, bearer) {
		if (output_known(bearer, "tx_next"))
			used = ((double)output_number(bearer, "tx_next") - start) /
			       (limit - start + 1);
		else
			used = 1;
		if (used > highest)
			highest = used;
	}
	return highest;
}
