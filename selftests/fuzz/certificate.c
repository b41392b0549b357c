// SPDX-License-Identifier: MIT
/*
 * Key establishment with certificates. Octet 1 says how an input is hostile:
 *
 *  - to the containers of a run, on their way between two methods in lock step;
 *  - to the fragments, on their way between two ends of the transport (kexchange);
 *  - as a peer whose certificate is anything, yet signed by the root that we trust.
 *
 * Always: what ends well ends with one KD and the right identity at both ends, or at none;
 * what fails leaves no KD and says why; a run ends, whatever comes.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/kexchange.h"
#include "keying/certificate/certificate.h"
#include "keying/pki/issue.h"
#include "keying/sentence.h"
#include "lib/fuzz.h"

#define NOW		((time_t)1795867200)
#define DAY		86400
#define VALID		(100 * DAY)	/* certificates; the CRL is to be renewed after a day */
#define STEPS_MAX	16

enum hostility { CONTAINERS, FRAGMENTS, PEER, HOSTILITIES };

enum file { CHAIN_1, KEY_1, CHAIN_2, KEY_2, ROOT, CRL, FILES };

static struct pki_issuer root;
static EVP_PKEY *keys[2];
static X509 *certificates[2];
static struct keying_method *methods[2];

static const char *const names[2] = { "urn:prose:ue1", "urn:prose:ue2" };
static char why[KEYING_TEXT_MAX];

static const char *file_of(enum file n, int (*write)(BIO *bio, const void *what), const void *what)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *name;
	char *text;
	long len;

	fuzz_check(bio && write(bio, what));
	len = BIO_get_mem_data(bio, &text);
	name = fuzz_file(n, text, (size_t)len);
	BIO_free(bio);
	return name;
}

static int write_certificate(BIO *bio, const void *certificate)
{
	return PEM_write_bio_X509(bio, certificate);
}

static int write_crl(BIO *bio, const void *crl)
{
	return PEM_write_bio_X509_CRL(bio, crl);
}

static int write_key(BIO *bio, const void *key)
{
	return PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
}

static struct keying_method *method_of(int who, const X509 *certificate)
{
	const char *ca, *crl;
	struct pki_entry revoked = { .serial = "0123", .identity = "x", .revoked = NOW - DAY };
	struct pki_index index = { &revoked, 1 };
	struct certificate_files files = {
		.ca = &ca, .n_ca = 1, .crl = &crl, .n_crl = 1, .crl_grace_days = 30, .now = NOW,
	};
	static X509_CRL *list;

	if (!list)
		list = pki_make_crl(&root, &index, 1, NOW - DAY, NOW + DAY, why, sizeof(why));
	fuzz_check(list);
	files.certificate = file_of(who ? CHAIN_2 : CHAIN_1, write_certificate, certificate);
	files.key = file_of(who ? KEY_2 : KEY_1, write_key, keys[who]);
	ca = file_of(ROOT, write_certificate, root.certificate);
	crl = file_of(CRL, write_crl, list);
	return certificate_new(&files, why, sizeof(why));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_subject authority = {
		.identity = "root", .authority = true, .not_before = NOW - DAY,
		.not_after = NOW + VALID,
	};

	(void)argc;
	(void)argv;
	fuzz_random(1);
	authority.key = root.key = pki_make_key(NULL, why, sizeof(why));
	root.certificate = pki_make_certificate(&root, &authority, why, sizeof(why));
	fuzz_check(root.certificate);
	for (int i = 0; i < 2; i++) {
		struct pki_subject device = {
			.identity = names[i], .not_before = NOW - DAY, .not_after = NOW + VALID,
		};

		keys[i] = device.key = pki_make_key(NULL, why, sizeof(why));
		certificates[i] = pki_make_certificate(&root, &device, why, sizeof(why));
		methods[i] = method_of(i, certificates[i]);
		fuzz_check(methods[i]);
	}
	return 0;
}

/* Everything at one end. */
struct side {
	const struct keying_method *method;
	struct keying_context context;
	struct keying_session *session;
	struct keying_result result;
	struct keying_error error;
	enum keying_status status;
	struct kexchange kx;
	struct kexchange_out out;
};

static struct keying_context context_of(enum keying_role role, bool named)
{
	struct keying_context context = {
		.role = role, .ue_1_l2_id = 0x0a0b0c, .ue_2_l2_id = 0x1a1b1c, .now = NOW,
	};

