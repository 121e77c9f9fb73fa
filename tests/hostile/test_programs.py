"""Programs that ask for more than there is: too deep, too many, too large, too slow."""
import pytest

S = 'stack s { region = "eu-west-1" }\n'
EVAL = ('BG1542', 'BG1543')  # out of steps, out of room


def chain(n, line, first=0):
    return ''.join(line.format(i=i, j=i + 1) for i in range(first, n))


def doubled(n, first='"ab"', line='let x{j} = "${{x{i}}}${{x{i}}}"\n'):
    """let x0 = FIRST, and n times twice as much."""
    return f'let x0 = {first}\n' + chain(n, line)


# ---- nesting ---------------------------------------------------------------------

DEEP = {
    'parentheses': '(' * 10**6,
    'parentheses of a value': S + 'let x = ' + '(' * 10**6,
    'brackets': S + 'let x = ' + '[' * 10**6,
    'braces': S + 'let x = ' + '{' * 10**6,
    'blocks': S + chain(10000, 'world w{i} {{\n'),
    'blocks that close': S + chain(10000, 'module m{i}(a: int) {{\n') + '}\n' * 10000,
    'records': S + 'let x = ' + '{ a = ' * 10000 + '1' + ' }' * 10000,
    'lists': S + 'let x = ' + '[' * 10000 + '1' + ']' * 10000,
    'ifs': S + 'let x = ' + 'if true then ' * 10**5 + '1' + ' else 2' * 10**5,
    'else ifs': S + 'let x = ' + 'if true then 1 else ' * 10**5 + '1',
    'strings in strings': S + 'let x = ' + '"${' * 10000 + '1' + '}"' * 10000,
    'strings that stay open': S + 'let x = ' + '"${' * 300000,
    'not': S + 'let x = ' + 'not ' * 10**5 + 'true',
    'minus': S + 'let x = ' + '-' * 10**6 + '1',
    'a sum': S + 'let x = 1' + ' + 1' * 200000,
    'members': S + 'let x = a' + '.a' * 500000,
    'calls': S + 'let x = a' + '()' * 300000,
    'indices': S + 'let x = a' + '[0]' * 300000,
    'types': S + 'input x: ' + '[' * 10**5 + 'int' + ']' * 10**5,
    'sets of sets': S + 'input x: ' + 'set ' * 10**5 + 'int',
    'record types': S + 'input x: ' + '{ a: ' * 10000 + 'int' + ' }' * 10000,
}


@pytest.mark.parametrize('name', DEEP)
def test_nesting(bgc, name):
    bgc.refuses(DEEP[name], 'BG0014')


CHAINS = {
    'values': chain(10**5, 'let x{i} = x{j} + 1\n') + 'let x100000 = 1\noutput o = x0\n',
    'functions': chain(10**4, 'fn f{i}(x: int): int = f{j}(x)\n') + 'fn f10000(x: int): int = x\noutput o = f0(1)\n',
    'modules': chain(10**4, 'module m{i}(a: int) {{ existing r: m{j} {{ a = a }} }}\n') +
               'module m10000(a: int) { out x = a }\nshared { existing q: m0 { a = 1 } }\n',
    'types': chain(2 * 10**5, 'type t{i} = t{j}\n') + 'type t200000 = int\ninput x: t0 = 1\n',
}


@pytest.mark.parametrize('name', CHAINS)
def test_chains_of_names(bgc, name):
    bgc.refuses(S + CHAINS[name], 'BG1544')


CIRCLES = {
    'values': (chain(10**4, 'let x{i} = x{j} + 1\n') + 'let x10000 = x0\noutput o = x0\n', 'BG1024', 'BG1544'),
    'a function': ('fn f(x: int): int = f(x)\noutput o = f(1)\n', 'BG1024'),
    'two functions': ('fn f(x: int): int = g(x)\nfn g(x: int): int = f(x)\noutput o = f(1)\n', 'BG1024'),
    'a default': ('fn f(a: int = f()): int = a\noutput o = f()\n', 'BG1024'),
    'a module': ('module m(a: int) { resource r: m { a = a } }\nshared { resource q: m { a = 1 } }\n', 'BG1024'),
    'a type': ('type t { field a: t }\ninput x: t\n', 'BG1007'),
    'two types': ('type t = u\ntype u = t\ninput x: t = 1\n', 'BG1007'),
}


