#include "lang/eval_run.h"

#include <string.h>

/* Gates: conditions over measurements, with three outcomes and a reason. */

const struct closure *closure_new(struct arena *a, const struct expr *e, struct here here,
                                  bool open)
{
    struct closure *c = arena_make(a, struct closure);
    *c = (struct closure){e, here, open};
    return c;
}

const struct expr *closure_expr(const struct closure *c)
{
    return c->expr;
}

const struct closure *eval_close(const struct graph *g, struct arena *a, const struct expr *e)
{
    return closure_new(a, e, (struct here){NULL, g->machine->root}, true);
}

/* ---- reasons in words ----------------------------------------------------------------- */

static void note(struct eval *ev, enum verdict verdict, const char *text)
{
    for (size_t i = 0; i < ev->whys.n; i++)
        if (ev->whys.at[i].verdict == verdict && !strcmp(ev->whys.at[i].text, text))
            return;
    vec_push(ev->a, &ev->whys, (struct why){verdict, text});
}

static const char *written(struct eval *ev, const struct expr *x)
{
    const struct source *src = sources_find(ev->ds->sources, x->span);
    if (!src || x->span.end > src->len || x->span.end <= x->span.start)
        return NULL;
    size_t n = x->span.end - x->span.start;
    const char *text = src->text + x->span.start;
    return memchr(text, '\n', n) ? NULL : arena_strndup(ev->a, text, n);
}

/* "p99" of p99(...), "http.get status" of http.get(...).status, "requests". */
static const char *label(struct eval *ev, const struct expr *x)
{
    switch (x->kind) {
    case EXPR_NAME: return x->name.text;
    case EXPR_CALL:
        if (x->a->kind == EXPR_FIELD && x->a->a->kind == EXPR_NAME)
            return arena_printf(ev->a, "%s.%s", x->a->a->name.text, x->a->name.text);
        return x->a->kind == EXPR_NAME ? x->a->name.text : NULL;
    case EXPR_FIELD: {
        const char *of = x->a->kind == EXPR_CALL ? label(ev, x->a) : NULL;
        return of ? arena_printf(ev->a, "%s %s", of, x->name.text) : written(ev, x);
    }
    default: return written(ev, x);
    }
}

static const char *with_source(struct eval *ev, const struct expr *x, const struct value *v)
{
    const char *source = x->kind == EXPR_LITERAL ? NULL : written(ev, x);
    const char *text = value_text(ev->a, v);
    return source && strcmp(source, text) ? arena_printf(ev->a, "%s (%s)", text, source) : text;
}

/* A measured value for people: four digits say enough of what was measured. */
static const char *measured_text(struct arena *a, const struct value *v)
{
    if (value_phase(v) != PHASE_RUN || (v->kind != V_PERCENT && v->kind != V_NUMBER) || v->dec.scale <= 3)
        return value_text(a, v);
    return arena_printf(a, "%.4g%s", dec_double(v->dec), v->kind == V_PERCENT ? "%" : "");
}

void eval_note_comparison(struct eval *ev, const struct expr *x, const struct value *l,
                          const struct value *r, bool result)
{
    if (value_phase(l) != PHASE_RUN && value_phase(r) != PHASE_RUN)
        return;
    const char *name = x->a->kind == EXPR_LITERAL ? NULL : label(ev, x->a);
    const char *left = measured_text(ev->a, l), *right = with_source(ev, x->b, r);
    if (name)
        left = arena_printf(ev->a, "%s %s", name, left);
    const char *text;
    if (x->op == OP_EQ || x->op == OP_NE)
        text = arena_printf(ev->a, "%s is %s%s", left,
                            result == (x->op == OP_EQ) ? "" : "not ", right);
    else
        text = arena_printf(ev->a, "%s%s %s %s", left, result ? "" : " is not", op_text(x->op),
                            right);
    note(ev, result ? VERDICT_PASS : VERDICT_FAIL, text);
}

static const char *call_text(struct eval *ev, const char *fn, struct value *const *args, size_t n,
                             const struct value *named)
{
    struct buf b;
    buf_init(&b, ev->a);
    buf_puts(&b, fn);
    if (!n && !named->map->n)
        return buf_text(&b);
    const char *sep = "(";
    for (size_t i = 0; i < n; i++, sep = ", ") {
        buf_puts(&b, sep);
        value_print(&b, args[i]);
    }
    for (size_t i = 0; i < named->map->n; i++, sep = ", ") {
        buf_printf(&b, "%s%s = ", sep, named->map->entries[i].key);
        value_print(&b, named->map->entries[i].value);
    }
    buf_putc(&b, ')');
    return buf_text(&b);
}

