/* moved.h - what things were called before, and are called now.
 *
 * `moved a -> b` renames: a world's id and what stands in the account stay. Both
 * directions follow chains (a -> b, b -> c) and carry what stands below the name:
 * "shared.nat[\"a\"]", "shared.net.vpc".
 */
#ifndef BGC_LANG_MOVED_H
#define BGC_LANG_MOVED_H

#include "lang/program.h"

/* The name before any `moved`: what an identity is the hash of. */
const char *moved_from(struct arena *a, const struct program *p, const char *address);
/* The name now of what was called so. */
const char *moved_to(struct arena *a, const struct program *p, const char *address);

/* What an address names, through instances of modules: shared.cert, web.asg,
 * shared.net["a"].vpc. Which keys there are is not asked. NULL: nothing is declared there. */
const struct decl *moved_declared(struct program *p, const char *address);

#endif
