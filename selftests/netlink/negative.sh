#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Wrong requests: see negative.c. Arguments: names of tests, default all.

. "$(dirname "$0")/../datapath/rig.sh"
net_private "$@"

# A prose device in another namespace, with an index that does not occur in the first.
foreign=4242
net_namespace other && ip -n other link add eth0 type dummy && net_quiet other eth0 &&
	net_modules prose && ip -n other link add link eth0 name prose0 index $foreign type prose
rig_make || exit 1
# Not even neighbours are looked for: what the kernel shows shall stand still.
net_quiet ue prose0
rig_program netlink/negative prose0 $foreign "$@"
