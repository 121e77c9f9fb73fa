"""bgc check --fix: what is certain is mended in the file, all else is left alone."""
import json
import os

import pytest

HEAD = 'stack demo { region = "eu-west-1", store = "s3://demo-state" }\n'
REST = '''shared {
  existing zone: route53.zone { name = "example.com", private = false }
  existing net:   ec2.vpc { tagged = { "env" => "prod" } }
  existing cert:  acm.certificate { covers = "shop.example.com" }
  existing front: set ec2.subnet { vpc = net, tagged = { "tier" => "public" } }
}
world web {
  resource group: ec2.security_group { vpc = net, ingress = [{ from = 0.0.0.0/0, port = 443 }] }
  resource tg: elbv2.target_group { vpc = net, port = 8080, drain = 30s, health = { path = "/healthz" } }
  resource lb: elbv2.load_balancer { scheme = "internet-facing", subnets = front, groups = [group] }
  resource plain: elbv2.listener { lb = lb, port = 443, certs = [cert], forward = tg }
  entry lb
}
traffic web: route53.weighted { zone = zone, names = ["shop.example.com"] }
gate ready {
  check healthy: healthy(web.tg) == 100% within 10m
}
gate steady {
  every 30s no_data hold
  check errors: ratio(web.lb.http_5xx, web.lb.requests, 5m) < 0.5% and true
}
rollout web {
  test  ready
  shift 50% for 15m while steady
  shift 100% for 15m while steady
  bake  1h while steady
}
'''

# (what is written, what was meant): each is mended for certain.
SLIPS = [
    ('name = "example.com"', 'nmae = "example.com"', 'BG1005'),
    ('private = false', 'private = "false"', 'BG1010'),
    ('"env" => "prod"', '"env" => \'prod\'', 'BG0008'),
    ('port = 8080', 'port = "8080"', 'BG1010'),
    ('drain = 30s', 'drain = 30', 'BG1013'),
    ('drain = 30s', 'drain = 30sec', 'BG0010'),
    ('drain = 90s', 'drain = 1.5m', 'BG0009'),
    ('drain = 30s', 'drain = 30s ?? 5s', 'BG1014'),
    ('elbv2.load_balancer', 'elbv2.load_balancr', 'BG1006'),
    ('scheme = "internet-facing"', 'scheme = "internet-facng"', 'BG1011'),
    ('groups = [group]', 'groups = group', 'BG1010'),
    ('groups = [group]', 'groups: [group]', 'BG0017'),
    ('groups = [group]', 'groups [group]', None),
    ('groups = [group]', 'groups == [group]', 'BG0017'),
    ('< 0.5% and true', '< 0.5% && true', 'BG0006'),
    ('< 0.5% and true', '< 0.5%\n    and true', 'BG0022'),
    ('shift 50%', 'shift 50', 'BG0010'),
    ('shift 100% for 15m', 'shift 100% 15m', 'BG0001'),
    ('while steady\n  shift 100%', 'while stedy\n  shift 100%', 'BG4009'),
    ('check healthy: healthy', 'check healthy healthy', 'BG0017'),
    ('resource plain:', 'resorce plain:', 'BG0023'),
    ('world web', 'world "web"', 'BG0018'),
    ('healthy(web.tg)', 'healthy(tg)', 'BG1001'),
]


@pytest.mark.parametrize('meant, written, code', [s for s in SLIPS if s[2]], ids=lambda s: None)
def test_mends(bgc, meant, written, code):
    sound = HEAD + REST
    if meant not in sound:  # the unit is the whole one of a fraction
        sound = sound.replace('drain = 30s', meant)
    wrong = sound.replace(meant, written, 1)
    assert wrong != sound
    path = bgc.write('demo.bg', wrong)
    before = bgc('check')
    assert before.code == 1 and f'error[{code}]' in before.err, before
    assert 'bgc check --fix' in before.err
    assert path.read_text() == wrong  # without --fix nothing is written
    r = bgc('check', '--fix')
    assert r.code == 0 and f'[{code}]' in r.out and 'fixed demo.bg:' in r.out, r
    assert path.read_text().split() == sound.split(), r
    again = bgc('check', '--fix')
    assert again.code == 0 and 'fixed' not in again.out and path.read_text().split() == sound.split()


