"""One allocation of a run fails: the shim that does it, and what must be so afterwards."""
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
SHOP = ROOT / 'examples' / 'shop'


@pytest.fixture(scope='session')
def shim(tmp_path_factory):
    out = tmp_path_factory.mktemp('shim') / 'fail.so'
    subprocess.run([*shlex.split(os.environ.get('CC', 'cc')), '-shared', '-fPIC', '-O1', '-o', out,
                    ROOT / 'tests' / 'alloc' / 'fail.c', '-ldl'], check=True)
    return out


class Run:
    """A command in a fresh copy of a folder, run again and again."""

    def __init__(self, shim, folder, origin, args, lib=''):
        self.shim, self.folder, self.origin, self.args, self.lib = shim, folder, origin, args, lib
        self.code, self.out, self.err, self.files = self.run(0)
        self.total = int((folder / 'count').read_text())

    def run(self, at):
        work = self.folder / 'work'
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(self.origin, work, ignore=shutil.ignore_patterns('.bgc'))
        env = {'PATH': os.environ['PATH'], 'HOME': str(work), 'LC_ALL': 'C.UTF-8', 'LD_PRELOAD': str(self.shim),
               'FAIL_AT': str(at), 'FAIL_COUNT': str(self.folder / 'count')}
        if self.lib:
            env['FAIL_LIB'] = self.lib
        p = subprocess.run([BGC, *self.args], cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        files = {str(f.relative_to(work)): f.read_bytes() for f in sorted(work.rglob('*')) if f.is_file()}
        return p.returncode, p.stdout, p.stderr, files

    def check(self, at):
        """Clean: it says so and ends with 1, or nothing can be seen of it at all. Nothing is
        half-written, and no temporary file stays behind."""
        code, out, err, files = self.run(at)
        where = f'allocation {at} of {self.total}: exit {code}\n{err.decode()[-800:]}'
        if code == 1 and b'memory' in err:
            assert code == 1, where
        else:
            assert (code, out) == (self.code, self.out), where
        left = [f for f in files if f.split('/')[-1].startswith('.') and f not in self.files]
        assert not left, f'{where}\n{left}'
        return files, where
