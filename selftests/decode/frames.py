#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Makes captures of a ProSe carrier by hand, good ones and each with one fault, for the
# decoder's self-test. Shares nothing with the decoder or the product, AES included.
#
# Usage: frames.py CASE DIRECTORY    writes capture.pcap, ue1.log, ue2.log, file.bin, expected
#        frames.py --list            a line per case: NAME STATUS FINDING
#        frames.py --vectors FILE    checks the algorithms used here against published vectors

import hashlib
import hmac
import json
import random
import struct
import sys

# The folder of the sources stays as it is.
sys.dont_write_bytecode = True
import streams  # noqa: E402

# --- AES-128, encryption only (FIPS 197)


def xtime(a):
    a <<= 1
    return (a ^ 0x11b) & 0xff if a & 0x100 else a


def make_sbox():
    """Inverse in GF(2^8), then the affine transform."""
    exp, log, x = [0] * 256, [0] * 256, 1
    for i in range(255):
        exp[i], log[x] = x, i
        x ^= xtime(x)
    box = []
    for a in range(256):
        inv = 0 if a == 0 else exp[(255 - log[a]) % 255]
        s = 0x63
        for shift in range(5):
            s ^= (inv << shift | inv >> (8 - shift)) & 0xff
        box.append(s)
    return box


SBOX = make_sbox()


class Aes:
    def __init__(self, key):
        words, rcon = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
        for i in range(4, 44):
            t = list(words[i - 1])
            if i % 4 == 0:
                t = [SBOX[b] for b in t[1:] + t[:1]]
                t[0] ^= rcon
                rcon = xtime(rcon)
            words.append([a ^ b for a, b in zip(words[i - 4], t)])
        self.rounds = [sum(words[4 * r:4 * r + 4], []) for r in range(11)]

    def block(self, data):
        s = [a ^ b for a, b in zip(data, self.rounds[0])]
        for r in range(1, 11):
            s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if r < 10:
                mixed = []
                for c in range(0, 16, 4):
                    col = s[c:c + 4]
                    for i in range(4):
                        a, b, d, e = (col[(i + k) % 4] for k in range(4))
                        mixed.append(xtime(a) ^ xtime(b) ^ b ^ d ^ e)
                s = mixed
            s = [a ^ b for a, b in zip(s, self.rounds[r])]
        return bytes(s)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def eea2(key, count, bearer, direction, data):
    aes, out = Aes(key), b""
    counter = int.from_bytes(struct.pack(">IB11x", count, bearer << 3 | direction << 2), "big")
    for i in range(0, len(data), 16):
        out += xor(data[i:i + 16], aes.block(counter.to_bytes(16, "big")))
        counter += 1
    return out


def cmac(key, data):
    """RFC 4493."""
    aes = Aes(key)

    def double(block):
        n = int.from_bytes(block, "big") << 1
        return ((n & (1 << 128) - 1) ^ (0x87 if n >> 128 else 0)).to_bytes(16, "big")

    k1 = double(aes.block(bytes(16)))
    full = len(data) > 0 and len(data) % 16 == 0
    if not full:
        data += b"\x80" + bytes(-(len(data) + 1) % 16)
    last = xor(data[-16:], k1 if full else double(k1))
    state = bytes(16)
    for i in range(0, len(data) - 16, 16):
        state = aes.block(xor(state, data[i:i + 16]))
    return aes.block(xor(state, last))


def eia2(key, count, bearer, direction, data):
    return cmac(key, struct.pack(">IB3x", count, bearer << 3 | direction << 2) + data)[:4]


EEA = {1: streams.eea1, 2: eea2, 3: streams.eea3}
EIA = {1: streams.eia1, 2: eia2, 3: streams.eia3}


# --- what goes into frames


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


M64 = (1 << 64) - 1


