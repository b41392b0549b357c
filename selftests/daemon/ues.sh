# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Two UEs, each a namespace with a prosed of its own, for the tests of this folder:
#
#	ue1 [prose0 10.9.0.1] [eth0]----------[eth0] [prose0 10.9.0.2] ue2
#	    0a:0b:01				      0a:0b:02
#
# Everything lives in $run; the logs are kept in $OUT.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/expect.sh
. "$here/../lib/expect.sh"
# shellcheck source=selftests/lib/net.sh
. "$here/../lib/net.sh"
net_needs ping:iputils-ping tcpdump python3
net_private "$@"
command -v prosed >/dev/null || ktap_skip_all "prosed is not built; 'make userspace' builds it"

run=/run/prose-test
declare -A pid
mkdir -p "$run"

address_of() {
	echo "10.9.0.${1#ue}"
}

id_of() {
	echo "0a:0b:0${1#ue}"
}

other_of() {
	case $1 in
	ue1) echo ue2 ;;
	ue2) echo ue1 ;;
	esac
}

# A root and a certificate for both, valid now; nothing is kept of those before.
make_credentials() {
	rm -rf "$run/pki" "$run"/*.store*
	prose pki init "$run/pki" && prose pki issue "$run/pki" urn:prose:ue1 &&
		prose pki issue "$run/pki" urn:prose:ue2
} >/dev/null

# configure UE [OPTION-LINE...]: prosed.conf with a certificate section and the other UE as peer.
# An option that is given replaces the usual one.
configure() {
	local ue=$1 other
	shift
	other=$(other_of "$ue")

	{
		cat <<-END
		device = "prose0"
		lower = "eth0"
		control = "$run/$ue.sock"
		state = "$run/$ue.state"
		END
		grep -q '^layer2-id' <<<"$*" || echo "layer2-id = \"$(id_of "$ue")\""
		grep -q '^addresses' <<<"$*" || echo "addresses = { \"$(address_of "$ue")/24\" }"
		[ $# -eq 0 ] || printf '%s\n' "$@"
		# Parts that a test leaves out by saying so.
		[[ " $* " == *'# no certificate'* ]] || cat <<-END
		certificate {
			chain = "pki/urn:prose:$ue.pem"
			key = "pki/urn:prose:$ue.key"
			roots = { "pki/ca.pem" }
			crls = { "pki/crl.pem" }
		}
		END
		[[ " $* " == *' store = '* ]] || echo "store = \"$run/$ue.store\""
		[[ " $* " == *' store-key = '* ]] || echo "store-key = \"$run/$ue.key\""
		[[ " $* " == *'# no peer'* ]] || cat <<-END
		peer "urn:prose:$other" {
			layer2-id = "$(id_of "$other")"
			addresses = { "$(address_of "$other")" }
		}
		END
	} >"$run/$ue.conf"
}

# daemon UE [OPTION...]: starts prosed, waits until it answers. Its process id in ${pid[UE]}.
daemon() {
	local ue=$1
	shift

	ip netns exec "$ue" prosed -v -v -c "$run/$ue.conf" "$@" >>"$OUT/$ue.log" 2>&1 </dev/null &
	# shellcheck disable=SC2034 # the tests use it
	pid[$ue]=$!
	defer stop "$!"
	# Keys of identities are checked when they are read, which takes seconds on an emulated processor.
	wait_for 120 of "$ue" show || {
		tail -n 5 "$OUT/$ue.log"
		return 1
	}
}

# ues [OPTION-LINE...]: carrier, credentials and both daemons, with these options.
ues() {
	net_make ue1 ue2 && make_credentials && configure ue1 "$@" && configure ue2 "$@" || return
	echo "--- ${FUNCNAME[1]}" | tee -a "$OUT/ue1.log" >>"$OUT/ue2.log"
	daemon ue1 && daemon ue2
}

# of UE ARG...: prose, asking that UE's daemon
of() {
	local ue=$1
	shift

	prose -s "$run/$ue.sock" "$@"
}

# peer UE JQ-LIKE-NAME: a text or number member of the other UE's entry in prose show -j
peer() {
	of "$1" show -j | python3 -c '
import json, sys
peers = json.load(sys.stdin)["peers"]
value = peers[0] if peers else {}
for name in sys.argv[1].split("."):
    value = value.get(name) if isinstance(value, dict) else None
print("" if value is None else value)' "$2"
}

state_is() {
	[ "$(peer "$1" state)" = "$2" ]
}

# connect UE: to the other one, which hears last that there is a link, and sends nothing before
connect() {
	of "$1" connect "$(other_of "$1")" && wait_for 10 state_is "$(other_of "$1")" connected
}

# cause_is UE CAUSE: of the last failure; what the other end found out comes on the air
cause_is() {
	[ "$(peer "$1" last_failure.cause)" = "$2" ]
}

# says PART COMMAND...: the command fails, and what it prints has the part in it.
says() {
	local part=$1 said
	shift

	if said=$("$@" 2>&1); then
		echo "'$*' should have failed; it said: $said"
		return 1
	fi
	grep -qF -- "$part" <<<"$said" && return
	echo "'$*' said '$said', without '$part'"
	return 1
}

# What the UE's daemon has said in this test.
log_of() {
	awk '/^--- / { said = "" } { said = said $0 "\n" } END { printf "%s", said }' "$OUT/$1.log"
}

# logged UE PART
logged() {
	log_of "$1" | grep -qF -- "$2"
}

# kept UE: its state file has the link as it is. It is written up to two seconds after a change, the longer
# the more writing takes; who is killed before that has no link that the next prosed could take over.
kept() {
	local id

	id=$(peer "$1" kd_sess_id)
	[ -n "$id" ] && grep -q "\"kd_sess_id\": $((16#$id))," "$run/$1.state"
}

# linked UE: its daemon has a link. Without a program of Python's, for it is asked before each ping_ok.
linked() {
	of "$1" show -j | grep -q '"state": "connected"'
}

# unlinked UE: no association to send by, which a release leaves until the peer has accepted it
unlinked() {
	local shown

	shown=$(of "$1" show -j) && ! grep -q '"sends": true' <<<"$shown"
}

# gone PID: of a process of this shell
gone() {
	! kill -0 "$1" 2>/dev/null
}

# ping_ok UE: the other one answers. Who was asked to connect has the link when CONNECTION COMPLETE has come
# and its daemon has got to it, which may be after prose connect has ended; until then it sends nothing, and
# ping gives up at the third packet that is refused.
ping_ok() {
	wait_for 10 linked ue1 && wait_for 10 linked ue2 || return
	on "$1" ping -q -c 3 -i 0.2 -W 5 "$(address_of "$(other_of "$1")")" >/dev/null && return
	echo "$1: no answer to ping"
	return 1
}

# frames FILE LCID: how many frames of a bearer are in a capture
frames() {
	tcpdump -r "$1" -n -x ether proto 0x88b5 2>/dev/null |
		awk -v lcid="$2" '/0x0000:/ { if (substr($5, 3, 2) == sprintf("%02x", lcid)) n++ }
			END { print n + 0 }'
}
