/* A run to which AWS, or somebody else's hand, says no. */
#include "flaky.h"
#include "runs.h"

static const char one_world[] = ONE_WORLD("", "",
    "  shift  10% for 30m while well\n"
    "  approve \"lead\" within 4h while well\n"
    "  shift  100% for 10m while well\n"
    "  bake   30m while well\n");

struct stage {
    struct rig rig;
    struct refuser refuser;
    struct cloud *cloud;
    struct store *store;
    struct cloud *hand; /* somebody else's */
    struct flaky flaky; /* before the store */
    size_t shifts;      /* batches that change weights, sent or refused */
    int64_t since;      /* when the first share was given; 0 */
    int64_t back;       /* when the share was to be taken back first; 0 */
    int64_t for_ms;     /* for how long after the first share calls are refused */
    int64_t end;        /* of the credentials */
    bool silent_lead;   /* nobody approves */
};

static bool approves(void *self, const char *role)
{
    (void)role;
    return !((struct stage *)self)->silent_lead;
}

static int64_t credentials_end(void *self)
{
    return ((struct stage *)self)->end;
}

static void open_stage(struct stage *s)
{
    *s = (struct stage){0};
    rig_program(&s->rig, one_world);
    assert_true(program_check(s->rig.program));
    rig_account(&s->rig);
    s->store = store_memory(s->rig.a, sandbox_objects(s->rig.box));
    flaky_init(&s->flaky, s->store);
    s->end = INT64_MAX;
    s->cloud = refuser_init(&s->refuser, &s->rig);
    s->hand = sandbox_cloud(s->rig.box, s->rig.a);
    assert_int_equal(run_of(&s->rig, s->store, s->cloud, NULL, "t2.small").exit_code, 0);
    cloud_sleep(s->cloud, clock_now(s->cloud->clock) + 30 * MINUTE);
}

