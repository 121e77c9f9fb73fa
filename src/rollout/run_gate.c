/* Gates in time: the one-shot test, building while a gate holds, idleness. */
#include <string.h>

#include "plan/timeline.h"
#include "rollout/measure.h"
#include "rollout/run_state.h"

enum {
    TEST_EVERY = 10000,            /* between rounds of a one-shot gate, unless a check says */
    TEST_DEADLINE = 15 * 60000,    /* of a check without `within`, when it has no data */
    BUILD_EVERY = 30000,
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
        .traffic = w->traffic, .sink = r->sink, .scales = run_scales, .requests = requests, .self = w,
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
    struct run_world *w = self;
    struct run *r = w->run;
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
    arena_reset(w->round);
    const struct value *v = requests_of(r, w, w->round, id, DRAIN_WINDOW);
    return v->kind == V_RATE && dec_double(v->rate.count) > 0;
}

static const char *verdict_name(enum verdict v)
{
    return v == VERDICT_PASS ? "pass" : v == VERDICT_FAIL ? "fail" : "no_data";
}

void run_say_check(struct run *r, const struct run_world *w, const struct gate *g, const struct check_result *c)
{
    event_emit(r->sink, EVENT(.type = "check", .address = arena_printf(r->plan_arena, "%s.%s", g->name, c->check),
                              .world = run_full(r, w, w->view.desired), .verdict = verdict_name(c->verdict),
                              .message = c->why));
}

/* ---- the one-shot gate ------------------------------------------------------------ */

static enum run_status test_failed(struct run *r, struct run_world *w, const struct gate *g, const char *check,
                                   const char *why)
{
    w->failed = true;
    w->testing = NULL;
    w->failure = arena_printf(r->plan_arena, "%s.%s failed: %s", g->name, check, why ? why : "");
    journal_add(&r->state->journal, &(struct journal_entry){"verdict", run_full(r, w, w->view.desired), "test", w->failure,
                                                            clock_now(r->cloud->clock)});
    if (!journal_flush(&r->state->journal, r->ds))
        return run_fail(r);
    run_say(r, w, "gate", "%s", w->failure);
    return RUN_PROGRESS;
}

/* Milliseconds until the next round: the shortest wish of the checks that are open. */
static int64_t pace(const struct gate *g, const struct check_progress *p)
{
    int64_t every = 0;
    for (size_t i = 0; i < g->checks.n; i++)
        if (!p[i].done && g->checks.at[i].ast->every && (!every || g->checks.at[i].ast->every < every))
            every = g->checks.at[i].ast->every;
    return every ? every : TEST_EVERY;
}

/* Only the checks that are not done yet. */
static struct gate open_checks(struct arena *a, const struct gate *g, const struct check_progress *p, size_t *index)
{
    struct gate open = {.name = g->name, .ast = g->ast, .span = g->span};
    for (size_t i = 0; i < g->checks.n; i++)
        if (!p[i].done) {
            index[open.checks.n] = i;
            vec_push(a, &open.checks, g->checks.at[i]);
        }
    return open;
}

