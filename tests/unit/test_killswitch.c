/* A kill switch that fired while nobody looked. */
#include "runs.h"

static const char one_world[] = ONE_WORLD(
    "  resource burning: cloudwatch.alarm { metric = alb.http_5xx, stat = \"sum\", above = 50, over = 1m, missing = \"not_breaching\" }\n",
    ", kill_switch = web.burning",
    "  shift  50% for 20m while well\n"
    "  shift  100% for 10m while well\n"
    "  bake   24h while well\n");

struct stage {
    struct rig rig;
    struct refuser refuser;
    struct cloud *cloud;
    struct store *store;
    size_t asked; /* for what the alarm has been through */
};

static const struct cloud_error *counts(void *self, const struct cloud_request *req)
{
    struct stage *s = self;
    s->asked += !strcmp(req->operation, "DescribeAlarmHistory");
    return NULL;
}

static void pass(struct stage *s, int64_t minutes)
{
    cloud_sleep(s->cloud, clock_now(s->cloud->clock) + minutes * MINUTE);
}

static struct run as(struct stage *s, enum run_mode mode)
{
    struct run_args args = {.mode = mode, .plan.tolerant = mode != RUN_APPLY};
    return run_of(&s->rig, s->store, s->cloud, &args, "t3.small");
}

/* The new version bakes, and no run is there. */
static void open_stage(struct stage *s)
{
    *s = (struct stage){0};
    rig_program(&s->rig, one_world);
    assert_true(program_check(s->rig.program));
    rig_account(&s->rig);
    s->store = store_memory(s->rig.a, sandbox_objects(s->rig.box));
    s->cloud = refuser_init(&s->refuser, &s->rig);
    s->refuser.refuse = counts;
    s->refuser.self = s;
    assert_int_equal(run_of(&s->rig, s->store, s->cloud, NULL, "t2.small").exit_code, 0);
    pass(s, 30);
    assert_int_equal(as(s, RUN_APPLY).exit_code, 0);
    pass(s, 30);
    s->asked = 0;
}

static void burn(struct stage *s, int64_t minutes)
{
    assert_true(sandbox_fault(s->rig.box, NULL, "web.alb.http_5xx", value_int(s->rig.a, 5000)));
    pass(s, minutes);
    sandbox_fault(s->rig.box, NULL, "web.alb.http_5xx", NULL);
}

static void test_it_fired_and_recovered(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    burn(&s, 5);
    pass(&s, 60); /* the gate's window shows nothing of it any more */
    struct run tick = as(&s, RUN_TICK);
    assert_int_equal(tick.exit_code, 3);
    assert_int_equal(s.asked, 1);
    assert_string_equal(tick.outcome, "rolled_back");
    rig_close(&s.rig);
}

static void test_what_fired_is_not_retired_over(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    burn(&s, 5);
    pass(&s, 26 * 60); /* the bake is over */
    assert_int_equal(as(&s, RUN_RETIRE).exit_code, 7);
    assert_non_null(strstr(said(&s.rig), "kill switch"));
    rig_close(&s.rig);
}

/* While nothing happens nothing is asked. */
static void test_it_did_not_fire(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    pass(&s, 60);
    assert_int_equal(as(&s, RUN_TICK).exit_code, 0);
    assert_int_equal(s.asked, 0);
    rig_close(&s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_fired_and_recovered),
        cmocka_unit_test(test_what_fired_is_not_retired_over),
        cmocka_unit_test(test_it_did_not_fire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
