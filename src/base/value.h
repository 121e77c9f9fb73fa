/* value.h - the one kind of data, from source text to wire and back.
 *
 * What an expression evaluates to, what a resource's property holds, what is
 * sent to AWS and what AWS answers are all a `struct value`. On the wire only
 * NONE, BOOL, INT, NUMBER, STRING, LIST and MAP occur.
 *
 * A value carries, leaf by leaf, its phase (when it becomes known), whether it
 * is secret, and the span that it came from, so that an error from far away
 * points at the word that the author wrote.
 *
 * Values are immutable once shared: build, then only read. Copying a `struct
 * value *` is always allowed; the arena owns.
 */
#ifndef BGC_BASE_VALUE_H
#define BGC_BASE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/source.h"

/* An exact decimal: m / 10^scale. `scale` is 0..18 and as small as possible. */
struct dec {
    int64_t m;
    uint8_t scale;
};

/* false when the text is no decimal (-12.5) or does not fit exactly. */
bool dec_parse(const char *text, struct dec *out);
/* As machines write it: an exponent is allowed, and digits that do not fit
 * behind the point are rounded away. */
bool dec_parse_float(const char *text, struct dec *out);
int dec_cmp(struct dec a, struct dec b);
/* false on overflow, or division by zero. Division rounds half to even at 12
 * places; so does any result at the last place that fits (18 places, 64 bits). */
bool dec_add(struct dec a, struct dec b, struct dec *out);
bool dec_sub(struct dec a, struct dec b, struct dec *out);
bool dec_mul(struct dec a, struct dec b, struct dec *out);
bool dec_div(struct dec a, struct dec b, struct dec *out);
double dec_double(struct dec d);
/* 12 significant digits: for measurements, which are not exact to begin with.
 * What is out of range becomes the nearest that is in it; not-a-number is 0. */
struct dec dec_from_double(double d);
void dec_print(struct buf *b, struct dec d);

enum value_kind {
    V_NONE,     /* absent; JSON null */
    V_BOOL,     /* .b */
    V_INT,      /* .i */
    V_NUMBER,   /* .dec */
    V_STRING,   /* .s */
    V_DURATION, /* .i milliseconds */
    V_PERCENT,  /* .dec, 50% is 50 */
    V_SIZE,     /* .i bytes */
    V_RATE,     /* .dec count, .per milliseconds: 200/s is 200 per 1000 */
    V_CIDR,     /* .s canonical */
    V_REGEX,    /* .s */
    V_RANGE,    /* .range low and high, inclusive */
    V_LIST,     /* .list */
    V_SET,      /* .list, sorted by value_cmp, no equal elements */
    V_MAP,      /* .map of struct value *; records too */
    V_REF,      /* .ref: a resource, or a field of it not yet known */
    V_METRIC,   /* .metric */
    V_DEFERRED, /* .deferred: an expression that waits for facts or outputs */
    V_POISON,   /* an error was reported where this was made: stay silent */
};

enum phase { PHASE_CONST, PHASE_PLAN, PHASE_APPLY, PHASE_RUN };

struct value_ref {
    const char *address; /* "web.tg", "shared.net.private[\"subnet-1\"]" */
    const char *type;    /* "elbv2.target_group"; NULL when `field` is set */
    const char *field;   /* NULL: the resource itself; else a field awaiting its value */
};

/* A CloudWatch metric of a resource: which `metric` declaration of its type. */
struct value_metric {
    const char *address; /* of the resource */
    const char *name;    /* of the metric in the type: "http_5xx" */
    bool live;           /* written `live.`: the same resource of the live world */
};

struct value {
    uint8_t kind;  /* enum value_kind */
    uint8_t phase; /* enum phase, of this leaf; of a collection: of its shape */
    bool secret;
    struct span span;
    union {
        bool b;
        int64_t i;
        struct dec dec;
        struct {
            struct dec count;
            int64_t per; /* milliseconds */
        } rate;
        const char *s;
        struct {
            struct value *low, *high;
        } range;
        struct {
            struct value **at;
            size_t n;
            size_t parts; /* see value_parts */
        } list;
        struct {
            struct map *map;
            size_t map_parts;
        };
        struct value_ref ref;
        struct value_metric metric;
        const struct deferred *deferred; /* lang/eval.h knows what is inside */
    };
};

/* Every struct deferred begins with its serial: deferred values order by it. */
struct deferred_head {
    uint64_t serial;
};

