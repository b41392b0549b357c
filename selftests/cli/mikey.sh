#!/usr/bin/env bash
# shellcheck disable=SC2317 # the functions are run by ktap_run
# SPDX-License-Identifier: MIT
#
# prose mikey on files: what one makes the other opens, and says whom it is from; what it does not
# open, and shows. The keys are those of ../vectors/mikey.json, of April 2011.

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
use_programs prose
export LC_ALL=C.UTF-8

work=$(mktemp -d) || exit 1
defer rm -rf "$work"

alice=tel:+447700900123
bob=tel:+447700900456
noon=2011-04-15T12:00:00Z

python3 - "$here/../vectors/mikey.json" "$work" <<'END' || exit 1
import json, os, sys
vectors, work = json.load(open(sys.argv[1])), sys.argv[2]
own, fielded = vectors['own'], vectors['fielded']

def write(name, mode, lines):
    with os.fdopen(os.open(f'{work}/{name}', os.O_WRONLY | os.O_CREAT, mode), 'w') as file:
        file.write(''.join(f'{word} {value}\n' for word, value in lines))

def community(of, kms):
    return [('kms', kms), ('kpak', of['kpak']), ('z', of['z'])]

ours = community(own, 'kms.example.org')
theirs = community(fielded, 'kms.mydev.streamwide.com')
write('community', 0o644, ours)
write('strange', 0o644, community(own, 'kms.example.com'))
write('alice', 0o600, ours + [('identity', 'tel:+447700900123'), ('month', '2011-04'),
      ('ssk', own['ssk']), ('pvt', own['pvt']), ('rsk', own['rsk_initiator'])])
write('bob', 0o600, ours + [('identity', 'tel:+447700900456'), ('month', '2011-04'),
      ('ssk', own['ssk_responder']), ('pvt', own['pvt_responder']), ('rsk', own['rsk'])])
for name in 'gms', 'alice':
    write('uid-' + name, 0o600, theirs + [(word, fielded[name][word]) for word in ('uid', 'ssk', 'pvt', 'rsk')])
for name in 'psk_sha_1', 'psk_sha_256', 'group_call', 'own':
    open(f'{work}/{name}.mikey', 'wb').write(bytes.fromhex(vectors[name]['message']))
for name in 'gmk', 'csk':
    open(f'{work}/{name}.mikey', 'wb').write(bytes.fromhex(fielded[name]['message']))
    head = 'v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n'
    line = f'a=key-mgmt:mikey {fielded[name]["base64"]}\r\n'
    open(f'{work}/{name}.sdp', 'w').write(head + line)
    open(f'{work}/{name}-other.sdp', 'w').write(head + 'a=key-mgmt:other AAAA\r\n' + line)
END

# refuses STATUS PATTERN ARG...: prose mikey ARG... ends so, says so and makes nothing
refuses() {
	local status=$1 pattern=$2 said got

	said=$(cd "$work" && prose mikey "${@:3}" 2>&1 </dev/null)
	got=$?
	expect "status of prose mikey ${*:3}" "$got" "$status" &&
		has "prose mikey ${*:3}" "$said" "$pattern" || return
	[ ! -e "$work/none" ] || {
		echo "prose mikey ${*:3} has made a file"
		return 1
	}
}

mikey() {
	(cd "$work" && prose mikey "$@")
}

there_and_back() {
	local said

	rm -f "$work"/kd* "$work/message"
	mikey make -k alice --at "$noon" --kd kd1 "$bob" message || return
	said=$(mikey open -k bob --at "$noon" --kd kd2 --replay seen message) || return
	has open "$said" "^  from: ${alice/+/\\+}$" &&
		has open "$said" '^  its KMS: kms.example.org$' &&
		has open "$said" "^  to: ${bob/+/\\+}, keys of 2011-04$" &&
		has open "$said" '^  made: 2011-04-15 12:00:00 UTC$' || return
	cmp "$work/kd1" "$work/kd2" && expect "octets of KD" "$(stat -c %s-%a "$work/kd1")" 32-600 || return
	refuses 1 'it is a replay' open -k bob --at "$noon" --kd none --replay seen message
}

