// SPDX-License-Identifier: MIT
/* What a daemon keeps of its peers: when it writes, what comes back, and what must not. */
#include "daemon_lab.h"

static char why[KEYING_TEXT_MAX];

static struct lab *started(void **state)
{
	struct lab *lab = *state;

	for (int i = 0; i < 2; i++) {
		lab->ue[i].keeps = true;
		lab_start(&lab->ue[i]);
	}
	return lab;
}

static struct lab *connected(void **state)
{
	struct lab *lab = started(state);

	lab_connect(lab);
	return lab;
}

static void release(struct lab *lab)
{
	uint32_t l2_id;

	assert_int_equal(daemon_release(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(&lab->ue[0], "state", "idle");
	lab_assert(&lab->ue[1], "state", "idle");
}

/* Both went off with their kernels, as in a reboot. */
static void reboot(struct lab *lab)
{
	for (int i = 0; i < 2; i++) {
		struct lab_ue *ue = &lab->ue[i];

		lab_kill(ue);
		unlink(ue->state);
		ue->kernel.n_peers = ue->kernel.n_assocs = 0;
	}
	lab->now_ms += 60000;
}

/* Was the last connection of this UE by a new KD? */
static bool by_new_kd(const struct lab_ue *ue)
{
	size_t n = json_array_size(ue->events);

	while (n--) {
		const json_t *event = json_array_get(ue->events, n);

		if (!strcmp(json_string_value(json_object_get(event, "event")), "connected"))
			return json_is_true(json_object_get(event, "kd_changed"));
	}
	fail_msg("never connected");
	return false;
}

/* A tenth of a second after the first change, once for all of them, and then not any more. */
static void test_written_soon(void **state)
{
	struct lab *lab = started(state);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id;

	assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_pump(lab);
	lab_assert(ue, "state", "connected");
	assert_int_equal(ue->kept, 0);
	lab_run(lab, 99);
	assert_int_equal(ue->kept, 0);
	lab_run(lab, 1);
	assert_int_equal(ue->kept, 1);
	assert_int_equal(ue->store.n, 1);
	assert_string_equal(ue->store.list[0].identity, "urn:prose:ue2");
	lab_run(lab, 30000);
	assert_int_equal(ue->kept, 1);
}

/* A disk that is full may have room later. */
static void test_written_again(void **state)
{
	struct lab *lab = started(state);
	struct lab_ue *ue = &lab->ue[0];

	ue->keep_fails = true;
	lab_connect(lab);
	assert_int_equal(ue->kept, 1);
	lab_run(lab, 9000);
	assert_int_equal(ue->kept, 2);
	ue->keep_fails = false;
	lab_run(lab, 10000);
	assert_int_equal(ue->kept, 3);
	lab_run(lab, 60000);
	assert_int_equal(ue->kept, 3);
	assert_int_equal(ue->store.n, 1);
}

static void test_reboot(void **state)
{
	struct lab *lab = connected(state);

	assert_true(by_new_kd(&lab->ue[0]));
	release(lab);
	reboot(lab);
	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	lab_assert(&lab->ue[0], "state", "idle");
	lab_connect(lab);
	assert_false(by_new_kd(&lab->ue[0]));
	assert_false(by_new_kd(&lab->ue[1]));
	/* one end lost it */
	release(lab);
	reboot(lab);
	store_peers_free(&lab->ue[1].store);
	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	lab_connect(lab);
	assert_true(by_new_kd(&lab->ue[0]));
}

/* The link in the kernel and the KD in the store find each other. */
static void test_adopted(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	char before[32], text[32];
	uint32_t l2_id;

	lab_show(ue, "kd_id", before, sizeof(before));
	lab_kill(ue);
	lab_start(ue);
	lab_assert(ue, "state", "connected");
	lab_assert(ue, "kd_id", before);
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(ue, "rekeys", "1");
	lab_assert(ue, "kd_rekeys", "0");
	lab_assert(ue, "kd_id", before);
	lab_show(&lab->ue[1], "kd_id", text, sizeof(text));
	assert_string_equal(text, before);
}

/*
 * Killed before it had written: the KD of the store is not that of the link, which lives on
 * without, and gets another one with the next rekeying.
 */
static void test_killed_before(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id;

	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_pump(lab);
	lab_assert(ue, "rekeys", "1");
	lab_kill(ue);
	lab_start(ue);
	lab_assert(ue, "state", "connected");
	lab_assert(ue, "kd_id", "");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(ue, "state", "connected");
	lab_assert(ue, "rekeys", "2");
	lab_assert(&lab->ue[1], "kd_rekeys", "2");
}

/* The same when neither was written any more: the state names another KD-sess than the kernel. */
static void test_older_state(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	char older[80];
	uint32_t l2_id;

	snprintf(older, sizeof(older), "%s.older", ue->state);
	assert_int_equal(link(ue->state, older), 0);
	ue->keep_fails = true;
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_kill(ue);
	assert_int_equal(rename(older, ue->state), 0);
	ue->keep_fails = false;
	lab_start(ue);
	lab_assert(ue, "state", "connected");
	lab_assert(ue, "kd_id", "");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(ue, "state", "connected");
	lab_assert(&lab->ue[1], "kd_rekeys", "2");
}

/* Not in the configuration any more, or with another key: neither restored nor kept. */
static void test_not_restored(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	char line[160];

	release(lab);
	for (int i = 0; i < 2; i++) {
		struct store_peers good = { 0 };

		assert_true(store_peers_add(&good, &ue->store.list[0]));
		reboot(lab);
		if (i) {
			snprintf(line, sizeof(line), "urn:prose:ue2 %064d\n", 7);
			lab_write(ue->keys, line);
		} else {
			lab_configure(ue, NULL, "");
		}
		lab_start(ue);
		lab_start(&lab->ue[1]);
		lab_run(lab, 200);
		assert_int_equal(ue->store.n, 0);
		lab_configure(ue, "", "");
		store_peers_free(&ue->store);
		ue->store = good;
	}
}

/* It is where its section says it is. */
static void test_moved(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	struct ue_link_info info;

	release(lab);
	reboot(lab);
	lab_configure(ue, NULL, "peer \"urn:prose:ue2\" {\n layer2-id = \"0a:0b:77\"\n}\n");
	lab_start(ue);
	assert_false(ue_link(ue->daemon->ue, 0x0a0b02, &info));
	assert_true(ue_link(ue->daemon->ue, 0x0a0b77, &info));
	assert_int_equal(info.state, UE_LINK_IDLE);
}

static void test_reload(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];

	release(lab);
	/* the same key: what came from it is good */
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), 0);
	lab_assert(ue, "state", "idle");
	lab_configure(ue, NULL, "");
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), 0);
	lab_run(lab, 200);
	assert_int_equal(ue->store.n, 0);
	lab_configure(ue, "", "");
	assert_int_equal(daemon_reload(ue->daemon, why, sizeof(why)), 0);
	lab_connect(lab);
	assert_true(by_new_kd(ue));
}

