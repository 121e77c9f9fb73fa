#include <stdlib.h>
#include <string.h>

#include "lang/eval_run.h"
#include "lang/eval_state.h"

/* Operators: units, comparison, and logic with a third value. */

/* ---- comparing --------------------------------------------------------------------- */

static bool number_of(const struct value *v, struct dec *out)
{
    if (v->kind == V_INT)
        *out = (struct dec){v->i, 0};
    else if (v->kind == V_NUMBER)
        *out = v->dec;
    else
        return false;
    return true;
}

bool value_order(const struct value *a, const struct value *b, int *out)
{
    struct dec x, y;
    if (number_of(a, &x) && number_of(b, &y)) {
        *out = dec_cmp(x, y);
        return true;
    }
    if (a->kind != b->kind)
        return false;
    switch ((enum value_kind)a->kind) {
    case V_DURATION:
    case V_PERCENT:
    case V_SIZE:
    case V_RATE: *out = value_cmp(a, b); return true;
    default: return false;
    }
}

static bool same_lists(const struct value *a, const struct value *b, bool *comparable)
{
    if (a->list.n != b->list.n)
        return false;
    for (size_t i = 0; i < a->list.n; i++)
        if (!value_same(a->list.at[i], b->list.at[i], comparable))
            return false;
    return true;
}

bool value_same(const struct value *a, const struct value *b, bool *comparable)
{
    int order;
    if (value_order(a, b, &order))
        return !order;
    if (a->kind == V_NONE || b->kind == V_NONE)
        return a->kind == b->kind;
    if (a->kind == V_LIST && b->kind == V_LIST)
        return same_lists(a, b, comparable);
    if (a->kind != b->kind) {
        *comparable = false;
        return false;
    }
    return value_equal(a, b);
}

/* Scalars of an XML reply are texts: in a bare expression the other side says what is meant. */
static const struct value *from_wire(struct eval *ev, const struct value *v,
                                     const struct value *other)
{
    struct dec d;
    if (ev->m || v->kind != V_STRING)
        return v;
    if ((other->kind == V_INT || other->kind == V_NUMBER) && dec_parse_float(v->s, &d))
        return value_number(ev->a, d);
    if (other->kind == V_BOOL && (!strcmp(v->s, "true") || !strcmp(v->s, "false")))
        return value_bool(ev->a, v->s[0] == 't');
    return v;
}

static const char *kind_of(const struct value *v)
{
    return kind_named(v->kind);
}

static const char *literal_help(struct eval *ev, const struct value *number,
                                const struct value *other)
{
    static const char *const units[] = {
        [V_DURATION] = "s", [V_PERCENT] = "%", [V_SIZE] = "GiB", [V_RATE] = "/s"};
    if ((number->kind != V_INT && number->kind != V_NUMBER) || other->kind > V_RATE ||
        other->kind < V_DURATION || number->secret)
        return NULL;
    return arena_printf(ev->ds->arena, "units are never implied: `%s%s`?",
                        value_text(ev->a, number), units[other->kind]);
}

static struct value *mismatch(struct eval *ev, const char *code, const struct expr *x,
                              const struct value *l, const struct value *r, const char *what)
{
    struct diag *d = eval_error(ev, code, x->op_span.file ? x->op_span : x->span,
                                "%s and %s cannot be %s", kind_of(l), kind_of(r), what);
    diag_label(ev->ds, d, x->a->span, "this is %s", kind_of(l));
    diag_label(ev->ds, d, x->b->span, "this is %s", kind_of(r));
    const char *help = literal_help(ev, l, r);
    if (!help)
        help = literal_help(ev, r, l);
    if (help)
        diag_help(ev->ds, d, "%s", help);
    if (l->kind == V_METRIC || r->kind == V_METRIC)
        diag_help(ev->ds, d, "a metric is measured over a window: `avg(metric, 5m)`");
    if (x->op == OP_ADD && l->kind == V_STRING)
        diag_help(ev->ds, d, "texts are put together in a template: `\"${a}${b}\"`");
    if (x->op == OP_ADD && (l->kind == V_LIST || l->kind == V_SET))
        diag_help(ev->ds, d, "lists are put together with `flatten([a, b])`");
    return poison(ev);
}

