/* eval_state.h - what the files of the evaluator share; nobody else includes it.
 *
 * Concept: an expression means something only at a place, `struct here`: the
 * local variables (env) and the frame. A frame is one instance of a scope: the
 * root, `shared`, a world, or a module with its arguments. Names are looked up
 * in the env, then lexically; a `let` is evaluated once per frame and kept.
 *
 * `struct machine` lives as long as the graph (its arena). `struct eval` is one
 * act of evaluation: eval_program's, or a later one (eval_force, a gate) that
 * reads the same machine with more facts. A later act is `sealed`: it never
 * writes into the machine.
 *
 * Inside, evaluation always returns a value; V_POISON means already reported.
 */
#ifndef BGC_LANG_EVAL_STATE_H
#define BGC_LANG_EVAL_STATE_H

#include "lang/eval.h"
#include "lang/native.h"

struct frame {
    const struct scope *scope; /* NULL: only the env and the library (bare) */
    const struct symbol *module; /* of an instance; else NULL */
    struct frame *caller;      /* of an instance: where it was made */
    const struct env *params;  /* of an instance: its arguments */
    const char *prefix;        /* "web", "shared.net"; NULL: the root */
    const char *world;         /* NULL: none */
    const char *account;       /* inherited by what stands inside; NULL */
    const struct decl *decl;   /* of an instance: the declaration that made it */
    struct value *keys, *when; /* residual: open ones of a family of instances */
    struct map lets;           /* name -> struct value *; &eval_busy while it is evaluated */
    struct unit **units;       /* by the ordinal of their symbols; NULL: not asked for yet */
    size_t nunits;             /* as many as the scope had symbols when the frame was made */
};

struct here {
    const struct env *env;
    struct frame *frame;
};

/* What a resource or existing declaration became in one frame. */
struct unit {
    const struct decl *decl;
    struct frame *frame;
    const char *address;         /* without keys */
    const struct symbol *module; /* NULL: a resource */
    bool closed;                 /* residual: a stdlib module, taken for one resource */
    bool busy, failed;
    bool absent;                 /* not keyed, and `when` is false */
    struct value *open_when, *open_keys; /* not known yet: no members, or one for all */
    enum phase keys_phase;
    struct value *value;         /* keyed: the map that the name means, made once */
    VEC(struct member {
        const char *key;         /* NULL: not keyed */
        const char *address;
        const struct env *env;   /* with the key variable */
        struct frame *instance;  /* of a module */
        struct value *outs;      /* of a module: MAP; NULL until asked for */
        bool entered;            /* its outs are being evaluated */
    }) members;
};

struct machine {
    struct program *p;
    struct arena *a;
    struct graph *g;
    const struct eval_args *args;
    struct map *pins;
    bool residual;       /* the canonical form: stdlib modules and functions stay closed */
    VEC(struct frame *) frames; /* of scopes that exist once: files, shared, worlds */
    struct frame *root;
    struct value *inputs;/* MAP */
    uint64_t serial;     /* of deferred values: their order is the order of making */
    bool poisoned;       /* something was reported */
    bool closed;         /* residual: something stands closed that is open otherwise */
    VEC(struct unit *) waiting; /* whose keys or condition are not known */
};

struct eval {
    struct machine *m; /* NULL: bare */
    struct program *p; /* may be NULL when bare */
    struct arena *a;
    struct diags *ds;
    const struct facts *facts;        /* may be NULL */
    const struct measurer *measurer;  /* NULL: run-phase values stay unknown */
    bool sealed;
    bool open;      /* names that nobody declares are measured */
    bool wanted;    /* the measurer has said "not yet" */
    bool dead;      /* a budget is spent: everything is poison from here on */
    unsigned depth, looping;
    uint64_t steps;
    uint64_t serial; /* of deferred values when bare */
    size_t memory;  /* arena_used at the start */
    const struct call_frame {
        const struct decl *fn;
        const struct call_frame *up;
    } *calls;
    VEC(struct why {
        enum verdict verdict;
        const char *text;
    }) whys;
};

