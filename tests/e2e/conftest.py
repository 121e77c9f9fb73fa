"""The whole way: the binary, the wire, a mock of AWS, TLS from nginx, and boto3 to seed the
account and to read back. What cannot start fails the tests; nothing is skipped."""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import types
import urllib.request

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import account as accounts  # noqa: E402
import spec  # noqa: E402
import tls  # noqa: E402

SPEED = 60  # a minute of the schedule is a second


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


@pytest.fixture(scope='session')
def moto_url(tmp_path_factory):
    port, log = tls.free_port(), tmp_path_factory.mktemp('moto') / 'log'
    env = {k: v for k, v in os.environ.items() if not k.startswith(('AWS_', 'MOTO_'))}
    env['MOTO_EC2_LOAD_DEFAULT_AMIS'] = 'false'
    with open(log, 'w') as out:
        p = subprocess.Popen([sys.executable, str(HERE / 'mended_moto.py'), '-H', '127.0.0.1', '-p', str(port)],
                             stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
    try:
        tls.wait_for(port, p, f'moto ({log})')
        yield f'http://127.0.0.1:{port}'
    finally:
        stop(p)


@pytest.fixture(scope='session')
def certificates(tmp_path_factory):
    return accounts.make_certificates(tmp_path_factory.mktemp('tls'))


@pytest.fixture(scope='session')
def nginx(tmp_path_factory, certificates):
    folder = tmp_path_factory.mktemp('nginx')
    p, port = tls.start_nginx(folder, certificates, accounts.HOST)
    yield types.SimpleNamespace(port=port, log=folder / 'access.log')
    stop(p)


def fresh_account(moto_url, certificates):
    urllib.request.urlopen(urllib.request.Request(moto_url + '/moto-api/reset', method='POST')).read()
    return accounts.Account(moto_url).seed(certificates)


class Bgc:
    """The binary, in a folder of its own with a spec."""

    def __init__(self, folder, url, nginx, certificates):
        self.folder, self.binary = pathlib.Path(folder), os.environ.get('BGC') or str(ROOT / 'build' / 'bgc')
        assert os.access(self.binary, os.X_OK), f'{self.binary} is not built'
        self.begun = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(('AWS_', 'BGC_', 'GITHUB_', 'CI'))}
        self.env.update(
            HOME=str(folder), NO_COLOR='1', AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID='testing',
            AWS_SECRET_ACCESS_KEY='testing', AWS_EC2_METADATA_DISABLED='true', BGC_CLOCK_SPEED=str(SPEED),
            BGC_CLOCK_FROM=self.begun.strftime('%Y-%m-%dT%H:%M:%SZ'),
            BGC_CONNECT_TO=f'*.elb.amazonaws.com:443:127.0.0.1:{nginx.port}', BGC_CA_FILE=str(certificates / 'ca.pem'))
        self.runs = 0

    def now(self):
        """The schedule's time."""
        return self.begun + (datetime.datetime.now(datetime.timezone.utc) - self.begun) * SPEED

    def skip(self, **span):
        """It is `span` later for processes that start after this: so a span of the schedule
        can be as long as a slow machine needs to look at it, and costs no time."""
        self.begun -= datetime.timedelta(**span) / (SPEED - 1)
        self.env['BGC_CLOCK_FROM'] = self.begun.isoformat(timespec='milliseconds')

    def spec(self, image, *more):
        spec.write(self.folder, 'shop', image, (*spec.SHOP, *more))

    def start(self, *args, **env):
        self.runs += 1
        log = self.folder / f'{self.runs:02}-{args[0]}.log'
        with open(log, 'w') as out:
            p = subprocess.Popen([self.binary, *args], cwd=self.folder, env={**self.env, **env},
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        p.log = log
        return p

    def finish(self, process, timeout=240):
        """(exit code, what it printed)"""
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            pytest.fail(f'it did not end within {timeout} s:\n{process.log.read_text()}')
        return process.returncode, process.log.read_text()

    def run(self, *args, expect=0, **env):
        code, text = self.finish(self.start(*args, **env))
        assert code == expect, f'bgc {" ".join(args)}: exit {code}, not {expect}\n{text}'
        return text

    def json(self, *args, expect=0):
        return json.loads(self.run(*args, '--json', expect=expect))

    def events(self, name='events'):
        path = self.folder / name
        if not path.exists():
            return []
        lines = path.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith('\n')]

    def wait_event(self, process, what, name='events', timeout=180):
        """The first event for which `what` holds."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            ended = process.poll() is not None
            for e in self.events(name):
                if what(e):
                    return e
            if ended:
                break
            time.sleep(.1)
        pytest.fail(f'it never came:\n{process.log.read_text()}')

    def wait_share(self, process, share, name='events'):
        """Until the world has that share, and somebody is asked whether to go on."""
        def asked(_):
            told = self.events(name)
            at = [i for i, e in enumerate(told) if e['type'] == 'shift' and e.get('share') == share]
            return at and any(e['type'] == 'approve' and 'is asked' in e['message'] for e in told[at[-1]:])
        return self.wait_event(process, asked, name)

    def calls(self, trace):
        return [json.loads(line) for line in (self.folder / trace).read_text().splitlines()]


@pytest.fixture(scope='module')
def fresh(moto_url, nginx, certificates, tmp_path_factory):
    """A new account and the binary in a new folder, for who needs more than one of them."""
    def make(name):
        account = fresh_account(moto_url, certificates)
        return account, Bgc(tmp_path_factory.mktemp(name), account.url, nginx, certificates)
    return make


@pytest.fixture(scope='module')
def account(moto_url, certificates):
    """Fresh for each file of tests."""
    return fresh_account(moto_url, certificates)


@pytest.fixture(scope='module')
def bgc(account, nginx, certificates, tmp_path_factory):
    b = Bgc(tmp_path_factory.mktemp('shop'), account.url, nginx, certificates)
    b.spec(account.images[0])
    return b
