"""What the program names no more, whose things are, and going back without a program."""
import json
import re
import shutil

import pytest

from conftest import Bgc

HEAD = 'stack own { region = "eu-west-1" }\n'
SHARED = {
    'log': 'resource log: logs.group { retain = 30d }',
    'vpc': 'resource vpc: ec2.vpc { range = 10.9.0.0/16 }',
    'net': 'resource net: ec2.subnet { vpc = vpc, range = 10.9.1.0/24, zone = "eu-west-1a" }',
    'sg': 'resource sg: ec2.security_group { vpc = vpc, ingress = [{ from = 10.0.0.0/8, port = 443 }] }',
    'lt': 'resource lt: ec2.launch_template { image = image, size = "t3.small", groups = [sg] }',
    'alarm': 'resource alarm: cloudwatch.alarm { metric = log.lines, stat = "sum", above = 5, over = 1m, missing = "missing" }',
    'www': 'resource www: route53.record { zone = zone, domain = "www.example.com", kind = "TXT", values = ["\\"x\\""] }',
}
EXISTING = '''
  existing zone: route53.zone { name = "example.com", private = false }
  existing image: ec2.image { owner = "self", name = "base-*", newest = true }
'''


def write(bgc, *names):
    lines = '\n  '.join(SHARED[n] for n in names)
    bgc.write('own.bg', f'{HEAD}shared {{{EXISTING}  {lines}\n}}\n' if names else HEAD)


@pytest.fixture
def own(bgc):
    """All of `shared` stands."""
    write(bgc, *SHARED)
    r = bgc('apply', '--sandbox=a.json', '--yes')
    assert r.code == 0, r
    return bgc


def plan(bgc, *more):
    r = bgc('plan', '--json', '--sandbox=a.json', *more)
    assert r.code in (0, 7), r
    return [(a['op'], a['address']) for a in r.json()['actions']]


def inventory(bgc, stack='own'):
    """What is tagged or named as the stack's in the simulated account."""
    state = json.loads((bgc.folder / 'a.json').read_text())
    return sorted(o['type'] for o in state['objects'] if f'{stack}-' in json.dumps(o))


# ---- what left the program ------------------------------------------------------------

@pytest.mark.parametrize('gone', ['sg', 'lt', 'alarm', 'log', 'www'])
@pytest.mark.parametrize('later', [False, True])
def test_the_last_one_of_its_type(own, gone, later):
    """Also right after it was made, when the list of tags does not show it yet."""
    needed_by = {'sg': ['sg', 'lt'], 'log': ['log', 'alarm']}.get(gone, [gone])
    write(own, *(n for n in SHARED if n not in needed_by))
    assert sorted(plan(own, *(['--after', '5m'] if later else []))) == sorted(('delete', f'shared.{n}') for n in needed_by)
    r = own('apply', '--sandbox=a.json', '--yes')
    assert r.code == 0, r
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0


def test_everything_leaves_in_the_order_of_references(own):
    write(own)
    order = [a for _, a in plan(own, '--after', '5m')]
    # A record below an `existing` zone is found as long as the program names the zone.
    assert sorted(order) == sorted(f'shared.{n}' for n in SHARED if n != 'www')
    for first, then in (('lt', 'sg'), ('sg', 'vpc'), ('net', 'vpc'), ('alarm', 'log')):
        assert order.index(f'shared.{first}') < order.index(f'shared.{then}')
    r = own('apply', '--sandbox=a.json', '--yes')
    assert r.code == 0, r
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0
    assert 'ec2.vpc' not in inventory(own)


def test_gone_but_still_listed(own):
    """The list of tags goes on showing what is gone; nobody believes it."""
    write(own)
    assert own('apply', '--sandbox=a.json', '--yes', '--after', '5m').code == 0
    assert plan(own) == []


def test_few_calls_when_nothing_left(own):
    calls = own.folder / 'calls'
    own('plan', '--sandbox=a.json', '--after', '5m', '--trace', 'calls')
    said = [json.loads(line)['operation'] for line in calls.read_text().splitlines()]
    assert said.count('GetResources') == 1
    assert 'DescribeTargetGroups' not in said  # of no type that has neither been named nor tagged
    assert 'ListTagsForResource' not in said   # the tags of alarms and logs came with the list


