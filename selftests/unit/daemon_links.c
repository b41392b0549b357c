// SPDX-License-Identifier: MIT
/* The daemon between core and kernel: actions, wishes of the user, reload, end. */
#include "daemon_lab.h"

static struct lab *two(void **state)
{
	struct lab *lab = *state;

	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	return lab;
}

static void test_connect(void **state)
{
	struct lab *lab = two(state);
	struct lab_assoc *a, *b;

	lab_connect(lab);
	lab_assert(&lab->ue[0], "authenticated", "true");
	lab_assert(&lab->ue[1], "identity", "urn:prose:ue1");
	lab_assert(&lab->ue[0], "method", "psk");
	lab_assert(&lab->ue[0], "ciphering", "eea2");
	assert_int_equal(lab->ue[0].kernel.n_peers, 1);
	assert_int_equal(lab->ue[1].kernel.n_peers, 1);
	a = lab_sending(&lab->ue[0].kernel, 0x0a0b02);
	b = lab_sending(&lab->ue[1].kernel, 0x0a0b01);
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->show.kd_sess_id, b->show.kd_sess_id);
	assert_int_not_equal(a->show.direction, b->show.direction);
	assert_memory_equal(a->config.pek, b->config.pek, PROSE_KEY_LEN);
	assert_memory_equal(a->config.pik, b->config.pik, PROSE_KEY_LEN);
	assert_memory_not_equal(a->config.pek, a->config.pik, PROSE_KEY_LEN);
	assert_non_null(lab_find_event(&lab->ue[0], "connected"));
	assert_non_null(lab_find_event(&lab->ue[1], "connected"));
	/* The peer's overlay address came with the handshake, into the kernel. */
	assert_true(lab->ue[0].kernel.peers[0].n_addresses >= 1);
	assert_int_equal(lab->ue[0].kernel.peers[0].addresses[0].family, 4);
	assert_memory_equal(lab->ue[0].kernel.peers[0].addresses[0].addr, "\x0a\0\0\2", 4);
}

