#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# What is kept of a peer: over restarts of both daemons, when one end has lost it, when it cannot
# be opened, when the daemon is killed while it writes.

. "$(dirname "$0")/ues.sh"

# ended UE...: by SIGTERM, as a reboot does
ended() {
	local ue

	for ue; do
		stop "${pid[$ue]}"
	done
	for ue; do
		[ ! -e "/proc/${pid[$ue]}" ] && [ ! -e "$run/$ue.state" ] || return
		echo "--- restarted" >>"$OUT/$ue.log"
	done
}

# kd UE: KD ID
kd() {
	peer "$1" kd_id
}

# written UE: its store, a moment after there is something to keep
written() {
	wait_for 5 test -s "$run/$1.store"
}

# answers FILE: how many frames in clear ue2 sent: its part of a key establishment
answers() {
	local mac

	mac=$(ip -n ue2 -o link show eth0 | sed 's,.*link/ether \([^ ]*\).*,\1,')
	tcpdump -r "$1" -w "$1.ue2" "ether src $mac" 2>/dev/null && frames "$1.ue2" 28
}

# Both ended and started again: the next connection needs no key establishment, which would be
# in clear on LCID 28 behind the request.
kept_over_restarts() {
	local before

	ues 'connection-identities = "single-use"' && connect ue1 || return
	before=$(kd ue1)
	written ue1 && expect "mode of the store" "$(stat -c %a "$run/ue1.store")" 600 &&
		expect "KD IDs" "$(kd ue2)" "$before" && of ue1 release ue2 && ended ue1 ue2 &&
		daemon ue1 && daemon ue2 && expect state "$(peer ue1 state)" idle || return
	net_capture ue2 eth0 "$run/again.pcap" || return
	of ue1 connect ue2 && ping_ok ue1 && net_capture_end "$spawned" "$run/again.pcap.log" || return
	[ "$(frames "$run/again.pcap" 28)" -ge 1 ] &&
		expect "answers in clear" "$(answers "$run/again.pcap")" 0 &&
		expect "KD of ue1" "$(kd ue1)" "$before" && expect "KD of ue2" "$(kd ue2)" "$before" &&
		logged ue1 "by the KD both had" && logged ue2 "by the KD both had" || return

	# One end has lost it: a full connection, without anybody's help, from either side.
	of ue1 release ue2 && ended ue1 ue2 && rm "$run/ue2.store" && daemon ue1 && daemon ue2 &&
		connect ue1 && logged ue2 "by keying method certificate" || return
	[ "$(kd ue1)" != "$before" ] && ping_ok ue2 || return
	before=$(kd ue1)
	of ue1 release ue2 && ended ue1 ue2 && rm "$run/ue2.store" && daemon ue1 && daemon ue2 &&
		connect ue2 && [ "$(kd ue1)" != "$before" ] && ping_ok ue1 || return

	# One end's cannot be opened: said, set aside, and the same.
	of ue1 release ue2 && ended ue1 && printf 'x' >>"$run/ue1.store" && daemon ue1 &&
		logged ue1 "ue1.store: is damaged" && logged ue1 "set aside as $run/ue1.store.bad" &&
		[ -e "$run/ue1.store.bad" ] && of ue1 connect ue2 && ping_ok ue1
}

# A link that lives on in the kernel has its KD again.
adopted_with_kd() {
	local before

	ues && of ue1 connect ue2 || return
	before=$(kd ue1)
	written ue1 && wait_for 5 kept ue1 || return
	stop "${pid[ue1]}" KILL
	daemon ue1 && logged ue1 "taken over" && expect KD "$(kd ue1)" "$before" || return
	of ue1 rekey ue2 && of ue2 rekey ue1 && expect KD "$(kd ue1)" "$before" &&
		expect KD "$(kd ue2)" "$before" && ping_ok ue1
}

# Wiped by the user, and by a reload that does not want the peer any more.
forgotten() {
	local before

	ues && of ue1 connect ue2 || return
	before=$(kd ue1)
	says "release it first" of ue1 forget ue2 || return
	of ue1 release ue2 && of ue1 forget ue2 && expect state "$(peer ue1 state)" null &&
		says "Nothing is kept" of ue1 forget ue2 || return
	of ue1 connect ue2 && [ "$(kd ue1)" != "$before" ] || return
	of ue1 release ue2 || return
	cp "$run/ue1.conf" "$run/good.conf"
	sed -i '/^peer/,$d' "$run/ue1.conf"
	of ue1 reload && logged ue1 "is forgotten" && cp "$run/good.conf" "$run/ue1.conf" &&
		of ue1 reload && expect state "$(peer ue1 state)" null
}

