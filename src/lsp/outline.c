/* The outline of a file, and what can be folded in it. */
#include <string.h>

#include "lang/parse.h"
#include "lang/print.h"
#include "lang/scan.h"
#include "lsp/features.h"

enum symbol_kind { /* of the protocol */
    SYMBOL_MODULE = 2,
    SYMBOL_NAMESPACE = 3,
    SYMBOL_PACKAGE = 4,
    SYMBOL_CLASS = 5,
    SYMBOL_METHOD = 6,
    SYMBOL_PROPERTY = 7,
    SYMBOL_FIELD = 8,
    SYMBOL_INTERFACE = 11,
    SYMBOL_FUNCTION = 12,
    SYMBOL_VARIABLE = 13,
    SYMBOL_CONSTANT = 14,
    SYMBOL_BOOLEAN = 17,
    SYMBOL_OBJECT = 19,
    SYMBOL_STRUCT = 23,
    SYMBOL_EVENT = 24,
    SYMBOL_OPERATOR = 25,
};

struct outline {
    struct request *r;
    json_t *flat; /* NULL: symbols within symbols */
    const char *container;
};

static void symbol(struct outline *o, json_t *into, const char *name, const char *detail,
                   enum symbol_kind kind, struct span all, struct span own, json_t *children)
{
    const struct text *t = o->r->text;
    if (own.start < all.start || own.end > all.end)
        own = all;
    if (o->flat) {
        json_t *one = json_pack("{s:o, s:i, s:{s:s, s:o}}", "name", json_text(name, strlen(name)),
                                "kind", kind, "location", "uri", o->r->doc->uri, "range",
                                range_json(t, all.start, all.end));
        if (o->container)
            json_object_set_new(one, "containerName", json_string(o->container));
        json_array_append_new(o->flat, one);
        return;
    }
    json_t *one = json_pack("{s:o, s:i, s:o, s:o}", "name", json_text(name, strlen(name)), "kind",
                            kind, "range", range_json(t, all.start, all.end), "selectionRange",
                            range_json(t, own.start, own.end));
    if (detail)
        json_object_set_new(one, "detail", json_text(detail, strlen(detail)));
    if (children && json_array_size(children))
        json_object_set(one, "children", children);
    json_array_append_new(into, one);
}

static const char *type_words(struct request *r, const struct type_ast *t)
{
    struct buf b;
    if (!t)
        return NULL;
    buf_init(&b, r->a);
    print_type(&b, t);
    return buf_text(&b);
}

static enum symbol_kind kind_of(const struct decl *d)
{
    switch (d->kind) {
    case DECL_STACK: return SYMBOL_PACKAGE;
    case DECL_ACCOUNT:
    case DECL_SHARED: return SYMBOL_NAMESPACE;
    case DECL_USE:
    case DECL_MODULE: return SYMBOL_MODULE;
    case DECL_INPUT: return SYMBOL_VARIABLE;
    case DECL_LET: return SYMBOL_CONSTANT;
    case DECL_OUTPUT:
    case DECL_OUT: return SYMBOL_PROPERTY;
    case DECL_FN: return SYMBOL_FUNCTION;
    case DECL_EXISTING: return SYMBOL_INTERFACE;
    case DECL_RESOURCE: return SYMBOL_OBJECT;
    case DECL_WORLD: return SYMBOL_CLASS;
    case DECL_TRAFFIC: return SYMBOL_OPERATOR;
    case DECL_GATE: return SYMBOL_EVENT;
    case DECL_ROLLOUT: return SYMBOL_METHOD;
    case DECL_SCENARIO:
    case DECL_TEST: return SYMBOL_EVENT;
    case DECL_TYPE: return SYMBOL_STRUCT;
    case DECL_SERVICE: return SYMBOL_NAMESPACE;
    case DECL_ASSERT:
    case DECL_ENTRY:
    case DECL_MOVED:
    case DECL_ADOPT: break;
    }
    return 0;
}

static void outline_of(struct outline *o, const struct decl *body, json_t *into);

static void children_of(struct outline *o, const struct decl *d, json_t *into)
{
    outline_of(o, d->body, into);
    for (const struct check_ast *c = d->gate ? d->gate->checks : NULL; c; c = c->next)
        if (c->name.text)
            symbol(o, into, c->name.text, NULL, SYMBOL_BOOLEAN, c->span, c->name.span, NULL);
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->name.text && (i->kind == ITEM_FIELD || i->kind == ITEM_METRIC))
            symbol(o, into, i->name.text, type_words(o->r, i->type), SYMBOL_FIELD, i->span,
                   i->name.span, NULL);
}

