/* words.h - values and changes as a reviewer reads them.
 *
 * What is not known yet says what it waits for, "(after create of web.app_sg)",
 * never a bare "known later"; secrets are hidden; what AWS or a file said cannot
 * steer the terminal. Nothing is longer than a line unless asked for.
 */
#ifndef BGC_REVIEW_WORDS_H
#define BGC_REVIEW_WORDS_H

#include "plan/plan.h"

/* A value with its unknown leaves replaced by text that says why; secrets by
 * "(secret)". Fit for JSON and for words_value. */
struct value *words_known(struct arena *a, const struct value *v);
/* On one line, cut to about `width` columns (0: never). */
const char *words_value(struct arena *a, const struct value *v, size_t width);

/* One line of a change: what it does to a field or a part of it. */
struct words_change {
    char sign;          /* '~' changed, '+' added, '-' removed, ' ' only said (of creations) */
    const char *path;   /* "health.path"; of a document "policy.Statement[0].Effect" */
    const char *before; /* NULL: nothing */
    const char *after;  /* NULL: nothing */
};
/* A change taken apart: sets element by element, JSON documents by member, texts
 * of several lines by line. *n of them, in order. */
struct words_change *words_changes(struct arena *a, const struct change *c, size_t width,
                                   size_t *n);

/* "1 shift", "3 shifts" */
const char *words_count(struct arena *a, size_t n, const char *one, const char *many);
/* "73", "25.1": hours of ms, to a tenth */
const char *words_hours(struct arena *a, int64_t ms);
/* "10", "0.5": a share in percent */
const char *words_share(struct arena *a, double percent);
/* What a gate demands, for people: "every 30s, 1 failure tolerated, no data holds" */
const char *words_gate(struct arena *a, const struct gate *g);

#endif
