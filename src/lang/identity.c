#include "lang/identity.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lang/identity_expr.h"

struct value *encode_fields(struct encoder *e, const struct node *n)
{
    struct value *fields = value_map(e->a);
    const struct decl *type = n->module ? NULL : program_type(e->g->program, n->type);
    for (size_t i = 0; i < n->props->map->n; i++) {
        const struct map_entry *f = &n->props->map->entries[i];
        const struct type_item *item = type ? type_field(type, f->key) : NULL;
        if (!n->existing && item && (item->mods & FIELD_TUNE))
            continue;
        value_put(fields, f->key, encode_value(e, f->value));
    }
    return fields;
}

static struct value *encode_node(struct encoder *e, const struct node *n)
{
    struct value *m = value_map(e->a);
    value_put(m, n->module ? "module" : "type", value_string(e->a, n->type));
    if (n->account)
        value_put(m, "in", value_string(e->a, n->account));
    if (n->keep)
        value_put(m, "keep", value_int(e->a, n->keep_for));
    if (n->active) {
        struct buf b;
        buf_init(&b, e->a);
        dec_print(&b, n->active_from);
        value_put(m, "active_from", value_string(e->a, buf_text(&b)));
    }
    if (n->keys)
        value_put(m, "keys", encode_value(e, n->keys));
    if (n->when)
        value_put(m, "when", encode_value(e, n->when));
    value_put(m, "fields", encode_fields(e, n));
    return m;
}

const char *identity_encoding(struct arena *a, const struct graph *g, const struct world *w)
{
    const struct graph *residual = g->residual ? g->residual : g;
    const struct world *own = graph_world(residual, w->name);
    if (!own)
        return NULL;
    struct encoder e = {
        .a = a, .g = residual,
        .ev = {.m = residual->machine, .p = residual->program, .a = a,
               .ds = residual->program->ds, .sealed = true, .memory = arena_used(a)}};
    map_init(&e.existings, a);
    map_init(&e.hashes, a);
    struct value *nodes = value_map(a);
    for (size_t i = 0; i < own->nodes.n; i++) {
        const struct node *n = own->nodes.at[i];
        if (!n->existing) /* existings count where they are used */
            value_put(nodes, encode_address(&e, n->address), encode_node(&e, n));
    }
    struct value *existings = value_map(a);
    for (size_t i = 0; i < e.existings.n; i++)
        value_put(existings, e.existings.entries[i].key, e.existings.entries[i].value);
    struct value *all = value_map(a);
    value_put(all, "encoding", value_string(a, IDENTITY_ENCODING));
    value_put(all, "world", value_string(a, own->name));
    if (own->entry)
        value_put(all, "entry", value_string(a, encode_address(&e, own->entry)));
    value_put(all, "nodes", nodes);
    value_put(all, "existings", existings);
    struct buf b;
    buf_init(&b, a);
    value_json_canonical(&b, all);
    return buf_text(&b);
}

const char *identity_world(struct arena *a, const struct graph *g, const struct world *w,
                           int incarnation)
{
    struct arena *scratch = arena_new("identity");
    const char *text = identity_encoding(scratch, g, w), *id = "";
    if (text && incarnation > 0)
        text = arena_printf(scratch, "%s\nincarnation %d", text, incarnation);
    if (text)
        id = encode_hash(a, text, strlen(text), 10);
    arena_free(scratch);
    return id;
}

/* ---- physical names -------------------------------------------------------------------- */

enum { NAME_HASH = 8, NAME_LEAST = 24 };

/* In small letters, digits and hyphens; *changed when something other than `_` was. */
static char *plain_name(struct arena *a, const char *exact, bool *changed)
{
    char *plain = arena_strdup(a, exact);
    size_t n = 0;
    for (const char *s = exact; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        *changed = *changed || !(word || c == '-' || c == '_');
        char out = word ? (char)c : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '-';
        if (out == '-' && n && plain[n - 1] == '-' && *s != '-')
            continue; /* [" and "] leave one hyphen */
        plain[n++] = out;
    }
    plain[n] = '\0';
    return plain;
}

const char *identity_name_prefix(struct arena *a, const char *stack)
{
    bool changed = false;
    return plain_name(a, arena_printf(a, "%s-", stack), &changed);
}

const char *identity_physical_name(struct arena *a, const char *stack, const char *world,
                                   const char *world_id, const char *name, size_t limit)
{
    const char *scope = world ? world : "shared";
    const char *exact = world_id && *world_id
                            ? arena_printf(a, "%s-%s-%s-%s", stack, scope, world_id, name)
                            : arena_printf(a, "%s-%s-%s", stack, scope, name);
    bool changed = false;
    const char *plain = plain_name(a, exact, &changed);
    size_t n = strlen(plain);
    limit = limit < NAME_LEAST ? NAME_LEAST : limit;
    if (!changed && n <= limit)
        return plain;
    size_t head = n < limit - NAME_HASH - 1 ? n : limit - NAME_HASH - 1;
    while (head && plain[head - 1] == '-')
        head--;
    return arena_printf(a, "%.*s-%s", (int)head, plain,
                        encode_hash(a, exact, strlen(exact), NAME_HASH));
}
