# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Cleanup that stands where the thing is made: "defer COMMAND ARG..." runs the command when the
# shell, or the subshell that said so, ends; last said, first done. Owns the EXIT trap.

defer_stack=()
defer_shell=$BASHPID

defer() {
	# A subshell inherits the list but not the trap, and must not undo what is not its own.
	if [ "$defer_shell" != "$BASHPID" ]; then
		defer_stack=()
		defer_shell=$BASHPID
	fi
	[ ${#defer_stack[@]} -gt 0 ] || trap defer_run EXIT
	defer_stack+=("${*@Q}")
}

# shellcheck disable=SC2317 # run by the trap
defer_run() {
	local status=$? i

	# A child killed between fork and exec gets here too.
	[ "$defer_shell" = "$BASHPID" ] || return
	for ((i = ${#defer_stack[@]} - 1; i >= 0; i--)); do
		eval "${defer_stack[i]}"
	done
	defer_stack=()
	exit "$status"
}
