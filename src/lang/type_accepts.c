#include "lang/type_accepts.h"

#include <string.h>

#include "base/intern.h"
#include "base/utf8.h"
#include "lang/pattern.h"

enum { LITERALS_MAX = 16 }; /* a union that grew larger becomes plain `string` */

int64_t type_text_length(const char *s)
{
    int64_t n = 0;
    for (size_t left = strlen(s); left; n++) {
        uint32_t c;
        size_t step = utf8_decode(s, left, &c);
        step = step ? step : 1;
        s += step;
        left -= step;
    }
    return n;
}

static bool accepts_string(const struct type *want, const struct type *have)
{
    if (want->literal)
        return have->literal && value_equal(want->literal, have->literal);
    if (!have->literal)
        return true;
    const char *s = have->literal->s;
    if (want->sized) {
        int64_t n = type_text_length(s);
        if (n < want->low || n > want->high)
            return false;
    }
    return !want->pattern || pattern_match(want->pattern, s);
}

static bool accepts_record(const struct type *want, const struct type *have)
{
    for (size_t i = 0; i < want->fields.n; i++) {
        const struct type_member *w = &want->fields.at[i], *h = type_member(have, w->name);
        if (!h) {
            if (!w->dflt && w->type->kind != TYPE_K_OPTION)
                return false;
        } else if (!(w->dflt && h->type->kind == TYPE_K_NONE) && !type_accepts(w->type, h->type)) {
            return false;
        }
    }
    for (size_t i = 0; i < have->fields.n; i++)
        if (!type_member(want, have->fields.at[i].name))
            return false;
    return true;
}

static bool accepts_map(const struct type *want, const struct type *have)
{
    if (have->kind == TYPE_K_MAP)
        return type_accepts(want->elem, have->elem);
    if (have->kind != TYPE_K_RECORD)
        return false;
    for (size_t i = 0; i < have->fields.n; i++)
        if (!type_accepts(want->elem, have->fields.at[i].type))
            return false;
    return true;
}

static bool any_item_accepts(const struct type *want, const struct type *have)
{
    for (size_t i = 0; i < want->items.n; i++)
        if (type_accepts(want->items.at[i], have))
            return true;
    return false;
}

bool type_accepts(const struct type *want, const struct type *have)
{
    if (want == have || want->kind == TYPE_K_POISON || have->kind == TYPE_K_POISON ||
        want->kind == TYPE_K_ANY || have->kind == TYPE_K_ANY || want->kind == TYPE_K_VAR)
        return true;
    if (have->kind == TYPE_K_UNION) {
        for (size_t i = 0; i < have->items.n; i++)
            if (!type_accepts(want, have->items.at[i]))
                return false;
        return true;
    }
    if (have->kind == TYPE_K_SECRET)
        return type_accepts(want->kind == TYPE_K_SECRET ? want->elem : want, have->elem);
    switch (want->kind) {
    case TYPE_K_OPTION:
        return have->kind == TYPE_K_NONE ||
               type_accepts(want->elem, have->kind == TYPE_K_OPTION ? have->elem : have);
    case TYPE_K_UNION: return any_item_accepts(want, have);
    case TYPE_K_SECRET: return type_accepts(want->elem, have);
    case TYPE_K_INT:
        return have->kind == TYPE_K_INT && (!want->sized || !have->sized ||
                                            (have->low <= want->high && have->high >= want->low));
    case TYPE_K_NUMBER: return have->kind == TYPE_K_INT || have->kind == TYPE_K_NUMBER;
    case TYPE_K_STRING: return have->kind == TYPE_K_STRING && accepts_string(want, have);
    case TYPE_K_SET:
        return (have->kind == TYPE_K_SET || have->kind == TYPE_K_LIST) &&
               type_accepts(want->elem, have->elem);
    case TYPE_K_LIST:
    case TYPE_K_RANGE:
    case TYPE_K_METRIC: return have->kind == want->kind && type_accepts(want->elem, have->elem);
    case TYPE_K_MAP: return accepts_map(want, have);
    case TYPE_K_RECORD: return have->kind == TYPE_K_RECORD && accepts_record(want, have);
    case TYPE_K_REF:
        return have->kind == TYPE_K_REF && (!want->name || texts_equal(want->name, have->name));
    case TYPE_K_INSTANCE: return have->kind == TYPE_K_INSTANCE && want->module == have->module;
    default: return want->kind == have->kind;
    }
}

