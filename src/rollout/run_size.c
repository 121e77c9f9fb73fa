/* Capacity. A type has it when it declares a `tune` field `size` (a range), and
 * the live fields `desired` and `in_service`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/active.h"
#include "rollout/run_state.h"

enum {
    POLL_EVERY = 10000, GROW_BUDGET = 15 * 60000,
    SIZE_EVERY = 60000, /* how often another world's creation gives way for a look at it */
};

static bool has_capacity(const struct run *run, const struct live_resource *r)
{
    const struct live *l = run->state->survey.live;
    const struct schema *s = schema_find(run->schemas, r->type);
    const struct schema_field *f = s ? schema_field(s, "size") : NULL;
    bool waits, due = r->reading ? active_due_live(l, r, &waits) : true;
    if (!due) /* it does no work and has no size to speak of */
        return false;
    return f && (f->mods & FIELD_TUNE) && schema_field(s, "desired") && schema_field(s, "in_service") && r->reading;
}

static bool range_of(const struct live_resource *r, int64_t *low, int64_t *high)
{
    const struct value *v = value_get(r->reading->fields, "size");
    if (!v || v->kind != V_RANGE || v->range.low->kind != V_INT || v->range.high->kind != V_INT)
        return false;
    *low = v->range.low->i;
    *high = v->range.high->i;
    return true;
}

static struct live_world *world_of(const struct run *r, const struct run_world *w, const char *id)
{
    return live_world(r->state->survey.live, w->view.name, id);
}

bool run_is_released(const struct run *r, const struct run_world *w, const char *id)
{
    const struct live_world *lw = world_of(r, w, id);
    for (size_t i = 0; lw && i < lw->resources.n; i++)
        if (lw->resources.at[i]->reading) {
            const struct value *v = value_get(lw->resources.at[i]->reading->tags, TAG_HOLD);
            if (v && v->kind == V_STRING)
                return false;
        }
    return true;
}

bool run_is_held(const struct run *r, const struct run_world *w, const char *id)
{
    const struct live_world *lw = world_of(r, w, id);
    if (w->rollout && w->rollout->steps && w->rollout->steps->hold_nothing)
        return true;
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        const struct live_resource *res = lw->resources.at[i];
        if (has_capacity(r, res) && !value_get_string(res->reading->tags, TAG_HOLD))
            return false;
    }
    return true;
}

static bool refresh(struct run *r, struct live_resource *res)
{
    struct observe_args o = {r->schemas, r->cloud, r->ds, r->state->survey.graph, NULL};
    bool absent;
    struct live_resource *now = observe_one(&o, r->plan_arena, schema_find(r->schemas, res->type), res, &absent);
    if (!now) {
        if (absent)
            diag_error(r->ds, "BG5027", NO_SPAN, "%s is not there any more (its id was %s)", res->address, res->id);
        return false;
    }
    res->reading = now->reading;
    return true;
}

static enum exec_result set_low(struct run *r, struct live_resource *res, int64_t low, enum plan_op op)
{
    int64_t was, high;
    if (!range_of(res, &was, &high))
        return EXEC_DONE;
    struct value *range = value_range(r->plan_arena, value_int(r->plan_arena, low),
                                      value_int(r->plan_arena, low > high ? low : high));
    return execute_set(&r->state->exec, r->plan_arena, res, "size", range, op);
}

/* Keeps the old minimum in a tag of the resource before it is raised: whoever
 * comes after a crash knows what to restore. */
static enum exec_result raise(struct run *r, struct live_resource *res, int64_t to, enum plan_op op)
{
    int64_t low, high;
    if (!range_of(res, &low, &high) || to <= low)
        to = low;
    struct live_world one = {0};
    vec_push(r->scratch, &one.resources, res);
    enum exec_result e = EXEC_DONE;
    if (!value_get_string(res->reading->tags, TAG_HOLD))
        e = execute_tag(&r->state->exec, r->plan_arena, &one, TAG_HOLD,
                        arena_printf(r->plan_arena, "%lld", (long long)low));
    return e == EXEC_DONE && to > low ? set_low(r, res, to, op) : e;
}

enum exec_result run_hold(struct run *r, struct run_world *w, const char *id)
{
    struct live_world *lw = world_of(r, w, id);
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        struct live_resource *res = lw->resources.at[i];
        if (!has_capacity(r, res))
            continue;
        if (!refresh(r, res))
            return EXEC_FAILED;
        int64_t now = value_get_int(res->reading->fields, "desired", 0);
        enum exec_result e = raise(r, res, now, PLAN_HOLD);
        if (e != EXEC_DONE)
            return e;
        run_say(r, w, "hold", "%s of %s keeps at least %lld", res->address, res->world, (long long)now);
    }
    return EXEC_DONE;
}

