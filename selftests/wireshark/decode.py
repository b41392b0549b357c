#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Measures `prose decode`: captures made by hand (../decode/frames.py, which shares nothing with the
# product), what it counts compared with the independent decoder, what it writes with what was sent.
#
# Usage: decode.py CASE PRODUCT DECODER   the programs prose-decode and decode
#        decode.py --list

import json
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../decode"))
import frames  # noqa: E402
from shark import REFUSALS, Wrong, capture, compare, fields_of, must_stand  # noqa: E402

# More is opened here than there: HFNs are looked for, and what is inside is not judged.
MORE = {
    "beyond_window_edge": 1, "wrong_hfn": 1, "wrong_cipher_bit_without_integrity": 1,
    "command_other_algorithms": 1, "command_other_id": 1, "signalling_unknown": 1, "data_not_ip": 1,
    "data_checksum_wrong": 1, "data_longer_than_packet": 1, "other_lcid": 1,
}


class Folder:
    """A story as files."""

    def __init__(self, where, story):
        self.where = where
        story.c.packets.sort(key=lambda packet: packet[0])
        self.capture = f"{where}/capture.pcap"
        self.log = f"{where}/keys"
        self.out = f"{where}/out.pcap"
        story.c.write(self.capture)
        with open(self.log, "w", encoding="ascii") as f:
            f.write("# by hand\n" + "".join(session.log() for session in story.sessions))

    def decode(self, *options, out=True, capture=None, status=0):
        """The counts; the exit status must be as given."""
        words = [PRODUCT, "-k", self.log, "-j", *options, capture or self.capture]
        said = subprocess.run(words + ([self.out] if out else []), capture_output=True, text=True,
                              check=False)
        if said.returncode != status:
            raise Wrong(f"exit status {said.returncode}, not {status}: {said.stderr}{said.stdout}")
        return json.loads(said.stdout)


def packets(path, link_type=101):
    """Octets of each packet of a pcap file with nanoseconds."""
    with open(path, "rb") as f:
        magic, *_, kind = struct.unpack("<IHHiIII", f.read(24))
        if magic != 0xa1b23c4d or kind != link_type:
            raise Wrong(f"{path}: magic {magic:x}, link type {kind}")
        while head := f.read(16):
            yield f.read(struct.unpack("<IIII", head)[2])


def whole(**options):
    return frames.Story(**options).whole()


def want(counts, **wanted):
    wrong = {k: (counts[k], v) for k, v in wanted.items() if counts[k] != v}
    if wrong:
        raise Wrong(f"got and wanted: {wrong}")


# --- cases


def as_the_independent_decoder():
    """Every story of that decoder's own test: what it opens is opened."""
    done = 0
    for case in frames.CASES:
        name, options = case.__name__, case.__doc__.split()[3:]
        carrier = [word for word in options if word not in ("--exclusive",)]
        if not any(word == "--udp-port" for word in carrier):
            ours = ["--udp-port", "0"]
        else:
            ours = carrier[carrier.index("--udp-port"):][:2]
        with tempfile.TemporaryDirectory() as where:
            folder = Folder(where, case())
            report = f"{where}/report"
            subprocess.run([DECODER, "--key-log", folder.log, "--json", report, *ours[:2 * (ours[1] != "0")],
                            folder.capture], capture_output=True, check=False)
            with open(report, encoding="utf-8") as f:
                theirs = json.load(f)
            said = subprocess.run([PRODUCT, "-k", folder.log, "-j", *ours, folder.capture],
                                  capture_output=True, text=True, check=False)
            counts = json.loads(said.stdout)
        opened = counts["verified"] + counts["without_mac"]
        if opened != theirs["decoded"] + MORE.get(name, 0):
            raise Wrong(f"{name}: {opened} opened, the independent decoder opened {theirs['decoded']}")
        faults = [counts[k] for k in ("mac_failures", "unknown_keys", "malformed", "cut", "fragments")]
        if said.returncode != int(any(faults) or not counts["carrier"]):
            raise Wrong(f"{name}: exit status {said.returncode} with {counts}")
        done += opened
    if done < 1000:
        raise Wrong(f"no more than {done} frames were opened in all of them")


def user_data_is_what_was_sent():
    """Under each algorithm and on each carrier, the packets are those that were sent."""
    kinds = [{"eea": eea, "eia": eia} for eea in range(4) for eia in range(1, 4)]
    kinds += [{"integrity": 0, "eea": eea} for eea in range(4)] + [{"profile": "sess-id"}]
    for options in kinds:
        for carrier in ("link", "udp4", "udp6"):
            story = frames.Story(**options)
            story.c.carrier = carrier
            story.whole()
            with tempfile.TemporaryDirectory() as where:
                folder = Folder(where, story)
                counts = folder.decode("--packets")
                sent = b"".join(packet[28:] for packet in packets(folder.out)
                                if packet[0] == 0x45 and packet[12:16] == b"\x0a\0\0\1")
            want(counts, verified=story.c.n_macs, without_mac=story.c.n_protected - story.c.n_macs)
            if sent != story.file[:800] + story.file[1000:1800]:
                raise Wrong(f"{options} {carrier}: {len(sent)} octets of user data are not what was sent")


