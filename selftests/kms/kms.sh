#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# prose-kms from end to end: by hand and over TLS, its store in SQLite and in PostgreSQL.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/expect.sh
. "$here/../lib/expect.sh"
# shellcheck source=selftests/lib/programs.sh
. "$here/../lib/programs.sh"

python3 -c 'import jsonschema' 2>/dev/null ||
	ktap_skip_all "python3-jsonschema is missing; apt-get install python3-jsonschema"

use_programs prose-kms prose
export LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR PROSE_SOCKET

work=$(mktemp -d) || exit 1
defer rm -rf "$work"
chmod 755 "$work"
cd "$work" || exit 1

alice=tel:+447700900123
bob=sip:bob@example.org
now=$(date +%Y-%m)
last=$(date -d "$(date +%Y-%m-15) -1 month" +%Y-%m)
next=$(date -d "$(date +%Y-%m-15) +1 month" +%Y-%m)

# refuses STATUS PATTERN PROGRAM ARG...
refuses() {
	local said status

	said=$("${@:3}" 2>&1)
	status=$?
	expect "status of ${*:3}" "$status" "$1" && has "${*:3}" "$said" "$2"
}

# new_kms DIR [OPTION...]: and its public parameters in DIR.community
new_kms() {
	prose-kms init "$1" --community kms.example.org "${@:2}" >/dev/null &&
		prose-kms public "$1" >"$1.community" &&
		has "the public parameters" "$(<"$1.community")" '^version 1$'
}

# fits NAME: what comes is as share/prose-NAME.schema.json has it
fits() {
	python3 "$here/../lib/schema.py" "$top/userspace/share/prose-$1.schema.json"
}

mode() {
	stat -c %a "$@"
}

# Keys of two users made by hand are what a message is made and opened with.
by_hand() {
	new_kms kms || return
	head -c 32 /dev/urandom >transport
	chmod 600 transport
	prose-kms extract kms "$alice" -o alice.keys --plain --month "$now" --month "$next" 2>said &&
		has "a warning" "$(<said)" 'secret keys in clear' &&
		prose-kms extract kms "$bob" -o bob.sealed --seal-with transport --month "$now" --month "$next" ||
		return
	expect "months in a sealed file" \
		"$(prose identity show --community kms.community --seal-with transport bob.sealed)" \
		"$now	$bob	kms.example.org"$'\n'"$next	$bob	kms.example.org" || return
	expect modes "$(mode kms kms/* alice.keys bob.sealed | tr '\n' ' ')" "700 600 600 600 600 600 " || return
	prose mikey make -k alice.keys --kd kd1 "$bob" message &&
		prose mikey open -k bob.sealed --seal-with transport --kd kd2 message >said &&
		has "who it is from" "$(<said)" "from: tel:.447700900123$" &&
		cmp kd1 kd2 && refuses 1 'is sealed, and no key is named' prose mikey open -k bob.sealed message
}

