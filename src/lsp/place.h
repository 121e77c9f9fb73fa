/* place.h - positions of the protocol and offsets of the compiler.
 *
 * The protocol counts lines and, within a line, UTF-16 code units (or bytes, if
 * that was agreed on); the compiler counts bytes. A position beyond the end of a
 * line means its end, one beyond the text its end, one inside a character its
 * beginning. Lines end with \n, \r\n or a single \r.
 */
#ifndef BGC_LSP_PLACE_H
#define BGC_LSP_PLACE_H

#include <jansson.h>

#include "base/source.h"

enum encoding { ENCODING_UTF16, ENCODING_UTF8 };

struct text { /* with the beginnings of its lines */
    const char *at;
    size_t len;
    VEC(uint32_t) lines;
    enum encoding encoding;
};

void text_init(struct text *t, struct arena *a, const char *at, size_t len, enum encoding e);

struct position {
    uint32_t line, character;
};
size_t text_offset(const struct text *t, struct position p);
struct position text_position(const struct text *t, size_t offset);
/* Code units (or bytes) of a piece of text without a line end. */
uint32_t text_units(enum encoding e, const char *s, size_t n);
/* The same for one position of a text whose lines are not known. */
size_t offset_in(const char *s, size_t n, struct position p, enum encoding e);

/* JSON. False: it is no position. */
bool position_read(const json_t *json, struct position *out);
json_t *position_json(struct position p);
json_t *range_json(const struct text *t, size_t start, size_t end);
/* A string of any bytes: what is no UTF-8 becomes U+FFFD. */
json_t *json_text(const char *s, size_t n);

#endif
