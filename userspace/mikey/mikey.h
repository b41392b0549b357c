/* SPDX-License-Identifier: MIT */
/*
 * Codec of MIKEY messages: RFC 3830, and of RFC 4563, 6043 and 6509 what identity-based keys and
 * group keys need.
 *
 * A message is a common header (HDR) and a chain of payloads, each of which says what the next
 * one is; SIGN alone does not, for nothing may follow it. One table in payload.c has the layout of
 * each. All integers are big-endian.
 *
 *	HDR	version 1, data type, next payload, V (1 bit) PRF func (7 bits), CSB ID (4 octets),
 *		#CS, CS ID map type, CS ID map info
 *	KEMAC	encr alg, length (2), encr data, mac alg, MAC of the length that alg has
 *	PKE	C (2 bits) length (14 bits), data
 *	SIGN	S type (4 bits) length (12 bits), signature
 *	T	TS type, value of the length that type has
 *	TR	role, TS type, value
 *	ID CERT GenExt	type, length (2), data
 *	IDR	role, type, length (2), data
 *	CHASH V	algorithm, value of the length that it has
 *	RAND	length (1), data
 *	RANDR	role, length (1), data
 *	SP	policy no, prot type, length (2), parameters
 *	ERR	error no, reserved (2)
 *	SAKKE	parameter set, ID scheme, length (2), data
 *
 * Decoding is strict: a missing octet, an octet left over, a reserved bit that is set, a payload
 * that there may be only one of twice, SIGN or V followed by anything, and counts that do not fit
 * to lengths each refuse the whole message, with the offset and the reason. So every message
 * that decodes has exactly one encoding.
 *
 * What is not known: a payload of another type cannot be stepped over, since nothing says how long
 * it is, so it refuses the message. General extensions say how long they are; RFC 3830 6.15 has them
 * so that messages can be extended: any type of them is taken and left to whoever knows it. So are
 * types and roles of identities, parameters of policies, and types of certificates. Algorithms are
 * not, for their outputs have no length of their own; nor are data types. Of DH and of tickets
 * (RFC 6043) we know nothing but the numbers.
 */
#ifndef PROSE_MIKEY_MIKEY_H
#define PROSE_MIKEY_MIKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIKEY_VERSION		1
#define MIKEY_HEADER_LEN	10	/* without CS ID map info */
#define MIKEY_MAX_LEN		65535
#define MIKEY_PAYLOADS_MAX	32
#define MIKEY_MAC_MAX		32

enum mikey_data_type {
	MIKEY_DATA_PSK		= 0,
	MIKEY_DATA_PSK_VERIFY	= 1,
	MIKEY_DATA_PK		= 2,
	MIKEY_DATA_PK_VERIFY	= 3,
	MIKEY_DATA_DH_INIT	= 4,
	MIKEY_DATA_DH_RESPONSE	= 5,
	MIKEY_DATA_ERROR	= 6,
	MIKEY_DATA_SAKKE	= 26,
};

enum mikey_payload_type {
	MIKEY_LAST	= 0,
	MIKEY_KEMAC	= 1,
	MIKEY_PKE	= 2,
	MIKEY_DH	= 3,
	MIKEY_SIGN	= 4,
	MIKEY_T		= 5,
	MIKEY_ID	= 6,
	MIKEY_CERT	= 7,
	MIKEY_CHASH	= 8,
	MIKEY_V		= 9,
	MIKEY_SP	= 10,
	MIKEY_RAND	= 11,
	MIKEY_ERR	= 12,
	MIKEY_TR	= 13,
	MIKEY_IDR	= 14,
	MIKEY_RANDR	= 15,
	MIKEY_TP	= 16,
	MIKEY_TICKET	= 17,
	MIKEY_KEY_DATA	= 20,	/* only within KEMAC, see key_data.h */
	MIKEY_EXTENSION	= 21,
	MIKEY_SAKKE	= 26,
};

enum mikey_prf {
	MIKEY_PRF_SHA_1		= 0,	/* MIKEY-1 */
	MIKEY_PRF_SHA_256	= 1,
};

enum mikey_map {
	MIKEY_MAP_SRTP		= 0,
	MIKEY_MAP_EMPTY		= 1,
	MIKEY_MAP_GENERIC	= 2,
};

