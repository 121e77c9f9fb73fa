#include "schema/path.h"

#include <string.h>

const char *wire_text(struct arena *a, const struct value *v)
{
    if (!v)
        return NULL;
    switch (v->kind) {
    case V_STRING:
    case V_CIDR:
    case V_REGEX: return v->s;
    case V_BOOL: return v->b ? "true" : "false";
    case V_INT: return arena_printf(a, "%lld", (long long)v->i);
    case V_NUMBER: {
        struct buf b;
        buf_init(&b, a);
        dec_print(&b, v->dec);
        return buf_text(&b);
    }
    default: return NULL;
    }
}

static const char *selected(const struct wire_step *s, const struct path_names *names)
{
    if (!s->key_bound)
        return s->key_value;
    return names && names->find ? names->find(names->self, s->key_value) : NULL;
}

static bool step_selects(const struct wire_step *s)
{
    return s->key_member != NULL;
}

static bool element_is(struct arena *a, const struct value *e, const char *member, const char *key)
{
    const char *have = wire_text(a, value_get(e, member));
    return have && key && !strcmp(have, key);
}

static bool is_list(const struct value *v)
{
    return v && (v->kind == V_LIST || v->kind == V_SET);
}

/* ---- reading ------------------------------------------------------------- */

static struct value *get_steps(struct arena *a, const struct value *v, const struct wire_step *s,
                               const struct path_names *names);

/* Every element's rest, in one list: lists that the elements give are joined. */
static struct value *get_each(struct arena *a, const struct value *list, const struct wire_step *s,
                              const struct path_names *names)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < list->list.n; i++) {
        struct value *v = get_steps(a, list->list.at[i], s->next, names);
        if (!v)
            continue;
        bool nested = false;
        for (const struct wire_step *n = s->next; n; n = n->next)
            nested |= n->each;
        if (nested && is_list(v)) {
            for (size_t j = 0; j < v->list.n; j++)
                vec_push(a, &out, v->list.at[j]);
        } else {
            vec_push(a, &out, v);
        }
    }
    return value_list(a, out.at, out.n);
}

static struct value *get_steps(struct arena *a, const struct value *v, const struct wire_step *s,
                               const struct path_names *names)
{
    for (; s; s = s->next) {
        v = value_get(v, s->member);
        if (!v || v->kind == V_NONE)
            return NULL;
        if (!s->indexed && !s->each && !step_selects(s))
            continue;
        if (!is_list(v)) {
            /* A reply without a model shows a list of one as its element. */
            struct value **one = arena_array(a, struct value *, 1);
            one[0] = value_copy(a, v);
            bool nothing = v->kind == V_STRING && !*v->s;
            v = value_list(a, one, nothing ? 0 : 1);
        }
        if (s->each)
            return get_each(a, v, s, names);
        if (s->indexed) {
            if (s->index < 0 || (uint64_t)s->index >= v->list.n)
                return NULL;
            v = v->list.at[s->index];
            continue;
        }
        const char *key = selected(s, names);
        const struct value *found = NULL;
        for (size_t i = 0; i < v->list.n && !found; i++)
            if (element_is(a, v->list.at[i], s->key_member, key))
                found = v->list.at[i];
        if (!found)
            return NULL;
        v = found;
    }
    return value_copy(a, v);
}

struct value *path_get(struct arena *a, const struct value *object, const struct wire_path *p,
                       const struct path_names *names)
{
    return object ? get_steps(a, object, p->steps, names) : NULL;
}

/* ---- putting ------------------------------------------------------------- */

static struct value *own_map(struct arena *a, const struct value *v)
{
    struct value *m = value_map(a);
    if (v && v->kind == V_MAP)
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, v->map->entries[i].key, v->map->entries[i].value);
    return m;
}

/* A copy of a list with room up to index `n - 1`, filled with empty MAPs. */
static struct value *own_list(struct arena *a, const struct value *v, size_t n)
{
    size_t have = is_list(v) ? v->list.n : 0;
    size_t want = n > have ? n : have;
    struct value **at = arena_array(a, struct value *, want ? want : 1);
    for (size_t i = 0; i < want; i++)
        at[i] = i < have ? v->list.at[i] : value_map(a);
    return value_list(a, at, want);
}

