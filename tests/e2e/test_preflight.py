"""What is asked before anything is made, over the wire. moto answers for instance types, their zones, the limits
of load balancers and quotas of VPC; it has no quota of EC2, and its images show neither architecture nor drivers: that is said."""


def test_what_is_asked(bgc):
    text = bgc.run('plan', '--trace', 'trace.preflight')
    asked = {c['operation'] for c in bgc.calls('trace.preflight')}
    assert {'DescribeInstanceTypes', 'DescribeInstanceTypeOfferings', 'DescribeInstances', 'GetServiceQuota'} <= asked
    assert 'DescribeAccountLimits' not in asked  # everybody has enough of load balancers
    assert 'preflight: ' in text and '1 could not be made' in text, text
    assert 'not checked: web.asg: vcpus: ' in text and 'NoSuchResource' in text, text
    assert 'refused:' not in text, text


def refused(bgc, account, words, *args):
    text = bgc.run('plan', *args)
    assert f'refused: {words}' in text, text
    text = bgc.run('apply', '--yes', *args, '--trace', 'trace.refused', expect=7)
    assert 'error[BG5302]' in text and 'nothing was written' in text, text
    assert not [c for c in bgc.calls('trace.refused') if c['mutating']]
    assert not account.worlds()


def test_an_instance_type_that_there_is_not(bgc, account):
    refused(bgc, account, 'web.lt: there is no instance type t3.enormous in ', '-i', 'size=t3.enormous')


MANY = '''
stack many {
  region = "eu-west-1"
  store  = "s3://acme-bgc-state/many"
}
shared {
  existing net:     ec2.vpc { tagged = { "env" => "prod" } }
  existing subnets: set ec2.subnet { vpc = net }
  resource sg[k in [for i in 1..600: "c${i}"]]: ec2.security_group { vpc = net }
  resource lb[k in [for i in 1..60: "c${i}"]]: elbv2.load_balancer { scheme = "internal", subnets = subnets, groups = [sg["c1"]] }
}
'''


def test_quotas_are_asked_for_when_much_is_made(bgc):
    (bgc.folder / 'many.bg').write_text(MANY)
    text = bgc.run('plan', 'many.bg', '--trace', 'trace.many')
    asked = [c['operation'] for c in bgc.calls('trace.many')]
    assert asked.count('GetServiceQuota') == asked.count('DescribeAccountLimits') == 1
    assert 'would take 60 of 20 (0 in use, up to 60 more)' in text, text
    assert 'could not be made' not in text, text
