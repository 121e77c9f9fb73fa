#include <inttypes.h>
#include <string.h>

#include "base/intern.h"
#include "base/clock.h"
#include "lang/check_state.h"
#include "lang/evidence.h"
#include "lang/sample.h"

/* The rules of a schedule: shares, holds, who watches, which gate may stand where. */

enum {
    TTL_MS = 60 * 1000,         /* of alias records, unless the kind of traffic says otherwise */
    CONVERGENCE_MS = 60 * 1000, /* resolvers, and the metrics' own delay */
};

static const struct dec full = {100, 0};

static const char *share_text(struct checker *c, struct dec share)
{
    struct buf b;
    buf_init(&b, c->a);
    dec_print(&b, share);
    buf_putc(&b, '%');
    return buf_text(&b);
}

/* ---- who and what is named ------------------------------------------- */

static void rule_world_named(struct checker *c, const struct decl *d, const char *what)
{
    if (!d->name.text || world_decl(c->p, d->name.text))
        return;
    VEC(const char *) names = {0};
    for (size_t i = 0; i < c->p->worlds.n; i++)
        vec_push(c->a, &names, c->p->worlds.at[i]->name.text);
    struct diag *e = diag_error(c->ds, "BG4010", d->name.span,
                                "%s names no world: there is no `%s`", what, d->name.text);
    diag_missing(c->ds, e, "name", d->name.text);
    if (!diag_did_you_mean(c->ds, e, d->name.span, d->name.text, names.at, names.n) &&
        names.n)
        diag_help(c->ds, e, "there is `%s`", names.at[0]);
}

/* The gate of a step; NULL: there is none, or it was reported. */
static const struct gate_facts *gate_of(struct checker *c, const struct step_ast *s)
{
    if (!s->gate.text)
        return NULL;
    const struct gate_facts *g = gate_facts_find(c, s->gate.text);
    if (g) {
        mark_used(c, g->decl);
        return g;
    }
    VEC(const char *) names = {0};
    for (size_t i = 0; i < c->gates.n; i++)
        vec_push(c->a, &names, c->gates.at[i]->decl->name.text);
    struct diag *e =
        diag_error(c->ds, "BG4009", s->gate.span, "there is no gate `%s`", s->gate.text);
    diag_missing(c->ds, e, "gate", s->gate.text);
    diag_did_you_mean(c->ds, e, s->gate.span, s->gate.text, names.at, names.n);
    return NULL;
}

static bool rule_gate_kind(struct checker *c, const struct step_ast *s, const struct gate_facts *g)
{
    bool once = s->kind == STEP_TEST, repeats = g->decl->gate && g->decl->gate->every;
    if (!g->decl->gate || once == !repeats)
        return true;
    struct diag *e = diag_error(c->ds, "BG4008", s->gate.span,
                                once ? "`test` wants a gate that comes to an end"
                                     : "`while` wants a gate that repeats");
    diag_label(c->ds, e, g->decl->name.span, once ? "this one goes on for ever"
                                                  : "this one is made once");
    diag_help(c->ds, e, once ? "use a gate without `every`"
                             : "add `every 30s no_data hold` to the gate");
    return false;
}

/* ---- shares ---------------------------------------------------------- */

static void rule_shares(struct checker *c, const struct decl *d)
{
    const struct step_ast *last = NULL;
    bool sound = true;
    for (const struct step_ast *s = d->steps; s; s = s->next) {
        if (s->kind != STEP_SHIFT)
            continue;
        struct diag *e = NULL;
        if (dec_cmp(s->share, (struct dec){0, 0}) <= 0 || dec_cmp(s->share, full) > 0) {
            e = diag_error(c->ds, "BG4001", s->share_span,
                           "a share is above 0%% and at most 100%%");
        } else if (last && dec_cmp(s->share, last->share) <= 0) {
            e = diag_error(c->ds, "BG4001", s->share_span, "shares must rise from step to step");
            diag_at(c->ds, e, "not more than %s", share_text(c, last->share));
            diag_label(c->ds, e, last->share_span, "the share before");
            diag_help(c->ds, e, "going back is a rollback, not a step");
        }
        sound = sound && !e;
        last = s;
    }
    if (!last) {
        struct diag *e = diag_error(c->ds, "BG4002", d->name.span,
                                    "this rollout never shifts traffic");
        diag_help(c->ds, e, "end it with: shift 100%% for 30m while GATE");
    } else if (sound && dec_cmp(last->share, full) != 0) {
        struct diag *e = diag_error(c->ds, "BG4002", last->share_span,
                                    "the last share must be 100%%");
        diag_help(c->ds, e, "add: shift 100%% for 30m while GATE");
    }
}

