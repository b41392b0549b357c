// SPDX-License-Identifier: MIT
/* Who sees everything and has no key, attacker.h. */
#include "attacker.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "core/eia.h"
#include "core/pc5s.h"
#include "world.h"

#define HOLD_MAX_MS	20000

static void count(struct world *world, enum tally_attack attack)
{
	world->tally->attacks[attack]++;
}

static uint32_t below(struct world *world, uint32_t n)
{
	return rng_below(&world->attacker.rng, n);
}

void attacker_init(struct world *world)
{
	world->attacker.rng = rng_split(world->seed, 2);
	world->attacker.active = world->settings.attacks;
	world->attacker.next_ms = world->attacker.active ? world->now : UINT64_MAX;
}

void attacker_free(struct world *world)
{
	struct attacker *attacker = &world->attacker;

	for (size_t i = 0; i < ATTACKER_HEARD_MAX; i++)
		free(attacker->heard[i]);
}

static bool reads(const struct frame *frame, struct pc5s_message *message)
{
	return !frame->ciphered && frame->lcid != UE_BEARER_DATA &&
	       !pc5s_decode(message, frame->message, frame->len, NULL);
}

/* The same frame around another message; NULL if that has no encoding. */
static struct frame *with(const struct frame *frame, const struct pc5s_message *message)
{
	uint8_t octets[PC5S_MAX_LEN];
	int len = pc5s_encode(message, octets, sizeof(octets), NULL);
	struct frame *changed;

	if (len < 0)
		return NULL;
	changed = frame_new(octets, (size_t)len);
	*changed = (struct frame){
		.src = frame->src, .dst = frame->dst, .from = frame->from, .to = frame->to,
		.lcid = frame->lcid, .key = frame->key, .direction = frame->direction,
		.count = frame->count, .held = true, .len = (size_t)len,
	};
	memcpy(changed->header, frame->header, sizeof(changed->header));
	memcpy(changed->mac, frame->mac, sizeof(changed->mac));
	return changed;
}

static void change_capabilities(struct world *world, struct pc5s_message *message)
{
	switch (below(world, 4)) {
	case 0:			/* one less */
		message->capabilities &= (uint16_t)~(1u << below(world, 16));
		break;
	case 1:			/* null ciphering is all that is left */
		message->capabilities = 0x8000 | (message->capabilities & 0xff);
		break;
	case 2:			/* without the first choice */
		message->capabilities &= (uint16_t)~0x2000;
		break;
	default:		/* more */
		message->capabilities |= (uint16_t)(0x8000 >> below(world, 4));
		break;
	}
}

static void change_methods(struct world *world, struct pc5s_message *message)
{
	uint8_t *ids = message->methods.id, id;

	if (message->methods.n > 1 && below(world, 2)) {
		id = ids[0];
		ids[0] = ids[1];
		ids[1] = id;
	} else if (message->methods.n > 1) {
		message->methods.n = 1;
		ids[0] = ids[below(world, 2)];
	} else {
		message->methods.n = 2;
		ids[1] = ids[0] == KEYING_PSK ? world_exchange(world) : KEYING_PSK;
	}
}

static const struct frame *recall(struct world *world)
{
	struct attacker *attacker = &world->attacker;
	size_t n = attacker->n_heard < ATTACKER_HEARD_MAX ? attacker->n_heard : ATTACKER_HEARD_MAX;

	return n ? attacker->heard[below(world, (uint32_t)n)] : NULL;
}

/* A signature into a message: as it was heard in another one, changed, or made up. */
static void put_signature(struct world *world, struct pc5s_message *message)
{
	const struct frame *heard = recall(world);
	struct pc5s_message other;

	count(world, ATTACK_signature);
	if (pc5s_has(message, PC5S_IE_SIGNATURE) && below(world, 2)) {
		message->signature[below(world, PC5S_SIGNATURE_LEN)] ^= (uint8_t)(1 << below(world, 8));
		return;
	}
	message->has |= PC5S_BIT(PC5S_IE_SIGNATURE);
	if (heard && below(world, 4) && reads(heard, &other) && pc5s_has(&other, PC5S_IE_SIGNATURE))
		memcpy(message->signature, other.signature, sizeof(message->signature));
	else
		rng_fill(&world->attacker.rng, message->signature, sizeof(message->signature));
}

