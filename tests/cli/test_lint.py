"""What lint says when the account was asked."""
import json

LAB = '''stack lab { region = "eu-west-1", store = "s3://lab-state" }
shared {
  existing net:   ec2.vpc { tagged = { "env" => "prod" } }
  existing group: ec2.security_group { vpc = net, name = "front" }
  existing parts: set ec2.subnet { vpc = net, %s }
  resource lb: elbv2.load_balancer { scheme = "internal", subnets = %s, groups = [group] }%s
}
output lb = lb.dns
'''
ONE, ANY = 'zone = "eu-west-1a"', 'tagged = { "tier" => "private" }'


def codes(r):
    return [d['code'] for d in json.loads(r.out)['diagnostics'] if d['severity'] == 'warning']


def said(bgc, spec):
    bgc.write('lab.bg', spec)
    check = bgc('check', '--json')
    plan = bgc('plan', '--sandbox', '--json')
    assert check.code == 0 and plan.code == 0, (check, plan)
    return [d['code'] for d in check.json()], codes(plan)


def test_a_plan_knows_the_zones_of_what_was_found(bgc):
    assert said(bgc, LAB % (ONE, 'parts', '')) == ([], ['BG7108'])
    assert said(bgc, LAB % (ANY, 'parts', '')) == ([], [])
    # Of several, one: the zones of elements are known too.
    assert said(bgc, LAB % (ANY, '[for p in parts if p.zone == "eu-west-1a": p]', '')) == ([], ['BG7108'])


def test_what_only_a_plan_finds_may_be_allowed(bgc):
    assert said(bgc, LAB % (ONE, 'parts', ' allow BG7108 because "a lab"')) == ([], [])
    # The plan, which knows, also says when there is nothing to allow.
    assert said(bgc, LAB % (ANY, 'parts', ' allow BG7108 because "a lab"')) == ([], ['BG7004'])
