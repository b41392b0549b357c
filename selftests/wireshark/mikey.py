# SPDX-License-Identifier: MIT
"""
Whether tshark reads the MIKEY messages that we make as they were meant.

usage: mikey.py --list
       mikey.py CASE MESSAGES PROSE

MESSAGES is the program of mikey.c, PROSE the command. They are put where Wireshark looks for them:
into datagrams of the port that is MIKEY's, and into SDP in SIP.
"""

import subprocess
import struct
import sys

import shark
from shark import Wrong

MIKEY, SIP = 2269, 5060


def messages(program):
    """Names, octets, fields and values of each."""
    said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    found = []
    for line in said.splitlines():
        name, octets, *fields = line.split(" ")
        found.append((name, bytes.fromhex(octets), dict(field.split("=", 1) for field in fields)))
    if len(found) < 10:
        raise Wrong(f"only {len(found)} messages were made")
    return found


def datagram(octets, port):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(octets), 0, 0, 64, 17, 0,
                         bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    return (bytes.fromhex("020000000002020000000001") + b"\x08\x00" + header +
            struct.pack(">HHHH", port, port, 8 + len(octets), 0) + octets)


def sip(sdp):
    body = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + sdp +
            "m=audio 49170 RTP/SAVP 0\r\n")
    head = ("INVITE sip:bob@example.org SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
            "From: <sip:alice@example.org>;tag=1\r\nTo: <sip:bob@example.org>\r\n"
            "Call-ID: 1@192.0.2.1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n")
    return (head + body).encode()


def normal(value):
    """Numbers as numbers: tshark has some in hexadecimal digits, with 0x before them."""
    parts = value.split(",")
    return ",".join(str(int(part, 0)) if part.startswith("0x") else part.replace(":", "")
                    for part in parts)


def judge(name, wanted, seen, protocols):
    if seen["_ws.malformed"] or seen["_ws.expert.message"]:
        raise Wrong(f"{name}: {seen['_ws.malformed']} {seen['_ws.expert.message']}")
    if seen["frame.protocols"] not in protocols:
        raise Wrong(f"{name}: it is {seen['frame.protocols']} to tshark")
    for field, value in wanted.items():
        if normal(seen[field]) != normal(value):
            raise Wrong(f"{name}: {field} is {seen[field]}, not {value}")


def dissected(frames, made, protocols):
    fields = sorted({field for _, _, wanted in made for field in wanted})
    shown = shark.dissect(frames, ["_ws.expert.message", "frame.protocols", *fields])
    for (name, _, wanted), seen in zip(made, shown):
        judge(name, wanted, seen, protocols)
    print(f"{len(made)} messages, {sum(len(wanted) for _, _, wanted in made)} fields")


def in_datagrams(made, _prose):
    """As they are, on port 2269."""
    dissected([datagram(octets, MIKEY) for _, octets, _ in made], made,
              ["eth:ethertype:ip:udp:mikey"])


def in_sdp(made, _prose):
    """As attributes that were not made by us, of an INVITE."""
    import base64
    frames = [datagram(sip(f"a=key-mgmt:mikey {base64.b64encode(octets).decode()}\r\n"), SIP)
              for _, octets, _ in made]
    # SIP has SDP looked through before it is shown.
    dissected(frames, made, ["eth:ethertype:ip:udp:sip:sdp:mikey",
                             "eth:ethertype:ip:udp:sip:mikey:sdp:mikey"])


def damaged(made, _prose):
    """That tshark would say so: of a message that is cut it does."""
    frames = [datagram(octets[:-1], MIKEY) for _, octets, _ in made]
    shown = shark.dissect(frames, ["_ws.expert.message"])
    for (name, _, _), seen in zip(made, shown):
        # Of a MAC that it does not know it sees nothing, and so no end that is missing.
        if not seen["_ws.malformed"] and name not in ("group_call", "psk_sha_256"):
            raise Wrong(f"{name}: it lacks an octet, and tshark takes it")


def by_the_command(made, prose):
    """What prose mikey show says of them is what was in them."""
    import json
    for name, octets, wanted in made:
        said = subprocess.run([prose, "mikey", "show", "-j"], input=octets, capture_output=True,
                              check=True).stdout
        shown = json.loads(said)
        for member, field in {"data_type": "mikey.type", "prf": "mikey.prf_func",
                              "crypto_sessions": "mikey.cs_count",
                              "map_type": "mikey.cs_id_map_type"}.items():
            if shown[member] != int(wanted[field]):
                raise Wrong(f"{name}: {member} is {shown[member]}")
        roles = [str(p["role"]) for p in shown["payloads"] if p["name"] == "IDR"]
        if ",".join(roles) != wanted.get("mikey.id.role", ""):
            raise Wrong(f"{name}: roles {roles}")


CASES = [in_datagrams, in_sdp, damaged, by_the_command]


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(case.__name__ for case in CASES))
        return 0
    name, program, prose = sys.argv[1:]
    try:
        {case.__name__: case for case in CASES}[name](messages(program), prose)
    except Wrong as wrong:
        print(wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
