"""What `bgc fmt` promises, of programs that nobody wrote: made from the grammar, or real ones with odd spacing.

    pytest tests/syntax --programs=20000 --seed=1000     many, by hand"""
import difflib
import json
import os
import pathlib
import random
import shutil
import subprocess

import grammar
import lexer
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))


def bgc(folder, *args):
    env = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8'}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    p = subprocess.run([BGC, *args], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    assert p.returncode in (0, 1, 3), (args, p.returncode, p.stderr.decode()[-2000:])
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def said(folder, name):
    """All that `check` says, but where."""
    return sorted((d['code'], d['message']) for d in json.loads(bgc(folder, 'check', '--json', name)[1]))


def text_of(path):
    return path.read_bytes().decode()


def same(name, before, after):
    """The tokens and the comments of both."""
    (old, old_comments), (new, new_comments) = lexer.read(before), lexer.read(after)
    old, new = lexer.meaning(old), lexer.meaning(new)
    for a, b in ((old, new), ([f'{n} {c}' for n, c in old_comments], [f'{n} {c}' for n, c in new_comments])):
        assert a == b, f'{name}\n' + '\n'.join(difflib.unified_diff(a, b, 'before', 'after', lineterm='')) + '\n' + before


def formats(folder, names):
    """All that is promised, of the files in a folder."""
    before = {n: text_of(folder / n) for n in names}
    code, out, err = bgc(folder, 'fmt', '.')
    assert code == 0, err
    for n in names:
        same(n, before[n], text_of(folder / n))
    code, out, err = bgc(folder, 'fmt', '--check', '.')
    assert (code, out) == (0, ''), f'formatting twice changes more: {out}{err}'
    for n in names:
        lines = text_of(folder / n).split('\n')
        assert lines.pop() == '' and not any('\r' in line for line in lines), n
    return before


@pytest.fixture(scope='module')
def programs(request):
    """{name: tokens as derived, text}"""
    g, first = grammar.Grammar(), request.config.getoption('--seed')
    seeds = range(first, first + request.config.getoption('--programs'))
    return {f'p{seed}.bg': grammar.program(g, seed) for seed in seeds}


def test_the_whole_grammar(programs):
    """Each token of it comes, and reading what was written gives what was derived."""
    g = grammar.Grammar()
    seen = {t.kind for tokens, _ in programs.values() for t in tokens}
    wanted = {s for rules in g.rules.values() for p in rules for s in p if s not in g.rules}
    wanted -= {'START_FILE', 'START_EXPR', 'START_BINDINGS', 'HEAD', 'MIDDLE', 'TAIL'}
    assert not wanted - seen, wanted - seen
    for name, (tokens, text) in programs.items():
        assert lexer.meaning(lexer.read(text)[0]) == lexer.meaning(tokens), f'{name}\n{text}'


def test_generated_programs(programs, tmp_path):
    for name, (_, text) in programs.items():
        (tmp_path / name).write_bytes(text.encode())
    before = {name: said(tmp_path, name) for name in programs}
    syntax = [(n, d) for n in programs for d in before[n] if d[0] < 'BG0021']
    assert not syntax, 'what was derived parses'
    formats(tmp_path, programs)
    for name, (_, text) in programs.items():
        assert said(tmp_path, name) == before[name], f'{name}\n{text}\n---\n{text_of(tmp_path / name)}'


def respaced(text, seed):
    return grammar.layout(lexer.read(text)[0], random.Random(seed))


@pytest.mark.parametrize('program', ['examples/shop', 'examples/split'])
def test_an_example_with_odd_spacing(program, tmp_path):
    """It is the same program: not a word of what is said of it changes, nor the ids of its worlds."""
    origin, folder = ROOT / program, tmp_path / 'work'
    for seed in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(origin, folder, ignore=shutil.ignore_patterns('.bgc'))
        clean = bgc(folder, 'check')
        assert clean[0] == 0 and 'world ' in clean[1]
        names = [str(f.relative_to(folder)) for f in folder.rglob('*.bg') if f.parent.name != 'env']
        for n in names:
            (folder / n).write_bytes(respaced(text_of(origin / n), seed).encode())
        assert bgc(folder, 'check') == clean
        formats(folder, names)
        assert bgc(folder, 'check') == clean


def test_the_library_with_odd_spacing(tmp_path):
    origins = sorted((ROOT / 'stdlib').rglob('*.bg'))
    for seed in range(2):
        names = {f'{seed}-{i}-{f.name}': respaced(text_of(f), f'{seed} {f.name}') for i, f in enumerate(origins)}
        for n, text in names.items():
            (tmp_path / n).write_bytes(text.encode())
        formats(tmp_path, names)
