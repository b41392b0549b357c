# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Network namespaces as UEs, and the carrier between them, for bash.
#
#	two namespaces:			ue1 [eth0]------------[eth0] ue2
#	three or more, or --middle:	ue1 [eth0]--[ue1 bridge ue2]--[eth0] ue2
#						  namespace "wire"
#
# The carrier is silent by itself: no IPv6 on it, no spanning tree, no snooping, so that what a
# capture shows was sent by prose. Everything made here is gone at the end of the (sub)shell.

# shellcheck source=selftests/lib/defer.sh
. "${BASH_SOURCE%/*}/defer.sh"

# net_private "$@": how a test of the kernel begins. It needs root, the module and its programs, and
# is skipped for want of them. All that follows happens in a network namespace, a mount namespace and
# a /run of its own: names that the machine uses already, its prose0 or its prosed do not meet the
# test's, and nothing is left, however the test ends. Logs are in $OUT, which vm/run chose, or which
# is removed unless the test failed.
net_private() {
	local root status out

	if [ -n "${PROSE_TEST_PRIVATE-}" ]; then
		unset PROSE_TEST_PRIVATE
		mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up && return
		echo "Bail out! cannot make a /run of its own"
		exit 1
	fi
	[ "$(id -u)" = 0 ] || net_skip_all "needs root"
	# On a rig it may have been loaded by hand, where modprobe does not find it.
	net_modules prose 2>/dev/null ||
		net_skip_all "the module is not there; 'make dkms' installs it, or insmod prose.ko"
	# The programs are beside the tests (selftests/Makefile), unless vm/run runs the very tree
	# that it put first in PATH.
	root=$(cd -P "${BASH_SOURCE%/*}/.." && pwd)
	if [ "$root" != "${PROSE_TOP-}/selftests" ]; then
		[ -x "$root/programs/bin/prosed" ] ||
			net_skip_all "prosed is not built; 'make kselftest' of prose does it"
		PATH=$root/programs/bin:$PATH
	fi
	out=${OUT:-$(mktemp -d)}
	OUT=$out PATH=$PATH PROSE_TEST_PRIVATE=1 unshare --mount --net "$0" "$@"
	status=$?
	if [ -z "${OUT-}" ]; then
		case $status in
		0 | 4) rm -rf "$out" ;;
		*) echo "# logs are in $out" ;;
		esac
	fi
	exit "$status"
}

net_skip_all() {
	echo "KTAP version 1"
	echo "1..0 # SKIP $1"
	exit 4
}

# net_needs TOOL[:PACKAGE]...: programs of the machine, without which the test is skipped.
net_needs() {
	local tool

	for tool in "$@"; do
		command -v "${tool%:*}" >/dev/null ||
			net_skip_all "${tool%:*} is missing; apt-get install ${tool#*:}"
	done
}

# net_modules NAME...: loaded, or loaded now.
net_modules() {
	local name

	for name in "$@"; do
		[ -e "/sys/module/$name" ] || modprobe "$name" || return
	done
}

net_in_guest() {
	[ "$(uname -n)" = prose-vm ]
}

# What changes the whole machine, such as unloading the module, is not done to a rig by surprise: in
# the function of one test, that test is skipped.
net_destructive() {
	net_in_guest || [ "${PROSE_TEST_DESTRUCTIVE-}" = 1 ] ||
		ktap_exit_skip "$1; PROSE_TEST_DESTRUCTIVE=1 allows it outside vm/run's guest"
}

# A script that makes sense, or is safe, in the guest that vm/run made only.
net_need_guest() {
	net_in_guest || net_skip_all "runs in a guest only: selftests/vm/run $0"
}

# Nothing ever comes from here: to read from it with a limit is to sleep without a program for it. Under
# traffic one takes seconds to start, on an instrumented kernel.
exec {net_never}<> <(:)

