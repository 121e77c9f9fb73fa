"""moto's server, mended where it contradicts AWS in what the tests look at."""
import sys

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend as Tagging
from moto.route53.models import RecordSet
from moto.server import main

# DescribeLaunchTemplates shows the tags that there are, not those of the creation.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)

# An alias has no TTL. What is listed with one, and is made like it, cannot be deleted again.
RecordSet.ttl = property(lambda self: None if self.alias_target else self.given_ttl,
                         lambda self, ttl: setattr(self, 'given_ttl', ttl))

# The list of what is tagged has launch templates, too.
listed = Tagging._get_resources_generator


def with_templates(self, tag_filters=None, resource_type_filters=None):
    yield from listed(self, tag_filters, resource_type_filters)
    if resource_type_filters and not {'ec2', 'ec2:launch-template'} & set(resource_type_filters):
        return
    for template in self.ec2_backend.launch_templates.values():
        tags = {t['key']: t['value'] for t in template.get_tags()}
        if all(f['Key'] in tags and (not f.get('Values') or tags[f['Key']] in f['Values']) for f in tag_filters or []):
            yield {'ResourceARN': f'arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:launch-template/{template.id}',
                   'Tags': [{'Key': k, 'Value': v} for k, v in tags.items()]}


Tagging._get_resources_generator = with_templates

if __name__ == '__main__':
    main(sys.argv[1:])
