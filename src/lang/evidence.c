#include "lang/evidence.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

/* ---- one measurement at one moment ----------------------------------- */

static bool by_requests(const struct subject *s)
{
    return s->metric && type_metric(s->type, "requests");
}

/* Without a metric and without a window something is asked there and then. */
static enum data plain(const struct measure *m, const struct subject *s)
{
    if (s && s->metric)
        return by_requests(s) ? DATA_REQUESTS : DATA_POINTS;
    return m->window ? DATA_LINES : DATA_ASKED;
}

static enum data of_subject(const struct measure *m, const struct subject *s, enum moment at)
{
    if (s->live)
        return at == MOMENT_BUILD || at == MOMENT_PARTIAL || (at == MOMENT_TEST)
                   ? plain(m, s)
                   : DATA_NONE_LIVE;
    if (!s->world)
        return plain(m, s);
    if (at == MOMENT_BUILD)
        return DATA_NONE_BUILD;
    const struct decl *d = s->symbol ? s->symbol->decl : NULL;
    bool whole = d && dec_cmp(d->active_from, (struct dec){100, 0}) >= 0;
    if (s->metric && d && d->active && (at == MOMENT_FIRST || at == MOMENT_TEST || (at == MOMENT_PARTIAL && whole)))
        return DATA_NONE_ASLEEP;
    if ((at == MOMENT_FIRST || at == MOMENT_TEST) && by_requests(s))
        return DATA_NONE_REQUESTS;
    return plain(m, s);
}

enum data evidence_of(const struct checker *c, const struct measure *m, enum moment at)
{
    (void)c;
    enum data least = m->subjects.n ? DATA_LINES : plain(m, NULL);
    bool both = m->live;
    for (size_t i = 0; i < m->subjects.n; i++) {
        enum data d = of_subject(m, m->subjects.at[i], at);
        both = both && !m->subjects.at[i]->live;
        least = i == 0 || d < least ? d : least;
    }
    /* `against = live`: the same metric of the world that serves. */
    if (both && m->subjects.n) {
        struct subject live = *m->subjects.at[0];
        live.live = true;
        enum data d = of_subject(m, &live, at);
        least = d < least ? d : least;
    }
    return least;
}

static bool is_none(enum data d)
{
    return d == DATA_NONE_BUILD || d == DATA_NONE_REQUESTS || d == DATA_NONE_ASLEEP || d == DATA_NONE_LIVE;
}

/* ---- gates at steps -------------------------------------------------- */

/* The moments at which a step asks its gate. */
static size_t moments_of(const struct step_ast *s, struct dec share, enum moment out[2])
{
    bool whole = dec_cmp(share, (struct dec){100, 0}) >= 0;
    bool none = dec_cmp(share, (struct dec){0, 0}) <= 0;
    switch (s->kind) {
    case STEP_BUILD: out[0] = MOMENT_BUILD; return 1;
    case STEP_TEST:
        out[0] = MOMENT_TEST;
        out[1] = MOMENT_FIRST;
        return 2;
    case STEP_SHIFT:
    case STEP_APPROVE: out[0] = none ? MOMENT_TEST : whole ? MOMENT_FULL : MOMENT_PARTIAL; return 1;
    case STEP_BAKE: out[0] = MOMENT_BAKE; return 1;
    case STEP_RETIRE:
    case STEP_ON_FAILURE: break;
    }
    return 0;
}

static const char *const moment_words[] = {
    [MOMENT_FIRST] = "at the first creation", [MOMENT_BUILD] = "while the new world is built",
    [MOMENT_TEST] = "before traffic is shifted", [MOMENT_PARTIAL] = "while both worlds serve",
    [MOMENT_FULL] = "when the new world serves alone", [MOMENT_BAKE] = "while it bakes",
};

static void report_none(struct checker *c, const struct step_ast *s, const struct gate_facts *g,
                        const struct check_facts *k, const struct measure *m, enum data d,
                        enum moment at)
{
    struct diag *e;
    if (d == DATA_NONE_LIVE) {
        e = diag_error(c->ds, "BG4005", m->span, "there is no other world to compare with %s",
                       moment_words[at]);
        diag_help(c->ds, e, "compare with a fixed limit in a gate of its own for this step");
    } else {
        e = diag_error(c->ds, "BG4015", m->span, "there is no data for this %s", moment_words[at]);
        if (d == DATA_NONE_REQUESTS) {
            diag_note(c->ds, e, "it is measured from requests, and none reach this world yet");
            diag_help(c->ds, e, "check it in a gate of `shift`; test with probes like http.get");
        } else if (d == DATA_NONE_ASLEEP) {
            diag_note(c->ds, e, "it rests until its world has the share that it is active from");
            diag_help(c->ds, e, "check it in the gate of the step that reaches this share, or of the bake");
        } else {
            diag_note(c->ds, e, "the new world is not there yet");
            diag_help(c->ds, e, "look only at what is shared, or at `live`, while building");
        }
    }
    diag_label(c->ds, e, s->gate.span, "gate `%s` is asked here", g->decl->name.text);
    if (k->ast->name.text)
        diag_at(c->ds, e, "check `%s`", k->ast->name.text);
}

