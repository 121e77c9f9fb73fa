"""Completion: what is offered, in which order, and in the middle of broken text."""
import pytest
from conftest import SHOP, applied, position

HEAD = '''stack s { region = "eu-west-1" }
use std.network
account dns { role = "arn:aws:iam::210987654321:role/bgc-dns" }
input size: ec2.instance_type = "t3.small"
input fleet: 1..50 = 3
## Where it is.
let host = "shop.example.com"
fn twice(n: int, of: string = "x"): int = n * 2
shared {
  existing net: std.network { tag = "prod" }
  existing zone: route53.zone in dns { name = "example.com" }
  existing cert: acm.certificate { covers = host }
}
world web {
  resource sg: ec2.security_group { vpc = net.vpc }
  resource log: logs.group { retain = 30d } keep 30d
  resource tg: elbv2.target_group { vpc = net.vpc, port = 80, health = { path = "/" } }
  resource alb: elbv2.load_balancer { subnets = net.public, groups = [sg] }
  entry alb
%s
}
gate calm {
  every 30s no_data hold
  check errors: ratio(web.alb.http_5xx, web.alb.requests, 5m) < 1%%
}
'''


class Found:
    def __init__(self, text, offset, answer):
        self.text, self.offset = text, offset
        self.items = sorted(answer['items'], key=lambda i: i['sortText'])
        self.labels = [i['label'] for i in self.items]

    def __getitem__(self, label):
        return next(i for i in self.items if i['label'] == label)

    def __contains__(self, label):
        return label in self.labels

    def accept(self, label):
        return applied(self.text, [self[label]['textEdit']])

    def __repr__(self):
        return repr(self.labels[:20])


@pytest.fixture
def complete(server):
    uris = {}

    def go(text, name='a.bg'):
        offset = text.index('|')
        text = text.replace('|', '', 1)
        if name in uris:
            server.change(uris[name], text)
        else:
            uris[name] = server.open(name, text)
        answer = server.ask('textDocument/completion', {'textDocument': {'uri': uris[name]},
                                                        'position': position(text, offset)})
        return Found(text, offset, answer)
    return go


@pytest.fixture
def in_world(complete):
    return lambda body: complete(HEAD % body)


@pytest.fixture
def at_top(complete):
    return lambda text: complete(HEAD % '' + text)


# ---- fields

def test_fields_of_a_type_with_what_they_are(in_world):
    f = in_world('  resource a: autoscaling.group {\n    |\n  }')
    assert {'template', 'subnets', 'size', 'targets', 'health'} <= set(f.labels)
    assert f['size']['detail'] == 'range int (required)'
    assert 'The fewest and the most instances' in f['size']['documentation']['value']
    assert 'CreateAutoScalingGroup' in f['size']['documentation']['value']
    assert '= "ec2"' in f['health']['documentation']['value']
    assert f.labels.index('template') < f.labels.index('health'), 'what is required comes first'
    assert 'world' not in f and 'desired' not in f


def test_fields_that_are_there_are_not_offered_again(in_world):
    f = in_world('  resource a: autoscaling.group {\n    size = 1..2\n    |\n    health = "elb"\n  }')
    assert 'template' in f and 'size' not in f and 'health' not in f


def test_a_field_is_completed_with_its_sign(in_world):
    assert '    health = $0\n' in in_world('  resource a: autoscaling.group {\n    hea|\n  }').accept('health')
    f = in_world('  resource a: autoscaling.group {\n    hea| = "elb"\n  }')
    assert 'health = "elb"' in f.accept('health')


def test_fields_of_an_existing_are_its_query(in_world):
    f = in_world('  existing v: ec2.vpc { | }')
    assert 'tagged' in f


def test_fields_of_a_record_in_a_field(in_world):
    f = in_world('  resource t: elbv2.target_group {\n    health = { path = "/", | }\n  }')
    assert {'every', 'healthy', 'unhealthy'} <= set(f.labels) and 'path' not in f and 'vpc' not in f


