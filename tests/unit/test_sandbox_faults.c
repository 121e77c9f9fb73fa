/* Calls that go wrong, buckets, reads that lag, and the account's file. */
#include "sandbox.h"

#include "base/file.h"

#include <setjmp.h>

struct script {
    enum call_fault fault;
    int64_t delay;
    jmp_buf dead;
};

static enum call_fault decide(void *self, uint64_t ordinal, const struct cloud_request *req,
                              int64_t *delay_ms)
{
    struct script *s = self;
    enum call_fault f = s->fault;
    (void)ordinal, (void)req;
    s->fault = CALL_FAULT_NONE;
    *delay_ms = f == CALL_FAULT_DELAY ? s->delay : 0;
    return f;
}

static void die(void *self)
{
    longjmp(((struct script *)self)->dead, 1);
}

static const char *const vpc = "{\"CidrBlock\":\"10.0.0.0/16\"}";

static size_t vpcs(struct rig *r)
{
    return value_get(rig_call(r, "ec2", "DescribeVpcs", "{}"), "Vpcs")->list.n;
}

static void outcomes(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct script s = {0};
    sandbox_hook(r.box, &(struct fault_hook){decide, die, &s});
    s.fault = CALL_FAULT_THROTTLE;
    assert_null(rig_try(&r, "ec2", "CreateVpc", "%s", vpc));
    assert_true(r.error.throttled);
    s.fault = CALL_FAULT_5XX;
    assert_null(rig_try(&r, "ec2", "CreateVpc", "%s", vpc));
    assert_int_equal(r.error.http_status, 503);
    s.fault = CALL_FAULT_UNSENT;
    assert_null(rig_try(&r, "ec2", "CreateVpc", "%s", vpc));
    assert_string_equal(r.code, CLOUD_ERR_CONNECT);
    assert_false(r.error.ambiguous);
    assert_int_equal(vpcs(&r), 0);
    s.fault = CALL_FAULT_LOST;
    assert_null(rig_try(&r, "ec2", "CreateVpc", "%s", vpc));
    assert_string_equal(r.code, CLOUD_ERR_LOST);
    assert_true(r.error.ambiguous);
    assert_int_equal(vpcs(&r), 1);
    rig_close(&r);
}

static void death(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    static struct script s;
    sandbox_hook(r.box, &(struct fault_hook){decide, die, &s});
    static const enum call_fault faults[] = {CALL_FAULT_DIE_BEFORE, CALL_FAULT_DIE_AFTER};
    for (volatile size_t i = 0; i < 2; i++) {
        s.fault = faults[i];
        if (!setjmp(s.dead)) {
            rig_try(&r, "ec2", "CreateVpc", "%s", vpc);
            fail();
        }
        r.cloud = sandbox_cloud(r.box, r.a); /* another process */
        assert_int_equal(vpcs(&r), i);
    }
    /* Sent by one who died meanwhile, and carried out long after. */
    s.fault = CALL_FAULT_DELAY;
    s.delay = 120000;
    struct cloud_request req = {
        .service = "ec2", .operation = "CreateVpc", .input = rig_json(&r, vpc), .mutating = true};
    cloud_submit(r.cloud, &req);
    cloud_free(r.cloud);
    r.cloud = sandbox_cloud(r.box, r.a);
    rig_sleep(&r, 100);
    assert_int_equal(vpcs(&r), 1);
    rig_sleep(&r, 30);
    assert_int_equal(vpcs(&r), 2);
    rig_close(&r);
}

static void late_calls_are_not_sent(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct cloud_request req = {.service = "ec2",
                                .operation = "CreateVpc",
                                .input = rig_json(&r, vpc),
                                .mutating = true,
                                .not_after = rig_now(&r) - 1};
    struct cloud_reply reply;
    assert_false(cloud_call(r.cloud, r.a, &req, &reply));
    assert_string_equal(reply.error.code, CLOUD_ERR_LATE);
    assert_int_equal(vpcs(&r), 0);
    rig_close(&r);
}

static void two_clients(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct cloud *other = sandbox_cloud(r.box, r.a);
    struct cloud_request req = {
        .service = "ec2", .operation = "CreateVpc", .input = rig_json(&r, vpc), .mutating = true};
    uint64_t mine = cloud_submit(r.cloud, &req), theirs = cloud_submit(other, &req);
    struct cloud_reply reply;
    assert_true(cloud_wait(other, r.a, INT64_MAX, &reply));
    assert_int_equal(reply.ticket, theirs);
    assert_true(cloud_wait(r.cloud, r.a, INT64_MAX, &reply));
    assert_int_equal(reply.ticket, mine);
    assert_false(cloud_wait(r.cloud, r.a, rig_now(&r) + 5000, &reply));
    assert_int_equal(vpcs(&r), 2);
    rig_close(&r);
}

