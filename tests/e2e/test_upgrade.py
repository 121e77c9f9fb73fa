"""The story of the product over the wire: world 1, the clone, its tests, the shift step by
step, the bake, the old world's removal. It runs once; each test looks at one side of it. Each
partial share waits for an approval, and the bake is left by turning the clock on: what is
looked at stays for as long as it takes."""
import copy
import types

import pytest

import spec
from account import HOST
from load import Load

HELD = ('MinSize',)  # the declared hold: what keeps blue warm


@pytest.fixture(scope='module')
def story(bgc, account):
    s = types.SimpleNamespace()
    with Load(account, bgc.now) as load:
        s.first = bgc.run('apply', '--yes', '-i', 'size=t2.small')
        (s.blue,) = account.worlds()
        s.blue_before = account.worlds()[s.blue].describe()
        s.idle = bgc.run('plan', '--exit-code', '-i', 'size=t2.small', '--trace', 'trace.idle')
        bgc.spec(account.images[1], *spec.TIGHTER, *spec.HELD)
        s.plan_code, s.plan = bgc.finish(bgc.start('plan', '--exit-code', '--trace', 'trace.plan'))
        apply = bgc.start('apply', '--yes', '--events', 'events', '--trace', 'trace.apply')
        bgc.wait_share(apply, 10)
        s.steps = [account.both_weights()]
        bgc.run('approve')
        bgc.wait_share(apply, 50)
        s.steps.append(account.both_weights())
        worlds = account.worlds()
        (s.green,) = set(worlds) - {s.blue}
        s.blue_shared, s.green_shared = worlds[s.blue].describe(), worlds[s.green].describe()
        s.records_shared = {k: account.records(k) for k in ('A', 'AAAA', 'TXT')}
        s.status_shared = bgc.json('status')
        bgc.run('approve')
        s.code, s.out = bgc.finish(apply)
        s.events = bgc.events()
        s.steps.append(account.both_weights())
        s.blue_baking = account.worlds()[s.blue].describe()
        s.status_baking = bgc.json('status')
        bgc.skip(hours=25)
        s.retired = bgc.run('apply', '--yes', '--wait', '--events', 'events.retire')
        s.steps.append(account.both_weights())
        s.seen = load.seen
    s.left = account.worlds()
    s.after = bgc.run('plan', '--exit-code')
    return s


def test_first_world_serves_everything(story):
    assert [a for a, _, _ in story.seen if a][0] == {story.blue: 100}


def test_nothing_to_do_when_nothing_changed(story):
    assert 'create' not in story.idle


def test_plan_says_that_there_is_something_to_do(story):
    assert story.plan_code == 2, story.plan
    assert story.blue in story.plan and story.green in story.plan


def test_calls_of_a_plan(story, bgc):
    # 25, and a few more here: the mock's list of what is tagged has no launch templates, so it
    # is not believed, and each type is asked for by itself.
    assert len(bgc.calls('trace.idle')) < 33
    assert not [c for c in bgc.calls('trace.idle') + bgc.calls('trace.plan') if c['mutating']]


def test_shift_goes_by_the_schedule(story):
    assert story.code == 0, story.out
    steps = [{story.blue: 90, story.green: 10}, {story.blue: 50, story.green: 50},
             {story.blue: 0, story.green: 100}, {story.green: 100}]
    assert story.steps == [(w, w) for w in steps]
    # and at no moment anything else
    passed = [a for a, _, _ in story.seen if story.green in a]
    assert passed == [w for w in steps if w in passed] and passed[:3] == steps[:3]


def test_both_address_types_move_together(story):
    assert all(a == aaaa for a, aaaa, _ in story.seen)


def test_shares_never_pass_through_zero(story):
    served = [a for a, _, _ in story.seen if a]
    assert all(sum(a.values()) == 100 for a in served)
    assert all(not a for a, _, _ in story.seen[:story.seen.index(next(x for x in story.seen if x[0]))])


