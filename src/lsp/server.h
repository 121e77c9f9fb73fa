/* server.h - the language server: bytes in, bytes out (LSP 3.17).
 *
 * A state machine without input or output of its own: it is fed what came, and
 * what it says is taken from it. So it runs over a pipe, in a test, and in a fuzz
 * target alike. It reads the files that a program imports, and writes nothing but
 * the copies of library.h.
 */
#ifndef BGC_LSP_SERVER_H
#define BGC_LSP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct server;

/* `library`: a folder for copies of the standard library; NULL: none are made. */
struct server *server_new(const char *library);
void server_free(struct server *s);
/* Takes what came from the editor, in any pieces, and answers what is complete. */
void server_feed(struct server *s, const char *bytes, size_t n);
/* Nothing more has come for now: compiles what has changed and publishes what is
 * wrong with it. True: there is more to do, which can wait for what comes next. */
bool server_idle(struct server *s);
/* What it has said since; lives until the next call. */
const char *server_output(struct server *s, size_t *n);
/* Whether it was told to exit, and with which status. */
bool server_done(const struct server *s, int *status);

#endif
