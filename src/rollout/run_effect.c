/* One todo of the machine, carried out. */
#include <string.h>

#include "plan/resources.h"
#include "plan/timeline.h"
#include "rollout/implied.h"
#include "rollout/run_state.h"

enum { CONFLICTS = 5, CONFLICT_NAP = 2000 };

static struct live_world *lw_of(struct run *r, struct run_world *w, const char *id)
{
    return live_world(r->state->survey.live, w->view.name, id);
}

static const char *now_iso(struct run *r)
{
    return clock_iso(r->plan_arena, clock_now(r->cloud->clock));
}

bool run_allowed(struct run *r, struct run_world *w, enum plan_op op, const char *id, double share)
{
    struct action act = {.op = op, .address = w->view.name, .world = run_full(r, w, id), .share = share};
    const char *why;
    if (verify_step(r->plan_arena, &r->state->verifier, &act, &why))
        return true;
    diag_error(r->ds, "BG6005", w->plan->want ? w->plan->want->span : NO_SPAN, "refused before it was sent: %s", why);
    return false;
}

enum run_status run_after(struct run *r, enum exec_result e)
{
    switch (e) {
    case EXEC_DONE: return RUN_PROGRESS;
    case EXEC_STOPPED:
        if (r->state->broken)
            break;
        return r->state->yielding ? RUN_PROGRESS : run_stop(r, "paused", 5);
    case EXEC_FAILED:
    case EXEC_LOST: break;
    }
    return run_fail(r);
}

enum exec_result run_work(struct run *r, struct run_world *w, struct action *const *acts, size_t n)
{
    struct executor *x = &r->state->exec;
    r->state->building = w;
    r->state->yielding = r->state->broken = false;
    x->tick = run_exec_tick;
    enum exec_result e = n ? execute(x, r->plan_arena, acts, n) : EXEC_DONE;
    x->tick = NULL;
    return e;
}

/* The record is still this run's, and the batch did not fit: somebody changes records
 * beside it, or AWS takes none like it. It is decided anew on what was read then, but
 * not for ever. */
static enum run_status misfit(struct run *r, struct run_world *w)
{
    if (++w->conflicts < CONFLICTS) {
        run_rest(r, clock_now(r->cloud->clock) + CONFLICT_NAP);
        return r->state->broken ? run_fail(r) : RUN_PROGRESS;
    }
    struct diag *d = diag_error(r->ds, "BG6012", w->sw->traffic->decl->name.span,
                                "the traffic of %s cannot be changed: %d changes in a row did not fit what was read just before",
                                w->view.name, w->conflicts);
    struct buf b;
    buf_init(&b, r->session);
    buf_put_visible(&b, w->sw->refusal ? w->sw->refusal : "");
    if (b.len)
        diag_note(r->ds, d, "AWS says: %s", buf_text(&b));
    diag_help(r->ds, d, "find who else writes there while this runs, or what of the batch AWS does not take, and run the same command again");
    w->conflicts = 0; /* the way back has its own tries */
    return run_stop(r, "failed", 7);
}

enum run_status run_switched(struct run *r, struct run_world *w, enum switch_result s)
{
    if (s == SWITCH_CONFLICT && switch_mine(w->sw, w->traffic))
        return misfit(r, w);
    w->conflicts = 0;
    if (s == SWITCH_DONE)
        return run_settled_now(r, w) ? RUN_PROGRESS : run_fail(r);
    if (s == SWITCH_CONFLICT)
        run_taken_over(r, w);
    return run_fail(r);
}

/* ---- building ---------------------------------------------------------------- */

/* The plan's resource actions of one world (NULL: shared). */
static struct action **actions_of(struct run *r, const char *world, bool removal, size_t *n)
{
    const struct plan *p = r->state->survey.plan;
    struct action **out = arena_array(r->plan_arena, struct action *, p->actions.n + 1);
    *n = 0;
    for (size_t i = 0; i < p->actions.n; i++) {
        struct action *a = p->actions.at[i];
        if (!a->type) /* a step of the timeline */
            continue;
        bool mine = world ? a->world && !strcmp(a->world, world) : !a->world;
        if (mine && (world ? (a->op == PLAN_DELETE) == removal : true))
            out[(*n)++] = a;
    }
    return out;
}

