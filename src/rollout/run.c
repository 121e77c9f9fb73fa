#include "rollout/run.h"

#include <stdarg.h>
#include <string.h>

#include "plan/preflight.h"
#include "plan/timeline.h"
#include "rollout/run_state.h"

/* AWS refuses a request that was signed longer ago, ms. */
enum { SIGNED_FOR = 5 * 60000 };
/* How long and how often a run that stays tries to take a world back, ms. */
enum { BACK_FOR = 15 * 60000, BACK_EVERY = 30000 };

/* ---- speaking and ending ------------------------------------------------------- */

void run_say(struct run *r, const struct run_world *w, const char *type, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(r->plan_arena, fmt, ap);
    va_end(ap);
    event_emit(r->sink, EVENT(.type = type, .message = text,
                              .world = w && w->view.desired ? run_full(r, w, w->view.desired) : NULL));
}

const char *run_full(struct run *r, const struct run_world *w, const char *id)
{
    return id ? arena_printf(r->plan_arena, "%s/%s", w->view.name, id) : "(none)";
}

enum run_status run_stop(struct run *r, const char *outcome, int exit_code)
{
    r->outcome = outcome;
    r->exit_code = exit_code;
    return RUN_END;
}

enum run_status run_fail(struct run *r)
{
    const struct run_state *s = r->state;
    return run_stop(r, "failed", s && (s->taken || (s->locked && !s->lock.held)) ? 4 : 1);
}

void run_taken_over(struct run *r, const struct run_world *w)
{
    struct diag *d = diag_error(r->ds, "BG6105", w->sw->traffic->decl->name.span,
                                "another run took over the traffic of %s", w->view.name);
    diag_note(r->ds, d, "this run stops here and writes nothing more; the other one goes on");
    r->state->taken = true;
}

enum run_status run_wait_until(struct run *r, int64_t at)
{
    r->wake_at = at;
    return RUN_WAIT;
}

/* ---- what the machine is told ------------------------------------------------------ */

void run_look(struct run *r, struct run_world *w)
{
    struct live *l = r->state->survey.live;
    for (size_t i = 0; i < l->traffics.n; i++)
        if (w->traffic && !strcmp(l->traffics.at[i]->world, w->traffic->world))
            l->traffics.at[i] = w->traffic;
    world_observe(r->plan_arena, r->state->survey.graph, l, w->plan->view.name, &w->view);
    w->view.retry = r->args->plan.retry;
    world_decide(r->plan_arena, &w->view);
    const struct record *rec = w->traffic && w->traffic->has_record ? &w->traffic->record : NULL;
    const char *as = r->args->plan.rollout ? r->args->plan.rollout : rec ? rec->rollout : NULL;
    w->rollout = graph_rollout(r->state->survey.graph, w->view.name, as);
    if (w->traffic)
        w->traffic->kill_switch_fired = w->fired;
}

int64_t run_settled(struct run *r, const struct run_world *w)
{
    return switch_settled(&r->state->journal, r->plan_arena, w->traffic);
}

bool run_settled_now(struct run *r, struct run_world *w)
{
    if (!w->traffic->has_record || w->traffic->record.set != w->traffic->record.serial)
        return true; /* a note: its records came into sync before */
    struct journal_entry e = switch_settling(r->plan_arena, w->traffic, clock_now(r->cloud->clock));
    journal_add(&r->state->journal, &e);
    return journal_flush(&r->state->journal, r->ds);
}

/* The seal is read back before the first share: every taggable resource has it. */
static bool sealed(struct run *r, const struct run_world *w)
{
    const struct live_world *lw = live_world(r->state->survey.live, w->view.name, w->view.desired);
    for (size_t i = 0; lw && i < lw->resources.n; i++) {
        const struct live_resource *res = lw->resources.at[i];
        const struct schema *s = schema_find(r->schemas, res->type);
        if (s && s->taggable && schema_call(s, VERB_TAG) && !(res->reading && value_get_string(res->reading->tags, TAG_SEALED)))
            return false;
    }
    return lw != NULL;
}

