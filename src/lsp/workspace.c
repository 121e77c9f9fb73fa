#include "lsp/workspace.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lang/scan.h"
#include "lsp/library.h"
#include "lsp/uri.h"

enum { FOLDERS_UP = 3, SPECS_MAX = 16 };

/* ---- what a file is -------------------------------------------------- */

/* Whether it may import something. */
static bool imports(const char *text)
{
    for (const char *s = strstr(text, "use"); s; s = strstr(s + 3, "use"))
        if ((s[3] == ' ' || s[3] == '\t') && s[3 + strspn(s + 3, " \t")] == '"')
            return true;
    return false;
}

/* Whether a file is the root of a program, and, when asked for, imports others. */
static bool is_program(const struct workspace *ws, struct arena *a, const char *path, bool importing)
{
    const struct document *d = documents_at(&ws->documents, path);
    const char *text = d ? d->text : NULL, *error;
    size_t len;
    if (!d && !file_read(a, path, &text, &len, &error))
        return false;
    return scan_declares_stack(text) && (!importing || imports(text));
}

/* The folder above env/ when `path` is of a file env/NAME.bg; NULL. */
static const char *above_env(struct arena *a, const char *path)
{
    const char *dir = path_dirname(a, path);
    return !strcmp(path_basename(dir), "env") ? path_dirname(a, dir) : NULL;
}

/* shop.bg for shop.test.bg, which holds its tests; NULL. */
static const char *tested_by(struct arena *a, const char *path)
{
    size_t n = strlen(path);
    if (n < 9 || strcmp(path + n - 8, ".test.bg") != 0)
        return NULL;
    return arena_printf(a, "%.*s.bg", (int)n - 8, path);
}

static bool includes(const struct analysis *an, const char *path)
{
    return an->name ? !strcmp(an->root, path) : !strcmp(an->root, path) || analysis_file(an, path);
}

/* ---- programs -------------------------------------------------------- */

static struct analysis *program_at(struct workspace *ws, const char *path, const char *name)
{
    struct analysis **last = &ws->analyses;
    for (; *last; last = &(*last)->next)
        if (!strcmp((*last)->root, path))
            return *last;
    *last = analysis_new(path, name, &ws->documents, ws->client.encoding);
    return *last;
}

static json_int_t at_of(const json_t *diagnostic, const char *member)
{
    const json_t *start = json_object_get(json_object_get(diagnostic, "range"), "start");
    return json_integer_value(json_object_get(start, member));
}

static const char *word_of(const json_t *diagnostic, const char *member)
{
    const char *s = json_string_value(json_object_get(diagnostic, member));
    return s ? s : "";
}

static int by_place(const void *x, const void *y)
{
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    json_int_t line = at_of(a, "line") - at_of(b, "line");
    json_int_t column = at_of(a, "character") - at_of(b, "character");
    int code = strcmp(word_of(a, "code"), word_of(b, "code"));
    if (line || column)
        return (line ? line : column) < 0 ? -1 : 1;
    return code ? code : strcmp(word_of(a, "message"), word_of(b, "message"));
}

/* In the order of the text: which program was compiled first is nobody's business. */
static json_t *in_order(json_t *all)
{
    size_t n = json_array_size(all);
    struct arena *a = arena_new("order");
    json_t **at = arena_array(a, json_t *, n + 1), *out = json_array();
    for (size_t i = 0; i < n; i++)
        at[i] = json_array_get(all, i);
    qsort(at, n, sizeof *at, by_place);
    for (size_t i = 0; i < n; i++)
        json_array_append(out, at[i]);
    arena_free(a);
    json_decref(all);
    return out;
}

/* Of all programs that the document is in. */
static void publish(struct workspace *ws, const char *uri)
{
    json_t *all = json_array();
    for (const struct analysis *an = ws->analyses; an; an = an->next) {
        const json_t *own = json_object_get(an->reports, uri);
        json_t *one;
        size_t i;
        json_array_foreach(own, i, one)
        {
            bool have = false;
            for (size_t k = 0; k < json_array_size(all) && !have; k++)
                have = json_equal(json_array_get(all, k), one);
            if (!have)
                json_array_append(all, one);
        }
    }
    ws->publish(ws->self, uri, in_order(all));
}

/* Publishes where the new reports differ from the old. `making`: say also that
 * a document has no errors, for editors that wait for it. */
static void replace_reports(struct workspace *ws, struct analysis *an, json_t *now)
{
    json_t *old = an->reports;
    const char *uri;
    json_t *list;
    an->reports = now;
    json_object_foreach(old, uri, list)
        if (!json_object_get(now, uri) && json_array_size(list))
            publish(ws, uri);
    json_object_foreach(now, uri, list)
        if (!json_object_get(old, uri) || !json_equal(json_object_get(old, uri), list))
            publish(ws, uri);
    json_decref(old);
}

