"""`active from`: work that does not follow traffic, in examples/worker."""
import itertools
import json
import re
import shutil

import pytest

from conftest import ROOT, Bgc

WORKER = ROOT / 'examples' / 'worker'


@pytest.fixture
def worker(tmp_path):
    shutil.copytree(WORKER, tmp_path / 'worker', ignore=shutil.ignore_patterns('.bgc'))
    return Bgc(tmp_path / 'worker')


def story(text, title):
    """The lines of one scenario, without their times."""
    lines = text[text.index(title + '\n'):].splitlines()[1:]
    return [line[12:].strip() for line in lines[:lines.index('')]]


def at(lines, what):
    found = [i for i, line in enumerate(lines) if what in line]
    assert found, (what, lines)
    return found[0]


def test_the_scenarios_of_the_example_hold(worker):
    r = worker('test')
    assert r.code == 0, r
    forth = story(r.out, 'consumers change hands with the last share')
    assert (at(forth, '=> 100 % of the traffic') < at(forth, 'is put to rest') < at(forth, 'works from here on')
            < at(forth, 'holds 100 %'))
    early = story(r.out, 'errors at 20 % leave the old consumers at work')
    assert not any('put to rest' in line or 'works from' in line for line in early)
    back = story(r.out, 'errors at 100 % wake the old consumers again')
    back = back[at(back, 'all traffic goes back'):]
    assert at(back, 'has everything again') < at(back, 'is put to rest') < at(back, 'works from here on')


OVERLAP = ('active from 100%', 'active from 100% overlap allowed')
# A second group, which may not overlap.
SECOND = ('  entry alb\n', """  resource nightly: autoscaling.group { template = work_lt, subnets = net.private, size = 1..2 } active from 100%
  entry alb
""")


def change(worker, *pairs):
    spec = worker.folder / 'worker.bg'
    text = spec.read_text()
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    spec.write_text(text)


def handed(lines):
    """Who is put to rest and who wakes, in order: ('rest' or 'wake', name, world)."""
    found = [re.search(r'orders\.(\w+) of (orders/\w+) (is put to rest|works from here on)', line) for line in lines]
    return [('rest' if 'rest' in m[3] else 'wake', m[1], m[2]) for m in found if m]


def turns(handed):
    """The same in turns: what rests or wakes one after the other does so in any order."""
    return [(what, sorted(name for _, name, _ in some)) for what, some in itertools.groupby(handed, lambda h: h[0])]


@pytest.mark.parametrize('pairs, order', [
    ([OVERLAP], [('wake', ['consumers']), ('rest', ['consumers'])]),
    ([OVERLAP, SECOND], [('wake', ['consumers']), ('rest', ['consumers', 'nightly']), ('wake', ['nightly'])]),
    ([], [('rest', ['consumers']), ('wake', ['consumers'])]),
])
def test_what_may_overlap_wakes_first(worker, pairs, order):
    """Forth and back: who takes the work over is at it before the other stops."""
    change(worker, *pairs)
    r = worker('test')
    assert r.code == 0, r
    forth = handed(story(r.out, 'consumers change hands with the last share'))
    assert turns(forth) == order
    green = {world for what, _, world in forth if what == 'wake'}
    blue = {world for what, _, world in forth if what == 'rest'}
    assert len(green) == len(blue) == 1 and green != blue
    lines = story(r.out, 'errors at 100 % wake the old consumers again')
    back = handed(lines[at(lines, 'all traffic goes back'):])
    # The nightly group of the new world may not have been woken yet, and then need not rest.
    assert [what for what, _ in turns(back)] == [what for what, _ in order]
    assert (turns(back)[0], turns(back)[-1]) == (order[0], order[-1])
    assert {world for what, _, world in back if what == 'wake'} == blue
    assert {world for what, _, world in back if what == 'rest'} == green


