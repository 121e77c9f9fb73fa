"""A name comes to `traffic`, or goes from it, while a world serves."""
import json
import re
import shutil

import pytest

from conftest import Bgc

HOST, WWW = 'shop.example.com', 'www.example.com'
BLUE = ('-i', 'size=t2.small')  # what serves: only the names differ


def says(shop, names):
    path = shop.folder / 'shop.bg'
    text, n = re.subn(r'names = \[[^]]*\]', 'names = [' + ', '.join(f'"{x}"' for x in names) + ']', path.read_text())
    assert n == 1
    path.write_text(text)


def account(folder):
    return json.loads((folder / 'account.json').read_text())


def records(folder):
    """{name: {(type, world): weight}}"""
    out = {}
    for z in account(folder)['names']['zones']:
        for s in z['sets']:
            world = s.get('SetIdentifier', '').split('.')[0]
            out.setdefault(s['Name'].rstrip('.'), {})[s['Type'], world] = s.get('Weight')
    return out


def put(folder, **record):
    """Somebody makes a record in the console."""
    state = account(folder)
    zone = state['names']['zones'][0]
    for of in 'sets', 'served':
        zone[of].append(record)
    (folder / 'account.json').write_text(json.dumps(state))


def alias_of_live(folder):
    return next(s['AliasTarget'] for z in account(folder)['names']['zones'] for s in z['sets'] if 'AliasTarget' in s)


def tags(folder):
    """Which names the entry of each world says, longest text first."""
    found = []
    for o in account(folder)['objects']:
        for t in o['body'].get('Tags', []):
            if t['Key'] == 'bgc:traffic':
                found.append(t['Value'].split('names=')[1].split('+'))
    return sorted(found)


def status(run):
    return run('status', '--json').json()['worlds']['web']


def writes(shop, served, *args):
    r = served('apply', '--yes', '--trace', 'calls', *args)
    assert r.code == 0, r
    return [c['operation'] for c in map(json.loads, (shop.folder / 'calls').read_text().splitlines()) if c['mutating']]


def alone(shop, tmp_path):
    """The account, and nothing of the program."""
    b = Bgc(tmp_path / 'empty')
    b.folder.mkdir(exist_ok=True)
    shutil.copy(shop.folder / 'account.json', b.folder / 'account.json')
    return lambda *args: b(*args, '--stack', 'shop', '--region', 'eu-west-1', '--sandbox=account.json')


@pytest.fixture
def served(served, shop):
    """Its certificate is for all names below example.com: nobody who comes by another one is turned away."""
    state = account(shop.folder)
    for o in state['objects']:
        if o['type'] == 'acm.certificate':
            o['body']['SubjectAlternativeNames'] = o['body']['SubjectAlternativeNameSummaries'] = [HOST, '*.example.com']
    (shop.folder / 'account.json').write_text(json.dumps(state))
    return served


# ---- an ordinary planned change -----------------------------------------------------------

def test_a_name_comes_and_goes(shop, served, tmp_path):
    live, before = status(served)['live'], records(shop.folder)
    says(shop, [HOST, WWW])
    r = served('plan', *BLUE)
    assert r.code == 0 and f'+   name     {WWW}: records with the weights of now' in r.out and '1 name more' in r.out, r
    assert served('plan', '--exit-code', *BLUE).code == 2
    assert 'change the names' in served('status', *BLUE).out
    [act] = served('plan', '--json', *BLUE).json()['actions']
    assert act['op'] == 'name' and act['address'] == 'web' and act['changes'][0]['after'] == WWW
    assert records(shop.folder) == before
    # The tags first, then one batch behind the fence, and the world is the same.
    assert writes(shop, served, *BLUE) == ['ChangeResourceRecordSets', 'AddTags', 'ChangeResourceRecordSets']
    now = records(shop.folder)
    assert now[HOST] == now[WWW] == {('A', live): 100, ('AAAA', live): 100} and f'_bgc.{WWW}' in now
    assert tags(shop.folder) == [[HOST, WWW]]
    assert status(served)['live'] == live
    assert served('plan', '--exit-code', *BLUE).code == 0
    assert 'change the names' not in served('status', *BLUE).out
    assert 'unchanged' in served('apply', '--yes', *BLUE).out or 'nothing to do' in served('apply', '--yes', *BLUE).out

    says(shop, [HOST])
    r = served('plan', *BLUE)
    assert r.code == 0 and f'-   name     {WWW}: its records are deleted' in r.out and '1 name less' in r.out, r
    assert writes(shop, served, *BLUE) == ['ChangeResourceRecordSets', 'ChangeResourceRecordSets', 'AddTags']
    assert records(shop.folder) == {k: v for k, v in now.items() if not k.endswith(WWW)}
    assert tags(shop.folder) == [[HOST]]
    assert served('plan', '--exit-code', *BLUE).code == 0
    assert status(alone(shop, tmp_path))['live'] == live