def wireshark_shows_it():
    """What is written for Wireshark: the same frames, all of them understood, nothing ciphered."""
    for carrier in ("link", "udp4", "udp6"):
        story = frames.Story(eea=3, eia=1)
        story.c.carrier = carrier
        story.whole()
        story.c.carrier = "link"
        story.c.frame(frames.UE_A, frames.UE_B, 1, b"foreign", ethertype=0x88b7)
        with tempfile.TemporaryDirectory() as where:
            folder = Folder(where, story)
            folder.decode()
            fields = ["prose.ciphered", "prose.verdict", "prose.count", "prose.direction",
                      "prose.eea", "prose.eia", "pc5s.type", "udp.dstport", "frame.time_epoch", "prose.lcid",
                      "frame.protocols", *REFUSALS]
            shown = must_stand(fields_of(folder.out, fields))
        if len(shown) != len(story.c.packets):
            raise Wrong(f"{len(shown)} frames of {len(story.c.packets)}")
        if "prose_clear" not in shown[0]["frame.protocols"] or "prose:" in shown[-1]["frame.protocols"]:
            raise Wrong(f"layers: {shown[0]} {shown[-1]}")
        for number, (seen, (when, _)) in enumerate(zip(shown[:-1], story.c.packets), 1):
            what = f"{carrier}, frame {number}"
            protected = seen["prose.lcid"] != "28"
            # The container of the story, in its second frame, is none.
            if number != 2:
                compare(seen, dict.fromkeys(["_ws.malformed", "prose.ciphered", *REFUSALS], ""), what)
            micro = round(when * 1e6)
            compare(seen, {"frame.time_epoch": f"{micro // 10 ** 6}.{micro % 10 ** 6:06d}000", "prose.verdict": "1" if protected else "",
                           "prose.eea": "3" if protected else "", "prose.eia": "1" if protected else ""}, what)
            is_data = seen["prose.lcid"] == "1"
            if is_data != ("4001" in seen["udp.dstport"]) or is_data != (seen["pc5s.type"] == ""):
                raise Wrong(f"{what}: user data or signalling is not shown: {seen}")
        types = [seen["pc5s.type"] for seen in shown if seen["pc5s.type"]]
        if types != ["1", "240", "12", "13", "2", "15", "12", "13", "16", "4", "6", "7"]:
            raise Wrong(f"{carrier}: messages {types}")
        counts = [seen["prose.count"] for seen in shown if seen["prose.lcid"] == "1"]
        if counts[:8] != [str(1 + i // 2) for i in range(8)]:
            raise Wrong(f"{carrier}: COUNTs {counts}")


def verdicts():
    """A wrong MAC-I, an unknown key and what is malformed are shown as that."""
    for case, name, verdict in (("wrong_mac_bit", "prose.mac_wrong", "3"), ("unknown_id", "prose.no_key", "4"),
                                ("reserved_version", "prose.reserved_value", "")):
        with tempfile.TemporaryDirectory() as where:
            folder = Folder(where, getattr(frames, case)())
            folder.decode(status=1)
            shown = fields_of(folder.out, ["prose.verdict", name])
        marked = [seen for seen in shown if seen[name]]
        if len(marked) != 1 or marked[0]["prose.verdict"] != verdict:
            raise Wrong(f"{case}: {marked}")


def a_capture_that_begins_late():
    """HFNs are found where the capture has nothing to go by, and behind a gap."""
    for eia in (1, 2, 3):
        story = frames.Story(eia=eia)
        for count in (5 * 65536 + 7, 5 * 65536 + 8, 7 * 65536 + 3, 7 * 65536 + 2):
            story.c.protected(story.one, False, 1, frames.udp(1, 2, b"late"), count=count)
        with tempfile.TemporaryDirectory() as where:
            want(Folder(where, story).decode(), verified=4, mac_failures=0)
    # Noise under that ID ends the search, not the program.
    story = whole()
    for sn in range(3000):
        pdu = struct.pack(">BHH", 0, story.one.id, sn) + random.Random(sn).randbytes(60)
        story.c.frame(frames.UE_A, frames.UE_B, 5, pdu)
    with tempfile.TemporaryDirectory() as where:
        want(Folder(where, story).decode(status=1), verified=27, mac_failures=3000)


def link_types():
    """Frames behind other headers than Ethernet's: tcpdump -i any, a VLAN, bare IP."""
    ways = {
        "vlan": (1, lambda octets: octets[:12] + b"\x81\0\0\7" + octets[12:]),
        "two vlans": (1, lambda octets: octets[:12] + b"\x88\xa8\0\7\x81\0\0\7" + octets[12:]),
        "sll": (113, lambda octets: b"\0\0\0\1\0\6" + octets[6:12] + b"\0\0" + octets[12:]),
        "sll2": (276, lambda octets: octets[12:14] + bytes(6) + b"\0\1\0\6" + octets[6:12] + b"\0\0" +
                 octets[14:]),
        "raw": (101, lambda octets: octets[14:]),
    }
    for name, (link_type, change) in ways.items():
        for carrier in ("udp4", "udp6") + (("link",) if name != "raw" else ()):
            story = frames.Story()
            story.c.carrier = carrier
            story.whole()
            with tempfile.TemporaryDirectory() as where:
                folder = Folder(where, story)
                capture([change(octets) for _, octets in story.c.packets], folder.capture, link_type)
                want(folder.decode(), verified=story.c.n_macs, unprotected=2)
                shown = fields_of(folder.out, ["prose.verdict"])
            if [seen["prose.verdict"] for seen in shown].count("1") != story.c.n_macs:
                raise Wrong(f"{name}, {carrier}: Wireshark does not find the frames")


def files():
    """Output is for its owner alone; what cannot be read or written is said with its cure."""
    with tempfile.TemporaryDirectory() as where:
        folder = Folder(where, whole())
        folder.decode()
        if os.stat(folder.out).st_mode & 0o777 != 0o600:
            raise Wrong("others may read what was deciphered")
        piped = subprocess.run([PRODUCT, "-k", folder.log, folder.capture, "-"], capture_output=True,
                               check=False)
        with open(folder.out, "rb") as f:
            if piped.returncode or piped.stdout != f.read() or b"MAC-I verified" not in piped.stderr:
                raise Wrong("standard output has something else than a file")
        with open(f"{where}/bad", "w", encoding="ascii") as f:
            f.write("# a log\nPROSE_SESSION 0a0b0c 1d1e1f 1234 2 2 1 hfn 00\n")
        with open(folder.capture, "rb") as f:
            octets = f.read()
        with open(f"{where}/cut.pcap", "wb") as f:
            f.write(octets[:-3])
        with open(f"{where}/none.pcap", "wb") as f:
            f.write(octets[:24])
        log, good = ["-k", folder.log], folder.capture
        refusals = [
            (2, "no key log given", [good]), (2, "name a capture", log), (2, "usage", [*log, good, "x", "y"]),
            (2, "is not between", [*log, "--ethertype", "5", good]),
            (2, "is not between", [*log, "--udp-port", "65536", good]), (2, "usage", ["--unknown"]),
            (2, "is the capture that is read", [*log, good, good]),
            (1, "none: ", ["-k", f"{where}/none", good]), (1, "bad:2: word 9", ["-k", f"{where}/bad", good]),
            (1, "No such file", [*log, f"{where}/x"]), (1, "format", [*log, folder.log]),
            (1, "frame 29: truncated", [*log, f"{where}/cut.pcap"]),
            (1, "no frame of a carrier", [*log, f"{where}/none.pcap"]),
            (1, "No such file", [*log, good, f"{where}/none/out"]),
            (1, "No space left", [*log, good, "/dev/full"]),
        ]
        for status, words, arguments in refusals:
            said = subprocess.run([PRODUCT, *arguments], capture_output=True, text=True, check=False)
            if said.returncode != status or words not in said.stderr:
                raise Wrong(f"{arguments}: exit status {said.returncode}, {said.stderr!r}")
        with open(good, "rb") as f:
            if f.read() != octets:
                raise Wrong("a refused call changed the capture")


def noise():
    """Whatever comes, it is read to its end."""
    draw = random.Random(33833)
    story = frames.Story()
    for carrier in ("link", "udp4", "udp6"):
        story.c.carrier = carrier
        story.data(story.one)
        story.setup(pad=True)
    start = [octets for _, octets in story.c.packets]
    for _ in range(20000):
        octets = bytearray(draw.choice(start))
        for _ in range(draw.randrange(1, 4)):
            octets[draw.randrange(12, len(octets))] = draw.randrange(256)
        if draw.random() < 0.3:
            octets = octets[:draw.randrange(len(octets))]
        story.c.raw(bytes(octets))
    with tempfile.TemporaryDirectory() as where:
        counts = Folder(where, story).decode(status=1)
    if counts["frames"] != 20000 + len(start) or counts["malformed"] < 1000 or counts["mac_failures"] < 1000:
        raise Wrong(f"{counts}")


CASES = [as_the_independent_decoder, user_data_is_what_was_sent, wireshark_shows_it, verdicts,
         a_capture_that_begins_late, link_types, files, noise]

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(case.__name__ for case in CASES))
        sys.exit(0)
    PRODUCT, DECODER = sys.argv[2:]
    try:
        {case.__name__: case for case in CASES}[sys.argv[1]]()
    except Wrong as wrong:
        print(wrong)
        sys.exit(1)
