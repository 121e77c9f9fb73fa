"""The credentials chain: every place, its order, its errors. Loopback only."""
import datetime
import http.server
import json
import os
import stat
import threading
import urllib.parse

import pytest

REGION = 'eu-west-1'


def iso(seconds):
    t = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return t.strftime('%Y-%m-%dT%H:%M:%SZ')


class Server(http.server.ThreadingHTTPServer):
    """Answers by a table of (method, path) -> (status, body, headers) or a function."""
    daemon_threads = True

    def __init__(self):
        self.table, self.seen = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *a):
                pass

            def answer(self):
                n = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(n).decode()
                path = self.path.partition('?')[0]
                outer.seen.append((self.command, self.path, dict(self.headers), body))
                how = outer.table.get((self.command, path), (404, 'not here'))
                if callable(how):
                    how = how(self.headers, body)
                status, text = how
                data = text.encode()
                self.send_response(status)
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            do_GET = do_POST = do_PUT = answer
        super().__init__(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.server_port}'


@pytest.fixture
def server():
    s = Server()
    yield s
    s.shutdown()
    s.server_close()


@pytest.fixture
def home(tmp_path):
    (tmp_path / '.aws').mkdir()
    return tmp_path


def sts(server, key='ASIAROLE'):
    """An STS that grants any role; remembers what it was asked."""
    def grant(headers, body):
        form = dict(urllib.parse.parse_qsl(body))
        op = form['Action']
        return 200, (f'<{op}Response><{op}Result><Credentials><AccessKeyId>{key}</AccessKeyId>'
                     f'<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>'
                     f'<Expiration>{iso(3600)}</Expiration></Credentials></{op}Result></{op}Response>')
    server.table['POST', '/'] = grant
    return server


def origin(probe, env, account=None, **more):
    probe.open(dict({'AWS_EC2_METADATA_DISABLED': 'true'}, **env), region=REGION, **more)
    got = probe.ask(do='check', account=account) if account else probe.ask(do='check')
    if not got['ok']:
        return '\n'.join(got['diagnostics'])
    return (probe.ask(do='origin', account=account) if account else probe.ask(do='origin'))['origin']


def write(home, config='', credentials=''):
    (home / '.aws/config').write_text(config)
    (home / '.aws/credentials').write_text(credentials)
    return {'HOME': str(home)}


KEYS = {'AWS_ACCESS_KEY_ID': 'AKIDENV', 'AWS_SECRET_ACCESS_KEY': 's'}


def test_nothing_names_every_place(probe, home):
    said = origin(probe, {'HOME': str(home)})
    assert said.startswith('BG5101: no AWS credentials were found')
    for place in ('environment: AWS_ACCESS_KEY_ID', 'profile default', str(home / '.aws/config'),
                  'web identity: AWS_ROLE_ARN', 'container: AWS_CONTAINER', 'instance metadata: AWS_EC2_METADATA_DISABLED'):
        assert place in said, said
    reply = probe.call('sts', 'GetCallerIdentity')
    assert reply['code'] == 'bgc:Credentials' and 'AWS_ACCESS_KEY_ID' in reply['message']


def test_environment_comes_first(probe, home):
    env = write(home, credentials='[default]\naws_access_key_id = A\naws_secret_access_key = B\n')
    assert origin(probe, dict(env, **KEYS)) == 'environment variables'
    assert origin(probe, env) == 'profile default, static keys'
    assert origin(probe, dict(env, **KEYS), profile='default') == 'profile default, static keys'


def test_half_an_environment(probe):
    assert 'BG5102: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not' in \
        origin(probe, {'AWS_ACCESS_KEY_ID': 'A'})


def test_expired_environment(probe):
    assert 'BG5104' in origin(probe, dict(KEYS, AWS_CREDENTIAL_EXPIRATION=iso(-5)))


def test_missing_profile(probe, home):
    said = origin(probe, dict(write(home), AWS_PROFILE='prod'))
    assert 'BG5102: there is no profile prod' in said


def test_profile_files(probe, home):
    env = write(home, config='[profile prod]\nregion = us-west-2 # here\naws_access_key_id=FROMCONFIG\n'
                             'aws_secret_access_key = x\n',
                credentials='[prod]\naws_access_key_id = A\naws_secret_access_key = B\n')
    assert origin(probe, dict(env, AWS_PROFILE='prod')) == 'profile prod, static keys'
    elsewhere = home / 'other'
    elsewhere.write_text('[default]\naws_access_key_id = A\naws_secret_access_key = B\n')
    assert origin(probe, {'AWS_SHARED_CREDENTIALS_FILE': str(elsewhere)}) == 'profile default, static keys'