# Those of UIDs too, which the one who sends has to be told.
uids() {
	local to from

	new_kms kms && prose-kms extract kms "$alice" --uid -o alice.keys --plain 2>/dev/null >said.alice &&
		prose-kms extract kms "$bob" --uid -o bob.keys --plain 2>/dev/null >said || return
	to=$(grep -oE '[0-9a-f]{64}' said | head -n 1)
	[ ${#to} = 64 ] || { cat said; return 1; }
	has "the keys" "$(prose identity show --community kms.community bob.keys)" "^-	$to	kms.example.org$" &&
		prose identity show -j --community kms.community bob.keys | fits identity &&
		prose-kms audit -j kms | fits kms-audit &&
		has "the log" "$(prose-kms audit kms)" "extract	$bob	uid-[0-9]+" || return
	from=$(grep -oE '[0-9a-f]{64}' said.alice | head -n 1)
	prose mikey make -k alice.keys --as "$from" --kd kd1 "$to" message &&
		prose mikey open -k bob.keys --from "$from" --kd kd2 message >said &&
		has "who it is from" "$(<said)" "$from" &&
		cmp kd1 kd2 && rm kd1 || return
	refuses 1 '64 hexadecimal digits' prose mikey make -k alice.keys --kd kd1 "$bob" message.no &&
		refuses 2 'has periods of its own' prose-kms extract kms "$bob" --uid --month "$now" -o no --plain
}

refusals() {
	new_kms kms || return
	head -c 32 /dev/urandom >transport
	echo there >there
	refuses 2 'name a file for the keys' prose-kms extract kms "$alice" --plain &&
		refuses 2 'say --seal-with FROM' prose-kms extract kms "$alice" -o keys &&
		refuses 2 'is no month such as' prose-kms extract kms "$alice" -o keys --month 2026-13 &&
		refuses 1 'is over' prose-kms extract kms "$alice" -o keys --plain --month "$(date -d "$last-15 -1 month" +%Y-%m)" &&
		refuses 1 'is named twice' prose-kms extract kms "$alice" -o keys --plain --month "$now" --month "$now" &&
		refuses 1 'run chmod 600' prose-kms extract kms "$alice" -o keys --seal-with transport &&
		refuses 1 'No such file' prose-kms extract kms "$alice" -o keys --seal-with none &&
		refuses 1 'tel URI' prose-kms extract kms tel:447700900123 -o keys --plain &&
		refuses 1 'there: .*exists' prose-kms extract kms "$alice" -o there --plain &&
		refuses 1 'is there already' prose-kms init kms --community kms.example.com &&
		refuses 1 'prose-kms init makes it' prose-kms public none &&
		refuses 1 'is no name for a KMS' prose-kms init other --community 'a b' &&
		refuses 1 'is no name for a KMS' prose-kms init other --community 'a\b' &&
		refuses 1 'name of the master key, keyring:,' prose-kms init other --community kms.example.com \
			--master-key keyring: || return
	# Whatever was refused can be done right.
	expect "what is left" "$(ls other)" "" && new_kms other || return
	expect "what was there" "$(<there)" there || return
	if [ -e keys ] || [ -e none ]; then
		echo "something was written"
		return 1
	fi
	prose-kms extract kms "$alice" -o keys --plain --month "$(date -d "$next-15 +1 month" +%Y-%m)" 2>&1 |
		grep -q 'is ahead' || return
	prose-kms extract kms "$alice" -o there --plain --replace 2>/dev/null &&
		has there "$(<there)" "^identity tel:.447700900123$"
}

# Names of files that are typed are of where one is; the key beside what it seals is warned of.
places() {
	mkdir key && cd key || return
	prose-kms init ../kms --community kms.example.org --master-key master.key --store tables >said &&
		[ -s master.key ] && [ -s tables ] && expect "in the folder" "$(ls ../kms)" kms.conf &&
		! grep 'next to what it seals' said && cd .. && prose-kms public kms >/dev/null &&
		prose-kms init near --community kms.example.org --master-key near/my.key >said &&
		has "a warning" "$(<said)" 'is near/my.key: next to what it seals'
}

revocation() {
	new_kms kms || return
	prose-kms extract kms "$alice" -o alice.keys --plain 2>/dev/null &&
		prose-kms deny kms >deny.0 &&
		prose-kms revoke kms "$alice" --reason 'stolen bag' >/dev/null &&
		prose-kms deny kms >deny.1 || return
	expect "who is revoked" "$(prose-kms list kms | cut -f 2-)" "$alice	stolen bag" &&
		has JSON "$(prose-kms list -j kms)" '"reason": "stolen bag"' &&
		prose-kms list -j kms | fits kms-list &&
		refuses 1 'no line of text has' prose-kms revoke kms "$bob" --reason $'a\tb' &&
		refuses 1 'no line of text has' prose-kms revoke kms "$bob" --reason $'\xff' &&
		refuses 1 'is revoked and gets no keys' prose-kms extract kms "$alice" -o new.keys --plain &&
		refuses 1 'is revoked already' prose-kms revoke kms "$alice" &&
		refuses 1 'is not revoked' prose-kms unrevoke kms "$bob" || return
	has "before" "$(prose identity show --community kms.community --deny deny.0 alice.keys)" 'org$' &&
		has "after" "$(prose identity show --community kms.community --deny deny.1 alice.keys)" 'denied$' ||
		return
	prose identity show -j --community kms.community --deny deny.1 alice.keys | fits identity || return
	sed "s/$bob/x/; s/900123/900124/" deny.1 >deny.forged
	refuses 1 'signature is not that of KMS' \
		prose identity show --community kms.community --deny deny.forged alice.keys || return
	prose-kms unrevoke kms "$alice" >/dev/null &&
		prose-kms extract kms "$alice" -o new.keys --plain 2>/dev/null || return
	expect "the log" "$(prose-kms audit kms | cut -f 3,4,7)" "$(printf '%s\n' \
		"create	-	ok" "extract	$alice	ok" "revoke	$alice	ok" \
		"extract	$alice	$alice is revoked and gets no keys; prose-kms unrevoke takes that back" \
		"unrevoke	$alice	ok" "extract	$alice	ok")" || return
	prose-kms audit -j kms | fits kms-audit &&
		has "JSON of the log" "$(prose-kms audit -j kms | tr -d ' \n')" \
			"\"identity\":\"tel:.447700900123\",\"months\":\[[-0-9,\"]*\"$now\"[-0-9,\"]*\],\"requester\":\"uid"
}

# certificates: an authority, the server's certificate, alice's, and bob's, which is revoked later
certificates() {
	prose pki init pki >/dev/null &&
		prose pki issue pki kms.example.org >/dev/null &&
		prose pki issue pki "$alice" >/dev/null &&
		prose pki issue pki "$bob" >/dev/null
}

# serve DIR [RATE [ADDRESS]]: prose-kms serve, $port, $server; its log in DIR.log
serve() {
	local i

	cat >>"$1/kms.conf" <<-END
	listen = "${3:-127.0.0.1}:0"
	chain = "$PWD/pki/kms.example.org.pem"
	key = "$PWD/pki/kms.example.org.key"
	roots = { "$PWD/pki/ca.pem" }
	crls = { "$PWD/pki/crl.pem" }
	rate = ${2:-1000}
	END
	: >"$1.log"
	prose-kms serve "$1" >>"$1.log" 2>&1 &
	server=$!
	defer kill "$server"
	for ((i = 0; i < 300; i++)); do
		port=$(sed -n 's/^listening.* port //p' "$1.log")
		[ -z "$port" ] || return 0
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	cat "$1.log"
	return 1
}

# has_line FILE PATTERN: within 30 seconds
has_line() {
	local i

	for ((i = 0; i < 300; i++)); do
		! grep -qE "$2" "$1" || return 0
		sleep 0.1
	done
	echo "no line /$2/ in $1:"
	cat "$1"
	return 1
}

logged() {
	has_line kms.log "$1"
}

# fetch WHO IDENTITY [OPTION...]
fetch() {
	prose identity fetch --kms "127.0.0.1:$port" --community kms.community --chain "pki/$1.pem" \
		--key "pki/$1.key" --roots pki/ca.pem --crls pki/crl.pem "${@:3}" "$2"
}

over_tls() {
	certificates && new_kms kms && serve kms || return
	fetch "$alice" "$alice" -o alice.keys --deny deny >said || { cat kms.log; return 1; }
	has "what came" "$(<said)" "^alice.keys: keys of tel:.447700900123 for .*$now" &&
		has "keys" "$(prose identity show --community kms.community --deny deny alice.keys)" \
			"^$now	tel:.447700900123	kms.example.org$" &&
		expect mode "$(mode alice.keys)" 600 &&
		cp alice.keys before &&
		refuses 1 'does not name sip:bob@example.org' fetch "$alice" "$bob" -o none &&
		refuses 1 'is no tel URI|does not name' fetch "$alice" tel:447700900123 -o none &&
		refuses 1 'names kms.example.org, not urn:other' fetch "$alice" "$alice" --server urn:other -o none ||
		return
	# Revoked at the KMS: no keys, and what is there stays.
	prose-kms revoke kms "$alice" >/dev/null &&
		refuses 1 'is revoked and gets no keys' fetch "$alice" "$alice" -o alice.keys --deny deny &&
		cmp alice.keys before || return
	# Bob hears of it.
	fetch "$bob" "$bob" -o bob.keys --deny deny >/dev/null &&
		has "the deny list" "$(<deny)" "^identity tel:.447700900123$" || return
	# What is there is read before it is replaced, and damage is no reason to.
	sed -i 's/^until/uNtil/' deny
	refuses 1 'deny: line 5' fetch "$bob" "$bob" -o bob.keys --deny deny || return
	expect "nothing else" "$(ls none 2>/dev/null)" "" || return
	has "the log" "$(prose-kms audit kms)" "serve	sip:bob@example.org	-	tel:.447700900123 at 127.0.0.1	The certificate" &&
		has "the log" "$(prose-kms audit kms)" "serve	$bob	[-0-9 ]*${now}[-0-9 ]*	$bob at 127.0.0.1	ok" &&
		prose-kms audit -j kms | fits kms-audit
}

# A KMS that was set back to a store of before, by whoever wants a revocation forgotten, or by mistake:
# neither its list nor its keys are taken.
set_back() {
	certificates && new_kms kms && serve kms && fetch "$bob" "$bob" -o bob.keys --deny deny >/dev/null || return
	# again: with the store as it is now
	again() {
		kill "$server" && wait "$server"
		"$@" && serve kms
	}
	again cp kms/kms.db before.db && prose-kms revoke kms "$alice" >/dev/null &&
		fetch "$bob" "$bob" -o bob.keys --deny deny >/dev/null &&
		has "the deny list" "$(<deny)" "^identity tel:.447700900123$" &&
		cp deny deny.newest && cp bob.keys bob.newest && again cp before.db kms/kms.db || return
	! prose-kms deny kms | grep -q "^identity" || { echo "the store is not the one of before"; return 1; }
	refuses 1 '^prose: deny: the KMS sent an older deny list \([0-9]+\) than this one \([0-9]+\), which stays$' \
		fetch "$bob" "$bob" -o bob.keys --deny deny &&
		cmp deny deny.newest && cmp bob.keys bob.newest
}

# closing PORT: at 127.0.0.1, accepts and closes; a line in closed for each time, before whoever asked
# can know of it
closing() {
	local i

	python3 - "$1" <<-'END' >closed &
	import socket, sys
	with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
	    print("listens", flush=True)
	    while True:
	        asked = server.accept()[0]
	        print("closed", flush=True)
	        asked.close()
	END
	defer kill $!
	for ((i = 0; i < 300; i++)); do
		[ ! -s closed ] || return 0
		sleep 0.1
	done
	echo "nobody listens at port $1"
	return 1
}

# A KMS with several addresses: one of an instance that breaks off is as good as none, and the next is
# asked; what an instance that answers has refused, no other is asked.
addresses() {
	local named=(unshare --mount) said status

	[ "$(id -u)" = 0 ] || named+=(--user --map-root-user)
	"${named[@]}" true 2>/dev/null || ktap_exit_skip "there is no mount namespace to be had here"
	certificates && new_kms kms && serve kms 1000 127.0.0.2 && closing "$port" || return
	printf '127.0.0.1 %s\n' closes several >hosts
	echo '127.0.0.2 several' >>hosts
	# fetch_at NAME ARG...: with these names
	fetch_at() {
		# shellcheck disable=SC2016 # the other shell's
		"${named[@]}" sh -c 'mount --bind hosts /etc/hosts && exec "$@"' - \
			prose identity fetch --kms "$1:$port" --community kms.community --chain "pki/$alice.pem" \
			--key "pki/$alice.key" --roots pki/ca.pem "${@:2}"
	}
	refuses 1 '^prose: KMS closes:[0-9]*: the other end closed the connection' fetch_at closes -o none "$alice" &&
		expect "how often it was asked" "$(grep -c closed closed)" 1 || return
	fetch_at several -o alice.keys "$alice" >said || { cat kms.log; return 1; }
	has "what came" "$(<said)" "^alice.keys: keys of tel:.447700900123 for .*$now" &&
		expect "how often the first was asked" "$(grep -c closed closed)" 2 || return
	# Refused by the one that answers, and by nobody else.
	echo '127.0.0.1 several' >>hosts
	refuses 1 'does not name sip:bob@example.org' fetch_at several -o none "$bob" || return
	# None is good: each is named, with what was wrong.
	said=$(fetch_at several --server urn:other -o none "$alice" 2>&1)
	status=$?
	expect "status" "$status" 1 &&
		has "what was said" "$said" '^prose: KMS several:[0-9]* at 127.0.0.1: the other end .*, at 127.0.0.2: .*not urn:other' &&
		expect "nothing else" "$(ls none 2>/dev/null)" ""
}

# What an option of prose identity would not do is said, and not passed over.
of_no_use() {
	local line

	while read -r line; do
		# shellcheck disable=SC2086 # words
		refuses 2 'prose identity --help explains it' prose identity $line || return
	done <<-'END'
	fetch -j --kms h --community c -o keys x
	fetch --kms h --community c -o keys --chain f --key f --roots f -c conf x
	fetch --kms h --community c -o keys --crls f x
	fetch --kms h --community c -o keys -c conf --crls f x
	show --community c --kms h keys
	show --community c --server x keys
	show --community c -o keys keys
	show --community c -c conf keys
	show --community c --chain f keys
	show --community c --key f keys
	show --community c --roots f keys
	show --community c --crls f keys
	END
	refuses 2 '^prose identity: --kms is for fetch$' prose identity show --community c --kms h keys &&
		refuses 2 'option crls of section certificate' \
			prose identity fetch --kms h --community c -o keys --crls f x
}

# ask LINE: what prose-kms serve answers alice
ask() {
	timeout 60 python3 - "$port" "$alice" "$1" <<-'END'
	import socket, ssl, sys
	tls = ssl.create_default_context(cafile="pki/ca.pem")
	tls.check_hostname = False	# it is named by a URI
	tls.load_cert_chain(f"pki/{sys.argv[2]}.pem", f"pki/{sys.argv[2]}.key")
	with tls.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))) as server:
	    server.sendall(sys.argv[3].encode() + b"\n")
	    while part := server.recv(4096):
	        sys.stdout.write(part.decode())
	END
}

