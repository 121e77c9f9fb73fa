#!/usr/bin/env python3
"""frontend.py [BGC] - time and memory that `bgc check` takes for large specs.

The budget: 100 ms and 100 MB for 10,000 resources, 1 s and 500 MB for 100,000, and
growth that is linear: a resource of 100,000 costs at most half as much again as one
of 10,000 (what does not fit into the caches any more costs more). Time is of the
processor: a busy machine changes it less. A spec is made of cells of ten resources
(a web tier, as in examples/shop): once written out, once as keyed resources of a set.
"""
import os
import subprocess
import sys
import tempfile

BUDGET = {10000: (100, 100), 100000: (1000, 500)}  # milliseconds, megabytes
GROWTH = 1.5

CELL = """\
  resource lb_sg{n}: ec2.security_group {{
    vpc     = net.vpc
    ingress = [{{ from = 0.0.0.0/0, port = 443 }}, {{ from = ::/0, port = 443 }}]
    egress  = [{{ to = net.range, port = 8080 }}]
  }}
  resource app_sg{n}: ec2.security_group {{
    vpc     = net.vpc
    ingress = [{{ from = lb_sg{r}, port = 8080 }}]
    egress  = [{{ to = 0.0.0.0/0, port = 443 }}, {{ to = net.range, port = 5432 }}]
  }}
  resource log{n}: logs.group {{ retain = 30d }}
  resource lt{n}: ec2.launch_template {{
    image  = image
    size   = size
    groups = [app_sg{r}]
    disk   = 20GiB
    imds   = "required"
    boot   = "#!/bin/sh\\nrun --log ${{log{r}.name}} --port ${{8000 + 80}}\\n"
  }}
  resource tg{n}: elbv2.target_group {{
    vpc    = net.vpc
    port   = 8080
    drain  = 30s
    health = {{ path = "/healthz", every = 10s, healthy = 2, unhealthy = 2 }}
  }}
  resource asg{n}: autoscaling.group {{
    template = lt{r}
    subnets  = net.private
    size     = fleet..fleet * 4
    targets  = [tg{r}]
    health   = "elb"
  }}
  resource scale{n}: autoscaling.policy {{ group = asg{r}, track = "cpu", target = 50% }}
  resource alb{n}: elbv2.load_balancer {{
    scheme  = "internet-facing"
    subnets = net.public
    groups  = [lb_sg{r}]
  }}
  resource tls{n}: elbv2.listener {{
    lb      = alb{r}
    port    = 443
    certs   = [cert]
    forward = tg{r}
  }}
  resource burning{n}: cloudwatch.alarm {{ metric = alb{r}.http_5xx, stat = "sum", above = 50 }}
"""

HEAD = """\
stack big {
  region  = "eu-west-1"
  account = "123456789012"
}

use std.network

input size:  ec2.instance_type = "t3.small"
input fleet: 1..50 = 3

shared {
  existing net:   std.network { tag = "big" }
  existing cert:  acm.certificate { covers = "big.example.com" }
  existing image: ec2.image { owner = "self", name = "big-*", newest = true }
}

world web {
  resource front_sg: ec2.security_group { vpc = net.vpc }
  resource front: elbv2.load_balancer {
    scheme  = "internet-facing"
    subnets = net.public
    groups  = [front_sg]
  }
  entry front
"""


def written(cells):
    return HEAD + "".join(CELL.format(n=i, r=i) for i in range(cells)) + "}\n"


def keyed(cells):
    keys = 'let keys = [for i in 0..%d: "c${i}"]\n\n' % (cells - 1)
    return HEAD.replace("world web", keys + "world web") + \
        CELL.format(n="[k in keys]", r="[k]") + "}\n"


def write(path, make, cells):
    """By a process of its own: the peak of a child counts what its parent held."""
    child = os.fork()
    if not child:
        with open(path, "w") as f:
            f.write(make(cells))
        os._exit(0)
    os.waitpid(child, 0)


def measure(bgc, spec):
    """Milliseconds of the processor and megabytes of the best of some runs."""
    best, peak = 1e9, 0
    for _ in range(3):
        child = subprocess.Popen([bgc, "check", spec], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        took = (usage.ru_utime + usage.ru_stime) * 1000
        child.returncode = status
        if status:
            sys.exit("bgc check failed")
        best, peak = min(best, took), max(peak, usage.ru_maxrss / 1024)
    return best, peak


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    bgc = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../build/bgc")
    over = False
    with tempfile.TemporaryDirectory() as folder:
        spec = os.path.join(folder, "big.bg")
        for name, make in (("written out", written), ("keyed", keyed)):
            each = {}
            for resources in (1000, 10000, 100000):
                write(spec, make, resources // 10)
                ms, mb = measure(bgc, spec)
                each[resources] = ms / resources
                note = ""
                if resources in BUDGET:
                    most_ms, most_mb = BUDGET[resources]
                    over = over or ms > most_ms or mb > most_mb
                    note = f"  (budget {most_ms} ms, {most_mb} MB)"
                print(f"{name:12} {resources:7} resources {ms:8.1f} ms {mb:8.1f} MB{note}")
            growth = each[100000] / each[10000]
            over = over or growth > GROWTH
            print(f"{name:12} a resource of 100,000 costs {growth:.2f} of one of 10,000  (budget {GROWTH})")
    sys.exit(over)


main()
