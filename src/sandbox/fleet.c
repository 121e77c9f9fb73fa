#include "sandbox/fleet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/path.h"

enum {
    BOOT_MS = 60000,
    BOOT_SPREAD_MS = 30000, /* Pending to InService */
    END_MS = 25000,
    END_SPREAD_MS = 25000, /* shutting down to gone */
    GROUP_MOST = 500,      /* instances of a group, at the most */
    RETRY_MS = 60000,      /* after a launch that failed */
};

void fleet_init(struct sandbox *s)
{
    s->fleets = arena_make(s->arena, struct fleets);
    map_init(&s->fleets->pool_ids, s->arena);
}

struct fleet *fleet_get(struct sandbox *s, const struct object *group)
{
    for (size_t i = 0; i < s->fleets->fleets.n; i++) {
        struct fleet *f = s->fleets->fleets.at[i];
        if (!strcmp(f->id, group->id) && !strcmp(f->account, group->account))
            return f;
    }
    struct fleet *f = arena_make(s->arena, struct fleet);
    f->id = group->id;
    f->account = group->account;
    vec_push(s->arena, &s->fleets->fleets, f);
    return f;
}

struct pool *pool_get(struct sandbox *s, const char *id)
{
    struct pool *p = map_find(&s->fleets->pool_ids, id);
    if (p)
        return p;
    p = arena_make(s->arena, struct pool);
    *p = (struct pool){.id = arena_strdup(s->arena, id), .limit = INFINITY, .before = INFINITY};
    vec_push(s->arena, &s->fleets->pools, p);
    map_put(&s->fleets->pool_ids, p->id, p);
    return p;
}

static int64_t number_at(const struct value *body, const char *path, int64_t otherwise)
{
    return (int64_t)sandbox_number(value_at(body, path), (double)otherwise);
}

static int64_t attribute(const struct object *o, const char *key, int64_t otherwise)
{
    const struct value *list = value_get(o->body, "Attributes");
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++) {
        const char *k = value_get_string(list->list.at[i], "Key");
        if (k && !strcmp(k, key))
            return number_at(list->list.at[i], "Value", otherwise);
    }
    return otherwise;
}

static const struct object *pool_object(const struct sandbox *s, const char *id)
{
    return object_find(s, "elbv2.target_group", "", id)
               ? object_find(s, "elbv2.target_group", "", id)
               : object_by_text(s, "*", id);
}

/* ---- health ------------------------------------------------------------------- */

static int64_t interval(const struct object *tg)
{
    return 1000 * (tg ? number_at(tg->body, "HealthCheckIntervalSeconds", 30) : 30);
}

bool instance_serves(const struct sandbox *s, const struct instance *i)
{
    return i->serving <= s->now && !i->leaving;
}

enum target_state target_state(struct sandbox *s, const struct pool *p, const struct target *t,
                               size_t index, int64_t *until)
{
    *until = INT64_MAX;
    if (t->left) {
        if (s->now >= t->drained)
            return TARGET_GONE;
        *until = t->drained;
        return TARGET_DRAINING;
    }
    if (!p->used)
        return TARGET_UNUSED;
    const struct object *tg = pool_object(s, p->id);
    int64_t every = interval(tg), from = t->registered > p->used ? t->registered : p->used;
    int64_t good = tg ? number_at(tg->body, "HealthyThresholdCount", 5) : 5;
    int64_t bad = tg ? number_at(tg->body, "UnhealthyThresholdCount", 2) : 2;
    /* The first check comes within one interval. */
    int64_t first = (int64_t)(noise_unit(sandbox_noise(s, p->id, t->registered + (int64_t)index)) *
                              (double)every);
    int64_t healthy = from + first + good * every;
    if (s->now < healthy) {
        *until = healthy;
        return TARGET_INITIAL;
    }
    bool fine = (double)index < p->limit;
    if (p->limit != p->before) {
        int64_t turn = p->since + (p->limit < p->before ? bad : good) * every;
        if (s->now < turn) {
            *until = turn;
            fine = (double)index < p->before;
        }
    }
    return fine ? TARGET_HEALTHY : TARGET_UNHEALTHY;
}