# wait_for SECONDS COMMAND...: until the command succeeds; 1 and a line if it does not in time. SECONDS are
# those of a machine that does nothing else; it may have other work, so it gets three times as long, and
# with an instrumented kernel of vm/build ten times: what takes long there is no fault.
wait_for() {
	local seconds=$1 limit end factor=3
	shift

	# Without a program for the time: a hundred of them are a minute on such a kernel.
	LC_ALL=C printf -v limit %.0f "${seconds}e6"
	[[ $(</proc/sys/kernel/osrelease) != *-prose-* ]] || factor=10
	limit=$((limit * factor))
	end=$((${EPOCHREALTIME/[.,]/} + limit))
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/[.,]/}" -ge "$end" ]; then
			echo "waited $((limit / 1000)) ms in vain for: $*"
			return 1
		fi
		read -r -t 0.05 -u "$net_never" || :
	done
}

# on NS COMMAND...
on() {
	ip netns exec "$@"
}

# spawn LOG COMMAND...: a program (or "on NS PROGRAM") in the background, output to LOG, which it begins
# anew; ended at the latest by the (sub)shell's end. Its process id is left in $spawned.
spawn() {
	local log=$1
	shift

	# Emptied here, for the program may be late: who waits for a word in it must not find that of
	# the program before.
	: >"$log" || return
	# A function would put a shell between, and that is what a signal would reach.
	[ "$1" != on ] || set -- ip netns exec "${@:2}"
	"$@" >>"$log" 2>&1 </dev/null &
	spawned=$!
	defer stop "$spawned"
}

# stop PID [SIGNAL]: end a spawned process, and wait until it has ended.
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# The numbers of the pings in a log that were answered. They have 16 bits, and go on behind that.
pings_answered() {
	awk '
		/ bytes from / && match($0, /icmp_seq=[0-9]+/) {
			n = substr($0, RSTART + 9, RLENGTH - 9) + base
			if (n < last - 32768) {
				n += 65536
				base += 65536
			} else if (base && n > last + 32768) {
				n -= 65536
			}
			last = n > last ? n : last
			print n
		}' "$1"
}

# pings_beyond LOG NUMBER: a later one than that was answered.
pings_beyond() {
	[ "$(pings_answered "$1" | sort -n | tail -n 1)" -gt "$2" ]
}

# pings_end PID LOG: ends a ping that was spawned with this log, without -q; was each packet answered?
# Those that are under way at the end count as lost with ping, however many they are, and with nobody
# else. So some more are let through, for what was lost last is only seen by an answer behind it.
pings_end() {
	local last

	last=$(($(pings_answered "$2" | sort -n | tail -n 1) + 10))
	wait_for 20 pings_beyond "$2" "$last" || return
	stop "$1" INT
	pings_answered "$2" | awk -v last="$last" '
		{ came[$1] = 1 }
		END {
			for (i = 1; i <= last; i++)
				if (!(i in came))
					lost = lost " " i
			print last " packets, lost:" (lost ? lost : " none")
			exit lost != ""
		}'
}

# A test may have taken it away itself.
net_namespace_del() {
	[ ! -e "/run/netns/$1" ] || ip netns del "$1"
}

net_namespace() {
	ip netns add "$1" || return
	defer net_namespace_del "$1"
	ip -n "$1" link set lo up
}

net_quiet() {
	local ns=$1 dev=$2

	on "$ns" sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=1"
	ip -n "$ns" link set "$dev" up
}

