#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# prose, the command, on terminals and pipes, over a prosed that says what it is told to (fake.py).
# What it shows of real links is tested in ../daemon/commands.sh.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/expect.sh
. "$here/../lib/expect.sh"
# shellcheck source=selftests/lib/programs.sh
. "$here/../lib/programs.sh"

use_programs prose
export LC_ALL=C.UTF-8 TERM=xterm TZ=UTC
unset NO_COLOR PROSE_SOCKET

work=$(mktemp -d) || exit 1
defer rm -rf "$work"

# fake JSON: a prosed at $work/sock that answers so.
fake() {
	local i

	cat >"$work/answers"
	rm -f "$work/fake"
	python3 "$here/fake.py" "$work/sock" "$work/answers" >"$work/fake" 2>&1 &
	fake_pid=$!
	defer kill "$fake_pid"
	for ((i = 0; i < 100; i++)); do
		grep -q listening "$work/fake" 2>/dev/null && return
		sleep 0.1
	done
	cat "$work/fake"
	return 1
}

of() {
	prose -s "$work/sock" "$@"
}

# on_terminal [OPTION...] -- ARG...: prose on a terminal, see ../lib/terminal.py
on_terminal() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	python3 "$here/../lib/terminal.py" "${options[@]}" "$programs/prose" -s "$work/sock" "${@:2}"
}

# peer NAME ID STATE HEARD: the entry of a peer
peer() {
	local up=''

	[ "$3" != connected ] || up=', "ciphering": "eea2", "integrity": "eia3",
		"user_plane_integrity": true, "kd_sess_id": "0a0b", "kd_id": null, "rekeys": 0,
		"connected_seconds": 3725, "rekeyed_seconds": 90, "rx_packets": 1, "tx_packets": 2,
		"rx_bytes": 5000, "tx_bytes": 1048576, "last_heard_seconds": '$4
	cat <<-END
	{ "identity": "$1", "layer2_id": "$2", "state": "$3", "configured": true, "held": false,
	  "authenticated": true, "method": "certificate", "detail": "TLSv1.3",
	  "addresses": [], "last_failure": ${5:-null} $up }
	END
}

device='"version": "0.1.0", "started": "2026-11-26T10:00:00Z", "configuration": "/etc/prose/prosed.conf",
	"device": { "name": "prose0", "layer2_id": "0a:0b:01", "identity": "urn:prose:ue1",
		"lower": "eth0", "carrier": "link", "ethertype": "88b5", "methods": [ "certificate" ],
		"addresses": [ "10.9.0.1/24" ], "profile": "full", "count": "hfn",
		"drops": { "rx-replay": 3, "tx-no-peer": 0 }, "signalling": { "sent": 5, "received": 0 } }'

three_peers() {
	fake <<-END
	{ "growing": 4096, "show": { $device, "peers": [
		$(peer urn:prose:quiet 0a:0b:02 idle),
		$(peer urn:prose:late 0a:0b:03 connected 70),
		$(peer urn:prose:busy 0a:0b:04 connected 0) ] } }
	END
}

# Each command: its help, with usage and an example; wrong use is 2 and names that help.
helps() {
	local command shown status

	shown=$(prose help)
	for command in show watch monitor connect rekey release forget reload doctor metrics pki mikey identity help version; do
		has "prose help" "$shown" "^  $command +[a-z]" || return
		shown_help=$(prose "$command" --help) || {
			echo "prose $command --help ends with $?"
			return 1
		}
		has "prose $command --help" "$shown_help" "^usage: prose $command" || return
		has "prose $command --help" "$shown_help" "^(Example: | *\\$ )?.*prose .*$command" || return
		case $command in
		help | version) ;;
		*) has "prose $command --help" "$shown_help" "Example" || return ;;
		esac
		expect "help of $command" "$(prose help "$command")" "$shown_help" || return
		prose "$command" --no-such-option >/dev/null 2>"$work/said"
		status=$?
		expect "status of prose $command --no-such-option" "$status" 2 &&
			has "prose $command --no-such-option" "$(<"$work/said")" \
				"prose $command --help explains it" || return
	done
}