void pool_each(struct sandbox *s, const char *pool, void *self,
               void (*see)(void *self, const struct instance *i, const struct target *t,
                           size_t index))
{
    size_t index = 0;
    for (size_t i = 0; i < s->fleets->fleets.n; i++) {
        const struct fleet *f = s->fleets->fleets.at[i];
        for (size_t k = 0; k < f->instances.n; k++)
            for (size_t j = 0; j < f->instances.at[k]->targets.n; j++) {
                const struct target *t = &f->instances.at[k]->targets.at[j];
                if (!strcmp(t->group, pool) && (!t->left || s->now < t->drained))
                    see(self, f->instances.at[k], t, index++);
            }
    }
}

/* ---- launching and leaving ---------------------------------------------------- */

static const struct object *template_of(const struct sandbox *s, const struct object *group)
{
    const char *id = value_get_string(value_get(group->body, "LaunchTemplate"), "LaunchTemplateId");
    return object_find(s, "ec2.launch_template", group->account, id);
}

static const char *subnet_for(struct sandbox *s, const struct object *group, size_t nth)
{
    const char *csv = value_get_string(group->body, "VPCZoneIdentifier");
    size_t n = csv && *csv ? 1 : 0;
    for (const char *c = csv ? csv : ""; *c; c++)
        n += *c == ',';
    if (!n)
        return NULL;
    const char *at = csv;
    for (nth %= n; nth; nth--)
        at = strchr(at, ',') + 1;
    return arena_strndup(s->arena, at, strcspn(at, ","));
}

static void launch(struct sandbox *s, const struct object *group, struct fleet *f)
{
    const struct object *lt = template_of(s, group);
    const struct value *data = lt ? value_get(lt->body, "LaunchTemplateData") : NULL;
    if (!data) {
        f->retry = s->now + RETRY_MS;
        return;
    }
    struct instance *i = arena_make(s->arena, struct instance);
    i->id = arena_printf(s->arena, "i-%s", sandbox_hex(s, s->arena, 17));
    i->launched = s->now;
    i->serving =
        s->now + BOOT_MS + (int64_t)(noise_unit(sandbox_noise(s, i->id, 0)) * BOOT_SPREAD_MS);
    i->type = value_get_string(data, "InstanceType");
    i->image = value_get_string(data, "ImageId");
    i->groups = value_get(data, "SecurityGroupIds");
    const struct value *on = value_at(data, "Monitoring.Enabled");
    i->detailed =
        on && ((on->kind == V_BOOL && on->b) || (on->kind == V_STRING && !strcmp(on->s, "true")));
    i->agent = value_at(data, "IamInstanceProfile.Name") != NULL;
    i->subnet = subnet_for(s, group, f->instances.n);
    const struct object *net =
        i->subnet ? object_find(s, "ec2.subnet", group->account, i->subnet) : NULL;
    const char *zone = net ? value_get_string(net->body, "AvailabilityZone") : NULL;
    i->zone = zone ? zone : arena_printf(s->arena, "%sa", s->region);
    i->address = arena_printf(s->arena, "10.0.%d.%d", (int)(f->instances.n / 250) % 250,
                              (int)(f->instances.n % 250) + 4);
    vec_push(s->arena, &f->instances, i);
}

static void leave_pool(struct sandbox *s, struct target *t)
{
    const struct object *tg = pool_object(s, t->group);
    /* What nobody sends requests to is let go at once. */
    int64_t delay =
        pool_get(s, t->group)->used
            ? 1000 * (tg ? attribute(tg, "deregistration_delay.timeout_seconds", 300) : 0)
            : 0;
    t->left = s->now;
    t->drained = s->now + delay;
}

void instance_leave(struct sandbox *s, struct instance *i)
{
    i->leaving = s->now;
    int64_t until = s->now;
    for (size_t k = 0; k < i->targets.n; k++) {
        if (!i->targets.at[k].left)
            leave_pool(s, &i->targets.at[k]);
        if (i->targets.at[k].drained > until)
            until = i->targets.at[k].drained;
    }
    i->ended = until + END_MS + (int64_t)(noise_unit(sandbox_noise(s, i->id, 1)) * END_SPREAD_MS);
}

static size_t staying(const struct fleet *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->instances.n; i++)
        n += !f->instances.at[i]->leaving;
    return n;
}

/* One that does not serve yet, else the oldest. */
static struct instance *victim(const struct sandbox *s, const struct fleet *f)
{
    struct instance *oldest = NULL;
    for (size_t i = 0; i < f->instances.n; i++) {
        struct instance *x = f->instances.at[i];
        if (x->leaving)
            continue;
        if (x->serving > s->now)
            return x;
        if (!oldest)
            oldest = x;
    }
    return oldest;
}

