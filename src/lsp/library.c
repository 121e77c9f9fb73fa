#include "lsp/library.h"

#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/file.h"

static bool make_folders(struct arena *a, const char *path)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        mkdir(arena_strndup(a, path, (size_t)(slash - path)), 0755); /* or it is there */
    struct stat st;
    return !stat(path_dirname(a, path), &st) && S_ISDIR(st.st_mode);
}

static bool same(struct arena *a, const char *path, const struct embedded_file *e)
{
    const char *text, *error;
    size_t len;
    return file_read(a, path, &text, &len, &error) && len == e->len && !memcmp(text, e->text, len);
}

const char *library_file(struct arena *a, const char *dir, const char *name)
{
    const struct embedded_file *e = embed_find(name);
    if (!dir || !e)
        return NULL;
    const char *path = path_join(a, dir, name), *error;
    if (same(a, path, e))
        return path;
    return make_folders(a, path) && file_write_atomic(a, path, e->text, e->len, 0444, &error)
               ? path
               : NULL;
}

const char *library_name(const char *dir, const char *path)
{
    size_t n = dir ? strlen(dir) : 0;
    if (!n || strncmp(path, dir, n) != 0 || path[n] != '/')
        return NULL;
    return embed_find(path + n + 1) ? path + n + 1 : NULL;
}
