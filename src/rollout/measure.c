#include "rollout/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "cloud/gather.h"
#include "rollout/implied.h"
#include "rollout/rank.h"

enum { SPAN_MAX = 24 * 60 * 60000 };

static const char METRIC_SOURCE[] = "metrics.data";
static const char FILTER_METRIC[] = "matches";

void measures_init(struct measures *m, struct arena *a, struct judge *j)
{
    *m = (struct measures){.judge = j, .arena = a};
}

static struct value *measure(void *self, struct arena *a, const char *fn, struct value **args, size_t n,
                             const struct value *named, struct span at)
{
    struct measures *m = self;
    struct buf key;
    buf_init(&key, a);
    buf_puts(&key, fn);
    for (size_t i = 0; i < n; i++) {
        buf_putc(&key, ' ');
        if (args[i]->kind == V_METRIC)
            buf_printf(&key, "%s.%s%s", args[i]->metric.address, args[i]->metric.name, args[i]->metric.live ? " live" : "");
        else if (args[i]->kind == V_REF)
            buf_puts(&key, args[i]->ref.address);
        else
            value_json_canonical(&key, args[i]);
    }
    if (named)
        value_json_canonical(&key, named);
    for (size_t i = 0; i < m->all.n; i++)
        if (!strcmp(m->all.at[i]->key, buf_text(&key)))
            return m->all.at[i]->value;
    struct measurement *x = arena_make(m->arena, struct measurement);
    struct value **own = arena_array(m->arena, struct value *, n + 1); /* the evaluator's array is its own */
    for (size_t i = 0; i < n; i++)
        own[i] = args[i];
    *x = (struct measurement){.key = arena_strdup(m->arena, buf_text(&key)), .fn = fn, .args = own, .n = n,
                              .named = named, .at = at};
    vec_push(m->arena, &m->all, x);
    m->wanted++;
    return NULL;
}

struct measurer measures_measurer(struct measures *m)
{
    return (struct measurer){measure, m, true};
}

struct value *measure_fields(struct judge *j, const char *address, bool live)
{
    const struct node *n = graph_find(j->graph, address);
    if (!n)
        return NULL;
    if (!n->world)
        return facts_find(j->facts, address);
    const char *id = live ? j->live_world : j->world;
    if (!id)
        return NULL;
    const char *world = arena_printf(j->ds->arena, "%s/%s", n->world, id);
    const struct live_resource *r = live_find(j->live, world, address);
    return r && r->reading ? r->reading->fields : NULL;
}

/* ---- reading anew ---------------------------------------------------------------- */

/* What an address means for this judge: of the world under judgement, of the live
 * one ("live.web.tg"), shared, or an `existing`. NULL: not there. */
static struct live_resource *subject(struct measures *m, const char *address)
{
    struct judge *j = m->judge;
    bool live = !strncmp(address, "live.", 5);
    address += live ? 5 : 0;
    const struct node *n = graph_find(j->graph, address);
    const char *id = live ? j->live_world : j->world;
    if (!n || (n->world && !id))
        return NULL;
    struct live_resource *r = live_find(j->live, n->world ? arena_printf(m->arena, "%s/%s", n->world, id) : NULL, address);
    const struct value *known = r ? NULL : facts_find(j->facts, address);
    const char *own = value_get_string(known, "id");
    if (r || !own)
        return r;
    r = arena_make(m->arena, struct live_resource);
    *r = (struct live_resource){.address = address, .type = n->type, .id = own, .account = n->account};
    return r;
}

/* Read now. What cannot be read is no data: the gate says what that means. */
static struct value *fresh_at(struct measures *m, const char *address)
{
    struct judge *j = m->judge;
    for (size_t i = 0; address && i < m->reads.n; i++)
        if (!strcmp(m->reads.at[i].address, address))
            return m->reads.at[i].fields;
    struct live_resource *r = address ? subject(m, address) : NULL;
    const struct schema *sc = r ? schema_find(j->schemas, r->type) : NULL;
    struct diags quiet;
    diags_init(&quiet, m->arena, j->ds->sources);
    struct observe_args o = {j->schemas, j->cloud, &quiet, j->graph, NULL};
    bool absent;
    struct live_resource *now = sc ? observe_one(&o, m->arena, sc, r, &absent) : NULL;
    struct fresh read = {address, now ? now->reading->fields : NULL};
    if (address)
        vec_push(m->arena, &m->reads, read);
    return read.fields;
}

