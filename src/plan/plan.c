#include "plan/plan.h"

#include <string.h>

#include "base/digest.h"
#include "plan/order.h"
#include "plan/timeline.h"
#include "plan/verify.h"

const char *plan_op_name(enum plan_op op)
{
    static const char *const names[] = {
        [PLAN_CREATE] = "create",   [PLAN_UPDATE] = "update", [PLAN_REPLACE] = "replace",
        [PLAN_DELETE] = "delete",   [PLAN_TUNE] = "tune",     [PLAN_TAG] = "tag",
        [PLAN_HOLD] = "hold",       [PLAN_RELEASE] = "release", [PLAN_SIZE] = "size",
        [PLAN_TEST] = "test",       [PLAN_SHIFT] = "shift",   [PLAN_WATCH] = "watch",
        [PLAN_APPROVE] = "approve", [PLAN_BAKE] = "bake",     [PLAN_ACTIVATE] = "activate",
        [PLAN_QUIESCE] = "quiesce", [PLAN_ROLLBACK] = "shift", [PLAN_DOOM] = "tag",
        [PLAN_NAME] = "name",       [PLAN_UNNAME] = "unname",
    };
    return (size_t)op < sizeof names / sizeof *names ? names[op] : "unknown";
}

static const char *spec_digest(struct arena *a, const struct graph *g)
{
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < g->program->ds->sources->files.n; i++) {
        const struct source *s = g->program->ds->sources->files.at[i];
        if (s && strncmp(s->path, "std:", 4))
            buf_put(&b, s->text, s->len);
    }
    if (g->inputs)
        value_json_canonical(&b, g->inputs);
    return digest_sha256_hex(a, b.at, b.len);
}

static const char *observed_digest(struct arena *a, const struct live *l)
{
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < l->all.n; i++) {
        const struct live_resource *r = l->all.at[i];
        buf_printf(&b, "%s %s %s\n", r->world ? r->world : "-", r->address, r->id ? r->id : "-");
    }
    for (size_t i = 0; i < l->traffics.n; i++)
        buf_printf(&b, "%s\n", record_print(a, &l->traffics.at[i]->record));
    return digest_sha256_hex(a, b.at, b.len);
}

static struct action **creations(struct planner *p, struct plan_world *w, size_t *n)
{
    const char *world = arena_printf(p->arena, "%s/%s", w->view.name, w->desired_id);
    struct node **order = order_create(p->arena, p->graph, w->want->nodes.at, w->want->nodes.n);
    struct action **made = arena_array(p->arena, struct action *, w->want->nodes.n + 1);
    *n = 0;
    for (size_t i = 0; i < w->want->nodes.n; i++) {
        struct action *act = order[i]->existing ? NULL : plan_resource(p, order[i], world, false);
        if (act)
            made[(*n)++] = act;
    }
    return made;
}

static void upgrade(struct planner *p, struct plan_world *w, const struct action *before)
{
    size_t n = 0;
    struct action **made = NULL;
    if (!(w->view.candidate_share > 0 && w->view.candidate && !strcmp(w->view.candidate, w->desired_id)))
        made = creations(p, w, &n);
    for (size_t i = 0; before && i < n; i++)
        action_need(p, made[i], before);
    struct action *last = timeline_rollout(p, w, w->desired_id, made, n);
    if (w->view.live && last)
        timeline_retire(p, w, w->view.live, last,
                        w->view.no_traffic ? "a newer version of it stands" : "its traffic has moved and the bake is over");
}

static const struct action *remove_others(struct planner *p, struct plan_world *w, const char *why)
{
    if (w->view.candidate && (!w->desired_id || strcmp(w->view.candidate, w->desired_id)))
        timeline_retire(p, w, w->view.candidate, NULL, why);
    for (size_t i = 0; i < w->view.leftovers.n; i++)
        timeline_retire(p, w, w->view.leftovers.at[i], NULL, why);
    return p->plan->actions.n ? p->plan->actions.at[p->plan->actions.n - 1] : NULL;
}

static void refuse(struct planner *p, struct plan_world *w)
{
    struct span span = w->want ? w->want->span : NO_SPAN;
    p->plan->refused = true;
    if (p->args->tolerant)
        return;
    struct diag *d = diag_error(p->ds, w->view.desired ? "BG6002" : "BG6030", span, "%s", w->view.why);
    if (w->view.help)
        diag_help(p->ds, d, "%s", w->view.help);
}

