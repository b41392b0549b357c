#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does `prose decode` open what it has the keys of, and nothing else? KTAP (decode.py).

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
out=${O:-$here/../../out}
# With sanitizers where that was built: captures are input nobody vouches for.
product=$out/sanitized/bin/prose-decode
[ -x "$product" ] || product=$out/bin/prose-decode
decoder=$out/selftests/decode/decode

for program in "$product" "$decoder"; do
	[ -x "$program" ] || ktap_skip_all "$program is not built; 'make tests' builds it"
done
command -v tshark >/dev/null || ktap_skip_all "tshark is missing; apt-get install tshark"

one_case() {
	python3 "$here/decode.py" "$1" "$product" "$decoder"
}

mapfile -t cases < <(python3 "$here/decode.py" --list)
ktap_start "${#cases[@]}"
for name in "${cases[@]}"; do
	ktap_check "$name" one_case "$name"
done
ktap_end
