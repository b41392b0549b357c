// SPDX-License-Identifier: MIT
/*
 * D2D-Idle on a virtual clock: what is kept of a peer, over a restart too, and reconnection by
 * connection identity, with its identity or without, by those who may and by those who may not.
 */
#include <openssl/sha.h>

#include "../sim/pair.h"

#define ELSEWHERE	0x0a0b99	/* where A is after it got another Layer-2 ID */

static char why[KEYING_TEXT_MAX];

/* What ue_idle() has. */
struct kept {
	struct ue_idle list[16];
	size_t n;
};

static bool collect(void *context, const struct ue_idle *idle)
{
	struct kept *kept = context;

	sim_check(kept->n < 16);
	kept->list[kept->n++] = *idle;
	return true;
}

static struct kept keep(const struct sim_ue *u)
{
	struct kept kept = { 0 };

	ue_idle(u->ue, collect, &kept);
	return kept;
}

static void same(const struct kept *a, const struct kept *b)
{
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->list, b->list, a->n * sizeof(a->list[0]));
}

static void power_off(struct sim_ue *u)
{
	ue_free(u->ue);
	u->ue = NULL;
	memset(u->peers, 0, sizeof(u->peers));
	u->n_peers = 0;
}

/* Off and on again; all is as its store has it. */
static void reboot(struct sim_ue *u)
{
	struct kept kept = keep(u);

	power_off(u);
	sim_start(u);
	for (size_t i = 0; i < kept.n; i++)
		if (ue_restore(u->ue, u->sim->now, &kept.list[i], why, sizeof(why)))
			fail_msg("%s", why);
	sim_drain(u->sim);
}

static void lose_store(struct sim_ue *u)
{
	power_off(u);
	sim_start(u);
}

/* Passes everything on, and counts. */
struct watch {
	unsigned int frames, requests, establishment, rejects;
	struct pc5s_message request;		/* the last one */
	struct sim_frame request_frame;
	const char *secret;			/* must be in no frame in clear */
	bool drop_accept, drop_complete;	/* all of them, on bearer 30 by who sends what */
	uint32_t accepts_from;
	unsigned int new_requests;
	uint8_t ids[16][UE_CONNECTION_ID_LEN];	/* that stood in them */
	size_t n_ids;
};

/*
 * User Info is shifted by four bits on the air, and has its type behind the first four: so this
 * looks for digits, not for octets, and not for the first.
 */
static bool on_air(const struct sim_frame *frame, const char *secret)
{
	char digits[2 * SIM_PDU_MAX + 1] = "", wanted[65] = "";

	for (size_t i = 0; i < frame->len; i++)
		snprintf(digits + 2 * i, 3, "%02x", frame->pdu[i]);
	for (size_t i = 0; secret[i]; i++)
		snprintf(wanted + 2 * i, 3, "%02x", (unsigned char)secret[i]);
	return strstr(digits, wanted + 1);
}

static bool watching(struct sim *sim, struct sim_frame *frame)
{
	struct watch *w = sim->tap_context;
	struct pc5s_message m;

	w->frames++;
	if (w->secret && on_air(frame, w->secret))
		fail_msg("'%s' is on the air in clear, LCID %u", w->secret, frame->lcid);
	if (frame->lcid == 30 && (frame->src == w->accepts_from ? w->drop_accept : w->drop_complete))
		return false;
	if (!frame_decode(frame, &m))
		return true;
	w->establishment += m.type == PC5S_KEY_ESTABLISHMENT;
	w->rejects += m.type == PC5S_REJECT;
	if (m.type != PC5S_REQUEST)
		return true;
	w->requests++;
	if (memcmp(w->request.nonce_1, m.nonce_1, sizeof(m.nonce_1))) {
		w->new_requests++;
		if (pc5s_has(&m, PC5S_IE_CONNECTION_ID))
			memcpy(w->ids[w->n_ids++ % 16], m.connection_id, UE_CONNECTION_ID_LEN);
	}
	w->request = m;
	w->request_frame = *frame;
	return true;
}

static void observe(struct pair *p, struct watch *w)
{
	memset(w, 0, sizeof(*w));
	w->accepts_from = B;
	p->sim->tap = watching;
	p->sim->tap_context = w;
}

static unsigned int runs(const struct pair *p)
{
	return p->a->exchange.credentials.runs + p->b->exchange.credentials.runs +
	       p->a->shared.credentials.runs + p->b->shared.credentials.runs;
}

static void release(struct pair *p)
{
	assert_int_equal(sim_release(p->a, p->b), 0);
	if (!sim_until(p->sim, p->a, p->b, UE_LINK_IDLE, 10000))
		fail_msg("not idle: %s, %s", ue_state_name(sim_state(p->a, B)),
			 ue_state_name(sim_state(p->b, A)));
	sim_run(p->sim, 100);
}

