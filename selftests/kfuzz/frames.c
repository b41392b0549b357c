// SPDX-License-Identifier: MIT
/*
 * Fuzzes what prose.ko receives from its carrier and from the stack above it, on both ends of a
 * live link:
 *
 *	namespace a: prose0 (0a:0b:0c) - eth0 ====== eth0 - prose0 (0a:0b:0d): namespace b
 *
 * Both have the other as peer, with three associations whose keys the fuzzer has, so it sends
 * frames that are right up to any depth: with a MAC-I that verifies around any content.
 *
 * Asked: every frame that came is delivered or dropped under one name, exactly; what the receiver
 * remembers (the highest COUNT of each bearer) was moved by nothing but a MAC-I that verifies; and
 * again and again, that the link still works.
 *
 * Runs in the guest, started by frames.sh.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include "../datapath/pdu.h"
#include "engine.h"
#include "prose-nl.h"

#define ASSOCS		3
#define BEARERS		3
#define RING_FRAMES	8
#define RING_FRAME	16384
#define PATIENCE	20.0		/* seconds; an emulated machine may be slow */

struct bearer {
	bool seen;
	uint32_t highest;		/* as the kernel shows it */
	uint32_t may[80];		/* COUNTs of frames whose MAC-I may verify */
	unsigned int n_may, n_late;	/* of these, of the program before */
	uint32_t tx_next;
};

/* One end, and what is sent towards it or into it. */
struct end {
	int ns, route;
	uint32_t index, lower, l2_id;
	uint8_t mac[6];
	struct prose_nl *nl, *owner;
	int wire, header, ring, above, above_header, raw4, raw6, udp;
	uint8_t *frames;		/* of the ring */
	unsigned int next_frame;
	uint64_t signals;		/* handed up */
	uint64_t received, dropped_tx;	/* at the last look */
	uint64_t lower_sent;
	uint64_t foreign, doubtful;	/* frames sent by it that are, or may be, no frames of ours */
	uint64_t late;			/* frames of the program before that may still come */
	uint64_t handed;		/* packets given to its prose0 */
	struct bearer bearers[ASSOCS][BEARERS];
};

static struct end ends[2];
static struct keys assocs[ASSOCS];
static const uint8_t lcids[BEARERS] = { LCID_DATA, LCID_SMC, LCID_SIGNAL };

static struct end *other(const struct end *end)
{
	return &ends[end == &ends[0]];
}

static uint8_t direction_of(const struct end *sender)
{
	return sender == &ends[1];
}

/* --- what the kernel shows */

static uint64_t lower_sent(struct end *end)
{
	struct { struct nlmsghdr nlh; struct ifinfomsg info; } ask = {
		.nlh = { .nlmsg_len = sizeof(ask), .nlmsg_type = RTM_GETLINK,
			 .nlmsg_flags = NLM_F_REQUEST },
		.info = { .ifi_index = (int)end->lower },
	};
	static uint8_t buf[16384] __attribute__((aligned(8)));
	const uint8_t *p, *last;
	ssize_t got;

	if (send(end->route, &ask, sizeof(ask), 0) < 0)
		failed("asking for eth0: %s", strerror(errno));
	got = recv(end->route, buf, sizeof(buf), 0);
	last = buf + got;
	for (p = buf + NLMSG_LENGTH(sizeof(ask.info)); p + NLA_HDRLEN <= last;
	     p += NLA_ALIGN(((const struct nlattr *)p)->nla_len)) {
		struct rtnl_link_stats64 stats;

		if (((const struct nlattr *)p)->nla_type != IFLA_STATS64)
			continue;
		memcpy(&stats, p + NLA_HDRLEN, sizeof(stats.rx_packets) * 2);
		return stats.tx_packets;
	}
	failed("eth0 has no counters");
	return 0;
}

static void on_event(void *context, const struct prose_nl_event *event)
{
	struct end *end = context;

	if (event->type == PROSE_NL_SIGNAL)
		end->signals++;
}

static void on_resync(void *context)
{
	(void)context;
}

