#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the kernel sends, compared with netlink/prose.yaml: see spec.py.

. "$(dirname "$0")/../lib/net.sh"
net_needs python3 ethtool
python3 -c 'import yaml' 2>/dev/null ||
	net_skip_all "python3-yaml is missing; apt-get install python3-yaml"
net_private "$@"

fail() {
	echo "Bail out! $*"
	exit 1
}

net_make here there || fail "no namespaces"
prose_link here 0a:0b:0c 10.0.0.1/24 fd00::1/64 || fail "no device"
prose_link there 0a:0b:0d 10.0.0.2/24 || fail "no device"
on there cat /sys/class/net/prose0/ifindex >/run/there.ifindex
on here python3 "$(dirname "$0")/spec.py"
