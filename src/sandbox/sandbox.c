/* The seam: clients, calls under way, and the clock that waiting advances. */
#include "sandbox/account.h"

#include <string.h>

#include "cloud/services.h"
#include "cloud/throttle.h"

enum {
    LOST_AFTER_MS = 5000, /* when a client gives up on a reply */
    READ_MS = 60,
    WRITE_MS = 150,
    SPREAD_MS = 220, /* a call takes so long, and up to that much more */
};

/* ---- the clock ---------------------------------------------------------------- */

static int64_t clock_of(void *self)
{
    return ((const struct sandbox *)self)->now;
}

static int64_t model_next(struct sandbox *s)
{
    if (s->dirty) {
        s->dirty = false;
        int64_t zones = zones_step(s), fleet = fleet_step(s), grown = birth_next(s);
        traffic_rebuild(s);
        s->dirty = false; /* what the model itself has set needs no second look */
        s->next = zones < fleet ? zones : fleet;
        s->next = grown < s->next ? grown : s->next;
    }
    return s->next;
}

void sandbox_refresh(struct sandbox *s)
{
    model_next(s);
}

void sandbox_advance(struct sandbox *s, int64_t to)
{
    while (s->now < to) {
        int64_t minute = s->now / MINUTE, end = (minute + 1) * MINUTE;
        int64_t next = model_next(s), t = to;
        if (end < t)
            t = end;
        if (next > s->now && next < t)
            t = next;
        traffic_flow(s, t);
        s->now = t;
        if (t == end) {
            traffic_minute(s, minute);
            metrics_minute(s, minute);
            fleet_minute(s);
        }
        if (t >= next)
            s->dirty = true;
    }
}

/* ---- calls -------------------------------------------------------------------- */

static void take_effect(struct sandbox *s, struct call *c)
{
    c->done = true;
    sandbox_refresh(s);
    sandbox_carry_out(s, c);
    if (!c->reply.ok)
        c->reply.request_id = c->reply.error.request_id;
}

static void lose(struct call *c, const char *code, const char *what, bool ambiguous)
{
    c->reply.ok = false;
    c->reply.output = NULL;
    c->reply.error = (struct cloud_error){.code = code, .message = what, .ambiguous = ambiguous};
}

/* The outcome that a fault gives a call, where it is decided without the account. */
static bool refused(struct call *c)
{
    struct cloud_error *e = &c->reply.error;
    switch (c->fault) {
    case CALL_FAULT_THROTTLE:
        *e = (struct cloud_error){.code = "Throttling",
                                  .message = "Rate exceeded",
                                  .http_status = 400,
                                  .throttled = true};
        return true;
    case CALL_FAULT_5XX:
        *e = (struct cloud_error){
            .code = "ServiceUnavailable", .message = "Service is unavailable", .http_status = 503};
        return true;
    case CALL_FAULT_UNSENT: lose(c, CLOUD_ERR_CONNECT, "connection refused", false); return true;
    default: return false;
    }
}

/* AWS's own buckets, in virtual time. */
static bool over_quota(struct sandbox *s, const struct call *c)
{
    const struct decl *d = s->throttles ? program_service(s->ss->program, c->req.service) : NULL;
    struct throttle_rule rule;
    if (!d || !throttle_rule(service_record(c->arena, d), &c->req, &rule))
        return false;
    const char *key = arena_printf(s->arena, "%s %s %s", c->req.account ? c->req.account : "",
                                   c->req.service, rule.bucket);
    struct throttle_bucket *b = map_find(&s->buckets, key);
    if (!b) {
        b = arena_make(s->arena, struct throttle_bucket);
        throttle_init(b, &rule, s->now);
        map_put(&s->buckets, key, b);
    }
    return throttle_take(b, s->now) > 0;
}

