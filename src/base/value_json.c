#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/value.h"

enum { MAX_DEPTH = 64, MAX_BYTES = 64 << 20 };

/* A double that JSON spelled with up to 15 digits is that decimal again. */
static struct value *from_real(struct arena *a, double d, const char **error)
{
    char text[64];
    struct dec dec;
    snprintf(text, sizeof text, "%.14e", d);
    if (!dec_parse_float(text, &dec)) {
        *error = arena_printf(a, "a number is out of range: %g", d);
        return NULL;
    }
    return value_number(a, dec);
}

static struct value *convert(struct arena *a, const json_t *j, int depth, const char **error);

static struct value *from_array(struct arena *a, const json_t *j, int depth, const char **error)
{
    size_t n = json_array_size(j);
    struct value **at = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++)
        if (!(at[i] = convert(a, json_array_get(j, i), depth, error)))
            return NULL;
    return value_list(a, at, n);
}

static struct value *from_object(struct arena *a, json_t *j, int depth, const char **error)
{
    struct value *map = value_map(a);
    for (void *it = json_object_iter(j); it; it = json_object_iter_next(j, it)) {
        struct value *member = convert(a, json_object_iter_value(it), depth, error);
        if (!member)
            return NULL;
        value_put(map, arena_strdup(a, json_object_iter_key(it)), member);
    }
    return map;
}

static struct value *convert(struct arena *a, const json_t *j, int depth, const char **error)
{
    if (depth >= MAX_DEPTH && (json_is_array(j) || json_is_object(j))) {
        *error = arena_printf(a, "nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    switch (json_typeof(j)) {
    case JSON_NULL: return value_none(a);
    case JSON_TRUE: return value_bool(a, true);
    case JSON_FALSE: return value_bool(a, false);
    case JSON_INTEGER: return value_int(a, json_integer_value(j));
    case JSON_REAL: return from_real(a, json_real_value(j), error);
    case JSON_STRING:
        return value_string(a, arena_strndup(a, json_string_value(j), json_string_length(j)));
    case JSON_ARRAY: return from_array(a, j, depth + 1, error);
    case JSON_OBJECT: return from_object(a, (json_t *)j, depth + 1, error);
    }
    *error = "unknown kind of JSON";
    return NULL;
}

struct value *value_from_json(struct arena *a, const char *text, size_t n, const char **error)
{
    const char *ignored;
    if (!error)
        error = &ignored;
    *error = NULL;
    if (n > MAX_BYTES) {
        *error = arena_printf(a, "longer than %d MiB", MAX_BYTES >> 20);
        return NULL;
    }
    json_error_t e;
    json_t *j = json_loadb(text, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
    if (!j) {
        *error = arena_printf(a, "line %d, column %d: %s", e.line, e.column, e.text);
        return NULL;
    }
    struct value *v = convert(a, j, 0, error);
    json_decref(j);
    return v;
}

static void *allocate(size_t size)
{
    void *p = malloc(size);
    if (!p)
        arena_exhausted("JSON");
    return p;
}

void value_json_memory(void)
{
    json_set_alloc_funcs(allocate, free);
}
