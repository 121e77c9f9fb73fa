/* What AWS adds to an object by itself: dates, states, names of its own. A table
 * by type; what no table knows shows only what was asked for. */
#include <string.h>

#include "sandbox/account.h"

struct newborn {
    struct sandbox *s;
    struct arena *a;
    const char *account, *id, *name;
    struct value *body;
};

static struct value *str(struct arena *a, const char *s)
{
    return value_string(a, s);
}

static void put(const struct newborn *n, const char *member, struct value *v)
{
    if (!value_get(n->body, member))
        value_put(n->body, member, v);
}

static void put_text(const struct newborn *n, const char *member, const char *text)
{
    put(n, member, str(n->a, text));
}

static const char *iso_now(const struct newborn *n)
{
    return clock_iso(n->a, n->s->now);
}

static const char *owner(const struct newborn *n)
{
    return sandbox_account_id(n->s, n->account);
}

static void security_group(const struct newborn *n)
{
    put_text(n, "OwnerId", owner(n));
    put_text(n, "GroupName", n->name ? n->name : n->id);
    put_text(n, "Description", n->name ? n->name : "");
    put(n, "IpPermissions", value_list(n->a, NULL, 0));
    /* A new group lets everything out until somebody says otherwise. */
    struct value *all = value_map(n->a);
    value_put(all, "IpProtocol", str(n->a, "-1"));
    value_put(all, "IpRanges",
              value_list_one(n->a, value_map_one(n->a, "CidrIp", str(n->a, "0.0.0.0/0"))));
    put(n, "IpPermissionsEgress", value_list_one(n->a, all));
}

static void launch_template(const struct newborn *n)
{
    put_text(n, "LaunchTemplateName", n->name ? n->name : n->id);
    put_text(n, "CreateTime", iso_now(n));
    put_text(n, "CreatedBy", arena_printf(n->a, "arn:aws:iam::%s:user/sandbox", owner(n)));
    put(n, "DefaultVersionNumber", value_int(n->a, 1));
    put(n, "LatestVersionNumber", value_int(n->a, 1));
}

static void vpc(const struct newborn *n)
{
    put_text(n, "CidrBlock", "10.0.0.0/16");
    put_text(n, "State", "available");
    put(n, "IsDefault", value_bool(n->a, false));
    put_text(n, "OwnerId", owner(n));
}

static void subnet(const struct newborn *n)
{
    put_text(n, "State", "available");
    put_text(n, "OwnerId", owner(n));
    put(n, "AvailableIpAddressCount", value_int(n->a, 4091));
    put(n, "MapPublicIpOnLaunch", value_bool(n->a, false));
    put_text(n, "AvailabilityZone", arena_printf(n->a, "%sa", n->s->region));
    put_text(n, "CidrBlock", "10.0.0.0/20");
}

static void image(const struct newborn *n)
{
    put_text(n, "Name", n->name ? n->name : n->id);
    put_text(n, "OwnerId", owner(n));
    put_text(n, "CreationDate", iso_now(n));
    put_text(n, "State", "available");
    put_text(n, "Architecture", "x86_64");
    put_text(n, "RootDeviceName", "/dev/xvda");
    put_text(n, "VirtualizationType", "hvm");
    put(n, "EnaSupport", value_bool(n->a, true));
}

static void target_group(const struct newborn *n)
{
    put_text(n, "TargetGroupName", n->name ? n->name : "");
    put_text(n, "TargetType", "instance");
    put_text(n, "ProtocolVersion", "HTTP1");
    put_text(n, "IpAddressType", "ipv4");
    put(n, "LoadBalancerArns", value_list(n->a, NULL, 0));
}

/* Attributes that a request did not set have AWS's defaults. */
static void put_attribute(const struct newborn *n, const char *key, const char *text)
{
    const struct value *old = value_get(n->body, "Attributes");
    size_t have = old && old->kind == V_LIST ? old->list.n : 0;
    for (size_t i = 0; i < have; i++) {
        const char *k = value_get_string(old->list.at[i], "Key");
        if (k && !strcmp(k, key))
            return;
    }
    struct value **at = arena_array(n->a, struct value *, have + 1);
    for (size_t i = 0; i < have; i++)
        at[i] = old->list.at[i];
    at[have] = value_map_one(n->a, "Key", str(n->a, key));
    value_put(at[have], "Value", str(n->a, text));
    value_put(n->body, "Attributes", value_list(n->a, at, have + 1));
}

static void target_group_attributes(const struct newborn *n)
{
    target_group(n);
    put_attribute(n, "deregistration_delay.timeout_seconds", "300");
    put_attribute(n, "slow_start.duration_seconds", "0");
    put_attribute(n, "load_balancing.algorithm.type", "round_robin");
    put_attribute(n, "stickiness.enabled", "false");
}