static void test_rekey(void **state)
{
	struct lab *lab = two(state);
	char why[KEYING_TEXT_MAX];
	uint16_t before;
	uint32_t l2_id;
	json_t *event;

	lab_connect(lab);
	before = lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.kd_sess_id;
	json_array_clear(lab->ue[0].events);
	assert_int_equal(daemon_rekey(lab->ue[0].daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	event = lab_find_event(&lab->ue[0], "rekeyed");
	assert_non_null(event);
	assert_true(json_is_false(json_object_get(event, "kd_changed")));
	assert_int_not_equal(lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.kd_sess_id, before);
	lab_assert(&lab->ue[0], "rekeys", "1");

	json_array_clear(lab->ue[1].events);
	assert_int_equal(daemon_rekey(lab->ue[1].daemon, "0a:0b:01", true, &l2_id, why, sizeof(why)),
			 0);
	lab_run(lab, 1000);
	event = lab_find_event(&lab->ue[1], "rekeyed");
	assert_non_null(event);
	assert_true(json_is_true(json_object_get(event, "kd_changed")));
	lab_assert(&lab->ue[1], "kd_rekeys", "1");
	assert_int_equal(daemon_rekey(lab->ue[0].daemon, "ue9", true, &l2_id, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "There is no peer \"ue9\""));
}

static void test_release(void **state)
{
	struct lab *lab = two(state);
	struct prose_nl_event wanted = {
		.type = PROSE_NL_PEER_WANTED, .ifindex = LAB_IFINDEX,
		.wanted = { .has_l2_id = true, .l2_id = 0x0a0b02 },
	};
	char why[KEYING_TEXT_MAX];
	unsigned int sent;
	uint32_t l2_id;

	lab_connect(lab);
	assert_int_equal(daemon_release(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 5000);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
	assert_int_equal(lab->ue[0].kernel.n_assocs, 0);
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	assert_non_null(lab_find_event(&lab->ue[1], "released"));
	lab_assert(&lab->ue[0], "held", "true");
	/* Traffic on either side must not bring it back. */
	sent = lab->ue[0].kernel.sent;
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, sent);
	wanted.wanted.l2_id = 0x0a0b01;
	sent = lab->ue[1].kernel.sent;
	daemon_kernel_event(lab->ue[1].daemon, &wanted);
	assert_int_equal(lab->ue[1].kernel.sent, sent);
	/* The user may. */
	lab_connect(lab);
	lab_assert(&lab->ue[0], "held", "false");
}

/* Each line as the decoder and Wireshark expect it, and the same at both ends. */
static void test_key_log(void **state)
{
	struct lab *lab = two(state);
	char first[256] = "", second[256] = "", again[256] = "", pattern[256], key[65], l2_ids[64];
	const struct prose_nl_peer *peer;
	struct stat st;
	unsigned int id;
	FILE *file;
	int end = 0;

	lab_connect(lab);
	file = fopen(lab->ue[0].key_log, "r");
	assert_non_null(file);
	assert_non_null(fgets(first, sizeof(first), file));
	assert_non_null(fgets(again, sizeof(again), file));
	assert_null(fgets(pattern, sizeof(pattern), file));
	fclose(file);
	file = fopen(lab->ue[1].key_log, "r");
	assert_non_null(file);
	assert_non_null(fgets(second, sizeof(second), file));
	fclose(file);
	assert_string_equal(first, second);
	assert_int_equal(sscanf(first, "PROSE_SESSION %13[0-9a-f ] %4x 2 2 1 hfn %64[0-9a-f]\n%n",
				l2_ids, &id, key, &end), 3);
	assert_string_equal(l2_ids, "0a0b01 0a0b02");
	assert_int_equal(end, (int)strlen(first));
	assert_int_equal(strlen(key), 64);
	assert_int_equal(id, lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.kd_sess_id);
	/* the same keys, under the Layer-2 IDs that the link goes on with */
	peer = lab_peer(&lab->ue[0].kernel, 0x0a0b02);
	snprintf(pattern, sizeof(pattern), "PROSE_SESSION %06x %06x%s", peer->local_l2_id,
		 peer->remote_l2_id, first + strlen("PROSE_SESSION 0a0b01 0a0b02"));
	assert_string_equal(again, pattern);
	assert_int_equal(stat(lab->ue[0].key_log, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_kernel_refuses(void **state)
{
	struct lab *lab = two(state);
	char why[KEYING_TEXT_MAX], text[KEYING_TEXT_MAX];
	uint32_t l2_id;

	lab->ue[0].kernel.faults.assoc_new = 1;
	assert_int_equal(daemon_connect(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 20000);
	lab_show(&lab->ue[0], "last_failure", text, sizeof(text));
	if (!strstr(text, "no room for another association"))
		fail_msg("last failure: '%s'", text);
	assert_int_equal(lab->ue[0].kernel.n_assocs, 0);
	lab_connect(lab);
}

static void test_kernel_busy(void **state)
{
	struct lab *lab = two(state);
	uint32_t l2_id;
	char why[KEYING_TEXT_MAX];

	/* Like a loss on the air: the timers mend it. */
	lab->ue[0].kernel.faults.send_busy = 2;
	lab->ue[1].kernel.faults.send_busy = 1;
	assert_int_equal(daemon_connect(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 10000);
	lab_assert(&lab->ue[0], "state", "connected");
	lab->ue[0].kernel.faults.device_gone = 1;
	assert_int_equal(daemon_rekey(lab->ue[0].daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	assert_true(lab->ue[0].daemon->lost);
}

static void test_on_demand(void **state)
{
	struct lab *lab = *state;
	struct prose_nl_event wanted = {
		.type = PROSE_NL_PEER_WANTED, .ifindex = LAB_IFINDEX,
		.wanted = { .has_address = true, .address = { 4, { 10, 0, 0, 2 } } },
	};
	unsigned int sent;

	lab_configure(&lab->ue[0], "addresses = { \"10.0.0.2\" }", "");
	two(state);
	wanted.ifindex = LAB_IFINDEX + 1;	/* another device's */
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, 0);
	wanted.ifindex = LAB_IFINDEX;
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	lab_run(lab, 2000);
	lab_assert(&lab->ue[0], "state", "connected");

	/* After a failure it waits: a flood of packets is no flood of requests. */
	lab_kill(&lab->ue[0]);
	lab_kill(&lab->ue[1]);
	lab->ue[0].kernel.n_peers = 0;
	lab->ue[0].kernel.n_assocs = 0;
	lab_start(&lab->ue[0]);
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	for (int i = 0; i < 80 && !lab_find_event(&lab->ue[0], "failed"); i++)
		lab_run(lab, 100);
	assert_non_null(lab_find_event(&lab->ue[0], "failed"));
	sent = lab->ue[0].kernel.sent;
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, sent);
	lab_run(lab, 2000);
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, sent + 1);
}

static void test_on_demand_off(void **state)
{
	struct lab *lab = *state;
	struct prose_nl_event wanted = {
		.type = PROSE_NL_PEER_WANTED, .ifindex = LAB_IFINDEX,
		.wanted = { .has_l2_id = true, .l2_id = 0x0a0b02 },
	};

	lab_configure(&lab->ue[0], "", "on-demand = false\n");
	two(state);
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, 0);
}

static void test_auto_connect(void **state)
{
	struct lab *lab = *state;

	lab_configure(&lab->ue[0], "auto-connect = true", "");
	lab_start(&lab->ue[0]);
	lab_run(lab, 20000);		/* nobody there */
	assert_non_null(lab_find_event(&lab->ue[0], "failed"));
	lab_start(&lab->ue[1]);
	lab_run(lab, 70000);		/* the longest wait */
	lab_assert(&lab->ue[0], "state", "connected");
}

/* ue1 is to connect to 60 that are not there, and to ue2, the last of them. */
static void wants_many(struct lab *lab)
{
	struct lab_ue *ue = &lab->ue[0];
	char text[8192];
	size_t i;

	snprintf(text, sizeof(text), "device = \"prose0\"\nidentity = \"urn:prose:ue1\"\n"
		 "addresses = { \"10.0.0.1/24\" }\ncontrol = \"%s/ue1.sock\"\n"
		 "psk { file = \"%s\" }\n", lab->folder, ue->keys);
	for (i = 0; i < 60; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "peer \"urn:prose:far%zu\" {\n layer2-id = \"0b:00:%02zx\"\n"
			 " auto-connect = true\n}\n", i, i);
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "peer \"urn:prose:ue2\" {\n layer2-id = \"0a:0b:02\"\n auto-connect = true\n}\n");
	lab_write(ue->conf, text);
}

/*
 * Many to connect to of itself: some at a time, and those that are not there keep nobody waiting for
 * ever.
 */
static void test_auto_connect_many(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	size_t i, n, most = 0, pending;
	struct ue_link_info *links;

	wants_many(lab);
	two(state);
	for (i = 0; i < 600; i++) {
		links = daemon_links(ue->daemon, &n);
		for (pending = 0; n; n--)
			pending += links[n - 1].state == UE_LINK_REQUESTED;
		free(links);
		most = pending > most ? pending : most;
		lab_run(lab, 100);
	}
	assert_int_equal(most, 16);
	/* Each of them was tried. */
	for (i = 0; i < 60; i++)
		assert_true(history_find(&ue->daemon->history, 0x0b0000 + (uint32_t)i)->failed_at);
	assert_int_equal(ue_link_state(ue->daemon->ue, 0x0a0b02), UE_LINK_CONNECTED);
}

/*
 * Who was heard is asked of the kernel when a timer is due, which one always is here; the more there
 * are to tell of, the less often.
 */
static void test_asked_less_often(void **state)
{
	struct lab *lab = *state;
	struct lab_kernel *kernel = &lab->ue[0].kernel;
	unsigned int few;

	wants_many(lab);
	two(state);
	kernel->dumps = 0;
	lab_run(lab, 4000);
	few = kernel->dumps;
	lab_kill(&lab->ue[0]);
	lab_start(&lab->ue[0]);
	kernel->crowd = 250;
	kernel->dumps = 0;
	lab_run(lab, 4000);
	print_message("asked %u times in 4 s, and %u times with 250 more\n", few, kernel->dumps);
	assert_in_range(kernel->dumps, 1, 4000 / (100 + 4 * 250) + 1);
	assert_in_range(few, 2 * kernel->dumps, 4000 / 100 + 1);
}

/* The kernel hears the peer: no keepalive. It does not: a keepalive, then the link is lost. */
static void test_liveness(void **state)
{
	struct lab *lab = two(state);
	unsigned int sent, i;

	lab_connect(lab);
	lab_kill(&lab->ue[1]);
	sent = lab->ue[0].kernel.sent;
	for (i = 0; i < 30; i++) {
		lab->ue[0].kernel.peers[0].has_last_rx = true;
		lab->ue[0].kernel.peers[0].last_rx_ms = 10;
		lab_run(lab, 1000);
	}
	assert_int_equal(lab->ue[0].kernel.sent, sent);
	lab->ue[0].kernel.peers[0].last_rx_ms = 1000000000;
	lab_run(lab, 60000);
	assert_true(lab->ue[0].kernel.sent > sent);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
}

static void test_count(void **state)
{
	struct lab *lab = two(state);
	struct prose_nl_event event = { .type = PROSE_NL_COUNT_SOFT, .ifindex = LAB_IFINDEX };

	lab_connect(lab);
	event.count.l2_id = 0x0a0b02;
	event.count.kd_sess_id = lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.kd_sess_id;
	event.count.lcid = UE_BEARER_DATA;
	daemon_kernel_event(lab->ue[0].daemon, &event);
	lab_run(lab, 1000);
	lab_assert(&lab->ue[0], "rekeys", "1");
}

/* Events were lost: what they would have said is read from the kernel. */
static void test_resync(void **state)
{
	struct lab *lab = two(state);
	struct lab_assoc *assoc;

	lab_connect(lab);
	assoc = lab_sending(&lab->ue[0].kernel, 0x0a0b02);
	assoc->next[UE_BEARER_DATA] = assoc->show.count_soft + 1;
	daemon_kernel_resync(lab->ue[0].daemon);
	lab_run(lab, 1000);
	lab_assert(&lab->ue[0], "rekeys", "1");

	/* Somebody deleted the peer behind the daemon's back. */
	lab_peer_del(&lab->ue[0].kernel, 0x0a0b02);
	lab_run(lab, 1000);
	assert_non_null(lab_find_event(&lab->ue[0], "failed"));
	lab_assert(&lab->ue[0], "kd_sess_id", "");
}

static void test_stop(void **state)
{
	struct lab *lab = two(state);
	struct prose_nl_peer leftover = { .l2_id = 0x010203 };
	uint32_t l2_id;
	char why[KEYING_TEXT_MAX];

	lab_connect(lab);
	lab_peer_new(&lab->ue[0].kernel, &leftover);
	assert_false(daemon_stopped(lab->ue[0].daemon));
	daemon_stop(lab->ue[0].daemon);
	assert_int_equal(daemon_connect(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), -1);
	lab_run(lab, 1000);
	assert_true(daemon_stopped(lab->ue[0].daemon));
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	daemon_clean(lab->ue[0].daemon);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
}

static void test_stop_alone(void **state)
{
	struct lab *lab = two(state);

	lab_connect(lab);
	lab_kill(&lab->ue[1]);
	daemon_stop(lab->ue[0].daemon);
	assert_false(daemon_stopped(lab->ue[0].daemon));
	lab_run(lab, PROSE_T4103_MS * (PROSE_RETRIES + 1));
	assert_true(daemon_stopped(lab->ue[0].daemon));
}

static void bad_reload(struct lab_ue *ue, const char *part)
{
	char why[CONFIG_WHY_MAX] = "";

	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), -1);
	if (!strstr(why, part))
		fail_msg("'%s' not in '%s'", part, why);
	lab_assert(ue, "state", "connected");
	assert_string_equal(ue->daemon->config->identity, "urn:prose:ue1");
}

static void test_reload_refused(void **state)
{
	struct lab *lab = two(state);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id;
	char why[KEYING_TEXT_MAX];

	lab_connect(lab);
	lab_configure(ue, "", "colour = 3\n");
	bad_reload(ue, ".conf:11: unknown option 'colour'");
	lab_configure(ue, "", "state = \"/elsewhere\"\n");
	bad_reload(ue, "state cannot change while prosed runs");
	lab_configure(ue, "", "layer2-id = \"01:02:03\"\n");
	bad_reload(ue, "layer2-id cannot change while prosed runs");
	lab_configure(ue, "", "");
	lab_write(ue->keys, "urn:prose:ue2 tooshort\n");
	bad_reload(ue, "ue1.psk");
	lab_write(ue->keys, "urn:prose:ue2 " LAB_KEY "\n");
	ue->kernel.faults.addresses = 1;
	bad_reload(ue, "cannot be added");
	unlink(ue->conf);
	bad_reload(ue, "there is no such file");
	/* The old state works on. */
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "kd_rekeys", "1");
}

static void test_reload(void **state)
{
	struct lab *lab = two(state);
	struct lab_ue *ue = &lab->ue[0];
	char why[CONFIG_WHY_MAX] = "";

	lab_connect(lab);
	lab_configure(ue, "addresses = { \"10.0.0.2\", \"192.0.2.7\" }", "on-demand = false\n");
	if (daemon_reload(ue->daemon, why, sizeof(why)))
		fail_msg("%s", why);
	assert_false(ue->daemon->config->on_demand);
	assert_int_equal(ue->kernel.routes, 1);
	lab_run(lab, 1000);
	lab_assert(ue, "state", "connected");
	assert_null(ue->daemon->methods->retired);
	/* A peer whose section goes has to go, too. */
	lab_configure(ue, NULL, "");
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), 0);
	lab_run(lab, 3000);
	assert_int_equal(ue->kernel.n_peers, 0);
	assert_int_equal(lab->ue[1].kernel.n_peers, 0);
	assert_int_equal(ue->kernel.routes, 0);
}

