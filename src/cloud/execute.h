/* execute.h - making resources so: ensure and remove, in parallel by dependency.
 *
 * Works on the resource actions of a plan only (create, update, tune, replace,
 * delete, tag); shifts and gates belong to rollout/. Each resource is a small
 * state machine: find, create if absent, wait, read, diff, update, wait; or
 * steps before deletion, delete, wait for absence. A ready queue ordered by the
 * longest remaining path keeps as many calls in flight as the buckets allow.
 *
 * Before every call that writes: the lock's deadline, and verify_step.
 */
#ifndef BGC_CLOUD_EXECUTE_H
#define BGC_CLOUD_EXECUTE_H

#include "base/event.h"
#include "cloud/journal.h"
#include "cloud/lock.h"
#include "cloud/observe.h"
#include "plan/verify.h"

enum exec_result {
    EXEC_DONE,
    EXEC_FAILED,  /* reported; what is in flight was awaited */
    EXEC_STOPPED, /* asked to stop, or told to by `pause`: resumable */
    EXEC_LOST,    /* the lease was lost: nothing more was sent */
};

struct executor {
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct graph *graph;
    struct live *live;    /* kept up to date with what is made and removed */
    struct facts *facts;  /* outputs are added */
    struct lock *lock;    /* NULL: no lock (tests) */
    struct journal *journal;
    struct verifier *verifier;
    const struct sink *sink;
    const char *colour;   /* of the world that is created; NULL: none */
    /* Asked between calls; true stops submitting new ones. NULL: never. */
    bool (*stop)(void *self);
    /* Asked at the beginning and at each moment (schedule ms) that it answered, also
     * while calls are under way: whether creation waits (*hold; then it must answer a
     * moment), and when it wants to be asked again: later than `now`. -1: nothing more
     * is begun, as if stopped. NULL: never. */
    int64_t (*tick)(void *self, int64_t now, bool *hold);
    void *self;
};

/* Adds one tag to every taggable resource of a world (seal, doom), or removes
 * it when `value` is NULL. */
enum exec_result execute_tag(struct executor *x, struct arena *a, const struct live_world *w,
                             const char *key, const char *value);
/* One update of one field of a live resource, outside any diff: a tune field,
 * or a `live` one that has an update call (capacity). Re-reads it afterwards. */
enum exec_result execute_set(struct executor *x, struct arena *a, struct live_resource *r,
                             const char *field, struct value *value, enum plan_op op);
/* Carries out the resource actions among `acts`. `a` is the plan's arena. */
enum exec_result execute(struct executor *x, struct arena *a, struct action *const *acts, size_t n);

#endif
