// SPDX-License-Identifier: MIT
/*
 * Peers come and go under traffic, thousands of times, and leave nothing behind.
 *
 * usage: churn CYCLES
 *
 * Namespaces ue1 and ue2 have prose0 with 10.0.0.1 and .2, which are peers of each other and stay so,
 * and prose1 with 10.1.0.1 and .2. In a cycle both ends of prose1 get each other as peer, an
 * association, and another one in its place, each of which must carry packets both ways, and Layer-2 IDs
 * of their link, and other ones; then they are deleted while packets go on. Those between the prose0 must all arrive.
 *
 * What the kernel holds is compared before and after. Its own counts are those of SLUB, which are exact
 * when caches were shrunk. Other users of the same caches are a noise of a few objects that does not
 * grow with the cycles, and a leak does.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "../netlink/ktap.h"
#include "prose-nl.h"

#define PORT		7300
#define WINDOW		4	/* packets under way between those that stay */
#define PATIENCE_MS	60000	/* nobody waits this long */
#define WARM_UP		32	/* cycles before the first count */
#define NOISE		16	/* objects, and KiB of per-CPU memory, that come and go anyway */

static unsigned long cycles;

/* The device that peers come to and go from, of each end. */
static struct end {
	const char *ns;
	struct prose_nl *nl;
	uint32_t ifindex, l2_id;
	struct in_addr addr;
	int socket;
	sem_t arrival;
	atomic_ulong arrived;
} ends[2] = { { .ns = "ue1" }, { .ns = "ue2" } };

/* What flows between the peers that stay. */
static struct {
	int from, to;
	sem_t credit;
	unsigned long sent, received;
	uint32_t wrong;
	atomic_bool over;	/* the receiver takes no more */
	pthread_t sender, receiver;
} steady;

static atomic_bool stop;
static pthread_t flood;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void enter(const char *ns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0 && !setns(fd, CLONE_NEWNET), "%s: %s", path, strerror(errno));
	close(fd);
}

static int udp_socket(const char *own, const char *other)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, own, &addr.sin_addr);
	need(fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	     !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), "%s: %s", own,
	     strerror(errno));
	inet_pton(AF_INET, other, &addr.sin_addr);
	need(!connect(fd, (struct sockaddr *)&addr, sizeof(addr)), "%s: %s", other, strerror(errno));
	return fd;
}

/* Traffic. */

/* On one processor: the stack keeps the order of what one of them sends. */
static void *steady_send(void *unused)
{
	uint32_t data[64] = { 0 };
	cpu_set_t set;

	(void)unused;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (!atomic_load(&stop) && !atomic_load(&steady.over)) {
		sem_wait(&steady.credit);
		data[0] = (uint32_t)steady.sent;
		if (send(steady.from, data, sizeof(data) - steady.sent % 200, 0) > 0)
			steady.sent++;
		else
			sem_post(&steady.credit);
	}
	/* The last of them: nothing comes behind it. */
	data[0] = UINT32_MAX;
	send(steady.from, data, sizeof(data), 0);
	return NULL;
}

static void *steady_receive(void *unused)
{
	uint32_t data[64];

	(void)unused;
	while (recv(steady.to, data, sizeof(data), 0) >= (ssize_t)sizeof(data[0]) &&
	       data[0] != UINT32_MAX) {
		if (data[0] != (uint32_t)steady.received)
			steady.wrong++;
		steady.received++;
		sem_post(&steady.credit);
	}
	/* Whatever went wrong, the sender is to end. */
	atomic_store(&steady.over, true);
	sem_post(&steady.credit);
	return NULL;
}

/* Both ways, whether there is a peer or not, as fast as it goes. */
static void *flood_run(void *unused)
{
	char data[600];
	int i;

	(void)unused;
	memset(data, 0x5a, sizeof(data));
	while (!atomic_load(&stop))
		for (i = 0; i < 2; i++) {
			/* Without a peer the stack says so; that is no surprise. */
			send(ends[i].socket, data, 100 + (size_t)rand() % 500, MSG_DONTWAIT);
			while (recv(ends[!i].socket, data, sizeof(data), MSG_DONTWAIT) > 0) {
				atomic_fetch_add(&ends[!i].arrived, 1);
				sem_post(&ends[!i].arrival);
			}
		}
	return NULL;
}

static void traffic_start(void)
{
	enter("ue1");
	steady.from = udp_socket("10.0.0.1", "10.0.0.2");
	ends[0].socket = udp_socket("10.1.0.1", "10.1.0.2");
	enter("ue2");
	steady.to = udp_socket("10.0.0.2", "10.0.0.1");
	ends[1].socket = udp_socket("10.1.0.2", "10.1.0.1");
	sem_init(&ends[0].arrival, 0, 0);
	sem_init(&ends[1].arrival, 0, 0);
	steady.sent = 0;
	steady.received = 0;
	steady.wrong = 0;
	atomic_store(&steady.over, false);
	sem_init(&steady.credit, 0, WINDOW);
	atomic_store(&stop, false);
	need(!pthread_create(&steady.receiver, NULL, steady_receive, NULL) &&
	     !pthread_create(&steady.sender, NULL, steady_send, NULL) &&
	     !pthread_create(&flood, NULL, flood_run, NULL), "no threads");
}

