/* mock.h - what a test says in place of the account: `mock net.vpc = { .. }`.
 *
 * A mock answers one `existing`, which is named by its path: through `shared` or
 * a world, then through instances of modules. Its value is what a lookup would
 * find: a record of the type's readable fields, all of them optional, where
 * references are written as the ids that AWS shows; of a `set` existing, a list
 * of such records.
 *
 * What can be mocked can also be asked what it looks for: `net.vpc.query.tagged`, in
 * expectations.
 */
#ifndef BGC_LANG_MOCK_H
#define BGC_LANG_MOCK_H

#include "lang/type.h"

struct mock {
    const struct decl *decl; /* the `existing`, of a resource type */
    const struct decl *type;
    const char *address;     /* "shared.net.vpc" */
};

/* false: `target` names no `existing`; nothing is reported. */
bool mock_find(struct program *p, struct arena *a, const struct expr *target, struct mock *out);
/* The type that a mock's value must have. */
const struct type *mock_type(struct program *p, const struct mock *m);

/* `net.vpc.query`: finds the existing before `.query`. false: it is something else, or
 * its type has a field of this name. */
bool mock_query(struct program *p, struct arena *a, const struct expr *e, struct mock *out);
/* The type of that: what may be looked for, none where it is not. */
const struct type *mock_query_type(struct program *p, const struct mock *m);

#endif
