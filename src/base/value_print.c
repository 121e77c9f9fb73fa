#include <string.h>

#include "base/utf8.h"
#include "base/value.h"

struct unit {
    const char *name;
    int64_t in; /* milliseconds, or bytes */
};

static const struct unit times[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit sizes[] = {
    {"TiB", (int64_t)1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1},
};

/* In the largest unit that divides it; zero is 0s and 0B. */
static void put_unit(struct buf *b, int64_t i, const struct unit *units, const char *zero)
{
    if (!i) {
        buf_puts(b, zero);
        return;
    }
    while (i % units->in)
        units++;
    buf_put_int(b, i / units->in);
    buf_puts(b, units->name);
}

static void put_rate(struct buf *b, const struct value *v)
{
    dec_print(b, v->rate.count);
    buf_putc(b, '/');
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i].in == v->rate.per) {
            buf_puts(b, times[i].name);
            return;
        }
    put_unit(b, v->rate.per, times, "0s");
}

/* The scalars that .bg text and JSON spell alike, JSON inside a string. */
static void put_literal(struct buf *b, const struct value *v)
{
    switch ((enum value_kind)v->kind) {
    case V_NONE: buf_puts(b, "none"); break;
    case V_BOOL: buf_puts(b, v->b ? "true" : "false"); break;
    case V_INT: buf_put_int(b, v->i); break;
    case V_NUMBER: dec_print(b, v->dec); break;
    case V_DURATION: put_unit(b, v->i, times, "0s"); break;
    case V_SIZE: put_unit(b, v->i, sizes, "0B"); break;
    case V_PERCENT:
        dec_print(b, v->dec);
        buf_putc(b, '%');
        break;
    case V_RATE: put_rate(b, v); break;
    case V_STRING:
    case V_CIDR:
    case V_REGEX: buf_puts(b, v->s); break;
    case V_REF:
        buf_puts(b, v->ref.address);
        if (v->ref.field)
            buf_printf(b, ".%s", v->ref.field);
        break;
    case V_METRIC:
        buf_printf(b, "%s%s.%s", v->metric.live ? "live." : "", v->metric.address, v->metric.name);
        break;
    case V_DEFERRED: buf_puts(b, "(known later)"); break;
    case V_POISON: buf_puts(b, "(error)"); break;
    case V_RANGE:
        value_print(b, v->range.low);
        buf_puts(b, "..");
        value_print(b, v->range.high);
        break;
    case V_LIST:
    case V_SET:
    case V_MAP: break;
    }
}

/* ---- .bg --------------------------------------------------------------- */

static void put_string(struct buf *b, const char *s)
{
    buf_putc(b, '"');
    for (const char *end = s + strlen(s); s < end;) {
        uint32_t c;
        size_t n = utf8_decode(s, (size_t)(end - s), &c);
        if (!n) {
            buf_puts(b, "\\u{fffd}");
            s++;
            continue;
        }
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", (char)c);
        else if (c == '\n')
            buf_puts(b, "\\n");
        else if (c == '\t')
            buf_puts(b, "\\t");
        else if (c == '$' && s[1] == '{')
            buf_puts(b, "$$");
        else if (utf8_is_control(c))
            buf_printf(b, "\\u{%x}", c);
        else
            buf_put(b, s, n);
        s += n;
    }
    buf_putc(b, '"');
}

/* Whether `s` can stand before `=` in a record. */
static bool is_word(const char *s)
{
    static const char *const hard[] = {"if", "then", "else", "for",   "in",  "and",
                                       "or", "not",  "true", "false", "none"};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        if (!strcmp(s, hard[i]))
            return false;
    for (const char *p = s; *p; p++) {
        char low = (char)(*p | 0x20);
        if (!(low >= 'a' && low <= 'z') && *p != '_' && !(p > s && *p >= '0' && *p <= '9'))
            return false;
    }
    return *s;
}

