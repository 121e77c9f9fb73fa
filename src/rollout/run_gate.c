/* Gates in time: the one-shot test, the watched hold, approvals, idleness. */
#include <string.h>

#include "plan/timeline.h"
#include "rollout/measure.h"
#include "rollout/run_state.h"

enum {
    TEST_EVERY = 10000,            /* between rounds of a one-shot gate, unless a check says */
    TEST_DEADLINE = 15 * 60000,    /* of a check without `within`, when it has no data */
    WATCH_EVERY = 30000,
    SILENCE_MAX = 60 * 60000,      /* a hold without data ends in failure after this */
    IDLE_EVERY = 60000,
    DRAIN_WINDOW = 120000,
    DRAIN_MAX = 60 * 60000,
};

static struct value *requests(void *self, struct arena *a);

struct judge run_judge(struct run *r, struct run_world *w, const char *id)
{
    struct run_state *s = r->state;
    const char *other = w->view.live && strcmp(w->view.live, id) ? w->view.live : w->view.previous;
    return (struct judge){
        .schemas = r->schemas, .cloud = r->cloud, .ds = r->ds, .graph = s->survey.graph,
        .live = s->survey.live, .facts = s->facts, .world = id, .live_world = other,
        .traffic = w->traffic, .sink = r->sink, .scales = run_scales, .requests = requests, .self = r,
    };
}

/* The rate of requests that a world's entry counts. An entry that gets none
 * publishes nothing: then it is idle. */
static struct value *requests_of(struct run *r, struct run_world *w, struct arena *a, const char *id, int64_t window)
{
    const struct world *world = graph_world(r->state->survey.graph, w->view.name);
    struct value *none = value_rate(a, (struct dec){0, 0}, 1000);
    if (!world || !world->entry)
        return none;
    struct judge j = run_judge(r, w, id);
    struct measures m;
    measures_init(&m, a, &j);
    struct measurer ask = measures_measurer(&m);
    struct value **args = arena_array(a, struct value *, 2);
    args[0] = arena_make(a, struct value);
    *args[0] = (struct value){.kind = V_METRIC, .metric = {.address = world->entry, .name = "requests"}};
    args[1] = value_duration(a, window);
    ask.measure(ask.self, a, "rate", args, 2, value_map(a), NO_SPAN);
    if (!measures_fetch(&m))
        return value_none(a);
    struct value *v = ask.measure(ask.self, a, "rate", args, 2, value_map(a), NO_SPAN);
    return v && v->kind != V_NONE ? v : none;
}

/* Of the previous world, for `retire when`. */
static struct value *requests(void *self, struct arena *a)
{
    struct run *r = self;
    struct run_world *w = r->state->building;
    const struct step_ast *retire = step_find(w->rollout, STEP_RETIRE);
    return requests_of(r, w, a, w->view.previous, retire && retire->idle_for ? retire->idle_for : 300000);
}

bool run_still_used(struct run *r, struct run_world *w, const char *id)
{
    const struct record *rec = w->traffic && w->traffic->has_record ? &w->traffic->record : NULL;
    /* It lost its records when it was doomed, or before, when it was taken back. */
    int64_t last = rec ? rec->doomed_at > rec->since ? rec->doomed_at : rec->since : 0;
    if (!last || clock_now(r->cloud->clock) - last > DRAIN_MAX)
        return false;
    arena_reset(r->scratch);
    const struct value *v = requests_of(r, w, r->scratch, id, DRAIN_WINDOW);
    return v->kind == V_RATE && dec_double(v->rate.count) > 0;
}

static const char *verdict_name(enum verdict v)
{
    return v == VERDICT_PASS ? "pass" : v == VERDICT_FAIL ? "fail" : "no_data";
}

static void say_check(struct run *r, const struct run_world *w, const struct gate *g, const struct check_result *c)
{
    event_emit(r->sink, EVENT(.type = "check", .address = arena_printf(r->scratch, "%s.%s", g->name, c->check),
                              .world = run_full(r, w, w->view.desired), .verdict = verdict_name(c->verdict),
                              .message = c->why));
}

/* The kill switch is DNS's own; when it has fired the gate has failed, whatever
 * the gate's own checks say. */
static bool kill_switch_fired(struct run *r, struct run_world *w)
{
    const struct value *alarm = w->sw ? value_get(w->sw->traffic->props, "kill_switch") : NULL;
    if (!alarm || alarm->kind != V_REF || !w->view.candidate || w->view.candidate_share <= 0)
        return false;
    struct live_resource *res = live_find(r->state->survey.live, run_full(r, w, w->view.candidate), alarm->ref.address);
    const struct schema *s = res ? schema_find(r->schemas, res->type) : NULL;
    struct observe_args o = {r->schemas, r->cloud, r->ds, r->state->survey.graph};
    bool absent;
    struct live_resource *now = s ? observe_one(&o, r->scratch, s, res, &absent) : NULL;
    const char *state = now ? value_get_string(now->reading->fields, "state") : NULL;
    return state && !strcmp(state, "ALARM");
}

