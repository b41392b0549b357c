#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# What prose shows of real links, and what prose doctor finds when something is wrong with them.
# How things look that do not need a link is tested without one, in ../cli.

. "$(dirname "$0")/ues.sh"
net_needs nft:nftables
python3 -c 'import jsonschema' 2>/dev/null ||
	net_skip_all "python3-jsonschema is missing; apt-get install python3-jsonschema"
export LC_ALL=C.UTF-8

# The schemas are beside the tests, or in the tree they are run from.
shares=$here/..
[ -e "$shares/prose-show.schema.json" ] || shares=$here/../../userspace/share

# fits NAME [--lines]: what comes is as share/prose-NAME.schema.json has it
fits() {
	python3 "$here/../lib/schema.py" "${@:2}" "$shares/prose-$1.schema.json"
}

traffic() {
	on "$1" ping -q -c "${2:-5}" -i 0.05 -s 1000 "$(address_of "$(other_of "$1")")" >/dev/null
}

# The metric of the other UE at this one, or nothing.
metric() {
	of "$1" metrics | python3 "$here/../lib/metrics.py" "$2{peer=\"urn:prose:$(other_of "$1")\"}"
}

# Nothing tells that a monitor has subscribed but what it shows.
both_listen() {
	of ue1 connect ue2 && of ue1 release ue2 && [ -s "$run/events" ] && [ -s "$run/said" ]
}

shows_links() {
	local shown before

	ues || return
	of ue1 show -j | fits show || return
	spawn "$run/events" prose -s "$run/ue1.sock" monitor -j
	spawn "$run/said" prose -s "$run/ue2.sock" monitor -n 3 ue1
	wait_for 20 both_listen || return
	of ue1 connect ue2 && of ue1 rekey --kd ue2 && traffic ue1 || return
	of ue1 show -j | fits show || return
	of ue1 show -j | grep -q '"kd_sess_id"' || return
	wait_for 10 grep -q '"rekeyed"' "$run/events" || return
	fits event --lines <"$run/events" || return
	wait_for 10 grep -q ' urn:prose:ue1 (0a:0b:01) ' "$run/said" || return

	shown=$(of ue1 show)
	has show "$shown" '^device: prose0 \(0a:0b:01\)$' &&
		has show "$shown" '^  lower device: eth0, EtherType 88b5$' &&
		has show "$shown" '^peer: urn:prose:ue2 \(0a:0b:02\)$' &&
		has show "$shown" '^  state: connected for [0-9]+ (second|minute)s?' &&
		has show "$shown" '^  authenticated: certificate: ' &&
		has show "$shown" '^  algorithms: 128-EEA2 \(AES\), 128-EIA2 \(AES\), user data integrity protected$' &&
		has show "$shown" '^  KD-sess: [0-9a-f]{4}, made [0-9]+ (second|minute)s?.* ago, rekeyed 1 time \(1 with a new KD\)$' &&
		has show "$shown" '^  KD: [0-9a-f]{8}$' &&
		has show "$shown" '^  transfer: [0-9.]+ KiB received, [0-9.]+ KiB sent$' &&
		has show "$shown" '^  last heard: [0-9]+ seconds? ago$' || return
	! grep -q "connection identities" <<<"$shown" || return
	! grep -q $'\033' <<<"$shown" || return
	has "show -v" "$(of ue1 show -v ue2)" '^  connection identities: local [0-9a-f]{16,}, remote ' &&
		has "show -v" "$(of ue1 show -v)" '^  association: KD-sess [0-9a-f]{4} sends and receives, ' ||
		return
	! of ue1 show ue2 | grep -q '^device' || return

	# Counters of the kernel, not made up: what was sent is counted, here and there. They are of user data, so
	# that no KEEPALIVE is among it.
	before=$(metric ue1 prose_peer_transmit_packets_total) && traffic ue1 7 || return
	expect "packets sent" "$(metric ue1 prose_peer_transmit_packets_total)" $((before + 7)) &&
		expect up "$(metric ue1 prose_peer_up)" 1 &&
		expect rekeys "$(metric ue1 prose_peer_kd_rekeys_total)" 1 &&
		expect "octets there" "$(metric ue2 prose_peer_receive_bytes_total)" \
			"$(metric ue1 prose_peer_transmit_bytes_total)" || return
	of ue1 release ue2 && of ue1 show -j | fits show && expect up "$(metric ue1 prose_peer_up)" 0
}

