#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Allocations fail in softirqs and workers while packets come and go: see pressure.c. Arguments:
# names of tests, default all.

. "$(dirname "$0")/../datapath/rig.sh"
net_need_guest
rig_run faults/pressure "$@"
