/* Groups, instances, targets: booting, health by thresholds, draining, scaling. */
#include "sandbox.h"

static int count(struct rig *r, const struct rig_world *w, const char *state)
{
    struct value *v =
        rig_call(r, "elbv2", "DescribeTargetHealth", "{\"TargetGroupArn\":\"%s\"}", w->tg);
    const struct value *list = value_get(v, "TargetHealthDescriptions");
    int n = 0;
    for (size_t i = 0; i < list->list.n; i++)
        n += !strcmp(rig_text(list->list.at[i], "TargetHealth.State"), state);
    return n;
}

static int in_service(struct rig *r, const struct rig_world *w)
{
    struct value *v = rig_call(r, "autoscaling", "DescribeAutoScalingGroups",
                               "{\"AutoScalingGroupNames\":[\"%s\"]}", w->asg);
    const struct value *list = value_at(v, "AutoScalingGroups[0].Instances");
    int n = 0;
    for (size_t i = 0; list && i < list->list.n; i++)
        n += !strcmp(rig_text(list->list.at[i], "LifecycleState"), "InService");
    return n;
}

static void boots_then_heals(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 3);
    int64_t from = rig_now(&r);
    assert_int_equal(in_service(&r, &w), 0);
    rig_sleep(&r, 55);
    assert_int_equal(in_service(&r, &w), 0);
    while (in_service(&r, &w) < 3)
        rig_sleep(&r, 1);
    int64_t serving = rig_now(&r);
    assert_in_range(serving - from, 60000, 100000);
    /* Three good answers, one each 10 s: none is healthy at once. */
    assert_int_equal(count(&r, &w, "initial") + count(&r, &w, "healthy"), 3);
    while (count(&r, &w, "healthy") < 3)
        rig_sleep(&r, 1);
    assert_in_range(rig_now(&r) - from, 90000, 145000);
    rig_close(&r);
}

static void drains_before_it_ends(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 3);
    rig_call(&r, "elbv2", "ModifyTargetGroupAttributes",
             "{\"TargetGroupArn\":\"%s\",\"Attributes\":[{\"Key\":\"deregistration_delay.timeout_"
             "seconds\",\"Value\":\"30\"}]}",
             w.tg);
    rig_sleep(&r, 300);
    assert_int_equal(count(&r, &w, "healthy"), 3);
    rig_call(&r, "autoscaling", "UpdateAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"MinSize\":1,\"MaxSize\":8}", w.asg);
    rig_call(&r, "autoscaling", "SetDesiredCapacity",
             "{\"AutoScalingGroupName\":\"%s\",\"DesiredCapacity\":1}", w.asg);
    assert_int_equal(count(&r, &w, "draining"), 2);
    rig_sleep(&r, 20);
    assert_int_equal(count(&r, &w, "draining"), 2);
    rig_sleep(&r, 15);
    assert_int_equal(count(&r, &w, "draining"), 0);
    assert_int_equal(count(&r, &w, "healthy"), 1);
    rig_sleep(&r, 60);
    struct value *v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                               "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    assert_int_equal(value_at(v, "AutoScalingGroups[0].Instances")->list.n, 1);
    rig_close(&r);
}

static void bounds(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 2);
    assert_null(rig_try(&r, "autoscaling", "SetDesiredCapacity",
                        "{\"AutoScalingGroupName\":\"%s\",\"DesiredCapacity\":9}", w.asg));
    assert_string_equal(r.code, "ValidationError");
    /* A minimum that rises takes the wanted number with it. */
    rig_call(&r, "autoscaling", "UpdateAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"MinSize\":4,\"MaxSize\":8}", w.asg);
    struct value *v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                               "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    assert_int_equal(value_get_int(value_at(v, "AutoScalingGroups[0]"), "DesiredCapacity", -1), 4);
    rig_close(&r);
}