static void resize(struct sandbox *s, const struct object *group, struct fleet *f)
{
    int64_t min = number_at(group->body, "MinSize", 0), max = number_at(group->body, "MaxSize", 0);
    int64_t want = number_at(group->body, "DesiredCapacity", min);
    int64_t had = want;
    want = want < min ? min : want > max ? max : want;
    want = want > GROUP_MOST ? GROUP_MOST : want;
    if (group->leaving)
        want = 0;
    else if (want != had)
        object_put(s, (struct object *)(uintptr_t)group, "DesiredCapacity",
                   value_int(s->arena, want));
    int64_t have = (int64_t)staying(f);
    for (; have < want && s->now >= f->retry; have++) {
        size_t n = f->instances.n;
        launch(s, group, f);
        if (f->instances.n == n)
            break;
    }
    for (; have > want && have > 0; have--)
        instance_leave(s, victim(s, f));
}

static bool has_group(const struct value *list, const char *id)
{
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++)
        if (list->list.at[i]->kind == V_STRING && !strcmp(list->list.at[i]->s, id))
            return true;
    return false;
}

static void register_targets(struct sandbox *s, const struct object *group, struct fleet *f)
{
    const struct value *pools = value_get(group->body, "TargetGroupARNs");
    for (size_t k = 0; k < f->instances.n; k++) {
        struct instance *i = f->instances.at[k];
        for (size_t j = 0; j < i->targets.n; j++)
            if (!i->targets.at[j].left && !has_group(pools, i->targets.at[j].group))
                leave_pool(s, &i->targets.at[j]);
        for (size_t p = 0;
             instance_serves(s, i) && pools && pools->kind == V_LIST && p < pools->list.n; p++) {
            bool in = false;
            for (size_t j = 0; j < i->targets.n; j++)
                in |=
                    !i->targets.at[j].left && !strcmp(i->targets.at[j].group, pools->list.at[p]->s);
            if (!in)
                vec_push(s->arena, &i->targets,
                         (struct target){.group = pools->list.at[p]->s, .registered = s->now});
        }
    }
}

/* ---- the step ----------------------------------------------------------------- */

static void find_routers(struct sandbox *s)
{
    s->fleets->routers.n = 0;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        if (!o->gone && (object_is(o, "elbv2.listener") || object_is(o, "elbv2.rule")))
            vec_push(s->arena, &s->fleets->routers, o);
    }
}

/* Runs after every call that changes something: once over the objects, and over
 * the few that send requests for each target group. */
static void use_pools(struct sandbox *s)
{
    find_routers(s);
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *tg = s->objects.at[i];
        if (tg->gone || !object_is(tg, "elbv2.target_group"))
            continue;
        struct pool *p = pool_get(s, tg->id);
        bool used = false;
        for (size_t k = 0; k < s->fleets->routers.n && !used; k++)
            used = value_mentions(s->fleets->routers.at[k]->body, tg->id);
        p->used = !used ? 0 : p->used ? p->used : s->now;
        const struct fault *f = fault_of(s, tg, "healthy");
        double limit = f ? fault_amount(f->value, (double)fleet_pool(s, tg->id).registered) : INFINITY;
        if (limit != p->limit) {
            p->before = p->limit;
            p->limit = limit;
            p->since = s->now;
        }
    }
}

struct watch {
    struct sandbox *s;
    const struct pool *pool;
    int64_t next;
};

static void see_next(void *self, const struct instance *i, const struct target *t, size_t index)
{
    struct watch *w = self;
    int64_t until;
    (void)i;
    target_state(w->s, w->pool, t, index, &until);
    w->next = until < w->next ? until : w->next;
}

static void sooner(int64_t *next, int64_t t, int64_t now)
{
    if (t > now && t < *next)
        *next = t;
}

