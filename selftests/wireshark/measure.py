#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Measures the dissector: makes captures, has tshark read them, and compares what it shows with what
# it must show. Frames are made here by hand, messages by the codec of the product (messages.c).
#
# Usage: measure.py CASE MESSAGES    MESSAGES is that program; the exit status says it all
#        measure.py --list

import random
import struct
import subprocess
import sys

# The folder of the sources stays as it is.
sys.dont_write_bytecode = True
from shark import REFUSALS, Wrong, compare, dissect  # noqa: E402

UE_1, UE_2 = bytes.fromhex("0a0b0c"), bytes.fromhex("1d1e1f")

# --- frames


def pdcp(sdu, sdu_type=2, kd_sess_id=0, sn=0):
    return struct.pack(">BHH", sdu_type << 5, kd_sess_id, sn) + sdu


def mac(pdu, lcid=28, src=UE_1, dst=UE_2, form="rest"):
    """A MAC PDU in each of its forms."""
    head = b"\x30" + src + dst
    if form == "rest":
        return head + bytes([lcid]) + pdu
    if form == "short" and len(pdu) < 128:
        return (head + bytes([0x20 | lcid, len(pdu), 31]) + pdu).ljust(46, b"\0")
    return head + bytes([0x20 | lcid]) + struct.pack(">H", 0x8000 | len(pdu)) + b"\x1f" + pdu + b"\0\0"


def ethernet(content, ethertype=0x88b5, src=UE_1):
    return b"\x02\0\0\xff\xff\xff" + b"\x02\0\0" + src + struct.pack(">H", ethertype) + content


def udp(content, port=7800, version=4):
    body = struct.pack(">4H", 40000, port, 8 + len(content), 0) + content
    if version == 6:
        addresses = b"\xfc" + bytes(14) + b"\1" + b"\xfc" + bytes(14) + b"\2"
        return ethernet(struct.pack(">IHBB", 6 << 28, len(body), 17, 64) + addresses + body, 0x86dd)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, 17, 0)
    return ethernet(head + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + body, 0x0800)


def messages(kind):
    """Verdict, octets, fields of each message."""
    lines = subprocess.run([MESSAGES, kind], capture_output=True, text=True, check=True).stdout
    for line in lines.splitlines():
        verdict, octets, *fields = line.split(" ")
        yield verdict, bytes.fromhex(octets), dict(field.split("=", 1) for field in fields)


# --- cases


def every_message():
    """Each message with each IE, in each form of the frame, on each carrier."""
    carriers = {
        "link": lambda pdu: ethernet(mac(pdu)),
        "padded": lambda pdu: ethernet(mac(pdu, form="short")),
        "long length": lambda pdu: ethernet(mac(pdu, form="long")),
        "udp": lambda pdu: udp(mac(pdu)),
        "udp over IPv6": lambda pdu: udp(mac(pdu, form="short"), version=6),
    }
    all_of_them = list(messages("good"))
    fields = sorted({field for _, _, values in all_of_them for field in values})
    if len(all_of_them) < 100 or len(fields) < 50:
        raise Wrong(f"{len(all_of_them)} messages with {len(fields)} fields are too few")
    for carrier, frame in carriers.items():
        shown = dissect([frame(pdcp(octets)) for _, octets, _ in all_of_them], fields + REFUSALS +
                        ["prose.src", "prose.dst", "prose.lcid", "prose.sdu_type"])
        for (_, octets, values), seen in zip(all_of_them, shown):
            lcid = "28,31" if carrier in ("padded", "long length", "udp over IPv6") else "28"
            wanted = {"_ws.malformed": "", "prose.src": "0a:0b:0c", "prose.dst": "1d:1e:1f",
                      "prose.lcid": lcid, "prose.sdu_type": "2"}
            wanted |= dict.fromkeys(REFUSALS, "")
            wanted |= dict.fromkeys(fields, "") | values
            # A repeated TV or a type that two IEs have: told once for each.
            if "pc5s.target_info" in values:
                wanted["pc5s.user_info.type"] = values["pc5s.user_info.type"] + ",1"
            compare(seen, wanted, f"{carrier}, {octets.hex()}")


