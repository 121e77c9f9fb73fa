"""An account for examples/split, its users, and what boto3 sees of a split."""
from load import Load

PEAK = 48000  # requests a minute: a share of 5 % must be able to show 0.5 % of errors


def seed(account):
    """What the example asks for beyond the shop's: a zone in its own account and an image."""
    account.client('route53').create_hosted_zone(Name='example.com', CallerReference='2')
    account.image = account.ec2.register_image(
        Name='api-base-2026-11-09', RootDeviceName='/dev/xvda', EnaSupport=True, Architecture='x86_64',
        VirtualizationType='hvm', BlockDeviceMappings=[{'DeviceName': '/dev/xvda', 'Ebs': {'VolumeSize': 8}}])['ImageId']
    return account


class Split:
    """What boto3 sees of the listener, or of the rule, that splits."""

    def __init__(self, account, of_rule):
        self.account, self.of_rule, self.elb = account, of_rule, account.elbv2

    def balancer(self):
        found = [lb for lb in self.elb.describe_load_balancers()['LoadBalancers']
                 if lb['LoadBalancerName'].startswith('api-')]
        return found[0] if found else None

    def _tagged(self, arns):
        return {d['ResourceArn']: {t['Key']: t['Value'] for t in d['Tags']}
                for i in range(0, len(arns), 20)
                for d in self.elb.describe_tags(ResourceArns=arns[i:i + 20])['TagDescriptions']}

    def listener(self):
        lb = self.balancer()
        found = self.elb.describe_listeners(LoadBalancerArn=lb['LoadBalancerArn'])['Listeners'] if lb else []
        return found[0] if found else None

    def rules(self):
        """Those that are not the listener's own."""
        on = self.listener()
        return [r for r in self.elb.describe_rules(ListenerArn=on['ListenerArn'])['Rules'] if not r['IsDefault']] if on else []

    def at(self):
        """(ARN, its actions) of where the weights are."""
        if not self.of_rule:
            on = self.listener()
            return (on['ListenerArn'], on['DefaultActions']) if on else (None, [])
        for r in self.rules():
            if [c for c in r['Conditions'] if c['Field'] == 'path-pattern']:
                return r['RuleArn'], r['Actions']
        return None, []

    def targets(self):
        """{world id: target group} of the worlds that stand."""
        groups = {g['TargetGroupArn']: g for g in self.elb.describe_target_groups()['TargetGroups']}
        found = {}
        for arn, tags in self._tagged(list(groups)).items():
            if tags.get('bgc:world'):
                found[tags['bgc:world'].partition('/')[2]] = groups[arn]
        return found

    def weights(self):
        """{world id: weight}, {} while no target group is forwarded to."""
        worlds = {g['TargetGroupArn']: w for w, g in self.targets().items()}
        return {worlds[t['TargetGroupArn']]: t['Weight'] for a in self.at()[1] if a['Type'] == 'forward'
                for t in a['ForwardConfig']['TargetGroups']}

    def tags(self):
        arn, _ = self.at()
        return self._tagged([arn])[arn] if arn else {}


class SplitLoad(Load):
    """Users of the one name, split as the weights say."""

    def __init__(self, split, now):
        super().__init__(split.account, now)
        self.split = split

    def _turn(self):
        weights, targets = self.split.weights(), self.split.targets()
        if not self.seen or self.seen[-1] != weights:
            self.seen.append(weights)
        total = sum(weights.values()) or 1
        for world, group in targets.items():
            self._put('AWS/EC2', self._minutes((world, 'group')), {'AutoScalingGroupName': f'api-api-{world}-asg'},
                      CPUUtilization=30)
            dimensions = {'TargetGroup': group['TargetGroupArn'].rpartition(':')[2],
                          'LoadBalancer': self.split.balancer()['LoadBalancerArn'].partition(':loadbalancer/')[2]}
            self._users(world, dimensions, PEAK * weights.get(world, 0) / total)
