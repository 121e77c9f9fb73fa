"""Requests and replies of every operation that the records cover, against botocore."""
import json
import random
import re
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from botocore.parsers import create_parser

import wiremodel
from conftest import SERVICES

VERBS = ('Create|Delete|Describe|Modify|Attach|Detach|Associate|Disassociate|Allocate|Release|Replace|'
         'Authorize|Revoke|Run|Terminate|Start|Stop|Reboot|Get|Import|Update')
EC2 = re.compile(rf'^({VERBS})(' + '|'.join('''
Tags Vpcs? VpcAttribute Subnets? SubnetAttribute InternetGateways? RouteTables? Routes? RouteTableAssociation NatGateways?
Address(es)? SecurityGroups? SecurityGroupRules? SecurityGroup(In|E)gress SecurityGroupRuleDescriptions(In|E)gress KeyPairs?
Images? ImageAttribute LaunchTemplates? LaunchTemplateVersions? LaunchTemplateData Instances? InstanceAttribute InstanceStatus
InstanceTypes InstanceTypeOfferings InstanceMetadataOptions NetworkInterfaces? NetworkInterfaceAttribute Volumes?
AvailabilityZones AccountAttributes VpcEndpoints? Regions NetworkAcls? PrefixLists ManagedPrefixLists FlowLogs
IamInstanceProfile IamInstanceProfileAssociations EgressOnlyInternetGateways? Snapshots? DhcpOptions ConsoleOutput
VpcCidrBlock SubnetCidrBlock VpcPeeringConnections? PlacementGroups?'''.split()) + ')$')
RDS = re.compile(r'.*(DBInstances?|DBSubnetGroups?|DBClusters?|DBParameterGroups?|(To|From|For)Resource|DBSnapshots?)$')


def operations(service):
    record, names = SERVICES[service], wiremodel.model(service).operation_names
    if service == 'ec2':
        # ImportVolume is of an older time: two members share one wire name
        return [n for n in names if EC2.match(n) and n not in ('ImportInstance', 'ImportVolume')]
    if service == 'rds':
        return [n for n in names if RDS.match(n)]
    names = [n for n in names if not wiremodel.model(service).operation_model(n).has_event_stream_output]
    if record['protocol'].startswith('rest'):
        return [n for n in names if n in record['operations']]
    return names


CASES = [(s, o) for s in SERVICES for o in operations(s)]
SCALE = 6


def bound_members(service, operation):
    """REST: members without a place in our record are not sent by us."""
    spec = SERVICES[service].get('operations', {}).get(operation, {})
    m = wiremodel.model(service).operation_model(operation)
    shape = m.input_shape
    if not shape or not SERVICES[service]['protocol'].startswith('rest'):
        return None
    ours = set(spec.get('headers', {}).values()) | set(spec.get('query', {}).values())
    return {n for n, sub in shape.members.items()
            if sub.serialization.get('location') in ('header', 'querystring', 'headers') and n not in ours}


def make_input(service, operation, rng):
    shape = wiremodel.model(service).operation_model(operation).input_shape
    if not shape:
        return None, {}
    drop = bound_members(service, operation) or set()
    top = set(shape.members)

    def skip(parent, name):
        if name == 'LastModifiedTime':  # the one time that S3 wants in another format
            return True
        return parent is None and name in top and name in drop
    m = wiremodel.Maker(rng, SERVICES[service]['protocol'], fill=.6, skip=skip)
    ours, theirs = m.make(shape)
    for name, sub in shape.members.items():
        if sub.serialization.get('location') in ('uri',):
            ours[name] = theirs[name] = rng.choice(['a b/c', 'Z1D633PJN98FT9', 'täg:1'])
        if sub.serialization.get('location') == 'header' and name in ours and isinstance(ours[name], str):
            ours[name] = theirs[name] = 'v-' + str(rng.randint(0, 99))
    return ours, theirs


def element(e):
    """An XML element as comparable data, without namespaces."""
    name = re.sub('^{.*}', '', e.tag)
    return (name, (e.text or '') if not len(e) else '', [element(c) for c in e])


