/* sandbox.h - a sandbox account for tests, spoken to in JSON. */
#ifndef BGC_TESTS_SANDBOX_H
#define BGC_TESTS_SANDBOX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "base/render.h"
#include "lang/program.h"
#include "sandbox/sandbox.h"

enum { RIG_START_S = 1767225600 }; /* 2026-01-01 */

struct rig {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *program;
    struct schemas schemas;
    struct sandbox_config config;
    struct sandbox *box;
    struct cloud *cloud;
    const char *code, *message; /* of the last call; NULL: it was answered */
    struct cloud_error error;
};

static inline void rig_program(struct rig *r, const char *text)
{
    memset(r, 0, sizeof *r);
    r->a = arena_new("rig");
    sources_init(&r->sources, r->a);
    diags_init(&r->ds, r->a, &r->sources);
    intern_init(&r->names, r->a);
    r->program = program_load(r->a, &r->names, &r->ds, "test.bg", text);
    assert_int_equal(r->ds.errors, 0);
    schemas_init(&r->schemas, r->program);
    r->config = (struct sandbox_config){
        .seed = 7, .start = RIG_START_S * 1000LL, .invent = true, .load = {100, 0}};
}

static inline void rig_account(struct rig *r)
{
    r->box = sandbox_new(r->a, &r->schemas, &r->config);
    r->cloud = sandbox_cloud(r->box, r->a);
}

static inline void rig_open(struct rig *r)
{
    rig_program(r, "stack t { region = \"eu-west-1\" }\n");
    rig_account(r);
}

static inline void rig_close(struct rig *r)
{
    if (r->box)
        sandbox_free(r->box);
    arena_free(r->a);
}

static inline struct value *rig_json(struct rig *r, const char *json)
{
    const char *error = NULL;
    struct value *v = value_from_json(r->a, json, strlen(json), &error);
    if (!v)
        print_message("%s in %s\n", error, json);
    assert_non_null(v);
    return v;
}

static inline struct value *rig_send(struct rig *r, const char *service, const char *operation,
                                     const char *address, const char *json)
{
    struct cloud_request req = {.service = service,
                                .operation = operation,
                                .input = rig_json(r, json),
                                .address = address,
                                .mutating = strncmp(operation, "Describe", 8) &&
                                            strncmp(operation, "List", 4) &&
                                            strncmp(operation, "Get", 3)};
    struct cloud_reply reply;
    cloud_call(r->cloud, r->a, &req, &reply);
    r->error = reply.error;
    r->code = reply.ok ? NULL : reply.error.code;
    r->message = reply.ok ? NULL : reply.error.message;
    return reply.ok ? reply.output : NULL;
}

