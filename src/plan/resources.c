#include "plan/resources.h"

#include "base/clock.h"
#include "plan/observes.h"
#include "plan/active.h"
#include "plan/medium.h"
#include "plan/order.h"
#include "plan/placed.h"
#include "plan/verify.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct action *plan_add(struct planner *p, enum plan_op op, const char *address, const char *world,
                        const char *reason)
{
    struct action *act = arena_make(p->arena, struct action);
    *act = (struct action){.seq = (int)p->plan->actions.n + 1, .op = op, .address = address,
                           .world = world, .share = -1, .reason = reason};
    vec_push(p->arena, &p->plan->actions, act);
    return act;
}

void action_need(struct planner *p, struct action *act, const struct action *other)
{
    if (!other || other == act)
        return;
    for (size_t i = 0; i < act->needs.n; i++)
        if (act->needs.at[i] == other->seq)
            return;
    vec_push(p->arena, &act->needs, other->seq);
}

static const char *key_of(struct planner *p, const char *world, const char *address)
{
    return arena_printf(p->arena, "%s %s", world ? world : "-", address);
}

struct value *plan_desired(struct planner *p, const struct node *n)
{
    const struct schema *s = schema_find(p->schemas, n->type);
    struct value *all = s ? schema_desired(p->schemas, p->arena, s, n->props) : NULL;
    if (!all)
        return NULL;
    all = schema_ids(p->arena, p->facts, eval_force(p->graph, p->arena, p->facts, all));
    return schema_metrics(p->schemas, p->arena, p->graph, p->facts, all);
}

static void name_it(struct planner *p, struct action *act, const struct node *n, const char *world)
{
    const char *slash = world ? strchr(world, '/') : NULL;
    act->node = n;
    act->type = n->type;
    act->span = n->span;
    act->physical_name = plan_physical_name(p->schemas, p->arena, p->graph, n, slash ? slash + 1 : NULL);
}

/* References to what is created or changed in this plan come first. */
static void need_deps(struct planner *p, struct action *act, const struct node *n, const char *world)
{
    for (size_t i = 0; i < n->deps.n; i++) {
        const char *dep = n->deps.at[i];
        const struct action *other = map_find(&p->seq_of, key_of(p, world, dep));
        if (!other)
            other = map_find(&p->seq_of, key_of(p, NULL, dep));
        action_need(p, act, other);
    }
}

static bool has_mod(const struct change *c, size_t n, unsigned mod)
{
    for (size_t i = 0; i < n; i++)
        if (c[i].field->mods & mod)
            return true;
    return false;
}

static bool all_mod(const struct change *c, size_t n, unsigned mod)
{
    for (size_t i = 0; i < n; i++)
        if (!(c[i].field->mods & mod))
            return false;
    return true;
}

/* While its minimum is raised (the tag says what to restore) a size differs from
 * the spec on purpose: that is neither drift nor to be tuned back. */
static size_t without_held(const struct live_resource *r, struct change *c, size_t n)
{
    size_t k = 0;
    bool held = value_get_string(r->reading->tags, TAG_HOLD) != NULL;
    for (size_t i = 0; i < n; i++)
        if (!held || strcmp(c[i].field->name, "size"))
            c[k++] = c[i];
    return k;
}

/* ---- world rule 3 ------------------------------------------------------------------- */

static bool serves_now(const void *self, const char *world)
{
    return verify_serves(self, world);
}

/* What a world that serves uses of a shared resource: the first of its resources. */
static const struct live_resource *observed_by(struct planner *p, const struct live_resource *r)
{
    struct verifier v;
    verify_begin(p->arena, &v, p->live);
    return observer_find(p->arena, p->live, r, serves_now, &v);
}

static void label_observer(struct planner *p, struct diag *d, const struct live_resource *by)
{
    const struct node *n = graph_find(p->graph, by->address);
    if (n && n->span.file)
        diag_label(p->ds, d, n->span, "%s of %s uses it", by->address, by->world);
    else
        diag_note(p->ds, d, "%s of %s uses it", by->address, by->world);
}

/* Whether a shared resource may be changed like this now. false: it is left as it
 * is, and that is reported. */
