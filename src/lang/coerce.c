#include <inttypes.h>
#include <string.h>

#include "lang/eval.h"
#include "lang/pattern.h"
#include "lang/type_accepts.h"

/* Where in the value we are: spelled out only when something is wrong there. */
struct trail {
    const struct trail *in;
    const char *name;
};

/* One act of coercion. `quiet` tries a member of a union without a word. */
struct coercion {
    struct program *p;
    struct arena *a;
    const struct trail *at;
    bool quiet;
    int depth;
};

enum { COERCE_DEPTH = 200 };

static struct value *coerce(struct coercion *c, const struct type *t, struct value *v);

static const char *trail_text(struct arena *a, const struct trail *at)
{
    return at->in ? arena_printf(a, "%s.%s", trail_text(a, at->in), at->name) : at->name;
}

/* `fmt` says why; NULL: what is wanted says it. */
static struct value *refuse(struct coercion *c, const struct type *t, const struct value *v,
                            const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static struct value *refuse(struct coercion *c, const struct type *t, const struct value *v,
                            const char *code, const char *fmt, ...)
{
    if (c->quiet)
        return NULL;
    va_list ap;
    va_start(ap, fmt);
    const char *why = fmt ? arena_vprintf(c->a, fmt, ap) : NULL;
    va_end(ap);
    struct diag *d = diag_error(c->p->ds, code, v->span, "`%s` cannot be %s",
                                trail_text(c->a, c->at),
                                value_secret(v) ? "this" : value_text(c->a, v));
    if (why && !value_secret(v))
        diag_at(c->p->ds, d, "%s", why);
    diag_note(c->p->ds, d, "wanted: %s", type_text(c->a, t));
    return NULL;
}

static struct value *refuse_kind(struct coercion *c, const struct type *t, const struct value *v)
{
    return refuse(c, t, v, "BG1010", "this is a %s", value_kind_name(v->kind));
}

/* The same value with its place, phase and secrecy, of another kind. */
static struct value *like(struct value *made, const struct value *v)
{
    made->span = v->span;
    made->phase = v->phase;
    made->secret = v->secret;
    return made;
}

static struct value *coerce_string(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind != V_STRING)
        return refuse_kind(c, t, v);
    if (t->literal)
        return value_equal(t->literal, v) ? v : refuse(c, t, v, "BG1011", "another text is wanted");
    if (t->sized) {
        int64_t n = type_text_length(v->s);
        if (n < t->low || n > t->high)
            return refuse(c, t, v, "BG1011", "%" PRId64 " characters long", n);
    }
    if (t->pattern && !pattern_match_memo(c->p, t->pattern, v->s))
        return refuse(c, t, v, "BG1011", "does not match r\"%s\"", t->pattern);
    return v;
}

static struct value *coerce_elements(struct coercion *c, const struct type *t, struct value *v)
{
    bool set = t->kind == TYPE_K_SET;
    if (v->kind != V_LIST && v->kind != V_SET)
        return refuse_kind(c, t, v);
    if (!set && v->kind == V_SET)
        return refuse(c, t, v, "BG1010", "a set has no order");
    struct value **at = NULL; /* once one of them becomes another value */
    for (size_t i = 0; i < v->list.n; i++) {
        struct value *x = coerce(c, t->elem, v->list.at[i]);
        if (!x)
            return NULL;
        if (x == v->list.at[i] && !at)
            continue;
        if (!at) {
            at = arena_array(c->a, struct value *, v->list.n);
            memcpy(at, v->list.at, i * sizeof *at);
        }
        at[i] = x;
    }
    if (!at && v->kind == (set ? V_SET : V_LIST))
        return v;
    if (!at)
        at = v->list.at;
    return like(set ? value_set(c->a, at, v->list.n) : value_list(c->a, at, v->list.n), v);
}

static struct value *coerce_map(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind != V_MAP)
        return refuse_kind(c, t, v);
    struct value *made = like(value_map(c->a), v);
    for (size_t i = 0; i < v->map->n; i++) {
        struct value *e = coerce(c, t->elem, v->map->entries[i].value);
        if (!e)
            return NULL;
        value_put(made, v->map->entries[i].key, e);
    }
    return made;
}

/* The default of a member, evaluated; NULL: reported. */
static struct value *default_of(struct coercion *c, const struct type_member *m)
{
    struct value *d = eval_expr(c->p, c->a, c->p->ds, m->dflt, NULL);
    return d ? coerce(c, m->type, d) : NULL;
}

static struct value *coerce_record(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind != V_MAP)
        return refuse_kind(c, t, v);
    for (size_t i = 0; i < v->map->n; i++)
        if (!type_member(t, v->map->entries[i].key))
            return refuse(c, t, v, "BG1005", "there is no field `%s`",
                          v->map->entries[i].key);
    struct value *made = like(value_map(c->a), v);
    const struct trail *outer = c->at;
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct type_member *m = &t->fields.at[i];
        struct value *have = value_get(v, m->name);
        struct trail inner = {outer, m->name};
        c->at = &inner;
        if (m->dflt && (!have || have->kind == V_NONE))
            have = default_of(c, m);
        else if (have)
            have = coerce(c, m->type, have);
        else if (m->type->kind == TYPE_K_OPTION)
            continue;
        else {
            c->at = outer;
            return refuse(c, t, v, "BG1012", "field `%s` is missing", m->name);
        }
        c->at = outer;
        if (!have)
            return NULL;
        value_put(made, m->name, have);
    }
    return made;
}

