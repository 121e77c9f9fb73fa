#include "review/sheet.h"

#include <string.h>

#include "plan/timeline.h"

/* ---- a new world beside the live one ------------------------------------------- */

/* What the spec would want of the live world's resources: every name of the world
 * means the live one, so that only what the author changed differs. */
static struct facts *facts_of_live(struct arena *a, const struct live *l,
                                   const struct live_world *lw)
{
    struct facts *f = arena_make(a, struct facts);
    facts_init(f, a);
    for (size_t i = 0; l->facts && i < l->facts->by_address.n; i++)
        facts_put(f, l->facts->by_address.entries[i].key, l->facts->by_address.entries[i].value);
    for (size_t i = 0; lw && i < lw->resources.n; i++)
        if (lw->resources.at[i]->reading)
            facts_put(f, lw->resources.at[i]->address, lw->resources.at[i]->reading->fields);
    return f;
}

/* Ids of the live world's resources, by the names that the spec has for them. For
 * what is wanted that is what the new world's will be. */
static struct value *by_name(struct arena *a, const struct live_world *lw, struct value *v,
                             bool wanted)
{
    if (!v)
        return NULL;
    if (v->kind == V_STRING) {
        for (size_t i = 0; i < lw->resources.n; i++) {
            const struct live_resource *r = lw->resources.at[i];
            if (!r->id || strcmp(r->id, v->s) != 0)
                continue;
            struct value *name = wanted ? value_ref(a, r->address, r->type, NULL)
                                        : value_stringf(a, "(%s)", r->address);
            name->phase = PHASE_APPLY;
            return name;
        }
        return v;
    }
    if (v->kind == V_LIST || v->kind == V_SET) {
        struct value **at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = by_name(a, lw, v->list.at[i], wanted);
        return value_list(a, at, v->list.n);
    }
    if (v->kind == V_MAP) {
        struct value *out = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(out, v->map->entries[i].key,
                      by_name(a, lw, v->map->entries[i].value, wanted));
        return out;
    }
    return v;
}

static void pair(struct planner *p, struct sheet *s, struct sheet_world *w,
                 const struct live_world *lw, const struct action *act)
{
    struct sheet_pair pr = {.create = act};
    const struct schema *schema = schema_find(p->schemas, act->type);
    for (size_t i = 0; lw && i < lw->resources.n; i++)
        if (!strcmp(lw->resources.at[i]->address, act->address) &&
            !strcmp(lw->resources.at[i]->type, act->type))
            pr.live = lw->resources.at[i];
    struct value *want =
        pr.live && pr.live->reading && schema && act->node ? plan_desired(p, act->node) : NULL;
    if (want && want->kind == V_MAP)
        pr.changes =
            schema_diff(p->schemas, s->arena, schema, want, pr.live->reading->fields, &pr.n);
    for (size_t i = 0; i < pr.n; i++) {
        struct change *c = &pr.changes[i];
        c->before = by_name(s->arena, lw, c->before, false);
        c->removed = by_name(s->arena, lw, c->removed, false);
        c->after = by_name(s->arena, lw, c->after, true);
        c->added = by_name(s->arena, lw, c->added, true);
    }
    vec_push(s->arena, &w->pairs, pr);
}

static void find_gone(struct sheet *s, struct sheet_world *w, const struct live_world *lw)
{
    for (size_t i = 0; lw && w->pairs.n && i < lw->resources.n; i++) {
        bool found = graph_find(s->plan->graph, lw->resources.at[i]->address) != NULL;
        if (!found)
            vec_push(s->arena, &w->gone, lw->resources.at[i]->address);
    }
}

/* ---- sorting the actions ----------------------------------------------------------- */

static bool of_world(const struct action *act, const char *name)
{
    size_t n = strlen(name);
    return act->world && !strncmp(act->world, name, n) && act->world[n] == '/';
}

static void note_gate(struct sheet *s, const char *name)
{
    const struct gate *g = name ? graph_gate(s->plan->graph, name) : NULL;
    for (size_t i = 0; g && i < s->gates.n; i++)
        if (s->gates.at[i] == g)
            return;
    if (g)
        vec_push(s->arena, &s->gates, g);
}

static void put_step(struct sheet *s, struct sheet_world *w, const struct action *act, int64_t *at)
{
    if (act->op == PLAN_SHIFT && *at < 0)
        *at = 0;
    vec_push(s->arena, &w->steps, (struct sheet_step){act, *at});
    if (*at >= 0 && (act->op == PLAN_WATCH || act->op == PLAN_BAKE))
        *at += act->duration;
    note_gate(s, act->gate);
}

