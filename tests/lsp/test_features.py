"""Hover, definitions, references, renaming, formatting, outline, colours, folding."""
import json
import pathlib
import subprocess

import pytest
from conftest import BGC, CAPABILITIES, applied, environment_of, offset_of, position


def hover(s, needle, **more):
    h = s.at('hover', s.uri, s.text, needle, **more)
    return h and h['contents']['value']


# ---- hover

def test_hover_of_a_field(shop):
    text = hover(shop, 'monitor = 1m')
    assert 'monitor' in text and 'CreateLaunchTemplate' in text and 'AWS' in text
    text = hover(shop, 'size     = fleet')
    assert 'tune size: range int' in text and 'in place' in text
    assert 'UpdateAutoScalingGroup' in text and 'MinSize' in text
    assert 'fixed' in hover(shop, 'port   = 8080')


def test_hover_of_a_world_says_its_id(shop):
    text = hover(shop, 'world |web {')
    check = subprocess.run([BGC, 'check', 'shop.bg'], cwd=shop.folder, env=environment_of(shop.folder),
                           capture_output=True, text=True)
    id = next(line.split()[1] for line in check.stdout.splitlines() if line.startswith('world '))
    assert id in text and 'once per colour' in text


def test_hover_of_resources_and_existings(shop):
    text = hover(shop, 'targets  = [|tg]')
    assert 'resource tg: elbv2.target_group' in text and 'world `web`' in text
    assert 'phase of its fields: apply' in text
    text = hover(shop, 'profile = |agent')
    assert 'existing agent: iam.instance_profile' in text and 'phase of its fields: plan' in text
    assert 'pinned' in hover(shop, 'image   = |image')


def test_hover_of_values(shop):
    text = hover(shop, 'covers = |host')
    assert 'let host = "shop.example.com"' in text and 'type: `string`' in text and 'const' in text
    assert 'input size: ec2.instance_type = "t3.small"' in hover(shop, 'size    = |size')
    assert 'phase: plan' in hover(shop, 'to = net.|range')


def test_hover_of_metrics_functions_and_words(shop):
    text = hover(shop, 'p99(web.alb.|latency')
    assert 'TargetResponseTime' in text and 'metric latency: duration' in text
    assert 'fn p99(' in hover(shop, '|p99(web')
    assert 'fn http.get(' in hover(shop, 'http.|get(')
    assert 'serves now' in hover(shop, '|live.web')
    assert 'how' in hover(shop, 'expect |outcome').lower()


def test_hover_of_gates_checks_steps_and_settings(shop):
    assert 'green is held against blue' in hover(shop, 'while |steady')
    assert 'of gate `calm`' in hover(shop, 'check |db: max')
    assert 's3://' in hover(shop, '|store   =')
    assert 'account dns' in hover(shop, 'zone in |dns')
    assert 'input size' in hover(shop, 'live   { |size')


def test_hover_of_nothing(shop):
    assert hover(shop, '= "eu|-west-1"') is None
    assert hover(shop, '\n\nuse', shift=1) is None


def test_hover_in_plain_text(start, tmp_path):
    s = start(tmp_path, capabilities={})
    uri = s.open('a.bg', 'let a = 1\noutput b = a\n')
    h = s.at('hover', uri, 'let a = 1\noutput b = a\n', 'b = |a')
    assert h['contents']['kind'] == 'plaintext' and '`' not in h['contents']['value']


# ---- definitions

def target(s, needle, method='definition'):
    at = s.at(method, s.uri, s.text, needle)
    path = pathlib.Path(at['uri'].removeprefix('file://'))
    text = s.text if at['uri'] == s.uri else path.read_text()
    return path.name, text[offset_of(text, at['range']['start']):offset_of(text, at['range']['end'])], \
        at['range']['start']['line']


