#!/bin/bash
# shellcheck disable=SC2317 # the tests are run by name
# SPDX-License-Identifier: MIT
#
# Cryptography that ends late or fails: crypto.c on prose_badcrypto.ko, the tests of the data path
# with ciphers that end in another context, and removal of the module with packets in their hands.

# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/../lib/ktap.sh"
# shellcheck source=selftests/datapath/rig.sh
. "$(dirname "$0")/../datapath/rig.sh"
net_need_guest

orders=/sys/module/prose_badcrypto/parameters

# with ORDER...: the module that takes orders, loaded anew.
with() {
	! grep -q '^prose ' /proc/modules || rmmod prose || return
	# Works that free the ciphers of the last test may still run.
	! grep -q '^prose_badcrypto ' /proc/modules || wait_for 10 rmmod prose_badcrypto || return
	modprobe prose_badcrypto "$@" && modprobe prose || return
	# AES of ours would be taken before what takes orders.
	! grep -q '^prose_aes ' /proc/modules || rmmod prose_aes
}

passes() {
	rig_program "$@"
}

orders_given() {
	with && rig_make && passes faults/crypto at_once later backlog fails_at_once fails_later \
		mac_fails window_stays key_refused rekey_under_way peer_goes device_goes
}

# Deciphered and ciphered by cryptd, as where there are no instructions for it.
over_cryptd() {
	with 'cipher=cryptd(ctr(aes-generic))' && rig_make || return
	passes faults/crypto at_once &&
		passes datapath/frames good_frame good_ipv6 wrong_mac replay signalling_up
}

# The last packet sends the notification, the counter and the reference from a worker.
datapath_later() {
	with later=1 && rig_make && passes datapath/frames
}

# It waits for its packets, then for their ciphers.
module_goes() {
	with && rig_make && passes faults/crypto module_goes || return
	[ ! -e /sys/module/prose ] && [ "$(cat "$orders/under_way")" = 0 ]
}

ktap_run orders_given over_cryptd datapath_later module_goes
ktap_end