const char *value_kind_name(enum value_kind k);

struct value *value_none(struct arena *a);
struct value *value_bool(struct arena *a, bool b);
struct value *value_int(struct arena *a, int64_t i);
struct value *value_number(struct arena *a, struct dec d);
struct value *value_string(struct arena *a, const char *s); /* keeps the pointer */
struct value *value_stringf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct value *value_duration(struct arena *a, int64_t ms);
struct value *value_percent(struct arena *a, struct dec d);
struct value *value_size(struct arena *a, int64_t bytes);
struct value *value_rate(struct arena *a, struct dec count, int64_t per_ms);
struct value *value_cidr(struct arena *a, const char *canonical);
struct value *value_regex(struct arena *a, const char *pattern);
struct value *value_range(struct arena *a, struct value *low, struct value *high);
/* Keeps `at`. */
struct value *value_list(struct arena *a, struct value **at, size_t n);
struct value *value_list_one(struct arena *a, struct value *v);
/* Copies, sorts and removes doubles. */
struct value *value_set(struct arena *a, struct value *const *at, size_t n);
struct value *value_map(struct arena *a);
/* A MAP of its own with the members of `v`; empty when that is none. */
struct value *value_map_copy(struct arena *a, const struct value *v);
struct value *value_map_one(struct arena *a, const char *key, struct value *v);
struct value *value_ref(struct arena *a, const char *address, const char *type, const char *field);
struct value *value_poison(struct arena *a);
/* How many values a walk over `v` meets, itself included. What stands in it twice is
 * counted twice, though it is there once: a program of a few lines can make a value
 * that no walk would ever come to the end of. Saturates. */
static inline size_t value_parts(const struct value *v)
{
    return v->kind == V_LIST || v->kind == V_SET ? v->list.parts + 1
           : v->kind == V_MAP                    ? v->map_parts + 1
                                                 : 1;
}
/* A shallow copy, for changing span, phase or secret of what may be shared. */
struct value *value_copy(struct arena *a, const struct value *v);

/* Builders for a list, and for a map that is still private to the caller. */
struct value_builder {
    VEC(struct value *) items;
};
void value_put(struct value *map, const char *key, struct value *v);
/* The member, or NULL when absent or when `map` is no map (or is NULL). */
struct value *value_get(const struct value *map, const char *key);
/* The text of a string member, or NULL. */
const char *value_get_string(const struct value *map, const char *key);
int64_t value_get_int(const struct value *map, const char *key, int64_t otherwise);
bool value_get_bool(const struct value *map, const char *key);
/* Walks "A.B[0].C"; NULL as soon as something is missing. */
struct value *value_at(const struct value *v, const char *path);

/* Total order over all values, by kind and then content; spans and phases do
 * not count. Maps compare by sorted key. */
int value_cmp(const struct value *a, const struct value *b);
bool value_equal(const struct value *a, const struct value *b);
/* The entries of a map by key, m->n of them, in an array that the arena owns. */
const struct map_entry **value_sorted(struct arena *a, const struct map *m);
/* The latest phase of any leaf. */
enum phase value_phase(const struct value *v);
/* The same, and whether any leaf is secret, in one walk: both are only ever raised. */
void value_traits(const struct value *v, uint8_t *phase, bool *secret);
/* Whether any leaf is secret. */
bool value_secret(const struct value *v);
/* Whether no leaf is REF-with-field, DEFERRED or POISON. */
bool value_known(const struct value *v);

/* As an author would write it in a .bg file; secrets print as (secret). */
void value_print(struct buf *b, const struct value *v);
const char *value_text(struct arena *a, const struct value *v);

/* JSON. Units are written as their literal strings ("30s", "50%").
 * Keys in map order; `indent` 0 means one line. Secrets print as "(secret)". */
void value_json(struct buf *b, const struct value *v, int indent);
/* Like value_json but keys sorted: the canonical form that is hashed. */
void value_json_canonical(struct buf *b, const struct value *v);
/* Depth is capped at 64 and `n` at 64 MiB. NULL, with *error, when it is no JSON. */
struct value *value_from_json(struct arena *a, const char *text, size_t n, const char **error);
/* Once, before the first: when no memory is left for JSON, the process says so and ends, as
 * it does when there is none for an arena. A text that could not be read for want of memory
 * would else be one that is broken: of a lock, that it is nobody's. */
void value_json_memory(void);

#endif
