"""Renamed, replaced, and taken over from whoever made it by hand: read back with boto3, which
says what was made anew and what is the same thing still."""
import types

import pytest

import spec
from account import DNS_OWNER, HOST, REGION
from load import Load

HEAD = '''stack %s { region = "eu-west-1", account = "123456789012", store = "s3://acme-bgc-state/%s" }
'''
SHARED = '''shared {
  existing net:   ec2.vpc { tagged = { "env" => "prod" } }
  existing image: ec2.image { owner = "self", name = "shop-base-*", newest = true }
  resource log:  logs.group { retain = 30d }
  resource wall: ec2.security_group { vpc = net, about = "first", ingress = [{ from = 10.0.0.0/8, port = 443 }] }
  resource lt:   ec2.launch_template { image = image, size = "t3.small", groups = [wall], encrypted = false }
  resource tg:   elbv2.target_group { vpc = net, port = 8080, drain = 30s }
}
'''


def planned(bgc, file):
    return [(a['op'], a['address']) for a in bgc.json('plan', file)['actions']]


# ---- shared ---------------------------------------------------------------------------------


class Shared:
    """The shared resources of a stack, as boto3 finds them by their tags."""

    def __init__(self, account, stack):
        self.account, self.stack = account, stack

    def _mine(self, tags):
        tags = {t['Key']: t['Value'] for t in tags}
        return tags if tags.get('bgc:stack') == self.stack else None

    def groups(self):
        """{id: (tags, description)}"""
        found = self.account.ec2.describe_security_groups()['SecurityGroups']
        return {g['GroupId']: (self._mine(g.get('Tags', [])), g['Description']) for g in found if self._mine(g.get('Tags', []))}

    def templates(self):
        """{id: groups of the newest version}"""
        ec2 = self.account.ec2
        return {t['LaunchTemplateId']: ec2.describe_launch_template_versions(
                    LaunchTemplateId=t['LaunchTemplateId'], Versions=['$Latest'])['LaunchTemplateVersions'][0][
                        'LaunchTemplateData'].get('SecurityGroupIds', [])
                for t in ec2.describe_launch_templates()['LaunchTemplates'] if self._mine(t.get('Tags', []))}

    def targets(self):
        """{ARN: tags}"""
        arns = [g['TargetGroupArn'] for g in self.account.elbv2.describe_target_groups()['TargetGroups']]
        tags = self.account.elbv2.describe_tags(ResourceArns=arns)['TagDescriptions'] if arns else []
        return {d['ResourceArn']: self._mine(d['Tags']) for d in tags if self._mine(d['Tags'])}

    def logs(self):
        """{name: tags}"""
        logs = self.account.logs
        return {g['logGroupName']: t for g in logs.describe_log_groups()['logGroups']
                for t in [logs.list_tags_for_resource(resourceArn=g['arn'].removesuffix(':*'))['tags']]
                if t.get('bgc:stack') == self.stack}

    def ids(self):
        return {*self.groups(), *self.templates(), *self.targets(), *self.logs()}


@pytest.fixture
def shared(bgc, account):
    """The stack `own` with all of SHARED; gone again afterwards."""
    def write(text):
        (bgc.folder / 'own.bg').write_text(HEAD % ('own', 'own') + text)
    write(SHARED)
    bgc.run('apply', '--yes', 'own.bg')
    yield types.SimpleNamespace(write=write, seen=Shared(account, 'own'))
    bgc.run('destroy', '--yes', 'own.bg')
    assert not Shared(account, 'own').ids()