@pytest.mark.parametrize('needle, name, line', [
    ('groups  = [|app_sg', 'app_sg', 'resource app_sg'), ('while |steady', 'steady', 'gate steady'),
    ('zone in |dns', 'dns', 'account dns'), ('size    = |size', 'size', 'input size'),
    ('covers = |host', 'host', 'let host'), ('rollout |web {', 'web', 'world web'),
    ('live   { |size', 'size', 'input size'), ('entry |alb', 'alb', 'resource alb'),
    ('forward = |tg', 'tg', 'resource tg'), ('latency, 5m) < 1.2 * p99(live.web.|alb', 'alb', 'resource alb'),
    ('at bake { |db.cpu', 'db', 'existing db'), ('url = "https://${|host', 'host', 'let host'),
])
def test_definitions_in_the_file(shop, needle, name, line):
    file, word, at = target(shop, needle)
    assert file == 'shop.bg' and word == name
    assert shop.text.split('\n')[at].strip().startswith(line)


@pytest.mark.parametrize('needle, file, word', [
    ('tg: elbv2.|target_group', 'elbv2.bg', 'elbv2.target_group'), ('|drain  =', 'elbv2.bg', 'drain'),
    ('ingress = [{ |from', 'ec2.bg', 'from'), ('net.|private', 'network.bg', 'private'),
    ('net:   std.|network', 'network.bg', 'network'), ('web.alb.|http_5xx,', 'elbv2.bg', 'http_5xx'),
    ('size:  ec2.|instance_type', 'ec2.bg', 'ec2.instance_type'), ('web.entry.|dns', 'elbv2.bg', 'dns'),
])
def test_definitions_in_the_library_are_files_to_open(shop, needle, file, word):
    assert target(shop, needle)[:2] == (file, word)


def test_the_library_can_be_walked_through(shop):
    at = shop.at('definition', shop.uri, shop.text, 'asg: autoscaling.|group')
    path = pathlib.Path(at['uri'].removeprefix('file://'))
    text = path.read_text()
    uri = shop.open('', text, uri=at['uri'])
    shop.answer('workspace/none')
    assert not shop.diagnostics.get(uri), 'nothing is wrong with it'
    on = shop.at('definition', uri, text, 'ref elbv2.|target_group')
    assert on['uri'].endswith('/stdlib/aws/elbv2.bg')
    assert 'tune size: range int' in shop.at('hover', uri, text, '|size: range int')['contents']['value']
    names = [s['name'] for s in shop.ask('textDocument/documentSymbol', {'textDocument': {'uri': uri}})]
    assert {'autoscaling.group', 'autoscaling.policy'} <= set(names)


def test_type_definitions(shop):
    assert target(shop, 'targets  = [|tg]', 'typeDefinition')[:2] == ('elbv2.bg', 'elbv2.target_group')
    assert target(shop, 'vpc     = |net.vpc', 'typeDefinition')[0] == 'network.bg'


def test_other_files(server):
    (server.folder / 'lib.bg').write_text('## Adds.\nfn add(a: int): int = a + 1\n')
    text = 'use "./lib.bg" = lib\nlet x = lib.add(a = 1)\n'
    server.uri, server.text = server.open('a.bg', text), text
    assert target(server, 'lib.|add') == ('lib.bg', 'add', 1)
    assert target(server, '|a = 1') == ('lib.bg', 'a', 1)
    assert target(server, '"./|lib.bg"')[0] == 'lib.bg'
    assert 'Adds.' in hover(server, 'lib.|add')


# ---- references

def words(s, list_):
    return sorted(s.text[offset_of(s.text, r['range']['start']):][:24].split('\n')[0] for r in list_)


def test_references(shop):
    found = shop.at('references', shop.uri, shop.text, 'gate |steady', context={'includeDeclaration': True})
    assert len(found) == 5
    assert len(shop.at('references', shop.uri, shop.text, 'gate |steady', context={'includeDeclaration': False})) == 4
    tg = shop.at('references', shop.uri, shop.text, '|tg: elbv2', context={'includeDeclaration': False})
    assert words(shop, tg) == ['tg', 'tg) == 100% within 10m', 'tg.healthy = 0 }', 'tg]']
    size = shop.at('references', shop.uri, shop.text, 'input |size', context={'includeDeclaration': True})
    assert len(size) == 2 + shop.text.count('{ size = "t2.small" }')


