// SPDX-License-Identifier: MIT
/*
 * Stations that requests with containers come from: each may have so many looked into, so that one of
 * them does not use up what this UE can do for all. Whoever makes up carrier addresses is many stations;
 * so all that are not known have a share together, beside which those are that a link was set up with
 * from where they are. Nothing proves a carrier address: who takes that of a known station can use
 * up the share of that one.
 */
#include <string.h>

#include "link.h"

bool same_station(const struct ue_carrier_addr *a, const struct ue_carrier_addr *b)
{
	size_t len = a->len == UE_CARRIER_ADDR_MAX ? a->len - 2u : a->len;

	return a->len && a->len == b->len && !memcmp(a->octets, b->octets, len);
}

static struct station *find(struct stations *stations, const struct ue_carrier_addr *carrier)
{
	for (size_t i = 0; i < PROSE_STATIONS_MAX; i++) {
		struct station *station = &stations->of[i];

		/* those without an address are one as well */
		if (station->used && (same_station(&station->carrier, carrier) ||
				      (!station->carrier.len && !carrier->len)))
			return station;
	}
	return NULL;
}

/* The one that was quiet longest; of those that are known only if there is no other. */
static struct station *oldest(struct stations *stations, bool known)
{
	struct station *found = NULL;

	for (size_t i = 0; i < PROSE_STATIONS_MAX; i++) {
		struct station *station = &stations->of[i];

		if (!station->used && !known)
			return station;
		if (station->used && station->known == known &&
		    (!found || station->at_ms < found->at_ms))
			found = station;
	}
	return found;
}

static struct station *get(struct stations *stations, const struct ue_carrier_addr *carrier,
			   uint64_t now)
{
	struct station *station = find(stations, carrier);

	if (!station) {
		/* there always is one: known ones are half of them at most */
		station = oldest(stations, false);
		*station = (struct station){ .used = true, .carrier = *carrier };
	}
	station->at_ms = now;
	return station;
}

bool station_take(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now)
{
	struct stations *stations = &ue->stations;
	struct station *station = get(stations, carrier, now);

	return bucket_take(&station->share, now, PROSE_STATION_MS, PROSE_STATION_BURST) &&
	       bucket_take(station->known ? &stations->known : &stations->strangers, now,
			   PROSE_EMBEDDED_MS, PROSE_EMBEDDED_BURST);
}

bool station_crowded(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now)
{
	const struct station *station = find(&ue->stations, carrier);

	return !(station && station->known) &&
	       bucket_left(&ue->stations.strangers, now, PROSE_EMBEDDED_MS, PROSE_EMBEDDED_BURST) <
		       PROSE_EMBEDDED_BURST / 2;
}

void station_known(struct ue *ue, const struct ue_carrier_addr *carrier, uint64_t now)
{
	struct stations *stations = &ue->stations;
	struct station *station;
	size_t known = 0;

	if (!carrier->len)
		return;
	station = get(stations, carrier, now);
	for (size_t i = 0; i < PROSE_STATIONS_MAX; i++)
		known += stations->of[i].known;
	if (!station->known && known >= PROSE_STATIONS_MAX / 2)
		oldest(stations, true)->known = false;
	station->known = true;
}
