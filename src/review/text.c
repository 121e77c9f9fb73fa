#include "review/text.h"

#include <string.h>

#include "base/clock.h"
#include "lang/print.h"
#include "review/words.h"

enum { VALUE_WIDTH = 64 };

struct page {
    struct arena *arena;
    struct buf *b;
    const struct review_style *style;
    size_t address, type; /* widths of the columns */
};

/* ---- ink ------------------------------------------------------------------------- */

static const char *colour_of(const char *symbol)
{
    switch (*symbol) {
    case '+': return symbol[1] ? "33" : "32";
    case '~': return "33";
    case '-': return "31";
    case '=': return "36";
    case '?': return "35";
    case '.': return "2";
    }
    return "0";
}

static void ink(struct page *p, const char *code, const char *text)
{
    if (p->style->colour)
        buf_printf(p->b, "\033[%sm%s\033[0m", code, text);
    else
        buf_puts(p->b, text);
}

/* Aligned to three columns, the widest symbol. */
static void symbol(struct page *p, const char *s)
{
    buf_puts(p->b, "  ");
    ink(p, colour_of(s), s);
    buf_fill(p->b, ' ', 4 - strlen(s));
}

static void heading(struct page *p, const char *text)
{
    buf_putc(p->b, '\n');
    ink(p, "1", text);
    buf_putc(p->b, '\n');
}

static void pad(struct page *p, const char *text, size_t width)
{
    size_t n = strlen(text);
    buf_puts(p->b, text);
    buf_fill(p->b, ' ', n < width ? width - n : 0);
}

/* ---- changes of one resource ------------------------------------------------------ */

static void put_change(struct page *p, const struct words_change *c, size_t width)
{
    buf_puts(p->b, "        ");
    if (c->sign != ' ' && c->sign != '~')
        ink(p, c->sign == '+' ? "32" : "31", c->sign == '+' ? "+ " : "- ");
    else
        buf_puts(p->b, "  ");
    pad(p, c->path, width);
    buf_puts(p->b, "  ");
    if (c->before)
        buf_puts(p->b, c->before);
    if (c->before && c->after)
        ink(p, "2", " -> ");
    if (c->after)
        buf_puts(p->b, c->after);
    buf_putc(p->b, '\n');
}

static void put_changes(struct page *p, const struct change *changes, size_t n,
                        bool (*shown)(const void *self, const struct change *c), const void *self)
{
    size_t width = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            size_t m;
            if (shown && !shown(self, &changes[i]))
                continue;
            struct words_change *w =
                words_changes(p->arena, &changes[i], p->style->verbose ? 0 : VALUE_WIDTH, &m);
            for (size_t k = 0; k < m; k++)
                if (pass)
                    put_change(p, &w[k], width);
                else if (strlen(w[k].path) > width)
                    width = strlen(w[k].path);
        }
}

/* Of a creation without a counterpart: what the author wrote, and what waits. */
static bool author_said(const void *self, const struct change *c)
{
    const struct action *act = self;
    return c->deferred || !act->node || value_get(act->node->props, c->path);
}

static void row(struct page *p, const struct action *act, const char *why)
{
    symbol(p, review_symbol(act));
    pad(p, act->address, p->address);
    buf_puts(p->b, "  ");
    ink(p, "2", act->type ? act->type : "");
    if (why) {
        size_t n = act->type ? strlen(act->type) : 0;
        buf_fill(p->b, ' ', n < p->type ? p->type - n : 0);
        buf_printf(p->b, "  %s", why);
    }
    buf_putc(p->b, '\n');
}

static void columns(struct page *p, const struct plan *plan)
{
    for (size_t i = 0; i < plan->actions.n; i++) {
        const struct action *act = plan->actions.at[i];
        size_t n = strlen(act->address), t = act->type ? strlen(act->type) : 0;
        if (act->type && n > p->address)
            p->address = n;
        if (t > p->type)
            p->type = t;
    }
}

/* ---- groups ------------------------------------------------------------------------- */

static void put_world_head(struct page *p, const struct sheet_world *w)
{
    const struct world_view *v = &w->world->view;
    buf_printf(p->b, "\nworld %s: ", v->name);
    ink(p, "1", world_action_name(v->action));
    buf_printf(p->b, "  (%s)\n", v->why ? v->why : "");
    if (v->live && !strcmp(v->live, WORLD_BY_HAND))
        buf_printf(p->b, "  serves     records made by hand\n");
    else if (v->live)
        buf_printf(p->b, "  serves     %s%s%s\n", w->live, w->live_colour ? "  " : "",
                   w->live_colour ? w->live_colour : "");
    if (v->candidate)
        buf_printf(p->b, "  candidate  %s/%s  has %s %%\n", v->name, v->candidate,
                   words_share(p->arena, v->candidate_share));
    if (v->previous)
        buf_printf(p->b, "  kept       %s/%s\n", v->name, v->previous);
    if (w->wanted && v->desired && !(v->live && !strcmp(v->live, v->desired)) &&
        !(v->candidate && !strcmp(v->candidate, v->desired)))
        buf_printf(p->b, "  wanted     %s  %s\n", w->wanted,
                   w->world->colour ? w->world->colour : "");
}

