#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Two daemons, one link: connection by certificate, traffic, rekeys, release.

. "$(dirname "$0")/ues.sh"

connects_by_certificate() {
	ues && of ue1 connect ue2 && ping_ok ue1 && ping_ok ue2 &&
		expect "state of ue1" "$(peer ue1 state)" connected &&
		expect "state of ue2" "$(peer ue2 state)" connected &&
		expect "who ue2 is" "$(peer ue1 identity)" urn:prose:ue2 &&
		expect "proved" "$(peer ue1 authenticated)" True &&
		expect method "$(peer ue2 method)" certificate &&
		expect "one KD-sess" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)" &&
		expect "one KD" "$(peer ue1 kd_id)" "$(peer ue2 kd_id)" &&
		expect "connection identities" "$(peer ue1 connection_ids.local)" \
			"$(peer ue2 connection_ids.remote)" &&
		on ue1 ping -q -c 1 -W 5 fe80::200:ff:fe0a:b02%prose0 >/dev/null || return
	# Again is no error, and no new handshake.
	of ue1 connect ue2 | grep -q 'already connected' || return
	of ue1 show | grep -q 'state: .*connected' &&
		of ue1 show | grep -q 'algorithms: 128-EEA2 (AES), 128-EIA2 (AES), user data integrity protected'
}

# Nothing of a packet's content is on the carrier, and no frame of user data but protected ones.
nothing_in_clear() {
	local pattern=70726f73652d696e2d636c656172	# prose-in-clear

	ues && net_capture ue1 eth0 "$run/clear.pcap" && connect ue1 &&
		on ue1 ping -q -c 3 -i 0.2 -p "$pattern" 10.9.0.2 >/dev/null &&
		of ue1 release ue2 && net_capture_end "$spawned" "$run/clear.pcap.log" || return
	[ "$(frames "$run/clear.pcap" 1)" -ge 6 ] || {
		echo "the capture has $(frames "$run/clear.pcap" 1) frames of user data"
		return 1
	}
	if grep -aq 'prose-in-clear\|ose-in-clearpr' "$run/clear.pcap"; then
		echo "the content of a packet is on the carrier"
		return 1
	fi
}

answers() {
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$1"
}

more_answers() {
	[ "$(answers "$1" | wc -l)" -gt "$2" ]
}

# lost FILE: how many before the last answer that a ping printed have none. What was on its way when
# the ping was ended is not lost; that answers still come then is for the caller to see.
lost() {
	answers "$1" | sort -un | awk '
		{ highest = $1; n++ }
		END { print n ? highest - n : "all" }'
}

# Packets flow in both directions, as fast as they are answered, across every rekey.
rekeys_under_traffic() {
	local flood1 flood2 i before

	ues && connect ue1 || return
	before=$(peer ue1 kd_id)
	spawn "$run/flood1" on ue1 ping -n -i 0.01 -W 5 10.9.0.2
	flood1=$spawned
	spawn "$run/flood2" on ue2 ping -n -i 0.01 -W 5 10.9.0.1
	flood2=$spawned
	of ue1 rekey ue2 && of ue2 rekey ue1 && of ue1 rekey --kd ue2 && of ue2 rekey --kd ue1 ||
		return
	expect "KD of both" "$(peer ue1 kd_id)" "$(peer ue2 kd_id)" || return
	[ "$(peer ue1 kd_id)" != "$before" ] || {
		echo "KD is still $before"
		return 1
	}
	# Both at once: one of the two wins, and both end with the same keys.
	for i in 1 2 3 4 5; do
		of ue1 rekey ue2 >"$run/rekey1" 2>&1 &
		of ue2 rekey ue1 >"$run/rekey2" 2>&1
		wait $! || {
			cat "$run/rekey1"
			return 1
		}
	done
	wait_for 5 state_is ue1 connected && wait_for 5 state_is ue2 connected || return
	expect "KD-sess of both" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)" || return
	# The last keys carry both ways, too: more answers than can still be on their way.
	for i in "$run/flood1" "$run/flood2"; do
		wait_for 10 more_answers "$i" $(($(answers "$i" | wc -l) + 20)) || return
	done
	stop "$flood1" INT
	stop "$flood2" INT
	grep 'packets transmitted' "$run/flood1" "$run/flood2"
	expect "lost at ue1" "$(lost "$run/flood1")" 0 && expect "lost at ue2" "$(lost "$run/flood2")" 0
}

# With every fifth frame lost an attempt may end for good now and then, as its retries do: the next
# one must not be hindered by that.
connects_at_last() {
	local i

	for i in 1 2 3 4; do
		of "$1" connect --wait=60 "$2" && return
	done
	return 1
}

# settled UE: no setup is under way any more
settled() {
	case $(peer "$1" state) in
	null | idle | connected | rekeying) ;;
	*) return 1 ;;
	esac
}

