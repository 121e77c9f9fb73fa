#include <inttypes.h>
#include <string.h>

#include "lang/check_state.h"

/* ---- kinds of operands ----------------------------------------------- */

enum family { FAM_OTHER, FAM_PLAIN, FAM_UNIT };

static const struct type *core(const struct type *t)
{
    while (t->kind == TYPE_K_SECRET)
        t = t->elem;
    if (t->kind == TYPE_K_UNION && t->items.n)
        return core(t->items.at[0]);
    return t;
}

static enum family family(const struct type *t)
{
    switch (t->kind) {
    case TYPE_K_INT:
    case TYPE_K_NUMBER: return FAM_PLAIN;
    case TYPE_K_DURATION:
    case TYPE_K_PERCENT:
    case TYPE_K_SIZE:
    case TYPE_K_RATE: return FAM_UNIT;
    default: return FAM_OTHER;
    }
}

/* An example of each unit for a number, as an author would write it. */
static const char *in_unit(struct arena *a, enum type_kind k, const char *number)
{
    switch (k) {
    case TYPE_K_DURATION: return arena_printf(a, "%ss", number);
    case TYPE_K_PERCENT: return arena_printf(a, "%s%%", number);
    case TYPE_K_SIZE: return arena_printf(a, "%sGiB", number);
    case TYPE_K_RATE: return arena_printf(a, "%s/s", number);
    default: return number;
    }
}

/* The unit that a plain number for this field is meant in, as an author writes it:
 * there is only one, or it is what the number means to AWS. NULL: cannot be told. */
static const char *certain_unit(const struct type_item *item, enum type_kind k)
{
    static const struct {
        const char *codec, *unit;
    } units[] = {{"seconds", "s"}, {"minutes", "m"}, {"days", "d"}, {"milliseconds", "ms"}};
    const char *codec = item ? item->codec.text : NULL;
    if (k == TYPE_K_PERCENT || k == TYPE_K_RATE)
        return k == TYPE_K_PERCENT ? "%" : "/s";
    for (size_t i = 0; codec && k == TYPE_K_DURATION && i < sizeof units / sizeof *units; i++)
        if (!strcmp(units[i].codec, codec))
            return units[i].unit;
    const struct arg *by = item ? item->codec_args : NULL;
    if (codec && k == TYPE_K_SIZE && !strcmp(codec, "unit") && by && by->value &&
        by->value->kind == EXPR_LITERAL && by->value->literal->kind == V_SIZE)
        switch (by->value->literal->i) {
        case INT64_C(1) << 10: return "KiB";
        case INT64_C(1) << 20: return "MiB";
        case INT64_C(1) << 30: return "GiB";
        case INT64_C(1) << 40: return "TiB";
        default: break;
        }
    return NULL;
}

/* The unit that `want` asks for; POISON: none. */
static enum type_kind unit_wanted(const struct type *want)
{
    while (want->kind == TYPE_K_OPTION || want->kind == TYPE_K_SECRET ||
           want->kind == TYPE_K_METRIC)
        want = want->elem;
    if (family(want) == FAM_UNIT)
        return want->kind;
    for (size_t i = 0; want->kind == TYPE_K_UNION && i < want->items.n; i++)
        if (family(want->items.at[i]) == FAM_UNIT)
            return want->items.at[i]->kind;
    return TYPE_K_POISON;
}