/* Likewise a secret, into @octets, which the message refers to. */
static void put_payload(struct world *world, struct pc5s_message *message,
			uint8_t octets[static SAKKE_DATA_LEN])
{
	const struct frame *heard = recall(world);
	struct pc5s_message other;

	count(world, ATTACK_payload);
	if (pc5s_has(message, PC5S_IE_ENCRYPTED_PAYLOAD) && below(world, 2)) {
		memcpy(octets, message->encrypted_payload.data, SAKKE_DATA_LEN);
		octets[below(world, SAKKE_DATA_LEN)] ^= (uint8_t)(1 << below(world, 8));
	} else if (heard && below(world, 4) && reads(heard, &other) &&
		   pc5s_has(&other, PC5S_IE_ENCRYPTED_PAYLOAD)) {
		memcpy(octets, other.encrypted_payload.data, SAKKE_DATA_LEN);
		/* the whole of what was signed, now and then */
		if (below(world, 2))
			memcpy(message->signature, other.signature, sizeof(message->signature));
	} else {
		rng_fill(&world->attacker.rng, octets, SAKKE_DATA_LEN);
	}
	message->has |= PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD) | PC5S_BIT(PC5S_IE_SIGNATURE);
	message->encrypted_payload = (struct pc5s_octets){ octets, SAKKE_DATA_LEN };
}

static void change_request(struct world *world, struct pc5s_message *message)
{
	switch (below(world, 8)) {
	case 0: case 1: case 2:
		count(world, ATTACK_capabilities);
		change_capabilities(world, message);
		break;
	case 3:
		count(world, ATTACK_methods);
		if (pc5s_has(message, PC5S_IE_KEYING_METHODS))
			change_methods(world, message);
		break;
	case 4:
		count(world, ATTACK_policy);
		switch (below(world, 3)) {
		case 0:
			message->policy.up_integrity = (uint8_t)below(world, 3);
			break;
		case 1:
			message->policy.up_ciphering = (uint8_t)below(world, 3);
			break;
		default:
			message->policy.count_profile ^= 1;
			break;
		}
		break;
	default:
		count(world, ATTACK_request);
		if (pc5s_has(message, PC5S_IE_METHOD_CONTAINER) && below(world, 2)) {
			message->has &= ~PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
			return;
		}
		if (pc5s_has(message, PC5S_IE_SIGNATURE) && below(world, 2)) {
			if (below(world, 2)) {
				put_signature(world, message);
				return;
			}
			count(world, ATTACK_signature);
			message->has &= ~PC5S_BIT(PC5S_IE_SIGNATURE);
			return;
		}
		switch (below(world, 6)) {
		case 0:
			message->has ^= PC5S_BIT(PC5S_IE_KD_ID);
			break;
		case 1:
			message->nonce_1[0] ^= 1;
			break;
		case 2:
			message->msb_kd_sess_id ^= 1;
			break;
		case 3:
			message->max_inactivity = 1;
			break;
		case 4:
			message->has &= ~PC5S_BIT(PC5S_IE_TARGET_INFO);
			break;
		default:
			message->user_info.value[0] ^= 1;
			break;
		}
		break;
	}
}

static void change_isolated_command(struct world *world, struct pc5s_message *message,
				    uint8_t octets[static SAKKE_DATA_LEN])
{
	switch (below(world, 4)) {
	case 0:
		count(world, ATTACK_signature);
		message->has &= ~PC5S_BIT(PC5S_IE_SIGNATURE);
		break;
	case 1:
		count(world, ATTACK_payload);
		message->has &= ~PC5S_BIT(PC5S_IE_ENCRYPTED_PAYLOAD);
		break;
	case 2:
		put_signature(world, message);
		break;
	default:
		put_payload(world, message, octets);
		break;
	}
}

