/* observes.h - world rule 3: what a world that serves can see of `shared`.
 *
 * A world observes a shared resource when one of its live resources names it (its
 * id or its name stands in what AWS shows, as a word), or names another shared
 * resource that does. Live values count and not the spec: the world that serves
 * was made by an older one.
 *
 * What is observed may only be added to. Additive is a change of `tune` fields,
 * elements that come to a set or a list, and entries that come to a map: nothing
 * that was there before is taken away or says something else.
 */
#ifndef BGC_PLAN_OBSERVES_H
#define BGC_PLAN_OBSERVES_H

#include "plan/plan.h"

/* The first resource of a world for which `serves` is true that observes `shared`;
 * NULL: none does. */
const struct live_resource *observer_find(struct arena *a, const struct live *l,
                                          const struct live_resource *shared,
                                          bool (*serves)(const void *self, const char *world),
                                          const void *self);
bool change_additive(const struct change *c);
/* The first change of an action that is not; NULL: all are. */
const struct change *action_takes_away(const struct action *act);

#endif
