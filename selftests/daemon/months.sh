#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Keys of method mikey-sakke are of months: a link that crosses the end of one, who has no keys of the
# next, and clocks that are wrong. It is the guest's clock that is set.
#
# Minutes of public-key work on an emulated processor that does other things, too.
# vm/run: --timeout 1200

. "$(dirname "$0")/identities.sh"

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
	wait_for 20 failure_says ue2 "for 2027-03, which are not in use now" && wait_for 5 unlinked ue2 || return
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
	clock "2027-03-17 13:00:00" && of ue1 connect ue2 && ping_ok ue1
}

ktap_run crosses_months months_end no_keys expired wrong_clock
ktap_end