static void test_forget(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	uint32_t l2_id = 0;

	assert_int_equal(daemon_forget(ue->daemon, "ue2", &l2_id, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "release it first"));
	assert_int_equal(daemon_forget(ue->daemon, "ue9", &l2_id, why, sizeof(why)), -1);
	release(lab);
	assert_int_equal(ue->store.n, 1);
	assert_int_equal(daemon_forget(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	assert_int_equal(l2_id, 0x0a0b02);
	/* gone from the disk when the answer comes */
	assert_int_equal(ue->store.n, 0);
	lab_assert(ue, "state", "null");
	assert_int_equal(daemon_forget(ue->daemon, "ue2", &l2_id, why, sizeof(why)), -1);
}

/* A connection identity that may be used once is written down before it is sent. */
static void test_single_use(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0];
	unsigned int sent, kept;
	uint32_t l2_id;

	lab_configure(ue, "", "connection-identities = \"single-use\"\n");
	connected(state);
	release(lab);
	lab_run(lab, 1000);
	sent = ue->kernel.sent;
	kept = ue->kept;
	assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	assert_int_equal(ue->kept, kept + 1);
	assert_int_equal(ue->sent_when_kept, sent);
	assert_true(ue->kernel.sent > sent);
	assert_true(ue->store.list[0].remote_id_sent);
	lab_run(lab, 2000);
	assert_false(by_new_kd(ue));
	assert_false(ue->store.list[0].remote_id_sent);
}

/*
 * Another Layer-2 ID for each time of being connected, and what is kept is found all the same. A
 * link that is up, or on its way, keeps the one it has.
 */
static void test_random_layer_2_id(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0], *other = &lab->ue[1];
	uint32_t l2_id, before = 0;

	lab_configure(ue, "", "layer2-id = \"random\"\n");
	lab_configure(other, NULL, "peer \"urn:prose:ue1\" { }\n");
	started(state);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			ue->kernel.faults.l2_id = 3;	/* others have those drawn first */
		assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
		lab_run(lab, 1000);
		lab_assert(ue, "state", "connected");
		assert_int_not_equal(ue->kernel.l2_id, before);
		assert_int_equal(ue->kernel.l2_id, ue->daemon->l2_id);
		assert_int_equal(by_new_kd(ue), !i);
		assert_int_equal(by_new_kd(other), !i);
		assert_int_equal(other->kernel.n_peers, 1);
		assert_int_equal(other->kernel.peers[0].l2_id, ue->kernel.l2_id);
		before = ue->kernel.l2_id;
		assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), -1);
		assert_int_equal(ue->kernel.l2_id, before);
		assert_int_equal(daemon_release(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
		lab_run(lab, 2000);
		lab_assert(ue, "state", "idle");
	}
	/* nothing that can be had: the old one does */
	ue->kernel.faults.l2_id = 100;
	assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 1000);
	lab_assert(ue, "state", "connected");
	assert_int_equal(ue->kernel.l2_id, before);
}