static void put_shared(struct page *p, const struct sheet *s)
{
    if (!s->shared.n)
        return;
    heading(p, "shared");
    for (size_t i = 0; i < s->shared.n; i++) {
        const struct action *act = s->shared.at[i];
        row(p, act, act->reason);
        put_changes(p, act->changes, act->nchanges,
                    act->op == PLAN_CREATE && !p->style->verbose ? author_said : NULL, act);
    }
}

static void put_pair(struct page *p, const struct sheet_world *w, const struct sheet_pair *pair)
{
    const char *colour = w->live_colour ? w->live_colour : "the live world";
    if (!pair->live) {
        row(p, pair->create, w->live ? arena_printf(p->arena, "%s has none", colour) : NULL);
        put_changes(p, pair->create->changes, pair->create->nchanges,
                    p->style->verbose ? NULL : author_said, pair->create);
        return;
    }
    row(p, pair->create,
        pair->n ? arena_printf(p->arena, "differs from %s", colour)
                : arena_printf(p->arena, "as in %s", colour));
    if (p->style->verbose)
        put_changes(p, pair->create->changes, pair->create->nchanges, NULL, NULL);
    else
        put_changes(p, pair->changes, pair->n, NULL, NULL);
}

static void put_new_world(struct page *p, const struct sheet_world *w)
{
    if (!w->pairs.n)
        return;
    heading(p, w->live ? arena_printf(p->arena, "new world %s, beside %s", w->wanted, w->live)
                       : arena_printf(p->arena, "new world %s", w->wanted));
    for (size_t i = 0; i < w->pairs.n; i++)
        put_pair(p, w, &w->pairs.at[i]);
    for (size_t i = 0; i < w->gone.n; i++)
        buf_printf(p->b, "      %s is in %s only\n", w->gone.at[i], w->live);
}

static void put_world_changes(struct page *p, const struct sheet_world *w)
{
    if (!w->changes.n)
        return;
    heading(p, arena_printf(p->arena, "changed in place in world %s", w->world->view.name));
    for (size_t i = 0; i < w->changes.n; i++) {
        const struct action *act = w->changes.at[i];
        row(p, act, arena_printf(p->arena, "%s: %s", act->world, act->reason));
        put_changes(p, act->changes, act->nchanges, NULL, NULL);
    }
}

static bool removal_step(const struct action *act)
{
    return act->op == PLAN_DOOM;
}

static void put_timeline(struct page *p, const struct sheet *s, const struct sheet_world *w)
{
    size_t when = 0, n = 0;
    for (size_t i = 0; i < w->steps.n; i++) {
        size_t len = strlen(review_when(p->arena, &w->steps.at[i]));
        n += !removal_step(w->steps.at[i].act);
        if (len > when)
            when = len;
    }
    if (!n)
        return;
    heading(p,
            arena_printf(p->arena, "timeline of world %s%s%s", w->world->view.name,
                         w->world->rollout && w->world->rollout->as ? ", rollout " : "",
                         w->world->rollout && w->world->rollout->as ? w->world->rollout->as : ""));
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct action *act = w->steps.at[i].act;
        if (removal_step(act))
            continue;
        buf_puts(p->b, "  ");
        pad(p, review_when(p->arena, &w->steps.at[i]), when);
        symbol(p, review_symbol(act));
        buf_puts(p->b, review_step(p->arena, s, w, act));
        buf_putc(p->b, '\n');
    }
}

static void put_removals(struct page *p, const struct sheet_world *w)
{
    const char *of = NULL;
    for (size_t i = 0; i < w->removals.n; i++) {
        const struct action *act = w->removals.at[i];
        if (!of || strcmp(of, act->world) != 0) {
            of = act->world;
            heading(p, arena_printf(p->arena, "removal of %s, after it is marked and drained", of));
            buf_printf(p->b, "  %s\n", act->reason);
        }
        row(p, act, p->style->verbose && act->live ? act->live->id : NULL);
    }
}

static void put_gates(struct page *p, const struct sheet *s)
{
    for (size_t i = 0; i < s->gates.n; i++) {
        const struct gate *g = s->gates.at[i];
        size_t width = 0;
        heading(p, arena_printf(p->arena, "gate %s: %s", g->name, words_gate(p->arena, g)));
        for (size_t k = 0; k < g->checks.n; k++)
            if (strlen(g->checks.at[k].name) > width)
                width = strlen(g->checks.at[k].name);
        for (size_t k = 0; k < g->checks.n; k++) {
            const struct check_ast *c = g->checks.at[k].ast;
            symbol(p, "?");
            pad(p, g->checks.at[k].name, width);
            buf_printf(p->b, "  %s", expr_text(p->arena, c->cond));
            if (c->within)
                buf_printf(p->b, " within %s", clock_span(p->arena, c->within));
            if (c->every)
                buf_printf(p->b, " every %s", clock_span(p->arena, c->every));
            if (c->times)
                buf_printf(p->b, " times %lld", (long long)c->times);
            buf_putc(p->b, '\n');
        }
    }
}

