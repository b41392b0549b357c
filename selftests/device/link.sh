#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rtnetlink: making a device with stock iproute2, what is refused and how that is said,
# Layer-2 ID, MTU, state of the lower device.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

one() {
	net_modules veth prose && net_make ue1 ue2
}

creates() {
	local first second

	one || return
	ip -n ue1 link add link eth0 name prose0 type prose || return
	is ue1 prose0 linkinfo.info_kind prose || return
	is ue1 prose0 mtu 1483 || return
	is ue1 prose0 link_type none || return
	first=$(on ue1 cat /sys/class/net/prose0/address)
	[[ $first =~ ^..:..:..$ && $first != 00:00:00 ]] || { echo "address $first"; return 1; }
	# Random unless it is given.
	ip -n ue1 link add link eth0 name prose1 type prose || return
	second=$(on ue1 cat /sys/class/net/prose1/address)
	[ "$first" != "$second" ] || { echo "both have $first"; return 1; }
	ip -n ue1 link add link eth0 name prose2 address 0a:0b:0c type prose || return
	[ "$(on ue1 cat /sys/class/net/prose2/address)" = 0a:0b:0c ] || return
	# The lower device is shown, and stays what it was.
	is ue1 prose0 link eth0 || return
	wait_for 5 is ue1 eth0 operstate UP || return
	ip -n ue1 link del prose0 && ip -n ue1 link del prose1 && ip -n ue1 link del prose2
}

refuses_bad_links() {
	one || return
	refuses 'link: a lower device is needed' \
		ip -n ue1 link add name prose0 type prose || return
	refuses 'link: loopback' ip -n ue1 link add link lo name prose0 type prose || return
	net_modules tun
	ip -n ue1 tuntap add dev tun0 mode tun || return
	refuses 'link: not an Ethernet device' \
		ip -n ue1 link add link tun0 name prose0 type prose || return
	ip -n ue1 link add link eth0 name prose0 type prose || return
	refuses 'link: a prose device carries no other' \
		ip -n ue1 link add link prose0 name prose1 type prose || return
	refuses 'mtu' ip -n ue1 link add link eth0 name prose1 mtu 1484 type prose || return
	ip -n ue1 link add link eth0 name prose1 mtu 1400 type prose || return
	is ue1 prose1 mtu 1400 || return
	refuses 'File exists' ip -n ue1 link add link eth0 name prose1 type prose || return
	# None of those that were refused is half there.
	[ "$(ip -n ue1 -j link | grep -o '"ifname":"prose' | wc -l)" = 2 ]
}

refuses_bad_addresses() {
	one || return
	refuses '3 octets|[Aa]ddress|Invalid' ip -n ue1 link add link eth0 name prose0 \
		address 02:00:00:00:00:01 type prose || return
	refuses "00:00:00" \
		ip -n ue1 link add link eth0 name prose0 address 00:00:00 type prose || return
	ip -n ue1 link add link eth0 name prose0 address 0a:0b:0c type prose || return
	refuses 'another device' \
		ip -n ue1 link add link eth0 name prose1 address 0a:0b:0c type prose || return
	ip -n ue1 link add link eth0 name prose1 address 0a:0b:0d type prose || return
	refuses 'another device' ip -n ue1 link set prose1 address 0a:0b:0c || return
	refuses '00:00:00|nobody' ip -n ue1 link set prose1 address 00:00:00 || return
	[ "$(on ue1 cat /sys/class/net/prose1/address)" = 0a:0b:0d ]
}

address_moves() {
	device_pair || return
	refuses 'associations' ip -n ue1 link set prose0 address 0a:0b:0e || return
	[ "$(on ue1 cat /sys/class/net/prose0/address)" = 0a:0b:0c ] || return
	reaches ue1 10.0.0.2 || return
	# A device without associations may change, up or down, but not to a peer's.
	ip -n ue1 link add link eth0 name prose1 address 0b:00:01 type prose || return
	ip -n ue1 link set prose1 address 0b:00:02 || return
	ip -n ue1 link set prose1 up || return
	ip -n ue1 link set prose1 address 0b:00:03 || return
	[ "$(on ue1 cat /sys/class/net/prose1/address)" = 0b:00:03 ]
}

follows_mtu() {
	device_pair || return
	ip -n ue1 link set eth0 mtu 1400 || return
	is ue1 prose0 mtu 1383 || return
	ip -n ue1 link set eth0 mtu 9000 || return
	is ue1 prose0 mtu 8188 || return
	ip -n ue1 link set eth0 mtu 1500 || return
	is ue1 prose0 mtu 1483 || return
	refuses 'mtu' ip -n ue1 link set prose0 mtu 1484 || return
	# What the user set lower stays, as long as the lower device carries it.
	ip -n ue1 link set prose0 mtu 1300 || return
	ip -n ue1 link set eth0 mtu 1600 || return
	is ue1 prose0 mtu 1300 || return
	ip -n ue1 link set eth0 mtu 1200 || return
	is ue1 prose0 mtu 1183 || return
	ip -n ue1 link set eth0 mtu 1500 || return
	is ue1 prose0 mtu 1300 || return
	reaches ue1 10.0.0.2 && on ue1 ping -q -c 1 -M 'do' -s 1272 10.0.0.2 >/dev/null
}

follows_state() {
	device_pair || return
	wait_for 5 is ue1 prose0 operstate UP || return
	ip -n ue1 link set eth0 down || return
	wait_for 5 no_carrier || return
	ip -n ue1 link set eth0 up || return
	# The other end has lost its carrier, too, and may find it later.
	wait_for 5 net_carrier ue1 prose0 && wait_for 10 reaches ue1 10.0.0.2 || return
	# Down itself: nothing is sent, nothing received; up again: as before.
	ip -n ue1 link set prose0 down || return
	! on ue2 ping -q -c 1 -W 1 10.0.0.1 >/dev/null || return
	ip -n ue1 link set prose0 up || return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1
}

no_carrier() {
	! net_carrier ue1 prose0
}

# A device that goes takes its peers along; one of the same name starts anew.
deletes() {
	device_pair || return
	ip -n ue1 link del prose0 || return
	ip -n ue1 link show eth0 >/dev/null || return
	prose_link ue1 0a:0b:0c 10.0.0.1/24 || return
	[ -z "$("$pair" assocs "$end1")" ] || { echo "associations outlived the device"; return 1; }
	! on ue1 ping -q -c 1 -W 1 10.0.0.2 >/dev/null
}

ktap_run creates refuses_bad_links refuses_bad_addresses address_moves follows_mtu follows_state \
	deletes
ktap_end