bool type_same_kind(const struct type *want, const struct type *have)
{
    if (want->kind == TYPE_K_OPTION || want->kind == TYPE_K_SECRET)
        return type_same_kind(want->elem, have);
    if (want->kind == TYPE_K_UNION) {
        for (size_t i = 0; i < want->items.n; i++)
            if (type_same_kind(want->items.at[i], have))
                return true;
        return false;
    }
    if (want->kind == TYPE_K_REF || want->kind == TYPE_K_RECORD)
        return false; /* another type altogether */
    return want->kind == have->kind || (want->kind == TYPE_K_NUMBER && have->kind == TYPE_K_INT);
}

bool type_equal(const struct type *x, const struct type *y)
{
    return x == y || (type_accepts(x, y) && type_accepts(y, x));
}

static const struct type *join_records(struct arena *a, const struct type *x, const struct type *y)
{
    if (x->fields.n != y->fields.n)
        return NULL;
    struct type *t = arena_make(a, struct type);
    t->kind = TYPE_K_RECORD;
    for (size_t i = 0; i < x->fields.n; i++) {
        struct type_member m = x->fields.at[i];
        const struct type_member *other = type_member(y, m.name);
        m.type = other ? type_join(a, m.type, other->type) : NULL;
        if (!m.type)
            return NULL;
        vec_push(a, &t->fields, m);
    }
    return t;
}

/* "a" and "b": either of them, while there are few. */
static const struct type *join_strings(struct arena *a, const struct type *x, const struct type *y)
{
    struct type *t = arena_make(a, struct type);
    t->kind = TYPE_K_UNION;
    for (int side = 0; side < 2; side++) {
        const struct type *s = side ? y : x;
        size_t n = s->kind == TYPE_K_UNION ? s->items.n : 1;
        for (size_t i = 0; i < n; i++) {
            const struct type *item = s->kind == TYPE_K_UNION ? s->items.at[i] : s;
            if (item->kind != TYPE_K_STRING)
                return NULL;
            if (!item->literal || t->items.n == LITERALS_MAX)
                return type_simple(TYPE_K_STRING);
            if (!any_item_accepts(t, item))
                vec_push(a, &t->items, item);
        }
    }
    return t->items.n == 1 ? t->items.at[0] : t;
}

static const struct type *join_ints(struct arena *a, const struct type *x, const struct type *y)
{
    if (!x->sized || !y->sized)
        return type_simple(TYPE_K_INT);
    struct type *t = arena_make(a, struct type);
    t->kind = TYPE_K_INT;
    t->sized = true;
    t->low = x->low < y->low ? x->low : y->low;
    t->high = x->high > y->high ? x->high : y->high;
    return t;
}

static bool textual(const struct type *t)
{
    return t->kind == TYPE_K_STRING ||
           (t->kind == TYPE_K_UNION && t->items.n && t->items.at[0]->kind == TYPE_K_STRING);
}

const struct type *type_join(struct arena *a, const struct type *x, const struct type *y)
{
    if (x == y || y->kind == TYPE_K_POISON)
        return y;
    if (x->kind == TYPE_K_POISON)
        return x;
    if (x->kind == TYPE_K_NONE || y->kind == TYPE_K_NONE) {
        const struct type *t = x->kind == TYPE_K_NONE ? y : x;
        return t->kind == TYPE_K_NONE || t->kind == TYPE_K_OPTION ? t
                                                                  : type_of(a, TYPE_K_OPTION, t);
    }
    if (x->kind == TYPE_K_OPTION || y->kind == TYPE_K_OPTION) {
        const struct type *e = type_join(a, x->kind == TYPE_K_OPTION ? x->elem : x,
                                         y->kind == TYPE_K_OPTION ? y->elem : y);
        return e ? type_of(a, TYPE_K_OPTION, e) : NULL;
    }
    if (textual(x) && textual(y))
        return join_strings(a, x, y);
    if (x->kind == TYPE_K_INT && y->kind == TYPE_K_INT)
        return join_ints(a, x, y);
    if (type_accepts(x, y))
        return x;
    if (type_accepts(y, x))
        return y;
    if (x->kind == y->kind && x->kind == TYPE_K_RECORD)
        return join_records(a, x, y);
    if (x->kind == y->kind && x->elem) {
        const struct type *e = type_join(a, x->elem, y->elem);
        return e ? type_of(a, x->kind, e) : NULL;
    }
    return NULL;
}
