#include "plan/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan/active.h"
#include "plan/medium.h"

int64_t step_index(const struct rollout *r, const struct step_ast *step)
{
    int64_t i = 0;
    for (const struct step_ast *s = r->steps; s; s = s->next) {
        if (s == step)
            return s->kind == STEP_SHIFT ? i : -1;
        i += s->kind == STEP_SHIFT;
    }
    return -1;
}

const struct step_ast *step_at(const struct rollout *r, int64_t index)
{
    for (const struct step_ast *s = r ? r->steps : NULL; s; s = s->next)
        if (s->kind == STEP_SHIFT && index-- == 0)
            return s;
    return NULL;
}

const struct step_ast *step_after(const struct step_ast *step, enum step_kind kind)
{
    for (const struct step_ast *s = step ? step->next : NULL; s && s->kind != STEP_SHIFT; s = s->next)
        if (s->kind == kind)
            return s;
    return NULL;
}

const struct step_ast *step_find(const struct rollout *r, enum step_kind kind)
{
    for (const struct step_ast *s = r ? r->steps : NULL; s; s = s->next)
        if (s->kind == kind)
            return s;
    return NULL;
}

static struct action *then(struct planner *p, enum plan_op op, struct plan_world *w, const char *id,
                           struct action *before, const char *reason)
{
    const char *world = arena_printf(p->arena, "%s/%s", w->view.name, id);
    struct action *act = plan_add(p, op, w->view.name, world, reason);
    action_need(p, act, before);
    if (w->rollout)
        act->span = w->rollout->decl->name.span;
    return act;
}

static struct action *step(struct planner *p, enum plan_op op, struct plan_world *w, const char *id,
                           struct action *before, const struct step_ast *line, const char *reason)
{
    struct action *act = then(p, op, w, id, before, reason);
    act->step = line;
    act->span = line->span;
    act->gate = line->gate.text;
    act->duration = line->duration;
    return act;
}

/* What the kind of a world's traffic says of itself; NULL: nothing. */
static const char *says(struct planner *p, const struct plan_world *w, const char *what)
{
    const struct traffic *t = graph_traffic(p->graph, w->view.name);
    return t ? value_get_string(medium_how(p->arena, p->graph, t->kind), what) : NULL;
}

static double percent(const struct step_ast *s)
{
    return dec_double(s->share);
}

struct handed {
    struct buf early, late; /* of the world that takes the work over: may begin before the other's rest; the rest */
    struct buf rest;        /* of the other */
};

static void name(struct buf *b, const char *address)
{
    buf_printf(b, "%s%s", b->len ? ", " : "", address);
}

static void handed_init(struct planner *p, struct handed *h)
{
    buf_init(&h->early, p->arena);
    buf_init(&h->late, p->arena);
    buf_init(&h->rest, p->arena);
}

static bool between(double from, double above, double upto)
{
    return from > above && from <= upto;
}

/* What the spec wants to work from a share of (above, upto]. */
static void wakes(struct planner *p, const struct plan_world *w, double above, double upto, struct handed *h)
{
    for (size_t i = 0; w->want && i < w->want->nodes.n; i++) {
        const struct node *n = w->want->nodes.at[i];
        if (active_waits(n, schema_find(p->schemas, n->type)) && between(dec_double(n->active_from), above, upto))
            name(active_overlaps(p->graph, n->address) ? &h->early : &h->late, n->address);
    }
}

/* What of a world that stands works from a share of (above, upto]: goes to rest, or wakes. */
static void of_live(struct planner *p, const struct plan_world *w, const char *id, double above, double upto, bool rests,
                    struct handed *h)
{
    const struct live_world *lw = live_world(p->live, w->view.name, id);
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        const struct live_resource *r = lw->resources.at[i];
        const char *tag = r->reading ? value_get_string(r->reading->tags, TAG_ACTIVE) : NULL;
        if (tag && between(strtod(tag, NULL), above, upto))
            name(rests ? &h->rest : active_overlaps(p->graph, r->address) ? &h->early : &h->late, r->address);
    }
}

