#include "lang/print.h"

#include <string.h>

const char *op_text(enum op op)
{
    static const char *const texts[] = {
        [OP_OR] = "or", [OP_AND] = "and", [OP_NOT] = "not", [OP_EQ] = "==", [OP_NE] = "!=",
        [OP_LT] = "<",  [OP_GT] = ">",    [OP_LE] = "<=",   [OP_GE] = ">=", [OP_COALESCE] = "??",
        [OP_RANGE] = "..", [OP_ADD] = "+", [OP_SUB] = "-",  [OP_MUL] = "*", [OP_DIV] = "/",
        [OP_NEG] = "-",
    };
    return texts[op];
}

/* How tightly an expression holds together, as in grammar/parse.y. */
enum { BIND_IF, BIND_COALESCE, BIND_OR, BIND_AND, BIND_NOT, BIND_COMPARE, BIND_RANGE, BIND_ADD,
       BIND_MUL, BIND_NEG, BIND_POST };

static int binding(const struct expr *e)
{
    switch (e->kind) {
    case EXPR_IF: case EXPR_LAMBDA: return BIND_IF;
    case EXPR_UNARY: return e->op == OP_NOT ? BIND_NOT : BIND_NEG;
    case EXPR_BINARY:
        switch (e->op) {
        case OP_COALESCE: return BIND_COALESCE;
        case OP_OR: return BIND_OR;
        case OP_AND: return BIND_AND;
        case OP_RANGE: return BIND_RANGE;
        case OP_ADD: case OP_SUB: return BIND_ADD;
        case OP_MUL: case OP_DIV: return BIND_MUL;
        default: return BIND_COMPARE;
        }
    default: return BIND_POST;
    }
}

static void print_within(struct buf *b, const struct expr *e, int least)
{
    bool open = binding(e) < least;
    if (open)
        buf_putc(b, '(');
    print_expr(b, e);
    if (open)
        buf_putc(b, ')');
}

static void print_args(struct buf *b, const struct arg *args)
{
    for (const struct arg *a = args; a; a = a->next) {
        if (a->key) {
            print_expr(b, a->key);
            buf_puts(b, " => ");
        } else if (a->name.text) {
            buf_printf(b, "%s = ", a->name.text);
        }
        print_expr(b, a->value);
        if (a->next)
            buf_puts(b, ", ");
    }
}

static void print_braces(struct buf *b, const struct arg *args)
{
    buf_puts(b, args ? "{ " : "{");
    print_args(b, args);
    buf_puts(b, args ? " }" : "}");
}

/* The text of a string or of a template's piece, as it is written between quotes. */
static void print_piece(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_printf(b, "\\%c", *s);
        else if (*s == '\n')
            buf_puts(b, "\\n");
        else if (*s == '\t')
            buf_puts(b, "\\t");
        else if (*s == '$' && s[1] == '{')
            buf_puts(b, "$$");
        else if ((unsigned char)*s < 0x20)
            buf_printf(b, "\\u{%x}", (unsigned)(unsigned char)*s);
        else
            buf_putc(b, *s);
    }
}

static void print_template(struct buf *b, const struct part *parts)
{
    buf_putc(b, '"');
    for (const struct part *p = parts; p; p = p->next) {
        if (p->text) {
            print_piece(b, p->text);
            continue;
        }
        buf_puts(b, "${");
        print_expr(b, p->expr);
        buf_putc(b, '}');
    }
    buf_putc(b, '"');
}

static void print_loop(struct buf *b, const struct expr *e)
{
    buf_printf(b, "for %s", e->var.text);
    if (e->var2)
        buf_printf(b, ", %s", e->var2->text);
    buf_puts(b, " in ");
    print_expr(b, e->a);
    if (e->c) {
        buf_puts(b, " if ");
        print_expr(b, e->c);
    }
    buf_puts(b, ": ");
    if (e->key) {
        print_expr(b, e->key);
        buf_puts(b, " => ");
    }
    print_expr(b, e->b);
}

static void print_binary(struct buf *b, const struct expr *e)
{
    int bind = binding(e);
    /* `??` groups to the right, comparisons and ranges not at all, the rest to the left */
    bool right = bind == BIND_COALESCE, none = bind == BIND_COMPARE || bind == BIND_RANGE;
    print_within(b, e->a, right || none ? bind + 1 : bind);
    buf_printf(b, e->op == OP_RANGE ? "%s" : " %s ", op_text(e->op));
    print_within(b, e->b, right ? bind : bind + 1);
}

