#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# The shortest way through all of it, for any kernel and any processor: two UEs connect by
# certificate, packets pass, keys change, the link is released, the module goes and comes back.
# It takes no program but the product's and the usual tools: no Python, no capture.

. "$(dirname "$0")/../daemon/ues.sh"

# becomes UE STATE: within 20 s the daemon says so of the UE's peer.
becomes() {
	says_state() { of "$1" show -j | grep -q "\"state\": \"$2\""; }
	wait_for 20 says_state "$@" && return
	of "$1" show
	return 1
}

keys() {
	of "$1" show -j | sed -n 's/.*"kd_sess_id": *\("\?[^",]*\).*/\1/p'
}

two_ues() {
	local before

	# shellcheck disable=SC2119 # no options for the daemons
	ues && of ue1 connect --wait=60 ue2 && becomes ue1 connected && becomes ue2 connected &&
		ping_ok ue1 && ping_ok ue2 || return
	before=$(keys ue1)
	[ -n "$before" ] || {
		echo "there is no KD-sess ID in what prose show -j says"
		return 1
	}
	of ue1 rekey --wait=60 ue2 && of ue2 rekey --kd --wait=60 ue1 && ping_ok ue1 && ping_ok ue2 ||
		return
	[ "$(keys ue1)" != "$before" ] || {
		echo "two rekeys, and the KD-sess ID still is $before"
		return 1
	}
	of ue1 release --wait=60 ue2 && becomes ue2 idle || return
	says "100% packet loss" on ue1 ping -c 1 -W 1 fe80::1%prose0
}

# Packets of peers that a netlink program installed, without a daemon, are tests of other folders;
# here the device is made, and unmade, by hand.
device_by_hand() {
	net_make ue1 ue2 && prose_link ue1 0a:0b:01 10.9.0.1/24 &&
		ip -n ue1 -d link show prose0 | grep -q prose && ip -n ue1 link del prose0
}

# Gone with all it had, and back.
module_goes_and_comes_back() {
	wait_for 30 rmmod prose && ! grep -q '^prose ' /proc/modules && modprobe prose &&
		grep -q '^prose ' /proc/modules && rmmod prose && modprobe prose
}

ktap_run two_ues device_by_hand module_goes_and_comes_back two_ues
ktap_end
