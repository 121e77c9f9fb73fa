/* cmd_test.h - bgc test: the spec's scenarios, rehearsed in a simulated account. */
#ifndef BGC_CLI_CMD_TEST_H
#define BGC_CLI_CMD_TEST_H

#include "cli/context.h"

int cmd_test(struct context *c);

#endif
