// SPDX-License-Identifier: MIT
/* The queue of actions: what the driver is to do, in order. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "link.h"

/* Where actions go that there is no memory for: written to, never read. */
static _Thread_local struct ue_action lost;

struct ue_action *action_new(struct ue *ue, enum ue_action_type type)
{
	struct action *action = calloc(1, sizeof(*action));

	if (!action) {
		OPENSSL_cleanse(&lost, sizeof(lost));
		return &lost;
	}
	action->action.type = type;
	if (ue->last)
		ue->last->next = action;
	else
		ue->first = action;
	ue->last = action;
	return &action->action;
}

void action_send(struct ue *ue, uint32_t l2_id, const struct outgoing *outgoing,
		 const struct ue_carrier_addr *carrier_addr)
{
	uint8_t *copy = malloc(outgoing->len);
	struct ue_action *action;

	if (!copy)
		return;
	memcpy(copy, outgoing->data, outgoing->len);
	action = action_new(ue, UE_SEND);
	if (action == &lost) {
		free(copy);
		return;
	}
	ue->last->message = copy;
	action->send.l2_id = l2_id;
	action->send.in_setup = outgoing->in_setup;
	action->send.bearer = outgoing->bearer;
	action->send.protection = outgoing->protection;
	action->send.kd_sess_id = outgoing->kd_sess_id;
	if (carrier_addr)
		action->send.carrier_addr = *carrier_addr;
	action->send.message = copy;
	action->send.len = outgoing->len;
}

const struct ue_action *ue_action(struct ue *ue)
{
	return ue->first ? &ue->first->action : NULL;
}

void ue_action_done(struct ue *ue)
{
	struct action *action = ue->first;

	if (!action)
		return;
	ue->first = action->next;
	if (!ue->first)
		ue->last = NULL;
	free(action->message);
	OPENSSL_cleanse(action, sizeof(*action));
	free(action);
}

void actions_free(struct ue *ue)
{
	while (ue->first)
		ue_action_done(ue);
}
