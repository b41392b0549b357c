#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A device with 4096 peers and their associations: see scale.c.

. "$(dirname "$0")/../datapath/rig.sh"
net_private "$@"
if ! rig_make || ! ip -n ue address add 100.64.0.1/10 dev prose0; then
	echo "Bail out! the rig could not be made"
	exit 1
fi
rig_program device/scale "$@"
