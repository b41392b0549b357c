/* SPDX-License-Identifier: MIT */
/* Communities and users of the vectors, for the tests of MIKEY-SAKKE. */
#ifndef UNIT_MIKEY_LAB_H
#define UNIT_MIKEY_LAB_H

#include "mikey/sakke_message.h"
#include "mikey_vectors.h"

#define LAB_NOW		1302868800	/* 2011-04-15 12:00:00, T of the message of our own */
#define LAB_KMS		"kms.example.org"
#define LAB_ALICE	"tel:+447700900123"
#define LAB_BOB		"tel:+447700900456"

/*
 * The community of the RFCs' vectors: z and KSAK are published, so that keys can be made for anyone
 * in it.
 */
#define LAB_Z		"aff429d35f84b110d094803b3595a6e2998bc99f"
#define LAB_KSAK	"12345"

static inline struct mikey_community *lab_community(json_t *vectors, const char *of,
						    const char *kms)
{
	struct octets kpak = mikey_vector(json_object_get(vectors, of), "kpak", NULL);
	struct octets z = mikey_vector(json_object_get(vectors, of), "z", NULL);
	struct mikey_community *community;
	char why[256] = "";

	community = mikey_community_new(kms, kpak.data, z.data, why, sizeof(why));
	if (!community) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	return community;
}

/* A secret of a few octets, right-aligned. */
static inline void lab_secret(const char *hex, uint8_t *out, size_t len)
{
	char padded[2 * SAKKE_SCALAR_LEN + 1];

	snprintf(padded, sizeof(padded), "%0*d", (int)(2 * len), 0);
	memcpy(padded + 2 * len - strlen(hex), hex, strlen(hex));
	vectors_hex_string(padded, out, len);
}

#endif
