// SPDX-License-Identifier: MIT
/*
 * The PC5-S codec. An input whose first octet is not 0 is a message from the air: refused
 * with a place inside it, or decoded and then encoded again to the very same octets. Else
 * its octets fill in a message of our own: refused, or encoded, decoded and equal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pc5s.h"
#include "lib/fuzz.h"

static void from_the_air(const uint8_t *data, size_t size)
{
	struct pc5s_error error = { 0 };
	struct pc5s_message message;
	uint8_t *again;
	int len;

	if (pc5s_decode(&message, data, size, &error)) {
		fuzz_check(error.offset <= size && error.ie && *error.reason);
		return;
	}
	fuzz_check(pc5s_type_known(message.type));
	fuzz_check((message.has & pc5s_mandatory(message.type)) == pc5s_mandatory(message.type));
	fuzz_check(!(message.has & ~(pc5s_mandatory(message.type) |
				     pc5s_optional(message.type))));
	again = malloc(size);
	fuzz_check(again);
	len = pc5s_encode(&message, again, size, &error);
	fuzz_check(len == (int)size && !memcmp(again, data, size));
	/* One octet less is not enough room, and is noticed. */
	fuzz_check(pc5s_encode(&message, again, size - 1, &error) == -1);
	pc5s_has_extensions(&message);
	free(again);
}

static void take_user_info(struct fuzz_input *input, struct pc5s_user_info *info)
{
	info->type = fuzz_u8(input);
	info->len = fuzz_u8(input);
	/* Digits are what an IMSI is made of; anything else is refused, which is seen soon. */
	for (size_t i = 0; i < info->len && i < sizeof(info->value); i++) {
		info->value[i] = fuzz_u8(input);
		if (info->type == PC5S_USER_INFO_IMSI && info->value[i] < 128)
			info->value[i] = (uint8_t)('0' + info->value[i] % 10);
	}
	if (info->len > sizeof(info->value))
		memset(info->value, 0, sizeof(info->value));
}

static void take_span(struct fuzz_input *input, struct pc5s_octets *span)
{
	span->len = fuzz_u16(input) % 4200;
	if (span->len > input->len)
		span->len = (uint16_t)input->len;
	span->data = input->at;
	input->at += span->len;
	input->len -= span->len;
}

