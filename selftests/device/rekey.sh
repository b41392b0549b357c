#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Make before break (design decision D6): keys change under traffic in both directions at once,
# and not one packet is lost to it.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

# Drops that a rekey could cause; none may be there.
no_drops() {
	local end drops

	for end in "$end1" "$end2"; do
		drops=$("$pair" drops "$end") || return
		# Before the keys were there, neighbours may have looked for each other.
		drops=$(grep -v -e '^tx-no-peer ' <<<"$drops")
		[ -z "$drops" ] || { echo "$end: $drops"; return 1; }
	done
}

# Loss in the summary of a ping: "N packets transmitted, N received, 0% packet loss".
lossless() {
	grep -q ' 0% packet loss' "$1" && return
	echo "$1: $(grep 'packet loss' "$1")"
	return 1
}

none_is_lost() {
	local rekeys=40 one two

	device_pair || return
	spawn /run/ping1 on ue1 ping -q -i 0.002 -c 3000 -W 5 10.0.0.2
	one=$spawned
	spawn /run/ping2 on ue2 ping -q -i 0.002 -c 3000 -W 5 -s 1000 10.0.0.1
	two=$spawned
	"$pair" rekey "$end1" "$end2" "$rekeys" 100 || return
	# Both ran through all of it.
	kill -0 "$one" && kill -0 "$two" || echo "the pings ended before the rekeys did"
	wait "$one" "$two"
	lossless /run/ping1 && lossless /run/ping2 && no_drops || return
	[ "$("$pair" assocs "$end1" | grep tx)" = "$((rekeys + 1)) tx" ]
}

tcp_both_ways() {
	device_pair && device_traffic || return
	"$pair" rekey "$end1" "$end2" 20 50 || return
	# It still flows, and nothing was dropped for want of a key.
	kill -0 "$spawned" || return
	no_drops
}

# The old ones go: with the grace time over, only the newest is there.
old_ones_go() {
	device_pair || return
	"$pair" rekey "$end1" "$end2" 5 10 || return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	wait_for 10 only_newest "$end1" && wait_for 10 only_newest "$end2"
}

only_newest() {
	[ "$("$pair" assocs "$1")" = "6 tx" ]
}

ktap_run none_is_lost tcp_both_ways old_ones_go
ktap_end
