"""What only sending needs is loaded by what sends, and by nothing else."""
import pathlib
import re

import pytest

from conftest import BGC

# As the ELF note tells packagers.
SONAMES = [name.decode() for name in re.findall(rb'"soname":\["([^"]+)"\]', pathlib.Path(BGC).read_bytes())]
AWS = {'AWS_ACCESS_KEY_ID': 'AKIAIOSFODNN7EXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'c2VjcmV0c2VjcmV0',
       'AWS_ENDPOINT_URL': 'http://127.0.0.1:9'}


def loaded(bgc, *args, **env):
    """Which of the libraries the dynamic linker was asked for."""
    r = bgc(*args, env={'LD_DEBUG': 'files', **env})
    assert 'libcrypto.so' in r.err, r  # the linker does tell
    return [name for name in SONAMES if f'file={name} ' in r.err]


def test_the_note():
    assert sorted(name.split('.')[0] for name in SONAMES) == ['libcurl', 'libxml2']


@pytest.mark.parametrize('command', [
    ['version'], ['help'], ['check'], ['fmt', '--check'], ['explain', 'BG3001'],
    ['types', 'ec2.subnet'], ['plan', '--sandbox=account.json'],
])
def test_commands_without_a_network(shop, command):
    assert loaded(shop, *command) == []


def test_a_command_with_one(shop):
    assert sorted(loaded(shop, 'plan', **AWS)) == sorted(SONAMES)


@pytest.fixture(params=SONAMES)
def without(request, tmp_path):
    """One library is no library."""
    folder = tmp_path / 'lib'
    folder.mkdir()
    (folder / request.param).touch()
    return request.param, {'LD_LIBRARY_PATH': str(folder)}


@pytest.mark.parametrize('command', [['plan'], ['apply', '--yes'], ['status'], ['whoami']])
def test_a_library_that_is_missing(shop, without, command):
    soname, env = without
    r = shop(*command, env={**AWS, **env})
    assert r.code == 1 and 'error[BG5205]' in r.err and soname in r.err, r
    assert '--sandbox' in r.err


def test_the_sandbox_needs_none(shop, without):
    assert shop('plan', '--sandbox=account.json', env=without[1]).code == 0