	memset(context.nonce_1, 0x11, sizeof(context.nonce_1));
	memset(context.nonce_2, 0x22, sizeof(context.nonce_2));
	memset(context.request_hash, 0x33, sizeof(context.request_hash));
	if (named)
		strcpy(context.peer_identity, names[!role]);
	return context;
}

static bool has_kd(const struct keying_result *result)
{
	static const uint8_t none[KEYING_KD_LEN];

	return memcmp(result->kd, none, sizeof(none)) != 0;
}

static void check_end(enum keying_status status, const struct keying_result *result,
		      const struct keying_error *error)
{
	size_t len = strnlen(status == KEYING_DONE ? result->peer_identity : error->text,
			     KEYING_TEXT_MAX);
	const char *text = status == KEYING_DONE ? result->peer_identity : error->text;

	fuzz_check(has_kd(result) == (status == KEYING_DONE));
	if (status == KEYING_SEND)
		return;
	/* Goes to terminals and logs. */
	fuzz_check(len && len < KEYING_TEXT_MAX && keying_text_valid(text, len));
	if (status == KEYING_DONE)
		fuzz_check(keying_text_valid(result->detail,
					     strnlen(result->detail, KEYING_TEXT_MAX)));
	else
		fuzz_check(error->cause);
}

/* A container on its way. */
static void meddle(struct keying_buffer *buffer, struct fuzz_input *input, bool *changed)
{
	uint8_t how = fuzz_u8(input), n;
	uint8_t *data;
	size_t got;

	switch (how & 7) {
	case 1:
	case 2:
		for (n = 1 + (how >> 3) % 4; n && buffer->len; n--) {
			size_t at = fuzz_u16(input) % buffer->len;
			uint8_t with = fuzz_u8(input);

			buffer->data[at] ^= with;
			*changed |= with;
		}
		break;
	case 3:
		got = fuzz_u16(input) % (buffer->len + 1);
		*changed |= got;
		buffer->len -= got;
		break;
	case 4:
		/* of the attacker's making */
		data = fuzz_copy(input, fuzz_u16(input) % 4096, &got);
		free(buffer->data);
		*buffer = (struct keying_buffer){ data, got };
		*changed = true;
		break;
	case 5:
		/* octets in the middle are put in, or behind it */
		got = fuzz_u8(input);
		data = malloc(buffer->len + got + 1);
		fuzz_check(data);
		n = how & 8 ? (uint8_t)buffer->len : 5;
		if (n > buffer->len)
			n = (uint8_t)buffer->len;
		memcpy(data, buffer->data, n);
		fuzz_octets(input, data + n, got);
		memcpy(data + n + got, buffer->data + n, buffer->len - n);
		free(buffer->data);
		*buffer = (struct keying_buffer){ data, buffer->len + got };
		*changed |= got;
		break;
	default:
		break;
	}
}

/* What verification took, it takes again by what is left of it; and anything for no crash. */
static void recheck(const struct side *side, struct fuzz_input *input)
{
	uint8_t evidence[KEYING_EVIDENCE_MAX];
	struct keying_error error;
	size_t len = side->result.evidence_len;

	if (side->status != KEYING_DONE)
		return;
	fuzz_check(len && len <= sizeof(evidence));
	memcpy(evidence, side->result.evidence, sizeof(evidence));
	fuzz_check(!methods[0]->recheck(methods[0], evidence, len, side->context.now, &error));
	evidence[fuzz_u16(input) % len] ^= fuzz_u8(input);
	len = fuzz_u16(input) % (len + 1);
	if (methods[0]->recheck(methods[0], evidence, len, side->context.now, &error))
		fuzz_check(error.cause && error.text[0] &&
			   keying_text_valid(error.text, strlen(error.text)));
}

static void judge(const struct side *side, bool changed)
{
	time_t now = side[0].context.now;

	bool done_1 = side[0].status == KEYING_DONE, done_2 = side[1].status == KEYING_DONE;

	if (done_1)
		fuzz_check(!strcmp(side[0].result.peer_identity, names[1]));
	if (done_2)
		fuzz_check(!strcmp(side[1].result.peer_identity, names[0]));
	/* UE_2 ends last, and only when UE_1 has ended well. */
	if (done_2)
		fuzz_check(done_1 && !memcmp(side[0].result.kd, side[1].result.kd, KEYING_KD_LEN));
	/* As far as the CRL is not too late, and it is not too early. */
	if (!changed)
		fuzz_check(done_1 == done_2 && done_1 == (now >= NOW && now < NOW + 31 * DAY));
}

