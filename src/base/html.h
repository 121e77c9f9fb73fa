/* html.h - text that stands in a web page: what a browser would take for markup is escaped. */
#ifndef BGC_BASE_HTML_H
#define BGC_BASE_HTML_H

#include "base/buf.h"

/* Fit for the text of an element and for an attribute in quotes of either kind. NULL: nothing. */
void html_put(struct buf *b, const char *text);
void html_put_n(struct buf *b, const char *text, size_t n);
/* <tag class="class">text</tag> and a line end; without a text nothing. `class` may be NULL. */
void html_element(struct buf *b, const char *tag, const char *class, const char *text);

#endif