# Certificates that are not good, none at all, no TLS, no request.
strangers() {
	certificates && new_kms kms && serve kms || return
	(
		mkdir foreign && cd foreign && prose pki init pki && prose pki issue pki "$alice"
	) >/dev/null || return
	refuses 1 'unknown ca' prose identity fetch --kms "127.0.0.1:$port" --community kms.community \
		--chain "foreign/pki/$alice.pem" --key "foreign/pki/$alice.key" --roots pki/ca.pem -o none "$alice" ||
		return
	# One that is revoked later, for a server that is told to look.
	fetch "$bob" "$bob" -o bob.keys >/dev/null && cp pki/crl.pem crl.old &&
		prose pki revoke pki "$bob" >/dev/null && kill -HUP "$server" &&
		logged 'read again' &&
		refuses 1 'alert certificate revoked' fetch "$bob" "$bob" -o none || return
	# What cannot be read leaves the old ones at work.
	cp pki/crl.pem crl.new && echo x >pki/crl.pem && kill -HUP "$server" &&
		logged 'the old certificates stay' && cp crl.new pki/crl.pem || return
	# No certificate; then not even TLS; then TLS and no request.
	echo hello | timeout 20 openssl s_client -connect "127.0.0.1:$port" -CAfile pki/ca.pem >/dev/null 2>&1
	logged 'sent no certificate' || return
	printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 python3 -c 'import socket,sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.stdin.buffer.read())
s.recv(100)' "$port"
	for request in hello '{}' '{"prose-kms":2,"identity":"x"}' '{"prose-kms":1}' \
		'{"prose-kms":1,"identity":""}' '{"prose-kms":1,"identity":7}' "$(printf '%02000d' 0)"; do
		answered=$(ask "$request")
		[ ${#request} -gt 1000 ] || has "answer to $request" "$answered" '"error":"' || return
		! grep -q ssk <<<"$answered" || return
	done
	# And it still serves.
	fetch "$alice" "$alice" -o alice.keys >/dev/null &&
		expect "nothing else" "$(ls none 2>/dev/null)" ""
}

# At the same time, so that none is given back meanwhile, however slow this machine is.
limited() {
	local i

	certificates && new_kms kms && serve kms 2 || return
	for ((i = 0; i < 5; i++)); do
		fetch "$alice" "$alice" -o "alice.$i" >/dev/null 2>"said.$i" &
		fetches[i]=$!
	done
	wait "${fetches[@]}"
	has "why not" "$(cat said.*)" 'Too many requests of tel:.447700900123' || return
	# Each has its own.
	fetch "$bob" "$bob" -o bob.keys >/dev/null
}

# More connections than it has descriptors for, which say nothing: the log gets few lines, and when they
# are gone keys can be had again.
flooded() {
	local flood

	certificates && new_kms kms && serve kms || return
	prlimit --pid "$server" --nofile=24:24 || return
	python3 - "$port" <<-'END' >flood.log 2>&1 &
	import signal, socket, sys
	held = []
	for i in range(200):
	    held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10))
	print("all", flush=True)
	signal.pause()
	END
	flood=$!
	logged 'dropped to make room' && has_line flood.log all || return
	fetch "$alice" "$alice" -o alice.keys >/dev/null || { cat kms.log; return 1; }
	kill "$flood"
}