/* Both methods, one after the other, until one has nothing more to say. */
static void in_lock_step(struct side *side, struct fuzz_input *input, bool *changed)
{
	struct keying_buffer in = { NULL, 0 }, made;
	int role, i;

	for (role = 0; role < 2; role++) {
		side[role].session = side[role].method->open(side[role].method,
							     &side[role].context,
							     &side[role].error);
		fuzz_check(side[role].session);
		side[role].status = KEYING_SEND;
	}
	for (i = 0, role = KEYING_UE_2; i < STEPS_MAX; i++, role = !role) {
		struct side *s = &side[role];

		if (s->status != KEYING_SEND)
			break;
		s->status = s->method->step(s->session, in.data, in.len, &made, &s->result,
					    &s->error);
		free(in.data);
		in = made;
		check_end(s->status, &s->result, &s->error);
		fuzz_check(!made.data == !made.len && (s->status != KEYING_SEND || made.len));
		if (!made.data)
			break;
		meddle(&in, input, changed);
		if (!in.len)
			break;
	}
	free(in.data);
	fuzz_check(i < STEPS_MAX);
	for (role = 0; role < 2; role++)
		side[role].method->close(side[role].session);
}

static void try_containers(struct side *side, struct fuzz_input *input)
{
	bool changed = false;

	in_lock_step(side, input, &changed);
	judge(side, changed);
}

/* What an end wants to send, as octets; nothing when it wants to send nothing. */
static size_t take_message(struct side *side, uint8_t *last, size_t *last_len)
{
	int len;

	if (side->out.send) {
		len = pc5s_encode(&side->out.message, last, PC5S_MAX_LEN, NULL);
		fuzz_check(len > 0);
		*last_len = (size_t)len;
	} else if (!side->out.resend) {
		return 0;
	}
	return *last_len;
}

/* A message that arrives, in an allocation of its exact size. */
static void deliver(struct side *side, const uint8_t *data, size_t len)
{
	struct pc5s_message message;
	uint8_t *copy = malloc(len ? len : 1);

	fuzz_check(copy);
	memcpy(copy, data, len);
	memset(&side->out, 0, sizeof(side->out));
	if (!pc5s_decode(&message, copy, len, NULL) && message.type == PC5S_KEY_ESTABLISHMENT &&
	    !memcmp(message.nonce_1, side->context.nonce_1, sizeof(message.nonce_1)))
		kexchange_receive(&side->kx, &message, &side->out);
	free(copy);
}

/* A KEY ESTABLISHMENT message of the attacker's making. */
static size_t forge(struct fuzz_input *input, const uint8_t *heard, size_t heard_len, uint8_t *out)
{
	struct pc5s_message m = { .type = PC5S_KEY_ESTABLISHMENT, .ke_method = KEYING_CERTIFICATE };
	uint8_t how = fuzz_u8(input);
	int len;

	/* Either what was heard, with fields changed, or all of it new. */
	if (!(how & 1) || pc5s_decode(&m, heard, heard_len, NULL)) {
		memset(m.nonce_1, 0x11, sizeof(m.nonce_1));
		memset(m.nonce_2, 0x22, sizeof(m.nonce_2));
		m.container.len = fuzz_u8(input);
		if (m.container.len > input->len)
			m.container.len = (uint16_t)input->len;
		m.container.data = input->at;
		input->at += m.container.len;
		input->len -= m.container.len;
		m.ke_total = m.container.len;
		m.has = m.container.len ? PC5S_BIT(PC5S_IE_CONTAINER) : 0;
	}
	if (how & 2)
		m.ke_round = fuzz_u8(input);
	if (how & 4)
		m.ke_fragment = fuzz_u8(input);
	if (how & 8)
		m.ke_flags = fuzz_u8(input);
	if (how & 16)
		m.ke_total = fuzz_u16(input);
	if (how & 32)
		m.cause = fuzz_u8(input);
	if (how & 64 && m.container.len > 1)
		m.container.len = 1 + fuzz_u16(input) % (m.container.len - 1);
	if (m.ke_flags & (PC5S_KE_ACK | PC5S_KE_ABORT)) {
		m.has &= ~PC5S_BIT(PC5S_IE_CONTAINER);
		m.ke_total = 0;
	}
	m.has &= ~(PC5S_BIT(PC5S_IE_CAUSE) | PC5S_BIT(PC5S_IE_NONCE_2));
	if (m.ke_flags & PC5S_KE_ABORT)
		m.has |= PC5S_BIT(PC5S_IE_CAUSE);
	if (pc5s_has(&m, PC5S_IE_CONTAINER) && !m.ke_round)
		m.has |= PC5S_BIT(PC5S_IE_NONCE_2);
	len = pc5s_encode(&m, out, PC5S_MAX_LEN, NULL);
	return len > 0 ? (size_t)len : 0;
}

