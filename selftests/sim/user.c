// SPDX-License-Identifier: MIT
/* What users, administrators and accidents do to UEs, user.h. */
#include "user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/eia.h"
#include "keying/psk/psk.h"
#include "world.h"

#define YEAR_S		(365 * 86400)

/* Of all schedules of this process; immutable. */
static struct keying_method *provisioned[STATIONS_MAX];

void user_identity(size_t index, char identity[32])
{
	snprintf(identity, 32, "urn:prose:ue%zu", index + 1);
}

void user_provision(void)
{
	char path[] = "/tmp/prose-sim-XXXXXX", why[KEYING_TEXT_MAX], identity[32];

	for (size_t i = 0; i < STATIONS_MAX; i++) {
		char name[] = "/tmp/prose-sim-XXXXXX";
		int fd = mkstemp(name);
		FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

		if (!file) {
			perror("a temporary key file");
			exit(2);
		}
		memcpy(path, name, sizeof(path));
		for (size_t j = 0; j < STATIONS_MAX; j++) {
			user_identity(j, identity);
			if (j != i)
				fprintf(file, "%s %032zx%032zx\n", identity, i < j ? i + 1 : j + 1,
					i < j ? j + 1 : i + 1);
		}
		if (fclose(file)) {
			perror(path);
			exit(2);
		}
		provisioned[i] = psk_new(path, why, sizeof(why));
		unlink(path);
		if (!provisioned[i]) {
			fprintf(stderr, "%s\n", why);
			exit(2);
		}
	}
}

void user_deprovision(void)
{
	for (size_t i = 0; i < STATIONS_MAX; i++)
		psk_free(provisioned[i]);
	identity_deprovision();
}

static void shuffle(struct rng *rng, uint8_t *values, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(rng, (uint32_t)i);
		uint8_t value = values[i - 1];

		values[i - 1] = values[j];
		values[j] = value;
	}
}

/* Any algorithms in any order, 128-EEA2 and 128-EIA2 among them, so that all have something. */
static void draw_algorithms(struct rng *rng, struct ue_config *config, bool null)
{
	uint8_t eea[4] = { EEA0, EEA1, EEA2, EEA3 }, eia[4] = { EIA1, EIA2, EIA3, 0xff };

	shuffle(rng, eea, 4);
	shuffle(rng, eia, 3);
	/* few want no ciphering before any other */
	if (eea[0] == EEA0 && rng_below(rng, 4)) {
		eea[0] = eea[3];
		eea[3] = EEA0;
	}
	memcpy(config->eea_order, eea, sizeof(config->eea_order));
	memcpy(config->eia_order, eia, sizeof(config->eia_order));
	config->capabilities = 0x2020;
	config->capabilities |= (uint16_t)(rng_below(rng, 16) << 12);
	config->capabilities |= (uint16_t)(rng_below(rng, 8) << 4);
	/* nobody refuses who must not cipher */
	if (null)
		config->capabilities |= 0x8000;
}

/* Has it nothing beside the exchange, or what is in its place? */
static bool has_one_method(const struct world *world, const struct station *station)
{
	return station->index % 3 == 0 && !(world->settings.isolated && world->seed & 2);
}

static void set_methods(struct world *world, struct station *station, struct ue_config *config)
{
	const struct settings *settings = &world->settings;
	const struct keying_method *none = settings->psk ? station->psk : &station->shared;
	const struct keying_method *exchange = settings->identity ? identity_method(station) :
					       &station->exchange[station->generation & 1];

	config->n_methods = 0;
	if (!settings->isolated && (settings->strict || !settings->containers)) {
		config->methods[config->n_methods++] = none;
		return;
	}
	config->methods[config->n_methods++] = exchange;
	if (has_one_method(world, station))
		return;
	config->methods[config->n_methods++] = none;
	/* strictly TS 24.334 it has to be there for whoever signs a request, which does not say */
	if (settings->strict && !(world->seed & 2))
		return;
	if (station->index % 3 == 1 && world->seed & 1) {
		config->methods[0] = none;
		config->methods[1] = exchange;
	}
}

static void halve(struct ue_timers *timers)
{
	uint32_t *all[] = { &timers->t4100, &timers->t4101, &timers->t4102, &timers->t4103,
			    &timers->t4111, &timers->t4112, &timers->ke, &timers->accept };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] /= 2;
}

