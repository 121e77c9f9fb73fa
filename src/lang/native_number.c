#include <string.h>

#include "lang/eval_state.h"
#include "lang/native_fn.h"

/* Numbers: extremes, sums, rounding, and reading them from text. */

static struct value *extreme(struct native_call *c, int sign)
{
    const struct value *xs = c->args[0];
    struct value *best = xs->list.n ? xs->list.at[0] : NULL;
    if (!best)
        return native_refuse(c, 0, "the list is empty");
    for (size_t i = 0; i < xs->list.n; i++) {
        int order;
        if (!value_order(xs->list.at[i], best, &order))
            return native_refuse(c, 0, "%s and %s have no order",
                                 kind_named(best->kind),
                                 kind_named(xs->list.at[i]->kind));
        if (order * sign > 0)
            best = xs->list.at[i];
    }
    return best;
}

struct value *native_min(struct native_call *c)
{
    return extreme(c, -1);
}

struct value *native_max(struct native_call *c)
{
    return extreme(c, 1);
}

/* By the operator itself, so that units mean the same. */
struct value *native_sum(struct native_call *c)
{
    const struct value *xs = c->args[0];
    if (!xs->list.n)
        return value_int(c->a, 0);
    struct value *total = xs->list.at[0];
    for (size_t i = 1; i < xs->list.n; i++) {
        struct expr left = {.kind = EXPR_LITERAL, .literal = total, .span = c->exprs[0]->span};
        struct expr right = {.kind = EXPR_LITERAL, .literal = xs->list.at[i],
                             .span = c->exprs[0]->span};
        struct expr add = {.kind = EXPR_BINARY, .op = OP_ADD, .a = &left, .b = &right,
                           .span = c->call->span};
        total = eval_at(c->ev, &add, c->here);
        if (poisoned(total))
            return NULL;
    }
    return total;
}

/* -1: down, 0: nearest with halves to even, 1: up. */
static struct value *rounded(struct native_call *c, int way)
{
    const struct value *x = c->args[0];
    if (x->kind == V_INT)
        return value_int(c->a, x->i);
    int64_t unit = 1;
    for (int i = 0; i < x->dec.scale; i++)
        unit *= 10;
    int64_t q = x->dec.m / unit, r = x->dec.m % unit;
    if (way < 0 && r < 0)
        q--;
    else if (way > 0 && r > 0)
        q++;
    else if (!way && r) {
        int64_t away = r < 0 ? -r : r;
        if (away > unit - away || (away == unit - away && q % 2))
            q += r < 0 ? -1 : 1;
    }
    return value_int(c->a, q);
}

struct value *native_floor(struct native_call *c)
{
    return rounded(c, -1);
}

struct value *native_ceil(struct native_call *c)
{
    return rounded(c, 1);
}

struct value *native_round(struct native_call *c)
{
    return rounded(c, 0);
}

struct value *native_abs(struct native_call *c)
{
    struct value *x = c->args[0];
    if (x->kind == V_INT && x->i != INT64_MIN)
        return x->i < 0 ? value_int(c->a, -x->i) : x;
    if ((x->kind == V_NUMBER || x->kind == V_PERCENT) && x->dec.m != INT64_MIN) {
        if (x->dec.m >= 0)
            return x;
        x = value_copy(c->a, x);
        x->dec.m = -x->dec.m;
        return x;
    }
    return native_refuse(c, 0, "%s has no sign", kind_named(x->kind));
}

static struct value *unreadable(struct native_call *c, const char *what)
{
    if (value_secret(c->args[0]))
        return native_refuse(c, 0, "this is no %s", what);
    return native_refuse(c, 0, "%s is no %s", value_text(c->a, c->args[0]), what);
}

struct value *native_int(struct native_call *c)
{
    struct dec d;
    if (!dec_parse(c->args[0]->s, &d) || d.scale)
        return unreadable(c, "whole number");
    return value_int(c->a, d.m);
}

struct value *native_number(struct native_call *c)
{
    struct dec d;
    if (!dec_parse(c->args[0]->s, &d))
        return unreadable(c, "number");
    return value_number(c->a, d);
}
