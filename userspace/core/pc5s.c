// SPDX-License-Identifier: MIT
/*
 * Codec of PC5-S messages; pc5s.h describes the wire.
 *
 * Two tables say everything: ies[] what an IE looks like and where it lives in struct
 * pc5s_message, layouts[] which IEs stand in which message in which format. Reader and
 * writer walk the same rows, so they cannot disagree about a message.
 */
#include "pc5s.h"

#include <string.h>

/* How the value of an IE is coded. */
enum coding {
	NUMBER,		/* unsigned, big-endian, of fixed width, between min and max */
	ALGORITHMS,	/* Chosen Algorithms: one octet, bits 8 and 4 spare */
	OCTETS,		/* fixed number of octets, copied */
	SPAN,		/* any number of octets, pointed to */
	USER_INFO,
	METHODS,
	POLICY,
	ADDRESSES,
	COUNTS,
	EXPRESSIONS,
	METHOD_CONTAINER,
};

struct ie {
	const char *name;
	enum coding coding;
	uint16_t width;		/* NUMBER, OCTETS: octets on the wire; others: 0 */
	uint32_t min, max;	/* NUMBER: range; SPAN: length */
	size_t offset;		/* in struct pc5s_message */
	uint8_t size;		/* NUMBER: sizeof of the field there */
};

#define AT(field)	offsetof(struct pc5s_message, field)
#define IE_NUMBER(n, w, lo, hi, field) \
	{ .name = n, .coding = NUMBER, .width = w, .min = lo, .max = hi, .offset = AT(field), \
	  .size = sizeof(((struct pc5s_message *)0)->field) }
#define IE_OCTETS(n, field) \
	{ .name = n, .coding = OCTETS, .width = sizeof(((struct pc5s_message *)0)->field), \
	  .offset = AT(field) }
#define IE_SPAN(n, lo, hi, field) \
	{ .name = n, .coding = SPAN, .min = lo, .max = hi, .offset = AT(field) }
#define IE_OTHER(n, c, field) \
	{ .name = n, .coding = c, .offset = AT(field) }

