#include "cli/cmd_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "cli/doc.h"
#include "lang/native.h"
#include "lang/print.h"

const char *doc_sentence(struct arena *a, const char *doc)
{
    struct buf b;
    buf_init(&b, a);
    for (const char *p = doc; p && *p; p++) {
        buf_putc(&b, *p == '\n' ? ' ' : *p);
        if ((*p == '.' || *p == ':') && (p[1] == ' ' || p[1] == '\n')) {
            b.at[--b.len] = 0;
            break;
        }
    }
    while (b.len && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '.'))
        b.at[--b.len] = 0;
    return buf_text(&b);
}

static void put_doc(struct buf *b, const char *doc, const char *indent)
{
    while (doc && *doc) {
        size_t n = strcspn(doc, "\n");
        buf_puts(b, indent);
        buf_put(b, doc, n);
        buf_putc(b, '\n');
        doc += n + (doc[n] == '\n');
    }
}

static const char *change_of(const struct schema_field *f)
{
    if (f->mods & FIELD_ID)
        return "its id";
    if (f->mods & FIELD_QUERY)
        return "asks: only in `existing`";
    if (f->mods & FIELD_LIVE)
        return "read only";
    if (f->mods & FIELD_FIXED)
        return "a change replaces the resource; in a world it means a new world";
    if (f->mods & FIELD_TUNE)
        return "changed in place, also in a live world";
    return "changed in place; in a world it means a new world";
}

const char *doc_change(struct arena *a, const struct schema_field *f)
{
    return arena_printf(a, "%s%s%s", change_of(f),
                        f->mods & FIELD_WRITE_ONLY ? "; cannot be read back" : "",
                        f->mods & FIELD_SECRET ? "; secret" : "");
}

static const char *member_text(struct arena *a, const char *name, const struct type_ast *type,
                               const struct expr *dflt)
{
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%s: ", name);
    print_type(&b, type);
    if (dflt) {
        buf_puts(&b, " = ");
        print_expr(&b, dflt);
    }
    return buf_text(&b);
}

const char *doc_field_text(struct arena *a, const struct type_item *it)
{
    return member_text(a, it->name.text, it->type, it->dflt);
}

const char *doc_parameter_text(struct arena *a, const struct field_ast *f)
{
    return member_text(a, f->name.text, f->type, f->value);
}

static void put_field(struct session *s, const struct type_item *it, const char *change)
{
    buf_printf(&s->out, "  %s", doc_field_text(s->a, it));
    if (change)
        buf_printf(&s->out, "   (%s)", change);
    buf_putc(&s->out, '\n');
    put_doc(&s->out, it->doc, "      ");
}

static void put_fields(struct session *s, const struct schema *schema, const char *title, bool mine)
{
    bool any = false;
    for (size_t i = 0; i < schema->fields.n; i++) {
        const struct schema_field *f = &schema->fields.at[i];
        bool author = !(f->mods & (FIELD_ID | FIELD_LIVE | FIELD_QUERY));
        if (author != mine)
            continue;
        if (!any)
            buf_printf(&s->out, "\n%s\n", title);
        any = true;
        put_field(s, f->item, doc_change(s->a, f));
    }
}

static void put_metrics(struct session *s, const struct schema *schema)
{
    if (schema->metrics.n)
        buf_puts(&s->out, "\nMetrics\n");
    for (size_t i = 0; i < schema->metrics.n; i++) {
        const struct schema_metric *m = &schema->metrics.at[i];
        buf_printf(&s->out, "  %s: %s   (%s %s)\n", m->name, type_text(s->a, m->type), m->ns,
                   m->metric);
        put_doc(&s->out, m->item->doc, "      ");
    }
}

const char *doc_call_text(struct arena *a, const struct type_item *it)
{
    if (it->kind != ITEM_CALL || !it->operation.text)
        return NULL;
    const char *subject = it->subject.text, *aspect = it->aspect.text;
    const char *of = !subject ? "" : aspect ? arena_printf(a, " %s.%s:", subject, aspect)
                                            : arena_printf(a, " %s:", subject);
    return arena_printf(a, "%-7s%s %s", it->name.text, of, it->operation.text);
}

/* What is asked of AWS, verb by verb. */
static void put_calls(struct session *s, const struct decl *decl)
{
    bool any = false;
    for (const struct type_item *i = decl->items; i; i = i->next) {
        const char *call = doc_call_text(s->a, i);
        if (!call)
            continue;
        if (!any)
            buf_puts(&s->out, "\nCalls\n");
        any = true;
        buf_printf(&s->out, "  %s\n", call);
    }
}

static void put_compiled(struct session *s, const char *example)
{
    if (!example)
        return;
    buf_printf(&s->out, "\nExample\n  %s\n\n", DOC_EXAMPLE);
    put_doc(&s->out, example, "      ");
}

/* ---- which types there are --------------------------------------------------------------- */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *const *doc_types(struct session *s, size_t *n)
{
    VEC(const char *) all = {0};
    size_t dotted;
    const char *const *names = schemas_names(&s->ss, s->a, &dotted);
    for (size_t i = 0; i < dotted; i++)
        vec_push(s->a, &all, names[i]);
    for (size_t i = 0; i < s->p->prelude->symbols.n; i++) {
        const struct symbol *y = s->p->prelude->symbols.entries[i].value;
        if (y->decl->kind == DECL_TYPE)
            vec_push(s->a, &all, y->name);
    }
    qsort(all.at, all.n, sizeof *all.at, by_text);
    *n = all.n;
    return all.at;
}

