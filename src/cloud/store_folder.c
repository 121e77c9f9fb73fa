/* Objects as files, for one person. Compare-and-swap under an fcntl lock on the
 * folder's own lock file. The first line of a file is its generation, which is
 * the etag; generations are never reused within a folder. */
#include "cloud/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct folder {
    const char *path;
};

/* Keys hold slashes, which become folders. */
static const char *file_of(const struct folder *f, struct arena *a, const char *key)
{
    return arena_printf(a, "%s/%s", f->path, key);
}

/* -1 and *why when the folder cannot be locked; else a descriptor to close. */
static int lock_folder(const struct folder *f, struct arena *a, const char **why)
{
    if (!make_dirs(a, f->path, 0700, why))
        return -1;
    const char *path = arena_printf(a, "%s/.lock", f->path);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fd < 0 || fcntl(fd, F_OFD_SETLKW, &fl)) {
        *why = arena_printf(a, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static enum store_result read_object(const struct folder *f, struct arena *a, const char *key,
                                     const char **text, const char **etag, const char **why)
{
    const char *path = file_of(f, a, key);
    if (access(path, F_OK))
        return errno == ENOENT || errno == ENOTDIR ? STORE_ABSENT
                                                   : (*why = strerror(errno), STORE_FAILED);
    const char *whole;
    size_t len;
    if (!file_read(a, path, &whole, &len, why))
        return STORE_FAILED;
    const char *nl = memchr(whole, '\n', len);
    if (!nl || nl == whole || strspn(whole, "0123456789") != (size_t)(nl - whole)) {
        *why = arena_printf(a, "%s is damaged: its first line is no generation number", path);
        return STORE_FAILED;
    }
    *etag = arena_strndup(a, whole, (size_t)(nl - whole));
    *text = nl + 1;
    return STORE_OK;
}

static enum store_result dir_get(void *self, struct arena *a, const char *key, const char **text,
                                 const char **etag, const char **why)
{
    return read_object(self, a, key, text, etag, why);
}

static long long newest_generation(const struct folder *f, struct arena *a)
{
    const char *text, *why;
    size_t len;
    return file_read(a, arena_printf(a, "%s/.generation", f->path), &text, &len, &why)
               ? strtoll(text, NULL, 10)
               : 0;
}

static enum store_result dir_put(void *self, struct arena *a, const char *key, const char *text,
                                 const char *etag, const char **new_etag, const char **why)
{
    const struct folder *f = self;
    int fd = lock_folder(f, a, why);
    if (fd < 0)
        return STORE_FAILED;
    const char *old, *old_tag = NULL;
    enum store_result r = read_object(f, a, key, &old, &old_tag, why);
    if (r == STORE_FAILED) {
        close(fd);
        return r;
    }
    bool match = etag ? r == STORE_OK && !strcmp(etag, old_tag) : r == STORE_ABSENT;
    r = STORE_CONFLICT;
    if (match) {
        const char *gen = arena_printf(a, "%lld", newest_generation(f, a) + 1);
        const char *path = file_of(f, a, key), *whole = arena_printf(a, "%s\n%s", gen, text);
        char *dir = arena_strdup(a, path);
        *strrchr(dir, '/') = '\0';
        r = make_dirs(a, dir, 0700, why) &&
                    file_write_atomic(a, arena_printf(a, "%s/.generation", f->path), gen, strlen(gen), 0600,
                                      why) &&
                    file_write_atomic(a, path, whole, strlen(whole), 0600, why)
                ? STORE_OK
                : STORE_FAILED;
        if (r == STORE_OK)
            *new_etag = gen;
    }
    close(fd);
    return r;
}

static enum store_result dir_del(void *self, struct arena *a, const char *key, const char *etag,
                                 const char **why)
{
    const struct folder *f = self;
    int fd = lock_folder(f, a, why);
    if (fd < 0)
        return STORE_FAILED;
    const char *old, *tag;
    enum store_result r = read_object(f, a, key, &old, &tag, why);
    if (r == STORE_OK && etag && strcmp(tag, etag))
        r = STORE_CONFLICT;
    if (r == STORE_OK && unlink(file_of(f, a, key))) {
        *why = strerror(errno);
        r = STORE_FAILED;
    }
    close(fd);
    return r;
}

struct listing {
    struct arena *arena;
    VEC(const char *) keys;
};

static void walk(struct listing *l, const char *path, const char *key, const char *prefix)
{
    DIR *d = opendir(path);
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        const char *sub = arena_printf(l->arena, "%s/%s", path, e->d_name);
        const char *name = *key ? arena_printf(l->arena, "%s/%s", key, e->d_name)
                                : arena_strdup(l->arena, e->d_name);
        struct stat st;
        if (stat(sub, &st))
            continue;
        if (S_ISDIR(st.st_mode))
            walk(l, sub, name, prefix);
        else if (!strncmp(name, prefix, strlen(prefix)))
            vec_push(l->arena, &l->keys, name);
    }
    if (d)
        closedir(d);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum store_result dir_list(void *self, struct arena *a, const char *prefix, const char ***keys,
                                  size_t *n, const char **why)
{
    (void)why;
    const struct folder *f = self;
    struct listing l = {.arena = a};
    walk(&l, f->path, "", prefix);
    if (l.keys.n)
        qsort(l.keys.at, l.keys.n, sizeof *l.keys.at, by_text);
    *keys = l.keys.at;
    *n = l.keys.n;
    return STORE_OK;
}

static const struct store_ops folder_ops = {dir_get, dir_put, dir_del, dir_list};

struct store *store_folder(struct arena *a, const char *path)
{
    struct folder *f = arena_make(a, struct folder);
    f->path = arena_strdup(a, path);
    struct store *s = arena_make(a, struct store);
    *s = (struct store){&folder_ops, f, f->path};
    return s;
}
