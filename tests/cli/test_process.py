"""bgc as a process among others: signals, locks, pipes that close, disks that are full."""
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BGC, Bgc, environment


def start(folder, *args, **kw):
    return subprocess.Popen([BGC, *args], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)


# ---- two at one sandbox account -----------------------------------------------------------

def test_two_at_once_both_count(shop):
    """Without a lock the file of whoever ends last is all that is left."""
    runs = [start(shop.folder, 'apply', '--sandbox=a.json', '--yes', '-q', '-i', 'size=t2.small') for _ in range(3)]
    ends = [p.communicate(timeout=60) + (p.returncode,) for p in runs]
    assert {code for _, _, code in ends} <= {0, 4}, ends
    assert shop('plan', '--sandbox=a.json', '--exit-code', '-i', 'size=t2.small').code == 0
    assert not (shop.folder / 'a.json.lock').exists()


@pytest.mark.parametrize('command', ['apply', 'status', 'plan'])
def test_who_holds_it_is_said(shop, command):
    with open(shop.folder / 'a.json.lock', 'w') as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write('bgc apply of ann@laptop, process 17\n')
        held.flush()
        r = shop(command, '--sandbox=a.json', *(['--yes'] if command == 'apply' else []))
    assert r.code == 4 and 'BG6504' in r.err and 'ann@laptop' in r.err, r


def test_a_killed_holder_leaves_no_lock(served, shop):
    for delay in (0.01, 0.03):
        p = start(shop.folder, 'apply', '--sandbox=account.json', '--yes', '-q')
        time.sleep(delay)
        p.kill()
        p.communicate()
        assert served('status').code == 0
    (shop.folder / 'account.json.lock').write_text('somebody long ago\n')
    assert served('status').code == 0


# ---- signals ---------------------------------------------------------------------------

@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('command', ['apply', 'rollback'])
def test_a_signal_at_any_moment(served, shop, number, command):
    """It is never the raw signal: handlers are there before anything else. (Before exec there is no bgc yet:
    the process is seen to be bgc first.)"""
    seen = set()
    for wait in (0, 0.001, 0.002, 0.005, 0.01):
        shutil.copy(shop.folder / 'account.json', shop.folder / 'b.json')
        before = (shop.folder / 'b.json').read_text()
        p = start(shop.folder, command, '--sandbox=b.json', '--yes')
        caught = 0
        while p.poll() is None and not caught >> (number - 1) & 1:
            try:
                with open(f'/proc/{p.pid}/status') as f:
                    caught = next((int(x.split()[1], 16) for x in f if x.startswith('SigCgt')), 0)
            except OSError:
                break
        time.sleep(wait)
        p.send_signal(number)
        out, err = p.communicate(timeout=60)
        seen.add(p.returncode)
        assert p.returncode in (0, 1, 3, 5), (p.returncode, out, err)
        if p.returncode == 5 and 'before anything was written' in err:
            assert json.loads(before)['objects'] == json.loads((shop.folder / 'b.json').read_text())['objects']
            assert f'to go on: bgc {command} shop.bg' in err
    assert command == 'rollback' or 5 in seen, seen


def test_reading_commands_end_by_the_signal(served, shop):
    """They have nothing to bring to an end."""
    with open(shop.folder / 'account.json.lock', 'w') as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        p = start(shop.folder, 'plan', '--sandbox=account.json')
        time.sleep(.3)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=10)
    assert p.returncode in (-signal.SIGINT, 4)


# ---- output ----------------------------------------------------------------------------

@pytest.mark.parametrize('args, code', [(['plan'], 0), (['plan', '--json'], 0), (['plan', '--exit-code'], 2),
                                        (['apply', '--yes'], 0), (['help'], 0)])
def test_a_reader_that_leaves(served, shop, args, code):
    """`bgc plan | head -1`: silent, and the exit code is the command's own."""
    out, into = os.pipe()
    if args != ['help']:
        args = args + ['--sandbox=account.json']
    p = subprocess.Popen([BGC, *args], cwd=shop.folder, env=environment(shop.folder), stdin=subprocess.DEVNULL,
                         stdout=into, stderr=subprocess.PIPE, text=True)
    os.close(into)
    os.close(out)
    err = p.communicate(timeout=60)[1]
    assert p.returncode == code and 'cannot write' not in err, err


def test_an_apply_goes_on_without_its_reader(served, shop):
    out, into = os.pipe()
    p = subprocess.Popen([BGC, 'apply', '--yes', '--sandbox=account.json'], cwd=shop.folder,
                         env=environment(shop.folder), stdin=subprocess.DEVNULL, stdout=into, stderr=subprocess.DEVNULL)
    os.close(into)
    os.close(out)
    assert p.wait(60) == 0
    assert served('status', '--json').json()['worlds']['web']['phase'] == 'baking'


@pytest.mark.parametrize('option', ['--out', '--html'])
def test_a_file_of_which_not_all_can_be_written(served, shop, option):
    """What was there stays as it was."""
    (shop.folder / 'there').write_text('before')
    limit = f'ulimit -f 4; exec "{BGC}" plan --sandbox=account.json -q {option} there'
    p = subprocess.run(['bash', '-c', 'trap "" XFSZ; ' + limit], cwd=shop.folder, env=environment(shop.folder),
                       capture_output=True, text=True)
    assert p.returncode == 1 and 'BG0906' in p.stderr and 'there' in p.stderr, p
    assert (shop.folder / 'there').read_text() == 'before'
    assert sorted(f for f in os.listdir(shop.folder) if 'there' in f) == ['there']


@pytest.mark.parametrize('option', ['--events', '--trace'])
def test_a_stream_that_is_full(served, shop, option):
    r = served('apply', '--yes', '-q', option, '/dev/full')
    assert 'BG0906' in r.err and 'not complete' in r.err and r.code in (0, 1), r


# ---- options that every command of a kind takes -------------------------------------------

@pytest.mark.parametrize('command', ['apply', 'tick', 'retire', 'destroy', 'approve', 'abort', 'rollback'])
@pytest.mark.parametrize('yes', ['-y', '--yes'])
def test_yes_is_understood_by_all_that_act(shop, command, yes):
    r = shop(command, '--sandbox', yes, '-q')
    assert 'BG0902' not in r.err, r


@pytest.mark.parametrize('command', ['tick', 'retire'])
def test_nothing_is_due(served, shop, command):
    r = served(command, '-i', 'size=t2.small', '--events', 'e')
    assert r.code == 0 and r.out.startswith('nothing is due\n') and 'world web' in r.out, r
    assert json.loads((shop.folder / 'e').read_text().splitlines()[-1])['outcome'] == 'unchanged'


def test_no_credentials_are_said_place_by_place(shop):
    r = shop('plan')
    assert r.code == 1 and 'no AWS credentials were found' in r.err, r
    assert sum(line.strip().startswith('= note:') for line in r.err.splitlines()) >= 4 and '--sandbox' in r.err, r