def test_all_names_change(shop, served, tmp_path):
    """The first one, too: no name is more than another."""
    old = status(served)['live']
    says(shop, ['store.example.com', WWW])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert set(records(shop.folder)) == {n for x in ('store.example.com', WWW) for n in (x, f'_bgc.{x}')}
    # An upgrade, and back with nothing but the account.
    assert served('apply', '--yes', '-q').code == 0
    new = status(served)['live']
    assert new != old and records(shop.folder)[WWW] == {('A', old): 0, ('AAAA', old): 0, ('A', new): 100, ('AAAA', new): 100}
    run = alone(shop, tmp_path)
    assert run('rollback', '--yes').code == 0
    assert records(tmp_path / 'empty')[WWW] == records(tmp_path / 'empty')['store.example.com'] == {('A', old): 100, ('AAAA', old): 100}


def test_with_a_changed_world(shop, served):
    """First the names, with the weights of now; then the rollout, at all of them."""
    says(shop, [HOST, WWW])
    ops = [a['op'] for a in served('plan', '--json').json()['actions']]
    assert ops[0] == 'name' and 'create' in ops and 'shift' in ops
    assert served('apply', '--yes', '-q').code == 0
    now = records(shop.folder)
    assert now[HOST] == now[WWW] and sorted(now[WWW].values()) == [0, 0, 100, 100]
    assert tags(shop.folder) == [[HOST, WWW], [HOST, WWW]]


def test_under_a_shift(shop, served):
    """It gets the shares that stand, and the step that is held goes on."""
    assert served('apply', '--yes', '-q', '--pause-after', '1m').code == 5
    before = records(shop.folder)[HOST]
    assert sorted(before.values()) == [10, 10, 90, 90]
    says(shop, [HOST, WWW])
    r = served('plan')
    assert r.code == 0 and f'name     {WWW}: records with the weights of now' in r.out, r
    assert served('apply', '--yes', '-q', '--pause-after', '30s').code == 5
    assert records(shop.folder)[WWW] == records(shop.folder)[HOST] == before
    assert tags(shop.folder) == [[HOST, WWW], [HOST, WWW]]
    assert status(served)['step'] == 0 and status(served)['phase'] == 'holding'
    # Who takes it back does so at both.
    assert served('rollback', '--yes').code == 0
    assert sorted(records(shop.folder)[WWW].values()) == sorted(records(shop.folder)[HOST].values()) == [100, 100]


def test_in_the_bake(shop, served):
    assert served('apply', '--yes', '-q').code == 0
    says(shop, [WWW])
    assert served('plan', '--exit-code').code == 2
    assert served('apply', '--yes', '-q').code == 0
    assert set(records(shop.folder)) == {WWW, f'_bgc.{WWW}'}
    # The health check of the kill switch stands on the new world's records until the bake is over.
    checks = {s['SetIdentifier'].split('.')[0]: 'HealthCheckId' in s for z in account(shop.folder)['names']['zones'] for s in z['sets']
              if s['Type'] == 'A'}
    assert checks[status(served)['live']] and len(checks) == 2
    assert served('retire', '--after', '80h').code == 0
    assert list(records(shop.folder)[WWW].values()) == [100, 100]


