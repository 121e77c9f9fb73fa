"""bgc fmt: which files it touches, and what it says of them."""
import os

import pytest

from conftest import ROOT

UGLY, NICE = 'let  a=1\n', 'let a = 1\n'


def test_says_which_files_changed(bgc):
    bgc.write('a.bg', UGLY)
    bgc.write('sub/b.bg', UGLY)
    bgc.write('nice.bg', NICE)
    r = bgc('fmt', '.', env={'HOME': '/nonexistent'})
    assert r.code == 0 and r.out.split() == ['a.bg', 'sub/b.bg'], r
    assert all((bgc.folder / f).read_text() == NICE for f in ('a.bg', 'sub/b.bg', 'nice.bg'))
    assert bgc('fmt', '.', env={'HOME': '/nonexistent'}).out == ''


def test_check_changes_nothing(bgc):
    path = bgc.write('a.bg', UGLY)
    r = bgc('fmt', '--check', 'a.bg')
    assert r.code == 3 and r.out == 'a.bg would change\n'
    assert path.read_text() == UGLY


def test_leaves_alone_what_is_not_of_the_program(bgc, tmp_path_factory):
    out = tmp_path_factory.mktemp('elsewhere')
    (out / 'x.bg').write_text(UGLY)
    bgc.write('a.bg', UGLY)
    alone = [bgc.write(f, UGLY) for f in ('.hidden/x.bg', 'node_modules/p/x.bg', 'vendor/x.bg', 'other/x.bg')]
    (bgc.folder / 'other/.git').mkdir()
    os.symlink(out, bgc.folder / 'linked')
    os.symlink(out / 'x.bg', bgc.folder / 'link.bg')
    r = bgc('fmt', env={'HOME': '/nonexistent'})
    assert r.code == 0 and r.out.split() == ['a.bg'], r
    assert all(p.read_text() == UGLY for p in [*alone, out / 'x.bg'])


def test_not_all_of_a_machine(bgc):
    r = bgc('fmt', '/')
    assert r.code == 1 and 'error[BG0911]' in r.err, r


def test_from_stdin(bgc):
    assert bgc('fmt', '-', input=UGLY).out == NICE
    assert bgc('fmt', '-', input='').out == ''
    r = bgc('fmt', '--check', '-', input=UGLY)
    assert r.code == 3 and r.out == ''
    assert bgc('fmt', '--check', '-', input=NICE).code == 0
    r = bgc('fmt', '-', input='let a = (\n')
    assert r.code == 1 and r.out == '' and '<stdin>:1' in r.err


def test_line_ends_and_the_last_line(bgc):
    path = bgc.folder / 'a.bg'
    for text in (b'let a = 1\r\nlet b = 2\r\n', b'let a = 1\nlet b = 2', b'let a = 1\r\n\r\n\r\n# x\r\nlet b = 2'):
        path.write_bytes(text)
        bgc('fmt', 'a.bg')
        once = path.read_bytes()
        assert b'\r' not in once and once.endswith(b'\n') and not once.endswith(b'\n\n')
        bgc('fmt', 'a.bg')
        assert path.read_bytes() == once


def test_a_file_with_errors_is_left_alone(bgc):
    path = bgc.write('a.bg', 'let  a=(\n')
    assert bgc('fmt', 'a.bg').code == 1 and path.read_text() == 'let  a=(\n'


def shipped():
    return sorted(p for part in ('stdlib', 'examples') for p in (ROOT / part).rglob('*.bg'))


@pytest.mark.parametrize('path', shipped(), ids=lambda p: f'{p.parent.name}/{p.name}')
def test_what_is_shipped_is_in_form(bgc, path):
    r = bgc('fmt', '--check', path)
    assert r.code == 0, r
