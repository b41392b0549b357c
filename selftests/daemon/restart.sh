#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# Life and death of prosed: killed, restarted, ended, reloaded, started where it must not.

. "$(dirname "$0")/ues.sh"

# Killed and started again under traffic, on both sides: not one packet is lost, the links are
# there again, and all that a link can do goes on.
killed_and_restarted() {
	local flood before

	ues && of ue1 connect ue2 && of ue1 rekey ue2 && wait_for 5 kept ue1 && wait_for 5 kept ue2 || return
	before=$(peer ue1 kd_sess_id)
	spawn "$run/flood" on ue1 ping -n -i 0.01 -W 5 10.9.0.2
	flood=$spawned
	stop "${pid[ue1]}" KILL
	on ue1 ping -q -c 20 -i 0.01 -W 5 10.9.0.2 >/dev/null || return
	daemon ue1 || return
	expect state "$(peer ue1 state)" connected &&
		expect identity "$(peer ue1 identity)" urn:prose:ue2 &&
		expect "KD-sess" "$(peer ue1 kd_sess_id)" "$before" &&
		expect "rekeys" "$(peer ue1 rekeys)" 1 && logged ue1 "taken over" || return
	stop "${pid[ue2]}" KILL
	daemon ue2 || return
	of ue1 rekey ue2 && of ue2 rekey --kd ue1 || return
	[ "$(peer ue1 kd_sess_id)" != "$before" ] || return
	pings_end "$flood" "$run/flood" && of ue2 release ue1 && wait_for 5 state_is ue1 idle
}

# A restart that was meant, as systemctl does it: the same, but the daemon ends by itself.
left_and_taken_over() {
	local flood before

	ues && connect ue1 || return
	before=$(peer ue1 kd_sess_id)
	spawn "$run/flood" on ue1 ping -n -i 0.01 -W 5 10.9.0.2
	flood=$spawned
	kill -USR2 "${pid[ue1]}"
	wait "${pid[ue1]}"
	expect "exit status" $? 0 && logged ue1 "links are left to the next prosed" &&
		[ ! -e "$run/ue1.sock" ] && state_is ue2 connected || return
	daemon ue1 || return
	expect state "$(peer ue1 state)" connected &&
		expect "KD-sess" "$(peer ue1 kd_sess_id)" "$before" && of ue1 rekey ue2 || return
	pings_end "$flood" "$run/flood" || return
	# The next one made nothing of it, and takes it away all the same.
	kill "${pid[ue1]}"
	wait "${pid[ue1]}"
	! ip -n ue1 link show prose0 2>/dev/null && wait_for 5 state_is ue2 idle
}

# What the next one is configured otherwise for is made anew.
left_for_another_configuration() {
	ues && of ue1 connect ue2 || return
	kill -USR2 "${pid[ue1]}"
	wait "${pid[ue1]}"
	configure ue1 'layer2-id = "0a:0b:09"' && daemon ue1 || return
	logged ue1 "made for another configuration" &&
		ip -n ue1 link show prose0 | grep -q "0a:0b:09" || return
	kill -USR2 "${pid[ue1]}"
	wait "${pid[ue1]}"
	ip -n ue1 link add other type dummy && ip -n ue1 link set other up || return
	sed -i 's/"eth0"/"other"/' "$run/ue1.conf"
	daemon ue1 && ip -n ue1 link show prose0 | grep -q "prose0@other"
}

# Without the daemon, and without an association, nothing goes out in clear.
dead_daemon_sends_nothing() {
	ues || return
	stop "${pid[ue1]}" KILL
	net_capture ue2 eth0 "$run/dead.pcap" || return
	says "100% packet loss" on ue1 ping -c 2 -i 0.2 -W 1 10.9.0.2 || return
	net_capture_end "$spawned" "$run/dead.pcap.log" || return
	expect "frames of user data" "$(frames "$run/dead.pcap" 1)" 0
}

