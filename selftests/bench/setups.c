// SPDX-License-Identifier: MIT
/*
 * What a connection costs in userspace: the core and the keying methods of two UEs in one process,
 * messages handed over in memory. No kernel, no sockets, no timers, and nothing of the daemon. For
 * each method, mikey-sakke also without its reply, and by an exchange in place of request and command:
 * messages, octets, round trips and processor time of both ends together; for the method certificate the
 * same time of the TLS 1.3 handshakes alone, and what a peer takes of memory.
 *
 * A setup is everything from two UEs without a link to two that are connected, and both freed. The bare
 * handshake is between the same certificates, roots and CRLs, with the same OpenSSL and the very
 * settings of the method (credentials_load() made both), and OpenSSL's own verification of the chain
 * with CRLs; it lacks the exporter, the success indication, the checks of identity and constraints, and
 * all of PC5-S. The two take turns within a round, the order of which changes from round to round.
 *
 * usage: setups [--json] [ROUNDS]
 */
#include <ftw.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "core/eia.h"
#include "core/ue.h"
#include "keying/certificate/certificate.h"
#include "keying/certificate/credentials.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "keying/pki/pki.h"
#include "keying/psk/psk.h"
#include "mikey/key_file.h"
#include "sakke/extract.h"

enum { ROUNDS = 15, ROUNDS_MAX = 101, TURN = 10, TURNS = 6, PEERS = 256 };
enum { UE_1 = 0x0a0b01, UE_2 = 0x0a0b02, FAR = 0x0a1000, ASSOCS = 8, NOW_MS = 1000 };

#define IDENTITY_1	"urn:prose:ue1"
#define IDENTITY_2	"urn:prose:ue2"

static char folder[] = "/tmp/prose-setups.XXXXXX";
static char why[KEYING_TEXT_MAX];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "setups: %s%s%s\n", what, why[0] ? ": " : "", why);
	exit(1);
}

/* --- two UEs */

/**
 * struct end - a UE and what stands for its kernel
 * @ue: the UE
 * @config: its configuration
 * @assocs: the associations installed last
 * @next: where the next one goes
 * @sent: messages sent under an association so far
 * @half: one-way trips since the setup began
 * @connected: @half when this end was connected; 0: it is not
 */
struct end {
	struct ue *ue;
	struct ue_config config;
	struct ue_assoc assocs[ASSOCS];
	size_t next;
	uint32_t sent;
	unsigned int half, connected;
};

struct message {
	struct message *next;
	struct end *from, *to;
	struct ue_send send;
	unsigned int half;
	uint8_t data[];
};

/* What is under way, and what was sent in all. */
struct air {
	struct message *first, **last;
	unsigned int messages;
	size_t octets;
};

static void random_octets(void *context, uint8_t *out, size_t len)
{
	(void)context;
	if (RAND_bytes(out, (int)len) != 1)
		die("no randomness");
}

/*
 * Of one user no more than so many messages are taken in ten minutes, so these runs are seconds
 * apart, in the middle of a month that there are keys of.
 */
#define MIKEY_MONTH	((struct mikey_month){ 2026, 11 })
#define MIKEY_NOW	1794744000
enum { MIKEY_APART = 10 };
static int64_t mikey_now;

static int64_t wall_clock(void *context)
{
	(void)context;
	return mikey_now ? mikey_now : time(NULL);
}

static void end_new(struct end *end, uint32_t l2_id, const char *identity,
		    const struct keying_method *method)
{
	struct ue_config *config = &end->config;

	memset(end, 0, sizeof(*end));
	ue_config_defaults(config);
	config->l2_id = l2_id;
	snprintf(config->identity, sizeof(config->identity), "%s", identity);
	config->methods[0] = method;
	config->n_methods = 1;
	config->link_l2_ids = true;		/* as prosed has it */
	config->addresses[0] = (struct ue_address){ .family = 4, .addr = { 10, 9 } };
	config->addresses[0].addr[2] = (uint8_t)(l2_id >> 8);
	config->addresses[0].addr[3] = (uint8_t)l2_id;
	config->n_addresses = 1;
	config->random = random_octets;
	config->wall_clock = wall_clock;
	end->ue = ue_new(config, why, sizeof(why));
	if (!end->ue)
		die("no UE");
}

