#include "schema/names.h"

#include <string.h>

/* Loop and lambda variables, innermost first; value NULL: bound by the evaluator. */
struct local {
    const char *name;
    struct value *value;
    const struct local *up;
};

struct subst {
    struct program *program;
    struct arena *arena;
    struct diags *ds;
    const struct names *names;
    bool failed; /* something evaluated on the way was reported */
};

/* What the context makes of text that came from a wire without types. */
enum want { WANT_ANY, WANT_NUMBER, WANT_BOOL };

static struct expr *subst(struct subst *s, const struct expr *e, const struct local *l,
                          enum want want);

static struct expr *literal(struct subst *s, const struct expr *at, struct value *v, enum want want)
{
    if (v->kind == V_STRING && want == WANT_NUMBER) {
        struct dec d;
        if (dec_parse_float(v->s, &d))
            v = d.scale ? value_number(s->arena, d) : value_int(s->arena, d.m);
    } else if (v->kind == V_STRING && want == WANT_BOOL) {
        if (!strcmp(v->s, "true") || !strcmp(v->s, "false"))
            v = value_bool(s->arena, v->s[0] == 't');
    }
    struct expr *out = arena_make(s->arena, struct expr);
    out->kind = EXPR_LITERAL;
    out->span = at->span;
    out->literal = v;
    return out;
}

static const struct local *local_find(const struct local *l, const char *name)
{
    while (l && strcmp(l->name, name))
        l = l->up;
    return l;
}

static struct value *member(struct arena *a, const struct value *v, const char *name)
{
    if (v->kind == V_RANGE) {
        if (!strcmp(name, "low"))
            return v->range.low;
        if (!strcmp(name, "high"))
            return v->range.high;
    }
    /* A reference is its id here, or (in defaults) still a reference. */
    if (v->kind == V_STRING && !strcmp(name, "id"))
        return value_copy(a, v);
    if (v->kind == V_REF && !v->ref.field)
        return strcmp(name, "id") ? value_ref(a, v->ref.address, NULL, name) : value_copy(a, v);
    struct value *m = value_get(v, name);
    return m ? m : value_none(a);
}

/* The value of a path of names, or NULL when `e` is none that is known here. */
static struct value *chain(struct subst *s, const struct expr *e, const struct local *l)
{
    if (e->kind == EXPR_NAME) {
        const struct local *bound = local_find(l, e->name.text);
        if (bound)
            return bound->value;
        return s->names && s->names->find ? s->names->find(s->names->self, s->arena, e->name.text)
                                          : NULL;
    }
    if (e->kind == EXPR_FIELD) {
        struct value *base = chain(s, e->a, l);
        if (!base)
            return NULL;
        return member(s->arena, base, e->name.text);
    }
    if (e->kind == EXPR_INDEX) {
        struct value *base = chain(s, e->a, l);
        const struct value *i = e->b->kind == EXPR_LITERAL ? e->b->literal : chain(s, e->b, l);
        if (!base || !i)
            return NULL;
        if (i->kind == V_STRING)
            return member(s->arena, base, i->s);
        if (i->kind == V_INT && (base->kind == V_LIST || base->kind == V_SET))
            return i->i >= 0 && (uint64_t)i->i < base->list.n ? base->list.at[i->i]
                                                              : value_none(s->arena);
        return value_none(s->arena);
    }
    return NULL;
}

static struct arg *subst_args(struct subst *s, const struct arg *args, const struct local *l)
{
    struct arg *first = NULL, **end = &first;
    for (; args; args = args->next) {
        struct arg *out = arena_make(s->arena, struct arg);
        *out = *args;
        out->next = NULL;
        if (args->key)
            out->key = subst(s, args->key, l, WANT_ANY);
        out->value = subst(s, args->value, l, WANT_ANY);
        *end = out;
        end = &out->next;
    }
    return first;
}

/* Whether `e` speaks of a variable that only the evaluator knows. */
struct open_seen {
    const struct local *locals;
    bool found;
};

static void open_visit(void *self, const char *name, struct span at)
{
    struct open_seen *o = self;
    (void)at;
    const struct local *l = local_find(o->locals, name);
    o->found |= l && !l->value;
}

