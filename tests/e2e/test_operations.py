"""What else people do with a stack that serves: look, stop, go back, tidy up."""
import copy
import json
import shlex
import signal

import pytest

import spec
from load import Load


@pytest.fixture(scope='module')
def blue(bgc, account):
    with Load(account, bgc.now):
        bgc.run('apply', '--yes', '-i', 'size=t2.small')
    (world,) = account.worlds()
    return world


def test_whoami(bgc, blue):
    text = bgc.run('whoami')
    assert '123456789012' in text and '210987654321' in text


def test_drift_of_what_serves_is_shown_and_left_alone(bgc, account, blue):
    (group,) = [g for g in account.worlds()[blue].describe()['security_groups'] if g['GroupName'].endswith('app-sg')]
    account.ec2.authorize_security_group_ingress(GroupId=group['GroupId'], IpPermissions=[
        {'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '198.51.100.7/32'}]}])
    text = bgc.run('drift', '-i', 'size=t2.small', expect=2)
    assert 'web.app_sg' in text and '198.51.100.7' in text
    assert 'web.app_sg' in bgc.run('plan', '-i', 'size=t2.small')
    bgc.run('apply', '--yes', '-i', 'size=t2.small')
    rules = account.ec2.describe_security_groups(GroupIds=[group['GroupId']])['SecurityGroups'][0]['IpPermissions']
    assert 22 in [p['FromPort'] for p in rules]
    account.ec2.revoke_security_group_ingress(GroupId=group['GroupId'], IpPermissions=[
        {'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '198.51.100.7/32'}]}])
    bgc.run('drift', '-i', 'size=t2.small')


def test_signal_while_it_builds(bgc, account, blue):
    """SIGTERM: nothing new is begun, exit 5, and the same command goes on. Nobody says how
    busy green is, so it cannot come further than its tests, however late the signal is."""
    bgc.spec(account.images[1])
    with Load(account, bgc.now, silent=True):
        run = bgc.start('apply', '--yes', '--events', 'stopped')
        bgc.wait_event(run, lambda e: e['type'] == 'create', name='stopped')
        run.send_signal(signal.SIGTERM)
        code, out = bgc.finish(run)
        assert code == 5, out
        assert account.weights('A') == {blue: 100}


def test_rollback_during_the_bake(bgc, account, blue):
    """Green serves alone, and somebody does not like it."""
    bgc.spec(account.images[1], *spec.ALONE)
    with Load(account, bgc.now):
        bgc.run('apply', '--yes')
        (green,) = set(account.worlds()) - {blue}
        assert account.weights('A') == {blue: 0, green: 100}
        bgc.run('rollback')
        assert account.weights('A') == account.weights('AAAA') == {blue: 100}
        code, text = bgc.finish(bgc.start('apply', '--yes'))
        assert code == 7 and '--retry' in text, text


def test_rollback_without_bgc(bgc, account, blue):
    """The batch that `status` prints for the AWS CLI does what `bgc rollback` does."""
    bgc.spec(account.images[1], ('disk    = 20GiB', 'disk    = 24GiB'), *spec.HELD)
    with Load(account, bgc.now):
        run = bgc.start('apply', '--yes', '--events', 'by-hand')
        bgc.wait_share(run, 10, 'by-hand')
        run.send_signal(signal.SIGKILL)
        run.wait()
        (line,) = [w for w in bgc.run('status').splitlines() if 'change-resource-record-sets' in w]
        words = shlex.split(line)
        assert words[:3] == ['aws', 'route53', 'change-resource-record-sets']
        given = dict(zip(words[3::2], words[4::2]))
        account.route53.change_resource_record_sets(HostedZoneId=given['--hosted-zone-id'],
                                                    ChangeBatch=json.loads(given['--change-batch']))
        assert account.weights('A') == account.weights('AAAA') == {blue: 100}
        bgc.run('lease', 'break', '--yes')
        code, text = bgc.finish(bgc.start('apply', '--yes'))
        assert code == 7 and '--retry' in text, text
        assert account.weights('A') == {blue: 100}


def test_rollback_without_a_spec(bgc, account, blue, tmp_path):
    """From an empty folder, without a store: worlds by their tags, the zone, its account and
    the names by the tag of the entry, and the rest by the record."""
    bgc.spec(account.images[1], ('disk    = 20GiB', 'disk    = 25GiB'), *spec.HELD)
    elsewhere = copy.copy(bgc)
    elsewhere.folder = tmp_path
    bare = ('--stack', 'shop', '--region', 'eu-west-1')
    with Load(account, bgc.now):
        run = bgc.start('apply', '--yes', '--events', 'no-spec')
        bgc.wait_share(run, 10, 'no-spec')
        run.send_signal(signal.SIGKILL)
        run.wait()
        (green,) = set(account.weights('A')) - {blue}
        seen = elsewhere.json('status', *bare)['worlds']['web']
        assert (seen['live'], seen['candidate'], seen['share']) == (blue, green, {blue: 90, green: 10})
        assert 'web/' + green in elsewhere.run('rollback', *bare, '--to', green, expect=1)
        elsewhere.run('rollback', *bare)
        assert account.weights('A') == account.weights('AAAA') == {blue: 100}
        assert not list(tmp_path.glob('.bgc*'))
        bgc.run('lease', 'break', '--yes')
        code, text = bgc.finish(bgc.start('apply', '--yes'))
        assert code == 7 and '--retry' in text, text


def test_kill_switch_is_a_failed_gate(bgc, account, blue):
    """The alarm of the candidate fires: DNS has taken it out, and the run makes that real."""
    bgc.spec(account.images[1], ('disk    = 20GiB', 'disk    = 21GiB'), *spec.HELD)
    with Load(account, bgc.now):
        run = bgc.start('apply', '--yes', '--events', 'fired')
        bgc.wait_share(run, 10, 'fired')
        (green,) = set(account.weights('A')) - {blue}
        account.cloudwatch.set_alarm_state(AlarmName=f'shop-web-{green}-burning', StateValue='ALARM',
                                           StateReason='a test')
        code, out = bgc.finish(run)
        assert code == 3, out
        assert 'kill switch' in out
        assert account.weights('A') == account.weights('AAAA') == {blue: 100}


def test_ticks_bring_a_bake_to_its_end(bgc, account, blue):
    """No run stays: a scheduler calls `bgc tick`, and blue goes when it is due."""
    bgc.spec(account.images[1], ('disk    = 20GiB', 'disk    = 22GiB'), *spec.ALONE)
    with Load(account, bgc.now):
        bgc.run('apply', '--yes')
        (green,) = [w for w, n in account.weights('A').items() if n == 100]
        bgc.run('tick')
        assert blue in account.worlds()
        bgc.skip(hours=25)
        for _ in range(40):
            bgc.run('tick')
            if blue not in account.worlds():
                break
            bgc.skip(minutes=2)
        assert blue not in account.worlds()
        assert account.weights('A') == {green: 100}


def test_destroy(bgc, account, blue):
    """Everything of the stack goes, and nothing else."""
    account.ec2.create_security_group(GroupName='shop-web-somebody-elses', VpcId=account.vpc, Description='x')
    bgc.run('destroy', '--yes')
    assert not account.worlds()
    assert not account.records('A') + account.records('AAAA') + account.records('TXT')
    groups = {g['GroupName'] for g in account.ec2.describe_security_groups()['SecurityGroups']}
    assert groups == {'default', 'shop-prod-db-client', 'shop-web-somebody-elses'}
    for found in (account.ec2.describe_launch_templates()['LaunchTemplates'],
                  account.elbv2.describe_target_groups()['TargetGroups'],
                  account.autoscaling.describe_auto_scaling_groups()['AutoScalingGroups'],
                  account.cloudwatch.describe_alarms()['MetricAlarms'],
                  account.client('route53').list_health_checks()['HealthChecks']):
        assert not found
    assert account.route53.list_hosted_zones()['HostedZones']
