"""One allocation of a run fails: the shim that does it, and what must be so afterwards."""
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
SHOP = ROOT / 'examples' / 'shop'


# What a process ends with when AddressSanitizer, or the shim, found something.
WRONG = 99


def compiler():
    return shlex.split(os.environ.get('CC', 'cc'))


def sanitizer():
    """AddressSanitizer as a library to preload: into a program that was not built with it, it brings the search for
    what is allocated and no longer reachable, and the checks of everything that is freed."""
    for command, name in ((compiler(), 'libasan.so'), (['gcc'], 'libasan.so')):
        found = subprocess.run([*command, f'-print-file-name={name}'], capture_output=True, text=True, check=True).stdout.strip()
        if os.path.isabs(found):
            return os.path.realpath(found)
    raise FileNotFoundError('gcc has no libasan.so')


def environment(home, *preload, **more):
    return {'PATH': os.environ['PATH'], 'HOME': str(home), 'LC_ALL': 'C.UTF-8',
            'LD_PRELOAD': ' '.join(map(str, preload)),
            'ASAN_OPTIONS': f'verify_asan_link_order=0:leak_check_at_exit=0:exitcode={WRONG}:quarantine_size_mb=8', **more}


@pytest.fixture(scope='session')
def shim(tmp_path_factory):
    out = tmp_path_factory.mktemp('shim') / 'fail.so'
    subprocess.run([*compiler(), '-shared', '-fPIC', '-O1', '-o', out, ROOT / 'tests' / 'alloc' / 'fail.c', '-ldl'],
                   check=True)
    return out, sanitizer()


class Run:
    """A command in a fresh copy of a folder, run again and again."""

    def __init__(self, shim, folder, origin, args, lib='', steps=()):
        self.shim, self.folder, self.origin, self.args, self.lib, self.steps = shim, folder, origin, args, lib, steps
        self.code, self.out, self.err, self.files = self.run(0)
        self.total, *self.rest = self.counted()
        assert self.rest[1] == 0, self.err.decode()

    def counted(self):
        return list(map(int, (self.folder / 'count').read_text().split()))

    def run(self, at):
        work = self.folder / 'work'
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(self.origin, work, ignore=shutil.ignore_patterns('.bgc'))
        more = {'FAIL_LIB': self.lib} if self.lib else {}
        env = environment(work, *self.shim, FAIL_AT=str(at), FAIL_COUNT=str(self.folder / 'count'), **more)
        if self.lib:
            env['ASAN_OPTIONS'] += ':detect_leaks=0'  # what that library loses then is its own
        code, out, err = self.talk(work, env) if self.steps else self.give(work, env)
        files = {str(f.relative_to(work)): f.read_bytes() for f in sorted(work.rglob('*')) if f.is_file()}
        return code, out, err, files

    def give(self, work, env):
        p = subprocess.run([BGC, *self.args], cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return p.returncode, p.stdout, p.stderr

    def talk(self, work, env):
        """Says something, waits until what is expected of it comes, or the end, and says the next thing."""
        with tempfile.TemporaryFile() as err, subprocess.Popen([BGC, *self.args], cwd=work, env=env, stdin=subprocess.PIPE,
                                                               stdout=subprocess.PIPE, stderr=err, bufsize=0) as p:
            late = threading.Timer(60, p.kill)
            late.start()
            out, fresh = b'', b''
            for said, wanted in self.steps:
                try:
                    p.stdin.write(said)
                except BrokenPipeError:
                    break
                while wanted not in fresh and (some := os.read(p.stdout.fileno(), 1 << 16)):
                    fresh += some
                out, fresh = out + fresh, b''
            out += p.stdout.read()
            code = p.wait()
            late.cancel()
            err.seek(0)
            return code, out, err.read()

    def check(self, at):
        """Clean: it says so and ends with 1, or nothing can be seen of it at all. Nothing that was allocated is
        lost or freed twice, no file stays open, nothing is half-written, and no temporary file stays behind."""
        code, out, err, files = self.run(at)
        where = f'allocation {at} of {self.total}: exit {code}\n{err.decode()[-3000:]}'
        assert code != WRONG, where
        if not (code == 1 and b'out of memory' in err):
            assert (code, out) == (self.code, self.out), where
            assert self.counted()[1:] == self.rest, f'{where}\nfiles are open, or memory is lost'
        left = [f for f in files if f.split('/')[-1].startswith('.') and f not in self.files]
        assert not left, f'{where}\n{left}'
        return files, where