/* The same measurement is asked at several steps; what is wrong is said once. */
static bool told(struct checker *c, const struct measure *m, enum data d)
{
    const char *key = arena_printf(c->a, "%u:%u %d", m->span.file, m->span.start, (int)d);
    return map_put(&c->told, key, c) != NULL;
}

static void rule_own_world(struct checker *c, const struct decl *rollout, const struct step_ast *s,
                           const struct measure *m)
{
    for (size_t i = 0; i < m->subjects.n; i++) {
        const char *world = m->subjects.at[i]->world;
        if (!world || !rollout->name.text || !strcmp(world, rollout->name.text))
            continue;
        if (told(c, m, DATA_POINTS))
            return;
        struct diag *e = diag_error(c->ds, "BG4021", s->gate.span,
                                    "this gate measures another world than the one that is moved");
        diag_label(c->ds, e, m->span, "measures world `%s`", world);
        diag_help(c->ds, e, "write a gate for world `%s`", rollout->name.text);
        return;
    }
}

void evidence_rules(struct checker *c, const struct decl *rollout, const struct step_ast *step,
                    struct dec share, const struct gate_facts *g)
{
    enum moment at[2];
    size_t n = moments_of(step, share, at);
    for (size_t i = 0; i < g->checks.n; i++) {
        const struct check_facts *k = g->checks.at[i];
        for (size_t j = 0; j < k->measures.all.n && k->sound; j++) {
            const struct measure *m = &k->measures.all.at[j];
            bool bad = false;
            for (size_t w = 0; w < n && !bad; w++) {
                enum data d = evidence_of(c, m, at[w]);
                bad = is_none(d);
                if (bad && !told(c, m, d))
                    report_none(c, step, g, k, m, d, at[w]);
            }
            rule_own_world(c, rollout, step, m);
        }
    }
}

/* ---- the table ------------------------------------------------------- */

static const char *data_text(enum data d)
{
    switch (d) {
    case DATA_NONE_BUILD: return "none: not there yet";
    case DATA_NONE_ASLEEP: return "none: it rests";
    case DATA_NONE_REQUESTS: return "none: no requests yet";
    case DATA_NONE_LIVE: return "none: no other world";
    case DATA_ASKED: return "asked";
    case DATA_REQUESTS: return "points while requests flow";
    case DATA_POINTS: return "points";
    case DATA_LINES: return "counted while lines come";
    }
    return "?";
}

/* Which moments any step of any rollout asks a gate at. */
static unsigned asked_at(const struct program *p, const char *gate)
{
    unsigned moments = 0;
    for (size_t i = 0; i < p->rollouts.n; i++) {
        struct dec share = {0, 0};
        for (const struct step_ast *s = p->rollouts.at[i]->steps; s; s = s->next) {
            enum moment at[2];
            if (s->kind == STEP_SHIFT)
                share = s->share;
            if (!s->gate.text || strcmp(s->gate.text, gate) != 0)
                continue;
            for (size_t n = moments_of(s, share, at); n--;)
                moments |= 1u << at[n];
        }
    }
    return moments;
}

static void put_cell(struct buf *b, const struct checker *c, const struct check_facts *k,
                     enum moment at)
{
    VEC(enum data) seen = {0};
    for (size_t i = 0; i < k->measures.all.n; i++) {
        enum data d = evidence_of(c, &k->measures.all.at[i], at);
        bool have = false;
        for (size_t j = 0; j < seen.n; j++)
            have = have || seen.at[j] == d;
        if (!have)
            vec_push(c->a, &seen, d);
    }
    for (size_t i = 0; i < seen.n; i++)
        buf_printf(b, "%s%s", i ? "; " : "", data_text(seen.at[i]));
}

static void put_without(struct buf *b, const struct gate_facts *g, const struct check_facts *k)
{
    const struct gate_ast *gate = g->decl->gate;
    if (gate->every)
        buf_puts(b, gate->no_data == NO_DATA_FAIL ? "fails" : "holds");
    else if (k->ast->within || k->ast->times)
        buf_puts(b, "fails at its deadline");
    else
        buf_puts(b, "fails when its window is over");
}

void evidence_print(struct program *p, struct buf *b)
{
    struct diags quiet;
    struct checker c = {.p = p, .a = p->arena, .ds = &quiet};
    diags_init(&quiet, p->arena, p->ds->sources);
    map_init(&c.told, p->arena);
    check_gates(&c);
    buf_puts(b, "| check | first creation | build | test | both serve | new alone | bake | "
                "no data |\n|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < c.gates.n; i++) {
        const struct gate_facts *g = c.gates.at[i];
        unsigned asked = asked_at(p, g->decl->name.text);
        for (size_t k = 0; k < g->checks.n; k++) {
            buf_printf(b, "| %s.%s |", g->decl->name.text, g->checks.at[k]->ast->name.text);
            for (int at = 0; at < MOMENTS; at++) {
                buf_putc(b, ' ');
                if (asked & (1u << at))
                    put_cell(b, &c, g->checks.at[k], (enum moment)at);
                else
                    buf_putc(b, '-');
                buf_puts(b, " |");
            }
            buf_putc(b, ' ');
            put_without(b, g, g->checks.at[k]);
            buf_puts(b, " |\n");
        }
    }
}
