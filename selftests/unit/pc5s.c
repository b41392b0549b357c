// SPDX-License-Identifier: MIT
/* The PC5-S codec: round trips, known octets, every truncation, every one-octet change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/pc5s.h"

static uint32_t state = 1;

/* xorshift32: the same octets on every run */
static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void octets(void *out, size_t len)
{
	uint8_t *p = out;

	while (len--)
		*p++ = (uint8_t)(next() >> 11);
}

static void name(struct pc5s_user_info *info, size_t max)
{
	info->type = (uint8_t)(1 + next() % 3);
	info->len = (uint8_t)(2 + next() % (max - 1));
	octets(info->value, info->len);
	if (info->type == PC5S_USER_INFO_IMSI)
		for (size_t i = 0; i < info->len; i++)
			info->value[i] = '0' + info->value[i] % 10;
}

static uint8_t blob[PROSE_KE_FRAGMENT_MAX];

/* A valid message of the type with exactly these optional IEs, all values random. */
static void fill(struct pc5s_message *m, uint8_t type, uint64_t optional)
{
	memset(m, 0, sizeof(*m));
	m->type = type;
	m->sequence = (uint16_t)next();
	m->has = pc5s_mandatory(type) | optional;
	/* LV User Info may have 251 octets, the TLV of the command as many */
	name(&m->user_info, 250);
	name(&m->target_info, 250);
	m->ip_config = next() % 4;
	m->max_inactivity = next();
	octets(m->nonce_1, sizeof(m->nonce_1));
	octets(m->nonce_2, sizeof(m->nonce_2));
	m->capabilities = (uint16_t)next();
	m->msb_kd_sess_id = (uint8_t)next();
	m->lsb_kd_sess_id = (uint8_t)next();
	m->chosen_algorithms = next() & 0x77;
	m->kd_id = next();
	m->msb_kd_id = (uint16_t)next();
	m->lsb_kd_id = (uint16_t)next();
	m->relay_service_code = next() & 0xffffff;
	octets(m->signature, sizeof(m->signature));
	octets(m->link_local, sizeof(m->link_local));
	m->cause = (uint8_t)(1 + next() % 10);
	m->keepalive_counter = next();
	m->release_reason = (uint8_t)(1 + next() % 3);
	octets(m->kd_freshness, sizeof(m->kd_freshness));
	octets(blob, sizeof(blob));
	m->gpi = (struct pc5s_octets){ blob, (uint16_t)(1 + next() % 255) };
	m->encrypted_payload = (struct pc5s_octets){ blob + 300, (uint16_t)(1 + next() % 300) };
	octets(m->rand, sizeof(m->rand));
	octets(m->auts, sizeof(m->auts));
	m->auth_flag = 1;
	octets(m->pruk_id, sizeof(m->pruk_id));
	m->info_type = (uint8_t)(1 + next() % 2);
	octets(m->imei, sizeof(m->imei));
	m->methods.n = (uint8_t)(1 + next() % PC5S_METHODS_MAX);
	for (size_t i = 0; i < m->methods.n; i++)
		m->methods.id[i] = (uint8_t)(7 + 11 * i);
	m->selected_method = (uint8_t)(1 + next() % 255);
	m->policy.up_integrity = (uint8_t)(next() % 3);
	m->policy.up_ciphering = (uint8_t)(next() % 3);
	m->policy.count_profile = next() & 1;
	m->chosen_policy = next() & 1;
	m->expressions.n = (uint8_t)(1 + next() % PROSE_EXPRESSIONS_MAX);
	for (size_t i = 0; i < m->expressions.n; i++)
		memset(m->expressions.name[i], 'a' + (int)i, 1 + next() % PROSE_EXPRESSION_MAX);
	octets(m->cookie, sizeof(m->cookie));
	m->method_container.method = (uint8_t)(1 + next() % 255);
	m->method_container.octets = (struct pc5s_octets){ blob, (uint16_t)(1 + next() % 1200) };
	m->link_l2_id = 1 + (uint32_t)next() % 0xffffff;
	octets(m->connection_id, sizeof(m->connection_id));
	m->addresses.n = (uint8_t)(next() % (PC5S_ADDRESSES_MAX + 1));
	for (size_t i = 0; i < m->addresses.n; i++) {
		m->addresses.a[i].family = next() & 1 ? 4 : 6;
		octets(m->addresses.a[i].addr, m->addresses.a[i].family == 4 ? 4 : 16);
	}
	m->counts.n = (uint8_t)(1 + next() % PC5S_COUNTS_MAX);
	for (size_t i = 0; i < m->counts.n; i++) {
		m->counts.c[i].lcid = (uint8_t)(1 + next() % 30);
		m->counts.c[i].sent = next();
		m->counts.c[i].received = next();
	}
	octets(m->request_hash, sizeof(m->request_hash));
	m->ke_method = (uint8_t)(1 + next() % 255);
	m->ke_fragment = (uint8_t)next();
	if (optional & PC5S_BIT(PC5S_IE_CONTAINER)) {
		m->ke_round = (optional & PC5S_BIT(PC5S_IE_NONCE_2)) ? 0 : 1;
		m->container = (struct pc5s_octets){ blob, (uint16_t)(1 + next() % 1200) };
		m->ke_flags = next() & PC5S_KE_MORE;
		m->ke_total = m->container.len + (m->ke_flags ? 17 : 0);
	} else {
		m->ke_flags = (optional & PC5S_BIT(PC5S_IE_CAUSE)) ? PC5S_KE_ABORT :
			PC5S_KE_ACK;
		m->ke_round = (uint8_t)next();
	}
}

