#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What many.sh does, with as many peers as one UE is to have. By a clock that counts instructions: 257
# daemons on an emulated processor that others use as well would give up on each other.
#
# vm/run: --icount --timeout 1800

MANY_PEERS=256 exec "$(dirname "$0")/many.sh" "$@"
