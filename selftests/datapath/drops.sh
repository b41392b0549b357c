#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A dropped packet tells why where others look: the kernel's own tracepoint skb:kfree_skb gives
# one of its reasons, prose:prose_drop the name of the counter.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/rig.sh"
net_needs python3
net_private "$@"

tracing=/sys/kernel/tracing
trace=$tracing/instances/prose-drops

# A buffer of its own: another's settings and records stay what they are.
trace_start() {
	[ -e "$tracing/instances" ] || mount -t tracefs tracefs "$tracing" ||
		ktap_exit_skip "the kernel has no tracing"
	mkdir "$trace" || return
	defer rmdir "$trace"
	echo 1 >"$trace/events/skb/kfree_skb/enable" &&
		echo 1 >"$trace/events/prose/prose_drop/enable"
}

# freed_after DEVICE COUNTER: the kfree_skb that comes next on the processor where prose_drop told of
# such a drop.
freed_after() {
	awk -v mark="prose_drop: dev=$1 reason=$2 " '
		{ match($0, /\[[0-9]+\]/); cpu = substr($0, RSTART, RLENGTH) }
		index($0, mark) { next_on[cpu] = 1; next }
		/ kfree_skb: / && next_on[cpu] { print; found = 1; exit }
		END { exit !found }' "$trace/trace"
}

# traced COUNTER REASON DEVICE: both tracepoints told of one such drop.
traced() {
	wait_for 5 freed_after "$3" "$1" && [[ $(freed_after "$3" "$1") == *"reason: $2"* ]] && return
	echo "not $1 of $3 with reason $2, but:"
	cat "$trace/trace"
	return 1
}

# frame HEX: to prose0's carrier, as another station would send it.
frame() {
	on ue python3 -c '
import socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("wire0", 0))
with open("/sys/class/net/eth0/address", encoding="ascii") as file:
    to = bytes.fromhex(file.read().strip().replace(":", ""))
wire.send(to + b"\2\0\0\0\0\1" + b"\x88\xb5" + bytes.fromhex(sys.argv[1]))' "$1"
}

# Nobody has the address.
no_peer() {
	rig_make && trace_start || return
	on ue python3 -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.77", 7777))' || return
	traced tx-no-peer NEIGH_FAILED prose0
}

# Not even a subheader: no device can be named, so it is the lower one's.
too_short() {
	rig_make && trace_start && frame 300a0b || return
	traced rx-short PKT_TOO_SMALL eth0
}

# To 0a:0b:0f, where nobody is.
not_for_us() {
	rig_make && trace_start && frame 300a0b0d0a0b0f1c400000000005 || return
	traced rx-not-for-us OTHERHOST eth0
}

# PC5-S without protection, and no daemon.
no_owner() {
	rig_make && trace_start && frame 300a0b0d0a0b0c1c400000000005 || return
	traced signal-no-owner NO_SOCKET prose0
}

# Protected, by nobody we know: the kernel has no word for it.
stranger() {
	rig_make && trace_start && frame 300a0b0d0a0b0c01000100000145 || return
	traced rx-no-peer NOT_SPECIFIED prose0
}

ktap_run no_peer too_short not_for_us no_owner stranger
ktap_end
