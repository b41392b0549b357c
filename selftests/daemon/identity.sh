#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Two daemons that know each other by name only, with keys from a KMS (method mikey-sakke): connection,
# traffic, rekeys, the end of a month, which the guest's clock is set to, and who is refused.

. "$(dirname "$0")/ues.sh"
command -v prose-kms >/dev/null || ktap_skip_all "prose-kms is not built; 'make userspace' builds it"

march="2027-03-17 12:00:00"
end_of_march="2027-03-31 23:59:30"
april="2027-04-01 00:00:30"
third_of_april="2027-04-03 00:00:30"

uptime() {
	cut -d. -f1 /proc/uptime
}

booted=$(($(date +%s) - $(uptime)))

# clock TIME: until the test ends
clock() {
	net_destructive "sets the clock"
	defer clock_back
	date -u -s "$1" >/dev/null
}

clock_back() {
	date -s "@$((booted + $(uptime)))" >/dev/null
}

# keys UE MONTH...: what the KMS gives it, in place of what it had
keys() {
	local ue=$1 month months=()
	shift

	for month in "$@"; do
		months+=(--month "$month")
	done
	prose-kms extract "$run/kms" "urn:prose:$ue" --plain --replace "${months[@]}" \
		-o "$run/$ue.keys" >/dev/null 2>&1
}

