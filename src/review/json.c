#include "review/json.h"

#include <string.h>

#include "base/render.h"
#include "base/version.h"
#include "review/words.h"

static struct value *text(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

static struct value *share(struct arena *a, double percent)
{
    return percent < 0 ? value_none(a) : value_number(a, dec_from_double(percent));
}

static struct value *known(struct arena *a, const struct value *v)
{
    return v ? words_known(a, v) : value_none(a);
}

struct value *review_json_changes(struct arena *a, const struct change *changes, size_t n)
{
    struct value **at = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct change *c = &changes[i];
        bool secret = c->secret || (c->before && value_secret(c->before)) ||
                      (c->after && value_secret(c->after));
        at[i] = value_map(a);
        value_put(at[i], "path", text(a, c->path));
        value_put(at[i], "before", secret && c->before ? text(a, "(secret)") : known(a, c->before));
        value_put(at[i], "after", secret && c->after ? text(a, "(secret)") : known(a, c->after));
        value_put(at[i], "deferred", value_bool(a, c->deferred));
        value_put(at[i], "secret", value_bool(a, secret));
    }
    return value_list(a, at, n);
}

static struct value *place(struct arena *a, const struct plan *p, struct span span)
{
    struct render_place at;
    if (!render_place(p->graph->program->ds->sources, span, &at))
        return value_none(a);
    struct value *v = value_map(a);
    value_put(v, "path", text(a, at.path));
    value_put(v, "line", value_int(a, at.start.line));
    value_put(v, "column", value_int(a, at.start.column));
    return v;
}

static struct value *action(struct arena *a, const struct plan *p, const struct action *act)
{
    struct value *v = value_map(a), **needs = arena_array(a, struct value *, act->needs.n + 1);
    for (size_t i = 0; i < act->needs.n; i++)
        needs[i] = value_int(a, act->needs.at[i]);
    value_put(v, "seq", value_int(a, act->seq));
    value_put(v, "op", text(a, plan_op_name(act->op)));
    value_put(v, "address", text(a, act->address));
    value_put(v, "type", text(a, act->type));
    value_put(v, "world", text(a, act->world));
    value_put(v, "share", share(a, act->share));
    value_put(v, "reason", text(a, act->reason));
    value_put(v, "span", place(a, p, act->span));
    value_put(v, "needs", value_list(a, needs, act->needs.n));
    value_put(v, "changes", review_json_changes(a, act->changes, act->nchanges));
    return v;
}

static struct value *live_of(struct arena *a, const struct plan *p, const struct world_view *v)
{
    if (!v->live)
        return value_none(a);
    const struct live_world *lw = live_world(p->live, v->name, v->live);
    const struct traffic_state *t = live_traffic(p->live, v->name);
    struct value *m = value_map(a);
    value_put(m, "id", text(a, v->live));
    value_put(m, "colour", text(a, lw ? lw->colour : NULL));
    bool hand = t && t->kind == TRAFFIC_SIMPLE;
    value_put(m, "share", share(a, hand || !t ? 100 : traffic_share_of(t, v->live)));
    return m;
}

/* What is or will be built: an id that serves is no candidate. */
static struct value *candidate_of(struct arena *a, const struct plan *p, const struct plan_world *w)
{
    const struct world_view *v = &w->view;
    const char *id = v->candidate ? v->candidate : w->desired_id;
    if (!id || (v->live && !strcmp(id, v->live)) || (!v->candidate && v->action == WORLD_REFUSED))
        return value_none(a);
    const struct live_world *lw = live_world(p->live, v->name, id);
    struct value *m = value_map(a);
    value_put(m, "id", text(a, id));
    value_put(m, "colour", text(a, lw && lw->colour ? lw->colour : w->colour));
    value_put(m, "state",
              text(a, v->candidate_share > 0  ? "sharing"
                      : !lw                   ? "planned"
                      : v->candidate_complete ? "complete"
                                              : "incomplete"));
    return m;
}

static struct value *worlds(struct arena *a, const struct plan *p)
{
    struct value *all = value_map(a);
    for (size_t i = 0; i < p->worlds.n; i++) {
        const struct plan_world *w = p->worlds.at[i];
        struct value *v = value_map(a);
        value_put(v, "live", live_of(a, p, &w->view));
        value_put(v, "candidate", candidate_of(a, p, w));
        value_put(v, "action", text(a, world_action_name(w->view.action)));
        value_put(all, w->view.name, v);
    }
    return all;
}

static struct value *drifts(struct arena *a, const struct plan *p)
{
    struct value **at = arena_array(a, struct value *, p->drift.n + 1);
    for (size_t i = 0; i < p->drift.n; i++) {
        const struct drift *d = &p->drift.at[i];
        at[i] = value_map(a);
        value_put(at[i], "address", text(a, d->address));
        value_put(at[i], "type", text(a, d->type));
        value_put(at[i], "world", text(a, d->world));
        value_put(at[i], "what", text(a, d->what));
        value_put(at[i], "changes", review_json_changes(a, d->changes, d->nchanges));
    }
    return value_list(a, at, p->drift.n);
}

struct value *review_json(struct arena *a, const struct plan *p, const struct diags *ds)
{
    struct value *v = value_map(a), *sum = value_map(a);
    struct value **actions = arena_array(a, struct value *, p->actions.n + 1);
    for (size_t i = 0; i < p->actions.n; i++)
        actions[i] = action(a, p, p->actions.at[i]);
    value_put(sum, "create", value_int(a, p->creates));
    value_put(sum, "update", value_int(a, p->updates));
    value_put(sum, "replace", value_int(a, p->replaces));
    value_put(sum, "delete", value_int(a, p->deletes));
    value_put(sum, "shift", value_int(a, p->shifts));
    value_put(v, "format", text(a, PLAN_FORMAT));
    value_put(v, "bgc", text(a, bgc_version()));
    value_put(v, "stack", text(a, p->graph->stack));
    value_put(v, "account", text(a, p->live->account_id));
    value_put(v, "region", text(a, p->graph->region));
    value_put(v, "spec_sha256", text(a, p->spec_sha256));
    value_put(v, "observed_sha256", text(a, p->observed_sha256));
    value_put(v, "worlds", worlds(a, p));
    value_put(v, "actions", value_list(a, actions, p->actions.n));
    value_put(v, "summary", sum);
    value_put(v, "drift", drifts(a, p));
    value_put(v, "diagnostics", ds ? render_json(a, ds) : value_list(a, NULL, 0));
    return v;
}
