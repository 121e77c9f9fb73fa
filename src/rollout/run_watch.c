/* What is watched whatever else is done: from its first share until the version
 * before it is gone, a world's gate and its kill switch are looked at, also while
 * the run builds, sizes, waits for DNS or works for another world. */
#include <string.h>

#include "plan/timeline.h"
#include "rollout/run_state.h"

enum {
    LOOK_EVERY = 30000,            /* at the kill switch, the record and the store; and a gate without `every` */
    SILENCE_MAX = 60 * 60000,      /* a hold without data ends in failure after this */
    BLIND_MAX = 5 * 60000,         /* a partial share whose gate AWS refuses to answer; time to renew credentials */
    YIELD_EVERY = 60000,           /* how often creation is interrupted for another world at most */
};

/* How it is asked whether an alarm has fired: declared in the standard library. */
static const char FIRINGS[] = "metrics.firing";

/* ---- failures ------------------------------------------------------------------------- */

/* Of which moment of the record a failure speaks: a later step knows nothing of it. */
static const char *failure_key(struct run *r, const struct run_world *w)
{
    return w->traffic && w->traffic->has_record ? machine_step_key(r->plan_arena, &w->traffic->record) : "-";
}

static const char *judged(struct run *r, const struct run_world *w)
{
    return run_full(r, w, w->view.candidate && w->view.candidate_share > 0 ? w->view.candidate : w->view.live);
}

void run_failed(struct run *r, struct run_world *w, const char *why)
{
    if (w->failed)
        return;
    w->failed = true;
    w->failure = arena_strdup(r->plan_arena, why);
    run_say(r, w, "gate", "%s", w->failure);
    journal_add(&r->state->journal, &(struct journal_entry){"fail", judged(r, w), failure_key(r, w), w->failure,
                                                            clock_now(r->cloud->clock)});
    /* What cannot be written must not keep traffic where it is: the batch that takes
     * it back is a latch, too. */
    journal_flush(&r->state->journal, r->ds);
}

void run_recall(struct run *r, struct run_world *w)
{
    const struct record *rec = w->traffic && w->traffic->has_record ? &w->traffic->record : NULL;
    if (!rec || w->failed)
        return;
    const struct journal_entry *e = journal_find(&r->state->journal, "fail", judged(r, w), failure_key(r, w));
    const struct journal_entry *test = journal_find(&r->state->journal, "verdict", run_full(r, w, w->view.desired), "test");
    /* A first creation is tested again: there is nothing to go back to. */
    bool tested = !e && test && strcmp(test->text, "pass") && rec->live && rec->candidate && w->view.desired &&
                  !strcmp(rec->candidate, w->view.desired) && test->at >= rec->since && w->view.candidate_share <= 0;
    if (!e && !tested)
        return;
    w->failed = true;
    w->failure = e ? e->text : test->text;
    run_say(r, w, "gate", "an earlier run saw it fail: %s", w->failure);
}

/* ---- what others say ------------------------------------------------------------------- */

bool run_step_passed(struct run *r, const struct run_world *w)
{
    const struct step_ast *line = w->traffic ? step_at(w->rollout, w->traffic->record.step) : NULL;
    if (!line)
        return true;
    return journal_find(&r->state->journal, "pass", run_full(r, w, w->view.candidate ? w->view.candidate : w->view.desired),
                        machine_step_key(r->plan_arena, &w->traffic->record)) != NULL;
}

bool run_approved(struct run *r, const struct run_world *w)
{
    const struct step_ast *line = w->traffic ? step_at(w->rollout, w->traffic->record.step) : NULL;
    const struct step_ast *ask = step_after(line, STEP_APPROVE);
    if (!ask)
        return true;
    const struct journal_entry *e = journal_find(&r->state->journal, "approval", run_full(r, w, w->view.desired), NULL);
    return e && e->at >= w->traffic->record.since;
}

/* Approvals and aborts are written to the store by others while this run waits. A store
 * that does not answer is asked again at the next look; for how long, the lease says. */
static void news(struct run *r, struct run_world *w)
{
    struct diags quiet;
    diags_init(&quiet, w->round, r->ds->sources);
    if (!journal_refresh(&r->state->journal, &quiet))
        return;
    const struct journal_entry *e = journal_find(&r->state->journal, "abort", run_full(r, w, w->view.desired), NULL);
    if (e && w->traffic && e->at >= w->traffic->record.since)
        run_failed(r, w, arena_printf(r->plan_arena, "aborted by %s", e->text ? e->text : "somebody"));
}

/* Whether the alarm fired after the share that stands was given, or after it was last
 * asked for that: it may have, and recovered, between two looks and between two runs. */
