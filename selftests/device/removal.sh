#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Things taken away while packets flow both ways: the device, its peers, the lower device, the
# module. Nothing may hang, leak or splat; vm/run watches the console for that.
#
# usage: removal.sh [ROUNDS]	how often each goes, default 3

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

rounds=${1:-3}

gone() {
	! ip -n "$1" link show "$2"
}

device_goes() {
	local i

	device_pair && device_traffic || return
	for ((i = 0; i < rounds; i++)); do
		ip -n ue1 link del prose0 || return
		! ip -n ue1 link show prose0 >/dev/null 2>&1 || return
		prose_link ue1 0a:0b:0c 10.0.0.1/24 || return
		ip -n ue2 link del prose0 || return
		prose_link ue2 0a:0b:0d 10.0.0.2/24 || return
		"$pair" make "$end1" "$end2" || return
		reaches ue1 10.0.0.2 || return
	done
}

lower_goes() {
	device_pair && device_traffic || return
	# A veth goes with its other end; both devices above have to.
	ip -n ue1 link del eth0 || return
	wait_for 10 gone ue1 prose0 && wait_for 10 gone ue2 prose0
}

lower_goes_down() {
	local i

	device_pair && device_traffic || return
	for ((i = 0; i < 2 * rounds; i++)); do
		ip -n ue1 link set eth0 down || return
		ip -n ue1 link set eth0 up || return
	done
	# The other end has lost its carrier, too, and may find it later.
	wait_for 5 net_carrier ue1 prose0 && wait_for 10 reaches ue1 10.0.0.2
}

links_go_down() {
	local i

	device_pair && device_traffic || return
	for ((i = 0; i < 2 * rounds; i++)); do
		ip -n ue1 link set prose0 down || return
		ip -n ue1 link set prose0 up || return
		"$pair" rekey "$end1" "$end2" 3 5 || return
	done
	reaches ue1 10.0.0.2
}

peers_go() {
	local i

	device_pair && device_traffic || return
	for ((i = 0; i < 3 * rounds; i++)); do
		"$pair" unmake "$end1" "$end2" || return
		"$pair" make "$end1" "$end2" || return
	done
	reaches ue1 10.0.0.2
}

module_goes() {
	local i

	net_destructive "unloads the module"
	for ((i = 0; i < rounds; i++)); do
		(
			device_pair && device_traffic || exit
			# Traffic does not hold the module: its devices go with it.
			rmmod prose || exit
			! ip -n ue1 link show prose0 >/dev/null 2>&1 || exit
			! ip -n ue2 link show prose0 >/dev/null 2>&1 || exit
			[ ! -e /sys/module/prose ]
		) || return
	done
	net_modules prose
}

module_goes_with_owner() {
	net_destructive "unloads the module"
	device_pair && device_traffic || return
	# An owner, and someone who asks in a loop, while it goes.
	spawn /run/owner "$pair" own "$end1"
	wait_for 10 grep -q registered /run/owner || return
	spawn /run/asks sh -c "while :; do $pair drops $end1; $pair assocs $end2; done"
	wait_for 30 asked || return
	# Who asks for the family has the kernel load it, again at once.
	defer sysctl -qw "kernel.modprobe=$(sysctl -n kernel.modprobe)"
	sysctl -qw kernel.modprobe=/bin/false || return
	# A dump holds the module from its first part to its last.
	wait_for 30 rmmod prose || return
	[ ! -e /sys/module/prose ]
}

# The loop has come round some times.
asked() {
	[ "$(grep -c tx /run/asks)" -ge 3 ]
}

# Packets are with other processors, and in queues after that.
slow_peers_go() {
	PAIR_EEA=1 PAIR_EIA=3 peers_go
}

slow_device_goes() {
	PAIR_EEA=3 PAIR_EIA=1 device_goes
}

slow_module_goes() {
	PAIR_EEA=3 PAIR_EIA=3 module_goes
}

ktap_run device_goes lower_goes lower_goes_down links_go_down peers_go module_goes module_goes_with_owner \
	slow_peers_go slow_device_goes slow_module_goes
ktap_end
