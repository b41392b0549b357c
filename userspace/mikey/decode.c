// SPDX-License-Identifier: MIT
/* A message into its payloads. */
#include <string.h>

#include "payload.h"

struct reader {
	const uint8_t *data;
	size_t at, len;
	struct mikey_error *error;
};

static int refuse(struct reader *r, const char *where, const char *reason, uint8_t number)
{
	if (r->error)
		*r->error = (struct mikey_error){ r->at, where, reason, number };
	return -1;
}

/* The next octets, NULL when there are not as many. */
static const uint8_t *take(struct reader *r, size_t len)
{
	const uint8_t *octets = r->data + r->at;

	if (r->len - r->at < len)
		return NULL;
	r->at += len;
	return octets;
}

static bool number(struct reader *r, size_t len, uint32_t *value)
{
	const uint8_t *octets = take(r, len);

	*value = 0;
	for (size_t i = 0; octets && i < len; i++)
		*value = *value << 8 | octets[i];
	return octets;
}

static bool octet(struct reader *r, uint8_t *value)
{
	uint32_t wide;
	bool there = number(r, 1, &wide);

	*value = (uint8_t)wide;
	return there;
}

static bool octets(struct reader *r, size_t len, struct mikey_octets *out)
{
	out->data = take(r, len);
	out->len = len;
	return out->data;
}

static bool read_cs(struct reader *r, uint8_t map_type, struct mikey_cs *cs)
{
	uint32_t len;
	uint8_t n;

	if (map_type == MIKEY_MAP_SRTP)
		return octet(r, &cs->policy) && number(r, 4, &cs->ssrc) && number(r, 4, &cs->roc);
	if (!octet(r, &cs->cs_id) || !octet(r, &cs->protocol) || !octet(r, &n))
		return false;
	cs->session_data_last = n >> 7;
	return octets(r, n & 0x7f, &cs->policies) && number(r, 2, &len) &&
	       octets(r, len, &cs->data) && octet(r, &n) && octets(r, n, &cs->spi);
}

int mikey_cs_next(const struct mikey_message *message, size_t *at, struct mikey_cs *cs)
{
	struct reader r = { message->map.data, *at, message->map.len, NULL };

	if (*at >= message->map.len)
		return 0;
	*cs = (struct mikey_cs){ 0 };
	/* RFC 3830 6.1.1: they are numbered as they stand there, from 1 */
	if (message->map_type == MIKEY_MAP_SRTP)
		cs->cs_id = (uint8_t)(*at / 9 + 1);
	if (!read_cs(&r, message->map_type, cs))
		return -1;
	*at = r.at;
	return 1;
}

int mikey_tlv_next(const struct mikey_octets *all, size_t *at, struct mikey_tlv *tlv)
{
	struct reader r = { all->data, *at, all->len, NULL };
	uint8_t len;

	if (*at >= all->len)
		return 0;
	if (!octet(&r, &tlv->type) || !octet(&r, &len) || !octets(&r, len, &tlv->value))
		return -1;
	*at = r.at;
	return 1;
}

/* #CS entries of the map; an empty map has none, however many crypto sessions there are. */
static int read_map(struct reader *r, struct mikey_message *m)
{
	size_t start = r->at;
	struct mikey_cs cs;

	for (int i = 0; m->map_type != MIKEY_MAP_EMPTY && i < m->n_cs; i++)
		if (!read_cs(r, m->map_type, &cs))
			return refuse(r, "CS ID map", "ends too early", MIKEY_ERR_UNSPECIFIED);
	m->map = (struct mikey_octets){ r->data + start, r->at - start };
	return 0;
}

static int read_header(struct reader *r, struct mikey_message *m, uint8_t *next)
{
	uint8_t version, prf;

	if (r->len < MIKEY_HEADER_LEN)
		return refuse(r, "HDR", "ends too early", MIKEY_ERR_UNSPECIFIED);
	octet(r, &version);
	if (version != MIKEY_VERSION)
		return refuse(r, "HDR", "has a version that is not 1", MIKEY_ERR_UNSPECIFIED);
	octet(r, &m->data_type);
	if (!mikey_data_type_known(m->data_type))
		return refuse(r, "HDR", "has a data type that is not known", MIKEY_ERR_MESSAGE);
	octet(r, next);
	octet(r, &prf);
	m->verify = prf >> 7;
	m->prf = prf & 0x7f;
	if (!mikey_prf_name(m->prf))
		return refuse(r, "HDR", "has a PRF that is not known", MIKEY_ERR_PRF);
	number(r, 4, &m->csb_id);
	octet(r, &m->n_cs);
	octet(r, &m->map_type);
	if (!mikey_map_name(m->map_type))
		return refuse(r, "HDR", "has a CS ID map type that is not known",
			      MIKEY_ERR_UNSPECIFIED);
	return read_map(r, m);
}

