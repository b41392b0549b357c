#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs kselftests as the kernel's kselftest/runner.sh does, where there is no kernel tree: one
# result for each, what it prints as comments, ended after the time that `settings` gives it.

usage() {
	cat <<END
Usage: $0 [-l] [TEST...]

Runs the tests, or those that kselftest-list.txt beside this script names; -l lists them.
Ends with 'N passed, N failed, N skipped'; exit status 1 if any failed.
END
}

here=$(cd -P "$(dirname "$0")" && pwd)
case ${1-} in
-h | --help)
	usage
	exit 0
	;;
-l | --list)
	cat "$here/kselftest-list.txt"
	exit
	;;
esac
if [ $# -eq 0 ]; then
	[ -r "$here/kselftest-list.txt" ] || {
		echo "$0: no kselftest-list.txt beside it, so name the tests; see --help" >&2
		exit 1
	}
	# shellcheck disable=SC2046 # a list of words
	set -- $(cat "$here/kselftest-list.txt")
	cd "$here" || exit 1
fi

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
limit=$(sed -n 's/^timeout=//p' settings "$here/settings" 2>/dev/null | head -n 1)
passed=0 failed=0 skipped=0 n=0
echo "TAP version 13"
echo "1..$#"
for test; do
	n=$((n + 1))
	name="selftests: net/prose: ${test##*/}"
	case $test in
	*/*) ;;
	*) test=./$test ;;
	esac
	echo "# $name"
	{
		timeout --foreground "${limit:-45}" timeout -k 10 "${limit:-45}" "$test" 2>&1
		echo $? >"$log/status"
	} </dev/null | tee "$log/said" | sed -u 's/^/# /'
	status=$(cat "$log/status")
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok $n $name"
		;;
	4)
		skipped=$((skipped + 1))
		why=$(sed -n 's/^.*# SKIP *//p' "$log/said" | tail -n 1)
		echo "ok $n $name # SKIP ${why:-no reason given}"
		;;
	124)
		failed=$((failed + 1))
		echo "not ok $n $name # TIMEOUT ${limit:-45} seconds"
		;;
	*)
		failed=$((failed + 1))
		echo "not ok $n $name # exit=$status"
		;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
