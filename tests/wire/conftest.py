"""The wire's tests drive tests/wire/wire_probe.c, built here against libbgc.a."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))


# ---- service records: the literal part of the language, enough for services.bg


TOKEN = re.compile(r'\s*(?:#[^\n]*\s*)*("(?:[^"\\]|\\.)*"|=>|[{}\[\],=]|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)')


def parse_services(text):
    pos, toks = 0, []
    text = text.rstrip()
    while pos < len(text):
        m = TOKEN.match(text, pos)
        assert m, text[pos:pos + 60]
        toks.append(m.group(1))
        pos = m.end()
    i = 0

    def value():
        nonlocal i
        t = toks[i]
        i += 1
        if t == '{':
            out = {}
            while toks[i] != '}':
                if toks[i] == ',':
                    i += 1
                    continue
                key = toks[i]
                assert toks[i + 1] in ('=', '=>'), toks[i:i + 3]
                i += 2
                out[json.loads(key) if key[0] == '"' else key] = value()
            i += 1
            return out
        if t == '[':
            out = []
            while toks[i] != ']':
                if toks[i] == ',':
                    i += 1
                else:
                    out.append(value())
            i += 1
            return out
        if t in ('true', 'false'):
            return t == 'true'
        if t[0] == '"':
            return json.loads(t)
        return float(t) if '.' in t else int(t)

    services = {}
    while i < len(toks):
        assert toks[i] == 'service'
        name = toks[i + 1]
        i += 2
        services[name] = value()
    return services


SERVICES = parse_services((ROOT / 'stdlib/aws/services.bg').read_text())


# ---- the probe


def build_dir():
    bgc = os.environ.get('BGC')
    return pathlib.Path(bgc).resolve().parent if bgc else ROOT / 'build'


@pytest.fixture(scope='session')
def probe_binary(tmp_path_factory):
    ready = os.environ.get('WIRE_PROBE')
    if ready:
        return ready
    build = build_dir()
    libs = [build / 'libbgc.a', build / 'libgrammar.a', build / 'libbgc.a']
    if not libs[0].exists():
        pytest.skip(f'{libs[0]} is not built')
    out = tmp_path_factory.mktemp('probe') / 'wire_probe'
    deps = ['libcurl', 'libxml-2.0', 'jansson', 'libcrypto', 'libpcre2-8']
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', *deps], check=True,
                           capture_output=True, text=True).stdout.split()
    names = subprocess.run(['nm', str(libs[0])], capture_output=True, text=True).stdout
    sanitize = ['-fsanitize=address,undefined'] if '__asan_init' in names else []
    subprocess.run(['cc', '-std=gnu17', '-O1', '-g', *sanitize, f'-I{ROOT}/src', '-o', str(out),
                    str(HERE / 'wire_probe.c'), *map(str, libs), *flags, '-lm'], check=True)
    return str(out)


class Probe:
    def __init__(self, binary, services):
        self.p = subprocess.Popen([binary, services], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True, encoding='utf-8')

    def ask(self, **request):
        self.p.stdin.write(json.dumps(request) + '\n')
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        assert line, 'wire_probe ended'
        return json.loads(line)

    def open(self, env, **more):
        return self.ask(do='open', env=env, **more)

    def call(self, service, operation, input=None, **more):
        request = dict(do='call', service=service, operation=operation, **more)
        if input is not None:
            request['input'] = input
        return self.ask(**request)

    def close(self):
        self.p.stdin.close()
        assert self.p.wait(timeout=20) == 0


@pytest.fixture(scope='session')
def services_file(tmp_path_factory):
    path = tmp_path_factory.mktemp('services') / 'services.json'
    path.write_text(json.dumps(SERVICES))
    return str(path)


@pytest.fixture
def probe(probe_binary, services_file):
    p = Probe(probe_binary, services_file)
    yield p
    p.close()


@pytest.fixture(scope='module')
def codec(probe_binary, services_file):
    """One probe for many encodings and decodings."""
    p = Probe(probe_binary, services_file)
    yield p
    p.close()
