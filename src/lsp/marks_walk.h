/* marks_walk.h - what the files that make marks share; nobody else includes it.
 *
 * A walk over the trees of the program. What an expression's members mean hangs on the
 * type that the checker found for it. marks_decl.c goes over declarations, marks_expr.c
 * over types and expressions; marks.c keeps the list.
 */
#ifndef BGC_LSP_MARKS_WALK_H
#define BGC_LSP_MARKS_WALK_H

#include "lsp/analysis.h"
#include "lsp/fields.h"

struct variable {
    const struct variable *up;
    struct word name;
    const struct field_ast *param; /* of a function; NULL */
};

struct walk {
    struct analysis *an;
    struct program *p;
    struct marks *out;
    const struct scope *scope;
    const struct variable *locals;
};

/* ---- marks.c: adding one */
struct mark *mark_add(struct walk *w, struct span span, enum meaning means, struct span target);
struct mark *mark_decl(struct walk *w, struct span span, const struct decl *d);
struct mark *mark_symbol(struct walk *w, struct span span, const struct symbol *y);
struct mark *mark_field(struct walk *w, struct span span, const struct decl *type, const struct type_item *item);
struct mark *mark_member(struct walk *w, struct span span, const struct decl *of, const struct field_ast *f);
/* What only the language knows. */
void mark_word(struct walk *w, struct span span, const char *doc);
/* The part of a span that begins `from` bytes into it and is `n` long. */
struct span span_part(struct span s, size_t from, size_t n);

/* ---- marks_expr.c */
void walk_expr(struct walk *w, const struct expr *e);
void walk_type(struct walk *w, const struct type_ast *t);
/* Parameters, and the fields of a record that has no name. */
void walk_fields(struct walk *w, const struct decl *of, const struct field_ast *fields);
/* A path whose first word may be the name of an imported file: then the rest of
 * it alone is what `d` is called. */
void walk_path(struct walk *w, struct span span, const char *path, const struct decl *d);

/* ---- marks_decl.c */
void walk_body(struct walk *w, const struct scope *s, const struct decl *body);
/* `name = value`, where names are those of inputs. */
void walk_inputs(struct walk *w, const struct arg *args);

#endif
