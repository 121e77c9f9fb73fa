#include <string.h>

#include "base/utf8.h"
#include "lang/eval_state.h"
#include "lang/native_fn.h"

/* Collections. Most look only at the shape: elements may be unknown. */

static struct value *list_of(struct native_call *c, struct value **at, size_t n)
{
    return value_list(c->a, at, n);
}

static bool is_list(const struct value *v)
{
    return v->kind == V_LIST || v->kind == V_SET;
}

static int64_t characters(const char *s)
{
    int64_t n = 0;
    for (size_t left = strlen(s); left; n++) {
        uint32_t ch;
        size_t len = utf8_decode(s, left, &ch);
        len = len ? len : 1;
        s += len, left -= len;
    }
    return n;
}

struct value *native_length(struct native_call *c)
{
    const struct value *of = c->args[0];
    switch ((enum value_kind)of->kind) {
    case V_STRING: return value_int(c->a, characters(of->s));
    case V_MAP: return value_int(c->a, (int64_t)of->map->n);
    case V_LIST:
    case V_SET: return value_int(c->a, (int64_t)of->list.n);
    default: return native_refuse(c, 0, "%s has no length", kind_named(of->kind));
    }
}

/* The place of x, or -1. */
static int64_t place(const struct value *xs, const struct value *x)
{
    bool comparable = true;
    for (size_t i = 0; i < xs->list.n; i++)
        if (value_same(xs->list.at[i], x, &comparable))
            return (int64_t)i;
    return -1;
}

struct value *native_contains(struct native_call *c)
{
    const struct value *xs = c->args[0], *x = c->args[1];
    if (is_list(xs))
        return value_bool(c->a, place(xs, x) >= 0);
    if (xs->kind == V_STRING && x->kind == V_STRING)
        return value_bool(c->a, strstr(xs->s, x->s) != NULL);
    return value_bool(c->a, xs->kind == V_CIDR && x->kind == V_CIDR && net_contains(xs->s, x->s));
}

/* Ports and the like are one value or a range of them. */
static bool covers(const struct value *of, const struct value *x)
{
    if (of->kind != V_RANGE)
        return value_equal(of, x);
    return of->range.low->kind == x->kind && value_cmp(of->range.low, x) <= 0 &&
           of->range.high->kind == x->kind && value_cmp(x, of->range.high) <= 0;
}

struct value *native_covers(struct native_call *c)
{
    return value_bool(c->a, covers(c->args[0], c->args[1]));
}

struct value *native_covers_any(struct native_call *c)
{
    bool any = false;
    for (size_t i = 0; i < c->args[1]->list.n && !any; i++)
        any = covers(c->args[0], c->args[1]->list.at[i]);
    return value_bool(c->a, any);
}

struct value *native_index(struct native_call *c)
{
    int64_t i = place(c->args[0], c->args[1]);
    if (i >= 0)
        return value_int(c->a, i);
    if (value_secret(c->args[1]) || value_secret(c->args[0]))
        return native_refuse(c, 1, "this is not in the list");
    return native_refuse(c, 1, "%s is not in the list", value_text(c->a, c->args[1]));
}

/* In replies, what is missing is none; in programs it is an error. */
static struct value *nothing_there(struct native_call *c)
{
    return c->ev->m ? native_refuse(c, 0, "the list is empty") : value_none(c->a);
}

struct value *native_first(struct native_call *c)
{
    const struct value *xs = c->args[0];
    return xs->list.n ? xs->list.at[0] : nothing_there(c);
}

struct value *native_last(struct native_call *c)
{
    const struct value *xs = c->args[0];
    return xs->list.n ? xs->list.at[xs->list.n - 1] : nothing_there(c);
}

struct value *native_slice(struct native_call *c)
{
    const struct value *xs = c->args[0];
    int64_t n = (int64_t)xs->list.n, from = c->args[1]->i;
    bool open = !c->args[2] || c->args[2]->kind == V_NONE;
    int64_t to = open ? n : c->args[2]->i;
    if (from < 0 || (!open && to < from))
        return native_refuse(c, from < 0 ? 1 : 2, "a slice goes upward, from 0 on");
    from = from < n ? from : n;
    to = to < n ? to : n;
    return list_of(c, xs->list.at + from, (size_t)(to - from));
}

struct value *native_reverse(struct native_call *c)
{
    const struct value *xs = c->args[0];
    struct value **at = arena_array(c->a, struct value *, xs->list.n + 1);
    for (size_t i = 0; i < xs->list.n; i++)
        at[i] = xs->list.at[xs->list.n - 1 - i];
    return list_of(c, at, xs->list.n);
}

static struct value *too_long(struct native_call *c)
{
    eval_error(c->ev, "BG1543", c->call->span, "this list has more than %d elements", EVAL_LIST);
    return NULL;
}

static struct value *put_together(struct native_call *c, struct value *const *lists, size_t n)
{
    size_t total = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        total += lists[i]->list.n;
    if (total > EVAL_LIST)
        return too_long(c);
    struct value **at = arena_array(c->a, struct value *, total + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < lists[i]->list.n; j++)
            at[k++] = lists[i]->list.at[j];
    return list_of(c, at, total);
}

