# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For the scripts here: two UEs with a device each, made peers by pair.c.

# shellcheck source=selftests/lib/ktap.sh
. "${BASH_SOURCE%/*}/../lib/ktap.sh"
# shellcheck source=selftests/lib/net.sh
. "${BASH_SOURCE%/*}/../lib/net.sh"
net_needs ping:iputils-ping iperf3 python3
net_private "$@"

# Programs are where make put them, or installed alike: that place comes first in PATH.
pair=${PATH%%/bin:*}/selftests/device/pair

# The ends as pair names them. Used by the scripts.
# shellcheck disable=SC2034
end1=ue1/prose0/10.0.0.1 end2=ue2/prose0/10.0.0.2

# device_pair: ue1 and ue2, 10.0.0.1 and 10.0.0.2, secured, and each can reach the other.
device_pair() {
	net_modules prose && net_make ue1 ue2 &&
		prose_link ue1 0a:0b:0c 10.0.0.1/24 && prose_link ue2 0a:0b:0d 10.0.0.2/24 &&
		"$pair" make "$end1" "$end2" && reaches ue1 10.0.0.2 && reaches ue2 10.0.0.1
}

# reaches NS ADDRESS
reaches() {
	on "$1" ping -q -c 3 -i 0.05 -W 5 "$2" >/dev/null || {
		echo "$1 does not reach $2"
		return 1
	}
}

# device_traffic: TCP both ways and two floods of pings, in the background, for a long time.
device_traffic() {
	local logs=/run/traffic

	mkdir -p $logs
	spawn $logs/server on ue2 iperf3 -s --forceflush
	wait_for 10 grep -q listening $logs/server || return
	spawn $logs/client on ue1 iperf3 -c 10.0.0.2 -t 600 --bidir -i 0.5 --forceflush
	spawn $logs/ping1 on ue1 ping -q -f 10.0.0.2
	spawn $logs/ping2 on ue2 ping -q -f -s 1400 10.0.0.1
	# It flows: the client has reported a second of it.
	wait_for 30 reported $logs/client 4
}

# reported FILE N: iperf3 has said that often how fast it is. Asked without a program, see wait_for.
reported() {
	local text without

	IFS= read -r -d '' text <"$1"
	without=${text//bits\/sec/}
	[ $(((${#text} - ${#without}) / 8)) -ge "$2" ]
}

# refuses TEXT COMMAND...: the command fails and says TEXT (an extended regular expression).
refuses() {
	local text=$1 said
	shift

	if said=$("$@" 2>&1); then
		echo "not refused: $*"
		return 1
	fi
	grep -qE "$text" <<<"$said" && return
	echo "refused: $*"
	echo "but said: $said"
	echo "and not: $text"
	return 1
}

# is NS DEV KEY VALUE: what "ip -j link" shows.
is() {
	local got

	got=$(ip -n "$1" -d -j link show dev "$2" | python3 -c '
import json, sys
value = json.load(sys.stdin)[0]
for key in sys.argv[1].split("."):
    value = value[key]
print(value)' "$3") || return
	[ "$got" = "$4" ] && return
	echo "$2 in $1: $3 is $got, not $4"
	return 1
}
