/* gather.h - many calls at once, all replies together.
 *
 * For reading: calls are submitted as they are added, and waited for in one go.
 * Must not be used while other tickets of the same cloud are open.
 */
#ifndef BGC_CLOUD_GATHER_H
#define BGC_CLOUD_GATHER_H

#include "base/diag.h"
#include "cloud/cloud.h"

struct gathered {
    uint64_t ticket;
    const char *service, *operation, *address;
    struct span span;
    struct cloud_reply reply;
    bool arrived;
};

struct gather {
    struct cloud *cloud;
    struct arena *arena;
    VEC(struct gathered) calls;
    size_t open;
};

void gather_init(struct gather *g, struct arena *a, struct cloud *c);
/* Index of the call. */
size_t gather_add(struct gather *g, const struct cloud_request *req, struct span span);
/* Waits for all that are open. */
void gather_wait(struct gather *g);
/* The reply's output, or NULL after reporting its error at the call's span. */
struct value *gather_get(struct gather *g, struct diags *ds, size_t i);

/* "iam GetInstanceProfile was refused: AccessDenied: ..." with what helps. */
struct diag *cloud_report(struct diags *ds, struct span span, const char *service,
                          const char *operation, const char *address, const struct cloud_error *e);

#endif