@pytest.mark.parametrize('pairs, order', [
    ([OVERLAP], ['activate', 'quiesce']),
    ([OVERLAP, SECOND], ['activate', 'quiesce', 'activate']),
    ([], ['quiesce', 'activate']),
])
def test_the_plan_says_what_overlaps(worker, pairs, order):
    """As it is done: forth, and back when the spec goes back."""
    change(worker, *pairs)
    account = '--sandbox=account.json'

    def handing(*args):
        actions = json.loads(worker('plan', account, '--json', *args).out)['actions']
        return [a for a in actions if a['op'] in ('activate', 'quiesce')]
    assert worker('apply', account, '-i', 'size=t2.small', '--yes', '-q').code == 0
    forth = handing()
    assert [a['op'] for a in forth] == order
    assert worker('apply', account, '--yes', '-q').code == 0  # the bake is on
    back = handing('-i', 'size=t2.small')
    assert [a['op'] for a in back] == order
    for a, b in zip(forth, back):
        assert a['world'] != b['world'], (a, b)
    r = worker('apply', account, '--yes', '-i', 'size=t2.small')
    assert r.code == 0 and [what for what, _ in turns(handed(r.all.splitlines()))] == [
        {'activate': 'wake', 'quiesce': 'rest'}[op] for op in order], r


def test_the_plan_says_who_works_when(worker):
    assert worker('apply', '--sandbox', '-i', 'size=t2.small', '--yes', '-q').code == 0
    r = worker('plan', '--sandbox')
    text = [line.strip() for line in r.out.splitlines()]
    shift = next(i for i, line in enumerate(text) if '100 %' in line and 'of the traffic' in line)
    rest = next(i for i, line in enumerate(text) if 'orders.consumers: put to rest' in line)
    wake = next(i for i, line in enumerate(text) if 'orders.consumers: works from here on' in line)
    assert shift < rest < wake
    ops = [a['op'] for a in json.loads(worker('plan', '--sandbox', '--json').out)['actions']]
    assert ops.index('quiesce') < ops.index('activate')


def test_of_the_live_world_nothing_is_drift(worker):
    assert worker('apply', '--sandbox', '--yes', '-q').code == 0
    r = worker('plan', '--sandbox', '--exit-code')
    assert r.code == 0 and 'nothing to do' in r.out, r


def test_a_type_that_cannot_rest_is_refused(worker):
    spec = worker.folder / 'worker.bg'
    spec.write_text(spec.read_text().replace('resource log: logs.group { retain = 30d }',
                                             'resource log: logs.group { retain = 30d } active from 50%'))
    r = worker('check')
    assert r.code == 1 and 'BG3008' in r.err


def test_what_rests_is_no_evidence(worker):
    spec = worker.folder / 'worker.bg'
    spec.write_text(spec.read_text().replace('gate ready {', 'gate ready {\n  check cpu: avg(orders.consumers.cpu, 5m) < 60%'))
    r = worker('check')
    assert r.code == 1 and 'BG4015' in r.err and 'rests until its world has the share' in r.err


def resting(worker):
    """The state of the account, and the tags that say what a group was before it was put to rest."""
    state = json.loads((worker.folder / 'account.json').read_text())

    def tags(v):
        if isinstance(v, dict):
            if v.get('Key') == 'bgc:rest':
                yield v
            for x in v.values():
                yield from tags(x)
        elif isinstance(v, list):
            for x in v:
                yield from tags(x)
    return state, list(tags(state))


def test_what_it_was_before_is_lost(worker):
    """The tag was edited, and the spec does not describe the old world: nobody knows its size."""
    account = '--sandbox=account.json'
    assert worker('apply', account, '-i', 'size=t2.small', '--yes', '-q').code == 0
    assert worker('apply', account, '--yes', '-q').code == 0  # the bake is on
    state, tags = resting(worker)
    assert tags
    kept = [t['Value'] for t in tags]
    for t in tags:
        t['Value'] = 'three'
    (worker.folder / 'account.json').write_text(json.dumps(state))
    r = worker('rollback', account, '--yes')
    assert r.code == 1 and 'error[BG6011]' in r.err and 'rests, and nothing says what it was before' in r.err, r
    assert 'bgc:rest' in r.err and 'by hand' in r.err, r
    # With it back, the same command goes on from there.
    state, tags = resting(worker)
    for t, value in zip(tags, kept):
        t['Value'] = value
    (worker.folder / 'account.json').write_text(json.dumps(state))
    r = worker('rollback', account, '--yes')
    assert 'works from here on' in r.out and 'BG6011' not in r.err, r
