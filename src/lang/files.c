#include "lang/files.h"

#include <string.h>

#include "base/embed.h"
#include "base/file.h"
#include "lang/remote.h"

struct text { /* what program->texts holds */
    uint32_t file;
};

const char *files_dir(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return "";
    return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

const char *files_normalize(struct arena *a, const char *path)
{
    VEC(const char *) parts = {0};
    for (const char *s = path; *s;) {
        size_t n = strcspn(s, "/");
        if (n == 2 && !strncmp(s, "..", 2)) {
            if (!parts.n)
                return NULL;
            parts.n--;
        } else if (n && !(n == 1 && *s == '.')) {
            vec_push(a, &parts, arena_strndup(a, s, n));
        }
        s += n + (s[n] == '/');
    }
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < parts.n; i++) {
        if (i)
            buf_putc(&b, '/');
        buf_puts(&b, parts.at[i]);
    }
    return buf_text(&b);
}

const char *files_resolve(struct program *p, struct span at, const char *from_dir,
                          const char *relative)
{
    if (relative[0] == '/') {
        struct diag *d = diag_error(p->ds, "BG0102", at, "a path must be relative");
        diag_at(p->ds, d, "starts at the root of the machine");
        diag_help(p->ds, d, "write it relative to this file, for example \"./%s\"",
                  strrchr(relative, '/') + 1);
        return NULL;
    }
    const char *joined = *from_dir ? arena_printf(p->arena, "%s/%s", from_dir, relative) : relative;
    const char *path = files_normalize(p->arena, joined);
    if (!path || !*path) {
        struct diag *d = diag_error(p->ds, "BG0102", at, "\"%s\" is outside the program's folder",
                                    relative);
        diag_note(p->ds, d, "a program reads nothing outside the folder of its root file");
        diag_help(p->ds, d, "move the file into that folder");
        return NULL;
    }
    return path;
}

static const char *on_disk(struct program *p, const char *path)
{
    return *p->root_dir ? arena_printf(p->arena, "%s/%s", p->root_dir, path) : path;
}

static const struct source *add(struct program *p, const char *key, const char *shown,
                                const char *text, size_t len, uint32_t *file)
{
    struct text *t = arena_make(p->arena, struct text);
    t->file = sources_add(p->ds->sources, shown, text, len);
    map_put(&p->texts, key, t);
    *file = t->file;
    return p->ds->sources->files.at[t->file];
}

static const struct source *have(struct program *p, const char *key, uint32_t *file)
{
    const struct text *t = map_find(&p->texts, key);
    if (!t)
        return NULL;
    *file = t->file;
    return p->ds->sources->files.at[t->file];
}

/* What an editor holds instead of a file; NULL. */
static const char *overlaid(const struct program *p, const char *path, size_t *len)
{
    return p->overlay ? p->overlay->text(p->overlay->self, path, len) : NULL;
}

const struct source *files_read(struct program *p, struct span at, const char *path, uint32_t *file)
{
    const struct source *old = have(p, path, file);
    if (old)
        return old;
    size_t len = 0;
    const char *error = NULL, *text = overlaid(p, on_disk(p, path), &len);
    if (text)
        return add(p, path, on_disk(p, path), text, len, file);
    const char *root = *p->root_dir ? p->root_dir : ".";
    if (!path_inside(p->arena, root, path, &error) && file_exists(on_disk(p, path))) {
        struct diag *d = diag_error(p->ds, "BG0102", at, "\"%s\" is outside the program's folder",
                                    path);
        diag_note(p->ds, d, "it is a link to somewhere else");
        return NULL;
    }
    if (!file_read_inside(p->arena, root, path, &text, &len, &error)) {
        diag_error(p->ds, "BG0101", at, "cannot read \"%s\": %s", path, error);
        return NULL;
    }
    return add(p, path, on_disk(p, path), text, len, file);
}

bool files_has(struct program *p, const char *path)
{
    size_t len;
    return overlaid(p, on_disk(p, path), &len) || file_exists(on_disk(p, path));
}

const struct source *files_read_root(struct program *p, uint32_t *file)
{
    size_t len = 0;
    const char *error = NULL, *text = overlaid(p, p->root_path, &len);
    if (!text && !file_read(p->arena, p->root_path, &text, &len, &error)) {
        diag_error(p->ds, "BG0101", NO_SPAN, "cannot read \"%s\": %s", p->root_path, error);
        return NULL;
    }
    const char *slash = strrchr(p->root_path, '/');
    return add(p, slash ? slash + 1 : p->root_path, p->root_path, text, len, file);
}

