"""The command line itself: help, mistakes, files that are missing or broken."""
import json
import os
import re
import subprocess
import time

import pytest

from conftest import BGC, ROOT, environment

COMMANDS = ['init', 'check', 'fmt', 'plan', 'apply', 'tick', 'status', 'approve', 'abort', 'rollback', 'retire',
            'lock', 'whoami', 'destroy', 'drift', 'test', 'graph', 'types', 'doc', 'explain', 'lease', 'version',
            'completion', 'help']


# ---- help ---------------------------------------------------------------------

def test_help_lists_every_command(bgc):
    r = bgc('help')
    assert r.code == 0
    for name in COMMANDS:
        assert re.search(rf'^  {name} ', r.out, re.M), name


@pytest.mark.parametrize('name', COMMANDS)
def test_help_of_a_command(bgc, name):
    r = bgc('help', name)
    assert r.code == 0 and r.out.startswith(f'usage: bgc {name}')


def test_help_by_option(bgc):
    assert bgc('plan', '--help').out == bgc('help', 'plan').out
    assert bgc('--help').out == bgc('help').out == bgc().out
    assert bgc('plan', '--nonsense', '-h').code == 0


def test_version(bgc):
    r = bgc('version')
    assert r.code == 0 and re.fullmatch(r'bgc \d+\.\d+\.\d+\n', r.out)
    assert bgc('--version').out == r.out


def test_version_is_quick(bgc):
    best = 1.0
    for _ in range(5):
        start = time.monotonic()
        bgc('version')
        best = min(best, time.monotonic() - start)
    assert best < 0.25  # the bench holds it to 5 ms; this only notices a blunder


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_completion(bgc, shell):
    r = bgc('completion', shell)
    assert r.code == 0
    assert all(name in r.out for name in ('rollback', 'pause-after', 'sandbox'))


def test_completion_of_bash_is_bash(bgc):
    script = bgc('completion', 'bash').out + 'COMP_WORDS=(bgc pl); COMP_CWORD=1; _bgc; echo "${COMPREPLY[@]}"\n' \
        'COMP_WORDS=(bgc plan --san); COMP_CWORD=2; _bgc; echo "${COMPREPLY[@]}"\n'
    assert bgc('completion', 'bash').code == 0
    # `bgc pl` has nothing that starts with a dash: names of commands are offered
    p = subprocess.run(['bash', '-c', script], capture_output=True, text=True)
    assert p.returncode == 0 and p.stdout.splitlines() == ['plan', '--sandbox'], p


def test_completion_of_what(bgc):
    r = bgc('completion', 'tcsh')
    assert r.code == 1 and 'BG0904' in r.err


# ---- words that are wrong --------------------------------------------------------

@pytest.mark.parametrize('word,meant', [('plna', 'plan'), ('aply', 'apply'), ('rolback', 'rollback')])
def test_unknown_command(bgc, word, meant):
    r = bgc(word)
    assert r.code == 1 and 'BG0901' in r.err and f'`bgc {meant}`' in r.err


def test_unknown_command_that_is_like_nothing(bgc):
    r = bgc('xyzzy')
    assert r.code == 1 and 'bgc help' in r.err


@pytest.mark.parametrize('command,option,meant', [('plan', '--jsn', '--json'), ('apply', '--pause-aftr', '--pause-after'),
                                                  ('check', '--sariff', '--sarif')])
def test_unknown_option(bgc, command, option, meant):
    r = bgc(command, option)
    assert r.code == 1 and 'BG0902' in r.err and f'did you mean `{meant}`?' in r.err


def test_option_of_another_command(bgc):
    r = bgc('check', '--pause-after', '5m')
    assert r.code == 1 and '`bgc check` takes no option' in r.err


def test_all_mistakes_at_once(bgc):
    r = bgc('plan', '--jsn', '--envv', 'x', '--out')
    assert r.code == 1 and r.err.count('error[') == 3


@pytest.mark.parametrize('args', [['plan', '--out'], ['plan', '-i'], ['plan', '--exit-code=3'], ['plan', '--env']])
def test_option_with_or_without_value(bgc, args):
    r = bgc(*args)
    assert r.code == 1 and 'BG0903' in r.err


@pytest.mark.parametrize('option', ['--sandbox', '--profile', '--region', '--out', '--trace', '--env', '--after'])
def test_option_with_an_empty_value(bgc, option):
    r = bgc('plan', option + '=')
    assert r.code == 1 and f'a value is missing after `{option}`' in r.err


