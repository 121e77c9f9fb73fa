/* retry.h - a cloud that tries again, around one that does not.
 *
 * Concept: AWS SDKs' "standard" retry mode, without blocking: a call that is to
 * be repeated is laid aside with a time and submitted again inside cloud_wait.
 * The same place holds calls back so that no token bucket of AWS overflows
 * (throttle.h). Tickets are the wrapper's own; a caller sees one reply per call.
 *
 * Rules:
 * - At most 3 attempts. Delay before the i-th retry (from 0): rand(0..1) x
 *   min(b x 2^i, 20 s), b = 1 s after throttling, 50 ms otherwise; at least what
 *   x-amz-retry-after asks for, up to 20 s. Source: "Retry behavior", AWS SDKs
 *   and Tools Reference Guide.
 * - A quota of 500 for all: a retry costs 5 after throttling, else 14; a call
 *   that succeeded gives back what its last retry cost, or 1.
 * - Repeated: throttling; connections that never came about; replies that were
 *   lost or mangled, and 500, 502, 503, 504, RequestTimeout. But an *ambiguous* end of a
 *   mutating call is handed up: whether it took effect must first be found out.
 * - Nothing is sent after `not_after`; delays and buckets run in real time, also
 *   when the schedule clock is accelerated.
 *
 * The wrapper has no trace of its own: `inner` has it, and sees every attempt.
 */
#ifndef BGC_CLOUD_RETRY_H
#define BGC_CLOUD_RETRY_H

#include "cloud/cloud.h"
#include "cloud/services.h"

struct retry_config {
    struct service_source services; /* for their `throttle` figures */
    uint64_t seed;                  /* of the delays */
    int attempts;                   /* 0: 3 */
    bool no_buckets;                /* loopback: nobody meters us */
};

/* Takes `inner` over: cloud_free of the result frees it. */
struct cloud *retry_new(struct arena *a, struct cloud *inner, const struct retry_config *cfg);

/* AWS's codes for "too fast". */
bool retry_code_throttles(const char *code);

struct retry_stats {
    size_t retries, throttled, held; /* held: calls that waited for a bucket */
    int64_t quota;
};
struct retry_stats retry_stats(const struct cloud *c);

#endif
