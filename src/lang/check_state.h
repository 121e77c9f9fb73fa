/* check_state.h - what the files of the checker share; nobody else includes it.
 *
 * Concept: an expression is checked at a place, `struct at`: a scope, local
 * variables, and what may be said there. Checking gives `struct typed`: the
 * type, and when the value becomes known, with the chain of reasons for that.
 *
 * Poison (type TYPE_K_POISON) means that an error was reported inside: whoever
 * gets it stays silent, so that one mistake gives one message.
 *
 * Each declaration is checked once: what is named elsewhere (a `let`, an `out`,
 * a module) is remembered in its symbol.
 */
#ifndef BGC_LANG_CHECK_STATE_H
#define BGC_LANG_CHECK_STATE_H

#include "lang/check.h"
#include "lang/native.h"

struct checker {
    struct program *p;
    struct arena *a;
    struct diags *ds;
    VEC(struct gate_facts *) gates;
    struct { /* declarations that something names: open addressing, by address */
        const struct decl **slots;
        size_t n, cap; /* cap: a power of two, or 0 */
    } used;
    struct map told; /* what evidence.c has reported */
    struct map only_finds; /* of check_resource.c: module -> whether it makes nothing */
    unsigned depth;  /* of expressions and what they name */
    bool too_deep;   /* reported */
};

/* Why a value is not known earlier: a step of the way from the place that wants
 * it to where it comes from. */
struct cause {
    const struct cause *next;
    struct span span;
    const char *text;    /* the label there: "through `arns`" */
    const char *name;    /* what is named: "arns", "tg.arn" */
    struct span at;      /* where it is declared; NO_SPAN: it is where it comes from */
};

/* Which resource a reference or metric belongs to, when that is certain. */
struct subject {
    const struct symbol *symbol;
    const char *world; /* NULL: shared */
    bool live;         /* written `live.` */
    const struct decl *type;
    const struct type_item *metric; /* NULL: the resource itself */
};

/* What is known of one leaf apart from the others: a field of a record, an entry of a
 * map or an element of a list that stands in the file ("0"), an argument of an instance. */
struct leaf;

struct mention { /* of something that exists once per colour */
    const struct symbol *symbol;
    struct span span;
};

struct typed {
    const struct type *type;
    enum phase phase;  /* of the latest leaf */
    enum phase shape;  /* of the outermost collection */
    enum phase deep;   /* that fields of the resources in it would have */
    const struct leaf *leaves; /* NULL: nothing is known but the whole */
    uint64_t params;   /* of the module around: which ones its phase depends on */
    const struct cause *why;
    const struct subject *subject;
    const struct mention *world; /* outside of worlds: the first thing of a world in it */
    bool live;                   /* `live`, `live.web`, ... */
};

struct leaf {
    const struct leaf *next;
    const char *name;
    struct typed is;
};

struct local {
    const struct local *up;
    const char *name;
    struct typed is;
};

struct at {
    struct checker *c;
    const struct scope *scope;
    const struct local *locals;
    enum site site;
    struct measures *measures; /* where measurements are noted; may be NULL */
    /* The expression that is a field's value, and that field: how it goes on the
     * wire tells which unit a plain number there was meant in. */
    const struct expr *unit_at;
    const struct type_item *unit_of;
};

/* ---- what gates measure: read by rules_*.c and evidence.c */

struct measure {
    const struct native *native;
    struct span span;
    int64_t window;      /* ms; 0: none */
    bool window_unknown; /* it is not written out in the file (reported) */
    bool live;           /* compares with the live world */
    VEC(const struct subject *) subjects;
};

struct measures {
    VEC(struct measure) all;
};

struct check_facts {
    const struct check_ast *ast;
    struct measures measures;
    bool sound;
};

struct gate_facts {
    const struct decl *decl;
    VEC(struct check_facts *) checks;
};
struct gate_facts *gate_facts_find(const struct checker *c, const char *name);

/* ---- check_given.c: which fields were written */
enum { GIVEN_FEW = 16 };
struct given {
    size_t n;
    const struct arg *few[GIVEN_FEW];
    struct map many; /* those beyond; made when there are any */
};
/* The one that was added under the name; NULL. */
const struct arg *given_find(const struct given *s, const char *name);
/* Adds it; when its name was there, nothing is added and that one is the result. */
const struct arg *given_add(struct given *s, struct arena *a, const struct arg *g);

/* ---- check_expr.c */
/* With `want` (may be NULL) a mismatch is reported and gives poison. `what` names
 * the place in messages ("field `port`"); NULL: "this". */
struct typed check_at(const struct at *at, const struct expr *e, const struct type *want,
                      const char *what);
/* One level of nesting more, to be given back with c->depth--; false: too deep
 * (reported once). */
bool check_enter(struct checker *c, struct span at);
/* What a value of type `have` lacks to be a `want`, reported. */
struct typed check_fits(const struct at *at, const struct expr *e, struct typed have,
                        const struct type *want, const char *what);
struct typed typed_of(const struct type *t);
struct typed typed_poison(void);
bool is_poison(struct typed t);
/* "did you mean" for a text that is none of the wanted ones. */
void help_literal(const struct at *at, struct diag *d, const struct expr *e,
                  const struct type *have, const struct type *want);
