/* cmd_local.h - commands that need no account: version, explain, fmt, graph,
 * and what helps to type the others.
 */
#ifndef BGC_CLI_CMD_LOCAL_H
#define BGC_CLI_CMD_LOCAL_H

#include "cli/context.h"

int cmd_version(struct context *c);
int cmd_explain(struct context *c);
int cmd_fmt(struct context *c);
int cmd_graph(struct context *c);
int cmd_completion(struct context *c);
int cmd_help(struct context *c);

#endif
