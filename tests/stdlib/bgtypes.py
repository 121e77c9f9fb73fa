"""Reads `type` declarations, independently of bgc.

Only what the tests of the standard library need: items, calls with their
clauses, and expressions as nested tuples. It knows no rule of the language
beyond its syntax, so that it cannot agree with bgc on a mistake.
"""
import re

TOKEN = re.compile(r"""
    (?P<ws>[ \t]+) | (?P<comment>\#[^\n]*) | (?P<nl>\n)
  | (?P<regex>r"(?:[^"\\\n]|\\.)*") | (?P<string>"{3}(?:[^"]|"(?!""))*"{3}|"(?:[^"\\\n]|\\.)*")
  | (?P<cidr>\d+\.\d+\.\d+\.\d+/\d+|[0-9a-f]*::[0-9a-f:]*/\d+)
  | (?P<num>\d+(?:\.\d+)?(?:ms|s|m|h|d|%|B|KiB|MiB|GiB|TiB)?\b%?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<op>\.\.|->|<-|=>|==|!=|<=|>=|\?\?|[-+*/<>=:,.?|(){}\[\]])
""", re.X)
CONTINUES = {"..", "->", "<-", "=>", "==", "!=", "<=", ">=", "??", "+", "*", "/", "=", ":", ",", ".",
             "|", "and", "or", "not", "in", "if", "then", "else", "-", "<", ">"}


class Tok(tuple):
    kind = property(lambda self: self[0])
    text = property(lambda self: self[1])


def tokens(text):
    out, nest, at, doc = [], [], 0, []
    while at < len(text):
        m = TOKEN.match(text, at)
        assert m, "cannot read: " + text[at:at + 40]
        at, kind, s = m.end(), m.lastgroup, m.group()
        if kind in ("ws", "comment"):
            continue
        if kind == "nl":
            if nest and nest[-1] in "([":
                continue
            if out and out[-1].kind != "nl" and out[-1].text not in CONTINUES and out[-1].text != "{":
                out.append(Tok(("nl", "\n")))
            continue
        if s in "([{" and kind == "op":
            nest.append(s)
        if s in ")]}" and kind == "op":
            nest.pop()
        out.append(Tok((kind, s)))
    return out + [Tok(("end", ""))]


