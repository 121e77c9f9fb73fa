/* identity.h - the id of a world: 40 bits of SHA-256 over its canonical
 * residual program, in ten hexadecimal digits.
 *
 * Encoding version 1: nodes sorted by address; per node its type, `in`, keep and
 * `active from`, and each field that the author set and that the type does not
 * declare `tune`, by name, in canonical JSON. References are
 * {"ref":"address.field"}; an existing is {"existing":type,"query":{...}}, or
 * {"pin":id} when pinned; a secret is its locator; an unevaluated expression is
 * its canonical text with its free names encoded beside it; file() contents are
 * bytes and bindings. Comments, order, formatting, gates, rollouts, scenarios
 * and tune fields do not enter.
 *
 * An incarnation above 0 (`--rebuild`) is hashed in.
 */
#ifndef BGC_LANG_IDENTITY_H
#define BGC_LANG_IDENTITY_H

#include "lang/graph.h"

/* `g` must be a residual graph (evaluated without facts). */
const char *identity_world(struct arena *a, const struct graph *g, const struct world *w,
                           int incarnation);
/* The canonical text that is hashed, for `bgc check --explain-id` and tests. */
const char *identity_encoding(struct arena *a, const struct graph *g, const struct world *w);

/* "shop-web-7f3a2c91d0-alb"; shared: "shop-shared-cert". When it is longer than
 * `limit` the tail is replaced by 8 hex digits of its hash. `limit` >= 24. */
const char *identity_physical_name(struct arena *a, const char *stack, const char *world,
                                   const char *world_id, const char *name, size_t limit);

#endif