static void close_kx(struct side *side)
{
	struct kexchange *kx = &side->kx;

	if (kx->status == KEXCHANGE_DONE) {
		check_end(KEYING_DONE, &kx->result, &kx->error);
	} else {
		fuzz_check(kx->failing || !has_kd(&kx->result) || kx->status == KEXCHANGE_RUNNING ||
			   kx->error.text[0]);
		if (kx->status == KEXCHANGE_FAILED)
			fuzz_check(kx->error.cause && kx->error.text[0]);
	}
	kexchange_close(kx);
}

/*
 * Both ends of the transport. UE_2 drives: when nothing is on the air, it repeats its last
 * message, as its timer would have it, and gives up after some.
 */
static void on_the_air(struct side *side, struct fuzz_input *input)
{
	static uint8_t last[2][PC5S_MAX_LEN], forged[PC5S_MAX_LEN];
	size_t last_len[2] = { 0, 0 }, pending[2] = { 0, 0 }, fragment;
	bool changed = false;
	int tries = 0;

	fragment = PROSE_KE_FRAGMENT_MIN + fuzz_u8(input) * 4u;
	for (int role = 0; role < 2; role++) {
		kexchange_open(&side[role].kx, side[role].method, &side[role].context, fragment,
			       &side[role].out);
		pending[role] = take_message(&side[role], last[role], &last_len[role]);
	}
	for (int i = 0; i < 400 && tries < 6; i++) {
		uint8_t what = fuzz_u8(input);
		int from = what >> 7, to = !from;
		size_t len;

		/* Without anything said, messages take their turns. */
		if (!(what & 7) && !pending[from]) {
			from = to;
			to = !from;
		}
		switch (what & 7) {
		case 0:
		case 1:
			if (!pending[from]) {
				pending[KEYING_UE_2] = last_len[KEYING_UE_2];
				tries++;
				continue;
			}
			pending[from] = 0;
			deliver(&side[to], last[from], last_len[from]);
			break;
		case 2:			/* lost */
			pending[from] = 0;
			continue;
		case 3:			/* again */
			if (!last_len[from])
				continue;
			deliver(&side[to], last[from], last_len[from]);
			break;
		case 4:
		case 5:
			changed = true;
			len = forge(input, last[from], last_len[from], forged);
			deliver(&side[to], forged, len);
			break;
		case 6:			/* an octet of it is another */
			if (!last_len[from])
				continue;
			changed = true;
			memcpy(forged, last[from], last_len[from]);
			forged[fuzz_u16(input) % last_len[from]] ^= fuzz_u8(input);
			deliver(&side[to], forged, last_len[from]);
			break;
		case 7:
			if (what & 8)
				continue;
			changed = true;
			kexchange_give_up(&side[KEYING_UE_2].kx);
			continue;
		}
		if (side[to].out.progress)
			tries = 0;
		fuzz_check(!(side[to].out.send && side[to].out.resend));
		/* Memory grows with what arrived, and no further than a container. */
		fuzz_check(side[to].kx.rx.len <= PROSE_KE_CONTAINER_MAX);
		len = take_message(&side[to], last[to], &last_len[to]);
		if (len)
			pending[to] = len;
		/* UE_1 speaks only when spoken to. */
		if (to == KEYING_UE_2 && side[to].kx.status != KEXCHANGE_RUNNING && !pending[to])
			break;
	}
	if (side[0].kx.status == KEXCHANGE_DONE && side[1].kx.status == KEXCHANGE_DONE)
		fuzz_check(!memcmp(side[0].kx.result.kd, side[1].kx.result.kd, KEYING_KD_LEN));
	if (side[1].kx.status == KEXCHANGE_DONE) {
		fuzz_check(!strcmp(side[1].kx.result.peer_identity, names[0]));
		/* An alert may still be made up after UE_1's last word, but not a KD. */
		fuzz_check(changed || side[0].kx.status == KEXCHANGE_DONE);
	}
	close_kx(&side[0]);
	close_kx(&side[1]);
}

