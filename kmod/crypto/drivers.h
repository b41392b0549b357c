/* SPDX-License-Identifier: GPL-2.0-only */
/* Offers a module's drivers, once they are known to work. */
#ifndef _PROSE_CRYPTO_DRIVERS_H
#define _PROSE_CRYPTO_DRIVERS_H

#include "selftest.h"

/**
 * struct driver_pair - drivers of a cipher and a MAC over the same key stream
 * @eea: the cipher
 * @eia: the MAC
 * @usable: has this machine what they need? NULL for any machine
 * @registered: they are in the crypto API
 */
struct driver_pair {
	struct eea_driver eea;
	struct eia_driver eia;
	bool (*usable)(void);
	bool registered;
};

static void drivers_unregister(struct driver_pair *pairs, size_t n)
{
	while (n--) {
		if (!pairs[n].registered)
			continue;
		crypto_unregister_shash(&pairs[n].eia.alg);
		crypto_unregister_skcipher(&pairs[n].eea.alg);
		pairs[n].registered = false;
	}
}

static int drivers_register_one(struct driver_pair *pair, const struct selftest *eea_test,
				const struct selftest *eia_test)
{
	int err;

	if (selftest_eea(&pair->eea, eea_test)) {
		pr_err("prose: %s gives wrong results and is not used\n",
		       pair->eea.alg.base.cra_driver_name);
		return -EIO;
	}
	if (selftest_eia(&pair->eia, eia_test)) {
		pr_err("prose: %s gives wrong results and is not used\n",
		       pair->eia.alg.base.cra_driver_name);
		return -EIO;
	}

	err = crypto_register_skcipher(&pair->eea.alg);
	if (err)
		return err;
	err = crypto_register_shash(&pair->eia.alg);
	if (err)
		crypto_unregister_skcipher(&pair->eea.alg);
	else
		pair->registered = true;
	return err;
}

static int drivers_register(struct driver_pair *pairs, size_t n, const struct selftest *eea_test,
			    const struct selftest *eia_test)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		if (pairs[i].usable && !pairs[i].usable())
			continue;
		err = drivers_register_one(&pairs[i], eea_test, eia_test);
		if (err) {
			drivers_unregister(pairs, i);
			return err;
		}
	}
	return 0;
}

#endif /* _PROSE_CRYPTO_DRIVERS_H */