# SIGTERM: the peer is told, and nothing of what prosed made is left.
ends_without_a_trace() {
	ues && of ue1 connect ue2 || return
	kill "${pid[ue1]}"
	wait "${pid[ue1]}"
	expect "exit status" $? 0 && wait_for 5 state_is ue2 idle || return
	! ip -n ue1 link show prose0 2>/dev/null && [ ! -e "$run/ue1.sock" ] &&
		[ ! -e "$run/ue1.state" ]
}

# A device that was there before stays, without what prosed added to it.
leaves_the_device_of_others() {
	net_make ue1 ue2 && make_credentials && configure ue1 &&
		ip -n ue1 link add link eth0 name prose0 type prose && daemon ue1 || return
	ip -n ue1 address show prose0 | grep -q 10.9.0.1 || return
	# Also when the daemon that added it was killed.
	stop "${pid[ue1]}" KILL
	daemon ue1 || return
	kill "${pid[ue1]}"
	wait "${pid[ue1]}"
	ip -n ue1 link show prose0 >/dev/null || return
	! ip -n ue1 address show prose0 | grep 'inet'
}

ends_in_time_without_its_peer() {
	ues 'timers {' '	t4103-ms = 200' '	retries = 2' '}' && of ue1 connect ue2 || return
	stop "${pid[ue2]}" KILL
	ip -n ue2 link set eth0 down
	kill "${pid[ue1]}"
	wait_for 5 gone "${pid[ue1]}" || return
	wait "${pid[ue1]}"
	expect "exit status" $? 0 && ! ip -n ue1 link show prose0 2>/dev/null
}

# start UE: prosed is expected to end by itself; what it says.
start() {
	timeout 120 ip netns exec "$1" prosed -c "$run/$1.conf"
}

second_daemon() {
	ues || return
	sed -i "s,$run/ue1.sock,$run/second.sock," "$run/ue1.conf"
	says "owns its PC5 signalling" start ue1 || return
	configure ue1
	says "owns its PC5 signalling" start ue1 && of ue1 connect ue2 && ping_ok ue1
}

no_lower_device() {
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	sed -i 's/"eth0"/"eth7"/' "$run/ue1.conf"
	says "the lower device eth7 does not exist" start ue1 || return
	sed -i '/^lower/d' "$run/ue1.conf"
	says "prose0 does not exist; make it: ip link add link LOWER name prose0 type prose" start ue1 ||
		return
	ip -n ue1 link add prose0 type dummy || return
	says "prose0 is no prose device" start ue1
}

# early UE [ARG...]: prosed --wait, in the background; its process ID in ${pid[UE]}.
early() {
	local ue=$1
	shift

	"$@" ip netns exec "$ue" prosed -v --wait -c "$run/$ue.conf" >>"$OUT/$ue.log" 2>&1 </dev/null &
	pid[$ue]=$!
	defer stop "$!"
	wait_for 20 logged "$ue" "waiting, for prose0"
}

# Started before the lower device is there, and before what it says of it is right.
waits_for_lower_device() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 && daemon ue2 || return
	echo "--- ${FUNCNAME[0]}" >>"$OUT/ue1.log"
	sed -i 's/"eth0"/"late0"/' "$run/ue1.conf"
	early ue1 && logged ue1 "the lower device late0 does not exist" || return
	# News that do not help are none to speak of.
	ip -n ue1 link add other type dummy && ip -n ue1 link del other || return
	echo nonsense >>"$run/ue1.conf"
	kill -HUP "${pid[ue1]}"
	wait_for 5 logged ue1 "the old configuration stays in force" || return
	sed -i '/nonsense/d; s/"late0"/"late1"/' "$run/ue1.conf"
	kill -HUP "${pid[ue1]}"
	wait_for 5 logged ue1 "the lower device late1 does not exist" || return
	expect "lines about late0" "$(log_of ue1 | grep -c 'waiting, for.*late0')" 1 || return
	ip -n ue1 link set eth0 down && ip -n ue1 link set eth0 name late1 &&
		ip -n ue1 link set late1 up || return
	wait_for 20 of ue1 show && of ue1 connect ue2 && ping_ok ue1
}

