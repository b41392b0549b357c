// SPDX-License-Identifier: MIT
/*
 * PC5-S messages out of the codec of the product, for the dissector to be measured by.
 *
 *	messages good		every type with its mandatory IEs, with each optional IE, and with
 *				all; and every value that has a name
 *	messages bad		the same cut off at each octet, and with octets changed, put in and
 *				taken out; and what is refused for one reason only
 *
 * A line each: `taken` or `refused`, what the decoder says; the octets in hexadecimal; for
 * good ones FIELD=VALUE, as tshark shows it.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pc5s.h"

#define CHANGES	48	/* of a message, besides where it is cut off */

static const uint8_t gpi_octets[] = { 0xd1, 0xd2, 0xd3 };
/* As many as SAKKE makes. */
static const uint8_t payload_octets[273] = { 0xe1, 0xe2, [272] = 0xe3 };
/* A TLS alert: the dissector hands containers of certificates on. */
static const uint8_t alert[] = { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28 };

static void print_hex(const char *name, const uint8_t *octets, size_t len)
{
	printf("%s", name);
	while (len--)
		printf("%02x", *octets++);
}

static void print_address(int family, const uint8_t *octets)
{
	char text[INET6_ADDRSTRLEN];

	printf("%s", inet_ntop(family, octets, text, sizeof(text)));
}

static void print_user_info(const char *name, const struct pc5s_user_info *info)
{
	printf(" %s=%.*s", name, info->len, (const char *)info->value);
	/* Target Info has the same field for its type. */
	if (!strcmp(name, "pc5s.user_info"))
		printf(" pc5s.user_info.type=%u", info->type);
}

static void print_addresses(const struct pc5s_addresses *addresses)
{
	static const struct {
		uint8_t family;
		int af;
		const char *field;
	} kinds[] = { { 4, AF_INET, "ipv4" }, { 6, AF_INET6, "ipv6" } };

	for (size_t k = 0; k < 2; k++) {
		const char *between = "=";

		for (size_t i = 0; i < addresses->n; i++) {
			if (addresses->a[i].family != kinds[k].family)
				continue;
			if (*between == '=')
				printf(" pc5s.address.%s", kinds[k].field);
			printf("%s", between);
			print_address(kinds[k].af, addresses->a[i].addr);
			between = ",";
		}
	}
}

static void print_counts(const struct pc5s_counts *counts)
{
	printf(" pc5s.counts.lcid=");
	for (size_t i = 0; i < counts->n; i++)
		printf("%s%u", i ? "," : "", counts->c[i].lcid);
	printf(" pc5s.counts.sent=");
	for (size_t i = 0; i < counts->n; i++)
		printf("%s%u", i ? "," : "", counts->c[i].sent);
	printf(" pc5s.counts.received=");
	for (size_t i = 0; i < counts->n; i++)
		printf("%s%u", i ? "," : "", counts->c[i].received);
}

