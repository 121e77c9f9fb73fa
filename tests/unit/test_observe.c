/* What is ours, found in an account that changes while it is read. */
#include <string.h>

#include "cloud/execute.h"
#include "lang/identity.h"
#include "test.h"

#include "fake.h"
#include "shop.h"

struct bench {
    struct shop *shop;
    struct arena *a;
    struct fake fake;
    struct diags ds;
    struct facts facts;
    size_t groups; /* target groups that are listed */
    const char *gone; /* the one that is removed before its tags are read */
    const char *policy; /* name of a scaling policy */
    size_t tag_calls;
    struct value *last; /* of the newest call that changes something */
};

static void said(struct bench *b, struct cloud_reply *out, const struct buf *json)
{
    const char *error = NULL;
    out->output = value_from_json(b->a, json->at ? json->at : "{}", json->at ? json->len : 2, &error);
    if (!out->output)
        fail_msg("%s: %s", json->at, error);
}

static void answer(void *self, const struct cloud_request *req, struct cloud_reply *out)
{
    struct bench *b = self;
    struct buf t;
    buf_init(&t, b->a);
    const struct value *arns = value_get(req->input, "ResourceArns");
    if (req->mutating) {
        b->last = req->input;
    } else if (!strcmp(req->operation, "DescribeTargetGroups")) {
        buf_puts(&t, "{\"TargetGroups\":[");
        for (size_t i = 0; i < b->groups; i++)
            buf_printf(&t, "%s{\"TargetGroupArn\":\"tg%zu\",\"TargetGroupName\":\"shop-web-%010zu-tg\",\"Port\":8080}", i ? "," : "", i, i);
        buf_puts(&t, "]}");
    } else if (!strcmp(req->operation, "DescribeTags") && arns) {
        b->tag_calls++;
        buf_puts(&t, "{\"TagDescriptions\":[");
        for (size_t i = 0; i < arns->list.n; i++) {
            const char *arn = arns->list.at[i]->s;
            if (b->gone && !strcmp(arn, b->gone))
                return fake_fails(out, "TargetGroupNotFound", false);
            buf_printf(&t, "%s{\"ResourceArn\":\"%s\",\"Tags\":[{\"Key\":\"bgc:stack\",\"Value\":\"shop\"},{\"Key\":\"bgc:address\","
                           "\"Value\":\"web.tg\"},{\"Key\":\"bgc:world\",\"Value\":\"web/%010d\"}]}", i ? "," : "", arn, atoi(arn + 2));
        }
        buf_puts(&t, "]}");
    } else if (!strcmp(req->operation, "DescribePolicies") && b->policy) {
        buf_printf(&t, "{\"ScalingPolicies\":[{\"PolicyName\":\"%s\",\"AutoScalingGroupName\":\"g\",\"PolicyType\":\"TargetTrackingScaling\","
                       "\"TargetTrackingConfiguration\":{\"TargetValue\":50.0}}]}", b->policy);
    }
    said(b, out, &t);
}

static struct bench *open_bench(void)
{
    struct shop *s = shop_open();
    assert_non_null(s);
    struct bench *b = arena_make(s->arena, struct bench);
    b->shop = s;
    b->a = s->arena;
    diags_init(&b->ds, b->a, &s->sources);
    facts_init(&b->facts, b->a);
    fake_init(&b->fake, b->a, answer, b);
    return b;
}

static struct live *observed(struct bench *b)
{
    struct observe_args o = {&b->shop->schemas, &b->fake.cloud, &b->ds, b->shop->graph, NULL};
    struct live *l = observe_live(&o, b->a, &b->facts, false);
    if (!l) {
        struct buf t;
        buf_init(&t, b->a);
        render_text(&t, &b->ds, false);
        fail_msg("%s", buf_text(&t));
    }
    return l;
}

