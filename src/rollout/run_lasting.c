/* Credentials that nothing can renew (keys with an end in the environment, a login
 * without a refresh token) must outlive what is begun with them: a share that
 * cannot be taken back is worse than none. And what stays at a share all the same. */
#include <stdint.h>

#include "rollout/run_state.h"

enum { TO_SPARE = 2 * 60000 }; /* for the batch that takes back, tried more than once */

bool run_partial(const struct run_world *w)
{
    return w->view.candidate_share > 0 && w->view.candidate_share < 100;
}

static int64_t credentials_end(const struct run *r)
{
    return r->args->credentials_end ? r->args->credentials_end(r->args->self) : INT64_MAX;
}

/* Up to a share of everything, for who has none yet; else the next step; and the way back. */
static int64_t needed(const struct run *r, const struct run_world *w, const struct todo *t)
{
    int64_t ms = r->state->survey.plan->rollback_ms;
    for (const struct step_ast *s = t->line; s; s = s->next) {
        if (s->kind == STEP_SHIFT)
            ms += s->duration;
        if (w->view.candidate_share > 0)
            break;
    }
    return ms;
}

bool run_outlasted(struct run *r, struct run_world *w, const struct todo *t, enum run_status *status)
{
    int64_t now = clock_now(r->cloud->clock);
    int64_t end = credentials_end(r);
    int64_t ms = needed(r, w, t);
    if (end == INT64_MAX || end - now >= ms)
        return false;
    const char *why =
        arena_printf(r->session, "the credentials end in %s and cannot be renewed, and what would begin takes %s with the way back",
                     clock_span(r->plan_arena, end > now ? end - now : 0), clock_span(r->plan_arena, ms));
    if (w->view.candidate_share > 0) {
        run_failed(r, w, why); /* nobody could watch it, or take it back */
        *status = RUN_PROGRESS;
        return true;
    }
    run_say(r, w, "warning", "%s: no user is moved; run the same command with others", why);
    *status = run_stop(r, "paused", 5);
    return true;
}

void run_take_back_in_time(struct run *r, struct run_world *w)
{
    int64_t end = credentials_end(r), now = clock_now(r->cloud->clock);
    if (w->failed || !run_partial(w) || end == INT64_MAX || end - now >= r->state->survey.plan->rollback_ms + TO_SPARE)
        return;
    run_failed(r, w, arena_printf(r->plan_arena, "the credentials end in %s and cannot be renewed: then nobody could watch it or take it back",
                                  clock_span(r->plan_arena, end > now ? end - now : 0)));
}

void run_say_left(struct run *r)
{
    for (size_t i = 0; !r->state->taken && i < r->state->worlds.n; i++) {
        struct run_world *w = r->state->worlds.at[i];
        if (!w->sw || !w->traffic->has_record || !run_partial(w))
            continue;
        const char *tail = r->args->command_tail ? r->args->command_tail : "";
        const char *cli = switch_cli(w->sw, r->plan_arena, w->traffic, w->view.live);
        struct diag *d = diag_error(r->ds, "BG6014", w->sw->traffic->decl->name.span,
                                    "%s keeps %g %% of the traffic: this run could not take it back, and watches it no longer",
                                    run_full(r, w, w->view.candidate), w->view.candidate_share);
        diag_note(r->ds, d, "%s", value_get(w->sw->traffic->props, "kill_switch")
                                      ? "its kill switch does: DNS takes it out by itself when the alarm fires"
                                      : "nothing else watches it: there is no kill switch");
        diag_help(r->ds, d, "run `bgc rollback%s` as soon as AWS answers, with credentials that it takes: %s then has everything again",
                  tail, run_full(r, w, w->view.live));
        if (cli)
            diag_note(r->ds, d, "the same with the AWS CLI: %s", cli);
    }
}