enum exec_result run_release(struct run *r, struct run_world *w, const char *id)
{
    struct live_world *lw = world_of(r, w, id);
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        struct live_resource *res = lw->resources.at[i];
        const char *old = res->reading ? value_get_string(res->reading->tags, TAG_HOLD) : NULL;
        if (!old)
            continue;
        int64_t low, high, to = strtoll(old, NULL, 10);
        enum exec_result e = EXEC_DONE;
        if (range_of(res, &low, &high) && low != to)
            e = set_low(r, res, to, PLAN_RELEASE);
        struct live_world one = {0};
        vec_push(r->scratch, &one.resources, res);
        if (e == EXEC_DONE)
            e = execute_tag(&r->state->exec, r->plan_arena, &one, TAG_HOLD, NULL);
        if (e != EXEC_DONE)
            return e;
        run_say(r, w, "hold", "%s of %s may shrink to %s again", res->address, res->world, old);
    }
    return EXEC_DONE;
}

/* The live world's instances, measured: what the candidate must match. */
static int64_t serving(struct run *r, struct run_world *w, const char *address)
{
    struct live_world *lw = world_of(r, w, w->view.live);
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        struct live_resource *res = lw->resources.at[i];
        if (!strcmp(res->address, address) && has_capacity(r, res) && refresh(r, res))
            return value_get_int(res->reading->fields, "in_service", 0);
    }
    return 0;
}

enum run_status run_size(struct run *r, struct run_world *w, const struct todo *t)
{
    struct live_world *lw = world_of(r, w, t->world);
    double share = t->line && t->line->size && !strcmp(t->line->size, "full") ? 100 : t->share;
    bool waiting = false;
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        struct live_resource *res = lw->resources.at[i];
        int64_t low, high;
        if (!has_capacity(r, res) || !range_of(res, &low, &high))
            continue;
        int64_t want = (int64_t)ceil((double)serving(r, w, res->address) * share / 100.0);
        if (want > low) {
            enum exec_result e = raise(r, res, want, PLAN_SIZE);
            if (e != EXEC_DONE)
                return run_fail(r);
            run_say(r, w, "update", "%s is sized for %g %%: at least %lld", res->address, share, (long long)want);
            low = want;
        }
        if (!refresh(r, res))
            return run_fail(r);
        if (value_get_int(res->reading->fields, "in_service", 0) < low)
            waiting = true;
    }
    if (!waiting) {
        w->sized_for = t->share;
        w->sizing_since = 0;
        return RUN_PROGRESS;
    }
    int64_t now = clock_now(r->cloud->clock);
    if (!w->sizing_since)
        w->sizing_since = now;
    if (now - w->sizing_since > GROW_BUDGET) {
        w->sizing_since = 0;
        run_failed(r, w, arena_printf(r->plan_arena, "it did not reach its size for %g %% within %s", t->share,
                                      clock_span(r->plan_arena, GROW_BUDGET)));
        return RUN_PROGRESS;
    }
    w->due = now + SIZE_EVERY;
    return run_wait_until(r, now + POLL_EVERY);
}

/* ---- scales(group, by): out and in again ------------------------------------------- */

struct value *run_scales(void *self, struct arena *a, const char *address, int64_t by)
{
    struct run_world *w = self;
    struct run *r = w->run;
    const char *world = run_full(r, w, w->view.desired);
    struct live_resource *res = live_find(r->state->survey.live, world, address);
    int64_t low, high;
    if (!res || !has_capacity(r, res) || !refresh(r, res) || !range_of(res, &low, &high))
        return value_none(a);
    if (low + by > high) {
        run_say(r, w, "warning", "%s cannot scale by %lld: its size is %lld..%lld", address, (long long)by, (long long)low, (long long)high);
        return value_bool(a, false);
    }
    /* An idle world stands at its minimum, so that is what it goes back to, also
     * after a crash in between. */
    run_say(r, w, "test", "%s scales out by %lld", address, (long long)by);
    bool grown = false;
    int64_t until = clock_now(r->cloud->clock) + GROW_BUDGET;
    if (execute_set(&r->state->exec, a, res, "desired", value_int(a, low + by), PLAN_TEST) != EXEC_DONE)
        return value_none(a);
    bool whole = true; /* other worlds are watched meanwhile, and what is urgent there ends this */
    while (!grown && whole && clock_now(r->cloud->clock) < until) {
        whole = run_nap(r, clock_now(r->cloud->clock) + POLL_EVERY);
        if (!lock_keep(&r->state->lock, r->ds) || !refresh(r, res))
            return value_none(a);
        grown = value_get_int(res->reading->fields, "in_service", 0) >= low + by;
    }
    if (execute_set(&r->state->exec, a, res, "desired", value_int(a, low), PLAN_TEST) != EXEC_DONE)
        return value_none(a);
    if (!grown && !whole)
        return value_none(a);
    run_say(r, w, "test", grown ? "%s scaled out and goes back in" : "%s did not scale out within 15m", address);
    return value_bool(a, grown);
}
