#include "plan/verify.h"

#include <string.h>

#include "plan/observes.h"

/* World states are keyed by "web/7f3a2c91d0", as actions name them. */
static const char *full_id(struct arena *a, const char *world, const char *id)
{
    return arena_printf(a, "%s/%s", world, id);
}

struct world_state *verify_world(struct arena *a, struct verifier *v, const char *id)
{
    for (size_t i = 0; i < v->worlds.n; i++)
        if (!strcmp(v->worlds.at[i].id, id))
            return &v->worlds.at[i];
    vec_push(a, &v->worlds, (struct world_state){.id = arena_strdup(a, id)});
    return &v->worlds.at[v->worlds.n - 1];
}

void verify_begin(struct arena *a, struct verifier *v, const struct live *l)
{
    *v = (struct verifier){.live = l};
    for (size_t i = 0; i < l->worlds.n; i++) {
        const struct live_world *lw = l->worlds.at[i];
        struct world_state *s = verify_world(a, v, full_id(a, lw->name, lw->id));
        s->exists = true;
        s->tested = lw->sealed; /* sealed is set between the passed test and the first share */
        s->doomed = lw->doomed;
    }
    for (size_t i = 0; i < l->traffics.n; i++) {
        const struct traffic_state *t = l->traffics.at[i];
        for (size_t k = 0; k < t->shares.n; k++) {
            struct world_state *s = verify_world(a, v, full_id(a, t->world, t->shares.at[k].world));
            s->share = traffic_share_of(t, t->shares.at[k].world);
            s->tested = s->exists = s->answers = true; /* it serves: that is as tested as it gets */
        }
        for (size_t k = 0; k < t->record.doomed.n; k++)
            verify_world(a, v, full_id(a, t->world, t->record.doomed.at[k]))->doomed = true;
    }
}

/* The same world name, another id: "web/..." */
static bool siblings(const char *a, const char *b)
{
    const char *slash = strchr(a, '/');
    size_t n = slash ? (size_t)(slash - a) + 1 : strlen(a);
    return !strncmp(a, b, n);
}

static bool deny(struct arena *a, const char **why, const char *what, const struct action *act)
{
    *why = arena_printf(a, "%s (%s of %s)", what, plan_op_name(act->op),
                        act->address ? act->address : act->world);
    return false;
}

static bool only_tune(const struct action *act)
{
    for (size_t i = 0; i < act->nchanges; i++)
        if (!(act->changes[i].field->mods & FIELD_TUNE))
            return false;
    return true;
}

/* Gives `s` `share` percent and the rest to whoever had the most. */
static void set_share(struct verifier *v, struct world_state *s, double share)
{
    struct world_state *rest = NULL;
    for (size_t i = 0; i < v->worlds.n; i++) {
        struct world_state *o = &v->worlds.at[i];
        if (o != s && siblings(s->id, o->id) && o->share > 0 && (!rest || o->share > rest->share))
            rest = o;
    }
    for (size_t i = 0; i < v->worlds.n; i++)
        if (siblings(s->id, v->worlds.at[i].id))
            v->worlds.at[i].share = 0;
    s->share = share;
    if (rest)
        rest->share = 100 - share;
}

static bool shift(struct arena *a, struct verifier *v, struct world_state *s, double share,
                  const struct action *act, const char **why)
{
    if (share <= 0 || share > 100)
        return deny(a, why, "a share must be above 0 % and at most 100 %", act);
    if (!s->tested)
        return deny(a, why, "P3: traffic would reach a world that has not passed its tests", act);
    if (s->doomed)
        return deny(a, why, "P1: traffic would reach a world that is marked for removal", act);
    double others = 0;
    for (size_t i = 0; i < v->worlds.n; i++)
        if (&v->worlds.at[i] != s && siblings(s->id, v->worlds.at[i].id))
            others += v->worlds.at[i].share;
    if (share < 100 && others <= 0)
        return deny(a, why, "P2: a partial share would leave the rest of the traffic to nobody", act);
    set_share(v, s, share);
    s->answers = true;
    return true;
}

static void only_one_answers(struct verifier *v, struct world_state *s)
{
    for (size_t i = 0; i < v->worlds.n; i++)
        if (siblings(s->id, v->worlds.at[i].id))
            v->worlds.at[i].answers = &v->worlds.at[i] == s;
}

bool verify_serves(const struct verifier *v, const char *world)
{
    const struct world_state *s = NULL;
    for (size_t i = 0; i < v->worlds.n && !s; i++)
        if (!strcmp(v->worlds.at[i].id, world))
            s = &v->worlds.at[i];
    if (!s || s->doomed)
        return s && s->share > 0;
    if (s->share > 0 || s->answers)
        return true;
    const char *slash = strchr(world, '/');
    for (size_t i = 0; v->live && slash && i < v->live->traffics.n; i++) {
        const char *name = v->live->traffics.at[i]->world;
        if (strlen(name) == (size_t)(slash - world) && !strncmp(name, world, strlen(name)))
            return false;
    }
    return s->exists;
}

