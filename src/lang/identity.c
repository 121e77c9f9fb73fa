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

/* The evaluator forgets what it has put into the arena of the resource before. */
static void begin_node(struct encoder *e)
{
    arena_reset(e->a);
    e->ev = (struct eval){.m = e->g->machine, .p = e->g->program, .a = e->a,
                          .ds = e->g->program->ds, .sealed = true, .memory = arena_used(e->a)};
}

/* Members whose values are canonical text, in the order of canonical JSON. */
static void put_texts(struct buf *b, const char *name, const struct map *texts)
{
    const struct map_entry **sorted = value_sorted(texts);
    buf_printf(b, ",\"%s\":{", name);
    for (size_t i = 0; i < texts->n; i++) {
        if (i)
            buf_putc(b, ',');
        buf_put_json(b, sorted[i]->key);
        buf_putc(b, ':');
        buf_puts(b, sorted[i]->value);
    }
    buf_putc(b, '}');
}

const char *identity_encoding(struct arena *a, const struct graph *g, const struct world *w)
{
    const struct graph *residual = g->residual ? g->residual : g;
    const struct world *own = graph_world(residual, w->name);
    if (!own)
        return NULL;
    /* A large world's values are many times its text, so only one resource's are
     * there at a time. */
    struct encoder e = {.a = arena_new("identity of a resource"), .keep = a, .g = residual};
    map_init(&e.existings, a);
    map_init(&e.hashes, a);
    struct map nodes;
    map_init(&nodes, a);
    for (size_t i = 0; i < own->nodes.n; i++) {
        const struct node *n = own->nodes.at[i];
        if (n->existing) /* existings count where they are used */
            continue;
        begin_node(&e);
        struct buf text;
        buf_init(&text, e.a);
        value_json_canonical(&text, encode_node(&e, n));
        map_put(&nodes, arena_strdup(a, encode_address(&e, n->address)),
                arena_strndup(a, text.at, text.len));
    }
    begin_node(&e);
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, "{\"encoding\":");
    buf_put_json(&b, IDENTITY_ENCODING);
    if (own->entry) {
        buf_puts(&b, ",\"entry\":");
        buf_put_json(&b, encode_address(&e, own->entry));
    }
    put_texts(&b, "existings", &e.existings);
    put_texts(&b, "nodes", &nodes);
    buf_puts(&b, ",\"world\":");
    buf_put_json(&b, own->name);
    buf_putc(&b, '}');
    arena_free(e.a);
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