static const struct ie ies[PC5S_IE_N] = {
	[PC5S_IE_USER_INFO]	= IE_OTHER("User Info", USER_INFO, user_info),
	[PC5S_IE_IP_CONFIG]	= IE_NUMBER("IP Address Config", 1, 0, 3, ip_config),
	[PC5S_IE_MAX_INACTIVITY] =
		IE_NUMBER("Maximum Inactivity Period", 4, 0, UINT32_MAX, max_inactivity),
	[PC5S_IE_NONCE_1]	= IE_OCTETS("Nonce_1", nonce_1),
	[PC5S_IE_CAPABILITIES] =
		IE_NUMBER("UE Security Capabilities", 2, 0, UINT16_MAX, capabilities),
	[PC5S_IE_MSB_KD_SESS_ID] =
		IE_NUMBER("MSB of KD-sess ID", 1, 0, UINT8_MAX, msb_kd_sess_id),
	[PC5S_IE_KD_ID]		= IE_NUMBER("KD ID", 4, 0, UINT32_MAX, kd_id),
	[PC5S_IE_RELAY_SERVICE_CODE] =
		IE_NUMBER("Relay Service Code", 3, 0, 0xffffff, relay_service_code),
	[PC5S_IE_SIGNATURE]	= IE_OCTETS("Signature", signature),
	[PC5S_IE_LINK_LOCAL]	= IE_OCTETS("Link Local IPv6 Address", link_local),
	[PC5S_IE_CAUSE]		= IE_NUMBER("Cause", 1, 1, 10, cause),
	[PC5S_IE_KEEPALIVE_COUNTER] =
		IE_NUMBER("Keepalive Counter", 4, 0, UINT32_MAX, keepalive_counter),
	[PC5S_IE_RELEASE_REASON] = IE_NUMBER("Release Reason", 1, 1, 3, release_reason),
	[PC5S_IE_NONCE_2]	= IE_OCTETS("Nonce_2", nonce_2),
	[PC5S_IE_CHOSEN_ALGORITHMS] =
		IE_OTHER("Chosen Algorithms", ALGORITHMS, chosen_algorithms),
	[PC5S_IE_LSB_KD_SESS_ID] =
		IE_NUMBER("LSB of KD-sess ID", 1, 0, UINT8_MAX, lsb_kd_sess_id),
	[PC5S_IE_MSB_KD_ID]	= IE_NUMBER("MSB of KD ID", 2, 0, UINT16_MAX, msb_kd_id),
	[PC5S_IE_LSB_KD_ID]	= IE_NUMBER("LSB of KD ID", 2, 0, UINT16_MAX, lsb_kd_id),
	[PC5S_IE_KD_FRESHNESS]	= IE_OCTETS("KD Freshness", kd_freshness),
	[PC5S_IE_GPI]		= IE_SPAN("GPI", 1, 255, gpi),
	[PC5S_IE_ENCRYPTED_PAYLOAD] =
		IE_SPAN("Encrypted Payload", 1, PC5S_ENCRYPTED_PAYLOAD_MAX, encrypted_payload),
	[PC5S_IE_RAND]		= IE_OCTETS("RAND", rand),
	[PC5S_IE_AUTS]		= IE_OCTETS("AUTS", auts),
	[PC5S_IE_AUTH_FLAG]	= IE_NUMBER("Auth Flag", 1, 1, 1, auth_flag),
	[PC5S_IE_PRUK_ID]	= IE_OCTETS("PRUK ID", pruk_id),
	[PC5S_IE_INFO_TYPE]	= IE_NUMBER("Remote UE Info Type", 1, 1, 2, info_type),
	[PC5S_IE_IMEI]		= IE_OCTETS("IMEI", imei),
	[PC5S_IE_KEYING_METHODS] = IE_OTHER("Keying Methods", METHODS, methods),
	[PC5S_IE_SECURITY_POLICY] = IE_OTHER("Security Policy", POLICY, policy),
	[PC5S_IE_CONNECTION_ID]	= IE_OCTETS("Connection ID", connection_id),
	[PC5S_IE_ADDRESSES]	= IE_OTHER("Overlay Addresses", ADDRESSES, addresses),
	[PC5S_IE_TARGET_INFO]	= IE_OTHER("Target Info", USER_INFO, target_info),
	[PC5S_IE_COUNTS]	= IE_OTHER("COUNTs", COUNTS, counts),
	[PC5S_IE_REQUEST_HASH]	= IE_OCTETS("Request Hash", request_hash),
	[PC5S_IE_SELECTED_METHOD] =
		IE_NUMBER("Selected Method", 1, 1, UINT8_MAX, selected_method),
	[PC5S_IE_CHOSEN_POLICY] = IE_NUMBER("Chosen Policy", 1, 0, 1, chosen_policy),
	[PC5S_IE_EXPRESSIONS]	= IE_OTHER("Expressions", EXPRESSIONS, expressions),
	[PC5S_IE_COOKIE]	= IE_OCTETS("Cookie", cookie),
	[PC5S_IE_LINK_L2_ID]	= IE_NUMBER("Link Layer-2 ID", 3, 1, 0xffffff, link_l2_id),
	[PC5S_IE_KE_METHOD]	= IE_NUMBER("Method", 1, 1, UINT8_MAX, ke_method),
	[PC5S_IE_KE_ROUND]	= IE_NUMBER("Round", 1, 0, UINT8_MAX, ke_round),
	[PC5S_IE_KE_FRAGMENT]	= IE_NUMBER("Fragment", 1, 0, UINT8_MAX, ke_fragment),
	[PC5S_IE_KE_FLAGS]	=
		IE_NUMBER("Flags", 1, 0, PC5S_KE_MORE | PC5S_KE_ACK | PC5S_KE_ABORT, ke_flags),
	[PC5S_IE_KE_TOTAL]	= IE_NUMBER("Total Length", 2, 0, UINT16_MAX, ke_total),
	[PC5S_IE_CONTAINER]	= IE_SPAN("Container", 1, PROSE_KE_FRAGMENT_MAX, container),
	[PC5S_IE_METHOD_CONTAINER] =
		IE_OTHER("Method Container", METHOD_CONTAINER, method_container),
};

enum format { END, V, LV, TV, TLV, TLV_E };

struct row {
	enum format format;
	uint8_t ie;
	uint8_t iei;
	bool extension;
};

#define ROWS_MAX	17

struct layout {
	uint8_t type;
	bool extension;
	const char *name;
	struct row rows[ROWS_MAX];
};

#define M_V(i)			{ V, PC5S_IE_##i, 0, false }
#define M_LV(i)			{ LV, PC5S_IE_##i, 0, false }
#define O_TV(i, iei)		{ TV, PC5S_IE_##i, PC5S_IEI_##iei, false }
#define O_TLV(i, iei)		{ TLV, PC5S_IE_##i, PC5S_IEI_##iei, false }
#define O_TLV_E(i, iei)		{ TLV_E, PC5S_IE_##i, PC5S_IEI_##iei, false }
#define X_TV(i, iei)		{ TV, PC5S_IE_##i, PC5S_IEI_##iei, true }
#define X_TLV(i, iei)		{ TLV, PC5S_IE_##i, PC5S_IEI_##iei, true }
#define X_TLV_E(i, iei)		{ TLV_E, PC5S_IE_##i, PC5S_IEI_##iei, true }

