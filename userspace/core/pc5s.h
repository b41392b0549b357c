/* SPDX-License-Identifier: MIT */
/*
 * Codec of PC5 signalling messages (PC5-S): TS 24.334 clauses 11.4 and 12.5.1, and the
 * extensions of design decision D7.
 *
 * One table in pc5s.c lists every message with its information elements (IEs) in the
 * order in which they stand on the wire. All integers are big-endian. A message is
 *
 *	octet 1		message type, &enum pc5s_type
 *	octets 2-3	sequence number, +1 for each new message of the sender
 *	octets 4-	mandatory IEs in table order, format V (value only) or LV (one octet
 *			of length, value), then optional IEs in table order: TV (IEI, value
 *			of fixed length), TLV (IEI, one octet of length, value) or TLV-E
 *			(IEI, two octets of length, value)
 *
 * Lengths on the wire count the value only. Decoding is strict: a missing octet, a spare
 * bit that is set, a reserved value, an IE that is unknown, repeated or out of order, and
 * an octet left over each refuse the whole message with the offset and the reason. So
 * every message that decodes has exactly one encoding.
 *
 * Messages; mandatory IEs first, optional ones in brackets, extensions of ours with '+':
 *
 *	  1 DIRECT_COMMUNICATION_REQUEST: User Info LV, IP Address Config, Max Inactivity
 *	    Period, Nonce_1, UE Security Capabilities, MSB of KD-sess ID [KD ID, Relay
 *	    Service Code, Signature, Link Local IPv6, +Keying Methods, +Security Policy,
 *	    +Connection ID, +Target Info, +Expressions, +Method Container, +Cookie]
 *	  2 DIRECT_COMMUNICATION_ACCEPT: IP Address Config [Link Local IPv6, +Connection ID,
 *	    +Overlay Addresses, +Expressions, +Link Layer-2 ID]
 *	  3 DIRECT_COMMUNICATION_REJECT: Cause [+Request Hash, +Cookie]
 *	  4 DIRECT_COMMUNICATION_KEEPALIVE: Keepalive Counter [Max Inactivity Period, +COUNTs]
 *	  5 DIRECT_COMMUNICATION_KEEPALIVE_ACK: Keepalive Counter [+COUNTs]
 *	  6 DIRECT_COMMUNICATION_RELEASE: Release Reason
 *	  7 DIRECT_COMMUNICATION_RELEASE_ACCEPT
 *	 12 DIRECT_SECURITY_MODE_COMMAND: UE Security Capabilities, Nonce_2, Chosen
 *	    Algorithms, LSB of KD-sess ID [MSB of KD ID, KD Freshness, GPI, User Info TLV,
 *	    Signature, Encrypted Payload, +Keying Methods, +Security Policy, +Request Hash,
 *	    +Selected Method, +Chosen Policy, +Method Container]
 *	 13 DIRECT_SECURITY_MODE_COMPLETE: [LSB of KD ID]
 *	 14 DIRECT_SECURITY_MODE_REJECT: Cause [RAND, AUTS, +Request Hash]
 *	 15 DIRECT_REKEYING_REQUEST: UE Security Capabilities, Nonce_1, MSB of KD-sess ID
 *	    [Auth Flag, PRUK ID, +Keying Methods, +Security Policy]
 *	 16 DIRECT_REKEYING_RESPONSE
 *	 17 DIRECT_REKEYING_TRIGGER
 *	 18 REMOTE_UE_INFO_REQUEST: Remote UE info type
 *	 19 REMOTE_UE_INFO_RESPONSE: [IMEI]
 *	0xf0 + KEY_ESTABLISHMENT: Nonce_1, Method, Round, Fragment, Flags, Total Length
 *	    [Cause TV, Nonce_2 TV, Container TLV-E]
 *	0xf1 + CONNECTION_COMPLETE: [Connection ID, Overlay Addresses, Expressions, Link
 *	    Layer-2 ID]
 *
 * Messages 8 to 11 (TMGI monitoring, cell id announcement) belong to relays of eMBMS and
 * are refused as unknown types.
 *
 * Values:
 *
 *	User Info, Target Info	n + 1 octets for a name of n octets (types 1 and 2). Octet 1:
 *		bits 3-1 type, bit 4 spare 0, bits 8-5 the first four bits of the name; the
 *		name goes on shifted by a nibble, the last four bits are 0 (figure
 *		12.5.1.3.1). Type 3 (IMSI): bits 8-5 digit 1, bit 4 is 1 when the number of
 *		digits is odd, then BCD pairs, low nibble first, 1111 fills an even number.
 *	IP Address Config	1 octet, 0 to 3		Max Inactivity Period	4 octets, seconds
 *	Nonce_1, Nonce_2	16 octets		Keepalive Counter	4 octets
 *	UE Security Capabilities 2 octets: bit 8 of octet 1 EEA0 ... bit 1 EEA7; octet 2 EIA
 *	Chosen Algorithms	1 octet: bits 7-5 EEA, bits 3-1 EIA, bits 8 and 4 zero
 *	MSB, LSB of KD-sess ID	1 octet each		KD ID 4, its MSB and LSB 2 octets each
 *	Cause			1 octet, 1 to 10	Release Reason	1 octet, 1 to 3
 *	Auth Flag		1 octet, 1		Remote UE info type 1 octet, 1 to 2
 *	Relay Service Code 3, Signature 129, Link Local IPv6 16, KD Freshness 16, RAND 16,
 *	AUTS 14, PRUK ID 8, IMEI 9 octets; GPI 1 to 255 octets
 *	Encrypted Payload	1 to 1024 octets, TLV-E: with parameter set 1 what SAKKE makes has
 *				273, which the one octet of length of 12.5.1.34 cannot say
 *
 *	Keying Methods +	1 to 8 octets, &enum keying_method_id each, none 0, none
 *				twice, most wanted first
 *	Selected Method +	1 octet, &enum keying_method_id
 *	Security Policy +	3 octets: user-plane integrity and user-plane ciphering, each 0 (not
 *				needed), 1 (preferred) or 2 (required); COUNT profile 0 (hfn) or 1
 *				(sess-id)
 *	Chosen Policy +		1 octet: user data carries MAC-I (1) or not (0); whether it is
 *				ciphered, Chosen Algorithms says
 *	Connection ID +		8 octets
 *	Overlay Addresses +	up to 8 times: family (4 or 6), 4 or 16 octets; length 0 when
 *				there is none
 *	COUNTs +		1 to 4 times 9 octets: LCID, COUNT last sent, COUNT highest
 *				received
 *	Request Hash +		32 octets, SHA-256 of the request that is answered, all octets
 *				from its message type on but its Cookie
 *	Expressions +		1 to 4 times: length, name of a service in UTF-8, 1 to 48 octets
 *	Cookie +		16 octets, as the REJECT had them
 *	Link Layer-2 ID +	3 octets, not 0
 *	Method Container +	&enum keying_method_id, 1 octet, and what that method has to say, 1 to
 *				4096 octets
 *
 *	KEY_ESTABLISHMENT: Nonce_1 names the run. Method: &enum keying_method_id. Round: number of
 *	the container, from 0; even ones come from UE_2, odd ones from UE_1. Fragment: its number
 *	in the container, from 0. Flags: bit 1 (PC5S_KE_MORE) further fragments follow; bit 2
 *	(PC5S_KE_ACK) no container, acknowledges the fragment that Round and Fragment name, Total
 *	Length 0; bit 3 (PC5S_KE_ABORT) the sender gave up, Cause says why, no container. Total
 *	Length: octets of the whole container, 2 octets. Nonce_2: in each fragment of round 0 and
 *	nowhere else. Container: the fragment, at least 1 octet.
 */