static const struct ue_assoc *assoc_of(const struct end *end, uint32_t l2_id, uint16_t kd_sess_id)
{
	size_t i;

	for (i = 0; i < ASSOCS; i++)
		if (end->assocs[i].l2_id == l2_id && end->assocs[i].kd_sess_id == kd_sess_id)
			return &end->assocs[i];
	return NULL;
}

/* One of a peer's associations, or with 0 all of them. */
static void forget(struct end *end, uint32_t l2_id, uint16_t kd_sess_id)
{
	size_t i;

	for (i = 0; i < ASSOCS; i++)
		if (end->assocs[i].l2_id == l2_id &&
		    (!kd_sess_id || end->assocs[i].kd_sess_id == kd_sess_id))
			memset(&end->assocs[i], 0, sizeof(end->assocs[i]));
}

static void put_on_air(struct air *air, struct end *from, struct end *to, const struct ue_send *send)
{
	struct message *message = malloc(sizeof(*message) + send->len);

	if (!message)
		die("out of memory");
	*message = (struct message){ .from = from, .to = to, .send = *send, .half = from->half + 1 };
	memcpy(message->data, send->message, send->len);
	*air->last = message;
	air->last = &message->next;
	air->messages++;
	air->octets += send->len;
}

static void drain(struct air *air, struct end *end, struct end *other)
{
	const struct ue_action *action;

	while ((action = ue_action(end->ue))) {
		switch (action->type) {
		case UE_SEND:
			put_on_air(air, end, other, &action->send);
			break;
		case UE_ASSOC_ADD:
			end->assocs[end->next++ % ASSOCS] = action->assoc;
			break;
		case UE_ASSOC_DEL:
			forget(end, action->assoc.l2_id, action->assoc.kd_sess_id);
			break;
		case UE_PEER_DEL:
			forget(end, action->peer.l2_id, 0);
			break;
		case UE_REPORT:
			if (action->report.kind == UE_REPORT_CONNECTED)
				end->connected = end->half;
			else if (action->report.kind == UE_REPORT_FAILED)
				fprintf(stderr, "setups: %s\n", action->report.text);
			break;
		default:
			break;
		}
		ue_action_done(end->ue);
	}
}

/*
 * What the kernels at both ends do of it: nothing is ciphered, and but for the first command, of which
 * the core verifies the MAC-I, no MAC-I is computed.
 */
static void deliver(struct message *message)
{
	const struct ue_send *send = &message->send;
	struct end *from = message->from, *to = message->to;
	struct ue_receive receive = {
		.l2_id = from->config.l2_id, .bearer = send->bearer, .protection = send->protection,
		.kd_sess_id = send->kd_sess_id, .carrier_addr = { 6, { 2 } },
		.message = message->data, .len = send->len,
	};
	const struct ue_assoc *assoc;

	memcpy(receive.carrier_addr.octets + 3, &from->config.l2_id, 3);
	if (send->protection != UE_PROTECT_NONE &&
	    !assoc_of(to, from->config.l2_id, send->kd_sess_id)) {
		struct eia_input input;

		assoc = assoc_of(from, to->config.l2_id, send->kd_sess_id);
		if (!assoc)
			die("a message under an association that nobody has");
		input = (struct eia_input){ assoc->count_start + from->sent, (uint8_t)send->bearer,
					    assoc->direction };
		receive.protection = UE_PROTECT_UNVERIFIED;
		receive.count = input.count & 0xffff;
		receive.pdcp_header[0] = 2 << 5;
		receive.pdcp_header[1] = (uint8_t)(send->kd_sess_id >> 8);
		receive.pdcp_header[2] = (uint8_t)send->kd_sess_id;
		receive.pdcp_header[3] = (uint8_t)(input.count >> 8);
		receive.pdcp_header[4] = (uint8_t)input.count;
		if (eia(assoc->eia, assoc->pik, &input, receive.pdcp_header,
			sizeof(receive.pdcp_header), message->data, send->len, receive.mac_i))
			die("no MAC-I");
	}
	if (message->half > to->half)
		to->half = message->half;
	ue_receive(to->ue, NOW_MS, &receive);
}