/* ---- the one-shot gate ------------------------------------------------------------ */

struct progress {
    int64_t passes; /* in a row */
    bool done;
    const char *why;
};

static enum run_status test_failed(struct run *r, struct run_world *w, const struct gate *g, const char *check,
                                   const char *why)
{
    w->failed = true;
    w->failure = arena_printf(r->plan_arena, "%s.%s failed: %s", g->name, check, why);
    journal_add(&r->state->journal, &(struct journal_entry){"verdict", run_full(r, w, w->view.desired), "test", w->failure,
                                                            clock_now(r->cloud->clock)});
    if (!journal_flush(&r->state->journal, r->ds))
        return run_fail(r);
    run_say(r, w, "gate", "%s", w->failure);
    return RUN_PROGRESS;
}

/* Seconds until the next round: the shortest wish of the checks that are open. */
static int64_t pace(const struct gate *g, const struct progress *p)
{
    int64_t every = 0;
    for (size_t i = 0; i < g->checks.n; i++)
        if (!p[i].done && g->checks.at[i].ast->every && (!every || g->checks.at[i].ast->every < every))
            every = g->checks.at[i].ast->every;
    return every ? every : TEST_EVERY;
}

/* Only the checks that are not done yet. */
static struct gate open_checks(struct arena *a, const struct gate *g, const struct progress *p, size_t *index)
{
    struct gate open = {.name = g->name, .ast = g->ast, .span = g->span};
    for (size_t i = 0; i < g->checks.n; i++)
        if (!p[i].done) {
            index[open.checks.n] = i;
            vec_push(a, &open.checks, g->checks.at[i]);
        }
    return open;
}

static bool take_result(struct progress *p, const struct check *c, const struct check_result *res, int64_t elapsed,
                        bool *failed)
{
    int64_t times = c->ast->times ? c->ast->times : 1;
    int64_t deadline = c->ast->within ? c->ast->within : TEST_DEADLINE;
    p->why = res->why;
    if (res->verdict == VERDICT_PASS) {
        p->done = ++p->passes >= times;
        return p->done;
    }
    if (res->verdict == VERDICT_FAIL)
        p->passes = 0;
    /* Without `within` the first definite answer decides; no data may still come. */
    *failed = elapsed >= deadline || (res->verdict == VERDICT_FAIL && !c->ast->within && times == 1);
    return *failed;
}

enum run_status run_test(struct run *r, struct run_world *w, const struct todo *t)
{
    const struct gate *g = t->gate ? graph_gate(r->state->survey.graph, t->gate) : NULL;
    const char *full = run_full(r, w, w->view.desired), *why;
    int64_t begun = clock_now(r->cloud->clock);
    size_t left = g ? g->checks.n : 0;
    struct progress *p = arena_array(r->plan_arena, struct progress, left + 1);
    size_t *index = arena_array(r->plan_arena, size_t, left + 1);
    struct arena *round = arena_new("gate");
    r->state->building = w;
    run_say(r, w, "test", "%s is tested before any user reaches it%s%s", full, g ? " by " : "", g ? g->name : "");
    while (left) {
        arena_reset(round);
        struct gate open = open_checks(round, g, p, index);
        struct judge j = run_judge(r, w, w->view.desired);
        size_t n;
        struct check_result *res = judge_round(&j, round, &open, &n);
        if (!res) {
            arena_free(round);
            return run_fail(r);
        }
        int64_t elapsed = clock_now(r->cloud->clock) - begun;
        for (size_t i = 0; i < n; i++) {
            bool failed = false;
            if (!take_result(&p[index[i]], &open.checks.at[i], &res[i], elapsed, &failed))
                continue;
            say_check(r, w, g, &res[i]);
            left--;
            if (failed) {
                why = arena_strdup(r->plan_arena, res[i].why ? res[i].why : "");
                const char *check = arena_strdup(r->plan_arena, res[i].check);
                arena_free(round);
                return test_failed(r, w, g, check, why);
            }
        }
        if (!left)
            break;
        if ((r->args->stop && r->args->stop(r->args->self)) || !lock_keep(&r->state->lock, r->ds)) {
            arena_free(round);
            return r->state->lock.held ? run_stop(r, "paused", 5) : run_fail(r);
        }
        cloud_sleep(r->cloud, clock_now(r->cloud->clock) + pace(g, p));
    }
    arena_free(round);
    struct action act = {.op = PLAN_TEST, .address = w->view.name, .world = full};
    verify_step(r->plan_arena, &r->state->verifier, &act, &why);
    journal_add(&r->state->journal, &(struct journal_entry){"verdict", full, "test", "pass", clock_now(r->cloud->clock)});
    if (!journal_flush(&r->state->journal, r->ds)) /* durable before it is acted on */
        return run_fail(r);
    run_say(r, w, "gate", "%s passed its tests", full);
    return RUN_PROGRESS;
}

