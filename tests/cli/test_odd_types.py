"""Types of the user's own that say too little, or the wrong thing: what `check` cannot know is said when it is met."""
import subprocess

import pytest

from conftest import ROOT

# A log group, with a field that AWS never gives.
THING = '''
type my.thing {
  api logs
  id   name: string <- logGroupName
  live where: string <- logGroupArn
  live ghost: string <- nothingOfTheKind
  live dns: string? <- neitherThis
  live zone: string? <- northat
  tags { at = "tags", shape = "map", get = "tags" }
  arn = "arn:{partition}:logs:{region}:{account}:log-group:{id}"
  create CreateLogGroup { logGroupName = physical_name }
  find   DescribeLogGroups { logGroupNamePrefix = name_prefix } -> logGroups
  read   DescribeLogGroups { logGroupNamePrefix = id } -> logGroups where it.logGroupName == id
  read   ListTagsForResource { resourceArn = live.logGroupArn } -> tags absent ResourceNotFoundException
  tag    TagResource { resourceArn = live.logGroupArn, tags = tags }
  untag  UntagResource { resourceArn = live.logGroupArn, tagKeys = keys }
  delete DeleteLogGroup { logGroupName = id } absent ResourceNotFoundException
}
'''
STACK = 'stack own { region = "eu-west-1" }\n'
UP = 'gate ready {\n  check up: web.lb.state == "active" within 10m\n}\n'


def framed(bgc, fragment):
    """A whole program around a fragment, as around the examples of the documentation."""
    text = subprocess.run(['sh', ROOT / 'tests' / 'check' / 'frame.sh'], input=fragment, capture_output=True, text=True,
                          check=True).stdout
    bgc.write('own.bg', text)


def says(bgc, code, *words, command=('apply', '--yes', '-q'), status=1):
    assert bgc('check', '-q', 'own.bg').code == 0, bgc('check', '-q', 'own.bg')
    r = bgc(*command, '--sandbox=a.json', 'own.bg')
    assert r.code == status and f'error[{code}]' in r.err, r
    assert all(word in r.err for word in words), r
    return r


def test_no_lookup(bgc):
    bgc.write('own.bg', STACK + '''
type my.thing {
  api logs
  id    name: string <- logGroupName
  query id: string?
  read  DescribeLogGroups { logGroupNamePrefix = id } -> logGroups
}
shared { existing g: my.thing { id = "x" } }
output o = g.name
''')
    says(bgc, 'BG5010', 'my.thing cannot be looked up', 'own.bg:9', command=('plan',))


def test_queries_that_wait_for_queries(bgc):
    """A chain of `existing`s, each found by the one before."""
    chain = '\n'.join(f'  existing v{i}: ec2.vpc {{ tagged = {{ "n" => v{i - 1}.id }} }}' for i in range(1, 40))
    bgc.write('own.bg', f'{STACK}shared {{\n  existing v0: ec2.vpc {{ tagged = {{ "n" => "0" }} }}\n{chain}\n}}\noutput o = v39.id\n')
    says(bgc, 'BG2090', 'after 32 rounds', command=('plan',))


def test_a_value_that_never_comes(bgc):
    bgc.write('own.bg', STACK + THING + '''
shared {
  resource g: my.thing {}
  resource log: logs.group { retain = 1d }
  resource f: logs.metric_filter { log = log, pattern = g.ghost }
}
''')
    says(bgc, 'BG5020', 'pattern of shared.f is still not known', 'own.bg')


@pytest.mark.parametrize('missing', ['service', 'list', 'change', 'settled'])
def test_a_kind_of_traffic_that_says_too_little(bgc, missing):
    switch = {'service': 'route53', 'list': 'ListResourceRecordSets', 'change': 'ChangeResourceRecordSets', 'settled': 'GetChange'}
    del switch[missing]
    framed(bgc, 'type my.odd {\n  switch { %s }\n  field zone: ref route53.zone\n  field names: [string]\n}\n' %
           ', '.join(f'{k} = "{v}"' for k, v in switch.items()) +
           UP + 'traffic web: my.odd { zone = zone, names = ["shop.example.com"] }\n')
    says(bgc, 'BG5030', 'my.odd does not say how its shares are changed', f'no text `{missing}`', 'own.bg:')
    says(bgc, 'BG5030', command=('plan',))


def test_an_entry_without_an_address(bgc):
    """Its type has the fields, and AWS gives nothing for them."""
    bgc.write('own.bg', STACK + THING + UP.replace('web.lb.state == "active"', 'web.door.where != ""') + '''
gate steady {
  every 30s no_data hold
  check lines: count(web.lines, "ERROR", 5m) < 5
}
shared { existing zone: route53.zone { name = "example.com", private = false } }
world web {
  resource lines: logs.group { retain = 1d }
  resource door:  my.thing {}
  entry door
}
traffic web: route53.weighted { zone = zone, names = ["shop.example.com"] }
rollout web {
  test  ready
  shift 100% for 15m while steady
  bake  1h while steady
}
''')
    says(bgc, 'BG6008', 'has no DNS name and zone', 'own.bg')


def test_a_split_of_what_cannot_be_changed(bgc):
    """The field that the kind of traffic names has no `update`."""
    split = ROOT / 'examples' / 'split'
    bgc.write('boot.sh', (split / 'boot.sh').read_text())
    text = (split / 'split.bg').read_text()
    assert text.count('elbv2.split {') == 1
    bgc.write('own.bg', text.replace('elbv2.split {', 'my.split {') + '''
type my.split {
  switch { field = "lb" }
  field at: ref elbv2.listener
}
''')
    says(bgc, 'BG5025', 'declares no way to change its lb or tags')
