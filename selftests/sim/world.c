// SPDX-License-Identifier: MIT
/* One schedule, world.h. */
#include "world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pc5s.h"
#include "primitives.h"
#include "user.h"

#define NEVER		UINT64_MAX
#define STEPS_MAX	200000		/* of one schedule; those that work need some hundreds */
#define POLL_MS		500		/* how often who wants a link looks whether it is there */
#define EPOCH		1700000000	/* 2023-11-14 */
#define PRODUCTS_EVERY	2039		/* schedules: a prime, so that they are of all kinds */
#define PRODUCTS_AT	5
#define PRODUCTS_ISOLATED_AT	6
#define EMBEDDED_MORE	850		/* octets of a fragment: request and command are no longer than one */

uint32_t world_l2_id(size_t index)
{
	return 0x0a0b01 + (uint32_t)index;
}

int world_index(const struct world *world, uint32_t l2_id)
{
	uint32_t index = l2_id - world_l2_id(0);

	if (index < world->settings.stations)
		return (int)index;
	for (size_t i = 0; i < world->settings.stations; i++)
		if (station_peer_local(&world->stations[i], l2_id))
			return (int)i;
	return -1;
}

void world_trace(const struct world *world, int station, const char *format, ...)
{
	va_list args;

	if (!world->verbose)
		return;
	printf("%6" PRIu64 ".%03" PRIu64 " %-4s", (world->now - WORLD_START_MS) / 1000,
	       (world->now - WORLD_START_MS) % 1000, station < 0 ? "" :
	       world->stations[station].config.identity + strlen("urn:prose:"));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

const char *world_frame_text(const struct world *world, const struct frame *frame)
{
	static char text[120];
	struct pc5s_message message;

	if (!world->verbose)
		return "";
	snprintf(text, sizeof(text), "%s of %06x to %06x on %u, KD-sess %02x%02x, COUNT %x",
		 frame->lcid == UE_BEARER_DATA ? "user data" :
		 pc5s_decode(&message, frame->message, frame->len, NULL) ? "something" :
		 pc5s_type_name(message.type), frame->src, frame->dst, frame->lcid,
		 frame->header[1], frame->header[2], frame->count);
	return text;
}

bool world_slow(const struct world *world)
{
	const struct settings *settings = &world->settings;
	uint32_t round_trip = 2 * (world->medium.delay_max + settings->upcall_max);

	return 4 * round_trip >= settings->timers.t4101;
}

/* Time without a sign of life after which a UE knows that its peer is gone. */
uint64_t world_silence(const struct world *world)
{
	const struct ue_timers *timers = &world->settings.timers;

	return timers->t4102 + (uint64_t)timers->t4101 * (timers->retries + 1);
}

/* A setup or a rekeying, however it ends: each wait to its last try. */
uint64_t world_procedure(const struct world *world)
{
	const struct ue_timers *timers = &world->settings.timers;
	uint64_t tries = timers->retries + 1;
	uint32_t request = timers->t4100 > timers->t4112 ? timers->t4100 : timers->t4112;

	return request * tries + 4ull * timers->ke * (tries + 1) + timers->t4111 * tries +
	       4ull * timers->accept * tries + timers->t4103 * tries + 2ull * timers->grace;
}

/* So short that they end many times, and so long that a rekeying can be tried again before. */
static void draw_lifetimes(struct rng *rng, struct ue_lifetimes *lifetimes)
{
	lifetimes->kd_sess_soft.ms = rng_between(rng, 3000, 20000);
	lifetimes->kd_sess_hard.ms = lifetimes->kd_sess_soft.ms + 60000;
	lifetimes->kd_soft.ms = rng_between(rng, 5000, 40000);
	lifetimes->kd_hard.ms = lifetimes->kd_soft.ms + 60000;
	if (rng_below(rng, 2))
		return;
	lifetimes->kd_sess_soft.packets = rng_between(rng, 50, 100);
	lifetimes->kd_sess_hard.packets = 1000;
	lifetimes->kd_soft.packets = rng_between(rng, 100, 400);
	lifetimes->kd_hard.packets = 4000;
}

/* Nothing but an attacker, who may add and not take away, is there to end a link. */
static bool is_siege(const struct world *world)
{
	return world->seed % 8 == 1 || world->seed % 8 == 2;
}

/* What a schedule is like follows from its seed: of each kind there are as many. */
static void draw(struct world *world)
{
	struct settings *settings = &world->settings;
	struct rng *rng = &world->rng;
	uint32_t divisor = 1 + rng_below(rng, 4);
	bool siege, any = false;

	settings->stations = 2 + (rng_below(rng, 3) ? 0 : 1 + rng_below(rng, 3));
	settings->strict = !rng_below(rng, 6);
	settings->psk = !rng_below(rng, 3);
	settings->bind_hash = !rng_below(rng, 3);
	settings->up_integrity = rng_below(rng, 3) ? UE_REQUIRED : UE_NOT_NEEDED;
	settings->up_ciphering = rng_below(rng, 4) ? UE_PREFERRED : rng_below(rng, 3);
	settings->count_profile = rng_below(rng, 3) ? UE_COUNT_HFN : UE_COUNT_SESS_ID;
	settings->containers = rng_below(rng, 5);
	if (settings->containers)
		settings->containers++;
	settings->container_size = KEYING_CONTAINER_MIN + rng_below(rng, 300);
	settings->fragment = 256 + rng_below(rng, 100);
	settings->packets = rng_below(rng, 3) ? 0 : 48 + rng_below(rng, 80);
	settings->acts = 10 + rng_below(rng, 40);
	settings->delay_max = 1 + rng_below(rng, 20);
	settings->polls = rng_below(rng, 2);
	settings->uneven = !rng_below(rng, 3);
	settings->upcall_max = rng_below(rng, 2) ? 0 : 1 + rng_below(rng, 20);

	siege = is_siege(world);
	settings->releases = !siege && rng_below(rng, 2);
	settings->reconfigures = !siege && !rng_below(rng, 3);
	settings->clock_jumps = !siege && !rng_below(rng, 3);
	settings->crashes = settings->refusals = world->seed % 8 >= 3 && rng_below(rng, 2);
	if (world->seed % 8 >= 4) {
		settings->loss = rng_below(rng, 300);
		settings->duplicate = rng_below(rng, 200);
		settings->delay_max += rng_below(rng, rng_below(rng, 2) ? 500 : 60);
		settings->partitions = !rng_below(rng, 3);
	} else {
		settings->duplicate = rng_below(rng, 2) ? 0 : rng_below(rng, 200);
	}
	if (siege || world->seed % 8 >= 5) {
		settings->attacks = 20 + rng_below(rng, 300);
		settings->drops = !siege;
		settings->bids_down = !siege && !rng_below(rng, 3);
		settings->floods = !rng_below(rng, 4);
	}

	/* credentials that are not valid by a clock are not offered, which no invariant knows of */
	settings->embeds = world->seed / 8 % 2 && !settings->clock_jumps;

	/* where nothing but the comparison of echoes notices: no hash of the request anywhere */
	if (settings->bids_down) {
		settings->strict = rng_below(rng, 2);
		settings->psk = settings->bind_hash = false;
	}

	/* divided, all of them alike: as many procedures in less time */
	settings->timers = (struct ue_timers){
		.t4100 = PROSE_T4100_MS / divisor,
		.t4101 = PROSE_T4101_MS / divisor,
		.t4102 = PROSE_T4102_MS / divisor,
		.t4103 = PROSE_T4103_MS / divisor,
		.t4111 = PROSE_T4111_MS / divisor,
		.t4112 = PROSE_T4112_MS / divisor,
		.ke = PROSE_TKE_MS / divisor,
		.accept = PROSE_TACCEPT_MS / divisor,
		.retries = 2 + rng_below(rng, 4),
		.grace = PROSE_GRACE_MS / divisor,
	};
	if (!rng_below(rng, 3))
		draw_lifetimes(rng, &settings->lifetimes);
	for (size_t i = 0; i < settings->stations; i++)
		for (size_t j = i + 1; j < settings->stations; j++)
			any |= settings->wanted[i][j] = rng_below(rng, 4);
	settings->wanted[0][1] |= !any;
}

/*
 * Drawn by itself, so that schedules without are as they were. By the product's primitives a schedule
 * takes half a second, so one in two thousand has them.
 */
static void draw_identity(struct world *world)
{
	struct settings *settings = &world->settings;
	struct rng rng = rng_split(world->seed, 3);

	settings->products = world->seed % PRODUCTS_EVERY == PRODUCTS_AT;
	settings->identity = !settings->strict && !settings->bids_down && !rng_below(&rng, 4);
	if (settings->products) {
		settings->identity = true;
		settings->strict = settings->bids_down = false;
	}
	if (!settings->identity)
		return;
	settings->containers = 3;
	settings->replies_optional = rng_below(&rng, 2) ? 0 : rng_below(&rng, 1u << STATIONS_MAX);
	/* somebody is denied and is not any more, many times */
	if (!is_siege(world) && rng_below(&rng, 2))
		settings->reconfigures = true;
	/* the month may end at any time */
	if (!rng_below(&rng, 4))
		settings->epoch = IDENTITY_MONTH_ENDS - WORLD_START_MS / 1000 - rng_below(&rng, 120);
	/* what is too long for a request goes by an exchange */
	if (settings->embeds && rng_below(&rng, 4))
		settings->fragment += EMBEDDED_MORE;
	world_count(world, TALLY_identity);
}

/*
 * Likewise. Strict TS 24.334 has no exchange, so it has half of those. KD depends on the request in the
 * product's methods, and so it does then in that of the simulator beside them: no attacker gets it in
 * place of this one by taking the signature away.
 */
static void draw_isolated(struct world *world)
{
	struct settings *settings = &world->settings;
	bool products = world->seed % PRODUCTS_EVERY == PRODUCTS_ISOLATED_AT;
	struct rng rng = rng_split(world->seed, 5);

	if (settings->identity || (rng_below(&rng, settings->strict ? 2 : 4) && !products))
		return;
	settings->identity = settings->isolated = settings->bind_hash = true;
	settings->fragment += EMBEDDED_MORE;
	settings->products = products;
	settings->containers = 0;
	if (!is_siege(world) && rng_below(&rng, 2))
		settings->reconfigures = true;
	if (!rng_below(&rng, 3))
		settings->epoch = IDENTITY_MONTH_ENDS - WORLD_START_MS / 1000 - rng_below(&rng, 120);
	world_count(world, TALLY_isolated);
}

static void describe(const struct world *world)
{
	const struct settings *s = &world->settings;

	world_trace(world, -1, "%zu UEs, %s%s%s, %s, %s, loss %u, duplicates %u, delay %u ms",
		    s->stations, s->strict ? "strict, " : "", s->isolated ? "eccsi-sakke, " :
		    s->strict ? "" : s->identity ? s->embeds ? "mikey-sakke in requests, " : "mikey-sakke, " :
		    !s->containers ? "" : s->embeds ? "embedded, " : "exchange, ",
		    s->psk ? "psk" : s->bind_hash ? "shared, bound" : "shared",
		    s->up_integrity ? "full or less" : "rel12 or more",
		    s->count_profile == UE_COUNT_HFN ? "hfn" : "sess-id", s->loss, s->duplicate,
		    s->delay_max);
	world_trace(world, -1, "%u attacks%s, keys for %u packets, T4100 %u ms, %u retries",
		    s->attacks, s->bids_down ? " that may drop and bids down" :
		    s->drops ? " that may drop" : "", s->packets, s->timers.t4100,
		    s->timers.retries);
}

static struct world *world_new(uint64_t seed, struct tally *tally, bool verbose)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		abort();
	world->seed = seed;
	world->tally = tally;
	world->verbose = verbose;
	world->now = WORLD_START_MS;
	world->rng = rng_split(seed, 0);
	draw(world);
	world->settings.epoch = EPOCH;
	draw_identity(world);
	draw_isolated(world);
	if (world->settings.identity)
		identity_provision(world->settings.products);
	primitives_begin(world->settings.products, seed);
	world->medium.rng = rng_split(seed, 1);
	world->medium.loss = world->settings.loss;
	world->medium.duplicate = world->settings.duplicate;
	world->medium.delay_min = 1;
	world->medium.delay_max = world->settings.delay_max;
	attacker_init(world);
	describe(world);
	for (size_t i = 0; i < world->settings.stations; i++)
		station_init(world, &world->stations[i], i);
	return world;
}