def test_a_world_that_left_is_refused(served, shop):
    (shop.folder / 'shop.bg').write_text('stack shop { region = "eu-west-1", account = "123456789012" }\n')
    for command in (['plan'], ['apply', '--yes']):
        r = served(*command)
        assert r.code == 7 and 'BG6030' in r.err and 'world web left the spec while it serves' in r.err, r
        assert 'bgc destroy web' in r.err
    before = status(served)
    assert before['share'][before['live']] == 100
    r = served('destroy', 'web', '--yes')
    assert r.code == 0, r
    state = json.loads((shop.folder / 'account.json').read_text())
    assert not [s for z in state['names']['zones'] for s in z['sets']]
    assert not [o for o in state['objects'] if 'shop-web-' in o['id']]
    assert served('plan', '--exit-code').code == 0


# ---- going back without a program -----------------------------------------------------

def status(run, *more):
    return run('status', '--json', *more).json()['worlds']['web']


@pytest.fixture
def bare(served, shop, tmp_path):
    """Green serves, blue is kept; and an empty folder beside the account."""
    r = served('apply', '--yes')
    assert r.code == 0, r
    (tmp_path / 'empty').mkdir()
    b = Bgc(tmp_path / 'empty')
    shutil.move(shop.folder / 'account.json', b.folder / 'account.json')

    def back():
        shutil.copy(b.folder / 'account.json', shop.folder / 'account.json')
    run = lambda *args, **kw: b(*args, '--stack', 'shop', '--region', 'eu-west-1', '--sandbox=account.json', **kw)
    run.folder, run.back = b.folder, back
    return run


def test_status_without_a_spec(bare):
    w = status(bare)
    assert sorted(w['share'].values()) == [0, 100] and w['live'] and not w['candidate']
    out = bare('status').out
    assert f'bgc rollback --stack shop --region eu-west-1 --sandbox=account.json' in out
    assert 'aws route53 change-resource-record-sets --hosted-zone-id Z' in out


def test_rollback_without_a_spec(bare, served):
    before = status(bare)
    (blue,) = [i for i, share in before['share'].items() if share == 0]
    r = bare('rollback')
    assert r.code == 0, r
    assert 'without a spec this is not known' in r.out
    assert not (bare.folder / '.bgc').exists()
    assert status(bare)['share'] == {blue: 100}
    # With the spec again: the abort holds, and what was raised or left is tidied up.
    bare.back()
    r = served('plan')
    assert r.code == 7 and 'aborted before' in r.err, r
    r = served('apply', '--yes', '-i', 'size=t2.small', '--after', '3h')  # it was kept for two
    assert r.code == 0, r
    assert status(served)['share'] == {blue: 100} and not status(served)['candidate']


def test_rollback_without_a_spec_of_a_later_incarnation(bare, served):
    """The record says of which spec the world was: that is what is not tried again."""
    assert bare('rollback').code == 0
    bare.back()
    assert served('apply', '--yes', '--retry').code == 0
    green = status(served)['live']
    shutil.copy(bare.folder.parent / 'shop' / 'account.json', bare.folder / 'account.json')
    assert bare('rollback').code == 0
    bare.back()
    r = served('apply', '--yes')
    assert r.code == 7 and 'aborted before' in r.err, r
    assert status(served)['share'].get(green, 0) == 0


def test_abort_without_a_spec(bare):
    (blue,) = [i for i, share in status(bare)['share'].items() if share == 0]
    assert bare('abort').code == 0
    assert status(bare)['share'] == {blue: 100}


def test_rollback_to(bare):
    w = status(bare)
    live, (blue,) = w['live'], [i for i, share in w['share'].items() if share == 0]
    for to, why in ((live, 'has everything already'), ('0123456789', 'no such world'), (f'api/{blue}', 'no such world')):
        r = bare('rollback', '--to', to)
        assert r.code == 1 and 'BG6207' in r.err and why in r.err and f'web/{blue} can take everything' in r.err, r
    assert status(bare)['share'][live] == 100
    assert bare('rollback', '--to', f'web/{blue}').code == 0
    assert status(bare)['share'] == {blue: 100}
    r = bare('rollback', '--to', live)
    assert r.code == 1 and 'was aborted, and its records are gone' in r.err, r


