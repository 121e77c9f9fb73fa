/* A run to which AWS, or somebody else's hand, says no. */
#include "runs.h"

static const char one_world[] =
    "stack one { region = \"eu-west-1\", account = \"123456789012\" }\n"
    "use std.network\n"
    "input size: ec2.instance_type = \"t3.small\"\n"
    "shared {\n"
    "  existing zone:  route53.zone { name = \"example.com\", private = false }\n"
    "  existing net:   std.network { tag = \"prod\" }\n"
    "  existing image: ec2.image { owner = \"self\", name = \"base-*\", newest = true }\n"
    "}\n"
    "world web {\n"
    "  resource door: ec2.security_group { vpc = net.vpc, ingress = [{ from = 0.0.0.0/0, port = 80 }] }\n"
    "  resource lt:   ec2.launch_template { image = image, size = size, groups = [door], monitor = 1m }\n"
    "  resource tg:   elbv2.target_group { vpc = net.vpc, port = 8080, drain = 30s, health = { every = 10s, healthy = 2 } }\n"
    "  resource asg:  autoscaling.group { template = lt, subnets = net.private, size = 2..6, targets = [tg], health = \"elb\" }\n"
    "  resource alb:  elbv2.load_balancer { scheme = \"internet-facing\", subnets = net.public, groups = [door] }\n"
    "  resource on:   elbv2.listener { lb = alb, port = 80, forward = tg }\n"
    "  entry alb\n"
    "}\n"
    "traffic web: route53.weighted { zone = zone, names = [\"www.example.com\"] }\n"
    "gate up { check healthy: healthy(web.tg) == 100% within 10m }\n"
    "gate well {\n"
    "  every 30s tolerate 3 no_data hold\n"
    "  check errors: ratio(web.alb.http_5xx, web.alb.requests, 5m) < 1%\n"
    "}\n"
    "rollout web {\n"
    "  test   up\n"
    "  shift  10% for 30m while well\n"
    "  shift  100% for 10m while well\n"
    "  bake   30m while well\n"
    "  on failure rollback within 60s keep 10m\n"
    "}\n";

struct stage {
    struct rig rig;
    struct refuser refuser;
    struct cloud *cloud;
    struct store *store;
    struct cloud *hand; /* somebody else's */
    size_t batches;     /* changes of records in the upgrade */
    size_t shifts;      /* of them those that change weights */
    bool busy;
};

static void open_stage(struct stage *s)
{
    *s = (struct stage){0};
    rig_program(&s->rig, one_world);
    assert_true(program_check(s->rig.program));
    rig_account(&s->rig);
    s->store = store_memory(s->rig.a, sandbox_objects(s->rig.box));
    s->cloud = refuser_init(&s->refuser, &s->rig);
    s->hand = sandbox_cloud(s->rig.box, s->rig.a);
    assert_int_equal(run_of(&s->rig, s->store, s->cloud, NULL, "t2.small").exit_code, 0);
    cloud_sleep(s->cloud, clock_now(s->cloud->clock) + 30 * MINUTE);
}

static struct run upgrade(struct stage *s, const struct cloud_error *(*refuse)(void *, const struct cloud_request *))
{
    s->refuser.refuse = refuse;
    s->refuser.self = s;
    struct run run = run_of(&s->rig, s->store, s->cloud, NULL, "t3.small");
    s->refuser.refuse = NULL;
    return run;
}

static bool changes_records(const struct cloud_request *req)
{
    return !strcmp(req->operation, "ChangeResourceRecordSets");
}

/* Whether a batch changes what users are answered, and not only what is noted. */
static bool shifts(const struct cloud_request *req)
{
    struct buf b;
    struct arena *a = arena_new("batch");
    buf_init(&b, a);
    value_json(&b, req->input, 0);
    bool yes = changes_records(req) && strstr(buf_text(&b), "\"Weight\"");
    arena_free(a);
    return yes;
}