static void load_balancer(const struct newborn *n)
{
    const char *name = n->name ? n->name : "lb";
    const char *hash = strrchr(n->id, '/');
    bool internal = !strcmp(
        value_get_string(n->body, "Scheme") ? value_get_string(n->body, "Scheme") : "", "internal");
    put_text(n, "LoadBalancerName", name);
    put_text(n, "DNSName",
             arena_printf(n->a, "%s%s-%.10s.%s.elb.amazonaws.com", internal ? "internal-" : "",
                          name, hash ? hash + 1 : "0", n->s->region));
    put_text(n, "CanonicalHostedZoneId", "Z32O12XQLNTSW2");
    put_text(n, "CreatedTime", iso_now(n));
    put_text(n, "Type", "application");
    put_text(n, "IpAddressType", "ipv4");
    put(n, "State", value_map_one(n->a, "Code", str(n->a, "provisioning")));
    /* Its network and zones are those of its subnets. */
    const struct value *subnets = value_get(n->body, "Subnets");
    VEC(struct value *) zones = {0};
    for (size_t i = 0; subnets && subnets->kind == V_LIST && i < subnets->list.n; i++) {
        const char *id = subnets->list.at[i]->kind == V_STRING ? subnets->list.at[i]->s : "";
        const struct object *o = object_by_text(n->s, n->account, id);
        struct value *z = value_map_one(n->a, "SubnetId", str(n->a, id));
        if (o && value_get(o->body, "AvailabilityZone"))
            value_put(z, "ZoneName", value_get(o->body, "AvailabilityZone"));
        if (o && value_get(o->body, "VpcId"))
            put(n, "VpcId", value_get(o->body, "VpcId"));
        vec_push(n->a, &zones, z);
    }
    if (zones.n)
        value_put(n->body, "AvailabilityZones", value_list(n->a, zones.at, zones.n));
    put_text(n, "VpcId", "vpc-0");
    put_attribute(n, "client_keep_alive.seconds", "3600");
    put_attribute(n, "idle_timeout.timeout_seconds", "60");
    put_attribute(n, "deletion_protection.enabled", "false");
}

static void rule(const struct newborn *n)
{
    put(n, "IsDefault", value_bool(n->a, false));
}

static void group(const struct newborn *n)
{
    put_text(n, "AutoScalingGroupARN",
             arena_printf(n->a,
                          "arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/%s",
                          n->s->region, owner(n), sandbox_hex(n->s, n->a, 12), n->id));
    put_text(n, "CreatedTime", iso_now(n));
    put(n, "DesiredCapacity", value_int(n->a, value_get_int(n->body, "MinSize", 0)));
    put(n, "DefaultCooldown", value_int(n->a, 300));
    put_text(n, "HealthCheckType", "EC2");
    put(n, "HealthCheckGracePeriod", value_int(n->a, 0));
}

static void alarm(const struct newborn *n)
{
    put_text(
        n, "AlarmArn",
        arena_printf(n->a, "arn:aws:cloudwatch:%s:%s:alarm:%s", n->s->region, owner(n), n->id));
    put_text(n, "StateValue", "INSUFFICIENT_DATA");
    put_text(n, "StateUpdatedTimestamp", iso_now(n));
    put(n, "ActionsEnabled", value_bool(n->a, true));
}

static void log_group(const struct newborn *n)
{
    const char *arn =
        arena_printf(n->a, "arn:aws:logs:%s:%s:log-group:%s", n->s->region, owner(n), n->id);
    put_text(n, "logGroupArn", arn);
    put_text(n, "arn", arena_printf(n->a, "%s:*", arn));
    put(n, "creationTime", value_int(n->a, n->s->now));
    put(n, "storedBytes", value_int(n->a, 0));
}

static void metric_filter(const struct newborn *n)
{
    put(n, "creationTime", value_int(n->a, n->s->now));
}

static void certificate(const struct newborn *n)
{
    put_text(n, "Status", "ISSUED");
    put_text(n, "Type", "AMAZON_ISSUED");
    put_text(n, "KeyAlgorithm", "RSA_2048");
    put_text(n, "NotBefore", clock_iso(n->a, n->s->now - 30 * 86400000LL));
    put_text(n, "NotAfter", clock_iso(n->a, n->s->now + 360 * 86400000LL));
}

static void profile(const struct newborn *n)
{
    const char *id = owner(n), *name = n->name ? n->name : n->id;
    put_text(n, "Path", "/");
    put_text(n, "Arn", arena_printf(n->a, "arn:aws:iam::%s:instance-profile/%s", id, name));
    put_text(n, "InstanceProfileId", arena_printf(n->a, "AIPA%.17s", sandbox_hex(n->s, n->a, 17)));
    put_text(n, "CreateDate", iso_now(n));
    struct value *role = value_map_one(n->a, "RoleName", str(n->a, name));
    value_put(role, "Arn", str(n->a, arena_printf(n->a, "arn:aws:iam::%s:role/%s", id, name)));
    put(n, "Roles", value_list_one(n->a, role));
}

