"""The examples as the tests run them: with shorter holds and windows, longer limits, and
`avg` for `p99`, of which moto knows nothing. Each substitution must still find what it
replaces, so that a change of the example is noticed here."""
import pathlib
import shutil

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / 'examples'

EVERY = [
    # what moto cannot measure
    ('p99(', 'avg('),
    # windows
    (', 5m)', ', 2m)'),
    # limits: they shall end no test on a slow machine
    ('within 10m', 'within 24h'),
    (' < 60%', ' < 60% within 24h'),
]
# The share stays until the test says so.
APPROVE = '\n  approve "a tester" within 24h while '
SHOP = [
    *EVERY,
    # holds
    ('shift  10% for 15m', 'shift  10% for 4m'),
    ('shift  50% for 20m', 'shift  50% for 4m'),
    ('shift  100% for 30m', 'shift  100% for 4m'),
    ('within 4h while', 'within 24h while'),
    ('for 1h at latest 72h', 'for 5m at latest 1h'),
]
HELD = [('shift  10% for 4m while steady', 'shift  10% for 4m while steady' + APPROVE + 'steady')]
ALONE = [('\n  approve "release manager" within 24h while steady', '')]
SPLIT = [
    *EVERY,
    # moto does not take the size of the image's disk
    ('monitor = 1m\n', 'monitor = 1m\n    disk    = 20GiB\n'),
    ('shift  5% for 15m while steady', 'shift  5% for 4m while steady' + APPROVE + 'steady'),
    ('shift  50% for 15m while steady', 'shift  50% for 4m while steady' + APPROVE + 'steady'),
    ('shift  100% for 15m', 'shift  100% for 4m'),
    ('bake   1h while', 'bake   24h while'),
    ('for 15m at latest 4h', 'for 5m at latest 1h'),
]
# `size` decides the world of the shop, and these two what else is wanted of the second one.
TIGHTER = [
    ('ingress = [{ from = 0.0.0.0/0, port = 443 }, { from = ::/0, port = 443 }]',
     'ingress = [{ from = 0.0.0.0/0, port = 443 }]'),
    ('egress  = [{ to = 0.0.0.0/0, port = 443 }, { to = net.range, port = 5432 }]',
     'egress  = [{ to = net.range, port = 443 }, { to = net.range, port = 5432 }]'),
]


def write(folder, example, image, substitutions):
    """The example's files into `folder`, with `image` pinned."""
    folder, source = pathlib.Path(folder), EXAMPLES / example
    text = (source / f'{example}.bg').read_text()
    for old, new in substitutions:
        assert old in text, f'examples/{example}/{example}.bg has no {old!r} any more'
        text = text.replace(old, new)
    (folder / f'{example}.bg').write_text(text)
    shutil.copy(source / 'boot.sh', folder)
    (folder / 'bgc.lock').write_text(f'shared.image = "{image}"\n')
