/* The names that a record stands at, when the program says others: one batch, between
 * two writings of the tags that say where the record is.
 *
 * Before the batch the tags of every world say all names, the old ones and the new
 * ones, and after it the new ones alone. So whoever comes in between with nothing but
 * the tags looks at every name that the record may stand at. */
#include <string.h>

#include "plan/placed.h"
#include "plan/resources.h"
#include "rollout/run_state.h"

static bool other_names(const struct run_world *w)
{
    return w->traffic->come.n || w->traffic->go.n;
}

bool run_renames(const struct run *r, const struct run_world *w)
{
    bool may = r->args->mode == RUN_APPLY && !w->unnamed && w->plan->want && w->traffic && w->traffic->has_record;
    return may && (other_names(w) || w->lagging);
}

/* Which resource says where its world's traffic is: it has the tag; older than that, it
 * is the entry. */
static bool says_where(const struct run *r, const struct run_world *w, const struct live_world *lw,
                       const struct live_resource *res)
{
    const struct world *want = w->plan->want;
    const struct schema *s = schema_find(r->schemas, res->type);
    if (!res->reading || !s || !schema_call(s, VERB_TAG))
        return false;
    return value_get_string(res->reading->tags, TAG_TRAFFIC) ||
           (want && !strcmp(lw->id, want->id) && want->entry && !strcmp(res->address, want->entry));
}

/* What is to be tagged; `but` (an id, or NULL) is left out. */
static struct plan *to_say(struct run *r, const struct run_world *w, const char *but)
{
    struct run_state *s = r->state;
    struct planner p = {.schemas = r->schemas, .arena = r->plan_arena, .ds = r->ds, .graph = s->survey.graph, .live = s->survey.live,
                        .args = &r->args->plan, .facts = s->facts, .plan = arena_make(r->plan_arena, struct plan)};
    map_init(&p.seq_of, r->plan_arena);
    for (size_t i = 0; i < s->survey.live->worlds.n; i++) {
        const struct live_world *lw = s->survey.live->worlds.at[i];
        if (but && !strcmp(lw->id, but))
            continue;
        for (size_t k = 0; k < lw->resources.n && !strcmp(lw->name, w->view.name) && !lw->doomed; k++) {
            struct live_resource *res = lw->resources.at[k];
            struct value *tags = says_where(r, w, lw, res) ? placed_tags(r->plan_arena, s->survey.graph, s->facts, lw->name) : NULL;
            if (!tags)
                continue;
            placed_over(r->plan_arena, tags, res);
            if (!placed_said(tags, res))
                plan_tags(&p, res, tags, "it says where its traffic is, so that `rollback` needs no spec");
        }
    }
    return p.plan;
}

static enum exec_result say_where(struct run *r, struct run_world *w)
{
    struct plan *p = to_say(r, w, NULL);
    return run_work(r, NULL, p->actions.at, p->actions.n);
}

bool run_tags_lag(struct run *r, const struct run_world *w)
{
    const struct world_view *v = &w->view;
    bool lives = v->live && v->desired && !strcmp(v->live, v->desired);
    return w->traffic && w->plan->want && to_say(r, w, lives ? v->live : NULL)->actions.n > 0;
}

/* The names stay as they are, and what else there is to do is done: a share that is
 * under way is not taken back for a name. */
static enum run_status given_up(struct run *r, struct run_world *w)
{
    if (!r->state->lock.held || r->state->broken || !switch_mine(w->sw, w->traffic))
        return run_fail(r);
    w->unnamed = true;
    run_ended(r, "failed", 1);
    return RUN_PROGRESS;
}

static enum run_status named(struct run *r, struct run_world *w)
{
    enum exec_result e = say_where(r, w);
    w->lagging = w->lagging && e != EXEC_DONE;
    return e == EXEC_FAILED ? given_up(r, w) : run_after(r, e);
}

static const char *names_text(struct arena *a, const char *const *at, size_t n)
{
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", at[i]);
    return buf_text(&b);
}

enum run_status run_rename(struct run *r, struct run_world *w, const struct todo *t)
{
    if (!other_names(w))
        return named(r, w);
    struct record next = record_copy(r->plan_arena, &w->traffic->record);
    struct traffic *said = graph_traffic(r->state->survey.graph, w->view.name);
    if (!run_allowed(r, w, PLAN_NAME, t->world, -1))
        return run_fail(r);
    enum exec_result e = w->traffic->unfit ? EXEC_DONE : say_where(r, w); /* of what is taken no tag may speak */
    if (e != EXEC_DONE)
        return e == EXEC_FAILED ? given_up(r, w) : run_after(r, e);
    enum switch_result s = switch_rename(w->sw, r->plan_arena, &w->traffic, next);
    if (s == SWITCH_FAILED)
        return given_up(r, w);
    enum run_status status = run_switched(r, w, s);
    if (s != SWITCH_DONE || status != RUN_PROGRESS)
        return status;
    said->stands = NULL;
    run_say(r, w, "plan", "%s is reached by %s", w->view.name, names_text(r->plan_arena, w->traffic->names.at, w->traffic->names.n));
    return named(r, w);
}
