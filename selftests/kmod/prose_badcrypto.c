// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: "ctr(aes)" and "cmac(aes)" that come before all others and do what drivers
 * of hardware may do, on order: end later and out of order, wait in a backlog, fail
 * at once, fail at the end. What they are told to do can be changed while requests are
 * under way, in /sys/module/prose_badcrypto/parameters/.
 *
 * Without orders they do what the algorithms inside do, on the spot.
 */

#include <crypto/aes.h>
#include <crypto/internal/hash.h>
#include <crypto/internal/skcipher.h>
#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workqueue.h>

/* Before any driver there is. */
#define PRIORITY	5000
/* Room for the state of the hash inside. */
#define INNER_DESC_MAX	160
/* How often a request that is held looks whether it still is. */
#define HELD_INTERVAL	msecs_to_jiffies(4)

static char *cipher = "ctr(aes-generic)";
module_param(cipher, charp, 0444);
MODULE_PARM_DESC(cipher, "driver inside ctr(aes); may be asynchronous, e.g. cryptd(ctr(aes-generic))");

static bool later;
module_param(later, bool, 0644);
MODULE_PARM_DESC(later, "requests return -EINPROGRESS and end in a worker");

static unsigned int delay_ms;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "each ends up to this many milliseconds later, out of order");

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "none that ends later ends while this is set");

static bool backlog;
module_param(backlog, bool, 0644);
MODULE_PARM_DESC(backlog, "the callback first hears -EINPROGRESS, as after a backlog");

static unsigned int fail_now;
module_param(fail_now, uint, 0644);
MODULE_PARM_DESC(fail_now, "every so manieth request fails at once, 0 for none");

static unsigned int fail_later;
module_param(fail_later, uint, 0644);
MODULE_PARM_DESC(fail_later, "every so manieth request that ends later fails then, 0 for none");

static bool fail_key;
module_param(fail_key, bool, 0644);
MODULE_PARM_DESC(fail_key, "cmac(aes) takes no key");

static unsigned int fail_mac;
module_param(fail_mac, uint, 0644);
MODULE_PARM_DESC(fail_mac, "every so manieth MAC cannot be computed, 0 for none");

static atomic_t under_way = ATOMIC_INIT(0);

static int get_under_way(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&under_way));
}

static const struct kernel_param_ops under_way_ops = { .get = get_under_way };
module_param_cb(under_way, &under_way_ops, NULL, 0444);
MODULE_PARM_DESC(under_way, "requests that have not ended");

static atomic_t n_now = ATOMIC_INIT(0);
static atomic_t n_later = ATOMIC_INIT(0);
static atomic_t n_mac = ATOMIC_INIT(0);

static struct workqueue_struct *wq;

/* Whether it is this one's turn to fail. */
static bool turn(atomic_t *n, unsigned int every)
{
	return every && !((unsigned int)atomic_inc_return(n) % every);
}

/**
 * struct bad_ctx - a cipher
 * @inner: what really does it
 */
struct bad_ctx {
	struct crypto_skcipher *inner;
};

/**
 * struct bad_req - a request
 * @work: ends it
 * @req: the user's
 * @err: how it is to end
 * @told: the backlog was reported
 * @sub: the request to the cipher inside, its own part behind it
 */
struct bad_req {
	struct delayed_work work;
	struct skcipher_request *req;
	int err;
	bool told;
	struct skcipher_request sub;
};

/* The user may free the request, and with it all of struct bad_req, in this. */
static void end(struct bad_req *bad, int err)
{
	struct skcipher_request *req = bad->req;

	atomic_dec(&under_way);
	local_bh_disable();
	skcipher_request_complete(req, err);
	local_bh_enable();
}

static void inner_done(struct crypto_async_request *base, int err)
{
	if (err != -EINPROGRESS)
		end(base->data, err);
}

static int run(struct bad_req *bad, u32 flags)
{
	struct skcipher_request *req = bad->req;
	struct bad_ctx *ctx = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));

	skcipher_request_set_tfm(&bad->sub, ctx->inner);
	skcipher_request_set_callback(&bad->sub, flags, inner_done, bad);
	skcipher_request_set_crypt(&bad->sub, req->src, req->dst, req->cryptlen, req->iv);
	return crypto_skcipher_encrypt(&bad->sub);
}

static void bad_work(struct work_struct *work)
{
	struct bad_req *bad = container_of(to_delayed_work(work), struct bad_req, work);
	int err = bad->err;

	if (backlog && !bad->told) {
		bad->told = true;
		local_bh_disable();
		skcipher_request_complete(bad->req, -EINPROGRESS);
		local_bh_enable();
	}
	if (READ_ONCE(hold)) {
		queue_delayed_work(wq, &bad->work, HELD_INTERVAL);
		return;
	}
	if (!err)
		err = run(bad, 0);
	if (err != -EINPROGRESS)
		end(bad, err);
}

/* CTR is its own inverse. */
static int bad_crypt(struct skcipher_request *req)
{
	struct bad_req *bad = skcipher_request_ctx(req);
	unsigned int delay = READ_ONCE(delay_ms);
	int err;

	bad->req = req;
	bad->err = 0;
	bad->told = false;
	if (turn(&n_now, READ_ONCE(fail_now)))
		return -EIO;

	atomic_inc(&under_way);
	if (!READ_ONCE(later)) {
		err = run(bad, req->base.flags & ~CRYPTO_TFM_REQ_MAY_BACKLOG);
		if (err != -EINPROGRESS)
			atomic_dec(&under_way);
		return err;
	}

	if (turn(&n_later, READ_ONCE(fail_later)))
		bad->err = atomic_read(&n_later) & 1 ? -EIO : -ENOMEM;
	if (delay)
		delay = get_random_u32_below(delay + 1);
	INIT_DELAYED_WORK(&bad->work, bad_work);
	queue_delayed_work(wq, &bad->work, msecs_to_jiffies(delay));
	return -EINPROGRESS;
}

