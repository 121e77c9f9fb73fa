#include <string.h>

#include "lang/check_state.h"

/* Scenarios: a rehearsal's inputs, load, faults and expectations. */

/* Faults that are not a metric, and the units that say how much. */
static const struct {
    const char *name;
    enum type_kind kinds[2];
} faults[] = {
    {"latency", {TYPE_K_DURATION, TYPE_K_NUMBER}}, /* added, or times as slow */
    {"errors", {TYPE_K_PERCENT, TYPE_K_PERCENT}},  /* of all requests */
    {"load", {TYPE_K_RATE, TYPE_K_NUMBER}},        /* the load from here on, or a factor */
    {"throttle", {TYPE_K_PERCENT, TYPE_K_PERCENT}},    /* of API calls */
    {"unavailable", {TYPE_K_PERCENT, TYPE_K_PERCENT}}, /* API calls that answer 5xx */
    {"reply_lost", {TYPE_K_PERCENT, TYPE_K_PERCENT}},  /* done, but the answer is lost */
    {"stale", {TYPE_K_DURATION, TYPE_K_DURATION}},     /* reads lag behind writes */
    {"die", {TYPE_K_BOOL, TYPE_K_BOOL}},               /* the runner dies here */
};

static const char *const moments[] = {"build", "test", "approve", "bake", "retire", "rollback"};

static bool fault_value(const struct at *at, const struct fault_ast *f, const enum type_kind *kinds,
                        const struct type *points)
{
    struct checker *c = at->c;
    struct type *want = arena_make(c->a, struct type);
    want->kind = TYPE_K_UNION;
    for (int i = 0; kinds && i < 2; i++)
        if (i == 0 || kinds[i] != kinds[0])
            vec_push(c->a, &want->items, type_simple(kinds[i]));
    if (points) {
        vec_push(c->a, &want->items, points);
        if (points->kind != TYPE_K_PERCENT)
            vec_push(c->a, &want->items, type_simple(TYPE_K_PERCENT));
        if (points->kind != TYPE_K_NUMBER)
            vec_push(c->a, &want->items, type_simple(TYPE_K_NUMBER));
    }
    const struct type *t = want->items.n == 1 ? want->items.at[0] : want;
    return !is_poison(check_at(at, f->value, t, "this fault"));
}

/* Whether AWS owns what is named: a number of instances, not a setting. */
static bool is_live_field(const struct at *at, const struct expr *target)
{
    if (target->kind != EXPR_FIELD)
        return false;
    struct typed of = check_at(at, target->a, NULL, NULL);
    const struct decl *type =
        of.type->kind == TYPE_K_REF && of.type->name ? program_type(at->c->p, of.type->name) : NULL;
    const struct type_item *field = type ? type_field(type, target->name.text) : NULL;
    return field && (field->mods & FIELD_LIVE);
}

static void check_fault(struct checker *c, const struct fault_ast *f)
{
    struct at at = {.c = c, .scope = c->p->root, .site = SITE_FAULT};
    if (!f->target)
        return;
    if (f->target->kind == EXPR_NAME) {
        const char *names[sizeof faults / sizeof *faults];
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            names[i] = faults[i].name;
            if (strcmp(faults[i].name, f->target->name.text) != 0)
                continue;
            fault_value(&at, f, faults[i].kinds, NULL);
            return;
        }
        struct diag *d = diag_error(c->ds, "BG4030", f->target->span, "there is no fault `%s`",
                                    f->target->name.text);
        if (!diag_did_you_mean(c->ds, d, f->target->span, f->target->name.text, names,
                               sizeof names / sizeof *names))
            diag_help(c->ds, d, "name a metric, for example `web.alb.latency`, or one of: latency, "
                                "errors, load, throttle, unavailable, reply_lost, stale, die");
        return;
    }
    struct typed t = check_at(&at, f->target, NULL, NULL);
    if (is_poison(t))
        return;
    /* A live field keeps that value; a log gets so many lines a minute that match. */
    if (is_live_field(&at, f->target)) {
        fault_value(&at, f, NULL, t.type);
    } else if (t.type->kind == TYPE_K_REF && t.type->name &&
               type_metric(program_type(c->p, t.type->name), "lines")) {
        fault_value(&at, f, NULL, type_simple(TYPE_K_NUMBER));
    } else if (t.type->kind == TYPE_K_METRIC) {
        fault_value(&at, f, NULL, t.type->elem);
    } else {
        struct diag *d = diag_error(c->ds, "BG4030", f->target->span,
                                    "a fault changes a metric, a live field or a log");
        diag_at(c->ds, d, "this is %s", type_text(c->a, t.type));
    }
}

