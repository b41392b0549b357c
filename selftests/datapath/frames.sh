#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Frames received, good and bad: see frames.c. Arguments: names of tests, default all.

. "$(dirname "$0")/rig.sh"
net_private "$@"
rig_run datapath/frames "$@"
