/* spec.h - which file a command means.
 *
 * A file is itself; a folder, or nothing, is the one .bg file in it that
 * declares a stack.
 */
#ifndef BGC_CLI_SPEC_H
#define BGC_CLI_SPEC_H

#include <stdbool.h>

#include "base/arena.h"

/* `path` NULL: the current folder. NULL with *error, a sentence, when there is
 * none or more than one. */
const char *spec_find(struct arena *a, const char *path, const char **error);
/* Whether an argument means a spec: a folder, or a name that ends in .bg. */
bool spec_is(const char *arg);

/* The programs in a folder, by name; NULL: it cannot be read. */
const char *const *spec_all(struct arena *a, const char *dir, size_t *n);

#endif
