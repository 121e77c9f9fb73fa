/* type.h - what a value may be.
 *
 * Types are structural except `ref T` and resources, which are nominal. They
 * live in the session arena and are compared with type_equal, assigned with
 * type_accepts. TYPE_K_POISON accepts and is accepted by everything and stays
 * silent: an error was already reported where it was made.
 */
#ifndef BGC_LANG_TYPE_H
#define BGC_LANG_TYPE_H

#include "lang/program.h"

enum type_kind {
    TYPE_K_POISON,
    TYPE_K_BOOL, TYPE_K_INT, TYPE_K_NUMBER, TYPE_K_STRING, TYPE_K_DURATION, TYPE_K_PERCENT,
    TYPE_K_SIZE, TYPE_K_RATE, TYPE_K_CIDR, TYPE_K_REGEX, TYPE_K_NONE,
    TYPE_K_LIST, TYPE_K_SET, TYPE_K_MAP, TYPE_K_RANGE, TYPE_K_OPTION, TYPE_K_SECRET, /* .elem */
    TYPE_K_UNION,    /* .items */
    TYPE_K_RECORD,   /* .fields */
    TYPE_K_REF,      /* .name: a resource or existing of that type */
    TYPE_K_METRIC,   /* a CloudWatch metric; .elem is the type of its points */
    TYPE_K_INSTANCE, /* of a module: .module, its outs are fields */
    TYPE_K_WORLD,    /* the name of a world used as a value: web.alb */
    TYPE_K_FUNCTION, /* a lambda: from .items.at[0] to .elem; only natives take one */
    TYPE_K_VAR,      /* T in the signature of a native: .name */
    TYPE_K_ANY,      /* a member of an object that AWS shows: of no known type */
};

struct type_member {
    const char *name;
    const struct type *type;
    const struct expr *dflt; /* NULL: required unless an option */
    const struct type_item *item; /* of a resource type; else NULL */
    const char *doc;
    /* Of declared records and resources, made once for all who write the field: */
    const char *label;        /* "field `port`"; else NULL */
    const struct type *given; /* what may be written: also none, when there is a default */
};

struct type {
    enum type_kind kind;
    const char *name;    /* as an author writes it: alias, resource type */
    const char *pattern; /* string refinement: PCRE2, unanchored */
    bool sized;          /* int: low..high; string: length low..high */
    int64_t low, high;
    const struct value *literal; /* a type of one value: "dev" */
    const struct type *elem;
    VEC(const struct type *) items;
    VEC(struct type_member) fields;
    size_t parts; /* of a record as it is written: its fields, and those of the records in it */
    const struct symbol *module;
    const struct decl *decl; /* of a record or resource type */
};

/* From syntax. Unknown names are reported once and give poison. */
const struct type *type_resolve(struct program *p, const struct scope *from,
                                const struct type_ast *t);
/* Those of a function's parameters, in order, and behind them that of its result. */
const struct type *const *type_of_fn(struct program *p, const struct symbol *fn);
/* The type of the record of fields that `resource n: T {..}` takes (queries:
 * what `existing n: T {..}` takes). `type` is a DECL_TYPE. */
const struct type *type_of_resource(struct program *p, const struct decl *type, bool query);
/* A type in the signature of a native (native.h), with its variables. */
const struct type *type_resolve_native(struct program *p, const struct type_ast *t);
/* Types are made once and never changed after. */
const struct type *type_simple(enum type_kind k);
const struct type *type_of(struct arena *a, enum type_kind k, const struct type *elem);
/* The type of one literal; `"dev"` is both a string and only "dev". */
const struct type *type_of_literal(struct arena *a, const struct value *v);
/* The same without what is known about the one value: string, int. */
const struct type *type_widen(const struct type *t);
const struct type *type_ref(struct program *p, const char *name);
const struct type_member *type_member(const struct type *t, const char *name);
/* The least type that accepts both; NULL when they have nothing in common. */
const struct type *type_join(struct arena *a, const struct type *x, const struct type *y);
bool type_equal(const struct type *x, const struct type *y);
/* The type of one declared field of a resource or record type, any modifier. */
const struct type *type_of_field(struct program *p, const struct decl *type,
                                 const struct type_item *item);
/* The declaration that a type's name means in a scope; NULL, unreported. */
const struct decl *type_decl_find(struct program *p, const struct scope *from, const char *path);
/* "there is no type `x`", with what may have been meant. */
void type_report_unknown(struct program *p, struct span at, const char *path);
/* Whether a value of type `have` may stand where `want` is wanted. A plain
 * string or int is accepted by a refined one: the value is checked when it is
 * known. A value of a union of literals must be one of them for certain. */
bool type_accepts(const struct type *want, const struct type *have);
/* Whether both are of one kind, so that only the value is wrong: "x" for
 * r"^ami-", 51 for 1..50. */
bool type_same_kind(const struct type *want, const struct type *have);
/* "set ec2.sg_rule", "1..50", "\"dev\" | \"prod\"" */
const char *type_text(struct arena *a, const struct type *t);

/* Makes `v` a value of `t`: defaults of nested records are filled in, lists
 * become sets, whole numbers become decimals, refinements are checked. Unknown
 * leaves pass. NULL: reported at the value's span (`what` names the field). */
struct value *type_coerce(struct program *p, struct arena *a, const struct type *t,
                          struct value *v, const char *what);

#endif
