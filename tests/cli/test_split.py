"""`elbv2.split`: shares are weights of target groups, and the record is kept in tags. examples/split."""
import json
import shutil

import pytest

from conftest import ROOT, Bgc

LISTENER = 'elbv2.listener'


@pytest.fixture(scope='module')
def served_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp('split') / 'split'
    shutil.copytree(ROOT / 'examples' / 'split', folder, ignore=shutil.ignore_patterns('.bgc'))
    r = Bgc(folder)('apply', '--sandbox=account.json', '-i', 'size=t2.small', '--yes', '-q')
    assert r.code == 0, r
    return folder


@pytest.fixture
def split(served_once, tmp_path):
    """The first version serves; --sandbox is said already."""
    shutil.copytree(served_once, tmp_path / 'split')
    bgc = Bgc(tmp_path / 'split')

    def run(command, *args):
        return bgc(command, '--sandbox=account.json', *args)
    run.folder = bgc.folder
    return run


def status(split):
    return json.loads(split('status', '--json').out)['worlds']['api']


def find(value, what):
    """Every map in the account's file that has the member."""
    if isinstance(value, dict):
        if what in value:
            yield value
        for v in value.values():
            yield from find(v, what)
    elif isinstance(value, list):
        for v in value:
            yield from find(v, what)


def lists(value):
    if isinstance(value, list):
        yield value
    for v in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from lists(v)


def account(split):
    return json.loads((split.folder / 'account.json').read_text())


def weights(split):
    """Of the listener that users reach."""
    shares = [m for m in find(account(split), 'ForwardConfig') if m['ForwardConfig'].get('TargetGroups')]
    assert len(shares) == 1, shares
    return {g['TargetGroupArn'].split('/')[1]: int(g['Weight']) for g in shares[0]['ForwardConfig']['TargetGroups']}


def test_the_scenarios_of_the_example_hold(split):
    r = Bgc(split.folder)('test')
    assert r.code == 0, r
    line = next(x for x in r.out.splitlines() if 'has everything again' in x)
    back = next(x for x in r.out.splitlines() if 'all traffic goes back' in x)

    def seconds(x):
        h, m, s = x.split()[0].split(':')
        return int(h) * 3600 + int(m) * 60 + int(s)
    assert seconds(line) - seconds(back) <= 5


def test_first_creation_ends_the_fixed_answer(split):
    assert list(weights(split).values()) == [100]
    r = split('plan', '-i', 'size=t2.small', '--exit-code')  # nor is the listener put back to what it was made with
    assert r.code == 0 and 'nothing to do' in r.out, r


def test_an_upgrade_and_back(split):
    r = split('plan')
    assert 'the weights, in one call' in r.out and 'requests under way' in r.out and '5s later' in r.out
    assert split('apply', '--yes', '-q').code == 0
    s = status(split)
    assert s['outcome'] == 'applied' and s['phase'] == 'baking' and sorted(weights(split).values()) == [0, 100]
    text = split('status').out
    assert 'aws elbv2 add-tags' in text and 'aws elbv2 modify-listener' in text
    assert split('rollback', '-q').code == 0
    assert list(weights(split).values()) == [100] and list(weights(split))[0].endswith('-tg')
    assert status(split)['outcome'] == 'rolled_back'
    assert split('apply', '--yes', '-q').code == 7  # the abort is latched in the tags


def test_weights_by_hand_are_refused(split):
    assert split('apply', '--yes', '-q').code == 0
    data = account(split)
    for m in find(data, 'ForwardConfig'):
        for g in m['ForwardConfig'].get('TargetGroups', []):
            g['Weight'] = 50
    (split.folder / 'account.json').write_text(json.dumps(data))
    r = split('plan')
    assert r.code == 7 and 'BG6002' in r.err and 'bgc set others' in r.err, r


def test_a_run_that_died_between_the_two_writes(split):
    """The record says what is meant, the weights are still those before: the next run completes it."""
    assert split('apply', '--yes', '-q').code == 0
    assert split('rollback', '-q').code == 0
    data = account(split)
    old = weights(split)
    tagged = [t for t in find(data, 'Key') if t['Key'] == 'bgc:before']
    ids = {w.split(':')[0]: int(w.split(':')[1]) for t in tagged for w in t['Value'].split()}
    assert len(ids) == 2
    arns = {i: next(m['TargetGroupArn'] for m in find(data, 'TargetGroupArn') if f'-{i}-' in m['TargetGroupArn']) for i in ids}
    for m in find(data, 'ForwardConfig'):
        if m['ForwardConfig'].get('TargetGroups'):
            m['ForwardConfig']['TargetGroups'] = [{'TargetGroupArn': arns[i], 'Weight': ids[i]} for i in ids]
    for tags in lists(data):  # and both are still known
        if any(isinstance(t, dict) and t.get('Key') == 'bgc:record' for t in tags):
            tags += [{'Key': f'bgc:to.{i}', 'Value': arns[i]} for i in ids if f'bgc:to.{i}' not in [t['Key'] for t in tags]]
    (split.folder / 'account.json').write_text(json.dumps(data))
    assert weights(split) != old
    r = split('tick')
    assert r.code == 0, r
    assert weights(split) == old


def test_destroy_gives_the_listener_back(split):
    r = split('destroy', '--yes', '-q')
    assert r.code == 0, r
    assert not [m for m in find(account(split), 'TargetGroupArn') if 'api-api' in str(m)]
