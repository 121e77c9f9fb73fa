#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "lang/sample_need.h"

/* World rule 5: a gate that its step cannot decide. Each measurement of requests
 * needs so many of them in its window (sample_need.c), or what it says is chance. How
 * many come is the load, times the share of the world that is measured, times the window. */

enum { MINUTE = 60 * 1000 };

static const char *number(struct checker *c, double x)
{
    return arena_printf(c->a, x >= 100 ? "%.0f" : "%.3g", x);
}

static const char *minutes(struct checker *c, double ms)
{
    return clock_span(c->a, (int64_t)ceil(ms / MINUTE) * MINUTE);
}

static void report(struct checker *c, const struct sample_load *load, const struct step_ast *s,
                   const struct check_facts *k, const struct measure *m, const struct sample_need *need,
                   double share, int64_t margin)
{
    double rate = load->per_second * share, have = rate * (double)m->window / 1000;
    struct diag *e = diag_error(c->ds, "BG4022", m->span,
                                "too few requests to decide check `%s` at this step",
                                k->ast->name.text);
    diag_at(c->ds, e, "%s needs %s requests in %s", m->native->name, number(c, need->requests),
            clock_span(c->a, m->window));
    diag_label(c->ds, e, s->share_span.file ? s->share_span : s->gate.span, "about %s come here",
               number(c, have));
    if (load->span.file)
        diag_label(c->ds, e, load->span, "%s", load->said);
    else
        diag_note(c->ds, e, "%s", load->said);
    diag_note(c->ds, e, "%s", need->why);
    if (need->from)
        diag_note(c->ds, e, "%s", need->from);
    if (rate <= 0 || need->per_minute) {
        diag_help(c->ds, e, "begin with a larger share, or hold against another limit");
        return;
    }
    double window = need->requests / rate * 1000;
    const char *shorter = s->kind == STEP_SHIFT && need->on_new && !need->on_live
                              ? ", or begin with a larger share" : "";
    if (s->kind == STEP_APPROVE)
        diag_help(c->ds, e, "look back over %s%s", minutes(c, window), shorter);
    else
        diag_help(c->ds, e, "look back over %s and let the step take %s%s", minutes(c, window),
                  minutes(c, ceil(window / MINUTE) * MINUTE + (double)margin), shorter);
}

static void check_step(struct checker *c, const struct sample_load *load, const struct step_ast *s,
                       struct dec share, const struct gate_facts *g, int64_t margin)
{
    double to_new = dec_double(share) / 100;
    for (size_t i = 0; i < g->checks.n; i++) {
        const struct check_facts *k = g->checks.at[i];
        for (size_t j = 0; j < k->measures.all.n && k->sound; j++) {
            const struct measure *m = &k->measures.all.at[j];
            struct sample_need need;
            if (!sample_need(c, g, k, m, load->live, &need))
                continue;
            double least = need.on_new ? to_new : 1 - to_new;
            if (need.on_live && 1 - to_new < least)
                least = 1 - to_new;
            if (least <= 0) /* no data at all is another rule's */
                continue;
            double have = load->per_second * least * (double)m->window / 1000;
            const char *key = arena_printf(c->a, "%u:%u sample", m->span.file, m->span.start);
            if (have < need.requests && !map_put(&c->told, key, c))
                report(c, load, s, k, m, &need, least, margin);
        }
    }
}

void rules_sample(struct checker *c, const struct decl *rollout, const struct sample_load *load)
{
    struct dec share = {0, 0};
    int64_t margin = rollout_margin(c, rollout->name.text);
    for (const struct step_ast *s = rollout->steps; s; s = s->next) {
        if (s->kind == STEP_SHIFT)
            share = s->share;
        const struct gate_facts *g = s->gate.text ? gate_facts_find(c, s->gate.text) : NULL;
        bool asks = s->kind == STEP_SHIFT || s->kind == STEP_APPROVE || s->kind == STEP_BAKE;
        if (g && asks && dec_cmp(share, (struct dec){0, 0}) > 0)
            check_step(c, load, s, share, g, margin);
    }
}

/* ---- whose load ------------------------------------------------------ */

double sample_rate(const struct value *v)
{
    return v && v->kind == V_RATE && v->rate.per > 0
               ? dec_double(v->rate.count) * 1000 / (double)v->rate.per
               : 0;
}

const struct arg *sample_declared(const struct program *p, const char *world)
{
    for (size_t i = 0; i < p->traffics.n; i++)
        if (world && p->traffics.at[i]->name.text && !strcmp(p->traffics.at[i]->name.text, world))
            for (const struct arg *g = p->traffics.at[i]->fields; g; g = g->next)
                if (g->name.text && !strcmp(g->name.text, "load") &&
                    !(g->value->kind == EXPR_LITERAL && g->value->literal->kind == V_NONE))
                    return g;
    return NULL;
}

bool sample_check(struct program *p, struct diags *ds, const char *world, const char *as,
                  const struct sample_load *load)
{
    struct diags quiet;
    struct checker c = {.p = p, .a = p->arena, .ds = &quiet};
    size_t errors = ds->errors;
    diags_init(&quiet, p->arena, ds->sources);
    map_init(&c.told, p->arena);
    check_gates(&c);
    c.ds = ds;
    for (size_t i = 0; i < p->rollouts.n; i++) {
        const struct decl *d = p->rollouts.at[i];
        bool named = !as ? !d->as.text : d->as.text && !strcmp(d->as.text, as);
        if (d->name.text && !strcmp(d->name.text, world) && named)
            rules_sample(&c, d, load);
    }
    return ds->errors == errors;
}

bool sample_check_declared(struct program *p, struct diags *ds, const char *world,
                           const struct value *load, const struct sample_live *live)
{
    const struct arg *g = sample_declared(p, world);
    struct sample_load said = {sample_rate(load), g ? g->value->span : NO_SPAN,
                               "the load is said here", live};
    if (!g || said.per_second <= 0)
        return true;
    bool ok = true;
    for (size_t i = 0; i < p->rollouts.n; i++)
        if (p->rollouts.at[i]->name.text && !strcmp(p->rollouts.at[i]->name.text, world))
            ok = sample_check(p, ds, world, p->rollouts.at[i]->as.text, &said) && ok;
    return ok;
}