def test_fields_of_a_record_in_a_list(in_world):
    f = in_world('  resource g: ec2.security_group {\n    ingress = [{ from = sg, port = 1 }, { | }]\n  }')
    assert {'from', 'port'} <= set(f.labels)


def test_parameters_of_a_module(complete):
    f = complete(HEAD.replace('{ tag = "prod" }', '{ | }', 1) % '')
    assert f.labels == ['tag']


def test_settings_of_the_stack(complete):
    f = complete('stack s {\n  region = "eu-west-1"\n  |\n}\n')
    assert set(f.labels) == {'account', 'store', 'tags'}


def test_kill_switch_and_the_rest_of_traffic(at_top):
    f = at_top('traffic web: route53.weighted { | }\n')
    assert {'zone', 'names', 'kill_switch'} <= set(f.labels)


# ---- values

@pytest.mark.parametrize('text', ['health = |', 'health = "|"', 'health = "e|', 'health = "|'])
def test_values_of_a_union(in_world, text):
    f = in_world('  resource a: autoscaling.group {\n    %s\n  }' % text)
    quote = '' if '"' in text else '"'
    assert {quote + 'ec2' + quote, quote + 'elb' + quote} <= set(f.labels[:2])
    done = f.accept(quote + 'elb' + quote)
    assert 'health = "elb' in done and '""' not in done


def test_references_that_fit_come_first(in_world):
    f = in_world('  resource l: elbv2.listener {\n    lb = |\n  }')
    assert f.labels[0] == 'alb'
    assert f.labels.index('alb') < f.labels.index('sg')
    assert f['alb']['detail'] == 'elbv2.load_balancer'


def test_what_a_module_gives_is_offered_where_it_fits(in_world):
    f = in_world('  resource g: ec2.security_group {\n    vpc = |\n  }')
    assert f.labels[0] == 'net.vpc'


def test_a_list_of_one(in_world):
    f = in_world('  resource b: elbv2.load_balancer {\n    groups = |\n  }')
    assert 'groups = [sg]' in f.accept('sg')
    f = in_world('  resource b: elbv2.load_balancer {\n    groups = [|]\n  }')
    assert 'groups = [sg]' in f.accept('sg') and f.labels[0] == 'sg'


def test_values_of_an_input(complete):
    f = complete('input env: bool = |\n')
    assert f.labels[:2] == ['true', 'false']


def test_functions_with_their_signatures(at_top):
    f = at_top('let x = |\n')
    assert 'int' in f['twice']['detail']
    assert f['length']['detail'].startswith('fn length(')
    assert 'How many' in f['length']['documentation']['value']
    assert 'avg' not in f, 'nothing is measured here'
    assert f['host']['documentation']['value'] == 'Where it is.'


def test_a_world_does_not_see_what_it_may_not(in_world):
    f = in_world('  let x = |')
    assert 'net' in f and 'sg' in f and 'web' not in f


def test_shared_does_not_see_a_world(complete):
    f = complete((HEAD % '').replace('covers = host', 'covers = |'))
    assert 'host' in f and 'alb' not in f and 'web' not in f


def test_arguments_of_a_function(at_top):
    f = at_top('fn pick(n: int, of: bool): int = 1\nlet x = pick(2, |)\n')
    assert f.labels[:2] == ['true', 'false']


def test_variables_of_a_loop(at_top):
    f = at_top('let xs = [for port in [80, 443]: po|]\n')
    assert f['port']['detail'].startswith('int') or f['port']['detail']
    f = at_top('let m = {for k, v in { "a" => { n = 1 } }: k => v.|}\n')
    assert f.labels == ['n']


def test_inside_a_text(at_top):
    f = at_top('let u = "https://${|}/"\n')
    assert 'host' in f
    f = at_top('let u = "https://${web.alb.|}/"\n')
    assert 'dns' in f
    assert at_top('let u = "https://|"\n').labels == []


