// SPDX-License-Identifier: MIT
/*
 * Traffic of many kinds between two UEs under one association, every octet of it known to who knows
 * the seed: IPv4 and IPv6, UDP of all sizes, in fragments, and many datagrams in one call (UDP GSO),
 * TCP both ways, all at once. Each datagram must arrive once, intact, in order; and all frames that
 * leave by the lower devices are captured for the decoder, which looks for the same on its own.
 *
 * usage: soak CARRIER EEA EIA INTEGRITY PACKETS PATIENCE FILES
 *
 * Namespaces ue1 and ue2 have prose0 with 10.0.0.1 and .2, fd00::1 and ::2, over eth0, and no peers.
 * There are at least PACKETS packets; PATIENCE is how many seconds to wait for one. Leaves FILES.pcap,
 * FILES.keys (the key log) and FILES.flows, as decode takes them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/kdf.h"
#include "prose-nl.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

#define LARGE		20000	/* octets of the largest datagram in fragments */
#define GROUP		16	/* datagrams in one call */
#define CHUNK		65536	/* octets at most that TCP is given at once */
#define SHOWN		10	/* failures told of each flow */
#define NEARBY		256
#define UDP_ROOM	(8 * 1024 * 1024)
/* TCP in flight is bounded, so that all together fits into the queues of a slow machine. */
#define TCP_ROOM	(128 * 1024)

static const char *const names[2] = { "ue1", "ue2" };

struct end {
	struct prose_nl *nl;
	struct prose_nl_device before;	/* what it had counted when this began */
	uint32_t ifindex, l2_id;
	uint8_t mac[6];
	int mtu;
};

static struct end ends[2];
static long patience_s;

/* One direction of one kind of traffic. */
struct flow {
	const char *name;
	int sender;		/* of names[] */
	int family;
	bool tcp;
	unsigned int group, window;
	size_t max;		/* octets of a datagram */
	uint64_t all;		/* datagrams, or octets of TCP */
	uint64_t seed;
	uint16_t port;
	int from, to;		/* sockets */
	sem_t credit;		/* datagrams that may be under way */
	atomic_uint failures;
	atomic_bool over;	/* the receiver takes no more */
	bool one_by_one;	/* the device takes no UDP GSO */
};

enum { N_FLOWS = 8 };

static struct flow flows[N_FLOWS] = {
	{ .name = "udp4", .sender = 0, .family = AF_INET, .group = 1, .window = 32 },
	{ .name = "udp6", .sender = 1, .family = AF_INET6, .group = 1, .window = 32 },
	{ .name = "large4", .sender = 1, .family = AF_INET, .group = 1, .window = 8, .max = LARGE },
	{ .name = "large6", .sender = 0, .family = AF_INET6, .group = 1, .window = 8, .max = LARGE },
	{ .name = "gso4", .sender = 1, .family = AF_INET, .group = GROUP, .window = 4 * GROUP },
	{ .name = "gso6", .sender = 0, .family = AF_INET6, .group = GROUP, .window = 4 * GROUP },
	{ .name = "tcp4", .sender = 0, .family = AF_INET, .tcp = true, .group = 1 },
	{ .name = "tcp6", .sender = 1, .family = AF_INET6, .tcp = true, .group = 1 },
};

__attribute__((format(printf, 1, 2), noreturn))
static void die(const char *format, ...)
{
	va_list args;

	printf("soak: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(2);
}

__attribute__((format(printf, 2, 3)))
static void failed(struct flow *flow, const char *format, ...)
{
	va_list args;

	if (atomic_fetch_add(&flow->failures, 1) >= SHOWN)
		return;
	flockfile(stdout);
	printf("%s: ", flow->name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	funlockfile(stdout);
}

/* The octets, as decode/flows.h has them. */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static size_t size_of(const struct flow *flow, uint64_t n)
{
	return 1 + mix(mix(~flow->seed + n / flow->group)) % flow->max;
}

/* Octets from a place on. */
static void fill(const struct flow *flow, uint64_t n, uint64_t at, uint8_t *data, size_t len)
{
	uint64_t base = mix(flow->seed + n);

	while (len) {
		uint64_t word = mix(base + at / 8) >> 8 * (at % 8);

		do {
			*data++ = (uint8_t)word;
			word >>= 8;
			len--;
		} while (++at % 8 && len);
	}
}

static bool matches(const struct flow *flow, uint64_t n, const uint8_t *data, size_t len)
{
	uint8_t right[LARGE];

	if (len != size_of(flow, n))
		return false;
	fill(flow, n, 0, right, len);
	return !memcmp(data, right, len);
}

/* Namespaces, devices, keys. */

static void enter(int end)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", names[end]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void ask(const char *dev, unsigned long what, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(ifr, 0, sizeof(*ifr));
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, what, ifr))
		die("%s: %s", dev, strerror(errno));
	close(fd);
}