struct machine_in run_machine_in(struct run *r, struct run_world *w)
{
    const char *full = run_full(r, w, w->view.desired);
    const struct journal_entry *verdict = journal_find(&r->state->journal, "verdict", full, "test");
    bool hand = w->view.live && !strcmp(w->view.live, WORLD_BY_HAND);
    struct machine_in in = {
        .view = &w->view, .rollout = w->rollout, .traffic = w->traffic,
        .now = clock_now(r->cloud->clock),
        .shared_done = r->state->shared_done,
        .candidate_complete = w->complete,
        .tested = (verdict && !strcmp(verdict->text, "pass")) || (w->complete && sealed(r, w)),
        .sealed = sealed(r, w),
        .held = !w->view.live || hand || run_is_held(r, w, w->view.live),
        .released = !w->view.live || hand || run_is_released(r, w, w->view.live),
        .sized_for = w->sized_for,
        .step_passed = w->traffic && run_step_passed(r, w),
        .approved = w->traffic && run_approved(r, w),
        .failed = w->failed, .failure = w->failure, .to = r->args->to,
        .settled = run_settled(r, w),
        .tail = r->state->survey.plan->rollback_ms,
        .rename = run_renames(r, w),
        .idle = w->idle,
    };
    in.rest = run_to_rest(r, w);
    in.wake = run_to_wake(r, w);
    in.handing = w->handing || in.rest || in.wake;
    in.overlap = run_overlaps(r, w);
    return in;
}

/* ---- beginning ------------------------------------------------------------------------ */

static bool nothing_to_do(const struct run *r)
{
    const struct plan *p = r->state->survey.plan;
    if (!plan_empty(p))
        return false;
    for (size_t i = 0; i < p->worlds.n; i++)
        if (p->worlds.at[i]->view.action == WORLD_BAKE || p->worlds.at[i]->view.action == WORLD_REFUSED)
            return false;
    return true;
}

/* The first that was said stays. */
static bool end_begin(struct run *r, const char *outcome, int code)
{
    r->outcome = r->outcome ? r->outcome : outcome;
    if (!r->exit_code)
        r->exit_code = code;
    return false;
}

/* Callbacks get the run, and the caller's get what is theirs. */
static bool asked_to_stop(void *self)
{
    const struct run *r = self;
    return r->args->stop(r->args->self);
}

static bool take_lock(struct run *r)
{
    struct run_state *s = r->state;
    const char *stack = s->survey.graph->stack;
    struct lock_holder self = {.holder = r->args->who ? r->args->who : "bgc", .nonce = s->nonce, .url = r->args->ci_url,
                               .since = clock_now(r->cloud->clock)};
    struct lock_holder other = {0};
    /* Taking back must not wait for anybody: the fence stops whoever held it. */
    if ((r->args->mode == RUN_ROLLBACK || r->args->mode == RUN_ABORT) && !lock_break(r->store, r->session, r->ds, stack))
        return false;
    int64_t age, watch = r->args->mode == RUN_TICK ? 0 : LOCK_LEASE_MS + LOCK_LEASE_MS / 4;
    if (watch && lock_show(r->store, r->session, stack, &other, &age))
        run_say(r, NULL, "lock", "%s holds the lease; watching for up to %ds whether it is alive", other.holder,
                (int)(watch / 1000));
    struct lock_watch how = {watch, r->args->stop ? asked_to_stop : NULL, r};
    switch (lock_take(&s->lock, r->session, r->ds, r->store, stack, &self, &how, r->cloud, &other)) {
    case LOCK_TAKEN:
        s->locked = true;
        r->epoch = s->lock.self.epoch;
        return true;
    case LOCK_HELD: {
        struct diag *d = diag_error(r->ds, "BG6104", NO_SPAN, "another run holds the lease of stack %s: %s", stack,
                                    other.holder);
        if (other.url)
            diag_note(r->ds, d, "its job: %s", other.url);
        diag_note(r->ds, d, "nothing was changed");
        diag_help(r->ds, d, "wait for it to end; if it is dead, its lease ends %ds after its last sign of life "
                  "(`bgc lease show`, `bgc lease break`)", LOCK_LEASE_MS / 1000);
        r->exit_code = 4;
        return false;
    }
    case LOCK_STOPPED:
        return end_begin(r, "paused", 5);
    case LOCK_ERROR:
        break;
    }
    return false;
}

