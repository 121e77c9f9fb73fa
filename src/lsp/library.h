/* library.h - the standard library as files that an editor can open.
 *
 * It travels inside the binary. Where somebody goes to a definition in it, the
 * file is written, read-only, into a folder of this version of bgc. The same for
 * the pages that explain a diagnostic.
 */
#ifndef BGC_LSP_LIBRARY_H
#define BGC_LSP_LIBRARY_H

#include "base/arena.h"

/* The path of an embedded file ("stdlib/aws/ec2.bg", "docs/errors/BG3001.md") as
 * a file in `dir`, which is written if it is not there; NULL: there is none, or it
 * cannot be written, or `dir` is NULL. */
const char *library_file(struct arena *a, const char *dir, const char *name);
/* The name of the embedded file that `path` is a copy of; NULL. */
const char *library_name(const char *dir, const char *path);

#endif