#ifndef PROSE_CORE_PC5S_H
#define PROSE_CORE_PC5S_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "constants.h"

#define PC5S_HEADER_LEN		3
#define PC5S_MAX_LEN		8179	/* PDCP SDU of 8188 octets less header and MAC-I */
#define PC5S_NONCE_LEN		16
#define PC5S_HASH_LEN		32
#define PC5S_SIGNATURE_LEN	129
#define PC5S_ENCRYPTED_PAYLOAD_MAX 1024
#define PC5S_USER_INFO_MAX	251	/* length octet 252 (TS 24.334: LV of 3 to 253) */
#define PC5S_METHODS_MAX	8
#define PC5S_ADDRESSES_MAX	8
#define PC5S_COUNTS_MAX		4
#define PC5S_COOKIE_IE_LEN	(2 + PROSE_COOKIE_LEN)	/* the last IE of a REQUEST */

enum pc5s_type {
	PC5S_REQUEST			= 1,
	PC5S_ACCEPT			= 2,
	PC5S_REJECT			= 3,
	PC5S_KEEPALIVE			= 4,
	PC5S_KEEPALIVE_ACK		= 5,
	PC5S_RELEASE			= 6,
	PC5S_RELEASE_ACCEPT		= 7,
	PC5S_SMC_COMMAND		= 12,
	PC5S_SMC_COMPLETE		= 13,
	PC5S_SMC_REJECT			= 14,
	PC5S_REKEYING_REQUEST		= 15,
	PC5S_REKEYING_RESPONSE		= 16,
	PC5S_REKEYING_TRIGGER		= 17,
	PC5S_REMOTE_UE_INFO_REQUEST	= 18,
	PC5S_REMOTE_UE_INFO_RESPONSE	= 19,
	PC5S_KEY_ESTABLISHMENT		= PC5S_TYPE_KEY_ESTABLISHMENT,
	PC5S_CONNECTION_COMPLETE	= PC5S_TYPE_CONNECTION_COMPLETE,
};

