"""A name comes to `traffic`, another one goes, and back with nothing but the account: read back
with boto3 from the zone of the DNS account."""
import json

from account import DNS_OWNER

SPEC = '''
stack named {{
  region  = "eu-west-1"
  account = "123456789012"
  store   = "s3://acme-bgc-state/named"
}}
account dns {{ role = "arn:aws:iam::{owner}:role/bgc-dns" }}
shared {{
  existing zone: route53.zone in dns {{ name = "example.com", private = false }}
  existing net:  ec2.vpc {{ tagged = {{ "env" => "prod" }} }}
  existing nets: set ec2.subnet {{ tagged = {{ "tier" => "public" }} }}
}}
world web {{
  resource wall: ec2.security_group {{ vpc = net, ingress = [{{ from = 10.0.0.0/8, port = 443 }}] }}
  resource lb:   elbv2.load_balancer {{ scheme = "internet-facing", subnets = nets, groups = [wall], keep_alive = 60s }}
  entry lb
}}
gate ready  {{ check there: web.lb.state == "active" within 24h }}
gate steady {{
  every 30s no_data hold
  check errors: ratio(web.lb.http_5xx, web.lb.requests, 2m) < 5%
}}
rollout web {{
  test  ready
  shift 100% for 5m while steady
  bake  1h while steady
}}
traffic web: route53.weighted {{ zone = zone, names = {names} }}
'''
ONE, TWO, THREE = 'one.example.com', 'two.example.com', 'three.example.com'


def test_names_come_and_go(bgc, account):
    def says(*names):
        (bgc.folder / 'named.bg').write_text(SPEC.format(owner=DNS_OWNER, names=json.dumps(names)))

    def records():
        """{name: {(type, world): weight}}, and what the TXT records say."""
        sets, told = {}, set()
        for s in account.sets():
            name = s['Name'].rstrip('.')
            if name.split('.')[-3:-2] not in (['one'], ['two'], ['three']):
                continue
            sets.setdefault(name, {})[s['Type'], s.get('SetIdentifier', '').split('.')[0]] = s.get('Weight')
            if s['Type'] == 'TXT':
                told.add(s['ResourceRecords'][0]['Value'])
        return sets, told

    def tagged():
        """The names that the load balancer of each world says."""
        arns = [lb['LoadBalancerArn'] for lb in account.elbv2.describe_load_balancers()['LoadBalancers']]
        tags = [{t['Key']: t['Value'] for t in d['Tags']} for d in account.elbv2.describe_tags(ResourceArns=arns)['TagDescriptions']]
        return [t['bgc:traffic'].split('names=')[1].split('+') for t in tags if t.get('bgc:stack') == 'named']

    def make(**record):
        account.route53.change_resource_record_sets(HostedZoneId=account.zone, ChangeBatch={
            'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': record}]})

    says(ONE)
    bgc.run('apply', 'named.bg', '--yes')
    sets, _ = records()
    (world,) = {w for _, w in sets[ONE]}
    served = {('A', world): 100, ('AAAA', world): 100}
    assert sets[ONE] == served and set(sets) == {ONE, f'_bgc.{ONE}'}

    says(ONE, TWO)
    plan = bgc.json('plan', 'named.bg')
    assert [a['op'] for a in plan['actions']] == ['name']
    bgc.run('apply', 'named.bg', '--yes')
    sets, told = records()
    assert sets[ONE] == sets[TWO] == served and len(told) == 1 and tagged() == [[ONE, TWO]]
    bgc.run('plan', 'named.bg', '--exit-code')

    # A third one has its record already: an alias that somebody made to the same load balancer.
    lb = next(r for r in account.sets() if r['Name'] == f'{TWO}.' and r['Type'] == 'A')
    make(Name=f'{THREE}.', Type='A', AliasTarget=lb['AliasTarget'])
    says(TWO, THREE)
    assert [a['op'] for a in bgc.json('plan', 'named.bg')['actions']] == ['name', 'unname']
    bgc.run('apply', 'named.bg', '--yes')
    sets, told = records()
    assert sets[TWO] == sets[THREE] == served and set(sets) == {n for x in (TWO, THREE) for n in (x, f'_bgc.{x}')}
    assert len(told) == 1 and tagged() == [[TWO, THREE]]
    bgc.run('plan', 'named.bg', '--exit-code')

    status = bgc.json('status', '--stack', 'named', '--region', 'eu-west-1')
    assert status['worlds']['web']['share'] == {world: 100}

    # And what is somebody else's is left alone.
    make(Name=f'{ONE}.', Type='CNAME', TTL=60, ResourceRecords=[{'Value': 'elsewhere.example.org'}])
    says(ONE, TWO, THREE)
    assert 'BG6013' in bgc.run('apply', 'named.bg', '--yes', expect=7)
    says(TWO, THREE)
    bgc.run('destroy', 'named.bg', '--yes')
    assert set(records()[0]) == {ONE}
