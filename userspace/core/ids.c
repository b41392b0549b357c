// SPDX-License-Identifier: MIT
/*
 * Who picks what (TS 24.334 10.4.5.2-4): UE_1 the MSB of the KD-sess ID and the LSB of the
 * KD ID, UE_2 the LSB of the KD-sess ID and the MSB of the KD ID. KD-sess ID 0 means "no
 * security" in the PDCP header and is never picked; KD ID 0 means "none" in our interface.
 */
#include "link.h"

static uint8_t random_octet(struct ue *ue)
{
	uint8_t octet;

	ue->config.random(ue->config.context, &octet, 1);
	return octet;
}

static uint16_t random_u16(struct ue *ue)
{
	uint8_t octets[2];

	ue->config.random(ue->config.context, octets, 2);
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

static bool link_uses(const struct link *link, uint16_t mask, uint16_t value)
{
	for (size_t i = 0; i < link->n_assocs; i++)
		if ((link->assocs[i].kd_sess_id & mask) == value)
			return true;
	return link->procedure && link->procedure->kd_sess_id &&
	       (link->procedure->kd_sess_id & mask) == value;
}

bool ids_kd_sess_in_use(const struct ue *ue, uint16_t kd_sess_id)
{
	for (const struct link *link = ue->links; link; link = link->next)
		if (link_uses(link, 0xffff, kd_sess_id))
			return true;
	return false;
}

/*
 * As UE_1: no live context of this peer may have the MSB, or the peer's LSB could complete
 * it to an ID in use here. One that no link has at all is preferred.
 */
bool ids_pick_msb(struct link *link, uint8_t *msb)
{
	struct ue *ue = link->ue;
	uint8_t start = random_octet(ue);

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 256; i++) {
			uint16_t value = (uint16_t)((uint8_t)(start + i) << 8);
			bool used = link_uses(link, 0xff00, value);

			if (pass == 0)
				for (const struct link *other = ue->links; other && !used;
				     other = other->next)
					used = link_uses(other, 0xff00, value);
			if (!used) {
				*msb = (uint8_t)(value >> 8);
				return true;
			}
		}
	}
	return false;
}

/* As UE_2: the whole 16 bits are unique here. */
bool ids_pick_kd_sess(struct link *link, uint8_t msb, uint16_t *kd_sess_id)
{
	uint8_t start = random_octet(link->ue);

	for (int i = 0; i < 256; i++) {
		uint16_t id = (uint16_t)(msb << 8 | (uint8_t)(start + i));

		if (id && !ids_kd_sess_in_use(link->ue, id)) {
			*kd_sess_id = id;
			return true;
		}
	}
	return false;
}

/* Is there a KD whose ID has these bits? */
static bool kd_id_in_use(const struct ue *ue, uint32_t mask, uint32_t value)
{
	for (const struct link *link = ue->links; link; link = link->next) {
		const struct procedure *procedure = link->procedure;

		if (link->kd.held && (link->kd.id & mask) == value)
			return true;
		if (procedure && procedure->kd.held && (procedure->kd.id & mask) == value)
			return true;
	}
	return false;
}

uint16_t ids_pick_msb_kd(struct ue *ue)
{
	uint16_t msb = random_u16(ue);

	/* links are far fewer than 2^16, so this ends soon */
	while (!msb || kd_id_in_use(ue, 0xffff0000, (uint32_t)msb << 16))
		msb++;
	return msb;
}

uint16_t ids_pick_lsb_kd(struct ue *ue, uint16_t msb)
{
	uint16_t lsb = random_u16(ue);

	while (kd_id_in_use(ue, 0xffff, lsb) ||
	       kd_id_in_use(ue, 0xffffffff, (uint32_t)msb << 16 | lsb))
		lsb++;
	return lsb;
}