static void role(const struct newborn *n)
{
    put_text(n, "Path", "/");
    put_text(n, "Arn", arena_printf(n->a, "arn:aws:iam::%s:role/%s", owner(n), n->id));
    put_text(n, "CreateDate", iso_now(n));
}

static void database(const struct newborn *n)
{
    put_text(n, "DBInstanceArn",
             arena_printf(n->a, "arn:aws:rds:%s:%s:db:%s", n->s->region, owner(n), n->id));
    put_text(n, "DBInstanceStatus", "available");
    put_text(n, "Engine", "postgres");
    put_text(n, "EngineVersion", "16.3");
    put_text(n, "DBInstanceClass", "db.m6g.large");
    struct value *at = value_map_one(
        n->a, "Address",
        str(n->a, arena_printf(n->a, "%s.c0example.%s.rds.amazonaws.com", n->id, n->s->region)));
    value_put(at, "Port", value_int(n->a, 5432));
    put(n, "Endpoint", at);
}

static void zone(const struct newborn *n)
{
    value_put(n->body, "Id", str(n->a, arena_printf(n->a, "/hostedzone/%s", n->id)));
    put_text(n, "CallerReference", n->id);
    put(n, "Config", value_map_one(n->a, "PrivateZone", value_bool(n->a, false)));
}

static void health_check(const struct newborn *n)
{
    put(n, "HealthCheckVersion", value_int(n->a, 1));
}

static const struct {
    const char *type;
    void (*add)(const struct newborn *n);
} births[] = {
    {"ec2.security_group", security_group},
    {"ec2.launch_template", launch_template},
    {"ec2.vpc", vpc},
    {"ec2.subnet", subnet},
    {"ec2.image", image},
    {"elbv2.target_group", target_group_attributes},
    {"elbv2.load_balancer", load_balancer},
    {"elbv2.rule", rule},
    {"autoscaling.group", group},
    {"cloudwatch.alarm", alarm},
    {"logs.group", log_group},
    {"logs.metric_filter", metric_filter},
    {"acm.certificate", certificate},
    {"iam.instance_profile", profile},
    {"iam.role", role},
    {"rds.instance", database},
    {"route53.zone", zone},
    {"route53.health_check", health_check},
};

void birth(struct sandbox *s, struct arena *a, const struct schema *schema, const char *account,
           const char *id, const char *name, struct value *body)
{
    struct newborn n = {s, a, account, id, name, body};
    for (size_t i = 0; i < sizeof births / sizeof *births; i++)
        if (!strcmp(births[i].type, schema->name))
            births[i].add(&n);
}

enum { PROVISION_MS = 120000 }; /* a load balancer takes some two minutes */

int64_t birth_next(const struct sandbox *s)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < s->objects.n; i++) {
        int64_t ready = s->objects.at[i]->born + PROVISION_MS;
        if (object_is(s->objects.at[i], "elbv2.load_balancer") && ready > s->now && ready < next)
            next = ready;
    }
    return next;
}

/* Of the load balancers that send a target group requests. */
static struct value *balancers_of(struct sandbox *s, struct arena *a, const struct object *tg)
{
    struct value *list = value_list(a, NULL, 0);
    for (size_t i = 0; i < s->objects.n && !list->list.n; i++) {
        const struct object *l = s->objects.at[i];
        if (l->gone || !value_mentions(l->body, tg->id))
            continue;
        const char *lb = object_is(l, "elbv2.listener") ? value_get_string(l->body, "LoadBalancerArn") : NULL;
        const char *of = object_is(l, "elbv2.rule") ? value_get_string(l->body, "ListenerArn") : NULL;
        const struct object *listener = of ? object_by_text(s, "*", of) : NULL;
        if (listener)
            lb = value_get_string(listener->body, "LoadBalancerArn");
        if (lb)
            list = value_list_one(a, str(a, lb));
    }
    return list;
}

void present(struct sandbox *s, struct arena *a, const struct object *o, struct value *body)
{
    if (object_is(o, "elbv2.load_balancer")) {
        bool ready = s->now >= o->born + PROVISION_MS;
        value_put(body, "State",
                  value_map_one(a, "Code", str(a, ready ? "active" : "provisioning")));
    } else if (object_is(o, "route53.zone")) {
        value_put(body, "ResourceRecordSetCount", value_int(a, (int64_t)zones_count(s, o)));
    } else if (object_is(o, "elbv2.target_group") || object_is(o, "autoscaling.group")) {
        fleet_present(s, a, o, body);
        if (object_is(o, "elbv2.target_group"))
            value_put(body, "LoadBalancerArns", balancers_of(s, a, o));
    } else if (object_is(o, "acm.certificate")) {
        const char *name = value_get_string(body, "DomainName");
        if (name && !value_get(body, "SubjectAlternativeNames")) {
            value_put(body, "SubjectAlternativeNames", value_list_one(a, str(a, name)));
            value_put(body, "SubjectAlternativeNameSummaries", value_list_one(a, str(a, name)));
        }
    }
}
