/* split.h - the medium of weighted target groups: shares are weights on one listener
 * or rule, and the record stands in its tags.
 *
 * Which field holds the weights and how it is changed is declared by the type that
 * `at` refers to; which field that is, by the kind of traffic (`switch { field }`).
 *
 * AWS has no compare-and-swap here. A set is two writes: the record first (what is
 * meant, and what the weights were), then the weights. Who finds the weights as
 * they were completes what the record says; who finds others finds somebody else's
 * hand. Against a second runner there are the lease, the nonce in the record that
 * is read before and after each write, and no more: a call of a runner that lost its
 * lease, delayed past all of this, is seen at the next look and not prevented.
 */
#ifndef BGC_ROLLOUT_SPLIT_H
#define BGC_ROLLOUT_SPLIT_H

#include "rollout/switch.h"

#define TAG_RECORD "bgc:record" /* and bgc:record.1 ..: pieces of the record's text */
#define TAG_TO "bgc:to."        /* and a world's id: where its share goes */
#define TAG_BEFORE "bgc:before" /* the weights before the last set */

struct split_share {
    const char *target; /* what the weight is of: a target group's id */
    int64_t weight;
};

/* Fills kind, record, shares, half and why from the tags and weights that were read. Pure.
 * `simple` is the one target that everything goes to without weights; NULL. */
void split_understand(struct arena *a, const struct value *tags, const struct split_share *at, size_t n,
                      const char *simple, struct traffic_state *out);
/* The tags of a record: MAP of key -> text. */
struct value *split_tags(struct arena *a, const struct record *r);

/* false: reported. */
bool split_open(struct traffic_switch *sw, struct arena *a);
struct traffic_state *split_read(struct traffic_switch *sw, struct arena *a);
/* Writes the record; with `n` targets the weights, too. */
enum switch_result split_write(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               const struct switch_target *targets, size_t n, const struct record *next);
/* Nobody is sent anywhere any more: the listener gets its own action, `next` stays in the tags. */
enum switch_result split_end(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                             const struct record *next);
/* Takes the record away, and gives the listener what its spec says, or the target that it had. */
enum switch_result split_clear(struct traffic_switch *sw, struct arena *a, struct traffic_state **state);
bool split_reaches(const struct traffic_state *state, const char *world);
/* The two commands that give `world` everything, for the AWS CLI. */
const char *split_cli(struct traffic_switch *sw, struct arena *a, const struct traffic_state *state,
                      const char *world, const struct record *next);

#endif