@pytest.mark.parametrize('command', [['tick'], ['rollback', '--yes'], ['abort', '--yes']])
def test_only_apply_changes_names(shop, served, command):
    """What somebody has not read a plan of is not begun; going on and going back are of the names that stand."""
    assert served('apply', '--yes', '-q', '--pause-after', '1m').code == 5
    says(shop, [WWW])
    r = served(*command)
    assert r.code == 0, r
    now = records(shop.folder)
    assert set(now) == {HOST, f'_bgc.{HOST}'} and sorted(now[HOST].values()) == ([10, 10, 90, 90] if command == ['tick'] else [100, 100])
    if command != ['tick']:
        return
    assert served('apply', '--yes', '-q', '--pause-after', '30s').code == 5
    assert sorted(records(shop.folder)[WWW].values()) == [10, 10, 90, 90] and HOST not in records(shop.folder)


def test_ticks_go_on_at_the_names_that_stand(shop, served, tmp_path):
    """To the end of the rollout, with a program that says others."""
    old = status(served)['live']
    assert served('apply', '--yes', '-q').code == 0
    says(shop, [WWW])
    assert served('tick', '--after', '80h').code == 0
    for _ in range(12):
        assert served('tick', '--after', '5m').code == 0
    now = records(shop.folder)
    assert set(now) == {HOST, f'_bgc.{HOST}'} and list(now[HOST].values()) == [100, 100] and ('A', old) not in now[HOST]
    assert tags(shop.folder) == [[HOST]]
    assert status(alone(shop, tmp_path))['live'] not in (None, old)


def test_destroy_takes_every_name(shop, served):
    says(shop, [HOST, WWW])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    says(shop, ['store.example.com'])
    assert served('destroy', '--yes', '-q').code == 0
    assert not records(shop.folder)


def test_a_saved_plan(shop, served):
    says(shop, [HOST, WWW])
    assert served('plan', '--out', 'saved', *BLUE).code == 0
    says(shop, [HOST, 'store.example.com'])
    r = served('apply', 'saved', '--yes')
    assert r.code == 6 and 'names would become "store.example.com", and was to become "www.example.com"' in r.err, r
    says(shop, [HOST, WWW])
    assert served('apply', 'saved', '-q').code == 0
    assert WWW in records(shop.folder)
    assert served('apply', 'saved', '-q').code == 0


# ---- what stands there already -------------------------------------------------------------

@pytest.mark.parametrize('record, said', [
    ({'Type': 'CNAME', 'TTL': 60, 'ResourceRecords': [{'Value': HOST}]}, 'is a CNAME'),
    ({'Type': 'A', 'TTL': 60, 'ResourceRecords': [{'Value': '192.0.2.7'}]}, 'of type A already, which leads to 192.0.2.7 and not to the live world'),
    ({'Type': 'A', 'TTL': 60, 'SetIdentifier': 'mine', 'Weight': 1, 'ResourceRecords': [{'Value': '192.0.2.7'}]}, 'a weighted record'),
])
def test_a_name_that_is_taken(shop, served, record, said):
    put(shop.folder, Name=f'{WWW}.', **record)
    before = records(shop.folder)
    says(shop, [HOST, WWW])
    for command in ['plan'], ['apply', '--yes']:
        r = served(*command, *BLUE)
        assert r.code == 7 and 'BG6013' in r.err and WWW in r.err and said in r.err and 'delete it' in r.err, r
        assert 'shop.bg:' in r.err
    assert records(shop.folder) == before and tags(shop.folder) == [[HOST]]
    assert status(served)['live']


def test_a_record_that_leads_to_the_live_world(shop, served):
    """As the first one that was made by hand: it becomes ours."""
    for kind in 'A', 'AAAA':
        put(shop.folder, Name=f'{WWW}.', Type=kind, AliasTarget=alias_of_live(shop.folder))
    says(shop, [HOST, WWW])
    r = served('plan', *BLUE)
    assert r.code == 0 and 'leads to the live world' in r.out, r
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert records(shop.folder)[WWW] == records(shop.folder)[HOST]
    assert served('plan', '--exit-code', *BLUE).code == 0


def test_a_name_of_another_stack(shop, served):
    text = (shop.folder / 'shop.bg').read_text()
    (shop.folder / 'shop.bg').write_text(text.replace('stack shop', 'stack store'))
    says(shop, [WWW])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    theirs = {k: v for k, v in records(shop.folder).items() if k.endswith(WWW)}
    assert len(theirs) == 2
    (shop.folder / 'shop.bg').write_text(text)
    says(shop, [HOST, WWW])
    r = served('apply', '--yes', *BLUE)
    assert r.code == 7 and 'BG6013' in r.err and 'a traffic record of its own' in r.err, r
    assert {k: v for k, v in records(shop.folder).items() if k.endswith(WWW)} == theirs


