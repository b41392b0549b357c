/* SPDX-License-Identifier: ((GPL-2.0-only WITH Linux-syscall-note) OR MIT) */
/* Do not edit directly, auto-generated from: */
/*	netlink/prose.yaml */
/* by netlink/gen */

/*
 * Rows of a table by PROSE_A_STAT_: who includes it defines STAT(name, text), what of
 * the two a row holds, and undefines it.
 */
[PROSE_A_STAT_TX_NO_PEER] =
	STAT("tx-no-peer", "No peer has the next hop's address."),
[PROSE_A_STAT_TX_NO_ASSOC] =
	STAT("tx-no-assoc", "The peer has no association that sends."),
[PROSE_A_STAT_TX_COUNT_LIMIT] =
	STAT("tx-count-limit", "COUNT is used up."),
[PROSE_A_STAT_TX_CRYPTO] =
	STAT("tx-crypto", "Ciphering or MAC computation failed."),
[PROSE_A_STAT_TX_LOWER] =
	STAT("tx-lower", "The lower device did not take the frame."),
[PROSE_A_STAT_TX_NOMEM] =
	STAT("tx-nomem", "No memory for the frame, or too many wait."),
[PROSE_A_STAT_TX_TOO_BIG] =
	STAT("tx-too-big", "The SDU exceeds 8188 octets or the MTU."),
[PROSE_A_STAT_TX_NOT_IP] =
	STAT("tx-not-ip", "Neither IPv4 nor IPv6"),
[PROSE_A_STAT_RX_SHORT] =
	STAT("rx-short", "Shorter than its headers and MAC-I."),
[PROSE_A_STAT_RX_RESERVED] =
	STAT("rx-reserved", "A reserved or invalid header value (TS 36.323 5.8)."),
[PROSE_A_STAT_RX_OWN_SOURCE] =
	STAT("rx-own-source", "The source is the own Layer-2 ID."),
[PROSE_A_STAT_RX_NOT_FOR_US] =
	STAT("rx-not-for-us", "The destination is another Layer-2 ID."),
[PROSE_A_STAT_RX_NO_PEER] =
	STAT("rx-no-peer", "Protected"),
[PROSE_A_STAT_RX_NO_ASSOC] =
	STAT("rx-no-assoc", "The KD-sess ID names no association."),
[PROSE_A_STAT_RX_UNPROTECTED] =
	STAT("rx-unprotected", "KD-sess ID 0 where protection is required."),
[PROSE_A_STAT_RX_BEARER] =
	STAT("rx-bearer", "The LCID is not one the association has."),
[PROSE_A_STAT_RX_INTEGRITY] =
	STAT("rx-integrity", "The MAC-I does not verify."),
[PROSE_A_STAT_RX_REPLAY] =
	STAT("rx-replay", "COUNT seen before or behind the window."),
[PROSE_A_STAT_RX_COUNT_LIMIT] =
	STAT("rx-count-limit", "COUNT outside start and limit."),
[PROSE_A_STAT_RX_CRYPTO] =
	STAT("rx-crypto", "Deciphering failed."),
[PROSE_A_STAT_RX_NOMEM] =
	STAT("rx-nomem", "No memory."),
[PROSE_A_STAT_RX_SPOOFED] =
	STAT("rx-spoofed", "The inner source address does not route back to the peer."),
[PROSE_A_STAT_RX_NOT_IP] =
	STAT("rx-not-ip", "SDU type IP without an IPv4 or IPv6 packet."),
[PROSE_A_STAT_RX_SDU_TYPE] =
	STAT("rx-sdu-type", "An SDU type this device does not take."),
[PROSE_A_STAT_SIGNAL_RATE] =
	STAT("signal-rate", "Unprotected PC5-S messages over the rate."),
[PROSE_A_STAT_SIGNAL_NO_OWNER] =
	STAT("signal-no-owner", "PC5-S messages nobody registered for."),
[PROSE_A_STAT_SIGNAL_QUEUE] =
	STAT("signal-queue", "The owner's socket buffer was full."),
[PROSE_A_STAT_TX_NO_CARRIER_ADDR] =
	STAT("tx-no-carrier-addr",
	     "Where the peer is on the carrier is not known, and the device has no remote."),