static const struct layout layouts[] = {
	{ PC5S_REQUEST, false, "DIRECT_COMMUNICATION_REQUEST", {
		M_LV(USER_INFO), M_V(IP_CONFIG), M_V(MAX_INACTIVITY), M_V(NONCE_1),
		M_V(CAPABILITIES), M_V(MSB_KD_SESS_ID),
		O_TV(KD_ID, KD_ID),
		O_TV(RELAY_SERVICE_CODE, RELAY_SERVICE_CODE),
		O_TV(SIGNATURE, SIGNATURE),
		O_TV(LINK_LOCAL, LINK_LOCAL_IPV6),
		X_TLV(KEYING_METHODS, KEYING_METHODS),
		X_TLV(SECURITY_POLICY, SECURITY_POLICY),
		X_TLV(CONNECTION_ID, CONNECTION_ID),
		X_TLV(TARGET_INFO, TARGET_INFO),
		X_TLV(EXPRESSIONS, EXPRESSIONS),
		X_TLV_E(METHOD_CONTAINER, METHOD_CONTAINER),
		X_TLV(COOKIE, COOKIE),
	} },
	{ PC5S_ACCEPT, false, "DIRECT_COMMUNICATION_ACCEPT", {
		M_V(IP_CONFIG),
		O_TV(LINK_LOCAL, LINK_LOCAL_IPV6),
		X_TLV(CONNECTION_ID, CONNECTION_ID),
		X_TLV(ADDRESSES, OVERLAY_ADDRESSES),
		X_TLV(EXPRESSIONS, EXPRESSIONS),
		X_TLV(LINK_L2_ID, LINK_L2_ID),
	} },
	{ PC5S_REJECT, false, "DIRECT_COMMUNICATION_REJECT", {
		M_V(CAUSE),
		X_TLV(REQUEST_HASH, REQUEST_HASH),
		X_TLV(COOKIE, COOKIE),
	} },
	{ PC5S_KEEPALIVE, false, "DIRECT_COMMUNICATION_KEEPALIVE", {
		M_V(KEEPALIVE_COUNTER),
		O_TV(MAX_INACTIVITY, MAX_INACTIVITY),
		X_TLV(COUNTS, COUNTS),
	} },
	{ PC5S_KEEPALIVE_ACK, false, "DIRECT_COMMUNICATION_KEEPALIVE_ACK", {
		M_V(KEEPALIVE_COUNTER),
		X_TLV(COUNTS, COUNTS),
	} },
	{ PC5S_RELEASE, false, "DIRECT_COMMUNICATION_RELEASE", {
		M_V(RELEASE_REASON),
	} },
	{ PC5S_RELEASE_ACCEPT, false, "DIRECT_COMMUNICATION_RELEASE_ACCEPT", { { 0 } } },
	{ PC5S_SMC_COMMAND, false, "DIRECT_SECURITY_MODE_COMMAND", {
		M_V(CAPABILITIES), M_V(NONCE_2), M_V(CHOSEN_ALGORITHMS), M_V(LSB_KD_SESS_ID),
		O_TV(MSB_KD_ID, MSB_KD_ID),
		O_TV(KD_FRESHNESS, KD_FRESHNESS),
		O_TLV(GPI, GPI),
		O_TLV(USER_INFO, USER_INFO),
		O_TV(SIGNATURE, SIGNATURE),
		O_TLV_E(ENCRYPTED_PAYLOAD, ENCRYPTED_PAYLOAD),
		X_TLV(KEYING_METHODS, KEYING_METHODS),
		X_TLV(SECURITY_POLICY, SECURITY_POLICY),
		X_TLV(REQUEST_HASH, REQUEST_HASH),
		X_TLV(SELECTED_METHOD, SELECTED_METHOD),
		X_TLV(CHOSEN_POLICY, CHOSEN_POLICY),
		X_TLV_E(METHOD_CONTAINER, METHOD_CONTAINER),
	} },
	{ PC5S_SMC_COMPLETE, false, "DIRECT_SECURITY_MODE_COMPLETE", {
		O_TV(LSB_KD_ID, LSB_KD_ID),
	} },
	{ PC5S_SMC_REJECT, false, "DIRECT_SECURITY_MODE_REJECT", {
		M_V(CAUSE),
		O_TV(RAND, RAND),
		O_TV(AUTS, AUTS),
		X_TLV(REQUEST_HASH, REQUEST_HASH),
	} },
	{ PC5S_REKEYING_REQUEST, false, "DIRECT_REKEYING_REQUEST", {
		M_V(CAPABILITIES), M_V(NONCE_1), M_V(MSB_KD_SESS_ID),
		O_TV(AUTH_FLAG, AUTH_FLAG),
		O_TV(PRUK_ID, PRUK_ID),
		X_TLV(KEYING_METHODS, KEYING_METHODS),
		X_TLV(SECURITY_POLICY, SECURITY_POLICY),
	} },
	{ PC5S_REKEYING_RESPONSE, false, "DIRECT_REKEYING_RESPONSE", { { 0 } } },
	{ PC5S_REKEYING_TRIGGER, false, "DIRECT_REKEYING_TRIGGER", { { 0 } } },
	{ PC5S_REMOTE_UE_INFO_REQUEST, false, "REMOTE_UE_INFO_REQUEST", {
		M_V(INFO_TYPE),
	} },
	{ PC5S_REMOTE_UE_INFO_RESPONSE, false, "REMOTE_UE_INFO_RESPONSE", {
		O_TV(IMEI, IMEI),
	} },
	{ PC5S_KEY_ESTABLISHMENT, true, "KEY_ESTABLISHMENT", {
		M_V(NONCE_1), M_V(KE_METHOD), M_V(KE_ROUND), M_V(KE_FRAGMENT), M_V(KE_FLAGS),
		M_V(KE_TOTAL),
		X_TV(CAUSE, CAUSE),
		X_TV(NONCE_2, NONCE_2),
		X_TLV_E(CONTAINER, CONTAINER),
	} },
	{ PC5S_CONNECTION_COMPLETE, true, "CONNECTION_COMPLETE", {
		X_TLV(CONNECTION_ID, CONNECTION_ID),
		X_TLV(ADDRESSES, OVERLAY_ADDRESSES),
		X_TLV(EXPRESSIONS, EXPRESSIONS),
		X_TLV(LINK_L2_ID, LINK_L2_ID),
	} },
};