/* The first write of a run: from here on a predecessor's batches fail. */
static bool fence(struct run *r, struct run_world *w)
{
    struct run_state *s = r->state;
    if (!w->sw || w->traffic->kind == TRAFFIC_FOREIGN || w->view.foreign) /* not ours to write to */
        return true;
    struct record next = record_copy(r->plan_arena, &w->traffic->record);
    if (!w->traffic->has_record)
        next = (struct record){.version = 1, .step = -1, .live = w->view.live};
    w->sw->epoch = (s->lock.self.epoch > next.epoch ? s->lock.self.epoch : next.epoch) + 1;
    if (w->sw->split && !w->traffic->has_record && w->traffic->kind == TRAFFIC_EMPTY)
        return true; /* what would carry the record may not be there yet */
    switch (switch_note(w->sw, r->plan_arena, &w->traffic, next)) {
    case SWITCH_DONE:
        return true;
    case SWITCH_CONFLICT: {
        struct diag *d = diag_error(r->ds, "BG6105", w->sw->traffic->decl->name.span,
                                    "another run changed the traffic of %s while this one began", w->view.name);
        diag_help(r->ds, d, "run the same command again: it goes on from what is there now");
        r->exit_code = 4;
        return false;
    }
    case SWITCH_FAILED:
        break;
    }
    return false;
}

static const char *make_nonce(struct run *r)
{
    /* Unique to this process and moment; deterministic where the clock is virtual. */
    const char *text = arena_printf(r->session, "%s %lld %p", r->args->who ? r->args->who : "",
                                    (long long)clock_now(r->cloud->clock), r->args->nonce ? NULL : (void *)r);
    if (r->args->nonce)
        return r->args->nonce;
    return arena_printf(r->session, "%016llx", (unsigned long long)(hash_text(text) ^ (uint64_t)clock_wall() * 0x9e3779b97f4a7c15u));
}

static struct run_world *open_world(struct run *r, struct plan_world *pw)
{
    struct run_state *s = r->state;
    struct run_world *w = arena_make(r->session, struct run_world);
    w->run = r;
    w->plan = pw;
    w->sized_for = -1;
    w->due = INT64_MAX;
    w->round = arena_new("gate");
    w->traffic = live_traffic(s->survey.live, pw->view.name);
    w->sw = survey_switch(&s->args, r->session, &s->survey, pw->view.name);
    if (w->sw) {
        w->sw->lock = &s->lock;
        w->sw->nonce = s->nonce;
        w->sw->sink = r->sink;
        w->sw->rest = run_rest;
        w->sw->live = s->survey.live;
        w->sw->self = r;
        if (!switch_open(w->sw, r->session))
            return NULL;
    }
    const char *full = pw->desired_id ? arena_printf(r->session, "%s/%s", pw->view.name, pw->desired_id) : NULL;
    w->complete = full && live_world(s->survey.live, pw->view.name, pw->desired_id);
    for (size_t i = 0; full && i < s->survey.plan->actions.n; i++) {
        const struct action *a = s->survey.plan->actions.at[i];
        if (a->world && !strcmp(a->world, full) && (a->op == PLAN_CREATE || a->op == PLAN_UPDATE || a->op == PLAN_REPLACE || (a->op == PLAN_TAG && a->tags)))
            w->complete = false;
    }
    return w;
}