def udp(src, dst, payload, port=4001):
    src, dst = bytes([10, 0, 0, src]), bytes([10, 0, 0, dst])
    body = struct.pack(">4H", 4000, port, 8 + len(payload), 0) + payload
    pseudo = src + dst + struct.pack(">2H", 17, len(body))
    body = body[:6] + struct.pack(">H", checksum(pseudo + body)) + body[8:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, 17, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def udp6(payload, port=4001):
    src, dst = b"\xfd" + bytes(14) + b"\1", b"\xfd" + bytes(14) + b"\2"
    body = struct.pack(">4H", 4000, port, 8 + len(payload), 0) + payload
    pseudo = src + dst + struct.pack(">II", len(body), 17)
    body = body[:6] + struct.pack(">H", checksum(pseudo + body)) + body[8:]
    return struct.pack(">IHBB", 0x6 << 28, len(body), 17, 64) + src + dst + body


def tcp(seq, flags, payload=b""):
    src, dst = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    body = struct.pack(">2H2I4H", 4000, 5001, seq, 0, 0x5000 | flags, 65535, 0, 0) + payload
    pseudo = src + dst + struct.pack(">2H", 6, len(body))
    body = body[:16] + struct.pack(">H", checksum(pseudo + body)) + body[18:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, 6, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def fragments4(packet, size):
    parts, data = [], packet[20:]
    for at in range(0, len(data), size):
        part = data[at:at + size]
        flags = at // 8 | (0x2000 if at + size < len(data) else 0)
        head = packet[:2] + struct.pack(">HHH", 20 + len(part), 7, flags) + packet[8:10] + b"\0\0" + packet[12:20]
        parts.append(head[:10] + struct.pack(">H", checksum(head)) + head[12:] + part)
    return parts


def fragments6(packet, size):
    parts, data = [], packet[40:]
    for at in range(0, len(data), size):
        part = data[at:at + size]
        head = struct.pack(">BBHI", 17, 0, at | int(at + size < len(data)), 7) + part
        parts.append(packet[:4] + struct.pack(">HBB", len(head), 44, 64) + packet[8:40] + head)
    return parts


# --- flows whose octets are known beforehand; decode's flows.h says how


def splitmix(x):
    x = x + 0x9e3779b97f4a7c15 & M64
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & M64
    x = (x ^ x >> 27) * 0x94d049bb133111eb & M64
    return x ^ x >> 31


def flow_octets(seed, n, length):
    base = splitmix(seed + n & M64)
    words = (splitmix(base + i & M64) for i in range((length + 7) // 8))
    return b"".join(word.to_bytes(8, "little") for word in words)[:length]


def flow_datagram(seed, n, most, group=1):
    return flow_octets(seed, n, 1 + splitmix(splitmix((~seed & M64) + n // group & M64)) % most)


def command(chosen, id_lsb):
    return struct.pack(">BHH", 12, 7, 0x2020) + bytes(range(16)) + bytes([chosen, id_lsb])


REQUEST = bytes([1, 0, 1, 2, 0x11, 0x60, 3]) + bytes(4) + bytes(range(16)) + b"\x20\x20\x12"
COMPLETE = b"\x0d\x00\x08"
ACCEPT = b"\x02\x00\x09\x03"
KEEPALIVE = b"\x04\x00\x0a\x00\x00\x00\x00"
RELEASE = b"\x06\x00\x0b\x01"
RELEASE_ACCEPT = b"\x07\x00\x0c"

UE_A, UE_B = 0x0a0b0c, 0x1d1e1f


class Session:
    """Keys and the next COUNT of each (bearer, direction)."""

    def __init__(self, ue_1, ue_2, kd_sess_id, seed, eea=2, eia=2, integrity=1,
                 profile="hfn"):
        self.ue_1, self.ue_2, self.id = ue_1, ue_2, kd_sess_id
        self.eea, self.eia = eea, eia
        self.integrity, self.profile = integrity, profile
        self.kd_sess = hashlib.sha256(seed.encode()).digest()
        self.pek, self.pik = self.derive(0, eea), self.derive(1, eia)
        self.counts = {}

    def derive(self, kind, algorithm):
        s = bytes([0x4b, kind, 0, 1, algorithm, 0, 1])
        return hmac.new(self.kd_sess, s, hashlib.sha256).digest()[-16:]

    def log(self):
        return (f"PROSE_SESSION {self.ue_1:06x} {self.ue_2:06x} {self.id:04x} {self.eea} {self.eia} "
                f"{self.integrity} {self.profile} {self.kd_sess.hex()}\n")

    def next(self, bearer, direction):
        start = 1 if self.profile == "hfn" else self.id << 16 | 1
        count = self.counts.get((bearer, direction), start)
        self.counts[bearer, direction] = count + 1
        return count


class Capture:
    def __init__(self):
        self.carrier = "link"
        self.packets = []
        self.now = 1700000000.0
        self.n_protected = self.n_macs = 0

    def raw(self, octets):
        self.packets.append((self.now, octets))
        self.now = round(self.now + 0.001, 6)

    def frame(self, src, dst, lcid, pdu, pad=False, ethertype=0x88b5, version=0x30):
        head = bytes(6) + bytes([2, 0, 0]) + src.to_bytes(3, "big") + struct.pack(">H", ethertype)
        head += bytes([version]) + src.to_bytes(3, "big") + dst.to_bytes(3, "big")
        if pad and len(head) + 1 + len(pdu) < 60:
            body = bytes([0x20 | lcid, len(pdu), 0x1f]) + pdu
            body += bytes(max(0, 60 - len(head) - len(body)))
        elif pad == "two":
            body = bytes([0x20 | lcid]) + struct.pack(">H", 0x8000 | len(pdu)) + b"\x1f" + pdu
            body += b"\0"
        else:
            body = bytes([lcid]) + pdu
        if self.carrier == "link":
            self.raw(head + body)
        else:
            self.around(head[14:] + body)

    def around(self, frame, port=7800, more=False):
        """A frame of the udp carrier, whose checksum was left to the hardware."""
        body = struct.pack(">4H", 40000, port, 8 + len(frame), 0xbad) + frame
        if self.carrier == "udp6":
            src, dst = b"\xfc" + bytes(14) + b"\1", b"\xfc" + bytes(14) + b"\2"
            if more:
                body = struct.pack(">BBHI", 17, 0, 1, 99) + body
            head = struct.pack(">IHBB", 0x6 << 28, len(body), 44 if more else 17, 64) + src + dst
        else:
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x2000 if more else 0x4000, 64,
                               17, 0)
            head += bytes([192, 0, 2, 1, 192, 0, 2, 2])
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        packet = bytes(12) + (b"\x86\xdd" if self.carrier == "udp6" else b"\x08\0") + head + body
        # What is short has padding behind it, which is in no length.
        self.raw(packet.ljust(60, b"\xaa"))

    def clear(self, src, dst, message):
        self.frame(src, dst, 28, struct.pack(">BHH", 2 << 5, 0, 0) + message)

    def protected(self, session, from_ue_2, lcid, sdu, count=None, pad=False, flip=None,
                  ciphered=None, direction=None, sdu_type=None, version=0x30):
        src, dst = session.ue_1, session.ue_2
        if from_ue_2:
            src, dst = dst, src
        if direction is None:
            direction = int(from_ue_2)
        if count is None:
            count = session.next(lcid, direction)
        if ciphered is None:
            ciphered = not (lcid == 29 and from_ue_2)
        if sdu_type is None:
            sdu_type = 0 if lcid <= 10 else 2
        header = struct.pack(">BHH", sdu_type << 5, session.id, count & 0xffff)
        mac = b""
        if lcid > 10 or session.integrity:
            mac = EIA[session.eia](session.pik, count, lcid, direction, header + sdu)
        if ciphered and session.eea:
            sdu = EEA[session.eea](session.pek, count, lcid, direction, sdu)
        self.n_protected += 1
        self.n_macs += mac != b""
        pdu = bytearray(header + sdu + mac)
        if flip is not None:
            pdu[flip] ^= 1
        self.frame(src, dst, lcid, bytes(pdu), pad, version=version)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for when, octets in self.packets:
                micro = round(when * 1e6)
                f.write(struct.pack("<IIII", micro // 1000000, micro % 1000000, len(octets),
                                    len(octets)) + octets)


def contents():
    """Fixed, and as random as a plaintext must be."""
    return random.Random(33833).randbytes(5000)


class Story:
    """A setup, traffic both ways, a rekey the other side commands, traffic, a release."""

    def __init__(self, **options):
        self.c = Capture()
        self.one = Session(UE_A, UE_B, 0x1234, "one", **options)
        self.two = Session(UE_B, UE_A, 0x5678, "two", **options)
        self.file = contents()
        self.sessions = [self.one, self.two]
        self.flows = ""

    def setup(self, pad=False):
        self.c.clear(UE_A, UE_B, REQUEST)
        self.c.clear(UE_B, UE_A, b"\xf0\x00\x01container")
        chosen = self.one.eea << 4 | self.one.eia
        self.c.protected(self.one, True, 29, command(chosen, self.one.id & 0xff), pad=pad)
        self.c.protected(self.one, False, 29, COMPLETE, pad=pad)
        self.c.protected(self.one, True, 30, ACCEPT, pad=pad)

    def data(self, session, n=4, offset=0, **options):
        for i in range(n):
            part = self.file[offset + 200 * i:offset + 200 * (i + 1)]
            self.c.protected(session, False, 1, udp(1, 2, part), **options)
            self.c.protected(session, True, 1, udp6(b"reply" + bytes([i])), **options)

    def rekey(self):
        self.c.protected(self.one, True, 30, bytes([15]) + bytes(21))
        chosen = self.two.eea << 4 | self.two.eia
        self.c.protected(self.two, True, 29, command(chosen, self.two.id & 0xff))
        self.c.protected(self.two, False, 29, COMPLETE)
        # One more under the old context was under way.
        self.c.protected(self.one, True, 1, udp(2, 1, b"late"))
        self.c.protected(self.two, True, 30, b"\x10\x00\x01")

    def release(self):
        self.c.protected(self.two, False, 30, KEEPALIVE)
        self.c.protected(self.two, False, 30, RELEASE)
        self.c.protected(self.two, True, 30, RELEASE_ACCEPT)

    def udp_flow(self, order, most=300, group=1, n=8):
        """UDP datagrams of a flow in that order, of the n that there are."""
        self.flows += f"udp 0a0b0c 5000 abcdef0123456789 {most} {group} {n}\n"
        for i in order:
            self.c.protected(self.one, False, 1, udp(1, 2, FLOW(i, most, group), port=5000))

    def tcp_flow(self, pieces, n=1000):
        self.flows += f"tcp 0a0b0c 5001 42 {n}\n"
        whole = flow_octets(0x42, 0, n)
        self.c.protected(self.one, False, 1, tcp(0xfffffff0, 2))
        self.c.protected(self.one, True, 1, tcp(7, 0x12))
        for start, end in pieces:
            self.c.protected(self.one, False, 1,
                             tcp(0xfffffff1 + start & 0xffffffff, 0x10, whole[start:end]))

    def whole(self, **options):
        self.setup()
        self.data(self.one, **options)
        self.rekey()
        self.data(self.two, offset=1000, **options)
        self.release()
        return self


# Each case makes a story; its docstring is `exit status, finding and its number, or -`.

def clean():
    """0 -"""
    return Story().whole()


def clean_padded():
    """0 -"""
    s = Story()
    s.setup(pad=True)
    s.data(s.one, n=1)
    s.c.protected(s.one, False, 1, udp(1, 2, b""), pad=True)
    s.c.protected(s.one, False, 1, udp(1, 2, b"long form"), pad="two")
    return s


def clean_null_cipher():
    """0 -"""
    s = Story(eea=0)
    s.setup()
    s.c.protected(s.one, False, 1, udp(1, 2, b"in clear, as EEA0 has it"))
    return s


def clean_snow3g():
    """0 -"""
    return Story(eea=1, eia=1).whole()


def clean_zuc():
    """0 -"""
    return Story(eea=3, eia=3).whole()


def wrong_cipher_bit_snow3g():
    """1 mac_failures 1"""
    s = Story(eea=1, eia=1).whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(101)), flip=40)
    return s


def wrong_cipher_bit_zuc():
    """1 mac_failures 1"""
    s = Story(eea=3, eia=3).whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(101)), flip=40)
    return s


def clean_without_integrity():
    """0 -"""
    return Story(integrity=0).whole()


def clean_sess_id_profile():
    """0 -"""
    return Story(profile="sess-id").whole()


def clean_reordered_and_lost():
    """0 -"""
    s = Story()
    s.setup()
    for count in (1, 5, 3, 40, 39, 2):
        s.c.protected(s.one, False, 1, udp(1, 2, b"x"), count=count)
    return s


def clean_hfn_wrap():
    """0 -"""
    s = Story()
    s.setup()
    for count in (1, 30000, 60000, 65535, 65536, 65540, 65534, 65537, 95000, 127000,
                  131071, 131072, 131073):
        s.c.protected(s.one, False, 1, udp(1, 2, b"wrap"), count=count)
    return s


def clean_hfn_wrap_without_integrity():
    """0 -"""
    s = Story(integrity=0)
    s.setup()
    for count in (30000, 60000, 65536, 65535, 65540, 95000, 127000, 131072):
        s.c.protected(s.one, False, 1, udp(1, 2, b"wrap"), count=count)
    return s


def clean_window_edge():
    """0 -"""
    s = Story()
    s.setup()
    for count in (1, 32769, 65537, 98305, 131073, 98306):
        s.c.protected(s.one, False, 1, udp(1, 2, b"edge"), count=count)
    return s


def beyond_window_edge():
    """1 mac_failures 1"""
    s = Story()
    s.setup()
    for count in (1, 32769, 65537, 98306):
        s.c.protected(s.one, False, 1, udp(1, 2, b"edge"), count=count)
    return s


def clean_id_comes_back():
    """0 -"""
    s = Story()
    s.setup()
    s.data(s.one)
    s.two = Session(UE_A, UE_B, 0x1234, "another key, same ID")
    s.sessions[1] = s.two
    s.c.protected(s.two, True, 29, command(0x22, 0x34))
    s.data(s.two, offset=1000)
    s.c.protected(s.one, True, 1, udp(2, 1, b"late"))
    s.data(s.two, offset=2000)
    return s


def wrong_cipher_bit():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(100)), flip=40)
    return s