# Lost, delayed, doubled and overtaking messages: the timers of TS 24.334 mend it.
connects_over_a_bad_carrier() {
	local i

	ues && net_impair ue1 delay 20ms 10ms loss 20% duplicate 10% reorder 10% &&
		net_impair ue2 delay 20ms 10ms loss 20% duplicate 10% reorder 10% || return
	for i in 1 2 3; do
		connects_at_last ue1 ue2 || return
		of ue2 rekey --wait=60 ue1 || connects_at_last ue2 ue1 || return
		# What ue2 has set up is one of ue1's, too, when its last message has come, or in vain.
		wait_for 60 settled ue1 || return
		state_is ue1 idle || of ue1 release --wait=60 ue2 || return
		wait_for 60 state_is ue2 idle || return
	done
}

both_connect_at_once() {
	ues || return
	of ue1 connect ue2 >"$run/connect1" 2>&1 &
	of ue2 connect ue1 || {
		cat "$run/connect1"
		return 1
	}
	wait $! || {
		cat "$run/connect1"
		return 1
	}
	wait_for 10 state_is ue1 connected && wait_for 10 state_is ue2 connected &&
		expect "one KD-sess" "$(peer ue1 kd_sess_id)" "$(peer ue2 kd_sess_id)" && ping_ok ue1
}

# After a release not one frame of user data leaves, on neither side, whatever wants to.
released_is_silent() {
	ues && of ue1 connect ue2 && ping_ok ue1 && of ue1 release ue2 &&
		wait_for 10 state_is ue2 idle && net_capture ue1 eth0 "$run/silent.pcap" || return
	says "100% packet loss" on ue1 ping -c 2 -i 0.2 -W 1 10.9.0.2 &&
		says "100% packet loss" on ue2 ping -c 2 -i 0.2 -W 1 10.9.0.1 || return
	net_capture_end "$spawned" "$run/silent.pcap.log" || return
	expect "frames of user data" "$(frames "$run/silent.pcap" 1)" 0 &&
		expect "any frames" "$(tcpdump -r "$run/silent.pcap" -n 2>/dev/null | wc -l)" 0 || return
	of ue1 show | grep -q 'released by the user' && of ue1 connect ue2 && ping_ok ue2
}

# A packet for a peer that is configured, but not connected, connects.
connects_on_demand() {
	ues || return
	on ue1 ping -q -c 1 -W 1 10.9.0.2 >/dev/null
	wait_for 10 state_is ue1 connected && ping_ok ue1
}

# The peer is gone without a word: the keepalive finds out, and says it.
notices_a_dead_peer() {
	ues 'timers {' '	t4102-ms = 500' '	t4101-ms = 200' '	retries = 2' '}' &&
		of ue1 connect ue2 || return
	ip -n ue2 link set eth0 down
	wait_for 20 not_connected ue1 || return
	expect "peers in the kernel" "$(of ue1 show -j | grep -c kd_sess_id)" 0 &&
		[ -n "$(peer ue1 last_failure.text)" ]
}

not_connected() {
	[ "$(peer "$1" state)" != connected ]
}

# A link that only carries traffic lives without keepalives; an idle one lives by them.
idle_link_lives() {
	ues 'timers {' '	t4102-ms = 300' '	t4101-ms = 1000' '	retries = 2' '}' &&
		of ue1 connect ue2 || return
	sent=$(of ue1 show -j | sed -n 's/.*"sent": \([0-9]*\).*/\1/p')
	more_sent() { [ "$(of ue1 show -j | sed -n 's/.*"sent": \([0-9]*\).*/\1/p')" -ge $((sent + 5)) ]; }
	wait_for 20 more_sent && state_is ue1 connected && state_is ue2 connected
}

key_log_has_every_key() {
	ues "key-log = \"$run/keys\"" && of ue1 connect ue2 && of ue1 rekey ue2 &&
		of ue2 rekey --kd ue1 || return
	# of both ends each time; of the setup's a second one, for what follows under the link's own IDs
	expect "lines" "$(wc -l <"$run/keys")" 8 &&
		expect "lines of the devices" "$(grep -cE '^PROSE_SESSION 0a0b0[12] 0a0b0[12] ' "$run/keys")" 2 &&
		expect "different keys" "$(cut -d' ' -f9 "$run/keys" | sort -u | wc -l)" 3 &&
		expect "mode" "$(stat -c %a "$run/keys")" 600 &&
		expect "form" "$(grep -cE '^PROSE_SESSION [0-9a-f]{6} [0-9a-f]{6} [0-9a-f]{4} 2 2 1 hfn [0-9a-f]{64}$' "$run/keys")" 8 &&
		logged ue1 "session keys are written here"
}

ktap_run connects_by_certificate nothing_in_clear rekeys_under_traffic \
	connects_over_a_bad_carrier both_connect_at_once released_is_silent connects_on_demand \
	notices_a_dead_peer idle_link_lives key_log_has_every_key
ktap_end
