/* eval.h - pure evaluation: eval(program, inputs, pins, facts) -> graph.
 *
 * Evaluation reads nothing but its arguments. What it cannot know yet it leaves
 * as V_REF or V_DEFERRED leaves and, for `existing`s, lists in graph->wanted:
 * the driver fetches these answers and evaluates again until none is wanted.
 * Live resources are facts too, so forcing a value during apply is the same act.
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

/* Replaces what `facts` now know inside `v`; what stays unknown stays. */
struct value *eval_force(const struct graph *g, struct arena *a, const struct facts *facts,
                         struct value *v);
/* "after create of web.app_sg": why a leaf is not known, for plans. */
const char *eval_why_unknown(struct arena *a, const struct value *v);

/* ---- run phase: gates --------------------------------------------------- */

/* Called when a measuring function (avg, p99, ratio, healthy, http.get, ...) or
 * a live field is needed. Returns its value; a V_NONE for "no data"; or NULL:
 * not measured yet (the callee has noted that it is wanted; evaluation goes on
 * to find what else is wanted). Args are evaluated; named ones come in `named`. */
struct measurer {
    struct value *(*measure)(void *self, struct arena *a, const char *fn, struct value **args,
                             size_t n, const struct value *named, struct span at);
    void *self;
};

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_NO_DATA, VERDICT_WANTED };

/* Kleene's three values: `and` with a definite false fails even if the other
 * side has no data. *why says it in words ("p99 912ms is not < 800ms"). */
enum verdict eval_condition(const struct graph *g, struct arena *a, const struct facts *facts,
                            const struct closure *c, const struct measurer *m, const char **why);
/* Any closure's value with measurements (retire_when, expects). */
struct value *eval_closure(const struct graph *g, struct arena *a, const struct facts *facts,
                           const struct closure *c, const struct measurer *m);

/* ---- bare expressions: type declarations, scenarios, tests --------------- */

struct env { /* innermost first */
    const struct env *up;
    const char *name;
    struct value *value;
};
/* Evaluates with `env` and the library functions only. NULL: reported.
 * `p` gives the stdlib's functions and may be NULL. */
struct value *eval_expr(struct program *p, struct arena *a, struct diags *ds, const struct expr *e,
                        const struct env *env);
/* The same for lambdas: calls `e` (EXPR_LAMBDA) with one value. */
struct value *eval_lambda(struct program *p, struct arena *a, struct diags *ds,
                          const struct expr *e, const struct env *env, struct value *arg);

#endif
