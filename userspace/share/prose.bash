# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Completion of prose(8) and prosed(8) for bash.

# Last parts of the peers' identities: a colon would end bash's word.
_prose_peers() {
	prose "$@" show -j 2>/dev/null | sed -n '/"peers"/,$s/^ *"identity": "\(.*[:\/]\)\{0,1\}\([^:\/"]*\)",*$/\2/p'
}

_prose_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_prose() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="show watch monitor connect rekey release forget reload doctor metrics pki mikey identity decode help version"
	local i command='' socket=() words=''

	COMPREPLY=()
	# "=" is a word of its own to bash.
	if [ "$prev" = = ] || [ "$cur" = = ]; then
		i=$((COMP_CWORD - 1))
		[ "$cur" != = ] || cur='' i=$COMP_CWORD
		case ${COMP_WORDS[i - 1]} in
		--color) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$cur") ;;
		--socket | --config) _prose_files "$cur" ;;
		esac
		return
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket)
			i=$((i + 1))
			[ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
			socket=(-s "${COMP_WORDS[i]}")
			;;
		--color) [ "${COMP_WORDS[i + 1]-}" != = ] || i=$((i + 2)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $command:$prev in
	:-s | :--socket)
		_prose_files "$cur"
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$(
			for i in /run/prose/*.sock; do
				[ ! -e "$i" ] || basename "$i" .sock
			done
		)" -- "$cur")
		return
		;;
	doctor:-c | doctor:--config)
		_prose_files "$cur"
		return
		;;
	esac
	case $command in
	'') words="$commands -s --socket= --color= --help --version" ;;
	show) words="-j --json -v --verbose --color= --help $(_prose_peers "${socket[@]}")" ;;
	watch) words="-i --interval= -n --count= --color= --help" ;;
	monitor) words="-j --json -n --count= --color= --help $(_prose_peers "${socket[@]}")" ;;
	connect | release) words="--wait= --no-wait --help $(_prose_peers "${socket[@]}")" ;;
	rekey) words="--kd --wait= --no-wait --help $(_prose_peers "${socket[@]}")" ;;
	forget) words="--help $(_prose_peers "${socket[@]}")" ;;
	doctor) words="-c --config= -j --json --color= --help" ;;
	reload | metrics | version) words="--help" ;;
	help) words="$commands --help" ;;
	decode)
		case $prev in
		--ethertype | --udp-port) return ;;
		esac
		if [[ $cur != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		words="-k --key-log -p --packets --ethertype --udp-port -j --json -v --verbose --help"
		;;
	mikey)
		case $prev in
		--as | --at | --media | --window | --from) return ;;
		mikey)
			[[ $cur = -* ]] || mapfile -t COMPREPLY < <(compgen -W "make open show" -- "$cur")
			;;
		esac
		if [[ $cur != -* ]]; then
			[ "$prev" = mikey ] || _prose_files "$cur"
			return
		fi
		words="-k --keys --seal-with --as -c --community --kd --at --sdp --media --no-kms --from --window --replay -j --json --help"
		;;
	identity)
		case $prev in
		--kms | --server) return ;;
		identity)
			[[ $cur = -* ]] || mapfile -t COMPREPLY < <(compgen -W "fetch show" -- "$cur")
			;;
		esac
		if [[ $cur != -* ]]; then
			[ "$prev" = identity ] || _prose_files "$cur"
			return
		fi
		words="--community --kms -o --output --deny --seal-with -c --config --chain --key --roots
			--crls --server -j --json --help"
		;;
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
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
}

_prosed() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	case $prev in
	-c | --config | --key-log | =)
		_prose_files "$cur"
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "-c --config -t --check-config --key-log --strict-24334
		-f --foreground -v --verbose --version --help" -- "$cur")
}

complete -F _prose prose
complete -F _prosed prosed