static bool fired_meanwhile(struct run *r, struct run_world *w, const struct live_resource *alarm, struct diags *quiet, int64_t began)
{
    int64_t since = w->traffic->record.since > w->looked_back ? w->traffic->record.since : w->looked_back;
    const char *changed = value_get_string(alarm->reading->fields, "changed");
    if (!changed || clock_parse_iso(changed) < since)
        return false;
    const struct schema *s = schema_find(r->schemas, FIRINGS);
    const struct schema_call *c = s ? schema_call(s, VERB_LOOKUP) : NULL;
    struct value *props = value_map(w->round);
    value_put(props, "alarm", value_string(w->round, alarm->id));
    value_put(props, "since", value_string(w->round, clock_iso(w->round, since)));
    struct call_env env = {.stack = r->state->survey.graph->stack, .props = props};
    struct value *input = c ? schema_request(r->schemas, w->round, quiet, s, c, &env) : NULL;
    struct cloud_request req = {.service = c ? c->service : NULL, .operation = c ? c->operation : NULL,
                                .account = alarm->account, .input = input, .address = alarm->address};
    struct cloud_reply reply;
    size_t n = 0;
    if (!input || !cloud_call(r->cloud, w->round, &req, &reply) ||
        (!schema_result(r->schemas, w->round, quiet, s, c, &env, reply.output, &n) && n))
        return false; /* asked again at the next look */
    w->looked_back = began;
    return n > 0;
}

/* The kill switch is DNS's own; when it has fired the gate has failed, whatever
 * the gate's own checks say. It stands on the records of the world that came last. */
bool run_kill_switch_fired(struct run *r, struct run_world *w)
{
    const struct value *alarm = w->sw ? value_get(w->sw->traffic->props, "kill_switch") : NULL;
    struct duty d = run_duty(r, w);
    if (!alarm || alarm->kind != V_REF || !d.on)
        return false;
    int64_t began = clock_now(r->cloud->clock);
    struct live_resource *res = live_find(r->state->survey.live, run_full(r, w, d.world), alarm->ref.address);
    const struct schema *s = res ? schema_find(r->schemas, res->type) : NULL;
    struct diags quiet; /* what cannot be read is asked again at the next look */
    diags_init(&quiet, w->round, r->ds->sources);
    struct observe_args o = {r->schemas, r->cloud, &quiet, r->state->survey.graph, NULL};
    bool absent;
    struct live_resource *now = s ? observe_brief(&o, w->round, s, res, &absent) : NULL;
    const char *state = now ? value_get_string(now->reading->fields, "state") : NULL;
    return state && (!strcmp(state, "ALARM") || fired_meanwhile(r, w, now, &quiet, began));
}

/* ---- rounds ------------------------------------------------------------------------------ */

struct duty run_duty(struct run *r, struct run_world *w)
{
    struct machine_in in = run_machine_in(r, w);
    return machine_duty(r->plan_arena, &in);
}

/* Who takes over without the store (`bgc rollback --stack`) is heard from the record only.
 * One that is older than what this run wrote is a read that lags. */
static bool still_ours(struct run *r, struct run_world *w)
{
    if (!w->sw || !w->traffic->has_record)
        return true;
    struct diags quiet; /* what cannot be read is asked again at the next look */
    diags_init(&quiet, w->round, r->ds->sources);
    struct traffic_switch sw = *w->sw;
    sw.ds = &quiet;
    const struct traffic_state *t = switch_read(&sw, w->round);
    if (!t || !t->has_record || switch_mine(&sw, t) || t->record.serial <= w->traffic->record.serial)
        return true;
    run_taken_over(r, w);
    return false;
}

static bool look(struct run *r, struct run_world *w)
{
    news(r, w);
    if (!lock_keep(&r->state->lock, r->ds) || !still_ours(r, w))
        return false;
    run_take_back_in_time(r, w);
    if (!w->failed && run_kill_switch_fired(r, w)) {
        w->fired = w->traffic->kill_switch_fired = true;
        run_failed(r, w, "the kill switch fired: DNS took it out by itself");
    }
    return true;
}