# net_make [--middle] NS NS...
net_make() {
	local middle='' ns

	if [ "$1" = --middle ]; then
		middle=1
		shift
	fi
	net_modules veth || return
	for ns in "$@"; do
		net_namespace "$ns" || return
	done
	net_wire=
	if [ -z "$middle" ] && [ $# -eq 2 ]; then
		ip link add eth0 netns "$1" type veth peer name eth0 netns "$2" || return
	else
		net_wire=wire
		net_namespace wire || return
		ip -n wire link add bridge type bridge stp_state 0 mcast_snooping 0 forward_delay 0 || return
		net_quiet wire bridge
		for ns in "$@"; do
			ip link add eth0 netns "$ns" type veth peer name "$ns" netns wire || return
			ip -n wire link set "$ns" master bridge
			net_quiet wire "$ns"
		done
	fi
	for ns in "$@"; do
		net_quiet "$ns" eth0
	done
	for ns in "$@"; do
		wait_for 5 net_carrier "$ns" eth0 || return
	done
}

net_carrier() {
	[ "$(on "$1" cat "/sys/class/net/$2/carrier" 2>/dev/null)" = 1 ]
}

# net_impair NS NETEM...: what goes towards NS (with a middle) or leaves it (without) suffers, e.g.
# net_impair ue1 delay 20ms loss 1%. Called again, it replaces; "net_impair NS" heals.
net_impair() {
	local ns=$1 where=$1 dev=eth0
	shift

	if [ -n "$net_wire" ]; then
		where=$net_wire
		dev=$ns
	fi
	if [ $# -eq 0 ]; then
		tc -n "$where" qdisc del dev "$dev" root
	else
		tc -n "$where" qdisc replace dev "$dev" root netem "$@"
	fi
}

# net_stat NS DEV COUNTER: one of the standard statistics, e.g. tx_packets.
net_stat() {
	on "$1" cat "/sys/class/net/$2/statistics/$3"
}

# net_capture NS DEV FILE: capture in the background, from the moment this returns.
net_capture() {
	spawn "$3.log" ip netns exec "$1" tcpdump -n -U -s 0 --immediate-mode -Z root -i "$2" -w "$3"
	wait_for 10 grep -q 'listening on' "$3.log"
}

# How many packets tcpdump was given until now, and how many of these it has done with: it says so when asked.
net_captured() {
	local pid=$1 log=$2 lines

	lines=$(grep -c 'received by filter' "$log")
	kill -USR1 "$pid" && wait_for 10 net_captured_said "$log" "$lines" >&2 || return
	# tcpdump: 5 packets captured, 7 packets received by filter, 1 packets dropped by kernel
	awk '/ by filter, / { given = $5; done_with = $2 + $10 } END { print given, done_with }' "$log"
}

net_captured_said() {
	[ "$(grep -c 'received by filter, .* by kernel' "$1")" -gt "$2" ]
}

net_captured_until() {
	local seen

	read -r _ seen < <(net_captured "$1" "$2") && [ "$seen" -ge "$3" ]
}

# net_capture_end PID LOG: end a tcpdump, which was told to write a file, when it has written all that was on
# the carrier until now. What lies in its ring is gone with it, and that may be as much as a second's.
net_capture_end() {
	local due

	read -r due _ < <(net_captured "$1" "$2") && wait_for 10 net_captured_until "$1" "$2" "$due" || return
	stop "$1" INT
}

# net_ip_path: addresses on eth0 of ue1 and ue2: 192.0.2.1 and .2, 2001:db8::1 and ::2.
net_ip_path() {
	local i

	for i in 1 2; do
		on "ue$i" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 \
			net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.accept_ra=0 &&
			ip -n "ue$i" address add "192.0.2.$i/24" dev eth0 &&
			ip -n "ue$i" address add "2001:db8::$i/64" dev eth0 nodad || return
	done
}

# prose_link NS LAYER-2-ID [ADDRESS/LEN...]: prose0 over eth0 of NS, up, with these addresses.
prose_link() {
	local ns=$1 id=$2 address
	shift 2

	ip -n "$ns" link add link eth0 name prose0 type prose &&
		ip -n "$ns" link set prose0 address "$id" || return
	# No address is anyone else's here, and detecting that costs a second each.
	on "$ns" sysctl -qw net.ipv6.conf.prose0.accept_dad=0
	ip -n "$ns" link set prose0 up || return
	for address in "$@"; do
		ip -n "$ns" address add "$address" dev prose0 || return
	done
}
