/* check.h - everything that can be known to be wrong without a network.
 *
 * Names, types, units, phases, the rules about worlds, gates and rollouts, and
 * lint. One pass over the tree; many errors per run; none that is a consequence
 * of another. Checks every branch, also those that evaluation would not reach.
 */
#ifndef BGC_LANG_CHECK_H
#define BGC_LANG_CHECK_H

#include "lang/type.h"

/* false when errors were reported. Warnings (lint) do not count. */
bool program_check(struct program *p);

/* The type of an expression in a scope, checked; `expected` may be NULL. */
const struct type *check_expr(struct program *p, const struct scope *s, const struct expr *e,
                              const struct type *expected);

#endif
