#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Two daemons over the udp carrier: who knows where the other is connects, who does not answers to
# where that came from.

. "$(dirname "$0")/ues.sh"

# udp_ues REMOTE: an IP path, and ue1 that is told to look for others at REMOTE.
udp_ues() {
	net_make ue1 ue2 && net_ip_path && make_credentials || return
	configure ue1 "udp { remote = \"$1\" }" && configure ue2 "udp { }" || return
	# The sockets are bound to no device.
	sed -i '/^lower/d' "$run/ue1.conf" "$run/ue2.conf"
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2
}

# device UE NAME: a member of the device in prose show -j
device() {
	of "$1" show -j | python3 -c '
import json, sys
print(json.load(sys.stdin)["device"].get(sys.argv[1]))' "$2"
}

connects() {
	udp_ues "$1" && of ue1 connect ue2 && ping_ok ue1 && ping_ok ue2 &&
		expect "state of ue1" "$(peer ue1 state)" connected &&
		expect "state of ue2" "$(peer ue2 state)" connected &&
		expect carrier "$(device ue1 carrier)" udp &&
		expect port "$(device ue2 port)" 7800 &&
		expect remote "$(device ue1 remote)" "$2" &&
		expect "no remote" "$(device ue2 remote)" None &&
		expect "where ue2 is" "$(peer ue1 carrier_address)" "$2" &&
		expect "where ue1 is" "$(peer ue2 carrier_address)" "$3" &&
		of ue2 rekey ue1 && of ue1 rekey --kd ue2 && ping_ok ue1
}

connects_over_ipv4() {
	connects 192.0.2.2 192.0.2.2:7800 192.0.2.1:7800
}

connects_over_ipv6() {
	connects '[2001:db8::2]:7800' '[2001:db8::2]:7800' '[2001:db8::1]:7800'
}

refuses_a_port_in_use() {
	net_make ue1 ue2 && make_credentials && configure ue1 "udp { }" || return
	sed -i '/^lower/d' "$run/ue1.conf"
	spawn "$run/held" on ue1 python3 -c '
import signal, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 7800))
print("held", flush=True)
signal.pause()'
	wait_for 10 grep -q held "$run/held" || return
	says 'UDP port 7800 is in use' on ue1 prosed -c "$run/ue1.conf"
}

ktap_run connects_over_ipv4 connects_over_ipv6 refuses_a_port_in_use
ktap_end
