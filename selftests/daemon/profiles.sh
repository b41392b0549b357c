#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Policies: both ends agree on one, or there is no link.

. "$(dirname "$0")/ues.sh"

key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

# differ PART LINE1 LINE2: each end with an option of its own; no link, and a reason.
differ() {
	net_make ue1 ue2 && make_credentials && configure ue1 "$2" && configure ue2 "$3" || return
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2 && says "failed:" of ue1 connect ue2 || return
	expect cause "$(peer ue1 last_failure.cause)" 7 &&
		expect associations "$(of ue1 show -j | grep -c '"sends": true')" 0 &&
		peer ue2 last_failure.text >"$run/said" || return
	grep -qiF -- "$1" "$run/said" && return
	echo "ue2 says '$(cat "$run/said")', without '$1'"
	return 1
}

rel12() {
	ues 'profile = "rel12"' && of ue1 connect ue2 && ping_ok ue1 &&
		expect "user-plane integrity" "$(peer ue1 user_plane_integrity)" False
}

sess_id() {
	ues 'count = "sess-id"' && of ue1 connect ue2 && ping_ok ue1 && of ue1 rekey ue2 &&
		ping_ok ue2 && expect COUNT "$(peer ue1 count)" sess-id || return
	# COUNT = KD-sess ID || SN
	expect "first COUNT" "$(of ue1 show -j | sed -n 's/.*"count_start": \([0-9]*\).*/\1/p' | tail -n 1)" \
		$((0x$(peer ue1 kd_sess_id) << 16 | 1))
}

eea0() {
	ues 'ciphering = { "eea0" }' && of ue1 connect ue2 && ping_ok ue1 &&
		expect ciphering "$(peer ue1 ciphering)" eea0
}

# with_algorithms EEA EIA: the kernel finds the modules by itself, and a decoder that shares
# nothing with them reads what is on the carrier.
with_algorithms() {
	local decode=${PATH%%/bin:*}/selftests/decode/decode

	ues "ciphering = { \"$1\" }" "integrity = { \"$2\" }" "key-log = \"$run/$1.keys\"" &&
		net_capture ue1 eth0 "$run/$1.pcap" && of ue1 connect ue2 && ping_ok ue1 &&
		on ue1 ping -q -c 4 -i 0.2 -s 1200 10.9.0.2 >/dev/null &&
		of ue2 rekey ue1 && ping_ok ue2 && expect ciphering "$(peer ue1 ciphering)" "$1" &&
		expect integrity "$(peer ue1 integrity)" "$2" && of ue1 release ue2 &&
		net_capture_end "$spawned" "$run/$1.pcap.log" || return
	if ! "$decode" --key-log "$run/$1.keys" "$run/$1.pcap" >"$run/$1.decoded" 2>&1 ||
		[ "$(sed -n 's/.* \([0-9]*\) MACs verified.*/\1/p' "$run/$1.decoded")" -lt 16 ]; then
		cat "$run/$1.decoded"
		return 1
	fi
}

snow3g() {
	with_algorithms eea1 eia1
}

zuc() {
	with_algorithms eea3 eia3
}

# psk_ues [OPTION-LINE...]: both with a provisioned key instead of a certificate
psk_ues() {
	local ue

	net_make ue1 ue2 || return
	(umask 077; printf 'urn:prose:ue1 %s\nurn:prose:ue2 %s\n' "$key" "$key" >"$run/psk")
	for ue in ue1 ue2; do
		configure "$ue" '# no certificate' "identity = \"urn:prose:$ue\"" \
			'psk { file = "psk" }' "$@" || return
	done
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2
}

by_psk() {
	psk_ues && of ue1 connect ue2 && ping_ok ue1 && of ue1 rekey ue2 && of ue2 rekey --kd ue1 &&
		ping_ok ue2 && expect method "$(peer ue1 method)" psk
}

strict_24334() {
	psk_ues 'strict-24334 = true' && of ue1 connect ue2 && ping_ok ue1 && of ue1 rekey ue2 &&
		of ue1 release ue2
}

wrong_psk() {
	psk_ues || return
	(umask 077; echo "urn:prose:ue2 ${key//0/f}" >"$run/psk")
	of ue1 reload && says "failed:" of ue1 connect --wait=60 ue2 &&
		expect associations "$(of ue1 show -j | grep -c '"sends": true')" 0
}

rekeyed_twice() {
	[ "$(peer ue1 rekeys)" -ge 2 ]
}

# 65 535 packets for each key: well before, a new one is there, and nothing is lost. How many packets go
# out while a rekey is under way is a matter of the machine, but not ten times as many as ask for it.
soft_limit_rekeys() {
	ues 'rekey-packets = 200' && connect ue1 || return
	spawn "$run/flood" on ue1 ping -n -i 0.01 -W 5 10.9.0.2
	wait_for 20 pings_beyond "$run/flood" 400 && wait_for 40 rekeyed_twice || return
	! pings_beyond "$run/flood" 4000 || {
		echo "rekeyed twice within $(pings_answered "$run/flood" | wc -l) packets"
		return 1
	}
	pings_end "$spawned" "$run/flood"
}

profiles_differ() {
	differ 'Integrity of user data is required to it and not needed' 'profile = "full"' 'profile = "rel12"'
}

counts_differ() {
	differ 'counts by profile hfn' 'count = "hfn"' 'count = "sess-id"'
}

# A peer's addresses are those configured for it, and no others.
address_not_configured() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 'addresses = { "10.9.0.77/24" }' || return
	daemon ue1 && daemon ue2 || return
	says "failed:" of ue1 connect ue2 || return
	expect associations "$(of ue1 show -j | grep -c '"sends": true')" 0 || return
	of ue1 show | grep -q '10.9.0.77'
}

any_authenticated() {
	ues '# no peer' 'accept = "any-authenticated"' && of ue1 connect 0a:0b:02 && ping_ok ue1 &&
		expect "who" "$(peer ue1 identity)" urn:prose:ue2
}

not_configured() {
	ues '# no peer' || return
	says "No peer with Layer-2 ID" of ue1 connect 0a:0b:02
}

ktap_run rel12 sess_id eea0 snow3g zuc by_psk strict_24334 wrong_psk soft_limit_rekeys profiles_differ \
	counts_differ address_not_configured any_authenticated not_configured
ktap_end
