/* run.h - a whole run, as a step machine over the three seams.
 *
 * A step observes what it must, asks the pure machine, carries out one effect,
 * and returns. All that decides is in the account (tags, traffic record) or the
 * journal, so that dropping a run at any call and starting another one is safe.
 */
#ifndef BGC_ROLLOUT_RUN_H
#define BGC_ROLLOUT_RUN_H

#include "rollout/judge.h"
#include "rollout/machine.h"

enum run_status {
    RUN_PROGRESS, /* call again */
    RUN_WAIT,     /* nothing is due before wake_at */
    RUN_END,      /* outcome and exit code are set */
};

enum run_mode {
    RUN_APPLY,    /* until the bake begins (or is over, with wait) */
    RUN_TICK,     /* one due step */
    RUN_RETIRE, RUN_ROLLBACK, RUN_ABORT, RUN_DESTROY,
};

struct run_args {
    enum run_mode mode;
    struct plan_args plan;
    const struct eval_args *eval;
    bool wait;            /* --wait: until blue is retired */
    int64_t pause_after;  /* ms; 0: never */
    const char *to;       /* rollback --to ID: of a world that has records; NULL: the one before */
    const char *who;      /* for the lock and approvals */
    const char *ci_url;
    const char *nonce;    /* of this run; NULL: made. Tests and rehearsals give one */
    const struct plan *reviewed; /* a saved plan that must still be what is done; NULL */
    bool (*ask)(void *self, const struct plan *p); /* confirmation; NULL: yes */
    bool (*approve)(void *self, const char *role);  /* asked on a terminal; NULL: only the journal */
    bool (*stop)(void *self);  /* a signal came */
    /* Schedule ms when the credentials end and nothing can renew them; INT64_MAX: never.
     * NULL: never. */
    int64_t (*credentials_end)(void *self);
    const char *command_tail; /* what people type behind `bgc rollback`; NULL: nothing */
    void *self;
};

struct run {
    struct arena *session, *plan_arena, *scratch;
    struct program *program;
    struct schemas *schemas;
    struct diags *ds;
    struct cloud *cloud;      /* gates, traffic, waiting */
    struct cloud *exec_cloud; /* resource calls: another port of the same cloud; NULL: `cloud` */
    struct store *store;
    const struct sink *sink;
    const struct run_args *args;
    int64_t wake_at;
    int64_t epoch;       /* of its lease; 0 before it is taken */
    const char *outcome; /* applied unchanged rolled_back paused failed */
    int exit_code;       /* 0 1 3 4 5 6 7 of the interface */
    struct run_state *state; /* private to run.c */
};

bool run_begin(struct run *r); /* false: exit_code and diagnostics are set */
enum run_status run_step(struct run *r);
/* Steps until the end, sleeping through the cloud's clock between. */
int run_to_end(struct run *r);
/* Releases the lock; safe after any status. */
void run_finish(struct run *r);

#endif
