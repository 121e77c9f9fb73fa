#include "cli/spec.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "lang/scan.h"

static bool is_spec_name(const char *name)
{
    size_t n = strlen(name);
    return name[0] != '.' && n > 3 && !strcmp(name + n - 3, ".bg") &&
           !(n > 8 && !strcmp(name + n - 8, ".test.bg"));
}

static bool declares_stack(struct arena *a, const char *path)
{
    const char *text, *error;
    size_t len;
    return file_read(a, path, &text, &len, &error) && scan_declares_stack(text);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *const *spec_all(struct arena *a, const char *dir, size_t *n)
{
    DIR *d = opendir(dir);
    VEC(const char *) specs = {0};
    *n = 0;
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    if (!d)
        return NULL;
    for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
        const char *path =
            strcmp(dir, ".") != 0 ? path_join(a, dir, e->d_name) : arena_strdup(a, e->d_name);
        if (is_spec_name(e->d_name) && declares_stack(a, path))
            vec_push(a, &specs, path);
    }
    closedir(d);
    if (specs.n)
        qsort(specs.at, specs.n, sizeof *specs.at, by_name);
    *n = specs.n;
    return specs.n ? specs.at : arena_array(a, const char *, 1);
}

static const char *in_folder(struct arena *a, const char *dir, const char **error)
{
    size_t n;
    const char *const *specs = spec_all(a, dir, &n);
    if (!specs) {
        *error = arena_printf(a, "cannot read the folder %s", dir);
        return NULL;
    }
    if (n == 1)
        return specs[0];
    if (!n) {
        *error = arena_printf(a, "there is no .bg file with a `stack` in %s",
                              strcmp(dir, ".") != 0 ? dir : "this folder");
        return NULL;
    }
    *error = arena_printf(a, "%s and %s both declare a stack: say which one is meant", specs[0], specs[1]);
    return NULL;
}

/* A file of tests alone is no program: it belongs to the file that it tests. */
static const char *whole_of(struct arena *a, const char *path)
{
    size_t n = strlen(path);
    if (n <= 8 || strcmp(path + n - 8, ".test.bg") != 0 || declares_stack(a, path))
        return path;
    const char *tested = arena_printf(a, "%.*s.bg", (int)n - 8, path);
    return file_exists(tested) ? tested : path;
}

const char *spec_find(struct arena *a, const char *path, const char **error)
{
    struct stat st;
    if (!path)
        return in_folder(a, ".", error);
    if (!stat(path, &st) && S_ISDIR(st.st_mode))
        return in_folder(a, path, error);
    return whole_of(a, path);
}

bool spec_is(const char *arg)
{
    struct stat st;
    size_t n = strlen(arg);
    return (n > 3 && !strcmp(arg + n - 3, ".bg")) || (!stat(arg, &st) && S_ISDIR(st.st_mode));
}
