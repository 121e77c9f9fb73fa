"""Framing, the life of a session, and input that no editor would send."""
import json

import pytest
from conftest import CAPABILITIES, Server, uri_of


def test_says_what_it_can_do(server):
    can = server.info['capabilities']
    assert server.info['serverInfo']['name'] == 'bgc'
    assert can['positionEncoding'] == 'utf-16'
    assert can['textDocumentSync']['change'] == 2
    for name in ('hover', 'definition', 'references', 'rename', 'completion', 'documentSymbol',
                 'documentFormatting', 'semanticTokens', 'codeAction', 'foldingRange'):
        assert can[name + 'Provider']


def test_utf8_is_taken_when_it_is_offered(start, tmp_path):
    wish = {**CAPABILITIES, 'general': {'positionEncodings': ['utf-16', 'utf-8']}}
    s = start(tmp_path, capabilities=wish)
    assert s.info['capabilities']['positionEncoding'] == 'utf-8'
    text = 'let a = "😀" + nope\n'
    uri = s.open('a.bg', text)
    at = s.settled(uri)[0]['range']['start']
    assert at == {'line': 0, 'character': len('let a = "😀" + '.encode())}


def test_exit_after_shutdown_is_0(server):
    server.ask('shutdown')
    server.tell('exit', None)
    assert server.p.wait(timeout=10) == 0


def test_exit_without_shutdown_is_1(server):
    server.tell('exit', None)
    assert server.p.wait(timeout=10) == 1


def test_the_end_of_input_without_shutdown_is_1(server):
    server.p.stdin.close()
    assert server.p.wait(timeout=10) == 1


def test_nothing_before_initialize(start, tmp_path):
    s = start(tmp_path, start=False)
    s.tell('textDocument/didOpen', {'textDocument': {'uri': 'file:///a.bg', 'version': 1, 'text': 'x'}})
    assert s.answer('textDocument/hover', {})['error']['code'] == -32002
    assert s.answer('shutdown')['error']['code'] == -32002
    assert 'capabilities' in s.ask('initialize', {'capabilities': {}})
    assert s.answer('initialize', {'capabilities': {}})['error']['code'] == -32600


def test_nothing_after_shutdown(server):
    server.ask('shutdown')
    assert server.answer('textDocument/hover', {})['error']['code'] == -32600


def test_unknown_methods(server):
    assert server.answer('textDocument/moveToTheMoon', {})['error']['code'] == -32601
    server.tell('$/setTrace', {'value': 'off'})
    server.tell('$/cancelRequest', {'id': 99})
    server.tell('no/such/notice', [1, 2])
    assert server.answer('shutdown')['result'] is None


@pytest.mark.parametrize('header', [
    b'Content-Length: %d\r\n\r\n', b'content-length:%d\r\n\r\n', b'Content-Length: %d\n\n',
    b'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n',
])
def test_headers_in_every_form(server, header):
    body = json.dumps({'jsonrpc': '2.0', 'id': 'x', 'method': 'shutdown'}).encode()
    server.raw(header % len(body) + body)
    assert server.next()['id'] == 'x'


def test_a_message_in_single_bytes(server):
    body = json.dumps({'jsonrpc': '2.0', 'id': 7, 'method': 'shutdown'}).encode()
    for b in b'Content-Length: %d\r\n\r\n' % len(body) + body:
        server.raw(bytes([b]))
    assert server.next()['id'] == 7