/* Length and data, as the layout has them. */
static int read_data(struct reader *r, const struct payload_layout *layout, struct mikey_payload *p)
{
	const char *name = mikey_payload_name(p->payload);
	uint32_t len = 0;
	bool whole = true;
	int implied;

	switch (layout->length) {
	case LENGTH_8:
		whole = number(r, 1, &len);
		break;
	case LENGTH_16:
		whole = number(r, 2, &len);
		break;
	case LENGTH_12:
		whole = number(r, 2, &len);
		p->type = (uint8_t)(len >> 12);
		len &= 0xfff;
		break;
	case LENGTH_14:
		whole = number(r, 2, &len);
		p->type = (uint8_t)(len >> 14);
		len &= 0x3fff;
		break;
	case LENGTH_NONE:
		whole = number(r, 2, &len);
		if (whole && len)
			return refuse(r, name, "has reserved bits that are set",
				      MIKEY_ERR_UNSPECIFIED);
		break;
	default:
		implied = mikey_implied_len(layout, p->type);
		if (implied < 0)
			return refuse(r, name, "has an algorithm or type that is not known",
				      mikey_implied_error(layout));
		len = (uint32_t)implied;
	}
	if (!whole || !octets(r, len, &p->data))
		return refuse(r, name, "ends too early", MIKEY_ERR_UNSPECIFIED);
	return 0;
}

/* What KEMAC has behind its data. */
static int read_mac(struct reader *r, struct mikey_payload *p)
{
	int len;

	if (!mikey_encryption_name(p->type))
		return refuse(r, "KEMAC", "has an encryption algorithm that is not known",
			      MIKEY_ERR_EA);
	if (!octet(r, &p->mac_alg))
		return refuse(r, "KEMAC", "ends too early", MIKEY_ERR_UNSPECIFIED);
	len = mikey_mac_len(p->mac_alg);
	if (len < 0)
		return refuse(r, "KEMAC", "has a MAC algorithm that is not known", MIKEY_ERR_MAC);
	if (!octets(r, (size_t)len, &p->mac))
		return refuse(r, "KEMAC", "ends too early", MIKEY_ERR_UNSPECIFIED);
	return 0;
}

/* What consists of types, lengths and values has to end with one of them. */
static int check_parts(struct reader *r, const struct mikey_payload *p)
{
	struct mikey_tlv tlv;
	size_t at = 0;
	int more = 1;

	if (p->payload != MIKEY_SP &&
	    (p->payload != MIKEY_EXTENSION || p->type != MIKEY_EXT_KEY_ID))
		return 0;
	while (more > 0)
		more = mikey_tlv_next(&p->data, &at, &tlv);
	if (!more)
		return 0;
	return refuse(r, mikey_payload_name(p->payload), "has parameters that end too late",
		      p->payload == MIKEY_SP ? MIKEY_ERR_SP_PARAM : MIKEY_ERR_UNSPECIFIED);
}

static int read_payload(struct reader *r, struct mikey_message *m, uint8_t *next)
{
	const struct payload_layout *layout = mikey_payload_layout(*next);
	struct mikey_payload p = { .payload = *next, .offset = r->at };
	const char *name = mikey_payload_name(*next), *why;

	if (!layout)
		return refuse(r, name ? name : "payload",
			      "is of a type that is not known here, so its length is not known",
			      MIKEY_ERR_UNSPECIFIED);
	if ((p.payload != MIKEY_SIGN && !octet(r, next)) ||
	    (layout->has_role && !octet(r, &p.role)) || (layout->has_type && !octet(r, &p.type)))
		return refuse(r, name, "ends too early", MIKEY_ERR_UNSPECIFIED);
	if (p.payload == MIKEY_SIGN)
		*next = MIKEY_LAST;
	if (read_data(r, layout, &p) || (p.payload == MIKEY_KEMAC && read_mac(r, &p)) ||
	    check_parts(r, &p))
		return -1;
	why = mikey_payload_allowed(m, &p);
	if (why) {
		r->at = p.offset;
		return refuse(r, name, why, MIKEY_ERR_UNSPECIFIED);
	}
	m->payload[m->n++] = p;
	return 0;
}

int mikey_decode(struct mikey_message *message, const uint8_t *data, size_t len,
		 struct mikey_error *error)
{
	struct reader r = { data, 0, len, error };
	uint8_t next = MIKEY_LAST;

	memset(message, 0, sizeof(*message));
	if (len > MIKEY_MAX_LEN)
		return refuse(&r, "message", "is too long", MIKEY_ERR_UNSPECIFIED);
	if (read_header(&r, message, &next))
		return -1;
	while (next != MIKEY_LAST)
		if (read_payload(&r, message, &next))
			return -1;
	if (r.at != len)
		return refuse(&r, "message",
			      message->n && message->payload[message->n - 1].payload == MIKEY_SIGN ?
			      "has octets behind SIGN, which has to be the last payload" :
			      "has octets behind its last payload", MIKEY_ERR_UNSPECIFIED);
	return 0;
}
