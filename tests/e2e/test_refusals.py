"""What must not happen does not, and the exit code says why. One world serves throughout."""
import signal
import time
import urllib.request

import pytest

import spec
import tls
from account import HOST
from load import Load


@pytest.fixture(scope='module')
def serving(bgc, account):
    with Load(account, bgc.now):
        bgc.run('apply', '--yes', '-i', 'size=t2.small')
    (world,) = account.worlds()
    return world


@pytest.fixture
def untouched(serving, account):
    """Whatever the test does, traffic and worlds stay as they were."""
    before = account.records('A'), account.records('AAAA'), account.records('TXT')
    yield serving
    assert (account.records('A'), account.records('AAAA'), account.records('TXT')) == before
    assert set(account.worlds()) == {serving}


def refused(bgc, code, *args, **env):
    got, text = bgc.finish(bgc.start(*args, **env), timeout=120)
    assert got == code, f'exit {got}, not {code}\n{text}'
    return text


def test_wrong_account(bgc, account, untouched):
    role = account.sts.assume_role(RoleArn='arn:aws:iam::111111111111:role/other', RoleSessionName='test')['Credentials']
    env = dict(AWS_ACCESS_KEY_ID=role['AccessKeyId'], AWS_SECRET_ACCESS_KEY=role['SecretAccessKey'],
               AWS_SESSION_TOKEN=role['SessionToken'])
    for args in (['plan', '--trace', 'trace.wrong'], ['apply', '--yes', '--trace', 'trace.wrong']):
        text = refused(bgc, 7, *args, **env)
        assert 'BG5103' in text and '111111111111' in text
        assert [c['operation'] for c in bgc.calls('trace.wrong')] == ['GetCallerIdentity']


def test_wrong_region(bgc, untouched):
    assert 'BG6206' in refused(bgc, 7, 'plan', '--region', 'us-east-1')


def test_nobody_listens(bgc, untouched):
    text = refused(bgc, 1, 'plan', AWS_ENDPOINT_URL=f'http://127.0.0.1:{tls.free_port()}')
    assert 'BG5201' in text


def test_no_credentials(bgc, untouched):
    text = refused(bgc, 1, 'plan', AWS_ACCESS_KEY_ID='', AWS_SECRET_ACCESS_KEY='')
    assert 'BG5101' in text


def test_wrong_credentials(bgc, account, untouched):
    """moto verifies signatures while it is told to."""
    def verify_after(calls):
        urllib.request.urlopen(urllib.request.Request(
            account.url + '/moto-api/reset-auth', data=calls, method='POST', headers={'Content-Type': 'text/plain'}))
    verify_after(b'0')
    try:
        text = refused(bgc, 1, 'plan', AWS_SECRET_ACCESS_KEY='wrong')
    finally:
        verify_after(b'inf')
    assert 'sts GetCallerIdentity' in text and ('InvalidClientTokenId' in text or 'SignatureDoesNotMatch' in text)


def test_saved_plan_is_stale_once_the_account_changed(bgc, account, untouched):
    """An image in between: the file says what was reviewed, and that is not what would be done."""
    bgc.spec(account.images[0])
    bgc.run('plan', '--out', 'reviewed.plan')
    bgc.spec(account.images[1])
    text = refused(bgc, 6, 'apply', 'reviewed.plan')
    assert 'nothing' in text
    bgc.spec(account.images[0])


def test_saved_plan_is_stale_when_somebody_made_a_change(bgc, account, untouched):
    """The database's group is another one since the review: green would be made with it."""
    bgc.run('plan', '--out', 'reviewed.plan')
    ec2 = account.ec2
    ec2.delete_security_group(GroupId=account.db_group)
    account.db_group = ec2.create_security_group(GroupName='shop-prod-db-client', VpcId=account.vpc,
                                                 Description='made anew')['GroupId']
    refused(bgc, 6, 'apply', 'reviewed.plan')


