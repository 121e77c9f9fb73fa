"""moto's server, mended where it contradicts AWS in what the tests look at."""
import sys

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.route53.models import RecordSet
from moto.server import main

# DescribeLaunchTemplates shows the tags that there are, not those of the creation.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)

# An alias has no TTL. What is listed with one, and is made like it, cannot be deleted again.
RecordSet.ttl = property(lambda self: None if self.alias_target else self.given_ttl,
                         lambda self, ttl: setattr(self, 'given_ttl', ttl))

if __name__ == '__main__':
    main(sys.argv[1:])