static uint64_t submit(void *self, const struct cloud_request *req)
{
    struct client *cl = self;
    struct sandbox *s = cl->s;
    struct arena *a = arena_new("call");
    struct call *c = arena_make(a, struct call);
    *c = (struct call){.client = cl,
                       .arena = a,
                       .ticket = ++cl->last,
                       .ordinal = ++s->ordinal,
                       .submitted = s->now};
    c->req = cloud_request_copy(a, req);
    int64_t delay = 0;
    if (s->hook.decide)
        c->fault = s->hook.decide(s->hook.self, c->ordinal, &c->req, &delay);
    if (c->fault == CALL_FAULT_DIE_BEFORE) {
        cl->dead = true;
        arena_free(a);
        s->hook.die(s->hook.self);
    }
    double share = noise_unit(sandbox_noise(s, "latency", (int64_t)c->ordinal));
    int64_t took = (req->mutating ? WRITE_MS : READ_MS) + (int64_t)(share * SPREAD_MS);
    c->effect_at = s->now + took / 2 + delay;
    c->reply_at = s->now + took + delay;
    struct call **end = &s->calls;
    while (*end)
        end = &(*end)->next;
    *end = c;
    if (req->not_after && s->now > req->not_after) {
        lose(c, CLOUD_ERR_LATE, "its time had passed before it was sent", false);
        c->done = true;
        c->reply_at = s->now;
    } else if (refused(c)) {
        c->done = true;
    } else if (over_quota(s, c)) {
        c->fault = CALL_FAULT_THROTTLE;
        c->done = refused(c);
    } else if (c->fault == CALL_FAULT_LOST) {
        c->reply_at = s->now + LOST_AFTER_MS;
    } else if (c->fault == CALL_FAULT_DIE_AFTER) {
        take_effect(s, c);
        cl->dead = true;
        s->hook.die(s->hook.self);
    }
    return c->ticket;
}

static void drop(struct sandbox *s, struct call *c)
{
    struct call **at = &s->calls;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    arena_free(c->arena);
}

/* What has happened by now: effects in the order of their moments; replies to
 * the dead are dropped. */
static void settle(struct sandbox *s)
{
    for (;;) {
        struct call *first = NULL;
        for (struct call *c = s->calls; c; c = c->next)
            if (!c->done && c->effect_at <= s->now && (!first || c->effect_at < first->effect_at))
                first = c;
        if (!first)
            break;
        take_effect(s, first);
        if (first->fault == CALL_FAULT_LOST)
            lose(first, CLOUD_ERR_LOST, "the connection was closed before an answer came", true);
    }
    for (struct call *c = s->calls, *next; c; c = next) {
        next = c->next;
        if (c->done && c->client->dead)
            drop(s, c);
    }
}

/* The next moment at which something of the calls happens, at least `now`. */
static int64_t next_moment(const struct sandbox *s, const struct client *cl)
{
    int64_t t = INT64_MAX;
    for (const struct call *c = s->calls; c; c = c->next) {
        if (!c->done && c->effect_at < t)
            t = c->effect_at;
        if (c->done && c->client == cl && c->reply_at < t)
            t = c->reply_at;
    }
    return t;
}

static struct call *arrived(const struct sandbox *s, const struct client *cl)
{
    struct call *best = NULL;
    for (struct call *c = s->calls; c; c = c->next)
        if (c->client == cl && c->done && c->reply_at <= s->now &&
            (!best || c->reply_at < best->reply_at))
            best = c;
    return best;
}

static const char *text_copy(struct arena *a, const char *t)
{
    return t ? arena_strdup(a, t) : NULL;
}

static void deliver(struct sandbox *s, struct arena *a, struct call *c, struct cloud_reply *out)
{
    *out = c->reply;
    out->ticket = c->ticket;
    out->duration_ms = s->now - c->submitted;
    out->output = cloud_value_copy(a, c->reply.output);
    out->error.code = text_copy(a, c->reply.error.code);
    out->error.message = text_copy(a, c->reply.error.message);
    if (out->ok || out->error.http_status)
        out->request_id = out->error.request_id =
            arena_printf(a, "sandbox-%llu", (unsigned long long)c->ordinal);
    drop(s, c);
}

