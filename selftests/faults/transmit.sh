#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every allocation on a packet's way out fails once: see transmit.c. Arguments: names of tests,
# default all.

. "$(dirname "$0")/../datapath/rig.sh"
net_need_guest
rig_run faults/transmit "$@"