/* A peer without extensions does not tell its addresses: the configured ones are its own. */
static void test_strict(void **state)
{
	struct lab *lab = *state;
	int i;

	for (i = 0; i < 2; i++)
		lab_configure(&lab->ue[i], i ? "addresses = { \"10.0.0.1\" }" :
			      "addresses = { \"10.0.0.2\" }", "strict-24334 = true\n");
	two(state);
	lab_connect(lab);
	/* Behind the link-local one, which TS 24.334 has an IE for. */
	assert_int_equal(lab->ue[0].kernel.peers[0].n_addresses, 2);
	assert_memory_equal(lab->ue[0].kernel.peers[0].addresses[1].addr, "\x0a\0\0\2", 4);
	assert_memory_equal(lab->ue[1].kernel.peers[0].addresses[1].addr, "\x0a\0\0\1", 4);
}

static void test_unconfigured(void **state)
{
	struct lab *lab = *state;
	char why[KEYING_TEXT_MAX], text[KEYING_TEXT_MAX];
	uint32_t l2_id;

	lab_configure(&lab->ue[1], NULL, "");
	two(state);
	assert_int_equal(daemon_connect(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 10000);
	lab_show(&lab->ue[0], "last_failure", text, sizeof(text));
	assert_true(text[0]);
	assert_int_equal(lab->ue[0].kernel.n_assocs, 0);
	assert_int_equal(lab->ue[1].kernel.n_assocs, 0);
	lab_show(&lab->ue[1], "last_failure", text, sizeof(text));
	if (!strstr(text, "accept is \"configured\""))
		fail_msg("'%s'", text);
	assert_int_equal(daemon_connect(lab->ue[1].daemon, "0a:0b:01", &l2_id, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "any-authenticated"));

	lab_kill(&lab->ue[1]);
	lab_configure(&lab->ue[1], NULL, "accept = \"any-authenticated\"\n");
	lab_start(&lab->ue[1]);
	lab_connect(lab);
}

static void test_names(void **state)
{
	struct lab *lab = *state;
	char why[KEYING_TEXT_MAX];
	const char *identity;
	uint32_t l2_id;

	lab_configure(&lab->ue[0], "",
		      "peer \"urn:a:x\" {\n layer2-id = \"00:00:01\"\n}\n"
		      "peer \"urn:b:x\" {\n layer2-id = \"00:00:02\"\n}\n"
		      "peer \"plain\" {\n}\n");
	two(state);
	assert_int_equal(policy_resolve(lab->ue[0].daemon, "urn:b:x", &l2_id, &identity, why,
					sizeof(why)), 0);
	assert_int_equal(l2_id, 2);
	assert_int_equal(policy_resolve(lab->ue[0].daemon, "000001", &l2_id, &identity, why,
					sizeof(why)), 0);
	assert_string_equal(identity, "urn:a:x");
	assert_int_equal(policy_resolve(lab->ue[0].daemon, "x", &l2_id, &identity, why,
					sizeof(why)), -1);
	assert_non_null(strstr(why, "urn:a:x or urn:b:x"));
	assert_int_equal(policy_resolve(lab->ue[0].daemon, "plain", &l2_id, &identity, why,
					sizeof(why)), -1);
	assert_non_null(strstr(why, "has no layer2-id"));
	assert_int_equal(policy_resolve(lab->ue[0].daemon, "", &l2_id, &identity, why,
					sizeof(why)), -1);
}

static bool allowed(struct lab *lab, const char *identity, uint32_t l2_id, const char *address)
{
	char why[KEYING_TEXT_MAX] = "";
	struct ue_address list[1];
	bool yes;

	if (address)
		assert_true(text_to_address(address, list, NULL));
	yes = policy_authorise(lab->ue[0].daemon, identity, l2_id, list, address ? 1 : 0, why,
			       sizeof(why));
	assert_int_equal(yes, !why[0]);	/* each refusal has its sentence */
	return yes;
}

static void test_policy(void **state)
{
	struct lab *lab = *state;

	lab_configure(&lab->ue[0], "addresses = { \"10.0.0.2\", \"192.0.2.7\" }",
		      "accept = \"any-authenticated\"\n");
	two(state);
	/* 192.0.2.7 lies outside the subnet: packets for it must come to the device, too. */
	assert_int_equal(lab->ue[0].kernel.routes, 1);
	assert_true(allowed(lab, "urn:prose:ue2", 0x0a0b02, NULL));
	assert_true(allowed(lab, "urn:prose:ue2", 0x0a0b02, "10.0.0.2"));
	assert_true(allowed(lab, "urn:prose:ue2", 0x0a0b02, "192.0.2.7"));
	assert_false(allowed(lab, "urn:prose:ue2", 0x0a0b02, "10.0.0.3"));
	assert_false(allowed(lab, "urn:prose:ue2", 0x0a0b03, NULL));
	assert_true(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.0.3"));
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b02, "10.0.0.3"));	/* ue2's Layer-2 ID */
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.0.2"));	/* ue2's address */
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.0.1"));	/* ours */
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.0.0"));
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.0.255"));
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "10.0.1.3"));
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "fd00::3"));
	assert_true(allowed(lab, "urn:prose:ue3", 0x0a0b03, "fe80::200:ff:fe0a:b03"));
	assert_true(allowed(lab, "urn:prose:ue3", 0x0a0b03, "fe80::1"));
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "fe80::200:ff:fe0a:b01"));
	lab_connect(lab);
	assert_false(allowed(lab, "urn:prose:ue3", 0x0a0b03, "fe80::200:ff:fe0a:b02"));
}

