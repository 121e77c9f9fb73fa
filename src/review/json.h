/* json.h - a plan as JSON: the stable interface that pipelines read.
 *
 * docs/guide.md describes the members. `format` is raised when one changes its
 * meaning; new ones may come. The order of keys never depends on anything but
 * the plan. Secrets are "(secret)"; what is not known yet is text that says what
 * it waits for, with "deferred": true.
 */
#ifndef BGC_REVIEW_JSON_H
#define BGC_REVIEW_JSON_H

#include "review/sheet.h"

#define PLAN_FORMAT "1"

/* `ds` may be NULL: no diagnostics. */
struct value *review_json(struct arena *a, const struct plan *p, const struct diags *ds);
/* The `changes` of an action or of drift. */
struct value *review_json_changes(struct arena *a, const struct change *changes, size_t n);
/* The page that `plan --markdown` prints, and the one that `plan --html` writes. */
struct review_style;
void review_markdown(struct buf *b, const struct sheet *s, const struct review_style *style);
void review_html(struct buf *b, const struct sheet *s, const struct review_style *style);

#endif
