"""What servers do wrong: refusals, truncation, slowness, lies. And probes."""
import datetime
import json
import socket
import ssl
import subprocess
import threading
import time

import pytest

KEYS = {'AWS_ACCESS_KEY_ID': 'AKID', 'AWS_SECRET_ACCESS_KEY': 'S'}


class Raw:
    """Accepts connections and hands each to a function of (socket, n)."""

    def __init__(self, serve, context=None):
        self.sock = socket.create_server(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        self.requests, self.serve, self.context, self.open = [], serve, context, True
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        try:
            if self.context:
                c = self.context.wrap_socket(c, server_side=True)
            with c:
                while True:
                    request = read_request(c)
                    if request is None:
                        return
                    self.requests.append(request)
                    if not self.serve(c, len(self.requests)):
                        return
        except OSError:
            pass

    def close(self):
        self.sock.close()


def read_request(c):
    data = b''
    while b'\r\n\r\n' not in data:
        more = c.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b'\r\n\r\n')
    length = 0
    for line in head.split(b'\r\n'):
        if line.lower().startswith(b'content-length:'):
            length = int(line.split(b':')[1])
    while len(body) < length:
        body += c.recv(65536)
    return head.decode(), body.decode()


def reply(c, status, body, headers=()):
    data = body.encode()
    head = [f'HTTP/1.1 {status} X', f'Content-Length: {len(data)}', *headers, '', '']
    c.sendall('\r\n'.join(head).encode() + data)
    return True


VPCS = '<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>'
LIMIT = ('<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow</Message></Error></Errors>'
         '<RequestID>r</RequestID></Response>')


@pytest.fixture
def serve():
    made = []

    def make(f, context=None):
        made.append(Raw(f, context))
        return made[-1]
    yield make
    for s in made:
        s.close()


def opened(probe, url, **more):
    probe.open(dict(KEYS, AWS_ENDPOINT_URL=url), region='eu-west-1', **more)
    return probe


def test_refused_is_not_ambiguous(probe):
    with socket.create_server(('127.0.0.1', 0)) as s:
        port = s.getsockname()[1]
    r = opened(probe, f'http://127.0.0.1:{port}').call('ec2', 'CreateVpc', {'CidrBlock': '10.0.0.0/16'}, mutating=True)
    assert r['code'] == 'bgc:Connect' and not r['ambiguous']


@pytest.mark.parametrize('how', ['closed', 'cut head', 'cut body', 'reset'])
def test_lost_replies_are_ambiguous(probe, serve, how):
    def f(c, n):
        if how == 'cut head':
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-')
        elif how == 'cut body':
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<CreateVpc')
        elif how == 'reset':
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
        return False
    s = serve(f)
    opened(probe, s.url, retry=True)
    r = probe.call('ec2', 'CreateVpc', {'CidrBlock': '10.0.0.0/16'}, mutating=True)
    # libcurl takes a reply whose head ends early for a whole one, of no content
    code = 'bgc:MalformedReply' if how == 'cut head' else 'bgc:ReplyLost'
    assert r['code'] == code and r['ambiguous']
    assert len(s.requests) == 1  # never sent twice by itself
    r = probe.call('ec2', 'DescribeVpcs')
    assert r['code'] == code and not r['ambiguous']
    assert len(s.requests) == 4  # a read is


def test_dead_kept_connection_is_not_sent_twice(probe, serve):
    """libcurl repeats a request on a kept connection that died; a write must not be."""
    def f(c, n):
        if n == 1:
            return reply(c, 200, VPCS)
        return False
    s = serve(f)
    opened(probe, s.url)
    assert probe.call('ec2', 'DescribeVpcs')['ok']
    r = probe.call('ec2', 'CreateVpc', {'CidrBlock': '10.0.0.0/16'}, mutating=True)
    assert r['code'] == 'bgc:ReplyLost' and len(s.requests) == 2