static bool is_open(const struct expr *e, const struct local *l)
{
    struct open_seen o = {l, false};
    if (e && l)
        names_each(e, open_visit, &o);
    return o.found;
}

/* [for v in KNOWN if c: b] becomes the list of the b's, so that holes in the
 * elements are met by the rules of this file too. */
static struct expr *unroll(struct subst *s, const struct expr *e, const struct value *list,
                           const struct local *l)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < list->list.n; i++) {
        struct local var = {e->var.text, list->list.at[i], l};
        if (e->c) {
            struct value *keep =
                eval_expr(s->program, s->arena, s->ds, subst(s, e->c, &var, WANT_BOOL), NULL);
            if (!keep) {
                s->failed = true;
                break;
            }
            if (keep->kind != V_BOOL || !keep->b)
                continue;
        }
        struct value *v =
            eval_expr(s->program, s->arena, s->ds, subst(s, e->b, &var, WANT_ANY), NULL);
        if (!v) {
            s->failed = true;
            break;
        }
        vec_push(s->arena, &out, v);
    }
    return literal(s, e, value_list(s->arena, out.at, out.n), WANT_ANY);
}

static bool is_text(const struct expr *e)
{
    return e->kind == EXPR_TEMPLATE || (e->kind == EXPR_LITERAL && e->literal->kind == V_STRING);
}

/* What the other side of a comparison makes of this one. */
static enum want beside(const struct expr *other)
{
    if (other->kind == EXPR_LITERAL && other->literal->kind == V_BOOL)
        return WANT_BOOL;
    if (other->kind == EXPR_LITERAL &&
        (other->literal->kind == V_INT || other->literal->kind == V_NUMBER))
        return WANT_NUMBER;
    return WANT_ANY;
}

static struct expr *subst_binary(struct subst *s, const struct expr *e, const struct local *l)
{
    enum want a = WANT_ANY, b = WANT_ANY;
    switch (e->op) {
    case OP_OR:
    case OP_AND: a = b = WANT_BOOL; break;
    case OP_LT:
    case OP_GT:
    case OP_LE:
    case OP_GE:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_RANGE: a = b = WANT_NUMBER; break;
    case OP_ADD: /* of texts it is joining */
        a = b = is_text(e->a) || is_text(e->b) ? WANT_ANY : WANT_NUMBER;
        break;
    case OP_EQ:
    case OP_NE:
        a = beside(e->b);
        b = beside(e->a);
        break;
    default: break;
    }
    struct expr *out = arena_make(s->arena, struct expr);
    *out = *e;
    out->a = subst(s, e->a, l, a);
    out->b = subst(s, e->b, l, b);
    /* `A ?? B` of two texts that come as text stays text. */
    return out;
}

