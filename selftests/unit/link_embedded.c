// SPDX-License-Identifier: MIT
/*
 * Key establishment in request and security mode command: when it is done so and when by an exchange,
 * and what somebody can do who changes, forges and floods with containers.
 */
#include "../sim/pair.h"

static struct fake_method of_a, of_b;

/* What was on the air, and what is to be done to it. */
static struct {
	unsigned int requests, exchanges, commands;
	bool in_request, in_command;
	struct pc5s_methods methods;
	size_t request_len;
	struct sim_frame command;
	void (*spoil)(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message);
} air;

static bool listen(struct sim *sim, struct sim_frame *frame)
{
	struct pc5s_message m;

	if (!frame_decode(frame, &m))
		return true;
	if (m.type == PC5S_REQUEST) {
		air.requests++;
		air.in_request = pc5s_has(&m, PC5S_IE_METHOD_CONTAINER);
		air.request_len = frame->len - PDCP_HEADER;
		air.methods = m.methods;
	} else if (m.type == PC5S_KEY_ESTABLISHMENT) {
		air.exchanges++;
	} else if (m.type == PC5S_SMC_COMMAND) {
		air.commands++;
		air.in_command = pc5s_has(&m, PC5S_IE_METHOD_CONTAINER);
		air.command = *frame;
	}
	if (air.spoil)
		air.spoil(sim, frame, &m);
	return true;
}

/* Each knows who the other is, wants "embedded" most, and has "exchange" too. */
static struct pair embedded_pair(unsigned int containers)
{
	struct pair p = pair_new();

	memset(&air, 0, sizeof(air));
	fake_embedded(&of_a, p.a->config.identity, containers, 400);
	fake_embedded(&of_b, p.b->config.identity, containers, 400);
	pair_methods(p.a, &of_a.method, &p.a->exchange.method);
	pair_methods(p.b, &of_b.method, &p.b->exchange.method);
	pair_knows(p.a, p.b);
	pair_knows(p.b, p.a);
	p.sim->tap = listen;
	return p;
}

static void end(struct pair *p)
{
	sim_free(p->sim);
	assert_int_equal(of_a.credentials.open_sessions, 0);
	assert_int_equal(of_b.credentials.open_sessions, 0);
}

static void by_exchange(struct pair *p, const char *method)
{
	pair_connect(p);
	assert_true(air.exchanges > 0);
	assert_false(air.in_command);
	assert_string_equal(sim_info(p->a, B).method, method);
	pair_data(p);
}

static void by_request(struct pair *p)
{
	pair_connect(p);
	assert_int_equal(air.exchanges, 0);
	assert_true(air.in_request);
	assert_string_equal(sim_info(p->a, B).method, "embedded");
	assert_string_equal(sim_info(p->b, A).method, "embedded");
	pair_data(p);
}

/* No message more than a method has that needs none. */
static void no_more_messages(void **context)
{
	struct pair shared = pair_new();
	uint64_t frames;

	(void)context;
	pair_shared(&shared);
	pair_start(&shared);
	pair_connect(&shared);
	frames = shared.sim->frames_sent;
	sim_free(shared.sim);
	for (unsigned int containers = 0; containers < 4; containers += 3)
		for (int silent = 0; silent < 2; silent++) {
			struct pair p = embedded_pair(containers);

			of_b.credentials.silent = silent;
			pair_start(&p);
			pair_connect(&p);
			assert_int_equal(p.sim->frames_sent, frames);
			assert_int_equal(air.exchanges, 0);
			assert_int_equal(air.in_command, !silent);
			assert_string_equal(sim_info(p.b, A).method, "embedded");
			/* a rekeying is by an exchange, where there is one */
			if (containers) {
				assert_int_equal(sim_rekey(p.b, p.a, true), 0);
				sim_run(p.sim, 5000);
				assert_int_equal(sim_info(p.a, B).kd_rekeys, 1);
			}
			pair_agree(&p);
			pair_data(&p);
			end(&p);
		}
}

