/* fleet.h - auto scaling groups, their instances, and targets: the inner state.
 *
 * Nothing ticks. An instance carries the moments at which its state changes,
 * fixed when it is launched or told to leave; what it is at a moment is
 * computed from them. fleet_step acts on what is due (registers, replaces,
 * removes) and says when the next moment is. Health by thresholds is such a
 * moment too: `healthy` good answers, one each `every`.
 */
#ifndef BGC_SANDBOX_FLEET_H
#define BGC_SANDBOX_FLEET_H

#include "sandbox/account.h"

struct target {        /* an instance in a target group */
    const char *group; /* target group's id */
    int64_t registered;
    int64_t left, drained; /* 0: it is in */
};

struct instance {
    const char *id, *zone, *subnet, *type, *address;
    const char *image;
    const struct value *groups; /* of its template; LIST */
    bool detailed, agent;
    int64_t launched, serving; /* InService from `serving` on */
    int64_t leaving, ended;    /* 0: it stays; ended: its network interface is gone */
    VEC(struct target) targets;
};

struct fleet {
    const char *id, *account;
    VEC(struct instance *) instances;
    int64_t retry;        /* no launch before: the last one failed */
    int64_t high, low;    /* minutes in a row above and below what is wanted */
    double cpu, requests; /* of the last minute: percent; for each instance */
};

struct pool { /* a target group */
    const char *id;
    int64_t used;  /* since when a listener sends it requests; 0: none does */
    double limit;  /* targets that can be healthy at all; a scripted fault */
    double before; /* the limit until `since` plus the thresholds */
    int64_t since;
};

struct fleets {
    VEC(struct fleet *) fleets;
    VEC(struct pool *) pools;
    struct map pool_ids;                 /* -> struct pool * */
    VEC(const struct object *) routers;  /* listeners and rules, while a step looks at the pools */
};

struct fleet *fleet_get(struct sandbox *s, const struct object *group);
struct pool *pool_get(struct sandbox *s, const char *id);
/* Takes it out of its target groups and ends it. */
void instance_leave(struct sandbox *s, struct instance *i);
bool instance_serves(const struct sandbox *s, const struct instance *i);

enum target_state {
    TARGET_UNUSED,
    TARGET_INITIAL,
    TARGET_HEALTHY,
    TARGET_UNHEALTHY,
    TARGET_DRAINING,
    TARGET_GONE
};
/* `index`: its place among the targets of the pool; until: when it changes by
 * itself, or INT64_MAX. */
enum target_state target_state(struct sandbox *s, const struct pool *p, const struct target *t,
                               size_t index, int64_t *until);
/* Calls `see` for each target of a pool that is not gone, with its place. */
void pool_each(struct sandbox *s, const char *pool, void *self,
               void (*see)(void *self, const struct instance *i, const struct target *t,
                           size_t index));

#endif
