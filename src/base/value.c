#include "base/value.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

const char *value_kind_name(enum value_kind k)
{
    static const char *const names[] = {
        [V_NONE] = "none",       [V_BOOL] = "bool",     [V_INT] = "int",
        [V_NUMBER] = "number",   [V_STRING] = "string", [V_DURATION] = "duration",
        [V_PERCENT] = "percent", [V_SIZE] = "size",     [V_RATE] = "rate",
        [V_CIDR] = "cidr",       [V_REGEX] = "regex",   [V_RANGE] = "range",
        [V_LIST] = "list",       [V_SET] = "set",       [V_MAP] = "map",
        [V_REF] = "ref",         [V_METRIC] = "metric", [V_DEFERRED] = "deferred value",
        [V_POISON] = "error",
    };
    return (size_t)k < sizeof names / sizeof *names ? names[k] : "?";
}

/* ---- making ------------------------------------------------------------ */

static struct value *make(struct arena *a, enum value_kind kind)
{
    struct value *v = arena_make(a, struct value);
    v->kind = (uint8_t)kind;
    return v;
}

struct value *value_none(struct arena *a)
{
    return make(a, V_NONE);
}

struct value *value_bool(struct arena *a, bool b)
{
    struct value *v = make(a, V_BOOL);
    v->b = b;
    return v;
}

static struct value *make_int(struct arena *a, enum value_kind kind, int64_t i)
{
    struct value *v = make(a, kind);
    v->i = i;
    return v;
}

struct value *value_int(struct arena *a, int64_t i)
{
    return make_int(a, V_INT, i);
}

struct value *value_duration(struct arena *a, int64_t ms)
{
    return make_int(a, V_DURATION, ms);
}

struct value *value_size(struct arena *a, int64_t bytes)
{
    return make_int(a, V_SIZE, bytes);
}

struct value *value_number(struct arena *a, struct dec d)
{
    struct value *v = make(a, V_NUMBER);
    v->dec = d;
    return v;
}

struct value *value_percent(struct arena *a, struct dec d)
{
    struct value *v = make(a, V_PERCENT);
    v->dec = d;
    return v;
}

struct value *value_rate(struct arena *a, struct dec count, int64_t per_ms)
{
    struct value *v = make(a, V_RATE);
    v->rate.count = count;
    v->rate.per = per_ms;
    return v;
}

static struct value *make_text(struct arena *a, enum value_kind kind, const char *s)
{
    struct value *v = make(a, kind);
    v->s = s;
    return v;
}

struct value *value_string(struct arena *a, const char *s)
{
    return make_text(a, V_STRING, s);
}

struct value *value_stringf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct value *v = make_text(a, V_STRING, arena_vprintf(a, fmt, ap));
    va_end(ap);
    return v;
}

struct value *value_cidr(struct arena *a, const char *canonical)
{
    return make_text(a, V_CIDR, canonical);
}

struct value *value_regex(struct arena *a, const char *pattern)
{
    return make_text(a, V_REGEX, pattern);
}

struct value *value_range(struct arena *a, struct value *low, struct value *high)
{
    struct value *v = make(a, V_RANGE);
    v->range.low = low;
    v->range.high = high;
    return v;
}

static void add_parts(size_t *parts, const struct value *v)
{
    size_t more = v ? value_parts(v) : 1;
    *parts = more > SIZE_MAX / 2 - *parts ? SIZE_MAX / 2 : *parts + more;
}

struct value *value_list(struct arena *a, struct value **at, size_t n)
{
    struct value *v = make(a, V_LIST);
    v->list.at = at;
    v->list.n = n;
    for (size_t i = 0; i < n; i++)
        add_parts(&v->list.parts, at[i]);
    return v;
}

/* Sorts places in the given array, so that of equals the first given wins. */
static int place_cmp(const void *x, const void *y)
{
    struct value *const *a = *(struct value *const *const *)x;
    struct value *const *b = *(struct value *const *const *)y;
    int c = value_cmp(*a, *b);
    return c ? c : (a > b) - (a < b);
}