def every_fault():
    """What the codec refuses has an error, what it takes has none; no message breaks the dissector."""
    all_of_them = list(messages("bad"))
    refused = sum(verdict == "refused" for verdict, _, _ in all_of_them)
    if refused < 3000 or len(all_of_them) - refused < 100:
        raise Wrong(f"{refused} refused of {len(all_of_them)}: too few of one kind")
    shown = dissect([ethernet(mac(pdcp(octets))) for _, octets, _ in all_of_them], REFUSALS)
    for (verdict, octets, _), seen in zip(all_of_them, shown):
        has_error = any(seen[name] for name in REFUSALS)
        if has_error != (verdict == "refused"):
            raise Wrong(f"{verdict} by the codec, but {'an' if has_error else 'no'} error is shown: "
                        f"{octets.hex()}")


def command(chosen=0x22, policy=1, seq=1):
    return (struct.pack(">BHH", 12, seq, 0xf070) + bytes(range(16)) + bytes([chosen, 0x34]) +
            (b"\x62\3\2\2\0\x6a\1" + bytes([policy]) if policy is not None else b""))


REQUEST = struct.pack(">BH", 1, 1) + b"\2\x11\x60\3" + bytes(4) + bytes(range(16)) + b"\xf0\x70\x12"
MAC_I = b"\xde\xad\xbe\xef"
PING = bytes.fromhex("450000540001400040010000 0a000001 0a000002 0800 f7ff 0000 0000") + bytes(56)
PING6 = bytes.fromhex("6000000000083aff") + bytes(15) + b"\1" + bytes(15) + b"\1" + b"\x80\0" + bytes(6)


def one(message):
    return ethernet(mac(pdcp(message)))


def back(message):
    """From UE_2 to UE_1."""
    return ethernet(mac(pdcp(message), src=UE_2, dst=UE_1), src=UE_2)


def protected(sdu, lcid=30, sn=1, from_ue_2=False, kd_sess_id=0x1234):
    src, dst = (UE_2, UE_1) if from_ue_2 else (UE_1, UE_2)
    return ethernet(mac(pdcp(sdu, 0 if lcid < 28 else 2, kd_sess_id, sn), lcid, src, dst), src=src)


def frames_with_a_fault():
    """What a receiver discards has an error, and is dissected as far as it goes."""
    good = mac(pdcp(b"\7\0\1"))
    faults = {
        "prose.malformed": {good[:n] for n in range(1, 14)} |
                           {mac(pdcp(b"\7\0\1"), form="long")[:n] for n in range(9, 19)} |
                           {good[:7] + bytes([0x3c, 8, 28]) + good[8:],
                            good[:7] + bytes([0x3c, 8, 63]) + good[8:],
                            mac(pdcp(MAC_I[:3], 2, 1, 1), 30), mac(pdcp(MAC_I, 2, 1, 1), 30)},
        "prose.reserved_value": {b"\x20" + good[1:], b"\x40" + good[1:],
                                 mac(pdcp(b"\7\0\1"), 11), mac(pdcp(b"\7\0\1"), 27),
                                 mac(pdcp(b"\7\0\1"), 31), mac(pdcp(b"\7\0\1", 0)),
                                 mac(pdcp(b"\7\0\1", 7)), mac(pdcp(PING, 1, 1, 1), 1),
                                 mac(pdcp(b"\7\0\1"), dst=UE_1)},
        "prose.no_kd_sess_id": {mac(pdcp(bytes(9)), 30), mac(pdcp(bytes(99), 0), 1)},
        "prose.needless_id": {mac(pdcp(b"\7\0\1", 2, 1)), mac(pdcp(b"\7\0\1", 2, 0, 1))},
    }
    for name, frames in faults.items():
        for carrier in (ethernet, udp):
            shown = dissect([carrier(frame) for frame in sorted(frames)], [name])
            for frame, seen in zip(sorted(frames), shown):
                if not seen[name]:
                    raise Wrong(f"no {name} for {frame.hex()}")
    for form in ("rest", "short", "long"):
        shown = dissect([ethernet(mac(pdcp(b"\7\0\1"), form=form))], REFUSALS)
        compare(shown[0], dict.fromkeys(REFUSALS, ""), form)


