"""Random inputs and replies made from botocore's models, and their comparison."""
import base64
import re
import string
import xml.etree.ElementTree as ET

import botocore.parsers
import botocore.serialize
import botocore.session

SESSION = botocore.session.get_session()
# our name -> botocore's name and the protocol we speak
NAMES = {'tagging': 'resourcegroupstaggingapi', 'application_autoscaling': 'application-autoscaling',
         'service_quotas': 'service-quotas'}
_models = {}


def model(service):
    if service not in _models:
        _models[service] = SESSION.get_service_model(NAMES.get(service, service))
    return _models[service]


WORDS = string.ascii_letters + string.digits + ' -_.:/+&<>"\'%=?*äß漢'


def text(rng):
    return ''.join(rng.choice(WORDS) for _ in range(rng.randint(1, 12))).strip() or 'x'


class Maker:
    """A value of a shape: what goes to bgc, and what goes to botocore."""

    def __init__(self, rng, protocol, fill=.5, skip=lambda parent, name: False):
        self.rng, self.protocol, self.fill, self.skip = rng, protocol, fill, skip

    def make(self, shape, depth=0, seen=(), parent=None):
        rng, kind = self.rng, shape.type_name
        if kind == 'structure':
            ours, theirs = {}, {}
            members = list(shape.members.items())
            union = getattr(shape, 'is_tagged_union', False)
            if union:
                members = [rng.choice(members)]
            for name, sub in members:
                if self.skip(parent, name) or (seen.count(sub.name) > 1):
                    continue
                needed = name in shape.required_members
                if not needed and not union and (depth > 5 or rng.random() > self.fill):
                    continue
                ours[name], theirs[name] = self.make(sub, depth + 1, seen + (sub.name,), name)
            return ours, theirs
        if kind == 'list':
            n = rng.choice([0, 1, 1, 2, 3]) if depth < 6 else 0
            pairs = [self.make(shape.member, depth + 1, seen, parent) for _ in range(n)]
            return [a for a, _ in pairs], [b for _, b in pairs]
        if kind == 'map':
            keys = [self.make(shape.key)[0] for _ in range(rng.randint(1, 2))]
            pairs = {k: self.make(shape.value, depth + 1, seen, parent) for k in keys}
            return {k: v[0] for k, v in pairs.items()}, {k: v[1] for k, v in pairs.items()}
        if kind == 'boolean':
            v = rng.random() < .5
            return v, v
        if kind in ('integer', 'long'):
            v = rng.randint(0, 100000)
            return v, v
        if kind in ('float', 'double'):
            v = rng.randint(0, 1000) / 4
            return v, v
        if kind == 'timestamp':
            sec = rng.randint(1_500_000_000, 1_900_000_000)
            if 'json' in self.protocol:
                return sec, sec
            import datetime
            iso = datetime.datetime.fromtimestamp(sec, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
            return iso, iso
        if kind == 'blob':
            raw = text(rng).encode()
            return base64.b64encode(raw).decode(), raw
        v = rng.choice(shape.enum) if shape.enum else text(rng)
        return v, v


def serialize(service, protocol, operation, params):
    s = botocore.serialize.create_serializer(protocol, include_validation=False)
    return s.serialize_to_request(params, model(service).operation_model(operation))


# ---- replies


def to_xml(name, value, shape, protocol):
    """An element as the service would write it."""
    def tag(x):
        return re.sub('^xsi:', '', x)
    e = ET.Element(tag(name))
    kind = shape.type_name
    if kind == 'structure':
        for m, v in value.items():
            sub = shape.members[m]
            if sub.serialization.get('location'):
                continue
            wire = sub.serialization.get('name', m)
            if sub.type_name == 'list' and sub.serialization.get('flattened'):
                for x in v:
                    e.append(to_xml(sub.member.serialization.get('name', wire)
                                    if protocol == 'query' else wire, x, sub.member, protocol))
            else:
                e.append(to_xml(wire, v, sub, protocol))
    elif kind == 'list':
        item = shape.member.serialization.get('name', 'member')
        for x in value:
            e.append(to_xml(item, x, shape.member, protocol))
    elif kind == 'map':
        for k, v in value.items():
            entry = ET.SubElement(e, 'entry')
            ET.SubElement(entry, shape.key.serialization.get('name', 'key')).text = k
            entry.append(to_xml(shape.value.serialization.get('name', 'value'), v, shape.value, protocol))
    elif kind == 'boolean':
        e.text = 'true' if value else 'false'
    else:
        e.text = str(value)
    return e


def plain(theirs, shape):
    """botocore's parse in our terms: XML scalars are texts."""
    kind = shape.type_name
    if kind == 'structure':
        return {k: plain(v, shape.members[k]) for k, v in theirs.items()
                if k in shape.members and v is not None}
    if kind == 'list':
        return [plain(v, shape.member) for v in theirs]
    if kind == 'map':
        return {k: plain(v, shape.value) for k, v in theirs.items()}
    if kind == 'boolean':
        return 'true' if theirs else 'false'
    if kind == 'blob':
        return base64.b64encode(theirs).decode() if isinstance(theirs, bytes) else theirs
    if kind in ('float', 'double'):
        return float(theirs)
    return str(theirs)


def same(ours, theirs, path=''):
    """Differences, as text. An element without content may be an
    empty structure, and nobody can tell."""
    if isinstance(theirs, dict):
        if theirs == {} and ours in ('', {}, []):
            return []
        if not isinstance(ours, dict):
            return [f'{path}: {ours!r} for {theirs!r}']
        out = []
        for k in sorted(set(ours) | set(theirs)):
            if k not in ours:
                if theirs[k] not in ([], {}):  # botocore makes up empty flat lists
                    out.append(f'{path}.{k}: missing, should be {theirs[k]!r}')
            elif k not in theirs:
                out.append(f'{path}.{k}: {ours[k]!r} should not be')
            else:
                out += same(ours[k], theirs[k], f'{path}.{k}')
        return out
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return [f'{path}: {ours!r} for {theirs!r}']
        return [d for i, (a, b) in enumerate(zip(ours, theirs)) for d in same(a, b, f'{path}[{i}]')]
    if isinstance(theirs, float):
        try:
            return [] if float(ours) == theirs else [f'{path}: {ours!r} for {theirs!r}']
        except (TypeError, ValueError):
            return [f'{path}: {ours!r} for {theirs!r}']
    return [] if ours == theirs else [f'{path}: {ours!r} for {theirs!r}']
