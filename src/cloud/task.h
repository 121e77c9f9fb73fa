/* task.h - one resource on its way to being as wanted: a small state machine.
 *
 * task_next says what to do now: send a request, wait until a moment, or that
 * it is done or failed. task_reply takes the answer. Neither blocks, so the
 * executor can have any number of tasks under way.
 *
 * ensure: [adopt or create] -> after create -> read -> updates until nothing
 * differs -> wait. remove: before delete -> delete -> gone. tag: one call.
 */
#ifndef BGC_CLOUD_TASK_H
#define BGC_CLOUD_TASK_H

#include "cloud/execute.h"

enum task_state {
    TASK_START, TASK_CREATE, TASK_FIND, TASK_AFTER, TASK_READ, TASK_UPDATE, TASK_SETTLE,
    TASK_BEFORE_DELETE, TASK_DELETE, TASK_GONE, TASK_TAG, TASK_DONE, TASK_FAILED,
};

struct task {
    struct executor *x;
    struct arena *arena;
    struct action *act;
    const struct schema *schema;
    const char *account;
    enum task_state state;
    const struct schema_call *call;   /* being made */
    const struct schema_call **updates;
    size_t nupdates, update;
    struct change *changes;
    size_t nchanges;
    const char *id, *token;
    struct value *props;              /* desired, ids for references */
    struct value *object;             /* as read so far */
    struct reading *reading;
    int64_t since;                    /* schedule ms when the present state began */
    int64_t first_try;                /* of the present call, for retry budgets; 0: none yet */
    int64_t wake_at;                  /* 0: now */
    uint64_t ticket;                  /* 0: nothing under way */
    int rounds;                       /* of read and update: a fight with somebody else ends */
    bool replacing;
    int needs_left, depth;            /* the executor's */
    bool started;
};

enum task_want { TASK_WANTS_CALL, TASK_WANTS_TIME, TASK_IS_DONE, TASK_IS_FAILED };

void task_init(struct task *t, struct executor *x, struct arena *a, struct action *act);
/* TASK_WANTS_CALL fills *req. */
enum task_want task_next(struct task *t, struct cloud_request *req);
void task_reply(struct task *t, const struct cloud_reply *r);

/* The region that is acted in; NULL: not said. */
const char *task_region(const struct graph *g, const char *account);
/* The ownership tags of a resource. */
struct value *task_tags(struct executor *x, struct arena *a, const struct action *act);

#endif