static void world_free(struct world *world)
{
	for (size_t i = 0; i < world->settings.stations; i++)
		station_free(&world->stations[i]);
	attacker_free(world);
	medium_free(&world->medium);
	ledger_free(&world->keys);
	free(world);
}

bool world_step(struct world *world, uint64_t until)
{
	uint64_t next = medium_next(&world->medium);
	struct station *first = NULL;
	struct frame *frame;

	if (world->failed ||
	    !invariant_check(world, INVARIANT_survival, world->steps++ < STEPS_MAX,
			     "the schedule does not come to an end"))
		return false;
	for (size_t i = 0; i < world->settings.stations; i++) {
		uint64_t deadline = station_deadline(&world->stations[i]);

		if (deadline < next) {
			next = deadline;
			first = &world->stations[i];
		}
	}
	if (world->attacker.active && world->attacker.next_ms < next) {
		if (world->attacker.next_ms > until)
			return false;
		world->now = world->attacker.next_ms;
		attacker_act(world);
		return true;
	}
	if (next > until)
		return false;
	/* one in the past means: now */
	if (next > world->now)
		world->now = next;
	world_count(world, TALLY_events);
	if (first) {
		station_expire(first);
		return true;
	}
	frame = medium_take(&world->medium);
	if (frame->to >= 0)
		station_receive(&world->stations[frame->to], frame);
	free(frame);
	return true;
}

