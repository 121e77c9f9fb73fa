"""`output`: what it is worth, for people and for scripts."""
import json

import pytest

MORE = '''
output lb   = web.alb
output dns  = web.alb.dns
output arns = [web.tg.arn]
output db   = db.host
output many = fleet * 2
input token: secret string
output secret t = "x${token}"
'''


@pytest.fixture
def telling(shop, served):
    shop.write('shop.bg', (shop.folder / 'shop.bg').read_text() + MORE)
    return lambda *args: served(*args, env={'BGC_INPUT_token': 'geheim-42'})


def test_one_for_a_script(telling):
    """blue serves; the spec wants another version: what names the world waits for that."""
    assert telling('output', 'url').out == 'https://shop.example.com/\n'
    assert telling('output', 'db').out.endswith('.rds.amazonaws.com\n')
    assert telling('output', 'many').out == '6\n'
    assert telling('output', 'dns', '-i', 'size=t2.small').out.endswith('.elb.amazonaws.com\n')
    assert telling('output', 'lb', '-i', 'size=t2.small').out.startswith('arn:aws:elasticloadbalancing:')
    arns = telling('output', 'arns', '--json', '-i', 'size=t2.small').json()
    assert len(arns) == 1 and arns[0].startswith('arn:aws:')


@pytest.mark.parametrize('name, says', [
    ('dns', 'is not known yet\n  = note: (after create of web.alb)'),
    ('lb', 'is not known yet\n  = note: (after create of web.alb)'),
    ('arns', 'is not known yet\n  = note: [(after create of web.tg)]'),
    ('t', 'is secret'),
    ('ulr', 'did you mean `url`?'),
])
def test_one_that_has_no_value(telling, name, says):
    r = telling('output', name)
    assert r.code == 1 and r.out == '' and 'error[BG6214]' in r.err and says in r.err, r
    assert 'geheim' not in r.all


def test_all(telling):
    r = telling('output')
    assert r.code == 0, r
    assert r.out.splitlines()[:3] == ['url  = "https://shop.example.com/"', 'lb   = (after create of web.alb)',
                                      'dns  = (after create of web.alb)']
    assert r.out.splitlines()[-1] == 't    = (secret)' and 'geheim' not in r.all
    all_ = telling('output', '--json').json()
    assert all_['url'] == {'value': 'https://shop.example.com/', 'known': True, 'secret': False}
    assert all_['lb'] == all_['arns'] == {'value': None, 'known': False, 'secret': False}
    assert all_['t'] == {'value': None, 'known': True, 'secret': True}
    assert telling('status', '--json').json()['outputs'] == all_
    assert telling('output', '.').out == telling('output', 'shop.bg').out == r.out
    assert telling('output', 'url', 'shop.bg').out == 'https://shop.example.com/\n'


def test_shown_by_apply(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\nshared { resource log: logs.group { retain = 7d } }\n'
              'output where = log.name\noutput arn = log.arn\n')
    r = bgc('apply', '--sandbox', '--yes')
    assert r.code == 0, r
    lines = r.out.splitlines()
    at = lines.index('outputs')
    assert lines[at + 1].startswith('  where = "') and lines[at + 2].startswith('  arn   = "arn:aws:logs:'), r
    assert json.loads(bgc('output', '--json', '--sandbox').out)['arn']['known']


def test_a_spec_without_any(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\n')
    r = bgc('output', '--sandbox')
    assert r.code == 0 and r.all == '', r
    assert bgc('output', '--sandbox', '--json').json() == {}
    assert bgc('output', 'x', '--sandbox').code == 1