static struct value *fresh_fields(struct measures *m, const struct measurement *x)
{
    return fresh_at(m, x->n && x->args[0]->kind == V_REF ? x->args[0]->ref.address : NULL);
}

/* ---- metrics ------------------------------------------------------------------- */

enum side { PART_MAIN, PART_WHEN, PART_AGAINST, PART_AGAINST_WHEN, PART_COUNT, PARTS };

/* One line of the one call: a metric over the window, for a measurement. */
struct query {
    struct measurement *of;
    enum side part;
    const char *id;
    const char *account; /* alias that the metric is read in; NULL: the stack's own */
    bool found, added;  /* `added`: one of the metrics that `plus` adds */
    double value;
    VEC(double) series;
};

struct sheet {
    struct measures *m;
    struct arena *arena;
    const char *account; /* of the lines that are being added */
    VEC(struct query) queries;
    VEC(struct value *) lines;   /* one for each query */
    VEC(const char *) accounts;  /* one call for each */
    int64_t span, from, until; /* span: what is asked for, until - from */
};

static int64_t window_of(const struct measurement *x)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->args[i]->kind == V_DURATION)
            return x->args[i]->i;
    const struct value *w = x->named ? value_get(x->named, "window") : NULL;
    return w && w->kind == V_DURATION ? w->i : 300000;
}

