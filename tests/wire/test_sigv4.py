"""SigV4 against botocore's signer, on many generated requests."""
import datetime
import random
import string
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

COUNT = 12000
UNRESERVED = string.ascii_letters + string.digits + '-_.~'
WILD = UNRESERVED + ' /+%&=?#:@!$\'()*,;"<>\\^`{|}[]äöüßéç漢字🙂'


def word(rng, alphabet, low, high):
    return ''.join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def one(rng, single):
    segments = [word(rng, WILD if rng.random() < .5 else UNRESERVED, 0 if not single else 1, 12)
                for _ in range(rng.randint(0, 5))]
    if not single and rng.random() < .15:
        segments.insert(rng.randint(0, len(segments)), rng.choice(['.', '..', '']))
    path = '/' + '/'.join(urllib.parse.quote(s, safe='-_.~') for s in segments)
    names = [word(rng, WILD, 1, 8) for _ in range(rng.randint(0, 5))]
    if names and rng.random() < .4:
        names.append(rng.choice(names))  # duplicate keys
    pairs = [(n, word(rng, WILD, 0, 10)) for n in names]
    query = '&'.join(urllib.parse.quote(k, safe='-_.~') + '=' + urllib.parse.quote(v, safe='-_.~')
                     for k, v in pairs)
    if rng.random() < .1:
        query += ('&' if query else '') + 'flag'  # without '='
    headers = [['Content-Type', rng.choice(['application/json', 'text/plain; charset=utf-8'])]]
    for i in range(rng.randint(0, 3)):
        value = word(rng, UNRESERVED + ' ', 1, 20)
        headers.append([f'X-Amz-Meta-{word(rng, string.ascii_letters, 1, 6)}{i}',
                        rng.choice(['', '  ']) + value + rng.choice(['', ' '])])
    port = rng.choice(['', '', ':8443', ':5000'])
    return dict(
        method=rng.choice(['GET', 'POST', 'PUT', 'DELETE', 'HEAD']),
        host=word(rng, string.ascii_lowercase, 3, 12) + '.example.com' + port,
        path=path, query=query, headers=headers,
        body=word(rng, WILD + '\n', 0, 60) if rng.random() < .6 else '',
        access='AKID' + word(rng, string.ascii_uppercase + string.digits, 10, 16),
        secret=word(rng, UNRESERVED + '+/=', 20, 60),
        token=word(rng, UNRESERVED + '+/=', 20, 200) if rng.random() < .4 else None,
        region=rng.choice(['us-east-1', 'eu-central-1', 'ap-southeast-2', 'cn-north-1']),
        service='s3' if single else rng.choice(['ec2', 'iam', 'monitoring', 'logs']),
        single=single,
        time=datetime.datetime.fromtimestamp(rng.randint(1_500_000_000, 2_000_000_000),
                                             datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'))


def expected(r, monkeypatch):
    now = datetime.datetime.strptime(r['time'], '%Y-%m-%dT%H:%M:%SZ')
    monkeypatch.setattr(botocore.auth, 'get_current_datetime', lambda *a, **k: now)
    creds = botocore.credentials.Credentials(r['access'], r['secret'], r['token'])
    cls = botocore.auth.S3SigV4Auth if r['single'] else botocore.auth.SigV4Auth
    url = f"https://{r['host']}{r['path']}" + ('?' + r['query'] if r['query'] else '')
    req = botocore.awsrequest.AWSRequest(method=r['method'], url=url, data=r['body'].encode(),
                                         headers=dict(r['headers']))
    req.context['payload_signing_enabled'] = True
    signer = cls(creds, r['service'], r['region'])
    if r['single']:
        req.context['client_config'] = None
    signer.add_auth(req)
    return req.headers['Authorization'], signer.canonical_request(req)


@pytest.mark.parametrize('single', [False, True], ids=['double', 's3'])
def test_like_botocore(codec, monkeypatch, single):
    rng = random.Random(20240501 + single)
    for i in range(COUNT // 2):
        r = one(rng, single)
        ours = codec.ask(do='sign', **r)
        theirs, canonical = expected(r, monkeypatch)
        got = dict(ours['headers'])
        if got['Authorization'] != theirs:
            assert ours['canonical'] == canonical, r
        assert got['Authorization'] == theirs, r
        assert got.get('X-Amz-Security-Token') == r['token']


def test_published_vector(codec):
    """get-vanilla of AWS's own signature test suite."""
    got = codec.ask(do='sign', method='GET', host='example.amazonaws.com', path='/', query='',
                    headers=[], body='', access='AKIDEXAMPLE',
                    secret='wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region='us-east-1',
                    service='service', time='2015-08-30T12:36:00Z', single=False)
    assert dict(got['headers'])['Authorization'].endswith(
        'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
