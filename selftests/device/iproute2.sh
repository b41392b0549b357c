#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The plugin of ip for the kind: options, what is refused and how that is said, what is shown and
# that it can be given again. That it works at all shows that ip is as link_util.h says.

# shellcheck disable=SC2317 # the tests are run by name

# The one that was built, whatever is installed.
IP_LIB_DIR=${PATH%%/bin:*}/lib/ip
export IP_LIB_DIR

. "$(dirname "$0")/device.sh"
net_needs ethtool
[ -e "$IP_LIB_DIR/link_prose.so" ] || net_skip_all "link_prose.so is not built; 'make userspace' does it"

one() {
	net_modules veth prose && net_make ue1 ue2
}

add() {
	ip -n ue1 link add link eth0 name prose0 type prose "$@"
}

# has KEY VALUE [NS]
has() {
	is "${3:-ue1}" prose0 "linkinfo.info_data.$1" "$2"
}

# What is shown behind the kind, up to the end of the line where ip goes on by itself.
shown() {
	ip -n "$1" -d link show dev prose0 |
		sed -nE 's/^ *prose (.*carrier-addr [0-9a-f:]{17}) .*/\1/p'
}

short() {
	on ue1 ethtool -S prose0 | sed -n 's/^ *rx-short: //p'
}

short_is_not() {
	[ "$(short)" != "$1" ]
}

# takes ETHERTYPE: ue1's device does, whatever ip shows: it misses the rest of a frame.
takes() {
	local before

	before=$(short) && [ -n "$before" ] || return
	on ue2 python3 -c '
import socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth0", 0))
wire.send(b"\xff" * 6 + b"\2\0\0\0\0\1" + bytes.fromhex(sys.argv[1]) + b"\x30")' "$1" || return
	wait_for 5 short_is_not "$before"
}

sets_options() {
	one && add carrier link ethertype 0x88b6 pad on || return
	has carrier link && has ethertype 0x88b6 && has pad True || return
	has carrier_addr "$(on ue1 cat /sys/class/net/eth0/address)" || return
	takes 88b6 || return
	# In any order, in other bases, and later.
	ip -n ue1 link set dev prose0 type prose pad off ethertype 35001 || return
	has ethertype 0x88b9 && has pad False && takes 88b9 || return
	ip -n ue1 link set dev prose0 type prose pad on || return
	has ethertype 0x88b9 && has pad True
}

has_defaults() {
	one && add || return
	# Nothing pads above a veth.
	has carrier link && has ethertype 0x88b5 && has pad False && takes 88b5
}

sets_udp() {
	local words='carrier udp port 7801 remote 2001:db8::2 remote-port 7802'

	# shellcheck disable=SC2086 # words
	one && ip -n ue1 link add name prose0 type prose $words || return
	has carrier udp && has port 7801 && has remote 2001:db8::2 && has remote_port 7802 || return
	ip -n ue1 -d link show dev prose0 | grep -qF "prose $words" || return
	ip -n ue1 link set dev prose0 type prose remote 192.0.2.2 port 7803 || return
	has port 7803 && has remote 192.0.2.2 || return
	refuses 'attribute ethertype' ip -n ue1 link set dev prose0 type prose ethertype 0x88b6
}

shows_what_it_takes() {
	local words

	one && add pad on ethertype 0x1234 || return
	words=$(shown ue1)
	[ "$words" = "carrier link ethertype 0x1234 pad on carrier-addr $(on ue1 cat /sys/class/net/eth0/address)" ] || {
		echo "shown: $words"
		return 1
	}
	# All but what is the lower device's makes another like it.
	# shellcheck disable=SC2086 # words
	ip -n ue2 link add link eth0 name prose0 type prose ${words% carrier-addr *} || return
	[ "$(shown ue2)" = "${words% *} $(on ue2 cat /sys/class/net/eth0/address)" ] || {
		echo "shown again: $(shown ue2)"
		return 1
	}
}

