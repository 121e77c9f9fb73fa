/* cmd_lock.h - bgc lock update: asks the account again for what the spec pins, or takes a module
 * from elsewhere anew (lock_module.h); bgc lock prune: forgets what nothing pins any more
 * (lock_unused.h).
 *
 * A pinned answer moves by a change of bgc.lock that is reviewed like code. Only
 * the line of the address changes; comments and everything else stay, and the
 * file is replaced whole or not at all.
 */
#ifndef BGC_CLI_CMD_LOCK_H
#define BGC_CLI_CMD_LOCK_H

#include "cli/context.h"

#define LOCK_FILE "bgc.lock" /* beside the root file */
/* Its first line when it is new. */
#define LOCK_HEAD                                                                                  \
    "# Pinned answers. `bgc lock update ADDRESS` moves one; the change is reviewed like code.\n"

int cmd_lock(struct context *c);

/* The text of a lock file with `address` pinned to `id`. `at` is the place of the
 * old id in `text`, or nowhere: then a line is added. A comment of one word behind
 * the old id names what it was, and becomes `name` (NULL: it stays). */
const char *lock_edit(struct arena *a, const char *text, size_t len, struct span at,
                      const char *address, const char *id, const char *name);

#endif