#define N_LAYOUTS	(sizeof(layouts) / sizeof(layouts[0]))

static const struct layout *layout_of(uint8_t type)
{
	for (size_t i = 0; i < N_LAYOUTS; i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

const char *pc5s_type_name(uint8_t type)
{
	const struct layout *layout = layout_of(type);

	return layout ? layout->name : "unknown";
}

bool pc5s_type_known(uint8_t type)
{
	return layout_of(type);
}

uint8_t pc5s_type_at(size_t n)
{
	return n < N_LAYOUTS ? layouts[n].type : 0;
}

static bool mandatory(const struct row *row)
{
	return row->format == V || row->format == LV;
}

/* Does a row exist? layouts[].rows ends with END, or is full. */
#define for_each_row(row, layout) \
	for ((row) = (layout)->rows; \
	     (row) < (layout)->rows + ROWS_MAX && (row)->format != END; (row)++)

uint64_t pc5s_mandatory(uint8_t type)
{
	const struct layout *layout = layout_of(type);
	const struct row *row;
	uint64_t bits = 0;

	if (!layout)
		return 0;
	for_each_row(row, layout)
		if (mandatory(row))
			bits |= PC5S_BIT(row->ie);
	return bits;
}

uint64_t pc5s_optional(uint8_t type)
{
	const struct layout *layout = layout_of(type);
	const struct row *row;
	uint64_t bits = 0;

	if (!layout)
		return 0;
	for_each_row(row, layout)
		if (!mandatory(row))
			bits |= PC5S_BIT(row->ie);
	return bits;
}

bool pc5s_has_extensions(const struct pc5s_message *message)
{
	const struct layout *layout = layout_of(message->type);
	const struct row *row;

	if (!layout || layout->extension)
		return true;
	for_each_row(row, layout)
		if (row->extension && pc5s_has(message, row->ie))
			return true;
	return false;
}

static void *field(struct pc5s_message *message, const struct ie *ie)
{
	return (uint8_t *)message + ie->offset;
}

static const void *const_field(const struct pc5s_message *message, const struct ie *ie)
{
	return (const uint8_t *)message + ie->offset;
}

static uint32_t get_be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void put_be(uint8_t *p, size_t n, uint32_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint32_t load(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	default:
		return *(const uint32_t *)p;
	}
}

static void store(void *p, size_t size, uint32_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)p = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)p = (uint16_t)v;
		break;
	default:
		*(uint32_t *)p = v;
		break;
	}
}

