"""A second reader of the language's tokens, so that the formatter is not measured by its own."""
import re

from grammar import Token, ends_item

TOKEN = re.compile(r'''
    (?P<space>[ \t]+) | (?P<line>\r?\n) | (?P<comment>\#[^\r\n]*)
  | (?P<regex>r"(?:[^"\\\r\n]|\\[^\r\n])*")
  | (?P<string>")
  | (?P<CIDR>\d+(?:\.\d+){3}/\d+ | [0-9A-Fa-f]*(?:::?[0-9A-Fa-f]*){2,}/\d+)
  | (?P<RATE>\d+(?:\.\d+)?/[smhd]\b) | (?P<DURATION>\d+(?:ms|[smhd])\b) | (?P<SIZE>\d+(?:[KMGT]i)?B\b)
  | (?P<PERCENT>\d+(?:\.\d+)?%) | (?P<NUMBER>\d+\.\d+) | (?P<INT>\d+)
  | (?P<NAME>[A-Za-z_]\w*)
  | (?P<sign>\.\.|->|<-|=>|==|!=|<=|>=|\?\?|[-+*/<>=:.,?|()\[\]{}])
''', re.X | re.A)
EXPRESSION_WORDS = {'if', 'then', 'else', 'for', 'in', 'and', 'or', 'not'}


def string_end(text, at):
    """Where the string that begins at `at` ends, with what is interpolated into it."""
    block = text.startswith('"""', at)
    quote = '"""' if block else '"'
    at += len(quote)
    while True:
        if text.startswith(quote, at):
            return at + len(quote)
        if text.startswith('$${', at):
            at += 3
        elif text[at] == '\\':
            at += 2
        elif text.startswith('${', at):
            at, depth = at + 2, 1
            while depth:
                m = TOKEN.match(text, at)
                depth += {'{': 1, '}': -1}.get(m[0], 0)
                at = string_end(text, at) if m.lastgroup == 'string' else m.end()
        else:
            at += 1


def read(text):
    """(tokens, comments): NEWLINE where a line end ends an item; a comment with how many tokens, commas not counted, stand before it."""
    tokens, comments, brackets, at = [], [], [], 0
    while at < len(text):
        m = TOKEN.match(text, at)
        assert m, f'no token: {text[at:at + 40]!r}'
        kind, word, at = m.lastgroup, m[0], m.end()
        if kind == 'string':
            at = string_end(text, m.start())
            kind, word = 'STRING', text[m.start():at].replace('\r\n', '\n')
        items = not brackets or brackets[-1] == '{'
        if kind == 'comment':
            comments.append((sum(t.kind != 'NEWLINE' and t.text != ',' for t in tokens), word.rstrip()))
        elif kind == 'line':
            if items and tokens and tokens[-1].kind != 'NEWLINE' and ends_item(tokens[-1].kind):
                tokens.append(Token('NEWLINE', ''))
        elif kind == 'sign':
            if word in ('{', '(', '['):
                brackets.append(word)
            elif word in ('}', ')', ']') and brackets:
                brackets.pop()
            tokens.append(Token('ITEM_COMMA' if word == ',' and items else f"'{word}'", word))
        elif kind == 'NAME':
            tokens.append(Token(word.upper() if word in EXPRESSION_WORDS else 'NAME', word))
        elif kind != 'space':
            tokens.append(Token('REGEX' if kind == 'regex' else kind, word))
    return tokens, comments


def meaning(tokens):
    """What no layout may change: the spelling of every token, and where items end, in either way. What ends an item
    is not needed at the end of a block, nor is the last comma of a list."""
    out = []
    for t in tokens:
        end = t.kind in ('NEWLINE', 'ITEM_COMMA')
        if end and (not out or out[-1] == ';'):
            continue
        if t.text in ('}', ')', ']') and out and out[-1] in (';', ','):
            out.pop()
        out.append(';' if end else t.text)
    return out[:-1] if out and out[-1] == ';' else out
