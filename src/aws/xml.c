#include "aws/xml.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <string.h>

#include "aws/wire.h"
#include "base/library.h"

LIBRARY_NOTE(libxml_note, "aws", "Replies of AWS in XML", LIBXML_SONAME);

#define LIBXML_FUNCTIONS(X)                                                                        \
    X(NewParserCtxt) X(CtxtReadMemory) X(DocGetRootElement) X(FreeDoc) X(FreeParserCtxt)

/* `xml.FreeDoc()` is xmlFreeDoc(). */
struct libxml {
#define X(name) __typeof__(&(xml##name)) name;
    LIBXML_FUNCTIONS(X)
#undef X
};

static bool libxml_load(struct arena *a, struct libxml *out, const char **why)
{
    static const char *const names[] = {
#define X(name) "xml" #name,
        LIBXML_FUNCTIONS(X)
#undef X
        NULL,
    };
    void *at[sizeof names / sizeof *names - 1];
    _Static_assert(sizeof at == sizeof *out, "one pointer for each name");
    if (!library_load(a, LIBXML_SONAME, names, at, why))
        return false;
    memcpy(out, at, sizeof at); /* POSIX: a pointer to data can hold one to a function */
    return true;
}

bool xml_ready(struct arena *scratch, const char **why)
{
    struct libxml xml;
    return libxml_load(scratch, &xml, why);
}

enum { MAX_DEPTH = 64, MAX_BYTES = 64 << 20 };

