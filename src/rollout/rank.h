/* rank.h - the two-sample test behind compare(): Mann-Whitney U with an effect
 * size that matters.
 *
 * Green is worse than blue when its points tend to be larger (one-sided p below
 * 5 %, exact below 8 points a side, else the normal approximation with a
 * correction for ties) *and* its median is worse by more than `worse_by`. Source:
 * Mann and Whitney 1947; Hollander, Wolfe and Chicken, Nonparametric Statistical
 * Methods, ch. 4. Below 5 points a side there is no data, never a pass.
 */
#ifndef BGC_ROLLOUT_RANK_H
#define BGC_ROLLOUT_RANK_H

#include "base/value.h"

enum { RANK_LEAST = 5, RANK_EXACT = 8 };

/* One-sided p of "a tends to be larger than b". n, m >= 1. */
double rank_p(const double *a, size_t n, const double *b, size_t m);
double rank_median(const double *a, size_t n);
/* BOOL true: not worse; V_NONE: no data. `named` may hold worse_by (percent). */
struct value *rank_compare(struct arena *ar, const struct value *named, const double *green, size_t n,
                           const double *blue, size_t m);

#endif
