/* SPDX-License-Identifier: MIT */
/*
 * The configuration file, prosed.conf(5).
 *
 * A struct config is what one file says, whole and checked: a file with any fault makes
 * none. It is immutable; a reload makes another.
 */
#ifndef PROSE_DAEMON_CONFIG_H
#define PROSE_DAEMON_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ue.h"
#include "text.h"

#define CONFIG_DEFAULT_PATH	"/etc/prose/prosed.conf"
#define CONFIG_RUNTIME_DIR	"/run/prose"
#define CONFIG_STORE_DIR	"/var/lib/prose"
#define CONFIG_WHY_MAX		512

/* Overlay address with the subnet it lies in. */
struct config_address {
	struct ue_address address;
	unsigned int prefix;
};

/**
 * struct config_peer - section peer
 * @identity: title, the identity the keying method must authenticate
 * @l2_id: Layer-2 ID, 0 when none is configured
 * @addresses: overlay addresses it may have; none: any free one of the own subnets
 * @n_addresses: entries in @addresses
 * @auto_connect: connect at start, and again after a failure
 */
struct config_peer {
	char identity[PROSE_IDENTITY_MAX + 1];
	uint32_t l2_id;
	struct ue_address addresses[UE_ADDRESSES_MAX];
	size_t n_addresses;
	bool auto_connect;
	struct ue_expressions asks;
};

/*
 * File names; absolute, or relative to the working folder as the path of the file was. @chain
 * and @key may also be pkcs11:..., and @pin_file is NULL without one.
 */
struct config_certificate {
	bool present;
	int line;
	char *chain, *key, *pin_file;
	char **roots, **crls;
	size_t n_roots, n_crls;
	bool crl_required;
	unsigned int crl_grace_days;
	bool clock_untrusted;
	char *clock_file;
};

/**
 * struct config_udp - section udp: a device that prosed makes is on the udp carrier
 * @present: there is one
 * @port: own UDP port
 * @remote: where UEs are found whose address is not known; family 0: nowhere
 * @remote_port: their port
 * @local: own addresses, of either family one; family 0: any
 * @n_local: entries in @local
 */
struct config_udp {
	bool present;
	uint16_t port;
	struct ue_address remote;
	uint16_t remote_port;
	struct ue_address local[2];
	size_t n_local;
};

struct config_psk {
	bool present;
	int line;
	char *file;
};

/* File names as above; @seal, NULL without one, is what a store key is (keying/store_key.h). */
struct config_mikey_sakke {
	bool present;
	int line;
	char **communities, **keys, **deny;
	size_t n_communities, n_keys, n_deny;
	char *seal;
	bool reply_optional;
	bool in_request;
};

struct config {
	char *path;
	char device[IF_NAMESIZE];
	char lower[IF_NAMESIZE];		/* empty: the device must exist, or is on udp */
	struct config_udp udp;
	uint32_t l2_id;				/* 0: that of the device */
	bool l2_random;				/* another one for each time of being connected */
	char identity[PROSE_IDENTITY_MAX + 1];	/* empty: that of the credentials */
	int identity_line;
	struct config_address addresses[UE_ADDRESSES_MAX];
	size_t n_addresses;
	enum ue_policy up_integrity, up_ciphering;
	enum ue_count_profile count_profile;
	uint8_t eea_order[4], eia_order[4];	/* 0xff ends the list */
	uint16_t capabilities;
	enum keying_method_id methods[UE_METHODS_MAX];
	size_t n_methods;
	bool strict_24334;
	bool any_authenticated;			/* accept peers without a section */
	bool on_demand;
	char *control, *state, *key_log;	/* @key_log NULL: off */
	char *store, *store_key;		/* @store NULL: off */
	bool single_use_ids, hide_identity, reveal_identity;
	bool link_l2_ids;			/* links have Layer-2 IDs of their own */
	uint32_t rekey_packets;
	struct ue_timers timers;
	struct ue_lifetimes lifetimes;
	struct ue_expressions announces, accepts;
	struct config_certificate certificate;
	struct config_mikey_sakke mikey_sakke;
	struct config_psk psk;
	struct config_peer *peers;
	size_t n_peers;
};

/**
 * config_load() - read and check a file
 * @path: the file
 * @why: gets `FILE:LINE: reason`, and what to write instead
 * @why_len: its size, CONFIG_WHY_MAX is enough
 *
 * Return: the configuration, to be freed with config_free(), or NULL.
 */
struct config *config_load(const char *path, char *why, size_t why_len);
/* The same, and as if strict-24334 = true stood in it, when @strict_24334 is set. */
struct config *config_load_as(const char *path, bool strict_24334, char *why, size_t why_len);
void config_free(struct config *config);

/* The section of an identity, or of a Layer-2 ID; NULL when there is none. */
const struct config_peer *config_peer(const struct config *config, const char *identity);
const struct config_peer *config_peer_by_l2_id(const struct config *config, uint32_t l2_id);
/* The peer that is to have this overlay address. */
const struct config_peer *config_peer_by_address(const struct config *config,
						 const struct ue_address *address);

#endif