# What was opened is remembered, also when it takes the place of something that is over.
remembers() {
	local hour said

	rm -f "$work"/seen* "$work"/message*
	for hour in 10 11 12; do
		mikey make -k alice --at "2011-04-15T$hour:00:00Z" "$bob" "message$hour" &&
			mikey open -k bob --at "2011-04-15T$hour:00:00Z" --replay seen "message$hour" >"$work/said" &&
			refuses 1 'it is a replay' open -k bob --kd none --at "2011-04-15T$hour:00:00Z" --replay seen \
				"message$hour" || return
	done
	refuses 1 'older than what is remembered' open -k bob --kd none --at 2011-04-15T11:00:00Z --replay seen message11
}

# Of many who open one message at once, one does.
at_once() {
	local i round opened=0

	for round in 1 2 3 4 5; do
		rm -f "$work"/seen*
		mikey make -k alice --at "$noon" "$bob" "at-once$round" || return
		for i in 1 2 3 4 5 6; do
			mikey open -k bob --at "$noon" --replay seen "at-once$round" >"$work/at-once.$i" 2>&1 &
		done
		wait
		opened=$((opened + $(cat "$work"/at-once.? | grep -c '^  from:')))
		expect "those refused" "$(cat "$work"/at-once.? | grep -c 'it is a replay')" 5 || return
	done
	expect "those opened" "$opened" 5
}

# A message and its KD are there together, or neither is.
both_or_neither() {
	local long

	rm -f "$work"/kd* "$work"/seen* "$work"/message*
	echo there >"$work/there"
	mikey make -k alice --at "$noon" --kd kd1 "$bob" message || return
	# A KD that has no place leaves the message to be opened; so does a cache that has none.
	refuses 1 'there: exists and is not overwritten' \
		open -k bob --at "$noon" --kd there --replay seen message || return
	long=$(printf '%0249d' 0)
	refuses 1 'File name too long' open -k bob --at "$noon" --kd none --replay "$long" message || return
	mikey open -k bob --at "$noon" --kd kd2 --replay seen message >"$work/said" && cmp "$work/kd1" "$work/kd2" || return
	# A message that has no place leaves no KD.
	refuses 1 'there: exists and is not overwritten' make -k alice --at "$noon" --kd none "$bob" there || return
	if (cd "$work" && prose mikey make -k alice --at "$noon" --kd none "$bob" >/dev/full 2>said); then
		echo "make has written to what is full"
		return 1
	fi
	has "what was said" "$(<"$work/said")" 'standard output: No space left' &&
		refuses 1 'there: exists' make -k alice --at "$noon" --kd there "$bob" none &&
		expect "what was there" "$(<"$work/there")" there
}

# A line of SDP through pipes, and one that is in a description.
as_sdp() {
	local said

	rm -f "$work"/kd*
	mikey make -k alice --at "$noon" --kd kd1 --sdp --no-kms "$bob" >"$work/line" || return
	has "the attribute" "$(<"$work/line")" '^a=key-mgmt:mikey [A-Za-z0-9+/]+=*.?$' || return
	{
		printf 'v=0\r\ns=-\r\n'
		cat "$work/line"
		printf 'm=audio 9 RTP/SAVP 0\r\n'
	} | mikey open -k bob --at "$noon" --kd kd2 --from "$alice" >"$work/said" || return
	cmp "$work/kd1" "$work/kd2" || return
	said=$(mikey show <"$work/line")
	has show "$said" "^message: SAKKE, 500 octets$" &&
		has show "$said" '^  General Extension: SDP IDs, mikey$' &&
		has open "$(<"$work/said")" '^  offered: mikey, as the sender says$'
}

