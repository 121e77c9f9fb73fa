#include "review/words.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static struct value *note(struct arena *a, const char *why)
{
    struct value *v = value_stringf(a, "(%s)", why);
    v->phase = PHASE_APPLY; /* how words_value tells it from text */
    return v;
}

static const char *waits_for(struct arena *a, const struct value *v)
{
    if (v->kind == V_REF && !v->ref.field)
        return arena_printf(a, "after create of %s", v->ref.address);
    const char *why = eval_why_unknown(a, v);
    return why ? why : "known later";
}

struct value *words_known(struct arena *a, const struct value *v)
{
    struct value *out;
    if (!v)
        return NULL;
    if (v->secret) {
        out = value_string(a, "(secret)");
        out->phase = PHASE_APPLY;
        return out;
    }
    switch ((enum value_kind)v->kind) {
    case V_REF:
    case V_DEFERRED: return note(a, waits_for(a, v));
    case V_METRIC:
        return note(a,
                    arena_printf(a, "after create of %s: %s", v->metric.address, v->metric.name));
    case V_RANGE:
        if (value_known(v))
            return (struct value *)v;
        return value_range(a, words_known(a, v->range.low), words_known(a, v->range.high));
    case V_LIST:
    case V_SET: {
        struct value **at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = words_known(a, v->list.at[i]);
        return value_list(a, at, v->list.n);
    }
    case V_MAP:
        out = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(out, v->map->entries[i].key, words_known(a, v->map->entries[i].value));
        return out;
    default: return (struct value *)v;
    }
}

static void put(struct buf *b, const struct value *v)
{
    if (v->kind == V_STRING && v->phase == PHASE_APPLY && *v->s == '(') { /* a note */
        buf_put_visible(b, v->s);
    } else if (v->kind == V_LIST || v->kind == V_SET) {
        buf_putc(b, '[');
        for (size_t i = 0; i < v->list.n; i++) {
            buf_puts(b, i ? ", " : "");
            put(b, v->list.at[i]);
        }
        buf_putc(b, ']');
    } else if (v->kind == V_MAP) {
        bool first = true;
        buf_putc(b, '{');
        for (size_t i = 0; i < v->map->n; i++) {
            const struct value *m = v->map->entries[i].value;
            if (m->kind == V_NONE)
                continue;
            buf_puts(b, first ? " " : ", ");
            buf_put_visible(b, v->map->entries[i].key);
            buf_puts(b, " = ");
            put(b, m);
            first = false;
        }
        buf_puts(b, first ? "}" : " }");
    } else {
        struct buf text;
        buf_init(&text, b->arena);
        value_print(&text, v);
        buf_put_visible(b, buf_text(&text));
    }
}

/* At a character's end, so that no half of one is shown. */
static const char *cut(struct arena *a, const char *s, size_t width)
{
    size_t n = 0, columns = 0;
    if (!width)
        return s;
    for (; s[n]; n++) {
        if (((unsigned char)s[n] & 0xc0) == 0x80)
            continue;
        if (columns++ == width)
            return arena_printf(a, "%.*s...", (int)n, s);
    }
    return s;
}

const char *words_value(struct arena *a, const struct value *v, size_t width)
{
    struct buf b;
    if (!v)
        return NULL;
    buf_init(&b, a);
    put(&b, words_known(a, v));
    return cut(a, buf_text(&b), width);
}

/* ---- changes ----------------------------------------------------------------------- */

struct taker {
    struct arena *arena;
    size_t width;
    VEC(struct words_change) out;
};

static void add(struct taker *t, char sign, const char *path, const char *before, const char *after)
{
    vec_push(t->arena, &t->out, (struct words_change){sign, path, before, after});
}

static void elements(struct taker *t, char sign, const char *path, const struct value *list)
{
    for (size_t i = 0; list && i < list->list.n; i++) {
        const char *text = words_value(t->arena, list->list.at[i], t->width);
        add(t, sign, path, sign == '-' ? text : NULL, sign == '-' ? NULL : text);
    }
}

static struct value *document(struct arena *a, const struct value *v)
{
    const char *error;
    if (!v || v->kind != V_STRING || (*v->s != '{' && *v->s != '['))
        return NULL;
    return value_from_json(a, v->s, strlen(v->s), &error);
}

static void member(struct taker *t, const char *path, const struct value *before,
                   const struct value *after);

static void members(struct taker *t, const char *path, const struct value *before,
                    const struct value *after)
{
    for (size_t i = 0; i < before->map->n; i++) {
        const char *key = before->map->entries[i].key;
        member(t, arena_printf(t->arena, "%s.%s", path, key), before->map->entries[i].value,
               value_get(after, key));
    }
    for (size_t i = 0; i < after->map->n; i++)
        if (!value_get(before, after->map->entries[i].key))
            member(t, arena_printf(t->arena, "%s.%s", path, after->map->entries[i].key), NULL,
                   after->map->entries[i].value);
}