static bool begin_worlds(struct run *r)
{
    struct run_state *s = r->state;
    for (size_t i = 0; i < s->survey.plan->worlds.n; i++) {
        struct run_world *w = open_world(r, s->survey.plan->worlds.at[i]);
        if (!w)
            return false;
        run_look(r, w);
        vec_push(r->session, &s->worlds, w);
        if (!fence(r, w))
            return false;
        run_look(r, w);
        run_recall(r, w);
        w->lagging = r->args->mode == RUN_APPLY && run_tags_lag(r, w);
        w->fired = w->traffic && w->traffic->kill_switch_fired;
        if ((r->args->mode == RUN_ROLLBACK || r->args->mode == RUN_ABORT) && !w->view.foreign) {
            w->failed = true;
            w->failure = arena_printf(r->session, "asked for by %s", r->args->who ? r->args->who : "hand");
        }
    }
    return true;
}

/* What is shared is changed by an apply, or by a tick that goes on with one. What takes
 * back or removes needs nothing of it, and does not wait for it. */
static bool brings_shared(const struct run *r)
{
    const struct plan *p = r->state->survey.plan;
    bool resumes = false;
    for (size_t i = 0; i < p->worlds.n; i++)
        resumes = resumes || p->worlds.at[i]->view.action == WORLD_RESUME;
    return r->args->mode == RUN_APPLY || (r->args->mode == RUN_TICK && resumes);
}

bool run_begin(struct run *r)
{
    struct run_state *s = r->state = arena_make(r->session, struct run_state);
    bool refused = false;
    r->exit_code = 0;
    r->outcome = NULL;
    s->args = (struct survey_args){r->program, r->schemas, r->cloud, r->ds, r->args->eval, &r->args->plan,
                                   r->args->mode == RUN_DESTROY};
    s->begun = clock_now(r->cloud->clock);
    if (!survey_make(&s->args, r->plan_arena, &s->survey, &refused))
        return end_begin(r, "failed", refused ? 7 : 1);
    if (s->survey.plan->refused && !r->args->plan.tolerant)
        return end_begin(r, "failed", 7);
    if (r->args->mode == RUN_APPLY && nothing_to_do(r)) {
        r->outcome = "unchanged";
        return false;
    }
    bool back = r->args->mode == RUN_ROLLBACK || r->args->mode == RUN_ABORT;
    if (back && !s->survey.plan->worlds.n) {
        struct diag *d = diag_error(r->ds, "BG6010", NO_SPAN, "there is nothing to take back: stack %s has no world here",
                                    s->survey.graph->stack);
        diag_note(r->ds, d, "account %s, region %s", s->survey.account_id, s->survey.graph->region ? s->survey.graph->region : "by default");
        return end_begin(r, "failed", 1);
    }
    if (preflight_report(r->ds, s->survey.plan, true))
        return end_begin(r, "failed", 7);
    if (r->args->stop && asked_to_stop(r))
        return end_begin(r, "paused", 5);
    if (r->args->ask && !r->args->ask(r->args->self, s->survey.plan))
        return end_begin(r, "failed", 1);
    s->nonce = make_nonce(r);
    if (!take_lock(r) || !journal_open(&s->journal, r->session, r->ds, r->store, s->survey.graph->stack))
        return end_begin(r, "failed", 1);
    s->facts = plan_facts(r->schemas, r->plan_arena, s->survey.graph, s->survey.live);
    verify_begin(r->plan_arena, &s->verifier, s->survey.live);
    s->exec = (struct executor){.schemas = r->schemas, .cloud = r->exec_cloud ? r->exec_cloud : r->cloud, .ds = r->ds,
                                .graph = s->survey.graph, .live = s->survey.live, .facts = s->facts, .lock = &s->lock,
                                .journal = &s->journal, .verifier = &s->verifier, .sink = r->sink,
                                .stop = r->args->stop ? asked_to_stop : NULL, .self = r};
    s->shared_done = true;
    for (size_t i = 0; brings_shared(r) && i < s->survey.plan->actions.n; i++)
        if (!s->survey.plan->actions.at[i]->world)
            s->shared_done = false;
    if (!begin_worlds(r))
        return end_begin(r, "failed", 1);
    run_say(r, NULL, "lock", "the lease is taken (epoch %lld)", (long long)s->lock.self.epoch);
    return true;
}

