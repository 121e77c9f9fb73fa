"""A client of `bgc lsp`: what an editor says to it, and what comes back."""
import json
import os
import pathlib
import queue
import shutil
import subprocess
import threading
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
SHOP = ROOT / 'examples' / 'shop'

CAPABILITIES = {
    'general': {'positionEncodings': ['utf-16']},
    'workspace': {'workspaceEdit': {'documentChanges': False}},
    'textDocument': {
        'hover': {'contentFormat': ['markdown']},
        'publishDiagnostics': {'relatedInformation': True, 'tagSupport': {'valueSet': [1, 2]},
                               'codeDescriptionSupport': True},
        'documentSymbol': {'hierarchicalDocumentSymbolSupport': True},
        'completion': {'completionItem': {'snippetSupport': True}},
    },
}


def uri_of(path):
    return 'file://' + urllib.parse.quote(str(path))


def units(text):
    """UTF-16 code units."""
    return len(text.encode('utf-16-le')) // 2


def position(text, offset):
    """The position of an offset in a Python string."""
    line = text.count('\n', 0, offset)
    start = text.rfind('\n', 0, offset) + 1
    return {'line': line, 'character': units(text[start:offset])}


def offset_of(text, at):
    lines = text.split('\n')
    start = sum(len(line) + 1 for line in lines[:at['line']])
    raw = lines[at['line']].encode('utf-16-le')[:2 * at['character']]
    return start + len(raw.decode('utf-16-le'))


def applied(text, edits):
    """The text after edits, as an editor makes them."""
    spans = sorted(((offset_of(text, e['range']['start']), offset_of(text, e['range']['end']), i, e['newText'])
                    for i, e in enumerate(edits)), key=lambda s: (s[0], s[2]))
    for a, b in zip(spans, spans[1:]):
        assert a[1] <= b[0], 'edits overlap'
    for start, end, _, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text


def environment_of(folder):
    """Nothing of whoever runs the tests."""
    env = {'PATH': os.environ['PATH'], 'HOME': str(folder), 'LC_ALL': 'C.UTF-8',
           'XDG_CACHE_HOME': str(pathlib.Path(folder) / '.cache')}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    return env


class Server:
    """One running `bgc lsp`."""

    def __init__(self, folder, capabilities=CAPABILITIES, start=True, arguments=()):
        env = environment_of(folder)
        self.folder = pathlib.Path(folder)
        self.p = subprocess.Popen([BGC, 'lsp', *arguments], cwd=folder, env=env, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.messages = queue.Queue()
        self.diagnostics = {}
        self.last = 0
        self.versions = {}
        threading.Thread(target=self._read, daemon=True).start()
        if start:
            self.info = self.ask('initialize', {'processId': None, 'rootUri': uri_of(folder),
                                                'capabilities': capabilities})
            self.tell('initialized', {})

    def _read(self):
        out = self.p.stdout
        while True:
            length = None
            while line := out.readline():
                line = line.strip()
                if not line:
                    break
                if line.lower().startswith(b'content-length:'):
                    length = int(line.split(b':')[1])
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(out.read(length)))

    def raw(self, data):
        self.p.stdin.write(data)
        self.p.stdin.flush()

    def send(self, message):
        body = json.dumps({'jsonrpc': '2.0', **message}).encode()
        self.raw(b'Content-Length: %d\r\n\r\n' % len(body) + body)

    def next(self, timeout=30):
        """The next message; notifications are noted on the way."""
        m = self.messages.get(timeout=timeout)
        if m is None:
            raise EOFError(self.p.stderr.read().decode())
        if m.get('method') == 'textDocument/publishDiagnostics':
            self.diagnostics[m['params']['uri']] = m['params']['diagnostics']
        return m

    def tell(self, method, params):
        self.send({'method': method, 'params': params})

    def answer(self, method, params=None):
        """The whole answer of a request."""
        self.last += 1
        self.send({'id': self.last, 'method': method, 'params': params})
        while True:
            m = self.next()
            if m.get('id') == self.last and 'method' not in m:
                return m

    def ask(self, method, params=None):
        m = self.answer(method, params)
        assert 'error' not in m, m
        return m['result']

    # ---- documents

    def open(self, name, text, uri=None):
        uri = uri or uri_of(self.folder / name)
        self.versions[uri] = 1
        self.tell('textDocument/didOpen', {'textDocument': {'uri': uri, 'languageId': 'bg', 'version': 1,
                                                            'text': text}})
        return uri

    def change(self, uri, *changes):
        self.versions[uri] += 1
        self.tell('textDocument/didChange', {
            'textDocument': {'uri': uri, 'version': self.versions[uri]},
            'contentChanges': [c if isinstance(c, dict) else {'text': c} for c in changes]})

    def close(self, uri):
        self.tell('textDocument/didClose', {'textDocument': {'uri': uri}})

    def settled(self, uri):
        """The diagnostics of a document after everything that was said."""
        # What was typed is compiled when nothing more waits, in the same turn in
        # which the first of these is answered, and published before the second.
        self.answer('workspace/none')
        self.answer('workspace/none')
        return self.diagnostics[uri]

    def at(self, method, uri, text, needle, shift=0, **more):
        """Asks about the place of `needle`, or of `|` in it."""
        mark = needle.index('|') if '|' in needle else 0
        offset = text.index(needle.replace('|', '')) + mark + shift
        return self.ask('textDocument/' + method, {'textDocument': {'uri': uri},
                                                   'position': position(text, offset), **more})

    def stop(self):
        if self.p.poll() is None:
            try:
                self.answer('shutdown')
                self.tell('exit', None)
                self.p.stdin.close()
            except (BrokenPipeError, EOFError):
                pass
        code = self.p.wait(timeout=30)
        err = self.p.stderr.read().decode()
        assert 'Sanitizer' not in err and 'runtime error' not in err, err
        return code


@pytest.fixture
def start():
    """Starts servers; none may have failed at the end."""
    running = []

    def go(*args, **more):
        s = Server(*args, **more)
        running.append(s)
        return s
    yield go
    for s in running:
        s.stop()


@pytest.fixture
def server(tmp_path, start):
    return start(tmp_path)


@pytest.fixture
def shop(tmp_path, start):
    """In a copy of the example, which is open."""
    shutil.copytree(SHOP, tmp_path / 'shop', ignore=shutil.ignore_patterns('.bgc'))
    s = start(tmp_path / 'shop')
    s.text = (tmp_path / 'shop' / 'shop.bg').read_text()
    s.uri = s.open('shop.bg', s.text)
    return s
