/* session.h - what bgc knows by itself, open for reading: the library, or a file's types.
 *
 * `bgc types` and `bgc doc` need neither a spec nor an account. What they print
 * gathers in `out` and is written when the session is closed, diagnostics behind it.
 */
#ifndef BGC_CLI_SESSION_H
#define BGC_CLI_SESSION_H

#include "base/buf.h"
#include "schema/schema.h"

struct session {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
    struct schemas ss;
    struct buf out;
};

/* `file` NULL: the library alone. */
void session_open(struct session *s, const char *file);
/* Prints, frees everything; the exit code. */
int session_close(struct session *s);

#endif
