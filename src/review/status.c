#include "review/status.h"

#include <string.h>

#include "base/clock.h"
#include "plan/timeline.h"
#include "review/words.h"

/* ---- making ----------------------------------------------------------------------- */

struct maker {
    const struct survey_args *args;
    struct arena *arena;
    const struct survey *survey;
    struct journal journal;
    struct status *out;
};

static const char *full(struct maker *m, const char *world, const char *id)
{
    return arena_printf(m->arena, "%s/%s", world, id ? id : "");
}

static bool said(struct maker *m, const char *kind, const char *world, const char *key,
                 int64_t since)
{
    const struct journal_entry *e = journal_find(&m->journal, kind, world, key);
    return e && e->at >= since;
}

static struct machine_in machine_of(struct maker *m, const struct plan_world *pw,
                                    const struct traffic_state *t, const struct rollout *r)
{
    const struct world_view *v = &pw->view;
    const struct record *rec = t && t->has_record ? &t->record : NULL;
    const struct live_world *lw = live_world(m->survey->live, v->name, v->desired);
    const char *wanted = full(m, v->name, v->desired);
    const struct journal_entry *test = journal_find(&m->journal, "verdict", wanted, "test");
    bool shared = true;
    for (size_t i = 0; i < m->survey->plan->actions.n; i++)
        shared = shared && m->survey->plan->actions.at[i]->world;
    struct machine_in in = {
        .view = v,
        .rollout = r,
        .traffic = t,
        .now = m->out->now,
        .shared_done = shared,
        .candidate_complete = v->candidate_complete,
        .tested = (test && !strcmp(test->text, "pass")) || (lw && lw->sealed),
        .sealed = lw && lw->sealed,
        .held = true,
        .released = true,
        .sized_for = 100,
        .tail = m->survey->plan->rollback_ms,
        .approved = true,
        .step_passed = true,
        .settled = switch_settled(&m->journal, m->arena, t),
    };
    if (rec && (v->candidate_share > 0 || v->previous)) {
        const struct journal_entry *fail = journal_find(&m->journal, "fail",
                                                        full(m, v->name, v->candidate_share > 0 ? v->candidate : v->live),
                                                        machine_step_key(m->arena, rec));
        in.failed = fail || t->kill_switch_fired;
        in.failure = fail ? fail->text : in.failed ? "the kill switch fired" : NULL;
    }
    if (rec && v->candidate) {
        const struct step_ast *line = step_at(r, rec->step);
        in.step_passed = !line || said(m, "pass", full(m, v->name, v->candidate),
                                       machine_step_key(m->arena, rec), 0);
        in.approved =
            !step_after(line, STEP_APPROVE) || said(m, "approval", wanted, NULL, rec->since);
    }
    return in;
}

static const char *words_of(struct maker *m, const struct world_view *v, const struct todo *t)
{
    switch (t->kind) {
    case TODO_NOTHING: return NULL;
    case TODO_CREATE: return "build what is missing";
    case TODO_CLAIM: return "build the new world";
    case TODO_TEST: return "test the new world";
    case TODO_SHIFT:
    case TODO_SIZE:
        return arena_printf(m->arena, "give %s %s %% of the traffic", full(m, v->name, t->world),
                            words_share(m->arena, t->share));
    case TODO_WATCH:
        return arena_printf(m->arena, "hold %s %%%s%s", words_share(m->arena, t->share),
                            t->gate ? " while " : "", t->gate ? t->gate : "");
    case TODO_APPROVE: return arena_printf(m->arena, "wait for \"%s\" to approve", t->line->role);
    case TODO_BAKE: return "keep the old world until the bake ends";
    case TODO_WATCH_IDLE: return "wait until the old world is measured idle";
    case TODO_DOOM:
    case TODO_DRAIN:
    case TODO_REMOVE:
    case TODO_RETIRE: return arena_printf(m->arena, "remove %s", full(m, v->name, t->world));
    case TODO_ROLLBACK:
        return arena_printf(m->arena, "give everything back to %s", full(m, v->name, t->world));
    case TODO_REFUSE:
        if (!v->desired)
            return "nothing: there is no spec of it";
        if (v->aborted)
            return "nothing, until the spec changes or `bgc apply --retry` is said";
        return t->why;
    default: return t->why;
    }
}

static void put_shares(struct maker *m, struct status_world *w, const struct traffic_state *t)
{
    for (size_t i = 0; t && i < t->shares.n; i++) {
        const char *id = *t->shares.at[i].world ? t->shares.at[i].world : WORLD_BY_HAND;
        bool known = false;
        for (size_t k = 0; k < w->shares.n; k++)
            known = known || !strcmp(w->shares.at[k].id, id);
        double percent =
            t->kind == TRAFFIC_SIMPLE ? 100 : traffic_share_of(t, t->shares.at[i].world);
        if (!known)
            vec_push(m->arena, &w->shares, (struct status_share){id, percent});
    }
}

