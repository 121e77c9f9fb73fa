#include "cloud/retry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cloud/throttle.h"

enum {
    QUOTA = 500,
    COST_THROTTLED = 5,
    COST_OTHER = 14,
    DELAY_MAX_MS = 20000,
    BASE_THROTTLED_MS = 1000,
    BASE_OTHER_MS = 50,
    ATTEMPTS = 3
};

/* A call that the caller waits for. */
struct attempt {
    uint64_t ticket; /* ours */
    uint64_t inner;  /* the inner cloud's; 0: laid aside */
    struct arena *arena;
    struct cloud_request req;
    struct throttle_bucket *bucket; /* NULL: unlimited */
    int tried, cost;                /* cost: what its last retry took from the quota */
    int64_t due;                    /* schedule ms; not to be submitted before */
    bool held;
    struct attempt *next;
};

struct retry {
    struct cloud cloud, *inner;
    struct arena *arena;
    struct retry_config cfg;
    uint64_t rng, last;
    struct attempt *open, **tail; /* in order of submission */
    struct map buckets;           /* "account service bucket" -> struct throttle_bucket * */
    struct retry_stats stats;
};

bool retry_code_throttles(const char *code)
{
    static const char *const codes[] = {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
    };
    for (size_t i = 0; code && i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(code, codes[i]))
            return true;
    return false;
}

static bool transient(const struct cloud_error *e)
{
    static const char *const codes[] = {"RequestTimeout",  "RequestTimeoutException",
                                        CLOUD_ERR_CONNECT, CLOUD_ERR_LOST,
                                        CLOUD_ERR_TIMEOUT, CLOUD_ERR_MALFORMED};
    int s = e->http_status;
    if (s == 500 || s == 502 || s == 503 || s == 504)
        return true;
    for (size_t i = 0; e->code && i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(e->code, codes[i]))
            return true;
    return false;
}

