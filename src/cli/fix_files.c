#include "cli/fix_files.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/fix.h"

static bool is_spec(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && !strcmp(path + n - 3, ".bg") && strncmp(path, "std:", 4) != 0;
}

static void tell(struct context *c, const struct diag *d)
{
    struct render_place at;
    if (option_given(&c->opt, OPT_QUIET) || !render_place(&c->sources, d->span, &at))
        return;
    const char *line =
        arena_printf(c->session, "fixed %s:%u:%u: %s [%s]\n", at.path, at.start.line,
                     at.start.column, fix_certain(d)->title, d->code);
    if (c->format == RENDER_TEXT)
        buf_put_visible(&c->out, arena_strndup(c->session, line, strlen(line) - 1));
    else
        fputs(line, stderr);
    if (c->format == RENDER_TEXT)
        buf_putc(&c->out, '\n');
}

static bool refuse(struct context *c, const char *path, const char *why)
{
    struct diag *d = diag_error(&c->ds, "BG0910", NO_SPAN, "\"%s\" was not mended: %s", path, why);
    diag_help(&c->ds, d, "`bgc check` without --fix says what would be changed");
    return false;
}

/* The file is inside the program's folder, and still what was read. */
static bool may_write(struct context *c, const struct source *src)
{
    const char *error = NULL, *text;
    size_t len;
    const char *root = path_dirname(c->session, c->path), *path = src->path;
    size_t n = strlen(root);
    if (*path != '/' && !strncmp(path, root, n) && path[n] == '/')
        path += n + 1; /* paths are shown as seen from here */
    if (!path_inside(c->session, root, path, &error))
        return refuse(c, src->path, "it is outside the program's folder");
    if (!file_read(c->session, src->path, &text, &len, &error))
        return refuse(c, src->path, error);
    if (len != src->len || memcmp(text, src->text, len) != 0)
        return refuse(c, src->path, "it has changed since it was read");
    return true;
}

enum fix_outcome fix_files(struct context *c)
{
    bool wrote = false, refused = false;
    size_t n = c->sources.files.n; /* what is refused adds no file */
    for (uint32_t file = 1; file < n; file++) {
        const struct source *src = c->sources.files.at[file];
        const char *error = NULL;
        struct fixed out;
        if (!is_spec(src->path) || !fix_apply(c->session, &c->ds, file, &out))
            continue;
        if (!may_write(c, src)) {
            refused = true;
            continue;
        }
        if (!file_write_atomic(c->session, src->path, out.text, out.len, 0, &error)) {
            diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", src->path, error);
            refused = true;
            continue;
        }
        wrote = true;
        for (size_t i = 0; i < out.mended.n; i++)
            tell(c, out.mended.at[i]);
    }
    return refused ? FIX_REFUSED : wrote ? FIX_MORE : FIX_DONE;
}
