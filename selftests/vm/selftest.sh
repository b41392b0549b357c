#!/bin/bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# The test machine tested: what goes in arrives, what comes out is true, and nothing that goes
# wrong looks right.
#
# usage: selftest.sh (on the host; it starts guests, in which it runs itself with "guest NAME")

here=$(cd "$(dirname "$0")" && pwd)
self=$here/selftest.sh

# --- in the guest

guest_machine() {
	cd / || return
	echo "$PWD" >"$OUT/cwd"
	uname -r >"$OUT/release"
	date +%s >"$OUT/time"
	cat /proc/sys/kernel/hostname >"$OUT/hostname"
	cat /sys/class/net/lo/operstate /sys/class/net/lo/flags >"$OUT/lo"
	id -u >"$OUT/uid"
	echo "$PATH" >"$OUT/path"
	echo "$PROSE_TOP" >"$OUT/top"
	wc -c <&0 >"$OUT/stdin"
	cat /sys/class/misc/hw_random/rng_current >"$OUT/rng"
	timeout 10 head -c 32 /dev/random | wc -c >"$OUT/random"
	modprobe -a veth dummy && ip link add ve0 type veth peer name ve1 && ip link add du0 type dummy &&
		echo yes >"$OUT/modules"
	grep -w prose /proc/modules >"$OUT/loaded"
	modinfo -F filename prose >"$OUT/prose.ko" 2>/dev/null
	modprobe prose 2>"$OUT/modprobe" && grep -w prose /proc/modules >"$OUT/modprobed"
	echo changed >"$here/selftest.tmp" && echo yes >"$OUT/overlay"
	mkdir "$OUT/folder" && mv "$OUT/cwd" "$OUT/folder/" && chmod 600 "$OUT/folder/cwd"
	exit 0
}

guest_args() {
	shift 2
	printf '%s\0' "$PWD" "$@" >"$OUT/args"
}

guest_output() {
	echo "to stderr" >&2
	echo "reopened" >/dev/stdout
	seq 1 20000
	sleep 600 &
	printf 'no newline at the end'
	exit 0
}

guest_net() {
	# shellcheck source=selftests/lib/ktap.sh
	. "$here/../lib/ktap.sh"
	# shellcheck source=selftests/lib/net.sh
	. "$here/../lib/net.sh"

	# captured FILE COUNT: so many of ICMP, by now
	captured() {
		[ "$(tcpdump -r "$1" icmp 2>/dev/null | wc -l)" -eq "$2" ]
	}
	two() {
		net_make ue1 ue2 || return
		ip -n ue1 address add 10.0.0.1/24 dev eth0
		ip -n ue2 address add 10.0.0.2/24 dev eth0
		net_capture ue2 eth0 "$OUT/two.pcap" || return
		on ue1 ping -c 1 -W 5 10.0.0.2 || return
		[ "$(net_stat ue2 eth0 rx_packets)" -ge 1 ] || return
		net_capture_end "$spawned" "$OUT/two.pcap.log" && captured "$OUT/two.pcap" 2 || return
		net_impair ue1 loss 100%
		! on ue1 ping -c 1 -W 1 10.0.0.2 || return
		net_impair ue1
		on ue1 ping -c 1 -W 5 10.0.0.2
	}
	gone() {
		[ -z "$(ip netns list)" ] || return
		! wait_for 0.3 false
	}
	middle() {
		net_make --middle ue1 ue2 ue3 || return
		for n in 1 2 3; do
			ip -n "ue$n" address add "10.0.0.$n/24" dev eth0
		done
		on ue1 ping -c 1 -W 5 10.0.0.3 && on ue2 ping -c 1 -W 5 10.0.0.3 || return
		# Towards ue3 only: a request from ue3 still gets out.
		net_impair ue3 loss 100%
		! on ue1 ping -c 1 -W 1 10.0.0.3 && on ue1 ping -c 1 -W 5 10.0.0.2
	}
	silent() {
		net_make ue1 ue2 && net_capture ue2 eth0 "$OUT/silent.pcap" || return
		sleep 2	# the very thing is that nothing comes
		net_capture_end "$spawned" "$OUT/silent.pcap.log" || return
		[ "$(tcpdump -r "$OUT/silent.pcap" 2>/dev/null | wc -l)" -eq 0 ]
	}
	# As the demo has it: what comes is written a second later, and lost if it is ended before that.
	whole() {
		net_make ue1 ue2 && net_ip_path && on ue1 ping -c 1 -W 5 192.0.2.2 || return
		spawn "$OUT/whole.log" on ue2 tcpdump -n -Z root -i eth0 -w "$OUT/whole.pcap" icmp
		wait_for 10 grep -q 'listening on' "$OUT/whole.log" && on ue1 ping -c 1 -W 5 192.0.2.2 &&
			net_capture_end "$spawned" "$OUT/whole.log" && captured "$OUT/whole.pcap" 2
	}
	spawned() {
		ip netns add s && defer ip netns del s
		spawn "$OUT/log" on s sleep 1000
		[ "$(ps -o comm= -p "$spawned")" = sleep ] || wait_for 5 eval "ps -o comm= -p $spawned | grep -qx sleep" || return
		stop "$spawned"
		! kill -0 "$spawned"
	}
	ktap_run two gone middle gone silent whole spawned
	ktap_end
}