/* KEY ESTABLISHMENT allows only these three sets of optional IEs, pc5s.h. */
static bool allowed(uint8_t type, uint64_t optional)
{
	if (type != PC5S_KEY_ESTABLISHMENT)
		return true;
	return !(optional & PC5S_BIT(PC5S_IE_CAUSE)) ? true :
		optional == PC5S_BIT(PC5S_IE_CAUSE);
}

static bool nonce_2_alone(uint8_t type, uint64_t optional)
{
	return type == PC5S_KEY_ESTABLISHMENT && (optional & PC5S_BIT(PC5S_IE_NONCE_2)) &&
	       !(optional & PC5S_BIT(PC5S_IE_CONTAINER));
}

#define SAME(field)	assert_memory_equal(&a->field, &b->field, sizeof(a->field))

static void same_span(const struct pc5s_octets *a, const struct pc5s_octets *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len);
}

static void same(const struct pc5s_message *a, const struct pc5s_message *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->sequence, b->sequence);
	assert_true(a->has == b->has);
	for (int ie = 0; ie < PC5S_IE_N; ie++) {
		if (!pc5s_has(a, ie))
			continue;
		switch (ie) {
		case PC5S_IE_USER_INFO: SAME(user_info); break;
		case PC5S_IE_TARGET_INFO: SAME(target_info); break;
		case PC5S_IE_IP_CONFIG: SAME(ip_config); break;
		case PC5S_IE_MAX_INACTIVITY: SAME(max_inactivity); break;
		case PC5S_IE_NONCE_1: SAME(nonce_1); break;
		case PC5S_IE_NONCE_2: SAME(nonce_2); break;
		case PC5S_IE_CAPABILITIES: SAME(capabilities); break;
		case PC5S_IE_MSB_KD_SESS_ID: SAME(msb_kd_sess_id); break;
		case PC5S_IE_LSB_KD_SESS_ID: SAME(lsb_kd_sess_id); break;
		case PC5S_IE_CHOSEN_ALGORITHMS: SAME(chosen_algorithms); break;
		case PC5S_IE_KD_ID: SAME(kd_id); break;
		case PC5S_IE_MSB_KD_ID: SAME(msb_kd_id); break;
		case PC5S_IE_LSB_KD_ID: SAME(lsb_kd_id); break;
		case PC5S_IE_RELAY_SERVICE_CODE: SAME(relay_service_code); break;
		case PC5S_IE_SIGNATURE: SAME(signature); break;
		case PC5S_IE_LINK_LOCAL: SAME(link_local); break;
		case PC5S_IE_CAUSE: SAME(cause); break;
		case PC5S_IE_KEEPALIVE_COUNTER: SAME(keepalive_counter); break;
		case PC5S_IE_RELEASE_REASON: SAME(release_reason); break;
		case PC5S_IE_KD_FRESHNESS: SAME(kd_freshness); break;
		case PC5S_IE_GPI: same_span(&a->gpi, &b->gpi); break;
		case PC5S_IE_ENCRYPTED_PAYLOAD:
			same_span(&a->encrypted_payload, &b->encrypted_payload);
			break;
		case PC5S_IE_RAND: SAME(rand); break;
		case PC5S_IE_AUTS: SAME(auts); break;
		case PC5S_IE_AUTH_FLAG: SAME(auth_flag); break;
		case PC5S_IE_PRUK_ID: SAME(pruk_id); break;
		case PC5S_IE_INFO_TYPE: SAME(info_type); break;
		case PC5S_IE_IMEI: SAME(imei); break;
		case PC5S_IE_KEYING_METHODS: SAME(methods); break;
		case PC5S_IE_SECURITY_POLICY: SAME(policy); break;
		case PC5S_IE_CONNECTION_ID: SAME(connection_id); break;
		case PC5S_IE_ADDRESSES: SAME(addresses); break;
		case PC5S_IE_COUNTS: SAME(counts); break;
		case PC5S_IE_REQUEST_HASH: SAME(request_hash); break;
		case PC5S_IE_SELECTED_METHOD: SAME(selected_method); break;
		case PC5S_IE_CHOSEN_POLICY: SAME(chosen_policy); break;
		case PC5S_IE_EXPRESSIONS: SAME(expressions); break;
		case PC5S_IE_COOKIE: SAME(cookie); break;
		case PC5S_IE_LINK_L2_ID: SAME(link_l2_id); break;
		case PC5S_IE_KE_METHOD: SAME(ke_method); break;
		case PC5S_IE_KE_ROUND: SAME(ke_round); break;
		case PC5S_IE_KE_FRAGMENT: SAME(ke_fragment); break;
		case PC5S_IE_KE_FLAGS: SAME(ke_flags); break;
		case PC5S_IE_KE_TOTAL: SAME(ke_total); break;
		case PC5S_IE_METHOD_CONTAINER:
			SAME(method_container.method);
			same_span(&a->method_container.octets, &b->method_container.octets);
			break;
		case PC5S_IE_CONTAINER: same_span(&a->container, &b->container); break;
		default: fail_msg("IE %d is not compared", ie);
		}
	}
}

