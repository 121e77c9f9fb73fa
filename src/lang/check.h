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

/* What may be said at a place. */
enum site {
    SITE_PLAIN,  /* must be known without measuring */
    SITE_GATE,   /* a check: everything, and `live` */
    SITE_RETIRE, /* retire when: measurements, and `requests` */
    SITE_EXPECT, /* of a scenario: its own names */
    SITE_FAULT,  /* what breaks in a scenario */
    SITE_TEST,   /* expectations of a `test`: values, with no account */
};

/* A variable at a place, for check_expr_at. */
struct check_local {
    const struct check_local *up;
    const char *name;
    const struct type *type;
};

/* false when errors were reported. Warnings (lint) do not count. */
bool program_check(struct program *p);

/* The type of an expression in a scope, checked; `expected` may be NULL. */
const struct type *check_expr(struct program *p, const struct scope *s, const struct expr *e,
                              const struct type *expected);
/* The same at a place with variables, innermost first. */
const struct type *check_expr_at(struct program *p, const struct scope *s,
                                 const struct check_local *locals, enum site site,
                                 const struct expr *e, const struct type *expected);

#endif
