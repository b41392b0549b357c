#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: probe OUT PROBE.c... -- COMPILER FLAGS...
#
# Compile each probe for the kernel at hand and write OUT with one line each,
# "#define PROSE_HAVE_<NAME> 1" or a comment that says the kernel has it not.
# sanity.c must compile: else the compiler or its flags are broken, and every
# answer would be a wrong "no".

set -u

out=$1
shift
probes=
while [ "$1" != -- ]; do
	probes="$probes $1"
	shift
done
shift

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

{
	echo '/* What the kernel at hand has, found by compiling kmod/compat/probes. */'
} > "$tmp/autoconf.h"

for probe in $probes; do
	name=$(basename "$probe" .c)
	macro=PROSE_HAVE_$(echo "$name" | tr 'a-z-' 'A-Z_')
	if "$@" -Werror -Wno-unused -Wno-missing-prototypes \
		-Wno-missing-declarations -c "$probe" -o "$tmp/probe.o" 2> "$tmp/log"; then
		[ "$name" = sanity ] || echo "#define $macro 1" >> "$tmp/autoconf.h"
	elif [ "$name" = sanity ]; then
		echo "probe.sh: the kernel's headers do not compile:" >&2
		cat "$tmp/log" >&2
		exit 1
	else
		echo "/* $macro: not here */" >> "$tmp/autoconf.h"
	fi
done

mkdir -p "$(dirname "$out")"
# Objects are built again only when an answer changed.
cmp -s "$tmp/autoconf.h" "$out" || cp "$tmp/autoconf.h" "$out"