static void print_ie(const struct pc5s_message *m, enum pc5s_ie ie)
{
	switch (ie) {
	case PC5S_IE_USER_INFO:
		print_user_info("pc5s.user_info", &m->user_info);
		break;
	case PC5S_IE_TARGET_INFO:
		print_user_info("pc5s.target_info", &m->target_info);
		break;
	case PC5S_IE_IP_CONFIG:
		printf(" pc5s.ip_config=%u", m->ip_config);
		break;
	case PC5S_IE_MAX_INACTIVITY:
		printf(" pc5s.max_inactivity=%u", m->max_inactivity);
		break;
	case PC5S_IE_NONCE_1:
		print_hex(" pc5s.nonce_1=", m->nonce_1, sizeof(m->nonce_1));
		break;
	case PC5S_IE_NONCE_2:
		print_hex(" pc5s.nonce_2=", m->nonce_2, sizeof(m->nonce_2));
		break;
	case PC5S_IE_CAPABILITIES:
		printf(" pc5s.capabilities=0x%04x pc5s.capabilities.eea0=%u pc5s.capabilities.eia7=%u",
		       m->capabilities, m->capabilities >> 15, m->capabilities & 1);
		break;
	case PC5S_IE_MSB_KD_SESS_ID:
		printf(" pc5s.msb_kd_sess_id=0x%02x", m->msb_kd_sess_id);
		break;
	case PC5S_IE_LSB_KD_SESS_ID:
		printf(" pc5s.lsb_kd_sess_id=0x%02x", m->lsb_kd_sess_id);
		break;
	case PC5S_IE_KD_ID:
		printf(" pc5s.kd_id=0x%08x", m->kd_id);
		break;
	case PC5S_IE_MSB_KD_ID:
		printf(" pc5s.msb_kd_id=0x%04x", m->msb_kd_id);
		break;
	case PC5S_IE_LSB_KD_ID:
		printf(" pc5s.lsb_kd_id=0x%04x", m->lsb_kd_id);
		break;
	case PC5S_IE_RELAY_SERVICE_CODE:
		printf(" pc5s.relay_service_code=0x%06x", m->relay_service_code);
		break;
	case PC5S_IE_SIGNATURE:
		print_hex(" pc5s.signature=", m->signature, sizeof(m->signature));
		break;
	case PC5S_IE_LINK_LOCAL:
		printf(" pc5s.link_local=");
		print_address(AF_INET6, m->link_local);
		break;
	case PC5S_IE_CAUSE:
		printf(" pc5s.cause=%u", m->cause);
		break;
	case PC5S_IE_KEEPALIVE_COUNTER:
		printf(" pc5s.keepalive_counter=%u", m->keepalive_counter);
		break;
	case PC5S_IE_RELEASE_REASON:
		printf(" pc5s.release_reason=%u", m->release_reason);
		break;
	case PC5S_IE_CHOSEN_ALGORITHMS:
		printf(" pc5s.chosen_algorithms=0x%02x pc5s.eea=%u pc5s.eia=%u", m->chosen_algorithms,
		       m->chosen_algorithms >> 4, m->chosen_algorithms & 7);
		break;
	case PC5S_IE_KD_FRESHNESS:
		print_hex(" pc5s.kd_freshness=", m->kd_freshness, sizeof(m->kd_freshness));
		break;
	case PC5S_IE_GPI:
		print_hex(" pc5s.gpi=", m->gpi.data, m->gpi.len);
		break;
	case PC5S_IE_ENCRYPTED_PAYLOAD:
		print_hex(" pc5s.encrypted_payload=", m->encrypted_payload.data,
			  m->encrypted_payload.len);
		break;
	case PC5S_IE_RAND:
		print_hex(" pc5s.rand=", m->rand, sizeof(m->rand));
		break;
	case PC5S_IE_AUTS:
		print_hex(" pc5s.auts=", m->auts, sizeof(m->auts));
		break;
	case PC5S_IE_AUTH_FLAG:
		printf(" pc5s.auth_flag=%u", m->auth_flag);
		break;
	case PC5S_IE_PRUK_ID:
		print_hex(" pc5s.pruk_id=", m->pruk_id, sizeof(m->pruk_id));
		break;
	case PC5S_IE_INFO_TYPE:
		printf(" pc5s.info_type=%u", m->info_type);
		break;
	case PC5S_IE_IMEI:
		print_hex(" pc5s.imei=", m->imei, sizeof(m->imei));
		break;
	case PC5S_IE_KEYING_METHODS:
		printf(" pc5s.keying_method=");
		for (size_t i = 0; i < m->methods.n; i++)
			printf("%s%u", i ? "," : "", m->methods.id[i]);
		break;
	case PC5S_IE_SECURITY_POLICY:
		printf(" pc5s.up_integrity=%u pc5s.up_ciphering=%u pc5s.count_profile=%u",
		       m->policy.up_integrity, m->policy.up_ciphering, m->policy.count_profile);
		break;
	case PC5S_IE_CHOSEN_POLICY:
		printf(" pc5s.chosen_policy=%u", m->chosen_policy);
		break;
	case PC5S_IE_EXPRESSIONS:
		printf(" pc5s.expression=");
		for (size_t i = 0; i < m->expressions.n; i++)
			printf("%s%s", i ? "," : "", m->expressions.name[i]);
		break;
	case PC5S_IE_COOKIE:
		print_hex(" pc5s.cookie=", m->cookie, sizeof(m->cookie));
		break;
	case PC5S_IE_LINK_L2_ID:
		printf(" pc5s.link_l2_id=0x%06x", m->link_l2_id);
		break;
	case PC5S_IE_CONNECTION_ID:
		print_hex(" pc5s.connection_id=", m->connection_id, sizeof(m->connection_id));
		break;
	case PC5S_IE_ADDRESSES:
		print_addresses(&m->addresses);
		break;
	case PC5S_IE_COUNTS:
		print_counts(&m->counts);
		break;
	case PC5S_IE_REQUEST_HASH:
		print_hex(" pc5s.request_hash=", m->request_hash, sizeof(m->request_hash));
		break;
	case PC5S_IE_SELECTED_METHOD:
		printf(" pc5s.selected_method=%u", m->selected_method);
		break;
	case PC5S_IE_KE_METHOD:
		printf(" pc5s.ke.method=%u", m->ke_method);
		break;
	case PC5S_IE_KE_ROUND:
		printf(" pc5s.ke.round=%u", m->ke_round);
		break;
	case PC5S_IE_KE_FRAGMENT:
		printf(" pc5s.ke.fragment=%u", m->ke_fragment);
		break;
	case PC5S_IE_KE_FLAGS:
		printf(" pc5s.ke.flags=0x%02x pc5s.ke.more=%u pc5s.ke.ack=%u pc5s.ke.abort=%u",
		       m->ke_flags, m->ke_flags & 1, m->ke_flags >> 1 & 1, m->ke_flags >> 2 & 1);
		break;
	case PC5S_IE_KE_TOTAL:
		printf(" pc5s.ke.total=%u", m->ke_total);
		break;
	case PC5S_IE_CONTAINER:
		print_hex(" pc5s.container=", m->container.data, m->container.len);
		break;
	case PC5S_IE_METHOD_CONTAINER:
		printf(" pc5s.embedded.method=%u", m->method_container.method);
		print_hex(" pc5s.embedded.container=", m->method_container.octets.data,
			  m->method_container.octets.len);
		break;
	case PC5S_IE_N:
		break;
	}
}