/*
 * A certificate of anybody's making, as DER; with our peer's key in it and signed by the root,
 * so that it is its content that is judged.
 */
static void hostile_peer(struct side *side, struct fuzz_input *input)
{
	uint8_t how = fuzz_u8(input);
	int who = how & 1;
	struct keying_method *method;
	const unsigned char *at;
	X509 *certificate;
	uint8_t *der;
	size_t len;
	bool changed = false;

	der = fuzz_copy(input, input->len, &len);
	at = der;
	certificate = d2i_X509(NULL, &at, (long)len);
	free(der);
	if (!certificate) {
		ERR_clear_error();
		return;
	}
	if (!(how & 2))
		X509_set_pubkey(certificate, keys[who]);
	if (!(how & 4)) {
		X509_set_issuer_name(certificate, X509_get_subject_name(root.certificate));
		X509_sign(certificate, root.key, EVP_sha256());
	}
	if (how & 16) {
		X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
		X509_sign(certificate, keys[who], EVP_sha256());
	}
	method = method_of(who, certificate);
	X509_free(certificate);
	ERR_clear_error();
	if (!method)
		return;
	side[who].method = method;
	in_lock_step(side, input, &changed);
	recheck(&side[!who], input);
	/* Who is named must be who is authenticated. */
	if (side[!who].status == KEYING_DONE && side[!who].context.peer_identity[0])
		fuzz_check(!strcmp(side[!who].result.peer_identity,
				   side[!who].context.peer_identity));
	certificate_free(method);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	static const int days[] = { 0, 3, 40, -2 };
	static struct side side[2];
	uint8_t what = fuzz_u8(&input);

	fuzz_random(what);
	memset(side, 0, sizeof(side));
	for (int role = 0; role < 2; role++) {
		side[role].method = methods[role];
		side[role].context = context_of((enum keying_role)role, what & 64);
		side[role].context.now += days[what >> 3 & 3] * DAY;
	}
	switch (what % 8 % HOSTILITIES) {
	case CONTAINERS:
		try_containers(side, &input);
		break;
	case FRAGMENTS:
		on_the_air(side, &input);
		break;
	case PEER:
		hostile_peer(side, &input);
		break;
	}
	return 0;
}

static struct fuzz_output out;

/* @what and @how as LLVMFuzzerTestOneInput() and hostile_peer() read them. */
static void peer_seed(fuzz_put *put, const char *name, const struct pki_subject *subject,
		      long serial, uint8_t what, uint8_t how)
{
	X509 *certificate = pki_make_certificate(&root, subject, why, sizeof(why));
	unsigned char *der = NULL;
	int len;

	fuzz_check(certificate);
	if (serial)
		ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	len = i2d_X509(certificate, &der);
	fuzz_check(len > 0);
	out.len = 0;
	fuzz_put_u8(&out, PEER | what);
	fuzz_put_u8(&out, how);
	fuzz_put_octets(&out, der, (size_t)len);
	put(name, out.data, out.len);
	OPENSSL_free(der);
	X509_free(certificate);
}

/* Containers of a real run, each replaced by itself at its place. */
static void container_seeds(fuzz_put *put)
{
	static const char *const texts[] = { "first", "second", "third", "fourth" };

	for (uint8_t skip = 0; skip < 4; skip++) {
		struct side side[2] = { 0 };
		struct keying_buffer in = { NULL, 0 }, made = { NULL, 0 };
		int role = KEYING_UE_2;

		fuzz_random(CONTAINERS);
		for (int i = 0; i < 2; i++) {
			side[i].context = context_of((enum keying_role)i, false);
			side[i].session = methods[i]->open(methods[i], &side[i].context,
							   &side[i].error);
		}
		for (uint8_t i = 0; i <= skip; i++, role = !role) {
			methods[role]->step(side[role].session, in.data, in.len, &made,
					    &side[role].result, &side[role].error);
			free(in.data);
			in = made;
		}
		out.len = 0;
		fuzz_put_u8(&out, CONTAINERS);
		for (uint8_t i = 0; i < skip; i++)
			fuzz_put_u8(&out, 0);
		fuzz_put_u8(&out, 4);
		fuzz_put_u16(&out, (uint16_t)in.len);
		fuzz_put_octets(&out, in.data, in.len);
		put(texts[skip], out.data, out.len);
		free(in.data);
		methods[0]->close(side[0].session);
		methods[1]->close(side[1].session);
	}
}