static struct run upgrade(struct stage *s, const struct cloud_error *(*refuse)(void *, const struct cloud_request *))
{
    s->refuser.refuse = refuse;
    s->refuser.self = s;
    struct run_args args = {.mode = RUN_APPLY, .approve = approves, .credentials_end = credentials_end, .self = s,
                            .command_tail = " one.bg"};
    struct run run = run_of(&s->rig, &s->flaky.store, s->cloud, &args, "t3.small");
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

/* Of two worlds the newer one's, as long as it has the smaller share; of one world 100. */
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

/* ---- credentials that end, and permissions that are taken away --------------------------- */

/* When the share was given, and whether it is refused what comes behind it. */
static bool shut(struct stage *s, const struct cloud_request *req)
{
    int64_t now = clock_now(s->hand->clock);
    if (shifts(req)) {
        s->shifts++;
        if (!s->since) {
            s->since = now;
            return false;
        }
        s->back = s->back ? s->back : now;
    }
    /* Records come into sync first: what was begun is seen through. */
    return s->since && now >= s->since + 5 * MINUTE && now < s->since + 5 * MINUTE + s->for_ms;
}

static const struct cloud_error *no_metrics(void *self, const struct cloud_request *req)
{
    static const struct cloud_error e = {.code = "AccessDenied", .http_status = 403, .message = "not authorized"};
    return shut(self, req) && !strcmp(req->operation, "GetMetricData") ? &e : NULL;
}

static const struct cloud_error *nothing(void *self, const struct cloud_request *req)
{
    static const struct cloud_error e = {.code = "ExpiredToken", .http_status = 403, .message = "the security token is expired"};
    return shut(self, req) ? &e : NULL;
}

/* A hold waits for data, but not for what AWS refuses to say. */
static void test_a_share_that_may_not_be_watched_goes_back(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = INT64_MAX / 2;
    assert_int_equal(upgrade(&s, no_metrics).exit_code, 3);
    assert_int_equal(smallest_weight(&s), 100);
    int64_t after = s.back - s.since - 5 * MINUTE;
    assert_in_range(after, 5 * MINUTE, 6 * MINUTE);
    rig_close(&s.rig);
}

/* For less than that nothing happens: credentials are renewed. */
static void test_a_moment_without_credentials(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = 4 * MINUTE;
    assert_int_equal(upgrade(&s, nothing).exit_code, 0);
    assert_null(strstr(said(&s.rig), "error"));
    rig_close(&s.rig);
}

/* Nothing can be written either: it is tried again, and goes back as soon as it can. */
static void test_credentials_that_come_back(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = 12 * MINUTE;
    assert_int_equal(upgrade(&s, nothing).exit_code, 3);
    assert_int_equal(smallest_weight(&s), 100);
    assert_null(strstr(said(&s.rig), "BG6014"));
    rig_close(&s.rig);
}

/* And when they do not, everybody is told what to type. */
static void test_credentials_that_are_gone(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = INT64_MAX / 2;
    assert_int_equal(upgrade(&s, nothing).exit_code, 1);
    assert_in_range(clock_now(s.hand->clock) - s.since, 25 * MINUTE, 28 * MINUTE);
    const char *text = said(&s.rig);
    assert_non_null(strstr(text, "error[BG6014]"));
    assert_non_null(strstr(text, "keeps 10 % of the traffic"));
    assert_non_null(strstr(text, "there is no kill switch"));
    assert_non_null(strstr(text, "run `bgc rollback one.bg` as soon as AWS answers"));
    assert_non_null(strstr(text, "aws route53 change-resource-record-sets --hosted-zone-id"));
    assert_int_equal(smallest_weight(&s), 10);
    diags_rewind(&s.rig.ds, 0);
    struct run_args back = {.mode = RUN_ROLLBACK, .plan.tolerant = true};
    assert_int_equal(run_of(&s.rig, s.store, s.cloud, &back, "t3.small").exit_code, 0);
    assert_int_equal(smallest_weight(&s), 100);
    rig_close(&s.rig);
}

/* Somebody is slow to approve, and keys that nothing renews end meanwhile: traffic goes
 * back while they still last. */
static const struct cloud_error *ending(void *self, const struct cloud_request *req)
{
    struct stage *s = self;
    (void)shut(s, req);
    if (s->since && s->end == INT64_MAX)
        s->end = s->since + 90 * MINUTE;
    return NULL;
}

static void test_credentials_that_end_while_a_person_is_waited_for(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.silent_lead = true;
    assert_int_equal(upgrade(&s, ending).exit_code, 3);
    assert_int_equal(smallest_weight(&s), 100);
    assert_true(s.back < s.end - 2 * MINUTE);
    assert_true(s.back > s.end - 15 * MINUTE);
    rig_close(&s.rig);
}

/* A store that does not answer for a moment leaves no share alone. */
static const struct cloud_error *no_store(void *self, const struct cloud_request *req)
{
    struct stage *s = self;
    s->flaky.list_fails = shut(s, req);
    return NULL;
}

static void test_a_store_that_does_not_answer(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = 8 * MINUTE;
    assert_int_equal(upgrade(&s, no_store).exit_code, 0);
    assert_null(strstr(said(&s.rig), "error"));
    rig_close(&s.rig);
}

/* With the lease nothing may be written any more: what stays is said then, too. */
static const struct cloud_error *store_gone(void *self, const struct cloud_request *req)
{
    struct stage *s = self;
    s->flaky.put_fails = shut(s, req);
    return NULL;
}

static void test_a_store_that_is_gone(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s);
    s.for_ms = INT64_MAX / 2;
    assert_int_equal(upgrade(&s, store_gone).exit_code, 4);
    const char *text = said(&s.rig);
    assert_non_null(strstr(text, "error[BG6102]"));
    assert_non_null(strstr(text, "error[BG6014]"));
    assert_non_null(strstr(text, "run `bgc rollback one.bg`"));
    rig_close(&s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_that_aws_never_takes),
        cmocka_unit_test(test_somebody_who_writes_all_the_time),
        cmocka_unit_test(test_a_share_that_may_not_be_watched_goes_back),
        cmocka_unit_test(test_a_moment_without_credentials),
        cmocka_unit_test(test_credentials_that_come_back),
        cmocka_unit_test(test_credentials_that_are_gone),
        cmocka_unit_test(test_credentials_that_end_while_a_person_is_waited_for),
        cmocka_unit_test(test_a_store_that_does_not_answer),
        cmocka_unit_test(test_a_store_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