/* Connected once, and released. */
static struct pair pair_idle(void)
{
	struct pair p = pair_new();

	pair_start(&p);
	pair_connect(&p);
	release(&p);
	return p;
}

/* TR 33.833 6.4.1.3: D2D-Idle is what a reconnection takes, and five messages are all of it. */
static void reconnects(void **context)
{
	for (int hide = 0; hide < 2; hide++)
		for (int rebooted = 0; rebooted < 4; rebooted++) {
			struct pair p = pair_new();
			unsigned int before;
			struct watch w;
			uint32_t kd_id;

			(void)context;
			p.a->config.hide_identity = hide;
			pair_start(&p);
			pair_connect(&p);
			kd_id = sim_info(p.a, B).kd_id;
			assert_true(p.a->last[UE_REPORT_CONNECTED].kd_changed);
			release(&p);
			if (rebooted & 1)
				reboot(p.a);
			if (rebooted & 2)
				reboot(p.b);
			before = runs(&p);
			observe(&p, &w);
			pair_connect(&p);
			sim_run(p.sim, 100);
			assert_int_equal(w.establishment, 0);
			assert_int_equal(runs(&p), before);
			assert_int_equal(w.frames, 5);
			assert_int_equal(sim_info(p.a, B).kd_id, kd_id);
			assert_false(p.a->last[UE_REPORT_CONNECTED].kd_changed);
			assert_false(p.b->last[UE_REPORT_CONNECTED].kd_changed);
			assert_string_equal(sim_info(p.b, A).method, "exchange");
			pair_data(&p);
			sim_free(p.sim);
		}
}

/* Whatever is restored comes out again, octet by octet, connected or not. */
static void keeps_all(void **context)
{
	struct pair p = pair_idle();
	struct kept a = keep(p.a), b = keep(p.b), again;

	(void)context;
	assert_int_equal(a.n, 1);
	assert_int_equal(a.list[0].l2_id, B);
	assert_string_equal(a.list[0].identity, "ue-111213");
	assert_string_equal(a.list[0].method, "exchange");
	assert_string_equal(a.list[0].detail, "fake of 4 containers");
	assert_int_equal(a.list[0].kd_id, b.list[0].kd_id);
	assert_memory_equal(a.list[0].kd, b.list[0].kd, KEYING_KD_LEN);
	assert_int_equal(a.list[0].kd_made, sim_wall_clock(p.a) - (int64_t)(p.sim->now / 1000) + 1);
	assert_memory_equal(a.list[0].remote_id, b.list[0].local_ids[0], UE_CONNECTION_ID_LEN);
	assert_memory_equal(b.list[0].remote_id, a.list[0].local_ids[0], UE_CONNECTION_ID_LEN);
	reboot(p.a);
	again = keep(p.a);
	same(&a, &again);
	assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
	assert_string_equal(sim_info(p.a, B).identity, "ue-111213");
	pair_connect(&p);
	again = keep(p.a);
	assert_int_equal(again.n, 1);
	assert_memory_equal(again.list[0].kd, a.list[0].kd, KEYING_KD_LEN);
	/* new connection identities with each connection */
	assert_memory_not_equal(again.list[0].remote_id, a.list[0].remote_id, UE_CONNECTION_ID_LEN);
	sim_free(p.sim);
}

/* The driver is told of each change, or the store would be old. */
static void tells_of_changes(void **context)
{
	struct pair p = pair_new();
	uint32_t told;

	(void)context;
	pair_start(&p);
	pair_connect(&p);
	assert_true(p.a->idle_changes && p.b->idle_changes);
	told = p.a->idle_changes;
	assert_int_equal(sim_rekey(p.a, p.b, false), 0);
	sim_run(p.sim, 1000);
	told = p.a->idle_changes;
	assert_int_equal(sim_rekey(p.a, p.b, true), 0);
	sim_run(p.sim, 1000);
	assert_int_not_equal(p.a->idle_changes, told);
	release(&p);
	told = p.a->idle_changes;
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), 0);
	sim_drain(p.sim);
	assert_int_not_equal(p.a->idle_changes, told);
	assert_int_equal(keep(p.a).n, 0);
	sim_free(p.sim);
}

