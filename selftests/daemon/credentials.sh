#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Credentials that must not do: the connection fails with cause 2, authentication failure, on the
# air, and with a sentence in prose show and the log of who found it out.

. "$(dirname "$0")/ues.sh"

# refuses PART [FINDER]: ue1 connects to ue2, where ue1's certificate is at fault; ue2 (or FINDER)
# finds out and says PART.
refuses() {
	local part=$1 finder=${2:-ue2} text

	says "failed:" of ue1 connect --wait=30 ue2 || return
	text=$(peer "$finder" last_failure.text)
	grep -qiF -- "$part" <<<"$text" || {
		echo "prose show of $finder says '$text', without '$part'"
		return 1
	}
	expect "cause at $finder" "$(peer "$finder" last_failure.cause)" 2 || return
	wait_for 5 said_in_log "$finder" "$part" || return
	# What the other is told: cause 2 as well, if it is told anything.
	wait_for 5 cause_is "$(other_of "$finder")" 2 &&
		expect "peers of ue1" "$(of ue1 show -j | grep -c '"sends": true')" 0 &&
		expect "peers of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0
}

said_in_log() {
	log_of "$1" | grep -qiF -- "$2"
}

# Both with good credentials, but ue1's certificate is made anew with these options.
with_certificate() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 &&
		prose pki issue --replace "$@" "$run/pki" urn:prose:ue1 >/dev/null || return
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2
}

expired() {
	with_certificate --not-before 2020-01-01 --not-after 2021-01-01 && refuses "expired on 2021-01-01"
}

not_yet_valid() {
	with_certificate --not-before 2090-01-01 --not-after 2091-01-01 && refuses "not valid before 2090-01-01"
}

revoked() {
	with_certificate && of ue1 connect ue2 && of ue1 release ue2 &&
		prose pki revoke "$run/pki" urn:prose:ue1 >/dev/null && of ue2 reload &&
		refuses "was revoked on"
}

failure_says() {
	grep -qF -- "$2" <<<"$(peer "$1" last_failure.text)"
}

# A CRL is put in place while the link is up, and nobody tells the daemons. An older one behind it
# does not take the revocation back.
revoked_while_connected() {
	with_certificate && of ue1 connect ue2 && ping_ok ue1 &&
		cp "$run/pki/crl.pem" "$run/old.pem" &&
		prose pki revoke "$run/pki" urn:prose:ue1 >/dev/null || return
	wait_for 20 failure_says ue2 "is released: its certificate was revoked on" &&
		wait_for 20 failure_says ue1 "communication is no longer allowed" &&
		of ue2 show | grep -q 'was revoked on' &&
		expect "peers of ue1" "$(of ue1 show -j | grep -c '"sends": true')" 0 &&
		expect "peers of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0 &&
		says "not connected" of ue1 rekey ue2 || return
	mv "$run/old.pem" "$run/pki/crl.pem"
	wait_for 20 logged ue2 "older than number 2" && refuses "was revoked on"
}

wrong_root() {
	with_certificate || return
	prose pki init "$run/other" >/dev/null && prose pki issue "$run/other" urn:prose:ue1 >/dev/null &&
		cp "$run/other/urn:prose:ue1.pem" "$run/other/urn:prose:ue1.key" "$run/pki/" || return
	# ue1 still trusts ue2's root; ue2 does not know ue1's.
	of ue1 reload && refuses "is not signed by any of the roots"
	status=$?
	rm -rf "$run/other"
	return "$status"
}

# The fault is on the side that is connected to: the one who asks finds out.
the_other_way_round() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 &&
		prose pki issue --replace --not-before 2020-01-01 --not-after 2021-01-01 \
			"$run/pki" urn:prose:ue2 >/dev/null || return
	echo "--- ${FUNCNAME[0]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2 && refuses "expired on 2021-01-01" ue1
}

# Whoever has a good certificate is still not somebody else.
another_identity() {
	# shellcheck disable=SC2119 # no options here
	ues || return
	prose pki issue "$run/pki" urn:prose:mallory >/dev/null || return
	stop "${pid[ue1]}"
	sed -i 's/urn:prose:ue1\./urn:prose:mallory./' "$run/ue1.conf"
	daemon ue1 || return
	says "failed:" of ue1 connect --wait=30 ue2 || return
	expect "associations of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0 &&
		[ -n "$(peer ue2 last_failure.text)" ]
}

# The next attempt, with what is in order, succeeds: nothing of the failure stays.
good_after_bad() {
	with_certificate --not-before 2020-01-01 --not-after 2021-01-01 &&
		says "failed:" of ue1 connect ue2 &&
		prose pki issue --replace "$run/pki" urn:prose:ue1 >/dev/null && of ue1 reload &&
		of ue1 connect ue2 && ping_ok ue1
}

# Its memory has keys: not even a kernel that pipes core files into a program gets it.
leaves_no_core() {
	local sleeper

	net_in_guest || ktap_exit_skip "the kernel's core_pattern is of the whole machine"
	# shellcheck disable=SC2119 # no options here
	ues || return
	# The program is started where the first process is.
	echo "|/usr/bin/tee /run/core.%P" >/proc/sys/kernel/core_pattern || return
	defer eval 'echo core >/proc/sys/kernel/core_pattern'
	sleep 600 &
	sleeper=$!
	kill -ABRT "$sleeper"
	wait_for 10 nsenter -t 1 -m test -s "/run/core.$sleeper" || return
	kill -ABRT "${pid[ue1]}" && wait_for 10 gone "${pid[ue1]}" || return
	! nsenter -t 1 -m test -e "/run/core.${pid[ue1]}"
}

ktap_run expired not_yet_valid revoked revoked_while_connected wrong_root the_other_way_round \
	another_identity good_after_bad leaves_no_core
ktap_end
