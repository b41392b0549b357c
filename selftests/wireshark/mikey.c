// SPDX-License-Identifier: MIT
/*
 * MIKEY messages that we make, for tshark to be asked what it sees in them (mikey.py).
 *
 * A line each: its name, the octets in hexadecimal, and FIELD=VALUE as tshark shows it; of a field that
 * is there several times the values in their order, with commas between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/mikey_lab.h"

static struct mikey_community *ours, *fielded;
static struct mikey_keys *alice, *gms;

static struct mikey_key_material material(json_t *of, const char *rsk)
{
	struct octets a = mikey_vector(of, "ssk", NULL), b = mikey_vector(of, "pvt", NULL);
	struct octets c = mikey_vector(of, rsk, NULL);
	struct mikey_key_material m;

	memcpy(m.ssk, a.data, sizeof(m.ssk));
	memcpy(m.pvt, b.data, sizeof(m.pvt));
	memcpy(m.rsk, c.data, sizeof(m.rsk));
	return m;
}

static void keys(json_t *vectors)
{
	json_t *own = json_object_get(vectors, "own");
	json_t *of_gms = json_object_get(json_object_get(vectors, "fielded"), "gms");
	struct mikey_key_material m = material(own, "rsk_initiator");
	struct mikey_month april = { 2011, 4 };
	struct mikey_user user;

	ours = lab_community(vectors, "own", LAB_KMS);
	fielded = lab_community(vectors, "fielded", "kms.mydev.streamwide.com");
	mikey_user_by_month(LAB_ALICE, &april, &user, NULL, 0);
	alice = mikey_keys_new(ours, &user, &m, NULL, 0);
	m = material(of_gms, "rsk");
	mikey_user_by_uid(mikey_vector(of_gms, "uid", NULL).data, &user);
	gms = mikey_keys_new(fielded, &user, &m, NULL, 0);
	if (!alice || !gms)
		exit(1);
}

static void hex(const char *before, const uint8_t *data, size_t len)
{
	printf("%s", before);
	while (len--)
		printf("%02x", *data++);
}

/* One that tshark has a field of its own for, of each payload of that kind. */
static void field(const struct mikey_message *m, uint8_t payload, const char *name, bool role)
{
	const struct mikey_payload *p;

	for (size_t i = 0; (p = mikey_find(m, payload, i)); i++)
		printf("%s%u", i ? "," : name, role ? p->role : p->type);
}

static void octets(const struct mikey_message *m, uint8_t payload, const char *name)
{
	const struct mikey_payload *p;

	for (size_t i = 0; (p = mikey_find(m, payload, i)); i++)
		hex(i ? "," : name, p->data.data, p->data.len);
}

/* @m is what was meant, not what is read out of the octets. */
static void print(const char *name, const struct mikey_message *m, const uint8_t *data, size_t len)
{
	const struct mikey_payload *p;

	printf("%s ", name);
	hex("", data, len);
	printf(" mikey.type=%u mikey.v.set=%d mikey.prf_func=%u mikey.csb_id=0x%08x mikey.cs_count=%u "
	       "mikey.cs_id_map_type=%u", m->data_type, m->verify, m->prf, m->csb_id, m->n_cs, m->map_type);
	field(m, MIKEY_T, " mikey.t.ts_type=", false);
	octets(m, MIKEY_RAND, " mikey.rand.data=");
	field(m, MIKEY_IDR, " mikey.id.role=", true);
	field(m, MIKEY_IDR, " mikey.id.type=", false);
	field(m, MIKEY_SP, " mikey.sp.no=", true);
	field(m, MIKEY_ERR, " mikey.err.no=", false);
	field(m, MIKEY_EXTENSION, " mikey.ext.type=", false);
	field(m, MIKEY_SAKKE, " mikey.sakke.params=", true);
	field(m, MIKEY_SAKKE, " mikey.sakke.idscheme=", false);
	octets(m, MIKEY_SAKKE, " mikey.sakke.data=");
	/* tshark looks for nothing behind KEMAC. */
	p = mikey_find(m, MIKEY_KEMAC, 0);
	if (!p) {
		field(m, MIKEY_SIGN, " mikey.sign.type=", false);
		octets(m, MIKEY_SIGN, " mikey.sign.data=");
	}
	field(m, MIKEY_KEMAC, " mikey.kemac.encr_alg=", false);
	/* What is not encrypted it takes apart. */
	if (p && p->type != MIKEY_ENCR_NULL)
		octets(m, MIKEY_KEMAC, " mikey.kemac.key_data=");
	field(m, MIKEY_V, " mikey.v.auth_alg=", false);
	octets(m, MIKEY_V, " mikey.v.ver_data=");
	/* Wireshark 4.0 knows no HMAC-SHA-256, and looks no further. */
	if (p && p->mac_alg == MIKEY_MAC_SHA_1)
		hex(" mikey.kemac.mac=", p->mac.data, p->mac.len);
	printf("\n");
}

static void make(const char *name, struct mikey_sakke_offer *offer, uint8_t scheme)
{
	struct mikey_message m;
	uint8_t out[MIKEY_SAKKE_MAX];
	char why[MIKEY_REASON_MAX] = "";
	int len;

	if (mikey_sakke_random(offer))
		exit(1);
	len = mikey_sakke_make(offer, out, sizeof(out), NULL, why, sizeof(why));
	if (len < 0) {
		fprintf(stderr, "%s: %s\n", name, why);
		exit(1);
	}
	/* By whom it was made says nothing of what it is: that is known. */
	if (mikey_decode(&m, out, (size_t)len, NULL))
		exit(1);
	m.payload[m.n - 1].type = MIKEY_SIGN_ECCSI;
	m.payload[m.n - 2].role = 1;
	m.payload[m.n - 2].type = scheme;
	m.csb_id = offer->csb_id;
	print(name, &m, out, (size_t)len);
}

