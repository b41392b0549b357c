#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Overlay addresses: which of them a peer gets, how packets for it find the device, and that nothing
# of it is left when it is no longer wanted.

. "$(dirname "$0")/ues.sh"

link_local_of() {
	echo "fe80::200:ff:fe0a:b0${1#ue}"
}

# ue1 has a peer whose addresses lie in none of its own subnets, and ue2 the other way round.
outside() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 || return
	sed -i -e 's,"10.9.0.1/24","10.9.0.1/32"\, "fd00:1::1/128",' \
		-e 's,"10.9.0.2",& \, "fd00:2::2",' "$run/ue1.conf"
	sed -i -e 's,"10.9.0.2/24","10.9.0.2/32"\, "fd00:2::2/128",' \
		-e 's,"10.9.0.1",& \, "fd00:1::1",' "$run/ue2.conf"
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
}

# routes UE: to single hosts by prose0, of both families
routes() {
	{
		ip -n "$1" -4 route show dev prose0
		ip -n "$1" -6 route show dev prose0
	} | awk '$1 == "10.9.0.2" || $1 == "fd00:2::2" { print $1 }' | sort | tr '\n' ' '
}

# Every address that the peer named answers, and its link-local one, which came in the signalling.
both_families() {
	local ue other

	# shellcheck disable=SC2119 # no options
	ues && sed -i 's,"10.9.0.1/24",&\, "fd00::1/64",; s,"10.9.0.2",&\, "fd00::2",' "$run/ue1.conf" &&
		sed -i 's,"10.9.0.2/24",&\, "fd00::2/64",; s,"10.9.0.1",&\, "fd00::1",' "$run/ue2.conf" &&
		of ue1 reload && of ue2 reload && of ue1 connect ue2 || return
	for ue in ue1 ue2; do
		other=$(other_of "$ue")
		ping_ok "$ue" &&
			on "$ue" ping -q -c 2 -i 0.2 -W 5 "fd00::${other#ue}" >/dev/null &&
			on "$ue" ping -q -c 2 -i 0.2 -W 5 "$(link_local_of "$other")%prose0" >/dev/null ||
			return
		of "$ue" show | grep -q "$(link_local_of "$other")" || return
	done
}

# A packet for a peer that lives elsewhere than in our subnets comes to the device, and connects.
outside_of_subnets() {
	outside && daemon ue1 && daemon ue2 || return
	expect "routes" "$(routes ue1)" "10.9.0.2 fd00:2::2 " || return
	wait_for 20 on ue1 ping -q -c 1 -W 5 10.9.0.2 && on ue1 ping -q -c 2 -W 5 fd00:2::2 >/dev/null &&
		state_is ue1 connected || return
	# Released, the peer is one that may be connected to again: else its packets would leave
	# by another way, in clear.
	of ue1 release ue2 && expect "routes" "$(routes ue1)" "10.9.0.2 fd00:2::2 " || return
	# The kernel takes routes, and IPv6 addresses, off a device that goes down.
	ip -n ue1 link set prose0 down && expect "routes" "$(routes ue1)" "" &&
		ip -n ue1 link set prose0 up && wait_for 5 has_routes &&
		of ue1 connect ue2 && wait_for 10 linked ue2 &&
		on ue1 ping -q -c 2 -W 5 fd00:2::2 >/dev/null
}

has_routes() {
	[ "$(routes ue1)" = "10.9.0.2 fd00:2::2 " ]
}

# With the section, and when prosed ends, the routes go; the device was there before and stays.
routes_are_taken_away() {
	outside && ip -n ue1 link add link eth0 name prose0 type prose && daemon ue1 || return
	has_routes && sed -i 's,"10.9.0.2" \, "fd00:2::2","10.9.0.2",' "$run/ue1.conf" &&
		of ue1 reload && expect "routes" "$(routes ue1)" "10.9.0.2 " || return
	kill "${pid[ue1]}"
	wait "${pid[ue1]}"
	expect "routes" "$(routes ue1)" "" && ip -n ue1 link show prose0 >/dev/null || return
	expect "addresses" "$(ip -n ue1 -o address show dev prose0)" ""
}

# Killed, and started with another configuration: what the earlier run added is known, and what
# others added is left alone.
routes_of_a_killed_daemon() {
	outside && daemon ue1 && has_routes || return
	ip -n ue1 route add 203.0.113.7/32 dev prose0 || return
	stop "${pid[ue1]}" KILL
	sed -i 's,"10.9.0.2" \, "fd00:2::2","10.9.0.2",; s,\, "fd00:1::1/128",,' "$run/ue1.conf"
	daemon ue1 && expect "routes" "$(routes ue1)" "10.9.0.2 " || return
	ip -n ue1 route show dev prose0 | grep -q 203.0.113.7 || return
	! ip -n ue1 address show dev prose0 | grep fd00:1::1
}

# accept = "any-authenticated": a peer without a section gets the free addresses of our subnets that
# it asks for, and no others.
without_a_section() {
	net_make ue1 ue2 && make_credentials && configure ue1 'accept = "any-authenticated"' '# no peer' &&
		configure ue2 && echo "--- ${FUNCNAME[0]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log" &&
		daemon ue1 && daemon ue2 && of ue2 connect ue1 && ping_ok ue2 && ping_ok ue1 || return
	of ue2 release ue1 && sed -i 's,"10.9.0.2/24",&\, "10.8.0.2/24",' "$run/ue2.conf" &&
		of ue2 reload || return
	# It is told its addresses last, and lets the peer go again.
	of ue2 connect ue1
	wait_for 10 logged ue1 "10.8.0.2, which lies in none of our overlay subnets" &&
		wait_for 10 unlinked ue1 && wait_for 10 unlinked ue2
}

ktap_run both_families outside_of_subnets routes_are_taken_away routes_of_a_killed_daemon \
	without_a_section
ktap_end
