/* A plan as a page for who decides and does not read code: what happens to the
 * traffic, drawn; what is promised; what changes; when. All in one file, without
 * scripts and without anything from elsewhere. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/html.h"
#include "review/json.h"
#include "review/text.h"
#include "review/words.h"

static const char style_sheet[] =
    "body{font:16px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#222;"
    "background:#fff}h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}"
    "pre{font:13px/1.5 monospace;overflow-x:auto}code{font:14px monospace}"
    ".proof{border-left:4px solid #176f2c;padding:.4em .8em;background:#17702c14;font-weight:bold}"
    ".bad{border-left:4px solid #b3261e;padding:.4em .8em;background:#b3261e14}"
    ".note{border-left:4px solid #8a5a00;padding:.4em .8em;background:#8a5a0014}"
    "ol.way{display:flex;list-style:none;margin:1em 0;padding:0;height:11em;overflow-x:auto}"
    "ol.way li{display:flex;flex-direction:column;min-width:4.5em;margin-right:2px;text-align:center;"
    "font-size:.8em}.bar{display:flex;flex-direction:column;flex:1}"
    ".bar span{color:#fff;overflow:hidden;display:flex;align-items:center;justify-content:center}"
    ".old{background:#3367a6}.new{background:#2a8a4a}.asks .bar{opacity:.55}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.2em 1em .2em 0;"
    "border-bottom:1px solid #8884;vertical-align:top}"
    ".key i{display:inline-block;width:1em;height:1em;margin:0 .4em 0 1em;vertical-align:-.15em}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}}";

/* ---- the way of the traffic ---------------------------------------------------- */

/* Minutes and days in one picture: the width grows with the root of the time. */
static int width(int64_t ms)
{
    return (int)(sqrt((double)ms / 60000) * 10) + 1;
}

static void put_share(struct buf *b, const char *class, double share, const char *text)
{
    if (share <= 0)
        return;
    buf_printf(b, "<span class=\"%s\" style=\"flex:%.4g\">%s</span>", class, share, text);
}

static void put_stretch(struct buf *b, struct arena *a, const struct action *act, double share)
{
    bool asks = act->op == PLAN_APPROVE;
    buf_printf(b, "<li style=\"flex-grow:%d\"%s><div class=\"bar\">",
               width(asks ? 0 : act->duration), asks ? " class=\"asks\"" : "");
    put_share(b, "old", 100 - share,
              share < 100 ? arena_printf(a, "%s&nbsp;%%", words_share(a, 100 - share)) : "");
    put_share(b, "new", share, arena_printf(a, "%s&nbsp;%%", words_share(a, share)));
    buf_puts(b, "</div><div>");
    html_put(b, asks                   ? "approval"
                : act->op == PLAN_BAKE ? arena_printf(a, "bake %s", clock_span(a, act->duration))
                                       : clock_span(a, act->duration));
    buf_puts(b, "</div></li>\n");
}

static void put_way(struct buf *b, struct arena *a, const struct sheet_world *w)
{
    double share = 0;
    bool any = false;
    for (size_t i = 0; i < w->steps.n; i++) {
        const struct action *act = w->steps.at[i].act;
        if (act->op == PLAN_SHIFT)
            share = act->share;
        else if (act->op == PLAN_ROLLBACK)
            share = 0;
        if (act->op != PLAN_WATCH && act->op != PLAN_APPROVE && act->op != PLAN_BAKE)
            continue;
        if (!any)
            buf_puts(b, "<p class=\"key\"><i class=\"old\"></i>version that serves now"
                        "<i class=\"new\"></i>new version</p>\n<ol class=\"way\">\n");
        any = true;
        put_stretch(b, a, act, share);
    }
    if (any)
        buf_puts(b, "</ol>\n");
}

/* ---- tables -------------------------------------------------------------------- */

static void put_steps(struct buf *b, struct arena *a, const struct sheet *s, const struct sheet_world *w)
{
    if (!w->steps.n)
        return;
    buf_puts(b, "<table><tr><th>when</th><th></th><th>step</th></tr>\n");
    for (size_t i = 0; i < w->steps.n; i++) {
        buf_puts(b, "<tr><td>");
        html_put(b, review_when(a, &w->steps.at[i]));
        buf_puts(b, "</td><td><code>");
        html_put(b, review_symbol(w->steps.at[i].act));
        buf_puts(b, "</code></td><td>");
        html_put(b, review_step(a, s, w, w->steps.at[i].act));
        buf_puts(b, "</td></tr>\n");
    }
    buf_puts(b, "</table>\n");
}

