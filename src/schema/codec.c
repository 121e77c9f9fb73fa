#include "schema/codec.h"

#include <string.h>

/* ---- helpers --------------------------------------------------------------- */

static struct value *bad(const struct lens_ctx *c, const struct lens *l, const struct value *v)
{
    struct buf b;
    buf_init(&b, c->a);
    buf_put_visible(&b, value_text(c->a, v));
    return lens_fail(c, "%s is nothing that `%s` can convert", buf_text(&b), l->codec->name);
}

static bool number_of(const struct value *w, struct dec *out)
{
    if (w->kind == V_INT) {
        *out = (struct dec){w->i, 0};
        return true;
    }
    if (w->kind == V_NUMBER) {
        *out = w->dec;
        return true;
    }
    return w->kind == V_STRING && dec_parse_float(w->s, out);
}

static struct value *number(struct arena *a, struct dec d)
{
    return d.scale ? value_number(a, d) : value_int(a, d.m);
}

static const struct type *scalar_of(const struct lens *l)
{
    const struct type *t = type_bare(l->type);
    while (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET)
        t = type_bare(t->elem);
    return t;
}

static bool may_be(const struct type *t, enum type_kind kind)
{
    t = type_bare(t);
    if (t->kind == TYPE_K_UNION) {
        for (size_t i = 0; i < t->items.n; i++)
            if (may_be(t->items.at[i], kind))
                return true;
        return false;
    }
    return t->kind == kind;
}

static const char *check_kind(const struct lens *l, enum type_kind kind, const char *wrong)
{
    return may_be(scalar_of(l), kind) ? NULL : wrong;
}

static const char *arg_text(const struct lens *l, size_t i)
{
    return i < l->nargs && l->args[i]->kind == V_STRING ? l->args[i]->s : NULL;
}

static const char *check_texts(struct arena *a, const struct lens *l)
{
    (void)a;
    for (size_t i = 0; i < l->nargs; i++)
        if (!arg_text(l, i))
            return "its arguments are texts";
    return NULL;
}

/* ---- durations, sizes, shares ------------------------------------------------ */

static const char *check_duration(struct arena *a, const struct lens *l)
{
    (void)a;
    if (l->nargs && (!arg_text(l, 0) || strcmp(arg_text(l, 0), "text")))
        return "its argument can only be \"text\"";
    return check_kind(l, TYPE_K_DURATION, "it converts durations");
}

static struct value *duration_put(const struct lens_ctx *c, const struct lens *l, struct value *v,
                                  int64_t unit, const char *name)
{
    if (v->kind != V_DURATION)
        return bad(c, l, v);
    if (v->i % unit)
        return lens_fail(c, "%s is no whole number of %s", value_text(c->a, v), name);
    if (arg_text(l, 0)) /* seconds("text"): where a member holds any kind of value as text */
        return value_stringf(c->a, "%lld", (long long)(v->i / unit));
    return value_int(c->a, v->i / unit);
}

static struct value *duration_get(const struct lens_ctx *c, const struct lens *l,
                                  const struct value *w, int64_t unit)
{
    struct dec d, ms;
    if (!number_of(w, &d) || !dec_mul(d, (struct dec){unit, 0}, &ms))
        return bad(c, l, w);
    while (ms.scale) { /* parts of a millisecond are dropped */
        ms.m /= 10;
        ms.scale--;
    }
    return value_duration(c->a, ms.m);
}

#define DURATION_CODEC(name, unit)                                                                 \
    static struct value *name##_put(const struct lens_ctx *c, const struct lens *l,                \
                                    struct value *v)                                               \
    {                                                                                              \
        return duration_put(c, l, v, unit, #name);                                                 \
    }                                                                                              \
    static struct value *name##_get(const struct lens_ctx *c, const struct lens *l,                \
                                    const struct value *w)                                         \
    {                                                                                              \
        return duration_get(c, l, w, unit);                                                        \
    }
DURATION_CODEC(milliseconds, 1)
DURATION_CODEC(seconds, 1000)
DURATION_CODEC(minutes, 60000)
DURATION_CODEC(days, 86400000)

