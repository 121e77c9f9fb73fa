/* What a name means, in words: for hover and for completion's details. */
#include <string.h>

#include "lang/print.h"
#include "lsp/features.h"
#include "lsp/fields.h"

enum { LINE_MAX_SHOWN = 160 };

struct page {
    struct request *r;
    struct buf b;
    bool md;
};

static struct page page_of(struct request *r)
{
    struct page p = {.r = r, .md = r->ws->client.markdown};
    buf_init(&p.b, r->a);
    return p;
}

static void code(struct page *p, const char *text)
{
    if (p->b.len)
        buf_puts(&p->b, "\n\n");
    buf_printf(&p->b, p->md ? "```bg\n%s\n```" : "%s", text);
}

__attribute__((format(printf, 2, 3))) static void line(struct page *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(p->r->a, fmt, ap);
    va_end(ap);
    if (p->b.len)
        buf_puts(&p->b, "\n\n");
    for (; *text; text++)
        if (p->md || *text != '`')
            buf_putc(&p->b, *text);
}

const char *source_text(struct request *r, struct span span)
{
    const struct source *src = sources_find(&r->an->sources, span);
    struct buf b;
    buf_init(&b, r->a);
    bool gap = false;
    for (uint32_t i = span.start; src && i < span.end && i < src->len; i++) {
        if (strchr(" \t\r\n", src->text[i])) {
            gap = b.len > 0;
            continue;
        }
        if (gap)
            buf_putc(&b, ' ');
        gap = false;
        buf_putc(&b, src->text[i]);
        if (b.len >= LINE_MAX_SHOWN && !((unsigned char)src->text[i] & 0x80)) {
            buf_puts(&b, " ...");
            break;
        }
    }
    return buf_text(&b);
}

static const char *phase_words(enum phase phase)
{
    switch (phase) {
    case PHASE_CONST: return "const: known without asking anybody";
    case PHASE_PLAN: return "plan: read from the account before anything is done";
    case PHASE_APPLY: return "apply: known only after it is created";
    case PHASE_RUN: return "run: measured";
    }
    return "";
}

/* ---- types of AWS ---------------------------------------------------- */

static const char *service_of(const struct decl *type)
{
    for (const struct type_item *i = type->items; i; i = i->next)
        if (i->kind == ITEM_API && i->name.text)
            return i->name.text;
    return NULL;
}

static bool has_subject(const struct type_item *call, const char *field)
{
    for (size_t i = 0; i < call->subjects.n; i++)
        if (call->subjects.at[i].text && !strcmp(call->subjects.at[i].text, field))
            return true;
    return call->subject.text && !strcmp(call->subject.text, field);
}

static void operations(struct page *p, const struct decl *type, const struct type_item *field)
{
    const char *service = service_of(type);
    const char *member = field->put        ? source_text(p->r, field->put->span)
                         : field->put_expr ? source_text(p->r, field->put_expr->span)
                         : field->get      ? source_text(p->r, field->get->span)
                         : field->get_expr ? source_text(p->r, field->get_expr->span)
                                           : NULL;
    if (!service || !member)
        return;
    struct buf ops;
    buf_init(&ops, p->r->a);
    bool written = field->put || field->put_expr;
    for (const struct type_item *i = type->items; i; i = i->next) {
        if (i->kind != ITEM_CALL || !i->name.text || !i->operation.text)
            continue;
        bool own = has_subject(i, field->name.text);
        bool made = written && !i->subject.text && !strcmp(i->name.text, "create");
        bool read = !written && (!strcmp(i->name.text, "read") || !strcmp(i->name.text, "create"));
        bool asked = (field->mods & FIELD_QUERY) && !strcmp(i->name.text, "lookup");
        if (own || made || read || asked)
            buf_printf(&ops, "%s`%s`", ops.len ? ", " : "", i->operation.text);
    }
    line(p, "AWS: `%s` %s, member `%s`", service, ops.len ? buf_text(&ops) : "", member);
}

static const char *mod_words(unsigned mods)
{
    return mods & FIELD_ID           ? "id"
           : mods & FIELD_FIXED      ? "fixed"
           : mods & FIELD_TUNE       ? "tune"
           : mods & FIELD_LIVE       ? "live"
           : mods & FIELD_QUERY      ? "query"
           : mods & FIELD_WRITE_ONLY ? "write_only"
                                     : "field";
}

static void change_words(struct page *p, const struct decl *type, unsigned mods)
{
    if (!type_is_resource(type) || (mods & (FIELD_ID | FIELD_QUERY)))
        return;
    if (mods & FIELD_LIVE)
        line(p, "AWS owns it: it is read, never written and no drift.");
    else if (mods & FIELD_TUNE)
        line(p, "A change is made in place, in worlds too: no new world.");
    else if (mods & FIELD_FIXED)
        line(p, "A change means a new one: in a world a new world, in `shared` a replacement.");
    else
        line(p, "A change in a world means a new world; in `shared` it is made in place.");
    if (mods & FIELD_WRITE_ONLY)
        line(p, "It cannot be read back.");
}