def test_moved(bgc, shared):
    """New names, the same things; and when the lines are gone, too."""
    before = shared.seen.ids()
    renamed = SHARED.replace('wall', 'door').replace('resource tg:', 'resource web:').replace('resource log:', 'resource lines:')
    shared.write(renamed + 'moved shared.wall -> shared.door\nmoved shared.tg -> shared.web\nmoved shared.log -> shared.lines\n')
    assert sorted(planned(bgc, 'own.bg')) == [('tag', 'shared.door'), ('tag', 'shared.lines'), ('tag', 'shared.web')]
    bgc.run('apply', '--yes', 'own.bg')
    shared.write(renamed)
    assert planned(bgc, 'own.bg') == []
    assert shared.seen.ids() == before
    (tags,) = [tags for tags, _ in shared.seen.groups().values()]
    assert (tags['bgc:address'], tags['bgc:was']) == ('shared.door', 'shared.wall')
    # A change reaches what stands.
    shared.write(renamed.replace('drain = 30s', 'drain = 40s'))
    bgc.run('apply', '--yes', 'own.bg')
    assert shared.seen.ids() == before


def test_replaced(bgc, shared):
    """The new one is made first, who refers to it moves, the old one goes."""
    (old,), (template,), others = shared.seen.groups(), shared.seen.templates(), {*shared.seen.targets(), *shared.seen.logs()}
    shared.write(SHARED.replace('"first"', '"second"'))
    bgc.run('apply', '--yes', 'own.bg', '--trace', 'trace.replaced')
    ((new, (_, about)),) = shared.seen.groups().items()
    assert new != old and about == 'second'
    assert shared.seen.templates() == {template: [new]}
    assert {*shared.seen.targets(), *shared.seen.logs()} == others
    done = [c['operation'] for c in bgc.calls('trace.replaced') if c['mutating']]
    assert done.index('CreateSecurityGroup') < done.index('CreateLaunchTemplateVersion') < done.index('DeleteSecurityGroup')
    assert planned(bgc, 'own.bg') == []
    # And once more, back to how it was.
    shared.write(SHARED)
    bgc.run('apply', '--yes', 'own.bg')
    ((third, (_, about)),) = shared.seen.groups().items()
    assert third not in (old, new) and about == 'first' and planned(bgc, 'own.bg') == []


def test_adopted(bgc, account):
    """What boto3 made is tagged, then changed in place, then removed like anything else."""
    ec2, seen = account.ec2, Shared(account, 'own')
    group = ec2.create_security_group(GroupName='by-hand', VpcId=account.vpc, Description='first')['GroupId']
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}])
    ec2.create_tags(Resources=[group], Tags=[{'Key': 'team', 'Value': 'shop'}])
    template = ec2.create_launch_template(LaunchTemplateName='by-hand', LaunchTemplateData={
        'ImageId': account.images[1], 'InstanceType': 't3.small', 'SecurityGroupIds': [group]})['LaunchTemplate']['LaunchTemplateId']
    target = account.elbv2.create_target_group(Name='by-hand', Protocol='HTTP', Port=8080, VpcId=account.vpc)['TargetGroups'][0]['TargetGroupArn']
    account.logs.create_log_group(logGroupName='/by/hand')
    lines = f'''adopt shared.wall = "{group}"
adopt shared.lt = "{template}"
adopt shared.tg = "{target}"
adopt shared.log = "/by/hand"
'''
    (bgc.folder / 'own.bg').write_text(HEAD % ('own', 'own') + SHARED + lines)
    actions = planned(bgc, 'own.bg')
    assert {a for a in actions if a[0] == 'tag'} == {('tag', f'shared.{n}') for n in ('wall', 'lt', 'tg', 'log')}
    assert not {op for op, _ in actions} & {'create', 'replace', 'delete'}
    bgc.run('apply', '--yes', 'own.bg')
    assert seen.ids() == {group, template, target, '/by/hand'}
    assert seen.groups()[group][0]['team'] == 'shop' and seen.groups()[group][0]['bgc:adopted'] == group
    (now,) = ec2.describe_security_groups(GroupIds=[group])['SecurityGroups']
    assert [p['FromPort'] for p in now['IpPermissions']] == [443]
    (bgc.folder / 'own.bg').write_text(HEAD % ('own', 'own') + SHARED)  # the lines have done their work
    assert planned(bgc, 'own.bg') == []
    bgc.run('destroy', '--yes', 'own.bg')
    assert not seen.ids()
    assert 'by-hand' not in [g['GroupName'] for g in ec2.describe_security_groups()['SecurityGroups']]


