/* order.h - who needs whom: topological orders for creation and removal.
 *
 * Creation follows the references in the spec. Removal follows references
 * between live values (an attribute that holds another's id), because what left
 * the spec has no other order. Both are stable: ties keep the source order.
 */
#ifndef BGC_PLAN_ORDER_H
#define BGC_PLAN_ORDER_H

#include "plan/live.h"

/* Sorts so that every node stands behind those that it needs. */
struct node **order_create(struct arena *a, const struct graph *g, struct node *const *nodes, size_t n);
/* Sorts so that every resource stands before those that it refers to. */
struct live_resource **order_delete(struct arena *a, struct live_resource *const *all, size_t n);
/* Whether a live value of `from` mentions `to`. */
bool order_refers(const struct live_resource *from, const struct live_resource *to);

#endif