static void put_drift(struct page *p, const struct plan *plan)
{
    for (size_t i = 0; i < plan->drift.n; i++) {
        const struct drift *d = &plan->drift.at[i];
        buf_puts(p->b, "  ");
        ink(p, "33", "!");
        buf_printf(p->b, "   %s  ", d->address);
        ink(p, "2", d->type);
        buf_printf(p->b, "  %s: %s\n", d->world ? d->world : "shared",
                   !strcmp(d->what, "gone")      ? "it is gone from the account"
                   : !strcmp(d->what, "changed") ? "somebody changed it"
                                                 : d->what);
        put_changes(p, d->changes, d->nchanges, NULL, NULL);
    }
}

static void fact(struct page *p, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(p->b, "%s: ", name);
    buf_put_visible(p->b, text);
    buf_putc(p->b, '\n');
}

static void put_finding(struct page *p, const struct plan *plan, const struct finding *f)
{
    buf_puts(p->b, "  ");
    ink(p, f->kind == FINDING_FAIL ? "31" : "33", review_finding_mark(f));
    buf_putc(p->b, ' ');
    buf_put_visible(p->b, review_finding(p->arena, plan, f));
    buf_putc(p->b, '\n');
}

static void put_end(struct page *p, const struct sheet *s)
{
    const struct plan *plan = s->plan;
    buf_putc(p->b, '\n');
    ink(p, "1", arena_printf(p->arena, "plan: %s", review_summary(p->arena, plan)));
    buf_putc(p->b, '\n');
    for (size_t i = 0; i < s->worlds.n; i++)
        fact(p, "cost", review_window(p->arena, s->worlds.at[i]));
    fact(p, "preflight", review_preflight(p->arena, plan));
    for (size_t i = 0; i < plan->findings.n; i++)
        put_finding(p, plan, &plan->findings.at[i]);
    for (size_t i = 0; i < plan->alerts.n; i++)
        fact(p, "alert", plan->alerts.at[i]);
    for (size_t i = 0; i < plan->unwatched.n; i++)
        fact(p, "not watched", plan->unwatched.at[i]);
    if (plan->actions.n)
        fact(p, "rollback", review_rollback(p->arena, s));
    for (size_t i = 0; i < s->worlds.n; i++) {
        const char *proof = review_proof(p->arena, s->worlds.at[i]);
        if (proof) {
            ink(p, s->worlds.at[i]->updates || s->worlds.at[i]->deletes ? "31" : "32", proof);
            buf_putc(p->b, '\n');
        }
    }
}

void review_text(struct buf *b, const struct sheet *s, const struct review_style *style)
{
    const struct plan *plan = s->plan;
    struct page p = {.arena = s->arena, .b = b, .style = style};
    columns(&p, plan);
    buf_printf(b, "stack %s in %s, account %s%s\n", plan->graph->stack,
               plan->graph->region ? plan->graph->region : "the default region",
               plan->live->account_id ? plan->live->account_id : "unknown",
               style->sandbox ? " (sandbox)" : "");
    if (style->note)
        buf_printf(b, "%s\n", style->note);
    for (size_t i = 0; i < s->worlds.n; i++)
        put_world_head(&p, s->worlds.at[i]);
    put_shared(&p, s);
    for (size_t i = 0; i < s->worlds.n; i++) {
        put_world_changes(&p, s->worlds.at[i]);
        put_new_world(&p, s->worlds.at[i]);
        put_timeline(&p, s, s->worlds.at[i]);
        put_removals(&p, s->worlds.at[i]);
    }
    put_gates(&p, s);
    if (plan->drift.n) {
        heading(&p, "drift: the live world is not as the spec says; it is reported, never repaired "
                    "in place");
        put_drift(&p, plan);
    }
    put_end(&p, s);
}

void review_drift(struct buf *b, const struct plan *plan, const struct review_style *style)
{
    struct page p = {.arena = b->arena, .b = b, .style = style};
    columns(&p, plan);
    put_drift(&p, plan);
    for (size_t i = 0; i < plan->actions.n; i++) {
        const struct action *act = plan->actions.at[i];
        if (act->op != PLAN_UPDATE && act->op != PLAN_REPLACE && act->op != PLAN_TUNE)
            continue;
        row(&p, act, act->world ? act->world : "shared");
        put_changes(&p, act->changes, act->nchanges, NULL, NULL);
    }
}