static void take_ie(struct fuzz_input *input, struct pc5s_message *m, enum pc5s_ie ie)
{
	switch (ie) {
	case PC5S_IE_USER_INFO:
		take_user_info(input, &m->user_info);
		break;
	case PC5S_IE_TARGET_INFO:
		take_user_info(input, &m->target_info);
		break;
	case PC5S_IE_IP_CONFIG:
		m->ip_config = fuzz_u8(input);
		break;
	case PC5S_IE_MAX_INACTIVITY:
		m->max_inactivity = fuzz_u32(input);
		break;
	case PC5S_IE_NONCE_1:
		fuzz_octets(input, m->nonce_1, sizeof(m->nonce_1));
		break;
	case PC5S_IE_NONCE_2:
		fuzz_octets(input, m->nonce_2, sizeof(m->nonce_2));
		break;
	case PC5S_IE_CAPABILITIES:
		m->capabilities = fuzz_u16(input);
		break;
	case PC5S_IE_MSB_KD_SESS_ID:
		m->msb_kd_sess_id = fuzz_u8(input);
		break;
	case PC5S_IE_LSB_KD_SESS_ID:
		m->lsb_kd_sess_id = fuzz_u8(input);
		break;
	case PC5S_IE_CHOSEN_ALGORITHMS:
		m->chosen_algorithms = fuzz_u8(input);
		break;
	case PC5S_IE_KD_ID:
		m->kd_id = fuzz_u32(input);
		break;
	case PC5S_IE_MSB_KD_ID:
		m->msb_kd_id = fuzz_u16(input);
		break;
	case PC5S_IE_LSB_KD_ID:
		m->lsb_kd_id = fuzz_u16(input);
		break;
	case PC5S_IE_RELAY_SERVICE_CODE:
		m->relay_service_code = fuzz_u32(input) >> 7;
		break;
	case PC5S_IE_SIGNATURE:
		fuzz_octets(input, m->signature, sizeof(m->signature));
		break;
	case PC5S_IE_LINK_LOCAL:
		fuzz_octets(input, m->link_local, sizeof(m->link_local));
		break;
	case PC5S_IE_CAUSE:
		m->cause = fuzz_u8(input);
		break;
	case PC5S_IE_KEEPALIVE_COUNTER:
		m->keepalive_counter = fuzz_u32(input);
		break;
	case PC5S_IE_RELEASE_REASON:
		m->release_reason = fuzz_u8(input);
		break;
	case PC5S_IE_KD_FRESHNESS:
		fuzz_octets(input, m->kd_freshness, sizeof(m->kd_freshness));
		break;
	case PC5S_IE_GPI:
		take_span(input, &m->gpi);
		break;
	case PC5S_IE_ENCRYPTED_PAYLOAD:
		take_span(input, &m->encrypted_payload);
		break;
	case PC5S_IE_CONTAINER:
		take_span(input, &m->container);
		break;
	case PC5S_IE_METHOD_CONTAINER:
		m->method_container.method = fuzz_u8(input);
		take_span(input, &m->method_container.octets);
		break;
	case PC5S_IE_RAND:
		fuzz_octets(input, m->rand, sizeof(m->rand));
		break;
	case PC5S_IE_AUTS:
		fuzz_octets(input, m->auts, sizeof(m->auts));
		break;
	case PC5S_IE_AUTH_FLAG:
		m->auth_flag = fuzz_u8(input);
		break;
	case PC5S_IE_PRUK_ID:
		fuzz_octets(input, m->pruk_id, sizeof(m->pruk_id));
		break;
	case PC5S_IE_INFO_TYPE:
		m->info_type = fuzz_u8(input);
		break;
	case PC5S_IE_IMEI:
		fuzz_octets(input, m->imei, sizeof(m->imei));
		break;
	case PC5S_IE_KEYING_METHODS:
		m->methods.n = fuzz_u8(input) % (PC5S_METHODS_MAX + 2);
		fuzz_octets(input, m->methods.id,
			    m->methods.n <= PC5S_METHODS_MAX ? m->methods.n : 0);
		break;
	case PC5S_IE_SELECTED_METHOD:
		m->selected_method = fuzz_u8(input);
		break;
	case PC5S_IE_SECURITY_POLICY:
		m->policy.up_integrity = fuzz_u8(input);
		m->policy.up_ciphering = fuzz_u8(input);
		m->policy.count_profile = fuzz_u8(input);
		break;
	case PC5S_IE_CHOSEN_POLICY:
		m->chosen_policy = fuzz_u8(input);
		break;
	case PC5S_IE_EXPRESSIONS:
		m->expressions.n = fuzz_u8(input) % (PROSE_EXPRESSIONS_MAX + 2);
		for (size_t i = 0; i < m->expressions.n && i < PROSE_EXPRESSIONS_MAX; i++) {
			char *name = m->expressions.name[i];
			size_t len;

			fuzz_octets(input, (uint8_t *)name,
				    fuzz_u8(input) % (PROSE_EXPRESSION_MAX + 2));
			/* a name ends at its first zero; what is behind it is not on the air */
			len = strnlen(name, PROSE_EXPRESSION_MAX + 1);
			memset(name + len, 0, PROSE_EXPRESSION_MAX + 1 - len);
		}
		break;
	case PC5S_IE_COOKIE:
		fuzz_octets(input, m->cookie, sizeof(m->cookie));
		break;
	case PC5S_IE_LINK_L2_ID:
		m->link_l2_id = fuzz_u32(input) >> 7;
		break;
	case PC5S_IE_CONNECTION_ID:
		fuzz_octets(input, m->connection_id, sizeof(m->connection_id));
		break;
	case PC5S_IE_ADDRESSES:
		m->addresses.n = fuzz_u8(input) % (PC5S_ADDRESSES_MAX + 2);
		for (size_t i = 0; i < m->addresses.n && i < PC5S_ADDRESSES_MAX; i++) {
			m->addresses.a[i].family = fuzz_u8(input);
			fuzz_octets(input, m->addresses.a[i].addr,
				    m->addresses.a[i].family == 4 ? 4 : 16);
		}
		break;
	case PC5S_IE_COUNTS:
		m->counts.n = fuzz_u8(input) % (PC5S_COUNTS_MAX + 2);
		for (size_t i = 0; i < m->counts.n && i < PC5S_COUNTS_MAX; i++) {
			m->counts.c[i].lcid = fuzz_u8(input);
			m->counts.c[i].sent = fuzz_u32(input);
			m->counts.c[i].received = fuzz_u32(input);
		}
		break;
	case PC5S_IE_REQUEST_HASH:
		fuzz_octets(input, m->request_hash, sizeof(m->request_hash));
		break;
	case PC5S_IE_KE_METHOD:
		m->ke_method = fuzz_u8(input);
		break;
	case PC5S_IE_KE_ROUND:
		m->ke_round = fuzz_u8(input);
		break;
	case PC5S_IE_KE_FRAGMENT:
		m->ke_fragment = fuzz_u8(input);
		break;
	case PC5S_IE_KE_FLAGS:
		m->ke_flags = fuzz_u8(input);
		break;
	case PC5S_IE_KE_TOTAL:
		m->ke_total = fuzz_u16(input);
		break;
	case PC5S_IE_N:
		break;
	}
}