/* Lost on either side, or on both: the setup is a full one, and nobody has to do anything. */
static void lost_store(void **context)
{
	for (int lost = 1; lost < 4; lost++)
		for (int from_b = 0; from_b < 2; from_b++) {
			struct pair p = pair_idle();
			unsigned int before = runs(&p);
			struct watch w;

			(void)context;
			if (lost & 1)
				lose_store(p.a);
			if (lost & 2)
				lose_store(p.b);
			observe(&p, &w);
			assert_int_equal(from_b ? sim_connect(p.b, p.a) : sim_connect(p.a, p.b), 0);
			assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
			pair_agree(&p);
			assert_int_equal(runs(&p), before + 2);
			assert_int_equal(w.new_requests, 1);
			assert_int_equal(w.rejects, 0);
			pair_data(&p);
			sim_free(p.sim);
		}
}

/* Hidden: no identity and no KD ID in clear, in either direction, nor the same of anything twice. */
static void hides_identity(void **context)
{
	static const char *const secrets[] = { "ue-0a0b0c", "ue-111213" };
	uint32_t kd_ids[2];
	char name[17];

	(void)context;
	for (size_t s = 0; s < 2; s++) {
		struct pair p = pair_new();
		struct watch w;

		p.a->config.hide_identity = true;
		pair_start(&p);
		observe(&p, &w);
		pair_connect(&p);
		/* the first time by name, which also shows that a name would be seen */
		assert_true(on_air(&w.request_frame, "ue-0a0b0c"));
		for (int i = 0; i < 2; i++) {
			uint8_t id[UE_CONNECTION_ID_LEN];

			release(&p);
			memcpy(id, sim_info(p.a, B).remote_connection_id, sizeof(id));
			observe(&p, &w);
			w.secret = secrets[s];
			pair_connect(&p);
			assert_false(pc5s_has(&w.request, PC5S_IE_TARGET_INFO));
			assert_memory_equal(w.request.connection_id, id, sizeof(id));
			for (size_t j = 0; j < sizeof(id); j++)
				snprintf(name + 2 * j, 3, "%02x", id[j]);
			assert_int_equal(w.request.user_info.len, 16);
			assert_memory_equal(w.request.user_info.value, name, 16);
			assert_true(pc5s_has(&w.request, PC5S_IE_KD_ID));
			assert_int_not_equal(w.request.kd_id, sim_info(p.a, B).kd_id);
			kd_ids[i] = w.request.kd_id;
			pair_data(&p);
		}
		assert_int_not_equal(kd_ids[0], kd_ids[1]);
		sim_free(p.sim);
	}
}