def test_nothing_to_take_back(bgc):
    r = bgc('rollback', '--stack', 'shop', '--region', 'eu-west-1', '--sandbox=none.json')
    assert r.code == 1 and 'BG6010' in r.err and 'stack shop has no world here' in r.err, r


@pytest.mark.parametrize('args, what', [
    (['--stack', 'Shop!'], 'BG0903'), (['--stack', 'shop', '--region', 'x"y'], 'BG0903'), (['--stack', 'shop', 'shop.bg'], 'BG0904')])
def test_bad_names_of_stacks(shop, args, what):
    r = shop('rollback', '--sandbox', *args)
    assert r.code == 1 and what in r.err, r


# ---- worlds without traffic -------------------------------------------------------------

def api(bgc, size, more='', name='own.bg'):
    bgc.write(name, HEAD + '''
shared {
  existing net: ec2.vpc { name = "main" }
  existing image: ec2.image { owner = "self", name = "base-*", newest = true }
}
world api {
  resource sg: ec2.security_group { vpc = net, ingress = [{ from = 10.0.0.0/8, port = 443 }] }
  resource lt: ec2.launch_template { image = image, size = "%s", groups = [sg] }
  entry lt
}
%s''' % (size, more))


def worlds(bgc):
    state = json.loads((bgc.folder / 'a.json').read_text())
    return {o['id']: o for o in state['objects'] if o['type'] == 'ec2.launch_template'}


def test_a_world_without_traffic_comes_to_rest(bgc):
    api(bgc, 't3.small')
    assert bgc('apply', '--sandbox=a.json', '--yes').code == 0
    r = bgc('plan', '--exit-code', '--sandbox=a.json')
    assert r.code == 0 and 'nothing to do' in r.out, r
    r = bgc('apply', '--sandbox=a.json', '--yes')
    assert r.code == 0 and 'nothing to do' in r.out, r


def test_a_new_version_without_traffic_stands_before_the_old_one_goes(bgc):
    api(bgc, 't3.small')
    bgc('apply', '--sandbox=a.json', '--yes')
    (old,) = worlds(bgc)
    api(bgc, 't3.large')
    actions = bgc('plan', '--json', '--sandbox=a.json').json()['actions']
    ops = [(a['op'], a['address']) for a in actions]
    assert ops.index(('create', 'api.lt')) < ops.index(('delete', 'api.lt'))
    r = bgc('apply', '--sandbox=a.json', '--yes', '--trace', 'calls')
    assert r.code == 0, r
    said = [json.loads(line) for line in (bgc.folder / 'calls').read_text().splitlines()]
    done = [c['operation'] for c in said if c['mutating']]
    assert done.index('CreateLaunchTemplate') < done.index('DeleteLaunchTemplate')
    (new,) = worlds(bgc)
    assert new != old
    assert bgc('plan', '--exit-code', '--sandbox=a.json').code == 0
    # And back again: to a world of its own, as the old one was marked.
    api(bgc, 't3.small')
    assert bgc('apply', '--sandbox=a.json', '--yes').code == 0
    assert bgc('plan', '--exit-code', '--sandbox=a.json').code == 0


def test_rebuild_without_traffic(bgc):
    api(bgc, 't3.small')
    bgc('apply', '--sandbox=a.json', '--yes')
    (old,) = worlds(bgc)
    assert bgc('apply', '--sandbox=a.json', '--yes', '--rebuild').code == 0
    (new,) = worlds(bgc)
    assert new != old
    assert bgc('plan', '--exit-code', '--sandbox=a.json').code == 0


def test_a_second_world_without_traffic(served, shop):
    """Beside one with traffic: each comes to rest."""
    text = (shop.folder / 'shop.bg').read_text()
    (shop.folder / 'shop.bg').write_text(text.replace('world web {', '''world jobs {
  resource sg: ec2.security_group { vpc = net.vpc, ingress = [{ from = 10.0.0.0/8, port = 443 }] }
  entry sg
}

world web {'''))
    assert served('apply', '--yes', '-i', 'size=t2.small').code == 0
    r = served('plan', '--exit-code', '-i', 'size=t2.small')
    assert r.code == 0, r