void check_inputs(struct checker *c, const struct arg *inputs, bool only_names)
{
    struct at at = {.c = c, .scope = c->p->root};
    for (const struct arg *g = inputs; g; g = g->next) {
        const struct decl *input = NULL;
        VEC(const char *) names = {0};
        for (size_t i = 0; i < c->p->inputs.n && g->name.text; i++) {
            vec_push(c->a, &names, c->p->inputs.at[i]->name.text);
            if (!strcmp(c->p->inputs.at[i]->name.text, g->name.text))
                input = c->p->inputs.at[i];
        }
        if (!input) {
            struct diag *d = diag_error(c->ds, "BG1001", g->name.span, "there is no input `%s`",
                                        g->name.text);
            diag_missing(c->ds, d, "name", g->name.text);
            diag_did_you_mean(c->ds, d, g->name.span, g->name.text, names.at, names.n);
            continue;
        }
        const struct type *want =
            only_names ? NULL : type_resolve(c->p, c->p->root, input->type);
        struct typed v = check_at(&at, g->value, want,
                                  arena_printf(c->a, "input `%s`", g->name.text));
        if (!is_poison(v) && v.phase != PHASE_CONST)
            diag_error(c->ds, "BG2003", g->value->span, "an input must be known beforehand");
    }
}

static void check_moment(struct checker *c, const struct scene_ast *s)
{
    if (s->moment.text && *s->moment.text) {
        size_t n = sizeof moments / sizeof *moments;
        for (size_t i = 0; i < n; i++)
            if (!strcmp(moments[i], s->moment.text))
                return;
        struct diag *d = diag_error(c->ds, "BG4031", s->moment.span, "nothing happens at `%s`",
                                    s->moment.text);
        if (!diag_did_you_mean(c->ds, d, s->moment.span, s->moment.text, moments, n))
            diag_help(c->ds, d, "write a share, for example `at 50%%`, or one of: build, test, "
                                "approve, bake, retire, rollback");
        return;
    }
    for (size_t i = 0; i < c->p->rollouts.n; i++)
        for (const struct step_ast *k = c->p->rollouts.at[i]->steps; k; k = k->next)
            if (k->kind == STEP_SHIFT && dec_cmp(k->share, s->share) == 0)
                return;
    struct diag *d = diag_error(c->ds, "BG4031", s->span, "no rollout has a step with this share");
    diag_help(c->ds, d, "name the share of a `shift`");
}

/* expect CONDITION, expect restored within 3m */
static void check_expected(const struct at *at, const struct scene_ast *s)
{
    struct checker *c = at->c;
    if (!s->within) {
        check_at(at, s->cond, type_simple(TYPE_K_BOOL), "what is expected");
        return;
    }
    struct typed t = check_at(at, s->cond, NULL, NULL);
    if (is_poison(t) || t.type->kind == TYPE_K_DURATION)
        return;
    struct diag *d = diag_error(c->ds, "BG1010", s->cond->span,
                                "only a duration is expected `within` a time");
    diag_at(c->ds, d, "this is %s", type_text(c->a, t.type));
    diag_help(c->ds, d, "compare it instead: `expect lost < 0.5%%`");
}

static void check_scene(struct checker *c, const struct scene_ast *s)
{
    struct at plain = {.c = c, .scope = c->p->root};
    struct at expect = {.c = c, .scope = c->p->root, .site = SITE_EXPECT};
    switch (s->kind) {
    case SCENE_LIVE:
    case SCENE_EDIT: check_inputs(c, s->inputs, false); break;
    case SCENE_LOAD:
        if (s->load)
            check_at(&plain, s->load, type_simple(TYPE_K_RATE), "the load");
        break;
    case SCENE_AT:
        check_moment(c, s);
        for (const struct fault_ast *f = s->faults; f; f = f->next)
            check_fault(c, f);
        break;
    case SCENE_EXPECT:
        if (s->cond)
            check_expected(&expect, s);
        break;
    }
}

void check_scenarios(struct checker *c)
{
    for (size_t i = 0; i < c->p->scenarios.n; i++)
        for (const struct scene_ast *s = c->p->scenarios.at[i]->scenes; s; s = s->next)
            check_scene(c, s);
}
