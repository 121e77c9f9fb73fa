#include "test.h"

#include <stdio.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/service.h"
#include "aws/wire.h"
#include "base/diag.h"
#include "base/intern.h"
#include "cloud/services.h"
#include "cloud/throttle.h"
#include "lang/program.h"

struct world {
    struct arena *arena;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct service_source services;
};

static int setup(void **state)
{
    struct arena *a = arena_new("test");
    struct world *w = arena_make(a, struct world);
    w->arena = a;
    sources_init(&w->sources, a);
    diags_init(&w->ds, a, &w->sources);
    intern_init(&w->names, a);
    w->services = service_source_of_program(a, program_stdlib(a, &w->names, &w->ds));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    arena_free(((struct world *)*state)->arena);
    return 0;
}

static struct service_model model(struct world *w, const char *name)
{
    struct service_model m;
    const char *why = NULL;
    const struct value *record = service_find(&w->services, name);
    assert_non_null(record);
    assert_true(service_model_build(w->arena, name, record, &m, &why));
    return m;
}

static void test_all_build(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"ec2",
                                        "autoscaling",
                                        "elbv2",
                                        "iam",
                                        "sts",
                                        "cloudwatch",
                                        "sns",
                                        "rds",
                                        "route53",
                                        "s3",
                                        "acm",
                                        "logs",
                                        "ssm",
                                        "ecs",
                                        "kms",
                                        "tagging",
                                        "dynamodb",
                                        "wafv2",
                                        "events",
                                        "secretsmanager",
                                        "application_autoscaling",
                                        "service_quotas",
                                        "eks",
                                        "lambda",
                                        "scheduler"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        model(w, names[i]);
    assert_int_equal(w->ds.errors, 0);
    assert_null(service_find(&w->services, "nothing"));
}

static void test_names(void **state)
{
    struct world *w = *state;
    struct arena *a = w->arena;
    struct service_model m = model(w, "ec2");
    assert_string_equal(service_request_name(a, &m, "DescribeVpcs", "Filters", true), "Filter");
    assert_string_equal(service_request_name(a, &m, "CreateSecurityGroup", "Description", false),
                        "GroupDescription");
    assert_string_equal(service_request_name(a, &m, "CreateImage", "Description", false),
                        "Description");
    assert_string_equal(service_reply_name(a, &m, "Vpcs", "tagSet"), "Tags");
    assert_string_equal(service_reply_name(a, &m, "Instances", "groupSet"), "SecurityGroups");
    assert_string_equal(service_reply_name(a, &m, "NetworkInterfaces", "groupSet"), "Groups");
    assert_string_equal(service_singular(a, "Policies"), "Policy");
    assert_string_equal(service_singular(a, "Addresses"), "Address");
    assert_string_equal(service_singular(a, "Access"), "Access");
}

static void test_missing(void **state)
{
    struct world *w = *state;
    struct service_model ec2 = model(w, "ec2"), iam = model(w, "iam");
    assert_true(service_missing(&ec2, "InvalidGroup.NotFound"));
    assert_true(service_missing(&ec2, "NatGatewayNotFound"));
    assert_false(service_missing(&ec2, "InvalidGroup.Duplicate"));
    assert_true(service_missing(&iam, "NoSuchEntity"));
    assert_true(service_glob("*a*b", "xxaxxbxb"));
    assert_false(service_glob("*a*b", "xxaxxbxbx"));
    assert_true(service_glob("**", ""));
}

static void test_throttle(void **state)
{
    struct world *w = *state;
    struct throttle_rule r;
    struct value *in = value_map(w->arena);
    value_put(in, "VpcIds", value_none(w->arena));
    const struct value *record = service_find(&w->services, "ec2");
    struct cloud_request req = {.service = "ec2", .operation = "DescribeVpcs"};
    assert_true(throttle_rule(record, &req, &r));
    assert_string_equal(r.bucket, "unfiltered");
    req.input = in;
    assert_true(throttle_rule(record, &req, &r));
    assert_true(r.capacity == 100 && r.per_second == 20);
    req.operation = "RunInstances";
    req.mutating = true;
    assert_true(throttle_rule(record, &req, &r));
    assert_string_equal(r.bucket, "RunInstances");
    req.operation = "CreateLoadBalancer";
    assert_true(throttle_rule(service_find(&w->services, "elbv2"), &req, &r));
    assert_true(r.per_second > 0.19 && r.per_second < 0.21);
    assert_false(throttle_rule(service_find(&w->services, "kms"), &req, &r));
}