/* Calls @with for each message type and each set of optional IEs (up to 2^11 a type). */
static void each(void (*with)(const uint8_t *data, size_t len, const struct pc5s_message *m))
{
	static uint8_t out[PC5S_MAX_LEN];
	struct pc5s_message m;
	struct pc5s_error error;
	uint8_t type;

	for (size_t n = 0; (type = pc5s_type_at(n)); n++) {
		uint64_t all = pc5s_optional(type), some = 0;

		do {
			if (allowed(type, some) && !nonce_2_alone(type, some)) {
				int len;

				fill(&m, type, some);
				len = pc5s_encode(&m, out, sizeof(out), &error);
				if (len < 0)
					fail_msg("%s: %s: %s", pc5s_type_name(type), error.ie,
						 error.reason);
				with(out, (size_t)len, &m);
			}
			some = (some - all) & all;	/* next subset */
		} while (some);
	}
}

static void check_round_trip(const uint8_t *data, size_t len, const struct pc5s_message *m)
{
	static uint8_t again[PC5S_MAX_LEN];
	struct pc5s_message decoded;
	struct pc5s_error error;

	if (pc5s_decode(&decoded, data, len, &error))
		fail_msg("%s at %zu: %s: %s", pc5s_type_name(data[0]), error.offset, error.ie,
			 error.reason);
	same(m, &decoded);
	assert_int_equal(pc5s_encode(&decoded, again, sizeof(again), NULL), (int)len);
	assert_memory_equal(data, again, len);
	/* every size that is too small is refused, the exact one is enough */
	for (size_t size = 0; size < len; size++)
		assert_int_equal(pc5s_encode(&decoded, again, size, NULL), -1);
	assert_int_equal(pc5s_encode(&decoded, again, len, NULL), (int)len);
}

