/* cmd_init.h - the first steps: a starter spec, and a store that may be trusted. */
#ifndef BGC_CLI_CMD_INIT_H
#define BGC_CLI_CMD_INIT_H

#include "cli/context.h"

int cmd_init(struct context *c);

#endif
