"""Whichever allocation fails, it is said, and nothing is broken by it.

What is lost by it is found too: AddressSanitizer is preloaded. So this is for a build without it."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import BGC, ROOT, SHOP, WRONG, Run, compiler, environment


LOSE = r'''
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
int main(int n, char **arg)
{
    char *volatile p = malloc(100), *volatile q = p;
    if (strcmp(arg[1], "lose")) free(q);
    if (!strcmp(arg[1], "twice")) free(q);
    if (!strcmp(arg[1], "open")) open("/dev/null", O_RDONLY);
    p = q = NULL;
    free(malloc(200));
    return 0;
}
'''


def every(total, most):
    """All of 1..total, or `most` of them, evenly."""
    return range(1, total + 1) if total <= most else sorted({1 + i * total // most for i in range(most)})


def test_what_is_lost_is_found(shim, tmp_path):
    """Of the shim itself: a block that nothing points to any more, before an allocation fails or at the end, one
    that is freed twice, and a file that stays open."""
    (tmp_path / 'lose.c').write_text(LOSE)
    subprocess.run([*compiler(), '-O0', '-w', '-o', tmp_path / 'lose', tmp_path / 'lose.c'], check=True)
    for how, at, code, rest in (('sound', 0, 0, [0, 0]), ('lose', 0, 0, [0, 1]), ('lose', 2, WRONG, None),
                                ('sound', 2, 0, [0, 0]), ('twice', 0, WRONG, None), ('open', 0, 0, [1, 0])):
        count = tmp_path / 'count'
        count.unlink(missing_ok=True)
        p = subprocess.run([tmp_path / 'lose', how], capture_output=True, timeout=60,
                           env=environment(tmp_path, *shim, FAIL_AT=str(at), FAIL_COUNT=str(count)))
        assert p.returncode == code, (how, at, p.stderr.decode())
        assert rest is None or list(map(int, count.read_text().split()))[1:] == rest, (how, at)


def test_every_allocation_of_a_check(shim, tmp_path):
    r = Run(shim, tmp_path, SHOP, ['check', 'shop.bg'])
    assert r.code == 0 and r.total > 50
    for n in range(1, r.total + 1):
        files, where = r.check(n)
        assert files == r.files, where


@pytest.mark.parametrize('args', [
    ['check', '--json', 'shop.bg'], ['fmt', '--check', 'shop.bg'], ['explain', 'BG3001'],
    ['doc', 'ec2.security_group'], ['graph', 'shop.bg'],
], ids=lambda a: ' '.join(a))
def test_what_only_reads(shim, tmp_path, args):
    r = Run(shim, tmp_path, SHOP, args)
    assert r.code == 0 and r.total > 1
    for n in every(r.total, 30):
        files, where = r.check(n)
        assert files == r.files, where


def test_allocations_of_the_digests(shim, tmp_path):
    r = Run(shim, tmp_path, SHOP, ['check', 'shop.bg'], lib='libcrypto')
    for n in every(r.total, 25):
        r.check(n)


TESTS = '''
input fleet: 1..50 = 3
test "what the program writes" {
  given  { fleet = 4 }
  mock   net = { id = "vpc-1" }
  expect fleet * 2 == 8
  expect web.tg.vpc.id == "vpc-1"
}
test "what is out of range" {
  given  { fleet = 51 }
  expect error BG1011 "51"
}
test "what fails" {
  expect fleet == 4
}
'''


def test_tests_of_the_language(shim, tmp_path):
    origin = tmp_path / 'origin'
    origin.mkdir()
    program = subprocess.run(['sh', ROOT / 'tests' / 'check' / 'frame.sh'], input=TESTS, capture_output=True, text=True,
                             check=True).stdout
    (origin / 'spec.bg').write_text(program)
    r = Run(shim, tmp_path, origin, ['test', 'spec.bg'])
    assert r.code == 1 and b'2 of 3 tests pass' in r.out, r.out + r.err
    for n in every(r.total, 150):
        files, where = r.check(n)
        assert files == r.files, where


def test_a_scenario(shim, tmp_path):
    r = Run(shim, tmp_path, SHOP, ['test', '--only', 'the spec goes back', 'shop.bg'])
    assert r.code == 0 and b'1 of 1 scenarios hold' in r.out, r.out + r.err
    for n in every(r.total, 25):
        files, where = r.check(n)
        assert files == r.files, where


def message(method, params, id=None):
    asked = {} if id is None else {'id': id}
    body = json.dumps({'jsonrpc': '2.0', 'method': method, 'params': params, **asked}).encode()
    return b'Content-Length: %d\r\n\r\n' % len(body) + body


def test_the_language_server(shim, tmp_path):
    """It is given a file, asked about it, and given a mistake."""
    uri = f'file://{tmp_path}/work/shop.bg'
    text = (SHOP / 'shop.bg').read_text()
    line = next(i for i, l in enumerate(text.splitlines()) if 'route53.weighted' in l)
    at = {'textDocument': {'uri': uri}, 'position': {'line': line, 'character': 3}}
    published, mistake = b'publishDiagnostics', text + 'let broken = nowhere\n'
    r = Run(shim, tmp_path, SHOP, ['lsp'], steps=[
        (message('initialize', {'processId': None, 'rootUri': f'file://{tmp_path}/work', 'capabilities': {}}, 1), b'"id":1'),
        (message('initialized', {}) + message('textDocument/didOpen', {
            'textDocument': {'uri': uri, 'languageId': 'bg', 'version': 1, 'text': text}}), published),
        (message('textDocument/hover', at, 2), b'"id":2'),
        (message('textDocument/didChange', {'textDocument': {'uri': uri, 'version': 2},
                                            'contentChanges': [{'text': mistake}]}), b'"BG1001"'),
        (message('textDocument/completion', at, 3), b'"id":3'),
        (message('shutdown', None, 4) + message('exit', None), b'"id":4'),
    ])
    assert r.code == 0 and published in r.out and b'"BG1001"' in r.out, r.out + r.err
    for n in every(r.total, 200):
        r.check(n)


def test_a_program_with_errors(shim, tmp_path):
    origin = tmp_path / 'origin'
    shutil.copytree(ROOT / 'tests' / 'check', origin)
    for name in ('types.bg', 'worlds.bg'):
        r = Run(shim, tmp_path, origin, ['check', name])
        assert r.code == 1
        for n in every(r.total, 30):
            r.check(n)


def test_formatting_never_leaves_half_a_file(shim, tmp_path):
    origin = tmp_path / 'origin'
    origin.mkdir()
    ugly = (SHOP / 'shop.bg').read_text().replace('  ', '    ')
    (origin / 'shop.bg').write_text(ugly)
    r = Run(shim, tmp_path, origin, ['fmt', 'shop.bg'])
    assert r.code == 0 and r.files['shop.bg'] != ugly.encode()
    for n in range(1, r.total + 1):
        files, where = r.check(n)
        assert files['shop.bg'] in (ugly.encode(), r.files['shop.bg']), where


@pytest.mark.parametrize('args, most', [
    (['plan', '--sandbox=account.json', 'shop.bg'], 25),
    (['apply', '--sandbox=account.json', '--yes', '-q', 'shop.bg'], 12),
    (["test", "shop.bg"], 10),
], ids=lambda a: a[0] if isinstance(a, list) else '')
def test_runs_in_the_sandbox(shim, tmp_path, args, most):
    r = Run(shim, tmp_path, SHOP, args)
    assert r.code == 0, r.err.decode()
    for n in every(r.total, most):
        files, where = r.check(n)
        account = files.get('account.json')
        if account is not None:
            json.loads(account)


def test_after_it_the_run_goes_on(shim, tmp_path):
    args = ['apply', '--sandbox=account.json', '--yes', '-q', 'shop.bg']
    r = Run(shim, tmp_path, SHOP, args)
    for n in every(r.total, 3):
        r.check(n)
        p = subprocess.run([BGC, *args], cwd=tmp_path / 'work', capture_output=True, timeout=60,
                           env={'PATH': os.environ['PATH'], 'HOME': str(tmp_path), 'LC_ALL': 'C.UTF-8'})
        assert p.returncode == 0, (n, p.stderr.decode())
