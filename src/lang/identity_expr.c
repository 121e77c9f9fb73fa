#include "lang/identity_expr.h"
#include "lang/moved.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Everything is written as text at once: a tree of values of a large world would be
 * many times its text. Members stand in the order of their names. */

/* A variable of a loop or a function that stays open, and what stands for it. */
struct bound {
    const struct bound *up;
    const char *name;
    const char *is; /* canonical text */
};

struct spot {
    struct here here;
    const struct bound *bound;
    int depth; /* how many variables are open */
};

static void put_expr(struct encoder *e, struct buf *b, const struct expr *x, struct spot at);

const char *encode_hash(struct arena *a, const char *text, size_t n, size_t digits)
{
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(text, n, digest);
    return arena_strndup(a, digest_hex(a, digest, DIGEST_SIZE), digits);
}

/* ---- small builders ------------------------------------------------------------------- */

/* {"tag":"text"} */
static void put_tagged(struct buf *b, const char *tag, const char *text)
{
    buf_puts(b, tag);
    buf_put_json(b, text);
    buf_putc(b, '}');
}

static void put_tagged_int(struct buf *b, const char *tag, int64_t i)
{
    buf_puts(b, tag);
    buf_put_int(b, i);
    buf_putc(b, '}');
}

static void put_dec(struct buf *b, struct dec d)
{
    buf_putc(b, '"');
    dec_print(b, d);
    buf_putc(b, '"');
}

static void put_key(struct buf *b, const char *key)
{
    buf_put_json(b, key);
    buf_putc(b, ':');
}

/* Members whose values are canonical text. */
static void put_members(struct buf *b, const struct map *texts)
{
    const struct map_entry **sorted = value_sorted(b->arena, texts);
    buf_putc(b, '{');
    for (size_t i = 0; i < texts->n; i++) {
        if (i)
            buf_putc(b, ',');
        put_key(b, sorted[i]->key);
        buf_puts(b, sorted[i]->value);
    }
    buf_putc(b, '}');
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
    struct buf b;
    buf_init(&b, e->a);
    buf_putc(&b, '{');
    if (n->account) {
        buf_puts(&b, "\"in\":");
        buf_put_json(&b, n->account);
        buf_putc(&b, ',');
    }
    if (n->keys) {
        buf_puts(&b, "\"keys\":");
        encode_value(e, &b, n->keys);
        buf_putc(&b, ',');
    }
    if (n->pinned) {
        buf_puts(&b, "\"pin\":");
        buf_put_json(&b, n->pinned);
    } else {
        buf_puts(&b, "\"query\":");
        encode_fields(e, &b, n);
    }
    if (n->set)
        buf_puts(&b, ",\"set\":true");
    buf_puts(&b, ",\"type\":");
    buf_put_json(&b, n->type);
    if (n->when) {
        buf_puts(&b, ",\"when\":");
        encode_value(e, &b, n->when);
    }
    buf_putc(&b, '}');
    char *json = arena_strndup(e->keep, b.at, b.len);
    hash = encode_hash(e->keep, json, b.len, 16);
    map_put(&e->hashes, n->address, (void *)hash);
    map_put(&e->existings, hash, json);
    return hash;
}

/* What `member`, "field" or "metric", of an existing is named by. */
static void put_existing(struct encoder *e, struct buf *b, const struct node *n,
                         const char *member, const char *name)
{
    buf_puts(b, "{\"$existing\":");
    buf_put_json(b, existing_hash(e, n));
    if (name) {
        buf_putc(b, ',');
        put_key(b, member);
        buf_put_json(b, name);
    }
    buf_putc(b, '}');
}

static void put_reference(struct encoder *e, struct buf *b, const struct value *v)
{
    const char *field = v->ref.field;
    const struct node *n = graph_find(e->g, v->ref.address);
    if (n && n->existing) {
        put_existing(e, b, n, "field", field && strcmp(field, "*") ? field : NULL);
        return;
    }
    const char *address = encode_address(e, v->ref.address);
    put_tagged(b, "{\"$ref\":", field ? arena_join(e->a, address, ".", field) : address);
}

static void put_metric(struct encoder *e, struct buf *b, const struct value *v)
{
    const struct node *n = graph_find(e->g, v->metric.address);
    if (n && n->existing)
        put_existing(e, b, n, "metric", v->metric.name);
    else
        put_tagged(b, "{\"$metric\":",
                   arena_join(e->a, encode_address(e, v->metric.address), ".", v->metric.name));
}

