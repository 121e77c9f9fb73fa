/* Users: shares by weight, tails of resolvers, what fails, and the metrics of it. */
#include "sandbox.h"

static bool between(double low, double x, double high)
{
    if (x < low || x > high)
        print_message("%g is not in %g .. %g\n", x, low, high);
    return x >= low && x <= high;
}

/* Two worlds that are ready, and a zone. */
struct pair {
    struct rig r;
    struct rig_world blue, green;
    const char *zone;
};

static void open_pair(struct pair *p)
{
    rig_open(&p->r);
    p->blue = rig_build(&p->r, "blue", 3);
    p->green = rig_build(&p->r, "green", 3);
    p->zone = rig_zone(&p->r);
    rig_sleep(&p->r, 600);
}

static void set_weights(struct pair *p, int blue, int green, const char *delete)
{
    struct rig *r = &p->r;
    static int serial;
    const char *b = rig_alias(r, arena_printf(r->a, "blue.%d", ++serial), blue, p->blue.dns, "");
    const char *g = rig_alias(r, arena_printf(r->a, "green.%d", serial), green, p->green.dns, "");
    const char *all = arena_printf(r->a, "%s%s%s,%s", delete, *delete ? "," : "",
                                   rig_change(r, "CREATE", b), rig_change(r, "CREATE", g));
    rig_must(r, rig_batch(r, p->zone, all));
}

/* Deletions of everything at the name. */
static const char *present(struct pair *p)
{
    struct rig *r = &p->r;
    struct value *v =
        rig_call(r, "route53", "ListResourceRecordSets",
                 "{\"HostedZoneId\":\"%s\",\"StartRecordName\":\"shop.example.com\"}", p->zone);
    struct buf b;
    buf_init(&b, r->a);
    const struct value *list = value_get(v, "ResourceRecordSets");
    for (size_t i = 0; i < list->list.n; i++) {
        buf_puts(&b, i ? ",{\"Action\":\"DELETE\",\"ResourceRecordSet\":"
                       : "{\"Action\":\"DELETE\",\"ResourceRecordSet\":");
        value_json(&b, list->list.at[i], 0);
        buf_putc(&b, '}');
    }
    return buf_text(&b);
}

/* A statistic of a load balancer's metric over the last `minutes`; -1: no data. */
static double stat(struct rig *r, const char *lb, const char *metric, const char *stat_name,
                   int minutes, int64_t end)
{
    const char *suffix = strstr(lb, "loadbalancer/") + 13;
    struct value *v = rig_call(r, "cloudwatch", "GetMetricData",
                               "{\"StartTime\":%lld,\"EndTime\":%lld,\"MetricDataQueries\":[{"
                               "\"Id\":\"m\",\"MetricStat\":{\"Period\":60,\"Stat\":\"%s\","
                               "\"Metric\":{\"Namespace\":\"AWS/"
                               "ApplicationELB\",\"MetricName\":\"%s\",\"Dimensions\":[{\"Name\":"
                               "\"LoadBalancer\",\"Value\":\"%s\"}]}}}]}",
                               (long long)(end / 1000 - minutes * 60), (long long)(end / 1000),
                               stat_name, metric, suffix);
    const struct value *values = value_at(v, "MetricDataResults[0].Values");
    double sum = 0;
    for (size_t i = 0; i < values->list.n; i++) {
        const struct value *x = values->list.at[i];
        sum += x->kind == V_INT ? (double)x->i : dec_double(x->dec);
    }
    return values->list.n ? sum / (strcmp(stat_name, "Sum") ? (double)values->list.n : 1) : -1;
}

/* Requests of the minute that began `ago` minutes before the last whole one. */
static double requests(struct rig *r, const struct rig_world *w)
{
    rig_sleep(r, 61 - rig_now(r) / 1000 % 60);
    int64_t end = rig_now(r) / 60000 * 60000;
    rig_sleep(r, 65);
    double n = stat(r, w->lb, "RequestCount", "Sum", 1, end);
    return n < 0 ? 0 : n;
}

static void weights_are_shares(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    set_weights(&p, 90, 10, "");
    rig_sleep(&p.r, 3600);
    double b = requests(&p.r, &p.blue), g = requests(&p.r, &p.green);
    assert_true(between(5400, b + g, 6600));
    assert_true(between(0.08, g / (b + g), 0.12));
    struct sandbox_users u;
    sandbox_users(p.r.box, &u);
    assert_true(u.requests > 300000);
    assert_true(between(0, u.failed / u.requests, 0.001));
    assert_true(u.no_healthy_world <= 0 && u.untested_world <= 0);
    rig_close(&p.r);
}