static const char *stat_of(const char *fn)
{
    static const char *const table[][2] = {{"avg", "Average"}, {"min", "Minimum"}, {"max", "Maximum"},
                                           {"count", "SampleCount"}, {"compare", "Average"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(fn, table[i][0]))
            return table[i][1];
    return *fn == 'p' ? fn : "Sum";
}

static void add_line(struct sheet *s, struct measurement *x, enum side part, bool added, const struct value *id,
                     const char *name, const char *stat, int64_t period)
{
    struct query q = {.of = x, .part = part, .added = added, .account = s->account};
    q.id = arena_printf(s->arena, "m%zu", s->queries.n);
    struct value *line = value_map(s->arena), *dims = value_get(id, "Dimensions");
    value_put(line, "id", value_string(s->arena, q.id));
    value_put(line, "namespace", value_get(id, "Namespace"));
    value_put(line, "name", name ? value_string(s->arena, name) : value_get(id, "MetricName"));
    value_put(line, "dimensions", dims ? dims : value_list(s->arena, NULL, 0));
    value_put(line, "stat", value_string(s->arena, stat));
    value_put(line, "period", value_int(s->arena, period / 1000));
    vec_push(s->arena, &s->queries, q);
    vec_push(s->arena, &s->lines, line);
}

/* false: what it is of is not there (yet). */
static bool add_metric(struct sheet *s, struct measurement *x, enum side part, const char *address, const char *metric,
                       bool live, const char *stat, int64_t period)
{
    struct judge *j = s->m->judge;
    const struct node *n = graph_find(j->graph, address);
    const struct schema *sc = n ? schema_find(j->schemas, n->type) : NULL;
    const struct schema_metric *sm = sc ? schema_metric(sc, metric) : NULL;
    struct value *fields = measure_fields(j, address, live);
    struct value *id = sm && fields ? schema_metric_id(j->schemas, s->arena, sc, sm, fields) : NULL;
    if (sm && fields && !id) { /* what it is known by came after it was made */
        fields = fresh_at(s->m, arena_printf(s->arena, live ? "live.%s" : "%s", address));
        id = fields ? schema_metric_id(j->schemas, s->arena, sc, sm, fields) : NULL;
    }
    if (!id)
        return false;
    s->account = n->account;
    bool known = false;
    for (size_t i = 0; i < s->accounts.n; i++)
        known = known || texts_equal(s->accounts.at[i], n->account);
    if (!known)
        vec_push(s->arena, &s->accounts, n->account);
    add_line(s, x, part, false, id, NULL, stat, period);
    const struct value *plus = sm->with ? value_get(sm->with, "plus") : NULL;
    for (size_t i = 0; plus && plus->kind == V_LIST && i < plus->list.n; i++)
        add_line(s, x, part, true, id, plus->list.at[i]->s, stat, period);
    const struct value *when = sm->with ? value_get(sm->with, "when") : NULL;
    if (when && when->kind == V_STRING && (part == PART_MAIN || part == PART_AGAINST))
        add_metric(s, x, part == PART_MAIN ? PART_WHEN : PART_AGAINST_WHEN, address, when->s, live, "Sum", period);
    return true;
}

/* Of how many values a percentile says anything: a p99 of fewer than a hundred is
 * but the greatest of them. 0: this is no percentile. */
static double least_values(const struct measurement *x)
{
    double part = *x->fn == 'p' ? strtod(x->fn + 1, NULL) : 0;
    return part > 0 && part < 100 ? 100 / (100 - part) : 0;
}

static bool is_metric_fn(const struct measurement *x)
{
    return x->n && x->args[0]->kind == V_METRIC;
}

/* Points of a period stand at multiples of it from the start of what is asked for.
 * So that each window is one whole point that ends where all end, the start lies a
 * common multiple of all windows back. */
static int64_t common(int64_t a, int64_t b)
{
    int64_t x = a, y = b;
    while (y) {
        int64_t r = x % y;
        x = y;
        y = r;
    }
    int64_t lcm = a / x * b;
    return lcm > 0 && lcm <= SPAN_MAX ? lcm : a > b ? a : b;
}

/* Where a metric says what it has a value for each of (`per = requests`), how many there were. */
static void add_count(struct sheet *s, struct measurement *x, int64_t period)
{
    const struct value *m = x->args[0];
    const struct node *n = graph_find(s->m->judge->graph, m->metric.address);
    const struct schema *sc = n ? schema_find(s->m->judge->schemas, n->type) : NULL;
    const struct schema_metric *sm = sc ? schema_metric(sc, m->metric.name) : NULL;
    const char *per = sm && sm->with ? value_get_string(sm->with, "per") : NULL;
    if (per)
        add_metric(s, x, PART_COUNT, m->metric.address, per, m->metric.live, "Sum", period);
}

/* A measurement's lines. What cannot be asked for has no data. */
static void ask(struct sheet *s, struct measurement *x)
{
    int64_t window = window_of(x), period = strcmp(x->fn, "compare") ? window : 60000;
    bool known;
    if (is_metric_fn(x)) {
        const struct value *m = x->args[0];
        known = add_metric(s, x, PART_MAIN, m->metric.address, m->metric.name, m->metric.live, stat_of(x->fn), period);
        if (known && least_values(x) > 0)
            add_count(s, x, period);
        const struct value *second = x->n > 1 && x->args[1]->kind == V_METRIC ? x->args[1]
                                     : x->named ? value_get(x->named, "against") : NULL;
        if (known && second && second->kind == V_METRIC)
            known = add_metric(s, x, PART_AGAINST, second->metric.address, second->metric.name, second->metric.live,
                               stat_of(x->fn), period);
        else if (known && !strcmp(x->fn, "compare"))
            known = add_metric(s, x, PART_AGAINST, m->metric.address, m->metric.name, true, stat_of(x->fn), period);
    } else { /* count(log, pattern, window) */
        const char *filter = x->n > 1 && x->args[0]->kind == V_REF && x->args[1]->kind == V_STRING
                                 ? implied_filter(s->arena, x->args[0]->ref.address, x->args[1]->s) : NULL;
        known = filter && add_metric(s, x, PART_MAIN, filter, FILTER_METRIC, false, "Sum", window);
    }
    if (!known)
        x->value = value_none(s->arena);
    else
        s->span = common(s->span, window);
}

static double as_double(const struct value *v)
{
    if (!v)
        return 0;
    if (v->kind == V_INT)
        return (double)v->i;
    if (v->kind == V_NUMBER)
        return dec_double(v->dec);
    return v->kind == V_STRING ? strtod(v->s, NULL) : 0;
}

static int64_t as_time(const struct value *v)
{
    if (v && v->kind == V_STRING && strchr(v->s, '-'))
        return clock_parse_iso(v->s);
    return (int64_t)(as_double(v) * 1000);
}

/* Points of one line, oldest first. A whole-window line has one; the newest of
 * those that lie in the window counts. */
static void read_line(struct sheet *s, const struct value *result)
{
    const char *id = value_get_string(result, "Id");
    const struct value *times = value_get(result, "Timestamps"), *values = value_get(result, "Values");
    for (size_t i = 0; id && i < s->queries.n; i++) {
        struct query *q = &s->queries.at[i];
        if (strcmp(q->id, id) || !values || values->kind != V_LIST || !times || times->kind != V_LIST)
            continue;
        int64_t from = s->until - window_of(q->of);
        for (size_t k = 0; k < values->list.n && k < times->list.n; k++) {
            int64_t at = as_time(times->list.at[k]);
            if (at < from || at >= s->until)
                continue;
            q->value = as_double(values->list.at[k]);
            q->found = true;
            vec_push(s->arena, &q->series, q->value);
        }
    }
}

/* What a part of a measurement came to: the sum of the metric and what `plus`
 * adds; a missing one counts as its default where `when` has data. */
static bool part_value(const struct sheet *s, const struct measurement *x, enum side part, double *out)
{
    bool found = false, when = false, has_when = false;
    *out = 0;
    for (size_t i = 0; i < s->queries.n; i++) {
        const struct query *q = &s->queries.at[i];
        if (q->of != x)
            continue;
        if (q->part == part && q->found) {
            *out += q->value;
            found = true;
        }
        if ((q->part == PART_WHEN && part == PART_MAIN) || (q->part == PART_AGAINST_WHEN && part == PART_AGAINST)) {
            has_when = true;
            when = when || (q->found && q->value > 0);
        }
    }
    return found || (has_when && when);
}

static bool too_few(const struct sheet *s, const struct measurement *x)
{
    bool asked = false;
    double n = 0;
    for (size_t i = 0; i < s->queries.n; i++)
        if (s->queries.at[i].of == x && s->queries.at[i].part == PART_COUNT) {
            asked = true;
            n += s->queries.at[i].found ? s->queries.at[i].value : 0;
        }
    return asked && n < least_values(x);
}

static struct value *typed(struct sheet *s, const struct measurement *x, double v)
{
    const struct value *m = x->args[0];
    const struct node *n = graph_find(s->m->judge->graph, m->metric.address);
    const struct schema *sc = schema_find(s->m->judge->schemas, n->type);
    const struct schema_metric *sm = schema_metric(sc, m->metric.name);
    const char *unit = sm->with ? value_get_string(sm->with, "unit") : NULL;
    if (!strcmp(x->fn, "sum") || !strcmp(x->fn, "count"))
        return value_number(s->arena, dec_from_double(v));
    switch (sm->type->kind) {
    case TYPE_K_DURATION:
        return value_duration(s->arena, (int64_t)((unit && !strcmp(unit, "ms") ? v : v * 1000) + 0.5));
    case TYPE_K_PERCENT:
        return value_percent(s->arena, dec_from_double(unit && !strcmp(unit, "fraction") ? v * 100 : v));
    case TYPE_K_SIZE:
        return value_size(s->arena, (int64_t)v);
    default:
        return value_number(s->arena, dec_from_double(v));
    }
}

static void series_of(const struct sheet *s, const struct measurement *x, enum side part, const double **at, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s->queries.n; i++)
        if (s->queries.at[i].of == x && s->queries.at[i].part == part && !s->queries.at[i].added) {
            *at = s->queries.at[i].series.at;
            *n = s->queries.at[i].series.n;
        }
}

