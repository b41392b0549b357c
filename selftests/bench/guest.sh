#!/bin/bash
# SPDX-License-Identifier: MIT
#
# In a guest whose clock counts instructions: what a packet costs from one namespace to another
# over each kind of secured link, both ends on the one processor. A line of
# "PATH PROTO SIZE PEERS PACKETS OCTETS NANOSECONDS" for each, to $OUT/flows.
#
# With "some" not every pair of algorithms, as with "all"; with "quick" fewer other links too, and
# fewer packets.
#
# With "profile" a few of them, and $OUT/symbols gets what the kernel and its modules have where.
#
# With "cpus" the guest has a clock as usual, and $OUT/streams gets "PATH STREAMS OCTETS NANOSECONDS" of
# one TCP stream and of four at once to four peers, the best of three rounds: how much of that is done
# side by side shows when it is run on one processor and on two.
#
# usage: guest.sh all|some|quick|profile|cpus

# shellcheck disable=SC2317 # what is measured is run by name

# shellcheck source=selftests/lib/net.sh
. "$(dirname "$0")/../lib/net.sh"
how=${1:?all, some, quick, profile or cpus?}
tests=${PATH%%/bin:*}/selftests
programs=$tests/bench
packets=2000
mib=24
sizes='1300 64'
case $how in
quick) packets=500; mib=8 ;;
profile) packets=1000; mib=8; sizes=1300 ;;
esac
key=000102030405060708090a0b0c0d0e0f

# measure PATH PEERS ADDRESS [TALKING]: UDP of two sizes and TCP to that address of b's, or to a
# random one of so many.
measure() {
	local size

	for size in $sizes; do
		echo "$1 udp $size $2 $("$programs/flow" udp a b "$3" "$size" "$packets" ${4:+"$4"})" |
			tee -a "$OUT/flows"
	done
	echo "$1 tcp 0 $2 $("$programs/flow" tcp a b "$3" "$mib" ${4:+"$4"})" | tee -a "$OUT/flows"
}

# wire: a and b, joined by eth0, which has addresses.
wire() {
	net_make a b && ip -n a address add 10.0.0.1/24 dev eth0 && ip -n b address add 10.0.0.2/24 dev eth0
}

carrier() {
	on "$1" cat /sys/class/net/eth0/address
}

plain() {
	wire && measure plain 1 10.0.0.2
}

# prose_path CARRIER EEA EIA INTEGRITY
prose_path() {
	local name="prose EEA$2" a b

	[ "$4" = 0 ] || name+="+EIA$3"
	# SNOW 3G and ZUC take so long that fewer packets say as much.
	[[ $name != *A[13]* ]] || { packets=500; mib=4; }
	case $1 in
	link)
		net_make a b && prose_link a 0a:0b:01 10.9.0.1/16 && prose_link b 0a:0b:02 10.9.0.2/16 || return
		a=$(carrier a)
		b=$(carrier b)
		;;
	udp)
		wire && net_modules prose &&
			udp_end a 0a:0b:01 10.9.0.1/16 && udp_end b 0a:0b:02 10.9.0.2/16 || return
		name=${name/prose/prose udp}
		a=10.0.0.1:7800
		b=10.0.0.2:7800
		;;
	esac
	on a "$programs/peers" prose0 0a0b01 0a0b02 10.9.0.2 "$b" "$2" "$3" "$4" &&
		on b "$programs/peers" prose0 0a0b02 0a0b01 10.9.0.1 "$a" "$2" "$3" "$4" &&
		on a ping -q -c 1 -W 5 10.9.0.2 >/dev/null && measure "$name" 1 10.9.0.2
}

# udp_end NS LAYER-2-ID ADDRESS/LEN: over UDP and IPv4.
udp_end() {
	"$tests/datapath/udp" make "$1" prose0 carrier=udp "address=$2" mtu=1435 &&
		ip -n "$1" link set prose0 up && ip -n "$1" address add "$3" dev prose0
}

# all_pairs CARRIER: each ciphering alone, and with each integrity.
all_pairs() {
	local eea eia

	for eea in 0 1 2 3; do
		one prose_path "$1" "$eea" 2 0
		for eia in 1 2 3; do
			one prose_path "$1" "$eea" "$eia" 1
		done
	done
}