/* SplitMix64 (Steele, Lea, Flood 2014). [0, 1) */
static double unit(struct retry *r)
{
    uint64_t z = r->rng += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* ---- time: buckets and delays are real, the schedule clock may run faster -- */

static int64_t schedule_span(const struct retry *r, int64_t real_ms)
{
    return (int64_t)ceil((double)real_ms * clock_speed(r->cloud.clock));
}

static int64_t real_now(const struct retry *r)
{
    return (int64_t)((double)clock_now(r->cloud.clock) / clock_speed(r->cloud.clock));
}

/* ---- buckets ----------------------------------------------------------- */

static struct throttle_bucket *bucket_of(struct retry *r, const struct cloud_request *req)
{
    struct throttle_rule rule;
    if (r->cfg.no_buckets ||
        !throttle_rule(service_find(&r->cfg.services, req->service), req, &rule))
        return NULL;
    char key[300];
    snprintf(key, sizeof key, "%s %s %s", req->account ? req->account : "", req->service,
             rule.bucket);
    struct throttle_bucket *b = map_find(&r->buckets, key);
    if (!b) {
        b = arena_make(r->arena, struct throttle_bucket);
        throttle_init(b, &rule, real_now(r));
        map_put(&r->buckets, arena_strdup(r->arena, key), b);
    }
    return b;
}

/* ---- submitting -------------------------------------------------------- */

static uint64_t submit(void *self, const struct cloud_request *req)
{
    struct retry *r = self;
    struct arena *a = arena_new("attempt");
    struct attempt *t = arena_make(a, struct attempt);
    t->arena = a;
    t->ticket = ++r->last;
    t->req = cloud_request_copy(a, req);
    t->bucket = bucket_of(r, req);
    *r->tail = t;
    r->tail = &t->next;
    return t->ticket;
}

static void take_out(struct retry *r, struct attempt *t)
{
    struct attempt **at = &r->open;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (!*at)
        r->tail = at;
    arena_free(t->arena);
}

/* Submits what is due; first come, first served in each bucket. Returns when
 * the next one will be, or INT64_MAX. */
static int64_t submit_due(struct retry *r)
{
    int64_t now = clock_now(r->cloud.clock), next = INT64_MAX;
    for (struct attempt *t = r->open; t; t = t->next) {
        if (t->inner)
            continue;
        int64_t at = t->due;
        if (at <= now) {
            int64_t hold = t->bucket ? throttle_take(t->bucket, real_now(r)) : 0;
            if (!hold) {
                t->inner = cloud_submit(r->inner, &t->req);
                t->tried++;
                continue;
            }
            r->stats.held += !t->held;
            t->held = true;
            at = now + schedule_span(r, hold);
        }
        if (at < next)
            next = at;
    }
    return next;
}

/* The first call laid aside whose lease has run out; NULL. */
static struct attempt *too_late(struct retry *r)
{
    int64_t now = clock_now(r->cloud.clock);
    for (struct attempt *t = r->open; t; t = t->next)
        if (!t->inner && t->req.not_after && now > t->req.not_after)
            return t;
    return NULL;
}

static void reply_late(struct retry *r, struct attempt *t, struct arena *a, struct cloud_reply *out)
{
    *out = (struct cloud_reply){.ticket = t->ticket};
    out->error.code = CLOUD_ERR_LATE;
    out->error.message = arena_printf(a, "%s %s was not sent%s: its time had passed",
                                      t->req.service, t->req.operation, t->tried ? " again" : "");
    take_out(r, t);
}

/* ---- replies ----------------------------------------------------------- */

static int64_t delay_ms(struct retry *r, const struct attempt *t, const struct cloud_error *e)
{
    double base = e->throttled ? BASE_THROTTLED_MS : BASE_OTHER_MS;
    double ms = unit(r) * fmin(base * pow(2, t->tried - 1), DELAY_MAX_MS);
    double asked = fmin((double)e->retry_after_ms, DELAY_MAX_MS);
    return (int64_t)ceil(fmax(ms, asked));
}

/* Lays the call aside for another attempt; false: the reply stands. */
static bool again(struct retry *r, struct attempt *t, const struct cloud_error *e)
{
    if (e->throttled) {
        r->stats.throttled++;
        if (t->bucket)
            throttle_empty(t->bucket, real_now(r));
    }
    if (t->tried >= (r->cfg.attempts ? r->cfg.attempts : ATTEMPTS))
        return false;
    if (!e->throttled && (!transient(e) || (t->req.mutating && e->ambiguous)))
        return false;
    int cost = e->throttled ? COST_THROTTLED : COST_OTHER;
    if (r->stats.quota < cost)
        return false;
    r->stats.quota -= cost;
    r->stats.retries++;
    t->cost = cost;
    t->inner = 0;
    t->due = clock_now(r->cloud.clock) + schedule_span(r, delay_ms(r, t, e));
    return true;
}

static void refill(struct retry *r, const struct attempt *t)
{
    r->stats.quota += t->cost ? t->cost : 1;
    if (r->stats.quota > QUOTA)
        r->stats.quota = QUOTA;
}

static struct attempt *find(struct retry *r, uint64_t inner)
{
    for (struct attempt *t = r->open; t; t = t->next)
        if (t->inner == inner)
            return t;
    return NULL;
}

static bool wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct retry *r = self;
    for (;;) {
        struct attempt *late = too_late(r);
        if (late) {
            reply_late(r, late, a, out);
            return true;
        }
        int64_t next = submit_due(r), until = next < deadline ? next : deadline;
        if (!cloud_wait(r->inner, a, until, out)) {
            int64_t now = clock_now(r->cloud.clock);
            if (now >= deadline || now < until) /* or the inner cloud was woken */
                return false;
            continue;
        }
        struct attempt *t = find(r, out->ticket);
        if (!t)
            continue;
        if (!out->ok && again(r, t, &out->error))
            continue;
        if (out->ok)
            refill(r, t);
        out->ticket = t->ticket;
        take_out(r, t);
        return true;
    }
}

static void retry_free(void *self)
{
    struct retry *r = self;
    while (r->open)
        take_out(r, r->open);
    cloud_free(r->inner);
}

static void retry_declare(void *self, const char *alias, const char *role)
{
    const struct retry *r = self;
    cloud_declare(r->inner, alias, role);
}

static const struct cloud_ops ops = {submit, wait, retry_free, retry_declare};

struct cloud *retry_new(struct arena *a, struct cloud *inner, const struct retry_config *cfg)
{
    struct retry *r = arena_make(a, struct retry);
    r->arena = a;
    r->cfg = *cfg;
    r->inner = inner;
    r->rng = cfg->seed;
    r->tail = &r->open;
    r->stats.quota = QUOTA;
    map_init(&r->buckets, a);
    r->cloud = (struct cloud){&ops, r, inner->clock, NULL};
    return &r->cloud;
}

struct retry_stats retry_stats(const struct cloud *c)
{
    return ((const struct retry *)c->self)->stats;
}