quiet_curves() {
	of ue1 watch -i 0.3 -n 4 | tail -n 1 | grep -qE ' 0 B/s +0 B/s *$'
}

watches_throughput() {
	local shown flood

	ues && of ue1 connect ue2 || return
	spawn "$run/flood" on ue1 ping -n -i 0.01 -s 1000 10.9.0.2
	flood=$spawned
	wait_for 10 pings_beyond "$run/flood" 0 || return
	shown=$(of ue1 watch -i 0.3 -n 5)
	expect frames "$(grep -c '^prose0 (0a:0b:01) urn:prose:ue1: 1 of 1 connected' <<<"$shown")" 5 &&
		has watch "$shown" '^ue2 +connected +[0-9]+s +[0-9.]+ (B|KiB|MiB)/s .*█.* +[0-9.]+ (B|KiB|MiB)/s .*█' ||
		return
	has "watch in ASCII" "$(LC_ALL=C of ue1 watch -i 0.3 -n 3)" '^ue2 .*/s .*@.*/s .*@' || return
	# When nothing goes over it, the curves say so; but IPv6 has a word to say now and then.
	stop "$flood" INT
	wait_for 20 quiet_curves || {
		of ue1 watch -i 0.3 -n 4
		return 1
	}
	# The daemon's end ends it, with the reason after the screen is back.
	spawn "$run/screen" env TERM=xterm python3 "$here/../lib/terminal.py" \
		prose -s "$run/ue1.sock" watch -i 0.2
	wait_for 20 grep -q 'of 1 connected' "$run/screen" || return
	kill "${pid[ue1]}" && wait_for 20 grep -q 'prosed closed the connection' "$run/screen" || return
	python3 - "$run/screen" <<-'END'
	import sys
	screen = open(sys.argv[1], 'rb').read()
	left = screen.rindex(b'\033[?1049l')
	sys.exit(not screen.index(b'\033[?1049h') < left < screen.index(b'prosed closed'))
	END
}

# doctor UE CHECK PART [CURE]: it fails, and says of that check a sentence with the part in it
doctor() {
	local said

	if said=$(of "$1" doctor -c "$run/$1.conf" -j); then
		echo "doctor found nothing wrong: $said"
		return 1
	fi
	fits doctor <<<"$said" || return
	python3 -c '
import json, sys
check, part, cure = sys.argv[1:]
found = [f for f in json.load(sys.stdin) if f["check"] == check and f["verdict"] == "fail"]
if any(part in f["found"] and cure in (f["cure"] or "") for f in found):
    sys.exit(0)
print(f"of {check} doctor says {found}, without {part!r} and {cure!r}")
sys.exit(1)' "$2" "$3" "${4-}" <<<"$said"
}

content() {
	local said

	said=$(of "$1" doctor) && ! grep -q ^FAIL <<<"$said" && return
	echo "doctor is not content:"
	echo "$said"
	return 1
}

# What was wrong is put right: the link may have ended over it, or not.
healed() {
	{ of "$1" connect --wait=60 "$(other_of "$1")" && wait_for 10 content "$1"; } || content "$1"
}

