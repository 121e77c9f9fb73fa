/* Gates at one moment, measured through a cloud that the test answers for, and
 * counted over rounds. */
#include <string.h>

#include "lang/ast.h"
#include "rollout/implied.h"
#include "rollout/judge.h"
#include "rollout/measure.h"
#include "test.h"

#include "fake.h"
#include "shop.h"

enum { MINUTE = 60000 };

/* What a metric of a resource is worth; nothing is said of what is not here. */
struct point {
    const char *metric, *of; /* `of`: in one of its dimensions, or its name */
    double value;
};

struct bench {
    struct shop *shop;
    struct arena *a;
    struct fake fake;
    struct diags ds;
    struct live live;
    struct facts facts;
    struct judge judge;
    VEC(struct point) points;
    size_t calls;
    int64_t start, end;
    bool as_number, refuses;
    const char *asked; /* the queries of the newest call, for people */
    int64_t status;    /* of probes */
    int64_t good, all; /* targets */
};

static struct value *times(struct bench *b, int64_t at)
{
    return b->as_number ? value_number(b->a, dec_from_double((double)at / 1000)) : value_string(b->a, clock_iso(b->a, at));
}

static const struct point *known(struct bench *b, const struct value *stat)
{
    const struct value *metric = value_get(stat, "Metric"), *dims = value_get(metric, "Dimensions");
    const char *name = value_get_string(metric, "MetricName");
    for (size_t i = 0; i < b->points.n; i++) {
        const struct point *p = &b->points.at[i];
        if (strcmp(p->metric, name))
            continue;
        bool of = !*p->of;
        for (size_t k = 0; dims && k < dims->list.n; k++)
            of = of || strstr(value_get_string(dims->list.at[k], "Value"), p->of);
        if (of)
            return p;
    }
    return NULL;
}

static void metric_data(struct bench *b, const struct cloud_request *req, struct cloud_reply *out)
{
    const struct value *queries = value_get(req->input, "MetricDataQueries");
    struct value **results = arena_array(b->a, struct value *, queries->list.n + 1);
    struct buf text;
    buf_init(&text, b->a);
    b->calls++;
    b->start = clock_parse_iso(value_get_string(req->input, "StartTime"));
    b->end = clock_parse_iso(value_get_string(req->input, "EndTime"));
    if (b->refuses)
        return fake_fails(out, "Throttling", false);
    for (size_t i = 0; i < queries->list.n; i++) {
        const struct value *q = queries->list.at[i], *stat = value_get(q, "MetricStat");
        int64_t period = value_get_int(stat, "Period", 0) * 1000, n = 0;
        const struct point *p = known(b, stat);
        VEC(struct value *) at = {0}, values = {0};
        buf_printf(&text, "%s %s %lld;", value_get_string(value_get(stat, "Metric"), "MetricName"), value_get_string(stat, "Stat"),
                   (long long)period / 1000);
        /* Whole points from the start on, then the partial one, which is never judged. */
        for (int64_t t = b->start; p && period && t <= b->end; t += period, n++) {
            vec_push(b->a, &at, times(b, t));
            vec_push(b->a, &values, value_number(b->a, dec_from_double(t + period > b->end ? 1e9 : p->value)));
            if (t + period < b->end && period > MINUTE) /* older than the window: not judged either */
                values.at[values.n - 1] = value_number(b->a, dec_from_double(1e9));
        }
        struct value *r = value_map(b->a);
        value_put(r, "Id", value_string(b->a, value_get_string(q, "Id")));
        value_put(r, "Timestamps", value_list(b->a, at.at, at.n));
        value_put(r, "Values", value_list(b->a, values.at, values.n));
        results[i] = r;
    }
    b->asked = buf_text(&text);
    out->output = value_map(b->a);
    value_put(out->output, "MetricDataResults", value_list(b->a, results, queries->list.n));
}

