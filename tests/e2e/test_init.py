"""`bgc init` of a store in S3, over the wire: what boto3 finds of the bucket then."""
import json

import boto3
import pytest

SPEC = 'stack team {{ region = "eu-west-1", account = "123456789012", store = "s3://{}/prefix" }}\n'


@pytest.fixture(scope='module')
def s3(account):
    return boto3.client('s3', region_name='eu-west-1', endpoint_url=account.url, aws_access_key_id='testing',
                        aws_secret_access_key='testing')


def init(bgc, bucket, *args, expect=0):
    (bgc.folder / 'team').mkdir(exist_ok=True)
    (bgc.folder / 'team' / 'team.bg').write_text(SPEC.format(bucket))
    return bgc.run('init', 'team', *args, expect=expect)


def hardened(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)['LocationConstraint'] == 'eu-west-1'
    assert s3.get_bucket_versioning(Bucket=bucket)['Status'] == 'Enabled'
    assert all(s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration'].values())
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration']['Rules']
    assert rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm'] == 'AES256'
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)['Policy'])['Statement']
    assert statement['Effect'] == 'Deny' and statement['Condition'] == {'Bool': {'aws:SecureTransport': 'false'}}
    assert statement['Resource'] == [f'arn:aws:s3:::{bucket}', f'arn:aws:s3:::{bucket}/*']
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)['Rules']
    assert rule['Status'] == 'Enabled' and rule['NoncurrentVersionExpiration'] == {'NoncurrentDays': 90}
    assert 'Expiration' not in rule  # only what was replaced goes


def test_makes_and_hardens(bgc, s3):
    text = init(bgc, 'acme-team-state', '--yes')
    assert 'made the bucket acme-team-state' in text
    hardened(s3, 'acme-team-state')


def test_again_changes_nothing(bgc, s3):
    text = init(bgc, 'acme-team-state', '--yes')
    assert 'made the bucket' not in text and 'is so already: plain HTTP is refused' in text, text
    hardened(s3, 'acme-team-state')


def test_rules_of_its_own_stay(bgc, s3):
    s3.create_bucket(Bucket='acme-own', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    own = json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Deny', 'Principal': '*', 'Action': 's3:DeleteBucket', 'Resource': 'arn:aws:s3:::acme-own'}]})
    s3.put_bucket_policy(Bucket='acme-own', Policy=own)
    text = init(bgc, 'acme-own', '--yes')
    assert 'BG6212' in text and 'plain HTTP is refused' in text, text
    assert json.loads(s3.get_bucket_policy(Bucket='acme-own')['Policy']) == json.loads(own)


def test_of_another_region(bgc, account, s3):
    far = boto3.client('s3', region_name='eu-central-1', endpoint_url=account.url, aws_access_key_id='testing',
                       aws_secret_access_key='testing')
    far.create_bucket(Bucket='acme-far', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
    text = init(bgc, 'acme-far', '--yes', expect=7)
    assert 'BG6209' in text and 'eu-central-1' in text and 'nothing was changed' in text, text
    assert 'Status' not in s3.get_bucket_versioning(Bucket='acme-far')


def test_nobody_to_ask(bgc, s3):
    assert 'BG0907' in init(bgc, 'acme-not-made', expect=1)
    assert 'acme-not-made' not in [b['Name'] for b in s3.list_buckets()['Buckets']]
