#include "rollout/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANK_MAX = 512 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double rank_median(const double *a, size_t n)
{
    double copy[RANK_MAX];
    if (!n)
        return 0;
    if (n > RANK_MAX)
        n = RANK_MAX;
    memcpy(copy, a, n * sizeof *a);
    qsort(copy, n, sizeof *copy, by_size);
    return n % 2 ? copy[n / 2] : (copy[n / 2 - 1] + copy[n / 2]) / 2;
}

/* U: in how many pairs a is larger; ties count half. */
static double statistic(const double *a, size_t n, const double *b, size_t m, bool *ties)
{
    double u = 0;
    *ties = false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            u += a[i] > b[j] ? 1 : a[i] == b[j] ? 0.5 : 0;
            *ties = *ties || a[i] == b[j];
        }
    return u;
}

/* Number of ways in which n of n + m ranks give U = u, by the usual recurrence. */
static double exact_p(size_t n, size_t m, double u)
{
    double ways[RANK_EXACT + 1][RANK_EXACT + 1][RANK_EXACT * RANK_EXACT + 1];
    memset(ways, 0, sizeof ways);
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++)
            for (size_t k = 0; k <= i * j; k++) {
                if (!i || !j) {
                    ways[i][j][k] = k == 0;
                    continue;
                }
                ways[i][j][k] = (k >= j ? ways[i - 1][j][k - j] : 0) + ways[i][j - 1][k];
            }
    double all = 0, tail = 0;
    for (size_t k = 0; k <= n * m; k++) {
        all += ways[n][m][k];
        if ((double)k >= u - 1e-9)
            tail += ways[n][m][k];
    }
    return tail / all;
}

static double normal_p(const double *a, size_t n, const double *b, size_t m, double u)
{
    double total = (double)(n + m), mean = (double)n * (double)m / 2, tie = 0;
    double all[2 * RANK_MAX];
    memcpy(all, a, n * sizeof *a);
    memcpy(all + n, b, m * sizeof *b);
    qsort(all, n + m, sizeof *all, by_size);
    for (size_t i = 0; i < n + m;) {
        size_t k = i;
        while (k < n + m && all[k] == all[i])
            k++;
        double t = (double)(k - i);
        tie += t * t * t - t;
        i = k;
    }
    double var = (double)n * (double)m / 12 * (total + 1 - tie / (total * (total - 1)));
    if (var <= 0)
        return 1;
    return 0.5 * erfc((u - 0.5 - mean) / sqrt(var) / sqrt(2.0));
}

double rank_p(const double *a, size_t n, const double *b, size_t m)
{
    bool ties;
    if (n > RANK_MAX)
        n = RANK_MAX;
    if (m > RANK_MAX)
        m = RANK_MAX;
    double u = statistic(a, n, b, m, &ties);
    return n <= RANK_EXACT && m <= RANK_EXACT && !ties ? exact_p(n, m, u) : normal_p(a, n, b, m, u);
}

struct value *rank_compare(struct arena *ar, const struct value *named, const double *green, size_t n,
                           const double *blue, size_t m)
{
    if (n < RANK_LEAST || m < RANK_LEAST)
        return value_none(ar);
    const struct value *by = named ? value_get(named, "worse_by") : NULL;
    double worse_by = by && by->kind == V_PERCENT ? dec_double(by->dec) / 100 : 0.1;
    bool larger = rank_median(green, n) > rank_median(blue, m) * (1 + worse_by);
    return value_bool(ar, !(larger && rank_p(green, n, blue, m) < 0.05));
}