static void events(struct end *end)
{
	uint64_t before;

	do {
		before = end->signals;
		if (prose_nl_dispatch(end->owner))
			failed("the owner's socket: %s", prose_nl_error(end->owner));
	} while (end->signals != before);
}

/* All that came and what became of it: one sum for each way. */
static void look(struct end *end, uint64_t *received, uint64_t *sent)
{
	struct prose_nl_device device;
	struct prose_nl_peer peer;
	size_t i;

	events(end);
	if (prose_nl_device_get(end->nl, end->index, &device) ||
	    prose_nl_peer_get(end->nl, end->index, other(end)->l2_id, &peer))
		failed("device or peer: %s", prose_nl_error(end->nl));
	*received = peer.rx_packets + end->signals;
	*sent = peer.tx_packets;
	for (i = 0; i < device.n_stats; i++) {
		const char *name = device.stats[i].name;

		if (!strncmp(name, "tx-", 3))
			*sent += device.stats[i].value;
		else
			*received += device.stats[i].value;
	}
}

static void look_at_bearers(struct end *end, bool check)
{
	struct prose_nl_assoc assoc;
	size_t i, k, b, n;

	for (i = 0; i < ASSOCS; i++) {
		if (prose_nl_assoc_get(end->nl, end->index, other(end)->l2_id, assocs[i].id, &assoc))
			failed("association: %s", prose_nl_error(end->nl));
		for (k = 0; k < assoc.n_bearers; k++) {
			const struct prose_nl_bearer *now = &assoc.bearers[k];
			struct bearer *bearer;
			bool fits;

			for (b = 0; b < BEARERS && lcids[b] != now->lcid; b++)
				;
			if (b == BEARERS) {
				failed("a bearer with LCID %u", now->lcid);
				continue;
			}
			bearer = &end->bearers[i][b];
			fits = now->has_rx_highest == bearer->seen &&
			       now->rx_highest == bearer->highest;
			for (n = 0; n < bearer->n_may; n++)
				fits |= now->has_rx_highest && now->rx_highest == bearer->may[n];
			/* What the other end sent itself. */
			fits |= now->has_rx_highest &&
				now->rx_highest < other(end)->bearers[i][b].tx_next;
			/* User data without MAC-I anyone may number. */
			fits |= b == 0 && !assocs[i].up_integrity;
			if (check && !fits)
				failed("association %04x, LCID %u: highest COUNT was %08x, is %08x, without a MAC-I that verifies",
				       assocs[i].id, now->lcid, bearer->highest, now->rx_highest);
			bearer->seen = now->has_rx_highest;
			bearer->highest = now->rx_highest;
			bearer->tx_next = now->has_tx_next ? now->tx_next : UINT32_MAX;
			/* A frame that left late may be received in the time of the next program. */
			bearer->n_may -= bearer->n_late;
			memmove(bearer->may, bearer->may + bearer->n_late,
				bearer->n_may * sizeof(bearer->may[0]));
			bearer->n_late = bearer->n_may;
		}
	}
}

/* Every frame that came is accounted for, and no other. */
static void balance(void)
{
	double until = engine_now() + PATIENCE;
	uint64_t received[2], sent[2], came[2], low, high;
	bool even[2];
	int i;

	do {
		for (i = 0; i < 2; i++) {
			struct end *end = &ends[i], *from = other(end);

			came[i] = lower_sent(from) - from->lower_sent;
			look(end, &received[i], &sent[i]);
			high = came[i] - from->foreign;
			/* What may have gone in parts may as well not have gone. */
			low = from->doubtful < high ? high - from->doubtful : 0;
			even[i] = received[i] - end->received >= low &&
				received[i] - end->received <= high + end->late &&
				sent[i] - end->dropped_tx >= end->handed;
		}
	} while (!(even[0] && even[1]) && engine_now() < until);
	for (i = 0; i < 2; i++) {
		struct end *end = &ends[i], *from = other(end);

		if (!even[i])
			failed("end %d: %llu frames came (%llu foreign, %llu perhaps, %llu before), %llu were delivered or dropped by name; %llu packets were to be sent, %llu were, or dropped by name",
			       i, (unsigned long long)came[i], (unsigned long long)from->foreign,
			       (unsigned long long)from->doubtful, (unsigned long long)end->late,
			       (unsigned long long)(received[i] - end->received),
			       (unsigned long long)end->handed,
			       (unsigned long long)(sent[i] - end->dropped_tx));
	}
	/*
	 * What comes from now on is of the next time. Where it is not certain that all frames were
	 * such, it is not certain either that all have come.
	 */
	for (i = 0; i < 2; i++) {
		struct end *end = &ends[i];

		high = came[i] - other(end)->foreign;
		end->late = high > received[i] - end->received ?
			    high - (received[i] - end->received) : 0;
		end->received = received[i];
		end->dropped_tx = sent[i];
		other(end)->lower_sent += came[i];
		end->handed = 0;
	}
	for (i = 0; i < 2; i++) {
		ends[i].foreign = 0;
		ends[i].doubtful = 0;
	}
}

