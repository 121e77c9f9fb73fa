/* Points a minute, published late; statistics over them; alarms. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/account.h"
#include "schema/path.h"

enum {
    PUBLISH_MS = 48000,
    PUBLISH_SPREAD_MS = 9000, /* after the end of the minute */
    KEPT_MINUTES = 360,       /* in the account's file */
};

struct series {
    const char *key;
    int64_t first; /* minute of the first point */
    VEC(struct point) points;
};

struct alarm_state {
    const char *id, *account;
    int64_t missing; /* evaluations in a row without data */
};

struct check_state { /* of a health check: what its alarm said last with data */
    const char *id;
    bool sick;
};

struct metrics {
    struct map series;
    VEC(struct alarm_state *) alarms;
    VEC(struct check_state *) checks;
};

void metrics_init(struct sandbox *s)
{
    s->metrics = arena_make(s->arena, struct metrics);
    map_init(&s->metrics->series, s->arena);
}

/* ---- keys --------------------------------------------------------------------- */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *metrics_key(struct arena *a, const char *ns, const char *name, const struct value *dims)
{
    size_t n = dims && dims->kind == V_LIST ? dims->list.n : 0;
    const char **at = arena_array(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *k = value_get_string(dims->list.at[i], "Name"),
                   *v = value_get_string(dims->list.at[i], "Value");
        at[i] = arena_printf(a, "%s=%s", k ? k : "", v ? v : "");
    }
    if (n > 1)
        qsort(at, n, sizeof *at, by_text);
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%s %s", ns, name);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, " %s", at[i]);
    return buf_text(&b);
}

const char *metrics_key_of(struct arena *a, const char *ns, const char *name, ...)
{
    struct buf b;
    va_list ap;
    buf_init(&b, a);
    buf_printf(&b, "%s %s", ns, name);
    va_start(ap, name);
    for (const char *k; (k = va_arg(ap, const char *));)
        buf_printf(&b, " %s=%s", k, va_arg(ap, const char *));
    va_end(ap);
    return buf_text(&b);
}

/* No account sees what another one publishes. */
static const char *key_in(struct arena *a, const char *account, const char *key)
{
    return account && *account ? arena_printf(a, "%s: %s", account, key) : key;
}

/* ---- points ------------------------------------------------------------------- */

static struct series *series_get(struct sandbox *s, const char *key, int64_t minute)
{
    struct series *x = map_find(&s->metrics->series, key);
    if (!x) {
        x = arena_make(s->arena, struct series);
        x->key = arena_strdup(s->arena, key);
        x->first = minute;
        map_put(&s->metrics->series, x->key, x);
    }
    return x;
}

static void put(struct sandbox *s, const char *key, int64_t minute, struct point p)
{
    struct series *x = series_get(s, key, minute);
    if (minute < x->first)
        return;
    while (x->first + (int64_t)x->points.n <= minute)
        vec_push(s->arena, &x->points, (struct point){0});
    x->points.at[minute - x->first] = p;
}

void metrics_put(struct sandbox *s, const char *account, const char *key, int64_t minute, struct point p)
{
    struct arena *a = arena_new("key");
    put(s, key_in(a, account, key), minute, p);
    arena_free(a);
}

static int64_t published(const struct sandbox *s, const struct series *x)
{
    int64_t delay =
        PUBLISH_MS + (int64_t)(noise_unit(sandbox_noise(s, x->key, 0)) * PUBLISH_SPREAD_MS);
    return (s->now - delay) / MINUTE; /* minutes before this one are out */
}

/* ---- statistics --------------------------------------------------------------- */

static double normal_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

/* The value below which `part` of all values of a mixture of lognormal spreads
 * lie: by halving. */
static double mixture_quantile(const struct point *p, size_t n, double part)
{
    double low = -30, high = 30, total = 0;
    for (size_t i = 0; i < n; i++)
        total += p[i].n;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2, below = 0;
        for (size_t i = 0; i < n; i++)
            if (p[i].n > 0)
                below += p[i].n * normal_below((middle - p[i].mu) / p[i].sigma);
        if (below < part * total)
            low = middle;
        else
            high = middle;
    }
    return exp((low + high) / 2);
}

