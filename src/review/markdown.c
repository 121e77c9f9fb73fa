/* A plan for a comment in a review: the short answer first, then what differs, then
 * when; the whole text folded away. */
#include <string.h>

#include "review/json.h"
#include "review/text.h"
#include "review/words.h"

/* In a cell of a table: nothing ends the cell, the line or the code. */
static void put_cell(struct buf *b, const char *s)
{
    for (; s && *s; s++)
        if (*s == '|')
            buf_puts(b, "\\|");
        else if (*s == '`')
            buf_putc(b, '\'');
        else if (*s == '<')
            buf_puts(b, "&lt;");
        else
            buf_putc(b, *s == '\n' ? ' ' : *s);
}

static void put_code(struct buf *b, const char *s)
{
    if (!s)
        return;
    buf_puts(b, "<code>");
    for (; *s; s++)
        if (*s == '|')
            buf_puts(b, "&#124;");
        else if (*s == '<' || *s == '>' || *s == '&')
            buf_puts(b, *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : "&amp;");
        else
            buf_putc(b, *s == '\n' ? ' ' : *s);
    buf_puts(b, "</code>");
}

static void put_rows(struct buf *b, struct arena *a, const char *address,
                     const struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t m;
        struct words_change *w = words_changes(a, &changes[i], 80, &m);
        for (size_t k = 0; k < m; k++) {
            buf_puts(b, "| ");
            put_code(b, address);
            buf_puts(b, " | ");
            put_cell(b, w[k].path);
            buf_puts(b, " | ");
            put_code(b, w[k].before);
            buf_puts(b, " | ");
            put_code(b, w[k].after);
            buf_puts(b, " |\n");
        }
    }
}

static void put_table(struct buf *b, struct arena *a, const struct sheet_world *w)
{
    bool any = w->changes.n > 0;
    for (size_t i = 0; i < w->pairs.n; i++)
        any = any || (w->pairs.at[i].live && w->pairs.at[i].n);
    if (!any)
        return;
    buf_puts(b, "\n| resource | field | live | wanted |\n|---|---|---|---|\n");
    for (size_t i = 0; i < w->changes.n; i++)
        put_rows(b, a, w->changes.at[i]->address, w->changes.at[i]->changes,
                 w->changes.at[i]->nchanges);
    for (size_t i = 0; i < w->pairs.n; i++)
        if (w->pairs.at[i].live)
            put_rows(b, a, w->pairs.at[i].create->address, w->pairs.at[i].changes,
                     w->pairs.at[i].n);
}

static void put_timeline(struct buf *b, struct arena *a, const struct sheet *s,
                         const struct sheet_world *w)
{
    if (!w->steps.n)
        return;
    buf_puts(b, "\n| when | | step |\n|---|---|---|\n");
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct action *act = w->steps.at[i].act;
        buf_printf(b, "| %s | ", review_when(a, &w->steps.at[i]));
        put_code(b, review_symbol(act));
        buf_puts(b, " | ");
        put_cell(b, review_step(a, s, w, act));
        buf_puts(b, " |\n");
    }
}

static void fact(struct buf *b, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(b, "- %s: ", name);
    put_cell(b, text);
    buf_putc(b, '\n');
}

void review_markdown(struct buf *b, const struct sheet *s, const struct review_style *style)
{
    struct arena *a = s->arena;
    const struct plan *p = s->plan;
    struct review_style plain = *style;
    plain.colour = false;
    buf_printf(b, "## bgc plan: %s\n\n**%s**\n\n", p->graph->stack, review_summary(a, p));
    for (size_t i = 0; i < s->worlds.n; i++) {
        const struct world_view *v = &s->worlds.at[i]->world->view;
        fact(b, arena_printf(a, "world `%s`: **%s**", v->name, world_action_name(v->action)),
             v->why);
        fact(b, "cost", review_window(a, s->worlds.at[i]));
        const char *proof = review_proof(a, s->worlds.at[i]);
        if (proof)
            buf_printf(b, "- %s\n", proof);
    }
    fact(b, "rollback", p->actions.n ? review_rollback(a, s) : NULL);
    fact(b, "preflight", review_preflight(a, p));
    for (size_t i = 0; i < p->findings.n; i++)
        fact(b, arena_printf(a, "preflight **%s**", review_finding_mark(&p->findings.at[i])),
             review_finding(a, p, &p->findings.at[i]));
    for (size_t i = 0; i < p->alerts.n; i++)
        fact(b, "alert", p->alerts.at[i]);
    for (size_t i = 0; i < p->unwatched.n; i++)
        fact(b, "not watched", p->unwatched.at[i]);
    for (size_t i = 0; i < s->worlds.n; i++) {
        put_table(b, a, s->worlds.at[i]);
        put_timeline(b, a, s, s->worlds.at[i]);
    }
    struct buf text;
    buf_init(&text, a);
    review_text(&text, s, &plain);
    /* Four marks, so that nothing inside can end the block. */
    buf_printf(b,
               "\n<details><summary>the whole plan</summary>\n\n````text\n%s````\n\n</details>\n",
               buf_text(&text));
}
