#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every allocation of every request fails once: see allocations.c. Arguments: names of tests,
# default all.

. "$(dirname "$0")/../datapath/rig.sh"
net_need_guest
rig_run faults/allocations "$@"
