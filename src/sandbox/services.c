/* Operations that declarations cannot express, and what removal of some types
 * brings with it. */
#include <stdio.h>
#include <string.h>

#include "sandbox/account.h"
#include "schema/path.h"

static const struct {
    const char *service, *operation;
    special_fn *fn;
} specials[] = {
    {"route53", "ChangeResourceRecordSets", zones_call},
    {"route53", "ListResourceRecordSets", zones_call},
    {"route53", "GetChange", zones_call},
    {"cloudwatch", "GetMetricData", metrics_call},
    {"cloudwatch", "DescribeAlarmHistory", metrics_history},
    {"tagging", "GetResources", tagging_call},
    {"sts", "GetCallerIdentity", identity_call},
    {"sts", "AssumeRole", identity_call},
    {"autoscaling", "SetDesiredCapacity", fleet_call},
    {"autoscaling", "TerminateInstanceInAutoScalingGroup", fleet_call},
    {"autoscaling", "DescribeAutoScalingInstances", fleet_call},
    {"ec2", "DescribeInstances", fleet_call},
    {"ec2", "DescribeInstanceTypes", limits_call},
    {"ec2", "DescribeInstanceTypeOfferings", limits_call},
    {"elbv2", "DescribeAccountLimits", limits_call},
    {"service_quotas", "GetServiceQuota", limits_call},
    {"s3", "GetObject", s3_call},
    {"s3", "PutObject", s3_call},
    {"s3", "DeleteObject", s3_call},
    {"s3", "ListObjectsV2", s3_call},
    {"s3", "HeadBucket", s3_call},
    {"s3", "CreateBucket", s3_call},
    {"probe", "HttpGet", probe_call},
};

special_fn *special_find(const char *service, const char *operation)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (!strcmp(specials[i].service, service) && !strcmp(specials[i].operation, operation))
            return specials[i].fn;
    return NULL;
}

void sandbox_carry_out(struct sandbox *s, struct call *c)
{
    special_fn *fn = special_find(c->req.service, c->req.operation);
    if (!fn || !fn(s, c))
        verbs_carry_out(s, c);
}

/* ---- who we are --------------------------------------------------------------- */

bool identity_call(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *id = sandbox_account_id(s, c->req.account);
    struct value *out = value_map(a);
    if (!strcmp(c->req.operation, "GetCallerIdentity")) {
        value_put(out, "Account", value_string(a, id));
        value_put(out, "UserId", value_string(a, "AIDASANDBOX0000000000"));
        value_put(out, "Arn", value_stringf(a, "arn:aws:iam::%s:user/sandbox", id));
    } else {
        struct value *cred = value_map(a);
        value_put(cred, "AccessKeyId", value_string(a, "ASIASANDBOX000000000"));
        value_put(cred, "SecretAccessKey", value_string(a, "sandbox"));
        value_put(cred, "SessionToken", value_string(a, "sandbox"));
        value_put(cred, "Expiration", value_string(a, clock_iso(a, s->now + 3600000)));
        value_put(out, "Credentials", cred);
    }
    call_ok(c, out);
    return true;
}

/* ---- removal ------------------------------------------------------------------ */

static void hold(struct sandbox *s, const char *id, int64_t ms)
{
    struct hold h = {arena_strdup(s->arena, id), s->now + ms};
    for (size_t i = 0; i < s->holds.n; i++)
        if (s->holds.at[i].until <= s->now) { /* a free place */
            s->holds.at[i] = h;
            return;
        }
    vec_push(s->arena, &s->holds, h);
}

static void hold_all(struct sandbox *s, const struct value *ids, int64_t ms)
{
    for (size_t i = 0; ids && ids->kind == V_LIST && i < ids->list.n; i++)
        if (ids->list.at[i]->kind == V_STRING)
            hold(s, ids->list.at[i]->s, ms);
}

static bool attribute_is(const struct object *o, const char *key, const char *want)
{
    const struct value *list = value_get(o->body, "Attributes");
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++) {
        const char *k = value_get_string(list->list.at[i], "Key"),
                   *v = value_get_string(list->list.at[i], "Value");
        if (k && v && !strcmp(k, key))
            return !strcmp(v, want);
    }
    return false;
}

bool special_may_delete(struct sandbox *s, struct call *c, struct object *o)
{
    if (object_is(o, "elbv2.load_balancer") &&
        attribute_is(o, "deletion_protection.enabled", "true")) {
        call_fail(c, "OperationNotPermitted",
                  "Load balancer '%s' cannot be deleted because deletion protection is enabled",
                  o->id);
        return false;
    }
    if (object_is(o, "autoscaling.group")) {
        const struct value *force = value_get(c->req.input, "ForceDelete");
        const char *text = force ? wire_text(c->arena, force) : NULL;
        if (o->leaving) {
            call_fail(c, "ScalingActivityInProgress", "The group '%s' is being deleted", o->id);
            return false;
        }
        bool forced = text && !strcmp(text, "true");
        struct fleet_view *views;
        size_t n = fleet_views(s, c->arena, &views);
        for (size_t i = 0; i < n; i++)
            if (views[i].group == o && views[i].instances) {
                if (!forced) {
                    call_fail(
                        c, "ResourceInUse",
                        "You cannot delete an AutoScalingGroup while there are instances in it");
                    return false;
                }
                /* Its instances go first. */
                o->leaving = true;
                object_put(s, o, "Status", value_string(c->arena, "Delete in progress"));
            }
    }
    return true;
}

static void remove_policies(struct sandbox *s, const struct object *group)
{
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *p = s->objects.at[i];
        const char *of = value_get_string(p->body, "AutoScalingGroupName");
        if (!p->gone && object_is(p, "autoscaling.policy") && of && !strcmp(of, group->id)) {
            p->gone = true;
            p->before = p->body;
            p->changed = s->now;
        }
    }
}

void special_deleted(struct sandbox *s, struct object *o)
{
    int64_t spread = (int64_t)(noise_unit(sandbox_noise(s, o->id, s->now)) * 50000);
    if (object_is(o, "elbv2.load_balancer")) {
        /* Its network interfaces stay for a while. */
        hold_all(s, value_get(o->body, "SecurityGroups"), 40000 + spread);
        hold_all(s, value_get(o->body, "Subnets"), 40000 + spread);
    } else if (object_is(o, "elbv2.listener") || object_is(o, "elbv2.rule")) {
        const struct value *actions =
            value_get(o->body, object_is(o, "elbv2.rule") ? "Actions" : "DefaultActions");
        const char *tg = wire_text(s->arena, value_at(actions, "[0].TargetGroupArn"));
        if (!tg && actions && actions->kind == V_LIST && actions->list.n)
            tg = value_get_string(actions->list.at[0], "TargetGroupArn");
        if (tg)
            hold(s, tg, 3000 + spread / 10);
    } else if (object_is(o, "autoscaling.group")) {
        remove_policies(s, o);
    }
}
