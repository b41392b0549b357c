#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Isolated one-to-one communication of TS 24.334: two daemons under strict-24334 with keys from a KMS and
# method eccsi-sakke. Connection, traffic, both rekeyings, a restart, whom the KMS has denied, and a peer that
# has a provisioned key only.
#
# Minutes of public-key work on an emulated processor that does other things, too.
# vm/run: --timeout 1800

. "$(dirname "$0")/identities.sh"

key=$(printf '%064d' 7)
keyed='mikey-sakke {
	communities = { "kms.public" }
	keys = { "UE.keys" }
	deny = { "kms.deny" }
}'
provisioned='psk { file = "psk" }'

# A KMS, keys of this month and of the one that may begin meanwhile, a deny list with nobody on it, a
# provisioned key.
make_keys() {
	local when months

	mapfile -t months < <(for when in now 'now + 1 hour'; do date -u -d "$when" +%Y-%m; done | sort -u)
	(umask 077; printf 'urn:prose:ue1 %s\nurn:prose:ue2 %s\n' "$key" "$key" >"$run/psk")
	make_kms && keys ue1 "${months[@]}" && keys ue2 "${months[@]}"
}

# isolated UE SECTION...: the daemon of that UE, with these credentials
isolated() {
	local ue=$1
	shift

	configure "$ue" '# no certificate' 'strict-24334 = true' "identity = \"urn:prose:$ue\"" \
		"$patient" "${@//UE/$ue}" && daemon "$ue"
}

begin() {
	net_make ue1 ue2 && make_keys || return
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
}

both() {
	begin && isolated ue1 "$keyed" && isolated ue2 "$keyed"
}

same_kd() {
	expect "one KD-sess" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)" &&
		expect "one KD" "$(peer ue1 kd_id)" "$(peer ue2 kd_id)" &&
		expect "method of ue1" "$(peer ue1 method)" "$1" &&
		expect "method of ue2" "$(peer ue2 method)" "$1"
}

# No messages but those of the standard: the first one of ue2 is the COMMAND, which is protected.
connects_strictly() {
	local mac

	both && net_capture ue1 eth0 "$run/setup.pcap" && of ue1 connect ue2 &&
		net_capture_end "$spawned" "$run/setup.pcap.log" || return
	mac=$(ip -n ue2 -o link show eth0 | sed 's,.*link/ether \([^ ]*\).*,\1,')
	tcpdump -r "$run/setup.pcap" -w "$run/ue2.pcap" "ether src $mac" 2>/dev/null &&
		expect "of ue2 without protection" "$(frames "$run/ue2.pcap" 28)" 0 &&
		[ "$(frames "$run/ue2.pcap" 29)" -ge 1 ] && [ "$(frames "$run/setup.pcap" 28)" -ge 1 ] ||
		return
	ping_ok ue1 && ping_ok ue2 && same_kd eccsi-sakke &&
		expect "who ue2 is" "$(peer ue1 identity)" urn:prose:ue2 &&
		expect "who ue1 is" "$(peer ue2 identity)" urn:prose:ue1 &&
		expect "proved" "$(peer ue1 authenticated)" True || return
	of ue2 release ue1 && wait_for 5 state_is ue1 idle && of ue2 connect ue1 && ping_ok ue1
}

rekeys() {
	local before

	both && of ue1 connect ue2 && before=$(peer ue1 kd_id) && of ue1 rekey ue2 && ping_ok ue1 &&
		of ue2 rekey ue1 && ping_ok ue2 &&
		expect "KD after KD-sess only" "$(peer ue1 kd_id)" "$before" || return
	of ue1 rekey --kd ue2 && ping_ok ue1 && [ "$(peer ue1 kd_id)" != "$before" ] || return
	before=$(peer ue1 kd_id)
	of ue2 rekey --kd ue1 && ping_ok ue2 && [ "$(peer ue1 kd_id)" != "$before" ] &&
		same_kd eccsi-sakke
}

# Killed: the next one finds the link and what its KD came from, so that a new KD can be made.
restarts() {
	both && of ue1 connect ue2 && ping_ok ue1 && wait_for 5 kept ue1 || return
	stop "${pid[ue1]}" KILL
	daemon ue1 && logged ue1 "taken over" && state_is ue1 connected && ping_ok ue1 &&
		of ue1 rekey --kd ue2 && ping_ok ue2 && wait_for 5 kept ue2 || return
	stop "${pid[ue2]}" KILL
	daemon ue2 && of ue1 rekey --kd ue2 && of ue2 rekey --kd ue1 && ping_ok ue1 &&
		same_kd eccsi-sakke
}

denied() {
	both && of ue1 connect ue2 && ping_ok ue1 && prose-kms revoke "$run/kms" urn:prose:ue1 >/dev/null &&
		deny && wait_for 60 failure_says ue2 "KMS kms.example.org has denied urn:prose:ue1" || return
	wait_for 20 eval '! state_is ue1 connected' && refused "has denied urn:prose:ue1" ue2
}

# ue1 can do either, and ue2 has a provisioned key only.
beside_psk() {
	begin && isolated ue1 "$keyed" "$provisioned" && isolated ue2 "$provisioned" &&
		of ue1 connect ue2 && ping_ok ue1 && same_kd psk && of ue2 release ue1 &&
		wait_for 5 state_is ue1 idle && of ue2 connect ue1 && ping_ok ue2 &&
		of ue1 rekey --kd ue2 && same_kd psk
}

ktap_run connects_strictly rekeys restarts denied beside_psk
ktap_end