# One fault after another, each with its sentence and its cure; without them all is well again.
doctor_finds() {
	local said

	ues && of ue1 connect ue2 || return
	said=$(of ue1 doctor) || {
		echo "$said"
		return 1
	}
	has doctor "$said" '^ok +module +prose.ko is loaded, netlink family version 1$' &&
		has doctor "$said" '^ok +device +prose0 is up, MTU 1483$' &&
		has doctor "$said" '^ok +filters +no filter of tc or nft at eth0' &&
		has doctor "$said" '^ok +peers +1 connected' || return

	ip -n ue1 link set eth0 mtu 600
	doctor ue1 device "MTU of prose0 is 583; IPv6 needs 1280" "ip link set eth0 mtu 1297" || return
	ip -n ue1 link set eth0 mtu 1500
	healed ue1 || return

	tc -n ue1 qdisc add dev eth0 clsact &&
		tc -n ue1 filter add dev eth0 ingress pref 7 protocol 0x88b5 matchall action drop || return
	doctor ue1 filters "preference 7) at ingress of eth0 drops our EtherType" \
		"tc filter del dev eth0 ingress pref 7" || return
	tc -n ue1 qdisc del dev eth0 clsact && healed ue1 || return
	# What drops another EtherType is none of ours.
	tc -n ue1 qdisc add dev eth0 clsact &&
		tc -n ue1 filter add dev eth0 ingress pref 7 protocol 0x88b6 matchall action drop &&
		healed ue1 && tc -n ue1 qdisc del dev eth0 clsact || return

	on ue1 nft -f - <<-END || return
	table netdev t {
		chain c {
			type filter hook ingress device eth0 priority 0; policy accept;
			ether type 0x88b5 drop
		}
	}
	END
	doctor ue1 filters "a rule of nft (netdev t c, handle" || return
	on ue1 nft delete table netdev t && healed ue1 || return
	# Nor is what another device's filter drops.
	on ue1 nft -f - <<-END || return
	table netdev t {
		chain c {
			type filter hook ingress device lo priority 0; policy accept;
			ether type 0x88b5 drop
		}
	}
	END
	content ue1 && on ue1 nft delete table netdev t || return

	# Past the device, in clear: what no key can help.
	ip -n ue1 route add 10.9.0.2/32 dev lo || return
	doctor ue1 device "packets to 10.9.0.2, an address of urn:prose:ue2, go to lo, not prose0" \
		"ip route get 10.9.0.2" || return
	ip -n ue1 route del 10.9.0.2/32 && healed ue1 || return

	ip -n ue1 link set eth0 down
	doctor ue1 "lower device" "eth0, the device below prose0, is down" "ip link set eth0 up" || return
	ip -n ue1 link set eth0 up
	# The other end of the cable.
	ip -n ue2 link set eth0 down
	doctor ue1 "lower device" "has no carrier"
}

doctor_without_a_daemon() {
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	doctor ue1 prosed "$run/ue1.sock: there is no such socket" "systemctl start prosed" || return
	prose pki issue --replace --not-before 2020-01-01 --not-after 2021-01-01 "$run/pki" \
		urn:prose:ue1 >/dev/null || return
	doctor ue1 configuration "expired on 2021-01-01" "prose pki issue" || return
	sed -i 's/^lower/lowre/' "$run/ue1.conf"
	doctor ue1 configuration "$run/ue1.conf:2: " || return
	# Somebody else has the device: a prosed that cannot be asked.
	configure ue1 && make_credentials && daemon ue1 && mv "$run/ue1.sock" "$run/elsewhere.sock" || return
	expect "found in its namespace" "$(on ue1 prose doctor -j -c "$run/ue1.conf" |
		grep -c 'some process owns the signalling of prose0')" 1
}

# All is well here, but what leaves does not arrive: nothing but silence tells.
doctor_hears_nothing() {
	ues 'timers {' '	t4100-ms = 1000' '	retries = 1' '}' || return
	tc -n ue2 qdisc add dev eth0 clsact &&
		tc -n ue2 filter add dev eth0 ingress protocol 0x88b5 matchall action drop || return
	says "failed" of ue1 connect --wait=20 ue2
	doctor ue1 peers "nothing ever came back" "drop EtherType 88b5" &&
		doctor ue1 peers "urn:prose:ue2 is not connected; the last attempt failed" || return
	# Healed, it knows it.
	tc -n ue2 qdisc del dev eth0 clsact && of ue1 connect ue2 && content ue1
}

ktap_run shows_links watches_throughput doctor_finds doctor_without_a_daemon doctor_hears_nothing
ktap_end
