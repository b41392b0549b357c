# SPDX-License-Identifier: MIT
"""SNOW 3G and ZUC, for the frames made by hand: slow, and from the standards' definitions."""

import struct

M32 = 0xffffffff


def prefix(count, bearer, direction):
    return struct.pack(">IB3x", count, bearer << 3 | direction << 2)


def rol(x, n):
    return (x << n | x >> (32 - n)) & M32


def times(a, b, poly):
    """In GF(2)[x] / poly, of degree 8."""
    total = 0
    while b:
        if b & 1:
            total ^= a
        a <<= 1
        if a & 0x100:
            a ^= poly
        b >>= 1
    return total


def powers(poly):
    """power(a, n) for the field; by a table of logarithms of any generator."""
    for g in range(2, 256):
        exp = [1]
        while len(exp) < 255:
            exp.append(times(exp[-1], g, poly))
        if len(set(exp)) == 255:
            break
    log = {x: i for i, x in enumerate(exp)}
    return lambda a, n: exp[log[a] * n % 255] if a else 0


def bits(value, columns):
    """The linear map that takes bit i to columns[i]."""
    total = 0
    for i, column in enumerate(columns):
        if value >> i & 1:
            total ^= column
    return total


# --- SNOW 3G, TS 35.216

AES = powers(0x11b)
SR = [bits(AES(x, 254), [0x1f << i & 0xff | 0x1f << i >> 8 for i in range(8)]) ^ 0x63
      for x in range(256)]
DICKSON = powers(0x169)
SQ = [0x25 ^ DICKSON(x, 1) ^ DICKSON(x, 9) ^ DICKSON(x, 13) ^ DICKSON(x, 15) ^ DICKSON(x, 33) ^
      DICKSON(x, 41) ^ DICKSON(x, 45) ^ DICKSON(x, 47) ^ DICKSON(x, 49) for x in range(256)]


def mulx_pow(v, n):
    for _ in range(n):
        v = times(v, 2, 0x1a9)
    return v


MUL_ALPHA = [sum(mulx_pow(c, n) << s for n, s in ((23, 24), (245, 16), (48, 8), (239, 0)))
             for c in range(256)]
DIV_ALPHA = [sum(mulx_pow(c, n) << s for n, s in ((16, 24), (39, 16), (6, 8), (64, 0)))
             for c in range(256)]


def mix(w, box, poly):
    b = [box[x] for x in w.to_bytes(4, "big")]
    return int.from_bytes(bytes(
        times(b[i], 2, poly) ^ times(b[i - 1], 3, poly) ^ b[i - 2] ^ b[i - 3]
        for i in range(4)), "big")


def snow3g(key, iv):
    """The words of the key stream, without end; iv is IV0 to IV3."""
    k = struct.unpack(">4I", key)[::-1]
    s = [x ^ M32 for x in k] + list(k) + [x ^ M32 for x in k] + list(k)
    for place, word in ((15, iv[0]), (12, iv[1]), (10, iv[2]), (9, iv[3])):
        s[place] ^= word
    r1 = r2 = r3 = 0
    clocks = 0
    while True:
        f = (s[15] + r1 & M32) ^ r2
        r1, r2, r3 = r2 + (r3 ^ s[5]) & M32, mix(r1, SR, 0x11b), mix(r2, SQ, 0x169)
        if clocks > 32:
            yield f ^ s[0]
        v = (s[0] << 8 & M32) ^ MUL_ALPHA[s[0] >> 24] ^ s[2] ^ s[11] >> 8 ^ DIV_ALPHA[s[11] & 255]
        s = s[1:] + [v ^ (f if clocks < 32 else 0)]
        clocks += 1


# --- ZUC, TS 35.222

P1 = (9, 15, 0, 14, 15, 15, 2, 10, 0, 4, 0, 12, 7, 5, 3, 9)
P2 = (8, 13, 6, 5, 7, 0, 12, 4, 11, 1, 14, 10, 15, 3, 9, 2)
P3 = (2, 6, 10, 6, 0, 13, 10, 15, 3, 3, 13, 5, 0, 9, 12, 13)
ZUC_FIELD = powers(0x18b)
D = (0x44d7, 0x26bc, 0x626b, 0x135e, 0x5789, 0x35e2, 0x7135, 0x09af,
     0x4d78, 0x2f13, 0x6bc4, 0x1af1, 0x5e26, 0x3c4d, 0x789a, 0x47ac)