static void same_span(struct pc5s_octets *a, struct pc5s_octets *b)
{
	fuzz_check(a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len)));
	a->data = b->data = NULL;
}

static void of_our_own(struct fuzz_input *input)
{
	static struct pc5s_message message, decoded;
	struct pc5s_error error;
	uint8_t *out, *exact;
	uint64_t wanted;
	size_t size;
	int len;

	memset(&message, 0, sizeof(message));
	message.type = fuzz_u8(input);
	message.sequence = fuzz_u16(input);
	wanted = (uint64_t)fuzz_u32(input) << 32;
	wanted |= fuzz_u32(input);
	/* As a rule only what the message may have; now and then anything. */
	size = fuzz_u8(input) ? PC5S_MAX_LEN : fuzz_u16(input);
	message.has = fuzz_u8(input) == 0xff ? wanted & (PC5S_BIT(PC5S_IE_N) - 1) :
		      wanted & pc5s_optional(message.type);
	for (int ie = 0; ie < PC5S_IE_N; ie++)
		if (PC5S_BIT(ie) & (message.has | pc5s_mandatory(message.type)))
			take_ie(input, &message, (enum pc5s_ie)ie);

	out = malloc(size + 1);
	fuzz_check(out);
	len = pc5s_encode(&message, out, size, &error);
	if (len < 0) {
		fuzz_check(error.ie && *error.reason);
		free(out);
		return;
	}
	fuzz_check(len <= PC5S_MAX_LEN && (size_t)len <= size);
	exact = malloc((size_t)len);
	fuzz_check(exact);
	memcpy(exact, out, (size_t)len);
	/* What we send is what a peer accepts and understands. */
	fuzz_check(!pc5s_decode(&decoded, exact, (size_t)len, &error));
	message.has |= pc5s_mandatory(message.type);
	same_span(&message.gpi, &decoded.gpi);
	same_span(&message.encrypted_payload, &decoded.encrypted_payload);
	same_span(&message.container, &decoded.container);
	same_span(&message.method_container.octets, &decoded.method_container.octets);
	fuzz_check(!memcmp(&message, &decoded, sizeof(message)));
	from_the_air(exact, (size_t)len);
	free(exact);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	if (size && data[0]) {
		from_the_air(data, size);
		return 0;
	}
	fuzz_u8(&input);
	of_our_own(&input);
	return 0;
}

