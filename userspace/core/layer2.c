// SPDX-License-Identifier: MIT
/*
 * Layer-2 IDs of a link. They stand in clear in each frame, so that who listens could follow a UE
 * by that of its device from one link to the next (threat 14). A link is set up under the Layer-2
 * IDs of the devices, for a UE must be reached by something; under the cipher of the end of the
 * setup both draw another one, and all that follows goes under these.
 *
 * There is no moment at which both ends change together. So each takes frames under its new ID
 * before the other can know it, and under the old one as well: the kernel finds the peer either
 * way, and the MAC decides. UE_1 sends under the new IDs once it has both, which is at the ACCEPT,
 * and UE_2 when it has both, at CONNECTION COMPLETE. Messages of the setup stay under the old
 * ones, sent again or not.
 */
#include "link.h"

#define TRIES	16

/*
 * Not one that means somebody already. The kernel knows of other devices at the same carrier, and
 * refuses what is theirs: once in millions.
 */
static uint32_t draw(struct ue *ue)
{
	for (int i = 0; i < TRIES; i++) {
		uint8_t octets[3];
		uint32_t l2_id;
		bool taken;

		ue->config.random(ue->config.context, octets, sizeof(octets));
		l2_id = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
		taken = !l2_id || l2_id == ue->config.l2_id;
		for (const struct link *link = ue->links; link && !taken; link = link->next)
			taken = link->l2_id == l2_id || link->own_l2_id == l2_id ||
				link->local_l2_id == l2_id || link->remote_l2_id == l2_id;
		if (!taken)
			return l2_id;
	}
	return 0;
}

/* One of ours is not to be sent to. */
static bool acceptable(const struct ue *ue, uint32_t l2_id)
{
	if (l2_id == ue->config.l2_id)
		return false;
	for (const struct link *link = ue->links; link; link = link->next)
		if (link->local_l2_id == l2_id)
			return false;
	return true;
}

bool layer2_wanted(const struct ue *ue)
{
	return ue->config.link_l2_ids && !ue->config.strict_24334;
}

void layer2_offer(struct link *link, struct pc5s_message *accept)
{
	uint32_t local = layer2_wanted(link->ue) ? draw(link->ue) : 0;

	/* What a link before this one had means nothing to a peer that sets it up anew. */
	link_peer_ids(link, local, 0);
	if (!local)
		return;
	accept->has |= PC5S_BIT(PC5S_IE_LINK_L2_ID);
	accept->link_l2_id = local;
}

void layer2_answer(struct link *link, const struct pc5s_message *accept,
		   struct pc5s_message *complete)
{
	uint32_t local = 0;

	if (pc5s_has(accept, PC5S_IE_LINK_L2_ID) && layer2_wanted(link->ue) &&
	    acceptable(link->ue, accept->link_l2_id))
		local = draw(link->ue);
	link_peer_ids(link, local, local ? accept->link_l2_id : 0);
	if (!local)
		return;
	complete->has |= PC5S_BIT(PC5S_IE_LINK_L2_ID);
	complete->link_l2_id = local;
}

void layer2_take(struct link *link, const struct pc5s_message *complete)
{
	if (link->local_l2_id && pc5s_has(complete, PC5S_IE_LINK_L2_ID) &&
	    acceptable(link->ue, complete->link_l2_id))
		link_peer_ids(link, link->local_l2_id, complete->link_l2_id);
	else
		link_peer_ids(link, 0, 0);
}

uint32_t layer2_here(const struct link *link)
{
	return link->remote_l2_id ? link->local_l2_id : link->own_l2_id;
}

uint32_t layer2_there(const struct link *link)
{
	return link->remote_l2_id ? link->remote_l2_id : link->l2_id;
}
