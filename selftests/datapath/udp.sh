#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The udp carrier: making it and what is refused, both families, where a peer is, frames that are
# wrong, what the way does not take, loops, namespaces and modules that go. See udp.c.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/../device/device.sh"

udp=${PATH%%/bin:*}/selftests/datapath/udp

ip_path() {
	net_modules prose && net_make ue1 ue2 && net_ip_path
}

# udp_up NS LAYER-2-ID ADDRESS [KEY=VALUE]...: a device on udp, up.
udp_up() {
	local ns=$1 id=$2 address=$3
	shift 3

	"$udp" make "$ns" prose0 carrier=udp address="$id" "$@" || return
	on "$ns" sysctl -qw net.ipv6.conf.prose0.accept_dad=0
	ip -n "$ns" link set prose0 up && ip -n "$ns" address add "$address/24" dev prose0
}

# udp_pair REMOTE1 REMOTE2: two UEs that know where the other is to be found.
udp_pair() {
	udp_up ue1 0a:0b:0c 10.0.0.1 ${1:+remote=$1} &&
		udp_up ue2 0a:0b:0d 10.0.0.2 ${2:+remote=$2} &&
		"$pair" make "$end1" "$end2"
}

# drops NS NAME
drops() {
	"$udp" drops "$1" prose0 "$2"
}

shows() {
	local got

	got=$("$udp" show "$1" prose0) || return
	[ "$got" = "$2" ] && return
	echo "$1 shows '$got', not '$2'"
	return 1
}

creates() {
	ip_path || return
	"$udp" make ue1 prose0 carrier=udp || return
	is ue1 prose0 linkinfo.info_kind prose && is ue1 prose0 mtu 1435 || return
	shows ue1 "7800 unknown" || return
	ip -n ue1 link set prose0 up || return
	wait_for 5 is ue1 prose0 operstate UP || return
	ip -n ue1 link set prose0 mtu 8188 || return
	refuses 'mtu' ip -n ue1 link set prose0 mtu 8189 || return
	ip -n ue1 link del prose0 || return
	# Its port is free again.
	"$udp" make ue1 prose0 carrier=udp port=7801 remote=192.0.2.2 remote-port=7802 || return
	shows ue1 "7801 192.0.2.2:7802" || return
	ip -n ue1 link del prose0 || return
	"$udp" make ue1 prose0 carrier=udp link=eth0 local=192.0.2.1 remote=192.0.2.2 || return
	is ue1 prose0 link eth0 || return
	shows ue1 "7800 192.0.2.2:7800" || return
	ip -n ue1 link del prose0 || return
	"$udp" make ue1 prose0 carrier=udp local=2001:db8::1 remote=2001:db8::2 || return
	shows ue1 "7800 [2001:db8::2]:7800" || return
	ip -n ue1 link del prose0 || return
	"$udp" make ue1 prose0 carrier=udp link=eth0 remote=fe80::2 || return
	ip -n ue1 link del eth0 || return
	wait_for 5 gone ue1 prose0
}

gone() {
	! ip -n "$1" link show "$2"
}

# refuses_make TEXT KEY=VALUE...
refuses_make() {
	local text=$1
	shift

	refuses "$text" "$udp" make ue1 prose0 "$@"
}

