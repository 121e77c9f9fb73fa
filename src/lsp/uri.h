/* uri.h - file:// addresses and paths (RFC 3986, RFC 8089). */
#ifndef BGC_LSP_URI_H
#define BGC_LSP_URI_H

#include "base/arena.h"

/* The path of a file: address; NULL: it is of another kind, or malformed. */
const char *uri_path(struct arena *a, const char *uri);
/* The address of an absolute path. */
const char *uri_of_path(struct arena *a, const char *path);

#endif
