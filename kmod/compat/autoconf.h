/* What the kernel at hand has, found by compiling kmod/compat/probes. */
/* PROSE_HAVE_CRYPTO_DONE_DATA: not here */
/* PROSE_HAVE_DEV_LLTX: not here */
/* PROSE_HAVE_GENL_INFO_DUMP: not here */
/* PROSE_HAVE_GENL_SPLIT_OPS: not here */
#define PROSE_HAVE_IPV6_STUB 1
/* PROSE_HAVE_NLA_RANGE_CONST: not here */
/* PROSE_HAVE_RTNL_NEWLINK_PARAMS: not here */
