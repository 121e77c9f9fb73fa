"""How many calls a plan makes: as many as there are types, not resources."""
import json

SPEC = """\
stack big {{
  region  = "eu-west-1"
  account = "123456789012"
}}
use std.network
let keys = [for i in 1..{n}: "c${{i}}"]
shared {{
  existing net: std.network {{ tag = "big" }}
  resource sg[k in keys]: ec2.security_group {{ vpc = net.vpc, about = "of ${{k}}" }}
}}
"""


def calls_of_a_plan(bgc, n):
    bgc.write('big.bg', SPEC.format(n=n))
    account = f'--sandbox=account{n}.json'
    assert bgc('apply', account, '--yes', '-q').code == 0
    r = bgc('plan', account, '--trace=trace.log', '--exit-code')
    assert r.code == 0, r
    return sorted(json.loads(line)['operation'] for line in (bgc.folder / 'trace.log').open())


def test_calls_do_not_grow_with_resources(bgc):
    few, many = calls_of_a_plan(bgc, 3), calls_of_a_plan(bgc, 150)
    assert few == many
    assert len(many) < 30  # types that the spec does not name are looked for too
