#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# prosed of ue1 dies at each fsync() there is: of the state, of the store, of their folders, while links are
# taken over, rekeyed, released and made. What the kernel has goes on, the next prosed takes it over and
# finds nothing that it cannot read. unit/store cuts the writer of the store at each of its system calls.
#
# vm/run: --timeout 1800

. "$(dirname "$0")/ues.sh"
net_needs strace

# What no capture may have, and as ping -p wants it.
needle=PROSE-IN-CLEAR!!
pattern=$(printf %s "$needle" | od -An -tx1 | tr -d ' \n')

# A silence is noticed soon, so that the test need not wait.
timers='timers {
	t4102-ms = 2000
	t4101-ms = 1000
}'

# leave: a restart that is meant.
leave() {
	kill -USR2 "${pid[ue1]}"
	wait "${pid[ue1]}"
}

# What prosed calls fsync() of. The calls are counted for each by itself: which of two files is written
# first, and whether two changes are one write, is a matter of milliseconds.
files=("$run/ue1.state.new" "$run/ue1.store.new" "$run")

# cut_at FILE N: prosed of ue1, which dies when it calls fsync() of this file for the N-th time. With -D it
# is our child and strace is not.
cut_at() {
	rm -f "$run/ue1.sock" "$run/trace"
	ip netns exec ue1 strace -D -f -qq -y -o "$run/trace" -P "$1" -e trace=fsync \
		-e inject=fsync:signal=KILL:when="$2" \
		prosed -v -v -c "$run/ue1.conf" >>"$OUT/ue1.log" 2>&1 </dev/null &
	pid[ue1]=$!
	defer stop "$!"
	wait_for 30 answers_or_dead
}

answers_or_dead() {
	of ue1 show || ! kill -0 "${pid[ue1]}" || grep -q '^State:.Z' "/proc/${pid[ue1]}/status"
}

# ended: did it end by itself? Then it calls fsync() less often than it was to die at. What it was killed at
# is kept.
ended() {
	local status

	kill -USR2 "${pid[ue1]}" 2>/dev/null
	wait "${pid[ue1]}"
	status=$?
	[ "$status" -ne 0 ] || return 0
	expect "exit status" "$status" 137 || exit
	sed -n 's/.*fsync([0-9]*<\(.*\)>.*/\1/p' "$run/trace" | tail -n 1 >>"$run/cut"
	return 1
}

# at_each WHAT: prosed dies at each fsync() of each file amid what WHAT does; WHAT is told the file and the
# call, and says by $over that prosed ended by itself. It dies at the first call of each file at least.
at_each() {
	local file n over

	for file in "${files[@]}"; do
		over=''
		for ((n = 1; n < 64; n++)); do
			if ! "$1" "$file" "$n"; then
				echo "at the call $n of fsync() of $file"
				return 1
			fi
			[ -z "$over" ] || break
		done
		[ -n "$over" ] && expect "calls of fsync() of $file it died at" \
			"$(grep -cFx -- "$file" "$run/cut")" $((n - 1)) && [ "$n" -gt 1 ] || return
	done
	echo "killed at $(wc -l <"$run/cut") calls of fsync():"
	sort "$run/cut" | uniq -c
}

# readable: nothing was found that could not be used.
readable() {
	! log_of ue1 | grep -E 'set aside|cannot be (read|understood)|not used|ERROR: .*(state|store):'
}

starts() {
	net_capture ue2 eth0 "$run/cuts.pcap" && capture=$spawned && : >"$run/cut"
}

nothing_in_clear() {
	net_capture_end "$capture" "$run/cuts.pcap.log" || return
	[ "$(frames "$run/cuts.pcap" 1)" -gt 10 ] && ! grep -q "$needle" "$run/cuts.pcap" &&
		expect "frames of another protocol" \
			"$(tcpdump -r "$run/cuts.pcap" -n not ether proto 0x88b5 2>/dev/null | wc -l)" 0
}

flow_starts() {
	spawn "$run/flow" on ue2 ping -n -i 0.02 -W 10 -p "$pattern" 10.9.0.1
	flow=$spawned
}

# Not one packet is lost, however often prosed of ue1 died.
flow_ends() {
	pings_end "$flow" "$run/flow"
}

# taken_over: the link of before, the same at both ends, which does what a link does.
taken_over() {
	local n
	n=$(log_of ue1 | grep -c ': taken over')

	daemon ue1 && expect state "$(peer ue1 state)" connected && readable || return
	expect "links taken over" $(($(log_of ue1 | grep -c ': taken over') - n)) 1 &&
		of ue1 rekey ue2 && expect "KD-sess" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)"
}

rekeys() {
	leave && cut_at "$1" "$2" || return
	of ue1 rekey --kd ue2 && of ue1 rekey ue2
	! ended || over=1
	taken_over
}

live_link_survives() {
	ues "$timers" && starts && connect ue1 && flow_starts && at_each rekeys && flow_ends &&
		nothing_in_clear
}

reconnects() {
	of ue1 connect ue2 && on ue1 ping -q -c 1 -W 1 -p "$pattern" 10.9.0.2
}

# Amid release and connect there may be a link afterwards or none; there is one as soon as it is wanted.
releases() {
	leave && cut_at "$1" "$2" || return
	of ue1 release ue2 && of ue1 connect ue2
	! ended || over=1
	daemon ue1 && readable && wait_for 60 reconnects
}

idle_peer_reconnects() {
	ues "$timers" && starts && of ue1 connect ue2 && at_each releases && nothing_in_clear
}

ktap_run live_link_survives idle_peer_reconnects
ktap_end