def test_traffic_that_left_the_program(served, shop):
    """The world is still there, and serves: it is not taken for one without traffic."""
    text = (shop.folder / 'shop.bg').read_text()
    cut = text[:text.index('\ntraffic web')] + text[text.index('\noutput url'):]
    (shop.folder / 'shop.bg').write_text(cut)
    r = served('plan')
    assert r.code == 7 and 'the traffic of world web left the spec while it serves' in r.err, r


# ---- what is not ours, and what stays ----------------------------------------------------

def records(folder, file='account.json'):
    state = json.loads((folder / file).read_text())
    return [s for z in state['names']['zones'] for s in z['sets']]


@pytest.mark.parametrize('command', [['destroy', '--yes'], ['rollback'], ['abort'], ['tick'], ['retire']])
def test_the_record_of_another_stack_is_not_written_to(served, shop, command):
    before = records(shop.folder)
    assert len(before) == 3
    text = (shop.folder / 'shop.bg').read_text()
    (shop.folder / 'shop.bg').write_text(text.replace('stack shop {', 'stack other {'))
    r = served(*command)
    assert records(shop.folder) == before, r
    (shop.folder / 'shop.bg').write_text(text)
    assert served('plan', '--exit-code', '-i', 'size=t2.small').code == 0


def test_destroy_marks_in_the_record_before_it_removes(served, shop):
    """Cut short, it is gone on with; the last thing to go is the record, and not before a
    call of an earlier run would be refused for its age."""
    r = served('destroy', '--yes', '--trace', 'calls')
    assert r.code == 0, r
    done = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    done = [c for c in done if c['mutating']]
    changes = [i for i, c in enumerate(done) if c['operation'] == 'ChangeResourceRecordSets']
    removals = [i for i, c in enumerate(done) if c['operation'].startswith('Delete')]
    assert len([i for i in changes if i < removals[0]]) == 2  # the fence, and the mark
    assert [i for i in changes if i > removals[-1]] == [len(done) - 1]
    assert not records(shop.folder)


KEEP = '''
shared {
  resource log: logs.group { retain = 30d } %s
}
'''


def test_keep_is_remembered_by_what_is_kept(bgc):
    """Also when the program has forgotten it."""
    bgc.write('own.bg', HEAD + KEEP % 'keep 10d')
    assert bgc('apply', '--sandbox=a.json', '--yes').code == 0
    bgc.write('own.bg', HEAD)
    r = bgc('apply', '--sandbox=a.json', '--yes')
    assert r.code == 0 and 'kept for 10d' in r.out, r
    assert bgc('plan', '--exit-code', '--sandbox=a.json', '--after', '9d').code == 0
    assert plan(bgc, '--after', '2d') == [('delete', 'shared.log')]
    assert bgc('apply', '--sandbox=a.json', '--yes').code == 0
    assert inventory(bgc) == []


def test_keep_for_ever(bgc):
    bgc.write('own.bg', HEAD + KEEP % 'keep')
    assert bgc('apply', '--sandbox=a.json', '--yes').code == 0
    bgc.write('own.bg', HEAD)
    assert plan(bgc, '--after', '300d') == []
    assert bgc('destroy', '--sandbox=a.json', '--yes').code == 0
    assert inventory(bgc) == []


def test_a_log_outlives_its_world_as_long_as_it_was_made_to(served, shop):
    """`keep 30d` left the program with the log; the old world's log still has it."""
    text = (shop.folder / 'shop.bg').read_text()
    (shop.folder / 'shop.bg').write_text(text.replace('logs.group { retain = 30d } keep 30d', 'logs.group { retain = 30d }'))
    r = served('apply', '--yes', '--wait', '-q')
    assert r.code == 0, r
    logs = lambda: sorted(o['id'] for o in json.loads((shop.folder / 'account.json').read_text())['objects']
                          if o['type'] == 'logs.group')
    assert len(logs()) == 2
    assert served('apply', '--yes', '-q', '--after', '31d').code == 0
    assert len(logs()) == 1


# ---- renamed ------------------------------------------------------------------------------

def objects(bgc, kind=None, file='a.json'):
    found = json.loads((bgc.folder / file).read_text())['objects']
    return {o['id']: o for o in found if not kind or o['type'] == kind}