def test_role_over_source_profile(probe, home, server):
    sts(server)
    env = write(home, config='[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = B\n'
                             '[profile prod]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n'
                             'external_id = ext/1\nrole_session_name = me\n')
    env.update(AWS_PROFILE='prod', AWS_ENDPOINT_URL_STS=server.url)
    assert origin(probe, env) == 'profile prod, role arn:aws:iam::1:role/r'
    form = dict(urllib.parse.parse_qsl(server.seen[0][3]))
    assert (form['Action'], form['RoleArn'], form['ExternalId'], form['RoleSessionName']) == \
        ('AssumeRole', 'arn:aws:iam::1:role/r', 'ext/1', 'me')
    assert 'Credential=AKIDBASE/' in server.seen[0][2]['Authorization']
    assert f'/{REGION}/sts/aws4_request' in server.seen[0][2]['Authorization']


def test_chain_of_profiles_and_circles(probe, home, server):
    sts(server)
    env = write(home, config='[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n'
                             '[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = c\n'
                             '[profile c]\naws_access_key_id = K\naws_secret_access_key = B\n'
                             '[profile x]\nrole_arn = r\nsource_profile = y\n'
                             '[profile y]\nrole_arn = r\nsource_profile = x\n')
    env['AWS_ENDPOINT_URL_STS'] = server.url
    assert 'role/a' in origin(probe, dict(env, AWS_PROFILE='a'))
    assert len(server.seen) == 2
    assert 'circle' in origin(probe, dict(env, AWS_PROFILE='x'))


def test_credential_source_environment(probe, home, server):
    sts(server)
    env = write(home, config='[profile p]\nrole_arn = arn:aws:iam::1:role/p\ncredential_source = Environment\n')
    env.update(KEYS, AWS_ENDPOINT_URL_STS=server.url)
    assert origin(probe, env, profile='p') == 'profile p, role arn:aws:iam::1:role/p'
    assert 'Credential=AKIDENV/' in server.seen[0][2]['Authorization']
    env = write(home, config='[profile p]\nrole_arn = r\ncredential_source = Moon\n')
    assert 'not "Moon"' in origin(probe, env, profile='p')


def test_role_refused(probe, home, server):
    server.table['POST', '/'] = (403, '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>'
                                      '<Message>no\x41</Message></Error></ErrorResponse>')
    accounts = [{'alias': 'dns', 'role': 'arn:aws:iam::2:role/dns', 'external_id': 'e'}]
    said = origin(probe, dict(KEYS, AWS_ENDPOINT_URL=server.url), account='dns', accounts=accounts)
    assert 'BG5103: role arn:aws:iam::2:role/dns cannot be assumed (environment variables): AccessDenied' in said


def test_account_roles_are_fetched_once(probe, server):
    sts(server)
    accounts = [{'alias': 'dns', 'role': 'arn:aws:iam::2:role/dns'}, {'alias': 'us', 'region': 'us-west-2'}]
    env = dict(KEYS, AWS_ENDPOINT_URL=server.url)
    assert origin(probe, env, account='dns', accounts=accounts) == \
        'role arn:aws:iam::2:role/dns, assumed by environment variables'
    assert len(server.seen) == 1
    got = probe.ask(do='origin', account='us')
    assert (got['origin'], got['region']) == ('environment variables', 'us-west-2')
    assert probe.call('ec2', 'DescribeVpcs', account='nowhere')['code'] == 'bgc:Credentials'


def test_web_identity(probe, tmp_path, server):
    sts(server)
    (tmp_path / 'token').write_text('jwt.jwt.jwt\n')
    env = {'AWS_WEB_IDENTITY_TOKEN_FILE': str(tmp_path / 'token'), 'AWS_ROLE_ARN': 'arn:aws:iam::1:role/web',
           'AWS_ENDPOINT_URL_STS': server.url}
    assert origin(probe, env) == 'web identity, role arn:aws:iam::1:role/web'
    form = dict(urllib.parse.parse_qsl(server.seen[0][3]))
    assert (form['Action'], form['WebIdentityToken']) == ('AssumeRoleWithWebIdentity', 'jwt.jwt.jwt')
    assert 'Authorization' not in server.seen[0][2]
    assert 'BG5102' in origin(probe, dict(env, AWS_WEB_IDENTITY_TOKEN_FILE='/nowhere'))


def test_github_oidc(probe, server):
    sts(server)
    server.table['GET', '/token'] = (200, json.dumps({'value': 'minted'}))
    env = {'ACTIONS_ID_TOKEN_REQUEST_URL': server.url + '/token?api=2', 'AWS_ROLE_ARN': 'arn:aws:iam::1:role/ci',
           'ACTIONS_ID_TOKEN_REQUEST_TOKEN': 'bearer-it', 'AWS_ENDPOINT_URL_STS': server.url}
    assert origin(probe, env) == 'GitHub OIDC, role arn:aws:iam::1:role/ci'
    assert server.seen[0][1] == '/token?api=2&audience=sts.amazonaws.com'
    assert server.seen[0][2]['Authorization'] == 'bearer bearer-it'
    assert 'minted' in server.seen[1][3]


