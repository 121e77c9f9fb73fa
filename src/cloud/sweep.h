/* sweep.h - what is tagged as a stack's, whatever its type: one call an account.
 *
 * It finds what the program names no more. AWS's list lags behind what is done,
 * and shows for a while what is gone, so a hit says only which type to look at:
 * the type's own reads say what is there.
 */
#ifndef BGC_CLOUD_SWEEP_H
#define BGC_CLOUD_SWEEP_H

#include "cloud/observe.h"

struct sweep_hit {
    const char *type, *id, *account; /* account: alias; NULL: the stack's own */
    struct value *tags;              /* MAP */
};

struct sweep {
    VEC(struct sweep_hit) hits;
};

/* Adds what is tagged in one account. ARNs that no type has are left out: what
 * others made from our resources (instances of a group). false: reported. */
bool sweep_account(const struct observe_args *o, struct arena *a, const char *account,
                   struct sweep *out);
/* NULL: it is not listed. */
const struct sweep_hit *sweep_find(const struct sweep *s, const char *type, const char *account,
                                   const char *id);
/* Whether a type's resources are listed at all: it has an ARN. */
bool sweep_knows(const struct schema *s);

#endif