/* Until neither has anything to say. */
static void talk(struct air *air, struct end *a, struct end *b)
{
	struct message *message;

	drain(air, a, b);
	drain(air, b, a);
	while ((message = air->first)) {
		air->first = message->next;
		if (!air->first)
			air->last = &air->first;
		deliver(message);
		drain(air, message->to, message->from);
		free(message);
	}
}

/* a asks, and both are connected in the end. */
static void connect_ends(struct air *air, struct end *a, struct end *b)
{
	*air = (struct air){ .last = &air->first };
	a->half = b->half = a->connected = b->connected = 0;
	if (ue_connect(a->ue, NOW_MS, b->config.l2_id, b->config.identity, why, sizeof(why)))
		die("connect");
	talk(air, a, b);
	if (!a->connected || !b->connected)
		die("the UEs are not connected");
}

static void release_ends(struct air *air, struct end *a, struct end *b)
{
	struct ue_link_info info;

	if (ue_release(a->ue, NOW_MS, b->config.l2_id, why, sizeof(why)))
		die("release");
	talk(air, a, b);
	if (!ue_link(a->ue, b->config.l2_id, &info) || info.state != UE_LINK_IDLE ||
	    !ue_link(b->ue, a->config.l2_id, &info) || info.state != UE_LINK_IDLE)
		die("a released link is not idle at both ends");
}

/* --- credentials */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct keying_method *certificate_of(const char *identity)
{
	char pki[64], ca[80], crl[80], pem[PATH_MAX], key[PATH_MAX];
	const char *cas[] = { ca }, *crls[] = { crl };
	struct certificate_files files = {
		.certificate = pem, .key = key, .ca = cas, .n_ca = 1, .crl = crls, .n_crl = 1,
		.crl_grace_days = CERTIFICATE_CRL_GRACE_DAYS, .now = time(NULL),
	};
	struct keying_method *method;

	snprintf(pki, sizeof(pki), "%s/pki", folder);
	snprintf(ca, sizeof(ca), "%s/ca.pem", pki);
	snprintf(crl, sizeof(crl), "%s/crl.pem", pki);
	if (pki_path(pki, identity, "pem", pem, sizeof(pem), why, sizeof(why)) ||
	    pki_path(pki, identity, "key", key, sizeof(key), why, sizeof(why)))
		die("pki");
	method = certificate_new(&files, why, sizeof(why));
	if (!method)
		die("certificate");
	return method;
}

static const char *write_keys(const struct mikey_community *community, const struct mikey_user *user,
			      const struct mikey_key_material *material, const char *name)
{
	static char path[PATH_MAX];
	struct keying_file file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mikey_key_file_format(community, user, material, &file) ||
	    keying_file_write(path, file.data, file.len, 0600, true, why, sizeof(why)))
		die("keys");
	keying_file_free(&file);
	return path;
}

static uint8_t ksak[ECCSI_SCALAR_LEN], z[SAKKE_SCALAR_LEN];
static struct mikey_community *community;

static void make_community(void)
{
	uint8_t kpak[ECCSI_POINT_LEN], z_public[SAKKE_POINT_LEN];

	if (eccsi_master_make(ksak, kpak) || sakke_master_make(z, z_public))
		die("master secrets");
	community = mikey_community_new("kms.example.org", kpak, z_public, why, sizeof(why));
	if (!community)
		die("community");
	write_keys(community, NULL, NULL, "public");
}

static struct keying_method *mikey_of(const char *identity, bool reply_optional, bool in_request)
{
	char public[64];
	const char *keys, *communities[] = { public };
	struct mikey_sakke_files files = {
		.communities = communities, .n_communities = 1, .keys = &keys, .n_keys = 1,
		.reply_optional = reply_optional, .in_request = in_request, .now = MIKEY_NOW,
	};
	struct mikey_key_material material;
	struct keying_method *method;
	struct mikey_user user;

