"""A run that fails at half the traffic: green's records go, blue has everything, exit 3."""
import types

import pytest

from load import Load


@pytest.fixture(scope='module')
def story(bgc, account):
    s = types.SimpleNamespace()
    with Load(account, bgc.now) as load:
        bgc.run('apply', '--yes', '-i', 'size=t2.small')
        (s.blue,) = account.worlds()
        bgc.spec(account.images[1])
        apply = bgc.start('apply', '--yes', '--events', 'events')
        bgc.wait_event(apply, lambda e: e.get('share') == 50)
        (s.green,) = set(account.worlds()) - {s.blue}
        load.errors[s.green] = .3
        s.code, s.out = bgc.finish(apply)
        s.weights = {k: account.weights(k) for k in ('A', 'AAAA')}
        s.worlds = account.worlds()
        s.blue_group = s.worlds[s.blue].describe()['groups'][0]
        s.events, s.seen = bgc.events(), load.seen
        s.again = bgc.finish(bgc.start('apply', '--yes'))
        s.plan = bgc.finish(bgc.start('plan', '--exit-code'))
        s.status = bgc.json('status')
    return s


def test_exit_code_and_end(story):
    assert story.code == 3, story.out
    end = story.events[-1]
    assert (end['type'], end['outcome'], end['exit']) == ('end', 'rolled_back', 3)


def test_blue_has_everything_and_greens_records_are_gone(story):
    assert story.weights == {'A': {story.blue: 100}, 'AAAA': {story.blue: 100}}
    shares = [a for a, _, _ in story.seen if story.green in a]
    assert {story.blue: 50, story.green: 50} in shares
    assert not any(a.get(story.green) == 100 for a in shares)


def test_the_check_that_failed_is_named(story):
    gates = [e for e in story.events if e['type'] in ('gate', 'rollback')]
    assert any('errors' in e['message'] for e in gates), gates
    assert 'steady.errors' in story.out or 'steady' in story.out


def test_green_stays_to_be_looked_at(story):
    assert set(story.worlds) == {story.blue, story.green}


def test_hold_is_released(story):
    tags = {t['Key'] for t in story.blue_group['Tags']}
    assert 'bgc:hold' not in tags and story.blue_group['MinSize'] == 3


def test_the_same_version_is_not_tried_again(story):
    code, text = story.again
    assert code == 7, text
    assert '--retry' in text


def test_status_after_it(story):
    assert story.status['worlds']['web']['share'][story.blue] == 100
