#!/bin/bash
# SPDX-License-Identifier: MIT
#
# In a guest whose clock counts instructions: how long it takes from what `prose connect` asks of prosed
# until the first ping has its answer, by each method, with 20 ms on the way in each direction; and
# whether rekeying under iperf3 loses a packet. Lines
#
#	connect METHOD ROUND-TRIPS MS-OF-A-ROUND-TRIP MILLISECONDS
#	rekeys NUMBER SENT LOST
#
# to $OUT/links. The round trips are those of the messages until the asking side is connected, and one for
# the ping. While the guest waits for a file of the host its clock jumps to the next timer, seconds away;
# so one program that runs already asks and pings, and prosed is in memory.
#
# usage: links.sh [REKEYS]

# shellcheck disable=SC2317 # what is measured is run by name

. "$(dirname "$0")/../daemon/ues.sh"

rekeys=${1:-1000}
delay=20

# setup METHOD: both daemons, on a carrier without delay.
setup() {
	local ue

	net_make ue1 ue2 && make_credentials || return
	umask 077
	for ue in ue1 ue2; do
		case $1 in
		certificate)
			configure "$ue" || return
			;;
		psk)
			configure "$ue" "identity = \"urn:prose:$ue\"" 'psk {' "	file = \"$ue.psk\"" '}' \
				'# no certificate' || return
			echo "urn:prose:$(other_of "$ue") $(printf %064d 1)" >"$run/$ue.psk"
			;;
		esac
		daemon "$ue" || return
	done
}

# connect_takes NAME TRIPS: until the ping is answered; the median of three, each after a release.
connect_takes() {
	local name=$1 trips=$2 i

	for i in 1 2 3; do
		on ue1 python3 - "$run/ue1.sock" 10.9.0.2 >"$run/took$i" <<-'END' || return
		import json, socket, struct, sys, time

		control = socket.socket(socket.AF_UNIX)
		control.connect(sys.argv[1])
		lines = control.makefile("rw")
		ping = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
		ping.settimeout(5)
		lines.write('{"command": "subscribe"}\n')
		lines.flush()
		lines.readline()
		start = time.monotonic()
		lines.write('{"command": "connect", "peer": "ue2"}\n')
		lines.flush()
		for line in lines:
		    event = json.loads(line)
		    if event.get("event") == "connected":
		        break
		    if event.get("event") == "failed" or event.get("ok") is False:
		        sys.exit(line)
		# Type 8, identifier and sequence number 0; 0xf7ff is the checksum.
		ping.sendto(struct.pack("!BBHHH", 8, 0, 0xf7ff, 0, 0), (sys.argv[2], 0))
		while ping.recv(2048)[20] != 0:
		    pass
		print(1000 * (time.monotonic() - start))
		END
		of ue1 release ue2 >/dev/null && wait_for 10 state_is ue1 idle || return
		[ "$name" = kept ] || forget_kd || return
	done
	sort -n "$run"/took[123] | sed -n 2p >"$run/took"
	awk -v least="$((trips * 2 * delay))" '$1 < least { exit 1 }' "$run/took" || {
		echo "$name: in $(<"$run/took") ms there are no $trips round trips: it was another way"
		return 1
	}
	awk -v name="$name" -v trips="$trips" -v delay="$delay" \
		'{ printf "connect %s %d %d %.1f\n", name, trips, 2 * delay, $1 }' "$run/took" | tee -a "$OUT/links"
}

# A KD that is kept would make the next one a reconnection: a restart without its store loses it.
forget_kd() {
	local ue

	for ue in ue1 ue2; do
		kill "${pid[$ue]}" && wait "${pid[$ue]}"
		rm -f "$run/$ue".state* "$run/$ue".store*
		daemon "$ue" || return
	done
}

delayed() {
	net_impair ue1 delay "${delay}ms" && net_impair ue2 delay "${delay}ms"
}

by_certificate() {
	setup certificate && delayed && connect_takes certificate 5
}

by_psk() {
	setup psk && delayed && connect_takes psk 3
}

with_kd_kept() {
	setup certificate && delayed && of ue1 connect ue2 >/dev/null && of ue1 release ue2 >/dev/null &&
		wait_for 10 state_is ue1 idle && connect_takes kept 3
}

# One after the other, as fast as both ends do it, while iperf3 sends; again until there were enough.
under_iperf() {
	local all=0 sent=0 lost=0 n

	setup certificate && of ue1 connect ue2 >/dev/null || return
	while [ "$all" -lt "$rekeys" ]; do
		rm -f "$run/server"
		spawn "$run/server" on ue2 iperf3 -s -1 --forceflush
		wait_for 20 grep -q listening "$run/server" || return
		spawn "$run/client" on ue1 iperf3 -u -b 5M -l 1300 -t 10 -c 10.9.0.2 -J
		python3 - "$run/ue1.sock" "$spawned" >"$run/rekeyed" <<-'END' || return
		import json, os, socket, sys

		def running(pid):
		    try:
		        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
		            return file.read().split()[2] != "Z"
		    except OSError:
		        return False

		control = socket.socket(socket.AF_UNIX)
		control.connect(sys.argv[1])
		lines = control.makefile("rw")
		n = 0
		lines.write('{"command": "subscribe"}\n')
		while running(sys.argv[2]):
		    lines.write('{"command": "rekey", "peer": "ue2"}\n')
		    lines.flush()
		    for line in lines:
		        event = json.loads(line)
		        if event.get("event") == "rekeyed":
		            break
		        if event.get("event") in ("failed", "released") or event.get("ok") is False:
		            sys.exit(line)
		    n += 1
		print(n)
		END
		wait "$spawned"
		n=$(<"$run/rekeyed")
		all=$((all + n))
		read -r n_sent n_lost < <(python3 -c '
import json, sys
end = json.load(sys.stdin)["end"]["sum"]
print(end["packets"], end["lost_packets"])' <"$run/client") || { cat "$run/client"; return 1; }
		sent=$((sent + n_sent))
		lost=$((lost + n_lost))
	done
	echo "rekeys $all $sent $lost" | tee -a "$OUT/links"
}

# in_memory PROGRAM...: and the libraries they want
in_memory() {
	local program

	mkdir -p "$run/memory"
	for program; do
		program=$(command -v "$program") && cp "$program" "$run/memory/" &&
			ldd "$program" | awk '$3 ~ "^/" { print $3 }' | xargs cp -t "$run/memory" || return
	done
	PATH=$run/memory:$PATH
	export LD_LIBRARY_PATH=$run/memory
}

# Each in a shell of its own, whose namespaces and daemons go with it.
failed=0
: >"$OUT/links"
in_memory prosed || exit
for what in by_certificate by_psk with_kd_kept under_iperf; do
	("$what") >"$OUT/said" 2>&1 && continue
	echo "bench: $what has failed"
	sed 's/^/bench: /' "$OUT/said"
	failed=1
done
cat "$OUT/links"
exit $failed