/* A KD that both hold is used again, and for that nothing is made. */
static void reconnects(void **context)
{
	struct pair p = embedded_pair(3);
	unsigned int judged;

	(void)context;
	pair_start(&p);
	by_request(&p);
	pair_release(&p);
	judged = of_a.credentials.judged + of_b.credentials.judged;
	pair_connect(&p);
	assert_false(air.in_request);
	assert_int_equal(of_a.credentials.judged + of_b.credentials.judged, judged);
	/* one that only one of them holds */
	pair_release(&p);
	pair_forget(p.b, A);
	by_exchange(&p, "embedded");
	end(&p);
}

/* The name of the peer is in a container, so a request that hides who asks has none. */
static void hidden(void **context)
{
	struct pair p = embedded_pair(0);

	(void)context;
	p.a->config.hide_identity = p.a->config.reveal_identity = true;
	pair_start(&p);
	by_request(&p);
	pair_release(&p);
	pair_connect(&p);
	assert_false(air.in_request);
	/* nor is the method offered, which knows no other way */
	assert_int_equal(air.methods.n, 1);
	assert_int_equal(air.methods.id[0], FAKE_EXCHANGE);
	/* asked again by name there is nothing to hide */
	pair_release(&p);
	pair_forget(p.b, A);
	by_request(&p);
	end(&p);
}

/* Strict TS 24.334 has no IE for a container, whatever methods there are beside the one it can do with. */
static void strict(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	p.a->config.methods[1] = &p.a->shared.method;
	p.b->config.methods[1] = &p.b->shared.method;
	p.a->config.strict_24334 = p.b->config.strict_24334 = true;
	pair_start(&p);
	pair_connect(&p);
	assert_false(air.in_request);
	assert_int_equal(of_a.credentials.runs + of_b.credentials.runs, 0);
	assert_string_equal(sim_info(p.a, B).method, "psk");
	end(&p);
}

/* Who does not know whom it calls offers no method that would have to. */
static void without_a_name(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	p.a->expected[0] = 0;
	pair_start(&p);
	by_exchange(&p, "exchange");
	/* from now on it knows who was there */
	pair_release(&p);
	end(&p);

	p = embedded_pair(3);
	p.a->expected[0] = 0;
	pair_methods(p.a, &of_a.method, NULL);
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_int_equal(p.a->reports[UE_REPORT_FAILED], 1);
	assert_non_null(strstr(sim_info(p.a, B).failure, "have to know who the peer is"));
	assert_int_equal(air.requests, 0);
	/* the other way round there is a name */
	pair_knows(p.b, p.a);
	assert_int_equal(sim_connect(p.b, p.a), 0);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 1000));
	end(&p);
}

static bool offers(uint8_t method)
{
	return memchr(air.methods.id, method, air.methods.n);
}

/* What cannot be made is not offered; without it nothing can be asked for. */
static void cannot_be_made(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	of_a.credentials.cannot = true;
	pair_start(&p);
	by_exchange(&p, "exchange");
	assert_non_null(strstr(p.a->last[UE_REPORT_NOTICE].text, "There are no keys for this month."));
	assert_false(offers(FAKE_EMBEDDED));
	end(&p);

	/* where it is the container only, an exchange is left */
	p = embedded_pair(3);
	of_a.credentials.declines = true;
	pair_start(&p);
	by_exchange(&p, "embedded");
	assert_false(air.in_request);
	assert_non_null(strstr(p.a->last[UE_REPORT_NOTICE].text, "is offered only an exchange of"));
	end(&p);

	/* .. if the method has one */
	p = embedded_pair(0);
	of_a.credentials.declines = true;
	pair_start(&p);
	by_exchange(&p, "exchange");
	assert_false(offers(FAKE_EMBEDDED));
	end(&p);

	p = embedded_pair(3);
	of_a.credentials.cannot = true;
	pair_methods(p.a, &of_a.method, NULL);
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_non_null(strstr(sim_info(p.a, B).failure, "There are no keys for this month."));
	assert_int_equal(air.requests, 0);
	end(&p);
}

/* Who is denied is not asked by another method instead. */
static void denied(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	of_a.credentials.denies = true;
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_non_null(strstr(sim_info(p.a, B).failure, "The peer is denied."));
	assert_int_equal(air.requests, 0);
	end(&p);
}