void fuzz_seeds(fuzz_put *put)
{
	struct pki_subject subject = {
		.identity = names[1], .key = keys[1], .not_before = NOW - DAY, .not_after = NOW + VALID,
	};

	container_seeds(put);
	out.len = 0;
	fuzz_put_u8(&out, CONTAINERS);
	put("as-it-should-be", out.data, out.len);
	for (uint8_t i = 0; i < 24; i++) {
		char name[] = "octet-aa";

		out.len = 0;
		fuzz_put_u8(&out, CONTAINERS);
		for (uint8_t j = 0; j < i % 4; j++)
			fuzz_put_u8(&out, 0);
		fuzz_put_u8(&out, (uint8_t)(1 + i % 5));
		fuzz_put_u16(&out, (uint16_t)(i * 7));
		fuzz_put_octets(&out, "\1\2\3\4\5\6\7\10\11", 9);
		name[6] = (char)('a' + i / 5);
		name[7] = (char)('a' + i % 5);
		put(name, out.data, out.len);
	}
	for (uint8_t fragment = 0; fragment < 8; fragment++) {
		char name[] = "fragments-0";

		out.len = 0;
		fuzz_put_u8(&out, FRAGMENTS | (fragment & 1 ? 64 : 0));
		fuzz_put_u8(&out, (uint8_t)(fragment * 30));
		/* Lost ones, repeated ones, forged ones. */
		for (uint8_t i = 0; i < fragment * 4; i++) {
			fuzz_put_u8(&out, (uint8_t)((i * 5 + fragment) % 7 | (i & 1) << 7));
			fuzz_put_octets(&out, "\0\0\1\0\0\2", i % 3 * 2);
		}
		name[10] = (char)('0' + fragment);
		put(name, out.data, out.len);
	}
	peer_seed(put, "peer-2", &subject, 0, 0, 1);
	peer_seed(put, "peer-2-named", &subject, 0, 64, 1);
	peer_seed(put, "peer-2-own-key", &subject, 0, 0, 3);
	peer_seed(put, "peer-2-foreign-signature", &subject, 0, 0, 5);
	peer_seed(put, "peer-2-self-signed", &subject, 0, 0, 1 | 16);
	peer_seed(put, "peer-2-revoked", &subject, 0x123, 0, 1);
	peer_seed(put, "peer-2-crl-late", &subject, 0, 8, 1);
	peer_seed(put, "peer-2-crl-too-late", &subject, 0, 16, 1);
	peer_seed(put, "peer-2-crl-early", &subject, 0, 24, 1);
	subject.extended_key_usage = "clientAuth";
	peer_seed(put, "peer-2-client-only", &subject, 0, 0, 1);
	subject.extended_key_usage = NULL;
	subject.not_after = NOW - 1;
	peer_seed(put, "peer-2-expired", &subject, 0, 0, 1);
	subject.not_after = NOW + 2 * DAY;
	subject.not_before = NOW + DAY;
	peer_seed(put, "peer-2-early", &subject, 0, 0, 1);
	subject.not_before = NOW - DAY;
	subject.identity = "ue2.example";
	peer_seed(put, "peer-2-host", &subject, 0, 0, 1);
	peer_seed(put, "peer-2-other-name", &subject, 0, 64, 1);
	subject.identity = "a b";
	peer_seed(put, "peer-2-common-name", &subject, 0, 0, 1);
	subject.identity = names[0];
	subject.key = keys[0];
	peer_seed(put, "peer-1", &subject, 0, 0, 0);
	peer_seed(put, "peer-1-revoked", &subject, 0x123, 0, 0);
	subject.authority = true;
	peer_seed(put, "peer-1-authority", &subject, 0, 0, 0);
}
