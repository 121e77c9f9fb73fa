"""`use "https://..."`: copied and pinned by `bgc lock update`, and by nothing else."""
import hashlib
import http.server
import os
import ssl
import subprocess
import threading

import pytest

STACK = 'stack s { region = "eu-west-1", store = "s3://state" }\n'


class Host(http.server.ThreadingHTTPServer):
    """Files by path; what was asked for, in order."""
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.files, self.asked = {}, []
        self.url = f'http://127.0.0.1:{self.server_port}'
        self.folder = f'vendor/127.0.0.1_{self.server_port}'


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        what = self.server.files.get(self.path, (404, {}, b'no'))
        if isinstance(what, str):
            what = (200, {}, what.encode())
        status, headers, body = what
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def host():
    server = Host()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sha(text):
    return 'sha256:' + hashlib.sha256(text.encode()).hexdigest()


TIER = 'use "./parts/names.bg" = names\nmodule tier(name: string) {\n  out label = names.label(name)\n}\n'
NAMES = 'fn label(name: string): string = "tier-${name}"\n'


@pytest.fixture
def using(bgc, host):
    host.files = {'/1.2/tier.bg': TIER, '/1.2/parts/names.bg': NAMES}
    bgc.write('main.bg', STACK + f'use "{host.url}/1.2/tier.bg" = tier\n'
              'shared {\n  resource t: tier { name = "a" }\n}\noutput label = t.label\ntest "it is used" { expect t.label == "tier-a" }\n')
    return bgc


def test_copied_pinned_and_used(using, host):
    url = f'{host.url}/1.2/tier.bg'
    r = using('check')
    assert r.code == 1 and f'`bgc lock update {url}`' in r.err and host.asked == []
    r = using('lock', 'update', url)
    assert r.code == 0 and r.err == '', r
    assert r.out.splitlines() == [
        f'{url}: nothing -> {sha(TIER)[:19]}, in {host.folder}/1.2/tier.bg',
        f'{host.url}/1.2/parts/names.bg: nothing -> {sha(NAMES)[:19]}, in {host.folder}/1.2/parts/names.bg']
    assert (using.folder / host.folder / '1.2/tier.bg').read_text() == TIER
    lock = (using.folder / 'bgc.lock').read_text()
    assert lock.splitlines()[1:] == [f'"{url}" = "{sha(TIER)}"', f'"{host.url}/1.2/parts/names.bg" = "{sha(NAMES)}"']
    host.asked.clear()
    r = using('check')
    assert r.code == 0 and r.err == '', r
    assert using('test').code == 0 and using('plan', '--sandbox').code == 0 and host.asked == []


def test_again_and_moved(using, host):
    url = f'{host.url}/1.2/tier.bg'
    using.write('bgc.lock', f'# mine\nshared.image = "ami-1"   # base\n"{url}" = "sha256:0"   # tier\nweb.b = "ami-2"\n')
    assert using('lock', 'update', url).code == 0
    assert (using.folder / 'bgc.lock').read_text().splitlines() == [
        '# mine', 'shared.image = "ami-1"   # base', f'"{url}" = "{sha(TIER)}"   # tier', 'web.b = "ami-2"',
        f'"{host.url}/1.2/parts/names.bg" = "{sha(NAMES)}"']
    before = (using.folder / 'bgc.lock').read_text()
    r = using('lock', 'update', url)
    assert r.code == 0 and r.out.count(' stays sha256:') == 2
    assert (using.folder / 'bgc.lock').read_text() == before
    host.files['/1.2/parts/names.bg'] = NAMES + '# more\n'
    r = using('lock', 'update', url)
    assert f'{sha(NAMES)[:19]} -> {sha(NAMES + "# more" + chr(10))[:19]}' in r.out
    assert using('check').code == 0


def test_an_edited_copy_is_seen(using, host):
    url = f'{host.url}/1.2/tier.bg'
    using('lock', 'update', url)
    copy = using.folder / host.folder / '1.2/parts/names.bg'
    copy.write_text(NAMES.replace('tier-', 'mine-'))
    r = using('check')
    assert r.code == 1 and r.err.count('error[') == 1 and 'error[BG0112]' in r.err
    copy.unlink()
    r = using('check')
    assert r.code == 1 and 'its copy is not here' in r.err
    assert using('lock', 'update', url).code == 0 and using('check').code == 0


@pytest.mark.parametrize('answer, says', [
    ((404, {}, b''), 'status 404'),
    ((503, {}, b''), 'status 503'),
    ((302, {'Location': 'https://elsewhere.example/tier.bg\x07'}, b''), 'it has moved to https://elsewhere.example/tier.bg\\u{7}; write that'),
    ((200, {}, b'<html>log in</html>'), 'what is there is no module'),
    ((200, {}, b'let x = "\xff\xfe"\n'), 'what is there is no module'),
    ((200, {}, b'# ' + b'x' * (1 << 20)), 'longer than 1 MiB'),
])
def test_what_is_no_module(using, host, answer, says):
    host.files['/1.2/parts/names.bg'] = answer
    r = using('lock', 'update', f'{host.url}/1.2/tier.bg')
    assert r.code == 1 and 'error[BG6213]' in r.err and says in r.err, r
    assert not (using.folder / 'vendor').exists() and not (using.folder / 'bgc.lock').exists()