struct deferred {
    uint64_t serial;
    const struct expr *expr;
    struct here here;
    const struct type *want; /* what it must become when it is known; NULL: anything */
    const char *what;        /* the field's name, for errors */
    struct value **causes;   /* V_REFs that it waits for, distinct */
    size_t ncauses;
};

enum {
    EVAL_STEPS = 10 * 1000 * 1000, /* inside loops and functions */
    EVAL_DEPTH = 2000,             /* of C calls: well within 8 MiB with sanitizers */
    EVAL_TEXT = 16 << 20,          /* bytes of one text */
    EVAL_LIST = 1 << 20,           /* elements of one collection */
    EVAL_PARTS = 1 << 22,          /* values in one value: what a walk over it meets */
};

/* ---- eval_expr.c */
struct value *eval_at(struct eval *ev, const struct expr *x, struct here here);
/* Calls a lambda with up to two values. */
struct value *eval_apply(struct eval *ev, const struct expr *lambda, struct here here,
                         struct value *arg);
struct value *eval_template(struct eval *ev, const struct expr *x, struct here here);
/* The text of a known value inside a template; NULL: reported. */
const char *eval_text(struct eval *ev, const struct value *v, struct span at);
/* One step of a loop or a function; false: the budget is spent (reported). */
bool eval_step(struct eval *ev, struct span at);
/* As many steps as it takes to walk over what is in `v`, and its texts. */
bool eval_walk(struct eval *ev, struct span at, const struct value *v);
bool eval_spend(struct eval *ev, struct span at, uint64_t steps);
bool eval_too_deep(struct eval *ev, struct span at); /* false; only eval_enter calls it */
/* One level of nesting more, to be given back with ev->depth--; false: too deep
 * (reported). */
static inline bool eval_enter(struct eval *ev, struct span at)
{
    if (ev->depth >= EVAL_DEPTH)
        return eval_too_deep(ev, at);
    ev->depth++;
    return true;
}

/* ---- eval_name.c */
extern struct value *const eval_busy;
struct value *eval_name(struct eval *ev, const struct expr *x, struct here here);
struct value *eval_field(struct eval *ev, const struct expr *x, struct here here);
/* The frame in which the names of `scope` live, seen from `from`. */
struct frame *frame_of(struct eval *ev, struct frame *from, const struct scope *scope);
/* The local variable; NULL. *open: some record's members are names. */
struct value *env_find(const struct env *env, const char *name, bool *open);
/* What a name means at a place, beyond local variables; NULL. */
const struct symbol *eval_lookup(struct eval *ev, struct here here, const char *name,
                                 struct span at);
/* What stands under the symbol: lets are evaluated, resources referenced. */
struct value *eval_symbol(struct eval *ev, const struct symbol *sym, struct here from,
                          struct span at);
/* A symbol of the scope that `x` denotes (a world, an imported file); NULL: `x`
 * denotes no scope, or it has no such name. */
const struct symbol *eval_member(struct eval *ev, const struct expr *x, struct here here,
                                 const char *name);
/* ---- eval_ref.c */
/* `x` is EXPR_FIELD on a resource: the fact, the metric, or a reference that waits. */
struct value *eval_ref_field(struct eval *ev, const struct value *ref, const struct expr *x,
                             struct here here);
/* What the facts say of a V_REF with a field; NULL: nothing yet. */
struct value *eval_fact(struct eval *ev, const struct value *ref);
/* References to the elements of a `set` existing, whose answer is `list`. */
struct value *eval_elements(struct eval *ev, const struct value *ref, const char *type,
                            const struct value *list);

/* ---- force.c */
/* What `v` is with the facts of this act; sealed acts only. */
struct value *eval_known(struct eval *ev, struct value *v);

/* ---- eval_call.c */
struct value *eval_call(struct eval *ev, const struct expr *x, struct here here);

/* ---- eval_for.c */
struct value *eval_for(struct eval *ev, const struct expr *x, struct here here);

