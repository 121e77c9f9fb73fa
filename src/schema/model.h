/* model.h - a service's published API model, to check type declarations against.
 *
 * The models are the `service-2.json` files that AWS's SDKs are made from. They
 * are needed only where types are verified (`bgc types check`), never at run
 * time. A shape is a record of the parsed document; NULL stands for "anything".
 */
#ifndef BGC_SCHEMA_MODEL_H
#define BGC_SCHEMA_MODEL_H

#include "schema/schema.h"

struct model {
    const char *service; /* the `service` declaration's name */
    const struct value *root;
    struct map codes; /* error codes -> anything; empty: the model lists none */
};

/* Takes a parsed document. NULL: it is no model. */
struct model *model_new(struct arena *a, const char *service, const struct value *root);
const struct value *model_operation(const struct model *m, const char *name);
const struct value *model_input(const struct model *m, const struct value *operation);
const struct value *model_output(const struct model *m, const struct value *operation);

/* "structure", "list", "map", "string", "integer", ... */
const char *shape_kind(const struct value *shape);
bool shape_is(const struct value *shape, const char *kind);
const struct value *shape_member(const struct model *m, const struct value *shape,
                                 const char *name);
const struct value *shape_element(const struct model *m, const struct value *list);
const struct value *shape_value(const struct model *m, const struct value *map);
/* false: it has an enumeration and `word` is not in it. */
bool shape_allows(const struct value *shape, const char *word);
/* Member or enumeration names, for suggestions; *n of them. */
const char **shape_names(struct arena *a, const struct value *shape, size_t *n);

/* Verifies one type. Errors BG57xx at the declaration's words. false: reported. */
bool model_check(struct schemas *ss, struct arena *a, struct diags *ds, const struct schema *s,
                 const struct model *m);

#endif