struct value *value_set(struct arena *a, struct value *const *at, size_t n)
{
    struct value *v = make(a, V_SET);
    struct value *const **places = arena_array(a, struct value *const *, n);
    for (size_t i = 0; i < n; i++)
        places[i] = &at[i];
    if (n > 1)
        qsort(places, n, sizeof *places, place_cmp);
    v->list.at = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++)
        if (!i || value_cmp(*places[i], *places[i - 1]))
            v->list.at[v->list.n++] = *places[i];
    for (size_t i = 0; i < v->list.n; i++)
        add_parts(&v->list.parts, v->list.at[i]);
    return v;
}

struct value *value_map(struct arena *a)
{
    struct value *v = make(a, V_MAP);
    v->map = arena_make(a, struct map);
    map_init(v->map, a);
    return v;
}

struct value *value_list_one(struct arena *a, struct value *v)
{
    struct value **at = arena_array(a, struct value *, 1);
    at[0] = v;
    return value_list(a, at, 1);
}

struct value *value_map_one(struct arena *a, const char *key, struct value *v)
{
    struct value *m = value_map(a);
    value_put(m, key, v);
    return m;
}

struct value *value_map_copy(struct arena *a, const struct value *v)
{
    struct value *m = value_map(a);
    if (v && v->kind == V_MAP)
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, v->map->entries[i].key, v->map->entries[i].value);
    return m;
}

struct value *value_ref(struct arena *a, const char *address, const char *type, const char *field)
{
    struct value *v = make(a, V_REF);
    v->ref = (struct value_ref){address, type, field};
    return v;
}

struct value *value_poison(struct arena *a)
{
    return make(a, V_POISON);
}

struct value *value_copy(struct arena *a, const struct value *v)
{
    struct value *copy = arena_make(a, struct value);
    *copy = *v;
    return copy;
}

/* ---- reading ----------------------------------------------------------- */

void value_put(struct value *map, const char *key, struct value *v)
{
    map_put(map->map, key, v);
    add_parts(&map->map_parts, v);
}

struct value *value_get(const struct value *map, const char *key)
{
    return map && map->kind == V_MAP ? map_find(map->map, key) : NULL;
}

const char *value_get_string(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);
    return v && v->kind == V_STRING ? v->s : NULL;
}

int64_t value_get_int(const struct value *map, const char *key, int64_t otherwise)
{
    const struct value *v = value_get(map, key);
    if (v && v->kind == V_NUMBER && !v->dec.scale)
        return v->dec.m;
    return v && v->kind == V_INT ? v->i : otherwise;
}

bool value_get_bool(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);
    return v && v->kind == V_BOOL && v->b;
}

static struct value *member_n(const struct value *v, const char *key, size_t n)
{
    if (v->kind != V_MAP)
        return NULL;
    for (size_t i = 0; i < v->map->n; i++)
        if (!strncmp(v->map->entries[i].key, key, n) && !v->map->entries[i].key[n])
            return v->map->entries[i].value;
    return NULL;
}

struct value *value_at(const struct value *v, const char *path)
{
    struct value *now = (struct value *)v;
    while (now && *path) {
        if (*path == '[') {
            size_t index = 0;
            for (path++; *path >= '0' && *path <= '9'; path++)
                if (index < SIZE_MAX / 20)
                    index = index * 10 + (size_t)(*path - '0');
            if (*path++ != ']' || (now->kind != V_LIST && now->kind != V_SET))
                return NULL;
            now = index < now->list.n ? now->list.at[index] : NULL;
        } else {
            size_t n = strcspn(path, ".[");
            now = member_n(now, path, n);
            path += n;
        }
        if (*path == '.')
            path++;
    }
    return now;
}

/* ---- comparing --------------------------------------------------------- */

