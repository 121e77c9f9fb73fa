"""A secret, from where it is kept to where it is needed, and nowhere in between: every output
of a whole run is searched for it, in every spelling."""
import base64
import json

import urllib.parse

import pytest

GIVEN = 'hunter2 "&<secret>\\ 7'  # with everything that JSON, XML and URLs escape

SPEC = [
    ('input fleet:', 'input token: secret string(8..64)\ninput fleet:'),
    ('  existing agent:', '''  existing password: ssm.parameter { name = "/shop/db", version = 3 }
  existing api: secretsmanager.secret { name = "shop/api" }
  existing agent:'''),
    ('port = 8080 })', 'port = 8080, secrets = "${token} ${password.value} ${api.value}" })'),
]


@pytest.fixture
def shop_with_secrets(shop):
    path = shop.folder / 'shop.bg'
    text = path.read_text()
    for old, new in SPEC:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text + '\noutput secret login = "admin:${password.value}:${token}"\n')
    boot = shop.folder / 'boot.sh'
    boot.write_text(boot.read_text() + '\nexport SECRETS="${secrets}"\n')
    return shop


def spellings(secret):
    raw = secret.encode()
    yield secret
    yield json.dumps(secret)[1:-1]
    yield urllib.parse.quote(secret, safe='')
    yield urllib.parse.quote_plus(secret)
    for skip in range(3):  # base64 of anything that has it in it
        whole = base64.b64encode(b'x' * skip + raw + b'yy').decode()
        yield whole[(skip * 8 + 5) // 6: (skip + len(raw)) * 8 // 6]


def leaks(secrets, texts):
    return [(where, spelt) for where, text in texts.items() for s in secrets for spelt in spellings(s) if spelt in text]


def everything(shop, skip=()):
    return {str(p.relative_to(shop.folder)): p.read_text(errors='replace') for p in shop.folder.rglob('*')
            if p.is_file() and p.name not in skip}


def account_secrets(shop):
    account = json.loads((shop.folder / '.bgc' / 'sandbox.json').read_text())
    found = [v for o in account['objects'] for k, v in o['body'].items() if k in ('Value', 'SecretString')]
    assert len(found) == 2 and all(f.startswith('sandbox-secret-') for f in found), found
    return found


def test_nothing_of_a_run_shows_it(shop_with_secrets):
    bgc, shown = shop_with_secrets, {}

    def run(*args, code=0, env={'BGC_INPUT_token': GIVEN}):
        r = bgc(*args, env=env)
        assert r.code == code, r
        shown[f'{len(shown)} {" ".join(map(str, args))}'] = r.all
        return r

    run('check'), run('check', '--json'), run('check', '--sarif'), run('graph'), run('graph', '--json')
    run('plan', '--sandbox', '--out', 'first.plan')
    run('apply', '--sandbox', '--yes', '-i', 'size=t2.small', '--events', 'events', '--trace', 'trace', '-v')
    secrets = [GIVEN, *account_secrets(bgc)]
    run('plan', '--sandbox', '-v'), run('plan', '--sandbox', '--json'), run('plan', '--sandbox', '--markdown')
    run('plan', '--sandbox', '--rollout', 'hotfix', '--out', 'second.plan', '--html', 'plan.html', '--trace', 'trace2')
    run('apply', 'second.plan', '--sandbox', '--events', 'events2', '--trace', 'trace3', '-v')
    run('status', '--sandbox'), run('status', '--sandbox', '--json'), run('drift', '--sandbox')
    # Another value: the same world, and no word of either.
    r = run('plan', '--sandbox', '--json', env={'BGC_INPUT_token': 'another value'}, code=0)
    assert 'another value' not in r.all
    # The account knows it, and what was made has it.
    boot = [o for o in json.loads((bgc.folder / '.bgc' / 'sandbox.json').read_text())['objects']
            if o['type'] == 'ec2.launch_template']
    assert GIVEN.encode() in base64.b64decode(json.dumps(boot).split('"UserData": "')[1].split('"')[0])
    files = everything(bgc, skip=('sandbox.json',))
    assert {'first.plan', 'second.plan', 'events', 'trace'} <= set(files)
    assert leaks(secrets, {**shown, **files}) == []
    assert leaks([f.split('-')[-1] for f in secrets[1:]], {**shown, **files}) == []


def test_a_store_of_a_folder_has_it_not(shop_with_secrets):
    """The journal and the lock, as they lie in a store."""
    bgc = shop_with_secrets
    assert bgc('apply', '--sandbox', '--yes', env={'BGC_INPUT_token': GIVEN}).code == 0
    stored = json.loads((bgc.folder / '.bgc' / 'sandbox.json').read_text())['store']
    assert leaks([GIVEN, *account_secrets(bgc)], {'store': json.dumps(stored), 'store2': str(stored)}) == []


def test_what_aws_says_of_it_is_hidden(shop_with_secrets):
    """AWS repeats arguments in its errors."""
    bgc = shop_with_secrets
    path = bgc.folder / 'shop.bg'
    path.write_text(path.read_text().replace('name = "/shop/db", version = 3', 'name = "/shop/db", version = 4711'))
    r = bgc('plan', '--sandbox', env={'BGC_INPUT_token': GIVEN})
    assert leaks([GIVEN], {'plan': r.all}) == []


@pytest.mark.parametrize('value', ['short', 'x' * 65])
def test_a_wrong_value_is_not_shown(shop_with_secrets, value):
    r = shop_with_secrets('check', env={'BGC_INPUT_token': value})
    assert r.code == 1 and value not in r.all and 'BG1011' in r.err, r
    assert '(secret)' in r.err and 'string(8..64)' in r.err


def test_it_comes_from_the_environment_alone(shop_with_secrets):
    bgc = shop_with_secrets
    r = bgc('check', '-i', f'token={GIVEN}')
    assert r.code == 1 and 'BG1505' in r.err and 'BGC_INPUT_token' in r.err and GIVEN not in r.all
    (bgc.folder / 'env').mkdir(exist_ok=True)
    (bgc.folder / 'env' / 'stage.bg').write_text('token = "hunter2hunter2"\n')
    r = bgc('check', '--env', 'stage')
    assert r.code == 1 and 'BG1505' in r.err, r


def small(body):
    return f'stack s {{ region = "eu-west-1", store = "s3://some-state" }}\ninput key: secret string\ninput n: (secret int)? = none\n{body}\n'


@pytest.mark.parametrize('body, code', [
    ('output it = "x${key}"', 'BG1506'),
    ('shared { resource l[k in [key]]: logs.group { retain = 1d } }', 'BG1526'),
    ('shared { resource l[k in split(key, ",")]: logs.group { retain = 1d } }', 'BG1526'),
    ('shared { resource l: logs.group when key == "x" { retain = 1d } }', 'BG1506'),
    ('shared { existing v: ec2.vpc { name = key } }', 'BG1506'),
    ('shared { existing p: ssm.parameter { name = "/x" }\n existing v: ec2.vpc { name = p.value } }', 'BG1506'),
    ('shared { existing p: ssm.parameter { name = "/x" } }\noutput it = p.value', 'BG1506'),
    ('shared { existing p: ssm.parameter { name = "/x" } }\noutput it = { a = [upper("${p.value}")] }', 'BG1506'),
])
def test_where_it_may_not_stand(bgc, body, code):
    bgc.write('s.bg', small(body))
    r = bgc('check', env={'BGC_INPUT_key': 'hunter2hunter2'})
    assert r.code == 1 and code in r.err and 'hunter2' not in r.all, r


def test_where_it_may(bgc):
    bgc.write('s.bg', small('output secret it = "x${key}"\noutput secret m = n\noutput plain = length("abc")'))
    r = bgc('graph', '--json', env={'BGC_INPUT_key': 'hunter2hunter2', 'BGC_INPUT_n': '4711'})
    assert r.code == 0 and r.json()['outputs']['it'] == '(secret)' and '4711' not in r.all, r
    r = bgc('check', env={'BGC_INPUT_key': 'hunter2hunter2', 'BGC_INPUT_n': 'no number 4711'})
    assert r.code == 1 and 'BG1505' in r.err and '4711' not in r.all, r


def test_its_value_decides_no_world(shop_with_secrets):
    ids = {shop_with_secrets('check', env={'BGC_INPUT_token': t}).out for t in ('first value', 'second value')}
    assert len(ids) == 1
    path = shop_with_secrets.folder / 'shop.bg'
    path.write_text(path.read_text().replace('version = 3', 'version = 4'))
    ids.add(shop_with_secrets('check', env={'BGC_INPUT_token': 'first value'}).out)
    assert len(ids) == 2, 'its version does'


@pytest.mark.parametrize('line', [
    'input token: secret string = "hunter2hunter2"',
    'input token: secret string? = "hunter2hunter2"',
    'input token: (secret int)? = 4711',
    'input token: secret string = "hunter2" + "hunter2"',
    'input token: secret string = sha256("hunter2hunter2")',
    'input token: secret string = if n == 1 then "hunter2hunter2" else key',
    'input token: (secret string)? = none ?? "hunter2hunter2"',
    'input token: [secret string] = [key, "hunter2hunter2"]',
    'input token: map secret string = { "a" => "hunter2hunter2" }',
    'type login { field user: string\n field password: secret string }\n'
    'input token: login = { user = "admin", password = "hunter2hunter2" }',
    'type login { field user: string\n field password: secret string = "hunter2hunter2" }',
    'fn f(token: secret string = "hunter2hunter2"): int = length(token)',
    'module m(token: secret string = "hunter2hunter2") { out it = length(token) }',
])
def test_it_does_not_stand_in_the_program(bgc, line):
    bgc.write('s.bg', 'stack s { region = "eu-west-1", store = "s3://some-state" }\ninput key: secret string\n'
                      f'input n: int = 1\n{line}\n')
    r = bgc('check')
    assert r.code == 1 and 'BG1507' in r.err and 'BGC_INPUT_' in r.err, r


def test_what_may_be_a_default(bgc):
    bgc.write('s.bg', small('input a: secret string? = none\ninput b: secret string = key\n'
                            'input c: secret string = "x${key}"\ninput d: [secret string] = []\n'
                            'output secret it = [a ?? b, c, d]'))
    r = bgc('check', env={'BGC_INPUT_key': 'hunter2hunter2'})
    assert 'BG1507' not in r.all, r


def test_a_test_gives_its_own(bgc):
    bgc.write('s.bg', small('test "given" {\n  given { key = "hunter2hunter2" }\n  expect length(key) == 14\n}'))
    r = bgc('test', env={'BGC_INPUT_key': 'something else'})
    assert r.code == 0 and '1 of 1' in r.out, r


def test_one_that_is_too_short_to_be_hidden(bgc):
    bgc.write('s.bg', small('output secret it = "x${key}"'))
    for short in 'a', 'key', 'xyz':
        r = bgc('check', '--json', env={'BGC_INPUT_key': short})
        assert r.code == 1 and [d['code'] for d in r.json() if d['severity'] == 'error'] == ['BG1508'], r
        assert f'"{short}"' not in r.all
    assert bgc('check', env={'BGC_INPUT_key': 'four'}).code == 0
    # Where there is nothing there is nothing to hide.
    assert bgc('check', env={'BGC_INPUT_key': ''}).code == 0


def test_one_that_was_found_and_is_too_short(bgc):
    bgc.write('s.bg', 'stack s { region = "eu-west-1", store = "s3://some-state" }\n'
                      'shared {\n  existing p: ssm.parameter { name = "/x" }\n'
                      '  resource l: logs.group { retain = 1d }\n}\noutput secret it = p.value\n')
    assert bgc('plan', '--sandbox').code == 0
    path = bgc.folder / '.bgc' / 'sandbox.json'
    account = json.loads(path.read_text())
    for o in account['objects']:
        if 'Value' in o['body']:
            o['body']['Value'] = 'q7'
    path.write_text(json.dumps(account))
    r = bgc('plan', '--sandbox', '--json')
    assert r.code == 1 and [d['code'] for d in json.loads(r.out)['diagnostics']] == ['BG1508'], r
    assert '"q7"' not in r.all and 'shared.p' in r.all
