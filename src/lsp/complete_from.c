/* Completion of what stands in no declaration: the findings that `allow` may name, and
 * the files that `use` may import. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/file.h"
#include "lsp/offers.h"

enum { FILES_MOST = 300, FOLDERS_DEEP = 4 };

/* ---- allow ------------------------------------------------------------ */

static bool before_is(const struct spot *s, size_t back, const char *word)
{
    return s->at >= back && token_is(s->t[s->at - back], word);
}

/* The first line of a page without its code, and its first paragraph. */
static void read_page(struct arena *a, const char *text, const char **title, const char **about)
{
    const char *colon = strchr(text, ':'), *end = strchr(text, '\n');
    const char *from = end ? end + strspn(end, "\n") : "";
    const char *to = strstr(from, "\n\n");
    *title = colon && end && colon < end ? arena_strndup(a, colon + 2, (size_t)(end - colon - 2)) : "";
    *about = arena_strndup(a, from, to ? (size_t)(to - from) : strlen(from));
}

/* The type of the resource that the cursor stands behind; NULL. */
static const struct decl *type_before(const struct spot *s)
{
    const struct source *src = sources_find(&s->r->an->sources, (struct span){s->r->file, 0, 0});
    size_t i = spot_frame(s)->item;
    while (i < s->at && !token_mark(s->t[i], src, ":"))
        i++;
    size_t to = ++i;
    while (to < s->at && (s->t[to].kind == SCAN_WORD || token_mark(s->t[to], src, ".")))
        to++;
    return to > i && to < s->at ? type_decl_find(s->r->an->program, s->scope, spot_text(s, i, to)) : NULL;
}

/* Whether it can be found in such a declaration. While `allow` is being typed nothing is
 * found at all: the text has an error. */
static bool fits_here(const struct spot *s, const struct decl *type, const char *code)
{
    static const char *const of_words[][2] = {{"rollout", "BG7010"}, {"use", "BG7005"}};
    for (size_t i = 0; i < sizeof of_words / sizeof *of_words; i++)
        if (token_is(spot_lead(s, 0), of_words[i][0]))
            return !strcmp(of_words[i][1], code);
    for (const struct type_item *i = type ? type->items : NULL; i; i = i->next)
        if (i->kind == ITEM_LINT && i->name.text && !strcmp(i->name.text, code))
            return true;
    return false;
}

static void offer_findings(struct offers *o)
{
    static const char dir[] = "docs/errors/BG7";
    struct arena *a = o->s->r->a;
    const struct decl *type = type_before(o->s);
    bool reason = false;
    for (size_t i = o->s->at; i < o->s->n && o->s->t[i].kind != SCAN_NEWLINE; i++)
        reason = reason || token_is(o->s->t[i], "because");
    for (size_t i = 0; i < embedded_files_n; i++) {
        const struct embedded_file *f = &embedded_files[i];
        const char *title, *about;
        if (strncmp(f->path, dir, sizeof dir - 1) != 0)
            continue;
        const char *code = arena_strndup(a, f->path + sizeof dir - 4, 6);
        read_page(a, f->text, &title, &about);
        offer(o, &(struct offer){
                     .label = code,
                     .kind = ITEM_KIND_EVENT,
                     .detail = title,
                     .doc = about,
                     .insert = reason ? code : arena_printf(a, "%s because \"\"", code),
                     .snippet = reason ? NULL : arena_printf(a, "%s because \"$0\"", code),
                     .rank = fits_here(o->s, type, code) ? RANK_WANTED : RANK_FITS});
    }
}

bool offer_allow(struct offers *o)
{
    enum body body = spot_frame(o->s)->body;
    if (body != BODY_ROOT && body != BODY_SHARED && body != BODY_WORLD && body != BODY_MODULE)
        return false;
    if (before_is(o->s, 1, "allow"))
        offer_findings(o);
    else if (before_is(o->s, 2, "allow"))
        offer(o, &(struct offer){.label = "because",
                                 .kind = ITEM_KIND_KEYWORD,
                                 .insert = "because \"\"",
                                 .snippet = "because \"$0\"",
                                 .rank = RANK_WANTED});
    else
        return false;
    return true;
}

/* ---- use -------------------------------------------------------------- */

struct listing {
    struct request *r;
    VEC(const char *) files; /* from the program's folder on */
};

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

/* What has a `stack` is a program and imported by none. */
static bool can_be_imported(const struct listing *l, const char *path)
{
    const struct document *d = documents_at(&l->r->ws->documents, path);
    const char *text = d ? d->text : NULL, *error;
    size_t len;
    if (!d && !file_read(l->r->a, path, &text, &len, &error))
        return false;
    return !scan_declares_stack(text);
}

