/* `active from`: putting work to rest in one world and waking it in another. Which
 * one works follows from the record (plan/active.h); here it is made so. */
#include <string.h>

#include "plan/active.h"
#include "plan/resources.h"
#include "rollout/run_state.h"

enum { POLL_EVERY = 10000, REST_BUDGET = 15 * 60000, WAKE_BUDGET = 15 * 60000 };

/* The first resource of the run's world, of any of its versions, that is not as the
 * record wants it. `wakes`: that sleeps and should work; else the reverse. `early`:
 * only of those that may work while the other world's still do. */
static struct live_resource *other_than_due(struct run *r, const struct run_world *w, bool wakes, bool early)
{
    const struct live *l = r->state->survey.live;
    for (size_t i = 0; i < l->worlds.n; i++)
        for (size_t k = 0; !strcmp(l->worlds.at[i]->name, w->view.name) && k < l->worlds.at[i]->resources.n; k++) {
            struct live_resource *res = l->worlds.at[i]->resources.at[k];
            const struct schema *s = schema_find(r->schemas, res->type);
            bool waits, due = active_due_live(l, res, &waits);
            if (!waits || !active_dormant(s) || due != wakes || l->worlds.at[i]->doomed ||
                (early && !active_overlaps(r->state->survey.graph, res->address)))
                continue;
            bool rests = active_rests(s, res->reading->fields);
            if (wakes ? rests : !rests || !active_at_rest(s, res->reading->fields))
                return res;
        }
    return NULL;
}

/* What need not wait until the other world's rests comes first. */
static struct live_resource *next_to_wake(struct run *r, const struct run_world *w)
{
    struct live_resource *early = other_than_due(r, w, true, true);
    return early ? early : other_than_due(r, w, true, false);
}

static const char *id_of(const struct live_resource *res)
{
    return res ? strchr(res->world, '/') + 1 : NULL;
}

const char *run_to_rest(struct run *r, const struct run_world *w)
{
    return id_of(other_than_due(r, w, false, false));
}

const char *run_to_wake(struct run *r, const struct run_world *w)
{
    return id_of(next_to_wake(r, w));
}

bool run_overlaps(struct run *r, const struct run_world *w)
{
    return other_than_due(r, w, true, true) != NULL;
}

static bool reread(struct run *r, struct live_resource *res)
{
    struct observe_args o = {r->schemas, r->cloud, r->ds, r->state->survey.graph, NULL};
    bool absent;
    struct live_resource *now = observe_one(&o, r->plan_arena, schema_find(r->schemas, res->type), res, &absent);
    if (now)
        res->reading = now->reading;
    else if (absent)
        diag_error(r->ds, "BG5027", NO_SPAN, "%s is not there any more (its id was %s)", res->address, res->id);
    return now != NULL;
}

static enum exec_result set_all(struct run *r, struct live_resource *res, const struct value *to, enum plan_op op)
{
    enum exec_result e = EXEC_DONE;
    for (size_t i = 0; i < to->map->n && e == EXEC_DONE; i++)
        e = execute_set(&r->state->exec, r->plan_arena, res, to->map->entries[i].key, to->map->entries[i].value, op);
    return e;
}

static enum exec_result tag(struct run *r, struct live_resource *res, const char *text)
{
    struct live_world one = {0};
    vec_push(r->plan_arena, &one.resources, res);
    return execute_tag(&r->state->exec, r->plan_arena, &one, TAG_REST, text);
}

