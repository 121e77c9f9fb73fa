#include "lang/build.h"

#include <string.h>

enum { PATH_MAX_LEN = 400 };

struct word word_of(struct token t)
{
    return (struct word){t.text, t.span};
}

int64_t token_int(struct token t)
{
    return t.literal ? t.literal->i : 0;
}

struct token token_join(struct parser *p, struct token a, const char *sep, struct token b,
                        const char *end)
{
    struct token t = a;
    t.span = span_join(a.span, b.span);
    t.span.end += end[0] ? 1 : 0; /* the `]` */
    size_t na = strlen(a.text), nb = strlen(b.text), ns = strlen(sep), ne = strlen(end);
    if (na + nb > PATH_MAX_LEN) { /* keeps a text of a million dots from costing its square */
        if (!p->fatal)
            syntax_error(p, "BG0014", t.span, "this name is too long");
        p->fatal = true;
        return t;
    }
    char text[PATH_MAX_LEN + 8];
    memcpy(text, a.text, na);
    memcpy(text + na, sep, ns);
    memcpy(text + na + ns, b.text, nb);
    memcpy(text + na + ns + nb, end, ne);
    t.text = intern_n(p->names, text, na + ns + nb + ne);
    return t;
}

struct token token_index(struct parser *p, struct token a, struct token n)
{
    n.text = arena_printf(p->arena, "%lld", (long long)token_int(n));
    return token_join(p, a, "[", n, "]");
}

void once(struct parser *p, bool already, struct span again)
{
    if (already) {
        struct diag *d = syntax_error(p, "BG0020", again, "this is given twice");
        syntax_help(p, d, "keep one of them");
    }
}

void once_span(struct parser *p, struct span before, struct span again)
{
    once(p, before.file != 0, again);
}

/* ---- expressions -------------------------------------------------------- */

struct expr *expr_new(struct parser *p, enum expr_kind kind, struct span span)
{
    struct expr *e = arena_make(p->arena, struct expr);
    e->kind = kind;
    e->span = span;
    e->depth = 1;
    e->binds = kind == EXPR_LAMBDA || kind == EXPR_FOR_LIST || kind == EXPR_FOR_MAP;
    p->binds = p->binds || e->binds;
    return e;
}

static const struct word *word_copy(struct parser *p, struct token t)
{
    struct word *w = arena_make(p->arena, struct word);
    *w = word_of(t);
    return w;
}

static void deepen(struct parser *p, struct expr *e, const struct expr *child)
{
    if (!child)
        return;
    e->binds = e->binds || child->binds;
    if (child->depth < e->depth)
        return;
    e->depth = (uint16_t)(child->depth + 1);
    if (e->depth > TREE_MAX)
        too_deep(p, e->span);
}

static struct expr *expr_seal(struct parser *p, struct expr *e)
{
    deepen(p, e, e->a);
    deepen(p, e, e->b);
    deepen(p, e, e->c);
    deepen(p, e, e->key);
    for (const struct arg *a = e->args; a; a = a->next) {
        deepen(p, e, a->key);
        deepen(p, e, a->value);
    }
    for (const struct part *t = e->parts; t; t = t->next)
        deepen(p, e, t->expr);
    return e;
}

struct expr *expr_literal(struct parser *p, struct token t)
{
    return expr_constant(p, (struct value *)(uintptr_t)t.literal, t.span);
}

struct value *literal_at(struct value *v, struct span span)
{
    v->span = span;
    return v;
}

struct expr *expr_constant(struct parser *p, struct value *v, struct span span)
{
    struct expr *e = expr_new(p, EXPR_LITERAL, span);
    e->literal = literal_at(v, span);
    return e;
}

struct expr *expr_name(struct parser *p, struct token t)
{
    struct expr *e = expr_new(p, EXPR_NAME, t.span);
    e->name = word_of(t);
    return e;
}