def test_moved_in_shared(own):
    """Nothing is made or removed; the tags say the new name, also when the line is gone."""
    before = set(objects(own))
    text = (own.folder / 'own.bg').read_text()
    renamed = text.replace('resource sg:', 'resource wall:').replace('groups = [sg]', 'groups = [wall]')
    renamed = renamed.replace('resource www:', 'resource site:')
    lines = 'moved shared.sg -> shared.wall\nmoved shared.www -> shared.site\n'
    own.write('own.bg', renamed + lines)
    actions = own('plan', '--json', '--sandbox=a.json').json()['actions']
    assert [(a['op'], a['address']) for a in actions] == [('tag', 'shared.wall')]
    assert 'moved from shared.sg' in actions[0]['reason']
    assert own('apply', '--sandbox=a.json', '--yes').code == 0
    assert set(objects(own)) == before
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0
    # A change after it reaches what stands.
    own.write('own.bg', (renamed + lines).replace('10.0.0.0/8, port = 443', '10.0.0.0/8, port = 8443'))
    assert plan(own) == [('update', 'shared.wall')]
    assert own('apply', '--sandbox=a.json', '--yes').code == 0
    assert set(objects(own)) == before
    # The line may go: what can be tagged remembers.
    own.write('own.bg', (renamed + 'moved shared.www -> shared.site\n').replace('port = 443', 'port = 8443'))
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0
    assert own('destroy', '--sandbox=a.json', '--yes').code == 0
    assert inventory(own) == []


def test_the_list_of_tags_lags_behind_a_name(own):
    """What was moved a moment ago is listed under its old name: nobody takes it for something that left."""
    before = set(objects(own, 'logs.group', 'a.json'))
    renamed = (own.folder / 'own.bg').read_text().replace('resource log:', 'resource lines:').replace('log.lines', 'lines.lines')
    own.write('own.bg', renamed + 'moved shared.log -> shared.lines\n')
    assert plan(own, '--after', '5m') == [('tag', 'shared.lines')]
    assert own('apply', '--sandbox=a.json', '--yes').code == 0
    own.write('own.bg', renamed)
    assert plan(own) == []
    assert set(objects(own, 'logs.group', 'a.json')) == before and before


def test_moved_in_a_world(served, shop):
    """The id stays, and with it the live world; nothing is written."""
    text = (shop.folder / 'shop.bg').read_text()
    renamed = text.replace('resource lb_sg:', 'resource front:').replace('[lb_sg]', '[front]').replace('from = lb_sg', 'from = front')
    renamed = renamed.replace('resource scale:', 'resource pace:')
    assert renamed != text
    (shop.folder / 'shop.bg').write_text(renamed + '\nmoved web.lb_sg -> web.front\nmoved web.scale -> web.pace\n')
    r = served('plan', '--exit-code', '-i', 'size=t2.small')
    assert r.code == 0, r
    assert served('drift', '-i', 'size=t2.small').code == 0
    # The next version is made under the new names, and the old one removed under its own.
    assert served('apply', '--yes', '--wait', '-q').code == 0
    left = objects(shop, 'ec2.security_group', 'account.json')
    assert sum('-front' in json.dumps(o) for o in left.values()) == 1
    assert not any('lb-sg' in json.dumps(o) for o in left.values())


def test_moved_across_scopes(own):
    own.write('own.bg', (own.folder / 'own.bg').read_text() + 'world w {\n  resource a: logs.group {}\n  entry a\n}\nmoved shared.old -> w.a\n')
    r = own('check')
    assert r.code == 1 and 'BG1099' in r.err, r


# ---- made by hand ---------------------------------------------------------------------------

def by_hand(bgc, *kinds):
    """As if somebody had made these: no tag says whose they are."""
    path = bgc.folder / 'a.json'
    state = json.loads(path.read_text())

    def strip(v):
        if isinstance(v, list):
            return [strip(x) for x in v if not (isinstance(x, dict) and str(x.get('Key', '')).startswith('bgc:'))]
        if isinstance(v, dict):
            return {k: strip(x) for k, x in v.items() if not k.startswith('bgc:')}
        return v
    state['objects'] = [strip(o) if o['type'] in kinds else o for o in state['objects']]
    path.write_text(json.dumps(state))


@pytest.fixture
def hand(own):
    by_hand(own, 'ec2.security_group', 'ec2.launch_template', 'logs.group')
    return own