/* Cause, TS 24.334 12.5.1.7. */
enum pc5s_cause {
	PC5S_CAUSE_NOT_ALLOWED		= 1,
	PC5S_CAUSE_AUTHENTICATION	= 2,
	PC5S_CAUSE_L2_ID_CONFLICT	= 3,
	PC5S_CAUSE_RESOURCES		= 4,
	PC5S_CAUSE_IP_VERSION		= 5,
	PC5S_CAUSE_SETUP_FAILED		= 6,
	PC5S_CAUSE_CAPABILITIES		= 7,
	PC5S_CAUSE_UNSPECIFIED		= 8,
	PC5S_CAUSE_SYNCHRONISATION	= 9,
	PC5S_CAUSE_NO_RESPONSE		= 10,
};

/* Release Reason, TS 24.334 12.5.1.12. */
enum pc5s_release_reason {
	PC5S_RELEASE_NOT_NEEDED		= 1,
	PC5S_RELEASE_NOT_ALLOWED	= 2,
	PC5S_RELEASE_NOT_AVAILABLE	= 3,
};

#define PC5S_IP_CONFIG_NONE		3	/* address allocation not supported */

enum pc5s_user_info_type {
	PC5S_USER_INFO_UPPER_LAYERS	= 1,
	PC5S_USER_INFO_PRUK_ID		= 2,
	PC5S_USER_INFO_IMSI		= 3,
};

#define PC5S_KE_MORE	0x01
#define PC5S_KE_ACK	0x02
#define PC5S_KE_ABORT	0x04

/* Information elements; also the number of their bit in &struct pc5s_message.has. */
enum pc5s_ie {
	PC5S_IE_USER_INFO,
	PC5S_IE_IP_CONFIG,
	PC5S_IE_MAX_INACTIVITY,
	PC5S_IE_NONCE_1,
	PC5S_IE_CAPABILITIES,
	PC5S_IE_MSB_KD_SESS_ID,
	PC5S_IE_KD_ID,
	PC5S_IE_RELAY_SERVICE_CODE,
	PC5S_IE_SIGNATURE,
	PC5S_IE_LINK_LOCAL,
	PC5S_IE_CAUSE,
	PC5S_IE_KEEPALIVE_COUNTER,
	PC5S_IE_RELEASE_REASON,
	PC5S_IE_NONCE_2,
	PC5S_IE_CHOSEN_ALGORITHMS,
	PC5S_IE_LSB_KD_SESS_ID,
	PC5S_IE_MSB_KD_ID,
	PC5S_IE_LSB_KD_ID,
	PC5S_IE_KD_FRESHNESS,
	PC5S_IE_GPI,
	PC5S_IE_ENCRYPTED_PAYLOAD,
	PC5S_IE_RAND,
	PC5S_IE_AUTS,
	PC5S_IE_AUTH_FLAG,
	PC5S_IE_PRUK_ID,
	PC5S_IE_INFO_TYPE,
	PC5S_IE_IMEI,
	/* extensions */
	PC5S_IE_KEYING_METHODS,
	PC5S_IE_SECURITY_POLICY,
	PC5S_IE_CONNECTION_ID,
	PC5S_IE_ADDRESSES,
	PC5S_IE_TARGET_INFO,
	PC5S_IE_COUNTS,
	PC5S_IE_REQUEST_HASH,
	PC5S_IE_SELECTED_METHOD,
	PC5S_IE_CHOSEN_POLICY,
	PC5S_IE_EXPRESSIONS,
	PC5S_IE_COOKIE,
	PC5S_IE_LINK_L2_ID,
	PC5S_IE_KE_METHOD,
	PC5S_IE_KE_ROUND,
	PC5S_IE_KE_FRAGMENT,
	PC5S_IE_KE_FLAGS,
	PC5S_IE_KE_TOTAL,
	PC5S_IE_CONTAINER,
	PC5S_IE_METHOD_CONTAINER,
	PC5S_IE_N,
};

#define PC5S_BIT(ie)	(UINT64_C(1) << (ie))

/* A name, octets without the coding of the IE; an IMSI is its digits in ASCII. */
struct pc5s_user_info {
	uint8_t type;
	uint8_t len;
	uint8_t value[PC5S_USER_INFO_MAX];
};

/* Octets inside the message that was decoded, or is to be encoded; not owned. */
struct pc5s_octets {
	const uint8_t *data;
	uint16_t len;
};

/* A whole container of a keying method, inside the message that has it. */
struct pc5s_method_container {
	uint8_t method;
	struct pc5s_octets octets;
};