	if (mikey_user_by_month(identity, &MIKEY_MONTH, &user, why, sizeof(why)) ||
	    eccsi_extract(ksak, user.id.octets, user.id.len, NULL, material.ssk, material.pvt) ||
	    sakke_extract(z, user.id.octets, user.id.len, material.rsk))
		die("extraction");
	snprintf(public, sizeof(public), "%s/public", folder);
	keys = write_keys(community, &user, &material, "keys");
	method = mikey_sakke_new(&files, why, sizeof(why));
	if (!method)
		die("mikey-sakke");
	return method;
}

static struct keying_method *isolated_of(const struct keying_method *keyed)
{
	struct keying_method *method = eccsi_sakke_new(keyed, NULL, why, sizeof(why));

	if (!method)
		die("eccsi-sakke");
	return method;
}

static const char *far_identity(unsigned int i)
{
	static char identity[32];

	snprintf(identity, sizeof(identity), "urn:prose:far%u", i);
	return identity;
}

static void make_certificates(void)
{
	unsigned int i;
	char pki[64];

	snprintf(pki, sizeof(pki), "%s/pki", folder);
	if (pki_init(pki, "bench", NULL, why, sizeof(why)) ||
	    pki_issue(pki, IDENTITY_1, NULL, why, sizeof(why)) ||
	    pki_issue(pki, IDENTITY_2, NULL, why, sizeof(why)))
		die("pki");
	for (i = 0; i <= PEERS; i++)
		if (pki_issue(pki, far_identity(i), NULL, why, sizeof(why)))
			die("pki");
}

/* A key that both know, for whoever @identity is. */
static struct keying_method *psk_of(const char *identity)
{
	struct keying_method *method;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/psk", folder);
	file = fopen(path, "w");
	if (!file || chmod(path, 0600) ||
	    fprintf(file, "%s %064d\n", identity, 1) < 0 || fclose(file))
		die("psk: the key file");
	method = psk_new(path, why, sizeof(why));
	if (!method)
		die("psk");
	return method;
}

/* --- bare TLS */