@pytest.mark.parametrize('text', ['20', 'm', '-5m', '1.5h', '20minutes', '99999999999s'])
def test_bad_duration(shop, text):
    r = shop('apply', '--sandbox', '--yes', f'--pause-after={text}')
    assert r.code == 1 and 'BG0903' in r.err and '20m' in r.err


def test_a_time_that_the_model_cannot_live_through(shop):
    r = shop('plan', '--sandbox', '--after', '99999d')
    assert r.code == 1 and 'at most 366d' in r.err


def test_no_scenario_of_that_title(shop):
    assert shop('test', '--only', 'nothing is called this').code == 1


def test_too_many_words(bgc):
    r = bgc('plan', 'a.bg', 'b.bg')
    assert r.code == 1 and 'BG0904' in r.err


def test_two_dashes_end_the_options(bgc):
    r = bgc('check', '--', '--json')
    assert r.code == 1 and '--json' in r.err and 'BG0902' not in r.err


# ---- which file -------------------------------------------------------------------

def test_no_file(bgc):
    r = bgc('plan')
    assert r.code == 1 and 'BG0905' in r.err and 'init --new' in r.err


def test_a_file_without_a_stack_is_none(bgc):
    bgc.write('lib.bg', 'let x = 1\n')
    assert 'BG0905' in bgc('check').err


