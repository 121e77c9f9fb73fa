"""Random programs out of grammar/parse.y itself, so that what the grammar learns is tried without a word here.

A program is a list of tokens (`Token`): what the grammar calls it, and how it is spelled. The grammar is a LALR(1)
one without conflicts: whatever is derived from it parses, but for operators, whose order yacc is told apart
(`expression`), and for the few things that the tree builder refuses (the tables below)."""
import collections
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
Token = collections.namedtuple('Token', 'kind text')

# Which options a step takes: step_kind in build_decl.c.
STEP_OPTIONS = {'KW_BUILD': 'KW_WHILE', 'KW_TEST': '', 'KW_SHIFT': 'FOR KW_WHILE KW_SIZE', 'KW_APPROVE': 'KW_WITHIN KW_WHILE',
                'KW_BAKE': 'KW_WHILE', 'KW_RETIRE': 'FOR KW_WHEN KW_AT', 'KW_ON': 'KW_WITHIN KW_KEEP'}
OPERATORS = [(['"??"'], 'right'), (['"or"'], 'left'), (['"and"'], 'left'), (['"not"'], 'prefix'),
             (['"=="', '"!="', "'<'", "'>'", '"<="', '">="'], 'none'), (['".."'], 'none'),
             (["'+'", "'-'"], 'left'), (["'*'", "'/'"], 'left'), (["'-'"], 'prefix')]
WORDS = ['a', 'b', 'x', 'web', 'lb', 'r', 's', 'h', 'm', 'e3', 'e2', 'name', 'port', '_unused', 'ec2', 'vpc', 'string', 'int',
         'a_rather_long_name_of_something', 'BG3001', 'v1', 'net', 'tg', 'db8', 'Attributes', 'abc']
TEXTS = ['', 'a', 'shop.example.com', r'a \"quoted\" word', r'tab\tand\nline', 'ünïcödé', '漢字 wide', '# no comment', r'\\',
         '$${not}', "it's", '{', '}', '"', 'e\u0301', '\U0001f680', '// no', ', ; ->', r'\u{1F600}',
         'a text that is long enough to be one of several that do not fit into one line of the canonical form']
LITERALS = {
    'INT': ['0', '1', '7', '42', '443', '65535', '999999999999'], 'NUMBER': ['1.25', '0.5', '3.14159', '10.0'],
    'DURATION': ['250ms', '30s', '5m', '2h', '7d'], 'PERCENT': ['0%', '0.5%', '50%', '100%'],
    'SIZE': ['1B', '64KiB', '512MiB', '20GiB', '1TiB'], 'RATE': ['200/s', '0.1/s', '5/m', '10/h', '1/d'],
    'CIDR': ['10.0.0.0/16', '0.0.0.0/0', '::/0', 'fd00:1234::/48', '2001:db8::/32', '1:2:3:4:5:6:7:8/128'],
    'REGEX': ['r"^ami-"', r'r"\d+\.\w*"', r'r"a\"b"', 'r""', 'r"[a-z]{2,3} # x"'],
}