static bool round_of(struct run *r, struct run_world *w, const struct gate *g, const char *id, int64_t now)
{
    struct watch *x = &w->watch;
    struct judge j = run_judge(r, w, id);
    size_t n;
    struct check_result *res = judge_round(&j, w->round, g, &n);
    if (!res)
        return false;
    if (!j.shut_out || !run_partial(w))
        x->blind_since = 0;
    else if (!x->blind_since)
        x->blind_since = now;
    else if (now - x->blind_since >= BLIND_MAX) {
        run_failed(r, w, arena_printf(r->plan_arena, "nobody watches it: AWS has refused %s for %s", j.shut_out,
                                      clock_span(r->plan_arena, now - x->blind_since)));
        return true;
    }
    const char *was = x->gate.why;
    enum gate_answer a = gate_count(&x->gate, g, res, n, now);
    if (x->gate.why && x->gate.why != was)
        x->gate.why = arena_strdup(r->plan_arena, x->gate.why);
    for (size_t i = 0; i < n; i++)
        if (res[i].verdict != VERDICT_PASS)
            run_say_check(r, w, g, &res[i]);
    x->passed = a == GATE_PASSING;
    if (x->passed || x->gate.fails)
        x->silent_since = 0;
    else if (!x->silent_since)
        x->silent_since = now;
    if (a == GATE_FAILED || (x->silent_since && now - x->silent_since > SILENCE_MAX))
        run_failed(r, w, arena_printf(r->plan_arena, "%s.%s %s: %s", g->name, x->gate.check,
                                      a == GATE_FAILED ? "failed" : "had no data for an hour", x->gate.why ? x->gate.why : ""));
    return true;
}

static bool round_due(struct run *r, struct run_world *w, const struct duty *d)
{
    const struct gate *g = d->gate ? graph_gate(r->state->survey.graph, d->gate) : NULL;
    struct watch *x = &w->watch;
    int64_t now = clock_now(r->cloud->clock);
    if (!x->key || strcmp(x->key, d->key))
        *x = (struct watch){.key = d->key, .next_round = g ? now : INT64_MAX, .next_look = now, .passed = !g};
    if (now < x->next_look && now < x->next_round)
        return true;
    arena_reset(w->round);
    if (now >= x->next_look) {
        x->next_look = now + LOOK_EVERY;
        if (!look(r, w))
            return false;
    }
    if (!g || now < x->next_round)
        return true;
    x->next_round = now + (g->ast->every ? g->ast->every : LOOK_EVERY);
    if (w->failed) /* judged already; it is taken back, or waits for what stands in the way */
        return true;
    return round_of(r, w, g, d->world, now);
}

bool run_guard(struct run *r)
{
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        struct run_world *w = r->state->worlds.at[i];
        if (w->judging)
            continue;
        struct duty d = run_duty(r, w);
        if (!d.on) {
            w->watch.key = NULL;
            continue;
        }
        w->judging = true;
        bool ok = round_due(r, w, &d);
        w->judging = false;
        if (!ok)
            return false;
    }
    return true;
}

int64_t run_next_round(const struct run *r)
{
    int64_t at = INT64_MAX;
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        const struct watch *x = &r->state->worlds.at[i]->watch;
        if (!x->key || r->state->worlds.at[i]->judging)
            continue;
        at = x->next_look < at ? x->next_look : at;
        at = x->next_round < at ? x->next_round : at;
    }
    return at;
}

bool run_urgent(struct run *r)
{
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        struct run_world *w = r->state->worlds.at[i];
        /* What this command refuses to take back, or cannot, has no turn to give way to. */
        if (w->failed && !w->rolled_back && clock_now(r->cloud->clock) >= w->back_next && run_duty(r, w).on && run_wanted(r, w).kind == TODO_ROLLBACK)
            return true;
    }
    return false;
}

/* ---- waiting ------------------------------------------------------------------------------ */

static int64_t nap(struct run *r, int64_t until)
{
    int64_t now = clock_now(r->cloud->clock), round = run_next_round(r);
    int64_t at = now + (int64_t)(10000 * clock_speed(r->cloud->clock)); /* the lease is renewed, a signal noticed */
    at = at < until ? at : until;
    at = round > now && round < at ? round : at;
    cloud_sleep(r->cloud, at);
    return clock_now(r->cloud->clock);
}

bool run_nap(struct run *r, int64_t until)
{
    while (clock_now(r->cloud->clock) < until) {
        if (!run_guard(r)) {
            r->state->broken = true;
            return false;
        }
        if (run_urgent(r) || !lock_keep(&r->state->lock, r->ds) || (r->args->stop && r->args->stop(r->args->self)))
            return false;
        nap(r, until);
    }
    return true;
}

void run_rest(void *self, int64_t until)
{
    struct run *r = self;
    while (clock_now(r->cloud->clock) < until) {
        if (!run_guard(r))
            r->state->broken = true;
        nap(r, until);
    }
}

/* Creation gives way when another world's hold is over and may go on. */
static bool another_due(const struct run *r, int64_t now)
{
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        const struct run_world *w = r->state->worlds.at[i];
        if (w != r->state->building && !w->stuck && w->watch.key && w->watch.passed && now >= w->due)
            return true;
    }
    return false;
}