if [ "${1-}" = guest ]; then
	case $2 in
	status) exit "$3" ;;
	hang) exec sleep 86400 ;;
	panic) echo c >/proc/sysrq-trigger ;;
	dies) echo b >/proc/sysrq-trigger ;;
	warn) echo "WARNING: CPU: 0 PID: 1 at net/core/dev.c:1 made up" >/dev/kmsg ;;
	meet)	# two guests that must run at the same time: each waits for the other
		echo "$3" >"$OUT/here"
		while [ ! -e "$OUT/go" ]; do sleep 0.1; done
		echo "I am $3"
		exit "$3"
		;;
	*) "guest_$2" "$@" ;;
	esac
	exit
fi

# --- on the host

# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/net.sh
. "$here/../lib/net.sh"

unset OUT
dir=$(mktemp -d)
defer rm -rf "$dir"

# run WANTED NAME [OPTION...] -- ARG...: a guest with NAME's own folder below $dir; what it prints
# goes to $dir/NAME.stdout and .stderr; its exit status must be as wanted.
run() {
	local want=$1 name=$2 options=() status
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	# Three guests at a time on two cores are slow; only what hangs waits for this.
	OUT=$dir/$name "$here/run" --timeout 600 "${options[@]}" "$self" guest "$@" \
		>"$dir/$name.stdout" 2>"$dir/$name.stderr"
	status=$?
	[ "$status" -eq "$want" ] && return
	echo "expected exit status $want, got $status; it said:"
	tail -n 20 "$dir/$name.stdout" "$dir/$name.stderr"
	return 1
}

# is FILE TEXT
is() {
	[ "$(cat "$dir/$1")" = "$2" ] && return
	echo "$1: expected '$2', got '$(cat "$dir/$1")'"
	return 1
}

says() {
	grep -q -e "$2" "$dir/$1" && return
	echo "$1 does not say '$2':"
	cat "$dir/$1"
	return 1
}