class Grammar:
    def __init__(self, path=ROOT / 'grammar' / 'parse.y'):
        head, rules = path.read_text().split('\n%%\n')[:2]
        head = re.sub(r'/\*.*?\*/', ' ', head, flags=re.S)
        self.alias = {}  # of a token: its own name
        self.spelled = {}
        for block in re.findall(r'%token(?: <\w+>)?([^%]*)', head):
            for name, text in re.findall(r'(\w+)(?:\s+"([^"]*)")?', block):
                if text:
                    self.alias['"' + text + '"'] = name
                self.spelled[name] = text
        self.rules = self.read(rules)
        self.split_expressions()
        self.depths = self.least()

    def split_expressions(self):
        """yacc is told the order of operators apart from the rules; here each kind of expression has a rule."""
        prefixes = {'IF', *(self.alias.get(o, o) for ops, side in OPERATORS if side == 'prefix' for o in ops)}
        infixes = {self.alias.get(o, o) for ops, side in OPERATORS if side != 'prefix' for o in ops}
        self.rules['prim'], self.rules['post'] = [], [['prim']]
        for p in self.rules['expr']:
            if p[0] == 'expr' and p[1] not in infixes:
                self.rules['post'].append(['post', *p[1:]])
            elif p[0] != 'expr' and p[0] not in prefixes:
                self.rules['prim'].append(p)
        self.rules['expr'] = [['post']]

    def read(self, text):
        """{nonterminal: [[symbol]]}, without what recovers from mistakes."""
        text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
        tokens, at = [], 0
        while at < len(text):
            if text[at] == '{':
                at = self.action(text, at)
                continue
            m = re.compile(r"\s+|%empty|%prec\s+\w+|'[^']'|\"[^\"]*\"|\w+|[:|;]").match(text, at)
            at = m.end()
            if not m[0].isspace() and m[0][0] != '%':
                tokens.append(m[0])
        rules, i = {}, 0
        while i < len(tokens):
            name, productions = tokens[i], [[]]
            i += 2
            while tokens[i] != ';':
                if tokens[i] == '|':
                    productions.append([])
                else:
                    productions[-1].append(self.alias.get(tokens[i], tokens[i]))
                i += 1
            i += 1
            rules[name] = [p for p in productions if not {'error', 'wrong', 'wrong_line', 'wrong_end'} & set(p)]
        return rules

    @staticmethod
    def action(text, at):
        depth = 0
        for m in re.compile(r"'\\?.'|\"(?:[^\"\\]|\\.)*\"|[{}]").finditer(text, at):
            depth += {'{': 1, '}': -1}.get(m[0], 0)
            if not depth:
                return m.end()
        raise ValueError('an action has no end')

    def least(self):
        """The least depth of a derivation of each nonterminal."""
        depths = collections.defaultdict(lambda: 1000)
        changed = True
        while changed:
            changed = False
            for name, productions in self.rules.items():
                for p in productions:
                    d = 1 + max((depths[s] for s in p if s in self.rules), default=0)
                    if d < depths[name]:
                        depths[name], changed = d, True
        return depths


def starts(grammar, production):
    """The token that an option begins with."""
    first = production[0]
    while first in grammar.rules:
        first = grammar.rules[first][0][0]
    return first


