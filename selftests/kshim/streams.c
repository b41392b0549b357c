// SPDX-License-Identifier: MIT
/* See streams.h. */
#include "../../kmod/crypto/eia1.h"
#include "../../kmod/crypto/eia3.h"
#include "../../kmod/crypto/snow3g.h"
#include "../../kmod/crypto/zuc.h"
#include "streams.h"

void stream_crypt(enum stream_kind kind, const unsigned char key[16], const unsigned char iv[8],
		  unsigned char *data, size_t len)
{
	if (kind == STREAM_SNOW3G) {
		u32 count = prose_load32(iv), rest = prose_load32(iv + 4);
		const u32 words[SNOW3G_IV_WORDS] = { rest, count, rest, count };
		struct snow3g snow3g;

		snow3g_init(&snow3g, key, words);
		snow3g_crypt(&snow3g, data, data, len);
	} else {
		unsigned char twice[ZUC_IV_LEN];
		struct zuc zuc;

		memcpy(twice, iv, 8);
		memcpy(twice + 8, iv, 8);
		zuc_init(&zuc, key, twice);
		zuc_crypt(&zuc, data, data, len);
	}
}

void stream_mac(enum stream_kind kind, const unsigned char key[16], const unsigned char iv[8],
		const unsigned char *data, size_t len, unsigned char out[4])
{
	if (kind == STREAM_SNOW3G)
		eia1_whole(key, iv, data, len, out);
	else
		eia3_whole(key, iv, data, len, out);
}
