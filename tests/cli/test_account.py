"""Accounts that are not there, not ours, or not to be written to."""
import http.server
import json
import socket
import threading

import pytest

KEYS = {'AWS_ACCESS_KEY_ID': 'AKIAIOSFODNN7EXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'c2VjcmV0c2VjcmV0'}


@pytest.fixture
def refusing():
    """An address at which nobody listens."""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    port = s.getsockname()[1]
    s.close()
    return f'http://127.0.0.1:{port}'


@pytest.fixture
def answering():
    """A server that answers every request with `server.reply`."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get('Content-Length', 0)))
            status, body = self.server.reply
            self.server.asked += 1
            self.send_response(status)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())
        do_GET = do_PUT = do_DELETE = do_POST

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.asked = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def at(server):
    return {**KEYS, 'AWS_ENDPOINT_URL': f'http://127.0.0.1:{server.server_address[1]}'}


def test_no_credentials(shop):
    r = shop('plan', env={'AWS_ENDPOINT_URL': 'http://127.0.0.1:9'})
    assert r.code == 1 and 'credentials' in r.err


@pytest.mark.parametrize('command', ['plan', 'status', 'drift', 'whoami'])
def test_an_endpoint_that_refuses(shop, refusing, command):
    r = shop(command, env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
    assert r.code == 1 and 'error[BG5' in r.err


def test_a_profile_that_is_not_there(shop, refusing):
    r = shop('plan', '--profile', 'nobody', env={'AWS_ENDPOINT_URL': refusing})
    assert r.code == 1 and 'nobody' in r.err


def test_credentials_that_are_refused(shop, answering):
    answering.reply = 403, ('<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>'
                            '<Message>The security token\x1b[31m is invalid</Message></Error></ErrorResponse>')
    r = shop('plan', env=at(answering))
    assert r.code == 1 and 'error[BG5' in r.err
    assert '\x1b' not in r.all and KEYS['AWS_SECRET_ACCESS_KEY'] not in r.all


def test_somebody_elses_account(shop, answering):
    answering.reply = 200, ('<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::999999999999:user/x'
                            '</Arn><UserId>x</UserId><Account>999999999999</Account></GetCallerIdentityResult>'
                            '</GetCallerIdentityResponse>')
    r = shop('plan', env=at(answering))
    assert r.code == 7 and 'BG5103' in r.err and '999999999999' in r.err
    assert answering.asked == 1  # nothing beyond that was asked


@pytest.mark.parametrize('body', ['', 'hello', '<html>', '<a>' * 2000, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'])
def test_replies_that_are_no_replies(shop, answering, body):
    answering.reply = 200, body
    r = shop('plan', env=at(answering))
    assert r.code == 1 and 'error[' in r.err


def test_json_also_when_it_fails(shop, refusing):
    r = shop('plan', '--json', env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
    assert r.code == 1
    doc = json.loads(r.out)
    assert doc['diagnostics'][0]['code'].startswith('BG5') and r.err == ''


def test_two_regions(shop, refusing):
    r = shop('plan', '--region', 'us-east-1', env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
    assert r.code == 7 and 'BG6206' in r.err


def test_a_folder_is_no_pipelines_store(shop, refusing):
    text = (shop.folder / 'shop.bg').read_text()
    shop.write('shop.bg', text.replace('  store   = "s3://acme-bgc-state"\n', ''))
    r = shop('apply', '--yes', env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
    assert r.code == 7 and 'BG6202' in r.err
    assert shop('apply', '--yes', '--sandbox').code == 0


@pytest.mark.parametrize('command', ['apply', 'destroy'])
def test_nobody_at_a_terminal(shop, refusing, command):
    for more in ([], ['--sandbox']):
        r = shop(command, *more, env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
        assert r.code == 1 and 'BG0907' in r.err and '--yes' in r.err


# ---- the sandbox account's file ---------------------------------------------------------

def test_truncated_sandbox_file(shop, blue):
    text = blue.read_text()
    for n in (0, 1, 100, len(text) // 2, len(text) - 2):
        path = shop.write('cut.json', text[:n])
        r = shop('plan', '--sandbox=cut.json')
        assert r.code == 1 and 'cut.json' in r.err, (n, r)
        assert path.read_text() == text[:n]  # it is left as it is


@pytest.mark.parametrize('text', ['[]', '{}', '{"format": "9"}', 'null', '{"bgc_sandbox": 1, "objects": 5}', '\0'])
def test_foreign_sandbox_file(shop, text):
    shop.write('cut.json', text)
    assert shop('plan', '--sandbox=cut.json').code == 1


def test_sandbox_in_a_folder_that_is_not_there(shop):
    r = shop('plan', '--sandbox=nowhere/a.json')
    assert r.code == 1 and 'nowhere' in r.err


def test_only_the_sandbox_can_be_moved_on(shop, refusing):
    r = shop('tick', '--after', '1h', env={**KEYS, 'AWS_ENDPOINT_URL': refusing})
    assert r.code == 1 and 'BG0908' in r.err


# ---- the store ----------------------------------------------------------------------------

def test_a_bucket_of_somebody_else(bgc, answering):
    """Names of buckets are everybody's: AWS says 403 of those that are another account's."""
    bgc.write('a.bg', 'stack a { region = "eu-west-1", store = "s3://taken/x" }\n')
    answering.reply = (403, '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>')
    r = bgc('init', '--yes', env=at(answering))
    assert r.code == 7 and 'BG6211' in r.err and 'take another one' in r.err and 'nothing was changed' in r.err, r
    assert answering.asked == 1


def test_a_bucket_is_not_made_in_another_account(bgc, answering):
    bgc.write('a.bg', 'stack a { region = "eu-west-1", account = "123456789012", store = "s3://mine/x" }\n')
    answering.reply = (200, '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999</Account>'
                            '<Arn>arn:aws:iam::999999999999:user/x</Arn></GetCallerIdentityResult>'
                            '</GetCallerIdentityResponse>')
    r = bgc('init', '--yes', env=at(answering))
    assert r.code == 7 and 'BG5103' in r.err, r
    assert answering.asked == 1