static struct value *conclude(struct sheet *s, struct measurement *x)
{
    double a, b;
    if (!strcmp(x->fn, "compare")) {
        const double *green = NULL, *blue = NULL;
        size_t ng, nb;
        series_of(s, x, PART_MAIN, &green, &ng);
        series_of(s, x, PART_AGAINST, &blue, &nb);
        return rank_compare(s->arena, x->named, green, ng, blue, nb);
    }
    if (!part_value(s, x, PART_MAIN, &a) || too_few(s, x))
        return value_none(s->arena);
    if (!strcmp(x->fn, "ratio")) {
        if (!part_value(s, x, PART_AGAINST, &b) || b <= 0)
            return value_none(s->arena);
        return value_percent(s->arena, dec_from_double(100 * a / b));
    }
    if (!strcmp(x->fn, "rate"))
        return value_rate(s->arena, dec_from_double(a / ((double)window_of(x) / 1000)), 1000);
    if (!is_metric_fn(x))
        return value_int(s->arena, (int64_t)(a + 0.5));
    return typed(s, x, a);
}

/* The lines of what lies in one account, in one call. A call that fails is no data,
 * not an error of the run: the gate says what that means. */
static bool ask_account(struct sheet *s, const char *account)
{
    struct judge *j = s->m->judge;
    const struct schema *sc = schema_find(j->schemas, METRIC_SOURCE);
    const struct schema_call *c = sc ? schema_call(sc, VERB_LOOKUP) : NULL;
    struct value **lines = arena_array(s->arena, struct value *, s->lines.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->lines.n; i++)
        if (texts_equal(s->queries.at[i].account, account))
            lines[n++] = s->lines.at[i];
    if (!c)
        return false;
    struct value *props = value_map(s->arena);
    value_put(props, "queries", value_list(s->arena, lines, n));
    value_put(props, "start", value_string(s->arena, clock_iso(s->arena, s->from)));
    value_put(props, "end", value_string(s->arena, clock_iso(s->arena, s->until)));
    struct call_env env = {.stack = j->graph->stack, .props = props};
    struct value *input = schema_request(j->schemas, s->arena, j->ds, sc, c, &env);
    if (!input)
        return false;
    struct cloud_request req = {.service = c->service, .operation = c->operation, .account = account, .input = input, .address = "gate"};
    struct cloud_reply r;
    cloud_call(j->cloud, s->arena, &req, &r);
    if (!r.ok && cloud_shuts_out(r.error.code))
        j->shut_out = arena_printf(s->arena, "%s %s: %s", c->service, c->operation, r.error.code);
    const struct value *results = r.ok ? value_get(r.output, "MetricDataResults") : NULL;
    for (size_t i = 0; results && results->kind == V_LIST && i < results->list.n; i++)
        read_line(s, results->list.at[i]);
    return true;
}