/* The settings of the method, with OpenSSL's verification in place of its own. */
static void make_bare(struct keying_method *method)
{
	const struct credentials *credentials = method->credentials;

	SSL_CTX_set_cert_verify_callback(credentials->ssl, NULL, NULL);
	if (!X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(credentials->ssl),
					 X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
		die("verification of bare TLS");
}

static SSL *bare_end(const struct keying_method *method, BIO *in, BIO *out, bool client)
{
	const struct credentials *credentials = method->credentials;
	SSL *ssl = SSL_new(credentials->ssl);

	if (!ssl || !in || !out)
		die("out of memory");
	BIO_set_mem_eof_return(in, -1);
	SSL_set_bio(ssl, in, out);
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

static void bare_handshake(const struct keying_method *first, const struct keying_method *second)
{
	BIO *to_client = BIO_new(BIO_s_mem()), *to_server = BIO_new(BIO_s_mem());
	SSL *client, *server;
	int done = 0;

	if (!to_client || !to_server || !BIO_up_ref(to_client) || !BIO_up_ref(to_server))
		die("out of memory");
	server = bare_end(first, to_server, to_client, false);
	client = bare_end(second, to_client, to_server, true);
	BIO_set_mem_eof_return(to_client, -1);
	while (done != 2) {
		int ret = SSL_do_handshake(client);

		if (ret != 1 && SSL_get_error(client, ret) != SSL_ERROR_WANT_READ)
			die("bare TLS: the client");
		done = ret == 1;
		ret = SSL_do_handshake(server);
		if (ret != 1 && SSL_get_error(server, ret) != SSL_ERROR_WANT_READ)
			die("bare TLS: the server");
		done += ret == 1;
	}
	if (SSL_get_verify_result(client) != X509_V_OK || SSL_get_verify_result(server) != X509_V_OK ||
	    !SSL_get0_peer_certificate(server))
		die("bare TLS: not verified");
	SSL_free(client);
	SSL_free(server);
}

/* --- measuring */

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct result {
	const char *name;
	unsigned int messages;
	size_t octets;
	double round_trips_1, round_trips_2;	/* until UE_1, UE_2 is connected */
	double us[ROUNDS_MAX];			/* of a setup, for each round */
};

static struct keying_method *certificate_far[PEERS + 1];
static struct keying_method *certificate_1, *certificate_2, *psk_1, *psk_2, *bare_1, *bare_2;
static struct keying_method *mikey_1, *mikey_2, *implicit_1, *implicit_2, *exchange_1, *exchange_2;
static struct keying_method *isolated_1, *isolated_2;

static void count(struct result *result, const struct air *air, const struct end *a, const struct end *b)
{
	result->messages = air->messages;
	result->octets = air->octets;
	result->round_trips_1 = a->connected / 2.;
	result->round_trips_2 = b->connected / 2.;
}

static void setup_by(struct keying_method *first, struct keying_method *second, struct result *result)
{
	struct end a, b;
	struct air air;

	end_new(&a, UE_1, IDENTITY_1, first);
	end_new(&b, UE_2, IDENTITY_2, second);
	connect_ends(&air, &a, &b);
	count(result, &air, &a, &b);
	ue_free(a.ue);
	ue_free(b.ue);
}

static void one_certificate(struct result *result)
{
	setup_by(certificate_1, certificate_2, result);
}

static void one_psk(struct result *result)
{
	setup_by(psk_1, psk_2, result);
}

static void by_mikey(struct keying_method *first, struct keying_method *second, struct result *result)
{
	static int64_t now = MIKEY_NOW;

	mikey_now = now += MIKEY_APART;
	setup_by(first, second, result);
	mikey_now = 0;
}

static void one_mikey(struct result *result)
{
	by_mikey(mikey_1, mikey_2, result);
}

static void one_implicit(struct result *result)
{
	by_mikey(implicit_1, implicit_2, result);
}

static void one_exchange(struct result *result)
{
	by_mikey(exchange_1, exchange_2, result);
}

static void one_isolated(struct result *result)
{
	by_mikey(isolated_1, isolated_2, result);
}

static void one_bare(struct result *result)
{
	(void)result;
	bare_handshake(bare_1, bare_2);
}

/* Two that know each other, with the KD of before; and so that it goes on, the release is in it. */
static struct end known_1, known_2;

static void one_reconnection(struct result *result)
{
	struct air air;

	connect_ends(&air, &known_1, &known_2);
	count(result, &air, &known_1, &known_2);
	release_ends(&air, &known_1, &known_2);
}

static void make_known(void)
{
	struct air air;

	end_new(&known_1, UE_1, IDENTITY_1, certificate_1);
	end_new(&known_2, UE_2, IDENTITY_2, certificate_2);
	connect_ends(&air, &known_1, &known_2);
	release_ends(&air, &known_1, &known_2);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values, unsigned int n)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), by_value);
	return sorted[n / 2];
}

enum { CERTIFICATE, BARE, MIKEY, IMPLICIT, EXCHANGE, ISOLATED, PSK, RECONNECTION, KINDS };

static struct result results[KINDS] = {
	[CERTIFICATE] = { .name = "certificate" },
	[BARE] = { .name = "TLS 1.3 alone" },
	[MIKEY] = { .name = "mikey-sakke" },
	[IMPLICIT] = { .name = "without reply" },
	[EXCHANGE] = { .name = "by exchange" },
	[ISOLATED] = { .name = "eccsi-sakke" },
	[PSK] = { .name = "psk" },
	[RECONNECTION] = { .name = "KD kept" },
};

static void (*const one_of[KINDS])(struct result *) = {
	[CERTIFICATE] = one_certificate,
	[BARE] = one_bare,
	[MIKEY] = one_mikey,
	[IMPLICIT] = one_implicit,
	[EXCHANGE] = one_exchange,
	[ISOLATED] = one_isolated,
	[PSK] = one_psk,
	[RECONNECTION] = one_reconnection,
};