const char *describe_item(struct request *r, const struct decl *type, const struct type_item *item)
{
    struct page p = page_of(r);
    struct buf head;
    buf_init(&head, r->a);
    buf_printf(&head, "%s %s", item->kind == ITEM_METRIC ? "metric" : mod_words(item->mods),
               item->name.text);
    if (item->type) {
        buf_puts(&head, ": ");
        print_type(&head, item->type);
    }
    if (item->dflt)
        buf_printf(&head, " = %s", expr_text(r->a, item->dflt));
    code(&p, buf_text(&head));
    if (item->doc)
        line(&p, "%s", item->doc);
    if (item->kind == ITEM_METRIC) {
        line(&p, "CloudWatch: `%s` `%s`", item->metric_namespace, item->metric_name);
    } else {
        change_words(&p, type, item->mods);
        operations(&p, type, item);
    }
    if (type->path)
        line(&p, "of `%s`", type->path);
    return buf_text(&p.b);
}

/* ---- declarations ---------------------------------------------------- */

static const struct scope *scope_of_kind(const struct scope *s, enum scope_kind k)
{
    while (s && s->kind != k)
        s = s->parent;
    return s;
}

static void world_words(struct page *p, const char *name)
{
    const struct graph *g = p->r->an->graph;
    const struct world *w = g ? graph_world(g, name) : NULL;
    line(p, "Exists once per colour: an edit means a new world beside the one that serves.");
    if (w && w->id && *w->id)
        line(p, "id: `%s/%s`, with the defaults of the inputs", name, w->id);
    else
        line(p, "Its id is known when the program has no errors and every input a default.");
}

/* The symbol of a declaration, to learn where it stands. */
static const struct symbol *symbol_of(struct request *r, const struct decl *d)
{
    const struct marks *m = analysis_marks(r->an);
    for (size_t i = 0; i < m->all.n && d->name.text; i++) {
        const struct mark *k = &m->all.at[i];
        if (k->declares && k->decl == d && k->scope) {
            const struct symbol *y = map_find(&k->scope->symbols, d->name.text);
            return y && y->decl == d ? y : NULL;
        }
    }
    return NULL;
}

static void resource_words(struct page *p, const struct decl *d)
{
    struct request *r = p->r;
    const struct symbol *y = symbol_of(r, d);
    const struct scope *world = y ? scope_of_kind(y->scope, SCOPE_WORLD) : NULL;
    const struct scope *shared = y ? scope_of_kind(y->scope, SCOPE_SHARED) : NULL;
    if (d->kind == DECL_EXISTING)
        line(p, "Not owned by this stack: looked up, and read only.%s",
             d->pin ? " Its answer is pinned in bgc.lock." : "");
    else if (world)
        line(p, "In world `%s`: once per colour.", world->name);
    else if (shared)
        line(p, "Shared: there is one, which is reconciled in place.");
    const struct decl *type = y ? fields_type(r->an->program, y->scope, d) : NULL;
    if (type && type->doc)
        line(p, "%s", type->doc);
}

static const char *head_of(struct request *r, const struct decl *d)
{
    struct buf b;
    buf_init(&b, r->a);
    switch (d->kind) {
    case DECL_RESOURCE:
    case DECL_EXISTING:
        buf_printf(&b, "%s %s: %s%s", d->kind == DECL_RESOURCE ? "resource" : "existing",
                   d->name.text, d->set ? "set " : "", d->path ? d->path : "?");
        if (d->in.text)
            buf_printf(&b, " in %s", d->in.text);
        break;
    case DECL_FN:
        buf_printf(&b, "fn %s(", d->name.text);
        for (const struct field_ast *f = d->params; f; f = f->next) {
            buf_printf(&b, "%s%s: ", f == d->params ? "" : ", ", f->name.text);
            print_type(&b, f->type);
            if (f->value)
                buf_printf(&b, " = %s", expr_text(r->a, f->value));
        }
        buf_puts(&b, "): ");
        if (d->type)
            print_type(&b, d->type);
        break;
    case DECL_MODULE:
        buf_printf(&b, "module %s(", d->name.text);
        for (const struct field_ast *f = d->params; f; f = f->next) {
            buf_printf(&b, "%s%s: ", f == d->params ? "" : ", ", f->name.text);
            print_type(&b, f->type);
        }
        buf_putc(&b, ')');
        break;
    case DECL_TYPE:
        if (!d->type)
            return arena_printf(r->a, "type %s", d->path ? d->path : d->name.text);
        return source_text(r, d->span);
    case DECL_WORLD: return arena_printf(r->a, "world %s", d->name.text);
    case DECL_GATE: return arena_printf(r->a, "gate %s", d->name.text);
    case DECL_ROLLOUT:
        return arena_printf(r->a, "rollout %s as %s", d->name.text,
                            d->as.text ? d->as.text : d->name.text);
    case DECL_ACCOUNT: return arena_printf(r->a, "account %s", d->name.text);
    case DECL_STACK: return arena_printf(r->a, "stack %s", d->name.text);
    default: return source_text(r, d->span);
    }
    return buf_text(&b);
}