struct expr *expr_unary(struct parser *p, enum op op, struct span at, struct expr *a)
{
    struct expr *e = expr_new(p, EXPR_UNARY, span_join(at, a->span));
    e->op = op;
    e->op_span = at;
    e->a = a;
    return expr_seal(p, e);
}

struct expr *expr_binary(struct parser *p, enum op op, struct span at, struct expr *a,
                         struct expr *b)
{
    struct expr *e = expr_new(p, EXPR_BINARY, span_join(a->span, b->span));
    e->op = op;
    e->op_span = at;
    e->a = a;
    e->b = b;
    return expr_seal(p, e);
}

struct expr *expr_field(struct parser *p, struct expr *a, struct token name)
{
    struct expr *e = expr_new(p, EXPR_FIELD, span_join(a->span, name.span));
    e->a = a;
    e->name = word_of(name);
    return expr_seal(p, e);
}

struct expr *expr_index(struct parser *p, struct span span, struct expr *a, struct expr *b)
{
    struct expr *e = expr_new(p, EXPR_INDEX, span);
    e->a = a;
    e->b = b;
    return expr_seal(p, e);
}

struct expr *expr_call(struct parser *p, struct span span, struct expr *a, struct arg *args)
{
    struct expr *e = expr_new(p, EXPR_CALL, span);
    e->a = a;
    e->args = args;
    return expr_seal(p, e);
}

struct expr *expr_if(struct parser *p, struct span span, struct expr *a, struct expr *b,
                     struct expr *c)
{
    struct expr *e = expr_new(p, EXPR_IF, span);
    e->a = a;
    e->b = b;
    e->c = c;
    return expr_seal(p, e);
}

struct expr *expr_lambda(struct parser *p, struct span span, struct token var, struct expr *body)
{
    struct expr *e = expr_new(p, EXPR_LAMBDA, span);
    e->var = word_of(var);
    e->b = body;
    return expr_seal(p, e);
}

struct expr *expr_group(struct parser *p, struct span span, struct expr *e)
{
    (void)p;
    e->span = span;
    e->grouped = true;
    return e;
}

struct part *part_text(struct parser *p, struct part *before, struct token t)
{
    if (!t.text[0])
        return before;
    struct part *part = arena_make(p->arena, struct part);
    part->text = t.text;
    part->span = t.span;
    part->next = before;
    return part;
}

struct part *part_expr(struct parser *p, struct part *before, struct expr *e)
{
    struct part *part = arena_make(p->arena, struct part);
    part->expr = e;
    part->span = e->span;
    part->next = before;
    return part;
}

struct expr *expr_template(struct parser *p, struct span span, struct token head, struct expr *first,
                           struct part *middles, struct token tail)
{
    struct expr *e = expr_new(p, EXPR_TEMPLATE, span);
    struct part *rest = part_text(p, middles, tail);
    REVERSE(struct part, rest);
    e->parts = part_text(p, part_expr(p, rest, first), head);
    return expr_seal(p, e);
}

struct expr *expr_list(struct parser *p, struct span span, struct arg *elements)
{
    struct expr *e = expr_new(p, EXPR_LIST, span);
    REVERSE(struct arg, elements);
    e->args = elements;
    return expr_seal(p, e);
}

struct expr *expr_record(struct parser *p, struct span span, struct arg *fields)
{
    struct expr *e = expr_new(p, EXPR_RECORD, span);
    e->args = fields;
    return expr_seal(p, e);
}

struct expr *expr_braces(struct parser *p, struct span span, struct arg *items)
{
    REVERSE(struct arg, items);
    bool map = items && items->key;
    for (const struct arg *a = items; a; a = a->next)
        if ((a->key != NULL) != map) {
            struct diag *d = syntax_error(p, "BG0019", a->key ? a->key->span : a->name.span,
                                          "a record and a map are mixed here");
            syntax_help(p, d, "a record has fields, `name = value`; a map has entries, "
                              "`key => value`");
            return expr_new(p, EXPR_ERROR, span);
        }
    struct expr *e = expr_new(p, map ? EXPR_MAP : EXPR_RECORD, span);
    e->args = items;
    return expr_seal(p, e);
}

