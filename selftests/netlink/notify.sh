#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Notifications: see notify.c. Arguments: names of tests, default all.

. "$(dirname "$0")/../datapath/rig.sh"
net_private "$@"
rig_run netlink/notify "$@"