static void traffic_end(void)
{
	atomic_store(&stop, true);
	pthread_join(flood, NULL);
	pthread_join(steady.sender, NULL);
	pthread_join(steady.receiver, NULL);
	check(steady.sent == steady.received && !steady.wrong,
	      "of %lu packets to the peer that stayed %lu came, %u of them out of turn", steady.sent,
	      steady.received, steady.wrong);
	close(steady.from);
	close(steady.to);
	close(ends[0].socket);
	close(ends[1].socket);
}

/* Cycles. */

static void end_open(struct end *end, const char *addr)
{
	struct prose_nl_device device;
	char why[256] = "";

	enter(end->ns);
	inet_pton(AF_INET, addr, &end->addr);
	end->nl = prose_nl_open(why, sizeof(why));
	end->ifindex = if_nametoindex("prose1");
	need(end->nl && end->ifindex, "%s: prose1 is index %u; %s", end->ns, end->ifindex, why);
	need(!prose_nl_device_get(end->nl, end->ifindex, &device), "%s", prose_nl_error(end->nl));
	end->l2_id = device.l2_id;
}

static void peer_add(struct end *end, const struct end *other)
{
	struct prose_nl_peer peer = {
		.ifindex = end->ifindex, .l2_id = other->l2_id, .n_addresses = 2,
		.addresses = { { .family = 4 }, { .family = 6, .addr = { 0xfd, 1, [15] = 9 } } },
	};

	memcpy(peer.addresses[0].addr, &other->addr, 4);
	need(!prose_nl_peer_new(end->nl, &peer, NULL), "peer-new: %s", prose_nl_error(end->nl));
}

/* The same association at both ends, the sending one of each. */
static void assoc_add(struct prose_nl_assoc_config *config)
{
	struct prose_nl_assoc_change change = { .tx = true };
	int i;

	need(RAND_bytes(config->pek, sizeof(config->pek)) == 1 &&
	     RAND_bytes(config->pik, sizeof(config->pik)) == 1, "no random numbers");
	for (i = 0; i < 2; i++) {
		config->direction = (uint8_t)i;
		need(!prose_nl_assoc_new(ends[i].nl, ends[i].ifindex, ends[!i].l2_id, config, NULL),
		     "assoc-new: %s", prose_nl_error(ends[i].nl));
	}
	for (i = 0; i < 2; i++)
		need(!prose_nl_assoc_set(ends[i].nl, ends[i].ifindex, ends[!i].l2_id,
					 config->kd_sess_id, &change), "assoc-set: %s",
		     prose_nl_error(ends[i].nl));
}

/* Layer-2 IDs of the link that were not there the cycle before; each end receives before it sends. */
static void link_ids(unsigned long n)
{
	struct prose_nl_peer peer;
	uint32_t ids[2];
	int i, remote;

	ids[0] = 0x0c0000 + (uint32_t)(n % 0x7fff) * 2;
	ids[1] = ids[0] + 1;
	for (remote = 0; remote < 2; remote++)
		for (i = 0; i < 2; i++) {
			peer = (struct prose_nl_peer){
				.ifindex = ends[i].ifindex, .l2_id = ends[!i].l2_id,
				.has_local_l2_id = !remote, .local_l2_id = ids[i],
				.has_remote_l2_id = remote, .remote_l2_id = ids[!i],
			};
			need(!prose_nl_peer_set(ends[i].nl, &peer), "peer-set: %s",
			     prose_nl_error(ends[i].nl));
		}
}

static void wait_for_traffic(void)
{
	struct timespec end;
	int i;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_MS / 1000;
	for (i = 0; i < 2; i++) {
		while (!sem_trywait(&ends[i].arrival))
			;
		need(!sem_timedwait(&ends[i].arrival, &end), "%s receives nothing from its new peer",
		     ends[i].ns);
	}
}

static void cycle(unsigned long n)
{
	struct prose_nl_assoc_config config = {
		.kd_sess_id = 1, .eea = n % 4, .eia = 1 + n % 3, .up_integrity = n % 5 != 0,
	};
	int i;

	peer_add(&ends[0], &ends[1]);
	peer_add(&ends[1], &ends[0]);
	assoc_add(&config);
	wait_for_traffic();
	link_ids(2 * n);
	config.kd_sess_id = 2;
	assoc_add(&config);
	wait_for_traffic();
	link_ids(2 * n + 1);
	wait_for_traffic();
	for (i = 0; i < 2; i++)
		need(!prose_nl_peer_del(ends[i].nl, ends[i].ifindex, ends[!i].l2_id), "peer-del: %s",
		     prose_nl_error(ends[i].nl));
}

