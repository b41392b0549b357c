#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Peers are added and deleted under traffic, and nothing is left of them: see churn.c.
#
#	CHURN_CYCLES=10000	how often (300)

. "$(dirname "$0")/../lib/net.sh"
net_private "$@"

programs=${PATH%%/bin:*}/selftests

# second NS LAYER-2-ID ADDRESS: prose1, as net.sh makes prose0.
second() {
	ip -n "$1" link add link eth0 name prose1 address "$2" type prose &&
		ip -n "$1" link set prose1 up && ip -n "$1" address add "$3" dev prose1
}

make() {
	net_modules veth prose && net_make ue1 ue2 &&
		prose_link ue1 0a:0b:0c 10.0.0.1/24 && prose_link ue2 0a:0b:0d 10.0.0.2/24 &&
		second ue1 0b:0b:0c 10.1.0.1/24 && second ue2 0b:0b:0d 10.1.0.2/24 &&
		"$programs/device/pair" make ue1/prose0/10.0.0.1 ue2/prose0/10.0.0.2
}

if ! make; then
	echo "Bail out! two UEs could not be made"
	exit 1
fi
"$programs/datapath/churn" "${CHURN_CYCLES:-300}"
