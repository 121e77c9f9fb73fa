"""The acceptance story and its detours, from outside, in the sandbox account."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BGC, environment

OPS = {'create', 'update', 'replace', 'delete', 'shift', 'test', 'watch', 'approve', 'bake', 'hold', 'release', 'size',
       'tune', 'tag', 'activate', 'quiesce', 'name', 'unname'}


def status(served):
    return served('status', '--json').json()['worlds']['web']


def shares(served):
    return {k: v for k, v in status(served)['share'].items() if v}


# ---- plan -------------------------------------------------------------------------

def test_plan_of_nothing_yet(shop):
    r = shop('plan', '--sandbox')
    assert r.code == 0 and '13 to create' in r.out and 'first creation' in r.out
    assert 'made up what the spec looks for' in r.err
    assert 'made up' not in shop('plan', '--sandbox').err  # said once


def test_plan_changes_nothing(served):
    one = served('plan', '--json').json()
    two = served('plan', '--json').json()
    assert one['actions'] == two['actions'] and one['observed_sha256'] == two['observed_sha256']


def test_plan_in_words(served):
    out = served('plan').out
    assert re.search(r'web\.lt +ec2\.launch_template +differs from blue\n +size +"t2\.small" -> "t3\.small"\n', out)
    assert re.search(r'web\.lb_sg +ec2\.security_group +as in blue', out)
    assert re.search(r'\+15m +=> +50 +%', out)
    assert 'by "release manager" within 4h' in out
    assert re.search(r'two worlds are paid for during 25\.1 h, at most \d', out)
    assert 'rollback: one batch' in out and 'not watched: ' in out
    assert re.search(r'live world web/[0-9a-f]{10}: 0 updates, 0 deletions while it serves', out)


def test_plan_says_what_waits(shop):
    assert '(after create of web.app_sg)' in shop('plan', '--sandbox').out
    assert 'known after' not in shop('plan', '--sandbox', '-v').out


def test_plan_json(served):
    p = served('plan', '--json').json()
    assert list(p) == ['format', 'bgc', 'stack', 'account', 'region', 'spec_sha256', 'observed_sha256', 'worlds',
                       'actions', 'summary', 'drift', 'diagnostics']
    assert (p['format'], p['stack'], p['account'], p['region']) == ('1', 'shop', '123456789012', 'eu-west-1')
    web = p['worlds']['web']
    assert web['action'] == 'upgrade' and web['live']['share'] == 100 and web['live']['colour'] == 'blue'
    assert web['candidate']['colour'] == 'green' and web['candidate']['id'] != web['live']['id']
    assert p['summary'] == {'create': 13, 'update': 0, 'replace': 0, 'delete': 12, 'shift': 3}
    seen = set()
    for a in p['actions']:
        assert list(a) == ['seq', 'op', 'address', 'type', 'world', 'share', 'reason', 'span', 'needs', 'changes']
        assert a['op'] in OPS and a['reason'] and set(a['needs']) <= seen
        seen.add(a['seq'])
        for c in a['changes']:
            assert list(c) == ['path', 'before', 'after', 'deferred', 'secret']
            assert not c['deferred'] or 'after create of' in json.dumps(c['after'])
    assert [a['share'] for a in p['actions'] if a['op'] == 'shift'] == [10, 50, 100]
    live = f"web/{web['live']['id']}"
    last = max(a['seq'] for a in p['actions'] if a['op'] == 'shift')
    for a in p['actions']:  # the proof, by hand
        assert a['world'] != live or a['seq'] > last or a['op'] in ('hold', 'release', 'tag')


def test_plan_in_markdown_and_html(served, shop):
    out = served('plan', '--markdown').out
    assert out.startswith('## bgc plan: shop') and '<details>' in out and '| <code>web.lt</code> | size |' in out
    assert served('plan', '--html', 'plan.html').code == 0
    assert '<pre>' in (shop.folder / 'plan.html').read_text()
    assert served('plan', '--json', '--markdown').code == 1


def test_plan_exit_code(served):
    assert served('plan', '--exit-code').code == 2
    assert served('plan', '--exit-code', '-i', 'size=t2.small').code == 0


def asked(served, shop, *options):
    r = served('plan', *options, '--trace', 'calls')
    assert r.code == 0, r
    calls = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    assert not any(c['mutating'] for c in calls)
    return sorted(c['operation'] for c in calls)


def test_plan_asks_little(served, shop):
    assert len(asked(served, shop, '-i', 'size=t2.small')) < 26
    # What an upgrade makes is asked for beforehand (docs/design/architecture.md).
    upgrade = asked(served, shop)
    assert len(upgrade) < 30
    assert len(set(upgrade)) == len(upgrade)  # nothing in two shapes
    # What the live world got says whether the gates can be decided: one call more, once an hour of it is there.
    assert asked(served, shop, '--after', '2h') == sorted([*upgrade, 'GetMetricData'])


def test_plan_of_an_unknown_rollout(served):
    r = served('plan', '--rollout', 'hotfx')
    assert r.code == 1 and 'hotfix' in r.err
    assert '25' in served('plan', '--rollout', 'hotfix').out


# ---- the story ----------------------------------------------------------------------

def test_the_story(served, shop):
    old = status(served)['live']
    r = served('apply', '--yes', '--events', 'events')
    assert r.code == 0 and 'bgc rollback' in r.out and 'aws route53 change-resource-record-sets' in r.out
    events = [json.loads(line) for line in (shop.folder / 'events').read_text().splitlines()]
    assert events[0]['type'] == 'start' and events[0]['format'] == '1'
    assert events[-1]['type'] == 'end' and events[-1]['outcome'] == 'applied' and events[-1]['exit'] == 0
    assert [e['seq'] for e in events] == list(range(1, len(events) + 1))
    assert all({'seq', 'time', 'run', 'epoch', 'type', 'message'} <= set(e) for e in events)
    assert [e['share'] for e in events if e['type'] == 'shift' and 'share' in e] == [10, 50, 100]
    now = status(served)
    assert now['phase'] == 'baking' and now['outcome'] == 'applied' and now['live'] != old
    assert shares(served) == {now['live']: 100}
    assert served('plan', '--exit-code').code == 0  # a retirement that is not due is no difference
    assert served('drift').code == 0
    r = served('retire')  # not due
    assert r.code == 0 and old in status(served)['share']
    r = served('retire', '--after', '80h')
    assert r.code == 0
    for _ in range(5):
        if old not in status(served)['share']:
            break
        assert served('tick', '--after', '2h').code == 0
    assert old not in status(served)['share']
    assert served('plan', '--exit-code').code == 0
    r = served('apply', '--yes')
    assert r.code == 0 and 'nothing to do' in r.out


def test_a_pause_an_approval(served):
    r = served('apply', '--yes', '--pause-after', '1m')
    assert r.code == 5 and 'paused' in r.out and 'bgc apply' in r.out
    s = status(served)
    assert s['phase'] == 'holding' and s['step'] == 0 and sorted(shares(served).values()) == [10, 90]
    assert s['due'] > s['since']
    r = served('plan')
    assert 'resume' in r.out
    assert served('approve').code == 1  # nothing asks for one behind 10 %
    for _ in range(60):
        if served('tick', '--after', '1m').code or sorted(shares(served).values()) != [10, 90]:
            break
    assert sorted(shares(served).values()) == [50, 50]
    for _ in range(60):
        assert served('tick', '--after', '1m').code == 0
        if status(served)['phase'] == 'awaiting_approval':
            break
    assert status(served)['phase'] == 'awaiting_approval'
    assert 'bgc approve' in served('status').out
    assert served('approve').code == 0
    for _ in range(10):
        assert served('tick', '--after', '1m').code == 0
    assert list(shares(served).values()) == [100]


def test_a_tick_begins_no_changed_spec(served, shop):
    """Nobody has read a plan of it: the bake goes on and ends, and nothing else."""
    old = status(served)['live']
    assert served('apply', '--yes', '-q').code == 0
    live = status(served)['live']
    spec = (shop.folder / 'shop.bg').read_text()
    shop.write('shop.bg', spec.replace('retain = 30d', 'retain = 14d'))
    r = served('tick', '-i', 'size=t3.medium', '--trace', 'calls')
    calls = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    assert r.code == 0 and 'created' not in r.all, r
    assert {c['operation'] for c in calls if c['mutating']} <= {'ChangeResourceRecordSets'}  # its fence
    assert set(status(served)['share']) == {old, live} and shares(served) == {live: 100}
    assert served('retire', '--after', '80h').code == 0  # waits for nothing that is shared
    assert old not in status(served)['share']


def test_rollback_in_the_bake(served):
    old = status(served)['live']
    assert served('apply', '--yes', '-q').code == 0
    r = served('rollback', '--to', '0000000000')
    assert r.code == 1 and 'BG6207' in r.err
    assert served('rollback', '--to', old).code == 0
    assert shares(served) == {old: 100} and status(served)['outcome'] == 'rolled_back'
    r = served('apply', '--yes')
    assert r.code == 7 and '--retry' in r.err
    assert served('apply', '--yes', '-i', 'size=t3.medium', '-q').code == 0  # another version may


def test_abort_in_the_middle(served):
    old = status(served)['live']
    assert served('apply', '--yes', '--pause-after', '1m', '-q').code == 5
    assert served('abort').code == 0
    assert shares(served) == {old: 100}
    assert served('apply', '--yes').code == 7
    assert served('abort').code == 1  # there is nothing left to take back


def test_going_back_in_git_is_a_rollback(served):
    old = status(served)['live']
    assert served('apply', '--yes', '-q').code == 0
    assert 'rollback_first' in served('plan', '-i', 'size=t2.small').out
    assert served('apply', '--yes', '-q', '-i', 'size=t2.small').code == 0
    assert shares(served) == {old: 100}


def test_destroy(served):
    assert served('destroy').code == 1
    assert served('destroy', '--yes', '-q').code == 0
    assert shares(served) == {} and status(served)['live'] is None
    assert served('apply', '--yes', '-q').code == 0  # and it can be built again


def test_whoami_and_lease(served):
    who = served('whoami', '--json').json()
    assert [w['account'] for w in who] == ['123456789012', '210987654321']
    assert 'nobody holds' in served('lease', 'show').out
    assert served('lease', 'show', '--json').json() is None
    assert served('lease', 'break').code == 1
    assert served('lease', 'break', '--yes').code == 0
    assert served('lease').code == 1


def test_lock_update(served, shop):
    before = (shop.folder / 'bgc.lock').read_text()
    assert served('lock', 'update', 'shared.image').code == 0
    assert (shop.folder / 'bgc.lock').read_text() == before
    shop.write('bgc.lock', '# first\nshared.image = "ami-0000000000000000a"  # old\n# last\n')
    r = served('lock', 'update', 'shared.image')
    after = (shop.folder / 'bgc.lock').read_text()
    assert r.code == 0 and 'ami-0000000000000000a -> ami-' in r.out
    assert re.fullmatch(r'# first\nshared.image = "ami-[0-9a-f]+"  # \S+\n# last\n', after)
    assert 'ami-0000000000000000a' not in after
    r = served('lock', 'update', 'shared.imgae')
    assert r.code == 1 and 'did you mean `shared.image`?' in r.err
    assert served('lock', 'update').code == 1


# ---- saved plans -----------------------------------------------------------------------

def test_a_saved_plan_is_done(served, shop):
    assert served('plan', '--out', 'saved').code == 0
    saved = json.loads((shop.folder / 'saved').read_text())
    assert saved['inputs']['size'] == 't3.small' and saved['facts']['shared.image'].startswith('ami-')
    assert served('apply', 'saved', '-q', '--pause-after', '20m').code == 5
    assert served('apply', 'saved', '--yes', '-q').code == 0  # a remainder is accepted
    assert status(served)['outcome'] == 'applied'
    assert served('apply', 'saved').code == 0  # and so is nothing that is left


def test_inputs_come_with_the_plan(served):
    assert served('plan', '-i', 'size=t3.large', '--out', 'saved').code == 0
    assert served('apply', 'saved', '-q', '--pause-after', '20m').code == 5
    assert served('plan', '--exit-code', '-i', 'size=t3.large', '--json').json()['worlds']['web']['action'] == 'resume'


@pytest.mark.parametrize('old,new,what', [
    ('retain = 30d', 'retain = 14d', 'retain'),
    ('port = 443 }, { from = ::/0, port = 443 }', 'port = 443 }', 'world'),
    (' 50% ', ' 60% ', 'share'),
])
def test_a_changed_spec_makes_it_stale(served, shop, old, new, what):
    assert served('plan', '--out', 'saved').code == 0
    text = (shop.folder / 'shop.bg').read_text()
    assert old in text
    shop.write('shop.bg', text.replace(old, new))
    r = served('apply', 'saved')
    assert r.code == 6 and 'BG6204' in r.err and 'the spec or its inputs changed since' in r.err
    assert list(shares(served).values()) == [100]


def test_a_changed_account_makes_it_stale(served):
    assert served('plan', '--out', 'saved').code == 0
    assert served('destroy', '--yes', '-q').code == 0
    r = served('apply', 'saved')
    assert r.code == 6 and 'was to be done' in r.err


def test_another_input_makes_it_stale(served):
    assert served('plan', '--out', 'saved').code == 0
    assert served('apply', 'saved', '-i', 'size=t3.large').code == 6


def test_broken_plan_files(served, shop):
    assert served('plan', '--out', 'saved').code == 0
    text = (shop.folder / 'saved').read_text()
    for cut in ('', '{}', '[]', 'null', text[:100], text[:-3], text.replace('"format": "1"', '"format": "9"'),
                text.replace('"actions"', '"acts"'), text.replace('"inputs"', '"ins"'),
                text.replace('"stack": "shop"', '"stack": "other"')):
        shop.write('cut', cut)
        r = served('apply', 'cut')
        assert r.code == 1 and 'BG6203' in r.err, cut[:50]
    assert served('apply', 'nowhere').code == 1
    shop.write('seen', served('plan', '--json').out)
    assert 'BG6203' in served('apply', 'seen').err


def test_a_secret_is_nowhere(shop):
    text = (shop.folder / 'shop.bg').read_text()
    shop.write('shop.bg', text.replace('input fleet:', 'input token: secret string\ninput fleet:').replace(
        'port = 8080 })', 'port = 8080, token = token })'))
    shop.write('boot.sh', (shop.folder / 'boot.sh').read_text() + 'echo ${token}\n')
    for args in (['plan', '-v'], ['plan', '--json'], ['plan', '--markdown'], ['plan', '--out', 'saved'],
                 ['apply', '--yes', '--events', 'events', '--trace', 'trace', '-v']):
        r = shop(*args, '--sandbox=a.json', env={'BGC_INPUT_token': 'hunter2hunter2'})
        assert r.code == 0, r
        assert 'hunter2' not in r.all
    for name in ('saved', 'events', 'trace'):
        assert 'hunter2' not in (shop.folder / name).read_text()


# ---- interruptions -----------------------------------------------------------------------

def test_a_run_that_is_killed_goes_on(served, shop):
    """Whenever it dies, the account's file is as it was or as it came to be."""
    for delay in (0.002, 0.01, 0.02, 0.03):
        p = subprocess.Popen([BGC, 'apply', '--sandbox=account.json', '--yes', '-q'], cwd=shop.folder,
                             env=environment(shop.folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        p.kill()
        p.wait()
        assert served('status', '--json').code == 0
    assert served('apply', '--yes', '-q').code == 0


def test_a_signal_ends_in_good_order(served, shop):
    seen = set()
    for delay in (0.005, 0.01, 0.02, 0.03, 0.05):
        shutil.copy(shop.folder / 'account.json', shop.folder / 'again.json')
        p = subprocess.Popen([BGC, 'apply', '--sandbox=again.json', '--yes'], cwd=shop.folder,
                             env=environment(shop.folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(delay)
        p.send_signal(signal.SIGTERM)
        out, err = p.communicate(timeout=30)
        seen.add(p.returncode)
        if p.returncode == 5:
            assert 'to go on: bgc apply' in out + err
            assert shop('apply', '--sandbox=again.json', '--yes', '-q').code == 0
    assert seen <= {0, 5, -signal.SIGTERM}


# ---- names that change hands ------------------------------------------------------------

def test_another_stack_of_the_same_names(shop, served):
    spec = shop.folder / 'shop.bg'
    mine = spec.read_text()
    spec.write_text(mine.replace('stack shop', 'stack store'))
    r = served('apply', '--yes')
    assert r.code == 7 and 'not of this stack' in r.err
    assert served('destroy', '--yes').code == 0
    spec.write_text(mine)
    assert list(shares(served).values()) == [100]