bool report_unit(const struct at *at, const struct expr *e, const struct type *have,
                 const struct type *want, const char *what)
{
    struct checker *c = at->c;
    enum type_kind unit = unit_wanted(want);
    if (unit == TYPE_K_POISON || family(core(have)) == FAM_OTHER)
        return false;
    const char *name = type_text(c->a, type_simple(unit));
    struct diag *d;
    if (family(core(have)) == FAM_PLAIN) {
        d = diag_error(c->ds, "BG1013", e->span, "%s is a %s: its unit is missing", what, name);
        if (e->kind == EXPR_LITERAL) {
            const char *number = value_text(c->a, e->literal);
            const char *sure = certain_unit(at->unit_at == e ? at->unit_of : NULL, unit);
            const char *text = sure ? arena_printf(c->a, "%s%s", number, sure)
                                    : in_unit(c->a, unit, number);
            diag_help(c->ds, d, "write `%s`", text);
            if (!e->grouped)
                diag_edit(c->ds, diag_fix(c->ds, d, sure != NULL, "write `%s`", text), e->span,
                          "%s", text);
        } else
            diag_help(c->ds, d, "multiply it by a unit, for example `* %s`",
                      in_unit(c->a, unit, "1"));
    } else {
        d = diag_error(c->ds, "BG1013", e->span, "%s is a %s, not a %s", what, name,
                       type_text(c->a, core(have)));
        diag_help(c->ds, d, "write for example `%s`", in_unit(c->a, unit, "20"));
    }
    return true;
}

/* ---- operands -------------------------------------------------------- */

/* What no operator takes, reported. */
static bool is_operand(const struct at *at, const struct expr *e, const struct type *t)
{
    struct diag *d;
    if (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_NONE) {
        d = diag_error(at->c->ds, "BG1018", e->span, "an operand cannot be none");
        diag_at(at->c->ds, d, "this is %s", type_text(at->c->a, t));
        diag_help(at->c->ds, d, "say what is meant then, with `??`");
        return false;
    }
    if (t->kind == TYPE_K_METRIC) {
        d = diag_error(at->c->ds, "BG1014", e->span, "a metric is not one number");
        diag_help(at->c->ds, d, "say what of it and over which time, for example `avg(..., 5m)`");
        return false;
    }
    return true;
}

static struct typed bad_operands(const struct at *at, const struct expr *e, const struct type *x,
                                 const struct type *y, const char *help)
{
    struct span span = e->op_span.file ? e->op_span : e->span;
    struct diag *d = diag_error(at->c->ds, "BG1014", span, "`%s` does not take %s and %s",
                                op_text(e->op), type_text(at->c->a, type_widen(x)),
                                type_text(at->c->a, type_widen(y)));
    diag_label(at->c->ds, d, e->a->span, "%s", type_text(at->c->a, type_widen(x)));
    diag_label(at->c->ds, d, e->b->span, "%s", type_text(at->c->a, type_widen(y)));
    if (help)
        diag_help(at->c->ds, d, "%s", help);
    return typed_poison();
}

/* A plain number beside a unit: the unit was left out. */
static struct typed mixed_units(const struct at *at, const struct expr *e, const struct type *x,
                                const struct type *y)
{
    bool left = family(x) == FAM_PLAIN && family(y) == FAM_UNIT;
    bool right = family(y) == FAM_PLAIN && family(x) == FAM_UNIT;
    if (!left && !right)
        return bad_operands(at, e, x, y, NULL);
    report_unit(at, left ? e->a : e->b, left ? x : y, left ? y : x, "this");
    return typed_poison();
}

static const struct type *plain_result(const struct type *x, const struct type *y)
{
    bool ints = x->kind == TYPE_K_INT && y->kind == TYPE_K_INT;
    return type_simple(ints ? TYPE_K_INT : TYPE_K_NUMBER);
}

static struct typed sum(const struct at *at, const struct expr *e, const struct type *x,
                        const struct type *y)
{
    if (family(x) == FAM_PLAIN && family(y) == FAM_PLAIN)
        return typed_of(plain_result(x, y));
    if (family(x) == FAM_UNIT && x->kind == y->kind)
        return typed_of(type_simple(x->kind));
    if (x->kind == TYPE_K_STRING && y->kind == TYPE_K_STRING)
        return bad_operands(at, e, x, y, "join texts in one: \"${a}${b}\"");
    if (x->kind == TYPE_K_LIST && y->kind == TYPE_K_LIST)
        return bad_operands(at, e, x, y, "join lists with concat(a, b)");
    return mixed_units(at, e, x, y);
}

