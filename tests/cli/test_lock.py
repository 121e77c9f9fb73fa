"""Pins that nothing uses: `check` and `lock` say so, `lock prune` forgets them."""

SPEC = '''stack %s { region = "eu-west-1", store = "s3://some-state" }
input env: "stage" | "prod" = "prod"
module part() {
  existing image: ec2.image { owner = "self", name = "base-*", newest = true } pin
  out image = image
}
shared {
  existing image: ec2.image { owner = "self", name = "base-*", newest = true } pin
  existing free:  ec2.image { owner = "self", name = "base-*", newest = true }
  existing each[k in if env == "prod" then ["a", "b"] else ["a"]]: part {}
}
output ids = [image.id, free.id, each["a"].image.id]
'''
LOCK = '''# Pinned answers.
shared.image = "ami-1"   # base

shared.each["a"].image = "ami-2"
shared.each["b"].image = "ami-3"
  shared.old = "ami-4"   # gone
shared.free = "ami-5"
"https://example.com/tier.bg" = "sha256:0"
shared.each["a"].other = "ami-6"
# The end.
'''
KEPT = '''# Pinned answers.
shared.image = "ami-1"   # base

shared.each["a"].image = "ami-2"
shared.each["b"].image = "ami-3"
# The end.
'''
UNUSED = ['shared.old', 'shared.free', '"https://example.com/tier.bg"', 'shared.each["a"].other']


def unused(r):
    """What the warnings of a check point at."""
    found = [d for d in r.json() if d['code'] == 'BG7006']
    assert r.code == 0 and all(d['severity'] == 'warning' and d['path'] == 'bgc.lock' for d in found), r
    return [d['line'] for d in found]


def test_they_are_said_and_taken_out(bgc):
    bgc.write('s.bg', SPEC % 's')
    bgc.write('bgc.lock', LOCK)
    assert unused(bgc('check', '--json')) == [6, 7, 8, 9]
    # In every environment: the lock is of all of them.
    assert unused(bgc('check', '-i', 'env=stage', '--json')) == [6, 7, 8, 9]
    text = bgc('check').err
    assert text.count('nothing uses this pin') == 4 and '`bgc lock prune`' in text
    r = bgc('lock', 'prune')
    assert r.code == 0 and r.out.splitlines() == [f'{a}: removed' for a in UNUSED], r
    assert (bgc.folder / 'bgc.lock').read_text() == KEPT
    assert unused(bgc('check', '--json')) == []
    r = bgc('lock', 'prune')
    assert r.code == 0 and r.out == 'every pin is used\n' and (bgc.folder / 'bgc.lock').read_text() == KEPT


def test_another_program_in_the_folder_may_use_them(bgc):
    bgc.write('s.bg', SPEC % 's')
    bgc.write('bgc.lock', LOCK)
    bgc.write('t.bg', 'stack t { region = "eu-west-1", store = "s3://some-state" }\nshared {\n  existing old: ec2.image '
                      '{ owner = "self", name = "old-*", newest = true } pin\n}\noutput id = old.id\n')
    assert unused(bgc('check', 's.bg', '--json')) == [7, 8, 9]
    # Of one that cannot be read nobody knows.
    bgc.write('t.bg', 'stack t {')
    assert unused(bgc('check', 's.bg', '--json')) == []
    assert bgc('lock', 'prune', 's.bg').out == 'every pin is used\n'


def test_nothing_is_taken_out_for_a_program_with_errors(bgc):
    bgc.write('s.bg', SPEC % 's' + 'output wrong = nothing\n')
    bgc.write('bgc.lock', LOCK)
    r = bgc('lock', 'prune')
    assert r.code == 1 and 'BG1001' in r.err and (bgc.folder / 'bgc.lock').read_text() == LOCK
    assert 'BG7006' not in bgc('check').err


def test_an_update_says_it_too(served, shop):
    shop.write('bgc.lock', (shop.folder / 'bgc.lock').read_text() + 'shared.old = "ami-4"\n')
    r = served('lock', 'update', 'shared.image')
    assert r.code == 0 and 'BG7006' in r.err and 'shared.old' in r.err, r


def test_without_a_lock(bgc):
    bgc.write('s.bg', SPEC % 's')
    assert bgc('lock', 'prune').out == 'every pin is used\n'
    assert unused(bgc('check', '--json')) == [] and not (bgc.folder / 'bgc.lock').exists()
