#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "lang/check_state.h"

/* Rules that a gate obeys by itself: deadlines, missing data, windows. */

enum {
    POINT_MS = 60 * 1000,      /* the resolution of standard metrics */
    COMPARE_POINTS = 5,        /* fewer never pass a comparison of two worlds */
};

static void rule_repeated(struct checker *c, const struct decl *d, const struct check_ast *k)
{
    if (!k->within && !k->every && !k->times)
        return;
    struct diag *e = diag_error(c->ds, "BG4020", k->span,
                                "a check of a gate that repeats has no schedule of its own");
    diag_label(c->ds, e, d->gate->every_span, "all its checks are made this often");
    diag_help(c->ds, e, "leave out `within`, `every` and `times`, or put the check into a gate "
                        "without `every`");
}

/* A check that is made once must come to an end by itself. */
static void rule_deadline(struct checker *c, const struct check_facts *f)
{
    const struct check_ast *k = f->ast;
    if (k->times && !k->every) {
        struct diag *e = diag_error(c->ds, "BG4007", k->span, "`times` needs `every`");
        diag_help(c->ds, e, "write for example `every 5s times %" PRId64 "`", k->times);
        return;
    }
    if (k->within || k->times || !f->sound)
        return;
    for (size_t i = 0; i < f->measures.all.n; i++)
        if (f->measures.all.at[i].window || f->measures.all.at[i].window_unknown)
            return; /* its window says when it must have been decided */
    struct diag *e = diag_error(c->ds, "BG4007", k->span, "this check has no deadline");
    diag_note(c->ds, e, "a gate without `every` fails at its deadline; nothing else ends it");
    diag_help(c->ds, e, "add `within 10m`, or `every 5s times 12`");
}

static void rule_windows(struct checker *c, const struct check_facts *f)
{
    for (size_t i = 0; i < f->measures.all.n; i++) {
        const struct measure *m = &f->measures.all.at[i];
        if (!m->window)
            continue;
        bool compares = m->native && !strcmp(m->native->name, "compare");
        int64_t least = compares ? COMPARE_POINTS * POINT_MS : POINT_MS;
        if (m->window >= least)
            continue;
        struct diag *e = diag_error(c->ds, "BG4016", m->span, "this can never be decided");
        diag_at(c->ds, e, "over %s", clock_span(c->a, m->window));
        if (compares)
            diag_note(c->ds, e, "two worlds are compared by their points, one a minute, and never "
                                "pass with fewer than %d", COMPARE_POINTS);
        else
            diag_note(c->ds, e, "metrics have one point a minute, and the newest, partial one is "
                                "never judged");
        diag_help(c->ds, e, "look back over %s at least", clock_span(c->a, least));
    }
}

static void rule_no_data(struct checker *c, const struct decl *d)
{
    const struct gate_ast *g = d->gate;
    if (g->every && g->no_data == NO_DATA_UNSAID) {
        struct diag *e = diag_error(c->ds, "BG4006", g->every_span,
                                    "gate `%s` does not say what no data means", d->name.text);
        diag_help(c->ds, e, "add `no_data hold` to wait for data, or `no_data fail`; no data is "
                            "never a pass");
    }
    if (!g->every && g->no_data != NO_DATA_UNSAID) {
        struct diag *e = diag_error(c->ds, "BG4006", g->no_data_span,
                                    "`no_data` belongs to gates that repeat");
        diag_help(c->ds, e, "a gate without `every` waits for data until its deadline and then "
                            "fails; leave this out");
    }
}

static void rule_check_names(struct checker *c, const struct decl *d)
{
    struct map seen;
    map_init(&seen, c->a);
    for (const struct check_ast *k = d->gate->checks; k; k = k->next) {
        const struct check_ast *first = k->name.text ? map_find(&seen, k->name.text) : NULL;
        if (first) {
            struct diag *e = diag_error(c->ds, "BG1002", k->name.span, "`%s` is declared twice",
                                        k->name.text);
            diag_label(c->ds, e, first->name.span, "first declared here");
        } else if (k->name.text) {
            map_put(&seen, k->name.text, (void *)(uintptr_t)k);
        }
    }
}

void rules_gates(struct checker *c)
{
    for (size_t i = 0; i < c->gates.n; i++) {
        const struct gate_facts *g = c->gates.at[i];
        const struct decl *d = g->decl;
        if (!d->gate)
            continue;
        if (!d->gate->checks) {
            struct diag *e = diag_error(c->ds, "BG4019", d->name.span, "gate `%s` checks nothing",
                                        d->name.text);
            diag_help(c->ds, e, "add a line: check NAME: CONDITION");
        }
        rule_no_data(c, d);
        rule_check_names(c, d);
        for (size_t k = 0; k < g->checks.n; k++) {
            if (d->gate->every)
                rule_repeated(c, d, g->checks.at[k]->ast);
            else
                rule_deadline(c, g->checks.at[k]);
            rule_windows(c, g->checks.at[k]);
        }
    }
}
