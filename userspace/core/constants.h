/* SPDX-License-Identifier: MIT */
/*
 * Every constant that a standard leaves open, that we could not read in the
 * standard's own text, or that is an extension of ours. Documentation/protocol.rst
 * has the same list with its reasons. A constant that a standard does fix and that
 * was read there lives with the code that uses it.
 */
#ifndef PROSE_CORE_CONSTANTS_H
#define PROSE_CORE_CONSTANTS_H

/*
 * Function codes of the KDF (TS 33.220 B.2). Provisional: the clauses of TS 33.303
 * that fix them were not at hand. Both ends are ours, so a wrong value costs
 * interoperability only, as long as the values differ from each other.
 */
#ifndef PROSE_FC_KD_SESS
#define PROSE_FC_KD_SESS	0x5e	/* KD-sess from KD, Nonce_1, Nonce_2 (layout as TS 33.536 A.3) */
#endif
#ifndef PROSE_FC_ALG_KEY
#define PROSE_FC_ALG_KEY	0x4b	/* PEK, PIK from KD-sess, TS 33.303 A.4 */
#endif
#ifndef PROSE_FC_KD_ID
#define PROSE_FC_KD_ID		0xf1	/* own: what covers KD ID in a request without identity */
#endif
#ifndef PROSE_FC_PSK_KD
#define PROSE_FC_PSK_KD		0xf0	/* own: KD from a provisioned key, method psk */
#endif
#ifndef PROSE_FC_MIKEY_KD
#define PROSE_FC_MIKEY_KD	0xf2	/* own: KD from KDs of I_MESSAGEs, method mikey-sakke */
#endif
#ifndef PROSE_FC_MIKEY_EMBEDDED
#define PROSE_FC_MIKEY_EMBEDDED	0xf4	/* own: the same, of I_MESSAGEs in request and command */
#endif
#ifndef PROSE_FC_ECCSI_SAKKE_KD
#define PROSE_FC_ECCSI_SAKKE_KD	0xf3	/* own: KD from the SSV of Encrypted Payload, method eccsi-sakke */
#endif

/*
 * IEIs of TS 24.334 12.5.1: clause 11.4.1 says the tables print them in hexadecimal,
 * the numbering itself counts in decimal. We follow the normative sentence.
 */
#ifdef PROSE_IEI_DECIMAL
#define PROSE_IEI(printed)	(((printed) >> 4) * 10 + ((printed) & 0xf))
#else
#define PROSE_IEI(printed)	(printed)
#endif

#define PC5S_IEI_USER_INFO		PROSE_IEI(0x01)
#define PC5S_IEI_LINK_LOCAL_IPV6	PROSE_IEI(0x03)
#define PC5S_IEI_CAUSE			PROSE_IEI(0x05)	/* own use: TV in KEY ESTABLISHMENT */
#define PC5S_IEI_MAX_INACTIVITY		PROSE_IEI(0x07)
#define PC5S_IEI_PRUK_ID		PROSE_IEI(0x08)
#define PC5S_IEI_AUTS			PROSE_IEI(0x09)
#define PC5S_IEI_RAND			PROSE_IEI(0x10)
#define PC5S_IEI_LSB_KD_ID		PROSE_IEI(0x15)
#define PC5S_IEI_MSB_KD_ID		PROSE_IEI(0x16)
#define PC5S_IEI_KD_ID			PROSE_IEI(0x17)
#define PC5S_IEI_KD_FRESHNESS		PROSE_IEI(0x18)
#define PC5S_IEI_NONCE_2		PROSE_IEI(0x20)	/* own use: TV in KEY ESTABLISHMENT */
#define PC5S_IEI_AUTH_FLAG		PROSE_IEI(0x21)
#define PC5S_IEI_SIGNATURE		PROSE_IEI(0x22)
#define PC5S_IEI_ENCRYPTED_PAYLOAD	PROSE_IEI(0x23)
#define PC5S_IEI_GPI			PROSE_IEI(0x24)
#define PC5S_IEI_RELAY_SERVICE_CODE	PROSE_IEI(0x25)
#define PC5S_IEI_IMEI			PROSE_IEI(0x27)

/*
 * Extensions (design decision D7), all in the ranges TS 24.334 reserves and all left
 * out under --strict-24334. Message types:
 */
#define PC5S_TYPE_KEY_ESTABLISHMENT	0xf0	/* TR 33.833 6.4.1.4.3.1 messages 1 to 4 */
#define PC5S_TYPE_CONNECTION_COMPLETE	0xf1	/* TR 33.833 6.4.1.4.2 Direct-Connection-Complete */

