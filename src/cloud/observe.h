/* observe.h - reading the account: facts for `existing`s, and what is ours.
 *
 * Batched by type: calls grow with types and pages, not with resources, plus the
 * reads for which AWS takes one id a call; those are counted and named.
 */
#ifndef BGC_CLOUD_OBSERVE_H
#define BGC_CLOUD_OBSERVE_H

#include "cloud/cloud.h"
#include "plan/live.h"

struct preflight_question;
struct seen;

struct observe_args {
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct graph *graph;
    struct seen *seen; /* shared by the lists and lookups of one survey; NULL: they are not */
};

/* Answers the graph's wanted queries into `facts`, all at once in parallel.
 * false: reported at the query's span (none or several match, access denied). */
bool observe_facts(const struct observe_args *o, struct arena *a, struct facts *facts);
/* Answers the questions of a preflight, all at once. What cannot be answered has
 * its reason in `why` and is not reported. */
void observe_answers(const struct observe_args *o, struct arena *a,
                     struct preflight_question *const *questions, size_t n);
/* All resources of the stack, every type that the graph names (and, with
 * `sweep`, every type of the stdlib that can be found), grouped into worlds;
 * facts of shared ones are added to `facts`. Traffic is not read here
 * (rollout/switch.h). NULL: reported. */
struct live *observe_live(const struct observe_args *o, struct arena *a, struct facts *facts,
                          bool sweep);
/* Who we are: account id and caller ARN of an alias (NULL: the stack's own). */
bool observe_identity(const struct observe_args *o, struct arena *a, const char *alias,
                      const char **account_id, const char **arn);
/* Re-reads one resource. NULL with *absent, or reported. */
struct live_resource *observe_one(const struct observe_args *o, struct arena *a,
                                  const struct schema *s, const struct live_resource *r,
                                  bool *absent);
/* The same by the type's first `read` alone, for what is asked again and again:
 * fields and tags that further calls add are not in it. */
struct live_resource *observe_brief(const struct observe_args *o, struct arena *a,
                                    const struct schema *s, const struct live_resource *r,
                                    bool *absent);

#endif