static bool take_result(struct check_progress *p, const struct check *c, const struct check_result *res, int64_t elapsed,
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

static enum run_status test_passed(struct run *r, struct run_world *w)
{
    const char *full = run_full(r, w, w->view.desired), *why;
    struct action act = {.op = PLAN_TEST, .address = w->view.name, .world = full};
    w->testing = NULL;
    verify_step(r->plan_arena, &r->state->verifier, &act, &why);
    journal_add(&r->state->journal, &(struct journal_entry){"verdict", full, "test", "pass", clock_now(r->cloud->clock)});
    if (!journal_flush(&r->state->journal, r->ds)) /* durable before it is acted on */
        return run_fail(r);
    run_say(r, w, "gate", "%s passed its tests", full);
    return RUN_PROGRESS;
}

/* One round. Between rounds other worlds have their turn. */
static enum run_status test_round(struct run *r, struct run_world *w, const struct gate *g)
{
    size_t *index = arena_array(w->round, size_t, g->checks.n + 1), n, left = 0;
    struct gate open = open_checks(w->round, g, w->progress, index);
    struct judge j = run_judge(r, w, w->view.desired);
    struct check_result *res = judge_round(&j, w->round, &open, &n);
    if (!res)
        return run_fail(r);
    int64_t elapsed = clock_now(r->cloud->clock) - w->test_begun;
    for (size_t i = 0; i < n; i++) {
        bool failed = false;
        if (!take_result(&w->progress[index[i]], &open.checks.at[i], &res[i], elapsed, &failed))
            continue;
        run_say_check(r, w, g, &res[i]);
        if (failed)
            return test_failed(r, w, g, arena_strdup(r->plan_arena, res[i].check), res[i].why);
    }
    for (size_t i = 0; i < g->checks.n; i++)
        left += !w->progress[i].done;
    return left ? run_wait_until(r, clock_now(r->cloud->clock) + pace(g, w->progress)) : test_passed(r, w);
}

enum run_status run_test(struct run *r, struct run_world *w, const struct todo *t)
{
    const struct gate *g = t->gate ? graph_gate(r->state->survey.graph, t->gate) : NULL;
    if (!w->testing || strcmp(w->testing, t->world)) {
        w->testing = arena_strdup(r->plan_arena, t->world);
        w->test_begun = clock_now(r->cloud->clock);
        w->progress = arena_array(r->plan_arena, struct check_progress, (g ? g->checks.n : 0) + 1);
        run_say(r, w, "test", "%s is tested before any user reaches it%s%s", run_full(r, w, t->world), g ? " by " : "",
                g ? g->name : "");
    }
    if (!g || !g->checks.n)
        return test_passed(r, w);
    arena_reset(w->round);
    w->judging = true;
    enum run_status s = test_round(r, w, g);
    w->judging = false;
    return s;
}

/* ---- building while a gate holds ------------------------------------------------------ */

int64_t run_build_gate(struct run *r, struct run_world *w, int64_t now, bool *hold)
{
    const struct step_ast *line = w->view.live ? step_find(w->rollout, STEP_BUILD) : NULL;
    const struct gate *g = line ? graph_gate(r->state->survey.graph, line->gate.text) : NULL;
    *hold = w->build.fails || w->build.no_data;
    if (!g || now < w->next_build)
        return g ? w->next_build : INT64_MAX;
    arena_reset(w->round);
    w->judging = true;
    struct judge j = run_judge(r, w, w->view.live);
    size_t n;
    struct check_result *res = judge_round(&j, w->round, g, &n);
    w->judging = false;
    if (!res)
        return -1;
    *hold = gate_count(&w->build, g, res, n, now) != GATE_PASSING;
    if (*hold)
        run_say(r, w, "wait", "creation waits while %s.%s does not pass: %s", g->name, w->build.check ? w->build.check : "",
                w->build.why ? w->build.why : "no data");
    w->build.failed = false; /* it holds creation back; it aborts nothing */
    w->build.why = NULL;
    w->next_build = now + (g->ast->every ? g->ast->every : BUILD_EVERY);
    return w->next_build;
}

/* ---- idleness ----------------------------------------------------------------------------- */

enum run_status run_idle(struct run *r, struct run_world *w, const struct todo *t)
{
    int64_t now = clock_now(r->cloud->clock);
    arena_reset(w->round);
    struct judge j = run_judge(r, w, w->view.live);
    struct measures m;
    measures_init(&m, w->round, &j);
    struct measurer ask = measures_measurer(&m);
    const char *why = "";
    enum verdict v = VERDICT_WANTED;
    for (int pass = 0; pass < 4 && v == VERDICT_WANTED; pass++) {
        v = eval_condition(j.graph, w->round, j.facts, w->rollout->retire_when, &ask, &why);
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
