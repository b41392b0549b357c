#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is sent, frame by frame: see transmit.c. Arguments: names of tests, default all.

. "$(dirname "$0")/rig.sh"
net_need_guest
rig_run datapath/transmit "$@"
