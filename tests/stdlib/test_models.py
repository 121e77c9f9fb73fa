"""Every operation, member, value and error code that stdlib/aws names exists in
the service's own model (botocore has them)."""
import glob
import gzip
import json
import os
import re

import botocore
import pytest

import bgtypes

ROOT = os.environ.get("SRCDIR") or os.path.join(os.path.dirname(__file__), "..", "..")

# Codes that services answer with although their models do not list them: EC2 and
# Auto Scaling models list none or few. Each is documented by AWS under the name given.
DOCUMENTED = {
    "ec2": {
        # "Error codes for the Amazon EC2 API"
        "InvalidGroup.Duplicate", "InvalidGroup.NotFound", "DependencyViolation", "InvalidAMIID.NotFound",
        "InvalidAMIID.Unavailable", "InvalidLaunchTemplateId.NotFound", "InvalidVpcID.NotFound",
        "InvalidSubnetID.NotFound", "InvalidInternetGatewayID.NotFound", "Gateway.NotAttached",
        "InvalidLaunchTemplateName.AlreadyExistsException", "InvalidLaunchTemplateName.NotFoundException",
        "InvalidLaunchTemplateId.NotFoundException",
    },
    # "Common errors" of the Query API
    "autoscaling": {"ValidationError"},
    "cloudwatch": {"ResourceNotFoundException"},
}


def model(service):
    with open(os.path.join(ROOT, "stdlib", "aws", "services.bg"), encoding="utf-8") as f:
        body = f.read().split("\nservice %s {\n" % service)[1].split("\n}")[0]
    said = re.search(r'^\s*model\s*= "([^"]+)"', body, re.M) # where the model's name is another
    service = said.group(1) if said else service
    folder = os.path.join(os.path.dirname(botocore.__file__), "data", service)
    path = os.path.join(folder, sorted(os.listdir(folder))[-1], "service-2.json.gz")
    with gzip.open(path) as f:
        return json.load(f)


MODELS = {}


def get_model(service):
    if service not in MODELS:
        MODELS[service] = model(service)
    return MODELS[service]


def declared():
    out = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "stdlib", "aws", "*.bg"))):
        with open(path) as f:
            out.update(bgtypes.types(f.read()))
    return out


TYPES = declared()
RESOURCES = {n: i for n, i in TYPES.items() if isinstance(i, list) and any(x["item"] == "api" for x in i)}


