#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Several devices on one lower device: each has its own Layer-2 ID, peers and keys.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

# ue1 has prose1..prose3 on one eth0, ue2 one device for each.
three() {
	local i

	net_modules prose && net_make ue1 ue2 || return
	for i in 1 2 3; do
		one_more "$i" ue1 "0a:00:0$i" "10.0.$i.1" || return
		one_more "$i" ue2 "0b:00:0$i" "10.0.$i.2" || return
		"$pair" make "ue1/prose$i/10.0.$i.1" "ue2/prose$i/10.0.$i.2" || return
	done
}

one_more() {
	local i=$1 ns=$2 id=$3 address=$4

	ip -n "$ns" link add link eth0 name "prose$i" address "$id" type prose &&
		on "$ns" sysctl -qw "net.ipv6.conf.prose$i.disable_ipv6=1" &&
		ip -n "$ns" link set "prose$i" up &&
		ip -n "$ns" address add "$address/24" dev "prose$i"
}

packets() {
	net_stat "$1" "$2" rx_packets
}

side_by_side() {
	local i before

	three || return
	for i in 1 2 3; do
		reaches ue1 "10.0.$i.2" && reaches ue2 "10.0.$i.1" || return
	done
	# What is for one comes to that one only.
	before="$(packets ue2 prose1) $(packets ue2 prose3)"
	on ue1 ping -q -c 20 -i 0.01 10.0.2.2 >/dev/null || return
	[ "$before" = "$(packets ue2 prose1) $(packets ue2 prose3)" ] || return
	[ "$(packets ue2 prose2)" -ge 20 ]
}

no_drops_of_others() {
	local i end drops

	three || return
	for i in 1 2 3; do
		on ue1 ping -q -c 20 -i 0.01 "10.0.$i.2" >/dev/null || return
	done
	for i in 1 2 3; do
		for end in "ue1/prose$i/10.0.$i.1" "ue2/prose$i/10.0.$i.2"; do
			drops=$("$pair" drops "$end") || return
			[ -z "$drops" ] || { echo "$end: $drops"; return 1; }
		done
	done
}

one_of_them_goes() {
	three || return
	ip -n ue1 link del prose2 || return
	reaches ue1 10.0.1.2 && reaches ue1 10.0.3.2 || return
	! on ue2 ping -q -c 1 -W 1 10.0.2.1 >/dev/null || return
	one_more 2 ue1 0a:00:02 10.0.2.1 || return
	ip -n ue1 link del prose1 && ip -n ue1 link del prose3 || return
	"$pair" drops ue1/prose2/10.0.2.1 >/dev/null
}

lower_takes_all() {
	local i

	three || return
	ip -n ue2 link del eth0 || return
	for i in 1 2 3; do
		wait_for 10 gone ue1 "prose$i" && wait_for 10 gone ue2 "prose$i" || return
	done
}

gone() {
	! ip -n "$1" link show "$2"
}

many() {
	local i

	net_modules prose && net_make ue1 ue2 || return
	for i in $(seq 1 60); do
		ip -n ue1 link add link eth0 name "many$i" type prose || return
	done
	[ "$(ip -n ue1 -j link | grep -o '"ifname":"many' | wc -l)" = 60 ] || return
	[ "$(on ue1 sh -c 'cat /sys/class/net/many*/address' | sort -u | wc -l)" = 60 ]
}

ktap_run side_by_side no_drops_of_others one_of_them_goes lower_takes_all many
ktap_end