/* ---- stepping -------------------------------------------------------------------------------- */

/* A world has come to an end while others may still be under way: the run ends when
 * all have, with the worst of it. */
void run_ended(struct run *r, const char *outcome, int code)
{
    static const int worst[] = {1, 7, 3};
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++)
        if (r->state->exit_code == worst[i])
            return;
        else if (code == worst[i])
            break;
    r->state->outcome = outcome;
    r->state->exit_code = code;
}

static void refused(struct run *r, struct run_world *w, const struct todo *t)
{
    const struct span span = w->plan->want ? w->plan->want->span : NO_SPAN;
    enum run_mode mode = r->args->mode;
    if (w->refused)
        return;
    w->refused = true;
    if (w->rolled_back)
        return run_ended(r, "rolled_back", mode == RUN_APPLY || mode == RUN_TICK ? 3 : 0);
    if (mode == RUN_TICK || (mode == RUN_RETIRE && !w->fired))
        return;
    if (w->failed && mode != RUN_RETIRE) {
        struct diag *d = diag_error(r->ds, mode == RUN_APPLY ? "BG6009" : "BG6010", span, "%s",
                                    mode == RUN_APPLY ? w->failure : arena_printf(r->plan_arena, "there is nothing to take back: world %s has no candidate with a share and no kept version", w->view.name));
        if (mode == RUN_APPLY)
            diag_note(r->ds, d, "no traffic was moved; what was built stays and is tested again by the next run");
        return run_ended(r, "failed", 1);
    }
    struct diag *d = diag_error(r->ds, "BG6002", span, "%s", t->why ? t->why : "refused");
    if (w->fired)
        diag_help(r->ds, d, "`bgc rollback` gives the version before it everything; so does the next `bgc apply` or `bgc tick`");
    else if (w->view.help)
        diag_help(r->ds, d, "%s", w->view.help);
    run_ended(r, "failed", 7);
}

/* A tick goes on with what is under way; it starts nothing. */
static bool may(const struct run *r, const struct run_world *w, const struct todo *t)
{
    bool fresh = w->view.action == WORLD_CREATE || w->view.action == WORLD_UPGRADE || w->view.action == WORLD_SUPERSEDE;
    bool end = t->kind == TODO_DOOM || t->kind == TODO_RETIRE || t->kind == TODO_DRAIN || t->kind == TODO_ROLLBACK ||
               t->kind == TODO_QUIESCE || t->kind == TODO_ACTIVATE;
    switch (r->args->mode) {
    case RUN_TICK:
        return !fresh || end;
    case RUN_RETIRE:
        return t->kind == TODO_BAKE || t->kind == TODO_WATCH_IDLE || t->kind == TODO_DOOM || t->kind == TODO_DRAIN ||
               t->kind == TODO_RETIRE || t->kind == TODO_ROLLBACK || t->kind == TODO_RELEASE || t->kind == TODO_REFUSE ||
               t->kind == TODO_QUIESCE || t->kind == TODO_ACTIVATE;
    case RUN_ROLLBACK:
    case RUN_ABORT:
        return t->kind == TODO_ROLLBACK || t->kind == TODO_RELEASE || t->kind == TODO_REFUSE ||
               t->kind == TODO_QUIESCE || t->kind == TODO_ACTIVATE;
    case RUN_APPLY:
    case RUN_DESTROY:
        break;
    }
    return true;
}

/* Commands that do not stay do one round and say until when the rest is kept. */
static bool stays(const struct run *r, const struct todo *t)
{
    if (r->args->mode == RUN_TICK)
        return t->kind == TODO_TEST; /* a test that is left begins anew */
    if (r->args->mode == RUN_RETIRE)
        return t->kind == TODO_DRAIN || t->kind == TODO_RETIRE;
    return r->args->wait || !(t->kind == TODO_BAKE || t->kind == TODO_WATCH_IDLE);
}