/* A few of each kind in turn, so that what disturbs the machine meanwhile disturbs all of them. */
static void measure(unsigned int rounds)
{
	unsigned int round, turn, i, j;

	for (i = 0; i < KINDS; i++)
		one_of[i](&results[i]);
	for (round = 0; round < rounds; round++)
		for (turn = 0; turn < TURNS; turn++)
			for (i = 0; i < KINDS; i++) {
				struct result *result = &results[(i + round + turn) % KINDS];
				uint64_t start = cpu_ns();

				for (j = 0; j < TURN; j++)
					one_of[result - results](result);
				result->us[round] += (double)(cpu_ns() - start) / 1e3 / (TURN * TURNS);
			}
}

/* --- memory */

enum peer_state { PEER_HALF_OPEN, PEER_IDLE, PEER_CONNECTED, PEER_STATES };

static const char *const peer_states[] = {
	[PEER_HALF_OPEN] = "half open", [PEER_IDLE] = "idle", [PEER_CONNECTED] = "connected",
};

/* a asks, and falls silent when b has begun to establish a key with it. */
static void half_connect(struct air *air, struct end *a, struct end *b)
{
	struct ue_link_info info = { 0 };
	struct message *message;

	*air = (struct air){ .last = &air->first };
	if (ue_connect(a->ue, NOW_MS, b->config.l2_id, b->config.identity, why, sizeof(why)))
		die("connect");
	drain(air, a, b);
	while (info.state != UE_LINK_KEYING) {
		message = air->first;
		if (!message)
			die("no key establishment was begun");
		air->first = message->next;
		if (!air->first)
			air->last = &air->first;
		deliver(message);
		drain(air, message->to, message->from);
		free(message);
		ue_link(b->ue, a->config.l2_id, &info);
	}
	while ((message = air->first)) {
		air->first = message->next;
		free(message);
	}
}

/*
 * Octets of the heap that each of so many peers takes in one UE. The others are gone by then. Each has an
 * identity of its own, for of one identity a UE keeps one KD. In *ms the processor time of both ends for
 * all of them.
 */
static double peer_octets(enum peer_state state, unsigned int n, double *ms)
{
	struct end hub, far;
	uint64_t start = 0;
	size_t before = 0;
	unsigned int i;
	struct air air;

	end_new(&hub, UE_1, IDENTITY_1, certificate_1);
	for (i = 0; i <= n; i++) {
		/* The first one makes what all of them share. */
		if (i == 1) {
			before = mallinfo2().uordblks;
			start = cpu_ns();
		}
		end_new(&far, FAR + i, far_identity(i), certificate_far[i]);
		if (state == PEER_HALF_OPEN)
			half_connect(&air, &far, &hub);
		else
			connect_ends(&air, &far, &hub);
		if (state == PEER_IDLE)
			release_ends(&air, &far, &hub);
		ue_free(far.ue);
	}
	*ms = (double)(cpu_ns() - start) / 1e6;
	before = mallinfo2().uordblks - before;
	ue_free(hub.ue);
	return (double)before / n;
}

/* --- output */

static double ratio(unsigned int rounds)
{
	double ratios[ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < rounds; i++)
		ratios[i] = results[BARE].us[i] / results[CERTIFICATE].us[i];
	return median(ratios, rounds);
}

static void print_json(unsigned int rounds, const double *octets, double ms)
{
	unsigned int i;

	printf("{\"openssl\": \"%s\", \"rounds\": %u,\n \"setups\": [", OpenSSL_version(OPENSSL_VERSION_STRING),
	       rounds);
	for (i = 0; i < KINDS; i++) {
		const struct result *result = &results[i];

		printf("%s\n  {\"of\": \"%s\", \"cpu_us\": %.1f", i ? "," : "", result->name,
		       median(result->us, rounds));
		if (result->messages)
			printf(", \"messages\": %u, \"octets\": %zu, \"round_trips_ue_1\": %.1f, "
			       "\"round_trips_ue_2\": %.1f", result->messages, result->octets,
			       result->round_trips_1, result->round_trips_2);
		printf("}");
	}
	printf("],\n \"tls_against_certificate\": %.3f,\n \"peer_octets\": {", ratio(rounds));
	for (i = 0; i < PEER_STATES; i++)
		printf("%s\"%s\": %.0f", i ? ", " : "", peer_states[i], octets[i]);
	printf("},\n \"peers\": %u, \"all_peers_cpu_ms\": %.0f}\n", PEERS, ms);
}