static void targets(struct bench *b, const struct cloud_request *req, struct cloud_reply *out)
{
    if (b->refuses)
        return fake_fails(out, "Throttling", false);
    struct buf t;
    buf_init(&t, b->a);
    if (!strcmp(req->operation, "DescribeTargetGroups"))
        buf_puts(&t, "{\"TargetGroups\":[{\"TargetGroupArn\":\"web.tg\",\"TargetGroupName\":\"tg\",\"Protocol\":\"HTTP\"}]}");
    else if (!strcmp(req->operation, "DescribeTargetHealth")) {
        buf_puts(&t, "{\"TargetHealthDescriptions\":[");
        for (int64_t i = 0; i < b->all; i++)
            buf_printf(&t, "%s{\"TargetHealth\":{\"State\":\"%s\"}}", i ? "," : "", i < b->good ? "healthy" : "initial");
        buf_puts(&t, "]}");
    } else
        buf_puts(&t, "{\"TagDescriptions\":[],\"Attributes\":[]}");
    const char *error;
    out->output = value_from_json(b->a, buf_text(&t), t.len, &error);
}

static void answer(void *self, const struct cloud_request *req, struct cloud_reply *out)
{
    struct bench *b = self;
    if (!strcmp(req->service, "elbv2"))
        return targets(b, req, out);
    if (!strcmp(req->operation, "GetMetricData"))
        return metric_data(b, req, out);
    assert_string_equal(req->service, "probe");
    assert_string_equal(value_get_string(req->input, "Host"), "shop.example.com");
    if (b->refuses)
        return fake_fails(out, CLOUD_ERR_TIMEOUT, false);
    out->output = value_map(b->a);
    value_put(out->output, "Status", value_int(b->a, b->status));
    value_put(out->output, "LatencyMs", value_int(b->a, 12));
}

static struct value *fields(struct bench *b, const char *id)
{
    struct value *f = value_map(b->a);
    static const char *const names[] = {"id", "name", "arn_suffix", "dns"};
    for (size_t i = 0; i < 4; i++)
        value_put(f, names[i], value_string(b->a, id));
    return f;
}

static void put(struct bench *b, const char *address, const char *world)
{
    struct live_resource *r = arena_make(b->a, struct live_resource);
    const struct node *n = graph_find(b->shop->graph, address);
    assert_non_null(n);
    *r = (struct live_resource){.address = address, .type = n->type, .world = arena_printf(b->a, "web/%s", world), .id = address};
    r->reading = arena_make(b->a, struct reading);
    r->reading->fields = fields(b, arena_printf(b->a, "%s-%s", world, strchr(address, '.') + 1));
    r->reading->tags = value_map(b->a);
    live_add(b->a, &b->live, r);
}

static struct bench *open_bench(void **state)
{
    struct arena *a = arena_new("judge");
    struct bench *b = arena_make(a, struct bench);
    b->a = a;
    b->shop = *state;
    diags_init(&b->ds, a, &b->shop->sources);
    fake_init(&b->fake, a, answer, b);
    facts_init(&b->facts, a);
    facts_put(&b->facts, "shared.db", fields(b, "db-1"));
    b->status = 200;
    static const char *const worlds[] = {"blue", "green"}, *const parts[] = {"web.alb", "web.asg", "web.log", "web.tg"};
    for (int w = 0; w < 2; w++) {
        for (int i = 0; i < 4; i++)
            put(b, parts[i], worlds[w]);
        put(b, implied_filter(a, "web.log", "?FATAL ?panic"), worlds[w]);
    }
    facts_put(&b->facts, "web.alb", fields(b, "green-alb"));
    b->judge = (struct judge){.schemas = &b->shop->schemas, .cloud = &b->fake.cloud, .ds = &b->ds, .graph = b->shop->graph,
                              .live = &b->live, .facts = &b->facts, .world = "green", .live_world = "blue"};
    return b;
}

static void say(struct bench *b, const char *metric, const char *of, double value)
{
    for (size_t i = 0; i < b->points.n; i++)
        if (!strcmp(b->points.at[i].metric, metric) && !strcmp(b->points.at[i].of, of)) {
            b->points.at[i].value = value;
            return;
        }
    vec_push(b->a, &b->points, (struct point){metric, of, value});
}