/* The reply, or NULL with r->code. */
static inline struct value *rig_try(struct rig *r, const char *service, const char *operation,
                                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static inline struct value *rig_try(struct rig *r, const char *service, const char *operation,
                                    const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *json = arena_vprintf(r->a, fmt, ap);
    va_end(ap);
    return rig_send(r, service, operation, NULL, json);
}

/* The same, which must succeed. */
#define rig_call(r, service, ...) rig_must((r), rig_try((r), (service), __VA_ARGS__))
static inline struct value *rig_must(struct rig *r, struct value *reply)
{
    if (!reply)
        print_message("%s: %s\n", r->code, r->message);
    assert_non_null(reply);
    return reply;
}

static inline const char *rig_text(const struct value *v, const char *path)
{
    const struct value *x = value_at(v, path);
    return x && x->kind == V_STRING ? x->s : "";
}

static inline void rig_sleep(struct rig *r, int64_t seconds)
{
    cloud_sleep(r->cloud, clock_now(sandbox_clock(r->box)) + seconds * 1000);
}

static inline int64_t rig_now(struct rig *r)
{
    return clock_now(sandbox_clock(r->box));
}

/* ---- a small world ------------------------------------------------------------ */

struct rig_world {
    const char *name, *tg, *asg, *lb, *dns, *listener, *lt;
};

static inline const char *rig_tags(struct rig *r, const char *world, const char *address)
{
    return arena_printf(
        r->a,
        "[{\"Key\":\"bgc:stack\",\"Value\":\"t\"},{\"Key\":\"bgc:world\",\"Value\":\"web/%s\"},"
        "{\"Key\":\"bgc:address\",\"Value\":\"web.%s\"},{\"Key\":\"bgc:sealed\",\"Value\":\"1\"}]",
        world, address);
}

/* A group of `size` instances behind a load balancer that listens on port 80. */
static inline struct rig_world rig_build(struct rig *r, const char *name, int size)
{
    struct rig_world w = {.name = name};
    const char *vpc =
        rig_text(rig_call(r, "ec2", "CreateVpc", "{\"CidrBlock\":\"10.0.0.0/16\"}"), "Vpc.VpcId");
    const char *sub = rig_text(
        rig_call(
            r, "ec2", "CreateSubnet",
            "{\"VpcId\":\"%s\",\"CidrBlock\":\"10.0.0.0/24\",\"AvailabilityZone\":\"eu-west-1a\"}",
            vpc),
        "Subnet.SubnetId");
    const char *sg = rig_text(
        rig_call(r, "ec2", "CreateSecurityGroup",
                 "{\"GroupName\":\"%s-sg\",\"Description\":\"x\",\"VpcId\":\"%s\"}", name, vpc),
        "GroupId");
    w.lt = rig_text(rig_call(r, "ec2", "CreateLaunchTemplate",
                             "{\"LaunchTemplateName\":\"%s-lt\",\"LaunchTemplateData\":{"
                             "\"ImageId\":\"ami-12345678\",\"InstanceType\":\"t3.small\","
                             "\"SecurityGroupIds\":[\"%s\"],\"Monitoring\":{\"Enabled\":true},"
                             "\"IamInstanceProfile\":{\"Name\":\"web\"}}}",
                             name, sg),
                    "LaunchTemplate.LaunchTemplateId");
    w.tg =
        rig_text(rig_call(r, "elbv2", "CreateTargetGroup",
                          "{\"Name\":\"%s-tg\",\"VpcId\":\"%s\",\"Port\":8080,\"Protocol\":"
                          "\"HTTP\",\"HealthCheckIntervalSeconds\":10,"
                          "\"HealthyThresholdCount\":3,\"UnhealthyThresholdCount\":2,\"Tags\":%s}",
                          name, vpc, rig_tags(r, name, "tg")),
                 "TargetGroups[0].TargetGroupArn");
    w.asg = arena_printf(r->a, "%s-asg", name);
    rig_call(r, "autoscaling", "CreateAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"LaunchTemplate\":{\"LaunchTemplateId\":\"%s\","
             "\"Version\":\"$Latest\"},\"MinSize\":%d,\"MaxSize\":8,"
             "\"VPCZoneIdentifier\":\"%s\",\"TargetGroupARNs\":[\"%s\"],\"Tags\":%s}",
             w.asg, w.lt, size, sub, w.tg, rig_tags(r, name, "asg"));
    struct value *lb =
        rig_call(r, "elbv2", "CreateLoadBalancer",
                 "{\"Name\":\"%s-lb\",\"Type\":\"application\",\"Scheme\":\"internet-facing\","
                 "\"Subnets\":[\"%s\"],\"SecurityGroups\":[\"%s\"],\"Tags\":%s}",
                 name, sub, sg, rig_tags(r, name, "alb"));
    w.lb = rig_text(lb, "LoadBalancers[0].LoadBalancerArn");
    w.dns = rig_text(lb, "LoadBalancers[0].DNSName");
    rig_call(r, "elbv2", "ModifyLoadBalancerAttributes",
             "{\"LoadBalancerArn\":\"%s\",\"Attributes\":[{\"Key\":\"client_keep_alive.seconds\","
             "\"Value\":\"60\"}]}",
             w.lb);
    w.listener =
        rig_text(rig_call(r, "elbv2", "CreateListener",
                          "{\"LoadBalancerArn\":\"%s\",\"Port\":80,\"Protocol\":\"HTTP\","
                          "\"DefaultActions\":[{\"Type\":\"forward\",\"TargetGroupArn\":\"%s\"}]}",
                          w.lb, w.tg),
                 "Listeners[0].ListenerArn");
    return w;
}

/* The zone example.com, made up. */
static inline const char *rig_zone(struct rig *r)
{
    struct value *v = rig_send(r, "route53", "ListHostedZonesByName", "shared.zone",
                               "{\"DNSName\":\"example.com\"}");
    assert_non_null(v);
    const char *id = strrchr(rig_text(v, "HostedZones[0].Id"), '/');
    assert_non_null(id);
    return id + 1;
}

static inline const char *rig_alias(struct rig *r, const char *id, int weight, const char *dns,
                                    const char *more)
{
    return arena_printf(
        r->a,
        "{\"Name\":\"shop.example.com\",\"Type\":\"A\",\"SetIdentifier\":\"%s\",\"Weight\":%d,%s"
        "\"AliasTarget\":{\"HostedZoneId\":\"Z32O12XQLNTSW2\",\"DNSName\":\"%s\","
        "\"EvaluateTargetHealth\":false}}",
        id, weight, more, dns);
}

/* One change of a batch: {"Action": .., "ResourceRecordSet": ..} */
static inline const char *rig_change(struct rig *r, const char *action, const char *set)
{
    return arena_printf(r->a, "{\"Action\":\"%s\",\"ResourceRecordSet\":%s}", action, set);
}

#define rig_batch(r, zone, changes)                                                                \
    rig_try((r), "route53", "ChangeResourceRecordSets",                                            \
            "{\"HostedZoneId\":\"%s\",\"ChangeBatch\":{\"Changes\":[%s]}}", (zone), (changes))

#endif