# make_peers N TALKING EEA EIA: of so many peers of a's, TALKING are there, each a device of b's that
# knows a alone.
make_peers() {
	local n=$1 talking=$2 eea=$3 eia=$4 i id batch=/run/batch address

	net_make a b && prose_link a 0a:0b:01 || return
	for ((i = 0; i < talking; i++)); do
		printf 'address add 10.9.%d.1/24 dev prose0\n' "$i"
	done >"$batch"
	ip -n a -batch "$batch" || return
	for ((i = 0; i < talking; i++)); do
		printf 'link add link eth0 name prose%d address 0a:0c:%02x type prose\n' "$i" "$i"
		printf 'address add 10.9.%d.2/24 dev prose%d\nlink set prose%d up\n' "$i" "$i" "$i"
	done >"$batch"
	ip -n b -batch "$batch" || return
	on a "$programs/peers" prose0 0a0b01 0a0c00 10.9.0.2 "$(carrier b)" "$eea" "$eia" 1 "$talking" "$n" ||
		return
	address=$(carrier a)
	for ((i = 0; i < talking; i++)); do
		printf -v id 0a0c%02x "$i"
		on b "$programs/peers" "prose$i" "$id" 0a0b01 "10.9.$i.1" "$address" "$eea" "$eia" 1 || return
	done
	for i in 0 $((talking - 1)); do
		on a ping -q -c 1 -W 5 "10.9.$i.2" >/dev/null || return
	done
}

# many_peers N: traffic to random ones of 64 among them.
many_peers() {
	make_peers "$1" 64 2 2 && measure "prose EEA2+EIA2" "$1" 10.9.0.2 64
}

# streams N EEA EIA MIB: so many at once, of so many MiB together.
streams() {
	local n=$1 mib=$(($4 / $1)) round i start spent best=''

	make_peers "$n" "$n" "$2" "$3" || return
	for round in 1 2 3; do
		start=$(date +%s%N)
		for ((i = 0; i < n; i++)); do
			"$programs/flow" tcp a b "10.9.$i.2" "$mib" >"/run/stream$i" &
		done
		wait
		spent=$(($(date +%s%N) - start))
		for ((i = 0; i < n; i++)); do
			[ -s "/run/stream$i" ] || { echo "stream $i of round $round has failed"; return 1; }
		done
		[ -n "$best" ] && [ "$best" -le "$spent" ] || best=$spent
	done
	echo "prose EEA$2+EIA$3 $n $((n * mib << 20)) $best" | tee -a "$OUT/streams"
}

macsec() {
	local ns other

	wire && net_modules macsec || return
	for ns in a b; do
		other=a
		[ "$ns" = b ] || other=b
		ip -n "$ns" link add link eth0 macsec0 type macsec encrypt on &&
			ip -n "$ns" macsec add macsec0 tx sa 0 pn 1 on key 00 "$key" &&
			ip -n "$ns" macsec add macsec0 rx port 1 address "$(carrier "$other")" &&
			ip -n "$ns" macsec add macsec0 rx port 1 address "$(carrier "$other")" sa 0 pn 1 on key 00 "$key" &&
			ip -n "$ns" link set macsec0 up || return
	done
	ip -n a address add 10.8.0.1/24 dev macsec0 && ip -n b address add 10.8.0.2/24 dev macsec0 &&
		on a ping -q -c 1 -W 5 10.8.0.2 >/dev/null && measure "MACsec gcm(aes)" 1 10.8.0.2
}

wireguard() {
	local ns

	wire && net_modules wireguard || return
	for ns in a b; do
		wg genkey >"/run/$ns.key" && wg pubkey <"/run/$ns.key" >"/run/$ns.pub" || return
		ip -n "$ns" link add wg0 type wireguard || return
	done
	on a wg set wg0 listen-port 7 private-key /run/a.key peer "$(cat /run/b.pub)" endpoint 10.0.0.2:7 allowed-ips 10.7.0.0/24 &&
		on b wg set wg0 listen-port 7 private-key /run/b.key peer "$(cat /run/a.pub)" endpoint 10.0.0.1:7 allowed-ips 10.7.0.0/24 &&
		ip -n a address add 10.7.0.1/24 dev wg0 && ip -n b address add 10.7.0.2/24 dev wg0 &&
		ip -n a link set wg0 up && ip -n b link set wg0 up &&
		on a ping -q -c 1 -W 10 10.7.0.2 >/dev/null && measure WireGuard 1 10.7.0.2
}

