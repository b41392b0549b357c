#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Layer-2 IDs of links: what is on the carrier after a setup does not say whose it is.

. "$(dirname "$0")/ues.sh"

# seen FILE LCID: the pairs of Layer-2 IDs, lower one first, that frames of a bearer are under
seen() {
	tcpdump -r "$1" -n -x ether proto 0x88b5 2>/dev/null |
		awk -v lcid="$2" '/0x0000:/ && substr($5, 3, 2) == sprintf("%02x", lcid) {
			src = substr($2, 3, 2) $3; dst = $4 substr($5, 1, 2)
			print src < dst ? src " " dst : dst " " src }' | sort -u
}

ids() {
	echo "$(peer "$1" link_layer2_ids.local) $(peer "$1" link_layer2_ids.remote)"
}

# Data, keepalives, rekeying and the release of two links, one after the other.
unlinkable() {
	local i

	ues 'timers { t4102-ms = 1000 }' || return
	for i in 1 2; do
		net_capture ue2 eth0 "$run/link$i.pcap" || return
		of ue1 connect ue2 && ping_ok ue1 && of ue2 rekey ue1 && of ue1 rekey --kd ue2 && ping_ok ue2 || return
		[ "$(ids ue1)" != " " ] &&
			expect "Layer-2 IDs" "$(ids ue2)" "$(ids ue1 | awk '{ print $2, $1 }')" || return
		of ue1 release ue2 && net_capture_end "$spawned" "$run/link$i.pcap.log" || return
		# one pair, and it is not that of the devices, which the setup was under
		expect "pairs of the data" "$(seen "$run/link$i.pcap" 1 | wc -l)" 1 &&
			expect "pairs of the setup" "$(seen "$run/link$i.pcap" 28)" "0a0b01 0a0b02" &&
			! seen "$run/link$i.pcap" 1 | grep -q 0a0b0 || return
		seen "$run/link$i.pcap" 30 | grep -qFx "$(seen "$run/link$i.pcap" 1)" || return
	done
	! seen "$run/link1.pcap" 1 | tr ' ' '\n' | grep -qFf <(seen "$run/link2.pcap" 1 | tr ' ' '\n')
}

# declined UE: that end does not want them, and that is enough
declined() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 &&
		sed -i '1i link-layer2-ids = false' "$run/$1.conf" || return
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2 && net_capture ue2 eth0 "$run/declined.pcap" || return
	of ue1 connect ue2 && ping_ok ue1 && ping_ok ue2 && expect "Layer-2 IDs" "$(ids ue1)" " " || return
	net_capture_end "$spawned" "$run/declined.pcap.log" || return
	expect "pairs of the data" "$(seen "$run/declined.pcap" 1)" "0a0b01 0a0b02"
}

declined_by_ue_1() {
	declined ue1
}

declined_by_ue_2() {
	declined ue2
}

# A daemon that is killed finds the link again with them, and both kinds of rekeying go on.
taken_over() {
	local before ue

	ues && of ue1 connect ue2 && ping_ok ue1 && wait_for 5 kept ue1 && wait_for 5 kept ue2 || return
	before=$(ids ue1)
	for ue in ue1 ue2; do
		stop "${pid[$ue]}" KILL
		on ue1 ping -q -c 2 -i 0.2 -W 5 10.9.0.2 >/dev/null || return
		daemon "$ue" && logged "$ue" "taken over" || return
	done
	expect "Layer-2 IDs" "$(ids ue1)" "$before" && of ue1 rekey --kd ue2 && of ue2 rekey ue1 &&
		ping_ok ue1 && expect "Layer-2 IDs" "$(ids ue1)" "$before"
}

# One end loses all it had of a link and sets it up anew, beside what the other still has.
anew() {
	local before

	ues && of ue1 connect ue2 && ping_ok ue1 || return
	before=$(ids ue1)
	stop "${pid[ue1]}" KILL
	rm -f "$run/ue1.state"
	ip -n ue1 link del prose0 && daemon ue1 && of ue1 connect ue2 && ping_ok ue1 && ping_ok ue2 &&
		[ "$(ids ue1)" != "$before" ] &&
		expect "Layer-2 IDs" "$(ids ue2)" "$(ids ue1 | awk '{ print $2, $1 }')"
}

ktap_run unlinkable declined_by_ue_1 declined_by_ue_2 taken_over anew
ktap_end
