#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "schema/lens.h"

const struct type *type_bare(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    return t;
}

static struct value *like(struct value *made, const struct value *from)
{
    made->span = from->span;
    made->secret |= from->secret;
    return made;
}

struct value *value_hide(struct arena *a, struct value *v)
{
    struct value *out = value_copy(a, v);
    out->secret = true;
    if (v->kind == V_LIST || v->kind == V_SET) {
        out->list.at = arena_array(a, struct value *, v->list.n ? v->list.n : 1);
        for (size_t i = 0; i < v->list.n; i++)
            out->list.at[i] = value_hide(a, v->list.at[i]);
    } else if (v->kind == V_MAP) {
        struct value *m = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, v->map->entries[i].key, value_hide(a, v->map->entries[i].value));
        out->map = m->map;
        out->map_parts = m->map_parts;
    }
    return out;
}

const char *cidr_canonical(struct arena *a, const char *text)
{
    const char *slash = strchr(text, '/');
    if (!slash || !slash[1] || strlen(slash + 1) > 3)
        return NULL;
    for (const char *p = slash + 1; *p; p++)
        if (*p < '0' || *p > '9')
            return NULL;
    int bits = atoi(slash + 1);
    char *host = arena_strndup(a, text, (size_t)(slash - text));
    bool six = strchr(host, ':') != NULL;
    unsigned char raw[16];
    char out[INET6_ADDRSTRLEN];
    if (inet_pton(six ? AF_INET6 : AF_INET, host, raw) != 1 || bits > (six ? 128 : 32))
        return NULL;
    inet_ntop(six ? AF_INET6 : AF_INET, raw, out, sizeof out);
    return arena_printf(a, "%s/%d", out, bits);
}

/* ---- out ------------------------------------------------------------------- */

static const struct type *member_type(const struct type *t, const char *name)
{
    if (!t)
        return NULL;
    if (t->kind == TYPE_K_MAP)
        return t->elem;
    if (t->kind == TYPE_K_RECORD)
        for (size_t i = 0; i < t->fields.n; i++)
            if (!strcmp(t->fields.at[i].name, name))
                return t->fields.at[i].type;
    return NULL;
}

static struct value *out_list(const struct lens_ctx *c, const struct type *t, struct value *v)
{
    struct value **at = arena_array(c->a, struct value *, v->list.n ? v->list.n : 1);
    size_t n = 0;
    const struct type *elem =
        t && (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET) ? t->elem : NULL;
    for (size_t i = 0; i < v->list.n; i++) {
        struct value *w = wire_out(c, elem, v->list.at[i]);
        if (!w)
            return NULL;
        if (w->kind != V_NONE)
            at[n++] = w;
    }
    return like(value_list(c->a, at, n), v);
}

static struct value *out_map(const struct lens_ctx *c, const struct type *t, struct value *v)
{
    const struct shape *shape = shape_of(c->ss, t);
    struct value *m = like(value_map(c->a), v);
    if (shape && shape->placed) {
        for (size_t i = 0; i < shape->lenses.n; i++) {
            const struct lens *l = shape->lenses.at[i];
            struct value *x = value_get(v, l->name);
            if (x && !lens_put(c, l, x, m))
                return NULL;
        }
        return m;
    }
    for (size_t i = 0; i < v->map->n; i++) {
        const char *key = v->map->entries[i].key;
        struct value *w = wire_out(c, member_type(t, key), v->map->entries[i].value);
        if (!w)
            return NULL;
        if (w->kind != V_NONE)
            value_put(m, key, w);
    }
    return m;
}

struct value *wire_out(const struct lens_ctx *c, const struct type *t, struct value *v)
{
    t = type_bare(t);
    switch (v->kind) {
    case V_NONE:
    case V_BOOL:
    case V_INT:
    case V_NUMBER:
    case V_STRING: return v;
    case V_CIDR:
    case V_REGEX: return like(value_string(c->a, v->s), v);
    case V_LIST:
    case V_SET: return out_list(c, t, v);
    case V_MAP: return out_map(c, t, v);
    case V_POISON: return NULL;
    case V_REF:
    case V_METRIC:
    case V_DEFERRED: return lens_fail(c, "its value is not known yet");
    default: return lens_fail(c, "a %s cannot be sent as it is", value_kind_name(v->kind));
    }
}

struct value *wire_clean(const struct lens_ctx *c, struct value *v)
{
    return wire_out(c, NULL, v);
}

/* ---- in -------------------------------------------------------------------- */

static struct value *wrong(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    struct buf b;
    buf_init(&b, c->a);
    const char *text = value_text(c->a, w);
    buf_put_visible(&b, strlen(text) > 80 ? arena_printf(c->a, "%.80s...", text) : text);
    return lens_fail(c, "expected %s, found %s", type_text(c->a, t), buf_text(&b));
}

