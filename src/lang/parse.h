/* parse.h - text to tree.
 *
 * The lexer and the grammar are in grammar/; this is their only door. Parsing
 * is reentrant, allocates only from `a`, and always returns a tree: what could
 * not be parsed is left out, `broken` is set and the errors are in `ds`.
 */
#ifndef BGC_LANG_PARSE_H
#define BGC_LANG_PARSE_H

#include "base/diag.h"
#include "lang/ast.h"

struct intern;

/* `file` was added to ds->sources. Nesting is limited to 200 levels and a file
 * to 64 MiB (each a diagnostic, not a crash). */
struct file_ast *parse_file(struct arena *a, struct intern *names, struct diags *ds, uint32_t file);

/* One expression alone, for `fill` templates and tests: NULL when it has errors. */
struct expr *parse_expr(struct arena *a, struct intern *names, struct diags *ds, uint32_t file);

/* A file of `name = value` lines: env/NAME.bg and bgc.lock. A name may be an
 * address, "shared.image" or "web.a[\"k\"]". *out holds what could be read, in
 * order; false: something was reported. */
bool parse_bindings(struct arena *a, struct intern *names, struct diags *ds, uint32_t file,
                    struct arg **out);

#endif
