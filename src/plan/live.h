/* live.h - what the account holds, as far as it concerns this stack.
 *
 * Filled by cloud/observe, read by the pure planner. Ownership is by tags:
 * bgc:stack, bgc:address, bgc:world, bgc:op, later bgc:sealed, bgc:doomed,
 * bgc:hold; what cannot be tagged is owned through its parent or its name.
 */
#ifndef BGC_PLAN_LIVE_H
#define BGC_PLAN_LIVE_H

#include "plan/record.h"
#include "schema/schema.h"

#define TAG_STACK "bgc:stack"
#define TAG_ADDRESS "bgc:address"
#define TAG_WORLD "bgc:world"   /* "web/7f3a2c91d0" */
#define TAG_COLOUR "bgc:colour" /* "blue" or "green": a label for people, never logic */
#define TAG_OP "bgc:op"
#define TAG_SEALED "bgc:sealed" /* before a world's first share */
#define TAG_DOOMED "bgc:doomed" /* before its removal */
#define TAG_HOLD "bgc:hold"     /* the minimum to restore */
#define TAG_WAS "bgc:was"       /* the address that its name was made from, before `moved` */
#define TAG_ADOPTED "bgc:adopted" /* its own id: made by hand, so that no name says whose it is */
#define TAG_GENERATION "bgc:generation" /* of what was replaced: 1, 2, .. */
#define TAG_KEEP "bgc:keep"     /* "forever", or seconds for which it outlives its world: "2592000" */

struct live_resource {
    const char *address; /* "web.alb" */
    const char *type;
    const char *world;   /* "web/7f3a2c91d0"; NULL: shared */
    const char *id, *name;
    const char *account; /* alias of the account that it is in; NULL: the stack's own */
    struct reading *reading;
    const char *was;     /* the address that its tags say, where `moved` gave it another; NULL */
    bool adopt;          /* made by hand, and to be taken over: it has no tags of ours yet */
    bool foreign;        /* the tag says ours, the name does not (or the reverse) */
    const char *foreign_why;
};

struct live_world {
    const char *name;    /* "web" */
    const char *id;      /* "7f3a2c91d0" */
    const char *colour;  /* NULL: not said */
    VEC(struct live_resource *) resources;
    bool sealed, doomed; /* any resource says so */
};

struct live {
    VEC(struct live_resource *) all;
    VEC(struct live_world *) worlds; /* sorted by name, id */
    VEC(struct live_resource *) superseded; /* shared ones of which a later generation stands */
    VEC(struct traffic_state *) traffics;
    struct facts *facts; /* answers of existings, and fields of live shared resources */
    const char *account_id, *identity; /* of the caller, of the stack's own account */
    int64_t at;          /* schedule ms */
    uint64_t calls;      /* that observing took */
};

/* What the tag bgc:adopted of a thing says: its id, or a hash where a tag cannot
 * hold it. */
const char *live_mark(struct arena *a, const char *id);
/* `world` NULL: shared. NULL: not there. */
struct live_resource *live_find(const struct live *l, const char *world, const char *address);
struct live_world *live_world(const struct live *l, const char *name, const char *id);
/* Adds it to its world too, which is made when it is the first of it. Of two shared
 * ones with one address the later generation counts. */
/* How many times a shared resource was replaced. */
int64_t live_generation(const struct live_resource *r);
void live_add(struct arena *a, struct live *l, struct live_resource *r);
void live_remove(struct live *l, const char *world, const char *address);
struct traffic_state *live_traffic(const struct live *l, const char *world);

#endif
