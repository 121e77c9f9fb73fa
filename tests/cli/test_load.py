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


RATIO = 'ratio({0}web.alb.%s, {0}web.alb.requests, 5m)'
STEADY = f'check errors:  {RATIO.format("") % "http_5xx"} < 0.5%\n  check latency'


def against_live(shop, metric, limit):
    """The errors of the gate that watches while both worlds serve, against the live world's."""
    text = (shop.folder / 'shop.bg').read_text()
    assert STEADY in text
    ratio = RATIO % metric
    check = f'check errors:  {ratio.format("")} < {limit.format(live=ratio.format("live."), new=ratio.format(""))}'
    (shop.folder / 'shop.bg').write_text(text.replace(STEADY, check + '\n  check latency', 1))


def test_a_share_of_errors_against_the_measured_one(shop):
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    spec = (shop.folder / 'shop.bg').read_text()
    # 0.02 % is what the simulated service fails at: a fifth more of it is hard to see.
    against_live(shop, 'http_5xx', '1.2 * {live}')
    r = shop('plan', '--sandbox', '--after', '3h', '--json')
    notes = [n for e in errors(r) for n in e['notes']]
    assert r.code == 1 and {e['code'] for e in errors(r)} == {'BG4022'}, r
    assert any("from the live world's 0.0" in n and '16 p (1 - p) / d^2' in n for n in notes), r
    assert any('is what the live world was measured to have' in n for n in notes), r
    # Twenty times as much is seen in little, and so is what passes below a floor.
    for limit in '20 * {live}', '1.2 * {live} or {new} < 0.5%':
        (shop.folder / 'shop.bg').write_text(spec)
        against_live(shop, 'http_5xx', limit)
        r = shop('plan', '--sandbox')
        assert r.code == 0, r


def test_what_the_live_world_never_had(shop):
    """Of no error in N requests follows 3 / N at most: the rule of three."""
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    against_live(shop, 'http_4xx', '2 * {live}')
    r = shop('plan', '--sandbox', '--after', '3h', '--json')
    notes = [n for e in errors(r) for n in e['notes']]
    assert r.code == 1 and any('the live world had none in ' in n for n in notes), r


def test_the_measured_share_counts_at_a_load_that_the_spec_says(shop):
    assert shop('apply', '--sandbox', '--yes', '-i', 'size=t2.small').code == 0
    against_live(shop, 'http_5xx', '1.2 * {live}')
    path = shop.folder / 'shop.bg'
    path.write_text(path.read_text().replace('kill_switch = web.burning', 'kill_switch = web.burning, load = 500/s'))
    # Without an account nobody knows what share of errors the live world has.
    assert shop('check').code == 0
    r = shop('plan', '--sandbox', '--after', '3h', '--json')
    assert r.code == 1 and {e['code'] for e in errors(r)} == {'BG4022'}, r
