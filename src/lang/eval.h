/* eval.h - pure evaluation: eval(program, inputs, pins, facts) -> graph.
 *
 * Evaluation reads nothing but its arguments. What it cannot know yet it leaves
 * as V_REF or V_DEFERRED leaves and, for `existing`s, lists in graph->wanted:
 * the driver fetches these answers and evaluates again until none is wanted.
 * Live resources are facts too, but only for eval_force and gates: in a graph,
 * fields of managed resources always stay open, so that what depends on them is
 * seen, and so that a replaced one's old fields are never taken for its new ones.
 */
#ifndef BGC_LANG_EVAL_H
#define BGC_LANG_EVAL_H

#include "lang/graph.h"
#include "lang/type.h"

/* What is known about nodes: address -> MAP of field -> value; for a `set`
 * existing, a LIST of such MAPs. Every MAP has "id" (STRING). */
struct facts {
    struct map by_address;
};
void facts_init(struct facts *f, struct arena *a);
void facts_put(struct facts *f, const char *address, struct value *fields);
struct value *facts_find(const struct facts *f, const char *address);

struct eval_args {
    const struct map *inputs; /* name -> struct value *; may be NULL */
    const struct map *pins;   /* address -> const char * id; may be NULL */
    const struct facts *facts;/* may be NULL: the residual program */
};

/* NULL: reported. World ids are computed (from a residual evaluation inside). */
struct graph *eval_program(struct program *p, struct arena *a, const struct eval_args *args);

/* Replaces what `facts` now know inside `v`; what stays unknown stays. A plain
 * reference to a resource stays one. V_POISON: reported. */
struct value *eval_force(const struct graph *g, struct arena *a, const struct facts *facts,
                         struct value *v);
/* "after create of web.app_sg": why a leaf is not known, for plans. NULL: it is known. */
const char *eval_why_unknown(struct arena *a, const struct value *v);

/* All props of a node, forced, and what has become known brought to the fields'
 * types. NULL: reported. */
struct value *eval_node_props(const struct graph *g, struct arena *a, const struct facts *facts,
                              const struct node *n);
/* Calls `see` for each V_REF and V_METRIC leaf in order of appearance, and for
 * those that a deferred leaf waits for. */
void eval_each_ref(const struct value *v, void (*see)(void *self, const struct value *ref),
                   void *self);

/* ---- run phase: gates --------------------------------------------------- */

/* An expression with the place in which its names mean something. */
struct closure;
const struct expr *closure_expr(const struct closure *c);
/* A closure in the root scope, for conditions of scenarios. Names that nothing
 * declares (`requests`, `outcome`, `lost`) are asked of the measurer, as
 * functions without arguments. */
const struct closure *eval_close(const struct graph *g, struct arena *a, const struct expr *e);

/* Called when a measuring function (avg, p99, ratio, healthy, http.get, ...) or
 * a live field is needed. Returns its value; a V_NONE for "no data"; or NULL:
 * not measured yet (the callee has noted that it is wanted; evaluation goes on
 * to find what else is wanted). Args are evaluated and stand in the order of the
 * native's parameters up to the last one that was given by position; `named` is
 * a MAP of the others by name, whose absence means their default.
 *
 * Metrics come as V_METRIC (`live` set: of the live world), resources as V_REF;
 * one of the live world has "live." before its address ("live.web.tg").
 * `against = live` comes as the same metric with `live` set.
 * A field that AWS owns (`live` in its type, e.g. autoscaling.group's `desired`)
 * comes as fn "field" with the resource and the field's name (V_STRING); when the
 * answer is "no data" and `facts` have the field, it is as they say, unless the
 * measurer is strict: then what it cannot read is no data.
 * Names that only the schedule knows come with n = 0. */
struct measurer {
    struct value *(*measure)(void *self, struct arena *a, const char *fn, struct value **args,
                             size_t n, const struct value *named, struct span at);
    void *self;
    bool strict;
};

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_NO_DATA, VERDICT_WANTED };

/* Kleene's three values: `and` with a definite false fails even if the other
 * side has no data. *why says it in words ("p99 912ms is not < 800ms"). */
enum verdict eval_condition(const struct graph *g, struct arena *a, const struct facts *facts,
                            const struct closure *c, const struct measurer *m, const char **why);
/* Any closure's value with measurements (retire_when, expects); V_NONE while
 * there is no data or something is wanted. NULL: reported. */
struct value *eval_closure(const struct graph *g, struct arena *a, const struct facts *facts,
                           const struct closure *c, const struct measurer *m);

/* ---- bare expressions: type declarations, scenarios, tests --------------- */

struct env { /* innermost first */
    const struct env *up;
    const char *name; /* NULL: `value` is a MAP whose members are all names, and
                       * a name that is found nowhere is none */
    struct value *value;
};
/* Evaluates with `env` and the library functions only. NULL: reported.
 * `p` gives the stdlib's functions and may be NULL.
 * Such expressions mostly speak of replies, so absence is no error: a member
 * that a record lacks is none, a member or an order comparison of none is none,
 * and `and`, `or`, `not` take none as "not known". Values of a reference's
 * fields stay V_REF. */
struct value *eval_expr(struct program *p, struct arena *a, struct diags *ds, const struct expr *e,
                        const struct env *env);
/* The same for lambdas: calls `e` (EXPR_LAMBDA) with one value. */
struct value *eval_lambda(struct program *p, struct arena *a, struct diags *ds,
                          const struct expr *e, const struct env *env, struct value *arg);

#endif
