/* cmd_run.h - commands that act: apply, tick, retire, rollback, abort, destroy.
 *
 * Each is one run (rollout/run.h) in another mode. They tell what happens as it
 * happens, stop in good order at the first signal, and end with where things
 * stand and how to go back.
 */
#ifndef BGC_CLI_CMD_RUN_H
#define BGC_CLI_CMD_RUN_H

#include "cli/context.h"

int cmd_apply(struct context *c);
int cmd_tick(struct context *c);
int cmd_retire(struct context *c);
int cmd_rollback(struct context *c);
int cmd_abort(struct context *c);
int cmd_destroy(struct context *c);

/* How this stack is spoken of behind a command: " shop.bg --sandbox". */
const char *command_tail(struct context *c);

#endif
