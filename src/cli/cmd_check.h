/* cmd_check.h - bgc check: compiles a program and says what is wrong with it.
 *
 * Needs no network and no credentials. Exit 0 when there are no errors
 * (warnings do not count), else 1.
 */
#ifndef BGC_CLI_CMD_CHECK_H
#define BGC_CLI_CMD_CHECK_H

#include "cli/context.h"

int cmd_check(struct context *c);

#endif