def test_slow_server(probe, serve):
    def f(c, n):
        time.sleep(3)
        return False
    s = serve(f)
    t = time.time()
    r = opened(probe, s.url, call_ms=500).call('ec2', 'CreateVpc', {'CidrBlock': 'x'}, mutating=True)
    assert r['code'] == 'bgc:ReplyLost' and r['ambiguous'] and time.time() - t < 2


def test_throttling_and_retries(probe, serve):
    def f(c, n):
        return reply(c, 503, LIMIT) if n < 3 else reply(c, 200, VPCS)
    s = serve(f)
    r = opened(probe, s.url, retry=True).call('ec2', 'DescribeVpcs')
    assert r['ok'] and len(s.requests) == 3
    assert probe.ask(do='counts')['total'] == 3


def test_retries_end(probe, serve):
    s = serve(lambda c, n: reply(c, 503, LIMIT, ['x-amz-retry-after: 10']))
    r = opened(probe, s.url, retry=True).call('ec2', 'RunInstances', {'MinCount': 1}, mutating=True)
    assert r['throttled'] and not r['ambiguous'] and len(s.requests) == 3


def test_broken_server_while_writing(probe, serve):
    s = serve(lambda c, n: reply(c, 500, '<Response><Errors><Error><Code>InternalError</Code></Error></Errors></Response>'))
    r = opened(probe, s.url, retry=True).call('ec2', 'CreateVpc', {'CidrBlock': 'x'}, mutating=True)
    assert r['code'] == 'InternalError' and r['ambiguous'] and len(s.requests) == 1


@pytest.mark.parametrize('body', [
    'hello', '', '<html><body>sign in</body></html>', '<DescribeVpcsResponse><vpcSet>',
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><DescribeVpcsResponse>&a;</DescribeVpcsResponse>',
    '<!DOCTYPE x SYSTEM "file:///etc/passwd"><DescribeVpcsResponse/>',
    '<DescribeVpcsResponse>' + '<a>' * 100 + '</a>' * 100 + '</DescribeVpcsResponse>',
    '<DescribeVpcsResponse>&unknown;</DescribeVpcsResponse>'])
def test_malformed(probe, serve, body):
    s = serve(lambda c, n: reply(c, 200, body))
    opened(probe, s.url)
    r = probe.call('ec2', 'DescribeVpcs')
    assert r['code'] == 'bgc:MalformedReply' and not r['ambiguous'], r
    r = probe.call('ec2', 'DescribeVpcs', mutating=True)
    assert r['ambiguous']


def test_malformed_json(probe, serve):
    for body in ('hello', '[1]', '{"a":' * 100 + '1' + '}' * 100, '{"a":1'):
        s = serve(lambda c, n, body=body: reply(c, 200, body))
        assert opened(probe, s.url).call('logs', 'DescribeLogGroups')['code'] == 'bgc:MalformedReply'


def test_too_long(probe, serve):
    def f(c, n):
        c.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        chunk = b'100000\r\n' + b'x' * 0x100000 + b'\r\n'
        for _ in range(70):
            c.sendall(chunk)
        return False
    s = serve(f)
    r = opened(probe, s.url).call('ec2', 'DescribeVpcs')
    assert r['code'] == 'bgc:MalformedReply'


def test_no_redirects(probe, serve):
    other = serve(lambda c, n: reply(c, 200, VPCS))
    s = serve(lambda c, n: reply(c, 307, '', [f'Location: {other.url}/']))
    r = opened(probe, s.url).call('ec2', 'DescribeVpcs')
    assert not r['ok'] and r['status'] == 307 and not other.requests


def test_clock_is_corrected_once(probe, serve):
    ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=3)
    date = 'Date: ' + ahead.strftime('%a, %d %b %Y %H:%M:%S GMT')
    bad = '<Response><Errors><Error><Code>RequestExpired</Code><Message>m</Message></Error></Errors></Response>'
    s = serve(lambda c, n: reply(c, 400, bad, [date]) if n == 1 else reply(c, 200, VPCS, [date]))
    opened(probe, s.url)
    assert probe.call('ec2', 'DescribeVpcs')['ok'] and len(s.requests) == 2
    assert f"X-Amz-Date: {ahead.strftime('%Y%m%dT%H')}" in s.requests[1][0]
    never = serve(lambda c, n: reply(c, 400, bad, [date]))
    assert opened(probe, never.url).call('ec2', 'DescribeVpcs')['code'] == 'RequestExpired'
    assert len(never.requests) <= 3