@pytest.mark.parametrize('name', CIRCLES)
def test_circles(bgc, name):
    text, *codes = CIRCLES[name]
    bgc.refuses(S + text, *codes)


# ---- computations that explode ---------------------------------------------------

EXPLODE = {
    'loops in a loop': 'let x = [for a in 1..1000000: [for b in 1..1000000: a * b]]\noutput o = x\n',
    'a range': 'let x = [for a in 1..1000000000000: a]\noutput o = x\n',
    'a range that is filtered': 'output o = length([for a in 1..1000000000000 if a < 0: a])\n',
    'a loop in a function in a loop': 'fn f(x: int): int = length([for a in 1..100000: a]) + x\n'
                                      'let x = [for a in 1..100000: f(a)]\noutput o = x\n',
    'maps in maps': 'let k = [for i in 1..1000: "k${i}"]\nlet m = {for a in k: a => {for b in k: b => '
                    '{for c in k: c => 1}}}\noutput o = m\n',
    'functions that call twice': 'fn f0(x: int): int = x\n' + chain(64, 'fn f{j}(x: int): int = f{i}(x) + f{i}(x)\n') +
                                 'output o = f64(1)\n',
    'conditions of conditions': 'let l = [for i in 1..10000: i]\n'
                                'output o = all(l, x => all(l, y => all(l, z => x + y + z > 0)))\n',
    'a text, doubled': doubled(64) + 'output o = x64\n',
    'a list, doubled': doubled(64, '[1]', 'let x{j} = concat(x{i}, x{i})\n') + 'output o = x64\n',
    'a record, doubled': doubled(64, '{ a = 1 }', 'let x{j} = {{ a = x{i}, b = x{i} }}\n') + 'output o = x64\n',
    'a list of itself': doubled(64, '[[1]]', 'let x{j} = [x{i}, x{i}]\n') + 'output o = x64\n',
    'replace': 'let a = "aaaaaaaaaaaaaaaaaaaa"\nlet b = replace(a, "a", a)\nlet c = replace(b, "a", b)\n'
               'let d = replace(c, "a", c)\noutput o = length(replace(d, "a", d))\n',
    'join': 'output o = length(join([for i in 1..1000000: "xxxxxxxxxxxxxxxxxxxxxxxx"], "yyyyyyyyyyyyyyyyyyyyyyy"))\n',
    'contains': 'let l = [for i in 1..100000: i]\noutput o = [for i in l if contains(l, 0 - i): i]\n',
    'concat': 'let l = [for i in 1..1000000: i]\noutput o = length([for i in 1..1000: concat(l, l)])\n',
    'flatten': 'let l = [for i in 1..1000: [for j in 1..1000: j]]\n'
               'output o = length(flatten([for i in 1..1000: flatten(l)]))\n',
    'sha256': doubled(20) + 'output o = [for i in 1..100000: sha256(x20)]\n',
    'json': doubled(20) + 'output o = [for i in 1..100000: length(json(x20))]\n',
    'comparing texts': doubled(22) + 'let y = "${x21}${x21}"\noutput o = length([for i in 1..1000000 if y == x22: i])\n',
    'looking up by a text': doubled(22) + 'let m = { "a" => 1, "${x22}" => 2 }\n'
                            'output o = length([for i in 1..1000000 if m[x22] == 2: i])\n',
    'unique texts': doubled(22) + 'output o = length(unique([for i in 1..1000000: x22]))\n',
    'a set of texts': doubled(22) + 'fn f(s: set string): int = length(s)\noutput o = f([for i in 1..1000000: x22])\n',
    'keys': 'shared { resource g[k in [for i in 1..1000000: "k${i}"]]: logs.group { } }\n',
    'modules in modules': chain(40, 'module m{i}(a: int) {{\n existing r: m{j} {{ a = a }}\n'
                                    ' existing s: m{j} {{ a = a }}\n}}\n') +
                          'module m40(a: int) { out x = a }\nshared { existing q: m0 { a = 1 } }\n',
    'a record with too many fields': 'let x = {' + chain(100000, 'f{i} = 1d\n') + '}\noutput o = x\n',
}


