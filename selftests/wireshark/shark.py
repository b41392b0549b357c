# SPDX-License-Identifier: MIT
"""tshark with the dissector, for measure.py and judge.py."""

import os
import shutil
import struct
import subprocess
import tempfile

PLUGIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../userspace/wireshark/prose.lua")

NOBODY = 65534

# Why a receiver would discard a frame, or the message in it.
REFUSALS = ["pc5s.malformed", "pc5s.reserved_value", "prose.malformed", "prose.reserved_value"]


class Wrong(Exception):
    pass


def capture(frames, path, link_type=1):
    """Octets, or octets and the length they had on the wire."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link_type))
        for i, frame in enumerate(frames):
            octets, wire = frame if isinstance(frame, tuple) else (frame, len(frame))
            f.write(struct.pack("<IIII", 1700000000 + i // 1000, i % 1000 * 1000, len(octets), wire))
            f.write(octets)


def run(path, *options):
    """
    What tshark prints of a capture. It finds the dissector where a user puts it. Another that is
    installed for all must not be in its way; but root's tshark does not let itself be told where to
    look, so it is nobody's then.
    """
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        plugins = os.path.join(home, ".local/lib/wireshark/plugins")
        os.makedirs(plugins)
        shutil.copy(PLUGIN, plugins)
        copy = os.path.join(home, "capture")
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o644)
        env = os.environ | {"WIRESHARK_PLUGIN_DIR": os.path.join(home, "none"), "HOME": home,
                            "XDG_CONFIG_HOME": home, "LC_ALL": "C.UTF-8"}
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        said = subprocess.run(["tshark", "-r", copy, *options], capture_output=True, text=True,
                              errors="replace", env=env, cwd=home, check=False, **who)
    if said.returncode or said.stderr:
        raise Wrong(f"tshark ended with {said.returncode} and said: {said.stderr.splitlines()[:5]}")
    return said.stdout


def fields_of(path, fields, *options):
    """What tshark shows of each frame: a dict of these fields."""
    fields = ["frame.number", "_ws.malformed", "_ws.lua.error", *fields]
    words = [word for field in fields for word in ("-e", field)]
    said = run(path, "-T", "fields", "-E", "separator=|", *words, *options)
    return [dict(zip(fields, line.split("|"))) for line in said.splitlines()]


def must_stand(shown):
    """No frame may make the dissector fail, which Wireshark shows as an error of Lua's."""
    for seen in shown:
        if seen["_ws.lua.error"]:
            raise Wrong(f"frame {seen['frame.number']}: the dissector fell over")
    return shown


def dissect(frames, fields, *options, link_type=1):
    """A capture of these frames dissected."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "capture.pcap")
        capture(frames, path, link_type)
        shown = must_stand(fields_of(path, fields, *options))
    if len(shown) != len(frames):
        raise Wrong(f"{len(frames)} frames, but tshark shows {len(shown)}")
    return shown


def compare(shown, wanted, what):
    """Fields of a frame that must be as wanted; "" is a field that must not be there."""
    wrong = {k: (shown.get(k), v) for k, v in wanted.items() if shown.get(k) != v}
    if wrong:
        raise Wrong(f"{what}: " + "; ".join(f"{k} is {a!r} and should be {b!r}" for k, (a, b) in
                                            wrong.items()))
