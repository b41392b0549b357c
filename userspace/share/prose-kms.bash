# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Completion of prose-kms(8) for bash.

_prose_kms() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="init public extract revoke unrevoke deny list audit serve" words=''

	COMPREPLY=()
	case $prev in
	-o | --output | --seal-with | --master-key | --store)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--community | --month | --reason) return ;;
	esac
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$commands --help --version"
	elif [[ $cur != -* ]]; then
		# Folders; identities are not known here.
		[ "$COMP_CWORD" -ne 2 ] || mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
	else
		case ${COMP_WORDS[1]} in
		init) words="--community --join --master-key --store" ;;
		extract) words="-o --output --seal-with --plain --month --uid --replace" ;;
		revoke) words="--reason" ;;
		list | audit) words="-j --json" ;;
		esac
		words+=" --help"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _prose_kms prose-kms