# ---- a world --------------------------------------------------------------------------------

WORLD = '''
account dns { role = "arn:aws:iam::%s:role/bgc-dns" }

use std.network

input size: ec2.instance_type = "t3.small"

shared {
  existing zone:  route53.zone in dns { name = "example.com", private = false }
  existing net:   std.network { tag = "prod" }
  existing cert:  acm.certificate { covers = "%s" }
  existing image: ec2.image { owner = "self", name = "shop-base-*", newest = true }
}

world web {
  resource wall: ec2.security_group { vpc = net.vpc, about = "web", ingress = [{ from = 0.0.0.0/0, port = 443 }] }
  resource log:  logs.group { retain = 30d }
  resource lt:   ec2.launch_template { image = image, size = size, groups = [wall], disk = 20GiB, encrypted = false, imds = "optional" }
  resource tg:   elbv2.target_group { vpc = net.vpc, port = 8080, drain = 5m }
  resource asg:  autoscaling.group { template = lt, subnets = net.private, size = 2..4, targets = [tg], health = "elb" }
  resource alb:  elbv2.load_balancer { scheme = "internet-facing", subnets = net.public, groups = [wall], keep_alive = 1h }
  resource tls:  elbv2.listener { lb = alb, port = 443, certs = [cert], policy = "ELBSecurityPolicy-2016-08", forward = tg }
  entry alb
}

traffic web: route53.weighted { zone = zone, names = ["%s"] }

gate up { check healthy: healthy(web.tg) == 100%% within 24h }
gate well {
  every 30s tolerate 1 no_data hold
  check errors: ratio(web.alb.http_5xx, web.alb.requests, 2m) < 5%%
}
rollout web {
  test  up
  shift 50%% for 4m while well
  shift 100%% for 4m while well
  bake  24h while well
}
''' % (DNS_OWNER, HOST, HOST)