static const char *unit_check(struct arena *a, const struct lens *l)
{
    (void)a;
    if (l->args[0]->kind != V_SIZE || l->args[0]->i <= 0)
        return "its argument is a size, as in `unit(1GiB)`";
    return check_kind(l, TYPE_K_SIZE, "it converts sizes");
}

static struct value *unit_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_SIZE)
        return bad(c, l, v);
    if (v->i % l->args[0]->i)
        return lens_fail(c, "%s is no whole number of %s", value_text(c->a, v),
                         value_text(c->a, l->args[0]));
    return value_int(c->a, v->i / l->args[0]->i);
}

static struct value *unit_get(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    struct dec d;
    int64_t bytes;
    if (!number_of(w, &d) || d.scale || __builtin_mul_overflow(d.m, l->args[0]->i, &bytes))
        return bad(c, l, w);
    return value_size(c->a, bytes);
}

static const char *check_percent(struct arena *a, const struct lens *l)
{
    (void)a;
    return check_kind(l, TYPE_K_PERCENT, "it converts percentages");
}

static struct value *percent_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    return v->kind == V_PERCENT ? number(c->a, v->dec) : bad(c, l, v);
}

static struct value *percent_get(const struct lens_ctx *c, const struct lens *l,
                                 const struct value *w)
{
    struct dec d;
    return number_of(w, &d) ? value_percent(c->a, d) : bad(c, l, w);
}

static struct value *fraction_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    struct dec d;
    if (v->kind != V_PERCENT || !dec_div(v->dec, (struct dec){100, 0}, &d))
        return bad(c, l, v);
    return number(c->a, d);
}

static struct value *fraction_get(const struct lens_ctx *c, const struct lens *l,
                                  const struct value *w)
{
    struct dec d;
    if (!number_of(w, &d) || !dec_mul(d, (struct dec){100, 0}, &d))
        return bad(c, l, w);
    return value_percent(c->a, d);
}

/* A threshold may be a number, a share or a duration, and the wire has a number. */
static struct value *measure_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    struct dec d;
    if (v->kind == V_PERCENT)
        return number(c->a, v->dec);
    if (v->kind == V_DURATION && dec_div((struct dec){v->i, 0}, (struct dec){1000, 0}, &d))
        return number(c->a, d);
    return v->kind == V_INT || v->kind == V_NUMBER ? v : bad(c, l, v);
}

static const char *measure_check(struct arena *a, const struct lens *l)
{
    (void)a;
    return check_kind(l, TYPE_K_NUMBER, "it is read as a number, which the type does not allow");
}

static struct value *measure_get(const struct lens_ctx *c, const struct lens *l,
                                 const struct value *w)
{
    struct dec d;
    return number_of(w, &d) ? value_number(c->a, d) : bad(c, l, w);
}

/* ---- texts ------------------------------------------------------------------- */

static struct value *text_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    const char *s = wire_text(c->a, v);
    return s ? value_string(c->a, s) : bad(c, l, v);
}

static struct value *as_it_is(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    (void)l; /* the type converts it */
    return value_copy(c->a, w);
}

static const char *check_list(struct arena *a, const struct lens *l)
{
    (void)a;
    const struct type *t = type_bare(l->type);
    return t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET ? NULL : "it converts lists and sets";
}

static struct value *csv_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_LIST && v->kind != V_SET)
        return bad(c, l, v);
    struct buf b;
    buf_init(&b, c->a);
    for (size_t i = 0; i < v->list.n; i++) {
        const char *s = wire_text(c->a, v->list.at[i]);
        if (!s && (v->list.at[i]->kind == V_REF || v->list.at[i]->kind == V_DEFERRED))
            return lens_fail(c, "the value of an element is not known yet");
        if (!s || strchr(s, ','))
            return bad(c, l, v->list.at[i]);
        buf_printf(&b, "%s%s", i ? "," : "", s);
    }
    return value_string(c->a, buf_text(&b));
}

