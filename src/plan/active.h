/* active.h - work that does not follow traffic: resources with `active from S%`.
 *
 * Queue consumers, schedulers, cron: with two worlds up, both would pull work. Such
 * a resource is made dormant (what that means its type says: `dormant`), and wakes
 * when its world has the share; then the old world's has been put to rest. Which
 * world works follows from the traffic record alone, so that it needs no memory:
 * after a rollback the record says that the old world works again.
 *
 * A resource carries the share as a tag, because the spec of an older version is
 * not at hand, and, while it rests, what it was before. Pure.
 */
#ifndef BGC_PLAN_ACTIVE_H
#define BGC_PLAN_ACTIVE_H

#include "plan/worlds.h"

#define TAG_ACTIVE "bgc:active" /* the share from which it works: "100" */
#define TAG_REST "bgc:rest"     /* what to restore: "size=2..8" */

/* Fields and values of a resource at rest; NULL: its type says none. */
const struct value *active_dormant(const struct schema *s);
/* Whether a resource of world `id` that works from `from` percent on works now. */
bool active_due(const struct live *l, const char *world, const char *id, double from);
/* The same of a live resource, by its tag; *waits: whether it is one of them. */
bool active_due_live(const struct live *l, const struct live_resource *r, bool *waits);
/* All `dormant` fields are as they say. */
bool active_rests(const struct schema *s, const struct value *fields);
/* Nothing of it is at work any more: the fields that `at_rest` names are 0. */
bool active_at_rest(const struct schema *s, const struct value *fields);
/* A copy of `fields` with the dormant values. */
struct value *active_asleep(struct arena *a, const struct schema *s, const struct value *fields);
/* For TAG_REST, and back: MAP of the dormant fields; NULL: not understood. */
const char *active_rest_text(struct arena *a, const struct schema *s, const struct value *fields);
struct value *active_rest_parse(struct arena *a, const struct schema *s, const char *text);
/* Whether a node waits for its share, in a type that can. */
bool active_waits(const struct node *n, const struct schema *s);
/* Whether a resource may work before the other world's has come to rest, as the spec
 * says now (`overlap allowed`). */
bool active_overlaps(const struct graph *g, const char *address);

#endif
