#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A slow carrier pushes back: packets stay their sender's until the lower device has let them go, so
# that a socket blocks, and TCP does not fill the queue.

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/device.sh"

# slow_pair RATE OCTETS: slower than the machine, and room for so many octets, less than is sent in all.
slow_pair() {
	device_pair && tc -n ue1 qdisc replace dev eth0 root tbf rate "$1" burst 3000 limit "$2"
}

if ! tc qdisc replace dev lo root tbf rate 2mbit burst 3000 limit 4000; then
	ktap_start 2
	ktap_skip udp_sender_blocks "the kernel has no sch_tbf"
	ktap_skip tcp_leaves_no_queue "the kernel has no sch_tbf"
	ktap_end
fi
tc qdisc del dev lo root

# queue FIELD: of the lower device's, e.g. drops, backlog (octets). No other program: it is asked as
# often as can be.
queue() {
	local json

	json=$(tc -n ue1 -s -j qdisc show dev eth0) && [[ $json =~ \"$1\":\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

nothing_dropped() {
	local drops

	drops=$("$pair" drops "$end1") || return
	[ -z "$drops" ] && [ "$(queue drops)" = 0 ] && return
	echo "the queue dropped $(queue drops), prose0 $drops"
	return 1
}

# A socket with room for some packets sends many. Their order is not at stake: a queue that is emptied
# now by the sender and now by a timer may put them on different processors of the receiver.
udp_sender_blocks() {
	slow_pair 2mbit 40000 || return
	spawn /run/received on ue2 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# Room for all of them, however late this runs: SO_RCVBUFFORCE.
s.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
s.bind(("10.0.0.2", 7000))
print("ready", flush=True)
seen = set()
while len(seen) < 400:
    seen.add(s.recv(2000)[:4])
print("all", flush=True)'
	wait_for 20 grep -q ready /run/received || return
	on ue1 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
s.connect(("10.0.0.2", 7000))
for i in range(400):
    s.send(b"%04d" % i + b"x" * 996)' || return
	wait_for 20 grep -q all /run/received || { cat /run/received; return 1; }
	nothing_dropped
}

most_queued() {
	local most=0 now

	while kill -0 "$1" 2>/dev/null; do
		now=$(queue backlog) || return
		[ "$now" -le "$most" ] || most=$now
	done
	echo "$most"
}

# The stack hands down a super-packet or two at once, 64 KiB each at most, not its whole window. That
# the carrier is what is slow, and not an instrumented kernel, takes so low a rate.
tcp_leaves_no_queue() {
	local most

	slow_pair 500kbit 400000 || return
	spawn /run/server on ue2 iperf3 -s --forceflush -1
	wait_for 20 grep -q listening /run/server || return
	# Reno opens its window until something is lost; others feel the delay of a queue.
	spawn /run/client on ue1 iperf3 -c 10.0.0.2 -n 750K -C reno
	most=$(most_queued "$spawned") || return
	echo "$most octets were queued at most"
	grep -q receiver /run/client || { cat /run/client; return 1; }
	[ "$most" -gt 0 ] && [ "$most" -lt 150000 ] && nothing_dropped
}

ktap_run udp_sender_blocks tcp_leaves_no_queue
ktap_end
