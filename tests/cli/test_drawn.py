"""How diagnostics are drawn: marks stand under what they mean, whatever stands before; and what machines read."""
import json
import re
import unicodedata

import pytest

from conftest import ROOT

STACK = 'stack s { region = "eu-west-1" }\n'
LONG = 'word ' * 400


def width(c):
    """Columns of a character on a terminal, as Unicode says."""
    if unicodedata.category(c) in ('Mn', 'Me', 'Cf') or 0x1160 <= ord(c) <= 0x11ff:
        return 0
    return 2 if unicodedata.east_asian_width(c) in 'WF' else 1


def columns(text, start, end):
    """What is printed in these columns of a line: of characters without a width, those behind one of these."""
    out, at = '', 0
    for c in text:
        if start <= (at if width(c) else at - 1) < end:
            out += c
        at += width(c)
    return out


class Drawn:
    """One diagnostic out of the text, taken apart."""

    def __init__(self, block):
        lines = block.split('\n')
        self.code = re.match(r'(?:error|warning)\[(BG\d{4})\]: ', lines[0])[1]
        self.path, self.line, self.column = re.match(r' *--> (.*):(\d+):(\d+)$', lines[1]).groups()
        self.marks, self.rows = [], []
        for row in lines[2:]:
            gutter = re.match(r' *(\d*) \|(?: (.*))?$', row)
            if not gutter:
                continue
            if gutter[1]:
                source = gutter[2] or ''
                self.rows.append((int(gutter[1]), source))
            elif gutter[2]:
                mark = re.match(r'( *)(\^+|-+)(?: (.*))?$', gutter[2])
                start = len(mark[1])
                self.marks.append((mark[2][0], columns(source, start, start + len(mark[2])), mark[3]))


def drawn(bgc, text, *args):
    """What is drawn of a program, which must be what the other formats say too."""
    data = text if isinstance(text, bytes) else text.encode()
    (bgc.folder / 'm.bg').write_bytes(data)
    r = bgc('check', *args, 'm.bg')
    assert r.code == 1, r
    found = [Drawn(block) for block in re.split(r'\n\n(?=error|warning)', r.err.strip('\n')) if '-->' in block]
    plain = bgc('check', '--json', *args, 'm.bg').json()
    assert [(d.code, d.path, int(d.line), int(d.column)) for d in found] == \
        [(d['code'], d['path'], d['line'], d['column']) for d in plain if d['path']]
    return found, plain


@pytest.mark.parametrize('before', [
    '"漢字"', '"ｆｕｌｌ"', '"한국어"', '"한"', '"🚀"', '"✅⚡⌚"', '"👩\u200d👩\u200d👧"', '"🇩🇪"',
    '"e\u0301a\u0308o\u0302\u0323"', '"हिन्दी"', '"ไทยกำลัง"', '"שָׁלוֹם"', '"مُحَمَّد"', '"a\u200bb\u200cc\u200dd\u2060e"', '"so\xadft"',
    '"☃ ½ → ñ"', '"\U00020000"', '1,\t2,\t\t3', '"a\tb"', r'"\u{6f22}"',
])
def test_marks_stand_under_their_text(bgc, before):
    """Also behind wide and combining characters, characters without a width, and tabs."""
    for indent in ('', '\t', ' \t '):
        (d,), _ = drawn(bgc, f'{STACK}{indent}output x = [{before}, nowhere, {before}]\n')
        assert d.code == 'BG1001' and d.marks == [('^', 'nowhere', None)]


@pytest.mark.parametrize('text', ['"漢字🚀e\u0301"', '"a\u200bb"', '"हिन्दी"', '[1,\t2,\t\t3]', '"a\tb"'])
def test_what_is_inside_a_mark(bgc, text):
    for indent in ('', '\t', '   '):
        line = f'{indent}input x: int = {text}'
        (d,), _ = drawn(bgc, f'{STACK}{line}\n')
        at, shown = 0, ''
        for c in line:
            w = 4 - at % 4 if c == '\t' else width(c)
            shown += ' ' * w if c == '\t' else c
            at += w
        assert d.marks[0][:2] == ('^', shown[shown.index(text[0], len(indent) + 14):]), d.marks


