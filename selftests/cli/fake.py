#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A prosed that says what it is told to, for tests of what prose makes of it.

usage: fake.py SOCKET ANSWERS

ANSWERS is a file of JSON: the result of each command by its name, or, for one that is refused,
an object with a member "refused", the message. "events" is a list: what follows a subscribe. The
file is read anew for each request. "growing" adds so many octets to the counters of every peer
with each show. Prints a line when it listens.
"""

import json
import os
import socketserver
import sys


class Client(socketserver.StreamRequestHandler):
    shows = 0

    def say(self, value):
        self.wfile.write(json.dumps(value).encode() + b'\n')

    def handle(self):
        for line in self.rfile:
            with open(sys.argv[2], encoding='utf-8') as file:
                answers = json.load(file)
            command = json.loads(line)['command']
            result = answers.get(command)
            if isinstance(result, dict) and 'refused' in result:
                self.say({'ok': False, 'error': {'code': 'refused', 'message': result['refused']}})
                continue
            if command == 'show':
                for peer in result.get('peers', []):
                    for name in 'rx_bytes', 'tx_bytes':
                        if name in peer:
                            peer[name] += answers.get('growing', 0) * Client.shows
                Client.shows += 1
            self.say({'ok': True, 'result': result})
            if command == 'subscribe':
                for event in answers.get('events', []):
                    self.say(event)


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


if os.path.exists(sys.argv[1]):
    os.unlink(sys.argv[1])
with Server(sys.argv[1], Client) as server:
    print('listening', flush=True)
    server.serve_forever()
