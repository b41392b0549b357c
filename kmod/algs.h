/* SPDX-License-Identifier: GPL-2.0-only */
/* EEA and EIA over the kernel's crypto API. */
#ifndef _PROSE_ALGS_H
#define _PROSE_ALGS_H

#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/scatterlist.h>

#include "pdcp.h"

/**
 * struct prose_keys - keyed algorithms of an association
 * @eea: cipher, NULL for EEA0
 * @eia: MAC
 * @op_size: size of a struct prose_eea_op, 0 if none has to be allocated
 * @wipe: the driver of @eia may leave secrets in its state
 */
struct prose_keys {
	struct crypto_skcipher *eea;
	struct crypto_shash *eia;
	size_t op_size;
	bool wipe;
};

/**
 * struct prose_eea_op - a cipher operation under way
 * @iv: initial counter block; the driver counts in it
 * @sg: the data
 * @req: the request, the driver's own part behind it
 */
struct prose_eea_op {
	u8 iv[PROSE_EEA_IV_LEN];
	struct scatterlist sg;
	struct skcipher_request req;
};

bool prose_eea_supported(u32 eea);
bool prose_eia_supported(u32 eia);

int prose_keys_set(struct prose_keys *keys, u8 eea, const u8 *pek, u8 eia, const u8 *pik,
		   struct netlink_ext_ack *extack);
void prose_keys_free(struct prose_keys *keys);

int prose_eia_mac(const struct prose_keys *keys, u32 count, u8 bearer, u8 direction,
		  const u8 *msg, unsigned int len, u8 mac[PROSE_MAC_I_LEN]);

int prose_eea_op_get(const struct prose_keys *keys, struct prose_eea_op **op);
int prose_eea_crypt(const struct prose_keys *keys, struct prose_eea_op *op, u32 count, u8 bearer,
		    u8 direction, u8 *data, unsigned int len, crypto_completion_t done,
		    void *done_data);

#endif /* _PROSE_ALGS_H */