static void end_open(int i)
{
	struct end *end = &ends[i];
	char why[256] = "";
	struct ifreq ifr;

	enter(i);
	end->ifindex = if_nametoindex("prose0");
	end->nl = prose_nl_open(why, sizeof(why));
	if (!end->ifindex || !end->nl)
		die("%s: prose0 is index %u; %s", names[i], end->ifindex, why);
	if (prose_nl_device_get(end->nl, end->ifindex, &end->before))
		die("%s: %s", names[i], prose_nl_error(end->nl));
	end->l2_id = end->before.l2_id;
	ask("prose0", SIOCGIFMTU, &ifr);
	end->mtu = ifr.ifr_mtu;
	ask("eth0", SIOCGIFHWADDR, &ifr);
	memcpy(end->mac, ifr.ifr_hwaddr.sa_data, 6);
}

static void address_of(int end, int family, void *out)
{
	char text[16];

	snprintf(text, sizeof(text), family == AF_INET ? "10.0.0.%d" : "fd00::%d", end + 1);
	inet_pton(family, text, out);
}

/* ue1 is UE_1, which sends with DIRECTION 0. */
static void secure(int i, const char *carrier, const struct prose_nl_assoc_config *how)
{
	struct end *end = &ends[i], *other = &ends[!i];
	struct prose_nl_peer peer = {
		.ifindex = end->ifindex, .l2_id = other->l2_id, .n_addresses = 2,
	};
	struct prose_nl_assoc_config config = *how;

	if (!strcmp(carrier, "link")) {
		peer.carrier_addr_len = 6;
		memcpy(peer.carrier_addr, other->mac, 6);
	} else if (!strcmp(carrier, "udp")) {
		/* ::ffff:192.0.2.1 or .2, and the port. */
		const uint8_t at[18] = { [10] = 0xff, 0xff, 192, 0, 2, (uint8_t)(2 - i),
					 7800 >> 8, 7800 & 0xff };

		peer.carrier_addr_len = sizeof(at);
		memcpy(peer.carrier_addr, at, sizeof(at));
	} else {
		die("there is no carrier %s", carrier);
	}
	peer.addresses[0].family = 4;
	address_of(!i, AF_INET, peer.addresses[0].addr);
	peer.addresses[1].family = 6;
	address_of(!i, AF_INET6, peer.addresses[1].addr);
	config.direction = (uint8_t)i;
	if (prose_nl_peer_new(end->nl, &peer, NULL) ||
	    prose_nl_assoc_new(end->nl, end->ifindex, other->l2_id, &config, NULL))
		die("%s: %s", names[i], prose_nl_error(end->nl));
	explicit_bzero(&config, sizeof(config));
}

static FILE *file_open(const char *files, const char *suffix)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", files, suffix);
	file = fopen(path, "w");
	if (!file)
		die("%s: %s", path, strerror(errno));
	return file;
}

static void file_close(FILE *file)
{
	if (ferror(file) || fclose(file))
		die("cannot write: %s", strerror(errno));
}

static void keys(const char *carrier, struct prose_nl_assoc_config *how, const char *files)
{
	uint8_t kd_sess[KDF_LEN];
	FILE *log;
	size_t i;

	if (getrandom(kd_sess, sizeof(kd_sess), 0) != sizeof(kd_sess) ||
	    getrandom(&how->kd_sess_id, sizeof(how->kd_sess_id), 0) != sizeof(how->kd_sess_id))
		die("no random numbers");
	how->kd_sess_id |= !how->kd_sess_id;
	if (kdf_pek(kd_sess, how->eea, how->pek) || kdf_pik(kd_sess, how->eia, how->pik))
		die("no key derivation");
	log = file_open(files, "keys");
	fprintf(log, "PROSE_SESSION %06x %06x %04x %u %u %u hfn ", ends[0].l2_id, ends[1].l2_id,
		how->kd_sess_id, how->eea, how->eia, how->up_integrity);
	for (i = 0; i < sizeof(kd_sess); i++)
		fprintf(log, "%02x", kd_sess[i]);
	fputc('\n', log);
	file_close(log);
	secure(0, carrier, how);
	secure(1, carrier, how);
}