/* The live world's share as the actions go on: what happens to it while it is
 * above zero is what the proof line counts. */
static void count_writes(struct sheet_world *w, const struct action *act, double *live_share)
{
    bool own = w->live && act->world && !strcmp(act->world, w->live);
    if (act->op == PLAN_SHIFT && !own)
        *live_share = 100 - act->share;
    if (act->op == PLAN_ROLLBACK)
        *live_share = own ? 100 : 0;
    if (!own || *live_share <= 0)
        return;
    w->updates += act->op == PLAN_UPDATE || act->op == PLAN_REPLACE;
    w->deletes += act->op == PLAN_DELETE;
    w->tunes += act->op == PLAN_TUNE;
}

static void sort_one(struct planner *p, struct sheet *s, struct sheet_world *w,
                     const struct live_world *lw, const struct action *act, int64_t *at)
{
    if (act->op == PLAN_TAG && act->tags) {
        vec_push(s->arena, &w->changes, act);
        return;
    }
    switch (act->op) {
    case PLAN_CREATE: pair(p, s, w, lw, act); break;
    case PLAN_UPDATE:
    case PLAN_REPLACE:
    case PLAN_TUNE: vec_push(s->arena, &w->changes, act); break;
    case PLAN_DELETE: vec_push(s->arena, &w->removals, act); break;
    default: put_step(s, w, act, at); break;
    }
}

/* How long both worlds stand, from the first share on: the holds, then the bake,
 * then measured idleness, which has a limit only when the spec gives one. */
static void window(struct sheet_world *w)
{
    const struct step_ast *retire = step_find(w->world->rollout, STEP_RETIRE);
    int64_t shifts = 0, approvals = 0, bake = 0;
    bool shares = false;
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct action *act = w->steps.at[i].act;
        shares = shares || act->op == PLAN_SHIFT || act->op == PLAN_WATCH;
        shifts += act->op == PLAN_WATCH ? act->duration : 0;
        approvals += act->op == PLAN_APPROVE ? act->duration : 0;
        bake += act->op == PLAN_BAKE ? act->duration : 0;
    }
    w->two_worlds = w->live && (shares || bake) &&
                    (w->pairs.n || w->world->view.candidate || w->world->view.previous);
    int64_t idle = retire && retire->cond ? retire->idle_for : 0;
    w->least = shifts + (bake > idle ? bake : idle);
    w->most = shifts + approvals + bake;
    if (retire && retire->cond && !retire->latest)
        w->most = -1;
    else if (retire && retire->latest > bake)
        w->most = shifts + approvals + retire->latest;
}

static struct sheet_world *make_world(struct schemas *ss, struct sheet *s,
                                      const struct plan_world *pw)
{
    struct sheet_world *w = arena_make(s->arena, struct sheet_world);
    const struct world_view *v = &pw->view;
    const struct live_world *lw = v->live ? live_world(s->plan->live, v->name, v->live) : NULL;
    w->world = pw;
    w->live = v->live ? arena_printf(s->arena, "%s/%s", v->name, v->live) : NULL;
    w->wanted = pw->desired_id ? arena_printf(s->arena, "%s/%s", v->name, pw->desired_id) : NULL;
    w->live_colour = lw ? lw->colour : NULL;
    struct planner p = {.schemas = ss,
                        .arena = s->arena,
                        .ds = s->plan->graph->program->ds,
                        .graph = s->plan->graph,
                        .live = s->plan->live,
                        .facts = facts_of_live(s->arena, s->plan->live, lw)};
    int64_t at = v->candidate_share > 0 ? 0 : -1;
    double live_share = w->live ? 100 : 0;
    for (size_t i = 0; i < s->plan->actions.n; i++) {
        const struct action *act = s->plan->actions.at[i];
        if (!of_world(act, v->name))
            continue;
        sort_one(&p, s, w, lw, act, &at);
        count_writes(w, act, &live_share);
    }
    find_gone(s, w, lw);
    window(w);
    return w;
}

struct sheet *sheet_make(struct schemas *ss, struct arena *a, const struct plan *p)
{
    struct sheet *s = arena_make(a, struct sheet);
    s->arena = a;
    s->plan = p;
    for (size_t i = 0; i < p->actions.n; i++)
        if (!p->actions.at[i]->world)
            vec_push(a, &s->shared, p->actions.at[i]);
    for (size_t i = 0; i < p->worlds.n; i++)
        vec_push(a, &s->worlds, make_world(ss, s, p->worlds.at[i]));
    return s;
}