static void drop(struct workspace *ws, struct analysis *an)
{
    for (struct analysis **at = &ws->analyses; *at; at = &(*at)->next)
        if (*at == an) {
            *at = an->next;
            break;
        }
    for (struct document *d = ws->documents.first; d; d = d->next)
        if (d->home == an)
            d->home = NULL;
    json_t *old = json_incref(an->reports);
    analysis_free(an);
    const char *uri;
    json_t *list;
    json_object_foreach(old, uri, list)
        if (json_array_size(list))
            publish(ws, uri);
    json_decref(old);
}

/* ---- homes ----------------------------------------------------------- */

/* The program in `dir` that includes `path` (or, `any`, the only one there). */
static struct analysis *program_in(struct workspace *ws, struct arena *a, const char *dir,
                                   const char *path, bool any)
{
    VEC(const char *) specs = {0};
    DIR *folder = opendir(dir);
    if (!folder)
        return NULL;
    for (const struct dirent *e = readdir(folder); e && specs.n < SPECS_MAX; e = readdir(folder)) {
        size_t n = strlen(e->d_name);
        const char *spec = path_join(a, dir, e->d_name);
        if (n > 3 && !strcmp(e->d_name + n - 3, ".bg") && strcmp(spec, path) != 0 &&
            is_program(ws, a, spec, !any))
            vec_push(a, &specs, spec);
    }
    closedir(folder);
    for (size_t i = 0; i < specs.n; i++) {
        struct analysis *an = program_at(ws, specs.at[i], NULL);
        analysis_make(an);
        if (any ? specs.n == 1 : includes(an, path))
            return an;
    }
    return NULL;
}

/* Whether the folder above is still one that the editor has opened. */
static bool above_is_ours(const struct workspace *ws, const char *dir)
{
    for (size_t i = 0; i < json_array_size(ws->folders); i++) {
        const char *folder = json_string_value(json_array_get(ws->folders, i));
        size_t n = strlen(folder);
        if (!strncmp(dir, folder, n) && dir[n] == '/')
            return true;
    }
    return false;
}

static struct analysis *importer(struct workspace *ws, struct arena *a, const char *path)
{
    for (struct analysis *an = ws->analyses; an; an = an->next)
        if (strcmp(an->root, path) != 0 && an->program && includes(an, path))
            return an;
    if (*path != '/')
        return NULL;
    const char *dir = path_dirname(a, path);
    for (int up = 0; up <= FOLDERS_UP; up++, dir = path_dirname(a, dir)) {
        struct analysis *an = program_in(ws, a, dir, path, false);
        if (an || !above_is_ours(ws, dir))
            return an;
    }
    return NULL;
}

static int by_root(const void *x, const void *y)
{
    return strcmp((*(struct analysis *const *)x)->root, (*(struct analysis *const *)y)->root);
}

struct analysis **workspace_importers(struct workspace *ws, struct arena *a, const char *path, size_t *n)
{
    VEC(struct analysis *) found = {0};
    const char *dir = path_dirname(a, path);
    for (int up = 0; *path == '/' && up <= FOLDERS_UP; up++, dir = path_dirname(a, dir)) {
        DIR *folder = opendir(dir);
        for (const struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
            size_t len = strlen(e->d_name);
            const char *spec = path_join(a, dir, e->d_name);
            if (len > 3 && !strcmp(e->d_name + len - 3, ".bg") && is_program(ws, a, spec, true))
                program_at(ws, spec, NULL);
        }
        if (folder)
            closedir(folder);
        if (!above_is_ours(ws, dir))
            break;
    }
    for (struct analysis *an = ws->analyses; an; an = an->next) {
        if (an->name)
            continue;
        analysis_make(an);
        if (an->program && includes(an, path))
            vec_push(a, &found, an);
    }
    if (found.n)
        qsort(found.at, found.n, sizeof *found.at, by_root);
    *n = found.n;
    return found.at;
}

static void find_home(struct workspace *ws, struct document *d)
{
    struct arena *a = arena_new("home");
    const char *own = library_name(ws->library, d->path), *above = above_env(a, d->path);
    const char *tested = tested_by(a, d->path);
    d->home = NULL;
    if (own && !strncmp(own, "stdlib/", 7))
        d->home = program_at(ws, d->path, own + 7);
    else if (scan_declares_stack(d->text))
        d->home = program_at(ws, d->path, NULL);
    else if (above)
        d->home = program_in(ws, a, above, d->path, true);
    else if (tested && (file_exists(tested) || documents_at(&ws->documents, tested)))
        d->home = program_at(ws, tested, NULL);
    if (!d->home)
        d->home = importer(ws, a, d->path);
    if (!d->home)
        d->home = program_at(ws, d->path, NULL);
    arena_free(a);
}