/*
 * Capture: of what each device sends, since what it receives may have been on another processor's
 * queue and lost its order there; and into a ring, so that no packet is shared with the capture for
 * longer than it takes to copy it.
 */

#define RING_FRAME	2048
#define RING_BLOCK	(1024 * 1024)
#define RING_BLOCKS	32
#define RING_FRAMES	(RING_BLOCKS * (RING_BLOCK / RING_FRAME))

static struct {
	struct ring {
		int fd;
		uint8_t *frames;
		atomic_uint at;
	} ring[2];
	FILE *file;
	atomic_bool stop;
	pthread_t thread;
} capture;

static void capture_put(const struct tpacket2_hdr *header)
{
	const struct sockaddr_ll *from = (const void *)((const uint8_t *)header +
							 TPACKET_ALIGN(sizeof(*header)));
	const struct {
		uint32_t sec, usec, len, wire_len;
	} record = { header->tp_sec, header->tp_nsec / 1000, header->tp_snaplen, header->tp_len };

	if (from->sll_pkttype != PACKET_OUTGOING)
		return;
	fwrite(&record, sizeof(record), 1, capture.file);
	fwrite((const uint8_t *)header + header->tp_mac, header->tp_snaplen, 1, capture.file);
}

static bool capture_one(struct ring *ring)
{
	struct tpacket2_hdr *header = (void *)(ring->frames + (size_t)ring->at * RING_FRAME);

	if (!(__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	capture_put(header);
	__atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	ring->at = (ring->at + 1) % RING_FRAMES;
	return true;
}

/*
 * Is a ring half full? Senders wait then: what they may have under way without asking again fits into
 * the other half.
 */
static bool capture_is_behind(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct ring *ring = &capture.ring[i];
		unsigned int at = (atomic_load(&ring->at) + RING_FRAMES / 2) % RING_FRAMES;
		const struct tpacket2_hdr *header = (void *)(ring->frames + (size_t)at * RING_FRAME);

		if (__atomic_load_n(&header->tp_status, __ATOMIC_RELAXED) & TP_STATUS_USER)
			return true;
	}
	return false;
}

static void capture_wait(void)
{
	while (capture_is_behind())
		usleep(1000);
}

static void *capture_run(void *unused)
{
	struct pollfd wait[2] = {
		{ .fd = capture.ring[0].fd, .events = POLLIN },
		{ .fd = capture.ring[1].fd, .events = POLLIN },
	};

	(void)unused;
	/* All others wait for this one. */
	setpriority(PRIO_PROCESS, 0, -20);
	for (;;) {
		/* Asked before the look at the rings: what came before is then seen. */
		bool stop = atomic_load(&capture.stop);
		bool some = capture_one(&capture.ring[0]);

		some |= capture_one(&capture.ring[1]);
		if (!some && stop)
			return NULL;
		if (!some)
			poll(wait, 2, 10);
	}
}

static void ring_open(struct ring *ring)
{
	struct tpacket_req size = {
		.tp_block_size = RING_BLOCK, .tp_block_nr = RING_BLOCKS,
		.tp_frame_size = RING_FRAME, .tp_frame_nr = RING_FRAMES,
	};
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("eth0"),
	};
	int version = TPACKET_V2;

	ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (ring->fd < 0 ||
	    setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &size, sizeof(size)))
		die("no packet ring: %s", strerror(errno));
	ring->frames = mmap(NULL, (size_t)RING_BLOCK * RING_BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED,
			    ring->fd, 0);
	if (ring->frames == MAP_FAILED || bind(ring->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("no capture: %s", strerror(errno));
}

static void capture_start(const char *files)
{
	static const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, accuracy, snaplen, link;
	} header = { 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1 };
	int i;

	capture.file = file_open(files, "pcap");
	setvbuf(capture.file, NULL, _IOFBF, 256 * 1024);
	fwrite(&header, sizeof(header), 1, capture.file);
	for (i = 0; i < 2; i++) {
		enter(i);
		ring_open(&capture.ring[i]);
	}
	if (pthread_create(&capture.thread, NULL, capture_run, NULL))
		die("no thread");
}

