"""bgc doc --html: the reference of the library as pages."""
import html.parser
import pathlib
import re

import pytest


class Page(html.parser.HTMLParser):
    VOID = {'meta', 'br', 'img', 'link', 'input', 'hr'}

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.open, self.tags, self.text = [], [], [], set(), ''
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if 'id' in attrs:
            self.ids.append(attrs['id'])
        if 'href' in attrs:
            self.links.append(attrs['href'])
        assert 'src' not in attrs and not any(a.startswith('on') for a in attrs), attrs

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def written(bgc):
    r = bgc('doc', '--html', 'ref')
    assert r.code == 0 and r.out.endswith('pages: ref/index.html\n') and not r.err, r
    return bgc.folder / 'ref'


def content(folder):
    return {p.name: p.read_bytes() for p in pathlib.Path(folder).iterdir()}


def test_every_link_leads_to_something(written):
    pages = {p.name: Page(p.read_text()) for p in written.glob('*.html')}
    assert len(pages) > 30
    reached = {'index.html'}
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        assert not page.tags & {'script', 'link', 'img', 'iframe'}, name
        for link in page.links:
            file, _, anchor = link.partition('#')
            assert (file or name) in pages, (name, link)
            assert not anchor or anchor in pages[file or name].ids, (name, link)
            reached.add(file or name)
    assert reached == set(pages)


def test_every_type_and_function_is_in_it(bgc, written):
    index = Page((written / 'index.html').read_text())
    for line in bgc('types').out.splitlines():
        assert f'{line.split()[0]}.html' in index.links, line
    assert 'std.network.html' in index.links and 'functions.html#http.get' in index.links
    assert 'A port of TCP or UDP: 0..65535' in index.text
    functions = Page((written / 'functions.html').read_text())
    assert 'length("four") == 4' in functions.text and 'healthy(web.tg) == 100%' in functions.text
    assert 'existing example: std.network' in Page((written / 'std.network.html').read_text()).text
    # A type that every file sees is linked to where it is named.
    assert 'port_number.html' in Page((written / 'ec2.sg_rule.html').read_text()).links


def test_types_lead_to_each_other(written):
    group = (written / 'elbv2.target_group.html').read_text()
    assert '<code>vpc: ref <a href="ec2.vpc.html">ec2.vpc</a></code>' in group
    assert 'elbv2.target_group.html#vpc' in Page((written / 'ec2.vpc.html').read_text()).links


def test_a_page_says_what_the_text_says(bgc, written):
    words = lambda text: re.sub(r'\s+', ' ', text)
    for line in bgc('types').out.splitlines():
        name = line.split()[0]
        page = words(Page((written / f'{name}.html').read_text()).text)
        for fact in bgc('doc', name).out.splitlines():
            for part in fact.replace('`', '').split('   '):
                assert words(part).strip(' ()') in page.replace('`', ''), (name, fact)


def test_text_is_escaped(written):
    page = (written / 'elbv2.target_group.html').read_text()
    assert '&quot;HTTP&quot; | &quot;HTTPS&quot;' in page and '"HTTP" | "HTTPS"' not in page


def test_dark_and_narrow(written):
    for page in written.glob('*.html'):
        text = page.read_text()
        assert 'prefers-color-scheme:dark' in text and 'width=device-width' in text and 'max-width:40em' in text


def test_again_is_the_same(bgc, written):
    before = content(written)
    assert bgc('doc', '--html=ref').code == 0
    assert content(written) == before
    (bgc.folder / 'empty').mkdir()
    assert bgc('doc', '--html', 'empty').code == 0
    assert content(bgc.folder / 'empty') == before


def test_a_page_that_is_no_more_goes_and_nothing_else(bgc, written):
    before = content(written)
    (written / 'old.gone.html').write_text('old')
    (written / 'mine.html').write_text('mine')
    bgc.write('outside.html', 'outside')
    with open(written / '.bgc-doc', 'a') as f:
        f.write('old.gone.html\n../outside.html\n.hidden.html\n')
    assert bgc('doc', '--html', 'ref').code == 0
    assert content(written) == before | {'mine.html': b'mine'}
    assert (bgc.folder / 'outside.html').read_text() == 'outside'


def test_a_folder_of_somebody_else_is_refused(bgc):
    mine = bgc.write('site/index.html', 'mine')
    r = bgc('doc', '--html', 'site')
    assert r.code == 1 and 'error[BG0912]' in r.err and not r.out, r
    assert content(bgc.folder / 'site') == {'index.html': b'mine'} and mine.read_text() == 'mine'


@pytest.mark.parametrize('args, code', [(['--html', 'file'], 'BG0912'), (['--html', 'no/where'], 'BG0912'),
                                        (['--html'], 'usage'), (['--html='], 'usage'), (['--nonsense'], 'usage'),
                                        (['--html', 'a', 'b'], 'usage')])
def test_what_is_no_folder(bgc, args, code):
    bgc.write('file', 'text')
    r = bgc('doc', *args)
    assert r.code == 1 and code in r.err and not r.out, r
    assert (bgc.folder / 'file').read_text() == 'text'
    assert not (bgc.folder / 'a').exists()