static void member(struct taker *t, const char *path, const struct value *before,
                   const struct value *after)
{
    if (before && after && before->kind == V_MAP && after->kind == V_MAP) {
        members(t, path, before, after);
        return;
    }
    if (before && after && before->kind == V_LIST && after->kind == V_LIST &&
        before->list.n == after->list.n) {
        for (size_t i = 0; i < before->list.n; i++)
            member(t, arena_printf(t->arena, "%s[%zu]", path, i), before->list.at[i],
                   after->list.at[i]);
        return;
    }
    if (before && after && value_equal(before, after))
        return;
    add(t,
        !before  ? '+'
        : !after ? '-'
                 : '~',
        path, words_value(t->arena, before, t->width), words_value(t->arena, after, t->width));
}

struct lines {
    VEC(const char *) at;
};

static struct lines split(struct arena *a, const char *s)
{
    struct lines l = {0};
    while (*s) {
        size_t n = strcspn(s, "\n");
        vec_push(a, &l.at, arena_strndup(a, s, n));
        s += n + (s[n] == '\n');
    }
    return l;
}

static const char *quoted(struct taker *t, const char *line)
{
    struct buf b;
    buf_init(&b, t->arena);
    buf_put_visible(&b, line);
    return cut(t->arena, buf_text(&b), t->width);
}

/* Equal lines at both ends are left out; between them old lines, then new ones. */
static void lines(struct taker *t, const char *path, const char *before, const char *after)
{
    struct lines b = split(t->arena, before), n = split(t->arena, after);
    size_t head = 0, tail = 0;
    while (head < b.at.n && head < n.at.n && !strcmp(b.at.at[head], n.at.at[head]))
        head++;
    while (tail < b.at.n - head && tail < n.at.n - head &&
           !strcmp(b.at.at[b.at.n - 1 - tail], n.at.at[n.at.n - 1 - tail]))
        tail++;
    const char *at = arena_printf(t->arena, "%s line %zu", path, head + 1);
    for (size_t i = head; i < b.at.n - tail; i++)
        add(t, '-', at, quoted(t, b.at.at[i]), NULL);
    for (size_t i = head; i < n.at.n - tail; i++)
        add(t, '+', at, NULL, quoted(t, n.at.at[i]));
}

static bool many_lines(const struct value *v)
{
    return v && v->kind == V_STRING && !v->secret && strchr(v->s, '\n');
}

struct words_change *words_changes(struct arena *a, const struct change *c, size_t width, size_t *n)
{
    struct taker t = {.arena = a, .width = width};
    struct change own = *c; /* what was absent is as what was not there */
    if (own.before && own.before->kind == V_NONE)
        own.before = NULL;
    if (!own.before && own.added && !own.deferred)
        own.added = own.removed = NULL;
    c = &own;
    struct value *before = document(a, c->before), *after = document(a, c->after);
    bool secret =
        c->secret || (c->before && value_secret(c->before)) || (c->after && value_secret(c->after));
    bool many = !c->before && c->after && (c->after->kind == V_LIST || c->after->kind == V_SET) &&
                strlen(words_value(a, c->after, 0)) > width;
    if (secret)
        add(&t, c->before ? '~' : ' ', c->path, c->before ? "(secret)" : NULL, "(secret)");
    else if (many && width)
        elements(&t, ' ', c->path, c->after);
    else if (!c->before)
        add(&t, ' ', c->path, NULL,
            many_lines(c->after) ? arena_printf(a, "(%zu lines)", split(a, c->after->s).at.n)
                                 : words_value(a, c->after, width));
    else if ((c->added || c->removed) && !c->deferred) {
        elements(&t, '-', c->path, c->removed);
        elements(&t, '+', c->path, c->added);
    } else if (before && after)
        member(&t, c->path, before, after);
    else if (many_lines(c->before) && c->after && c->after->kind == V_STRING)
        lines(&t, c->path, c->before->s, c->after->s);
    else
        add(&t, '~', c->path, words_value(a, c->before, width), words_value(a, c->after, width));
    *n = t.out.n;
    return t.out.at;
}

/* ---- small words ------------------------------------------------------------------------ */

const char *words_count(struct arena *a, size_t n, const char *one, const char *many)
{
    return arena_printf(a, "%zu %s", n, n == 1 ? one : many);
}

const char *words_hours(struct arena *a, int64_t ms)
{
    double hours = round((double)ms / 360000.0) / 10;
    return arena_printf(a, "%g", hours);
}

const char *words_share(struct arena *a, double percent)
{
    return arena_printf(a, "%g", percent);
}

const char *words_gate(struct arena *a, const struct gate *g)
{
    struct buf b;
    buf_init(&b, a);
    if (!g->ast->every)
        return "once, before traffic";
    buf_printf(&b, "every %s", clock_span(a, g->ast->every));
    if (g->ast->tolerate)
        buf_printf(&b, ", %lld in a row tolerated", (long long)g->ast->tolerate);
    buf_puts(&b, g->ast->no_data == NO_DATA_FAIL ? ", no data fails" : ", no data holds");
    return buf_text(&b);
}
