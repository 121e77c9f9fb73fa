/* The reference of the library as pages: an index, a page for each type and module, one for all
 * functions. Each is whole in itself (no script, nothing from elsewhere), so that the folder can
 * be opened from a disk, put into a repository or behind any web server. Same bgc, same bytes. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "base/html.h"
#include "base/version.h"
#include "cli/doc.h"
#include "lang/print.h"

/* Says that bgc has written the folder, and which pages: one name a line. */
#define MARKER ".bgc-doc"

static const char style_sheet[] =
    ":root{color-scheme:light dark;--ink:#222;--paper:#fff;--soft:#666;--link:#1f5fa8;"
    "--line:#8884;--box:#8881}"
    "@media(prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#111;--soft:#999;--link:#8ab8f0}}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:1.5em auto;max-width:54em;padding:0 1em;"
    "color:var(--ink);background:var(--paper);overflow-wrap:anywhere}"
    "h1{font-size:1.5em;margin:.5em 0}h2{font-size:1.15em;margin-top:2em;"
    "border-bottom:1px solid var(--line)}h3{font-size:1em;font-weight:normal;margin:1.2em 0 0}"
    "a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}"
    "h2>a,h3>a.self{color:inherit}code{font:14px/1.5 monospace}"
    "pre{font:13px/1.5 monospace;overflow-x:auto;padding:.6em .8em;background:var(--box)}"
    "p{margin:.3em 0}.change{color:var(--soft);font-size:.9em}section:target{background:var(--box)}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.2em}dd{margin:0}"
    "footer{margin-top:3em;color:var(--soft);font-size:.85em}"
    "@media(max-width:40em){dl{display:block}dd{margin:0 0 .6em 1em}}";

struct page {
    const char *file;
    const char *text;
    size_t len;
};

struct book {
    struct session *s;
    struct arena *a;
    struct map types;             /* name -> const struct decl * */
    VEC(const char *) names;      /* of types, sorted */
    VEC(const char *) modules;    /* "std.network" */
    VEC(struct page) pages;
};

/* ---- text with links ------------------------------------------------------------ */

static bool of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

/* Where the page of a name is; NULL: it has none. */
static const char *page_of(const struct book *k, const char *name)
{
    return map_has(&k->types, name) ? arena_printf(k->a, "%s.html", name) : NULL;
}

/* The next piece of code as print.h writes it: a quoted text, a name or number, or one sign. */
static size_t piece(const char *p)
{
    if (*p == '"') {
        const char *q = p + 1;
        while (*q && *q != '"')
            q += *q == '\\' && q[1] ? 2 : 1;
        return (size_t)(q - p) + (*q == '"');
    }
    size_t n = 0;
    while (of_name(p[n]))
        n++;
    return n ? n : 1;
}

static void put_code(const struct book *k, struct buf *b, const char *text)
{
    for (size_t n; *text; text += n) {
        n = piece(text);
        const char *page = of_name(*text) ? page_of(k, arena_strndup(k->a, text, n)) : NULL;
        if (page)
            buf_printf(b, "<a href=\"%s\">%.*s</a>", page, (int)n, text);
        else
            html_put_n(b, text, n);
    }
}

/* Whether a type's text names `name`. */
static bool names_type(const char *text, const char *name)
{
    for (size_t n; *text; text += n) {
        n = piece(text);
        if (n == strlen(name) && !memcmp(text, name, n))
            return true;
    }
    return false;
}

/* Prose: what stands in `backticks` is code. */
static void put_prose(const struct book *k, struct buf *b, const char *doc)
{
    if (!doc)
        return;
    buf_puts(b, "<p>");
    for (const char *p = doc; *p; p++) {
        const char *end = *p == '`' ? strchr(p + 1, '`') : NULL;
        if (end) {
            buf_puts(b, "<code>");
            put_code(k, b, arena_strndup(k->a, p + 1, (size_t)(end - p - 1)));
            buf_puts(b, "</code>");
            p = end;
        } else if (p[0] == '\n' && p[1] == '\n') {
            buf_puts(b, "</p>\n<p>");
            p++;
        } else {
            html_put_n(b, p, 1);
        }
    }
    buf_puts(b, "</p>\n");
}

/* ---- pages ---------------------------------------------------------------------- */