static bool may_change(struct planner *p, const struct node *n, const struct live_resource *r,
                       struct change *c, size_t nc)
{
    const struct action asked = {.changes = c, .nchanges = nc};
    const struct change *bad = action_takes_away(&asked);
    const struct live_resource *by = bad ? observed_by(p, r) : NULL;
    if (!by)
        return true;
    p->plan->refused = true;
    if (p->args->tolerant)
        return false;
    struct diag *d = diag_error(p->ds, "BG3006", n->span, "%s serves and uses this: it can only be "
                                "added to", by->world);
    if (bad->removed && bad->removed->list.n && value_known(bad->removed) && !bad->secret)
        diag_at(p->ds, d, "`%s` would lose %s", bad->path, value_text(p->arena, bad->removed));
    else
        diag_at(p->ds, d, "`%s` would be changed", bad->path);
    label_observer(p, d, by);
    diag_help(p->ds, d, "declare a second one beside it and let the world use that; remove this "
                        "one when no world uses it any more");
    diag_help(p->ds, d, "or move it into the world, so that each version has its own");
    return false;
}

/* What left the spec stays as long as a world that serves uses it. */
static bool must_stay(struct planner *p, const struct live_resource *r)
{
    const struct live_resource *by = p->args->destroy ? NULL : observed_by(p, r);
    if (!by)
        return false;
    if (!p->args->tolerant) {
        struct diag *d = diag_warn(p->ds, "BG3007", NO_SPAN, "%s left the spec and stays for now",
                                   r->address);
        label_observer(p, d, by);
        diag_help(p->ds, d, "it is removed by the first plan after that world is gone");
    }
    return true;
}

/* ---- whose it is --------------------------------------------------------------------- */

/* What was made by hand is tagged before anything else is done to it; what was made
 * under another name says so from now on. In a world the old name stays: its id is
 * that of the old name, too. */
static const struct action *plan_owned(struct planner *p, const struct node *n, struct live_resource *r, const char *world)
{
    struct value *tags = value_map(p->arena);
    if (r->adopt) {
        const struct world *w = n->world ? graph_world(p->graph, n->world) : NULL;
        struct value *placed = w && w->entry && !strcmp(w->entry, n->address)
                                   ? placed_tags(p->arena, p->graph, p->facts, w->name) : NULL;
        value_put(tags, TAG_STACK, value_string(p->arena, p->graph->stack));
        value_put(tags, TAG_ADDRESS, value_string(p->arena, n->address));
        if (world)
            value_put(tags, TAG_WORLD, value_string(p->arena, world));
        value_put(tags, TAG_ADOPTED, value_string(p->arena, live_mark(p->arena, r->id)));
        for (size_t i = 0; placed && i < placed->map->n; i++)
            value_put(tags, placed->map->entries[i].key, placed->map->entries[i].value);
        return plan_tags(p, r, tags, "adopted: made by hand, and ours from now on");
    }
    const struct schema *s = schema_find(p->schemas, n->type);
    if (!r->was || world || !s->taggable || !schema_call(s, VERB_TAG))
        return NULL;
    const char *was = value_get_string(r->reading->tags, TAG_WAS);
    value_put(tags, TAG_ADDRESS, value_string(p->arena, n->address));
    value_put(tags, TAG_WAS, value_string(p->arena, was ? was : r->was));
    return plan_tags(p, r, tags, arena_printf(p->arena, "moved from %s: only its tags change", r->was));
}

/* Taking something over must not be what breaks it. */
static void refuse_adoption(struct planner *p, const struct node *n, const struct live_resource *r, const struct change *c)
{
    struct diag *d = diag_error(p->ds, "BG6032", n->span, "%s is adopted as %s, whose %s is another one", n->address,
                                r->id, c->path);
    diag_note(p->ds, d, "it is %s, and the spec says %s", value_text(p->arena, c->before), value_text(p->arena, c->after));
    diag_help(p->ds, d, "write what it is; once it is adopted, a change is planned like any other");
    p->plan->refused = true;
}

/* ---- replacing ------------------------------------------------------------------------- */

/* Whether two of a type that agree in the fields of its setting `unique` can be
 * there at once: not when the replacement changes none of them. */
static const char *stands_in_the_way(struct planner *p, const struct schema *s, const struct change *c, size_t n)
{
    const struct value *unique = map_find(&s->settings, "unique");
    struct buf b;
    buf_init(&b, p->arena);
    if (!unique)
        return NULL;
    size_t fields = unique->kind == V_LIST ? unique->list.n : 1;
    for (size_t i = 0; i < fields; i++) {
        const struct value *f = unique->kind == V_LIST ? unique->list.at[i] : unique;
        for (size_t k = 0; k < n; k++)
            if (!strcmp(c[k].field->name, f->s))
                return NULL;
        buf_printf(&b, "%s%s", !i ? "" : i + 1 < fields ? ", " : " and ", f->s);
    }
    return buf_text(&b);
}