static int bad_setkey(struct crypto_skcipher *tfm, const u8 *key, unsigned int len)
{
	struct bad_ctx *ctx = crypto_skcipher_ctx(tfm);

	return crypto_skcipher_setkey(ctx->inner, key, len);
}

static int bad_init(struct crypto_skcipher *tfm)
{
	struct bad_ctx *ctx = crypto_skcipher_ctx(tfm);

	ctx->inner = crypto_alloc_skcipher(cipher, 0, 0);
	if (IS_ERR(ctx->inner))
		return PTR_ERR(ctx->inner);
	crypto_skcipher_set_reqsize(tfm, sizeof(struct bad_req) +
				    crypto_skcipher_reqsize(ctx->inner));
	return 0;
}

static void bad_exit(struct crypto_skcipher *tfm)
{
	struct bad_ctx *ctx = crypto_skcipher_ctx(tfm);

	crypto_free_skcipher(ctx->inner);
}

static struct skcipher_alg bad_alg = {
	.base.cra_name		= "ctr(aes)",
	.base.cra_driver_name	= "ctr-aes-prose-bad",
	.base.cra_priority	= PRIORITY,
	.base.cra_flags		= CRYPTO_ALG_ASYNC,
	.base.cra_blocksize	= 1,
	.base.cra_ctxsize	= sizeof(struct bad_ctx),
	.base.cra_module	= THIS_MODULE,
	.min_keysize		= AES_MIN_KEY_SIZE,
	.max_keysize		= AES_MAX_KEY_SIZE,
	.ivsize			= AES_BLOCK_SIZE,
	.chunksize		= AES_BLOCK_SIZE,
	.setkey			= bad_setkey,
	.encrypt		= bad_crypt,
	.decrypt		= bad_crypt,
	.init			= bad_init,
	.exit			= bad_exit,
};

/**
 * struct bad_mac_ctx - a MAC
 * @inner: what really does it
 */
struct bad_mac_ctx {
	struct crypto_shash *inner;
};

static int mac_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len)
{
	struct bad_mac_ctx *ctx = crypto_shash_ctx(tfm);

	if (READ_ONCE(fail_key))
		return -EIO;
	return crypto_shash_setkey(ctx->inner, key, len);
}

static int mac_init(struct shash_desc *desc)
{
	struct bad_mac_ctx *ctx = crypto_shash_ctx(desc->tfm);
	struct shash_desc *inner = shash_desc_ctx(desc);

	inner->tfm = ctx->inner;
	return crypto_shash_init(inner);
}

static int mac_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	return crypto_shash_update(shash_desc_ctx(desc), data, len);
}

static int mac_final(struct shash_desc *desc, u8 *out)
{
	if (turn(&n_mac, READ_ONCE(fail_mac)))
		return -EIO;
	return crypto_shash_final(shash_desc_ctx(desc), out);
}

static int mac_init_tfm(struct crypto_shash *tfm)
{
	struct bad_mac_ctx *ctx = crypto_shash_ctx(tfm);

	ctx->inner = crypto_alloc_shash("cmac(aes-generic)", 0, 0);
	if (IS_ERR(ctx->inner))
		return PTR_ERR(ctx->inner);
	if (crypto_shash_descsize(ctx->inner) > INNER_DESC_MAX) {
		crypto_free_shash(ctx->inner);
		return -EINVAL;
	}
	return 0;
}

static void mac_exit_tfm(struct crypto_shash *tfm)
{
	struct bad_mac_ctx *ctx = crypto_shash_ctx(tfm);

	crypto_free_shash(ctx->inner);
}

static struct shash_alg mac_alg = {
	.base.cra_name		= "cmac(aes)",
	.base.cra_driver_name	= "cmac-aes-prose-bad",
	.base.cra_priority	= PRIORITY,
	.base.cra_blocksize	= AES_BLOCK_SIZE,
	.base.cra_ctxsize	= sizeof(struct bad_mac_ctx),
	.base.cra_module	= THIS_MODULE,
	.digestsize		= AES_BLOCK_SIZE,
	.descsize		= sizeof(struct shash_desc) + INNER_DESC_MAX,
	.setkey			= mac_setkey,
	.init			= mac_init,
	.update			= mac_update,
	.final			= mac_final,
	.init_tfm		= mac_init_tfm,
	.exit_tfm		= mac_exit_tfm,
};

static int __init badcrypto_init(void)
{
	int err;

	wq = alloc_workqueue("prose_badcrypto", WQ_UNBOUND, 0);
	if (!wq)
		return -ENOMEM;
	err = crypto_register_skcipher(&bad_alg);
	if (err)
		goto err_wq;
	err = crypto_register_shash(&mac_alg);
	if (err)
		goto err_skcipher;
	return 0;

err_skcipher:
	crypto_unregister_skcipher(&bad_alg);
err_wq:
	destroy_workqueue(wq);
	return err;
}

static void __exit badcrypto_exit(void)
{
	crypto_unregister_shash(&mac_alg);
	crypto_unregister_skcipher(&bad_alg);
	/* The last worker may not have returned yet from ending the last request. */
	destroy_workqueue(wq);
}

module_init(badcrypto_init);
module_exit(badcrypto_exit);

MODULE_DESCRIPTION("Cryptography that ends late and fails, for tests of prose");
MODULE_AUTHOR("The prose authors");
MODULE_LICENSE("GPL");
