// SPDX-License-Identifier: MIT
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keying/sentence.h"

#define WHY_MAX		512
#define BACKLOG		64
/* Descriptors may have run out; the next client that ends gives one back. */
#define PAUSE		0.5
/* Descriptors that answering needs: SQLite opens files as it goes. */
#define SPARE		8
/* Lines that who has shown no certificate can cause: some at once, then one a second. */
#define STRANGER_LINES	20
#define STRANGER_MS	1000

static void write_line(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	fprintf(stderr, "%s\n", text);
}

static void warn(void *context, const char *sentence)
{
	(void)context;
	log_notice("%s", sentence);
}

static size_t count(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

static struct credentials *load(const struct settings *settings, char *why, size_t why_len)
{
	struct certificate_files files = {
		.certificate = settings->chain, .key = settings->key,
		.ca = (const char *const *)settings->roots, .n_ca = count(settings->roots),
		.crl = (const char *const *)settings->crls, .n_crl = count(settings->crls),
		.crl_policy = *settings->crls ? CERTIFICATE_CRL_REQUIRE : CERTIFICATE_CRL_IF_PRESENT,
		.crl_grace_days = CERTIFICATE_CRL_GRACE_DAYS, .now = time(NULL), .warn = warn,
	};

	if (!*settings->chain || !*settings->key || !files.n_ca) {
		keying_sentence(why, why_len,
				"%s: chain, key and roots are needed to serve; prose pki makes such files",
				settings->path);
		return NULL;
	}
	if (!files.n_crl)
		log_notice("note: no crls in %s: who lost a device stays able to fetch its keys until its certificate ends, unless it is revoked here",
			   settings->path);
	return channel_credentials(&files, why, why_len);
}

static void listen_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server *server = timer->data;

	(void)events;
	for (unsigned int i = 0; i < server->n_sockets; i++)
		ev_io_start(loop, &server->sockets[i]);
}

/*
 * The sockets stay readable as long as someone waits there whom nothing can be had for: no descriptor,
 * no memory. Those that are connected are served meanwhile.
 */
static void pause_listening(struct server *server)
{
	log_limited(&server->strangers, server_now_ms(server), LOG_LEVEL_NOTICE, "accept: %s",
		    strerror(errno));
	for (unsigned int i = 0; i < server->n_sockets; i++)
		ev_io_stop(server->loop, &server->sockets[i]);
	ev_timer_set(&server->pause, PAUSE, 0);
	ev_timer_start(server->loop, &server->pause);
}

/*
 * What an address is counted as: whoever has one of IPv6 has its whole network, 2^64 of them. One of
 * IPv4 may come as of IPv6.
 */
static void source_of(const struct sockaddr_storage *from, const char *address,
		      char source[static SERVER_SOURCE_MAX])
{
	struct in6_addr network = ((const struct sockaddr_in6 *)from)->sin6_addr;

	if (from->ss_family != AF_INET6 || IN6_IS_ADDR_V4MAPPED(&network)) {
		snprintf(source, SERVER_SOURCE_MAX, "%s", address);
		return;
	}
	memset(network.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &network, source, SERVER_SOURCE_MAX);
	strcat(source, "/64");
}

/* The lowest descriptor that is free is the one that is given, so its number tells how many there are. */
static bool is_full(const struct server *server, int fd)
{
	struct rlimit limit;

	return server->n_clients >= server->kms->settings->connections ||
	       (!getrlimit(RLIMIT_NOFILE, &limit) && (rlim_t)fd + SPARE >= limit.rlim_cur);
}

/* Room for the client of a descriptor: that of whoever had to go for it, so that numbers go on to tell. */
static int make_room(struct server *server, int fd, const char *source)
{
	int lower;

	if (!is_full(server, fd))
		return fd;
	if (!client_make_room(server, source))
		return -1;
	lower = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (lower < 0)
		return -1;
	close(fd);
	return lower;
}

static void on_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct server *server = io->data;
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(from);
	char address[64] = "?", source[SERVER_SOURCE_MAX];
	int fd, room;

	(void)events;
	fd = accept4(io->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		/* The others are of the one client, who is gone, or of nobody. */
		if ((errno == EMFILE && !client_make_room(server, NULL)) || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM)
			pause_listening(server);
		return;
	}
	getnameinfo((struct sockaddr *)&from, len, address, sizeof(address), NULL, 0, NI_NUMERICHOST);
	source_of(&from, address, source);
	room = rate_take(server->addresses, source, ev_now(loop)) ? make_room(server, fd, source) : -1;
	if (room < 0) {
		log_limited(&server->strangers, server_now_ms(server), LOG_LEVEL_NOTICE,
			    "%s: too many connections", address);
		close(fd);
		return;
	}
	client_accept(server, room, address, source);
}