# refuses_option TEXT WORD...
refuses_option() {
	local text=$1
	shift

	refuses "^Error: prose: $text" add "$@"
}

refuses_bad_words() {
	one || return
	refuses_option 'ethertype lacks its value: NUMBER' ethertype || return
	refuses_option 'ethertype: "88b5" is not a number from 0x0600' ethertype 88b5 || return
	refuses_option 'ethertype: "0x10000" is not' ethertype 0x10000 || return
	refuses_option 'ethertype: "-1" is not' ethertype -1 || return
	refuses_option 'ethertype: " 2048" is not' ethertype ' 2048' || return
	refuses_option 'ethertype: "" is not' ethertype '' || return
	refuses_option 'pad: "yes" is not on or off' pad yes || return
	refuses_option 'pad lacks its value: { on \| off }' ethertype 0x88b5 pad || return
	refuses_option 'pad is given twice' pad on pad on || return
	refuses_option 'carrier: "tcp" is not link or udp' carrier tcp || return
	refuses_option 'port: "0" is not a UDP port' carrier udp port 0 || return
	refuses_option 'port: "65536" is not' carrier udp port 65536 || return
	refuses_option 'remote: "nowhere" is not an IPv4 or IPv6 address' carrier udp remote nowhere || return
	refuses_option 'remote is given twice' remote 192.0.2.1 remote 2001:db8::1 || return
	refuses_option 'carrier-addr is only shown.*lower device' \
		carrier-addr 02:00:00:00:00:01 || return
	refuses_option '"mtu" is no option.*stands before "type prose"' mtu 1400 || return
	# No abbreviations: they would mean something else when there are more options.
	refuses_option '"ether" is no option' ether 0x88b5 || return
	# Which numbers are EtherTypes is the kernel's affair.
	refuses 'ethertype: below 0x0600 is a length' add ethertype 0x05ff || return
	refuses "ethertype: is a VLAN tag's" add ethertype 0x8100 || return
	! ip -n ue1 link show dev prose0 2>/dev/null
}

# A line that is refused is not the end of ip.
goes_on_in_a_batch() {
	one || return
	! ip -n ue1 -force -batch - <<-END || return
	link add link eth0 name prose1 type prose pad maybe
	link add link eth0 name prose0 type prose pad on
	END
	has pad True && ! ip -n ue1 link show dev prose1 2>/dev/null
}

# Asked for, it is output; with an addition under way it is not, and nothing is added.
helps() {
	local said word

	one || return
	said=$(ip link help prose) || return
	! ip -n ue1 link add link eth0 name prose0 type prose help >/run/help.out 2>/run/help.err || return
	[ ! -s /run/help.out ] && [ "$(cat /run/help.err)" = "$said" ] || return
	for word in 'type prose' carrier ethertype pad; do
		[[ $said == *"$word"* ]] || { echo "no $word in: $said"; return 1; }
	done
	[[ $said != *carrier-addr* ]] || return
	! ip -n ue1 link show dev prose0 2>/dev/null
}

# Where make install puts it is where ip looks.
is_found_when_installed() {
	local dir

	[ -e "${PROSE_TOP-}/Makefile" ] || ktap_exit_skip "installed without the sources"
	net_destructive "puts a plugin where ip looks"
	# shellcheck disable=SC2016 # make's
	dir=$(make -s --no-print-directory -C "$PROSE_TOP" \
		--eval 'print-ipdir: ; @echo $(IPDIR)' print-ipdir) || return
	unset IP_LIB_DIR
	[ ! -e "$dir/link_prose.so" ] || rm "$dir/link_prose.so"
	one || return
	refuses 'Garbage' add pad on || return
	mkdir -p "$dir" && cp "${PATH%%/bin:*}/lib/ip/link_prose.so" "$dir" || return
	add pad on && has pad True
}

ktap_run sets_options has_defaults sets_udp shows_what_it_takes refuses_bad_words goes_on_in_a_batch helps \
	is_found_when_installed
ktap_end