static enum run_status build(struct run *r, struct run_world *w)
{
    size_t n;
    const char *full = run_full(r, w, w->view.desired);
    struct action **acts = actions_of(r, full, false, &n);
    r->state->exec.colour = w->plan->colour;
    if (!w->building)
        run_say(r, w, "plan", "building %s: %zu resources", full, n);
    w->building = true;
    enum exec_result e = run_work(r, w, acts, n);
    if (e == EXEC_DONE) {
        w->complete = true;
        run_say(r, w, "create", "%s is built", full);
    }
    return run_after(r, e);
}

static enum run_status shared(struct run *r)
{
    size_t n;
    struct action **acts = actions_of(r, NULL, false, &n);
    enum exec_result e = run_work(r, NULL, acts, n);
    r->state->shared_done = e == EXEC_DONE;
    return run_after(r, e);
}

/* ---- traffic -------------------------------------------------------------------- */

static struct record record_now(struct run *r, const struct run_world *w)
{
    struct record next = record_copy(r->plan_arena, &w->traffic->record);
    if (!w->traffic->has_record)
        next = (struct record){.version = 1, .step = -1, .live = w->view.live};
    next.rollout = w->rollout && w->rollout->as ? w->rollout->as : NULL;
    return next;
}

static enum run_status claim(struct run *r, struct run_world *w, const struct todo *t)
{
    struct record next = record_now(r, w);
    next.candidate = t->world;
    next.incarnation = w->view.incarnation;
    next.spec = w->view.spec && strcmp(w->view.spec, t->world) ? w->view.spec : NULL;
    next.step = -1;
    next.weight_candidate = 0;
    next.since = clock_now(r->cloud->clock);
    if (r->args->plan.retry) {
        record_forgive(&next, w->view.spec);
        record_forgive(&next, t->world);
    }
    run_say(r, w, "plan", "%s is claimed as the candidate", run_full(r, w, t->world));
    return run_switched(r, w, switch_note(w->sw, r->plan_arena, &w->traffic, next));
}

static const char *field_of(struct run *r, struct run_world *w, const char *id, const char *address, const char *field)
{
    const struct live_resource *res = address ? live_find(r->state->survey.live, run_full(r, w, id), address) : NULL;
    return res && res->reading ? value_get_string(res->reading->fields, field) : NULL;
}

static struct switch_target target_of(struct run *r, struct run_world *w, const char *id, int64_t weight, bool candidate)
{
    const struct world *want = w->plan->want;
    struct switch_target t = {.world = id, .weight = weight, .candidate = candidate};
    if (want && !strcmp(id, want->id)) {
        const char *kill = implied_kill_switch(r->plan_arena, r->state->survey.graph, w->view.name);
        const struct live_resource *entry = live_find(r->state->survey.live, run_full(r, w, id), want->entry);
        t.id = entry ? entry->id : NULL;
        t.dns = field_of(r, w, id, want->entry, "dns");
        t.zone = field_of(r, w, id, want->entry, "zone");
        if (candidate && kill)
            t.health_check = field_of(r, w, id, kill, "id");
    }
    return t;
}

static bool has_records(const struct run_world *w, const char *id)
{
    for (size_t i = 0; i < w->traffic->shares.n; i++)
        if (!strcmp(w->traffic->shares.at[i].world, id))
            return true;
    return false;
}

static enum run_status shift(struct run *r, struct run_world *w, const struct todo *t)
{
    bool first = !w->view.live;
    struct record next = record_now(r, w);
    struct switch_target targets[3];
    size_t n = 0;
    enum run_status instead;
    if (!first && run_outlasted(r, w, t, &instead))
        return instead;
    if (!run_allowed(r, w, PLAN_SHIFT, t->world, t->share))
        return run_fail(r);
    next.since = clock_now(r->cloud->clock);
    next.step = first ? -1 : t->step;
    if (first) {
        next.live = t->world;
        next.candidate = NULL;
        next.weight_live = 100;
        next.weight_candidate = 0;
        targets[n++] = target_of(r, w, t->world, 100, false);
    } else {
        struct dec share = t->line ? t->line->share : (struct dec){100, 0};
        next.candidate = t->world;
        switch_weights(share, &next.weight_candidate, &next.weight_live);
        targets[n++] = target_of(r, w, w->view.live, next.weight_live, false);
        if (w->view.previous && has_records(w, w->view.previous)) /* still kept, to go back to */
            targets[n++] = target_of(r, w, w->view.previous, 0, false);
        targets[n++] = target_of(r, w, t->world, next.weight_candidate, true);
    }
    const struct switch_target *mine = &targets[n - 1];
    if (!switch_can(w->sw, mine)) {
        diag_error(r->ds, "BG6008", w->plan->want ? w->plan->want->span : NO_SPAN,
                   w->sw->split ? "the entry %s has no id that requests could be sent to" : "the entry %s has no DNS name and zone that a record could point to", w->plan->want->entry);
        return run_fail(r);
    }
    enum run_status s = run_switched(r, w, switch_set(w->sw, r->plan_arena, &w->traffic, targets, n, next));
    if (s == RUN_PROGRESS)
        event_emit(r->sink, EVENT_SHARE(t->share, .type = "shift", .world = run_full(r, w, t->world),
                                  .message = arena_printf(r->plan_arena, "%g %% of the traffic goes to %s", t->share,
                                                          run_full(r, w, t->world))));
    return s;
}