static void change_command(struct world *world, struct pc5s_message *message,
			   uint8_t octets[static SAKKE_DATA_LEN])
{
	count(world, ATTACK_command);
	if (pc5s_has(message, PC5S_IE_ENCRYPTED_PAYLOAD) && below(world, 2)) {
		change_isolated_command(world, message, octets);
		return;
	}
	if (pc5s_has(message, PC5S_IE_METHOD_CONTAINER) && !below(world, 3)) {
		message->has &= ~PC5S_BIT(PC5S_IE_METHOD_CONTAINER);
		return;
	}
	switch (below(world, 5)) {
	case 0:
		message->chosen_algorithms ^= (uint8_t)(0x10 << below(world, 2));
		break;
	case 1:
		message->capabilities ^= 0x4000;
		break;
	case 2:
		message->policy.up_integrity = (uint8_t)below(world, 3);
		message->chosen_policy ^= 1;
		break;
	case 3:
		message->request_hash[0] ^= 1;
		break;
	default:
		message->nonce_2[0] ^= 1;
		break;
	}
}

static void change_fragment(struct world *world, struct pc5s_message *message)
{
	count(world, ATTACK_fragment);
	switch (below(world, 5)) {
	case 0:
		message->ke_round ^= 1;
		break;
	case 1:
		message->ke_fragment++;
		break;
	case 2:
		message->nonce_2[0] ^= 1;
		break;
	case 3:
		message->ke_total++;
		break;
	default:
		message->ke_method = message->ke_method == KEYING_PSK ? world_exchange(world) :
									KEYING_PSK;
		break;
	}
}

/* NULL if it is not to be changed. */
static struct frame *change(struct world *world, const struct frame *frame)
{
	uint8_t octets[SAKKE_DATA_LEN];
	struct pc5s_message message;
	struct frame *changed;

	if (!reads(frame, &message) || !below(world, 4)) {
		if (!frame->len)
			return NULL;
		count(world, ATTACK_bits);
		changed = frame_copy(frame);
		changed->message[below(world, (uint32_t)frame->len)] ^= (uint8_t)(1u << below(world, 8));
		changed->genuine = false;
		changed->held = true;
		return changed;
	}
	switch (message.type) {
	case PC5S_REQUEST:
		change_request(world, &message);
		break;
	case PC5S_SMC_COMMAND:
		change_command(world, &message, octets);
		break;
	case PC5S_KEY_ESTABLISHMENT:
		change_fragment(world, &message);
		break;
	default:
		return NULL;
	}
	return with(frame, &message);
}

static void hear(struct world *world, const struct frame *frame)
{
	struct attacker *attacker = &world->attacker;
	struct frame **slot = &attacker->heard[attacker->n_heard % ATTACKER_HEARD_MAX];

	/* what is old stays of interest, too */
	if (attacker->n_heard >= ATTACKER_HEARD_MAX && below(world, 4))
		return;
	free(*slot);
	*slot = frame_copy(frame);
	attacker->n_heard++;
}

static void inject(struct world *world, struct frame *frame)
{
	/* as if it came from where the UE is that it names */
	frame->held = true;
	if (below(world, 2))
		frame->from = -1;
	medium_queue(world, frame, world->now + 1 + below(world, 20));
}

