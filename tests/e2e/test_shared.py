"""World rule 3 over the wire: a group that a world uses is added to and not taken from."""
import boto3

SPEC = '''
stack door {{
  region = "eu-west-1"
  store  = "s3://acme-bgc-state/door"
}}
shared {{
  existing net:   ec2.vpc {{ tagged = {{ "env" => "prod" }} }}
  existing image: ec2.image {{ owner = "self", name = "shop-base-*", newest = true }}
  resource door: ec2.security_group {{
    vpc     = net
    ingress = [{rules}]
  }}
}}
world web {{
  resource lt: ec2.launch_template {{ image = image, size = "t3.small", groups = [door] }}
  entry lt
}}
'''


def rules(*ports):
    return ', '.join(f'{{ from = 10.0.0.0/8, port = {p} }}' for p in ports)


def test_shared_is_only_added_to(bgc, account):
    ec2 = boto3.client('ec2', region_name='eu-west-1', endpoint_url=account.url, aws_access_key_id='testing',
                       aws_secret_access_key='testing')

    def ports():
        groups = ec2.describe_security_groups(Filters=[{'Name': 'tag:bgc:stack', 'Values': ['door']}])['SecurityGroups']
        assert len(groups) == 1
        return sorted(p['FromPort'] for p in groups[0]['IpPermissions'])

    def spec(*wanted):
        (bgc.folder / 'door.bg').write_text(SPEC.format(rules=rules(*wanted)))

    spec(22, 443)
    bgc.run('apply', '--yes', 'door.bg')
    assert ports() == [22, 443]
    spec(22, 443, 9100)
    bgc.run('apply', '--yes', 'door.bg')
    assert ports() == [22, 443, 9100]
    spec(443, 9100)
    text = bgc.run('apply', '--yes', 'door.bg', expect=7)
    assert 'BG3006' in text and 'port = 22' in text
    assert ports() == [22, 443, 9100]
