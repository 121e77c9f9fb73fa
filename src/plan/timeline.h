/* timeline.h - the steps of a rollout as actions. Pure. */
#ifndef BGC_PLAN_TIMELINE_H
#define BGC_PLAN_TIMELINE_H

#include "plan/resources.h"

/* Test, hold, size, shift, watch, approve, bake, release: what is still to come
 * for the candidate `id`, each needing the one before and the first needing
 * `after` (the creations). Returns the last action. */
struct action *timeline_rollout(struct planner *p, struct plan_world *w, const char *id,
                                struct action *const *after, size_t nafter);
/* Back to `to` in one batch. */
struct action *timeline_rollback(struct planner *p, struct plan_world *w, const char *to,
                                 const char *reason);
/* Mark and remove the resources of world `id`, after `after`. */
void timeline_retire(struct planner *p, struct plan_world *w, const char *id,
                     const struct action *after, const char *reason);

/* Seconds until the last user of a retired answer is gone, in ms: propagation
 * (Route 53 states 60 s), TTL, and kept-alive connections. */
int64_t timeline_tail(struct planner *p, const struct plan_world *w);
/* What this time is of, in words. */
const char *timeline_tail_of(struct planner *p, const struct plan_world *w);
/* Index of a shift step among the shift steps; -1. */
int64_t step_index(const struct rollout *r, const struct step_ast *step);
/* The shift step with that index; NULL. */
const struct step_ast *step_at(const struct rollout *r, int64_t index);
/* The line behind `step` of the kind; stops at the next shift. NULL. */
const struct step_ast *step_after(const struct step_ast *step, enum step_kind kind);
const struct step_ast *step_find(const struct rollout *r, enum step_kind kind);

#endif
