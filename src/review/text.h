/* text.h - a plan as text: what a reviewer reads and nothing else.
 *
 * Symbols, only where used: + create, ~ update or tune, - delete, +/- replace,
 * => shift, ? gate, . hold. Grouped: what goes, what is shared, the new world,
 * the timeline, removals; then what it comes to, and the proof. Every action
 * says why.
 */
#ifndef BGC_REVIEW_TEXT_H
#define BGC_REVIEW_TEXT_H

#include "review/sheet.h"

struct review_style {
    bool colour;
    bool verbose;     /* every field, also those that are as in the live world */
    bool sandbox;     /* say that the account is a simulated one */
    const char *note; /* a line under the title; NULL */
};

void review_text(struct buf *b, const struct sheet *s, const struct review_style *style);
/* Drift alone, for `bgc drift`. */
void review_drift(struct buf *b, const struct plan *p, const struct review_style *style);
/* What both the text and Markdown say in words; each line without its end. */
const char *review_summary(struct arena *a, const struct plan *p);
const char *review_window(struct arena *a, const struct sheet_world *w); /* NULL: one world only */
const char *review_rollback(struct arena *a,
                            const struct sheet *s); /* NULL: nothing to go back from */
const char *review_proof(struct arena *a, const struct sheet_world *w); /* NULL: nothing serves */
/* "12 checks passed, 1 could not be made"; NULL: nothing is to be made. */
const char *review_preflight(struct arena *a, const struct plan *p);
/* "refuses", "warning" or "not checked", and what it says, with its place. */
const char *review_finding_mark(const struct finding *f);
const char *review_finding(struct arena *a, const struct plan *p, const struct finding *f);
/* One row of the timeline. */
const char *review_symbol(const struct action *act);
const char *review_step(struct arena *a, const struct sheet *s, const struct sheet_world *w,
                        const struct action *act);
const char *review_when(struct arena *a, const struct sheet_step *step);
/* "requests < 0.1/s for 1h, at latest 72h": what a rollout retires on; NULL. */
const char *review_retire(struct arena *a, const struct rollout *r);

#endif
