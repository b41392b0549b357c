#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Two daemons that know each other by name only, with keys from a KMS (method mikey-sakke): connection,
# traffic, rekeys, and who is denied.
#
# Minutes of public-key work on an emulated processor that does other things, too.
# vm/run: --timeout 1200

. "$(dirname "$0")/identities.sh"

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

denied() {
	clock "$march" && identities 2027-03 && of ue1 connect ue2 && ping_ok ue1 &&
		prose-kms revoke "$run/kms" urn:prose:ue1 >/dev/null && deny || return
	wait_for 20 failure_says ue2 "is released: KMS kms.example.org has denied urn:prose:ue1" &&
		wait_for 20 failure_says ue1 "communication is no longer allowed" || return
	refused "KMS kms.example.org has denied urn:prose:ue1" ue2
}

ktap_run connects_by_identity connects_by_exchange rekeys denied
ktap_end