# What the help names is in the manual page and in the completion, and the other way round.
documented() {
	local command option page completion

	page=$(tr -d "\\\\" <"$top/Documentation/man/prose.8")
	for command in $(prose help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
		case $command in
		help | version) has prose.8 "$page" "^\.Ic $command\b" ;;
		*) has prose.8 "$page" "^\.It Ic $command\b" ;;
		esac &&
			has completion "$(completed prose '')" "\b$command\b" || return
		completion=$(completed prose -s "$work/none" "$command" --)
		# shellcheck disable=SC2013 # words
		for option in $(prose "$command" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u); do
			has "completion of $command" "$completion" "(^| )$option\b" || return
			has "prose.8, of $command" "$page" "Fl -?${option#--}\b|Fl ${option#-}\b" || return
		done
	done
}

# completed WORD...: what bash would offer for the last of these words
completed() (
	# shellcheck source=userspace/share/prose.bash
	. "$top/userspace/share/prose.bash"
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_prose 2>/dev/null
	echo "${COMPREPLY[*]}"
)

completes() {
	three_peers || return
	expect commands "$(completed prose re)" "rekey release reload" &&
		expect "peers of a socket" "$(completed prose -s "$work/sock" show '')" \
			"-j --json -v --verbose --color= --help quiet late busy" &&
		expect "one peer" "$(completed prose -s "$work/sock" connect b)" busy &&
		expect values "$(completed prose show --color = a)" "auto always" &&
		expect "a command behind an option" "$(completed prose --color = never doc)" doctor &&
		expect options "$(completed prose doctor --c)" "--config= --color="
}

wrong_use() {
	local status line

	while read -r line; do
		# shellcheck disable=SC2086 # words
		prose -s "$work/none" $line >"$work/said" 2>&1
		status=$?
		expect "status of prose $line" "$status" 2 || return
		[ -s "$work/said" ] || return
	done <<-'END'
	shw
	--color=sometimes show
	show --color=sometimes
	show a b
	watch a
	watch -i 0
	watch -i x
	watch -n 0
	watch -n 1x
	monitor -n 0
	monitor -n -1
	monitor a b
	metrics a
	doctor a
	connect
	pki init none --replace
	pki issue none urn:prose:ue1 --crl-days 3
	pki revoke none urn:prose:ue1 --days 3
	pki crl none --name root
	pki list none --key P-384
	END
	# An option that would do nothing is told where it would, and nothing is done.
	has "option of another" "$(prose pki init --extended-key-usage clientAuth "$work/none.pki" 2>&1)" \
		"--extended-key-usage is for issue" && [ ! -e "$work/none.pki" ] || return
	has suggestion "$(prose shw 2>&1)" "did you mean show" || return
	prose -s "$work/none" show >"$work/said" 2>&1
	expect "status without a daemon" $? 3
}

# The one that was heard last first, the rest as it was.
most_recent_first() {
	three_peers || return
	expect order "$(of show | sed -n 's/^peer: urn:prose:\([a-z]*\) .*/\1/p' | xargs)" "busy late quiet" &&
		expect "order of watch" "$(of watch -n 1 | sed -n 's/^\([a-z]*\)  *[cd]o[a-z]* .*/\1/p' | xargs)" \
			"busy late quiet"
}

words() {
	local shown

	three_peers || return
	shown=$(of show)
	has show "$shown" '^  algorithms: 128-EEA2 \(AES\), 128-EIA3 \(ZUC\), user data integrity protected$' &&
		has show "$shown" '^  state: connected for 1 hour, 2 minutes$' &&
		has show "$shown" '^  KD-sess: 0a0b, made 1 minute, 30 seconds ago$' &&
		has show "$shown" '^  transfer: 4.9 KiB received, 1.0 MiB sent$' &&
		has show "$shown" '^  last heard: 1 minute, 10 seconds ago$' &&
		has show "$shown" '^  state: not connected \(keys of the last link are kept\)$' &&
		has show "$shown" '^  dropped: rx-replay 3$'
}

colours() {
	local esc=$'\033'

	three_peers || return
	has terminal "$(on_terminal -- show)" "$esc\[1;32m" || return
	! of show | grep -q "$esc" && of show --color=always | grep -q "$esc" || return
	of --color=always show | grep -q "$esc" || return
	! NO_COLOR=1 on_terminal -- show | grep -q "$esc" || return
	! TERM=dumb on_terminal -- show | grep -q "$esc" || return
	! on_terminal -- show --color=never | grep -q "$esc" || return
	NO_COLOR='' on_terminal -- show | grep -q "$esc"
}

