#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# MIKEY messages in SDP, carried by SIP programs that know nothing of us: sipp calls sipp over the proxy
# kamailio, offer and answer with an attribute each, on the loopback of a namespace of its own. The
# keys are those of ../vectors/mikey.json, of April 2011.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/expect.sh
. "$here/../lib/expect.sh"
# shellcheck source=selftests/lib/programs.sh
. "$here/../lib/programs.sh"

for program in sipp kamailio; do
	command -v "$program" >/dev/null || ktap_skip_all "$program is missing; selftests/deps check installs it"
done
if [ "${1-}" != --within ]; then
	user=()
	[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
	unshare "${user[@]}" --net true 2>/dev/null ||
		ktap_skip_all "there is no network namespace to be had here"
	exec unshare "${user[@]}" --net "$0" --within
fi
ip link set lo up || exit 1
use_programs prose
export LC_ALL=C.UTF-8 TERM=dumb

work=$(mktemp -d) || exit 1
defer rm -rf "$work"
cd "$work" || exit 1

alice=tel:+447700900123
bob=tel:+447700900456
noon=2011-04-15T12:00:00Z

python3 - "$here/../vectors/mikey.json" <<'END' || exit 1
import json, os, sys
own = json.load(open(sys.argv[1]))['own']
for name, identity, keys in (('alice', 'tel:+447700900123', ('ssk', 'pvt', 'rsk_initiator')),
                             ('bob', 'tel:+447700900456', ('ssk_responder', 'pvt_responder', 'rsk'))):
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as file:
        file.write(f'kms kms.example.org\nkpak {own["kpak"]}\nz {own["z"]}\nidentity {identity}\n'
                   f'month 2011-04\nssk {own[keys[0]]}\npvt {own[keys[1]]}\nrsk {own[keys[2]]}\n')
END

# sdp ATTRIBUTE: a body
sdp() {
	cat <<-END
	v=0
	o=- 1 1 IN IP4 127.0.0.1
	s=-
	c=IN IP4 127.0.0.1
	t=0 0
	$(tr -d '\r\n' <"$1")
	m=audio 49170 RTP/SAVP 0
	END
}

# The end that calls, with the offer, and the one that is called, with the answer. Neither says anything
# again: nothing is lost on the loopback, and an end that was sent two offers has received two.
scenarios() {
	cat >uac.xml <<-END
	<?xml version="1.0" encoding="us-ascii"?>
	<scenario name="caller">
	<send><![CDATA[
	INVITE sip:bob@127.0.0.1 SIP/2.0
	Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
	From: <sip:alice@127.0.0.1>;tag=[pid]
	To: <sip:bob@127.0.0.1>
	Call-ID: [call_id]
	CSeq: 1 INVITE
	Contact: <sip:alice@[local_ip]:[local_port]>
	Max-Forwards: 70
	Content-Type: application/sdp
	Content-Length: [len]

	$(sdp offer)
	]]></send>
	<recv response="100" optional="true"/>
	<recv response="200"/>
	<send><![CDATA[
	ACK sip:bob@127.0.0.1 SIP/2.0
	Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
	From: <sip:alice@127.0.0.1>;tag=[pid]
	[last_To:]
	Call-ID: [call_id]
	CSeq: 1 ACK
	Max-Forwards: 70
	Content-Length: 0

	]]></send>
	</scenario>
	END
	cat >uas.xml <<-END
	<?xml version="1.0" encoding="us-ascii"?>
	<scenario name="called">
	<recv request="INVITE"/>
	<send><![CDATA[
	SIP/2.0 200 OK
	[last_Via:]
	[last_From:]
	[last_To:];tag=[pid]
	[last_Call-ID:]
	[last_CSeq:]
	Contact: <sip:bob@[local_ip]:[local_port]>
	Content-Type: application/sdp
	Content-Length: [len]

	$(sdp answer)
	]]></send>
	<recv request="ACK"/>
	</scenario>
	END
}

# proxy [STATEMENT]: kamailio, which does that to every INVITE and passes it on
proxy() {
	local statement=''

	[ $# = 0 ] || statement="if (method == \"INVITE\") { $1 }"
	cat >kamailio.cfg <<-END
	#!KAMAILIO
	children=1
	log_stderror=yes
	listen=udp:127.0.0.1:5060
	auto_aliases=no
	loadmodule "pv.so"
	loadmodule "textops.so"
	request_route {
		$statement
		\$du = "sip:127.0.0.1:5070";
		forward();
	}
	END
	rm -rf run
	mkdir run
	kamailio -DD -f kamailio.cfg -Y "$work/run" -P "$work/run/pid" >kamailio.log 2>&1 &
	proxy_pid=$!
	listening 5060 || {
		cat kamailio.log
		return 1
	}
}

listening() {
	local i

	for ((i = 0; i < 100; i++)); do
		! ss -Hlun "sport = :$1" | grep -q . || return 0
		sleep 0.1
	done
	echo "nobody listens on port $1"
	return 1
}

# One call; what each end received is in uas.got and uac.got.
call() {
	local called status

	rm -f ./*.log.* uas.log uac.log
	scenarios
	sipp -sf uas.xml -i 127.0.0.1 -p 5070 -m 1 -nostdin -timeout 60 -trace_msg -message_file uas.log \
		>uas.out 2>&1 &
	called=$!
	listening 5070 || {
		cat uas.out
		return 1
	}
	sipp -sf uac.xml -i 127.0.0.1 -p 5080 -m 1 -nostdin -timeout 60 -trace_msg -message_file uac.log \
		127.0.0.1:5060 >uac.out 2>&1
	status=$?
	if [ "$status" != 0 ] || ! wait "$called"; then
		tail -n 40 uac.out uas.out kamailio.log uac.log
		return 1
	fi
	# Of a log, the messages that were received.
	for end in uas uac; do
		awk '/^-----/ { on = 0 } / message received / { on = 1 } on' "$end.log" >"$end.got"
	done
}

proxy_pid=''
end_proxy() {
	[ -z "$proxy_pid" ] || kill "$proxy_pid"
	wait "$proxy_pid" 2>/dev/null
	proxy_pid=''
}
defer end_proxy

attributes() {
	rm -f kd* offer answer
	prose mikey make -k alice --at "$noon" --kd kd1 --sdp "$bob" offer &&
		prose mikey make -k bob --at "$noon" --kd kd3 --sdp "$alice" answer
}

offer_and_answer() {
	attributes && proxy && call || return
	end_proxy
	prose mikey open -k bob --at "$noon" --kd kd2 --from "$alice" uas.got >said &&
		prose mikey open -k alice --at "$noon" --kd kd4 --from "$bob" uac.got >said || return
	cmp kd1 kd2 && cmp kd3 kd4 || return
	# Octet by octet, as it was made.
	grep -qF "$(tr -d '\r\n' <offer)" uas.got && grep -qF "$(tr -d '\r\n' <answer)" uac.got
}

# A proxy that changes a character: of the sealed secret, that is; the form stays.
meddling_proxy() {
	local at=300 now new said

	attributes || return
	now=$(tr -d '\r\n' <offer | cut -c$((at + 18)))
	new=A
	[ "$now" != A ] || new=B
	proxy "subst_body('/(key-mgmt:mikey .{$at})./\\1$new/');" && call || return
	end_proxy
	! grep -qF "$(tr -d '\r\n' <offer)" uas.got || {
		echo "the proxy has changed nothing"
		return 1
	}
	said=$(prose mikey open -k bob --at "$noon" --kd kd2 uas.got 2>&1)
	[ $? = 1 ] && has "what was said" "$said" "signature of the message is not the initiator's" &&
		[ ! -e kd2 ]
}

ktap_run offer_and_answer meddling_proxy
ktap_end
