/* machine.h - the rollout as a pure function: from what is true to the next step.
 *
 * machine_next never waits, reads or writes. The run (run.h) asks it after every
 * effect; a fresh process that observed the same account gets the same answer,
 * which is what makes every crash resumable.
 */
#ifndef BGC_ROLLOUT_MACHINE_H
#define BGC_ROLLOUT_MACHINE_H

#include "plan/plan.h"

enum phase_kind {
    PH_IDLE, PH_CREATING, PH_TESTING, PH_SHIFTING, PH_HOLDING, PH_AWAITING_APPROVAL, PH_BAKING,
    PH_ROLLING_BACK, PH_RETIRING,
};
const char *phase_name(enum phase_kind p); /* as in status --json */

enum todo_kind {
    TODO_NOTHING,   /* all is as wanted */
    TODO_REFUSE,    /* `why` */
    TODO_CREATE,    /* resources of the candidate (and shared): run the executor, gate `gate` watching */
    TODO_CLAIM,     /* note in the record: `world` is the candidate. Before its first resource */
    TODO_TEST,      /* one-shot gate `gate` on the candidate */
    TODO_HOLD_LIVE, /* raise the live world's minimum */
    TODO_SIZE,      /* candidate's minimum for `share` */
    TODO_SEAL,      /* tag the candidate sealed before its first share */
    TODO_SHIFT,     /* one batch: candidate gets `share`; record.step = step */
    TODO_WATCH,     /* hold until `until` with gate `gate` */
    TODO_APPROVE,   /* wait for an approval until `until` with gate `gate` */
    TODO_PROMOTE,   /* note in the record: the candidate is the live world, the other one `previous` */
    TODO_BAKE,      /* as WATCH; may be left to whoever runs next */
    TODO_WATCH_IDLE,/* wait for measured idleness of the previous world, at latest `until` */
    TODO_RELEASE,   /* restore the live world's minimum */
    TODO_DRAIN,     /* wait until `until`: who was answered with `world` before is still on it */
    TODO_DOOM,      /* one batch: mark `world` doomed, no share */
    TODO_RETIRE,    /* remove the resources of `world` (tag doomed first) */
    TODO_ROLLBACK,  /* one batch: everything to `world`, latch abort of the candidate if `latch` */
    TODO_REMOVE,    /* remove leftovers of `world`, which never had or no longer has a share */
    TODO_QUIESCE, TODO_ACTIVATE, /* `active from` resources of `world` */
    TODO_RECONCILE_SHARED,
    TODO_RENAME,    /* one batch: the record and its sets at the names that the program says */
};

struct todo {
    enum todo_kind kind;
    const char *world;   /* id */
    const char *gate;    /* NULL: none */
    double share;
    int64_t step;        /* index among the rollout's shift steps */
    int64_t until;       /* schedule ms */
    const struct step_ast *line; /* of the rollout; NULL */
    bool latch;
    const char *why;
};

/* Everything the machine may know. The run fills it from the account, the record
 * and the journal; nothing in it is remembered only by a process. */
struct machine_in {
    const struct world_view *view;
    const struct rollout *rollout;       /* NULL: none; then a shift is one step to 100 % */
    const struct traffic_state *traffic; /* NULL: the world has no traffic declaration */
    int64_t now;             /* schedule ms */
    bool shared_done;        /* shared needs nothing */
    bool candidate_complete; /* every resource of the wanted candidate exists and is as wanted */
    bool tested;             /* its verdict is latched, or it is sealed */
    bool sealed;
    bool held;               /* the live world's minimum is raised, or holding is turned off */
    bool released;           /* the live world carries no raised minimum */
    double sized_for;        /* share that the candidate was sized for; negative: none */
    bool step_passed;        /* the hold of record.step is over and its gate passed */
    bool approved;           /* the approval behind record.step is given, or there is none */
    bool failed;             /* a gate failed, a kill switch fired, an abort was asked for */
    const char *failure;
    int64_t settled;         /* schedule ms: what the last batch made is in sync since then */
    const char *to;          /* the world that is asked to have everything again; NULL: the record says */
    int64_t tail;            /* ms after which nobody is left on a world without records */
    const char *rest, *wake; /* ids of worlds in which something works that should not, or rests
                              * that should work (`active from`); NULL: none */
    bool handing;            /* work is changing hands, or is to */
    bool overlap;            /* what wakes need not wait until the old one rests */
    bool rename;             /* the program says other names than the record stands at */
    bool idle;               /* the previous world was measured idle for long enough */
};

/* What must be watched whatever else is done: from its first share until the
 * version before it is gone, a world is never left alone. */
struct duty {
    bool on;
    const char *world;            /* id that is judged */
    const struct step_ast *line;  /* of the rollout; NULL: none says a gate */
    const char *gate;             /* NULL: only the kill switch */
    const char *key;              /* other than before: counting begins anew */
};
struct duty machine_duty(struct arena *a, const struct machine_in *in);

/* How long an aborted world is kept before its removal, ms. */
int64_t machine_keep(const struct rollout *r);
/* Under what the journal keeps that the hold of the record's step passed. */
const char *machine_step_key(struct arena *a, const struct record *r);
struct todo machine_next(struct arena *a, const struct machine_in *in);
enum phase_kind machine_phase(const struct machine_in *in);

#endif