def test_several_files(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\n')
    bgc.write('b.bg', 'stack b { region = "eu-west-1" }\n')
    r = bgc('check')
    assert r.code == 1 and 'BG0905' in r.err and 'a.bg' in r.err and 'b.bg' in r.err
    assert bgc('check', 'a.bg').code == 0


def test_the_only_file(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\n')
    bgc.write('lib.bg', 'let x = 1\n')
    assert bgc('check').code == 0


def test_missing_file(bgc):
    r = bgc('plan', 'nowhere.bg')
    assert r.code == 1 and 'nowhere.bg' in r.err


def test_a_folder_that_is_a_file_name(bgc):
    (bgc.folder / 'x.bg').mkdir()
    assert bgc('check', 'x.bg').code == 1


@pytest.mark.parametrize('content', [b'\0\0\0\0', b'\xff\xfe\x00s', b'stack', b'{' * 5000, b'"' * 100001,
                                     b'stack a {' + b'\x1b[31m' + b'}'])
def test_files_that_are_no_text(bgc, content):
    (bgc.folder / 'x.bg').write_bytes(content)
    r = bgc('check', 'x.bg')
    assert r.code == 1 and '\x1b' not in r.all


def test_ten_mistakes_are_ten(bgc):
    r = bgc('check', ROOT / 'tests' / 'check' / 'ten.bg')
    assert r.code == 1 and len(re.findall(r'^error\[', r.err, re.M)) == 10, r


# ---- inputs ------------------------------------------------------------------------

@pytest.mark.parametrize('value,code', [('size', 'BG1503'), ('sise=t3.small', 'BG15'), ('fleet=many', 'BG'),
                                        ('fleet=500', 'BG'), ('env=nowhere', 'BG')])
def test_bad_input(shop, value, code):
    r = shop('check', '-i', value)
    assert r.code == 1 and f'error[{code}' in r.err


def test_input_in_one_word(shop):
    assert shop('check', '-isize=t3.micro').out != shop('check').out


def test_env_file(shop):
    r = shop('check', '--env', 'stage')
    assert r.code == 0 and r.out != shop('check').out


@pytest.mark.parametrize('name,text', [('nowhere', None), ('bad', 'size = \n'), ('unknown', 'colour = "blue"\n'),
                                       ('type', 'fleet = "x"\n'), ('decl', 'stack x { }\n')])
def test_bad_env_file(shop, name, text):
    if text is not None:
        shop.write(f'env/{name}.bg', text)
    r = shop('check', '--env', name)
    assert r.code == 1 and 'error[' in r.err


def test_env_cannot_climb(shop):
    assert shop('check', '--env', '../secrets').code == 1


def test_inputs_from_the_environment(shop):
    assert shop('check', env={'BGC_INPUT_size': 't3.micro'}).out == shop('check', '-i', 'size=t3.micro').out


# ---- local commands -------------------------------------------------------------------

def test_check_json_is_one_document(shop):
    assert json.loads(shop('check', '--json').out) == []
    shop.write('shop.bg', 'stack shop { }\nlet x = y\n')
    found = shop('check', '--json').json()
    assert found and all(d['code'].startswith('BG') for d in found)


def test_check_sarif_and_github(bgc):
    bgc.write('a.bg', 'stack a { region = "eu-west-1" }\nlet x = nothing_here\n')
    assert bgc('check', '--sarif').json()['version'] == '2.1.0'
    assert bgc('check', '--github').out.startswith('::error ')


def test_explain(bgc):
    r = bgc('explain', 'BG3001')
    assert r.code == 0 and r.out.startswith('BG3001: ') and '```' not in r.out
    assert bgc('explain', 'bg3001').out == bgc('explain', '3001').out == r.out
    assert bgc('explain').out.count('\n') > 100
    assert bgc('explain', 'BG3O01').code == 1
    assert bgc('explain', 'BG9999').code == 1


def test_every_code_on_the_command_line_is_explained(bgc):
    for code in re.findall(r'^(BG(?:09|62)\d\d) ', bgc('explain').out, re.M):
        assert bgc('explain', code).code == 0


def test_fmt(bgc):
    path = bgc.write('a.bg', 'stack   a {\n region="eu-west-1" # here\n}\n')
    assert bgc('fmt', '--check').code == 3
    assert 'region="eu-west-1"' in path.read_text()
    assert bgc('fmt').code == 0
    assert '# here' in path.read_text() and 'region = "eu-west-1"' in path.read_text()
    assert bgc('fmt', '--check').code == 0


def test_fmt_leaves_broken_files_alone(bgc):
    path = bgc.write('a.bg', 'stack   a {\n')
    r = bgc('fmt')
    assert r.code == 1 and path.read_text() == 'stack   a {\n'


def test_the_example_is_formatted(shop):
    assert shop('fmt', '--check').code == 0


def test_init_new(bgc):
    assert bgc('init', '--new', 'site').code == 0
    assert bgc('check').code == 0
    assert bgc('fmt', '--check').code == 0
    assert bgc('init', '--new', 'site').code == 1  # never over a file that is there
    assert bgc('init', '--new', '../x').code == 1
    assert bgc('apply', '--sandbox', '--yes').code == 0
    assert bgc('plan', '--sandbox', '--exit-code').code == 0


def test_graph(shop):
    assert shop('graph').out.startswith('digraph "shop" {')
    assert len(shop('graph', '--json').json()['nodes']) > 10


def test_rehearsal(shop):
    r = shop('test')
    assert r.code == 0 and 'rolled_back' in r.out
    assert shop('test').out == r.out  # the same seed, the same run
    found = shop('test', '--json').json()
    assert found[0]['passed'] and found[0]['outcome'] == 'rolled_back'
    assert 'none has this' in shop('test', '--only', 'nothing').out
    assert shop('test', '--seed', 'x').code == 1


def test_a_rehearsal_that_fails(shop):
    text = (shop.folder / 'shop.bg').read_text()
    shop.write('shop.bg', text.replace('expect outcome == "rolled_back"', 'expect outcome == "applied"'))
    assert shop('test').code == 1


# ---- output -------------------------------------------------------------------------------

def on_a_terminal(folder, *args, answer=b'', **env):
    """Runs it with a terminal for all three; returns exit code and what it showed."""
    import pty
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(BGC, [BGC, *args], environment(folder, TERM='xterm', **env))
    if answer:
        os.write(fd, answer)
    shown = b''
    try:
        while chunk := os.read(fd, 65536):
            shown += chunk
    except OSError:
        pass
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_colours_only_on_a_terminal(shop):
    assert '\x1b[' not in shop('plan', '--sandbox').all
    assert '\x1b[' in on_a_terminal(shop.folder, 'plan', '--sandbox')[1]
    assert '\x1b[' not in on_a_terminal(shop.folder, 'plan', '--sandbox', NO_COLOR='1')[1]
    assert '\x1b[' not in on_a_terminal(shop.folder, 'plan', '--sandbox', '--no-color')[1]


def test_apply_asks(shop):
    code, shown = on_a_terminal(shop.folder, 'apply', '--sandbox', answer=b'no\n')
    assert code == 1 and 'Type yes' in shown and 'BG0907' in shown
    code, shown = on_a_terminal(shop.folder, 'apply', '--sandbox', answer=b'yes\n')
    assert code == 0 and '100 %' in shown


def test_output_that_cannot_be_written(shop):
    with open('/dev/full', 'w') as full:
        p = subprocess.run([BGC, 'help'], stdout=full, stderr=subprocess.PIPE, text=True)
    assert p.returncode == 1 and 'cannot write' in p.stderr


def test_files_that_cannot_be_written(shop):
    assert 'BG0906' in shop('plan', '--sandbox', '--out', '/nowhere/p').err
    assert 'BG0906' in shop('plan', '--sandbox', '--trace', '/nowhere/t').err
    assert 'BG0906' in shop('apply', '--sandbox', '--yes', '--events', '/nowhere/e').err