passes_arguments_and_status_0() {
	# shellcheck disable=SC2016,SC1003 # meant as they are
	local odd=('two  words' '' "it's" '"$HOME" `x` \' $'new\nline' '*' -n --smp 'ü')

	cd "$dir" && run 0 args -- args "${odd[@]}" && is args.stderr "" || return
	printf '%s\0' "$dir" "${odd[@]}" | cmp - "$dir/args/args"
}

passes_output() {
	run 0 output -- output || return
	{
		echo "to stderr"
		echo "reopened"
		seq 1 20000
		printf 'no newline at the end'
	} | cmp - "$dir/output.stdout" && cmp "$dir/output.stdout" "$dir/output/script.log"
}

is_the_machine_promised() {
	local release begin end time

	begin=$(date +%s)
	run 0 machine -- machine <<<"not for the guest" || return
	end=$(date +%s)
	release=$("$here/kernel" stock | sed -n 's/^release=//p')
	time=$(cat "$dir/machine/time")
	is machine/release "$release" && is machine/uid 0 && is machine/folder/cwd / &&
		is machine/hostname prose-vm && says machine/lo 0x9 && is machine/stdin 0 &&
		says machine/rng virtio_rng && is machine/random 32 && is machine/modules yes &&
		is machine/top "$(cd "$here/../.." && pwd)" && is machine/overlay yes &&
		says machine/path '^[^:]*/out/bin:' || return
	[ ! -e "$here/selftest.tmp" ] || { echo "the guest wrote to the host"; return 1; }
	if [ "$time" -lt $((begin - 5)) ] || [ "$time" -gt $((end + 5)) ]; then
		echo "the clock said $time between $begin and $end"
		return 1
	fi
	says machine/console.log 'Linux version'
}

installs_the_module() {
	[ -e "$here/../../prose.ko" ] || ktap_exit_skip "prose.ko is not built yet; 'make module' does it"
	is machine/loaded "" && is machine/prose.ko "/lib/modules/$(cat "$dir/machine/release")/extra/prose.ko" &&
		says machine/modprobed '^prose '
}

joins_namespaces() {
	run 0 net -- net || { cat "$dir/net.stdout"; return 1; }
}

counts_instructions() {
	run 0 icount --icount -- status 0
}

reports_a_hang() {
	local start limit

	# Long enough that the guest is up and hangs in the script, on this machine today.
	for limit in 40 120 360; do
		start=$SECONDS
		run 124 hang --timeout "$limit" -- hang || return
		! grep -q 'sleep 86400' "$dir/hang.stderr" || break
	done
	# Until it is asked what it does, and until it has said so.
	[ $((SECONDS - start)) -lt $((limit + 80)) ] || return
	says hang.stderr "no result within $limit s" && says hang.stderr 'sleep 86400'
}

reports_a_panic() {
	run 125 panic -- panic && says panic.stderr 'Kernel panic - not syncing: sysrq triggered crash' &&
		says panic/console.log 'Kernel panic'
}

reports_a_death() {
	run 125 dies -- dies && says dies.stderr 'the guest died'
}

reports_a_warning() {
	run 125 warn -- warn && says warn.stderr 'WARNING: CPU: 0 PID: 1 at net/core/dev.c:1 made up'
}

knows_splats() {
	local line known=0

	# As kernels print them; each alone must be enough.
	while IFS= read -r line; do
		printf '[    1.000000] Linux version 6.1\n[   12.345678] %s\n' "$line" >"$dir/one.log"
		if "$here/console" "$dir/one.log" >/dev/null; then
			echo "not seen: $line"
			return 1
		fi
		printf '[   12.345678][  T1234] %s\r\n' "$line" >"$dir/one.log"
		! "$here/console" "$dir/one.log" >/dev/null || return
		known=$((known + 1))
	done <<-'END'
	BUG: kernel NULL pointer dereference, address: 0000000000000008
	BUG: KASAN: slab-use-after-free in prose_rx+0x12/0x80 [prose]
	BUG: KCSAN: data-race in prose_xmit [prose] / prose_assoc_set_tx [prose]
	BUG: KFENCE: out-of-bounds read in prose_rx+0x12/0x80
	BUG: unable to handle page fault for address: ffffc900000e5000
	BUG: scheduling while atomic: ping/123/0x00000200
	BUG: sleeping function called from invalid context at mm/slab.h:99
	BUG: soft lockup - CPU#0 stuck for 23s! [ping:123]
	watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:1:44]
	BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!
	BUG: Bad page state in process ip  pfn:12345
	kernel BUG at net/core/skbuff.c:100!
	WARNING: CPU: 1 PID: 77 at net/core/dev.c:10 unregister_netdevice_many+0x1/0x2
	WARNING: possible circular locking dependency detected
	WARNING: suspicious RCU usage
	WARNING: bad unlock balance detected!
	INFO: task ip:123 blocked for more than 120 seconds.
	INFO: rcu_preempt detected stalls on CPUs/tasks:
	rcu: INFO: rcu_preempt self-detected stall on CPU
	rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-...! }
	unregister_netdevice: waiting for prose0 to become free. Usage count = 2
	general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1]
	Oops: 0002 [#1] PREEMPT SMP NOPTI
	UBSAN: array-index-out-of-bounds in net/x.c:3:4
	UBSAN: shift-out-of-bounds in net/x.c:3:4
	kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
	refcount_t: underflow; use-after-free.
	list_add corruption. prev->next should be next (ffff), but was dead. (prev=ffff).
	list_add double add: new=ffff, prev=ffff, next=ffff.
	list_del corruption, ffff->next is LIST_POISON1 (dead000000000100)
	list_del corruption. prev->next should be ffff, but was dead
	ODEBUG: free active (active state 0) object type: timer_list hint: prose_timer
	Kernel panic - not syncing: Fatal exception in interrupt
	Call Trace:
	------------[ cut here ]------------
	DEBUG_LOCKS_WARN_ON(lock->magic != lock)
	Out of memory: Killed process 77 (prosed) total-vm:1kB
	END
	[ "$known" -ge 30 ]
}

knows_what_is_no_splat() {
	printf '[    0.000000] %s\n' 'kasan: KernelAddressSanitizer initialized' \
		'kmemleak: Kernel memory leak detector initialized (mem pool available: 15000)' \
		'rcu: Preemptible hierarchical RCU implementation.' \
		'prose: module verification failed: signature and/or required key missing - tainting kernel' \
		'BUG: KCSAN: data-race in tick_nohz_next_event / tick_sched_do_timer' \
		'Warning: PCI driver dummy has a struct device that is bound' >"$dir/fine.log"
	"$here/console" "$dir/fine.log" && "$here/console" "$dir/args/console.log" || return
	# A trace for want of memory is none, what comes behind it is.
	printf '[    9.000000][  T153] %s\n' \
		'sysctl could not get directory: /net/ipv6/conf/prose1 -12' 'Call Trace:' ' <TASK>' \
		' dump_stack+0x10/0x12' ' </TASK>' >"$dir/fine.log"
	"$here/console" "$dir/fine.log" || return
	echo '[    9.100000][  T153] Call Trace:' >>"$dir/fine.log"
	! "$here/console" "$dir/fine.log" >/dev/null
}

