#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "cloud/retry.h"
#include "cloud/services.h"
#include "cloud/throttle.h"
#include "cloud/trace.h"

/* An inner cloud on a clock of its own: what it answers is a script, each call
 * takes `latency`, and waiting moves the clock. */
struct fake {
    struct clock clock;
    int64_t now, latency;
    struct cloud cloud;
    struct cloud_error script[64]; /* code NULL: success */
    size_t nscript, sent;
    int64_t sent_at[64];
    uint64_t open[64];
    int64_t done_at[64];
    size_t first, n;
};

static int64_t fake_now(void *self)
{
    return ((struct fake *)self)->now;
}

static uint64_t fake_submit(void *self, const struct cloud_request *req)
{
    struct fake *f = self;
    assert_non_null(req->operation);
    f->sent_at[f->sent] = f->now;
    f->open[f->n] = f->sent + 100;
    f->done_at[f->n++] = f->now + f->latency;
    return f->sent++ + 100;
}

static bool fake_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct fake *f = self;
    if (f->first == f->n || f->done_at[f->first] > deadline) {
        if (deadline > f->now)
            f->now = deadline;
        return false;
    }
    if (f->done_at[f->first] > f->now)
        f->now = f->done_at[f->first];
    uint64_t ticket = f->open[f->first++];
    *out = (struct cloud_reply){.ticket = ticket, .ok = true, .output = value_map(a)};
    size_t i = ticket - 100;
    if (i < f->nscript && f->script[i].code) {
        out->ok = false;
        out->error = f->script[i];
    }
    return true;
}

static const struct cloud_ops fake_ops = {.submit = fake_submit, .wait = fake_wait};

static struct cloud *make(struct arena *a, struct fake *f, const char *record)
{
    const char *why;
    f->latency = 10;
    f->clock = (struct clock){.now = fake_now, .self = f};
    f->cloud = (struct cloud){&fake_ops, f, &f->clock, NULL};
    struct value *map = value_map(a);
    if (record)
        value_put(map, "svc", value_from_json(a, record, strlen(record), &why));
    struct retry_config cfg = {.services = service_source_of_map(map), .seed = 7};
    return retry_new(a, &f->cloud, &cfg);
}

static const struct cloud_request READ = {.service = "svc", .operation = "Read"};
static const struct cloud_request WRITE = {
    .service = "svc", .operation = "Write", .mutating = true};
#define THROTTLED                                                                                  \
    ((struct cloud_error){.code = "Throttling", .throttled = true, .http_status = 400})
#define BROKEN ((struct cloud_error){.code = "InternalError", .http_status = 500})
#define LOST ((struct cloud_error){.code = CLOUD_ERR_LOST})
#define LOST_WRITE ((struct cloud_error){.code = CLOUD_ERR_LOST, .ambiguous = true})

static void test_succeeds_after_two(void **state)
{
    struct arena *a = *state;
    struct fake f = {.script = {THROTTLED, BROKEN}, .nscript = 2};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    assert_true(cloud_call(c, a, &READ, &r));
    assert_int_equal(f.sent, 3);
    assert_in_range(f.sent_at[1] - f.sent_at[0], 10, 1010);
    assert_in_range(f.sent_at[2] - f.sent_at[1], 10, 110); /* 50 ms x 2^1 at most */
    assert_int_equal(retry_stats(c).quota, 500 - 5 - 14 + 14);
    cloud_free(c);
}

static void test_three_attempts(void **state)
{
    struct arena *a = *state;
    struct fake f = {.script = {BROKEN, BROKEN, BROKEN, BROKEN}, .nscript = 4};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    assert_false(cloud_call(c, a, &WRITE, &r));
    assert_string_equal(r.error.code, "InternalError");
    assert_int_equal(f.sent, 3);
    cloud_free(c);
}

static void test_ambiguous_writes_are_handed_up(void **state)
{
    struct arena *a = *state;
    struct fake f = {.script = {LOST_WRITE, LOST}, .nscript = 2};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    assert_false(cloud_call(c, a, &WRITE, &r));
    assert_true(r.error.ambiguous);
    assert_int_equal(f.sent, 1);
    assert_true(cloud_call(c, a, &READ, &r)); /* a lost read is repeated */
    assert_int_equal(f.sent, 3);
    cloud_free(c);
}

static void test_real_errors_stand(void **state)
{
    struct arena *a = *state;
    struct fake f = {.script = {{.code = "InvalidGroup.NotFound", .http_status = 400}},
                     .nscript = 1};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    assert_false(cloud_call(c, a, &READ, &r));
    assert_int_equal(f.sent, 1);
    cloud_free(c);
}

static void test_retry_after(void **state)
{
    struct arena *a = *state;
    struct cloud_error e = THROTTLED;
    e.retry_after_ms = 5000;
    struct fake f = {.script = {e}, .nscript = 1};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    assert_true(cloud_call(c, a, &READ, &r));
    assert_in_range(f.sent_at[1] - f.sent_at[0], 5010, 5011);
    cloud_free(c);
}