static bool fetch_metrics(struct measures *m)
{
    struct judge *j = m->judge;
    struct sheet s = {.m = m, .arena = m->arena};
    int64_t now = clock_now(j->cloud->clock);
    s.until = (now - MEASURE_LAG) / 60000 * 60000;
    s.span = 60000;
    for (size_t i = 0; i < m->all.n; i++) {
        struct measurement *x = m->all.at[i];
        if (!x->value && (is_metric_fn(x) || !strcmp(x->fn, "count")))
            ask(&s, x);
    }
    if (!s.lines.n)
        return true;
    s.from = s.until - s.span;
    for (size_t i = 0; i < s.accounts.n; i++)
        if (!ask_account(&s, s.accounts.at[i]))
            return false;
    for (size_t i = 0; i < m->all.n; i++) {
        struct measurement *x = m->all.at[i];
        if (x->value || !(is_metric_fn(x) || !strcmp(x->fn, "count")))
            continue;
        x->value = conclude(&s, x);
    }
    return true;
}

/* ---- resources and probes ------------------------------------------------------- */

static struct value *healthy(struct measures *m, const struct measurement *x)
{
    const struct value *now = fresh_fields(m, x);
    if (!now)
        return value_none(m->arena);
    int64_t good = value_get_int(now, "healthy", 0), all = value_get_int(now, "registered", 0);
    return value_percent(m->arena, all ? dec_from_double(100.0 * (double)good / (double)all) : (struct dec){0, 0});
}