/* ---- values -------------------------------------------------------------------------------- */

/* Equal encodings are one element. */
static void put_set(struct encoder *e, struct buf *b, const struct value *v)
{
    struct map texts;
    map_init(&texts, e->a);
    map_reserve(&texts, v->list.n);
    for (size_t i = 0; i < v->list.n; i++) {
        struct buf x;
        buf_init(&x, e->a);
        encode_value(e, &x, v->list.at[i]);
        map_put(&texts, buf_text(&x), NULL);
    }
    const struct map_entry **sorted = value_sorted(e->a, &texts);
    buf_putc(b, '[');
    for (size_t i = 0; i < texts.n; i++) {
        if (i)
            buf_putc(b, ',');
        buf_puts(b, sorted[i]->key);
    }
    buf_putc(b, ']');
}

/* As the author wrote it: not what is none, nor what the library filled in. */
static void put_map(struct encoder *e, struct buf *b, const struct map *m)
{
    struct map said;
    map_init(&said, e->a);
    map_reserve(&said, m->n);
    for (size_t i = 0; i < m->n; i++) {
        const char *key = m->entries[i].key;
        struct value *x = m->entries[i].value;
        if (x->kind == V_NONE || program_is_std(e->g->program, x->span))
            continue;
        map_put(&said, *key == '$' ? arena_join(e->a, "$", "", key) : key, x);
    }
    const struct map_entry **sorted = value_sorted(e->a, &said);
    buf_putc(b, '{');
    for (size_t i = 0; i < said.n; i++) {
        if (i)
            buf_putc(b, ',');
        put_key(b, sorted[i]->key);
        encode_value(e, b, sorted[i]->value);
    }
    buf_putc(b, '}');
}