static int by_double(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double plain_quantile(const struct point *p, size_t n, double part)
{
    double at[1024];
    size_t have = 0;
    for (size_t i = 0; i < n && have < 1024; i++)
        if (p[i].n > 0)
            at[have++] = p[i].sum / p[i].n;
    qsort(at, have, sizeof *at, by_double);
    size_t rank = (size_t)ceil(part * (double)have);
    return at[rank ? rank - 1 : 0];
}

static bool statistic(const struct point *p, size_t n, const char *stat, double *out)
{
    struct point all = {.min = INFINITY, .max = -INFINITY};
    bool spread = true;
    for (size_t i = 0; i < n; i++) {
        if (p[i].n <= 0)
            continue;
        all.n += p[i].n;
        all.sum += p[i].sum;
        all.min = fmin(all.min, p[i].min);
        all.max = fmax(all.max, p[i].max);
        spread = spread && p[i].sigma > 0;
    }
    if (all.n <= 0)
        return false;
    if (!strcmp(stat, "Average"))
        *out = all.sum / all.n;
    else if (!strcmp(stat, "Sum"))
        *out = all.sum;
    else if (!strcmp(stat, "Minimum"))
        *out = all.min;
    else if (!strcmp(stat, "Maximum"))
        *out = all.max;
    else if (!strcmp(stat, "SampleCount"))
        *out = all.n;
    else if (*stat == 'p')
        *out = spread ? fmin(mixture_quantile(p, n, strtod(stat + 1, NULL) / 100), all.max)
                      : plain_quantile(p, n, strtod(stat + 1, NULL) / 100);
    else
        return false;
    return true;
}

bool metrics_stat(struct sandbox *s, const char *key, int64_t from, int64_t to, const char *stat,
                  double *out)
{
    const struct series *x = map_find(&s->metrics->series, key);
    if (!x)
        return false;
    int64_t first = (from + MINUTE - 1) / MINUTE, end = (to + MINUTE - 1) / MINUTE,
            limit = published(s, x);
    end = end < limit ? end : limit;
    end = end < x->first + (int64_t)x->points.n ? end : x->first + (int64_t)x->points.n;
    first = first > x->first ? first : x->first;
    return first < end &&
           statistic(x->points.at + (first - x->first), (size_t)(end - first), stat, out);
}

/* ---- the call ----------------------------------------------------------------- */

static int64_t time_of(struct arena *a, const struct value *v)
{
    const char *t = v ? wire_text(a, v) : NULL;
    if (!t)
        return -1;
    if (v->kind == V_STRING && strchr(t, 'T'))
        return clock_parse_iso(t);
    return (int64_t)(strtod(t, NULL) * 1000);
}

static bool known_stat(const char *stat)
{
    static const char *const plain[] = {"Average", "Sum", "Minimum", "Maximum", "SampleCount"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!strcmp(stat, plain[i]))
            return true;
    char *end;
    double p = stat[0] == 'p' ? strtod(stat + 1, &end) : -1;
    return p >= 0 && p <= 100 && !*end;
}

static struct value *answer(struct sandbox *s, struct call *c, const struct value *q, int64_t from,
                            int64_t to, bool ascending)
{
    struct arena *a = c->arena;
    const struct value *m = value_at(q, "MetricStat.Metric"), *p = value_at(q, "MetricStat.Period");
    const char *id = value_get_string(q, "Id"),
               *stat = value_get_string(value_get(q, "MetricStat"), "Stat");
    const char *ns = value_get_string(m, "Namespace"), *name = value_get_string(m, "MetricName");
    int64_t period = (int64_t)(1000 * sandbox_number(p, 0));
    if (!id || !ns || !name || !stat || !known_stat(stat) || period < MINUTE || period % MINUTE) {
        call_fail(
            c, "ValidationError",
            "The metric query %s is no MetricStat with a known Stat and a Period of whole minutes",
            id ? id : "");
        return NULL;
    }
    const char *key = key_in(a, c->req.account, metrics_key(a, ns, name, value_get(m, "Dimensions")));
    VEC(struct value *) times = {0}, values = {0};
    /* Periods follow one another from the start that was asked for, in whole minutes. */
    int64_t first = from / MINUTE * MINUTE, last = first + (to - 1 - first) / period * period;
    for (int64_t t = ascending ? first : last; first <= t && t <= last && times.n < 100800;
         t += ascending ? period : -period) {
        double v;
        if (!metrics_stat(s, key, t, t + period, stat, &v))
            continue;
        vec_push(a, &times, value_string(a, clock_iso(a, t)));
        vec_push(a, &values, value_number(a, dec_from_double(v)));
    }
    struct value *r = value_map(a);
    value_put(r, "Id", value_string(a, id));
    value_put(r, "Label", value_string(a, name));
    value_put(r, "Timestamps", value_list(a, times.at, times.n));
    value_put(r, "Values", value_list(a, values.at, values.n));
    value_put(r, "StatusCode", value_string(a, "Complete"));
    return r;
}

bool metrics_call(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const struct value *queries = value_get(c->req.input, "MetricDataQueries");
    int64_t from = time_of(a, value_get(c->req.input, "StartTime")),
            to = time_of(a, value_get(c->req.input, "EndTime"));
    const char *scan = value_get_string(c->req.input, "ScanBy");
    if (!queries || queries->kind != V_LIST || from < 0 || to <= from) {
        call_fail(c, "ValidationError",
                  "The parameters StartTime, EndTime and MetricDataQueries are required, StartTime "
                  "before EndTime");
        return true;
    }
    if (queries->list.n > 500) {
        call_fail(c, "ValidationError",
                  "The collection MetricDataQueries must not have a size greater than 500.");
        return true;
    }
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < queries->list.n; i++) {
        struct value *r = answer(s, c, queries->list.at[i], from, to,
                                 scan && !strcmp(scan, "TimestampAscending"));
        if (!r)
            return true;
        vec_push(a, &out, r);
    }
    struct value *reply = value_map(a);
    value_put(reply, "MetricDataResults", value_list(a, out.at, out.n));
    call_ok(c, reply);
    return true;
}

