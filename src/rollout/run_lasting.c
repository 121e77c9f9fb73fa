/* Credentials that nothing can renew (keys with an end in the environment, a login
 * without a refresh token) must outlive what is begun with them: a share that
 * cannot be taken back is worse than none. */
#include <stdint.h>

#include "rollout/run_state.h"

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
    int64_t end = r->args->credentials_end ? r->args->credentials_end(r->args->self) : INT64_MAX;
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
