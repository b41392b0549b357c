#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a command on a terminal of its own, and print what it writes there.

usage: terminal.py [--size COLUMNSxLINES] [--send TEXT | --signal NAME] [--until TEXT] COMMAND...

Once the text --until has come, TEXT is typed or the signal sent. Afterwards the exit status is
that of the command; 99 when the terminal is not as it was (echo, lines), 98 when it was not
left within 30 seconds.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

# Written to the terminal when the command has ended. What it had written is on its way for as long as
# the kernel takes to bring it, and all of it has come when this has.
MARK = b'\0--end of the terminal--'


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--size', default='80x24')
    parser.add_argument('--send', default='')
    parser.add_argument('--signal', default='')
    parser.add_argument('--until', default='')
    parser.add_argument('command', nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    columns, lines = map(int, arguments.size.split('x'))
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))
    before = termios.tcgetattr(slave)
    child = os.fork()
    if not child:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in 0, 1, 2:
            os.dup2(slave, number)
        os.closerange(3, 256)
        os.execvp(arguments.command[0], arguments.command)
    output, shown, acted, status, marked = b'', 0, False, None, False
    end = time.monotonic() + 30
    while MARK not in output:
        if time.monotonic() > end:
            if status is None:
                os.kill(child, signal.SIGKILL)
            return 98
        behind = [slave] if status is not None and not marked else []
        readable, writable, _ = select.select([master], behind, [], 0.05)
        if writable:
            os.write(slave, MARK)
            marked = True
        if readable:
            output += os.read(master, 65536)
        if status is None:
            sys.stdout.buffer.write(output[shown:])
            sys.stdout.buffer.flush()
            shown = len(output)
            if not acted and arguments.until.encode() in output:
                acted = True
                os.write(master, arguments.send.encode())
                if arguments.signal:
                    os.kill(child, getattr(signal, 'SIG' + arguments.signal))
            ended, how = os.waitpid(child, os.WNOHANG)
            status = os.waitstatus_to_exitcode(how) if ended else None
    sys.stdout.buffer.write(output[shown:output.index(MARK)])
    return status if termios.tcgetattr(slave) == before else 99


if __name__ == '__main__':
    sys.exit(main())