void world_advance(struct world *world, uint64_t ms)
{
	uint64_t until = world->now + ms;

	while (world_step(world, until))
		;
	world->now = until;
}

/* User data, now and then, of anybody to anybody. */
static void chatter(struct world *world)
{
	size_t n = world->settings.stations;
	size_t i = rng_below(&world->rng, (uint32_t)n);
	size_t j = (i + 1 + rng_below(&world->rng, (uint32_t)n - 1)) % n;

	station_data(&world->stations[i], &world->stations[j]);
}

static void live(struct world *world)
{
	user_connect_all(world);
	for (uint32_t n = world->settings.acts; n && !world->failed; n--) {
		uint64_t pause = 1 + rng_below(&world->rng, rng_below(&world->rng, 4) ? 400 : 5000);

		for (uint32_t k = 0; k < 4; k++) {
			world_advance(world, pause / 4);
			for (uint32_t i = 0; i < (world->settings.packets ? 6 : 1); i++)
				chatter(world);
			for (size_t i = 0; i < world->settings.stations; i++)
				station_poll(&world->stations[i]);
		}
		user_act(world);
	}
}

static bool connected(const struct world *world, const struct station *a, const struct station *b)
{
	(void)world;
	return station_state(a, b) == UE_LINK_CONNECTED &&
	       station_state(b, a) == UE_LINK_CONNECTED &&
	       a->views[b->index].info.kd_sess_id == b->views[a->index].info.kd_sess_id;
}