def make_world(account):
    """As somebody's script made it, years ago: {name in the spec: id}."""
    ec2, elb = account.ec2, account.elbv2
    wall = ec2.create_security_group(GroupName='old-web', VpcId=account.vpc, Description='web')['GroupId']
    ec2.authorize_security_group_ingress(GroupId=wall, IpPermissions=[
        {'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])
    account.logs.create_log_group(logGroupName='/old/web')
    account.logs.put_retention_policy(logGroupName='/old/web', retentionInDays=30)
    lt = ec2.create_launch_template(LaunchTemplateName='old-web', LaunchTemplateData={
        'ImageId': account.images[0], 'InstanceType': 't2.small', 'SecurityGroupIds': [wall],
        'MetadataOptions': {'HttpTokens': 'optional'}, 'Monitoring': {'Enabled': True},
        'BlockDeviceMappings': [{'DeviceName': '/dev/sda1', 'Ebs': {'VolumeSize': 20, 'Encrypted': False}}]})['LaunchTemplate']['LaunchTemplateId']
    tg = elb.create_target_group(Name='old-web', Protocol='HTTP', Port=8080, VpcId=account.vpc)['TargetGroups'][0]['TargetGroupArn']
    alb = elb.create_load_balancer(Name='old-web', Scheme='internet-facing', Type='application', Subnets=account.subnets['public'], SecurityGroups=[wall])['LoadBalancers'][0]
    elb.modify_load_balancer_attributes(LoadBalancerArn=alb['LoadBalancerArn'], Attributes=[
        {'Key': 'client_keep_alive.seconds', 'Value': '3600'},
        {'Key': 'idle_timeout.timeout_seconds', 'Value': '60'}])  # moto leaves out what AWS says by default
    tls = elb.create_listener(LoadBalancerArn=alb['LoadBalancerArn'], Port=443, Protocol='HTTPS',
                              SslPolicy='ELBSecurityPolicy-2016-08', Certificates=[{'CertificateArn': account.certificate}],
                              DefaultActions=[{'Type': 'forward', 'TargetGroupArn': tg}])['Listeners'][0]['ListenerArn']
    account.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName='old-web', MinSize=2, MaxSize=4, DesiredCapacity=2, TargetGroupARNs=[tg],
        VPCZoneIdentifier=','.join(account.subnets['private']), HealthCheckType='ELB', HealthCheckGracePeriod=300,
        LaunchTemplate={'LaunchTemplateId': lt, 'Version': '$Latest'})
    account.route53.change_resource_record_sets(HostedZoneId=account.zone, ChangeBatch={'Changes': [
        {'Action': 'CREATE', 'ResourceRecordSet': {'Name': HOST, 'Type': 'A', 'AliasTarget': {
            'HostedZoneId': alb['CanonicalHostedZoneId'], 'DNSName': alb['DNSName'], 'EvaluateTargetHealth': False}}}]})
    return {'wall': wall, 'log': '/old/web', 'lt': lt, 'tg': tg, 'alb': alb['LoadBalancerArn'], 'tls': tls, 'asg': 'old-web'}


def described(account, ids):
    """All of it as AWS describes it, without tags."""
    ec2, elb = account.ec2, account.elbv2

    def plain(x):
        if isinstance(x, dict):
            return {k: plain(v) for k, v in x.items() if k not in ('Tags', 'TagList', 'ResponseMetadata')}
        return [plain(v) for v in x] if isinstance(x, list) else x
    return plain({
        'wall': ec2.describe_security_groups(GroupIds=[ids['wall']])['SecurityGroups'],
        'log': account.logs.describe_log_groups(logGroupNamePrefix=ids['log'])['logGroups'],
        'lt': ec2.describe_launch_template_versions(LaunchTemplateId=ids['lt'])['LaunchTemplateVersions'],
        'tg': elb.describe_target_groups(TargetGroupArns=[ids['tg']])['TargetGroups'],
        'tg attributes': elb.describe_target_group_attributes(TargetGroupArn=ids['tg'])['Attributes'],
        'targets': sorted(h['Target']['Id'] for h in elb.describe_target_health(TargetGroupArn=ids['tg'])['TargetHealthDescriptions']),
        'alb': elb.describe_load_balancers(LoadBalancerArns=[ids['alb']])['LoadBalancers'],
        'alb attributes': elb.describe_load_balancer_attributes(LoadBalancerArn=ids['alb'])['Attributes'],
        'tls': elb.describe_listeners(ListenerArns=[ids['tls']])['Listeners'],
        'asg': account.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[ids['asg']])['AutoScalingGroups'],
    })


@pytest.fixture(scope='module')
def story(fresh):
    """Taken over whole, then upgraded like any other version."""
    s = types.SimpleNamespace()
    account, bgc = fresh('hand')
    s.ids = make_world(account)
    s.before = described(account, s.ids)
    lines = ''.join(f'adopt web.{n} = "{i}"\n' for n, i in s.ids.items())

    def write(*more):
        (bgc.folder / 'hand.bg').write_text(HEAD % ('hand', 'hand') + WORLD + ''.join(more))
    old = ('-i', 'size=t2.small')
    write(lines)
    with Load(account, bgc.now) as load:
        s.plan = bgc.json('plan', *old)
        s.apply = bgc.run('apply', '--yes', *old, '--trace', 'trace.taken')
    s.worlds, s.records = set(account.worlds()), account.records('A')
    s.calls = [c['operation'] for c in bgc.calls('trace.taken') if c['mutating']]
    s.after = described(account, s.ids)
    s.idle = bgc.run('plan', '--exit-code', *old)
    write()
    s.idle_without = bgc.run('plan', '--exit-code', *old)
    return s


def test_world_is_taken_over_whole(story):
    assert story.after == story.before


def test_nothing_was_made_or_removed(story):
    tags = {'CreateTags', 'CreateOrUpdateTags'}
    assert not [c for c in story.calls if c.startswith(('Create', 'Delete', 'Register', 'Run')) and c not in tags], story.calls
    assert tags & set(story.calls) and 'ChangeResourceRecordSets' in story.calls