/* The new one beside the old one, which goes when nothing refers to it any more; or,
 * where both cannot be, in its place. In a world nobody refers to what is half made. */
static void plan_replacement(struct planner *p, struct action *act, const struct schema *s, const char *world)
{
    const char *why = act->reason, *way = stands_in_the_way(p, s, act->changes, act->nchanges);
    if (world)
        return;
    if (!s->taggable)
        act->reason = arena_printf(p->arena, "%s: the old one is removed first, as its name is what says whose it is", why);
    else if (way)
        act->reason = arena_printf(p->arena, "%s: the old one is removed first, as no two can have the same %s", why, way);
    else {
        act->reason = arena_printf(p->arena, "%s: the new one is made first", why);
        act->generation = live_generation(act->live) + 1;
        act->physical_name = plan_generation_name(p->arena, p->graph->stack, act->address, act->generation, s->name_limit);
    }
    /* Whoever refers to it refers to what is yet to be. */
    facts_put(p->facts, act->address, plan_predicted(p->schemas, p->arena, p->graph, act->node));
}

/* ---- one resource ------------------------------------------------------------------- */

/* Whether it is to be at rest now. One that rests and is due is woken by a step of
 * the rollout, and not by being tuned. */
static bool asleep(struct planner *p, const struct schema *s, const struct node *n, const char *world,
                   const struct live_resource *r)
{
    if (!world || !active_waits(n, s))
        return false;
    bool due = active_due(p->live, n->world, strchr(world, '/') + 1, dec_double(n->active_from));
    return !due || (r && active_rests(s, r->reading->fields));
}

struct action *plan_resource(struct planner *p, const struct node *n, const char *world, bool serves)
{
    const struct schema *s = schema_find(p->schemas, n->type);
    struct live_resource *r = live_find(p->live, world, n->address);
    struct value *want = plan_desired(p, n);
    if (!s || !want)
        return NULL;
    struct action *act;
    const struct action *owned = r ? plan_owned(p, n, r, world) : NULL;
    bool rests = asleep(p, s, n, world, r);
    const struct value *leaves = medium_owns(p->arena, p->graph, n);
    if (rests)
        want = active_asleep(p->arena, s, want);
    if (r && leaves)
        want = medium_without(p->arena, want, leaves);
    if (!r) {
        act = plan_add(p, PLAN_CREATE, n->address, world, world ? "part of the new world" : "not in the account");
        act->changes = schema_diff(p->schemas, p->arena, s, want, NULL, &act->nchanges);
        p->plan->creates++;
    } else {
        size_t nc;
        struct change *c = schema_diff(p->schemas, p->arena, s, want, r->reading->fields, &nc);
        nc = without_held(r, c, nc);
        if (!nc)
            return NULL;
        bool tune = all_mod(c, nc, FIELD_TUNE);
        bool replace = has_mod(c, nc, FIELD_FIXED);
        if (r->adopt && (replace || (world && !tune))) {
            refuse_adoption(p, n, r, c);
            return NULL;
        }
        if (serves && !tune)
            return NULL; /* a live world's drift is reported, never repaired in place */
        if (!world && !may_change(p, n, r, c, nc))
            return NULL;
        enum plan_op op = tune ? PLAN_TUNE : replace ? PLAN_REPLACE : PLAN_UPDATE;
        act = plan_add(p, op, n->address, world,
                       replace ? arena_printf(p->arena, "%s cannot be changed in place", c[0].path)
                       : world && !serves ? "it was begun and is not yet as wanted"
                                          : "it differs from the spec");
        act->live = r;
        act->changes = c;
        act->nchanges = nc;
        if (replace)
            p->plan->replaces++;
        else
            p->plan->updates++;
    }
    act->asleep = rests;
    act->leaves = leaves;
    name_it(p, act, n, world);
    if (r && act->op != PLAN_REPLACE && value_get_string(r->reading->fields, "name"))
        act->physical_name = value_get_string(r->reading->fields, "name");
    if (act->op == PLAN_REPLACE)
        plan_replacement(p, act, s, world);
    action_need(p, act, owned);
    need_deps(p, act, n, world);
    map_put(&p->seq_of, key_of(p, world, n->address), act);
    return act;
}