void print_expr(struct buf *b, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_LITERAL:
        if (e->literal->kind == V_STRING) {
            buf_putc(b, '"');
            print_piece(b, e->literal->s);
            buf_putc(b, '"');
        } else if (e->literal->kind == V_REGEX) {
            buf_printf(b, "r\"%s\"", e->literal->s);
        } else {
            value_print(b, e->literal);
        }
        break;
    case EXPR_TEMPLATE: print_template(b, e->parts); break;
    case EXPR_NAME: buf_puts(b, e->name.text); break;
    case EXPR_FIELD:
        print_within(b, e->a, BIND_POST);
        buf_printf(b, ".%s", e->name.text);
        break;
    case EXPR_INDEX:
        print_within(b, e->a, BIND_POST);
        buf_putc(b, '[');
        print_expr(b, e->b);
        buf_putc(b, ']');
        break;
    case EXPR_CALL:
        print_within(b, e->a, BIND_POST);
        buf_putc(b, '(');
        print_args(b, e->args);
        buf_putc(b, ')');
        break;
    case EXPR_LIST:
        buf_putc(b, '[');
        print_args(b, e->args);
        buf_putc(b, ']');
        break;
    case EXPR_RECORD: case EXPR_MAP: print_braces(b, e->args); break;
    case EXPR_FOR_LIST:
        buf_putc(b, '[');
        print_loop(b, e);
        buf_putc(b, ']');
        break;
    case EXPR_FOR_MAP:
        buf_putc(b, '{');
        print_loop(b, e);
        buf_putc(b, '}');
        break;
    case EXPR_UNARY:
        buf_puts(b, e->op == OP_NOT ? "not " : "-");
        print_within(b, e->a, binding(e));
        break;
    case EXPR_BINARY: print_binary(b, e); break;
    case EXPR_IF:
        buf_puts(b, "if ");
        print_expr(b, e->a);
        buf_puts(b, " then ");
        print_expr(b, e->b);
        buf_puts(b, " else ");
        print_expr(b, e->c);
        break;
    case EXPR_LAMBDA:
        buf_printf(b, "%s => ", e->var.text);
        print_expr(b, e->b);
        break;
    case EXPR_ERROR: buf_puts(b, "?"); break;
    }
}

const char *expr_text(struct arena *a, const struct expr *e)
{
    struct buf b;
    buf_init(&b, a);
    print_expr(&b, e);
    return buf_text(&b);
}

static void print_refinement(struct buf *b, const struct type_ast *t)
{
    if (t->sized)
        buf_printf(b, "(%lld..%lld)", (long long)t->low, (long long)t->high);
    if (t->pattern)
        buf_printf(b, " r\"%s\"", t->pattern);
}

void print_type(struct buf *b, const struct type_ast *t)
{
    static const char *const prefix[] = {
        [TYPE_SET] = "set ", [TYPE_MAP] = "map ", [TYPE_RANGE] = "range ", [TYPE_SECRET] = "secret ",
    };
    switch (t->kind) {
    case TYPE_NAMED:
        buf_puts(b, t->path);
        print_refinement(b, t);
        break;
    case TYPE_LITERAL: {
        struct expr e = {.kind = EXPR_LITERAL, .literal = t->literal};
        print_expr(b, &e);
        break;
    }
    case TYPE_INTS: buf_printf(b, "%lld..%lld", (long long)t->low, (long long)t->high); break;
    case TYPE_UNION:
        for (const struct type_ast *i = t->items; i; i = i->next) {
            print_type(b, i);
            if (i->next)
                buf_puts(b, " | ");
        }
        break;
    case TYPE_LIST:
        buf_putc(b, '[');
        print_type(b, t->a);
        buf_putc(b, ']');
        break;
    case TYPE_SET: case TYPE_MAP: case TYPE_RANGE: case TYPE_SECRET: {
        bool open = t->a->kind == TYPE_UNION || t->a->kind == TYPE_OPTION;
        buf_printf(b, "%s%s", prefix[t->kind], open ? "(" : "");
        print_type(b, t->a);
        buf_puts(b, open ? ")" : "");
        break;
    }
    case TYPE_REF: buf_printf(b, "ref %s", t->path); break;
    case TYPE_OPTION:
        print_type(b, t->a);
        buf_putc(b, '?');
        break;
    case TYPE_RECORD:
        buf_puts(b, t->fields ? "{ " : "{");
        for (const struct field_ast *f = t->fields; f; f = f->next) {
            buf_printf(b, "%s: ", f->name.text);
            print_type(b, f->type);
            if (f->value) {
                buf_puts(b, " = ");
                print_expr(b, f->value);
            }
            if (f->next)
                buf_puts(b, ", ");
        }
        buf_puts(b, t->fields ? " }" : "}");
        break;
    case TYPE_ERROR: buf_puts(b, "?"); break;
    }
}