def test_every_character_has_its_width(bgc):
    """Comments at the ends of lines are aligned: by what `fmt` moves them one sees the width of all of Unicode."""
    plain = unicodedata.ucd_3_2_0.category if unicodedata.unidata_version != '14.0.0' else unicodedata.category
    chars = [c for c in map(chr, range(0xa0, 0x110000)) if plain(c) not in ('Cn', 'Cs', 'Cc')]
    turns = {0xfeff, 0x61c, 0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a)}  # no source may have them
    sample = [c for c in chars if ord(c) not in turns and (not 0x3400 <= ord(c) <= 0xd7a3 or ord(c) % 97 == 0)]
    pairs = ''.join(f'let a = "{c}" # c\nlet a = "xxx" # c\n\n' for c in sample)
    r = bgc('fmt', '-', input=pairs)
    assert r.code == 0, r.err[:2000]
    wrong = []
    for c, block in zip(sample, r.out.split('\n\n')):
        got = 3 - (block.index('# c') - block.index('"', 9) - 3)
        if got != width(c):
            wrong.append((hex(ord(c)), got, width(c)))
    assert len(sample) > 20000 and not wrong, wrong[:50]


@pytest.mark.parametrize('end', ['\n', '\r\n'])
def test_places_of_lines(bgc, end):
    """Line ends of both kinds, a mark over several lines, and one at the end of a text without a line end."""
    text = (f'{STACK}input r: int = {{\n\ta = 1\n\n  b = "漢"\n}}\noutput t = "漢" + 17\noutput s = [\n  nowhere,\n]\n'
            'output x = nowhere2').replace('\n', end)
    (lines, both, inside, last), plain = drawn(bgc, text)
    assert lines.rows == [(2, 'input r: int = {'), (6, '}')], 'what stands between is not shown'
    assert lines.marks == [('^', '{', None), ('^', '}', 'this is { a: 1, b: "漢" }')]
    assert (plain[0]['line'], plain[0]['end_line'], plain[0]['end_column']) == (2, 6, 2)
    assert both.rows == [(7, 'output t = "漢" + 17')], 'a line stands once, its labels below it'
    assert both.marks == [('^', '+', None), ('-', '"漢"', 'string'), ('-', '17', 'int')]
    assert inside.marks == [('^', 'nowhere', None)] and last.marks == [('^', 'nowhere2', None)]
    assert last.line == '11' and plain[3]['end_column'] == 20


@pytest.mark.parametrize('text, line, column, mark', [
    ('output x =', 2, 10, '='), ('output x =\n\n\n', 2, 10, '='), ('output x = 1 +\r\n', 2, 14, '+'), ('shared {', 2, 8, '{'),
    ('output x = "abc', 2, 12, '"abc'), ('output x = (1', 2, 12, '('), ('let', 2, 4, ''), ('"""', 2, 1, '"""'),
])
def test_the_end_of_the_text(bgc, text, line, column, mark):
    (d, *more), plain = drawn(bgc, STACK + text)
    assert (d.line, d.column) == (str(line), str(column)) and d.marks[0][1] == mark, (d.marks, d.line, d.column)
    assert d.rows[0][0] <= 2 and 'found ``' not in json.dumps(plain)


@pytest.mark.parametrize('left, right', [('', LONG), (LONG, ''), (LONG, LONG), ('漢字' * 900, '漢字x' * 900), ('\t' * 300, 'x')])
def test_long_lines_are_cut_around_the_mark(bgc, left, right):
    (d,), _ = drawn(bgc, f'{STACK}output x = ["{left}", nowhere, "{right}"]\n')
    assert d.marks == [('^', 'nowhere', None)]
    shown = d.rows[0][1]
    assert sum(map(width, shown)) <= 96 + 6 and shown.startswith('...') == (left != '') and shown.endswith('...') == (len(right) > 99)