def test_highlights(shop):
    found = shop.at('documentHighlight', shop.uri, shop.text, '[|lb_sg]')
    assert [h['kind'] for h in found] == [3, 2, 2]


def test_a_local_variable_is_not_its_namesake(server):
    text = 'let x = 1\nlet xs = [for x in [1, 2]: x + 1]\nlet ys = all(xs, x => x > 0)\noutput o = x\n'
    server.uri, server.text = server.open('a.bg', text), text
    at = [h['range']['start'] for h in server.at('documentHighlight', server.uri, text, 'let |x =')]
    assert [p['line'] for p in at] == [0, 3]
    at = [h['range']['start']['line'] for h in server.at('documentHighlight', server.uri, text, ': |x + 1')]
    assert at == [1, 1]


# ---- rename

def renamed(s, needle, name):
    e = s.at('rename', s.uri, s.text, needle, newName=name)
    return applied(s.text, e['changes'][s.uri]), e['changes']


def world_id(s, text):
    (s.folder / 'shop.bg').write_text(text)
    r = subprocess.run([BGC, 'check', 'shop.bg'], cwd=s.folder, env=environment_of(s.folder), capture_output=True,
                       text=True)
    assert r.returncode == 0, r.stderr
    return next(line for line in r.stdout.splitlines() if line.startswith('world '))


def test_renaming_a_resource_builds_nothing_anew(shop):
    before = world_id(shop, shop.text)
    text, _ = renamed(shop, '|app_sg: ec2', 'instances')
    assert text.count('instances') == 3 and 'app_sg' in text
    assert 'moved web.app_sg -> web.instances\n' in text
    assert world_id(shop, text) == before
    shop.change(shop.uri, text)
    assert shop.settled(shop.uri) == []
    # and once more: the first name is still known
    shop.text = text
    text, _ = renamed(shop, '|instances: ec2', 'machines')
    assert 'moved web.app_sg -> web.machines\nmoved web.instances -> web.machines\n' in text
    assert world_id(shop, text) == before


def test_renaming_everything_that_speaks_of_it(shop):
    text, _ = renamed(shop, 'check healthy: healthy(web.|tg)', 'targets')
    assert 'web.targets.healthy = 0' in text and 'forward = targets' in text and '[targets]' in text
    text, _ = renamed(shop, 'gate |ready', 'fit')
    assert 'test   fit' in text and 'failed == "fit.healthy"' in text and 'moved' not in text
    text, _ = renamed(shop, 'check |healthy:', 'alive')
    assert 'failed == "ready.alive"' in text
    text, _ = renamed(shop, 'account |dns', 'domain')
    assert 'zone in domain' in text and 'web.entry.dns' in text
    text, _ = renamed(shop, 'let |host', 'site')
    assert '${site}/' in text and 'host = site' in text and 'covers = site' in text


def test_renaming_what_stands_in_other_files(shop):
    (shop.folder / 'bgc.lock').write_text('shared.image = "ami-0123456789abcdef0" # by review\n')
    shop.tell('workspace/didChangeWatchedFiles', {'changes': []})
    shop.settled(shop.uri)
    text, changes = renamed(shop, 'existing |image', 'base')
    lock = next(uri for uri in changes if uri.endswith('bgc.lock'))
    assert applied((shop.folder / 'bgc.lock').read_text(), changes[lock]).startswith('shared.base = "ami-')
    (shop.folder / 'env').mkdir(exist_ok=True)
    (shop.folder / 'env' / 'stage.bg').write_text('size = "t2.small"\n')
    text, changes = renamed(shop, 'input |size', 'machine')
    env = next(uri for uri in changes if uri.endswith('env/stage.bg'))
    assert applied('size = "t2.small"\n', changes[env]) == 'machine = "t2.small"\n'
    assert 'size    = machine' in text and 'size     = fleet' in text