struct action *plan_tags(struct planner *p, struct live_resource *r, struct value *tags, const char *reason)
{
    struct action *act = plan_add(p, PLAN_TAG, r->address, r->world, reason);
    act->type = r->type;
    act->live = r;
    act->node = graph_find(p->graph, r->address);
    act->span = act->node ? act->node->span : NO_SPAN;
    act->physical_name = r->name;
    act->tags = tags;
    p->plan->updates++;
    return act;
}

/* The entry says where the traffic is; that may have changed, or bgc may have been
 * too old to say it. */
static void plan_placed(struct planner *p, const struct world *w, const char *world)
{
    struct live_resource *r = w->entry ? live_find(p->live, world, w->entry) : NULL;
    const struct schema *s = r ? schema_find(p->schemas, r->type) : NULL;
    struct value *tags = s && schema_call(s, VERB_TAG) ? placed_tags(p->arena, p->graph, p->facts, w->name) : NULL;
    const struct traffic *t = graph_traffic(p->graph, w->name);
    if (!tags || !r->reading || (t && t->stands)) /* whoever changes the names says them, before and after */
        return;
    placed_over(p->arena, tags, r);
    if (!placed_said(tags, r))
        plan_tags(p, r, tags, "it says where its traffic is, so that `rollback` needs no spec");
}

void plan_live_world(struct planner *p, const struct world *w, const char *world)
{
    plan_placed(p, w, world);
    for (size_t i = 0; i < w->nodes.n; i++) {
        const struct node *n = w->nodes.at[i];
        const struct schema *s = schema_find(p->schemas, n->type);
        if (n->existing || !s)
            continue;
        struct live_resource *r = live_find(p->live, world, n->address);
        if (r && r->adopt)
            plan_owned(p, n, r, world);
        if (!r) {
            vec_push(p->arena, &p->plan->drift,
                     (struct drift){.address = n->address, .world = world, .type = n->type, .what = "gone"});
            continue;
        }
        size_t nc = 0, tune = 0, other = 0;
        struct value *want = plan_desired(p, n);
        if (want && asleep(p, s, n, world, r))
            want = active_asleep(p->arena, s, want);
        struct change *c = want ? schema_diff(p->schemas, p->arena, s, want, r->reading->fields, &nc) : NULL;
        nc = c ? without_held(r, c, nc) : 0;
        if (!nc)
            continue;
        struct change *t = arena_array(p->arena, struct change, nc), *o = arena_array(p->arena, struct change, nc);
        for (size_t k = 0; k < nc; k++)
            if (c[k].field->mods & FIELD_TUNE)
                t[tune++] = c[k];
            else
                o[other++] = c[k];
        if (other)
            vec_push(p->arena, &p->plan->drift,
                     (struct drift){n->address, world, n->type, o, other, "changed"});
        if (tune) {
            struct action *act = plan_add(p, PLAN_TUNE, n->address, world,
                                          "a tune field: changed in place, no new world");
            act->live = r;
            act->changes = t;
            act->nchanges = tune;
            name_it(p, act, n, world);
            p->plan->updates++;
        }
    }
}

void plan_removal(struct planner *p, const struct live_world *lw, const struct action *after,
                  const char *reason)
{
    size_t n = 0;
    struct live_resource **all = arena_array(p->arena, struct live_resource *, lw->resources.n + 1);
    for (size_t i = 0; i < lw->resources.n; i++) {
        if (p->args->destroy || !world_keeps(p->graph, p->live, lw->resources.at[i]))
            all[n++] = lw->resources.at[i];
    }
    struct live_resource **order = order_delete(p->arena, all, n);
    struct action **made = arena_array(p->arena, struct action *, n + 1);
    const char *world = arena_printf(p->arena, "%s/%s", lw->name, lw->id);
    for (size_t i = 0; i < n; i++) {
        struct action *act = made[i] = plan_add(p, PLAN_DELETE, order[i]->address, world, reason);
        act->type = order[i]->type;
        act->live = order[i];
        act->physical_name = order[i]->name;
        action_need(p, act, after);
        for (size_t k = 0; k < i; k++)
            if (order_refers(order[k], order[i]))
                action_need(p, act, made[k]);
        p->plan->deletes++;
    }
}

/* Whether something that stays refers to it: of a world, or of `shared` unless this
 * plan makes it refer to the new one. *after: those that do. */
