#include "rollout/judge.h"

#include <string.h>

#include "rollout/measure.h"

enum { MAX_PASSES = 8 }; /* a measurement that depends on another's value; deeper than anybody writes */

struct check_result *judge_round(struct judge *j, struct arena *a, const struct gate *g, size_t *n)
{
    struct measures m;
    measures_init(&m, a, j);
    j->shut_out = NULL;
    struct measurer measurer = measures_measurer(&m);
    struct check_result *out = arena_array(a, struct check_result, g->checks.n + 1);
    *n = g->checks.n;
    for (int pass = 0; pass < MAX_PASSES; pass++) {
        for (size_t i = 0; i < g->checks.n; i++) {
            out[i].check = g->checks.at[i].name;
            out[i].verdict = eval_condition(j->graph, a, j->facts, g->checks.at[i].cond, &measurer, &out[i].why);
        }
        if (!m.wanted)
            break;
        if (!measures_fetch(&m))
            return NULL;
    }
    for (size_t i = 0; i < g->checks.n; i++)
        if (out[i].verdict == VERDICT_WANTED)
            out[i].verdict = VERDICT_NO_DATA;
    return out;
}

enum gate_answer gate_count(struct gate_state *s, const struct gate *g, const struct check_result *r, size_t n, int64_t now)
{
    const struct check_result *failing = NULL, *silent = NULL;
    for (size_t i = 0; i < n; i++) {
        if (r[i].verdict == VERDICT_FAIL && !failing)
            failing = &r[i];
        if (r[i].verdict == VERDICT_NO_DATA && !silent)
            silent = &r[i];
    }
    const struct check_result *named = failing ? failing : silent;
    if (named) {
        s->check = named->check;
        s->why = named->why;
    }
    if (!failing && silent && g->ast->no_data == NO_DATA_FAIL)
        failing = silent;
    if (failing) {
        s->no_data = 0;
        if (++s->fails > g->ast->tolerate)
            s->failed = true;
        return s->failed ? GATE_FAILED : GATE_HOLDING;
    }
    if (silent) { /* neither a pass nor a failure: consecutive failures stay counted */
        s->no_data++;
        return GATE_HOLDING;
    }
    s->fails = s->no_data = 0;
    s->passed_at = now;
    return GATE_PASSING;
}