static bool serves(const void *self, const char *world)
{
    return verify_serves(self, world);
}

/* Shared resources are reconciled in place, but what a world that serves observes of
 * them is only added to (world rule 3). */
static bool shared_step(struct arena *a, const struct verifier *v, const struct action *act,
                        const char **why)
{
    bool changes = act->op == PLAN_UPDATE || act->op == PLAN_REPLACE || act->op == PLAN_DELETE ||
                   act->op == PLAN_TUNE;
    if (!changes || !act->live || !v->live)
        return true;
    if ((act->op == PLAN_UPDATE || act->op == PLAN_TUNE) && !action_takes_away(act))
        return true;
    const struct live_resource *r = observer_find(a, v->live, act->live, serves, v);
    return !r || deny(a, why, arena_printf(a, "rule 3: %s of %s, which serves, uses what would be "
                                              "taken away", r->address, r->world), act);
}

bool verify_step(struct arena *a, struct verifier *v, const struct action *act, const char **why)
{
    *why = NULL;
    if (!act->world)
        return shared_step(a, v, act, why);
    struct world_state *s = verify_world(a, v, act->world);
    switch (act->op) {
    case PLAN_CREATE:
        if (s->share > 0 || s->answers)
            return deny(a, why, "P1: a world with traffic would be added to", act);
        if (s->doomed)
            return deny(a, why, "P1: a world that is marked for removal would be added to", act);
        s->exists = true;
        return true;
    case PLAN_UPDATE:
    case PLAN_REPLACE:
        if (s->share > 0 || s->answers)
            return deny(a, why, "P1: a world with traffic would be changed", act);
        return true;
    case PLAN_TUNE:
        if (!only_tune(act))
            return deny(a, why, "P1: a field that is not `tune` would be changed", act);
        return true;
    case PLAN_TAG:
    case PLAN_HOLD:
    case PLAN_RELEASE:
    case PLAN_WATCH:
    case PLAN_APPROVE:
    case PLAN_BAKE:
        return true;
    case PLAN_NAME:
    case PLAN_UNNAME: /* who has a share has the same one at every name */
        return s->doomed ? deny(a, why, "P1: a world that is marked for removal would get a name", act) : true;
    case PLAN_ACTIVATE:
        if (!only_tune(act))
            return deny(a, why, "P1: a field that is not `tune` would be changed", act);
        if (!s->tested)
            return deny(a, why, "P3: a world that has not passed its tests would pull work", act);
        return s->doomed ? deny(a, why, "P1: a world that is marked for removal would pull work", act) : true;
    case PLAN_QUIESCE:
        if (!only_tune(act))
            return deny(a, why, "P1: a field that is not `tune` would be changed", act);
        return s->share > 0 && s->share >= 100 ? deny(a, why, "P2: nobody would be left to do the work", act) : true;
    case PLAN_SIZE:
        return true; /* upward only: the executor sends max(now, wanted) */
    case PLAN_TEST:
        s->tested = true;
        return true;
    case PLAN_SHIFT:
        return shift(a, v, s, act->share, act, why);
    case PLAN_ROLLBACK:
        if (!shift(a, v, s, 100, act, why))
            return false;
        only_one_answers(v, s);
        return true;
    case PLAN_DOOM:
        if (s->share > 0)
            return deny(a, why, "P1: a world with traffic would be marked for removal", act);
        s->doomed = true;
        s->answers = false;
        return true;
    case PLAN_DELETE:
        if (s->share > 0)
            return deny(a, why, "P1: a world with traffic would be removed", act);
        if (!s->doomed)
            return deny(a, why, "P1: a world would be removed before it is marked", act);
        return true;
    }
    return deny(a, why, "the operation is not in the effect set", act);
}

bool verify_plan(struct arena *a, struct diags *ds, const struct plan *p)
{
    struct verifier v;
    verify_begin(a, &v, p->live);
    for (size_t i = 0; i < p->actions.n; i++) {
        const char *why;
        if (verify_step(a, &v, p->actions.at[i], &why))
            continue;
        struct diag *d = diag_error(ds, "BG6001", p->actions.at[i]->span,
                                    "the plan would break a promise: %s", why);
        diag_note(ds, d, "nothing was done; step %d of the plan is not allowed", p->actions.at[i]->seq);
        diag_help(ds, d, "this is a defect of bgc, not of your spec: please report it with the plan");
        return false;
    }
    return true;
}