def test_container(probe, server, tmp_path):
    server.table['GET', '/creds'] = (200, json.dumps({'AccessKeyId': 'A', 'SecretAccessKey': 'S', 'Token': 'T',
                                                      'Expiration': iso(3600)}))
    (tmp_path / 'token').write_text('let-me-in')
    env = {'AWS_CONTAINER_CREDENTIALS_FULL_URI': server.url + '/creds',
           'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE': str(tmp_path / 'token')}
    assert origin(probe, env) == 'container credentials'
    assert server.seen[0][2]['Authorization'] == 'let-me-in'
    assert 'BG5102' in origin(probe, {'AWS_CONTAINER_CREDENTIALS_FULL_URI': 'http://192.0.2.1/creds'})
    server.table['GET', '/creds'] = (200, 'no json')
    assert 'what is no JSON' in origin(probe, env)


def imds(server, expiry=3600):
    server.table['PUT', '/latest/api/token'] = (200, 'imds-token')

    def guarded(body):
        return lambda headers, _: (200, body) if headers.get('X-aws-ec2-metadata-token') == 'imds-token' else (401, '')
    base = '/latest/meta-data/iam/security-credentials/'
    server.table['GET', base] = guarded('web-role')
    server.table['GET', base + 'web-role'] = guarded(json.dumps(
        {'Code': 'Success', 'AccessKeyId': 'ASIAIMDS', 'SecretAccessKey': 'S', 'Token': 'T', 'Expiration': iso(expiry)}))
    server.table['GET', '/latest/meta-data/placement/region'] = guarded('ap-south-1')


def test_instance_metadata(probe, server):
    imds(server)
    env = {'AWS_EC2_METADATA_DISABLED': 'false', 'AWS_EC2_METADATA_SERVICE_ENDPOINT': server.url}
    assert origin(probe, env) == 'instance metadata, role web-role'
    assert server.seen[0][0] == 'PUT' and server.seen[0][2]['X-aws-ec2-metadata-token-ttl-seconds'] == '21600'
    probe.open(env)  # no region anywhere else
    assert probe.ask(do='origin')['region'] == 'ap-south-1'


def test_metadata_only_at_its_own_address(probe):
    said = origin(probe, {'AWS_EC2_METADATA_DISABLED': '', 'AWS_EC2_METADATA_SERVICE_ENDPOINT': 'http://192.0.2.7'})
    assert 'is no metadata service' in said


def test_renewed_before_expiry(probe, server):
    imds(server, expiry=600)  # under 15 minutes: renewed at each use
    env = {'AWS_EC2_METADATA_DISABLED': '', 'AWS_EC2_METADATA_SERVICE_ENDPOINT': server.url}
    origin(probe, env)
    before = len(server.seen)
    probe.ask(do='origin')
    assert len(server.seen) > before
    server.table.clear()  # a renewal that fails: what we have is good for 10 minutes more
    assert probe.ask(do='origin')['origin'] == 'instance metadata, role web-role'


def test_credential_process(probe, home):
    script = home / 'give keys'
    script.write_text('#!/bin/sh\necho "{\\"Version\\": 1, \\"AccessKeyId\\": \\"$1\\", '
                      '\\"SecretAccessKey\\": \\"S\\", \\"Expiration\\": \\"$2\\"}"\n')
    os.chmod(script, stat.S_IRWXU)
    env = write(home, config=f'[default]\ncredential_process = "{script}" \'A B\' {iso(3600)}\n')
    assert origin(probe, env) == 'profile default, credential_process'
    for command, why in ((f'"{script}" A {iso(-10)}', 'BG5104'), ('/bin/false', 'BG5105'),
                         ('/nowhere/x', 'BG5105'), ('/bin/echo hello', 'BG5105'), ('"open', 'BG5105'),
                         ('/usr/bin/yes', 'BG5105')):
        assert why in origin(probe, write(home, config=f'[default]\ncredential_process = {command}\n')), command


def test_sso(probe, home):
    env = write(home, config='[profile corp]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n'
                             '[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n')
    said = origin(probe, dict(env, AWS_PROFILE='corp'))
    assert 'BG5102: profile corp: there is no SSO login' in said
    import hashlib
    cache = home / '.aws/sso/cache'
    cache.mkdir(parents=True)
    (cache / (hashlib.sha1(b's').hexdigest() + '.json')).write_text(
        json.dumps({'accessToken': 'a', 'expiresAt': iso(-60)}))
    assert 'BG5104' in origin(probe, dict(env, AWS_PROFILE='corp'))


