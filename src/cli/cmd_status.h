/* cmd_status.h - where things stand, and small words to a rollout that is under
 * way: status, approve, whoami, lease, lock.
 */
#ifndef BGC_CLI_CMD_STATUS_H
#define BGC_CLI_CMD_STATUS_H

#include "cli/context.h"

int cmd_status(struct context *c);
int cmd_approve(struct context *c);
int cmd_whoami(struct context *c);
int cmd_lease(struct context *c);

#endif