def test_nobody_there(using, host):
    host.shutdown()
    host.server_close()
    r = using('lock', 'update', f'{host.url}/1.2/tier.bg')
    assert r.code == 1 and 'error[BG6213]' in r.err, r


def test_which_address(using, host):
    r = using('lock', 'update', f'{host.url}/1.2/teir.bg')
    assert r.code == 1 and 'does not use' in r.err and f'did you mean `{host.url}/1.2/tier.bg`?' in r.err
    assert host.asked == []
    using.write('main.bg', STACK + 'let x = \n')
    r = using('lock', 'update', f'{host.url}/1.2/tier.bg')
    assert r.code == 1 and 'error[BG00' in r.err and 'does not use' not in r.err
    using.write('main.bg', STACK)
    r = using('lock', 'update', 'https://example.com/tier.bg?ref=1')
    assert r.code == 1 and 'does not use' in r.err


def test_it_reads_nothing_of_the_program(using, host):
    using.write('secret.txt', 'geheim')
    host.files['/1.2/tier.bg'] = 'module tier(name: string) {\n  out label = file("secret.txt")\n}\n'
    assert using('lock', 'update', f'{host.url}/1.2/tier.bg').code == 0
    r = using('check')
    assert r.code == 1 and 'error[BG0102]: a module from elsewhere reads no file of this program' in r.err
    assert 'geheim' not in r.all
    # nor through a link, a path that it is handed, or an import
    host.files['/1.2/tier.bg'] = 'module tier(name: string) {\n  out label = file(name)\n}\n'
    using.write('main.bg', (using.folder / 'main.bg').read_text().replace('"a"', '"secret.txt"'))
    assert using('lock', 'update', f'{host.url}/1.2/tier.bg').code == 0
    r = using('check')
    assert r.code == 1 and r.err.count('error[BG0102]') == 1 and 'geheim' not in r.all, r
    host.files['/1.2/tier.bg'] = 'use "../../main.bg" = m\n' + TIER
    assert using('lock', 'update', f'{host.url}/1.2/tier.bg').code == 0
    r = using('check')
    assert r.code == 1 and 'error[BG0102]: "../../main.bg" is outside of' in r.err, r


def test_vendor_that_leads_elsewhere(using, host, tmp_path_factory):
    other = tmp_path_factory.mktemp('other')
    os.symlink(other, using.folder / 'vendor')
    r = using('lock', 'update', f'{host.url}/1.2/tier.bg')
    assert r.code == 1 and 'is a link to somewhere else' in r.err
    assert not [p for p in other.rglob('*') if p.is_file()] and not (using.folder / 'bgc.lock').exists()


def test_a_circle(bgc, host):
    host.files = {'/a.bg': 'use "./b.bg" = b\n', '/b.bg': f'use "{host.url}/a.bg" = a\n'}
    bgc.write('main.bg', STACK + f'use "{host.url}/a.bg" = a\n')
    assert bgc('lock', 'update', f'{host.url}/a.bg').code == 0 and host.asked == ['/a.bg', '/b.bg']
    r = bgc('check')
    assert r.code == 1 and 'error[BG0103]' in r.err and r.err.count('error[') == 1


def test_an_endless_chain(bgc, host):
    host.files = {f'/{i}.bg': f'use "./{i + 1}.bg" = n\n' for i in range(200)}
    bgc.write('main.bg', STACK + f'use "{host.url}/0.bg" = a\n')
    r = bgc('lock', 'update', f'{host.url}/0.bg')
    assert r.code == 1 and 'more than 100 files' in r.err and len(host.asked) == 100
    assert not (bgc.folder / 'vendor').exists()


def test_over_tls(bgc, host, tmp_path):
    """Its certificate is verified against the authorities that are trusted."""
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-keyout', tmp_path / 'key', '-out', tmp_path / 'pem', '-days', '2', '-subj', '/CN=modules.example',
                    '-addext', 'subjectAltName=DNS:modules.example'], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / 'pem', tmp_path / 'key')
    host.socket = tls.wrap_socket(host.socket, server_side=True)
    host.files = {'/names.bg': NAMES}
    url = 'https://modules.example/names.bg'
    bgc.write('main.bg', STACK + f'use "{url}" = names\noutput label = names.label("a")\n')
    env = {'BGC_CONNECT_TO': f'modules.example:443:127.0.0.1:{host.server_port}'}
    r = bgc('lock', 'update', url, env=env)
    assert r.code == 1 and 'error[BG6213]' in r.err and not (bgc.folder / 'vendor').exists(), r
    r = bgc('lock', 'update', url, env={**env, 'AWS_CA_BUNDLE': str(tmp_path / 'pem')})
    assert r.code == 0, r
    assert (bgc.folder / 'vendor/modules.example/names.bg').read_text() == NAMES and bgc('check').code == 0
