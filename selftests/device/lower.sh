#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lower devices of several kinds: a VLAN, a bridge, and the tap of a program that moves frames, as the
# stack of a radio does. Packets of all sizes go both ways, and each end learns where the other is.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"
net_needs tcpdump

# secured LOWER: prose0 of ue1 and ue2 over devices of that name.
secured() {
	local ns i=0

	for ns in ue1 ue2; do
		i=$((i + 1))
		ip -n "$ns" link add link "$1" name prose0 address "0a:0b:0$i" type prose &&
			on "$ns" sysctl -qw net.ipv6.conf.prose0.disable_ipv6=1 &&
			ip -n "$ns" link set prose0 up && ip -n "$ns" address add "10.0.0.$i/24" dev prose0 || return
	done
	"$pair" make "$end1" "$end2"
}

mtu() {
	on "$1" cat "/sys/class/net/$2/mtu"
}

# Pings of the least and the greatest size, and TCP, which has all of them.
carries() {
	local size end drops

	reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1 || return
	for size in 0 $(($(mtu ue1 prose0) - 28)); do
		if ! on ue1 ping -q -c 3 -i 0.05 -W 5 -M 'do' -s "$size" 10.0.0.2 >/dev/null ||
			! on ue2 ping -q -c 3 -i 0.05 -W 5 -M 'do' -s "$size" 10.0.0.1 >/dev/null; then
			echo "no answer to $size octets"
			return 1
		fi
	done
	rm -f /run/server
	spawn /run/server on ue2 iperf3 -s -1 --forceflush
	wait_for 20 grep -q listening /run/server || return
	on ue1 iperf3 -c 10.0.0.2 -n 1M >/run/client || { cat /run/client; return 1; }
	for end in "$end1" "$end2"; do
		drops=$("$pair" drops "$end") || return
		[ -z "$drops" ] || { echo "$end: $drops"; return 1; }
	done
}

over_vlan() {
	local ns

	net_modules prose && net_make ue1 ue2 || return
	for ns in ue1 ue2; do
		ip -n "$ns" link add link eth0 name eth0.5 type vlan id 5 &&
			on "$ns" sysctl -qw net.ipv6.conf.eth0/5.disable_ipv6=1 &&
			ip -n "$ns" link set eth0.5 up || return
	done
	secured eth0.5 && [ "$(mtu ue1 prose0)" = 1483 ] && carries || return
	# Tagged, on the wire.
	net_capture ue2 eth0 /run/wire.pcap || return
	reaches ue1 10.0.0.2 || return
	net_capture_end "$spawned" /run/wire.pcap.log || return
	[ -n "$(tcpdump -r /run/wire.pcap -nn 'vlan 5' 2>/dev/null)" ] &&
		[ -z "$(tcpdump -r /run/wire.pcap -nn 'not vlan' 2>/dev/null)" ]
}

over_bridge() {
	local ns

	net_modules prose && net_make ue1 ue2 || return
	for ns in ue1 ue2; do
		ip -n "$ns" link add br0 type bridge stp_state 0 mcast_snooping 0 forward_delay 0 &&
			on "$ns" sysctl -qw net.ipv6.conf.br0.disable_ipv6=1 &&
			ip -n "$ns" link set eth0 master br0 && ip -n "$ns" link set br0 up || return
	done
	secured br0 && carries
}

# Opens a tap and passes on what it sends, and what another of its kind passes on.
# shellcheck disable=SC2016 # it is Python's
relay='
import fcntl, os, select, socket, struct, sys
own, other = sys.argv[1:]
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", b"tap0", 0x1002))
link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
link.bind(own)
print("ready", flush=True)
while True:
    for ready in select.select([tap, link], [], [])[0]:
        if ready is link:
            os.write(tap, link.recv(65536))
        elif os.path.exists(other):
            link.sendto(os.read(tap, 65536), other)
        else:
            os.read(tap, 65536)
'

over_tap() {
	local ns other

	# Where it is built in, it is no module.
	net_modules tun
	net_modules prose && net_make ue1 ue2 || return
	for ns in ue1 ue2; do
		other=ue1
		[ "$ns" = ue2 ] || other=ue2
		ip -n "$ns" tuntap add dev tap0 mode tap && on "$ns" sysctl -qw net.ipv6.conf.tap0.disable_ipv6=1 &&
			ip -n "$ns" link set tap0 up || return
		rm -f "/run/radio.$ns"
		spawn "/run/relay.$ns" on "$ns" python3 -c "$relay" "/run/radio.$ns" "/run/radio.$other"
		wait_for 30 grep -q ready "/run/relay.$ns" || { cat "/run/relay.$ns"; return 1; }
	done
	secured tap0 && carries
}

ktap_run over_vlan over_bridge over_tap
ktap_end
