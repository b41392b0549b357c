#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does the dissector show what there is? KTAP, from captures made here (measure.py).
#
# Usage: dissect.sh             the test
#        dissect.sh CAPTURE...  has captures dissected and says whether every frame was understood:
#                               exit status 0 only then

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
out=${O:-$here/../../out}
messages=$out/sanitized/selftests/wireshark/messages
[ -x "$messages" ] || messages=$out/selftests/wireshark/messages

if ! command -v tshark >/dev/null; then
	[ $# -eq 0 ] || echo "tshark is missing; apt-get install tshark" >&2
	ktap_skip_all "tshark is missing; apt-get install tshark"
fi

if [ $# -gt 0 ]; then
	exec python3 "$here/judge.py" "$@"
fi
[ -x "$messages" ] || ktap_skip_all "$messages is not built; 'make tests' builds it"

one_case() {
	python3 "$here/measure.py" "$1" "$messages"
}

mapfile -t cases < <(python3 "$here/measure.py" --list)
ktap_start "${#cases[@]}"
for name in "${cases[@]}"; do
	ktap_check "$name" one_case "$name"
done
ktap_end