def clear_text():
    """Under EEA0 there is all to be seen, once its command is."""
    frames = [protected(PING, 1), one(REQUEST),
              protected(command(0x02) + MAC_I, 29, from_ue_2=True),
              protected(b"\x0d\0\2" + MAC_I, 29), protected(b"\2\0\2\3" + MAC_I, from_ue_2=True),
              protected(PING + MAC_I, 1, 2), protected(PING6 + MAC_I, 1, from_ue_2=True)]
    fields = ["pc5s.type", "prose.mac_i", "prose.direction", "prose.command", "ip.src", "ipv6.dst",
              "prose.data", "pc5s.null_ciphering", "icmp.type", "frame.protocols"]
    shown = dissect(frames, fields)
    nothing = dict.fromkeys(fields[:-1], "")
    data = nothing | {"prose.mac_i": "0xdeadbeef", "prose.command": "3"}
    compare(shown[0], nothing | {"prose.data": PING.hex()}, "before the command")
    compare(shown[2], nothing | {"pc5s.type": "12", "prose.mac_i": "0xdeadbeef",
                                 "pc5s.null_ciphering": "1"}, "command")
    compare(shown[3], data | {"pc5s.type": "13", "prose.direction": "0"}, "COMPLETE")
    compare(shown[4], data | {"pc5s.type": "2", "prose.direction": "1"}, "ACCEPT")
    compare(shown[5], data | {"ip.src": "10.0.0.1", "icmp.type": "8", "prose.direction": "0"}, "IPv4")
    compare(shown[6], data | {"ipv6.dst": "::1", "prose.direction": "1"}, "IPv6")


def ciphered():
    """What is ciphered is shown as that; whether there is a MAC-I follows from the command."""
    frames = [protected(command() + MAC_I, 29, from_ue_2=True), protected(bytes(3) + MAC_I, 29),
              protected(PING + MAC_I, 1, from_ue_2=True),
              protected(command(policy=0) + MAC_I, 29, from_ue_2=True, kd_sess_id=0x1235),
              protected(PING, 1, kd_sess_id=0x1235),
              protected(command(policy=None) + MAC_I, 29, from_ue_2=True, kd_sess_id=0x1236),
              protected(PING, 1, kd_sess_id=0x1236), protected(PING, 1, kd_sess_id=0x1237)]
    fields = ["pc5s.type", "prose.mac_i", "prose.data", "prose.ciphered", "prose.eea", "prose.kd_sess_id",
              "prose.direction"]
    shown = dissect(frames, fields)
    mark = {"prose.ciphered": "1", "pc5s.type": "", "prose.eea": "2"}
    compare(shown[1], mark | {"prose.mac_i": "0xdeadbeef", "prose.data": "000000"}, "COMPLETE")
    compare(shown[2], mark | {"prose.mac_i": "0xdeadbeef", "prose.data": PING.hex(), "prose.direction": "1",
                              "prose.kd_sess_id": "0x1234"}, "with MAC-I")
    compare(shown[4], mark | {"prose.mac_i": "", "prose.data": PING.hex()}, "policy without")
    compare(shown[6], mark | {"prose.mac_i": "", "prose.data": PING.hex()}, "no policy")
    compare(shown[7], mark | {"prose.mac_i": "", "prose.data": PING.hex(), "prose.eea": "",
                              "prose.direction": ""}, "unknown")


def sequence_numbers():
    """SNs that come again or late, per sender, bearer and KD-sess ID, and where they start anew."""
    sns = [65534, 65535, 0, 65533, 1, 0, 2]
    frames = [protected(PING, 1, sn) for sn in sns]
    frames += [protected(PING, 1, 1, kd_sess_id=0x1235), protected(PING, 1, 1, from_ue_2=True),
               protected(bytes(9), 30, 1)]
    shown = dissect(frames, ["prose.sn_repeated", "prose.sn_backwards", "_ws.expert.message"])
    said = {3: "SN is lower than that of frame 3,Ciphered", 5: "SN was used before, by frame 3,Ciphered"}
    for i, seen in enumerate(shown):
        compare(seen, {"prose.sn_repeated": "1" if i == 5 else "",
                       "prose.sn_backwards": "1" if i == 3 else "",
                       "_ws.expert.message": said.get(i, "Ciphered")}, f"frame {i + 1}")


