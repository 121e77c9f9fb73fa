#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"

/* Wide enough for any product of two mantissas, and for comparing at scale 18. */
__extension__ typedef __int128 wide;

enum { MAX_SCALE = 18, DIV_PLACES = 12 };

static wide pow10_wide(int n)
{
    wide p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static wide magnitude(wide m)
{
    return m < 0 ? -m : m;
}

/* m / d, half to even; d > 0. */
static wide round_div(wide m, wide d)
{
    wide q = m / d, twice = magnitude(m % d) * 2;
    if (twice > d || (twice == d && q % 2))
        q += m < 0 ? -1 : 1;
    return q;
}

/* The smallest form of m / 10^scale. Digits that do not fit behind the point
 * are rounded away once, half to even; false when those before it do not fit. */
static bool fit(wide m, int scale, struct dec *out)
{
    while (scale > 0 && m % 10 == 0)
        m /= 10, scale--;
    int drop = scale > MAX_SCALE ? scale - MAX_SCALE : 0;
    for (; drop <= scale; drop++) {
        wide q = drop ? round_div(m, pow10_wide(drop)) : m;
        if (q < INT64_MIN || q > INT64_MAX)
            continue;
        int s = scale - drop;
        while (s > 0 && q % 10 == 0)
            q /= 10, s--;
        *out = (struct dec){(int64_t)q, (uint8_t)s};
        return true;
    }
    return false;
}

/* Reads digits and at most one point; *scale counts those behind it. Stops at
 * the first other character, which it returns; NULL when malformed or when more
 * than 36 digits are significant. */
static const char *scan(const char *p, wide *m, int *scale)
{
    const char *start;
    int digits = 0, zeros = 0;
    bool point = false;
    *m = 0, *scale = 0;
    for (start = p;; p++) {
        if (*p == '.' && !point && p > start) {
            point = true;
            start = p + 1;
            continue;
        }
        if (*p < '0' || *p > '9')
            break;
        /* zeros are held back until a digit follows: trailing ones mean nothing */
        if (*p == '0' && point) {
            zeros++;
            continue;
        }
        digits += *m ? zeros + 1 : *p != '0';
        if (digits > 36 || *scale + zeros > 1000)
            return NULL;
        *m = (*m ? *m * pow10_wide(zeros + 1) : 0) + (*p - '0');
        *scale += point ? zeros + 1 : 0;
        zeros = 0;
    }
    return p == start ? NULL : p;
}

bool dec_parse(const char *text, struct dec *out)
{
    bool minus = *text == '-';
    wide m;
    int scale;
    const char *end = scan(text + minus, &m, &scale);
    if (!end || *end || scale > MAX_SCALE || m > INT64_MAX)
        return false;
    return fit(minus ? -m : m, scale, out);
}

bool dec_parse_float(const char *text, struct dec *out)
{
    bool minus = *text == '-';
    wide m;
    int scale, exp = 0;
    const char *end = scan(text + minus, &m, &scale);
    if (!end)
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *p = end + 1;
        bool down = *p == '-';
        p += *p == '-' || *p == '+';
        if (!*p)
            return false;
        for (; *p >= '0' && *p <= '9'; p++)
            if (exp < 1000)
                exp = exp * 10 + (*p - '0');
        end = p;
        exp = down ? -exp : exp;
    }
    if (*end)
        return false;
    scale -= exp;
    for (; scale < 0 && m; scale++)
        if ((m *= 10) > INT64_MAX)
            return false;
    if (!m || scale > MAX_SCALE + 36) {
        *out = (struct dec){0, 0};
        return true;
    }
    /* at more than 37 places the quotient is below 10^-18 whatever m is */
    for (; scale > MAX_SCALE + 18; scale--)
        m /= 10;
    return fit(minus ? -m : m, scale, out);
}

int dec_cmp(struct dec a, struct dec b)
{
    wide x = a.m * pow10_wide(b.scale), y = b.m * pow10_wide(a.scale);
    return x < y ? -1 : x > y;
}

static bool sum(struct dec a, struct dec b, int sign, struct dec *out)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    return fit(a.m * pow10_wide(scale - a.scale) + sign * (b.m * pow10_wide(scale - b.scale)),
               scale, out);
}

bool dec_add(struct dec a, struct dec b, struct dec *out)
{
    return sum(a, b, 1, out);
}

bool dec_sub(struct dec a, struct dec b, struct dec *out)
{
    return sum(a, b, -1, out);
}

bool dec_mul(struct dec a, struct dec b, struct dec *out)
{
    return fit((wide)a.m * b.m, a.scale + b.scale, out);
}

bool dec_div(struct dec a, struct dec b, struct dec *out)
{
    if (!b.m)
        return false;
    /* a.m * 10^shift / b.m, digit by digit: the whole numerator may need 163 bits */
    int shift = DIV_PLACES + b.scale - a.scale;
    wide n = magnitude(a.m), d = magnitude(b.m);
    if (shift < 0)
        d *= pow10_wide(-shift), shift = 0;
    wide q = n / d, r = n % d;
    for (; shift > 0; shift--) {
        if (q > pow10_wide(31))
            return false;
        r *= 10;
        q = q * 10 + r / d;
        r %= d;
    }
    if (r * 2 > d || (r * 2 == d && q % 2))
        q++;
    return fit((a.m < 0) != (b.m < 0) ? -q : q, DIV_PLACES, out);
}

double dec_double(struct dec d)
{
    return (double)d.m / (double)pow10_wide(d.scale);
}

struct dec dec_from_double(double d)
{
    char text[64];
    struct dec out = {0, 0};
    if (isnan(d))
        return out;
    snprintf(text, sizeof text, "%.11e", d);
    if (isinf(d) || !dec_parse_float(text, &out))
        out = (struct dec){d < 0 ? INT64_MIN : INT64_MAX, 0};
    return out;
}

void dec_print(struct buf *b, struct dec d)
{
    char digits[24];
    uint64_t m = d.m < 0 ? -(uint64_t)d.m : (uint64_t)d.m;
    /* at least one digit stands before the point */
    int n = snprintf(digits, sizeof digits, "%0*llu", d.scale + 1, (unsigned long long)m);
    if (d.m < 0)
        buf_putc(b, '-');
    buf_put(b, digits, (size_t)(n - d.scale));
    if (d.scale) {
        buf_putc(b, '.');
        buf_put(b, digits + n - d.scale, d.scale);
    }
}
