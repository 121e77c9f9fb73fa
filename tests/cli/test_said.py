"""What is said of mistakes that only the command line, the store or the account can show."""
import pytest

LOG = 'shared { resource log: logs.group { retain = 7d } }\n'


def said(r, code, exit_code=1, *words):
    assert r.code == exit_code and f'error[{code}]' in r.err and r.err.count('error[') == 1, r
    for word in words:
        assert word in r.err, r


def test_explain_of_no_code(bgc):
    said(bgc('explain', 'BG9999'), 'BG0909', 1)


def test_a_file_that_is_no_text(bgc):
    (bgc.folder / 'logo.png').write_bytes(b'\x89PNG\0\0')
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\noutput logo = file("logo.png")\n')
    said(bgc('check'), 'BG1563', 1, 'a.bg:2:', 'base64')


def test_no_such_pin(shop):
    said(shop('lock', 'update', 'shared.imag', '--sandbox'), 'BG6205', 1, 'did you mean `shared.image`?')
    said(shop('lock', 'update', 'web.lt', '--sandbox'), 'BG6205', 1, '`shared.image` is pinned')


def test_nothing_waits_for_approval(shop, served):
    said(served('approve'), 'BG6208', 1, '`bgc status`')


@pytest.mark.parametrize('store, code', [('/var/lib/x', 'BG6201'), ('../x', 'BG1011'), ('s3://ab', 'BG6120'),
                                         ('s3://', 'BG1011'), ('gs://bucket', 'BG1011')])
def test_no_place_for_a_store(bgc, store, code):
    """Said when the account is opened; with --sandbox the account's own store is used."""
    bgc.write('a.bg', f'stack a {{ region = "eu-west-1", account = "123456789012", store = "{store}" }}\n' + LOG)
    env = {'AWS_ACCESS_KEY_ID': 'AKIAEXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'secret',
           'AWS_ENDPOINT_URL': 'http://127.0.0.1:1'}
    r = bgc('apply', '--yes', env=env)
    said(r, code, 1)


def test_a_sandbox_account_that_cannot_be_written(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\n' + LOG)
    said(bgc('plan', '--sandbox=missing/account.json'), 'BG6503', 1, 'missing/account.json')
    assert not (bgc.folder / 'missing').exists()


def test_a_world_that_failed_its_tests(shop):
    """It is not tried again until it changes, or somebody says so."""
    shop.write('shop.bg', (shop.folder / 'shop.bg').read_text().replace(
        'healthy(web.tg) == 100% within 10m', 'healthy(web.tg) > 100% within 1m'))
    first = shop('apply', '--sandbox', '--yes')
    assert first.code == 3 or first.code == 1, first
    r = shop('apply', '--sandbox', '--yes')
    assert r.code != 0 and 'BG6009' in r.all, r