static void buckets(void **state)
{
    (void)state;
    struct rig r;
    rig_program(&r, "stack t { region = \"eu-west-1\" }\n");
    r.config.throttles = true;
    rig_account(&r);
    const char *zone = rig_zone(&r);
    struct cloud_request req = {
        .service = "route53",
        .operation = "ListResourceRecordSets",
        .input = rig_json(&r, arena_printf(r.a, "{\"HostedZoneId\":\"%s\"}", zone))};
    rig_sleep(&r, 60);
    for (int i = 0; i < 12; i++)
        cloud_submit(r.cloud, &req);
    int throttled = 0;
    for (int i = 0; i < 12; i++) {
        struct cloud_reply reply;
        assert_true(cloud_wait(r.cloud, r.a, INT64_MAX, &reply));
        throttled += !reply.ok && reply.error.throttled;
    }
    assert_int_equal(throttled, 7); /* five a second */
    rig_sleep(&r, 1);
    assert_non_null(rig_send(&r, "route53", "ListResourceRecordSets", NULL,
                             arena_printf(r.a, "{\"HostedZoneId\":\"%s\"}", zone)));
    rig_close(&r);
}

static void reads_lag(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    assert_true(sandbox_fault(r.box, NULL, "reads.lag", value_duration(r.a, 60000)));
    int unseen = 0;
    for (int i = 0; i < 10; i++) {
        const char *id = rig_text(rig_call(&r, "ec2", "CreateVpc", "%s", vpc), "Vpc.VpcId");
        unseen += !rig_try(&r, "ec2", "DescribeVpcs", "{\"VpcIds\":[\"%s\"]}", id);
    }
    assert_true(unseen >= 7);
    assert_string_equal(r.code ? r.code : "InvalidVpcID.NotFound", "InvalidVpcID.NotFound");
    rig_sleep(&r, 61);
    assert_int_equal(vpcs(&r), 10);
    const char *id = rig_text(rig_call(&r, "ec2", "DescribeVpcs", "{}"), "Vpcs[0].VpcId");
    rig_call(&r, "ec2", "DeleteVpc", "{\"VpcId\":\"%s\"}", id);
    rig_sleep(&r, 61);
    assert_int_equal(vpcs(&r), 9);
    rig_close(&r);
}

static void targets_of_faults(void **state)
{
    (void)state;
    struct rig r;
    rig_program(&r, "stack t { region = \"eu-west-1\" }\n"
                    "shared { existing db: rds.instance { name = \"x\" } }\n"
                    "world web {\n resource log: logs.group {}\n entry log\n}\n");
    rig_account(&r);
    struct value *v = value_percent(r.a, (struct dec){90, 0});
    assert_true(sandbox_fault(r.box, NULL, "db.cpu", v));
    assert_true(sandbox_fault(r.box, NULL, "shared.db.connections", value_int(r.a, 500)));
    assert_true(sandbox_fault(r.box, "0123456789", "web.log", value_int(r.a, 5)));
    assert_false(sandbox_fault(r.box, NULL, "db.colour", v));
    assert_false(sandbox_fault(r.box, NULL, "web.alb.http_5xx", v));
    assert_false(sandbox_fault(r.box, NULL, "", v));
    /* Its points have the value, once a lookup has said which one it is. */
    assert_non_null(rig_send(&r, "rds", "DescribeDBInstances", "shared.db",
                             "{\"DBInstanceIdentifier\":\"x\"}"));
    rig_sleep(&r, 600);
    struct value *m =
        rig_call(&r, "cloudwatch", "GetMetricData",
                 "{\"StartTime\":%lld,\"EndTime\":%lld,\"MetricDataQueries\":[{\"Id\":\"m\","
                 "\"MetricStat\":{\"Period\":60,\"Stat\":\"Average\","
                 "\"Metric\":{\"Namespace\":\"AWS/"
                 "RDS\",\"MetricName\":\"CPUUtilization\",\"Dimensions\":[{\"Name\":"
                 "\"DBInstanceIdentifier\",\"Value\":\"x\"}]}}}]}",
                 (long long)(rig_now(&r) / 1000 - 300), (long long)(rig_now(&r) / 1000));
    const struct value *x = value_at(m, "MetricDataResults[0].Values[0]");
    assert_non_null(x);
    assert_true((x->kind == V_INT ? (double)x->i : dec_double(x->dec)) > 89.9);
    rig_close(&r);
}

