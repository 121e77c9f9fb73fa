/* load.h - files become declarations in scopes.
 *
 * Each file has one scope of kind SCOPE_ROOT; worlds, `shared` and modules have
 * scopes inside it. Loading a file declares everything in it; nothing is
 * resolved or evaluated, so files may refer to each other in any order, but they
 * may not import each other in a circle.
 */
#ifndef BGC_LANG_LOAD_H
#define BGC_LANG_LOAD_H

#include "lang/program.h"

/* Loads an embedded file once; NULL, unreported, when there is none. `name` is
 * "aws/ec2.bg" or "std/network.bg". */
struct scope *load_std(struct program *p, const char *name);

#endif