# sdp FILE LINE...: a description with these lines, of which @NAME is an attribute in a file of that name
sdp() {
	local line

	printf 'v=0\r\ns=-\r\n' >"$work/$1"
	for line in "${@:2}"; do
		case $line in
		@*) cat "$work/${line#@}" ;;
		*) printf '%s\r\n' "$line" ;;
		esac
	done >>"$work/$1"
}

# Nobody takes a protocol out of an offer, or puts one in, and is not noticed: RFC 4567 4.1.4.
offers() {
	local name key='a=key-mgmt' changed='somebody has changed the SDP on its way$'

	rm -f "$work"/seen* "$work"/message*
	mikey make -k alice --at "$noon" '--sdp=k1;mikey;k2' "$bob" middle &&
		mikey make -k alice --at "$noon" '--sdp=k1;k2;mikey' "$bob" last &&
		mikey make -k alice --at "$noon" "$bob" message || return
	sdp weaker @middle "$key:k2 AAAA"
	sdp only @middle
	sdp other-order @middle "$key:k1 AAAA" "$key:k2 AAAA"
	sdp more "$key:k1 AAAA" "$key:k3 AAAA" @middle "$key:k2 AAAA"
	sdp twice "$key:k1 AAAA" @middle "$key:k2 AAAA" "$key:k2 AAAA"
	sdp joined "$key:k1;k2 AAAA" @last
	sdp all "$key:k1 AAAA" "m=audio 9 RTP/SAVP 0" @middle "m=video 9 RTP/SAVP 0" "$key: k2 AAAA"
	for name in weaker only other-order more twice middle; do
		refuses 1 "made for an offer of 'k1;mikey;k2', and came in one of '.*': $changed" \
			open -k bob --at "$noon" --kd none --replay seen "$name" || return
	done
	refuses 1 "came in one of ';mikey': $changed" open -k bob --at "$noon" --kd none joined || return
	# It is still good for the offer that it was made for.
	mikey open -k bob --at "$noon" --replay seen --media 1 all >"$work/said" &&
		has open "$(<"$work/said")" '^  offered: k1;mikey;k2, as the sender says$' || return
	# One that says nothing: for an answer, and what goes one way, but not beside another.
	printf 'a=key-mgmt:mikey %s\r\n' "$(base64 -w 0 <"$work/message")" >"$work/silent"
	sdp alone @silent
	sdp beside @silent "$key:k2 AAAA"
	refuses 1 "The SDP offers 'mikey;k2', and the message does not say" open -k bob --at "$noon" --kd none beside &&
		mikey open -k bob --at "$noon" alone >"$work/said" &&
		has open "$(<"$work/said")" '^  offered: mikey; the sender does not say so' &&
		mikey open -k bob --at "$noon" message >"$work/said" && ! grep offered "$work/said"
}

# Attributes of a medium override those of the session: RFC 4567 3.1.
media() {
	local audio='m=audio 9 RTP/SAVP 0' video='m=video 9 RTP/SAVP 0' action

	rm -f "$work"/kd*
	mikey make -k alice --at "$noon" --kd kd1 '--sdp=mikey;mikey' "$bob" first &&
		mikey make -k alice --at "$noon" --kd kd2 '--sdp=mikey;mikey' "$bob" second || return
	sdp one @first "$audio" @second
	sdp two @first "$audio" "$video" @second
	sdp each "$audio" @first "$video" @second
	# opens KD ARG...: what comes of it is that one
	opens() {
		rm -f "$work/kd"
		mikey open -k bob --at "$noon" --kd kd "${@:2}" >"$work/said" && cmp "$work/$1" "$work/kd"
	}
	opens kd2 one && opens kd2 --media 1 one && opens kd1 --media 1 two && opens kd2 --media 2 two &&
		opens kd1 --media 1 each && opens kd2 --media 2 each || return
	for action in open show; do
		set -- "$action"
		[ "$action" = show ] || set -- open -k bob --at "$noon" --kd none
		refuses 1 'is not the same for all media: say for which one' "$@" two &&
			refuses 1 'is not the same for all media: say for which one' "$@" each &&
			refuses 1 'there are not as many' "$@" --media 3 each &&
			refuses 1 'is a message alone, and no SDP' "$@" --media 1 own.mikey || return
	done
	sdp without @first "$audio" 'a=key-mgmt:other AAAA'
	refuses 1 'is not of the protocol mikey' open -k bob --at "$noon" --kd none without
}

