/* lab.h - a program, or the standard library alone, with its schemas: for tests of lenses. */
#ifndef BGC_TESTS_LAB_H
#define BGC_TESTS_LAB_H

#include <string.h>

#include "lang/parse.h"
#include "schema/codec.h"
#include "test.h"

struct lab {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
    struct schemas ss;
    uint64_t seed;
};

static inline struct lab *lab_new(const char *text)
{
    struct arena *a = arena_new("test");
    struct lab *w = arena_make(a, struct lab);
    w->a = a;
    w->seed = 0x9e3779b97f4a7c15u;
    sources_init(&w->sources, a);
    diags_init(&w->ds, a, &w->sources);
    intern_init(&w->names, a);
    w->p = text ? program_load(a, &w->names, &w->ds, "test.bg", text)
                : program_stdlib(a, &w->names, &w->ds);
    schemas_init(&w->ss, w->p);
    return w;
}

static inline void no_errors(struct lab *w, const char *what)
{
    for (size_t i = 0; i < w->ds.all.n; i++)
        print_error("%s: %s: %s\n", what, w->ds.all.at[i]->code, w->ds.all.at[i]->message);
    assert_int_equal(w->ds.all.n, 0);
}

static inline struct call_env env_of(struct lab *w, struct value *props)
{
    struct value *tags = value_map(w->a);
    value_put(tags, "bgc:stack", value_string(w->a, "shop"));
    value_put(tags, "bgc:address", value_string(w->a, "web.x"));
    return (struct call_env){.stack = "shop",
                             .world = "web/0123456789",
                             .physical_name = "shop-web-0123456789-x",
                             .name_prefix = "shop-",
                             .region = "eu-west-1",
                             .id = "id-1",
                             .token = "token-1",
                             .props = props,
                             .tags = tags};
}

static inline struct value *json(struct lab *w, const char *text)
{
    const char *error = NULL;
    struct value *v = value_from_json(w->a, text, strlen(text), &error);
    if (!v)
        fail_msg("%s: %s", error, text);
    return v;
}

static inline const char *as_json(struct lab *w, const struct value *v)
{
    struct buf b;
    buf_init(&b, w->a);
    value_json_canonical(&b, v);
    return buf_text(&b);
}

#endif
