/* clock.h - the two clocks, and nothing else in bgc knows the time.
 *
 * `wall` signs requests and measures durations. `schedule` drives holds,
 * windows and bakes; it is the wall clock, or virtual (sandbox), or accelerated
 * (tests over the real wire: BGC_CLOCK_SPEED=60 makes a minute a second, and
 * processes that share BGC_CLOCK_FROM, an instant, share one such clock).
 * Both count milliseconds since 1970-01-01T00:00:00Z. `mono` never goes back
 * and decides leases.
 */
#ifndef BGC_BASE_CLOCK_H
#define BGC_BASE_CLOCK_H

#include <stdint.h>

#include "base/arena.h"

struct clock {
    int64_t (*now)(void *self);
    void *self;
    int64_t (*mono)(void *self); /* NULL: clock_mono. A virtual clock is its own */
};

static inline int64_t clock_now(const struct clock *c)
{
    return c->now(c->self);
}

int64_t clock_wall(void); /* ms since the epoch */
int64_t clock_mono(void); /* ms since some moment */
/* The clock that decides leases: real time, unless the clock is virtual. */
static inline int64_t clock_lease(const struct clock *c)
{
    return c->mono ? c->mono(c->self) : clock_mono();
}
/* The real schedule clock; `speed` 1 is the wall clock. Starts at the wall
 * clock's present and runs `speed` times as fast. */
struct clock *clock_real(struct arena *a, double speed);
/* The same, but as if it had been started at `from` (wall ms). */
struct clock *clock_real_from(struct arena *a, double speed, int64_t from);
double clock_speed(const struct clock *c); /* 1 for clocks that are not accelerated */

/* "2026-11-16T10:00:00Z" */
const char *clock_iso(struct arena *a, int64_t ms);
/* Accepts ISO 8601 with fractions and Z or offset; -1 when it is none. */
int64_t clock_parse_iso(const char *s);
/* "1h 20m", "45s", "250ms": as short as exact to the second. */
const char *clock_span(struct arena *a, int64_t ms);

#endif