static enum run_status promote(struct run *r, struct run_world *w, const struct todo *t)
{
    struct record next = record_now(r, w);
    next.previous = next.live;
    next.live = t->world;
    next.candidate = NULL;
    next.step = -1;
    next.weight_live = w->traffic->record.weight_candidate;
    next.weight_candidate = 0;
    next.since = clock_now(r->cloud->clock);
    run_say(r, w, "shift", "%s is the live world now; %s is kept", run_full(r, w, t->world),
            next.previous ? run_full(r, w, next.previous) : "nothing");
    return run_switched(r, w, switch_note(w->sw, r->plan_arena, &w->traffic, next));
}

static enum run_status back(struct run *r, struct run_world *w, const struct todo *t)
{
    /* By the record, not by what else stands in the account: a stray is no candidate. */
    const struct record *rec = &w->traffic->record;
    bool baking = w->traffic->has_record && !rec->candidate && rec->previous;
    const char *from = baking ? rec->live : rec->candidate ? rec->candidate : w->view.candidate;
    if (t->latch && w->view.candidate_share <= 0 && !baking) { /* it never had a share: only the latch */
        struct record next = record_now(r, w);
        record_abort(r->plan_arena, &next, w->plan->want ? w->view.spec : rec->spec);
        record_abort(r->plan_arena, &next, from);
        next.since = clock_now(r->cloud->clock);
        w->rolled_back = true;
        run_say(r, w, "abort", "%s is aborted: %s", run_full(r, w, from), t->why ? t->why : "");
        return run_switched(r, w, switch_note(w->sw, r->plan_arena, &w->traffic, next));
    }
    if (!run_allowed(r, w, PLAN_ROLLBACK, t->world, 100))
        return run_fail(r);
    run_say(r, w, "rollback", "all traffic goes back to %s: %s", run_full(r, w, t->world), t->why ? t->why : "");
    bool wanted = from && w->view.desired && !strcmp(from, w->view.desired);
    /* Which spec it was built from, the record says where this run has none. */
    const char *spec = !t->latch ? NULL : wanted ? w->view.spec : w->plan->want ? NULL : rec->spec;
    enum switch_result sent = switch_back(w->sw, r->plan_arena, &w->traffic, t->world, spec, t->latch ? from : NULL);
    w->rolled_back = sent == SWITCH_DONE && t->latch; /* whatever else fails then */
    enum run_status s = run_switched(r, w, sent);
    if (s == RUN_PROGRESS)
        event_emit(r->sink, EVENT_SHARE(100, .type = "shift", .world = run_full(r, w, t->world),
                                  .message = arena_printf(r->plan_arena, "%s has everything again", run_full(r, w, t->world))));
    return s;
}

/* ---- removing ---------------------------------------------------------------------- */

static enum run_status doom(struct run *r, struct run_world *w, const struct todo *t)
{
    struct record next = record_now(r, w);
    if (!run_allowed(r, w, PLAN_DOOM, t->world, -1))
        return run_fail(r);
    record_doom(r->plan_arena, &next, t->world);
    if (next.candidate && !strcmp(next.candidate, t->world)) {
        next.candidate = NULL;
        next.step = -1;
    }
    if (next.previous && !strcmp(next.previous, t->world))
        next.previous = NULL;
    run_say(r, w, "retire", "%s is marked: it is never given traffic again", run_full(r, w, t->world));
    if (!has_records(w, t->world))
        return run_switched(r, w, switch_note(w->sw, r->plan_arena, &w->traffic, next));
    next.doomed_at = clock_now(r->cloud->clock);
    struct switch_target keep[3];
    size_t n = 0;
    for (size_t i = 0; i < w->traffic->shares.n && n < 3; i++) {
        const struct traffic_share *s = &w->traffic->shares.at[i];
        if (!strcmp(s->world, t->world))
            continue;
        bool candidate = next.candidate && !strcmp(s->world, next.candidate);
        keep[n++] = target_of(r, w, s->world, s->weight, candidate);
    }
    return run_switched(r, w, switch_set(w->sw, r->plan_arena, &w->traffic, keep, n, next));
}

