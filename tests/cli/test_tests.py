"""Tests in the language: what `bgc test` makes of `test`, in the spec and beside it."""
import json
import subprocess

import pytest

from conftest import ROOT

SPEC = '''
stack shop { region = "eu-west-1", store = "s3://shop-state" }
use std.network
input env: "dev" | "prod" = "prod"
input fleet: 1..50 = 3
let most = fleet * 4
assert fleet > 1 or env == "dev": "production needs two machines"
shared {
  existing net: std.network { tag = env }
  existing image: ec2.image { owner = "self", name = "shop-*", newest = true } pin
  resource log: logs.group { retain = 30d }
  resource door: ec2.security_group { vpc = net.vpc, ingress = [{ from = net.range, port = 443 }] }
  resource lt: ec2.launch_template {
    image  = image
    size   = if env == "dev" then "t3.micro" else "t3.large"
    groups = [door]
    boot   = "log ${log.name}"
  }
  resource asg: autoscaling.group { template = lt, subnets = net.private, size = fleet..most }
  resource extra[s in [for n in net.private: n.id]]: logs.group { retain = 1d }
}
output url = "https://${env}.example.com"
'''

GOOD = '''
test "what the program writes" {
  mock   net.vpc = { id = "vpc-1", range = 10.0.0.0/16 }
  mock   net.private = [{ id = "subnet-2" }, { id = "subnet-1" }]
  expect asg.size.low == 3 and asg.size.high == most
  expect asg.template == lt and lt.groups == [door] and door.vpc == net.vpc
  expect lt.size == "t3.large"
  expect length(net.private) == 2 and keys(extra) == ["subnet-1", "subnet-2"]
}
test "defaults of the type count" { expect asg.health == "ec2" }
test "given inputs win" {
  given  { env = "dev", fleet = 2 }
  expect lt.size == "t3.micro"
  expect asg.size == 2..8
}
test "the assertion" {
  given  { fleet = 1 }
  expect error BG1550 "two machines"
}
test "out of range" {
  given  { fleet = 99 }
  expect error BG1011
}
'''


def spec(bgc, tests, name='shop.test.bg'):
    bgc.write('shop.bg', SPEC)
    bgc.write(name, tests)


def test_they_pass(bgc):
    spec(bgc, GOOD)
    r = bgc('test')
    assert r.code == 0, r
    assert r.out.splitlines()[-1] == '5 of 5 tests pass', r
    assert bgc('test', 'shop.test.bg').out == r.out, 'the file of tests means the file that it tests'
    assert bgc('test', '-q').out == '5 of 5 tests pass\n'


def test_they_stand_in_the_spec_too(bgc):
    bgc.write('shop.bg', SPEC + GOOD)
    assert bgc('test').out.endswith('5 of 5 tests pass\n')


def test_a_failing_one_shows_both_sides(bgc):
    spec(bgc, GOOD + 'test "too many" { expect asg.size.low == 3 and asg.size.high == most + 1 }\n')
    r = bgc('test')
    assert r.code == 1 and r.out.splitlines()[-1] == '5 of 6 tests pass', r
    assert 'FAILED too many' in r.out
    assert 'error[BG4041]: expected asg.size.high == most + 1' in r.out
    assert 'this is 12' in r.out and 'this is 13' in r.out, r
    assert 'shop.test.bg:' in r.out


def test_what_is_not_known_names_its_mock(bgc):
    spec(bgc, '''
test "set"   { expect length(net.private) == 2 }
test "field" {
  mock   net.vpc = { id = "vpc-1" }
  expect net.range == 10.0.0.0/16
}
test "made"  { expect door.id == "sg-1" }
test "nodes" { expect length(extra) == 2 }
''')
    r = bgc('test')
    assert r.code == 1 and '0 of 4 tests pass' in r.out, r
    assert 'add: mock shared.net.private = [{ ... }]' in r.out
    assert 'say it in its mock: `range = ...`' in r.out
    assert '`shared.door` is made by apply' in r.out


