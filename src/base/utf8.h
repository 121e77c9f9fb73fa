/* utf8.h - the little Unicode that bgc needs: decoding, width, control
 * characters. Source: RFC 3629 (no overlong forms, no surrogates). */
#ifndef BGC_BASE_UTF8_H
#define BGC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes of the character at `s` (1-4), or 0 if it is not valid. */
size_t utf8_decode(const char *s, size_t n, uint32_t *out);
/* C0, DEL, C1, and the bidirectional overrides that can make code lie. */
bool utf8_is_control(uint32_t c);
/* Columns on a terminal: 0 for combining marks and what is invisible, 2 for wide
 * East Asian and emoji, else 1. An emoji of several characters is as wide as these
 * together, which is what most terminals make of it. */
int utf8_width(uint32_t c);

#endif