void encode_value(struct encoder *e, struct buf *b, const struct value *v)
{
    if (v->secret && v->kind != V_REF && v->kind != V_DEFERRED && v->kind != V_LIST &&
        v->kind != V_SET && v->kind != V_MAP) {
        buf_puts(b, "{\"$secret\":true}");
        return;
    }
    switch ((enum value_kind)v->kind) {
    case V_NONE: buf_puts(b, "null"); break;
    case V_BOOL: buf_puts(b, v->b ? "true" : "false"); break;
    case V_INT: buf_put_int(b, v->i); break;
    case V_NUMBER: dec_print(b, v->dec); break;
    case V_STRING: buf_put_json(b, v->s); break;
    case V_DURATION: put_tagged_int(b, "{\"$ms\":", v->i); break;
    case V_SIZE: put_tagged_int(b, "{\"$bytes\":", v->i); break;
    case V_PERCENT:
        buf_puts(b, "{\"$percent\":");
        put_dec(b, v->dec);
        buf_putc(b, '}');
        break;
    case V_RATE:
        buf_puts(b, "{\"$rate\":[");
        put_dec(b, v->rate.count);
        buf_putc(b, ',');
        buf_put_int(b, v->rate.per);
        buf_puts(b, "]}");
        break;
    case V_CIDR: put_tagged(b, "{\"$cidr\":", v->s); break;
    case V_REGEX: put_tagged(b, "{\"$regex\":", v->s); break;
    case V_RANGE:
        buf_puts(b, "{\"$range\":[");
        encode_value(e, b, v->range.low);
        buf_putc(b, ',');
        encode_value(e, b, v->range.high);
        buf_puts(b, "]}");
        break;
    case V_LIST:
        buf_putc(b, '[');
        for (size_t i = 0; i < v->list.n; i++) {
            if (i)
                buf_putc(b, ',');
            encode_value(e, b, v->list.at[i]);
        }
        buf_putc(b, ']');
        break;
    case V_SET: put_set(e, b, v); break;
    case V_MAP: put_map(e, b, v->map); break;
    case V_REF: put_reference(e, b, v); break;
    case V_METRIC: put_metric(e, b, v); break;
    case V_DEFERRED:
        put_expr(e, b, v->deferred->expr, (struct spot){v->deferred->here, NULL, 0});
        break;
    case V_POISON: buf_puts(b, "{\"$error\":true}"); break;
    }
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

static const char *expr_text(struct encoder *e, const struct expr *x, struct spot at)
{
    struct buf b;
    buf_init(&b, e->a);
    put_expr(e, &b, x, at);
    return buf_text(&b);
}

static struct spot enter(struct encoder *e, struct spot at, const char *name)
{
    struct bound *b = arena_make(e->a, struct bound);
    *b = (struct bound){at.bound, name, arena_printf(e->a, "{\"$var\":%d}", at.depth)};
    at.bound = b;
    at.depth++;
    return at;
}

/* The text of a piece that is known; NULL: it is not. */
static const char *piece(struct encoder *e, const struct expr *x, struct spot at)
{
    if (open(x, at.bound))
        return NULL;
    struct value *v = eval_at(&e->ev, x, at.here);
    if (poisoned(v) || !value_known(v) || v->secret || v->kind == V_REF)
        return NULL;
    return eval_text(&e->ev, v, x->span);
}

static void put_run(struct buf *b, struct buf *run, bool *first)
{
    if (!run->len)
        return;
    if (!*first)
        buf_putc(b, ',');
    *first = false;
    buf_put_json(b, buf_text(run));
    buf_clear(run);
}

/* The pieces of a template; what is known runs together. */
static void put_template(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    struct buf run;
    buf_init(&run, e->a);
    bool first = true;
    buf_puts(b, "{\"$text\":[");
    for (const struct part *p = x->parts; p; p = p->next) {
        const char *s = p->expr ? piece(e, p->expr, at) : p->text;
        if (s) {
            buf_puts(&run, s);
            continue;
        }
        put_run(b, &run, &first);
        if (!first)
            buf_putc(b, ',');
        first = false;
        put_expr(e, b, p->expr, at);
    }
    put_run(b, &run, &first);
    buf_puts(b, "]}");
}

static void put_for(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    struct spot in = enter(e, at, x->var.text);
    if (x->var2)
        in = enter(e, in, x->var2->text);
    buf_puts(b, "{\"$for\":{\"give\":");
    put_expr(e, b, x->b, in);
    if (x->c) {
        buf_puts(b, ",\"if\":");
        put_expr(e, b, x->c, in);
    }
    buf_puts(b, ",\"in\":");
    put_expr(e, b, x->a, at);
    if (x->key) {
        buf_puts(b, ",\"key\":");
        put_expr(e, b, x->key, in);
    }
    buf_puts(b, "}}");
}

static void put_file_call(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    const struct arg *path = x->args, *with = NULL;
    for (const struct arg *g = x->args; g; g = g->next) {
        if (g->name.text ? !strcmp(g->name.text, "bindings") : g != x->args)
            with = g;
        else
            path = g;
    }
    struct value *p = path && !open(path->value, at.bound) ? eval_at(&e->ev, path->value, at.here)
                                                          : NULL;
    size_t len;
    uint32_t file;
    const char *bytes = p && p->kind == V_STRING ? program_read(e->g->program, path->value->span,
                                                                p->s, &len, &file)
                                                 : NULL;
    buf_puts(b, "{\"$file\":");
    if (bytes)
        buf_put_json(b, encode_hash(e->a, bytes, len, 64));
    else if (path)
        put_expr(e, b, path->value, at);
    else
        buf_puts(b, "null");
    if (with) {
        buf_puts(b, ",\"with\":");
        put_expr(e, b, with->value, at);
    }
    buf_putc(b, '}');
}

/* A function of the author's is its body, with its arguments for its parameters. */
static void put_expanded(struct encoder *e, struct buf *out, const struct expr *x, struct spot at,
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
        b->is = found      ? expr_text(e, found->value, at)
                : p->value ? expr_text(e, p->value, in)
                           : "null";
        in.bound = b;
    }
    put_expr(e, out, fn->decl->value, in);
}

static const char *dotted(struct encoder *e, const struct expr *f)
{
    if (f->kind == EXPR_NAME)
        return f->name.text;
    const char *of = f->kind == EXPR_FIELD ? dotted(e, f->a) : NULL;
    return of ? arena_printf(e->a, "%s.%s", of, f->name.text) : "?";
}

static void put_call(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    const struct expr *f = x->a;
    const struct symbol *fn = NULL;
    if (f->kind == EXPR_NAME)
        fn = eval_lookup(&e->ev, at.here, f->name.text, f->span);
    else if (f->kind == EXPR_FIELD)
        fn = eval_member(&e->ev, f->a, at.here, f->name.text);
    fn = fn && fn->decl->kind == DECL_FN ? fn : NULL;
    if (fn && !program_is_std(e->g->program, fn->decl->span)) {
        put_expanded(e, b, x, at, fn);
        return;
    }
    const char *name = fn ? fn->name : dotted(e, f);
    if (!fn && !strcmp(name, "file")) {
        put_file_call(e, b, x, at);
        return;
    }
    /* arguments by name, so that how they were given does not matter */
    struct native_param params[NATIVE_PARAMS];
    const struct native *n = fn ? NULL : native_find(name);
    size_t nparams = n ? native_params(n, params) : 0, position = 0;
    const struct field_ast *p = fn ? fn->decl->params : NULL;
    struct map with;
    map_init(&with, e->a);
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
        map_put(&with, key, (void *)expr_text(e, g->value, at));
    }
    buf_puts(b, "{\"$call\":");
    buf_put_json(b, name);
    buf_puts(b, ",\"with\":");
    put_members(b, &with);
    buf_putc(b, '}');
}

