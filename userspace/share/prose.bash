# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Completion of prose(8) for bash.

# Last parts of the peers' identities: a colon would end bash's word.
_prose_peers() {
	prose "$@" show -j 2>/dev/null | sed -n '/"peers"/,$s/^ *"identity": "\(.*[:\/]\)\{0,1\}\([^:\/"]*\)",*$/\2/p'
}

_prose() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="show connect rekey release forget monitor reload pki help version"
	local i command='' socket=() words=''

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket)
			i=$((i + 1))
			socket=(-s "${COMP_WORDS[i]}")
			;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	if [ "$prev" = -s ] || [ "$prev" = --socket ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	case $command in
	'') words="$commands -s --help --version" ;;
	show) words="-j --json --help $(_prose_peers "${socket[@]}")" ;;
	connect | release) words="--wait= --no-wait --help $(_prose_peers "${socket[@]}")" ;;
	rekey) words="--kd --wait= --no-wait --help $(_prose_peers "${socket[@]}")" ;;
	forget) words="--help $(_prose_peers "${socket[@]}")" ;;
	monitor) words="-j --json --help" ;;
	reload) words="--help" ;;
	help) words=$commands ;;
	pki)
		case $cur in
		-*) words="--days --not-before --not-after --crl-days --key --extended-key-usage
			--name --parent --replace --json --help" ;;
		*)
			case $prev in
			pki) words="init issue revoke crl list" ;;
			--key) words="P-256 P-384 ED25519 RSA-3072" ;;
			init | issue | revoke | crl | list | --parent)
				mapfile -t COMPREPLY < <(compgen -d -- "$cur")
				return
				;;
			esac
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _prose prose
