#!/bin/bash
# SPDX-License-Identifier: MIT
#
# SNOW 3G, ZUC and AES through AF_ALG: see af_alg.c. Arguments: names of tests, default all.

. "$(dirname "$0")/../lib/net.sh"

for module in prose_snow3g prose_zuc; do
	modinfo $module >/dev/null 2>&1 ||
		net_skip_all "$module is not there; 'make dkms' installs it"
done
exec "${PATH%%/bin:*}/selftests/crypto/af_alg" "$@"
