# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the fuzzers' scripts share.
#
#	kfuzz_options "$@"	takes the script's options, loads the module
#	kfuzz_run NAME SECONDS PROGRAM [ARG...]	runs a fuzzer, its files in $OUT/NAME
#	kfuzz_unload		the module can go when all is over

# shellcheck source=selftests/lib/ktap.sh
. "${BASH_SOURCE%/*}/../lib/ktap.sh"
# shellcheck source=selftests/lib/net.sh
. "${BASH_SOURCE%/*}/../lib/net.sh"

# shellcheck disable=SC2034 # for who includes this
kfuzz_folder=$(cd "${BASH_SOURCE%/*}" && pwd)
# Programs are where make put them; the guest has that place first in its PATH.
kfuzz_built=${PATH%%/bin:*}/selftests/kfuzz
kfuzz_seconds=${FUZZ_SECONDS:-60}
kfuzz_args=()
kfuzz_files=()

kfuzz_usage() {
	cat <<END
usage: selftests/vm/run --kernel debug $0 [--seconds N] [--seed N] [--replay FILE...]

  --seconds N  how long to fuzz, of the guest's clock (default \$FUZZ_SECONDS, else 60)
  --seed N     of the pseudo-random choices; a run prints its own
  --replay     run these programs (of \$OUT/NAME/last or corpus), and nothing else
END
}

# shellcheck disable=SC2034 # for who includes this
kfuzz_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--seconds) kfuzz_seconds=${2:?--seconds needs a number}; shift 2 ;;
		--seed) kfuzz_args+=(--seed "${2:?--seed needs a number}"); shift 2 ;;
		--replay) shift; kfuzz_files=("$@"); break ;;
		-h | --help) kfuzz_usage; exit 0 ;;
		*) echo "${0##*/}: unknown option $1; see --help" >&2; exit 2 ;;
		esac
	done
	net_need_guest
	modprobe -a veth dummy prose || {
		echo "Bail out! no module"
		exit 1
	}
}

kfuzz_run() {
	local name=$1 seconds=$2
	shift 2

	mkdir -p "$OUT/$name" || return
	OUT=$OUT/$name "$kfuzz_built/$1" --seconds "$seconds" "${kfuzz_args[@]}" "${@:2}"
}

# Programs that were kept because they once found something, or those that were named.
kfuzz_replay() {
	OUT=$OUT "$kfuzz_built/$1" "${@:2}" --replay "${kfuzz_files[@]}"
}

kfuzz_gone() {
	rmmod prose
}

# With the namespaces the devices go, in the background.
kfuzz_unload() {
	local ns

	for ns in "$@"; do
		ip netns del "$ns"
	done
	wait_for 60 kfuzz_gone
}