@pytest.mark.parametrize('needle, name, why', [
    ('let |host', 'two words', 'letters'), ('let |host', '9a', 'digit'), ('let |host', 'if', 'none of'),
    ('let |host', '', 'letters'), ('let |host', 'fleet', 'already'), ('let |host', 'tg', 'already'),
    ('stack |shop', 'other', 'another stack'), ('world |web', 'other', 'anew'), ('|avg(web', 'mean', 'language'),
    ('|drain  =', 'x', 'standard library'), ('\n\nuse', 'x', 'no name'), ('gate |ready', 'calm', 'already'),
    ('check |cpu:     avg(web.asg.cpu, 5m) < 60%', 'memory', 'already'),
])
def test_names_that_are_refused(shop, needle, name, why):
    mark = needle.index('|') if '|' in needle else 1
    at = position(shop.text, shop.text.index(needle.replace('|', '')) + mark)
    m = shop.answer('textDocument/rename', {'textDocument': {'uri': shop.uri}, 'position': at, 'newName': name})
    assert why in m['error']['message'], m


def test_renaming_what_an_imported_file_declares(server):
    lib = 'type small = 1..9\nmodule m(n: small) {\n  existing v: ec2.vpc { tagged = { "n" => "x" } }\n  out v = v\n}\n'
    (server.folder / 'lib.bg').write_text(lib)
    text = ('use "./lib.bg" = lib\nstack s {\n  region = "eu-west-1"\n  store = "s3://bucket/x"\n}\n'
            'input n: lib.small = 1\nshared {\n  existing a: lib.m { n = n }\n}\noutput o = a.v.id\n')
    server.uri, server.text = server.open('a.bg', text), text
    assert server.settled(server.uri) == []
    for needle, old, new in (('lib.|small', 'small', 'tiny'), ('lib.|m {', 'm', 'net'), ('{ |n = n }', 'n', 'number')):
        changes = server.at('rename', server.uri, text, needle, newName=new)['changes']
        after = applied(text, changes[server.uri])
        (server.folder / 'lib.bg').write_text(applied(lib, changes[server.uri.replace('a.bg', 'lib.bg')]))
        server.tell('textDocument/didSave', {'textDocument': {'uri': server.uri}})
        server.change(server.uri, after)
        assert server.settled(server.uri) == [], (needle, after)
        assert 'lib.' + new in after or 'number = n' in after
        (server.folder / 'lib.bg').write_text(lib)
        server.tell('textDocument/didSave', {'textDocument': {'uri': server.uri}})
        server.change(server.uri, text)
    assert target(server, '|lib.small')[:2] == ('a.bg', 'lib')


# ---- rename in modules

STACK = 'stack %s {\n  region = "eu-west-1"\n  store  = "s3://bucket/%s"\n}\n'
PARTS = '''module inner(days: int) {
  existing image: ec2.image { owner = "self", name = "shop-*", newest = true } pin
  resource log: logs.group { retain = 1d }
  out log   = log
  out image = image
}
module outer() {
  resource each[k in ["x", "y"]]: inner { days = 1 }
  out each = each
}
'''
USING = '''use "./parts.bg" = parts
shared {
  resource one: parts.outer {}
  resource two: parts.inner { days = 2 }
}
output ids = [two.log.id, one.each["x"].log.id, two.image.id]
'''


def made_again(folder, name):
    """What a plan of the program would do, after what was there was made under the old names."""
    r = subprocess.run([BGC, 'plan', name, '--sandbox', '--json'], cwd=folder, env=environment_of(folder), text=True,
                       capture_output=True)
    assert r.returncode == 0, r.stderr + r.stdout
    return {a['op'] for a in json.loads(r.stdout)['actions']}