/*
 * The value codings. A reader gets exactly the octets of the value; it returns NULL, or
 * the reason for a refusal with the offset of the octet at fault added to *at. A writer
 * returns the number of octets, or -1 when they do not fit or the value is invalid; both
 * sides call the same check_*() where a value can be wrong.
 */

static const char *read_user_info(struct pc5s_user_info *info, const uint8_t *v, size_t len,
				  size_t *at)
{
	if (len < 2)
		return "value too short";
	info->type = v[0] & 7;
	if (info->type == PC5S_USER_INFO_IMSI) {
		bool odd = v[0] & 8;
		size_t digits = 2 * len - (odd ? 1 : 2);

		if (digits < 1 || digits > PC5S_USER_INFO_MAX)
			return "reserved number of digits";
		for (size_t i = 0; i < 2 * len - 1; i++) {
			uint8_t digit = i & 1 ? v[(i + 1) / 2] & 15 : v[(i + 1) / 2] >> 4;

			*at = (i + 1) / 2;
			if (i == digits ? digit != 15 : digit > 9)
				return "not a BCD digit";
			if (i < digits)
				info->value[i] = (uint8_t)('0' + digit);
		}
		info->len = (uint8_t)digits;
		return NULL;
	}
	if (info->type != PC5S_USER_INFO_UPPER_LAYERS && info->type != PC5S_USER_INFO_PRUK_ID)
		return "reserved type of user info";
	if (v[0] & 8)
		return "spare bit is set";
	if (len - 1 > PC5S_USER_INFO_MAX)
		return "value too long";
	for (size_t i = 0; i < len - 1; i++)
		info->value[i] = (uint8_t)((i ? v[i] << 4 : v[i] & 0xf0) | v[i + 1] >> 4);
	info->len = (uint8_t)(len - 1);
	*at = len - 1;
	if (v[len - 1] & 15)
		return "spare bits are set";
	return NULL;
}

static int write_user_info(const struct pc5s_user_info *info, uint8_t *v, size_t size)
{
	size_t len;

	if (!info->len || info->len > PC5S_USER_INFO_MAX)
		return -1;
	if (info->type == PC5S_USER_INFO_IMSI) {
		bool odd = info->len & 1;

		len = info->len / 2 + 1;
		if (len < 2 || size < len)
			return -1;
		memset(v, 0xff, len);
		v[0] = (uint8_t)(PC5S_USER_INFO_IMSI | (odd ? 8 : 0) | 0xf0);
		for (size_t i = 0; i < info->len; i++) {
			uint8_t digit = (uint8_t)(info->value[i] - '0');
			uint8_t *p = &v[(i + 1) / 2];

			if (digit > 9)
				return -1;
			if (i & 1)
				*p = (uint8_t)((*p & 0xf0) | digit);
			else
				*p = (uint8_t)((*p & 0x0f) | digit << 4);
		}
		return (int)len;
	}
	if (info->type != PC5S_USER_INFO_UPPER_LAYERS && info->type != PC5S_USER_INFO_PRUK_ID)
		return -1;
	len = info->len + 1u;
	if (size < len)
		return -1;
	v[0] = (uint8_t)(info->type | (info->value[0] & 0xf0));
	for (size_t i = 1; i < info->len; i++)
		v[i] = (uint8_t)(info->value[i - 1] << 4 | info->value[i] >> 4);
	v[len - 1] = (uint8_t)(info->value[info->len - 1] << 4);
	return (int)len;
}

static const char *check_methods(const struct pc5s_methods *methods, size_t *at)
{
	for (size_t i = 0; i < methods->n; i++) {
		*at = i;
		if (!methods->id[i])
			return "reserved method 0";
		for (size_t j = 0; j < i; j++)
			if (methods->id[j] == methods->id[i])
				return "a method is named twice";
	}
	return NULL;
}

static const char *read_methods(struct pc5s_methods *methods, const uint8_t *v, size_t len,
				size_t *at)
{
	if (!len)
		return "value too short";
	if (len > PC5S_METHODS_MAX)
		return "value too long";
	methods->n = (uint8_t)len;
	memcpy(methods->id, v, len);
	return check_methods(methods, at);
}

static int write_methods(const struct pc5s_methods *methods, uint8_t *v, size_t size)
{
	size_t at;

	if (!methods->n || methods->n > PC5S_METHODS_MAX || size < methods->n ||
	    check_methods(methods, &at))
		return -1;
	memcpy(v, methods->id, methods->n);
	return methods->n;
}

static const char *read_policy(struct pc5s_policy *policy, const uint8_t *v, size_t len, size_t *at)
{
	static const uint8_t max[] = { 2, 2, 1 };

	if (len != sizeof(max))
		return "value is not 3 octets long";
	policy->up_integrity = v[0];
	policy->up_ciphering = v[1];
	policy->count_profile = v[2];
	for (*at = 0; *at < sizeof(max); ++*at)
		if (v[*at] > max[*at])
			return "reserved value";
	return NULL;
}

