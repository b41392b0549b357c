// SPDX-License-Identifier: MIT
/* I_MESSAGE: how it is made. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "keying/sentence.h"
#include "sakke_message.h"

int mikey_sakke_kd(const uint8_t ssv[SAKKE_SSV_LEN], uint32_t csb_id,
		   const struct mikey_octets *rand, uint8_t kd[MIKEY_KD_LEN])
{
	const struct mikey_octets tgk = { ssv, SAKKE_SSV_LEN };

	return mikey_derive(MIKEY_PRF_SHA_256, MIKEY_KEY_TEK, &tgk, MIKEY_KD_CS_ID, csb_id, rand,
			    kd, MIKEY_KD_LEN);
}

int mikey_sakke_random(struct mikey_sakke_offer *offer)
{
	if (RAND_bytes((unsigned char *)&offer->csb_id, sizeof(offer->csb_id)) != 1 ||
	    RAND_bytes(offer->rand, sizeof(offer->rand)) != 1 ||
	    RAND_priv_bytes(offer->ssv, sizeof(offer->ssv)) != 1)
		return -1;
	return 0;
}

/* Identifier of the responder, and the scheme that both are of. */
static int responder(const struct mikey_sakke_offer *offer, struct mikey_identifier *id,
		     uint8_t *scheme, char *why, size_t why_len)
{
	const struct mikey_user *own = &offer->from->user;
	struct mikey_month month = mikey_month_of(&offer->time);
	const char *uri = (const char *)offer->to.data, *fault;

	*scheme = own->scheme;
	if (own->scheme == MIKEY_SCHEME_UID) {
		if (offer->to.len != MIKEY_UID_LEN)
			return keying_sentence(why, why_len, "A UID has %d octets", MIKEY_UID_LEN);
		memcpy(id->octets, offer->to.data, MIKEY_UID_LEN);
		id->len = MIKEY_UID_LEN;
		return 0;
	}
	if (own->month.year != month.year || own->month.month != month.month)
		return keying_sentence(why, why_len,
				       "It is %04d-%02d, and the keys of %s are those of %04d-%02d; get new ones from the KMS",
				       month.year, month.month, own->uri, own->month.year,
				       own->month.month);
	/* One says for both what identifiers are made of; telephone numbers are URIs as well. */
	if (mikey_scheme_of(uri, offer->to.len) != MIKEY_SCHEME_TEL)
		*scheme = MIKEY_SCHEME_URI;
	fault = mikey_uri_fault(*scheme, uri, offer->to.len);
	if (fault)
		return keying_sentence(why, why_len, "'%.*s' %s", (int)offer->to.len, uri, fault);
	if (mikey_identifier(uri, offer->to.len, &month, id))
		return keying_sentence(why, why_len, "There are no keys for %04d-%02d", month.year,
				       month.month);
	return 0;
}

static void add(struct mikey_message *m, struct mikey_payload payload)
{
	m->payload[m->n++] = payload;
}

static void add_idr(struct mikey_message *m, uint8_t role, uint8_t type, const void *data, size_t len)
{
	add(m, (struct mikey_payload){ .payload = MIKEY_IDR, .role = role, .type = type,
				       .data = { data, len } });
}

static void add_users(struct mikey_message *m, const struct mikey_sakke_offer *offer)
{
	const struct mikey_user *own = &offer->from->user;

	if (own->scheme == MIKEY_SCHEME_UID) {
		/* No URIs, but of that type in messages of the field. */
		add_idr(m, MIKEY_ROLE_INITIATOR_UID, MIKEY_ID_URI, own->id.octets, own->id.len);
		add_idr(m, MIKEY_ROLE_RESPONDER_UID, MIKEY_ID_URI, offer->to.data, offer->to.len);
	} else {
		add_idr(m, MIKEY_ROLE_INITIATOR, MIKEY_ID_URI, own->uri, strlen(own->uri));
		add_idr(m, MIKEY_ROLE_RESPONDER, MIKEY_ID_URI, offer->to.data, offer->to.len);
	}
	if (!offer->name_kms)
		return;
	add_idr(m, MIKEY_ROLE_INITIATOR_KMS, MIKEY_ID_URI, offer->from->community->kms,
		strlen(offer->from->community->kms));
	add_idr(m, MIKEY_ROLE_RESPONDER_KMS, MIKEY_ID_URI, offer->community->kms,
		strlen(offer->community->kms));
}