class Derivation:
    """One program, made by `seed` alone."""

    def __init__(self, grammar, seed):
        self.g, self.random = grammar, random.Random(seed)
        self.out, self.step = [], ''
        self.one_line = 0  # inside `${ }` of a string of one line

    # ---- what is special ----------------------------------------------------

    def word(self, kinds):
        """Mostly a name; a word of the grammar now and then."""
        if self.random.random() < 0.85:
            return self.put('NAME')
        return self.put(self.random.choice(kinds))

    def words_of(self, name):
        found = []
        for p in self.g.rules[name]:
            found += self.words_of(p[0]) if p[0] in self.g.rules else [p[0]]
        return found

    def put(self, kind):
        r = self.random
        if kind == 'NAME':
            text = r.choice(WORDS)
        elif kind == 'STRING':
            text = self.string()
        elif kind in LITERALS:
            text = r.choice(LITERALS[kind])
        elif kind == 'WAIT_VERB':
            text = r.choice(['create', 'delete'])
        elif kind[0] == "'":
            text = kind[1]
        else:
            text = self.g.spelled[kind] or kind
        self.out.append(Token(kind, text))

    def string(self):
        r = self.random
        if r.random() < 0.1 and not self.one_line:
            lines = ['  ' * r.randint(0, 3) + r.choice(TEXTS).replace('"', "'").replace("\\'", '\\"') for _ in range(r.randint(1, 3))]
            return '"""\n' + '\n'.join(lines) + '\n' + '  ' * r.randint(0, 2) + '"""'
        return '"' + r.choice([t for t in TEXTS if t != '"']) + '"'

    def template(self, depth):
        """A string with expressions in it: one token, for it is laid out as one."""
        r, outer = self.random, self.out
        self.one_line += 1
        pieces = ['"', r.choice(['', 'a ', '#', '$${', '漢'])]
        for _ in range(r.randint(1, 2)):
            self.out = []
            self.expression(min(depth, 2))
            pieces += ['${', layout(self.out, r, False), '}', r.choice(['', ' b', '}', '.'])]
        self.one_line -= 1
        self.out = outer
        self.out.append(Token('STRING', ''.join(pieces) + '"'))

    def expression(self, depth, level=0):
        r = self.random
        if depth <= 0:
            return self.derive('prim', 0)
        if level == 0 and r.random() < 0.1:
            for keyword in ('IF', 'THEN', 'ELSE'):
                self.put(keyword)
                self.expression(depth - 1)
            return None
        if r.random() < 0.55:
            return self.derive('post', depth - 1)
        at = r.randint(level, len(OPERATORS) - 1) if level < len(OPERATORS) else -1
        if at < 0:
            return self.derive('post', depth - 1)
        operators, side = OPERATORS[at]
        operator = self.g.alias.get(operators[0], operators[0])
        if side == 'prefix':
            self.put(operator)
            return self.expression(depth - 1, at)
        self.expression(depth - 1, at if side == 'left' else at + 1)
        operator = r.choice(operators)
        self.put(self.g.alias.get(operator, operator))
        return self.expression(depth - 1, at if side == 'right' else at + 1)

    def options(self, name, depth):
        """A list of options, each at most once."""
        rest = [p[1:] for p in self.g.rules[name] if p[:1] == [name]]
        if rest == [['gate_opt']]:  # one at least
            rest, least = self.g.rules['gate_opt'], 1
        else:
            self.sequence(next(p for p in self.g.rules[name] if p[:1] != [name]), depth)
            least = 0
        taken, may = set(), STEP_OPTIONS[self.step].split() if name == 'step_opts' else None
        for _ in range(self.random.choice([least, 1, 2, 3, 4])):
            p = self.random.choice(rest)
            first = starts(self.g, p)
            if first in taken or (may is not None and first not in may) or self.wide(p) > depth:
                continue
            taken.add(first)
            self.sequence(p, depth - 1)

    def range(self):
        low, high = sorted(self.random.choices(LITERALS['INT'], k=2), key=int)
        self.out += [Token('INT', low), Token('RANGE_OP', '..'), Token('INT', high)]

    def wide(self, production):
        return max((self.g.depths[s] for s in production if s in self.g.rules), default=0)

    # ---- the derivation -----------------------------------------------------

    def sequence(self, symbols, depth):
        for s in symbols:
            if s in self.g.rules:
                self.derive(s, depth)
            else:
                self.put(s)

    def derive(self, name, depth):
        r, rules = self.random, self.g.rules[name]
        if name == 'expr':
            return self.expression(depth)
        if name in ('word', 'item_word', 'text_word'):
            return self.word(self.words_of(name))
        if name == 'allows':
            if r.random() < 0.1:
                self.sequence(['KW_ALLOW', 'NAME', 'KW_BECAUSE'], 0)
                self.out.append(Token('STRING', '"meant"'))
            return None
        if name == 'signed':
            return self.put('INT')  # which of two is the smaller is for `member`
        if name == 'member' and r.random() < 0.2:
            return self.range()
        if name == 'sized':
            self.sequence(['type_head', "'('"], 2)
            self.range()
            return self.put("')'")
        if name == 'gate_items':
            if r.random() < 0.7:
                self.sequence(['gate_opts', 'sep'], depth)
            for _ in range(r.randint(1, 3)):
                self.sequence([*next(p for p in self.g.rules['gate_item'] if len(p) > 1), 'sep'], depth - 1)
            return None
        if name in ('gate_opts', 'check_opts', 'step_opts', 'resource_mods', 'resource_flags', 'wait_opts', 'field_tail', 'clauses'):
            return self.options(name, depth)
        if name == 'step':
            p = r.choice(rules)
            self.step = p[0]
            return self.sequence(p, depth - 1)
        if name == 'wire_steps':  # a step has one selector at most
            selectors = [p[1:] for p in rules if p[0] == name and p[1] != "'.'"]
            for i in range(r.randint(1, 3)):
                self.sequence(["'.'", 'word'] if i else ['word'], 0)
                if r.random() < 0.4:
                    self.sequence(r.choice(selectors), 0)
            return None
        if name == 'comma':  # of a loop: in braces it is what also ends items
            return self.put('ITEM_COMMA' if self.out[-3].text == '{' else "','")
        if name == 'items':
            key = r.choice([p for p in self.g.rules['item']])
            for _ in range(r.choice([1, 1, 2, 3])):
                self.sequence([*key, 'sep'], depth - 1)
            return None
        if name == 'subjects' and r.random() < 0.7:
            return self.sequence(['word'], depth)
        if name == 'subject':
            return self.derive('word', 0)
        if name == 'wire' and r.random() < 0.7:
            return self.sequence(['NAME', "'.'", 'NAME'], depth)
        if name == 'prim' and depth > 0 and r.random() < 0.06 and not self.one_line:
            return self.template(depth)
        may = [p for p in rules for _ in range(3 if 'item_block' in p or 'mods' in p or p[:1] == [name] else 1)
               if self.wide(p) <= depth and 'HEAD' not in p
               and not (name == 'member' and '..' in ' '.join(p).replace('RANGE_OP', '..'))]
        if not may:
            least = min(self.wide(p) for p in rules)
            may = [p for p in rules if self.wide(p) == least]
        self.sequence(r.choice(may), depth - 1)
        return None

    def program(self, items=6):
        for _ in range(self.random.randint(1, items)):
            self.derive('decl', self.random.choice([4, 6, 8, 10, 12]))
            self.derive('allows', 2)
            self.put(self.random.choice(['NEWLINE', 'NEWLINE', 'NEWLINE', 'ITEM_COMMA']))
        return self.out


