#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Loading and unloading with failing allocations: see module.c.
#
# usage: module.sh [all]	all of them fail once, not only the last, which are the module's own;
#			the kernel prints traces for some of its own

# shellcheck source=selftests/lib/net.sh
. "$(dirname "$0")/../lib/net.sh"
net_need_guest

# Whatever it needs is there before.
modprobe prose && rmmod prose || exit
# The kernel must not load it when asked for the family.
echo /bin/false >/proc/sys/kernel/modprobe
exec "${PATH%%/bin:*}/selftests/faults/module" "$(modinfo -n prose)" "$@"
