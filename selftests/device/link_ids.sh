#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Layer-2 IDs of a link change under traffic, and stay when the device's own changes or the device
# moves to another port of the carrier.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"
net_needs tcpdump

# ids END END LOCAL REMOTE: see pair.c.
ids() {
	"$pair" ids "$@"
}

# Both ends with IDs of the link: first each takes what the other is going to send to.
linked() {
	ids "$end1" "$end2" 0x0c0001 - && ids "$end2" "$end1" 0x0c0002 - &&
		ids "$end1" "$end2" - 0x0c0002 && ids "$end2" "$end1" - 0x0c0001
}

# Pings both ways, in the background, until both_end.
pings() {
	spawn /run/ping1 on ue1 ping -n -i 0.005 -W 5 10.0.0.2
	one=$spawned
	spawn /run/ping2 on ue2 ping -n -i 0.005 -W 5 -s 1000 10.0.0.1
	two=$spawned
}

both_end() {
	local status=0

	pings_end "$one" /run/ping1 || status=1
	pings_end "$two" /run/ping2 || status=1
	return "$status"
}

# Nothing that was sent to an own ID is under way any more once a ping behind it has come back.
next_ids() {
	local n=$1

	ids "$end1" "$end2" - 0 && ids "$end2" "$end1" - 0 &&
		reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 &&
		ids "$end1" "$end2" $((0x0c0100 + n)) - && ids "$end2" "$end1" $((0x0c0200 + n)) - &&
		ids "$end1" "$end2" - $((0x0c0200 + n)) && ids "$end2" "$end1" - $((0x0c0100 + n)) &&
		reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1
}

# The source and destination of frames on the wire.
on_the_wire() {
	on ue1 timeout 60 tcpdump -Z root -i eth0 -c 20 -w /run/wire.pcap ether proto 0x88b5 2>/dev/null
	python3 - <<'END'
import struct
data = open('/run/wire.pcap', 'rb').read()[24:]
seen = set()
while data:
    length = struct.unpack('<I', data[8:12])[0]
    frame = data[16:16 + length]
    seen.add((frame[15:18].hex(), frame[18:21].hex()))
    data = data[16 + length:]
print(' '.join(sorted('>'.join(pair) for pair in seen)))
END
}

change_under_traffic() {
	local i

	device_pair || return
	pings
	linked || return
	for i in $(seq 1 10); do
		next_ids "$i" || return
	done
	kill -0 "$one" && kill -0 "$two" || return
	both_end || return
	# The association is the one that there was.
	[ "$("$pair" assocs "$end1")" = "1 tx" ]
}

seen_on_the_wire() {
	local seen

	device_pair && linked || return
	pings
	seen=$(on_the_wire)
	both_end || return
	[ "$seen" = "0c0001>0c0002 0c0002>0c0001" ] && return
	echo "seen: $seen"
	return 1
}

# Who is known by the link's IDs can have another address.
address_changes() {
	device_pair || return
	refuses "the device has associations" ip -n ue1 link set prose0 address 0a:00:77 || return
	ids "$end1" "$end2" 0x0c0001 - || return
	refuses "the device has associations" ip -n ue1 link set prose0 address 0a:00:77 || return
	linked || return
	refuses "is the local-l2-id of a peer" ip -n ue1 link set prose0 address 0c:00:01 || return
	pings
	ip -n ue1 link set prose0 address 0a:00:77 && reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 &&
		ip -n ue2 link set prose0 address 0a:00:78 && reaches ue1 10.0.0.2 &&
		reaches ue2 10.0.0.1 || return
	both_end && is ue1 prose0 address 0a:00:77
}

# An ID of a link is taken for all on the carrier.
taken_on_the_port() {
	device_pair && linked || return
	refuses "another device on the carrier has it" \
		ip -n ue1 link add link eth0 name prose1 address 0c:00:01 type prose || return
	ip -n ue1 link add link eth0 name prose1 address 0a:00:99 type prose || return
	refuses "another device on the carrier has it" \
		ip -n ue1 link set prose1 address 0c:00:01 || return
	ip -n ue1 link set prose0 down
	ip -n ue1 link del prose0 || return
	ip -n ue1 link set prose1 address 0c:00:01
}

# The link's IDs move along, and not where another has one of them.
port_moves() {
	local other1=ue1/prose1/10.1.0.1 other2=ue2/prose1/10.1.0.2 ns

	device_pair && linked || return
	for ns in ue1 ue2; do
		ip -n "$ns" link add link eth0 name prose1 type prose &&
			ip -n "$ns" link set prose1 up || return
	done
	"$pair" ethertype "$other1" 0x88b6 && "$pair" ethertype "$other2" 0x88b6 || return
	"$pair" make "$other1" "$other2" && ids "$other1" "$other2" 0x0c0001 - || return
	refuses "another device there has the local-l2-id of a peer" \
		"$pair" ethertype "$end1" 0x88b6 || return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	"$pair" unmake "$other1" "$other2" || return
	"$pair" ethertype "$end1" 0x88b6 && "$pair" ethertype "$end2" 0x88b6 || return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	# What was left behind is free.
	ip -n ue1 link add link eth0 name prose2 address 0c:00:01 type prose
}

# Two devices on one port, by a hub that sends back what it gets: the remote ID of each is the
# local one of the other.
each_others() {
	local end1=ue1/prose0/10.0.0.1 end2=ue2/prose1/10.0.0.2

	net_modules prose bridge veth && net_namespace ue1 && net_namespace ue2 && net_namespace hub ||
		return
	ip -n ue1 link add eth0 type veth peer name port netns hub &&
		ip -n hub link add hub type bridge mcast_snooping 0 &&
		ip -n hub link set port master hub &&
		ip -n hub link set port type bridge_slave hairpin on &&
		ip -n hub link set hub up && ip -n hub link set port up && net_quiet ue1 eth0 || return
	wait_for 5 net_carrier ue1 eth0 || return
	ip -n ue1 link add link eth0 name prose1 address 0a:0b:0d type prose &&
		ip -n ue1 link set prose1 netns ue2 &&
		ip -n ue2 link set prose1 up && ip -n ue2 address add 10.0.0.2/24 dev prose1 &&
		prose_link ue1 0a:0b:0c 10.0.0.1/24 || return
	"$pair" make "$end1" "$end2" && wait_for 20 reaches ue1 10.0.0.2 || return
	linked && reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	refuses "in use on the carrier" ids "$end1" "$end2" 0x0c0002 -
}

ktap_run change_under_traffic seen_on_the_wire address_changes taken_on_the_port port_moves each_others
ktap_end
