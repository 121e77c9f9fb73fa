"""The modules of the standard library, tested in their own language."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
MODULES = sorted((ROOT / 'stdlib' / 'std').glob('*.bg'))


@pytest.mark.parametrize('module', [m for m in MODULES if not m.name.endswith('.test.bg')], ids=lambda m: m.name)
def test_module(module):
    tests = module.with_suffix('.test.bg')
    assert tests.exists(), 'every module has its tests beside it'
    p = subprocess.run([BGC, 'test', tests], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, p.stdout + p.stderr
    passed, of = p.stdout.splitlines()[-1].split(' tests')[0].split(' of ')
    assert passed == of and int(of) > 0


def test_tests_are_not_embedded():
    p = subprocess.run([BGC, 'types'], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0 and 'test' not in p.stdout