static bool holds(enum op op, int order)
{
    switch (op) {
    case OP_LT: return order < 0;
    case OP_GT: return order > 0;
    case OP_LE: return order <= 0;
    case OP_GE: return order >= 0;
    default: return false;
    }
}

static struct value *joined(struct eval *ev, struct value *v, const struct value *l,
                            const struct value *r)
{
    return value_join(ev, value_join(ev, v, l), r);
}

static struct value *compare(struct eval *ev, const struct expr *x, struct here here,
                             struct value *left, struct value *right)
{
    const struct value *l = from_wire(ev, left, right), *r = from_wire(ev, right, left);
    bool equality = x->op == OP_EQ || x->op == OP_NE, result;
    if (l->kind == V_METRIC || r->kind == V_METRIC)
        return mismatch(ev, "BG1514", x, l, r, "compared");
    if (equality) {
        bool comparable = true;
        if (l->kind == r->kind &&
            (!eval_walk(ev, x->span, l) || !eval_walk(ev, x->span, r)))
            return poison(ev);
        if (l->kind != V_NONE && r->kind != V_NONE && (!value_known(l) || !value_known(r)))
            return eval_defer(ev, x, here, (struct value *[]){left, right}, 2);
        if (l->kind == V_SET && r->kind == V_LIST)
            r = value_set(ev->a, r->list.at, r->list.n);
        else if (l->kind == V_LIST && r->kind == V_SET)
            l = value_set(ev->a, l->list.at, l->list.n);
        bool same = value_same(l, r, &comparable);
        if (!comparable)
            return mismatch(ev, "BG1514", x, l, r, "compared");
        result = same == (x->op == OP_EQ);
    } else {
        int order;
        if (!ev->m && (l->kind == V_NONE || r->kind == V_NONE))
            return value_none(ev->a);
        if (!value_order(l, r, &order))
            return mismatch(ev, "BG1514", x, l, r, "ordered");
        result = holds(x->op, order);
    }
    if (ev->measurer)
        eval_note_comparison(ev, x, l, r, result);
    struct value *v = value_bool(ev->a, result);
    v->span = x->span;
    return joined(ev, v, left, right);
}

/* ---- logic: true, false, and not known ---------------------------------------------- */

enum truth { FALSE_, TRUE_, NO_DATA_, UNKNOWN_, BAD_ };

static enum truth truth_of(struct eval *ev, const struct value *v, const struct expr *x)
{
    if (poisoned(v))
        return BAD_;
    if (value_no_data(v) || (!ev->m && v->kind == V_NONE))
        return NO_DATA_;
    if (value_unknown(v))
        return UNKNOWN_;
    if (v->kind == V_BOOL)
        return v->b ? TRUE_ : FALSE_;
    struct diag *d = eval_error(ev, "BG1515", x->span, "a condition is true or false");
    diag_at(ev->ds, d, "this is %s", kind_of(v));
    if (v->kind == V_INT || v->kind == V_STRING || v->kind == V_LIST)
        diag_help(ev->ds, d, "compare it: nothing but `true` is true");
    return BAD_;
}