refuses_settings() {
	ip_path || return
	refuses_make 'carrier|range' carrier=3 || return
	refuses_make 'attribute ethertype: is of the link carrier' carrier=udp ethertype=0x88b5 ||
		return
	refuses_make 'attribute pad: is of the link carrier' carrier=udp pad=1 || return
	refuses_make 'attribute port: is of the udp carrier' link=eth0 port=7800 || return
	refuses_make 'attribute local: is of the udp carrier' link=eth0 local=192.0.2.1 || return
	refuses_make 'attribute local6: is of the udp carrier' link=eth0 local=2001:db8::1 || return
	refuses_make 'attribute remote: is of the udp' link=eth0 carrier=link remote=192.0.2.2 || return
	refuses_make 'attribute remote6: is of the udp carrier' link=eth0 remote=2001:db8::2 || return
	refuses_make 'attribute remote-port: is of the udp carrier' link=eth0 remote-port=1 || return
	refuses_make 'attribute port: 0' carrier=udp port=0 || return
	refuses_make 'remote-port: there is no remote' carrier=udp remote-port=7 || return
	refuses_make 'attribute remote-port: 0 is none' carrier=udp remote=192.0.2.2 remote-port=0 || return
	refuses_make 'remote6: there is a remote' carrier=udp remote=192.0.2.2 \
		remote=2001:db8::2 || return
	refuses_make 'remote: not the address of one host' carrier=udp remote=0.0.0.0 || return
	refuses_make 'remote: not the address of one host' carrier=udp remote=224.0.0.1 || return
	refuses_make 'remote: not the address of one host' carrier=udp remote=255.255.255.255 || return
	refuses_make 'remote: not the address of one host' carrier=udp remote=:: || return
	refuses_make 'remote: not the address of one host' carrier=udp remote=ff02::1 || return
	refuses_make 'remote6: an IPv4 address' carrier=udp remote=::ffff:192.0.2.2 || return
	refuses_make 'remote: a link-local address needs a link' carrier=udp remote=fe80::2 || return
	refuses_make 'remote: the own address is of the other family' carrier=udp \
		local=192.0.2.1 remote=2001:db8::2 || return
	refuses_make 'local: not the address of one host' carrier=udp local=224.0.0.1 || return
	refuses_make 'local6: not the IPv6 address' carrier=udp local=::ffff:192.0.2.1 || return
	refuses_make 'local6: a link-local address needs a link' carrier=udp local=fe80::1 || return
	refuses_make 'local: not an address of this namespace' carrier=udp local=192.0.2.9 || return
	refuses_make 'local6: not an address of this namespace' carrier=udp local=2001:db8::9 || return
	net_modules tun
	ip -n ue1 tuntap add dev tun0 mode tun || return
	refuses_make 'link: not an Ethernet device.*carrier udp' link=tun0 || return
	! ip -n ue1 link show prose0 >/dev/null 2>&1 || return

	# Later.
	"$udp" make ue1 prose0 carrier=udp link=tun0 || return
	ip -n ue1 link set prose0 up || return
	refuses 'attribute carrier: a device keeps' "$udp" set ue1 prose0 carrier=link || return
	refuses 'attribute local: a device keeps' "$udp" set ue1 prose0 local=192.0.2.1 || return
	refuses 'attribute ethertype: is of the link' "$udp" set ue1 prose0 ethertype=0x88b6 || return
	refuses 'attribute ethertype: is of the link' "$udp" dev-set ue1 prose0 ethertype=0x88b6 ||
		return
	refuses 'remote: not the address of one host' "$udp" set ue1 prose0 remote=224.0.0.1 || return
	"$udp" set ue1 prose0 port=7810 remote=192.0.2.7 || return
	shows ue1 "7810 192.0.2.7:7810" || return
	"$udp" dev-set ue1 prose0 port=7811 remote-port=7812 || return
	shows ue1 "7811 192.0.2.7:7812"
}

ports() {
	ip_path || return
	spawn /run/held "$udp" hold ue1 7800
	wait_for 10 grep -q held /run/held || return
	refuses_make 'attribute port: in use.*Address already in use' carrier=udp || return
	"$udp" make ue1 prose0 carrier=udp port=7801 address=0a:0b:0c || return
	refuses 'attribute port: in use' "$udp" set ue1 prose0 port=7800 || return
	shows ue1 "7801 unknown" || return
	# Devices share a port, if they can be told apart.
	refuses 'address: another device' "$udp" make ue1 prose1 carrier=udp port=7801 \
		address=0a:0b:0c || return
	"$udp" make ue1 prose1 carrier=udp port=7801 address=0a:0b:0d || return
	# Not the same port of another address: the sockets would be in each other's way.
	refuses 'attribute port: in use' "$udp" make ue1 prose2 carrier=udp port=7801 \
		local=192.0.2.1 || return
	"$udp" make ue1 prose2 carrier=udp port=7802 address=0a:0b:0c || return
	refuses 'another device there has the same address' "$udp" set ue1 prose2 port=7801 || return
	stop "$spawned"
	"$udp" set ue1 prose2 port=7800
}

