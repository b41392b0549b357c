// SPDX-License-Identifier: MIT
/*
 * Packets from one namespace to another, and what they cost: in a guest whose clock counts
 * instructions (vm/run --icount) and whose one processor does nothing else, a nanosecond is an
 * instruction.
 *
 * usage: flow udp SENDER RECEIVER ADDRESS SIZE PACKETS [PEERS]
 *        flow tcp SENDER RECEIVER ADDRESS MIB [PEERS]
 *
 * SENDER and RECEIVER are network namespaces, ADDRESS one of the receiver's. With PEERS, each packet
 * goes to a random one of so many addresses, which are one of the third octet apart; of TCP a
 * connection of several, one after the other. Prints "packets octets nanoseconds" of what has arrived.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "marks.h"

enum { PORT = 7001, WARM_UP = 100, CHUNK = 256 * 1024, PEERS_MAX = 256, CONNECTIONS = 8 };

static char data[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void enter(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static int opened(int type)
{
	int fd = socket(AF_INET, type, 0), size = 64 * 1024 * 1024;

	if (fd < 0)
		die("socket");
	/* Of TCP the kernel finds the sizes itself; of UDP nothing may be lost for lack of room. */
	if (type == SOCK_DGRAM && (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
				   setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size))))
		die("socket buffers");
	return fd;
}

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
		fprintf(stderr, "flow: '%s' is no IPv4 address\n", text);
		exit(2);
	}
	return address;
}

/*
 * Tells the sender that it is ready, and at the end when the last packet came. Whether a receiver runs
 * after each packet or after many is up to the scheduler, and switching to it costs a good part of a
 * packet: this one runs when the sender has nothing to do, over each path alike.
 */
static void receive_udp(int fd, int tell, unsigned long packets)
{
	const struct sched_param param = { 0 };
	struct timeval patience = { .tv_sec = 5 };
	uint64_t last = 0, octets = 0, n = 0;
	unsigned long i;

	if (sched_setscheduler(0, SCHED_IDLE, &param))
		die("scheduler");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (write(tell, "r", 1) != 1)
		die("pipe");
	for (i = 0; i < packets + WARM_UP; i++) {
		ssize_t got = recv(fd, data, sizeof(data), 0);

		if (got < 0)
			break;
		last = now();
		if (i >= WARM_UP) {
			octets += (uint64_t)got;
			n++;
		}
	}
	dprintf(tell, "%llu %llu %llu", (unsigned long long)n, (unsigned long long)octets,
		(unsigned long long)last);
}

static void receive_tcp(int fd, int tell, unsigned int connections)
{
	uint64_t octets = 0, packets = 0, last = 0;
	unsigned int i;
	ssize_t got;

	if (listen(fd, 1))
		die("listen");
	if (write(tell, "r", 1) != 1)
		die("pipe");
	for (i = 0; i < connections; i++) {
		struct tcp_info info = { 0 };
		socklen_t len = sizeof(info);
		int from = accept(fd, NULL, NULL);

		if (from < 0)
			die("accept");
		while ((got = recv(from, data, sizeof(data), 0)) > 0) {
			octets += (uint64_t)got;
			last = now();
		}
		getsockopt(from, IPPROTO_TCP, TCP_INFO, &info, &len);
		packets += info.tcpi_data_segs_in;
		close(from);
	}
	dprintf(tell, "%llu %llu %llu", (unsigned long long)packets, (unsigned long long)octets,
		(unsigned long long)last);
}

static struct sockaddr_in random_of(const struct sockaddr_in *first, unsigned int peers)
{
	struct sockaddr_in to = *first;

	to.sin_addr.s_addr = htonl(ntohl(to.sin_addr.s_addr) + ((unsigned int)rand() % peers << 8));
	return to;
}

static int connected(int type, const struct sockaddr_in *to)
{
	int fd = opened(type);

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		die("connect");
	return fd;
}