/* A field that AWS owns. */
static struct value *field(struct measures *m, const struct measurement *x)
{
    if (x->n < 2 || x->args[0]->kind != V_REF || x->args[1]->kind != V_STRING)
        return value_none(m->arena);
    const struct live_resource *r = subject(m, x->args[0]->ref.address);
    const struct schema *sc = r ? schema_find(m->judge->schemas, r->type) : NULL;
    const struct schema_field *f = sc ? schema_field(sc, x->args[1]->s) : NULL;
    struct value *seen = f && f->constant && r->reading ? value_get(r->reading->fields, f->name) : NULL;
    if (seen && seen->kind != V_NONE)
        return seen;
    const struct value *now = fresh_fields(m, x);
    struct value *v = now ? value_get(now, x->args[1]->s) : NULL;
    return v ? v : value_none(m->arena);
}

static size_t send_probe(struct measures *m, struct gather *g, const struct measurement *x)
{
    struct value *in = value_map(m->arena);
    value_put(in, "Url", x->args[0]);
    const struct value *host = x->named ? value_get(x->named, "host") : x->n > 1 ? x->args[1] : NULL;
    if (host && host->kind == V_STRING)
        value_put(in, "Host", value_string(m->arena, host->s));
    value_put(in, "TimeoutMs", value_int(m->arena, 10000));
    struct cloud_request req = {.service = "probe", .operation = "HttpGet", .input = in, .address = "gate"};
    return gather_add(g, &req, x->at);
}

static struct value *probe_value(struct measures *m, const struct cloud_reply *r)
{
    struct value *v = value_map(m->arena);
    value_put(v, "status", value_int(m->arena, r->ok ? value_get_int(r->output, "Status", 0) : 0));
    value_put(v, "latency", value_duration(m->arena, r->ok ? value_get_int(r->output, "LatencyMs", 0) : 0));
    const char *body = r->ok ? value_get_string(r->output, "Body") : NULL;
    value_put(v, "body", value_string(m->arena, body ? body : ""));
    return v;
}

bool measures_fetch(struct measures *m)
{
    struct judge *j = m->judge;
    struct gather g;
    gather_init(&g, m->arena, j->cloud);
    size_t *probe = arena_array(m->arena, size_t, m->all.n + 1);
    for (size_t i = 0; i < m->all.n; i++)
        if (!m->all.at[i]->value && !strcmp(m->all.at[i]->fn, "http.get"))
            probe[i] = send_probe(m, &g, m->all.at[i]);
    gather_wait(&g);
    for (size_t i = 0; i < m->all.n; i++) {
        struct measurement *x = m->all.at[i];
        if (x->value)
            continue;
        if (!strcmp(x->fn, "http.get"))
            x->value = probe_value(m, &g.calls.at[probe[i]].reply);
        else if (!strcmp(x->fn, "healthy"))
            x->value = healthy(m, x);
        else if (!strcmp(x->fn, "field"))
            x->value = field(m, x);
        else if (!strcmp(x->fn, "scales"))
            x->value = j->scales ? j->scales(j->self, m->arena, x->args[0]->ref.address,
                                             x->named && value_get(x->named, "by") ? value_get_int(x->named, "by", 1)
                                             : x->n > 1 ? x->args[1]->i : 1)
                                 : value_none(m->arena);
        else if (!strcmp(x->fn, "requests"))
            x->value = j->requests ? j->requests(j->self, m->arena) : value_none(m->arena);
    }
    bool ok = fetch_metrics(m);
    for (size_t i = 0; i < m->all.n; i++)
        if (!m->all.at[i]->value)
            m->all.at[i]->value = value_none(m->arena);
    m->wanted = 0;
    return ok;
}
