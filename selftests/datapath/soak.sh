#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Traffic of all kinds at once over each pair of algorithms and each carrier, see soak.c: the
# receivers find every datagram once, intact and in order, and so does the decoder in the capture of
# the lower devices, where no COUNT is used twice.
#
#	SOAK_PACKETS=200000	how many packets a pair (600)
#	SOAK_CARRIERS="link udp"	all pairs over these carriers (all over link, one over udp)

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
net_private "$@"

programs=${PATH%%/bin:*}/selftests
packets=${SOAK_PACKETS:-600}
carriers=${SOAK_CARRIERS:-link udp}

make_link() {
	net_modules veth prose && net_make ue1 ue2 &&
		prose_link ue1 0a:0b:0c 10.0.0.1/24 fd00::1/64 &&
		prose_link ue2 0a:0b:0d 10.0.0.2/24 fd00::2/64
}

make_udp() {
	local i

	net_modules veth prose && net_make ue1 ue2 && net_ip_path || return
	for i in 1 2; do
		"$programs/datapath/udp" make "ue$i" prose0 carrier=udp "address=0a:0b:0$i" mtu=1435 &&
			ip netns exec "ue$i" sysctl -qw net.ipv6.conf.prose0.accept_dad=0 &&
			ip -n "ue$i" link set prose0 up && ip -n "ue$i" address add "10.0.0.$i/24" dev prose0 &&
			ip -n "ue$i" address add "fd00::$i/64" dev prose0 nodad || return
	done
}

# What the decoder must know of a carrier besides what it knows by itself.
declare -A decoding=([link]=--exclusive [udp]="--udp-port 7800")

# pairs CARRIER: EEA, EIA and data integrity, a line each. What differs over udp is not the pair.
pairs() {
	local eea eia

	if [ "$1" = udp ] && [ -z "${SOAK_CARRIERS:-}" ]; then
		echo "2 2 1"
		return
	fi
	for eea in 0 1 2 3; do
		for eia in 1 2 3; do
			echo "$eea $eia 1"
		done
		# Signalling has integrity all the same.
		echo "$eea 2 0"
	done
}

ues() {
	local ns

	"make_$1" || return
	for ns in ue1 ue2; do
		# The capture is to show frames as they are on a wire, not before they are segmented.
		ip -n $ns link set eth0 gso_max_segs 1 || return
	done
}

# soak CARRIER EEA EIA INTEGRITY
soak() {
	local files=$OUT/$1-eea$2-eia$3-$4 status decoded patience=60

	# Once one has failed, the others are not worth much time.
	[ "$ktap_failed" -eq 0 ] || patience=2
	"$programs/datapath/soak" "$1" "$2" "$3" "$4" "$packets" "$patience" "$files"
	status=$?
	# Told even then: what is missing may be on the wire.
	# shellcheck disable=SC2086 # words
	"$programs/decode/decode" --key-log "$files.keys" --flows "$files.flows" ${decoding[$1]} \
		--json "$files.json" "$files.pcap" >"$files.txt" 2>&1 || {
		cat "$files.txt"
		status=1
	}
	grep '^flows: ' "$files.txt"
	decoded=$(sed -n 's/^\([0-9]*\) decoded, .*/\1/p' "$files.txt")
	[ "${decoded:-0}" -ge "$packets" ] || {
		echo "${decoded:-no} packets on the wire, $packets were to be sent"
		status=1
	}
	# It is large, and of use only where something is wrong.
	[ "$status" -ne 0 ] || rm "$files.pcap"
	return "$status"
}

# Queues are to hold what is under way, however late a receiver is.
! net_in_guest || nsenter -t 1 -n sysctl -qw net.core.netdev_max_backlog=20000
total=0
for carrier in $carriers; do
	total=$((total + $(pairs "$carrier" | wc -l)))
done
ktap_start "$total"
for carrier in $carriers; do
	if ! ues "$carrier"; then
		echo "Bail out! there is no carrier $carrier"
		exit 1
	fi
	while read -r eea eia integrity; do
		name="$carrier EEA$eea EIA$eia"
		[ "$integrity" = 1 ] || name="$carrier EEA$eea, data without integrity"
		ktap_check "$name" soak "$carrier" "$eea" "$eia" "$integrity" </dev/null && continue
		# It may have left its peers.
		ip netns del ue1
		ip netns del ue2
		ues "$carrier" || exit 1
	done < <(pairs "$carrier")
	ip netns del ue1
	ip netns del ue2
done
ktap_end