static void outline_decl(struct outline *o, const struct decl *d, json_t *into)
{
    struct request *r = o->r;
    enum symbol_kind kind = kind_of(d);
    const char *name = d->name.text, *detail = type_words(r, d->type);
    struct span own = d->name.span;
    if (d->kind == DECL_SCENARIO || d->kind == DECL_TEST) {
        name = d->path2;
        own = d->path2_span;
    } else if (d->kind == DECL_SHARED) {
        name = "shared";
        own = (struct span){d->span.file, d->span.start, d->span.start + 6};
    } else if (d->kind == DECL_TYPE || (d->kind == DECL_USE && !name)) {
        name = d->path ? d->path : name;
        own = d->path_span.file ? d->path_span : own;
        detail = NULL;
    } else if (d->kind == DECL_ROLLOUT && d->as.text) {
        name = arena_printf(r->a, "%s as %s", name, d->as.text);
    } else if (d->path && d->kind != DECL_SERVICE) {
        detail = d->path;
    }
    if (!kind || !name || !*name)
        return;
    if (o->flat) {
        symbol(o, into, name, detail, kind, d->span, own, NULL);
        const char *outer = o->container;
        o->container = name;
        children_of(o, d, into);
        o->container = outer;
        return;
    }
    json_t *children = json_array();
    children_of(o, d, children);
    symbol(o, into, name, detail, kind, d->span, own, children);
    json_decref(children);
}

static void outline_of(struct outline *o, const struct decl *body, json_t *into)
{
    for (const struct decl *d = body; d; d = d->next)
        outline_decl(o, d, into);
}

json_t *feature_symbols(struct request *r)
{
    json_t *out = json_array();
    struct outline o = {.r = r, .flat = r->ws->client.outline ? NULL : out};
    const struct scope *s =
        program_file_scope(r->an->program, (struct span){r->file, 0, 0});
    if (s && s->file) {
        outline_of(&o, s->file->decls, out);
        return out;
    }
    /* an environment: lines of values */
    struct arg *lines = NULL;
    struct quiet q;
    analysis_quiet(r->an, &q);
    if (r->file)
        parse_bindings(r->an->arena, &r->an->names, r->an->program->ds, r->file, &lines);
    analysis_loud(r->an, &q);
    for (const struct arg *g = lines; g; g = g->next)
        if (g->name.text && g->value)
            symbol(&o, out, g->name.text, NULL, SYMBOL_VARIABLE,
                   span_join(g->name.span, g->value->span), g->name.span, NULL);
    return out;
}

/* ---- folding --------------------------------------------------------- */

static void fold(struct request *r, json_t *out, size_t start, size_t end, const char *kind)
{
    uint32_t first = text_position(r->text, start).line, last = text_position(r->text, end).line;
    if (last <= first)
        return;
    json_t *one = json_pack("{s:i, s:i}", "startLine", (int)first, "endLine", (int)last);
    if (kind)
        json_object_set_new(one, "kind", json_string(kind));
    json_array_append_new(out, one);
}

json_t *feature_folding(struct request *r)
{
    const struct source *src = sources_find(&r->an->sources, (struct span){r->file, 0, 0});
    json_t *out = json_array();
    size_t n = 0;
    if (!src)
        return out;
    const struct scan_token *t = scan_text(r->a, &r->an->names, src, r->file, &n);
    VEC(uint32_t) open = {0};
    size_t comment = 0, last = 0; /* 1 + the first and last of comment lines */
    for (size_t i = 0; i < n; i++) {
        bool blank = i && t[i].kind == SCAN_NEWLINE && t[i - 1].kind == SCAN_NEWLINE;
        if (t[i].kind == SCAN_COMMENT && (!i || t[i - 1].kind == SCAN_NEWLINE)) {
            comment = comment ? comment : i + 1;
            last = i + 1;
        } else if (comment && (t[i].kind != SCAN_NEWLINE || blank)) {
            fold(r, out, t[comment - 1].span.start, t[last - 1].span.start, "comment");
            comment = 0;
        }
        if (t[i].kind == SCAN_MARK && strchr("{([", t[i].mark)) {
            vec_push(r->a, &open, t[i].span.start);
        } else if (t[i].kind == SCAN_MARK && strchr("})]", t[i].mark) && open.n) {
            uint32_t from = open.at[--open.n];
            /* the closing bracket's line stays to be seen */
            if (text_position(r->text, t[i].span.start).line > 0)
                fold(r, out, from,
                     r->text->lines.at[text_position(r->text, t[i].span.start).line] - 1, NULL);
        } else if (t[i].kind == SCAN_STRING) {
            fold(r, out, t[i].span.start, t[i].span.end, NULL);
        }
    }
    if (comment)
        fold(r, out, t[comment - 1].span.start, t[last - 1].span.start, "comment");
    return out;
}
