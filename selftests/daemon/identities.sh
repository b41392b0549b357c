# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The two UEs of ues.sh with keys from a KMS, and the guest's clock, for the tests of the methods that
# want such keys.

# shellcheck source=selftests/daemon/ues.sh
. "$(dirname "$0")/ues.sh"
command -v prose-kms >/dev/null || ktap_skip_all "prose-kms is not built; 'make userspace' builds it"

march="2027-03-17 12:00:00"
end_of_march="2027-03-31 23:55:00"
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

# Public-key work may take both daemons seconds on an emulated processor that does other things, too, and keys
# that are read again as well: more than a peer waits for an answer. Nor is a silence to be noticed.
patient='timers {
	t4100-ms = 5000
	t4102-ms = 600000
	t4111-ms = 20000
	t4112-ms = 5000
}'

# identities [MONTH...]: carrier, KMS, both daemons with keys of these months
identities() {
	local ue

	net_make ue1 ue2 && make_kms || return
	for ue in ue1 ue2; do
		keys "$ue" "$@" && configure "$ue" "# no certificate" "$patient" "mikey-sakke {
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
	says "failed:" of ue1 connect --wait=120 ue2 || return
	grep -qF -- "$1" <<<"$(peer "$2" last_failure.text)" || {
		echo "prose show of $2 says '$(peer "$2" last_failure.text)', without '$1'"
		return 1
	}
	expect "cause at $2" "$(peer "$2" last_failure.cause)" 2 &&
		wait_for 5 cause_is "$(other_of "$2")" 2 &&
		expect "peers of ue1" "$(of ue1 show -j | grep -c '"sends": true')" 0 &&
		expect "peers of ue2" "$(of ue2 show -j | grep -c '"sends": true')" 0
}

failure_says() {
	grep -qF -- "$2" <<<"$(peer "$1" last_failure.text)"
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
