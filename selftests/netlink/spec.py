#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the kernel sends, compared with netlink/prose.yaml, attribute by attribute.

Makes the kernel send every reply, dump and notification there is, and checks each
attribute in them: it is one the operation lists, its set knows it, its type has the
length the specification gives it, its value is in range. Runs in the namespace of
spec.sh: prose0 over eth0, another prose0 in namespace `there` at the other end.

Numbers of commands and attributes are counted from the specification, not taken from
the header, so a header that was not generated anew shows here too.
"""

import os
import socket
import struct
import subprocess
import sys
import time

import yaml

# The selftests: in the tree, linked into a kernel's, or installed.
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def specification():
    """prose.yaml: the tree's, or the one that was installed with the tests."""
    for path in (f'{ROOT}/../netlink/prose.yaml', f'{ROOT}/prose.yaml'):
        if os.path.exists(path):
            return path
    raise FileNotFoundError(f'prose.yaml is not at {ROOT}; install the selftests anew')

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
NLM_F_EXCL, NLM_F_CREATE = 0x200, 0x400
NETLINK_ROUTE, NETLINK_GENERIC = 0, 16
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA = 3, 18, 1, 2
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 1, 10, 11

SIZES = {'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 'flag': 0}


class Spec:
    """The specification with numbers for its names."""

    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.yml = yaml.safe_load(file)
        self.consts = {}
        self.enums = {}
        for one in self.yml['definitions']:
            if one['type'] == 'const':
                self.consts[one['name']] = one['value']
            else:
                start = one.get('value-start', 0)
                names = [e if isinstance(e, str) else e['name'] for e in one['entries']]
                self.enums[one['name']] = {n: start + i for i, n in enumerate(names)}
        self.sets = {}
        for one in self.yml['attribute-sets']:
            if 'subset-of' in one:
                continue
            self.sets[one['name']] = {i: a for i, a in enumerate(one['attributes'], 1)}
        self.ops = {i: op for i, op in enumerate(self.yml['operations']['list'], 1)}
        self.cmds = {op['name']: i for i, op in self.ops.items()}

    def number(self, value):
        return self.consts.get(value, value)

    def attr(self, set_name, name):
        for number, attr in self.sets[set_name].items():
            if attr['name'] == name:
                return number
        raise KeyError(f'{set_name}.{name}')

    def listed(self, cmd, kind):
        """Attributes that a reply, dump or event of an operation may have at the top."""
        op = self.ops[cmd]
        if 'event' in op:
            return op['event']['attributes']
        if 'notify' in op:
            op = self.ops[self.cmds[op['notify']]]
            kind = 'do'
        return op[kind]['reply']['attributes']


class Failure(Exception):
    """Not as the specification says."""


class Skip(Exception):
    """Cannot be said here."""


def attrs(data):
    """(type, payload) of each attribute; the lengths have to add up."""
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise Failure(f'{len(data) - at} octets after the last attribute')
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4 or at + length > len(data):
            raise Failure(f'attribute of {length} octets in {len(data) - at}')
        yield kind, data[at + 4:at + length]
        at += (length + 3) & ~3


def attr(kind, payload):
    return struct.pack('=HH', 4 + len(payload), kind) + payload + b'\0' * (-len(payload) % 4)


class Checker:
    """Checks messages and remembers what was seen."""

    def __init__(self, spec):
        self.spec = spec
        self.seen = set()

    def value(self, path, attribute, payload):
        kind, checks = attribute['type'], attribute.get('checks', {})
        if kind in SIZES and len(payload) != SIZES[kind]:
            raise Failure(f'{path}: {len(payload)} octets, a {kind} has {SIZES[kind]}')
        if kind in ('u8', 'u16', 'u32', 'u64'):
            order = '>' if attribute.get('byte-order') == 'big-endian' else '='
            number = struct.unpack(order + {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}[len(payload)],
                                   payload)[0]
            if number < self.spec.number(checks.get('min', 0)):
                raise Failure(f'{path}: {number} is below its least value')
            if 'max' in checks and number > self.spec.number(checks['max']):
                raise Failure(f'{path}: {number} is above its greatest value')
            if 'enum' in attribute and number not in self.spec.enums[attribute['enum']].values():
                raise Failure(f'{path}: {number} is not in enum {attribute["enum"]}')
        elif kind == 'binary':
            if 'exact-len' in checks and len(payload) != self.spec.number(checks['exact-len']):
                raise Failure(f'{path}: {len(payload)} octets')
            if 'max-len' in checks and len(payload) > self.spec.number(checks['max-len']):
                raise Failure(f'{path}: {len(payload)} octets')
        elif kind == 'string':
            if not payload.endswith(b'\0') or b'\0' in payload[:-1]:
                raise Failure(f'{path}: not one terminated string')
        elif kind not in SIZES:
            raise Failure(f'{path}: what a {kind} looks like is not known here')

    def nest(self, path, set_name, data, listed=None):
        once = set()
        for kind, payload in attrs(data):
            number, nested = kind & 0x3fff, bool(kind & 0x8000)
            attribute = self.spec.sets[set_name].get(number)
            if not attribute:
                raise Failure(f'{path}: attribute {number} is not in set {set_name}')
            here = f'{path}.{attribute["name"]}'
            if attribute['type'] == 'pad':
                continue
            if listed is not None and attribute['name'] not in listed:
                raise Failure(f'{here}: the operation does not list it')
            if number in once and not attribute.get('multi-attr'):
                raise Failure(f'{here}: twice')
            once.add(number)
            self.seen.add(f'{set_name}.{attribute["name"]}')
            if 'Set only' in attribute.get('doc', ''):
                raise Failure(f'{here}: goes in and never comes out')
            if (attribute['type'] == 'nest') != nested:
                raise Failure(f'{here}: NLA_F_NESTED is {"there" if nested else "missing"}')
            if attribute['type'] == 'nest':
                self.nest(here, attribute['nested-attributes'], payload)
            else:
                self.value(here, attribute, payload)
        return once

    def message(self, data, kind):
        """data: generic netlink header and attributes."""
        cmd, version = struct.unpack_from('=BB', data)
        if cmd not in self.spec.ops:
            raise Failure(f'command {cmd} is not in the specification')
        if version != 1:
            raise Failure(f'version {version}')
        name = self.spec.ops[cmd]['name']
        self.seen.add(f'{kind} {name}')
        listed = self.spec.listed(cmd, kind)
        there = self.nest(name, 'message', data[4:], listed)
        if 'ifindex' in listed and self.spec.attr('message', 'ifindex') not in there:
            raise Failure(f'{name}: ifindex is missing')
        return name


class Netlink:
    """A socket, in a namespace if one is named."""

    def __init__(self, checker, netns=None):
        self.checker, self.spec = checker, checker.spec
        self.seq = 0
        here = os.open('/proc/self/ns/net', os.O_RDONLY)
        if netns:
            self.enter(f'/run/netns/{netns}')
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        if netns:
            self.enter(f'/proc/self/fd/{here}')
        os.close(here)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.settimeout(20)
        self.events = []
        self.family, self.group = self.find()

    @staticmethod
    def enter(path):
        import ctypes
        fd = os.open(path, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000):
            raise OSError(ctypes.get_errno(), path)
        os.close(fd)

    def find(self):
        self.family = None
        data = struct.pack('=BBH', CTRL_CMD_GETFAMILY, 1, 0) + attr(2, b'prose\0')
        family = group = None
        for message in self.talk(GENL_ID_CTRL, data, 0):
            for kind, payload in attrs(message[4:]):
                if kind == 1:
                    family = struct.unpack('=H', payload)[0]
                if kind & 0x3fff == 7:
                    for _, one in attrs(payload):
                        fields = dict(attrs(one))
                        if fields[1] == b'events\0':
                            group = struct.unpack('=I', fields[2])[0]
        return family, group

    def subscribe(self):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.group)

    def messages(self):
        data = self.sock.recv(65536)
        while data:
            length, kind, flags, seq, _ = struct.unpack_from('=IHHII', data)
            yield kind, flags, seq, data[16:length]
            data = data[(length + 3) & ~3:]

    def talk(self, family, data, flags):
        self.seq += 1
        self.sock.send(struct.pack('=IHHII', 16 + len(data), family,
                                   NLM_F_REQUEST | NLM_F_ACK | flags, self.seq, 0) + data)
        out = []
        while True:
            for kind, _, seq, payload in self.messages():
                if kind == self.family and seq != self.seq:
                    self.events.append(payload)
                elif seq != self.seq:
                    continue
                elif kind == NLMSG_ERROR:
                    error = -struct.unpack_from('=i', payload)[0]
                    if error:
                        raise OSError(error, os.strerror(error))
                    return out
                elif kind == NLMSG_DONE:
                    return out
                else:
                    out.append(payload)

    def request(self, op, flags=0, **fields):
        """Sends a request and checks all of its answer."""
        data = struct.pack('=BBH', self.spec.cmds[op], 1, 0) + self.encode('message', fields)
        answer = self.talk(self.family, data, flags)
        for one in answer:
            self.checker.message(one, 'dump' if flags & NLM_F_DUMP else 'do')
        return answer

    def encode(self, set_name, fields):
        out = b''
        for name, value in fields.items():
            number = self.spec.attr(set_name, name.replace('_', '-'))
            attribute = self.spec.sets[set_name][number]
            for one in value if isinstance(value, list) else [value]:
                if attribute['type'] == 'nest':
                    out += attr(number | 0x8000, self.encode(attribute['nested-attributes'], one))
                    continue
                if isinstance(one, bool):
                    if one:
                        out += attr(number, b'')
                    continue
                if isinstance(one, int):
                    order = '>' if attribute.get('byte-order') == 'big-endian' else '='
                    one = struct.pack(order + {'u8': 'B', 'u16': 'H', 'u32': 'I'}[attribute['type']],
                                      one)
                out += attr(number, one)
        return out

    def wait(self, name, seconds=20):
        """The next event of this name, checked like all that came before it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while self.events:
                if self.checker.message(self.events.pop(0), 'event') == name:
                    return True
            try:
                self.sock.settimeout(max(0.01, end - time.monotonic()))
                for kind, _, _, payload in self.messages():
                    if kind == self.family:
                        self.events.append(payload)
            except socket.timeout:
                pass
            finally:
                self.sock.settimeout(20)
        raise Failure(f'no {name} came')


class Results:
    """KTAP."""

    def __init__(self, planned):
        print('KTAP version 1', flush=True)
        print(f'1..{planned}', flush=True)
        self.n = self.failed = self.skipped = 0

    def run(self, name, test):
        self.n += 1
        try:
            test()
            verdict = 'ok'
        except Skip as why:
            name = f'{name} # SKIP {why}'
            verdict = 'ok'
            self.skipped += 1
        except (Failure, OSError, KeyError, struct.error) as error:
            print(f'# {type(error).__name__}: {error}', flush=True)
            verdict = 'not ok'
            self.failed += 1
        print(f'{verdict} {self.n} {name}', flush=True)

    def end(self):
        print(f'# Totals: pass:{self.n - self.failed - self.skipped} fail:{self.failed} '
              f'xfail:0 xpass:0 skip:{self.skipped} error:0', flush=True)
        return 1 if self.failed else 0


HERE, THERE, STRANGER = 0x0a0b0c, 0x0a0b0d, 0x0a0b0e
PEK, PIK = b'PEK for the spec', b'PIK for the spec'


class Tests:
    """One device here, watched; one there, with the same keys, to talk to it."""

    def __init__(self):
        self.spec = Spec(specification())
        self.checker = Checker(self.spec)
        self.here = Netlink(self.checker)
        self.here.subscribe()
        self.there = Netlink(self.checker, 'there')
        self.index = socket.if_nametoindex('prose0')
        with open('/run/there.ifindex', encoding='ascii') as file:
            self.there_index = int(file.read())

    def assoc(self, netlink, index, peer, kd_sess_id, direction, **more):
        netlink.request('assoc-new', ifindex=index, peer={'l2_id': peer},
                        assoc={'kd_sess_id': kd_sess_id, 'pek': PEK, 'pik': PIK, 'eea': 2, 'eia': 2,
                               'up_integrity': 1, 'direction': direction, 'tx': True, **more})

    def traffic(self, count=1, to='10.0.0.2'):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(count):
            sock.sendto(b'x', (to, 7777))
        sock.close()

    def generated(self):
        gen = f'{ROOT}/../netlink/gen'
        if not os.path.exists(gen):
            raise Skip('installed without the sources')
        made = subprocess.run([gen, '--check'], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if made.returncode:
            raise Failure('the generated files are not those of prose.yaml:\n# ' +
                          '\n# '.join(made.stdout.splitlines()[:40]))

    def devices(self):
        self.here.request('dev-get', ifindex=self.index)
        if not self.here.request('dev-get', NLM_F_DUMP):
            raise Failure('the dump is empty')
        self.here.request('dev-set', ifindex=self.index, device={'unprotected_rate': 1000})
        self.here.wait('dev-ntf')
        self.here.request('signal-register', ifindex=self.index)
        self.here.wait('dev-ntf')
        self.there.request('signal-register', ifindex=self.there_index)
        self.here.request('dev-get', ifindex=self.index)

    @staticmethod
    def rtnetlink(kind, flags, index, payload=b''):
        """The kind of the answer to a request about a link, and what is in it."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as sock:
            sock.settimeout(20)
            sock.send(struct.pack('=IHHIIBBHiII', 32 + len(payload), kind, NLM_F_REQUEST | flags,
                                  1, 0, 0, 0, 0, index, 0, 0) + payload)
            answer = sock.recv(65536)
        length, kind = struct.unpack_from('=IH', answer)
        if kind == NLMSG_ERROR:
            return kind, struct.unpack_from('=i', answer, 16)[0]
        return kind, answer[32:length]

    def show_link(self, index):
        kind, data = self.rtnetlink(RTM_GETLINK, 0, index)
        if kind == NLMSG_ERROR:
            raise Failure('the link is not shown')
        for wanted in (IFLA_LINKINFO, IFLA_INFO_DATA):
            data = {kind & 0x3fff: payload for kind, payload in attrs(data)}[wanted]
        self.checker.nest('link', 'link', data)

    def link(self):
        """IFLA_INFO_DATA, which goes over rtnetlink."""
        self.show_link(self.index)

    def udp_device(self, name, **settings):
        """A device on the udp carrier, shown in both ways there are, and gone again."""
        data = attr(self.spec.attr('link', 'carrier'),
                    struct.pack('=I', self.spec.enums['carrier']['udp']))
        for setting, value in settings.items():
            data += attr(self.spec.attr('link', setting.replace('_', '-')), value)
        info = attr(IFLA_INFO_KIND, b'prose') + attr(IFLA_INFO_DATA, data)
        _, err = self.rtnetlink(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0,
                                attr(IFLA_IFNAME, name.encode() + b'\0') +
                                attr(IFLA_LINKINFO, info))
        if err:
            raise Failure(f'{name} cannot be made: {os.strerror(-err)}')
        index = socket.if_nametoindex(name)
        try:
            self.show_link(index)
            self.here.request('dev-get', ifindex=index)
        finally:
            self.rtnetlink(RTM_DELLINK, NLM_F_ACK, index)

    def udp(self):
        self.udp_device('udp4', port=struct.pack('>H', 7801), local=bytes([127, 0, 0, 1]),
                        local6=b'\0' * 15 + b'\1', remote=bytes([127, 0, 0, 2]),
                        remote_port=struct.pack('>H', 7802))
        self.udp_device('udp6', remote6=b'\xfd' + b'\0' * 14 + b'\x09')

    def peers(self):
        self.here.request('peer-new', ifindex=self.index,
                          peer={'l2_id': THERE, 'ipv4': [0x0a000002, 0x0a000022],
                                'ipv6': b'\xfd' + b'\0' * 14 + b'\2'})
        self.here.wait('peer-ntf')
        self.here.request('peer-set', ifindex=self.index,
                          peer={'l2_id': THERE, 'carrier_addr': b'\xff' * 6})
        self.here.wait('peer-ntf')
        # Layer-2 IDs of the link, and not any more
        for local, remote in ((0xc00001, 0xc00002), (0, 0)):
            self.here.request('peer-set', ifindex=self.index,
                              peer={'l2_id': THERE, 'local_l2_id': local, 'remote_l2_id': remote})
            self.here.wait('peer-ntf')
        self.here.request('peer-get', ifindex=self.index, peer={'l2_id': THERE})
        if len(self.here.request('peer-get', NLM_F_DUMP)) != 1:
            raise Failure('the dump has not one peer')
        self.there.request('peer-new', ifindex=self.there_index,
                           peer={'l2_id': HERE, 'ipv4': 0x0a000001})

    def wanted(self):
        self.traffic()
        self.here.wait('peer-wanted-ntf')
        self.traffic(to='10.0.0.77')
        self.here.wait('peer-wanted-ntf')
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.sendto(b'x', ('fd00::77', 7777))
        self.here.wait('peer-wanted-ntf')

    def associations(self):
        self.assoc(self.here, self.index, THERE, 0x0100, 0)
        self.assoc(self.there, self.there_index, HERE, 0x0100, 1,
                   bearer=[{'lcid': 29, 'rx_highest': 5}])
        self.traffic(5)
        self.here.request('assoc-set', ifindex=self.index, peer={'l2_id': THERE},
                          assoc={'kd_sess_id': 0x0100, 'grace_ms': 0})
        self.here.request('assoc-get', ifindex=self.index, peer={'l2_id': THERE},
                          assoc={'kd_sess_id': 0x0100})
        self.there.request('assoc-get', ifindex=self.there_index, peer={'l2_id': HERE},
                           assoc={'kd_sess_id': 0x0100})
        if len(self.here.request('assoc-get', NLM_F_DUMP)) != 1:
            raise Failure('the dump has not one association')
        self.here.request('peer-get', ifindex=self.index, peer={'l2_id': THERE})

    def signals(self):
        enum = self.spec.enums['protection']
        for bearer, protection, kd_sess_id in ((28, 'none', None), (29, 'integrity', 0x0100),
                                               (30, 'full', 0x0100)):
            signal = {'l2_id': HERE, 'bearer': bearer, 'protection': enum[protection],
                      'message': b'\x05message'}
            if kd_sess_id:
                signal['kd_sess_id'] = kd_sess_id
            answer = self.there.request('signal-send', ifindex=self.there_index, signal=signal)
            if kd_sess_id and not answer:
                raise Failure('no COUNT in the answer to a protected message')
            self.here.wait('signal-ntf')
        # Under an association that only the sender has.
        self.assoc(self.there, self.there_index, HERE, 0x0101, 1)
        self.there.request('signal-send', ifindex=self.there_index,
                           signal={'l2_id': HERE, 'bearer': 29, 'kd_sess_id': 0x0101,
                                   'protection': enum['integrity'], 'message': b'\x0bcommand'})
        self.here.wait('signal-ntf')
        self.there.request('assoc-del', ifindex=self.there_index, peer={'l2_id': HERE},
                           assoc={'kd_sess_id': 0x0101})
        self.here.request('peer-get', ifindex=self.index, peer={'l2_id': THERE})

    def counts(self):
        self.assoc(self.here, self.index, THERE, 0x0200, 0, count_start=1, count_limit=10,
                   count_soft=5)
        self.traffic(20)
        self.here.wait('count-soft-ntf')
        self.here.wait('count-exhausted-ntf')
        # tx-next is absent now.
        self.here.request('assoc-get', ifindex=self.index, peer={'l2_id': THERE},
                          assoc={'kd_sess_id': 0x0200})

    def integrity(self):
        enum = self.spec.enums['protection']
        self.here.request('dev-set', ifindex=self.index, device={'integrity_threshold': 1})
        self.there.request('assoc-new', ifindex=self.there_index, peer={'l2_id': HERE},
                           assoc={'kd_sess_id': 0x0200, 'pek': PEK, 'pik': b'another PIK 0123',
                                  'eea': 2, 'eia': 2, 'up_integrity': 1, 'direction': 1})
        self.there.request('signal-send', ifindex=self.there_index,
                           signal={'l2_id': HERE, 'bearer': 30, 'kd_sess_id': 0x0200,
                                   'protection': enum['full'], 'message': b'\x05forged'})
        self.here.wait('integrity-failures-ntf')

    def stats(self):
        """The counters of drops as netlink gives them, by name."""
        data = self.here.request('dev-get', ifindex=self.index)[0][4:]
        for where in (('message', 'device'), ('device', 'stats')):
            data = {kind & 0x3fff: payload for kind, payload in attrs(data)}[self.spec.attr(*where)]
        names = self.spec.sets['device-stats']
        return {names[kind & 0x3fff]['name']: struct.unpack('=Q', payload)[0]
                for kind, payload in attrs(data) if names[kind & 0x3fff]['type'] != 'pad'}

    @staticmethod
    def tool(*args):
        """What ethtool says of prose0, a name and a value a line."""
        made = subprocess.run(['ethtool', *args, 'prose0'], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if made.returncode:
            raise Failure(f'ethtool {args}: {made.stdout}')
        pairs = [line.strip().partition(':') for line in made.stdout.splitlines()]
        return {name: value.strip() for name, _, value in pairs if value}

    def ethtool(self):
        """The same counters by the same names, after those of the traffic."""
        traffic = ['rx-packets', 'rx-bytes', 'tx-packets', 'tx-bytes']
        if self.tool('-i').get('driver') != 'prose':
            raise Failure(f'ethtool -i: {self.tool("-i")}')
        # Nothing is sent any more, but a packet may still be on its way.
        end = time.monotonic() + 20
        while True:
            before = self.stats()
            shown = {name: int(value) for name, value in self.tool('-S').items()}
            if before == self.stats():
                break
            if time.monotonic() > end:
                raise Failure('the counters do not come to rest')
        if list(shown) != traffic + list(before):
            raise Failure(f'ethtool -S names {list(shown)}, not {traffic + list(before)}')
        for name, value in before.items():
            if shown[name] != value:
                raise Failure(f'{name} is {shown[name]} in ethtool -S, {value} in netlink')
        for name in traffic:
            with open(f'/sys/class/net/prose0/statistics/{name.replace("-", "_")}',
                      encoding='ascii') as file:
                value = int(file.read())
            if shown[name] != value:
                raise Failure(f'{name} is {shown[name]} in ethtool -S, {value} of the device')
        for name in ('tx-packets', 'tx-no-peer', 'tx-no-assoc', 'tx-count-limit', 'rx-integrity'):
            if not shown[name]:
                raise Failure(f'{name} is 0, after all that was done')

    def gone(self):
        self.here.request('assoc-del', ifindex=self.index, peer={'l2_id': THERE},
                          assoc={'kd_sess_id': 0x0200})
        self.here.wait('assoc-del-ntf')
        self.here.request('peer-del', ifindex=self.index, peer={'l2_id': THERE})
        self.here.wait('peer-del-ntf')

    def complete(self):
        """Was everything the specification lists seen, of what the kernel sends?"""
        wanted = {f'{name}.{a["name"]}' for name, members in self.spec.sets.items()
                  for a in members.values() if a['type'] != 'pad'}
        for op in self.spec.ops.values():
            if 'event' in op or 'notify' in op:
                wanted.add(f'event {op["name"]}')
            if 'reply' in op.get('do', {}):
                wanted.add(f'do {op["name"]}')
            if 'dump' in op:
                wanted.add(f'dump {op["name"]}')
        missing = sorted(wanted - self.checker.seen - {'assoc.pek', 'assoc.pik'})
        if missing:
            raise Failure('never sent: ' + ', '.join(missing))


def main():
    tests = Tests()
    names = ['generated', 'devices', 'link', 'udp', 'peers', 'wanted', 'associations', 'signals',
             'counts', 'integrity', 'ethtool', 'gone', 'complete']
    results = Results(len(names))
    for name in names:
        results.run(name, getattr(tests, name))
    return results.end()


if __name__ == '__main__':
    sys.exit(main())
