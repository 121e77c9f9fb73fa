#include "lang/sample_need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
    MINUTE = 60 * 1000,
    /* At this many requests a minute one minute in twenty has none and so no point
     * (e^-3 = 5 %), which leaves compare() its points. */
    REQUESTS_A_MINUTE = 3,
    /* 5 % error, 80 % power: 2 (1.96 + 0.84)^2 = 15.7 (Lehr, Statistics in Medicine 1992). */
    LEHR = 16,
    /* Of what never happened in n trials, 3 / n is the most at 95 % (the rule of three;
     * Hanley and Lippman-Hand, JAMA 1983). */
    NEVER_SEEN = 3,
};

static const char *number(struct checker *c, double x)
{
    return arena_printf(c->a, x >= 100 ? "%.0f" : "%.3g", x);
}

static bool is_of(const struct measure *m, const char *fn)
{
    return m && m->native && !strcmp(m->native->name, fn);
}

/* ---- what is compared with what -------------------------------------- */

/* The measurement that an expression is; NULL: it is none. */
static const struct measure *measure_of(const struct check_facts *k, const struct expr *e)
{
    for (size_t i = 0; e->kind == EXPR_CALL && i < k->measures.all.n; i++) {
        const struct measure *m = &k->measures.all.at[i];
        if (m->span.start == e->span.start && m->span.file == e->span.file)
            return m;
    }
    return NULL;
}

/* A number as it is counted with: 50% is 0.5, 120/m is 2 a second. */
static bool written(const struct expr *e, double *out)
{
    if (e->kind != EXPR_LITERAL)
        return false;
    const struct value *v = e->literal;
    switch (v->kind) {
    case V_INT: *out = (double)v->i; return true;
    case V_NUMBER: *out = dec_double(v->dec); return true;
    case V_PERCENT: *out = dec_double(v->dec) / 100; return true;
    case V_RATE: *out = sample_rate(v); return true;
    default: return false;
    }
}

/* times * of + plus; `of` NULL: only plus. */
struct bound {
    const struct measure *of;
    double times, plus;
};

static bool bound_of(const struct check_facts *k, const struct expr *e, struct bound *out)
{
    struct bound a, b;
    *out = (struct bound){NULL, 0, 0};
    if (written(e, &out->plus))
        return true;
    if (e->kind == EXPR_CALL) {
        *out = (struct bound){measure_of(k, e), 1, 0};
        return out->of != NULL;
    }
    if (e->kind != EXPR_BINARY || !bound_of(k, e->a, &a) || !bound_of(k, e->b, &b) || (a.of && b.of))
        return false;
    switch (e->op) {
    case OP_ADD: *out = (struct bound){a.of ? a.of : b.of, a.times + b.times, a.plus + b.plus}; return true;
    case OP_SUB: *out = (struct bound){a.of, a.times, a.plus - b.plus}; return !b.of;
    case OP_MUL:
        if (a.of)
            *out = (struct bound){a.of, a.times * b.plus, a.plus * b.plus};
        else
            *out = (struct bound){b.of, b.times * a.plus, b.plus * a.plus};
        return true;
    default: return false;
    }
}

struct comparison {
    const struct measure *of; /* what must be less */
    struct bound bound;
    bool more; /* what must be more, in truth: `of` > bound */
};

/* The measurement stands alone on the smaller side, or against a number on the greater. */
static bool comparison_of(const struct check_facts *k, const struct expr *e, struct comparison *out)
{
    *out = (struct comparison){0};
    if (e->kind != EXPR_BINARY)
        return false;
    bool less = e->op == OP_LT || e->op == OP_LE;
    if (!less && e->op != OP_GT && e->op != OP_GE)
        return false;
    const struct expr *low = less ? e->a : e->b, *high = less ? e->b : e->a;
    out->of = measure_of(k, low);
    if (out->of)
        return bound_of(k, high, &out->bound);
    out->of = measure_of(k, high);
    out->more = true;
    return out->of && bound_of(k, low, &out->bound) && !out->bound.of;
}

/* The same figures, of whichever world, over whichever window. */
static bool same_figures(const struct measure *a, const struct measure *b)
{
    bool same = a->native == b->native && a->subjects.n == b->subjects.n && a->subjects.n;
    for (size_t i = 0; same && i < a->subjects.n; i++)
        same = a->subjects.at[i]->symbol && a->subjects.at[i]->symbol == b->subjects.at[i]->symbol &&
               a->subjects.at[i]->metric == b->subjects.at[i]->metric;
    return same;
}

static bool of_live(const struct measure *m)
{
    for (size_t i = 0; i < m->subjects.n; i++)
        if (m->subjects.at[i]->live)
            return true;
    return false;
}

