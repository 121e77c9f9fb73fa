/* files.h - which files a program may read, and nothing else is ever read.
 *
 * A path is literal text in the program, relative to the file that names it,
 * and stays inside the folder of the root file: `..` cannot climb out of it, and
 * neither can a symbolic link. What was read once is not read again, so a
 * program is one consistent picture even when files change meanwhile.
 *
 * Texts live in the session and are numbered in ds->sources.
 */
#ifndef BGC_LANG_FILES_H
#define BGC_LANG_FILES_H

#include "lang/program.h"

/* "lib/../web.bg" beside "lib" -> "web.bg", relative to the root folder.
 * NULL: reported (absolute, or outside). */
const char *files_resolve(struct program *p, struct span at, const char *from_dir,
                          const char *relative);
/* Reads a path that files_resolve made. NULL: reported at `at`. */
const struct source *files_read(struct program *p, struct span at, const char *path,
                                uint32_t *file);
/* Whether there is such a file in the root folder. */
bool files_has(struct program *p, const char *path);
/* Reads the root file itself. NULL: reported. */
const struct source *files_read_root(struct program *p, uint32_t *file);
/* Adds embedded text; NULL, unreported, when there is none. `name` is
 * "aws/ec2.bg", shown as "std:aws/ec2.bg". */
const struct source *files_read_std(struct program *p, const char *name, uint32_t *file);
/* "a/../b/./c" -> "b/c". NULL: it climbs out. */
const char *files_normalize(struct arena *a, const char *path);
/* "lib/web.bg" -> "lib"; "web.bg" -> "" */
const char *files_dir(struct arena *a, const char *path);

#endif
