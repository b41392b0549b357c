#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_check
# SPDX-License-Identifier: MIT
#
# One UE, the hub, and MANY_PEERS (16) others at once, each with a prosed, a device and a namespace of
# its own. The devices of the others are on one lower device, which tells them apart by Layer-2 ID:
#
#					       +--- [prose0 10.9.1.0] far0
#	hub [prose0 10.9.255.1] [eth0]---[eth0]+--- [prose0 10.9.1.1] far1
#	    0a:0b:01			   far +--- ...
#
# Without these namespaces each daemon would be told of what happens to the devices of all. Links come to be in four ways, one for each peer in turn: the hub's auto-connect, a packet of the
# hub's, the peer's auto-connect, a packet of the peer's. An eighth have certificates, the others psk.

. "$(dirname "$0")/ues.sh"

peers=${MANY_PEERS:-16}
needle=PROSE-NEEDLE-IN-CLEAR
hub_address=10.9.255.1
# What so many programs write, to a file of the host a line at a time, would take most of the time.
logs=$run/logs

far_address() {
	echo "10.9.$((1 + $1 / 200)).$(($1 % 200))"
}

far_id() {
	printf '0a:10:%02x' "$1"
}

has_certificate() {
	[ $(($1 % 8)) -eq 5 ] || [ $(($1 % 8)) -eq 2 ] && [ $(($1 / 8 % 2)) -eq 0 ]
}

# --- configuration

# certificate_section IDENTITY
certificate_section() {
	cat <<-END
	certificate {
		chain = "pki/$1.pem"
		key = "pki/$1.key"
		roots = { "pki/ca.pem" }
		crls = { "pki/crl.pem" }
	}
	END
}

# A silence is noticed soon, so that the test need not wait; one that is asked may take its time, for
# hundreds of daemons share two slow processors.
timers_section() {
	cat <<-END
	timers {
		t4102-ms = 8000
		t4101-ms = 3000
	}
	END
}

configure_all() {
	local i key

	prose pki init "$run/pki" >/dev/null && prose pki issue "$run/pki" urn:prose:hub >/dev/null || return
	{
		cat <<-END
		device = "prose0"
		lower = "eth0"
		control = "$run/hub.sock"
		state = "$run/hub.state"
		store = "$run/hub.store"
		store-key = "$run/hub.key"
		layer2-id = "0a:0b:01"
		addresses = { "$hub_address/16" }
		psk {
			file = "hub.psk"
		}
		END
		certificate_section urn:prose:hub
		timers_section
	} >"$run/hub.conf"
	umask 077
	: >"$run/hub.psk"
	for ((i = 0; i < peers; i++)); do
		printf -v key %064x $((i + 1))
		echo "urn:prose:far$i $key" >>"$run/hub.psk"
		cat >>"$run/hub.conf" <<-END
		peer "urn:prose:far$i" {
			layer2-id = "$(far_id "$i")"
			addresses = { "$(far_address "$i")" }
			auto-connect = $([ $((i % 4)) -eq 0 ] && echo true || echo false)
		}
		END
		{
			cat <<-END
			device = "prose0"
			control = "$run/far$i.sock"
			state = "$run/far$i.state"
			store = "$run/far$i.store"
			store-key = "$run/far$i.key"
			layer2-id = "$(far_id "$i")"
			addresses = { "$(far_address "$i")/16" }
			END
			if has_certificate "$i"; then
				prose pki issue "$run/pki" "urn:prose:far$i" >/dev/null || return
				certificate_section "urn:prose:far$i"
			else
				echo "urn:prose:hub $key" >"$run/far$i.psk"
				echo "identity = \"urn:prose:far$i\""
				echo "psk { file = \"far$i.psk\" }"
			fi
			timers_section
			cat <<-END
			peer "urn:prose:hub" {
				layer2-id = "0a:0b:01"
				addresses = { "$hub_address" }
				auto-connect = $([ $((i % 4)) -eq 2 ] && echo true || echo false)
			}
			END
		} >"$run/far$i.conf"
	done
}

# A namespace for each of the others, with a device that stands on eth0 of "far".
make_far() {
	local i

	for ((i = 0; i < peers; i++)); do
		echo "netns add far$i"
	done | ip -batch - || return
	for ((i = 0; i < peers; i++)); do
		echo "link add link eth0 name prose0 address $(far_id "$i") type prose"
		echo "link set prose0 netns far$i"
	done | ip -n far -batch -
}

# The devices go first, so that they do not have to find a way back.
delete_far() {
	local i

	for ((i = 0; i < peers; i++)); do
		echo "netns del far$i"
	done | ip -batch - 2>/dev/null
}

# --- daemons; they outlive the result they are started in