/* The removal is planned from what is live now, not from what was when the run
 * began: by then the world may not have existed. */
static struct action **removal(struct run *r, const struct live_world *lw, size_t *n)
{
    struct planner p = {.schemas = r->schemas, .arena = r->plan_arena, .ds = r->ds, .graph = r->state->survey.graph,
                        .live = r->state->survey.live, .args = &r->args->plan, .facts = r->state->facts,
                        .plan = arena_make(r->plan_arena, struct plan)};
    map_init(&p.seq_of, r->plan_arena);
    plan_removal(&p, lw, NULL, "it is drained and marked");
    *n = p.plan->actions.n;
    return p.plan->actions.at;
}

static enum run_status retire(struct run *r, struct run_world *w, const struct todo *t)
{
    struct live_world *lw = lw_of(r, w, t->world);
    if (!lw)
        return RUN_PROGRESS;
    if (run_still_used(r, w, t->world))
        return run_wait_until(r, clock_now(r->cloud->clock) + 60000);
    enum exec_result e = execute_tag(&r->state->exec, r->plan_arena, lw, TAG_DOOMED, now_iso(r));
    if (e != EXEC_DONE)
        return run_after(r, e);
    size_t n;
    struct action **acts = removal(r, lw, &n);
    verify_world(r->plan_arena, &r->state->verifier, run_full(r, w, t->world))->doomed = true;
    run_say(r, w, "retire", "removing %s: %zu resources", run_full(r, w, t->world), n);
    e = run_work(r, NULL, acts, n);
    if (e == EXEC_DONE)
        run_say(r, w, "retire", "%s is removed", run_full(r, w, t->world));
    return run_after(r, e);
}

static enum run_status seal(struct run *r, struct run_world *w, const struct todo *t)
{
    struct live_world *lw = lw_of(r, w, t->world);
    enum exec_result e = execute_tag(&r->state->exec, r->plan_arena, lw, TAG_SEALED, now_iso(r));
    if (e == EXEC_DONE) {
        lw->sealed = true;
        /* The verdict may be an earlier run's: the seal is what tells the verifier. */
        verify_world(r->plan_arena, &r->state->verifier, run_full(r, w, t->world))->tested = true;
    }
    return run_after(r, e);
}

enum run_status run_do(struct run *r, struct run_world *w, const struct todo *t)
{
    switch (t->kind) {
    case TODO_NOTHING:
    case TODO_REFUSE: return RUN_PROGRESS; /* run.c's */
    case TODO_RECONCILE_SHARED: return shared(r);
    case TODO_CLAIM: return claim(r, w, t);
    case TODO_CREATE: return build(r, w);
    case TODO_TEST: return run_test(r, w, t);
    case TODO_SEAL: return seal(r, w, t);
    case TODO_HOLD_LIVE: return run_after(r, run_hold(r, w, t->world));
    case TODO_RELEASE: return run_after(r, run_release(r, w, t->world));
    case TODO_SIZE: return run_size(r, w, t);
    case TODO_SHIFT: return shift(r, w, t);
    case TODO_PROMOTE: return promote(r, w, t);
    case TODO_WATCH:
    case TODO_APPROVE:
    case TODO_BAKE: return run_watch(r, w, t);
    case TODO_WATCH_IDLE: return run_idle(r, w, t);
    case TODO_DRAIN: return run_wait_until(r, t->until);
    case TODO_DOOM: return doom(r, w, t);
    case TODO_REMOVE:
    case TODO_RETIRE: return retire(r, w, t);
    case TODO_ROLLBACK: return back(r, w, t);
    case TODO_ACTIVATE: return run_activate(r, w);
    case TODO_QUIESCE: return run_quiesce(r, w);
    case TODO_RENAME: return run_rename(r, w, t);
    }
    return RUN_PROGRESS;
}
