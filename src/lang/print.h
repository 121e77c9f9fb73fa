/* print.h - the tree and the text back to text.
 *
 * print_file is the canonical form of a whole file (`bgc fmt`). It works on
 * tokens, not on the tree: it decides white space, line breaks and alignment
 * and can therefore lose neither a comment nor a token. Only what separates the
 * items of braces changes between comma and line end.
 *
 * Form: two blanks a level; what a line of items begins with is aligned within
 * a group of lines without a blank line; braces that hold a line end hold one
 * item a line, and so do those of a line longer than FORMAT_COLUMNS; at most
 * one blank line, none next to braces. Printing its own result changes nothing.
 */
#ifndef BGC_LANG_PRINT_H
#define BGC_LANG_PRINT_H

#include "base/buf.h"
#include "lang/ast.h"

enum { FORMAT_COLUMNS = 120 };

/* Adds the canonical form of `src`. A file with syntax errors is added as it is. */
void print_file(struct buf *b, const struct source *src, const struct file_ast *file);

/* An expression on one line, with the fewest parentheses. */
void print_expr(struct buf *b, const struct expr *e);
const char *expr_text(struct arena *a, const struct expr *e);
/* "set ref ec2.subnet?" */
void print_type(struct buf *b, const struct type_ast *t);

#endif