/* --- the link as it should be */

static void install(void)
{
	size_t i, e;

	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e];
		struct prose_nl_peer peer = {
			.ifindex = end->index, .l2_id = other(end)->l2_id, .n_addresses = 2,
			.addresses = {
				{ .family = 4, .addr = { 10, 0, 0, (uint8_t)(2 - e) } },
				{ .family = 6, .addr = { 0xfd, [15] = (uint8_t)(2 - e) } },
			},
		};

		prose_nl_peer_del(end->nl, end->index, peer.l2_id);
		if (prose_nl_peer_new(end->nl, &peer, NULL))
			failed("peer-new: %s", prose_nl_error(end->nl));
		for (i = 0; i < ASSOCS; i++) {
			struct prose_nl_assoc_config config = {
				.kd_sess_id = assocs[i].id, .eea = assocs[i].eea, .eia = 2,
				.up_integrity = assocs[i].up_integrity,
				.direction = direction_of(end), .tx = i == 0, .window = 64,
			};

			memcpy(config.pek, assocs[i].pek, 16);
			memcpy(config.pik, assocs[i].pik, 16);
			if (prose_nl_assoc_new(end->nl, end->index, peer.l2_id, &config, NULL))
				failed("assoc-new: %s", prose_nl_error(end->nl));
		}
		memset(end->bearers, 0, sizeof(end->bearers));
	}
	for (e = 0; e < 2; e++) {
		look(&ends[e], &ends[e].received, &ends[e].dropped_tx);
		ends[e].lower_sent = lower_sent(&ends[e]);
		look_at_bearers(&ends[e], false);
	}
}

static size_t ipv4_packet(uint8_t *p, const struct end *from, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	memset(p, 0, 20);
	p[0] = 0x45;
	put_be16(p + 2, (uint16_t)len);
	p[8] = 64;
	p[9] = 17;
	memcpy(p + 12, (uint8_t[]){ 10, 0, 0, direction_of(from) + 1 }, 4);
	memcpy(p + 16, (uint8_t[]){ 10, 0, 0, 2 - direction_of(from) }, 4);
	for (i = 0; i < 20; i += 2)
		sum += get_be16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(p + 10, (uint16_t)~(sum + (sum >> 16)));
	if (len >= 28) {
		put_be16(p + 20, 7777);
		put_be16(p + 22, 7777);
		put_be16(p + 24, (uint16_t)(len - 20));
		put_be16(p + 26, 0);
	}
	return len;
}

static size_t ipv6_packet(uint8_t *p, const struct end *from, size_t len)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	put_be16(p + 4, (uint16_t)(len - 40));
	p[6] = 17;
	p[7] = 64;
	p[8] = 0xfd;
	p[23] = direction_of(from) + 1;
	p[24] = 0xfd;
	p[39] = 2 - direction_of(from);
	return len;
}

