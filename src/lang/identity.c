#include "lang/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "lang/identity_expr.h"

enum { WORLD_ID = 10 }; /* digits */

void encode_fields(struct encoder *e, struct buf *b, const struct node *n)
{
    const struct map_entry **sorted = value_sorted(e->a, n->props->map);
    const struct decl *type = n->module ? NULL : program_type(e->g->program, n->type);
    bool first = true;
    buf_putc(b, '{');
    for (size_t i = 0; i < n->props->map->n; i++) {
        const char *name = sorted[i]->key;
        const struct type_item *item = type ? type_field(type, name) : NULL;
        if (!n->existing && item && (item->mods & FIELD_TUNE))
            continue;
        if (!first)
            buf_putc(b, ',');
        first = false;
        buf_put_json(b, name);
        buf_putc(b, ':');
        encode_value(e, b, sorted[i]->value);
    }
    buf_putc(b, '}');
}

static void encode_node(struct encoder *e, struct buf *b, const struct node *n)
{
    buf_putc(b, '{');
    if (n->active) {
        buf_puts(b, "\"active_from\":\"");
        dec_print(b, n->active_from);
        buf_puts(b, "\",");
    }
    buf_puts(b, "\"fields\":");
    encode_fields(e, b, n);
    if (n->account) {
        buf_puts(b, ",\"in\":");
        buf_put_json(b, n->account);
    }
    if (n->keep) {
        buf_puts(b, ",\"keep\":");
        buf_put_int(b, n->keep_for);
    }
    if (n->keys) {
        buf_puts(b, ",\"keys\":");
        encode_value(e, b, n->keys);
    }
    buf_puts(b, n->module ? ",\"module\":" : ",\"type\":");
    buf_put_json(b, n->type);
    if (n->when) {
        buf_puts(b, ",\"when\":");
        encode_value(e, b, n->when);
    }
    buf_putc(b, '}');
}

/* What was made for the resource before is forgotten. */
static void begin_node(struct encoder *e)
{
    arena_reset(e->a);
    e->ev = (struct eval){.m = e->g->machine, .p = e->g->program, .a = e->a,
                          .ds = e->g->program->ds, .sealed = true, .memory = arena_used(e->a)};
}

/* Where the encoding goes: into a text or into a digest. */
struct sink {
    void (*put)(void *self, const char *s, size_t n);
    void *self;
};

static void say(struct sink to, const char *s)
{
    to.put(to.self, s, strlen(s));
}

/* Members whose values are canonical text, in the order of canonical JSON. */
static void say_texts(struct sink to, struct arena *a, const struct map *texts)
{
    const struct map_entry **sorted = value_sorted(a, texts);
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < texts->n; i++) {
        buf_clear(&b);
        buf_puts(&b, i ? "," : "{");
        buf_put_json(&b, sorted[i]->key);
        buf_putc(&b, ':');
        buf_puts(&b, sorted[i]->value);
        to.put(to.self, b.at, b.len);
    }
    say(to, texts->n ? "}" : "{}");
}

/* false: the graph has no such world. */
static bool encode(const struct graph *g, const struct world *w, struct sink to)
{
    const struct graph *residual = g->residual ? g->residual : g;
    const struct world *own = graph_world(residual, w->name);
    if (!own)
        return false;
    struct arena *a = arena_new("identity");
    struct encoder e = {.a = arena_new("identity of a resource"), .keep = a, .g = residual};
    map_init(&e.existings, a);
    map_init(&e.hashes, a);
    struct map nodes;
    map_init(&nodes, a);
    map_reserve(&nodes, own->nodes.n);
    for (size_t i = 0; i < own->nodes.n; i++) {
        const struct node *n = own->nodes.at[i];
        if (n->existing) /* existings count where they are used */
            continue;
        begin_node(&e);
        struct buf text;
        buf_init(&text, e.a);
        encode_node(&e, &text, n);
        const char *address = encode_address(&e, n->address);
        map_put(&nodes, address == n->address ? address : arena_strdup(a, address),
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
    buf_puts(&b, ",\"existings\":");
    say(to, buf_text(&b));
    say_texts(to, a, &e.existings);
    say(to, ",\"nodes\":");
    say_texts(to, a, &nodes);
    buf_clear(&b);
    buf_puts(&b, ",\"world\":");
    buf_put_json(&b, own->name);
    buf_putc(&b, '}');
    say(to, buf_text(&b));
    arena_free(e.a);
    arena_free(a);
    return true;
}

static void into_text(void *self, const char *s, size_t n)
{
    buf_put(self, s, n);
}

const char *identity_encoding(struct arena *a, const struct graph *g, const struct world *w)
{
    struct buf b;
    buf_init(&b, a);
    return encode(g, w, (struct sink){into_text, &b}) ? buf_text(&b) : NULL;
}

static void into_digest(void *self, const char *s, size_t n)
{
    digest_add(self, s, n);
}

const char *identity_world(struct arena *a, const struct graph *g, const struct world *w,
                           int incarnation)
{
    unsigned char digest[DIGEST_SIZE];
    struct digest *d = digest_begin();
    bool there = encode(g, w, (struct sink){into_digest, d});
    if (there && incarnation > 0) {
        const char *more = arena_printf(a, "\nincarnation %d", incarnation);
        digest_add(d, more, strlen(more));
    }
    digest_end(d, digest);
    return there ? arena_strndup(a, digest_hex(a, digest, DIGEST_SIZE), WORLD_ID) : "";
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