static struct typed product(const struct at *at, const struct expr *e, const struct type *x,
                            const struct type *y)
{
    enum family fx = family(x), fy = family(y);
    if (fx == FAM_PLAIN && fy == FAM_PLAIN)
        return typed_of(e->op == OP_DIV ? type_simple(TYPE_K_NUMBER) : plain_result(x, y));
    if (fx == FAM_UNIT && fy == FAM_PLAIN)
        return typed_of(type_simple(x->kind));
    if (e->op == OP_MUL && fx == FAM_PLAIN && fy == FAM_UNIT)
        return typed_of(type_simple(y->kind));
    if (e->op == OP_DIV && fx == FAM_UNIT && x->kind == y->kind)
        return typed_of(type_simple(TYPE_K_NUMBER));
    return bad_operands(at, e, x, y, NULL);
}

/* ---- comparison ------------------------------------------------------ */

static struct typed compared(const struct at *at, const struct expr *e, const struct type *x,
                             const struct type *y)
{
    struct typed t = typed_of(type_simple(TYPE_K_BOOL));
    const struct type *cx = core(x), *cy = core(y);
    if ((family(cx) == FAM_PLAIN && family(cy) == FAM_PLAIN) ||
        (family(cx) == FAM_UNIT && cx->kind == cy->kind))
        return t;
    const char *help = NULL;
    if (cx->kind == TYPE_K_STRING && cy->kind == TYPE_K_STRING)
        help = "texts have no order; compare them with == or !=";
    return family(cx) != FAM_OTHER && family(cy) != FAM_OTHER ? mixed_units(at, e, cx, cy)
                                                             : bad_operands(at, e, x, y, help);
}

static struct typed equated(const struct at *at, const struct expr *e, const struct type *x,
                            const struct type *y)
{
    struct typed t = typed_of(type_simple(TYPE_K_BOOL));
    /* Two texts of which each is only a literal: a comparison of constants. */
    bool texts = x->kind == TYPE_K_STRING && y->kind == TYPE_K_STRING;
    if (texts || type_accepts(x, y) || type_accepts(y, x) || x->kind == TYPE_K_NONE ||
        (x->kind == TYPE_K_OPTION && type_accepts(x->elem, y)) ||
        (y->kind == TYPE_K_OPTION && type_accepts(y->elem, x)))
        return t;
    if (family(core(x)) != FAM_OTHER && family(core(y)) != FAM_OTHER && !type_same_kind(x, y))
        return mixed_units(at, e, core(x), core(y));
    if (!type_same_kind(x, y) && !type_same_kind(y, x))
        return bad_operands(at, e, x, y, NULL);
    struct diag *d = diag_error(at->c->ds, "BG1011", e->b->span, "these are never equal");
    diag_at(at->c->ds, d, "%s", type_text(at->c->a, y));
    diag_label(at->c->ds, d, e->a->span, "%s", type_text(at->c->a, x));
    help_literal(at, d, e->b, y, x);
    return typed_poison();
}

/* ---- operators ------------------------------------------------------- */

static struct typed coalesced(const struct at *at, const struct expr *e, struct typed x,
                              struct typed y)
{
    if (x.type->kind != TYPE_K_OPTION && x.type->kind != TYPE_K_NONE) {
        struct diag *d = diag_error(at->c->ds, "BG1014", e->a->span, "this is never none");
        diag_at(at->c->ds, d, "this is %s", type_text(at->c->a, type_widen(x.type)));
        diag_help(at->c->ds, d, "leave out `??` and what follows it");
        diag_edit(at->c->ds, diag_fix(at->c->ds, d, true, "leave out `??` and what follows it"),
                  (struct span){e->span.file, e->a->span.end, e->b->span.end}, "%s", "");
        return typed_poison();
    }
    const struct type *inner = x.type->kind == TYPE_K_NONE ? y.type : x.type->elem;
    const struct type *both = type_join(at->c->a, inner, y.type);
    return both ? typed_of(both) : bad_operands(at, e, inner, y.type, NULL);
}