const struct source *files_read_std(struct program *p, const char *name, uint32_t *file)
{
    const char *shown = arena_printf(p->arena, "std:%s", name);
    const struct source *old = have(p, shown, file);
    if (old)
        return old;
    const struct embedded_file *e = embed_find(arena_printf(p->arena, "stdlib/%s", name));
    return e ? add(p, shown, shown, e->text, e->len, file) : NULL;
}

const char *program_read(struct program *p, struct span at, const char *relative, size_t *len,
                         uint32_t *file)
{
    if (remote_origin(p, at)) {
        struct diag *d = diag_error(p->ds, "BG0102", at, "a module from elsewhere reads no file of "
                                    "this program");
        diag_note(p->ds, d, "it was copied from `%s`", remote_origin(p, at));
        diag_help(p->ds, d, "give it the text as a parameter: `boot = file(\"boot.sh\")`");
        return NULL;
    }
    const char *path = files_resolve(p, at, "", relative);
    uint32_t number = 0;
    const struct source *src = path ? files_read(p, at, path, &number) : NULL;
    if (!src)
        return NULL;
    if (len)
        *len = src->len;
    if (file)
        *file = number;
    return src->text;
}

/* ---- bgc.lock -------------------------------------------------------- */

static size_t skip_blank(const char *s, size_t i, size_t end)
{
    while (i < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r'))
        i++;
    return i;
}

/* address = "id"  # comment. NULL: it is no such line. */
static const char *pin_line(struct arena *a, const char *s, size_t i, size_t end, size_t *id_at,
                            const char **id)
{
    size_t from = i;
    bool quoted = false;
    while (i < end && (quoted || (s[i] != '=' && s[i] != ' ' && s[i] != '\t' && s[i] != '#'))) {
        quoted ^= s[i] == '"';
        i++;
    }
    if (i == from || quoted)
        return NULL;
    const char *address = arena_strndup(a, s + from, i - from);
    i = skip_blank(s, i, end);
    if (i == end || s[i++] != '=')
        return NULL;
    i = skip_blank(s, i, end);
    if (i == end || s[i++] != '"')
        return NULL;
    *id_at = i;
    while (i < end && s[i] != '"' && s[i] != '\\')
        i++;
    if (i == end || s[i] != '"' || i == *id_at)
        return NULL;
    *id = arena_strndup(a, s + *id_at, i - *id_at);
    i = skip_blank(s, i + 1, end);
    return i == end || s[i] == '#' ? address : NULL;
}

static void read_pins(struct program *p)
{
    p->pins = arena_make(p->arena, struct map);
    p->pin_spans = arena_make(p->arena, struct map);
    map_init(p->pins, p->arena);
    map_init(p->pin_spans, p->arena);
    uint32_t file = 0;
    if (!p->root_path || !file_exists(on_disk(p, "bgc.lock")))
        return;
    const struct source *src = files_read(p, NO_SPAN, "bgc.lock", &file);
    if (!src)
        return;
    for (size_t at = 0; at < src->len;) {
        const char *nl = memchr(src->text + at, '\n', src->len - at);
        size_t end = nl ? (size_t)(nl - src->text) : src->len;
        size_t i = skip_blank(src->text, at, end), id_at = 0;
        struct span line = {file, (uint32_t)i, (uint32_t)end};
        const char *id = NULL;
        if (i < end && src->text[i] != '#') {
            const char *address = pin_line(p->arena, src->text, i, end, &id_at, &id);
            struct span *span = arena_make(p->arena, struct span);
            if (!address) {
                struct diag *d = diag_error(p->ds, "BG0108", line, "this line is no pin");
                diag_help(p->ds, d, "a pin is written: address = \"id\"  # comment");
            } else if (map_has(p->pins, address)) {
                struct diag *d = diag_error(p->ds, "BG0108", line, "`%s` is pinned twice", address);
                diag_label(p->ds, d, *(struct span *)map_find(p->pin_spans, address), "first here");
            } else {
                *span = (struct span){file, (uint32_t)id_at, (uint32_t)(id_at + strlen(id))};
                map_put(p->pins, address, (void *)(uintptr_t)id);
                map_put(p->pin_spans, address, span);
            }
        }
        at = end + 1;
    }
}

struct map *program_pins(struct program *p)
{
    if (!p->pins)
        read_pins(p);
    return p->pins;
}

struct span program_pin_span(struct program *p, const char *address)
{
    program_pins(p);
    const struct span *s = map_find(p->pin_spans, address);
    return s ? *s : NO_SPAN;
}
