/* SPDX-License-Identifier: MIT */
/* What the tests of the keying methods share: a folder, and two UEs in lock step. */
#ifndef SELFTESTS_UNIT_KEYING_LAB_H
#define SELFTESTS_UNIT_KEYING_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder_lab.h"
#include "keying/keying.h"

#define LAB_UNUSED	__attribute__((unused))

/* 2026-11-28 12:00 UTC; no test looks at the clock of the machine. */
#define LAB_NOW		((time_t)1795867200)
#define LAB_DAY		86400
#define LAB_CONTAINERS	8

static char lab[64];

LAB_UNUSED static int lab_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(lab, sizeof(lab), "%s/prose-keying.XXXXXX",
		 tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	return mkdtemp(lab) ? 0 : -1;
}

LAB_UNUSED static int lab_teardown(void **state)
{
	(void)state;
	return folder_remove(lab);
}

/* Name of a file in the folder; 32 may be in use at a time. */
LAB_UNUSED static const char *lab_path(const char *format, ...)
{
	const char *name;
	va_list args;

	va_start(args, format);
	name = folder_file_va(lab, format, args);
	va_end(args);
	return name;
}

LAB_UNUSED static const char *lab_write(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* The names of those files, up to NULL or @max of them. How many there are. */
LAB_UNUSED static size_t lab_paths(const char **paths, const char *const *files, size_t max)
{
	size_t n;

	for (n = 0; n < max && files[n]; n++)
		paths[n] = lab_path("%s", files[n]);
	return n;
}

/* The contents, to be freed. */
LAB_UNUSED static char *lab_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 16);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, file) < (1 << 16) - 1);
	fclose(file);
	return text;
}

LAB_UNUSED static void lab_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

/* One side of a run. */
struct lab_side {
	const struct keying_method *method;
	struct keying_context context;
	struct keying_session *session;
	struct keying_result result;
	struct keying_error error;
	enum keying_status status;
};

struct lab_run {
	struct lab_side side[2];		/* by enum keying_role */
	struct keying_buffer containers[LAB_CONTAINERS];
	unsigned int n;
	/* Called for each container on its way; may change it. */
	void (*meddle)(struct lab_run *run, unsigned int index, struct keying_buffer *container);
	size_t meddle_at;
	unsigned int meddle_index;
};

LAB_UNUSED static void lab_context(struct keying_context *context, enum keying_role role)
{
	*context = (struct keying_context){
		.role = role,
		.ue_1_l2_id = 0x0a0b0c,
		.ue_2_l2_id = 0x1a1b1c,
		.now = LAB_NOW,
	};
	memset(context->nonce_1, 0x11, sizeof(context->nonce_1));
	memset(context->nonce_2, 0x22, sizeof(context->nonce_2));
	memset(context->request_hash, 0x33, sizeof(context->request_hash));
}

/* What a run is bound to, and two ends may see differently. */
enum lab_difference {
	LAB_UE_1_L2_ID,
	LAB_UE_2_L2_ID,
	LAB_ROLES,
	LAB_NONCE_1,
	LAB_NONCE_2,
	LAB_REQUEST_HASH,
	LAB_DIFFERENCES,
};

LAB_UNUSED static void lab_differ(struct keying_context *context, enum lab_difference difference)
{
	uint32_t ue_1_l2_id = context->ue_1_l2_id;

	switch (difference) {
	case LAB_UE_1_L2_ID:
		context->ue_1_l2_id ^= 1;
		break;
	case LAB_UE_2_L2_ID:
		context->ue_2_l2_id ^= 0x800000;
		break;
	case LAB_ROLES:
		context->ue_1_l2_id = context->ue_2_l2_id;
		context->ue_2_l2_id = ue_1_l2_id;
		break;
	case LAB_NONCE_1:
		context->nonce_1[15] ^= 1;
		break;
	case LAB_NONCE_2:
		context->nonce_2[0] ^= 0x80;
		break;
	case LAB_REQUEST_HASH:
		context->request_hash[31] ^= 1;
		break;
	case LAB_DIFFERENCES:
		break;
	}
}

LAB_UNUSED static void lab_run_init(struct lab_run *run, const struct keying_method *ue_1,
				    const struct keying_method *ue_2)
{
	*run = (struct lab_run){ 0 };
	run->side[KEYING_UE_1].method = ue_1;
	run->side[KEYING_UE_2].method = ue_2;
	lab_context(&run->side[KEYING_UE_1].context, KEYING_UE_1);
	lab_context(&run->side[KEYING_UE_2].context, KEYING_UE_2);
}

/*
 * Both ends in lock step until neither has anything to send. A side that never was given
 * a container stays at KEYING_SEND.
 */
LAB_UNUSED static void lab_run(struct lab_run *run)
{
	const struct keying_buffer *in = NULL;
	struct keying_buffer *out;
	struct lab_side *side;
	int role;

	for (role = 0; role < 2; role++) {
		side = &run->side[role];
		side->session = side->method->open(side->method, &side->context, &side->error);
		assert_non_null(side->session);
	}
	for (role = KEYING_UE_2; run->n < LAB_CONTAINERS; role = !role) {
		side = &run->side[role];
		if (side->status != KEYING_SEND)
			break;
		out = &run->containers[run->n];
		side->status = side->method->step(side->session, in ? in->data : NULL,
						  in ? in->len : 0, out, &side->result,
						  &side->error);
		if (!out->data)
			break;
		if (run->meddle)
			run->meddle(run, run->n, out);
		in = out;
		run->n++;
	}
}

/* Closes; the results stay to be looked at. */
LAB_UNUSED static void lab_close(struct lab_run *run)
{
	unsigned int i;
	int role;

	for (role = 0; role < 2; role++) {
		run->side[role].method->close(run->side[role].session);
		run->side[role].session = NULL;
	}
	for (i = 0; i < LAB_CONTAINERS; i++)
		free(run->containers[i].data);
	memset(run->containers, 0, sizeof(run->containers));
}

LAB_UNUSED static bool lab_same_kd(const struct lab_run *run)
{
	return !memcmp(run->side[0].result.kd, run->side[1].result.kd, KEYING_KD_LEN);
}

LAB_UNUSED static bool lab_has_kd(const struct keying_result *result)
{
	static const uint8_t none[KEYING_KD_LEN];

	return memcmp(result->kd, none, KEYING_KD_LEN) != 0;
}

/* Both have come to an end with one KD. */
LAB_UNUSED static void lab_agreed(const struct lab_side *ue_1, const struct lab_side *ue_2)
{
	if (ue_1->status != KEYING_DONE)
		fail_msg("UE_1: %s", ue_1->error.text);
	if (ue_2->status != KEYING_DONE)
		fail_msg("UE_2: %s", ue_2->error.text);
	assert_true(lab_has_kd(&ue_1->result));
	assert_memory_equal(ue_1->result.kd, ue_2->result.kd, KEYING_KD_LEN);
}

/* It says why, and has nothing else. */
LAB_UNUSED static void lab_failed(const struct lab_side *side, const char *says)
{
	static const struct keying_result nothing;

	assert_int_equal(side->status, KEYING_FAILED);
	lab_contains(side->error.text, says);
	assert_int_equal(side->error.cause, 2);
	assert_memory_equal(&side->result, &nothing, sizeof(nothing));
}

#endif
