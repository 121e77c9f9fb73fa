/* traffic.h - users: what they resolve, where their requests go, how they fare.
 *
 * A site is a name that people use. Its share of each target follows what name
 * servers answer, but slowly: resolvers hold an answer for its time to live, a
 * few much longer, and open connections stay where they are. Three classes of
 * users, each of which moves over in a straight line of its own length.
 * Between two events all rates are constant (shares: linear), so that a span of
 * any length up to a minute is integrated at once. No request exists singly.
 */
#ifndef BGC_SANDBOX_TRAFFIC_H
#define BGC_SANDBOX_TRAFFIC_H

#include "sandbox/account.h"

enum { USERS_PLAIN, USERS_CONNECTED, USERS_LATE, USER_CLASSES };

struct flow {           /* of a site to one target */
    const char *target; /* DNS name, no final dot */
    double from[USER_CLASSES], to;
    struct entry *entry; /* NULL: nothing answers there */
};

struct site {
    const char *name;
    int64_t changed, span[USER_CLASSES]; /* when answers changed; how long each class takes */
    VEC(struct flow) flows;
};

struct tally { /* of one target group behind one load balancer, in the minute under way */
    const char *pool, *suffix, *lb; /* its id; as CloudWatch knows both */
    const char *account;
    const struct fault *errors, *latency;
    double requests, target_5xx, timed, log_sum;
};

struct branch { /* a target group behind a listener or rule */
    double share;
    const char *pool;
    struct pool_view view;
    struct crowd *crowd;  /* that serves it; NULL */
    struct tally *tally;
    bool worldly, sealed; /* it is of a world; which is tagged sealed */
};

struct route { /* what an entry does with a host's requests */
    const char *host;
    bool listening, tls, covered;
    VEC(struct branch) branches;
};

struct entry { /* a load balancer */
    const struct object *lb;
    const char *dns, *suffix;
    bool active;
    double keep_alive; /* seconds */
    const struct fault *errors, *latency;
    VEC(struct route *) routes;
    /* of the minute under way */
    double requests, target_5xx, elb_503, timed, log_sum;
};

struct crowd { /* an auto scaling group at work */
    struct fleet_view view;
    const char *world;
    double rate;         /* now, requests a second */
    double served, busy; /* of the minute under way: requests; CPU percent x ms */
    int64_t measured;    /* ms */
};

struct traffic_model {
    struct arena *arena; /* of what each rebuild makes */
    VEC(struct site *) sites;
    VEC(struct entry *) entries;
    VEC(struct crowd *) crowds;
    VEC(struct tally *) tallies;
    struct sandbox_users users;
};

/* ---- traffic_route.c: who answers --------------------------------------------- */

/* Fills entries and crowds anew; what the minute has counted is kept. */
void route_rebuild(struct sandbox *s, struct traffic_model *m);
struct route *route_find(struct sandbox *s, struct traffic_model *m, struct entry *e,
                         const char *host);
struct entry *entry_find(const struct traffic_model *m, const char *dns);
/* Whether a health-checked target counts: one that has a healthy target in each
 * group that has any. */
bool entry_healthy(struct sandbox *s, const struct object *lb);
/* "dualstack.x." -> "x", in lower case. */
const char *dns_bare(struct arena *a, const char *name);

#endif
