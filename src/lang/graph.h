/* graph.h - what evaluation yields: the desired resources and their schedule.
 *
 * A node is a resource or an `existing` with an address. Its props hold only
 * what the author wrote (defaults are the schema's), with three kinds of
 * leaves: known values; V_REF with a field (a value that another node will
 * have); V_DEFERRED (an expression over such). The residual form, made without
 * any facts, is what a world's identity is the hash of.
 *
 * Addresses: "web.alb", "shared.cert", "shared.net.vpc" (inside the module
 * instance net), "web.nat[\"eu-west-1a\"]" (keyed).
 */
#ifndef BGC_LANG_GRAPH_H
#define BGC_LANG_GRAPH_H

#include "lang/program.h"

struct closure; /* an expression and the scope that its names mean; see eval.h */

struct node {
    const char *address;
    const char *name;  /* the last word of the address: "alb" */
    const char *world; /* "web"; NULL: shared */
    const char *type;  /* "elbv2.load_balancer" */
    const struct decl *decl;
    struct span span;      /* of the name */
    const char *account;   /* alias after `in`; NULL: the stack's own */
    bool existing;         /* read only; props are the query */
    bool set;              /* `existing n: set T`: a list of matches, ordered by id */
    bool pin;
    bool keep;
    bool active;           /* `active from` */
    bool named;            /* by the props of another node */
    bool module;           /* residual: `type` names a stdlib module; props are its arguments */
    uint8_t walked;        /* the evaluator's, while it looks for circles */
    uint32_t linked;       /* likewise: where its deps begin among those of all nodes */
    struct value *props;   /* MAP: field -> value, in the order of the type's fields */
    VEC(const char *) deps;/* addresses that the props mention, in order, once each */
    const char *pinned;    /* the pinned id from bgc.lock; NULL: none */
    int64_t keep_for;      /* ms; 0 with keep: for ever */
    struct dec active_from;
    /* Only in residual graphs (identity.h), where what needs facts stays open: a
     * family stands for all its members, and a stdlib module for its contents. */
    struct value *when;    /* the condition; NULL: it is there */
    struct value *keys;    /* the unknown set of keys; NULL: this is one resource */
};

struct world {
    const char *name;
    const char *id;    /* "7f3a2c91d0": 10 hex digits; "" when it could not be computed */
    const char *spec;  /* the same until an incarnation is chosen (plan/worlds.h); NULL: not yet */
    int64_t incarnation;
    const char *encoding; /* the version of the canonical encoding: "1" */
    const char *entry; /* address of the entry resource */
    struct span span;
    VEC(struct node *) nodes;
};

struct traffic {
    const char *world;
    const char *kind;    /* "route53.weighted" */
    struct value *props; /* zone = REF, names = [..], kill_switch = REF */
    const struct decl *decl;
    bool restored;       /* the program does not have it: the world's own tags say so (plan/placed.h) */
    const struct value *tagged; /* LIST of the names that the tags of its worlds say; NULL */
    const struct value *stands; /* LIST of those that its record stands at, where the program says others; NULL */
    const char *instead; /* what the program says of it, where the world serves by something else; NULL */
    const struct type_item *items; /* unused by the engine; kept for docs */
};

struct check {
    const char *name;
    const struct closure *cond;
    const struct check_ast *ast;
};

struct gate {
    const char *name;
    const struct gate_ast *ast;
    struct span span;
    VEC(struct check) checks;
};

struct rollout {
    const char *world;
    const char *as; /* NULL: the default one */
    const struct decl *decl;
    const struct step_ast *steps;
    const struct closure *retire_when; /* NULL: not said */
};

struct account {
    const char *alias;  /* NULL: the stack's own */
    const char *role;   /* ARN; NULL */
    const char *region; /* NULL: the stack's */
};

struct graph {
    struct program *program;
    const char *stack;   /* name */
    const char *region, *account_id, *store; /* NULL when not said */
    struct value *tags;  /* MAP; may be NULL */
    VEC(struct account) accounts;
    VEC(struct node *) nodes; /* shared and worlds, in source order */
    struct map by_address;    /* -> struct node * */
    VEC(struct world *) worlds;
    VEC(struct traffic *) traffics;
    VEC(struct gate *) gates;
    VEC(struct rollout *) rollouts;
    struct map outputs;       /* name -> struct value * */
    VEC(struct node *) wanted;/* existings whose query is known and whose answer is not */
    struct value *inputs;     /* MAP: every input with the value that it has */
    bool waiting;             /* keys or conditions wait for `wanted`: nodes are missing yet */
    const struct graph *residual; /* the same program without facts: what ids are hashes of */
    struct machine *machine;  /* the evaluator's */
};

/* NULL when there is none. Of an element of a set ("shared.net.private[\"subnet-1\"]"):
 * the set's node. */
struct node *graph_find(const struct graph *g, const char *address);
struct world *graph_world(const struct graph *g, const char *name);
struct gate *graph_gate(const struct graph *g, const char *name);
/* `as` NULL: the default rollout. NULL when there is none. */
struct rollout *graph_rollout(const struct graph *g, const char *world, const char *as);
struct traffic *graph_traffic(const struct graph *g, const char *world);
/* Everything but the schedule, as JSON: `bgc graph --json`. */
void graph_json(struct buf *b, const struct graph *g);

#endif