# ---- spacing ----------------------------------------------------------------

ENDS = {'STRING', 'REGEX', 'INT', 'NUMBER', 'DURATION', 'PERCENT', 'SIZE', 'RATE', 'CIDR', 'TRUE', 'FALSE', 'NONE', "')'", "']'",
        "'}'", "'?'", 'NAME', 'WAIT_VERB'}
COMMENTS = ['# a comment', '#', '#!x', '# "quoted" { ( [', '# ünïcödé 漢字', '### loud', '#\tx  ', '# ends with \\', '# }']


def ends_item(kind):
    return kind in ENDS or kind.startswith('KW_')


def apart(left, right):
    """Whether two tokens without a space between them would be others."""
    wordy = re.compile(r'\w')
    if wordy.match(left.text[-1]) and wordy.match(right.text[0]):
        return True
    if left.text[-1] == '"' and right.text[0] == '"' or left.text == 'r' and right.text[0] == '"':
        return True
    number = left.kind in ('INT', 'NUMBER')
    if number and right.text[0] in '/.:%' or (left.kind != 'STRING' and left.text[-1].isdigit() and right.text[0] in '/:'):
        return True
    if left.text in ':' and right.text[0] == ':' or left.kind == 'CIDR' or right.kind == 'CIDR':
        return True
    if left.text in ('/', '<', '-', '=', '>', '!', '?', '.', '..', '->') and right.text[0] in '/<-=>!?.*':
        return True
    return left.text + right.text[0] in ('??', '?=')


def layout(tokens, r, free=True):
    """The tokens with odd spacing, and comments wherever one may stand; `free`: lines may end."""
    out, stack, last, comma = [], [], None, False

    def blank():
        return r.choice(['', ' ', ' ', ' ', '  ', '\t', '   \t '])

    def line(more=0.15):
        s = blank() + (r.choice(COMMENTS) if r.random() < more else '') + '\n'
        while r.random() < 0.25:
            s += blank() + (r.choice(COMMENTS) if r.random() < more * 2 else '') + '\n'
        return s

    for i, t in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if t.kind == 'NEWLINE' or t.kind == 'ITEM_COMMA' and t.text == ',':
            # the end of an item: what stands before a brace or the end needs none
            if t.kind == 'ITEM_COMMA':
                out.append(blank() + ',')
            elif after is None or after.text == '}':
                if r.random() < 0.4:
                    continue
            if t.kind == 'NEWLINE' or r.random() < 0.3:
                out.append(line())
            last = None
            continue
        if last and free and (stack and stack[-1] != '{' or not ends_item(last.kind)) and r.random() < 0.06:
            out.append(line(0.4))
        elif last:
            out.append(' ' if apart(last, t) else '')
            out.append(blank() if out[-1] == '' else r.choice(['', '', '\t', '  ']))
        elif free:
            out.append(blank())
        out.append(t.text)
        if t.text in '{([' and t.kind != 'STRING':
            stack.append(t.text)
        elif t.text in '})]' and t.kind != 'STRING' and stack:
            stack.pop()
        last = t
    return ''.join(out)


def program(grammar, seed):
    """(its text, its derivation's tokens)"""
    tokens = Derivation(grammar, seed).program()
    r = random.Random(f'layout {seed}')
    text = layout(tokens, r)
    if r.random() < 0.2:
        text = text.replace('\n', '\r\n')
    elif r.random() < 0.2:
        text = ''.join(r.choice(['\r\n', '\n']) if c == '\n' else c for c in text)
    return tokens, text if r.random() < 0.8 else text.rstrip('\r\n')