/* The limits that are set to the figures of `like` in the new world by comparisons that
 * `with` (OP_AND or OP_OR) binds together. They are put together by the other rule: of
 * all that must hold the strictest counts, of what may hold the mildest. */
static void limits(const struct check_facts *k, const struct expr *e, enum op with,
                   const struct measure *like, double *limit)
{
    struct comparison x;
    if (e->kind == EXPR_BINARY && e->op == with) {
        limits(k, e->a, with, like, limit);
        limits(k, e->b, with, like, limit);
    } else if (comparison_of(k, e, &x) && !x.more && !x.bound.of && !of_live(x.of) &&
               same_figures(x.of, like)) {
        *limit = (with == OP_AND) == (x.bound.plus < *limit) ? x.bound.plus : *limit;
    }
}

struct asked {
    struct comparison at;
    double floor; /* below this the new world passes in any case: `.. or ratio(..) < floor` */
};

/* The comparison in which `m` stands. */
static bool find(const struct check_facts *k, const struct expr *e, const struct measure *m, struct asked *out)
{
    if (e->kind != EXPR_BINARY)
        return false;
    if (e->op == OP_AND || e->op == OP_OR) {
        const struct expr *other = e->b;
        bool found = find(k, e->a, m, out);
        if (!found) {
            found = find(k, e->b, m, out);
            other = e->a;
        }
        if (found && e->op == OP_OR)
            limits(k, other, OP_OR, out->at.of, &out->floor);
        return found;
    }
    return comparison_of(k, e, &out->at) && (out->at.of == m || out->at.bound.of == m);
}

/* ---- shares: ratio --------------------------------------------------- */

/* Requests on each side that tell p1 from p0: 16 p (1 - p) / d^2, p being the mean of
 * both; next to nothing it is what is at the difference itself that varies. */
static double to_tell(double p0, double p1, double *p, double *d)
{
    *d = p1 - p0;
    *p = fmax(*d, (p0 + p1) / 2);
    return *d > 0 && *p < 1 ? ceil(LEHR * *p * (1 - *p) / (*d * *d) - 1e-9) : INFINITY;
}

static double share_from(const struct asked *x, double p0)
{
    return fmax(x->at.bound.times * p0 + x->at.bound.plus, x->floor);
}

static struct sample_figure figure(struct checker *c, const struct subject *s)
{
    const char *where = s->world ? s->world : "shared", *name = s->symbol ? s->symbol->name : "";
    return (struct sample_figure){arena_printf(c->a, "%s.%s", where, name), s->metric ? s->metric->name.text : ""};
}

/* Between which shares the live world's can lie, as far as anybody says. */
static void live_share(struct checker *c, const struct gate_facts *g, const struct asked *x,
                       const struct sample_live *live, double *least, double *most, const char **from)
{
    const struct bound *b = &x->at.bound;
    double limit = INFINITY, share, of;
    *least = *most = 0;
    if (!b->of)
        return;
    /* Above what another check lets through this one does not matter. */
    const char *by = NULL;
    for (size_t i = 0; i < g->checks.n; i++) {
        double was = limit;
        limits(g->checks.at[i], g->checks.at[i]->ast->cond, OP_AND, x->at.of, &limit);
        by = limit < was ? g->checks.at[i]->ast->name.text : by;
    }
    double top = limit < 1 ? fmax(0, (limit - b->plus) / b->times) : INFINITY;
    bool measured = live && b->of->subjects.n == 2 &&
                    live->ratio(live->self, figure(c, b->of->subjects.at[0]), figure(c, b->of->subjects.at[1]),
                                &share, &of);
    if (measured && share > 0) {
        *least = *most = share;
        *from = arena_printf(c->a, "%s %% is what the live world was measured to have", number(c, 100 * share));
    } else if (measured && of > 0 && NEVER_SEEN / of < top) {
        *most = NEVER_SEEN / of;
        *from = arena_printf(c->a, "the live world had none in %s requests, so %s %% is the most that it may have",
                             number(c, of), number(c, 100 * *most));
    } else if (top < 1) {
        *most = top;
        *from = arena_printf(c->a, "check `%s` lets no more than %s %% through: once the live world has "
                                   "%s %%, it decides alone", by, number(c, 100 * limit),
                             number(c, 100 * top));
    }
}

