#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Namespaces: the device moves, lower device and carrier stay.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

# ue1's device into namespace "inner", with its address, which a move takes away.
move_in() {
	net_namespace inner &&
		ip -n ue1 link set prose0 netns inner &&
		ip -n inner link set prose0 up &&
		ip -n inner address add 10.0.0.1/24 dev prose0
}

moves() {
	device_pair && move_in || return
	! ip -n ue1 link show prose0 >/dev/null 2>&1 || return
	[ "$(ip -n inner -j link show eth0 2>/dev/null)" = "" ] || return
	reaches inner 10.0.0.2 || return
	reaches ue2 10.0.0.1 || return
	# Rekeyed from where it is now.
	"$pair" rekey inner/prose0/10.0.0.1 "$end2" 2 100 || return
	reaches inner 10.0.0.2 || return
	# It carries nothing for the namespace it left.
	! on ue1 ping -q -c 1 -W 1 10.0.0.2 >/dev/null 2>&1
}

moves_back() {
	device_pair && move_in && reaches inner 10.0.0.2 || return
	ip -n inner link set prose0 netns ue1 || return
	ip -n ue1 link set prose0 up && ip -n ue1 address add 10.0.0.1/24 dev prose0 || return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1
}

# The usual container: the lower device is not to be seen there at all.
made_across() {
	net_make ue1 ue2 && net_namespace inner && net_modules prose || return
	ip -n ue1 link add link eth0 name prose0 netns inner type prose || return
	ip -n inner link show prose0 >/dev/null || return
	ip -n inner link set prose0 address 0a:0b:0c && ip -n inner link set prose0 up || return
	ip -n inner address add 10.0.0.1/24 dev prose0 || return
	prose_link ue2 0a:0b:0d 10.0.0.2/24 || return
	"$pair" make inner/prose0/10.0.0.1 "$end2" || return
	reaches inner 10.0.0.2 && reaches ue2 10.0.0.1
}

moves_under_traffic() {
	local i

	device_pair && net_namespace inner && device_traffic || return
	for i in 1 2 3 4 5; do
		ip -n ue1 link set prose0 netns inner || return
		ip -n inner link set prose0 up || return
		ip -n inner link set prose0 netns ue1 || return
		ip -n ue1 link set prose0 up || return
		ip -n ue1 address add 10.0.0.1/24 dev prose0 || return
		reaches ue2 10.0.0.1 || return
	done
}

# The device's namespace ends: the device goes, the lower one stays.
its_namespace_ends() {
	device_pair && device_traffic || return
	ip netns add passing || return
	ip -n ue1 link set prose0 netns passing || return
	ip netns del passing || return
	wait_for 10 lower_is_free || return
	ip -n ue1 link show eth0 >/dev/null || return
	# And can carry another.
	prose_link ue1 0a:0b:0c 10.0.0.1/24
}

# Nobody holds eth0 any more: a device with the same Layer-2 ID can be made on it.
lower_is_free() {
	ip -n ue1 link add link eth0 name probe0 address 0a:0b:0c type prose &&
		ip -n ue1 link del probe0
}

# The lower device's namespace ends: the device goes wherever it is.
lower_namespace_ends() {
	device_pair && move_in && reaches inner 10.0.0.2 || return
	ip netns del ue1 || return
	wait_for 10 gone inner prose0 || return
	# For the cleanup, which deletes it too.
	ip netns add ue1
}

gone() {
	! ip -n "$1" link show "$2"
}

# Who rules the device's namespace only must not decide what is on the lower device's wire.
carrier_is_not_theirs() {
	local ethertype

	device_pair || return
	# Namespace "inner" is of a user namespace of its own, with all privileges in it.
	spawn /run/jail unshare -U -r -n sleep 600
	wait_for 5 sh -c "grep -q '^ *0 ' /proc/$spawned/uid_map &&
		[ \"\$(readlink /proc/$spawned/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]" || return
	ip -n ue1 link set prose0 netns "$spawned" || return
	jailed ip link set prose0 up || return
	jailed ip link set prose0 address 0a:0b:0f 2>/dev/null
	refuses ethertype jailed "$pair" ethertype ./prose0/0.0.0.0 0x88a8 || return
	refuses ethertype jailed "$pair" ethertype ./prose0/0.0.0.0 0x88b7 || return
	ethertype=$(jailed "$pair" ethertype ./prose0/0.0.0.0) || return
	[ "$ethertype" = 0x88b5 ] || { echo "ethertype $ethertype"; return 1; }
}

# In the jail, with the rights of its root.
jailed() {
	nsenter -t "$spawned" -U -n --preserve-credentials "$@"
}

ktap_run moves moves_back made_across carrier_is_not_theirs moves_under_traffic its_namespace_ends lower_namespace_ends
ktap_end