static struct pdu ordinary(const struct end *to, size_t assoc, size_t bearer, uint32_t count)
{
	const struct end *from = other(to);
	struct pdu pdu = {
		.ethertype = PDU_ETHERTYPE, .octet1 = 0x30, .src = from->l2_id, .dst = to->l2_id,
		.lcid = lcids[bearer], .second = LCID_PADDING,
		.sdu_type = bearer ? SDU_PC5S : SDU_IP, .kd_sess_id = assocs[assoc].id,
		.count = count, .direction = direction_of(from),
		.mac = bearer || assocs[assoc].up_integrity,
		.ciphered = !(bearer == 1 && direction_of(from) == 1),
	};

	memcpy(pdu.eth_dst, to->mac, 6);
	memcpy(pdu.eth_src, from->mac, 6);
	return pdu;
}

static uint32_t next_count(const struct bearer *bearer)
{
	return bearer->seen ? bearer->highest + 1 : 1;
}

/* A frame each way, on the bearer of signalling, with the COUNT after the highest. */
static void works(void)
{
	static const uint8_t message[] = "\x05works";
	uint8_t frame[256];
	size_t e, len;

	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e];
		double until = engine_now() + PATIENCE;
		uint64_t before;
		struct pdu pdu;

		pdu = ordinary(end, 0, 2, next_count(&end->bearers[0][2]));
		pdu.data = message;
		pdu.len = sizeof(message);
		len = pdu_build(&pdu, &assocs[0], frame);
		events(end);
		before = end->signals;
		if (send(other(end)->wire, frame, len, 0) < 0)
			failed("sending: %s", strerror(errno));
		while (end->signals == before && engine_now() < until)
			events(end);
		if (end->signals == before)
			failed("end %zu does not take a good frame with COUNT %08x any more", e,
			       pdu.count);
		end->bearers[0][2].may[end->bearers[0][2].n_may++] = pdu.count;
	}
	balance();
	look_at_bearers(&ends[0], true);
	look_at_bearers(&ends[1], true);
}

/* --- ways to send */

/* From a ring: what is behind the Ethernet header is in pages. */
static bool send_ring(struct end *from, const uint8_t *frame, size_t len)
{
	uint8_t *slot = from->frames + from->next_frame++ % RING_FRAMES * RING_FRAME;
	struct tpacket2_hdr *header = (struct tpacket2_hdr *)slot;
	bool sent;

	memcpy(slot + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll), frame, len);
	header->tp_len = (uint32_t)len;
	__atomic_store_n(&header->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_SEQ_CST);
	sent = send(from->ring, NULL, 0, MSG_DONTWAIT) >= 0;
	if (header->tp_status == TP_STATUS_WRONG_FORMAT || !sent)
		header->tp_status = TP_STATUS_AVAILABLE;
	return sent;
}

static bool send_header(int fd, const struct virtio_net_hdr *header, const void *data, size_t len,
			const struct sockaddr_ll *to)
{
	static uint8_t buf[sizeof(*header) + PDU_MAX];

	memcpy(buf, header, sizeof(*header));
	memcpy(buf + sizeof(*header), data, len);
	return sendto(fd, buf, sizeof(*header) + len, MSG_DONTWAIT, (const struct sockaddr *)to,
		      to ? sizeof(*to) : 0) >= 0;
}

static void choose_header(struct choices *from, struct virtio_net_hdr *header, size_t len)
{
	static const uint8_t types[] = {
		VIRTIO_NET_HDR_GSO_NONE, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV6,
		5 /* UDP_L4 */, VIRTIO_NET_HDR_GSO_UDP, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
	};
	uint8_t c = choose(from);

	memset(header, 0, sizeof(*header));
	header->hdr_len = choose(from);
	if (c & 1) {
		header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header->csum_start = choose(from);
		header->csum_offset = c & 2 ? 6 : 16;
	}
	if (c & 4) {
		header->gso_type = types[choose(from) % sizeof(types)];
		header->gso_size = (uint16_t)(1 + choose(from) * 8);
	}
	if (header->hdr_len > len)
		header->hdr_len = (uint16_t)len;
}

/* --- steps */

