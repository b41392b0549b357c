#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does an operation do the same whatever the secret is? KTAP, by valgrind over `secrets`: callgrind
# counts the instructions of each call, memcheck follows the secrets to branches and addresses. And
# does an answer come after the same, whatever is wrong with what was to be decapsulated? By callgrind over
# `refusals`.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
out=${O:-$here/../../out}
# As it is delivered: sanitizers would be measured, too, and valgrind runs none.
secrets=$out/selftests/sakke/secrets
refusals=$out/selftests/sakke/refusals
operations="sign encapsulate decapsulate decapsulate-stored decapsulate-refused extract-eccsi extract-sakke"
# secrets.c: calls of each operation, and the first one that counts.
rounds=5 warm_up=2

for program in "$secrets" "$refusals"; do
	[ -x "$program" ] || ktap_skip_all "$program is not built; 'make tests' builds it"
done
command -v valgrind >/dev/null || ktap_skip_all "valgrind is missing; apt-get install valgrind"
work=$(mktemp -d)
defer rm -rf "$work"

# count OPERATION...: a line for each, its name and the instructions of its calls.
count() {
	local all=("$@") totals i

	valgrind -q --tool=callgrind --callgrind-out-file="$work/calls" --toggle-collect=measured \
		--dump-after=measured "$secrets" "$@" >"$work/log" 2>&1 || {
		ktap_say "$(tail -n 20 "$work/log")"
		return 1
	}
	# A file for each call, numbered from 1 on. A last one, without a number, has what came after.
	mapfile -t totals < <(for ((i = 1; i <= $# * rounds; i++)); do
		sed -n 's/^totals: //p' "$work/calls.$i"
	done)
	[ ${#totals[@]} -eq $(($# * rounds)) ] || return
	for i in "${!all[@]}"; do
		echo "${all[i]} ${totals[*]:i * rounds + warm_up:rounds - warm_up}"
	done
	rm -f "$work"/calls*
}

# Are the counts of an operation one number, and one that an operation takes?
same_count() {
	local name first others n

	read -r name first others <<<"$(grep "^$1 " "$work/counts")"
	[[ $name = "$1" && -n $others && $first -gt 1000 ]] || return
	for n in $others; do
		[ "$n" = "$first" ] && continue
		ktap_say "instructions: $first $others"
		return 1
	done
}

# taint OPERATION...: whether memcheck finds nothing that depends on a secret.
taint() {
	valgrind -q --tool=memcheck --error-exitcode=9 --error-limit=no --main-stacksize=8388608 \
		--max-stackframe=4000000 --suppressions="$here/constant_time.supp" \
		"$secrets" --taint "$@" >"$work/log" 2>&1
}

counts_differ_of_what_is_not_constant() {
	count control >"$work/counts" || return
	! same_count control >/dev/null
}

branch_on_a_secret_is_found() {
	taint control
	[ $? -eq 9 ] && grep -q 'Conditional jump or move' "$work/log"
}

address_from_a_secret_is_found() {
	taint control-address
	[ $? -eq 9 ] && grep -q 'Use of uninitialised value' "$work/log"
}

no_branch_and_no_address_depends_on_a_secret() {
	# shellcheck disable=SC2086 # a list of words
	taint $operations && return
	ktap_say "$(head -n 60 "$work/log")"
	return 1
}

# refused: the instructions of each refusal, behind the word for what was wrong.
refused() {
	local word n=0

	valgrind -q --tool=callgrind --callgrind-out-file="$work/calls" --collect-atstart=no \
		"$refusals" >"$work/refused" 2>"$work/log" || {
		ktap_say "$(tail -n 20 "$work/log")"
		return 1
	}
	while read -r word; do
		n=$((n + 1))
		echo "$word $(sed -n 's/^totals: //p' "$work/calls.$n")"
	done <"$work/refused" >"$work/counts"
	rm -f "$work"/calls*
}

why_it_was_refused_is_not_in_the_count() {
	refused || return
	grep -v -e warm-up -e off-curve "$work/counts" >"$work/alike"
	[ "$(wc -l <"$work/alike")" -eq 6 ] && [ "$(cut -d' ' -f1 "$work/alike" | sort -u | wc -l)" -eq 3 ] &&
		[ "$(cut -d' ' -f2 "$work/alike" | sort -u | wc -l)" -eq 1 ] &&
		[ "$(cut -d' ' -f2 "$work/alike" | head -n 1)" -gt 1000000 ] && return
	ktap_say "$(cat "$work/counts")"
	return 1
}

# That is not a secret: and a count that can differ.
what_everyone_sees_is_refused_at_once() {
	local off alike

	off=$(sed -n 's/^off-curve //p' "$work/counts")
	alike=$(cut -d' ' -f2 "$work/alike" | head -n 1)
	[[ -n $off && $off -lt $((alike / 100)) ]]
}

# shellcheck disable=SC2086 # a list of words
set -- $operations
ktap_start $(($# + 6))
for name in counts_differ_of_what_is_not_constant branch_on_a_secret_is_found \
	address_from_a_secret_is_found no_branch_and_no_address_depends_on_a_secret; do
	ktap_check "$name" "$name"
done
count "$@" >"$work/counts"
for name; do
	ktap_check "same_count_$name" same_count "$name"
done
for name in why_it_was_refused_is_not_in_the_count what_everyone_sees_is_refused_at_once; do
	ktap_check "$name" "$name"
done
ktap_end
