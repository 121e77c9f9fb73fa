"""Secrets over the wire: read from SSM and Secrets Manager, sent to where they are needed, and
in nothing that the run prints or keeps, the store in S3 included."""
import base64
import json
import urllib.parse

SPEC = '''
stack vault {
  region = "eu-west-1"
  store  = "s3://acme-bgc-state/vault"
}
input given: secret string
shared {
  existing image: ec2.image { owner = "self", name = "shop-base-*", newest = true }
  existing db:    ssm.parameter { name = "/vault/db", version = 1 }
  existing api:   secretsmanager.secret { name = "vault/api" }
}
world web {
  resource lt: ec2.launch_template { image = image, size = "t3.small", boot = "${db.value} ${api.value} ${given}" }
  entry lt
}
output secret all = "${db.value}:${given}"
'''
DB, API, GIVEN = 'correct horse "battery"', '{"key": "staple/&"}', 'hunter2 <three>'


def spellings(secret):
    yield from {secret, json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe='')}
    for skip in range(3):
        whole = base64.b64encode(b'x' * skip + secret.encode() + b'yy').decode()
        yield whole[(skip * 8 + 5) // 6: (skip + len(secret)) * 8 // 6]


def test_secrets(bgc, account):
    account.ssm.put_parameter(Name='/vault/db', Type='SecureString', Value=DB)
    account.ssm.put_parameter(Name='/vault/db', Type='SecureString', Value='a newer one', Overwrite=True)
    account.secretsmanager.create_secret(Name='vault/api', SecretString=API)
    (bgc.folder / 'vault.bg').write_text(SPEC)
    env = {'BGC_INPUT_given': GIVEN}
    shown = [bgc.run('plan', 'vault.bg', '-v', '--out', 'vault.plan', '--trace', 'trace.vault', **env)]
    shown += [bgc.run('apply', 'vault.bg', '--yes', '-v', '--events', 'events.vault', '--trace', 'trace.vault2', **env)]
    shown += [bgc.run(*args, 'vault.bg', **env) for args in (['plan', '--json'], ['status', '--json'], ['graph', '--json'])]
    # They are where they are needed: version 1 of the parameter, not the newest.
    made = account.ec2.describe_launch_templates()['LaunchTemplates'][0]['LaunchTemplateId']
    template = account.ec2.describe_launch_template_versions(LaunchTemplateId=made)['LaunchTemplateVersions'][0]
    boot = base64.b64decode(template['LaunchTemplateData']['UserData']).decode()
    assert boot == f'{DB} {API} {GIVEN}'
    stored = [account.s3.get_object(Bucket='acme-bgc-state', Key=o['Key'])['Body'].read().decode(errors='replace')
              for o in account.s3.list_objects_v2(Bucket='acme-bgc-state', Prefix='vault')['Contents']]
    files = [p.read_text(errors='replace') for p in bgc.folder.rglob('*') if p.is_file()]
    assert stored and len(files) > 5
    for secret in (DB, API, GIVEN):
        for spelt in spellings(secret):
            assert not [t for t in (*shown, *stored, *files) if spelt in t], spelt


def test_a_version_that_is_not_there(bgc, account):
    (bgc.folder / 'vault.bg').write_text(SPEC.replace('version = 1', 'version = 4711'))
    text = bgc.run('plan', 'vault.bg', expect=1, BGC_INPUT_given=GIVEN)
    assert 'BG5011' in text and '/vault/db' in text and GIVEN not in text
