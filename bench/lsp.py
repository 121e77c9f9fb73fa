#!/usr/bin/env python3
"""From an edit to its diagnostics, in a file of 10,000 lines: `bench/lsp.py [BGC]`.

An editor changes one character and waits for what `bgc lsp` publishes. Printed are
the time of the processor and the time on the clock, the median of many edits, and
the memory of the server before and after them. Exit 1 when the budget is exceeded.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

BUDGET = 0.050  # seconds
EDITS = 100
LINES = 10_000


def spec():
    """Security groups that allow each other: ten lines each."""
    out = ['stack big {', '  region = "eu-west-1"', '  store  = "s3://bucket/x"', '}', '', 'use std.network', '',
           'shared {', '  existing net: std.network { tag = "prod" }']
    i = 0
    while len(out) < LINES - 2:
        out += [f'  ## Number {i}.', f'  resource sg{i}: ec2.security_group {{', '    vpc     = net.vpc',
                f'    about   = "group {i}"', '    ingress = [',
                f'      {{ from = 10.0.0.0/8, port = {1000 + i % 60000} }},',
                f'      {{ from = {f"sg{i - 1}" if i else "net.range"}, port = 443 }},', '    ]', '  }', '']
        i += 1
    return '\n'.join(out + ['}', f'output last = sg{i - 1}.id', ''])


class Server:
    def __init__(self, bgc, folder):
        self.p = subprocess.Popen([bgc, 'lsp'], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.id = 0

    def send(self, method, params, id=None):
        message = {'jsonrpc': '2.0', 'method': method, 'params': params}
        if id is not None:
            message['id'] = id
        body = json.dumps(message).encode()
        self.p.stdin.write(b'Content-Length: %d\r\n\r\n' % len(body) + body)
        self.p.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.p.stdout.readline().strip()):
            length = int(line.split(b':')[1])
        return json.loads(self.p.stdout.read(length))

    def ask(self, method, params):
        self.id += 1
        self.send(method, params, self.id)
        while self.receive().get('id') != self.id:
            pass

    def published(self):
        while (m := self.receive()).get('method') != 'textDocument/publishDiagnostics':
            pass
        return m['params']['diagnostics']

    def processor(self):
        stat = pathlib.Path(f'/proc/{self.p.pid}/schedstat').read_text().split()
        return int(stat[0]) / 1e9

    def resident(self):
        status = pathlib.Path(f'/proc/{self.p.pid}/status').read_text()
        return int(status.split('VmRSS:')[1].split()[0]) / 1024


def main():
    bgc = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build/bgc')
    text = spec()
    with tempfile.TemporaryDirectory() as folder:
        s = Server(bgc, folder)
        uri = f'file://{folder}/big.bg'
        s.ask('initialize', {'capabilities': {}})
        s.send('textDocument/didOpen', {'textDocument': {'uri': uri, 'version': 1, 'text': text}})
        assert s.published() == [], 'the program is sound'
        lines = text.split('\n')
        line = next(i for i, l in enumerate(lines) if i > len(lines) // 2 and 'vpc     = net.vpc' in l)
        at = {'line': line, 'character': lines[line].index('net') + 2}
        cpu, clock, before = [], [], s.resident()
        for n in range(EDITS):
            wrong = n % 2 == 0  # nex.vpc, and back
            used, started = s.processor(), time.perf_counter()
            s.send('textDocument/didChange', {
                'textDocument': {'uri': uri, 'version': n + 2},
                'contentChanges': [{'range': {'start': at, 'end': {**at, 'character': at['character'] + 1}},
                                    'text': 'x' if wrong else 't'}]})
            found = s.published()
            clock.append(time.perf_counter() - started)
            cpu.append(s.processor() - used)
            assert bool(found) == wrong, found
        after = s.resident()
        s.p.stdin.close()
        s.p.wait()
    print(f'{len(lines)} lines, {EDITS} edits')
    worst = 0
    for name, kind in (('with a mistake', 0), ('and mended', 1)):
        mid = statistics.median(cpu[kind::2])
        worst = max(worst, mid)
        print(f'{name:16} {1000 * mid:6.1f} ms of the processor, {1000 * statistics.median(clock[kind::2]):6.1f} ms '
              f'on the clock (best {1000 * min(clock[kind::2]):.1f})')
    print(f'memory           {before:6.1f} MB before, {after:.1f} MB after')
    print(f'budget           {1000 * BUDGET:6.1f} ms: {"held" if worst <= BUDGET else "missed"}')
    return worst > BUDGET


sys.exit(main())