start_hub() {
	ip netns exec hub prosed -c "$run/hub.conf" >>"$logs/hub.log" 2>&1 </dev/null &
	echo $! >"$run/hub.pid"
	wait_for 60 of hub show || {
		tail -n 5 "$logs/hub.log"
		return 1
	}
}

# answers NAME: it listens before it has taken over what there was, and answers behind that.
answers() {
	test -S "$run/$1.sock" && of "$1" show
}

# start_far I...
start_far() {
	local i

	for i; do
		rm -f "$run/far$i.sock"
		nsenter --net="/run/netns/far$i" prosed -c "$run/far$i.conf" >>"$logs/far$i.log" 2>&1 </dev/null &
		echo $! >"$run/far$i.pid"
	done
	for i; do
		wait_for $((30 + peers / 2)) answers "far$i" || {
			tail -n 5 "$logs/far$i.log"
			return 1
		}
	done
}

# kill_daemon NAME: as a crash would, and it is gone afterwards.
kill_daemon() {
	local pid

	pid=$(<"$run/$1.pid")
	kill -KILL "$pid" && wait_for 10 ended "$pid"
}

ended() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

end_all() {
	local file

	cp "$logs/hub.log" "$OUT/"
	# Of the others what may be of interest when it went wrong.
	tail -n 20 "$logs"/far*.log >"$OUT/far.log"
	for file in "$run"/*.pid; do
		kill -KILL "$(<"$file")"
	done 2>/dev/null
}

# No prosed found a state or a store that it could not use.
nothing_unusable() {
	! grep -E 'set aside|another UE|cannot be (read|written|kept|set|understood)|not used' "$logs"/*.log
}

# --- what is seen

# pairs FROM WAY...: lines for echo.py, of the peers that are connected in those ways.
pairs() {
	local from=$1 i way
	shift

	for ((i = 0; i < peers; i++)); do
		for way; do
			[ $((i % 4)) -eq "$way" ] || continue
			case $from in
			hub) echo "- $(far_address "$i")" ;;
			far) echo "far$i $hub_address" ;;
			esac
		done
	done
}

# echoes FROM SECONDS WAY...: each of them answers in time, which is three times as long as in wait_for.
echoes() {
	local from=$1 seconds=$2
	shift 2

	pairs "$from" "$@" | on hub "$here/echo.py" $((3 * seconds)) "$needle"
}

# links: a line for each peer of the hub that is connected: Layer-2 ID and KD-sess ID.
links() {
	of hub show -j | python3 -c '
import json, sys
for peer in json.load(sys.stdin)["peers"]:
    if peer["state"] == "connected":
        print(peer["layer2_id"], peer["kd_sess_id"])' | sort
}

# Asked again and again, which a program of Python's for each time would make most of the work.
connected_are() {
	local shown n

	shown=$(of hub show -j) || return
	n=$(grep -c '"state": "connected"' <<<"$shown")
	echo "$n connected"
	[ "$n" = "$1" ]
}

# slowly COMMAND...: what wait_for asks often, for nothing, while hundreds are at work.
slowly() {
	sleep 0.5
	"$@"
}

# every WAY...: how many peers there are of these.
every() {
	pairs hub "$@" | wc -l
}

auto_connected() {
	local i connected

	connected=$(of hub show -j | grep -c '"state": "connected"')
	[ "$connected" -ge "$(every 0 2)" ] || return
	connected=$(links)
	for ((i = 0; i < peers; i += 2)); do
		[[ $connected == *"$(far_id "$i")"* ]] || return
	done
}

memory_of() {
	awk '/^RssAnon/ { print $2 }' "/proc/$(<"$run/$1.pid")/status"
}

# Processor time of a daemon so far, in milliseconds.
time_of() {
	awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$(<"$run/$1.pid")/stat"
}

# flow_starts, flow_ends: echoes to all in turn meanwhile, of which none may be lost.
flow_starts() {
	pairs hub 0 1 2 3 >"$run/pairs"
	ip netns exec hub "$here/echo.py" --flow 50 "$needle" <"$run/pairs" >"$run/flow" 2>&1 &
	flow=$!
}

flow_ends() {
	kill "$flow"
	wait "$flow"
	cat "$run/flow"
	grep -q '^[1-9][0-9]* sent, 0 lost' "$run/flow"
}

# --- the tests, in this order: each goes on where the one before it ended

all_connect() {
	local i before later=() first=() start memory spent

	for ((i = 0; i < peers; i++)); do
		[ $((i % 4)) -eq 2 ] && later+=("$i") || first+=("$i")
	done
	start_far "${first[@]}" && start_hub || return
	memory=$(memory_of hub)
	start=$EPOCHREALTIME
	start_far "${later[@]}" || return
	wait_for $((60 + peers)) slowly auto_connected || { links | wc -l; return 1; }
	echo "auto-connected: $(links | wc -l)"
	echoes hub $((30 + peers / 2)) 1 && echoes far $((30 + peers / 2)) 3 || return
	wait_for $((30 + peers / 2)) slowly connected_are "$peers" || { links | wc -l; return 1; }
	spent=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f", b - a }')
	before=$memory
	memory=$(memory_of hub)
	echo "the hub: $((memory - before)) KiB more with $peers links, $(time_of hub) ms of processor time;" \
		"$spent s"
	echoes hub 30 0 1 2 3
}

# The last of its links may be two seconds late in the state.
hub_has_kept() {
	[ "$(grep -c '"kd_sess_id"' "$run/hub.state")" = "$peers" ]
}

hub_killed_and_restarted() {
	local before after

	wait_for 10 hub_has_kept || return
	before=$(links)
	flow_starts
	kill_daemon hub || return
	# The kernel goes on without it.
	echoes hub 30 0 1 2 3 && start_hub || return
	after=$(links)
	[ "$before" = "$after" ] || {
		diff <(echo "$before") <(echo "$after")
		return 1
	}
	# What was taken over does what a link does, by the KD that was kept and by a new one.
	of hub rekey urn:prose:far1 && of hub rekey --kd urn:prose:far2 && flow_ends || return
	! grep 'not taken over' "$logs/hub.log" && nothing_unusable || return
	[ "$(grep -c ': taken over' "$logs/hub.log")" = "$peers" ]
}

# Each in its turn, some at a time.
far_killed_and_restarted() {
	local before i j turn=$(((peers + 7) / 8))

	before=$(links)
	flow_starts
	for ((i = 0; i < peers; i += turn)); do
		for ((j = i; j < i + turn && j < peers; j++)); do
			kill_daemon "far$j" || return
		done
		# shellcheck disable=SC2046 # numbers
		start_far $(seq "$i" $((j - 1))) || return
	done
	flow_ends || return
	[ "$before" = "$(links)" ] || {
		diff <(echo "$before") <(links)
		return 1
	}
	for ((i = 0; i < peers; i++)); do
		grep -q 'urn:prose:hub.*: taken over' "$logs/far$i.log" || {
			echo "far$i: $(tail -n 3 "$logs/far$i.log")"
			return 1
		}
	done
	of far1 rekey hub && of far2 rekey --kd hub && nothing_unusable && echoes hub 30 0 1 2 3
}

# Nothing gets through for so long that both ends give up; what is to be connected is so again by
# itself, the others as soon as there is traffic.
carrier_lost() {
	ip -n far link set eth0 down || return
	wait_for 180 slowly connected_are 0 || { links | wc -l; return 1; }
	ip -n far link set eth0 up || return
	wait_for $((120 + peers)) slowly auto_connected || { links | wc -l; return 1; }
	connected_are "$(every 0 2)"
	echoes hub $((60 + peers / 2)) 1 3 && wait_for 30 slowly connected_are "$peers"
}

nothing_in_clear() {
	local frames others

	net_capture_end "$capture" "$run/many.pcap.log" || return
	frames=$(tcpdump -r "$run/many.pcap" -n ether proto 0x88b5 2>/dev/null | wc -l)
	others=$(tcpdump -r "$run/many.pcap" -n not ether proto 0x88b5 2>/dev/null | wc -l)
	echo "$frames frames, $others of other protocols"
	[ "$frames" -gt $((10 * peers)) ] && [ "$others" -eq 0 ] &&
		! grep -q "$needle" "$run/many.pcap"
}

# SIGTERM: all peers are told, and what prosed added is gone.
hub_ends() {
	local pid

	pid=$(<"$run/hub.pid")
	kill -TERM "$pid"
	wait_for 60 ended "$pid" || return
	! ip -n hub link show prose0 2>/dev/null && ! ip -n hub -4 route | grep prose0 &&
		[ ! -e "$run/hub.state" ] && wait_for 30 idle_at far1 &&
		wait_for 30 idle_at "far$((peers - 1))"
}

idle_at() {
	of "$1" show -j | grep -q '"state": "idle"'
}

if [ "$peers" -lt 8 ] || [ "$peers" -gt 256 ]; then
	echo "Bail out! MANY_PEERS is not from 8 to 256"
	exit 1
fi
ktap_start 6
defer end_all
mkdir -p "$logs"
# Each prosed has one, for CRLs that change. Others than a guest may keep theirs: then it says so.
! net_in_guest || sysctl -qw fs.inotify.max_user_instances=1024
net_make hub far && configure_all && defer delete_far && make_far &&
	net_capture hub eth0 "$run/many.pcap" || exit
capture=$spawned
ktap_check all_connect all_connect
ktap_check hub_killed_and_restarted hub_killed_and_restarted
ktap_check far_killed_and_restarted far_killed_and_restarted
ktap_check carrier_lost carrier_lost
ktap_check nothing_in_clear nothing_in_clear
ktap_check hub_ends hub_ends
ktap_end