enum mikey_encryption {
	MIKEY_ENCR_NULL		= 0,
	MIKEY_ENCR_AES_CM_128	= 1,
	MIKEY_ENCR_AES_KW_128	= 2,
	MIKEY_ENCR_AES_CM_256	= 3,
};

enum mikey_mac {
	MIKEY_MAC_NULL		= 0,
	MIKEY_MAC_SHA_1		= 1,
	MIKEY_MAC_SHA_256	= 2,
};

enum mikey_signature {
	MIKEY_SIGN_RSA		= 0,
	MIKEY_SIGN_RSA_PSS	= 1,
	MIKEY_SIGN_ECCSI	= 2,
};

enum mikey_timestamp {
	MIKEY_TS_NTP_UTC	= 0,
	MIKEY_TS_NTP		= 1,
	MIKEY_TS_COUNTER	= 2,
	MIKEY_TS_NTP_UTC_32	= 3,
};

enum mikey_id_type {
	MIKEY_ID_NAI		= 0,
	MIKEY_ID_URI		= 1,
	MIKEY_ID_OCTETS		= 2,
};

enum mikey_role {
	MIKEY_ROLE_INITIATOR	 = 1,
	MIKEY_ROLE_RESPONDER	 = 2,
	MIKEY_ROLE_KMS		 = 3,
	MIKEY_ROLE_PSK		 = 4,
	MIKEY_ROLE_APPLICATION	 = 5,
	MIKEY_ROLE_INITIATOR_KMS = 6,
	MIKEY_ROLE_RESPONDER_KMS = 7,
	MIKEY_ROLE_INITIATOR_UID = 8,	/* 3GPP, seen in messages of the field */
	MIKEY_ROLE_RESPONDER_UID = 9,
};

enum mikey_extension {
	MIKEY_EXT_VENDOR	= 0,
	MIKEY_EXT_SDP_IDS	= 1,
	MIKEY_EXT_KEY_ID	= 3,
	MIKEY_EXT_BCAST		= 5,
	MIKEY_EXT_SAKKE_TO_SELF	= 6,
	MIKEY_EXT_3GPP_KEY	= 7,
};

/* Error no of ERR, RFC 3830 6.12 and RFC 6043 6.12. */
enum mikey_error_no {
	MIKEY_ERR_AUTH		= 0,
	MIKEY_ERR_TS		= 1,
	MIKEY_ERR_PRF		= 2,
	MIKEY_ERR_MAC		= 3,
	MIKEY_ERR_EA		= 4,
	MIKEY_ERR_HA		= 5,
	MIKEY_ERR_DH		= 6,
	MIKEY_ERR_ID		= 7,
	MIKEY_ERR_CERT		= 8,
	MIKEY_ERR_SP		= 9,
	MIKEY_ERR_SP_PARAM	= 10,
	MIKEY_ERR_DATA_TYPE	= 11,
	MIKEY_ERR_UNSPECIFIED	= 12,
	MIKEY_ERR_MESSAGE	= 13,
};

/* Octets of somebody else: of the message that was decoded, or of whoever encodes. */
struct mikey_octets {
	const uint8_t *data;
	size_t len;
};

/**
 * struct mikey_payload - one payload; what a kind of payload has not is 0
 * @payload: &enum mikey_payload_type
 * @role: IDR, RANDR, TR: role. SP: policy no. SAKKE: parameter set
 * @type: KEMAC: encr alg. SIGN: S type. T, TR: TS type. ID, IDR, CERT, GenExt: type. SP: prot
 *	  type. CHASH, V: algorithm. ERR: error no. PKE: C. SAKKE: ID scheme
 * @mac_alg: KEMAC
 * @data: what there is of variable length, or of a length that @type implies. To encode with
 *	  @data.data NULL leaves as many zeros, for a signature that is made over what is before it
 * @mac: KEMAC; likewise
 * @offset: decoded: where it begins in the message
 */
struct mikey_payload {
	uint8_t payload;
	uint8_t role;
	uint8_t type;
	uint8_t mac_alg;
	struct mikey_octets data;
	struct mikey_octets mac;
	size_t offset;
};