const struct leaf *leaf_find(const struct leaf *leaves, const char *name);
/* Notes that `v` is the leaf `name` of `t`, when it is known late. Leaves that are not
 * noted while others are, are known early. */
void leaf_add(const struct at *at, struct typed *t, const char *name, struct typed v);
/* What a leaf of `of` is, read at `span`; false: nothing is known of it apart. */
bool typed_leaf(const struct at *at, struct typed of, const char *name, struct span span,
                const char *shown, struct typed *out);
/* Adds what `part` brings along: phase, reasons, worlds. */
void typed_join(struct typed *t, struct typed part);
/* Reports BG2001 when `t` is known only during or after apply. `of_shape`: only
 * its outermost shape must be known. */
bool want_plan(const struct at *at, const struct expr *e, struct typed t, bool of_shape,
               const char *what);

/* ---- check_op.c */
struct typed check_unary(const struct at *at, const struct expr *e);
struct typed check_binary(const struct at *at, const struct expr *e);
/* "write `20s`": when a plain number stands where a unit is wanted. */
bool report_unit(const struct at *at, const struct expr *e, const struct type *have,
                 const struct type *want, const char *what);

/* ---- check_name.c */
struct typed check_name(const struct at *at, const struct expr *e);
struct typed check_field(const struct at *at, const struct expr *e);
/* NAME or NAME.NAME of an imported file: the symbol of a function; NULL. */
const struct symbol *find_function(const struct at *at, const struct expr *callee);
/* Whether one of the fields that are given, and that the record has not, is `name` misspelt:
 * then it is reported there, and does not lack. */
bool field_meant(const struct at *at, const struct arg *given, const struct type *record,
                 const char *name);
void report_no_field(const struct at *at, struct span span, const char *name, const char *of,
                     const char *const *candidates, size_t n);
/* What naming a declaration gives; type_at_symbol also counts it as used. */
struct typed value_at_symbol(const struct at *at, const struct symbol *y, struct span span);
struct typed type_at_symbol(const struct at *at, const struct symbol *y, struct span span);

/* ---- check_call.c */
struct typed check_call(const struct at *at, const struct expr *e);

/* ---- check_secret.c */
/* BG1507: the default of `name` is, or holds, a secret that is written out. */
void check_secret_default(const struct at *at, const struct type *t, const struct expr *e, const char *name);

/* ---- check_decl.c, check_resource.c */
void check_resource(struct checker *c, const struct scope *s, const struct decl *d);
void check_traffic(struct checker *c, const struct decl *d);
void check_root(struct checker *c);
void check_body(struct checker *c, const struct scope *s, const struct decl *body);
/* The phases that a module needs of its parameters, checked once. */
struct module_memo {
    bool done, busy;
    uint64_t needs_plan; /* parameters that decide which resources exist */
    struct map outs;     /* name -> struct typed * */
};
struct module_memo *check_module(struct checker *c, const struct symbol *module);
/* Checks a function once; false, unreported: it is being checked just now. */
bool check_fn(struct checker *c, const struct symbol *fn);
/* The fields that an author wrote, against the record that is wanted: unknown,
 * repeated, missing and wrong ones are reported. `each` (may be NULL) sees every
 * field that is sound. */
void check_fields(const struct at *at, const struct decl *d, const struct type *record,
                  const char *of,
                  void (*each)(const struct at *at, const struct decl *d, const struct arg *g,
                               struct typed v));
/* Warns when the field is deprecated; `fields` are all that are written there. */
void check_deprecated(const struct at *at, const struct arg *g, const struct type_member *m,
                      const struct arg *fields);
void mark_used(struct checker *c, const struct decl *d);
bool is_used(const struct checker *c, const struct decl *d);
void note_needs(const struct at *at, uint64_t params);

/* ---- rules */
void check_gates(struct checker *c);        /* check_gate.c */
void rules_worlds(struct checker *c);       /* rules_world.c */
/* World rule 2, of a resource that no module makes. */
void rule_name(struct checker *c, const char *world, const struct decl *d); /* rules_world.c */
void rules_gates(struct checker *c);        /* rules_gate.c */
void rules_rollouts(struct checker *c);     /* rules_rollout.c */
struct sample_load;
/* BG4022 for the gates of one rollout at a load (rules_sample.c). */
void rules_sample(struct checker *c, const struct decl *rollout, const struct sample_load *load);
/* How much longer than its longest window a step must be, ms: until resolvers and
 * metrics have followed. */
int64_t rollout_margin(const struct checker *c, const char *world);
void check_scenarios(struct checker *c);    /* check_scenario.c */
/* What a scenario or test gives to inputs; `only_names`: their values may be wrong. */
void check_inputs(struct checker *c, const struct arg *inputs, bool only_names);
void check_tests(struct checker *c);        /* check_test.c */
void check_lint(struct checker *c);         /* check_lint.c */

const struct decl *world_decl(const struct program *p, const char *name);
const struct decl *traffic_of(const struct program *p, const char *world);

#endif