static bool need_of_ratio(struct checker *c, const struct gate_facts *g, const struct check_facts *k,
                          const struct measure *m, const struct sample_live *live, struct sample_need *out)
{
    struct asked x = {.floor = 0};
    if (!find(k, k->ast->cond, m, &x) || x.at.more || (x.at.bound.of && x.at.bound.times <= 0))
        return false;
    bool against = x.at.bound.of && !of_live(x.at.of) && of_live(x.at.bound.of) &&
                   same_figures(x.at.of, x.at.bound.of);
    if (x.at.bound.of && !against)
        return false;
    double least, most, p, d, p_least, d_least;
    live_share(c, g, &x, live, &least, &most, &out->from);
    out->requests = to_tell(most, share_from(&x, most), &p, &d);
    double at_least = to_tell(least, share_from(&x, least), &p_least, &d_least);
    if (at_least <= out->requests) {
        out->requests = at_least;
        most = least;
        p = p_least;
        d = d_least;
    }
    if (isinf(out->requests))
        return false;
    if (most <= 0)
        out->why = arena_printf(c->a, "to tell a difference of %s %% from chance takes 16 p (1 - p) / d^2 "
                                      "= %s requests (p = d = %s %%)",
                                number(c, 100 * d), number(c, out->requests), number(c, 100 * d));
    else
        out->why = arena_printf(c->a, "to tell %s %% from the live world's %s %% takes 16 p (1 - p) / d^2 = %s "
                                      "requests (p = %s %%, d = %s %%)",
                                number(c, 100 * share_from(&x, most)), number(c, 100 * most),
                                number(c, out->requests), number(c, 100 * p), number(c, 100 * d));
    out->from = most > 0 ? out->from : NULL;
    return true;
}

/* ---- numbers: sum, count, rate --------------------------------------- */

static bool counts_requests(const struct type_item *metric, const char *setting)
{
    for (const struct arg *g = metric->settings; g; g = g->next)
        if (g->name.text && !strcmp(g->name.text, setting))
            return g->value->kind == EXPR_NAME && !strcmp(g->value->name.text, "requests");
    return false;
}

/* What happens with requests does not happen oftener than they come. So a limit that is
 * above all that can come never bites, and what must come does not. That is no question
 * of chance: how sure a number is, nobody asked. */
static bool need_of_number(struct checker *c, const struct check_facts *k, const struct measure *m,
                           struct sample_need *out)
{
    struct asked x = {.floor = 0};
    const struct type_item *metric = m->subjects.n == 1 ? m->subjects.at[0]->metric : NULL;
    if (!metric || !find(k, k->ast->cond, m, &x) || x.at.bound.of)
        return false;
    bool itself = metric->name.text && !strcmp(metric->name.text, "requests") && !is_of(m, "count");
    /* `sum(requests) < L` is an upper limit to the load: to be below it is what it asks for. */
    if (itself ? !x.at.more : !counts_requests(metric, is_of(m, "count") ? "per" : "when"))
        return false;
    out->requests = x.at.bound.plus * (is_of(m, "rate") ? (double)m->window / 1000 : 1);
    out->requests = ceil(out->requests - 1e-9);
    out->per_minute = is_of(m, "rate");
    out->why = arena_printf(c->a, "fewer than %s requests cannot come to so many, and it would %s",
                            number(c, out->requests), x.at.more ? "never pass" : "pass whatever happens");
    return out->requests > 0;
}

/* ---- each measurement ------------------------------------------------ */

static bool of_requests(const struct measure *m)
{
    for (size_t i = 0; i < m->subjects.n; i++)
        if (m->subjects.at[i]->metric && m->subjects.at[i]->world &&
            type_metric(m->subjects.at[i]->type, "requests"))
            return true;
    return false;
}

bool sample_need(struct checker *c, const struct gate_facts *g, const struct check_facts *k,
                 const struct measure *m, const struct sample_live *live, struct sample_need *out)
{
    const char *fn = m->native ? m->native->name : "";
    if (!m->window || !of_requests(m))
        return false;
    *out = (struct sample_need){.on_new = !of_live(m), .on_live = of_live(m)};
    if (is_of(m, "ratio"))
        return need_of_ratio(c, g, k, m, live, out);
    if (is_of(m, "sum") || is_of(m, "count") || is_of(m, "rate"))
        return need_of_number(c, k, m, out);
    if (fn[0] == 'p' && fn[1] >= '0' && fn[1] <= '9') {
        double beyond = 1 - atof(fn + 1) / 100;
        if (beyond <= 0)
            return false;
        out->requests = ceil(SAMPLE_BEYOND / beyond - 1e-9);
        out->why = arena_printf(c->a, "with fewer than %s requests, %s is the word of fewer than %d of them",
                                number(c, out->requests), fn, SAMPLE_BEYOND);
        return true;
    }
    if (is_of(m, "compare")) {
        out->on_live = out->per_minute = true;
        out->requests = REQUESTS_A_MINUTE * ceil((double)m->window / MINUTE);
        out->why = arena_printf(c->a, "worlds are compared by their points, one for each minute with a "
                                      "request; %d a minute leave enough of them", REQUESTS_A_MINUTE);
        return true;
    }
    return false;
}
