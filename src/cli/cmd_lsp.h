/* cmd_lsp.h - bgc lsp: the language server over standard input and output.
 *
 * Editors start it and speak the Language Server Protocol with it. It ends when
 * it is told to or when its input ends. Exit 0: it was told to shut down first.
 */
#ifndef BGC_CLI_CMD_LSP_H
#define BGC_CLI_CMD_LSP_H

struct context;

int cmd_lsp(struct context *c);

#endif