# As many as may be connected, from four addresses, which say nothing and come again when they are dropped.
held() {
	local flood i

	certificates && new_kms kms && echo 'connections = 16' >>kms/kms.conf && serve kms || return
	python3 - "$port" <<-'END' >flood.log 2>&1 &
	import selectors, socket, sys
	selector = selectors.DefaultSelector()
	def come(i):
	    own = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30, (f"127.0.0.{2 + i % 4}", 0))
	    selector.register(own, selectors.EVENT_READ, i)
	for i in range(32):
	    come(i)
	while True:
	    for key, _ in selector.select():
	        selector.unregister(key.fileobj)
	        key.fileobj.close()
	        come(key.data)
	END
	flood=$!
	logged 'dropped to make room' || return
	for i in 1 2 3; do
		fetch "$alice" "$alice" -o "alice.$i" >/dev/null || { cat kms.log; return 1; }
	done
	kill -0 "$flood" || { cat flood.log; return 1; }
	kill "$flood"
}

# What strangers do is in the log, but not each time: 20 lines at once, and one a second.
crowded() {
	local start=$SECONDS lines

	certificates && new_kms kms && serve kms 5 || return
	python3 - "$port" <<-'END' || return
	import socket, sys
	for i in range(400):
	    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as stranger:
	        stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
	        try:
	            while stranger.recv(100):
	                pass
	        except ConnectionError:
	            pass
	END
	logged 'http request' || return
	lines=$(wc -l <kms.log)
	[ "$lines" -le $((22 + SECONDS - start)) ] || { echo "$lines lines"; cat kms.log; return 1; }
}

