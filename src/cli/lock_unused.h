/* lock_unused.h - pins in bgc.lock that nothing uses: an `existing` that is gone or is pinned no
 * more, a module from elsewhere that is imported no more.
 *
 * What is declared counts, and not what the inputs of today make of it: one lock serves all
 * environments. It also serves every program in its folder; one that cannot be read may use
 * anything.
 */
#ifndef BGC_CLI_LOCK_UNUSED_H
#define BGC_CLI_LOCK_UNUSED_H

#include "cli/context.h"

/* BG7006 for each, of a sound program. */
void lock_warn_unused(struct context *c);
/* `bgc lock prune`: takes their lines out. */
int lock_prune(struct context *c);

#endif