static uint32_t choose_count(struct choices *from, const struct bearer *bearer)
{
	uint8_t c = choose(from);
	uint32_t next = next_count(bearer);

	if (c < 144)
		return next;
	if (c < 160)
		return bearer->highest;
	if (c < 192)
		return bearer->highest - (c - 159u);
	if (c < 216)
		return next + (c - 191u);
	switch (c) {
	case 216: return next + 64;
	case 217: return bearer->highest - 63;
	case 218: return bearer->highest - 64;
	case 219: return bearer->highest - 65;
	case 220: return 0;
	case 221: return 1;
	case 222: return UINT32_MAX;
	case 223: return next + 0x7fff;
	case 224: return next + 0x8000;
	case 225: return next + 0x10000;
	case 226: return next - 0x10000;
	default: return c < 240 ? next + choose(from) * 3u : next;
	}
}

static void make_wrong(struct pdu *pdu, struct choices *from, uint8_t how)
{
	switch (how % 20) {
	case 0: pdu->octet1 = choose(from); break;
	case 1: pdu->src = choose(from) & 1 ? pdu->dst : choose32(from) & 0xffffff; break;
	case 2: pdu->dst = choose(from) & 1 ? pdu->src : choose32(from) & 0xffffff; break;
	case 3: pdu->lcid = choose(from) & 0x1f; break;
	case 4: pdu->lcid = choose(from); break;
	case 5: pdu->form = FORM_F0; pdu->pad = choose(from); break;
	case 6: pdu->form = FORM_F1; pdu->pad = choose(from); break;
	case 7: pdu->form = FORM_F1; pdu->length_lie = (int8_t)choose(from) * 4; break;
	case 8: pdu->form = FORM_F0; pdu->length_lie = (int8_t)choose(from); break;
	case 9: pdu->form = FORM_F0; pdu->second = choose(from); break;
	case 10: pdu->sdu_type = choose(from) & 7; break;
	case 11: pdu->reserved = choose(from) & 0x1f; break;
	case 12: pdu->kd_sess_id = choose(from) & 1 ? assocs[choose(from) % ASSOCS].id : choose(from); break;
	case 13: pdu->direction ^= 1; break;
	case 14: pdu->ciphered = !pdu->ciphered; break;
	case 15: pdu->mac = !pdu->mac; break;
	case 16: pdu->src = 0; break;
	case 17: pdu->eth_dst[choose(from) % 6] ^= choose(from); break;
	case 18: pdu->eth_src[choose(from) % 6] ^= choose(from); break;
	default: pdu->kd_sess_id = 0; break;
	}
}

/* What is inside, well-formed and then not. */
static size_t choose_inner(struct choices *from, const struct end *sender, size_t bearer, uint8_t *data)
{
	uint8_t c = choose(from), size = choose(from), n;
	size_t len = size < 160 ? 28u + size : size < 250 ? (size - 159u) * 90u : 8184u + size - 250u, i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 5 + c);
	if (bearer) {
		if (c >= 224)
			len = c - 224u;
		return len;
	}
	if (c < 96)
		ipv4_packet(data, sender, len);
	else if (c < 160)
		ipv6_packet(data, sender, len < 48 ? len = 48 : len);
	if (c >= 248)
		len = (c - 248u) * 5;
	for (n = choose(from) % 5; n; n--) {
		i = choose(from) % 60;
		data[i] = choose(from);
	}
	return len;
}

static void remember(struct end *to, const struct pdu *pdu)
{
	size_t i, b;

	for (i = 0; i < ASSOCS; i++)
		for (b = 0; b < BEARERS; b++) {
			struct bearer *bearer = &to->bearers[i][b];

			if (pdu->mac && assocs[i].id == pdu->kd_sess_id &&
			    lcids[b] == (pdu->lcid & 0x1f) && bearer->n_may < bearer->n_late + 32)
				bearer->may[bearer->n_may++] = pdu->count;
		}
}

