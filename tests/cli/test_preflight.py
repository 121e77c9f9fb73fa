"""What the account must have is asked before anything is made."""
import json
import re
import shutil

import pytest


@pytest.fixture
def short(served, shop):
    """The account in which the shop serves, with less in it: members of the file, and of all objects of a type."""
    def change(members=None, kind=None, body=None):
        path = shop.folder / 'account.json'
        account = json.loads(path.read_text())
        account.update(members or {})
        for o in account['objects']:
            if o['type'] == kind:
                o['body'].update(body)
        account['complete'] = account.pop('complete')
        path.write_text(json.dumps(account))
        return served
    return change


def findings(r):
    return [line.strip() for line in r.out.splitlines() if line.startswith('  ') and '[shop.bg:' in line]


def quota(lines, limit, more):
    """How many are in use, as the finding says that adds them up; None without one."""
    for line in lines:
        m = re.search(rf'would take (\d+) of {limit} \((\d+) in use, up to {more} more\)', line)
        if m:
            assert int(m[1]) == int(m[2]) + more, line
            return int(m[2])
    return None


def refused(run, text, *args):
    """The plan warns; the apply ends with 7 before anything is written."""
    r = run('plan', *args)
    assert r.code == 0 and 'warning[BG5302]' in r.err and 'refuses this plan' in r.err, r
    assert any(f.startswith('refused: ') and text in f for f in findings(r)), r
    r = run('apply', '--yes', '--trace', 'calls', *args)
    assert r.code == 7 and 'error[BG5302]' in r.err and text in r.err and 'nothing was written' in r.err, r
    return r


def test_all_is_well(served):
    r = served('plan')
    assert r.code == 0 and 'preflight: 14 checks passed' in r.out and 'BG53' not in r.err, r


def test_nothing_to_make_asks_nothing(served, shop):
    r = served('plan', '-i', 'size=t2.small', '--trace', 'calls')
    calls = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    assert r.code == 0 and 'preflight' not in r.out, r
    assert len(calls) < 30 and not any('Quota' in c['operation'] for c in calls)


def test_many_of_a_kind_are_asked_for_once(bgc, shop):
    """Calls do not grow with resources."""
    text = (shop.folder / 'shop.bg').read_text()
    more = '\n'.join(
        f'  resource asg{i}: autoscaling.group {{ template = lt, subnets = net.private, size = 1..2 }}\n'
        f'  resource sg{i}: ec2.security_group {{ vpc = net.vpc }}' for i in range(40))
    shop.write('shop.bg', text.replace('  entry alb\n', more + '\n  entry alb\n'))
    r = shop('plan', '--sandbox', '--trace', 'calls', '-q')
    calls = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    assert r.code == 0, r
    assert sum(c['operation'] in ('DescribeInstanceTypes', 'DescribeInstanceTypeOfferings', 'GetServiceQuota')
               for c in calls) == 3
    assert len(calls) < 32


def test_quotas_of_both_worlds_are_a_warning(short, shop):
    run = short({'limits': {'L-1216C47A': 26}})
    r = run('plan')
    assert r.code == 0 and '13 checks passed, 1 did not' in r.out, r
    # A fourth instance may not have ended yet that the test of scaling started.
    used = quota(findings(r), 26, 24)
    assert used in (3, 4), r
    assert 'warning[BG5301]' in r.err and 'Service Quotas' in r.err and 'resource asg' in r.err, r
    plan = run('plan', '--json').json()
    assert [d['code'] for d in plan['diagnostics']] == ['BG5301']
    assert all(d['severity'] == 'warning' and d['line'] and d['help'] for d in plan['diagnostics'])
    assert f'would take {used + 24} of 26' in run('plan', '--markdown').out
    assert 'is built' in run('apply', '--yes').out


MANY = """\
stack many {{ region = "eu-west-1" }}
use std.network
shared {{
  existing net: std.network {{ tag = "prod" }}
  resource sg[k in [for i in 1..{groups}: "c${{i}}"]]: ec2.security_group {{ vpc = net.vpc }}
  resource alb[k in [for i in 1..{balancers}: "c${{i}}"]]: elbv2.load_balancer {{
    scheme  = "internal"
    subnets = net.public
    groups  = [sg["c1"]]
  }}
}}
"""


@pytest.mark.parametrize('groups, balancers, asked, warned', [
    (400, 20, set(), 0),
    (600, 20, {'GetServiceQuota'}, 0),
    (600, 21, {'GetServiceQuota', 'DescribeAccountLimits'}, 0),
    (700, 60, {'GetServiceQuota', 'DescribeAccountLimits'}, 2),
])
def test_what_everybody_has_enough_of_is_not_asked_for(bgc, groups, balancers, asked, warned):
    bgc.write('many.bg', MANY.format(groups=groups, balancers=balancers))
    account = {'limits': {'L-E79EC296': 650, 'application-load-balancers': 50}}
    assert bgc('plan', '--sandbox=a.json', '-q').code == 0
    state = json.loads((bgc.folder / 'a.json').read_text()) if (bgc.folder / 'a.json').exists() else None
    if state is not None:
        state.update(account)
        state['complete'] = state.pop('complete')
        bgc.write('a.json', json.dumps(state))
    r = bgc('plan', '--sandbox=a.json', '--trace', 'calls')
    calls = {json.loads(line)['operation'] for line in (bgc.folder / 'calls').read_text().splitlines()}
    assert r.code == 0 and calls & {'GetServiceQuota', 'DescribeAccountLimits'} == asked, r
    assert r.err.count('warning[BG5301]') == warned, r
    if warned:
        assert 'would take 700 of 650 (0 in use, up to 700 more)' in r.out and 'would take 60 of 50' in r.out, r


