/* internal.h - what the files of src/schema share and nobody else needs. */
#ifndef BGC_SCHEMA_INTERNAL_H
#define BGC_SCHEMA_INTERNAL_H

#include "schema/lens.h"

const char *schema_verb_text(enum schema_verb verb);
/* The name of the type, where it is declared. */
struct span schema_span(const struct schema *s);
/* Whether a binding may speak of `name`: a field, or one of the fixed names. */
bool schema_name_known(const struct schema *s, const char *name);

/* preflight.c: an ITEM_EXISTING, ITEM_PREFLIGHT or ITEM_QUOTA of the type; after all
 * fields are known. false: reported. */
bool preflight_compile(struct schemas *ss, struct schema *s, const struct type_item *item);
/* After all of them: names that nothing declares. false: reported. */
bool preflight_check(struct schemas *ss, const struct schema *s);

/* The names of a call, for names_eval. `it` NULL: there is none here. */
struct call_names {
    const struct lens_ctx *ctx;
    const struct schema *s;
    const struct schema_call *c; /* may be NULL */
    const struct call_env *env;
    struct value *it;
};
struct names call_names(const struct call_names *n);
struct path_names call_selectors(const struct call_names *n);

/* Shapes tags; `env` gives the names of `annotate` (NULL: only its constants). */
struct value *tags_shape(const struct lens_ctx *c, const struct schema *s,
                         const struct call_env *env, const struct value *tags, bool binding);
struct value *tags_read(struct arena *a, const struct schema *s, const struct value *object);
/* "TagSpecifications", "a.b" as a path; NULL: there is no such setting. */
const struct wire_path *tags_place(struct arena *a, const struct schema *s, const char *setting);

#endif
