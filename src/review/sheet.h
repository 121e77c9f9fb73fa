/* sheet.h - what a reviewer asks of a plan, worked out once for every form.
 *
 * A plan says what will be done. A reviewer asks also: in what does the new
 * world differ from the one that serves; when does each step come; for how long
 * are two worlds paid for; what is never touched. Pure.
 */
#ifndef BGC_REVIEW_SHEET_H
#define BGC_REVIEW_SHEET_H

#include "plan/plan.h"

/* A resource of a new world beside its counterpart in the live one. */
struct sheet_pair {
    const struct action *create;
    const struct live_resource *live; /* NULL: the live world has none */
    struct change *changes; /* references compared by address, names by what they are of */
    size_t n;
};

struct sheet_step {
    const struct action *act;
    int64_t at; /* ms since the first share; -1: before it, when is not known */
};

struct sheet_world {
    const struct plan_world *world;
    const char *live, *wanted;          /* "web/7f3a2c91d0"; NULL */
    const char *live_colour;            /* NULL: not known */
    VEC(struct sheet_pair) pairs;       /* creations of the wanted world, in order */
    VEC(const char *) gone;             /* addresses that only the live world has */
    VEC(struct sheet_step) steps;       /* what is neither creation nor removal, in order */
    VEC(const struct action *) changes; /* update, replace, tune, in any world of this name */
    VEC(const struct action *) removals;
    /* While it serves, the live world takes: */
    int updates, deletes, tunes;
    bool two_worlds;     /* they stand side by side for a while: */
    int64_t least, most; /* ms from the first share to the removal; most -1: no limit */
};

struct sheet {
    struct arena *arena;
    const struct plan *plan;
    VEC(const struct action *) shared; /* everything that is of no world */
    VEC(struct sheet_world *) worlds;
    VEC(const struct gate *) gates; /* that the plan's steps ask, in order of use */
};

struct sheet *sheet_make(struct schemas *ss, struct arena *a, const struct plan *p);

#endif