def adopting(bgc, **ids):
    text = (bgc.folder / 'own.bg').read_text()
    bgc.write('own.bg', text + ''.join(f'adopt shared.{n} = "{i}"\n' for n, i in ids.items()))
    return text


def test_adopt(hand):
    before = set(objects(hand))
    ids = {n: next(iter(objects(hand, kind))) for n, kind in
           (('sg', 'ec2.security_group'), ('lt', 'ec2.launch_template'), ('log', 'logs.group'))}
    text = adopting(hand, **ids).replace('port = 443', 'port = 8443')
    lines = ''.join(f'adopt shared.{n} = "{i}"\n' for n, i in ids.items())
    hand.write('own.bg', text + lines)
    actions = hand('plan', '--json', '--sandbox=a.json').json()['actions']
    assert sorted((a['op'], a['address']) for a in actions) == [
        ('tag', 'shared.log'), ('tag', 'shared.lt'), ('tag', 'shared.sg'), ('update', 'shared.sg')]
    tag, update = (next(a for a in actions if a['address'] == 'shared.sg' and a['op'] == op) for op in ('tag', 'update'))
    assert tag['seq'] in update['needs']
    assert 'adopted: made by hand' in hand('plan', '--sandbox=a.json').out
    assert hand('apply', '--sandbox=a.json', '--yes').code == 0
    assert set(objects(hand)) == before
    assert hand('plan', '--exit-code', '--sandbox=a.json').code == 0
    hand.write('own.bg', text)  # the lines have done their work
    assert hand('plan', '--exit-code', '--sandbox=a.json', '--after', '5m').code == 0
    # It is ours now: it goes when it leaves.
    hand.write('own.bg', HEAD)
    assert ('delete', 'shared.sg') in plan(hand)


def test_adopt_what_cannot_be(own):
    by_hand(own, 'ec2.security_group')
    hand = own
    text = (hand.folder / 'own.bg').read_text()
    (group,) = objects(hand, 'ec2.security_group')
    (vpc,) = objects(hand, 'ec2.vpc')

    def refused(line, why, change=('', '')):
        hand.write('own.bg', text.replace(*change) + line)
        r = hand('plan', '--sandbox=a.json')
        assert r.code in (1, 7) and why in r.err, r
    refused('adopt shared.sg = "sg-0123456789abcdef0"\n', 'BG6031')
    refused('adopt shared.sg = "sg-0123456789abcdef0"\n', 'there is no such ec2.security_group')
    refused(f'adopt shared.vpc = "vpc-0123456789abcdef0"\n', f'shared.vpc is {vpc} already')
    refused('adopt shared.site = "x"\n', 'cannot be tagged', ('resource www:', 'resource site:'))
    refused(f'adopt shared.sg = "{group}"\n', 'BG6032', ('security_group { vpc', 'security_group { about = "another", vpc'))
    # Of another stack: it stays that stack's.
    hand.write('own.bg', text + f'adopt shared.sg = "{group}"\n')
    assert hand('apply', '--sandbox=a.json', '--yes').code == 0
    other = 'stack other { region = "eu-west-1" }\nshared {\n  existing vpc: ec2.vpc {}\n  resource sg: ec2.security_group { vpc = vpc }\n}\n'
    hand.write('own.bg', other + f'adopt shared.sg = "{group}"\n')
    r = hand('plan', '--sandbox=a.json')
    assert r.code in (1, 7) and 'it is shared.sg of stack own' in r.err, r


def test_tags_of_an_adopted_thing_on_another(own):
    """Tag and id must match: a copy with the tags of what was adopted is not ours."""
    by_hand(own, 'ec2.security_group')
    hand = own
    (group,) = objects(hand, 'ec2.security_group')
    adopting(hand, sg=group)
    assert hand('apply', '--sandbox=a.json', '--yes').code == 0
    path = hand.folder / 'a.json'
    state = json.loads(path.read_text())
    for o in state['objects']:
        if o['id'] == group:
            old = json.dumps(o)
            o.update(json.loads(re.sub(r'("bgc:adopted", *"Value": *)"%s"' % group, r'\1"sg-1"', old)))
            assert json.dumps(o) != old
    path.write_text(json.dumps(state))
    r = hand('plan', '--sandbox=a.json')
    assert r.code == 7 and 'BG6004' in r.err and 'adopted as sg-1' in r.err, r