/* Asks again, as a daemon does for a peer it is to be connected with. Returns whether all are. */
static bool want(struct world *world)
{
	const struct settings *settings = &world->settings;
	bool all = true;

	for (size_t i = 0; i < settings->stations; i++) {
		for (size_t j = i + 1; j < settings->stations; j++) {
			struct station *a = &world->stations[i], *b = &world->stations[j];

			if (!settings->wanted[i][j] || connected(world, a, b))
				continue;
			all = false;
			if (station_state(a, b) == UE_LINK_NULL ||
			    station_state(a, b) == UE_LINK_IDLE)
				station_connect(a, b, NULL);
		}
	}
	return all;
}

/*
 * A fair network: within what time must all be connected? One may believe for as long as
 * silence can last that the link is there; its release may go to nobody; what each had begun
 * may have to end first, and then a setup follows. And a link that is there at first may be
 * lost still by what the network did before: so nobody is asked before that is over. Nor
 * before COUNTs that an attacker pushed, where user data has no MAC-I, are found out and cured.
 */
static void become_connected(struct world *world)
{
	const struct settings *settings = &world->settings;
	uint64_t start = world->now;
	uint64_t hangover = world_silence(world) + world_procedure(world) +
			    (world->settings.attacks ? PROSE_RESYNC_MS + world_silence(world) : 0);
	uint64_t bound = hangover + world_procedure(world) + 2 * POLL_MS, took = 0;

	while (!world->failed) {
		if (!want(world))
			took = world->now - start;
		if (took > bound || (world->now - start > hangover && took < world->now - start))
			break;
		world_advance(world, POLL_MS);
	}
	if (took > world->tally->longest_ms) {
		world->tally->longest_ms = took;
		world->tally->longest_bound_ms = bound;
	}
	for (size_t i = 0; i < settings->stations && !world->failed; i++) {
		for (size_t j = i + 1; j < settings->stations; j++) {
			const struct station *a = &world->stations[i], *b = &world->stations[j];

			if (!settings->wanted[i][j])
				continue;
			invariant_check(world, INVARIANT_liveness, connected(world, a, b),
					"%s is %s and %s is %s after %" PRIu64 " s of fair network: %s",
					a->config.identity, ue_state_name(station_state(a, b)),
					b->config.identity, ue_state_name(station_state(b, a)),
					bound / 1000, a->views[j].known && *a->views[j].info.failure ?
					a->views[j].info.failure : b->views[i].info.failure);
		}
	}
}

