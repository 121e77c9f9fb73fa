/* http.h - HTTPS requests, many at a time, over libcurl.
 *
 * Concept: a transfer is started, and later one of the finished ones is taken.
 * Nothing blocks but http_poll. Connections are kept and reused.
 *
 * Safety: TLS 1.2 at least, peer and host verified; plain http only for hosts
 * that the caller marks as plain (loopback, metadata services); no redirects,
 * no netrc, no cookies; bodies end at a cap. Proxies are those handed in, never
 * those of the environment behind our back.
 *
 * Ownership: a transfer's memory is its own arena, given back by http_release.
 */
#ifndef BGC_AWS_HTTP_H
#define BGC_AWS_HTTP_H

#include "aws/sigv4.h"
#include "aws/wire.h"

struct http;

struct http_config {
    /* "host:port:addr:port,...": connections to host go to addr. `host` may have
     * "*" in it, and host and port may be empty: any. IPv6 in brackets. NULL. */
    const char *connect_to;
    const char *ca_file;  /* PEM bundle instead of the system's; NULL */
    const char *proxy;    /* for https; NULL or "": none */
    const char *no_proxy; /* hosts that go without; NULL */
};

enum { HTTP_BODY_MAX = 64 << 20 };

struct http_request {
    const char *method, *url;
    const struct http_header *headers;
    size_t nheaders;
    const char *body; /* NULL: none */
    size_t nbody;
    int64_t connect_ms, total_ms; /* timeouts */
    size_t body_max;              /* 0: HTTP_BODY_MAX */
    bool cut_body;                /* a longer body is cut instead of refused */
    bool plain;                   /* http:// is allowed, and no proxy is used */
    const char *connect_to;       /* "addr", "addr:port": where to go instead of the URL's
                                     host; the configuration's rules apply to it. NULL */
    const char *ca_file;          /* instead of the configuration's */
    bool certificate;             /* tell what certificate the server showed */
    bool once;  /* a connection of its own: on a kept one that turns out dead, libcurl
                   would send the request again by itself */
    bool close; /* and not kept afterwards */
};

enum http_outcome {
    HTTP_OK,       /* a whole reply is there, whatever its status */
    HTTP_UNSENT,   /* the request certainly did not reach the server */
    HTTP_LOST,     /* it may have */
    HTTP_TOO_LONG, /* the body went over its cap */
};

struct http_result {
    uint64_t id;
    enum http_outcome outcome;
    const char *why; /* when not HTTP_OK: libcurl's words */
    struct wire_response reply;
    int64_t duration_ms;
    const char *cert_subject, *cert_expires; /* NULL unless asked for and there */
    void *transfer;                          /* for http_release */
};

/* Loads libcurl. NULL when that fails, or cannot be set up: *why says so, in `scratch`. */
struct http *http_new(struct arena *scratch, const struct http_config *cfg, const char **why);
/* Ids are positive and ascend. */
uint64_t http_start(struct http *h, const struct http_request *req);
/* Works for up to `timeout_ms` (0: only what can be done at once), or until a
 * transfer is done: true. It then belongs to the caller, until http_release. */
bool http_poll(struct http *h, int64_t timeout_ms, struct http_result *out);
void http_release(struct http *h, struct http_result *r);
/* Seconds since 1970 of a Date header; -1 when it is none. */
int64_t http_date(const struct http *h, const char *text);
/* How many are under way. */
size_t http_open(const struct http *h);
/* One request, waited for. The caller must have nothing else under way. */
void http_fetch(struct http *h, const struct http_request *req, struct http_result *out);
void http_free(struct http *h);

#endif