# ---- members

def test_members_of_a_world_and_of_a_resource(at_top):
    assert {'sg', 'alb', 'tg', 'entry'} <= set(at_top('output u = web.|\n').labels)
    f = at_top('output u = web.alb.|\n')
    assert {'dns', 'http_5xx', 'latency'} <= set(f.labels)
    assert f.labels.index('dns') < f.labels.index('latency')


def test_metrics_first_in_a_gate(at_top):
    f = at_top('gate g {\n  check a: avg(web.alb.|\n}\n')
    assert f.labels.index('latency') < f.labels.index('dns')
    assert 'TargetResponseTime' in f['latency']['documentation']['value']


def test_members_of_live_and_of_the_entry(at_top):
    assert at_top('gate g {\n  check a: avg(live.|\n}\n').labels == ['web']
    assert 'latency' in at_top('gate g {\n  check a: p99(live.web.alb.|, 5m) < 1s\n}\n')
    assert 'dns' in at_top('gate g {\n  check a: http.get("https://${web.entry.|}/").status == 200\n}\n')


def test_members_of_modules_records_ranges_and_calls(in_world, at_top):
    assert set(in_world('  let v = net.|').labels) == {'vpc', 'range', 'public', 'private'}
    assert at_top('let r = { a = 1, b = "x" }\nlet v = r.|\n').labels == ['a', 'b']
    assert at_top('let r = 1..3\nlet v = r.|\n').labels == ['low', 'high']
    assert at_top('let v = first([{ a = 1 }]).|\n').labels == ['a']
    assert 'get' in at_top('gate g {\n  check a: http.|\n}\n')


def test_an_imported_file(complete, server):
    (server.folder / 'lib.bg').write_text('## Adds.\nfn add(a: int): int = a + 1\nlet limit = 5\n')
    f = complete('use "./lib.bg" = lib\nlet x = lib.|\n')
    assert {'add', 'limit'} <= set(f.labels)


# ---- declarations

def test_what_a_file_may_declare(at_top):
    f = at_top('|\n')
    assert {'world', 'gate', 'rollout', 'input', 'let', 'scenario', 'moved'} <= set(f.labels)
    assert 'resource' not in f and 'entry' not in f
    assert f['world']['insertTextFormat'] == 2


def test_what_a_world_may_declare(in_world):
    f = in_world('  r|')
    assert {'resource', 'existing', 'entry', 'let'} <= set(f.labels) and 'gate' not in f


def test_what_may_stand_in_a_gate(at_top):
    assert {'every', 'check', 'tolerate', 'no_data'} == set(at_top('gate g {\n  |\n}\n').labels)
    assert set(at_top('gate g {\n  every 30s no_data |\n}\n').labels) == {'hold', 'fail'}
    f = at_top('gate g {\n  check a: |\n}\n')
    assert {'avg', 'healthy', 'web', 'live'} <= set(f.labels)


def test_what_may_stand_in_a_rollout(at_top):
    f = at_top('rollout web {\n  |\n}\n')
    assert {'build', 'test', 'shift', 'approve', 'bake', 'retire', 'on failure'} == set(f.labels)
    assert at_top('rollout web {\n  shift 10% for 5m while |\n}\n').labels == ['calm']
    assert at_top('rollout web {\n  test |\n}\n').labels == ['calm']
    assert 'requests' in at_top('rollout web {\n  retire when |\n}\n')
    assert at_top('rollout |').labels == ['web']


def test_what_may_stand_in_a_scenario(at_top):
    assert {'live', 'load', 'at', 'expect', 'edit'} == set(at_top('scenario "x" {\n  |\n}\n').labels)
    assert set(at_top('scenario "x" {\n  live { | }\n}\n').labels) == {'size', 'fleet'}
    assert 'bake' in at_top('scenario "x" {\n  at | { }\n}\n')
    f = at_top('scenario "x" {\n  expect outcome == |\n}\n')
    assert {'"applied"', '"rolled_back"'} <= set(f.labels[:5])
    f = at_top('scenario "x" {\n  at 10% { web.alb.| = 2 }\n}\n')
    assert f.labels.index('latency') < f.labels.index('dns')