void user_configure(struct world *world, struct station *station)
{
	const struct settings *settings = &world->settings;
	struct ue_config *config = &station->config;
	char identity[32];

	user_identity(station->index, identity);
	ue_config_defaults(config);
	snprintf(config->identity, sizeof(config->identity), "%s", identity);
	snprintf(station->credentials.identity, sizeof(station->credentials.identity), "%s",
		 identity);
	station->credentials.size = settings->container_size;
	station->credentials.bind_hash = settings->bind_hash;
	station->credentials.embeds = settings->embeds;
	for (size_t i = 0; i < 2; i++)
		keying_exchange(&station->exchange[i], &station->credentials, settings->containers);
	keying_shared(&station->shared, &station->credentials);
	station->psk = provisioned[station->index];
	draw_algorithms(&world->rng, config, settings->up_ciphering == UE_NOT_NEEDED);
	config->up_integrity = settings->up_integrity;
	config->up_ciphering = settings->up_ciphering;
	/* TS 24.334 has no policy to negotiate: there, all ends must be told the same */
	if (!settings->strict && rng_below(&world->rng, 2))
		config->up_integrity = UE_PREFERRED;
	if (!settings->strict && rng_below(&world->rng, 2))
		config->up_ciphering = UE_PREFERRED;
	if (settings->strict && settings->up_ciphering && !rng_below(&world->rng, 4))
		config->up_ciphering = UE_REQUIRED;
	config->single_use_ids = rng_below(&world->rng, 2);
	config->hide_identity = rng_below(&world->rng, 2);
	/* eccsi-sakke cannot, so who hides needs another method, and so does whom it speaks to */
	if (settings->isolated && !(world->seed & 2))
		config->hide_identity = false;
	config->link_l2_ids = rng_below(&world->rng, 4);
	config->lifetimes = settings->lifetimes;
	config->count_profile = settings->count_profile;
	config->strict_24334 = settings->strict;
	config->ke_fragment = settings->fragment;
	config->timers = settings->timers;
	if (settings->uneven && rng_below(&world->rng, 2))
		halve(&config->timers);
	config->addresses[0].family = 4;
	config->addresses[0].addr[0] = 10;
	config->addresses[0].addr[3] = (uint8_t)(station->index + 1);
	config->n_addresses = 1;
}

void user_load(struct world *world, struct station *station)
{
	if (world->settings.identity)
		identity_start(station);
	set_methods(world, station, &station->config);
}

static bool wanted(const struct world *world, size_t a, size_t b)
{
	return world->settings.wanted[a < b ? a : b][a < b ? b : a];
}

void user_connect_all(struct world *world)
{
	struct settings *settings = &world->settings;

	for (size_t i = 0; i < settings->stations; i++) {
		for (size_t j = i + 1; j < settings->stations; j++) {
			uint32_t who = rng_below(&world->rng, 4);

			if (!settings->wanted[i][j])
				continue;
			if (who != 1)
				station_connect(&world->stations[i], &world->stations[j], NULL);
			if (who <= 1)
				station_connect(&world->stations[j], &world->stations[i], NULL);
		}
	}
}

/* Another deny list: with that UE in it, or with nobody. */
static void deny(struct world *world, struct station *station, int denied)
{
	struct ue_config config = station->config;

	if (!station->ue || !identity_renew(station, denied))
		return;
	if (denied != IDENTITY_NOBODY)
		world_count(world, TALLY_denied);
	set_methods(world, station, &config);
	station_reconfigure(station, &config);
}

/* While they make a KD, one of them reads that the other is denied. */
static void deny_amid(struct world *world, struct station *a, struct station *b)
{
	struct rng *rng = &world->rng;

	if (station_state(a, b) == UE_LINK_CONNECTED)
		station_rekey(a, b, true);
	else
		station_connect(a, b, NULL);
	world_advance(world, rng_below(rng, 4 * world->settings.delay_max + 20));
	if (rng_below(rng, 2))
		deny(world, a, (int)b->index);
	else
		deny(world, b, (int)a->index);
}

/* Now and then somebody is denied, and later is not any more. */
static void deny_somebody(struct world *world, struct station *a, struct station *b)
{
	switch (rng_below(&world->rng, 4)) {
	case 0:
		deny(world, a, (int)b->index);
		break;
	case 1:
		deny_amid(world, a, b);
		break;
	default:
		deny(world, a, IDENTITY_NOBODY);
		deny(world, b, IDENTITY_NOBODY);
		break;
	}
}

static void reconfigure(struct world *world, struct station *station)
{
	struct ue_config config = station->config;
	const struct keying_method *next = &station->exchange[(station->generation + 1) & 1];

	if (!station->ue)
		return;
	switch (rng_below(&world->rng, 4)) {
	case 0:
		if (world->settings.strict)
			return;
		config.up_integrity = rng_below(&world->rng, 3);
		config.up_ciphering = rng_below(&world->rng, 3);
		break;
	case 1:		/* new credentials, as after a new CRL */
		if (world->settings.identity) {
			deny(world, station, station->identity.denied);
			return;
		}
		if (world->settings.strict || !world->settings.containers ||
		    ue_method_in_use(station->ue, next))
			return;
		station->generation++;
		set_methods(world, station, &config);
		break;
	default:
		draw_algorithms(&world->rng, &config,
				world->settings.up_ciphering == UE_NOT_NEEDED);
		break;
	}
	station_reconfigure(station, &config);
}

