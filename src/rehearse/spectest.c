#include "rehearse/spectest.h"

#include <stdlib.h>
#include <string.h>

#include "base/render.h"
#include "lang/lint.h"
#include "lang/mock.h"
#include "lang/print.h"
#include "plan/plan.h"

struct stage {
    const struct rehearse_args *args;
    struct arena *arena;
    struct diags *ds;
    const struct decl *test;
    struct graph *graph;
    struct facts *facts;
};

/* ---- what is given --------------------------------------------------- */

static bool inputs_of(struct stage *s, struct map *out)
{
    map_init(out, s->arena);
    const struct map *base = s->args->eval ? s->args->eval->inputs : NULL;
    for (size_t i = 0; base && i < base->n; i++)
        map_put(out, base->entries[i].key, base->entries[i].value);
    for (const struct test_item *i = s->test->test; i; i = i->next)
        for (const struct arg *g = i->kind == TEST_GIVEN ? i->inputs : NULL; g; g = g->next) {
            struct value *v = eval_expr(s->args->program, s->arena, s->ds, g->value, NULL);
            if (!v)
                return false;
            map_put(out, g->name.text, v);
        }
    return true;
}

static int by_id(const void *x, const void *y)
{
    const char *a = value_get_string(*(struct value *const *)x, "id");
    const char *b = value_get_string(*(struct value *const *)y, "id");
    return strcmp(a ? a : "", b ? b : "");
}

/* A record as an answer: its id stands under both of its names, and what is none
 * is not there. */
static struct value *answer(struct stage *s, const struct mock *m, const struct value *record)
{
    struct value *fields = value_map(s->arena);
    const char *name = "id";
    for (const struct type_item *i = m->type->items; i; i = i->next)
        if (i->kind == ITEM_FIELD && (i->mods & FIELD_ID) && i->name.text)
            name = i->name.text;
    for (size_t i = 0; i < record->map->n; i++) {
        struct value *v = record->map->entries[i].value;
        if (v->kind != V_NONE)
            value_put(fields, record->map->entries[i].key, v);
    }
    struct value *id = value_get(fields, "id");
    id = id ? id : value_get(fields, name);
    if (!id) /* any will do for a test that does not ask for it */
        id = value_stringf(s->arena, "mock-%s", m->address);
    value_put(fields, "id", id);
    if (!value_get(fields, name))
        value_put(fields, name, id);
    return fields;
}

static bool mock_one(struct stage *s, const struct test_item *i)
{
    struct program *p = s->args->program;
    struct mock m;
    if (!mock_find(p, s->arena, i->target, &m))
        return false; /* the checker has said so */
    struct value *v = eval_expr(p, s->arena, s->ds, i->value, NULL);
    v = v ? type_coerce(p, s->arena, mock_type(p, &m), v, m.address) : NULL;
    if (!v)
        return false;
    if (v->kind != V_LIST) {
        facts_put(s->facts, m.address, answer(s, &m, v));
        return true;
    }
    struct value **at = arena_array(s->arena, struct value *, v->list.n + 1);
    for (size_t k = 0; k < v->list.n; k++)
        at[k] = answer(s, &m, v->list.at[k]);
    qsort(at, v->list.n, sizeof *at, by_id);
    facts_put(s->facts, m.address, value_list(s->arena, at, v->list.n));
    return true;
}

/* ---- what comes of it ------------------------------------------------ */

static size_t unknowns(const struct facts *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->by_address.n; i++) {
        const struct value *v = f->by_address.entries[i].value;
        for (size_t k = 0; v->kind == V_MAP && k < v->map->n; k++)
            n += !value_known(v->map->entries[k].value);
    }
    return n;
}

/* Fields may be made of other resources' fields: each round makes known what is
 * made of what the round before made known. */
static void settle(struct stage *s)
{
    struct live live = {.facts = s->facts};
    s->facts = plan_facts(s->args->schemas, s->arena, s->graph, &live);
    for (size_t left = unknowns(s->facts), before = left + 1; left && left < before;) {
        for (size_t i = 0; i < s->graph->nodes.n; i++) {
            const struct node *n = s->graph->nodes.at[i];
            struct value *fields = n->existing ? NULL : facts_find(s->facts, n->address);
            for (size_t k = 0; fields && k < fields->map->n; k++) {
                struct map_entry *e = &fields->map->entries[k];
                if (!value_known(e->value))
                    e->value = eval_force(s->graph, s->arena, s->facts, e->value);
            }
        }
        before = left;
        left = unknowns(s->facts);
    }
}

