/* xml.h - replies of the XML protocols: bytes to a value.
 *
 * The bytes come from the network and are hostile until proved otherwise: no
 * network access, no DOCTYPE, no entity expansion beyond the five predefined
 * ones, at most 64 levels and 64 MiB. Numbers and booleans stay texts.
 */
#ifndef BGC_AWS_XML_H
#define BGC_AWS_XML_H

#include "aws/service.h"

/* An element, as read: the tree in our own words. */
struct xml {
    const char *name; /* without prefix */
    const char *text; /* all character data of it alone, trimmed when it has children */
    struct xml *child, *next;
};

/* Whether libxml2 can be loaded, which xml_parse does; false: *why says why not,
 * in `scratch`. */
bool xml_ready(struct arena *scratch, const char **why);
/* NULL with *error when it is no well-formed document or breaks a limit. */
struct xml *xml_parse(struct arena *a, const char *bytes, size_t n, const char **error);
const struct xml *xml_find(const struct xml *e, const char *name); /* a child; NULL */
/* The first descendant of that name, depth first, `e` itself included; NULL. */
const struct xml *xml_search(const struct xml *e, const char *name);

/* An element's content as a MAP, with the names and lists of the service.
 * `parent` is the operation's name at the top. */
struct value *xml_value(struct arena *a, const struct service_model *m, const char *parent,
                        const struct xml *e);

/* The reverse, for rest-xml requests: adds the members of `v` as elements.
 * false with *error when a value cannot be written. */
bool xml_put(struct buf *b, struct arena *a, const struct service_model *m, const char *parent,
             const struct value *v, const char **error);
void xml_put_text(struct buf *b, const char *text);

#endif
