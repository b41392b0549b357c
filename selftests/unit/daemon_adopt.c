// SPDX-License-Identifier: MIT
/* A daemon that was killed comes back: it finds its links, and disturbs none of them. */
#include "daemon_lab.h"

static struct lab *connected(void **state)
{
	struct lab *lab = *state;

	lab_start(&lab->ue[0]);
	lab_start(&lab->ue[1]);
	lab_connect(lab);
	lab->ue[0].kernel.deletions = 0;
	return lab;
}

static void test_adopt(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	char id[16], text[KEYING_TEXT_MAX], why[KEYING_TEXT_MAX];
	uint16_t before = lab_sending(&ue->kernel, 0x0a0b02)->show.kd_sess_id;
	uint32_t l2_id;

	lab_kill(ue);
	lab->now_ms += 3000;
	lab_start(ue);
	assert_int_equal(ue->kernel.deletions, 0);
	lab_assert(ue, "state", "connected");
	lab_assert(ue, "identity", "urn:prose:ue2");
	lab_assert(ue, "authenticated", "true");
	lab_assert(ue, "method", "psk");
	lab_assert(ue, "role", "ue_1");
	lab_assert(ue, "ciphering", "eea2");
	snprintf(id, sizeof(id), "%04x", before);
	lab_assert(ue, "kd_sess_id", id);
	assert_true(atoi(lab_show(ue, "connected_seconds", text, sizeof(text))) >= 3);
	/* KD is lost with the daemon, so a rekey makes a new one; then all is as before. */
	assert_int_equal(daemon_rekey(ue->daemon, "ue2", false, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(ue, "rekeys", "1");
	lab_assert(&lab->ue[1], "rekeys", "1");
	assert_int_not_equal(lab_sending(&ue->kernel, 0x0a0b02)->show.kd_sess_id, before);
	assert_int_equal(lab_sending(&ue->kernel, 0x0a0b02)->show.kd_sess_id,
			 lab_sending(&lab->ue[1].kernel, 0x0a0b01)->show.kd_sess_id);
	/* The one that stayed may start a rekey as well. */
	assert_int_equal(daemon_rekey(lab->ue[1].daemon, "ue1", true, &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_assert(ue, "rekeys", "2");
}

/* Services are the link's, so they outlive the daemon with it. */
static void test_adopt_expressions(void **state)
{
	struct lab *lab = *state;
	struct ue_link_info info;

	lab_configure(&lab->ue[0], "expressions = { \"voice\" }", "");
	lab_configure(&lab->ue[1], "", "expressions {\n accept = { \"voice\" }\n"
		      " announce = { \"map\", \"chat\" }\n}\n");
	connected(state);
	for (int restarted = 0; restarted < 2; restarted++) {
		assert_true(ue_link(lab->ue[0].daemon->ue, 0x0a0b02, &info));
		assert_int_equal(info.state, UE_LINK_CONNECTED);
		assert_int_equal(info.expressions.n, 1);
		assert_string_equal(info.expressions.name[0], "voice");
		assert_int_equal(info.announced.n, 2);
		assert_string_equal(info.announced.name[1], "chat");
		lab_kill(&lab->ue[0]);
		lab_start(&lab->ue[0]);
	}
}

/* Keepalives go on after the restart, in both directions. */
static void test_adopt_alive(void **state)
{
	struct lab *lab = connected(state);

	lab_kill(&lab->ue[0]);
	lab_start(&lab->ue[0]);
	lab_run(lab, 60000);
	lab_assert(&lab->ue[0], "state", "connected");
	lab_assert(&lab->ue[1], "state", "connected");
}

/* COUNT passed its soft limit while no daemon was there to be told. */
static void test_adopt_worn(void **state)
{
	struct lab *lab = connected(state);
	struct lab_assoc *assoc;
	uint16_t worn;

	lab_kill(&lab->ue[0]);
	assoc = lab_sending(&lab->ue[0].kernel, 0x0a0b02);
	worn = assoc->show.kd_sess_id;
	assoc->next[UE_BEARER_DATA] = assoc->show.count_soft + 1;
	lab_start(&lab->ue[0]);
	lab_run(lab, 2000);
	lab_assert(&lab->ue[0], "state", "connected");
	lab_assert(&lab->ue[0], "rekeys", "1");
	assert_int_not_equal(lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.kd_sess_id, worn);
}

/* Who it is cannot be told any more: it may not stay. */
static void test_no_state(void **state)
{
	struct lab *lab = connected(state);

	lab_kill(&lab->ue[0]);
	unlink(lab->ue[0].state);
	lab_start(&lab->ue[0]);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
	lab_assert(&lab->ue[0], "state", "null");
	lab_connect(lab);
}

static void test_half_done(void **state)
{
	struct lab *lab = connected(state);

	lab_kill(&lab->ue[0]);
	lab_sending(&lab->ue[0].kernel, 0x0a0b02)->show.tx = false;
	lab_start(&lab->ue[0]);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
}

/* The configuration changed meanwhile, and does not want the peer any more. */
static void test_no_longer_allowed(void **state)
{
	struct lab *lab = connected(state);

	lab_kill(&lab->ue[0]);
	lab_configure(&lab->ue[0], NULL, "");
	lab_start(&lab->ue[0]);
	assert_int_equal(lab->ue[0].kernel.n_peers, 0);
}

/* More associations than the core takes: the sending one stays. */
static void test_many(void **state)
{
	struct lab *lab = connected(state);
	struct lab_kernel *kernel = &lab->ue[0].kernel;
	struct prose_nl_assoc_config config;
	struct lab_assoc first;
	uint16_t id;

	lab_kill(&lab->ue[0]);
	first = *lab_sending(kernel, 0x0a0b02);
	config = first.config;
	for (id = 1; id <= 12; id++) {
		config.kd_sess_id = id;
		if (id != first.show.kd_sess_id)
			lab_assoc_new(kernel, 0x0a0b02, &config);
	}
	lab_start(&lab->ue[0]);
	lab_assert(&lab->ue[0], "state", "connected");
	assert_non_null(lab_sending(kernel, 0x0a0b02));
	assert_int_equal(kernel->n_assocs, 8);
}

static void test_held(void **state)
{
	struct lab *lab = connected(state);
	struct prose_nl_event wanted = {
		.type = PROSE_NL_PEER_WANTED, .ifindex = LAB_IFINDEX,
		.wanted = { .has_l2_id = true, .l2_id = 0x0a0b02 },
	};
	char why[KEYING_TEXT_MAX];
	unsigned int sent;
	uint32_t l2_id;

	assert_int_equal(daemon_release(lab->ue[0].daemon, "ue2", &l2_id, why, sizeof(why)), 0);
	lab_run(lab, 2000);
	lab_kill(&lab->ue[0]);
	lab_start(&lab->ue[0]);
	sent = lab->ue[0].kernel.sent;
	daemon_kernel_event(lab->ue[0].daemon, &wanted);
	assert_int_equal(lab->ue[0].kernel.sent, sent);
	lab_assert(&lab->ue[0], "held", "true");
}

static void expect_state(struct lab_ue *ue, int rc, const char *part)
{
	struct state state = { 0 };
	char why[256] = "";

	assert_int_equal(state_load(ue->state, "prose0", &state, why, sizeof(why)), rc);
	if (part && !strstr(why, part))
		fail_msg("'%s' not in '%s'", part, why);
	assert_true(rc > 0 || !state.links);
	state_free(&state);
}

static void test_state_file(void **state)
{
	struct lab *lab = connected(state);
	struct lab_ue *ue = &lab->ue[0];
	char good[4096] = "", bad[4096], name[128];
	FILE *file = fopen(ue->state, "r");
	size_t len, i;

	assert_non_null(file);
	len = fread(good, 1, sizeof(good) - 1, file);
	fclose(file);
	assert_true(len > 100 && len < sizeof(good) - 1);
	/* No key is in it, under no name. */
	assert_null(strcasestr(good, "\"pek\""));
	assert_null(strcasestr(good, "\"kd\""));
	expect_state(ue, 1, NULL);

	/* Cut anywhere it is refused, and never read beyond its end. */
	for (i = 0; i + 2 < len; i += 7) {
		snprintf(bad, i + 1, "%s", good);
		lab_write(ue->state, bad);
		expect_state(ue, -1, ue->state);
	}
	lab_write(ue->state, "{\"version\": 99}");
	expect_state(ue, -1, "form of this version");
	lab_write(ue->state, good);
	assert_int_equal(chmod(ue->state, 0622), 0);
	expect_state(ue, -1, "others could have written");
	/* From before the last boot. */
	memcpy(strstr(good, "\"boot_id\": \"") + 12, "x", 1);
	lab_write(ue->state, good);
	expect_state(ue, 0, NULL);
	/* Through a symbolic link somebody could make us read, or write, elsewhere. */
	snprintf(name, sizeof(name), "%s.elsewhere", ue->state);
	lab_write(name, good);
	unlink(ue->state);
	assert_int_equal(symlink(name, ue->state), 0);
	expect_state(ue, -1, ue->state);
	unlink(name);
	unlink(ue->state);
	expect_state(ue, 0, NULL);
}

/* How often this process has called write() and its like. */
static unsigned long writes(void)
{
	FILE *file = fopen("/proc/self/io", "r");
	unsigned long n = 0;
	char line[64];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "syscw: %lu", &n);
	fclose(file);
	return n;
}

/* It is written whole whenever one of them changes: that must not take a call for every word of it. */
static void test_state_of_many(void **state)
{
	struct lab *lab = connected(state);
	const struct lab_ue *ue = &lab->ue[0];
	struct state many = { .n_links = 256 }, found;
	char why[CONFIG_WHY_MAX];
	unsigned long before;

	many.links = calloc(many.n_links, sizeof(*many.links));
	assert_non_null(many.links);
	for (size_t i = 0; i < many.n_links; i++) {
		struct ue_link_info *info = &many.links[i].info;

		info->l2_id = 0x0a1000 + (uint32_t)i;
		info->state = UE_LINK_CONNECTED;
		snprintf(info->identity, sizeof(info->identity), "urn:prose:far%zu", i);
	}
	before = writes();
	assert_int_equal(state_save(ue->state, "prose0", &many, why, sizeof(why)), 0);
	assert_in_range(writes() - before, 1, many.n_links);
	assert_int_equal(state_load(ue->state, "prose0", &found, why, sizeof(why)), 1);
	assert_int_equal(found.n_links, many.n_links);
	assert_string_equal(found.links[255].info.identity, "urn:prose:far255");
	state_free(&found);
	state_free(&many);
}

#define LAB_TEST(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_adopt),
		LAB_TEST(test_adopt_alive),
		LAB_TEST(test_adopt_expressions),
		LAB_TEST(test_adopt_worn),
		LAB_TEST(test_no_state),
		LAB_TEST(test_half_done),
		LAB_TEST(test_no_longer_allowed),
		LAB_TEST(test_many),
		LAB_TEST(test_held),
		LAB_TEST(test_state_file),
		LAB_TEST(test_state_of_many),
	};

	return cmocka_run_group_tests_name("daemon_adopt", tests, NULL, NULL);
}