static int int_cmp(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int text_cmp(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

/* 60/m equals 1/s: crosswise, count times the other's period. */
static int rate_cmp(const struct value *a, const struct value *b)
{
    if (a->rate.per == b->rate.per)
        return dec_cmp(a->rate.count, b->rate.count);
    wide x = (wide)a->rate.count.m * b->rate.per, y = (wide)b->rate.count.m * a->rate.per;
    for (int i = a->rate.count.scale; i < b->rate.count.scale; i++)
        if (__builtin_mul_overflow(x, 10, &x))
            return x < 0 ? -1 : 1;
    for (int i = b->rate.count.scale; i < a->rate.count.scale; i++)
        if (__builtin_mul_overflow(y, 10, &y))
            return y < 0 ? 1 : -1;
    return (x > y) - (x < y);
}

/* An entry with the first bytes of its key behind what all keys begin with, as a number:
 * most keys are told apart without a look at them, which would miss the cache. */
struct headed {
    uint64_t head;
    const struct map_entry *entry;
};

static int headed_cmp(const void *x, const void *y)
{
    const struct headed *a = x, *b = y;
    if (a->head != b->head)
        return a->head < b->head ? -1 : 1;
    return strcmp(a->entry->key, b->entry->key);
}

/* How many bytes all keys begin with. */
static size_t common_start(const struct map *m)
{
    const char *first = m->entries[0].key;
    size_t n = strlen(first);
    for (size_t i = 1; i < m->n && n; i++) {
        const char *key = m->entries[i].key;
        size_t k = 0;
        while (k < n && key[k] == first[k])
            k++;
        n = k;
    }
    return n;
}

/* The order of the numbers is that of strcmp; a key that ends is followed by zeros. */
static uint64_t head_of(const char *s)
{
    uint64_t head = 0;
    for (size_t i = 0; i < sizeof head; i++)
        head = head << 8 | (unsigned char)(*s ? *s++ : 0);
    return head;
}

static void sort_many(struct arena *arena, const struct map *m, const struct map_entry **sorted)
{
    size_t start = common_start(m);
    struct headed *all = arena_array(arena, struct headed, m->n);
    for (size_t i = 0; i < m->n; i++)
        all[i] = (struct headed){head_of(m->entries[i].key + start), &m->entries[i]};
    qsort(all, m->n, sizeof *all, headed_cmp);
    for (size_t i = 0; i < m->n; i++)
        sorted[i] = all[i].entry;
}

enum { SORTED_BY_HAND = 8 };

const struct map_entry **value_sorted(struct arena *arena, const struct map *m)
{
    const struct map_entry **sorted = arena_array(arena, const struct map_entry *, m->n);
    if (m->n > SORTED_BY_HAND) {
        sort_many(arena, m, sorted);
        return sorted;
    }
    for (size_t i = 0; i < m->n; i++)
        sorted[i] = &m->entries[i];
    for (size_t i = 1; i < m->n; i++) { /* most records are small */
        const struct map_entry *e = sorted[i];
        size_t at = i;
        for (; at && strcmp(sorted[at - 1]->key, e->key) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = e;
    }
    return sorted;
}

static int map_cmp(const struct map *a, const struct map *b)
{
    /* the common case, equal records, needs no sorting */
    size_t same = 0;
    while (same < a->n && same < b->n && !strcmp(a->entries[same].key, b->entries[same].key) &&
           !value_cmp(a->entries[same].value, b->entries[same].value))
        same++;
    if (same == a->n && same == b->n)
        return 0;
    const struct map_entry **x = value_sorted(a->arena, a), **y = value_sorted(b->arena, b);
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        int c = strcmp(x[i]->key, y[i]->key);
        if (!c)
            c = value_cmp(x[i]->value, y[i]->value);
        if (c)
            return c;
    }
    return int_cmp((int64_t)a->n, (int64_t)b->n);
}

static int list_cmp(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->list.n && i < b->list.n; i++) {
        int c = value_cmp(a->list.at[i], b->list.at[i]);
        if (c)
            return c;
    }
    return int_cmp((int64_t)a->list.n, (int64_t)b->list.n);
}

static int ref_cmp(const struct value_ref *a, const struct value_ref *b)
{
    int c = text_cmp(a->address, b->address);
    return c ? c : text_cmp(a->field, b->field);
}

static int metric_cmp(const struct value_metric *a, const struct value_metric *b)
{
    int c = text_cmp(a->address, b->address);
    if (!c)
        c = text_cmp(a->name, b->name);
    return c ? c : int_cmp(a->live, b->live);
}

int value_cmp(const struct value *a, const struct value *b)
{
    if (a == b)
        return 0;
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch ((enum value_kind)a->kind) {
    case V_NONE:
    case V_POISON: return 0;
    case V_BOOL: return int_cmp(a->b, b->b);
    case V_INT:
    case V_DURATION:
    case V_SIZE: return int_cmp(a->i, b->i);
    case V_NUMBER:
    case V_PERCENT: return dec_cmp(a->dec, b->dec);
    case V_STRING:
    case V_CIDR:
    case V_REGEX: return text_cmp(a->s, b->s);
    case V_RATE: return rate_cmp(a, b);
    case V_RANGE: {
        int c = value_cmp(a->range.low, b->range.low);
        return c ? c : value_cmp(a->range.high, b->range.high);
    }
    case V_LIST:
    case V_SET: return list_cmp(a, b);
    case V_MAP: return map_cmp(a->map, b->map);
    case V_REF: return ref_cmp(&a->ref, &b->ref);
    case V_METRIC: return metric_cmp(&a->metric, &b->metric);
    case V_DEFERRED: {
        /* what is inside is not base's to know: only the order of making */
        const struct deferred_head *x = (const void *)a->deferred, *y = (const void *)b->deferred;
        return x && y ? (x->serial > y->serial) - (x->serial < y->serial)
                      : (x != NULL) - (y != NULL);
    }
    }
    return 0;
}

bool value_equal(const struct value *a, const struct value *b)
{
    return !value_cmp(a, b);
}

/* ---- leaves ------------------------------------------------------------ */

/* Calls `leaf` for v and all that is inside it until one answers true. */
static bool any(const struct value *v, bool (*leaf)(const struct value *v, void *arg), void *arg)
{
    if (!v)
        return false;
    if (leaf(v, arg))
        return true;
    switch ((enum value_kind)v->kind) {
    case V_RANGE: return any(v->range.low, leaf, arg) || any(v->range.high, leaf, arg);
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            if (any(v->list.at[i], leaf, arg))
                return true;
        return false;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            if (any(v->map->entries[i].value, leaf, arg))
                return true;
        return false;
    default: return false;
    }
}


void value_traits(const struct value *v, uint8_t *phase, bool *secret)
{
    *phase = v->phase > *phase ? v->phase : *phase;
    *secret = *secret || v->secret;
    switch ((enum value_kind)v->kind) {
    case V_RANGE:
        value_traits(v->range.low, phase, secret);
        value_traits(v->range.high, phase, secret);
        break;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            value_traits(v->list.at[i], phase, secret);
        break;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            value_traits(v->map->entries[i].value, phase, secret);
        break;
    default: break;
    }
}

enum phase value_phase(const struct value *v)
{
    uint8_t latest = PHASE_CONST;
    bool secret = false;
    if (v)
        value_traits(v, &latest, &secret);
    return latest;
}

static bool is_secret(const struct value *v, void *arg)
{
    (void)arg;
    return v->secret;
}

bool value_secret(const struct value *v)
{
    return any(v, is_secret, NULL);
}

static bool is_unknown(const struct value *v, void *arg)
{
    (void)arg;
    return v->kind == V_DEFERRED || v->kind == V_POISON || (v->kind == V_REF && v->ref.field);
}

bool value_known(const struct value *v)
{
    return !any(v, is_unknown, NULL);
}