static enum run_status quiesce(struct run *r, struct run_world *w)
{
    struct live_resource *res = other_than_due(r, w, false, false);
    const struct schema *s = res ? schema_find(r->schemas, res->type) : NULL;
    int64_t until = clock_now(r->cloud->clock) + REST_BUDGET;
    if (!res)
        return RUN_PROGRESS;
    if (!active_rests(s, res->reading->fields)) {
        /* What it was is kept first: whoever comes after a crash knows what to restore. */
        enum exec_result e = tag(r, res, active_rest_text(r->plan_arena, s, res->reading->fields));
        if (e == EXEC_DONE)
            e = set_all(r, res, active_dormant(s), PLAN_QUIESCE);
        if (e != EXEC_DONE)
            return run_fail(r);
        run_say(r, w, "quiesce", "%s of %s is put to rest", res->address, res->world);
    }
    while (!active_at_rest(s, res->reading->fields)) {
        if (clock_now(r->cloud->clock) >= until) {
            diag_error(r->ds, "BG6011", NO_SPAN, "%s of %s is still at work %s after it was put to rest", res->address,
                       res->world, clock_span(r->plan_arena, REST_BUDGET));
            return run_fail(r);
        }
        if (!run_nap(r, clock_now(r->cloud->clock) + POLL_EVERY))
            return r->state->broken ? run_fail(r) : RUN_PROGRESS;
        if (!reread(r, res))
            return run_fail(r);
    }
    return RUN_PROGRESS;
}

/* What it is when it works: what it was before it was put to rest, or what the spec
 * says. NULL: reported. */
static struct value *awake(struct run *r, const struct run_world *w, const struct live_resource *res, const struct schema *s)
{
    const char *text = value_get_string(res->reading->tags, TAG_REST);
    struct value *v = text ? active_rest_parse(r->plan_arena, s, text) : NULL;
    const struct node *n = graph_find(r->state->survey.graph, res->address);
    const struct value *d = active_dormant(s);
    struct value *all = NULL;
    if (v)
        return v;
    if (n && w->view.desired && !strcmp(id_of(res), w->view.desired)) {
        struct planner p = {.schemas = r->schemas, .arena = r->plan_arena, .ds = r->ds, .graph = r->state->survey.graph,
                            .live = r->state->survey.live, .args = &r->args->plan, .facts = r->state->facts};
        all = plan_desired(&p, n);
    }
    v = value_map(r->plan_arena);
    for (size_t i = 0; i < d->map->n && all; i++) {
        struct value *x = value_get(all, d->map->entries[i].key);
        if (x)
            value_put(v, d->map->entries[i].key, x);
    }
    if (all && v->map->n == d->map->n)
        return v;
    struct diag *e = diag_error(r->ds, "BG6011", NO_SPAN, "%s of %s rests, and nothing says what it was before", res->address, res->world);
    diag_help(r->ds, e, "its tag %s is gone or was edited; set its size by hand", TAG_REST);
    return NULL;
}

static enum run_status activate(struct run *r, struct run_world *w)
{
    struct live_resource *res = next_to_wake(r, w);
    const struct schema *s = res ? schema_find(r->schemas, res->type) : NULL;
    struct value *to = res ? awake(r, w, res, s) : NULL;
    int64_t until = clock_now(r->cloud->clock) + WAKE_BUDGET;
    if (!res)
        return RUN_PROGRESS;
    if (!to || set_all(r, res, to, PLAN_ACTIVATE) != EXEC_DONE || tag(r, res, NULL) != EXEC_DONE)
        return run_fail(r);
    run_say(r, w, "activate", "%s of %s works from here on", res->address, res->world);
    const struct value *size = value_get(to, "size");
    int64_t low = size && size->kind == V_RANGE && size->range.low->kind == V_INT ? size->range.low->i : 0;
    while (schema_field(s, "in_service") && value_get_int(res->reading->fields, "in_service", 0) < low) {
        if (clock_now(r->cloud->clock) >= until) {
            run_failed(r, w, arena_printf(r->plan_arena, "%s of %s did not come to work within %s", res->address, res->world,
                                          clock_span(r->plan_arena, WAKE_BUDGET)));
            return RUN_PROGRESS;
        }
        if (!run_nap(r, clock_now(r->cloud->clock) + POLL_EVERY))
            return r->state->broken ? run_fail(r) : RUN_PROGRESS;
        if (!reread(r, res))
            return run_fail(r);
    }
    return RUN_PROGRESS;
}

enum run_status run_quiesce(struct run *r, struct run_world *w)
{
    w->handing = true;
    enum run_status s = quiesce(r, w);
    w->handing = false;
    return s;
}

enum run_status run_activate(struct run *r, struct run_world *w)
{
    w->handing = true;
    enum run_status s = activate(r, w);
    w->handing = false;
    return s;
}