static void put_operands(struct encoder *e, struct buf *b, const struct expr *const *of, size_t n,
                         struct spot at)
{
    buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(b, ',');
        put_expr(e, b, of[i], at);
    }
    buf_putc(b, ']');
}

static void put_record(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    struct map texts;
    map_init(&texts, e->a);
    for (const struct arg *g = x->args; g; g = g->next)
        map_put(&texts, g->name.text, (void *)expr_text(e, g->value, at));
    put_members(b, &texts);
}

static void put_pairs(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    buf_puts(b, "{\"$map\":[");
    for (const struct arg *g = x->args; g; g = g->next) {
        buf_puts(b, g == x->args ? "[" : ",[");
        if (g->key)
            put_expr(e, b, g->key, at);
        else
            buf_put_json(b, g->name.text);
        buf_putc(b, ',');
        put_expr(e, b, g->value, at);
        buf_putc(b, ']');
    }
    buf_puts(b, "]}");
}

static void put_structure(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    const struct expr *of[] = {x->a, x->b, x->c};
    const struct bound *is;
    switch (x->kind) {
    case EXPR_LITERAL: encode_value(e, b, x->literal); break;
    case EXPR_TEMPLATE: put_template(e, b, x, at); break;
    case EXPR_NAME:
        is = bound_find(at.bound, x->name.text);
        if (is)
            buf_puts(b, is->is);
        else
            put_tagged(b, "{\"$name\":", x->name.text);
        break;
    case EXPR_FIELD:
        buf_puts(b, "{\"$field\":[");
        put_expr(e, b, x->a, at);
        buf_putc(b, ',');
        buf_put_json(b, x->name.text);
        buf_puts(b, "]}");
        break;
    case EXPR_INDEX:
        buf_puts(b, "{\"$index\":");
        put_operands(e, b, of, 2, at);
        buf_putc(b, '}');
        break;
    case EXPR_CALL: put_call(e, b, x, at); break;
    case EXPR_LIST:
        buf_putc(b, '[');
        for (const struct arg *g = x->args; g; g = g->next) {
            if (g != x->args)
                buf_putc(b, ',');
            put_expr(e, b, g->value, at);
        }
        buf_putc(b, ']');
        break;
    case EXPR_RECORD: put_record(e, b, x, at); break;
    case EXPR_MAP: put_pairs(e, b, x, at); break;
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: put_for(e, b, x, at); break;
    case EXPR_UNARY:
    case EXPR_BINARY:
        buf_puts(b, "{\"$op\":");
        buf_put_json(b, x->kind == EXPR_UNARY && x->op == OP_NEG ? "neg" : op_text(x->op));
        buf_puts(b, ",\"of\":");
        put_operands(e, b, of, x->kind == EXPR_UNARY ? 1 : 2, at);
        buf_putc(b, '}');
        break;
    case EXPR_IF:
        buf_puts(b, "{\"$if\":");
        put_operands(e, b, of, 3, at);
        buf_putc(b, '}');
        break;
    case EXPR_LAMBDA:
        buf_puts(b, "{\"$lambda\":");
        put_expr(e, b, x->b, enter(e, at, x->var.text));
        buf_putc(b, '}');
        break;
    case EXPR_ERROR: buf_puts(b, "{\"$error\":true}"); break;
    }
}

/* What is known is a value; what waits inside it for itself alone is its tree. */
static void put_expr(struct encoder *e, struct buf *b, const struct expr *x, struct spot at)
{
    if (open(x, at.bound) || x->kind == EXPR_LAMBDA) {
        put_structure(e, b, x, at);
        return;
    }
    struct value *v = eval_at(&e->ev, x, at.here);
    if (v->kind == V_DEFERRED && v->deferred->expr == x)
        put_structure(e, b, x, at);
    else
        encode_value(e, b, v);
}
