# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Results in KTAP, version 1 (Documentation/dev-tools/ktap.rst of the kernel), for bash.
#
# The usual test is a list of functions; each is one result and runs in a subshell, so that its
# variables, its folder and what it deferred (defer.sh) end with it:
#
#	. "$(dirname "$0")/../lib/ktap.sh"
#	rejects_short_frames() { ...; }		# 0 pass, 4 or "ktap_exit_skip WHY" skip, else fail
#	accepts_next_sn() { ...; }
#	ktap_run rejects_short_frames accepts_next_sn
#	ktap_end
#
# or, by hand: ktap_start COUNT, then ktap_pass, ktap_fail, ktap_skip, ktap_check and
# ktap_subtest, COUNT of them together, then ktap_end.

# shellcheck source=selftests/lib/defer.sh
. "${BASH_SOURCE%/*}/defer.sh"

KSFT_PASS=0
KSFT_FAIL=1
KSFT_SKIP=4

ktap_indent=
ktap_planned=
ktap_count=0
ktap_failed=0
ktap_skipped=0
ktap_ended=

# A comment line, for whoever reads why something failed.
ktap_say() {
	local line
	while IFS= read -r line; do
		printf '%s# %s\n' "$ktap_indent" "$line"
	done <<<"$*"
}

ktap_header() {
	printf '%sKTAP version 1\n' "$ktap_indent"
}

# ktap_start [COUNT]: without COUNT, ktap_plan follows.
ktap_start() {
	ktap_header
	defer ktap_left
	[ $# -eq 0 ] || ktap_plan "$1"
}

ktap_plan() {
	ktap_planned=$1
	printf '%s1..%d\n' "$ktap_indent" "$1"
}

# A script that stops in the middle must not look like one that passed.
# shellcheck disable=SC2317 # deferred
ktap_left() {
	[ -z "$ktap_ended" ] || return
	printf 'Bail out! ended after %d of %s tests\n' "$ktap_count" "${ktap_planned:-?}"
	exit $KSFT_FAIL
}

ktap_line() {
	ktap_count=$((ktap_count + 1))
	printf '%s%s %d %s\n' "$ktap_indent" "$1" "$ktap_count" "$2"
}

ktap_pass() {
	ktap_line ok "$1"
}

# ktap_fail NAME [WHY]
ktap_fail() {
	ktap_failed=$((ktap_failed + 1))
	[ -z "${2-}" ] || ktap_say "$2"
	ktap_line 'not ok' "$1"
}

# ktap_skip NAME WHY
ktap_skip() {
	ktap_skipped=$((ktap_skipped + 1))
	ktap_line ok "$1 # SKIP ${2:?a skip needs a reason}"
}

# Within a function that ktap_run or ktap_check runs in a subshell: this one is skipped.
ktap_exit_skip() {
	echo "SKIP ${1:?a skip needs a reason}"
	exit $KSFT_SKIP
}

# Nothing here can run: say why, instead of a plan.
ktap_skip_all() {
	[ -n "$ktap_ended" ] || ktap_header
	ktap_ended=1
	printf '1..0 # SKIP %s\n' "${1:?a skip needs a reason}"
	exit $KSFT_SKIP
}

# ktap_check NAME COMMAND...: one result from how the command ends, in a subshell. What it prints
# becomes comments as it happens, so that a hang shows how far it came.
ktap_check() {
	local name=$1 mark="--end-$BASHPID-$RANDOM--" status log reason pipe printer
	shift

	log=$(mktemp)
	exec {pipe}> >(sed -u -e "/$mark\$/{s///;/^\$/Q;s/^/$ktap_indent# /;q}" \
		-e "s/^/$ktap_indent# /" | tee "$log")
	printer=$!
	("$@") >&"$pipe" 2>&1 {pipe}>&-
	status=$?
	# By a mark and not by end of file: what the command left running may hold the pipe open.
	echo "$mark" >&"$pipe"
	exec {pipe}>&-
	wait "$printer"
	reason=$(sed -n 's/^ *# SKIP //p' "$log" | tail -n 1)
	rm -f "$log"

	case $status in
	"$KSFT_PASS") ktap_pass "$name" ;;
	"$KSFT_SKIP") ktap_skip "$name" "${reason:-no reason given}" ;;
	*) ktap_fail "$name" "status $status" ;;
	esac
	[ "$status" -eq "$KSFT_PASS" ]
}

# ktap_run FUNCTION...: header and plan if there are none yet, then a result for each.
ktap_run() {
	local test

	if [ -z "$ktap_planned" ]; then
		ktap_start $#
	fi
	for test in "$@"; do
		ktap_check "$test" "$test"
	done
}

# ktap_subtest NAME FUNCTION [ARG...]: the function plans (ktap_plan) and reports tests of its own,
# one level deeper, in this shell; they are summed up in one result here.
ktap_subtest() {
	local name=$1 indent=$ktap_indent planned=$ktap_planned count=$ktap_count
	local failed=$ktap_failed skipped=$ktap_skipped sub
	shift

	ktap_indent+='  ' ktap_planned='' ktap_count=0 ktap_failed=0 ktap_skipped=0
	ktap_header
	printf '%s# Subtest: %s\n' "$ktap_indent" "$name"
	"$@"
	sub=fail
	if [ "$ktap_failed" -eq 0 ] && [ "$ktap_count" = "$ktap_planned" ]; then
		sub=pass
		[ "$ktap_skipped" -lt "$ktap_count" ] || sub=skip
	fi
	ktap_indent=$indent ktap_planned=$planned ktap_count=$count
	ktap_failed=$failed ktap_skipped=$skipped
	case $sub in
	pass) ktap_pass "$name" ;;
	skip) ktap_skip "$name" "all of it" ;;
	fail) ktap_fail "$name" ;;
	esac
}

# Totals, and the exit status that kselftest expects.
ktap_end() {
	local passed=$((ktap_count - ktap_failed - ktap_skipped))

	ktap_ended=1
	printf '# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n' \
		"$passed" "$ktap_failed" "$ktap_skipped"
	if [ "$ktap_count" != "$ktap_planned" ]; then
		ktap_say "planned ${ktap_planned:-nothing}, ran $ktap_count"
		exit $KSFT_FAIL
	fi
	[ "$ktap_failed" -eq 0 ] || exit $KSFT_FAIL
	[ "$ktap_skipped" -lt "$ktap_count" ] || exit $KSFT_SKIP
	exit $KSFT_PASS
}