def test_two_independent_worlds_during_the_shift(story):
    blue, green = story.blue_shared, story.green_shared
    for kind, key in (('security_groups', 'GroupId'), ('launch_templates', 'LaunchTemplateId'),
                      ('groups', 'AutoScalingGroupARN'), ('load_balancers', 'LoadBalancerArn'),
                      ('target_groups', 'TargetGroupArn'), ('listeners', 'ListenerArn'), ('alarms', 'AlarmArn'),
                      ('log_groups', 'logGroupName')):
        ours, theirs = ({x[key] for x in w[kind]} for w in (blue, green))
        assert ours and len(ours) == len(theirs) and not ours & theirs, kind
    assert not set(blue['targets'][0]) & set(green['targets'][0])
    # Nothing of green speaks of anything of blue's.
    text = repr({k: v for k, v in green.items()})
    for kind, key in (('security_groups', 'GroupId'), ('launch_templates', 'LaunchTemplateId'),
                      ('target_groups', 'TargetGroupArn'), ('load_balancers', 'LoadBalancerArn')):
        assert not [x[key] for x in blue[kind] if x[key] in text], kind


def test_what_was_asked_for_is_there(story, account):
    data = {c: w['template_versions'][-1]['LaunchTemplateData']
            for c, w in (('blue', story.blue_shared), ('green', story.green_shared))}
    assert (data['blue']['InstanceType'], data['blue']['ImageId']) == ('t2.small', account.images[0])
    assert (data['green']['InstanceType'], data['green']['ImageId']) == ('t3.small', account.images[1])
    for d in data.values():
        assert account.db_group in d['SecurityGroupIds']
        assert d['IamInstanceProfile']['Name'] == 'shop-web'
        assert d['MetadataOptions']['HttpTokens'] == 'required'
        assert d['BlockDeviceMappings'][0]['Ebs']['VolumeSize'] == 20

    def https(world):
        return [r for g in world['security_groups'] for p in g['IpPermissions'] if p.get('FromPort') == 443
                for r in p['IpRanges'] + p['Ipv6Ranges']]
    assert len(https(story.blue_shared)) == 2 and len(https(story.green_shared)) == 1
    assert story.green_shared['groups'][0]['MinSize'] >= 3
    assert {i['InstanceType'] for i in story.green_shared['groups'][0]['Instances']} == {'t3.small'}


def test_same_certificate_on_both_listeners(story, account):
    for world in (story.blue_shared, story.green_shared):
        (listener,) = world['listeners']
        assert [c['CertificateArn'] for c in listener['Certificates']] == [account.certificate]
        assert (listener['Port'], listener['Protocol']) == (443, 'HTTPS')


def test_kill_switch_stands_on_the_candidate_only(story):
    for kind in ('A', 'AAAA'):
        by_world = {r['SetIdentifier'].partition('.')[0]: r for r in story.records_shared[kind]}
        blue, green = by_world[story.blue], by_world[story.green]
        assert 'HealthCheckId' in green and green['AliasTarget']['EvaluateTargetHealth']
        assert 'HealthCheckId' not in blue and not blue['AliasTarget']['EvaluateTargetHealth']


def test_records_point_to_the_load_balancers(story):
    for r in story.records_shared['A']:
        world = story.blue_shared if r['SetIdentifier'].startswith(story.blue) else story.green_shared
        lb = world['load_balancers'][0]
        assert r['AliasTarget']['DNSName'].rstrip('.') == lb['DNSName']
        assert r['AliasTarget']['HostedZoneId'] == lb['CanonicalHostedZoneId']


def strip(world):
    """Without ownership tags and the declared hold."""
    w = copy.deepcopy(world)

    def plain(x):
        if isinstance(x, dict):
            if 'Tags' in x and isinstance(x['Tags'], list):
                x['Tags'] = sorted((t for t in x['Tags'] if not t['Key'].startswith('bgc:')), key=lambda t: t['Key'])
            for v in x.values():
                plain(v)
        elif isinstance(x, list):
            for v in x:
                plain(v)
    plain(w)
    for group in w['groups']:
        for key in HELD:
            group.pop(key)
    return w


