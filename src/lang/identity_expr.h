/* identity_expr.h - values and unevaluated expressions in the canonical encoding.
 *
 * Only identity.c uses it; what the forms are is said in identity.h.
 */
#ifndef BGC_LANG_IDENTITY_EXPR_H
#define BGC_LANG_IDENTITY_EXPR_H

#include "lang/eval_state.h"

struct encoder {
    struct arena *a;       /* of one resource: what its evaluation takes */
    struct arena *keep;    /* of the whole encoding */
    const struct graph *g; /* residual */
    struct eval ev;        /* sealed, over g */
    struct map existings;  /* hash -> canonical text: the queries */
    struct map hashes;     /* address -> hash */
};

void encode_value(struct encoder *e, struct buf *b, const struct value *v);
/* Fields as they were written, of an existing's query or a resource. */
void encode_fields(struct encoder *e, struct buf *b, const struct node *n);
const char *encode_address(struct encoder *e, const char *address);
/* Hexadecimal SHA-256 of a canonical encoding, `digits` of it. */
const char *encode_hash(struct arena *a, const char *text, size_t n, size_t digits);

#endif