static void round_trip(void **context)
{
	(void)context;
	each(check_round_trip);
}

/*
 * A prefix is refused unless it ends exactly between two optional IEs: then it is a valid
 * message with fewer of them. Decoding from an exact allocation lets ASan see an overread.
 */
static void check_truncated(const uint8_t *data, size_t len, const struct pc5s_message *m)
{
	size_t valid = 0;
	int optional = __builtin_popcountll(m->has & pc5s_optional(m->type));

	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		struct pc5s_message decoded;
		struct pc5s_error error = { 0 };

		memcpy(copy, data, cut);
		if (!pc5s_decode(&decoded, copy, cut, &error)) {
			valid++;
			assert_true((decoded.has & m->has) == decoded.has);
			assert_true(decoded.has != m->has);
		} else {
			assert_non_null(error.reason);
			assert_true(error.offset <= cut);
		}
		free(copy);
	}
	if (m->type == PC5S_KEY_ESTABLISHMENT)
		assert_int_equal(valid, 0);
	else
		assert_int_equal(valid, optional);
}

static void truncated(void **context)
{
	(void)context;
	each(check_truncated);
}

static size_t accepted, refused;

/* Each one-octet change decodes, to exactly one encoding, or is refused with a reason. */
static void check_mutated(const uint8_t *data, size_t len, const struct pc5s_message *m)
{
	static uint8_t again[PC5S_MAX_LEN];
	static unsigned int turn;
	uint8_t *copy;

	/* of the long messages, which are many and much alike, one in eight: time */
	if (__builtin_popcountll(m->has & pc5s_optional(m->type)) > 3 && turn++ % 8)
		return;
	copy = malloc(len);
	memcpy(copy, data, len);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct pc5s_message decoded;
			struct pc5s_error error = { 0 };

			copy[i] = (uint8_t)(data[i] ^ 1 << bit);
			if (pc5s_decode(&decoded, copy, len, &error)) {
				assert_non_null(error.reason);
				assert_true(error.offset <= len);
				refused++;
				continue;
			}
			accepted++;
			assert_int_equal(pc5s_encode(&decoded, again, sizeof(again), NULL),
					 (int)len);
			assert_memory_equal(again, copy, len);
		}
		copy[i] = data[i];
	}
	free(copy);
}

static void check_mutated_all_values(const uint8_t *data, size_t len, const struct pc5s_message *m)
{
	static unsigned int turn;
	uint8_t *copy;

	(void)m;
	/* all 256 values of each octet, for one message in thirty-two: time */
	if (turn++ % 32)
		return;
	copy = malloc(len);
	memcpy(copy, data, len);
	for (size_t i = 0; i < len && i < 120; i++) {
		for (int value = 0; value < 256; value++) {
			struct pc5s_message decoded;

			copy[i] = (uint8_t)value;
			if (!pc5s_decode(&decoded, copy, len, NULL)) {
				static uint8_t again[PC5S_MAX_LEN];

				assert_int_equal(pc5s_encode(&decoded, again, sizeof(again), NULL),
						 (int)len);
				assert_memory_equal(again, copy, len);
			}
		}
		copy[i] = data[i];
	}
	free(copy);
}

static void mutated(void **context)
{
	(void)context;
	accepted = refused = 0;
	each(check_mutated);
	each(check_mutated_all_values);
	assert_true(accepted > 1000);
	assert_true(refused > 1000);
}

static void noise(void **context)
{
	uint8_t data[400];
	struct pc5s_message m;

	(void)context;
	for (int i = 0; i < 200000; i++) {
		size_t len = next() % sizeof(data);
		uint8_t *exact = malloc(len ? len : 1);

		octets(data, len);
		if (len)
			data[0] = pc5s_type_at(next() % 17);
		memcpy(exact, data, len);
		pc5s_decode(&m, exact, len, NULL);
		free(exact);
	}
}