def test_expired_token_is_renewed_once(probe, serve):
    bad = '<Response><Errors><Error><Code>ExpiredToken</Code></Error></Errors></Response>'
    s = serve(lambda c, n: reply(c, 400, bad))
    assert opened(probe, s.url).call('ec2', 'DescribeVpcs')['code'] == 'ExpiredToken'
    assert len(s.requests) == 2


def test_pages(probe, serve):
    def f(c, n):
        token = f'<nextToken>t{n}</nextToken>' if n < 4 else ''
        return reply(c, 200, f'<DescribeVpcsResponse><vpcSet><item><vpcId>v{n}</vpcId></item></vpcSet>{token}'
                             '</DescribeVpcsResponse>')
    s = serve(f)
    r = opened(probe, s.url).call('ec2', 'DescribeVpcs', {'Filters': [{'Name': 'a', 'Values': ['b']}]})
    assert [v['VpcId'] for v in r['output']['Vpcs']] == ['v1', 'v2', 'v3', 'v4']
    assert 'NextToken' not in r['output']
    assert 'NextToken=t3' in s.requests[3][1] and 'Filter.1.Name=a' in s.requests[3][1]
    assert probe.ask(do='counts')['total'] == 4


def test_endless_pages(probe, serve):
    s = serve(lambda c, n: reply(c, 200, '<DescribeVpcsResponse><nextToken>t</nextToken></DescribeVpcsResponse>'))
    r = opened(probe, s.url).call('ec2', 'DescribeVpcs')
    assert r['code'] == 'bgc:MalformedReply' and 'same page token' in r['message']


def test_record_pages(probe, serve):
    def f(c, n):
        more = n < 2
        return reply(c, 200, '<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>n%d</Name>'
                     '</ResourceRecordSet></ResourceRecordSets><IsTruncated>%s</IsTruncated>%s'
                     '</ListResourceRecordSetsResponse>' % (n, str(more).lower(),
                     '<NextRecordName>b.</NextRecordName><NextRecordType>A</NextRecordType>' if more else ''))
    s = serve(f)
    opened(probe, s.url)
    r = probe.call('route53', 'ListResourceRecordSets', {'HostedZoneId': '/hostedzone/Z1', 'StartRecordName': 'a.',
                                                         'StartRecordIdentifier': 'x'})
    assert [x['Name'] for x in r['output']['ResourceRecordSets']] == ['n1', 'n2']
    assert s.requests[0][0].startswith('GET /2013-04-01/hostedzone/Z1/rrset?name=a.&identifier=x HTTP')
    assert s.requests[1][0].startswith('GET /2013-04-01/hostedzone/Z1/rrset?name=b.&type=A HTTP')


def test_bad_settings(probe):
    for url, why in (('http://example.com', 'plain http'), ('ftp://x', 'no URL'), ('https://u:p@x', 'no URL')):
        r = opened(probe, url).call('ec2', 'DescribeVpcs')
        assert r['code'] == 'bgc:Connect' and why in r['message']
    probe.open(KEYS, region='eu-west-1/../x')
    assert 'is no region' in probe.call('ec2', 'DescribeVpcs')['message']
    probe.open(KEYS, region='eu-west-1')
    assert probe.call('nothing', 'X')['code'] == 'bgc:UnknownOperation'
    assert probe.call('route53', 'NoSuchCall')['code'] == 'bgc:BadInput'
    assert probe.call('route53', 'GetHostedZone', {})['code'] == 'bgc:BadInput'
    r = probe.call('ec2', 'DescribeVpcs', not_after=1)
    assert r['code'] == 'bgc:TooLate'


# ---- TLS and probes