def wrong_cipher_bit_without_integrity():
    """1 bad_sdus 1"""
    s = Story(integrity=0).whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(100)), flip=40)
    return s


def wrong_mac_bit():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(100)), flip=-1)
    return s


def wrong_header_bit():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 30, KEEPALIVE, flip=0)
    return s


def wrong_direction():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 30, KEEPALIVE, direction=1, count=50)
    return s


def wrong_hfn():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 30, KEEPALIVE, count=0x10005)
    return s


def wrong_key():
    """1 mac_failures 1"""
    s = Story().whole()
    s.two.pik = bytes(16)
    s.c.protected(s.two, False, 30, KEEPALIVE)
    return s


def command_ciphered():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, True, 29, command(0x22, 0x78), ciphered=True)
    return s


def complete_not_ciphered():
    """1 mac_failures 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 29, COMPLETE, ciphered=False)
    return s


def command_other_algorithms():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, True, 29, command(0x12, 0x78))
    return s


def command_other_id():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, True, 29, command(0x22, 0x79))
    return s


def repeated_count():
    """1 keystream_repeats 1"""
    s = Story().whole()
    s.c.protected(s.two, True, 30, KEEPALIVE, count=2)
    return s


def repeated_frame():
    """1 keystream_repeats 1"""
    s = Story().whole()
    s.c.raw(s.c.packets[-1][1])
    return s


def repeated_count_without_integrity():
    """1 keystream_repeats 1"""
    s = Story(integrity=0).whole()
    s.c.protected(s.one, False, 1, udp(1, 2, b"again"), count=2)
    return s


def repeated_key():
    """1 keystream_repeats 3"""
    s = Story().whole()
    third = Session(UE_B, UE_A, 0x9999, "two")
    s.sessions.append(third)
    s.c.protected(third, True, 29, command(0x22, 0x99))
    s.c.protected(third, False, 29, COMPLETE)
    s.c.protected(third, False, 1, udp(1, 2, b"old keystream"))
    return s


def plaintext_in_clear():
    """1 plaintext_hits 1"""
    s = Story().whole()
    s.c.frame(UE_A, UE_B, 1, b"", ethertype=0x0800)
    s.c.raw(s.c.packets[-1][1] + b"head" + s.file[1003:1035] + b"tail")
    return s


def plaintext_31_octets():
    """0 -"""
    s = Story().whole()
    s.c.frame(UE_A, UE_B, 1, b"", ethertype=0x0800)
    s.c.raw(s.c.packets[-1][1] + bytes([~s.file[1002] & 255]) + s.file[1003:1034] +
            bytes([~s.file[1034] & 255]))
    return s


def plaintext_at_each_offset():
    """1 plaintext_hits 48"""
    s = Story().whole()
    for offset in list(range(47)) + [len(s.file) - 32]:
        s.c.raw(bytes(12) + b"\x08\x00" + bytes([~s.file[offset - 1] & 255]) +
                s.file[offset:offset + 32])
    return s


def plaintext_under_null_cipher():
    """1 plaintext_hits 8"""
    return Story(eea=0).whole()


def key_on_the_wire():
    """1 key_hits 1"""
    s = Story().whole()
    s.c.raw(bytes(12) + b"\x08\x00" + s.two.kd_sess)
    return s


def unknown_id():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.protected(Session(UE_A, UE_B, 0x4321, "x"), False, 1, udp(1, 2, b""))
    return s


def unknown_pair():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.protected(Session(UE_A, 0x777777, 0x1234, "one"), False, 1, udp(1, 2, b""))
    return s


def count_zero():
    """1 undecodable 1"""
    s = Story()
    s.setup()
    s.c.protected(s.one, False, 1, udp(1, 2, b""), count=0)
    return s


def reserved_sdu_type():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, b""), sdu_type=5)
    return s


def reserved_version():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, b""), version=0x20)
    return s


def other_lcid():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 3, udp(1, 2, b""))
    return s


def every_length():
    """1 undecodable 26"""
    s = Story().whole()
    whole = s.c.packets[-1][1]
    # 14 octets of Ethernet, 8 of MAC, 5 of PDCP, 4 of MAC-I: 14 to 30 are too short;
    # 5 to 13 do not even have an EtherType.
    for length in range(5, 31):
        s.c.raw(whole[:length])
    return s


def length_beyond_frame():
    """1 undecodable 1"""
    s = Story().whole()
    s.c.frame(UE_A, UE_B, 0x20 | 30, bytes([60, 0x1f]) + bytes(20))
    return s


def release_in_clear():
    """1 unprotected_wrongly 1"""
    s = Story().whole()
    s.c.clear(UE_A, UE_B, RELEASE)
    return s


def signalling_unknown():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 30, b"\x63\0\0")
    return s


def data_not_ip():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, b"no packet")
    return s


def data_checksum_wrong():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, b"half a checksum")[:-1] + b"?")
    return s


def data_longer_than_packet():
    """1 bad_sdus 1"""
    s = Story().whole()
    s.c.protected(s.two, False, 1, udp(1, 2, b"") + b"?")
    return s


def data_after_release():
    """1 data_frames_after_release 1"""
    s = Story().whole()
    s.c.protected(s.two, True, 1, udp(2, 1, b"on its way"))
    s.c.now += 0.3
    s.c.protected(s.two, True, 1, udp(2, 1, b"much too late"))
    return s


def data_after_mark():
    """1 data_frames_after_mark 2 --no-data-after 1700000050.5"""
    s = Story().whole()
    s.c.now = 1700000050.5
    s.c.raw(b"".join([bytes(12), b"\x88\xb6"]))
    s.c.now = 1700000050.5
    third = Session(UE_A, UE_B, 0x2222, "three")
    s.sessions.append(third)
    s.data(third, n=1)
    s.c.protected(third, True, 30, KEEPALIVE)
    s.c.protected(third, True, 1, udp(1, 2, b""))
    return s


def foreign_frame():
    """1 foreign_frames 1 --exclusive"""
    s = Story().whole()
    s.c.raw(bytes(12) + b"\x08\x06" + bytes(28))
    return s


def foreign_frame_allowed():
    """0 -"""
    return foreign_frame()


def carried(carrier):
    s = Story()
    s.c.carrier = carrier
    return s


def clean_udp4():
    """0 - 0 --udp-port 7800"""
    return carried("udp4").whole()


def clean_udp6():
    """0 - 0 --udp-port 7800"""
    return carried("udp6").whole()


def clean_both_carriers():
    """0 - 0 --udp-port 7800"""
    s = Story()
    s.setup()
    for s.c.carrier in ("link", "udp4", "link", "udp6"):
        s.data(s.one)
    return s


def udp_from_the_port():
    """0 - 0 --udp-port 40000"""
    return carried("udp4").whole()


def udp_not_asked_for():
    """1 -"""
    return carried("udp4").whole()


def udp_other_port():
    """0 - 0 --udp-port 7800"""
    s = carried("udp4").whole()
    s.c.around(bytes(40), port=7801)
    return s


def udp_other_port_exclusive():
    """1 foreign_frames 1 --udp-port 7800 --exclusive"""
    return udp_other_port()


def udp_wrong_mac_bit():
    """1 mac_failures 1 --udp-port 7800"""
    s = carried("udp6").whole()
    s.c.protected(s.two, False, 1, udp(1, 2, bytes(100)), flip=-1)
    return s


def udp_repeated_over_link():
    """1 keystream_repeats 1 --udp-port 7800"""
    s = carried("udp4").whole()
    s.c.carrier = "link"
    s.c.protected(s.two, True, 30, KEEPALIVE, count=2)
    return s


def udp_in_fragments():
    """1 undecodable 2 --udp-port 7800"""
    s = carried("udp4").whole()
    s.c.around(bytes(40), more=True)
    s.c.carrier = "udp6"
    s.c.around(bytes(40), more=True)
    return s


def udp_empty():
    """1 undecodable 2 --udp-port 7800"""
    s = carried("udp4").whole()
    s.c.around(b"")
    s.c.around(s.c.packets[3][1][42:49])
    return s


def udp_length_beyond_packet():
    """1 undecodable 1 --udp-port 7800"""
    s = carried("udp4").whole()
    last = s.c.packets[-1][1]
    s.c.raw(last[:38] + b"\xff\xff" + last[40:])
    return s


def FLOW(n, most=300, group=1):
    return flow_datagram(0xabcdef0123456789, n, most, group)


def flow_story():
    s = Story()
    s.setup()
    return s


def flow_clean():
    """0 -"""
    s = flow_story()
    s.udp_flow(range(8))
    s.c.protected(s.one, False, 1, udp(1, 2, b"none of a flow"))
    # The same octets of the other UE are no flow's.
    s.c.protected(s.one, True, 1, udp(1, 2, FLOW(0), port=5000))
    return s


def flow_in_groups():
    """0 -"""
    s = flow_story()
    s.udp_flow(range(8), group=4)
    return s


def flow_fragments():
    """0 -"""
    s = flow_story()
    s.flows = "udp 0a0b0c 5000 abcdef0123456789 4000 1 2\nudp 0a0b0c 6000 abcdef0123456789 4000 1 2\n"
    for i in range(2):
        four = fragments4(udp(1, 2, FLOW(i, 4000), port=5000), 480)
        six = fragments6(udp6(FLOW(i, 4000), port=6000), 640)
        while four or six:
            for parts in (four, six):
                if parts:
                    s.c.protected(s.one, False, 1, parts.pop(0))
    return s


def flow_fragment_missing():
    """1 flow_faults 7"""
    s = flow_story()
    s.flows = "udp 0a0b0c 5000 abcdef0123456789 4000 1 1\n"
    parts = fragments4(udp(1, 2, FLOW(0, 4000), port=5000), 480)
    if len(parts) != 8:
        sys.exit(f"{len(parts)} fragments")
    # Five that are not due, the flow, and the datagram that has no end.
    for part in parts[:2] + parts[3:]:
        s.c.protected(s.one, False, 1, part)
    return s


def flow_fragments_swapped():
    """1 flow_faults 3"""
    s = flow_story()
    s.flows = "udp 0a0b0c 5000 abcdef0123456789 4000 1 1\n"
    parts = fragments6(udp6(FLOW(0, 4000), port=5000), 2000)
    if len(parts) != 2:
        sys.exit(f"{len(parts)} fragments")
    for part in parts[::-1]:
        s.c.protected(s.one, False, 1, part)
    return s


def flow_lost():
    """1 flow_faults 1"""
    s = flow_story()
    s.udp_flow([0, 1, 2, 4, 5, 6, 7])
    return s


def flow_end_lost():
    """1 flow_faults 1"""
    s = flow_story()
    s.udp_flow(range(7))
    return s


def flow_twice():
    """1 flow_faults 1"""
    s = flow_story()
    s.udp_flow([0, 1, 2, 3, 3, 4, 5, 6, 7])
    return s


def flow_swapped():
    """1 flow_faults 2"""
    s = flow_story()
    s.udp_flow([0, 1, 3, 2, 4, 5, 6, 7])
    return s


def flow_more_than_all():
    """1 flow_faults 1"""
    s = flow_story()
    s.udp_flow(range(9))
    return s


def flow_octet_changed():
    """1 flow_faults 1"""
    s = flow_story()
    s.flows = "udp 0a0b0c 5000 abcdef0123456789 300 1 2\n"
    first = bytearray(FLOW(0))
    first[-1] ^= 1
    s.c.protected(s.one, False, 1, udp(1, 2, bytes(first), port=5000))
    s.c.protected(s.one, False, 1, udp(1, 2, FLOW(1), port=5000))
    return s


def flow_tcp():
    """0 -"""
    s = flow_story()
    s.tcp_flow([(0, 10), (10, 400), (10, 400), (300, 700), (700, 1000)])
    return s


def flow_tcp_gap():
    """1 flow_faults 1"""
    s = flow_story()
    s.tcp_flow([(0, 10), (400, 700), (10, 400), (700, 1000)])
    return s


def flow_tcp_short():
    """1 flow_faults 1"""
    s = flow_story()
    s.tcp_flow([(0, 10), (10, 999)])
    return s


def flow_tcp_octet_changed():
    """1 flow_faults 2"""
    s = flow_story()
    s.tcp_flow([(0, 10)], n=20)
    octets = bytearray(flow_octets(0x42, 0, 20)[10:])
    octets[3] ^= 0x10
    s.c.protected(s.one, False, 1, tcp(0xfffffffb, 0x10, bytes(octets)))
    return s


def nothing():
    """1 -"""
    s = Story()
    s.c.clear(UE_A, UE_B, REQUEST)
    return s


CASES = [f for name, f in list(globals().items())
         if callable(f) and getattr(f, "__doc__", None) and f.__doc__[:2] in ("0 ", "1 ")]


def check_vectors(path):
    with open(path, encoding="utf-8") as f:
        vectors = json.load(f)["algorithms"]
    done = 0
    algorithms = [(f"EEA{n}", EEA[n]) for n in EEA] + [(f"EIA{n}", EIA[n]) for n in EIA]
    for name, algorithm in algorithms:
        for v in vectors[name]:
            if v["length_bits"] % 8:
                continue
            data, want = (bytes.fromhex(v[k]) for k in ("input", "output"))
            got = algorithm(bytes.fromhex(v["key"]), int(v["count"], 16), v["bearer"],
                            v["direction"], data[:v["length_bits"] // 8])
            if got != want:
                sys.exit(f"{name}, COUNT {v['count']}: {got.hex()} is not {want.hex()}")
            done += 1
    if not done:
        sys.exit(f"{path}: no vectors of whole octets")
    print(f"{done} vectors")


def main():
    if sys.argv[1:] == ["--list"]:
        for f in CASES:
            print(f.__name__, f.__doc__)
        return
    if len(sys.argv) == 3 and sys.argv[1] == "--vectors":
        check_vectors(sys.argv[2])
        return
    if len(sys.argv) != 3 or sys.argv[1] not in {f.__name__ for f in CASES}:
        sys.exit("usage: frames.py CASE DIRECTORY | --list | --vectors FILE")
    story, where = globals()[sys.argv[1]](), sys.argv[2]
    story.c.packets.sort(key=lambda p: p[0])
    story.c.write(f"{where}/capture.pcap")
    with open(f"{where}/file.bin", "wb") as f:
        f.write(story.file)
    with open(f"{where}/flows", "w", encoding="ascii") as f:
        f.write(story.flows)
    with open(f"{where}/expected", "w", encoding="ascii") as f:
        f.write(f"{story.c.n_protected} decoded, {story.c.n_macs} MACs verified,")
    for name in ("ue1.log", "ue2.log"):
        with open(f"{where}/{name}", "w", encoding="ascii") as f:
            f.write("# by hand\n" + "".join(x.log() for x in story.sessions))


if __name__ == "__main__":
    main()