/* AWS refuses a whole batch when one of it is gone: the others are still found. */
static void one_of_many_is_gone(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    b->groups = 50;
    struct live *l = observed(b);
    assert_int_equal(l->all.n, 50);
    assert_int_equal(b->tag_calls, 3); /* in batches of 20 */
    b->gone = "tg27";
    b->tag_calls = 0;
    l = observed(b);
    assert_int_equal(l->all.n, 49);
    assert_int_equal(b->tag_calls, 3 + 20);
    assert_null(live_world(l, "web", "0000000027"));
    assert_non_null(live_world(l, "web", "0000000026"));
    assert_non_null(live_world(l, "web", "0000000028"));
    assert_int_equal(b->ds.errors, 0);
    b->groups = 1;
    b->gone = "tg0";
    assert_int_equal(observed(b)->all.n, 0);
    shop_close(b->shop);
}

/* What cannot be tagged is known by its name, in which `_` has become `-`. */
static void names_that_changed_are_known(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct graph *g = b->shop->graph;
    struct world *w = graph_world(g, "web");
    g->stack = "My_Shop";
    w->name = "web_api";
    for (size_t i = 0; i < w->nodes.n; i++) {
        struct node *n = w->nodes.at[i];
        n->world = "web_api";
        if (!strcmp(n->type, "autoscaling.policy"))
            n->address = "web_api.scale_out";
    }
    assert_string_equal(identity_name_prefix(b->a, g->stack), "my-shop-");
    b->policy = identity_physical_name(b->a, g->stack, "web_api", "7f3a2c91d0", "scale_out", 255);
    struct live *l = observed(b);
    assert_int_equal(l->all.n, 1);
    assert_string_equal(l->all.at[0]->address, "web_api.scale_out");
    assert_string_equal(l->all.at[0]->world, "web_api/7f3a2c91d0");
    b->policy = "my-shop-other-7f3a2c91d0-gone"; /* it left the spec */
    l = observed(b);
    assert_string_equal(l->all.at[0]->address, "other.gone");
    b->policy = "somebody-elses";
    assert_int_equal(observed(b)->all.n, 0);
    shop_close(b->shop);
}

/* Single changes know the region like whole tasks do. */
static void a_single_change_knows_the_region(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    b->groups = 1;
    struct live *l = observed(b);
    struct live_resource check = {.address = "web.kill_switch", .type = "route53.health_check", .world = "web/0000000000", .id = "hc-1"};
    check.reading = arena_make(b->a, struct reading);
    check.reading->fields = value_map(b->a);
    check.reading->tags = value_map(b->a);
    check.reading->object = value_map(b->a);
    struct executor x = {.schemas = &b->shop->schemas, .cloud = &b->fake.cloud, .ds = &b->ds, .graph = b->shop->graph, .live = l,
                         .facts = &b->facts};
    enum exec_result e = execute_set(&x, b->a, &check, "alarm", value_string(b->a, "alarm-1"), PLAN_TUNE);
    if (e != EXEC_DONE) {
        struct buf t;
        buf_init(&t, b->a);
        render_text(&t, &b->ds, false);
        fail_msg("%s", buf_text(&t));
    }
    assert_string_equal(value_get_string(value_get(b->last, "AlarmIdentifier"), "Region"), "eu-west-1");
    /* A tag is not written twice, and is taken away. */
    struct live_world *w = live_world(l, "web", "0000000000");
    assert_int_equal(execute_tag(&x, b->a, w, TAG_HOLD, "3"), EXEC_DONE);
    assert_non_null(value_get(b->last, "Tags"));
    b->last = NULL;
    assert_int_equal(execute_tag(&x, b->a, w, TAG_HOLD, "3"), EXEC_DONE);
    assert_null(b->last);
    assert_int_equal(execute_tag(&x, b->a, w, TAG_HOLD, NULL), EXEC_DONE);
    assert_non_null(value_get(b->last, "TagKeys"));
    assert_null(value_get_string(w->resources.at[0]->reading->tags, TAG_HOLD));
    shop_close(b->shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_of_many_is_gone), cmocka_unit_test(names_that_changed_are_known),
                                       cmocka_unit_test(a_single_change_knows_the_region)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