/* ---- measuring ------------------------------------------------------------------------- */

struct value *eval_measure(struct eval *ev, const char *fn, struct value **args, size_t n,
                           const struct value *named, const struct expr *x, struct here here)
{
    struct value **all = arena_array(ev->a, struct value *, n + named->map->n + 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        all[k++] = args[i];
    for (size_t i = 0; i < named->map->n; i++)
        all[k++] = named->map->entries[i].value;
    if (!ev->measurer) {
        struct value *v = eval_defer(ev, x, here, all, k);
        v->phase = PHASE_RUN;
        return v;
    }
    for (size_t i = 0; i < k; i++) {
        if (!all[i] || value_known(all[i]))
            continue;
        const char *why = eval_why_unknown(ev->a, all[i]);
        note(ev, VERDICT_NO_DATA, arena_printf(ev->a, "%s cannot be measured: known %s", fn,
                                               why ? why : "later"));
        return eval_no_data(ev, x->span);
    }
    struct value *v = ev->measurer->measure(ev->measurer->self, ev->a, fn, args, n, named, x->span);
    if (!v) {
        ev->wanted = true;
        return eval_no_data(ev, x->span);
    }
    if (v->kind == V_NONE) {
        note(ev, VERDICT_NO_DATA,
             arena_printf(ev->a, "no data for %s", call_text(ev, fn, args, n, named)));
        return eval_no_data(ev, x->span);
    }
    v = value_copy(ev->a, v);
    v->phase = PHASE_RUN;
    if (v->kind == V_BOOL)
        note(ev, v->b ? VERDICT_PASS : VERDICT_FAIL,
             arena_printf(ev->a, "%s is %s", call_text(ev, fn, args, n, named),
                          v->b ? "true" : "false"));
    return v;
}

/* ---- verdicts ---------------------------------------------------------------------------- */

static const char *reasons(struct eval *ev, enum verdict verdict)
{
    struct buf b;
    buf_init(&b, ev->a);
    for (size_t i = 0; i < ev->whys.n; i++)
        if (ev->whys.at[i].verdict == verdict)
            buf_printf(&b, "%s%s", b.len ? "; " : "", ev->whys.at[i].text);
    return b.len ? buf_text(&b) : NULL;
}

static const char *any_reason(struct eval *ev, enum verdict verdict, const char *otherwise)
{
    const char *why = reasons(ev, verdict);
    if (!why && verdict == VERDICT_FAIL) /* `not (x < 1)` fails because x is below 1 */
        why = reasons(ev, VERDICT_PASS);
    if (!why && verdict == VERDICT_PASS)
        why = reasons(ev, VERDICT_FAIL);
    return why ? why : otherwise;
}

static struct eval run_act(const struct graph *g, struct arena *a, const struct facts *facts,
                           const struct closure *c, const struct measurer *m)
{
    return (struct eval){
        .m = g->machine, .p = g->program, .a = a, .ds = g->program->ds, .facts = facts,
        .measurer = m, .sealed = true, .open = c->open, .memory = arena_used(a)};
}

enum verdict eval_condition(const struct graph *g, struct arena *a, const struct facts *facts,
                            const struct closure *c, const struct measurer *m, const char **why)
{
    struct eval ev = run_act(g, a, facts, c, m);
    struct value *v = eval_at(&ev, c->expr, c->here);
    if (v->kind == V_BOOL) {
        enum verdict verdict = v->b ? VERDICT_PASS : VERDICT_FAIL;
        *why = any_reason(&ev, verdict, v->b ? "the condition is true" : "the condition is false");
        return verdict;
    }
    if (value_no_data(v)) {
        *why = any_reason(&ev, VERDICT_NO_DATA, "there is no data");
        return ev.wanted ? VERDICT_WANTED : VERDICT_NO_DATA;
    }
    if (value_unknown(v)) {
        const char *when = eval_why_unknown(a, v);
        *why = arena_printf(a, "known %s", when ? when : "later");
    } else if (poisoned(v)) {
        *why = "the condition could not be evaluated";
    } else {
        struct diag *d = eval_error(&ev, "BG1515", c->expr->span, "a condition is true or false");
        diag_at(ev.ds, d, "this is %s", kind_named(v->kind));
        *why = "the condition is neither true nor false";
    }
    return VERDICT_NO_DATA;
}

struct value *eval_closure(const struct graph *g, struct arena *a, const struct facts *facts,
                           const struct closure *c, const struct measurer *m)
{
    struct eval ev = run_act(g, a, facts, c, m);
    struct value *v = eval_at(&ev, c->expr, c->here);
    return poisoned(v) ? NULL : v;
}