static void put_rollback(struct maker *m, struct status_world *w, const struct traffic_state *t)
{
    const struct world_view *v = w->view;
    w->back_to = v->candidate && v->candidate_share > 0 ? v->live
                 : !v->candidate                        ? v->previous
                                                        : NULL;
    if (!w->back_to || !t)
        return;
    struct traffic_switch *sw = survey_switch(m->args, m->arena, m->survey, v->name);
    if (sw && switch_open(sw, m->arena))
        w->cli = switch_cli(sw, m->arena, t, w->back_to);
}

static const char *outcome_of(const struct world_view *v, enum phase_kind phase)
{
    if (v->aborted)
        return "rolled_back";
    if (v->action == WORLD_REFUSED)
        return v->desired ? "refused" : NULL;
    bool wanted = v->live && v->desired && !strcmp(v->live, v->desired);
    return wanted && (phase == PH_IDLE || phase == PH_BAKING || phase == PH_RETIRING) ? "applied"
                                                                                      : NULL;
}

static struct status_world *make_world(struct maker *m, const struct plan_world *pw)
{
    struct status_world *w = arena_make(m->arena, struct status_world);
    const struct world_view *v = &pw->view;
    const struct traffic_state *t = live_traffic(m->survey->live, v->name);
    const struct record *rec = t && t->has_record ? &t->record : NULL;
    const struct rollout *r = graph_rollout(m->survey->graph, v->name, rec ? rec->rollout : NULL);
    const struct live_world *live = live_world(m->survey->live, v->name, v->live);
    const struct live_world *candidate = live_world(m->survey->live, v->name, v->candidate);
    struct machine_in in = machine_of(m, pw, t, r);
    struct todo todo = machine_next(m->arena, &in);
    w->name = v->name;
    w->view = v;
    w->live_colour = live ? live->colour : NULL;
    w->candidate_colour = candidate ? candidate->colour : NULL;
    w->phase = machine_phase(&in);
    if (w->phase == PH_CREATING && !v->candidate && v->action != WORLD_RESUME)
        w->phase = PH_IDLE; /* nothing is under way yet */
    w->step = rec && v->candidate ? rec->step : -1;
    for (const struct step_ast *s = r ? r->steps : NULL; s; s = s->next)
        w->steps += s->kind == STEP_SHIFT;
    w->since = rec && rec->since > 0 ? rec->since : 0;
    w->due = todo.until > 0 && todo.until < INT64_MAX ? todo.until : 0;
    w->outcome = outcome_of(v, w->phase);
    w->next = words_of(m, v, &todo);
    if (!w->next && rec && (t->come.n || t->go.n)) /* no share waits for it, and only `apply` does it */
        w->next = "change the names that it is reached by to those that the spec says";
    w->fired = t && t->kill_switch_fired;
    w->failure = in.failure;
    w->approval = todo.kind == TODO_APPROVE ? todo.line->role : NULL;
    put_shares(m, w, t);
    put_rollback(m, w, t);
    return w;
}

struct status *status_make(const struct survey_args *args, struct arena *a, const struct survey *s,
                           struct store *store)
{
    struct maker m = {.args = args, .arena = a, .survey = s, .out = arena_make(a, struct status)};
    m.out->stack = s->graph->stack;
    m.out->now = clock_now(args->cloud->clock);
    if (store && !journal_open(&m.journal, a, args->ds, store, s->graph->stack))
        return NULL;
    if (store)
        m.out->locked = lock_show(store, a, s->graph->stack, &m.out->lock, &m.out->lock_age);
    for (size_t i = 0; i < s->plan->worlds.n; i++)
        vec_push(a, &m.out->worlds, make_world(&m, s->plan->worlds.at[i]));
    m.out->outputs = outputs_make(args->schemas, a, s);
    return m.out;
}

/* ---- JSON --------------------------------------------------------------------------- */

