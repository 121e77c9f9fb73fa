"""What is wrong, as it is typed; and that it goes away when it is mended."""
import pathlib

import pytest
from conftest import CAPABILITIES, applied, position, uri_of

GOOD = '''stack s {
  region = "eu-west-1"
  store  = "s3://bucket/x"
}
let a = 1
output b = a
'''


def codes(list_):
    return [d['code'] for d in list_]


def test_a_mistake_appears_and_goes_away(server):
    uri = server.open('a.bg', GOOD)
    assert server.settled(uri) == []
    server.change(uri, GOOD.replace('= a\n', '= nope\n'))
    found = server.settled(uri)
    assert codes(found) == ['BG1001']
    assert found[0]['severity'] == 1 and found[0]['source'] == 'bgc'
    assert found[0]['range'] == {'start': {'line': 5, 'character': 11}, 'end': {'line': 5, 'character': 15}}
    server.change(uri, GOOD)
    assert server.settled(uri) == []


def test_the_version_is_said(server):
    uri = server.open('a.bg', GOOD)
    server.change(uri, GOOD + 'let c = d\n')
    while True:
        m = server.next()
        if m.get('method') == 'textDocument/publishDiagnostics' and m['params']['version'] == 2:
            break
    assert codes(m['params']['diagnostics']) == ['BG1001']


def test_help_labels_pages_and_tags(shop):
    shop.change(shop.uri, shop.text.replace('drain  = 30s', 'drian  = 30s'))
    d = shop.settled(shop.uri)[0]
    assert 'did you mean `drain`?' in d['message']
    page = pathlib.Path(d['codeDescription']['href'].removeprefix('file://'))
    assert page.read_text().startswith('# BG1005')
    shop.change(shop.uri, shop.text.replace('let host', 'let host = 1\nlet host'))
    d = next(d for d in shop.settled(shop.uri) if d['code'] == 'BG1002')
    label = d['relatedInformation'][0]
    assert label['message'] == 'first declared here' and label['location']['uri'] == shop.uri
    shop.change(shop.uri, shop.text + 'let idle = 3\n')
    d = shop.settled(shop.uri)[0]
    assert d['code'] == 'BG7001' and d['severity'] == 2 and d['tags'] == [1]


def test_editors_that_can_less_get_it_in_words(start, tmp_path):
    s = start(tmp_path, capabilities={})
    uri = s.open('a.bg', GOOD + 'let a = 2\n')
    d = s.settled(uri)[0]
    assert 'first declared here' in d['message']
    assert not {'relatedInformation', 'tags', 'codeDescription'} & set(d)


def test_a_module_is_checked_by_itself(server):
    uri = server.open('lib.bg', 'fn f(a: int): int = a + x\nlet y = "a" + 1\n')
    assert sorted(codes(server.settled(uri))) == sorted(['BG1001', codes(server.settled(uri))[-1]])
    assert 'BG0104' not in codes(server.settled(uri)), 'a library needs no stack'


def test_imports_see_what_is_not_saved(server):
    (server.folder / 'lib.bg').write_text('let limit = 5\n')
    root = server.open('a.bg', 'use "./lib.bg" = lib\n' + GOOD + 'output c = lib.limit\n')
    assert server.settled(root) == []
    lib = server.open('lib.bg', 'let limit = 5\n')
    server.change(lib, 'let bound = 5\n')
    assert codes(server.settled(root)) == ['BG1005']
    server.close(lib)
    assert server.settled(root) == [], 'the file on the disk counts again'


def test_mistakes_in_an_imported_file_are_shown_there(server):
    (server.folder / 'sub').mkdir()
    (server.folder / 'sub' / 'lib.bg').write_text('let limit = 5 + "a"\n')
    root = server.open('a.bg', 'use "./sub/lib.bg" = lib\n' + GOOD + 'output c = lib.limit\n')
    assert server.settled(root) == []
    lib = uri_of(server.folder / 'sub' / 'lib.bg')
    assert len(server.diagnostics[lib]) == 1


def test_a_module_is_seen_with_the_program_that_imports_it(server):
    (server.folder / 'a.bg').write_text('use "./sub/lib.bg" = lib\n' + GOOD + 'output c = lib.limit\n')
    (server.folder / 'sub').mkdir()
    lib = server.open('sub/lib.bg', 'use "../other.bg" = other\nlet limit = other.x\n')
    assert codes(server.settled(lib)) == ['BG0101'], 'not: outside the folder'
    (server.folder / 'other.bg').write_text('let x = 5\n')
    server.tell('workspace/didChangeWatchedFiles', {'changes': []})
    assert server.settled(lib) == []


def test_an_import_that_is_added_later(server):
    (server.folder / 'sub').mkdir()
    lib = server.open('sub/lib.bg', 'use "../other.bg" = other\nlet limit = other.x\n')
    assert codes(server.settled(lib)) == ['BG0102']
    (server.folder / 'other.bg').write_text('let x = 5\n')
    root = server.open('a.bg', GOOD)
    server.change(root, 'use "./sub/lib.bg" = lib\n' + GOOD + 'output c = lib.limit\n')
    assert server.settled(lib) == [] and server.settled(root) == []


def test_several_programs_at_once(server):
    one = server.open('one.bg', GOOD)
    two = server.open('two.bg', GOOD.replace('= a\n', '= x\n'))
    assert server.settled(one) == [] and codes(server.settled(two)) == ['BG1001']
    server.change(one, GOOD.replace('= a\n', '= y\n'))
    server.change(two, GOOD)
    assert codes(server.settled(one)) == ['BG1001'] and server.settled(two) == []
    server.close(one)
    assert server.settled(one) == [], 'what is closed is not shown'