static struct value *in_number(const struct lens_ctx *c, const struct type *t,
                               const struct value *w)
{
    struct dec d;
    if (w->kind == V_INT)
        d = (struct dec){w->i, 0};
    else if (w->kind == V_NUMBER)
        d = w->dec;
    else if (w->kind != V_STRING || !dec_parse_float(w->s, &d))
        return wrong(c, t, w);
    if (t->kind == TYPE_K_NUMBER)
        return value_number(c->a, d);
    return d.scale ? wrong(c, t, w) : value_int(c->a, d.m);
}

static struct value *in_bool(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    if (w->kind == V_BOOL)
        return value_copy(c->a, w);
    if (w->kind == V_STRING && !strcmp(w->s, "true"))
        return value_bool(c->a, true);
    if (w->kind == V_STRING && !strcmp(w->s, "false"))
        return value_bool(c->a, false);
    return wrong(c, t, w);
}

static struct value *in_list(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    struct value *const one[1] = {value_copy(c->a, w)};
    struct value *const *at = one;
    size_t n = 1;
    if (w->kind == V_LIST || w->kind == V_SET) {
        at = w->list.at;
        n = w->list.n;
    } else if (w->kind == V_NONE || (w->kind == V_STRING && !*w->s) ||
               (w->kind == V_MAP && !w->map->n)) {
        n = 0; /* an empty element of XML is an empty list */
    }
    struct value **out = arena_array(c->a, struct value *, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        if (!(out[i] = wire_in(c, t->elem, at[i])))
            return NULL;
    return t->kind == TYPE_K_SET ? value_set(c->a, out, n) : value_list(c->a, out, n);
}

static struct value *in_record(const struct lens_ctx *c, const struct type *t,
                               const struct value *w)
{
    if (w->kind != V_MAP)
        return wrong(c, t, w);
    const struct shape *shape = shape_of(c->ss, t);
    struct value *m = value_map(c->a);
    if (shape && shape->placed) {
        for (size_t i = 0; i < shape->lenses.n; i++) {
            bool absent = false;
            const struct lens *l = shape->lenses.at[i];
            if (!lens_reads(l))
                continue;
            struct value *v = lens_get(c, l, w, &absent);
            if (!v && !absent)
                return NULL;
            if (v && v->kind != V_NONE)
                value_put(m, l->name, v);
        }
        return record_canonical(c, t, m);
    }
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct type_member *f = &t->fields.at[i];
        const struct value *x = value_get(w, f->name);
        if (!x || x->kind == V_NONE)
            continue;
        struct value *v = wire_in(c, f->type, x);
        if (!v)
            return NULL;
        value_put(m, f->name, v);
    }
    return record_canonical(c, t, m);
}

static bool is_literal(struct arena *a, const struct type *t, const struct value *w)
{
    if (!t->literal)
        return false;
    if (value_equal(t->literal, w))
        return true;
    const char *x = wire_text(a, t->literal), *y = wire_text(a, w);
    return x && y && !strcmp(x, y);
}

/* A literal first, then the first alternative that reads it; plain text last,
 * because text can be anything. AWS may say a word that the type does not know:
 * that is shown as a difference and is no error. */
static struct value *in_union(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    for (size_t i = 0; i < t->items.n; i++)
        if (is_literal(c->a, t->items.at[i], w))
            return value_copy(c->a, t->items.at[i]->literal);
    struct lens_ctx quiet = *c;
    struct diags none;
    diags_init(&none, c->a, c->ds->sources);
    quiet.ds = &none;
    bool texts = false;
    for (size_t i = 0; i < t->items.n; i++) {
        const struct type *one = t->items.at[i];
        const struct type *bare = type_bare(one);
        if (one->literal) {
            texts |= one->literal->kind == V_STRING;
            continue;
        }
        if (bare->kind == TYPE_K_STRING || bare->kind == TYPE_K_REF) {
            texts = true;
            continue;
        }
        struct value *v = wire_in(&quiet, one, w);
        if (v)
            return v;
    }
    if (texts && w->kind == V_STRING)
        return value_copy(c->a, w);
    return wrong(c, t, w);
}

static struct value *in_map(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    struct value *m = value_map(c->a);
    if (w->kind == V_STRING && !*w->s)
        return m;
    if (w->kind != V_MAP)
        return wrong(c, t, w);
    for (size_t i = 0; i < w->map->n; i++) {
        struct value *v = wire_in(c, t->elem, w->map->entries[i].value);
        if (!v)
            return NULL;
        value_put(m, w->map->entries[i].key, v);
    }
    return m;
}

static struct value *in_range(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    if (w->kind == V_RANGE)
        return value_copy(c->a, w);
    const struct value *low = value_get(w, "low"), *high = value_get(w, "high");
    if (!low || !high || low->kind == V_NONE || high->kind == V_NONE)
        return wrong(c, t, w);
    struct value *l = wire_in(c, t->elem, low), *h = wire_in(c, t->elem, high);
    return l && h ? value_range(c->a, l, h) : NULL;
}

