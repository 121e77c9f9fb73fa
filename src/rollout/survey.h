/* survey.h - one look at everything: the spec evaluated with the account's
 * answers, what is live, the traffic records, and the plan that follows.
 *
 * Only reads. `plan`, `status`, `drift` and every turn of a run begin here.
 */
#ifndef BGC_ROLLOUT_SURVEY_H
#define BGC_ROLLOUT_SURVEY_H

#include "rollout/switch.h"

struct survey_args {
    struct program *program;
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct eval_args *eval; /* inputs and pins; its facts are not used */
    const struct plan_args *plan;
    bool sweep;                   /* look for every type, also those that left the spec */
};

struct survey {
    struct graph *graph; /* evaluated with facts */
    struct facts *facts; /* answers, and shared live resources */
    struct live *live;   /* traffic included */
    struct plan *plan;
    const char *account_id, *identity; /* of the caller, once survey_identity asked */
    struct seen *seen;   /* what was listed and looked up, once survey_graph began */
};

/* Evaluates, answering queries until none is wanted. false: reported. */
bool survey_graph(const struct survey_args *args, struct arena *a, struct survey *out);
/* Refuses a wrong account or region (exit 7): false with *refused. */
bool survey_identity(const struct survey_args *args, struct arena *a, struct survey *out, bool *refused);
/* Live resources and traffic, after survey_graph. */
bool survey_live(const struct survey_args *args, struct arena *a, struct survey *out);
/* All of it, and the plan. */
bool survey_make(const struct survey_args *args, struct arena *a, struct survey *out, bool *refused);
/* A switch for a world's traffic; NULL when it has none. */
struct traffic_switch *survey_switch(const struct survey_args *args, struct arena *a,
                                     const struct survey *s, const char *world);

#endif
