/* query.c - requests of the ec2 and query protocols: a form of dotted names. */
#include <string.h>

#include "aws/uri.h"
#include "aws/wire.h"

struct form {
    struct arena *arena;
    const struct service_model *model;
    struct buf *out;
    const char *error;
};

static void put_pair(struct form *f, const char *name, const char *value)
{
    if (f->out->len)
        buf_putc(f->out, '&');
    uri_put(f->out, name, "");
    buf_putc(f->out, '=');
    uri_put(f->out, value, "");
}

static bool put_value(struct form *f, const char *name, const char *parent, const char *member,
                      const struct value *v);

static bool put_members(struct form *f, const char *prefix, const char *parent,
                        const struct value *v)
{
    for (size_t i = 0; i < v->map->n; i++) {
        const char *member = v->map->entries[i].key;
        const struct value *x = v->map->entries[i].value;
        if (x->kind == V_NONE)
            continue;
        bool list = x->kind == V_LIST || x->kind == V_SET;
        const char *wire = service_request_name(f->arena, f->model, parent, member, list);
        const char *name = prefix ? arena_printf(f->arena, "%s.%s", prefix, wire) : wire;
        if (!put_value(f, name, parent, member, x))
            return false;
    }
    return true;
}

static bool put_list(struct form *f, const char *name, const char *parent, const char *member,
                     const struct value *v)
{
    bool flat;
    const char *item = service_item_name(f->arena, f->model, parent, member, &flat);
    if (!v->list.n && !flat)
        put_pair(f, name, ""); /* says "empty", not "unsaid" */
    for (size_t i = 0; i < v->list.n; i++) {
        const char *one = flat ? arena_printf(f->arena, "%s.%zu", name, i + 1)
                               : arena_printf(f->arena, "%s.%s.%zu", name, item, i + 1);
        const struct value *x = v->list.at[i];
        bool ok = x->kind == V_MAP ? put_members(f, one, member, x)
                                   : put_value(f, one, member, member, x);
        if (!ok)
            return false;
    }
    return true;
}

/* `how` is "entry", or "entry.Name.Value" where key and value are called otherwise. */
static bool put_map(struct form *f, const char *name, const char *member, const char *how,
                    const struct value *v)
{
    const char *dot = strchr(how, '.'), *last = dot ? strchr(dot + 1, '.') : NULL;
    const char *entry = dot ? arena_strndup(f->arena, how, (size_t)(dot - how)) : how;
    const char *key = last ? arena_strndup(f->arena, dot + 1, (size_t)(last - dot - 1)) : "key";
    const char *val = last ? last + 1 : "value";
    for (size_t i = 0; i < v->map->n; i++) {
        const char *one = arena_printf(f->arena, "%s.%s.%zu", name, entry, i + 1);
        const struct value *x = v->map->entries[i].value;
        const char *value = arena_printf(f->arena, "%s.%s", one, val);
        put_pair(f, arena_printf(f->arena, "%s.%s", one, key), v->map->entries[i].key);
        if (!(x->kind == V_MAP ? put_members(f, value, member, x)
                               : put_value(f, value, member, member, x)))
            return false;
    }
    return true;
}

static bool put_value(struct form *f, const char *name, const char *parent, const char *member,
                      const struct value *v)
{
    if (v->kind == V_LIST || v->kind == V_SET)
        return put_list(f, name, parent, member, v);
    if (v->kind == V_MAP) {
        const char *entry = value_get_string(value_get(f->model->record, "maps"), member);
        return entry ? put_map(f, name, member, entry, v) : put_members(f, name, member, v);
    }
    const char *text = wire_scalar(f->arena, v);
    if (!text) {
        f->error =
            arena_printf(f->arena, "%s cannot be sent: it is %s", name, value_kind_name(v->kind));
        return false;
    }
    put_pair(f, name, text);
    return true;
}

bool query_encode(struct arena *a, const struct service_model *m, const char *operation,
                  const struct value *input, struct buf *body, const char **error)
{
    struct form f = {a, m, body, NULL};
    put_pair(&f, "Action", operation);
    put_pair(&f, "Version", m->version);
    if (input && input->kind == V_MAP && !put_members(&f, NULL, operation, input)) {
        *error = f.error;
        return false;
    }
    return true;
}
