#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Does the decoder see what it is there to see? Captures made by hand (frames.py), each
# with one fault, and some without; KTAP.

set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${O:-$here/../../out}
# With sanitizers where that was built: captures are input nobody vouches for.
decode=${DECODE:-$out/sanitized/selftests/decode/decode}
[ -x "$decode" ] || decode=$out/selftests/decode/decode
if [ ! -x "$decode" ]; then
	echo "Bail out! $decode is not there; run 'make tests'"
	exit 1
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# result NAME STATUS: STATUS 0 is a pass; what $work/why holds is told of a failure.
result() {
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n $1"
		return
	fi
	failed=1
	sed 's/^/# /' "$work/why"
	echo "not ok $n $1"
}

# The findings printed must be exactly the one wanted, that often.
only_finding() {
	awk -v want="$1" -v times="$2" '
		$1 in known { seen[$1] = $2 }
		END {
			for (k in known) {
				right = k == want ? times : 0
				if (seen[k] != right) {
					print k " is \"" seen[k] "\" and should be " right
					bad = 1
				}
			}
			exit bad
		}
		BEGIN {
			split("undecodable mac_failures bad_sdus keystream_repeats plaintext_hits key_hits " \
			      "unprotected_wrongly data_frames_after_mark data_frames_after_release " \
			      "foreign_frames flow_faults", names, " ")
			for (i in names)
				known[names[i]] = 1
		}' "$work/said"
}

one_case() {
	name=$1 want=$2 finding=$3 times=${4:-0}
	shift 3
	[ $# -eq 0 ] || shift
	rm -rf "$work/case"
	mkdir "$work/case"
	: >"$work/why"
	if ! python3 "$here/frames.py" "$name" "$work/case" 2>"$work/why"; then
		result "$name" 1
		return
	fi
	"$decode" --key-log "$work/case/ue1.log" --key-log "$work/case/ue2.log" \
		--plaintext "$work/case/file.bin" --flows "$work/case/flows" --json "$work/case/json" "$@" \
		"$work/case/capture.pcap" >"$work/said" 2>"$work/case/errors"
	status=$?
	ok=0
	if [ $status != "$want" ]; then
		echo "exit status $status and should be $want" >>"$work/why"
		ok=1
	fi
	only_finding "$finding" "$times" >>"$work/why" || ok=1
	if [ "$want" = 0 ] && ! grep -q "^$(cat "$work/case/expected") " "$work/said"; then
		echo "expected: $(cat "$work/case/expected")" >>"$work/why"
		ok=1
	fi
	if [ "$finding" != - ] && ! grep -q "^decode: frame [1-9]" "$work/case/errors"; then
		echo "no message names the frame" >>"$work/why"
		ok=1
	fi
	if ! python3 -m json.tool "$work/case/json" >"$work/json" 2>&1; then
		echo "the report is no JSON" >>"$work/why"
		ok=1
	fi
	[ $ok = 0 ] || cat "$work/case/errors" "$work/said" >>"$work/why"
	result "$name" $ok
}

# refused NAME PATTERN ARG...: exit status 2, and a message that fits.
refused() {
	name=$1 pattern=$2
	shift 2
	"$decode" "$@" >"$work/said" 2>&1
	status=$?
	ok=0
	[ $status = 2 ] && grep -q "$pattern" "$work/said" || ok=1
	echo "exit status $status, expected 2 and a message with '$pattern'" >"$work/why"
	cat "$work/said" >>"$work/why"
	result "$name" $ok
}

python3 "$here/frames.py" --list >"$work/cases" || exit 1
echo "KTAP version 1"
echo "1..$(($(wc -l <"$work/cases") + 12))"

python3 "$here/frames.py" --vectors "$here/../vectors/eea-eia-kdf-vectors.json" >"$work/why" 2>&1
result "generator_against_vectors" $?

while read -r name want finding times options; do
	# shellcheck disable=SC2086 # a list of words
	one_case "$name" "$want" "$finding" "$times" $options
done <"$work/cases"

python3 "$here/frames.py" clean "$work/case" || exit 1
log=$work/case/ue1.log
capture=$work/case/capture.pcap
refused no_capture "usage:" --key-log "$log"
refused no_key_log "usage:" "$capture"
refused missing_capture "No such file" --key-log "$log" "$work/none.pcap"
refused missing_plaintext "No such file" --key-log "$log" --plaintext "$work/none" "$capture"
refused not_a_capture "format" --key-log "$log" "$log"
(cat "$log" && echo "PROSE_SESSION 0a0b0c 1d1e1f 1234 2 2 1 hfn 00") >"$work/bad.log"
echo "udp 0a0b0c 5000 12 0 1 5" >"$work/bad.flows"
refused bad_flows "bad.flows:1: MAX and GROUP" --key-log "$log" --flows "$work/bad.flows" "$capture"
refused bad_port "is no port" --key-log "$log" --udp-port 0 "$capture"
refused bad_key_log "bad.log:4: KD-sess is 64" --key-log "$work/bad.log" "$capture"
head -c 400 "$capture" >"$work/cut.pcap"
refused cut_capture "truncated" --key-log "$log" "$work/cut.pcap"

# A key log with one bit of one KD-sess flipped: nothing under it may verify.
sed '2s/0$/1/;t;2s/.$/0/' "$log" >"$work/flipped.log"
"$decode" --key-log "$work/flipped.log" "$capture" >"$work/why" 2>&1
status=$?
ok=0
[ $status = 1 ] && grep -q '^mac_failures *[1-9]' "$work/why" || ok=1
result flipped_key $ok

# The story's frames are 1 ms apart. By then there were 4 data frames of each side, B's late
# one, and the first after the rekey, which is B's.
"$decode" --key-log "$log" --count-until 1700000000.0185 --json "$work/json" "$capture" \
	>"$work/why" 2>&1
python3 - "$work/json" >>"$work/why" 2>&1 <<'END'
import json, sys
got = json.load(open(sys.argv[1]))["data_by_sender"]
want = {"0a0b0c": {"decoded": 8, "decoded_until": 4}, "1d1e1f": {"decoded": 9, "decoded_until": 6}}
sys.exit(0 if got == want else f"{got} should be {want}")
END
result data_by_sender $?

exit $failed
