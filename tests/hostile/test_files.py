"""Files that are no files, or no text, or much too long, or not what they seem."""
import os
import threading
import time

import pytest

S = 'stack s { region = "eu-west-1" }\n'


def test_a_file_of_100_megabytes(bgc):
    with open(bgc.folder / 'main.bg', 'wb') as f:
        f.write(S.encode())
        for _ in range(100):
            f.write(b'# a comment\n' * (2**20 // 12))
    bgc.refused('BG0101', 'BG0015', args=('check', 'main.bg'))


def test_a_file_of_60_megabytes_of_one_line(bgc):
    bgc.write('main.bg', S + 'let x = "' + 'a' * (60 << 20) + '\n')
    bgc.refused('BG0002', args=('check', 'main.bg'))


@pytest.mark.parametrize('size', [2, 1000])
def test_imports_in_a_circle(bgc, size):
    for i in range(size):
        bgc.write(f'f{i}.bg', f'use "./f{(i + 1) % size}.bg" = n\nlet x = 1\n')
    bgc.write('main.bg', S + 'use "./f0.bg" = f\noutput o = f.x\n')
    bgc.refused('BG0103' if size < 100 else 'BG0109', args=('check', 'main.bg'))


def test_imports_10000_long(bgc):
    for i in range(10000):
        bgc.write(f'f{i}.bg', f'use "./f{i + 1}.bg" = n\nlet x = n.x\n')
    bgc.write('f10000.bg', 'let x = 1\n')
    bgc.write('main.bg', S + 'use "./f0.bg" = f\noutput o = f.x\n')
    bgc.refused('BG0109', args=('check', 'main.bg'))


def test_one_file_imported_10000_times(bgc):
    bgc.write('f.bg', 'let x = 1\n')
    bgc.write('main.bg', S + ''.join(f'use "./f.bg" = f{i}\n' for i in range(10000)) + 'output o = f0.x\n')
    assert bgc('check', 'main.bg').code == 0


# ---- bytes -----------------------------------------------------------------------

@pytest.mark.parametrize('text, code', [
    ((S + 'let x = "\0"\n').encode(), 'BG0012'),
    (b'\0' * 10**6, 'BG0012'),
    (b'\xff' * 10**6, 'BG0012'),
    (S.encode() + b'let x = "\xff\xfe\xc0\x80\xed\xa0\x80"\n', 'BG0012'),
    (S.encode() + b'let \xff\xfe = 1\n', 'BG0012'),
    (S.encode('utf-16'), 'BG0012'),
    ((S + '\ufefflet x = 1\n').encode(), 'BG0013'),
    (S.encode() + b'\r' * 10**6, 'BG0013'),
    ((S + 'let x = "\x1b[31mred\x07"\noutput o = x\n').encode(), 'BG0013'),
    ((S + '# \x1b[2J\n').encode(), 'BG0013'),
], ids=['nul', 'nuls', 'ff', 'overlong', 'name', 'utf-16', 'bom inside', 'returns', 'escape', 'escape in a comment'])
def test_bytes_that_are_no_text(bgc, text, code):
    r = bgc.refuses(text, code)
    assert '\x1b' not in r.all and '\x07' not in r.all and '\0' not in r.all


def test_a_byte_order_mark_at_the_beginning_is_allowed(bgc):
    bgc.write('main.bg', '\ufeff' + S)
    bgc.accepted('check', 'main.bg')


BIDI = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c'


@pytest.mark.parametrize('c', BIDI, ids=[f'{ord(c):x}' for c in BIDI])
@pytest.mark.parametrize('where', ['# {c} }} evil\n', 'let x = "a{c}b"\n', '## {c}\nlet x = 1\n', 'let x = r"a{c}"\n',
                                   'let a{c}b = 1\n', 'let x = """\n  {c}\n  """\n'])
def test_what_reorders_text_is_an_error_wherever_it_stands(bgc, c, where):
    r = bgc.refuses(S + where.format(c=c), 'BG0013', 'BG0006')
    assert c not in r.all


def test_escapes_write_such_characters_and_output_shows_them_escaped(bgc):
    bgc.write('main.bg', S + 'let x = "\\u{202e}\\u{1b}[31m\\u{7}"\noutput o = x\nassert x == "": "${x}"\n')
    r = bgc('check', 'main.bg')
    assert '\x1b' not in r.all and '\u202e' not in r.all and '\x07' not in r.all
    r = bgc('plan', 'main.bg', '--sandbox')
    assert '\x1b' not in r.all and '\u202e' not in r.all and '\x07' not in r.all


def test_names_of_files_are_shown_escaped(bgc):
    bgc.write('a\x1b[31m\u202e.bg', 'x')
    r = bgc.refused('BG', args=('check', 'a\x1b[31m\u202e.bg'))
    assert '\x1b' not in r.all and '\u202e' not in r.all


# ---- what is no file -------------------------------------------------------------

def test_a_pipe_that_nobody_writes_to(bgc):
    os.mkfifo(bgc.folder / 'main.bg')
    bgc.refused('BG01', args=('check', 'main.bg'))
    bgc.write('root.bg', S + 'use "./main.bg" = f\noutput o = file("main.bg")\n')
    bgc.refused('BG01', args=('check', 'root.bg'))


@pytest.mark.parametrize('path', ['/dev/zero', '/dev/null', '/dev/random', '/proc/self/mem', '/dev/tty', '/dev/stdin'])
def test_devices(bgc, path):
    bgc.refused('BG', args=('check', path))
    os.symlink(path, bgc.folder / 'link.bg')
    bgc.refused('BG', args=('check', 'link.bg'))
    r = bgc('fmt', 'link.bg')
    assert r.code == 1
    bgc.write('root.bg', S + 'use "./link.bg" = f\noutput o = file("link.bg")\n')
    bgc.refused('BG01', args=('check', 'root.bg'))


def test_a_folder_as_a_file(bgc):
    (bgc.folder / 'lib.bg').mkdir()
    bgc.write('main.bg', S + 'use "./lib.bg" = f\noutput o = file("lib.bg")\n')
    bgc.refused('BG01', args=('check', 'main.bg'))


def test_links_in_a_circle(bgc):
    os.symlink('a.bg', bgc.folder / 'b.bg')
    os.symlink('b.bg', bgc.folder / 'a.bg')
    bgc.refused('BG', args=('check', 'a.bg'))
    assert bgc('fmt', 'a.bg').code == 1
    os.symlink('.', bgc.folder / 'loop')
    bgc.write('main.bg', S)
    assert bgc('fmt', '--check', '.').code in (0, 1, 3)


def test_links_to_the_outside(bgc):
    outside = bgc.folder.parent / 'outside.txt'
    outside.write_text('secret-of-another-folder\n')
    os.symlink(outside, bgc.folder / 'in.txt')
    for text in ('output o = file("in.txt")', 'output o = file("../outside.txt")', f'output o = file("{outside}")',
                 'use "../outside.txt" = x'):
        bgc.write('main.bg', S + text + '\n')
        r = bgc.refused('BG01', args=('check', 'main.bg'))
        assert 'secret-of' not in r.all


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_a_file_that_may_not_be_read(bgc):
    bgc.write('main.bg', S).chmod(0)
    bgc.refused('BG', args=('check', 'main.bg'))


def test_a_file_that_changes_while_it_is_read(bgc):
    """Whatever was read, the answer is about one text: sound or refused, never a crash."""
    path = bgc.write('main.bg', S)
    stop = threading.Event()

    def change():
        i = 0
        while not stop.is_set():
            i += 1
            with open(path, 'r+b') as f:
                f.truncate([0, 10, 10**6][i % 3])
                f.write((S * (i % 50)).encode())

    writer = threading.Thread(target=change)
    writer.start()
    try:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            assert bgc('check', 'main.bg').code in (0, 1)
    finally:
        stop.set()
        writer.join()
