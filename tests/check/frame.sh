#!/bin/sh
# frame.sh < FRAGMENT: a whole program around an example of the documentation.
# What the example declares itself is not added.
set -eu
text=$(cat)
has() { printf '%s\n' "$text" | grep -qE "^$1"; }
if ! has 'stack '; then
    echo 'stack demo { region = "eu-west-1", store = "s3://demo-state" }'
fi
printf '%s\n' "$text"
if has '(shared|world) '; then exit 0; fi
cat <<'BG'
shared {
  existing zone:  route53.zone { name = "example.com", private = false }
  existing net:   ec2.vpc { tagged = { "env" => "prod" } }
  existing cert:  acm.certificate { covers = "shop.example.com" }
  existing front: set ec2.subnet { vpc = net, tagged = { "tier" => "public" } }
}
world web {
  resource group: ec2.security_group { vpc = net, ingress = [{ from = 0.0.0.0/0, port = 443 }] }
  resource tg: elbv2.target_group { vpc = net, port = 8080, drain = 30s, health = { path = "/healthz" } }
  resource lb: elbv2.load_balancer { scheme = "internet-facing", subnets = front, groups = [group] }
  resource web_listener: elbv2.listener { lb = lb, port = 443, certs = [cert], forward = tg }
  entry lb
}
BG
has 'traffic ' || echo 'traffic web: route53.weighted { zone = zone, names = ["shop.example.com"] }'
if ! has 'gate ready'; then
    echo 'gate ready {'
    echo '  check healthy: healthy(web.tg) == 100% within 10m'
    echo '}'
fi
for gate in steady settled; do
    if has "gate $gate"; then continue; fi
    echo "gate $gate {"
    echo '  every 30s no_data hold'
    echo '  check errors: ratio(web.lb.http_5xx, web.lb.requests, 5m) < 0.5%'
    echo '}'
done
if has 'rollout '; then exit 0; fi
cat <<'BG'
rollout web {
  test  ready
  shift 50% for 15m while steady
  shift 100% for 15m while settled
  bake  1h while settled
}
BG
