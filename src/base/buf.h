/* buf.h - text and bytes that grow.
 *
 * A buf lives in the arena that it was made with and needs no release. Its
 * content is always followed by a NUL that `len` does not count.
 */
#ifndef BGC_BASE_BUF_H
#define BGC_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *at;
    size_t len, cap;
};

void buf_init(struct buf *b, struct arena *a);
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t i);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_fill(struct buf *b, char c, size_t n);
void buf_clear(struct buf *b);
/* The text, never NULL. Valid until the next call that adds to it. */
char *buf_text(struct buf *b);

/* Adds `s` with control characters made visible (\n, \t, \xNN), so that what
 * came from outside cannot steer a terminal or forge a line of a log. */
void buf_put_visible(struct buf *b, const char *s);
/* Adds `s` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD. */
void buf_put_json(struct buf *b, const char *s);

#endif