static void plan_destroy(struct planner *p, struct plan_world *w)
{
    for (size_t i = 0; i < p->live->worlds.n; i++)
        if (!strcmp(p->live->worlds.at[i]->name, w->view.name))
            plan_removal(p, p->live->worlds.at[i], NULL, "its destruction was asked for");
}

/* After all worlds: nothing of them refers to it any more. */
static void destroy_shared(struct planner *p)
{
    struct live_world all = {.name = "shared", .id = ""};
    const struct action *last = p->plan->actions.n ? p->plan->actions.at[p->plan->actions.n - 1] : NULL;
    for (size_t i = 0; i < p->live->all.n; i++)
        if (!p->live->all.at[i]->world)
            vec_push(p->arena, &all.resources, p->live->all.at[i]);
    for (size_t i = 0; i < p->live->superseded.n; i++)
        vec_push(p->arena, &all.resources, p->live->superseded.at[i]);
    struct live_resource **order = order_delete(p->arena, all.resources.at, all.resources.n);
    for (size_t i = 0; i < all.resources.n; i++) {
        struct action *act = plan_add(p, PLAN_DELETE, order[i]->address, NULL, "its destruction was asked for");
        act->type = order[i]->type;
        act->live = order[i];
        for (size_t k = 0; k < p->live->superseded.n; k++)
            act->superseded = act->superseded || p->live->superseded.at[k] == order[i];
        act->physical_name = order[i]->name;
        action_need(p, act, last);
        last = act;
        p->plan->deletes++;
    }
}

static void retire_all_but(struct planner *p, struct plan_world *w, const char *stays, const struct action *after,
                           const char *why)
{
    const char *ids[] = {w->view.candidate, w->view.live, w->view.previous};
    for (size_t i = 0; i < 3; i++)
        if (ids[i] && strcmp(ids[i], stays))
            timeline_retire(p, w, ids[i], after, why);
}

/* The world that is kept from the rollout before goes once the new one has stood
 * its first step. */
static void retire_kept(struct planner *p, struct plan_world *w)
{
    const struct action *first = NULL;
    for (size_t i = 0; i < p->plan->actions.n && !first; i++) {
        const struct action *act = p->plan->actions.at[i];
        if (act->op == PLAN_WATCH && !strcmp(act->address, w->view.name))
            first = act;
    }
    if (w->view.previous)
        timeline_retire(p, w, w->view.previous, first, "a newer version passed its first step");
}

static void bake(struct planner *p, struct plan_world *w, const char *full)
{
    const struct step_ast *line = step_find(w->rollout, STEP_BAKE);
    struct action *act = plan_add(p, PLAN_BAKE, w->view.name, full, "the version before it is kept until the bake ends");
    act->step = line;
    act->gate = line ? line->gate.text : NULL;
    act->duration = line ? line->duration : 0;
    if (line)
        act->span = line->span;
    timeline_retire(p, w, w->view.previous, act, "its traffic has moved and the bake is over");
}

/* A minimum that was raised for a rollout that is over goes back to what it was. */
static void release(struct planner *p, const struct plan_world *w, const char *full)
{
    const struct live_world *lw = live_world(p->live, w->view.name, w->view.live);
    for (size_t i = 0; lw && i < lw->resources.n; i++)
        if (lw->resources.at[i]->reading && value_get_string(lw->resources.at[i]->reading->tags, TAG_HOLD)) {
            plan_add(p, PLAN_RELEASE, w->view.name, full, "its size is its own again");
            return;
        }
}

static void plan_name(struct planner *p, struct plan_world *w, enum plan_op op, const char *name, const char *reason)
{
    const struct world_view *v = &w->view;
    const struct traffic *t = graph_traffic(p->graph, v->name);
    const char *id = v->live ? v->live : w->desired_id;
    struct action *act = plan_add(p, op, v->name, arena_printf(p->arena, "%s/%s", v->name, id), reason);
    struct change *c = arena_array(p->arena, struct change, 1);
    *c = (struct change){.path = "names"};
    *(op == PLAN_NAME ? &c->after : &c->before) = value_string(p->arena, name);
    act->changes = c;
    act->nchanges = 1;
    act->physical_name = name;
    act->span = t->decl->name.span;
}