class Checker:
    def __init__(self, name):
        self.name, self.items, self.wrong = name, TYPES[name], []
        self.api = next(i["name"] for i in self.items if i["item"] == "api")
        self.m = get_model(self.api)
        self.fields = self.flat(self.items)
        self.calls = [i for i in self.items if i["item"] == "call"]
        self.settings = {i["name"]: i["value"] for i in self.items if i["item"] == "setting"}

    def flat(self, items):
        out = {}
        for i in items:
            if i["item"] == "field":
                inner = TYPES.get(i["type"])
                if isinstance(inner, list) and not i["put"] and not i["get"]:
                    for k, f in self.flat(inner).items():
                        out[i["name"] + "." + k] = f
                else:
                    out[i["name"]] = i
        return out

    def fail(self, where, what):
        self.wrong.append(f"{self.name}: {where}: {what}")

    def shape(self, name):
        return self.m["shapes"][name]

    def walk(self, shape, path, where):
        """The shape that a path leads to; None when it does not exist."""
        for member, sel in path:
            s = self.shape(shape)
            if s["type"] == "list":
                self.fail(where, f"{member} is asked of a list")
                return None
            if member not in s.get("members", {}):
                self.fail(where, f"{shape} has no member {member}")
                return None
            shape = s["members"][member]["shape"]
            s = self.shape(shape)
            if sel is not None:
                if s["type"] != "list":
                    self.fail(where, f"{member} is no list")
                    return None
                shape = s["member"]["shape"]
                if isinstance(sel, dict):
                    for k in sel:
                        self.walk(shape, [(k, None)], where)
        return shape

    def expr(self, shape, e, where):
        """Literal records, lists and texts of an expression against a shape."""
        s = self.shape(shape)
        if e[0] == "if":
            self.expr(shape, e[2], where)
            self.expr(shape, e[3], where)
        elif e[0] == "record":
            if s["type"] == "map":
                return
            if s["type"] != "structure":
                return self.fail(where, f"{shape} is no structure")
            for k, v in e[1].items():
                if k not in s["members"]:
                    self.fail(where, f"{shape} has no member {k}")
                else:
                    self.expr(s["members"][k]["shape"], v, where + "." + k)
        elif e[0] == "list":
            if s["type"] != "list":
                return self.fail(where, f"{shape} is no list")
            for v in e[1]:
                self.expr(s["member"]["shape"], v, where)
        elif e[0] == "for":
            if s["type"] != "list":
                return self.fail(where, f"{shape} is no list")
            self.expr(s["member"]["shape"], e[4], where)
        elif e[0] == "lit" and e[1].startswith('"'):
            if s["type"] not in ("string",):
                self.fail(where, f"a text where {shape} is {s['type']}")
            elif "enum" in s and json.loads(e[1]) not in s["enum"]:
                self.fail(where, f"{e[1]} is none of {shape}: {s['enum']}")
        elif e[0] == "lit" and e[1] in ("true", "false"):
            if s["type"] != "boolean":
                self.fail(where, f"a bool where {shape} is {s['type']}")

    def enum(self, field, shape, where):
        s = self.shape(shape)
        if s["type"] == "list":
            s = self.shape(s["member"]["shape"])
        if "enum" not in s or not field["codec"] and '"' not in field["type"]:
            return
        codec = field["codec"]
        if codec and codec[1] == ("name", "enum"):
            words = [json.loads(v[1]) for v in codec[2][0][1].values()]
        elif codec:
            return
        else:
            words = [w.strip('"') for w in field["type"].replace("?", "").split(" ") if w.startswith('"')]
        for w in words:
            if w not in s["enum"]:
                self.fail(where, f"{w} is none of {s['enum']}")

    def operation(self, call):
        op = self.m["operations"].get(call["operation"])
        if not op:
            self.fail(call["operation"], "no such operation")
            return None
        return op

    def mentions(self, e, name):
        if isinstance(e, tuple) and e[:2] == ("name", name):
            return True
        if isinstance(e, dict):
            e = list(e.items())
        return isinstance(e, (list, tuple)) and any(self.mentions(x, name) for x in e)

    def input(self, call):
        op = self.operation(call)
        if not op:
            return
        shape, where = op.get("input", {}).get("shape"), call["verb"] + " " + call["operation"]
        given = set()
        for k, v in call["bindings"].items():
            given.add(k)
            s = self.shape(shape)
            if k not in s["members"]:
                self.fail(where, f"no member {k}")
            else:
                self.expr(s["members"][k]["shape"], v, where + "." + k)
        later = [x[1] for x in self.settings.get("later", ("list", []))[1]]
        put = []
        if call["verb"] == "create":
            put = [f for n, f in self.fields.items() if n.split(".")[0] not in later]
            tags = self.settings["tags"][1]
            if "at" in tags:
                given.add(json.loads(tags["at"][1]))
                self.walk(shape, [(json.loads(tags["at"][1]), None)], where)
        elif call["verb"] == "update" and not any("." in s for s in call["subjects"]):
            put = [f for n, f in self.fields.items() if n.split(".")[0] in call["subjects"]
                   and not self.mentions(call["bindings"], n.split(".")[0])
                   and not self.mentions(call["bindings"], "value")]
        for f in put:
            if not f["put"]:
                continue
            at = where + ", field " + f["name"]
            if f["put"][0] == "path":
                path = f["put"][1]
                given.add(path[0][0])
                leaf = self.walk(shape, path, at)
                if leaf:
                    self.enum(f, leaf, at)
            else:
                given |= set(f["put"][1][1])
                self.expr(shape, f["put"][1], at)
        if call["token"]:
            given.add(call["token"])
            self.walk(shape, [(call["token"], None)], where)
        for r in self.shape(shape).get("required", []) if shape else []:
            if r not in given:
                self.fail(where, f"the required member {r} is not given")

    def output(self, call):
        op = self.operation(call)
        if not op or not call["result"]:
            return None
        return self.walk(op["output"]["shape"], call["result"], call["verb"] + " " + call["operation"] + " ->")

    def errors(self, call):
        op = self.operation(call)
        if not op:
            return
        known = set(DOCUMENTED.get(self.api, ()))
        for e in op.get("errors", []):
            s = self.shape(e["shape"])
            known.add(s.get("error", {}).get("code", e["shape"]))
        # Any operation of the service may fail with what another one of it lists.
        everywhere = {self.shape(e["shape"]).get("error", {}).get("code", e["shape"])
                      for o in self.m["operations"].values() for e in o.get("errors", [])}
        for code in call["absent"] + call["adopt"] + [r[0] for r in call["retry"]]:
            if code not in known | everywhere:
                self.fail(call["verb"] + " " + call["operation"], f"no such error: {code}")

    def reading(self):
        reads = [c for c in self.calls if c["verb"] == "read"]
        if not reads and not any(c["verb"] == "create" for c in self.calls):
            reads = [c for c in self.calls if c["verb"] == "lookup"]  # an answer, and nothing that stays
        if not reads:
            return self.fail("read", "missing")
        obj = self.output(reads[0])
        if not obj:
            return
        if self.shape(obj)["type"] == "list":
            obj = self.shape(obj)["member"]["shape"]
        joined = {}
        for c in reads[1:]:
            leaf = self.output(c)
            if leaf:
                joined[c["result"][-1][0]] = leaf
        own = self.shape(obj)["members"]
        for n, f in self.fields.items():
            if not f["get"] or "write_only" in f["mods"]:
                continue
            at = "reading " + n
            if f["get"][0] == "path":
                path = f["get"][1]
                self.member(obj, joined, path, at)
            else:
                for name in self.names(f["get"][1], set()):
                    if name not in own and name not in joined:
                        self.fail(at, f"the object has no member {name}")
        for c in self.calls:
            for e in [c["bindings"]]:
                for path in self.live_paths(e):
                    self.member(obj, joined, path, c["verb"] + " " + c["operation"] + ": live")
        for i in self.items:
            if i["item"] == "wait":
                for path in self.live_paths(i["cond"]):
                    self.member(obj, joined, path, "wait: live")
        if self.settings["tags"][1]["shape"] != ("lit", '"none"'):
            get = json.loads(self.settings["tags"][1].get("get", ("lit", '"Tags"'))[1])
            if get not in own and get not in joined:
                self.fail("tags", f"the object has no member {get}")
        for c in self.calls:
            if c["verb"] in ("find", "lookup") and c["where"]:
                leaf = self.output(c)
                if leaf and self.shape(leaf)["type"] == "list":
                    leaf = self.shape(leaf)["member"]["shape"]
                for path in self.live_paths(c["where"], "it"):
                    # moto answers with what DescribeCertificate has.
                    if leaf and path != [("SubjectAlternativeNames", None)]:
                        self.member(leaf, {}, path, c["verb"] + " where")

    def member(self, obj, joined, path, where):
        first = path[0]
        if first[0] == "Parent" and "parent" in self.settings:
            return  # bgc's own: replies do not say below what they were found
        if first[0] in joined:
            s = joined[first[0]]
            if first[1] is not None and self.shape(s)["type"] == "list":
                s = self.shape(s)["member"]["shape"]
                if isinstance(first[1], dict):
                    for k in first[1]:
                        self.walk(s, [(k, None)], where)
            if path[1:]:
                self.walk(s, path[1:], where)
        else:
            self.walk(obj, path, where)

    def live_paths(self, e, root="live"):
        """Chains of members below `live`, the longest ones."""
        out = []

        def chain(x):
            if x == ("name", root):
                return []
            if isinstance(x, tuple) and x[0] == "member":
                up = chain(x[1])
                return None if up is None else up + [(x[2], None)]
            if isinstance(x, tuple) and x[0] == "index":
                up = chain(x[1])
                return None if not up else up[:-1] + [(up[-1][0], 0)]
            return None

        def visit(x):
            c = chain(x) if isinstance(x, tuple) else None
            if c:
                out.append(c)
                return
            if isinstance(x, dict):
                x = list(x.values())
            if isinstance(x, (list, tuple)):
                for y in x:
                    visit(y)

        visit(e)
        return out

    def names(self, e, bound):
        if isinstance(e, dict):
            return set().union(*[self.names(v, bound) for v in e.values()]) if e else set()
        if not isinstance(e, (list, tuple)):
            return set()
        if isinstance(e, tuple) and e:
            if e[0] == "name":
                return set() if e[1] in bound else {e[1]}
            if e[0] == "call":
                return set().union(*[self.names(x, bound) for x in e[2]]) if e[2] else set()
            if e[0] == "lambda":
                return self.names(e[2], bound | {e[1]})
            if e[0] == "for":
                return self.names(e[2], bound) | self.names([e[3], e[4]], bound | {e[1]})
            if e[0] == "lit":
                return set()
            if e[0] == "member":
                return self.names(e[1], bound)
        return set().union(*[self.names(x, bound) for x in e if isinstance(x, (list, tuple, dict))]) if e else set()


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_type(name):
    c = Checker(name)
    for call in c.calls:
        c.input(call)
        c.output(call)
        c.errors(call)
    c.reading()
    assert not c.wrong, "\n" + "\n".join(c.wrong)


def test_references_name_types():
    for name, items in TYPES.items():
        for i in items if isinstance(items, list) else []:
            words = i["type"].replace("?", "").split(" ") if i["item"] == "field" else []
            for a, b in zip(words, words[1:]):
                if a == "ref":
                    assert b in RESOURCES, f"{name}.{i['name']}: there is no type {b}"


def test_every_item_of_a_field_is_documented_or_plain():
    """A resource type says what it is for."""
    for path in glob.glob(os.path.join(ROOT, "stdlib", "aws", "*.bg")):
        lines = open(path).read().split("\n")
        for i, line in enumerate(lines):
            if line.startswith("type ") and line.endswith("{"):
                assert lines[i - 1].startswith("##"), f"{os.path.basename(path)}: {line} has no doc comment"