static void falls_back(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	/* UE_2 cannot do anything with the container */
	of_b.credentials.declines = true;
	pair_start(&p);
	by_exchange(&p, "embedded");
	assert_true(air.in_request);
	end(&p);

	/* UE_2 wants another method more */
	p = embedded_pair(3);
	p.b->config.methods[0] = &p.b->exchange.method;
	p.b->config.methods[1] = &of_b.method;
	pair_start(&p);
	by_exchange(&p, "exchange");
	assert_true(air.in_request);
	assert_int_equal(of_b.credentials.runs, 0);
	end(&p);

	/* .. which takes no exchange either */
	p = embedded_pair(3);
	p.a->config.methods[1] = &p.a->shared.method;
	p.b->config.methods[0] = &p.b->shared.method;
	p.b->config.methods[1] = &of_b.method;
	pair_start(&p);
	pair_connect(&p);
	assert_true(air.in_request);
	assert_int_equal(air.exchanges, 0);
	assert_string_equal(sim_info(p.a, B).method, "psk");
	assert_int_equal(of_a.credentials.judged + of_b.credentials.judged, 0);
	end(&p);

	/* UE_2 runs it by an exchange only */
	p = embedded_pair(3);
	of_b.method.bind = NULL;
	pair_start(&p);
	by_exchange(&p, "embedded");
	end(&p);

	/* UE_1 wants it, but another one more */
	p = embedded_pair(3);
	p.a->config.methods[0] = &p.a->exchange.method;
	p.a->config.methods[1] = &of_a.method;
	pair_start(&p);
	by_exchange(&p, "embedded");
	assert_false(air.in_request);
	end(&p);

	/* .. by which UE_2 has no way */
	p = embedded_pair(0);
	of_b.credentials.declines = true;
	pair_methods(p.b, &of_b.method, NULL);
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_RESOURCES);
	end(&p);
}

/* What is longer than the link is known to take goes in fragments. */
static void too_long(void **context)
{
	(void)context;
	for (size_t size = 700; size < 1200; size += 20) {
		struct pair p = embedded_pair(3);

		of_a.credentials.size = of_b.credentials.size = size;
		p.a->config.ke_fragment = 1000;
		p.b->config.ke_fragment = 2000;
		pair_start(&p);
		pair_connect(&p);
		assert_in_range(air.request_len, 0, 1000 + PROSE_KE_FRAGMENT_HEAD - PC5S_COOKIE_IE_LEN);
		assert_int_equal(air.in_request, !air.exchanges);
		assert_true(size > 800 || air.in_request);
		assert_true(size < 1000 || !air.in_request);
		assert_string_equal(sim_info(p.a, B).method, "embedded");
		end(&p);
	}
}

/* UE_2's link takes less than UE_1's: the command would not fit. */
static void command_too_long(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	p.b->config.ke_fragment = 400;
	pair_start(&p);
	by_exchange(&p, "embedded");
	assert_true(air.in_request);
	end(&p);
}

static void flip_request(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	uint8_t copy[2000];

	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	memcpy(copy, message->method_container.octets.data, message->method_container.octets.len);
	copy[70] ^= 1;
	message->method_container.octets.data = copy;
	frame_encode(frame, message);
}

static void strip_request(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->has &= ~PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
	frame_encode(frame, message);
}

static void rename_request(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	(void)sim;
	if (message->type != PC5S_REQUEST)
		return;
	message->method_container.method = FAKE_EXCHANGE;
	frame_encode(frame, message);
}

/* Nothing of a request can be changed without the two ends knowing in the end. */
static void request_changed(void **context)
{
	static const struct {
		void (*spoil)(struct sim *sim, struct sim_frame *frame, struct pc5s_message *m);
		const char *a, *b;
		uint8_t cause;
	} cases[] = {
		/* and who hears of a refusal of another request than its own does not believe it */
		{ flip_request, "did not answer", "signature of the embedded container is not good",
		  PC5S_CAUSE_NO_RESPONSE },
		{ spoil_inactivity, "answered another request", NULL, PC5S_CAUSE_NO_RESPONSE },
		{ rename_request, "answered another request", NULL, PC5S_CAUSE_CAPABILITIES },
		{ strip_request, "answered another request", NULL, PC5S_CAUSE_CAPABILITIES },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair p = embedded_pair(3);

		air.spoil = cases[i].spoil;
		pair_start(&p);
		sim_connect(p.a, p.b);
		sim_run(p.sim, 60000);
		assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
		assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, cases[i].cause);
		if (!strstr(sim_info(p.a, B).failure, cases[i].a))
			fail_msg("%s", sim_info(p.a, B).failure);
		if (cases[i].b && !strstr(p.b->last[UE_REPORT_NOTICE].text, cases[i].b))
			fail_msg("%s", p.b->last[UE_REPORT_NOTICE].text);
		assert_int_equal(p.a->key_logs, 0);
		/* a container is its method's alone */
		if (cases[i].spoil == rename_request)
			assert_int_equal(of_b.credentials.judged, 0);
		assert_null(sim_peer(p.a, B));
		assert_null(sim_peer(p.b, A));
		end(&p);
	}
}