# ovpn: the kernel's part of OpenVPN, over UDP and IPv4.
ovpn() {
	local ns

	wire && net_modules ovpn || return
	for ns in a b; do
		ip -n "$ns" link add ovpn0 type ovpn && ip -n "$ns" link set ovpn0 up || return
	done
	ip -n a address add 10.6.0.1/24 dev ovpn0 && ip -n b address add 10.6.0.2/24 dev ovpn0 || return
	spawn "$OUT/ovpn.a" on a "$programs/ovpn" ovpn0 0 10.0.0.2 1194
	spawn "$OUT/ovpn.b" on b "$programs/ovpn" ovpn0 1 10.0.0.1 1194
	if ! wait_for 20 on a ping -q -c 1 -W 1 10.6.0.2; then
		cat "$OUT/ovpn.a" "$OUT/ovpn.b" >&2
		return 1
	fi
	measure "ovpn gcm(aes)" 1 10.6.0.2
}

# esp NAME ALGORITHM...: transport mode, as ip xfrm state takes the algorithms.
esp() {
	local name=$1 ns
	shift

	wire || return
	for ns in a b; do
		ip -n "$ns" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 mode transport "$@" &&
			ip -n "$ns" xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 2 mode transport "$@" || return
	done
	ip -n a xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport &&
		ip -n a xfrm policy add src 10.0.0.2 dst 10.0.0.1 dir in tmpl proto esp mode transport &&
		ip -n b xfrm policy add src 10.0.0.2 dst 10.0.0.1 dir out tmpl proto esp mode transport &&
		ip -n b xfrm policy add src 10.0.0.1 dst 10.0.0.2 dir in tmpl proto esp mode transport &&
		on a ping -q -c 1 -W 5 10.0.0.2 >/dev/null && measure "$name" 1 10.0.0.2
}

# one FUNCTION [ARG...]: in a process of its own, whose namespaces go with it.
one() {
	local status

	("$@") 2>"$OUT/err"
	status=$?
	[ $status = 0 ] && return
	echo "bench: $* has failed with status $status"
	sed 's/^/bench: /' "$OUT/err"
	failed=1
}

# What udev loads for the processor on a machine that has one; without it AES is done by tables.
modprobe -q -a aesni_intel ghash_clmulni_intel
failed=0
if [ "$how" = cpus ]; then
	: >"$OUT/streams"
	for n in 1 4; do
		one streams $n 1 1 16
		one streams $n 2 2 64
		one streams $n 3 3 8
	done
	exit $failed
fi
: >"$OUT/flows"
one plain
case $how in
quick)
	one prose_path link 0 2 0
	one prose_path link 2 2 0
	one prose_path link 2 2 1
	one prose_path link 1 1 1
	one prose_path link 3 3 1
	one prose_path udp 2 2 1
	;;
profile)
	for integrity in 0 1; do
		one prose_path link 0 2 $integrity
		one prose_path link 2 2 $integrity
	done
	;;
some)
	for carrier in link udp; do
		one prose_path $carrier 0 2 0
		for eea in 1 2 3; do
			one prose_path $carrier $eea 2 0
			one prose_path $carrier $eea $eea 1
		done
	done
	;;
all)
	all_pairs link
	all_pairs udp
	;;
esac
one macsec
one wireguard
case $how in
all | some)
	one many_peers 64
	one many_peers 4096
	one esp "ESP gcm(aes)" aead 'rfc4106(gcm(aes))' "0x${key}01020304" 128
	one esp "ESP ctr(aes)+cmac(aes)" enc 'rfc3686(ctr(aes))' "0x${key}01020304" auth-trunc 'cmac(aes)' "0x$key" 96
	! modinfo ovpn >/dev/null 2>&1 || one ovpn
	;;
profile)
	cat /proc/kallsyms >"$OUT/symbols"
	;;
esac
exit $failed