const struct decl *doc_type(struct session *s, const char *name)
{
    const struct symbol *y = strchr(name, '.') ? NULL : map_find(&s->p->prelude->symbols, name);
    return y && y->decl->kind == DECL_TYPE ? y->decl : program_type(s->p, name);
}

const char *doc_type_line(struct arena *a, const struct decl *decl)
{
    const char *said = doc_sentence(a, decl ? decl->doc : NULL);
    if (!decl || !decl->type)
        return said;
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%s%s", said, *said ? ": " : "");
    print_type(&b, decl->type);
    return buf_text(&b);
}

static void put_type(struct session *s, const char *name, const struct decl *decl)
{
    buf_printf(&s->out, "%s\n", name);
    put_doc(&s->out, decl->doc, "  ");
    const struct schema *schema = schema_find(&s->ss, name);
    if (schema) {
        put_fields(s, schema, "Fields", true);
        put_fields(s, schema, "What can be read, and asked for", false);
        put_metrics(s, schema);
        put_calls(s, decl);
    } else if (decl->type) {
        buf_puts(&s->out, "\n  ");
        print_type(&s->out, decl->type);
        buf_putc(&s->out, '\n');
    } else {
        buf_puts(&s->out, "\nFields\n");
        for (const struct type_item *it = decl->items; it; it = it->next)
            if (it->kind == ITEM_FIELD)
                put_field(s, it, NULL);
    }
    put_compiled(s, doc_example(s, name, decl));
}

/* ---- functions and modules of the library ------------------------------------------------ */

const char *doc_function_text(struct arena *a, const struct native *n)
{
    const char *plain = strrchr(n->name, '.'); /* signatures say `get` of http.get */
    return arena_printf(a, "%.*s%s", plain ? (int)(plain - n->name + 1) : 0, n->name,
                        n->signature + strlen("fn "));
}

static bool put_function(struct session *s, const char *name)
{
    const struct native *n = native_find(name);
    for (const struct native *o = n; o; o = native_overload(o)) {
        buf_printf(&s->out, "%s%s\n", o == n ? "" : "\n", doc_function_text(s->a, o));
        put_doc(&s->out, o->doc, "  ");
        if (o->phase == PHASE_RUN)
            buf_printf(&s->out, "  %s\n", DOC_MEASURES);
        if (doc_function_example(o))
            buf_printf(&s->out, "      %s\n", doc_function_example(o));
    }
    return n != NULL;
}

/* A module of the library is seen by who uses it: by a program that does nothing else. */
const struct symbol *doc_module(struct session *s, const char *path)
{
    if (strncmp(path, "std.", 4) ||
        !embed_find(arena_printf(s->a, "stdlib/std/%s.bg", path + strlen("std."))))
        return NULL;
    struct program *p = program_load(s->a, &s->names, &s->ds, "doc.bg",
                                     arena_printf(s->a,
                                                  "stack doc { region = \"eu-west-1\" }\n"
                                                        "use %s\n", path));
    return program_module(p, p->root, path);
}

static void put_module(struct session *s, const char *path, const struct symbol *module)
{
    const struct decl *d = module->decl;
    buf_printf(&s->out, "%s\n", path);
    put_doc(&s->out, d->doc, "  ");
    buf_puts(&s->out, "\nParameters\n");
    for (const struct field_ast *f = d->params; f; f = f->next) {
        buf_printf(&s->out, "  %s\n", doc_parameter_text(s->a, f));
        put_doc(&s->out, f->doc, "      ");
    }
    buf_puts(&s->out, "\nWhat it gives\n");
    for (const struct decl *o = d->body; o; o = o->next)
        if (o->kind == DECL_OUT) {
            buf_printf(&s->out, "  %s\n", o->name.text);
            put_doc(&s->out, o->doc, "      ");
        }
    put_compiled(s, doc_module_example(s, path, module));
}

static void unknown_doc(struct session *s, const char *name)
{
    VEC(const char *) names = {0};
    size_t n = 0;
    const char *const *types = doc_types(s, &n);
    for (size_t i = 0; i < n; i++)
        vec_push(s->a, &names, types[i]);
    const struct native *all = native_all(&n);
    for (size_t i = 0; i < n; i++)
        vec_push(s->a, &names, all[i].name);
    const char *near = suggest(name, names.at, names.n);
    struct buf b;
    buf_init(&b, s->a);
    buf_put_visible(&b, name);
    fprintf(stderr, "bgc doc: there is no type %s, nor a function or module; ", buf_text(&b));
    fprintf(stderr, near ? "did you mean %s?\n" : "`bgc types` lists the types%s\n", near ? near : "");
}

static int usage(void)
{
    fprintf(stderr, "usage: bgc doc NAME\n       bgc doc --html DIR\n");
    return 1;
}

int cmd_doc(int argc, char **argv)
{
    static const char html[] = "--html=";
    const char *dir = NULL;
    if (argc == 3 && !strcmp(argv[1], "--html"))
        dir = argv[2];
    else if (argc == 2 && !strncmp(argv[1], html, strlen(html)))
        dir = argv[1] + strlen(html);
    else if (argc != 2 || argv[1][0] == '-')
        return usage();
    if (dir && !*dir)
        return usage();
    struct session s;
    session_open(&s, NULL);
    if (dir) {
        doc_html(&s, dir);
        return session_close(&s);
    }
    const char *name = argv[1];
    const struct decl *decl = doc_type(&s, name);
    const struct symbol *module = decl ? NULL : doc_module(&s, name);
    if (decl) {
        put_type(&s, name, decl);
    } else if (module) {
        put_module(&s, name, module);
    } else if (!put_function(&s, name)) {
        unknown_doc(&s, name);
        session_close(&s);
        return 1;
    }
    return session_close(&s);
}