void attacker_see(struct world *world, struct frame *frame)
{
	struct attacker *attacker = &world->attacker;
	const struct settings *settings = &world->settings;
	struct pc5s_message message;
	struct frame *changed;

	if (!attacker->active) {
		medium_transmit(world, frame);
		return;
	}
	hear(world, frame);
	if (settings->bids_down && below(world, 2) && reads(frame, &message) &&
	    message.type == PC5S_REQUEST) {
		invariant_excuse(world, frame->from, frame->to);
		change_request(world, &message);
		changed = with(frame, &message);
		if (changed) {
			free(frame);
			frame = changed;
		}
		medium_transmit(world, frame);
		return;
	}
	if (!settings->drops || !rng_per_mille(&attacker->rng, settings->attacks)) {
		/* it may be faster than the medium, though */
		if (rng_per_mille(&attacker->rng, settings->attacks)) {
			changed = change(world, frame);
			if (changed)
				inject(world, changed);
		}
		medium_transmit(world, frame);
		return;
	}
	invariant_excuse(world, frame->from, frame->to);
	switch (below(world, 4)) {
	case 0:
		count(world, ATTACK_dropped);
		world_trace(world, -1, "drops %s", world_frame_text(world, frame));
		free(frame);
		break;
	case 1:
		count(world, ATTACK_held);
		world_trace(world, -1, "holds %s back", world_frame_text(world, frame));
		frame->held = true;
		medium_queue(world, frame, world->now + below(world, HOLD_MAX_MS));
		break;
	default:
		changed = change(world, frame);
		world_trace(world, -1, "%s %s", changed ? "changes" : "lets pass",
			    world_frame_text(world, frame));
		if (changed) {
			free(frame);
			frame = changed;
		}
		medium_transmit(world, frame);
		break;
	}
}

/* Makes a message up and sends it, as from one Layer-2 ID to another. */
static void forge(struct world *world, uint32_t from, uint32_t to, uint8_t lcid,
		  const struct pc5s_message *message, uint16_t kd_sess_id)
{
	uint8_t octets[PC5S_MAX_LEN];
	int len = pc5s_encode(message, octets, sizeof(octets), NULL);
	struct frame *frame;

	if (len < 0)
		return;
	frame = frame_new(octets, (size_t)len);
	frame->src = from;
	frame->dst = to;
	frame->from = world_index(world, from);
	frame->lcid = lcid;
	frame->header[0] = SDU_PC5S << 5;
	frame->header[1] = (uint8_t)(kd_sess_id >> 8);
	frame->header[2] = (uint8_t)kd_sess_id;
	frame->count = 1 + below(world, 8);
	frame->header[4] = (uint8_t)frame->count;
	rng_fill(&world->attacker.rng, frame->mac, sizeof(frame->mac));
	world_trace(world, -1, "forges %s", world_frame_text(world, frame));
	inject(world, frame);
}

static void forge_request(struct world *world, uint32_t from, uint32_t to)
{
	const struct frame *heard = recall(world);
	int index = world_index(world, from);
	const char *identity = index < 0 ? "urn:prose:nobody" : world->stations[index].config.identity;
	struct pc5s_message message = {
		.type = PC5S_REQUEST,
		.has = PC5S_BIT(PC5S_IE_KEYING_METHODS) | PC5S_BIT(PC5S_IE_SECURITY_POLICY),
		.ip_config = PC5S_IP_CONFIG_NONE, .max_inactivity = 60,
		.capabilities = 0xe0e0 & 0xff70,
		.msb_kd_sess_id = (uint8_t)below(world, 256),
		.methods = { 2, { KEYING_PSK, world_exchange(world) } },
		.policy = { UE_PREFERRED, UE_PREFERRED,
			    world->settings.count_profile == UE_COUNT_SESS_ID },
	};
	struct pc5s_message other;

	count(world, ATTACK_forged_request);
	if (world->settings.strict)
		message.has = 0;
	message.user_info.type = PC5S_USER_INFO_UPPER_LAYERS;
	message.user_info.len = (uint8_t)strlen(identity);
	memcpy(message.user_info.value, identity, message.user_info.len);
	rng_fill(&world->attacker.rng, message.nonce_1, sizeof(message.nonce_1));
	if (heard && reads(heard, &other) && other.type == PC5S_REQUEST) {
		if (pc5s_has(&other, PC5S_IE_KD_ID)) {
			message.has |= PC5S_BIT(PC5S_IE_KD_ID);
			message.kd_id = other.kd_id;
		}
		if (below(world, 2))
			memcpy(message.nonce_1, other.nonce_1, sizeof(message.nonce_1));
		/* the largest one wins where requests cross */
		if (!below(world, 4))
			memset(message.nonce_1, 0xff, sizeof(message.nonce_1));
	}
	if (world->settings.isolated && below(world, 4))
		put_signature(world, &message);
	forge(world, from, to, UE_BEARER_PLAIN, &message, 0);
}

