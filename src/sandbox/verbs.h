/* verbs.h - a call on its way through the declarations: what it is about.
 *
 * An operation belongs to one or more (type, verb) pairs of the declarations;
 * reading their bindings backwards says which object a request means.
 */
#ifndef BGC_SANDBOX_VERBS_H
#define BGC_SANDBOX_VERBS_H

#include "lang/ast.h"
#include "sandbox/account.h"

struct use {
    const struct schema *schema;
    const struct schema_call *call;
};

struct doing {
    struct sandbox *s;
    struct call *c;
    struct arena *a; /* the call's */
    const char *account;
    const struct value *input; /* a MAP */
    VEC(struct use) uses;
};

/* The first use with that verb, of that type (NULL: of any); NULL. */
const struct use *verb_use(const struct doing *d, enum schema_verb verb,
                           const struct schema *schema);
/* "/hostedzone/Z1" -> "Z1" */
const char *verb_bare(const char *id);
/* The object that the bindings of `u` name, else one that a text of the input
 * names by id or ARN; NULL. */
struct object *verb_target(const struct doing *d, const struct use *u);
struct object *verb_named(const struct doing *d, const struct value *v);
/* What the request calls it, for messages. */
const char *verb_said(const struct doing *d, const struct use *u);
void verb_absent(struct call *c, const struct schema *schema, const char *code, const char *id);

/* ---- verbs_create.c ----------------------------------------------------------- */

void verb_create(const struct doing *d, const struct use *u);
/* The reply of a creation. */
void verb_created(const struct doing *d, const struct use *u, const struct object *o);
/* What a creating request says, but for tags and tokens: to tell the same settings. */
struct value *verb_settings(const struct doing *d, const struct schema_call *call);

/* ---- verbs_read.c ------------------------------------------------------------- */

/* Finds, lookups, first reads and reads that add members. */
void verb_read(const struct doing *d);

#endif
