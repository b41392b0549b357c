#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# What daemons and module put on a carrier, read by those who look: `prose decode` opens all of it, as
# much as the independent decoder does, and Wireshark's dissectors understand every frame, ciphered
# and deciphered.

. "$(dirname "$0")/ues.sh"

wireshark=$here/../wireshark
decode=${PATH%%/bin:*}/selftests/decode/decode
[ -e "$wireshark/judge.py" ] || ktap_skip_all "selftests/wireshark is not here"
net_needs tshark
[ -x "$decode" ] || ktap_skip_all "$decode is not built; 'make tests' builds it"

key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

# A link's life: setup, traffic, both kinds of rekey, release.
live() {
	of ue1 connect ue2 && ping_ok ue1 && on ue2 ping -q -c 3 -i 0.2 -s 1200 10.9.0.1 >/dev/null &&
		of ue2 rekey ue1 && ping_ok ue2 && of ue1 rekey --kd ue2 && ping_ok ue1 &&
		of ue1 release ue2
}

# member FILE NAME
member() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

# opened CAPTURE: by both. Key logs are those of both UEs; one is enough for the product.
opened() {
	local opened

	"$decode" --udp-port 7800 --key-log "$run/ue1.keys" --key-log "$run/ue2.keys" --json "$run/theirs" \
		"$1" >"$run/said" 2>&1 || {
		cat "$run/said"
		return 1
	}
	prose decode -v -k "$run/ue2.keys" -j "$1" "$run/clear.pcap" >"$run/ours" || return
	opened=$(($(member "$run/ours" verified) + $(member "$run/ours" without_mac)))
	expect "frames that are opened" "$opened" "$(member "$run/theirs" decoded)" || return
	# 3 pings of each of 4 commands and their answers, and the signalling.
	[ "$opened" -ge 36 ] || {
		echo "no more than $opened frames"
		return 1
	}
}

# understood CAPTURE: by tshark, ciphered and deciphered. Where the processor is emulated that takes
# longer than all the rest.
understood() {
	opened "$1" && "$wireshark/judge.py" "$1" &&
		"$wireshark/judge.py" --json "$run/shown" "$run/clear.pcap" &&
		expect "frames shown as ciphered" "$(member "$run/shown" ciphered)" 0 || return
	# What is not signalling is a packet.
	expect "user data and signalling" \
		$(($(member "$run/shown" user_data_shown) + $(member "$run/shown" signalling_shown))) \
		"$(member "$run/shown" on_the_carrier)"
}

# start: both daemons as configured, each with a key log of its own
start() {
	local ue

	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	for ue in ue1 ue2; do
		rm -f "$run/$ue.keys"
		daemon "$ue" --key-log "$run/$ue.keys" || return
	done
}

# captured NAME: the life of a link
captured() {
	start && net_capture ue1 eth0 "$run/$1.pcap" && live && net_capture_end "$spawned" "$run/$1.pcap.log"
}

link_carrier() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 && captured link &&
		understood "$run/link.pcap"
}

link_carrier_by_psk() {
	local ue

	net_make ue1 ue2 || return
	(umask 077; printf 'urn:prose:ue1 %s\nurn:prose:ue2 %s\n' "$key" "$key" >"$run/psk")
	for ue in ue1 ue2; do
		configure "$ue" '# no certificate' "identity = \"urn:prose:$ue\"" 'psk { file = "psk" }' \
			'profile = "rel12"' 'ciphering = { "eea3" }' 'integrity = { "eia3" }' || return
	done
	captured psk && opened "$run/psk.pcap"
}

udp_carrier() {
	net_make ue1 ue2 && net_ip_path && make_credentials || return
	configure ue1 'udp { remote = "[2001:db8::2]:7800" }' && configure ue2 "udp { }" || return
	# The sockets are bound to no device.
	sed -i '/^lower/d' "$run/ue1.conf" "$run/ue2.conf"
	captured udp && understood "$run/udp.pcap"
}

ktap_run link_carrier link_carrier_by_psk udp_carrier
ktap_end