static void begin(struct buf *b, struct arena *a, const char *title, bool index)
{
    buf_init(b, a);
    buf_puts(b, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    html_put(b, title);
    buf_printf(b, "</title>\n<style>%s</style>\n</head>\n<body>\n", style_sheet);
    if (!index)
        buf_puts(b, "<nav><a href=\"index.html\">The library of bgc</a></nav>\n");
    html_element(b, "h1", NULL, title);
}

static void finish(struct book *k, struct buf *b, const char *file)
{
    buf_puts(b, "<footer>bgc ");
    html_put(b, bgc_version());
    buf_puts(b, "</footer>\n</body>\n</html>\n");
    vec_push(k->a, &k->pages,
             (struct page){.file = file, .text = buf_text(b), .len = strlen(buf_text(b))});
}

static void heading(struct buf *b, const char *id, const char *text)
{
    buf_printf(b, "<h2 id=\"%s\"><a href=\"#%s\">", id, id);
    html_put(b, text);
    buf_puts(b, "</a></h2>\n");
}

/* One field, metric or parameter, with an address of its own. */
static void put_member(const struct book *k, struct buf *b, const char *id, const char *text,
                       const char *change, const char *doc)
{
    buf_printf(b, "<section id=\"%s\"><h3><a class=\"self\" href=\"#%s\">#</a> <code>", id, id);
    put_code(k, b, text);
    buf_puts(b, "</code></h3>\n");
    if (change)
        buf_puts(b, "<p class=\"change\">");
    html_put(b, change);
    if (change)
        buf_puts(b, "</p>\n");
    put_prose(k, b, doc);
    buf_puts(b, "</section>\n");
}

static void put_fields(const struct book *k, struct buf *b, const struct schema *schema, bool mine)
{
    bool any = false;
    for (size_t i = 0; i < schema->fields.n; i++) {
        const struct schema_field *f = &schema->fields.at[i];
        if (!(f->mods & (FIELD_ID | FIELD_LIVE | FIELD_QUERY)) != mine)
            continue;
        if (!any)
            heading(b, mine ? "-fields" : "-reads",
                    mine ? "Fields" : "What can be read, and asked for");
        any = true;
        put_member(k, b, f->name, doc_field_text(k->a, f->item), doc_change(k->a, f), f->item->doc);
    }
}

static void put_metrics(const struct book *k, struct buf *b, const struct schema *schema)
{
    if (schema->metrics.n)
        heading(b, "-metrics", "Metrics");
    for (size_t i = 0; i < schema->metrics.n; i++) {
        const struct schema_metric *m = &schema->metrics.at[i];
        put_member(k, b, arena_printf(k->a, "-metric-%s", m->name),
                   arena_printf(k->a, "%s: %s", m->name, type_text(k->a, m->type)),
                   arena_printf(k->a, "%s %s", m->ns, m->metric), m->item->doc);
    }
}

static void put_calls(const struct book *k, struct buf *b, const struct decl *decl)
{
    bool any = false;
    for (const struct type_item *i = decl->items; i; i = i->next) {
        const char *call = doc_call_text(k->a, i);
        if (!call)
            continue;
        if (!any) {
            heading(b, "-calls", "Calls");
            buf_puts(b, "<pre>");
        }
        any = true;
        html_put(b, call);
        buf_putc(b, '\n');
    }
    if (any)
        buf_puts(b, "</pre>\n");
}

/* The types that have a field of this one: where one goes from here. */
static void put_users(const struct book *k, struct buf *b, const char *name)
{
    bool any = false;
    for (size_t i = 0; i < k->names.n; i++) {
        const struct decl *d = map_find(&k->types, k->names.at[i]);
        for (const struct type_item *it = d->items; it; it = it->next) {
            struct buf type;
            buf_init(&type, k->a);
            if (it->kind != ITEM_FIELD || !it->type || !strcmp(name, k->names.at[i]))
                continue;
            print_type(&type, it->type);
            if (!names_type(buf_text(&type), name))
                continue;
            if (!any) {
                heading(b, "-used", "Used by");
                buf_puts(b, "<ul>\n");
            }
            any = true;
            buf_printf(b, "<li><a href=\"%s.html#%s\"><code>%s.%s</code></a></li>\n",
                       k->names.at[i], it->name.text, k->names.at[i], it->name.text);
        }
    }
    if (any)
        buf_puts(b, "</ul>\n");
}

static void put_example(const struct book *k, struct buf *b, const char *example)
{
    if (!example)
        return;
    heading(b, "-example", "Example");
    put_prose(k, b, DOC_EXAMPLE);
    buf_puts(b, "<pre>");
    put_code(k, b, example);
    buf_puts(b, "</pre>\n");
}

static void type_page(struct book *k, const char *name)
{
    const struct decl *decl = map_find(&k->types, name);
    struct buf b;
    begin(&b, k->a, name, false);
    put_prose(k, &b, decl->doc);
    const struct schema *schema = schema_find(&k->s->ss, name);
    if (schema) {
        put_fields(k, &b, schema, true);
        put_fields(k, &b, schema, false);
        put_metrics(k, &b, schema);
        put_calls(k, &b, decl);
    } else if (decl->type) {
        struct buf type;
        buf_init(&type, k->a);
        print_type(&type, decl->type);
        buf_puts(&b, "<pre>");
        put_code(k, &b, buf_text(&type));
        buf_puts(&b, "</pre>\n");
    } else {
        heading(&b, "-fields", "Fields");
        for (const struct type_item *it = decl->items; it; it = it->next)
            if (it->kind == ITEM_FIELD)
                put_member(k, &b, it->name.text, doc_field_text(k->a, it), NULL, it->doc);
    }
    put_example(k, &b, doc_example(k->s, name, decl));
    put_users(k, &b, name);
    finish(k, &b, arena_printf(k->a, "%s.html", name));
}

static void module_page(struct book *k, const char *path)
{
    const struct symbol *module = doc_module(k->s, path);
    const struct decl *d = module->decl;
    struct buf b;
    begin(&b, k->a, path, false);
    put_prose(k, &b, d->doc);
    if (d->params)
        heading(&b, "-parameters", "Parameters");
    for (const struct field_ast *f = d->params; f; f = f->next)
        put_member(k, &b, f->name.text, doc_parameter_text(k->a, f), NULL, f->doc);
    heading(&b, "-gives", "What it gives");
    for (const struct decl *o = d->body; o; o = o->next)
        if (o->kind == DECL_OUT)
            put_member(k, &b, arena_printf(k->a, "-out-%s", o->name.text), o->name.text, NULL,
                       o->doc);
    put_example(k, &b, doc_module_example(k->s, path, module));
    finish(k, &b, arena_printf(k->a, "%s.html", path));
}

static void functions_page(struct book *k)
{
    struct buf b;
    begin(&b, k->a, "Functions", false);
    size_t n;
    const struct native *all = native_all(&n);
    for (size_t i = 0; i < n; i++) {
        if (i && !strcmp(all[i].name, all[i - 1].name))
            continue;
        buf_printf(&b, "<section id=\"%s\">\n", all[i].name);
        for (const struct native *o = &all[i]; o; o = native_overload(o)) {
            buf_printf(&b, "<h3><a class=\"self\" href=\"#%s\">#</a> <code>", all[i].name);
            put_code(k, &b, doc_function_text(k->a, o));
            buf_puts(&b, "</code></h3>\n");
            put_prose(k, &b, o->doc);
            if (o->phase == PHASE_RUN)
                put_prose(k, &b, DOC_MEASURES);
            if (doc_function_example(o)) {
                buf_puts(&b, "<pre>");
                put_code(k, &b, doc_function_example(o));
                buf_puts(&b, "</pre>\n");
            }
        }
        buf_puts(&b, "</section>\n");
    }
    finish(k, &b, "functions.html");
}

static void put_entry(struct buf *b, const char *name, const char *line)
{
    buf_printf(b, "<dt><a href=\"%s.html\"><code>%s</code></a></dt><dd>", name, name);
    html_put(b, line);
    buf_puts(b, "</dd>\n");
}

static void index_page(struct book *k)
{
    struct buf b;
    begin(&b, k->a, "The library of bgc", true);
    const char *service = "";
    for (size_t i = 0; i < k->names.n; i++) {
        const char *name = k->names.at[i];
        const char *of = strchr(name, '.') ? arena_strndup(k->a, name, strcspn(name, ".")) : "everywhere";
        if (strcmp(of, service)) {
            buf_puts(&b, i ? "</dl>\n" : "");
            heading(&b, of, of);
            buf_puts(&b, "<dl>\n");
        }
        service = of;
        put_entry(&b, name, doc_type_line(k->a, map_find(&k->types, name)));
    }
    buf_puts(&b, k->names.n ? "</dl>\n" : "");
    heading(&b, "-modules", "Modules");
    buf_puts(&b, "<dl>\n");
    for (size_t i = 0; i < k->modules.n; i++)
        put_entry(&b, k->modules.at[i],
                  doc_sentence(k->a, doc_module(k->s, k->modules.at[i])->decl->doc));
    buf_puts(&b, "</dl>\n");
    heading(&b, "-functions", "Functions");
    buf_puts(&b, "<p>");
    size_t n;
    const struct native *all = native_all(&n);
    for (size_t i = 0; i < n; i++)
        if (!i || strcmp(all[i].name, all[i - 1].name))
            buf_printf(&b, "<a href=\"functions.html#%s\"><code>%s</code></a>\n", all[i].name,
                       all[i].name);
    buf_puts(&b, "</p>\n");
    finish(k, &b, "index.html");
}

static void find_modules(struct book *k)
{
    static const char below[] = "stdlib/std/", ending[] = ".bg";
    for (size_t i = 0; i < embedded_files_n; i++) {
        const char *path = embedded_files[i].path;
        size_t n = strlen(path);
        if (strncmp(path, below, strlen(below)) || n < strlen(below) + strlen(ending))
            continue;
        const char *name = arena_printf(k->a, "std.%.*s", (int)(n - strlen(below) - strlen(ending)),
                                        path + strlen(below));
        if (strcmp(name, "std.prelude") && doc_module(k->s, name))
            vec_push(k->a, &k->modules, name);
    }
}

static void write_book(struct book *k)
{
    map_init(&k->types, k->a);
    size_t n;
    const char *const *names = doc_types(k->s, &n);
    for (size_t i = 0; i < n; i++) {
        map_put(&k->types, names[i], (void *)(uintptr_t)doc_type(k->s, names[i]));
        vec_push(k->a, &k->names, names[i]);
    }
    find_modules(k);
    index_page(k);
    for (size_t i = 0; i < k->names.n; i++)
        type_page(k, k->names.at[i]);
    for (size_t i = 0; i < k->modules.n; i++)
        module_page(k, k->modules.at[i]);
    functions_page(k);
}

/* ---- the folder ----------------------------------------------------------------- */

static bool refuse(struct book *k, const char *dir, const char *why)
{
    struct diag *d = diag_error(&k->s->ds, "BG0912", NO_SPAN, "\"%s\" %s", dir, why);
    diag_help(&k->s->ds, d, "name a folder that is new, empty, or was written by `bgc doc --html`");
    return false;
}

/* Nothing of anybody else's is replaced: the folder is new, empty, or has the marker. */
static bool take_folder(struct book *k, const char *dir)
{
    if (!mkdir(dir, 0777))
        return true;
    if (errno != EEXIST)
        return refuse(k, dir, arena_printf(k->a, "cannot be made: %s", strerror(errno)));
    DIR *d = opendir(dir);
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    if (!d)
        return refuse(k, dir, errno == ENOTDIR ? "is no folder" : "cannot be read");
    bool mine = false, empty = true;
    for (struct dirent *e; (e = readdir(d));) {
        mine = mine || !strcmp(e->d_name, MARKER);
        empty = empty && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."));
    }
    closedir(d);
    return mine || empty || refuse(k, dir, "holds files that `bgc doc` has not written");
}

static bool is_page(const struct book *k, const char *file)
{
    for (size_t i = 0; i < k->pages.n; i++)
        if (!strcmp(k->pages.at[i].file, file))
            return true;
    return false;
}

/* Pages that the marker lists and that are none any more. Only what bgc can have named so:
 * a marker is a file that anybody can edit. */
static void stale_pages(const struct book *k, struct map *stale, const char *marker)
{
    const char *text, *error;
    size_t len;
    if (!file_read(k->a, marker, &text, &len, &error))
        return;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n"), plain = 0;
        while (plain < n && of_name(p[plain]))
            plain++;
        const char *file = arena_strndup(k->a, p, n);
        if (plain == n && n > 5 && *p != '.' && !strcmp(file + n - 5, ".html") && !is_page(k, file))
            map_put(stale, file, (void *)(uintptr_t)file);
        p += n + (p[n] == '\n');
    }
}