/* false: there are errors. */
static bool evaluate(struct stage *s)
{
    struct map inputs;
    size_t errors = s->ds->errors;
    struct eval_args eval = s->args->eval ? *s->args->eval : (struct eval_args){0};
    s->facts = arena_make(s->arena, struct facts);
    facts_init(s->facts, s->arena);
    for (const struct test_item *i = s->test->test; i; i = i->next)
        if (i->kind == TEST_MOCK && !mock_one(s, i))
            return false;
    if (!inputs_of(s, &inputs))
        return false;
    eval.inputs = &inputs;
    eval.facts = s->facts;
    s->graph = eval_program(s->args->program, s->arena, &eval);
    if (!s->graph)
        return false;
    settle(s);
    for (size_t i = 0; i < s->graph->nodes.n; i++)
        if (!s->graph->nodes.at[i]->existing)
            eval_node_props(s->graph, s->arena, s->facts, s->graph->nodes.at[i]);
    return s->ds->errors == errors;
}

/* ---- expectations ---------------------------------------------------- */

static struct value *worth(struct stage *s, const struct expr *e)
{
    struct value *v = eval_closure(s->graph, s->arena, s->facts,
                                   eval_close(s->graph, s->arena, e), NULL);
    v = v ? eval_force(s->graph, s->arena, s->facts, v) : NULL;
    return v && v->kind != V_POISON ? v : NULL;
}

static bool compares(const struct expr *e)
{
    return e->kind == EXPR_BINARY && (e->op == OP_EQ || e->op == OP_NE || e->op == OP_LT ||
                                      e->op == OP_GT || e->op == OP_LE || e->op == OP_GE);
}

struct unknown {
    struct stage *s;
    const char *address, *field;
};

static void note_unknown(void *self, const struct value *ref)
{
    struct unknown *u = self;
    if (!u->address && ref->kind == V_REF && ref->ref.field) {
        u->address = ref->ref.address;
        u->field = ref->ref.field;
    }
}

static void report_unknown(struct stage *s, const struct expr *e, const struct value *v)
{
    struct unknown u = {.s = s};
    eval_each_ref(v, note_unknown, &u);
    struct diag *d = diag_error(s->ds, "BG4041", e->span, "this cannot be known in a test");
    const struct node *n = u.address ? graph_find(s->graph, u.address) : NULL;
    if (!n) {
        diag_help(s->ds, d, "expect something that inputs, mocks and the program decide");
        return;
    }
    diag_label(s->ds, d, n->span, n->existing ? "`%s` is looked up" : "`%s` is made by apply",
               n->address);
    if (!n->existing)
        diag_help(s->ds, d, "expect a field that the program writes; what AWS chooses is not known");
    else if (facts_find(s->facts, n->address))
        diag_help(s->ds, d, "say it in its mock: `%s = ...`", u.field);
    else
        diag_help(s->ds, d, "add: mock %s = %s",
                  n->address, n->set ? "[{ ... }]" : "{ ... }");
}

/* The smallest part of an expectation that is to blame. */
static const struct expr *blame(struct stage *s, const struct expr *e)
{
    while (e->kind == EXPR_BINARY && e->op == OP_AND) {
        const struct value *left = worth(s, e->a);
        e = left && left->kind == V_BOOL && left->b ? e->b : e->a;
    }
    return e;
}

static void put_side(struct stage *s, struct diag *d, const struct expr *e)
{
    const struct value *v = e->kind == EXPR_LITERAL ? NULL : worth(s, e);
    if (v && value_known(v))
        diag_label(s->ds, d, e->span, "this is %s", value_text(s->arena, v));
}

static void expect(struct stage *s, const struct test_item *i)
{
    size_t errors = s->ds->errors;
    const struct value *v = worth(s, i->value);
    if (v && v->kind == V_BOOL && v->b)
        return;
    if (s->ds->errors > errors)
        return; /* why it has no value was reported */
    const struct expr *e = blame(s, i->value);
    v = worth(s, e);
    if (!v || v->kind != V_BOOL) {
        if (v && !value_known(v))
            report_unknown(s, e, v);
        else
            diag_error(s->ds, "BG4041", e->span, "this is neither true nor false");
        return;
    }
    struct diag *d = diag_error(s->ds, "BG4041", e->span, "expected %s",
                                expr_text(s->arena, e));
    diag_at(s->ds, d, "this is false");
    if (compares(e)) {
        put_side(s, d, e->a);
        put_side(s, d, e->b);
    } else if (e->kind == EXPR_CALL) {
        for (const struct arg *g = e->args; g; g = g->next)
            if (g->value->kind != EXPR_LAMBDA)
                put_side(s, d, g->value);
    }
}

/* ---- expected errors ------------------------------------------------- */

