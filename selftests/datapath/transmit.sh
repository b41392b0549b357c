#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is sent, frame by frame: see transmit.c. Arguments: names of tests, default all.

. "$(dirname "$0")/rig.sh"
net_private "$@"

# Another machine behind this one, whose packets are forwarded: far [f0]---[f1] ue.
behind() {
	net_namespace far &&
		ip -n ue link add f1 type veth peer name f0 netns far &&
		ip -n ue address add 198.51.100.1/24 dev f1 &&
		ip -n far address add 198.51.100.2/24 dev f0 &&
		ip -n ue link set f1 up && ip -n far link set f0 up &&
		ip -n far route add default via 198.51.100.1 &&
		on ue sysctl -qw net.ipv4.ip_forward=1
}

if ! rig_make || ! behind; then
	echo "Bail out! the rig could not be made"
	exit 1
fi
rig_program datapath/transmit "$@"