static void step_frame(struct choices *from)
{
	static uint8_t data[PDU_MAX], frame[2 * PDU_MAX];
	uint8_t where = choose(from), c = choose(from), how, mode;
	struct end *to = &ends[where & 1], *sender = other(to);
	size_t assoc = c / 4 % 4 == 0 ? 0 : c / 4 % ASSOCS, bearer = c % 4 == 3 ? 2 : c % 4;
	static uint8_t built[2 * PDU_MAX];
	size_t len, built_len, i;
	struct virtio_net_hdr header;
	bool sent, foreign = false, doubtful = false;
	struct pdu pdu;

	pdu = ordinary(to, assoc, bearer, choose_count(from, &to->bearers[assoc][bearer]));
	if (c % 4 == 3) {	/* unprotected */
		pdu.lcid = LCID_PLAIN;
		pdu.kd_sess_id = 0;
		pdu.count = 0;
		pdu.mac = false;
		pdu.ciphered = false;
	}
	pdu.len = choose_inner(from, sender, bearer, data);
	pdu.data = data;
	how = choose(from);
	if (how >= 128)
		make_wrong(&pdu, from, how);
	len = pdu_build(&pdu, &assocs[assoc], frame);
	memcpy(built, frame, len);
	built_len = len;

	/* Past the MAC-I: anything of the frame. */
	how = choose(from);
	if (how >= 208) {
		for (i = how % 4 + 1; i; i--)
			frame[ETH_LEN + choose(from) % (len - ETH_LEN)] ^= choose(from);
	} else if (how >= 192) {
		frame[len - 1 - how % 4] ^= 1;
	} else if (how >= 176) {
		i = ETH_LEN + choose(from) % 40u;
		len = i < len ? i : len;
	} else if (how >= 168) {
		memset(frame + len, 0, 64);
		len += choose(from) % 64;
	}
	/*
	 * Octets under the MAC-I, or its place, are not as they were: it does not verify. What
	 * stands before them, and padding, may have changed all the same.
	 */
	if (pdu.form != FORM_SHORT || (len == built_len &&
	    !memcmp(frame + ETH_LEN + SL_LEN, built + ETH_LEN + SL_LEN, len - ETH_LEN - SL_LEN)))
		remember(to, &pdu);
	if (how >= 160 && how < 168) {	/* a VLAN tag in front, or another EtherType */
		if (how & 1) {
			memmove(frame + 16, frame + 12, len - 12);
			put_be16(frame + 12, how & 2 ? 0x8100 : 0x88a8);
			put_be16(frame + 14, how & 4 ? choose(from) : 0);
			len += 4;
			doubtful = true;
		} else {
			put_be16(frame + 12, (uint16_t)(0x88b6 + how));
			foreign = true;
		}
	}

	mode = choose(from);
	/* What goes from the ring may go later than it should. */
	if (mode < 128 || foreign) {
		sent = send(sender->wire, frame, len, MSG_DONTWAIT) >= 0;
	} else if (mode < 192) {
		sent = len <= RING_FRAME - 64 && send_ring(sender, frame, len);
	} else {
		choose_header(from, &header, len);
		/* May be split; the parts have the same kind of header, or none. */
		sent = send_header(sender->header, &header, frame, len, NULL);
		if (header.gso_type) {
			sender->doubtful += len / (header.gso_size ? header.gso_size : 1) + 2;
			return;
		}
	}
	if (sent) {
		sender->foreign += foreign;
		sender->doubtful += doubtful;
	}
}

