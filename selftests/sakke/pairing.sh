#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does PARI/GP compute the same pairings? KTAP, over `pairings` and pairing.gp.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
out=${O:-$here/../../out}
pairings=$out/sanitized/selftests/sakke/pairings
[ -x "$pairings" ] || pairings=$out/selftests/sakke/pairings
count=100

[ -x "$pairings" ] || ktap_skip_all "$pairings is not built; 'make tests' builds it"
command -v gp >/dev/null || ktap_skip_all "gp is missing; apt-get install pari-gp"
work=$(mktemp -d)
defer rm -rf "$work"

# FILE: what PARI says of the pairings in it.
ask() {
	PAIRINGS=$1 gp -q -f "$here/pairing.gp" </dev/null
}

the_same_of_random_points() {
	local said

	"$pairings" "$count" >"$work/pairings" || return
	said=$(ask "$work/pairings")
	[ "$said" = "agree $count" ] && return
	ktap_say "$said"
	return 1
}

# One that is wrong by 1 is noticed, and so is a point that is not the multiple it is said to be.
others_are_noticed() {
	local field

	"$pairings" 1 >"$work/right" || return
	[ "$(ask "$work/right")" = "agree 1" ] || return
	for field in 2 3 6 7; do
		awk -v f="$field" '{ c = substr($f, length($f)); $f = substr($f, 1, length($f) - 1) (c == "0" ? "1" : "0"); print }' \
			"$work/right" >"$work/wrong"
		ask "$work/wrong" | grep -q '^\(another pairing\|other points\): ' || return
	done
}

ktap_run the_same_of_random_points others_are_noticed
ktap_end