static int write_policy(const struct pc5s_policy *policy, uint8_t *v, size_t size)
{
	if (size < 3 || policy->up_integrity > 2 || policy->up_ciphering > 2 ||
	    policy->count_profile > 1)
		return -1;
	v[0] = policy->up_integrity;
	v[1] = policy->up_ciphering;
	v[2] = policy->count_profile;
	return 3;
}

static const char *read_addresses(struct pc5s_addresses *addresses, const uint8_t *v, size_t len,
				  size_t *at)
{
	size_t i = 0;

	addresses->n = 0;
	while (i < len) {
		size_t n = v[i] == 4 ? 4 : 16;

		*at = i;
		if (v[i] != 4 && v[i] != 6)
			return "reserved address family";
		if (addresses->n == PC5S_ADDRESSES_MAX)
			return "too many addresses";
		if (len - i - 1 < n)
			return "address cut off";
		memset(&addresses->a[addresses->n], 0, sizeof(addresses->a[0]));
		addresses->a[addresses->n].family = v[i];
		memcpy(addresses->a[addresses->n].addr, v + i + 1, n);
		addresses->n++;
		i += n + 1;
	}
	return NULL;
}

static int write_addresses(const struct pc5s_addresses *addresses, uint8_t *v, size_t size)
{
	size_t len = 0;

	if (addresses->n > PC5S_ADDRESSES_MAX)
		return -1;
	for (size_t i = 0; i < addresses->n; i++) {
		uint8_t family = addresses->a[i].family;
		size_t n = family == 4 ? 4 : 16;

		if ((family != 4 && family != 6) || size - len < n + 1)
			return -1;
		v[len] = family;
		memcpy(v + len + 1, addresses->a[i].addr, n);
		len += n + 1;
	}
	return (int)len;
}

static const char *read_counts(struct pc5s_counts *counts, const uint8_t *v, size_t len, size_t *at)
{
	if (!len || len % 9)
		return "length is not a multiple of 9";
	if (len / 9 > PC5S_COUNTS_MAX)
		return "value too long";
	counts->n = (uint8_t)(len / 9);
	for (size_t i = 0; i < counts->n; i++, v += 9) {
		*at = 9 * i;
		if (v[0] < 1 || v[0] > 30)
			return "reserved LCID";
		counts->c[i].lcid = v[0];
		counts->c[i].sent = get_be(v + 1, 4);
		counts->c[i].received = get_be(v + 5, 4);
	}
	return NULL;
}

static int write_counts(const struct pc5s_counts *counts, uint8_t *v, size_t size)
{
	if (!counts->n || counts->n > PC5S_COUNTS_MAX || size < 9u * counts->n)
		return -1;
	for (size_t i = 0; i < counts->n; i++, v += 9) {
		if (counts->c[i].lcid < 1 || counts->c[i].lcid > 30)
			return -1;
		v[0] = counts->c[i].lcid;
		put_be(v + 1, 4, counts->c[i].sent);
		put_be(v + 5, 4, counts->c[i].received);
	}
	return 9 * counts->n;
}

static const char *read_expressions(struct pc5s_expressions *expressions, const uint8_t *v,
				    size_t len, size_t *at)
{
	size_t i = 0;

	expressions->n = 0;
	if (!len)
		return "value too short";
	while (i < len) {
		size_t n = v[i];
		char *name;

		*at = i;
		if (expressions->n == PROSE_EXPRESSIONS_MAX)
			return "too many expressions";
		name = expressions->name[expressions->n];
		if (!n || n > PROSE_EXPRESSION_MAX)
			return "expression empty or too long";
		if (len - i - 1 < n)
			return "expression cut off";
		if (memchr(v + i + 1, 0, n))
			return "zero octet in an expression";
		memcpy(name, v + i + 1, n);
		name[n] = 0;
		expressions->n++;
		i += n + 1;
	}
	return NULL;
}

static int write_expressions(const struct pc5s_expressions *expressions, uint8_t *v, size_t size)
{
	size_t len = 0;

	if (!expressions->n || expressions->n > PROSE_EXPRESSIONS_MAX)
		return -1;
	for (size_t i = 0; i < expressions->n; i++) {
		size_t n = strnlen(expressions->name[i], sizeof(expressions->name[i]));

		if (!n || n > PROSE_EXPRESSION_MAX || size - len < n + 1)
			return -1;
		v[len] = (uint8_t)n;
		memcpy(v + len + 1, expressions->name[i], n);
		len += n + 1;
	}
	return (int)len;
}