# Who reads a long log slowly keeps nobody from writing to it.
slow_reader() {
	local many=() i

	new_kms kms && prose-kms revoke kms "$alice" >/dev/null || return
	for ((i = 0; i < 64; i++)); do
		many+=(--month "$(date -d "$now-15 +$i month" +%Y-%m)")
	done
	for ((i = 0; i < 24; i++)); do
		refuses 1 'is revoked' prose-kms extract kms "$alice" -o none --plain "${many[@]}" || return
	done
	python3 - "$bob" <<-'END'
	import fcntl, os, subprocess, sys
	end, own = os.pipe()
	# Before there is anything in it.
	fcntl.fcntl(own, 1031, 4096)	# F_SETPIPE_SZ
	audit = subprocess.Popen(["prose-kms", "audit", "kms"], stdout=own)
	os.close(own)
	log = os.fdopen(end, "rb")
	first = log.read(1)
	subprocess.run(["prose-kms", "extract", "kms", sys.argv[1], "-o", "bob.keys", "--plain"], check=True,
	               stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
	held_up = audit.poll() is None
	rows = (first + log.read()).count(b"\n")
	audit.wait()
	if audit.returncode or rows != 26 or not held_up:
	    sys.exit(f"{rows} rows, status {audit.returncode}, held up: {held_up}")
	END
}

# The key that seals the master secrets is opened by a token, and by nothing else.
token() {
	local module=/usr/lib/softhsm/libsofthsm2.so uri sign

	{ [ -e "$module" ] && command -v pkcs11-tool >/dev/null; } ||
		ktap_exit_skip "there is no token; apt-get install softhsm2 opensc libengine-pkcs11-openssl"
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf
	{
		softhsm2-util --init-token --free --label kms --so-pin 1234 --pin 1234 &&
			pkcs11-tool --module "$module" --login --pin 1234 --token-label kms --keypairgen \
				--key-type rsa:2048 --label master --id 01 &&
			pkcs11-tool --module "$module" --login --pin 1234 --token-label kms --keypairgen \
				--key-type rsa:2048 --label other --id 02 &&
			pkcs11-tool --module "$module" --login --pin 1234 --token-label kms --keypairgen \
				--key-type EC:prime256v1 --label sign --id 03
	} >token.log 2>&1 || { cat token.log; return 1; }
	printf 1234 >pin
	chmod 600 pin
	uri="pkcs11:token=kms;object=master;type=private?module-path=$module&pin-source=file:$PWD/pin"
	sign=${uri/object=master/object=sign}
	refuses 1 'has to be of RSA' prose-kms init kms --community kms.example.org --master-key "$sign" &&
		new_kms kms --master-key "$uri" || return
	expect files "$(cd kms && echo *)" "kms.conf kms.db master.wrapped" &&
		prose-kms extract kms "$alice" -o alice.keys --plain 2>/dev/null &&
		prose identity show --community kms.community alice.keys >/dev/null || return
	cp kms/kms.conf conf
	sed -i 's/object=master/object=other/' kms/kms.conf
	refuses 1 "token's key does not open it" prose-kms public kms || return
	cp conf kms/kms.conf
	chmod 644 pin
	refuses 1 'pin.*chmod 600' prose-kms public kms || return
	chmod 600 pin
	mv tokens gone && mkdir tokens
	refuses 1 'pkcs11:' prose-kms public kms || return
	rmdir tokens && mv gone tokens
	mv kms/master.wrapped .
	refuses 1 'master.wrapped: No such file' prose-kms public kms || return
	mv master.wrapped kms && cmp kms.community <(prose-kms public kms)
}

# A server of Debian's in a folder of its own: $where for --store, "${psql[@]}"
start_postgresql() {
	local bin pg="$work/pg"

	bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
	[ -x "$bin/initdb" ] || ktap_exit_skip "there is no PostgreSQL; apt-get install postgresql"
	rm -rf "$pg" && mkdir -p "$pg" || return
	as=()
	if [ "$(id -u)" = 0 ]; then
		chown postgres "$pg"
		as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
	fi
	"${as[@]}" "$bin/initdb" -D "$pg/data" -A trust -U postgres >initdb.log 2>&1 || { tail initdb.log; return 1; }
	pg_ctl=("${as[@]}" "$bin/pg_ctl" -D "$pg/data" -w -t 120 -l "$pg/log")
	"${pg_ctl[@]}" -o "-c listen_addresses= -c unix_socket_directories=$pg -c fsync=off" start >/dev/null ||
		{ cat "$pg/log"; return 1; }
	defer "${pg_ctl[@]}" -m immediate stop
	where="postgresql:host=$pg user=postgres dbname=postgres"
	psql=("$bin/psql" -qAtXh "$pg" -U postgres -d postgres -v ON_ERROR_STOP=1)
	head -c 32 /dev/urandom >master.key
	chmod 600 master.key
}

# init that fails half way leaves nothing, and never a domain whose key is gone.
halfway() {
	local init

	start_postgresql || return
	rm master.key
	init=(prose-kms init kms --community kms.example.org --store "$where" --master-key "$PWD/master.key")
	"${psql[@]}" <<-'SQL' || return
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not today'; END$$;
	CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
		IF to_regclass('audit') IS NOT NULL THEN
			CREATE TRIGGER early BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse();
		END IF;
	END$$;
	CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION spoil();
	SQL
	refuses 1 'not today' "${init[@]}" || return
	expect "what is left" "$(ls kms; ls master.key 2>/dev/null)" "" || return
	# At the end of the transaction, which may have been done when its answer is lost: the key stays.
	"${psql[@]}" <<-'SQL' || return
	CREATE OR REPLACE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
		IF to_regclass('audit') IS NOT NULL THEN
			CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW EXECUTE FUNCTION refuse();
		END IF;
	END$$;
	SQL
	refuses 1 'not today; whether the domain was made is not known' "${init[@]}" &&
		[ -s master.key ] && refuses 1 '' prose-kms public kms && rm kms/kms.conf || return
	"${psql[@]}" -c 'DROP EVENT TRIGGER spoil' && "${init[@]}" >/dev/null && prose-kms public kms >/dev/null
}

# has_locks COUNT: so many of its advisory locks are held, within 30 seconds
has_locks() {
	local i n

	for ((i = 0; i < 300; i++)); do
		n=$("${psql[@]}" -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
		[ "$n" != "$1" ] || return 0
		sleep 0.1
	done
	echo "$n locks are held, not $1"
	return 1
}

# Tables on it, which two KMS instances use.
postgresql() {
	local i

	start_postgresql || return
	new_kms kms --store "$where" --master-key "$PWD/master.key" || return
	prose-kms init second --join --store "$where" --master-key "$PWD/master.key" >/dev/null || return
	cmp <(prose-kms public kms) <(prose-kms public second) &&
		refuses 1 'already exists' prose-kms init third --community kms.example.com --store "$where" \
			--master-key "$PWD/master.key" || return
	# Both at the same time: the log has all of it, in one chain.
	for ((i = 0; i < 6; i++)); do
		prose-kms extract kms "$alice" -o "a$i" --plain 2>/dev/null >&2 &
		prose-kms extract second "$bob" -o "b$i" --plain 2>/dev/null >&2 &
	done
	wait
	expect "rows" "$(prose-kms audit second | wc -l)" 13 || return
	prose-kms revoke kms "$alice" --reason "it's gone; DROP TABLE audit" >/dev/null &&
		refuses 1 'is revoked' prose-kms extract second "$alice" -o none --plain &&
		has list "$(prose-kms list second)" "it's gone; DROP TABLE audit" || return
	certificates && serve second || return
	fetch "$bob" "$bob" -o bob.keys --deny deny >/dev/null || { cat second.log; return 1; }
	has "the deny list" "$(<deny)" "^identity tel:.447700900123$" || return
	# The server of the tables is restarted under it.
	"${pg_ctl[@]}" -m fast restart >/dev/null || return
	fetch "$bob" "$bob" -o bob.keys --deny deny >/dev/null || { cat second.log; return 1; }
	# An instance that has the lock and does not go on; kms.conf has the last word on how long to wait.
	"${psql[@]}" -c "BEGIN; SELECT pg_advisory_xact_lock(7033833); SELECT pg_sleep(600)" >/dev/null 2>&1 &
	has_locks 1 || return
	sed -i "s/^\(store = .*\)\"$/\1 options='-c lock_timeout=200'\"/" kms/kms.conf
	refuses 1 'PostgreSQL: another prose-kms is at work in it; try again' \
		prose-kms extract kms "$bob" -o none --plain || return
	# Its end is asked for, and comes after.
	"${psql[@]}" -c "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >/dev/null &&
		has_locks 0 && prose-kms extract kms "$bob" -o bob.again --plain 2>/dev/null || return
	"${psql[@]}" -c "UPDATE audit SET outcome = 'ok' WHERE outcome <> 'ok'" &&
		refuses 1 'is not as it was written' prose-kms audit kms
}

# Each command: its help, with usage and an example; wrong use is 2; all of it in the manual page and
# in the completion.
helps() {
	local command help page completion option

	page=$(tr -d "\\\\" <"$top/Documentation/man/prose-kms.8")
	has "prose-kms --help" "$(prose-kms --help)" 'Example' || return
	# shellcheck disable=SC2013 # words
	for command in $(prose-kms --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
		help=$(prose-kms "$command" --help) || return
		has "$command --help" "$help" "^usage: prose-kms $command DIR" &&
			has "$command --help" "$help" "^Example: prose-kms $command " &&
			refuses 2 "usage: prose-kms $command" prose-kms "$command" --no-such-option &&
			refuses 2 "usage: prose-kms $command" prose-kms "$command" &&
			has prose-kms.8 "$page" "^\.It Ic $command\b" &&
			has completion "$(completed prose-kms '')" "\b$command\b" || return
		completion=$(completed prose-kms "$command" --)
		# shellcheck disable=SC2013 # words
		for option in $(grep -oE -- '--[a-z][a-z-]+' <<<"$help" | sort -u); do
			has "completion of $command" "$completion" "(^| )$option\b" &&
				has "prose-kms.8, of $command" "$page" "Fl -?${option#--}\b" || return
		done
	done
	# Each option of kms.conf too.
	# shellcheck disable=SC2013 # words
	for option in $(sed -n 's/^\t*CFG_[A-Z_]*("\([a-z-]*\)".*/\1/p' "$top/userspace/kms/settings.c"); do
		has prose-kms.8 "$page" "^\.It Ic $option\b" || return
	done
	refuses 2 'did you mean audit' prose-kms audt &&
		refuses 2 'has no such option' prose-kms public kms --plain &&
		refuses 2 'the folder of the KMS and an identity' prose-kms revoke kms
}

# completed WORD...: what bash would offer for the last of these words
completed() (
	# shellcheck source=userspace/share/prose-kms.bash
	. "$top/userspace/share/prose-kms.bash"
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_prose_kms 2>/dev/null
	echo "${COMPREPLY[*]}"
)

# Each in a folder of its own.
in_folder() {
	mkdir "$1" && cd "$1" && "$1"
}

tests="by_hand uids refusals places revocation over_tls set_back addresses of_no_use strangers
	limited flooded held crowded slow_reader token halfway postgresql helps"
# Or those that are named.
# shellcheck disable=SC2086 # words
[ $# -gt 0 ] || set -- $tests
ktap_start $#
for test in "$@"; do
	ktap_check "$test" in_folder "$test"
done
ktap_end
