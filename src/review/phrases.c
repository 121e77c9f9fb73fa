/* What a plan comes to, in words that the text and Markdown share. */
#include <string.h>

#include "base/clock.h"
#include "base/render.h"
#include "lang/print.h"
#include "plan/timeline.h"
#include "review/text.h"
#include "review/words.h"

const char *review_symbol(const struct action *act)
{
    switch (act->op) {
    case PLAN_NAME:
    case PLAN_CREATE: return "+";
    case PLAN_UPDATE:
    case PLAN_TUNE:
    case PLAN_TAG:
    case PLAN_SIZE: return "~";
    case PLAN_REPLACE: return "+/-";
    case PLAN_DELETE:
    case PLAN_UNNAME:
    case PLAN_DOOM: return "-";
    case PLAN_SHIFT:
    case PLAN_ROLLBACK: return "=>";
    case PLAN_TEST:
    case PLAN_APPROVE: return "?";
    case PLAN_WATCH:
    case PLAN_HOLD:
    case PLAN_RELEASE:
    case PLAN_BAKE:
    case PLAN_ACTIVATE:
    case PLAN_QUIESCE: break;
    }
    return ".";
}

const char *review_when(struct arena *a, const struct sheet_step *step)
{
    if (step->at < 0)
        return "";
    return step->at ? arena_printf(a, "+%s", clock_span(a, step->at)) : "+0";
}

const char *review_retire(struct arena *a, const struct rollout *r)
{
    const struct step_ast *s = step_find(r, STEP_RETIRE);
    if (!s || !s->cond)
        return NULL;
    return arena_printf(a, "%s for %s%s%s", expr_text(a, s->cond), clock_span(a, s->idle_for),
                        s->latest ? ", at latest " : "", s->latest ? clock_span(a, s->latest) : "");
}

static const char *gate_words(struct arena *a, const char *before, const struct action *act)
{
    return act->gate ? arena_printf(a, "%swhile ? %s passes", before, act->gate) : "";
}

const char *review_step(struct arena *a, const struct sheet *s, const struct sheet_world *w,
                        const struct action *act)
{
    const char *span = clock_span(a, act->duration);
    const struct gate *g = act->gate ? graph_gate(s->plan->graph, act->gate) : NULL;
    const char *retire;
    switch (act->op) {
    case PLAN_TEST:
        if (!g)
            return arena_printf(a, "test     %s", act->reason);
        return arena_printf(a, "test     ? %s: %s, %s", g->name,
                            words_count(a, g->checks.n, "check", "checks"), act->reason);
    case PLAN_TAG: return arena_printf(a, "seal     %s", act->reason);
    case PLAN_DOOM: return arena_printf(a, "mark     %s: %s", act->world, act->reason);
    case PLAN_NAME:
    case PLAN_UNNAME: return arena_printf(a, "name     %s: %s", act->physical_name, act->reason);
    case PLAN_HOLD:
        return arena_printf(a, "keep     %s at the size it has: %s", act->world, act->reason);
    case PLAN_RELEASE: return arena_printf(a, "release  %s: %s", act->world, act->reason);
    case PLAN_SIZE:
        return arena_printf(a, "size     for %s %%: %s", words_share(a, act->share), act->reason);
    case PLAN_ACTIVATE: return arena_printf(a, "wake     %s: %s", act->world, act->reason);
    case PLAN_QUIESCE: return arena_printf(a, "rest     %s: %s", act->world, act->reason);
    case PLAN_SHIFT:
        return arena_printf(a, "%-8s of the traffic to %s: %s",
                            arena_printf(a, "%s %%", words_share(a, act->share)), act->world,
                            act->reason);
    case PLAN_ROLLBACK: return arena_printf(a, "100 %%    back to %s: %s", act->world, act->reason);
    case PLAN_WATCH:
        return arena_printf(a, "hold     %s%s; %s", span, gate_words(a, " ", act), act->reason);
    case PLAN_APPROVE:
        return arena_printf(a, "approve  by \"%s\" within %s%s", act->reason, span,
                            gate_words(a, ", ", act));
    case PLAN_BAKE:
        retire = review_retire(a, w->world->rollout);
        return arena_printf(a, "bake     %s%s; %s%s%s", span, gate_words(a, " ", act), act->reason,
                            retire ? "; removed when " : "", retire ? retire : "");
    default: return arena_printf(a, "%-8s %s", plan_op_name(act->op), act->reason);
    }
}