static struct value *csv_get(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    if (w->kind != V_STRING)
        return bad(c, l, w);
    VEC(struct value *) out = {0};
    for (const char *p = w->s; *p;) {
        size_t n = strcspn(p, ",");
        const char *from = p, *end = p + n;
        while (from < end && *from == ' ')
            from++;
        while (end > from && end[-1] == ' ')
            end--;
        if (end > from)
            vec_push(c->a, &out,
                     value_string(c->a, arena_strndup(c->a, from, (size_t)(end - from))));
        p += n + (p[n] == ',');
    }
    return value_list(c->a, out.at, out.n);
}

/* RFC 4648, section 4. */
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct value *base64_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_STRING)
        return bad(c, l, v);
    const unsigned char *s = (const unsigned char *)v->s;
    size_t n = strlen(v->s);
    struct buf b;
    buf_init(&b, c->a);
    for (size_t i = 0; i < n; i += 3) {
        unsigned x = (unsigned)s[i] << 16;
        if (i + 1 < n)
            x |= (unsigned)s[i + 1] << 8;
        if (i + 2 < n)
            x |= s[i + 2];
        buf_putc(&b, base64_digits[x >> 18]);
        buf_putc(&b, base64_digits[x >> 12 & 63]);
        buf_putc(&b, i + 1 < n ? base64_digits[x >> 6 & 63] : '=');
        buf_putc(&b, i + 2 < n ? base64_digits[x & 63] : '=');
    }
    return value_string(c->a, buf_text(&b));
}

static struct value *base64_get(const struct lens_ctx *c, const struct lens *l,
                                const struct value *w)
{
    if (w->kind != V_STRING)
        return bad(c, l, w);
    struct buf b;
    buf_init(&b, c->a);
    unsigned x = 0, bits = 0;
    for (const char *p = w->s; *p && *p != '='; p++) {
        if (*p == '\n' || *p == '\r')
            continue;
        const char *at = strchr(base64_digits, *p);
        if (!at)
            return bad(c, l, w);
        x = x << 6 | (unsigned)(at - base64_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_putc(&b, (char)(x >> bits & 255));
        }
    }
    return value_string(c->a, buf_text(&b));
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A text type holds the document as its author wrote it; any other type is the
 * document. IAM answers with the document percent-encoded (RFC 3986). */
static struct value *json_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind == V_STRING && type_bare(l->type)->kind == TYPE_K_STRING)
        return v;
    struct value *w = wire_out(c, l->type, v);
    if (!w)
        return NULL;
    struct buf b;
    buf_init(&b, c->a);
    value_json(&b, w, 0);
    return value_string(c->a, buf_text(&b));
}

static struct value *json_get(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    if (w->kind != V_STRING)
        return value_copy(c->a, w);
    const char *s = w->s;
    if (*s == '%') {
        struct buf b;
        buf_init(&b, c->a);
        for (const char *p = s; *p; p++) {
            if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
                buf_putc(&b, (char)(hex(p[1]) << 4 | hex(p[2])));
                p += 2;
            } else {
                buf_putc(&b, *p);
            }
        }
        s = buf_text(&b);
    }
    if (type_bare(l->type)->kind == TYPE_K_STRING)
        return value_string(c->a, s);
    const char *error = NULL;
    struct value *v = value_from_json(c->a, s, strlen(s), &error);
    return v ? v : lens_fail(c, "it is no JSON: %s", error ? error : "");
}

/* "\052.example.com." (RFC 1035 master file escapes, as Route 53 answers). */
static struct value *dns_name_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_STRING)
        return bad(c, l, v);
    size_t n = strlen(v->s);
    return n && v->s[n - 1] == '.' ? v : value_stringf(c->a, "%s.", v->s);
}