static void put_changes(struct buf *b, struct arena *a, const char *address,
                        const struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t m;
        struct words_change *c = words_changes(a, &changes[i], 80, &m);
        for (size_t k = 0; k < m; k++) {
            const char *cells[] = {address, c[k].path, c[k].before, c[k].after};
            buf_puts(b, "<tr>");
            for (size_t x = 0; x < sizeof cells / sizeof *cells; x++) {
                buf_puts(b, "<td><code>");
                html_put(b, cells[x]);
                buf_puts(b, "</code></td>");
            }
            buf_puts(b, "</tr>\n");
        }
    }
}

static void put_differences(struct buf *b, struct arena *a, const struct sheet_world *w)
{
    bool any = w->changes.n > 0;
    for (size_t i = 0; i < w->pairs.n; i++)
        any = any || (w->pairs.at[i].live && w->pairs.at[i].n);
    if (!any)
        return;
    buf_puts(b, "<table><tr><th>resource</th><th>field</th><th>live</th><th>wanted</th></tr>\n");
    for (size_t i = 0; i < w->changes.n; i++)
        put_changes(b, a, w->changes.at[i]->address, w->changes.at[i]->changes,
                    w->changes.at[i]->nchanges);
    for (size_t i = 0; i < w->pairs.n; i++)
        if (w->pairs.at[i].live)
            put_changes(b, a, w->pairs.at[i].create->address, w->pairs.at[i].changes,
                        w->pairs.at[i].n);
    buf_puts(b, "</table>\n");
}

/* ---- the page ------------------------------------------------------------------ */

static void put_world(struct buf *b, struct arena *a, const struct sheet *s, const struct sheet_world *w)
{
    const struct world_view *v = &w->world->view;
    html_element(b, "h2", NULL,
                 arena_printf(a, "World %s: %s", v->name, world_action_name(v->action)));
    html_element(b, "p", NULL, v->why);
    html_element(b, "p", w->updates || w->deletes ? "bad" : "proof", review_proof(a, w));
    put_way(b, a, w);
    html_element(b, "p", NULL, review_window(a, w));
    put_differences(b, a, w);
    put_steps(b, a, s, w);
}

void review_html(struct buf *b, const struct sheet *s, const struct review_style *style)
{
    struct arena *a = s->arena;
    const struct plan *p = s->plan;
    struct review_style plain = *style;
    struct buf text;
    plain.colour = false;
    buf_init(&text, a);
    review_text(&text, s, &plain);
    buf_puts(b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
                "name=\"viewport\" content=\"width=device-width\"><title>bgc plan: ");
    html_put(b, p->graph->stack);
    buf_printf(b, "</title>\n<style>%s</style></head>\n<body>\n", style_sheet);
    html_element(b, "h1", NULL,
                 arena_printf(a, "Plan for %s%s%s", p->graph->stack, p->graph->region ? " in " : "",
                              p->graph->region ? p->graph->region : ""));
    html_element(b, "p", NULL, review_summary(a, p));
    if (p->actions.n && review_rollback(a, s))
        html_element(b, "p", NULL, arena_printf(a, "Going back: %s", review_rollback(a, s)));
    for (size_t i = 0; i < p->findings.n; i++)
        html_element(b, "p", p->findings.at[i].kind == FINDING_FAIL ? "bad" : "note",
                     arena_printf(a, "%s %s", review_finding_mark(&p->findings.at[i]),
                                  review_finding(a, p, &p->findings.at[i])));
    for (size_t i = 0; i < p->alerts.n; i++)
        html_element(b, "p", "bad", p->alerts.at[i]);
    for (size_t i = 0; i < p->unwatched.n; i++)
        html_element(b, "p", "note", arena_printf(a, "Not watched: %s", p->unwatched.at[i]));
    for (size_t i = 0; i < s->worlds.n; i++)
        put_world(b, a, s, s->worlds.at[i]);
    buf_puts(b, "<details><summary>The whole plan</summary><pre>");
    html_put(b, buf_text(&text));
    buf_puts(b, "</pre></details>\n</body></html>\n");
}