static void resolvers_have_a_tail(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    set_weights(&p, 100, 0, "");
    rig_sleep(&p.r, 3600);
    assert_true(requests(&p.r, &p.green) <= 0);
    set_weights(&p, 0, 100, present(&p));
    rig_sleep(&p.r, 60); /* INSYNC at the latest */
    double b = requests(&p.r, &p.blue);
    assert_true(between(100, b, 4500)); /* on the way */
    rig_sleep(&p.r, 240);
    b = requests(&p.r, &p.blue);
    assert_true(between(10, b, 200)); /* only those that stretch the time to live */
    rig_sleep(&p.r, 1800);
    assert_true(requests(&p.r, &p.blue) <= 0);
    assert_true(requests(&p.r, &p.green) > 5000);
    rig_close(&p.r);
}

static void nobody_at_home(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    set_weights(&p, 100, 0, "");
    rig_sleep(&p.r, 1200);
    struct sandbox_users before, after;
    sandbox_users(p.r.box, &before);
    rig_call(&p.r, "autoscaling", "UpdateAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"MinSize\":0,\"MaxSize\":8}", p.blue.asg);
    rig_call(&p.r, "autoscaling", "SetDesiredCapacity",
             "{\"AutoScalingGroupName\":\"%s\",\"DesiredCapacity\":0}", p.blue.asg);
    rig_sleep(&p.r, 1200);
    sandbox_users(p.r.box, &after);
    assert_true(after.no_healthy_world - before.no_healthy_world > 60000);
    assert_true(after.failed - before.failed > 50000);
    assert_true(stat(&p.r, p.blue.lb, "HTTPCode_ELB_503_Count", "Sum", 10, rig_now(&p.r)) > 10000);
    /* The name's users do not go away with its records. */
    rig_must(&p.r, rig_batch(&p.r, p.zone, present(&p)));
    rig_sleep(&p.r, 3600);
    sandbox_users(p.r.box, &before);
    rig_sleep(&p.r, 60);
    sandbox_users(p.r.box, &after);
    assert_true(after.failed - before.failed > 5000);
    rig_close(&p.r);
}

static void untested_world(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    rig_call(&p.r, "elbv2", "RemoveTags",
             "{\"ResourceArns\":[\"%s\"],\"TagKeys\":[\"bgc:sealed\"]}", p.green.tg);
    set_weights(&p, 50, 50, "");
    rig_sleep(&p.r, 1200);
    struct sandbox_users u;
    sandbox_users(p.r.box, &u);
    assert_true(between(0.4, u.untested_world / u.requests, 0.6));
    rig_close(&p.r);
}

static void sick_answers_are_left_out(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    struct rig *r = &p.r;
    /* Only green's record looks at its targets' health. */
    const char *green =
        arena_printf(r->a,
                     "{\"Name\":\"shop.example.com\",\"Type\":\"A\",\"SetIdentifier\":\"g\","
                     "\"Weight\":50,\"AliasTarget\":"
                     "{\"HostedZoneId\":\"Z\",\"DNSName\":\"%s\",\"EvaluateTargetHealth\":true}}",
                     p.green.dns);
    const char *both =
        arena_printf(r->a, "%s,%s", rig_change(r, "CREATE", rig_alias(r, "b", 50, p.blue.dns, "")),
                     rig_change(r, "CREATE", green));
    rig_must(r, rig_batch(r, p.zone, both));
    rig_sleep(r, 3600);
    assert_true(between(0.45, requests(r, &p.green) / 6000, 0.55));
    assert_true(sandbox_fault(r->box, "green", "web.tg.healthy", value_int(r->a, 0)));
    rig_sleep(r, 3600);
    assert_true(requests(r, &p.green) <= 0);
    assert_true(requests(r, &p.blue) > 5000);
    rig_close(r);
}

static void kill_switch(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    struct rig *r = &p.r;
    rig_call(r, "cloudwatch", "PutMetricAlarm",
             "{\"AlarmName\":\"burning\",\"Namespace\":\"AWS/"
             "ApplicationELB\",\"MetricName\":\"HTTPCode_Target_5XX_Count\",\"Statistic\":\"Sum\","
             "\"Period\":60,"
             "\"EvaluationPeriods\":1,\"Threshold\":50,\"ComparisonOperator\":"
             "\"GreaterThanThreshold\",\"TreatMissingData\":\"missing\","
             "\"Dimensions\":[{\"Name\":\"LoadBalancer\",\"Value\":\"%s\"}]}",
             strstr(p.green.lb, "loadbalancer/") + 13);
    const char *check =
        rig_text(rig_call(r, "route53", "CreateHealthCheck",
                          "{\"CallerReference\":\"c\",\"HealthCheckConfig\":{\"Type\":\"CLOUDWATCH_"
                          "METRIC\",\"InsufficientDataHealthStatus\":\"LastKnownStatus\","
                          "\"AlarmIdentifier\":{\"Name\":\"burning\",\"Region\":\"eu-west-1\"}}}"),
                 "HealthCheck.Id");
    const char *both =
        arena_printf(r->a, "%s,%s", rig_change(r, "CREATE", rig_alias(r, "b", 50, p.blue.dns, "")),
                     rig_change(r, "CREATE",
                                rig_alias(r, "g", 50, p.green.dns,
                                          arena_printf(r->a, "\"HealthCheckId\":\"%s\",", check))));
    rig_must(r, rig_batch(r, p.zone, both));
    rig_sleep(r, 3600);
    assert_true(requests(r, &p.green) > 2500);
    assert_true(sandbox_fault(r->box, "green", "web.alb.http_5xx",
                              value_percent(r->a, (struct dec){20, 0})));
    rig_sleep(r, 200);
    struct value *v = rig_call(r, "cloudwatch", "DescribeAlarms", "{\"AlarmNames\":[\"burning\"]}");
    assert_string_equal(rig_text(v, "MetricAlarms[0].StateValue"), "ALARM");
    /* Until so few are left that the alarm is content, and they come back. */
    rig_sleep(r, 60);
    assert_true(between(0, requests(r, &p.green), 1200));
    rig_close(r);
}