def test_a_resource_of_a_module_moves_wherever_it_is_used(server):
    folder = server.folder
    text = STACK % ('a', 'a') + USING
    (folder / 'parts.bg').write_text(PARTS)
    (folder / 'a.bg').write_text(text)
    subprocess.run([BGC, 'apply', 'a.bg', '--sandbox', '--yes'], cwd=folder, env=environment_of(folder), check=True,
                   capture_output=True)
    uri = server.open('parts.bg', PARTS)
    changes = server.at('rename', uri, PARTS, 'resource |log', newName='lines')['changes']
    after = {u.rsplit('/', 1)[1]: applied((folder / u.rsplit('/', 1)[1]).read_text(), e) for u, e in changes.items()}
    assert set(after) == {'parts.bg', 'a.bg'}
    assert 'resource lines: logs' in after['parts.bg'] and 'out log   = lines' in after['parts.bg']
    assert after['a.bg'] == text + (
        '\nmoved shared.one.each["x"].log -> shared.one.each["x"].lines\n'
        'moved shared.one.each["y"].log -> shared.one.each["y"].lines\n'
        'moved shared.two.log -> shared.two.lines\n')
    for name, new in after.items():
        (folder / name).write_text(new)
    # In the account only tags change.
    assert made_again(folder, 'a.bg') == {'tag'}
    # An instance is renamed with all that is in it.
    server.tell('textDocument/didSave', {'textDocument': {'uri': uri}})
    uri = server.open('a.bg', after['a.bg'])
    changes = server.at('rename', uri, after['a.bg'], 'resource |two', newName='second')['changes']
    assert 'moved shared.two -> shared.second\n' in applied(after['a.bg'], changes[uri])
    (folder / 'a.bg').write_text(applied(after['a.bg'], changes[uri]))
    assert made_again(folder, 'a.bg') == {'tag'}


def test_every_program_that_has_the_file_is_renamed_in(start, tmp_path):
    (tmp_path / 'lib').mkdir()
    (tmp_path / 'lib' / 'parts.bg').write_text(PARTS)
    for name in 'a', 'b':
        (tmp_path / f'{name}.bg').write_text(STACK % (name, name) + USING.replace('./parts', './lib/parts'))
    (tmp_path / 'c.bg').write_text(STACK % ('c', 'c') + 'use std.network\n')
    (tmp_path / 'bgc.lock').write_text('shared.two.image = "ami-0123456789abcdef0"\nshared.one.each["x"].image = "ami-1"\n')
    s = start(tmp_path)
    uri = s.open('lib/parts.bg', PARTS)

    def renamed_to(needle, new):
        changes = s.at('rename', uri, PARTS, needle, newName=new)['changes']
        return {u.rsplit('/', 1)[1]: applied((tmp_path / u.split(str(tmp_path))[1][1:]).read_text(), e)
                for u, e in changes.items()}

    after = renamed_to('resource |log', 'lines')
    assert set(after) == {'parts.bg', 'a.bg', 'b.bg'}
    assert all(after[f].count('moved shared.') == 3 for f in ('a.bg', 'b.bg'))
    after = renamed_to('out |log ', 'lines')
    assert 'two.lines.id' in after['a.bg'] and 'two.lines.id' in after['b.bg'] and 'moved' not in after['a.bg']
    after = renamed_to('module |inner', 'core')
    assert all('parts.core {' in after[f] for f in ('a.bg', 'b.bg')) and after['parts.bg'].count('core') == 2
    after = renamed_to('inner(|days', 'keep_for')
    assert all('{ keep_for = 2 }' in after[f] for f in ('a.bg', 'b.bg'))
    # A pin has an address too; nothing of it is in the account.
    after = renamed_to('existing |image', 'base')
    assert after['bgc.lock'] == 'shared.two.base = "ami-0123456789abcdef0"\nshared.one.each["x"].base = "ami-1"\n'
    assert set(after) == {'parts.bg', 'bgc.lock'}
    # From where it is said the answer is the same.
    a = s.open('a.bg', (tmp_path / 'a.bg').read_text())
    changes = s.at('rename', a, (tmp_path / 'a.bg').read_text(), 'two.|log.id', newName='lines')['changes']
    assert {u.rsplit('/', 1)[1] for u in changes} == {'parts.bg', 'a.bg', 'b.bg'}


