/* check.h - everything that can be known to be wrong without a network.
 *
 * Names, types, units, phases, the rules about worlds, gates and rollouts, and
 * lint. One pass over the tree; many errors per run; none that is a consequence
 * of another. Checks every branch, also those that evaluation would not reach.
 */
#ifndef BGC_LANG_CHECK_H
#define BGC_LANG_CHECK_H

#include "lang/type.h"

/* What was found out about one expression, for editors. */
struct check_found {
    const struct expr *e;
    const struct scope *scope;
    const struct type *want; /* what must stand here; NULL: anything may */
    const struct type *type; /* poison: something in it was reported */
    enum phase phase;        /* when the value is known */
    enum phase deep;         /* of a resource: when its fields are */
    bool live;               /* it speaks of the world that serves */
};
/* program->watch: sees every expression that is checked, inner ones first, some
 * more than once. */
struct check_watch {
    void (*see)(struct check_watch *w, const struct check_found *found);
};

/* false when errors were reported. Warnings (lint) do not count. */
bool program_check(struct program *p);

/* The type of an expression in a scope, checked; `expected` may be NULL. */
const struct type *check_expr(struct program *p, const struct scope *s, const struct expr *e,
                              const struct type *expected);

#endif
