#include <string.h>

#include "schema/internal.h"

static const struct value *setting(const struct schema *s)
{
    return map_find(&s->settings, "tags");
}

static const char *shape_name(const struct schema *s)
{
    const char *shape = value_get_string(setting(s), "shape");
    return shape ? shape : "none";
}

/* The record that `annotate` adds, as written: within `tags` or beside it. */
static const struct expr *annotate_expr(const struct schema *s)
{
    for (const struct type_item *it = s->decl->items; it; it = it->next) {
        if (it->kind != ITEM_SETTING)
            continue;
        if (!strcmp(it->name.text, "annotate"))
            return it->value;
        if (!strcmp(it->name.text, "tags") && it->value->kind == EXPR_RECORD)
            for (const struct arg *x = it->value->args; x; x = x->next)
                if (!strcmp(x->name.text, "annotate"))
                    return x->value;
    }
    return NULL;
}

static struct value *annotation(const struct lens_ctx *c, const struct schema *s,
                                const struct call_env *env)
{
    const struct expr *e = annotate_expr(s);
    struct value *out = value_map(c->a);
    if (!e || e->kind != EXPR_RECORD)
        return out;
    static const struct call_env nobody;
    struct call_names n = {.ctx = c, .s = s, .env = env ? env : &nobody};
    struct names names = call_names(&n);
    struct value *v = names_eval(c->ss->program, c->a, c->ds, e, &names);
    return v && v->kind == V_MAP ? wire_clean(c, v) : out;
}

static struct value *pairs(struct arena *a, const struct value *tags, const char *key,
                           const char *val, const struct value *more)
{
    size_t n = tags && tags->kind == V_MAP ? tags->map->n : 0;
    struct value **at = arena_array(a, struct value *, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        at[i] = value_map(a);
        value_put(at[i], key, value_string(a, tags->map->entries[i].key));
        value_put(at[i], val, tags->map->entries[i].value);
        path_merge(a, at[i], more);
    }
    return value_list(a, at, n);
}

struct value *tags_shape(const struct lens_ctx *c, const struct schema *s,
                         const struct call_env *env, const struct value *tags, bool binding)
{
    struct arena *a = c->a;
    const char *shape = shape_name(s);
    if (!strcmp(shape, "map")) {
        struct value *m = value_map(a);
        path_merge(a, m, tags);
        return m;
    }
    if (!strcmp(shape, "lower"))
        return pairs(a, tags, "key", "value", NULL);
    if (!strcmp(shape, "annotated"))
        return pairs(a, tags, "Key", "Value", annotation(c, s, env));
    struct value *list = pairs(a, tags, "Key", "Value", NULL);
    if (strcmp(shape, "specification") || binding)
        return list;
    struct value *spec = value_map(a);
    value_put(spec, "ResourceType", value_string(a, value_get_string(setting(s), "resource")));
    value_put(spec, "Tags", list);
    struct value **one = arena_array(a, struct value *, 1);
    one[0] = spec;
    return value_list(a, one, 1);
}

/* Without names an annotation keeps its constants: the others come to none. */
struct value *schema_tags(struct arena *a, const struct schema *s, const struct value *tags)
{
    const char *shape = shape_name(s);
    if (!strcmp(shape, "annotated")) {
        const struct value *v = value_get(setting(s), "annotate");
        const struct value *more = v ? v : map_find(&s->settings, "annotate");
        return pairs(a, tags, "Key", "Value", more);
    }
    struct lens_ctx c = {.a = a};
    return tags_shape(&c, s, NULL, tags, false);
}

struct value *schema_untags(struct arena *a, const struct value *shaped)
{
    struct value *out = value_map(a);
    if (!shaped)
        return out;
    if (shaped->kind == V_MAP) {
        const struct value *inner = value_get(shaped, "Tags");
        if (inner && inner->kind == V_LIST)
            return schema_untags(a, inner);
        path_merge(a, out, shaped);
        return out;
    }
    if (shaped->kind != V_LIST && shaped->kind != V_SET)
        return out;
    for (size_t i = 0; i < shaped->list.n; i++) {
        const struct value *e = shaped->list.at[i];
        const struct value *inner = value_get(e, "Tags");
        if (inner) {
            path_merge(a, out, schema_untags(a, inner));
            continue;
        }
        const char *key = value_get_string(e, "Key");
        const struct value *val = value_get(e, "Value");
        if (!key) {
            key = value_get_string(e, "key");
            val = value_get(e, "value");
        }
        const char *text = val ? wire_text(a, val) : "";
        if (key)
            value_put(out, key, value_string(a, text ? text : ""));
    }
    return out;
}

const struct wire_path *tags_place(struct arena *a, const struct schema *s, const char *name)
{
    const char *text = value_get_string(setting(s), name);
    if (!text || !*text)
        return NULL;
    struct wire_path *p = arena_make(a, struct wire_path);
    struct wire_step **end = &p->steps;
    while (*text) {
        size_t n = strcspn(text, ".");
        struct wire_step *step = arena_make(a, struct wire_step);
        step->member = arena_strndup(a, text, n);
        *end = step;
        end = &step->next;
        text += n + (text[n] == '.');
    }
    return p;
}

/* Where the object holds its tags: as the setting says, else `Tags`. */
static const struct wire_path *get_place(struct arena *a, const struct schema *s)
{
    const struct wire_path *p = tags_place(a, s, "get");
    if (p)
        return p;
    struct wire_path *own = arena_make(a, struct wire_path);
    own->steps = arena_make(a, struct wire_step);
    own->steps->member = "Tags";
    return own;
}

struct value *tags_read(struct arena *a, const struct schema *s, const struct value *object)
{
    return schema_untags(a, path_get(a, object, get_place(a, s), NULL));
}

void schema_store_tags(struct arena *a, const struct schema *s, const struct value *tags,
                       struct value *object)
{
    const char *shape = shape_name(s);
    if (!strcmp(shape, "none"))
        return;
    /* What a reply shows is a plain list, also where requests say more. */
    struct value *v = !strcmp(shape, "specification") ? pairs(a, tags, "Key", "Value", NULL)
                                                      : schema_tags(a, s, tags);
    path_put(a, object, get_place(a, s), NULL, v);
}