def test_labels_of_a_long_line(bgc):
    """In the piece that stands there already, if they fit into it; else with a piece of their own."""
    (d,), _ = drawn(bgc, f'{STACK}output x = "{LONG}" == "" and "漢" + 1 == 2 and "{LONG}" == ""\n')
    assert d.marks == [('^', '+', None), ('-', '"漢"', 'string'), ('-', '1', 'int')] and len(d.rows) == 1
    (d,), _ = drawn(bgc, f'{STACK}output x = "{LONG}" + 1\n')
    assert [m[::2] for m in d.marks] == [('^', None), ('-', 'string'), ('-', 'int')] and len(d.rows) == 3
    assert d.marks[0][1] == '+' and d.marks[2][1] == '1' and d.marks[1][1].startswith('"word word')


def test_uses_of_a_name_that_is_declared_nowhere(bgc):
    """People are shown the first, with where the others are; machines get them all."""
    bgc.write('m.bg', f'{STACK}output a = fleet + 1\noutput b = fleet * fleet\noutput c = fleeet\n'
                      'fn f(x: int): int = x + fleet\n' + ''.join(f'output d{i} = gone({i})\n' for i in range(9)))
    r = bgc('check', 'm.bg')
    assert r.err.count('error[') == 3, r
    assert '= note: and 3 more uses: lines 3 and 5' in r.err, r
    assert '= note: and 8 more uses, the next in lines 7, 8, 9, 10 and 11' in r.err, r
    assert bgc('check', '--github', 'm.bg').out.count('::error') == 3
    for form in ('--json', '--sarif'):
        assert sum('there is no `fleet` here' in line for line in bgc('check', form, 'm.bg').out.splitlines()) == 4


# ---- for machines ---------------------------------------------------------------------------

ODD = (STACK + 'output p = ["漢字🚀e\u0301", nowhere]\r\n'
       'output a = 1 + "100%: a,b"\n'
       'input\tr: int = {\n  a = 1\n}\n'
       'output e = nowhere2\n' + 'let unused = 1')


def test_github(bgc):
    """Workflow commands: of the message %, CR and LF are escaped, of a property : and , too."""
    name = 'a,b: 100%.bg'
    bgc.write(name, ODD)
    plain = bgc('check', '--json', name).json()
    r = bgc('check', '--github', name)
    lines = r.out.splitlines()
    assert len(lines) == len(plain) == 4
    for line, d in zip(lines, plain):
        level, properties, message = re.fullmatch(r'::(error|warning|notice) (.*?)::(.*)', line).groups()
        assert not re.search(r'%(?!25|0A|0D|3A|2C)', line) and '\t' not in message

        def undo(s, also=()):
            for code, c in (*also, ('%0D', '\r'), ('%0A', '\n'), ('%25', '%')):
                s = s.replace(code, c)
            return s
        p = {k: undo(v, (('%3A', ':'), ('%2C', ','))) for k, v in (x.split('=', 1) for x in properties.split(','))}
        assert p == {'file': name, 'line': str(d['line']), 'endLine': str(d['end_line']), 'col': str(d['column']),
                     'endColumn': str(d['end_column']), 'title': d['code']} and level == d['severity']
        said = [d['message'] + (f': {d["label"]}' if d['label'] else '')]
        said += [f'note: {n}' for n in d['notes']] + [f'help: {h}' for h in d['help']]
        assert undo(message) == '\n'.join(said)


def region_text(text, region):
    """What a SARIF region means, with columns in code points."""
    lines = text.split('\n')
    first, last = region['startLine'], region['endLine']
    if first == last:
        return lines[first - 1][region['startColumn'] - 1:region['endColumn'] - 1]
    return '\n'.join([lines[first - 1][region['startColumn'] - 1:], *lines[first:last - 1],
                      lines[last - 1][:region['endColumn'] - 1]])


def is_region(region):
    assert set(region) == {'startLine', 'startColumn', 'endLine', 'endColumn'}
    assert all(isinstance(v, int) and v >= 1 for v in region.values())
    assert (region['startLine'], region['startColumn']) <= (region['endLine'], region['endColumn'])


