/* switch.h - the traffic switch: reading a traffic record and changing it in
 * one fenced batch.
 *
 * Two kinds stand behind one interface: weighted DNS records (`route53.weighted`)
 * and weighted target groups on one listener (`elbv2.split`). Which operations they use is
 * declared in the stdlib (`type route53.weighted`), not here.
 *
 * Protocol (proved in tests/model): read the zone; build a batch that deletes
 * exactly what was read, TXT included, and creates the new state with serial + 1
 * and this runner's epoch; send; on an ambiguous reply read the serial; then
 * wait for INSYNC. The first write of a run is a fence: a batch that replaces
 * only the TXT.
 */
#ifndef BGC_ROLLOUT_SWITCH_H
#define BGC_ROLLOUT_SWITCH_H

#include "cloud/execute.h"

struct traffic_switch {
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct graph *graph;
    const struct traffic *traffic;
    struct facts *facts;
    struct lock *lock;
    int64_t epoch; /* of this run; 0 until fenced */
    const struct sink *sink;
};

/* NULL: reported (access, latency/failover/geo records, ...). A foreign state is
 * returned with kind TRAFFIC_FOREIGN, not reported. */
struct traffic_state *switch_read(struct traffic_switch *sw, struct arena *a);

/* What a batch makes true. */
struct switch_target {
    const char *world;  /* id */
    double share;       /* percent; worlds not listed lose their records */
    const char *dns;    /* of its entry: target of the alias */
    const char *zone;   /* of its entry's alias target */
    const char *health_check; /* of the candidate's kill switch; NULL */
};

enum switch_result {
    SWITCH_DONE,
    SWITCH_CONFLICT, /* somebody else changed it: read again and decide anew */
    SWITCH_FAILED,   /* reported; nothing changed */
};

/* One batch: exactly `targets` with their shares, and `next` in the TXT (serial
 * and epoch are filled in here). Shares sum to 100. `state` is updated. */
enum switch_result switch_set(struct traffic_switch *sw, struct arena *a,
                              struct traffic_state *state, const struct switch_target *targets,
                              size_t n, struct record next);
/* Replaces only the TXT (fence, doom, abort latch while unshared). */
enum switch_result switch_note(struct traffic_switch *sw, struct arena *a,
                               struct traffic_state *state, struct record next);
/* Removes every record (destroy). */
enum switch_result switch_clear(struct traffic_switch *sw, struct arena *a,
                                struct traffic_state *state);
/* The command for the AWS CLI that gives `live` everything back, as text. */
const char *switch_cli(struct traffic_switch *sw, struct arena *a,
                       const struct traffic_state *state, const char *live_world);
/* Takes back with no plan and no spec: from the record alone. */
enum switch_result switch_rollback(struct traffic_switch *sw, struct arena *a,
                                   struct traffic_state *state, const char *to, const char *why);

#endif