@pytest.mark.parametrize('name', EXPLODE)
def test_explosions(bgc, name):
    bgc.refuses(S + EXPLODE[name], *EVAL)


@pytest.mark.parametrize('text', [
    'output o = length([for i in 0..199999: l[i]])',
    'output o = length([for i in 0..199999: first(l) + length(l)])',
    'output o = length(sort([for i in l: -i]))',
    'output o = length(unique(l))',
], ids=['index', 'first', 'sort', 'unique'])
def test_what_is_large_and_sound_is_computed(bgc, text):
    bgc.write('main.bg', S + 'let l = [for i in 1..200000: i]\n' + text + '\n')
    bgc.accepted('check', 'main.bg')


def test_many_dependencies(bgc):
    names = ', '.join(f'g{i}' for i in range(10000))
    bgc.write('main.bg', S + 'shared {\nexisting v: ec2.vpc { name = "x" }\nexisting i: ec2.image { owner = "self", name = "x" }\n' +
              chain(10000, 'resource g{i}: ec2.security_group {{ vpc = v }}\n') +
              f'resource t: ec2.launch_template {{ image = i, size = "t3.small", groups = [{names}] }}\n}}\n')
    assert bgc('check', 'main.bg').code == 0


# ---- numbers ---------------------------------------------------------------------

@pytest.mark.parametrize('text, code', [
    ('let x = ' + '9' * 10**6, 'BG0009'),
    ('let x = 0.' + '9' * 10**6, 'BG0009'),
    ('let x = 99999999999999999999d', 'BG0009'),
    ('let x = 106751991167d * 2\noutput o = x', 'BG1511'),
    ('let x = 9223372036854775807ms + 1ms\noutput o = x', 'BG1511'),
    ('let x = 9223372036854775807GiB', 'BG0009'),
    ('output o = 9223372036854775807 * 9223372036854775807', 'BG1511'),
    ('let x = 0 - 9223372036854775807 - 1\noutput o = x / -1', 'BG1511'),
    ('let x = 0 - 9223372036854775807 - 1\noutput o = -x', 'BG1511'),
    ('let a0 = 9999999999.99\n' + chain(60, 'let a{j} = a{i} * a{i}\n') + 'output o = a60', 'BG1511'),
    ('let a0 = 0.0000000001\n' + chain(60, 'let a{j} = a{i} * a{i}\n') + 'output o = 1 / a60', 'BG1512'),
    ('output o = 1 / 0', 'BG1512'),
    ('gate g { every 9999999999999999d no_data hold\n check a: 1 < 2 }', 'BG0009'),
])
def test_numbers(bgc, text, code):
    bgc.refuses(S + text + '\n', code)


# ---- patterns --------------------------------------------------------------------

@pytest.mark.parametrize('text', [
    'output o = matches("{a}!", r"^(a+)+$")',
    'output o = [for i in 1..100000: matches("{a}!", r"^(a+)+$")]',
    'input x: string r"^(([a-z])+.)+[A-Z]([a-z])+$" = "{a}"\noutput o = x',
    'output o = matches("a", r"' + '(' * 10**5 + 'a' + ')' * 10**5 + '")',
    'output o = matches("a", r"(((a{{1,1000}}){{1,1000}}){{1,1000}}){{1,1000}}")',
    'output o = matches("a", r"' + 'a?' * 300000 + '")',
])
def test_patterns(bgc, text):
    bgc.refuses(S + text.replace('{a}', 'a' * 5000).replace('{{', '{').replace('}}', '}') + '\n',
                'BG1533', 'BG1011', 'BG1542')