/* Each message with its mandatory IEs, with each optional one, and with all. */
static void seed(fuzz_put *put, const char *name, uint8_t type, uint64_t has)
{
	struct pc5s_message m = {
		.type = type, .sequence = 0x1234, .has = has, .ip_config = 3,
		.max_inactivity = 60, .capabilities = 0x2020, .msb_kd_sess_id = 7,
		.lsb_kd_sess_id = 9, .chosen_algorithms = 0x22, .kd_id = 0x01020304,
		.msb_kd_id = 0x0102, .lsb_kd_id = 0x0304, .relay_service_code = 0x010203,
		.cause = 2, .keepalive_counter = 5, .release_reason = 1, .auth_flag = 1,
		.info_type = 1, .selected_method = 2, .ke_method = 2, .ke_round = 2,
		.methods = { 2, { 2, 1 } }, .policy = { 2, 2, 0 },
		.user_info = { PC5S_USER_INFO_UPPER_LAYERS, 3, "ue1" },
		.target_info = { PC5S_USER_INFO_IMSI, 15, "001010123456789" },
		.gpi = { (const uint8_t *)"gpi", 3 },
		.encrypted_payload = { (const uint8_t *)"payload", 7 },
		.container = { (const uint8_t *)"\x16\x03\x03\x00\x05hello", 10 },
		.addresses = { 2, { { 4, { 10, 0, 0, 1 } }, { 6, { 0xfd, [15] = 1 } } } },
		.counts = { 2, { { 1, 7, 8 }, { 30, 9, 10 } } },
	};
	uint8_t out[PC5S_MAX_LEN];
	int len;

	memset(m.nonce_1, 0x11, sizeof(m.nonce_1));
	memset(m.nonce_2, 0x22, sizeof(m.nonce_2));
	memset(m.request_hash, 0x33, sizeof(m.request_hash));
	if (type == PC5S_KEY_ESTABLISHMENT) {
		m.ke_flags = pc5s_has(&m, PC5S_IE_CAUSE) ? PC5S_KE_ABORT :
			     !pc5s_has(&m, PC5S_IE_CONTAINER) ? PC5S_KE_ACK : 0;
		m.ke_total = m.ke_flags ? 0 : m.container.len;
		m.ke_round = pc5s_has(&m, PC5S_IE_NONCE_2) ? 0 : 2;
	}
	len = pc5s_encode(&m, out, sizeof(out), NULL);
	/* Of KEY ESTABLISHMENT not all IEs go together. */
	if (len <= 0)
		return;
	put(name, out, (size_t)len);
	/* Cut in the middle of what is last, which is where a missing check would show. */
	if (!has || has == pc5s_optional(type)) {
		char cut[96];

		snprintf(cut, sizeof(cut), "%s-cut", name);
		put(cut, out, (size_t)len - 1);
	}
}

void fuzz_seeds(fuzz_put *put)
{
	struct fuzz_output output = { 0 };
	char name[80];
	uint8_t type;

	for (size_t n = 0; (type = pc5s_type_at(n)); n++) {
		uint64_t optional = pc5s_optional(type);

		snprintf(name, sizeof(name), "%s", pc5s_type_name(type));
		seed(put, name, type, 0);
		snprintf(name, sizeof(name), "%s-all", pc5s_type_name(type));
		if (optional)
			seed(put, name, type, optional);
		for (int ie = 0; ie < PC5S_IE_N; ie++) {
			snprintf(name, sizeof(name), "%s-%d", pc5s_type_name(type), ie);
			if (optional & PC5S_BIT(ie))
				seed(put, name, type, PC5S_BIT(ie));
		}
		snprintf(name, sizeof(name), "own-%s", pc5s_type_name(type));
		output.len = 0;
		fuzz_put_u8(&output, 0);
		fuzz_put_u8(&output, type);
		fuzz_put_u16(&output, 1);
		for (int i = 0; i < 4; i++)
			fuzz_put_u16(&output, 0xffff);
		fuzz_put_u16(&output, 0x0100);
		for (int i = 0; i < 200; i++)
			fuzz_put_u8(&output, 1);
		put(name, output.data, output.len);
	}
	/* All that fits into one octet of length, and what ends a container. */
	seed(put, "KEY_ESTABLISHMENT-first", PC5S_KEY_ESTABLISHMENT,
	     PC5S_BIT(PC5S_IE_CONTAINER) | PC5S_BIT(PC5S_IE_NONCE_2));
}