static void crash(struct world *world, struct station *station)
{
	uint64_t until = world->now + rng_below(&world->rng, rng_below(&world->rng, 3) ? 300 : 20000);

	switch (rng_below(&world->rng, 8)) {
	case 0:
		world_count(world, TALLY_reboots);
		station_off(station, rng_below(&world->rng, 2), until);
		break;
	case 1: case 2:
		world_count(world, TALLY_crashes_lost);
		station_die(station, true, until);
		break;
	case 3: case 4: case 5:
		world_count(world, TALLY_crashes_adopted);
		station_die(station, false, until);
		break;
	default:	/* in the middle of something */
		station->die_after = 1 + rng_below(&world->rng, 12);
		break;
	}
}

static void jump(struct world *world, struct station *station)
{
	static const int64_t offsets[] = { 0, 1, -1, 3600, -86400, YEAR_S, 10LL * YEAR_S,
					   -10LL * YEAR_S, -50LL * YEAR_S };

	world_count(world, TALLY_clock_jumps);
	for (size_t i = 0; i < world->settings.stations; i++)
		invariant_excuse(world, (int)station->index, (int)i);
	station->clock_offset = offsets[rng_below(&world->rng, sizeof(offsets) / sizeof(offsets[0]))];
}

static void accident(struct world *world, struct station *station, struct station *peer)
{
	const struct settings *settings = &world->settings;

	switch (rng_below(&world->rng, 7)) {
	case 0: case 1:
		if (settings->crashes && station->back_at == UINT64_MAX)
			crash(world, station);
		break;
	case 2:
		if (settings->reconfigures)
			reconfigure(world, station);
		break;
	case 3:
		if (settings->refusals && !rng_below(&world->rng, 4))
			station_lose_assoc(station, peer);
		else if (settings->refusals)
			station->refuse_after = 1 + rng_below(&world->rng, 10);
		break;
	case 4:
		if (settings->clock_jumps)
			jump(world, station);
		break;
	case 5:
		if (!settings->reconfigures)
			break;
		invariant_excuse(world, (int)station->index, -1);
		station->refuses = !station->refuses && rng_below(&world->rng, 2);
		break;
	default:
		if (settings->partitions) {
			world->medium.parted = rng_below(&world->rng, 1u << settings->stations);
			world->medium.parted_until = world->now + rng_below(&world->rng, 15000);
		}
		break;
	}
}

void user_act(struct world *world)
{
	const struct settings *settings = &world->settings;
	struct rng *rng = &world->rng;
	size_t n = settings->stations, i, j;
	struct station *a, *b;

	do {
		i = rng_below(rng, (uint32_t)n);
		j = (i + 1 + rng_below(rng, (uint32_t)n - 1)) % n;
	} while (!wanted(world, i, j));
	a = &world->stations[i];
	b = &world->stations[j];
	if (settings->identity && settings->reconfigures && !rng_below(rng, 4))
		deny_somebody(world, a, b);
	switch (rng_below(rng, 16)) {
	case 0: case 1: case 2: case 3:
		station_connect(a, b, NULL);
		break;
	case 4:
		/* the name of somebody else, now and then */
		station_connect(a, b, rng_below(rng, 4) ? NULL : "urn:prose:somebody");
		station_connect(b, a, NULL);
		break;
	case 5: case 6:
		station_rekey(a, b, false);
		break;
	case 7:
		station_rekey(a, b, true);
		break;
	case 8:
		station_rekey(a, b, rng_below(rng, 2));
		station_rekey(b, a, rng_below(rng, 2));
		break;
	case 9:
		if (settings->releases && rng_below(rng, 2))
			station_release(a, b);
		break;
	case 10: case 11: case 12: case 13:
		accident(world, a, b);
		break;
	default:
		/* a burst, so that what ends at a limit does */
		for (uint32_t k = 1 + rng_below(rng, settings->packets ? 24 : 4); k; k--)
			station_data(a, b);
		break;
	}
}

void user_cure(struct world *world)
{
	for (size_t i = 0; i < world->settings.stations; i++) {
		struct station *station = &world->stations[i];
		struct ue_config config = station->first_config;

		if (station->refuses)
			invariant_excuse(world, (int)i, -1);
		station->clock_offset = 0;
		station->refuses = false;
		station->die_after = station->refuse_after = 0;
		if (station->back_at != UINT64_MAX) {
			station->on = true;
			station_start(station);
		}
		if (world->settings.identity && station->identity.denied != IDENTITY_NOBODY) {
			invariant_check(world, INVARIANT_liveness,
					identity_renew(station, IDENTITY_NOBODY),
					"%s has no end of runs with credentials that were replaced",
					station->config.identity);
			set_methods(world, station, &station->config);
		}
		/* nothing of its own accord, so that all can come to rest */
		memset(&config.lifetimes, 0, sizeof(config.lifetimes));
		/* of its methods those in force now */
		memcpy(config.methods, station->config.methods, sizeof(config.methods));
		config.n_methods = station->config.n_methods;
		station_reconfigure(station, &config);
	}
}
