#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# In a guest that is a Debian of its own (vm/run --root), with what packages/check has built: the
# life of the packages, one step after the other, on two UEs. One is prosed.service, on the machine
# itself, the other an instance of prosed@.service in a network namespace.
#
#	[prose0 10.9.0.1] [up0]----------[eth0] [prose0 10.9.0.2] ue2
#
# The KMS of prose-kms.service (kms.sh) is on the machine as well, before the daemons' package goes.
#
# usage: machine.sh VERSION NEXT

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/expect.sh
. "$here/../lib/expect.sh"
# shellcheck source=selftests/lib/net.sh
. "$here/../lib/net.sh"
# shellcheck source=selftests/packages/kms.sh
. "$here/kms.sh"

version=${1:?which version?}
next=${2:?and which next one?}
debs=$OUT/debs
arch=$(dpkg --print-architecture)
etc=/etc/prose

tools() {
	echo "$debs/$1/prose-tools_$2_$arch.deb"
}

dkms_of() {
	echo "$debs/$1/prose-dkms_$2_all.deb"
}

# of ue1|ue2 ARG...: prose, asking that UE's daemon
of() {
	local ue=$1
	shift

	prose -s "/run/prose/$ue.sock" "$@"
}

unit() {
	case $1 in
	ue1) echo prosed.service ;;
	ue2) echo prosed@ue2.service ;;
	kms) echo prose-kms.service ;;
	esac
}

# All that a unit has said until now: the journal writes when it has time.
log_of() {
	journalctl --sync
	journalctl -o cat -u "$1"
}

main_pid() {
	systemctl show -P MainPID "$(unit "$1")"
}

# becomes UE STATE: within a minute the daemon says so of the UE's peer.
becomes() {
	says_state() { of "$1" show -j 2>/dev/null | grep -q "\"state\": \"$2\""; }
	wait_for 60 says_state "$@" && return
	of "$1" show
	log_of "$(unit "$1")" | tail -n 20
	return 1
}

kd_sess_id() {
	of ue1 show -j | sed -n 's/.*"kd_sess_id": *\("\?[^",]*\).*/\1/p'
}

# ping_starts FILE: packets until ping_ends, each of which has to come back.
ping_starts() {
	spawn "$1" ping -n -i 0.05 -W 10 10.9.0.2
	echo "$spawned" >"$1.pid"
}

ping_ends() {
	pings_end "$(cat "$1.pid")" "$1"
}

# --- the steps

# depmod reads every module there is, minutes for an emulated processor: those for hardware that it
# has not are hidden.
hide_modules() {
	local folder kernel

	kernel=/lib/modules/$(uname -r)/kernel
	for folder in "$kernel"/sound "$kernel"/drivers/*/ "$kernel"/drivers/net/*/; do
		[ "$folder" = "$kernel/drivers/net/" ] || mount -t tmpfs tmpfs "$folder" || return
	done
}

# On a machine that is new to it, with what DKMS built of it elsewhere.
install() {
	local unit

	# This is no tree to work in, but a machine: services are started.
	rm -f /usr/sbin/policy-rc.d
	hide_modules || return
	mkdir -p /usr/share/prose-dkms
	cp "$debs"/built/*.dkms.tar.gz /usr/share/prose-dkms/ || return
	! compgen -G "/lib/modules/*/updates/dkms/prose*" || return
	dpkg -i "$(tools old "$version")" "$(dkms_of old "$version")" >"$OUT/install.log" 2>&1 || {
		cat "$OUT/install.log"
		return 1
	}
	expect "modules" "$(dkms status -m prose -v "$version" | sed 's/.*: //')" installed &&
		modinfo -n prose && expect "$etc" "$(stat -c '%U %a' "$etc")" "root 700" || return
	# A rig is configured before anything runs.
	for unit in prosed.service prosed@ue2.service; do
		expect "$unit" "$(systemctl is-enabled "$unit"),$(systemctl is-active "$unit")" \
			disabled,inactive || return
	done
}

smoke() {
	"$here/../../debian/tests/smoke"
}

link() {
	"$here/../../debian/tests/link" && ! ip netns list | grep ue1
}

# Nothing to go by: it says which file, does not try again, and is not started for ever.
without_configuration() {
	! systemctl start prosed || return
	log_of prosed | grep -F "$etc/prosed.conf" &&
		expect "exit status" "$(systemctl show -P ExecMainStatus prosed)" 78 &&
		expect "starts" "$(systemctl show -P NRestarts prosed)" 0
	status=$?
	systemctl reset-failed prosed
	return "$status"
}