def sso(home, server, **login):
    """A login in the cache, as the AWS CLI keeps it; and the services that would be asked."""
    import hashlib
    env = write(home, config='[profile corp]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n'
                             '[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n')
    path = home / '.aws/sso/cache' / (hashlib.sha1(b's').hexdigest() + '.json')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({'startUrl': 'https://x', 'accessToken': 'old', **login}))
    return path, dict(env, AWS_PROFILE='corp', AWS_ENDPOINT_URL_SSO=server.url,
                      AWS_ENDPOINT_URL_SSO_OIDC=server.url + '/')


ROLE = (200, json.dumps({'roleCredentials': {'accessKeyId': 'AKIDSSO', 'secretAccessKey': 's', 'sessionToken': 't',
                                             'expiration': 4102444800000}}))
PORTAL = '/federation/credentials'
CLIENT = {'clientId': 'cid', 'clientSecret': 'cs', 'refreshToken': 'again'}


def test_sso_login_that_is_good(probe, home, server):
    server.table['GET', PORTAL] = ROLE
    _, env = sso(home, server, expiresAt=iso(3600))
    assert origin(probe, env) == 'profile corp, SSO role r in account 1'
    assert [s[:2] for s in server.seen] == [('GET', PORTAL + '?role_name=r&account_id=1')]


def test_sso_login_is_renewed(probe, home, server):
    server.table['POST', '/token'] = (200, json.dumps({'accessToken': 'new', 'expiresIn': 28800,
                                                       'refreshToken': 'and again'}))
    server.table['GET', PORTAL] = ROLE
    path, env = sso(home, server, expiresAt=iso(-60), registrationExpiresAt=iso(86400), **CLIENT)
    assert origin(probe, env) == 'profile corp, SSO role r in account 1'
    asked, role = server.seen
    assert json.loads(asked[3]) == {'grantType': 'refresh_token', **CLIENT}
    assert {k.lower(): v for k, v in role[2].items()}['x-amz-sso_bearer_token'] == 'new'
    kept = json.loads(path.read_text())
    assert kept['accessToken'] == 'new' and kept['refreshToken'] == 'and again' and kept['startUrl'] == 'https://x'
    assert kept['expiresAt'] > iso(28000) and path.stat().st_mode & 0o777 == 0o600


def test_sso_login_that_cannot_be_renewed(probe, home, server):
    said = origin(probe, sso(home, server, expiresAt=iso(-60))[1])
    assert 'BG5104' in said and 'the SSO login expired at' in said
    said = origin(probe, sso(home, server, expiresAt=iso(-60), registrationExpiresAt=iso(-5), **CLIENT)[1])
    assert 'BG5104' in said and not server.seen
    server.table['POST', '/token'] = (400, '{"error": "invalid_grant"}')
    said = origin(probe, sso(home, server, expiresAt=iso(-60), registrationExpiresAt=iso(60), **CLIENT)[1])
    assert 'BG5104' in said and 'was not renewed' in said and 'again' not in said.replace('log in again', '')


def test_region(probe, home):
    env = write(home, config='[default]\nregion = eu-north-1\n')
    env['AWS_EC2_METADATA_DISABLED'] = 'true'
    probe.open(dict(env, **KEYS))
    assert probe.ask(do='origin')['region'] == 'eu-north-1'
    probe.open(dict(env, AWS_DEFAULT_REGION='us-east-2', **KEYS))
    assert probe.ask(do='origin')['region'] == 'us-east-2'
    probe.open(dict(env, AWS_DEFAULT_REGION='us-east-2', AWS_REGION='us-west-1', **KEYS))
    assert probe.ask(do='origin')['region'] == 'us-west-1'
    warned = probe.open(dict(AWS_REGION='us-west-1', **KEYS), region='eu-west-1')
    assert 'BG5203: AWS_REGION says us-west-1, but the stack is in eu-west-1' in warned['diagnostics'][0]
    assert probe.ask(do='origin')['region'] == 'eu-west-1'
    probe.open(dict({'AWS_EC2_METADATA_DISABLED': 'true'}, **KEYS))
    assert 'BG5204' in probe.ask(do='check')['diagnostics'][0]


def test_secrets_do_not_show(probe, home, server):
    """No error repeats a secret."""
    server.table['POST', '/'] = (403, '<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message>'
                                      '</Error></Errors></Response>')
    probe.open({'AWS_ACCESS_KEY_ID': 'AKID', 'AWS_SECRET_ACCESS_KEY': 'TOPSECRET', 'AWS_SESSION_TOKEN': 'SESSION',
                'AWS_ENDPOINT_URL': server.url}, region=REGION)
    reply = json.dumps(probe.call('ec2', 'DescribeVpcs'))
    assert 'TOPSECRET' not in reply and 'SESSION' not in reply
