#include "cli/cmd_types.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "base/render.h"
#include "lang/native.h"
#include "lang/print.h"
#include "schema/model.h"

struct session {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
    struct schemas ss;
    struct buf out;
};

static void open_session(struct session *s, const char *file)
{
    s->a = arena_new("session");
    sources_init(&s->sources, s->a);
    diags_init(&s->ds, s->a, &s->sources);
    intern_init(&s->names, s->a);
    buf_init(&s->out, s->a);
    s->p = file ? program_load(s->a, &s->names, &s->ds, file, NULL)
                : program_stdlib(s->a, &s->names, &s->ds);
    schemas_init(&s->ss, s->p);
}

static int close_session(struct session *s)
{
    struct buf err;
    buf_init(&err, s->a);
    render_text(&err, &s->ds, !getenv("NO_COLOR") && isatty(STDERR_FILENO));
    fputs(buf_text(&s->out), stdout);
    fputs(buf_text(&err), stderr);
    int status = s->ds.errors ? 1 : 0;
    arena_free(s->a);
    return status;
}

/* ---- models ---------------------------------------------------------------------------- */

/* The last of a folder's entries by name: versions are dates. */
static const char *newest_in(struct arena *a, const char *folder)
{
    DIR *d = opendir(folder);
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    const char *best = NULL;
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' && (!best || strcmp(e->d_name, best) > 0) &&
            file_exists(arena_printf(a, "%s/%s/service-2.json", folder, e->d_name)))
            best = arena_strdup(a, e->d_name);
    if (d)
        closedir(d);
    return best;
}

static const char *model_path(struct arena *a, const char *dir, const char *name)
{
    const char *plain = arena_printf(a, "%s/%s.json", dir, name);
    if (file_exists(plain))
        return plain;
    const char *folder = arena_printf(a, "%s/%s", dir, name);
    const char *flat = arena_printf(a, "%s/service-2.json", folder);
    if (file_exists(flat))
        return flat;
    const char *version = newest_in(a, folder);
    return version ? arena_printf(a, "%s/%s/service-2.json", folder, version) : NULL;
}

/* The folder that AWS's models of a service are in: its name unless it says so. */
static const char *model_name(const struct decl *service)
{
    for (const struct arg *x = service->fields; x; x = x->next)
        if (!strcmp(x->name.text, "model") && x->value->kind == EXPR_LITERAL &&
            x->value->literal->kind == V_STRING)
            return x->value->literal->s;
    return service->name.text;
}

static struct model *load_model(struct session *s, const char *dir, const char *service)
{
    const struct decl *decl = program_service(s->p, service);
    if (!decl)
        return NULL; /* the type's own check has said it */
    const char *name = model_name(decl), *path = model_path(s->a, dir, name);
    if (!path) {
        struct diag *d = diag_error(&s->ds, "BG5708", decl->name.span,
                                    "there is no model of `%s` in %s", name, dir);
        diag_help(&s->ds, d, "it is looked for as %s/%s/VERSION/service-2.json; gunzip it first",
                  dir, name);
        return NULL;
    }
    const char *text, *error = NULL;
    size_t len;
    struct value *root = NULL;
    if (file_read(s->a, path, &text, &len, &error))
        root = value_from_json(s->a, text, len, &error);
    struct model *m = root ? model_new(s->a, service, root) : NULL;
    if (!m)
        diag_error(&s->ds, "BG5708", decl->name.span, "%s: %s", path,
                   error ? error : "this is no model of a service");
    return m;
}

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "bgc types: %s%s\n", why, what);
    fprintf(stderr, "usage: bgc types\n       bgc types check --models DIR [FILE]\n");
    return 1;
}

static int run_check(int argc, char **argv)
{
    const char *dir = NULL, *file = NULL;
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--models") && i + 1 < argc)
            dir = argv[++i];
        else if (argv[i][0] == '-')
            return usage("there is no option ", argv[i]);
        else if (file)
            return usage("one file at a time; too many: ", argv[i]);
        else
            file = argv[i];
    }
    if (!dir)
        return usage("where are the models? ", "--models DIR");
    struct session s;
    open_session(&s, file);
    struct map models;
    map_init(&models, s.a);
    size_t n = 0, checked = 0, good = 0;
    const char *const *names = schemas_names(&s.ss, s.a, &n);
    for (size_t i = 0; i < n; i++) {
        const struct decl *decl = program_type(s.p, names[i]);
        const struct source *src = decl ? sources_find(&s.sources, decl->span) : NULL;
        if (file && (!src || strcmp(src->path, s.p->root_path)))
            continue;
        const struct schema *schema = schema_find(&s.ss, names[i]);
        if (!schema)
            continue;
        if (!map_has(&models, schema->service))
            map_put(&models, schema->service, load_model(&s, dir, schema->service));
        const struct model *m = map_find(&models, schema->service);
        checked++;
        good += m && model_check(&s.ss, s.a, &s.ds, schema, m);
    }
    buf_printf(&s.out, "%zu of %zu types agree with their models\n", good, checked);
    return close_session(&s);
}

/* ---- types, doc ------------------------------------------------------------------------- */

/* The first sentence, on one line. */
static const char *first_sentence(struct arena *a, const char *doc)
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

static const char *type_doc(const struct decl *d)
{
    return d && d->doc ? d->doc : NULL;
}

