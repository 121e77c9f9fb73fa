/* file.h - reading and writing files, whole.
 *
 * Reading refuses what is no regular file (a pipe could hang, a device has no
 * end) and what is longer than 64 MiB. Writing is atomic: the new content is
 * written beside the old, brought to the disk, and takes its name; a crash
 * leaves the old or the new file, never a part of one.
 *
 * On failure a function returns false or NULL and *error, which is a sentence
 * without the path ("no such file"), to be put behind it.
 */
#ifndef BGC_BASE_FILE_H
#define BGC_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

/* *text is followed by a NUL that *len does not count. */
bool file_read(struct arena *a, const char *path, const char **text, size_t *len,
               const char **error);
/* `mode` 0 keeps the mode of the file that is there, or is the usual one. A
 * symbolic link stays; what it points to is replaced. */
bool file_write_atomic(struct arena *a, const char *path, const char *text, size_t len, mode_t mode,
                       const char **error);
bool file_exists(const char *path);
/* Makes the folder `path` and those above it that are missing, with `mode`. */
bool make_dirs(struct arena *a, const char *path, mode_t mode, const char **error);

/* `name` as seen from `dir`; an absolute name stays as it is. */
const char *path_join(struct arena *a, const char *dir, const char *name);
/* "." when there is no slash. */
const char *path_dirname(struct arena *a, const char *path);
const char *path_basename(const char *path);

/* The real path of `path` (relative to `root` unless absolute) when, with all
 * symbolic links followed, it lies inside the folder `root`. */
const char *path_inside(struct arena *a, const char *root, const char *path, const char **error);
/* Reads a file that must lie inside `root`. */
bool file_read_inside(struct arena *a, const char *root, const char *path, const char **text,
                      size_t *len, const char **error);

#endif