/* Packets both ways on each link, some times; all must arrive that were sent. */
static void talk(struct world *world, unsigned int times, uint64_t pause)
{
	const struct settings *settings = &world->settings;
	uint32_t sent[STATIONS_MAX][STATIONS_MAX] = { 0 };

	world->round++;
	for (size_t i = 0; i < settings->stations; i++)
		memset(world->stations[i].arrived, 0, sizeof(world->stations[i].arrived));
	for (; times && !world->failed; times--) {
		for (size_t i = 0; i < settings->stations; i++) {
			for (size_t j = 0; j < settings->stations; j++) {
				struct station *a = &world->stations[i], *b = &world->stations[j];

				if (i == j || !settings->wanted[i < j ? i : j][i < j ? j : i])
					continue;
				sent[i][j] += station_data(a, b);
			}
		}
		world_advance(world, pause);
	}
	world_advance(world, 50);
	for (size_t i = 0; i < settings->stations && !world->failed; i++)
		for (size_t j = 0; j < settings->stations; j++)
			if (i != j)
				invariant_check(world, INVARIANT_delivery,
						world->stations[j].arrived[i] == sent[i][j],
						"of %u packets of %s to %s %u arrived", sent[i][j],
						world->stations[i].config.identity,
						world->stations[j].config.identity,
						world->stations[j].arrived[i]);
}

/* Who is connected can send, or can as soon as a rekeying has ended. */
static void speak(struct world *world)
{
	const struct settings *settings = &world->settings;
	uint64_t until = world->now + world_procedure(world);

	for (size_t i = 0; i < settings->stations && !world->failed; i++) {
		for (size_t j = 0; j < settings->stations; j++) {
			struct station *a = &world->stations[i], *b = &world->stations[j];
			bool sent;

			if (i == j || !settings->wanted[i < j ? i : j][i < j ? j : i])
				continue;
			while (!(sent = station_data(a, b)) && world->now < until &&
			       !world->failed)
				world_advance(world, POLL_MS);
			invariant_check(world, INVARIANT_liveness, sent,
					"%s is %s with %s and cannot send", a->config.identity,
					ue_state_name(station_state(a, b)), b->config.identity);
		}
	}
}

