/* resources.h - from desired and live to actions on single resources. Pure. */
#ifndef BGC_PLAN_RESOURCES_H
#define BGC_PLAN_RESOURCES_H

#include "plan/plan.h"

struct planner {
    struct schemas *schemas;
    struct arena *arena;
    struct diags *ds;
    const struct graph *graph;
    const struct live *live;
    const struct plan_args *args;
    struct facts *facts;
    struct plan *plan;
    struct map seq_of;  /* "world address" -> action that creates or changes it */
};

struct action *plan_add(struct planner *p, enum plan_op op, const char *address, const char *world,
                        const char *reason);
void action_need(struct planner *p, struct action *act, const struct action *other);

/* The node's complete desired fields, with ids for references as far as known. */
struct value *plan_desired(struct planner *p, const struct node *n);

/* Create, update, replace, tune or nothing; NULL: nothing. `world` as in actions. */
struct action *plan_resource(struct planner *p, const struct node *n, const char *world, bool serves);
/* Ownership tags of one resource. */
struct action *plan_tags(struct planner *p, struct live_resource *r, struct value *tags,
                         const char *reason);
/* All of shared: changes, and removals of what left the spec (unless kept). */
void plan_shared(struct planner *p);
/* What a live world differs in: tune actions and drift entries. */
void plan_live_world(struct planner *p, const struct world *w, const char *world);
/* Deletions in order, each needing the one before it that refers to it, and all
 * needing `after` (NULL: nothing). */
void plan_removal(struct planner *p, const struct live_world *lw, const struct action *after,
                  const char *reason);

#endif
