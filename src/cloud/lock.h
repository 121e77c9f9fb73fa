/* lock.h - one runner at a time: a lease in the store, and an epoch.
 *
 * Taken with If-None-Match, renewed, taken over and released with If-Match.
 * Takeover only after the etag stood still for a whole lease on the taker's own
 * monotonic clock. The epoch grows with every taking; the traffic record's
 * fence (rollout/switch.h) is what really stops a runner that lost its lease.
 */
#ifndef BGC_CLOUD_LOCK_H
#define BGC_CLOUD_LOCK_H

#include "cloud/store.h"

/* A lease that was not renewed for LOCK_STALE_MS by its own account is dead,
 * whatever the clocks: no safety rests on the lease, only on the fence. */
enum { LOCK_LEASE_MS = 60000, LOCK_STALE_MS = 300000 };

/* A larger epoch or instant is none that bgc wrote: it is exact in every reader of
 * JSON (RFC 8259, 6: below 2^53), and one more still fits the traffic record. */
#define LOCK_NUMBER_MAX INT64_C(1000000000000000)

struct lock_holder {
    const char *holder; /* "ci@host pid 17" */
    const char *nonce;
    int64_t epoch, counter;
    const char *url;    /* of the CI job; NULL */
    int64_t since;      /* wall ms */
};

struct lock {
    struct store *store;
    struct arena *arena;
    const char *key, *etag;
    struct lock_holder self;
    struct clock *clock; /* of the cloud; clock_lease of it counts the lease */
    int64_t renewed; /* lease ms of the last certain renewal */
    bool held;
};

/* How a lease that somebody holds is watched. */
struct lock_watch {
    int64_t ms;               /* for how long; less than a lease can take over only what was
                               * released or is long dead */
    bool (*stop)(void *self); /* a signal came: asked after each look and each nap; NULL: none comes */
    void *self;
};

enum lock_result { LOCK_TAKEN, LOCK_HELD, LOCK_STOPPED, LOCK_ERROR };
/* LOCK_HELD: *other says who. A holder that renews while it is watched is alive:
 * then the answer comes at once. LOCK_STOPPED: nothing was written. */
enum lock_result lock_take(struct lock *l, struct arena *a, struct diags *ds, struct store *s,
                           const char *stack, const struct lock_holder *self,
                           const struct lock_watch *watch, struct cloud *c, struct lock_holder *other);
/* Renews when a third of the lease has passed. false: lost; nothing may be written. */
bool lock_keep(struct lock *l, struct diags *ds);
/* Schedule ms until which a write may be sent. */
int64_t lock_deadline(const struct lock *l);
void lock_release(struct lock *l);
/* Who holds it; false: nobody. */
bool lock_show(struct store *s, struct arena *a, const char *stack, struct lock_holder *out,
               int64_t *age_ms);
bool lock_break(struct store *s, struct arena *a, struct diags *ds, const char *stack);

#endif