/* ---- the order of steps ---------------------------------------------- */

static const char *const step_words[] = {
    [STEP_BUILD] = "build", [STEP_TEST] = "test", [STEP_SHIFT] = "shift",
    [STEP_APPROVE] = "approve", [STEP_BAKE] = "bake", [STEP_RETIRE] = "retire",
    [STEP_ON_FAILURE] = "on failure",
};

static int rank(enum step_kind k)
{
    return k == STEP_APPROVE ? STEP_SHIFT : (int)k; /* both in any order among themselves */
}

static void rule_order(struct checker *c, const struct decl *d)
{
    const struct step_ast *late = NULL, *test = NULL;
    const struct step_ast *first[sizeof step_words / sizeof *step_words] = {0};
    for (const struct step_ast *s = d->steps; s; s = s->next) {
        if (!first[s->kind]) {
            first[s->kind] = s;
        } else if (rank(s->kind) != STEP_SHIFT) {
            struct diag *e = diag_error(c->ds, "BG4013", s->span, "`%s` stands here twice",
                                        step_words[s->kind]);
            diag_label(c->ds, e, first[s->kind]->span, "the first is here");
        }
        if (late && rank(s->kind) < rank(late->kind)) {
            struct diag *e = diag_error(c->ds, "BG4013", s->span, "`%s` comes before `%s`",
                                        step_words[s->kind], step_words[late->kind]);
            diag_label(c->ds, e, late->span, "this comes later");
            diag_help(c->ds, e, "the order is: build, test, shift and approve, bake, retire, on "
                                "failure");
        } else {
            late = s;
        }
        test = s->kind == STEP_TEST && !test ? s : test;
    }
    if (!test) {
        struct diag *e = diag_error(c->ds, "BG4012", d->name.span, "this rollout tests nothing");
        diag_note(c->ds, e, "a world takes traffic only after its tests passed");
        diag_help(c->ds, e, "add a line: test GATE");
    }
}

/* ---- holds ----------------------------------------------------------- */

/* What the kind of traffic says in its setting `switch`. */
static int64_t ttl_of(const struct checker *c, const char *world)
{
    const struct decl *traffic = traffic_of(c->p, world);
    const struct decl *type = traffic && traffic->path ? program_type(c->p, traffic->path) : NULL;
    const struct type_item *how = type_setting(type, "switch");
    if (!how || !how->value || how->value->kind != EXPR_RECORD)
        return TTL_MS;
    for (const struct arg *g = how->value->args; g; g = g->next)
        if (g->name.text && !strcmp(g->name.text, "alias_ttl") && g->value->kind == EXPR_LITERAL &&
            g->value->literal->kind == V_DURATION)
            return g->value->literal->i;
    return 0; /* it moves at once */
}

int64_t rollout_margin(const struct checker *c, const char *world)
{
    return ttl_of(c, world) + CONVERGENCE_MS;
}

static int64_t longest_window(const struct gate_facts *g, const struct measure **which)
{
    int64_t longest = 0;
    for (size_t i = 0; i < g->checks.n; i++)
        for (size_t k = 0; k < g->checks.at[i]->measures.all.n; k++) {
            const struct measure *m = &g->checks.at[i]->measures.all.at[k];
            if (m->window > longest) {
                longest = m->window;
                *which = m;
            }
        }
    return longest;
}