def check_request(service, operation, ours, theirs):
    protocol = SERVICES[service]['protocol']
    want = wiremodel.serialize(service, protocol, operation, theirs)
    if protocol in ('ec2', 'query'):
        got = dict(urllib.parse.parse_qsl(ours['body'], keep_blank_values=True))
        body = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in want['body'].items()}
        numeric = {k for k in body if k in got and got[k] != body[k]}
        for k in numeric:  # 7 and 7.0
            assert float(got[k]) == float(body[k]), (operation, k)
            got[k] = body[k]
        assert got == body, operation
        return
    headers = {k.lower(): v for k, v in ours['headers']}
    for k, v in want['headers'].items():
        if k.lower() in ('content-type', 'content-md5', 'x-amz-sdk-checksum-algorithm'):
            continue
        if k.lower().startswith('x-amz-checksum'):
            continue
        assert headers.get(k.lower()) == str(v), (operation, k)
    if protocol == 'json':
        assert headers['content-type'] == f"application/x-amz-json-{SERVICES[service]['json']}"
        assert json.loads(ours['body']) == json.loads(want['body']), operation
        return
    assert ours['method'] == want['method']
    path = want['url_path']
    path, _, flags = path.partition('?')
    if ours['label'] is not None:
        prefix = '/' + urllib.parse.quote(ours['label'], safe='-_.~')
        assert path.startswith(prefix), (path, prefix)
        path = path[len(prefix):] or '/'
    assert ours['path'] == path, operation
    query = sorted(urllib.parse.parse_qsl(ours['query'], keep_blank_values=True))
    wanted = urllib.parse.parse_qsl(flags, keep_blank_values=True)
    qs = want['query_string']
    for k, v in (qs.items() if isinstance(qs, dict) else qs):
        wanted += [(k, str(x)) for x in (v if isinstance(v, list) else [v])]
    assert query == sorted(wanted), operation
    body = want['body']
    body = body.decode() if isinstance(body, bytes) else body or ''
    if protocol == 'rest-json':
        assert json.loads(ours['body'] or '{}') == json.loads(body or '{}'), operation
    elif SERVICES[service]['operations'][operation].get('blob'):
        pass  # raw bytes: here the model's base64 stands for them
    elif ours['body'] == body:
        pass
    elif body.startswith('<'):
        if not ours['body']:  # nothing but an empty document
            assert not len(ET.fromstring(body)), operation
            return
        assert element(ET.fromstring(ours['body'])) == element(ET.fromstring(body)), operation
        assert ET.fromstring(ours['body']).tag == ET.fromstring(body).tag  # with the namespace
    else:
        assert ours['body'] == body, operation


@pytest.mark.parametrize('service', list(SERVICES))
def test_requests(codec, service):
    rng = random.Random(service)
    for operation in operations(service):
        for _ in range(SCALE):
            ours, theirs = make_input(service, operation, rng)
            ask = dict(do='encode', service=service, operation=operation)
            if ours is not None:
                ask['input'] = ours
            got = codec.ask(**ask)
            assert 'error' not in got, (operation, got, ours)
            check_request(service, operation, got, theirs)


def reply_body(service, operation, rng):
    om = wiremodel.model(service).operation_model(operation)
    protocol = SERVICES[service]['protocol']
    shape = om.output_shape
    value = wiremodel.Maker(rng, protocol, fill=.7).make(shape)[0] if shape else {}
    if shape:
        value = {k: v for k, v in value.items() if not shape.members[k].serialization.get('location')}
    if protocol == 'ec2':
        root = ET.Element(operation + 'Response')
        if shape:
            for c in wiremodel.to_xml('x', value, shape, protocol):
                root.append(c)
    elif protocol == 'query':
        root = ET.Element(operation + 'Response')
        if shape:
            root.append(wiremodel.to_xml(operation + 'Result', value, shape, protocol))
        meta = ET.SubElement(root, 'ResponseMetadata')
        ET.SubElement(meta, 'RequestId').text = 'r-1'
    elif protocol == 'rest-xml':
        payload = shape.serialization.get('payload') if shape else None
        if payload and shape.members[payload].type_name == 'structure':
            if payload not in value:
                value[payload] = {}
            root = wiremodel.to_xml(payload, value[payload], shape.members[payload], protocol)
        elif payload or not shape:
            return '', value
        else:
            root = wiremodel.to_xml(operation + 'Response', value, shape, protocol)
    else:
        return json.dumps(value), value
    return ET.tostring(root, encoding='unicode'), value


@pytest.mark.parametrize('service', list(SERVICES))
def test_replies(codec, service):
    rng = random.Random(service + 'replies')
    protocol = SERVICES[service]['protocol']
    parser = create_parser(protocol)
    parser._timestamp_parser = lambda x: x
    for operation in operations(service):
        om = wiremodel.model(service).operation_model(operation)
        if (service, operation) == ('s3', 'GetBucketLocation'):
            continue
        for _ in range(SCALE):
            body, _value = reply_body(service, operation, rng)
            got = codec.ask(do='decode', service=service, operation=operation, status=200, headers=[], body=body)
            if not om.output_shape:
                assert got['ok'], (operation, got)
                continue
            if SERVICES[service].get('operations', {}).get(operation, {}).get('reply_blob'):
                continue
            theirs = parser.parse({'status_code': 200, 'headers': {}, 'body': body.encode()}, om.output_shape)
            assert got['ok'], (operation, got, body)
            theirs.pop('ResponseMetadata', None)
            if 'json' in protocol:
                want = json.loads(body)
                assert got['output'] == want, operation
            else:
                want = wiremodel.plain(theirs, om.output_shape)
                ours = {k: v for k, v in got['output'].items() if k != 'RequestId' or k in want}
                assert wiremodel.same(ours, want) == [], (operation, body)
