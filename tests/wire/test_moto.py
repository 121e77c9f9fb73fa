"""The whole way: bgc's wire, a mock of AWS, and boto3 reading back what is there."""
import os
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest

ENV = {'AWS_ACCESS_KEY_ID': 'testing', 'AWS_SECRET_ACCESS_KEY': 'testing', 'AWS_SESSION_TOKEN': 'token'}
REGION = 'us-east-1'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@pytest.fixture(scope='module')
def moto(tmp_path_factory):
    port = free_port()
    log = open(tmp_path_factory.mktemp('moto') / 'log', 'w')
    env = {k: v for k, v in os.environ.items() if not k.startswith(('AWS_', 'MOTO_'))}
    p = subprocess.Popen([sys.executable, '-m', 'moto.server', '-H', '127.0.0.1', '-p', str(port)],
                         stdout=log, stderr=log, env=env)
    url = f'http://127.0.0.1:{port}'
    for _ in range(200):
        try:
            urllib.request.urlopen(url + '/moto-api/data.json', timeout=1).read()
            break
        except OSError:
            time.sleep(.1)
    else:
        p.kill()
        pytest.fail('moto did not start')
    yield url
    p.terminate()
    p.wait(timeout=10)


@pytest.fixture
def aws(probe, moto):
    urllib.request.urlopen(urllib.request.Request(moto + '/moto-api/reset', method='POST')).read()
    probe.open(dict(ENV, AWS_ENDPOINT_URL=moto), region=REGION, retry=True)
    return probe


def client(moto, name):
    return boto3.client(name, endpoint_url=moto, region_name=REGION, aws_access_key_id='x',
                        aws_secret_access_key='x')


def ok(reply):
    assert reply['ok'], reply
    return reply['output']


