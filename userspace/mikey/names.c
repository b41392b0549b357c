// SPDX-License-Identifier: MIT
/* Numbers into the names that the RFCs have for them. */
#include "payload.h"

#define NAME(names, number) \
	((number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] : NULL)

const char *mikey_payload_name(uint8_t payload)
{
	static const char *const names[] = {
		[MIKEY_KEMAC] = "KEMAC", [MIKEY_PKE] = "PKE", [MIKEY_DH] = "DH",
		[MIKEY_SIGN] = "SIGN", [MIKEY_T] = "T", [MIKEY_ID] = "ID", [MIKEY_CERT] = "CERT",
		[MIKEY_CHASH] = "CHASH", [MIKEY_V] = "V", [MIKEY_SP] = "SP", [MIKEY_RAND] = "RAND",
		[MIKEY_ERR] = "ERR", [MIKEY_TR] = "TR", [MIKEY_IDR] = "IDR",
		[MIKEY_RANDR] = "RANDR", [MIKEY_TP] = "TP", [MIKEY_TICKET] = "TICKET",
		[MIKEY_KEY_DATA] = "Key data", [MIKEY_EXTENSION] = "General Extension",
		[MIKEY_SAKKE] = "SAKKE",
	};

	return NAME(names, payload);
}

const char *mikey_data_type_name(uint8_t data_type)
{
	static const char *const names[] = {
		[MIKEY_DATA_PSK] = "pre-shared key", [MIKEY_DATA_PSK_VERIFY] = "PSK verification",
		[MIKEY_DATA_PK] = "public key", [MIKEY_DATA_PK_VERIFY] = "PK verification",
		[MIKEY_DATA_DH_INIT] = "DH initiator", [MIKEY_DATA_DH_RESPONSE] = "DH responder",
		[MIKEY_DATA_ERROR] = "error",
		[11] = "REQUEST_INIT_PSK", [12] = "REQUEST_INIT_PK", [13] = "REQUEST_RESP",
		[14] = "TRANSFER_INIT", [15] = "TRANSFER_RESP", [16] = "RESOLVE_INIT_PSK",
		[17] = "RESOLVE_INIT_PK", [18] = "RESOLVE_RESP",
		[MIKEY_DATA_SAKKE] = "SAKKE",
	};

	return NAME(names, data_type);
}

bool mikey_data_type_known(uint8_t data_type)
{
	return mikey_data_type_name(data_type);
}

const char *mikey_prf_name(uint8_t prf)
{
	static const char *const names[] = { "MIKEY-1 (HMAC-SHA-1)", "PRF-HMAC-SHA-256" };

	return NAME(names, prf);
}

const char *mikey_map_name(uint8_t map_type)
{
	static const char *const names[] = { "SRTP-ID", "Empty map", "GENERIC-ID" };

	return NAME(names, map_type);
}

const char *mikey_role_name(uint8_t role)
{
	static const char *const names[] = {
		[MIKEY_ROLE_INITIATOR] = "initiator", [MIKEY_ROLE_RESPONDER] = "responder",
		[MIKEY_ROLE_KMS] = "KMS", [MIKEY_ROLE_PSK] = "pre-shared key",
		[MIKEY_ROLE_APPLICATION] = "application",
		[MIKEY_ROLE_INITIATOR_KMS] = "initiator's KMS",
		[MIKEY_ROLE_RESPONDER_KMS] = "responder's KMS",
		[MIKEY_ROLE_INITIATOR_UID] = "initiator's UID",
		[MIKEY_ROLE_RESPONDER_UID] = "responder's UID",
	};

	return NAME(names, role);
}

const char *mikey_id_type_name(uint8_t type)
{
	static const char *const names[] = { "NAI", "URI", "octets" };

	return NAME(names, type);
}

const char *mikey_encryption_name(uint8_t alg)
{
	static const char *const names[] = { "NULL", "AES-CM-128", "AES-KW-128", "AES-CM-256" };

	return NAME(names, alg);
}

const char *mikey_mac_name(uint8_t alg)
{
	static const char *const names[] = { "NULL", "HMAC-SHA-1-160", "HMAC-SHA-256-256" };

	return NAME(names, alg);
}

const char *mikey_signature_name(uint8_t type)
{
	static const char *const names[] = { "RSA/PKCS#1/1.5", "RSA/PSS", "ECCSI" };

	return NAME(names, type);
}

const char *mikey_timestamp_name(uint8_t type)
{
	static const char *const names[] = { "NTP-UTC", "NTP", "COUNTER", "NTP-UTC-32" };

	return NAME(names, type);
}

const char *mikey_extension_name(uint8_t type)
{
	static const char *const names[] = {
		[MIKEY_EXT_VENDOR] = "Vendor ID", [MIKEY_EXT_SDP_IDS] = "SDP IDs",
		[MIKEY_EXT_KEY_ID] = "Key ID", [MIKEY_EXT_BCAST] = "OMA BCAST",
		[MIKEY_EXT_SAKKE_TO_SELF] = "SAKKE-to-self",
		[MIKEY_EXT_3GPP_KEY] = "3GPP key parameters",
	};

	return NAME(names, type);
}

const char *mikey_error_name(uint8_t number)
{
	static const char *const names[] = {
		"authentication failure", "invalid timestamp", "PRF not supported",
		"MAC algorithm not supported", "encryption algorithm not supported",
		"hash function not supported", "DH group not supported", "ID not supported",
		"certificate not supported", "SP type not supported",
		"SP parameters not supported", "data type not supported", "unspecified error",
		"message type not supported", "invalid TICKET", "invalid TPpar",
	};

	return NAME(names, number);
}