waits_for_own_address() {
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	echo "--- ${FUNCNAME[0]}" >>"$OUT/ue1.log"
	sed -i '/^lower/d; 1a udp {\n\tlocal = { "192.0.2.1" }\n}' "$run/ue1.conf"
	early ue1 && logged ue1 "this host has not the address" || return
	ip -n ue1 address add 192.0.2.1/24 dev eth0
	wait_for 20 of ue1 show
}

ends_while_it_waits() {
	local signal

	net_make ue1 ue2 && make_credentials && configure ue1 || return
	sed -i 's/"eth0"/"late0"/' "$run/ue1.conf"
	for signal in TERM USR2; do
		echo "--- ${FUNCNAME[0]}" >>"$OUT/ue1.log"
		early ue1 || return
		kill -"$signal" "${pid[ue1]}"
		wait "${pid[ue1]}"
		expect "exit status" $? 0 && ! log_of ue1 | grep -v 'waiting, for' | grep prosed: || return
	done
}

# What another start does not cure has an exit status of its own.
wrong_configuration() {
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	echo nonsense >>"$run/ue1.conf"
	timeout 120 ip netns exec ue1 prosed --wait -c "$run/ue1.conf"
	expect "exit status" $? 78 || return
	sed -i '/nonsense/d' "$run/ue1.conf"
	rm "$run/pki/ca.pem"
	timeout 120 ip netns exec ue1 prosed --wait -c "$run/ue1.conf"
	expect "exit status" $? 1
}

# said PART: the service manager was told a line that begins so.
said() {
	grep -q "^$1" "$run/said"
}

# What a service manager is told, and that the watchdog is fed for as long as things go well.
tells_the_service_manager() {
	net_make ue1 ue2 && make_credentials && configure ue1 && configure ue2 && daemon ue2 || return
	echo "--- ${FUNCNAME[0]}" >>"$OUT/ue1.log"
	python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    print(s.recv(4096).decode())' "$run/notify" >>"$run/said" &
	defer stop "$!"
	wait_for 10 test -S "$run/notify" || return
	sed -i 's/"eth0"/"late0"/' "$run/ue1.conf"
	early ue1 env NOTIFY_SOCKET="$run/notify" WATCHDOG_USEC=400000 || return
	wait_for 10 said READY=1 && wait_for 10 said STATUS=Waiting && wait_for 10 said WATCHDOG=1 || return
	: >"$run/said"
	ip -n ue1 link set eth0 down && ip -n ue1 link set eth0 name late0 &&
		ip -n ue1 link set late0 up && wait_for 20 said READY=1 &&
		wait_for 10 said "STATUS=prose0: 0 links up" && of ue1 connect ue2 &&
		wait_for 10 said "STATUS=prose0: 1 link up" || return
	: >"$run/said"
	of ue1 release ue2 && wait_for 10 said "STATUS=prose0: 0 links up" &&
		wait_for 10 said WATCHDOG=1 || return
	kill "${pid[ue1]}" && wait_for 10 said STOPPING=1
}

not_permitted() {
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	chmod -R a+rX "$run"
	says "not permitted" setpriv --bounding-set -all --inh-caps -all \
		ip netns exec ue1 prosed -c "$run/ue1.conf"
}

no_module() {
	net_destructive "unloads the module and hides modprobe"
	net_make ue1 ue2 && make_credentials && configure ue1 || return
	[ -e /sys/module/prose/refcnt ] || ktap_exit_skip "prose.ko is built in"
	# Devices of the test before may not be gone yet.
	wait_for 40 rmmod prose || return
	# Where the kernel finds the module by itself there is nothing to say.
	mv /sbin/modprobe /sbin/modprobe.away 2>/dev/null
	echo /nonexistent >/proc/sys/kernel/modprobe
	says "load the module: modprobe prose" start ue1
	status=$?
	mv /sbin/modprobe.away /sbin/modprobe 2>/dev/null
	echo /sbin/modprobe >/proc/sys/kernel/modprobe
	net_modules prose
	return "$status"
}

