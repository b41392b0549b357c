#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Echo requests to many, with one program: a ping for each takes longer than what it asks.

usage: echo.py SECONDS PAYLOAD <PAIRS        until each has answered; 1 if one has not in time
       echo.py --flow RATE PAYLOAD <PAIRS    in turn, so many a second, until SIGTERM and each has been
                                             asked; then it says how many went out and which of them
                                             got no answer

PAIRS are lines "NAMESPACE DESTINATION", the latter an IPv4 address; NAMESPACE - is the present one.
"""

import ctypes
import os
import select
import signal
import socket
import struct
import sys
import time

ANSWER_SECONDS = 10     # at the end of a flow

libc = ctypes.CDLL(None, use_errno=True)


def enter(fd):
    """To another network namespace; a socket stays in that where it was made."""
    if libc.setns(fd, 0):
        sys.exit(f'setns: {os.strerror(ctypes.get_errno())}')
    os.close(fd)


def checksum(octets):
    total = sum(struct.unpack(f'!{len(octets) // 2}H', octets))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


class Echo:
    """A socket in each namespace, and who has answered what."""

    def __init__(self, payload):
        self.payload = payload.encode()
        if len(self.payload) % 2:
            self.payload += b'.'
        self.own = os.getpid() & 0xffff
        self.sockets = {}
        self.sequence = 0
        self.waiting = {}       # pair by sequence number
        self.answered = set()   # pairs
        self.sent = 0
        self.lost = []

    def socket_of(self, namespace):
        if namespace not in self.sockets:
            home = os.open('/proc/self/ns/net', os.O_RDONLY)
            if namespace != '-':
                enter(os.open(f'/run/netns/{namespace}', os.O_RDONLY))
            own = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            enter(home)
            self.sockets[namespace] = own
        return self.sockets[namespace]

    def send(self, pair):
        namespace, destination = pair
        self.sequence = (self.sequence + 1) & 0xffff
        packet = struct.pack('!BBHHH', 8, 0, 0, self.own, self.sequence) + self.payload
        packet = packet[:2] + struct.pack('!H', checksum(packet)) + packet[4:]
        if self.sequence in self.waiting:
            self.lost.append(self.waiting[self.sequence])
        self.waiting[self.sequence] = pair
        self.sent += 1
        try:
            self.socket_of(namespace).sendto(packet, (destination, 0))
        except OSError:
            pass                # a device without carrier: it counts as lost

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select(list(self.sockets.values()), [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                return
            for one in ready:
                packet, address = one.recvfrom(2048)
                packet = packet[(packet[0] & 15) * 4:]
                kind, _, _, own, sequence = struct.unpack('!BBHHH', packet[:8])
                pair = self.waiting.get(sequence)
                if kind == 0 and own == self.own and pair and pair[1] == address[0] \
                        and packet[8:] == self.payload:
                    del self.waiting[sequence]
                    self.answered.add(pair)


def until_all(echo, pairs, seconds):
    end = time.monotonic() + seconds
    while True:
        left = [pair for pair in pairs if pair not in echo.answered]
        if not left:
            return 0
        if time.monotonic() > end:
            print(f'{len(left)} of {len(pairs)} gave no answer: '
                  + ', '.join(f'{ns} {to}' for ns, to in left[:5]))
            return 1
        for i, pair in enumerate(left):
            echo.send(pair)
            if i % 16 == 15:
                echo.receive(0.01)
        echo.receive(1)


def flow(echo, pairs, rate):
    ended = False

    # No exception: it would come between a packet and the note of it, which is then lost.
    def end(_signal, _frame):
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    turn = 0
    while not ended:
        echo.send(pairs[turn % len(pairs)])
        turn += 1
        echo.receive(1 / rate)
    while turn < len(pairs):    # nobody is left out, however soon it was to end
        echo.send(pairs[turn])
        turn += 1
        echo.receive(1 / rate)
    end_at = time.monotonic() + ANSWER_SECONDS
    while echo.waiting and time.monotonic() < end_at:
        echo.receive(0.1)
    lost = echo.lost + list(echo.waiting.values())
    print(f'{echo.sent} sent, {len(lost)} lost'
          + ''.join(f'\n{ns} {to}' for ns, to in lost[:5]))
    return 0


def main():
    pairs = [tuple(line.split()) for line in sys.stdin if line.strip()]
    if len(sys.argv) == 4 and sys.argv[1] == '--flow':
        return flow(Echo(sys.argv[3]), pairs, float(sys.argv[2]))
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    return until_all(Echo(sys.argv[2]), pairs, float(sys.argv[1]))


sys.exit(main())