refuses_what_cannot_start() {
	local why

	: >"$dir/plain"
	while read -r why; do
		# shellcheck disable=SC2086 # words
		OUT=$dir/refused "$here/run" ${why#*|} >"$dir/refused.stdout" 2>"$dir/refused.stderr"
		[ $? -eq 126 ] || { echo "not 126: $why"; return 1; }
		says refused.stderr "${why%%|*}" || return
	done <<-END
	there is no script|$dir/none
	chmod +x|$dir/plain
	unknown kernel|--kernel nonsense $self
	not a positive number|--smp 0 $self
	unknown option|--nonsense $self
	no SCRIPT|--smp 1
	own /dev|/dev/null/x
	END
}

# And each other status is passed on.
runs_two_at_once() {
	local a b status=0

	run 11 a --smp 1 --mem 512 -- meet 11 &
	a=$!
	run 12 b --smp 1 -- meet 12 &
	b=$!
	wait_for 100 test -s "$dir/a/here" -a -s "$dir/b/here" || status=1
	touch "$dir/a/go" "$dir/b/go"
	wait "$a" || status=1
	wait "$b" || status=1
	[ "$status" -eq 0 ] && is a.stdout "I am 11" && is b.stdout "I am 12" && is a/here 11 && is b/here 12
}

refuses_a_folder_in_use() {
	mkdir -p "$dir/used"
	exec {lock}<"$dir/used"
	flock "$lock"
	run 126 used -- status 0 && says used.stderr 'another guest is using'
}

# with_qemu SCRIPT WANTED NAME ...: run with SCRIPT in QEMU's place when it is asked for KVM, and
# a cache that knows nothing about KVM yet.
with_qemu() {
	local script=$1 cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/prose/kernels
	shift

	[ -w /dev/kvm ] || ktap_exit_skip "no /dev/kvm here, so it is never tried"
	mkdir -p "$dir/fake" "$dir/cache/prose"
	ln -sfn "$cache" "$dir/cache/prose/kernels"
	cat >"$dir/fake/qemu-system-x86_64" <<-END
	#!/bin/bash
	case " \$* " in
	*" -accel kvm "*) echo asked >>"$dir/fake/asked"; $script ;;
	esac
	exec $(command -v qemu-system-x86_64) "\$@"
	END
	chmod +x "$dir/fake/qemu-system-x86_64"
	PATH=$dir/fake:$PATH XDG_CACHE_HOME=$dir/cache run "$@"
}

survives_kvm_that_hangs() {
	with_qemu "trap '' TERM; exec sleep 1000" 3 hangs -- status 3 &&
		! pgrep -f "$dir/fake/qemu-system" && is fake/asked asked || return
	# The verdict stays: the second run does not ask.
	with_qemu "exit 1" 3 hangs -- status 3 && is fake/asked asked
}

survives_kvm_that_fails() {
	rm -rf "$dir/cache" "$dir/fake"
	with_qemu 'echo "no KVM today" >&2; exit 1' 3 fails -- status 3
}

takes_kvm_that_works() {
	rm -rf "$dir/cache" "$dir/fake"
	# What stands in for KVM is emulation, which a busy machine makes slower than any KVM; and safe
	# in one thread only, see threads() of run.
	PROSE_KVM_PROBE=600 with_qemu "set -- \"\${@/#kvm/tcg,thread=single}\"" 3 works -- status 3 &&
		[ "$(wc -l <"$dir/fake/asked")" -eq 2 ]
}

leaves_nothing_behind() {
	local runner

	mkdir "$dir/tmp"
	TMPDIR=$dir/tmp OUT=$dir/killed "$here/run" "$self" guest hang >/dev/null 2>&1 &
	runner=$!
	wait_for 100 eval "grep -qs 'prose-vm: ready' $dir/tmp/*/main/console" || return
	pgrep -f "$dir/tmp" >"$dir/before"
	[ -s "$dir/before" ] || return
	kill -KILL "$runner"
	wait_for 20 eval "! pgrep -f '$dir/tmp'" || { pgrep -af "$dir/tmp"; return 1; }
}

ktap_run passes_arguments_and_status_0 passes_output \
	is_the_machine_promised installs_the_module joins_namespaces counts_instructions \
	reports_a_hang reports_a_panic reports_a_death reports_a_warning knows_splats \
	knows_what_is_no_splat refuses_what_cannot_start runs_two_at_once \
	refuses_a_folder_in_use survives_kvm_that_hangs survives_kvm_that_fails takes_kvm_that_works \
	leaves_nothing_behind
ktap_end