static void healthy(struct bench *b)
{
    say(b, "RequestCount", "green-alb", 1000);
    say(b, "RequestCount", "blue-alb", 1000);
    say(b, "TargetResponseTime", "green-alb", 0.2);
    say(b, "TargetResponseTime", "blue-alb", 0.2);
    say(b, "CPUUtilization", "", 40);
    say(b, "DatabaseConnections", "db-1", 100);
    say(b, b->shop ? "green-log-count" : "", "", 0);
    for (size_t i = 0; i < b->live.all.n; i++)
        if (strstr(b->live.all.at[i]->address, "-count-"))
            say(b, value_get_string(b->live.all.at[i]->reading->fields, "name"), "", 0);
}

static const struct check_result *judged(struct bench *b, const char *gate, const char *check)
{
    size_t n;
    struct check_result *r = judge_round(&b->judge, b->a, graph_gate(b->shop->graph, gate), &n);
    assert_non_null(r);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(r[i].check, check))
            return &r[i];
    fail_msg("%s has no check %s", gate, check);
    return NULL;
}

static void verdict(struct bench *b, const char *gate, const char *check, enum verdict want)
{
    const struct check_result *r = judged(b, gate, check);
    if (r->verdict != want)
        fail_msg("%s.%s: %d (%s), not %d", gate, check, r->verdict, r->why ? r->why : "", want);
}

/* ---- measuring -------------------------------------------------------------------------- */

static void one_call_for_all_metrics(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    b->fake.now += 37123; /* in the middle of a minute */
    verdict(b, "steady", "errors", VERDICT_PASS);
    assert_int_equal(b->calls, 1);
    int64_t minute = b->fake.now / MINUTE * MINUTE;
    assert_int_equal(b->end, minute - MINUTE); /* the newest minute is not judged */
    assert_int_equal(b->end - b->start, 5 * MINUTE);
    verdict(b, "steady", "latency", VERDICT_PASS);
    verdict(b, "steady", "cpu", VERDICT_PASS);
    verdict(b, "steady", "logs", VERDICT_PASS);
    verdict(b, "steady", "db", VERDICT_PASS);
    assert_non_null(strstr(b->asked, "TargetResponseTime p99 300;"));
    assert_non_null(strstr(b->asked, "CPUUtilization Average 300;"));
    assert_non_null(strstr(b->asked, "DatabaseConnections Maximum 300;"));
    assert_non_null(strstr(b->asked, "HTTPCode_Target_5XX_Count Sum 300;"));
    assert_non_null(strstr(b->asked, "HTTPCode_ELB_5XX_Count Sum 300;")); /* `plus` */
    b->as_number = true; /* times as epoch seconds, as one of the wires has them */
    verdict(b, "steady", "cpu", VERDICT_PASS);
    arena_free(b->a);
}

static void absent_errors_are_zero_only_with_requests(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    verdict(b, "steady", "errors", VERDICT_PASS); /* no 5xx was published, and there were requests */
    say(b, "RequestCount", "green-alb", 0);
    verdict(b, "steady", "errors", VERDICT_NO_DATA); /* nothing divided by nothing */
    b->points.n = 0;
    verdict(b, "steady", "errors", VERDICT_NO_DATA);
    verdict(b, "steady", "latency", VERDICT_NO_DATA);
    verdict(b, "steady", "logs", VERDICT_NO_DATA); /* the filter publishes 0: silence is no data */
    arena_free(b->a);
}

static void both_kinds_of_errors_count(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    say(b, "HTTPCode_Target_5XX_Count", "green-alb", 3);
    verdict(b, "steady", "errors", VERDICT_PASS); /* 0.3 % */
    say(b, "HTTPCode_ELB_5XX_Count", "green-alb", 3);
    verdict(b, "steady", "errors", VERDICT_FAIL); /* 0.6 % */
    say(b, "HTTPCode_ELB_503_Count", "green-alb", 1000); /* nobody could be chosen: requests too */
    verdict(b, "steady", "errors", VERDICT_PASS);
    say(b, "HTTPCode_Target_5XX_Count", "blue-alb", 900); /* blue's are not green's */
    verdict(b, "steady", "errors", VERDICT_PASS);
    arena_free(b->a);
}