def test_an_expected_error_that_does_not_come(bgc):
    spec(bgc, 'test "no" {\n  given  { fleet = 2 }\n  expect error BG1550\n}\n'
              'test "another" {\n  given  { fleet = 1 }\n  expect error BG1550 "three machines"\n}\n')
    r = bgc('test')
    assert r.code == 1, r
    assert 'no error came' in r.out and 'other errors came' in r.out
    assert 'production needs two machines' in r.out, 'the error that did come is shown'


def test_an_error_that_nobody_expects(bgc):
    spec(bgc, 'test "values" {\n  given  { fleet = 1 }\n  expect fleet == 1\n}\n')
    r = bgc('test')
    assert r.code == 1 and 'error[BG1550]: production needs two machines' in r.out, r


def test_json(bgc):
    spec(bgc, GOOD + 'test "bad" { expect fleet == 4 }\n')
    r = bgc('test', '--json')
    found = r.json()
    assert r.code == 1
    assert [f['kind'] for f in found] == ['test'] * 6
    assert [f['passed'] for f in found] == [True] * 5 + [False]
    bad = found[-1]
    assert bad['title'] == 'bad' and bad['why'] == 'expected fleet == 4'
    problem = bad['problems'][0]
    assert problem['code'] == 'BG4041' and problem['path'] == 'shop.test.bg'
    assert [l['text'] for l in problem['labels']] == ['this is 3']


def test_a_part_of_the_titles(bgc):
    spec(bgc, GOOD)
    assert bgc('test', '--only', 'inputs').out.splitlines()[-1] == '1 of 1 tests pass'
    r = bgc('test', '--only', 'nothing like it')
    assert r.code == 1 and 'none has this in its title' in r.out


def test_mistakes_in_tests_are_found_by_check(bgc):
    spec(bgc, '''
let x = 1
test "a" {
  given  { fleets = 3 }
  mock   net = { id = "x" }
  mock   net.vpc = { id = "vpc-1", rang = 10.0.0.0/16 }
  mock   net.vpc = { id = "vpc-1" }
  expect asg.size
}
test "b" { }
test "a" { expect error BG12 }
test "c" {
  expect true
  expect error BG1550
}
test "d" { expect avg(asg.cpu, 5m) < 50% }
''')
    r = bgc('check', '--json')
    assert r.code == 1
    codes = [d['code'] for d in json.loads(r.out)]
    assert codes == ['BG1003', 'BG1001', 'BG4033', 'BG1005', 'BG4033', 'BG1010', 'BG4034', 'BG1002', 'BG4032',
                     'BG4034', 'BG2002'], r
    # No other command reads them: a broken test keeps nobody from acting.
    assert bgc('graph').code == 0


def test_a_library_is_tested_by_itself(bgc):
    bgc.write('money.bg', 'fn half(of: int): number = of / 2\nlet tax = 19%\n')
    bgc.write('money.test.bg', 'test "half" { expect half(5) == 2.5 }\ntest "tax" { expect tax == 20% }\n')
    r = bgc('test', 'money.bg')
    assert r.code == 1 and '1 of 2 tests pass' in r.out and 'this is 19%' in r.out, r


def test_same_bytes(bgc):
    spec(bgc, GOOD)
    assert bgc('test').out == bgc('test').out


def test_a_live_world_that_cannot_be_made(bgc):
    """The spec's own version fails its tests: there is nothing to rehearse a change on."""
    bgc.write('fragment', 'scenario "errors roll back" {\n  at 50% { web.lb.http_5xx = 8% }\n'
                          '  expect outcome == "rolled_back"\n}\n')
    frame = ROOT / 'tests' / 'check' / 'frame.sh'
    program = subprocess.run(['sh', frame], stdin=open(bgc.folder / 'fragment'), capture_output=True, text=True,
                             check=True).stdout
    bgc.write('shop.bg', program)
    r = bgc('test')
    assert r.code == 1 and r.out.splitlines()[-1] == '0 of 1 scenarios hold', r
    assert 'the live world could not be made' in r.out and 'expected outcome' not in r.out, r
    assert 'error[BG6009]: ready.healthy failed' in r.err, r