static const char *no_env(void *self, const char *name)
{
    (void)self, (void)name;
    return NULL;
}

static void host_is(struct world *w, const char *service, const char *region, bool fips, bool dual,
                    const char *host, const char *signing)
{
    struct endpoint_config cfg = {.env = no_env, .fips = fips, .dualstack = dual};
    struct service_model m = model(w, service);
    struct endpoint e;
    const char *why = NULL;
    assert_true(endpoint_find(w->arena, &cfg, &m, region, &e, &why));
    assert_string_equal(e.uri.host, host);
    assert_string_equal(e.signing_region, signing);
    assert_true(e.uri.https && !e.custom);
}

static void test_endpoints(void **state)
{
    struct world *w = *state;
    host_is(w, "ec2", "eu-west-1", false, false, "ec2.eu-west-1.amazonaws.com", "eu-west-1");
    host_is(w, "ec2", "cn-north-1", false, false, "ec2.cn-north-1.amazonaws.com.cn", "cn-north-1");
    host_is(w, "ec2", "us-east-1", true, false, "ec2-fips.us-east-1.amazonaws.com", "us-east-1");
    host_is(w, "ec2", "us-east-1", false, true, "ec2.us-east-1.api.aws", "us-east-1");
    host_is(w, "elbv2", "eu-west-1", false, false, "elasticloadbalancing.eu-west-1.amazonaws.com",
            "eu-west-1");
    host_is(w, "cloudwatch", "eu-west-1", false, false, "monitoring.eu-west-1.amazonaws.com",
            "eu-west-1");
    host_is(w, "route53", "eu-west-1", false, false, "route53.amazonaws.com", "us-east-1");
    host_is(w, "iam", "us-gov-west-1", false, false, "iam.us-gov.amazonaws.com", "us-gov-west-1");
    host_is(w, "iam", "cn-northwest-1", false, false, "iam.cn-north-1.amazonaws.com.cn",
            "cn-north-1");
    host_is(w, "s3", "eu-west-1", false, true, "s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1");
    assert_string_equal(endpoint_partition("us-gov-east-1"), "aws-us-gov");
    assert_string_equal(endpoint_partition("us-east-1"), "aws");
}

static void test_uri(void **state)
{
    struct arena *a = ((struct world *)*state)->arena;
    struct uri u;
    assert_true(uri_parse(a, "http://[::1]:5000/x/", &u));
    assert_string_equal(u.host, "::1");
    assert_int_equal(u.port, 5000);
    assert_string_equal(u.path, "/x");
    static const char *const bad[] = {"",
                                      "x",
                                      "http://",
                                      "http://a:0",
                                      "http://a:b",
                                      "https://u@h",
                                      "https://h?q",
                                      "https://h\r\nX: y",
                                      "https://[::1",
                                      "https://h:99999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(uri_parse(a, bad[i], &u));
    assert_true(uri_loopback("127.1.2.3") && uri_loopback("localhost") && uri_loopback("::1"));
    assert_false(uri_loopback("127.example.com") || uri_loopback("10.0.0.1") ||
                 uri_loopback("128.0.0.1"));
}

/* A secret is sent as it is, and a value that has no wire form is refused. */
static void test_encode_limits(void **state)
{
    struct world *w = *state;
    struct arena *a = w->arena;
    struct service_model m = model(w, "ssm");
    struct value *in = value_map(a), *secret = value_string(a, "hush");
    secret->secret = true;
    value_put(in, "Value", secret);
    value_put(in, "Absent", value_none(a));
    struct wire_request r;
    const char *why = NULL;
    assert_true(wire_encode(a, &m, "PutParameter", in, &r, &why));
    assert_string_equal(r.body, "{\"Value\":\"hush\"}");
    value_put(in, "Wait", value_duration(a, 1000));
    assert_false(wire_encode(a, &m, "PutParameter", in, &r, &why));
    assert_non_null(why);
    m = model(w, "ec2");
    assert_false(wire_encode(a, &m, "X", in, &r, &why));
    assert_false(wire_encode(a, &m, "X", secret, &r, &why));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_all_build),    T(test_names),     T(test_missing),
                                       T(test_throttle),     T(test_endpoints), T(test_uri),
                                       T(test_encode_limits)};
    return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
