"""./demo and ./check, as far as they can be run inside themselves: how they begin."""
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import BGC, ROOT


def begin(folder, script, path, cwd='/'):
    return subprocess.run(['bash', str(folder / script)], cwd=cwd, env={'PATH': path, 'HOME': str(folder)},
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize('script', ['demo', 'check'])
def test_a_path_with_spaces_is_said(tmp_path, script):
    folder = tmp_path / 'a b'
    folder.mkdir()
    shutil.copy(ROOT / script, folder)
    r = begin(folder, script, os.environ['PATH'])
    assert r.returncode == 1 and 'path with spaces' in r.stdout and str(folder) in r.stdout, r
    assert sorted(os.listdir(folder)) == [script]


def test_demo_without_root_and_sudo_says_what_to_install(tmp_path):
    """Whoever may not install is told what to ask for, before anything is built."""
    (tmp_path / 'src').mkdir()
    shutil.copy(ROOT / 'demo', tmp_path / 'src')
    tools = tmp_path / 'bin'
    tools.mkdir()
    for name, text in {'dpkg-query': 'exit 1', 'id': 'echo 1000', 'dirname': 'exec /usr/bin/dirname "$@"'}.items():
        (tools / name).write_text(f'#!/bin/bash\n{text}\n')
        (tools / name).chmod(0o755)
    (tools / 'bash').symlink_to(shutil.which('bash'))
    r = begin(tmp_path / 'src', 'demo', str(tools))
    assert r.returncode == 1 and 'as root: apt-get install' in r.stdout and 'libjansson-dev' in r.stdout, r
    assert os.listdir(tmp_path / 'src') == ['demo']


def test_both_install_what_the_build_needs():
    def packages(script):
        text = (ROOT / script).read_text()
        return set(text.split('packages="')[1].split('"')[0].split())
    assert packages('demo') <= packages('check')


@pytest.mark.skipif(not (pathlib.Path(BGC).parent / 'Makefile').exists(), reason='built elsewhere')
def test_the_demo_tells_its_story():
    env = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent', 'BUILD': str(pathlib.Path(BGC).parent), 'NO_COLOR': '1',
           'LC_ALL': 'C.UTF-8', **{k: v for k, v in os.environ.items() if k in ('CC', 'CCACHE_DIR')}}
    r = subprocess.run([ROOT / 'demo'], cwd='/', env=env, capture_output=True, text=True, timeout=300)
    assert r.returncode == 0, r.stdout[-3000:] + r.stderr
    told = [r.stdout.index(words) for words in (
        '0 updates, 0 deletions while it serves', 'expected outcome == "rolled_back"',
        '100 % of the traffic goes to', '5. a day later', 'On a real account')]
    assert told == sorted(told)