static const struct live_resource *still_used(struct planner *p, const struct live_resource *old, struct action *act)
{
    for (size_t i = 0; i < p->live->all.n; i++) {
        const struct live_resource *r = p->live->all.at[i];
        if (r == old || !order_refers(r, old))
            continue;
        const struct action *changed = r->world ? NULL : map_find(&p->seq_of, key_of(p, NULL, r->address));
        if (!changed && r->world)
            return r;
        action_need(p, act, changed);
    }
    return NULL;
}

/* The old generation, once the new one stands and everybody has moved to it. What a
 * world still refers to goes when that world has gone. */
static void plan_old(struct planner *p, const struct live_resource *old, const struct action *replacing)
{
    struct live_resource *gone = arena_make(p->arena, struct live_resource);
    *gone = *old; /* the address is the new one's by the time this is done */
    struct action needs = {0};
    const struct live_resource *user = still_used(p, old, &needs);
    if (user)
        return;
    struct action *act = plan_add(p, PLAN_DELETE, old->address, NULL, "replaced: nothing refers to it any more");
    act->type = old->type;
    act->live = gone;
    act->superseded = true;
    act->physical_name = old->name;
    for (size_t i = 0; i < needs.needs.n; i++)
        vec_push(p->arena, &act->needs, needs.needs.at[i]);
    action_need(p, act, replacing);
    p->plan->deletes++;
}

static void plan_superseded(struct planner *p)
{
    struct live_world old = {.name = "shared", .id = ""};
    size_t planned = p->plan->actions.n;
    for (size_t i = 0; i < p->live->superseded.n; i++)
        vec_push(p->arena, &old.resources, p->live->superseded.at[i]);
    for (size_t i = 0; i < planned; i++)
        if (p->plan->actions.at[i]->op == PLAN_REPLACE && p->plan->actions.at[i]->generation)
            vec_push(p->arena, &old.resources, (struct live_resource *)(uintptr_t)p->plan->actions.at[i]->live);
    struct live_resource **order = order_delete(p->arena, old.resources.at, old.resources.n);
    const struct action *before = NULL;
    for (size_t i = 0; i < old.resources.n; i++) {
        size_t from = p->plan->actions.n;
        plan_old(p, order[i], map_find(&p->seq_of, key_of(p, NULL, order[i]->address)));
        if (p->plan->actions.n == from)
            continue;
        struct action *act = p->plan->actions.at[from];
        action_need(p, act, before);
        before = act;
    }
}

/* `keep 30d` of what is shared counts from when it was seen to have left. */
static void plan_kept(struct planner *p, struct live_resource *r)
{
    const char *keep = value_get_string(r->reading->tags, TAG_KEEP);
    if (!keep || !strcmp(keep, "forever") || value_get_string(r->reading->tags, TAG_DOOMED))
        return;
    struct value *tags = value_map(p->arena);
    value_put(tags, TAG_DOOMED, value_string(p->arena, clock_iso(p->arena, p->live->at)));
    plan_tags(p, r, tags, arena_printf(p->arena, "it left the spec, and is kept for %s more",
                                       clock_span(p->arena, strtoll(keep, NULL, 10) * 1000)));
}

void plan_shared(struct planner *p)
{
    size_t n = 0;
    struct node **shared = arena_array(p->arena, struct node *, p->graph->nodes.n + 1);
    for (size_t i = 0; i < p->graph->nodes.n; i++)
        if (!p->graph->nodes.at[i]->world && !p->graph->nodes.at[i]->existing)
            shared[n++] = p->graph->nodes.at[i];
    shared = order_create(p->arena, p->graph, shared, n);
    for (size_t i = 0; i < n; i++)
        plan_resource(p, shared[i], NULL, false);
    plan_superseded(p);

    struct live_world gone = {.name = "shared", .id = ""};
    for (size_t i = 0; i < p->live->all.n; i++) {
        struct live_resource *r = p->live->all.at[i];
        if (r->world || graph_find(p->graph, r->address))
            continue;
        if (world_keeps(p->graph, p->live, r))
            plan_kept(p, r);
        else if (!must_stay(p, r))
            vec_push(p->arena, &gone.resources, r);
    }
    struct live_resource **order = order_delete(p->arena, gone.resources.at, gone.resources.n);
    for (size_t i = 0; i < gone.resources.n; i++) {
        struct action *act = plan_add(p, PLAN_DELETE, order[i]->address, NULL, "it left the spec");
        act->type = order[i]->type;
        act->live = order[i];
        act->physical_name = order[i]->name;
        p->plan->deletes++;
    }
}
