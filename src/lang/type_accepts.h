/* type_accepts.h - which types may stand for which: the functions type_accepts,
 * type_same_kind, type_equal and type_join of type.h live in type_accepts.c.
 *
 * The law: accepts(want, have) may be true although some values of `have` are
 * not in `want` only for refinements (patterns, lengths, ranges of ints), which
 * type_coerce checks once the value is known. All else is decided here.
 */
#ifndef BGC_LANG_TYPE_ACCEPTS_H
#define BGC_LANG_TYPE_ACCEPTS_H

#include "lang/type.h"

/* Characters (code points) of a text: what string(1..255) counts. */
int64_t type_text_length(const char *s);

#endif
