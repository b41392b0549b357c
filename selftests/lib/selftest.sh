#!/bin/bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# The judge is judged: what summarize makes of good and bad streams, what ktap.sh writes, what net.sh
# begins with.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/ktap.sh"
# shellcheck source=selftests/lib/net.sh
. "$here/net.sh"

dir=$(mktemp -d)
defer rm -rf "$dir"

# verdict STATUS LAST-LINE: of the stream on standard input.
verdict() {
	local last status

	cat >"$dir/stream"
	"$here/summarize" "$dir/stream" >"$dir/said"
	status=$?
	last=$(tail -n 1 "$dir/said")
	[ "$status" = "$1" ] && [ "$last" = "$2" ] && return
	echo "expected status $1, '$2'; got status $status:"
	cat "$dir/said"
	return 1
}

passes_and_skips() {
	verdict 0 "2 passed, 0 failed, 1 skipped" <<-END
	KTAP version 1
	1..3
	# a comment
	ok 1 first
	ok 2 - second # SKIP no such device
	some noise
	ok 3 third
	END
}

one_failure() {
	verdict 1 "1 passed, 1 failed, 0 skipped" <<-END
	TAP version 13
	1..2
	ok 1 first
	not ok 2 second
	END
}

short_count() {
	verdict 1 "1 passed, 1 failed, 0 skipped" <<-END
	KTAP version 1
	1..2
	ok 1 first
	END
}

more_than_planned() {
	verdict 1 "2 passed, 1 failed, 0 skipped" <<-END
	KTAP version 1
	1..1
	ok 1 first
	ok 2 second
	END
}

missing_plan() {
	verdict 1 "1 passed, 1 failed, 0 skipped" <<-END
	KTAP version 1
	ok 1 first
	END
}

number_left_out() {
	verdict 1 "2 passed, 1 failed, 0 skipped" <<-END
	1..2
	ok 1 first
	ok 3 third
	END
}

says_nothing() {
	verdict 1 "0 passed, 1 failed, 0 skipped" </dev/null &&
		echo "just talk" | verdict 1 "0 passed, 1 failed, 0 skipped"
}

bails_out() {
	verdict 1 "1 passed, 1 failed, 0 skipped" <<-END
	1..1
	ok 1 first
	Bail out! the device is gone
	END
}

skips_all() {
	verdict 0 "0 passed, 0 failed, 1 skipped" <<<"1..0 # SKIP not in a guest"
}

plans_nothing() {
	verdict 1 "0 passed, 1 failed, 0 skipped" <<<"1..0"
}

several_groups() {
	verdict 0 "3 passed, 0 failed, 0 skipped" <<-END
	1..1
	ok 1 - a
	1..2
	ok 1 - b
	ok 2 - c
	END
}

counts_sub_tests() {
	verdict 1 "2 passed, 1 failed, 0 skipped" <<-END
	KTAP version 1
	1..2
	  KTAP version 1
	  1..2
	  ok 1 a
	  not ok 2 b
	not ok 1 both
	ok 2 c
	END
}

parent_hides_a_failure() {
	verdict 1 "0 passed, 2 failed, 0 skipped" <<-END
	1..1
	  1..1
	  not ok 1 a
	ok 1 parent
	END
}

missing_file() {
	! "$here/summarize" "$dir/none" >"$dir/said" &&
		[ "$(tail -n 1 "$dir/said")" = "0 passed, 1 failed, 0 skipped" ]
}

# ends STATUS < SCRIPT: a test written with ktap.sh; what it said is left in $dir/tap.
ends() {
	local status

	{
		echo ". '$here/ktap.sh'"
		cat
	} >"$dir/test.sh"
	timeout 20 bash "$dir/test.sh" >"$dir/tap" 2>&1
	status=$?
	[ "$status" -eq "$1" ] && return
	echo "expected status $1, got $status:"
	cat "$dir/tap"
	return 1
}

ktap_of_functions() {
	ends 1 <<-'END' || return
	good() { echo working; defer echo cleaned; sleep 60 & defer kill $!; }
	bad() { printf 'no newline'; return 3; }
	absent() { ktap_exit_skip "no radio"; }
	ktap_run good bad absent
	ktap_end
	END
	diff - "$dir/tap" <<-END
	KTAP version 1
	1..3
	# working
	# cleaned
	ok 1 good
	# no newline
	# status 3
	not ok 2 bad
	# SKIP no radio
	ok 3 absent # SKIP no radio
	# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0
	END
}

ktap_does_not_wait_for_what_was_left() {
	local begin=$SECONDS

	ends 0 <<-'END' || return
	leaves() { sleep 15 & echo $! >"$OUT/left"; }
	ktap_run leaves
	ktap_end
	END
	kill "$(cat "$OUT/left")"
	[ $((SECONDS - begin)) -lt 10 ]
}

ktap_of_sub_tests() {
	ends 1 <<-'END' || return
	inner() { ktap_plan 2; ktap_pass one; ktap_fail two; }
	ktap_start 2
	ktap_subtest outer inner
	ktap_pass last
	ktap_end
	END
	verdict 1 "2 passed, 1 failed, 0 skipped" <"$dir/tap"
}

ktap_left_early() {
	ends 1 <<-'END' && ! "$here/summarize" "$dir/tap" >/dev/null
	ktap_start 2
	ktap_pass one
	exit 0
	END
}

ktap_all_skipped() {
	ends 4 <<<'ktap_skip_all "no radio"' && verdict 0 "0 passed, 0 failed, 1 skipped" <"$dir/tap"
}

# Whoever waits for what a program says is not told what another one said before.
spawn_begins_its_log_anew() {
	local i said

	for ((i = 0; i < 50; i++)); do
		echo "Server listening" >"$dir/log"
		spawn "$dir/log" true
		read -r said <"$dir/log"
		[ -z "$said" ] || { echo "it begins with '$said'"; return 1; }
	done
	spawn "$dir/log" echo new
	wait "$spawned"
	[ "$(cat "$dir/log")" = new ]
}

waits_for_what_comes() {
	spawn "$dir/log" sh -c 'sleep 0.3; echo here'
	wait_for 10 grep -q here "$dir/log" && wait_for 10 true || return
	! wait_for 0.1 false >"$dir/said" && grep -qx 'waited [0-9]* ms in vain for: false' "$dir/said"
}

export OUT=$dir
ktap_run passes_and_skips one_failure short_count more_than_planned missing_plan \
	number_left_out says_nothing bails_out skips_all plans_nothing several_groups \
	counts_sub_tests parent_hides_a_failure missing_file ktap_of_functions \
	ktap_does_not_wait_for_what_was_left ktap_of_sub_tests ktap_left_early ktap_all_skipped \
	spawn_begins_its_log_anew waits_for_what_comes
ktap_end