# No line longer than the terminal, no word lost.
fits_the_terminal() {
	local text

	text="A very long sentence about what went wrong with a link, with many words in it."
	fake <<-END
	{ "show": { $device, "peers": [ $(peer urn:prose:ue2 0a:0b:02 idle '' \
		"{ \"text\": \"$text\", \"time\": \"2026-11-26T10:00:00Z\" }") ] } }
	END
	on_terminal --size 40x24 -- show --color=never | tr -d '\r' >"$work/narrow"
	awk 'length > 40 { print "too long: " $0; bad = 1 } END { exit bad }' "$work/narrow" || return
	tr '\n' ' ' <"$work/narrow" | tr -s ' ' | grep -qF "$text" || {
		cat "$work/narrow"
		return 1
	}
	# A pipe has no width.
	of show | grep -qF "$text"
}

# What peers choose gets to no terminal as it is: escape sequences, control characters of one
# octet, other directions of writing, ends of lines.
hostile_texts() {
	local evil='a\u001b]0;owned\u0007b\u009b31mc\u202ed\u2028e\u000af\u0000' shown command

	# JSON of jansson has no U+0000.
	evil=${evil%??????}
	fake <<-END
	{ "connect": { "refused": "$evil" }, "reload": { "refused": "$evil" },
	  "subscribe": null,
	  "events": [ { "event": "failed", "time": "$evil", "layer2_id": "0a:0b:02", "identity": "$evil",
		"state": "null", "text": "$evil" } ],
	  "show": { $device, "peers": [ $(peer "$evil" 0a:0b:02 connected 1 \
		"{ \"text\": \"$evil\", \"time\": \"$evil\", \"cause_text\": \"$evil\" }") ] } }
	END
	for command in "show -v" "show -j" "monitor -n 1" "monitor -j -n 1" "watch -n 1" metrics reload \
		"connect ue2" "doctor -c /none" "doctor -j -c /none"; do
		# shellcheck disable=SC2086 # words
		shown=$(of $command 2>&1 | tee "$work/shown" | tr -d '\n')
		[ -n "$shown" ] || {
			echo "prose $command says nothing"
			return 1
		}
		if python3 - "$work/shown" <<-'END'
			import sys, unicodedata
			text = open(sys.argv[1], encoding='utf-8').read().replace('\n', '')
			bad = [c for c in text if unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp')]
			sys.exit(not bad)
			END
		then
			echo "prose $command lets control characters through:"
			cat -v "$work/shown"
			return 1
		fi
	done
	has "show" "$(of show)" 'a\?\]0;owned\?b\?31mc\?d\?e\?f' || return
	# One event is one line.
	expect "lines of an event" "$(of monitor -n 1 | wc -l)" 1 || return
	# Octets of UTF-8 are control characters to a terminal that is not of it.
	printf '{ "show": { %s, "peers": [ %s ] } }' "$device" "$(peer "urn:\\u00db\\u00dc" 0a:0b:02 idle)" \
		>"$work/answers"
	! LC_ALL=C of show | grep -q '[^ -~]' && LC_ALL=C of show | grep -q '^peer: urn:??' &&
		of show | grep -q '^peer: urn:ÛÜ'
}

monitors() {
	local one='{ "event": "connected", "time": "2026-11-26T10:00:00Z", "layer2_id": "0a:0b:02",
		"identity": "urn:prose:ue2", "state": "connected", "text": "It is up.", "by_peer": true,
		"kd_changed": false }'

	fake <<-END
	{ "subscribe": null, "events": [ $one, ${one//ue2/ue3}, ${one//ue2/ue2} ] }
	END
	expect line "$(of monitor -n 1)" \
		"2026-11-26 10:00:00 urn:prose:ue2 (0a:0b:02) connected by the peer: It is up." &&
		expect "local time" "$(TZ=UTC-2 of monitor -n 1 | cut -d' ' -f2)" 12:00:00 &&
		expect "one peer's" "$(of monitor -n 2 ue2 | grep -c urn:prose:ue2)" 2 &&
		expect "lines of JSON" "$(of monitor -j -n 3 |
			python3 -c 'import json, sys; print(len([json.loads(line) for line in sys.stdin]))')" 3
}

metrics_are_metrics() {
	local name='a\"b\\c d é'

	fake <<-END
	{ "show": { $device, "peers": [ $(peer "$name" 0a:0b:02 connected 4),
		$(peer urn:prose:ue3 0a:0b:03 idle '' '{ "text": "x", "time": "2026-11-26T10:00:00Z" }') ] } }
	END
	# JSON and this format happen to escape the two characters alike.
	of metrics >"$work/metrics" || return
	python3 "$here/../lib/metrics.py" 'prose_peer_receive_bytes_total{layer2_id="0a:0b:02"}' \
		'prose_drops_total{reason="rx-replay"}' 'prose_peer_up{layer2_id="0a:0b:03"}' \
		'prose_peer_state{layer2_id="0a:0b:02",state="connected"}' \
		'prose_peer_last_heard_seconds{layer2_id="0a:0b:02"}' \
		'prose_peer_last_failure_timestamp_seconds{layer2_id="0a:0b:03"}' \
		'prose_start_time_seconds{device="prose0"}' "prose_peer_up{peer=\"$name\"}" <"$work/metrics" >"$work/values" || {
		cat "$work/values" "$work/metrics"
		return 1
	}
	expect values "$(xargs <"$work/values")" "5000 3 0 1 4 1795687200 1795687200 1" || return
	# What is not known is no sample, rather than 0.
	! grep -q 'prose_peer_receive_bytes_total{.*0a:0b:03' "$work/metrics" || return
	# Written half is not written.
	of metrics >/dev/full 2>"$work/said"
	expect "status when the disk is full" $? 1
}

# The other screen is left, echo and lines are back, whatever ends it.
watch_leaves_the_terminal() {
	local how shown

	three_peers || return
	for how in "--send q" "--signal TERM" "--signal INT" "--signal HUP" "--send x --signal QUIT"; do
		# shellcheck disable=SC2086 # words
		shown=$(on_terminal --until busy $how -- watch -i 0.2) || {
			echo "watch ended by $how: status $?"
			return 1
		}
		python3 - "$shown" <<-'END' || return
		import sys
		shown = sys.argv[1]
		enter, leave = shown.index('\033[?1049h'), shown.rindex('\033[?1049l')
		assert enter < shown.index('busy') < leave, 'the order'
		assert shown.rindex('\033[?25h') > shown.rindex('\033[?25l'), 'the cursor'
		assert not shown[leave + 8:].strip(), 'something after it'
		END
	done
	# A frame on a small terminal has no more lines and columns than that.
	shown=$(on_terminal --size 60x5 -- watch -n 2 -i 0.2 --color=never) && has watch "$shown" 'and 2 more' || return
	sed 's/\x1b\[[?0-9;]*[a-zA-Z]//g; s/\r$//' <<<"$shown" |
		python3 -c 'import sys; sys.exit(any(len(line.rstrip("\n")) > 60 for line in sys.stdin))' || {
		cat -v <<<"$shown"
		return 1
	}
}

# The daemon ends: so does it, and the reason is to be read when the screen is back.
watch_without_its_daemon() {
	local i status watching

	three_peers || return
	on_terminal -- watch -i 0.1 >"$work/screen" &
	watching=$!
	for ((i = 0; i < 100; i++)); do
		! grep -q busy "$work/screen" || break
		sleep 0.1
	done
	kill "$fake_pid"
	wait "$watching"
	status=$?
	expect "status" "$status" 3 || return
	python3 - "$work/screen" <<-'END'
	import sys
	screen = open(sys.argv[1], 'rb').read()
	left = screen.rindex(b'\033[?1049l')
	sys.exit(not screen.index(b'\033[?1049h') < left < screen.index(b'prosed closed the connection'))
	END
}

watch_into_a_pipe() {
	local shown

	three_peers || return
	shown=$(of watch -n 4 -i 0.2)
	expect frames "$(grep -c ' 2 of 3 connected, ' <<<"$shown")" 4 || return
	! grep -q $'\033' <<<"$shown" || return
	# 4096 octets a frame and one to five frames a second, as the machine has time for it.
	has watch "$shown" '^busy +connected +0s +[0-9.]+ KiB/s  *[▁▂▃▄▅▆▇█]+ +[0-9.]+ KiB/s  *[▁▂▃▄▅▆▇█]+$' &&
		has watch "$shown" '^quiet +down +- +- +-' || return
	# The reader goes away: so does it.
	of watch -i 0.1 | head -n 2 >/dev/null
	expect "status without a reader" "${PIPESTATUS[0]}" 0
}

ktap_run helps documented completes wrong_use most_recent_first words colours fits_the_terminal hostile_texts \
	monitors metrics_are_metrics watch_leaves_the_terminal \
	watch_without_its_daemon watch_into_a_pipe
ktap_end
