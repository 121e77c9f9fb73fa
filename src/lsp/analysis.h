/* analysis.h - one program, compiled for an editor.
 *
 * An analysis is what `bgc check` does to a root file, with open documents in
 * place of files, and with everything kept that the checker found out about an
 * expression. It is made anew after each edit; all of its memory is one arena,
 * which is reset then, so that nothing grows with the number of edits.
 */
#ifndef BGC_LSP_ANALYSIS_H
#define BGC_LSP_ANALYSIS_H

#include "lang/check.h"
#include "lsp/document.h"
#include "lsp/marks.h"
#include "schema/schema.h"

struct found_slots { /* by the address of the expression: open addressing */
    struct check_found *at;
    size_t n, cap;
};

struct analysis {
    struct check_watch watch; /* first: it is cast back */
    struct arena *arena;
    char *root;       /* path of the root file */
    const char *name; /* of a file of the standard library, "aws/ec2.bg"; else NULL */
    bool fresh;       /* nothing has changed since it was made */
    bool reported;    /* what it found was published */
    bool linted;      /* the rules of types were asked too */
    struct overlay overlay;
    const struct documents *documents;
    enum encoding encoding;

    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *program;
    struct schemas schemas;
    const struct graph *graph; /* NULL: there are errors, or inputs without a value */
    struct found_slots found;
    struct marks marks;
    bool marked;
    struct text **texts; /* by file; made on demand */
    size_t ntexts;

    json_t *reports; /* uri -> the diagnostics that were last published for it */
    struct analysis *next;
};

struct analysis *analysis_new(const char *root, const char *name,
                              const struct documents *documents, enum encoding e);
void analysis_free(struct analysis *an);
/* Compiles, unless it is fresh. */
void analysis_make(struct analysis *an);
/* Asks the rules of types, of a large program what analysis_make has left for a
 * pause in what is typed. False: it was done before. */
bool analysis_lint(struct analysis *an);
/* What the checker found out about an expression; NULL: it was not checked. */
const struct check_found *analysis_found(const struct analysis *an, const struct expr *e);
/* Where names are said; made on first use. */
const struct marks *analysis_marks(struct analysis *an);
/* The file of a path; 0: it is no part of this program. */
uint32_t analysis_file(const struct analysis *an, const char *path);
const struct text *analysis_text(struct analysis *an, uint32_t file);
/* Whether the file is a part of the standard library. */
bool analysis_std(const struct analysis *an, uint32_t file);

/* Runs without reporting anything; see analysis_loud. */
struct quiet {
    struct diags ds, *loud;
};
void analysis_quiet(struct analysis *an, struct quiet *q);
void analysis_loud(struct analysis *an, struct quiet *q);

#endif