def test_quotas_are_summed_over_what_is_made(short, shop):
    """Each would fit alone."""
    text = (shop.folder / 'shop.bg').read_text()
    extra = '  resource more: autoscaling.group { template = lt, subnets = net.private, size = 1..12 }\n'
    shop.write('shop.bg', text.replace('  entry alb\n', extra + '  entry alb\n'))
    r = short({'limits': {'L-1216C47A': 30}})('plan')
    assert quota(findings(r), 30, 48) in (3, 4), r


def test_an_instance_type_that_a_zone_lacks(short):
    refused(short({'not_offered': {'t3.small': ['eu-west-1b']}}), 't3.small is not offered in eu-west-1b')


def test_an_instance_type_that_nobody_has(served):
    refused(served, 'there is no instance type t3.smal in eu-west-1', '-i', 'size=t3.smal')


def test_an_image_of_another_architecture(served):
    refused(served, 'm7g.large runs images for arm64', '-i', 'size=m7g.large')


def test_an_image_without_the_driver(short):
    run = short(kind='ec2.image', body={'EnaSupport': False})
    refused(run, 'network driver ENA')
    assert run('plan', '-i', 'size=t2.medium').out.count('refused:') == 0


def test_an_image_that_says_nothing_of_the_driver(short):
    run = short(kind='ec2.image', body={'EnaSupport': None})
    assert any(f.startswith('warning: ') and 'may not start' in f for f in findings(run('plan')))
    assert 'ENA' not in run('plan', '-i', 'size=t2.medium').out


def test_a_disk_that_is_too_small(short):
    mapping = [{'DeviceName': '/dev/xvda', 'Ebs': {'VolumeSize': 30}}]
    refused(short(kind='ec2.image', body={'BlockDeviceMappings': mapping}), 'a disk of 20GiB cannot hold')


def test_no_addresses(short):
    r = refused(short(kind='ec2.subnet', body={'AvailableIpAddressCount': 1}), '3 instances are to start')
    assert '8 free addresses in each subnet' in r.err


def test_addresses_for_the_beginning_only(short):
    run = short(kind='ec2.subnet', body={'AvailableIpAddressCount': 10})
    assert run('plan', '-i', 'fleet=5').out.count('refused:') == 0
    r = run('plan', '-i', 'fleet=10')
    assert any(f.startswith('warning: ') and 'may grow to 40' in f for f in findings(r)), r


def test_what_may_not_be_asked_is_said(short):
    run = short({'denied': ['service_quotas']})
    r = run('plan')
    assert r.code == 0 and '1 could not be made' in r.out and 'not checked: ' in r.out, r
    assert 'AccessDenied' in r.out and 'BG53' not in r.err
    assert 'is built' in run('apply', '--yes').out


def test_nothing_was_written(short, shop):
    refused(short({'not_offered': {'t3.small': ['eu-west-1a']}}), 'not offered')
    calls = [json.loads(line) for line in (shop.folder / 'calls').read_text().splitlines()]
    assert calls and not any(c['mutating'] for c in calls)


def test_a_saved_plan_is_refused_too(short, served, shop):
    assert served('plan', '--out', 'p').code == 0
    run = short({'not_offered': {'t3.small': ['eu-west-1a']}})
    r = run('apply', 'p')
    assert r.code == 7 and 'BG5302' in r.err, r


@pytest.mark.parametrize('line, what', [
    ('preflight room { needs = free > 8 }', '`fail` or `warn`'),
    ('preflight room { needs = free > 8, fail = "a", warn = "b" }', '`fail` or `warn`'),
    ('preflight room { needs = fre > 8, fail = "no" }', 'nothing here is called `fre`'),
    ('preflight room { neds = free > 8, fail = "no" }', 'did you mean `needs`'),
    ('preflight free { needs = free > 8, fail = "no" }', 'means something else'),
    ('existing other: ec2.thign {}', 'there is no type `ec2.thign`'),
    ('quota things { takes = 1, used = 2 }', 'a quota needs `of`'),
    ('quota things { of = free, takes = 1, used = 2 }', 'names an `existing`'),
])
def test_mistakes_in_a_type(bgc, line, what):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\n'
              'type ec2.thing {\n  api ec2\n  id id: string <- Id\n  live free: int <- Free\n'
              f'  read DescribeThings {{ Ids = [id] }} -> Things\n  {line}\n}}\n')
    r = bgc('check')
    assert r.code == 1 and 'BG1718' in r.err and what in r.err, r
