#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"

enum { DAY_MS = 86400000 };

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct real {
    struct clock clock;
    int64_t wall, mono; /* when it was made */
    double speed;
};

static int64_t real_now(void *self)
{
    const struct real *r = self;
    if (r->speed == 1) /* follows corrections of the machine's clock */
        return clock_wall();
    return r->wall + (int64_t)((double)(clock_mono() - r->mono) * r->speed);
}

struct clock *clock_real(struct arena *a, double speed)
{
    struct real *r = arena_make(a, struct real);
    r->clock.now = real_now;
    r->clock.self = r;
    r->wall = clock_wall();
    r->mono = clock_mono();
    r->speed = speed > 0 ? speed : 1;
    return &r->clock;
}

struct clock *clock_real_from(struct arena *a, double speed, int64_t from)
{
    struct clock *c = clock_real(a, speed);
    struct real *r = c->self;
    r->mono -= r->wall - from;
    r->wall = from;
    return c;
}

double clock_speed(const struct clock *c)
{
    return c->now == real_now ? ((const struct real *)c->self)->speed : 1;
}

/* ---- calendar ---------------------------------------------------------- */

/* Days since 1970-01-01 to date and back, in the proleptic Gregorian calendar,
 * with years that begin in March, so that the leap day comes last. */
struct date {
    int64_t year;
    int month, day;
};

static struct date date_of(int64_t days)
{
    days += 719468; /* from 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct date d = {yoe + era * 400, (int)(mp < 10 ? mp + 3 : mp - 9),
                     (int)(doy - (153 * mp + 2) / 5 + 1)};
    d.year += d.month <= 2;
    return d;
}

static int64_t days_of(struct date d)
{
    int64_t y = d.year - (d.month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

const char *clock_iso(struct arena *a, int64_t ms)
{
    int64_t days = ms / DAY_MS, rest = ms % DAY_MS;
    if (rest < 0)
        days--, rest += DAY_MS;
    struct date d = date_of(days);
    int s = (int)(rest / 1000);
    return arena_printf(a, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)d.year, d.month, d.day,
                        s / 3600, s / 60 % 60, s % 60);
}

/* Exactly `n` digits, then `after` (NUL: whatever follows). */
static bool digits(const char **p, int n, char after, int *out)
{
    *out = 0;
    for (; n > 0; n--, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        *out = *out * 10 + (**p - '0');
    }
    if (!after)
        return true;
    return *(*p)++ == after;
}

/* Z, +01:00, +0100 or +01, as minutes east. */
static bool zone(const char *p, int *minutes)
{
    int h, m = 0, sign = *p == '-' ? -1 : 1;
    *minutes = 0;
    if ((*p == 'Z' || *p == 'z') && !p[1])
        return true;
    if (*p != '+' && *p != '-')
        return false;
    p++;
    if (!digits(&p, 2, 0, &h))
        return false;
    if (*p == ':')
        p++;
    if (*p && !digits(&p, 2, 0, &m))
        return false;
    *minutes = sign * (h * 60 + m);
    return !*p && h < 24 && m < 60;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int64_t clock_parse_iso(const char *s)
{
    int year, month, day, h, m, sec, east, milli = 0;
    if (!digits(&s, 4, '-', &year) || !digits(&s, 2, '-', &month) || !digits(&s, 2, 0, &day))
        return -1;
    if (*s != 'T' && *s != 't' && *s != ' ')
        return -1;
    s++;
    if (!digits(&s, 2, ':', &h) || !digits(&s, 2, ':', &m) || !digits(&s, 2, 0, &sec))
        return -1;
    if (*s == '.') {
        int weight = 100;
        for (s++; *s >= '0' && *s <= '9'; s++, weight /= 10)
            milli += (*s - '0') * weight;
    }
    /* 60 is a leap second, which no clock of ours counts */
    if (!zone(s, &east) || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
        h > 23 || m > 59 || sec > 60)
        return -1;
    int64_t days = days_of((struct date){year, month, day});
    int64_t ms = days * DAY_MS + (h * 3600 + m * 60 + sec) * INT64_C(1000) + milli;
    ms -= east * INT64_C(60000);
    return ms < 0 ? -1 : ms;
}

const char *clock_span(struct arena *a, int64_t ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"d", DAY_MS}, {"h", 3600000}, {"m", 60000}, {"s", 1000}};
    struct buf b;
    buf_init(&b, a);
    uint64_t left = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
    if (ms < 0)
        buf_putc(&b, '-');
    if (left && left < 1000) {
        buf_printf(&b, "%llums", (unsigned long long)left);
        return buf_text(&b);
    }
    size_t start = b.len;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t n = left / (uint64_t)units[i].ms;
        left %= (uint64_t)units[i].ms;
        if (n)
            buf_printf(&b, "%s%llu%s", b.len > start ? " " : "", (unsigned long long)n,
                       units[i].name);
    }
    if (b.len == start)
        buf_puts(&b, "0s");
    return buf_text(&b);
}
