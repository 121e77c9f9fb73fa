#include "schema/model.h"

#include <string.h>

#include "schema/path.h"

static const struct value *shape_named(const struct model *m, const struct value *ref)
{
    const char *name = value_get_string(ref, "shape");
    return name ? value_get(value_get(m->root, "shapes"), name) : NULL;
}

struct model *model_new(struct arena *a, const char *service, const struct value *root)
{
    const struct value *shapes = value_get(root, "shapes");
    if (!shapes || shapes->kind != V_MAP || !value_get(root, "operations"))
        return NULL;
    struct model *m = arena_make(a, struct model);
    m->service = service;
    m->root = root;
    map_init(&m->codes, a);
    for (size_t i = 0; i < shapes->map->n; i++) {
        const struct value *s = shapes->map->entries[i].value;
        if (!value_get_bool(s, "exception") && !value_get(s, "error"))
            continue;
        const char *code = value_get_string(value_get(s, "error"), "code");
        map_put(&m->codes, shapes->map->entries[i].key, (void *)s);
        if (code)
            map_put(&m->codes, code, (void *)s);
    }
    return m;
}

const struct value *model_operation(const struct model *m, const char *name)
{
    return value_get(value_get(m->root, "operations"), name);
}

const struct value *model_input(const struct model *m, const struct value *operation)
{
    return shape_named(m, value_get(operation, "input"));
}

const struct value *model_output(const struct model *m, const struct value *operation)
{
    return shape_named(m, value_get(operation, "output"));
}

const char *shape_kind(const struct value *shape)
{
    const char *kind = value_get_string(shape, "type");
    return kind ? kind : "?";
}

bool shape_is(const struct value *shape, const char *kind)
{
    return !strcmp(shape_kind(shape), kind);
}

const struct value *shape_member(const struct model *m, const struct value *shape, const char *name)
{
    return shape_named(m, value_get(value_get(shape, "members"), name));
}

const struct value *shape_element(const struct model *m, const struct value *list)
{
    return shape_named(m, value_get(list, "member"));
}

const struct value *shape_value(const struct model *m, const struct value *map)
{
    return shape_named(m, value_get(map, "value"));
}

bool shape_allows(const struct value *shape, const char *word)
{
    const struct value *words = value_get(shape, "enum");
    if (!words || words->kind != V_LIST)
        return true;
    for (size_t i = 0; i < words->list.n; i++)
        if (words->list.at[i]->kind == V_STRING && !strcmp(words->list.at[i]->s, word))
            return true;
    return false;
}

const char **shape_names(struct arena *a, const struct value *shape, size_t *n)
{
    const struct value *words = value_get(shape, "enum"), *members = value_get(shape, "members");
    *n = words ? words->list.n : members ? members->map->n : 0;
    const char **out = arena_array(a, const char *, *n ? *n : 1);
    for (size_t i = 0; i < *n; i++) {
        const char *word = words ? wire_text(a, words->list.at[i]) : members->map->entries[i].key;
        out[i] = word ? word : "";
    }
    return out;
}