def zuc_s0(x):
    lo, hi = x & 15, x >> 4
    hi ^= P1[lo]
    lo ^= P2[hi]
    hi ^= P3[lo]
    x = hi << 4 | lo
    return (x << 5 | x >> 3) & 255


def zuc_s1(x):
    return bits(ZUC_FIELD(x, 254), (0x97, 0x3e, 0x6d, 0xcb, 0xee, 0xdd, 0xbb, 0x77)) ^ 0x55


def zuc_s(x):
    a, b, c, d = x.to_bytes(4, "big")
    return zuc_s0(a) << 24 | zuc_s1(b) << 16 | zuc_s0(c) << 8 | zuc_s1(d)


def zuc(key, iv):
    """The words of the key stream, without end."""
    s = [k << 23 | d << 8 | v for k, d, v in zip(key, D, iv)]
    r1 = r2 = clocks = 0
    while True:
        x = [s[15] >> 15 << 16 | s[14] & 0xffff, (s[11] & 0xffff) << 16 | s[9] >> 15,
             (s[7] & 0xffff) << 16 | s[5] >> 15, (s[2] & 0xffff) << 16 | s[0] >> 15]
        w = (x[0] ^ r1) + r2 & M32
        w1, w2 = r1 + x[1] & M32, r2 ^ x[2]
        u, v = (w1 << 16 | w2 >> 16) & M32, (w2 << 16 | w1 >> 16) & M32
        r1 = zuc_s(u ^ rol(u, 2) ^ rol(u, 10) ^ rol(u, 18) ^ rol(u, 24))
        r2 = zuc_s(v ^ rol(v, 8) ^ rol(v, 14) ^ rol(v, 22) ^ rol(v, 30))
        if clocks > 32:
            yield w ^ x[3]
        new = ((s[15] << 15) + (s[13] << 17) + (s[10] << 21) + (s[4] << 20) + 257 * s[0] +
               (w >> 1 if clocks < 32 else 0)) % 0x7fffffff
        s = s[1:] + [new or 0x7fffffff]
        clocks += 1


# --- what TS 33.401 and TS 35.221 make of them


def add_stream(words, data):
    stream = b"".join(next(words).to_bytes(4, "big") for _ in range((len(data) + 3) // 4))
    return bytes(a ^ b for a, b in zip(data, stream))


def eea1(key, count, bearer, direction, data):
    rest = bearer << 27 | direction << 26
    return add_stream(snow3g(key, (rest, count, rest, count)), data)


def eia1(key, count, bearer, direction, data):
    fresh = bearer << 27
    words = snow3g(key, (fresh ^ direction << 15, count ^ direction << 31, fresh, count))
    z = [next(words) for _ in range(5)]

    def product(a, b):
        total = 0
        for i in range(64):
            if b >> i & 1:
                total ^= a
            a = a << 1 ^ (0x1000000000000001b if a >> 63 else 0)
        return total

    evaluated = 0
    for i in range(0, len(data), 8):
        block = int.from_bytes(data[i:i + 8].ljust(8, b"\0"), "big")
        evaluated = product(evaluated ^ block, z[0] << 32 | z[1])
    evaluated = product(evaluated ^ 8 * len(data), z[2] << 32 | z[3])
    return (evaluated >> 32 ^ z[4]).to_bytes(4, "big")


def eea3(key, count, bearer, direction, data):
    return add_stream(zuc(key, 2 * prefix(count, bearer, direction)), data)


def eia3(key, count, bearer, direction, data):
    half = prefix(count, bearer, 0)
    iv = bytearray(half + half)
    iv[8] ^= direction << 7
    iv[14] ^= direction << 7
    words = zuc(key, iv)
    n = (len(data) + 3) // 4 + 2
    stream = int.from_bytes(b"".join(next(words).to_bytes(4, "big") for _ in range(n)), "big")
    total = stream & M32
    for i in range(8 * len(data) + 1):
        if i == 8 * len(data) or data[i // 8] & 0x80 >> i % 8:
            total ^= stream >> (32 * n - 32 - i) & M32
    return total.to_bytes(4, "big")