static bool clear(struct run *r, struct run_world *w, enum switch_result sr)
{
    if (sr == SWITCH_CONFLICT)
        diag_error(r->ds, "BG6105", w->sw->traffic->decl->name.span, "somebody else changed the traffic of %s", w->view.name);
    return sr == SWITCH_DONE;
}

/* The worlds that go, in the record, before anything of them does: what is cut short
 * here is gone on with by another run, and nothing is built under their names. */
static bool end_traffic(struct run *r, struct run_world *w)
{
    struct run_state *s = r->state;
    struct record next = w->traffic->has_record ? record_copy(r->plan_arena, &w->traffic->record)
                                                : (struct record){.version = 1, .step = -1};
    for (size_t k = 0; k < s->survey.live->worlds.n; k++)
        if (!strcmp(s->survey.live->worlds.at[k]->name, w->view.name))
            record_doom(r->plan_arena, &next, s->survey.live->worlds.at[k]->id);
    next.live = next.candidate = next.previous = NULL;
    next.weight_live = next.weight_candidate = 0;
    next.doomed_at = next.since = clock_now(r->cloud->clock);
    run_say(r, NULL, "retire", "removing the records of %s", w->view.name);
    return clear(r, w, switch_end(w->sw, r->plan_arena, &w->traffic, next));
}

/* Records that lead to a world of another stack are that stack's. */
static bool ends_traffic(const struct run_world *w)
{
    return w->sw && w->traffic->kind != TRAFFIC_SIMPLE && w->plan->view.destroy && !w->plan->view.foreign;
}

/* With the record goes all memory of the ids that were used. A call of an earlier run
 * may still be under way, but not for longer than AWS takes a signed request. */
static enum run_status forget(struct run *r)
{
    struct run_state *s = r->state;
    int64_t until = s->begun + SIGNED_FOR;
    bool any = false;
    for (size_t i = 0; i < s->worlds.n; i++)
        any = any || (ends_traffic(s->worlds.at[i]) && s->worlds.at[i]->traffic->has_record);
    while (any && clock_now(r->cloud->clock) < until) {
        if (r->args->stop && r->args->stop(r->args->self))
            return run_stop(r, "paused", 5);
        if (!lock_keep(&s->lock, r->ds))
            return run_fail(r);
        int64_t nap = clock_now(r->cloud->clock) + (int64_t)(10000 * clock_speed(r->cloud->clock));
        cloud_sleep(r->cloud, nap < until ? nap : until);
    }
    for (size_t i = 0; i < s->worlds.n; i++) {
        struct run_world *w = s->worlds.at[i];
        if (ends_traffic(w) && !clear(r, w, switch_clear(w->sw, r->plan_arena, &w->traffic)))
            return run_fail(r);
    }
    return run_stop(r, "applied", 0);
}

static enum run_status destroy(struct run *r)
{
    struct run_state *s = r->state;
    for (size_t i = 0; i < s->worlds.n; i++) {
        struct run_world *w = s->worlds.at[i];
        if (ends_traffic(w) && !end_traffic(r, w))
            return run_fail(r);
        for (size_t k = 0; k < s->survey.live->worlds.n; k++) {
            struct live_world *lw = s->survey.live->worlds.at[k];
            if (strcmp(lw->name, w->view.name) || !w->plan->view.destroy)
                continue;
            if (execute_tag(&s->exec, r->plan_arena, lw, TAG_DOOMED, clock_iso(r->plan_arena, clock_now(r->cloud->clock))) != EXEC_DONE)
                return run_fail(r);
            struct world_state *ws = verify_world(r->plan_arena, &s->verifier, arena_printf(r->plan_arena, "%s/%s", lw->name, lw->id));
            ws->share = 0;
            ws->doomed = true;
        }
    }
    enum exec_result e = execute(&s->exec, r->plan_arena, s->survey.plan->actions.at, s->survey.plan->actions.n);
    if (e == EXEC_STOPPED)
        return run_stop(r, "paused", 5);
    return e == EXEC_DONE ? forget(r) : run_fail(r);
}