static struct mikey_octets text(const char *of)
{
	return (struct mikey_octets){ (const uint8_t *)of, strlen(of) };
}

static void offers(json_t *vectors)
{
	static const uint8_t srtp[] = { 0, 1, 1, 1, 1, 16, 2, 1, 1 };
	static const uint8_t key_id[] = { 0xf1, 4, 1, 2, 3, 4, 0xf2, 2, 5, 6 };
	static const uint8_t vendor[] = "prose";
	struct mikey_payload more[] = {
		{ .payload = MIKEY_SP, .data = { srtp, sizeof(srtp) } },
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_KEY_ID,
		  .data = { key_id, sizeof(key_id) } },
		{ .payload = MIKEY_EXTENSION, .type = MIKEY_EXT_VENDOR,
		  .data = { vendor, sizeof(vendor) - 1 } },
	};
	struct octets uid = mikey_vector(json_object_get(json_object_get(vectors, "fielded"), "alice"),
					 "uid", NULL);
	struct mikey_sakke_offer offer = {
		.from = alice, .to = text(LAB_BOB), .community = ours, .time = { LAB_NOW, 0x12345678 },
	};

	make("tel", &offer, MIKEY_SCHEME_TEL);
	offer.name_kms = true;
	make("tel-kms", &offer, MIKEY_SCHEME_TEL);
	offer.to = text("urn:prose:ue2");
	make("urn", &offer, MIKEY_SCHEME_URI);
	offer.to = text("sip:bob@example.org");
	offer.more = more;
	for (size_t n = 1; n <= 3; n++) {
		static const char *const names[] = { "policy", "key-id", "vendor" };

		offer.n_more = n;
		make(names[n - 1], &offer, MIKEY_SCHEME_URI);
	}
	offer.from = gms;
	offer.community = fielded;
	offer.to = (struct mikey_octets){ uid.data, uid.len };
	make("uid", &offer, MIKEY_SCHEME_UID);
}

static void encode(const char *name, const struct mikey_message *m)
{
	uint8_t out[MIKEY_SAKKE_MAX];
	struct mikey_error error;
	int len = mikey_encode(m, out, sizeof(out), &error);

	if (len < 0) {
		fprintf(stderr, "%s: %s %s\n", name, error.where, error.reason);
		exit(1);
	}
	print(name, m, out, (size_t)len);
}

/* What has no maker yet, out of the encoder. */
static void others(void)
{
	static const uint8_t t[8] = { 0xd1, 0x52, 0xb1, 0xc0 }, zeros[32];
	static const uint8_t srtp_map[] = { 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	struct mikey_message m = {
		.data_type = MIKEY_DATA_ERROR, .prf = MIKEY_PRF_SHA_256, .csb_id = 0x01020304,
		.map_type = MIKEY_MAP_EMPTY, .n = 3, .payload = {
			{ .payload = MIKEY_T, .data = { t, sizeof(t) } },
			{ .payload = MIKEY_ERR, .type = MIKEY_ERR_TS },
			{ .payload = MIKEY_ERR, .type = MIKEY_ERR_MESSAGE },
		},
	};

	encode("error", &m);
	m.data_type = MIKEY_DATA_PSK_VERIFY;
	m.n = 2;
	m.payload[1] = (struct mikey_payload){ .payload = MIKEY_V, .type = MIKEY_MAC_SHA_1,
					       .data = { zeros, 20 } };
	m.prf = MIKEY_PRF_SHA_1;
	encode("verification", &m);
	m.verify = true;
	m.data_type = MIKEY_DATA_PSK;
	m.n_cs = 1;
	m.map_type = MIKEY_MAP_SRTP;
	m.map = (struct mikey_octets){ srtp_map, sizeof(srtp_map) };
	m.n = 3;
	m.payload[1] = (struct mikey_payload){ .payload = MIKEY_RAND, .data = { zeros, 16 } };
	m.payload[2] = (struct mikey_payload){
		.payload = MIKEY_KEMAC, .type = MIKEY_ENCR_NULL, .mac_alg = MIKEY_MAC_SHA_1,
		.data = { (const uint8_t *)"\0\0\0\x10""0123456789abcdef", 20 }, .mac = { zeros, 20 },
	};
	encode("srtp-map", &m);
}

/*
 * Decoded and encoded again they are what they were. Not those of the field: their map, GENERIC-ID, is
 * not known to Wireshark 4.0.
 */
static void vectors_again(json_t *vectors)
{
	static const char *const names[] = { "psk_sha_1", "psk_sha_256", "group_call", "own" };
	struct mikey_message m;
	struct octets whole;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		whole = mikey_vector(json_object_get(vectors, names[i]), "message", NULL);
		if (mikey_decode(&m, whole.data, whole.len, NULL))
			exit(1);
		encode(names[i], &m);
	}
}

int main(void)
{
	json_t *vectors = mikey_vectors();

	keys(vectors);
	offers(vectors);
	others();
	vectors_again(vectors);
	mikey_keys_free(alice);
	mikey_keys_free(gms);
	mikey_community_free(ours);
	mikey_community_free(fielded);
	json_decref(vectors);
	return 0;
}
