/* lens.h - one field, between the language and the wire, in both directions.
 *
 * A lens has a place (where in a request, where in the object), a codec (how the
 * value is spelled there) and a type (what it is read as). A `shape` is the
 * lenses of a record type; it has places of its own, or the record goes member
 * for member.
 *
 * What goes out keeps span and secrecy of the value that it came from: an error
 * that AWS answers with can be traced to the word in the spec.
 * `none` is left out of requests. Lenses live in the session arena and are
 * immutable; made values live in ctx->a.
 */
#ifndef BGC_SCHEMA_LENS_H
#define BGC_SCHEMA_LENS_H

#include "schema/names.h"
#include "schema/path.h"
#include "schema/schema.h"

struct codec;

struct lens {
    const char *name;
    const struct type_item *item;
    const struct type *type;
    const struct codec *codec; /* NULL: none */
    const struct value **args; /* of the codec, const */
    size_t nargs;
    const struct shape *inlined; /* no place of its own: the record's members stand here */
};

struct shape {
    const struct decl *decl;
    VEC(struct lens *) lenses;
    bool placed; /* some lens has a place */
    bool compiling;
};

/* What a conversion works with. */
struct lens_ctx {
    struct schemas *ss;
    struct arena *a;
    struct diags *ds;
    const char *type;  /* of the resource, for messages */
    const char *field; /* "health.path" */
    struct span span;  /* of the declaration or the value */
    const char *code;  /* of the errors: BG1801 reading, BG1802 writing */
};
/* A context that says nothing to anybody: for asking whether something works. */
struct lens_ctx lens_quiet(struct schemas *ss, struct arena *a, const struct schema *s);
struct lens_ctx lens_context(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s);
/* Reports "TYPE.FIELD: ..." and gives NULL. */
void *lens_fail(const struct lens_ctx *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The shape of a record type somewhere under `t` (list, set, option, map,
 * secret); NULL when there is none or it is an alias. Reports once. */
const struct shape *shape_of(struct schemas *ss, const struct type *t);
/* From a declaration's item. false: reported. */
bool lens_compile(struct schemas *ss, struct lens *l, const struct type_item *item);

bool lens_writes(const struct lens *l); /* has a place in requests */
bool lens_reads(const struct lens *l);  /* has a place in the object */

/* The wire form of a value, without its place. `none`: left out. NULL: reported. */
struct value *lens_encode(const struct lens_ctx *c, const struct lens *l, struct value *v);
struct value *lens_decode(const struct lens_ctx *c, const struct lens *l, struct value *w);
/* Into a request (a private MAP). */
bool lens_put(const struct lens_ctx *c, const struct lens *l, struct value *v,
              struct value *request);
/* From the object. *absent with NULL: it is not there, which may be all right. */
struct value *lens_get(const struct lens_ctx *c, const struct lens *l, const struct value *object,
                       bool *absent);
/* Into the object: what lens_get will find. */
bool lens_store(const struct lens_ctx *c, const struct lens *l, struct value *v,
                struct value *object);
/* From a request: what lens_put has put. */
struct value *lens_unput(const struct lens_ctx *c, const struct lens *l,
                         const struct value *request, bool *absent);

/* By type alone, without codec or place. */
struct value *wire_out(const struct lens_ctx *c, const struct type *t, struct value *v);
struct value *wire_in(const struct lens_ctx *c, const struct type *t, const struct value *w);
/* Anything as wire values: for what expressions have made. Left-out members go. */
struct value *wire_clean(const struct lens_ctx *c, struct value *v);
/* The type without option and secret. */
const struct type *type_bare(const struct type *t);
/* Fills in defaults of missing members, drops `none`: one spelling of a record. */
struct value *record_canonical(const struct lens_ctx *c, const struct type *t, struct value *v);
/* "10.0.0.0/16", canonical; NULL when it is no network. A bare address is not. */
const char *cidr_canonical(struct arena *a, const char *text);
/* Every leaf marked secret. */
struct value *value_hide(struct arena *a, struct value *v);

#endif
