/* cmd_output.h - bgc output: what the spec's `output`s are worth, for scripts.
 *
 * With a name: that value alone, as it is; without one: all of them.
 */
#ifndef BGC_CLI_CMD_OUTPUT_H
#define BGC_CLI_CMD_OUTPUT_H

#include "cli/context.h"

int cmd_output(struct context *c);

#endif