configure() {
	local ue=$1 lower=$2 file=$3 n=${1#ue}
	local other=$((3 - n))

	prose pki issue "$etc"/pki "urn:prose:$ue" >/dev/null || return
	cat >"$file" <<-END
	device = "prose0"
	lower = "$lower"
	control = "/run/prose/$ue.sock"
	store = "/var/lib/prose/$ue.store"
	layer2-id = "0a:0b:0$n"
	addresses = { "10.9.0.$n/24" }
	certificate {
		chain = "pki/urn:prose:$ue.pem"
		key = "pki/urn:prose:$ue.key"
		roots = { "pki/ca.pem" }
		crls = { "pki/crl.pem" }
	}
	peer "urn:prose:ue$other" {
		layer2-id = "0a:0b:0$other"
		addresses = { "10.9.0.$other" }
	}
	END
}

# Started at the boot, so to say: no lower device is there yet. That is no failure, and no reason for
# others to wait.
before_the_network() {
	prose pki init "$etc"/pki >/dev/null && configure ue1 up0 "$etc"/prosed.conf &&
		configure ue2 eth0 "$etc"/ue2.conf || return
	expect "modes of the keys" "$(stat -c '%U %a' "$etc"/pki/*.key | sort -u)" "root 600" || return
	ip netns add ue2 && ip -n ue2 link set lo up &&
		mkdir -p /etc/systemd/system/prosed@ue2.service.d || return
	cat >/etc/systemd/system/prosed@ue2.service.d/override.conf <<-END
	[Service]
	NetworkNamespacePath=/run/netns/ue2
	WatchdogSec=5
	END
	systemctl daemon-reload
	systemctl start prosed prosed@ue2 || return
	expect "units" "$(systemctl is-active prosed prosed@ue2 | tr '\n' ' ')" "active active " &&
		systemctl show -P StatusText prosed | grep "Waiting for the lower device" &&
		! ip link show prose0 2>/dev/null || return
	ip link add up0 type veth peer name eth0 netns ue2 && ip link set up0 up &&
		ip -n ue2 link set eth0 up || return
	wait_for 60 of ue1 show >/dev/null && wait_for 60 of ue2 show >/dev/null &&
		expect "starts" "$(systemctl show -P NRestarts prosed)" 0
}

link_by_certificate() {
	of ue1 connect --wait=120 ue2 && becomes ue2 connected && ping -c 3 -W 10 10.9.0.2 || return
	says_one() { systemctl show -P StatusText prosed | grep -x "prose0: 1 link up"; }
	wait_for 10 says_one
}

# inside PID COMMAND...: as root of the machine, but in the process's view of the files
inside() {
	nsenter -t "$1" -m -- "${@:2}"
}

# confined PID CAPABILITIES: these alone, in all sets, a seccomp filter, and files that are read-only.
confined() {
	local pid=$1 status set

	status=$(cat "/proc/$pid/status")
	grep -E '^(Cap|Seccomp|NoNew)' <<<"$status"
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		grep -qP "^$set:\t$2$" <<<"$status" || return
	done
	grep -qP '^Seccomp:\t2$' <<<"$status" && grep -qP '^NoNewPrivs:\t1$' <<<"$status" || return
	! inside "$pid" touch /etc/prose/x /usr/x /root/x 2>/dev/null &&
		! inside "$pid" ls /run/dbus 2>/dev/null && ! inside "$pid" ls /run/systemd/private 2>/dev/null
}

# What the daemon may, seen from outside.
privileges() {
	local pid

	pid=$(main_pid ue1)
	# CAP_NET_ADMIN is bit 12.
	confined "$pid" 0000000000001000 && inside "$pid" test -S /run/prose/ue1.sock &&
		inside "$pid" test -w /var/lib/prose && ! inside "$pid" test -e /dev/kmsg &&
		expect "/var/lib/prose" "$(stat -c '%U %a' /var/lib/prose)" "root 700"
}

doctor() {
	prose help 2>&1 | grep -q doctor || ktap_exit_skip "prose has no doctor here"
	of ue1 doctor
}

# Reloading is refused or done, and no link minds.
reload() {
	cp "$etc"/prosed.conf "$OUT/good.conf"
	echo nonsense >>"$etc/prosed.conf"
	systemctl reload prosed
	refused() { log_of prosed | grep -F "the old configuration stays in force"; }
	wait_for 30 refused || return
	cp "$OUT/good.conf" "$etc"/prosed.conf
	sed -i 's,"10.9.0.1/24","10.9.0.1/24"\, "10.9.7.1/24",' "$etc"/prosed.conf
	systemctl reload prosed
	added() { ip address show prose0 | grep -q 10.9.7.1; }
	wait_for 30 added && becomes ue1 connected && ping -c 1 -W 10 10.9.0.2
}

# is_other UE|kms PID: another process is at work.
is_other() {
	[ "$(main_pid "$1")" != "$2" ] && [ "$(main_pid "$1")" != 0 ]
}

# restarted UE PID: another process, that has taken over.
restarted() {
	wait_for 120 is_other "$@" && becomes "$1" connected
}

# Asked to restart, killed, and standing still: the service comes back each time, and no packet
# of the link is lost.
restarts() {
	local pid id

	id=$(kd_sess_id)
	[ -n "$id" ] && ping_starts "$OUT/restarts.ping" || return
	pid=$(main_pid ue1)
	systemctl restart prosed && restarted ue1 "$pid" || return
	pid=$(main_pid ue1)
	kill -KILL "$pid"
	restarted ue1 "$pid" || return
	pid=$(main_pid ue2)
	kill -STOP "$pid"
	restarted ue2 "$pid" &&
		log_of prosed@ue2 | grep -i "watchdog timeout" || return
	expect "KD-sess ID" "$(kd_sess_id)" "$id" && ping_ends "$OUT/restarts.ping"
}

build_id() {
	od -An -v -tx1 -j16 /sys/module/prose/notes/.note.gnu.build-id | tr -d ' \n'
}

# The packages of the next version: the daemons of it run, the module of the old one stays loaded,
# which the user is told, and no packet is lost.
upgrade() {
	local id loaded pid1 pid2

	id=$(kd_sess_id) loaded=$(build_id) pid1=$(main_pid ue1) pid2=$(main_pid ue2)
	[ -n "$id" ] && [ -n "$loaded" ] && ping_starts "$OUT/upgrade.ping" || return
	dpkg -i "$(tools new "$next")" "$(dkms_of new "$next")" >"$OUT/upgrade.log" 2>&1 || {
		cat "$OUT/upgrade.log"
		return 1
	}
	restarted ue1 "$pid1" && restarted ue2 "$pid2" && ping_ends "$OUT/upgrade.ping" || return
	expect "KD-sess ID" "$(kd_sess_id)" "$id" && expect "loaded module" "$(build_id)" "$loaded" &&
		expect "modules" "$(dkms status -m prose | sed 's/,.*: /: /')" "prose/$next: installed" ||
		return
	grep -F "the module prose that is loaded stays" "$OUT/upgrade.log" &&
		grep -x prose-dkms /run/reboot-required.pkgs && [ -e /run/reboot-required ] || return
	# What it is all for: keys can be renewed.
	of ue1 rekey --kd --wait=120 ue2 && [ "$(kd_sess_id)" != "$id" ] && ping -c 1 -W 10 10.9.0.2
}

# The module's package goes, the module and the links stay, and the user is told.
remove_module() {
	ping_starts "$OUT/remove.ping"
	dpkg --remove prose-dkms >"$OUT/remove-dkms.log" 2>&1 || return
	grep -F "the module prose is loaded and stays so" "$OUT/remove-dkms.log" &&
		! compgen -G "/lib/modules/*/updates/dkms/prose*" && [ -d /sys/module/prose ] &&
		becomes ue1 connected && of ue1 rekey --wait=120 ue2 && ping_ends "$OUT/remove.ping"
}

# The daemons' package goes: with them the links, in good order, and the user is told.
remove_tools() {
	dpkg --remove prose-tools >"$OUT/remove-tools.log" 2>&1 || return
	grep -F "links are released" "$OUT/remove-tools.log" || return
	for unit in prosed prosed@ue2; do
		[ "$(systemctl is-active "$unit")" != active ] || return
		log_of "$unit" | grep -F "ending; links are released" || return
	done
	! ip link show prose0 2>/dev/null && ! ip -n ue2 link show prose0 2>/dev/null &&
		! pidof prosed && [ -d /var/lib/prose ] && [ -e "$etc"/prosed.conf ]
}

# What the daemon wrote goes, what the user wrote stays.
purge() {
	dpkg --purge prose-tools prose-dkms >"$OUT/purge.log" 2>&1 || return
	[ ! -e /var/lib/prose ] && [ ! -e /run/prose ] && [ -e "$etc"/pki/urn:prose:ue1.key ] &&
		! compgen -G "/usr/src/prose-*" && rmmod prose
}

ktap_run install smoke link without_configuration before_the_network link_by_certificate privileges \
	doctor reload restarts upgrade kms_serves kms_privileges kms_reloads kms_credential \
	kms_upgrade kms_purge remove_module remove_tools purge
ktap_end