static void put_map(struct buf *b, const struct map *m)
{
    bool record = true;
    for (size_t i = 0; i < m->n; i++)
        record = record && is_word(m->entries[i].key);
    buf_puts(b, m->n ? "{ " : "{");
    for (size_t i = 0; i < m->n; i++) {
        if (i)
            buf_puts(b, ", ");
        if (record)
            buf_puts(b, m->entries[i].key);
        else
            put_string(b, m->entries[i].key);
        buf_puts(b, record ? " = " : " => ");
        value_print(b, m->entries[i].value);
    }
    buf_puts(b, m->n ? " }" : "}");
}

void value_print(struct buf *b, const struct value *v)
{
    if (!v) {
        buf_puts(b, "none");
        return;
    }
    if (v->secret) {
        buf_puts(b, "(secret)");
        return;
    }
    switch ((enum value_kind)v->kind) {
    case V_STRING: put_string(b, v->s); break;
    case V_REGEX:
        buf_puts(b, "r\"");
        buf_put_visible(b, v->s);
        buf_putc(b, '"');
        break;
    case V_LIST:
    case V_SET:
        buf_putc(b, '[');
        for (size_t i = 0; i < v->list.n; i++) {
            if (i)
                buf_puts(b, ", ");
            value_print(b, v->list.at[i]);
        }
        buf_putc(b, ']');
        break;
    case V_MAP: put_map(b, v->map); break;
    default: put_literal(b, v);
    }
}

const char *value_text(struct arena *a, const struct value *v)
{
    struct buf b;
    buf_init(&b, a);
    value_print(&b, v);
    return buf_text(&b);
}

/* ---- JSON -------------------------------------------------------------- */

struct json {
    struct buf *b;
    int indent; /* 0: one line */
    bool sorted;
};

static void put_json(const struct json *j, const struct value *v, int depth);

static void new_line(const struct json *j, int depth)
{
    if (j->indent) {
        buf_putc(j->b, '\n');
        buf_fill(j->b, ' ', (size_t)(j->indent * depth));
    }
}

static void put_json_list(const struct json *j, const struct value *v, int depth)
{
    buf_putc(j->b, '[');
    for (size_t i = 0; i < v->list.n; i++) {
        if (i)
            buf_putc(j->b, ',');
        new_line(j, depth + 1);
        put_json(j, v->list.at[i], depth + 1);
    }
    if (v->list.n)
        new_line(j, depth);
    buf_putc(j->b, ']');
}

static void put_json_map(const struct json *j, const struct map *m, int depth)
{
    const struct map_entry **sorted = j->sorted ? value_sorted(j->b->arena, m) : NULL;
    buf_putc(j->b, '{');
    for (size_t i = 0; i < m->n; i++) {
        const struct map_entry *e = sorted ? sorted[i] : &m->entries[i];
        if (i)
            buf_putc(j->b, ',');
        new_line(j, depth + 1);
        buf_put_json(j->b, e->key);
        buf_puts(j->b, j->indent ? ": " : ":");
        put_json(j, e->value, depth + 1);
    }
    if (m->n)
        new_line(j, depth);
    buf_putc(j->b, '}');
}

static void put_json(const struct json *j, const struct value *v, int depth)
{
    if (v && v->secret) {
        buf_puts(j->b, "\"(secret)\"");
        return;
    }
    switch (v ? (enum value_kind)v->kind : V_NONE) {
    case V_NONE:
    case V_POISON: buf_puts(j->b, "null"); break;
    case V_BOOL:
    case V_INT:
    case V_NUMBER: put_literal(j->b, v); break;
    case V_LIST:
    case V_SET: put_json_list(j, v, depth); break;
    case V_MAP: put_json_map(j, v->map, depth); break;
    case V_STRING:
    case V_CIDR:
    case V_REGEX: buf_put_json(j->b, v->s); break;
    default: {
        struct buf text;
        buf_init(&text, j->b->arena);
        put_literal(&text, v);
        buf_put_json(j->b, buf_text(&text));
    }
    }
}

void value_json(struct buf *b, const struct value *v, int indent)
{
    put_json(&(struct json){b, indent, false}, v, 0);
}

void value_json_canonical(struct buf *b, const struct value *v)
{
    put_json(&(struct json){b, 0, true}, v, 0);
}
