/* sandbox.h - an AWS account in memory, with a virtual clock.
 *
 * The second implementation of the cloud seam. Its objects come from the same
 * type declarations as requests and readings do; what declarations cannot say
 * (instances that boot, health by thresholds, weighted DNS with resolver caches,
 * request flows, metrics, propagation) is modelled here. It proves ordering and
 * recovery, never the mapping.
 *
 * Deterministic: the same seed, calls and faults give the same bytes. Waiting
 * advances the clock to the next event, so a two-hour rollout takes
 * milliseconds.
 */
#ifndef BGC_SANDBOX_SANDBOX_H
#define BGC_SANDBOX_SANDBOX_H

#include "cloud/store.h"
#include "schema/schema.h"

struct sandbox;

struct sandbox_config {
    uint64_t seed;
    int64_t start;          /* virtual ms at which a fresh account begins */
    const char *account_id; /* default "123456789012" */
    const char *region;
    struct dec load; /* requests a second at each traffic name; default 200 */
    bool invent;     /* make up what lookups ask for, and note it (fresh account) */
    bool throttles;  /* AWS's token buckets refuse what comes too fast */
};

/* A fresh account. */
struct sandbox *sandbox_new(struct arena *session, struct schemas *ss,
                            const struct sandbox_config *c);
/* From a file written by sandbox_save; NULL: reported (truncated, not ours, newer
 * format). A file that does not exist gives a fresh account. */
struct sandbox *sandbox_load(struct arena *session, struct schemas *ss, struct diags *ds,
                             const char *path, const struct sandbox_config *c);
bool sandbox_save(struct sandbox *s, struct diags *ds, const char *path);
/* Gives back what is not in the session's arena: calls under way, scratch memory. */
void sandbox_free(struct sandbox *s);
/* A client of the account: its own tickets, the shared clock. Several may exist
 * (two runners). Valid as long as the sandbox. */
struct cloud *sandbox_cloud(struct sandbox *s, struct arena *a);
struct clock *sandbox_clock(struct sandbox *s);
struct map *sandbox_objects(struct sandbox *s); /* for store_memory */
/* The program whose lookups are invented: their queries tell what to make up
 * that no request says (what a certificate covers). Give the graph again after
 * each evaluation; NULL takes it away. It must outlive the calls in between. */
void sandbox_program(struct sandbox *s, const struct graph *g);
/* "invented: route53.zone example.com (Z0001)" lines since the start. */
size_t sandbox_invented(const struct sandbox *s, const char *const **lines);

/* ---- faults: by script or by seed --------------------------------------------- */

/* Sets a fault on a metric or behaviour of a resource from now on; `world`
 * NULL: of none, or of any; else a world id ("7f3a2c91d0" or "web/7f3a2c91d0").
 * A NULL value clears. false: unknown target.
 *   web.alb.http_5xx   a percentage of the requests fails; a number: so many a minute
 *   web.alb.latency    a duration: about so long; a number: so many times as long
 *   web.tg.healthy     a number or a percentage of the targets stays healthy
 *   web.log            lines a minute that match every pattern
 *   db.cpu, any metric its points have this value
 *   reads.lag          reads may show what was up to this long ago (a duration) */
bool sandbox_fault(struct sandbox *s, const char *world, const char *target,
                   const struct value *value);

enum call_fault {
    CALL_FAULT_NONE,
    CALL_FAULT_THROTTLE,
    CALL_FAULT_5XX,
    CALL_FAULT_LOST,   /* takes effect, the reply is lost */
    CALL_FAULT_UNSENT, /* connection refused */
    CALL_FAULT_DELAY,  /* takes effect `delay_ms` later, past its runner's death */
    CALL_FAULT_DIE_BEFORE,
    CALL_FAULT_DIE_AFTER, /* the client is dead from here on: submit and
                             wait never return to it (longjmp hook) */
};
/* Asked for every call with its ordinal; decides its fate. `die` is called for
 * the DIE faults and does not return. */
struct fault_hook {
    enum call_fault (*decide)(void *self, uint64_t ordinal, const struct cloud_request *req,
                              int64_t *delay_ms);
    void (*die)(void *self);
    void *self;
};
void sandbox_hook(struct sandbox *s, const struct fault_hook *h);

/* ---- what users saw ----------------------------------------------------------- */

struct sandbox_users {
    double requests, failed; /* since the start */
    double no_healthy_world; /* sent to a world without a healthy target, or to none */
    double untested_world;   /* sent to a world that has not the sealed tag */
};
void sandbox_users(const struct sandbox *s, struct sandbox_users *out);
/* Every object that exists: {service/type, id, name, world, address}; for tests
 * of leaks. LIST of MAP. */
struct value *sandbox_inventory(struct sandbox *s, struct arena *a);

#endif
