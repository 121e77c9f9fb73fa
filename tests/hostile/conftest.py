"""Inputs made to exhaust: each must end with a diagnostic, soon and in little memory."""
import os
import pathlib
import resource
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))

CPU = 2.0            # seconds of CPU that bgc may take: not of the clock, so that a busy machine is no failure
SLOW = 3             # a machine this many times slower than ours still passes; the kernel ends what takes longer
MEMORY = 1 << 30     # bytes of address space


class Result:
    def __init__(self, p, cpu):
        self.code, self.cpu = p.returncode, cpu
        self.out = p.stdout.decode('utf-8')          # whatever came in, what comes out is UTF-8
        self.err = p.stderr.decode('utf-8')
        self.all = self.out + self.err

    def __repr__(self):
        return f'exit {self.code}, {self.cpu:.2f} s\n{self.out[-3000:]}\n{self.err[-3000:]}'


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(CPU * SLOW), int(CPU * SLOW) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Bgc:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def __call__(self, *args):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        p = subprocess.run([BGC, *map(str, args)], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                           preexec_fn=limits, timeout=120,
                           env={'PATH': os.environ['PATH'], 'HOME': str(self.folder), 'LC_ALL': 'C.UTF-8'})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        r = Result(p, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert r.code != -signal.SIGXCPU, f'more than {CPU * SLOW} s of CPU: {args}'
        assert 0 <= r.code <= 7, r
        return r

    def refused(self, *codes, args=('check', 'main.bg')):
        """It ends with an error, one of these codes is said, and little is printed."""
        r = self(*args)
        assert r.code == 1, r
        assert codes and any(code in r.all for code in codes), r
        assert 'out of memory' not in r.all, r
        assert len(r.all) < 1_000_000, len(r.all)
        return r

    def refuses(self, text, *codes, name='main.bg'):
        self.write(name, text)
        return self.refused(*codes, args=('check', name))

    def accepted(self, *args):
        r = self(*args)
        assert r.code == 0, r
        return r


@pytest.fixture
def bgc(tmp_path):
    return Bgc(tmp_path)