static void type_words(struct page *p, const struct decl *d)
{
    if (!d->items)
        return;
    struct buf fields, metrics;
    buf_init(&fields, p->r->a);
    buf_init(&metrics, p->r->a);
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->name.text && i->kind == ITEM_FIELD && !(i->mods & (FIELD_ID | FIELD_LIVE)))
            buf_printf(&fields, "%s`%s`", fields.len ? ", " : "", i->name.text);
        else if (i->name.text && i->kind == ITEM_METRIC)
            buf_printf(&metrics, "%s`%s`", metrics.len ? ", " : "", i->name.text);
    if (fields.len)
        line(p, "fields: %s", buf_text(&fields));
    if (metrics.len)
        line(p, "metrics: %s", buf_text(&metrics));
}

static void put_decl(struct page *p, const struct decl *d)
{
    code(p, head_of(p->r, d));
    if (d->doc)
        line(p, "%s", d->doc);
    switch (d->kind) {
    case DECL_WORLD: world_words(p, d->name.text); break;
    case DECL_RESOURCE:
    case DECL_EXISTING: resource_words(p, d); break;
    case DECL_TYPE: type_words(p, d); break;
    default: break;
    }
}

const char *describe_decl(struct request *r, const struct decl *d)
{
    struct page p = page_of(r);
    put_decl(&p, d);
    return buf_text(&p.b);
}

const char *native_words(struct request *r, const struct native *n)
{
    const char *open = strchr(n->signature, '(');
    return arena_printf(r->a, "fn %s%s", n->name, open ? open : "()");
}

const char *describe_native(struct request *r, const struct native *n)
{
    struct page p = page_of(r);
    struct buf all;
    buf_init(&all, r->a);
    for (const struct native *k = native_find(n->name); k; k = native_overload(k))
        buf_printf(&all, "%s%s", all.len ? "\n" : "", native_words(r, k));
    code(&p, buf_text(&all));
    line(&p, "%s", n->doc);
    if (n->phase == PHASE_RUN)
        line(&p, "It measures: it stands in gates, in `retire when` and in `expect`.");
    return buf_text(&p.b);
}

/* ---- marks ----------------------------------------------------------- */

static void value_words(struct page *p, const struct mark *m)
{
    const struct expr *e = m->e;
    if (!e && m->declares && m->decl && (m->decl->kind == DECL_LET || m->decl->kind == DECL_OUTPUT ||
                                         m->decl->kind == DECL_OUT))
        e = m->decl->value;
    const struct check_found *f = analysis_found(p->r->an, e);
    if (!f || !f->type || f->type->kind == TYPE_K_POISON || f->type->kind == TYPE_K_WORLD)
        return;
    line(p, "type: `%s`", type_text(p->r->a, type_widen(f->type)));
    if (f->deep > f->phase)
        line(p, "phase of its fields: %s", phase_words(f->deep));
    else
        line(p, "phase: %s", phase_words(f->phase));
}

const char *describe_mark(struct request *r, const struct mark *m)
{
    struct page p = page_of(r);
    switch (m->means) {
    case MEANS_DECL:
        put_decl(&p, m->decl);
        value_words(&p, m);
        break;
    case MEANS_FIELD:
        buf_puts(&p.b, describe_item(r, m->decl, m->item));
        value_words(&p, m);
        break;
    case MEANS_MEMBER: {
        struct buf head;
        buf_init(&head, r->a);
        buf_printf(&head, "%s: ", m->field->name.text);
        if (m->field->type)
            print_type(&head, m->field->type);
        if (m->field->value)
            buf_printf(&head, " = %s", expr_text(r->a, m->field->value));
        code(&p, buf_text(&head));
        if (m->field->doc)
            line(&p, "%s", m->field->doc);
        value_words(&p, m);
        break;
    }
    case MEANS_LOCAL:
        code(&p, source_text(r, m->span));
        value_words(&p, m);
        break;
    case MEANS_CHECK:
        code(&p, source_text(r, m->check->span));
        line(&p, "of gate `%s`", m->decl->name.text);
        break;
    case MEANS_NATIVE:
        buf_puts(&p.b, describe_native(r, m->native));
        value_words(&p, m);
        break;
    case MEANS_FILE: {
        const struct source *src = sources_find(&r->an->sources, (struct span){m->target.file, 0, 0});
        line(&p, "%s", src ? src->path : "");
        break;
    }
    case MEANS_WORD:
        if (!m->doc)
            return NULL;
        line(&p, "%s", m->doc);
        value_words(&p, m);
        break;
    }
    return buf_text(&p.b);
}

json_t *markup_json(const struct request *r, const char *text)
{
    return json_pack("{s:s, s:o}", "kind", r->ws->client.markdown ? "markdown" : "plaintext",
                     "value", json_text(text, strlen(text)));
}

json_t *feature_hover(struct request *r)
{
    const struct mark *m = request_mark(r);
    const char *text = m ? describe_mark(r, m) : NULL;
    if (!text)
        return NULL;
    return json_pack("{s:o, s:o}", "contents", markup_json(r, text), "range",
                     range_json(r->text, m->span.start, m->span.end));
}