static struct value *text(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

static struct value *moment(struct arena *a, int64_t ms)
{
    return ms ? value_string(a, clock_iso(a, ms)) : value_none(a);
}

struct value *status_json(struct arena *a, const struct status *s)
{
    struct value *v = value_map(a), *worlds = value_map(a), *lock = value_none(a);
    for (size_t i = 0; i < s->worlds.n; i++) {
        const struct status_world *w = s->worlds.at[i];
        struct value *m = value_map(a), *shares = value_map(a);
        for (size_t k = 0; k < w->shares.n; k++)
            value_put(shares, w->shares.at[k].id,
                      value_number(a, dec_from_double(w->shares.at[k].percent)));
        value_put(m, "live", text(a, w->view->live));
        value_put(m, "candidate", text(a, w->view->candidate));
        value_put(m, "share", shares);
        value_put(m, "phase", text(a, phase_name(w->phase)));
        value_put(m, "step", w->step >= 0 ? value_int(a, w->step) : value_none(a));
        value_put(m, "since", moment(a, w->since));
        value_put(m, "due", moment(a, w->due));
        value_put(m, "outcome", text(a, w->outcome));
        value_put(m, "kill_switch_fired", value_bool(a, w->fired));
        value_put(m, "failure", text(a, w->failure));
        value_put(worlds, w->name, m);
    }
    if (s->locked) {
        lock = value_map(a);
        value_put(lock, "holder", text(a, s->lock.holder));
        value_put(lock, "epoch", value_int(a, s->lock.epoch));
        value_put(lock, "url", text(a, s->lock.url));
        value_put(lock, "age", value_int(a, s->lock_age / 1000));
    }
    value_put(v, "format", text(a, STATUS_FORMAT));
    value_put(v, "stack", text(a, s->stack));
    value_put(v, "worlds", worlds);
    value_put(v, "lock", lock);
    value_put(v, "outputs", outputs_json(a, s->outputs));
    return v;
}

/* ---- text --------------------------------------------------------------------------- */

static void ink(struct buf *b, bool colour, const char *code, const char *s)
{
    buf_printf(b, colour ? "\033[%sm%s\033[0m" : "%.0s%s", code, s);
}

static const char *role_of(const struct status_world *w, const char *id)
{
    const struct world_view *v = w->view;
    if (v->live && !strcmp(id, v->live))
        return w->live_colour ? w->live_colour : "live";
    if (v->candidate && !strcmp(id, v->candidate))
        return w->candidate_colour ? w->candidate_colour : "candidate";
    return v->previous && !strcmp(id, v->previous) ? "kept" : "";
}

static void put_world(struct buf *b, const struct status *s, const struct status_world *w,
                      const char *command, bool colour)
{
    struct arena *a = b->arena;
    const struct world_view *v = w->view;
    buf_printf(b, "world %s: ", w->name);
    ink(b, colour, w->outcome && !strcmp(w->outcome, "rolled_back") ? "31" : "1",
        phase_name(w->phase));
    if (w->outcome)
        buf_printf(b, ", %s", !strcmp(w->outcome, "rolled_back") ? "rolled back" : w->outcome);
    if (w->step >= 0)
        buf_printf(b, ", step %lld of %lld", (long long)w->step + 1, (long long)w->steps);
    buf_putc(b, '\n');
    for (size_t i = 0; i < w->shares.n; i++)
        buf_printf(b, "  %5s %%  %s/%s  %s\n", words_share(a, w->shares.at[i].percent), w->name,
                   w->shares.at[i].id, role_of(w, w->shares.at[i].id));
    if (!w->shares.n && v->live)
        buf_printf(b, "  serves   %s/%s\n", w->name, v->live);
    if (v->candidate && v->candidate_share <= 0)
        buf_printf(b, "  beside   %s/%s, without traffic\n", w->name, v->candidate);
    if (!v->aborted && v->desired && v->live && strcmp(v->desired, v->live) != 0 &&
        !(v->candidate && !strcmp(v->candidate, v->desired)))
        buf_printf(b, "  wanted   %s/%s\n", w->name, v->desired);
    if (w->fired)
        buf_puts(b, "  fired    the kill switch: DNS leaves the new world out; the next run takes it back\n");
    if (w->failure)
        buf_printf(b, "  failed   %s\n", w->failure);
    if (w->since)
        buf_printf(b, "  since    %s\n", clock_iso(a, w->since));
    if (w->next)
        buf_printf(b, "  next     %s\n", w->next);
    if (w->due)
        buf_printf(b, "  due      %s%s\n", clock_iso(a, w->due),
                   w->due > s->now ? arena_printf(a, ", in %s", clock_span(a, w->due - s->now))
                                   : ", now");
    if (w->approval)
        buf_printf(b, "  approve  bgc approve%s\n", command);
    if (!w->back_to)
        return;
    buf_printf(b, "  back to  %s/%s, in one batch:\n    bgc rollback%s\n", w->name, w->back_to,
               command);
    if (w->cli)
        buf_printf(b, "    %s\n", w->cli);
}

void status_text(struct buf *b, const struct status *s, const char *command, bool colour)
{
    for (size_t i = 0; i < s->worlds.n; i++)
        put_world(b, s, s->worlds.at[i], command, colour);
    if (s->locked) {
        buf_puts(b, "lease: ");
        buf_put_visible(b, s->lock.holder ? s->lock.holder : "somebody");
        buf_printf(b, ", epoch %lld, last seen %s ago", (long long)s->lock.epoch,
                   clock_span(b->arena, s->lock_age));
        if (s->lock.url) {
            buf_puts(b, ", ");
            buf_put_visible(b, s->lock.url);
        }
        buf_putc(b, '\n');
    }
    if (s->outputs->all.n)
        buf_puts(b, "outputs\n");
    outputs_text(b, s->outputs, 2);
}