static void run(unsigned long n)
{
	unsigned long i;

	traffic_start();
	for (i = 0; i < n && !ktap_failures; i++)
		cycle(i);
	traffic_end();
}

/* What the kernel holds. */

#define CACHES_MAX	256

static struct count {
	size_t n;
	struct {
		char name[64];
		long objects;
	} cache[CACHES_MAX];
	long percpu_kb;
} before, after;

static long file_number(const char *path, const char *key)
{
	FILE *file = fopen(path, "r");
	char line[256];
	long value = -1;

	while (file && value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			value = strtol(line + strlen(key), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

/* What the module allocates from, by itself or through the crypto API, XArrays and sockets. */
static bool is_ours(const char *cache)
{
	return !strncmp(cache, "kmalloc-", 8) || !strncmp(cache, "radix_tree", 10) ||
	       !strncmp(cache, "skbuff_", 7);
}

static void count_now(struct count *count)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct dirent *entry;
	char path[512];
	int fd;

	count->n = 0;
	need(dir, "/sys/kernel/slab: %s", strerror(errno));
	while ((entry = readdir(dir)) && count->n < CACHES_MAX) {
		if (!is_ours(entry->d_name))
			continue;
		/* Without it, what processors keep in store counts as used. */
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		need(fd >= 0 && write(fd, "1", 1) == 1, "%s: %s", path, strerror(errno));
		close(fd);
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", entry->d_name);
		snprintf(count->cache[count->n].name, sizeof(count->cache[0].name), "%.60s",
			 entry->d_name);
		count->cache[count->n++].objects = file_number(path, "");
	}
	closedir(dir);
	count->percpu_kb = file_number("/proc/meminfo", "Percpu:");
}

static long growth(const char *name, long objects)
{
	size_t i;

	for (i = 0; i < before.n; i++)
		if (!strcmp(before.cache[i].name, name))
			return objects - before.cache[i].objects;
	return objects;
}

/* Counters of a peer and of an association are 40 octets a processor each; half of that, then. */
static long percpu_allowed(void)
{
	return NOISE + (long)(cycles * 20 * (unsigned long)sysconf(_SC_NPROCESSORS_CONF) / 1024);
}

static long allowed(void)
{
	return NOISE + (long)cycles / 100;
}

/* How many caches hold more than is allowed; told if asked for. */
static unsigned int grown(bool tell)
{
	long percpu = after.percpu_kb - before.percpu_kb;
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < after.n; i++) {
		long more = growth(after.cache[i].name, after.cache[i].objects);

		n += more > allowed();
		if (tell && check(more <= allowed(), "%s: %ld objects more", after.cache[i].name, more) &&
		    more)
			ktap_say("%s: %+ld objects", after.cache[i].name, more);
	}
	n += percpu > percpu_allowed();
	if (tell && check(percpu <= percpu_allowed(), "per-CPU memory: %ld KiB more", percpu))
		ktap_say("per-CPU memory: %+ld KiB", percpu);
	return n;
}

/*
 * Is what was just freed gone? Then the least that was seen does not get less any more. From one
 * time to the next it may for ever: counting opens files, which RCU frees.
 */
static void count_settled(struct count *count)
{
	long sum, least = LONG_MAX;
	int same = 0;
	size_t i;

	while (same < 10) {
		count_now(count);
		for (sum = 0, i = 0; i < count->n; i++)
			sum += count->cache[i].objects;
		same = sum < least ? 0 : same + 1;
		least = sum < least ? sum : least;
	}
}

/* Tests, in this order. */

static void warm_up(void)
{
	end_open(&ends[0], "10.1.0.1");
	end_open(&ends[1], "10.1.0.2");
	run(WARM_UP);
}

static void comes_and_goes(void)
{
	bool countable = !access("/sys/kernel/slab/kmalloc-64/objects", R_OK) &&
			 access("/sys/kernel/debug/kmemleak", F_OK);
	int round = 0;

	need(ends[0].nl && ends[1].nl, "there is nothing to go on with");
	if (countable)
		count_settled(&after);
	else
		ktap_say("this kernel's counts are not exact; kmemleak looks when the module goes");
	/* Others of the kernel take from the same caches, now and then; a leak does in each round. */
	do {
		long long end;

		before = after;
		run(cycles);
		ktap_say("%lu cycles; %lu packets to the peer that stayed, %lu and %lu to those that went",
			 cycles, steady.received, atomic_load(&ends[0].arrived),
			 atomic_load(&ends[1].arrived));
		if (!countable || ktap_failures)
			return;
		/* RCU and work items free in their own time. */
		end = now_ms() + PATIENCE_MS;
		do {
			count_now(&after);
		} while (grown(false) && now_ms() < end);
	} while (grown(false) && ++round < 3);
	grown(true);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "warm_up", warm_up },
		{ "comes_and_goes", comes_and_goes },
	};

	cycles = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (!cycles) {
		fprintf(stderr, "usage: churn CYCLES\n");
		return 2;
	}
	return KTAP_MAIN(tests, NULL, 1, argv);
}
