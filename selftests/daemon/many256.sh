#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What many.sh does, with as many peers as one UE is to have.
#
# vm/run: --timeout 1800

MANY_PEERS=256 exec "$(dirname "$0")/many.sh" "$@"