static struct value *put_steps(struct arena *a, const struct value *old, const struct wire_step *s,
                               const struct path_names *names, struct value *v);

static struct value *put_element(struct arena *a, const struct value *old,
                                 const struct wire_step *s, const struct path_names *names,
                                 struct value *v)
{
    if (!s->next)
        return v;
    return put_steps(a, old, s->next, names, v);
}

/* What stands at the step's member after `v` was put at the path from there. */
static struct value *put_member(struct arena *a, const struct value *old, const struct wire_step *s,
                                const struct path_names *names, struct value *v)
{
    if (s->indexed) {
        size_t at = s->index >= 0 && s->index < 4096 ? (size_t)s->index : 0;
        struct value *list = own_list(a, old, at + 1);
        list->list.at[at] = put_element(a, list->list.at[at], s, names, v);
        return list;
    }
    if (s->each) {
        if (!is_list(v)) {
            struct value **one = arena_array(a, struct value *, 1);
            one[0] = v;
            v = value_list(a, one, 1);
        }
        if (!s->next)
            return v;
        struct value *list = own_list(a, old, v->list.n);
        for (size_t i = 0; i < v->list.n; i++)
            list->list.at[i] = put_element(a, list->list.at[i], s, names, v->list.at[i]);
        return list;
    }
    if (step_selects(s)) {
        const char *key = selected(s, names);
        size_t n = is_list(old) ? old->list.n : 0, at = n;
        for (size_t i = 0; i < n && at == n; i++)
            if (element_is(a, old->list.at[i], s->key_member, key))
                at = i;
        struct value *list = own_list(a, old, at + 1);
        struct value *e = own_map(a, list->list.at[at]);
        value_put(e, s->key_member, value_string(a, key ? key : ""));
        list->list.at[at] = s->next ? put_element(a, e, s, names, v) : e;
        if (!s->next && v->kind == V_MAP)
            path_merge(a, e, v);
        return list;
    }
    return put_element(a, old, s, names, v);
}

static struct value *put_steps(struct arena *a, const struct value *old, const struct wire_step *s,
                               const struct path_names *names, struct value *v)
{
    struct value *m = own_map(a, old);
    value_put(m, s->member, put_member(a, value_get(m, s->member), s, names, v));
    return m;
}

void path_put(struct arena *a, struct value *object, const struct wire_path *p,
              const struct path_names *names, struct value *v)
{
    const struct wire_step *s = p->steps;
    struct value *made = put_member(a, value_get(object, s->member), s, names, v);
    value_put(object, s->member, made);
}

void path_merge(struct arena *a, struct value *into, const struct value *from)
{
    if (!from || from->kind != V_MAP)
        return;
    for (size_t i = 0; i < from->map->n; i++) {
        const char *key = from->map->entries[i].key;
        struct value *v = from->map->entries[i].value;
        struct value *old = value_get(into, key);
        if (old && old->kind == V_MAP && v->kind == V_MAP) {
            struct value *m = own_map(a, old);
            path_merge(a, m, v);
            v = m;
        }
        value_put(into, key, v);
    }
}

/* ---- text ---------------------------------------------------------------- */

const char *path_text(struct arena *a, const struct wire_path *p)
{
    struct buf b;
    buf_init(&b, a);
    for (const struct wire_step *s = p->steps; s; s = s->next) {
        if (s != p->steps)
            buf_putc(&b, '.');
        buf_puts(&b, s->member);
        if (s->indexed)
            buf_printf(&b, "[%lld]", (long long)s->index);
        if (s->each)
            buf_puts(&b, "[]");
        if (step_selects(s)) {
            buf_printf(&b, "{%s = ", s->key_member);
            if (s->key_bound)
                buf_puts(&b, s->key_value);
            else
                buf_put_json(&b, s->key_value);
            buf_putc(&b, '}');
        }
    }
    return buf_text(&b);
}

const char *path_last(const struct wire_path *p)
{
    const struct wire_step *s = p->steps;
    while (s->next)
        s = s->next;
    return s->member;
}