def test_types_of_resources(in_world):
    f = in_world('  resource x: |')
    assert {'ec2.security_group', 'autoscaling.group'} <= set(f.labels) and 'route53.zone' not in f
    f = in_world('  resource x: ec2.sec|')
    assert 'resource x: ec2.security_group {' in f.accept('ec2.security_group')
    assert 'vpc = $1' in f.accept('ec2.security_group')
    f = in_world('  resource x: ec2.| {\n  }')
    assert 'resource x: ec2.security_group {\n' in f.accept('ec2.security_group')
    assert 'route53.zone' in in_world('  existing x: |')
    assert 'in' in in_world('  existing x: route53.zone |')
    assert in_world('  existing x: route53.zone in |').labels == ['dns']


def test_types_of_values(at_top):
    f = at_top('input x: |\n')
    assert {'string', 'int', 'ec2.instance_type', 'set'} <= set(f.labels)
    assert at_top('traffic web: |\n').labels
    assert all('.' in label for label in at_top('traffic web: |\n').labels)
    assert 'ec2.vpc' in at_top('fn f(v: ref |\n')


def test_modules_of_the_library(complete):
    f = complete('use |\n')
    assert 'std.network' in f
    assert complete('use |\n').accept('std.network') == 'use std.network\n'
    assert complete('use std.n|\n').accept('std.network') == 'use std.network\n'