static struct value *coerce_union(struct coercion *c, const struct type *t, struct value *v)
{
    bool quiet = c->quiet;
    const struct type *only = NULL; /* the one member of the value's kind */
    size_t kin = 0;
    struct value *made = NULL;
    c->quiet = true;
    for (size_t i = 0; i < t->items.n && !made; i++) {
        const struct type *item = t->items.at[i];
        made = coerce(c, item, v);
        if (v->kind == V_MAP && (item->kind == TYPE_K_RECORD || item->kind == TYPE_K_MAP)) {
            only = item;
            kin++;
        }
    }
    c->quiet = quiet;
    if (made)
        return made;
    return kin == 1 ? coerce(c, only, v) : refuse(c, t, v, "BG1011", "this is none of them");
}

static struct value *coerce_range(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind != V_RANGE)
        return refuse_kind(c, t, v);
    struct value *low = coerce(c, t->elem, v->range.low);
    struct value *high = low ? coerce(c, t->elem, v->range.high) : NULL;
    if (!high)
        return NULL;
    if (low->kind == high->kind && low->kind != V_REF && low->kind != V_DEFERRED &&
        value_cmp(low, high) > 0)
        return refuse(c, t, v, "BG1011", "it ends before it begins");
    return like(value_range(c->a, low, high), v);
}

static struct value *coerce_plain(struct coercion *c, const struct type *t, struct value *v)
{
    static const uint8_t kinds[] = {
        [TYPE_K_BOOL] = V_BOOL,       [TYPE_K_NUMBER] = V_NUMBER, [TYPE_K_DURATION] = V_DURATION,
        [TYPE_K_PERCENT] = V_PERCENT, [TYPE_K_SIZE] = V_SIZE,     [TYPE_K_RATE] = V_RATE,
        [TYPE_K_CIDR] = V_CIDR,       [TYPE_K_REGEX] = V_REGEX,   [TYPE_K_NONE] = V_NONE,
        [TYPE_K_METRIC] = V_METRIC,
    };
    if (t->kind == TYPE_K_NUMBER && v->kind == V_INT)
        return like(value_number(c->a, (struct dec){.m = v->i, .scale = 0}), v);
    if ((size_t)t->kind < sizeof kinds && kinds[t->kind] == v->kind)
        return v;
    return refuse_kind(c, t, v);
}

static struct value *coerce_ref(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind != V_REF)
        return refuse_kind(c, t, v);
    if (!t->name || !v->ref.type || !strcmp(t->name, v->ref.type))
        return v;
    return refuse(c, t, v, "BG1010", "this is a %s", v->ref.type);
}

static struct value *coerce_known(struct coercion *c, const struct type *t, struct value *v)
{
    switch (t->kind) {
    case TYPE_K_POISON:
    case TYPE_K_ANY:
    case TYPE_K_VAR:
    case TYPE_K_WORLD:
    case TYPE_K_INSTANCE:
    case TYPE_K_FUNCTION: return v;
    case TYPE_K_OPTION: return v->kind == V_NONE ? v : coerce(c, t->elem, v);
    case TYPE_K_SECRET: {
        if (!v->secret) { /* before anything can be wrong with it, and shown */
            v = value_copy(c->a, v);
            v->secret = true;
        }
        struct value *made = coerce(c, t->elem, v);
        if (!made || made->secret)
            return made;
        made = value_copy(c->a, made);
        made->secret = true;
        return made;
    }
    case TYPE_K_STRING: return coerce_string(c, t, v);
    case TYPE_K_INT:
        if (v->kind == V_NUMBER && v->dec.scale == 0)
            v = like(value_int(c->a, v->dec.m), v);
        if (v->kind != V_INT)
            return refuse_kind(c, t, v);
        if (t->sized && (v->i < t->low || v->i > t->high))
            return refuse(c, t, v, "BG1011", "out of range");
        return v;
    case TYPE_K_LIST:
    case TYPE_K_SET: return coerce_elements(c, t, v);
    case TYPE_K_MAP: return coerce_map(c, t, v);
    case TYPE_K_RECORD: return coerce_record(c, t, v);
    case TYPE_K_UNION: return coerce_union(c, t, v);
    case TYPE_K_RANGE: return coerce_range(c, t, v);
    case TYPE_K_REF: return coerce_ref(c, t, v);
    default: return coerce_plain(c, t, v);
    }
}

static struct value *coerce(struct coercion *c, const struct type *t, struct value *v)
{
    if (v->kind == V_POISON || v->kind == V_DEFERRED || (v->kind == V_REF && v->ref.field))
        return v;
    if (c->depth >= COERCE_DEPTH)
        return refuse(c, t, v, "BG1011", "nested too deeply");
    c->depth++;
    struct value *made = coerce_known(c, t, v);
    c->depth--;
    return made;
}

struct value *type_coerce(struct program *p, struct arena *a, const struct type *t,
                          struct value *v, const char *what)
{
    struct coercion c = {p, a, &(struct trail){NULL, what}, false, 0};
    return coerce(&c, t, v);
}
