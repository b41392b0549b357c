#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does Wireshark's own dissector of MIKEY read what we make, on its port and in SDP? KTAP (mikey.py).

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
out=${O:-$here/../../out}
# With sanitizers where that was built.
[ ! -x "$out/sanitized/selftests/wireshark/mikey" ] || out=$out/sanitized
messages=$out/selftests/wireshark/mikey
prose=$out/bin/prose

for program in "$messages" "$prose"; do
	[ -x "$program" ] || ktap_skip_all "$program is not built; 'make tests' builds it"
done
command -v tshark >/dev/null || ktap_skip_all "tshark is missing; apt-get install tshark"

one_case() {
	python3 "$here/mikey.py" "$1" "$messages" "$prose"
}

mapfile -t cases < <(python3 "$here/mikey.py" --list)
ktap_start "${#cases[@]}"
for name in "${cases[@]}"; do
	ktap_check "$name" one_case "$name"
done
ktap_end
