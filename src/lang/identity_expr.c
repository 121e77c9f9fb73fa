#include "lang/identity_expr.h"
#include "lang/moved.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* A variable of a loop or a function that stays open, and what stands for it. */
struct bound {
    const struct bound *up;
    const char *name;
    struct value *is;
};

struct spot {
    struct here here;
    const struct bound *bound;
    int depth; /* how many variables are open */
};

static struct value *encode_expr(struct encoder *e, const struct expr *x, struct spot at);

const char *encode_hash(struct arena *a, const char *text, size_t n, size_t digits)
{
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(text, n, digest);
    char *out = arena_alloc(a, digits + 2);
    for (size_t i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4];
    return out;
}

/* ---- small builders ------------------------------------------------------------------- */

static struct value *text(struct encoder *e, const char *s)
{
    return value_string(e->a, s);
}

static struct value *tagged(struct encoder *e, const char *tag, struct value *v)
{
    struct value *m = value_map(e->a);
    value_put(m, tag, v);
    return m;
}

static struct value *pair(struct encoder *e, struct value *x, struct value *y)
{
    struct value **at = arena_array(e->a, struct value *, 2);
    at[0] = x, at[1] = y;
    return value_list(e->a, at, 2);
}

static const char *canonical(struct arena *a, const struct value *v)
{
    struct buf b;
    buf_init(&b, a);
    value_json_canonical(&b, v);
    return buf_text(&b);
}

static struct value *decimal(struct encoder *e, struct dec d)
{
    struct buf b;
    buf_init(&b, e->a);
    dec_print(&b, d);
    return text(e, buf_text(&b));
}

/* ---- references ------------------------------------------------------------------------- */

/* Under the name that it had before `moved`: a rename rebuilds nothing. */
const char *encode_address(struct encoder *e, const char *address)
{
    return moved_from(e->a, e->g->program, address);
}

/* By its query and not by its name: renaming an `existing` rebuilds nothing. */
static const char *existing_hash(struct encoder *e, const struct node *n)
{
    const char *hash = map_find(&e->hashes, n->address);
    if (hash)
        return hash;
    struct value *q = value_map(e->a);
    value_put(q, "type", text(e, n->type));
    if (n->account)
        value_put(q, "in", text(e, n->account));
    if (n->set)
        value_put(q, "set", value_bool(e->a, true));
    if (n->pinned)
        value_put(q, "pin", text(e, n->pinned));
    else
        value_put(q, "query", encode_fields(e, n));
    if (n->keys)
        value_put(q, "keys", encode_value(e, n->keys));
    if (n->when)
        value_put(q, "when", encode_value(e, n->when));
    char *json = arena_strdup(e->keep, canonical(e->a, q));
    hash = encode_hash(e->keep, json, strlen(json), 16);
    map_put(&e->hashes, n->address, (void *)hash);
    map_put(&e->existings, hash, json);
    return hash;
}

static struct value *reference(struct encoder *e, const struct value *v)
{
    const char *field = v->ref.field;
    const struct node *n = graph_find(e->g, v->ref.address);
    if (n && n->existing) {
        struct value *m = tagged(e, "$existing", text(e, existing_hash(e, n)));
        if (field && strcmp(field, "*"))
            value_put(m, "field", text(e, field));
        return m;
    }
    const char *address = encode_address(e, v->ref.address);
    if (field)
        address = arena_printf(e->a, "%s.%s", address, field);
    return tagged(e, "$ref", text(e, address));
}

static struct value *metric(struct encoder *e, const struct value *v)
{
    const struct node *n = graph_find(e->g, v->metric.address);
    if (n && n->existing) {
        struct value *m = tagged(e, "$existing", text(e, existing_hash(e, n)));
        value_put(m, "metric", text(e, v->metric.name));
        return m;
    }
    return tagged(e, "$metric",
                  text(e, arena_printf(e->a, "%s.%s", encode_address(e, v->metric.address),
                                       v->metric.name)));
}