static void print_table(unsigned int rounds, const double *octets, double ms)
{
	unsigned int i;

	printf("OpenSSL %s; processor time of both ends, median of %u rounds\n",
	       OpenSSL_version(OPENSSL_VERSION_STRING), rounds);
	printf("%-16s%10s%10s%14s%14s%12s%12s\n", "", "messages", "octets", "trips, UE_1",
	       "trips, UE_2", "us a setup", "setups/s");
	for (i = 0; i < KINDS; i++) {
		const struct result *result = &results[i];
		double us = median(result->us, rounds);

		printf("%-16s", result->name);
		if (result->messages)
			printf("%10u%10zu%14.1f%14.1f", result->messages, result->octets,
			       result->round_trips_1, result->round_trips_2);
		else
			printf("%10s%10s%14s%14s", "-", "-", "-", "-");
		printf("%12.1f%12.0f\n", us, 1e6 / us);
	}
	printf("TLS 1.3 alone against certificate: %.3f\n", ratio(rounds));
	for (i = 0; i < PEER_STATES; i++)
		printf("octets of a peer that is %s: %.0f\n", peer_states[i], octets[i]);
	printf("%u peers with certificates connected to one UE: %.0f ms of both ends\n", PEERS, ms);
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	unsigned int rounds = argc > 1 + json ? (unsigned int)atoi(argv[1 + json]) : ROUNDS, i;
	double octets[PEER_STATES], ms;

	if (argc > 2 + json || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: setups [--json] [ROUNDS], at most %d\n", ROUNDS_MAX);
		return 2;
	}
	if (!mkdtemp(folder))
		die("no temporary folder");
	atexit(remove_folder);
	make_certificates();
	certificate_1 = certificate_of(IDENTITY_1);
	certificate_2 = certificate_of(IDENTITY_2);
	for (i = 0; i <= PEERS; i++)
		certificate_far[i] = certificate_of(far_identity(i));
	bare_1 = certificate_of(IDENTITY_1);
	bare_2 = certificate_of(IDENTITY_2);
	make_bare(bare_1);
	make_bare(bare_2);
	make_community();
	mikey_1 = mikey_of(IDENTITY_1, false, true);
	mikey_2 = mikey_of(IDENTITY_2, false, true);
	implicit_1 = mikey_of(IDENTITY_1, true, true);
	implicit_2 = mikey_of(IDENTITY_2, true, true);
	exchange_1 = mikey_of(IDENTITY_1, false, false);
	exchange_2 = mikey_of(IDENTITY_2, false, false);
	isolated_1 = isolated_of(mikey_1);
	isolated_2 = isolated_of(mikey_2);
	psk_1 = psk_of(IDENTITY_2);
	psk_2 = psk_of(IDENTITY_1);
	make_known();
	measure(rounds);
	for (i = 0; i < PEER_STATES; i++)
		octets[i] = peer_octets(i, i == PEER_HALF_OPEN ? PROSE_HALF_OPEN_SOURCE_MAX / 2 : PEERS,
					&ms);
	/* The connected ones came last. */
	if (json)
		print_json(rounds, octets, ms);
	else
		print_table(rounds, octets, ms);
	ue_free(known_1.ue);
	ue_free(known_2.ue);
	certificate_free(certificate_1);
	certificate_free(certificate_2);
	for (i = 0; i <= PEERS; i++)
		certificate_free(certificate_far[i]);
	certificate_free(bare_1);
	certificate_free(bare_2);
	eccsi_sakke_free(isolated_1);
	eccsi_sakke_free(isolated_2);
	mikey_sakke_free(mikey_1);
	mikey_sakke_free(mikey_2);
	mikey_sakke_free(implicit_1);
	mikey_sakke_free(implicit_2);
	mikey_sakke_free(exchange_1);
	mikey_sakke_free(exchange_2);
	mikey_community_free(community);
	psk_free(psk_1);
	psk_free(psk_2);
	return 0;
}