/* Hidden, and the one KD both need differs: a new one is agreed on, still without a name. */
static void hidden_without_kd(void **context)
{
	struct pair p = pair_new();
	struct watch w;

	(void)context;
	p.a->config.hide_identity = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	{
		struct kept kept = keep(p.b);

		/* as after a crash between the two ends' writes */
		lose_store(p.b);
		kept.list[0].kd_id ^= 0x10000;
		assert_int_equal(ue_restore(p.b->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
	}
	observe(&p, &w);
	pair_connect(&p);
	assert_int_equal(w.new_requests, 1);
	assert_int_not_equal(w.establishment, 0);
	assert_int_equal(w.request.user_info.len, 16);
	sim_free(p.sim);
}

/* The same with a method that has no exchange, and finds its key by a name. */
static void hidden_shared(void **context)
{
	struct pair p = pair_new();
	struct kept kept;

	(void)context;
	pair_shared(&p);
	p.a->config.hide_identity = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	kept = keep(p.b);
	lose_store(p.b);
	kept.list[0].kd_id ^= 0x10000;
	assert_int_equal(ue_restore(p.b->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
	pair_connect(&p);
	pair_data(&p);
	sim_free(p.sim);
}

/*
 * The peer lost its store, and does not know who hides there: it says so, which anybody could,
 * so it is believed at the end. Then UE_1 says who it is, if it may.
 */
static void reveals_identity(void **context)
{
	for (int may = 0; may < 2; may++) {
		struct pair p = pair_new();
		struct watch w;

		(void)context;
		p.a->config.hide_identity = true;
		p.a->config.reveal_identity = may;
		pair_start(&p);
		pair_connect(&p);
		release(&p);
		lose_store(p.b);
		observe(&p, &w);
		w.secret = may ? NULL : "ue-0a0b0c";
		assert_int_equal(sim_connect(p.a, p.b), 0);
		sim_run(p.sim, 3000);
		/* not yet: the true peer might still answer */
		assert_int_equal(w.new_requests, 1);
		assert_true(w.rejects);
		sim_run(p.sim, 10000);
		if (may) {
			assert_int_equal(w.new_requests, 2);
			assert_true(pair_connected(&p));
			pair_data(&p);
		} else {
			assert_int_equal(w.new_requests, 1);
			assert_non_null(strstr(sim_info(p.a, B).failure, "reveal-identity"));
			/* what is kept stays, until the user says otherwise */
			assert_int_equal(sim_state(p.a, B), UE_LINK_IDLE);
			assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), 0);
			w.secret = NULL;
			pair_connect(&p);
		}
		sim_free(p.sim);
	}
}

/* A forged "I do not know you" makes nobody say who he is while the true peer answers. */
static bool forge_reject(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m, reject = { .type = PC5S_REJECT, .cause = PC5S_CAUSE_SYNCHRONISATION };

	if (frame_decode(frame, &m) && m.type == PC5S_REQUEST) {
		reject.has = PC5S_BIT(PC5S_IE_REQUEST_HASH);
		SHA256(frame->pdu + PDCP_HEADER, frame->len - PDCP_HEADER, reject.request_hash);
		plain_message(sim, B, A, &reject);
	}
	return watching(sim, frame);
}

static void forged_unknown(void **context)
{
	struct pair p = pair_new();
	unsigned int before;
	struct watch w;

	(void)context;
	p.a->config.hide_identity = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	before = runs(&p);
	observe(&p, &w);
	w.secret = "ue-0a0b0c";
	p.sim->tap = forge_reject;
	pair_connect(&p);
	assert_int_equal(w.new_requests, 1);
	assert_int_equal(runs(&p), before);
	sim_free(p.sim);
}

/*
 * Every message after the request is lost, for a whole setup: whatever each end believes then,
 * the next one goes without a key establishment and without a name.
 */
static void half_done(void **context)
{
	for (int lost = 0; lost < 3; lost++)
		for (int from_b = 0; from_b < 2; from_b++) {
			struct pair p = pair_new();
			unsigned int before;
			struct watch w;

			(void)context;
			p.a->config.hide_identity = p.b->config.hide_identity = true;
			pair_start(&p);
			pair_connect(&p);
			release(&p);
			before = runs(&p);
			for (int times = 0; times < 3; times++) {
				observe(&p, &w);
				w.drop_accept = lost != 1;
				w.drop_complete = lost != 0;
				sim_connect(p.a, p.b);
				sim_run(p.sim, 120000);
				assert_false(pair_connected(&p));
			}
			reboot(p.a);
			reboot(p.b);
			observe(&p, &w);
			w.secret = "ue-";
			assert_int_equal(from_b ? sim_connect(p.b, p.a) : sim_connect(p.a, p.b), 0);
			if (!sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 3000))
				fail_msg("lost %d from %c: %s / %s", lost, from_b ? 'b' : 'a',
					 sim_info(p.a, B).failure, sim_info(p.b, A).failure);
			assert_int_equal(w.new_requests, 1);
			assert_int_equal(runs(&p), before);
			sim_free(p.sim);
		}
}

/* A is another UE by its Layer-2 ID, and the same by what it holds. */
static struct sim_ue *move(struct pair *p, struct sim_ue *a)
{
	struct sim_ue *c = sim_add(p->sim, ELSEWHERE);
	struct kept kept = keep(a);

	memcpy(c->config.identity, a->config.identity, sizeof(c->config.identity));
	memcpy(c->exchange.credentials.identity, a->exchange.credentials.identity,
	       sizeof(c->exchange.credentials.identity));
	c->config.addresses[0] = a->config.addresses[0];
	c->config.hide_identity = a->config.hide_identity;
	c->exchange.credentials.runs = 0;
	power_off(a);
	sim_start(c);
	assert_int_equal(ue_restore(c->ue, p->sim->now, &kept.list[0], why, sizeof(why)), 0);
	return c;
}

static void changed_layer_2_id(void **context)
{
	for (int hide = 0; hide < 2; hide++)
		for (int live = 0; live < 2; live++) {
			struct pair p = pair_new();
			struct kept before, after;
			struct sim_ue *c;
			struct watch w;

			(void)context;
			p.a->config.hide_identity = hide;
			pair_start(&p);
			pair_connect(&p);
			if (!live)
				release(&p);
			before = keep(p.b);
			c = move(&p, p.a);
			observe(&p, &w);
			assert_int_equal(sim_connect(c, p.b), 0);
			if (!sim_until(p.sim, c, p.b, UE_LINK_CONNECTED, 3000))
				fail_msg("%s / %s", sim_info(c, B).failure,
					 sim_info(p.b, ELSEWHERE).failure);
			assert_int_equal(w.establishment, 0);
			assert_string_equal(sim_info(p.b, ELSEWHERE).identity, "ue-0a0b0c");
			/* the KD went along, there is no second one, nor a link */
			after = keep(p.b);
			assert_int_equal(after.n, 1);
			assert_int_equal(after.list[0].l2_id, ELSEWHERE);
			assert_memory_equal(after.list[0].kd, before.list[0].kd, KEYING_KD_LEN);
			assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
			assert_null(sim_peer(p.b, A));
			assert_int_equal(p.b->reports[UE_REPORT_RELEASED], 1);
			assert_true(sim_data(p.b, ELSEWHERE));
			/* and back by it */
			assert_int_equal(sim_release(c, p.b), 0);
			assert_true(sim_until(p.sim, c, p.b, UE_LINK_IDLE, 3000));
			assert_int_equal(sim_connect(p.b, c), 0);
			assert_true(sim_until(p.sim, c, p.b, UE_LINK_CONNECTED, 3000));
			assert_int_equal(w.establishment, 0);
			sim_free(p.sim);
		}
}

/* By full authentication at another Layer-2 ID: what is kept at the old one is of no use. */
static void superseded(void **context)
{
	struct pair p = pair_idle();
	struct kept after;
	struct sim_ue *c;

	(void)context;
	c = move(&p, p.a);
	lose_store(c);
	assert_int_equal(sim_connect(c, p.b), 0);
	assert_true(sim_until(p.sim, c, p.b, UE_LINK_CONNECTED, 3000));
	after = keep(p.b);
	assert_int_equal(after.n, 1);
	assert_int_equal(after.list[0].l2_id, ELSEWHERE);
	assert_int_equal(sim_state(p.b, A), UE_LINK_NULL);
	sim_free(p.sim);
}

/*
 * Requests that name a connection identity somebody saw on the air, from its Layer-2 ID and from
 * others, as A and as its pseudonym: nothing of what is kept or lives changes, now or when they
 * have run out.
 */
static void forge(struct pair *p, const struct watch *w, bool as_seen)
{
	for (uint32_t i = 0; i < 40; i++) {
		struct sim_frame frame = w->request_frame;
		struct pc5s_message m = w->request;

		frame.src = i % 4 ? 0x700000 + i : A;
		frame.carrier[5] = (uint8_t)i;
		if (!as_seen) {
			m.nonce_1[3] ^= (uint8_t)(i + 1);
			m.kd_id ^= i % 3;
			frame_encode(&frame, &m);
		}
		sim_queue(p->sim, &frame, p->sim->now + 1 + i);
	}
	sim_run(p->sim, 60000);
}

static void forged_requests(void **context)
{
	for (int hide = 0; hide < 2; hide++)
		for (int live = 0; live < 2; live++) {
			struct pair p = pair_new();
			struct kept before, after;
			unsigned int ran;
			struct watch w;

			(void)context;
			p.a->config.hide_identity = hide;
			pair_start(&p);
			pair_connect(&p);
			release(&p);
			/* one that fails, so that its connection identity is still good */
			observe(&p, &w);
			w.drop_accept = w.drop_complete = true;
			sim_connect(p.a, p.b);
			sim_run(p.sim, 120000);
			w.drop_accept = w.drop_complete = false;
			assert_true(pc5s_has(&w.request, PC5S_IE_CONNECTION_ID));
			if (live)
				pair_connect(&p);
			{
				struct watch seen = w;

				p.sim->tap = NULL;
				before = keep(p.b);
				forge(&p, &seen, false);
				forge(&p, &seen, true);
			}
			after = keep(p.b);
			same(&before, &after);
			/* A was asked nothing, or it answered nothing */
			if (live) {
				assert_true(pair_connected(&p));
				pair_data(&p);
				release(&p);
			}
			ran = runs(&p);
			pair_connect(&p);
			assert_int_equal(runs(&p), ran);
			pair_data(&p);
			sim_free(p.sim);
		}
}

/* A recorded request, after the setup it belonged to: its connection identity is not known. */
static void replayed_request(void **context)
{
	struct pair p = pair_new();
	struct kept before, after;
	unsigned int ran;
	struct watch w;

	(void)context;
	p.a->config.hide_identity = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	observe(&p, &w);
	pair_connect(&p);
	release(&p);
	sim_run(p.sim, 60000);
	ran = runs(&p);
	before = keep(p.b);
	{
		struct sim_frame frame = w.request_frame;

		w.rejects = 0;
		sim_queue(p.sim, &frame, p.sim->now + 1);
		frame.src = ELSEWHERE;
		sim_queue(p.sim, &frame, p.sim->now + 2);
		sim_run(p.sim, 60000);
	}
	/* so B does not even show that it is the UE that A spoke to */
	assert_int_equal(w.rejects, 2);
	assert_int_equal(runs(&p), ran);
	after = keep(p.b);
	same(&before, &after);
	pair_connect(&p);
	assert_int_equal(runs(&p), ran);
	sim_free(p.sim);
}

/* In one request, and its repetitions, and in no other. */
static void single_use(void **context)
{
	struct pair p = pair_new();
	unsigned int ran;
	struct watch w;

	(void)context;
	p.a->config.single_use_ids = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	observe(&p, &w);
	ran = runs(&p);
	pair_connect(&p);
	release(&p);
	assert_int_equal(runs(&p), ran);
	/* a request that nobody hears, over and over */
	power_off(p.b);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_true(pc5s_has(&w.request, PC5S_IE_CONNECTION_ID));
	assert_true(w.requests > w.new_requests);
	reboot(p.a);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	/* nor the KD ID, which would say the same */
	assert_false(pc5s_has(&w.request, PC5S_IE_CONNECTION_ID));
	assert_false(pc5s_has(&w.request, PC5S_IE_KD_ID));
	sim_start(p.b);
	pair_connect(&p);
	assert_int_equal(runs(&p), ran + 2);
	/* with a new one at hand all is as it was */
	release(&p);
	pair_connect(&p);
	assert_int_equal(runs(&p), ran + 2);
	assert_int_equal(w.n_ids, 3);
	for (size_t i = 0; i < w.n_ids; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(w.ids[i], w.ids[j], UE_CONNECTION_ID_LEN);
	sim_free(p.sim);
}

/* It is to be on disk that an identity was used before it is on the air. */
static void single_use_is_stored_first(void **context)
{
	struct pair p = pair_new();
	const struct ue_action *action;
	bool stored = false, sent = false;

	(void)context;
	p.a->config.single_use_ids = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	assert_int_equal(ue_connect(p.a->ue, p.sim->now, B, NULL, why, sizeof(why)), 0);
	while ((action = ue_action(p.a->ue))) {
		if (action->type == UE_IDLE && action->idle.now)
			stored = !sent && keep(p.a).list[0].remote_id_sent;
		sent |= action->type == UE_SEND;
		ue_action_done(p.a->ue);
	}
	assert_true(stored && sent);
	sim_free(p.sim);
}

/* Used up, and forbidden to say who it is: nothing is sent at all. */
static void single_use_and_hidden(void **context)
{
	struct pair p = pair_new();
	struct watch w;

	(void)context;
	p.a->config.single_use_ids = p.a->config.hide_identity = true;
	p.a->config.reveal_identity = false;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	power_off(p.b);
	observe(&p, &w);
	w.secret = "ue-0a0b0c";
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(w.new_requests, 1);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(w.new_requests, 1);
	assert_int_equal(p.a->reports[UE_REPORT_FAILED], 2);
	assert_non_null(strstr(sim_info(p.a, B).failure, "prose forget"));
	sim_free(p.sim);
}

/* Judged again when it is restored. */
static int recheck_says;

static int judge(const struct keying_method *method, const uint8_t *evidence, size_t len,
		 time_t now, struct keying_error *error)
{
	(void)method;
	assert_int_equal(len, 3);
	assert_memory_equal(evidence, "abc", 3);
	assert_true(now >= 1700000000);
	snprintf(error->text, sizeof(error->text), "The peer's certificate is revoked.");
	return recheck_says;
}

static void restore_refused(void **context)
{
	struct pair p = pair_idle();
	struct kept kept = keep(p.a);
	struct ue_idle *idle = &kept.list[0], good = *idle;

	(void)context;
	lose_store(p.a);
#define REFUSED(change, says) do { \
		*idle = good; \
		change; \
		assert_int_equal(ue_restore(p.a->ue, p.sim->now, idle, why, sizeof(why)), -1); \
		if (!strstr(why, says)) \
			fail_msg("'%s' lacks '%s'", why, says); \
		assert_int_equal(keep(p.a).n, 0); \
	} while (0)
	REFUSED(idle->l2_id = A, "no sense");
	REFUSED(idle->l2_id = 0, "no sense");
	REFUSED(idle->l2_id = 0x1000000, "no sense");
	REFUSED(idle->kd_id = 0, "no sense");
	REFUSED(idle->n_local_ids = UE_LOCAL_IDS_MAX + 1, "no sense");
	REFUSED(idle->evidence_len = KEYING_EVIDENCE_MAX + 1, "no sense");
	REFUSED(idle->identity[0] = 0, "no sense");
	REFUSED(memset(idle->identity, 'x', sizeof(idle->identity)), "no sense");
	REFUSED(memset(idle->method, 'x', sizeof(idle->method)), "no sense");
	REFUSED(memset(idle->detail, 'x', sizeof(idle->detail)), "no sense");
	REFUSED(idle->method[0] = 'E', "not configured any more");
	p.a->refuse_identity = true;
	REFUSED((void)0, "access list");
	p.a->refuse_identity = false;
	p.a->expected_l2_id = B;
	strcpy(p.a->expected, "somebody else");
	REFUSED((void)0, "is expected");
	p.a->expected[0] = 0;
	good.evidence_len = 3;
	memcpy(good.evidence, "abc", 3);
	p.a->exchange.method.recheck = judge;
	recheck_says = -1;
	REFUSED((void)0, "revoked");
	recheck_says = 0;
	*idle = good;
	assert_int_equal(ue_restore(p.a->ue, p.sim->now, idle, why, sizeof(why)), 0);
	assert_int_equal(keep(p.a).n, 1);
	assert_int_equal(ue_restore(p.a->ue, p.sim->now, idle, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "already"));
	pair_connect(&p);
	assert_int_equal(p.b->exchange.credentials.runs, 1);
#undef REFUSED
	sim_free(p.sim);
}

/* New credentials that judge the old ones' evidence: what they find good goes on. */
static void rechecked_on_reload(void **context)
{
	for (int good = 0; good < 2; good++)
		for (int live = 0; live < 2; live++) {
			struct pair p = pair_new();
			struct fake_method renewed;
			struct ue_config config;
			struct kept kept;
			uint32_t kd_id;

			(void)context;
			pair_start(&p);
			pair_connect(&p);
			release(&p);
			kept = keep(p.a);
			lose_store(p.a);
			kept.list[0].evidence_len = 3;
			memcpy(kept.list[0].evidence, "abc", 3);
			assert_int_equal(ue_restore(p.a->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
			if (live)
				pair_connect(&p);
			kd_id = kept.list[0].kd_id;
			fake_exchange(&renewed, "ue-0a0b0c", 4, 1500);
			renewed.method.recheck = judge;
			recheck_says = good ? 0 : -1;
			config = p.a->config;
			config.methods[0] = &renewed.method;
			assert_int_equal(ue_reconfigure(p.a->ue, &config, why, sizeof(why)), 0);
			sim_drain(p.sim);
			assert_int_equal(keep(p.a).n, good);
			if (live)
				assert_int_equal(sim_rekey(p.a, p.b, false), 0);
			else
				assert_int_equal(sim_connect(p.a, p.b), 0);
			sim_run(p.sim, 2000);
			assert_true(pair_connected(&p));
			assert_int_equal(renewed.credentials.runs, !good);
			assert_int_equal(sim_info(p.a, B).kd_id == kd_id, good);
			ue_free(p.a->ue);
			p.a->ue = NULL;
			sim_free(p.sim);
		}
}

/* The life of KD goes on while nothing runs, and is not longer for it. */
static void ages_over_restart(void **context)
{
	static const int64_t ages[] = { 0, 3000, 3599, 3601, INT32_MAX };

	(void)context;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		struct pair p = pair_new();
		unsigned int ran;
		struct kept kept;

		p.a->config.lifetimes.kd_hard = (struct ue_lifetime){ 3600000, 1000, 0 };
		pair_start(&p);
		pair_connect(&p);
		release(&p);
		kept = keep(p.a);
		lose_store(p.a);
		kept.list[0].kd_made -= ages[i];
		assert_int_equal(ue_restore(p.a->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
		ran = runs(&p);
		pair_connect(&p);
		assert_int_equal(runs(&p) - ran, ages[i] < 3600 ? 0 : 2);
		release(&p);
		sim_run(p.sim, 3600000);
		assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
		assert_int_equal(keep(p.a).n, 0);
		/* the same by what went under it */
		lose_store(p.a);
		kept.list[0].kd_made = sim_wall_clock(p.a);
		kept.list[0].kd_packets = 1000;
		assert_int_equal(ue_restore(p.a->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
		ran = runs(&p);
		pair_connect(&p);
		assert_int_equal(runs(&p) - ran, 2);
		sim_free(p.sim);
	}
}

/* A link that lives in the kernel has its KD again, if it is that KD. */
static void adopts_with_kd(void **context)
{
	for (int matches = 0; matches < 2; matches++) {
		struct pair p = pair_new();
		struct ue_link_info info;
		struct kept kept;
		unsigned int ran;

		(void)context;
		pair_start(&p);
		pair_connect(&p);
		ran = runs(&p);
		kept = keep(p.a);
		info = sim_info(p.a, B);
		ue_free(p.a->ue);	/* and the kernel goes on */
		sim_start(p.a);
		assert_int_equal(ue_restore(p.a->ue, p.sim->now, &kept.list[0], why, sizeof(why)), 0);
		info.kd_id = matches ? info.kd_id : 0;
		assert_int_equal(ue_adopt(p.a->ue, p.sim->now, &info, &info.kd_sess_id, 1), 0);
		assert_int_equal(ue_adopt(p.a->ue, p.sim->now, &info, &info.kd_sess_id, 1), -1);
		assert_int_equal(sim_state(p.a, B), UE_LINK_CONNECTED);
		pair_data(&p);
		assert_int_equal(sim_info(p.a, B).kd_id, info.kd_id);
		assert_int_equal(sim_rekey(p.a, p.b, false), 0);
		sim_run(p.sim, 2000);
		assert_int_equal(sim_info(p.a, B).rekeys, 1);
		assert_int_equal(runs(&p), ran + (matches ? 0 : 2));
		pair_data(&p);
		/* by its connection identity as well */
		release(&p);
		pair_connect(&p);
		assert_int_equal(runs(&p), ran + (matches ? 0 : 2));
		sim_free(p.sim);
	}
}

static void forgets(void **context)
{
	struct pair p = pair_new();
	unsigned int ran;
	struct watch w;

	(void)context;
	pair_start(&p);
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "Nothing is kept"));
	assert_int_equal(sim_connect(p.a, p.b), 0);
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), -1);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 3000));
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "release it first"));
	release(&p);
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), 0);
	assert_int_equal(sim_state(p.a, B), UE_LINK_NULL);
	assert_int_equal(ue_forget(p.a->ue, B, why, sizeof(why)), -1);
	ran = runs(&p);
	observe(&p, &w);
	pair_connect(&p);
	assert_false(pc5s_has(&w.request, PC5S_IE_CONNECTION_ID));
	assert_false(pc5s_has(&w.request, PC5S_IE_KD_ID));
	assert_int_equal(runs(&p), ran + 2);
	sim_free(p.sim);
}

