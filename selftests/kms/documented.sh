#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_check
# SPDX-License-Identifier: MIT
#
# What section "Running a KMS" of Documentation/identity.rst has one type, typed: on a machine whose
# /etc, /var/lib and network are of this test alone, and where nothing is but what the section says.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
out=${O:-$top/out}
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

page=$top/Documentation/identity.rst
programs=$out/bin
[ -x "$programs/prose-kms" ] || ktap_skip_all "prose-kms is not built; 'make userspace' builds it"

if [ "${1-}" != inside ]; then
	[ "$(id -u)" = 0 ] || ktap_skip_all "only root has namespaces of his own here"
	unshare -mn true 2>/dev/null || ktap_skip_all "there are no mount and network namespaces here"
	work=$(mktemp -d) || exit 1
	defer rm -rf "$work"
	chmod 755 "$work"
	unshare -mn --propagation private "$0" inside "$work"
	exit
fi

WORK=$2
mkdir "$WORK"/{lib,desk} && cp -a /etc "$WORK/etc" && rm -rf "$WORK"/etc/prose{,-kms} &&
	mount --bind "$WORK/etc" /etc && mount --bind "$WORK/lib" /var/lib && ip link set lo up &&
	echo "127.0.0.1 localhost kms.example.org" >/etc/hosts && cd "$WORK/desk" || exit 1
PATH=$programs:$PATH
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

# block NUMBER: the literal block of that number of the section, without its margin
block() {
	awk -v want="$1" '
		/^Running a KMS$/ { section = 1 }
		/^Several communities$/ { section = 0 }
		!section { next }
		literal && /^ / { sub(/^   /, ""); if (n == want) print; next }
		literal && /^$/ { if (n == want) print; next }
		{ literal = 0 }
		/::$/ { literal = 1; n++ }' "$page"
}

# typed PATTERN: the one block that has a line like this, run as it stands
typed() {
	local n commands

	commands=$(find_block "$1") || return
	# Each command has to succeed, not the last one alone.
	(set -e; eval "$commands")
}

find_block() {
	local n found=""

	for ((n = 1; n < 40; n++)); do
		! block "$n" | grep -qE -- "$1" || found+=" $n"
	done
	# shellcheck disable=SC2086 # words
	set -- "$1" $found
	[ $# = 2 ] || { echo "$(($# - 1)) blocks of $page have a line /$1/" >&2; return 1; }
	block "$2"
}

made() {
	local file

	for file; do
		[ -s "$file" ] || { echo "there is no $file"; return 1; }
	done
}

beginning() {
	typed '^prose-kms init .*--master-key .*master.key$' &&
		made /var/lib/prose-kms/kms.conf /etc/prose-kms/master.key kms.example.org.community &&
		typed '^head -c 32 ' && made ue1.keys && typed '^prose identity show '
}

# The UE is the same machine, with what its package and method certificate have in /etc/prose.
ue() {
	mkdir /etc/prose && cp kms.example.org.community /etc/prose || return
	cat >/etc/prose/prosed.conf <<-'END'
	device = "prose0"
	certificate {
		chain = "/etc/prose-kms/pki/tel:+447700900123.pem"
		key = "/etc/prose-kms/pki/tel:+447700900123.key"
		roots = { "/etc/prose-kms/pki/ca.pem" }
		crls = { "/etc/prose-kms/pki/crl.pem" }
	}
	END
}

network() {
	local i

	typed '^prose pki init' && find_block '^chain = ' >>/var/lib/prose-kms/kms.conf && ue || return
	# In place of systemctl enable --now prose-kms.
	prose-kms serve /var/lib/prose-kms >serve.log 2>&1 &
	defer kill $!
	for ((i = 0; i < 300; i++)); do
		! grep -q 'port 7801' serve.log || break
		sleep 0.1
	done
	typed '^prose identity fetch .*--community' || { cat serve.log; return 1; }
	made /etc/prose/ue1.keys /etc/prose/kms.example.org.deny || return
	# The device is lost.
	typed '^prose-kms revoke' && grep -qxF 'identity tel:+447700900123' kms.example.org.deny &&
		typed '^prose identity fetch .*--community' 2>&1 | grep 'is revoked and gets no keys'
}

# Files of systemd as they stand, the service with the command that the text has it have.
timer() {
	command -v systemd-analyze >/dev/null || ktap_exit_skip "there is no systemd-analyze"
	find_block 'OnCalendar' >prose-identity.timer &&
		printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >prose-identity.service &&
		systemd-analyze verify ./prose-identity.timer
}

backup() {
	local copy

	# shellcheck disable=SC2016 # backquotes of the page
	copy=$(sed -n 's/^- the store: ``\(sqlite3 .* \)FILE"``.*/\1copy.db"/p' "$page")
	[ -n "$copy" ] || { echo "$page does not say how a store is copied"; return 1; }
	command -v sqlite3 >/dev/null || ktap_exit_skip "there is no sqlite3"
	eval "$copy" && mkdir -m 700 again && cp copy.db again/kms.db && chmod 600 again/kms.db &&
		cp /var/lib/prose-kms/kms.conf again && prose-kms audit again &&
		cmp <(prose-kms public again) kms.example.org.community
}

as_postgres() {
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

# Of sudo, what is needed.
sudo() {
	[ "$1 $2" = "-u postgres" ] && as_postgres "${@:3}"
}

instances() {
	local bin

	bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
	[ -x "$bin/initdb" ] || ktap_exit_skip "there is no PostgreSQL; apt-get install postgresql"
	mkdir -p pg socket /run/postgresql && chown postgres pg socket && mount --bind socket /run/postgresql || return
	if ! as_postgres "$bin/initdb" -D pg/data -A peer -U postgres >initdb.log 2>&1 ||
		! as_postgres "$bin/pg_ctl" -D pg/data -w -t 120 -l pg/log \
			-o "-c listen_addresses= -c unix_socket_directories=/run/postgresql -c fsync=off" start >/dev/null
	then
		cat initdb.log pg/log
		return 1
	fi
	defer as_postgres "$bin/pg_ctl" -D "$PWD/pg/data" -m immediate stop
	mv /var/lib/prose-kms first && mv /etc/prose-kms/master.key first.key &&
		typed 'createuser' && prose-kms public /var/lib/prose-kms >/dev/null
}

tests="beginning network timer backup instances"
# shellcheck disable=SC2086 # words
set -- $tests
ktap_start $#
for test in "$@"; do
	ktap_check "$test" "$test"
done
ktap_end