static void die(const char *what, const struct pc5s_message *m, const struct pc5s_error *error)
{
	fprintf(stderr, "messages: %s: %s %s: %s\n", what, pc5s_type_name(m->type), error->ie,
		error->reason);
	exit(1);
}

static void print_line(const uint8_t *octets, size_t len, bool with_fields)
{
	struct pc5s_message m;
	struct pc5s_error error;
	bool taken = !pc5s_decode(&m, octets, len, &error);

	print_hex(taken ? "taken " : "refused ", octets, len);
	if (with_fields) {
		if (!taken)
			die("does not decode", &m, &error);
		printf(" pc5s.type=%u pc5s.seq=%u", m.type, m.sequence);
		for (int ie = 0; ie < PC5S_IE_N; ie++)
			if (pc5s_has(&m, (enum pc5s_ie)ie))
				print_ie(&m, (enum pc5s_ie)ie);
	}
	printf("\n");
}

/* The same in every run. */
static uint32_t draw(uint32_t below)
{
	static uint64_t state = 33833;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static void print_bad(const uint8_t *octets, size_t len)
{
	uint8_t changed[PC5S_MAX_LEN];

	for (size_t i = 0; i < len; i++)
		print_line(octets, i, false);
	for (int i = 0; i < CHANGES; i++) {
		size_t at = draw((uint32_t)len);

		memcpy(changed, octets, len);
		switch (i % 4) {
		case 0:
			changed[at] ^= (uint8_t)(1u << draw(8));
			print_line(changed, len, false);
			break;
		case 1:
			changed[at] = (uint8_t)draw(256);
			print_line(changed, len, false);
			break;
		case 2:
			memmove(changed + at + 1, changed + at, len - at);
			changed[at] = (uint8_t)draw(256);
			print_line(changed, len + 1, false);
			break;
		case 3:
			memmove(changed + at, changed + at + 1, len - at - 1);
			print_line(changed, len - 1, false);
			break;
		}
	}
}

static bool bad;

static void put(struct pc5s_message *m)
{
	uint8_t octets[PC5S_MAX_LEN];
	struct pc5s_error error;
	int len;

	m->sequence++;
	len = pc5s_encode(m, octets, sizeof(octets) - 1, &error);
	if (len < 0)
		die("does not encode", m, &error);
	if (bad)
		print_bad(octets, (size_t)len);
	else
		print_line(octets, (size_t)len, true);
}

/* Something in every field. */
static void fill(struct pc5s_message *m, uint8_t type)
{
	memset(m, 0, sizeof(*m));
	m->type = type;
	m->sequence = (uint16_t)(0xff00 - (type << 8));
	m->user_info.type = PC5S_USER_INFO_UPPER_LAYERS;
	m->user_info.len = (uint8_t)strlen("urn:prose:ue1");
	memcpy(m->user_info.value, "urn:prose:ue1", m->user_info.len);
	m->target_info = m->user_info;
	m->target_info.value[m->target_info.len - 1] = '2';
	m->ip_config = PC5S_IP_CONFIG_NONE;
	m->max_inactivity = 0x01020304;
	m->capabilities = 0xf0f1;
	m->msb_kd_sess_id = 0x12;
	m->lsb_kd_sess_id = 0x34;
	m->chosen_algorithms = 0x21;
	m->kd_id = 0xdeadbeef;
	m->msb_kd_id = 0xdead;
	m->lsb_kd_id = 0xbeef;
	m->relay_service_code = 0x0a0b0c;
	m->cause = 2;
	m->keepalive_counter = 0xfffffffe;
	m->release_reason = 1;
	m->auth_flag = 1;
	m->info_type = 2;
	for (size_t i = 0; i < sizeof(m->signature); i++)
		m->signature[i] = (uint8_t)(i + 1);
	memcpy(m->nonce_1, m->signature + 16, sizeof(m->nonce_1));
	memcpy(m->nonce_2, m->signature + 32, sizeof(m->nonce_2));
	memcpy(m->kd_freshness, m->signature + 48, sizeof(m->kd_freshness));
	memcpy(m->rand, m->signature + 64, sizeof(m->rand));
	memcpy(m->auts, m->signature + 80, sizeof(m->auts));
	memcpy(m->pruk_id, m->signature + 96, sizeof(m->pruk_id));
	memcpy(m->imei, m->signature + 104, sizeof(m->imei));
	memcpy(m->connection_id, m->signature + 113, sizeof(m->connection_id));
	memcpy(m->request_hash, m->signature + 8, sizeof(m->request_hash));
	inet_pton(AF_INET6, "fe80::200:ff:fe0a:b0c", m->link_local);
	m->gpi = (struct pc5s_octets){ gpi_octets, sizeof(gpi_octets) };
	m->encrypted_payload = (struct pc5s_octets){ payload_octets, sizeof(payload_octets) };
	m->methods = (struct pc5s_methods){ 2, { 2, 1 } };
	m->selected_method = 2;
	m->policy = (struct pc5s_policy){ 1, 2, 1 };
	m->chosen_policy = 1;
	m->expressions = (struct pc5s_expressions){ 2, { "voice", "chat" } };
	memcpy(m->cookie, m->signature + 5, sizeof(m->cookie));
	m->link_l2_id = 0x5d0e0f;
	m->addresses.n = 3;
	m->addresses.a[0].family = 4;
	inet_pton(AF_INET, "10.0.0.1", m->addresses.a[0].addr);
	m->addresses.a[1].family = 6;
	inet_pton(AF_INET6, "fd00::1", m->addresses.a[1].addr);
	m->addresses.a[2].family = 4;
	inet_pton(AF_INET, "192.0.2.7", m->addresses.a[2].addr);
	m->counts = (struct pc5s_counts){ 2, { { 1, 7, 8 }, { 30, 0xffffffff, 10 } } };
	m->method_container.method = 3;
	m->method_container.octets = (struct pc5s_octets){ alert, sizeof(alert) };
	m->ke_method = 1;
	m->ke_round = 1;
	m->container = (struct pc5s_octets){ alert, sizeof(alert) };
	m->ke_total = sizeof(alert);
}

static void put_names(void)
{
	struct pc5s_message m;
	uint8_t name[PC5S_USER_INFO_MAX];

	fill(&m, PC5S_REQUEST);
	memset(name, 'n', sizeof(name));
	memcpy(m.user_info.value, name, sizeof(name));
	m.user_info.len = PC5S_USER_INFO_MAX;
	put(&m);
	m.user_info.len = 1;
	put(&m);
	m.user_info.type = PC5S_USER_INFO_PRUK_ID;
	put(&m);
	m.user_info.type = PC5S_USER_INFO_IMSI;
	memcpy(m.user_info.value, "001010123456789", 15);
	m.user_info.len = 15;
	put(&m);
	m.user_info.len = 14;
	put(&m);
	m.user_info.len = 2;
	put(&m);
}

static void put_values(void)
{
	struct pc5s_message m;

	fill(&m, PC5S_REJECT);
	for (m.cause = 1; m.cause <= 10; m.cause++)
		put(&m);
	fill(&m, PC5S_RELEASE);
	for (m.release_reason = 1; m.release_reason <= 3; m.release_reason++)
		put(&m);
	fill(&m, PC5S_ACCEPT);
	for (m.ip_config = 0; m.ip_config <= 3; m.ip_config++)
		put(&m);
	m.ip_config = 3;
	m.has = PC5S_BIT(PC5S_IE_ADDRESSES);
	m.addresses.n = 0;
	put(&m);
	fill(&m, PC5S_REMOTE_UE_INFO_REQUEST);
	for (m.info_type = 1; m.info_type <= 2; m.info_type++)
		put(&m);
	fill(&m, PC5S_SMC_COMMAND);
	for (unsigned int chosen = 0; chosen < 64; chosen++) {
		m.chosen_algorithms = (uint8_t)((chosen & 0x38) << 1 | (chosen & 7));
		put(&m);
	}
	m.has = PC5S_BIT(PC5S_IE_SECURITY_POLICY);
	for (unsigned int policy = 0; policy < 18; policy++) {
		m.policy = (struct pc5s_policy){ (uint8_t)(policy % 3), (uint8_t)(policy / 3 % 3),
						 (uint8_t)(policy / 9) };
		put(&m);
	}
}

static void put_key_establishment(void)
{
	struct pc5s_message m;

	fill(&m, PC5S_KEY_ESTABLISHMENT);
	m.ke_method = 2;
	m.has = PC5S_BIT(PC5S_IE_CONTAINER);
	put(&m);
	/* The same in two fragments. */
	m.ke_round = 3;
	m.ke_flags = PC5S_KE_MORE;
	m.container.len = 3;
	put(&m);
	m.ke_flags = 0;
	m.ke_fragment = 1;
	m.container = (struct pc5s_octets){ alert + 3, sizeof(alert) - 3 };
	put(&m);
	m.ke_round = 0;
	m.ke_fragment = 0;
	m.container = (struct pc5s_octets){ alert, sizeof(alert) };
	m.has |= PC5S_BIT(PC5S_IE_NONCE_2);
	put(&m);
	m.has = 0;
	m.ke_total = 0;
	m.ke_flags = PC5S_KE_ACK;
	put(&m);
	m.ke_flags = PC5S_KE_ABORT;
	m.has = PC5S_BIT(PC5S_IE_CAUSE);
	put(&m);
}

static void put_type(uint8_t type)
{
	uint64_t optional = pc5s_optional(type);
	struct pc5s_message m;

	fill(&m, type);
	put(&m);
	for (int ie = 0; ie < PC5S_IE_N; ie++) {
		m.has = optional & PC5S_BIT(ie);
		if (m.has)
			put(&m);
	}
	m.has = optional;
	put(&m);
}

/* An octet many times, or a few written out; NULL ends a message. */
struct piece {
	const char *hex;
	size_t times;
};

/* What chance does not find: each is refused for one reason that nothing else is wrong with. */
static const struct piece refused[][8] = {
	/* ACCEPT: an address cut off within its IE, nine of them, a family that is none */
	{ { "0200010364040409090a", 1 } },
	{ { "0200010364", 1 }, { "2d", 1 }, { "040a000001", 9 } },
	{ { "020001036405050a000001", 1 } },
	/* KEEPALIVE: five COUNTs, none */
	{ { "0400010000000066", 1 }, { "2d", 1 }, { "010000000100000002", 5 } },
	{ { "040001000000006600", 1 } },
	/* REKEYING_REQUEST: a method twice, nine, none, method 0 */
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "1261020202", 1 } },
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "126109010203040506070809", 1 } },
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "126100", 1 } },
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "12610100", 1 } },
	/* an IE twice, and two in the wrong order */
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "1221012101", 1 } },
	{ { "0f0001f070", 1 }, { "aa", 16 }, { "12620301000061", 1 }, { "0101", 1 } },
	/* SMC_COMMAND: a GPI without octets, a policy of four octets, a chosen one that is none */
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "22342400", 1 } },
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "2234620401000000", 1 } },
	/* an Encrypted Payload without octets, one of 1025, and one with a length of one octet */
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "2234230000", 1 } },
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "2234230401", 1 }, { "ee", 1025 } },
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "2234230a", 1 }, { "ee", 10 } },
	{ { "0c0001f070", 1 }, { "aa", 16 }, { "22346a0102", 1 } },
	/* ACCEPT: five expressions, an empty one, one of 49 octets, one cut off, one with a zero */
	{ { "02000103", 1 }, { "6b0a", 1 }, { "0161", 5 } },
	{ { "020001036b0100", 1 } },
	{ { "020001036b3231", 1 }, { "61", 49 } },
	{ { "020001036b020261", 1 } },
	{ { "020001036b03026100", 1 } },
	/* ACCEPT: a link Layer-2 ID of 2 octets, one that is 0 */
	{ { "020001036c020a0b", 1 } },
	{ { "020001036c03000000", 1 } },
	/* REQUEST: User Info of 1 octet, of 253, an IMSI of 253 digits, of type 0 */
	{ { "0100010111", 1 }, { "0300000000", 1 }, { "aa", 16 }, { "f07012", 1 } },
	{ { "010001fd01", 1 }, { "00", 252 }, { "0300000000", 1 }, { "aa", 16 }, { "f07012", 1 } },
	{ { "0100017f1b", 1 }, { "11", 126 }, { "0300000000", 1 }, { "aa", 16 }, { "f07012", 1 } },
	{ { "01000103106060", 1 }, { "0300000000", 1 }, { "aa", 16 }, { "f07012", 1 } },
	/* KEY_ESTABLISHMENT: unknown flags; both flags; ABORT without Cause; Cause without ABORT */
	{ { "f00001", 1 }, { "aa", 16 }, { "01010008", 1 }, { "0001710001ff", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100060000", 1 }, { "0502", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100040000", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100020000", 1 }, { "0502", 1 } },
	/* a fragment with ACK; none without; a length without a fragment; more of none */
	{ { "f00001", 1 }, { "aa", 16 }, { "010100020001", 1 }, { "710001ff", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100000000", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100020001", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100030000", 1 } },
	/* a fragment longer than its container; more of one that is whole; no octets; too many */
	{ { "f00001", 1 }, { "aa", 16 }, { "010100000001", 1 }, { "710002ffff", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100010001", 1 }, { "710001ff", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100000000", 1 }, { "710000", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010100001001", 1 }, { "711001", 1 }, { "ff", 4097 } },
	/* Nonce_2 in round 1; none in round 0 */
	{ { "f00001", 1 }, { "aa", 16 }, { "010100000001", 1 }, { "20", 1 }, { "bb", 16 },
	  { "710001ff", 1 } },
	{ { "f00001", 1 }, { "aa", 16 }, { "010000000001", 1 }, { "710001ff", 1 } },
	/* no type there is: 0, TMGI_MONITORING_REQUEST, one of the range of extensions */
	{ { "000001", 1 } }, { { "080001", 1 } }, { { "f20001", 1 } },
};

static size_t append(uint8_t *octets, size_t len, const char *hex)
{
	for (; *hex; hex += 2) {
		const char octet[3] = { hex[0], hex[1], 0 };

		octets[len++] = (uint8_t)strtoul(octet, NULL, 16);
	}
	return len;
}

static void put_refused(void)
{
	uint8_t octets[PC5S_MAX_LEN];
	struct pc5s_message m;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t len = 0;

		for (const struct piece *piece = refused[i]; piece->hex; piece++)
			for (size_t n = 0; n < piece->times; n++)
				len = append(octets, len, piece->hex);
		if (!pc5s_decode(&m, octets, len, NULL)) {
			fprintf(stderr, "messages: the codec takes number %zu of what it must refuse\n", i);
			exit(1);
		}
		print_line(octets, len, false);
	}
}

int main(int argc, char **argv)
{
	bad = argc == 2 && !strcmp(argv[1], "bad");
	if (!bad && (argc != 2 || strcmp(argv[1], "good"))) {
		fprintf(stderr, "usage: messages good|bad\n");
		return 2;
	}
	for (size_t i = 0; pc5s_type_at(i); i++) {
		/* What may stand in it hangs on its flags. */
		if (pc5s_type_at(i) == PC5S_KEY_ESTABLISHMENT)
			put_key_establishment();
		else
			put_type(pc5s_type_at(i));
	}
	put_names();
	put_values();
	if (bad)
		put_refused();
	return 0;
}
