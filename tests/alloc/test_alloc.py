"""Whichever allocation fails, it is said, and nothing is broken by it.

In a build with sanitizers the shim would fight theirs: this is for the plain one."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import BGC, ROOT, SHOP, Run


def every(total, most):
    """All of 1..total, or `most` of them, evenly."""
    return range(1, total + 1) if total <= most else sorted({1 + i * total // most for i in range(most)})


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
    for n in every(r.total, 30):
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