/* What answers a request that was heard, to who sent it. */
static void forge_answer(struct world *world)
{
	const struct frame *heard = recall(world);
	struct pc5s_message request, message = { 0 };
	uint8_t payload[SAKKE_DATA_LEN];
	uint32_t from, to;

	if (!heard || !reads(heard, &request))
		return;
	from = heard->dst;
	to = heard->src;
	switch (below(world, 3)) {
	case 0:
		if (request.type != PC5S_REQUEST && request.type != PC5S_SMC_COMMAND)
			return;
		count(world, ATTACK_forged_reject);
		message.type = request.type == PC5S_REQUEST ? PC5S_REJECT : PC5S_SMC_REJECT;
		message.cause = (uint8_t)(1 + below(world, 10));
		if (!world->settings.strict && below(world, 2)) {
			message.has = PC5S_BIT(PC5S_IE_REQUEST_HASH);
			SHA256(heard->message, heard->len, message.request_hash);
			if (request.type == PC5S_SMC_COMMAND)
				memcpy(message.request_hash, request.request_hash,
				       sizeof(message.request_hash));
			else if (below(world, 2))
				message.has |= PC5S_BIT(PC5S_IE_COOKIE);
		}
		forge(world, from, to, UE_BEARER_PLAIN, &message, 0);
		break;
	case 1:
		if (request.type != PC5S_REQUEST && request.type != PC5S_KEY_ESTABLISHMENT)
			return;
		count(world, ATTACK_forged_fragment);
		message.type = PC5S_KEY_ESTABLISHMENT;
		memcpy(message.nonce_1, request.nonce_1, sizeof(message.nonce_1));
		message.ke_method = world_exchange(world);
		message.ke_round = request.type == PC5S_REQUEST ? 0 :
			(uint8_t)(request.ke_round + below(world, 2));
		if (below(world, 3)) {
			static const uint8_t octets[120];

			message.has = PC5S_BIT(PC5S_IE_CONTAINER);
			message.container.data = octets;
			message.container.len = message.ke_total = sizeof(octets);
			if (!message.ke_round)
				message.has |= PC5S_BIT(PC5S_IE_NONCE_2);
		} else {
			message.ke_flags = below(world, 2) ? PC5S_KE_ABORT : PC5S_KE_ACK;
			if (message.ke_flags == PC5S_KE_ABORT) {
				message.has = PC5S_BIT(PC5S_IE_CAUSE);
				message.cause = (uint8_t)(1 + below(world, 10));
			}
		}
		forge(world, from, to, UE_BEARER_PLAIN, &message, 0);
		break;
	default:
		if (request.type != PC5S_REQUEST)
			return;
		count(world, ATTACK_forged_command);
		message.type = PC5S_SMC_COMMAND;
		message.capabilities = request.capabilities;
		message.chosen_algorithms = EEA2 << 4 | EIA2;
		message.lsb_kd_sess_id = (uint8_t)below(world, 256);
		rng_fill(&world->attacker.rng, message.nonce_2, sizeof(message.nonce_2));
		message.has = PC5S_BIT(PC5S_IE_MSB_KD_ID);
		message.msb_kd_id = (uint16_t)(1 + below(world, 0xffff));
		message.methods = request.methods;
		message.policy = request.policy;
		if (!world->settings.strict) {
			message.has |= PC5S_BIT(PC5S_IE_KEYING_METHODS) |
				       PC5S_BIT(PC5S_IE_SECURITY_POLICY) |
				       PC5S_BIT(PC5S_IE_REQUEST_HASH) |
				       PC5S_BIT(PC5S_IE_CHOSEN_POLICY);
			SHA256(heard->message, heard->len, message.request_hash);
		}
		if (world->settings.isolated && below(world, 4)) {
			put_signature(world, &message);
			put_payload(world, &message, payload);
			if (!world->settings.strict) {
				message.has |= PC5S_BIT(PC5S_IE_SELECTED_METHOD);
				message.selected_method = KEYING_ECCSI_SAKKE;
			}
		}
		forge(world, from, to, UE_BEARER_SMC, &message,
		      (uint16_t)(request.msb_kd_sess_id << 8 | message.lsb_kd_sess_id));
		break;
	}
}