def is_location(location, uri):
    physical = location['physicalLocation']
    assert physical['artifactLocation'] == {'uri': uri}
    is_region(physical['region'])
    return physical['region']


def test_sarif(bgc):
    """SARIF 2.1.0: section 3 of the standard, as far as it is used."""
    name, uri = 'a,b: 100% ü.bg', 'a%2Cb%3A%20100%25%20%C3%BC.bg'
    text = ODD + '\noutput z = [for x in [1]: x\n'
    bgc.write(name, text)
    plain = bgc('check', '--json', name).json()
    log = bgc('check', '--sarif', name).json()
    assert set(log) == {'$schema', 'version', 'runs'} and log['version'] == '2.1.0' and 'sarif-2.1.0' in log['$schema']
    (run,) = log['runs']
    assert run['columnKind'] == 'unicodeCodePoints'
    driver = run['tool']['driver']
    assert driver['name'] == 'bgc' and driver['version'] and set(run) == {'tool', 'columnKind', 'results'}
    ids = [rule['id'] for rule in driver['rules']]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r'BG\d{4}', i) for i in ids)
    for rule in driver['rules']:
        assert rule['shortDescription']['text'] and rule['help']['text'] == f'bgc explain {rule["id"]}'
        assert rule['help']['markdown'] == (ROOT / 'docs' / 'errors' / f'{rule["id"]}.md').read_text()
        assert rule['defaultConfiguration']['level'] in ('none', 'note', 'warning', 'error')
    assert len(run['results']) == len(plain) > 4 and set(ids) == {r['ruleId'] for r in run['results']}
    marked = []
    for r, d in zip(run['results'], plain):
        assert r['ruleId'] == d['code'] == ids[r['ruleIndex']] and r['level'] == d['severity']
        assert r['message']['text'].startswith(d['message'])
        (location,) = r['locations']
        region = is_location(location, uri)
        assert [region[k] for k in ('startLine', 'startColumn', 'endLine', 'endColumn')] == \
            [d[k] for k in ('line', 'column', 'end_line', 'end_column')]
        marked.append(region_text(text, region).replace('\r', ''))
        assert [x['message']['text'] for x in r.get('relatedLocations', [])] == [x['text'] for x in d['labels']]
        for i, x in enumerate(r.get('relatedLocations', [])):
            assert x['id'] == i
            is_location(x, uri)
        for fix in r.get('fixes', []):
            assert fix['description']['text']
            (change,) = fix['artifactChanges']
            assert change['artifactLocation'] == {'uri': uri} and change['replacements']
            for x in change['replacements']:
                is_region(x['deletedRegion'])
                assert isinstance(x['insertedContent']['text'], str)
    assert {'nowhere', '+', '{\n  a = 1\n}', 'nowhere2'} <= set(marked), marked


def test_sarif_without_a_place_or_findings(bgc):
    bgc.write('m.bg', STACK)
    log = bgc('check', '--sarif', 'm.bg').json()
    assert log['runs'][0]['results'] == [] and log['runs'][0]['tool']['driver']['rules'] == []
    log = bgc('check', '--sarif', 'none.bg').json()
    (result,) = log['runs'][0]['results']
    assert result['level'] == 'error' and result['locations'] == [] and result['message']['text']


def test_json_of_any_bytes(bgc):
    """What is no UTF-8 in a source makes no broken document."""
    for odd in (b'\xff', b'\xc3', b'\xed\xa0\x80', b'\x00', b'\x1b[31m', b'\xe2\x80\xae', b'\xef\xbb\xbf', b'"\\ud800"'):
        (bgc.folder / 'm.bg').write_bytes(STACK.encode() + b'output x = "' + odd + b'" + nowhere' + odd + b'\n')
        for form in ('--json', '--sarif'):
            r = bgc('check', form, 'm.bg')
            assert r.code == 1 and json.loads(r.out), (odd, r)
        r = bgc('check', '--github', 'm.bg')
        assert r.code == 1 and all(x.startswith('::error ') or x.startswith('::warning ') for x in r.out.splitlines()), r
