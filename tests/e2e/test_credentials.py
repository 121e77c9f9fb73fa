"""Credentials that nothing can renew must outlive what is begun with them."""
import datetime

import pytest

from load import Load


@pytest.fixture(scope='module')
def blue(bgc, account):
    with Load(account, bgc.now):
        bgc.run('apply', '--yes', '-i', 'size=t2.small')
    (world,) = account.worlds()
    return world


def test_no_share_is_given_that_could_not_be_taken_back(bgc, account, blue):
    """The way to 100 % takes 10 h of the schedule, which is 10 minutes here; the credentials last for 8 of them."""
    bgc.spec(account.images[1], ('shift  10% for 4m', 'shift  10% for 600m'))
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=8)
    with Load(account, bgc.now):
        out = bgc.run('apply', '--yes', '-i', 'size=t3.small', '--events', 'ends', expect=5,
                      AWS_CREDENTIAL_EXPIRATION=end.strftime('%Y-%m-%dT%H:%M:%SZ'))
    assert 'cannot be renewed' in out and 'no user is moved' in out, out
    assert account.weights('A') == {blue: 100}
    assert 'shift' not in [e['type'] for e in bgc.events('ends')]
