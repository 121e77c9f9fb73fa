"""The standard library, tested in its own language: modules as a stack would use them, functions and
types beside their declarations."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
STDLIB = ROOT / 'stdlib'
TESTS = sorted(STDLIB.glob('*/*.test.bg'))


@pytest.mark.parametrize('tests', TESTS, ids=lambda t: t.name)
def test_file(tests):
    p = subprocess.run([BGC, 'test', tests], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, p.stdout + p.stderr
    passed, of = p.stdout.splitlines()[-1].split(' tests')[0].split(' of ')
    assert passed == of and int(of) > 0


def test_every_module_and_every_function_has_its_tests_beside_it():
    for file in STDLIB.glob('*/*.bg'):
        text = file.read_text()
        functions = re.findall(r'^fn (\w+)', text, re.M)
        if file in TESTS or not (functions or file.parent.name == 'std'):
            continue
        tests = file.with_suffix('.test.bg')
        assert tests in TESTS, file
        assert all(f'{f}(' in tests.read_text() for f in functions), file


def test_tests_are_not_embedded():
    p = subprocess.run([BGC, 'types'], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0 and 'test' not in p.stdout