static void sick_targets(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 4);
    rig_sleep(&r, 300);
    assert_int_equal(count(&r, &w, "healthy"), 4);
    assert_true(sandbox_fault(r.box, "web/blue", "web.tg.healthy", value_int(r.a, 1)));
    rig_sleep(&r, 10);
    assert_int_equal(count(&r, &w, "healthy"), 4); /* not yet: two bad answers are needed */
    rig_sleep(&r, 15);
    assert_int_equal(count(&r, &w, "unhealthy"), 3);
    assert_true(sandbox_fault(r.box, "web/blue", "web.tg.healthy", NULL));
    rig_sleep(&r, 40);
    assert_int_equal(count(&r, &w, "healthy"), 4);
    rig_close(&r);
}

static void sick_are_replaced(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 3);
    rig_call(&r, "autoscaling", "UpdateAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"HealthCheckType\":\"ELB\","
             "\"HealthCheckGracePeriod\":30}",
             w.asg);
    rig_sleep(&r, 300);
    struct value *v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                               "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    const char *last =
        arena_strdup(r.a, rig_text(v, "AutoScalingGroups[0].Instances[2].InstanceId"));
    assert_true(sandbox_fault(r.box, "blue", "web.tg.healthy", value_int(r.a, 2)));
    rig_sleep(&r, 180);
    assert_true(sandbox_fault(r.box, "blue", "web.tg.healthy", NULL));
    rig_sleep(&r, 900);
    v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                 "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    assert_int_equal(value_at(v, "AutoScalingGroups[0].Instances")->list.n, 3);
    assert_int_equal(count(&r, &w, "healthy"), 3);
    assert_string_not_equal(rig_text(v, "AutoScalingGroups[0].Instances[2].InstanceId"), last);
    rig_close(&r);
}

static void target_tracking(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 2);
    rig_call(&r, "autoscaling", "PutScalingPolicy",
             "{\"AutoScalingGroupName\":\"%s\",\"PolicyName\":\"p\",\"PolicyType\":"
             "\"TargetTrackingScaling\",\"TargetTrackingConfiguration\":"
             "{\"PredefinedMetricSpecification\":{\"PredefinedMetricType\":"
             "\"ASGAverageCPUUtilization\"},\"TargetValue\":50,\"DisableScaleIn\":false}}",
             w.asg);
    rig_sleep(&r, 300);
    assert_int_equal(in_service(&r, &w), 2);
    assert_true(
        sandbox_fault(r.box, "blue", "web.asg.cpu", value_percent(r.a, (struct dec){90, 0})));
    rig_sleep(&r, 600);
    assert_true(in_service(&r, &w) >= 4);
    assert_true(
        sandbox_fault(r.box, "blue", "web.asg.cpu", value_percent(r.a, (struct dec){5, 0})));
    rig_sleep(&r, 3 * 3600);
    assert_int_equal(in_service(&r, &w), 2);
    /* A policy goes with its group. */
    rig_call(&r, "autoscaling", "DeleteAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"ForceDelete\":true}", w.asg);
    struct value *v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                               "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    assert_string_equal(rig_text(v, "AutoScalingGroups[0].Status"), "Delete in progress");
    rig_sleep(&r, 900);
    v = rig_call(&r, "autoscaling", "DescribeAutoScalingGroups",
                 "{\"AutoScalingGroupNames\":[\"%s\"]}", w.asg);
    assert_int_equal(value_get(v, "AutoScalingGroups")->list.n, 0);
    v = rig_call(&r, "autoscaling", "DescribePolicies", "{\"PolicyNames\":[\"p\"]}");
    assert_int_equal(value_get(v, "ScalingPolicies")->list.n, 0);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boots_then_heals),
        cmocka_unit_test(drains_before_it_ends),
        cmocka_unit_test(bounds),
        cmocka_unit_test(sick_targets),
        cmocka_unit_test(sick_are_replaced),
        cmocka_unit_test(target_tracking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