/* Kleene: a side that decides does so whatever the other turns out to be. */
static struct value *logic(struct eval *ev, const struct expr *x, struct here here)
{
    enum truth decides = x->op == OP_AND ? FALSE_ : TRUE_;
    struct value *l = eval_at(ev, x->a, here);
    enum truth tl = truth_of(ev, l, x->a);
    if (tl == decides)
        return l;
    struct value *r = eval_at(ev, x->b, here);
    enum truth tr = truth_of(ev, r, x->b);
    if (tl == BAD_ || tr == BAD_)
        return poison(ev);
    if (tr == decides)
        return tl == TRUE_ || tl == FALSE_ ? value_join(ev, r, l) : r;
    if (tl == UNKNOWN_ || tr == UNKNOWN_)
        return eval_defer(ev, x, here, (struct value *[]){l, r}, 2);
    if (tl == NO_DATA_ || tr == NO_DATA_)
        return tl == NO_DATA_ ? l : r;
    return joined(ev, value_bool(ev->a, decides == FALSE_), l, r);
}

/* ---- arithmetic ---------------------------------------------------------------------- */

static struct value *overflow(struct eval *ev, const struct expr *x)
{
    struct diag *d = eval_error(ev, "BG1511", x->op_span.file ? x->op_span : x->span,
                                "the result is too large to be exact");
    diag_help(ev->ds, d, "numbers have 64 bits, with up to 18 digits behind the point");
    return poison(ev);
}

static struct value *by_zero(struct eval *ev, const struct expr *x)
{
    struct diag *d = eval_error(ev, "BG1512", x->op_span.file ? x->op_span : x->span,
                                "division by zero");
    diag_label(ev->ds, d, x->b->span, "this is 0");
    return poison(ev);
}

/* Half to even, as everywhere. */
static bool whole(struct dec d, int64_t *out)
{
    int64_t unit = 1;
    for (int i = 0; i < d.scale; i++)
        unit *= 10;
    int64_t q = d.m / unit, r = llabs(d.m % unit);
    int64_t twice = unit - r; /* r * 2 > unit without overflow */
    if (r > twice || (r == twice && q % 2))
        q += d.m < 0 ? -1 : 1;
    *out = q;
    return true;
}

/* A duration or a size: counted in whole milliseconds or bytes, never below 0. */
static struct value *counted(struct eval *ev, const struct expr *x, enum value_kind kind, int64_t i)
{
    if (i < 0) {
        struct diag *d = eval_error(ev, "BG1513", x->span, "%s cannot be negative",
                                    kind_named(kind));
        diag_label(ev->ds, d, x->a->span, "this is smaller");
        return poison(ev);
    }
    return kind == V_DURATION ? value_duration(ev->a, i) : value_size(ev->a, i);
}

static struct value *with_dec(struct eval *ev, const struct value *like, struct dec d)
{
    if (like->kind == V_PERCENT)
        return value_percent(ev->a, d);
    if (like->kind == V_RATE)
        return value_rate(ev->a, d, like->rate.per);
    return value_number(ev->a, d);
}

static struct value *sum(struct eval *ev, const struct expr *x, const struct value *l,
                         const struct value *r)
{
    bool add = x->op == OP_ADD;
    struct dec a, b, out;
    if (l->kind == V_INT && r->kind == V_INT) {
        int64_t i;
        bool over = add ? __builtin_add_overflow(l->i, r->i, &i)
                        : __builtin_sub_overflow(l->i, r->i, &i);
        return over ? overflow(ev, x) : value_int(ev->a, i);
    }
    if (l->kind == r->kind && (l->kind == V_DURATION || l->kind == V_SIZE)) {
        int64_t i;
        bool over = add ? __builtin_add_overflow(l->i, r->i, &i)
                        : __builtin_sub_overflow(l->i, r->i, &i);
        return over ? overflow(ev, x) : counted(ev, x, l->kind, i);
    }
    if (l->kind == V_RATE && r->kind == V_RATE) {
        /* in the left one's period: 200/s + 60/m is 201/s */
        b = r->rate.count;
        if (r->rate.per != l->rate.per && (!dec_mul(b, (struct dec){l->rate.per, 0}, &b) ||
                                           !dec_div(b, (struct dec){r->rate.per, 0}, &b)))
            return overflow(ev, x);
        a = l->rate.count;
    } else if (l->kind == V_PERCENT && r->kind == V_PERCENT) {
        a = l->dec, b = r->dec;
    } else if (!number_of(l, &a) || !number_of(r, &b)) {
        return mismatch(ev, "BG1510", x, l, r, add ? "added" : "subtracted");
    }
    if (!(add ? dec_add(a, b, &out) : dec_sub(a, b, &out)))
        return overflow(ev, x);
    return with_dec(ev, l, out);
}