/* Into prose0, as IP programs do and as they do not. */
static void step_above(struct choices *from)
{
	static const uint16_t protocols[] = { ETH_P_IP, ETH_P_IPV6, ETH_P_ARP, PDU_ETHERTYPE, 0x8100, ETH_P_IP };
	static uint8_t data[PDU_MAX];
	uint8_t where = choose(from), mode = choose(from), c;
	struct end *end = &ends[where & 1];
	size_t len = choose_inner(from, end, 0, data);
	struct sockaddr_ll link = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)end->index,
		.sll_protocol = htons(ETH_P_IP),
	};
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(7777) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct virtio_net_hdr header;

	if (data[0] >> 4 == 6)
		link.sll_protocol = htons(ETH_P_IPV6);
	switch (mode % 8) {
	case 0: case 1: case 2:
		c = choose(from);
		if (c >= 200)
			link.sll_protocol = htons(protocols[c % 6]);
		if (sendto(end->above, data, len, MSG_DONTWAIT, (struct sockaddr *)&link,
			   sizeof(link)) >= 0)
			end->handed++;
		break;
	case 3:
		choose_header(from, &header, len);
		if (header.gso_type)	/* a TCP header that can be split */
			data[data[0] >> 4 == 6 ? 6 : 9] = 6;
		send_header(end->above_header, &header, data, len, &link);
		break;
	case 4: case 5:
		memcpy(&v4.sin_addr, data + 16, 4);
		sendto(end->raw4, data, len, MSG_DONTWAIT, (struct sockaddr *)&v4, sizeof(v4));
		break;
	case 6:
		memcpy(&v6.sin6_addr, (uint8_t[16]){ 0xfd, [15] = 2 - direction_of(end) }, 16);
		sendto(end->raw6, data, len, MSG_DONTWAIT, (struct sockaddr *)&v6, sizeof(v6));
		break;
	default:
		v4.sin_addr.s_addr = htonl(0x0a000000u + choose(from) % 5);
		sendto(end->udp, data, len, MSG_DONTWAIT, (struct sockaddr *)&v4, sizeof(v4));
	}
}

static void step_signal(struct choices *from)
{
	static uint8_t message[8300];
	uint8_t where = choose(from), c = choose(from);
	struct end *end = &ends[where & 1];
	struct prose_nl_signal signal = {
		.l2_id = other(end)->l2_id, .bearer = 30, .protection = 2,
		.kd_sess_id = assocs[choose(from) % ASSOCS].id, .message = message,
		.len = 1u + choose(from) * (c & 1 ? 1u : 32u),
	};

	if (c >= 128) {
		signal.bearer = 28;
		signal.protection = 0;
		signal.kd_sess_id = 0;
	}
	prose_nl_signal_send(end->owner, end->index, &signal, NULL);
}

static void run(const uint8_t *data, size_t len)
{
	static unsigned int count;
	size_t at, e, i, b;

	for (at = 0; at < len && !engine_over(); at += STEP) {
		struct choices from = { data + at + 1, data + at + STEP };

		switch (data[at] & 7) {
		default: step_frame(&from); break;
		case 6: step_above(&from); break;
		case 7: step_signal(&from); break;
		case 0:
			if (data[at])
				step_above(&from);
		}
	}
	balance();
	/* How far each sent first: the other may have received it. */
	for (e = 0; e < 2; e++)
		for (i = 0; i < ASSOCS; i++) {
			struct prose_nl_assoc assoc;

			if (prose_nl_assoc_get(ends[e].nl, ends[e].index, other(&ends[e])->l2_id,
					       assocs[i].id, &assoc))
				failed("association: %s", prose_nl_error(ends[e].nl));
			for (b = 0; b < assoc.n_bearers && b < BEARERS; b++)
				ends[e].bearers[i][b].tx_next = assoc.bearers[b].has_tx_next ?
					assoc.bearers[b].tx_next : UINT32_MAX;
		}
	look_at_bearers(&ends[0], true);
	look_at_bearers(&ends[1], true);
	for (e = 0; e < 2; e++)
		for (i = 0; i < ASSOCS; i++)
			for (b = 0; b < BEARERS; b++)
				if (ends[e].bearers[i][b].highest > 0xfff00000) {
					install();
					goto installed;
				}
installed:
	if (!(++count % 32))
		works();
}

/* --- start */

static int packet_socket(const struct end *end, int type, uint32_t index, bool header)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_ifindex = (int)index };
	int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0), on = 1;

	(void)end;
	if (fd < 0 || (header && setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on))) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		cannot("packet socket: %s", strerror(errno));
	return fd;
}

