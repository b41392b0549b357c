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

static int drivers_test(const struct driver_pair *pair, const struct selftest *eea_test,
			const struct selftest *eia_test)
{
	const char *wrong = NULL;

	if (selftest_eea(&pair->eea, eea_test))
		wrong = pair->eea.alg.base.cra_driver_name;
	else if (selftest_eia(&pair->eia, eia_test))
		wrong = pair->eia.alg.base.cra_driver_name;
	if (!wrong)
		return 0;
	pr_err("prose: %s gives wrong results; the module is not loaded\n", wrong);
	return -EIO;
}

static int drivers_register_one(struct driver_pair *pair)
{
	int err;

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

/*
 * All are tested before any is registered: from then on it may be in use, and whoever
 * has it must not find it gone.
 */
static int drivers_register(struct driver_pair *pairs, size_t n, const struct selftest *eea_test,
			    const struct selftest *eia_test)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		if (pairs[i].usable && !pairs[i].usable())
			continue;
		err = drivers_test(&pairs[i], eea_test, eia_test);
		if (err)
			return err;
	}
	for (i = 0; i < n; i++) {
		if (pairs[i].usable && !pairs[i].usable())
			continue;
		err = drivers_register_one(&pairs[i]);
		if (err) {
			drivers_unregister(pairs, i);
			return err;
		}
	}
	return 0;
}

#endif /* _PROSE_CRYPTO_DRIVERS_H */