/* Anybody can make up failures; only so many are kept, and never a configured peer's lost. */
static void test_history(void **state)
{
	struct history history = { 0 };
	uint32_t i;

	(void)state;
	history_failed(history_touch(&history, 1, true), 0, 2, "known");
	for (i = 100; i < 100 + 3 * HISTORY_STRANGERS; i++)
		history_failed(history_touch(&history, i, false), 0, 2, "stranger");
	assert_int_equal(history.n, 1 + HISTORY_STRANGERS);
	assert_non_null(history_find(&history, 1));
	assert_null(history_find(&history, 100));
	assert_non_null(history_find(&history, 99 + 3 * HISTORY_STRANGERS));
	/* Failures of what others started do not keep us from trying. */
	assert_int_equal(history_find(&history, 1)->next_try_ms, 0);
	for (i = 0; i < 20; i++) {
		history_find(&history, 1)->trying = true;
		history_failed(history_find(&history, 1), 0, 2, "again");
	}
	assert_true(history_find(&history, 1)->next_try_ms >= HISTORY_DELAY_MAX_MS / 2);
	assert_true(history_find(&history, 1)->next_try_ms <= HISTORY_DELAY_MAX_MS);
	history_connected(history_find(&history, 1));
	assert_int_equal(history_find(&history, 1)->next_try_ms, 0);
	history_free(&history);
}

#define LAB_TEST(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_connect),
		LAB_TEST(test_rekey),
		LAB_TEST(test_release),
		LAB_TEST(test_key_log),
		LAB_TEST(test_kernel_refuses),
		LAB_TEST(test_kernel_busy),
		LAB_TEST(test_on_demand),
		LAB_TEST(test_on_demand_off),
		LAB_TEST(test_auto_connect),
		LAB_TEST(test_auto_connect_many),
		LAB_TEST(test_asked_less_often),
		LAB_TEST(test_liveness),
		LAB_TEST(test_count),
		LAB_TEST(test_resync),
		LAB_TEST(test_stop),
		LAB_TEST(test_stop_alone),
		LAB_TEST(test_reload_refused),
		LAB_TEST(test_reload),
		LAB_TEST(test_strict),
		LAB_TEST(test_unconfigured),
		LAB_TEST(test_names),
		LAB_TEST(test_policy),
		cmocka_unit_test(test_history),
	};

	return cmocka_run_group_tests_name("daemon_links", tests, NULL, NULL);
}
