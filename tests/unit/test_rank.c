/* Mann-Whitney against every way in which the ranks could have fallen. */
#include <math.h>

#include "rollout/rank.h"
#include "test.h"

#include "shop.h"

static double statistic(const double *a, size_t n, const double *b, size_t m)
{
    double u = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            u += a[i] > b[j] ? 1 : a[i] < b[j] ? 0 : 0.5;
    return u;
}

/* The share of all divisions of the pooled points into n and m whose U is at least
 * as large: the definition itself. */
static double enumerated(const double *a, size_t n, const double *b, size_t m)
{
    double all[24], x[24], y[24], u = statistic(a, n, b, m);
    size_t total = 0, extreme = 0;
    for (size_t i = 0; i < n + m; i++)
        all[i] = i < n ? a[i] : b[i - n];
    for (unsigned set = 0; set < 1u << (n + m); set++) {
        if ((size_t)__builtin_popcount(set) != n)
            continue;
        size_t nx = 0, ny = 0;
        for (size_t i = 0; i < n + m; i++)
            if (set >> i & 1)
                x[nx++] = all[i];
            else
                y[ny++] = all[i];
        total++;
        extreme += statistic(x, n, y, m) >= u - 1e-9;
    }
    return (double)extreme / (double)total;
}

static void exact_without_ties(void **state)
{
    (void)state;
    uint64_t seed = 3;
    double a[8], b[8];
    for (int run = 0; run < 60; run++) {
        size_t n = (size_t)throw_dice(&seed, run < 50 ? 7 : 8) + 1, m = (size_t)throw_dice(&seed, 7) + 1;
        for (size_t i = 0; i < n; i++)
            a[i] = (double)throw_dice(&seed, 1000000) + 0.1;
        for (size_t i = 0; i < m; i++)
            b[i] = (double)throw_dice(&seed, 1000000) + 0.2;
        double p = rank_p(a, n, b, m), want = enumerated(a, n, b, m);
        if (fabs(p - want) > 1e-12)
            fail_msg("n %zu m %zu: %.12f, enumerated %.12f", n, m, p, want);
    }
    static const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10};
    assert_true(fabs(rank_p(high, 5, low, 5) - 1.0 / 252) < 1e-12);
    assert_true(fabs(rank_p(low, 5, high, 5) - 1) < 1e-12);
}

/* With ties, and above eight points, an approximation: near what enumeration says. */
static void near_with_ties_and_above(void **state)
{
    (void)state;
    uint64_t seed = 11;
    double a[10], b[10];
    for (int run = 0; run < 12; run++) {
        size_t n = 9, m = 7 + (size_t)throw_dice(&seed, 2);
        for (size_t i = 0; i < n; i++)
            a[i] = (double)throw_dice(&seed, run % 2 ? 12 : 100000) + (run % 4) * (run % 2 ? 2 : 15000);
        for (size_t i = 0; i < m; i++)
            b[i] = (double)throw_dice(&seed, run % 2 ? 12 : 100000);
        double p = rank_p(a, n, b, m), want = enumerated(a, n, b, m);
        if (fabs(p - want) > (want < 0.1 ? 0.01 : 0.03)) /* near where it decides it must be good */
            fail_msg("n %zu m %zu: %.4f, enumerated %.4f", n, m, p, want);
    }
    static const double same[] = {5, 5, 5, 5, 5, 5};
    assert_true(rank_p(same, 6, same, 6) == 1);
}

static void medians(void **state)
{
    (void)state;
    static const double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2};
    assert_true(rank_median(odd, 3) == 5);
    assert_true(rank_median(even, 4) == 2.5);
    assert_true(rank_median(NULL, 0) == 0);
    assert_true(odd[0] == 9); /* left as they were */
}

static const struct value *compared(struct arena *a, const char *worse_by, const double *green, size_t n, const double *blue,
                                    size_t m)
{
    struct value *named = value_map(a);
    struct dec d;
    if (worse_by && dec_parse(worse_by, &d))
        value_put(named, "worse_by", value_percent(a, d));
    return rank_compare(a, named, green, n, blue, m);
}

static void a_difference_must_be_sure_and_matter(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    static const double blue[] = {100, 101, 102, 103, 104, 105, 106}, little[] = {107, 108, 109, 110, 111, 112, 113},
                        much[] = {130, 131, 132, 133, 134, 135, 136}, wild[] = {10, 300, 20, 310, 30, 320, 330};
    assert_true(compared(a, "10", little, 7, blue, 7)->b);  /* sure, but less than 10 % */
    assert_false(compared(a, "5", little, 7, blue, 7)->b);
    assert_false(compared(a, "10", much, 7, blue, 7)->b);
    assert_false(compared(a, NULL, much, 7, blue, 7)->b); /* 10 % unless said otherwise */
    assert_true(compared(a, "10", wild, 7, blue, 7)->b);    /* much, but not sure */
    assert_true(compared(a, "10", blue, 7, much, 7)->b);    /* better */
    /* Below five points there is no data, and no pass. */
    for (size_t n = 0; n < RANK_LEAST; n++) {
        assert_int_equal(compared(a, "10", blue, n, blue, 7)->kind, V_NONE);
        assert_int_equal(compared(a, "10", much, 7, blue, n)->kind, V_NONE);
    }
    assert_int_equal(compared(a, "10", blue, 5, blue, 5)->kind, V_BOOL);
    /* Blue at nothing: any that is surely more is worse. */
    static const double zero[] = {0, 0, 0, 0, 0, 0, 0}, some[] = {1, 2, 1, 3, 1, 2, 1};
    assert_false(compared(a, "10", some, 7, zero, 7)->b);
    assert_true(compared(a, "10", zero, 7, zero, 7)->b);
    /* More points than are looked at, and points that are no numbers, do no harm. */
    double *many = arena_array(a, double, 5000);
    for (int i = 0; i < 5000; i++)
        many[i] = i % 97;
    assert_true(compared(a, "10", many, 5000, many, 5000)->b);
    many[3] = NAN;
    assert_int_equal(compared(a, "10", many, 600, many, 600)->kind, V_BOOL);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_without_ties), cmocka_unit_test(near_with_ties_and_above),
                                       cmocka_unit_test(medians), cmocka_unit_test(a_difference_must_be_sure_and_matter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