# What others have made.
fielded() {
	local said uid=15a4d5b12856538d02d91fedbb766e6dd377b014c92e216666c8fb678608d20e

	said=$(mikey open -k uid-alice --at 2025-10-03T00:00:00Z gmk.mikey 2>&1)
	has "a clock that is wrong" "$said" "seconds (ahead of|behind) this clock" || return
	said=$(mikey show -j gmk.sdp | python3 -c 'import json, sys
print([p["time"] for p in json.load(sys.stdin)["payloads"] if p["name"] == "T"][0].replace(" ", "T").replace("TUTC", "Z"))')
	rm -f "$work/kd"
	mikey open -k uid-alice --at "$said" --kd kd gmk.sdp >"$work/said" || return
	has open "$(<"$work/said")" '^  offered: mikey; the sender does not say so' &&
		mikey show gmk-other.sdp >"$work/shown" &&
		refuses 1 "The SDP offers 'other;mikey', and the message does not say" \
			open -k uid-alice --at "$said" --kd none gmk-other.sdp || return
	has open "$(<"$work/said")" "^  from: $uid$" &&
		mikey open -k uid-alice --at "$said" --from "$uid" gmk.sdp >"$work/said" &&
		mikey open -k uid-alice --at "$said" --from "${uid^^}" gmk.sdp >"$work/said" &&
		refuses 1 'from another UID than was awaited' open -k uid-alice --at "$said" --kd none \
			--from "${uid/15a4/15a5}" gmk.sdp
}

refuses_to_open() {
	rm -f "$work/message"
	mikey make -k alice --at "$noon" "$bob" message || return
	refuses 1 'an identity that there are no keys of' open -k alice --kd none --at "$noon" message &&
		refuses 1 'behind this clock' open -k bob --kd none message &&
		refuses 1 'behind this clock, and may be 5;' open -k bob --kd none --window 5 --at 2011-04-15T12:00:06Z message &&
		refuses 1 "'tel:\+44' was awaited" open -k bob --kd none --at "$noon" --from tel:+44 message ||
		return
	head -c -1 "$work/message" >"$work/cut"
	{
		head -c -1 "$work/message"
		tail -c 1 "$work/message" | tr '\000-\377' '\001-\377\000'
	} >"$work/forged"
	refuses 1 'malformed: SIGN ends too early' open -k bob --kd none --at "$noon" cut &&
		refuses 1 'malformed: SIGN ends too early' show cut &&
		refuses 1 "signature of the message is not the initiator's" open -k bob --kd none --at "$noon" \
			--replay none forged
}

# Files of more than one key: which signs, and which opens.
many_keys() {
	local uid

	rm -f "$work"/kd* "$work"/message*
	head -c 32 /dev/urandom >"$work/transport"
	chmod 600 "$work/transport"
	cat "$work/alice" "$work/bob" "$work/uid-alice" >"$work/all"
	cat "$work/uid-alice" "$work/uid-gms" >"$work/uids"
	sed 's/^kms .*/kms kms.example.org/' "$work/uid-alice" | cat "$work/alice" - >"$work/mixed"
	chmod 600 "$work/all" "$work/uids" "$work/mixed"
	uid=$(sed -n 's/^uid //p' "$work/uid-gms")
	refuses 1 'all: has keys of several identities, .* --as' make -k all --at "$noon" "$bob" none &&
		refuses 1 'all: has no keys of tel:\+44$' make -k all --as tel:+44 --at "$noon" "$bob" none &&
		refuses 1 'uids: has keys of several UIDs' make -k uids "$uid" none &&
		refuses 1 'so whom the message is for is 64' make -k uids "$bob" none &&
		refuses 1 'alice: there are no keys of a UID' make -k alice --at "$noon" "$uid" none &&
		refuses 1 'two KMSs that call themselves kms.example.org' open -k mixed --at "$noon" own.mikey &&
		refuses 1 'all: is not a sealed file' open -k all --seal-with transport own.mikey || return
	mikey make -k all --as "$alice" --at "$noon" --kd kd1 "$bob" message &&
		mikey open -k all --at "$noon" --kd kd2 --from "$alice" message >"$work/said" &&
		cmp "$work/kd1" "$work/kd2" || return
	# The one key of a UID in it is the one to use towards a UID.
	mikey make -k all --at "$noon" --kd kd3 "$uid" message2 &&
		mikey open -k uids --at "$noon" --kd kd4 message2 >"$work/said" &&
		cmp "$work/kd3" "$work/kd4" || return
	mikey make -k uids --as "$uid" --at "$noon" --kd kd5 "$(sed -n 's/^uid //p' "$work/uid-alice")" message3 &&
		mikey open -k all --at "$noon" --kd kd6 --from "$uid" message3 >"$work/said" && cmp "$work/kd5" "$work/kd6"
}

other_communities() {
	rm -f "$work"/message*
	# the responder's is another
	mikey make -k alice -c strange --at "$noon" "$bob" message || return
	refuses 1 "KMS 'kms.example.com', which it has no keys from" open -k bob --kd none --at "$noon" message || return
	# the initiator's is another: not trusted, or trusted
	sed 's/kms.example.org/kms.example.com/' "$work/alice" >"$work/alice-strange"
	chmod 600 "$work/alice-strange"
	mikey make -k alice-strange -c community --at "$noon" "$bob" message2 || return
	refuses 1 "KMS 'kms.example.com', whose community is not trusted" open -k bob --kd none --at "$noon" message2 &&
		mikey open -k bob -c strange --at "$noon" message2 >"$work/said" &&
		has open "$(<"$work/said")" 'its KMS: kms.example.com'
}

bad_files() {
	: >"$work/empty"
	chmod 600 "$work/empty"
	sed 's/^month .*/month 2011-05/' "$work/alice" >"$work/may"
	sed 's/^ssk/sskk/' "$work/alice" >"$work/mistyped"
	cp "$work/alice" "$work/open-to-all"
	chmod 644 "$work/open-to-all"
	chmod 600 "$work/may" "$work/mistyped"
	echo 'a=key-mgmt:mikey AAA' >"$work/bad.sdp"
	echo hello >"$work/seen-bad"
	refuses 1 'run chmod 600' make -k open-to-all "$bob" none &&
		refuses 1 'is empty; get the file anew' make -k empty "$bob" none &&
		refuses 1 'are not those that KMS kms.example.org makes' make -k may "$bob" none &&
		refuses 1 "line 6: 'sskk' is no word" make -k mistyped "$bob" none || return
	cp "$work/community" "$work/community-600"
	chmod 600 "$work/community-600"
	refuses 1 'has public parameters only, and no keys' make -k community-600 "$bob" none &&
		refuses 1 'No such file' open -k bob nothing &&
		refuses 1 'No such file' make -k nothing "$bob" none &&
		refuses 1 'get new ones from the KMS' make -k alice "$bob" none &&
		refuses 1 'separators' make -k alice --at "$noon" tel:+44-7700 none &&
		refuses 1 'its base64 has a length' show bad.sdp &&
		refuses 1 'no MIKEY message' show empty &&
		refuses 1 'no replay cache' open -k bob --at "$noon" --replay seen-bad own.mikey
}

wrong_use() {
	local line

	while read -r line; do
		# shellcheck disable=SC2086 # words
		refuses 2 'prose mikey --help explains it' $line || return
	done <<-'END'

	makee
	make tel:+44
	make -k alice
	make -k alice a b c
	make -k alice -k bob tel:+44 none
	make -k alice --json tel:+44 none
	make -k alice --replay none tel:+44 none
	make -k alice --from tel:+44 tel:+44 none
	make -k alice -c community -c strange tel:+44 none
	open
	open -k bob --sdp
	open -k bob --no-kms
	open -k bob --media 0
	open -k bob --media x
	make -k alice --media 1 tel:+44 none
	make -k alice --sdp= tel:+44 none
	make -k alice --sdp=other tel:+44 none
	make -k alice --sdp=mikey; tel:+44 none
	make -k alice --sdp=mikey;;other tel:+44 none
	make -k alice --sdp=mikey;a.b tel:+44 none
	open -k bob --window x
	open -k bob --window -1
	open -k bob --at yesterday
	open -k bob a b
	show -k bob
	show -c community
	show --kd none
	show --at 2027-01-31T12:00:00Z
	show --window 5
	make -k alice --window 5 tel:+44 none
	open -k bob -j
	show a b
	END
	# A terminal is not given octets.
	python3 "$here/../lib/terminal.py" "$programs/prose" mikey make -k "$work/alice" --at "$noon" "$bob" >"$work/said"
	has "make on a terminal" "$(<"$work/said")" 'no text for a terminal'
}

shows_all() {
	local name shown

	for name in psk_sha_1 psk_sha_256 group_call own gmk csk; do
		mikey show -j "$name.mikey" >"$work/json" &&
			python3 "$here/../lib/schema.py" "$top/userspace/share/prose-mikey.schema.json" <"$work/json" &&
			mikey show "$name.mikey" >"$work/shown" || return
	done
	shown=$(mikey show own.mikey)
	has show "$shown" '^message: SAKKE, 491 octets$' &&
		has show "$shown" '^  CSB ID: 0df9bc39$' &&
		has show "$shown" '^  T: NTP-UTC, 2011-04-15 12:00:00 UTC, d152b1c000000000$' &&
		has show "$shown" "^  IDR: initiator, URI, ${alice/+/\\+}$" &&
		has show "$shown" '^  SAKKE: parameter set 1, ID scheme 1, 273 octets$' &&
		has show "$shown" '^  SIGN: ECCSI, 129 octets$' || return
	shown=$(mikey show group_call.mikey)
	has show "$shown" '^  KEMAC: AES-CM-128, ddc094bbc06e6152401a45fcf254407c64c3aeba4ba3a687a4, HMAC-SHA-256-256$' ||
		return
	shown=$(mikey show csk.mikey)
	has show "$shown" '^  session: [0-9]+, protocol 0, policies 00, data , SPI 2ddd5bf0$' &&
		has show "$shown" "^  IDR: initiator's KMS, URI, kms.mydev.streamwide.com$" &&
		has show "$shown" '^  General Extension: 3GPP key parameters, '
}

# An identity is a stranger's text.
hostile_texts() {
	printf '\1\x1a\x0e\1\0\0\0\0\0\1\0\1\1\0\x0ba\x1b]0;owned\7' >"$work/evil"
	printf '\1\x1a\x0e\1\0\0\0\0\0\1\0\1\1\0\5a\xe2\x80\xaeb' >"$work/bidi"
	! mikey show evil | grep -q $'\x1b' && mikey show evil | grep -q '611b5d303b6f776e656407' || return
	! mikey show bidi | grep -q $'\xe2\x80\xae' && mikey show bidi | grep -qF 'a?b' || return
	! mikey show -j bidi | grep -q $'\xe2\x80\xae'
}

ktap_run there_and_back remembers at_once both_or_neither as_sdp offers media fielded refuses_to_open many_keys other_communities bad_files wrong_use shows_all hostile_texts
ktap_end