static void against_the_live_world(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    say(b, "TargetResponseTime", "green-alb", 0.25);
    verdict(b, "steady", "latency", VERDICT_FAIL);
    say(b, "TargetResponseTime", "blue-alb", 0.21);
    verdict(b, "steady", "latency", VERDICT_PASS);
    b->judge.live_world = NULL; /* there is none to compare with */
    verdict(b, "steady", "latency", VERDICT_NO_DATA);
    b->judge.live_world = "blue";
    b->judge.world = "none";
    verdict(b, "steady", "cpu", VERDICT_NO_DATA); /* not built */
    arena_free(b->a);
}

/* The p99 of a few requests is the slowest of them, and says nothing. */
static void a_percentile_of_few_is_no_data(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    say(b, "TargetResponseTime", "green-alb", 5);
    verdict(b, "steady", "latency", VERDICT_FAIL);
    say(b, "RequestCount", "green-alb", 99);
    verdict(b, "steady", "latency", VERDICT_NO_DATA);
    say(b, "RequestCount", "green-alb", 100);
    verdict(b, "steady", "latency", VERDICT_FAIL);
    say(b, "RequestCount", "blue-alb", 20); /* nothing to compare with either */
    verdict(b, "steady", "latency", VERDICT_NO_DATA);
    arena_free(b->a);
}

static void a_call_that_fails_is_no_data(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    b->refuses = true;
    verdict(b, "steady", "errors", VERDICT_NO_DATA);
    verdict(b, "steady", "db", VERDICT_NO_DATA);
    verdict(b, "ready", "healthy", VERDICT_NO_DATA);
    assert_int_equal(b->ds.errors, 0); /* the gate says what that means */
    verdict(b, "ready", "tls", VERDICT_FAIL); /* but a probe without an answer is an answer */
    b->refuses = false;
    verdict(b, "ready", "tls", VERDICT_PASS);
    b->status = 503;
    verdict(b, "ready", "tls", VERDICT_FAIL);
    verdict(b, "ready", "scaling", VERDICT_NO_DATA); /* only a run can really scale */
    arena_free(b->a);
}

static void healthy_targets(void **state)
{
    struct bench *b = open_bench(state);
    verdict(b, "ready", "healthy", VERDICT_FAIL); /* none is registered */
    b->all = b->good = 3;
    verdict(b, "ready", "healthy", VERDICT_PASS);
    b->good = 2;
    verdict(b, "ready", "healthy", VERDICT_FAIL);
    assert_non_null(strstr(judged(b, "ready", "healthy")->why, "66.6"));
    assert_int_equal(b->ds.errors, 0);
    arena_free(b->a);
}

/* Windows of different lengths: each is one whole point that ends at the end. */
static void windows_end_together(void **state)
{
    struct bench *b = open_bench(state);
    healthy(b);
    struct measures m;
    measures_init(&m, b->a, &b->judge);
    struct measurer ask = measures_measurer(&m);
    struct value *metric = value_copy(b->a, value_none(b->a)), *got[3];
    static const int64_t windows[] = {4, 6, 10};
    metric->kind = V_METRIC;
    metric->metric = (struct value_metric){.address = "web.asg", .name = "cpu"};
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 3; i++) {
            struct value *args[] = {metric, value_duration(b->a, windows[i] * MINUTE)};
            got[i] = ask.measure(ask.self, b->a, "avg", args, 2, value_map(b->a), NO_SPAN);
        }
        if (!pass)
            assert_true(measures_fetch(&m));
    }
    assert_int_equal((b->end - b->start) / MINUTE, 60); /* the first multiple of all */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(got[i]->kind, V_PERCENT);
        assert_true(dec_double(got[i]->dec) == 40);
    }
    arena_free(b->a);
}

/* ---- counting --------------------------------------------------------------------------- */

