#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Read the text format of Prometheus (exposition format 0.0.4), strictly.

usage: metrics.py [NAME[{LABEL="VALUE",...}]]...

Reads standard input. The exit status is 1, with a line that says why, when it is not in the
format, or when a sample that is named is not there. The values of those named are printed.
"""

import re
import sys

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{LABEL}(?:,{LABEL})*)?)\}})? (\S+)')
VALUE = re.compile(r'[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|Inf|NaN)')
TYPES = ('counter', 'gauge', 'histogram', 'summary', 'untyped')


def read(text):
    """Samples by name and labels, as (name, frozenset of pairs)."""
    samples, types, helps, closed = {}, {}, set(), set()
    family = None
    if not text.endswith('\n'):
        raise ValueError('the last line does not end')
    for number, line in enumerate(text.split('\n')[:-1], 1):
        where = f'line {number}: {line!r}: '
        comment = re.fullmatch(rf'# (HELP|TYPE) ({NAME}) (.+)', line)
        if comment:
            kind, name, rest = comment.groups()
            if name != family:
                if name in types or name in helps:
                    raise ValueError(where + 'the family is in two places')
                closed.add(family)
                family = name
            if kind == 'HELP':
                if name in helps or re.search(r'\\(?![\\n])', rest):
                    raise ValueError(where + 'a second HELP, or a lone backslash')
                helps.add(name)
            elif name in types or rest not in TYPES:
                raise ValueError(where + 'a second TYPE, or an unknown one')
            else:
                types[name] = rest
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample or not VALUE.fullmatch(sample.groups()[-1]):
            raise ValueError(where + 'neither HELP, TYPE nor a sample')
        name, labels = sample.group(1), re.findall(LABEL, sample.group(2) or '')
        if name != family or name not in types or name not in helps:
            raise ValueError(where + 'not below HELP and TYPE of its family')
        if len({label for label, _ in labels}) != len(labels):
            raise ValueError(where + 'a label twice')
        if types[name] == 'counter' and (not name.endswith('_total') or
                                         float(sample.groups()[-1]) < 0):
            raise ValueError(where + 'a counter that is not called so, or below 0')
        key = (name, frozenset(labels))
        if key in samples:
            raise ValueError(where + 'the sample is there twice')
        samples[key] = sample.groups()[-1]
    for name in types:
        if not any(key[0] == name for key in samples):
            raise ValueError(f'{name}: no sample')
    return samples


def main():
    try:
        samples = read(sys.stdin.buffer.read().decode('utf-8'))
    except ValueError as error:
        print(error)
        return 1
    if not samples:
        print('no sample at all')
        return 1
    for wanted in sys.argv[1:]:
        name, _, rest = wanted.partition('{')
        labels = set(re.findall(LABEL, rest))
        found = [value for key, value in samples.items() if key[0] == name and labels <= key[1]]
        if len(found) != 1:
            print(f'{wanted}: {len(found)} samples')
            return 1
        print(found[0])
    return 0


if __name__ == '__main__':
    sys.exit(main())
