/* preflight.h - whether the account has room and means for what is to be made.
 *
 * A type says in its declaration what it wants to know beforehand (`existing`),
 * what must hold (`preflight`) and what it takes of which quota (`quota`):
 * docs/design/types.md. Here the questions of all creations of a plan are
 * gathered, each once; whoever can ask the account fills in the answers. Of a quota
 * of which everybody has much (`granted`) is asked only when that is not enough,
 * which the first answers show (preflight_near). Then the plan gets its findings. Pure.
 *
 * A finding that would stop the apply half-way (FINDING_FAIL) refuses it before
 * anything is written; a FINDING_WARN is said. What could not be asked is said
 * too, and is no failure.
 */
#ifndef BGC_PLAN_PREFLIGHT_H
#define BGC_PLAN_PREFLIGHT_H

#include "plan/plan.h"

struct preflight_question {
    struct node *node;    /* an `existing` without address; its props are the query, all known */
    struct value *answer; /* a MAP; of a set a LIST of MAPs; NULL: there is none */
    const char *why;      /* why there is no answer */
    bool waits;           /* nobody asks: what everybody is granted is enough */
};

struct preflight_questions {
    VEC(struct preflight_question *);
};

struct preflight {
    struct schemas *schemas;
    struct arena *arena;
    struct plan *plan;
    struct facts *facts;
    struct preflight_questions questions; /* to be asked */
    struct preflight_questions waiting;   /* for what is in use to be known */
    struct preflight_questions near;      /* of those the ones to be asked after all */
    VEC(struct preflight_case *) cases; /* one for each creation that asks anything */
};

/* Never NULL; without questions there is nothing to ask and little to judge. */
struct preflight *preflight_ask(struct schemas *ss, struct arena *a, struct plan *p);
/* With `questions` answered: which of the waiting ones are to be asked too. */
void preflight_near(struct preflight *p);
/* Puts the findings into the plan, in its order. */
void preflight_judge(struct preflight *p);
/* Says them as diagnostics. With `refuse` those that fail are errors: true when
 * there is one. */
bool preflight_report(struct diags *ds, const struct plan *p, bool refuse);

#endif