static bool put_file(struct book *k, const char *path, const char *text, size_t len)
{
    const char *error;
    if (file_write_atomic(k->a, path, text, len, 0, &error))
        return true;
    diag_error(&k->s->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
    return false;
}

static bool put_marker(struct book *k, const char *marker, const struct map *stale)
{
    struct buf b;
    buf_init(&b, k->a);
    for (size_t i = 0; i < k->pages.n; i++)
        buf_printf(&b, "%s\n", k->pages.at[i].file);
    for (size_t i = 0; stale && i < stale->n; i++)
        buf_printf(&b, "%s\n", stale->entries[i].key);
    return put_file(k, marker, buf_text(&b), strlen(buf_text(&b)));
}

/* The marker comes first, with what is still to be removed: whenever this is cut short, the next
 * run knows the folder and finishes it. */
static bool put_pages(struct book *k, const char *dir)
{
    const char *marker = path_join(k->a, dir, MARKER);
    struct map stale;
    map_init(&stale, k->a);
    stale_pages(k, &stale, marker);
    if (!put_marker(k, marker, &stale))
        return false;
    for (size_t i = 0; i < k->pages.n; i++) {
        const struct page *p = &k->pages.at[i];
        if (!put_file(k, path_join(k->a, dir, p->file), p->text, p->len))
            return false;
    }
    for (size_t i = 0; i < stale.n; i++)
        unlink(path_join(k->a, dir, stale.entries[i].key));
    return !stale.n || put_marker(k, marker, NULL);
}

bool doc_html(struct session *s, const char *dir)
{
    struct book k = {.s = s, .a = s->a};
    write_book(&k);
    if (s->ds.errors || !take_folder(&k, dir) || !put_pages(&k, dir))
        return false;
    struct buf shown;
    buf_init(&shown, s->a);
    buf_put_visible(&shown, path_join(s->a, dir, "index.html"));
    buf_printf(&s->out, "%zu pages: %s\n", k.pages.n, buf_text(&shown));
    return true;
}