# own_id UE: its Layer-2 ID, as the kernel has it
own_id() {
	ip -n "$1" -j link show prose0 | sed 's/.*"address":"\([0-9a-f:]*\)".*/\1/'
}

# Another Layer-2 ID for each connection, and no name: nothing in the frames of the second says
# that it is the UE of the first, and the peer knows it all the same.
another_layer_2_id() {
	local before i id old

	net_make ue1 ue2 && make_credentials &&
		configure ue1 'layer2-id = "random"' 'hide-identity = true' &&
		configure ue2 '# no peer' 'peer "urn:prose:ue1" { addresses = { "10.9.0.1" } }' || return
	echo "--- ${FUNCNAME[0]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2 && of ue1 connect ue2 && ping_ok ue1 || return
	before=$(kd ue1)
	for i in 1 2; do
		old=$(own_id ue1)
		of ue1 release ue2 || return
		net_capture ue2 eth0 "$run/other$i.pcap" || return
		of ue1 connect ue2 && ping_ok ue1 &&
			net_capture_end "$spawned" "$run/other$i.pcap.log" || return
		[ "$(own_id ue1)" != "$old" ] && expect "KD of ue1" "$(kd ue1)" "$before" &&
			expect "KD of ue2" "$(kd ue2)" "$before" || return
		# The octets of the old ID are in no frame, nor is the name. Three octets are among some
		# thousand ciphered ones by chance now and then, so ciphertext (LCID 30 and data, behind
		# header, KD-sess ID and SN) is left out.
		python3 - "$run/other$i.pcap" "$old" urn:prose:ue1 <<-'END' || return
			import struct, sys
			octets = open(sys.argv[1], "rb").read()
			old = bytes.fromhex(sys.argv[2].replace(":", ""))
			at, n = 24, 0
			while at < len(octets):
			    size, = struct.unpack_from("<I", octets, at + 8)
			    frame = octets[at + 16:at + 16 + size]
			    at += 16 + size
			    n += 1
			    if frame[12:14] == b"\x88\xb5" and frame[21] in (1, 30):
			        frame = frame[:27]
			    if old in frame:
			        sys.exit("the old Layer-2 ID is on the air")
			if n < 10:
			    sys.exit(f"no more than {n} frames were captured")
			name = sys.argv[3].encode().hex()
			if name[1:] in octets.hex():
			    sys.exit("the name is on the air")
		END
		IFS=: read -r -a id <<<"$(own_id ue1)"
		expect "link-local address" "$(ip -n ue1 -6 -o addr show dev prose0 scope link |
			awk '{ print $4 }')" "$(printf 'fe80::200:ff:fe%s:%x/64' "${id[0]}" "0x${id[1]}${id[2]}")" ||
			return
	done
}

# Killed at any time while it writes its store again and again: there is one each time, the
# link survives, and in the end both hold the same.
killed_while_writing() {
	local i before

	ues && of ue1 connect ue2 && wait_for 5 kept ue1 || return
	for i in 1 2 3 4 5; do
		of ue1 rekey --kd --no-wait ue2 || return
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
		stop "${pid[ue1]}" KILL
		daemon ue1 && logged ue1 "taken over" && ping_ok ue1 || return
		! logged ue1 "set aside" || return
	done
	wait_for 10 state_is ue2 connected && of ue1 rekey --kd ue2 && of ue1 release ue2 || return
	before=$(awk '/by the KD both had/ { n++ } END { print n + 0 }' "$OUT/ue1.log")
	of ue1 connect ue2 && ping_ok ue1 &&
		expect "connections by a KD both had" \
			"$(awk '/by the KD both had/ { n++ } END { print n + 0 }' "$OUT/ue1.log")" \
			$((before + 1))
}

ktap_run kept_over_restarts adopted_with_kd forgotten another_layer_2_id killed_while_writing
ktap_end