int64_t fleet_step(struct sandbox *s)
{
    int64_t next = INT64_MAX;
    use_pools(s);
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *g = s->objects.at[i];
        if (g->gone || !object_is(g, "autoscaling.group"))
            continue;
        struct fleet *f = fleet_get(s, g);
        size_t n = 0;
        for (size_t k = 0; k < f->instances.n; k++) /* what has ended is forgotten */
            if (!f->instances.at[k]->leaving || f->instances.at[k]->ended > s->now)
                f->instances.at[n++] = f->instances.at[k];
        f->instances.n = n;
        resize(s, g, f);
        register_targets(s, g, f);
        if (f->retry > s->now)
            sooner(&next, f->retry, s->now);
        for (size_t k = 0; k < f->instances.n; k++) {
            sooner(&next, f->instances.at[k]->serving, s->now);
            sooner(&next, f->instances.at[k]->ended, s->now);
        }
        if (g->leaving && !f->instances.n) {
            object_remove(s, g);
            i = SIZE_MAX; /* the list has changed: from the start */
        }
    }
    for (size_t i = 0; i < s->fleets->pools.n; i++) {
        struct watch w = {s, s->fleets->pools.at[i], next};
        pool_each(s, w.pool->id, &w, see_next);
        next = w.next;
    }
    return next;
}

bool fleet_holds(struct sandbox *s, const char *id)
{
    for (size_t i = 0; i < s->fleets->fleets.n; i++) {
        const struct fleet *f = s->fleets->fleets.at[i];
        for (size_t k = 0; k < f->instances.n; k++) {
            const struct instance *x = f->instances.at[k];
            bool here = !x->leaving || x->ended > s->now;
            if (here && ((x->subnet && !strcmp(x->subnet, id)) || value_mentions(x->groups, id)))
                return true;
        }
    }
    return false;
}

/* ---- views -------------------------------------------------------------------- */

/* Requests a second that an instance can do, by its size. Invented figures: only
 * their order means anything. */
static double capacity_of(const char *type)
{
    static const struct {
        const char *size;
        double rate;
    } sizes[] = {{"nano", 40},      {"micro", 80},      {"small", 160},      {"medium", 240},
                 {"large", 320},    {"xlarge", 640},    {"2xlarge", 1280},   {"4xlarge", 2560},
                 {"8xlarge", 5120}, {"12xlarge", 7680}, {"16xlarge", 10240}, {"24xlarge", 15360}};
    const char *dot = type ? strrchr(type, '.') : NULL;
    double rate = 160;
    for (size_t i = 0; dot && i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(sizes[i].size, dot + 1))
            rate = sizes[i].rate;
    return type && !strncmp(type, "t2.", 3) ? rate * 0.9 : rate;
}

size_t fleet_views(struct sandbox *s, struct arena *a, struct fleet_view **out)
{
    VEC(struct fleet_view) views = {0};
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *g = s->objects.at[i];
        if (g->gone || !object_is(g, "autoscaling.group"))
            continue;
        const struct fleet *f = fleet_get(s, g);
        struct fleet_view v = {.group = g, .instances = f->instances.n, .latency = 0.033};
        for (size_t k = 0; k < f->instances.n; k++) {
            const struct instance *x = f->instances.at[k];
            if (!instance_serves(s, x))
                continue;
            v.in_service++;
            v.capacity += capacity_of(x->type);
            v.detailed |= x->detailed;
            v.agent |= x->agent;
            if (x->type && !strncmp(x->type, "t2.", 3))
                v.latency = 0.037;
        }
        vec_push(a, &views, v);
    }
    *out = views.at;
    return views.n;
}

struct counting {
    struct sandbox *s;
    const struct pool *pool;
    struct pool_view *view;
};

static void count_target(void *self, const struct instance *i, const struct target *t, size_t index)
{
    struct counting *c = self;
    int64_t until;
    (void)i;
    c->view->registered++;
    switch (target_state(c->s, c->pool, t, index, &until)) {
    case TARGET_INITIAL: c->view->initial++; break;
    case TARGET_HEALTHY: c->view->healthy++; break;
    case TARGET_UNHEALTHY: c->view->unhealthy++; break;
    case TARGET_DRAINING: c->view->draining++; break;
    default: break;
    }
}

struct pool_view fleet_pool(struct sandbox *s, const char *id)
{
    struct pool_view v = {0};
    struct counting c = {s, pool_get(s, id), &v};
    pool_each(s, id, &c, count_target);
    for (size_t i = 0; i < s->objects.n && !v.group; i++) {
        const struct object *g = s->objects.at[i];
        if (!g->gone && object_is(g, "autoscaling.group") &&
            has_group(value_get(g->body, "TargetGroupARNs"), id))
            v.group = g;
    }
    return v;
}