static void rule_hold(struct checker *c, const struct decl *d, const struct step_ast *s,
                      const struct gate_facts *g)
{
    const struct measure *m = NULL;
    int64_t window = longest_window(g, &m), ttl = ttl_of(c, d->name.text);
    int64_t least = window + ttl + CONVERGENCE_MS;
    if (!m || s->duration >= least)
        return;
    struct diag *e = diag_error(c->ds, "BG4003", s->duration_span.file ? s->duration_span : s->span,
                                "this is too short for gate `%s` to see anything of it",
                                g->decl->name.text);
    diag_at(c->ds, e, "%s", clock_span(c->a, s->duration));
    diag_label(c->ds, e, m->span, "looks back over %s", clock_span(c->a, window));
    diag_note(c->ds, e, "%s of window + %s until resolvers have followed + %s until metrics have",
              clock_span(c->a, window), clock_span(c->a, ttl), clock_span(c->a, CONVERGENCE_MS));
    const char *text = least % 60000 ? arena_printf(c->a, "%" PRId64 "s", (least + 999) / 1000)
                                     : arena_printf(c->a, "%" PRId64 "m", least / 60000);
    diag_help(c->ds, e, "write `%s %s` or more, or look back over less",
              s->kind == STEP_SHIFT ? "for" : "bake", text);
}

/* ---- who watches ----------------------------------------------------- */

static bool has_kill_switch(const struct checker *c, const char *world)
{
    const struct decl *t = traffic_of(c->p, world);
    for (const struct arg *g = t ? t->fields : NULL; g; g = g->next)
        if (g->name.text && !strcmp(g->name.text, "kill_switch") &&
            !(g->value && g->value->kind == EXPR_LITERAL && g->value->literal->kind == V_NONE))
            return true;
    return false;
}

static bool has_watcher(const struct checker *c)
{
    const struct scope *s = c->p->root->shared;
    for (size_t i = 0; s && i < s->symbols.n; i++) {
        const struct symbol *y = s->symbols.entries[i].value;
        if (y->decl->path && !strcmp(y->decl->path, "std.watcher"))
            return true;
    }
    return false;
}

static void rule_watched(struct checker *c, const struct decl *d, const struct step_ast *s,
                         struct dec share)
{
    bool partial = dec_cmp(share, full) < 0 && dec_cmp(share, (struct dec){0, 0}) > 0;
    if (!partial || s->gate.text || has_kill_switch(c, d->name.text) || has_watcher(c))
        return;
    struct diag *e = diag_error(c->ds, "BG4004", s->span,
                                "nobody watches while %s of the traffic is "
                                "on the new world",
                                share_text(c, share));
    diag_help(c->ds, e, "add `while GATE`, or give the traffic a kill_switch, or declare a "
                        "std.watcher");
}

/* ---- one rollout ----------------------------------------------------- */

static void rule_steps(struct checker *c, const struct decl *d)
{
    struct dec share = {0, 0};
    for (const struct step_ast *s = d->steps; s; s = s->next) {
        if (s->kind == STEP_SHIFT)
            share = s->share;
        const struct gate_facts *g = gate_of(c, s);
        if (s->kind == STEP_SHIFT || s->kind == STEP_APPROVE)
            rule_watched(c, d, s, share);
        if (g && rule_gate_kind(c, s, g) && world_decl(c->p, d->name.text)) {
            evidence_rules(c, d, s, share, g);
            if (s->kind == STEP_SHIFT || s->kind == STEP_BAKE)
                rule_hold(c, d, s, g);
        }
        if (s->kind != STEP_RETIRE)
            continue;
        struct at at = {.c = c, .scope = c->p->root, .site = SITE_RETIRE};
        if (s->cond)
            check_at(&at, s->cond, type_simple(TYPE_K_BOOL), "`retire when`");
        if (s->latest && s->latest < s->idle_for) {
            struct diag *e =
                diag_error(c->ds, "BG4013", s->span, "`at latest` is sooner than `for`");
            diag_at(c->ds, e, "%s, but idleness is measured for %s", clock_span(c->a, s->latest),
                    clock_span(c->a, s->idle_for));
        }
    }
}

