#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fuzzes what prose.ko receives and sends, see frames.c, in the guest:
#
#	selftests/vm/run --kernel debug selftests/kfuzz/frames.sh [--seconds N] [--seed N] [--replay FILE...]

. "$(dirname "$0")/lib.sh"
kfuzz_options "$@"
ip netns add a && ip netns add b || exit 1
# As much as a device takes fits into a frame, and more.
ip link add eth0 mtu 9000 netns a type veth peer name eth0 mtu 9000 netns b || exit 1
for ns in a b; do
	net_quiet $ns eth0
	on $ns sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_ra=0 \
		net.ipv6.conf.default.router_solicitations=0
done
for ns in a b; do
	wait_for 10 net_carrier $ns eth0 || exit 1
done
prose_link a 0a:0b:0c 10.0.0.1/24 fd00::1/64 && prose_link b 0a:0b:0d 10.0.0.2/24 fd00::2/64 || exit 1

if [ ${#kfuzz_files[@]} -gt 0 ]; then
	ktap_start 2
	ktap_check replay kfuzz_replay frames
	ktap_check unload kfuzz_unload a b
	ktap_end
	exit
fi

ktap_start 3
mapfile -t kfuzz_files < <(find "$kfuzz_folder/../fuzz/regressions/frames" -type f 2>/dev/null | sort)
if [ ${#kfuzz_files[@]} -gt 0 ]; then
	ktap_check regressions kfuzz_replay frames
else
	ktap_skip regressions "there are none"
fi
ktap_check frames kfuzz_run frames "$kfuzz_seconds" frames --corpus "$kfuzz_folder/../fuzz/corpus/frames"
ktap_check unload kfuzz_unload a b
ktap_end