static const char *read_method_container(struct pc5s_method_container *container, const uint8_t *v,
					 size_t len)
{
	if (len < 2)
		return "value too short";
	if (len - 1 > PROSE_KE_FRAGMENT_MAX)
		return "value too long";
	if (!v[0])
		return "reserved method 0";
	container->method = v[0];
	container->octets = (struct pc5s_octets){ v + 1, (uint16_t)(len - 1) };
	return NULL;
}

static int write_method_container(const struct pc5s_method_container *container, uint8_t *v,
				  size_t size)
{
	size_t len = container->octets.len;

	if (!container->method || !len || len > PROSE_KE_FRAGMENT_MAX || size < len + 1)
		return -1;
	v[0] = container->method;
	memcpy(v + 1, container->octets.data, len);
	return (int)len + 1;
}

static const char *read_value(struct pc5s_message *message, const struct ie *ie, const uint8_t *v,
			      size_t len, size_t *at)
{
	void *out = field(message, ie);
	uint32_t number;

	switch (ie->coding) {
	case NUMBER:
		if (len != ie->width)
			return "wrong length";
		number = get_be(v, len);
		if (number < ie->min || number > ie->max)
			return "reserved value";
		store(out, ie->size, number);
		return NULL;
	case ALGORITHMS:
		if (len != 1)
			return "wrong length";
		if (v[0] & 0x88)
			return "spare bits are set";
		*(uint8_t *)out = v[0];
		return NULL;
	case OCTETS:
		if (len != ie->width)
			return "wrong length";
		memcpy(out, v, len);
		return NULL;
	case SPAN:
		if (len < ie->min)
			return "value too short";
		if (len > ie->max)
			return "value too long";
		*(struct pc5s_octets *)out = (struct pc5s_octets){ v, (uint16_t)len };
		return NULL;
	case USER_INFO:
		return read_user_info(out, v, len, at);
	case METHODS:
		return read_methods(out, v, len, at);
	case POLICY:
		return read_policy(out, v, len, at);
	case ADDRESSES:
		return read_addresses(out, v, len, at);
	case COUNTS:
		return read_counts(out, v, len, at);
	case EXPRESSIONS:
		return read_expressions(out, v, len, at);
	case METHOD_CONTAINER:
		return read_method_container(out, v, len);
	}
	return "unknown coding";
}

static int write_value(const struct pc5s_message *message, const struct ie *ie, uint8_t *v,
		       size_t size)
{
	const void *in = const_field(message, ie);
	const struct pc5s_octets *octets = in;
	uint32_t number;

	switch (ie->coding) {
	case NUMBER:
		number = load(in, ie->size);
		if (number < ie->min || number > ie->max || size < ie->width)
			return -1;
		put_be(v, ie->width, number);
		return ie->width;
	case ALGORITHMS:
		if (size < 1 || *(const uint8_t *)in & 0x88)
			return -1;
		*v = *(const uint8_t *)in;
		return 1;
	case OCTETS:
		if (size < ie->width)
			return -1;
		memcpy(v, in, ie->width);
		return ie->width;
	case SPAN:
		if (octets->len < ie->min || octets->len > ie->max || size < octets->len)
			return -1;
		memcpy(v, octets->data, octets->len);
		return octets->len;
	case USER_INFO:
		return write_user_info(in, v, size);
	case METHODS:
		return write_methods(in, v, size);
	case POLICY:
		return write_policy(in, v, size);
	case ADDRESSES:
		return write_addresses(in, v, size);
	case COUNTS:
		return write_counts(in, v, size);
	case EXPRESSIONS:
		return write_expressions(in, v, size);
	case METHOD_CONTAINER:
		return write_method_container(in, v, size);
	}
	return -1;
}

static int refuse(struct pc5s_error *error, size_t offset, const char *ie, const char *reason)
{
	if (error)
		*error = (struct pc5s_error){ offset, ie, reason };
	return -1;
}

/*
 * What holds between the IEs of a KEY ESTABLISHMENT message, pc5s.h. Kept in the codec so
 * that the key establishment never sees, for instance, an acknowledgement with a fragment.
 */
