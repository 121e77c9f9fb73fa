/* verify.h - the proof that the live world is untouched (promises P1 and P2).
 *
 * Walks a plan's actions in order with an abstract state per world (share,
 * tested, drained, doomed). Any action outside the effect set is rejected and
 * named. The executor asks verify_write again before each call that writes,
 * with what is true then.
 */
#ifndef BGC_PLAN_VERIFY_H
#define BGC_PLAN_VERIFY_H

#include "plan/plan.h"

struct world_state {
    const char *id; /* "web/7f3a2c91d0" */
    double share;
    bool answers; /* it has records, perhaps of weight 0: when all else is sick they answer */
    bool tested, doomed, exists;
};

struct verifier {
    VEC(struct world_state) worlds;
    const struct live *live; /* as it was at the start */
};

/* The state at the start, from the traffic records. */
void verify_begin(struct arena *a, struct verifier *v, const struct live *l);
/* Whether users are or may be sent to a world ("web/7f3a2c91d0") in this state; one
 * without `traffic` serves as long as it exists. */
bool verify_serves(const struct verifier *v, const char *world);
struct world_state *verify_world(struct arena *a, struct verifier *v, const char *id);
/* Whether the action is allowed in this state; applies its effect when it is.
 * false: *why says which promise it would break. */
bool verify_step(struct arena *a, struct verifier *v, const struct action *act, const char **why);
/* The whole plan. false: reported with the action and its source span. */
bool verify_plan(struct arena *a, struct diags *ds, const struct plan *p);

#endif