def exchanges():
    """What answers what, and what is the same again."""
    establishment = bytes([0xf0, 0, 2]) + bytes(range(16)) + b"\1\0\0\2\0\0"
    frames = [one(REQUEST), one(REQUEST), back(establishment),
              protected(command(0x02) + MAC_I, 29, 1, True), protected(command(0x02) + MAC_I, 29, 2, True),
              protected(b"\x0d\0\2" + MAC_I, 29), protected(b"\2\0\2\3" + MAC_I, 30, 1, True),
              protected(b"\xf1\0\3" + MAC_I, 30, 1),
              protected(b"\4\0\4\0\0\0\7" + MAC_I, 30, 2), protected(b"\5\0\5\0\0\0\7" + MAC_I, 30, 2, True),
              protected(b"\4\0\5\0\0\0\x08" + MAC_I, 30, 3), protected(b"\5\0\6\0\0\0\7" + MAC_I, 30, 3, True),
              protected(b"\6\0\x06\1" + MAC_I, 30, 4), protected(b"\7\0\7" + MAC_I, 30, 4, True)]
    # The newest of what was repeated is what is answered.
    wanted = [("", "", ""), ("", "4", "1"), ("", "", ""), ("2", "", ""), ("2", "6", "4"), ("5", "", ""),
              ("2", "8", ""), ("7", "", ""), ("", "10", ""), ("9", "", ""), ("", "", ""), ("", "", ""),
              ("", "14", ""), ("13", "", "")]
    shown = dissect(frames, ["pc5s.answer_to", "pc5s.answered_in", "pc5s.retransmission_of", "pc5s.request"],
                    "-2")
    for i, (seen, want) in enumerate(zip(shown, wanted)):
        compare(seen, dict(zip(["pc5s.answer_to", "pc5s.answered_in", "pc5s.retransmission_of"], want)) |
                {"pc5s.request": "1" if i == 2 else ""}, f"frame {i + 1}")


