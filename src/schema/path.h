/* path.h - places in a request or reply: Attributes{Key = "x"}.Value, Groups[].Id.
 *
 * Reading what is absent gives NULL. Putting creates what is missing on the way:
 * members, elements, the element that a selector names. Containers that already
 * stand in `object` are copied before they are changed, so `object` may share
 * them with anybody; the top MAP itself must be private.
 */
#ifndef BGC_SCHEMA_PATH_H
#define BGC_SCHEMA_PATH_H

#include "lang/ast.h"

/* Values of names in selectors ({ResourceArn = id}); NULL function: none. */
struct path_names {
    const char *(*find)(void *self, const char *name);
    void *self;
};

struct value *path_get(struct arena *a, const struct value *object, const struct wire_path *p,
                       const struct path_names *names);
void path_put(struct arena *a, struct value *object, const struct wire_path *p,
              const struct path_names *names, struct value *v);
/* As an author writes it. */
const char *path_text(struct arena *a, const struct wire_path *p);
/* The last member name. */
const char *path_last(const struct wire_path *p);
/* Puts `from`'s members into the private MAP `into`, MAPs into MAPs. */
void path_merge(struct arena *a, struct value *into, const struct value *from);
/* A scalar as text, however the wire spelled it; NULL for others. */
const char *wire_text(struct arena *a, const struct value *v);

#endif
