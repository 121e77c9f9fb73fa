"""World rule 5 at a load that is only known later: from an input, or measured."""
import json


def strict(shop, load=''):
    text = (shop.folder / 'shop.bg').read_text()
    text = text.replace('5m) < 0.5%', '5m) < 0.05%').replace('kill_switch = web.burning',
                                                             'kill_switch = web.burning' + load)
    (shop.folder / 'shop.bg').write_text(text)


def errors(r):
    return [d for d in json.loads(r.out)['diagnostics'] if d['severity'] == 'error']


def test_the_live_world_is_measured(shop):
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    strict(shop)
    # In its first hour nobody knows what comes.
    assert shop('plan', '--sandbox').code == 0
    r = shop('plan', '--sandbox', '--after', '3h', '--json')
    assert r.code == 1, r
    found = errors(r)
    assert {e['code'] for e in found} == {'BG4022'}, r
    assert any('requests a second in the last' in n for n in found[0]['notes']), r
    assert any('let the step take' in h for h in found[0]['help']), r
    # An apply refuses before it writes; taking back never does.
    before = shop('status', '--sandbox', '--json').json()
    assert shop('apply', '--sandbox', '--yes').code == 1
    assert shop('status', '--sandbox', '--json').json()['worlds'] == before['worlds']
    assert shop('tick', '--sandbox').code == 0


def test_what_the_spec_says_counts_more_than_what_is_measured(shop):
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    strict(shop, ', load = 5000/s')
    assert shop('plan', '--sandbox', '--after', '3h').code == 0


def test_a_load_from_an_input(shop):
    strict(shop, ', load = load')
    path = shop.folder / 'shop.bg'
    path.write_text(path.read_text().replace('input fleet:', 'input load: rate = 5000/s\ninput fleet:'))
    assert shop('check').code == 0
    r = shop('check', '-i', 'load=20/s', '--json')
    assert r.code == 1 and {d['code'] for d in r.json()} == {'BG4022'}, r


def test_the_example_has_enough(shop):
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    assert shop('plan', '--sandbox', '--after', '25h').code == 0