/* Whether a document is still where it belongs. */
static bool at_home(const struct document *d)
{
    if (!d->home)
        return false;
    bool own = !strcmp(d->home->root, d->path);
    if (d->home->name || scan_declares_stack(d->text))
        return own;
    return d->home->program && (own || includes(d->home, d->path));
}

static bool has_documents(const struct workspace *ws, const struct analysis *an)
{
    for (const struct document *d = ws->documents.first; d; d = d->next)
        if (d->home == an)
            return true;
    return false;
}

/* ---- changes --------------------------------------------------------- */

void workspace_changed(struct workspace *ws, const struct document *d)
{
    for (struct analysis *an = ws->analyses; an; an = an->next)
        if (an == d->home || !an->program || includes(an, d->path))
            an->fresh = false;
}

void workspace_stale(struct workspace *ws)
{
    for (struct analysis *an = ws->analyses; an; an = an->next)
        an->fresh = false;
}

void workspace_open(struct workspace *ws, const char *uri, const char *text, size_t len,
                    int64_t version)
{
    struct arena *a = arena_new("open");
    documents_open(&ws->documents, uri, uri_path(a, uri), text, len, version);
    arena_free(a);
    workspace_stale(ws); /* an import of it may have failed until now */
}

void workspace_close(struct workspace *ws, struct document *d)
{
    documents_close(&ws->documents, d);
    workspace_stale(ws); /* what is on the disk counts again */
}

struct analysis *workspace_program(struct workspace *ws, struct document *d, uint32_t *file)
{
    if (!d->home)
        find_home(ws, d);
    analysis_make(d->home);
    *file = analysis_file(d->home, d->path);
    if (!*file) { /* it is imported no more */
        find_home(ws, d);
        analysis_make(d->home);
        *file = analysis_file(d->home, d->path);
    }
    return d->home;
}

void workspace_settle(struct workspace *ws)
{
    for (struct document *d = ws->documents.first; d; d = d->next) {
        if (!d->home)
            find_home(ws, d);
        analysis_make(d->home);
    }
    /* An import that was added or removed moves documents to another home. */
    for (struct document *d = ws->documents.first; d; d = d->next) {
        bool alone = !strcmp(d->home->root, d->path) && !scan_declares_stack(d->text);
        struct analysis *better = NULL;
        for (struct analysis *an = ws->analyses; alone && !d->home->name && an; an = an->next)
            if (an != d->home && an->fresh && includes(an, d->path))
                better = an;
        if (better)
            d->home = better;
        else if (!at_home(d))
            find_home(ws, d);
        analysis_make(d->home);
    }
    for (struct analysis *an = ws->analyses, *next; an; an = next) {
        next = an->next;
        if (!has_documents(ws, an))
            drop(ws, an);
    }
    for (struct analysis *an = ws->analyses; an; an = an->next)
        if (!an->name && !an->reported) {
            an->reported = true;
            replace_reports(ws, an, report_make(ws, an));
        }
}

bool workspace_lint_waits(const struct workspace *ws)
{
    for (const struct analysis *an = ws->analyses; an; an = an->next)
        if (an->fresh && !an->linted && !an->name)
            return true;
    return false;
}

void workspace_lint(struct workspace *ws)
{
    for (struct analysis *an = ws->analyses; an; an = an->next)
        if (analysis_lint(an))
            replace_reports(ws, an, report_make(ws, an));
}

void workspace_free(struct workspace *ws)
{
    while (ws->analyses) {
        struct analysis *next = ws->analyses->next;
        analysis_free(ws->analyses);
        ws->analyses = next;
    }
    documents_free(&ws->documents);
    json_decref(ws->folders);
}

/* ---- addresses ------------------------------------------------------- */

const char *workspace_uri(const struct workspace *ws, struct arena *a, const struct analysis *an,
                          uint32_t file)
{
    const struct source *src = sources_find(&an->sources, (struct span){file, 0, 0});
    if (!src)
        return NULL;
    if (!strncmp(src->path, "std:", 4)) {
        const char *path =
            library_file(a, ws->library, arena_printf(a, "stdlib/%s", src->path + 4));
        const struct document *open = path ? documents_at(&ws->documents, path) : NULL;
        return open ? open->uri : path ? uri_of_path(a, path) : NULL;
    }
    const struct document *d = documents_at(&ws->documents, src->path);
    return d ? d->uri : *src->path == '/' ? uri_of_path(a, src->path) : NULL;
}