static struct xml *convert(struct arena *a, const xmlNode *n, int depth, const char **error)
{
    if (depth > MAX_DEPTH) {
        *error = arena_printf(a, "nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    struct xml *e = arena_make(a, struct xml), **tail = &e->child;
    e->name = arena_strdup(a, (const char *)n->name);
    struct buf text;
    buf_init(&text, a);
    for (const xmlNode *c = n->children; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE) {
            if (!(*tail = convert(a, c, depth + 1, error)))
                return NULL;
            tail = &(*tail)->next;
        } else if (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) {
            if (c->content)
                buf_puts(&text, (const char *)c->content);
        } else if (c->type == XML_ENTITY_REF_NODE) {
            *error = "it refers to an entity";
            return NULL;
        }
    }
    e->text = e->child ? "" : buf_text(&text);
    return e;
}

static bool has_doctype(const char *s, size_t n)
{
    for (const char *p = s, *end = s + n; (p = memchr(p, '<', (size_t)(end - p))); p++)
        if (end - p >= 9 && !memcmp(p, "<!DOCTYPE", 9))
            return true;
    return false;
}

struct xml *xml_parse(struct arena *a, const char *bytes, size_t n, const char **error)
{
    *error = NULL;
    if (n > MAX_BYTES) {
        *error = "longer than 64 MiB";
        return NULL;
    }
    if (n && has_doctype(bytes, n)) {
        *error = "it has a DOCTYPE, which no AWS reply has";
        return NULL;
    }
    struct libxml xml;
    if (!libxml_load(a, &xml, error))
        return NULL;
    xmlParserCtxt *ctx = xml.NewParserCtxt();
    if (!ctx) {
        *error = "out of memory";
        return NULL;
    }
    xmlDoc *doc = xml.CtxtReadMemory(ctx, bytes ? bytes : "", (int)n, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    struct xml *root = NULL;
    if (!doc || !ctx->wellFormed) {
        const char *why = ctx->lastError.message;
        size_t len = why ? strcspn(why, "\n") : 0;
        *error = len ? arena_printf(a, "line %d: %.*s", ctx->lastError.line, (int)len, why)
                     : "it is no well-formed XML";
    } else if (doc->intSubset || doc->extSubset) {
        *error = "it has a DOCTYPE, which no AWS reply has";
    } else {
        const xmlNode *top = xml.DocGetRootElement(doc);
        if (top)
            root = convert(a, top, 0, error);
        else
            *error = "it has no root element";
    }
    xml.FreeDoc(doc);
    xml.FreeParserCtxt(ctx);
    return root;
}

const struct xml *xml_find(const struct xml *e, const char *name)
{
    for (const struct xml *c = e ? e->child : NULL; c; c = c->next)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

const struct xml *xml_search(const struct xml *e, const char *name)
{
    if (!e || !strcmp(e->name, name))
        return e;
    for (const struct xml *c = e->child; c; c = c->next) {
        const struct xml *found = xml_search(c, name);
        if (found)
            return found;
    }
    return NULL;
}

/* ---- element to value -------------------------------------------------- */

static bool all_named(const struct xml *e, const char *name)
{
    for (const struct xml *c = e->child; c; c = c->next)
        if (strcmp(c->name, name))
            return false;
    return e->child != NULL;
}

/* <entry><key/><value/></entry>, what the query protocols make of maps. */
static bool is_map(const struct xml *e)
{
    return all_named(e, "entry") && xml_find(e->child, "key") && xml_find(e->child, "value");
}

static bool is_list(struct arena *a, const struct service_model *m, const char *parent,
                    const char *name, const struct xml *e)
{
    if (!e->child)
        return !*e->text && service_is_list(m, parent, name);
    if (all_named(e, m->protocol == WIRE_EC2 ? "item" : "member"))
        return true;
    bool flat;
    const char *item = service_item_name(a, m, parent, name, &flat);
    return (!flat || m->protocol == WIRE_EC2) && all_named(e, item);
}

static struct value *content(struct arena *a, const struct service_model *m, const char *parent,
                             const char *name, const struct xml *e)
{
    if (is_list(a, m, parent, name, e)) {
        VEC(struct value *) items = {0};
        for (const struct xml *c = e->child; c; c = c->next) {
            struct value *v = c->child ? xml_value(a, m, name, c) : value_string(a, c->text);
            vec_push(a, &items, v);
        }
        return value_list(a, items.at, items.n);
    }
    if (is_map(e)) {
        struct value *map = value_map(a);
        for (const struct xml *c = e->child; c; c = c->next) {
            const struct xml *key = xml_find(c, "key"), *val = xml_find(c, "value");
            if (key && val)
                value_put(map, key->text, content(a, m, name, "value", val));
        }
        return map;
    }
    return e->child ? xml_value(a, m, name, e) : value_string(a, e->text);
}

static void append(struct arena *a, struct value *map, const char *name, struct value *v, bool list)
{
    struct value *old = value_get(map, name);
    if (!old && !list) {
        value_put(map, name, v);
        return;
    }
    /* A flat list, or a name that repeats, which is one. */
    size_t n = !old ? 0 : old->kind == V_LIST ? old->list.n : 1;
    struct value **at;
    if (n && old->kind == V_LIST && (n & (n - 1)) != 0) {
        at = old->list.at; /* it has room up to the next power of two */
    } else {
        at = arena_array(a, struct value *, n ? n * 2 : 1);
        if (n && old->kind == V_LIST)
            memcpy(at, old->list.at, n * sizeof *at);
        else if (n)
            at[0] = old;
    }
    at[n] = v;
    value_put(map, name, value_list(a, at, n + 1));
}

struct value *xml_value(struct arena *a, const struct service_model *m, const char *parent,
                        const struct xml *e)
{
    struct value *map = value_map(a);
    for (const struct xml *c = e->child; c; c = c->next) {
        const char *flat = m->protocol == WIRE_EC2 ? NULL : service_flat_reply(m, parent, c->name);
        const char *name = flat ? flat : service_reply_name(a, m, parent, c->name);
        struct value *v = flat ? c->child ? xml_value(a, m, name, c) : value_string(a, c->text)
                               : content(a, m, parent, name, c);
        append(a, map, name, v, flat != NULL);
    }
    return map;
}

/* ---- value to elements ------------------------------------------------- */

void xml_put_text(struct buf *b, const char *text)
{
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '&': buf_puts(b, "&amp;"); break;
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break;
        case '"': buf_puts(b, "&quot;"); break;
        case '\r': buf_puts(b, "&#xD;"); break;
        case '\n': buf_puts(b, "&#xA;"); break;
        default: buf_putc(b, *p);
        }
    }
}

static bool put_element(struct buf *b, struct arena *a, const struct service_model *m,
                        const char *wire, const char *member, const struct value *v,
                        const char **error)
{
    buf_printf(b, "<%s>", wire);
    if (v->kind == V_MAP) {
        if (!xml_put(b, a, m, member, v, error))
            return false;
    } else {
        const char *text = wire_scalar(a, v);
        if (!text) {
            *error =
                arena_printf(a, "%s cannot be sent: it is %s", member, value_kind_name(v->kind));
            return false;
        }
        xml_put_text(b, text);
    }
    buf_printf(b, "</%s>", wire);
    return true;
}

bool xml_put(struct buf *b, struct arena *a, const struct service_model *m, const char *parent,
             const struct value *v, const char **error)
{
    for (size_t i = 0; i < v->map->n; i++) {
        const char *member = v->map->entries[i].key;
        const struct value *x = v->map->entries[i].value;
        if (x->kind == V_NONE)
            continue;
        bool list = x->kind == V_LIST || x->kind == V_SET;
        const char *wire = service_request_name(a, m, parent, member, list);
        if (!list) {
            if (!put_element(b, a, m, wire, member, x, error))
                return false;
            continue;
        }
        bool flat;
        const char *item = service_item_name(a, m, parent, member, &flat);
        if (!flat)
            buf_printf(b, "<%s>", wire);
        for (size_t k = 0; k < x->list.n; k++)
            if (!put_element(b, a, m, item, member, x->list.at[k], error))
                return false;
        if (!flat)
            buf_printf(b, "</%s>", wire);
    }
    return true;
}
