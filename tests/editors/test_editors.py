"""The colours of the editor files: golden dumps, and that they agree with the compiler.

BLESS=1 writes the golden files anew; read the difference.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / 'tests' / 'lsp'))
EXTENSION = ROOT / 'editors' / 'vscode'
VIM = ROOT / 'editors' / 'vim'
# A spec and a file of the library as they once were, so that their golden dumps change
# only with the colours; that today's files have the right ones is tested below.
GOLDEN = {name: HERE / 'texts' / (name + '.bg') for name in ('shop', 'autoscaling', 'tricky')}


def run(*command, **more):
    p = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600, **more)
    assert p.returncode == 0, f'{command[0]}: exit {p.returncode}\n{p.stdout[-2000:]}\n{p.stderr[-2000:]}'
    return p.stdout


def all_files():
    """Every .bg of the project that is text to be coloured."""
    return sorted(p for d in ('examples', 'stdlib', 'tests/editors', 'tests/eval', 'tests/identity')
                  for p in (ROOT / d).rglob('*.bg') if '.bgc' not in p.parts)


@pytest.fixture(scope='session')
def extension():
    """A copy of the extension with its packages, installed from the lock file."""
    lock = (EXTENSION / 'package-lock.json').read_bytes()
    folder = ROOT / '.cache' / ('vscode-' + hashlib.sha256(lock).hexdigest()[:16])
    if not (folder / 'node_modules' / '.package-lock.json').exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ('package.json', 'package-lock.json'):
            shutil.copy(EXTENSION / name, folder)
        run('npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', cwd=folder)
    for name in ('package.json', 'language-configuration.json', 'src', 'syntaxes'):
        if (EXTENSION / name).is_dir():
            shutil.copytree(EXTENSION / name, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(EXTENSION / name, folder)
    return folder


def textmate(extension, files):
    return [json.loads(line) for line in
            run('node', HERE / 'tokens.js', EXTENSION / 'syntaxes' / 'bg.tmLanguage.json', *files,
                env={**os.environ, 'NODE_PATH': str(extension / 'node_modules')}).splitlines()]


def vim(tmp_path, files):
    out = tmp_path / 'vim.json'
    script = tmp_path / 'go.vim'
    names = ', '.join("'%s'" % f for f in files)
    script.write_text(f"let g:files = [{names}]\nlet g:runtime = '{VIM}'\nlet g:out = '{out}'\n"
                      f"source {HERE / 'tokens.vim'}\n")
    run('nvim', '--headless', '-u', 'NONE', '-i', 'NONE', '-S', script,
        env={**os.environ, 'HOME': str(tmp_path), 'XDG_STATE_HOME': str(tmp_path)}, stdin=subprocess.DEVNULL)
    return [json.loads(line) for line in out.read_text().splitlines()]


def dump(lines):
    """A line of source, and below it what each word of it is."""
    out = []
    for line in lines:
        out.append('| ' + line['text'])
        for start, end, name in line['tokens']:
            word = line['text'].encode('utf-16-le')[2 * start:2 * end].decode('utf-16-le')
            if word.strip():
                out.append(f'    {word.strip():<30} {name}'.rstrip())
    return '\n'.join(out) + '\n'


def same_as_golden(name, text):
    path = HERE / 'golden' / name
    if os.environ.get('BLESS') == '1':
        path.write_text(text)
    assert text == path.read_text(), f'{path.name} differs: BLESS=1 writes it anew'


@pytest.mark.parametrize('name', GOLDEN)
def test_textmate_golden(extension, name):
    same_as_golden(name + '.textmate', dump(textmate(extension, [GOLDEN[name]])))


@pytest.mark.parametrize('name', GOLDEN)
def test_vim_golden(tmp_path, name):
    same_as_golden(name + '.vim', dump(vim(tmp_path, [GOLDEN[name]])))


# ---- that comments, strings and numbers are what the compiler takes for them

KIND = {'comment': 'comment', 'string': 'string', 'regexp': 'string', 'number': 'number'}


def kind_of_scope(scopes):
    """Inside ${ } a text is code again: what comes last counts."""
    for scope in reversed(scopes.split()):
        if scope.startswith('meta.interpolation'):
            return None
        for start, kind in (('comment', 'comment'), ('string', 'string'), ('constant.character', 'string'),
                            ('invalid.illegal.escape', 'string'), ('punctuation.section.interpolation', 'string'),
                            ('constant.numeric', 'number'), ('keyword.other.unit', 'number')):
            if scope.startswith(start):
                return kind
    return None


VIM_KINDS = {'bgComment': 'comment', 'bgDoc': 'comment', 'bgTodo': 'comment', 'bgString': 'string', 'bgBlock': 'string',
             'bgRegex': 'string', 'bgEscape': 'string', 'bgBadEscape': 'string', 'bgHole': 'string',
             'bgNumber': 'number', 'bgUnit': 'number', 'bgNetwork': 'number'}


def by_compiler(tmp_path, files):
    """For each file and line: the kind of each code unit, as `bgc lsp` says it."""
    from conftest import Server
    s = Server(tmp_path)
    legend = s.info['capabilities']['semanticTokensProvider']['legend']['tokenTypes']
    out = {}
    for i, path in enumerate(files):
        text = path.read_text()
        uri = s.open('', text, uri=f'untitled:{i}.bg')
        data = s.ask('textDocument/semanticTokens/full', {'textDocument': {'uri': uri}})['data']
        lines = [[None] * (len(t.encode('utf-16-le')) // 2) for t in text.split('\n')]
        line = at = 0
        for k in range(0, len(data), 5):
            line += data[k]
            at = data[k + 1] + (at if data[k] == 0 else 0)
            for u in range(at, at + data[k + 2]):
                lines[line][u] = KIND.get(legend[data[k + 3]])
        out[str(path)] = lines
        s.close(uri)
    s.stop()
    return out


def agree(lines, kind_of, compiler):
    number, bad = {}, []
    for line in lines:
        n = number[line['file']] = number.get(line['file'], -1) + 1
        want = compiler[line['file']][n]
        have = [None] * len(want)
        for start, end, name in line['tokens']:
            have[start:end] = [kind_of(name)] * (end - start)
        text = line['text'].encode('utf-16-le')
        for u, (a, b) in enumerate(zip(have, want)):
            if a != b and text[2 * u:2 * u + 2].decode('utf-16-le', 'replace').strip():
                bad.append(f"{pathlib.Path(line['file']).name}:{n + 1}:{u + 1}: {a} instead of {b}: {line['text'][:90]}")
                break
    assert not bad, '\n'.join(bad[:40])


def test_textmate_agrees_with_the_compiler(extension, tmp_path):
    files = all_files()
    agree(textmate(extension, files), kind_of_scope, by_compiler(tmp_path, files))


def test_vim_agrees_with_the_compiler(tmp_path):
    files = all_files()
    agree(vim(tmp_path, files), VIM_KINDS.get, by_compiler(tmp_path, files))


# ---- words

def words(lines, text):
    line = next(line for line in lines if line['text'].strip().startswith(text))
    units = line['text'].encode('utf-16-le')
    return {units[2 * a:2 * b].decode('utf-16-le').strip(): name for a, b, name in line['tokens']}


def test_keywords_as_names_of_fields(extension, tmp_path):
    tm = textmate(extension, [GOLDEN['tricky']])
    vi = vim(tmp_path, [GOLDEN['tricky']])
    for name in ('size', 'from', 'set', 'live', 'gate', 'check', 'world', 'when', 'type'):
        assert words(tm, 'resource a:')[name] == 'variable.other.property.bg'
        assert words(vi, 'resource a:')[name] == 'bgProperty'
    assert words(tm, 'world web')['world'] == 'keyword.declaration.bg'
    assert words(vi, 'world web')['world'] == 'bgDeclare'


# ---- the extension itself

def test_the_extension_builds_and_starts_the_server(extension):
    run('npm', 'run', 'build', cwd=extension)
    code = (extension / 'dist' / 'extension.js').read_text()
    assert 'LanguageClient' in code
    # as VS Code would load it, with a stand-in for VS Code
    probe = ('const M = require("module"); const load = M._load;'
             'M._load = function (n, ...r) { return n === "vscode" ? new Proxy(function () {}, '
             '{ get: (t, k) => k === "prototype" ? t.prototype : class {} }) : load.call(this, n, ...r) };'
             'const e = require(process.argv[1]); console.log(typeof e.activate, typeof e.deactivate)')
    assert run('node', '-e', probe, extension / 'dist' / 'extension.js') == 'function function\n'


def test_the_manifest_names_files_that_are_there():
    manifest = json.loads((EXTENSION / 'package.json').read_text())
    for c in manifest['contributes']['languages']:
        json.loads((EXTENSION / c['configuration']).read_text())
    for c in manifest['contributes']['grammars']:
        assert json.loads((EXTENSION / c['path']).read_text())['scopeName'] == c['scopeName']
    lock = json.loads((EXTENSION / 'package-lock.json').read_text())
    assert lock['packages']['']['dependencies'] == manifest['dependencies']