static void strip_command(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	uint8_t mac[4];
	int len;

	(void)sim;
	if (message->type != PC5S_SMC_COMMAND)
		return;
	memcpy(mac, frame->pdu + frame->len - 4, 4);
	message->has &= ~PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
	len = pc5s_encode(message, frame->pdu + PDCP_HEADER, SIM_PDU_MAX - PDCP_HEADER - 4, NULL);
	sim_check(len > 0);
	frame->len = PDCP_HEADER + (size_t)len + 4;
	memcpy(frame->pdu + frame->len - 4, mac, 4);
}

/* A container is under the MAC of its command, whatever the method makes of there being none. */
static void command_stripped(void **context)
{
	struct pair p = embedded_pair(3);
	struct ue_stats stats;

	(void)context;
	air.spoil = strip_command;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(p.a->reports[UE_REPORT_CONNECTED], 0);
	ue_get_stats(p.a->ue, &stats);
	assert_true(stats.mac_failed > 0);
	assert_int_equal(p.a->key_logs, 0);
	end(&p);
}

static void forge_commands(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	forge_copies(sim, frame, message, 23);
}

/*
 * A forged command ends nothing, and no more than a few are looked into; the true one is heard when it is
 * sent again, if it came among too many.
 */
static void forged_commands(void **context)
{
	struct pair p = embedded_pair(3);
	struct ue_stats stats;

	(void)context;
	air.spoil = forge_commands;
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
	pair_agree(&p);
	assert_string_equal(sim_info(p.a, B).method, "embedded");
	assert_int_equal(air.exchanges, 0);
	ue_get_stats(p.a->ue, &stats);
	assert_true(stats.mac_failed > 5);
	assert_in_range(of_a.credentials.judged, 2, PROSE_EMBEDDED_BURST);
	end(&p);

	/* .. and without end, from before it is asked for */
	p = embedded_pair(3);
	pair_start(&p);
	sim_connect(p.a, p.b);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 5000));
	sim_release(p.a, p.b);
	sim_run(p.sim, 3000);
	pair_forget(p.a, B);
	of_a.credentials.judged = 0;
	p.sim->delay_min = p.sim->delay_max = 400;
	sim_connect(p.a, p.b);
	sim_run(p.sim, 700);
	for (unsigned int i = 0; i < 2000; i++) {
		struct ue_receive forged = { .l2_id = B, .bearer = UE_BEARER_SMC,
					     .protection = UE_PROTECT_UNVERIFIED, .count = 1 };
		struct pc5s_message m = { .type = PC5S_SMC_COMMAND, .capabilities = 0x2020,
					  .chosen_algorithms = 0x22, .lsb_kd_sess_id = 3 };
		uint8_t data[2000], octets[401] = { 0 };
		struct pc5s_message seen;
		int len;

		/* the hash of the request and the MSB are no secret */
		sim_check(frame_decode(&air.command, &seen));
		m.has = PC5S_BIT(PC5S_IE_MSB_KD_ID) | PC5S_BIT(PC5S_IE_SELECTED_METHOD) |
			PC5S_BIT(PC5S_IE_METHOD_CONTAINER) | PC5S_BIT(PC5S_IE_REQUEST_HASH);
		memcpy(m.request_hash, seen.request_hash, sizeof(m.request_hash));
		memcpy(m.nonce_2, &i, sizeof(i));
		m.selected_method = m.method_container.method = FAKE_EMBEDDED;
		m.method_container.octets = (struct pc5s_octets){ octets, sizeof(octets) };
		len = pc5s_encode(&m, data, sizeof(data), NULL);
		sim_check(len > 0);
		forged.kd_sess_id = (uint16_t)(air.command.pdu[1] << 8 | 3);
		forged.pdcp_header[1] = air.command.pdu[1];
		forged.pdcp_header[2] = 3;
		forged.message = data;
		forged.len = (size_t)len;
		ue_receive(p.a->ue, p.sim->now, &forged);
		sim_drain(p.sim);
	}
	ue_get_stats(p.a->ue, &stats);
	assert_int_equal(of_a.credentials.judged, PROSE_EMBEDDED_BURST);
	assert_int_equal(stats.containers_limited, 2000 - PROSE_EMBEDDED_BURST);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 10000));
	assert_string_equal(sim_info(p.a, B).method, "embedded");
	end(&p);
}