static struct action *wake(struct planner *p, struct plan_world *w, const char *to, struct buf *who, struct action *last)
{
    return who->len ? then(p, PLAN_ACTIVATE, w, to, last, arena_printf(p->arena, "%s: works from here on", buf_text(who))) : last;
}

/* Work that does not follow traffic changes hands behind the shift that reaches its
 * share: it ends in `from` and begins in `to`. */
static struct action *hand_over(struct planner *p, struct plan_world *w, const char *from, const char *to,
                                struct handed *h, struct action *last)
{
    last = wake(p, w, to, &h->early, last);
    if (h->rest.len)
        last = then(p, PLAN_QUIESCE, w, from, last,
                    arena_printf(p->arena, "%s: put to rest%s", buf_text(&h->rest),
                                 h->early.len && !h->late.len ? "" : " first, so that no work is done twice"));
    return wake(p, w, to, &h->late, last);
}

/* A partial share whose hold has no gate is covered by the kill switch or is an
 * error of the spec; what remains unwatched is the time after a pause. */
static void note_unwatched(struct planner *p, const struct plan_world *w, const struct step_ast *bake)
{
    if (bake && !bake->gate.text)
        vec_push(p->arena, &p->plan->unwatched,
                 arena_printf(p->arena, "%s: the bake of %s has no gate", w->view.name,
                              clock_span(p->arena, bake->duration)));
    else if (bake)
        vec_push(p->arena, &p->plan->unwatched,
                 arena_printf(p->arena,
                              "%s: the bake of %s, unless `apply --wait` or a schedule of `bgc tick` watches it",
                              w->view.name, clock_span(p->arena, bake->duration)));
}

struct action *timeline_rollout(struct planner *p, struct plan_world *w, const char *id,
                                struct action *const *after, size_t nafter)
{
    const struct traffic_state *t = live_traffic(p->live, w->view.name);
    bool resumed = w->view.candidate && !strcmp(w->view.candidate, id) && w->view.candidate_share > 0;
    int64_t at = resumed && t ? t->record.step : -1;
    struct action *last = NULL;
    const struct rollout *r = w->rollout;
    bool first = !w->view.live;
    double before = 0;
    const char *how = says(p, w, "shift");
    struct handed work;
    handed_init(p, &work);

    if (!resumed) {
        const struct step_ast *test = step_find(r, STEP_TEST);
        struct action *act;
        if (test)
            act = step(p, PLAN_TEST, w, id, NULL, test, "before any user reaches it");
        else
            act = then(p, PLAN_TEST, w, id, NULL, "no gate is named: only that it was created completely");
        for (size_t i = 0; i < nafter; i++)
            action_need(p, act, after[i]);
        last = then(p, PLAN_TAG, w, id, act, w->view.no_traffic ? "sealed: it is the version that counts from here on"
                                                               : "sealed: nothing of it is changed from its first share on");
    }
    if (w->view.no_traffic)
        return last;
    if (first) {
        last = then(p, PLAN_SHIFT, w, id, last, "first creation: there is nothing to shift from");
        last->share = 100;
        p->plan->shifts++;
        wakes(p, w, 0, 100, &work);
        return hand_over(p, w, NULL, id, &work, last);
    }
    if (strcmp(w->view.live, WORLD_BY_HAND) && !resumed && !(r && r->steps && r->steps->hold_nothing))
        last = then(p, PLAN_HOLD, w, w->view.live, last,
                    "its capacity is kept, so that going back finds it warm");
    for (const struct step_ast *s = r ? r->steps : NULL; s; s = s->next) {
        if (s->kind == STEP_SHIFT) {
            int64_t index = step_index(r, s);
            if (index < at) {
                before = percent(s);
                continue;
            }
            if (index > at) {
                last = then(p, PLAN_SIZE, w, id, last, "sized ahead for the share that it is about to take");
                last->share = percent(s);
                last->span = s->span;
                last = step(p, PLAN_SHIFT, w, id, last, s, how ? how : "one batch, compared with the record that was read");
                last->share = percent(s);
                last->gate = NULL;
                last->duration = 0;
                p->plan->shifts++;
                handed_init(p, &work);
                of_live(p, w, w->view.live, before, percent(s), true, &work);
                wakes(p, w, before, percent(s), &work);
                last = hand_over(p, w, w->view.live, id, &work, last);
            }
            before = percent(s);
            last = step(p, PLAN_WATCH, w, id, last, s, index == at ? "the gate of the step that it is in runs again" : "goes on only on evidence");
            last->share = percent(s);
            p->plan->duration_ms += s->duration;
        } else if (s->kind == STEP_APPROVE) {
            const struct step_ast *prior = NULL;
            for (const struct step_ast *q = r->steps; q != s; q = q->next)
                if (q->kind == STEP_SHIFT)
                    prior = q;
            if (prior && step_index(r, prior) < at)
                continue;
            last = step(p, PLAN_APPROVE, w, id, last, s, s->role);
            last->duration = s->within;
        } else if (s->kind == STEP_BAKE) {
            last = step(p, PLAN_BAKE, w, id, last, s, "the version before it is kept, to go back to");
            p->plan->duration_ms += s->duration;
            note_unwatched(p, w, s);
        }
    }
    return last;
}