/* Sizes of spec: minimal messages of TS 24.334. */
static void sizes(void **context)
{
	static const struct {
		uint8_t type;
		int len;
	} minimal[] = {
		{ PC5S_ACCEPT, 4 }, { PC5S_REJECT, 4 }, { PC5S_KEEPALIVE, 7 },
		{ PC5S_KEEPALIVE_ACK, 7 }, { PC5S_RELEASE, 4 }, { PC5S_RELEASE_ACCEPT, 3 },
		{ PC5S_SMC_COMMAND, 23 }, { PC5S_SMC_COMPLETE, 3 }, { PC5S_SMC_REJECT, 4 },
		{ PC5S_REKEYING_REQUEST, 22 }, { PC5S_REKEYING_RESPONSE, 3 },
		{ PC5S_REKEYING_TRIGGER, 3 },
	};
	uint8_t out[600];
	struct pc5s_message m;

	(void)context;
	for (size_t i = 0; i < sizeof(minimal) / sizeof(minimal[0]); i++) {
		fill(&m, minimal[i].type, 0);
		assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), minimal[i].len);
	}
	/* 28 + n, n the length octet of User Info */
	for (int n = 2; n <= 252; n++) {
		fill(&m, PC5S_REQUEST, 0);
		m.user_info.type = PC5S_USER_INFO_UPPER_LAYERS;
		m.user_info.len = (uint8_t)(n - 1);
		assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), 28 + n);
		assert_int_equal(out[3], n);
	}
	fill(&m, PC5S_SMC_COMPLETE, PC5S_BIT(PC5S_IE_LSB_KD_ID));
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), 6);
}

static void user_info_octets(void **context)
{
	/* name "ab": 03 61 16 20 by figure 12.5.1.3.1 */
	static const uint8_t ab[] = { 0x03, 0x61, 0x16, 0x20 };
	/* IMSI 00101 0123456789, 15 digits: odd */
	static const uint8_t imsi[] = { 0x08, 0x0b, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98 };
	/* 14 digits: even, the last high nibble is 1111 */
	static const uint8_t imsi_even[] = { 0x08, 0x03, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76,
					     0xf8 };
	struct pc5s_message m, decoded;
	uint8_t out[600];

	(void)context;
	fill(&m, PC5S_REQUEST, 0);
	m.user_info = (struct pc5s_user_info){ PC5S_USER_INFO_UPPER_LAYERS, 2, "ab" };
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), 31);
	assert_memory_equal(out + 3, ab, sizeof(ab));

	m.user_info = (struct pc5s_user_info){ PC5S_USER_INFO_IMSI, 15, "001010123456789" };
	assert_true(pc5s_encode(&m, out, sizeof(out), NULL) > 0);
	assert_memory_equal(out + 3, imsi, sizeof(imsi));
	assert_int_equal(pc5s_decode(&decoded, out, 36, NULL), 0);
	assert_int_equal(decoded.user_info.len, 15);
	assert_memory_equal(decoded.user_info.value, "001010123456789", 15);

	m.user_info = (struct pc5s_user_info){ PC5S_USER_INFO_IMSI, 14, "00101012345678" };
	assert_true(pc5s_encode(&m, out, sizeof(out), NULL) > 0);
	assert_memory_equal(out + 3, imsi_even, sizeof(imsi_even));
}