struct pc5s_methods {
	uint8_t n;
	uint8_t id[PC5S_METHODS_MAX];
};

struct pc5s_policy {
	uint8_t up_integrity, up_ciphering;	/* enum ue_policy */
	uint8_t count_profile;
};

struct pc5s_addresses {
	uint8_t n;
	struct {
		uint8_t family;
		uint8_t addr[16];
	} a[PC5S_ADDRESSES_MAX];
};

struct pc5s_expressions {
	uint8_t n;
	char name[PROSE_EXPRESSIONS_MAX][PROSE_EXPRESSION_MAX + 1];
};

struct pc5s_counts {
	uint8_t n;
	struct {
		uint8_t lcid;
		uint32_t sent, received;
	} c[PC5S_COUNTS_MAX];
};

/**
 * struct pc5s_message - one message, decoded
 * @type: &enum pc5s_type
 * @sequence: sequence number
 * @has: bit set of &enum pc5s_ie. The decoder sets it for every IE present, mandatory ones
 *	 included; the encoder looks at it for optional ones only
 */
struct pc5s_message {
	uint8_t type;
	uint16_t sequence;
	uint64_t has;

	struct pc5s_user_info user_info;
	struct pc5s_user_info target_info;
	uint8_t ip_config;
	uint32_t max_inactivity;
	uint8_t nonce_1[PC5S_NONCE_LEN];
	uint8_t nonce_2[PC5S_NONCE_LEN];
	uint16_t capabilities;
	uint8_t msb_kd_sess_id, lsb_kd_sess_id;
	uint8_t chosen_algorithms;
	uint32_t kd_id;
	uint16_t msb_kd_id, lsb_kd_id;
	uint32_t relay_service_code;
	uint8_t signature[PC5S_SIGNATURE_LEN];
	uint8_t link_local[16];
	uint8_t cause;
	uint32_t keepalive_counter;
	uint8_t release_reason;
	uint8_t kd_freshness[16];
	struct pc5s_octets gpi, encrypted_payload, container;
	uint8_t rand[16];
	uint8_t auts[14];
	uint8_t auth_flag;
	uint8_t pruk_id[8];
	uint8_t info_type;
	uint8_t imei[9];
	struct pc5s_methods methods;
	uint8_t selected_method;
	struct pc5s_policy policy;
	uint8_t chosen_policy;
	uint8_t connection_id[8];
	struct pc5s_addresses addresses;
	struct pc5s_counts counts;
	struct pc5s_expressions expressions;
	uint8_t cookie[PROSE_COOKIE_LEN];
	uint32_t link_l2_id;
	struct pc5s_method_container method_container;
	uint8_t request_hash[PC5S_HASH_LEN];
	uint8_t ke_method, ke_round, ke_fragment, ke_flags;
	uint16_t ke_total;
};

/**
 * struct pc5s_error - why a message was refused
 * @offset: octet of the message at fault; of the end, when octets are missing
 * @ie: name of the IE at fault, empty string when none is
 * @reason: static text, no full stop
 */
struct pc5s_error {
	size_t offset;
	const char *ie;
	const char *reason;
};

/**
 * pc5s_decode() - decode one message
 * @message: filled; pointers in it point into @data
 * @data: octets of the message
 * @len: number of octets
 * @error: filled on failure, may be NULL
 *
 * Return: 0, or -1 when the message is refused.
 */
int pc5s_decode(struct pc5s_message *message, const uint8_t *data, size_t len,
		struct pc5s_error *error);

/**
 * pc5s_encode() - encode one message
 * @message: the message
 * @out: where to
 * @size: octets there are at @out
 * @error: filled on failure, may be NULL
 *
 * Refuses what pc5s_decode() would refuse, so nobody sends what nobody accepts.
 *
 * Return: number of octets, or -1.
 */
int pc5s_encode(const struct pc5s_message *message, uint8_t *out, size_t size,
		struct pc5s_error *error);

/* Is the IE present? */
static inline bool pc5s_has(const struct pc5s_message *message, enum pc5s_ie ie)
{
	return message->has & PC5S_BIT(ie);
}

/* Does the message use anything that TS 24.334 does not have? */
bool pc5s_has_extensions(const struct pc5s_message *message);

/* "DIRECT_COMMUNICATION_REQUEST", or "unknown". */
const char *pc5s_type_name(uint8_t type);
bool pc5s_type_known(uint8_t type);

/*
 * Table access for tests and documentation: the n-th message type (0 past the end), and
 * the bits of the IEs it must and may have.
 */
uint8_t pc5s_type_at(size_t n);
uint64_t pc5s_mandatory(uint8_t type);
uint64_t pc5s_optional(uint8_t type);

#endif