/* l has a unit, r is a number; divide or multiply. */
static struct value *scaled(struct eval *ev, const struct expr *x, const struct value *l,
                            struct dec by)
{
    struct dec base = l->kind == V_RATE    ? l->rate.count
                      : l->kind == V_PERCENT ? l->dec
                                             : (struct dec){l->i, 0};
    struct dec out;
    if (x->op == OP_DIV && !by.m)
        return by_zero(ev, x);
    if (!(x->op == OP_DIV ? dec_div(base, by, &out) : dec_mul(base, by, &out)))
        return overflow(ev, x);
    if (l->kind == V_RATE || l->kind == V_PERCENT)
        return with_dec(ev, l, out);
    int64_t i;
    whole(out, &i);
    return counted(ev, x, l->kind, i);
}

static bool has_unit(const struct value *v)
{
    return v->kind == V_DURATION || v->kind == V_SIZE || v->kind == V_PERCENT || v->kind == V_RATE;
}

static struct value *product(struct eval *ev, const struct expr *x, const struct value *l,
                             const struct value *r)
{
    struct dec a, b, out;
    if (l->kind == V_INT && r->kind == V_INT) {
        int64_t i;
        return __builtin_mul_overflow(l->i, r->i, &i) ? overflow(ev, x) : value_int(ev->a, i);
    }
    if (number_of(l, &a) && number_of(r, &b))
        return dec_mul(a, b, &out) ? value_number(ev->a, out) : overflow(ev, x);
    if (has_unit(l) && number_of(r, &b))
        return scaled(ev, x, l, b);
    if (number_of(l, &a) && has_unit(r))
        return scaled(ev, x, r, a);
    const struct value *rate = l->kind == V_RATE ? l : r, *span = l->kind == V_RATE ? r : l;
    if (rate->kind == V_RATE && span->kind == V_DURATION) {
        if (!dec_mul(rate->rate.count, (struct dec){span->i, 0}, &out) ||
            !dec_div(out, (struct dec){rate->rate.per, 0}, &out))
            return overflow(ev, x);
        return value_number(ev->a, out);
    }
    return mismatch(ev, "BG1510", x, l, r, "multiplied");
}

static struct value *quotient(struct eval *ev, const struct expr *x, const struct value *l,
                              const struct value *r)
{
    struct dec a, b, out;
    if (number_of(r, &b) && has_unit(l))
        return scaled(ev, x, l, b);
    if (number_of(l, &a) && number_of(r, &b)) {
        /* as exact as it gets */
    } else if (l->kind == r->kind && (l->kind == V_DURATION || l->kind == V_SIZE)) {
        a = (struct dec){l->i, 0}, b = (struct dec){r->i, 0};
    } else if (l->kind == V_PERCENT && r->kind == V_PERCENT) {
        a = l->dec, b = r->dec;
    } else if (l->kind == V_RATE && r->kind == V_RATE) {
        if (!dec_mul(l->rate.count, (struct dec){r->rate.per, 0}, &a) ||
            !dec_mul(r->rate.count, (struct dec){l->rate.per, 0}, &b))
            return overflow(ev, x);
    } else {
        return mismatch(ev, "BG1510", x, l, r, "divided");
    }
    if (!b.m)
        return by_zero(ev, x);
    return dec_div(a, b, &out) ? value_number(ev->a, out) : overflow(ev, x);
}