/* ---- alarms ------------------------------------------------------------------- */

static struct alarm_state *alarm_state(struct sandbox *s, const struct object *o)
{
    for (size_t i = 0; i < s->metrics->alarms.n; i++)
        if (!strcmp(s->metrics->alarms.at[i]->id, o->id) &&
            !strcmp(s->metrics->alarms.at[i]->account, o->account))
            return s->metrics->alarms.at[i];
    struct alarm_state *st = arena_make(s->arena, struct alarm_state);
    st->id = o->id;
    st->account = o->account;
    vec_push(s->arena, &s->metrics->alarms, st);
    return st;
}

static bool above(const char *comparison, double v, double threshold)
{
    if (!comparison || !strcmp(comparison, "GreaterThanThreshold"))
        return v > threshold;
    if (!strcmp(comparison, "GreaterThanOrEqualToThreshold"))
        return v >= threshold;
    if (!strcmp(comparison, "LessThanThreshold"))
        return v < threshold;
    return v <= threshold;
}

/* The newest `times` periods that are out; what is missing counts as TreatMissingData
 * says. With "missing" the state stays until nothing came for long. */
static const char *evaluate(struct sandbox *s, struct arena *a, const struct object *o,
                            struct alarm_state *st)
{
    const struct value *b = o->body;
    const char *ns = value_get_string(b, "Namespace"), *name = value_get_string(b, "MetricName");
    const char *stat = value_get_string(b, "Statistic"),
               *missing = value_get_string(b, "TreatMissingData");
    const char *state = value_get_string(b, "StateValue");
    int64_t period = (int64_t)(1000 * sandbox_number(value_get(b, "Period"), 60));
    int64_t times = (int64_t)sandbox_number(value_get(b, "EvaluationPeriods"), 1);
    if (!ns || !name || !stat || period < MINUTE)
        return state;
    const char *key = key_in(a, o->account, metrics_key(a, ns, name, value_get(b, "Dimensions")));
    double threshold = sandbox_number(value_get(b, "Threshold"), 0), v;
    int64_t end = (s->now - MINUTE) / period * period, high = 0, low = 0, none = 0;
    for (int64_t i = 0; i < times && i < 1500; i++) {
        if (!metrics_stat(s, key, end - (i + 1) * period, end - i * period, stat, &v)) {
            if (missing && !strcmp(missing, "breaching"))
                high++;
            else if (missing && !strcmp(missing, "notBreaching"))
                low++;
            else
                none++;
        } else if (above(value_get_string(b, "ComparisonOperator"), v, threshold)) {
            high++;
        } else {
            low++;
        }
    }
    st->missing = none == times ? st->missing + 1 : 0;
    if (high == times)
        return "ALARM";
    if (low)
        return "OK";
    if (none == times && st->missing > 3 && (!missing || strcmp(missing, "ignore")))
        return "INSUFFICIENT_DATA";
    return state;
}

static struct check_state *check_state(struct sandbox *s, const char *id)
{
    for (size_t i = 0; i < s->metrics->checks.n; i++)
        if (!strcmp(s->metrics->checks.at[i]->id, id))
            return s->metrics->checks.at[i];
    struct check_state *c = arena_make(s->arena, struct check_state);
    c->id = arena_strdup(s->arena, id);
    vec_push(s->arena, &s->metrics->checks, c);
    return c;
}