/* A first message of an exchange that nobody has begun. */
static void forge_exchange(struct sim *sim, struct sim_frame *frame, struct pc5s_message *message)
{
	struct pc5s_message m = {
		.type = PC5S_KEY_ESTABLISHMENT,
		.has = PC5S_BIT(PC5S_IE_CONTAINER) | PC5S_BIT(PC5S_IE_NONCE_2),
		.ke_method = FAKE_EMBEDDED, .ke_flags = PC5S_KE_MORE, .ke_total = 1000,
		.container = { (const uint8_t *)"forged", 6 },
	};
	void (*spoil)(struct sim *sim, struct sim_frame *frame, struct pc5s_message *m) = air.spoil;

	(void)frame;
	if (message->type != PC5S_REQUEST)
		return;
	memcpy(m.nonce_1, message->nonce_1, sizeof(m.nonce_1));
	air.spoil = NULL;
	plain_message(sim, B, A, &m);
	air.spoil = spoil;
}

static void forged_exchange(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	air.spoil = forge_exchange;
	pair_start(&p);
	pair_connect(&p);
	assert_true(air.in_command);
	assert_int_equal(p.a->exchange.credentials.runs, 0);
	pair_data(&p);
	end(&p);

	/* of a method that was not offered, since it would have to know whom it is for */
	p = embedded_pair(3);
	p.a->expected[0] = 0;
	air.spoil = forge_exchange;
	pair_start(&p);
	pair_connect(&p);
	assert_string_equal(sim_info(p.a, B).method, "exchange");
	assert_int_equal(of_a.credentials.runs, 0);
	end(&p);
}

/* Both ask at once, or within a round trip. */
static void crossing_requests(void **context)
{
	(void)context;
	for (unsigned int apart = 0; apart < 12; apart++)
		for (uint64_t seed = 1; seed < 10; seed++) {
			struct pair p = embedded_pair(3 * (seed & 1));

			p.sim->rng = seed;
			pair_cross(&p, apart);
			assert_string_equal(sim_info(p.a, B).method, "embedded");
			assert_int_equal(air.exchanges, 0);
			end(&p);
		}
}

static struct pair pair_of_three(void)
{
	return embedded_pair(3);
}

/* What was lost was sent again. */
static void nothing_made_anew(struct pair *p)
{
	assert_string_equal(sim_info(p->b, A).method, "embedded");
	assert_int_equal(of_b.credentials.judged, 1);
	assert_int_equal(of_a.credentials.judged, 1);
	pair_data(p);
	end(p);
}

static void any_one_message_lost(void **context)
{
	(void)context;
	assert_true(drop_each(3, pair_of_three, nothing_made_anew) >= 5);
}

/* A request with a container by somebody who has not what it takes to make a good one. */
static void bad_request(struct sim *sim, uint64_t n)
{
	uint8_t octets[401] = { 0xe1 };
	struct pc5s_message m;
	struct sim_frame frame;
	char name[16];
	int len;

	snprintf(name, sizeof(name), "ue-%06x", 0x600000 + (unsigned int)n);
	m = request_of(name, n);
	m.methods = (struct pc5s_methods){ 2, { FAKE_EMBEDDED, FAKE_EXCHANGE } };
	m.has |= PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
	m.method_container.method = FAKE_EMBEDDED;
	m.method_container.octets = (struct pc5s_octets){ octets, sizeof(octets) };
	sim_frame_init(&frame, 0x600000 + (uint32_t)n, B, 28);
	frame.pdu[0] = SDU_PC5S << 5;
	len = pc5s_encode(&m, frame.pdu + PDCP_HEADER, 1000, NULL);
	sim_check(len > 0);
	frame.len = PDCP_HEADER + (size_t)len;
	sim_deliver(sim, &frame);
	sim_drain(sim);
}

