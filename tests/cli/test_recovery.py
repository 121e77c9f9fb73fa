"""One slip of the pen in the reference program is one message, or few."""
import re
import shutil

import pytest

from conftest import SHOP

TOKEN = re.compile(r'#[^\n]*|"(?:[^"\\]|\\.)*"|\d+\.\d+\.\d+\.\d+/\d+|::/\d+|\d+(?:\.\d+)?(?:%|/s|[a-zA-Z]+)?|'
                   r'[A-Za-z_]\w*|\.\.|->|=>|==|<=|>=|!=|\?\?|[^\s]')
TEXT = (SHOP / 'shop.bg').read_text()
TOKENS = [(m.start(), m.end(), m.group()) for m in TOKEN.finditer(TEXT) if not m.group().startswith('#')]
STEP = 17  # a prime: over the releases of the example every kind of token gets its turn


@pytest.fixture
def messages(bgc):
    shutil.copy(SHOP / 'boot.sh', bgc.folder)
    shutil.copy(SHOP / 'bgc.lock', bgc.folder)

    def check(text):
        bgc.write('shop.bg', text)
        r = bgc('check', '-q', 'shop.bg')
        found = re.findall(r'^(?:error|warning)\[(BG\d{4})\]', r.err, re.M)
        assert (r.code == 1) == ('error[' in r.err)
        return found
    return check


def test_the_example_is_clean(messages):
    assert messages(TEXT) == []


def test_one_token_is_missing(messages):
    worst = {}
    for a, b, t in TOKENS[::STEP]:
        found = messages(TEXT[:a] + TEXT[b:])
        if len(found) > 3:
            worst[TEXT.count('\n', 0, a) + 1, t] = found
    assert not worst


def test_a_brace_is_missing(messages):
    worst = {}
    for a, b, t in TOKENS:
        if t == '{' and TEXT[b] == '\n' or t == '}' and TEXT[a - 1] in '\n ' and TEXT[b] == '\n':
            found = messages(TEXT[:a] + TEXT[b:])
            if len(found) > 3:
                worst[TEXT.count('\n', 0, a) + 1, t] = found
    assert not worst


def test_a_name_is_misspelt(messages):
    worst = {}  # where it is declared, every use of it is wrong: that is no single slip
    names = [k for k, before in zip(TOKENS, [('', '', '')] + TOKENS)
             if re.fullmatch(r'[a-z_]\w+', k[2])
             and before[2] not in ('resource', 'world', 'existing', 'input', 'let', 'gate', 'account')]
    for a, b, t in names[::STEP]:
        found = messages(TEXT[:b - 1] + 'qz' + TEXT[b:])
        if len(found) > 3:
            worst[TEXT.count('\n', 0, a) + 1, t] = found
    assert not worst
