"""What is ours, found in an account that somebody else made."""
import pytest

SPEC = """stack own { region = "eu-west-1", account = "123456789012", store = "s3://acme-bgc-state/own" }
shared {
  existing image: ec2.image { owner = "self", name = "shop-base-*", newest = true }
  %s
}
"""
SHARED = {
    'vpc': 'resource vpc: ec2.vpc { range = 10.9.0.0/16 }',
    'sg': 'resource sg: ec2.security_group { vpc = vpc, ingress = [{ from = 10.0.0.0/8, port = 443 }] }',
    'lt': 'resource lt: ec2.launch_template { image = image, size = "t3.small", groups = [sg] }',
    'log': 'resource log: logs.group { retain = 30d }',
    'alarm': 'resource alarm: cloudwatch.alarm { metric = log.lines, stat = "sum", above = 5, over = 1m, missing = "missing" }',
}


def write(bgc, *names):
    (bgc.folder / 'shop.bg').write_text(SPEC % '\n  '.join(SHARED[n] for n in names))


@pytest.fixture
def own(bgc):
    write(bgc, *SHARED)
    bgc.run('apply', '--yes')
    return bgc


def planned(bgc, *more):
    return [(a['op'], a['address']) for a in bgc.json('plan', *more)['actions']]


# The mock's list of what is tagged has no launch templates: there only `--sweep` finds the last.
@pytest.mark.parametrize('gone, more', [(['sg', 'lt'], ['--sweep']), (['alarm'], []), (['log', 'alarm'], [])])
def test_the_last_of_its_type_is_removed(own, account, gone, more):
    write(own, *(n for n in SHARED if n not in gone))
    assert sorted(planned(own, *more)) == sorted(('delete', f'shared.{n}') for n in gone)
    own.run('apply', '--yes', *more)
    assert planned(own, *more) == []
    own.run('destroy', '--yes')


def test_another_stacks_are_left_alone(own, account):
    """Tagged alike, but of another stack."""
    group = account.ec2.create_security_group(GroupName='other-shared-sg', VpcId=account.vpc, Description='x')['GroupId']
    account.ec2.create_tags(Resources=[group], Tags=[{'Key': 'bgc:stack', 'Value': 'other'},
                                                     {'Key': 'bgc:address', 'Value': 'shared.sg'}])
    assert planned(own) == []
    own.run('destroy', '--yes')
    assert account.ec2.describe_security_groups(GroupIds=[group])['SecurityGroups']