static enum gate_answer counted(struct gate_state *s, const struct gate *g, enum verdict a, enum verdict b)
{
    struct check_result r[] = {{"a", a, "a says"}, {"b", b, "b says"}};
    return gate_count(s, g, r, 2, 1000);
}

static void tolerance_counts_in_a_row(void **state)
{
    (void)state;
    struct gate_ast ast = {.tolerate = 2, .no_data = NO_DATA_HOLD};
    struct gate g = {.name = "g", .ast = &ast};
    struct gate_state s = {0};
    assert_int_equal(counted(&s, &g, VERDICT_PASS, VERDICT_PASS), GATE_PASSING);
    assert_int_equal(s.passed_at, 1000);
    assert_int_equal(counted(&s, &g, VERDICT_PASS, VERDICT_FAIL), GATE_HOLDING);
    assert_string_equal(s.why, "b says");
    assert_int_equal(counted(&s, &g, VERDICT_FAIL, VERDICT_PASS), GATE_HOLDING);
    assert_int_equal(counted(&s, &g, VERDICT_PASS, VERDICT_PASS), GATE_PASSING); /* from the beginning */
    assert_int_equal(counted(&s, &g, VERDICT_FAIL, VERDICT_FAIL), GATE_HOLDING);
    assert_int_equal(counted(&s, &g, VERDICT_NO_DATA, VERDICT_PASS), GATE_HOLDING); /* silence forgives nothing */
    assert_int_equal(counted(&s, &g, VERDICT_FAIL, VERDICT_NO_DATA), GATE_HOLDING);
    assert_int_equal(counted(&s, &g, VERDICT_NO_DATA, VERDICT_FAIL), GATE_FAILED);
    assert_true(s.failed);
    struct gate_ast strict = {.tolerate = 0, .no_data = NO_DATA_HOLD};
    struct gate h = {.name = "h", .ast = &strict};
    s = (struct gate_state){0};
    assert_int_equal(counted(&s, &h, VERDICT_FAIL, VERDICT_PASS), GATE_FAILED);
}

static void no_data_is_never_a_pass(void **state)
{
    (void)state;
    struct gate_ast hold = {.tolerate = 1, .no_data = NO_DATA_HOLD}, fails = {.tolerate = 1, .no_data = NO_DATA_FAIL};
    struct gate g = {.name = "g", .ast = &hold}, h = {.name = "h", .ast = &fails};
    struct gate_state s = {0};
    for (int i = 0; i < 50; i++)
        assert_int_equal(counted(&s, &g, VERDICT_PASS, VERDICT_NO_DATA), GATE_HOLDING);
    assert_int_equal(s.no_data, 50);
    assert_int_equal(s.passed_at, 0);
    assert_int_equal(counted(&s, &g, VERDICT_PASS, VERDICT_PASS), GATE_PASSING);
    assert_int_equal(s.no_data, 0);
    s = (struct gate_state){0};
    assert_int_equal(counted(&s, &h, VERDICT_PASS, VERDICT_NO_DATA), GATE_HOLDING);
    assert_int_equal(counted(&s, &h, VERDICT_NO_DATA, VERDICT_PASS), GATE_FAILED);
    assert_string_equal(s.why, "a says");
}

static int open_shop(void **state)
{
    struct shop *s = shop_open();
    *state = s;
    return s && implied_add(s->arena, &s->ds, s->graph) ? 0 : -1;
}

static int close_shop(void **state)
{
    shop_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_for_all_metrics),    cmocka_unit_test(absent_errors_are_zero_only_with_requests),
        cmocka_unit_test(both_kinds_of_errors_count),  cmocka_unit_test(against_the_live_world),
        cmocka_unit_test(a_percentile_of_few_is_no_data),
        cmocka_unit_test(a_call_that_fails_is_no_data), cmocka_unit_test(windows_end_together),
        cmocka_unit_test(healthy_targets),
        cmocka_unit_test(tolerance_counts_in_a_row),   cmocka_unit_test(no_data_is_never_a_pass),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
