#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Was every frame of a capture understood by the dissector? Prints counts; exit status 0 only if there
# were frames of a carrier, none that it calls malformed or reserved, and it made no error itself.
#
# Usage: judge.py [--json FILE] CAPTURE...

import json
import sys

sys.dont_write_bytecode = True
from shark import REFUSALS, Wrong, fields_of  # noqa: E402

COUNTS = ["frames", "on_the_carrier", "signalling_shown", "ciphered", "user_data_shown", "malformed",
          "refused", "cut", "lua_errors", "understood"]


def judge(path):
    sums = dict.fromkeys(COUNTS, 0)
    fields = ["frame.protocols", "prose.ciphered", "prose.no_key", "prose.cut", *REFUSALS]
    for frame in fields_of(path, fields):
        sums["frames"] += 1
        sums["lua_errors"] += bool(frame["_ws.lua.error"])
        protocols = frame["frame.protocols"].split(":")
        if "prose" not in protocols:
            continue
        sums["on_the_carrier"] += 1
        # What fails in the middle has layers and fields too.
        if frame["_ws.lua.error"]:
            continue
        refused = any(frame[name] for name in REFUSALS)
        sums["malformed"] += bool(frame["_ws.malformed"])
        sums["refused"] += refused
        sums["cut"] += bool(frame["prose.cut"])
        inside = protocols[protocols.index("prose") + 1:]
        sums["signalling_shown"] += "pc5s" in inside
        sums["user_data_shown"] += inside[:1] in (["ip"], ["ipv6"])
        sums["ciphered"] += bool(frame["prose.ciphered"] or frame["prose.no_key"])
        if not (refused or frame["_ws.malformed"] or frame["prose.cut"]) and (
                inside or frame["prose.ciphered"] or frame["prose.no_key"]):
            sums["understood"] += 1
    return sums


def main(arguments):
    report = None
    if arguments[:1] == ["--json"]:
        report, arguments = arguments[1], arguments[2:]
    good, results = True, {}
    for path in arguments:
        try:
            sums = judge(path)
        except Wrong as wrong:
            print(f"{path}: {wrong}", file=sys.stderr)
            return 2
        results[path] = sums
        print(f"{path}: " + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in sums.items()))
        good = good and 0 < sums["on_the_carrier"] == sums["understood"] and not sums["lua_errors"]
    if report:
        with open(report, "w", encoding="utf-8") as f:
            json.dump(results[arguments[0]] if len(results) == 1 else results, f, indent=2)
            f.write("\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