def test_a_name_of_no_zone(shop, served):
    """Route 53 says so; what serves goes on as it was."""
    before = records(shop.folder)
    says(shop, [HOST, 'www.example.org'])
    r = served('apply', '--yes', *BLUE)
    assert r.code == 1 and 'BG5035' in r.err and 'www.example.org. is not permitted in zone example.com' in r.err, r
    assert records(shop.folder) == before
    says(shop, [HOST])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    # A tag may say more than there is; it is mended once the list of tags shows it.
    assert served('status', '--after', '10m').code == 0
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert tags(shop.folder) == [[HOST]]


def test_a_name_of_no_zone_under_a_shift(shop, served):
    """A share that is under way is not taken back for it."""
    assert served('apply', '--yes', '-q', '--pause-after', '1m').code == 5
    says(shop, [HOST, 'www.example.org'])
    r = served('apply', '--yes', '--pause-after', '30s')
    assert r.code in (1, 5) and 'BG5035' in r.err, r
    assert sorted(records(shop.folder)[HOST].values()) == [10, 10, 90, 90]


def test_records_that_somebody_changed(shop, served):
    says(shop, [HOST, WWW])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    state = account(shop.folder)
    for of in 'sets', 'served':
        for s in state['names']['zones'][0][of]:
            if s['Name'] == f'{WWW}.':
                s['Weight'] = 7
    (shop.folder / 'account.json').write_text(json.dumps(state))
    says(shop, [HOST])
    r = served('apply', '--yes', *BLUE)
    assert r.code == 7 and f'{WWW}. gives weight 7' in r.err and 'put the records back' in r.err, r
    assert WWW in records(shop.folder)


def test_many_names(shop, served, tmp_path):
    """More than one tag holds; and none of the text is left when they go."""
    names = [HOST] + [f'a-rather-long-name-of-a-shop-in-country-{i}.example.com' for i in range(8)]
    says(shop, names)
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert len(records(shop.folder)) == 18
    assert status(alone(shop, tmp_path))['live']
    says(shop, [HOST])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert len(records(shop.folder)) == 2
    assert served('plan', '--exit-code', *BLUE).code == 0
    assert status(alone(shop, tmp_path))['live']


@pytest.mark.parametrize('cut', ['before the batch', 'behind the batch'])
def test_between_the_tags_and_the_batch(shop, served, tmp_path, cut):
    """A run died there: who has nothing but the account finds the record, and the next apply goes on."""
    live = status(served)['live']
    one = account(shop.folder)['names']
    says(shop, [HOST, WWW])
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    if cut == 'behind the batch':
        text = (shop.folder / 'account.json').read_text()
        said = re.search(r'names=shop\.example\.com\+www\.example\.com', text).group()
        says(shop, [HOST])
        assert served('apply', '--yes', '-q', *BLUE).code == 0
        text = (shop.folder / 'account.json').read_text()
        assert text.count('names=shop.example.com"') == 1
        (shop.folder / 'account.json').write_text(text.replace('names=shop.example.com"', said + '"'))
    else:
        state = account(shop.folder)
        state['names'] = one
        (shop.folder / 'account.json').write_text(json.dumps(state))
    assert tags(shop.folder) == [[HOST, WWW]] and set(records(shop.folder)) == {HOST, f'_bgc.{HOST}'}
    run = alone(shop, tmp_path)
    s = status(run)
    assert s['live'] == live and s['share'] == {live: 100}
    r = run('rollback')  # it fences, and finds that nothing is to be taken back
    assert r.code == 1 and 'BG6010' in r.err and records(tmp_path / 'empty') == records(shop.folder), r
    assert served('plan', '--exit-code', *BLUE).code == 2
    assert served('apply', '--yes', '-q', *BLUE).code == 0
    assert tags(shop.folder) == [[HOST, WWW] if cut == 'before the batch' else [HOST]]
    assert served('plan', '--exit-code', *BLUE).code == 0
