"""One mistake is one message: the example with a token left out, or with a name misspelt."""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
SHOP = ROOT / 'examples' / 'shop'
sys.path.insert(0, str(ROOT / 'tests' / 'syntax'))
import lexer  # noqa: E402

SOURCE = (SHOP / 'shop.bg').read_text()


def tokens():
    """[(from, to)]"""
    out, at = [], 0
    while at < len(SOURCE):
        m = lexer.TOKEN.match(SOURCE, at)
        at = lexer.string_end(SOURCE, m.start()) if m.lastgroup == 'string' else m.end()
        if m.lastgroup not in ('space', 'line', 'comment'):
            out.append((m.start(), at))
    return out


def errors(folder, text):
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns('.bgc'))
    (folder / 'shop.bg').write_text(text)
    p = subprocess.run([BGC, 'check', '-q'], cwd=folder, capture_output=True, text=True, timeout=60,
                       env={'PATH': os.environ['PATH'], 'HOME': str(folder), 'LC_ALL': 'C.UTF-8'})
    assert p.returncode in (0, 1), p.stderr
    return ('\n' + p.stderr).count('\nerror['), p.stderr


def outcome(tmp_path, changed):
    """{how many errors: [where, what is said]}"""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda c: (c[0], *errors(tmp_path / str(c[0]), c[1])), changed)
    said = {}
    for where, n, err in found:
        said.setdefault(n, []).append(f'line {SOURCE.count(chr(10), 0, where) + 1}\n{err}')
    return said


@pytest.mark.parametrize('what, change, step, share', [
    ('a token is missing', lambda a, b: SOURCE[:a] + SOURCE[b:], 3, 0.99),
    ('a name is misspelt', lambda a, b: SOURCE[:b] + 'q' + SOURCE[b:], 2, 0.99),
], ids=['missing', 'misspelt'])
def test_one_mistake_is_one_message(tmp_path, what, change, step, share):
    places = [p for p in tokens() if what != 'a name is misspelt' or SOURCE[p[0]].isalpha() and SOURCE[p[1] - 1] != '"']
    said = outcome(tmp_path, [(a, change(a, b)) for a, b in places[::step]])
    n = sum(map(len, said.values()))
    more = [text for k, texts in said.items() if k > 1 for text in texts]
    assert n > 200 and len(said[1]) > n * 0.9, 'most of them are mistakes'
    assert len(more) <= n * (1 - share) and max(said) <= 3, '\n\n'.join(more)