/* Tune fields of the live world come last: they touch nothing else. */
static enum run_status tune(struct run *r)
{
    const struct plan *p = r->state->survey.plan;
    struct action **acts = arena_array(r->plan_arena, struct action *, p->actions.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->actions.n; i++)
        if ((p->actions.at[i]->op == PLAN_TUNE || (p->actions.at[i]->op == PLAN_TAG && p->actions.at[i]->tags)) &&
            !p->actions.at[i]->done)
            acts[n++] = p->actions.at[i];
    enum exec_result e = n ? execute(&r->state->exec, r->plan_arena, acts, n) : EXEC_DONE;
    if (e == EXEC_STOPPED)
        return run_stop(r, "paused", 5);
    return e == EXEC_DONE ? run_stop(r, "applied", 0) : run_fail(r);
}

struct todo run_wanted(struct run *r, struct run_world *w)
{
    struct machine_in in = run_machine_in(r, w);
    struct todo t = machine_next(r->plan_arena, &in);
    /* Who asks for a removal does not mean a rollback; and what users are answered by
     * is not removed. */
    if (r->args->mode == RUN_RETIRE && w->fired && t.kind == TODO_ROLLBACK)
        return (struct todo){.kind = TODO_REFUSE, .why = "the kill switch is fired: users are answered by the world that would be removed"};
    if (w->stuck || !may(r, w, &t))
        t.kind = TODO_NOTHING;
    return t;
}

/* An effect failed, and it was reported. Nothing is left at a share that nobody
 * watches: the world is taken back, or left alone while others go on. */
static enum run_status contained(struct run *r, struct run_world *w, const struct todo *t, size_t said, int64_t *wake)
{
    int code = r->exit_code;
    bool ours = (code == 1 || code == 7) && r->state->lock.held && !r->state->broken && (!w->sw || switch_mine(w->sw, w->traffic));
    int64_t now = clock_now(r->cloud->clock);
    if (!ours)
        return RUN_END;
    /* Whatever AWS has against it now may pass: credentials are renewed, a service comes back. */
    if (t->kind == TODO_ROLLBACK && r->args->mode == RUN_APPLY && (!w->back_since || now - w->back_since < BACK_FOR)) {
        w->back_since = w->back_since ? w->back_since : now;
        w->back_next = now + BACK_EVERY;
        *wake = w->back_next < *wake ? w->back_next : *wake;
        run_say(r, w, "warning", "it could not be taken back, and that is tried again in %s: %s", clock_span(r->plan_arena, BACK_EVERY),
                said < r->ds->all.n ? r->ds->all.at[r->ds->all.n - 1]->message : "?");
        diags_rewind(r->ds, said);
        return RUN_WAIT;
    }
    if (!w->failed && run_duty(r, w).on && r->args->mode != RUN_ROLLBACK && r->args->mode != RUN_ABORT)
        run_failed(r, w, "what was to be done at this share failed");
    else
        w->stuck = true;
    run_ended(r, "failed", code);
    return RUN_PROGRESS;
}

static enum run_status step_world(struct run *r, struct run_world *w, const struct todo *t, int64_t *wake)
{
    w->due = INT64_MAX; /* it had its turn: nobody gives way to it until what it waits for is over */
    if (t->kind == TODO_NOTHING)
        return RUN_WAIT;
    if (t->kind == TODO_REFUSE) {
        refused(r, w, t);
        return RUN_WAIT;
    }
    if (t->kind == TODO_ROLLBACK && clock_now(r->cloud->clock) < w->back_next) {
        *wake = w->back_next < *wake ? w->back_next : *wake;
        return RUN_WAIT;
    }
    size_t said = diags_mark(r->ds);
    enum run_status e = run_do(r, w, t);
    if (e == RUN_END)
        return contained(r, w, t, said, wake);
    if (e != RUN_WAIT)
        return e;
    if (stays(r, t)) {
        *wake = r->wake_at < *wake ? r->wake_at : *wake;
    } else if (r->args->mode == RUN_APPLY && t->kind == TODO_BAKE && !w->left) {
        w->left = true;
        run_say(r, w, "bake", "%s is kept until %s; `bgc retire`, `bgc apply` or a schedule of `bgc tick` then removes it",
                run_full(r, w, w->view.previous), clock_iso(r->plan_arena, t->until));
    }
    return RUN_WAIT;
}

