"""Garbage, half-typed programs, and that nothing grows."""
import os
import pathlib
import random
import shutil

import pytest
from conftest import SHOP, Server, position

ASKED = ('hover', 'definition', 'typeDefinition', 'completion', 'signatureHelp', 'documentHighlight', 'prepareRename')

# The sanitized binary is several times slower: it gets every fifth prefix.
STEP = 5 if 'asan' in os.environ.get('BGC', '') else 1


def everything(s, uri, at):
    here = {'textDocument': {'uri': uri}}
    for method in ASKED:
        s.ask('textDocument/' + method, {**here, 'position': at})
    s.ask('textDocument/references', {**here, 'position': at, 'context': {'includeDeclaration': True}})
    s.answer('textDocument/rename', {**here, 'position': at, 'newName': 'other'})
    s.ask('textDocument/semanticTokens/full', here)
    s.ask('textDocument/documentSymbol', here)
    s.ask('textDocument/foldingRange', here)
    s.ask('textDocument/formatting', {**here, 'options': {}})
    s.ask('textDocument/codeAction', {**here, 'range': {'start': {'line': 0, 'character': 0}, 'end': at},
                                      'context': {'diagnostics': []}})


def test_every_prefix_of_the_example(server):
    """As it is typed: after each character it is compiled, and asked about the end."""
    text = (SHOP / 'shop.bg').read_text()
    shutil.copy(SHOP / 'boot.sh', server.folder)
    uri = server.open('shop.bg', '')
    for n in range(0, len(text), STEP):
        piece = text[n:n + STEP]
        server.change(uri, {'range': {'start': position(text, n), 'end': position(text, n)}, 'text': piece})
        at = position(text, n + len(piece))
        server.ask('textDocument/' + ASKED[n // STEP % len(ASKED)], {'textDocument': {'uri': uri}, 'position': at})
        if n // STEP % 101 == 0:
            everything(server, uri, at)
    assert server.settled(uri) == []


def test_every_prefix_closed_with_a_brace(server):
    text = (SHOP / 'shop.bg').read_text()
    uri = server.open('shop.bg', '')
    for n in range(0, len(text), 11):
        server.change(uri, text[:n] + '\n}\n')
        server.ask('textDocument/completion', {'textDocument': {'uri': uri}, 'position': position(text, n)})


def test_lines_that_are_missing(server):
    lines = (SHOP / 'shop.bg').read_text().split('\n')
    uri = server.open('shop.bg', '')
    for n in range(0, len(lines), STEP):
        text = '\n'.join(lines[:n] + lines[n + 1:])
        server.change(uri, text)
        everything(server, uri, {'line': n, 'character': 4})


def test_tokens_that_are_wrong(server):
    text = (SHOP / 'shop.bg').read_text()
    uri = server.open('shop.bg', text)
    rng = random.Random(3)
    pieces = ['{', '}', '(', ')', '[', ']', '"', '"""', '${', '}', ',', '.', '=', '=>', '->', ':', '\n', ' for x in ',
              ' if ', 'web.', 'live.', '# ', '😀', '\x00', '\\u{d800}', '1..', '::', 'resource ', 'world ']
    for _ in range(150):
        at = rng.randrange(len(text))
        cut = rng.randrange(12)
        broken = text[:at] + rng.choice(pieces) + text[at + cut:]
        server.change(uri, broken)
        everything(server, uri, position(broken, min(len(broken), at + 1)))


@pytest.mark.parametrize('text', [
    '', '\n', '{' * 300, '(' * 5000, '"' * 999, '${' * 500, 'let a = ' + '[' * 199, 'a.' * 2000, '\ufeff',
    'let a = a\n', 'let a = b\nlet b = a\n', 'fn f(a: int): int = f(a)\noutput x = f(1)\n',
    'module m() {\n  resource a: m {}\n}\n', 'use "./a.bg" = a\n', 'type t = t\ninput x: t\n',
    'type a = [b]\ntype b = { c: a }\ninput x: a\n', 'moved a -> b\nadopt c = ""\n', 'moved . -> .\n',
    'world w {\n  resource x[k in x]: ec2.vpc {}\n}\n', 'gate g {\n  check a: live.live.live\n}\n',
    'let é = 1\n', 'let a = "\\u{0}"\n', 'stack s {\n', 'x' * 100000, 'let x = [for a in a: a]\n',
    'let a = 1\r\rlet b = 2\r', 'resource a: b {}\nentry a\nout b = 1\n', 'test "a" { given { x = } mock = }\n',
    'output o = web.web.web\nworld web { entry web }\n', 'use std.network\nuse std.network\n', 'service {}\ntype {}\n',
])
def test_strange_texts(server, text):
    uri = server.open('a.bg', text)
    server.settled(uri)
    for at in ({'line': 0, 'character': 0}, {'line': 0, 'character': 9}, {'line': 1, 'character': 14},
               {'line': 3, 'character': 3}):
        everything(server, uri, at)
    server.change(uri, 'let a = 1\n')
    server.settled(uri)


def test_random_bytes_end_nothing(start, tmp_path):
    s = start(tmp_path)
    rng = random.Random(1)
    for _ in range(50):
        s.raw(bytes(rng.randrange(256) for _ in range(rng.randrange(400))) + b'\r\n\r\n')
    while not s.messages.empty():
        s.next()
    s.raw(b'\r\n\r\n' * 3 + b' ' * 9000)
    s.last = 1000
    assert 'result' in s.answer('shutdown')


def resident(pid):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('VmRSS'):
            return int(line.split()[1])


@pytest.mark.skipif('asan' in os.environ.get('BGC', ''), reason='the sanitizer keeps what was freed')
def test_memory_does_not_grow(shop):
    """2,000 edits, with everything asked for on the way."""
    at = shop.text.index('drain  = 30s')
    where = {'start': position(shop.text, at + 9), 'end': position(shop.text, at + 11)}

    def edit(n):
        shop.change(shop.uri, {'range': where, 'text': '%02d' % (n % 60)})
        at = position(shop.text, shop.text.index('asg.cpu') + 5 + n % 3)
        if n % 20:
            shop.ask('textDocument/' + ASKED[n % len(ASKED)], {'textDocument': {'uri': shop.uri}, 'position': at})
        else:
            everything(shop, shop.uri, at)
    for n in range(200):
        edit(n)
    before = resident(shop.p.pid)
    for n in range(2000):
        edit(n)
    grown = resident(shop.p.pid) - before
    assert grown < 3000, f'{grown} KiB more'


def test_opening_and_closing_keeps_nothing(server):
    texts = [f'let a{i} = {i}\noutput o{i} = a{i}\n' for i in range(50)]
    for _ in range(5):
        uris = [server.open(f'f{i}.bg', t) for i, t in enumerate(texts)]
        assert server.settled(uris[-1]) is not None
        for uri in uris:
            server.close(uri)
        server.answer('workspace/none')
        server.answer('workspace/none')
        assert all(not server.diagnostics[uri] for uri in uris)
