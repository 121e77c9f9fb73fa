/* throttle.h - token buckets on our side of the wire.
 *
 * AWS meters calls with token buckets. Knowing their figures (the `throttle`
 * part of a service record), bgc sends as many calls at once as a bucket
 * allows and holds back the rest, instead of learning it by refusals.
 *
 *   throttle = {
 *     read       = { capacity = 100, per_second = 20 }  # calls that only read
 *     unfiltered = { capacity = 50, per_second = 10 }   # reads without any input
 *     write      = { capacity = 50, per_second = 5 }
 *     all        = { capacity = 5, per_second = 5 }     # one bucket for both
 *     operations = { RunInstances = { capacity = 5, per_second = 2 } }
 *   }
 * A record of `operations` wins, then `all`; without a figure nothing is held
 * back. Figures of AWS's defaults; a quota raised only makes us too careful.
 */
#ifndef BGC_CLOUD_THROTTLE_H
#define BGC_CLOUD_THROTTLE_H

#include "cloud/cloud.h"

struct throttle_rule {
    const char *bucket; /* calls with equal account, service and bucket share it */
    double capacity, per_second;
};

/* false: unlimited. `record` may be NULL. */
bool throttle_rule(const struct value *record, const struct cloud_request *req,
                   struct throttle_rule *out);

struct throttle_bucket {
    double tokens, capacity, per_second;
    int64_t at; /* ms of real time when `tokens` was right */
};

void throttle_init(struct throttle_bucket *b, const struct throttle_rule *rule, int64_t now);
/* Takes a token when there is one: 0. Else how many ms until there is. */
int64_t throttle_take(struct throttle_bucket *b, int64_t now);
/* AWS refused for haste: our idea of the bucket was too kind. */
void throttle_empty(struct throttle_bucket *b, int64_t now);

#endif