/* ---- building while a gate holds ------------------------------------------------------ */

int64_t run_build_tick(void *self, int64_t now, bool *hold)
{
    struct run *r = self;
    struct run_world *w = r->state->building;
    const struct step_ast *line = w->view.live ? step_find(w->rollout, STEP_BUILD) : NULL;
    const struct gate *g = line ? graph_gate(r->state->survey.graph, line->gate.text) : NULL;
    *hold = false;
    if (!g)
        return INT64_MAX;
    arena_reset(r->scratch);
    struct judge j = run_judge(r, w, w->view.live);
    size_t n;
    struct check_result *res = judge_round(&j, r->scratch, g, &n);
    if (!res)
        return -1;
    enum gate_answer a = gate_count(&w->gate, g, res, n, now);
    if (a != GATE_PASSING) {
        *hold = true;
        run_say(r, w, "wait", "creation waits while %s.%s does not pass: %s", g->name, w->gate.check ? w->gate.check : "", w->gate.why ? w->gate.why : "no data");
        w->gate.failed = false; /* it holds creation back; it aborts nothing */
    }
    return now + (g->ast->every ? g->ast->every : WATCH_EVERY);
}

/* ---- watching --------------------------------------------------------------------------- */

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

/* Approvals and aborts are written to the store by others while this run waits. */
static bool news(struct run *r, struct run_world *w)
{
    if (!journal_refresh(&r->state->journal, r->ds))
        return false;
    const struct journal_entry *e = journal_find(&r->state->journal, "abort", run_full(r, w, w->view.desired), NULL);
    if (e && w->traffic && e->at >= w->traffic->record.since) {
        w->failed = true;
        w->failure = arena_printf(r->plan_arena, "aborted by %s", e->text ? e->text : "somebody");
    }
    return true;
}

static bool round_due(struct run *r, struct run_world *w, const struct gate *g, const char *key, const char *judged)
{
    int64_t now = clock_now(r->cloud->clock);
    if (!w->watching || strcmp(w->watching, key)) {
        w->watching = arena_strdup(r->plan_arena, key);
        w->gate = (struct gate_state){0};
        w->next_round = now;
        w->held_since = 0;
        w->passed = !g;
    }
    if (now < w->next_round)
        return true;
    w->next_round = now + (g && g->ast->every ? g->ast->every : WATCH_EVERY);
    if (!news(r, w) || !lock_keep(&r->state->lock, r->ds))
        return false;
    if (!w->failed && kill_switch_fired(r, w)) {
        w->failed = true;
        w->failure = "the kill switch fired: DNS took it out by itself";
    }
    if (!g || w->failed)
        return true;
    arena_reset(r->scratch);
    r->state->building = w;
    struct judge j = run_judge(r, w, judged);
    size_t n;
    struct check_result *res = judge_round(&j, r->scratch, g, &n);
    if (!res)
        return false;
    const char *was = w->gate.why;
    enum gate_answer a = gate_count(&w->gate, g, res, n, now);
    if (w->gate.why && w->gate.why != was)
        w->gate.why = arena_strdup(r->plan_arena, w->gate.why);
    for (size_t i = 0; i < n; i++)
        if (res[i].verdict != VERDICT_PASS)
            say_check(r, w, g, &res[i]);
    w->passed = a == GATE_PASSING;
    if (w->passed || w->gate.fails)
        w->held_since = 0;
    else if (!w->held_since)
        w->held_since = now;
    if (a == GATE_FAILED || (w->held_since && now - w->held_since > SILENCE_MAX)) {
        w->failed = true;
        w->failure = arena_printf(r->plan_arena, "%s.%s %s: %s", g->name, w->gate.check, a == GATE_FAILED ? "failed" : "had no data for an hour",
                                  w->gate.why ? w->gate.why : "");
        run_say(r, w, "gate", "%s", w->failure);
    }
    return true;
}

static enum run_status leave(struct run *r, const struct run_world *w, const struct todo *t)
{
    run_say(r, w, "approve", "it waits for %s; `bgc approve` gives it, `bgc apply` goes on", t->line && t->line->role ? t->line->role : "somebody");
    return run_stop(r, "paused", 5);
}

