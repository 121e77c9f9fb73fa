/* names.h - the expressions of a type declaration, forwards and backwards.
 *
 * An expression of a declaration speaks of names that a request, a reply or a
 * value provides. Replies have holes: members are left out, and without a model
 * numbers and truth values arrive as text. So before evaluation every path of
 * names is replaced by what it leads to: what is missing reads as `none`, and
 * text that stands where arithmetic or truth needs a number or a bool is read as
 * one. Evaluation proper is then the language's own.
 *
 * Backwards (`names_match`): given what an expression has yielded, which values
 * its names had. Works for what declarations use: paths, records, lists,
 * comprehensions over one list, templates with one hole, scaling by a literal,
 * `??` and `if`. This is how the sandbox understands requests and how a field
 * with an expression is stored.
 */
#ifndef BGC_SCHEMA_NAMES_H
#define BGC_SCHEMA_NAMES_H

#include "lang/eval.h"

struct names {
    /* The value of a name; NULL: there is no such name here. */
    struct value *(*find)(const void *self, struct arena *a, const char *name);
    const void *self;
};

/* Evaluates `e`. NULL: reported. */
struct value *names_eval(struct program *p, struct arena *a, struct diags *ds, const struct expr *e,
                         const struct names *names);
/* Puts into the private MAP `out` the values that the names of `e` must have for
 * it to yield `v`. false: it cannot yield `v`, or cannot be read backwards. */
bool names_match(struct program *p, struct arena *a, const struct expr *e, struct value *v,
                 struct value *out);
/* Calls `seen` for each free name of `e` once per occurrence (called functions
 * are not names). */
void names_each(const struct expr *e, void (*seen)(void *self, const char *name, struct span at),
                void *self);
bool names_mentions(const struct expr *e, const char *name);
/* Names of a MAP's members; for find functions whose names are a MAP. What the
 * MAP has not is none. */
struct names names_of_map(const struct value *map);

#endif