static bool wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct client *cl = self;
    struct sandbox *s = cl->s;
    for (;;) {
        settle(s);
        struct call *c = arrived(s, cl);
        if (c) {
            deliver(s, a, c, out);
            return true;
        }
        int64_t next = next_moment(s, cl);
        if (next > deadline)
            next = deadline;
        if (next == INT64_MAX || s->now >= deadline)
            return false;
        sandbox_advance(s, next > s->now ? next : s->now);
    }
}

/* Its replies have nobody to go to; what it sent still takes effect. */
static void client_free(void *self)
{
    ((struct client *)self)->dead = true;
}

/* The account is known by its alias; its number is that of the role. */
static void client_declare(void *self, const char *alias, const char *role)
{
    struct sandbox *s = ((struct client *)self)->s;
    const char *at = role ? strstr(role, "::") : NULL;
    if (at && strspn(at + 2, "0123456789") == 12)
        map_put(&s->declared, arena_strdup(s->arena, alias), arena_strndup(s->arena, at + 2, 12));
}

static const struct cloud_ops ops = {submit, wait, client_free, client_declare};

/* ---- the account -------------------------------------------------------------- */

struct sandbox *sandbox_new(struct arena *session, struct schemas *ss,
                            const struct sandbox_config *c)
{
    struct sandbox *s = arena_make(session, struct sandbox);
    s->arena = session;
    s->ss = ss;
    s->seed = c->seed;
    s->start = s->now = c->start;
    s->account_id = c->account_id ? c->account_id : "123456789012";
    s->region = c->region ? c->region : "eu-west-1";
    s->load = c->load.m ? c->load : (struct dec){200, 0};
    s->invent = c->invent;
    s->throttles = c->throttles;
    s->clock = (struct clock){.now = clock_of, .self = s, .mono = clock_of};
    s->dirty = true;
    map_init(&s->stored, session);
    map_init(&s->known, session);
    map_init(&s->declared, session);
    map_init(&s->buckets, session);
    zones_init(s);
    fleet_init(s);
    traffic_init(s);
    metrics_init(s);
    return s;
}

void sandbox_free(struct sandbox *s)
{
    while (s->calls)
        drop(s, s->calls);
    traffic_free(s);
}

struct cloud *sandbox_cloud(struct sandbox *s, struct arena *a)
{
    /* In the account's arena: calls outlive the run that made them. */
    (void)a;
    struct client *cl = arena_make(s->arena, struct client);
    cl->s = s;
    cl->cloud = (struct cloud){.ops = &ops, .self = cl, .clock = &s->clock};
    return &cl->cloud;
}

struct clock *sandbox_clock(struct sandbox *s)
{
    return &s->clock;
}

struct map *sandbox_objects(struct sandbox *s)
{
    return &s->stored;
}

size_t sandbox_invented(const struct sandbox *s, const char *const **lines)
{
    *lines = (const char *const *)s->invented.at;
    return s->invented.n;
}

void sandbox_program(struct sandbox *s, const struct graph *g)
{
    s->graph = g;
}

void sandbox_hook(struct sandbox *s, const struct fault_hook *h)
{
    s->hook = h ? *h : (struct fault_hook){0};
}

struct value *sandbox_inventory(struct sandbox *s, struct arena *a)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        if (o->gone)
            continue;
        const char *world, *address = object_address(s, o, &world);
        const char *name = value_get_string(o->body, "bgc:name");
        struct value *m = value_map(a);
        value_put(m, "type", value_string(a, o->schema->name));
        value_put(m, "id", value_string(a, o->id));
        value_put(m, "name", value_string(a, name ? name : o->id));
        if (*o->account)
            value_put(m, "account", value_string(a, o->account));
        if (world)
            value_put(m, "world", value_string(a, world));
        if (address)
            value_put(m, "address", value_string(a, address));
        vec_push(a, &out, m);
    }
    return value_list(a, out.at, out.n);
}
