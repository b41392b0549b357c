#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fuzzes what prose.ko says to netlink, see genl.c, in the guest:
#
#	selftests/vm/run --kernel debug selftests/kfuzz/genl.sh [--seconds N] [--seed N] [--replay FILE...]
#
# A third of the time one worker runs, who can compare states; then three at once.

. "$(dirname "$0")/lib.sh"
kfuzz_options "$@"
corpus=$kfuzz_folder/../fuzz/corpus/genl
ip netns add a && ip netns add b || exit 1

if [ ${#kfuzz_files[@]} -gt 0 ]; then
	ktap_start 2
	ktap_check replay kfuzz_replay genl
	ktap_check unload kfuzz_unload a b
	ktap_end
	exit
fi

ktap_start 4
mapfile -t kfuzz_files < <(find "$kfuzz_folder/../fuzz/regressions/genl" -type f 2>/dev/null | sort)
if [ ${#kfuzz_files[@]} -gt 0 ]; then
	ktap_check regressions kfuzz_replay genl
else
	ktap_skip regressions "there are none"
fi
ktap_check alone kfuzz_run alone $((kfuzz_seconds / 3)) genl --check-state --corpus "$corpus"
ktap_check together kfuzz_run together $((kfuzz_seconds - kfuzz_seconds / 3)) genl --workers 3 \
	--corpus "$corpus"
ktap_check unload kfuzz_unload a b
ktap_end
