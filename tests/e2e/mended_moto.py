"""moto's server, mended where it contradicts AWS in what the tests look at."""
import sys

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.server import main

# DescribeLaunchTemplates shows the tags that there are, not those of the creation.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)

if __name__ == '__main__':
    main(sys.argv[1:])