def test_all_at_once(bgc):
    text = HEAD + REST
    for meant, written, code in SLIPS:
        if code and text.count(meant) == 1:
            text = text.replace(meant, written)
    path = bgc.write('demo.bg', text)
    n = bgc('check').err.count('error[')
    assert n >= 8
    r = bgc('check', '--fix')
    assert r.code == 0, r
    assert path.read_text().split() == (HEAD + REST).split()


UNCERTAIN = [
    ('drain = 30s', 'drain = 30q', 'BG0010'),          # no unit looks like it
    ('within 10m', 'within 10', 'BG0010'),              # seconds, minutes or hours
    ('"internet-facing"', '"internet_facig"', 'BG1011'),  # two slips
    ('from = 0.0.0.0/0', 'from = 10.1.2.3/16', 'BG0011'),  # the network or the address
    ('shift 100% for 15m while steady', 'shift 100% for 15m while settled', 'BG4009'),
]


@pytest.mark.parametrize('meant, written, code', UNCERTAIN)
def test_leaves_what_is_not_certain(bgc, meant, written, code):
    text = (HEAD + REST).replace(meant, written, 1)
    path = bgc.write('demo.bg', text)
    r = bgc('check', '--fix')
    assert r.code == 1 and f'error[{code}]' in r.err, r
    assert path.read_text() == text


def test_json_tells_of_fixes(bgc):
    bgc.write('demo.bg', (HEAD + REST).replace('drain = 30s', 'drain = 30'))
    d = bgc('check', '--json').json()
    fix, = d[0]['fixes']
    assert fix['title'] == 'write `30s`' and fix['certain'] is True
    edit, = fix['edits']
    assert edit['text'] == '30s' and edit['path'] == 'demo.bg'
    assert (edit['line'], edit['column'], edit['end_column']) == (d[0]['line'], d[0]['column'], d[0]['end_column'])


def test_documents_stay_documents(bgc):
    path = bgc.write('demo.bg', (HEAD + REST).replace('drain = 30s', 'drain = 30'))
    r = bgc('check', '--fix', '--sarif')
    assert r.code == 0 and json.loads(r.out)['runs'][0]['results'] == []
    assert 'fixed demo.bg:10:69' in r.err and 'drain = 30s' in path.read_text()


def test_mends_imported_files(bgc):
    bgc.write('parts/web.bg', 'let port = "8080"\nfn twice(n: int): int = n * 2\nlet x = twice("4")\n')
    bgc.write('demo.bg', 'use "./parts/web.bg" = parts\n' + HEAD + REST.replace('port = 8080', 'port = parts.x'))
    r = bgc('check', '--fix')
    assert r.code == 0 and 'fixed parts/web.bg:3:15' in r.out, r
    assert 'twice(4)' in (bgc.folder / 'parts/web.bg').read_text()


def test_not_through_a_link_that_leads_out(bgc, tmp_path_factory):
    out = tmp_path_factory.mktemp('elsewhere') / 'demo.bg'
    out.write_text((HEAD + REST).replace('drain = 30s', 'drain = 30'))
    os.symlink(out, bgc.folder / 'demo.bg')
    before = out.read_text()
    r = bgc('check', '--fix')
    assert r.code == 1 and 'error[BG0910]' in r.err, r
    assert out.read_text() == before


def test_a_folder_that_cannot_be_written(bgc):
    if os.geteuid() == 0:
        pytest.skip('root writes everywhere')
    path = bgc.write('demo.bg', (HEAD + REST).replace('drain = 30s', 'drain = 30'))
    before = path.read_text()
    os.chmod(bgc.folder, 0o555)
    try:
        r = bgc('check', '--fix')
    finally:
        os.chmod(bgc.folder, 0o755)
    assert r.code == 1 and 'error[BG0906]' in r.err, r
    assert path.read_text() == before


def test_keeps_the_rest_of_the_file(bgc):
    text = ('# a comment, höhe, 東京 🚀\n' + HEAD + REST).replace('drain = 30s', 'drain = 30').replace('\n', '\r\n')
    path = bgc.folder / 'demo.bg'
    path.write_bytes(text.encode())
    path.chmod(0o640)
    assert bgc('check', '--fix').code == 0
    assert path.read_bytes().decode() == text.replace('drain = 30,', 'drain = 30s,')
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in bgc.folder.iterdir()) == ['demo.bg']