def test_files_that_can_be_imported(complete, server):
    for name, text in {'parts/web.bg': 'let a = 1', 'parts/db.bg': 'let a = 1', 'top.bg': 'let a = 1',
                       'other.bg': 'stack o { region = "eu-west-1" }', 'top.test.bg': 'test "x" { expect true }',
                       'env/stage.bg': 'size = 1', 'vendor/example.com/a.bg': 'let a = 1', '.git/x.bg': '',
                       'notes.txt': ''}.items():
        (server.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (server.folder / name).write_text(text)
    f = complete('stack a { region = "eu-west-1" }\nuse "|"\n')
    assert f.labels == ['./parts/db.bg', './parts/web.bg', './top.bg']
    assert f.accept('./parts/web.bg').endswith('use "./parts/web.bg"\n')
    # As the text stands while it is typed, and without a quote at all.
    assert complete('stack a { region = "eu-west-1" }\nuse "./p|\n').accept('./top.bg').endswith('use "./top.bg\n')
    f = complete('stack a { region = "eu-west-1" }\nuse |\n')
    assert f.labels[0] == 'std.network' and f.accept('./top.bg').endswith('use "./top.bg" = top\n')
    # From a file further down, up and down again.
    (server.folder / 'a.bg').write_text('stack a { region = "eu-west-1" }\nuse "./parts/web.bg" = web\n')
    server.change('file://' + str(server.folder / 'a.bg'), 'stack a { region = "eu-west-1" }\nuse "./parts/web.bg" = web\n')
    f = complete('use "|"\n', name='parts/web.bg')
    assert f.labels == ['./db.bg', '../top.bg']


def test_nothing_behind_what_is_imported(at_top):
    assert at_top('use "./x.bg" |\n').labels == []


OPEN = '  resource door: ec2.security_group { vpc = net.vpc, ingress = [{ from = 0.0.0.0/0, port = 22 }] } allow |\n'


def test_what_may_be_allowed(in_world, at_top):
    f = in_world(OPEN)
    assert f['BG7101']['detail'] == 'the internet may log in' and 'SSH' in f['BG7101']['documentation']['value']
    # What the type has rules about comes first.
    assert f.labels[:3] == ['BG7001', 'BG7101', 'BG7102'] and 'BG7010' in f and 'BG1001' not in f
    assert 'allow BG7101 because "$0"' in f.accept('BG7101')
    # What stands there already is not written again.
    assert ' allow BG7101 because "x"' in in_world(OPEN.replace('|', 'BG7| because "x"')).accept('BG7101')
    assert in_world(OPEN.replace('|', 'BG7101 |')).labels == ['because']
    assert at_top('rollout web { shift 100% for 1h while calm } allow |\n').labels[0] == 'BG7010'
    assert 'BG7001' in at_top('let a = 1 allow |\n') and 'BG7005' in at_top('use "./x.bg" = x allow |\n')


def test_allow_is_a_name_elsewhere(in_world):
    assert 'BG7001' not in in_world('  let allow = 1\n  let other = allow + |\n')
    assert 'BG7001' not in in_world('  resource a: autoscaling.group {\n    allow |\n  }\n')


def test_addresses(at_top):
    f = at_top('moved web.old -> |\n')
    assert {'web.alb', 'web.sg', 'shared.zone'} <= set(f.labels)
    assert 'moved web.old -> web.alb\n' in at_top('moved web.old -> web.a|\n').accept('web.alb')


def test_environments(complete, server):
    (server.folder / 'a.bg').write_text(HEAD % '')
    f = complete('|\n', name='env/stage.bg')
    assert set(f.labels) == {'size', 'fleet'}


# ---- where nothing is offered, and broken text

@pytest.mark.parametrize('text', ['# a comment |', 'let x = 20|', 'let r = r"a|"', 'let n = 10.0.0.0|/8'])
def test_nothing_is_offered(at_top, text):
    assert at_top(text + '\n').labels == []


@pytest.mark.parametrize('before, label', [
    ('  resource a: autoscaling.group {\n    |', 'template'),
    ('  resource a: autoscaling.group {\n    health = |', '"elb"'),
    ('  resource b: elbv2.load_balancer { groups = [|', 'sg'),
    ('  resource t: elbv2.target_group { health = { |', 'path'),
    ('  resource l: elbv2.listener { lb = a|', 'alb'),
    ('  let x = twice(sg.|', 'id'),
])
def test_where_brackets_are_not_closed_yet(in_world, before, label):
    assert label in in_world(before)


def test_a_declaration_that_is_not_closed_does_not_swallow_the_next(complete):
    text = (HEAD % '  resource a: ec2.security_group {\n').replace('check errors:', 'check |')
    f = complete(text.replace('check |', '|\n  check errors:'))
    assert 'every' in f and 'vpc' not in f


def test_at_every_place_of_the_example(server):
    text = (SHOP / 'shop.bg').read_text()
    uri = server.open('shop.bg', text)
    for offset in range(0, len(text), 7):
        server.ask('textDocument/completion', {'textDocument': {'uri': uri}, 'position': position(text, offset)})
        server.ask('textDocument/signatureHelp', {'textDocument': {'uri': uri}, 'position': position(text, offset)})


# ---- signatures

def test_signatures(server):
    text = HEAD % '' + 'let x = twice(1, of = "y")\ngate g {\n  check a: avg(web.alb.latency, 5m) < 1s\n}\n'
    uri = server.open('a.bg', text)
    s = server.at('signatureHelp', uri, text, 'twice(1, of = |')
    assert s['signatures'][0]['label'] == 'fn twice(n: int, of: string = "x"): int'
    assert s['activeParameter'] == 1
    s = server.at('signatureHelp', uri, text, 'avg(|web.alb.latency')
    assert s['signatures'][0]['label'].startswith('fn avg(') and s['activeParameter'] == 0
    label = s['signatures'][0]['label']
    assert [label[a:b] for a, b in (p['label'] for p in s['signatures'][0]['parameters'])] == \
        ['m: metric.T', 'window: duration']
    assert server.at('signatureHelp', uri, text, 'avg(web.alb.latency, |')['activeParameter'] == 1
    assert server.at('signatureHelp', uri, text, 'region = |') is None
