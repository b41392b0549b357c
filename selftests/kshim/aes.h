/* SPDX-License-Identifier: MIT */
/* AES-CTR and AES-CMAC of OpenSSL, apart from the kernel's names. */
#ifndef _KSHIM_AES_H
#define _KSHIM_AES_H

#include <stddef.h>

struct aes_ctr;
struct aes_cmac;

struct aes_ctr *aes_ctr_new(const unsigned char key[16]);
void aes_ctr_free(struct aes_ctr *ctr);
void aes_ctr_crypt(struct aes_ctr *ctr, const unsigned char iv[16], unsigned char *data,
		   size_t len);

struct aes_cmac *aes_cmac_new(const unsigned char key[16]);
void aes_cmac_free(struct aes_cmac *cmac);
void aes_cmac_init(struct aes_cmac *cmac);
void aes_cmac_update(struct aes_cmac *cmac, const unsigned char *data, size_t len);
void aes_cmac_final(struct aes_cmac *cmac, unsigned char out[16]);

#endif /* _KSHIM_AES_H */