def test_security_group(aws, moto):
    vpc = ok(aws.call('ec2', 'CreateVpc', {'CidrBlock': '10.0.0.0/16'}, mutating=True))['Vpc']['VpcId']
    tags = [{'Key': 'bgc:stack', 'Value': 'shop'}, {'Key': 'Name', 'Value': 'ä & <b>'}]
    made = ok(aws.call('ec2', 'CreateSecurityGroup', {
        'GroupName': 'sg', 'Description': 'managed by bgc', 'VpcId': vpc,
        'TagSpecifications': [{'ResourceType': 'security-group', 'Tags': tags}]}, mutating=True))
    ok(aws.call('ec2', 'AuthorizeSecurityGroupIngress', {
        'GroupId': made['GroupId'],
        'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443,
                           'IpRanges': [{'CidrIp': '0.0.0.0/0', 'Description': 'all'}],
                           'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}]}, mutating=True))
    found = ok(aws.call('ec2', 'DescribeSecurityGroups',
                        {'Filters': [{'Name': 'tag:bgc:stack', 'Values': ['shop']}]}))['SecurityGroups']
    theirs = client(moto, 'ec2').describe_security_groups(GroupIds=[made['GroupId']])['SecurityGroups'][0]
    assert len(found) == 1
    assert found[0]['GroupId'] == theirs['GroupId'] == made['GroupId']
    assert sorted(t['Value'] for t in theirs['Tags']) == sorted(t['Value'] for t in found[0]['Tags'])
    rule = found[0]['IpPermissions'][0]
    assert rule['FromPort'] == '443' and rule['IpRanges'][0]['CidrIp'] == '0.0.0.0/0'
    assert theirs['IpPermissions'][0]['Ipv6Ranges'][0]['CidrIpv6'] == '::/0'


def test_errors(aws):
    r = aws.call('ec2', 'DescribeSecurityGroups', {'GroupIds': ['sg-0123456789abcdef0']})
    assert (r['ok'], r['code']) == (False, 'InvalidGroup.NotFound')
    r = aws.call('iam', 'GetRole', {'RoleName': 'nobody'})
    assert r['code'] == 'NoSuchEntity' and r['status'] == 404
    r = aws.call('route53', 'GetHostedZone', {'Id': '/hostedzone/Z000'})
    assert r['code'] == 'NoSuchHostedZone'
    r = aws.call('s3', 'GetObject', {'Bucket': 'nobody', 'Key': 'k'})
    assert r['code'] == 'NoSuchBucket'
    r = aws.call('logs', 'DeleteLogGroup', {'logGroupName': 'nobody'}, mutating=True)
    assert r['code'] == 'ResourceNotFoundException' and not r['ambiguous']


def test_pages_are_joined(aws, moto):
    elb, ec2 = client(moto, 'elbv2'), client(moto, 'ec2')
    vpc = ec2.create_vpc(CidrBlock='10.1.0.0/16')['Vpc']['VpcId']
    logs = client(moto, 'logs')
    for i in range(120):
        logs.create_log_group(logGroupName=f'g{i:03}')
    for i in range(3):
        elb.create_target_group(Name=f'tg{i}', Protocol='HTTP', Port=80, VpcId=vpc)
    groups = ok(aws.call('logs', 'DescribeLogGroups', {}))['logGroups']
    assert len(groups) == 120
    total = aws.ask(do='counts')['total']
    assert total >= 3  # 50 a page, each counted
    limited = ok(aws.call('logs', 'DescribeLogGroups', {'limit': 10}))
    assert len(limited['logGroups']) == 10 and limited['nextToken']
    assert len(ok(aws.call('elbv2', 'DescribeTargetGroups', {}))['TargetGroups']) == 3


def test_records(aws, moto):
    zone = ok(aws.call('route53', 'CreateHostedZone',
                       {'Name': 'example.com', 'CallerReference': 'r1'}, mutating=True))
    zid = zone['HostedZone']['Id']
    change = [{'Action': 'CREATE', 'ResourceRecordSet': {
        'Name': 'shop.example.com', 'Type': 'TXT', 'TTL': 20, 'SetIdentifier': f's{i}', 'Weight': i,
        'ResourceRecords': [{'Value': '"a<&>b"'}]}} for i in (10, 90)]
    got = ok(aws.call('route53', 'ChangeResourceRecordSets',
                      {'HostedZoneId': zid, 'ChangeBatch': {'Comment': 'c', 'Changes': change}}, mutating=True))
    assert got['ChangeInfo']['Status'] == 'INSYNC'
    sets = ok(aws.call('route53', 'ListResourceRecordSets', {'HostedZoneId': zid}))['ResourceRecordSets']
    theirs = client(moto, 'route53').list_resource_record_sets(HostedZoneId=zid)['ResourceRecordSets']
    assert len(sets) == len(theirs)
    assert {s['SetIdentifier']: s['Weight'] for s in sets if s['Type'] == 'TXT'} == {'s10': '10', 's90': '90'}
    zones = ok(aws.call('route53', 'ListHostedZonesByName', {'DNSName': 'example.com'}))
    assert [z['Name'] for z in zones['HostedZones']] == ['example.com.']


def test_store(aws, moto):
    ok(aws.call('s3', 'CreateBucket', {'Bucket': 'acme-state'}, mutating=True))
    put = ok(aws.call('s3', 'PutObject', {'Bucket': 'acme-state', 'Key': 'a/lock ä.json', 'Body': '{"n":1}',
                                          'ContentType': 'application/json', 'IfNoneMatch': '*'}, mutating=True))
    got = ok(aws.call('s3', 'GetObject', {'Bucket': 'acme-state', 'Key': 'a/lock ä.json'}))
    assert got['Body'] == '{"n":1}' and got['ETag'] == put['ETag']
    again = aws.call('s3', 'PutObject', {'Bucket': 'acme-state', 'Key': 'a/lock ä.json', 'Body': 'x',
                                         'IfNoneMatch': '*'}, mutating=True)
    assert again['code'] == 'PreconditionFailed' and again['status'] == 412
    ok(aws.call('s3', 'PutObject', {'Bucket': 'acme-state', 'Key': 'a/lock ä.json', 'Body': '{"n":2}',
                                    'IfMatch': put['ETag']}, mutating=True))
    listed = ok(aws.call('s3', 'ListObjectsV2', {'Bucket': 'acme-state', 'Prefix': 'a/'}))
    assert [o['Key'] for o in listed['Contents']] == ['a/lock ä.json']
    ok(aws.call('s3', 'PutBucketVersioning', {'Bucket': 'acme-state',
                                              'VersioningConfiguration': {'Status': 'Enabled'}}, mutating=True))
    assert client(moto, 's3').get_bucket_versioning(Bucket='acme-state')['Status'] == 'Enabled'
    ok(aws.call('s3', 'DeleteObject', {'Bucket': 'acme-state', 'Key': 'a/lock ä.json'}, mutating=True))


def test_alarm_and_metrics(aws, moto):
    ok(aws.call('cloudwatch', 'PutMetricAlarm', {
        'AlarmName': 'burning', 'Namespace': 'AWS/ApplicationELB', 'MetricName': 'HTTPCode_ELB_5XX_Count',
        'Dimensions': [{'Name': 'LoadBalancer', 'Value': 'app/x/1'}], 'Statistic': 'Sum', 'Period': 60,
        'EvaluationPeriods': 1, 'Threshold': 50, 'ComparisonOperator': 'GreaterThanThreshold',
        'TreatMissingData': 'missing'}, mutating=True))
    theirs = client(moto, 'cloudwatch').describe_alarms()['MetricAlarms'][0]
    assert theirs['Threshold'] == 50 and theirs['Dimensions'][0]['Value'] == 'app/x/1'
    ours = ok(aws.call('cloudwatch', 'DescribeAlarms', {'AlarmNames': ['burning']}))['MetricAlarms']
    assert float(ours[0]['Threshold']) == 50
    got = ok(aws.call('cloudwatch', 'GetMetricData', {
        'StartTime': '2026-01-01T00:00:00Z', 'EndTime': '2026-01-01T01:00:00Z',
        'MetricDataQueries': [{'Id': 'm1', 'MetricStat': {'Metric': {'Namespace': 'A', 'MetricName': 'B'},
                                                          'Period': 60, 'Stat': 'Sum'}}]}))
    assert got['MetricDataResults'][0]['Id'] == 'm1'
    assert got['MetricDataResults'][0]['Values'] == []


def test_assumed_role(probe, moto):
    probe.open(dict(ENV, AWS_ENDPOINT_URL=moto), region=REGION,
               accounts=[{'alias': 'dns', 'role': 'arn:aws:iam::210987654321:role/bgc-dns'}])
    who = ok(probe.call('sts', 'GetCallerIdentity', account='dns'))
    assert who['Arn'] == 'arn:aws:sts::210987654321:assumed-role/bgc-dns/bgc'
    assert 'bgc-dns' in probe.ask(do='origin', account='dns')['origin']
    assert ok(probe.call('sts', 'GetCallerIdentity'))['Account'] == '123456789012'


def test_many_at_once(aws, moto):
    calls = [dict(service='logs', operation='CreateLogGroup', input={'logGroupName': f'm{i}'}, mutating=True)
             for i in range(40)]
    replies = aws.ask(do='many', calls=calls)['replies']
    assert all(r['ok'] for r in replies)
    assert len(ok(aws.call('logs', 'DescribeLogGroups'))['logGroups']) == 40


def verify_after(moto, calls):
    """From how many calls on moto verifies signatures."""
    urllib.request.urlopen(urllib.request.Request(
        moto + '/moto-api/reset-auth', data=calls, method='POST',
        headers={'Content-Type': 'text/plain'})).read()


def test_signatures_are_verified(probe, moto):
    iam = client(moto, 'iam')
    iam.create_user(UserName='u')
    iam.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'))
    key = iam.create_access_key(UserName='u')['AccessKey']
    verify_after(moto, b'0')
    try:
        env = {'AWS_ACCESS_KEY_ID': key['AccessKeyId'], 'AWS_SECRET_ACCESS_KEY': key['SecretAccessKey'],
               'AWS_ENDPOINT_URL': moto}
        probe.open(env, region=REGION)
        assert ok(probe.call('ec2', 'DescribeVpcs', {'Filters': [{'Name': 'tag:a', 'Values': ['c:d']}]}))
        ok(probe.call('s3', 'CreateBucket', {'Bucket': 'signed'}, mutating=True))
        probe.open(dict(env, AWS_SECRET_ACCESS_KEY='wrong'), region=REGION)
        assert probe.call('ec2', 'DescribeVpcs')['code'] in ('AuthFailure', 'SignatureDoesNotMatch')
    finally:
        verify_after(moto, b'inf')
