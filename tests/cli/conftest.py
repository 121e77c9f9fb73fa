"""The built binary, from outside: what people and pipelines see of it."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BGC = os.environ.get('BGC', str(ROOT / 'build' / 'bgc'))
SHOP = ROOT / 'examples' / 'shop'


class Result:
    def __init__(self, p):
        self.code, self.out, self.err = p.returncode, p.stdout, p.stderr
        self.all = p.stdout + p.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f'exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}'


def environment(home, **more):
    """Nothing of whoever runs the tests: no credentials, no colours, no network."""
    env = {'PATH': os.environ['PATH'], 'HOME': str(home), 'LC_ALL': 'C.UTF-8', 'USER': 'tester',
           'AWS_EC2_METADATA_DISABLED': 'true'}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more)
    return env


class Bgc:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def __call__(self, *args, env=None, input=None, timeout=60):
        p = subprocess.run([BGC, *map(str, args)], cwd=self.folder, env=environment(self.folder, **(env or {})),
                           input=input if input is not None else '', capture_output=True, text=True, timeout=timeout)
        # Whatever it is given, it neither crashes nor forges a pipeline's command.
        assert p.returncode in range(8), Result(p)
        assert not any(line.startswith('::') for line in p.stderr.splitlines()), Result(p)
        return Result(p)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def bgc(tmp_path):
    """In an empty folder."""
    return Bgc(tmp_path)


@pytest.fixture
def shop(tmp_path):
    """In a copy of the example."""
    shutil.copytree(SHOP, tmp_path / 'shop', ignore=shutil.ignore_patterns('.bgc'))
    return Bgc(tmp_path / 'shop')


@pytest.fixture(scope='session')
def blue(tmp_path_factory):
    """A sandbox account in which the shop serves from t2.small."""
    folder = tmp_path_factory.mktemp('blue') / 'shop'
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns('.bgc'))
    r = Bgc(folder)('apply', '--sandbox=account.json', '-i', 'size=t2.small', '--yes', '-q')
    assert r.code == 0, r
    # It has served for a while, and a shift that begins now does not begin at the very end of a minute:
    # a percentile of that minute's few requests would be what a gate sees first.
    assert Bgc(folder)('status', '--sandbox=account.json', '--after', '1820s', '-q').code == 0
    return folder / 'account.json'


@pytest.fixture
def served(shop, blue):
    """The example with that account beside it: wanted is t3.small."""
    shutil.copy(blue, shop.folder / 'account.json')
    return lambda *args, **kw: shop(*args, '--sandbox=account.json', **kw)
