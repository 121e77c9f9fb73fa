"""bgc doc: types, functions and modules of the library."""
import re
import subprocess

import pytest

from conftest import ROOT


def test_a_type_says_what_a_change_costs_and_what_is_called(bgc):
    r = bgc('doc', 'ec2.security_group')
    assert r.code == 0
    assert 'vpc: ref ec2.vpc   (a change replaces the resource; in a world it means a new world)' in r.out
    assert '\nCalls\n  create  CreateSecurityGroup\n' in r.out
    assert 'ingress.added: AuthorizeSecurityGroupIngress' in r.out


def test_every_type_has_a_page(bgc):
    for line in bgc('types').out.splitlines():
        r = bgc('doc', line.split()[0])
        assert r.code == 0 and len(r.out.splitlines()) > 2, line


def test_a_function_shows_every_way_to_call_it(bgc):
    r = bgc('doc', 'count')
    assert r.code == 0 and len(re.findall(r'^count\(', r.out, re.M)) == 3 and 'It measures' in r.out
    assert bgc('doc', 'http.get').out.startswith('http.get(url: string')


def test_a_module_shows_its_parameters_and_what_it_gives(bgc):
    r = bgc('doc', 'std.network')
    assert r.code == 0 and 'tag: string' in r.out and 'private' in r.out


@pytest.mark.parametrize('name, near', [('ec2.securty_group', 'ec2.security_group'), ('lenght', 'length'),
                                        ('std.nothing', None), ('\x1b[31m', None)])
def test_what_is_unknown(bgc, name, near):
    r = bgc('doc', name)
    assert r.code == 1 and not r.out and '\x1b' not in r.err
    assert (f'did you mean {near}?' in r.err) if near else ('lists the types' in r.err)


def example_of(bgc, name):
    """What the page says compiles below a `stack`."""
    page = bgc('doc', name).out
    assert '\nExample\n  In a file with a `stack`, this compiles as it stands:\n\n' in page, name
    return ''.join(line[6:] + '\n' for line in page.split('as it stands:\n\n')[1].splitlines())


def test_every_type_has_an_example_that_compiles(bgc):
    for line in bgc('types').out.splitlines():
        name = line.split()[0]
        example = example_of(bgc, name)
        assert re.search(rf'\b{re.escape(name)}\b', example) or name == 'ec2.sg_rule', example
        bgc.write('main.bg', 'stack demo {\n  region = "eu-west-1"\n}\n\n' + example)
        checked, formatted = bgc('check', 'main.bg'), bgc('fmt', '--check', 'main.bg')
        # Neither an error nor a finding of lint: it is what people copy.
        assert checked.code == 0 and not checked.err, (name, example, checked)
        assert formatted.code == 0, (name, example, formatted)


def test_a_module_has_an_example_too(bgc):
    bgc.write('main.bg', 'stack demo {\n  region = "eu-west-1"\n}\n\n' + example_of(bgc, 'std.network'))
    checked, formatted = bgc('check', 'main.bg'), bgc('fmt', '--check', 'main.bg')
    assert checked.code == 0 and not checked.err and formatted.code == 0, (checked, formatted)


def functions(bgc):
    """name -> [(measures, example)], overload by overload."""
    reference = (ROOT / 'docs' / 'language.md').read_text()
    names = dict.fromkeys(re.findall(r'^\| `([a-z0-9_.]+)\(', reference, re.M))
    assert len(names) > 50
    for name in names:
        for overload in bgc('doc', name).out.split('\n\n'):
            examples = re.findall(r'^      (.+)$', overload, re.M)
            assert len(examples) == 1 and f'{name}(' in examples[0], (name, overload)
            yield name, 'It measures' in overload, examples[0]


def test_every_function_has_an_example_that_holds(bgc):
    examples = list(functions(bgc))
    bgc.write('boot.sh', 'listen ${port}\n')
    plain = [e for _, measures, e in examples if not measures]
    bgc.write('main.bg', 'stack demo { region = "eu-west-1" }\ninput names: set string = ["a", "b"]\n'
              + ''.join(f'test "{i}" {{ expect {e} }}\n' for i, e in enumerate(plain)))
    r = bgc('test', 'main.bg')
    assert r.code == 0 and f'{len(plain)} of {len(plain)} tests pass' in r.out, r


def test_what_measures_can_be_asked_by_a_gate(bgc):
    examples = [e for _, measures, e in functions(bgc) if measures]
    frame = subprocess.run(['sh', ROOT / 'tests' / 'check' / 'frame.sh'], input='let nothing = 1\n', text=True,
                           capture_output=True, check=True).stdout
    more = """  resource log: logs.group { retain = 30d }
  resource lt: ec2.launch_template { image = image, size = "t3.small" }
  resource group: autoscaling.group { template = lt, subnets = front, size = 1..3 }
"""
    frame = frame.replace('resource group: ec2', 'resource doors: ec2').replace('[group]', '[doors]')
    frame = frame.replace('world web {\n', 'world web {\n' + more).replace('shared {\n', 'shared {\n  existing image: '
                          'ec2.image { owner = "self", name = "shop-*", newest = true }\n')
    # Each in a gate where there is data for it: before users come, or while both worlds serve.
    test = ''.join(f'  check t{i}: {e} within 10m\n' for i, e in enumerate(examples)
                   if e.startswith(('healthy', 'scales', 'http')))
    steady = ''.join(f'  check s{i}: {e}\n' for i, e in enumerate(examples)
                     if not e.startswith(('healthy', 'scales', 'http')))
    frame = frame.replace('gate ready {\n', 'gate ready {\n' + test)
    frame = frame.replace('gate steady {\n  every 30s no_data hold\n', 'gate steady {\n  every 30s no_data hold\n' + steady)
    bgc.write('main.bg', frame)
    r = bgc('check', 'main.bg')
    assert r.code == 0 and len(examples) > 15, r


def test_types_without_a_dot_have_a_page_and_a_range(bgc):
    assert re.search(r'^port_number +A port of TCP or UDP: 0\.\.65535$', bgc('types').out, re.M)
    assert re.search(r'^ec2\.ami_id .*: string r"\^ami-', bgc('types').out, re.M)
    page = bgc('doc', 'port_number').out
    assert page.startswith('port_number\n  A port of TCP or UDP.\n\n  0..65535\n')
    assert 'did you mean port_number?' in bgc('doc', 'port_numbr').err


def test_an_example_has_the_required_fields_and_what_they_refer_to(bgc):
    example = example_of(bgc, 'elbv2.target_group')
    assert 'existing vpc: ec2.vpc {' in example and 'vpc = vpc, port = 8080' in example


def test_what_a_change_of_a_field_means(bgc):
    page = bgc('doc', 'ec2.security_group').out
    assert re.search(r'vpc: .*\(a change replaces the resource; in a world it means a new world\)', page)
    assert re.search(r'ingress: .*\(changed in place; in a world it means a new world\)', page)
    assert re.search(r'size: .*\(changed in place, also in a live world\)', bgc('doc', 'autoscaling.group').out)
