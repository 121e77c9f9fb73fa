/* render.h - diagnostics for people and for machines.
 *
 * Every form shows the same diagnostics in the same order: by file, then by
 * offset, then as they were found; of two with the same code and place only
 * the first. For people, of the uses of a name that is declared nowhere only the
 * first is shown, with where the others are; for machines (JSON, SARIF) all. Nothing that came from outside reaches a terminal raw: control
 * characters are made visible, and each format's own escapes are applied.
 *
 * Lines and columns are 1-based; columns count code points; ends are exclusive.
 * A place after the last newline is shown at the end of the last line.
 */
#ifndef BGC_BASE_RENDER_H
#define BGC_BASE_RENDER_H

#include "base/buf.h"
#include "base/diag.h"

struct value;

enum render_format {
    RENDER_TEXT,   /* with the source line; a blank line between two */
    RENDER_JSON,   /* an array of objects, see render_json */
    RENDER_SARIF,  /* 2.1.0, one run */
    RENDER_GITHUB, /* workflow commands: ::error file=..,line=..::.. */
};

/* `colour` is for RENDER_TEXT alone. */
void render_diags(struct buf *out, const struct diags *ds, enum render_format format, bool colour);

void render_text(struct buf *out, const struct diags *ds, bool colour);

/* The array that RENDER_JSON prints, for use inside other documents: objects of
 * {code, severity, message, path, line, column, end_line, end_column, label,
 * labels: [{path, line, column, end_line, end_column, text}], notes, help,
 * fixes: [{title, certain, edits: [{path, line, column, end_line, end_column,
 * text}]}]}; what there is none of is null or []. */
struct value *render_json(struct arena *a, const struct diags *ds);

/* In the order of showing, without doubles; *n of them. */
struct diag **render_order(struct arena *a, const struct diags *ds, size_t *n);

/* The same for people: without what is said already. */
struct diag **render_folded(struct arena *a, const struct diags *ds, size_t *n);

/* Where a span begins and ends; false when it points nowhere. */
struct render_place {
    const char *path;
    struct place start, end;
};
bool render_place(const struct sources *s, struct span span, struct render_place *out);

#endif