@pytest.mark.parametrize('bad', [
    b'Content-Length: 5\r\n\r\n{"id"', b'Content-Length: 4\r\n\r\n\xff\xfe\x00\x01',
    b'Content-Length: x\r\n\r\n', b'Content-Length: -3\r\n\r\n', b'Content-Length: 0\r\n\r\n',
    b'Content-Length: 99999999999999999999999\r\n\r\n', b'Hello: you\r\n\r\n', b'\r\n\r\n', b'{}\n\n',
    b'Content-Length: 13\r\n\r\n"\\ud800 lone"', b'Content-Length: 2\r\n\r\n{}',
    b'Content-Length: 2\r\n\r\n[]', b'Content-Length: 4\r\n\r\nnull', b'Content-Length: 2\r\n\r\n42',
    b'Content-Length: 13\r\n\r\n{"method": 3}', b'Content-Length: 23\r\n\r\n{"id": [1], "method": 1}'[:-1],
    b'x' * 20000,
])
def test_a_bad_message_is_answered_and_the_next_one_heard(start, tmp_path, bad):
    s = start(tmp_path)
    s.raw(bad)
    body = json.dumps({'jsonrpc': '2.0', 'id': 'next', 'method': 'workspace/none'}).encode()
    s.raw(b'Content-Length: %d\r\n\r\n' % len(body) + body)
    first = s.next()
    assert first['id'] is None and first['error']['code'] in (-32700, -32600), first
    while first.get('id') != 'next':
        first = s.next()
    assert first['error']['code'] == -32601


@pytest.mark.parametrize('params', [
    None, [], {}, 3, {'textDocument': None}, {'textDocument': {'uri': 5}},
    {'textDocument': {'uri': 'file:///not/open.bg'}, 'position': {'line': 0, 'character': 0}},
])
def test_requests_without_their_parameters(shop, params):
    for method in ('hover', 'completion', 'rename', 'formatting', 'rangeFormatting', 'codeAction',
                   'semanticTokens/full', 'documentSymbol', 'signatureHelp'):
        m = shop.answer('textDocument/' + method, params)
        assert m['error']['code'] == -32602, m
    for method in ('didOpen', 'didChange', 'didClose', 'didSave'):
        shop.tell('textDocument/' + method, params)
    assert shop.settled(shop.uri) == []


@pytest.mark.parametrize('at', [{}, {'line': -1, 'character': 0}, {'line': 'x', 'character': 0}, {'line': 1}])
def test_bad_positions(shop, at):
    m = shop.answer('textDocument/hover', {'textDocument': {'uri': shop.uri}, 'position': at})
    assert m['error']['code'] == -32602


def test_positions_beyond_the_end(shop):
    for at in ({'line': 10 ** 9, 'character': 0}, {'line': 2, 'character': 10 ** 12},
               {'line': 4294967297, 'character': 4294967297}):
        for method in ('hover', 'completion', 'definition', 'references', 'signatureHelp', 'prepareRename'):
            shop.ask('textDocument/' + method, {'textDocument': {'uri': shop.uri}, 'position': at})


def test_an_answer_to_nothing_is_ignored(server):
    server.send({'id': 5, 'result': None})
    server.send({'id': 6, 'error': {'code': 1, 'message': 'no'}})
    assert server.answer('shutdown')['result'] is None


def test_asks_to_be_told_of_files(start, tmp_path):
    wish = {**CAPABILITIES, 'workspace': {'didChangeWatchedFiles': {'dynamicRegistration': True}}}
    s = start(tmp_path, capabilities=wish)
    m = s.next()
    assert m['method'] == 'client/registerCapability'
    assert m['params']['registrations'][0]['method'] == 'workspace/didChangeWatchedFiles'


def test_stdio_may_be_said(start, tmp_path):
    assert start(tmp_path, arguments=['--stdio']).info['serverInfo']['name'] == 'bgc'


def test_documents_that_are_no_files(server):
    text = 'stack s {\n  region = "eu-west-1"\n}\nlet a = b\nlet b = 3\nassert a == 4: "no"\n'
    uri = server.open('', text, uri='untitled:Untitled-1')
    assert [d['code'] for d in server.settled(uri)] == [d['code'] for d in server.settled(uri)]
    at = server.at('definition', uri, text, 'a = b|')
    assert at['uri'] == uri and at['range']['start'] == {'line': 4, 'character': 4}


def test_names_of_files_with_blanks_and_accents(server):
    uri = server.open('mein büro/a b%.bg', 'let a = nope\n')
    assert '%20' in uri and '%C3' in uri
    assert [d['code'] for d in server.settled(uri)] == ['BG1001']
