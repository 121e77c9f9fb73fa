/* worlds.h - the table: from live, candidate, desired and aborted to what to do.
 *
 * Pure and total; tests/unit/test_worlds.c walks every combination. This is
 * the only place that decides which way a world goes.
 */
#ifndef BGC_PLAN_WORLDS_H
#define BGC_PLAN_WORLDS_H

#include "plan/live.h"

/* The id of a live world that was made by hand: it has records and no tags. */
#define WORLD_BY_HAND "byhand"

enum world_action {
    WORLD_NONE,           /* live is what is wanted, nothing else in the account */
    WORLD_CREATE,         /* first creation: create, test, share 100 */
    WORLD_UPGRADE,        /* create beside, test, shift, bake, retire */
    WORLD_RESUME,         /* the wanted candidate exists in some state: go on */
    WORLD_ROLLBACK_FIRST, /* another candidate has a share: back to live, then upgrade */
    WORLD_REMOVE_OTHER,   /* another candidate without share: remove it, then upgrade */
    WORLD_REVERT,         /* the live or kept world is wanted and a candidate has a share, or
                             bakes: one batch back to it */
    WORLD_BAKE,           /* wanted world has all; the previous is kept until due */
    WORLD_SUPERSEDE,      /* a third version is wanted during a bake */
    WORLD_REFUSED,        /* `why` and `help` say it */
};

struct world_view {
    const char *name;
    const char *spec;      /* id of the spec: what `bgc check` prints; NULL: left the spec */
    const char *desired;   /* id of the instance wanted: `spec`, or a later incarnation of it */
    int64_t incarnation;   /* 0 for the first */
    const char *live;      /* id with traffic according to the record; NULL: none */
    const char *candidate; /* other id in the account, wanted or not; NULL */
    const char *previous;  /* kept during bake; NULL */
    double candidate_share;
    bool candidate_complete;
    bool aborted;          /* desired is latched as aborted */
    bool retry;            /* --retry was given */
    bool spent;            /* the desired instance itself failed or is doomed: --retry means the next one */
    bool destroy;          /* the world's destruction was asked for */
    const char *unplaced;  /* a world that had traffic, and no record of these names knows it */
    bool elsewhere;        /* the record's live world has no resource in this stack */
    bool foreign;          /* no world that the record names has */
    bool no_traffic;       /* nothing sends users to it: the newest that is built and tested is live */
    bool unsaid;           /* it has traffic, and the program says none, or other */
    const char *instead;   /* .. other: in words */
    VEC(const char *) leftovers; /* ids of other worlds to be removed: no share, not previous */
    enum world_action action;
    const char *why;       /* for people */
    const char *help;
};

/* The id of the k-th incarnation of a spec: the spec's own for 0. An id that was
 * doomed is never used again (tests/model says why), so building the same spec
 * once more makes the next incarnation. */
const char *world_incarnation(struct arena *a, const char *spec, int64_t k);
/* The incarnation that is meant: one that is under way, lives or is kept; else
 * the first that was not used up. An aborted one is used up: --retry builds the
 * next. A rebuild that was begun goes on without saying --rebuild again. Without
 * traffic, and so without a record, the account says which there are. Sets graph's
 * world id to it. */
void world_choose(struct arena *a, struct world *w, const struct live *l, bool rebuild);
/* Whether a resource of a doomed world outlives it: it is declared `keep`, and
 * the time of `keep 30d` since it was marked is not over. */
bool world_keeps(const struct graph *g, const struct live *l, const struct live_resource *r);
/* What the account says about a world; fills everything but action. */
void world_observe(struct arena *a, const struct graph *g, const struct live *l,
                   const char *name, struct world_view *out);
/* Decides. */
void world_decide(struct arena *a, struct world_view *w);
const char *world_action_name(enum world_action a); /* as in plan --json */

#endif