static void points_come_late(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    struct rig *r = &p.r;
    assert_true(stat(r, p.blue.lb, "RequestCount", "Sum", 10, rig_now(r)) <
                0); /* no requests: no points */
    set_weights(&p, 100, 0, "");
    rig_sleep(r, 1800);
    rig_sleep(r, 61 - rig_now(r) / 1000 % 60); /* a second into a minute */
    int64_t end = rig_now(r) / 60000 * 60000;
    assert_true(stat(r, p.blue.lb, "RequestCount", "Sum", 1, end) < 0);
    rig_sleep(r, 65);
    assert_true(stat(r, p.blue.lb, "RequestCount", "Sum", 1, end) > 5000);
    /* A spread of latencies: quantiles ascend, and a scripted one is met. */
    double p50 = stat(r, p.blue.lb, "TargetResponseTime", "p50", 10, end),
           p99 = stat(r, p.blue.lb, "TargetResponseTime", "p99", 10, end);
    assert_true(between(0.02, p50, 0.08));
    assert_true(between(0.09, p99, 0.4));
    assert_true(sandbox_fault(r->box, "blue", "web.alb.latency", value_duration(r->a, 2000)));
    rig_sleep(r, 900);
    p99 = stat(r, p.blue.lb, "TargetResponseTime", "p99", 5, rig_now(r));
    assert_true(between(1.7, p99, 2.6));
    assert_null(rig_try(r, "cloudwatch", "GetMetricData",
                        "{\"StartTime\":1,\"EndTime\":100,\"MetricDataQueries\":[{\"Id\":\"m\","
                        "\"MetricStat\":{\"Period\":60,\"Stat\":\"Median\","
                        "\"Metric\":{\"Namespace\":\"a\",\"MetricName\":\"b\"}}}]}"));
    assert_string_equal(r->code, "ValidationError");
    rig_close(r);
}

static void probes(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p);
    struct rig *r = &p.r;
    struct value *v =
        rig_call(r, "probe", "HttpGet",
                 "{\"Url\":\"http://%s/healthz\",\"Host\":\"shop.example.com\"}", p.blue.dns);
    assert_int_equal(value_get_int(v, "Status", -1), 200);
    v = rig_call(r, "probe", "HttpGet", "{\"Url\":\"https://%s/healthz\"}",
                 p.blue.dns); /* nobody listens on 443 */
    assert_int_equal(value_get_int(v, "Status", -1), 0);
    assert_non_null(strstr(rig_text(v, "Error"), "refused"));
    v = rig_call(r, "probe", "HttpGet", "{\"Url\":\"http://nowhere.example.com/\"}");
    assert_int_equal(value_get_int(v, "Status", -1), 0);
    set_weights(&p, 100, 0, "");
    rig_sleep(r, 90);
    v = rig_call(r, "probe", "HttpGet", "{\"Url\":\"http://shop.example.com/\"}");
    assert_int_equal(value_get_int(v, "Status", -1), 200);
    assert_true(sandbox_fault(r->box, "blue", "web.tg.healthy", value_int(r->a, 0)));
    rig_sleep(r, 90);
    v = rig_call(r, "probe", "HttpGet", "{\"Url\":\"http://shop.example.com/\"}");
    assert_int_equal(value_get_int(v, "Status", -1), 502);
    assert_null(rig_try(r, "probe", "HttpGet", "{\"Url\":\"gopher://x\"}"));
    rig_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_shares),
        cmocka_unit_test(resolvers_have_a_tail),
        cmocka_unit_test(nobody_at_home),
        cmocka_unit_test(untested_world),
        cmocka_unit_test(sick_answers_are_left_out),
        cmocka_unit_test(kill_switch),
        cmocka_unit_test(points_come_late),
        cmocka_unit_test(probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
