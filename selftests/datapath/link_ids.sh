#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Layer-2 IDs of a link, frame by frame: see link_ids.c. Arguments: names of tests, default all.

. "$(dirname "$0")/rig.sh"
net_private "$@"
rig_run datapath/link_ids "$@"