int64_t run_exec_tick(void *self, int64_t now, bool *hold)
{
    struct run *r = self;
    struct run_world *w = r->state->building;
    *hold = false;
    r->state->broken = !run_guard(r);
    r->state->yielding = !r->state->broken && (run_urgent(r) || another_due(r, now));
    if (r->state->broken || r->state->yielding)
        return -1;
    int64_t next = run_next_round(r), due = INT64_MAX;
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        int64_t at = r->state->worlds.at[i]->due;
        due = at > now && at < due ? at : due;
    }
    int64_t build = w ? run_build_gate(r, w, now, hold) : INT64_MAX;
    if (build < 0) {
        r->state->broken = true;
        return -1;
    }
    next = due < next ? due : next;
    next = build < next ? build : next;
    return next > now ? next : now + 1000; /* the executor sleeps until then: never in the past */
}

/* ---- holds, approvals, the bake ------------------------------------------------------------ */

static enum run_status leave(struct run *r, const struct run_world *w, const struct todo *t)
{
    run_say(r, w, "approve", "it waits for %s; `bgc approve` gives it, `bgc apply` goes on", t->line && t->line->role ? t->line->role : "somebody");
    return run_stop(r, "paused", 5);
}

/* A safe point to leave at: no partial share, or one that a kill switch covers. */
static bool safe_to_leave(const struct run *r)
{
    for (size_t i = 0; i < r->state->worlds.n; i++) {
        const struct run_world *w = r->state->worlds.at[i];
        if (w->view.candidate_share > 0 && w->view.candidate_share < 100 &&
            !(w->sw && value_get(w->sw->traffic->props, "kill_switch")))
            return false;
    }
    return true;
}

static bool time_to_leave(const struct run *r)
{
    return r->args->pause_after && clock_now(r->cloud->clock) >= r->state->begun + r->args->pause_after && safe_to_leave(r);
}

static void announce(struct run *r, struct run_world *w, const struct todo *t)
{
    const char *key = arena_printf(r->plan_arena, "%d %s", (int)t->kind, w->watch.key ? w->watch.key : "");
    if (w->announced && !strcmp(w->announced, key))
        return;
    w->announced = key;
    if (t->kind == TODO_APPROVE)
        run_say(r, w, "approve", "%s is asked to approve within %s", t->line->role, clock_span(r->plan_arena, t->line->within));
    else
        run_say(r, w, t->kind == TODO_BAKE ? "bake" : "hold", "%s until %s%s%s",
                t->kind == TODO_BAKE ? "the version before it is kept" : arena_printf(r->plan_arena, "holds %g %%", w->view.candidate_share),
                clock_iso(r->plan_arena, t->until), t->gate ? " while " : "", t->gate ? t->gate : "");
}

/* true: there is an answer, in *out. */
static bool approval(struct run *r, struct run_world *w, const struct todo *t, int64_t now, enum run_status *out)
{
    *out = RUN_PROGRESS;
    if (run_approved(r, w)) {
        run_say(r, w, "approve", "approved");
        return true;
    }
    if (r->args->approve && r->args->approve(r->args->self, t->line->role)) {
        journal_add(&r->state->journal, &(struct journal_entry){"approval", run_full(r, w, w->view.desired), t->line->role,
                                                                r->args->who, now});
        run_say(r, w, "approve", "approved by %s", r->args->who ? r->args->who : "somebody");
        if (!journal_flush(&r->state->journal, r->ds))
            *out = run_fail(r);
        return true;
    }
    if (now < t->until)
        return false;
    run_failed(r, w, arena_printf(r->plan_arena, "%s did not approve within %s", t->line->role,
                                  clock_span(r->plan_arena, t->line->within)));
    return true;
}

enum run_status run_watch(struct run *r, struct run_world *w, const struct todo *t)
{
    int64_t now = clock_now(r->cloud->clock);
    enum run_status s;
    announce(r, w, t);
    if (t->kind == TODO_APPROVE) {
        if (approval(r, w, t, now, &s))
            return s;
        if (time_to_leave(r))
            return leave(r, w, t);
    } else if (now >= t->until && w->watch.passed) {
        if (t->kind == TODO_BAKE)
            return RUN_PROGRESS;
        journal_add(&r->state->journal, &(struct journal_entry){"pass", run_full(r, w, w->view.candidate),
                                                                machine_step_key(r->plan_arena, &w->traffic->record), "pass", now});
        return journal_flush(&r->state->journal, r->ds) ? RUN_PROGRESS : run_fail(r);
    }
    if (t->kind == TODO_WATCH && time_to_leave(r))
        return run_stop(r, "paused", 5);
    if (t->kind != TODO_BAKE)
        w->due = t->kind == TODO_APPROVE ? now + YIELD_EVERY : t->until > now ? t->until : now + YIELD_EVERY;
    int64_t at = run_next_round(r);
    if (t->until > now && t->until < at)
        at = t->until;
    return run_wait_until(r, at > now ? at : now + 1000);
}