/*
 * Links with Layer-2 IDs of their own do not depend on the device's, once their setup is over: the
 * next setup has another one, and the link-local address that peers know stays.
 */
static void test_random_beside_links(void **state)
{
	struct lab *lab = *state;
	struct lab_ue *ue = &lab->ue[0], *other = &lab->ue[1];
	uint8_t local[16], known[16];
	uint32_t l2_id, first;

	lab_configure(ue, "", "layer2-id = \"random\"\n"
		      "peer \"urn:prose:ue3\" { layer2-id = \"33:33:33\" }\n");
	lab_configure(other, NULL, "peer \"urn:prose:ue1\" { }\n");
	started(state);
	assert_int_equal(daemon_connect(ue->daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	first = ue->kernel.l2_id;
	lab_run(lab, 1000);
	lab_assert(ue, "state", "connected");
	assert_int_not_equal(ue->kernel.peers[0].remote_l2_id, 0);
	assert_int_equal(ue->kernel.peers[0].remote_l2_id, other->kernel.peers[0].local_l2_id);
	assert_int_equal(ue->kernel.peers[0].local_l2_id, other->kernel.peers[0].remote_l2_id);
	netif_local_address(first, known);

	/* the end of the setup may have to be sent again */
	assert_int_equal(daemon_connect(ue->daemon, "ue3", &l2_id, why, sizeof(why)), 0);
	assert_int_equal(ue->kernel.l2_id, first);
	assert_int_equal(daemon_release(ue->daemon, "ue3", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 40000);
	ue->kernel.followed = 0;
	assert_int_equal(daemon_connect(ue->daemon, "ue3", &l2_id, why, sizeof(why)), 0);
	assert_int_not_equal(ue->kernel.l2_id, first);
	assert_int_equal(ue->kernel.followed, 0);
	netif_local_address(ue->daemon->local_from, local);
	assert_memory_equal(local, known, 16);
	lab_run(lab, 60000);
	lab_assert(ue, "state", "connected");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 5000);
	lab_assert(ue, "kd_rekeys", "1");

	/* a restart takes it over, with what keys are bound to */
	lab_kill(ue);
	lab_start(ue);
	lab_run(lab, 1000);
	lab_assert(ue, "state", "connected");
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 5000);
	lab_assert(ue, "kd_rekeys", "2");
	assert_int_equal(ue->kernel.n_peers, 1);
}

int main(void)
{
#define EACH(test)	cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		EACH(test_written_soon),
		EACH(test_written_again),
		EACH(test_reboot),
		EACH(test_adopted),
		EACH(test_killed_before),
		EACH(test_older_state),
		EACH(test_not_restored),
		EACH(test_moved),
		EACH(test_reload),
		EACH(test_forget),
		EACH(test_single_use),
		EACH(test_random_layer_2_id),
		EACH(test_random_beside_links),
	};

	return cmocka_run_group_tests_name("daemon_idle", tests, NULL, NULL);
}