/* Files of env/ hold values of inputs, those of vendor/ are imported by their address. */
static void list_folder(struct listing *l, const char *dir, const char *shown, int depth)
{
    DIR *folder = opendir(dir);
    if (!folder)
        return;
    for (const struct dirent *e = readdir(folder); e && l->files.n < FILES_MOST; e = readdir(folder)) {
        const char *path = path_join(l->r->a, dir, e->d_name);
        const char *name = *shown ? arena_printf(l->r->a, "%s/%s", shown, e->d_name) : arena_strdup(l->r->a, e->d_name);
        if (e->d_name[0] == '.')
            continue;
        if (ends_with(name, ".bg")) {
            if (!ends_with(name, ".test.bg") && strcmp(path, l->r->doc->path) != 0 && can_be_imported(l, path))
                vec_push(l->r->a, &l->files, name);
        } else if (depth < FOLDERS_DEEP && strcmp(name, "env") != 0 && strcmp(name, "vendor") != 0) {
            list_folder(l, path, name, depth + 1); /* of what is no folder nothing is listed */
        }
    }
    closedir(folder);
}

/* The way from the folder of the document to a file of the program. */
static const char *relative(struct arena *a, const char *from_dir, const char *file)
{
    const char *dir = from_dir, *up = "";
    for (;;) {
        size_t n = strlen(dir);
        if (!n)
            break;
        if (!strncmp(file, dir, n) && file[n] == '/') {
            file += n + 1;
            break;
        }
        up = arena_printf(a, "../%s", up);
        const char *slash = strrchr(dir, '/');
        dir = slash ? arena_strndup(a, dir, (size_t)(slash - dir)) : "";
    }
    return *up ? arena_printf(a, "%s%s", up, file) : arena_printf(a, "./%s", file);
}

/* A name for what is imported: that of its file. */
static const char *name_of(struct arena *a, const char *path)
{
    const char *base = path_basename(path);
    char *name = arena_strndup(a, base, strlen(base) - strlen(".bg"));
    for (char *c = name; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9'))
            *c = '_';
    return name;
}

static void offer_files(struct offers *o)
{
    struct request *r = o->s->r;
    struct listing l = {.r = r};
    const char *root = r->an->program->root_dir, *path = r->doc->path;
    size_t n = strlen(root);
    if (*path != '/' || strncmp(path, root, n) != 0 || path[n] != '/')
        return;
    list_folder(&l, root, "", 0);
    if (l.files.n)
        qsort(l.files.at, l.files.n, sizeof *l.files.at, by_name);
    const char *inside = path + n + 1, *slash = strrchr(inside, '/');
    const char *from = slash ? arena_strndup(r->a, inside, (size_t)(slash - inside)) : "";
    for (size_t i = 0; i < l.files.n; i++) {
        const char *to = relative(r->a, from, l.files.at[i]);
        const char *whole = arena_printf(r->a, "\"%s\" = %s", to, name_of(r->a, to));
        offer(o, &(struct offer){.label = to,
                                 .kind = ITEM_KIND_FILE,
                                 .insert = o->s->in_text ? to : whole,
                                 .rank = RANK_FITS});
    }
}

static void offer_modules(struct offers *o)
{
    size_t path = spot_path(o->s, o->s->at);
    if (path <= spot_frame(o->s)->item) /* `use` itself */
        path = spot_frame(o->s)->item + 1;
    if (path < o->s->at)
        o->start = o->s->t[path].span.start;
    for (size_t i = 0; i < embedded_files_n; i++) {
        const char *f = embedded_files[i].path;
        size_t n = strlen(f);
        if (!strncmp(f, "stdlib/std/", 11) && !strstr(f, "prelude"))
            offer(o, &(struct offer){
                         .label = arena_printf(o->s->r->a, "std.%.*s", (int)(n - 14), f + 11),
                         .kind = ITEM_KIND_MODULE,
                         .rank = RANK_WANTED});
    }
}

bool offer_imports(struct offers *o)
{
    const struct spot *s = o->s;
    if (spot_frame(s)->body != BODY_ROOT || !spot_leads(s) || !token_is(spot_lead(s, 0), "use") ||
        s->t[s->at - 1].kind == SCAN_STRING)
        return false;
    if (s->in_text) {
        offer_files(o);
        return true;
    }
    offer_modules(o);
    if (spot_leads(s) == 1)
        offer_files(o);
    return true;
}