static void test_quota_runs_out(void **state)
{
    struct arena *a = *state;
    struct fake f = {0};
    f.nscript = 64;
    for (size_t i = 0; i < 64; i++)
        f.script[i] = BROKEN;
    struct cloud *c = make(a, &f, NULL);
    struct cloud_reply r;
    size_t calls = 0;
    for (; calls < 19; calls++) {
        f.first = f.n = 0;
        assert_false(cloud_call(c, a, &READ, &r));
    }
    /* 500 / 14 = 35 retries, then every call is sent just once */
    assert_int_equal(retry_stats(c).retries, 35);
    assert_int_equal(f.sent, 19 + 35);
    cloud_free(c);
}

static void test_lease(void **state)
{
    struct arena *a = *state;
    struct cloud_error e = THROTTLED;
    e.retry_after_ms = 5000;
    struct fake f = {.script = {e}, .nscript = 1};
    struct cloud *c = make(a, &f, NULL);
    struct cloud_request req = WRITE;
    req.not_after = 1000;
    struct cloud_reply r;
    assert_false(cloud_call(c, a, &req, &r));
    assert_string_equal(r.error.code, CLOUD_ERR_LATE);
    assert_int_equal(f.sent, 1);
    cloud_free(c);
}

/* Waiting for one thing does not hold up another, and deadlines are kept. */
static void test_not_blocking(void **state)
{
    struct arena *a = *state;
    struct cloud_error e = THROTTLED;
    e.retry_after_ms = 5000;
    struct fake f = {.script = {e}, .nscript = 1};
    struct cloud *c = make(a, &f, NULL);
    uint64_t slow = cloud_submit(c, &READ), quick = cloud_submit(c, &WRITE);
    struct cloud_reply r;
    assert_true(cloud_wait(c, a, 100, &r));
    assert_int_equal(r.ticket, quick);
    assert_false(cloud_wait(c, a, 100, &r));
    assert_int_equal(f.now, 100);
    assert_true(cloud_wait(c, a, 100000, &r));
    assert_int_equal(r.ticket, slow);
    assert_true(r.ok);
    cloud_free(c);
}

static void test_buckets(void **state)
{
    struct arena *a = *state;
    struct fake f = {0};
    struct cloud *c = make(a, &f,
                           "{\"throttle\": {\"write\": {\"capacity\": 5, \"per_second\": 2},"
                           "\"operations\": {\"Slow\": {\"capacity\": 1, \"per_second\": 0.2}}}}");
    for (int i = 0; i < 9; i++)
        cloud_submit(c, &WRITE);
    struct cloud_request slow = {.service = "svc", .operation = "Slow", .mutating = true};
    cloud_submit(c, &slow);
    cloud_submit(c, &slow);
    cloud_submit(c, &READ); /* no figure: at once */
    struct cloud_reply r;
    for (int i = 0; i < 12; i++)
        assert_true(cloud_wait(c, a, 1000000, &r));
    int at_once = 0;
    for (size_t i = 0; i < f.sent; i++)
        at_once += f.sent_at[i] == 0;
    assert_int_equal(at_once, 5 + 1 + 1);
    assert_in_range(f.sent_at[f.sent - 1], 5000, 5010); /* the second Slow */
    assert_in_range(f.now, 5000, 5050);
    assert_int_equal(retry_stats(c).held, 5);
    cloud_free(c);
}

/* Buckets of different accounts are different. */
static void test_buckets_by_account(void **state)
{
    struct arena *a = *state;
    struct fake f = {0};
    struct cloud *c =
        make(a, &f, "{\"throttle\": {\"all\": {\"capacity\": 1, \"per_second\": 1}}}");
    struct cloud_request dns = READ;
    dns.account = "dns";
    cloud_submit(c, &READ);
    cloud_submit(c, &dns);
    struct cloud_reply r;
    assert_true(cloud_wait(c, a, 100, &r) && cloud_wait(c, a, 100, &r));
    assert_int_equal(f.sent_at[1], 0);
    cloud_free(c);
}

static void test_trace_counts(void **state)
{
    struct arena *a = *state;
    struct fake f = {.script = {THROTTLED}, .nscript = 1};
    struct cloud *c = make(a, &f, NULL);
    f.cloud.trace = trace_new(a, NULL);
    struct cloud_reply r;
    assert_true(cloud_call(c, a, &READ, &r));
    assert_int_equal(trace_total(f.cloud.trace), 2);
    assert_int_equal(trace_calls(f.cloud.trace, "svc", "Read"), 2);
    assert_int_equal(trace_calls(f.cloud.trace, "svc", NULL), 2);
    assert_int_equal(trace_calls(f.cloud.trace, "svc", "Write"), 0);
    size_t n;
    assert_int_equal(trace_counts(f.cloud.trace, &n)[0].throttled, 1);
    cloud_free(c);
}

static int setup(void **state)
{
    *state = arena_new("test");
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_succeeds_after_two),
        T(test_three_attempts),
        T(test_ambiguous_writes_are_handed_up),
        T(test_real_errors_stand),
        T(test_retry_after),
        T(test_quota_runs_out),
        T(test_lease),
        T(test_not_blocking),
        T(test_buckets),
        T(test_buckets_by_account),
        T(test_trace_counts),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