static struct typed ranged(const struct at *at, const struct expr *e, const struct type *x,
                           const struct type *y)
{
    bool plain = family(x) == FAM_PLAIN && family(y) == FAM_PLAIN;
    if (!plain && !(family(x) == FAM_UNIT && x->kind == y->kind))
        return mixed_units(at, e, x, y);
    if (x->kind == TYPE_K_INT && y->kind == TYPE_K_INT && x->sized && y->sized &&
        x->low == x->high && y->low == y->high && x->low > y->low) {
        diag_error(at->c->ds, "BG1011", e->span, "this range ends before it begins");
        return typed_poison();
    }
    const struct type *both = type_join(at->c->a, x, y);
    return typed_of(type_of(at->c->a, TYPE_K_RANGE, both ? both : type_simple(TYPE_K_NUMBER)));
}

struct typed check_unary(const struct at *at, const struct expr *e)
{
    struct typed x = check_at(at, e->a, e->op == OP_NOT ? type_simple(TYPE_K_BOOL) : NULL,
                              e->op == OP_NOT ? "what stands after `not`" : NULL);
    if (is_poison(x) || e->op == OP_NOT)
        return x;
    const struct type *t = core(x.type);
    if (!is_operand(at, e->a, x.type))
        return typed_poison();
    if (family(t) == FAM_OTHER || t->kind == TYPE_K_SIZE || t->kind == TYPE_K_RATE) {
        diag_error(at->c->ds, "BG1014", e->span, "`-` does not take %s",
                   type_text(at->c->a, type_widen(t)));
        return typed_poison();
    }
    x.type = type_simple(t->kind);
    if (e->a->kind == EXPR_LITERAL && t->kind == TYPE_K_INT) {
        struct type *made = arena_make(at->c->a, struct type);
        *made = (struct type){.kind = TYPE_K_INT, .sized = true, .low = -t->high, .high = -t->low};
        x.type = made;
    }
    return x;
}

static struct typed result_of(const struct at *at, const struct expr *e, struct typed x,
                              struct typed y)
{
    if (e->op == OP_COALESCE)
        return coalesced(at, e, x, y);
    bool metric = x.type->kind == TYPE_K_METRIC || y.type->kind == TYPE_K_METRIC;
    if ((e->op == OP_EQ || e->op == OP_NE) && !metric)
        return equated(at, e, x.type, y.type);
    if (!is_operand(at, e->a, x.type) || !is_operand(at, e->b, y.type))
        return typed_poison();
    switch (e->op) {
    case OP_LT:
    case OP_GT:
    case OP_LE:
    case OP_GE: return compared(at, e, x.type, y.type);
    case OP_ADD:
    case OP_SUB: return sum(at, e, core(x.type), core(y.type));
    case OP_MUL:
    case OP_DIV: return product(at, e, core(x.type), core(y.type));
    case OP_RANGE: return ranged(at, e, core(x.type), core(y.type));
    default: return typed_of(type_simple(TYPE_K_BOOL)); /* and, or */
    }
}

struct typed check_binary(const struct at *at, const struct expr *e)
{
    bool logic = e->op == OP_AND || e->op == OP_OR;
    const struct type *want = logic ? type_simple(TYPE_K_BOOL) : NULL;
    const char *what = logic ? arena_printf(at->c->a, "each side of `%s`", op_text(e->op)) : NULL;
    struct typed x = check_at(at, e->a, want, what), y = check_at(at, e->b, want, what);
    if (is_poison(x) || is_poison(y))
        return typed_poison();
    struct typed t = result_of(at, e, x, y);
    typed_join(&t, x);
    typed_join(&t, y);
    t.shape = t.phase;
    return t;
}
