"""An account in moto, as a company would have it before bgc comes: a network, a
certificate, images, a database, a zone in the DNS account, a bucket for the store."""
import datetime
import json
import pathlib

import boto3
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REGION = 'eu-west-1'
OWNER, DNS_OWNER = '123456789012', '210987654321'
HOST, API_HOST = 'shop.example.com', 'api.example.com'  # of examples/shop and of examples/split
KEYS = dict(aws_access_key_id='testing', aws_secret_access_key='testing')


# ---- a certificate authority of our own


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, issuer, key, signer, names=None):
    now = datetime.datetime.now(datetime.timezone.utc)
    b = (x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
         .public_key(key.public_key()).serial_number(x509.random_serial_number())
         .not_valid_before(now - datetime.timedelta(days=1))
         .not_valid_after(now + datetime.timedelta(days=30))
         .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True))
    if names:
        b = b.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    return b.sign(signer, hashes.SHA256())


def _pem(thing):
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                               serialization.NoEncryption())


def make_certificates(folder):
    """ca.pem, host.pem and host.key for HOST and API_HOST."""
    folder = pathlib.Path(folder)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    (folder / 'ca.pem').write_bytes(_pem(_certificate('test authority', 'test authority', ca_key, ca_key)))
    (folder / 'host.pem').write_bytes(_pem(_certificate(HOST, 'test authority', key, ca_key, [HOST, API_HOST])))
    (folder / 'host.key').write_bytes(_pem(key))
    return folder


# ---- the account


class Account:
    """boto3 clients of the stack's account and of the DNS account, and what was seeded."""

    def __init__(self, url):
        self.url = url
        self._clients = {}
        role = self.client('sts').assume_role(RoleArn=f'arn:aws:iam::{DNS_OWNER}:role/bgc-dns',
                                              RoleSessionName='test')['Credentials']
        self._dns = dict(aws_access_key_id=role['AccessKeyId'], aws_secret_access_key=role['SecretAccessKey'],
                         aws_session_token=role['SessionToken'])

    def client(self, name, keys=None):
        k = (name, bool(keys))
        if k not in self._clients:
            self._clients[k] = boto3.client(name, endpoint_url=self.url, region_name=REGION, **(keys or KEYS),
                                            config=Config(retries={'max_attempts': 4}, read_timeout=120,
                                                          disable_request_compression=True))
        return self._clients[k]

    def __getattr__(self, name):  # account.ec2, account.elbv2, ...
        if name.startswith('_'):
            raise AttributeError(name)
        return self.client(name, self._dns if name == 'route53' else None)

    def seed(self, certificates):
        ec2 = self.ec2
        vpc = ec2.create_vpc(CidrBlock='10.20.0.0/16')['Vpc']['VpcId']
        self.vpc, self.subnets = vpc, {'public': [], 'private': []}
        ec2.create_tags(Resources=[vpc], Tags=[{'Key': 'env', 'Value': 'prod'}])
        for i, (tier, zone) in enumerate((t, z) for t in ('public', 'private') for z in 'ab'):
            s = ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.20.{i}.0/24', AvailabilityZone=REGION + zone)
            self.subnets[tier].append(s['Subnet']['SubnetId'])
            ec2.create_tags(Resources=self.subnets[tier][-1:], Tags=[{'Key': 'tier', 'Value': tier}])
        self.db_group = ec2.create_security_group(GroupName='shop-prod-db-client', VpcId=vpc,
                                                  Description='clients of the database')['GroupId']
        self.images = [ec2.register_image(
            Name=name, RootDeviceName='/dev/xvda', EnaSupport=True, Architecture='x86_64',
            VirtualizationType='hvm',
            BlockDeviceMappings=[{'DeviceName': '/dev/xvda', 'Ebs': {'VolumeSize': 8}}])['ImageId']
            for name in ('shop-base-2026-11-09', 'shop-base-2026-11-16')]
        trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',
                                                         'Principal': {'Service': 'ec2.amazonaws.com'}}]}
        self.iam.create_role(RoleName='shop-web', AssumeRolePolicyDocument=json.dumps(trust))
        self.iam.create_instance_profile(InstanceProfileName='shop-web')
        self.iam.add_role_to_instance_profile(InstanceProfileName='shop-web', RoleName='shop-web')
        self.certificate = self.acm.import_certificate(
            Certificate=(certificates / 'host.pem').read_bytes(), PrivateKey=(certificates / 'host.key').read_bytes(),
            CertificateChain=(certificates / 'ca.pem').read_bytes())['CertificateArn']
        self.rds.create_db_instance(DBInstanceIdentifier='shop-prod', DBInstanceClass='db.t3.small',
                                    Engine='postgres', MasterUsername='u', MasterUserPassword='password1',
                                    AllocatedStorage=20)
        self.zone = self.route53.create_hosted_zone(Name='example.com', CallerReference='1')['HostedZone']['Id']
        self.s3.create_bucket(Bucket='acme-bgc-state', CreateBucketConfiguration={'LocationConstraint': REGION})
        return self

    # ---- reading back what bgc made

    def worlds(self):
        """The worlds that stand in the account, by id; read with boto3, not through bgc."""
        found = {}
        for lb in self.elbv2.describe_load_balancers()['LoadBalancers']:
            tags = {t['Key']: t['Value'] for d in self.elbv2.describe_tags(
                ResourceArns=[lb['LoadBalancerArn']])['TagDescriptions'] for t in d['Tags']}
            if tags.get('bgc:world'):
                found[tags['bgc:world'].partition('/')[2]] = World(self, tags['bgc:world'], lb)
        return found

    def sets(self):
        pages = self.route53.get_paginator('list_resource_record_sets').paginate(HostedZoneId=self.zone)
        return [r for p in pages for r in p['ResourceRecordSets']]

    def records(self, kind):
        """Records of HOST of type A or AAAA, or the TXT beside it."""
        name = ('_bgc.' if kind == 'TXT' else '') + HOST + '.'
        return [r for r in self.sets() if r['Name'] == name and r['Type'] == kind]

    def weights(self, kind='A'):
        """{world id: weight}"""
        return self._weights(self.sets(), kind)

    def both_weights(self):
        """Of A and of AAAA, at one moment. A mock does not change all of a batch at once, so
        what is seen must be seen twice."""
        seen = None
        while True:
            sets = self.sets()
            now = self._weights(sets, 'A'), self._weights(sets, 'AAAA')
            if now == seen:
                return now
            seen = now

    def _weights(self, sets, kind):
        return {r['SetIdentifier'].rpartition('.')[0]: r['Weight'] for r in sets
                if r['Name'] == HOST + '.' and r['Type'] == kind and 'SetIdentifier' in r}