/* Forgotten while the peer, elsewhere, is about to come back by it: it does not. */
static void forgotten_meanwhile(void **context)
{
	struct pair p = pair_idle();
	struct sim_ue *c;
	struct watch w;

	(void)context;
	c = move(&p, p.a);
	observe(&p, &w);
	w.drop_complete = true;
	assert_int_equal(sim_connect(c, p.b), 0);
	sim_run(p.sim, 200);
	assert_int_equal(sim_state(p.b, ELSEWHERE), UE_LINK_ACCEPTING);
	assert_int_equal(ue_forget(p.b->ue, A, why, sizeof(why)), 0);
	w.drop_complete = false;
	sim_run(p.sim, 60000);
	assert_int_equal(keep(p.b).n, 0);
	assert_int_not_equal(sim_state(p.b, ELSEWHERE), UE_LINK_CONNECTED);
	sim_free(p.sim);
}

/* Strictly TS 24.334 there are no connection identities; KD ID is all there is. */
static void strict(void **context)
{
	struct pair p = pair_new();
	unsigned int ran;
	struct watch w;

	(void)context;
	pair_strict(&p);
	p.a->config.hide_identity = p.a->config.single_use_ids = true;
	pair_start(&p);
	pair_connect(&p);
	release(&p);
	reboot(p.a);
	reboot(p.b);
	ran = runs(&p);
	observe(&p, &w);
	pair_connect(&p);
	assert_false(pc5s_has_extensions(&w.request));
	assert_int_equal(w.request.kd_id, sim_info(p.a, B).kd_id);
	assert_int_equal(runs(&p), ran);
	sim_free(p.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reconnects),
		cmocka_unit_test(keeps_all),
		cmocka_unit_test(tells_of_changes),
		cmocka_unit_test(lost_store),
		cmocka_unit_test(hides_identity),
		cmocka_unit_test(hidden_without_kd),
		cmocka_unit_test(hidden_shared),
		cmocka_unit_test(reveals_identity),
		cmocka_unit_test(forged_unknown),
		cmocka_unit_test(half_done),
		cmocka_unit_test(changed_layer_2_id),
		cmocka_unit_test(superseded),
		cmocka_unit_test(forged_requests),
		cmocka_unit_test(replayed_request),
		cmocka_unit_test(single_use),
		cmocka_unit_test(single_use_is_stored_first),
		cmocka_unit_test(single_use_and_hidden),
		cmocka_unit_test(restore_refused),
		cmocka_unit_test(rechecked_on_reload),
		cmocka_unit_test(ages_over_restart),
		cmocka_unit_test(adopts_with_kd),
		cmocka_unit_test(forgets),
		cmocka_unit_test(forgotten_meanwhile),
		cmocka_unit_test(strict),
	};

	return cmocka_run_group_tests_name("link_idle", tests, NULL, NULL);
}
