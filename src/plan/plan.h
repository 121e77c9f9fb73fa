/* plan.h - what will be done, in what order, and why: the reviewed object.
 *
 * One of the three headers that tell the story (with lang/ast.h and
 * cloud/cloud.h). A plan is a pure function of the desired graph, what is live,
 * the traffic record, the journal and now. It is complete: no operation, order
 * or weight depends on what becomes known later; only values may be deferred,
 * and each says what it waits for.
 *
 * verify.h proves of every plan that the live world is untouched; the executor
 * asks the same verifier again before every call that writes.
 */
#ifndef BGC_PLAN_PLAN_H
#define BGC_PLAN_PLAN_H

#include "plan/worlds.h"

enum plan_op {
    PLAN_CREATE, PLAN_UPDATE, PLAN_REPLACE, PLAN_DELETE, /* resources */
    PLAN_TUNE,     /* of fields that a type declares tune; also in a live world */
    PLAN_TAG,      /* ownership tags: seal, doom */
    PLAN_HOLD,     /* raise the live world's minimum to what it runs */
    PLAN_RELEASE,  /* restore it */
    PLAN_SIZE,     /* candidate's minimum, upward, before a shift */
    PLAN_TEST,     /* a one-shot gate */
    PLAN_SHIFT,    /* one batch: share of the candidate */
    PLAN_WATCH,    /* a hold with its gate */
    PLAN_APPROVE,
    PLAN_BAKE,
    PLAN_ACTIVATE, PLAN_QUIESCE, /* `active from` */
    PLAN_ROLLBACK, /* one batch back to the live world */
    PLAN_NAME, PLAN_UNNAME, /* the same batch for all: the record at a further name, at one less */
    PLAN_DOOM,     /* one batch: the id is marked, never weighted again */
};
const char *plan_op_name(enum plan_op op); /* the `op` of plan --json */

struct action {
    int seq;             /* 1.. in plan order */
    enum plan_op op;
    const char *address; /* "web.alb"; of steps: "web" */
    const char *type;
    const char *world;   /* "web/7f3a2c91d0"; NULL: shared */
    const struct node *node;           /* NULL for removals of what left the spec */
    const struct live_resource *live;  /* NULL for creations */
    const char *physical_name;
    double share;        /* of PLAN_SHIFT etc.; negative: none */
    const struct step_ast *step;
    const char *gate;
    int64_t duration;    /* ms of a hold or bake; 0 */
    const char *reason;  /* one phrase: why this is done */
    struct span span;
    VEC(int) needs;      /* seqs that must be done before */
    struct change *changes;
    size_t nchanges;
    int64_t generation;  /* of what a PLAN_REPLACE makes; 0: the old one is removed first */
    bool superseded;     /* of a PLAN_DELETE: a later generation stands, and keeps the address */
    struct value *tags;  /* of a PLAN_TAG on one resource: what it is tagged with; else NULL */
    const struct value *leaves; /* names of fields that are left alone once it is there; NULL */
    bool asleep;         /* it is made, or stays, at rest: `active from` */
    bool done;           /* already so: shown in a resumed plan */
};

struct plan_world {
    struct world_view view;
    const struct world *want; /* NULL: left the spec */
    const struct rollout *rollout;
    const char *desired_id;
    const char *colour;       /* that the new world will get */
};

struct drift {
    const char *address, *world, *type;
    struct change *changes;
    size_t nchanges;
    const char *what; /* "gone", "changed", "foreign" */
};

/* What was found out before anything is made (plan/preflight.h). */
enum finding_kind {
    FINDING_UNASKED, /* it could not be asked: `text` says what and why */
    FINDING_WARN,
    FINDING_FAIL,    /* the apply would fail half-way: it is refused */
};
struct finding {
    enum finding_kind kind;
    const char *address; /* of the first resource that it is about */
    const char *name;    /* of the preflight or quota */
    const char *text;
    const char *help;    /* NULL: none */
    struct span span;
    int more;            /* further resources with the same */
};

struct plan {
    const struct graph *graph;
    const struct live *live;
    const char *spec_sha256, *observed_sha256;
    VEC(struct plan_world *) worlds;
    VEC(struct action *) actions;
    VEC(struct drift) drift;
    VEC(const char *) unwatched; /* spans of time that nobody watches, for people */
    VEC(struct finding) findings; /* of the preflight: quotas, free addresses, image fit */
    int preflight_passed;         /* of its checks; 0 with no findings: it was not made */
    VEC(const char *) alerts;    /* what is wrong with the rollout that is under way */
    int creates, updates, replaces, deletes, shifts;
    int64_t rollback_ms;         /* honest: TTL, resolvers, keep-alive */
    const char *rollback_tail;   /* what this time is of, in words */
    int64_t duration_ms;         /* of the whole timeline, without approvals */
    bool refused;                /* some world is refused: diagnostics say why */
};

struct plan_args {
    const char *rollout;  /* --rollout NAME; NULL */
    bool retry, rebuild;
    const char *destroy;  /* world name, "*" for all; NULL */
    bool preflight; /* ask whether the account has room for what is to be made */
    bool sweep;    /* look for every type, also those that neither the program nor the tags name */
    bool tolerant; /* a refusal is not reported: for commands that only clean up or take back */
    int64_t now;
};

/* NULL: reported. A plan with `refused` is returned and reported. */
struct plan *plan_make(struct schemas *ss, struct arena *a, struct diags *ds, const struct graph *g,
                       const struct live *l, const struct plan_args *args);
/* Facts with everything that is known before anything is created: answers,
 * live shared resources, predicted physical names and the desired props. */
struct facts *plan_facts(struct schemas *ss, struct arena *a, const struct graph *g,
                         const struct live *l);
/* "shop-web-7f3a2c91d0-alb" for a node. */
const char *plan_physical_name(struct schemas *ss, struct arena *a, const struct graph *g,
                               const struct node *n, const char *world_id);
/* Of a shared resource that was replaced: its name must not meet the old one's. */
const char *plan_generation_name(struct arena *a, const char *stack, const char *address,
                                 int64_t generation, size_t limit);
/* What is known of a resource before AWS knows it. */
struct value *plan_predicted(struct schemas *ss, struct arena *a, const struct graph *g,
                             const struct node *n);
/* Nothing to do, now or later. A retirement that is not due does not count. */
bool plan_empty(const struct plan *p);

#endif