static void rule_unique(struct checker *c, const struct decl *d, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        const struct decl *o = c->p->rollouts.at[i];
        if (!texts_equal(o->name.text, d->name.text) || !texts_equal(o->as.text, d->as.text))
            continue;
        struct diag *e = diag_error(c->ds, "BG4014", d->as.text ? d->as.span : d->name.span,
                                    "world `%s` has two rollouts%s%s", d->name.text,
                                    d->as.text ? " called " : " without a name",
                                    d->as.text ? d->as.text : "");
        diag_label(c->ds, e, o->as.text ? o->as.span : o->name.span, "the first is here");
        diag_help(c->ds, e, "name one of them: rollout %s as hotfix { ... }", d->name.text);
        return;
    }
}

static void rule_pairs(struct checker *c, const struct decl *world)
{
    const struct program *p = c->p;
    const struct decl *traffic = traffic_of(p, world->name.text), *any = NULL, *plain = NULL;
    for (size_t i = 0; i < p->rollouts.n; i++)
        if (!world_decl(p, p->rollouts.at[i]->name.text))
            return; /* it may be this world that a misspelt rollout means */
        else if (texts_equal(p->rollouts.at[i]->name.text, world->name.text)) {
            any = any ? any : p->rollouts.at[i];
            plain = p->rollouts.at[i]->as.text ? plain : p->rollouts.at[i];
        }
    for (size_t i = 0; i < p->traffics.n && !traffic; i++)
        if (!world_decl(p, p->traffics.at[i]->name.text))
            return;
    struct diag *e;
    if (any && !traffic) {
        e = diag_error(c->ds, "BG4011", any->name.span, "world `%s` has a rollout but no traffic",
                       world->name.text);
        diag_help(c->ds, e, "say how its share is set: traffic %s: KIND { ... }", world->name.text);
    } else if (traffic && !any) {
        e = diag_error(c->ds, "BG4011", traffic->name.span, "world `%s` has traffic but no rollout",
                       world->name.text);
        diag_help(c->ds, e, "say how it is upgraded: rollout %s { ... }", world->name.text);
    } else if (any && !plain) {
        e = diag_error(c->ds, "BG4011", any->as.span, "world `%s` has only rollouts with a name",
                       world->name.text);
        diag_help(c->ds, e, "one without `as` is taken when none is asked for");
    }
}

/* A load that is written out is judged here; one that inputs decide, when they are known. */
static void rule_load(struct checker *c, const struct decl *d)
{
    const struct arg *g = sample_declared(c->p, d->name.text);
    if (!g || g->value->kind != EXPR_LITERAL)
        return;
    struct sample_load load = {sample_rate(g->value->literal), g->value->span,
                               "the load is said here", NULL};
    if (load.per_second > 0)
        rules_sample(c, d, &load);
}

void rules_rollouts(struct checker *c)
{
    const struct program *p = c->p;
    for (size_t i = 0; i < p->traffics.n; i++) {
        const struct decl *d = p->traffics.at[i];
        rule_world_named(c, d, "this traffic");
        for (size_t k = 0; k < i; k++)
            if (texts_equal(p->traffics.at[k]->name.text, d->name.text)) {
                struct diag *e = diag_error(c->ds, "BG4014", d->name.span,
                                            "the traffic of `%s` is declared twice", d->name.text);
                diag_label(c->ds, e, p->traffics.at[k]->name.span, "first declared here");
                break;
            }
    }
    for (size_t i = 0; i < p->worlds.n; i++)
        rule_pairs(c, p->worlds.at[i]);
    for (size_t i = 0; i < p->rollouts.n; i++) {
        const struct decl *d = p->rollouts.at[i];
        if (!d->name.text)
            continue;
        rule_world_named(c, d, "this rollout");
        rule_unique(c, d, i);
        rule_order(c, d);
        rule_shares(c, d);
        rule_steps(c, d);
        rule_load(c, d);
    }
}
