/* conform.h - the inside of model_check: one type held against its service's model.
 *
 * A shape of NULL is "anything": what cannot be known is not complained about.
 */
#ifndef BGC_SCHEMA_CONFORM_H
#define BGC_SCHEMA_CONFORM_H

#include "schema/codec.h"
#include "schema/internal.h"
#include "schema/model.h"

struct conform {
    struct schemas *ss;
    struct arena *a;
    struct diags *ds;
    const struct schema *s;
    const struct model *m;
    const struct schema_call *call; /* being looked at; NULL: a field, a wait */
    /* The object: the members of the first read's answer, and what further reads
     * add to it, by member name. */
    const struct value *object;
    struct map joins; /* name -> shape */
    bool broken;
};

/* Names that a shape is known of, innermost first. */
struct shaped {
    const char *name;
    const struct value *shape;
    const struct shaped *up;
};

struct diag *conform_wrong(struct conform *c, const char *code, struct span at, const char *fmt,
                           ...) __attribute__((format(printf, 4, 5)));
/* A member of a shape, or of the object when `shape` is &conform_object. NULL:
 * reported, or anything goes. */
const struct value *conform_member(struct conform *c, const struct value *shape, const char *name,
                                   struct span at);
const struct value *conform_path(struct conform *c, const struct value *shape,
                                 const struct wire_path *p);
/* Whether a word may stand at a shape. */
void conform_word(struct conform *c, const struct value *shape, const char *word, struct span at);
/* An expression that makes a value for `want`: records, lists, words. */
void conform_made(struct conform *c, const struct expr *e, const struct value *want,
                  const struct shaped *names);
/* An expression that reads: every path that starts at a known name. Its shape. */
const struct value *conform_read(struct conform *c, const struct expr *e,
                                 const struct shaped *names);
/* Whether values of a field may stand at a place whose shape is that; `written`:
 * on their way out. A place with `[]` takes the elements one by one. */
void conform_at(struct conform *c, const struct lens *l, const struct wire_path *p,
                const struct value *shape, bool written);
void conform_lens(struct conform *c, const struct lens *l, const struct value *shape, bool written);

extern const struct value conform_object;

#endif