bool metrics_check_healthy(struct sandbox *s, const char *id)
{
    struct object *o = object_by_text(s, "*", id);
    const struct value *conf = o ? value_get(o->body, "HealthCheckConfig") : NULL;
    if (!conf)
        return true;
    const char *type = value_get_string(conf, "Type"),
               *alarm = value_get_string(value_get(conf, "AlarmIdentifier"), "Name");
    const struct value *inverted = value_get(conf, "Inverted"),
                       *children = value_get(conf, "ChildHealthChecks");
    bool well = true;
    if (type && !strcmp(type, "CALCULATED") && children && children->kind == V_LIST) {
        int64_t healthy = 0;
        for (size_t i = 0; i < children->list.n; i++)
            if (children->list.at[i]->kind == V_STRING && strcmp(children->list.at[i]->s, id))
                healthy += metrics_check_healthy(s, children->list.at[i]->s);
        well = healthy >= value_get_int(conf, "HealthThreshold", 1);
    } else if (alarm) {
        struct object *x = NULL;
        for (size_t i = 0; i < s->objects.n && !x; i++)
            if (!s->objects.at[i]->gone && object_is(s->objects.at[i], "cloudwatch.alarm") &&
                !strcmp(s->objects.at[i]->id, alarm))
                x = s->objects.at[i];
        const char *state = x ? value_get_string(x->body, "StateValue") : NULL;
        struct check_state *st = check_state(s, id);
        if (state && strcmp(state, "INSUFFICIENT_DATA")) /* else LastKnownStatus */
            st->sick = !strcmp(state, "ALARM");
        well = !st->sick;
    }
    return inverted && inverted->kind == V_BOOL && inverted->b ? !well : well;
}

/* ---- what alarms have been through ---------------------------------------------- */

static const char HISTORY[] = "bgc:history"; /* of an alarm's body: the newest first */

static void note_change(struct sandbox *s, struct arena *a, struct object *o, const char *from, const char *to)
{
    const struct value *old = value_get(o->body, HISTORY);
    size_t n = old && old->kind == V_LIST ? old->list.n : 0;
    struct value **at = arena_array(a, struct value *, n + 1), *item = value_map(a);
    value_put(item, "AlarmName", value_string(a, o->id));
    value_put(item, "AlarmType", value_string(a, "MetricAlarm"));
    value_put(item, "HistoryItemType", value_string(a, "StateUpdate"));
    value_put(item, "HistorySummary", value_stringf(a, "Alarm updated from %s to %s", from, to));
    value_put(item, "Timestamp", value_string(a, clock_iso(a, s->now)));
    at[0] = item;
    for (size_t i = 0; i < n; i++)
        at[i + 1] = old->list.at[i];
    object_put(s, o, HISTORY, value_list(a, at, n + 1));
}

bool metrics_history(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *name = value_get_string(c->req.input, "AlarmName");
    const char *account = c->req.account ? c->req.account : "";
    const struct object *o = name ? object_find(s, "cloudwatch.alarm", account, name) : NULL;
    const struct value *all = o ? value_get(o->body, HISTORY) : NULL;
    int64_t since = time_of(a, value_get(c->req.input, "StartDate"));
    VEC(struct value *) out = {0};
    for (size_t i = 0; all && all->kind == V_LIST && i < all->list.n; i++)
        if (time_of(a, value_get(all->list.at[i], "Timestamp")) >= since)
            vec_push(a, &out, all->list.at[i]);
    struct value *reply = value_map(a);
    value_put(reply, "AlarmHistoryItems", value_list(a, out.at, out.n));
    call_ok(c, reply);
    return true;
}

/* ---- each minute -------------------------------------------------------------- */

/* A scripted value of a metric that nothing else models. */
static void override(struct sandbox *s, struct arena *a, const struct fault *f,
                     const struct object *o, int64_t minute)
{
    const char *member = fault_member(s, f, o);
    const struct schema_metric *m = member && *member ? schema_metric(o->schema, member) : NULL;
    if (!m || !strcmp(member, "http_5xx") || !strcmp(member, "latency"))
        return;
    struct value *fields = object_fields(s, a, o);
    struct value *id = fields ? schema_metric_id(s->ss, a, o->schema, m, fields) : NULL;
    if (!id)
        return;
    double v = f->value->kind == V_DURATION  ? (double)f->value->i / 1000
               : f->value->kind == V_PERCENT ? dec_double(f->value->dec)
                                             : fault_amount(f->value, 1);
    const char *key = metrics_key(a, value_get_string(id, "Namespace"),
                                  value_get_string(id, "MetricName"), value_get(id, "Dimensions"));
    metrics_put(s, o->account, key, minute, (struct point){.n = 1, .sum = v, .min = v, .max = v});
}