/* IEIs. 0x7x have a two-octet length (TLV-E), as in TS 24.007. */
#define PC5S_IEI_KEYING_METHODS		0x61	/* TLV: Key_creation_data: method ids, most wanted first */
#define PC5S_IEI_SECURITY_POLICY	0x62	/* TLV: user-plane policies, COUNT profile */
#define PC5S_IEI_CONNECTION_ID		0x63	/* TLV: connection identity, 8 octets (TR 6.4.1.4.2) */
#define PC5S_IEI_OVERLAY_ADDRESSES	0x64	/* TLV: family (4 or 6) and address, repeated */
#define PC5S_IEI_TARGET_INFO		0x65	/* TLV: the identity the request is meant for */
#define PC5S_IEI_COUNTS			0x66	/* TLV: COUNT last sent and received per bearer, in keepalives */
#define PC5S_IEI_REQUEST_HASH		0x67	/* TLV: SHA-256 of the request that is answered */
#define PC5S_IEI_SELECTED_METHOD	0x68	/* TLV: keying method that made the KD of this command */
#define PC5S_IEI_COOKIE			0x69	/* TLV: of a REJECT, to be sent with the request again */
#define PC5S_IEI_CHOSEN_POLICY		0x6a	/* TLV: whether user data carries MAC-I */
#define PC5S_IEI_EXPRESSIONS		0x6b	/* TLV: services asked for, or offered */
#define PC5S_IEI_LINK_L2_ID		0x6c	/* TLV: the sender's Layer-2 ID on this link from now on */
#define PC5S_IEI_CONTAINER		0x71	/* TLV-E: key establishment container fragment */
#define PC5S_IEI_METHOD_CONTAINER	0x72	/* TLV-E: container in REQUEST and COMMAND (TR 6.4.3.3.3) */

/* Timers, milliseconds, and retries: TS 24.334 table 13.2.1 leaves both to the UE. */
#define PROSE_T4100_MS		1000	/* REQUEST, up to a quarter less by chance; restarted by each key establishment message */
#define PROSE_T4101_MS		1000	/* KEEPALIVE */
#define PROSE_T4102_MS		10000	/* silence before a KEEPALIVE */
#define PROSE_T4103_MS		500	/* RELEASE */
#define PROSE_T4111_MS		4000	/* SECURITY MODE COMMAND, whole wait */
#define PROSE_T4112_MS		1000	/* REKEYING REQUEST */
#define PROSE_TKE_MS		400	/* key establishment fragment, doubled at each retry */
#define PROSE_TACCEPT_MS	500	/* ACCEPT with extensions, until CONNECTION COMPLETE */
#define PROSE_RETRIES		5
#define PROSE_COUNT_LOST	32768	/* COUNTs behind: HFN can no longer be recovered */
#define PROSE_RESYNC_MS		60000	/* at most one rekeying in that time for COUNTs that differ */
#define PROSE_GRACE_MS		2000	/* an old association still receives this long */
/* Lifetimes of keys, seconds: the daemon's defaults. TR 33.833 leaves them open. */
#define PROSE_KD_SESS_SOFT_S	3600
#define PROSE_KD_SESS_HARD_S	7200
#define PROSE_KD_SOFT_S		86400
#define PROSE_KD_HARD_S		604800
#define PROSE_HALF_OPEN_MAX	64	/* half-open setups of all sources */
#define PROSE_HALF_OPEN_COOKIE	8	/* so many, and the next needs a cookie */
#define PROSE_HALF_OPEN_SOURCE_MAX 8	/* of one carrier address; of one Layer-2 ID it is 1 */

/* Key establishment: one fragment leaves room for headers in a 1280 octet link. */
#define PROSE_KE_FRAGMENT	1100
#define PROSE_KE_FRAGMENT_MIN	256	/* so that 256 fragments carry the largest container */
#define PROSE_KE_FRAGMENT_MAX	4096
#define PROSE_KE_CONTAINER_MAX	65535
#define PROSE_KE_FRAGMENT_HEAD	45	/* of the longest message with a fragment, what is not fragment */

/*
 * Containers in requests and commands: each may cost the verification of a signature, and anybody can
 * send one. So many at once, and one more each time that has passed.
 */
#define PROSE_EMBEDDED_BURST	20
#define PROSE_EMBEDDED_MS	100
#define PROSE_STATION_BURST	5	/* the same, of one carrier address */
#define PROSE_STATION_MS	400
#define PROSE_STATIONS_MAX	64	/* carrier addresses that are told apart at a time */

/* A cookie and the names of services, extensions. */
#define PROSE_COOKIE_LEN	16
#define PROSE_COOKIE_MS		30000	/* a cookie is good that long, and at most twice */
#define PROSE_COOKIES_TAKEN_MAX	16	/* by UE_1 in one setup */
#define PROSE_EXPRESSION_MAX	48	/* octets of a name */
#define PROSE_EXPRESSIONS_MAX	4	/* in a message; so they fit one IE */

/* Largest identity that fits User Info both as LV and as TLV (TS 24.334 12.5.1.3). */
#define PROSE_IDENTITY_MAX	250

#endif