static struct value *zone_records(struct stage *s, const char **zone)
{
    const struct value *all = sandbox_inventory(s->rig.box, s->rig.a);
    for (size_t i = 0; i < all->list.n; i++)
        if (!strcmp(value_get_string(all->list.at[i], "type"), "route53.zone"))
            *zone = value_get_string(all->list.at[i], "id");
    struct cloud_request req = {.service = "route53", .operation = "ListResourceRecordSets",
                                .input = value_map_one(s->rig.a, "HostedZoneId", value_string(s->rig.a, *zone))};
    struct cloud_reply r;
    assert_true(cloud_call(s->hand, s->rig.a, &req, &r));
    return value_get(r.output, "ResourceRecordSets");
}

/* The share of the newer of two worlds in percent; of one world 100. */
static int64_t smallest_weight(struct stage *s)
{
    const char *zone;
    struct value *sets = zone_records(s, &zone);
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < sets->list.n; i++)
        if (value_get(sets->list.at[i], "Weight") && !strcmp(value_get_string(sets->list.at[i], "Type"), "A")) {
            const struct value *w = value_get(sets->list.at[i], "Weight");
            int64_t n = w->kind == V_INT ? w->i : strtoll(w->s, NULL, 10);
            least = n < least ? n : least;
        }
    return least;
}

/* ---- batches that do not fit ------------------------------------------------------ */

/* What AWS says of an alias to what was removed by hand. */
static const struct cloud_error *no_such_alias(void *self, const struct cloud_request *req)
{
    static const struct cloud_error e = {.code = "InvalidChangeBatch", .http_status = 400,
                                         .message = "the alias target name does not lie within the target zone"};
    struct stage *s = self;
    if (!shifts(req))
        return NULL;
    s->shifts++;
    return &e;
}

static void test_a_batch_that_aws_never_takes(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    struct run run = upgrade(&s, no_such_alias);
    assert_int_equal(run.exit_code, 7);
    assert_int_equal(s.shifts, 5);
    assert_non_null(strstr(said(&s.rig), "error[BG6012]"));
    assert_non_null(strstr(said(&s.rig), "the alias target name does not lie within the target zone"));
    assert_int_equal(smallest_weight(&s), 100); /* the old world has everything */
    /* Once it is mended the same command goes on. */
    diags_rewind(&s.rig.ds, 0);
    assert_int_equal(upgrade(&s, NULL).exit_code, 0);
    rig_close(&s.rig);
}

/* Some other tool turns a flag of a record round just before every batch: what was read is
 * not there any more, and the record of the rollout is still the run's. */
static const struct cloud_error *somebody_else(void *self, const struct cloud_request *req)
{
    struct stage *s = self;
    const char *zone;
    if (!shifts(req))
        return NULL;
    s->shifts++;
    struct arena *a = s->rig.a;
    struct value *sets = zone_records(s, &zone);
    for (size_t i = 0; i < sets->list.n; i++) {
        struct value *set = cloud_value_copy(a, sets->list.at[i]), *alias = value_get(set, "AliasTarget");
        if (!alias || strcmp(value_get_string(set, "Type"), "A"))
            continue;
        const struct value *was = value_get(alias, "EvaluateTargetHealth");
        bool healthy = was && (was->kind == V_BOOL ? was->b : !strcmp(was->s, "true"));
        value_put(alias, "EvaluateTargetHealth", value_bool(a, !healthy));
        struct value *change = value_map(a), *in = value_map(a);
        value_put(change, "Action", value_string(a, "UPSERT"));
        value_put(change, "ResourceRecordSet", set);
        value_put(in, "HostedZoneId", value_string(a, zone));
        value_put(in, "ChangeBatch", value_map_one(a, "Changes", value_list_one(a, change)));
        struct cloud_request by_hand = {.service = "route53", .operation = "ChangeResourceRecordSets", .input = in, .mutating = true};
        struct cloud_reply r;
        assert_true(cloud_call(s->hand, a, &by_hand, &r));
        break;
    }
    return NULL;
}

static void test_somebody_who_writes_all_the_time(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    struct run run = upgrade(&s, somebody_else);
    assert_int_equal(run.exit_code, 7);
    assert_int_equal(s.shifts, 5);
    assert_non_null(strstr(said(&s.rig), "error[BG6012]"));
    assert_int_equal(smallest_weight(&s), 100);
    diags_rewind(&s.rig.ds, 0);
    assert_int_equal(upgrade(&s, NULL).exit_code, 0);
    rig_close(&s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_that_aws_never_takes),
        cmocka_unit_test(test_somebody_who_writes_all_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
