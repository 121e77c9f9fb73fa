/* identity_expr.h - values and unevaluated expressions in the canonical encoding.
 *
 * Only identity.c uses it; what the forms are is said in identity.h.
 */
#ifndef BGC_LANG_IDENTITY_EXPR_H
#define BGC_LANG_IDENTITY_EXPR_H

#include "lang/eval_state.h"

struct encoder {
    struct arena *a;       /* of one resource: its encoding is kept as text */
    struct arena *keep;    /* of the whole encoding */
    const struct graph *g; /* residual */
    struct eval ev;        /* sealed, over g */
    struct map existings;  /* hash -> canonical text: the queries */
    struct map hashes;     /* address -> hash */
};

struct value *encode_value(struct encoder *e, const struct value *v);
const char *encode_address(struct encoder *e, const char *address);
/* Hexadecimal SHA-256 of a canonical encoding, `digits` of it. */
const char *encode_hash(struct arena *a, const char *text, size_t n, size_t digits);
/* Fields as they were written, of an existing's query or a resource. */
struct value *encode_fields(struct encoder *e, const struct node *n);

#endif