struct action *timeline_rollback(struct planner *p, struct plan_world *w, const char *to,
                                 const char *reason)
{
    struct action *act = then(p, PLAN_ROLLBACK, w, to, NULL, reason);
    act->share = 100;
    p->plan->shifts++;
    double had = w->view.candidate ? w->view.candidate_share : 100;
    const char *from = w->view.candidate ? w->view.candidate : w->view.live;
    if (from && strcmp(from, to)) {
        struct handed work;
        handed_init(p, &work);
        of_live(p, w, from, 0, had, true, &work);
        of_live(p, w, to, 0, had, false, &work);
        act = hand_over(p, w, from, to, &work, act);
    }
    return then(p, PLAN_RELEASE, w, to, act, "its size is its own again");
}

void timeline_retire(struct planner *p, struct plan_world *w, const char *id,
                     const struct action *after, const char *reason)
{
    if (!strcmp(id, WORLD_BY_HAND)) /* made by hand: it loses its records and is left alone */
        return;
    const struct live_world *lw = live_world(p->live, w->view.name, id);
    if (!lw)
        return;
    struct action *doom = then(p, PLAN_DOOM, w, id, NULL, w->view.no_traffic ? "marked by its tags: it is on its way out"
                                                                            : "marked in the record: never weighted again");
    action_need(p, doom, after);
    plan_removal(p, lw, doom, reason);
}

int64_t timeline_tail(struct planner *p, const struct plan_world *w)
{
    const struct traffic_state *t = live_traffic(p->live, w->view.name);
    const struct traffic *traffic = graph_traffic(p->graph, w->view.name);
    const struct value *tail = traffic ? value_get(medium_how(p->arena, p->graph, traffic->kind), "tail") : NULL;
    if (tail && tail->kind == V_DURATION) /* no resolver is involved, and connections do not stay behind */
        return tail->i;
    int64_t propagation = 60000, ttl = (t && t->ttl ? t->ttl : 60) * 1000, keep_alive = 60000;
    const struct node *entry = w->want ? graph_find(p->graph, w->want->entry) : NULL;
    const struct schema *s = entry ? schema_find(p->schemas, entry->type) : NULL;
    const struct value *field = s ? map_find(&s->settings, "connection_tail") : NULL;
    if (!field)
        return propagation + ttl + keep_alive;
    const struct value *v = value_get(plan_desired(p, entry), field->s);
    if (v && v->kind == V_DURATION)
        keep_alive = v->i;
    for (size_t i = 0; i < p->live->all.n; i++) { /* those that serve now may keep theirs for longer */
        const struct live_resource *r = p->live->all.at[i];
        v = r->world && r->reading && !strcmp(r->address, entry->address) ? value_get(r->reading->fields, field->s) : NULL;
        if (v && v->kind == V_DURATION && v->i > keep_alive)
            keep_alive = v->i;
    }
    return propagation + ttl + keep_alive;
}

const char *timeline_tail_of(struct planner *p, const struct plan_world *w)
{
    const char *words = says(p, w, "tail_of");
    return words ? words : "DNS servers, TTL, kept-alive connections";
}