int cmd_types(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "check"))
        return run_check(argc - 2, argv + 2);
    if (argc > 1)
        return usage("it does not take ", argv[1]);
    struct session s;
    open_session(&s, NULL);
    size_t n = 0, width = 0;
    const char *const *names = schemas_names(&s.ss, s.a, &n);
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) > width)
            width = strlen(names[i]);
    for (size_t i = 0; i < n; i++)
        buf_printf(&s.out, "%-*s  %s\n", (int)width, names[i],
                   first_sentence(s.a, type_doc(program_type(s.p, names[i]))));
    return close_session(&s);
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
        return "a change replaces the resource";
    if (f->mods & FIELD_TUNE)
        return "changed in place, also on a live world";
    return "changed in place";
}

static void put_field(struct session *s, const struct type_item *it, const char *change)
{
    struct buf *b = &s->out;
    buf_printf(b, "  %s: ", it->name.text);
    print_type(b, it->type);
    if (it->dflt) {
        buf_puts(b, " = ");
        print_expr(b, it->dflt);
    }
    if (change)
        buf_printf(b, "   (%s%s%s)", change,
                   it->mods & FIELD_WRITE_ONLY ? "; cannot be read back" : "",
                   it->mods & FIELD_SECRET ? "; secret" : "");
    buf_putc(b, '\n');
    put_doc(b, it->doc, "      ");
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
        put_field(s, f->item, change_of(f));
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

/* What is asked of AWS, verb by verb. */
static void put_calls(struct session *s, const struct decl *decl)
{
    bool any = false;
    for (const struct type_item *i = decl->items; i; i = i->next) {
        if (i->kind != ITEM_CALL || !i->operation.text)
            continue;
        if (!any)
            buf_puts(&s->out, "\nCalls\n");
        any = true;
        buf_printf(&s->out, "  %-7s", i->name.text);
        if (i->subject.text)
            buf_printf(&s->out, " %s%s%s:", i->subject.text, i->aspect.text ? "." : "",
                       i->aspect.text ? i->aspect.text : "");
        buf_printf(&s->out, " %s\n", i->operation.text);
    }
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
        return;
    }
    if (decl->type) {
        buf_puts(&s->out, "\n  ");
        print_type(&s->out, decl->type);
        buf_putc(&s->out, '\n');
        return;
    }
    buf_puts(&s->out, "\nFields\n");
    for (const struct type_item *it = decl->items; it; it = it->next)
        if (it->kind == ITEM_FIELD)
            put_field(s, it, NULL);
}

/* ---- functions and modules of the library ------------------------------------------------ */

static bool put_function(struct session *s, const char *name)
{
    const struct native *n = native_find(name);
    for (const struct native *o = n; o; o = native_overload(o)) {
        const char *plain = strrchr(name, '.'); /* signatures say `get` of http.get */
        buf_printf(&s->out, "%s%.*s%s\n", o == n ? "" : "\n", plain ? (int)(plain - name + 1) : 0,
                   name, o->signature + strlen("fn "));
        put_doc(&s->out, o->doc, "  ");
        if (o->phase == PHASE_RUN)
            buf_puts(&s->out, "  It measures: it stands in gates, `retire when` and `expect` alone.\n");
    }
    return n != NULL;
}

/* A module of the library is seen by who uses it: by a program that does nothing else. */
static const struct symbol *module_find(struct session *s, const char *path)
{
    if (strncmp(path, "std.", 4) ||
        !embed_find(arena_printf(s->a, "stdlib/std/%s.bg", path + strlen("std."))))
        return NULL;
    struct program *p = program_load(s->a, &s->names, &s->ds, "doc.bg",
                                     arena_printf(s->a, "stack doc { region = \"eu-west-1\" }\n"
                                                        "use %s\n", path));
    return program_module(p, p->root, path);
}

static void put_module(struct session *s, const char *path, const struct decl *d)
{
    buf_printf(&s->out, "%s\n", path);
    put_doc(&s->out, d->doc, "  ");
    buf_puts(&s->out, "\nParameters\n");
    for (const struct field_ast *f = d->params; f; f = f->next) {
        buf_printf(&s->out, "  %s: ", f->name.text);
        print_type(&s->out, f->type);
        if (f->value) {
            buf_puts(&s->out, " = ");
            print_expr(&s->out, f->value);
        }
        buf_putc(&s->out, '\n');
        put_doc(&s->out, f->doc, "      ");
    }
    buf_puts(&s->out, "\nWhat it gives\n");
    for (const struct decl *o = d->body; o; o = o->next)
        if (o->kind == DECL_OUT) {
            buf_printf(&s->out, "  %s\n", o->name.text);
            put_doc(&s->out, o->doc, "      ");
        }
}

static void unknown_doc(struct session *s, const char *name)
{
    VEC(const char *) names = {0};
    size_t n = 0;
    const char *const *types = schemas_names(&s->ss, s->a, &n);
    for (size_t i = 0; i < n; i++)
        vec_push(s->a, &names, types[i]);
    for (size_t i = 0; i < s->p->types.n; i++)
        vec_push(s->a, &names, s->p->types.entries[i].key);
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

int cmd_doc(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bgc doc NAME\n");
        return 1;
    }
    struct session s;
    open_session(&s, NULL);
    const char *name = argv[1];
    const struct decl *decl = program_type(s.p, name);
    const struct symbol *module = decl ? NULL : module_find(&s, name);
    if (decl) {
        put_type(&s, name, decl);
    } else if (module) {
        put_module(&s, name, module->decl);
    } else if (!put_function(&s, name)) {
        unknown_doc(&s, name);
        close_session(&s);
        return 1;
    }
    return close_session(&s);
}