void metrics_minute(struct sandbox *s, int64_t minute)
{
    struct arena *a = arena_new("minute");
    for (size_t i = 0; i < s->faults.n; i++)
        for (size_t k = 0; k < s->objects.n; k++)
            if (!s->objects.at[k]->gone)
                override(s, a, &s->faults.at[i], s->objects.at[k], minute);
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (o->gone || !object_is(o, "cloudwatch.alarm"))
            continue;
        const char *now = value_get_string(o->body, "StateValue"),
                   *next = evaluate(s, a, o, alarm_state(s, o));
        if (next && (!now || strcmp(now, next))) {
            object_put(s, o, "StateValue", value_string(a, next));
            object_put(s, o, "StateUpdatedTimestamp", value_string(a, clock_iso(a, s->now)));
            object_put(s, o, "StateTransitionedTimestamp", value_string(a, clock_iso(a, s->now)));
            note_change(s, a, o, now ? now : "INSUFFICIENT_DATA", next);
        }
    }
    arena_free(a);
}

/* ---- the file ----------------------------------------------------------------- */

static struct value *number(struct arena *a, double d)
{
    return value_number(a, dec_from_double(d));
}

/* [minute, n, sum, min, max, mu, sigma]; the last two where there are any. */
static struct value *save_point(struct arena *a, int64_t minute, const struct point *p)
{
    struct value **at = arena_array(a, struct value *, 7);
    at[0] = value_int(a, minute);
    at[1] = number(a, p->n);
    at[2] = number(a, p->sum);
    at[3] = number(a, p->min);
    at[4] = number(a, p->max);
    at[5] = number(a, p->mu);
    at[6] = number(a, p->sigma);
    return value_list(a, at, p->sigma > 0 ? 7 : 5);
}

struct value *metrics_save(struct sandbox *s, struct arena *a)
{
    struct value *out = value_map(a), *series = value_map(a), *sick = value_map(a);
    int64_t from = s->now / MINUTE - KEPT_MINUTES;
    for (size_t i = 0; i < s->metrics->series.n; i++) {
        const struct series *x = s->metrics->series.entries[i].value;
        VEC(struct value *) points = {0};
        for (size_t k = 0; k < x->points.n; k++)
            if (x->points.at[k].n > 0 && x->first + (int64_t)k >= from)
                vec_push(a, &points, save_point(a, x->first + (int64_t)k, &x->points.at[k]));
        if (points.n)
            value_put(series, x->key, value_list(a, points.at, points.n));
    }
    for (size_t i = 0; i < s->metrics->checks.n; i++)
        value_put(sick, s->metrics->checks.at[i]->id,
                  value_bool(a, s->metrics->checks.at[i]->sick));
    value_put(out, "series", series);
    value_put(out, "checks", sick);
    return out;
}

static double member(const struct value *list, size_t i)
{
    const struct value *v = i < list->list.n ? list->list.at[i] : NULL;
    return !v ? 0 : v->kind == V_NUMBER ? dec_double(v->dec) : v->kind == V_INT ? (double)v->i : 0;
}

void metrics_load(struct sandbox *s, const struct value *v)
{
    const struct value *series = value_get(v, "series"), *checks = value_get(v, "checks");
    for (size_t i = 0; series && series->kind == V_MAP && i < series->map->n; i++) {
        const struct value *points = series->map->entries[i].value;
        for (size_t k = 0; points->kind == V_LIST && k < points->list.n; k++) {
            const struct value *p = points->list.at[k];
            if (p->kind != V_LIST || p->list.n < 5 || p->list.at[0]->kind != V_INT ||
                p->list.at[0]->i < s->now / MINUTE - KEPT_MINUTES - 1 ||
                p->list.at[0]->i > s->now / MINUTE)
                continue;
            put(s, series->map->entries[i].key, p->list.at[0]->i,
                        (struct point){member(p, 1), member(p, 2), member(p, 3), member(p, 4),
                                       member(p, 5), member(p, 6)});
        }
    }
    for (size_t i = 0; checks && checks->kind == V_MAP && i < checks->map->n; i++) {
        const struct value *sick = checks->map->entries[i].value;
        check_state(s, checks->map->entries[i].key)->sick = sick->kind == V_BOOL && sick->b;
    }
}
