/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's AES library, as the newest has it. */
#ifndef _PROSE_COMPAT_AES_H
#define _PROSE_COMPAT_AES_H

#include <crypto/aes.h>

#ifndef PROSE_HAVE_AES_ENCKEY

struct aes_enckey {
	struct crypto_aes_ctx both;
};

static inline int aes_prepareenckey(struct aes_enckey *key, const u8 *in_key, size_t key_len)
{
	return aes_expandkey(&key->both, in_key, key_len);
}

#define aes_encrypt(key, out, in)	aes_encrypt(&(key)->both, out, in)

#endif

#endif /* _PROSE_COMPAT_AES_H */