/* ---- eval_op.c */
struct value *eval_unary(struct eval *ev, const struct expr *x, struct here here);
struct value *eval_binary(struct eval *ev, const struct expr *x, struct here here);
/* -1, 0, 1; false when the two cannot be ordered. Nothing is reported. */
bool value_order(const struct value *a, const struct value *b, int *out);
bool value_same(const struct value *a, const struct value *b, bool *comparable);

/* ---- eval_unit.c: what the name of a resource or an instance means */
struct unit *unit_of(struct eval *ev, struct frame *f, const struct symbol *sym, struct span at);
/* The value that the name of a resource or an instance has. */
struct value *unit_value(struct eval *ev, struct unit *u, struct span at);
struct frame *frame_new(struct machine *m, const struct scope *scope, const char *prefix,
                        const char *world);

/* ---- eval_node.c */
/* Makes the nodes of every declaration of a body, modules entered. */
void frame_fill(struct eval *ev, struct frame *f, const struct decl *body);
/* The fields of a declaration, each of its type `t` (NULL: as they are written). */
struct value *node_props(struct eval *ev, const struct decl *d, const struct type *t,
                         struct here here);
/* After all nodes: who depends on whom, and circles. */
void nodes_link(struct eval *ev);
/* Which answers are wanted; reports keys that wait for none. Not for residual graphs. */
void nodes_want(struct eval *ev);

/* ---- eval_defer.c: unknown, phase, secret */
/* Outermost value is unknown: a reference that waits, or deferred. */
static inline bool value_unknown(const struct value *v)
{
    return v->kind == V_DEFERRED || (v->kind == V_REF && v->ref.field);
}
/* No measurement: V_NONE of the run phase. */
static inline bool value_no_data(const struct value *v)
{
    return v->kind == V_NONE && v->phase == PHASE_RUN;
}
struct value *eval_no_data(struct eval *ev, struct span at);
/* `x` waits for what the values wait for. `n` of them; known ones are skipped. */
struct value *eval_defer(struct eval *ev, const struct expr *x, struct here here,
                         struct value *const *on, size_t n);
/* An empty map with room for `n`. */
struct value *map_for(struct eval *ev, size_t n);
/* "a duration", "an int" */
const char *kind_named(enum value_kind k);
/* The result of something made from `from`: its phase and secrecy are joined in. */
struct value *value_join(struct eval *ev, struct value *v, const struct value *from);
struct value *poison(struct eval *ev);
static inline bool poisoned(const struct value *v)
{
    return v->kind == V_POISON;
}
static inline struct value *value_at_span(struct eval *ev, struct value *v, struct span span)
{
    if (v->span.start == span.start && v->span.end == span.end && v->span.file == span.file)
        return v;
    v = value_copy(ev->a, v);
    v->span = span;
    return v;
}
/* Coerces, and makes deferred leaves remember what they must become. NULL: reported. */
struct value *eval_coerce(struct eval *ev, const struct type *t, struct value *v, const char *what);

/* Like diag_error, but a second report of the same thing at the same place is
 * dropped (a program is evaluated more than once). Never NULL. */
struct diag *eval_error(struct eval *ev, const char *code, struct span at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- what natives see */
struct native_call {
    struct eval *ev;
    struct arena *a;
    struct value **args;            /* by position of the parameters; NULL: left out */
    const struct expr **lambdas;    /* where the argument is a function */
    const struct expr **exprs;      /* the arguments as written */
    size_t n;
    struct here here;
    const struct expr *call;
    const struct native *native;
};
/* Reports that argument `i` is wrong; returns NULL. */
struct value *native_refuse(struct native_call *c, size_t i, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- fill.c */
/* The text with `${name}` filled from `bindings` and `$${` made `${`. Unknown
 * and malformed names are reported inside the file. NULL: reported. */
const char *fill_text(struct eval *ev, const char *text, size_t len, uint32_t file,
                      const struct value *bindings, struct span call);

#endif
