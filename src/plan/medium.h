/* medium.h - what a kind of traffic says of itself: the `switch` setting of its type.
 *
 * Weighted records and weighted target groups differ in nothing else that the rest
 * of bgc would have to know.
 */
#ifndef BGC_PLAN_MEDIUM_H
#define BGC_PLAN_MEDIUM_H

#include "lang/eval.h"

/* MAP; NULL: the kind is not known, or cannot be moved. */
struct value *medium_how(struct arena *a, const struct graph *g, const char *kind);
/* Fields of a resource that belong to the traffic once it has moved there: they are
 * given at creation and left alone from then on. LIST of texts; NULL: none. */
const struct value *medium_owns(struct arena *a, const struct graph *g, const struct node *n);
/* `want` without these fields. */
struct value *medium_without(struct arena *a, const struct value *want, const struct value *names);

#endif