/* ---- the file ----------------------------------------------------------------- */

static const char *temporary(struct rig *r)
{
    char *path = arena_strdup(r->a, "/tmp/bgc-sandbox-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    fclose(fdopen(fd, "w"));
    return path;
}

static void round_trip(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 2);
    const char *zone = rig_zone(&r), *path = temporary(&r);
    rig_must(&r, rig_batch(&r, zone, rig_change(&r, "CREATE", rig_alias(&r, "b.1", 1, w.dns, ""))));
    rig_sleep(&r, 900);
    map_put(sandbox_objects(r.box), "t/lock", (void *)"3\nhere");
    assert_true(
        sandbox_fault(r.box, "blue", "web.alb.http_5xx", value_percent(r.a, (struct dec){50, 0})));
    struct value *before = sandbox_inventory(r.box, r.a);
    struct sandbox_users u, v;
    sandbox_users(r.box, &u);
    int64_t at = rig_now(&r);
    assert_true(sandbox_save(r.box, &r.ds, path));
    struct sandbox *old = r.box;
    r.box = sandbox_load(r.a, &r.schemas, &r.ds, path, &r.config);
    assert_non_null(r.box);
    sandbox_free(old);
    r.cloud = sandbox_cloud(r.box, r.a);
    assert_true(value_equal(before, sandbox_inventory(r.box, r.a)));
    assert_int_equal(rig_now(&r), at);
    assert_string_equal(map_find(sandbox_objects(r.box), "t/lock"), "3\nhere");
    sandbox_users(r.box, &v);
    assert_true(u.requests - v.requests < 1e-3 && v.requests - u.requests < 1e-3);
    /* It goes on: users are served, instances stay, metrics are there. */
    rig_sleep(&r, 600);
    sandbox_users(r.box, &v);
    assert_true(v.requests > u.requests + 50000 && v.no_healthy_world <= u.no_healthy_world);
    assert_true(v.failed - u.failed > 0.4 * (v.requests - u.requests));
    struct value *health =
        rig_call(&r, "elbv2", "DescribeTargetHealth", "{\"TargetGroupArn\":\"%s\"}", w.tg);
    assert_string_equal(rig_text(health, "TargetHealthDescriptions[1].TargetHealth.State"),
                        "healthy");
    remove(path);
    rig_close(&r);
}

static void bad_files(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    rig_build(&r, "blue", 1);
    const char *path = temporary(&r), *text, *error;
    size_t len;
    assert_true(sandbox_save(r.box, &r.ds, path));
    assert_true(file_read(r.a, path, &text, &len, &error));
    const struct {
        const char *text;
        size_t len;
        const char *code;
    } files[] = {
        {text, len / 2, "BG6501"},
        {text, 0, "BG6501"},
        {text, len - 3, "BG6501"},
        {"{\"a\": 1}", 8, "BG6501"},
        {"[1, 2]", 6, "BG6501"},
        {"{\"format\": \"bgc sandbox account\", \"version\": 2}", 47, "BG6502"},
        {"{\"format\": \"bgc sandbox account\", \"version\": 1, \"complete\": true, \"objects\": "
         "[{\"type\": \"ec2.moon\", \"id\": \"x\", \"body\": {}}]}",
         118, "BG6501"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n = files[i].len < strlen(files[i].text) ? files[i].len : strlen(files[i].text);
        assert_true(file_write_atomic(r.a, path, files[i].text, n, 0, &error));
        size_t had = r.ds.errors;
        assert_null(sandbox_load(r.a, &r.schemas, &r.ds, path, &r.config));
        assert_int_equal(r.ds.errors, had + 1);
        assert_string_equal(r.ds.all.at[r.ds.all.n - 1]->code, files[i].code);
    }
    remove(path);
    struct sandbox *fresh = sandbox_load(r.a, &r.schemas, &r.ds, path, &r.config);
    assert_non_null(fresh);
    sandbox_free(fresh);
    size_t had = r.ds.errors;
    assert_false(sandbox_save(r.box, &r.ds, "/nonexistent/folder/x"));
    assert_int_equal(r.ds.errors, had + 1);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes),
        cmocka_unit_test(death),
        cmocka_unit_test(late_calls_are_not_sent),
        cmocka_unit_test(two_clients),
        cmocka_unit_test(buckets),
        cmocka_unit_test(reads_lag),
        cmocka_unit_test(targets_of_faults),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(bad_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