# The device goes away under it: it says so, and ends with an error, for systemd to see.
device_removed() {
	ues && of ue1 connect ue2 || return
	ip -n ue1 link del prose0
	wait "${pid[ue1]}"
	expect "exit status" $? 1 && logged ue1 "prose0 is gone"
}

lower_device_removed() {
	ues && of ue1 connect ue2 || return
	ip -n ue1 link del eth0
	wait "${pid[ue1]}"
	expect "exit status" $? 1 && logged ue1 "prose0 is gone"
}

# reload_fails PART [SED]: the file is spoilt; it is said where; all goes on.
reload_fails() {
	cp "$run/ue1.conf" "$run/good.conf"
	sed -i "$2" "$run/ue1.conf"
	says "$1" of ue1 reload && logged ue1 "the old configuration stays in force" &&
		state_is ue1 connected && ping_ok ue1
	status=$?
	cp "$run/good.conf" "$run/ue1.conf"
	return "$status"
}

bad_reloads() {
	ues && of ue1 connect ue2 || return
	reload_fails 'ue1.conf:1: unknown option' '1s/device/devise/' &&
		reload_fails 'ue1.conf:5: layer2-id' '5s/0a:/xx:/' &&
		reload_fails 'device cannot change while prosed runs' '1s/prose0/prose1/' &&
		reload_fails 'ca.pem.missing' 's/ca\.pem/ca.pem.missing/' &&
		reload_fails 'ue1.conf:8' 's,pki/urn:prose:ue1.key,pki/urn:prose:ue2.key,' || return
	# By signal as well, and the daemon lives.
	echo garbage >"$run/ue1.conf"
	kill -HUP "${pid[ue1]}"
	wait_for 5 logged ue1 "unknown option 'garbage'" && state_is ue1 connected || return
	cp "$run/good.conf" "$run/ue1.conf"
	of ue1 reload && of ue1 rekey --kd ue2 && ping_ok ue1
}

good_reload() {
	ues && of ue1 connect ue2 || return
	sed -i 's,"10.9.0.1/24","10.9.0.1/24"\, "10.9.7.1/24",' "$run/ue1.conf"
	of ue1 reload && ip -n ue1 address show prose0 | grep -q 10.9.7.1 && ping_ok ue1 || return
	sed -i 's,\, "10.9.7.1/24",,' "$run/ue1.conf"
	of ue1 reload && ! ip -n ue1 address show prose0 | grep 10.9.7.1 || return
	# A peer that is no longer wanted is released.
	sed -i '/^peer/,$d' "$run/ue1.conf"
	of ue1 reload && wait_for 10 state_is ue2 idle
}

# The command names cause and cure when there is nobody to ask.
nobody_answers() {
	ues || return
	says "there is no such socket; start prosed" prose -s /run/none.sock show &&
		says "permission denied" setpriv --reuid 65534 --clear-groups \
			"$(command -v prose)" -s "$run/ue1.sock" show || return
	prose -s /run/none.sock show 2>/dev/null
	expect "exit status" $? 3 || return
	stop "${pid[ue1]}" KILL
	says "prosed does not run any more" of ue1 show
}

ktap_run killed_and_restarted left_and_taken_over left_for_another_configuration dead_daemon_sends_nothing ends_without_a_trace \
	leaves_the_device_of_others ends_in_time_without_its_peer second_daemon no_lower_device \
	waits_for_lower_device waits_for_own_address ends_while_it_waits wrong_configuration \
	tells_the_service_manager not_permitted no_module device_removed lower_device_removed bad_reloads good_reload \
	nobody_answers
ktap_end
