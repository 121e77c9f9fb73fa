"""What a gate measures in which account, and in how many calls."""
import collections
import json

import pytest


@pytest.fixture
def apart(shop):
    """The database stands in an account of its own, as the records do."""
    text = (shop.folder / 'shop.bg').read_text()
    for old, new in (('use std.network', 'account data { role = "arn:aws:iam::310987654321:role/bgc-data" }\n\nuse std.network'),
                     ('existing db:    rds.instance {', 'existing db:    rds.instance in data {')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    shop.write('shop.bg', text)
    return shop


def test_one_call_for_each_account(apart):
    """However many metrics a gate has there: steady asks for two of the database's."""
    assert apart('apply', '--sandbox=a.json', '-i', 'size=t2.small', '--yes', '-q').code == 0
    r = apart('apply', '--sandbox=a.json', '--yes', '-q', '--trace', 'calls')
    assert r.code == 0, r
    calls = [json.loads(line) for line in (apart.folder / 'calls').read_text().splitlines()]
    assert {c.get('account') for c in calls if c['operation'] == 'DescribeDBInstances'} == {'data'}
    rounds = collections.defaultdict(list)
    for c in calls:
        if c['operation'] == 'GetMetricData':
            rounds[c['time']].append(c.get('account', 'own'))
    kinds = collections.Counter(tuple(sorted(accounts)) for accounts in rounds.values())
    assert set(kinds) == {('data', 'own'), ('data',), ('own',)}, kinds
    assert kinds['data', 'own'] > 100  # every round of steady and settled
    assert kinds['data',] > 5          # calm, while it is built, asks for nothing else


def test_what_is_measured_there_counts(apart):
    """A slow database in the other account takes the new version back; without its points nothing would go on."""
    r = apart('test')
    assert r.code == 0 and '7 of 7 scenarios hold' in r.out, r
    assert 'settled.db failed' in r.out, r