static struct expr *subst(struct subst *s, const struct expr *e, const struct local *l,
                          enum want want)
{
    if (!e)
        return NULL;
    struct value *known = chain(s, e, l);
    if (known)
        return literal(s, e, known, want);
    struct expr *out = arena_make(s->arena, struct expr);
    *out = *e;
    switch (e->kind) {
    case EXPR_FIELD: out->a = subst(s, e->a, l, WANT_ANY); break;
    case EXPR_INDEX:
        out->a = subst(s, e->a, l, WANT_ANY);
        out->b = subst(s, e->b, l, WANT_ANY);
        break;
    case EXPR_CALL: /* the callee is a function's name, never one of ours */
        out->args = subst_args(s, e->args, l);
        break;
    case EXPR_LIST:
    case EXPR_RECORD:
    case EXPR_MAP: out->args = subst_args(s, e->args, l); break;
    case EXPR_TEMPLATE: {
        struct part **end = &out->parts;
        for (const struct part *p = e->parts; p; p = p->next) {
            struct part *q = arena_make(s->arena, struct part);
            *q = *p;
            q->next = NULL;
            if (p->expr)
                q->expr = subst(s, p->expr, l, WANT_ANY);
            *end = q;
            end = &q->next;
        }
        break;
    }
    case EXPR_FOR_LIST: {
        out->a = subst(s, e->a, l, WANT_ANY);
        if (!e->var2 && !is_open(e->a, l) && !is_open(e->b, l) && !is_open(e->c, l)) {
            const struct value *list = out->a->kind == EXPR_LITERAL
                                           ? out->a->literal
                                           : eval_expr(s->program, s->arena, s->ds, out->a, NULL);
            if (!list) {
                s->failed = true;
                return out;
            }
            if (list->kind == V_NONE)
                return literal(s, e, value_list(s->arena, NULL, 0), WANT_ANY);
            if (list->kind == V_LIST || list->kind == V_SET)
                return unroll(s, e, list, l);
        }
        struct local var = {e->var.text, NULL, l};
        struct local var2 = {e->var2 ? e->var2->text : "", NULL, &var};
        out->b = subst(s, e->b, &var2, WANT_ANY);
        out->c = subst(s, e->c, &var2, WANT_BOOL);
        break;
    }
    case EXPR_FOR_MAP: {
        out->a = subst(s, e->a, l, WANT_ANY);
        struct local var = {e->var.text, NULL, l};
        struct local var2 = {e->var2 ? e->var2->text : "", NULL, &var};
        out->key = subst(s, e->key, &var2, WANT_ANY);
        out->b = subst(s, e->b, &var2, WANT_ANY);
        out->c = subst(s, e->c, &var2, WANT_BOOL);
        break;
    }
    case EXPR_UNARY: out->a = subst(s, e->a, l, e->op == OP_NOT ? WANT_BOOL : WANT_NUMBER); break;
    case EXPR_BINARY: return subst_binary(s, e, l);
    case EXPR_IF:
        out->a = subst(s, e->a, l, WANT_BOOL);
        out->b = subst(s, e->b, l, want);
        out->c = subst(s, e->c, l, want);
        break;
    case EXPR_LAMBDA: {
        struct local var = {e->var.text, NULL, l};
        out->a = subst(s, e->a, &var, WANT_ANY);
        out->b = subst(s, e->b, &var, WANT_ANY);
        break;
    }
    default: break;
    }
    return out;
}

struct value *names_eval(struct program *p, struct arena *a, struct diags *ds, const struct expr *e,
                         const struct names *names)
{
    struct subst s = {p, a, ds, names, false};
    struct expr *e2 = subst(&s, e, NULL, WANT_ANY);
    if (s.failed)
        return NULL;
    if (e2->kind == EXPR_LITERAL)
        return value_copy(a, e2->literal);
    size_t said = ds->all.n;
    struct value *v = eval_expr(p, a, ds, e2, NULL);
    if (!v && ds->all.n == said) /* the evaluator is silent about what was poisoned before */
        diag_error(ds, "BG1801", e->span, "this cannot be worked out from what there is");
    return v;
}

static struct value *find_in_map(const void *self, struct arena *a, const char *name)
{
    struct value *v = value_get(self, name);
    return v ? v : value_none(a);
}

struct names names_of_map(const struct value *map)
{
    return (struct names){find_in_map, map};
}

/* ---- free names ------------------------------------------------------------ */

struct visitor {
    void (*seen)(void *self, const char *name, struct span at);
    void *self;
};

static void visit(const struct visitor *v, const struct expr *e, const struct local *l);

static void visit_args(const struct visitor *v, const struct arg *args, const struct local *l)
{
    for (; args; args = args->next) {
        visit(v, args->key, l);
        visit(v, args->value, l);
    }
}

static void visit(const struct visitor *v, const struct expr *e, const struct local *l)
{
    if (!e)
        return;
    switch (e->kind) {
    case EXPR_NAME:
        if (!local_find(l, e->name.text))
            v->seen(v->self, e->name.text, e->span);
        return;
    case EXPR_CALL: visit_args(v, e->args, l); return;
    case EXPR_TEMPLATE:
        for (const struct part *p = e->parts; p; p = p->next)
            visit(v, p->expr, l);
        return;
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP:
    case EXPR_LAMBDA: {
        struct local var = {e->var.text, NULL, l};
        struct local var2 = {e->var2 ? e->var2->text : "", NULL, &var};
        if (e->kind == EXPR_LAMBDA)
            visit(v, e->a, &var2);
        else
            visit(v, e->a, l);
        visit(v, e->key, &var2);
        visit(v, e->b, &var2);
        visit(v, e->c, &var2);
        return;
    }
    default:
        visit(v, e->a, l);
        visit(v, e->b, l);
        visit(v, e->c, l);
        visit(v, e->key, l);
        visit_args(v, e->args, l);
    }
}

