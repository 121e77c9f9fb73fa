"""./demo and ./check, as far as they can be run inside themselves: how they begin."""
import os
import shutil
import subprocess

import pytest

from conftest import ROOT


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
