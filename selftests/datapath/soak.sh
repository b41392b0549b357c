#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Traffic of all kinds at once over each pair of algorithms and each carrier, see soak.c: the
# receivers find every datagram once, intact and in order, and so does the decoder in the capture of
# the lower devices, where no COUNT is used twice.
#
#	SOAK_PACKETS=200000	how many packets a pair (600)
#	SOAK_CARRIERS="link"	over which carriers

# shellcheck disable=SC2317 # the tests are run by name

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
net_private "$@"

programs=${PATH%%/bin:*}/selftests
packets=${SOAK_PACKETS:-600}
carriers=${SOAK_CARRIERS:-link}

make_link() {
	net_modules veth prose && net_make ue1 ue2 &&
		prose_link ue1 0a:0b:0c 10.0.0.1/24 fd00::1/64 &&
		prose_link ue2 0a:0b:0d 10.0.0.2/24 fd00::2/64
}

# What the decoder must know of a carrier besides what it knows by itself.
declare -A decoding=([link]=--exclusive)

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
# shellcheck disable=SC2086 # words
set -- $carriers
ktap_start $(($# * 16))
for carrier; do
	if ! ues "$carrier"; then
		echo "Bail out! there is no carrier $carrier"
		exit 1
	fi
	for eea in 0 1 2 3; do
		for eia in 1 2 3; do
			ktap_check "$carrier EEA$eea EIA$eia" soak "$carrier" $eea $eia 1
		done
		# Signalling has integrity all the same.
		ktap_check "$carrier EEA$eea, data without integrity" soak "$carrier" $eea 2 0
	done
	ip netns del ue1
	ip netns del ue2
done
ktap_end