/* All but the signature, for which there are zeros at the end. */
static int put_together(const struct mikey_sakke_offer *offer, uint8_t scheme, const uint8_t *sakke,
			uint8_t *out, size_t size, char *why, size_t why_len)
{
	struct mikey_message m = {
		.data_type = MIKEY_DATA_SAKKE, .prf = MIKEY_PRF_SHA_256, .csb_id = offer->csb_id,
		.map_type = MIKEY_MAP_EMPTY,
	};
	uint8_t t[MIKEY_NTP_LEN];
	struct mikey_error error;
	int len;

	if (offer->n_more > MIKEY_PAYLOADS_MAX - 8)
		return keying_sentence(why, why_len, "There are too many payloads");
	if (mikey_time_encode(&offer->time, t))
		return keying_sentence(why, why_len,
				       "The clock is wrong: there is no timestamp for that time");
	add(&m, (struct mikey_payload){ .payload = MIKEY_T, .type = MIKEY_TS_NTP_UTC,
					.data = { t, sizeof(t) } });
	add(&m, (struct mikey_payload){ .payload = MIKEY_RAND,
					.data = { offer->rand, sizeof(offer->rand) } });
	add_users(&m, offer);
	for (size_t i = 0; i < offer->n_more; i++)
		add(&m, offer->more[i]);
	add(&m, (struct mikey_payload){ .payload = MIKEY_SAKKE, .role = 1, .type = scheme,
					.data = { sakke, SAKKE_DATA_LEN } });
	add(&m, (struct mikey_payload){ .payload = MIKEY_SIGN, .type = MIKEY_SIGN_ECCSI,
					.data = { NULL, ECCSI_SIGNATURE_LEN } });
	len = mikey_encode(&m, out, size < MIKEY_SAKKE_MAX ? size : MIKEY_SAKKE_MAX, &error);
	if (len < 0)
		return keying_sentence(why, why_len, "The message cannot be made: %s %s",
				       error.where, error.reason);
	return len;
}

int mikey_sakke_make(const struct mikey_sakke_offer *offer, uint8_t *out, size_t size,
		     uint8_t kd[MIKEY_KD_LEN], char *why, size_t why_len)
{
	const struct mikey_keys *from = offer->from;
	const struct mikey_octets rand = { offer->rand, sizeof(offer->rand) };
	struct mikey_identifier id = { 0 };
	uint8_t sakke[SAKKE_DATA_LEN], *signature;
	uint8_t scheme;
	size_t covered;
	int len, err;

	if (responder(offer, &id, &scheme, why, why_len))
		return -1;
	if (sakke_encapsulate(offer->community->sakke, id.octets, id.len, offer->ssv, sakke))
		return keying_sentence(why, why_len,
				       "The secret could not be encapsulated to this identity");
	len = put_together(offer, scheme, sakke, out, size, why, why_len);
	if (len < 0)
		return -1;
	covered = (size_t)len - ECCSI_SIGNATURE_LEN;
	signature = out + covered;
	err = offer->j ? eccsi_sign_with(from->community->eccsi, &from->eccsi, offer->j, out, covered,
					 signature) :
			 eccsi_sign(from->community->eccsi, &from->eccsi, out, covered, signature);
	if (err)
		return keying_sentence(why, why_len, "The message could not be signed");
	if (kd && mikey_sakke_kd(offer->ssv, offer->csb_id, &rand, kd))
		return keying_sentence(why, why_len, "KD could not be derived");
	return len;
}
