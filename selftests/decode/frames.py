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


def udp(src, dst, payload):
    src, dst = bytes([10, 0, 0, src]), bytes([10, 0, 0, dst])
    body = struct.pack(">4H", 4000, 4001, 8 + len(payload), 0) + payload
    pseudo = src + dst + struct.pack(">2H", 17, len(body))
    body = body[:6] + struct.pack(">H", checksum(pseudo + body)) + body[8:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, 17, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def udp6(payload):
    src, dst = b"\xfd" + bytes(14) + b"\1", b"\xfd" + bytes(14) + b"\2"
    body = struct.pack(">4H", 4000, 4001, 8 + len(payload), 0) + payload
    pseudo = src + dst + struct.pack(">II", len(body), 17)
    body = body[:6] + struct.pack(">H", checksum(pseudo + body)) + body[8:]
    return struct.pack(">IHBB", 0x6 << 28, len(body), 17, 64) + src + dst + body


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
        self.raw(head + body)

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
    with open(f"{where}/expected", "w", encoding="ascii") as f:
        f.write(f"{story.c.n_protected} decoded, {story.c.n_macs} MACs verified,")
    for name in ("ue1.log", "ue2.log"):
        with open(f"{where}/{name}", "w", encoding="ascii") as f:
            f.write("# by hand\n" + "".join(x.log() for x in story.sessions))


main()
