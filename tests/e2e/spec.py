"""shop.bg as the tests run it: the example itself, with shorter holds and windows, and
`avg` for `p99`, of which moto knows nothing. Each substitution must still find what it
replaces, so that a change of the example is noticed here."""
import pathlib

SHOP = pathlib.Path(__file__).resolve().parent.parent.parent / 'examples' / 'shop'

SUBSTITUTIONS = [
    # what moto cannot measure
    ('p99(', 'avg('),
    # windows
    (', 5m)', ', 2m)'),
    # holds
    ('shift  10% for 15m', 'shift  10% for 4m'),
    ('shift  50% for 20m', 'shift  50% for 4m'),
    ('shift  100% for 30m', 'shift  100% for 4m'),
    ('within 4h while steady', 'within 1h while steady'),
    ('bake   24h while', 'bake   5m while'),
    ('for 1h at latest 72h', 'for 5m at latest 1h'),
]
# `size` decides the world, and these two what else is wanted of the second one.
TIGHTER = [
    ('ingress = [{ from = 0.0.0.0/0, port = 443 }, { from = ::/0, port = 443 }]',
     'ingress = [{ from = 0.0.0.0/0, port = 443 }]'),
    ('egress  = [{ to = 0.0.0.0/0, port = 443 }, { to = net.range, port = 5432 }]',
     'egress  = [{ to = net.range, port = 443 }, { to = net.range, port = 5432 }]'),
]


def text(*more):
    s = (SHOP / 'shop.bg').read_text()
    for old, new in (*SUBSTITUTIONS, *more):
        assert old in s, f'examples/shop/shop.bg has no {old!r} any more'
        s = s.replace(old, new)
    return s


def write(folder, image, *more):
    folder = pathlib.Path(folder)
    (folder / 'shop.bg').write_text(text(*more))
    (folder / 'boot.sh').write_text((SHOP / 'boot.sh').read_text())
    (folder / 'bgc.lock').write_text(f'shared.image = "{image}"\n')
    return folder / 'shop.bg'
