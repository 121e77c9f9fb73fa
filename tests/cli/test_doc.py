"""bgc doc: types, functions and modules of the library."""
import re

import pytest


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
    assert r.code == 0 and r.out.count('count(') == 3 and 'It measures' in r.out
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
        assert checked.code == 0 and 'error' not in checked.err, (name, example, checked)
        assert formatted.code == 0, (name, example, formatted)


def test_an_example_has_the_required_fields_and_what_they_refer_to(bgc):
    example = example_of(bgc, 'elbv2.target_group')
    assert 'existing vpc: ec2.vpc {' in example and 'vpc = vpc, port = 8080' in example


def test_what_a_change_of_a_field_means(bgc):
    page = bgc('doc', 'ec2.security_group').out
    assert re.search(r'vpc: .*\(a change replaces the resource; in a world it means a new world\)', page)
    assert re.search(r'ingress: .*\(changed in place; in a world it means a new world\)', page)
    assert re.search(r'size: .*\(changed in place, also in a live world\)', bgc('doc', 'autoscaling.group').out)