@pytest.mark.parametrize('moment', ['blue_shared', 'blue_baking'])
def test_blue_is_untouched(story, moment):
    before, then = strip(story.blue_before), strip(getattr(story, moment))
    for kind in before:
        assert then[kind] == before[kind], kind


def test_hold_is_declared(story):
    (group,) = story.blue_shared['groups']
    tags = {t['Key']: t['Value'] for t in group['Tags']}
    assert tags['bgc:hold'] == '3'
    assert group['MinSize'] == group['DesiredCapacity']


def test_owner_tags(story):
    tags = {t['Key']: t['Value'] for t in story.green_shared['groups'][0]['Tags']}
    assert tags['bgc:stack'] == 'shop' and tags['bgc:address'] == 'web.asg'
    assert tags['bgc:world'] == f'web/{story.green}' and tags['bgc:colour'] == 'green'
    assert 'bgc:sealed' in tags and 'bgc:doomed' not in tags


def test_status(story):
    web = story.status_shared['worlds']['web']
    assert web['share'] == {story.blue: 50, story.green: 50}
    assert story.status_shared['lock']
    web = story.status_baking['worlds']['web']
    assert web['phase'] == 'baking' and web['share'][story.green] == 100
    assert not story.status_baking['lock']


def test_events(story):
    assert story.events[0]['type'] == 'start' and story.events[0]['format'] == '1'
    end = story.events[-1]
    assert (end['type'], end['outcome'], end['exit']) == ('end', 'applied', 0)
    assert [e['seq'] for e in story.events] == sorted({e['seq'] for e in story.events})
    passed = {e['address'] for e in story.events if e['type'] == 'check' and e.get('verdict') == 'pass'}
    assert passed >= {f'ready.{c}' for c in ('healthy', 'tls', 'cpu', 'memory', 'logs', 'scaling')}


def test_probe_went_to_nginx_with_the_production_name(story, nginx):
    assert any(e.get('address') == 'ready.tls' and '200' in e['message'] for e in story.events)
    seen = nginx.log.read_text().splitlines()
    assert seen and set(seen) == {f'{HOST} {HOST} GET /healthz HTTP/1.1 200'}


def test_only_green_is_left(story, account):
    assert set(story.left) == {story.green}
    green = story.left[story.green].describe()
    prefix = f'shop-web-{story.blue}'
    assert not account.autoscaling.describe_auto_scaling_groups(
        AutoScalingGroupNames=[prefix + '-asg'])['AutoScalingGroups']
    names = [g['GroupName'] for g in account.ec2.describe_security_groups()['SecurityGroups']]
    names += [t['LaunchTemplateName'] for t in account.ec2.describe_launch_templates()['LaunchTemplates']]
    names += [t['TargetGroupName'] for t in account.elbv2.describe_target_groups()['TargetGroups']]
    names += [a['AlarmName'] for a in account.cloudwatch.describe_alarms()['MetricAlarms']]
    assert not [n for n in names if n.startswith(prefix)]
    # `keep 30d`: the log outlives its world
    assert account.logs.describe_log_groups(logGroupNamePrefix=prefix)['logGroups']
    assert len(green['groups'][0]['Instances']) >= 3
    assert account.weights('A') == account.weights('AAAA') == {story.green: 100}


def test_nothing_is_left_to_do(story):
    assert 'create' not in story.after


def test_store_is_in_the_bucket(story, account):
    keys = [o['Key'] for o in account.s3.list_objects_v2(Bucket='acme-bgc-state')['Contents']]
    assert any(k.endswith('shop/lock') for k in keys) and any('/journal/' in k for k in keys)


def test_records_were_changed_in_the_dns_account(story, bgc):
    changes = [c for c in bgc.calls('trace.apply') if c['operation'] == 'ChangeResourceRecordSets']
    assert changes and all(c['account'] == 'dns' for c in changes)