static void open_ring(struct end *end)
{
	struct tpacket_req req = {
		.tp_block_size = RING_FRAME, .tp_block_nr = RING_FRAMES,
		.tp_frame_size = RING_FRAME, .tp_frame_nr = RING_FRAMES,
	};
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_ifindex = (int)end->lower };
	int version = TPACKET_V2, on = 1;

	end->ring = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	/* A frame of a bad length is passed over, else the ring would stand still. */
	if (end->ring < 0 ||
	    setsockopt(end->ring, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(end->ring, SOL_PACKET, PACKET_LOSS, &on, sizeof(on)) ||
	    setsockopt(end->ring, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)) ||
	    bind(end->ring, (struct sockaddr *)&addr, sizeof(addr)))
		cannot("ring: %s", strerror(errno));
	end->frames = mmap(NULL, RING_FRAME * RING_FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED,
			   end->ring, 0);
	if (end->frames == MAP_FAILED)
		cannot("ring: %s", strerror(errno));
}

static void open_end(struct end *end, const char *name, uint32_t l2_id)
{
	static const struct prose_nl_ops ops = { .event = on_event, .resync = on_resync };
	struct prose_nl_device_config config = {
		.has_unprotected_rate = true, .unprotected_rate = 100000,
	};
	struct ifreq ifr = { .ifr_name = "eth0" };
	char path[64], why[256] = "";
	struct sockaddr_in sink = { .sin_family = AF_INET, .sin_port = htons(7777) };

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	end->ns = open(path, O_RDONLY | O_CLOEXEC);
	if (end->ns < 0 || setns(end->ns, CLONE_NEWNET))
		cannot("no namespace %s; run frames.sh, with selftests/vm/run", name);
	end->l2_id = l2_id;
	end->index = if_nametoindex("prose0");
	end->lower = if_nametoindex("eth0");
	end->route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	end->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(end->udp, (struct sockaddr *)&sink, sizeof(sink)) ||
	    ioctl(end->udp, SIOCGIFHWADDR, &ifr))
		cannot("eth0: %s", strerror(errno));
	memcpy(end->mac, ifr.ifr_hwaddr.sa_data, 6);
	end->raw4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 255);
	end->raw6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 255);
	end->wire = packet_socket(end, SOCK_RAW, end->lower, false);
	end->header = packet_socket(end, SOCK_RAW, end->lower, true);
	end->above = packet_socket(end, SOCK_DGRAM, end->index, false);
	/* Only raw ones take it; of prose0 there is no header before the packet. */
	end->above_header = packet_socket(end, SOCK_RAW, end->index, true);
	open_ring(end);
	end->nl = prose_nl_open(why, sizeof(why));
	if (end->nl)
		end->owner = prose_nl_events_open(&ops, end, why, sizeof(why));
	if (!end->owner)
		cannot("%s", why);
	if (prose_nl_signal_register(end->owner, end->index) ||
	    prose_nl_device_set(end->nl, end->index, &config))
		cannot("%s %s", prose_nl_error(end->owner), prose_nl_error(end->nl));
}

static void start(unsigned int worker)
{
	size_t i;

	(void)worker;
	for (i = 0; i < ASSOCS; i++) {
		memset(assocs[i].pek, (int)(0x31 + i), 16);
		memset(assocs[i].pik, (int)(0x51 + i), 16);
		assocs[i].id = (uint16_t)(0x101 + i);
		assocs[i].eea = i == 1 ? 0 : 2;
		assocs[i].up_integrity = i != 2;
	}
	open_end(&ends[0], "a", 0x0a0b0c);
	open_end(&ends[1], "b", 0x0a0b0d);
	install();
	works();
}

static bool seed(unsigned int i, struct program *program)
{
	if (i >= 40)
		return false;
	program->data[0] = i < 20 ? 1 : i < 32 ? 6 : 7;
	program->data[1] = (uint8_t)i;
	program->data[2] = (uint8_t)(i / 2);
	program->len = 3;
	return true;
}

int main(int argc, char **argv)
{
	static const struct fuzzer fuzzer = {
		.name = "frames", .usage = "", .start = start, .run = run, .seed = seed,
		.finish = works,
	};

	return engine_main(&fuzzer, argc, argv);
}