def refusal(server, uri, text, needle, name):
    at = position(text, text.index(needle.replace('|', '')) + needle.index('|'))
    m = server.answer('textDocument/rename', {'textDocument': {'uri': uri}, 'position': at, 'newName': name})
    return m['error']['message']


def test_a_rename_that_another_program_cannot_take(start, tmp_path):
    lib = 'let a = 1\nmodule m(keys: [string]) {\n  resource l[k in keys]: logs.group { retain = 1d }\n}\n'
    (tmp_path / 'lib.bg').write_text(lib)
    (tmp_path / 'a.bg').write_text(STACK % ('a', 'a') + 'use "./lib.bg" = lib\noutput a = lib.a\n')
    (tmp_path / 'b.bg').write_text(STACK % ('b', 'b') + 'use "./lib.bg" = lib\ninput names: [string]\n'
                                   'shared { resource all[n in names]: lib.m { keys = [n] } }\n')
    s = start(tmp_path)
    uri = s.open('lib.bg', lib)
    assert 'already' in refusal(s, uri, lib, 'let |a', 'm')
    # Which instances there are is not known before the input is.
    assert 'the keys of `all` in b.bg are not known' in refusal(s, uri, lib, 'resource |l[', 'lines')


def test_prepare(shop):
    r = shop.at('prepareRename', shop.uri, shop.text, '[lb_|sg]')
    assert shop.text[offset_of(shop.text, r['start']):offset_of(shop.text, r['end'])] == 'lb_sg'
    assert shop.at('prepareRename', shop.uri, shop.text, 'world |web') is None


def test_edits_with_versions(start, tmp_path):
    wish = {**CAPABILITIES, 'workspace': {'workspaceEdit': {'documentChanges': True}}}
    s = start(tmp_path, capabilities=wish)
    text = 'let a = 1\noutput b = a\n'
    uri = s.open('a.bg', text)
    e = s.at('rename', uri, text, 'let |a', newName='c')['documentChanges']
    assert e[0]['textDocument'] == {'uri': uri, 'version': 1}
    assert applied(text, e[0]['edits']) == 'let c = 1\noutput b = c\n'


# ---- formatting

UGLY = 'stack  s{\n region="eu-west-1"\n  store =   "s3://bucket/x"\n}\n\n\n\nlet a=1 # one\nlet bbb = [ 1,2 ]\n'


def formatted(folder, text):
    (folder / 'f.bg').write_text(text)
    subprocess.run([BGC, 'fmt', 'f.bg'], cwd=folder, env=environment_of(folder), check=True, capture_output=True)
    return (folder / 'f.bg').read_text()


def test_formatting_is_fmt(server):
    uri = server.open('a.bg', UGLY)
    edits = server.ask('textDocument/formatting', {'textDocument': {'uri': uri}, 'options': {}})
    assert applied(UGLY, edits) == formatted(server.folder, UGLY)


def test_formatting_touches_only_what_changes(shop):
    text = shop.text.replace('let host = ', 'let  host=').replace('  keep_alive', '      keep_alive')
    text = text.replace('output url =', 'output   url =')
    shop.change(shop.uri, text)
    edits = shop.ask('textDocument/formatting', {'textDocument': {'uri': shop.uri}, 'options': {}})
    assert applied(text, edits) == formatted(shop.folder, text)
    assert len(edits) >= 3 and sum(len(e['newText'].split('\n')) for e in edits) < 15


def test_formatting_a_range(server):
    uri = server.open('a.bg', UGLY)
    whole = server.ask('textDocument/formatting', {'textDocument': {'uri': uri}, 'options': {}})
    last = UGLY.index('let bbb')
    edits = server.ask('textDocument/rangeFormatting', {
        'textDocument': {'uri': uri}, 'options': {},
        'range': {'start': position(UGLY, last), 'end': position(UGLY, len(UGLY))}})
    assert edits and all(e in whole for e in edits)
    assert 'stack  s{' in applied(UGLY, edits) and '[1, 2]' in applied(UGLY, edits)