static struct value *in_kind(const struct lens_ctx *c, const struct type *t, const struct value *w,
                             enum value_kind kind)
{
    return w->kind == kind ? value_copy(c->a, w) : wrong(c, t, w);
}

static int by_dimension(const void *x, const void *y)
{
    const char *a = value_get_string(*(struct value *const *)x, "Name");
    const char *b = value_get_string(*(struct value *const *)y, "Name");
    return strcmp(a ? a : "", b ? b : "");
}

/* The order of dimensions means nothing. */
static struct value *in_metric(const struct lens_ctx *c, const struct type *t,
                               const struct value *w)
{
    if (!value_get_string(w, "Namespace") || !value_get_string(w, "MetricName"))
        return wrong(c, t, w);
    const struct value *d = value_get(w, "Dimensions");
    size_t n = d && d->kind == V_LIST ? d->list.n : 0;
    struct value **at = arena_array(c->a, struct value *, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        at[i] = d->list.at[i];
    if (n > 1)
        qsort(at, n, sizeof *at, by_dimension);
    struct value *m = value_map(c->a);
    value_put(m, "Namespace", value_get(w, "Namespace"));
    value_put(m, "MetricName", value_get(w, "MetricName"));
    value_put(m, "Dimensions", value_list(c->a, at, n));
    return m;
}

struct value *wire_in(const struct lens_ctx *c, const struct type *t, const struct value *w)
{
    if (t->kind == TYPE_K_OPTION) {
        if (w->kind == V_NONE)
            return value_none(c->a);
        return wire_in(c, t->elem, w);
    }
    if (t->kind == TYPE_K_SECRET) {
        struct value *v = wire_in(c, t->elem, w);
        return v ? value_hide(c->a, v) : NULL;
    }
    switch (t->kind) {
    case TYPE_K_POISON: return value_copy(c->a, w);
    case TYPE_K_BOOL: return in_bool(c, t, w);
    case TYPE_K_INT:
    case TYPE_K_NUMBER: return in_number(c, t, w);
    case TYPE_K_STRING:
    case TYPE_K_REF:
    case TYPE_K_REGEX: {
        const char *s = wire_text(c->a, w);
        if (!s)
            return wrong(c, t, w);
        return t->kind == TYPE_K_REGEX ? value_regex(c->a, s) : value_string(c->a, s);
    }
    case TYPE_K_CIDR: {
        const char *s =
            w->kind == V_STRING || w->kind == V_CIDR ? cidr_canonical(c->a, w->s) : NULL;
        return s ? value_cidr(c->a, s) : wrong(c, t, w);
    }
    case TYPE_K_DURATION: return in_kind(c, t, w, V_DURATION);
    case TYPE_K_PERCENT: return in_kind(c, t, w, V_PERCENT);
    case TYPE_K_SIZE: return in_kind(c, t, w, V_SIZE);
    case TYPE_K_RATE: return in_kind(c, t, w, V_RATE);
    case TYPE_K_LIST:
    case TYPE_K_SET: return in_list(c, t, w);
    case TYPE_K_MAP: return in_map(c, t, w);
    case TYPE_K_RANGE: return in_range(c, t, w);
    case TYPE_K_UNION: return in_union(c, t, w);
    case TYPE_K_RECORD: return in_record(c, t, w);
    case TYPE_K_METRIC: return in_metric(c, t, w);
    default: return wrong(c, t, w);
    }
}

/* ---- records ----------------------------------------------------------------- */

struct value *record_canonical(const struct lens_ctx *c, const struct type *t, struct value *v)
{
    t = type_bare(t);
    if (!t || !v)
        return v;
    if ((v->kind == V_LIST || v->kind == V_SET) &&
        (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET)) {
        struct value **at = arena_array(c->a, struct value *, v->list.n ? v->list.n : 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = record_canonical(c, t->elem, v->list.at[i]);
        struct value *out = t->kind == TYPE_K_SET ? value_set(c->a, at, v->list.n)
                                                  : value_list(c->a, at, v->list.n);
        return like(out, v);
    }
    if (v->kind != V_MAP || t->kind != TYPE_K_RECORD)
        return v;
    struct value *m = like(value_map(c->a), v);
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct type_member *f = &t->fields.at[i];
        struct value *x = value_get(v, f->name);
        if ((!x || x->kind == V_NONE) && f->dflt) {
            x = eval_expr(c->ss->program, c->a, c->ds, f->dflt, NULL);
            if (x)
                x = type_coerce(c->ss->program, c->a, f->type, x, f->name);
        }
        if (x && x->kind != V_NONE)
            value_put(m, f->name, record_canonical(c, f->type, x));
    }
    return m;
}
