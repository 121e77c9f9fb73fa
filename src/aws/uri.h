/* uri.h - percent-encoding as AWS wants it (RFC 3986: unreserved bytes stay). */
#ifndef BGC_AWS_URI_H
#define BGC_AWS_URI_H

#include "base/buf.h"

/* Adds `s` encoded; bytes in `safe` stay too ("" or "/"). Hex is upper-case. */
void uri_put(struct buf *b, const char *s, const char *safe);

/* The parts of an absolute http or https URL; false when it is none. */
struct uri {
    bool https;
    const char *host; /* without brackets */
    int port;         /* 443 or 80 when unsaid */
    bool default_port;
    const char *path; /* without trailing '/', "" at least; a query is refused */
};
bool uri_parse(struct arena *a, const char *text, struct uri *out);
/* 127.0.0.0/8, ::1, localhost. */
bool uri_loopback(const char *host);

#endif