void names_each(const struct expr *e, void (*seen)(void *self, const char *name, struct span at),
                void *self)
{
    struct visitor v = {seen, self};
    visit(&v, e, NULL);
}

struct mention {
    const char *name;
    bool found;
};

static void mention_seen(void *self, const char *name, struct span at)
{
    struct mention *m = self;
    (void)at;
    m->found |= !strcmp(m->name, name);
}

bool names_mentions(const struct expr *e, const char *name)
{
    struct mention m = {name, false};
    names_each(e, mention_seen, &m);
    return m.found;
}

/* ---- backwards -------------------------------------------------------------- */

struct matcher {
    struct program *program;
    struct arena *arena;
};

static bool match(struct matcher *m, const struct expr *e, struct value *v, struct value *out);

/* out.a.b.c = v, making MAPs on the way. */
static bool assign(struct matcher *m, const struct expr *e, struct value *v, struct value *out)
{
    if (e->kind == EXPR_NAME) {
        struct value *old = value_get(out, e->name.text);
        if (old && old->kind == V_MAP && v->kind == V_MAP) {
            for (size_t i = 0; i < v->map->n; i++)
                value_put(old, v->map->entries[i].key, v->map->entries[i].value);
            return true;
        }
        if (old && old->kind != V_NONE && v->kind == V_NONE)
            return true; /* something is known already */
        value_put(out, e->name.text, v);
        return true;
    }
    if (e->kind != EXPR_FIELD)
        return false;
    VEC(const char *) up = {0};
    const struct expr *root = e->a;
    for (; root->kind == EXPR_FIELD; root = root->a)
        vec_push(m->arena, &up, root->name.text);
    if (root->kind != EXPR_NAME)
        return false;
    struct value *at = value_get(out, root->name.text);
    if (!at || at->kind != V_MAP) {
        at = value_map(m->arena);
        value_put(out, root->name.text, at);
    }
    for (size_t i = up.n; i-- > 0;) {
        struct value *next = value_get(at, up.at[i]);
        if (!next || next->kind != V_MAP) {
            next = value_map(m->arena);
            value_put(at, up.at[i], next);
        }
        at = next;
    }
    value_put(at, e->name.text, v);
    return true;
}

static bool same_scalar(const struct value *want, const struct value *have)
{
    if (value_equal(want, have))
        return true;
    /* a wire without types */
    if (have->kind == V_STRING && want->kind == V_BOOL)
        return !strcmp(have->s, want->b ? "true" : "false");
    struct dec d;
    if (have->kind == V_STRING && want->kind == V_INT)
        return dec_parse_float(have->s, &d) && d.scale == 0 && d.m == want->i;
    return false;
}

static struct expr *lit(struct matcher *m, const struct value *v)
{
    struct expr *e = arena_make(m->arena, struct expr);
    e->kind = EXPR_LITERAL;
    e->literal = v;
    return e;
}

/* x * k = v gives x = v / k, and the other way. */
static bool match_scale(struct matcher *m, const struct expr *e, struct value *v, struct value *out)
{
    const struct expr *name = e->a, *k = e->b;
    if (e->op == OP_MUL && e->a->kind == EXPR_LITERAL) {
        name = e->b;
        k = e->a;
    }
    if (k->kind != EXPR_LITERAL || v->kind == V_NONE)
        return v->kind == V_NONE && match(m, name, v, out);
    if (v->kind == V_STRING) {
        struct dec d;
        if (!dec_parse_float(v->s, &d))
            return false;
        v = d.scale ? value_number(m->arena, d) : value_int(m->arena, d.m);
    }
    struct expr op = {.kind = EXPR_BINARY,
                      .op = e->op == OP_MUL ? OP_DIV : OP_MUL,
                      .span = e->span,
                      .a = lit(m, v),
                      .b = lit(m, k->literal)};
    struct diags quiet;
    diags_init(&quiet, m->arena, m->program ? m->program->ds->sources : NULL);
    struct value *x = eval_expr(m->program, m->arena, &quiet, &op, NULL);
    if (!x)
        return false;
    if (x->kind == V_NUMBER && x->dec.scale == 0)
        x = value_int(m->arena, x->dec.m);
    return match(m, name, x, out);
}