/* It costs a bounded number of verifications, and who is meant gets through by an exchange. */
static void flood_of_containers(void **context)
{
	struct pair p = embedded_pair(3);
	struct ue_stats stats;
	uint64_t begun;

	(void)context;
	pair_start(&p);
	begun = p.sim->now;
	for (uint64_t n = 1; n <= 5000; n++) {
		bad_request(p.sim, n);
		if (n == 2500)
			sim_connect(p.a, p.b);
		sim_run(p.sim, 1);
	}
	assert_true(pair_connected(&p));
	pair_agree(&p);
	ue_get_stats(p.b->ue, &stats);
	assert_true(stats.containers_limited > 1);
	assert_in_range(of_b.credentials.judged, PROSE_EMBEDDED_BURST,
			PROSE_EMBEDDED_BURST + (p.sim->now - begun) / PROSE_EMBEDDED_MS + 1);
	/* when it is over there is room again */
	sim_run(p.sim, 60000);
	sim_release(p.a, p.b);
	sim_run(p.sim, 3000);
	pair_forget(p.a, B);
	air.exchanges = 0;
	by_request(&p);
	end(&p);
}

/* A flood without containers: the request is sent again with a cookie, and nothing else is changed in it. */
static void with_a_cookie(void **context)
{
	struct pair p = embedded_pair(3);
	struct ue_stats stats;

	(void)context;
	pair_start(&p);
	for (unsigned int n = 1; n <= PROSE_HALF_OPEN_COOKIE; n++) {
		struct pc5s_message m;
		char name[16];

		snprintf(name, sizeof(name), "ue-%06x", 0x600000 + n);
		m = request_of(name, n);
		plain_message(p.sim, 0x600000 + n, B, &m);
	}
	sim_run(p.sim, 100);
	air.exchanges = 0;
	sim_connect(p.a, p.b);
	assert_true(sim_until(p.sim, p.a, p.b, UE_LINK_CONNECTED, 1000));
	ue_get_stats(p.b->ue, &stats);
	assert_true(stats.cookies > 0);
	assert_int_equal(of_b.credentials.judged, 1);
	assert_string_equal(sim_info(p.b, A).method, "embedded");
	pair_agree(&p);
	end(&p);
}

/* The container proves to be somebody else's than the request is. */
static void of_another(void **context)
{
	struct pair p = embedded_pair(3);

	(void)context;
	strcpy(of_a.credentials.identity, "ue-else");
	p.b->expected[0] = 0;
	pair_start(&p);
	sim_connect(p.a, p.b);
	sim_run(p.sim, 60000);
	assert_int_equal(p.b->reports[UE_REPORT_CONNECTED], 0);
	assert_int_equal(p.b->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_non_null(strstr(sim_info(p.b, A).failure, "and proved to be ue-else"));
	assert_int_equal(p.a->last[UE_REPORT_FAILED].cause, PC5S_CAUSE_AUTHENTICATION);
	assert_null(sim_peer(p.b, A));
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_messages),
		cmocka_unit_test(reconnects),
		cmocka_unit_test(hidden),
		cmocka_unit_test(strict),
		cmocka_unit_test(without_a_name),
		cmocka_unit_test(cannot_be_made),
		cmocka_unit_test(denied),
		cmocka_unit_test(falls_back),
		cmocka_unit_test(too_long),
		cmocka_unit_test(command_too_long),
		cmocka_unit_test(request_changed),
		cmocka_unit_test(command_stripped),
		cmocka_unit_test(forged_commands),
		cmocka_unit_test(forged_exchange),
		cmocka_unit_test(crossing_requests),
		cmocka_unit_test(any_one_message_lost),
		cmocka_unit_test(flood_of_containers),
		cmocka_unit_test(with_a_cookie),
		cmocka_unit_test(of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