static struct value *range(struct eval *ev, const struct expr *x, struct value *l, struct value *r)
{
    int order;
    if (!value_unknown(l) && !value_unknown(r)) {
        if (!value_order(l, r, &order))
            return mismatch(ev, "BG1510", x, l, r, "made a range");
        if (order > 0) {
            struct diag *d = eval_error(ev, "BG1524", x->span, "this range is upside down");
            if (!l->secret && !r->secret)
                diag_at(ev->ds, d, "%s is more than %s", value_text(ev->a, l),
                        value_text(ev->a, r));
            diag_help(ev->ds, d, "the lower end stands first");
            return poison(ev);
        }
    }
    return value_range(ev->a, l, r);
}

/* ---- the operators --------------------------------------------------------------------- */

static struct value *coalesce(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *l = eval_at(ev, x->a, here);
    if (poisoned(l) || value_no_data(l)) /* no data is never made up for */
        return l;
    if (value_unknown(l)) {
        struct value *r = eval_at(ev, x->b, here);
        return poisoned(r) ? r : eval_defer(ev, x, here, (struct value *[]){l, r}, 2);
    }
    return l->kind == V_NONE ? value_join(ev, eval_at(ev, x->b, here), l) : l;
}

struct value *eval_binary(struct eval *ev, const struct expr *x, struct here here)
{
    if (x->op == OP_AND || x->op == OP_OR)
        return logic(ev, x, here);
    if (x->op == OP_COALESCE)
        return coalesce(ev, x, here);
    struct value *l = eval_at(ev, x->a, here), *r = eval_at(ev, x->b, here);
    if (poisoned(l) || poisoned(r))
        return poison(ev);
    if (x->op == OP_RANGE)
        return range(ev, x, l, r);
    if (value_no_data(l) || value_no_data(r))
        return eval_no_data(ev, x->span);
    if (value_unknown(l) || value_unknown(r))
        return eval_defer(ev, x, here, (struct value *[]){l, r}, 2);
    if (x->op >= OP_EQ && x->op <= OP_GE)
        return compare(ev, x, here, l, r);
    const struct value *a = from_wire(ev, l, r), *b = from_wire(ev, r, l);
    if (!ev->m && (a->kind == V_NONE || b->kind == V_NONE))
        return value_none(ev->a);
    struct value *v;
    switch (x->op) {
    case OP_ADD:
    case OP_SUB: v = sum(ev, x, a, b); break;
    case OP_MUL: v = product(ev, x, a, b); break;
    case OP_DIV: v = quotient(ev, x, a, b); break;
    default: v = poison(ev);
    }
    return poisoned(v) ? v : joined(ev, v, l, r);
}

struct value *eval_unary(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *v = eval_at(ev, x->a, here);
    if (poisoned(v))
        return v;
    if (x->op == OP_NOT) {
        switch (truth_of(ev, v, x->a)) {
        case FALSE_:
        case TRUE_: return value_join(ev, value_bool(ev->a, !v->b), v);
        case NO_DATA_: return v;
        case UNKNOWN_: return eval_defer(ev, x, here, &v, 1);
        case BAD_: return poison(ev);
        }
    }
    if (value_no_data(v) || (!ev->m && v->kind == V_NONE))
        return v;
    if (value_unknown(v))
        return eval_defer(ev, x, here, &v, 1);
    if (v->kind == V_INT) {
        int64_t i;
        if (__builtin_sub_overflow((int64_t)0, v->i, &i))
            return overflow(ev, x);
        return value_join(ev, value_int(ev->a, i), v);
    }
    if (v->kind == V_NUMBER || v->kind == V_PERCENT) {
        struct dec d;
        if (!dec_sub((struct dec){0, 0}, v->dec, &d))
            return overflow(ev, x);
        return value_join(ev, with_dec(ev, v, d), v);
    }
    struct diag *d = eval_error(ev, "BG1510", x->span, "%s has no negative", kind_of(v));
    diag_at(ev->ds, d, "only numbers and percentages have");
    return poison(ev);
}