def containers():
    """A container in fragments is one flight of TLS, that of another run another."""
    hello = b"\x16\3\3" + struct.pack(">H", 42) + b"\2\0\0" + bytes([38]) + b"\3\3" + bytes(range(32)) + \
        b"\0\x13\1\0"
    frames = []
    for run in range(2):
        nonce = bytes([run]) + bytes(15)
        for i in range(0, len(hello), 20):
            part = hello[i:i + 20]
            more = i + 20 < len(hello)
            frames.append(one(bytes([0xf0, run, i]) + nonce + bytes([2, 1, i // 20, int(more)]) +
                              struct.pack(">H", len(hello)) + b"\x71" + struct.pack(">H", len(part)) + part))
    shown = dissect(frames, ["pc5s.container.frame", "tls.handshake.type", "tls.handshake.ciphersuite",
                             "pc5s.malformed"], "-2")
    per = len(frames) // 2
    for i, seen in enumerate(shown):
        first = i // per * per
        last = i % per == per - 1
        compare(seen, {"_ws.malformed": "", "pc5s.malformed": "",
                       "pc5s.container.frame": ",".join(str(first + n + 1) for n in range(per)) if last else "",
                       "tls.handshake.type": "2" if last else "",
                       "tls.handshake.ciphersuite": "0x1301" if last else ""}, f"frame {i + 1}")


def noticed():
    """Expert infos of messages that a receiver takes, or should not have to."""
    names = ["pc5s.unprotected", "pc5s.misplaced", "pc5s.null_integrity", "pc5s.null_ciphering",
             "pc5s.no_request_hash", "pc5s.failed"]
    establish = protected(command(0x02) + MAC_I, 29, 1, True)
    cases = [
        (one(REQUEST), []), (one(b"\7\0\1"), ["pc5s.unprotected"]),
        (one(b"\3\0\1\2"), ["pc5s.no_request_hash", "pc5s.failed"]),
        (one(b"\x0e\0\1\7"), ["pc5s.no_request_hash", "pc5s.failed"]),
        (one(b"\3\0\1\2\x67\x20" + bytes(32)), ["pc5s.failed"]),
        (protected(command(0x20) + MAC_I, 29, 2, True, 0x1235), ["pc5s.null_integrity"]),
        (protected(command(0x02) + MAC_I, 29, 3, True, 0x1236), ["pc5s.null_ciphering"]),
        (protected(command(0x22) + MAC_I, 29, 4, True, 0x1237), []),
        (protected(b"\x0d\0\2" + MAC_I, 30, 5), ["pc5s.misplaced"]),
        (protected(b"\7\0\2" + MAC_I, 29, 6), ["pc5s.misplaced"]),
        (protected(b"\3\0\1\2" + MAC_I, 30, 7), ["pc5s.failed"]),
        (protected(b"\x0e\0\1\2" + MAC_I, 30, 8), ["pc5s.failed"]),
    ]
    shown = dissect([establish] + [frame for frame, _ in cases], names + REFUSALS)
    for i, (seen, (_, want)) in enumerate(zip(shown[1:], cases)):
        got = [name for name in names + REFUSALS if seen[name]]
        if got != want:
            raise Wrong(f"case {i + 1}: {got} should be {want}")


def captured_in_part():
    """A snap length is nobody's fault: no frame is called malformed for it."""
    whole = [one(REQUEST), protected(command() + MAC_I, 29, from_ue_2=True), protected(PING + MAC_I, 1)]
    frames = [(frame[:n], len(frame)) for frame in whole for n in range(15, len(frame))]
    shown = dissect(frames, REFUSALS + ["prose.cut"])
    for (octets, _), seen in zip(frames, shown):
        compare(seen, dict.fromkeys(REFUSALS, ""), octets.hex())
        if not seen["prose.cut"]:
            raise Wrong(f"no prose.cut for {octets.hex()}")


def preferences():
    """Another EtherType, another port, IEIs in decimal, Decode As."""
    complete = b"\x0d\0\1"
    frames = [ethernet(mac(pdcp(complete)), 0x88b6), udp(mac(pdcp(complete)), 7801), one(complete)]
    shown = dissect(frames, ["pc5s.type"], "-o", "prose.ethertype:88B6", "-o", "prose.udp_port:7801")
    for seen, want in zip(shown, ["13", "13", ""]):
        compare(seen, {"pc5s.type": want}, "preferences")
    shown = dissect(frames, ["pc5s.type"], "-d", "ethertype==0x88b6,prose", "-d", "udp.port==7801,prose")
    for seen in shown:
        compare(seen, {"pc5s.type": "13"}, "Decode As")
    frames = [one(complete + b"\x0f\xbe\xef"), one(complete + b"\x15\xbe\xef")]
    for value, taken in (("TRUE", 0), ("FALSE", 1)):
        shown = dissect(frames, ["pc5s.lsb_kd_id"], "-o", f"pc5s.iei_decimal:{value}")
        for i, seen in enumerate(shown):
            compare(seen, {"pc5s.lsb_kd_id": "0xbeef" if i == taken else ""}, f"IEIs, {value}")


def noise():
    """Whatever comes, the dissector does not fall over."""
    draw = random.Random(33833)
    start = [one(REQUEST), protected(command() + MAC_I, 29, from_ue_2=True), protected(PING, 1),
             ethernet(mac(pdcp(REQUEST), form="short")), udp(mac(pdcp(REQUEST), form="long"))]
    frames = []
    for _ in range(4000):
        octets = bytearray(draw.choice(start))
        for _ in range(draw.randrange(4)):
            octets[draw.randrange(14, len(octets))] = draw.randrange(256)
        if draw.random() < 0.3:
            octets = octets[:14] + draw.randbytes(draw.randrange(120))
        frames.append(bytes(octets))
    dissect(frames, REFUSALS)


CASES = [every_message, every_fault, frames_with_a_fault, clear_text, ciphered, sequence_numbers, exchanges,
         containers, noticed, captured_in_part, preferences, noise]

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(case.__name__ for case in CASES))
        sys.exit(0)
    MESSAGES = sys.argv[2]
    try:
        {case.__name__: case for case in CASES}[sys.argv[1]]()
    except Wrong as wrong:
        print(wrong)
        sys.exit(1)
