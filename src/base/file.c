#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_BYTES = 64 << 20, TRIES = 100 };

static const char *reason(struct arena *a, int code)
{
    switch (code) {
    case ENOENT: return "no such file";
    case EACCES: return "permission denied";
    case EISDIR: return "it is a folder";
    case ELOOP: return "too many symbolic links";
    case ENOSPC: return "no space left on the disk";
    default: return arena_strdup(a, strerror(code));
    }
}

static bool read_all(struct arena *a, int fd, const char **text, size_t *len, const char **error)
{
    struct stat st;
    if (fstat(fd, &st)) {
        *error = reason(a, errno);
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        *error = S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file";
        return false;
    }
    if (st.st_size > MAX_BYTES) {
        *error = arena_printf(a, "it is longer than %d MiB", MAX_BYTES >> 20);
        return false;
    }
    /* files of /proc say 0; a file may grow or shrink while it is read */
    size_t cap = (size_t)st.st_size + 1, n = 0;
    char *at = arena_alloc(a, cap + 1);
    for (;;) {
        ssize_t got = read(fd, at + n, cap - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *error = reason(a, errno);
            return false;
        }
        if (!got)
            break;
        n += (size_t)got;
        if (n > MAX_BYTES) {
            *error = arena_printf(a, "it is longer than %d MiB", MAX_BYTES >> 20);
            return false;
        }
        if (n == cap) {
            char *more = arena_alloc(a, cap * 2 + 1);
            memcpy(more, at, n);
            at = more;
            cap *= 2;
        }
    }
    at[n] = '\0';
    *text = at;
    *len = n;
    return true;
}

static bool read_flags(struct arena *a, const char *path, int flags, const char **text, size_t *len,
                       const char **error)
{
    /* not to hang on a pipe that nobody writes to; means nothing for a file */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    if (fd < 0) {
        *error = reason(a, errno);
        return false;
    }
    bool ok = read_all(a, fd, text, len, error);
    close(fd);
    return ok;
}

bool file_read(struct arena *a, const char *path, const char **text, size_t *len,
               const char **error)
{
    return read_flags(a, path, 0, text, len, error);
}

/* ---- writing ----------------------------------------------------------- */

static bool write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* A name in the same folder that nobody else has; -1 with errno. */
static int open_beside(struct arena *a, const char *path, mode_t mode, const char **temp)
{
    for (int i = 0; i < TRIES; i++) {
        *temp = arena_printf(a, "%s/.%s.%ld.%d", path_dirname(a, path), path_basename(path),
                             (long)getpid(), i);
        int fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* So that the new name itself survives a power cut. File systems that cannot
 * do this for folders say EINVAL, and there it is nobody's fault. */
static bool sync_folder(struct arena *a, const char *path)
{
    int fd = open(path_dirname(a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES; /* a folder may be writable and not readable */
    bool ok = !fsync(fd) || errno == EINVAL;
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

static const char *real_path(struct arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real && errno == ENOMEM) /* else it would be said to lie elsewhere */
        arena_exhausted("path");
    if (!real)
        return NULL;
    const char *own = arena_strdup(a, real);
    free(real);
    return own;
}

bool file_write_atomic(struct arena *a, const char *path, const char *text, size_t len, mode_t mode,
                       const char **error)
{
    struct stat st;
    if (!lstat(path, &st) && S_ISLNK(st.st_mode)) {
        path = real_path(a, path);
        if (!path) {
            *error = "the symbolic link points nowhere";
            return false;
        }
    }
    bool there = !stat(path, &st);
    if (there && !S_ISREG(st.st_mode)) {
        *error = S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file";
        return false;
    }
    const char *temp;
    int fd = open_beside(a, path, mode ? mode : 0666, &temp);
    if (fd < 0) {
        *error = reason(a, errno);
        return false;
    }
    bool ok = write_all(fd, text, len);
    if (ok && mode)
        ok = !fchmod(fd, mode);
    else if (ok && there)
        ok = !fchmod(fd, st.st_mode & 07777);
    ok = ok && !fsync(fd);
    int saved = errno;
    if (close(fd) && ok)
        ok = false, saved = errno;
    if (ok && rename(temp, path))
        ok = false, saved = errno;
    if (!ok) {
        unlink(temp);
        *error = reason(a, saved);
        return false;
    }
    if (!sync_folder(a, path)) {
        *error = reason(a, errno);
        return false;
    }
    return true;
}

bool file_exists(const char *path)
{
    struct stat st;
    return !stat(path, &st);
}

/* ---- paths ------------------------------------------------------------- */

const char *path_join(struct arena *a, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    if (*name == '/' || !n || !strcmp(dir, "."))
        return name;
    return arena_printf(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

const char *path_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_dirname(struct arena *a, const char *path)
{
    const char *base = path_basename(path);
    size_t n = (size_t)(base - path);
    if (!n)
        return ".";
    while (n > 1 && path[n - 1] == '/')
        n--;
    return arena_strndup(a, path, n);
}

const char *path_inside(struct arena *a, const char *root, const char *path, const char **error)
{
    const char *folder = real_path(a, root);
    const char *real = folder ? real_path(a, path_join(a, folder, path)) : NULL;
    if (!real) {
        *error = reason(a, errno);
        return NULL;
    }
    size_t n = strlen(folder);
    if (n == 1 || (!strncmp(real, folder, n) && (real[n] == '/' || !real[n])))
        return real;
    *error = arena_printf(a, "it lies outside of %s", root);
    return NULL;
}

bool file_read_inside(struct arena *a, const char *root, const char *path, const char **text,
                      size_t *len, const char **error)
{
    const char *real = path_inside(a, root, path, error);
    /* it was no link a moment ago: if it is one now, somebody plays tricks */
    return real && read_flags(a, real, O_NOFOLLOW, text, len, error);
}

bool make_dirs(struct arena *a, const char *path, mode_t mode, const char **error)
{
    char *p = arena_strdup(a, path);
    for (char *s = p + 1;; s++) {
        if (*s && *s != '/')
            continue;
        char c = *s;
        *s = '\0';
        if (mkdir(p, mode) && errno != EEXIST) {
            *error = arena_printf(a, "%s: %s", p, strerror(errno));
            return false;
        }
        if (!(*s = c))
            return true;
    }
}