struct expr *loop_new(struct parser *p, struct token var, const struct token *var2, struct expr *over,
                      struct expr *cond)
{
    struct expr *e = expr_new(p, EXPR_FOR_LIST, var.span);
    e->var = word_of(var);
    if (var2)
        e->var2 = word_copy(p, *var2);
    e->a = over;
    e->c = cond;
    return e;
}

struct expr *expr_for(struct parser *p, struct span span, struct expr *loop, struct expr *key,
                      struct expr *body)
{
    loop->kind = key ? EXPR_FOR_MAP : EXPR_FOR_LIST;
    loop->span = span;
    loop->key = key;
    loop->b = body;
    return expr_seal(p, loop);
}

struct arg *arg_new(struct parser *p, const struct token *name, struct expr *key, struct expr *value)
{
    struct arg *a = arena_make(p->arena, struct arg);
    if (name) {
        a->name = word_of(*name);
        a->doc = name->doc;
    }
    a->key = key;
    a->value = value;
    return a;
}

/* ---- types -------------------------------------------------------------- */

struct type_ast *type_new(struct parser *p, enum type_ast_kind kind, struct span span)
{
    struct type_ast *t = arena_make(p->arena, struct type_ast);
    t->kind = kind;
    t->span = span;
    t->depth = 1;
    return t;
}

struct type_ast *type_wrap(struct parser *p, enum type_ast_kind kind, struct span span,
                           struct type_ast *a)
{
    struct type_ast *t = type_new(p, kind, span);
    t->a = a;
    t->depth = a->depth + 1;
    if (t->depth > NEST_MAX)
        too_deep(p, span);
    return t;
}

/* Appends: unions are short, but a hostile one must not cost its square, so the
 * last item is kept in `a` while it grows. */
struct type_ast *type_union(struct parser *p, struct span span, struct type_ast *a,
                            struct type_ast *b)
{
    struct type_ast *t = a;
    if (a->kind != TYPE_UNION) {
        t = type_new(p, TYPE_UNION, span);
        t->items = t->a = a;
        t->depth = a->depth + 1;
    }
    t->span = span;
    if (b->depth >= t->depth)
        t->depth = b->depth + 1;
    struct type_ast *first = b->kind == TYPE_UNION ? b->items : b; /* a | (b | c) is flat */
    t->a->next = first;
    t->a = b->kind == TYPE_UNION ? b->a : b;
    return t;
}

struct type_ast *type_named(struct parser *p, struct token path, const struct token *pattern)
{
    struct type_ast *t = type_new(p, TYPE_NAMED, path.span);
    t->path = path.text;
    t->pattern = pattern ? pattern->text : NULL;
    return t;
}

struct type_ast *type_literal(struct parser *p, struct token t)
{
    struct type_ast *type = type_new(p, TYPE_LITERAL, t.span);
    type->literal = t.literal ? t.literal
                              : literal_at(value_bool(p->arena, t.text[0] == 't'), t.span);
    return type;
}

struct type_ast *type_ints(struct parser *p, struct span span, int64_t low, int64_t high)
{
    struct type_ast *t = type_new(p, TYPE_INTS, span);
    t->low = low;
    t->high = high;
    if (low > high) {
        struct diag *d = syntax_error(p, "BG0009", span, "this range is empty");
        syntax_help(p, d, "the smaller number stands first: %lld..%lld", (long long)high,
                    (long long)low);
        t->kind = TYPE_ERROR;
    }
    return t;
}

struct field_ast *field_new(struct parser *p, struct token name, struct type_ast *type,
                            struct expr *value)
{
    struct field_ast *f = arena_make(p->arena, struct field_ast);
    f->name = word_of(name);
    f->doc = name.doc;
    f->type = type;
    f->value = value;
    return f;
}