/* Worlds have their turn one after the other, and who must be taken back is first.
 * One effect, and everything is looked at again.
 *
 * RUN_PROGRESS is answered by who changed something that the machine is told of, or gave
 * way: to a rollback, which is first here and latches itself (run_urgent), or to a world
 * that is due (`due`), which is before who gave way in the ring, and is not due after its
 * turn. RUN_WAIT names a moment that is to come. So no two turns are the same. */
static enum run_status turns(struct run *r, int64_t *wake)
{
    struct run_state *s = r->state;
    struct todo *todos = arena_array(r->plan_arena, struct todo, s->worlds.n + 1);
    for (size_t i = 0; i < s->worlds.n; i++)
        todos[i] = run_wanted(r, s->worlds.at[i]);
    for (int urgent = 1; urgent >= 0; urgent--)
        for (size_t k = 0; k < s->worlds.n; k++) {
            size_t i = (s->turn + k) % s->worlds.n;
            if ((todos[i].kind == TODO_ROLLBACK) != urgent)
                continue;
            enum run_status e = step_world(r, s->worlds.at[i], &todos[i], wake);
            if (e == RUN_WAIT)
                continue;
            s->turn = i + 1;
            return e;
        }
    return RUN_WAIT;
}

enum run_status run_step(struct run *r)
{
    struct run_state *s = r->state;
    if (r->args->stop && r->args->stop(r->args->self))
        return run_stop(r, "paused", 5);
    if (!lock_keep(&s->lock, r->ds))
        return run_fail(r);
    if (r->args->mode == RUN_DESTROY)
        return destroy(r);
    /* With a world, what is shared is brought by the world's own run: before it is built. */
    if (!s->worlds.n && !s->shared_done && r->args->mode == RUN_APPLY)
        return run_do(r, NULL, &(struct todo){.kind = TODO_RECONCILE_SHARED});
    for (size_t i = 0; i < s->worlds.n; i++)
        run_look(r, s->worlds.at[i]);
    if (!run_guard(r) || s->broken)
        return run_fail(r);
    int64_t wake = INT64_MAX;
    enum run_status e = turns(r, &wake);
    if (e != RUN_WAIT)
        return e;
    if (wake != INT64_MAX) {
        int64_t round = run_next_round(r), now = clock_now(r->cloud->clock);
        return run_wait_until(r, round > now && round < wake ? round : wake);
    }
    if (s->outcome)
        return run_stop(r, s->outcome, s->exit_code);
    return r->args->mode == RUN_APPLY ? tune(r) : run_stop(r, "applied", 0);
}

int run_to_end(struct run *r)
{
    enum run_status s = RUN_PROGRESS;
    while (s != RUN_END) {
        s = run_step(r);
        while (s == RUN_WAIT && clock_now(r->cloud->clock) < r->wake_at) {
            /* Short naps: the lease is renewed, and a signal is noticed. */
            int64_t now = clock_now(r->cloud->clock);
            int64_t nap = now + (int64_t)(10000 * clock_speed(r->cloud->clock));
            cloud_sleep(r->cloud, nap < r->wake_at ? nap : r->wake_at);
            if (!lock_keep(&r->state->lock, r->ds) || (r->args->stop && r->args->stop(r->args->self)))
                break;
        }
    }
    if (r->outcome && !strcmp(r->outcome, "failed"))
        run_say_left(r);
    run_finish(r);
    return r->exit_code;
}

void run_finish(struct run *r)
{
    for (size_t i = 0; r->state && i < r->state->worlds.n; i++)
        arena_free(r->state->worlds.at[i]->round);
    if (r->state && r->state->locked)
        lock_release(&r->state->lock);
}