def test_foreign_change_of_weights(bgc, account, serving):
    """Somebody turned the weights by hand; once they are put back all is well."""
    a, aaaa, worlds = account.records('A')[0], account.records('AAAA')[0], set(account.worlds())

    def put(*sets):
        for s in sets:
            account.route53.change_resource_record_sets(HostedZoneId=account.zone, ChangeBatch={
                'Changes': [{'Action': 'UPSERT', 'ResourceRecordSet': s}]})
    bgc.spec(account.images[1])
    put(dict(a, Weight=7))
    try:
        text = refused(bgc, 7, 'apply', '--yes')
        assert 'weight 7' in text and HOST in text
        assert account.weights('A') == {serving: 7} and set(account.worlds()) == worlds
    finally:
        put(a, aaaa)
    assert account.weights('A') == account.weights('AAAA') == {serving: 100}
    assert bgc.finish(bgc.start('plan', '--exit-code'))[0] == 2


def test_two_at_once(bgc, account, serving):
    """One does it, the other one says who does and ends with 4."""
    bgc.spec(account.images[1], *spec.TIGHTER)
    with Load(account, bgc.now):
        first = bgc.start('apply', '--yes', '--events', 'first')
        bgc.wait_event(first, lambda e: e['type'] == 'create', name='first')
        text = refused(bgc, 4, 'apply', '--yes', '--events', 'second')
        assert 'BG6104' in text
        assert not [e for e in bgc.events('second') if e['type'] in ('create', 'shift', 'update')]
        # The second one takes its time to see whether the first one lives: by then it may
        # have come to the approval, where it stays.
        bgc.wait_event(first, lambda e: e['type'] == 'approve', name='first')
        first.send_signal(signal.SIGTERM)
        code, out = bgc.finish(first)
        assert code == 5, out
        assert 'bgc rollback' in out and 'bgc apply' in out
        (green,) = set(account.worlds()) - {serving}
        assert account.weights('A') == {serving: 50, green: 50}
        bgc.run('rollback')
        assert account.weights('A') == account.weights('AAAA') == {serving: 100}


def test_killed_run_is_gone_on_with(bgc, account, serving):
    """SIGKILL in the middle of building: the same command converges, nothing doubled."""
    bgc.spec(account.images[1], *spec.HELD)
    with Load(account, bgc.now) as load:
        run = bgc.start('apply', '--yes', '--events', 'killed')
        bgc.wait_event(run, lambda e: e.get('address') == 'web.alb', name='killed')
        run.send_signal(signal.SIGKILL)
        run.wait()
        bgc.run('lease', 'break', '--yes')
        run = bgc.start('apply', '--yes', '--events', 'resumed')
        bgc.wait_share(run, 10, 'resumed')
        (candidate,) = [w for w, n in account.weights('A').items() if n == 10]
        made = [e['address'] for name in ('killed', 'resumed') for e in bgc.events(name)
                if e['type'] == 'create' and e.get('address')]
        assert len(made) == len(set(made))
        groups = [g['AutoScalingGroupName'] for g in
                  account.autoscaling.describe_auto_scaling_groups()['AutoScalingGroups']]
        assert sorted(g for g in groups if candidate in g) == [f'shop-web-{candidate}-asg']
        bgc.run('approve')
        bgc.wait_share(run, 50, 'resumed')
        bgc.run('approve')
        code, out = bgc.finish(run)
        assert code == 0, out
        assert account.weights('A')[candidate] == 100
    assert load.seen


def test_a_signal_is_heard_while_a_dead_lease_is_watched(bgc, account, serving):
    """Whether a holder lives takes a minute to see. Who is asked to stop does not wait for that."""
    bgc.spec(account.images[1], ('disk    = 20GiB', 'disk    = 26GiB'))
    dead = bgc.start('apply', '--yes', '--events', 'dead')
    bgc.wait_event(dead, lambda e: e['type'] == 'create', name='dead')
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    second = bgc.start('apply', '--yes', '--events', 'watching', '--trace', 'watching.calls')
    bgc.wait_event(second, lambda e: e['type'] == 'lock' and 'watching' in e['message'], name='watching')
    time.sleep(1)
    assert second.poll() is None
    asked = time.monotonic()
    second.send_signal(signal.SIGTERM)
    code, out = bgc.finish(second, 30)
    assert code == 5 and 'stopped before anything was written' in out, out
    assert time.monotonic() - asked < 10
    assert [e['outcome'] for e in bgc.events('watching') if e['type'] == 'end'] == ['paused']
    assert not [c for c in bgc.calls('watching.calls') if c['mutating']]