QUERIES = '''
test "what is looked for" {
  given  { env = "dev" }
  mock   net.private = []
  expect net.vpc.query.tagged == { "env" => "dev" }
  expect net.private.query.vpc == net.vpc and net.private.query.tagged["tier"] == "private"
  expect image.query.name == "shop-*" and image.query.newest == true
  expect net.vpc.query.name == none
  expect all([{ image = 1 }], image => image.image == 1)
}
'''


def test_what_an_existing_is_asked(bgc):
    spec(bgc, QUERIES)
    r = bgc('test')
    assert r.code == 0 and '1 of 1 tests pass' in r.out, r
    # What is expected of it can be wrong, and both sides are shown.
    spec(bgc, QUERIES.replace('== { "env" => "dev" }', '== { "env" => "prod" }'))
    r = bgc('test')
    assert r.code == 1 and 'this is { env = "dev" }' in r.out, r


@pytest.mark.parametrize('tests, code', [
    ('test "a" { expect image.query.nam == "x" }', 'BG1005'),
    ('test "a" { expect log.query.retain == 1d }', 'BG1005'),
    ('test "a" { expect net.query.tag == "x" }', 'BG1005'),
    ('output o = image.query.name', 'BG1005'),
])
def test_only_what_looks_something_up_has_a_query(bgc, tests, code):
    spec(bgc, '')
    (bgc.folder / 'shop.test.bg').unlink()
    path = bgc.folder / 'shop.bg'
    path.write_text(path.read_text() + tests + '\n')
    r = bgc('check')
    assert r.code == 1 and code in r.err, r


def test_a_fault_that_the_simulated_account_cannot_play(shop):
    with open(shop.folder / 'shop.bg', 'a') as f:
        f.write('scenario "odd" {\n  live   { size = "t2.small" }\n  at 10% { web.alb.state = "failed" }\n'
                '  expect outcome == "applied"\n}\n')
    assert shop('check', '-q').code == 0
    r = shop('test', '--only', 'odd')
    assert r.code == 1 and r.out.splitlines()[-1] == '0 of 1 scenarios hold', r
    assert 'error[BG4040]: the simulated account has no way to change `web.alb.state` like this' in r.err, r


def test_a_finding_of_lint_is_expected(bgc):
    bgc.write('w.bg', 'stack w { region = "eu-west-1", store = "s3://some-state" }\ninput from: cidr = 10.0.0.0/8\n'
              'shared {\n  existing net: ec2.vpc { tagged = { "env" => "x" } }\n  resource door: ec2.security_group '
              '{ vpc = net, ingress = [{ from = from, port = 22 }] }\n  resource shut: ec2.security_group { vpc = net, '
              'ingress = [{ from = from, port = 3306 }] } allow BG7102 because "a test"\n}\n'
              'output ids = [door.id, shut.id]\nlet nothing = 1\n'
              'test "open" {\n  given  { from = 0.0.0.0/0 }\n  expect warning BG7101 "log in"\n'
              '  expect warning BG7001 "`nothing` is never used"\n  expect length(door.ingress) == 1\n}\n'
              'test "closed" { expect warning BG7101 }\n'
              'test "other words" {\n  given  { from = 0.0.0.0/0 }\n  expect warning BG7101 "database"\n}\n'
              'test "allowed" {\n  given  { from = 0.0.0.0/0 }\n  expect warning BG7102\n}\n')
    r = bgc('test', 'w.bg')
    assert r.code == 1 and '1 of 4 tests pass' in r.out and 'passed open' in r.out, r
    assert r.out.count('lint does not find it') == 3
    bgc.write('w.bg', (bgc.folder / 'w.bg').read_text().replace('warning BG7102', 'warning BG1011'))
    assert 'BG4032' in bgc('check', 'w.bg').err
    # It is a name as before elsewhere.
    bgc.write('n.bg', 'stack n { region = "eu-west-1" }\nlet warning = 1\noutput o = warning\n'
              'test "x" { expect warning == 1 }\n')
    assert bgc('test', 'n.bg').code == 0