# ---- replaced -------------------------------------------------------------------------------

def mutating(bgc, *args):
    r = bgc('apply', '--sandbox=a.json', '--yes', '--trace', 'calls', *args)
    assert r.code == 0, r
    return [c['operation'] for c in map(json.loads, (bgc.folder / 'calls').read_text().splitlines()) if c['mutating']]


def test_a_replacement_is_made_first(own):
    """The new one under a name of its own; who refers to it moves; the old one goes last."""
    text = (own.folder / 'own.bg').read_text()
    own.write('own.bg', text.replace('security_group { vpc', 'security_group { about = "another", vpc'))
    actions = own('plan', '--json', '--sandbox=a.json').json()['actions']
    assert [(a['op'], a['address']) for a in actions] == [
        ('replace', 'shared.sg'), ('update', 'shared.lt'), ('delete', 'shared.sg')]
    assert 'the new one is made first' in actions[0]['reason']
    assert actions[0]['seq'] in actions[1]['needs'] and actions[1]['seq'] in actions[2]['needs']
    (old,) = objects(own, 'ec2.security_group')
    done = mutating(own)
    assert done.index('CreateSecurityGroup') < done.index('CreateLaunchTemplateVersion') < done.index('DeleteSecurityGroup')
    (new,) = objects(own, 'ec2.security_group')
    assert new != old
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0
    # And once more, back to how it was: the next generation.
    own.write('own.bg', text)
    mutating(own)
    assert len(objects(own, 'ec2.security_group')) == 1
    assert own('plan', '--exit-code', '--sandbox=a.json', '--after', '5m').code == 0
    assert own('destroy', '--sandbox=a.json', '--yes').code == 0
    assert inventory(own) == []


def test_a_replacement_that_brings_others(own):
    """A network: everything in it is made anew with it."""
    text = (own.folder / 'own.bg').read_text()
    own.write('own.bg', text.replace('ec2.vpc { range = 10.9.0.0/16 }', 'ec2.vpc { range = 10.8.0.0/15 }'))
    ops = [(a['op'], a['address']) for a in own('plan', '--json', '--sandbox=a.json').json()['actions']]
    assert {('replace', f'shared.{n}') for n in ('vpc', 'net', 'sg')} < set(ops) and ('update', 'shared.lt') in ops
    order = [a for op, a in ops if op == 'delete']
    assert sorted(order) == ['shared.net', 'shared.sg', 'shared.vpc'] and order[-1] == 'shared.vpc'
    mutating(own)
    for kind in ('ec2.vpc', 'ec2.subnet', 'ec2.security_group'):
        assert len(objects(own, kind)) == (1 if kind != 'ec2.vpc' else 1), kind
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0


def test_what_cannot_be_there_twice_goes_first(own):
    text = (own.folder / 'own.bg').read_text()
    own.write('own.bg', text.replace('zone = "eu-west-1a"', 'zone = "eu-west-1b"').replace('"www.example.com"', '"w3.example.com"'))
    actions = own('plan', '--json', '--sandbox=a.json').json()['actions']
    why = {a['address']: a['reason'] for a in actions if a['op'] == 'replace'}
    assert 'removed first, as no two can have the same vpc and range' in why['shared.net']
    assert 'removed first, as its name is what says whose it is' in why['shared.www']
    done = mutating(own)
    assert done.index('DeleteSubnet') < done.index('CreateSubnet')
    assert own('plan', '--exit-code', '--sandbox=a.json').code == 0


# ---- another zone ----------------------------------------------------------------------------

def test_another_zone_than_it_serves_in(served, shop):
    """One batch cannot change two. Refused in words; going back and removal still find where it serves."""
    before = status(served)
    text = (shop.folder / 'shop.bg').read_text()
    assert 'name = "example.com"' in text
    (shop.folder / 'shop.bg').write_text(text.replace('name = "example.com"', 'name = "example.org"'))
    r = served('apply', '--yes')
    assert r.code == 7 and 'had traffic by shop.example.com in zone Z' in r.err and 'put the zone back' in r.err, r
    assert status(served)['share'] == before['share']
    assert len(records(shop.folder)) == 3
    assert served('destroy', 'web', '--yes').code == 0
    assert not records(shop.folder)
