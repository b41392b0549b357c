// SPDX-License-Identifier: GPL-2.0-only
/* IPv6 may be a module, reached through a table; gone since 7.1. */
#include <net/ipv6_stubs.h>

const struct ipv6_stub *probe(void)
{
	return ipv6_stub;
}
