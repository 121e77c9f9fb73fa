/* cmd_doc.h - `bgc doc NAME` explains a type, a function or a module of the library;
 * `bgc doc --html DIR` writes the pages of all of them. Exit 0: it is there. */
#ifndef BGC_CLI_CMD_DOC_H
#define BGC_CLI_CMD_DOC_H

int cmd_doc(int argc, char **argv);

#endif