# both_ways REMOTE1 REMOTE2: whatever is inside goes over this path.
both_ways() {
	ip_path && udp_pair "$1" "$2" || return
	ip -n ue1 address add fd00::1/64 dev prose0 && ip -n ue2 address add fd00::2/64 dev prose0 ||
		return
	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	# As long as the MTU allows, and TCP.
	on ue1 ping -q -c 3 -i 0.05 -M 'do' -s 1407 10.0.0.2 >/dev/null || return
	spawn /run/server on ue2 iperf3 -s -1 --forceflush
	wait_for 10 grep -q listening /run/server || return
	on ue1 iperf3 -c 10.0.0.2 -n 2M >/run/client || { cat /run/client; return 1; }
	[ "$(drops ue1 tx-lower) $(drops ue1 rx-integrity) $(drops ue2 rx-integrity)" = "0 0 0" ] ||
		return
	[ "$(drops ue1 rx-short) $(drops ue1 tx-too-big) $(drops ue2 rx-reserved)" = "0 0 0" ]
}

over_ipv4() {
	both_ways 192.0.2.2 192.0.2.1
}

over_ipv6() {
	both_ways 2001:db8::2 2001:db8::1
}

# Who is found first tells by that where it is itself.
first_contact() {
	ip_path && udp_pair '' 192.0.2.1 || return
	[ "$("$udp" where ue1 prose0 0a0b0d)" = unknown ] || return
	! on ue1 ping -q -c 1 -W 1 10.0.0.2 >/dev/null || return
	[ "$(drops ue1 tx-no-carrier-addr)" -ge 1 ] || return
	reaches ue2 10.0.0.1 || return
	[ "$("$udp" where ue1 prose0 0a0b0d)" = 192.0.2.2:7800 ] || return
	reaches ue1 10.0.0.2
}

# The peer moves: another port, then another address. The other end follows.
moves() {
	ip_path && udp_pair 192.0.2.2 192.0.2.1 && reaches ue1 10.0.0.2 || return
	"$udp" set ue2 prose0 port=7900 || return
	reaches ue2 10.0.0.1 || return
	[ "$("$udp" where ue1 prose0 0a0b0d)" = 192.0.2.2:7900 ] || return
	reaches ue1 10.0.0.2 || return
	ip -n ue2 address add 192.0.2.3/24 dev eth0 &&
		ip -n ue2 address del 192.0.2.2/24 dev eth0 || return
	ip -n ue2 address show dev eth0 | grep -q 192.0.2.3 ||
		ip -n ue2 address add 192.0.2.3/24 dev eth0 || return
	reaches ue2 10.0.0.1 || return
	[ "$("$udp" where ue1 prose0 0a0b0d)" = 192.0.2.3:7900 ] || return
	reaches ue1 10.0.0.2
}

moves_under_traffic() {
	local port

	ip_path && udp_pair 192.0.2.2 192.0.2.1 && device_traffic || return
	for port in 7901 7902 7903 7800; do
		"$udp" set ue2 prose0 "port=$port" || return
		"$udp" set ue1 prose0 remote=2001:db8::2 "remote-port=$port" || return
		reaches ue2 10.0.0.1 && reaches ue1 10.0.0.2 || return
	done
}

by_hand() {
	ip_path && udp_up ue1 0a:0b:0c 10.0.0.1 && "$udp" "$1"
}

learns() {
	by_hand learns
}

malformed() {
	by_hand malformed
}

