#include "cli/cmd_check.h"

#include <string.h>

#include "base/fix.h"
#include "cli/fix_files.h"
#include "cli/lock_unused.h"
#include "lang/evidence.h"
#include "lang/lint.h"
#include "lang/sample.h"

/* One fix can uncover what it hid; more than a few in a row do not happen. */
enum { FIX_ROUNDS = 10 };

/* Values that are wrong only in themselves (a name that does not match its
 * pattern) show when the program is evaluated. Inputs without a default are
 * given only to commands that act, and then so are their values checked. */
static const struct graph *evaluate(struct context *c)
{
    if (!context_inputs(c))
        return NULL;
    for (size_t i = 0; i < c->program->inputs.n; i++) {
        const struct decl *d = c->program->inputs.at[i];
        if (!d->value && !map_has(c->inputs, d->name.text))
            return NULL;
    }
    return context_graph(c) ? c->graph : NULL;
}

/* A load that is written out was judged with the program; one that inputs decide is
 * known now. */
static void check_loads(struct context *c, const struct graph *g)
{
    for (size_t i = 0; i < g->traffics.n; i++) {
        const struct traffic *t = g->traffics.at[i];
        const struct arg *said = sample_declared(c->program, t->world);
        if (said && said->value->kind != EXPR_LITERAL)
            sample_check_declared(c->program, &c->ds, t->world, value_get(t->props, "load"),
                                  NULL);
    }
}

/* false: no program could be read. */
static bool look(struct context *c, const struct graph **g)
{
    bool sound = context_load(c, 0);
    if (!c->program)
        return false;
    if (sound)
        schemas_check(&c->schemas);
    if (sound && !c->ds.errors)
        *g = evaluate(c);
    if (*g)
        check_loads(c, *g);
    if (sound)
        program_lint(c->program, *g, NULL);
    if (sound && !c->ds.errors)
        lock_warn_unused(c);
    return true;
}

static void put_summary(struct buf *b, const struct program *p, const struct graph *g)
{
    buf_printf(b, "%s: no errors", p->root_path);
    if (g && g->nodes.n) {
        size_t existing = 0;
        for (size_t i = 0; i < g->nodes.n; i++)
            existing += g->nodes.at[i]->existing;
        buf_printf(b, "; %zu resources, %zu existing, %zu gates, %zu rollouts",
                   g->nodes.n - existing, existing, g->gates.n, g->rollouts.n);
    }
    buf_putc(b, '\n');
    for (size_t i = 0; g && i < g->worlds.n; i++)
        if (g->worlds.at[i]->id && *g->worlds.at[i]->id)
            buf_printf(b, "world %s/%s\n", g->worlds.at[i]->name, g->worlds.at[i]->id);
    bool store = !p->stack;
    for (const struct arg *f = p->stack ? p->stack->fields : NULL; f; f = f->next)
        store = store || (f->name.text && !strcmp(f->name.text, "store"));
    if (!store)
        buf_puts(b, "the store is the folder .bgc beside the file: one person's; a team sets "
                    "`store = \"s3://...\"`\n");
}

/* Behind the diagnostics, for people. */
static void put_mendable(struct context *c)
{
    size_t shown, n = 0;
    struct diag **all = render_folded(c->session, &c->ds, &shown);
    for (size_t i = 0; i < shown; i++)
        n += fix_certain(all[i]) != NULL;
    if (n && c->format == RENDER_TEXT && !option_given(&c->opt, OPT_QUIET))
        c->last_word = arena_printf(
            c->session, "\n`bgc check --fix` mends %zu of %zu: there is only one way to\n", n, shown);
}

int cmd_check(struct context *c)
{
    c->format = option_given(&c->opt, OPT_JSON)     ? RENDER_JSON
                : option_given(&c->opt, OPT_SARIF)  ? RENDER_SARIF
                : option_given(&c->opt, OPT_GITHUB) ? RENDER_GITHUB
                                                    : RENDER_TEXT;
    c->always = true;
    const struct graph *g = NULL;
    if (!look(c, &g))
        return 1;
    if (option_given(&c->opt, OPT_FIX)) {
        enum fix_outcome outcome = FIX_DONE;
        for (int round = 0; round < FIX_ROUNDS; round++) {
            outcome = fix_files(c);
            if (outcome != FIX_MORE)
                break;
            context_forget(c);
            g = NULL;
            if (!look(c, &g))
                return 1;
        }
        if (outcome == FIX_REFUSED)
            return 1;
    }
    put_mendable(c);
    if (option_given(&c->opt, OPT_EVIDENCE))
        evidence_print(c->program, &c->out);
    else if (!c->ds.errors && c->format == RENDER_TEXT && !option_given(&c->opt, OPT_QUIET))
        put_summary(&c->out, c->program, g);
    return c->ds.errors ? 1 : 0;
}