class World:
    """One world's resources as boto3 describes them."""

    def __init__(self, account, full, lb):
        self.account, self.full, self.id = account, full, full.partition('/')[2]
        self.prefix = f'shop-web-{self.id}'
        self.lb = lb
        self.balancer = lb['LoadBalancerArn'].partition(':loadbalancer/')[2]
        self.group = f'{self.prefix}-asg'

    @property
    def filters(self):
        logs = self.account.logs
        groups = logs.describe_log_groups(logGroupNamePrefix=self.prefix)['logGroups']
        return sorted({f['filterName'] for g in groups
                       for f in logs.describe_metric_filters(logGroupName=g['logGroupName'])['metricFilters']})

    def _mine(self, tags):
        return any(t['Key'] == 'bgc:world' and t['Value'] == self.full for t in tags)

    def describe(self):
        """Everything of the world, as AWS describes it, by kind."""
        a = self.account
        ec2, elb = a.ec2, a.elbv2
        templates = [t for t in ec2.describe_launch_templates()['LaunchTemplates'] if self._mine(t['Tags'])]
        targets = [t for t in elb.describe_target_groups()['TargetGroups']
                   if t['TargetGroupName'].startswith(self.prefix)]
        arns = [self.lb['LoadBalancerArn']] + [t['TargetGroupArn'] for t in targets]
        listeners = elb.describe_listeners(LoadBalancerArn=self.lb['LoadBalancerArn'])['Listeners']
        return {
            'security_groups': [g for g in ec2.describe_security_groups()['SecurityGroups']
                                if self._mine(g.get('Tags', []))],
            'launch_templates': templates,
            'template_versions': [v for t in templates for v in ec2.describe_launch_template_versions(
                LaunchTemplateId=t['LaunchTemplateId'])['LaunchTemplateVersions']],
            'groups': a.autoscaling.describe_auto_scaling_groups(
                AutoScalingGroupNames=[self.group])['AutoScalingGroups'],
            'policies': a.autoscaling.describe_policies(AutoScalingGroupName=self.group)['ScalingPolicies'],
            'load_balancers': [l for l in elb.describe_load_balancers()['LoadBalancers']
                               if l['LoadBalancerArn'] == self.lb['LoadBalancerArn']],
            'balancer_attributes': elb.describe_load_balancer_attributes(
                LoadBalancerArn=self.lb['LoadBalancerArn'])['Attributes'],
            'target_groups': targets,
            'target_attributes': [elb.describe_target_group_attributes(TargetGroupArn=t['TargetGroupArn'])[
                'Attributes'] for t in targets],
            'targets': [sorted(h['Target']['Id'] for h in elb.describe_target_health(
                TargetGroupArn=t['TargetGroupArn'])['TargetHealthDescriptions']) for t in targets],
            'listeners': listeners,
            'elb_tags': elb.describe_tags(ResourceArns=arns + [l['ListenerArn'] for l in listeners])['TagDescriptions'],
            'alarms': a.cloudwatch.describe_alarms(AlarmNamePrefix=self.prefix)['MetricAlarms'],
            'log_groups': a.logs.describe_log_groups(logGroupNamePrefix=self.prefix)['logGroups'],
        }