# A way that takes less than the device's MTU.
narrow() {
	ip_path && udp_pair 192.0.2.2 192.0.2.1 && reaches ue1 10.0.0.2 || return
	ip -n ue1 address add fd00::1/64 dev prose0 && ip -n ue2 address add fd00::2/64 dev prose0 ||
		return
	ip -n ue1 route replace 192.0.2.2 dev eth0 mtu 1380 || return
	# 1380 less 20, 8 and 17: an SDU of 1335. The sender is told.
	refuses 'mtu *= *1335|too long|100% packet loss' on ue1 ping -q -c 2 -i 0.2 -W 1 -M 'do' \
		-s 1400 10.0.0.2 || return
	[ "$(drops ue1 tx-too-big)" -ge 1 ] || return
	on ue1 ip route get 10.0.0.2 | grep -q 'mtu 1335' || return
	on ue1 ping -q -c 2 -i 0.05 -W 5 -M 'do' -s 1307 10.0.0.2 >/dev/null || return
	# What may be split is.
	on ue1 ping -q -c 2 -i 0.05 -W 5 -M dont -s 1400 10.0.0.2 >/dev/null || return
	# Below what every IPv6 link takes, packets are split around and not refused.
	ip -n ue1 route replace 192.0.2.2 dev eth0 mtu 1000 || return
	on ue1 ping -q -c 2 -i 0.05 -W 5 -M 'do' -s 1252 10.0.0.2 >/dev/null
}

# Ways that lead back into the device.
loops() {
	local before

	ip_path && udp_pair 10.0.0.2 192.0.2.1 || return
	! on ue1 ping -q -c 1 -W 1 10.0.0.2 >/dev/null || return
	[ "$(drops ue1 tx-lower)" -ge 1 ] || return
	# Over another device that is above it.
	"$udp" set ue1 prose0 remote=192.0.2.2 || return
	reaches ue1 10.0.0.2 || return
	ip -n ue1 link add vxlan0 type vxlan id 1 local 10.0.0.1 remote 10.0.0.2 dstport 4789 &&
		ip -n ue1 link set vxlan0 up || return
	ip -n ue1 route replace 192.0.2.2 dev vxlan0 || return
	ip -n ue1 neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev vxlan0 || return
	before=$(drops ue1 tx-lower) || return
	! on ue1 ping -q -c 3 -i 0.05 -W 1 10.0.0.2 >/dev/null || return
	# By us, each of them once, not by the kernel's last resort.
	[ "$(drops ue1 tx-lower)" -ge $((before + 3)) ] && ! dmesg | grep 'Dead loop' || return
	ip -n ue1 link del vxlan0 || return
	reaches ue1 10.0.0.2
}

# The sockets stay where they were made, and the device goes with them.
namespaces() {
	ip_path && net_namespace inner && udp_pair 192.0.2.2 192.0.2.1 && reaches ue1 10.0.0.2 ||
		return
	ip -n ue1 link set prose0 netns inner || return
	ip -n inner link set prose0 up && ip -n inner address add 10.0.0.1/24 dev prose0 || return
	reaches inner 10.0.0.2 && reaches ue2 10.0.0.1 || return
	spawn /run/ping1 on inner ping -q -f 10.0.0.2
	spawn /run/ping2 on ue2 ping -q -f 10.0.0.1
	ip netns del ue1 || return
	# Spawned programs that are in a namespace keep it; these are in others.
	wait_for 30 gone inner prose0 || return
	# And one that is elsewhere when its own ends.
	ip netns del ue2
}

module_goes() {
	net_destructive "unloads the module"
	(
		ip_path && udp_pair 192.0.2.2 2001:db8::1 && device_traffic || exit
		rmmod prose || exit
		gone ue1 prose0 2>/dev/null && gone ue2 prose0 2>/dev/null && [ ! -e /sys/module/prose ]
	) || return
	net_modules prose
}

ktap_run creates refuses_settings ports over_ipv4 over_ipv6 first_contact moves moves_under_traffic learns \
	malformed narrow loops namespaces module_goes
ktap_end