/* Returns when the first packet that counts was sent. */
static uint64_t send_udp(const struct sockaddr_in *to, size_t size, unsigned long packets,
			 unsigned int peers)
{
	uint64_t start = 0;
	unsigned long i;
	int fds[PEERS_MAX];

	/* A socket for each, so that a packet costs the stack what it does with one of them. */
	for (i = 0; i < peers; i++) {
		struct sockaddr_in one = *to;

		one.sin_addr.s_addr = htonl(ntohl(to->sin_addr.s_addr) + ((unsigned int)i << 8));
		fds[i] = connected(SOCK_DGRAM, &one);
	}
	for (i = 0; i < packets + WARM_UP; i++) {
		if (i == WARM_UP) {
			/* What the first ones set going is over. */
			usleep(20000);
			start = now();
			MARK(MARK_START);
		}
		if (send(fds[(unsigned int)rand() % peers], data, size, 0) < 0)
			die("send");
	}
	for (i = 0; i < peers; i++)
		close(fds[i]);
	return start;
}

static uint64_t send_tcp(const struct sockaddr_in *first, unsigned long mib, unsigned int peers,
			 unsigned int connections)
{
	uint64_t start = 0;
	unsigned int i;

	for (i = 0; i < connections; i++) {
		struct sockaddr_in to = random_of(first, peers);
		uint64_t left = ((uint64_t)mib << 20) / connections;
		int fd = connected(SOCK_STREAM, &to);

		if (!start) {
			start = now();
			MARK(MARK_START);
		}
		while (left) {
			ssize_t sent = send(fd, data, left < sizeof(data) ? left : sizeof(data), 0);

			if (sent < 0)
				die("send");
			left -= (uint64_t)sent;
		}
		close(fd);
	}
	return start;
}

int main(int argc, char **argv)
{
	unsigned long long packets, octets, last;
	int udp = argc >= 7 && argc <= 8 && !strcmp(argv[1], "udp"), pipes[2], status, on = 1;
	int tcp = argc >= 6 && argc <= 7 && !strcmp(argv[1], "tcp");
	unsigned int peers, connections;
	struct sockaddr_in to;
	char answer[100] = "";
	uint64_t start;
	size_t len = 0;
	ssize_t got;
	pid_t child;

	if (!udp && !tcp) {
		fprintf(stderr, "usage: flow udp SENDER RECEIVER ADDRESS SIZE PACKETS [PEERS]\n"
			"       flow tcp SENDER RECEIVER ADDRESS MIB [PEERS]\n");
		return 2;
	}
	to = address_of(argv[4]);
	peers = argc == (udp ? 8 : 7) ? (unsigned int)atoi(argv[argc - 1]) : 1;
	if (!peers || peers > PEERS_MAX) {
		fprintf(stderr, "flow: not from 1 to %d peers\n", PEERS_MAX);
		return 2;
	}
	connections = peers > 1 ? CONNECTIONS : 1;
	if (pipe(pipes))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		struct sockaddr_in own = to;
		int fd;

		if (peers > 1)
			own.sin_addr.s_addr = htonl(INADDR_ANY);
		enter(argv[3]);
		fd = opened(udp ? SOCK_DGRAM : SOCK_STREAM);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, (struct sockaddr *)&own, sizeof(own)))
			die("bind");
		if (udp)
			receive_udp(fd, pipes[1], strtoul(argv[6], NULL, 10));
		else
			receive_tcp(fd, pipes[1], connections);
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], answer, 1) != 1) {
		fprintf(stderr, "flow: the receiver has failed\n");
		return 1;
	}
	enter(argv[2]);
	start = udp ? send_udp(&to, strtoul(argv[5], NULL, 10), strtoul(argv[6], NULL, 10), peers) :
		      send_tcp(&to, strtoul(argv[5], NULL, 10), peers, connections);
	while ((got = read(pipes[0], answer + len, sizeof(answer) - 1 - len)) > 0)
		len += (size_t)got;
	MARK(MARK_END);
	answer[len] = '\0';
	waitpid(child, &status, 0);
	if (sscanf(answer, "%llu %llu %llu", &packets, &octets, &last) != 3 || last < start) {
		fprintf(stderr, "flow: nothing has arrived\n");
		return 1;
	}
	printf("%llu %llu %llu\n", packets, octets, last - (unsigned long long)start);
	return 0;
}