/**
 * struct mikey_message - a whole message
 * @data_type: &enum mikey_data_type
 * @verify: V: a verification message is wanted
 * @prf: &enum mikey_prf
 * @csb_id: CSB ID
 * @n_cs: how many crypto sessions the map has
 * @map_type: &enum mikey_map
 * @map: CS ID map info, see mikey_cs_next()
 * @n: how many payloads
 * @payload: in their order
 */
struct mikey_message {
	uint8_t data_type;
	bool verify;
	uint8_t prf;
	uint32_t csb_id;
	uint8_t n_cs;
	uint8_t map_type;
	struct mikey_octets map;
	size_t n;
	struct mikey_payload payload[MIKEY_PAYLOADS_MAX];
};

/**
 * struct mikey_error - why a message was refused
 * @offset: of the octet that is wrong, or where one is missing; when encoding, of the payload
 * @where: name of the payload, "HDR", ...
 * @reason: static text that goes on behind it
 * @number: what ERR would say of it, &enum mikey_error_no
 */
struct mikey_error {
	size_t offset;
	const char *where;
	const char *reason;
	uint8_t number;
};

/**
 * mikey_decode() - take a message apart
 * @message: gets it; its octets are those of @data
 * @data: the message
 * @len: octets
 * @error: gets the reason when it is refused; may be NULL
 *
 * Return: 0 or -1.
 */
int mikey_decode(struct mikey_message *message, const uint8_t *data, size_t len,
		 struct mikey_error *error);

/**
 * mikey_encode() - put a message together
 * @message: what to send
 * @out: gets the octets
 * @size: room
 * @error: gets the reason when it cannot be done; may be NULL
 *
 * What this makes, mikey_decode() takes.
 *
 * Return: octets, or -1.
 */
int mikey_encode(const struct mikey_message *message, uint8_t *out, size_t size,
		 struct mikey_error *error);

/* The n-th payload (from 0) of that type, NULL when there is none. */
const struct mikey_payload *mikey_find(const struct mikey_message *message, uint8_t type, size_t n);
/* IDR of a role, NULL when there is none. */
const struct mikey_payload *mikey_find_role(const struct mikey_message *message, uint8_t role);

/**
 * mikey_covered() - how much of a message its MAC or signature covers
 * @message: as decoded
 * @payload: its KEMAC, V or SIGN
 *
 * RFC 3830 5.2: all up to the field itself, so that lengths and algorithms are covered too.
 *
 * Return: octets from the beginning.
 */
size_t mikey_covered(const struct mikey_payload *payload);

/* One crypto session of the CS ID map. */
struct mikey_cs {
	uint8_t cs_id;
	uint8_t protocol;		/* GENERIC-ID */
	bool session_data_last;		/* GENERIC-ID: S */
	uint8_t policy;			/* SRTP-ID */
	uint32_t ssrc, roc;		/* SRTP-ID */
	struct mikey_octets policies;	/* GENERIC-ID */
	struct mikey_octets data;	/* GENERIC-ID */
	struct mikey_octets spi;	/* GENERIC-ID */
};

/**
 * mikey_cs_next() - the next crypto session of a map
 * @message: its header
 * @at: where it begins in the map, from 0; moved behind it
 * @cs: gets it
 *
 * Return: 1; 0 at the end; -1 where the map ends too early.
 */
int mikey_cs_next(const struct mikey_message *message, size_t *at, struct mikey_cs *cs);

/* A parameter of SP, or a Key ID of the extension that has these. */
struct mikey_tlv {
	uint8_t type;
	struct mikey_octets value;
};

/* Type, length (1), value: 1; 0 at the end; -1 where they end too early. */
int mikey_tlv_next(const struct mikey_octets *all, size_t *at, struct mikey_tlv *tlv);

/*
 * Names as the RFCs have them; NULL for a number without one.
 */
const char *mikey_payload_name(uint8_t payload);
const char *mikey_data_type_name(uint8_t data_type);
const char *mikey_prf_name(uint8_t prf);
const char *mikey_map_name(uint8_t map_type);
const char *mikey_role_name(uint8_t role);
const char *mikey_id_type_name(uint8_t type);
const char *mikey_encryption_name(uint8_t alg);
const char *mikey_mac_name(uint8_t alg);
const char *mikey_signature_name(uint8_t type);
const char *mikey_timestamp_name(uint8_t type);
const char *mikey_extension_name(uint8_t type);
const char *mikey_error_name(uint8_t number);

#endif
