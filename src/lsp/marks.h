/* marks.h - where names are said, and what they mean there.
 *
 * One mark per name in the program's own files: its place, what it means, and
 * whether it is declared there. Definition, references, rename, hover and the
 * colours of names all read this list.
 *
 * Two marks mean the same when they have the same `target`: the place of the
 * name in its declaration. What is built into the language has none.
 */
#ifndef BGC_LSP_MARKS_H
#define BGC_LSP_MARKS_H

#include "lang/native.h"
#include "lang/program.h"

enum meaning {
    MEANS_DECL,   /* .decl: anything that is declared */
    MEANS_FIELD,  /* .item of .decl: a field, setting or metric of a type */
    MEANS_MEMBER, /* .field: of a record type, or a parameter of .decl */
    MEANS_LOCAL,  /* the variable of a loop or of a lambda */
    MEANS_CHECK,  /* .check of the gate .decl */
    MEANS_NATIVE, /* .native */
    MEANS_FILE,   /* the whole of another file: `use "./x.bg"` */
    MEANS_WORD,   /* .doc: a word that only the language knows, like `live` */
};

struct mark {
    struct span span;
    enum meaning means;
    bool declares;
    struct span target; /* of a file: its beginning */
    const struct decl *decl;
    const struct type_item *item;
    const struct field_ast *field;
    const struct check_ast *check;
    const struct native *native;
    const struct expr *e; /* the expression whose last word it is; NULL */
    const char *doc;
    const struct scope *scope; /* in which it is said */
};

struct marks {
    VEC(struct mark) all; /* by file and place */
};

struct analysis;

/* From the program of an analysis, whose diagnostics are muted meanwhile. */
void marks_make(struct analysis *an, struct marks *out);
/* The mark at an offset, or that ends there; NULL. */
const struct mark *marks_at(const struct marks *m, uint32_t file, size_t offset);
/* The first mark of a file, for loops over one file. */
size_t marks_of_file(const struct marks *m, uint32_t file);

#endif