static struct value *dns_name_get(const struct lens_ctx *c, const struct lens *l,
                                  const struct value *w)
{
    if (w->kind != V_STRING)
        return bad(c, l, w);
    struct buf b;
    buf_init(&b, c->a);
    for (const char *p = w->s; *p; p++) {
        if (*p == '.' && !p[1])
            break;
        if (*p == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' &&
            p[3] <= '7') {
            buf_putc(&b, (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0')));
            p += 3;
        } else { /* a name is the same in any case; zones keep it in small letters */
            buf_putc(&b, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
        }
    }
    return value_string(c->a, buf_text(&b));
}

static struct value *after_get(const struct lens_ctx *c, const struct lens *l,
                               const struct value *w)
{
    if (w->kind != V_STRING)
        return bad(c, l, w);
    const char *mark = arg_text(l, 0), *s = w->s;
    for (const char *at; *mark && (at = strstr(s, mark));)
        s = at + strlen(mark);
    return value_string(c->a, s);
}

static struct value *after_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    (void)c;
    (void)l;
    return v;
}

/* ---- words ------------------------------------------------------------------- */

static const char *enum_check(struct arena *a, const struct lens *l)
{
    (void)a;
    if (l->args[0]->kind != V_MAP || !l->args[0]->map->n)
        return "its argument is a record of names, as in `enum({ on = \"Enabled\" })`";
    return NULL;
}

static struct value *enum_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    const char *name = wire_text(c->a, v);
    const struct value *w = name ? value_get(l->args[0], name) : NULL;
    return w ? value_copy(c->a, w) : bad(c, l, v);
}

/* A word that the type does not know is shown as it is: a difference, no error. */
static struct value *enum_get(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    const char *have = wire_text(c->a, w);
    const struct map *names = l->args[0]->map;
    for (size_t i = 0; have && i < names->n; i++) {
        const char *wire = wire_text(c->a, names->entries[i].value);
        if (wire && !strcmp(wire, have))
            return value_string(c->a, names->entries[i].key);
    }
    return value_copy(c->a, w);
}

static const char *choice_check(struct arena *a, const struct lens *l)
{
    (void)a;
    for (size_t i = 0; i < l->nargs; i++)
        if (l->args[i]->kind != V_LIST || l->args[i]->list.n != 2)
            return "its arguments are pairs, as in `choice([1m, true], [5m, false])`";
    return NULL;
}

static bool same(struct arena *a, const struct value *x, const struct value *y)
{
    const char *s = wire_text(a, x), *t = wire_text(a, y);
    return value_equal(x, y) || (s && t && !strcmp(s, t));
}

static struct value *choice_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    for (size_t i = 0; i < l->nargs; i++)
        if (same(c->a, l->args[i]->list.at[0], v))
            return value_copy(c->a, l->args[i]->list.at[1]);
    struct buf b;
    buf_init(&b, c->a);
    for (size_t i = 0; i < l->nargs; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", value_text(c->a, l->args[i]->list.at[0]));
    return lens_fail(c, "%s is none of %s", value_text(c->a, v), buf_text(&b));
}

static struct value *choice_get(const struct lens_ctx *c, const struct lens *l,
                                const struct value *w)
{
    for (size_t i = 0; i < l->nargs; i++)
        if (same(c->a, l->args[i]->list.at[1], w))
            return value_copy(c->a, l->args[i]->list.at[0]);
    return bad(c, l, w);
}

static const char *onoff_check(struct arena *a, const struct lens *l)
{
    const char *wrong = check_texts(a, l);
    return wrong ? wrong : check_kind(l, TYPE_K_BOOL, "it converts bools");
}

static struct value *words_put(const struct lens_ctx *c, const struct lens *l, struct value *v,
                               const char *yes, const char *no)
{
    return v->kind == V_BOOL ? value_string(c->a, v->b ? yes : no) : bad(c, l, v);
}

static struct value *words_get(const struct lens_ctx *c, const struct lens *l,
                               const struct value *w, const char *yes, const char *no)
{
    if (w->kind == V_BOOL)
        return value_copy(c->a, w);
    if (w->kind == V_STRING && (!strcmp(w->s, yes) || !strcmp(w->s, no)))
        return value_bool(c->a, !strcmp(w->s, yes));
    return bad(c, l, w);
}

static struct value *onoff_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    return words_put(c, l, v, arg_text(l, 0), arg_text(l, 1));
}

static struct value *onoff_get(const struct lens_ctx *c, const struct lens *l,
                               const struct value *w)
{
    return words_get(c, l, w, arg_text(l, 0), arg_text(l, 1));
}