struct value *native_concat(struct native_call *c)
{
    return put_together(c, c->args, 2);
}

struct value *native_flatten(struct native_call *c)
{
    const struct value *xs = c->args[0];
    for (size_t i = 0; i < xs->list.n; i++) {
        if (value_unknown(xs->list.at[i]))
            return eval_defer(c->ev, c->call, c->here, c->args, 1);
        if (!is_list(xs->list.at[i]))
            return native_refuse(c, 0, "element %zu is %s, not a list", i,
                                 kind_named(xs->list.at[i]->kind));
    }
    return put_together(c, xs->list.at, xs->list.n);
}

struct value *native_sort(struct native_call *c)
{
    const struct value *xs = c->args[0];
    size_t n = xs->list.n;
    struct value **at = arena_array(c->a, struct value *, n + 1);
    if (n)
        memcpy(at, xs->list.at, n * sizeof *at);
    for (size_t i = 1; i < n; i++)
        if (at[i]->kind != at[0]->kind)
            return native_refuse(c, 0, "%s and %s have no order", kind_named(at[0]->kind),
                                 kind_named(at[i]->kind));
    /* merge sort, bottom up: stable, and no comparison function needs a global */
    struct value **from = at, **to = arena_array(c->a, struct value *, n + 1);
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t mid = low + width < n ? low + width : n;
            size_t high = mid + width < n ? mid + width : n;
            for (size_t i = low, j = mid, k = low; k < high; k++) {
                bool left = i < mid && (j >= high || value_cmp(from[i], from[j]) <= 0);
                to[k] = left ? from[i++] : from[j++];
            }
        }
        struct value **swap = from;
        from = to;
        to = swap;
    }
    return list_of(c, from, n);
}

struct value *native_unique(struct native_call *c)
{
    const struct value *xs = c->args[0];
    /* a set of what came before, by its canonical text, keeps this linear */
    struct map seen;
    map_init(&seen, c->a);
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < xs->list.n; i++) {
        struct value plain = *xs->list.at[i];
        plain.secret = false;
        struct buf key;
        buf_init(&key, c->a);
        buf_printf(&key, "%d ", plain.kind);
        value_print(&key, &plain);
        if (map_put(&seen, buf_text(&key), &seen))
            continue;
        vec_push(c->a, &out, xs->list.at[i]);
    }
    return list_of(c, out.at, out.n);
}

struct value *native_keys(struct native_call *c)
{
    const struct map *m = c->args[0]->map;
    struct value **at = arena_array(c->a, struct value *, m->n + 1);
    for (size_t i = 0; i < m->n; i++)
        at[i] = value_string(c->a, m->entries[i].key);
    return list_of(c, at, m->n);
}

struct value *native_values(struct native_call *c)
{
    const struct map *m = c->args[0]->map;
    struct value **at = arena_array(c->a, struct value *, m->n + 1);
    for (size_t i = 0; i < m->n; i++)
        at[i] = m->entries[i].value;
    return list_of(c, at, m->n);
}

/* ---- with a condition ------------------------------------------------------------------ */

struct tally {
    size_t yes, no, unknown;
    struct value *phase; /* what was learnt from the conditions: phase and secrecy */
};

static bool tally(struct native_call *c, struct tally *t)
{
    const struct value *xs = c->args[0];
    t->phase = value_none(c->a);
    for (size_t i = 0; i < xs->list.n; i++) {
        struct value *v = eval_apply(c->ev, c->lambdas[1], c->here, xs->list.at[i]);
        if (poisoned(v))
            return false;
        bool not_true = v->kind == V_NONE && !c->ev->m;
        if (value_unknown(v)) {
            t->unknown++;
        } else if (v->kind != V_BOOL && !not_true) {
            native_refuse(c, 1, "a condition is true or false, not %s", kind_named(v->kind));
            return false;
        } else if (v->kind == V_BOOL && v->b) {
            t->yes++;
        } else {
            t->no++;
        }
        if (!value_unknown(v))
            t->phase = value_join(c->ev, t->phase, v);
    }
    return true;
}

static struct value *told(struct native_call *c, struct value *v, const struct tally *t)
{
    return value_join(c->ev, v, t->phase);
}

static struct value *not_yet(struct native_call *c)
{
    return eval_defer(c->ev, c->call, c->here, c->args, 1);
}

struct value *native_any(struct native_call *c)
{
    struct tally t = {0};
    if (!tally(c, &t))
        return NULL;
    if (t.unknown && !t.yes)
        return not_yet(c);
    return told(c, value_bool(c->a, t.yes > 0), &t);
}

struct value *native_all_of(struct native_call *c)
{
    struct tally t = {0};
    if (!tally(c, &t))
        return NULL;
    if (t.unknown && !t.no)
        return not_yet(c);
    return told(c, value_bool(c->a, !t.no), &t);
}

struct value *native_count(struct native_call *c)
{
    struct tally t = {0};
    if (!tally(c, &t))
        return NULL;
    return t.unknown ? not_yet(c) : told(c, value_int(c->a, (int64_t)t.yes), &t);
}
