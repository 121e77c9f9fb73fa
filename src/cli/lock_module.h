/* lock_module.h - bgc lock update URL: copies a module from elsewhere into vendor/ and pins it
 * (lang/remote.h), with everything that it imports from there.
 *
 * All is fetched and read as program text before a file is written; bgc.lock is written
 * last. Interrupted, the copies do not fit their pins, which every command says, and
 * running it again mends.
 */
#ifndef BGC_CLI_LOCK_MODULE_H
#define BGC_CLI_LOCK_MODULE_H

#include "cli/context.h"

int lock_module(struct context *c, const char *url);

#endif
