/* codec.h - how a value is spelled on the wire: named pairs of functions.
 *
 * Each codec is an inverse pair: get after put is the value in its canonical
 * form. A codec that is `each` works on one scalar and is mapped over lists and
 * sets by the lens. Errors are reported through the context and give NULL.
 */
#ifndef BGC_SCHEMA_CODEC_H
#define BGC_SCHEMA_CODEC_H

#include "schema/lens.h"

struct codec {
    const char *name;
    size_t least, most; /* arguments */
    bool each;
    /* What is wrong with type and arguments, or NULL. */
    const char *(*check)(struct arena *a, const struct lens *l);
    struct value *(*put)(const struct lens_ctx *c, const struct lens *l, struct value *v);
    struct value *(*get)(const struct lens_ctx *c, const struct lens *l, const struct value *w);
};

const struct codec *codec_find(const char *name);
/* All, for messages; *n of them. */
const struct codec *codec_all(size_t *n);

/* ip_permissions.c */
const char *ip_permissions_check(struct arena *a, const struct lens *l);
struct value *ip_permissions_put(const struct lens_ctx *c, const struct lens *l, struct value *v);
struct value *ip_permissions_get(const struct lens_ctx *c, const struct lens *l,
                                 const struct value *w);

#endif
