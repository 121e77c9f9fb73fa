"""`elbv2.split` over the wire: the shares are weights of target groups in one listener or
rule, and the record is kept in its tags. The story runs once; each test looks at one side."""
import copy
import types

import pytest

import spec
import split as splits

BARE = ('--stack', 'api', '--region', 'eu-west-1')
LIVE = ('-i', 'size=t2.small')
OF_RULE = [
    ('  resource name: route53.record {', '''  resource door: elbv2.rule { listener = front, priority = 100, paths = ["/*"], status = "503" }
  resource name: route53.record {'''),
    ('elbv2.split { at = front }', 'elbv2.split { at = door }'),
]


@pytest.fixture(scope='module', params=['listener', 'rule'])
def story(request, fresh, tmp_path_factory):
    s = types.SimpleNamespace(of_rule=request.param == 'rule')
    account, bgc = fresh('api')
    splits.seed(account)
    s.account, s.bgc, s.split = account, bgc, splits.Split(account, s.of_rule)

    def version(*more):
        spec.write(bgc.folder, 'split', account.image, (*spec.SPLIT, *(OF_RULE if s.of_rule else ()), *more))
    elsewhere = copy.copy(bgc)
    elsewhere.folder = tmp_path_factory.mktemp('empty')

    def at_share(process, share, name):
        bgc.wait_share(process, share, name)
        return types.SimpleNamespace(weights=s.split.weights(), tags=s.split.tags(), status=bgc.json('status')['worlds']['api'],
                                     bare=elsewhere.json('status', *BARE)['worlds']['api'])

    version()
    with splits.SplitLoad(s.split, bgc.now) as load:
        bgc.run('apply', '--yes', *LIVE)
        s.first = s.split.weights()
        (s.blue,) = s.first
        s.idle = bgc.run('plan', '--exit-code', *LIVE)
        # A version that somebody takes back at half the traffic, from an empty folder.
        version(('drain  = 30s', 'drain  = 40s'))
        run = bgc.start('apply', '--yes', '--events', 'back')
        s.back_5 = at_share(run, 5, 'back')
        bgc.run('approve')
        s.back_50 = at_share(run, 50, 'back')
        (s.bad,) = set(s.back_50.weights) - {s.blue}
        s.back_said = elsewhere.run('rollback', *BARE)
        s.back_weights, s.back_status = s.split.weights(), elsewhere.json('status', *BARE)['worlds']['api']
        s.back_run = bgc.finish(run)
        s.back_again = bgc.finish(bgc.start('apply', '--yes'))
        # The next one is stopped at 5 %, likewise.
        version(('drain  = 30s', 'drain  = 50s'))
        run = bgc.start('apply', '--yes', '--events', 'stop')
        s.stop_5 = at_share(run, 5, 'stop')
        s.stop_said = elsewhere.run('abort', *BARE)
        s.stop_run = bgc.finish(run)
        s.stop_weights, s.stop_status = s.split.weights(), elsewhere.json('status', *BARE)['worlds']['api']
        # And one that everybody likes.
        version()
        run = bgc.start('apply', '--yes', '--events', 'events', '--trace', 'trace')
        s.up_5 = at_share(run, 5, 'events')
        (s.green,) = set(s.up_5.weights) - {s.blue}
        bgc.run('approve')
        s.up_50 = at_share(run, 50, 'events')
        bgc.run('approve')
        s.code, s.out = bgc.finish(run)
        s.up_100, s.up_status = s.split.weights(), bgc.json('status')['worlds']['api']
        bgc.skip(hours=25)
        s.retired = bgc.run('apply', '--yes', '--wait')
        s.seen = load.seen
    s.left, s.left_worlds = s.split.weights(), s.split.targets()
    s.left_tags, s.left_rules = s.split.tags(), s.split.rules()
    s.after = bgc.run('plan', '--exit-code')
    s.files = list(elsewhere.folder.glob('.bgc*'))
    bgc.run('destroy', '--yes')
    s.destroyed = (s.split.balancer(), s.split.targets())
    return s


def test_first_world_gets_everything(story):
    assert story.first == {story.blue: 100}


def test_nothing_to_do_when_nothing_changed(story):
    assert 'nothing to do' in story.idle


@pytest.mark.parametrize('moment, new, share', [
    ('back_5', 'bad', 5), ('back_50', 'bad', 50), ('up_5', 'green', 5), ('up_50', 'green', 50)])
def test_weights_at_each_step(story, moment, new, share):
    seen, world = getattr(story, moment), getattr(story, new)
    assert seen.weights == {story.blue: 100 - share, world: share}
    for status in (seen.status, seen.bare):
        assert (status['live'], status['candidate'], status['share']) == (
            story.blue, world, {story.blue: 100 - share, world: share}), status
    assert seen.tags[f'bgc:to.{world}'] and f'live={story.blue}' in seen.tags['bgc:record'], seen.tags


def test_upgrade_ends_well(story):
    assert story.code == 0, story.out
    assert story.up_100 == {story.blue: 0, story.green: 100}
    assert story.up_status['phase'] == 'baking' and story.up_status['share'] == {story.blue: 0, story.green: 100}


def test_shares_never_pass_through_zero(story):
    served = story.seen[next(i for i, w in enumerate(story.seen) if w):]
    assert all(sum(w.values()) == 100 for w in served), served


def test_rollback_at_a_partial_share_without_a_spec(story):
    assert story.back_weights == {story.blue: 100}
    assert story.back_status['share'] == {story.blue: 100} and story.back_status['live'] == story.blue
    code, text = story.back_run  # without the store it hears of it from the record
    assert code == 4 and 'BG6105' in text, text
    code, text = story.back_again
    assert code == 7 and '--retry' in text, text


def test_abort_at_a_partial_share_without_a_spec(story):
    code, text = story.stop_run
    assert code == 4 and 'BG6105' in text, text
    assert story.stop_weights == {story.blue: 100} == story.stop_status['share']
    assert not story.files


def test_retirement_leaves_the_new_version_only(story):
    assert story.left == {story.green: 100} and set(story.left_worlds) == {story.green}
    assert f'bgc:to.{story.green}' in story.left_tags
    assert not [k for k in story.left_tags if k.startswith('bgc:to.') and k != f'bgc:to.{story.green}']
    # its own rule, by which the load balancer knows it, and the one that splits
    assert len(story.left_rules) == 1 + story.of_rule
    assert 'nothing to do' in story.after


def test_destroy_leaves_nothing(story):
    assert story.destroyed == (None, {})
