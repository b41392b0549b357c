#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Namespaces taken away, with the device or with its lower device in them, and devices moved
# between namespaces, under user data and signalling in both directions.
#
# usage: removal.sh [ROUNDS]	how often each goes, default 2; if more often, so does what
#				selftests/device/removal.sh takes away

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/../device/device.sh"

rounds=${1:-2}

gone() {
	! ip -n "$1" link show "$2"
}

# A namespace ends when no process is in it: the answers of ue1 come from the kernel alone.
# ue1's end of the link may have moved.
flood() {
	spawn /run/talk "$pair" talk "$end2" "${1:-$end1}"
	wait_for 20 grep -q registered /run/talk || {
		cat /run/talk
		return 1
	}
	spawn /run/flood1 on ue2 ping -q -f 10.0.0.1
	spawn /run/flood2 on ue2 ping -q -f -s 1400 10.0.0.1
}

flows() {
	local before

	before=$(net_stat ue2 prose0 rx_packets) || return
	wait_for 20 more_than "$before"
}

more_than() {
	[ "$(net_stat ue2 prose0 rx_packets)" -gt "$1" ]
}

# The device of ue1 for the namespace $1, where it works on.
move() {
	local from=$1 to=$2

	ip -n "$from" link set prose0 netns "$to" &&
		ip -n "$to" link set prose0 up && ip -n "$to" address add 10.0.0.1/24 dev prose0
}

namespace_goes() {
	device_pair && flood && flows || return
	# The device, the lower one and with it the other end, and the device above that.
	ip netns del ue1 || return
	wait_for 20 gone ue2 prose0 && wait_for 20 gone ue2 eth0
}

namespace_of_device_goes() {
	device_pair && net_namespace away && move ue1 away && flood away/prose0/10.0.0.1 && flows || return
	ip netns del away || return
	wait_for 20 not_answered || return
	# Its lower device stays, for another one.
	prose_link ue1 0a:0b:0c 10.0.0.1/24 && ip -n ue2 link del prose0 &&
		prose_link ue2 0a:0b:0d 10.0.0.2/24 && "$pair" make "$end1" "$end2" &&
		reaches ue1 10.0.0.2
}

not_answered() {
	! on ue2 ping -q -c 1 -W 1 10.0.0.1
}

namespace_of_lower_goes() {
	device_pair && net_namespace away && move ue1 away && flood away/prose0/10.0.0.1 && flows || return
	ip netns del ue1 || return
	wait_for 20 gone away prose0 && wait_for 20 gone ue2 prose0
}

# rounds_of TEST: each round in a subshell, which takes all that is left apart.
rounds_of() {
	local i

	for ((i = 0; i < rounds; i++)); do
		("$1") || { echo "round $i"; return 1; }
	done
}

namespaces_go() {
	rounds_of namespace_goes
}

namespaces_of_devices_go() {
	rounds_of namespace_of_device_goes
}

namespaces_of_lowers_go() {
	rounds_of namespace_of_lower_goes
}

device_moves() {
	local i

	device_pair && net_namespace away && flood && flows || return
	for ((i = 0; i < rounds; i++)); do
		move ue1 away && flows && move away ue1 && flows || return
	done
}

taken_away_often() {
	"$(dirname "$0")/../device/removal.sh" "$rounds"
}

tests=(namespaces_go namespaces_of_devices_go namespaces_of_lowers_go device_moves)
[ "$rounds" -le 2 ] || tests+=(taken_away_often)
ktap_run "${tests[@]}"
ktap_end
