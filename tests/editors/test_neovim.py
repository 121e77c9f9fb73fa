"""One session in a real editor: headless Neovim, with the files of editors/vim."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))


@pytest.fixture(scope='module')
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp('nvim') / 'shop'
    shutil.copytree(ROOT / 'examples' / 'shop', folder, ignore=shutil.ignore_patterns('.bgc'))
    spec = folder / 'shop.bg'
    spec.write_text(spec.read_text().replace('drain  = 30s', 'drian  = 30s'))
    out = folder / 'seen.json'
    env = {**os.environ, 'HOME': str(folder), 'XDG_CACHE_HOME': str(folder / '.cache'),
           'XDG_STATE_HOME': str(folder / '.state'), 'XDG_DATA_HOME': str(folder / '.data'), 'BGC': BGC,
           'BG_HERE': str(HERE), 'BG_VIM': str(ROOT / 'editors' / 'vim'), 'BG_OUT': str(out)}
    p = subprocess.run(['nvim', '--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-c', f'luafile {HERE / "session.lua"}'],
                       cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    said = dict(json.loads(line) for line in out.read_text().splitlines()) if out.exists() else {}
    assert p.returncode == 0 and 'timeout' not in said and 'error' not in said, (said, p.stderr)
    said['file'] = spec.read_text()
    return said


def test_diagnostics_come_and_go(seen):
    assert seen['filetype'] == 'bg'
    assert len(seen['broken']) == 1 and 'did you mean `drain`?' in seen['broken'][0]['message']
    assert seen['mended'] == []


def test_completion(seen):
    assert {'port', 'protocol'} & set(seen['completion'])
    assert seen['accepted'].strip().endswith('=')


def test_hover(seen):
    assert 'elbv2.target_group' in seen['hover']


def test_definitions(seen):
    assert seen['definition'].strip() == 'resource tg: elbv2.target_group {'
    assert seen['library'] == 'type elbv2.target_group {'


def test_rename(seen):
    text = '\n'.join(seen['renamed'])
    assert 'moved web.tg -> web.targets' in text and 'forward = targets' in text
    assert 'healthy(web.targets)' in text and 'web.targets.healthy = 0' in text


def test_formatting(seen):
    assert seen['formatted'] == 'let host = "shop.example.com"'


def test_indentation(seen):
    assert seen['indented'] == ['world web {', '  resource a: ec2.vpc {', '    x = [', '      1,', '    ]', '  }', '}']


def test_what_was_saved_is_sound(seen, tmp_path):
    (tmp_path / 'shop.bg').write_text(seen['file'])
    shutil.copy(ROOT / 'examples' / 'shop' / 'boot.sh', tmp_path)
    p = subprocess.run([BGC, 'check', 'shop.bg'], cwd=tmp_path, capture_output=True, text=True)
    assert p.returncode == 0, p.stderr