static bool matches(const struct test_item *i, const struct diag *d)
{
    return !strcmp(i->code.text, d->code) && (!i->text || strstr(d->message, i->text));
}

/* Takes the errors that were expected out of those after `mark`, and reports the
 * ones that did not come. */
static void expect_errors(struct stage *s, size_t mark)
{
    size_t n = s->ds->all.n, kept = mark;
    bool *came = arena_array(s->arena, bool, n + 1);
    for (const struct test_item *i = s->test->test; i; i = i->next) {
        bool any = false;
        for (size_t k = mark; i->kind == TEST_ERROR && k < n; k++)
            if (matches(i, s->ds->all.at[k]))
                came[k] = any = true;
        if (i->kind != TEST_ERROR || any)
            continue;
        struct diag *d = diag_error(s->ds, "BG4041", i->span, "expected error %s%s%s%s",
                                    i->code.text, i->text ? " with \"" : "",
                                    i->text ? i->text : "", i->text ? "\"" : "");
        diag_at(s->ds, d, n > mark ? "other errors came" : "no error came");
    }
    for (size_t k = mark; k < s->ds->all.n; k++) {
        struct diag *d = s->ds->all.at[k];
        if (k < n && came[k])
            s->ds->errors -= d->severity == SEV_ERROR;
        else
            s->ds->all.at[kept++] = d;
    }
    s->ds->all.n = kept;
}

/* ---- expected findings ------------------------------------------------ */

static bool wants(const struct decl *test, enum test_kind kind)
{
    for (const struct test_item *i = test->test; i; i = i->next)
        if (i->kind == kind)
            return true;
    return false;
}

/* What lint found when the program was read, and what the rules of its types find now.
 * An `allow` takes back what it allows here too. */
static void expect_warnings(struct stage *s)
{
    program_lint(s->args->program, s->graph, s->facts);
    size_t n = s->ds->all.n;
    for (const struct test_item *i = s->test->test; i; i = i->next) {
        bool any = false;
        for (size_t k = 0; i->kind == TEST_WARNING && k < n; k++)
            any = any || (s->ds->all.at[k]->severity == SEV_WARNING && matches(i, s->ds->all.at[k]));
        if (i->kind != TEST_WARNING || any)
            continue;
        struct diag *d = diag_error(s->ds, "BG4041", i->span, "expected warning %s%s%s%s", i->code.text,
                                    i->text ? " with \"" : "", i->text ? i->text : "", i->text ? "\"" : "");
        diag_at(s->ds, d, "lint does not find it");
    }
}

/* ---- one test -------------------------------------------------------- */

static void run(struct arena *a, const struct rehearse_args *args, const struct decl *d,
                bool colour, struct spectest *out, struct buf *text)
{
    struct stage s = {.args = args, .arena = a, .ds = args->ds, .test = d};
    size_t mark = diags_mark(args->ds), errors = args->ds->errors;
    bool sound = evaluate(&s);
    if (sound && wants(d, TEST_WARNING)) /* an expectation that fails is an error, after which lint is silent */
        expect_warnings(&s);
    if (wants(d, TEST_ERROR))
        expect_errors(&s, mark);
    else if (sound)
        for (const struct test_item *i = d->test; i; i = i->next)
            if (i->kind == TEST_EXPECT)
                expect(&s, i);
    *out = (struct spectest){.title = d->path2, .passed = args->ds->errors == errors};
    struct diags own;
    diags_init(&own, a, args->ds->sources);
    for (size_t i = mark; i < args->ds->all.n; i++)
        if (args->ds->all.at[i]->severity == SEV_ERROR) {
            vec_push(a, &own.all, args->ds->all.at[i]);
            own.errors++;
            out->why = out->why ? out->why : args->ds->all.at[i]->message;
        }
    out->problems = render_json(a, &own);
    diags_rewind(args->ds, mark);
    if (!out->passed || !args->quiet)
        buf_printf(text, "%s %s\n", out->passed ? "passed" : "FAILED", d->path2);
    if (!out->passed) {
        render_text(text, &own, colour);
        buf_putc(text, '\n');
    }
}

struct spectest *spectest_all(struct arena *a, const struct rehearse_args *args, bool colour,
                              struct buf *out, size_t *n)
{
    const struct program *p = args->program;
    struct spectest *all = arena_array(a, struct spectest, p->tests.n + 1);
    *n = 0;
    for (size_t i = 0; i < p->tests.n; i++)
        if (!args->only || strstr(p->tests.at[i]->path2, args->only))
            run(a, args, p->tests.at[i], colour, &all[(*n)++], out);
    return all;
}