# A KMS of its own for each test, and its deny list, on which nobody is, and which is good at all times
# that the tests go to.
make_kms() {
	rm -rf "$run/kms" "$run"/*.store* "$run"/*.keys
	prose-kms init "$run/kms" --community kms.example.org >/dev/null &&
		echo "deny-days = 70" >>"$run/kms/kms.conf" &&
		prose-kms public "$run/kms" >"$run/kms.public" && deny
}

deny() {
	prose-kms deny "$run/kms" >"$run/kms.deny.new" && mv "$run/kms.deny.new" "$run/kms.deny"
}

# The messages of a setup are in request and command, or in an exchange between them.
in_request=true

# identities [MONTH...]: carrier, KMS, both daemons with keys of these months
identities() {
	local ue

	net_make ue1 ue2 && make_kms || return
	for ue in ue1 ue2; do
		keys "$ue" "$@" && configure "$ue" "# no certificate" "mikey-sakke {
			communities = { \"kms.public\" }
			keys = { \"$ue.keys\" }
			deny = { \"kms.deny\" }
			in-request = $in_request
		}" || return
	done
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2
}

# refused PART FINDER: ue1 connects to ue2; FINDER says PART, and the other that it is cause 2.
refused() {
	says "failed:" of ue1 connect --wait=30 ue2 || return
	grep -qF -- "$1" <<<"$(peer "$2" last_failure.text)" || {
		echo "prose show of $2 says '$(peer "$2" last_failure.text)', without '$1'"
		return 1
	}
	expect "cause at $2" "$(peer "$2" last_failure.cause)" 2 &&
		expect "cause on the air" "$(peer "$(other_of "$2")" last_failure.cause)" 2 &&
		expect "peers of ue1" "$(of ue1 show -j | grep -c '"sends": true')" 0 &&
		expect "peers of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0
}

failure_says() {
	grep -qF -- "$2" <<<"$(peer "$1" last_failure.text)"
}

# sent UE: PC5-S messages so far, but for those that were sent again
sent() {
	of "$1" show -j | python3 -c '
import json, sys
signalling = json.load(sys.stdin)["device"]["signalling"]
print(signalling["sent"] - signalling["retransmitted"])'
}

# connects REQUESTER_SENDS: in so many messages
connects() {
	clock "$march" && identities 2027-03 && of ue1 connect ue2 &&
		expect "messages of ue1" "$(sent ue1)" "$1" && ping_ok ue1 && ping_ok ue2 &&
		expect "who ue2 is" "$(peer ue1 identity)" urn:prose:ue2 &&
		expect "who ue1 is" "$(peer ue2 identity)" urn:prose:ue1 &&
		expect "proved" "$(peer ue1 authenticated)" True &&
		expect method "$(peer ue2 method)" mikey-sakke &&
		expect "one KD-sess" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)" &&
		expect "one KD" "$(peer ue1 kd_id)" "$(peer ue2 kd_id)" || return
	of ue2 release ue1 && wait_for 5 state_is ue1 idle && of ue2 connect ue1 && ping_ok ue1
}

# REQUEST, SECURITY MODE COMPLETE, CONNECTION COMPLETE, as with a key that both have.
connects_by_identity() {
	connects 3
}

# In front of the second, message 1 and that message 2 is there.
connects_by_exchange() {
	local in_request=false

	connects 5
}

rekeys() {
	local before

	clock "$march" && identities 2027-03 && of ue1 connect ue2 && before=$(peer ue1 kd_id) &&
		of ue1 rekey ue2 && ping_ok ue1 && of ue2 rekey ue1 && ping_ok ue2 || return
	expect "KD after KD-sess only" "$(peer ue1 kd_id)" "$before" || return
	of ue1 rekey --kd ue2 && ping_ok ue1 && [ "$(peer ue1 kd_id)" != "$before" ] || return
	before=$(peer ue1 kd_id)
	of ue2 rekey --kd ue1 && ping_ok ue2 && [ "$(peer ue1 kd_id)" != "$before" ] &&
		expect "KD of both" "$(peer ue1 kd_id)" "$(peer ue2 kd_id)"
}

reloads() {
	log_of "$1" | grep -cF ": reloaded"
}

# reload UE: by signal. Seconds go into the keys on an emulated processor.
reload() {
	local n

	n=$(($(reloads "$1") + 1))
	kill -HUP "${pid[$1]}" && wait_for 120 eval "[ \$(reloads $1) -ge $n ]"
}

# A link lives on over the end of a month; with new keys beyond the days that the old ones have.
crosses_months() {
	clock "$march" && identities 2027-03 2027-04 && clock "$end_of_march" &&
		of ue1 connect ue2 && ping_ok ue1 &&
		clock "$april" && ping_ok ue1 && reload ue1 && reload ue2 && ping_ok ue1 &&
		of ue1 rekey --kd ue2 && ping_ok ue2 && clock "$third_of_april" &&
		reload ue1 && reload ue2 && ping_ok ue1 &&
		expect "state of ue2" "$(peer ue2 state)" connected
}

# Both have keys of March only.
months_end() {
	clock "$march" && identities 2027-03 && clock "$end_of_march" &&
		of ue1 connect ue2 && ping_ok ue1 &&
		clock "$april" && reload ue2 && ping_ok ue1 || return
	clock "$third_of_april" && reload ue2 || return
	wait_for 20 failure_says ue2 "for 2027-03, which are not in use now" &&
		expect "peers of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0 || return
	reload ue1
	refused "there are no keys of urn:prose:ue1 for 2027-04" ue1 || return
	# A KMS gives new ones, and nobody tells the daemons.
	keys ue1 2027-04 && keys ue2 2027-04 && wait_for 20 logged ue1 "have changed: read again" &&
		wait_for 20 logged ue2 "have changed: read again" && of ue1 connect ue2 && ping_ok ue1
}

# A new KD takes new keys, and a rekeying that fails ends the link as any does.
no_keys() {
	clock "$march" && identities 2027-03 && clock "$end_of_march" &&
		of ue1 connect ue2 && ping_ok ue1 &&
		clock "$april" || return
	says "there are no keys of urn:prose:ue1 for 2027-04" of ue1 rekey --kd ue2
}

# On the first of a month, before ue2 has the new keys.
expired() {
	clock "$april" && identities 2027-03 && keys ue1 2027-04 && reload ue1 &&
		refused "needs keys of 2027-04, which KMS kms.example.org has not given yet" ue2
}

denied() {
	clock "$march" && identities 2027-03 && of ue1 connect ue2 && ping_ok ue1 &&
		prose-kms revoke "$run/kms" urn:prose:ue1 >/dev/null && deny || return
	wait_for 20 failure_says ue2 "is released: KMS kms.example.org has denied urn:prose:ue1" &&
		wait_for 20 failure_says ue1 "communication is no longer allowed" || return
	refused "KMS kms.example.org has denied urn:prose:ue1" ue2
}

# Its keys are good, and its clock is not.
wrong_clock() {
	clock "$march" && identities 2027-03 && of ue1 connect ue2 && of ue1 release ue2 || return
	# Both are in one guest: it is the replay cache whose time is past.
	stop "${pid[ue2]}"
	[ -s "$run/ue2.store.replay" ] || {
		echo "ue2 has not kept what it remembers of messages"
		return 1
	}
	printf 'x' >>"$run/ue2.store.replay"
	prose -s "$run/ue1.sock" forget ue2 >/dev/null
	rm -f "$run/ue2.store" && daemon ue2 && logged ue2 "ue2.store.replay: is damaged" &&
		refused "older than what is remembered of others" ue2 || return
	clock "2027-03-17 12:15:00" && of ue1 connect ue2 && ping_ok ue1
}

ktap_run connects_by_identity connects_by_exchange rekeys crosses_months months_end no_keys expired denied wrong_clock
ktap_end
