/* SPDX-License-Identifier: GPL-2.0-only */
/* PC5 signalling between the carrier and its owner in userspace. */
#ifndef _PROSE_SIGNAL_H
#define _PROSE_SIGNAL_H

#include <linux/types.h>

#include <linux/prose.h>

struct prose_carrier_addr;
struct prose_dev;
struct sk_buff;

/**
 * struct prose_signal - what came with a PC5-S message
 * @l2_id: Layer-2 ID of the sender
 * @local_l2_id: own Layer-2 ID that it was sent to
 * @from: where it came from
 * @bearer: LCID
 * @protection: what protected it, if anything
 * @kd_sess_id: association it came under, 0 for none
 * @count: its COUNT, or SN if it is not verified
 * @pdcp_header: the PDCP header, if it is not verified
 * @mac_i: MAC-I, if it is not verified
 */
struct prose_signal {
	u32 l2_id;
	u32 local_l2_id;
	const struct prose_carrier_addr *from;
	u8 bearer;
	enum prose_protection protection;
	u16 kd_sess_id;
	u32 count;
	const u8 *pdcp_header;
	const u8 *mac_i;
};

void prose_signal_deliver(struct prose_dev *prose, struct sk_buff *skb,
			  const struct prose_signal *signal);
bool prose_signal_disown(struct prose_dev *prose, u32 portid);

#endif /* _PROSE_SIGNAL_H */