static struct value *yes_no_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    return words_put(c, l, v, "yes", "no");
}

static struct value *yes_no_get(const struct lens_ctx *c, const struct lens *l,
                                const struct value *w)
{
    return words_get(c, l, w, "yes", "no");
}

static const char *check_bool(struct arena *a, const struct lens *l)
{
    (void)a;
    return check_kind(l, TYPE_K_BOOL, "it converts bools");
}

/* ---- boxes -------------------------------------------------------------------- */

static struct value *member_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    struct value *w = wire_out(c, NULL, v);
    if (!w)
        return NULL;
    struct value *m = value_map(c->a);
    value_put(m, arg_text(l, 0), w);
    return m;
}

static struct value *member_get(const struct lens_ctx *c, const struct lens *l,
                                const struct value *w)
{
    const struct value *v = value_get(w, arg_text(l, 0));
    return v ? value_copy(c->a, v) : value_none(c->a);
}

static struct value *wrap_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_LIST && v->kind != V_SET)
        return bad(c, l, v);
    struct value **at = arena_array(c->a, struct value *, v->list.n ? v->list.n : 1);
    for (size_t i = 0; i < v->list.n; i++)
        if (!(at[i] = member_put(c, l, v->list.at[i])))
            return NULL;
    return value_list(c->a, at, v->list.n);
}

static struct value *wrap_get(const struct lens_ctx *c, const struct lens *l, const struct value *w)
{
    if (w->kind != V_LIST && w->kind != V_SET)
        return bad(c, l, w);
    struct value **at = arena_array(c->a, struct value *, w->list.n ? w->list.n : 1);
    size_t n = 0;
    for (size_t i = 0; i < w->list.n; i++) {
        struct value *v = member_get(c, l, w->list.at[i]);
        if (v->kind != V_NONE)
            at[n++] = v;
    }
    return value_list(c->a, at, n);
}

static const char *check_wrap(struct arena *a, const struct lens *l)
{
    const char *wrong = check_texts(a, l);
    return wrong ? wrong : check_list(a, l);
}

/* ---- the table ------------------------------------------------------------------ */

static const struct codec codecs[] = {
    {"seconds", 0, 1, true, check_duration, seconds_put, seconds_get},
    {"minutes", 0, 1, true, check_duration, minutes_put, minutes_get},
    {"days", 0, 1, true, check_duration, days_put, days_get},
    {"milliseconds", 0, 1, true, check_duration, milliseconds_put, milliseconds_get},
    {"unit", 1, 1, true, unit_check, unit_put, unit_get},
    {"percent", 0, 0, true, check_percent, percent_put, percent_get},
    {"fraction", 0, 0, true, check_percent, fraction_put, fraction_get},
    {"measure", 0, 0, true, measure_check, measure_put, measure_get},
    {"text", 0, 0, true, NULL, text_put, as_it_is},
    {"csv", 0, 0, false, check_list, csv_put, csv_get},
    {"base64", 0, 0, true, NULL, base64_put, base64_get},
    {"json", 0, 0, false, NULL, json_put, json_get},
    {"enum", 1, 1, true, enum_check, enum_put, enum_get},
    {"choice", 2, 64, true, choice_check, choice_put, choice_get},
    {"wrap", 1, 1, false, check_wrap, wrap_put, wrap_get},
    {"member", 1, 1, false, check_texts, member_put, member_get},
    {"ip_permissions", 0, 1, false, ip_permissions_check, ip_permissions_put, ip_permissions_get},
    {"dns_name", 0, 0, true, NULL, dns_name_put, dns_name_get},
    {"onoff", 2, 2, true, onoff_check, onoff_put, onoff_get},
    {"yes_no", 0, 0, true, check_bool, yes_no_put, yes_no_get},
    {"after", 1, 1, true, check_texts, after_put, after_get},
};

const struct codec *codec_all(size_t *n)
{
    *n = sizeof codecs / sizeof *codecs;
    return codecs;
}

const struct codec *codec_find(const char *name)
{
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (!strcmp(codecs[i].name, name))
            return &codecs[i];
    return NULL;
}
