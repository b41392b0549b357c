# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Our programs where they were built, for tests that need no guest.

# use_programs NAME...: into PATH, with sanitizers where all of them were built so; $programs is the folder
use_programs() {
	local name out=${O:-${BASH_SOURCE[0]%/*}/../../out}

	programs=$out/sanitized/bin
	for name in "$@"; do
		[ -x "$programs/$name" ] || programs=$out/bin
	done
	for name in "$@"; do
		[ -x "$programs/$name" ] ||
			ktap_skip_all "$name is not built; 'make userspace' builds it"
	done
	PATH=$programs:$PATH
}