/* The program says other names than the record stands at: one batch, which changes no
 * share and no world. */
static void plan_names(struct planner *p, struct plan_world *w)
{
    const struct traffic_state *t = live_traffic(p->live, w->view.name);
    if (!t || !t->has_record || !w->want || !(t->come.n || t->go.n))
        return;
    if (t->unfit) {
        if (p->args->tolerant)
            return;
        p->plan->refused = true;
        struct diag *d = diag_error(p->ds, "BG6013", graph_traffic(p->graph, w->view.name)->decl->name.span,
                                    "a name that world %s is to be reached by is taken: %s", w->view.name, t->unfit);
        diag_help(p->ds, d, "%s", t->unfit_help);
        return;
    }
    bool weighted = t->record.set > 0;
    for (size_t i = 0; i < t->come.n; i++)
        plan_name(p, w, PLAN_NAME, t->come.at[i].name,
                  !weighted                ? "its records come with the first share"
                  : t->come.at[i].converts ? "its record leads to the live world: records with the weights of now instead"
                                           : "records with the weights of now");
    for (size_t i = 0; i < t->go.n; i++)
        plan_name(p, w, PLAN_UNNAME, t->go.at[i], weighted ? "its records are deleted" : "bgc leaves it, and what stands there stays");
}

static void plan_one_world(struct planner *p, struct plan_world *w)
{
    struct world_view *v = &w->view;
    const struct action *before;
    const char *full = w->want ? arena_printf(p->arena, "%s/%s", v->name, w->desired_id) : NULL;
    bool lives = v->desired && v->live && !strcmp(v->desired, v->live);
    if (v->action != WORLD_REFUSED && !v->destroy)
        plan_names(p, w);
    switch (v->action) {
    case WORLD_REFUSED:
        refuse(p, w);
        return;
    case WORLD_NONE:
        if (v->destroy)
            plan_destroy(p, w);
        else if (w->want && v->live) {
            plan_live_world(p, w->want, full);
            release(p, w, full);
        }
        return;
    case WORLD_CREATE:
    case WORLD_UPGRADE:
    case WORLD_RESUME:
    case WORLD_SUPERSEDE:
        remove_others(p, w, "nobody wants it and it has no traffic");
        upgrade(p, w, NULL);
        retire_kept(p, w);
        return;
    case WORLD_REMOVE_OTHER:
        before = remove_others(p, w, "nobody wants it and it has no traffic");
        if (!lives) {
            upgrade(p, w, before);
            retire_kept(p, w);
            return;
        }
        plan_live_world(p, w->want, full);
        if (v->previous)
            bake(p, w, full);
        else
            release(p, w, full);
        return;
    case WORLD_ROLLBACK_FIRST:
        before = timeline_rollback(p, w, v->live, v->why);
        timeline_retire(p, w, v->candidate, before, "it was rolled back");
        if (v->previous)
            timeline_retire(p, w, v->previous, before, "its time as the kept version is over");
        upgrade(p, w, before);
        return;
    case WORLD_REVERT:
        before = timeline_rollback(p, w, v->desired, v->why);
        retire_all_but(p, w, v->desired, before, "the spec went back");
        return;
    case WORLD_BAKE:
        bake(p, w, full);
        plan_live_world(p, w->want, full);
        return;
    }
}

/* Colour is a label for people: the other one of the live world's. */
static const char *other_colour(const struct live *l, const struct world_view *v)
{
    const struct live_world *lw = live_world(l, v->name, v->live);
    if (lw && lw->colour)
        return strcmp(lw->colour, "blue") ? "blue" : "green";
    return v->live ? "green" : "blue";
}

static struct plan_world *add_world(struct planner *p, const char *name)
{
    for (size_t i = 0; i < p->plan->worlds.n; i++)
        if (!strcmp(p->plan->worlds.at[i]->view.name, name))
            return NULL;
    struct plan_world *w = arena_make(p->arena, struct plan_world);
    world_observe(p->arena, p->graph, p->live, name, &w->view);
    w->view.retry = p->args->retry;
    w->view.destroy = p->args->destroy && (!strcmp(p->args->destroy, "*") || !strcmp(p->args->destroy, name));
    w->want = graph_world(p->graph, name);
    w->desired_id = w->want ? w->want->id : NULL;
    w->rollout = graph_rollout(p->graph, name, p->args->rollout);
    w->colour = other_colour(p->live, &w->view);
    world_decide(p->arena, &w->view);
    vec_push(p->arena, &p->plan->worlds, w);
    return w;
}

