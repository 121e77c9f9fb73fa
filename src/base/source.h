/* source.h - the texts that diagnostics point into.
 *
 * A `struct sources` owns every text that was read in a session. A span is a
 * file number and byte offsets, small enough to be passed by value; file 0 is
 * "no place" (a span of zeros points nowhere).
 */
#ifndef BGC_BASE_SOURCE_H
#define BGC_BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct span {
    uint32_t file;       /* index into struct sources; 0: nowhere */
    uint32_t start, end; /* byte offsets, end exclusive */
};
#define NO_SPAN ((struct span){0, 0, 0})

struct source {
    const char *path; /* as the user would write it; "std:aws/ec2.bg" for embedded text */
    const char *text; /* NUL after the last byte */
    size_t len;
    VEC(uint32_t) lines; /* byte offset of each line's first byte */
};

struct sources {
    struct arena *arena;
    VEC(struct source *) files; /* files.at[0] is NULL */
};

void sources_init(struct sources *s, struct arena *a);
/* Takes the text as it is (the caller keeps it alive); returns the file number. */
uint32_t sources_add(struct sources *s, const char *path, const char *text, size_t len);
/* NULL when the span points nowhere. */
const struct source *sources_find(const struct sources *s, struct span span);

struct place {
    uint32_t line;   /* 1-based */
    uint32_t column; /* 1-based, in characters (code points) */
};
struct place source_place(const struct source *src, uint32_t offset);
/* Text of a 1-based line without its end; *len in bytes. */
const char *source_line(const struct source *src, uint32_t line, size_t *len);

/* The smallest span that covers both; spans of different files give the first. */
struct span span_join(struct span a, struct span b);

#endif
