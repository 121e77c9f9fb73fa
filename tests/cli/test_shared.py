"""World rule 3: what a world that serves uses of `shared` is only added to."""
import json

import pytest

DOOR = '''  resource door: ec2.security_group {
    vpc     = net.vpc
    ingress = [{ from = 10.0.0.0/8, port = 22 }, { from = 10.0.0.0/8, port = 9100 }]
  }
  existing agent:'''


@pytest.fixture
def used(shop):
    """The shop serves, and its instances are in a shared group."""
    path = shop.folder / 'shop.bg'
    path.write_text(path.read_text().replace('  existing agent:', DOOR).replace('[app_sg, db_in]', '[app_sg, db_in, door]'))
    r = shop('apply', '--sandbox', '--yes')
    assert r.code == 0, r
    return shop


def edit(shop, old, new):
    path = shop.folder / 'shop.bg'
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def codes(r):
    return [(d['severity'], d['code']) for d in json.loads(r.out)['diagnostics']]


def test_adding_is_allowed(used):
    edit(used, 'port = 9100 }]', 'port = 9100 }, { from = 10.0.0.0/8, port = 9101 }]')
    r = used('apply', '--sandbox', '--yes')
    assert r.code == 0 and used('plan', '--sandbox', '--exit-code').code == 0, r


def test_taking_away_is_refused(used):
    edit(used, '{ from = 10.0.0.0/8, port = 22 }, ', '')
    for args in (['plan'], ['apply', '--yes']):
        r = used(*args, '--sandbox')
        assert r.code == 7 and 'error[BG3006]' in r.err, r
        assert '`ingress` would lose' in r.err and 'port = 22' in r.err
        assert 'resource lt' in r.err and 'uses it' in r.err
        assert 'declare a second one' in r.err
    # What only goes on with what is under way, or takes back, is not kept from it.
    assert used('tick', '--sandbox').code == 0
    assert used('status', '--sandbox').code == 0


def test_the_way_that_is_advised(used):
    """A second group beside it; the first goes when the old world is gone."""
    edit(used, '  existing agent:', '  resource gate: ec2.security_group { vpc = net.vpc, ingress = '
                                    '[{ from = 10.0.0.0/8, port = 9100 }] }\n  existing agent:')
    edit(used, 'db_in, door]', 'db_in, gate]')
    text = (used.folder / 'shop.bg').read_text()
    start = text.index('  resource door:')
    (used.folder / 'shop.bg').write_text(text[:start] + text[text.index('  resource gate:'):])
    r = used('plan', '--sandbox', '--json')
    assert r.code == 0 and ('warning', 'BG3007') in codes(r), r
    assert not [a for a in json.loads(r.out)['actions'] if a['address'] == 'shared.door']
    assert used('apply', '--sandbox', '--yes', '--wait').code == 0
    plan = json.loads(used('plan', '--sandbox', '--json').out)
    assert [(a['op'], a['address']) for a in plan['actions']] == [('delete', 'shared.door')]
    assert used('apply', '--sandbox', '--yes').code == 0
    assert used('plan', '--sandbox', '--exit-code').code == 0


def test_what_no_world_uses_is_changed_as_ever(used):
    edit(used, '  existing agent:', '  resource spare: ec2.security_group { vpc = net.vpc, ingress = '
                                    '[{ from = 10.0.0.0/8, port = 22 }, { from = 10.0.0.0/8, port = 23 }] }\n'
                                    '  existing agent:')
    assert used('apply', '--sandbox', '--yes').code == 0
    edit(used, ', { from = 10.0.0.0/8, port = 23 }', '')
    r = used('apply', '--sandbox', '--yes')
    assert r.code == 0 and used('plan', '--sandbox', '--exit-code').code == 0, r