static void capture_end(void)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);
	int i;

	atomic_store(&capture.stop, true);
	pthread_join(capture.thread, NULL);
	for (i = 0; i < 2; i++) {
		if (getsockopt(capture.ring[i].fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
			die("no statistics of the capture: %s", strerror(errno));
		if (stats.tp_drops)
			die("%u of %u frames of %s are missing in the capture", stats.tp_drops,
			    stats.tp_packets, names[i]);
		close(capture.ring[i].fd);
	}
	file_close(capture.file);
}

/* Sockets. */

static socklen_t sockaddr_of(const struct flow *flow, int end, uint16_t port,
			     struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = (sa_family_t)flow->family;
	if (flow->family == AF_INET) {
		address_of(end, AF_INET, &v4->sin_addr);
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	address_of(end, AF_INET6, &v6->sin6_addr);
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

static int socket_open(const struct flow *flow, int end)
{
	int on = 1, size = flow->tcp ? TCP_ROOM : UDP_ROOM, fd;
	struct timeval patience = { .tv_sec = patience_s };

	enter(end);
	fd = socket(flow->family, (flow->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
		die("%s: socket: %s", flow->name, strerror(errno));
	return fd;
}

static void flow_open(struct flow *flow)
{
	struct sockaddr_storage addr;
	socklen_t len = sockaddr_of(flow, !flow->sender, flow->port, &addr);
	int on = 1, listener;

	flow->from = socket_open(flow, flow->sender);
	flow->to = socket_open(flow, !flow->sender);
	if (bind(flow->to, (struct sockaddr *)&addr, len) || (flow->tcp && listen(flow->to, 1)) ||
	    connect(flow->from, (struct sockaddr *)&addr, len))
		die("%s: connecting: %s", flow->name, strerror(errno));
	if (!flow->tcp)
		return;
	listener = flow->to;
	flow->to = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (flow->to < 0 || setsockopt(flow->from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("%s: accept: %s", flow->name, strerror(errno));
	close(listener);
}

/* Sending. */

static bool may_send(struct flow *flow)
{
	unsigned int i;

	for (i = 0; i < flow->group; i++)
		while (sem_wait(&flow->credit))
			;
	capture_wait();
	return !atomic_load(&flow->over);
}

static bool send_group(struct flow *flow, uint8_t *data, size_t size)
{
	union {
		char space[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = flow->group * size };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	uint16_t segment = (uint16_t)size;
	unsigned int i;

	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(cmsg), &segment, sizeof(segment));
	if (flow->group > 1 && !flow->one_by_one) {
		if (sendmsg(flow->from, &msg, 0) == (ssize_t)iov.iov_len)
			return true;
		/* Up to 6.10, a device that leaves checksums to the stack gets no UDP GSO. */
		if (errno != EIO)
			return false;
		flow->one_by_one = true;
	}
	for (i = 0; i < flow->group; i++)
		if (send(flow->from, data + i * size, size, 0) != (ssize_t)size)
			return false;
	return true;
}

static void send_udp(struct flow *flow)
{
	uint8_t *data = malloc(flow->group * flow->max);
	unsigned int i;
	uint64_t n;

	for (n = 0; data && n < flow->all && may_send(flow); n += flow->group) {
		size_t size = size_of(flow, n);

		for (i = 0; i < flow->group; i++)
			fill(flow, n + i, 0, data + i * size, size);
		if (!send_group(flow, data, size)) {
			failed(flow, "datagram %llu of %zu octets is not sent: %s",
			       (unsigned long long)n, size, strerror(errno));
			break;
		}
	}
	free(data);
}

static void send_tcp(struct flow *flow)
{
	static _Thread_local uint8_t data[CHUNK];
	uint64_t at = 0, turn = 0;

	while (at < flow->all) {
		/* Of all sizes, and many of them small. */
		uint64_t random = mix(~flow->seed + turn++);
		size_t len = 1 + random % (random >> 32 & 1 ? CHUNK : 2000);
		ssize_t sent;

		if (len > flow->all - at)
			len = flow->all - at;
		fill(flow, 0, at, data, len);
		capture_wait();
		sent = send(flow->from, data, len, MSG_NOSIGNAL);
		if (sent <= 0) {
			failed(flow, "octet %llu is not sent: %s", (unsigned long long)at,
			       strerror(errno));
			break;
		}
		at += (uint64_t)sent;
	}
	shutdown(flow->from, SHUT_WR);
}

/*
 * A flow stays on one processor: the stack keeps the order of what one of them sends, and of no
 * more. Different flows are on different ones, to contend for COUNTs.
 */
static void *flow_send(void *arg)
{
	struct flow *flow = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((int)((flow - flows) / 2 % sysconf(_SC_NPROCESSORS_ONLN)), &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		failed(flow, "cannot stay on a processor");
	if (flow->tcp)
		send_tcp(flow);
	else
		send_udp(flow);
	return NULL;
}

/* Receiving. */

static void explain(struct flow *flow, uint64_t *n, const uint8_t *data, size_t len)
{
	unsigned long long due = *n, far;

	for (far = 1; far <= NEARBY; far++) {
		if (far <= due && matches(flow, due - far, data, len)) {
			failed(flow, "datagram %llu again, or late; %llu is due", due - far, due);
			return;
		}
		if (due + far < flow->all && matches(flow, due + far, data, len)) {
			failed(flow, "datagrams %llu to %llu are missing", due, due + far - 1);
			*n = due + far + 1;
			return;
		}
	}
	failed(flow, "datagram %llu is not as it was sent", due);
	*n = due + 1;
}

static void receive_udp(struct flow *flow)
{
	static _Thread_local uint8_t data[LARGE + 1];
	uint64_t n = 0;

	while (n < flow->all) {
		ssize_t got = recv(flow->to, data, sizeof(data), 0);

		if (got < 0) {
			failed(flow, "datagram %llu of %llu has not come: %s", (unsigned long long)n,
			       (unsigned long long)flow->all, strerror(errno));
			break;
		}
		if (matches(flow, n, data, (size_t)got))
			n++;
		else
			explain(flow, &n, data, (size_t)got);
		sem_post(&flow->credit);
	}
	/* Whoever waits for credit is to wait no longer. */
	atomic_store(&flow->over, true);
	for (n = 0; n < flow->group; n++)
		sem_post(&flow->credit);
}

static void receive_tcp(struct flow *flow)
{
	static _Thread_local uint8_t data[CHUNK], right[CHUNK];
	uint64_t at = 0;
	ssize_t got;

	while ((got = recv(flow->to, data, sizeof(data), 0)) > 0) {
		fill(flow, 0, at, right, (size_t)got);
		if (memcmp(data, right, (size_t)got))
			failed(flow, "octets %llu to %llu are not as they were sent",
			       (unsigned long long)at, (unsigned long long)at + (uint64_t)got - 1);
		at += (uint64_t)got;
	}
	if (got < 0)
		failed(flow, "octet %llu has not come: %s", (unsigned long long)at, strerror(errno));
	else if (at != flow->all)
		failed(flow, "%llu octets came, %llu were sent", (unsigned long long)at,
		       (unsigned long long)flow->all);
}

static void *flow_receive(void *arg)
{
	struct flow *flow = arg;

	if (flow->tcp)
		receive_tcp(flow);
	else
		receive_udp(flow);
	return NULL;
}

/*
 * Nothing may be left in the sockets when all that was sent has come. TCP lingers until each FIN is
 * acknowledged: one that is sent again after the peers are gone, and its answer, would be the first
 * packets of the next run, which has the same ports.
 */
static void flow_end(struct flow *flow)
{
	struct linger linger = { .l_onoff = 1, .l_linger = (int)patience_s };
	uint8_t octet;

	if (!flow->tcp && recv(flow->to, &octet, 1, MSG_DONTWAIT) >= 0)
		failed(flow, "more datagrams come than were sent");
	if (flow->tcp && (setsockopt(flow->from, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) ||
			  setsockopt(flow->to, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger))))
		failed(flow, "SO_LINGER: %s", strerror(errno));
	/* In this order: the sender has shut down first, and ends in TIME_WAIT. */
	close(flow->from);
	close(flow->to);
}

static void plan(unsigned long packets, const char *files)
{
	FILE *file = file_open(files, "flows");
	size_t i;

	for (i = 0; i < N_FLOWS; i++) {
		struct flow *flow = &flows[i];
		size_t headers = flow->family == AF_INET ? 28 : 48;
		size_t mtu = (size_t)ends[flow->sender].mtu;

		flow->port = (uint16_t)(5001 + i);
		if (getrandom(&flow->seed, sizeof(flow->seed), 0) != sizeof(flow->seed))
			die("no random numbers");
		/* An eighth of the packets each. */
		flow->all = packets / N_FLOWS + 1;
		if (flow->tcp) {
			flow->all *= mtu;
			fprintf(file, "tcp %06x %u %llx %llu\n", ends[flow->sender].l2_id, flow->port,
				(unsigned long long)flow->seed, (unsigned long long)flow->all);
			continue;
		}
		if (flow->max)
			flow->all = flow->all * mtu * 2 / flow->max + 1;
		else
			flow->max = mtu - headers;
		flow->all = (flow->all + flow->group - 1) / flow->group * flow->group;
		if (sem_init(&flow->credit, 0, flow->window))
			die("no semaphore");
		fprintf(file, "udp %06x %u %llx %zu %u %llu\n", ends[flow->sender].l2_id, flow->port,
			(unsigned long long)flow->seed, flow->max, flow->group,
			(unsigned long long)flow->all);
	}
	file_close(file);
}

static void run(void)
{
	pthread_t senders[N_FLOWS], receivers[N_FLOWS];
	size_t i;

	for (i = 0; i < N_FLOWS; i++)
		flow_open(&flows[i]);
	for (i = 0; i < N_FLOWS; i++)
		if (pthread_create(&receivers[i], NULL, flow_receive, &flows[i]) ||
		    pthread_create(&senders[i], NULL, flow_send, &flows[i]))
			die("no thread");
	for (i = 0; i < N_FLOWS; i++) {
		pthread_join(senders[i], NULL);
		pthread_join(receivers[i], NULL);
	}
	for (i = 0; i < N_FLOWS; i++)
		flow_end(&flows[i]);
}

/*
 * What the devices dropped, if anything, explains what is missing. Not what they had dropped before:
 * TCP of the last run may have repeated itself when one end was without its peer already.
 */
static unsigned int drops(int i)
{
	struct prose_nl_device device;
	unsigned int dropped = 0;
	size_t j;

	if (prose_nl_device_get(ends[i].nl, ends[i].ifindex, &device))
		die("%s: %s", names[i], prose_nl_error(ends[i].nl));
	for (j = 0; j < device.n_stats; j++) {
		uint64_t now = device.stats[j].value - ends[i].before.stats[j].value;

		/* Neighbours may have been looked for before there was a peer. */
		if (!now || !strcmp(device.stats[j].name, "tx-no-peer"))
			continue;
		printf("%s: %s: %llu\n", names[i], device.stats[j].name,
		       (unsigned long long)now);
		dropped++;
	}
	return dropped;
}

int main(int argc, char **argv)
{
	struct prose_nl_assoc_config how = { .tx = true };
	unsigned int failures = 0;
	size_t i;

	if (argc != 8) {
		fprintf(stderr, "usage: soak CARRIER EEA EIA INTEGRITY PACKETS PATIENCE FILES\n");
		return 2;
	}
	how.eea = (uint8_t)atoi(argv[2]);
	how.eia = (uint8_t)atoi(argv[3]);
	how.up_integrity = atoi(argv[4]);
	patience_s = atol(argv[6]);
	end_open(0);
	end_open(1);
	keys(argv[1], &how, argv[7]);
	explicit_bzero(&how, sizeof(how));
	plan(strtoul(argv[5], NULL, 10), argv[7]);
	capture_start(argv[7]);
	run();
	capture_end();
	for (i = 0; i < N_FLOWS; i++) {
		failures += atomic_load(&flows[i].failures);
		if (flows[i].one_by_one)
			printf("%s: prose0 takes no UDP GSO\n", flows[i].name);
	}
	failures += drops(0) + drops(1);
	for (i = 0; i < 2; i++) {
		if (prose_nl_peer_del(ends[i].nl, ends[i].ifindex, ends[!i].l2_id))
			die("%s: %s", names[i], prose_nl_error(ends[i].nl));
		prose_nl_close(ends[i].nl);
	}
	return failures ? 1 : 0;
}
