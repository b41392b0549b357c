/* SPDX-License-Identifier: MIT */
/*
 * What the TR and the RFCs leave open about MIKEY, and what we chose. Both ends have to choose alike;
 * Documentation/identity.rst has the same list with its reasons.
 */
#ifndef PROSE_MIKEY_PROFILE_H
#define PROSE_MIKEY_PROFILE_H

/*
 * KD of TR 33.833 6.4.3: the TEK of crypto session 0 that the SSV, as TGK, gives with PRF-HMAC-SHA-256
 * (RFC 3830 4.1.3). The TR does not say how KD comes from I_MESSAGE. 256 bits long, and as strong as
 * the SSV and SAKKE's curve are: 112 bits.
 */
#define MIKEY_KD_CS_ID		0
#define MIKEY_KD_LEN		32

/*
 * ID scheme for identities other than telephone numbers, of the range for private use (RFC 6509 8: 240
 * to 254).
 */
#define MIKEY_SCHEME_PRIVATE	240

/*
 * Type of the general extension that binds an I_MESSAGE to one run of a keying method over the direct
 * link, of the range for private use (RFC 3830 10: 241 to 255).
 */
#define MIKEY_EXT_RUN		241

/* How far from the clock a timestamp may be, in seconds, and how many messages are remembered. */
#define MIKEY_WINDOW		600
#define MIKEY_REPLAY_ENTRIES	1024

#endif