static void request_octets(void **context)
{
	static const uint8_t expected[] = {
		0x01, 0x12, 0x34,			/* type, sequence number */
		0x03, 0x61, 0x16, 0x20,			/* User Info "ab" */
		0x03,					/* address allocation not supported */
		0x00, 0x00, 0x00, 0x3c,			/* 60 s */
		0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
		0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,	/* Nonce_1 */
		0x20, 0x20,				/* 128-EEA2, 128-EIA2 */
		0xa5,					/* MSB of KD-sess ID */
#ifndef PROSE_IEI_DECIMAL
		0x17, 0x01, 0x02, 0x03, 0x04,		/* KD ID */
#else
		0x11, 0x01, 0x02, 0x03, 0x04,
#endif
		0x61, 0x02, 0x02, 0x01,			/* Keying Methods */
		0x62, 0x03, 0x02, 0x01, 0x00,		/* Security Policy */
	};
	struct pc5s_message m = {
		.type = PC5S_REQUEST, .sequence = 0x1234,
		.has = PC5S_BIT(PC5S_IE_KD_ID) | PC5S_BIT(PC5S_IE_KEYING_METHODS) |
		       PC5S_BIT(PC5S_IE_SECURITY_POLICY),
		.user_info = { PC5S_USER_INFO_UPPER_LAYERS, 2, "ab" },
		.ip_config = PC5S_IP_CONFIG_NONE, .max_inactivity = 60, .capabilities = 0x2020,
		.msb_kd_sess_id = 0xa5, .kd_id = 0x01020304, .methods = { 2, { 2, 1 } },
		.policy = { 2, 1, 0 },
	};
	uint8_t out[100];

	(void)context;
	for (int i = 0; i < 16; i++)
		m.nonce_1[i] = (uint8_t)(0x40 + i);
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), sizeof(expected));
	assert_memory_equal(out, expected, sizeof(expected));
}

/* 130 octets of TS 24.334, and 3 + 273 where it has room for 257 at most. */
static void isolated_octets(void **context)
{
	static const uint8_t chosen[] = { 0x20, 0x20 };
	struct pc5s_message m = {
		.type = PC5S_SMC_COMMAND,
		.has = PC5S_BIT(PC5S_IE_SIGNATURE) | PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD),
		.capabilities = 0x2020, .chosen_algorithms = 0x22, .lsb_kd_sess_id = 0x5a,
		.encrypted_payload = { blob, 273 },
	}, decoded;
	uint8_t out[1200];

	(void)context;
	memset(m.signature, 0x77, sizeof(m.signature));
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), 23 + 130 + 3 + 273);
	assert_memory_equal(out + 3, chosen, sizeof(chosen));
	assert_int_equal(out[23], PC5S_IEI_SIGNATURE);
	assert_memory_equal(out + 24, m.signature, sizeof(m.signature));
	assert_int_equal(out[153], PC5S_IEI_ENCRYPTED_PAYLOAD);
	assert_int_equal(out[154], 1);
	assert_int_equal(out[155], 17);
	assert_memory_equal(out + 156, blob, 273);
	/* They are the standard's: strict TS 24.334 takes them. */
	assert_int_equal(pc5s_decode(&decoded, out, 429, NULL), 0);
	assert_false(pc5s_has_extensions(&decoded));
	m.encrypted_payload.len = PC5S_ENCRYPTED_PAYLOAD_MAX;
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), 156 + 1024);
	m.encrypted_payload.len++;
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
	m.encrypted_payload.len = 0;
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
}

static void refuse(const uint8_t *data, size_t len, size_t offset, const char *reason)
{
	struct pc5s_message m;
	struct pc5s_error error;

	assert_int_equal(pc5s_decode(&m, data, len, &error), -1);
	assert_string_equal(error.reason, reason);
	assert_int_equal(error.offset, offset);
}

#define REFUSE(offset, reason, ...) do { \
	static const uint8_t octets_[] = { __VA_ARGS__ }; \
	refuse(octets_, sizeof(octets_), offset, reason); \
} while (0)