const char *review_summary(struct arena *a, const struct plan *p)
{
    if (p->refused && !p->actions.n)
        return "refused: nothing would be done";
    if (!p->actions.n)
        return "nothing to do: the account is what the spec says";
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%d to create, %d to update, %d to replace, %d to delete, %s", p->creates,
               p->updates, p->replaces, p->deletes,
               words_count(a, (size_t)p->shifts, "shift of traffic", "shifts of traffic"));
    size_t more = 0, less = 0;
    for (size_t i = 0; i < p->actions.n; i++) {
        more += p->actions.at[i]->op == PLAN_NAME;
        less += p->actions.at[i]->op == PLAN_UNNAME;
    }
    if (more)
        buf_printf(&b, ", %s more", words_count(a, more, "name", "names"));
    if (less)
        buf_printf(&b, ", %s less", words_count(a, less, "name", "names"));
    return buf_text(&b);
}

const char *review_window(struct arena *a, const struct sheet_world *w)
{
    if (!w->two_worlds)
        return NULL;
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "two worlds are paid for during %s h", words_hours(a, w->least));
    if (w->most < 0)
        buf_puts(&b, " and then until the old one is measured idle, without a limit");
    else if (w->most > w->least)
        buf_printf(&b, ", at most %s h", words_hours(a, w->most));
    buf_puts(&b, ", from the first share on");
    return buf_text(&b);
}

const char *review_rollback(struct arena *a, const struct sheet *s)
{
    bool any = false;
    for (size_t i = 0; i < s->worlds.n; i++)
        any = any || s->worlds.at[i]->live;
    if (!any || !s->plan->rollback_ms)
        return NULL;
    return arena_printf(a,
                        "one batch at any step; the last user is back %s later (%s)",
                        clock_span(a, s->plan->rollback_ms), s->plan->rollback_tail);
}

const char *review_proof(struct arena *a, const struct sheet_world *w)
{
    if (!w->live || strchr(w->live, '/') == NULL)
        return NULL;
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "live world %s: %s, %s while it serves", w->live,
               words_count(a, (size_t)w->updates, "update", "updates"),
               words_count(a, (size_t)w->deletes, "deletion", "deletions"));
    if (w->tunes)
        buf_printf(&b, " (and %s of fields that decide neither instances, code nor reachability)",
                   words_count(a, (size_t)w->tunes, "tune", "tunes"));
    return buf_text(&b);
}

/* ---- preflight ----------------------------------------------------------------- */

const char *review_preflight(struct arena *a, const struct plan *p)
{
    int bad = 0, unasked = 0;
    for (size_t i = 0; i < p->findings.n; i++)
        if (p->findings.at[i].kind == FINDING_UNASKED)
            unasked++;
        else
            bad++;
    if (!p->preflight_passed && !p->findings.n)
        return NULL;
    return arena_printf(a, "%d check%s passed%s%s%s", p->preflight_passed,
                        p->preflight_passed == 1 ? "" : "s",
                        bad ? arena_printf(a, ", %d did not", bad) : "",
                        unasked ? arena_printf(a, ", %d could not be made", unasked) : "",
                        bad || unasked ? "" : " (quotas for both worlds, free addresses, instance type, image)");
}

const char *review_finding_mark(const struct finding *f)
{
    return f->kind == FINDING_FAIL   ? "refused:"
           : f->kind == FINDING_WARN ? "warning:"
                                     : "not checked:";
}

const char *review_finding(struct arena *a, const struct plan *p, const struct finding *f)
{
    struct render_place at;
    bool placed = render_place(p->graph->program->ds->sources, f->span, &at);
    return arena_printf(a, "%s: %s%s%s", f->address, f->text,
                        f->more ? arena_printf(a, " (and %d more)", f->more) : "",
                        placed ? arena_printf(a, "  [%s:%u]", at.path, (unsigned)at.start.line) : "");
}