/* Ends a link, if it were believed: what should be protected, in clear. */
static void forge_ending(struct world *world, uint32_t from, uint32_t to)
{
	static const uint8_t types[] = {
		PC5S_RELEASE, PC5S_RELEASE, PC5S_RELEASE, PC5S_RELEASE_ACCEPT, PC5S_KEEPALIVE,
		PC5S_KEEPALIVE_ACK, PC5S_ACCEPT, PC5S_CONNECTION_COMPLETE, PC5S_REKEYING_REQUEST,
		PC5S_REKEYING_RESPONSE, PC5S_SMC_COMPLETE,
	};
	struct pc5s_message message = {
		.type = types[below(world, sizeof(types))],
		.release_reason = (uint8_t)(1 + below(world, 3)),
		.capabilities = 0x2020, .ip_config = PC5S_IP_CONFIG_NONE,
	};

	count(world, ATTACK_forged_release);
	forge(world, from, to, UE_BEARER_PLAIN, &message, 0);
}

/* With the KD-sess ID of a live association, but no key. */
static void forge_protected(struct world *world)
{
	const struct frame *heard = recall(world);
	struct frame *frame;

	if (!heard || !heard->key || !heard->len)
		return;
	count(world, ATTACK_forged_protected);
	frame = frame_copy(heard);
	frame->genuine = false;
	frame->count += 1 + below(world, below(world, 2) ? 3 : 60);
	frame->header[3] = (uint8_t)(frame->count >> 8);
	frame->header[4] = (uint8_t)frame->count;
	inject(world, frame);
}

static void replay(struct world *world, bool elsewhere)
{
	const struct frame *heard = recall(world);
	const struct settings *settings = &world->settings;
	struct frame *frame;

	if (!heard)
		return;
	frame = frame_copy(heard);
	if (elsewhere) {
		count(world, ATTACK_reflected);
		if (below(world, 2)) {
			frame->src = heard->dst;
			frame->dst = heard->src;
		} else {
			frame->dst = world_l2_id(below(world, (uint32_t)settings->stations));
			if (below(world, 2))
				frame->src = world_l2_id(below(world, (uint32_t)settings->stations));
		}
	} else {
		count(world, ATTACK_replayed);
	}
	world_trace(world, -1, "replays %s", world_frame_text(world, frame));
	inject(world, frame);
}

/* Many who are not there. They hear nothing, so they never answer. */
static void flood(struct world *world, uint32_t to)
{
	for (uint32_t n = 1 + below(world, 30); n; n--)
		forge_request(world, 0x700000 + below(world, 100000), to);
}

void attacker_act(struct world *world)
{
	struct attacker *attacker = &world->attacker;
	uint32_t n = (uint32_t)world->settings.stations, i = below(world, n);
	uint32_t from = world_l2_id(i), to = world_l2_id((i + 1 + below(world, n - 1)) % n);

	attacker->next_ms = world->now + 1 + below(world, 40000 / world->settings.attacks);
	switch (below(world, 10)) {
	case 0:
		if (world->settings.floods && !below(world, 4))
			flood(world, to);
		else
			forge_request(world, from, to);
		break;
	case 1: case 2: case 3:
		forge_answer(world);
		break;
	case 4:
		forge_ending(world, from, to);
		break;
	case 5:
		forge_protected(world);
		break;
	case 6:
		replay(world, true);
		break;
	default:
		replay(world, false);
		break;
	}
}
