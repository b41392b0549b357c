# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What is expected of values and texts. Each says what it found instead, and fails.

# expect WHAT ACTUAL EXPECTED
expect() {
	[ "$2" = "$3" ] && return
	echo "$1: expected '$3', got '$2'"
	return 1
}

# has WHAT TEXT PATTERN: a line of the text matches the extended regular expression
has() {
	grep -qE -- "$3" <<<"$2" && return
	echo "$1 lacks /$3/:"
	cat -v <<<"$2"
	return 1
}
