# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The rig of rig.h, for the scripts here: namespace ue with prose0 over eth0, and wire0 at the
# other end of eth0 in the same namespace, for the program to speak and listen on.
#
#	rig_run PROGRAM [ARG...]	makes it and runs the program in it; PROGRAM as make
#					leaves it, e.g. datapath/frames

# shellcheck source=selftests/lib/net.sh
. "${BASH_SOURCE%/*}/../lib/net.sh"

rig_make() {
	local link

	net_modules veth prose || return
	net_namespace ue || return
	# All in one namespace is a short circuit, but nobody routes over wire0.
	ip -n ue link add eth0 type veth peer name wire0 || return
	for link in eth0 wire0; do
		net_quiet ue $link || return
	done
	wait_for 5 net_carrier ue eth0 || return
	# No autoconfiguration: nothing is sent unless the test sends it.
	on ue sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_ra=0 \
		net.ipv6.conf.default.router_solicitations=0 \
		net.ipv6.conf.default.keep_addr_on_down=1
	prose_link ue 0a:0b:0c 10.0.0.1/24 fd00::1/64
}


# Programs are where make put them, or installed alike: that place comes first in PATH.
rig_program() {
	local program=$1
	shift

	on ue "${PATH%%/bin:*}/selftests/$program" "$@"
}

rig_run() {
	local program=$1
	shift

	if ! rig_make; then
		echo "Bail out! the rig could not be made"
		return 1
	fi
	rig_program "$program" "$@"
}