static bool unknown_rollout(struct planner *p)
{
    if (!p->args->rollout)
        return false;
    for (size_t i = 0; i < p->graph->rollouts.n; i++)
        if (p->graph->rollouts.at[i]->as && !strcmp(p->graph->rollouts.at[i]->as, p->args->rollout))
            return false;
    struct diag *d = diag_error(p->ds, "BG6003", NO_SPAN, "there is no rollout named `%s`", p->args->rollout);
    for (size_t i = 0; i < p->graph->rollouts.n; i++)
        if (p->graph->rollouts.at[i]->as)
            diag_help(p->ds, d, "the spec has `rollout %s as %s`", p->graph->rollouts.at[i]->world,
                      p->graph->rollouts.at[i]->as);
    return true;
}

struct plan *plan_make(struct schemas *ss, struct arena *a, struct diags *ds, const struct graph *g,
                       const struct live *l, const struct plan_args *args)
{
    struct planner p = {.schemas = ss, .arena = a, .ds = ds, .graph = g, .live = l, .args = args};
    if (unknown_rollout(&p))
        return NULL;
    p.plan = arena_make(a, struct plan);
    p.plan->graph = g;
    p.plan->live = l;
    p.plan->spec_sha256 = spec_digest(a, g);
    p.plan->observed_sha256 = observed_digest(a, l);
    p.facts = plan_facts(ss, a, g, l);
    map_init(&p.seq_of, a);
    for (size_t i = 0; i < l->all.n; i++)
        if (l->all.at[i]->foreign) {
            struct diag *d = diag_error(ds, "BG6004", NO_SPAN, "%s %s is tagged as %s of this stack, but %s",
                                        l->all.at[i]->type, l->all.at[i]->id, l->all.at[i]->address,
                                        l->all.at[i]->foreign_why);
            diag_help(ds, d, "if it is yours, take it with `adopt %s = \"%s\"`; else remove its bgc tags",
                      l->all.at[i]->address, l->all.at[i]->id);
            p.plan->refused = true;
        }
    for (size_t i = 0; i < l->traffics.n; i++)
        if (l->traffics.at[i]->kill_switch_fired)
            vec_push(a, &p.plan->alerts,
                     arena_printf(a, "%s: the kill switch is fired: DNS leaves the new world out, and the next run "
                                     "takes it back for good", l->traffics.at[i]->world));
    if (!args->destroy)
        plan_shared(&p);
    for (size_t i = 0; i < g->worlds.n; i++) {
        struct plan_world *w = add_world(&p, g->worlds.at[i]->name);
        if (w)
            plan_one_world(&p, w);
    }
    for (size_t i = 0; i < l->worlds.n; i++) { /* worlds that left the spec */
        struct plan_world *w = add_world(&p, l->worlds.at[i]->name);
        if (w)
            plan_one_world(&p, w);
    }
    if (args->destroy && !strcmp(args->destroy, "*"))
        destroy_shared(&p);
    for (size_t i = 0; i < p.plan->worlds.n; i++) {
        int64_t tail = timeline_tail(&p, p.plan->worlds.at[i]);
        if (tail > p.plan->rollback_ms) {
            p.plan->rollback_ms = tail;
            p.plan->rollback_tail = timeline_tail_of(&p, p.plan->worlds.at[i]);
        }
    }
    if (!p.plan->refused && !args->destroy && !verify_plan(a, ds, p.plan))
        return NULL;
    return p.plan;
}

bool plan_empty(const struct plan *p)
{
    for (size_t i = 0; i < p->actions.n; i++) {
        const struct action *act = p->actions.at[i];
        bool waits = false; /* what only waits for a bake to end is no difference */
        for (size_t k = 0; k < p->worlds.n; k++) {
            const char *name = p->worlds.at[k]->view.name;
            size_t n = strlen(name);
            waits = waits || (p->worlds.at[k]->view.action == WORLD_BAKE && act->world && act->op != PLAN_TUNE &&
                              act->op != PLAN_NAME && act->op != PLAN_UNNAME &&
                              !strncmp(act->world, name, n) && act->world[n] == '/');
        }
        if (!waits)
            return false;
    }
    return true;
}
