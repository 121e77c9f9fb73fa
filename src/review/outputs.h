/* outputs.h - what the spec's `output`s are worth in the account.
 *
 * An output that names a world's resources speaks of the version that the spec describes:
 * before that is built, of what it waits for. A secret one is only said to be there.
 */
#ifndef BGC_REVIEW_OUTPUTS_H
#define BGC_REVIEW_OUTPUTS_H

#include "rollout/survey.h"

struct output {
    const char *name;
    /* What is not known yet is text that says why, what is secret "(secret)". */
    const struct value *value;
    bool known, secret;
};

struct outputs {
    VEC(struct output) all; /* in the order of the spec */
};

struct outputs *outputs_make(struct schemas *ss, struct arena *a, const struct survey *s);
/* NULL: there is none of that name. */
const struct output *outputs_find(const struct outputs *o, const char *name);
/* {NAME: {value, known, secret}}; value is null unless it is known and not secret. */
struct value *outputs_json(struct arena *a, const struct outputs *o);
/* A line each, `indent` columns in, names and values in columns. */
void outputs_text(struct buf *b, const struct outputs *o, size_t indent);

#endif
