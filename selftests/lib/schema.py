#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold JSON against a schema.

usage: schema.py [--lines] SCHEMA

Reads one JSON value, or with --lines one a line, from standard input. What the schema does not
name is an error here, though readers are to pass over it: a member that nobody described is
found by this. The exit status is 1, with a line for each error, when something does not fit.
"""

import json
import sys

import jsonschema


def strict(schema):
    """The schema, without members that it does not name."""
    if isinstance(schema, dict):
        schema = {name: strict(value) for name, value in schema.items()}
        if 'properties' in schema and schema.get('type') == 'object':
            schema.setdefault('additionalProperties', False)
    elif isinstance(schema, list):
        schema = [strict(value) for value in schema]
    return schema


def main():
    lines = '--lines' in sys.argv
    with open(sys.argv[-1], encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(strict(schema))
    text = sys.stdin.read()
    values = [json.loads(part) for part in (text.splitlines() if lines else [text])]
    errors = [error for value in values for error in validator.iter_errors(value)]
    for error in errors:
        print(f'{error.json_path}: {error.message}')
    if not values:
        print('there is nothing to hold against the schema')
    return 1 if errors or not values else 0


if __name__ == '__main__':
    sys.exit(main())