@pytest.fixture(scope='module')
def tls(tmp_path_factory):
    d = tmp_path_factory.mktemp('tls')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', d / 'key',
                    '-out', d / 'cert', '-subj', '/CN=shop.example.com', '-addext',
                    'subjectAltName=DNS:shop.example.com'], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(d / 'cert', d / 'key')
    return context, str(d / 'cert')


def get(probe, **input):
    r = probe.call('probe', 'HttpGet', input)
    assert r['ok']
    return r['output']


def test_probe(probe, serve, tls):
    context, cert = tls
    s = serve(lambda c, n: reply(c, 200, 'fine'), context)
    probe.open(KEYS, region='eu-west-1')
    url = f'https://green-alb.example.net:{s.port}/healthz?x=1'
    got = get(probe, Url=url, Host='shop.example.com', ConnectTo=f'127.0.0.1:{s.port}', CaFile=cert)
    assert got['Status'] == 200 and got['Body'] == 'fine', got
    assert 'shop.example.com' in got['Certificate']['Subject'] and got['Certificate']['NotAfter']
    head = s.requests[0][0]
    assert head.startswith('GET /healthz?x=1 HTTP/1.1') and f'Host: shop.example.com:{s.port}' in head
    assert 'Authorization' not in head
    # the certificate is verified against the name, and by trust
    assert get(probe, Url=url, Host='other.example.com', ConnectTo='127.0.0.1', CaFile=cert)['Status'] == 0
    bad = get(probe, Url=url, Host='shop.example.com', ConnectTo='127.0.0.1')
    assert bad['Status'] == 0 and bad['Error']


def test_probe_follows_connect_to_rules(probe, serve, tls):
    context, cert = tls
    s = serve(lambda c, n: reply(c, 503, 'down'), context)
    probe.open(dict(KEYS, AWS_CA_BUNDLE=cert), region='eu-west-1',
               connect_to=f'*.elb.amazonaws.com:443:127.0.0.1:{s.port}')
    got = get(probe, Url='https://green-1.eu-west-1.elb.amazonaws.com/', Host='shop.example.com')
    assert got['Status'] == 503 and got['Body'] == 'down'


def test_probe_failures_are_data(probe, serve):
    probe.open(KEYS, region='eu-west-1')
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    got = get(probe, Url=f'http://127.0.0.1:{port}/')
    assert got['Status'] == 0 and got['Error']
    s = serve(lambda c, n: time.sleep(2))
    t = time.time()
    assert get(probe, Url=s.url, TimeoutMs=300)['Status'] == 0 and time.time() - t < 1.5
    big = serve(lambda c, n: reply(c, 200, 'x' * 200000))
    got = get(probe, Url=big.url)
    assert got['Status'] == 200 and len(got['Body']) == 65536
    assert probe.call('probe', 'HttpGet', {'Url': 'file:///etc/passwd'})['code'] == 'bgc:BadInput'
    assert probe.call('probe', 'HttpGet', {'Url': s.url, 'Host': 'a/b'})['code'] == 'bgc:BadInput'
    assert probe.call('probe', 'Reboot', {})['code'] == 'bgc:UnknownOperation'


def test_aws_only_over_verified_tls(probe, serve, tls):
    context, _ = tls
    s = serve(lambda c, n: reply(c, 200, VPCS), context)
    r = opened(probe, f'https://127.0.0.1:{s.port}').call('ec2', 'DescribeVpcs')
    assert r['code'] == 'bgc:Connect' and not s.requests


def test_trace_shows_no_secrets(probe, serve, tmp_path):
    path = tmp_path / 'trace'
    s = serve(lambda c, n: reply(c, 200, VPCS))
    opened(probe, s.url, trace=str(path)).call('ec2', 'DescribeVpcs', {'Filters': [{'Name': 'x', 'Values': ['hidden']}]},
                                               address='net.vpc')
    line = json.loads(path.read_text())
    assert line['service'] == 'ec2' and line['address'] == 'net.vpc' and line['ok'] is True
    assert 'hidden' not in path.read_text() and 'AKID' not in path.read_text()