def test_environments(server):
    (server.folder / 'a.bg').write_text('input size: "a" | "b" = "a"\ninput n: 1..3 = 1\n' + GOOD +
                                        'output c = size\noutput d = n\n')
    env = server.open('env/stage.bg', 'size = "b"\nn = 2\n')
    assert server.settled(env) == []
    server.change(env, 'size = "c"\nm = 2\n')
    found = server.settled(env)
    assert len(found) == 2 and [d['range']['start']['line'] for d in found] in ([0, 1], [1, 0])


def test_tests_beside_a_program(server):
    (server.folder / 'a.bg').write_text(GOOD)
    uri = server.open('a.test.bg', 'test "a is 1" {\n  expect a == 1\n}\n')
    assert server.settled(uri) == []
    server.change(uri, 'test "a is 1" {\n  expect aa == 1\n}\n')
    assert codes(server.settled(uri)) == ['BG1001']


@pytest.mark.parametrize('end', ['\n', '\r\n'])
def test_places_in_utf16(server, end):
    text = 'let a = "aé漢😀" + b' + end + '\tlet c = "😀😀" + d' + end
    uri = server.open('a.bg', text)
    at = [(d['range']['start']['line'], d['range']['start']['character']) for d in server.settled(uri)]
    assert at == [(0, 18), (1, 18)]


@pytest.mark.parametrize('encoding', ['utf-16', 'utf-8'])
def test_incremental_edits_in_every_place(start, tmp_path, encoding):
    """The server's text after many edits is the editor's: it is asked to format it."""
    s = start(tmp_path, capabilities={**CAPABILITIES, 'general': {'positionEncodings': [encoding]}})
    text = 'let a = "😀é漢"\r\nlet b = 1 # ünï\n\n\tlet c = [1,\n 2]\n'
    uri = s.open('a.bg', text)

    def pos(at):
        line = text.count('\n', 0, at)
        piece = text[text.rfind('\n', 0, at) + 1:at]
        return {'line': line, 'character': len(piece.encode('utf-16-le')) // 2 if encoding == 'utf-16'
                else len(piece.encode())}
    pieces = ['', 'x', '😀', '\n', '\r\n', 'é" ', '# ', '"']
    seed = 7
    for _ in range(300):
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        start_at = seed % (len(text) + 1)
        end_at = min(len(text), start_at + seed // 7 % 4)
        if text[start_at - 1:start_at + 1] == '\r\n' or text[end_at - 1:end_at + 1] == '\r\n':
            continue
        new = pieces[seed // 64 % len(pieces)]
        s.change(uri, {'range': {'start': pos(start_at), 'end': pos(end_at)}, 'text': new})
        text = text[:start_at] + new + text[end_at:]
    s.change(uri, {'range': {'start': {'line': 0, 'character': 0}, 'end': {'line': 0, 'character': 0}},
                   'text': 'let first = 1 +\n'})
    text = 'let first = 1 +\n' + text
    # The whole text, as its tokens: each must be there, of its own length.
    data = s.ask('textDocument/semanticTokens/full', {'textDocument': {'uri': uri}})['data']
    lines = [line.rstrip('\r') for line in text.replace('\r\n', '\n').split('\n')]
    line = character = 0
    for k in range(0, len(data), 5):
        line += data[k]
        character = data[k + 1] + (character if data[k] == 0 else 0)
        width = len(lines[line].encode('utf-16-le')) // 2 if encoding == 'utf-16' else len(lines[line].encode())
        assert character + data[k + 2] <= width, (line, lines[line])
    uri2 = s.open('b.bg', text)
    a, b = s.settled(uri), s.settled(uri2)
    assert [d['range'] for d in a] == [d['range'] for d in b]


def test_changes_in_one_message_are_made_in_order(server):
    uri = server.open('a.bg', 'let a = 1\n')
    server.change(uri, {'range': {'start': {'line': 0, 'character': 8}, 'end': {'line': 0, 'character': 9}},
                        'text': 'bb'},
                  {'range': {'start': {'line': 0, 'character': 9}, 'end': {'line': 0, 'character': 10}},
                   'text': 'cd'})
    d = server.settled(uri)[0]
    assert '`bcd`' in d['message']


def test_quick_fixes(shop):
    text = shop.text.replace('drain  = 30s', 'drian  = 30s').replace('= "required"', '= "requird"')
    shop.change(shop.uri, text)
    found = shop.settled(shop.uri)
    assert len(found) == 2
    at = found[0]['range']
    actions = shop.ask('textDocument/codeAction', {'textDocument': {'uri': shop.uri}, 'range': at,
                                                   'context': {'diagnostics': [found[0]]}})
    quick = [a for a in actions if a['kind'] == 'quickfix']
    assert len(quick) == 1 and quick[0]['isPreferred'] and quick[0]['diagnostics'] == [found[0]]
    every = next(a for a in actions if a['kind'] == 'source.fixAll')
    text = applied(text, every['edit']['changes'][shop.uri])
    assert text == shop.text
    only = shop.ask('textDocument/codeAction', {'textDocument': {'uri': shop.uri}, 'range': at,
                                                'context': {'diagnostics': [], 'only': ['refactor']}})
    assert only == []


def test_no_fixes_where_nothing_is_wrong(shop):
    assert shop.settled(shop.uri) == []
    whole = {'start': position(shop.text, 0), 'end': position(shop.text, len(shop.text))}
    assert shop.ask('textDocument/codeAction', {'textDocument': {'uri': shop.uri}, 'range': whole,
                                                'context': {'diagnostics': []}}) == []