static bool match_template(struct matcher *m, const struct expr *e, struct value *v,
                           struct value *out)
{
    if (v->kind != V_STRING)
        return false;
    const char *from = v->s, *end = v->s + strlen(v->s);
    const struct expr *hole = NULL;
    struct buf tail;
    buf_init(&tail, m->arena);
    for (const struct part *p = e->parts; p; p = p->next) {
        if (p->expr) {
            if (hole)
                return false;
            hole = p->expr;
        } else if (!hole) {
            size_t n = strlen(p->text);
            if (strncmp(from, p->text, n))
                return false;
            from += n;
        } else {
            buf_puts(&tail, p->text);
        }
    }
    if ((size_t)(end - from) < tail.len || strcmp(end - tail.len, buf_text(&tail)))
        return false;
    end -= tail.len;
    if (!hole)
        return from == end;
    return match(m, hole,
                 value_string(m->arena, arena_strndup(m->arena, from, (size_t)(end - from))), out);
}

static bool match_for(struct matcher *m, const struct expr *e, struct value *v, struct value *out)
{
    if (e->var2 || (v->kind != V_LIST && v->kind != V_SET && v->kind != V_NONE))
        return false;
    size_t n = v->kind == V_NONE ? 0 : v->list.n;
    struct value **at = arena_array(m->arena, struct value *, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        struct value *inner = value_map(m->arena);
        if (!match(m, e->b, v->list.at[i], inner))
            return false;
        struct value *x = value_get(inner, e->var.text);
        at[i] = x ? x : value_none(m->arena);
    }
    return match(m, e->a, value_list(m->arena, at, n), out);
}

static bool match(struct matcher *m, const struct expr *e, struct value *v, struct value *out)
{
    switch (e->kind) {
    case EXPR_LITERAL: return same_scalar(e->literal, v);
    case EXPR_NAME:
    case EXPR_FIELD: return assign(m, e, v, out);
    case EXPR_TEMPLATE: return match_template(m, e, v, out);
    case EXPR_RECORD:
        if (v->kind != V_MAP)
            return false;
        for (const struct arg *x = e->args; x; x = x->next) {
            struct value *part = value_get(v, x->name.text);
            if (!part) {
                if (x->value->kind == EXPR_LITERAL && x->value->literal->kind != V_NONE)
                    return false;
                continue;
            }
            if (!match(m, x->value, part, out))
                return false;
        }
        return true;
    case EXPR_LIST: {
        if (v->kind != V_LIST && v->kind != V_SET)
            return false;
        size_t i = 0;
        for (const struct arg *x = e->args; x; x = x->next, i++)
            if (i >= v->list.n || !match(m, x->value, v->list.at[i], out))
                return false;
        return i == v->list.n;
    }
    case EXPR_FOR_LIST: return match_for(m, e, v, out);
    case EXPR_BINARY:
        if (e->op == OP_COALESCE)
            return match(m, e->a, v, out);
        if (e->op == OP_MUL || e->op == OP_DIV)
            return match_scale(m, e, v, out);
        return false;
    case EXPR_IF: {
        struct value *one = value_map(m->arena);
        const struct expr *branch = match(m, e->b, v, one) ? e->b : e->c;
        return match(m, branch, v, out);
    }
    default: return false;
    }
}

bool names_match(struct program *p, struct arena *a, const struct expr *e, struct value *v,
                 struct value *out)
{
    struct matcher m = {p, a};
    return match(&m, e, v, out);
}