/* The offset and the reason are exact. */
static void errors(void **context)
{
	(void)context;
	refuse((const uint8_t *)"", 0, 0, "shorter than type and sequence number");
	REFUSE(0, "unknown message type", 0, 0, 0);
	REFUSE(0, "unknown message type", 8, 0, 0);
	REFUSE(0, "unknown message type", 0xff, 0, 0);
	REFUSE(3, "value cut off", PC5S_REJECT, 0, 0);
	REFUSE(3, "reserved value", PC5S_REJECT, 0, 0, 0);
	REFUSE(3, "reserved value", PC5S_REJECT, 0, 0, 11);
	REFUSE(3, "reserved value", PC5S_RELEASE, 0, 0, 4);
	REFUSE(3, "reserved value", PC5S_ACCEPT, 0, 0, 0x13);
	REFUSE(3, "IE is unknown, repeated or out of order", PC5S_RELEASE_ACCEPT, 0, 0, 0);
	REFUSE(12, "IE is unknown, repeated or out of order",
	       PC5S_KEEPALIVE, 0, 0, 0, 0, 0, 1, 0x07, 0, 0, 0, 9, 0x07, 0, 0, 0, 9);
	REFUSE(4, "IE is unknown, repeated or out of order", PC5S_ACCEPT, 0, 0, 3, 0x7f);
	REFUSE(5, "length octet missing", PC5S_ACCEPT, 0, 0, 3, 0x63);
	REFUSE(7, "value cut off", PC5S_ACCEPT, 0, 0, 3, 0x63, 8, 1);
	REFUSE(6, "wrong length", PC5S_ACCEPT, 0, 0, 3, 0x63, 1, 1);
	REFUSE(6, "reserved address family", PC5S_ACCEPT, 0, 0, 3, 0x64, 5, 5, 1, 2, 3, 4);
	REFUSE(11, "address cut off", PC5S_ACCEPT, 0, 0, 3, 0x64, 6, 4, 1, 2, 3, 4, 4);
	REFUSE(3, "length octet missing", PC5S_REQUEST, 0, 0);
	REFUSE(4, "value too short", PC5S_REQUEST, 0, 0, 1, 0x61);
	REFUSE(4, "reserved type of user info", PC5S_REQUEST, 0, 0, 2, 0x60, 0x10);
	REFUSE(4, "spare bit is set", PC5S_REQUEST, 0, 0, 2, 0x69, 0x10);
	REFUSE(5, "spare bits are set", PC5S_REQUEST, 0, 0, 2, 0x61, 0x11);
	REFUSE(21, "spare bits are set", PC5S_SMC_COMMAND, 0, 0, 0x20, 0x20,
	       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a, 1);
}

static void key_establishment_rules(void **context)
{
	struct pc5s_message m;
	uint8_t out[2000];

	(void)context;
	fill(&m, PC5S_KEY_ESTABLISHMENT, PC5S_BIT(PC5S_IE_CONTAINER));
	assert_true(pc5s_encode(&m, out, sizeof(out), NULL) > 0);
	m.ke_flags |= PC5S_KE_ACK;
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
	m.ke_flags = 0;
	m.ke_total = (uint16_t)(m.container.len - 1);
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
	m.ke_total = m.container.len;
	m.ke_flags = PC5S_KE_MORE;
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
	m.ke_flags = 0;
	m.ke_round = 0;		/* without Nonce_2 */
	assert_int_equal(pc5s_encode(&m, out, sizeof(out), NULL), -1);
}

static void extensions(void **context)
{
	struct pc5s_message m;

	(void)context;
	fill(&m, PC5S_REQUEST, PC5S_BIT(PC5S_IE_KD_ID) | PC5S_BIT(PC5S_IE_SIGNATURE));
	assert_false(pc5s_has_extensions(&m));
	fill(&m, PC5S_REQUEST, PC5S_BIT(PC5S_IE_TARGET_INFO));
	assert_true(pc5s_has_extensions(&m));
	fill(&m, PC5S_CONNECTION_COMPLETE, 0);
	assert_true(pc5s_has_extensions(&m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(truncated),
		cmocka_unit_test(mutated),
		cmocka_unit_test(noise),
		cmocka_unit_test(sizes),
		cmocka_unit_test(user_info_octets),
		cmocka_unit_test(request_octets),
		cmocka_unit_test(isolated_octets),
		cmocka_unit_test(errors),
		cmocka_unit_test(key_establishment_rules),
		cmocka_unit_test(extensions),
	};

	return cmocka_run_group_tests_name("pc5s", tests, NULL, NULL);
}