static int listen_at(struct server *server, const struct addrinfo *info)
{
	int one = 1, fd;

	fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)) {
		close(fd);
		return -1;
	}
	ev_io_init(&server->sockets[server->n_sockets], on_accept, fd, EV_READ);
	server->sockets[server->n_sockets].data = server;
	ev_io_start(server->loop, &server->sockets[server->n_sockets]);
	server->n_sockets++;
	return 0;
}

/* The port that it became, where 0 was asked for. */
static void announce(const struct server *server)
{
	struct sockaddr_storage at;
	socklen_t len;
	char host[64], port[16];

	for (unsigned int i = 0; i < server->n_sockets; i++) {
		len = sizeof(at);
		if (!getsockname(server->sockets[i].fd, (struct sockaddr *)&at, &len) &&
		    !getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
				 NI_NUMERICHOST | NI_NUMERICSERV))
			log_notice("listening on %s port %s", host, port);
	}
}

/* "[::]:7801", "192.0.2.1:7801", "kms.example.org:7801" */
static int listen_all(struct server *server, char *why, size_t why_len)
{
	const char *where = server->kms->settings->listen, *colon = strrchr(where, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *list, *info;
	char host[256];
	size_t len = colon ? (size_t)(colon - where) : 0;
	int error;

	if (!len || len >= sizeof(host) || !colon[1])
		return keying_sentence(why, why_len, "%s: listen is no address and port such as [::]:7801",
				       server->kms->settings->path);
	memcpy(host, where, len);
	host[len] = 0;
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = 0;
		memmove(host, host + 1, len - 1);
	}
	error = getaddrinfo(host, colon + 1, &hints, &list);
	if (error)
		return keying_sentence(why, why_len, "%s: listen: %s: %s",
				       server->kms->settings->path, where, gai_strerror(error));
	errno = 0;
	for (info = list; info && server->n_sockets < SERVER_SOCKETS_MAX; info = info->ai_next)
		if (listen_at(server, info))
			break;
	freeaddrinfo(list);
	if (info || !server->n_sockets)
		return keying_sentence(why, why_len, "%s: listen: %s: %s",
				       server->kms->settings->path, where, strerror(errno));
	announce(server);
	return 0;
}

static void on_end(struct ev_loop *loop, ev_signal *signal, int events)
{
	(void)signal;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* Whoever is connected keeps the old ones, so they have to end first. */
static void on_reload(struct ev_loop *loop, ev_signal *signal, int events)
{
	struct server *server = signal->data;
	struct credentials *credentials;
	char why[WHY_MAX] = "";

	(void)loop;
	(void)events;
	credentials = load(server->kms->settings, why, sizeof(why));
	if (!credentials) {
		log_notice("%s; the old certificates stay", why);
		return;
	}
	while (server->clients)
		client_drop(server->clients);
	channel_credentials_free(server->credentials);
	server->credentials = credentials;
	log_notice("certificates and CRLs read again");
}

static void watch_signals(struct server *server)
{
	signal(SIGPIPE, SIG_IGN);
	ev_signal_init(&server->end, on_end, SIGINT);
	ev_signal_init(&server->terminate, on_end, SIGTERM);
	ev_signal_init(&server->reload, on_reload, SIGHUP);
	server->reload.data = server;
	ev_signal_start(server->loop, &server->end);
	ev_signal_start(server->loop, &server->terminate);
	ev_signal_start(server->loop, &server->reload);
}

static void stop(struct server *server)
{
	while (server->clients)
		client_drop(server->clients);
	if (server->loop)
		ev_timer_stop(server->loop, &server->pause);
	for (unsigned int i = 0; i < server->n_sockets; i++) {
		ev_io_stop(server->loop, &server->sockets[i]);
		close(server->sockets[i].fd);
	}
	channel_credentials_free(server->credentials);
	rate_free(server->identities);
	rate_free(server->addresses);
	if (server->loop)
		ev_loop_destroy(server->loop);
}

uint64_t server_now_ms(const struct server *server)
{
	return (uint64_t)(ev_now(server->loop) * 1000);
}

int server_run(struct kms *kms, char *why, size_t why_len)
{
	struct server server = {
		.kms = kms, .loop = ev_default_loop(0),
		.strangers = LOG_LIMIT(STRANGER_LINES, STRANGER_MS),
	};
	int err;

	log_divert(write_line, NULL);
	ev_timer_init(&server.pause, listen_again, PAUSE, 0);
	server.pause.data = &server;

	server.identities = rate_new(kms->settings->rate);
	server.addresses = rate_new(kms->settings->rate * SERVER_ADDRESS_SHARE);
	if (!server.loop || !server.identities || !server.addresses)
		err = keying_sentence(why, why_len, "Out of memory");
	else
		err = (server.credentials = load(kms->settings, why, why_len)) ? 0 : -1;
	if (!err) {
		watch_signals(&server);
		err = listen_all(&server, why, why_len);
	}
	if (!err)
		ev_run(server.loop, 0);
	stop(&server);
	log_divert(NULL, NULL);
	return err;
}