/* ---- values -------------------------------------------------------------------------------- */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static struct value *set(struct encoder *e, const struct value *v)
{
    struct map by_encoding; /* equal encodings are one element */
    map_init(&by_encoding, e->a);
    for (size_t i = 0; i < v->list.n; i++) {
        struct value *x = encode_value(e, v->list.at[i]);
        map_put(&by_encoding, canonical(e->a, x), x);
    }
    const char **keys = arena_array(e->a, const char *, by_encoding.n + 1);
    for (size_t i = 0; i < by_encoding.n; i++)
        keys[i] = by_encoding.entries[i].key;
    if (by_encoding.n > 1)
        qsort(keys, by_encoding.n, sizeof *keys, by_text);
    struct value **at = arena_array(e->a, struct value *, by_encoding.n + 1);
    for (size_t i = 0; i < by_encoding.n; i++)
        at[i] = map_find(&by_encoding, keys[i]);
    return value_list(e->a, at, by_encoding.n);
}

static const char *escaped(struct encoder *e, const char *key)
{
    return *key == '$' ? arena_printf(e->a, "$%s", key) : key;
}

static struct value *deferred(struct encoder *e, const struct deferred *d)
{
    return encode_expr(e, d->expr, (struct spot){d->here, NULL, 0});
}

struct value *encode_value(struct encoder *e, const struct value *v)
{
    if (v->kind != V_REF && v->kind != V_DEFERRED && v->secret && v->kind != V_LIST &&
        v->kind != V_SET && v->kind != V_MAP)
        return tagged(e, "$secret", value_bool(e->a, true));
    switch ((enum value_kind)v->kind) {
    case V_NONE: return value_none(e->a);
    case V_BOOL: return value_bool(e->a, v->b);
    case V_INT: return value_int(e->a, v->i);
    case V_NUMBER: return value_number(e->a, v->dec);
    case V_STRING: return text(e, v->s);
    case V_DURATION: return tagged(e, "$ms", value_int(e->a, v->i));
    case V_SIZE: return tagged(e, "$bytes", value_int(e->a, v->i));
    case V_PERCENT: return tagged(e, "$percent", decimal(e, v->dec));
    case V_RATE:
        return tagged(e, "$rate",
                      pair(e, decimal(e, v->rate.count), value_int(e->a, v->rate.per)));
    case V_CIDR: return tagged(e, "$cidr", text(e, v->s));
    case V_REGEX: return tagged(e, "$regex", text(e, v->s));
    case V_RANGE:
        return tagged(e, "$range",
                      pair(e, encode_value(e, v->range.low), encode_value(e, v->range.high)));
    case V_LIST: {
        struct value **at = arena_array(e->a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = encode_value(e, v->list.at[i]);
        return value_list(e->a, at, v->list.n);
    }
    case V_SET: return set(e, v);
    case V_MAP: {
        struct value *m = value_map(e->a);
        for (size_t i = 0; i < v->map->n; i++) {
            const struct value *x = v->map->entries[i].value;
            /* what the library filled in is not the author's */
            if (x->kind == V_NONE || program_is_std(e->g->program, x->span))
                continue;
            value_put(m, escaped(e, v->map->entries[i].key), encode_value(e, x));
        }
        return m;
    }
    case V_REF: return reference(e, v);
    case V_METRIC: return metric(e, v);
    case V_DEFERRED: return deferred(e, v->deferred);
    case V_POISON: break;
    }
    return tagged(e, "$error", value_bool(e->a, true));
}

/* ---- expressions ----------------------------------------------------------------------------- */

static const struct bound *bound_find(const struct bound *b, const char *name)
{
    for (; b; b = b->up)
        if (!strcmp(b->name, name))
            return b;
    return NULL;
}

/* Whether it names a variable that stays open. */
static bool open(const struct expr *x, const struct bound *b)
{
    if (!x || !b)
        return false;
    if (x->kind == EXPR_NAME)
        return bound_find(b, x->name.text) != NULL;
    if (open(x->a, b) || open(x->b, b) || open(x->c, b) || open(x->key, b))
        return true;
    for (const struct arg *g = x->args; g; g = g->next)
        if (open(g->value, b) || open(g->key, b))
            return true;
    for (const struct part *p = x->parts; p; p = p->next)
        if (open(p->expr, b))
            return true;
    return false;
}

static struct spot enter(struct encoder *e, struct spot at, const char *name)
{
    struct bound *b = arena_make(e->a, struct bound);
    *b = (struct bound){at.bound, name, tagged(e, "$var", value_int(e->a, at.depth))};
    at.bound = b;
    at.depth++;
    return at;
}

/* The pieces of a template; what is known runs together. */
static struct value *template(struct encoder *e, const struct expr *x, struct spot at)
{
    VEC(struct value *) out = {0};
    struct buf run;
    buf_init(&run, e->a);
    for (const struct part *p = x->parts; p; p = p->next) {
        if (!p->expr) {
            buf_puts(&run, p->text);
            continue;
        }
        if (!open(p->expr, at.bound)) {
            struct value *v = eval_at(&e->ev, p->expr, at.here);
            const char *s = !poisoned(v) && value_known(v) && !v->secret && v->kind != V_REF
                                ? eval_text(&e->ev, v, p->expr->span)
                                : NULL;
            if (s) {
                buf_puts(&run, s);
                continue;
            }
        }
        if (run.len)
            vec_push(e->a, &out, text(e, arena_strdup(e->a, buf_text(&run))));
        buf_clear(&run);
        vec_push(e->a, &out, encode_expr(e, p->expr, at));
    }
    if (run.len)
        vec_push(e->a, &out, text(e, buf_text(&run)));
    return tagged(e, "$text", value_list(e->a, out.at, out.n));
}

static struct value *each(struct encoder *e, const struct expr *x, struct spot at)
{
    struct value *m = value_map(e->a);
    value_put(m, "in", encode_expr(e, x->a, at));
    struct spot in = enter(e, at, x->var.text);
    if (x->var2.text)
        in = enter(e, in, x->var2.text);
    if (x->c)
        value_put(m, "if", encode_expr(e, x->c, in));
    if (x->key)
        value_put(m, "key", encode_expr(e, x->key, in));
    value_put(m, "give", encode_expr(e, x->b, in));
    return tagged(e, "$for", m);
}

static struct value *file_call(struct encoder *e, const struct expr *x, struct spot at)
{
    const struct arg *path = x->args, *with = NULL;
    for (const struct arg *g = x->args; g; g = g->next) {
        if (g->name.text ? !strcmp(g->name.text, "bindings") : g != x->args)
            with = g;
        else
            path = g;
    }
    struct value *m = value_map(e->a);
    struct value *p = path && !open(path->value, at.bound) ? eval_at(&e->ev, path->value, at.here)
                                                          : NULL;
    size_t len;
    uint32_t file;
    const char *bytes = p && p->kind == V_STRING ? program_read(e->g->program, path->value->span,
                                                                p->s, &len, &file)
                                                 : NULL;
    value_put(m, "$file", bytes ? text(e, encode_hash(e->a, bytes, len, 64))
                          : path ? encode_expr(e, path->value, at)
                                 : value_none(e->a));
    if (with)
        value_put(m, "with", encode_expr(e, with->value, at));
    return m;
}

/* A function of the author's is its body, with its arguments for its parameters. */
static struct value *expanded(struct encoder *e, const struct expr *x, struct spot at,
                              const struct symbol *fn)
{
    struct spot in = {{NULL, frame_of(&e->ev, NULL, fn->scope)}, NULL, at.depth};
    size_t position = 0;
    for (const struct field_ast *p = fn->decl->params; p; p = p->next, position++) {
        const struct arg *found = NULL;
        size_t i = 0;
        for (const struct arg *g = x->args; g; g = g->next) {
            if (g->name.text ? !strcmp(g->name.text, p->name.text) : i == position)
                found = g;
            i += g->name.text == NULL;
        }
        struct bound *b = arena_make(e->a, struct bound);
        b->up = in.bound;
        b->name = p->name.text;
        b->is = found      ? encode_expr(e, found->value, at)
                : p->value ? encode_expr(e, p->value, in)
                           : value_none(e->a);
        in.bound = b;
    }
    return encode_expr(e, fn->decl->value, in);
}

static const char *dotted(struct encoder *e, const struct expr *f)
{
    if (f->kind == EXPR_NAME)
        return f->name.text;
    const char *of = f->kind == EXPR_FIELD ? dotted(e, f->a) : NULL;
    return of ? arena_printf(e->a, "%s.%s", of, f->name.text) : "?";
}

static struct value *call(struct encoder *e, const struct expr *x, struct spot at)
{
    const struct expr *f = x->a;
    const struct symbol *fn = NULL;
    if (f->kind == EXPR_NAME)
        fn = eval_lookup(&e->ev, at.here, f->name.text, f->span);
    else if (f->kind == EXPR_FIELD)
        fn = eval_member(&e->ev, f->a, at.here, f->name.text);
    fn = fn && fn->decl->kind == DECL_FN ? fn : NULL;
    if (fn && !program_is_std(e->g->program, fn->decl->span))
        return expanded(e, x, at, fn);
    const char *name = fn ? fn->name : dotted(e, f);
    if (!fn && !strcmp(name, "file"))
        return file_call(e, x, at);
    /* arguments by name, so that how they were given does not matter */
    struct native_param params[NATIVE_PARAMS];
    const struct native *n = fn ? NULL : native_find(name);
    size_t nparams = n ? native_params(n, params) : 0, position = 0;
    const struct field_ast *p = fn ? fn->decl->params : NULL;
    struct value *with = value_map(e->a);
    for (const struct arg *g = x->args; g; g = g->next) {
        const char *key = g->name.text;
        if (!key && p)
            key = p->name.text;
        else if (!key && position < nparams)
            key = arena_strndup(e->a, params[position].name, params[position].name_len);
        if (!key)
            key = arena_printf(e->a, "%zu", position);
        if (!g->name.text) {
            position++;
            p = p ? p->next : NULL;
        }
        value_put(with, key, encode_expr(e, g->value, at));
    }
    struct value *m = tagged(e, "$call", text(e, name));
    value_put(m, "with", with);
    return m;
}

static struct value *structure(struct encoder *e, const struct expr *x, struct spot at)
{
    struct value *m;
    VEC(struct value *) items = {0};
    switch (x->kind) {
    case EXPR_LITERAL: return encode_value(e, x->literal);
    case EXPR_TEMPLATE: return template(e, x, at);
    case EXPR_NAME: {
        const struct bound *b = bound_find(at.bound, x->name.text);
        return b ? b->is : tagged(e, "$name", text(e, x->name.text));
    }
    case EXPR_FIELD: return tagged(e, "$field", pair(e, encode_expr(e, x->a, at),
                                                     text(e, x->name.text)));
    case EXPR_INDEX:
        return tagged(e, "$index", pair(e, encode_expr(e, x->a, at), encode_expr(e, x->b, at)));
    case EXPR_CALL: return call(e, x, at);
    case EXPR_LIST:
        for (const struct arg *g = x->args; g; g = g->next)
            vec_push(e->a, &items, encode_expr(e, g->value, at));
        return value_list(e->a, items.at, items.n);
    case EXPR_RECORD:
        m = value_map(e->a);
        for (const struct arg *g = x->args; g; g = g->next)
            value_put(m, g->name.text, encode_expr(e, g->value, at));
        return m;
    case EXPR_MAP:
        for (const struct arg *g = x->args; g; g = g->next)
            vec_push(e->a, &items, pair(e, g->key ? encode_expr(e, g->key, at)
                                                  : text(e, g->name.text),
                                        encode_expr(e, g->value, at)));
        return tagged(e, "$map", value_list(e->a, items.at, items.n));
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: return each(e, x, at);
    case EXPR_UNARY:
        m = tagged(e, "$op", text(e, x->op == OP_NEG ? "neg" : op_text(x->op)));
        vec_push(e->a, &items, encode_expr(e, x->a, at));
        value_put(m, "of", value_list(e->a, items.at, items.n));
        return m;
    case EXPR_BINARY:
        m = tagged(e, "$op", text(e, op_text(x->op)));
        value_put(m, "of", pair(e, encode_expr(e, x->a, at), encode_expr(e, x->b, at)));
        return m;
    case EXPR_IF:
        vec_push(e->a, &items, encode_expr(e, x->a, at));
        vec_push(e->a, &items, encode_expr(e, x->b, at));
        vec_push(e->a, &items, encode_expr(e, x->c, at));
        return tagged(e, "$if", value_list(e->a, items.at, items.n));
    case EXPR_LAMBDA:
        return tagged(e, "$lambda", encode_expr(e, x->b, enter(e, at, x->var.text)));
    case EXPR_ERROR: break;
    }
    return tagged(e, "$error", value_bool(e->a, true));
}

/* What is known is a value; what waits inside it for itself alone is its tree. */
static struct value *encode_expr(struct encoder *e, const struct expr *x, struct spot at)
{
    if (open(x, at.bound) || x->kind == EXPR_LAMBDA)
        return structure(e, x, at);
    struct value *v = eval_at(&e->ev, x, at.here);
    if (v->kind == V_DEFERRED && v->deferred->expr == x)
        return structure(e, x, at);
    return encode_value(e, v);
}
