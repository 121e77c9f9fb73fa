/* gather.h - many calls at once, all replies together.
 *
 * For reading: calls are submitted as they are added, and waited for in one go.
 * Must not be used while other tickets of the same cloud are open.
 *
 * Several gathers of one look at the account may share what they have seen: then
 * what was asked once is not asked again.
 */
#ifndef BGC_CLOUD_GATHER_H
#define BGC_CLOUD_GATHER_H

#include "base/diag.h"
#include "cloud/cloud.h"

/* Replies of one look, by what was asked. Only what changes nothing belongs here, and
 * only for as long as nothing is changed. */
struct seen {
    struct arena *arena;
    struct map asked; /* the request as text, to its struct seen_reply */
};

struct gathered {
    uint64_t ticket;
    const char *service, *operation, *address;
    struct span span;
    struct cloud_reply reply;
    bool arrived;
    struct seen_reply *shared; /* in what was seen; NULL: it is not shared */
};

struct gather {
    struct cloud *cloud;
    struct arena *arena;
    struct seen *seen; /* NULL: nothing is shared; set it before the first call */
    VEC(struct gathered) calls;
    size_t open;
};

/* Replies are kept in `a`, which must live as long as who asks with it. */
void seen_init(struct seen *s, struct arena *a);
/* The output of a reply that came; NULL: it was not asked, or refused. */
struct value *seen_output(const struct seen *s, const struct cloud_request *req);

void gather_init(struct gather *g, struct arena *a, struct cloud *c);
/* Index of the call. Of what is shared and under way already it is that one's, so an
 * error is reported where it was asked first. */
size_t gather_add(struct gather *g, const struct cloud_request *req, struct span span);
/* Waits for all that are open. */
void gather_wait(struct gather *g);
/* The reply's output, or NULL after reporting its error at the call's span. */
struct value *gather_get(struct gather *g, struct diags *ds, size_t i);

/* However a service says that this identity may not. */
bool cloud_forbids(const char *code);
/* The same, or that it knows no such identity (any more): no other call is answered better
 * before somebody changes that. */
bool cloud_shuts_out(const char *code);
/* "iam GetInstanceProfile was refused: AccessDenied: ..." with what helps. */
struct diag *cloud_report(struct diags *ds, struct span span, const char *service,
                          const char *operation, const char *address, const struct cloud_error *e);

#endif