def test_what_is_broken_or_well_is_left_alone(shop):
    assert shop.ask('textDocument/formatting', {'textDocument': {'uri': shop.uri}, 'options': {}}) == []
    shop.change(shop.uri, shop.text.replace('world web {', 'world web'))
    assert not shop.ask('textDocument/formatting', {'textDocument': {'uri': shop.uri}, 'options': {}})


# ---- outline, folding, colours

def test_outline(shop):
    symbols = shop.ask('textDocument/documentSymbol', {'textDocument': {'uri': shop.uri}})
    names = [s['name'] for s in symbols]
    assert names[:6] == ['shop', 'dns', 'std.network', 'env', 'size', 'fleet']
    assert 'web as hotfix' in names and 'a clean upgrade' in names
    web = next(s for s in symbols if s['name'] == 'web' and s['kind'] == 5)
    assert [c['name'] for c in web['children']][:3] == ['lb_sg', 'app_sg', 'log']
    assert web['children'][0]['detail'] == 'ec2.security_group'
    ready = next(s for s in symbols if s['name'] == 'ready')
    assert 'healthy' in [c['name'] for c in ready['children']]
    for s in symbols + web['children']:
        own, whole = s['selectionRange'], s['range']
        inside = [(p['line'], p['character']) for p in (whole['start'], own['start'], own['end'], whole['end'])]
        assert inside == sorted(inside)


def test_a_flat_outline(start, tmp_path):
    s = start(tmp_path, capabilities={})
    uri = s.open('a.bg', 'world w {\n  let x = 1\n}\n')
    symbols = s.ask('textDocument/documentSymbol', {'textDocument': {'uri': uri}})
    assert [(x['name'], x.get('containerName')) for x in symbols] == [('w', None), ('x', 'w')]


def test_folding(shop):
    folds = {(f['startLine'], f['endLine']) for f in
             shop.ask('textDocument/foldingRange', {'textDocument': {'uri': shop.uri}})}
    line = shop.text.split('\n').index('world web {')
    assert line in {a for a, _ in folds} and (0, 1) in folds


def colours(s, uri, text):
    legend = s.info['capabilities']['semanticTokensProvider']['legend']
    data = s.ask('textDocument/semanticTokens/full', {'textDocument': {'uri': uri}})['data']
    out, line, character = [], 0, 0
    lines = text.split('\n')
    for k in range(0, len(data), 5):
        line += data[k]
        character = data[k + 1] + (character if data[k] == 0 else 0)
        raw = lines[line].encode('utf-16-le')[2 * character:2 * (character + data[k + 2])]
        marks = [m for i, m in enumerate(legend['tokenModifiers']) if data[k + 4] >> i & 1]
        out.append((raw.decode('utf-16-le'), legend['tokenTypes'][data[k + 3]], *marks))
    return out


def test_colours(server):
    text = ('## Doc.\nlet size = "a😀${fleet}" # x\ninput fleet: 1..3 = 2\nworld w {\n'
            '  resource log: logs.group { retain = 30d }\n}\nlet t = """\n  one\n  two\n  """\n')
    uri = server.open('a.bg', text)
    found = colours(server, uri, text)
    assert found[:6] == [('## Doc.', 'comment', 'documentation'), ('let', 'keyword'),
                         ('size', 'variable', 'declaration'), ('"a😀${', 'string'), ('fleet', 'variable'),
                         ('}"', 'string')]
    assert ('input', 'keyword') in found and ('resource', 'keyword') in found
    assert ('log', 'class', 'declaration') in found and ('retain', 'property', 'defaultLibrary') in found
    assert ('30d', 'number') in found
    assert ('  one', 'string') in found, 'line by line'


def test_a_keyword_as_a_name_has_the_colour_of_a_name(shop):
    found = colours(shop, shop.uri, shop.text)
    assert ('size', 'property', 'defaultLibrary') in found and ('size', 'variable') in found
    assert ('steady', 'event') in found and ('avg', 'function', 'defaultLibrary') in found
    assert ('db', 'class', 'declaration', 'readonly') in found