/* A safe point to leave at: no partial share, or one that a kill switch covers. */
static bool safe_to_leave(const struct run_world *w)
{
    return w->view.candidate_share <= 0 || w->view.candidate_share >= 100 ||
           (w->sw && value_get(w->sw->traffic->props, "kill_switch"));
}

static bool time_to_leave(struct run *r, const struct run_world *w)
{
    return r->args->pause_after && clock_now(r->cloud->clock) >= r->state->begun + r->args->pause_after && safe_to_leave(w);
}

static enum run_status watched(struct run *r, struct run_world *w, const struct todo *t, const char *key)
{
    (void)t;
    journal_add(&r->state->journal, &(struct journal_entry){"pass", run_full(r, w, w->view.candidate ? w->view.candidate : w->view.live),
                                                            key, "pass", clock_now(r->cloud->clock)});
    return journal_flush(&r->state->journal, r->ds) ? RUN_PROGRESS : run_fail(r);
}

enum run_status run_watch(struct run *r, struct run_world *w, const struct todo *t)
{
    const struct gate *g = t->gate ? graph_gate(r->state->survey.graph, t->gate) : NULL;
    int64_t now = clock_now(r->cloud->clock);
    const char *key = t->kind == TODO_WATCH ? machine_step_key(r->plan_arena, &w->traffic->record)
                      : t->kind == TODO_APPROVE ? arena_printf(r->plan_arena, "approve %lld", (long long)t->step) : "bake";
    if (!w->watching || strcmp(w->watching, key)) {
        if (t->kind == TODO_APPROVE)
            run_say(r, w, "approve", "%s is asked to approve within %s", t->line->role, clock_span(r->scratch, t->line->within));
        else
            run_say(r, w, t->kind == TODO_BAKE ? "bake" : "hold", "%s until %s%s%s",
                    t->kind == TODO_BAKE ? "the version before it is kept" : arena_printf(r->scratch, "holds %g %%", w->view.candidate_share),
                    clock_iso(r->scratch, t->until), g ? " while " : "", g ? g->name : "");
    }
    if (!round_due(r, w, g, key, t->world))
        return run_fail(r);
    if (w->failed)
        return RUN_PROGRESS;
    if (t->kind == TODO_APPROVE) {
        if (run_approved(r, w)) {
            run_say(r, w, "approve", "approved");
            return RUN_PROGRESS;
        }
        if (r->args->approve && r->args->approve(r->args->self, t->line->role)) {
            journal_add(&r->state->journal, &(struct journal_entry){"approval", run_full(r, w, w->view.desired), t->line->role,
                                                                    r->args->who, now});
            run_say(r, w, "approve", "approved by %s", r->args->who ? r->args->who : "somebody");
            return journal_flush(&r->state->journal, r->ds) ? RUN_PROGRESS : run_fail(r);
        }
        if (now >= t->until) {
            w->failed = true;
            w->failure = arena_printf(r->plan_arena, "%s did not approve within %s", t->line->role,
                                      clock_span(r->plan_arena, t->line->within));
            return RUN_PROGRESS;
        }
        if (time_to_leave(r, w))
            return leave(r, w, t);
    } else if (now >= t->until && w->passed) {
        return t->kind == TODO_WATCH ? watched(r, w, t, key) : RUN_PROGRESS;
    }
    if (t->kind == TODO_WATCH && time_to_leave(r, w))
        return run_stop(r, "paused", 5);
    int64_t at = w->next_round;
    if (t->until > now && t->until < at)
        at = t->until;
    return run_wait_until(r, at > now ? at : now + 1000);
}

enum run_status run_idle(struct run *r, struct run_world *w, const struct todo *t)
{
    int64_t now = clock_now(r->cloud->clock);
    arena_reset(r->scratch);
    r->state->building = w;
    struct judge j = run_judge(r, w, w->view.live);
    struct measures m;
    measures_init(&m, r->scratch, &j);
    struct measurer ask = measures_measurer(&m);
    const char *why = "";
    enum verdict v = VERDICT_WANTED;
    for (int pass = 0; pass < 4 && v == VERDICT_WANTED; pass++) {
        v = eval_condition(j.graph, r->scratch, j.facts, w->rollout->retire_when, &ask, &why);
        if (v == VERDICT_WANTED && !measures_fetch(&m))
            return run_fail(r);
    }
    if (v == VERDICT_PASS) {
        w->idle = true;
        run_say(r, w, "retire", "%s is idle: %s", run_full(r, w, t->world), why);
        return RUN_PROGRESS;
    }
    run_say(r, w, "retire", "%s is not idle yet: %s", run_full(r, w, t->world), why);
    return run_wait_until(r, now + IDLE_EVERY < t->until ? now + IDLE_EVERY : t->until);
}