def test_patterns_in_a_loop_share_a_budget(bgc):
    bgc.refuses(S + f'output o = [for i in 1..100000: matches("{"ab" * 40}${{i}}", r"^(a|b|ab)*$")]\n', 'BG1542', 'BG1533')


# ---- many ------------------------------------------------------------------------

@pytest.mark.parametrize('text, code', [
    ('let x = 1\n' * 500000, 'BG1002'),
    (chain(500000, 'output o{i} = n{i}\n'), 'BG1001'),
    (chain(20000, 'let name{i} = 1\n') + chain(2000, 'output o{i} = nbme{i}x\n'), 'BG1001'),
    (chain(100000, 'assert 1 == 2: "no {i}"\n'), 'BG1011'),
    ('gate g {\n every 30s no_data hold\n' + chain(50000, 'check c{i}: 1 < 2\n') + '}\n', 'BG4018'),
    ('rollout w {\n' + 'shift 10% for 15m\n' * 50000 + '}\n', 'BG4001'),
    ('shared { resource g: logs.group {\n' + chain(100000, '  f{i} = 1\n') + '}}\n', 'BG1005'),
    ('shared { resource g: logs.group {\n' + '  retain = 1d\n' * 100000 + '}}\n', 'BG1020'),
    ('output o = length(' + ', '.join(['1'] * 200000) + ')\n', 'BG1016'),
    ('fn f(' + ', '.join(f'a{i}: int' for i in range(50000)) + '): int = 1\noutput o = f()\n', 'BG1016'),
    ('output o = nope.a\n' + chain(20000, 'world w{i} {{ }}\n'), 'BG1001'),
], ids=['twice', 'unknown', 'nearly', 'asserts', 'checks', 'steps', 'fields', 'the same field', 'arguments', 'parameters',
        'worlds'])
def test_many_mistakes(bgc, text, code):
    bgc.refuses(S + text, code)


def test_of_many_mistakes_the_first_are_shown_and_the_rest_is_counted(bgc):
    r = bgc.refuses(S + chain(5000, 'output o{i} = n{i}\n'), 'BG1001')
    assert r.err.count('error[BG1001]') == 1000
    assert 'note[BG0030]: 4000 more errors are not shown' in r.err
    r = bgc('check', 'main.bg', '--json')
    assert r.code == 1 and r.out.count('"BG1001"') == 1000 and '4000 more errors' in r.out
    r = bgc('check', 'main.bg', '--github')
    assert r.out.count('BG1001') == 1000 and '::notice title=BG0030' in r.out


def test_many_syntax_errors(bgc):
    for text in ('@' * 10**6, '@\n' * 10**6, ';' * 10**6, ')' * 10**6, '"' * 10**6, '<' * 10**6):
        bgc.refuses(S + text, 'BG00')


@pytest.mark.parametrize('text', ['#\n' * 10**6, '## x\n' * 10**6, '\n' * 10**6,
                                  'let x = "' + '$' * 10**6 + '"\noutput o = x\n',
                                  'let x = """\n' + ' a\n' * 300000 + '"""\noutput o = x\n',
                                  'let x = {' + chain(100000, '"a{i}" => 1\n') + '}\noutput o = length(x)\n'],
                         ids=['comments', 'docs', 'nothing', 'dollars', 'a block', 'a map'])
def test_large_and_sound(bgc, text):
    bgc.write('main.bg', S + text)
    bgc.accepted('check', 'main.bg')


def test_long_names_and_texts_are_cut_in_messages(bgc):
    r = bgc.refuses(S + 'let ' + 'a' * 10**6 + ' = b\n', 'BG1001')
    r = bgc.refuses(S + 'output o = ' + 'a' * 10**6 + '\n', 'BG1001')
    assert len(r.err) < 5000
    r = bgc.refuses(S + 'input x: "a" = "' + 'b' * 10**6 + '"\n', 'BG1011')
    assert len(r.err) < 5000
