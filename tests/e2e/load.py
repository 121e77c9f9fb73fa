"""Users: what they do to the metrics of each world, minute by minute of the schedule."""
import datetime
import threading

MINUTE = datetime.timedelta(minutes=1)
BEFORE = 12 * MINUTE
AHEAD = 6 * MINUTE  # so that a slow machine makes no gap
PEAK = 1200         # requests a minute


class Load(threading.Thread):
    """Publishes, while it runs, what CloudWatch would show of the worlds that stand: requests
    by their share in Route 53, and steady figures for the rest. `errors[world id]` is the
    share of its requests that fail. `silent`: nothing is told of instances."""

    def __init__(self, account, now, silent=False):
        super().__init__(daemon=True)
        self.silent = silent
        self.account, self.now = account, now
        self.errors, self.seen, self.failure = {}, [], None
        self._next, self._worlds, self._filters = {}, {}, {}
        self._over = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join(30)
        if self.failure:
            raise self.failure

    def run(self):
        try:
            while not self._over.wait(.2):
                self._turn()
        except Exception as e:  # shown by whoever leaves the `with`
            self.failure = e

    def _minutes(self, key):
        """The minutes that nobody has published yet."""
        now = self.now().replace(second=0, microsecond=0)
        at = max(self._next.get(key, now - BEFORE), now - BEFORE)
        out = []
        while at < now + AHEAD:
            out.append(at)
            at += MINUTE
        self._next[key] = at
        return out

    def _turn(self):
        weights, six = self.account.both_weights()
        self._worlds = self.account.worlds()
        if not self.seen or self.seen[-1][:2] != (weights, six):
            self.seen.append((weights, six, sorted(self._worlds)))
        total = sum(weights.values()) or 1
        for world in list(self._worlds.values()):
            if len(self._filters.get(world.id, [])) < 2:
                self._filters[world.id] = world.filters
            self._publish(world, PEAK * weights.get(world.id, 0) / total)
        at = self._minutes('database')
        self._put('AWS/RDS', at, {'DBInstanceIdentifier': 'shop-prod'}, CPUUtilization=20, DatabaseConnections=50)

    def _publish(self, world, requests):
        balancer, group = {'LoadBalancer': world.balancer}, {'AutoScalingGroupName': world.group}
        at = self._minutes((world.id, 'group'))
        if not self.silent:
            self._put('AWS/EC2', at, group, CPUUtilization=30)
            self._put('CWAgent', at, group, mem_used_percent=40)
        for name in self._filters[world.id]:
            self._put('bgc/logs', self._minutes((world.id, name)), {}, **{name: 0})
        self._users(world.id, balancer, requests)

    def _users(self, world, dimensions, requests):
        """What the load balancer publishes of a world that gets so many requests a minute."""
        if not requests:
            self._next.pop((world, 'users'), None)
            return
        # A world that just got its share has no users before that.
        now = self.now().replace(second=0, microsecond=0)
        self._next.setdefault((world, 'users'), now)
        at = self._minutes((world, 'users'))
        self._put('AWS/ApplicationELB', at, dimensions, RequestCount=requests, TargetResponseTime=.1)
        if self.errors.get(world):
            # also of minutes that were published before they went bad
            bad = [t for t in (now + i * MINUTE for i in range(-3, 9)) if (world, t) not in self._next]
            for t in bad:
                self._next[(world, t)] = t
            self._put('AWS/ApplicationELB', bad, dimensions, HTTPCode_Target_5XX_Count=requests * self.errors[world])

    def _put(self, namespace, times, dimensions, **values):
        data = [{'MetricName': name, 'Value': value, 'Timestamp': t,
                 'Dimensions': [{'Name': k, 'Value': v} for k, v in dimensions.items()]}
                for name, value in values.items() for t in times]
        if data:
            self.account.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
