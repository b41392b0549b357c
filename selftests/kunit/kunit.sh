#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The KUnit suites in the kernel of the guest: loads prose_kunit.ko, which runs them, and makes
# the kernel's results (debugfs, kunit/SUITE/results) results of its own.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

# As the sources name them: a suite that is not registered leaves no results to miss.
mapfile -t suites < <(sed -n 's/^\t\.name = "\(prose_[a-z]*\)",$/\1/p' \
	"$here"/../../kmod/tests/*_kunit.c)
results=/sys/kernel/debug/kunit

[ -d "$results" ] || modprobe -q kunit
[ -d "$results" ] || ktap_skip_all "the kernel $(uname -r) has no KUnit (or no debugfs of it)"
[ "${#suites[@]}" -gt 0 ] || {
	ktap_start 1
	ktap_fail suites "none found in kmod/tests"
	ktap_end
}

# Each case a result; what the suite said on the way, comments.
report() {
	local suite=$1 line plan

	plan=$(sed -n 's/^ \{4\}1\.\.\([0-9]*\)$/\1/p' "$results/$suite/results")
	ktap_plan "${plan:-0}"
	while IFS= read -r line; do
		if [[ $line =~ ^\ {4}(not\ )?ok\ [0-9]+\ (-\ )?([^# ]+)(\ *#\ SKIP\ (.*))? ]]; then
			if [ -n "${BASH_REMATCH[4]}" ]; then
				ktap_skip "${BASH_REMATCH[3]}" "${BASH_REMATCH[5]}"
			elif [ -n "${BASH_REMATCH[1]}" ]; then
				ktap_fail "${BASH_REMATCH[3]}"
			else
				ktap_pass "${BASH_REMATCH[3]}"
			fi
		elif [[ $line =~ ^\ {4}\ *#\ (.*) && ${BASH_REMATCH[1]} != Subtest:* ]]; then
			ktap_say "${BASH_REMATCH[1]}"
		fi
	done <"$results/$suite/results"
}

ktap_start $((${#suites[@]} + 2))
ktap_check load modprobe prose_kunit
for suite in "${suites[@]}"; do
	if [ ! -r "$results/$suite/results" ]; then
		ktap_fail "$suite" "$results/$suite/results is not there: the suite did not run"
		continue
	fi
	ktap_subtest "$suite" report "$suite"
done
ktap_check unload modprobe -r prose_kunit
ktap_end
