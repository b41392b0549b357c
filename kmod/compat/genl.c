// SPDX-License-Identifier: GPL-2.0-only
/* Split operations on kernels that have none, see compat.h. */

#ifndef PROSE_HAVE_GENL_SPLIT_OPS

#include <linux/slab.h>

/* The one family of this module; the kernel's callbacks name only their table. */
static struct compat_genl_family *compat_family;
static struct genl_ops *compat_ops;

static const struct genl_split_ops *find_op(u8 cmd, u8 cap)
{
	int i;

	for (i = 0; i < compat_family->n_split_ops; i++) {
		const struct genl_split_ops *op = &compat_family->split_ops[i];

		if (op->cmd == cmd && (op->flags & cap))
			return op;
	}
	return NULL;
}

static int pre_doit(const struct genl_ops *ops, struct sk_buff *skb, struct genl_info *info)
{
	const struct genl_split_ops *op = find_op(ops->cmd, GENL_CMD_CAP_DO);

	return op && op->pre_doit ? op->pre_doit(op, skb, info) : 0;
}

static void post_doit(const struct genl_ops *ops, struct sk_buff *skb, struct genl_info *info)
{
	const struct genl_split_ops *op = find_op(ops->cmd, GENL_CMD_CAP_DO);

	if (op && op->post_doit)
		op->post_doit(op, skb, info);
}

/* The attributes of a dump were held against the policy of the do, which may take more. */
static int dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	const struct genl_split_ops *op = find_op(info->op.cmd, GENL_CMD_CAP_DUMP);
	unsigned int type;

	for (type = 0; info->attrs && type <= info->op.maxattr; type++) {
		if (info->attrs[type] &&
		    (type > op->maxattr || op->policy[type].type == NLA_UNSPEC)) {
			NL_SET_ERR_MSG_ATTR(cb->extack, info->attrs[type],
					    "attribute is not one this dump takes");
			return -EINVAL;
		}
	}
	return op->dumpit(skb, cb);
}

int compat_genl_register_family(struct compat_genl_family *family)
{
	struct genl_family *real = &family->family;
	int i, n = 0, err;

	compat_ops = kcalloc(family->n_split_ops, sizeof(*compat_ops), GFP_KERNEL);
	if (!compat_ops)
		return -ENOMEM;
	compat_family = family;

	for (i = 0; i < family->n_split_ops; i++) {
		const struct genl_split_ops *op = &family->split_ops[i];
		struct genl_ops *to = &compat_ops[n];

		/* The two halves of one command stand side by side, do first. */
		if (n && compat_ops[n - 1].cmd == op->cmd)
			to = &compat_ops[n - 1];
		else
			n++;

		to->cmd = op->cmd;
		to->flags |= op->flags & (GENL_ADMIN_PERM | GENL_UNS_ADMIN_PERM);
		if (op->flags & GENL_CMD_CAP_DUMP)
			to->dumpit = dumpit;
		else
			to->doit = op->doit;
		if (op->policy && op->maxattr > to->maxattr) {
			to->policy = op->policy;
			to->maxattr = op->maxattr;
		}
	}

	strscpy(real->name, family->name, sizeof(real->name));
	real->version = family->version;
	real->netnsok = family->netnsok;
	real->parallel_ops = family->parallel_ops;
	real->module = family->module;
	real->pre_doit = pre_doit;
	real->post_doit = post_doit;
	real->ops = compat_ops;
	real->n_ops = n;
	real->mcgrps = family->mcgrps;
	real->n_mcgrps = family->n_mcgrps;

	err = genl_register_family(real);
	if (err)
		kfree(compat_ops);
	return err;
}

int compat_genl_unregister_family(const struct compat_genl_family *family)
{
	int err = genl_unregister_family(&family->family);

	kfree(compat_ops);
	return err;
}

#endif /* !PROSE_HAVE_GENL_SPLIT_OPS */
