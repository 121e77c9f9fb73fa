#include "plan/resources.h"

#include "base/clock.h"
#include "plan/observes.h"
#include "plan/order.h"
#include "plan/placed.h"
#include "plan/verify.h"

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

/* ---- one resource ------------------------------------------------------------------- */

struct action *plan_resource(struct planner *p, const struct node *n, const char *world, bool serves)
{
    const struct schema *s = schema_find(p->schemas, n->type);
    const struct live_resource *r = live_find(p->live, world, n->address);
    struct value *want = plan_desired(p, n);
    if (!s || !want)
        return NULL;
    struct action *act;
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
    name_it(p, act, n, world);
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
    if (tags && r->reading && !placed_said(tags, r))
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
        const struct live_resource *r = live_find(p->live, world, n->address);
        if (!r) {
            vec_push(p->arena, &p->plan->drift,
                     (struct drift){.address = n->address, .world = world, .type = n->type, .what = "gone"});
            continue;
        }
        size_t nc = 0, tune = 0, other = 0;
        struct value *want = plan_desired(p, n);
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