static const char *check_key_establishment(const struct pc5s_message *message)
{
	bool fragment = pc5s_has(message, PC5S_IE_CONTAINER);
	bool abort = message->ke_flags & PC5S_KE_ABORT;
	bool ack = message->ke_flags & PC5S_KE_ACK;

	if (message->type != PC5S_KEY_ESTABLISHMENT)
		return NULL;
	if (abort != pc5s_has(message, PC5S_IE_CAUSE))
		return "abort flag and cause disagree";
	if (fragment == (abort || ack) || (abort && ack))
		return "flags and container disagree";
	if (!fragment && (message->ke_total || message->ke_flags & PC5S_KE_MORE))
		return "total length without a container";
	if (fragment && message->container.len > message->ke_total)
		return "fragment longer than its container";
	if (fragment && (message->ke_flags & PC5S_KE_MORE) &&
	    message->container.len == message->ke_total)
		return "container already whole";
	if (pc5s_has(message, PC5S_IE_NONCE_2) != (fragment && message->ke_round == 0))
		return "Nonce_2 belongs to fragments of round 0";
	return NULL;
}

int pc5s_decode(struct pc5s_message *message, const uint8_t *data, size_t len,
		struct pc5s_error *error)
{
	const struct layout *layout;
	const struct row *row;
	const char *reason;
	size_t at = PC5S_HEADER_LEN;

	memset(message, 0, sizeof(*message));
	if (len < PC5S_HEADER_LEN)
		return refuse(error, len, "", "shorter than type and sequence number");
	if (len > PC5S_MAX_LEN)
		return refuse(error, PC5S_MAX_LEN, "", "longer than a PDCP SDU");
	layout = layout_of(data[0]);
	if (!layout)
		return refuse(error, 0, "", "unknown message type");
	message->type = data[0];
	message->sequence = (uint16_t)get_be(data + 1, 2);

	for_each_row(row, layout) {
		const struct ie *ie = &ies[row->ie];
		size_t value_len = ie->width, in_value = 0;

		if (ie->coding == ALGORITHMS)
			value_len = 1;
		if (!mandatory(row)) {
			if (at == len || data[at] != row->iei)
				continue;
			at++;
		}
		if (row->format == LV || row->format == TLV) {
			if (at == len)
				return refuse(error, at, ie->name, "length octet missing");
			value_len = data[at++];
		} else if (row->format == TLV_E) {
			if (len - at < 2)
				return refuse(error, len, ie->name, "length octets missing");
			value_len = get_be(data + at, 2);
			at += 2;
		}
		if (len - at < value_len)
			return refuse(error, len, ie->name, "value cut off");
		reason = read_value(message, ie, data + at, value_len, &in_value);
		if (reason)
			return refuse(error, at + in_value, ie->name, reason);
		message->has |= PC5S_BIT(row->ie);
		at += value_len;
	}
	if (at != len)
		return refuse(error, at, "", "IE is unknown, repeated or out of order");
	reason = check_key_establishment(message);
	if (reason)
		return refuse(error, PC5S_HEADER_LEN, "", reason);
	return 0;
}

int pc5s_encode(const struct pc5s_message *message, uint8_t *out, size_t size,
		struct pc5s_error *error)
{
	const struct layout *layout = layout_of(message->type);
	const struct row *row;
	const char *reason;
	size_t at = PC5S_HEADER_LEN;

	if (!layout)
		return refuse(error, 0, "", "unknown message type");
	if (message->has & ~(pc5s_mandatory(message->type) | pc5s_optional(message->type)))
		return refuse(error, 0, "", "an IE does not belong to the message");
	reason = check_key_establishment(message);
	if (reason)
		return refuse(error, PC5S_HEADER_LEN, "", reason);
	if (size > PC5S_MAX_LEN)
		size = PC5S_MAX_LEN;
	if (size < PC5S_HEADER_LEN)
		return refuse(error, size, "", "no room");
	out[0] = message->type;
	put_be(out + 1, 2, message->sequence);

	for_each_row(row, layout) {
		const struct ie *ie = &ies[row->ie];
		size_t head = row->format == V ? 0 :
			      row->format == LV || row->format == TV ? 1 :
			      row->format == TLV ? 2 : 3;
		int n;

		if (!mandatory(row) && !pc5s_has(message, row->ie))
			continue;
		if (size - at < head)
			return refuse(error, at, ie->name, "no room");
		n = write_value(message, ie, out + at + head, size - at - head);
		if (n < 0)
			return refuse(error, at, ie->name, "invalid value, or no room");
		if (row->format != TLV_E && row->format != V && row->format != TV && n > 255)
			return refuse(error, at, ie->name, "value too long");
		if (!mandatory(row))
			out[at++] = row->iei;
		if (row->format == LV || row->format == TLV)
			out[at++] = (uint8_t)n;
		if (row->format == TLV_E) {
			put_be(out + at, 2, (uint32_t)n);
			at += 2;
		}
		at += (size_t)n;
	}
	return (int)at;
}