/* One association for each link and nothing else. */
static void at_rest(struct world *world)
{
	const struct settings *settings = &world->settings;

	for (size_t i = 0; i < settings->stations && !world->failed; i++) {
		struct station *a = &world->stations[i];
		size_t links = 0;

		for (size_t j = 0; j < settings->stations; j++) {
			struct kernel_peer *peer = station_peer(a, world_l2_id(j));

			if (i == j || !settings->wanted[i < j ? i : j][i < j ? j : i])
				continue;
			links++;
			invariant_check(world, INVARIANT_rest, peer && peer->n_assocs == 1,
					"%s has %zu associations with %s, long after all is quiet",
					a->config.identity, peer ? peer->n_assocs : 0,
					world->stations[j].config.identity);
			invariant_check(world, INVARIANT_rest, connected(world, a, &world->stations[j]),
					"%s is %s with %s, long after all is quiet",
					a->config.identity,
					ue_state_name(station_state(a, &world->stations[j])),
					world->stations[j].config.identity);
		}
		invariant_check(world, INVARIANT_rest, a->n_peers == links,
				"the kernel of %s has %zu peers for %zu links", a->config.identity,
				a->n_peers, links);
	}
}

static void rekey_all(struct world *world)
{
	const struct settings *settings = &world->settings;

	for (size_t i = 0; i < settings->stations; i++) {
		for (size_t j = i + 1; j < settings->stations; j++) {
			bool kd = rng_below(&world->rng, 2);
			bool both = !rng_below(&world->rng, 4);

			if (!settings->wanted[i][j])
				continue;
			if (both || rng_below(&world->rng, 2))
				station_rekey(&world->stations[i], &world->stations[j], kd);
			else
				station_rekey(&world->stations[j], &world->stations[i], kd);
			if (both)
				station_rekey(&world->stations[j], &world->stations[i], !kd);
		}
	}
}

/* The network is fair from now on, and nobody does any harm. */
static void end(struct world *world)
{
	const struct ue_timers *timers = &world->settings.timers;

	world_trace(world, -1, "the network is fair from now on");
	world->attacker.active = false;
	/* what it has done already may have its consequences still */
	if (world_slow(world))
		invariant_excuse(world, -1, -1);
	medium_fair(&world->medium);
	user_cure(world);
	become_connected(world);
	if (world->failed)
		return;
	speak(world);
	world_advance(world, 50);
	talk(world, 3, 20);
	rekey_all(world);
	talk(world, 12, 15);
	/* what was replaced is deleted by then; strangers' setups have timed out */
	world_advance(world, 2ull * timers->grace + timers->t4112 + world_procedure(world));
	at_rest(world);
	talk(world, 1, 1);
}

/* A signature that is not good costs no more than that. */
static void count_calls(struct world *world)
{
	const struct primitives_calls *calls = primitives_calls();

	if (!world->settings.identity)
		return;
	world->tally->counts[TALLY_opened] += calls->opened;
	world->tally->counts[TALLY_not_signed] += calls->forged;
	invariant_check(world, INVARIANT_verified, !calls->unverified,
			"%" PRIu64 " messages were decapsulated whose signature was not found good",
			calls->unverified);
	invariant_check(world, INVARIANT_verified, !calls->not_opened,
			"%" PRIu64 " messages could not be decapsulated whose signature was good",
			calls->not_opened);
}

bool world_run(uint64_t seed, struct tally *tally, bool verbose)
{
	struct world *world = world_new(seed, tally, verbose);
	bool failed;

	tally->seed = seed;
	live(world);
	if (!world->failed)
		end(world);
	count_calls(world);
	tally->counts[TALLY_virtual_s] += (world->now - WORLD_START_MS) / 1000;
	world_count(world, TALLY_schedules);
	failed = world->failed;
	world_free(world);
	return !failed;
}
