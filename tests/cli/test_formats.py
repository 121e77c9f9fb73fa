"""The documents that pipelines read, against docs/schema."""
import html.parser
import json

import jsonschema
import pytest

from conftest import ROOT


def valid(name, document):
    schema = json.loads((ROOT / 'docs' / 'schema' / f'{name}.json').read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def test_the_schemas_refuse(served):
    """A schema that lets everything pass shows nothing."""
    plan = served('plan', '--json').json()
    for spoil in (lambda p: p.pop('worlds'), lambda p: p['actions'][0].update(op='explode'),
                  lambda p: p.update(format='2'), lambda p: p['actions'][0].update(seq=0)):
        bad = json.loads(json.dumps(plan))
        spoil(bad)
        with pytest.raises(jsonschema.ValidationError):
            valid('plan', bad)


@pytest.mark.parametrize('args', [[], ['-i', 'size=t2.small'], ['--rollout', 'hotfix'], ['-i', 'size=t3.smal'],
                                  ['-i', 'fleet=5', '-i', 'size=t2.small']])
def test_plan(served, args):
    valid('plan', served('plan', '--json', *args).json())


def test_plan_of_nothing_yet(shop):
    valid('plan', shop('plan', '--sandbox', '--json').json())


def test_drift(served):
    valid('plan', served('drift', '--json').json())


def test_a_saved_plan_is_one_too(served, shop):
    assert served('plan', '--out', 'p').code == 0
    valid('plan', json.loads((shop.folder / 'p').read_text()))


def test_diagnostics(shop, bgc):
    valid('diagnostics', shop('check', '--json').json())
    shop.write('shop.bg', (shop.folder / 'shop.bg').read_text().replace('targets  = [tg]', 'targets = [tgg]'))
    found = valid('diagnostics', shop('check', '--json').json())
    assert found and found[0]['line']


def test_status_and_events(served, shop):
    valid('status', served('status', '--json').json())
    assert served('apply', '--yes', '-q', '--events', 'e').code in (0, 3)
    events = [valid('event', json.loads(line)) for line in (shop.folder / 'e').read_text().splitlines()]
    assert events[0]['type'] == 'start' and events[-1]['type'] == 'end' and len(events) > 20
    assert [e['seq'] for e in events] == list(range(1, len(events) + 1))
    valid('status', served('status', '--json').json())


# ---- the page ----------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.outside = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.outside += [v for k, v in attrs if k in ('src', 'href')]
        if tag not in ('meta', 'br'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def page(run, shop, *args):
    assert run('plan', '--html', 'plan.html', '-q', *args).code == 0
    return Page((shop.folder / 'plan.html').read_text())


def test_page(served, shop):
    p = page(served, shop)
    assert not p.outside and not any(t == 'script' for t, _ in p.tags)
    text = ' '.join(p.words)
    for words in ('World web: upgrade', '0 updates, 0 deletions while it serves', 'approval', 'bake 1d', 'Going back'):
        assert words in text
    # The way of the traffic: 10, 50, the approval at 50, 100, the bake.
    bars = [a for t, a in p.tags if t == 'span' and a.get('class') == 'new']
    assert [b['style'] for b in bars] == ['flex:10', 'flex:50', 'flex:50', 'flex:100', 'flex:100']


def test_page_says_what_is_refused(served, shop):
    p = page(served, shop, '-i', 'size=t3.smal')
    assert any(a.get('class') == 'bad' for _, a in p.tags) and 'no instance type t3.smal' in ' '.join(p.words)


def test_page_escapes(served, shop):
    text = (shop.folder / 'shop.bg').read_text()
    shop.write('shop.bg', text.replace('approve "release manager"', 'approve "<script>alert(1)</script> & \'co\'"'))
    p = page(served, shop)
    assert not any(t == 'script' for t, _ in p.tags) and '<script>alert(1)</script>' in ' '.join(p.words)