class Reader:
    def __init__(self, text):
        self.toks, self.at = tokens(text), 0

    def peek(self, n=0):
        return self.toks[min(self.at + n, len(self.toks) - 1)]

    def next(self):
        t = self.peek()
        self.at += 1
        return t

    def take(self, *texts):
        if self.peek().kind in ("op", "word") and self.peek().text in texts:
            return self.next()
        return None

    def want(self, text):
        t = self.next()
        assert t.text == text, f"expected {text!r}, found {t.text!r} near {self.near()}"
        return t

    def near(self):
        return " ".join(t.text for t in self.toks[max(0, self.at - 8):self.at + 6])

    def skip_nl(self):
        while self.peek().kind == "nl":
            self.next()

    # ---- expressions: ("lit", text) ("name", n) ("member", e, n) ("index", e, e) ("call", e, args)
    #      ("list", [e]) ("record", {k: e}) ("for", ...) ("if", c, a, b) ("op", op, a, b) ("lambda", v, e)

    LEVELS = [["??"], ["or"], ["and"], ["==", "!=", "<", ">", "<=", ">="], [".."], ["+", "-"], ["*", "/"]]

    def expr(self, level=0):
        if self.take("if"):
            c = self.expr()
            self.want("then")
            a = self.expr()
            self.want("else")
            return ("if", c, a, self.expr())
        if self.take("not"):
            return ("not", self.expr(3))
        if level == len(self.LEVELS):
            return self.post()
        left = self.expr(level + 1)
        while self.peek().text in self.LEVELS[level] and self.peek().kind in ("op", "word"):
            op = self.next().text
            left = ("op", op, left, self.expr(level + 1))
        return left

    def post(self):
        e = self.prim()
        while True:
            if self.take("."):
                e = ("member", e, self.next().text)
            elif self.take("("):
                args = []
                while not self.take(")"):
                    args.append(self.arg())
                    self.take(",")
                e = ("call", e, args)
            elif self.take("["):
                e = ("index", e, self.expr())
                self.want("]")
            else:
                return e

    def arg(self):
        if self.peek(1).text == "=>":
            v = self.next().text
            self.next()
            return ("lambda", v, self.expr())
        return self.expr()

    def prim(self):
        t = self.next()
        if t.text == "(":
            e = self.expr()
            self.want(")")
            return e
        if t.text == "[":
            if self.take("for"):
                v = self.next().text
                self.want("in")
                src = self.expr()
                cond = self.expr() if self.take("if") else None
                self.want(":")
                e = self.expr()
                self.want("]")
                return ("for", v, src, cond, e)
            items = []
            while not self.take("]"):
                items.append(self.expr())
                self.take(",")
            return ("list", items)
        if t.text == "{":
            return self.record_rest()
        if t.text == "-":
            return ("op", "-", ("lit", "0"), self.prim())
        if t.kind in ("string", "regex", "num", "cidr") or t.text in ("true", "false", "none"):
            return ("lit", t.text)
        assert t.kind == "word", f"no expression: {t.text!r} near {self.near()}"
        return ("name", t.text)

    def record_rest(self):
        out = {}
        self.skip_nl()
        while not self.take("}"):
            if self.peek(1).text == "=":
                k = self.next().text
                self.next()
                out[k] = self.expr()
            else:
                k = self.expr()
                self.want("=>")
                out[("key", k)] = self.expr()
            self.take(",")
            self.skip_nl()
        return ("record", out)

    # ---- places: [(member, selector)], selector None, int, "[]" or {member: text}

    def path(self):
        out = []
        while True:
            member, sel = self.next().text, None
            if self.peek().text == "[" and self.take("["):
                sel = "[]" if self.take("]") else int(self.next().text)
                if sel != "[]":
                    self.want("]")
            elif self.peek().text == "{" and self.take("{"):
                k = self.next().text
                self.want("=")
                sel = {k: self.expr()}
                self.want("}")
            out.append((member, sel))
            if not self.take("."):
                return out

    def type(self):
        """Types are only skipped over; what follows them is `=`, `->`, `<-`, `via` or the end."""
        out, nest = [], 0
        while True:
            t = self.peek()
            if nest == 0 and (t.kind in ("nl", "end") or t.text in ("=", "->", "<-", "via", "}", ",")):
                return " ".join(out).replace(" . ", ".").replace(" ?", "?")
            nest += (t.text in "([{") - (t.text in ")]}")
            out.append(self.next().text)

    MODS = {"id", "fixed", "field", "tune", "live", "query", "write_only", "secret"}
    VERBS = {"create", "find", "read", "lookup", "update", "tag", "untag", "delete"}

    def items(self):
        out = []
        self.skip_nl()
        while not self.take("}"):
            out.append(self.item())
            self.take(",")
            self.skip_nl()
        return out

    def item(self):
        mods = set()
        start = self.at
        while self.peek().text in self.MODS and self.peek(1).kind == "word":
            mods.add(self.next().text)
        if mods:
            return self.field(mods)
        self.at = start
        t = self.next().text
        if t == "api":
            return {"item": "api", "name": self.next().text}
        if t == "metric":
            name = self.next().text
            self.want(":")
            kind = self.type()
            self.want("=")
            ns, metric = self.next().text.strip('"'), self.next().text
            self.want("{")
            dims = self.record_rest()[1]
            with_ = {}
            if self.take("with"):
                self.want("{")
                with_ = self.record_rest()[1]
            return {"item": "metric", "name": name, "type": kind, "ns": ns, "metric": metric, "dims": dims,
                    "with": with_}
        if t == "wait":
            moment = self.next().text if self.peek().text in ("create", "update", "delete") else "create"
            cond = self.expr()
            while self.peek().kind != "nl" and self.peek().text != "}":
                self.next()
            return {"item": "wait", "moment": moment, "cond": cond}
        if t == "existing" and self.peek(1).text == ":":
            name = self.next().text
            self.want(":")
            kind = ""
            while not self.take("{"):
                kind += self.next().text
            return {"item": "existing", "name": name, "type": kind, "query": self.record_rest()}
        if t in ("preflight", "quota") and self.peek().kind == "word":
            name = self.next().text
            self.want("{")
            return {"item": t, "name": name, "parts": self.record_rest()}
        if t == "lint":
            rule = {"item": "lint", "code": self.next().text, "at": None}
            if self.take("at"):
                rule["at"] = self.next().text
            self.want("when")
            rule["cond"] = self.expr()
            self.want(":")
            rule["message"] = self.next().text
            if self.take("help"):
                self.next()
            return rule
        if t in ("before", "after") and self.peek().text in self.VERBS:
            return self.call(t + " " + self.next().text)
        if t in self.VERBS and self.peek().kind == "word":
            return self.call(t)
        if self.peek().text == "{":
            self.next()
            return {"item": "setting", "name": t, "value": self.record_rest()}
        self.want("=")
        return {"item": "setting", "name": t, "value": self.expr()}

    def field(self, mods):
        f = {"item": "field", "mods": mods, "name": self.next().text, "default": None, "put": None, "get": None,
             "codec": None}
        self.want(":")
        f["type"] = self.type()
        if self.take("="):
            f["default"] = self.expr()
        while self.peek().text in ("->", "<-", "via"):
            op = self.next().text
            if op == "via":
                f["codec"] = self.expr(len(self.LEVELS))
                continue
            if self.peek().text in ("(", "{") or self.peek(1).text == "(":
                value = ("expr", self.expr(len(self.LEVELS)))
            else:
                value = ("path", self.path())
            f["put" if op == "->" else "get"] = value
        if self.take("deprecated"):
            f["deprecated"] = self.next().text
            if f["deprecated"] == "use":
                self.next()
                if self.peek().kind not in ("nl", "end") and self.peek().text != "}":
                    self.next()
        if f["put"] and not f["get"]:
            f["get"] = f["put"]
        return f

    def call(self, verb):
        c = {"item": "call", "verb": verb, "subjects": [], "result": None, "absent": [], "adopt": [], "retry": [],
             "where": None, "batch": None, "token": None}
        words = []
        while self.peek().text != "{":
            t = self.next().text
            if t != ",":
                if self.take("."):
                    t += "." + self.next().text
                words.append(t)
        c["operation"], c["subjects"] = words[-1], words[:-1]
        self.want("{")
        c["bindings"] = self.record_rest()[1]
        while self.peek().kind not in ("nl", "end") and self.peek().text != "}":
            t = self.next().text
            if t == "->":
                c["result"] = self.path()
            elif t in ("absent", "adopt"):
                c[t] += self.codes()
            elif t == "retry":
                while True:
                    code = self.code()
                    pattern = self.next().text if self.peek().kind == "regex" else None
                    self.want("for")
                    c["retry"].append((code, pattern, self.next().text))
                    if not self.take(","):
                        break
            elif t == "where":
                c["where"] = self.expr()
            elif t == "batch":
                c["batch"] = int(self.next().text)
            elif t == "token":
                c["token"] = self.next().text
            else:
                raise AssertionError(f"{t!r} is no clause, near {self.near()}")
        return c

    def code(self):
        s = self.next().text
        while self.take("."):
            s += "." + self.next().text
        return s

    def codes(self):
        out = [self.code()]
        while self.take(","):
            out.append(self.code())
        return out


def types(text):
    """{name: [items]}; aliases have a string instead."""
    r, out = Reader(text), {}
    while r.peek().kind != "end":
        r.skip_nl()
        t = r.next()
        if t.text == "type" and r.peek().kind == "word":
            name = r.code()
            if r.take("="):
                out[name] = r.type()
            else:
                r.want("{")
                out[name] = r.items()
        elif t.text == "{":  # of a service or module: skipped
            depth = 1
            while depth:
                s = r.next()
                depth += (s.text == "{") - (s.text == "}")
    return out
